/* SPDX-License-Identifier: MIT */
/* Changes of a configuration that has been read and is not finished. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edit.h"

static const struct fo_at nowhere;

/* A section that is to be there is opened by this value. */
static const char new_line[] = "new";

static bool is_section(const struct fo_path *path)
{
	return !path->option;
}

/* The text of a change as the words of a file. A list of texts has one a line. */
struct split {
	char *copy;
	const char *word[FO_VALUE_SIZE / 2];
	struct fo_words words;
};

static bool split_value(struct split *split, const struct fo_option *option, const char *value)
{
	char *rest;

	split->copy = strdup(value);
	if (!split->copy)
		return false;
	split->words.word = split->word;
	split->words.count = 1;
	split->words.list = false;
	split->word[0] = split->copy;
	if (fo_option_separator(option) != '\n')
		return true;
	split->words.list = true;
	split->words.count = 0;
	for (rest = split->copy; *rest && split->words.count < FO_VALUE_SIZE / 2;) {
		size_t length = strcspn(rest, "\n");

		split->word[split->words.count++] = rest;
		rest += length;
		if (*rest)
			*rest++ = '\0';
	}
	return true;
}

static void split_clear(struct split *split)
{
	if (split->copy)
		explicit_bzero(split->copy, strlen(split->copy));
	free(split->copy);
}

/* "" stands for what failover_config_get() says of a number that is not set. */
static bool is_unset(const struct fo_option *option, const char *value)
{
	bool has_unset = option->set_offset || option->initial[0] == '\0';

	return !value || (value[0] == '\0' && has_unset && !fo_option_is_text(option) &&
			  !fo_option_is_list(option));
}

int fo_model_text(const struct fo_option *option, const char *value, char *buffer)
{
	struct split split;
	struct fo_why why;
	union {
		uint32_t number;
		char *text;
		uint8_t codes[FAILOVER_CODES_BYTES];
		struct failover_config_sources sources;
		struct failover_config_texts texts;
	} field;
	const char *text;
	int error;

	memset(&field, 0, sizeof(field));
	if (!split_value(&split, option, value))
		return FAILOVER_ERR_MEMORY;
	error = fo_value_set(option, &field, &split.words, &why);
	if (!error) {
		text = fo_value_text(option, &field, buffer);
		if (text != buffer)
			snprintf(buffer, FO_VALUE_SIZE, "%s", text);
	}
	fo_value_free(option, &field);
	split_clear(&split);
	return error;
}

static void set_value(struct fo_build *build, struct fo_node *node, const struct fo_option *option,
		      const char *value)
{
	struct split split;
	struct fo_why why;

	/* A profile that is left out of the build has a number all the same. */
	fo_option_set_remove(&node->bad, option);
	fo_node_where(node, option)->line = 1;
	if (!split_value(&split, option, value)) {
		build->no_memory = true;
		return;
	}
	if (fo_text_not_utf8(value, strlen(value))) {
		fo_value_refuse(option, NULL, FO_FAULT_NOT_UTF8, &why);
		fo_build_fault_both(build, node, option, nowhere, &why);
	} else {
		fo_build_value(build, node, option, &split.words, nowhere);
	}
	split_clear(&split);
}

static void fault(struct fo_build *build, const char *path, const char *text, const char *text_zh)
{
	struct fo_why why;

	fo_why_print(&why, FO_ENGLISH, "%s", text);
	fo_why_print(&why, FO_CHINESE, "%s", text_zh);
	fo_build_fault_path(build, path, &why);
}

static struct fo_node *line_of(struct fo_build *build, const struct fo_path *path)
{
	char number[16];

	snprintf(number, sizeof(number), "%" PRIu32, path->line);
	return fo_build_find(build, build->root, FO_LINE, number);
}

/* The section that the path names; made where it may be. NULL: it is not there. */
static struct fo_node *node_of(struct fo_build *build, const struct fo_path *path, bool make)
{
	struct fo_node *node = build->root, *line;

	if (path->scope == FO_GLOBAL)
		return node;
	line = line_of(build, path);
	if (!line || path->scope == FO_LINE)
		return line;
	node = fo_build_find(build, line, path->scope, path->name);
	if (!node && make)
		node = fo_build_section(build, line, path->scope, path->name, nowhere);
	return node;
}

struct fo_node *fo_model_node(struct fo_build *build, const struct fo_path *path)
{
	return node_of(build, path, false);
}

static bool change_section(struct fo_build *build, const char *text, struct fo_change *change)
{
	struct fo_node *node = node_of(build, &change->path, false);
	char number[16];

	if (!change->value) {
		if (node)
			fo_build_remove(build, node);
		return node != NULL;
	}
	if (change->path.scope != FO_LINE || strcmp(change->value, new_line) != 0) {
		fault(build, text, "a section takes no value", "这里不能填写值");
		return false;
	}
	if (node) {
		fault(build, text, "there is such a line already", "已有这条线路");
		return false;
	}
	snprintf(number, sizeof(number), "%" PRIu32, change->path.line);
	return fo_build_section(build, build->root, FO_LINE, number, nowhere) != NULL;
}

static bool change_item(struct fo_build *build, const char *text, struct fo_change *change)
{
	const struct fo_option *option = change->path.option;
	struct fo_node *node;
	size_t before = build->errors_count;

	if (option->of_file) {
		fault(build, text, "only a person can change this, in the file",
		      "此项只能由人在文件中修改");
		return false;
	}
	if (is_unset(option, change->value))
		change->value = NULL;
	node = node_of(build, &change->path, change->value != NULL);
	if (!node && !line_of(build, &change->path)) {
		fault(build, text, "there is no such line", "没有这条线路");
	} else if (node && change->value) {
		set_value(build, node, option, change->value);
	} else if (node) {
		fo_build_unset(build, node, option);
	}
	return node && build->errors_count == before && !build->no_memory;
}

void fo_model_change(struct fo_build *build, const struct failover_config_change *changes,
		     uint32_t count, struct fo_change *out)
{
	for (uint32_t i = 0; i < count && !build->no_memory && !build->stopped; i++) {
		const char *text = changes[i].path ? changes[i].path : "";

		out[i].value = changes[i].value;
		if (!fo_path_read(text, &out[i].path))
			fault(build, text, "there is no such item", "没有这一项");
		else if (is_section(&out[i].path))
			out[i].is_wanted = change_section(build, text, &out[i]);
		else
			out[i].is_wanted = change_item(build, text, &out[i]);
	}
}
