/* SPDX-License-Identifier: MIT */
/* leg.c - a request of the stack at one target: a client transaction of the user agent that sends
 * the stack's bytes, and the answers that are the stack's. */
#include <stdlib.h>
#include <string.h>
#include "../ua/auth.h"
#include "../ua/dialog.h"
#include "../ua/request.h"
#include "../ua/send.h"
#include "../ua/source.h"
#include "../ua/transaction.h"
#include "wire.h"

#define COOKIE 7u /* z9hG4bK */
#define CHANGED                                                                                    \
	16u /* characters of the branch behind it: 64 random bits, which no ICMP guesses           \
	     */

static struct fo_wire_leg *leg_of(struct ua_client *client)
{
	return (struct fo_wire_leg *)(void *)client;
}

/* ---- what it sends ------------------------------------------------------------------------ */

/* The stack's branch but for what is behind the cookie. One that has no room for that gives way to
 * one of ours. */
static int make_branch(struct fo_wire_request *of, char out[UA_BRANCH_MAX])
{
	const char *branch = of->bytes + of->via.branch;
	char token[UA_TOKEN];

	if (of->via.length < COOKIE + CHANGED || of->via.length >= UA_BRANCH_MAX ||
	    strncmp(branch, "z9hG4bK", COOKIE) != 0)
		return ua_branch(&of->wire->ua, out);
	if (ua_token(&of->wire->ua, token))
		return FAILOVER_ERR_IO;
	memcpy(out, branch, of->via.length);
	memcpy(out + COOKIE, token, CHANGED);
	out[of->via.length] = '\0';
	return FAILOVER_OK;
}

/* What the request has met so far, and goes elsewhere now. Where the line has left the place of a
 * dialog, its requests go elsewhere from the beginning (B1b, B23a). */
static void note_gone(struct fo_wire_request *of, const struct failover_attempt *attempt)
{
	if (!of->ordinal && of->has_dialog && of->dialog.family &&
	    !ua_address_same(&of->dialog, &attempt->target))
		of->gone[of->gone_count++] = of->dialog;
	if (of->ordinal && attempt->ordinal > of->ordinal && of->gone_count < FO_WIRE_GONE_MAX &&
	    !ua_address_same(&of->target, &attempt->target))
		of->gone[of->gone_count++] = of->target;
	of->ordinal = (uint8_t)attempt->ordinal;
	of->target = attempt->target;
}

/* Outside a dialog a Route may be there that names a server which the line has left. */
static void leave_out_routes(const struct fo_wire_request *of, const struct ua_account *account,
			     const struct ua_dialog *set, struct ua_dialog_way *way)
{
	struct failover_target others[UA_TARGETS_OF_LINE_MAX];
	struct ua_dialog_request request = { .account = account,
					     .target = &of->target,
					     .gone = others };
	const struct failover_target *target;
	uint32_t i = 0;

	while ((target = ua_source_of_line(account, i++)) &&
	       request.gone_count < UA_TARGETS_OF_LINE_MAX)
		if (!ua_address_same(target, &of->target))
			others[request.gone_count++] = *target;
	ua_dialog_find_way(set, &request, way);
	way->first = NULL;
	way->hop = of->target;
}

static void find_way(struct fo_wire_request *of, const struct ua_account *account,
		     struct ua_dialog_way *way)
{
	struct ua_dialog set = { .routes = of->routes,
				 .routes_count = of->routes_count,
				 .target = (char *)(uintptr_t)of->uri };
	struct ua_dialog_request request = { .account = account,
					     .target = &of->target,
					     .gone = of->gone,
					     .gone_count = of->gone_count };

	if (of->has_dialog) {
		ua_dialog_find_way(&set, &request, way);
		return;
	}
	*way = (struct ua_dialog_way){ .hop = of->target };
	if (of->routes_count)
		leave_out_routes(of, account, &set, way);
}

/* B23: what ACK, CANCEL and BYE of this leg are made of, as the leg has it. */
struct parties {
	char uri[UA_URI_MAX], from[2 * UA_URI_MAX], to[2 * UA_URI_MAX];
};

static void follow(struct fo_wire_request *of, const struct ua_account *account,
		   struct parties *parties, struct ua_request *parts)
{
	uint32_t domain = of->has_dialog ? of->dialog.registrar : of->target.registrar;
	struct ua_writer uri, from, to;
	int is_other;

