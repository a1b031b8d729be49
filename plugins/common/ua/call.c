/* SPDX-License-Identifier: MIT */
/* call.c - failover.call/1: calls are made, found, set up and forgotten. */
#include <stdlib.h>
#include <string.h>
#include "../writer.h"
#include "call.h"
#include "registration.h"
#include "ringing.h"
#include "send.h"

#define URI_MAX 512u
#define SDP_MAX 4096u

/* ---- finding ------------------------------------------------------------------------------ */

struct fo_call *fo_call_find(const struct fo_ua *ua, uint64_t number)
{
	struct fo_map_node *node;

	for (node = fo_map_find(&ua->calls, fo_map_hash_number(&ua->calls, number)); node;
	     node = fo_map_again(node)) {
		struct fo_call *call = FO_CONTAINER(node, struct fo_call, by_number);

		if (call->number == number)
			return call;
	}
	return NULL;
}

static uint64_t dialog_hash(const struct fo_ua *ua, const char *call_id, const char *local_tag)
{
	return fo_map_hash_text(&ua->dialogs, call_id) * 31 +
	       fo_map_hash_text(&ua->dialogs, local_tag);
}

struct fo_call *fo_call_in_dialog(const struct fo_ua *ua, const struct fo_view *request)
{
	struct fo_map_node *node;

	if (!request->to_tag || !request->from_tag)
		return NULL;
	for (node = fo_map_find(&ua->dialogs, dialog_hash(ua, request->call_id, request->to_tag));
	     node; node = fo_map_again(node)) {
		struct fo_call *call = FO_CONTAINER(node, struct fo_call, by_dialog);

		if (!strcmp(call->dialog.call_id, request->call_id) &&
		    !strcmp(call->dialog.local_tag, request->to_tag) &&
		    !strcmp(call->dialog.remote_tag, request->from_tag))
			return call;
	}
	return NULL;
}

int fo_call_is_up(const struct fo_call *call)
{
	return call->up;
}

/* ---- life --------------------------------------------------------------------------------- */

struct fo_call *fo_call_create(struct fo_ua *ua, uint32_t line)
{
	struct fo_call *call;

	if (ua->calls.count >= FO_CALLS_MAX)
		return NULL;
	call = calloc(1, sizeof(*call));
	if (!call || fo_timers_reserve(&ua->timers, 1)) {
		free(call);
		return NULL;
	}
	call->ua = ua;
	call->line = line;
	call->number = ++ua->calls_made;
	call->resend.fire = fo_ringing_resend;
	fo_map_add(&ua->calls, &call->by_number, fo_map_hash_number(&ua->calls, call->number));
	return call;
}

void fo_call_list(struct fo_call *call)
{
	fo_map_add(&call->ua->dialogs, &call->by_dialog,
		   dialog_hash(call->ua, call->dialog.call_id, call->dialog.local_tag));
}

void fo_call_free(struct fo_call *call)
{
	struct fo_ua *ua = call->ua;

	if (call->ringing)
		ua->ringing--;
	if (call->server)
		call->server->call = NULL;
	fo_map_remove(&ua->calls, &call->by_number);
	fo_map_remove(&ua->dialogs, &call->by_dialog);
	fo_timer_stop(&ua->timers, &call->resend);
	fo_timers_release(&ua->timers, 1);
	fo_dialog_clear(&call->dialog);
	free(call->uri);
	free(call->sdp);
	free(call);
}

void fo_calls_drop(struct fo_ua *ua, uint32_t line)
{
	struct fo_map_node *node = fo_map_walk(&ua->calls, NULL), *next;

	for (; node; node = next) {
		struct fo_call *call = FO_CONTAINER(node, struct fo_call, by_number);

		next = fo_map_walk(&ua->calls, node);
		if (!line || call->line == line)
			fo_call_free(call);
	}
}

/* ---- SDP ---------------------------------------------------------------------------------- */

/* Audio that nobody sends: port 9 is discard, the direction inactive (RFC 3264 5.1). */
char *fo_call_offer(struct fo_ua *ua, const struct failover_target *local)
{
	char text[512], host[FO_ADDRESS_TEXT];
	const char *type = local->family == 6 ? "IP6" : "IP4";
	uint32_t session = 0;
	struct fo_writer writer;

	if (ua->host->random(ua->host->ctx, &session, sizeof(session)))
		return NULL;
	fo_address_host(local, host);
	if (host[0] == '[') { /* no brackets in SDP */
		memmove(host, host + 1, strlen(host));
		host[strcspn(host, "]")] = '\0';
	}
	fo_writer_init(&writer, text, sizeof(text));
	fo_writer_add(&writer, "v=0\r\no=- %u 1 IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n",
		      session, type, host, type, host);
	fo_writer_add(&writer, "m=audio 9 RTP/AVP 0 8\r\na=inactive\r\n");
	return fo_writer_error(&writer) ? NULL : strdup(text);
}

/* ---- requests ----------------------------------------------------------------------------- */

