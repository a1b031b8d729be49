/* SPDX-License-Identifier: MIT */
/* edit_check.c - random changes of a configuration file, and what must hold after each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../libfailover/config/edit.h"
#include "edit_check.h"
#include "fuzz.h"

#define ROUNDS 4
#define CHANGES_MOST 4
#define PATH_SIZE 160

/* ---- what is changed --------------------------------------------------------------------------
 */

struct dice {
	uint64_t state;
};

static uint32_t below(struct dice *dice, uint32_t bound)
{
	dice->state = dice->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(dice->state >> 33) % bound;
}

#define ONE_OF(dice, list) (list)[below(dice, sizeof(list) / sizeof((list)[0]))]

static const char *const texts[] = {
	"no",
	"1e3",
	"#31#",
	"null",
	"~",
	"a: b",
	"- a",
	"{}",
	"[x]",
	"&a",
	"*b",
	"!t",
	"%",
	"@x",
	"`",
	" lead",
	"trail ",
	"a,b",
	"//x",
	"/* x",
	"'",
	"\"",
	"\\",
	"x\"y\\z",
	"${HOME}",
	"",
	"0x10",
	"plain",
	"1001",
	"\xe4\xb8\xad\xe6\x96\x87",
	"\xe2\x80\xa8",
	"\xef\xbb\xbf",
	"\xef\xbf\xbe",
	"\xc2\xa0",
	"? x",
	"key: value # c",
	"<<",
	"=",
	"a}b{c",
	"\xf0\x9f\x93\x9e",
	"a\tb",
	"a\nb",
};
static const char *const hosts[] = { "192.0.2.1",
				     "sip.example.net",
				     "2001:db8::1",
				     "[2001:db8::2]",
				     "fe80::1%e0",
				     "no",
				     "null",
				     "1e3.net",
				     "",
				     "a b",
				     "-x" };
static const char *const codes[] = { "5xx", "408,503", "40x, 600", "", "200", "x" };
static const char *const methods[] = { "register", "invite,bye", "", "options" };
static const char *const sources[] = { "any", "targets,192.0.2.0/24", "2001:db8::/32", "x" };
static const char *const users[] = { "a\nb", "a,b\n#\n\xe4\xb8\xad", "", "x", "\n" };

struct changes {
	char path[CHANGES_MOST][PATH_SIZE];
	char number[CHANGES_MOST][16];
	struct failover_config_change change[CHANGES_MOST];
	uint32_t count;
};

static const char *value_for(struct dice *dice, const struct fo_option *option, char *number)
{
	const struct fo_choice *choice = option->choices;

	switch (option->type) {
	case FO_TYPE_TEXT:
	case FO_TYPE_SECRET:
		return ONE_OF(dice, texts);
	case FO_TYPE_HOST:
		return ONE_OF(dice, hosts);
	case FO_TYPE_CODES:
		return ONE_OF(dice, codes);
	case FO_TYPE_METHODS:
		return ONE_OF(dice, methods);
	case FO_TYPE_SOURCES:
		return ONE_OF(dice, sources);
	case FO_TYPE_TEXTS:
		return ONE_OF(dice, users);
	case FO_TYPE_NUMBER:
		snprintf(number, 16, "%" PRIu32,
			 option->minimum + below(dice, option->maximum - option->minimum + 1) +
				 (below(dice, 16) == 0 ? option->maximum : 0));
		return number;
	case FO_TYPE_BOOL:
	case FO_TYPE_CHOICE:
	case FO_TYPE_PROFILE:
		break;
	}
	while (choice[1].name && below(dice, 3))
		choice++;
	return choice->name;
}

static uint32_t some_line(struct dice *dice, const struct failover_config *config)
{
	if (config->lines_count == 0 || below(dice, 8) == 0)
		return 1 + below(dice, 3);
	return config->lines[below(dice, config->lines_count)]->number;
}

static void change_section(struct dice *dice, const struct failover_config *config, char *path,
			   struct failover_config_change *change)
{
	static const char *const names[] = { "primary", "backup", "backup", "third" };
	uint32_t kind = below(dice, 4);

	if (kind == 0) {
		snprintf(path, PATH_SIZE, "line.%" PRIu32, 1 + below(dice, 9));
		change->value = below(dice, 2) ? "new" : NULL;
		return;
	}
	snprintf(path, PATH_SIZE, "line.%" PRIu32 ".%s.%s", some_line(dice, config),
		 kind == 1 ? "proxy" : "server", ONE_OF(dice, names));
	change->value = NULL;
}

