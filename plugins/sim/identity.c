/* SPDX-License-Identifier: MIT */
/*
 * identity.c - lines and requests: Request-URIs, Call-IDs, CSeqs and credentials. Credentials are
 * only a realm and a nonce here; no password ever enters the simulated world.
 */
#include <stdlib.h>
#include <string.h>
#include "plugins/sim/world.h"

struct fo_sim_line *fo_sim_line_find(struct fo_sim *sim, uint32_t id)
{
	struct fo_sim_node *node = fo_sim_table_find(&sim->lines, id);
	struct fo_sim_line *line;

	if (node)
		return FO_SIM_OF(node, struct fo_sim_line, by_id);
	line = calloc(1, sizeof(*line));
	if (!line)
		return NULL;
	line->by_id.key = id;
	if (fo_sim_table_add(&sim->lines, &line->by_id)) {
		free(line);
		return NULL;
	}
	return line;
}

int fo_sim_identity_set(struct fo_sim *sim, const struct failover_line_identity *identity)
{
	const char *ruris[FO_SIM_REGISTRARS] = { NULL };
	struct fo_sim_line *line;
	uint32_t i;

	if (identity->registrars_count > FO_SIM_REGISTRARS)
		return FAILOVER_ERR_ARGUMENT;
	for (i = 0; i < identity->registrars_count; i++) {
		const struct failover_registrar_identity *registrar = &identity->registrars[i];

		ruris[i] = fo_sim_uri(sim, NULL, registrar->address, registrar->port);
		if (!ruris[i])
			return FAILOVER_ERR_MEMORY;
	}
	line = fo_sim_line_find(sim, identity->line);
	if (!line)
		return FAILOVER_ERR_MEMORY;
	for (i = 0; i < FO_SIM_REGISTRARS; i++)
		line->ruris[i] = ruris[i];
	memset(line->taken, 0, sizeof(line->taken));
	return 0;
}

void fo_sim_identity_registered(struct fo_sim *sim, const struct failover_sim_packet *request,
				uint32_t expires_s)
{
	struct fo_sim_line *line = fo_sim_line_find(sim, request->line);
	struct failover_target *at;

	if (!line || request->target.registrar >= FO_SIM_REGISTRARS)
		return;
	at = &line->registered[request->target.registrar];
	*at = request->target;
	line->taken[request->target.registrar] |= request->realm != 0;
	if (!expires_s)
		at->family = 0;
}

void fo_sim_identity_remove(struct fo_sim *sim, uint32_t id)
{
	struct fo_sim_node *node = fo_sim_table_remove(&sim->lines, id);

	if (node)
		free(FO_SIM_OF(node, struct fo_sim_line, by_id));
}

/* The registrar's own, whatever the next hop is (B1a). */
static const char *ruri_of(struct fo_sim *sim, const struct fo_sim_line *line,
			   const struct failover_target *target)
{
	char address[48];

	if (target->registrar < FO_SIM_REGISTRARS && line->ruris[target->registrar])
		return line->ruris[target->registrar];
	return fo_sim_uri(sim, NULL, fo_sim_address_text(target, address, sizeof(address)),
			  target->port);
}

static struct fo_sim_dialog *dialog_of(struct fo_sim *sim, struct fo_sim_line *line,
				       uint32_t number)
{
	struct fo_sim_dialog *oldest = &line->dialogs[0], *dialog;
	uint32_t i;

	for (i = 0; i < FO_SIM_DIALOGS; i++) {
		dialog = &line->dialogs[i];
		if (dialog->call_id && dialog->number == number) {
			dialog->used_at = ++line->uses;
			return dialog;
		}
		if (dialog->used_at < oldest->used_at)
			oldest = dialog;
	}
	*oldest = (struct fo_sim_dialog){
		.number = number,
		.call_id = fo_sim_random(sim),
		.from_tag = (uint32_t)fo_sim_random(sim) | 1,
		.used_at = ++line->uses,
	};
	return oldest;
}

static struct fo_sim_request *request_new(struct fo_sim *sim,
					  const struct failover_attempt *attempt,
					  const struct fo_sim_line *line)
{
	struct fo_sim_request *request = calloc(1, sizeof(*request));
	struct fo_sim_node *node = fo_sim_table_find(&sim->calls, attempt->cookie);
	struct fo_sim_call *call = node ? FO_SIM_OF(node, struct fo_sim_call, by_cookie) : NULL;

	if (!request)
		return NULL;
	request->by_id.key = attempt->request;
	if (attempt->flags & FAILOVER_ATTEMPT_IN_DIALOG && call) {
		request->call_id = call->call_id;
		request->from_tag = call->from_tag;
		request->to_tag = call->to_tag;
		request->cseq = ++call->cseq;
		request->ruri = call->ruri;
		request->cookie = attempt->cookie;
	} else {
		request->call_id = fo_sim_random(sim);
		request->from_tag = (uint32_t)fo_sim_random(sim) | 1;
		request->cseq = 1;
		request->ruri = attempt->method == FAILOVER_INVITE
					? fo_sim_uri(sim, "callee", "example.net", 0)
					: ruri_of(sim, line, &attempt->target);
	}
	if (!request->ruri || fo_sim_table_add(&sim->requests, &request->by_id)) {
		free(request);
		return NULL;
	}
	return request;
}

