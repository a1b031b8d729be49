/* SPDX-License-Identifier: MIT */
/* store.c - registrar and dialog memory of servers. */
#include <stdlib.h>
#include "plugins/sim/store.h"

struct binding {
	struct fo_sim_node by_line;
	uint64_t call_id, until_ms;
	uint32_t cseq;
};

struct leg {
	struct fo_sim_node by_key;
	uint64_t branch;
};

uint64_t fo_sim_dialog_key(uint64_t call_id, uint32_t to_tag)
{
	return fo_sim_mix(call_id, to_tag);
}

static uint64_t leg_key(const struct failover_sim_packet *packet)
{
	return fo_sim_mix(fo_sim_mix(packet->call_id, packet->from_tag), packet->cseq);
}

static struct binding *binding_of(struct fo_sim_store *store, uint32_t line)
{
	struct fo_sim_node *node = fo_sim_table_find(&store->bindings, line);
	struct binding *binding;

	if (node)
		return FO_SIM_OF(node, struct binding, by_line);
	binding = calloc(1, sizeof(*binding));
	if (!binding)
		return NULL;
	binding->by_line.key = line;
	if (fo_sim_table_add(&store->bindings, &binding->by_line)) {
		free(binding);
		return NULL;
	}
	return binding;
}

uint32_t fo_sim_store_register(struct fo_sim_store *store, const struct failover_sim_packet *packet,
			       uint64_t now_ms, uint32_t *granted)
{
	struct binding *binding = binding_of(store, packet->line);

	if (!binding)
		return 500;
	/* RFC 3261 10.3 step 7: within one Call-ID the CSeq must rise, or the request fails. */
	if (binding->call_id == packet->call_id && packet->cseq <= binding->cseq)
		return 500;
	binding->call_id = packet->call_id;
	binding->cseq = packet->cseq;
	binding->until_ms = packet->expires_s ? now_ms + *granted * 1000ull : 0;
	if (!packet->expires_s)
		*granted = 0;
	return 200;
}

int fo_sim_store_dialog(struct fo_sim_store *store, const struct failover_sim_packet *response)
{
	struct fo_sim_held *held = calloc(1, sizeof(*held));

	if (!held)
		return FAILOVER_ERR_MEMORY;
	held->by_key.key = fo_sim_dialog_key(response->call_id, response->to_tag);
	held->branch = response->branch;
	if (fo_sim_table_add(&store->dialogs, &held->by_key)) {
		free(held);
		return FAILOVER_ERR_MEMORY;
	}
	return 0;
}

uint64_t fo_sim_store_ack(struct fo_sim_store *store, const struct failover_sim_packet *packet)
{
	struct fo_sim_node *node = fo_sim_table_find(
		&store->dialogs, fo_sim_dialog_key(packet->call_id, packet->to_tag));
	struct fo_sim_held *held = node ? FO_SIM_OF(node, struct fo_sim_held, by_key) : NULL;

	if (!held || held->acked)
		return 0;
	held->acked = 1;
	return held->branch;
}

uint32_t fo_sim_store_bye(struct fo_sim_store *store, const struct failover_sim_packet *packet,
			  uint64_t *branch)
{
	struct fo_sim_node *node = fo_sim_table_remove(
		&store->dialogs, fo_sim_dialog_key(packet->call_id, packet->to_tag));
	struct fo_sim_held *held = node ? FO_SIM_OF(node, struct fo_sim_held, by_key) : NULL;

	if (!held)
		return 481;
	*branch = held->branch;
	free(held);
	return 200;
}

int fo_sim_store_merged(struct fo_sim_store *store, const struct failover_sim_packet *packet)
{
	struct fo_sim_node *node = fo_sim_table_find(&store->legs, leg_key(packet));
	struct leg *leg;

	if (node)
		return FO_SIM_OF(node, struct leg, by_key)->branch != packet->branch;
	leg = calloc(1, sizeof(*leg));
	if (!leg)
		return 0;
	leg->by_key.key = leg_key(packet);
	leg->branch = packet->branch;
	if (fo_sim_table_add(&store->legs, &leg->by_key))
		free(leg);
	return 0;
}

void fo_sim_store_leg_end(struct fo_sim_store *store, const struct failover_sim_packet *packet)
{
	struct fo_sim_node *node = fo_sim_table_find(&store->legs, leg_key(packet));

	if (!node || FO_SIM_OF(node, struct leg, by_key)->branch != packet->branch)
		return;
	fo_sim_table_remove(&store->legs, node->key);
	free(FO_SIM_OF(node, struct leg, by_key));
}

void fo_sim_store_state(const struct fo_sim_store *store, uint64_t now_ms,
			struct failover_sim_server_state *out)
{
	const struct fo_sim_node *node;
	size_t i;

	out->bindings = out->dialogs = out->unacked = 0;
	for (i = 0; i < store->bindings.room; i++)
		for (node = store->bindings.slots[i]; node; node = node->next)
			out->bindings +=
				FO_SIM_OF(node, struct binding, by_line)->until_ms > now_ms;
	for (i = 0; i < store->dialogs.room; i++) {
		for (node = store->dialogs.slots[i]; node; node = node->next) {
			out->dialogs++;
			out->unacked += !FO_SIM_OF(node, struct fo_sim_held, by_key)->acked;
		}
	}
}

static void binding_free(struct fo_sim_node *node)
{
	free(FO_SIM_OF(node, struct binding, by_line));
}

static void held_free(struct fo_sim_node *node)
{
	free(FO_SIM_OF(node, struct fo_sim_held, by_key));
}

static void leg_free(struct fo_sim_node *node)
{
	free(FO_SIM_OF(node, struct leg, by_key));
}

void fo_sim_store_forget(struct fo_sim_store *store)
{
	fo_sim_table_clear(&store->bindings, binding_free);
	fo_sim_table_clear(&store->dialogs, held_free);
	fo_sim_table_clear(&store->legs, leg_free);
}

void fo_sim_store_free(struct fo_sim_node *by_number)
{
	struct fo_sim_store *store = FO_SIM_OF(by_number, struct fo_sim_store, by_number);

	fo_sim_store_forget(store);
	free(store);
}
