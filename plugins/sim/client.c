/* SPDX-License-Identifier: MIT */
/* client.c - client transactions: sending, retransmission, answers, abandonment. */
#include <stdlib.h>
#include "plugins/sim/client.h"

uint64_t fo_sim_client_branch(struct fo_sim *sim)
{
	return fo_sim_random(sim) & ~1ull;
}

static struct fo_sim_client *client_of_attempt(struct fo_sim *sim, uint64_t attempt)
{
	struct fo_sim_node *node = fo_sim_table_find(&sim->attempts, attempt);

	return node ? FO_SIM_OF(node, struct fo_sim_client, by_attempt) : NULL;
}

static struct fo_sim_client *client_of_key(struct fo_sim *sim, uint64_t key)
{
	struct fo_sim_node *node = fo_sim_table_find(&sim->clients, key);

	return node ? FO_SIM_OF(node, struct fo_sim_client, by_branch) : NULL;
}

/* Send the request, once more or for the first time, and set timer A or E. */
static void client_transmit(struct fo_sim *sim, struct fo_sim_client *client)
{
	struct failover_sim_packet packet = client->request;
	struct fo_sim_event again = { .kind = FO_SIM_CLIENT_RESEND, .key = client->by_branch.key };

	packet.transmission = ++client->sent;
	fo_sim_network_request(sim, &packet);
	if (client->provisional) /* not an INVITE: it is not sent again then (17.1.2.2) */
		client->interval_ms = client->t2_ms;
	if (packet.target.transport == FAILOVER_UDP)
		fo_sim_schedule(sim, sim->now_ms + client->interval_ms, again);
	client->interval_ms *= 2;
	if (packet.method != FAILOVER_INVITE && client->interval_ms > client->t2_ms)
		client->interval_ms = client->t2_ms;
	if (client->attempt && !(sim->quirks & FAILOVER_SIM_COUNTS_NOTHING))
		sim->host->sent(sim->host->ctx, client->attempt);
}

/* Put it into the tables and on its way; takes the struct over, also when it fails. */
static int client_start(struct fo_sim *sim, struct fo_sim_client *client)
{
	struct fo_sim_event end = { .kind = FO_SIM_CLIENT_END };

	client->by_branch.key = end.key = fo_sim_branch_key(&client->request);
	client->by_attempt.key = client->attempt;
	client->interval_ms = client->t1_ms;
	client->ends_ms = sim->now_ms + 64ull * client->t1_ms;
	if (client_of_key(sim, end.key) || fo_sim_table_add(&sim->clients, &client->by_branch)) {
		free(client);
		return FAILOVER_ERR_STATE;
	}
	if ((client->attempt && fo_sim_table_add(&sim->attempts, &client->by_attempt)) ||
	    fo_sim_schedule(sim, client->ends_ms, end)) {
		if (client->attempt)
			fo_sim_table_remove(&sim->attempts, client->attempt);
		fo_sim_table_remove(&sim->clients, end.key);
		free(client);
		return FAILOVER_ERR_MEMORY;
	}
	client_transmit(sim, client);
	return 0;
}

/* A CANCEL has the branch, CSeq and target of its INVITE (RFC 3261 9.1). */
static int cancel_fill(struct fo_sim *sim, uint64_t related, struct failover_sim_packet *packet)
{
	struct fo_sim_client *invite = client_of_attempt(sim, related);
	struct failover_sim_packet *from = invite ? &invite->request : NULL;

	if (!from || from->method != FAILOVER_INVITE)
		return FAILOVER_ERR_STALE;
	invite->cancelled = 1;
	packet->branch = from->branch;
	packet->call_id = from->call_id;
	packet->from_tag = from->from_tag;
	packet->cseq = from->cseq;
	packet->ruri = from->ruri;
	packet->target = from->target;
	return 0;
}

