/* SPDX-License-Identifier: MIT */
/* What is accepted and yet hardly meant: one sentence each, for people. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "value.h"

#define PROBE_MS 32000u	    /* a probe of a dead target takes 64*T1, 32 s with the usual T1 */
#define REFRESH_LEAST_S 5u  /* B15: a refresh comes so long before the end, or at nine tenths */
#define LONG_EXPIRES_S 3600 /* how long an idle line may believe in a dead server */
#define TURN_MOST_S 60u	   /* a line that has to wait longer for its turn is long without service */
#define PATIENCE_MS 10000u /* so long people wait for a call to ring */

/* What a line would do, and what that depends on. */
struct plans {
	struct failover_line_settings settings;
	uint32_t servers_count, targets_count;
	uint32_t expires_s[FAILOVER_LIMIT_REGISTRARS];
	uint64_t register_ms; /* until the last target is asked, when all before it are silent (B3)
			       */
	uint64_t second_call_ms; /* until a call goes to the second target */
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
};

struct warnings {
	const struct failover_config *config;
	const struct failover_config_line *line;
	const char *file;
	failover_config_report *report;
	void *user;
	int count;
	struct plans plans; /* of the line before: the lines of a gateway are mostly alike */
};

static void tell(struct warnings *out, const char *what)
{
	char text[640];
	struct failover_config_error warning = { .file = out->file, .text = text };

	snprintf(text, sizeof(text), "warning: %s", what);
	out->count++;
	if (out->report)
		out->report(out->user, &warning);
}

__attribute__((format(printf, 2, 3))) static void warn(struct warnings *out, const char *format,
						       ...)
{
	char text[512];
	va_list args;
	int used = snprintf(text, sizeof(text), "line %" PRIu32 ": ", out->line->number);

	va_start(args, format);
	vsnprintf(text + used, sizeof(text) - (size_t)used, format, args);
	va_end(args);
	tell(out, text);
}

static uint32_t port_of(uint32_t port, uint32_t transport)
{
	if (port)
		return port;
	return transport == FAILOVER_TLS ? 5061 : 5060;
}

static uint32_t targets_at_least(const struct failover_config_line *line)
{
	return line->servers_count * (line->proxies_count ? line->proxies_count : 1);
}

static bool is_numeric(const char *address)
{
	struct in6_addr binary;
	char plain[INET6_ADDRSTRLEN];
	size_t length = strcspn(address, "%");

	if (length >= sizeof(plain))
		return false;
	memcpy(plain, address, length);
	plain[length] = '\0';
	return inet_pton(AF_INET, plain, &binary) == 1 || inet_pton(AF_INET6, plain, &binary) == 1;
}

/* A name may stand for many targets. */
static bool may_move(const struct failover_config_line *line)
{
	bool numeric = true;

	for (uint32_t i = 0; i < line->servers_count; i++)
		numeric = numeric && is_numeric(line->servers[i].address);
	for (uint32_t i = 0; i < line->proxies_count; i++)
		numeric = numeric && is_numeric(line->proxies[i].address);
	return !numeric || targets_at_least(line) > 1;
}

/* ---- servers and proxies -------------------------------------------------------------------- */

static void warn_server_pair(struct warnings *out, const struct failover_config_server *a,
			     const struct failover_config_server *b)
{
	if (strcasecmp(a->address, b->address) != 0)
		return;
	if (a->transport == b->transport &&
	    port_of(a->port, a->transport) == port_of(b->port, b->transport))
		warn(out, "server.%s is the same as server.%s: it backs up nothing", b->name,
		     a->name);
	else
		warn(out,
		     "server.%s is at the %s of server.%s: what takes one machine away takes both",
		     b->name, is_numeric(b->address) ? "address" : "name", a->name);
}

static void warn_same_server(struct warnings *out)
{
	const struct failover_config_line *line = out->line;

	for (uint32_t i = 0; i < line->servers_count; i++)
		for (uint32_t k = i + 1; k < line->servers_count; k++)
			warn_server_pair(out, &line->servers[i], &line->servers[k]);
}

/* The server that this realm, or what follows an @ in a user, belongs to alone; NULL = to none, or
 * to all. */
static const struct failover_config_server *only_server(const struct failover_config_line *line,
							const char *domain)
{
	const struct failover_config_server *found = NULL;
	uint32_t others = 0;

	for (uint32_t i = 0; i < line->servers_count; i++) {
		if (strcasecmp(line->servers[i].address, domain) == 0)
			found = &line->servers[i];
		else
			others++;
	}
	return others ? found : NULL;
}

