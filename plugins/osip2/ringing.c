/* SPDX-License-Identifier: MIT */
/* ringing.c - incoming INVITEs. Media is inactive: every offer is answered so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../common/writer.h"
#include "call.h"
#include "client.h"
#include "message.h"
#include "ringing.h"
#include "server.h"
#include "transport.h"

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
static char *make_answer(struct fo_osip *ua, const struct failover_target *local, const char *offer)
{
	char text[SDP_MAX], *session = fo_osip_call_offer(ua, local), *streams;
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

static char *make_sdp(struct fo_osip *ua, const struct failover_target *local,
		      const osip_message_t *invite)
{
	const osip_body_t *body = osip_list_get(&invite->bodies, 0);

	/* Without an offer the 2xx makes one, and the ACK answers it. */
	if (!body || !body->body)
		return fo_osip_call_offer(ua, local);
	return make_answer(ua, local, body->body);
}

/* ---- responses ---------------------------------------------------------------------------- */

static int set_contact(struct fo_osip *ua, const struct fo_call *call, osip_message_t *response)
{
	const struct fo_account *account = fo_osip_account(ua, call->line);
	struct failover_target local;
	char text[FO_ADDRESS_TEXT], contact[900];
	struct fo_writer writer;

	if (fo_transport_local(ua->transport, &call->peer, &local))
		return FAILOVER_ERR_IO;
	fo_writer_init(&writer, contact, sizeof(contact));
	fo_writer_add(&writer, "<sip:");
	if (account && account->user[0]) {
		fo_writer_add_user(&writer, account->user);
		fo_writer_add(&writer, "@");
	}
	fo_writer_add(&writer, "%s%s>", fo_address_text(&local, text),
		      fo_message_transport_param(local.transport));
	if (fo_writer_error(&writer) || osip_message_set_contact(response, contact))
		return FAILOVER_ERR_MEMORY;
	return FAILOVER_OK;
}

