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
	};
	int error;

	registrars_fill(config, registrars);
	proxies_fill(config, proxies);
	error = phone->ext_line->line_set(phone->inst, &identity);
	if (error != 0)
		return error;
	return phone->ext_line->line_targets(phone->inst, id, plan->targets, plan->targets_count);
}

/* Room for all that a later configuration may ask: failover_line_update() cannot make more. */
static void params_fill(const struct phone_line_plan *plan, uint32_t *expires_s,
			struct failover_line_params *out)
{
	const struct failover_config_line *config = plan->config;

	for (uint32_t i = 0; i < FAILOVER_LIMIT_REGISTRARS; i++)
		expires_s[i] = i < config->servers_count ? config->servers[i].expires_s : 3600;
	*out = (struct failover_line_params){
		.size = sizeof(*out),
		.registrars = FAILOVER_LIMIT_REGISTRARS,
		.max_targets = FAILOVER_LIMIT_TARGETS,
		.max_requests = PHONE_REQUESTS_PER_LINE,
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
	TAILQ_INIT(&line->calls);
	if (phone_map_put(&phone->lines_by_id, id, line) == 0 &&
	    phone_map_put(&phone->lines_by_number, number, line) == 0)
		return line;
	phone_map_take(&phone->lines_by_id, id);
	free(line);
	return NULL;
}

int phone_line_add(struct phone *phone, const struct phone_line_plan *plan)
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
	error = plugin_set(phone, id, plan);
	if (error == 0)
		error = failover_register(phone->engine, id, phone_now(phone));
	if (error != 0)
		phone_line_free(phone, line);
	failover_dispatch(phone->stack); /* many lines: their outputs must not pile up */
	return error;
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
		error = failover_line_update(phone->engine, line->id, &params, phone_now(phone));
	failover_dispatch(phone->stack);
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
		error = failover_line_targets(phone->engine, line->id, plan->targets,
					      plan->targets_count, phone_now(phone));
	failover_dispatch(phone->stack);
	return error;
}

const char *phone_line_where(const struct phone_line *line, const struct failover_target *target,
			     char *buffer, size_t size)
{
	const struct failover_config_line *config = line->config;
	const char *server = "server", *proxy = "";

	if (config && target->registrar < config->servers_count)
		server = config->servers[target->registrar].name;
	if (config && target->hop > 0 && target->hop <= config->proxies_count)
		proxy = config->proxies[target->hop - 1].name;
	snprintf(buffer, size, "%s%s%s", server, *proxy ? " via proxy " : "", proxy);
	return buffer;
}
