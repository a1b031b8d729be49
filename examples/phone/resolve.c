/* SPDX-License-Identifier: MIT */
/*
 * resolve.c - the system's resolver behind failover_config_resolve. Addresses come in the order of
 * RFC 6724; the records that name services (RFC 3263) are not asked for.
 */
#include "resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

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

int phone_resolve(void *user, const char *name, uint32_t port, uint32_t transport,
		  struct failover_target *out, uint32_t max)
{
	struct addrinfo hints = { .ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;
	uint32_t count = 0;

	(void)user;
	(void)port;
	(void)transport;
	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return FAILOVER_ERR_IO;
	for (const struct addrinfo *at = found; at && count < max; at = at->ai_next)
		count += (uint32_t)target_fill(&out[count], at->ai_addr);
	freeaddrinfo(found);
	return count > 0 ? (int)count : FAILOVER_ERR_IO;
}
