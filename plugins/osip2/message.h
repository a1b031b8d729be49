/* SPDX-License-Identifier: MIT */
/* message.h - libosip2's messages. */
#ifndef FO_OSIP2_MESSAGE_H
#define FO_OSIP2_MESSAGE_H

#include "osip2.h"

/* What a state machine needs of a request or a response: method, status, transport. The texts that
 * are sent are the user agent's, whose every byte is what the rules say; libosip2 would write some
 * of them anew. NULL = no memory. */
osip_message_t *fo_message_request(const struct ua_request *request);
osip_message_t *fo_message_response(const struct ua_request *request, uint32_t status);

/* Function of struct ua_stack. */
void fo_osip_read(struct ua *base, const char *text, size_t count, struct ua_view *view);

#endif
