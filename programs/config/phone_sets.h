/* SPDX-License-Identifier: MIT */
/* phone_sets.h - what a phone's file comes to: settings of ours, and what is to be said of each
 * key. */
#ifndef PHONE_SETS_H
#define PHONE_SETS_H

#include "phone.h"

struct phone_place {
	unsigned line, server; /* 0 = none */
};

/* Where a value comes from. */
struct phone_source {
	const char *key, *value;
	unsigned line; /* of the file; 0 = it does not say so */
	struct phone_place place;
	bool is_default, is_general;
};

enum phone_fit { PHONE_AS_IS, PHONE_NEAREST, PHONE_NONE };

/* A setting of ours. */
struct phone_set {
	char path[96], value[PHONE_VALUE_MOST + 1];
	unsigned line; /* of the file */
	bool is_secret, is_dropped;
};

/* What is said of a key. */
struct phone_remark {
	char *key, *value;
	unsigned line;
	enum phone_fit fit;
	const char *note;
	size_t first, count; /* of the sets */
	bool is_default, is_secret, is_overtaken;
};

struct phone_sets {
	const struct phone_file *file;
	struct phone_set *sets;
	size_t count, room;
	struct phone_remark *remarks;
	size_t remarks_count, remarks_room;
	unsigned char lines[PHONE_LINES_MOST / 8 + 1]; /* a bit each */
	size_t others; /* keys that have nothing to do with servers */
};

/* '#' and '*' by their numbers, or the server by its name here. */
void phone_expand(const char *pattern, const struct phone_place *place, bool by_name, char *out,
		  size_t size);

void phone_line(struct phone_sets *sets, unsigned line);
bool phone_has_line(const struct phone_sets *sets, unsigned line);
bool phone_is_set(const struct phone_sets *sets, const char *path);

/* ---- phone_values.c ---- */

/* Turn a value into settings and a remark. 0 or ERR_MEMORY. */
int phone_take(struct phone_sets *sets, const struct phone_row *row,
	       const struct phone_source *source);
/* A remark that there is no counterpart. */
int phone_say(struct phone_sets *sets, const struct phone_source *source,
	      const struct phone_row *row, const char *note);

/* ---- phone_sets.c ---- */

/* A remark, whose settings follow. NULL = no memory. */
struct phone_remark *phone_remark(struct phone_sets *sets, const struct phone_source *source,
				  const struct phone_row *row);
/* Room for what one remark can bring. */
bool phone_reserve(struct phone_sets *sets);
/* The last remark is not made after all. */
void phone_unsay(struct phone_sets *sets);
/* A setting of the last remark. What was set before stays, unless `is_stronger`: then, or when it
 * said the same, true. */
bool phone_put(struct phone_sets *sets, const char *path, const char *value, bool is_stronger);
/* What belongs to a server that is not there goes; a line without a server is off. */
int phone_finish(struct phone_sets *sets);
int phone_print(struct phone_sets *sets, FILE *out);
int phone_make(struct phone_sets *sets, const struct phone_job *job,
	       struct failover_config **config);
void phone_sets_clear(struct phone_sets *sets);

#endif
