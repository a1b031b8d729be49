/* SPDX-License-Identifier: MIT */
/* server.h - server transactions: requests of peers and our responses (RFC 3261 17.2). */
#ifndef FO_SOFIA_SERVER_H
#define FO_SOFIA_SERVER_H

#include "message.h"

#define FO_SERVER_KEY 512u

struct fo_sofia_server {
	struct fo_server base;
	struct fo_map_node by_key;
	struct fo_timer resend;	     /* G */
	struct fo_timer end;	     /* H, I, J; RFC 6026 L after a 2xx */
	msg_t *request;		     /* a reference */
	struct failover_target peer; /* where responses go (RFC 3261 18.2.2, RFC 3581) */
	char *last;		     /* the last response */
	uint32_t status;	     /* of it; 0 = none */
	uint32_t interval_ms;
	uint8_t is_invite;
	uint8_t is_acked; /* the ACK of a failure has come */
	char *key;
};

/* The transaction that this request belongs to; method NULL = its own (an ACK: INVITE). */
struct fo_sofia_server *fo_sofia_server_find(const struct fo_sofia *ua,
					     const struct fo_sofia_view *request,
					     const char *method);
/* Start one; responses go to `peer`. NULL = no room: the request was refused. */
struct fo_sofia_server *fo_sofia_server_open(struct fo_sofia *ua, struct fo_sofia_view *request,
					     const struct failover_target *peer);
/* The same request again. */
void fo_sofia_server_again(struct fo_sofia_server *server);
/* The ACK of a failure. */
void fo_sofia_server_acked(struct fo_sofia_server *server);
/* Functions of struct fo_stack. */
int fo_sofia_server_reply(struct fo_server *server, const struct fo_reply *reply);
void fo_sofia_server_reply_again(struct fo_server *server);
void fo_sofia_server_free(struct fo_sofia_server *server);
/* At close. */
void fo_sofia_servers_free(struct fo_sofia *ua);

static inline int fo_sofia_server_is_accepted(const struct fo_sofia_server *server)
{
	return server->is_invite && server->status >= 200 && server->status < 300;
}

#endif
