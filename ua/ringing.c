/* SPDX-License-Identifier: MIT */
/* ringing.c - incoming INVITEs. Media is inactive: every offer is answered so. */
#include <stdlib.h>
#include <string.h>
#include "call.h"
#include "contact.h"
#include "incoming.h"
#include "ringing.h"
#include "sdp.h"
#include "send.h"
#include "serving.h"
#include "source.h"

#define LIFE_MS (UA_64T1 * UA_T1_MS)
#define EXPIRES_MAX_S 86400u
#define RING_MS 60000u	    /* a 1xx is repeated so often (RFC 3261 13.3.1.1) */
#define RING_LEAST_MS 5000u /* and never more often */

/* ---- SDP ---------------------------------------------------------------------------------- */

/* Without an offer the 2xx makes one, and the ACK answers it. */
static char *make_sdp(const struct ua_call *call, const struct failover_target *peer,
		      const char *offer)
{
	struct ua *ua = call->ua;
	struct failover_target local;

	if (ua->stack->local(ua, peer, &local))
		return NULL;
	return offer && offer[0] ? ua_sdp_answer(ua, &local, call->sdp, offer)
				 : ua_sdp_offer(ua, &local, call->sdp);
}

/* ---- responses ---------------------------------------------------------------------------- */

/* A response that makes or refreshes the dialog, with our Contact; a 2xx with Allow and the SDP,
 * too. */
static int reply(struct ua_call *call, struct ua_server *server, uint32_t status)
{
	struct ua *ua = call->ua;
	struct ua_reply reply = { .status = status, .tag = call->dialog.local_tag };
	struct failover_target local;
	char contact[900];

	if (status >= 300)
		return ua->stack->reply(server, &reply);
	if (ua_contact_local(ua, &call->peer, &local))
		return FAILOVER_ERR_IO;
	if (ua_send_contact(ua_account_find(ua, call->line), &local, contact, sizeof(contact)))
		return FAILOVER_ERR_MEMORY;
	reply.headers[reply.headers_count++] = (struct ua_header){ "Contact", contact };
	if (status >= 200) {
		reply.headers[reply.headers_count++] = (struct ua_header){ "Allow", UA_ALLOW };
		reply.body = call->sdp;
	}
	return ua->stack->reply(server, &reply);
}

/* RFC 3261 13.3.1.4: we repeat the 2xx ourselves until its ACK. */
static int accept_call(struct ua_call *call, struct ua_server *server, uint32_t status)
{
	struct ua *ua = call->ua;
	uint64_t now = ua_now(ua);
	int error = reply(call, server, status);

	if (error)
		return error;
	call->accepted = 1;
	call->interval_ms = UA_T1_MS;
	call->give_up_at = now + LIFE_MS;
	ua_timer_set(&ua->timers, &call->resend, now + call->interval_ms);
	return FAILOVER_OK;
}

static void stop_ringing(struct ua_call *call)
{
	if (call->ringing)
		call->ua->ringing--;
	call->ringing = 0;
	ua_timer_stop(&call->ua->timers, &call->expiry);
}

int ua_ringing_answer(struct ua_call *call, uint32_t status)
{
	int error = status >= 200 && status < 300 ? accept_call(call, call->server, status)
						  : reply(call, call->server, status);

	if (error || status < 200)
		return error;
	stop_ringing(call);
	if (status >= 300)
		ua_call_free(call);
	return FAILOVER_OK;
}

static int send_again(struct ua_call *call)
{
	if (!call->server || !call->ua->stack->reply_again)
		return FAILOVER_OK;
	return call->ua->stack->reply_again(call->server);
}

void ua_repeated(struct ua_server *server)
{
	struct ua_call *call = server->call;

	if (call && call->accepted && call->resend.place)
		(void)send_again(call);
}

/* Proxies on the way wait on, and it turns out whether the caller can be answered still (B24e). The
 * device's own network says nothing of that. */
static void ring_again(struct ua_call *call)
{
	uint64_t now = ua_now(call->ua);
	int error = send_again(call);

	if (error == FAILOVER_ERR_UNSUPPORTED || error == FAILOVER_ERR_ARGUMENT) {
		ua_ringing_cancel(call);
		return;
	}
	call->rung_at = now;
	ua_timer_set(&call->ua->timers, &call->resend, now + RING_MS);
}

