/* SPDX-License-Identifier: MIT */
/* call.c - failover.call/1: calls are made, found, set up and forgotten. */
#include <stdlib.h>
#include <string.h>
#include "writer.h"
#include "call.h"
#include "emergency.h"
#include "registration.h"
#include "ringing.h"
#include "sdp.h"
#include "send.h"
#include "source.h"

#define SDP_MAX 4096u

/* ---- finding ------------------------------------------------------------------------------ */

struct ua_call *ua_call_find(const struct ua *ua, uint64_t number)
{
	struct ua_map_node *node;

	for (node = ua_map_find(&ua->calls, ua_map_hash_number(&ua->calls, number)); node;
	     node = ua_map_again(node)) {
		struct ua_call *call = UA_CONTAINER(node, struct ua_call, by_number);

		if (call->number == number)
			return call;
	}
	return NULL;
}

static uint64_t dialog_hash(const struct ua *ua, const char *call_id, const char *local_tag)
{
	return ua_map_hash_text(&ua->dialogs, call_id) * 31 +
	       ua_map_hash_text(&ua->dialogs, local_tag);
}

struct ua_call *ua_call_in_dialog(const struct ua *ua, const struct ua_view *request)
{
	struct ua_map_node *node;

	if (!request->to_tag || !request->from_tag)
		return NULL;
	for (node = ua_map_find(&ua->dialogs, dialog_hash(ua, request->call_id, request->to_tag));
	     node; node = ua_map_again(node)) {
		struct ua_call *call = UA_CONTAINER(node, struct ua_call, by_dialog);

		if (!strcmp(call->dialog.call_id, request->call_id) &&
		    !strcmp(call->dialog.local_tag, request->to_tag) &&
		    !strcmp(call->dialog.remote_tag, request->from_tag))
			return call;
	}
	return NULL;
}

static uint64_t caller_hash(const struct ua *ua, const char *call_id, const char *remote_tag)
{
	return ua_map_hash_text(&ua->callers, call_id) * 31 +
	       ua_map_hash_text(&ua->callers, remote_tag);
}

int ua_call_is_merged(const struct ua *ua, const struct ua_view *invite)
{
	const char *tag = invite->from_tag ? invite->from_tag : "";
	struct ua_map_node *node;

	for (node = ua_map_find(&ua->callers, caller_hash(ua, invite->call_id, tag)); node;
	     node = ua_map_again(node)) {
		struct ua_call *call = UA_CONTAINER(node, struct ua_call, by_caller);

		if (call->dialog.remote_cseq == invite->cseq &&
		    !strcmp(call->dialog.call_id, invite->call_id) &&
		    !strcmp(call->dialog.remote_tag, tag))
			return 1;
	}
	return 0;
}

int ua_call_is_up(const struct ua_call *call)
{
	return call->up;
}

/* ---- life --------------------------------------------------------------------------------- */

struct ua_call *ua_call_create(struct ua *ua, uint32_t line)
{
	struct ua_call *call;

	if (ua->calls.count >= UA_CALLS_MAX)
		return NULL;
	call = calloc(1, sizeof(*call));
	if (!call || ua_timers_reserve(&ua->timers, 2)) {
		free(call);
		return NULL;
	}
	call->ua = ua;
	call->line = line;
	call->number = ++ua->calls_made;
	call->resend.fire = ua_ringing_resend;
	call->expiry.fire = ua_ringing_expired;
	ua_map_add(&ua->calls, &call->by_number, ua_map_hash_number(&ua->calls, call->number));
	return call;
}

void ua_call_list(struct ua_call *call)
{
	ua_map_add(&call->ua->dialogs, &call->by_dialog,
		   dialog_hash(call->ua, call->dialog.call_id, call->dialog.local_tag));
	if (call->incoming)
		ua_map_add(&call->ua->callers, &call->by_caller,
			   caller_hash(call->ua, call->dialog.call_id, call->dialog.remote_tag));
}

void ua_call_free(struct ua_call *call)
{
	struct ua *ua = call->ua;

	if (call->ringing)
		ua->ringing--;
	if (call->server)
		call->server->call = NULL;
	ua_map_remove(&ua->calls, &call->by_number);
	ua_map_remove(&ua->dialogs, &call->by_dialog);
	ua_map_remove(&ua->callers, &call->by_caller);
	ua_timer_stop(&ua->timers, &call->resend);
	ua_timer_stop(&ua->timers, &call->expiry);
	ua_timers_clear(&ua->timers, 2);
	ua_redirect_clear(&call->redirects);
	ua_call_sources_drop(call);
	ua_dialog_clear(&call->dialog);
	free(call->dialled);
	free(call->sdp);
	free(call);
}

