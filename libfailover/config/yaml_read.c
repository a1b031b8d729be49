/* SPDX-License-Identifier: MIT */
/* The YAML reader, on libyaml's events: mappings and scalars; no aliases, tags, second document. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "map.h"

#define DEPTH_MOST 16u

struct reader {
	struct fo_build *build;
	yaml_parser_t parser;
	yaml_event_t event;		  /* the current one */
	unsigned depth;			  /* of mappings and sequences */
	uint32_t private_line;		  /* a secret ended here: no key of this line is shown */
	size_t content_end;		  /* of the last scalar or bracket, for edits */
	yaml_mark_t long_start, long_end; /* of the last string in quotes over several lines */
};

static struct fo_at place(yaml_mark_t mark)
{
	struct fo_at at = { .line = (uint32_t)mark.line + 1, .column = (uint32_t)mark.column + 1 };

	return at;
}

static struct fo_at here(const struct reader *reader)
{
	return place(reader->event.start_mark);
}

static bool is_over(const struct reader *reader)
{
	return reader->build->stopped || reader->build->no_memory;
}

/* It may have been a password. */
static void event_release(yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT && event->data.scalar.value)
		explicit_bzero(event->data.scalar.value, event->data.scalar.length);
	yaml_event_delete(event);
	memset(event, 0, sizeof(*event));
}

static bool is_in(const char *text, const char *part)
{
	return text && strstr(text, part);
}

/* libyaml says where it could not go on. What is not closed began much earlier. */
static bool unclosed_fault(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	struct fo_at at = place(parser->problem_mark), opened = place(parser->context_mark);

	if (is_in(parser->context, "quoted scalar") &&
	    (is_in(parser->problem, "end of stream") || is_in(parser->problem, "document"))) {
		fo_build_fault(reader->build, opened, "the string is not closed");
		return true;
	}
	if (is_in(parser->context, "flow") && at.line > opened.line) {
		fo_build_fault(reader->build, opened,
			       "this is not closed up to line %u of the file; expected: %s",
			       at.line, is_in(parser->context, "mapping") ? "}" : "]");
		return true;
	}
	if (reader->long_end.line && parser->problem_mark.line == reader->long_end.line) {
		fo_build_fault(reader->build, place(reader->long_start),
			       "the string ends in line %u of the file only; is its quote missing?",
			       at.line);
		return true;
	}
	return false;
}

static void parser_fault(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;

	if (parser->error == YAML_MEMORY_ERROR) {
		reader->build->no_memory = true;
		return;
	}
	if (!unclosed_fault(reader))
		fo_build_fault(reader->build, place(parser->problem_mark), "YAML: %s",
			       parser->problem ? parser->problem : "syntax error");
	reader->build->stopped = true;
}

/* Anchors, aliases and tags are refused where they stand; the rest is read on. */
static void refuse_properties(struct reader *reader)
{
	const yaml_event_t *event = &reader->event;
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	}
	if (event->type == YAML_ALIAS_EVENT)
		fo_build_fault(reader->build, here(reader), "aliases (*) are not accepted");
	if (anchor)
		fo_build_fault(reader->build, here(reader), "anchors (&) are not accepted");
	if (tag)
		fo_build_fault(reader->build, here(reader), "tags (!) are not accepted");
}

static void note_long_string(struct reader *reader)
{
	const yaml_event_t *event = &reader->event;

	if (event->type != YAML_SCALAR_EVENT || event->data.scalar.plain_implicit ||
	    event->start_mark.line == event->end_mark.line)
		return;
	reader->long_start = event->start_mark;
	reader->long_end = event->end_mark;
}

/* YAML has three more spellings of "no value" than an empty one; unquoted, they are no text. */
static bool is_null(const yaml_event_t *event)
{
	static const char *const nulls[] = { "~", "null", "Null", "NULL" };

	if (event->type != YAML_SCALAR_EVENT || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++) {
		if (strcmp((const char *)event->data.scalar.value, nulls[i]) == 0)
			return true;
	}
	return false;
}

/* Deeper than any file that is right; libyaml's time grows with the square of it. */
static bool check_depth(struct reader *reader)
{
	yaml_event_type_t type = reader->event.type;

	reader->depth += type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
	reader->depth -= type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
	if (reader->depth <= DEPTH_MOST)
		return true;
	fo_build_fault(reader->build, here(reader), "nested too deeply; accepted: %u levels",
		       DEPTH_MOST);
	reader->build->stopped = true;
	return false;
}