static void change_item(struct dice *dice, const struct failover_config *config, char *path,
			char *number, struct failover_config_change *change)
{
	static const char *const names[] = { "primary", "primary", "backup", "third", "x-1" };
	const struct fo_option *option = &fo_options[below(dice, (uint32_t)fo_options_count)];
	enum fo_scope scope = FO_GLOBAL;

	while (!fo_option_in(option, scope) ||
	       (scope == FO_GLOBAL && below(dice, 2) && fo_option_in(option, FO_LINE)))
		scope++;
	path[0] = '\0';
	if (scope != FO_GLOBAL)
		fo_append(path, PATH_SIZE, "line.%" PRIu32 ".", some_line(dice, config));
	if (scope == FO_SERVER || scope == FO_PROXY)
		fo_append(path, PATH_SIZE, "%s.%s.", fo_scope_name(scope), ONE_OF(dice, names));
	fo_append(path, PATH_SIZE, "%s", option->key);
	change->value = below(dice, 4) ? value_for(dice, option, number) : NULL;
}

static void roll(struct dice *dice, const struct failover_config *config, struct changes *changes)
{
	changes->count = below(dice, 3) ? 1 : 1 + below(dice, CHANGES_MOST);
	for (uint32_t i = 0; i < changes->count; i++) {
		struct failover_config_change *change = &changes->change[i];

		change->path = changes->path[i];
		if (below(dice, 6) == 0)
			change_section(dice, config, changes->path[i], change);
		else
			change_item(dice, config, changes->path[i], changes->number[i], change);
	}
}

/* ---- what must hold ---------------------------------------------------------------------------
 */

/* The bytes that both have at their beginning and, apart from these, at their end. */
static void common(const struct fo_contents *a, const struct fo_contents *b, size_t *front,
		   size_t *back)
{
	size_t most = a->length < b->length ? a->length : b->length;

	*front = *back = 0;
	while (*front < most && a->text[*front] == b->text[*front])
		(*front)++;
	while (*back < most - *front &&
	       a->text[a->length - 1 - *back] == b->text[b->length - 1 - *back])
		(*back)++;
}

static bool is_rest_of(const struct fo_contents *all, const struct fo_contents *some)
{
	size_t at = 0;

	for (size_t i = 0; i < all->length && at < some->length; i++)
		at += all->text[i] == some->text[at];
	return at == some->length;
}

/* The longest that one removal may take: the part, a group around it, the lines that it shares. */
static size_t part_and_lines(const struct fo_edit *edit, size_t part)
{
	const struct fo_part *parts = edit->map.parts;
	size_t from, end;

	if (parts[parts[part].parent].is_group)
		part = parts[part].parent;
	if (parts[parts[part].parent].is_group)
		part = parts[part].parent;
	from = parts[part].from;
	end = parts[part].end;
	while (from > 0 && edit->text[from - 1] != '\n')
		from--;
	if (end == 0 || edit->text[end - 1] != '\n')
		end += strcspn(edit->text + end, "\n") + 1;
	return end - from + 2; /* a comma further up */
}

/* The place that a change is about: in `edit` as it was before. */
static size_t part_of(struct fo_edit *edit, const struct fo_path *path)
{
	struct fo_node *node = edit->build.root;
	char number[16];

	snprintf(number, sizeof(number), "%" PRIu32, path->line);
	if (path->scope != FO_GLOBAL)
		node = fo_build_find(&edit->build, node, FO_LINE, number);
	if (node && path->name[0])
		node = fo_build_find(&edit->build, node, path->scope, path->name);
	return node ? fo_map_find(&edit->map, node, path->option) : FO_NOWHERE;
}

