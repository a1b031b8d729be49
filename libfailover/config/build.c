/* SPDX-License-Identifier: MIT */
/* A configuration under construction: sections, keys, values, errors. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "item.h"
#include "path.h"

#define TEXT_SIZE 1024

/* With room for the places of the options that it takes. */
static struct fo_node *node_new(struct fo_build *build, enum fo_scope scope)
{
	size_t first = 0, end = fo_options_count;
	struct fo_node *node;

	while (first < end && !fo_option_in(&fo_options[first], scope))
		first++;
	while (first < end && !fo_option_in(&fo_options[end - 1], scope))
		end--;
	node = fo_arena_take(&build->arena, sizeof(*node) + (end - first) * sizeof(node->where[0]));
	if (node) {
		node->scope = scope;
		node->first = (uint32_t)first;
	}
	return node;
}

int fo_build_init(struct fo_build *build)
{
	memset(build, 0, sizeof(*build));
	build->config = fo_config_new();
	build->index = calloc(FO_INDEX_SIZE, sizeof(*build->index));
	build->root = node_new(build, FO_GLOBAL);
	if (!build->config || !build->index || !build->root) {
		fo_build_clear(build);
		return FAILOVER_ERR_MEMORY;
	}
	build->root->object = build->config;
	return FAILOVER_OK;
}

void fo_build_clear(struct fo_build *build)
{
	for (size_t i = 0; i < build->errors_count && i < FO_ERRORS_MOST; i++) {
		free(build->errors[i].text);
		free(build->errors[i].text_zh);
		free(build->errors[i].path);
	}
	fo_arena_clear(&build->arena);
	free(build->index);
	for (uint32_t i = 1; i < build->names_count; i++)
		free(build->names[i]);
	free(build->names);
	failover_config_free(build->config);
	memset(build, 0, sizeof(*build));
}

/* One more error, or NULL: there are too many, or no memory. */
static struct fo_error *error_add(struct fo_build *build, struct fo_at at, const char *text)
{
	struct fo_error *error;

	if (build->errors_count++ >= FO_ERRORS_MOST) {
		build->stopped = true; /* enough for a person, and a bound for a hostile file */
		return NULL;
	}
	error = &build->errors[build->errors_count - 1];
	error->at = at;
	error->file = build->file;
	error->text = strdup(text);
	if (!error->text)
		build->no_memory = true;
	return error->text ? error : NULL;
}

void fo_build_fault(struct fo_build *build, struct fo_at at, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error_add(build, at, text);
}

/* "line 1: server.backup", "line 1", or ""; in Chinese with the words of a form. */
static void node_title(const struct fo_node *node, enum fo_language language, char *buffer,
		       size_t size)
{
	bool zh = language == FO_CHINESE;
	const char *line = node->scope == FO_LINE ? node->name
			   : node->parent	  ? node->parent->name
						  : "";
	const struct failover_config_group *group;
	char id[FO_NAME_MOST + 16];

	buffer[0] = '\0';
	if (node->scope == FO_GLOBAL)
		return;
	fo_append(buffer, size, zh ? "线路 %s" : "line %s", line);
	if (node->scope == FO_LINE)
		return;
	snprintf(id, sizeof(id), "%s.%s", fo_scope_name(node->scope), node->name);
	group = zh ? fo_group_find(id) : NULL;
	fo_append(buffer, size, zh ? "：%s" : ": %s", group ? group->label_zh : id);
}

/* The whole sentence: section, item, what is wrong. */
static void sentence(const struct fo_node *node, const struct fo_option *option,
		     enum fo_language language, const char *text, char *out)
{
	bool zh = language == FO_CHINESE, in_line = node->scope == FO_LINE;
	const char *colon = zh ? "：" : ": ", *dot = zh || in_line ? colon : ".";
	bool backup = strcmp(node->name, "backup") == 0;

	node_title(node, language, out, TEXT_SIZE);
	if (option)
		fo_append(out, TEXT_SIZE, "%s%s", out[0] ? dot : "",
			  zh ? fo_option_label(option, backup, FO_CHINESE) : option->key);
	fo_append(out, TEXT_SIZE, "%s%s", out[0] ? colon : "", text);
}

/* A copy, or NULL: nothing to copy, or no memory. */
static char *kept(struct fo_build *build, const char *text)
{
	char *copy = text[0] ? strdup(text) : NULL;

	if (text[0] && !copy)
		build->no_memory = true;
	return copy;
}

