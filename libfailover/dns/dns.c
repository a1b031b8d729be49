/* SPDX-License-Identifier: MIT */
/* dns.c - the interface of libfailover-dns: resolvers, watches, news, the host's loop. */
#include "../core/sized.h"
#include "name.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PORT_UDP_TCP 5060u
#define PORT_TLS 5061u
#define SECONDS_MOST (7u * 86400u)

/* The operating system's; a number that it cannot give is 0, which is a choice too. */
static uint32_t system_random(void *user, uint32_t limit)
{
	uint64_t value = 0;

	(void)user;
	if (getrandom(&value, sizeof(value), GRND_NONBLOCK) != (ssize_t)sizeof(value))
		return 0;
	return (uint32_t)(value % ((uint64_t)limit + 1));
}

static uint32_t or_default(uint32_t value, uint32_t standard)
{
	return value ? value : standard;
}

static int params_take(const struct failover_dns_params *given, struct failover_dns_params *out)
{
	int error = fo_sized_take(out, sizeof(*out), given,
				  offsetof(struct failover_dns_params, timeout_ms));

	if (error)
		return error;
	out->timeout_ms = or_default(out->timeout_ms, 1000);
	out->tries = or_default(out->tries, 3);
	out->ttl_least_s = or_default(out->ttl_least_s, 5);
	out->ttl_most_s = or_default(out->ttl_most_s, 86400);
	out->negative_ttl_s = or_default(out->negative_ttl_s, 300);
	out->stale_retry_s = or_default(out->stale_retry_s, 30);
	out->max_names = or_default(out->max_names, 1024);
	if (!out->random)
		out->random = system_random;
	if (out->families > FAILOVER_DNS_IPV6_ONLY || out->timeout_ms > 60000 || out->tries > 10 ||
	    out->ttl_least_s > out->ttl_most_s || out->ttl_most_s > SECONDS_MOST ||
	    out->ttl_least_s > out->negative_ttl_s || out->negative_ttl_s > SECONDS_MOST ||
	    out->stale_retry_s > SECONDS_MOST || out->max_names > FAILOVER_DNS_LIMIT_NAMES ||
	    (out->servers && !*out->servers))
		return FAILOVER_ERR_ARGUMENT;
	return 0;
}

/* "NAME=ADDRESS" */
static int host_take(const char *text, struct fo_fixed *host)
{
	const char *address = text ? strchr(text, '=') : NULL;
	char name[FO_NAME_BYTES + 1];

	if (!address || (size_t)(address - text) >= sizeof(name))
		return FAILOVER_ERR_ARGUMENT;
	memcpy(name, text, (size_t)(address - text));
	name[address - text] = '\0';
	if (fo_name_normal(name, host->name) != 0 ||
	    failover_target_set(&host->address, address + 1, 1, FAILOVER_UDP) != 0)
		return FAILOVER_ERR_ARGUMENT;
	host->address.port = 0;
	return 0;
}

static int hosts_take(struct failover_dns *dns)
{
	const char *const *texts = dns->params.hosts;
	int error = 0;

	dns->params.hosts = NULL; /* the caller's */
	if (dns->params.hosts_count > FAILOVER_DNS_LIMIT_HOSTS ||
	    (dns->params.hosts_count && !texts))
		return FAILOVER_ERR_ARGUMENT;
	if (dns->params.hosts_count == 0)
		return 0;
	dns->hosts = calloc(dns->params.hosts_count, sizeof(*dns->hosts));
	if (!dns->hosts)
		return FAILOVER_ERR_MEMORY;
	for (; dns->hosts_count < dns->params.hosts_count && error == 0; dns->hosts_count++)
		error = host_take(texts[dns->hosts_count], &dns->hosts[dns->hosts_count]);
	return error;
}

