/* SPDX-License-Identifier: MIT */
/* The end of reading: checks over the whole file, inherited values, order, report. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "build.h"

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

	return node_address(node)[0] || (node->bad >> fo_option_index(option) & 1);
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
	const char *text = scope == FO_SERVER ? "there is no primary server; set "
						"server.primary.address"
					      : "there is no primary proxy; set "
						"proxy.primary.address";
	bool primary = has_primary(line, scope), good = true;

	for (const struct fo_node *node = line->children; node; node = node->next) {
		if (node->scope != scope)
			continue;
		if (!node->where[fo_option_index(address)].line) {
			fo_build_fault_in(build, node, address, node->at,
					  "missing; accepted: IPv4 address, IPv6 address, domain "
					  "name");
			good = false;
		} else if (!primary && has_address(node)) {
			fo_build_fault_in(build, node, NULL, node->at, text);
			good = false;
		}
	}
	return good;
}

/* The engine's own condition; RFC 3261 17.1.2.1 needs it too. */
static void check_timers(struct fo_build *build, const struct fo_node *node)
{
	const struct failover_config_line *line = node->object;
	const struct fo_option *t1 = fo_option_find(FO_LINE, "t1");
	const struct fo_option *t2 = fo_option_find(FO_LINE, "t2");
	size_t i = fo_option_index(t1), k = fo_option_index(t2);
	char text[64];

	if (line->settings.t2_ms >= line->settings.t1_ms || ((node->bad >> i | node->bad >> k) & 1))
		return;
	snprintf(text, sizeof(text), "is less than t1; accepted: at least %" PRIu32 " ms",
		 line->settings.t1_ms);
	fo_build_fault_in(build, node, t2, node->where[node->where[k].line ? k : i], text);
}

static void check_line(struct fo_build *build, const struct fo_node *node)
{
	const struct failover_config_line *line = node->object;
	bool good = check_order(build, node, FO_SERVER);

	check_order(build, node, FO_PROXY);
	check_timers(build, node);
	if (good && line->enable && !has_primary(node, FO_SERVER))
		fo_build_fault_in(build, node, NULL, node->at,
				  "enabled without a primary server; set server.primary.address, "
				  "or enable to false");
}

/* What the line does not say, the file's global value says. */
static void inherit(const struct failover_config *config, struct fo_node *node)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];

		if (!fo_option_in(option, FO_GLOBAL) || !fo_option_in(option, FO_LINE))
			continue;
		if (!node->where[i].line)
			*(uint32_t *)fo_option_field(option, FO_LINE, node->object) =
				*(const uint32_t *)fo_option_value(option, FO_GLOBAL, config);
	}
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
	for (struct fo_node *node = build->root.children; node; node = node->next) {
		check_line(build, node);
		inherit(build->config, node);
	}
	if (build->errors_count)
		return;
	for (uint32_t i = 0; i < build->config->lines_count; i++) {
		order_servers(build->config->lines[i]);
		order_proxies(build->config->lines[i]);
	}
}

static void sort_errors(struct fo_error *errors, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct fo_error moving = errors[i];
		size_t to = i;

		for (; to > 0 && (errors[to - 1].at.line > moving.at.line ||
				  (errors[to - 1].at.line == moving.at.line &&
				   errors[to - 1].at.column > moving.at.column));
		     to--)
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
		struct failover_config_error out = { .file = file,
						     .line = error->at.line,
						     .column = error->at.column,
						     .text = error->text };

		report(user, &out);
	}
	if (kept < build->errors_count) {
		struct failover_config_error out = { .file = file,
						     .text = "there are more errors than these" };

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
