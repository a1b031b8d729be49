/* SPDX-License-Identifier: MIT */
/* ringing.c - incoming INVITEs. Media is inactive: every offer is answered so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../writer.h"
#include "call.h"
#include "incoming.h"
#include "ringing.h"
#include "send.h"

#define LIFE_MS (FO_64T1 * FO_T1_MS)
#define SDP_MAX 4096
#define STREAMS_MAX 16

/* ---- SDP answer --------------------------------------------------------------------------- */

/* RFC 3264 6: as many m= lines as offered, in order; the first audio is taken, the rest refused. */
static void answer_stream(struct fo_writer *writer, const char *line, int *taken)
{
	char media[32], protocol[32], format[32];
	unsigned port;
	int is_audio;

	if (sscanf(line, "m=%31s %u%*[/0-9] %31s %31s", media, &port, protocol, format) != 4 &&
	    sscanf(line, "m=%31s %u %31s %31s", media, &port, protocol, format) != 4)
		return;
	is_audio = !strcmp(media, "audio") && port && !*taken;
	fo_writer_add(writer, "m=%s %d %s %s\r\n", media, is_audio ? 9 : 0, protocol, format);
	if (!is_audio)
		return;
	*taken = 1;
	fo_writer_add(writer, "a=inactive\r\n");
}

/* The session part is our own offer's; the streams follow the peer's. NULL = no memory. */
static char *make_answer(struct fo_ua *ua, const struct failover_target *local, const char *offer)
{
	char text[SDP_MAX], *session = fo_call_offer(ua, local), *streams;
	struct fo_writer writer;
	int taken = 0, count = 0;

	streams = session ? strstr(session, "m=") : NULL;
	if (!streams)
		return NULL;
	*streams = '\0';
	fo_writer_init(&writer, text, sizeof(text));
	fo_writer_add(&writer, "%s", session);
	free(session);
	for (; offer && count < STREAMS_MAX; count++) {
		if (!strncmp(offer, "m=", 2))
			answer_stream(&writer, offer, &taken);
		offer = strchr(offer, '\n');
		offer = offer ? offer + 1 : NULL;
	}
	return fo_writer_error(&writer) ? NULL : strdup(text);
}

/* Without an offer the 2xx makes one, and the ACK answers it. */
static char *make_sdp(struct fo_ua *ua, const struct failover_target *peer, const char *offer)
{
	struct failover_target local;

	if (ua->stack->local(ua, peer, &local))
		return NULL;
	return offer && offer[0] ? make_answer(ua, &local, offer) : fo_call_offer(ua, &local);
}

/* ---- responses ---------------------------------------------------------------------------- */

/* A response that makes the dialog, with our Contact; a 2xx with Allow and the SDP, too. */
static int reply(struct fo_call *call, struct fo_server *server, uint32_t status)
{
	struct fo_ua *ua = call->ua;
	struct fo_reply reply = { .status = status, .tag = call->dialog.local_tag };
	struct failover_target local;
	char contact[900];

	if (status >= 300)
		return ua->stack->reply(server, &reply);
	if (ua->stack->local(ua, &call->peer, &local))
		return FAILOVER_ERR_IO;
	if (fo_send_contact(fo_account_find(ua, call->line), &local, contact, sizeof(contact)))
		return FAILOVER_ERR_MEMORY;
	reply.headers[reply.headers_count++] = (struct fo_header){ "Contact", contact };
	if (status >= 200) {
		reply.headers[reply.headers_count++] = (struct fo_header){ "Allow", FO_ALLOW };
		reply.body = call->sdp;
	}
	return ua->stack->reply(server, &reply);
}

/* RFC 3261 13.3.1.4: we repeat the 2xx ourselves until its ACK. */
static int accept_call(struct fo_call *call, struct fo_server *server, uint32_t status)
{
	struct fo_ua *ua = call->ua;
	uint64_t now = fo_ua_now(ua);
	int error = reply(call, server, status);

	if (error)
		return error;
	call->accepted = 1;
	call->interval_ms = FO_T1_MS;
	call->give_up_at = now + LIFE_MS;
	fo_timer_set(&ua->timers, &call->resend, now + call->interval_ms);
	return FAILOVER_OK;
}

static void stop_ringing(struct fo_call *call)
{
	if (call->ringing)
		call->ua->ringing--;
	call->ringing = 0;
}

int fo_ringing_answer(struct fo_call *call, uint32_t status)
{
	int error = status >= 200 && status < 300 ? accept_call(call, call->server, status)
						  : reply(call, call->server, status);

	if (error || status < 200)
		return error;
	stop_ringing(call);
	if (status >= 300)
		fo_call_free(call);
	return FAILOVER_OK;
}

static void send_again(struct fo_call *call)
{
	if (call->server && call->ua->stack->reply_again)
		call->ua->stack->reply_again(call->server);
}

void fo_ua_repeated(struct fo_server *server)
{
	struct fo_call *call = server->call;

	if (call && call->accepted && call->resend.place)
		send_again(call);
}

