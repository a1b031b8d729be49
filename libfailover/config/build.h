/* SPDX-License-Identifier: MIT */
/*
 * A configuration under construction. Both readers tell it, in file order, which sections and keys
 * there are and what values they have; it fills the structs by the option table, and collects what
 * is wrong until the end.
 */
#ifndef FO_CONFIG_BUILD_H
#define FO_CONFIG_BUILD_H

#include "arena.h"
#include "value.h"

/* A place in the file, from 1; 0 = not known. */
struct fo_at {
	uint32_t line, column;
};

#define FO_NAME_MOST 63 /* of a third or later server or proxy */

/* A section that the file has. */
struct fo_node {
	enum fo_scope scope;
	void *object;		     /* the struct of config.h that it fills */
	char name[FO_NAME_MOST + 1]; /* "1", "primary" ... */
	struct fo_at at;
	struct fo_option_set bad;    /* those whose value was refused */
	struct fo_option_set braces; /* those whose value is in { } in a .conf */
	struct fo_node *parent, *children, *last_child, *next;
	struct fo_node *bucket_next; /* of a line, in the index */
	uint32_t file;		     /* it stands in: fo_build.names */
	size_t from, to;	     /* of a line in a .conf: its text */
	uint32_t first;		     /* of the options that such a section takes */
	struct fo_at where[];	     /* see fo_node_where() */
};

/* Where the file gives an option that the section takes; line 0 = nowhere. */
static inline struct fo_at *fo_node_where(struct fo_node *node, const struct fo_option *option)
{
	return &node->where[fo_option_index(option) - node->first];
}

static inline bool fo_node_gives(const struct fo_node *node, const struct fo_option *option)
{
	return node->where[fo_option_index(option) - node->first].line != 0;
}

struct fo_error {
	struct fo_at at;
	uint32_t file;
	char *text, *text_zh, *path; /* the last two NULL where there is none */
};

#define FO_ERRORS_MOST 100 /* reported of one file */
#define FO_INDEX_SIZE 65536u

struct fo_build {
	struct failover_config *config;
	size_t lines_room;
	struct fo_node **index; /* the lines by number, FO_INDEX_SIZE buckets */
	struct fo_node *root;	/* the file */
	/* The nodes: in the heap they would leave holes between the lines, which stay. */
	struct fo_arena arena;
	struct fo_map *map; /* map.h; NULL = nobody wants to know */
	bool no_memory;
	bool keeps_empty; /* of what has no value, where a file has only what a person wrote */
	bool stopped;	  /* the reader could not go on, or there are too many errors */
	struct fo_error errors[FO_ERRORS_MOST];
	size_t errors_count; /* may exceed what is kept */
	/* The files that the first one includes, from 1 on. */
	char **names;
	uint32_t names_count, file; /* the one that is read now; 0 = the first */
	size_t bytes;		    /* of all of them */
};

/* Start with the defaults. 0 or ERR_MEMORY. */
int fo_build_init(struct fo_build *build);
void fo_build_clear(struct fo_build *build);

/* Remember an error. */
void fo_build_fault(struct fo_build *build, struct fo_at at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with the name of the section (and of the option, if not NULL) in front. */
void fo_build_fault_in(struct fo_build *build, const struct fo_node *node,
		       const struct fo_option *option, struct fo_at at, const char *text);
/* The same in both languages. */
void fo_build_fault_both(struct fo_build *build, const struct fo_node *node,
			 const struct fo_option *option, struct fo_at at, const struct fo_why *why);
/* A key that the section does not have; `shown` may be NULL, then the key may be a secret. */
void fo_build_unknown(struct fo_build *build, const struct fo_node *node, const char *shown,
		      struct fo_at at);

/* Decimal, 1..FAILOVER_LIMIT_LINES, else 0. */
uint32_t fo_line_number(const char *name);
/* May a server or proxy have this name? */
bool fo_name_is_good(const char *name);
/* The option of this key that the section takes in the file that is read now, or NULL: an included
 * file has lines only. */
const struct fo_option *fo_build_option(const struct fo_build *build, const struct fo_node *node,
					const char *key);
/* The file opens a section. NULL when it is refused: its contents are then to be skipped. */
struct fo_node *fo_build_section(struct fo_build *build, struct fo_node *parent,
				 enum fo_scope scope, const char *name, struct fo_at at);
/* The one of this name that there is already, or NULL. */
struct fo_node *fo_build_find(const struct fo_build *build, const struct fo_node *parent,
			      enum fo_scope scope, const char *name);
/* The file gives this option. False if it did so before. */
bool fo_build_claim(struct fo_build *build, struct fo_node *node, const struct fo_option *option,
		    struct fo_at at);
/* Its value, at `at`. */
void fo_build_value(struct fo_build *build, struct fo_node *node, const struct fo_option *option,
		    const struct fo_words *words, struct fo_at at);

/* The option is not given after all: its default. */
void fo_build_unset(struct fo_build *build, struct fo_node *node, const struct fo_option *option);
/* The section is not there after all. */
void fo_build_remove(struct fo_build *build, struct fo_node *node);
/* An error about a path that names nothing. */
void fo_build_fault_path(struct fo_build *build, const char *path, const struct fo_why *why);

/* ---- finish.c ---- */

/* What only the whole file shows, and the order of servers (B1). */
void fo_build_finish(struct fo_build *build);
/* Report the errors in file order; the configuration if there is none. */
int fo_build_result(struct fo_build *build, const char *file, failover_config_report *report,
		    void *user, struct failover_config **config);

/* ---- the readers: text of `length` bytes, valid UTF-8 without NUL; a NUL follows it ---- */

void fo_conf_read(struct fo_build *build, char *text, size_t length);
void fo_yaml_read(struct fo_build *build, const char *text, size_t length);

/* ---- config.c ---- */

/* With all defaults and no line; NULL = no memory. */
struct failover_config *fo_config_new(void);
struct failover_config_line *fo_config_line_new(uint32_t number);
void fo_config_line_free(struct failover_config_line *line);
/* All options of a struct of that scope to their defaults; 0 or ERR_MEMORY. */
int fo_config_initial(enum fo_scope scope, void *object);
void fo_config_server_clear(struct failover_config_server *server);
void fo_config_proxy_clear(struct failover_config_proxy *proxy);

#endif
