/* SPDX-License-Identifier: MIT */
/* call.c - calls at the client, and what keeps ghost calls away: ACK, CANCEL and BYE (B7a). */
#include <stdlib.h>
#include "plugins/sim/client.h"

int fo_sim_call_up(struct fo_sim *sim, const struct fo_sim_client *client, uint32_t to_tag)
{
	struct fo_sim_call *call;

	if (!client->cookie)
		return 0;
	if (fo_sim_table_find(&sim->calls, client->cookie))
		return FAILOVER_ERR_STATE;
	call = calloc(1, sizeof(*call));
	if (!call)
		return FAILOVER_ERR_MEMORY;
	call->call_id = client->request.call_id;
	call->from_tag = client->request.from_tag;
	call->cseq = client->request.cseq;
	call->ruri = client->request.ruri;
	call->to_tag = to_tag;
	call->by_cookie.key = client->cookie;
	call->by_dialog.key = fo_sim_dialog_key(call->call_id, to_tag);
	if (fo_sim_table_add(&sim->calls, &call->by_cookie)) {
		free(call);
		return FAILOVER_ERR_MEMORY;
	}
	if (fo_sim_table_add(&sim->dialogs, &call->by_dialog)) {
		fo_sim_table_remove(&sim->calls, call->by_cookie.key);
		free(call);
		return FAILOVER_ERR_MEMORY;
	}
	return 0;
}

void fo_sim_call_forget(struct fo_sim *sim, uint64_t cookie)
{
	struct fo_sim_node *node = fo_sim_table_remove(&sim->calls, cookie);
	struct fo_sim_call *call = node ? FO_SIM_OF(node, struct fo_sim_call, by_cookie) : NULL;

	if (!call)
		return;
	fo_sim_table_remove(&sim->dialogs, call->by_dialog.key);
	free(call);
}

/* A request in the wake of an INVITE: same target, same dialog. */
static struct failover_sim_packet packet_after(const struct fo_sim_client *invite, uint32_t method)
{
	struct failover_sim_packet packet = invite->request;

	packet.method = method;
	packet.transmission = 0;
	packet.realm = packet.nonce = 0;
	packet.attempt_flags = 0;
	return packet;
}

void fo_sim_call_ack(struct fo_sim *sim, const struct fo_sim_client *client,
		     const struct failover_sim_packet *response)
{
	struct failover_sim_packet ack = packet_after(client, FAILOVER_SIM_ACK);

	/* RFC 3261 17.1.1.3: the branch of the INVITE, but that of a 2xx is a transaction apart. */
	if (response->status < 300)
		ack.branch = fo_sim_client_branch(sim);
	ack.to_tag = response->to_tag;
	ack.transmission = 1;
	fo_sim_network_request(sim, &ack);
}

void fo_sim_call_bye(struct fo_sim *sim, const struct fo_sim_client *client, uint32_t to_tag)
{
	struct failover_sim_packet bye = packet_after(client, FAILOVER_BYE);

	bye.branch = fo_sim_client_branch(sim);
	bye.to_tag = to_tag;
	bye.cseq++;
	fo_sim_client_own(sim, client, &bye);
}

void fo_sim_call_cancel(struct fo_sim *sim, struct fo_sim_client *invite)
{
	struct failover_sim_packet cancel = packet_after(invite, FAILOVER_CANCEL);
	uint64_t late_ms = sim->now_ms + 64ull * invite->t1_ms;

	if (invite->cancelled)
		return;
	invite->cancelled = 1;
	/* Its 487, or the 2xx that crossed the CANCEL, is still to come. */
	if (invite->ends_ms < late_ms)
		invite->ends_ms = late_ms;
	fo_sim_client_own(sim, invite, &cancel);
}

static uint32_t store_ghosts(const struct fo_sim *sim, const struct fo_sim_store *store)
{
	const struct fo_sim_node *node;
	uint32_t ghosts = 0;
	size_t i;

	for (i = 0; i < store->dialogs.room; i++)
		for (node = store->dialogs.slots[i]; node; node = node->next)
			ghosts += !fo_sim_table_find(&sim->dialogs, node->key);
	return ghosts;
}

uint32_t fo_sim_call_ghosts(struct fo_sim *sim)
{
	const struct fo_sim_node *node;
	uint32_t ghosts = 0;
	size_t i;

	for (i = 0; i < sim->stores.room; i++)
		for (node = sim->stores.slots[i]; node; node = node->next)
			ghosts +=
				store_ghosts(sim, FO_SIM_OF(node, struct fo_sim_store, by_number));
	return ghosts;
}
