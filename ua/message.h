/* SPDX-License-Identifier: MIT */
/*
 * message.h - what comes in, read the same with every stack: bytes become a struct ua_view. One
 * broken header that no rule needs is left out and the rest is heard (B22d). What a rule needs and
 * cannot be read makes a request get 400, and a response a bad answer.
 */
#ifndef UA_MESSAGE_H
#define UA_MESSAGE_H

#include "raw.h"
#include "serving.h"

struct ua_message {
	struct ua_raw raw;
	struct ua_view view;
	struct ua_serving_message serving; /* of a request */
	const char **lists;		   /* Via and Record-Route values */
	const char *why;   /* what is wrong; NULL = nothing. A response is of no use then */
	int has_more_vias; /* a response has more than one: it is somebody else's (RFC 3261 8.1.3.3)
			    */
};

/* Read bytes[count] that came from there. Returns 0, or a negative error: no message at all.
 * ua_message_free() is right after either. */
int ua_message_read(struct ua_message *out, const char *bytes, size_t count,
		    const struct failover_target *from);
void ua_message_free(struct ua_message *message);
/* For a stack's parser: a request of our own making with this one's method, Request-URI and URI of
 * To, and nothing else of it. Returns its length, or a negative error. */
int ua_message_plain(const struct ua_message *message, char *out, size_t size);

/* A stack has read this text of a message: it takes the place of what the raw reader has found, if
 * there is room. */
void ua_message_set(struct ua_view *view, const char **field, const char *text, size_t length);

/* For adapters: a datagram, or a message of a connection, has come in; bytes[count] must be
 * readable and zero. It is counted, screened, read and handed on. */
void ua_message_arrived(struct ua_serving *serving, const char *bytes, size_t count,
			const struct failover_target *from);

#endif
