/* SPDX-License-Identifier: MIT */
/* serving.c - server transactions: see serving.h. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../writer.h"
#include "incoming.h"
#include "serving.h"

#define LIFE_MS (FO_64T1 * FO_T1_MS)
#define SIP_PORT 5060u
#define TRANSACTIONS_MAX 1024u

struct fo_served {
	struct fo_server base; /* first */
	struct fo_serving *serving;
	struct fo_map_node by_key;
	struct fo_timer resend; /* G: a failure of an INVITE, until its ACK comes */
	struct fo_timer end;	/* H, I, J */
	struct failover_target peer;
	uint32_t status; /* of the last response, 0 = none */
	uint32_t interval_ms;
	int is_invite, has_tag;
	char *key;
	char *fixed; /* Via, From, Call-ID, CSeq: the same in all responses */
	char *to, *routes;
	char *last; /* the last response */
};

static struct fo_served *served_of(struct fo_server *base)
{
	return (struct fo_served *)(void *)base;
}

/* ---- table -------------------------------------------------------------------------------- */

/* 17.2.3: branch, sent-by and method; for peers of RFC 2543 what else stays the same. */
static int key_of(const struct fo_serving_message *request, const char *method, char *out,
		  size_t size)
{
	const struct fo_view *view = request->view;
	struct fo_writer writer;

	fo_writer_init(&writer, out, size);
	fo_writer_add(&writer, "%s %s ", method, request->sent_by);
	if (view->branch && !strncmp(view->branch, "z9hG4bK", 7))
		fo_writer_add(&writer, "%s", view->branch);
	else
		fo_writer_add(&writer, "%s %u %s", view->call_id, (unsigned)view->cseq,
			      view->from_tag ? view->from_tag : "");
	return fo_writer_error(&writer);
}

static struct fo_served *find(const struct fo_serving *serving,
			      const struct fo_serving_message *request, const char *method)
{
	char key[1024];
	struct fo_map_node *node;

	if (key_of(request, method, key, sizeof(key)))
		return NULL;
	node = fo_map_find(&serving->transactions, fo_map_hash_text(&serving->transactions, key));
	for (; node; node = fo_map_again(node)) {
		struct fo_served *server = FO_CONTAINER(node, struct fo_served, by_key);

		if (!strcmp(server->key, key))
			return server;
	}
	return NULL;
}

/* ---- life --------------------------------------------------------------------------------- */

static void server_free(struct fo_served *server)
{
	struct fo_serving *serving = server->serving;
	struct fo_timers *timers = &serving->ua->timers;

	fo_ua_server_gone(&server->base);
	fo_map_remove(&serving->transactions, &server->by_key);
	fo_timer_stop(timers, &server->resend);
	fo_timer_stop(timers, &server->end);
	fo_timers_release(timers, 2);
	free(server->key);
	free(server->fixed);
	free(server->to);
	free(server->routes);
	free(server->last);
	free(server);
}

int fo_serving_init(struct fo_serving *serving, struct fo_ua *ua)
{
	uint64_t key[2];
	int error = ua->host->random(ua->host->ctx, key, sizeof(key));

	serving->ua = ua;
	return error ? error : fo_map_init(&serving->transactions, key);
}

void fo_serving_clear(struct fo_serving *serving)
{
	struct fo_map_node *node = fo_map_walk(&serving->transactions, NULL), *next;

	for (; node; node = next) {
		next = fo_map_walk(&serving->transactions, node);
		server_free(FO_CONTAINER(node, struct fo_served, by_key));
	}
	fo_map_free(&serving->transactions);
}

static void send_last(struct fo_served *server)
{
	if (!server->last)
		return;
	server->base.ua->counters.sent++;
	(void)server->base.ua->stack->send(server->base.ua, &server->peer, server->last,
					   strlen(server->last));
}

static void keep_for(struct fo_served *server, uint64_t ms)
{
	fo_timer_set(&server->base.ua->timers, &server->end, fo_ua_now(server->base.ua) + ms);
}

