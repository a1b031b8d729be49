/* SPDX-License-Identifier: MIT */
/* message.h - SIP messages out of texts, and what is read out of them. */
#ifndef FO_OSIP2_MESSAGE_H
#define FO_OSIP2_MESSAGE_H

#include "osip2.h"

/* A request to be built. Texts are whole values, checked for control characters before. */
struct fo_request_parts {
	const char *method;
	const char *uri;  /* Request-URI */
	const char *from; /* value with its tag */
	const char *to;	  /* value, with the tag inside a dialog */
	const char *call_id;
	uint32_t cseq;
	const char *branch;
	const struct failover_target *local; /* sent-by of Via, and Contact */
	const char *routes;		     /* "Route: ...\r\n" lines, or NULL */
	const char *contact_user;	     /* NULL = no Contact */
	const char *headers;		     /* more lines, or NULL */
	const char *body;		     /* SDP, or NULL */
};

#define FO_ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS"

/* NULL if it is too long, or the stack cannot parse it. */
osip_message_t *fo_message_request(struct fo_osip *ua, const struct fo_request_parts *parts);
/* The parameter of a Contact that is reached this way; "" for UDP. */
const char *fo_message_transport_param(uint32_t transport);
/* "z9hG4bK" and a token. */
int fo_message_branch(struct fo_osip *ua, char out[FO_BRANCH]);
/* A response to this request, headers as RFC 3261 8.2.6.2; tag is To's, added if there is none. */
osip_message_t *fo_message_response(struct fo_osip *ua, const osip_message_t *request, int status,
				    const char *tag);
/* Give it an SDP body. Returns 0 or a negative error. */
int fo_message_set_sdp(osip_message_t *message, const char *sdp);

/* A parameter's value, "" if it is there without one, NULL if it is not there. */
const char *fo_message_param(const osip_list_t *params, const char *name);
const char *fo_message_branch_of(const osip_message_t *message);
const char *fo_message_to_tag(const osip_message_t *message);
const char *fo_message_from_tag(const osip_message_t *message);
/* "number" or "number@host", in a buffer; 0 or FAILOVER_ERR_FULL. */
int fo_message_call_id(const osip_message_t *message, char *out, size_t size);
/* 0 if it is none. */
uint32_t fo_message_cseq(const osip_message_t *message);
/* Seconds of the first header of this name, at most `most`; 0 if there is none. */
uint32_t fo_message_seconds(const osip_message_t *message, const char *name, uint32_t most);
/* Has it what every message must have (RFC 3261 8.1.1)? */
int fo_message_is_complete(const osip_message_t *message);

#endif
