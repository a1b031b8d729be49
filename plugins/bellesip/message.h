/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.h - belle-sip's messages, read as views. */
#ifndef FO_BELLESIP_MESSAGE_H
#define FO_BELLESIP_MESSAGE_H

#include "bellesip.h"

#define FO_OWNED_MAX (2u * UA_ROUTES_MAX + UA_CHALLENGES_MAX + UA_VIAS_MAX + 16u)

/* A message that has come in; view.message is this. */
struct fo_belle_view {
	struct ua_view view;
	struct ua_serving_message serving; /* of a request */
	const char *vias[UA_VIAS_MAX];
	belle_sip_message_t *message;
	char *owned[FO_OWNED_MAX];
	size_t owned_count;
};

/* Parse the headers of a text that ends with a zero byte; *body is what follows them. The text is
 * written to: it gets what belle-sip's parser can read, and an end where the body has one. The
 * message is the pool's. NULL = it cannot be read. */
belle_sip_message_t *fo_belle_message_parse(char *text, size_t count, const char **body);
/* Has it what every message must have (RFC 3261 8.1.1)? */
int fo_belle_message_is_complete(const belle_sip_message_t *message);
/* Of a complete message. Returns 0 or FAILOVER_ERR_MEMORY; fo_belle_view_free() is right after
 * either. */
int fo_belle_view_init(struct fo_belle_view *out, belle_sip_message_t *message, const char *body,
		       const struct failover_target *from);
void fo_belle_view_free(struct fo_belle_view *view);

#endif
