/* SPDX-License-Identifier: MIT */
/* server.h - the server's parts, and what they call to answer. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "auth.h"
#include "call.h"
#include "caller.h"
#include "endpoint.h"
#include "exchange.h"
#include "registrar.h"
#include "replies.h"
#include "trace.h"

#include <event2/event.h>

/* How it plays ill. */
enum fault {
	FAULT_NONE,
	FAULT_SILENT, /* reads, answers nothing: a cut cable */
	FAULT_STATUS, /* answers every request with one status */
	FAULT_DOWN,   /* no socket: the peer's system reports ICMP */
};

struct counts {
	unsigned long received;
	unsigned long sent;
	unsigned long malformed; /* no SIP, or a message that lacks what RFC 3261 8.1.1 demands */
	unsigned long ignored;	 /* while silent, keep-alives, responses to nothing we asked */
};

struct server {
	struct event_base *base;
	struct trace trace;
	struct endpoint endpoint;
	struct replies replies;
	struct auth auth;
	struct registrar registrar;
	struct calls calls;
	struct caller caller;
	struct counts counts;
	enum fault fault;
	int fault_status;
	int fault_retry_after_s; /* 0: none */
};

/* False: errno says why the address cannot be had. */
bool server_start(struct server *server, struct event_base *base, const struct peer *local);
void server_stop(struct server *server);

/* Sends the reply, keeps it for retransmissions, frees it. */
void server_respond(struct server *server, const struct exchange *x, struct sip_msg *reply);
/* Sends a request of our own; shown is what the trace says of it. */
void server_send(struct server *server, const struct peer *to, const char *data, size_t len,
		 const struct sip_msg *shown);
/* An answer of a status and nothing else. */
void server_reply(struct server *server, const struct exchange *x, int status);
/* Sends again what was sent for this request. */
void server_repeat(struct server *server, const struct exchange *x);
/* Random lower-case hex digits, buf[2 * bytes + 1]; for tags and nonces. */
void server_random_hex(char *buf, size_t bytes);

#endif
