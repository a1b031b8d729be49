/* SPDX-License-Identifier: MIT */
/* server.c - scripted servers: server transactions (RFC 3261 17.2), challenges, registrar. */
#include <stdlib.h>
#include <string.h>
#include "plugins/sim/world.h"

#define SERVER_T1_MS 500u
#define SERVER_T2_MS 4000u
#define SERVER_LIFE_MS (64u * SERVER_T1_MS)

struct transaction {
	struct fo_sim_node by_branch;
	struct failover_sim_packet request;
	struct failover_sim_packet last; /* response; status 0 = none yet */
	uint64_t ends_ms;
	uint32_t interval_ms, to_tag;
	uint32_t stale; /* the credentials were good but for their nonce */
	int acked;
};

void fo_sim_server_transaction_free(struct fo_sim_node *node)
{
	free(FO_SIM_OF(node, struct transaction, by_branch));
}

static struct transaction *transaction_of(const struct fo_sim_server *server, uint64_t key)
{
	struct fo_sim_node *node = fo_sim_table_find(&server->transactions, key);

	return node ? FO_SIM_OF(node, struct transaction, by_branch) : NULL;
}

/* The nonce of this server now: never 0, and of no other server. */
static uint32_t nonce_of(const struct fo_sim_server *server)
{
	return (server->number + 1) * 1000u + server->behaviour.nonce;
}

static void reply_later(struct fo_sim *sim, const struct fo_sim_server *server, uint64_t key,
			const struct failover_sim_reply *reply)
{
	struct fo_sim_event event = {
		.kind = FO_SIM_SERVER_REPLY,
		.key = key,
		.server = server->number,
		.status = (uint16_t)reply->status,
	};

	fo_sim_schedule(sim, sim->now_ms + server->behaviour.delay_ms + reply->after_ms, event);
}

static int challenged(const struct fo_sim_server *server, struct transaction *transaction)
{
	const struct failover_sim_behaviour *behaviour = &server->behaviour;
	const struct failover_sim_packet *request = &transaction->request;

	if (!behaviour->challenge || request->method == FAILOVER_CANCEL)
		return 0;
	if (!request->nonce || request->realm != behaviour->realm || behaviour->reject)
		return 1;
	transaction->stale = request->nonce != nonce_of(server);
	return (int)transaction->stale;
}

/* The one final response that needs no script, or 0. */
static uint32_t refusal(const struct fo_sim_server *server, struct transaction *transaction)
{
	const struct failover_sim_packet *request = &transaction->request;

	if (challenged(server, transaction))
		return server->behaviour.challenge;
	if (request->method == FAILOVER_REGISTER && request->expires_s &&
	    request->expires_s < server->behaviour.min_expires_s)
		return 423;
	if (request->method == FAILOVER_INVITE && server->merge && !request->to_tag &&
	    fo_sim_store_merged(server->store, request))
		return 482;
	return 0;
}

/* CANCEL: 200, and 487 for an INVITE without a final response; 481 if there is none. */
static void cancel_serve(struct fo_sim *sim, const struct fo_sim_server *server,
			 const struct failover_sim_packet *cancel)
{
	const struct transaction *invite = transaction_of(server, cancel->branch);
	const struct failover_sim_reply ok = { invite ? 200 : 481, 0 }, terminated = { 487, 0 };

	reply_later(sim, server, fo_sim_branch_key(cancel), &ok);
	if (invite && invite->last.status < 200)
		reply_later(sim, server, invite->by_branch.key, &terminated);
}

static void script_start(struct fo_sim *sim, const struct fo_sim_server *server,
			 struct transaction *transaction)
{
	const struct failover_sim_packet *request = &transaction->request;
	const struct failover_sim_reply *script = server->behaviour.replies[request->method];
	struct failover_sim_reply only = { refusal(server, transaction), 0 };
	uint32_t i;

