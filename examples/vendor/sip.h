/* SPDX-License-Identifier: MIT */
/* sip.h - SIP messages as text: the phone's own builder and reader. Knows nothing of failover. */
#ifndef SIP_H
#define SIP_H

#include <stddef.h>
#include <stdint.h>

#define SIP_TEXT 4096u /* longest message, with its end */
#define SIP_VALUE 256u
#define SIP_ROUTES 1024u

/* One request of ours; "" = the header is not there. */
struct sip_request {
	const char *method; /* NULL = none */
	char uri[SIP_VALUE];
	char from[SIP_VALUE], to[SIP_VALUE]; /* with their tags */
	char call_id[SIP_VALUE];
	char branch[SIP_VALUE];
	char local[SIP_VALUE];	 /* sent-by of Via */
	char contact[SIP_VALUE]; /* URI */
	char routes[SIP_ROUTES]; /* "Route: ...\r\n" lines */
	char body[SIP_VALUE];	 /* SDP */
	uint32_t cseq;
	uint32_t expires_s; /* of a REGISTER */
};

/* A message that has come in. */
struct sip_message {
	uint32_t status; /* 0 = a request */
	char method[16]; /* of CSeq */
	uint32_t cseq;
	char branch[SIP_VALUE]; /* of the topmost Via */
	char from[SIP_VALUE], to[SIP_VALUE], call_id[SIP_VALUE];
	char text[SIP_TEXT]; /* start line and headers, unfolded; no body */
};

/* Write it. Returns its length, or -1 if it does not fit. */
int sip_request_text(const struct sip_request *request, char *out, size_t size);
/* Our answer to a request that came from this address; tag "" = none is added to To. */
int sip_response_text(const struct sip_message *request, uint32_t status, const char *tag,
		      const char *address, uint32_t port, char *out, size_t size);
/* Read it. Returns 0, or -1 if it is no usable SIP message. */
int sip_read(struct sip_message *message, const char *bytes, size_t length);

/* The nth value (from 0) of a header, lists split at their commas. Returns 1, or 0 if there is
 * none or it is longer than `size`. */
int sip_value(const struct sip_message *message, const char *name, unsigned nth, char *out,
	      size_t size);
/* A parameter of such a value: "tag", "branch", "expires". Returns 1 or 0. */
int sip_param(const char *value, const char *name, char *out, size_t size);
/* The URI of a From, To, Contact value. Returns 1 or 0. */
int sip_uri(const char *value, char *out, size_t size);
/* A header that is a number, at most `most`; 0 if there is none. */
uint32_t sip_number(const struct sip_message *message, const char *name, uint32_t most);
/* The route set of a dialog that this 2xx makes (RFC 3261 12.1.2): Record-Route backwards. */
int sip_routes(const struct sip_message *response, char *out, size_t size);

#endif