void ua_calls_drop(struct ua *ua, uint32_t line)
{
	struct ua_map_node *node = ua_map_walk(&ua->calls, NULL), *next;

	for (; node; node = next) {
		struct ua_call *call = UA_CONTAINER(node, struct ua_call, by_number);

		next = ua_map_walk(&ua->calls, node);
		if (!line || call->line == line)
			ua_call_free(call);
	}
}

/* ---- requests ----------------------------------------------------------------------------- */

static struct ua_request *invite_with(struct ua_call *call, const struct ua_account *account,
				      const struct failover_attempt *attempt,
				      struct ua_send_texts *texts, int *error)
{
	struct ua_request parts = { .method = "INVITE",
				    .headers = "Allow: " UA_ALLOW_EARLY "\r\n" };
	const char *redirected = ua_redirect_now(&call->redirects);
	char uri[UA_URI_MAX], to[UA_URI_MAX + 2];
	struct ua_writer writer;

	*error = ua_send_prepare(call->ua, attempt, call->dialog.local_tag, texts, &parts);
	if (!*error)
		*error = ua_send_uri(account, attempt->target.registrar, call->dialled, uri,
				     sizeof(uri));
	if (*error)
		return NULL;
	if (!call->sdp)
		call->sdp = ua_sdp_offer(call->ua, &parts.local, NULL);
	if (!call->dialog.local_cseq)
		call->dialog.local_cseq = 1;
	ua_writer_init(&writer, to, sizeof(to));
	ua_writer_add(&writer, "<%s>", uri);
	*error = call->sdp ? ua_writer_error(&writer) : FAILOVER_ERR_MEMORY;
	parts.uri = redirected ? redirected : uri; /* To stays (RFC 3261 8.1.3.4) */
	parts.to = to;
	parts.call_id = call->dialog.call_id;
	parts.cseq = call->dialog.local_cseq;
	parts.routes = ua_registration_routes(account, &attempt->target);
	parts.body = call->sdp;
	return *error ? NULL : ua_request_copy(&parts);
}

struct ua_request *ua_call_invite(struct ua_call *call, const struct ua_account *account,
				  const struct failover_attempt *attempt, int *error)
{
	struct ua_send_texts *texts = malloc(sizeof(*texts));
	struct ua_request *request;

	*error = FAILOVER_ERR_MEMORY;
	request = texts ? invite_with(call, account, attempt, texts, error) : NULL;
	free(texts);
	return request;
}

static void add_gone(struct ua_call *call, const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; i < call->gone_count; i++)
		if (ua_address_same(&call->gone[i], target))
			return;
	if (call->gone_count < UA_GONE_MAX)
		call->gone[call->gone_count++] = *target;
}

/* A BYE that comes to another target has found the one before it unavailable, and one that begins
 * elsewhere than the dialog, its target. */
static void note_gone(struct ua_call *call, const struct failover_attempt *attempt)
{
	if (call->bye_request == attempt->request) {
		add_gone(call, &call->bye_target);
		add_gone(call, &call->bye_hop);
		return;
	}
	call->gone_count = 0;
	if (!ua_address_same(&attempt->target, &call->target))
		add_gone(call, &call->target);
}

/* All attempts of one BYE have one CSeq (B7), unless a challenge has raised it. */
struct ua_request *ua_call_bye(struct ua_call *call, const struct failover_attempt *attempt,
			       struct failover_target *hop, int *error)
{
	struct ua_dialog_request request = { .method = "BYE",
					     .target = &attempt->target,
					     .caller = call->incoming ? &call->peer : NULL,
					     .gone = call->gone };
	struct ua_request *built;

	*error = call->up ? FAILOVER_OK : FAILOVER_ERR_STATE;
	if (*error)
		return NULL;
	note_gone(call, attempt);
	if (call->bye_request != attempt->request) {
		call->bye_request = attempt->request;
		call->dialog.local_cseq++;
	}
	request.account = ua_account_find(call->ua, call->line);
	request.gone_count = call->gone_count;
	request.cseq = call->dialog.local_cseq;
	built = ua_dialog_request(call->ua, &call->dialog, &request, hop);
	call->bye_target = attempt->target;
	call->bye_hop = *hop;
	return built;
}

