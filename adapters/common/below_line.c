/* SPDX-License-Identifier: MIT */
/* below_line.c - the line, from the configuration to engine and wire; its names. */
#include "below.h"

#include <string.h>

static struct failover_dns_watch *watch_of(struct failover_below *below, const char *name,
					   uint32_t port, uint32_t transport)
{
	struct failover_dns_query query = { .size = sizeof(query),
					    .mode = below->config->dns_mode,
					    .name = name,
					    .port = port,
					    .transport = transport };
	struct name_watch *at = below->watches, *end = at + below->watches_count;

	for (; at < end; at++)
		if (at->port == port && at->transport == transport && !strcmp(at->name, name))
			return at->watch;
	if (below->watches_count == WATCHES_MAX ||
	    failover_dns_watch_new(below->dns, &query, 0, below_now(), &end->watch))
		return NULL;
	end->name = name;
	end->port = port;
	end->transport = transport;
	below->watches_count++;
	return end->watch;
}

/* failover_config_resolve */
static int on_resolve(void *user, const char *name, uint32_t port, uint32_t transport,
		      struct failover_target *out, uint32_t max)
{
	const struct failover_dns_watch *watch = watch_of(user, name, port, transport);
	uint32_t count = watch ? failover_dns_targets(watch, out, max) : 0;

	return (int)(count < max ? count : max);
}

static int is_asking(const struct failover_below *below)
{
	struct failover_dns_news news = { .size = sizeof(news) };
	uint32_t i;

	for (i = 0; i < below->watches_count; i++) {
		failover_dns_state(below->watches[i].watch, below_now(), &news);
		if (news.state == FAILOVER_DNS_ASKING)
			return 1;
	}
	return 0;
}

const char *below_first_of(const char *a, const char *b)
{
	return a && *a ? a : b;
}

static int identity_set(struct failover_below *below)
{
	const struct failover_config_line *from = below->config;
	struct failover_registrar_identity registrars[FAILOVER_LIMIT_REGISTRARS] = { 0 };
	struct failover_proxy_identity proxies[FAILOVER_CONFIG_LIMIT_PROXIES] = { 0 };
	struct failover_line_identity identity = {
		.size = sizeof(identity),
		.line = below->line,
		.user = from->user,
		.display_name = from->display_name,
		.domain = failover_config_domain(from),
		.domain_follows = !*from->domain, /* B23 */
		.auth_user = below_first_of(from->auth_user,
					    below_first_of(below->params.auth_user, from->user)),
		.auth_password = below_first_of(from->auth_password, below->params.auth_password),
		.realm = from->realm,
		.registrars = registrars,
		.registrars_count = from->servers_count,
		.proxies = proxies,
		.proxies_count = from->proxies_count,
		.keepalive = from->settings.keepalive,
		.keepalive_interval_s = from->settings.keepalive_interval_s,
		.in_dialog = from->in_dialog,
		.redirect = from->redirect,
		.incoming_users = (const char *const *)from->incoming_users.text,
		.incoming_users_count = from->incoming_users.count,
	};
	uint32_t i;

	for (i = 0; i < from->servers_count; i++) {
		registrars[i].size = sizeof(registrars[i]);
		registrars[i].address = from->servers[i].address;
		registrars[i].port = from->servers[i].port;
		registrars[i].transport = from->servers[i].transport;
	}
	for (i = 0; i < from->proxies_count; i++) {
		const struct failover_config_proxy *proxy = &from->proxies[i];
		const struct failover_config_proxy *who = *proxy->user ? proxy : from->proxies;

		proxies[i].size = sizeof(proxies[i]);
		proxies[i].address = proxy->address;
		proxies[i].port = proxy->port;
		proxies[i].user = who->user;
		proxies[i].password = who->password;
	}
	return failover_wire_line_set(below->wire, &identity, below_now());
}

static int line_add(struct failover_below *below)
{
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = below->config->servers_count,
					       .max_targets = FAILOVER_LIMIT_TARGETS,
					       .max_requests = FAILOVER_LIMIT_REQUESTS,
					       .targets_count = below->targets_count,
					       .targets = below->targets,
					       .settings = below->config->settings };
	uint32_t expires_s[FAILOVER_LIMIT_REGISTRARS], i;
	int error;

	for (i = 0; i < below->config->servers_count; i++)
		expires_s[i] = below->config->servers[i].expires_s;
	params.expires_s = expires_s;
	error = failover_line_add(below->engine, &params, below_now(), &below->line);
	if (!error)
		error = identity_set(below);
	return error;
}

void below_line_follow(struct failover_below *below)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	int count = failover_config_targets(below->config, on_resolve, below, targets,
					    FAILOVER_LIMIT_TARGETS);
	int error = FAILOVER_OK;

	if (count <= 0 || (is_asking(below) && targets[0].registrar != 0))
		return;
	memcpy(below->targets, targets, sizeof(targets));
	below->targets_count = (uint32_t)count;
	if (!below->line)
		error = line_add(below);
	else
		error = failover_line_targets(below->engine, below->line, targets,
					      below->targets_count, below_now());
	if (!error)
		error = failover_wire_line_targets(below->wire, below->line, targets,
						   below->targets_count, below_now());
	if (error)
		below_say(below, "the line's targets", error);
}

void below_names_step(struct failover_below *below)
{
	struct failover_dns_news news = { .size = sizeof(news) };

	while (failover_dns_poll(below->dns, below_now(), &news)) {
		if (below->params.dns_news)
			below->params.dns_news(below->params.user, &news);
		if (news.changed || !below->line)
			below_line_follow(below);
	}
}
