/* SPDX-License-Identifier: MIT */
/* uri.h - the parts of a sip: or sips: URI, where they stand in the text (RFC 3261 19.1.1). */
#ifndef UA_URI_H
#define UA_URI_H

#include <stddef.h>
#include <stdint.h>

struct ua_span {
	const char *at;
	size_t length;
};

struct ua_uri {
	struct ua_span whole;	/* without display name, <> and header parameters */
	struct ua_span scheme;	/* without its colon */
	struct ua_span user;	/* as written, with a password; empty = none */
	struct ua_span host;	/* IPv6 without brackets */
	struct ua_span params;	/* from the first semicolon on, or empty */
	struct ua_span headers; /* from the question mark on, or empty */
	uint32_t port;		/* 0 = not given */
};

/* Read a URI, alone or as a value of Route or Contact. Returns 0, or -1 if it is none. */
int ua_uri_read(const char *value, struct ua_uri *uri);
/* Has it this parameter? *value (may be NULL) is what it says, empty without "=". */
int ua_uri_param(const struct ua_uri *uri, const char *name, struct ua_span *value);
/* The same text, letters of either case alike. */
int ua_span_is(const struct ua_span *span, const char *text);

#endif
