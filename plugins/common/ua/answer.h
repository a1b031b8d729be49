/* SPDX-License-Identifier: MIT */
/* answer.h - what a response to one of our requests leads to. */
#ifndef FO_UA_ANSWER_H
#define FO_UA_ANSWER_H

#include "client.h"

/* A response that is new to the transaction, or a further 2xx to INVITE; it stays the caller's. The
 * client may be gone afterwards. */
void fo_answer(struct fo_client *client, const struct fo_view *response);
/* CANCEL this leg, on the plugin's own account (B7a). */
void fo_answer_cancel(struct fo_client *client);

#endif
