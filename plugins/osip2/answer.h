/* SPDX-License-Identifier: MIT */
/* answer.h - what a response to one of our requests leads to. */
#ifndef FO_OSIP2_ANSWER_H
#define FO_OSIP2_ANSWER_H

#include "client.h"

/* A response that is new to the transaction, or a further 2xx to INVITE; it stays the caller's. The
 * client may be gone afterwards. */
void fo_osip_answer(struct fo_client *client, osip_message_t *response);
/* Report why the target cannot be reached (enum failover_reason), and free the client. */
void fo_osip_answer_failed(struct fo_client *client, uint32_t reason);
/* CANCEL this leg, on the plugin's own account (B7a). */
void fo_osip_answer_cancel(struct fo_client *client);

#endif
