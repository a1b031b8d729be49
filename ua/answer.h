/* SPDX-License-Identifier: MIT */
/* answer.h - what a response to one of our requests leads to. */
#ifndef UA_ANSWER_H
#define UA_ANSWER_H

#include "client.h"

/* A response that is new to the transaction, or a further 2xx to INVITE; it stays the caller's. The
 * client may be gone afterwards. */
void ua_answer(struct ua_client *client, const struct ua_view *response);
/* CANCEL this leg, on the plugin's own account (B7a). */
void ua_answer_cancel(struct ua_client *client);

#endif
