/* SPDX-License-Identifier: MIT */
/* Changing a libconfuse file in place. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "edit.h"
#include "write.h"

/* Where something new goes. */
struct place {
	size_t at;
	bool is_line;	 /* on a line of its own */
	size_t like;	 /* ... indented as the line of this place */
	bool is_deeper;	 /* ... and once more */
	bool is_crowded; /* else: what follows is no blank */
};

int fo_edit_conf_set(struct fo_edit *edit, size_t part, const char *text)
{
	const struct fo_part *item = &edit->map.parts[part];
	char *made;
	size_t size;
	FILE *out = fo_edit_open(&made, &size);

	if (!out)
		return FAILOVER_ERR_MEMORY;
	fo_conf_value(out, item->option, text);
	return fo_edit_put(edit, item->value, item->to, out, &made, FAILOVER_OK);
}

int fo_edit_conf_remove(struct fo_edit *edit, size_t part)
{
	const struct fo_part *gone = &edit->map.parts[part];
	size_t from = gone->from, to = gone->end, next = fo_edit_next_line(edit, to);

	if (fo_edit_is_first(edit, from) && next != FO_NOWHERE)
		return fo_edit_splice(edit, fo_edit_line(edit, from), next, "", 0);
	while (edit->text[to] == ' ' || edit->text[to] == '\t')
		to++;
	return fo_edit_splice(edit, from, to, "", 0);
}

static struct place behind(const struct fo_edit *edit, const struct fo_part *sibling)
{
	struct place place = { .at = sibling->end, .like = sibling->from };
	size_t next = fo_edit_next_line(edit, sibling->end);

	if (next != FO_NOWHERE && fo_edit_is_first(edit, sibling->from)) {
		place.is_line = true;
		place.at = next;
	}
	return place;
}

/* In a section that has no sibling for it. */
static struct place inside(const struct fo_edit *edit, size_t section)
{
	const struct fo_part *part = &edit->map.parts[section];
	struct place place = { .at = part->value, .like = part->from };
	size_t next = fo_edit_next_line(edit, part->value);
	size_t first = section + 1 < edit->map.count ? section + 1 : FO_NOWHERE;

	if (first != FO_NOWHERE && edit->map.parts[first].parent == section &&
	    fo_edit_is_first(edit, edit->map.parts[first].from)) {
		place.is_line = true;
		place.like = edit->map.parts[first].from;
		place.at = fo_edit_above(edit, place.like);
	} else if (section == 0) {
		place.is_line = true;
		place.at = place.like = edit->length;
	} else if (next != FO_NOWHERE && next < edit->length) {
		place.is_line = place.is_deeper = true;
		place.at = next;
	} else {
		place.is_crowded = !strchr(" \t\r\n", edit->text[place.at]);
	}
	return place;
}

/* The sections that are not there, from the outer one on, and the item in them. */
static void write_levels(const struct fo_edit *edit, const struct fo_edit_item *item,
			 const char *indent, const char *unit, FILE *out)
{
	const struct fo_path *path = item->path;
	enum fo_scope there = edit->map.parts[item->section].scope;
	const char *eol = unit ? edit->eol : " ";
	char deeper[256], opened[2][FO_NAME_MOST + 32];
	int depth = 0;

	if (there == FO_GLOBAL && path->scope != FO_GLOBAL)
		snprintf(opened[depth++], sizeof(opened[0]), "line %" PRIu32, path->line);
	if (there != path->scope && path->scope != FO_LINE)
		snprintf(opened[depth++], sizeof(opened[0]), "%s %s", fo_scope_name(path->scope),
			 path->name);
	snprintf(deeper, sizeof(deeper), "%s", indent);
	for (int i = 0; i < depth; i++) {
		fprintf(out, "%s%s {%s", deeper, opened[i], eol);
		fo_append(deeper, sizeof(deeper), "%s", unit ? unit : "");
	}
	fprintf(out, "%s%s = ", deeper, path->option->key);
	fo_conf_value(out, path->option, item->text);
	for (int i = depth; i > 0; i--) {
		size_t length = strlen(deeper);

		deeper[unit && length >= strlen(unit) ? length - strlen(unit) : length] = '\0';
		fprintf(out, "%s%s}", eol, deeper);
	}
}

static int write_place(struct fo_edit *edit, const struct fo_edit_item *item,
		       const struct place *place, bool on_one_line)
{
	char indent[128] = "", unit[32], *made, *blanks;
	size_t size, length;
	FILE *out = fo_edit_open(&made, &size);

	if (!out)
		return FAILOVER_ERR_MEMORY;
	fo_edit_unit(edit, unit, sizeof(unit));
	if (place->is_line) {
		blanks = edit->text + fo_edit_line(edit, place->like);
		length = strspn(blanks, " \t");
		snprintf(indent, sizeof(indent), "%.*s%s", (int)length, blanks,
			 place->is_deeper ? unit : "");
		fo_edit_begin_line(edit, place->at, out);
	} else {
		fputc(' ', out);
	}
	if (on_one_line && place->is_line)
		fputs(indent, out);
	write_levels(edit, item, on_one_line ? "" : indent, on_one_line ? NULL : unit, out);
	if (place->is_line)
		fputs(edit->eol, out);
	else if (place->is_crowded)
		fputc(' ', out);
	return fo_edit_put(edit, place->at, place->at, out, &made, FAILOVER_OK);
}

int fo_edit_conf_add(struct fo_edit *edit, const struct fo_edit_item *item)
{
	const struct fo_part *parts = edit->map.parts;
	enum fo_scope there = parts[item->section].scope;
	enum fo_scope made =
		there == FO_GLOBAL && item->path->scope != FO_GLOBAL ? FO_LINE : item->path->scope;
	size_t like, sibling;
	struct place place;

	if (there == item->path->scope) {
		sibling = fo_map_last_item(&edit->map, item->section);
		place = sibling == FO_NOWHERE ? inside(edit, item->section)
					      : behind(edit, &parts[sibling]);
		return write_place(edit, item, &place, true);
	}
	like = fo_map_last_section(&edit->map, item->section, made);
	sibling = like == FO_NOWHERE ? fo_map_last(&edit->map, item->section) : like;
	place = sibling == FO_NOWHERE ? inside(edit, item->section) : behind(edit, &parts[sibling]);
	return write_place(edit, item, &place,
			   !place.is_line ||
				   (like != FO_NOWHERE &&
				    !fo_edit_has_lines(edit, parts[like].from, parts[like].end)));
}
