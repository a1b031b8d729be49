/* SPDX-License-Identifier: MIT */
/* A configuration under construction: sections, keys, values, errors. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"

#define TEXT_SIZE 1024

int fo_build_init(struct fo_build *build)
{
	memset(build, 0, sizeof(*build));
	build->config = fo_config_new();
	build->index = calloc(FO_INDEX_SIZE, sizeof(*build->index));
	if (!build->config || !build->index) {
		fo_build_clear(build);
		return FAILOVER_ERR_MEMORY;
	}
	build->root.scope = FO_GLOBAL;
	build->root.object = build->config;
	return FAILOVER_OK;
}

/* Depth is bounded: the file, its lines, their servers. */
static void nodes_free(struct fo_node *node)
{
	while (node) {
		struct fo_node *next = node->next;

		nodes_free(node->children);
		free(node);
		node = next;
	}
}

void fo_build_clear(struct fo_build *build)
{
	for (size_t i = 0; i < build->errors_count && i < FO_ERRORS_MOST; i++)
		free(build->errors[i].text);
	nodes_free(build->root.children);
	free(build->index);
	failover_config_free(build->config);
	memset(build, 0, sizeof(*build));
}

void fo_build_fault(struct fo_build *build, struct fo_at at, const char *format, ...)
{
	char text[TEXT_SIZE];
	struct fo_error *error;
	va_list args;

	if (build->errors_count++ >= FO_ERRORS_MOST) {
		build->stopped = true; /* enough for a person, and a bound for a hostile file */
		return;
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error = &build->errors[build->errors_count - 1];
	error->at = at;
	error->text = strdup(text);
	if (!error->text)
		build->no_memory = true;
}

/* "line 1: server.backup", "line 1", or "". */
static void node_path(const struct fo_node *node, char *buffer, size_t size)
{
	buffer[0] = '\0';
	if (node->scope == FO_LINE)
		snprintf(buffer, size, "line %s", node->name);
	else if (node->scope != FO_GLOBAL)
		snprintf(buffer, size, "line %s: %s.%s", node->parent->name,
			 fo_scope_name(node->scope), node->name);
}

void fo_build_fault_in(struct fo_build *build, const struct fo_node *node,
		       const struct fo_option *option, struct fo_at at, const char *text)
{
	char path[2 * FO_NAME_MOST + 32];
	const char *glue = "";

	node_path(node, path, sizeof(path));
	if (option && node->scope == FO_LINE)
		glue = ": ";
	else if (option && node->scope != FO_GLOBAL)
		glue = ".";
	fo_build_fault(build, at, "%s%s%s%s%s", path, glue, option ? option->key : "",
		       path[0] || option ? ": " : "", text);
}

void fo_build_unknown(struct fo_build *build, const struct fo_node *node, const char *shown,
		      struct fo_at at)
{
	char text[TEXT_SIZE - 2 * FO_NAME_MOST - 64], quoted[64];
	size_t used;

	fo_text_quote(shown ? shown : "", quoted, sizeof(quoted));
	used = (size_t)snprintf(text, sizeof(text),
				shown ? "unknown key '%s'; accepted:" : "unknown key; accepted:%s",
				quoted);
	for (size_t i = 0; i < fo_options_count; i++) {
		if (fo_option_in(&fo_options[i], node->scope))
			used += (size_t)snprintf(text + used, sizeof(text) - used, " %s,",
						 fo_options[i].key);
	}
	for (int i = FO_LINE; i < FO_SCOPES; i++) {
		enum fo_scope inner;
		const char *keyword = fo_scope_name((enum fo_scope)i);

		if (fo_scope_find(node->scope, keyword, &inner))
			used += (size_t)snprintf(text + used, sizeof(text) - used, " %s,", keyword);
	}
	text[used - 1] = '\0';
	fo_build_fault_in(build, node, NULL, at, text);
}

/* Decimal, 1..FAILOVER_LIMIT_LINES, else 0. */
static uint32_t line_number(const char *name)
{
	uint32_t number = 0;

	if (name[0] == '\0')
		return 0;
	for (; *name; name++) {
		if (*name < '0' || *name > '9')
			return 0;
		number = number * 10 + (uint32_t)(*name - '0');
		if (number > FAILOVER_LIMIT_LINES)
			return 0;
	}
	return number;
}

static bool is_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-";
	size_t length = strlen(name);

	return length > 0 && length <= FO_NAME_MOST && strspn(name, allowed) == length;
}

/* There may be a hundred thousand lines, but few servers and proxies in each. */
static struct fo_node **bucket_of(const struct fo_build *build, const char *name)
{
	return &build->index[line_number(name) % FO_INDEX_SIZE];
}

static struct fo_node *line_find(const struct fo_build *build, const char *name)
{
	struct fo_node *node = *bucket_of(build, name);

	while (node && strcmp(node->name, name) != 0)
		node = node->bucket_next;
	return node;
}

struct fo_node *fo_build_find(const struct fo_build *build, const struct fo_node *parent,
			      enum fo_scope scope, const char *name)
{
	if (scope == FO_LINE)
		return line_find(build, name);
	for (struct fo_node *node = parent->children; node; node = node->next) {
		if (node->scope == scope && strcmp(node->name, name) == 0)
			return node;
	}
	return NULL;
}