	if (request->method == FAILOVER_CANCEL && !script[0].status) {
		cancel_serve(sim, server, request);
		return;
	}
	if (!only.status && !script[0].status)
		only.status = 200;
	if (only.status) {
		reply_later(sim, server, transaction->by_branch.key, &only);
		return;
	}
	for (i = 0; i < FAILOVER_SIM_REPLIES && script[i].status; i++)
		reply_later(sim, server, transaction->by_branch.key, &script[i]);
}

static void ack_serve(struct fo_sim_server *server, const struct failover_sim_packet *ack)
{
	struct transaction *transaction = transaction_of(server, ack->branch);
	uint64_t branch;

	if (!transaction) {
		/* The ACK of a 2xx is a transaction apart; its dialog leads to the INVITE. */
		branch = fo_sim_store_ack(server->store, ack);
		server->acked += branch != 0;
		transaction = branch ? transaction_of(server, branch) : NULL;
	}
	if (transaction)
		transaction->acked = 1;
}

static void request_serve(struct fo_sim *sim, struct fo_sim_server *server,
			  const struct failover_sim_packet *packet)
{
	struct transaction *transaction = transaction_of(server, fo_sim_branch_key(packet));
	struct fo_sim_event end = { .kind = FO_SIM_SERVER_END, .server = server->number };

	if (transaction) {
		if (transaction->last.status)
			fo_sim_network_response(sim, &transaction->last, 0);
		return;
	}
	transaction = calloc(1, sizeof(*transaction));
	if (!transaction)
		return;
	transaction->request = *packet;
	transaction->to_tag = packet->to_tag ? packet->to_tag : (uint32_t)fo_sim_random(sim) | 1;
	transaction->by_branch.key = end.key = fo_sim_branch_key(packet);
	transaction->ends_ms = sim->now_ms + SERVER_LIFE_MS;
	if (fo_sim_table_add(&server->transactions, &transaction->by_branch)) {
		free(transaction);
		return;
	}
	if (fo_sim_schedule(sim, transaction->ends_ms, end)) {
		fo_sim_table_remove(&server->transactions, end.key);
		free(transaction);
		return;
	}
	server->requests++;
	script_start(sim, server, transaction);
}

void fo_sim_server_arrive(struct fo_sim *sim, const struct failover_sim_packet *packet)
{
	struct fo_sim_server *server = sim->servers[packet->server];
	struct failover_sim_packet back = *packet;

	switch ((enum failover_sim_mode)server->behaviour.mode) {
	case FAILOVER_SIM_SILENT:
		return;
	case FAILOVER_SIM_NO_ROUTE:
		back.kind = FAILOVER_SIM_UNREACHABLE;
		back.reason = server->behaviour.reason;
		fo_sim_network_response(sim, &back, server->behaviour.delay_ms);
		return;
	case FAILOVER_SIM_ANSWERS:
		break;
	}
	if (packet->method == FAILOVER_SIM_ACK)
		ack_serve(server, packet);
	else
		request_serve(sim, server, packet);
}

/* A BYE also proves that the 2xx of its INVITE has arrived: no need to send that again. */
static uint32_t bye_serve(struct fo_sim_server *server, const struct failover_sim_packet *bye)
{
	struct transaction *invite;
	uint64_t branch = 0;
	uint32_t status = fo_sim_store_bye(server->store, bye, &branch);

	if (status != 200)
		return status;
	server->byes++;
	invite = transaction_of(server, branch);
	if (invite)
		invite->acked = 1;
	return status;
}

/* What a response carries, and what sending it does to the store. */
static void response_fill(struct fo_sim *sim, struct fo_sim_server *server,
			  const struct transaction *transaction,
			  struct failover_sim_packet *response)
{
	const struct failover_sim_behaviour *behaviour = &server->behaviour;
	uint32_t granted = response->expires_s;

