/* SPDX-License-Identifier: MIT */
/* server.c - from a message to the part that answers it, and the answer's way out. */
#include "server.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define TRANSACTION_MS 32000 /* 64*T1: no retransmission comes later */

static const struct {
	const char *method;
	void (*handle)(struct server *server, struct exchange *x);
} handlers[] = {
	{ "REGISTER", registrar_register }, /* RFC 3261 10.3 */
	{ "INVITE", call_invite },	    /* 13.3, 14.2 */
	{ "BYE", call_bye },		    /* 15.1.2 */
	{ "CANCEL", call_cancel },	    /* 9.2 */
	{ "OPTIONS", call_options },	    /* 11.2 */
};

void server_random_hex(char *buf, size_t bytes)
{
	unsigned char byte;
	size_t i;

	for (i = 0; i < bytes; i++) {
		/* Without a random source nothing that is sent can be trusted to be unique. */
		if (RAND_bytes(&byte, 1) != 1)
			abort();
		snprintf(buf + 2 * i, 3, "%02x", byte);
	}
}

static void trace_sent(const struct server *server, const struct sip_msg *msg,
		       const struct peer *to, const char *note)
{
	char late[48];

	snprintf(late, sizeof(late), "%s%sin %u ms", note ? note : "", note ? ", " : "",
		 server->endpoint.delay_ms);
	trace_packet(&server->trace, "->", msg, to, server->endpoint.delay_ms ? late : note);
}

static bool muted(const struct server *server)
{
	return server->fault == FAULT_SILENT || server->fault == FAULT_DOWN;
}

void server_send(struct server *server, const struct peer *to, const char *data, size_t len,
		 const struct sip_msg *shown)
{
	if (muted(server) || !endpoint_send(&server->endpoint, to, data, len))
		return;
	server->counts.sent++;
	trace_sent(server, shown, to, NULL);
}

void server_respond(struct server *server, const struct exchange *x, struct sip_msg *reply)
{
	struct reply_entry answer = {
		.source = x->source,
		.to = x->reply_to,
		.status = reply->status,
		.until_ms = clock_ms() + TRANSACTION_MS,
	};

	sip_add(reply, "Server", "failover-server");
	if (!sip_to_packet(reply, &answer.packet))
		goto out;
	server_send(server, &x->reply_to, answer.packet.data, answer.packet.len, reply);
	replies_store(&server->replies, &x->request, &answer);
out:
	sip_free(reply);
}

void server_reply(struct server *server, const struct exchange *x, int status)
{
	struct sip_msg reply;
	char tag[17];

	server_random_hex(tag, 8);
	if (sip_reply(&reply, &x->request, status, tag))
		server_respond(server, x, &reply);
}

static bool repeat(struct server *server, const struct exchange *x)
{
	const struct reply_entry *answer =
		replies_find(&server->replies, &x->request, &x->source, clock_ms());
	struct sip_msg shown = x->request;

	if (!answer)
		return false;
	if (muted(server) ||
	    !endpoint_send(&server->endpoint, &answer->to, answer->packet.data, answer->packet.len))
		return true;
	server->counts.sent++;
	shown.status = answer->status;
	trace_sent(server, &shown, &answer->to, "again");
	return true;
}

void server_repeat(struct server *server, const struct exchange *x)
{
	repeat(server, x);
}

/* An answer of a status and one more header. */
static void reply_with(struct server *server, const struct exchange *x, int status,
		       const char *name, const char *value)
{
	struct sip_msg reply;
	char tag[17];

	server_random_hex(tag, 8);
	if (!sip_reply(&reply, &x->request, status, tag))
		return;
	sip_add(&reply, name, value);
	server_respond(server, x, &reply);
}

static void reply_fault(struct server *server, const struct exchange *x)
{
	char seconds[16];

	snprintf(seconds, sizeof(seconds), "%d", server->fault_retry_after_s);
	if (server->fault_retry_after_s)
		reply_with(server, x, server->fault_status, "Retry-After", seconds);
	else
		server_reply(server, x, server->fault_status);
}

static void handle_request(struct server *server, struct exchange *x)
{
	size_t i;

	if (strcmp(x->request.method, "ACK") == 0) {
		call_ack(server, x);
		return;
	}
	if (repeat(server, x))
		return;
	if (server->fault == FAULT_STATUS) {
		reply_fault(server, x);
		return;
	}
	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (strcmp(x->request.method, handlers[i].method) == 0) {
			handlers[i].handle(server, x);
			return;
		}
	}
	reply_with(server, x, 405, "Allow", CALL_ALLOW);
}

static bool is_keepalive(const char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (data[i] != '\r' && data[i] != '\n')
			return false;
	}
	return true;
}

static void on_message(void *arg, const char *data, size_t len, const struct peer *from)
{
	struct exchange x = { .source = *from };
	struct server *server = arg;

	server->counts.received++;
	if (is_keepalive(data, len)) {
		server->counts.ignored++;
		if (endpoint_is_reliable(&server->endpoint) && !muted(server))
			(void)endpoint_send(&server->endpoint, from, "\r\n",
					    2); /* RFC 5626 3.5.1 */
		return;
	}
	if (!sip_parse(&x.request, data, len)) {
		server->counts.malformed++;
		return;
	}
	if (muted(server)) {
		server->counts.ignored++;
		trace_packet(&server->trace, "<-", &x.request, from, "ignored");
	} else if (x.request.status) {
		trace_packet(&server->trace, "<-", &x.request, from, NULL);
		if (!caller_response(server, &x.request))
			server->counts.ignored++;
	} else {
		trace_packet(&server->trace, "<-", &x.request, from, NULL);
		x.reply_to = sip_reply_peer(&x.request, from);
		if (endpoint_is_reliable(&server->endpoint))
			x.reply_to = *from; /* RFC 3261 18.2.2: the way it came */
		handle_request(server, &x);
	}
	sip_free(&x.request);
}

bool server_start(struct server *server, struct event_base *base, const struct peer *local)
{
	server->base = base;
	endpoint_init(&server->endpoint, base, local);
	server->endpoint.receive = on_message;
	server->endpoint.arg = server;
	return endpoint_open(&server->endpoint);
}

void server_stop(struct server *server)
{
	calls_free(&server->calls);
	caller_free(&server->caller);
	endpoint_close(&server->endpoint);
	registrar_free(&server->registrar);
	replies_free(&server->replies);
}
