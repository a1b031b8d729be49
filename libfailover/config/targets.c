/* SPDX-License-Identifier: MIT */
/* The target list of a line (B1, B1a). */
#include <stdio.h>
#include <string.h>

#include <failover/config.h>

#define PORT_UDP_TCP 5060u
#define PORT_TLS 5061u

struct list {
	failover_config_resolve *resolve;
	void *user;
	struct failover_target *out;
	uint32_t count, max;
};

/* One place to send to, before its name is resolved. */
struct hop {
	const char *address;
	uint32_t port, transport; /* port 0 = not set */
	uint8_t registrar, index;
};

/* A registrar lists a place once, also if two names lead to it (B1b: that is its identity). */
static int is_listed(const struct list *list, const struct failover_target *target)
{
	for (uint32_t i = 0; i < list->count; i++) {
		if (list->out[i].registrar == target->registrar &&
		    failover_target_same_address(&list->out[i], target))
			return 1;
	}
	return 0;
}

static uint32_t port_of(const struct hop *hop, uint32_t transport)
{
	if (hop->port)
		return hop->port;
	return transport == FAILOVER_TLS ? PORT_TLS : PORT_UDP_TCP;
}

/* B25: `auto` is a matter of names; to an address it is UDP. */
static uint32_t transport_to_address(const struct hop *hop)
{
	return hop->transport == FAILOVER_TRANSPORT_AUTO ? FAILOVER_UDP : hop->transport;
}

static int is_usable(const struct failover_target *target)
{
	return (target->family == 4 || target->family == 6) &&
	       (target->transport == FAILOVER_UDP || target->transport == FAILOVER_TCP ||
		target->transport == FAILOVER_TLS);
}

/* The target at out[count], which is not in the list yet. */
static void keep(struct list *list, const struct hop *hop)
{
	struct failover_target target = list->out[list->count];

	if (hop->transport != FAILOVER_TRANSPORT_AUTO)
		target.transport = (uint8_t)hop->transport;
	target.registrar = hop->registrar;
	target.hop = hop->index;
	if (target.port == 0)
		target.port = (uint16_t)port_of(hop, target.transport);
	if (is_usable(&target) && !is_listed(list, &target))
		list->out[list->count++] = target;
}

static void add_hop(struct list *list, const struct hop *hop)
{
	uint32_t room = list->max - list->count, first = list->count;
	uint32_t transport = transport_to_address(hop);
	struct failover_target *next = &list->out[first];
	int found;

	if (room == 0 || hop->address[0] == '\0')
		return;
	memset(next, 0, room * sizeof(*next));
	if (failover_target_set(next, hop->address, port_of(hop, transport), transport) ==
	    FAILOVER_OK) {
		keep(list, hop);
		return;
	}
	if (!list->resolve)
		return;
	found = list->resolve(list->user, hop->address, hop->port, hop->transport, next, room);
	for (int i = 0; i < found && (uint32_t)i < room; i++) {
		list->out[list->count] = list->out[first + (uint32_t)i];
		keep(list, hop);
	}
}

int failover_config_targets(const struct failover_config_line *line,
			    failover_config_resolve *resolve, void *user,
			    struct failover_target *out, uint32_t max)
{
	struct list list = { .resolve = resolve, .user = user, .out = out, .max = max };

	for (uint32_t s = 0; s < line->servers_count; s++) {
		const struct failover_config_server *server = &line->servers[s];
		struct hop hop = { .address = server->address,
				   .port = server->port,
				   .transport = server->transport,
				   .registrar = (uint8_t)s };

		if (line->proxies_count == 0)
			add_hop(&list, &hop);
		for (uint32_t p = 0; p < line->proxies_count; p++) {
			const struct failover_config_proxy *proxy = &line->proxies[p];

			hop.address = proxy->address;
			hop.port = proxy->port;
			hop.transport = proxy->transport_set ? proxy->transport : server->transport;
			hop.index = (uint8_t)(p + 1);
			add_hop(&list, &hop);
		}
	}
	return list.count ? (int)list.count : FAILOVER_ERR_ARGUMENT;
}

const char *failover_config_where(const struct failover_config_line *line,
				  const struct failover_target *target, char *buffer, size_t size)
{
	const char *server = "server";

	if (target->registrar < line->servers_count)
		server = line->servers[target->registrar].name;
	if (target->hop > 0 && target->hop <= line->proxies_count)
		snprintf(buffer, size, "%.80s via %.80s proxy", server,
			 line->proxies[target->hop - 1].name);
	else
		snprintf(buffer, size, "%.80s", server);
	return buffer;
}

const char *failover_config_domain(const struct failover_config_line *line)
{
	if (line->domain[0] || line->servers_count == 0)
		return line->domain;
	return line->servers[0].address;
}
