/* SPDX-License-Identifier: MIT */
/*
 * names_system.c - names by the system's resolver, for builds without libfailover-dns. Addresses
 * come in the order of RFC 6724; the records that name services (RFC 3263) are not asked for, and
 * nothing is asked for again before the next reload. getaddrinfo() blocks, so threads call it: a
 * name that is mute holds up nobody (B25). A thread shares nothing with the phone but its lookup.
 */
#include "names.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOKUPS_MOST 16u /* at a time; the others wait */
#define PATIENCE_MS 3500u
#define NAME_BYTES 256u
#define PORT_UDP_TCP 5060u
#define PORT_TLS 5061u

struct lookup {
	atomic_int holders; /* the phone, the thread */
	atomic_int done;    /* set by the thread when the rest is written */
	int wake;
	int family;
	uint32_t count;
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	char name[NAME_BYTES];
};

enum name_stage { NAME_WAITS, NAME_ASKED, NAME_ANSWERED };

struct name {
	enum name_stage stage;
	const char *text; /* of the configuration, like the next two */
	uint16_t port;
	uint8_t transport;
	struct lookup *lookup;
	int told_late, told_answer;
};

struct phone_names {
	TAILQ_ENTRY(phone_names) entries;
	struct phone_resolver *resolver;
	const struct failover_config_line *line;
	uint64_t asked_at;
	int complete, failed;
	uint32_t count, most;
	struct name names[];
};

struct phone_resolver {
	TAILQ_HEAD(all_names, phone_names) all;
	uint32_t families, running;
	struct host *hosts; /* B38 */
	uint32_t hosts_count;
	int wake;
};

/* Of static_dns. */
struct host {
	char name[NAME_BYTES];
	struct failover_target address;
};

/* ---- in the thread ------------------------------------------------------------------------- */

static int target_fill(struct failover_target *target, const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	if (address->sa_family == AF_INET) {
		target->family = 4;
		memcpy(target->address, &v4->sin_addr, 4);
		return 1;
	}
	if (address->sa_family != AF_INET6)
		return 0;
	target->family = 6;
	memcpy(target->address, &v6->sin6_addr, 16);
	if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
		target->scope_id = v6->sin6_scope_id;
	return 1;
}

static void lookup_release(struct lookup *lookup)
{
	if (atomic_fetch_sub(&lookup->holders, 1) > 1)
		return;
	close(lookup->wake);
	free(lookup);
}

static void *lookup_run(void *arg)
{
	struct lookup *lookup = arg;
	struct addrinfo hints = { .ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;
	uint64_t one = 1;

	hints.ai_family = lookup->family;
	if (getaddrinfo(lookup->name, NULL, &hints, &found) == 0) {
		for (const struct addrinfo *at = found;
		     at && lookup->count < FAILOVER_LIMIT_TARGETS; at = at->ai_next)
			lookup->count +=
				(uint32_t)target_fill(&lookup->targets[lookup->count], at->ai_addr);
		freeaddrinfo(found);
	}
	atomic_store(&lookup->done, 1);
	(void)!write(lookup->wake, &one, sizeof(one));
	lookup_release(lookup);
	return NULL;
}

/* ---- lookups ------------------------------------------------------------------------------- */

static int family_of(uint32_t families)
{
	if (families == FAILOVER_DNS_IPV4_ONLY)
		return AF_INET;
	return families == FAILOVER_DNS_IPV6_ONLY ? AF_INET6 : AF_UNSPEC;
}

static struct lookup *lookup_new(const struct phone_resolver *resolver, const char *name)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (!lookup || strlen(name) >= sizeof(lookup->name)) {
		free(lookup);
		return NULL;
	}
	lookup->wake = fcntl(resolver->wake, F_DUPFD_CLOEXEC, 0);
	if (lookup->wake < 0) {
		free(lookup);
		return NULL;
	}
	atomic_init(&lookup->holders, 1);
	atomic_init(&lookup->done, 0);
	lookup->family = family_of(resolver->families);
	strcpy(lookup->name, name);
	return lookup;
}

/* Signals are the phone's. Returns 0 or an error of pthread_create(). */
static int lookup_start(struct lookup *lookup)
{
	sigset_t all, before;
	pthread_t thread;
	int error;

	atomic_fetch_add(&lookup->holders, 1);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, lookup_run, lookup);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		lookup_release(lookup);
	else
		pthread_detach(thread);
	return error;
}

static void lookups_start(struct phone_resolver *resolver)
{
	struct phone_names *names;

	TAILQ_FOREACH(names, &resolver->all, entries)
	{
		for (uint32_t i = 0; i < names->count; i++) {
			if (resolver->running == LOOKUPS_MOST)
				return;
			if (names->names[i].stage != NAME_WAITS ||
			    lookup_start(names->names[i].lookup) != 0)
				continue;
			names->names[i].stage = NAME_ASKED;
			resolver->running++;
		}
	}
}

/* ---- the resolver -------------------------------------------------------------------------- */

