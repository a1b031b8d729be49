/* SPDX-License-Identifier: MIT */
/*
 * transaction.h - the client transactions of RFC 3261 17.1 over "send these bytes", for stacks
 * whose own cannot be stopped or limited, and for those that have none. The timers A, B, D, E, F, K
 * and the limit of transmissions are client.c's; here is what is sent and what is absorbed.
 *
 * An adapter puts these into struct fo_stack, or calls them from its own for some methods.
 */
#ifndef FO_UA_TRANSACTION_H
#define FO_UA_TRANSACTION_H

#include "client.h"

/* Send client->request by stack->put() (or send()). */
int fo_transaction_start(struct fo_client *client);
int fo_transaction_again(struct fo_client *client);
/* Returns 1 if it is new; ACKs a 3xx-6xx to INVITE, also each further one. */
int fo_transaction_response(struct fo_client *client, const struct fo_view *view);

#endif
