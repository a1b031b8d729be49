/* SPDX-License-Identifier: MIT */
/* Look over a libconfuse file: sections, keys and their places; errors; what to leave out. */
#include <string.h>

#include "conf_scan.h"
#include "map.h"

struct scan {
	struct fo_build *build;
	struct fo_node *node; /* the section we are in */
	char *text;
	size_t length, at;
	uint32_t line;
	unsigned depth;
	size_t start; /* of the statement */
	uint32_t start_line;
	uint32_t value_line;   /* where the last value ended */
	uint32_t private_line; /* ... one that no message may show, not even by mistake */
};

static const char list_is_open[] = "the list is not closed; accepted: { A, B }";
static const char word_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "_-.:[]%@/";

static struct fo_at on_line(uint32_t line)
{
	struct fo_at at = { .line = line };

	return at;
}

static char peek(const struct scan *scan)
{
	return scan->text[scan->at];
}

static bool at_end(const struct scan *scan)
{
	return scan->at >= scan->length;
}

static void advance(struct scan *scan)
{
	if (peek(scan) == '\n')
		scan->line++;
	scan->at++;
}

static void blank(struct scan *scan, size_t from)
{
	for (size_t i = from; i < scan->at; i++) {
		if (scan->text[i] != '\n')
			scan->text[i] = ' ';
	}
}

/* The parser cannot go on from here: what it gets ends before this statement. */
static void cut(struct scan *scan)
{
	scan->build->stopped = true;
	scan->at = scan->start;
	while (scan->depth > 0) {
		scan->text[scan->at++] = '}';
		scan->depth--;
	}
	scan->text[scan->at] = '\0';
	scan->length = scan->at;
	for (struct fo_node *node = scan->node; node; node = node->parent)
		node->to = scan->length;
}