void fo_ringing_resend(struct fo_timer *timer)
{
	struct fo_call *call = FO_CONTAINER(timer, struct fo_call, resend);
	struct fo_ua *ua = call->ua;

	if (timer->at >= call->give_up_at) {
		fo_ua_log(ua, FAILOVER_LOG_WARNING, "call %llu: our 200 was never acknowledged",
			  (unsigned long long)call->number);
		fo_call_bye_own(call);
		fo_ringing_ended(call, 408);
		return;
	}
	send_again(call);
	call->interval_ms = call->interval_ms * 2 > FO_T2_MS ? FO_T2_MS : call->interval_ms * 2;
	fo_timer_set(&ua->timers, timer,
		     timer->at + call->interval_ms > call->give_up_at
			     ? call->give_up_at
			     : timer->at + call->interval_ms);
}

/* ---- events ------------------------------------------------------------------------------- */

void fo_ringing_ended(struct fo_call *call, uint32_t status)
{
	struct fo_ua *ua = call->ua;
	uint64_t number = call->number;

	fo_call_free(call);
	if (ua->events && ua->events->ended)
		ua->events->ended(ua->events->app, number, status);
}

void fo_ringing_cancel(struct fo_call *call)
{
	if (call->server)
		(void)reply(call, call->server, 487);
	fo_ringing_ended(call, 487);
}

void fo_ua_cancelled(struct fo_server *invite)
{
	if (invite->call && invite->call->ringing)
		fo_ringing_cancel(invite->call);
}

void fo_ringing_ack(struct fo_call *call, const struct fo_view *ack)
{
	struct fo_ua *ua = call->ua;
	struct failover_target target = call->target; /* the application may end the call in `up` */
	int was_up = call->up;

	if (!call->resend.place || ack->cseq != call->invite_cseq)
		return;
	fo_timer_stop(&ua->timers, &call->resend);
	call->up = 1;
	if (!was_up && ua->events && ua->events->up)
		ua->events->up(ua->events->app, call->number, &target);
}

/* ---- INVITE ------------------------------------------------------------------------------- */

static void link_server(struct fo_call *call, struct fo_server *server)
{
	if (call->server)
		call->server->call = NULL;
	call->server = server;
	server->call = call;
}

static int fill_call(struct fo_call *call, const struct fo_view *invite)
{
	char tag[FO_TOKEN];
	int error = fo_ua_token(call->ua, tag);

	if (!error)
		error = fo_dialog_of_callee(&call->dialog, invite, tag);
	if (error)
		return error;
	call->sdp = make_sdp(call->ua, &invite->source, invite->body);
	return call->sdp ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static struct fo_call *make_call(struct fo_server *server, struct fo_account *account,
				 const struct fo_view *invite)
{
	struct fo_ua *ua = server->ua;
	const struct failover_target *target = fo_account_source(account, &invite->source);
	struct fo_call *call = fo_call_create(ua, account->line);

	if (!call)
		return NULL;
	if (fill_call(call, invite)) {
		fo_call_free(call);
		return NULL;
	}
	fo_call_list(call);
	call->incoming = 1;
	call->ringing = 1;
	ua->ringing++;
	call->target = target ? *target : invite->source;
	call->peer = invite->source;
	call->invite_cseq = invite->cseq;
	link_server(call, server);
	return call;
}

void fo_ringing_invite(struct fo_server *server, struct fo_account *account,
		       const struct fo_view *invite)
{
	struct fo_ua *ua = server->ua;
	struct failover_target source; /* outlives the call, should it be refused in `incoming` */
	struct fo_call *call;

	if (!ua->events || !ua->events->incoming) {
		(void)fo_incoming_status(server, 480);
		return;
	}
	if (ua->ringing >= FO_RINGING_MAX + ua->accounts.count) {
		ua->counters.refused++;
		(void)fo_incoming_status(server, 503);
		return;
	}
	call = make_call(server, account, invite);
	if (!call) {
		(void)fo_incoming_status(server, 500);
		return;
	}
	/* A person may take long: the INVITE need not be repeated meanwhile (RFC 3261 17.2.1). */
	(void)fo_incoming_status(server, 100);
	source = call->target;
	ua->events->incoming(ua->events->app, call->line, call->number, invite->from, &source);
}

void fo_ringing_reinvite(struct fo_server *server, struct fo_call *call,
			 const struct fo_view *invite)
{
	char *sdp;

	if (!call->up || call->resend.place) { /* RFC 3261 14.2: the first is not over yet */
		(void)fo_incoming_status(server, 500);
		return;
	}
	sdp = make_sdp(call->ua, &invite->source, invite->body);
	if (!sdp) {
		(void)fo_incoming_status(server, 500);
		return;
	}
	free(call->sdp);
	call->sdp = sdp;
	call->peer = invite->source;
	call->invite_cseq = invite->cseq;
	link_server(call, server);
	if (accept_call(call, server, 200))
		(void)fo_incoming_status(server, 500);
}
