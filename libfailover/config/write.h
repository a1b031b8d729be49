/* SPDX-License-Identifier: MIT */
/* Writing: one walk over the configuration, two kinds of file. */
#ifndef FO_CONFIG_WRITE_H
#define FO_CONFIG_WRITE_H

#include <stdio.h>

#include "value.h"

/* What the walk meets. A group ("server") holds sections ("server primary"). Each returns 0 or a
 * negative error. */
struct fo_writer {
	int (*start)(struct fo_writer *writer);
	int (*group)(struct fo_writer *writer, const char *keyword);
	int (*section)(struct fo_writer *writer, const char *keyword, const char *name);
	int (*item)(struct fo_writer *writer, const struct fo_option *option, const char *text);
	int (*section_end)(struct fo_writer *writer);
	int (*group_end)(struct fo_writer *writer);
	int (*end)(struct fo_writer *writer);
};

/* Write to the stream, which the caller closes and checks. 0 or a negative error. */
int fo_conf_write(const struct failover_config *config, FILE *stream);
int fo_yaml_write(const struct failover_config *config, FILE *stream);

/* One value as a file says it; of YAML also in a flow mapping. 0 or a negative error. */
void fo_conf_value(FILE *out, const struct fo_option *option, const char *text);
int fo_yaml_value(FILE *out, const struct fo_option *option, const char *text);

/* The walk: every item that is not at its default. */
int fo_write_walk(const struct failover_config *config, struct fo_writer *writer);

#endif
