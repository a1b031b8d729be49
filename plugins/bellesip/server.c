/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server.c - server transactions on the user agent's timers: belle-sip's own run on its clock, and
 * its provider answers a CANCEL itself unless the INVITE is in one of them. */
#include <stdlib.h>
#include <string.h>
#include "../common/writer.h"
#include "server.h"

#define LIFE_MS (FO_64T1 * FO_T1_MS)

/* ---- key ---------------------------------------------------------------------------------- */

/* RFC 3261 17.2.3: branch, sent-by and method; for peers of RFC 2543 what else is constant. */
static int write_key(const struct fo_belle_view *request, const char *method,
		     char out[FO_SERVER_KEY])
{
	const belle_sip_header_via_t *via = fo_belle_message_via(request->message);
	const struct fo_view *view = &request->view;
	const char *host = belle_sip_header_via_get_host(via);
	struct fo_writer writer;

	fo_writer_init(&writer, out, FO_SERVER_KEY);
	fo_writer_add(&writer, "%s %s:%d ", method, host ? host : "",
		      belle_sip_header_via_get_port(via));
	if (view->branch && !strncmp(view->branch, "z9hG4bK", 7) && view->branch[7])
		fo_writer_add(&writer, "%s", view->branch);
	else
		fo_writer_add(&writer, "%s %u %s", view->call_id, (unsigned)view->cseq,
			      view->from_tag ? view->from_tag : "");
	return fo_writer_error(&writer);
}

struct fo_belle_server *fo_belle_server_find(const struct fo_belle *ua,
					     const struct fo_belle_view *request,
					     const char *method)
{
	char key[FO_SERVER_KEY];
	struct fo_map_node *node;

	if (write_key(request, method, key))
		return NULL;
	for (node = fo_map_find(&ua->servers, fo_map_hash_text(&ua->servers, key)); node;
	     node = fo_map_again(node)) {
		struct fo_belle_server *server = FO_CONTAINER(node, struct fo_belle_server, by_key);

		if (!strcmp(server->key, key))
			return server;
	}
	return NULL;
}

int fo_belle_server_is_accepted(const struct fo_belle_server *server)
{
	return server->state == FO_SERVER_ACCEPTED;
}

/* ---- timers ------------------------------------------------------------------------------- */

/* The peer repeats its request when this is lost, so a failure is no end of it. */
static void send_last(struct fo_belle_server *server)
{
	if (server->response)
		(void)fo_belle_transmit(fo_belle(server->base.ua), server->request, &server->peer,
					server->response);
}

static void keep_for(struct fo_belle_server *server, uint64_t ms)
{
	fo_timer_set(&server->base.ua->timers, &server->end, fo_ua_now(server->base.ua) + ms);
}

/* Timer G: a failure of an INVITE, until its ACK comes. */
static void on_resend(struct fo_timer *timer)
{
	struct fo_belle_server *server = FO_CONTAINER(timer, struct fo_belle_server, resend);

	if (server->state != FO_SERVER_COMPLETED)
		return;
	send_last(server);
	server->interval_ms *= 2;
	if (server->interval_ms > FO_T2_MS)
		server->interval_ms = FO_T2_MS;
	fo_timer_set(&server->base.ua->timers, timer, timer->at + server->interval_ms);
}

/* ---- life --------------------------------------------------------------------------------- */

static void release(struct fo_belle_server *server)
{
	struct fo_belle *ua = fo_belle(server->base.ua);

	fo_ua_server_gone(&server->base);
	fo_map_remove(&ua->servers, &server->by_key);
	fo_timer_stop(&ua->base.timers, &server->resend);
	fo_timer_stop(&ua->base.timers, &server->end);
	fo_timers_release(&ua->base.timers, 2);
	belle_sip_object_unref(server->request);
	free(server->response);
	free(server->key);
	free(server);
}

static void on_end(struct fo_timer *timer)
{
	release(FO_CONTAINER(timer, struct fo_belle_server, end));
}

