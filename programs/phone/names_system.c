/* SPDX-License-Identifier: MIT */
/*
 * names_system.c - names by the system's resolver, for builds without libfailover-dns. Addresses
 * come in the order of RFC 6724; the records that name services (RFC 3263) are not asked for. It
 * blocks while it asks, when the names of a line are made.
 */
#include "names.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct phone_resolver {
	uint32_t families;
};

struct phone_names {
	const struct failover_config_line *line;
	uint32_t count;
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
};

int phone_resolver_new(const char *servers, uint32_t families, struct phone_resolver **out)
{
	if (servers)
		return FAILOVER_ERR_UNSUPPORTED;
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return FAILOVER_ERR_MEMORY;
	(*out)->families = families;
	return 0;
}

void phone_resolver_free(struct phone_resolver *resolver)
{
	free(resolver);
}

void phone_resolver_refresh(struct phone_resolver *resolver, uint64_t now)
{
	(void)resolver;
	(void)now;
}

int phone_resolver_poll(struct phone_resolver *resolver, uint64_t now, struct phone_names_news *out)
{
	(void)resolver;
	(void)now;
	(void)out;
	return 0;
}

uint32_t phone_resolver_fds(const struct phone_resolver *resolver, struct failover_io_fd *out,
			    uint32_t max)
{
	(void)resolver;
	(void)out;
	(void)max;
	return 0;
}

uint64_t phone_resolver_deadline(const struct phone_resolver *resolver, uint64_t now)
{
	(void)resolver;
	(void)now;
	return FAILOVER_NO_DEADLINE;
}

void phone_resolver_process(struct phone_resolver *resolver, const struct failover_io_fd *ready,
			    uint32_t count, uint64_t now)
{
	(void)resolver;
	(void)ready;
	(void)count;
	(void)now;
}

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

static int family_of(uint32_t families)
{
	if (families == FAILOVER_DNS_IPV4_ONLY)
		return AF_INET;
	return families == FAILOVER_DNS_IPV6_ONLY ? AF_INET6 : AF_UNSPEC;
}

static int on_resolve(void *user, const char *name, uint32_t port, uint32_t transport,
		      struct failover_target *out, uint32_t max)
{
	const struct phone_resolver *resolver = user;
	struct addrinfo hints = { .ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;
	uint32_t count = 0;

	(void)port;
	(void)transport;
	hints.ai_family = family_of(resolver->families);
	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return FAILOVER_ERR_IO;
	for (const struct addrinfo *at = found; at && count < max; at = at->ai_next)
		count += (uint32_t)target_fill(&out[count], at->ai_addr);
	freeaddrinfo(found);
	return count > 0 ? (int)count : FAILOVER_ERR_IO;
}

struct phone_names *phone_names_new(struct phone_resolver *resolver,
				    const struct failover_config_line *line, uint64_t now)
{
	struct phone_names *names = calloc(1, sizeof(*names));
	int count;

	(void)now;
	if (!names)
		return NULL;
	names->line = line;
	count = failover_config_targets(line, on_resolve, resolver, names->targets,
					FAILOVER_LIMIT_TARGETS);
	names->count = count > 0 ? (uint32_t)count : 0;
	return names;
}

void phone_names_free(struct phone_names *names)
{
	free(names);
}

const struct failover_config_line *phone_names_line(const struct phone_names *names)
{
	return names->line;
}

uint32_t phone_names_targets(struct phone_names *names,
			     struct failover_target out[FAILOVER_LIMIT_TARGETS])
{
	memcpy(out, names->targets, names->count * sizeof(*out));
	return names->count;
}

int phone_names_asking(const struct phone_names *names)
{
	(void)names;
	return 0;
}

int phone_names_state(const struct phone_names *names, uint32_t index, uint64_t now,
		      struct phone_names_news *out)
{
	(void)names;
	(void)index;
	(void)now;
	(void)out;
	return 0;
}