/* Each text is "NAME=ADDRESS". */
static int hosts_take(struct phone_resolver *resolver, const struct failover_config_texts *texts)
{
	resolver->hosts = calloc(texts->count + 1, sizeof(*resolver->hosts));
	if (!resolver->hosts)
		return FAILOVER_ERR_MEMORY;
	for (uint32_t i = 0; i < texts->count; i++) {
		struct host *host = &resolver->hosts[resolver->hosts_count];
		size_t length = strcspn(texts->text[i], "=");

		if (length >= sizeof(host->name) || !texts->text[i][length] ||
		    failover_target_set(&host->address, texts->text[i] + length + 1, 1,
					FAILOVER_UDP) != 0)
			return FAILOVER_ERR_ARGUMENT;
		memcpy(host->name, texts->text[i], length);
		resolver->hosts_count++;
	}
	return 0;
}

int phone_resolver_new(const struct phone_resolver_params *params, struct phone_resolver **out)
{
	struct phone_resolver *resolver;
	int error;

	if (params->servers)
		return FAILOVER_ERR_UNSUPPORTED;
	resolver = calloc(1, sizeof(*resolver));
	if (!resolver)
		return FAILOVER_ERR_MEMORY;
	TAILQ_INIT(&resolver->all);
	resolver->families = params->families;
	resolver->wake = -1;
	error = hosts_take(resolver, params->static_dns);
	if (error == 0)
		resolver->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (error == 0 && resolver->wake >= 0) {
		*out = resolver;
		return 0;
	}
	free(resolver->hosts);
	free(resolver);
	return error ? error : FAILOVER_ERR_IO;
}

void phone_resolver_free(struct phone_resolver *resolver)
{
	if (!resolver)
		return;
	close(resolver->wake);
	free(resolver->hosts);
	free(resolver);
}

void phone_resolver_refresh(struct phone_resolver *resolver, uint64_t now)
{
	(void)resolver;
	(void)now;
}

uint32_t phone_resolver_fds(const struct phone_resolver *resolver, struct failover_io_fd *out,
			    uint32_t max)
{
	if (resolver->running == 0)
		return 0;
	if (max > 0)
		*out = (struct failover_io_fd){ .fd = resolver->wake, .events = FAILOVER_IO_READ };
	return 1;
}

static int is_awaited(const struct name *name)
{
	return name->stage != NAME_ANSWERED && !name->told_late;
}

uint64_t phone_resolver_deadline(const struct phone_resolver *resolver, uint64_t now)
{
	uint64_t at = FAILOVER_NO_DEADLINE;
	const struct phone_names *names;

	(void)now;
	TAILQ_FOREACH(names, &resolver->all, entries)
	{
		if (phone_names_asking(names) && names->asked_at + PATIENCE_MS < at)
			at = names->asked_at + PATIENCE_MS;
	}
	return at;
}

void phone_resolver_process(struct phone_resolver *resolver, const struct failover_io_fd *ready,
			    uint32_t count, uint64_t now)
{
	struct phone_names *names;
	uint64_t answers;

	(void)ready;
	(void)count;
	(void)now;
	(void)!read(resolver->wake, &answers, sizeof(answers));
	TAILQ_FOREACH(names, &resolver->all, entries)
	{
		for (uint32_t i = 0; i < names->count; i++) {
			struct name *name = &names->names[i];

			if (name->stage != NAME_ASKED || !atomic_load(&name->lookup->done))
				continue;
			name->stage = NAME_ANSWERED;
			resolver->running--;
		}
	}
	lookups_start(resolver);
}

static int has_family(const struct phone_resolver *resolver, const struct failover_target *target)
{
	return resolver->families !=
	       (target->family == 4 ? FAILOVER_DNS_IPV6_ONLY : FAILOVER_DNS_IPV4_ONLY);
}

/* B38: of the configuration, while the system has none. */
static uint32_t hosts_of(const struct phone_resolver *resolver, const struct name *name,
			 struct failover_target *out)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < resolver->hosts_count && count < FAILOVER_LIMIT_TARGETS; i++) {
		const struct host *host = &resolver->hosts[i];

		if (strcasecmp(host->name, name->text) == 0 && has_family(resolver, &host->address))
			out[count++] = host->address;
	}
	return count;
}

static int has_answer(const struct name *name)
{
	return name->stage == NAME_ANSWERED && name->lookup->count > 0;
}

/* With port and transport; returns how many. */
static uint32_t targets_known(const struct phone_resolver *resolver, const struct name *name,
			      struct failover_target out[FAILOVER_LIMIT_TARGETS])
{
	uint32_t count = 0;

	if (has_answer(name)) {
		count = name->lookup->count;
		memcpy(out, name->lookup->targets, count * sizeof(*out));
	} else if (!is_awaited(name)) {
		count = hosts_of(resolver, name, out);
	}
	for (uint32_t i = 0; i < count; i++) {
		out[i].port = name->port;
		out[i].transport = name->transport;
	}
	return count;
}

