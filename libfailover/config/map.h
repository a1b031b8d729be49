/* SPDX-License-Identifier: MIT */
/*
 * Where everything stands in a text of ours, so that an edit changes that and nothing else. The
 * readers fill it while they read; it costs nothing where nobody asks for it.
 */
#ifndef FO_CONFIG_MAP_H
#define FO_CONFIG_MAP_H

#include "build.h"

/* An item, a section, or in YAML a group of sections ("server:"). Places are bytes of the text. */
struct fo_part {
	struct fo_node *node;		/* the section that it is, or is in */
	const struct fo_option *option; /* of an item; else NULL */
	enum fo_scope scope;		/* of a section; of a group that of its sections */
	bool is_group;
	bool is_flow;	  /* YAML: what is in it stands in { } */
	size_t parent;	  /* the part that it stands in; the first part is the file, in itself */
	size_t from;	  /* its key */
	size_t value, to; /* its value; of a section what is in it, without braces */
	size_t end;	  /* behind it */
};

struct fo_map {
	struct fo_part *parts; /* in the order of the text */
	size_t count, room;
	size_t open; /* the innermost part that has not ended */
};

/* For the readers; `build->map` may be NULL. */
void fo_map_item(struct fo_build *build, struct fo_node *node, const struct fo_option *option,
		 const size_t places[3]); /* from, value, to */
void fo_map_open(struct fo_build *build, struct fo_node *node, enum fo_scope scope, bool is_group,
		 size_t from);
void fo_map_contents(struct fo_build *build, size_t value, bool is_flow);
/* With braces: where what is in it ends. `end` = 0: it ends with the last in it. */
void fo_map_close(struct fo_build *build, size_t to, size_t end);

/* The places are characters and become bytes. 0 or ERR_MEMORY. */
int fo_map_to_bytes(struct fo_map *map, const char *text, size_t length);
void fo_map_clear(struct fo_map *map);

/* ---- looking things up: an index, or FO_NOWHERE ---- */

#define FO_NOWHERE SIZE_MAX

/* The last part that stands directly in this one. */
size_t fo_map_last(const struct fo_map *map, size_t parent);
/* The last of its items; of its sections or groups of that scope. */
size_t fo_map_last_item(const struct fo_map *map, size_t parent);
size_t fo_map_last_section(const struct fo_map *map, size_t parent, enum fo_scope scope);
/* The part in the same one before this. */
size_t fo_map_before(const struct fo_map *map, size_t part);
/* The item of a section; a section itself. */
size_t fo_map_find(const struct fo_map *map, const struct fo_node *node,
		   const struct fo_option *option);

#endif