void ua_ringing_resend(struct ua_timer *timer)
{
	struct ua_call *call = UA_CONTAINER(timer, struct ua_call, resend);
	struct ua *ua = call->ua;

	if (!call->accepted) {
		ring_again(call);
		return;
	}
	if (timer->at >= call->give_up_at) {
		ua_log(ua, FAILOVER_LOG_WARNING, "call %llu: our 200 was never acknowledged",
		       (unsigned long long)call->number);
		ua_call_bye_own(call);
		ua_ringing_ended(call, 408);
		return;
	}
	(void)send_again(call);
	call->interval_ms = call->interval_ms * 2 > UA_T2_MS ? UA_T2_MS : call->interval_ms * 2;
	ua_timer_set(&ua->timers, timer,
		     timer->at + call->interval_ms > call->give_up_at
			     ? call->give_up_at
			     : timer->at + call->interval_ms);
}

/* ---- events ------------------------------------------------------------------------------- */

void ua_ringing_ended(struct ua_call *call, uint32_t status)
{
	struct ua *ua = call->ua;
	uint64_t number = call->number;

	ua_call_free(call);
	if (ua->events && ua->events->ended)
		ua->events->ended(ua->events->app, number, status);
}

void ua_ringing_cancel(struct ua_call *call)
{
	if (call->server)
		(void)reply(call, call->server, 487);
	ua_ringing_ended(call, 487);
}

void ua_cancelled(struct ua_server *invite)
{
	if (invite->call && invite->call->ringing)
		ua_ringing_cancel(invite->call);
}

void ua_ringing_ack(struct ua_call *call, const struct ua_view *ack)
{
	struct ua *ua = call->ua;
	struct failover_target target = call->target; /* the application may end the call in `up` */
	int was_up = call->up;

	if (!call->accepted || !call->resend.place || ack->cseq != call->invite_cseq)
		return;
	ua_timer_stop(&ua->timers, &call->resend);
	call->up = 1;
	if (!was_up && ua->events && ua->events->up)
		ua->events->up(ua->events->app, call->number, &target);
}

void ua_ringing_expired(struct ua_timer *timer)
{
	ua_ringing_cancel(UA_CONTAINER(timer, struct ua_call, expiry));
}

/* ---- who can be answered no more (B24e) ----------------------------------------------------- */

/* After this one, NULL = the first. */
static struct ua_call *next_ringing(const struct ua *ua, struct ua_call *call)
{
	struct ua_map_node *node = call ? &call->by_number : NULL;

	while (ua->ringing && (node = ua_map_walk(&ua->calls, node))) {
		call = UA_CONTAINER(node, struct ua_call, by_number);
		if (call->ringing && call->server)
			return call;
	}
	return NULL;
}

static void ring_soon(struct ua_call *call)
{
	uint64_t now = ua_now(call->ua), at = call->rung_at + RING_LEAST_MS;

	ua_timer_set(&call->ua->timers, &call->resend, at > now ? at : now);
}

/* The application may end any call when one has ended: look again from the first. */
void ua_ringing_quoted(struct ua *ua, const struct ua_icmp *error)
{
	struct ua_call *call = error->is_local ? NULL : next_ringing(ua, NULL);

	while (call)
		if (ua_serving_is_quoted(call->server, error)) {
			ua_ringing_cancel(call);
			call = next_ringing(ua, NULL);
		} else {
			call = next_ringing(ua, call);
		}
}

void ua_answers_lost(struct ua *ua, const struct failover_target *peer, int is_undelivered)
{
	struct ua_call *call = next_ringing(ua, NULL);

	while (call) {
		int is_over = ua_serving_is_over(call->server, peer);

		if (is_over && is_undelivered) {
			ua_ringing_cancel(call);
			call = next_ringing(ua, NULL);
			continue;
		}
		if (is_over)
			ring_soon(call);
		call = next_ringing(ua, call);
	}
}

void ua_ringing_moved(struct ua *ua, uint32_t line, const struct failover_target *to)
{
	struct ua_call *call = NULL;

	while ((call = next_ringing(ua, call)))
		if (call->line == line && !ua_address_same_host(&call->peer, to))
			ring_soon(call);
}

/* ---- INVITE ------------------------------------------------------------------------------- */

static void link_server(struct ua_call *call, struct ua_server *server)
{
	if (call->server)
		call->server->call = NULL;
	call->server = server;
	server->call = call;
}

