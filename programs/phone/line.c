/* SPDX-License-Identifier: MIT */
/* line.c - lines: from the configuration to the engine and the plugin. */
#include "phone.h"

#include <stdlib.h>
#include <string.h>

struct phone_line *phone_line_of(const struct phone *phone, uint32_t number)
{
	if (number != 0)
		return phone_map_get(&phone->lines_by_number, number);
	for (uint32_t i = 0; i < phone->config->lines_count; i++) {
		struct phone_line *line =
			phone_map_get(&phone->lines_by_number, phone->config->lines[i]->number);

		if (line)
			return line;
	}
	return NULL;
}

static int text_is_empty(const char *text)
{
	return !text || !*text;
}

static void registrars_fill(const struct failover_config_line *config,
			    struct failover_registrar_identity *out)
{
	for (uint32_t i = 0; i < config->servers_count; i++) {
		out[i] = (struct failover_registrar_identity){
			.size = sizeof(out[i]),
			.port = config->servers[i].port,
			.address = config->servers[i].address,
			.transport = config->servers[i].transport,
		};
	}
}

/* A backup proxy without credentials of its own has those of the primary one. */
static void proxies_fill(const struct failover_config_line *config,
			 struct failover_proxy_identity *out)
{
	for (uint32_t i = 0; i < config->proxies_count; i++) {
		const struct failover_config_proxy *proxy = &config->proxies[i];
		const struct failover_config_proxy *from = proxy;

		if (text_is_empty(proxy->user))
			from = &config->proxies[0];
		out[i] = (struct failover_proxy_identity){
			.size = sizeof(out[i]),
			.port = proxy->port,
			.address = proxy->address,
			.user = from->user,
			.password = from->password,
		};
	}
}

/* Tell the plugin who the line is and whom it belongs to. */
static int plugin_set(struct phone *phone, uint32_t id, const struct phone_line_plan *plan)
{
	const struct failover_config_line *config = plan->config;
	struct failover_registrar_identity registrars[FAILOVER_LIMIT_REGISTRARS];
	struct failover_proxy_identity proxies[FAILOVER_CONFIG_LIMIT_PROXIES];
	struct failover_line_identity identity = {
		.size = sizeof(identity),
		.line = id,
		.user = config->user,
		.display_name = config->display_name,
		.domain = failover_config_domain(config),
		.auth_user = text_is_empty(config->auth_user) ? config->user : config->auth_user,
		.auth_password = config->auth_password,
		.realm = config->realm,
		.registrars = registrars,
		.proxies = proxies,
		.registrars_count = config->servers_count,
		.proxies_count = config->proxies_count,
		.keepalive = config->settings.keepalive,
		.keepalive_interval_s = config->settings.keepalive_interval_s,
		.in_dialog = config->in_dialog,
		.redirect = config->redirect,
		.domain_follows = text_is_empty(config->domain),
		.incoming_users = (const char *const *)config->incoming_users.text,
		.incoming_users_count = config->incoming_users.count,
		.overload_control = config->overload_control,
		.emergency = (const char *const *)config->emergency.text,
		.emergency_count = config->emergency.count,
	};
	int error;

	registrars_fill(config, registrars);
	proxies_fill(config, proxies);
	error = phone->ext_line->line_set(phone->inst, &identity);
	if (error != 0)
		return error;
	error = phone->ext_line->line_targets(phone->inst, id, plan->targets, plan->targets_count);
	if (error == 0)
		phone_subscriptions_set(phone, id, config);
	return error;
}

/* An address may be replaced while requests still name it. */
static uint32_t targets_room(const struct phone_line_plan *plan)
{
	uint32_t twice = 2 * plan->targets_count;

	return twice < FAILOVER_LIMIT_TARGETS ? twice : FAILOVER_LIMIT_TARGETS;
}

/* A line is as small as it can be: there may be a hundred thousand. */
static void params_fill(const struct phone_line_plan *plan, uint32_t *expires_s,
			struct failover_line_params *out)
{
	const struct failover_config_line *config = plan->config;

	for (uint32_t i = 0; i < config->servers_count; i++)
		expires_s[i] = config->servers[i].expires_s;
	*out = (struct failover_line_params){
		.size = sizeof(*out),
		.registrars = config->servers_count,
		.max_targets = targets_room(plan),
		.max_requests = PHONE_REQUESTS_FIRST,
		.targets_count = plan->targets_count,
		.targets = plan->targets,
		.expires_s = expires_s,
		.settings = config->settings,
	};
}