	parts->given_domain = (uint8_t)domain;
	parts->uri = of->uri;
	parts->from = of->from;
	parts->to = of->to;
	if (!account->domain_follows || domain >= account->registrars_count)
		return;
	ua_writer_init(&uri, parties->uri, sizeof(parties->uri));
	ua_writer_init(&from, parties->from, sizeof(parties->from));
	ua_writer_init(&to, parties->to, sizeof(parties->to));
	is_other = fo_wire_follow(account, of->from, 1, domain, &from) |
		   fo_wire_follow(account, of->to, 1, domain, &to);
	if (!of->has_dialog)
		is_other |= fo_wire_follow(account, of->uri, 0, domain, &uri);
	if (!is_other || ua_writer_error(&uri) || ua_writer_error(&from) || ua_writer_error(&to))
		return;
	of->follows = 1;
	parts->uri = of->has_dialog ? of->uri : parties->uri;
	parts->from = parties->from;
	parts->to = parties->to;
}

/* Whose server it is there (B10). */
static uint8_t registrar_at(const struct ua_account *account, const struct failover_target *hop,
			    const struct failover_target *target)
{
	const struct failover_target *known =
		ua_address_same(hop, target) ? target : ua_account_source(account, hop);

	return known ? (uint8_t)known->registrar : FO_WIRE_NOBODY;
}

int fo_wire_leg_send(struct failover_wire *wire, const struct failover_attempt *attempt)
{
	struct fo_wire_request *of = fo_wire_request_of(wire, attempt->cookie);
	const struct ua_account *account = ua_account_find(&wire->ua, attempt->line);
	struct ua_client_start start = { .attempt = attempt };
	struct ua_dialog_way way;
	struct parties parties;
	char branch[UA_BRANCH_MAX];
	struct ua_request parts = { .branch = branch };
	int error;

	if (!of || !account)
		return FAILOVER_ERR_STALE;
	note_gone(of, attempt);
	find_way(of, account, &way);
	error = wire->ua.stack->local(&wire->ua, &way.hop, &parts.local);
	if (!error)
		error = make_branch(of, branch);
	if (error)
		return error;
	parts.method = of->name;
	parts.given_registrar = registrar_at(account, &way.hop, &attempt->target);
	follow(of, account, &parties, &parts);
	parts.call_id = of->call_id;
	parts.cseq = of->cseq;
	parts.sent_by = of->sent_by;
	parts.routes = way.from ? "" : of->route_lines;
	parts.given = &of->given;
	parts.in_dialog = of->has_dialog;
	parts.routes_gone = way.from;
	parts.own_route = way.first;
	start.request = ua_request_copy(&parts);
	start.hop = &way.hop;
	return start.request ? ua_client_start(&wire->ua, &start) : FAILOVER_ERR_MEMORY;
}

/* ---- what comes back ---------------------------------------------------------------------- */

/* The stack's view of it; NULL = no memory. */
static struct fo_wire_output *restored(struct fo_wire_request *of, const struct ua_client *client,
				       const struct ua_view *view)
{
	struct failover_wire *wire = of->wire;
	struct ua_part bytes = { wire->incoming, wire->incoming_count };
	size_t size = bytes.length + of->via.length + 2 * UA_URI_MAX + 1;
	struct fo_wire_output *output = fo_wire_output_new(wire, FAILOVER_WIRE_TO_STACK, of->line,
							   &client->attempt.target, size);
	int length;

	if (!output)
		return NULL;
	length = fo_wire_answer_text(of, view->raw, bytes, output->bytes, size);
	if (length < 0) {
		free(output);
		return NULL;
	}
	output->is.count = (size_t)length;
	return output;
}

static void pass_on(struct fo_wire_request *of, const struct ua_client *client,
		    const struct ua_view *view)
{
	struct fo_wire_output *output = restored(of, client, view);

	if (output)
		fo_wire_output_add(of->wire, output, output->is.count);
}

/* It waits for the core's word: it may be that the request goes on elsewhere. */
static void store(struct fo_wire_request *of, const struct ua_client *client,
		  const struct ua_view *view)
{
	struct fo_wire_output *output = restored(of, client, view);

	free(of->answer);
	of->answer = NULL;
	of->answer_attempt = client->attempt.id;
	if (!output)
		return;
	of->answer_count = output->is.count;
	of->answer = malloc(of->answer_count);
	if (of->answer)
		memcpy(of->answer, output->bytes, of->answer_count);
	free(output);
}

/* RFC 3261 12.1, RFC 6665 4.4.1, RFC 3515: what a response to these makes, lives at its target. */
static void note_dialog(const struct fo_wire_request *of, const struct ua_client *client,
			const struct ua_view *view)
{
	struct fo_wire_names names = { of->call_id, of->local_tag, view->to_tag };

	if (!names.remote_tag || !names.remote_tag[0] || of->has_dialog || view->status >= 300)
		return;
	if (of->method == FAILOVER_INVITE || !strcmp(of->name, "SUBSCRIBE") ||
	    !strcmp(of->name, "REFER"))
		fo_wire_dialog_set(of->wire, of->line, &names, &client->attempt.target);
	if (of->method == FAILOVER_INVITE && view->status >= 200)
		fo_wire_dialog_up(of->wire, of->line, &names);
}

