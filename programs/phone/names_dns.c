/* SPDX-License-Identifier: MIT */
/* names_dns.c - names by libfailover-dns: one watch for each name of a line. */
#include "names.h"

#include <stdlib.h>
#include <string.h>

struct phone_resolver {
	struct failover_dns *dns;
};

struct name_watch {
	const char *name; /* of the configuration */
	uint32_t port, transport;
	struct failover_dns_watch *watch;
};

struct phone_names {
	struct phone_resolver *resolver;
	const struct failover_config_line *line;
	uint64_t now; /* when the names were asked for */
	int complete; /* all watches are made */
	int failed;   /* one could not be made */
	uint32_t count, most;
	struct name_watch watches[];
};

int phone_resolver_new(const struct phone_resolver_params *wanted, struct phone_resolver **out)
{
	const struct failover_dns_params params = {
		.size = sizeof(params),
		.servers = wanted->servers,
		.families = wanted->families,
		.hosts = (const char *const *)wanted->static_dns->text,
		.hosts_count = wanted->static_dns->count,
		.max_names = FAILOVER_DNS_LIMIT_NAMES,
	};
	struct phone_resolver *resolver = calloc(1, sizeof(*resolver));
	int error;

	if (!resolver)
		return FAILOVER_ERR_MEMORY;
	error = failover_dns_new(&params, &resolver->dns);
	if (error == 0)
		*out = resolver;
	else
		free(resolver);
	return error;
}

void phone_resolver_free(struct phone_resolver *resolver)
{
	if (resolver)
		failover_dns_free(resolver->dns);
	free(resolver);
}

void phone_resolver_refresh(struct phone_resolver *resolver, uint64_t now)
{
	failover_dns_refresh(resolver->dns, now);
}

/* The rest, after `dns`. */
static void news_fill(struct phone_names_news *news)
{
	news->names = (struct phone_names *)(uintptr_t)news->dns.cookie;
	news->state = failover_dns_state_text(news->dns.state);
	news->reason = failover_dns_reason_text(news->dns.reason);
	news->targets_count =
		failover_dns_targets(news->dns.watch, news->targets, FAILOVER_LIMIT_TARGETS);
}

int phone_resolver_poll(struct phone_resolver *resolver, uint64_t now, struct phone_names_news *out)
{
	if (!failover_dns_poll(resolver->dns, now, &out->dns))
		return 0;
	news_fill(out);
	return 1;
}

uint32_t phone_resolver_fds(const struct phone_resolver *resolver, struct failover_io_fd *out,
			    uint32_t max)
{
	return failover_dns_fds(resolver->dns, out, max);
}

uint64_t phone_resolver_deadline(const struct phone_resolver *resolver, uint64_t now)
{
	return failover_dns_deadline(resolver->dns, now);
}

void phone_resolver_process(struct phone_resolver *resolver, const struct failover_io_fd *ready,
			    uint32_t count, uint64_t now)
{
	failover_dns_process(resolver->dns, ready, count, now);
}

static struct failover_dns_watch *watch_find(const struct phone_names *names, const char *name,
					     uint32_t port, uint32_t transport)
{
	for (uint32_t i = 0; i < names->count; i++) {
		const struct name_watch *at = &names->watches[i];

		if (at->port == port && at->transport == transport && strcmp(at->name, name) == 0)
			return at->watch;
	}
	return NULL;
}

static void watch_add(struct phone_names *names, const char *name, uint32_t port,
		      uint32_t transport)
{
	struct failover_dns_watch *watch;
	const struct failover_dns_query query = {
		.size = sizeof(query),
		.mode = names->line->dns_mode,
		.name = name,
		.port = port,
		.transport = transport,
	};

	if (names->count == names->most ||
	    failover_dns_watch_new(names->resolver->dns, &query, (uintptr_t)names, names->now,
				   &watch) != 0) {
		names->failed = 1;
		return;
	}
	names->watches[names->count++] = (struct name_watch){
		.name = name, .port = port, .transport = transport, .watch = watch
	};
}

/* failover_config_resolve: what is known of the name; the first time it is asked for. */
static int on_resolve(void *user, const char *name, uint32_t port, uint32_t transport,
		      struct failover_target *out, uint32_t max)
{
	struct phone_names *names = user;
	const struct failover_dns_watch *watch = watch_find(names, name, port, transport);
	uint32_t count;

	if (!watch && !names->complete) {
		watch_add(names, name, port, transport);
		watch = watch_find(names, name, port, transport);
	}
	if (!watch)
		return FAILOVER_ERR_IO;
	count = failover_dns_targets(watch, out, max);
	return (int)(count < max ? count : max);
}

uint32_t phone_names_targets(struct phone_names *names,
			     struct failover_target out[FAILOVER_LIMIT_TARGETS])
{
	int count = failover_config_targets(names->line, on_resolve, names, out,
					    FAILOVER_LIMIT_TARGETS);

	return count > 0 ? (uint32_t)count : 0;
}

struct phone_names *phone_names_new(struct phone_resolver *resolver,
				    const struct failover_config_line *line, uint64_t now)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t most = phone_names_most(line);
	struct phone_names *names = calloc(1, sizeof(*names) + most * sizeof(names->watches[0]));

	if (!names)
		return NULL;
	names->most = most;
	names->resolver = resolver;
	names->line = line;
	names->now = now;
	phone_names_targets(names, targets);
	names->complete = 1;
	if (!names->failed)
		return names;
	phone_names_free(names);
	return NULL;
}

void phone_names_free(struct phone_names *names)
{
	for (uint32_t i = 0; names && i < names->count; i++)
		failover_dns_watch_free(names->watches[i].watch);
	free(names);
}

const struct failover_config_line *phone_names_line(const struct phone_names *names)
{
	return names->line;
}

int phone_names_state(const struct phone_names *names, uint32_t index, uint64_t now,
		      struct phone_names_news *out)
{
	if (index >= names->count)
		return 0;
	failover_dns_state(names->watches[index].watch, now, &out->dns);
	news_fill(out);
	return 1;
}

int phone_names_asking(const struct phone_names *names)
{
	struct failover_dns_news news;

	for (uint32_t i = 0; i < names->count; i++) {
		failover_dns_state(names->watches[i].watch, 0, &news);
		if (news.state == FAILOVER_DNS_ASKING)
			return 1;
	}
	return 0;
}