struct fo_request *fo_call_invite(struct fo_call *call, const struct fo_account *account,
				  const struct failover_attempt *attempt, int *error)
{
	struct fo_request parts = { .method = "INVITE", .headers = "Allow: " FO_ALLOW "\r\n" };
	struct fo_send_texts texts;
	char to[URI_MAX + 2];
	struct fo_writer writer;

	*error = fo_send_prepare(call->ua, attempt, call->dialog.local_tag, &texts, &parts);
	if (*error)
		return NULL;
	if (!call->sdp)
		call->sdp = fo_call_offer(call->ua, &parts.local);
	if (!call->dialog.local_cseq)
		call->dialog.local_cseq = 1;
	fo_writer_init(&writer, to, sizeof(to));
	fo_writer_add(&writer, "<%s>", call->uri);
	*error = call->sdp ? fo_writer_error(&writer) : FAILOVER_ERR_MEMORY;
	parts.uri = call->uri;
	parts.to = to;
	parts.call_id = call->dialog.call_id;
	parts.cseq = call->dialog.local_cseq;
	parts.routes = fo_registration_routes(account, &attempt->target);
	parts.body = call->sdp;
	return *error ? NULL : fo_request_copy(&parts);
}

/* All attempts of one BYE have one CSeq (B7), unless a challenge has raised it. */
struct fo_request *fo_call_bye(struct fo_call *call, const struct failover_attempt *attempt,
			       int *error)
{
	struct fo_dialog_request request = { .method = "BYE", .next_hop = &attempt->target };

	*error = call->up ? FAILOVER_OK : FAILOVER_ERR_STATE;
	if (*error)
		return NULL;
	if (call->bye_request != attempt->request) {
		call->bye_request = attempt->request;
		call->dialog.local_cseq++;
	}
	request.cseq = call->dialog.local_cseq;
	return fo_dialog_request(call->ua, &call->dialog, &request);
}

void fo_call_bye_own(struct fo_call *call)
{
	struct failover_attempt own = { .size = sizeof(own),
					.line = call->line,
					.target = call->target,
					.method = FAILOVER_BYE,
					.t1_ms = FO_T1_MS,
					.t2_ms = FO_T2_MS,
					.t4_ms = FO_T4_MS };
	struct fo_dialog_request request = { .method = "BYE",
					     .cseq = ++call->dialog.local_cseq,
					     .next_hop = &own.target };
	struct fo_client_start start = { .attempt = &own };

	start.request = fo_dialog_request(call->ua, &call->dialog, &request);
	if (start.request)
		(void)fo_client_start(call->ua, &start);
}

void fo_call_established(struct fo_call *call, const struct fo_client *leg,
			 const struct fo_view *response)
{
	struct fo_dialog dialog;

	call->target = leg->attempt.target;
	call->up = 1;
	if (fo_dialog_of_caller(&dialog, leg->request, response)) {
		fo_ua_log(call->ua, FAILOVER_LOG_WARNING,
			  "call %llu: the 200 has no usable dialog; it cannot be ended by BYE",
			  (unsigned long long)call->number);
		return;
	}
	fo_map_remove(&call->ua->dialogs, &call->by_dialog);
	fo_dialog_clear(&call->dialog);
	call->dialog = dialog;
	fo_call_list(call);
}

/* ---- failover.call/1 ---------------------------------------------------------------------- */

static int prepare(struct fo_call *call, const struct fo_account *account, const char *uri,
		   const char *sdp)
{
	char text[URI_MAX];
	int error = fo_send_uri(account, uri, text, sizeof(text));

	if (!error)
		error = fo_ua_token(call->ua, call->dialog.call_id);
	if (!error)
		error = fo_ua_token(call->ua, call->dialog.local_tag);
	if (error)
		return error;
	call->uri = strdup(text);
	call->sdp = sdp ? strdup(sdp) : NULL;
	return call->uri && (!sdp || call->sdp) ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static int call_new(void *inst, uint32_t line, const char *uri, const char *sdp, uint64_t *number)
{
	struct fo_ua *ua = inst;
	struct fo_account *account = fo_account_find(ua, line);
	struct fo_call *call;
	int error;

	if (!account)
		return FAILOVER_ERR_STALE;
	if (!uri || !number || (sdp && strnlen(sdp, SDP_MAX) == SDP_MAX))
		return FAILOVER_ERR_ARGUMENT;
	call = fo_call_create(ua, line);
	if (!call)
		return ua->calls.count >= FO_CALLS_MAX ? FAILOVER_ERR_FULL : FAILOVER_ERR_MEMORY;
	error = prepare(call, account, uri, sdp);
	if (error) {
		fo_call_free(call);
		return error;
	}
	fo_call_list(call);
	*number = call->number;
	return FAILOVER_OK;
}

static void call_free(void *inst, uint64_t number)
{
	struct fo_call *call = fo_call_find(inst, number);

	if (call)
		fo_call_free(call);
}

static int call_answer(void *inst, uint64_t number, uint32_t status)
{
	struct fo_call *call = fo_call_find(inst, number);

	if (!call)
		return FAILOVER_ERR_STALE;
	if (status < 101 || status > 699)
		return FAILOVER_ERR_ARGUMENT;
	if (!call->ringing || !call->server)
		return FAILOVER_ERR_STATE;
	return fo_ringing_answer(call, status);
}

const struct failover_ext_call fo_ua_ext_call = {
	.size = sizeof(struct failover_ext_call),
	.call_new = call_new,
	.call_free = call_free,
	.call_answer = call_answer,
};
