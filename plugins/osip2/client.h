/* SPDX-License-Identifier: MIT */
/* client.h - client transactions on libosip2's state machines, and their connections. */
#ifndef FO_OSIP2_CLIENT_H
#define FO_OSIP2_CLIENT_H

#include "../../ua/net/stream_way.h"
#include "osip2.h"

struct fo_osip_client {
	struct ua_client base;
	struct ua_stream_way way; /* TCP, TLS */
	osip_transaction_t *fsm;
	osip_message_t *news; /* the response that the state machine has just taken */
	char *to;	      /* of the failure that is to be acknowledged, or NULL */
	uint8_t failed;	      /* could not be sent */
};

/* Functions of struct ua_stack. */
int fo_osip_client_start(struct ua_client *client);
int fo_osip_client_again(struct ua_client *client);
int fo_osip_client_response(struct ua_client *client, const struct ua_view *view);
int fo_osip_client_stop(struct ua_client *client);
int fo_osip_client_put(struct ua_client *client, const char *text, size_t length);
uint32_t fo_osip_client_missing(struct ua_client *client);
int fo_osip_client_connect(struct ua_client *client, struct failover_target *local);
int fo_osip_client_flow_local(struct ua *ua, const struct failover_target *peer,
			      struct failover_target *local);
void fo_osip_client_suspect(struct ua_client *client);
uint64_t fo_osip_client_keep_flow(struct ua_client *client);
void fo_osip_client_leave_flow(struct ua *ua, const struct failover_target *peer, uint64_t flow);

/* Callbacks of libosip2. */
void fo_osip_client_callbacks(osip_t *stack);
int fo_osip_client_send(struct fo_osip_client *client, const osip_message_t *message);

#endif