void fo_belle_servers_free(struct fo_belle *ua)
{
	struct fo_map_node *node = fo_map_walk(&ua->servers, NULL), *next;

	for (; node; node = next) {
		next = fo_map_walk(&ua->servers, node);
		release(FO_CONTAINER(node, struct fo_belle_server, by_key));
	}
}

static struct fo_belle_server *create(struct fo_belle *ua, const struct fo_belle_view *request)
{
	char key[FO_SERVER_KEY], *copy;
	struct fo_belle_server *server;

	if (write_key(request, request->view.method, key))
		return NULL;
	server = calloc(1, sizeof(*server));
	copy = strdup(key);
	if (!server || !copy || fo_timers_reserve(&ua->base.timers, 2)) {
		free(server);
		free(copy);
		return NULL;
	}
	server->base.ua = &ua->base;
	server->is_invite = !strcmp(request->view.method, "INVITE");
	server->interval_ms = FO_T1_MS;
	server->resend.fire = on_resend;
	server->end.fire = on_end;
	server->key = copy;
	server->request = BELLE_SIP_REQUEST(belle_sip_object_ref(request->message));
	fo_map_add(&ua->servers, &server->by_key, fo_map_hash_text(&ua->servers, key));
	return server;
}

/* Without keeping anything. */
static void refuse(struct fo_belle *ua, const struct fo_belle_view *request,
		   const struct failover_target *peer)
{
	char tag[FO_TOKEN], *text;
	struct fo_reply reply = { .status = 503, .tag = tag };

	ua->base.counters.refused++;
	if (fo_ua_token(&ua->base, tag))
		return;
	text = fo_belle_message_response(ua, BELLE_SIP_REQUEST(request->message), &reply);
	if (text)
		(void)fo_belle_transmit(ua, BELLE_SIP_REQUEST(request->message), peer, text);
	free(text);
}

struct fo_belle_server *fo_belle_server_open(struct fo_belle *ua,
					     const struct fo_belle_view *request,
					     const struct failover_target *peer)
{
	struct fo_belle_server *server = NULL;

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

void fo_belle_server_again(struct fo_belle_server *server)
{
	if (server->state == FO_SERVER_ACCEPTED) /* a 2xx was sent; its sender repeats it */
		fo_ua_repeated(&server->base);
	else if (server->state != FO_SERVER_CONFIRMED)
		send_last(server);
}

void fo_belle_server_ack(struct fo_belle_server *server)
{
	if (server->state != FO_SERVER_COMPLETED)
		return;
	server->state = FO_SERVER_CONFIRMED;
	fo_timer_stop(&server->base.ua->timers, &server->resend);
	keep_for(server, FO_T4_MS);
}

/* ---- responses ---------------------------------------------------------------------------- */

static void completed(struct fo_belle_server *server, uint32_t status)
{
	struct fo_ua *ua = server->base.ua;

	server->state =
		server->is_invite && status < 300 ? FO_SERVER_ACCEPTED : FO_SERVER_COMPLETED;
	keep_for(server, LIFE_MS);
	if (server->is_invite && status >= 300 && server->peer.transport == FAILOVER_UDP)
		fo_timer_set(&ua->timers, &server->resend, fo_ua_now(ua) + server->interval_ms);
}

int fo_belle_server_reply(struct fo_server *base, const struct fo_reply *reply)
{
	struct fo_belle_server *server = FO_CONTAINER(base, struct fo_belle_server, base);
	belle_sip_object_pool_t *pool = belle_sip_object_pool_push();
	char *text = fo_belle_message_response(fo_belle(base->ua), server->request, reply);

	belle_sip_object_unref(pool);
	if (!text)
		return FAILOVER_ERR_MEMORY;
	free(server->response);
	server->response = text;
	send_last(server);
	if (reply->status >= 200)
		completed(server, reply->status);
	return FAILOVER_OK;
}

void fo_belle_server_reply_again(struct fo_server *base)
{
	struct fo_belle_server *server = FO_CONTAINER(base, struct fo_belle_server, base);

	if (fo_belle_server_is_accepted(server))
		send_last(server);
}
