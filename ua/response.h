/* SPDX-License-Identifier: MIT */
/* response.h - responses as texts, with the headers of their request (RFC 3261 8.2.6.2). */
#ifndef UA_RESPONSE_H
#define UA_RESPONSE_H

#include "stack.h"

#define UA_VIAS_MAX 128u /* more than the 70 hops of Max-Forwards; with more it is garbage */

/* Beside the view: what responses copy and where they go. Valid during the call. */
struct ua_serving_message {
	const struct ua_view *view;
	const char *sent_by;	 /* of the topmost Via: host, or host:port */
	const char *const *vias; /* values, topmost first */
	uint32_t vias_count;	 /* at least 1 */
	int has_rport;		 /* the topmost asks for it (RFC 3581) */
};

/* What the responses to one request have in common. */
struct ua_response_head {
	char *fixed; /* Via, From, Call-ID, CSeq */
	char *to, *routes;
	int is_invite, has_tag;
};

/* Returns 0 or a negative error; free it after 0 only. */
int ua_response_head_init(struct ua_response_head *head, const struct ua_serving_message *request);
void ua_response_head_free(struct ua_response_head *head);

/* The whole text; the caller frees it. NULL = no memory, or too long. */
char *ua_response_text(const struct ua_response_head *head, const struct ua_reply *reply,
		       const char *user_agent);
/* A response of our own to a request that has no transaction here; lines: further header lines, or
 * "". As above. */
char *ua_response_made(struct ua *ua, const struct ua_serving_message *request, uint32_t status,
		       const char *lines);

#endif
