/* SPDX-License-Identifier: MIT */
/*
 * frame.h - cuts a byte stream into SIP messages (RFC 3261 18.3) and CRLF keep-alives (RFC 5626
 * 3.5.1). Pure: bytes in, messages out, in a buffer of fixed size.
 */
#ifndef UA_FRAME_H
#define UA_FRAME_H

#include <stddef.h>

#define UA_FRAME_HEAD_MAX 16384u /* longest header */
#define UA_FRAME_MAX 32768u	 /* longest message */

enum ua_frame_kind {
	UA_FRAME_MORE,	  /* nothing whole is there */
	UA_FRAME_MESSAGE, /* header and body */
	UA_FRAME_CRLF,	  /* one CRLF between messages: a pong, or half of a ping */
	UA_FRAME_BAD,	  /* no SIP, or too long: where the next message starts is not known */
};

struct ua_frame {
	size_t start, end; /* what is not handed out yet */
	size_t seen;	   /* of it, known to hold no end of the header */
	size_t whole;	   /* length of the message that is coming, 0 = not known yet */
	char begun;	   /* its start line is there, and is one */
	char saved;	   /* the byte under the zero after the message handed out last */
	char bytes[UA_FRAME_MAX + 1];
};

void ua_frame_init(struct ua_frame *frame);
/* Room for more bytes, never 0 after ua_frame_next() has said MORE. */
char *ua_frame_room(struct ua_frame *frame, size_t *room);
/* So many were written there. */
void ua_frame_add(struct ua_frame *frame, size_t count);
/* The next thing whole. A message is followed by a zero byte and valid until the next call. */
enum ua_frame_kind ua_frame_next(struct ua_frame *frame, const char **message, size_t *length);

#endif