int failover_dns_new(const struct failover_dns_params *params, struct failover_dns **out)
{
	struct failover_dns *dns = calloc(1, sizeof(*dns));
	int error;

	if (!dns)
		return FAILOVER_ERR_MEMORY;
	TAILQ_INIT(&dns->names);
	TAILQ_INIT(&dns->news);
	error = params_take(params, &dns->params);
	if (error == 0)
		error = hosts_take(dns);
	if (error == 0)
		error = fo_resolver_new(&dns->params, &dns->resolver);
	dns->params.servers = NULL; /* the caller's; the resolver has a copy */
	dns->random = (struct fo_random){ .draw = dns->params.random, .user = dns->params.user };
	if (error == 0) {
		*out = dns;
		return 0;
	}
	free(dns->hosts);
	free(dns);
	return error;
}

void failover_dns_free(struct failover_dns *dns)
{
	struct fo_name *name;

	if (!dns)
		return;
	while ((name = TAILQ_FIRST(&dns->names))) {
		struct failover_dns_watch *watch;

		while ((watch = TAILQ_FIRST(&name->watches))) {
			TAILQ_REMOVE(&name->watches, watch, entries);
			free(watch);
		}
		fo_name_free(name);
	}
	fo_resolver_free(dns->resolver);
	fo_agenda_clear(&dns->agenda);
	fo_agenda_clear(&dns->timers);
	free(dns->hosts);
	free(dns);
}

static void now_take(struct failover_dns *dns, uint64_t now)
{
	if (now > dns->now)
		dns->now = now;
}

static int is_transport(uint32_t transport)
{
	return transport == FAILOVER_UDP || transport == FAILOVER_TCP ||
	       transport == FAILOVER_TLS || transport == FAILOVER_TRANSPORT_AUTO;
}

int failover_dns_watch_new(struct failover_dns *dns, const struct failover_dns_query *query,
			   uint64_t cookie, uint64_t now, struct failover_dns_watch **out)
{
	struct failover_dns_watch *watch;
	int error;

	if (query->size < FO_SIZE_WITH(struct failover_dns_query, transport) || !query->name ||
	    query->port > UINT16_MAX || query->mode > FAILOVER_DNS_NAPTR ||
	    !is_transport(query->transport))
		return FAILOVER_ERR_ARGUMENT;
	now_take(dns, now);
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return FAILOVER_ERR_MEMORY;
	error = fo_name_get(dns, query, &watch->name);
	if (error != 0) {
		free(watch);
		return error;
	}
	watch->cookie = cookie;
	watch->transport = query->transport;
	watch->port = (uint16_t)query->port;
	TAILQ_INSERT_TAIL(&watch->name->watches, watch, entries);
	*out = watch;
	return 0;
}

static void news_take(struct failover_dns_watch *watch)
{
	if (watch->has_news)
		TAILQ_REMOVE(&watch->name->dns->news, watch, news_entries);
	watch->has_news = 0;
	watch->changed = 0;
}

void failover_dns_watch_free(struct failover_dns_watch *watch)
{
	struct fo_name *name;

	if (!watch)
		return;
	name = watch->name;
	news_take(watch);
	TAILQ_REMOVE(&name->watches, watch, entries);
	free(watch);
	if (TAILQ_EMPTY(&name->watches))
		fo_name_free(name);
}

static uint16_t port_of(const struct failover_dns_watch *watch, uint8_t transport)
{
	if (watch->port)
		return watch->port;
	return transport == FAILOVER_TLS ? PORT_TLS : PORT_UDP_TCP;
}

uint32_t failover_dns_targets(const struct failover_dns_watch *watch, struct failover_target *out,
			      uint32_t max)
{
	const struct fo_name *name = watch->name;

	for (uint32_t i = 0; i < name->targets_count && i < max; i++) {
		out[i] = name->targets[i];
		if (watch->transport != FAILOVER_TRANSPORT_AUTO)
			out[i].transport = (uint8_t)watch->transport;
		if (out[i].port == 0)
			out[i].port = port_of(watch, out[i].transport);
	}
	return name->targets_count;
}

void failover_dns_state(const struct failover_dns_watch *watch, uint64_t now,
			struct failover_dns_news *out)
{
	const struct fo_name *name = watch->name;
	struct failover_dns_news own;