/* Digest names a realm, and some providers want it in the user: another server has another one. */
static void warn_credentials(struct warnings *out)
{
	const struct failover_config_line *line = out->line;
	const char *at = strchr(line->auth_user, '@');
	const struct failover_config_server *server = only_server(line, line->realm);

	if (server)
		warn(out,
		     "realm is the name of server.%s: a server with another realm is given no "
		     "credentials",
		     server->name);
	server = at ? only_server(line, at + 1) : NULL;
	if (server)
		warn(out, "auth_user is one of server.%s: another server may not know it",
		     server->name);
}

static void warn_same_proxy(struct warnings *out)
{
	const struct failover_config_line *line = out->line;

	for (uint32_t i = 0; i < line->proxies_count; i++) {
		for (uint32_t k = i + 1; k < line->proxies_count; k++) {
			const struct failover_config_proxy *a = &line->proxies[i];
			const struct failover_config_proxy *b = &line->proxies[k];

			if (strcasecmp(a->address, b->address) == 0 &&
			    a->transport_set == b->transport_set && a->transport == b->transport &&
			    port_of(a->port, a->transport) == port_of(b->port, b->transport))
				warn(out, "proxy.%s is the same as proxy.%s: it backs up nothing",
				     b->name, a->name);
		}
	}
}

static void warn_one_proxy(struct warnings *out)
{
	if (out->line->servers_count > 1 && out->line->proxies_count == 1)
		warn(out,
		     "%" PRIu32 " servers behind one proxy: when proxy.%s fails, none of them can "
		     "be reached",
		     out->line->servers_count, out->line->proxies[0].name);
}

static void warn_tls(struct warnings *out, const char *scope, const char *name, const char *address,
		     uint32_t transport)
{
	if (transport != FAILOVER_TLS || !out->config->tls_verify || out->config->tls_ca_file[0] ||
	    !is_numeric(address))
		return;
	warn(out,
	     "%s.%s: TLS to the address %s without tls_ca_file: certificates of public authorities "
	     "name no addresses, so it will be refused",
	     scope, name, address);
}

static void warn_tls_to_address(struct warnings *out)
{
	const struct failover_config_line *line = out->line;
	bool tls = false;

	for (uint32_t i = 0; i < line->servers_count; i++) {
		const struct failover_config_server *server = &line->servers[i];

		tls = tls || server->transport == FAILOVER_TLS;
		if (line->proxies_count == 0)
			warn_tls(out, "server", server->name, server->address, server->transport);
	}
	for (uint32_t i = 0; i < line->proxies_count; i++) {
		const struct failover_config_proxy *proxy = &line->proxies[i];
		uint32_t transport = proxy->transport;

		if (!proxy->transport_set)
			transport = tls ? FAILOVER_TLS : FAILOVER_UDP;
		warn_tls(out, "proxy", proxy->name, proxy->address, transport);
	}
}

/* ---- times ---------------------------------------------------------------------------------- */

static void warn_failback(struct warnings *out)
{
	const struct failover_line_settings *is = &out->line->settings;

	if (!may_move(out->line))
		return;
	if (!is->failback && !is->signal_failback)
		warn(out, "failback is off: nothing brings the line back to its primary server");
	if (is->failback && is->failback_interval_s * 1000 < PROBE_MS)
		warn(out, "failback_interval is %" PRIu32 " s: a probe of a dead server takes 32 s",
		     is->failback_interval_s);
	if (!is->failback && (is->failback_successes > 1 || is->failback_hold_s))
		warn(out, "failback is off, so failback_successes and failback_hold do nothing");
	if (is->failback_growth > 1 && !is->failback_hold_s)
		warn(out, "failback_growth does nothing while failback_hold is 0");
}

/* Names stand for one target each, as many more as there may be. */
static void plans_begin(const struct failover_config_line *line, struct plans *out)
{
	int count = failover_config_targets(line, failover_config_stand_in, NULL, out->targets,
					    FAILOVER_LIMIT_TARGETS);

	memset(out, 0, offsetof(struct plans, targets));
	out->settings = line->settings;
	out->servers_count = line->servers_count;
	out->targets_count = count > 0 ? (uint32_t)count : 0;
	for (uint32_t i = 0; i < line->servers_count; i++)
		out->expires_s[i] = line->servers[i].expires_s;
}

static bool plans_same(const struct plans *a, const struct plans *b)
{
	return memcmp(a, b, offsetof(struct plans, register_ms)) == 0 &&
	       memcmp(a->targets, b->targets, a->targets_count * sizeof(a->targets[0])) == 0;
}

