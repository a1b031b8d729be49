/* SPDX-License-Identifier: MIT */
/* client.h - client transactions on libosip2's state machines. */
#ifndef FO_OSIP2_CLIENT_H
#define FO_OSIP2_CLIENT_H

#include "osip2.h"

struct fo_osip_client {
	struct ua_adapter_client base;
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

/* Callbacks of libosip2. */
void fo_osip_client_callbacks(osip_t *stack);
int fo_osip_client_send(struct fo_osip_client *client, const osip_message_t *message);

#endif