	own = (struct failover_dns_news){
		.state = name->state,
		.cookie = watch->cookie,
		.watch = watch,
		.name = name->text,
		.question = name->question,
		.reason = name->reason,
		.changed = watch->changed,
		.targets_count = name->targets_count,
	};
	if (name->due.place != 0 && name->due.at > now)
		own.seconds = (uint32_t)((name->due.at - now + 999) / 1000);
	fo_sized_give(out, &own, sizeof(own), FO_SIZE_WITH(struct failover_dns_news, seconds));
}

int failover_dns_poll(struct failover_dns *dns, uint64_t now, struct failover_dns_news *out)
{
	struct failover_dns_watch *watch = TAILQ_FIRST(&dns->news);

	if (!watch)
		return 0;
	failover_dns_state(watch, now, out);
	news_take(watch);
	return 1;
}

int failover_dns_refresh(struct failover_dns *dns, uint64_t now)
{
	struct fo_name *name;
	int error = fo_resolver_restart(dns->resolver);

	if (error != 0)
		return error;
	now_take(dns, now);
	TAILQ_FOREACH(name, &dns->names, entries)
	fo_name_renew(name);
	return 0;
}

uint32_t failover_dns_fds(const struct failover_dns *dns, struct failover_io_fd *out, uint32_t max)
{
	return fo_resolver_fds(dns->resolver, out, max);
}

uint64_t failover_dns_deadline(const struct failover_dns *dns, uint64_t now)
{
	const struct fo_agenda_item *name = fo_agenda_first(&dns->agenda);
	const struct fo_agenda_item *timer = fo_agenda_first(&dns->timers);
	uint64_t wait_ms = fo_resolver_wait_ms(dns->resolver);
	uint64_t at = FAILOVER_NO_DEADLINE;

	if (wait_ms != UINT64_MAX)
		at = now + wait_ms;
	if (name && fo_names_have_room(dns) && name->at < at)
		at = name->at;
	if (timer && timer->at < at)
		at = timer->at;
	return at;
}

static void due_run(struct failover_dns *dns)
{
	struct fo_agenda_item *first;

	while (fo_names_have_room(dns)) {
		first = fo_agenda_first(&dns->agenda);
		if (!first || first->at > dns->now)
			return;
		fo_name_due((struct fo_name *)(void *)first); /* its first member */
		fo_resolver_deliver(dns->resolver);
	}
}

void failover_dns_process(struct failover_dns *dns, const struct failover_io_fd *ready,
			  uint32_t count, uint64_t now)
{
	now_take(dns, now);
	fo_resolver_process(dns->resolver, ready, count);
	fo_resolver_deliver(dns->resolver);
	fo_names_tick(dns);
	due_run(dns);
}

const char *failover_dns_state_text(uint32_t state)
{
	switch ((enum failover_dns_state)state) {
	case FAILOVER_DNS_ASKING:
		return "asking";
	case FAILOVER_DNS_RESOLVED:
		return "resolved";
	case FAILOVER_DNS_STALE:
		return "stale";
	case FAILOVER_DNS_GONE:
		return "gone";
	case FAILOVER_DNS_FAILED:
		return "failed";
	case FAILOVER_DNS_FROM_CONFIGURATION:
		return "from the configuration";
	}
	return "?";
}

const char *failover_dns_reason_text(uint32_t reason)
{
	switch ((enum failover_dns_reason)reason) {
	case FAILOVER_DNS_REASON_NONE:
		return "";
	case FAILOVER_DNS_REASON_NO_SERVER:
		return "no DNS server answers";
	case FAILOVER_DNS_REASON_SERVFAIL:
		return "the DNS server fails or refuses";
	case FAILOVER_DNS_REASON_MALFORMED:
		return "the DNS server's answer is malformed";
	case FAILOVER_DNS_REASON_NO_NAME:
		return "there is no such name";
	case FAILOVER_DNS_REASON_NO_RECORDS:
		return "the name has no records that can be used";
	case FAILOVER_DNS_REASON_NOT_OFFERED:
		return "the domain does not offer this service";
	case FAILOVER_DNS_REASON_MEMORY:
		return "no memory";
	}
	return "?";
}