static void register_fill(struct fo_sim *sim, struct fo_sim_line *line,
			  const struct failover_attempt *attempt,
			  struct failover_sim_packet *packet)
{
	struct fo_sim_dialog *dialog = dialog_of(sim, line, attempt->dialog);

	packet->call_id = dialog->call_id;
	packet->from_tag = dialog->from_tag;
	packet->cseq = ++dialog->cseq;
	packet->ruri = ruri_of(sim, line, &attempt->target);
	packet->has_expires = 1;
	packet->expires_s = attempt->expires_s;
}

int fo_sim_identity_fill(struct fo_sim *sim, const struct failover_attempt *attempt,
			 struct failover_sim_packet *packet)
{
	struct fo_sim_line *line = fo_sim_line_find(sim, attempt->line);
	struct fo_sim_node *node = fo_sim_table_find(&sim->requests, attempt->request);
	struct fo_sim_request *request;

	if (!line)
		return FAILOVER_ERR_MEMORY;
	if (attempt->target.registrar < FO_SIM_REGISTRARS) {
		packet->realm = line->challenges[attempt->target.registrar].realm;
		packet->nonce = line->challenges[attempt->target.registrar].nonce;
	}
	if (attempt->method == FAILOVER_REGISTER) {
		register_fill(sim, line, attempt, packet);
		return packet->ruri ? 0 : FAILOVER_ERR_MEMORY;
	}
	request = node ? FO_SIM_OF(node, struct fo_sim_request, by_id)
		       : request_new(sim, attempt, line);
	if (!request)
		return FAILOVER_ERR_MEMORY;
	packet->call_id = request->call_id;
	packet->from_tag = request->from_tag;
	packet->to_tag = request->to_tag;
	packet->cseq = request->cseq;
	packet->ruri = request->ruri;
	return 0;
}

void fo_sim_identity_again(struct fo_sim *sim, uint64_t id, uint32_t number,
			   struct failover_sim_packet *packet)
{
	struct fo_sim_line *line = fo_sim_line_find(sim, packet->line);
	struct fo_sim_node *node = fo_sim_table_find(&sim->requests, id);
	struct fo_sim_request *request;

	packet->cseq++;
	if (packet->method == FAILOVER_REGISTER) {
		if (line)
			packet->cseq = ++dialog_of(sim, line, number)->cseq;
		return;
	}
	if (!node)
		return;
	request = FO_SIM_OF(node, struct fo_sim_request, by_id);
	request->cseq = packet->cseq;
	node = request->cookie ? fo_sim_table_find(&sim->calls, request->cookie) : NULL;
	if (node)
		FO_SIM_OF(node, struct fo_sim_call, by_cookie)->cseq = packet->cseq;
}

void fo_sim_request_forget(struct fo_sim *sim, uint64_t id)
{
	struct fo_sim_node *node = fo_sim_table_remove(&sim->requests, id);

	if (node)
		free(FO_SIM_OF(node, struct fo_sim_request, by_id));
}

uint32_t fo_sim_identity_flags(struct fo_sim *sim, const struct failover_sim_packet *request,
			       const struct failover_sim_packet *response)
{
	struct fo_sim_line *line = fo_sim_line_find(sim, request->line);
	uint32_t registrar = request->target.registrar;

	if ((response->status != 401 && response->status != 407) || !request->realm)
		return 0;
	return FAILOVER_ANSWER_REJECTED |
	       (line && registrar < FO_SIM_REGISTRARS && line->taken[registrar]
			? FAILOVER_ANSWER_TAKEN_BEFORE
			: 0u);
}

int fo_sim_identity_challenge(struct fo_sim *sim, const struct failover_sim_packet *request,
			      const struct failover_sim_packet *response)
{
	struct fo_sim_line *line = fo_sim_line_find(sim, request->line);
	uint32_t registrar = request->target.registrar;

	if (!line)
		return 0;
	if (request->realm == response->realm && !response->stale) {
		if (registrar < FO_SIM_REGISTRARS)
			line->challenges[registrar] = (struct fo_sim_challenge){ 0, 0 };
		return 0;
	}
	if (response->status == 401 && registrar < FO_SIM_REGISTRARS)
		line->challenges[registrar] =
			(struct fo_sim_challenge){ response->realm, response->nonce };
	return 1;
}
