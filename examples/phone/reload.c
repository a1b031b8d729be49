/* SPDX-License-Identifier: MIT */
/*
 * reload.c - reads the configuration, at the start and again. A new configuration is planned as a
 * whole, names resolved, before anything of it takes effect.
 */
#include "phone.h"

#include "resolve.h"

#include <stdlib.h>
#include <string.h>

static void on_config_error(void *user, const struct failover_config_error *error)
{
	*(int *)user = 1;
	fputs(error->file, stderr);
	if (error->line)
		fprintf(stderr, ":%u", (unsigned)error->line);
	if (error->line && error->column)
		fprintf(stderr, ":%u", (unsigned)error->column);
	fprintf(stderr, ": %s\n", error->text);
}

int phone_config_load(struct phone *phone, struct failover_config **config)
{
	int told = 0;
	int error = failover_config_read(phone->options.config, on_config_error, &told, config);

	if (error != 0 && !told)
		fprintf(stderr, "failover-phone: %s: %s\n", phone->options.config,
			failover_strerror(error));
	return error;
}

/* One plan for each line; a disabled line and one without any address has no targets. */
static struct phone_line_plan *plans_new(const struct failover_config *config)
{
	struct phone_line_plan *plans = calloc(config->lines_count + 1u, sizeof(*plans));

	for (uint32_t i = 0; plans && i < config->lines_count; i++) {
		struct phone_line_plan *plan = &plans[i];
		int count = 0;

		plan->config = config->lines[i];
		if (plan->config->enable)
			count = failover_config_targets(plan->config, phone_resolve, NULL,
							plan->targets, FAILOVER_LIMIT_TARGETS);
		plan->targets_count = count > 0 ? (uint32_t)count : 0;
	}
	return plans;
}

static void line_error_say(const struct failover_config_line *config, const char *why)
{
	fprintf(stderr, "failover-phone: line %u: %s\n", (unsigned)config->number, why);
}

static void line_start(struct phone *phone, const struct phone_line_plan *plan)
{
	int error;

	if (!plan->config->enable)
		return;
	if (plan->targets_count == 0) {
		line_error_say(plan->config, "no address of a server found; `reload` tries again");
		return;
	}
	error = phone_line_add(phone, plan);
	if (error != 0)
		line_error_say(plan->config, failover_strerror(error));
}

int phone_config_start(struct phone *phone)
{
	struct phone_line_plan *plans = plans_new(phone->config);

	if (!plans) {
		fputs("failover-phone: no memory\n", stderr);
		return -1;
	}
	for (uint32_t i = 0; i < phone->config->lines_count; i++)
		line_start(phone, &plans[i]);
	free(plans);
	if (phone->lines_by_number.used == 0)
		fputs("failover-phone: no line is in use\n", stderr);
	return 0;
}

static int servers_equal(const struct failover_config_line *a, const struct failover_config_line *b)
{
	if (a->servers_count != b->servers_count)
		return 0;
	for (uint32_t i = 0; i < a->servers_count; i++) {
		const struct failover_config_server *x = &a->servers[i], *y = &b->servers[i];

		if (strcmp(x->name, y->name) != 0 || strcmp(x->address, y->address) != 0 ||
		    x->port != y->port || x->expires_s != y->expires_s ||
		    x->transport != y->transport)
			return 0;
	}
	return 1;
}

static int proxies_equal(const struct failover_config_line *a, const struct failover_config_line *b)
{
	if (a->proxies_count != b->proxies_count)
		return 0;
	for (uint32_t i = 0; i < a->proxies_count; i++) {
		const struct failover_config_proxy *x = &a->proxies[i], *y = &b->proxies[i];

		if (strcmp(x->name, y->name) != 0 || strcmp(x->address, y->address) != 0 ||
		    x->port != y->port || x->transport != y->transport ||
		    x->transport_set != y->transport_set || strcmp(x->user, y->user) != 0 ||
		    strcmp(x->password, y->password) != 0)
			return 0;
	}
	return 1;
}

static int identities_equal(const struct failover_config_line *a,
			    const struct failover_config_line *b)
{
	return strcmp(a->user, b->user) == 0 && strcmp(a->display_name, b->display_name) == 0 &&
	       strcmp(a->domain, b->domain) == 0 && strcmp(a->auth_user, b->auth_user) == 0 &&
	       strcmp(a->auth_password, b->auth_password) == 0 && strcmp(a->realm, b->realm) == 0;
}

