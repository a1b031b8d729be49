/* SPDX-License-Identifier: MIT */
/* network.c - links between the client and its servers: delay, loss, duplication, reordering. */
#include <stdlib.h>
#include <string.h>
#include "plugins/sim/world.h"

static struct fo_sim_server *server_at(struct fo_sim *sim, const struct failover_target *address)
{
	struct fo_sim_node *node = fo_sim_table_find(&sim->addresses, fo_sim_address_key(address));

	return node ? FO_SIM_OF(node, struct fo_sim_server, by_address) : NULL;
}

/* Put one packet on the link; only UDP loses, doubles or overtakes. */
static void link_carry(struct fo_sim *sim, const struct fo_sim_server *server,
		       const struct failover_sim_packet *packet, uint64_t at_ms)
{
	int udp = packet->target.transport == FAILOVER_UDP, copies = 1;
	struct fo_sim_event event = {
		.kind = packet->kind == FAILOVER_SIM_REQUEST ? FO_SIM_TO_SERVER : FO_SIM_TO_CLIENT,
		.server = server->number,
	};
	uint64_t arrives_ms;

	if (udp && fo_sim_below(sim, 100) < server->link.loss_percent)
		return;
	if (udp && fo_sim_below(sim, 100) < server->link.duplicate_percent)
		copies = 2;
	for (; copies; copies--) {
		event.packet = malloc(sizeof(*event.packet));
		if (!event.packet)
			return;
		*event.packet = *packet;
		event.packet->server = server->number;
		arrives_ms = at_ms + server->link.delay_ms;
		if (udp)
			arrives_ms += fo_sim_below(sim, server->link.jitter_ms + 1);
		if (fo_sim_schedule(sim, arrives_ms, event))
			free(event.packet);
	}
}

void fo_sim_network_request(struct fo_sim *sim, const struct failover_sim_packet *packet)
{
	const struct fo_sim_server *server = server_at(sim, &packet->target);
	struct failover_sim_packet seen = *packet;

	seen.server = server ? server->number : UINT32_MAX;
	if (sim->observer)
		sim->observer(sim->observer_user, &seen);
	/* An address where nobody lives swallows what it gets. */
	if (server)
		link_carry(sim, server, packet, sim->now_ms);
}

void fo_sim_network_response(struct fo_sim *sim, const struct failover_sim_packet *packet,
			     uint32_t after_ms)
{
	const struct fo_sim_server *server = server_at(sim, &packet->target);

	if (server)
		link_carry(sim, server, packet, sim->now_ms + after_ms);
}

static struct fo_sim_store *store_of(struct fo_sim *sim, uint64_t number)
{
	struct fo_sim_node *node = fo_sim_table_find(&sim->stores, number);
	struct fo_sim_store *store;

	if (node)
		return FO_SIM_OF(node, struct fo_sim_store, by_number);
	store = calloc(1, sizeof(*store));
	if (!store)
		return NULL;
	store->by_number.key = number;
	if (fo_sim_table_add(&sim->stores, &store->by_number)) {
		free(store);
		return NULL;
	}
	return store;
}

static struct fo_sim_server *server_new(struct fo_sim *sim,
					const struct failover_sim_server_params *params)
{
	struct fo_sim_server *server = calloc(1, sizeof(*server));
	uint64_t store = params->store;

	if (!server)
		return NULL;
	server->number = sim->servers_count;
	server->address = params->address;
	server->merge = params->merge;
	server->by_address.key = fo_sim_address_key(&params->address);
	server->behaviour.size = sizeof(server->behaviour);
	server->link = (struct failover_sim_link){ .size = sizeof(server->link), .delay_ms = 1 };
	/* A store of its own has a number that no 32-bit one can be. */
	if (params->store == FAILOVER_SIM_NO_STORE)
		store = (1ull << 32) + server->number;
	server->store = store_of(sim, store);
	if (!server->store || fo_sim_table_add(&sim->addresses, &server->by_address)) {
		free(server);
		return NULL;
	}
	return server;
}

int fo_sim_server_add(struct fo_sim *sim, const struct failover_sim_server_params *params,
		      uint32_t *number)
{
	struct fo_sim_server **grown;

	if (server_at(sim, &params->address))
		return FAILOVER_ERR_STATE;
	if (sim->servers_count >= FO_SIM_SERVERS_MOST)
		return FAILOVER_ERR_FULL;
	grown = realloc(sim->servers, (sim->servers_count + 1) * sizeof(*grown));
	if (!grown)
		return FAILOVER_ERR_MEMORY;
	sim->servers = grown;
	grown[sim->servers_count] = server_new(sim, params);
	if (!grown[sim->servers_count])
		return FAILOVER_ERR_MEMORY;
	*number = sim->servers_count++;
	return 0;
}

void fo_sim_server_free(struct fo_sim_server *server)
{
	fo_sim_table_clear(&server->transactions, fo_sim_server_transaction_free);
	free(server);
}
