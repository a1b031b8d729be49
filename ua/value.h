/* SPDX-License-Identifier: MIT */
/* value.h - what is inside the value of a header: parameters, addresses, URIs (RFC 3261 25.1).
 * Parts are pointers into the value and lengths; nothing is copied. */
#ifndef UA_VALUE_H
#define UA_VALUE_H

#include <stddef.h>
#include <stdint.h>

struct ua_part {
	const char *text; /* NULL = not there */
	size_t length;
};

/* name-addr or addr-spec, and its parameters. */
struct ua_value_address {
	struct ua_part uri; /* without <> */
	const char *params; /* from the first semicolon behind it, or "" */
};

struct ua_value_uri {
	struct ua_part scheme, user, host; /* user as it is written; host in brackets if IPv6 */
	uint32_t port;			   /* 0 = not given */
	struct ua_part params;		   /* from the semicolon to the question mark */
	uint8_t has_headers;
};

/* transport host:port of a Via. */
struct ua_value_via {
	struct ua_part transport, host;
	uint32_t port; /* 0 = not given */
	const char *params;
};

/* How many bytes of a token start here. */
size_t ua_value_token(const char *text);
/* How many bytes there are to the comma that ends this element of a list, or to the end. */
size_t ua_value_element(const char *text);
/* Find a parameter, whatever the case of its name. Returns 1 and its value (quotes taken off; NULL
 * if it has none), 0 = not there. */
int ua_value_param(const char *params, const char *name, struct ua_part *out);
/* Each returns 0, or -1 if it cannot be read. */
int ua_value_address(const char *value, struct ua_value_address *out);
/* Host and port are read of sip: and sips: only. */
int ua_value_uri(struct ua_part text, struct ua_value_uri *out);
/* A parameter of the URI itself; as ua_value_param(). */
int ua_value_uri_param(const struct ua_value_uri *uri, const char *name, struct ua_part *out);
int ua_value_via(const char *value, struct ua_value_via *out);

/* Of users: escapes are what they stand for (RFC 3261 19.1.4). */
int ua_part_same_unescaped(struct ua_part a, struct ua_part b);
/* The byte that is escaped here ("%41"), or -1. */
int ua_value_escaped(const char *text);
/* A decimal number and nothing else, at most `most`: larger ones become that. Returns 0 or -1. */
int ua_part_number(struct ua_part part, uint32_t most, uint32_t *out);
int ua_part_is(struct ua_part part, const char *text);
/* Whatever the case. */
int ua_part_like(struct ua_part part, const char *text);

#endif
