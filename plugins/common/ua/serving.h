/* SPDX-License-Identifier: MIT */
/*
 * serving.h - the server transactions of RFC 3261 17.2 over stack->send(), for stacks whose own
 * follow another clock, and for those that have none; over UDP. Timers G, H, I and J, the
 * matching of requests that come again, of ACK and of CANCEL, and the headers of a response.
 */
#ifndef FO_UA_SERVING_H
#define FO_UA_SERVING_H

#include "ua.h"

/* Beside the view: what responses copy and where they go. Valid during the call. */
struct fo_serving_message {
	const struct fo_view *view;
	const char *sent_by;	 /* of the topmost Via */
	const char *const *vias; /* values, topmost first */
	uint32_t vias_count;	 /* at least 1 */
	int has_rport;		 /* the topmost asks for it (RFC 3581) */
};

struct fo_serving {
	struct fo_ua *ua;
	struct fo_map transactions;
};

/* After fo_ua_init(). Returns 0 or a negative error; fo_serving_clear() is right after either. */
int fo_serving_init(struct fo_serving *serving, struct fo_ua *ua);
/* Before fo_ua_clear(). */
void fo_serving_clear(struct fo_serving *serving);
/* A request of a welcome peer. */
void fo_serving_request(struct fo_serving *serving, const struct fo_serving_message *request);

/* For struct fo_stack. */
int fo_serving_reply(struct fo_server *base, const struct fo_reply *reply);
void fo_serving_reply_again(struct fo_server *base);

#endif