static void fault_texts(struct fo_build *build, const struct fo_node *node,
			const struct fo_option *option, struct fo_at at,
			const char *const texts[FO_LANGUAGES])
{
	char text[TEXT_SIZE], path[FO_PATH_SIZE];
	struct fo_error *error;

	sentence(node, option, FO_ENGLISH, texts[FO_ENGLISH], text);
	error = error_add(build, at, text);
	if (!error)
		return;
	if (node != build->root)
		error->file = node->file;
	fo_path_write(node, option, path, sizeof(path));
	error->path = kept(build, path);
	if (!texts[FO_CHINESE][0])
		return;
	sentence(node, option, FO_CHINESE, texts[FO_CHINESE], text);
	error->text_zh = kept(build, text);
}

void fo_build_fault_both(struct fo_build *build, const struct fo_node *node,
			 const struct fo_option *option, struct fo_at at, const struct fo_why *why)
{
	const char *const texts[] = { why->text[FO_ENGLISH], why->text[FO_CHINESE] };

	fault_texts(build, node, option, at, texts);
}

void fo_build_fault_in(struct fo_build *build, const struct fo_node *node,
		       const struct fo_option *option, struct fo_at at, const char *text)
{
	const char *const texts[] = { text, "" };

	fault_texts(build, node, option, at, texts);
}