static void on_resend(struct fo_timer *timer)
{
	struct fo_served *server = FO_CONTAINER(timer, struct fo_served, resend);

	send_last(server);
	server->interval_ms *= 2;
	if (server->interval_ms > FO_T2_MS)
		server->interval_ms = FO_T2_MS;
	fo_timer_set(&server->base.ua->timers, timer, timer->at + server->interval_ms);
}

static void on_end(struct fo_timer *timer)
{
	server_free(FO_CONTAINER(timer, struct fo_served, end));
}

/* ---- what all responses have ---------------------------------------------------------------- */

/* RFC 3261 18.2.1, RFC 3581 4: the topmost Via says where the request came from. */
static void write_via(struct fo_writer *writer, const struct fo_serving_message *request)
{
	const char *via = request->vias[0], *rport = strcasestr(via, ";rport");
	char host[FO_ADDRESS_TEXT];
	size_t length;

	fo_address_host(&request->view->source, host);
	length = strlen(host);
	if (rport && rport[6] != '=')
		fo_writer_add(writer, "Via: %.*s=%u%s", (int)(rport + 6 - via), via,
			      (unsigned)request->view->source.port, rport + 6);
	else
		fo_writer_add(writer, "Via: %s", via);
	if (host[0] == '[') /* without brackets there */
		fo_writer_add(writer, ";received=%.*s\r\n", (int)length - 2, host + 1);
	else
		fo_writer_add(writer, ";received=%s\r\n", host);
}

