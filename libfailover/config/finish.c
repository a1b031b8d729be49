/* SPDX-License-Identifier: MIT */
/* The end of reading: checks over the whole file, inherited values, order, report. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "file.h"

/* Not set, or set to nothing: a template may hold an empty backup. */
static const char *node_address(const struct fo_node *node)
{
	const struct fo_option *option = fo_option_find(node->scope, "address");

	return *(char *const *)fo_option_value(option, node->scope, node->object);
}

/* A value that was refused counts: it has had its error. */
static bool has_address(const struct fo_node *node)
{
	const struct fo_option *option = fo_option_find(node->scope, "address");

	return node_address(node)[0] || fo_option_set_has(&node->bad, option);
}

static bool has_primary(const struct fo_node *line, enum fo_scope scope)
{
	for (const struct fo_node *node = line->children; node; node = node->next) {
		if (node->scope == scope && strcmp(node->name, "primary") == 0)
			return has_address(node);
	}
	return false;
}

/* Servers or proxies of a line. False when one of them stands without a primary one. */
static bool check_order(struct fo_build *build, const struct fo_node *line, enum fo_scope scope)
{
	const struct fo_option *address = fo_option_find(scope, "address");
	static const struct fo_why missing = {
		{ "missing; accepted: IPv4 address, IPv6 address, domain name",
		  "没有填写；可接受：IPv4 地址、IPv6 地址、域名" }
	};
	static const struct fo_why no_primary[] = {
		{ { "there is no primary server; set server.primary.address",
		    "没有主服务器；请填写 SIP 服务器 1 的服务器地址" } },
		{ { "there is no primary proxy; set proxy.primary.address",
		    "没有主代理；请填写 SIP代理服务器地址" } },
	};
	bool primary = has_primary(line, scope), good = true;

	for (const struct fo_node *node = line->children; node; node = node->next) {
		if (node->scope != scope)
			continue;
		if (!fo_node_gives(node, address)) {
			fo_build_fault_both(build, node, address, node->at, &missing);
			good = false;
		} else if (!primary && has_address(node)) {
			fo_build_fault_both(build, node, NULL, node->at,
					    &no_primary[scope == FO_PROXY]);
			good = false;
		}
	}
	return good;
}

/* The engine's own condition; RFC 3261 17.1.2.1 needs it too. */
static void check_timers(struct fo_build *build, struct fo_node *node)
{
	const struct failover_config_line *line = node->object;
	const struct fo_option *t1 = fo_option_find(FO_LINE, "t1");
	const struct fo_option *t2 = fo_option_find(FO_LINE, "t2");
	struct fo_why why;

	if (line->settings.t2_ms >= line->settings.t1_ms || fo_option_set_has(&node->bad, t1) ||
	    fo_option_set_has(&node->bad, t2))
		return;
	fo_why_print(&why, FO_ENGLISH, "is less than t1; accepted: at least %" PRIu32 " ms",
		     line->settings.t1_ms);
	fo_why_print(&why, FO_CHINESE, "小于定时器 T1；可接受：至少 %" PRIu32 " 毫秒",
		     line->settings.t1_ms);
	fo_build_fault_both(build, node, t2,
			    *fo_node_where(node, fo_node_gives(node, t2) ? t2 : t1), &why);
}

static void check_line(struct fo_build *build, struct fo_node *node)
{
	static const struct fo_why no_server = {
		{ "enabled without a primary server; set server.primary.address, or enable to "
		  "false",
		  "已启用，但没有主服务器；请填写 SIP 服务器 1 的服务器地址，或关闭“启用”" }
	};
	const struct failover_config_line *line = node->object;
	bool good = check_order(build, node, FO_SERVER);

	check_order(build, node, FO_PROXY);
	check_timers(build, node);
	if (good && line->enable && !has_primary(node, FO_SERVER))
		fo_build_fault_both(build, node, NULL, node->at, &no_server);
}

/* B29 */
static void take_profile(struct fo_build *build, const struct fo_node *node,
			 const struct fo_option *option, uint32_t profile)
{
	if (fo_value_set_profile(option, profile,
				 fo_option_field(option, node->scope, node->object)))
		build->no_memory = true;
}

/* Does the file say it for all lines? The profile is never unsaid: it is the build's then. */
static bool is_for_all(const struct fo_build *build, const struct fo_option *option)
{
	if (!fo_option_in(option, FO_GLOBAL))
		return false;
	return option->type == FO_TYPE_PROFILE || fo_node_gives(build->root, option);
}