/* One change: only what it is about has changed. */
static void check_bytes(enum fo_format format, const struct fo_contents *old,
			const struct fo_contents *new, const struct failover_config_change *change)
{
	struct fo_edit edit = { .format = format, .text = old->text, .length = old->length };
	struct fo_path path;
	size_t part, front, back;
	bool is_block;

	fuzz_require(fo_path_read(change->path, &path), "a path that was taken can be read");
	fuzz_require(fo_edit_map(&edit) == 0, "a file that was changed can be mapped");
	part = part_of(&edit, &path);
	common(old, new, &front, &back);
	if (part == FO_NOWHERE) {
		fuzz_require(front + back == old->length, "what is new is put in, nothing is lost");
	} else if (new->length == old->length && front == old->length) {
		/* it said so already */
	} else if (!change->value || (change->value[0] == '\0' && is_rest_of(old, new))) {
		fuzz_require(is_rest_of(old, new), "a removal adds nothing");
		fuzz_require(old->length - new->length <= part_and_lines(&edit, part),
			     "a removal takes its part and its lines");
	} else {
		const struct fo_part *item = &edit.map.parts[part];

		is_block = strchr("|>-", old->text[item->value]) != NULL;
		fuzz_require(front >= (is_block ? item->from : item->value),
			     "nothing in front of a value is changed");
		fuzz_require(is_block || old->length - back <= item->to,
			     "nothing behind a value is changed");
	}
	fo_edit_unmap(&edit);
}

/* What the file says of each change; a later one may have undone it. */
static void check_meaning(const struct failover_config *config, const struct changes *changes)
{
	char text[FAILOVER_CONFIG_VALUE_SIZE], wanted[FO_VALUE_SIZE];
	const struct failover_config_change *last = &changes->change[changes->count - 1];
	struct fo_path path;
	int error;

	fuzz_require(fo_path_read(last->path, &path), "a path that was taken can be read");
	if (!path.option || !last->value)
		return;
	if (fo_model_text(path.option, last->value, wanted))
		return; /* "" for not set */
	error = failover_config_get(config, last->path, text, sizeof(text));
	/* A server without an address is none. */
	if (error && (path.scope == FO_SERVER || path.scope == FO_PROXY))
		return;
	fuzz_require(error == 0, "what was set is there");
	if (path.option->type == FO_TYPE_SECRET)
		fuzz_require(!wanted[0] == !text[0], "a secret is set, or not");
	else
		fuzz_require(strcmp(text, wanted) == 0, "what was set is what is read");
}

struct reports {
	unsigned count;
};

static void on_report(void *user, const struct failover_config_error *error)
{
	struct reports *reports = user;

	reports->count++;
	fuzz_require(error->text && error->text[0] && !strchr(error->text, '\n'),
		     "an error is one line of text");
	fuzz_require(error->text_zh != NULL || error->line, "an error of a form is in Chinese too");
}

static struct failover_config *config_of(const struct fo_source *source,
					 const struct fo_contents *contents)
{
	struct failover_config *config;
	struct fo_edited edited;

	/* No change at all: what it means, and the same text. */
	if (fo_edit_contents(source, contents, NULL, 0, &edited) != FAILOVER_OK) {
		fo_edited_clear(&edited);
		return NULL;
	}
	fuzz_require(edited.contents.length == contents->length &&
			     memcmp(edited.contents.text, contents->text, contents->length) == 0,
		     "without a change it is the same text");
	config = edited.config;
	edited.config = NULL;
	fo_edited_clear(&edited);
	return config;
}

void edit_check(const char *path, const uint8_t *bytes, size_t count, uint64_t seed,
		struct edit_counts *counts)
{
	struct reports reports = { 0 };
	const struct fo_source source = { fo_file_format(path), path, on_report, &reports };
	const struct fo_source silent = { fo_file_format(path), path, NULL, NULL };
	struct fo_contents now = { fuzz_copy(bytes, count, FO_FILE_SPARE), count };
	struct failover_config *config = config_of(&silent, &now);
	struct dice dice = { seed };
	bool ours = source.format == FO_FORMAT_CONF || source.format == FO_FORMAT_YAML;

	for (int i = 0; i < ROUNDS && config; i++) {
		struct changes changes;
		struct fo_edited edited;
		int error;

		roll(&dice, config, &changes);
		reports.count = 0;
		error = fo_edit_contents(&source, &now, changes.change, changes.count, &edited);
		fuzz_require(!error == !reports.count, "what is refused is explained");
		counts->refused += error == FAILOVER_ERR_ARGUMENT;
		counts->impossible += error == FAILOVER_ERR_UNSUPPORTED;
		if (error) {
			fo_edited_clear(&edited);
			continue;
		}
		counts->done++;
		check_meaning(edited.config, &changes);
		if (ours && changes.count == 1)
			check_bytes(source.format, &now, &edited.contents, &changes.change[0]);
		fo_file_release(now.text, now.length);
		now = edited.contents;
		failover_config_free(config);
		config = edited.config;
	}
	failover_config_free(config);
	fo_file_release(now.text, now.length);
}