void ua_call_bye_own(struct ua_call *call)
{
	struct failover_attempt own = { .size = sizeof(own),
					.line = call->line,
					.target = call->target,
					.method = FAILOVER_BYE,
					.t1_ms = UA_T1_MS,
					.t2_ms = UA_T2_MS,
					.t4_ms = UA_T4_MS };
	struct ua_dialog_request request = { .method = "BYE",
					     .account = ua_account_find(call->ua, call->line),
					     .cseq = ++call->dialog.local_cseq,
					     .caller = call->incoming ? &call->peer : NULL,
					     .target = &own.target };
	struct failover_target hop;
	struct ua_client_start start = { .attempt = &own,
					 .hop = &hop,
					 .in_strangers_dialog = call->incoming };

	start.request = ua_dialog_request(call->ua, &call->dialog, &request, &hop);
	if (start.request)
		(void)ua_client_start(call->ua, &start);
}

void ua_call_established(struct ua_call *call, const struct ua_client *leg,
			 const struct ua_view *response)
{
	struct ua_dialog dialog;

	call->target = leg->attempt.target;
	call->up = 1;
	if (ua_dialog_of_caller(&dialog, leg->request, response)) {
		ua_log(call->ua, FAILOVER_LOG_WARNING,
		       "call %llu: the 200 has no usable dialog; it cannot be ended by BYE",
		       (unsigned long long)call->number);
		return;
	}
	ua_map_remove(&call->ua->dialogs, &call->by_dialog);
	ua_dialog_clear(&call->dialog);
	call->dialog = dialog;
	ua_call_list(call);
	ua_call_sources_set(call);
}

/* ---- failover.call/1 ---------------------------------------------------------------------- */

static int prepare(struct ua_call *call, const struct ua_account *account, const char *uri,
		   const char *sdp)
{
	char text[UA_URI_MAX];
	int error = ua_send_uri(account, 0, uri, text, sizeof(text));

	if (!error)
		error = ua_token(call->ua, call->dialog.call_id);
	if (!error)
		error = ua_token(call->ua, call->dialog.local_tag);
	if (error)
		return error;
	call->dialled = strdup(uri);
	call->sdp = sdp ? strdup(sdp) : NULL;
	return call->dialled && (!sdp || call->sdp) ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static int call_new(void *inst, uint32_t line, const char *uri, const char *sdp, uint64_t *number)
{
	struct ua *ua = inst;
	struct ua_account *account = ua_account_find(ua, line);
	struct ua_call *call;
	int error;

	if (!account)
		return FAILOVER_ERR_STALE;
	if (!uri || !number || (sdp && strnlen(sdp, SDP_MAX) == SDP_MAX))
		return FAILOVER_ERR_ARGUMENT;
	call = ua_call_create(ua, line);
	if (!call)
		return ua->calls.count >= UA_CALLS_MAX ? FAILOVER_ERR_FULL : FAILOVER_ERR_MEMORY;
	error = prepare(call, account, uri, sdp);
	if (error) {
		ua_call_free(call);
		return error;
	}
	ua_call_list(call);
	*number = call->number;
	return FAILOVER_OK;
}

static void call_free(void *inst, uint64_t number)
{
	struct ua_call *call = ua_call_find(inst, number);

	if (call)
		ua_call_free(call);
}

static int call_answer(void *inst, uint64_t number, uint32_t status)
{
	struct ua_call *call = ua_call_find(inst, number);

	if (!call)
		return FAILOVER_ERR_STALE;
	if (status < 101 || status > 699)
		return FAILOVER_ERR_ARGUMENT;
	if (!call->ringing || !call->server)
		return FAILOVER_ERR_STATE;
	return ua_ringing_answer(call, status);
}

static uint32_t call_emergency(void *inst, uint64_t number)
{
	const struct ua_call *call = ua_call_find(inst, number);
	const struct ua_account *account = call ? ua_account_find(inst, call->line) : NULL;

	return account && call->dialled && ua_emergency_is(account, call->dialled);
}

const struct failover_ext_call ua_ext_call = {
	.size = sizeof(struct failover_ext_call),
	.call_new = call_new,
	.call_free = call_free,
	.call_answer = call_answer,
	.call_emergency = call_emergency,
};
