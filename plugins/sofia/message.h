/* SPDX-License-Identifier: MIT */
/* message.h - what is read from Sofia-SIP's messages. */
#ifndef FO_SOFIA_MESSAGE_H
#define FO_SOFIA_MESSAGE_H

#include "sofia.h"

/* A message and what the user agent reads of it; texts live as long as the message. */
struct fo_sofia_view {
	struct ua_view view;		   /* .message is this */
	struct ua_serving_message serving; /* of a request */
	const char *vias[UA_VIAS_MAX];
	msg_t *message;
	sip_t *sip;
};

/* Can it be one of ours to deal with: everything there that RFC 3261 8.1.1 demands? */
int fo_sofia_message_is_complete(const sip_t *sip);
/* Returns 0 or FAILOVER_ERR_MEMORY. */
int fo_sofia_view_init(struct fo_sofia_view *out, msg_t *message,
		       const struct failover_target *from);
/* Where a datagram came from. Returns 0 or a negative error. */
int fo_sofia_message_source(msg_t *message, struct failover_target *out);

#endif