/* Of a 2xx to INVITE each fork and each repetition is the stack's, which ACKs it. */
static void heard_invite_2xx(struct fo_wire_request *of, const struct ua_client *client,
			     const struct ua_view *view)
{
	pass_on(of, client, view);
	if (of->status)
		return;
	of->status = view->status;
	free(of->answer);
	of->answer = NULL;
	ua_timer_set(&of->wire->ua.timers, &of->timer, of->wire->now + UA_64T1 * UA_T1_MS);
}

void fo_wire_leg_heard(struct ua_client *client, const struct ua_view *view)
{
	struct failover_wire *wire = fo_wire_of(client->ua);
	struct fo_wire_request *of = leg_of(client)->of;
	struct fo_wire_line *line = fo_wire_line_find(wire, client->line);

	if (!of) {
		if (client->attempt.method == FAILOVER_REGISTER && view->status >= 200)
			fo_wire_register_heard(wire, client, view);
		return;
	}
	if (!wire->incoming || !view->raw || view->status == 100)
		return;
	note_dialog(of, client, view);
	if (line && view->challenges_count)
		fo_wire_line_challenged(wire, line, view, client->attempt.target.registrar);
	if (of->method == FAILOVER_INVITE && view->status >= 200 && view->status < 300)
		heard_invite_2xx(of, client, view);
	else if (view->status >= 200)
		store(of, client, view);
	else if (!of->status)
		pass_on(of, client, view);
	if (of->is_emergency && ua_auth_is_challenge(view->status))
		fo_wire_request_challenged(of, view->status);
}

int fo_wire_leg_has_vias(const struct ua *ua, const struct ua_message *response)
{
	struct ua_client *client = ua_client_find(ua, &response->view);
	const struct fo_wire_request *of = client ? leg_of(client)->of : NULL;

	if (!client) /* it is over: an answer to nothing, with whatever Vias it had */
		return 1;
	return response->serving.vias_count == (of ? of->vias_count : 1);
}

/* ---- the seam ----------------------------------------------------------------------------- */

static int local(struct ua *ua, const struct failover_target *target, struct failover_target *out)
{
	const struct failover_wire *wire = fo_wire_of(ua);
	size_t i;

	for (i = 0; i < 2; i++)
		if (wire->local[i].family == target->family) {
			*out = wire->local[i];
			out->transport = target->transport;
			return FAILOVER_OK;
		}
	return FAILOVER_ERR_UNSUPPORTED;
}

static int send_bytes(struct ua *ua, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	return fo_wire_put(fo_wire_of(ua), FAILOVER_WIRE_TO_NETWORK, 0, target,
			   (struct ua_part){ bytes, count });
}

static int put(struct ua_client *client, const char *bytes, size_t count)
{
	return fo_wire_put(fo_wire_of(client->ua), FAILOVER_WIRE_TO_NETWORK, client->line,
			   &client->attempt.target, (struct ua_part){ bytes, count });
}

/* What the host's connections carry is the host's to know: from now on it may have left, and an
 * INVITE may be answered late (B7a). fo_wire_leg_lost() takes that back. */
static int begin(struct ua_client *client)
{
	int error = ua_transaction_start(client);

	if (!error && !client->ua->net && ua_client_is_reliable(client))
		ua_client_sent(client);
	return error;
}

/* Without a connection nothing has left; but over one that there was before, it has. */
void fo_wire_leg_lost(struct ua_client *client, uint32_t reason)
{
	struct fo_wire_leg *leg = leg_of(client);

	if (reason == FAILOVER_REASON_RESET)
		leg->has_left = 1;
	else if (!leg->has_left && !client->leg.provisional)
		client->packets = 0;
	ua_client_lost(client, reason);
}

int fo_wire_leg_start(struct ua_client *client)
{
	struct fo_wire_request *of = (struct fo_wire_request *)(uintptr_t)client->request->given;

	fo_wire_of(client->ua)->counters.legs++;
	leg_of(client)->is_started = 1;
	leg_of(client)->of = of;
	if (of)
		fo_wire_request_ref(of);
	return begin(client);
}

int fo_wire_leg_stop(struct ua_client *client)
{
	struct fo_wire_request *of = leg_of(client)->of;

	if (leg_of(client)->is_started)
		fo_wire_of(client->ua)->counters.legs--;
	leg_of(client)->of = NULL;
	if (of)
		fo_wire_request_unref(of);
	return FAILOVER_OK;
}

const struct ua_stack fo_wire_stack = {
	.name = "libfailover-wire",
	.client_size = sizeof(struct fo_wire_leg),
	.local = local,
	.send = send_bytes,
	.start = fo_wire_leg_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.heard = fo_wire_leg_heard,
	.stop = fo_wire_leg_stop,
	.put = put,
};