static int copy_headers(struct fo_served *server, const struct fo_serving_message *request)
{
	const struct fo_view *view = request->view;
	char text[FO_MESSAGE_MAX], routes[FO_MESSAGE_MAX];
	struct fo_writer writer, route;
	uint32_t i;

	fo_writer_init(&writer, text, sizeof(text));
	fo_writer_init(&route, routes, sizeof(routes));
	write_via(&writer, request);
	for (i = 1; i < request->vias_count; i++)
		fo_writer_add(&writer, "Via: %s\r\n", request->vias[i]);
	fo_writer_add(&writer, "From: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n", view->from,
		      view->call_id, (unsigned)view->cseq, view->method);
	for (i = 0; i < view->record_routes_count && i < FO_ROUTES_MAX; i++)
		fo_writer_add(&route, "Record-Route: %s\r\n", view->record_routes[i]);
	if (fo_writer_error(&writer) || fo_writer_error(&route))
		return FAILOVER_ERR_FULL;
	server->fixed = strdup(text);
	server->routes = strdup(routes);
	server->to = strdup(view->to);
	server->has_tag = view->to_tag != NULL;
	return server->fixed && server->routes && server->to ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

/* RFC 3261 18.2.2: to the port of sent-by, unless rport asks for the one it came from. */
static struct failover_target peer_of(const struct fo_serving_message *request)
{
	struct failover_target peer = request->view->source;
	const char *bracket = strrchr(request->sent_by, ']');
	const char *colon = strchr(bracket ? bracket : request->sent_by, ':');
	uint32_t port = SIP_PORT;

	if (request->has_rport)
		return peer;
	if (colon && (fo_text_number(colon + 1, UINT16_MAX, &port) || !port))
		port = SIP_PORT;
	peer.port = (uint16_t)port;
	return peer;
}

static struct fo_served *server_new(struct fo_serving *serving,
				    const struct fo_serving_message *request)
{
	struct fo_served *server;
	char key[1024];

	if (serving->transactions.count >= TRANSACTIONS_MAX ||
	    key_of(request, request->view->method, key, sizeof(key)))
		return NULL;
	server = calloc(1, sizeof(*server));
	if (!server || fo_timers_reserve(&serving->ua->timers, 2)) {
		free(server);
		return NULL;
	}
	server->base.ua = serving->ua;
	server->serving = serving;
	server->peer = peer_of(request);
	server->is_invite = !strcmp(request->view->method, "INVITE");
	server->interval_ms = FO_T1_MS;
	server->resend.fire = on_resend;
	server->end.fire = on_end;
	server->key = strdup(key);
	if (!server->key || copy_headers(server, request)) {
		server_free(server);
		return NULL;
	}
	fo_map_add(&serving->transactions, &server->by_key,
		   fo_map_hash_text(&serving->transactions, key));
	return server;
}

/* ---- responses ---------------------------------------------------------------------------- */

static const char *phrase(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *phrase;
	} rows[] = {
		{ 100, "Trying" },
		{ 180, "Ringing" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 416, "Unsupported URI Scheme" },
		{ 420, "Bad Extension" },
		{ 481, "Call/Transaction Does Not Exist" },
		{ 486, "Busy Here" },
		{ 487, "Request Terminated" },
		{ 488, "Not Acceptable Here" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 603, "Decline" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].phrase;
	return status < 200 ? "In progress" : status < 300 ? "OK" : "Refused";
}

/* RFC 3261 12.1.1: what makes a dialog carries the Record-Route. */
static int write_reply(const struct fo_served *server, const struct fo_reply *reply, char *out,
		       size_t size)
{
	int dialog = server->is_invite && reply->status > 100 && reply->status < 300;
	int tag = !server->has_tag && reply->status > 100 && reply->tag;
	const char *body = reply->body ? reply->body : "";
	char lines[FO_MESSAGE_MAX / 2];
	struct fo_writer writer;

	if (fo_reply_lines(reply, lines, sizeof(lines)) < 0)
		return FAILOVER_ERR_FULL;
	fo_writer_init(&writer, out, size);
	fo_writer_add(&writer, "SIP/2.0 %u %s\r\n%s%sTo: %s", (unsigned)reply->status,
		      phrase(reply->status), server->fixed, dialog ? server->routes : "",
		      server->to);
	if (tag)
		fo_writer_add(&writer, ";tag=%s", reply->tag);
	fo_writer_add(&writer, "\r\nUser-Agent: %s\r\n%sContent-Length: %zu\r\n\r\n%s",
		      server->base.ua->user_agent, lines, strlen(body), body);
	return fo_writer_error(&writer);
}

int fo_serving_reply(struct fo_server *base, const struct fo_reply *reply)
{
	struct fo_served *server = served_of(base);
	char text[FO_MESSAGE_MAX], *copy;
	int error = write_reply(server, reply, text, sizeof(text));

	if (error)
		return error;
	copy = strdup(text);
	if (!copy)
		return FAILOVER_ERR_MEMORY;
	free(server->last);
	server->last = copy;
	server->status = reply->status;
	send_last(server);
	if (reply->status >= 200)
		keep_for(server, LIFE_MS);
	if (reply->status >= 300 && server->is_invite)
		fo_timer_set(&base->ua->timers, &server->resend,
			     fo_ua_now(base->ua) + server->interval_ms);
	return FAILOVER_OK;
}

void fo_serving_reply_again(struct fo_server *base)
{
	send_last(served_of(base));
}

/* ---- requests ----------------------------------------------------------------------------- */

/* The ACK of a failure belongs to its INVITE's transaction, that of a 2xx to the call. */
static void on_ack(struct fo_serving *serving, const struct fo_serving_message *ack)
{
	struct fo_served *server = find(serving, ack, "INVITE");

	if (!server || server->status < 300) {
		fo_ua_ack(serving->ua, ack->view);
		return;
	}
	fo_timer_stop(&serving->ua->timers, &server->resend);
	keep_for(server, FO_T4_MS);
}

static void on_again(struct fo_served *server)
{
	if (server->is_invite && server->status / 100 == 2)
		fo_ua_repeated(&server->base);
	else
		send_last(server);
}

void fo_serving_request(struct fo_serving *serving, const struct fo_serving_message *request)
{
	const char *method = request->view->method;
	struct fo_served *server, *invite;

	if (!strcmp(method, "ACK")) {
		on_ack(serving, request);
		return;
	}
	server = find(serving, request, method);
	if (server) {
		on_again(server);
		return;
	}
	invite = find(serving, request, "INVITE"); /* RFC 3261 9.2: CANCEL has the branch of it */
	server = server_new(serving, request);
	if (!server) {
		serving->ua->counters.refused++;
		return;
	}
	if (strcmp(method, "CANCEL")) {
		fo_ua_request(&server->base, request->view);
		return;
	}
	fo_ua_heard(serving->ua, request->view);
	(void)fo_incoming_status(&server->base, invite ? 200 : 481);
	if (invite)
		fo_ua_cancelled(&invite->base);
}
