/* SPDX-License-Identifier: MIT */
/* server.h - server transactions: requests of peers and our responses (RFC 3261 17.2). */
#ifndef FO_RE_SERVER_H
#define FO_RE_SERVER_H

#include "re.h"

#define FO_SERVER_KEY 512u

enum fo_server_state {
	FO_SERVER_TRYING,
	FO_SERVER_PROCEEDING, /* a 1xx was sent */
	FO_SERVER_ACCEPTED,   /* INVITE: a 2xx was sent (RFC 6026) */
	FO_SERVER_COMPLETED,  /* another final one */
	FO_SERVER_CONFIRMED,  /* INVITE: and its ACK has come */
};

struct fo_re_server {
	struct fo_server base;
	struct fo_map_node by_key;
	struct fo_timer resend; /* G */
	struct fo_timer end;	/* H, I, J; RFC 6026 L after a 2xx */
	struct sip_msg *request;
	struct mbuf *response;	     /* the last */
	struct failover_target peer; /* where responses go (RFC 3261 18.2.2, RFC 3581) */
	uint32_t interval_ms;
	enum fo_server_state state;
	uint8_t is_invite;
	char *key;
};

/* The transaction that this request belongs to; method NULL = its own (an ACK: INVITE). */
struct fo_re_server *fo_re_server_find(const struct fo_re *ua, const struct sip_msg *request,
				       const char *method);
/* Start one. NULL = no room: the request was refused. */
struct fo_re_server *fo_re_server_open(struct fo_re *ua, struct sip_msg *request,
				       const struct failover_target *peer);
/* The same request again, or the ACK of a failure. */
void fo_re_server_again(struct fo_re_server *server, const struct sip_msg *request);
/* Functions of struct fo_stack. */
int fo_re_server_reply(struct fo_server *server, const struct fo_reply *reply);
void fo_re_server_reply_again(struct fo_server *server);
/* At close. */
void fo_re_servers_free(struct fo_re *ua);

#endif
