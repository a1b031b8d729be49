/* SPDX-License-Identifier: MIT */
/* The libconfuse reader: files of KEY = VALUE and sections in braces. */
#include <confuse.h>
#include <stdlib.h>
#include <string.h>

#include "conf_scan.h"

/* The options of a section as libconfuse wants them; all text, so that one place judges values. */
struct schema {
	cfg_opt_t opts[FO_OPTIONS_LIMIT + FO_SCOPES];
	size_t count;
};

static void schema_add(struct schema *schema, cfg_opt_t opt)
{
	schema->opts[schema->count++] = opt;
}

static void schema_option(struct schema *schema, const struct fo_option *option)
{
	cfg_opt_t one = CFG_STR(option->key, NULL, CFGF_NODEFAULT);
	cfg_opt_t list = CFG_STR_LIST(option->key, NULL, CFGF_NODEFAULT);

	schema_add(schema, fo_option_is_list(option) ? list : one);
}

static void schema_options(struct schema *schema, enum fo_scope scope)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];

		if (fo_option_in(option, scope))
			schema_option(schema, option);
	}
}

static void schema_section(struct schema *schema, enum fo_scope scope, struct schema *inner)
{
	cfg_opt_t section = CFG_SEC(fo_scope_name(scope), inner->opts, CFGF_MULTI | CFGF_TITLE);

	schema_add(schema, section);
}

static void schema_end(struct schema *schema)
{
	cfg_opt_t end = CFG_END();

	schema_add(schema, end);
}

/* The options of each kind of section; the outer ones refer to the inner. */
struct schemas {
	struct schema lines; /* a file, as far as it has lines: a line is read by itself */
	struct schema global, line, server, proxy;
};

static void schemas_fill(struct schemas *all)
{
	all->lines.count = all->global.count = all->line.count = all->server.count =
		all->proxy.count = 0;
	schema_options(&all->server, FO_SERVER);
	schema_end(&all->server);
	schema_options(&all->proxy, FO_PROXY);
	schema_end(&all->proxy);
	schema_options(&all->line, FO_LINE);
	schema_section(&all->line, FO_SERVER, &all->server);
	schema_section(&all->line, FO_PROXY, &all->proxy);
	schema_end(&all->line);
	schema_section(&all->lines, FO_LINE, &all->line);
	schema_end(&all->lines);
	schema_options(&all->global, FO_GLOBAL);
	schema_section(&all->global, FO_LINE, &all->line);
	schema_end(&all->global);
}

/* Its messages may quote a secret. */
static void silent(cfg_t *cfg, const char *format, va_list args)
{
	(void)cfg;
	(void)format;
	(void)args;
}

static void take_option(struct fo_build *build, struct fo_node *node,
			const struct fo_option *option, cfg_t *section)
{
	struct fo_at at = *fo_node_where(node, option);
	cfg_opt_t *opt = cfg_getopt(section, option->key);
	size_t count = opt ? cfg_opt_size(opt) : 0;
	struct fo_words words = { .count = count };
	const char **word;

	if (count == 0 && !fo_option_is_list(option)) {
		if (!build->stopped) /* else it was cut off by a syntax error */
			fo_build_fault_in(build, node, option, at, "libconfuse cannot read it");
		return;
	}
	words.word = word = calloc(count + 1, sizeof(*word));
	if (!word) {
		build->no_memory = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		word[i] = cfg_opt_getnstr(opt, (unsigned int)i);
		if (!word[i])
			word[i] = "";
	}
	words.list = fo_option_set_has(&node->braces, option);
	fo_build_value(build, node, option, &words, at);
	if (option->type == FO_TYPE_SECRET && count > 0 && word[0][0])
		explicit_bzero(cfg_opt_getnstr(opt, 0), strlen(word[0]));
	free(word);
}

static void take_options(struct fo_build *build, struct fo_node *node, cfg_t *section)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];

		if (fo_option_in(option, node->scope) && fo_node_gives(node, option) &&
		    !fo_option_set_has(&node->bad, option))
			take_option(build, node, option, section);
	}
}

/* Servers and proxies come in the order in which the look-over met them. */
static void take_line(struct fo_build *build, struct fo_node *line, cfg_t *section)
{
	unsigned int taken[FO_SCOPES] = { 0 };

	take_options(build, line, section);
	for (struct fo_node *child = line->children; child; child = child->next) {
		cfg_t *inner =
			cfg_getnsec(section, fo_scope_name(child->scope), taken[child->scope]++);

		if (!inner) {
			build->no_memory = true;
			return;
		}
		take_options(build, child, inner);
	}
}

/* NULL and a fault, or no memory. */
static cfg_t *parsed(struct fo_build *build, struct schema *schema, const char *text)
{
	const struct fo_at nowhere = { 0 };
	cfg_t *cfg = cfg_init(schema->opts, CFGF_NONE); /* which copies them */

	if (!cfg) {
		build->no_memory = true;
		return NULL;
	}
	cfg_set_error_function(cfg, silent);
	if (cfg_parse_buf(cfg, text) == CFG_SUCCESS)
		return cfg;
	fo_build_fault(build, nowhere, "libconfuse cannot read the file");
	cfg_free(cfg);
	return NULL;
}

/* libconfuse looks at every earlier section of a kind when it meets one more, and has all options
 * of it in memory: so it gets one line at a time. Afterwards the line is blank. */
static bool read_line(struct fo_build *build, struct schemas *schemas, struct fo_node *line,
		      char *text)
{
	char after = text[line->to];
	cfg_t *cfg, *section;

	text[line->to] = '\0';
	cfg = parsed(build, &schemas->lines, text + line->from);
	text[line->to] = after;
	if (!cfg)
		return false;
	section = cfg_getnsec(cfg, fo_scope_name(FO_LINE), 0);
	if (section)
		take_line(build, line, section);
	else
		build->no_memory = true;
	cfg_free(cfg);
	memset(text + line->from, ' ', line->to - line->from);
	return !build->no_memory;
}

void fo_conf_read(struct fo_build *build, char *text, size_t length)
{
	struct fo_node *before = build->root->last_child, *line;
	struct schemas schemas;
	cfg_t *cfg;

	build->keeps_empty = true;
	fo_conf_scan(build, text, length);
	if (build->no_memory || build->errors_count > FO_ERRORS_MOST)
		return;
	schemas_fill(&schemas);
	line = before ? before->next : build->root->children;
	for (; line; line = line->next) {
		if (!read_line(build, &schemas, line, text))
			return;
	}
	if (build->file)
		return; /* it has lines only */
	cfg = parsed(build, &schemas.global, text);
	if (cfg)
		take_options(build, build->root, cfg);
	cfg_free(cfg);
}