/* Go on to the next event. False when there is none to go on with. */
static bool next(struct reader *reader)
{
	event_release(&reader->event);
	if (is_over(reader))
		return false;
	if (!yaml_parser_parse(&reader->parser, &reader->event)) {
		parser_fault(reader);
		return false;
	}
	note_long_string(reader);
	/* What ends by its indentation ends where the next thing begins. */
	if (reader->event.end_mark.index > reader->event.start_mark.index ||
	    reader->event.type == YAML_SCALAR_EVENT)
		reader->content_end = reader->event.end_mark.index;
	refuse_properties(reader);
	return check_depth(reader);
}

/* The current node and all in it; the event is then its last. */
static void skip_node(struct reader *reader)
{
	unsigned depth = 0;

	do {
		yaml_event_type_t type = reader->event.type;

		depth += type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
		depth -= type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
	} while (depth > 0 && next(reader));
}

/* The text of the current scalar; NULL if it is something else, or has a NUL or is null (which is
 * faulted). */
static const char *scalar(struct reader *reader)
{
	const yaml_event_t *event = &reader->event;

	if (event->type != YAML_SCALAR_EVENT)
		return NULL;
	if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length) {
		fo_build_fault(reader->build, here(reader), "NUL byte; accepted: UTF-8 text");
		return NULL;
	}
	if (is_null(event)) {
		fo_build_fault(reader->build, here(reader),
			       "null is no text; leave the key out, or put it in quotes");
		return NULL;
	}
	return (const char *)event->data.scalar.value;
}

/* The same where nothing else is right; the fault is `text`, unless it has had one. */
static const char *expect_scalar(struct reader *reader, const struct fo_node *node,
				 const char *text)
{
	const char *value = scalar(reader);

	if (!value && (reader->event.type == YAML_MAPPING_START_EVENT ||
		       reader->event.type == YAML_SEQUENCE_START_EVENT))
		fo_build_fault_in(reader->build, node, NULL, here(reader), text);
	return value;
}

/* ---- values ---- */

struct list {
	char **word;
	size_t count;
	bool bad;
};

static bool list_add(struct list *list, const char *text)
{
	char **word = realloc(list->word, (list->count + 1) * sizeof(*word));

	if (!word)
		return false;
	list->word = word;
	word[list->count] = strdup(text);
	if (!word[list->count])
		return false;
	list->count++;
	return true;
}

static void list_clear(struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		explicit_bzero(list->word[i], strlen(list->word[i]));
		free(list->word[i]);
	}
	free(list->word);
}

/* From the start of a sequence to its end. */
static void read_list(struct reader *reader, const struct fo_node *node, struct list *list)
{
	while (next(reader) && reader->event.type != YAML_SEQUENCE_END_EVENT) {
		const char *text =
			expect_scalar(reader, node, "a list holds values only; accepted: [A, B]");

		if (!text) {
			list->bad = true;
			skip_node(reader);
		} else if (!list_add(list, text)) {
			reader->build->no_memory = true;
		}
	}
}

static void read_list_value(struct reader *reader, struct fo_node *node,
			    const struct fo_option *option)
{
	struct fo_at at = here(reader);
	struct list list = { .bad = false };
	struct fo_words words = { .list = true };

	read_list(reader, node, &list);
	words.word = (const char *const *)list.word;
	words.count = list.count;
	if (!is_over(reader) && !list.bad)
		fo_build_value(reader->build, node, option, &words, at);
	list_clear(&list);
}

/* The current event is the value of the option, or its start. */
static void read_value(struct reader *reader, struct fo_node *node, const struct fo_option *option)
{
	const char *text = scalar(reader);
	struct fo_words one = { .word = &text, .count = 1 };

	if (text) {
		fo_build_value(reader->build, node, option, &one, here(reader));
		return;
	}
	if (reader->event.type == YAML_SEQUENCE_START_EVENT) {
		read_list_value(reader, node, option);
		return;
	}
	fo_option_set_add(&node->bad, option);
	if (reader->event.type == YAML_MAPPING_START_EVENT)
		fo_build_fault_in(reader->build, node, option, here(reader),
				  "takes a value, not a mapping");
	skip_node(reader);
}

/* ---- sections ---- */

static void read_mapping(struct reader *reader, struct fo_node *node);

/* The current event starts a mapping, or is faulted (an alias has been). */
static bool expect_mapping(struct reader *reader, const struct fo_node *node, const char *text)
{
	if (reader->event.type == YAML_MAPPING_START_EVENT)
		return true;
	if (reader->event.type != YAML_ALIAS_EVENT)
		fo_build_fault_in(reader->build, node, NULL, here(reader), text);
	return false;
}

/* Where the mapping that is read now begins and ends, for edits. */
static void map_begin(struct reader *reader)
{
	const yaml_event_t *event = &reader->event;
	bool flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;

	fo_map_contents(reader->build, event->start_mark.index + flow, flow);
}