/* What the line does not say, the file says for all lines; what that does not say, the profile. */
static void inherit(struct fo_build *build, struct fo_node *node)
{
	const struct failover_config_line *line = node->object;

	/* The profile is the first of them. */
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];
		void *field = fo_option_field(option, FO_LINE, node->object);

		if (!fo_option_in(option, FO_LINE) || fo_node_gives(node, option))
			continue;
		if (is_for_all(build, option))
			memcpy(field, fo_option_value(option, FO_GLOBAL, build->config),
			       sizeof(uint32_t));
		else
			take_profile(build, node, option, line->settings.profile);
	}
}

static void inherit_global(struct fo_build *build)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];

		if (fo_option_in(option, FO_GLOBAL) && fo_option_in(option, FO_LINE) &&
		    !fo_node_gives(build->root, option))
			take_profile(build, build->root, option, build->config->profile);
	}
}

/* B39: equal texts have equal numbers, also those of the next reading of the file. */
static uint32_t group_number(const char *text)
{
	uint64_t hash = fo_hash(FO_HASH_START, text, strlen(text));
	uint32_t number = (uint32_t)(hash ^ hash >> 32);

	return !*text ? 0 : number ? number : 1;
}

/* Primary, backup, then the others as the file has them. */
static int rank(const char *name)
{
	if (strcmp(name, "primary") == 0)
		return 0;
	return strcmp(name, "backup") == 0 ? 1 : 2;
}

static void order_servers(struct failover_config_line *line)
{
	struct failover_config_server moving;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < line->servers_count; i++) {
		uint32_t to = kept;

		moving = line->servers[i];
		memset(&line->servers[i], 0, sizeof(moving));
		if (!moving.address[0]) {
			fo_config_server_clear(&moving);
			continue;
		}
		for (; to > 0 && rank(line->servers[to - 1].name) > rank(moving.name); to--)
			line->servers[to] = line->servers[to - 1];
		line->servers[to] = moving;
		kept++;
	}
	line->servers_count = kept;
}

static void order_proxies(struct failover_config_line *line)
{
	struct failover_config_proxy moving;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < line->proxies_count; i++) {
		uint32_t to = kept;

		moving = line->proxies[i];
		memset(&line->proxies[i], 0, sizeof(moving));
		if (!moving.address[0]) {
			fo_config_proxy_clear(&moving);
			continue;
		}
		for (; to > 0 && rank(line->proxies[to - 1].name) > rank(moving.name); to--)
			line->proxies[to] = line->proxies[to - 1];
		line->proxies[to] = moving;
		kept++;
	}
	line->proxies_count = kept;
}

void fo_build_finish(struct fo_build *build)
{
	inherit_global(build);
	for (struct fo_node *node = build->root->children; node; node = node->next) {
		inherit(build, node);
		check_line(build, node);
	}
	if (build->errors_count)
		return;
	for (uint32_t i = 0; i < build->config->lines_count; i++) {
		struct failover_config_line *line = build->config->lines[i];

		line->settings.group = group_number(line->group);
		order_servers(line);
		order_proxies(line);
	}
}

static bool is_behind(const struct fo_error *a, const struct fo_error *b)
{
	if (a->file != b->file)
		return a->file > b->file;
	if (a->at.line != b->at.line)
		return a->at.line > b->at.line;
	return a->at.column > b->at.column;
}

static void sort_errors(struct fo_error *errors, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct fo_error moving = errors[i];
		size_t to = i;

		for (; to > 0 && is_behind(&errors[to - 1], &moving); to--)
			errors[to] = errors[to - 1];
		errors[to] = moving;
	}
}

static void report_errors(struct fo_build *build, const char *file, failover_config_report *report,
			  void *user)
{
	size_t kept = build->errors_count < FO_ERRORS_MOST ? build->errors_count : FO_ERRORS_MOST;

	sort_errors(build->errors, kept);
	for (size_t i = 0; i < kept; i++) {
		const struct fo_error *error = &build->errors[i];
		const char *name = error->file ? build->names[error->file] : file;
		struct failover_config_error out = { .file = name,
						     .line = error->at.line,
						     .column = error->at.column,
						     .text = error->text,
						     .path = error->path,
						     .text_zh = error->text_zh };

		report(user, &out);
	}
	if (kept < build->errors_count) {
		struct failover_config_error out = { .file = file,
						     .text = "there are more errors than these",
						     .text_zh = "还有更多错误" };

		report(user, &out);
	}
}

int fo_build_result(struct fo_build *build, const char *file, failover_config_report *report,
		    void *user, struct failover_config **config)
{
	if (build->no_memory)
		return FAILOVER_ERR_MEMORY;
	if (build->errors_count) {
		if (report)
			report_errors(build, file, report, user);
		return FAILOVER_ERR_ARGUMENT;
	}
	*config = build->config;
	build->config = NULL;
	return FAILOVER_OK;
}