/* RFC 3261 13.3.1.4: we repeat the 2xx ourselves until its ACK. */
static int accept_call(struct fo_call *call, struct fo_server *server, osip_message_t *response)
{
	struct fo_osip *ua = call->ua;
	const osip_message_t *invite = fo_osip_server_request(server);
	struct failover_target local;
	uint64_t now = fo_osip_now(ua);
	int error = fo_transport_local(ua->transport, &call->peer, &local);

	free(call->sdp);
	call->sdp = error ? NULL : make_sdp(ua, &local, invite);
	if (!call->sdp || fo_message_set_sdp(response, call->sdp) ||
	    osip_message_set_header(response, "Allow", FO_ALLOW))
		return FAILOVER_ERR_MEMORY;
	osip_message_free(call->accept);
	call->accept = NULL;
	if (osip_message_clone(response, &call->accept))
		return FAILOVER_ERR_MEMORY;
	call->accept_cseq = fo_message_cseq(invite);
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

int fo_osip_ringing_answer(struct fo_call *call, int status)
{
	struct fo_server *server = call->server;
	osip_message_t *response = fo_message_response(call->ua, fo_osip_server_request(server),
						       status, call->dialog.local_tag);
	int error = response ? FAILOVER_OK : FAILOVER_ERR_MEMORY;

	if (!error && status < 300)
		error = set_contact(call->ua, call, response);
	if (!error && status >= 200 && status < 300)
		error = accept_call(call, server, response);
	if (error) {
		osip_message_free(response);
		return error;
	}
	error = fo_osip_server_respond(server, response);
	if (status < 200)
		return error;
	stop_ringing(call);
	if (status >= 300)
		fo_osip_call_free(call);
	return error;
}

void fo_osip_ringing_again(struct fo_call *call)
{
	if (call->accept && call->resend.place)
		(void)fo_osip_transmit(call->ua, &call->peer, call->accept);
}

void fo_osip_ringing_resend(struct fo_timer *timer)
{
	struct fo_call *call = FO_CONTAINER(timer, struct fo_call, resend);
	struct fo_osip *ua = call->ua;

	if (timer->at >= call->give_up_at) {
		fo_osip_log(ua, FAILOVER_LOG_WARNING, "call %llu: our 200 was never acknowledged",
			    (unsigned long long)call->number);
		fo_osip_call_bye_own(call);
		fo_osip_ringing_ended(call, 408);
		return;
	}
	(void)fo_osip_transmit(ua, &call->peer, call->accept);
	call->interval_ms = call->interval_ms * 2 > FO_T2_MS ? FO_T2_MS : call->interval_ms * 2;
	fo_timer_set(&ua->timers, timer,
		     timer->at + call->interval_ms > call->give_up_at
			     ? call->give_up_at
			     : timer->at + call->interval_ms);
}

/* ---- events ------------------------------------------------------------------------------- */

void fo_osip_ringing_ended(struct fo_call *call, uint32_t status)
{
	struct fo_osip *ua = call->ua;
	uint64_t number = call->number;

	fo_osip_call_free(call);
	if (ua->events && ua->events->ended)
		ua->events->ended(ua->events->app, number, status);
}

void fo_osip_ringing_cancel(struct fo_call *call)
{
	if (call->server)
		(void)fo_osip_server_status(call->server, 487, call->dialog.local_tag);
	fo_osip_ringing_ended(call, 487);
}

void fo_osip_ringing_ack(struct fo_call *call, const osip_message_t *ack)
{
	struct fo_osip *ua = call->ua;
	struct failover_target target = call->target; /* the application may end the call in `up` */
	int was_up = call->up;

	if (!call->resend.place || fo_message_cseq(ack) != call->accept_cseq)
		return;
	fo_timer_stop(&ua->timers, &call->resend);
	call->up = 1;
	if (!was_up && ua->events && ua->events->up)
		ua->events->up(ua->events->app, call->number, &target);
}

/* ---- INVITE ------------------------------------------------------------------------------- */

static struct fo_call *make_call(struct fo_server *server, struct fo_account *account,
				 const struct failover_target *from)
{
	struct fo_osip *ua = server->ua;
	const struct failover_target *target = fo_osip_account_source(account, from);
	struct fo_call *call = fo_osip_call_create(ua, account->line);
	char tag[FO_TOKEN];

	if (!call)
		return NULL;
	if (fo_osip_token(ua, tag) ||
	    fo_dialog_of_callee(&call->dialog, fo_osip_server_request(server), tag)) {
		fo_osip_call_free(call);
		return NULL;
	}
	fo_osip_call_list(call);
	call->incoming = 1;
	call->ringing = 1;
	ua->ringing++;
	call->target = target ? *target : *from;
	call->peer = server->peer;
	call->server = server;
	server->call = call;
	return call;
}

static void tell(struct fo_call *call, const osip_message_t *invite,
		 const struct failover_target *from)
{
	struct fo_osip *ua = call->ua;
	char *text = NULL;

	if (osip_from_to_str(invite->from, &text))
		text = NULL;
	ua->events->incoming(ua->events->app, call->line, call->number, text ? text : "", from);
	osip_free(text);
}

void fo_osip_ringing_invite(struct fo_server *server, struct fo_account *account,
			    const struct failover_target *from)
{
	struct fo_osip *ua = server->ua;
	struct failover_target source; /* outlives the call, should it be refused in `incoming` */
	struct fo_call *call;

	if (!ua->events || !ua->events->incoming) {
		(void)fo_osip_server_status(server, 480, NULL);
		return;
	}
	if (ua->ringing >= FO_RINGING_MAX + ua->accounts.count) {
		ua->counters.refused++;
		(void)fo_osip_server_status(server, 503, NULL);
		return;
	}
	call = make_call(server, account, from);
	if (!call) {
		(void)fo_osip_server_status(server, 500, NULL);
		return;
	}
	/* A person may take long: the INVITE need not be repeated meanwhile (RFC 3261 17.2.1). */
	(void)fo_osip_server_status(server, 100, call->dialog.local_tag);
	source = call->target;
	tell(call, fo_osip_server_request(server), &source);
}

void fo_osip_ringing_reinvite(struct fo_server *server, struct fo_call *call)
{
	osip_message_t *response;

	if (!call->up || call->resend.place) { /* RFC 3261 14.2: the first is not over yet */
		(void)fo_osip_server_status(server, 500, NULL);
		return;
	}
	call->peer = server->peer;
	response = fo_message_response(call->ua, fo_osip_server_request(server), 200,
				       call->dialog.local_tag);
	if (!response || set_contact(call->ua, call, response) ||
	    accept_call(call, server, response)) {
		osip_message_free(response);
		(void)fo_osip_server_status(server, 500, NULL);
		return;
	}
	server->call = call;
	if (call->server)
		call->server->call = NULL;
	call->server = server;
	(void)fo_osip_server_respond(server, response);
}
