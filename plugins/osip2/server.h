/* SPDX-License-Identifier: MIT */
/* server.h - server transactions: libosip2's state machines in the shared ones. */
#ifndef FO_OSIP2_SERVER_H
#define FO_OSIP2_SERVER_H

#include "osip2.h"

struct fo_osip_server {
	struct ua_served base;	  /* first */
	osip_transaction_t *fsm;  /* owns the request */
	osip_message_t *accepted; /* the 2xx to an INVITE */
};

extern const struct ua_serving_machine fo_osip_machine;

/* libosip2 wants this response to be sent. */
int fo_osip_server_send(struct fo_osip_server *server, osip_message_t *message);
/* Functions of struct ua_stack. */
int fo_osip_server_reply(struct ua_server *server, const struct ua_reply *reply);
void fo_osip_server_reply_again(struct ua_server *server);

#endif
