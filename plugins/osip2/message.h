/* SPDX-License-Identifier: MIT */
/* message.h - libosip2's messages: made out of requests and replies, and read as views. */
#ifndef FO_OSIP2_MESSAGE_H
#define FO_OSIP2_MESSAGE_H

#include "osip2.h"

#define FO_OWNED_MAX (UA_ROUTES_MAX + UA_CHALLENGES_MAX + 8u)

/* NULL if it is too long, or libosip2 cannot parse it. */
osip_message_t *fo_message_request(const struct ua_request *request);
/* A response to this request, headers as RFC 3261 8.2.6.2; tag is To's, added if there is none. */
osip_message_t *fo_message_response(struct fo_osip *ua, const osip_message_t *request,
				    const struct ua_reply *reply);

/* A message that has come in; view.message is this. */
struct fo_osip_view {
	struct ua_view view;
	struct ua_serving_message serving; /* of a request; without Via values */
	osip_message_t *message;	   /* NULL once somebody has taken it */
	char *owned[FO_OWNED_MAX];
	size_t owned_count;
	char call_id[256], sent_by[256];
};

/* Takes a complete message (fo_message_is_complete). */
void fo_osip_view_init(struct fo_osip_view *out, osip_message_t *message,
		       const struct failover_target *from);
/* Frees the message too, unless it was taken. */
void fo_osip_view_free(struct fo_osip_view *view);
osip_message_t *fo_osip_view_take(struct fo_osip_view *view);

/* A parameter's value, "" if it is there without one, NULL if it is not there. */
const char *fo_message_param(const osip_list_t *params, const char *name);
const char *fo_message_branch_of(const osip_message_t *message);
const char *fo_message_to_tag(const osip_message_t *message);
const char *fo_message_from_tag(const osip_message_t *message);
/* "number" or "number@host", in a buffer; 0 or FAILOVER_ERR_FULL. */
int fo_message_call_id(const osip_message_t *message, char *out, size_t size);
/* Has it what every message must have (RFC 3261 8.1.1)? */
int fo_message_is_complete(const osip_message_t *message);

#endif