static void map_end(struct reader *reader)
{
	const struct fo_map *map = reader->build->map;
	bool flow = map && !reader->build->no_memory && map->parts[map->open].is_flow;
	size_t end = flow ? reader->event.end_mark.index : 0;

	fo_map_close(reader->build, end ? end - 1 : 0, end);
}

/* "primary: { ... }" of a group. */
static void read_section(struct reader *reader, struct fo_node *node, enum fo_scope scope)
{
	struct fo_at at = here(reader);
	size_t from = reader->event.start_mark.index;
	const char *name =
		expect_scalar(reader, node, "a name is expected; accepted: NAME: { ... }");
	struct fo_node *child;

	if (!name) {
		skip_node(reader);
		if (next(reader))
			skip_node(reader);
		return;
	}
	child = fo_build_section(reader->build, node, scope, name, at);
	if (!next(reader))
		return;
	if (child &&
	    expect_mapping(reader, child, "a mapping is expected; accepted: { KEY: VALUE, ... }")) {
		fo_map_open(reader->build, child, scope, false, from);
		map_begin(reader);
		read_mapping(reader, child);
		map_end(reader);
	} else {
		skip_node(reader);
	}
}

/* "server:" and what follows: a mapping of names to sections. */
static void read_group(struct reader *reader, struct fo_node *node, enum fo_scope scope)
{
	const char *text = scope == FO_LINE ? "line takes a mapping; accepted: 1: { ... }"
			   : scope == FO_SERVER
				   ? "server takes a mapping; accepted: primary: { ... }"
				   : "proxy takes a mapping; accepted: primary: { ... }";

	if (!expect_mapping(reader, node, text)) {
		skip_node(reader);
		return;
	}
	map_begin(reader);
	while (next(reader) && reader->event.type != YAML_MAPPING_END_EVENT)
		read_section(reader, node, scope);
}

/* One key and its value; `groups` has a bit for each group of sections met in this mapping. */
static void read_pair(struct reader *reader, struct fo_node *node, unsigned *groups)
{
	struct fo_build *build = reader->build;
	struct fo_at at = here(reader);
	const char *key = expect_scalar(reader, node, "a key is expected; accepted: KEY: VALUE");
	const struct fo_option *option = key ? fo_build_option(build, node, key) : NULL;
	enum fo_scope inner = FO_GLOBAL;
	size_t places[3] = { reader->event.start_mark.index };
	bool group = key && fo_scope_find(node->scope, key, &inner), good = group || option;
	char text[64];

	if (!key) {
		skip_node(reader);
	} else if (!good) {
		fo_build_unknown(build, node, at.line == reader->private_line ? NULL : key, at);
	} else if (group && (*groups & FO_IN(inner))) {
		snprintf(text, sizeof(text), "%s is given twice in one mapping", key);
		fo_build_fault_in(build, node, NULL, at, text);
		good = false;
	} else if (option) {
		good = fo_build_claim(build, node, option, at);
	}
	if (group)
		*groups |= FO_IN(inner);
	if (!next(reader))
		return;
	if (option ? option->type == FO_TYPE_SECRET : !group)
		reader->private_line = (uint32_t)reader->event.end_mark.line + 1;
	places[1] = reader->event.start_mark.index;
	if (!good) {
		skip_node(reader);
	} else if (group) {
		fo_map_open(build, node, inner, true, places[0]);
		read_group(reader, node, inner);
		map_end(reader);
	} else {
		read_value(reader, node, option);
		places[2] = reader->content_end;
		fo_map_item(build, node, option, places);
	}
}

static void read_mapping(struct reader *reader, struct fo_node *node)
{
	unsigned groups = 0;

	while (next(reader) && reader->event.type != YAML_MAPPING_END_EVENT)
		read_pair(reader, node, &groups);
}

static void read_stream(struct reader *reader)
{
	fo_map_open(reader->build, reader->build->root, FO_GLOBAL, false, 0);
	if (!next(reader) || !next(reader)) /* start of stream, start of document */
		return;
	if (reader->event.type == YAML_STREAM_END_EVENT || !next(reader))
		return;
	if (expect_mapping(reader, reader->build->root,
			   "a mapping is expected; accepted: KEY: VALUE")) {
		map_begin(reader);
		read_mapping(reader, reader->build->root);
		map_end(reader);
	} else {
		skip_node(reader);
	}
	if (next(reader) && next(reader) && reader->event.type != YAML_STREAM_END_EVENT)
		fo_build_fault(reader->build, here(reader), "only one document is accepted");
}

void fo_yaml_read(struct fo_build *build, const char *text, size_t length)
{
	struct reader reader = { .build = build };

	build->keeps_empty = true;
	if (!yaml_parser_initialize(&reader.parser)) {
		build->no_memory = true;
		return;
	}
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
	read_stream(&reader);
	event_release(&reader.event);
	yaml_parser_delete(&reader.parser);
}
