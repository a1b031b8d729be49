/* SPDX-License-Identifier: MIT */
/* network.c - netlink says that something has happened; whether it matters, a sum over what counts
 * says: links that are up, addresses, and routes without their counters. */
#include "network.h"

#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUIET_MS 1000u /* it has settled when nothing came for so long */
#define LONGEST_MS 5000u
#define MESSAGES_AT_ONCE 64
#define ROUTES_MOST 4096 /* lines read of each table: a router's tables are not a phone's */

struct phone_network {
	int fd;
	uint64_t first_at, last_at; /* news since the last look; UINT64_MAX = none */
	uint64_t sum;
};

/* FNV-1a */
static uint64_t hash(uint64_t value, const void *bytes, size_t count)
{
	const unsigned char *at = bytes;

	while (count--)
		value = (value ^ *at++) * UINT64_C(0x100000001b3);
	return value;
}

static uint64_t sum_of_text(const char *text)
{
	return hash(UINT64_C(0xcbf29ce484222325), text, strlen(text));
}

static uint64_t sum_of_interface(const struct ifaddrs *is)
{
	uint64_t value = sum_of_text(is->ifa_name);
	unsigned int flags = is->ifa_flags & (IFF_UP | IFF_RUNNING);

	value = hash(value, &flags, sizeof(flags));
	if (!is->ifa_addr)
		return value;
	if (is->ifa_addr->sa_family == AF_INET)
		return hash(value,
			    &((const struct sockaddr_in *)(const void *)is->ifa_addr)->sin_addr, 4);
	if (is->ifa_addr->sa_family == AF_INET6)
		return hash(value,
			    &((const struct sockaddr_in6 *)(const void *)is->ifa_addr)->sin6_addr,
			    16);
	return value; /* AF_PACKET: the link itself, without its counters */
}

/* Sums do not depend on an order, which the kernel does not promise. */
static uint64_t sum_of_interfaces(void)
{
	struct ifaddrs *list = NULL, *is;
	uint64_t sum = 0;

	if (getifaddrs(&list))
		return 0;
	for (is = list; is; is = is->ifa_next)
		sum += sum_of_interface(is);
	freeifaddrs(list);
	return sum;
}

/* name destination gateway flags refcnt use metric mask */
static uint64_t sum_of_route4(const char *line)
{
	char name[32], to[16], via[16], metric[16], mask[16], text[128];

	if (sscanf(line, "%31s %15s %15s %*s %*s %*s %15s %15s", name, to, via, metric, mask) != 5)
		return 0;
	snprintf(text, sizeof(text), "%s %s %s %s %s", name, to, via, metric, mask);
	return sum_of_text(text);
}

/* destination length source length next-hop metric refcnt use flags name */
static uint64_t sum_of_route6(const char *line)
{
	char to[40], length[8], via[40], metric[16], name[32], text[160];

	if (sscanf(line, "%39s %7s %*s %*s %39s %15s %*s %*s %*s %31s", to, length, via, metric,
		   name) != 5)
		return 0;
	snprintf(text, sizeof(text), "%s %s %s %s %s", to, length, via, metric, name);
	return sum_of_text(text);
}

static uint64_t sum_of_routes(const char *path, uint64_t (*sum_of)(const char *line))
{
	FILE *file = fopen(path, "re");
	char line[512];
	uint64_t sum = 0;
	int left = ROUTES_MOST;

	if (!file)
		return 0;
	while (left-- && fgets(line, sizeof(line), file))
		sum += sum_of(line);
	fclose(file);
	return sum;
}

static uint64_t sum_now(void)
{
	return sum_of_interfaces() + sum_of_routes("/proc/net/route", sum_of_route4) +
	       sum_of_routes("/proc/net/ipv6_route", sum_of_route6);
}

struct phone_network *phone_network_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK,
				       .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
						    RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
						    RTMGRP_IPV6_ROUTE };
	struct phone_network *network = calloc(1, sizeof(*network));

	if (!network)
		return NULL;
	network->first_at = network->last_at = UINT64_MAX;
	network->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (network->fd < 0 ||
	    bind(network->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		phone_network_close(network);
		return NULL;
	}
	network->sum = sum_now();
	return network;
}

void phone_network_close(struct phone_network *network)
{
	if (!network)
		return;
	if (network->fd >= 0)
		close(network->fd);
	free(network);
}

int phone_network_fd(const struct phone_network *network)
{
	return network ? network->fd : -1;
}

/* What the messages say does not matter: one that was lost (ENOBUFS) counts as well. */
void phone_network_read(struct phone_network *network, uint64_t now)
{
	char message[8192];
	int left = MESSAGES_AT_ONCE;

	if (!network)
		return;
	if (network->first_at == UINT64_MAX)
		network->first_at = now;
	network->last_at = now;
	while (left-- && recv(network->fd, message, sizeof(message), 0) > 0)
		;
}

uint64_t phone_network_deadline(const struct phone_network *network)
{
	if (!network || network->first_at == UINT64_MAX)
		return UINT64_MAX;
	if (network->last_at + QUIET_MS < network->first_at + LONGEST_MS)
		return network->last_at + QUIET_MS;
	return network->first_at + LONGEST_MS;
}

int phone_network_changed(struct phone_network *network, uint64_t now)
{
	uint64_t sum;

	if (phone_network_deadline(network) > now)
		return 0;
	network->first_at = network->last_at = UINT64_MAX;
	sum = sum_now();
	if (sum == network->sum)
		return 0;
	network->sum = sum;
	return 1;
}
