/* SPDX-License-Identifier: MIT */
/* server.c - server transactions: the last response is kept as text and sent again when it is
 * wanted. Timers run on the host's clock. */
#include <stdlib.h>
#include <string.h>
#include "../common/stream_way.h"
#include "../common/writer.h"
#include "server.h"
#include "transport.h"

#define LIFE_MS (FO_64T1 * FO_T1_MS)

/* ---- key ---------------------------------------------------------------------------------- */

/* RFC 3261 17.2.3: branch, sent-by and method; for peers of RFC 2543 what else is constant. */
static int write_key(const struct fo_sofia_view *request, const char *method,
		     char out[FO_SERVER_KEY])
{
	const sip_via_t *via = request->sip->sip_via;
	const struct fo_view *view = &request->view;
	struct fo_writer writer;

	if (!method)
		method = strcmp(view->method, "ACK") ? view->method : "INVITE";
	fo_writer_init(&writer, out, FO_SERVER_KEY);
	fo_writer_add(&writer, "%s %s:%s ", method, via->v_host, via->v_port ? via->v_port : "");
	if (view->branch && !strncmp(view->branch, "z9hG4bK", 7) && view->branch[7])
		fo_writer_add(&writer, "%s", view->branch);
	else
		fo_writer_add(&writer, "%s %u %s", view->call_id, (unsigned)view->cseq,
			      view->from_tag ? view->from_tag : "");
	return fo_writer_error(&writer);
}

struct fo_sofia_server *fo_sofia_server_find(const struct fo_sofia *ua,
					     const struct fo_sofia_view *request,
					     const char *method)
{
	char key[FO_SERVER_KEY];
	struct fo_map_node *node;

	if (write_key(request, method, key))
		return NULL;
	for (node = fo_map_find(&ua->servers, fo_map_hash_text(&ua->servers, key)); node;
	     node = fo_map_again(node)) {
		struct fo_sofia_server *server = FO_CONTAINER(node, struct fo_sofia_server, by_key);

		if (!strcmp(server->key, key))
			return server;
	}
	return NULL;
}

/* ---- sending ------------------------------------------------------------------------------ */

/* Back the way it came (RFC 3261 18.2.2). A failure is no end of the transaction: the peer repeats
 * its request. */
static void transmit(struct fo_sofia *ua, msg_t *request, const struct failover_target *peer,
		     const char *text)
{
	size_t length = strlen(text);
	int error;

	if (fo_is_stream(peer->transport))
		error = fo_streams_answer(&ua->streams, peer, sip_object(request)->sip_via->v_port,
					  text, length);
	else
		error = fo_sofia_send(ua, peer, text, length);
	if (!error)
		ua->base.counters.sent++;
}

static void send_last(struct fo_sofia_server *server)
{
	if (server->last)
		transmit(fo_sofia(server->base.ua), server->request, &server->peer, server->last);
}

static void keep_for(struct fo_sofia_server *server, uint64_t ms)
{
	fo_timer_set(&server->base.ua->timers, &server->end, fo_ua_now(server->base.ua) + ms);
}

/* Timer G: a failure of an INVITE, until its ACK comes. */
static void on_resend(struct fo_timer *timer)
{
	struct fo_sofia_server *server = FO_CONTAINER(timer, struct fo_sofia_server, resend);

	send_last(server);
	server->interval_ms *= 2;
	if (server->interval_ms > FO_T2_MS)
		server->interval_ms = FO_T2_MS;
	fo_timer_set(&server->base.ua->timers, timer, timer->at + server->interval_ms);
}

static void on_end(struct fo_timer *timer)
{
	fo_sofia_server_free(FO_CONTAINER(timer, struct fo_sofia_server, end));
}

/* ---- life --------------------------------------------------------------------------------- */