	if (behaviour->max_expires_s && granted > behaviour->max_expires_s)
		granted = behaviour->max_expires_s;
	if (response->method == FAILOVER_REGISTER && response->status == 200)
		response->status = fo_sim_store_register(server->store, &transaction->request,
							 sim->now_ms, &granted);
	if (response->method == FAILOVER_BYE && response->status == 200)
		response->status = bye_serve(server, &transaction->request);
	response->has_expires = response->method == FAILOVER_REGISTER && response->status < 300;
	response->expires_s = response->has_expires ? granted : 0;
	response->realm = response->nonce = 0;
	if (response->status == 401 || response->status == 407) {
		response->realm = behaviour->realm;
		response->nonce = nonce_of(server);
		response->stale = transaction->stale;
	}
	if (response->status == 423)
		response->min_expires_s = behaviour->min_expires_s;
	response->unbound = response->has_expires && behaviour->unbound;
	if (response->status >= 300) {
		response->retry_after_s = behaviour->retry_after_s;
		response->q850 = behaviour->q850;
	}
}

static void invite_final(struct fo_sim *sim, struct fo_sim_server *server,
			 struct transaction *transaction)
{
	struct fo_sim_event resend = { .kind = FO_SIM_SERVER_RESEND,
				       .key = transaction->by_branch.key,
				       .server = server->number };
	const struct failover_sim_packet *last = &transaction->last;

	transaction->ends_ms = sim->now_ms + SERVER_LIFE_MS;
	if (last->status < 300 && !transaction->request.to_tag &&
	    !fo_sim_store_dialog(server->store, last))
		server->invites_up++;
	if (last->status >= 300)
		fo_sim_store_leg_end(server->store, &transaction->request);
	if (last->target.transport != FAILOVER_UDP)
		return;
	transaction->interval_ms = SERVER_T1_MS;
	fo_sim_schedule(sim, sim->now_ms + transaction->interval_ms, resend);
}

void fo_sim_server_reply(struct fo_sim *sim, const struct fo_sim_event *event)
{
	struct fo_sim_server *server = sim->servers[event->server];
	struct transaction *transaction = transaction_of(server, event->key);
	struct failover_sim_packet *last;

	if (!transaction || transaction->last.status >= 200 ||
	    server->behaviour.mode != FAILOVER_SIM_ANSWERS)
		return;
	last = &transaction->last;
	*last = transaction->request;
	last->kind = FAILOVER_SIM_RESPONSE;
	last->status = event->status;
	last->ruri = NULL;
	last->attempt_flags = 0;
	last->transmission = 0;
	if (last->status > 100)
		last->to_tag = transaction->to_tag;
	response_fill(sim, server, transaction, last);
	if (last->method == FAILOVER_INVITE && last->status >= 200)
		invite_final(sim, server, transaction);
	fo_sim_network_response(sim, last, 0);
}

void fo_sim_server_resend(struct fo_sim *sim, const struct fo_sim_event *event)
{
	struct fo_sim_server *server = sim->servers[event->server];
	struct transaction *transaction = transaction_of(server, event->key);
	struct fo_sim_event again = *event;

	if (!transaction || transaction->acked || sim->now_ms >= transaction->ends_ms)
		return;
	if (server->behaviour.mode == FAILOVER_SIM_ANSWERS)
		fo_sim_network_response(sim, &transaction->last, 0);
	transaction->interval_ms *= 2;
	if (transaction->interval_ms > SERVER_T2_MS)
		transaction->interval_ms = SERVER_T2_MS;
	fo_sim_schedule(sim, sim->now_ms + transaction->interval_ms, again);
}

void fo_sim_server_end(struct fo_sim *sim, const struct fo_sim_event *event)
{
	struct fo_sim_server *server = sim->servers[event->server];
	struct transaction *transaction = transaction_of(server, event->key);
	struct fo_sim_event again = *event;

	if (!transaction)
		return;
	/* An INVITE that rings stays. */
	if (transaction->request.method == FAILOVER_INVITE && transaction->last.status < 200 &&
	    transaction->last.status)
		transaction->ends_ms = sim->now_ms + SERVER_LIFE_MS;
	if (transaction->ends_ms > sim->now_ms &&
	    !fo_sim_schedule(sim, transaction->ends_ms, again))
		return;
	if (transaction->request.method == FAILOVER_INVITE)
		fo_sim_store_leg_end(server->store, &transaction->request);
	fo_sim_table_remove(&server->transactions, event->key);
	free(transaction);
}
