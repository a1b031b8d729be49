/* SPDX-License-Identifier: MIT */
/* Changing a YAML file in place: block mappings and flow mappings. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "edit.h"
#include "write.h"

/* Words that a YAML reader may take for no text: YAML 1.1 and 1.2. */
static bool is_reserved(const char *text)
{
	static const char *const words[] = { "y",    "n",     "yes",  "no",  "on", "off",
					     "true", "false", "null", "nan", "inf" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

/* May it stand without quotes, wherever? Names of hosts and users, not numbers of any kind. */
static bool is_plain(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789._-";

	return text[0] && strchr(letters, text[0]) && text[strspn(text, others)] == '\0' &&
	       !is_reserved(text);
}

static int write_value(FILE *out, const struct fo_option *option, const char *text, bool plain)
{
	if (!plain || !fo_option_is_text(option) || !is_plain(text))
		return fo_yaml_value(out, option, text);
	fputs(text, out);
	return FAILOVER_OK;
}

/* ---- a value --------------------------------------------------------------------------------- */

/* "|" and ">" have their text in the lines below; a comment behind them stays. */
static int set_block(struct fo_edit *edit, const struct fo_part *item, FILE *out, char **made,
		     int error)
{
	size_t head = item->value + strspn(edit->text + item->value, "|>+-0123456789");
	size_t body = fo_edit_next_line(edit, head), end = item->to;

	if (body == FO_NOWHERE)
		body = end;
	while (end > body && strchr(" \t\r\n", edit->text[end - 1]))
		end--;
	if (!error && end > body) {
		end += strspn(edit->text + end, " \t\r");
		error = fo_edit_splice(edit, body, end + (edit->text[end] == '\n'), "", 0);
	}
	return fo_edit_put(edit, item->value, head, out, made, error);
}

/* A list of lines that begin with "-" goes behind its key. */
static int set_sequence(struct fo_edit *edit, const struct fo_part *item, FILE *out, char **made,
			int error)
{
	size_t at = item->from, line = fo_edit_line(edit, item->value);
	char quote = edit->text[at];

	at += strlen(item->option->key);
	if (quote == '"' || quote == '\'')
		at += 2;
	at += strspn(edit->text + at, " \t");
	if (edit->text[at] != ':' || line <= at || fo_edit_next_line(edit, item->to) == FO_NOWHERE)
		error = error ? error : FAILOVER_ERR_UNSUPPORTED;
	if (!error)
		error = fo_edit_splice(edit, line, fo_edit_next_line(edit, item->to), "", 0);
	return fo_edit_put(edit, at + 1, at + 1, out, made, error);
}

int fo_edit_yaml_set(struct fo_edit *edit, size_t part, const char *text)
{
	const struct fo_part item = edit->map.parts[part];
	char first = edit->text[item.value], *made;
	bool quoted = first == '"' || first == '\'';
	bool is_sequence = first == '-' && fo_option_is_list(item.option) &&
			   fo_edit_line(edit, item.value) > item.from;
	size_t size;
	FILE *out = fo_edit_open(&made, &size);
	int error;

	if (!out)
		return FAILOVER_ERR_MEMORY;
	if ((item.value == item.to && item.value > 0 && edit->text[item.value - 1] == ':') ||
	    is_sequence)
		fputc(' ', out);
	error = write_value(out, item.option, text, !quoted);
	if ((first == '|' || first == '>') && item.to > item.value)
		return set_block(edit, &item, out, &made, error);
	if (is_sequence)
		return set_sequence(edit, &item, out, &made, error);
	return fo_edit_put(edit, item.value, item.to, out, &made, error);
}

/* ---- something new -----------------------------------------------------------------------------
 */

/* What is written: sections that are not there, from the outer one on, and an item. */
struct levels {
	const struct fo_edit_item *item;
	char name[4][FO_NAME_MOST + 16]; /* "server", "backup", ... */
	int count;
	int flow_from; /* the contents of this one and of all in it stand in { } */
};

static void take_levels(const struct fo_edit *edit, const struct fo_edit_item *item, bool has_group,
			struct levels *levels)
{
	enum fo_scope there = edit->map.parts[item->section].scope;
	const struct fo_path *path = item->path;
	char number[16];

	memset(levels, 0, sizeof(*levels));
	levels->item = item;
	levels->flow_from = 4;
	snprintf(number, sizeof(number), "%" PRIu32, path->line);
	if (there == FO_GLOBAL && path->scope != FO_GLOBAL) {
		if (!has_group)
			snprintf(levels->name[levels->count++], sizeof(levels->name[0]), "%s",
				 fo_scope_name(FO_LINE));
		snprintf(levels->name[levels->count++], sizeof(levels->name[0]), "%s", number);
		has_group = false;
	}
	if (there != path->scope && path->scope != FO_LINE && path->scope != FO_GLOBAL) {
		if (!has_group)
			snprintf(levels->name[levels->count++], sizeof(levels->name[0]), "%s",
				 fo_scope_name(path->scope));
		snprintf(levels->name[levels->count++], sizeof(levels->name[0]), "%s", path->name);
	}
}

static int write_item(const struct levels *levels, FILE *out)
{
	fprintf(out, "%s: ", levels->item->path->option->key);
	return write_value(out, levels->item->path->option, levels->item->text,
			   levels->item->path->option->type == FO_TYPE_HOST);
}

static int write_flow(const struct levels *levels, int from, FILE *out)
{
	int error;

	for (int i = from; i < levels->count; i++)
		fprintf(out, "%s: { ", levels->name[i]);
	error = write_item(levels, out);
	for (int i = from; i < levels->count; i++)
		fputs(" }", out);
	return error;
}

/* On lines of their own, indented as the line of `like` and more. */
static int write_block(const struct fo_edit *edit, const struct levels *levels, size_t like,
		       FILE *out)
{
	char unit[32];
	int error;

	fo_edit_unit(edit, unit, sizeof(unit));
	for (int i = 0; i <= levels->count; i++) {
		bool last = i == levels->count, flow = i == levels->flow_from;

		fo_edit_indent(edit, like, out);
		for (int k = 0; k < i; k++)
			fputs(unit, out);
		if (last || flow) {
			error = last ? write_item(levels, out) : write_flow(levels, i, out);
			fputs(edit->eol, out);
			return error;
		}
		fprintf(out, "%s:%s", levels->name[i], edit->eol);
	}
	return FAILOVER_OK;
}

static int add_lines(struct fo_edit *edit, const struct levels *levels, size_t at, size_t like)
{
	char *made;
	size_t size;
	FILE *out;
	int error;

	if (at == FO_NOWHERE || (like < edit->length && !fo_edit_is_first(edit, like)))
		return FAILOVER_ERR_UNSUPPORTED;
	out = fo_edit_open(&made, &size);
	if (!out)
		return FAILOVER_ERR_MEMORY;
	fo_edit_begin_line(edit, at, out);
	error = write_block(edit, levels, like, out);
	return fo_edit_put(edit, at, at, out, &made, error);
}

static int add_flow(struct fo_edit *edit, const struct levels *levels, size_t into)
{
	const struct fo_part *part = &edit->map.parts[into];
	size_t last = fo_map_last(&edit->map, into), size;
	size_t at = last == FO_NOWHERE ? part->value : edit->map.parts[last].end;
	char *made;
	FILE *out = fo_edit_open(&made, &size);
	int error;

	if (!out)
		return FAILOVER_ERR_MEMORY;
	fputs(last == FO_NOWHERE ? " " : ", ", out);
	error = write_flow(levels, 0, out);
	if (last == FO_NOWHERE)
		fputc(' ', out);
	return fo_edit_put(edit, at, at, out, &made, error);
}

/* Behind the last of the same kind, else in front of the first, else at the end of the file. */
static int add_block(struct fo_edit *edit, struct levels *levels, size_t into, size_t sibling)
{
	const struct fo_part *parts = edit->map.parts;
	size_t first = into + 1;

	if (sibling != FO_NOWHERE)
		return add_lines(edit, levels, fo_edit_next_line(edit, parts[sibling].end),
				 parts[sibling].from);
	if (first < edit->map.count && parts[first].parent == into)
		return add_lines(edit, levels, fo_edit_above(edit, parts[first].from),
				 parts[first].from);
	return add_lines(edit, levels, edit->length, edit->length);
}

int fo_edit_yaml_add(struct fo_edit *edit, const struct fo_edit_item *item)
{
	const struct fo_part *parts = edit->map.parts;
	enum fo_scope there = parts[item->section].scope;
	enum fo_scope made = there == FO_GLOBAL ? FO_LINE : item->path->scope;
	bool is_item = there == item->path->scope;
	size_t group = is_item ? FO_NOWHERE : fo_map_last_section(&edit->map, item->section, made);
	size_t into = group == FO_NOWHERE ? item->section : group;
	size_t sibling =
		is_item ? fo_map_last_item(&edit->map, into) : fo_map_last(&edit->map, into);
	struct levels levels;

	take_levels(edit, item, group != FO_NOWHERE, &levels);
	if (parts[into].is_flow)
		return add_flow(edit, &levels, into);
	/* As the sections beside it are written. */
	if (group != FO_NOWHERE && sibling != FO_NOWHERE && parts[sibling].is_flow)
		levels.flow_from = 0;
	return add_block(edit, &levels, into, sibling);
}

/* ---- something less ----------------------------------------------------------------------------
 */

/* The comma in front of a part of a flow mapping. */
static size_t comma_before(const struct fo_edit *edit, size_t part)
{
	size_t before = fo_map_before(&edit->map, part);
	size_t at = before == FO_NOWHERE ? edit->length : edit->map.parts[before].end;

	for (; at < edit->map.parts[part].from; at++) {
		if (edit->text[at] == '#') {
			while (edit->text[at] != '\n')
				at++;
		}
		if (edit->text[at] == ',')
			return at;
	}
	return FO_NOWHERE;
}

static int remove_flow(struct fo_edit *edit, size_t part)
{
	size_t from = edit->map.parts[part].from, to = edit->map.parts[part].end;
	size_t comma = comma_before(edit, part), next = to + strspn(edit->text + to, " \t\r\n");
	int error;

	if (edit->text[next] == ',') {
		to = next + 1 + strspn(edit->text + next + 1, " \t");
		comma = FO_NOWHERE;
	}
	while (from > 0 && strchr(" \t", edit->text[from - 1]) && comma != FO_NOWHERE)
		from--;
	next = to + strspn(edit->text + to, " \t\r");
	if (from > 0 && edit->text[from - 1] == '\n' && edit->text[next] == '\n')
		to = next + 1;
	error = fo_edit_splice(edit, from, to, "", 0);
	if (!error && comma != FO_NOWHERE)
		error = fo_edit_splice(edit, comma, comma + 1, "", 0);
	return error;
}

int fo_edit_yaml_remove(struct fo_edit *edit, size_t part)
{
	const struct fo_part *parts = edit->map.parts;
	size_t next;

	/* A group without sections would be nothing, and so would a line. */
	while (!parts[part].option && parts[part].parent != 0 &&
	       parts[parts[part].parent].is_group &&
	       fo_map_last(&edit->map, parts[part].parent) == part &&
	       fo_map_before(&edit->map, part) == FO_NOWHERE)
		part = parts[part].parent;
	if (parts[parts[part].parent].is_flow)
		return remove_flow(edit, part);
	next = fo_edit_next_line(edit, parts[part].end);
	if (next == FO_NOWHERE || !fo_edit_is_first(edit, parts[part].from))
		return FAILOVER_ERR_UNSUPPORTED;
	return fo_edit_splice(edit, fo_edit_line(edit, parts[part].from), next, "", 0);
}