/* Room in the configuration for one more line; NULL and a fault, or no memory. */
static void *line_add(struct fo_build *build, const char *name, struct fo_at at)
{
	struct failover_config *config = build->config;
	struct failover_config_line *line;

	if (config->lines_count == FAILOVER_CONFIG_LIMIT_LINES) {
		fo_build_fault(build, at, "too many lines; accepted: %u",
			       FAILOVER_CONFIG_LIMIT_LINES);
		return NULL;
	}
	if (config->lines_count == build->lines_room) {
		size_t room = build->lines_room ? 2 * build->lines_room : 8;
		void *lines = realloc(config->lines, room * sizeof(*config->lines));

		if (!lines) {
			build->no_memory = true;
			return NULL;
		}
		config->lines = lines;
		build->lines_room = room;
	}
	line = fo_config_line_new(line_number(name));
	if (!line) {
		build->no_memory = true;
		return NULL;
	}
	config->lines[config->lines_count++] = line;
	return line;
}

static void *server_add(struct fo_build *build, struct failover_config_line *line, const char *name)
{
	struct failover_config_server *server = &line->servers[line->servers_count];

	server->name = strdup(name);
	if (!server->name || fo_config_initial(FO_SERVER, server)) {
		fo_config_server_clear(server);
		build->no_memory = true;
		return NULL;
	}
	line->servers_count++;
	return server;
}

static void *proxy_add(struct fo_build *build, struct failover_config_line *line, const char *name)
{
	struct failover_config_proxy *proxy = &line->proxies[line->proxies_count];

	proxy->name = strdup(name);
	if (!proxy->name || fo_config_initial(FO_PROXY, proxy)) {
		fo_config_proxy_clear(proxy);
		build->no_memory = true;
		return NULL;
	}
	line->proxies_count++;
	return proxy;
}

static void *object_add(struct fo_build *build, struct fo_node *parent, enum fo_scope scope,
			const char *name, struct fo_at at)
{
	struct failover_config_line *line = parent->object;
	char text[64];

	if (scope == FO_LINE)
		return line_add(build, name, at);
	if (scope == FO_SERVER && line->servers_count < FAILOVER_LIMIT_REGISTRARS)
		return server_add(build, line, name);
	if (scope == FO_PROXY && line->proxies_count < FAILOVER_CONFIG_LIMIT_PROXIES)
		return proxy_add(build, line, name);
	snprintf(text, sizeof(text), "too many of '%s'; accepted: %u", fo_scope_name(scope),
		 scope == FO_SERVER ? FAILOVER_LIMIT_REGISTRARS : FAILOVER_CONFIG_LIMIT_PROXIES);
	fo_build_fault_in(build, parent, NULL, at, text);
	return NULL;
}

/* The name as it is kept: "01" is line 1. False and a fault if it is none. */
static bool section_name(struct fo_build *build, const struct fo_node *parent, enum fo_scope scope,
			 const char **name, struct fo_at at)
{
	char quoted[64], text[160];

	if (scope == FO_LINE ? line_number(*name) > 0 : is_name(*name)) {
		while (scope == FO_LINE && **name == '0')
			(*name)++;
		return true;
	}
	fo_text_quote(*name, quoted, sizeof(quoted));
	if (scope == FO_LINE)
		snprintf(text, sizeof(text), "'%s' is no line number; accepted: 1..%u", quoted,
			 FAILOVER_LIMIT_LINES);
	else
		snprintf(text, sizeof(text),
			 "'%s' is no name; accepted: primary, backup, other names of A-Z a-z 0-9 _ "
			 "-",
			 quoted);
	fo_build_fault_in(build, parent, NULL, at, text);
	return false;
}

static void node_link(struct fo_build *build, struct fo_node *parent, struct fo_node *node)
{
	node->parent = parent;
	if (parent->last_child)
		parent->last_child->next = node;
	else
		parent->children = node;
	parent->last_child = node;
	if (node->scope == FO_LINE) {
		struct fo_node **bucket = bucket_of(build, node->name);

		node->bucket_next = *bucket;
		*bucket = node;
	}
}

struct fo_node *fo_build_section(struct fo_build *build, struct fo_node *parent,
				 enum fo_scope scope, const char *name, struct fo_at at)
{
	struct fo_node *node;
	void *object;

	if (!section_name(build, parent, scope, &name, at))
		return NULL;
	node = fo_build_find(build, parent, scope, name);
	if (node) {
		char text[FO_NAME_MOST + 64];

		snprintf(text, sizeof(text),
			 "%s %s is given twice, first in line %" PRIu32 " of the file",
			 fo_scope_name(scope), name, node->at.line);
		fo_build_fault_in(build, parent, NULL, at, text);
		return NULL;
	}
	object = object_add(build, parent, scope, name, at);
	if (!object)
		return NULL;
	node = calloc(1, sizeof(*node));
	if (!node) {
		build->no_memory = true;
		return NULL;
	}
	node->scope = scope;
	node->object = object;
	node->at = at;
	snprintf(node->name, sizeof(node->name), "%s", name);
	node_link(build, parent, node);
	return node;
}

bool fo_build_claim(struct fo_build *build, struct fo_node *node, const struct fo_option *option,
		    struct fo_at at)
{
	struct fo_at *where = &node->where[fo_option_index(option)];
	char text[64];

	if (where->line) {
		snprintf(text, sizeof(text), "given twice, first in line %" PRIu32 " of the file",
			 where->line);
		fo_build_fault_in(build, node, option, at, text);
		return false;
	}
	*where = at;
	return true;
}

void fo_build_value(struct fo_build *build, struct fo_node *node, const struct fo_option *option,
		    const struct fo_words *words, struct fo_at at)
{
	void *field = fo_option_field(option, node->scope, node->object);
	char why[512];
	int error = fo_value_set(option, field, words, why, sizeof(why));

	if (error == FAILOVER_ERR_MEMORY) {
		build->no_memory = true;
	} else if (error) {
		node->bad |= UINT64_C(1) << fo_option_index(option);
		fo_build_fault_in(build, node, option, at, why);
	} else if (option->set_offset) {
		*(uint32_t *)((char *)node->object + option->set_offset) = 1;
	}
}