int fo_sim_client_send(struct fo_sim *sim, const struct failover_attempt *attempt)
{
	struct fo_sim_client *client = calloc(1, sizeof(*client));
	struct failover_sim_packet *packet;
	int rc;

	if (!client)
		return FAILOVER_ERR_MEMORY;
	packet = &client->request;
	packet->kind = FAILOVER_SIM_REQUEST;
	packet->line = attempt->line;
	packet->method = attempt->method;
	packet->target = attempt->target;
	packet->attempt_flags = attempt->flags;
	packet->branch = fo_sim_client_branch(sim);
	client->attempt = attempt->id;
	client->request_id = attempt->request;
	client->cookie = attempt->cookie;
	client->dialog = attempt->dialog;
	client->t1_ms = attempt->t1_ms;
	client->t2_ms = attempt->t2_ms;
	if (!(sim->quirks & FAILOVER_SIM_LIMITS_NOTHING))
		client->limit = attempt->transmissions;
	if (attempt->method == FAILOVER_CANCEL)
		rc = cancel_fill(sim, attempt->related, packet);
	else
		rc = fo_sim_identity_fill(sim, attempt, packet);
	if (rc) {
		free(client);
		return rc;
	}
	return client_start(sim, client);
}

void fo_sim_client_own(struct fo_sim *sim, const struct fo_sim_client *invite,
		       const struct failover_sim_packet *packet)
{
	struct fo_sim_client *client = calloc(1, sizeof(*client));

	if (!client)
		return;
	client->request = *packet;
	client->t1_ms = invite->t1_ms;
	client->t2_ms = invite->t2_ms;
	client_start(sim, client);
}

void fo_sim_client_resend(struct fo_sim *sim, uint64_t key)
{
	struct fo_sim_client *client = client_of_key(sim, key);

	if (!client || client->completed || client->stopped)
		return;
	if (client->request.method == FAILOVER_INVITE && client->provisional)
		return;
	if (client->limit && client->sent >= client->limit && !client->provisional)
		return; /* the limit is one of silence (B4a) */
	if (sim->now_ms >= client->ends_ms)
		return;
	client_transmit(sim, client);
}

void fo_sim_client_free(struct fo_sim_node *by_branch)
{
	free(FO_SIM_OF(by_branch, struct fo_sim_client, by_branch));
}

void fo_sim_client_end(struct fo_sim *sim, uint64_t key)
{
	struct fo_sim_client *client = client_of_key(sim, key);
	struct fo_sim_event end = { .kind = FO_SIM_CLIENT_END, .key = key };

	if (!client)
		return;
	/* An INVITE that rings waits for its final response or the user (B4a). */
	if (client->request.method == FAILOVER_INVITE && client->provisional &&
	    !client->completed && !client->abandoned)
		client->ends_ms = sim->now_ms + 64ull * client->t1_ms;
	if (client->ends_ms > sim->now_ms && !fo_sim_schedule(sim, client->ends_ms, end))
		return;
	if (client->attempt)
		fo_sim_table_remove(&sim->attempts, client->attempt);
	fo_sim_table_remove(&sim->clients, key);
	free(client);
}

static uint32_t client_report(struct fo_sim *sim, const struct fo_sim_client *client,
			      const struct failover_sim_packet *packet, int retrying)
{
	const struct failover_answer answer = {
		.size = sizeof(answer),
		.status = packet->status,
		.retrying = (uint32_t)retrying,
		.retry_after_s = packet->retry_after_s,
		.expires_s = packet->expires_s,
		.min_expires_s = packet->min_expires_s,
		.flags = (packet->q850 ? FAILOVER_ANSWER_Q850 : 0u) |
			 (packet->unbound ? FAILOVER_ANSWER_UNBOUND : 0u) |
			 (retrying ? 0u : fo_sim_identity_flags(sim, &client->request, packet)),
	};

	if (!client->attempt)
		return FAILOVER_VERDICT_LATE;
	return sim->host->response(sim->host->ctx, client->attempt, &answer);
}