void fo_build_fault_path(struct fo_build *build, const char *path, const struct fo_why *why)
{
	const struct fo_at nowhere = { 0 };
	struct fo_error *error = error_add(build, nowhere, why->text[FO_ENGLISH]);

	if (!error)
		return;
	error->path = kept(build, path);
	error->text_zh = kept(build, why->text[FO_CHINESE]);
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
		if (fo_build_option(build, node, fo_options[i].key) == &fo_options[i])
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

const struct fo_option *fo_build_option(const struct fo_build *build, const struct fo_node *node,
					const char *key)
{
	return node == build->root && build->file ? NULL : fo_option_find(node->scope, key);
}

uint32_t fo_line_number(const char *name)
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

bool fo_name_is_good(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-";
	size_t length = strlen(name);

	return length > 0 && length <= FO_NAME_MOST && strspn(name, allowed) == length;
}

/* There may be a hundred thousand lines, but few servers and proxies in each. */
static struct fo_node **bucket_of(const struct fo_build *build, const char *name)
{
	return &build->index[fo_line_number(name) % FO_INDEX_SIZE];
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
	line = fo_config_line_new(fo_line_number(name));
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
	bool server = scope == FO_SERVER;
	uint32_t most = server ? FAILOVER_LIMIT_REGISTRARS : FAILOVER_CONFIG_LIMIT_PROXIES;
	struct fo_why why;

	if (scope == FO_LINE)
		return line_add(build, name, at);
	if (scope == FO_SERVER && line->servers_count < FAILOVER_LIMIT_REGISTRARS)
		return server_add(build, line, name);
	if (scope == FO_PROXY && line->proxies_count < FAILOVER_CONFIG_LIMIT_PROXIES)
		return proxy_add(build, line, name);
	fo_why_print(&why, FO_ENGLISH, "too many of '%s'; accepted: %" PRIu32, fo_scope_name(scope),
		     most);
	fo_why_print(&why, FO_CHINESE, "%s太多；可接受：%" PRIu32 " 个", server ? "服务器" : "代理",
		     most);
	fo_build_fault_both(build, parent, NULL, at, &why);
	return NULL;
}

/* The name as it is kept: "01" is line 1. False and a fault if it is none. */
static bool section_name(struct fo_build *build, const struct fo_node *parent, enum fo_scope scope,
			 const char **name, struct fo_at at)
{
	char quoted[64], text[160];

	if (scope == FO_LINE ? fo_line_number(*name) > 0 : fo_name_is_good(*name)) {
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
		bool here = node->file == build->file;
		char text[TEXT_SIZE / 2];

		snprintf(text, sizeof(text),
			 "%s %s is given twice, first in line %" PRIu32 " of %s",
			 fo_scope_name(scope), name, node->at.line,
			 here	      ? "the file"
			 : node->file ? build->names[node->file]
				      : "the file that includes this one");
		fo_build_fault_in(build, parent, NULL, at, text);
		return NULL;
	}
	object = object_add(build, parent, scope, name, at);
	if (!object)
		return NULL;
	node = node_new(build, scope);
	if (!node) {
		build->no_memory = true;
		return NULL;
	}
	node->object = object;
	node->at = at;
	node->file = build->file;
	snprintf(node->name, sizeof(node->name), "%s", name);
	node_link(build, parent, node);
	return node;
}

bool fo_build_claim(struct fo_build *build, struct fo_node *node, const struct fo_option *option,
		    struct fo_at at)
{
	struct fo_at *where = fo_node_where(node, option);
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

/* For failover_config_warn(): YAML takes `user: #31#` for a comment. */
static void empty_keep(struct fo_build *build, const struct fo_node *node,
		       const struct fo_option *option)
{
	struct failover_config_texts *empty = &build->config->empty;
	char text[TEXT_SIZE];

	if (empty->count == FO_ERRORS_MOST)
		return;
	if (!empty->text)
		empty->text = calloc(FO_ERRORS_MOST, sizeof(*empty->text));
	sentence(node, option, FO_ENGLISH,
		 "no value is written; one that begins with # needs quotes", text);
	if (empty->text)
		empty->text[empty->count] = strdup(text);
	if (empty->text && empty->text[empty->count])
		empty->count++;
	else
		build->no_memory = true;
}

static bool is_empty(const struct fo_option *option, const struct fo_words *words)
{
	return fo_option_is_text(option) && words->count == 1 && words->word[0][0] == '\0';
}

void fo_build_value(struct fo_build *build, struct fo_node *node, const struct fo_option *option,
		    const struct fo_words *words, struct fo_at at)
{
	void *field = fo_option_field(option, node->scope, node->object);
	struct fo_why why;
	int error = fo_value_set(option, field, words, &why);

	if (error == FAILOVER_ERR_MEMORY) {
		build->no_memory = true;
	} else if (error) {
		fo_option_set_add(&node->bad, option);
		fo_build_fault_both(build, node, option, at, &why);
	} else if (option->set_offset) {
		*(uint32_t *)((char *)node->object + option->set_offset) = 1;
	}
	if (!error && build->keeps_empty && is_empty(option, words))
		empty_keep(build, node, option);
}

void fo_build_unset(struct fo_build *build, struct fo_node *node, const struct fo_option *option)
{
	if (fo_value_set_initial(option, fo_option_field(option, node->scope, node->object)))
		build->no_memory = true;
	if (option->set_offset)
		*(uint32_t *)((char *)node->object + option->set_offset) = 0;
	fo_node_where(node, option)->line = 0;
	fo_option_set_remove(&node->bad, option);
}

/* The servers behind it move up, and the nodes that know them. */
static void object_remove(struct fo_node *node)
{
	struct failover_config_line *line = node->parent->object;
	bool server = node->scope == FO_SERVER;
	size_t each = server ? sizeof(line->servers[0]) : sizeof(line->proxies[0]);
	uint32_t *count = server ? &line->servers_count : &line->proxies_count;
	char *first = server ? (char *)line->servers : (char *)line->proxies;
	char *object = node->object, *end = first + *count * each;

	if (server)
		fo_config_server_clear(node->object);
	else
		fo_config_proxy_clear(node->object);
	memmove(object, object + each, (size_t)(end - object) - each);
	memset(end - each, 0, each);
	(*count)--;
	for (struct fo_node *other = node->parent->children; other; other = other->next) {
		if (other->scope == node->scope && (char *)other->object > object)
			other->object = (char *)other->object - each;
	}
}

static void line_remove(struct fo_build *build, struct fo_node *node)
{
	struct failover_config *config = build->config;
	struct fo_node **at = bucket_of(build, node->name);
	uint32_t i = 0;

	while (*at != node)
		at = &(*at)->bucket_next;
	*at = node->bucket_next;
	while (config->lines[i] != node->object)
		i++;
	fo_config_line_free(config->lines[i]);
	config->lines_count--;
	memmove(&config->lines[i], &config->lines[i + 1],
		(config->lines_count - i) * sizeof(config->lines[0]));
}

void fo_build_remove(struct fo_build *build, struct fo_node *node)
{
	struct fo_node *parent = node->parent, **at = &parent->children, *last = NULL;

	if (node->scope == FO_LINE)
		line_remove(build, node);
	else
		object_remove(node);
	while (*at != node) {
		last = *at;
		at = &(*at)->next;
	}
	*at = node->next;
	if (parent->last_child == node)
		parent->last_child = last;
}
