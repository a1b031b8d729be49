/* SPDX-License-Identifier: MIT */
/* server.c - server transactions on libosip2's state machines, with our tables and timers. */
#include <stdlib.h>
#include <string.h>
#include "../common/writer.h"
#include "message.h"
#include "server.h"

#define LIFE_MS (FO_64T1 * FO_T1_MS)

/* ---- key ---------------------------------------------------------------------------------- */

/* RFC 3261 17.2.3: branch, sent-by and method; for peers of RFC 2543 what else is constant. */
static int write_key(const osip_message_t *request, const char *method, char out[FO_SERVER_KEY])
{
	const osip_via_t *via = osip_list_get(&request->vias, 0);
	const char *branch = fo_message_branch_of(request), *tag = fo_message_from_tag(request);
	char call_id[256];
	struct fo_writer writer;

	if (!method)
		method = MSG_IS_ACK(request) ? "INVITE" : request->sip_method;
	if (fo_message_call_id(request, call_id, sizeof(call_id)))
		return FAILOVER_ERR_ARGUMENT;
	fo_writer_init(&writer, out, FO_SERVER_KEY);
	fo_writer_add(&writer, "%s %s:%s ", method, via->host ? via->host : "",
		      via->port ? via->port : "");
	if (branch && !strncmp(branch, "z9hG4bK", 7) && branch[7])
		fo_writer_add(&writer, "%s", branch);
	else
		fo_writer_add(&writer, "%s %s %s", call_id, request->cseq->number, tag ? tag : "");
	return fo_writer_error(&writer);
}

struct fo_osip_server *fo_osip_server_find(const struct fo_osip *ua, const osip_message_t *request,
					   const char *method)
{
	char key[FO_SERVER_KEY];
	struct fo_map_node *node;

	if (write_key(request, method, key))
		return NULL;
	for (node = fo_map_find(&ua->servers, fo_map_hash_text(&ua->servers, key)); node;
	     node = fo_map_again(node)) {
		struct fo_osip_server *server = FO_CONTAINER(node, struct fo_osip_server, by_key);

		if (!strcmp(server->key, key))
			return server;
	}
	return NULL;
}

/* ---- state machine and timers ------------------------------------------------------------- */

int fo_osip_server_send(struct fo_osip_server *server, osip_message_t *message)
{
	/* The peer repeats its request when this is lost, so a failure is no end of it. */
	(void)fo_osip_transmit(fo_osip(server->base.ua), &server->peer, message);
	return 0;
}

static void execute(struct fo_osip_server *server, type_t type, osip_message_t *message)
{
	osip_event_t *event = fo_osip_event(type, message);

	if (event)
		osip_transaction_execute(server->fsm, event);
	else
		osip_message_free(message);
}

static void keep_for(struct fo_osip_server *server, uint64_t ms)
{
	fo_timer_set(&server->base.ua->timers, &server->end, fo_ua_now(server->base.ua) + ms);
}

/* Timer G: a failure of an INVITE, until its ACK comes. */
static void on_resend(struct fo_timer *timer)
{
	struct fo_osip_server *server = FO_CONTAINER(timer, struct fo_osip_server, resend);

	if (server->fsm->state != IST_COMPLETED)
		return;
	execute(server, TIMEOUT_G, NULL);
	server->interval_ms *= 2;
	if (server->interval_ms > FO_T2_MS)
		server->interval_ms = FO_T2_MS;
	fo_timer_set(&server->base.ua->timers, timer, timer->at + server->interval_ms);
}

static void on_end(struct fo_timer *timer)
{
	fo_osip_server_free(FO_CONTAINER(timer, struct fo_osip_server, end));
}

/* ---- life --------------------------------------------------------------------------------- */

void fo_osip_server_free(struct fo_osip_server *server)
{
	struct fo_osip *ua = fo_osip(server->base.ua);

	fo_ua_server_gone(&server->base);
	fo_map_remove(&ua->servers, &server->by_key);
	fo_timer_stop(&ua->base.timers, &server->resend);
	fo_timer_stop(&ua->base.timers, &server->end);
	fo_timers_release(&ua->base.timers, 2);
	if (server->fsm)
		osip_transaction_free2(server->fsm);
	osip_message_free(server->accepted);
	free(server->key);
	free(server);
}

void fo_osip_servers_free(struct fo_osip *ua)
{
	struct fo_map_node *node = fo_map_walk(&ua->servers, NULL), *next;

	for (; node; node = next) {
		next = fo_map_walk(&ua->servers, node);
		fo_osip_server_free(FO_CONTAINER(node, struct fo_osip_server, by_key));
	}
}

