/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server.h - server transactions: requests of peers and our responses (RFC 3261 17.2). */
#ifndef FO_BELLESIP_SERVER_H
#define FO_BELLESIP_SERVER_H

#include "message.h"

#define FO_SERVER_KEY 512u

enum fo_server_state {
	FO_SERVER_OPEN,	     /* Trying, Proceeding */
	FO_SERVER_COMPLETED, /* a final response was sent */
	FO_SERVER_ACCEPTED,  /* a 2xx to INVITE (RFC 6026) */
	FO_SERVER_CONFIRMED, /* the ACK of a failure has come */
};

struct fo_belle_server {
	struct fo_server base;
	struct fo_map_node by_key;
	struct fo_timer resend; /* G */
	struct fo_timer end;	/* H, I, J; RFC 6026 L after a 2xx */
	enum fo_server_state state;
	belle_sip_request_t *request;
	char *response;		     /* the last one; NULL = none yet */
	struct failover_target peer; /* where responses go (RFC 3261 18.2.2, RFC 3581) */
	uint32_t interval_ms;
	uint8_t is_invite;
	char *key;
};

/* The transaction of this method that the request belongs to, or NULL. */
struct fo_belle_server *fo_belle_server_find(const struct fo_belle *ua,
					     const struct fo_belle_view *request,
					     const char *method);
/* Start one. NULL = no room: the request is refused. */
struct fo_belle_server *fo_belle_server_open(struct fo_belle *ua,
					     const struct fo_belle_view *request,
					     const struct failover_target *peer);
/* The same request again. */
void fo_belle_server_again(struct fo_belle_server *server);
/* The ACK of a failure. */
void fo_belle_server_ack(struct fo_belle_server *server);
/* Was it an INVITE that was answered 2xx? */
int fo_belle_server_is_accepted(const struct fo_belle_server *server);
/* Functions of struct fo_stack. */
int fo_belle_server_reply(struct fo_server *server, const struct fo_reply *reply);
void fo_belle_server_reply_again(struct fo_server *server);
/* At close. */
void fo_belle_servers_free(struct fo_belle *ua);

#endif
