/* SPDX-License-Identifier: MIT */
/* call.c - INVITE, ACK, BYE, CANCEL and OPTIONS: a called party that always answers. */
#include "call.h"

#include "server.h"

#include <stdlib.h>
#include <string.h>

#define T1_MS 500
#define T2_MS 4000

enum call_state {
	CALL_RINGING,
	CALL_ANSWERED, /* 200 sent, ACK awaited */
	CALL_UP,
};

struct call {
	LIST_ENTRY(call) link;
	struct server *server;
	enum call_state state;
	struct exchange invite;
	char tag[17];
	struct event *timer;
	unsigned interval_ms;
	unsigned waited_ms; /* for the ACK */
};

static const char *const state_text[] = {
	[CALL_RINGING] = "ringing",
	[CALL_ANSWERED] = "answered",
	[CALL_UP] = "up",
};

static void call_free(struct calls *calls, struct call *call)
{
	LIST_REMOVE(call, link);
	calls->count--;
	event_free(call->timer);
	sip_free(&call->invite.request);
	free(call);
}

/* The dialog of a request the caller sends, whichever server of the pair it comes to. */
static struct call *find_dialog(const struct calls *calls, const struct sip_msg *request)
{
	struct call *call;

	LIST_FOREACH(call, &calls->list, link)
	{
		if (strcmp(call->invite.request.call_id, request->call_id) == 0 &&
		    strcmp(call->invite.request.from_tag, request->from_tag) == 0 &&
		    strcmp(call->tag, request->to_tag) == 0)
			return call;
	}
	return NULL;
}

/* RFC 3261 9.2: a CANCEL names its INVITE by the branch. */
static struct call *find_branch(const struct calls *calls, const struct exchange *x)
{
	struct call *call;

	LIST_FOREACH(call, &calls->list, link)
	{
		if (strcmp(call->invite.request.branch, x->request.branch) == 0 &&
		    peer_equal(&call->invite.source, &x->source))
			return call;
	}
	return NULL;
}

static void arm(struct call *call, unsigned ms)
{
	const struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	call->interval_ms = ms;
	evtimer_add(call->timer, &wait);
}

static void respond_in_call(struct call *call, int status)
{
	const struct exchange *x = &call->invite;
	struct sip_msg reply;
	struct peer local;

	if (!sip_reply(&reply, &x->request, status, call->tag))
		return;
	if (status == 200) {
		local = endpoint_address_toward(&call->server->endpoint, &x->source);
		sip_add_session(&reply, &local, endpoint_param(&call->server->endpoint));
		sip_add(&reply, "Allow", CALL_ALLOW);
	}
	server_respond(call->server, x, &reply);
}

/* RFC 3261 13.3.1.4: the 200 is sent again until the ACK comes, for 64*T1 at most. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;

	(void)fd;
	(void)what;
	switch (call->state) {
	case CALL_RINGING:
		call->state = CALL_ANSWERED;
		respond_in_call(call, 200);
		arm(call, T1_MS);
		break;
	case CALL_ANSWERED:
		call->waited_ms += call->interval_ms;
		if (call->waited_ms >= 64 * T1_MS) {
			call_free(&call->server->calls, call);
			break;
		}
		server_repeat(call->server, &call->invite);
		arm(call, call->interval_ms * 2 < T2_MS ? call->interval_ms * 2 : T2_MS);
		break;
	case CALL_UP:
		break;
	}
}

static struct call *call_new(struct server *server, struct exchange *x)
{
	struct call *call;

	if (server->calls.count >= CALLS_MAX)
		return NULL;
	call = calloc(1, sizeof(*call));
	if (!call)
		return NULL;
	call->timer = evtimer_new(server->base, on_timer, call);
	if (!call->timer) {
		free(call);
		return NULL;
	}
	call->server = server;
	call->invite = *x;
	x->request.osip = NULL;
	server_random_hex(call->tag, 8);
	LIST_INSERT_HEAD(&server->calls.list, call, link);
	server->calls.count++;
	return call;
}

/* An INVITE inside a dialog (RFC 3261 14.2): the session stays what it is. */
static void reinvite(struct server *server, struct exchange *x)
{
	struct peer local = endpoint_address_toward(&server->endpoint, &x->source);
	struct sip_msg reply;

	if (server->calls.strict && !find_dialog(&server->calls, &x->request)) {
		server_reply(server, x, 481);
		return;
	}
	if (!sip_reply(&reply, &x->request, 200, ""))
		return;
	sip_add_session(&reply, &local, endpoint_param(&server->endpoint));
	server_respond(server, x, &reply);
}

void call_invite(struct server *server, struct exchange *x)
{
	struct call *call;

	if (x->request.to_tag[0]) {
		reinvite(server, x);
		return;
	}
	call = call_new(server, x);
	if (!call) {
		server_reply(server, x, 486);
		return;
	}
	respond_in_call(call, 100);
	respond_in_call(call, 180);
	call->state = CALL_RINGING;
	arm(call, server->calls.ring_ms);
}

void call_ack(struct server *server, struct exchange *x)
{
	struct call *call = find_dialog(&server->calls, &x->request);

	if (!call || call->state != CALL_ANSWERED)
		return;
	call->state = CALL_UP;
	evtimer_del(call->timer);
}

void call_bye(struct server *server, struct exchange *x)
{
	struct call *call = find_dialog(&server->calls, &x->request);

	if (caller_bye(server, x))
		return;
	if (!call && server->calls.strict) {
		server_reply(server, x, 481);
		return;
	}
	server_reply(server, x, 200);
	if (call)
		call_free(&server->calls, call);
}

void call_cancel(struct server *server, struct exchange *x)
{
	struct call *call = find_branch(&server->calls, x);

	if (!call) {
		server_reply(server, x, 481);
		return;
	}
	server_reply(server, x, 200);
	/* RFC 3261 9.2: what is answered already stays answered. */
	if (call->state != CALL_RINGING)
		return;
	respond_in_call(call, 487);
	call_free(&server->calls, call);
}

void call_options(struct server *server, struct exchange *x)
{
	struct sip_msg reply;
	char tag[17];

	server_random_hex(tag, 8);
	if (!sip_reply(&reply, &x->request, 200, tag))
		return;
	sip_add(&reply, "Allow", CALL_ALLOW);
	sip_add(&reply, "Accept", "application/sdp");
	server_respond(server, x, &reply);
}

void calls_show(const struct calls *calls, FILE *out)
{
	const struct call *call;
	char word[TRACE_WORD_MAX], text[PEER_TEXT_MAX];

	LIST_FOREACH(call, &calls->list, link)
	{
		fprintf(out, "call %s %s %s\n", trace_word(call->invite.request.call_id, word),
			peer_text(&call->invite.source, text), state_text[call->state]);
	}
}

void calls_free(struct calls *calls)
{
	while (!LIST_EMPTY(&calls->list))
		call_free(calls, LIST_FIRST(&calls->list));
}