static struct fo_osip_server *create(struct fo_osip *ua, osip_message_t *request)
{
	char key[FO_SERVER_KEY];
	struct fo_osip_server *server;

	if (write_key(request, NULL, key))
		return NULL;
	server = calloc(1, sizeof(*server));
	if (!server || fo_timers_reserve(&ua->base.timers, 2)) {
		free(server);
		return NULL;
	}
	server->base.ua = &ua->base;
	server->is_invite = MSG_IS_INVITE(request);
	server->interval_ms = FO_T1_MS;
	server->resend.fire = on_resend;
	server->end.fire = on_end;
	server->key = strdup(key);
	server->fsm = fo_osip_transaction(ua, server->is_invite ? IST : NIST, request, server);
	if (!server->key || !server->fsm) {
		fo_osip_server_free(server);
		return NULL;
	}
	fo_map_add(&ua->servers, &server->by_key, fo_map_hash_text(&ua->servers, key));
	return server;
}

struct fo_osip_server *fo_osip_server_open(struct fo_osip *ua, osip_message_t *request,
					   const struct failover_target *peer)
{
	struct fo_osip_server *server = NULL;

	if (ua->servers.count < FO_SERVERS_MAX + 4 * ua->base.accounts.count)
		server = create(ua, request);
	if (!server) {
		ua->base.counters.refused++;
		fo_osip_server_refuse(ua, request, peer, 503);
		osip_message_free(request);
		return NULL;
	}
	server->peer = *peer;
	execute(server, server->is_invite ? RCV_REQINVITE : RCV_REQUEST, request);
	if (!server->is_invite)
		keep_for(server, LIFE_MS);
	return server;
}

void fo_osip_server_again(struct fo_osip_server *server, osip_message_t *request)
{
	if (MSG_IS_ACK(request)) {
		fo_timer_stop(&server->base.ua->timers, &server->resend);
		if (server->fsm->state == IST_COMPLETED)
			keep_for(server, FO_T4_MS);
		execute(server, RCV_REQACK, request);
		return;
	}
	if (server->fsm->state == IST_TERMINATED) { /* a 2xx was sent; its sender repeats it */
		fo_ua_repeated(&server->base);
		osip_message_free(request);
		return;
	}
	execute(server, server->is_invite ? RCV_REQINVITE : RCV_REQUEST, request);
}

/* ---- responses ---------------------------------------------------------------------------- */

static int respond(struct fo_osip_server *server, osip_message_t *response)
{
	uint32_t status = (uint32_t)response->status_code;
	struct fo_ua *ua = server->base.ua;

	execute(server,
		status < 200   ? SND_STATUS_1XX
		: status < 300 ? SND_STATUS_2XX
			       : SND_STATUS_3456XX,
		response);
	if (status < 200)
		return FAILOVER_OK;
	keep_for(server, LIFE_MS);
	if (server->is_invite && status >= 300 && server->peer.transport == FAILOVER_UDP)
		fo_timer_set(&ua->timers, &server->resend, fo_ua_now(ua) + server->interval_ms);
	return FAILOVER_OK;
}

int fo_osip_server_reply(struct fo_server *base, const struct fo_reply *reply)
{
	struct fo_osip_server *server = FO_CONTAINER(base, struct fo_osip_server, base);
	osip_message_t *response =
		fo_message_response(fo_osip(base->ua), server->fsm->orig_request, reply);

	if (!response)
		return FAILOVER_ERR_MEMORY;
	if (server->is_invite && MSG_IS_STATUS_2XX(response) &&
	    osip_message_clone(response, &server->accepted)) {
		osip_message_free(response);
		return FAILOVER_ERR_MEMORY;
	}
	return respond(server, response);
}

void fo_osip_server_reply_again(struct fo_server *base)
{
	struct fo_osip_server *server = FO_CONTAINER(base, struct fo_osip_server, base);

	if (server->accepted)
		(void)fo_osip_transmit(fo_osip(base->ua), &server->peer, server->accepted);
}

void fo_osip_server_refuse(struct fo_osip *ua, const osip_message_t *request,
			   const struct failover_target *peer, uint32_t status)
{
	char tag[FO_TOKEN];
	struct fo_reply reply = { .status = status, .tag = tag };
	osip_message_t *response;

	if (MSG_IS_ACK(request) || fo_ua_token(&ua->base, tag))
		return;
	response = fo_message_response(ua, request, &reply);
	if (!response)
		return;
	(void)fo_osip_transmit(ua, peer, response);
	osip_message_free(response);
}