static void stop(struct scan *scan, uint32_t line, const char *text)
{
	fo_build_fault(scan->build, on_line(line), "%s", text);
	cut(scan);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool skip_comment(struct scan *scan)
{
	size_t from = scan->at;
	const char *rest = scan->text + from;
	uint32_t line = scan->line;

	if (rest[0] == '#' || (rest[0] == '/' && rest[1] == '/')) {
		while (!at_end(scan) && peek(scan) != '\n')
			scan->at++;
	} else if (rest[0] == '/' && rest[1] == '*') {
		const char *close = strstr(rest + 2, "*/");

		if (!close) {
			stop(scan, line, "the comment is not closed; expected: */");
			return false;
		}
		while (scan->text + scan->at < close + 2)
			advance(scan);
	}
	blank(scan, from);
	return scan->at > from;
}

/* Blanks and comments. */
static void skip_space(struct scan *scan)
{
	do {
		while (!at_end(scan) && is_space(peek(scan)))
			advance(scan);
	} while (skip_comment(scan));
}

/* ---- values ---- */

/* A string in quotes; what is wrong with it, or NULL. */
static const char *skip_string(struct scan *scan)
{
	const char *fault = NULL;
	uint32_t line = scan->line;
	char quote = peek(scan);

	scan->at++;
	while (!at_end(scan) && peek(scan) != quote && peek(scan) != '\n') {
		char next = scan->text[scan->at + 1];

		if (quote == '"' && peek(scan) == '$' && next == '{')
			fault = "${...} is not replaced; put it in single quotes";
		if (quote == '"' && peek(scan) == '\\' && next != '"' && next != '\\')
			fault = "unknown escape; accepted in double quotes: \\\" and \\\\";
		if (peek(scan) == '\\' && next != '\n')
			scan->at++;
		scan->at++;
	}
	if (at_end(scan) || peek(scan) != quote)
		stop(scan, line, "the string is not closed in its line");
	else
		scan->at++;
	return fault;
}

static bool ends_word(char c, bool in_list)
{
	return c == '\0' || is_space(c) || c == '}' || (c == ',' && in_list);
}

/* To the end of what cannot be a word; ${NAME} is one piece. */
static void skip_bad_word(struct scan *scan, bool in_list)
{
	unsigned open = 0;

	while (peek(scan) != '\0' && (open > 0 || !ends_word(peek(scan), in_list)) &&
	       peek(scan) != '\n') {
		open += peek(scan) == '{';
		open -= open > 0 && peek(scan) == '}';
		scan->at++;
	}
}

/* A value without quotes. libconfuse would drop some characters and take # for a comment. */
static const char *skip_word(struct scan *scan, bool in_list)
{
	const char *word = scan->text + scan->at;
	size_t length = strspn(word, word_bytes);
	bool comment = false;

	for (size_t i = 0; i + 1 < length; i++)
		comment = comment || (word[i] == '/' && word[i + 1] == '/');
	scan->at += length;
	if (!comment && (ends_word(peek(scan), in_list) || (peek(scan) == ',' && length)))
		return NULL;
	skip_bad_word(scan, in_list);
	return "put the value in quotes; accepted without: A-Z a-z 0-9 _ - . : [ ] % @ /";
}

/* `line`: where what needs it begins. */
static const char *skip_item(struct scan *scan, uint32_t line, bool in_list)
{
	if (peek(scan) == '"' || peek(scan) == '\'')
		return skip_string(scan);
	if (at_end(scan) && in_list) {
		stop(scan, line, list_is_open);
		return NULL;
	}
	if (at_end(scan) || strchr("{},=()", peek(scan))) {
		stop(scan, at_end(scan) ? line : scan->line, "a value is missing");
		return NULL;
	}
	return skip_word(scan, in_list);
}

static const char *skip_list(struct scan *scan)
{
	const char *fault = NULL;
	uint32_t line = scan->line;

	scan->at++;
	skip_space(scan);
	while (!scan->build->stopped && peek(scan) != '}') {
		const char *wrong = skip_item(scan, line, true);

		fault = fault ? fault : wrong;
		skip_space(scan);
		if (scan->build->stopped || peek(scan) == '}')
			break;
		if (peek(scan) != ',') {
			stop(scan, line, list_is_open);
			break;
		}
		scan->at++;
		skip_space(scan);
	}
	if (!scan->build->stopped)
		scan->at++;
	return fault;
}

/* After '='. `list` says whether it is one in braces. */
static const char *skip_value(struct scan *scan, bool *list)
{
	const char *fault;

	*list = peek(scan) == '{';
	if (*list)
		return skip_list(scan);
	fault = skip_item(scan, scan->start_line, false);
	while (!scan->build->stopped && peek(scan) == ',') {
		fault = "a list is written { A, B }, or in quotes";
		scan->at++;
		skip_space(scan);
		skip_item(scan, scan->start_line, false);
	}
	return fault;
}

/* ---- statements ---- */

/* A section that belongs further out. */
static bool is_misplaced(const struct fo_node *node, const char *key)
{
	enum fo_scope inner;

	for (node = node->parent; node; node = node->parent) {
		if (fo_scope_find(node->scope, key, &inner))
			return true;
	}
	return false;
}

static void unknown_key(struct scan *scan, const char *key)
{
	bool show = scan->start_line != scan->private_line;
	enum fo_scope inner;

	if (is_misplaced(scan->node, key))
		fo_build_fault(scan->build, on_line(scan->start_line),
			       "%s cannot be within %s %s of line %u of the file; is a } missing?",
			       key, fo_scope_name(scan->node->scope), scan->node->name,
			       scan->node->at.line);
	else if (fo_scope_find(scan->node->scope, key, &inner))
		fo_build_fault_in(scan->build, scan->node, NULL, on_line(scan->start_line),
				  inner == FO_LINE ? "a section is written: line 1 { ... }"
				  : inner == FO_SERVER
					  ? "a section is written: server primary { ... }"
					  : "a section is written: proxy primary { ... }");
	else
		fo_build_unknown(scan->build, scan->node, show ? key : NULL,
				 on_line(scan->start_line));
}

/* libconfuse is not to see this value: `fault`, or a list where one value belongs. */
static void refuse_value(struct scan *scan, const struct fo_option *option, uint32_t line,
			 const char *fault)
{
	static const struct fo_words list = { .list = true };

	fo_option_set_add(&scan->node->bad, option);
	if (fault)
		fo_build_fault_in(scan->build, scan->node, option, on_line(line), fault);
	else
		fo_build_value(scan->build, scan->node, option, &list, on_line(line));
}

/* KEY = VALUE, from the '=' on. */
static void scan_assignment(struct scan *scan, const char *key)
{
	const struct fo_option *option = fo_build_option(scan->build, scan->node, key);
	const char *fault = NULL, *wrong;
	bool list, good = false;
	size_t places[3] = { scan->start };
	uint32_t line;

	if (option)
		good = fo_build_claim(scan->build, scan->node, option, on_line(scan->start_line));
	else
		unknown_key(scan, key);
	if (peek(scan) == '+') {
		fault = "+= is not accepted; give all values after one =";
		scan->at++;
	}
	scan->at++;
	skip_space(scan);
	if (scan->build->stopped)
		return;
	line = scan->line;
	places[1] = scan->at;
	wrong = skip_value(scan, &list);
	fault = fault ? fault : wrong;
	if (scan->build->stopped)
		return;
	scan->value_line = scan->line;
	if (!option || option->type == FO_TYPE_SECRET)
		scan->private_line = scan->line;
	if (good && (fault || (list && !fo_option_is_list(option)))) {
		refuse_value(scan, option, line, fault);
		good = false;
	} else if (good && list) {
		fo_option_set_add(&scan->node->braces, option);
	}
	places[2] = scan->at;
	if (good)
		fo_map_item(scan->build, scan->node, option, places);
	else
		blank(scan, scan->start);
}

/* A section that is refused: from its '{' to the matching '}'. */
static void skip_section(struct scan *scan)
{
	unsigned depth = 0;

	do {
		char c = peek(scan);

		if (at_end(scan)) {
			stop(scan, scan->start_line, "the section is not closed; expected: }");
			return;
		}
		if (c == '"' || c == '\'') {
			skip_string(scan);
		} else {
			depth += c == '{';
			depth -= c == '}';
			scan->at++;
		}
		if (!scan->build->stopped)
			skip_space(scan);
	} while (!scan->build->stopped && depth > 0);
	if (!scan->build->stopped)
		blank(scan, scan->start);
}

/* KEYWORD [NAME] { */
static void scan_section(struct scan *scan, const char *keyword, const char *name)
{
	enum fo_scope inner;
	struct fo_node *node = NULL;
	struct fo_at at = on_line(scan->start_line);

	if (!fo_scope_find(scan->node->scope, keyword, &inner)) {
		const struct fo_option *option = fo_build_option(scan->build, scan->node, keyword);

		if (option)
			fo_build_fault_in(scan->build, scan->node, option, at,
					  "a value is written: KEY = VALUE");
		else
			unknown_key(scan, keyword);
	} else {
		node = fo_build_section(scan->build, scan->node, inner, name, at);
	}
	if (scan->build->no_memory)
		return;
	if (!node) {
		skip_section(scan);
		return;
	}
	node->from = scan->start;
	scan->node = node;
	scan->depth++;
	scan->at++;
	fo_map_open(scan->build, node, node->scope, false, scan->start);
	fo_map_contents(scan->build, scan->at, false);
}

/* A word or string, cut to `size`: too long a key or name is wrong in any case. */
static bool take_name(struct scan *scan, char *name, size_t size)
{
	size_t from = scan->at, length;

	if (peek(scan) == '"' || peek(scan) == '\'') {
		if (skip_string(scan) || scan->build->stopped)
			return false;
		from++;
		length = scan->at - 1 - from;
	} else {
		length = strspn(scan->text + from, word_bytes);
		scan->at += length;
		if (length == 0)
			return false;
	}
	if (length >= size)
		length = size - 1;
	memcpy(name, scan->text + from, length);
	name[length] = '\0';
	return true;
}

/* A value with blanks that lacks its quotes is common: leave out the rest of its line. */
static void scan_stray(struct scan *scan)
{
	size_t length = strcspn(scan->text + scan->at, "{}\n");

	fo_build_fault(scan->build, on_line(scan->start_line),
		       "unexpected text after a value; put a value with blanks in quotes");
	if (scan->text[scan->at + length] == '{') {
		cut(scan);
		return;
	}
	scan->at += length;
	blank(scan, scan->start);
}

static void scan_syntax(struct scan *scan)
{
	if (scan->build->stopped)
		return;
	if (scan->start_line == scan->value_line)
		scan_stray(scan);
	else
		stop(scan, scan->start_line,
		     "syntax error; accepted: KEY = VALUE, or SECTION NAME { ... }");
}

static void scan_close(struct scan *scan)
{
	if (scan->depth == 0) {
		stop(scan, scan->line, "'}' closes no section");
		return;
	}
	scan->at++;
	scan->node->to = scan->at;
	fo_map_close(scan->build, scan->at - 1, scan->at);
	scan->node = scan->node->parent;
	scan->depth--;
}

static void scan_statement(struct scan *scan)
{
	char key[FO_NAME_MOST + 2], name[FO_NAME_MOST + 2] = "";

	scan->start = scan->at;
	scan->start_line = scan->line;
	if (peek(scan) == '}') {
		scan_close(scan);
		return;
	}
	if (peek(scan) == '"' || peek(scan) == '\'' || !take_name(scan, key, sizeof(key))) {
		scan_syntax(scan);
		return;
	}
	skip_space(scan);
	if (scan->build->stopped)
		return;
	if (peek(scan) == '=' || (peek(scan) == '+' && scan->text[scan->at + 1] == '=')) {
		scan_assignment(scan, key);
		return;
	}
	if (peek(scan) != '{' && take_name(scan, name, sizeof(name)))
		skip_space(scan);
	if (!scan->build->stopped && peek(scan) == '{')
		scan_section(scan, key, name);
	else
		scan_syntax(scan);
}

void fo_conf_scan(struct fo_build *build, char *text, size_t length)
{
	struct scan scan = {
		.build = build, .node = build->root, .text = text, .length = length, .line = 1
	};

	if (strncmp(text, "\xef\xbb\xbf", 3) == 0) {
		scan.at = 3;
		blank(&scan, 0);
	}
	fo_map_open(build, build->root, FO_GLOBAL, false, 0);
	fo_map_contents(build, scan.at, false);
	skip_space(&scan);
	while (!build->stopped && !build->no_memory && !at_end(&scan)) {
		scan_statement(&scan);
		scan.start = scan.at;
		if (!build->stopped)
			skip_space(&scan);
	}
	fo_map_close(build, length, length);
	if (build->stopped || scan.depth == 0)
		return;
	scan.start = scan.at;
	stop(&scan, scan.node->at.line, "the section is not closed; expected: }");
}
