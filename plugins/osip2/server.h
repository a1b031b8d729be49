/* SPDX-License-Identifier: MIT */
/* server.h - server transactions: requests of peers and our responses (RFC 3261 17.2). */
#ifndef FO_OSIP2_SERVER_H
#define FO_OSIP2_SERVER_H

#include "osip2.h"

#define FO_SERVER_KEY 512u

struct fo_call;

struct fo_server {
	struct fo_map_node by_key;
	struct fo_timer resend; /* G */
	struct fo_timer end;	/* H, I, J; RFC 6026 L after a 2xx */
	struct fo_osip *ua;
	osip_transaction_t *fsm;     /* owns the request */
	struct fo_call *call;	     /* INVITE: the call that it made, while that lives */
	struct failover_target peer; /* where responses go (RFC 3261 18.2.2, RFC 3581) */
	uint32_t interval_ms;
	uint8_t is_invite;
	char *key;
};

/* The transaction that this request belongs to; method NULL = its own (an ACK: INVITE). */
struct fo_server *fo_osip_server_find(const struct fo_osip *ua, const osip_message_t *request,
				      const char *method);
/* Start one; takes the request. NULL = no room: the request is freed. */
struct fo_server *fo_osip_server_open(struct fo_osip *ua, osip_message_t *request,
				      const struct failover_target *peer);
/* The same request again, or the ACK of a failure; takes it. */
void fo_osip_server_again(struct fo_server *server, osip_message_t *request);
/* Send a response; takes it (NULL = no memory). Returns 0 or a negative error. */
int fo_osip_server_respond(struct fo_server *server, osip_message_t *response);
/* A response without body; tag NULL = one of its own. */
int fo_osip_server_status(struct fo_server *server, int status, const char *tag);
/* Refuse without keeping anything; the request stays the caller's. */
void fo_osip_server_refuse(struct fo_osip *ua, const osip_message_t *request,
			   const struct failover_target *peer, int status);
void fo_osip_server_free(struct fo_server *server);
int fo_osip_server_send(struct fo_server *server, osip_message_t *message);
/* At close. */
void fo_osip_servers_free(struct fo_osip *ua);

static inline osip_message_t *fo_osip_server_request(const struct fo_server *server)
{
	return server->fsm->orig_request;
}

#endif
