/* SPDX-License-Identifier: MIT */
/* server.h - server transactions: requests of peers and our responses (RFC 3261 17.2). */
#ifndef FO_OSIP2_SERVER_H
#define FO_OSIP2_SERVER_H

#include "osip2.h"

#define FO_SERVER_KEY 512u

struct fo_osip_server {
	struct fo_server base;
	struct fo_map_node by_key;
	struct fo_timer resend;	     /* G */
	struct fo_timer end;	     /* H, I, J; RFC 6026 L after a 2xx */
	osip_transaction_t *fsm;     /* owns the request */
	osip_message_t *accepted;    /* the 2xx to an INVITE */
	struct failover_target peer; /* where responses go (RFC 3261 18.2.2, RFC 3581) */
	uint32_t interval_ms;
	uint8_t is_invite;
	char *key;
};

/* The transaction that this request belongs to; method NULL = its own (an ACK: INVITE). */
struct fo_osip_server *fo_osip_server_find(const struct fo_osip *ua, const osip_message_t *request,
					   const char *method);
/* Start one; takes the request. NULL = no room: the request is freed. */
struct fo_osip_server *fo_osip_server_open(struct fo_osip *ua, osip_message_t *request,
					   const struct failover_target *peer);
/* The same request again, or the ACK of a failure; takes it. */
void fo_osip_server_again(struct fo_osip_server *server, osip_message_t *request);
/* Functions of struct fo_stack. */
int fo_osip_server_reply(struct fo_server *server, const struct fo_reply *reply);
void fo_osip_server_reply_again(struct fo_server *server);
/* Refuse without keeping anything; the request stays the caller's. */
void fo_osip_server_refuse(struct fo_osip *ua, const osip_message_t *request,
			   const struct failover_target *peer, uint32_t status);
void fo_osip_server_free(struct fo_osip_server *server);
int fo_osip_server_send(struct fo_osip_server *server, osip_message_t *message);
/* At close. */
void fo_osip_servers_free(struct fo_osip *ua);

#endif