static void news_fill(struct phone_names *names, uint32_t index, struct phone_names_news *out)
{
	const struct name *name = &names->names[index];
	uint32_t count;

	*out = (struct phone_names_news){ .names = names, .reason = "" };
	count = targets_known(names->resolver, name, out->targets);
	out->targets_count = count;
	out->dns.name = name->text;
	out->dns.question = name->text;
	out->dns.targets_count = count;
	if (has_answer(name)) {
		out->dns.state = FAILOVER_DNS_RESOLVED;
		out->state = "resolved";
	} else if (is_awaited(name)) {
		out->dns.state = FAILOVER_DNS_ASKING;
		out->state = "asking";
	} else {
		out->dns.state = count ? FAILOVER_DNS_FROM_CONFIGURATION : FAILOVER_DNS_FAILED;
		out->state = count ? "from the configuration" : "failed";
		out->dns.reason = FAILOVER_DNS_REASON_NO_SERVER;
		out->reason = "the system's resolver has no address";
	}
}

/* What is new about one name; returns 1 if something is. */
static int name_tell(struct phone_names *names, uint32_t index, uint64_t now,
		     struct phone_names_news *out)
{
	struct name *name = &names->names[index];

	if (name->stage == NAME_ANSWERED && !name->told_answer)
		name->told_answer = 1;
	else if (is_awaited(name) && now >= names->asked_at + PATIENCE_MS)
		name->told_late = 1;
	else
		return 0;
	news_fill(names, index, out);
	out->dns.changed = out->targets_count > 0;
	return 1;
}

int phone_resolver_poll(struct phone_resolver *resolver, uint64_t now, struct phone_names_news *out)
{
	struct phone_names *names;

	TAILQ_FOREACH(names, &resolver->all, entries)
	{
		for (uint32_t i = 0; i < names->count; i++) {
			if (name_tell(names, i, now, out))
				return 1;
		}
	}
	return 0;
}

/* ---- the names of a line ------------------------------------------------------------------- */

static struct name *name_find(struct phone_names *names, const char *text)
{
	for (uint32_t i = 0; i < names->count; i++) {
		if (strcmp(names->names[i].text, text) == 0)
			return &names->names[i];
	}
	return NULL;
}

static void name_add(struct phone_names *names, const char *text, uint32_t port, uint32_t transport)
{
	struct name *name = &names->names[names->count];

	if (names->count < names->most)
		name->lookup = lookup_new(names->resolver, text);
	if (names->count == names->most || !name->lookup) {
		names->failed = 1;
		return;
	}
	name->text = text;
	name->transport = transport == FAILOVER_TRANSPORT_AUTO ? FAILOVER_UDP : (uint8_t)transport;
	name->port = port ? (uint16_t)port : transport == FAILOVER_TLS ? PORT_TLS : PORT_UDP_TCP;
	names->count++;
}

/* failover_config_resolve: what is known of the name; the first time it is put down. */
static int on_resolve(void *user, const char *text, uint32_t port, uint32_t transport,
		      struct failover_target *out, uint32_t max)
{
	struct phone_names *names = user;
	const struct name *name = name_find(names, text);
	struct failover_target known[FAILOVER_LIMIT_TARGETS];
	uint32_t count = name ? targets_known(names->resolver, name, known) : 0;

	if (!name && !names->complete)
		name_add(names, text, port, transport);
	if (count > max)
		count = max;
	if (count > 0)
		memcpy(out, known, count * sizeof(*out));
	return (int)count;
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
	struct phone_names *names = calloc(1, sizeof(*names) + most * sizeof(names->names[0]));

	if (!names)
		return NULL;
	names->resolver = resolver;
	names->line = line;
	names->most = most;
	names->asked_at = now;
	TAILQ_INSERT_TAIL(&resolver->all, names, entries);
	phone_names_targets(names, targets);
	names->complete = 1;
	if (names->failed) {
		phone_names_free(names);
		return NULL;
	}
	lookups_start(resolver);
	return names;
}

void phone_names_free(struct phone_names *names)
{
	if (!names)
		return;
	TAILQ_REMOVE(&names->resolver->all, names, entries);
	for (uint32_t i = 0; i < names->count; i++) {
		names->resolver->running -= names->names[i].stage == NAME_ASKED;
		lookup_release(names->names[i].lookup);
	}
	free(names);
}

const struct failover_config_line *phone_names_line(const struct phone_names *names)
{
	return names->line;
}

int phone_names_asking(const struct phone_names *names)
{
	for (uint32_t i = 0; i < names->count; i++) {
		if (is_awaited(&names->names[i]))
			return 1;
	}
	return 0;
}

int phone_names_state(const struct phone_names *names, uint32_t index, uint64_t now,
		      struct phone_names_news *out)
{
	(void)now;
	if (index >= names->count)
		return 0;
	news_fill((struct phone_names *)(uintptr_t)names, index, out);
	return 1;
}