/* With less than two targets there is nothing to plan. */
static const struct plans *plans_of_line(struct warnings *out)
{
	struct failover_plan_step steps[2] = { 0 };
	struct failover_plan to_register = { .size = sizeof(to_register) };
	struct failover_plan to_call = { .size = sizeof(to_call), .steps_max = 2, .steps = steps };
	struct plans plans;

	plans_begin(out->line, &plans);
	if (plans_same(&plans, &out->plans))
		return &out->plans;
	if (plans.targets_count >= 2) {
		if (failover_config_plan(out->line, plans.targets, plans.targets_count,
					 FAILOVER_REGISTER, &to_register) == 0)
			plans.register_ms = to_register.service_ms;
		if (failover_config_plan(out->line, plans.targets, plans.targets_count,
					 FAILOVER_INVITE, &to_call) == 0)
			plans.second_call_ms = steps[1].at_ms;
	}
	out->plans = plans;
	return &out->plans;
}

/* A person who hears nothing hangs up. */
static void warn_patience(struct warnings *out)
{
	const struct failover_line_settings *is = &out->line->settings;
	uint32_t profile = is->profile ? is->profile : failover_profile_default();
	uint64_t second_ms = plans_of_line(out)->second_call_ms;
	const char *key = is->invite_retry_counts ? "invite_retry_counts" : "signal_retry_counts";

	if (profile == FAILOVER_PROFILE_V2)
		key = "signal_retry_time";
	else if (profile == FAILOVER_PROFILE_CISCO)
		key = "profile"; /* it counts nothing */
	if (second_ms > PATIENCE_MS)
		warn(out,
		     "%s: a call is tried at the next server only after %g s; people hang up "
		     "before",
		     key, (double)second_ms / 1000.0);
}

/* What is left of a registration when it is refreshed (B15). */
static uint32_t rest_s(uint32_t expires_s)
{
	uint32_t rest = expires_s / 10 > REFRESH_LEAST_S ? expires_s / 10 : REFRESH_LEAST_S;

	return rest > expires_s / 2 ? expires_s / 2 : rest;
}

static void warn_expires(struct warnings *out)
{
	const struct failover_config_line *line = out->line;
	const struct failover_line_settings *is = &line->settings;
	uint64_t walk = plans_of_line(out)->register_ms;

	for (uint32_t i = 0; i < line->servers_count; i++) {
		const struct failover_config_server *server = &line->servers[i];

		if (is->keepalive != FAILOVER_KEEPALIVE_OFF &&
		    server->expires_s < is->keepalive_interval_s)
			warn(out,
			     "server.%s.expires is %" PRIu32 " s, less than the keepalive_interval "
			     "of %" PRIu32 " s",
			     server->name, server->expires_s, is->keepalive_interval_s);
		if (rest_s(server->expires_s) * UINT64_C(1000) < walk)
			warn(out,
			     "server.%s.expires is %" PRIu32 " s: the registration ends before the "
			     "last of %" PRIu32 " targets is asked, %" PRIu64 " ms after a refresh "
			     "begins",
			     server->name, server->expires_s, targets_at_least(line), walk);
		if (is->keepalive == FAILOVER_KEEPALIVE_OFF && server->expires_s >= LONG_EXPIRES_S)
			warn(out,
			     "keepalive is off and server.%s.expires is %" PRIu32
			     " s: an idle line "
			     "notices a dead server only then",
			     server->name, server->expires_s);
	}
}

/* ---- users ---------------------------------------------------------------------------------- */

static void warn_user_part(struct warnings *out, const char *key, const char *user)
{
	char quoted[64];

	if (!strchr(user, '@') && !strchr(user, ' ') && strncasecmp(user, "sip:", 4) != 0 &&
	    strncasecmp(user, "sips:", 5) != 0)
		return;
	fo_text_quote(user, quoted, sizeof(quoted));
	warn(out, "%s '%s' is no user part: it has a scheme, an @ or a blank", key, quoted);
}

static void warn_users(struct warnings *out)
{
	const struct failover_config_texts *more = &out->line->incoming_users;

	warn_user_part(out, "user", out->line->user);
	for (uint32_t i = 0; i < more->count; i++)
		warn_user_part(out, "incoming_user", more->text[i]);
}

/* As failover.subscription/1 has it: PACKAGE, or PACKAGE;target=USER. */
static int is_subscription(const char *text)
{
	size_t package = strcspn(text, "; \t\"<>@:,");

	if (!package || !text[package])
		return package != 0;
	return strncasecmp(text + package, ";target=", 8) == 0 && text[package + 8] &&
	       !strpbrk(text + package + 8, " \t\"<>");
}

