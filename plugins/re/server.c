/* SPDX-License-Identifier: MIT */
/* server.c - server transactions, with our tables and timers. */
#include <stdlib.h>
#include <string.h>
#include "message.h"
#include "response.h"
#include "server.h"

#define LIFE_MS (FO_64T1 * FO_T1_MS)

/* ---- key ---------------------------------------------------------------------------------- */

/* RFC 3261 17.2.3: branch, sent-by and method; for peers of RFC 2543 what else is constant. */
static int write_key(const struct sip_msg *request, const char *method, char out[FO_SERVER_KEY])
{
	const struct pl *branch = &request->via.branch;
	struct pl own = fo_re_message_is(request, "ACK") ? (struct pl)PL("INVITE") : request->met;
	int length;

	if (method)
		pl_set_str(&own, method);
	if (branch->l > 7 && !strncmp(branch->p, "z9hG4bK", 7))
		length = re_snprintf(out, FO_SERVER_KEY, "%r %r %r", &own, &request->via.sentby,
				     branch);
	else
		length = re_snprintf(out, FO_SERVER_KEY, "%r %r %r %u %r", &own,
				     &request->via.sentby, &request->callid, request->cseq.num,
				     &request->from.tag);
	return length < 0 ? FAILOVER_ERR_FULL : FAILOVER_OK;
}

struct fo_re_server *fo_re_server_find(const struct fo_re *ua, const struct sip_msg *request,
				       const char *method)
{
	char key[FO_SERVER_KEY];
	struct fo_map_node *node;

	if (write_key(request, method, key))
		return NULL;
	for (node = fo_map_find(&ua->servers, fo_map_hash_text(&ua->servers, key)); node;
	     node = fo_map_again(node)) {
		struct fo_re_server *server = FO_CONTAINER(node, struct fo_re_server, by_key);

		if (!strcmp(server->key, key))
			return server;
	}
	return NULL;
}

/* ---- timers ------------------------------------------------------------------------------- */

/* The peer repeats its request when this is lost, so a failure is no end of it. */
static void send_response(struct fo_re_server *server)
{
	if (!server->response)
		return;
	server->response->pos = 0;
	(void)fo_re_transmit(fo_re(server->base.ua), &server->peer, server->request,
			     server->response);
}

static void keep_for(struct fo_re_server *server, uint64_t ms)
{
	fo_timer_set(&server->base.ua->timers, &server->end, fo_ua_now(server->base.ua) + ms);
}

/* Timer G: a failure of an INVITE, until its ACK comes. */
static void on_resend(struct fo_timer *timer)
{
	struct fo_re_server *server = FO_CONTAINER(timer, struct fo_re_server, resend);

	if (server->state != FO_SERVER_COMPLETED)
		return;
	send_response(server);
	server->interval_ms *= 2;
	if (server->interval_ms > FO_T2_MS)
		server->interval_ms = FO_T2_MS;
	fo_timer_set(&server->base.ua->timers, timer, timer->at + server->interval_ms);
}

/* ---- life --------------------------------------------------------------------------------- */

static void release(struct fo_re_server *server)
{
	struct fo_re *ua = fo_re(server->base.ua);

	fo_ua_server_gone(&server->base);
	fo_map_remove(&ua->servers, &server->by_key);
	fo_timer_stop(&ua->base.timers, &server->resend);
	fo_timer_stop(&ua->base.timers, &server->end);
	fo_timers_release(&ua->base.timers, 2);
	mem_deref(server->request);
	mem_deref(server->response);
	free(server->key);
	free(server);
}

static void on_end(struct fo_timer *timer)
{
	release(FO_CONTAINER(timer, struct fo_re_server, end));
}

void fo_re_servers_free(struct fo_re *ua)
{
	struct fo_map_node *node = fo_map_walk(&ua->servers, NULL), *next;

	for (; node; node = next) {
		next = fo_map_walk(&ua->servers, node);
		release(FO_CONTAINER(node, struct fo_re_server, by_key));
	}
}