/* B22e: who says 423 without Min-Expires is asked for twice the time. */
static uint32_t longer(const struct failover_sim_packet *request,
		       const struct failover_sim_packet *response)
{
	uint32_t twice = request->expires_s * 2 < 86400 ? request->expires_s * 2 : 86400;

	return response->min_expires_s ? response->min_expires_s : twice;
}

/* Can the stack answer this response inside the attempt (B4b, B15)? */
static int client_can_answer(struct fo_sim *sim, const struct fo_sim_client *client,
			     const struct failover_sim_packet *packet)
{
	const struct failover_sim_packet *request = &client->request;

	if (client->abandoned || !client->attempt)
		return 0;
	if (packet->status == 401 || packet->status == 407)
		return fo_sim_identity_challenge(sim, request, packet);
	return packet->status == 423 && request->method == FAILOVER_REGISTER &&
	       longer(request, packet) > request->expires_s;
}

/* A new transaction inside the attempt: new branch, CSeq + 1, same Call-ID (B4b). */
static void client_answer(struct fo_sim *sim, struct fo_sim_client *old,
			  const struct failover_sim_packet *packet)
{
	struct fo_sim_client *client = calloc(1, sizeof(*client));
	uint64_t attempt = old->attempt;

	fo_sim_table_remove(&sim->attempts, attempt);
	old->attempt = 0;
	if (!client) {
		sim->host->unreachable(sim->host->ctx, attempt, FAILOVER_REASON_ICMP);
		return;
	}
	client->request = old->request;
	client->request.branch = fo_sim_client_branch(sim);
	client->attempt = attempt;
	client->request_id = old->request_id;
	client->cookie = old->cookie;
	client->dialog = old->dialog;
	client->t1_ms = old->t1_ms;
	client->t2_ms = old->t2_ms;
	client->limit = old->limit;
	fo_sim_identity_again(sim, old->request_id, old->dialog, &client->request);
	if (packet->status == 423) {
		client->request.expires_s = longer(&old->request, packet);
	} else {
		client->request.realm = packet->realm;
		client->request.nonce = packet->nonce;
	}
	if (client_start(sim, client))
		sim->host->unreachable(sim->host->ctx, attempt, FAILOVER_REASON_ICMP);
}

/* A 2xx to INVITE: the call, or a late leg that nobody waits for (B7a, B7b). */
static void client_answered_call(struct fo_sim *sim, struct fo_sim_client *client,
				 const struct failover_sim_packet *packet, uint32_t verdict)
{
	int in_dialog = client->request.to_tag != 0;

	client->to_tag = packet->to_tag;
	fo_sim_call_ack(sim, client, packet);
	if (in_dialog)
		return;
	if (verdict == FAILOVER_VERDICT_KEEP && !fo_sim_call_up(sim, client, packet->to_tag))
		return;
	fo_sim_call_bye(sim, client, packet->to_tag);
}

static void client_final(struct fo_sim *sim, struct fo_sim_client *client,
			 const struct failover_sim_packet *packet)
{
	int retrying = client_can_answer(sim, client, packet);
	uint32_t verdict;

	client->completed = 1;
	client->ends_ms = sim->now_ms + 64ull * client->t1_ms;
	if (client->request.method == FAILOVER_INVITE && packet->status >= 300)
		fo_sim_call_ack(sim, client, packet);
	if (client->request.method == FAILOVER_REGISTER && packet->status < 300 &&
	    !client->abandoned)
		fo_sim_identity_registered(sim, &client->request, packet->expires_s);
	verdict = client_report(sim, client, packet, retrying);
	if (client->request.method == FAILOVER_INVITE && packet->status < 300)
		client_answered_call(sim, client, packet, verdict);
	else if (retrying && verdict == FAILOVER_VERDICT_KEEP)
		client_answer(sim, client, packet);
}

/* A final response that is sent again, or a fork of it. */
static void client_again(struct fo_sim *sim, struct fo_sim_client *client,
			 const struct failover_sim_packet *packet)
{
	if (client->request.method != FAILOVER_INVITE || packet->status < 200)
		return;
	fo_sim_call_ack(sim, client, packet);
	if (packet->status < 300 && packet->to_tag != client->to_tag)
		fo_sim_call_bye(sim, client, packet->to_tag);
}

