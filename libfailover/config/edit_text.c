/* SPDX-License-Identifier: MIT */
/* Changing the text of a configuration: what the formats share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_scan.h"
#include "edit.h"

FILE *fo_edit_open(char **made, size_t *size)
{
	*made = NULL;
	return open_memstream(made, size);
}

int fo_edit_splice(struct fo_edit *edit, size_t from, size_t to, const char *with, size_t size)
{
	size_t length = edit->length - (to - from) + size;
	char *text = malloc(length + FO_FILE_SPARE);

	if (!text)
		return FAILOVER_ERR_MEMORY;
	memcpy(text, edit->text, from);
	memcpy(text + from, with, size);
	memcpy(text + from + size, edit->text + to, edit->length - to);
	memset(text + length, 0, FO_FILE_SPARE);
	fo_file_release(edit->text, edit->length);
	edit->text = text;
	edit->length = length;
	return FAILOVER_OK;
}

int fo_edit_put(struct fo_edit *edit, size_t from, size_t to, FILE *stream, char **made, int error)
{
	long size = ftell(stream);

	if (fclose(stream) != 0 || size < 0)
		error = error ? error : FAILOVER_ERR_MEMORY;
	if (!error)
		error = fo_edit_splice(edit, from, to, *made, (size_t)size);
	fo_file_release(*made, size > 0 ? (size_t)size : 0);
	return error;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

size_t fo_edit_line(const struct fo_edit *edit, size_t at)
{
	while (at > 0 && edit->text[at - 1] != '\n')
		at--;
	if (at == 0 && strncmp(edit->text, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	return at;
}

bool fo_edit_is_first(const struct fo_edit *edit, size_t at)
{
	size_t from = fo_edit_line(edit, at);

	while (from < at && is_blank(edit->text[from]))
		from++;
	return from >= at;
}

static bool is_comment(const struct fo_edit *edit, size_t at)
{
	return edit->text[at] == '#' || (edit->format == FO_FORMAT_CONF && edit->text[at] == '/' &&
					 edit->text[at + 1] == '/');
}

size_t fo_edit_next_line(const struct fo_edit *edit, size_t at)
{
	if (at > 0 && edit->text[at - 1] == '\n')
		return at; /* a block scalar ends with its line */
	while (at < edit->length && is_blank(edit->text[at]))
		at++;
	if (at < edit->length && is_comment(edit, at)) {
		while (at < edit->length && edit->text[at] != '\n')
			at++;
	}
	if (at >= edit->length)
		return edit->length;
	return edit->text[at] == '\n' ? at + 1 : FO_NOWHERE;
}

bool fo_edit_has_lines(const struct fo_edit *edit, size_t from, size_t to)
{
	return memchr(edit->text + from, '\n', to - from) != NULL;
}

static size_t indent_length(const struct fo_edit *edit, size_t at)
{
	return strspn(edit->text + fo_edit_line(edit, at), " \t");
}

void fo_edit_indent(const struct fo_edit *edit, size_t at, FILE *out)
{
	fwrite(edit->text + fo_edit_line(edit, at), 1, indent_length(edit, at), out);
}

void fo_edit_begin_line(const struct fo_edit *edit, size_t at, FILE *out)
{
	if (at > 0 && edit->text[at - 1] != '\n' && at != fo_edit_line(edit, at))
		fputs(edit->eol, out);
}

/* How much further in the first part stands that has its own line, as its parent has. */
void fo_edit_unit(const struct fo_edit *edit, char *unit, size_t size)
{
	const struct fo_part *parts = edit->map.parts;

	snprintf(unit, size, "%s", edit->format == FO_FORMAT_CONF ? "\t" : "  ");
	for (size_t i = 1; i < edit->map.count; i++) {
		size_t outer = indent_length(edit, parts[parts[i].parent].from);
		size_t inner = indent_length(edit, parts[i].from);

		if (parts[i].parent == 0 || inner <= outer || inner - outer >= size ||
		    !fo_edit_is_first(edit, parts[i].from))
			continue;
		memcpy(unit, edit->text + fo_edit_line(edit, parts[i].from) + outer, inner - outer);
		unit[inner - outer] = '\0';
		return;
	}
}

size_t fo_edit_above(const struct fo_edit *edit, size_t at)
{
	size_t line = fo_edit_line(edit, at), above = line;

	while (above > 0 && edit->text[above - 1] == '\n') {
		size_t before = fo_edit_line(edit, above - 1);

		/* A byte order mark counts as a column of YAML: no key belongs beside it. */
		if (edit->format == FO_FORMAT_YAML && before > 0 && edit->text[before - 1] != '\n')
			break;
		if (!is_comment(edit, before + indent_length(edit, before)))
			break;
		above = before;
	}
	/* Else it was in the middle of a comment of several lines. */
	for (size_t i = above; i + 1 < line; i++) {
		if (edit->text[i] == '*' && edit->text[i + 1] == '/')
			return line;
	}
	return above;
}

/* ---- the changes ------------------------------------------------------------------------------
 */

void fo_edit_unmap(struct fo_edit *edit)
{
	fo_build_clear(&edit->build);
	fo_map_clear(&edit->map);
}

/* Reading blanks what it has read, so it gets a copy. What libconfuse makes of the values is not
 * asked: that is slow. */