void fo_sofia_server_free(struct fo_sofia_server *server)
{
	struct fo_sofia *ua = fo_sofia(server->base.ua);

	fo_ua_server_gone(&server->base);
	fo_map_remove(&ua->servers, &server->by_key);
	fo_timer_stop(&ua->base.timers, &server->resend);
	fo_timer_stop(&ua->base.timers, &server->end);
	fo_timers_release(&ua->base.timers, 2);
	msg_destroy(server->request);
	free(server->last);
	free(server->key);
	free(server);
}

void fo_sofia_servers_free(struct fo_sofia *ua)
{
	struct fo_map_node *node = fo_map_walk(&ua->servers, NULL), *next;

	for (; node; node = next) {
		next = fo_map_walk(&ua->servers, node);
		fo_sofia_server_free(FO_CONTAINER(node, struct fo_sofia_server, by_key));
	}
}

static struct fo_sofia_server *create(struct fo_sofia *ua, struct fo_sofia_view *request)
{
	char key[FO_SERVER_KEY];
	struct fo_sofia_server *server;

	if (write_key(request, NULL, key))
		return NULL;
	server = calloc(1, sizeof(*server));
	if (!server || fo_timers_reserve(&ua->base.timers, 2)) {
		free(server);
		return NULL;
	}
	server->base.ua = &ua->base;
	server->is_invite = !strcmp(request->view.method, "INVITE");
	server->interval_ms = FO_T1_MS;
	server->resend.fire = on_resend;
	server->end.fire = on_end;
	server->request = msg_ref_create(request->message);
	server->key = strdup(key);
	if (!server->key || !server->request) {
		fo_sofia_server_free(server);
		return NULL;
	}
	fo_map_add(&ua->servers, &server->by_key, fo_map_hash_text(&ua->servers, key));
	return server;
}

/* Without keeping anything. */
static void refuse(struct fo_sofia *ua, struct fo_sofia_view *request,
		   const struct failover_target *peer)
{
	char tag[FO_TOKEN], *text;
	struct fo_reply reply = { .status = 503, .tag = tag };

	ua->base.counters.refused++;
	if (fo_ua_token(&ua->base, tag))
		return;
	text = fo_sofia_message_response(ua, request->message, &reply);
	if (text)
		transmit(ua, request->message, peer, text);
	free(text);
}

struct fo_sofia_server *fo_sofia_server_open(struct fo_sofia *ua, struct fo_sofia_view *request,
					     const struct failover_target *peer)
{
	struct fo_sofia_server *server = NULL;

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

void fo_sofia_server_again(struct fo_sofia_server *server)
{
	if (fo_sofia_server_is_accepted(server))
		fo_ua_repeated(&server->base); /* a 2xx was sent; its sender repeats it */
	else if (!server->is_acked)
		send_last(server);
}

void fo_sofia_server_acked(struct fo_sofia_server *server)
{
	if (server->is_acked || server->status < 300)
		return;
	server->is_acked = 1;
	fo_timer_stop(&server->base.ua->timers, &server->resend);
	keep_for(server, FO_T4_MS);
}

/* ---- responses ---------------------------------------------------------------------------- */

int fo_sofia_server_reply(struct fo_server *base, const struct fo_reply *reply)
{
	struct fo_sofia_server *server = FO_CONTAINER(base, struct fo_sofia_server, base);
	struct fo_ua *ua = base->ua;
	char *text;

	if (server->status >= 200)
		return FAILOVER_ERR_STATE;
	text = fo_sofia_message_response(fo_sofia(ua), server->request, reply);
	if (!text)
		return FAILOVER_ERR_MEMORY;
	free(server->last);
	server->last = text;
	server->status = reply->status;
	send_last(server);
	if (reply->status < 200)
		return FAILOVER_OK;
	keep_for(server, LIFE_MS);
	if (server->is_invite && reply->status >= 300 && !fo_is_stream(server->peer.transport))
		fo_timer_set(&ua->timers, &server->resend, fo_ua_now(ua) + server->interval_ms);
	return FAILOVER_OK;
}

void fo_sofia_server_reply_again(struct fo_server *base)
{
	send_last(FO_CONTAINER(base, struct fo_sofia_server, base));
}
