/* SPDX-License-Identifier: MIT */
/* message.h - what is read from Sofia-SIP's messages. */
#ifndef FO_SOFIA_MESSAGE_H
#define FO_SOFIA_MESSAGE_H

#include "sofia.h"

/* Function of struct ua_stack. */
void fo_sofia_read(struct ua *base, const char *text, size_t count, struct ua_view *view);
/* Where a datagram came from. Returns 0 or a negative error. */
int fo_sofia_message_source(msg_t *message, struct failover_target *out);

#endif
