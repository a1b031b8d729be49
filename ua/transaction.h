/* SPDX-License-Identifier: MIT */
/*
 * transaction.h - the client transactions of RFC 3261 17.1 over "send these bytes", for stacks
 * whose own cannot be stopped or limited, and for those that have none. The timers A, B, D, E, F, K
 * and the limit of transmissions are client.c's; here is what is sent and what is absorbed.
 *
 * An adapter puts these into struct ua_stack, or calls them from its own for some methods.
 */
#ifndef UA_TRANSACTION_H
#define UA_TRANSACTION_H

#include "client.h"

/* Send client->request by stack->put() (or send()). */
int ua_transaction_start(struct ua_client *client);
int ua_transaction_again(struct ua_client *client);
/* Returns 1 if it is new; ACKs a 3xx-6xx to INVITE, also each further one. */
int ua_transaction_response(struct ua_client *client, const struct ua_view *view);

#endif
