/* SPDX-License-Identifier: MIT */
/* client.h - client transactions on libosip2's state machines, and their connections. */
#ifndef FO_OSIP2_CLIENT_H
#define FO_OSIP2_CLIENT_H

#include "../common/stream_way.h"
#include "osip2.h"

struct fo_osip_client {
	struct fo_client base;
	struct fo_stream_way way; /* TCP, TLS */
	osip_transaction_t *fsm;
	osip_message_t *news; /* the response that the state machine has just taken */
	uint8_t failed;	      /* could not be sent */
};

/* Functions of struct fo_stack. */
int fo_osip_client_start(struct fo_client *client);
int fo_osip_client_again(struct fo_client *client);
int fo_osip_client_response(struct fo_client *client, const struct fo_view *view);
int fo_osip_client_stop(struct fo_client *client);
int fo_osip_client_put(struct fo_client *client, const char *text, size_t length);
uint32_t fo_osip_client_missing(struct fo_client *client);
void fo_osip_client_suspect(struct fo_client *client);
uint64_t fo_osip_client_keep_flow(struct fo_client *client);
void fo_osip_client_leave_flow(struct fo_ua *ua, const struct failover_target *peer, uint64_t flow);

/* Callbacks of libosip2. */
void fo_osip_client_callbacks(osip_t *stack);
int fo_osip_client_send(struct fo_osip_client *client, osip_message_t *message);

#endif