static void warn_subscriptions(struct warnings *out)
{
	const struct failover_config_texts *texts = &out->line->subscribe;
	char quoted[64];

	for (uint32_t i = 0; i < texts->count; i++) {
		if (is_subscription(texts->text[i]))
			continue;
		fo_text_quote(texts->text[i], quoted, sizeof(quoted));
		warn(out,
		     "subscribe '%s' is no event package with or without ;target=USER: the line "
		     "subscribes to nothing",
		     quoted);
	}
}

static void warn_emergency(struct warnings *out)
{
	const struct failover_config_texts *texts = &out->line->emergency;
	char quoted[64];

	for (uint32_t i = 0; i < texts->count; i++) {
		const char *text = texts->text[i];

		if (!strncasecmp(text, "urn:service:", 12)
			    ? !strchr(text, ' ')
			    : !text[strspn(text, "+*#0123456789-.()")])
			continue;
		fo_text_quote(text, quoted, sizeof(quoted));
		warn(out, "emergency '%s' is neither a number nor a service (urn:service:sos)",
		     quoted);
	}
}

/* A line's registration at one of its servers. */
struct binding {
	const struct failover_config_line *line;
	const struct failover_config_server *server;
};

static int compare_bindings(const void *a, const void *b)
{
	const struct binding *x = a, *y = b;
	uint32_t left = port_of(x->server->port, x->server->transport);
	uint32_t right = port_of(y->server->port, y->server->transport);
	int order = strcmp(x->line->user, y->line->user);

	if (order == 0)
		order = strcasecmp(x->server->address, y->server->address);
	if (order == 0)
		order = (left > right) - (left < right);
	return order;
}

static int compare_in_file(const void *a, const void *b)
{
	int order = compare_bindings(a, b);
	const struct binding *x = a, *y = b;

	if (order == 0)
		order = (x->line->number > y->line->number) - (x->line->number < y->line->number);
	return order;
}

static size_t bindings_fill(const struct failover_config *config, struct binding *out)
{
	size_t count = 0;

	for (uint32_t i = 0; i < config->lines_count; i++) {
		const struct failover_config_line *line = config->lines[i];

		for (uint32_t k = 0; k < line->servers_count && line->enable && line->user[0]; k++)
			out[count++] = (struct binding){ line, &line->servers[k] };
	}
	return count;
}

/* Two registrations of one user at one server: each replaces the other, or both ring. */
static int warn_same_user(struct warnings *out)
{
	const struct failover_config *config = out->config;
	const struct failover_config_line *told = NULL;
	struct binding *all =
		calloc((size_t)config->lines_count * FAILOVER_LIMIT_REGISTRARS + 1, sizeof(*all));
	size_t count;

	if (!all)
		return FAILOVER_ERR_MEMORY;
	count = bindings_fill(config, all);
	qsort(all, count, sizeof(*all), compare_in_file);
	for (size_t i = 1; i < count; i++) {
		if (compare_bindings(&all[i - 1], &all[i]) != 0 || all[i].line == told ||
		    all[i].line == all[i - 1].line)
			continue;
		out->line = told = all[i].line;
		warn(out, "the same user at the same server as line %" PRIu32 ": %s",
		     all[i - 1].line->number, all[i].server->address);
	}
	free(all);
	return FAILOVER_OK;
}

/* Each waits for those before it (B14a). */
static void warn_moves(struct warnings *out)
{
	uint32_t limit = out->config->moves_per_second, lines = 0;
	char text[160];

	for (uint32_t i = 0; i < out->config->lines_count; i++)
		lines += out->config->lines[i]->enable != 0;
	if (!limit || lines / limit < TURN_MOST_S)
		return;
	snprintf(text, sizeof(text),
		 "moves_per_second: when a server fails, the last of %" PRIu32
		 " lines moves %" PRIu32 " s after the first",
		 lines, lines / limit);
	tell(out, text);
}

int failover_config_warn(const struct failover_config *config, const char *file,
			 failover_config_report *report, void *user)
{
	static void (*const checks[])(struct warnings * out) = {
		warn_same_server, warn_same_proxy,    warn_one_proxy, warn_tls_to_address,
		warn_credentials, warn_failback,      warn_expires,   warn_patience,
		warn_users,	  warn_subscriptions, warn_emergency,
	};
	struct warnings out = { .config = config, .file = file, .report = report, .user = user };
	int error;

	for (uint32_t i = 0; i < config->empty.count; i++)
		tell(&out, config->empty.text[i]);
	for (uint32_t i = 0; i < config->lines_count; i++) {
		out.line = config->lines[i];
		for (size_t k = 0; out.line->enable && k < sizeof(checks) / sizeof(checks[0]); k++)
			checks[k](&out);
	}
	warn_moves(&out);
	error = warn_same_user(&out);
	return error ? error : out.count;
}