static int fill_call(struct ua_call *call, const struct ua_view *invite)
{
	char tag[UA_TOKEN];
	int error = ua_token(call->ua, tag);

	if (!error)
		error = ua_dialog_of_callee(&call->dialog, invite, tag);
	if (error)
		return error;
	call->sdp = make_sdp(call, &invite->source, invite->body);
	return call->sdp ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static void set_expiry(struct ua_call *call, const struct ua_view *invite)
{
	uint32_t seconds;

	if (invite->expires && !ua_text_number(invite->expires, EXPIRES_MAX_S, &seconds))
		ua_timer_set(&call->ua->timers, &call->expiry,
			     ua_now(call->ua) + UINT64_C(1000) * seconds);
}

/* Returns 0 or a negative error: FULL = its dialog cannot be kept. */
static int make_call(struct ua_server *server, struct ua_account *account,
		     const struct ua_view *invite, struct ua_call **made)
{
	struct ua *ua = server->ua;
	const struct failover_target *target = ua_account_source(account, &invite->source);
	struct ua_call *call = ua_call_create(ua, account->line);
	int error = call ? fill_call(call, invite) : FAILOVER_ERR_MEMORY;

	if (error) {
		if (call)
			ua_call_free(call);
		return error;
	}
	call->incoming = 1;
	ua_call_list(call);
	call->ringing = 1;
	ua->ringing++;
	call->target = target ? *target : invite->source;
	call->peer = invite->source;
	call->invite_cseq = invite->cseq;
	set_expiry(call, invite);
	call->rung_at = ua_now(ua);
	ua_timer_set(&ua->timers, &call->resend, call->rung_at + RING_MS);
	ua_call_sources_set(call);
	link_server(call, server);
	*made = call;
	return FAILOVER_OK;
}

void ua_ringing_invite(struct ua_server *server, struct ua_account *account,
		       const struct ua_view *invite)
{
	struct ua *ua = server->ua;
	struct failover_target source; /* outlives the call, should it be refused in `incoming` */
	struct ua_call *call;
	int error;

	if (ua_call_is_merged(ua, invite)) {
		(void)ua_incoming_status(server, 482);
		return;
	}
	if (!ua->events || !ua->events->incoming) {
		(void)ua_incoming_status(server, 480);
		return;
	}
	if (ua->ringing >= UA_RINGING_MAX + ua->accounts.count ||
	    ua->ringing >= UA_CALLS_MAX / 2) { /* B24e: the rest is for the user's own */
		ua->counters.refused++;
		(void)ua_incoming_status(server, 503);
		return;
	}
	error = make_call(server, account, invite, &call);
	if (error) { /* 513: a route set that no request could carry */
		(void)ua_incoming_status(server, error == FAILOVER_ERR_FULL ? 513 : 500);
		return;
	}
	/* A person may take long: the INVITE need not be repeated meanwhile (RFC 3261 17.2.1). */
	(void)ua_incoming_status(server, 100);
	source = call->target;
	ua->events->incoming(ua->events->app, call->line, call->number, invite->from, &source);
}

/* The peer's offer, or its wish for one. Returns 0 or a negative error; nothing has changed then.
 */
static int take_offer(struct ua_call *call, const struct ua_view *request)
{
	char *sdp = make_sdp(call, &request->source, request->body);
	int error = sdp ? ua_dialog_refresh(&call->dialog, request->contact) : FAILOVER_ERR_MEMORY;

	if (error) {
		free(sdp);
		return error;
	}
	free(call->sdp);
	call->sdp = sdp;
	call->peer = request->source;
	ua_call_sources_set(call);
	return FAILOVER_OK;
}

/* RFC 3261 14.2, RFC 3311 5.2: an INVITE or an offer is not over yet. */
static int is_busy(const struct ua_call *call)
{
	return !call->up || call->resend.place;
}

void ua_ringing_reinvite(struct ua_server *server, struct ua_call *call,
			 const struct ua_view *invite)
{
	if (is_busy(call)) {
		ua_incoming_later(server);
		return;
	}
	if (take_offer(call, invite)) {
		(void)ua_incoming_status(server, 500);
		return;
	}
	call->invite_cseq = invite->cseq;
	link_server(call, server);
	if (accept_call(call, server, 200))
		(void)ua_incoming_status(server, 500);
}

/* Without an offer an UPDATE refreshes the target only. */
void ua_ringing_update(struct ua_server *server, struct ua_call *call, const struct ua_view *update)
{
	char *sdp = call->sdp;
	int has_offer = update->body && update->body[0], error;

	if (has_offer && is_busy(call)) {
		ua_incoming_later(server);
		return;
	}
	error = has_offer ? take_offer(call, update)
			  : ua_dialog_refresh(&call->dialog, update->contact);
	ua_call_sources_set(call);
	if (!error && !has_offer)
		call->sdp = NULL;
	if (!error)
		error = reply(call, server, 200);
	if (!has_offer)
		call->sdp = sdp;
	if (error)
		(void)ua_incoming_status(server, 500);
}