/* Settings are whole numbers and bytes without gaps, so they can be compared as memory. */
static int lines_equal(const struct failover_config_line *a, const struct failover_config_line *b)
{
	return identities_equal(a, b) && servers_equal(a, b) && proxies_equal(a, b) &&
	       a->dns_mode == b->dns_mode &&
	       memcmp(&a->settings, &b->settings, sizeof(a->settings)) == 0;
}

/* Say what is wrong with the plan as a whole; returns 0 if nothing is. */
static int plans_refuse(const struct phone *phone, const struct failover_config *config,
			const struct phone_line_plan *plans)
{
	int refused = 0;

	for (uint32_t i = 0; i < config->lines_count; i++) {
		const struct failover_config_line *wanted = plans[i].config;
		const struct phone_line *line =
			phone_map_get(&phone->lines_by_number, wanted->number);

		if (!wanted->enable || plans[i].targets_count > 0)
			continue;
		/* DNS is down: a line that is as before goes on with its addresses (B1b), one that
		 * is not in use stays so. */
		if (!line || lines_equal(line->config, wanted))
			continue;
		line_error_say(wanted, "no address of a server found");
		refused = 1;
	}
	return refused;
}

static void line_apply(struct phone *phone, struct phone_line *line,
		       const struct phone_line_plan *plan)
{
	int error = 0;

	if (!lines_equal(line->config, plan->config))
		error = phone_line_update(phone, line, plan);
	else if (plan->targets_count > 0)
		error = phone_line_retarget(phone, line, plan);
	line->config = plan->config;
	if (error != 0)
		line_error_say(plan->config, failover_strerror(error));
}

static int text_equal(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* What is given to the stack and the engine when they are opened stays until the next start. */
static void fixed_say(const struct failover_config *old, const struct failover_config *config)
{
	if (old->sip_port != config->sip_port || old->shared_health != config->shared_health ||
	    old->accept_from != config->accept_from || !text_equal(old->stack, config->stack) ||
	    !text_equal(old->tls_ca_file, config->tls_ca_file) ||
	    !text_equal(old->tls_cert_file, config->tls_cert_file) ||
	    !text_equal(old->tls_key_file, config->tls_key_file) ||
	    old->tls_verify != config->tls_verify)
		fputs("failover-phone: sip_port, shared_health, accept_from, stack and tls_* "
		      "take effect at the next start\n",
		      stderr);
}

/* Lines that the new configuration has no more, or has switched off. */
static void lines_gone(struct phone *phone, const struct failover_config *config)
{
	struct phone_map wanted = { 0 };
	const struct failover_config *old = phone->config;

	for (uint32_t i = 0; i < config->lines_count; i++) {
		struct failover_config_line *line = config->lines[i];

		/* Without memory to remember it the line would go: rather let all stay. */
		if (line->enable && phone_map_put(&wanted, line->number, line) != 0)
			goto out;
	}
	for (uint32_t i = 0; i < old->lines_count; i++) {
		uint32_t number = old->lines[i]->number;
		struct phone_line *line = phone_map_get(&phone->lines_by_number, number);

		if (line && !phone_map_get(&wanted, number))
			phone_line_leave(phone, line);
	}
out:
	phone_map_clear(&wanted);
}

static void plans_apply(struct phone *phone, struct failover_config *config,
			const struct phone_line_plan *plans)
{
	lines_gone(phone, config);
	for (uint32_t i = 0; i < config->lines_count; i++) {
		struct phone_line *line =
			phone_map_get(&phone->lines_by_number, plans[i].config->number);

		if (line)
			line_apply(phone, line, &plans[i]);
		else
			line_start(phone, &plans[i]);
	}
	fixed_say(phone->config, config);
	failover_config_free(phone->config);
	phone->config = config;
}

void phone_config_reload(struct phone *phone)
{
	struct phone_line_plan *plans;
	struct failover_config *config = NULL;

	if (phone_config_load(phone, &config) != 0) {
		fputs("failover-phone: the configuration stays as it was\n", stderr);
		return;
	}
	plans = plans_new(config);
	if (!plans || plans_refuse(phone, config, plans)) {
		fputs("failover-phone: the configuration stays as it was\n", stderr);
		failover_config_free(config);
	} else {
		plans_apply(phone, config, plans);
		phone_say(&phone->report, phone_now(phone),
			  "configuration read again, lines in use: %u",
			  (unsigned)phone->lines_by_number.used);
	}
	free(plans);
}
