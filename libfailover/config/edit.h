/* SPDX-License-Identifier: MIT */
/* Changing a configuration file: first what it means, then its text, and both must agree. */
#ifndef FO_CONFIG_EDIT_H
#define FO_CONFIG_EDIT_H

#include "file.h"
#include "map.h"
#include "path.h"

/* ---- edit_model.c: what the file means ---------------------------------------------------------
 */

/* A change of failover_config_edit(), taken apart. */
struct fo_change {
	struct fo_path path;
	const char *value; /* NULL = the default; of a section: it is to go */
	bool is_wanted;	   /* false: it was refused */
};

/* Make the changes in a configuration that has been read and is not finished. What is wrong is a
 * fault with its path. */
void fo_model_change(struct fo_build *build, const struct failover_config_change *changes,
		     uint32_t count, struct fo_change *out);
/* The section that the path leads to, or whose item it is; NULL = it is not there. */
struct fo_node *fo_model_node(struct fo_build *build, const struct fo_path *path);
/* The value as it is written: in `buffer` of FO_VALUE_SIZE bytes. 0, ERR_ARGUMENT, ERR_MEMORY. */
int fo_model_text(const struct fo_option *option, const char *value, char *buffer);

/* ---- edit.c ---- */

/* The new text of a file and what it means: all of failover_config_edit() but the file. */
struct fo_edited {
	struct fo_contents contents;
	struct failover_config *config;
	/* The included file that it is, and what that has now; NULL = the file itself. */
	char *file;
	uint32_t number; /* fo_build.names */
	struct fo_contents old;
};
void fo_edited_clear(struct fo_edited *edited);
int fo_edit_contents(const struct fo_source *source, const struct fo_contents *old,
		     const struct failover_config_change *changes, uint32_t count,
		     struct fo_edited *out);

/* ---- edit_text.c, edit_conf.c, edit_yaml.c: what the file says
 * ----------------------------------- */

/* A text of ours, and where everything stands in it now. */
struct fo_edit {
	enum fo_format format;
	char *text; /* with FO_FILE_SPARE bytes behind its end; to be released */
	size_t length;
	const char *eol; /* "\n", or "\r\n" as the text has it */
	struct fo_build build;
	struct fo_map map;
	struct fo_build *original;	 /* as it was before all changes */
	const struct fo_change *changes; /* all of them */
};

/* Make the changes in the text. 0; ERR_MEMORY; ERR_UNSUPPORTED: it is written in a way that cannot
 * be changed in place. The text is then to be thrown away. */
int fo_edit_changes(struct fo_edit *edit, const struct fo_change *changes, uint32_t count);

/* Find out where everything stands. 0, ERR_MEMORY, ERR_UNSUPPORTED; to be undone in any case. */
int fo_edit_map(struct fo_edit *edit);
void fo_edit_unmap(struct fo_edit *edit);

/* One item at the place that the map knows, in the way of the format. 0, ERR_MEMORY,
 * ERR_UNSUPPORTED. The map is out of date afterwards. */
struct fo_edit_item {
	size_t section;		    /* the part that it goes into: the nearest that is there */
	const struct fo_path *path; /* whose sections are made where they are not there */
	const char *text;	    /* its value, as fo_model_text() has it */
};
int fo_edit_conf_add(struct fo_edit *edit, const struct fo_edit_item *item);
int fo_edit_yaml_add(struct fo_edit *edit, const struct fo_edit_item *item);
int fo_edit_conf_set(struct fo_edit *edit, size_t part, const char *text);
int fo_edit_yaml_set(struct fo_edit *edit, size_t part, const char *text);
int fo_edit_conf_remove(struct fo_edit *edit, size_t part);
int fo_edit_yaml_remove(struct fo_edit *edit, size_t part);

/* ---- what the formats share ---- */

/* Text that is being made; close it with fo_edit_put(). */
FILE *fo_edit_open(char **made, size_t *size);
/* Put what was made in the place of from..to, and free it. `error` is passed through. */
int fo_edit_put(struct fo_edit *edit, size_t from, size_t to, FILE *stream, char **made, int error);
/* The same with a text. */
int fo_edit_splice(struct fo_edit *edit, size_t from, size_t to, const char *with, size_t size);

/* Where the line of this place begins; is there only indentation between? */
size_t fo_edit_line(const struct fo_edit *edit, size_t at);
bool fo_edit_is_first(const struct fo_edit *edit, size_t at);
/* Where the next line begins if nothing but blanks and a comment follow; else FO_NOWHERE. */
size_t fo_edit_next_line(const struct fo_edit *edit, size_t at);
/* Does a line end between the two? */
bool fo_edit_has_lines(const struct fo_edit *edit, size_t from, size_t to);
/* How much further in each level stands, as the text has it. */
void fo_edit_unit(const struct fo_edit *edit, char *unit, size_t size);
/* Write the indentation of the line of this place. */
void fo_edit_indent(const struct fo_edit *edit, size_t at, FILE *out);
/* A new line is to begin at `at`: end the one before if it has no end. */
void fo_edit_begin_line(const struct fo_edit *edit, size_t at, FILE *out);
/* In front of this place and of the comment that belongs to it. */
size_t fo_edit_above(const struct fo_edit *edit, size_t at);

#endif