static void client_provisional(struct fo_sim *sim, struct fo_sim_client *client,
			       const struct failover_sim_packet *packet)
{
	uint32_t verdict;

	client->provisional = 1;
	verdict = client_report(sim, client, packet, 0);
	if (client->request.method != FAILOVER_INVITE || !client->attempt)
		return;
	if (verdict == FAILOVER_VERDICT_LATE)
		fo_sim_call_cancel(sim, client);
	else
		client->abandoned = 0; /* B7b: it is the call's leg again, if it was not */
}

static void client_unreachable(struct fo_sim *sim, struct fo_sim_client *client, uint32_t reason)
{
	/* The stack's own CANCEL and BYE, and late legs, go on: the network may heal. */
	if (!client->attempt || client->abandoned || client->completed)
		return;
	if ((sim->quirks & FAILOVER_SIM_HEARS_NO_ICMP) && reason == FAILOVER_REASON_ICMP)
		return;
	client->stopped = 1;
	sim->host->unreachable(sim->host->ctx, client->attempt, reason);
}

static int is_at(const struct failover_target *target, const struct fo_sim_server *server)
{
	return target->family && target->transport != FAILOVER_UDP &&
	       fo_sim_address_key(target) == server->by_address.key;
}

void fo_sim_client_unreachable(struct fo_sim *sim, uint32_t id, const struct fo_sim_server *server)
{
	const struct fo_sim_line *line = fo_sim_line_find(sim, id);
	struct fo_sim_node *node;
	size_t i;

	for (i = 0; line && FAILOVER_HOST_HAS(sim->host, lost) && i < FO_SIM_REGISTRARS; i++)
		if (is_at(&line->registered[i], server))
			sim->host->lost(sim->host->ctx, id, &line->registered[i]);
	for (i = 0; i < sim->clients.room; i++) {
		for (node = sim->clients.slots[i]; node; node = node->next) {
			struct fo_sim_client *client =
				FO_SIM_OF(node, struct fo_sim_client, by_branch);

			if (client->request.line == id && is_at(&client->request.target, server))
				client_unreachable(sim, client, FAILOVER_REASON_RESET);
		}
	}
}

void fo_sim_client_arrive(struct fo_sim *sim, const struct failover_sim_packet *packet)
{
	struct fo_sim_client *client = client_of_key(sim, fo_sim_branch_key(packet));

	if (sim->observer)
		sim->observer(sim->observer_user, packet);
	if (!client)
		return;
	if (packet->kind == FAILOVER_SIM_UNREACHABLE)
		client_unreachable(sim, client, packet->reason);
	else if (client->completed)
		client_again(sim, client, packet);
	else if (packet->status < 200)
		client_provisional(sim, client, packet);
	else
		client_final(sim, client, packet);
}

int fo_sim_client_timeout(struct fo_sim *sim, uint64_t attempt, uint32_t reason)
{
	struct fo_sim_client *client = client_of_attempt(sim, attempt);
	uint64_t late_ms;

	if (!client)
		return 0;
	client->abandoned = 1;
	if (client->request.method != FAILOVER_INVITE) {
		if (sim->quirks & FAILOVER_SIM_STOPS_NOTHING)
			return 1;
		client->stopped = 1;
		return 0;
	}
	client->stopped = 1;
	if (client->completed || !client->provisional)
		return 0;
	late_ms = sim->now_ms + 64ull * client->t1_ms;
	if (client->ends_ms < late_ms)
		client->ends_ms = late_ms;
	/* The core sends a CANCEL of its own when the user gave up (FAILOVER_ABANDON_GIVEN_UP). */
	if (reason != FAILOVER_ABANDON_GIVEN_UP)
		fo_sim_call_cancel(sim, client);
	return 0;
}