static struct fo_re_server *create(struct fo_re *ua, struct sip_msg *request)
{
	char key[FO_SERVER_KEY];
	struct fo_re_server *server;

	if (write_key(request, NULL, key))
		return NULL;
	server = calloc(1, sizeof(*server));
	if (!server || fo_timers_reserve(&ua->base.timers, 2)) {
		free(server);
		return NULL;
	}
	server->base.ua = &ua->base;
	server->is_invite = fo_re_message_is(request, "INVITE") != 0;
	server->interval_ms = FO_T1_MS;
	server->resend.fire = on_resend;
	server->end.fire = on_end;
	server->request = mem_ref(request);
	server->key = strdup(key);
	if (!server->key) {
		release(server);
		return NULL;
	}
	fo_map_add(&ua->servers, &server->by_key, fo_map_hash_text(&ua->servers, key));
	return server;
}

/* Without keeping anything. */
static void refuse(struct fo_re *ua, const struct sip_msg *request,
		   const struct failover_target *peer)
{
	char tag[FO_TOKEN];
	struct fo_reply reply = { .status = 503, .tag = tag };
	struct mbuf *text;

	ua->base.counters.refused++;
	if (fo_ua_token(&ua->base, tag))
		return;
	text = fo_re_response_text(ua, request, &reply);
	if (text)
		(void)fo_re_transmit(ua, peer, request, text);
	mem_deref(text);
}

struct fo_re_server *fo_re_server_open(struct fo_re *ua, struct sip_msg *request,
				       const struct failover_target *peer)
{
	struct fo_re_server *server = NULL;

	if (ua->servers.count < FO_SERVERS_MAX + 4 * ua->base.accounts.count)
		server = create(ua, request);
	if (!server) {
		refuse(ua, request, peer);
		return NULL;
	}
	server->peer = *peer;
	if (!server->is_invite)
		keep_for(server, LIFE_MS);
	return server;
}

void fo_re_server_again(struct fo_re_server *server, const struct sip_msg *request)
{
	int is_ack = fo_re_message_is(request, "ACK");

	switch (server->state) {
	case FO_SERVER_TRYING:
	case FO_SERVER_PROCEEDING:
		if (!is_ack)
			send_response(server);
		break;
	case FO_SERVER_ACCEPTED:
		if (!is_ack) /* its sender has not seen the 2xx */
			fo_ua_repeated(&server->base);
		break;
	case FO_SERVER_COMPLETED:
		if (!is_ack) {
			send_response(server);
			break;
		}
		server->state = FO_SERVER_CONFIRMED;
		fo_timer_stop(&server->base.ua->timers, &server->resend);
		keep_for(server, FO_T4_MS);
		break;
	case FO_SERVER_CONFIRMED:
		break;
	}
}

/* ---- responses ---------------------------------------------------------------------------- */

int fo_re_server_reply(struct fo_server *base, const struct fo_reply *reply)
{
	struct fo_re_server *server = FO_CONTAINER(base, struct fo_re_server, base);
	struct mbuf *text = fo_re_response_text(fo_re(base->ua), server->request, reply);

	if (!text)
		return FAILOVER_ERR_MEMORY;
	mem_deref(server->response);
	server->response = text;
	send_response(server);
	if (reply->status < 200) {
		server->state = FO_SERVER_PROCEEDING;
		return FAILOVER_OK;
	}
	server->state =
		server->is_invite && reply->status < 300 ? FO_SERVER_ACCEPTED : FO_SERVER_COMPLETED;
	keep_for(server, LIFE_MS);
	if (server->is_invite && reply->status >= 300 && server->peer.transport == FAILOVER_UDP)
		fo_timer_set(&base->ua->timers, &server->resend,
			     fo_ua_now(base->ua) + server->interval_ms);
	return FAILOVER_OK;
}

void fo_re_server_reply_again(struct fo_server *base)
{
	send_response(FO_CONTAINER(base, struct fo_re_server, base));
}
