/* SPDX-License-Identifier: MIT */
/* Names of places in a configuration: "sip_port", "line.1.user", "line.1.server.backup.port". */
#ifndef FO_CONFIG_PATH_H
#define FO_CONFIG_PATH_H

#include "build.h"

struct fo_path {
	enum fo_scope scope; /* of the section that it leads to, or that the item is in */
	uint32_t line;
	char name[FO_NAME_MOST + 1];	/* of a server or proxy */
	const struct fo_option *option; /* NULL = the section itself */
};

/* False when there can be no such place. */
bool fo_path_read(const char *text, struct fo_path *path);
/* The path of a section, and of an item in it if `option` is not NULL. */
#define FO_PATH_SIZE (2 * FO_NAME_MOST + 64)
void fo_path_write(const struct fo_node *node, const struct fo_option *option, char *buffer,
		   size_t size);

#endif