static struct phone_line *line_new(struct phone *phone, uint32_t number, uint32_t id)
{
	struct phone_line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->number = number;
	line->id = id;
	line->requests_max = PHONE_REQUESTS_FIRST;
	TAILQ_INIT(&line->calls);
	if (phone_map_put(&phone->lines_by_id, id, line) == 0 &&
	    phone_map_put(&phone->lines_by_number, number, line) == 0)
		return line;
	phone_map_take(&phone->lines_by_id, id);
	free(line);
	return NULL;
}

int phone_line_add(struct phone *phone, const struct phone_line_plan *plan, int registers)
{
	uint32_t expires_s[FAILOVER_LIMIT_REGISTRARS];
	struct failover_line_params params;
	struct phone_line *line;
	uint32_t id;
	int error;

	params_fill(plan, expires_s, &params);
	error = failover_line_add(phone->engine, &params, phone_now(phone), &id);
	if (error != 0)
		return error;
	line = line_new(phone, plan->config->number, id);
	if (!line) {
		failover_line_remove(phone->engine, id, phone_now(phone));
		return FAILOVER_ERR_MEMORY;
	}
	line->config = plan->config;
	phone_state_begin(phone, id, plan);
	error = plugin_set(phone, id, plan);
	if (error == 0 && registers)
		error = failover_register(phone->engine, id, phone_now(phone));
	if (error != 0)
		phone_line_free(phone, line);
	phone_stack_turn(phone); /* many lines: their outputs must not pile up */
	return error;
}

void phone_line_begin(struct phone *phone, const struct phone_line *line)
{
	struct failover_line_state state = { .size = sizeof(state) };

	if (failover_line_state(phone->engine, line->id, &state) != 0 || state.registered ||
	    state.registering)
		return; /* its user has not waited */
	(void)failover_register(phone->engine, line->id, phone_now(phone));
	phone_stack_turn(phone); /* many lines: their outputs must not pile up */
}

int phone_line_update(struct phone *phone, struct phone_line *line,
		      const struct phone_line_plan *plan)
{
	uint32_t expires_s[FAILOVER_LIMIT_REGISTRARS];
	struct failover_line_params params;
	int error;

	params_fill(plan, expires_s, &params);
	error = plugin_set(phone, line->id, plan);
	if (error == 0)
		error = failover_line_room(phone->engine, line->id, params.registrars,
					   params.max_targets, 0);
	if (error == 0)
		error = failover_line_update(phone->engine, line->id, &params, phone_now(phone));
	if (error == 0)
		phone_subscriptions_follow(phone, line);
	phone_stack_turn(phone);
	return error;
}

int phone_line_retarget(struct phone *phone, struct phone_line *line,
			const struct phone_line_plan *plan)
{
	int error;

	if (line->change) {
		line->change->targets_count = plan->targets_count;
		memcpy(line->change->targets, plan->targets, sizeof(plan->targets));
		return 0;
	}
	error = phone->ext_line->line_targets(phone->inst, line->id, plan->targets,
					      plan->targets_count);
	if (error == 0)
		error = failover_line_room(phone->engine, line->id, 0, targets_room(plan), 0);
	if (error == 0)
		error = failover_line_targets(phone->engine, line->id, plan->targets,
					      plan->targets_count, phone_now(phone));
	phone_stack_turn(phone);
	return error;
}

int phone_line_submit(struct phone *phone, struct phone_line *line,
		      const struct failover_request_params *params, uint64_t *request)
{
	uint64_t now = phone_now(phone);
	int error = failover_submit(phone->engine, line->id, params, now, request);
	uint32_t more = line->requests_max + PHONE_REQUESTS_MORE;

	if (error != FAILOVER_ERR_LIMIT || line->requests_max == FAILOVER_LIMIT_REQUESTS)
		return error;
	if (more > FAILOVER_LIMIT_REQUESTS)
		more = FAILOVER_LIMIT_REQUESTS;
	if (failover_line_room(phone->engine, line->id, 0, 0, more) != 0)
		return error;
	line->requests_max = more;
	return failover_submit(phone->engine, line->id, params, now, request);
}
