/* SPDX-License-Identifier: MIT */
/* message.h - what is read from Sofia-SIP's messages, and the texts of responses. */
#ifndef FO_SOFIA_MESSAGE_H
#define FO_SOFIA_MESSAGE_H

#include "sofia.h"

/* A message and what the user agent reads of it; texts live as long as the message. */
struct fo_sofia_view {
	struct fo_view view; /* .message is this */
	msg_t *message;
	sip_t *sip;
};

/* Can it be one of ours to deal with: everything there that RFC 3261 8.1.1 demands? */
int fo_sofia_message_is_complete(const sip_t *sip);
void fo_sofia_view_init(struct fo_sofia_view *out, msg_t *message,
			const struct failover_target *from);
/* Where a datagram came from. Returns 0 or a negative error. */
int fo_sofia_message_source(msg_t *message, struct failover_target *out);
/* Mark where a request came from in its topmost Via (RFC 3261 18.2.1, RFC 3581). */
void fo_sofia_message_mark_source(struct fo_sofia_view *request);
/* A response to this request, written; the caller frees it. NULL = no memory, or too long. */
char *fo_sofia_message_response(struct fo_sofia *ua, msg_t *request, const struct fo_reply *reply);

#endif