int fo_edit_map(struct fo_edit *edit)
{
	char *copy = malloc(edit->length + FO_FILE_SPARE);
	int error = copy ? fo_build_init(&edit->build) : FAILOVER_ERR_MEMORY;

	if (error) {
		free(copy);
		return error;
	}
	edit->build.map = &edit->map;
	memcpy(copy, edit->text, edit->length);
	memset(copy + edit->length, 0, FO_FILE_SPARE);
	if (edit->format == FO_FORMAT_CONF) {
		fo_conf_scan(&edit->build, copy, edit->length);
	} else {
		fo_yaml_read(&edit->build, copy, edit->length);
		error = fo_map_to_bytes(&edit->map, edit->text, edit->length);
	}
	fo_file_release(copy, edit->length);
	if (edit->build.no_memory)
		return FAILOVER_ERR_MEMORY;
	return edit->build.errors_count ? FAILOVER_ERR_UNSUPPORTED : error;
}

static int remove_part(struct fo_edit *edit, size_t part)
{
	if (part == FO_NOWHERE)
		return FAILOVER_OK;
	return edit->format == FO_FORMAT_CONF ? fo_edit_conf_remove(edit, part)
					      : fo_edit_yaml_remove(edit, part);
}

/* A value that says the same in other words stays: "yes" for "true". What an earlier change has
 * written is written anew. */
static bool says(const struct fo_edit *edit, const struct fo_change *change, const char *text)
{
	const struct fo_option *option = change->path.option;
	struct fo_node *node = fo_model_node(edit->original, &change->path);
	char buffer[FO_VALUE_SIZE];

	if (!node || !fo_node_gives(node, option))
		return false;
	for (const struct fo_change *other = edit->changes; other < change; other++) {
		if (other->path.option == option && other->path.line == change->path.line &&
		    strcmp(other->path.name, change->path.name) == 0)
			return false;
	}
	return strcmp(fo_value_text(option, fo_option_value(option, node->scope, node->object),
				    buffer),
		      text) == 0;
}

static int set_item(struct fo_edit *edit, const struct fo_change *change, struct fo_node *node[2],
		    const char *text)
{
	const struct fo_path *path = &change->path;
	struct fo_node *target = path->scope == FO_LINE ? node[0] : node[1];
	size_t part = target ? fo_map_find(&edit->map, target, path->option) : FO_NOWHERE;
	struct fo_edit_item item = { .path = path, .text = text };
	bool conf = edit->format == FO_FORMAT_CONF;

	if (part != FO_NOWHERE && says(edit, change, text))
		return FAILOVER_OK;
	if (part != FO_NOWHERE)
		return conf ? fo_edit_conf_set(edit, part, text)
			    : fo_edit_yaml_set(edit, part, text);
	/* The nearest section that is there. */
	target = target ? target : node[0] ? node[0] : edit->build.root;
	item.section = fo_map_find(&edit->map, target, NULL);
	if (item.section == FO_NOWHERE)
		item.section = 0;
	return conf ? fo_edit_conf_add(edit, &item) : fo_edit_yaml_add(edit, &item);
}

static int change_one(struct fo_edit *edit, const struct fo_change *change)
{
	const struct fo_path *path = &change->path;
	struct fo_node *node[2] = { edit->build.root, edit->build.root };
	char number[16], text[FO_VALUE_SIZE];
	int error;

	if (path->scope != FO_GLOBAL) {
		snprintf(number, sizeof(number), "%u", path->line);
		node[0] = fo_build_find(&edit->build, edit->build.root, FO_LINE, number);
		node[1] = node[0];
	}
	if (path->scope == FO_SERVER || path->scope == FO_PROXY)
		node[1] = node[0] ? fo_build_find(&edit->build, node[0], path->scope, path->name)
				  : NULL;
	if (!change->value)
		return node[1] ? remove_part(edit, fo_map_find(&edit->map, node[1], path->option))
			       : FAILOVER_OK;
	if (!path->option)
		return FAILOVER_OK; /* a line that is new comes with its first item */
	error = fo_model_text(path->option, change->value, text);
	if (!error)
		error = set_item(edit, change, node, text);
	explicit_bzero(text, sizeof(text));
	return error;
}

/* The values that the file has before all changes. */
static int read_original(const struct fo_edit *edit, struct fo_build *build)
{
	const struct fo_source source = { .format = edit->format, .file = "" };
	char *copy = malloc(edit->length + FO_FILE_SPARE);
	int error = copy ? fo_build_init(build) : FAILOVER_ERR_MEMORY;

	if (!error) {
		memcpy(copy, edit->text, edit->length);
		memset(copy + edit->length, 0, FO_FILE_SPARE);
		fo_read_text(build, &source, copy, edit->length);
		if (build->no_memory)
			error = FAILOVER_ERR_MEMORY;
	}
	fo_file_release(copy, copy ? edit->length : 0);
	return error;
}

int fo_edit_changes(struct fo_edit *edit, const struct fo_change *changes, uint32_t count)
{
	const char *newline = memchr(edit->text, '\n', edit->length);
	struct fo_build original = { .config = NULL };
	int error = read_original(edit, &original);

	edit->original = &original;
	edit->changes = changes;
	edit->eol = newline && newline > edit->text && newline[-1] == '\r' ? "\r\n" : "\n";
	for (uint32_t i = 0; i < count && !error; i++) {
		if (!changes[i].is_wanted)
			continue;
		error = fo_edit_map(edit);
		if (!error)
			error = change_one(edit, &changes[i]);
		fo_edit_unmap(edit);
	}
	edit->original = NULL;
	fo_build_clear(&original);
	return error;
}
