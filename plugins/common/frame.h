/* SPDX-License-Identifier: MIT */
/*
 * frame.h - cuts a byte stream into SIP messages (RFC 3261 18.3) and CRLF keep-alives (RFC 5626
 * 3.5.1). Pure: bytes in, messages out, in a buffer of fixed size.
 */
#ifndef FO_FRAME_H
#define FO_FRAME_H

#include <stddef.h>

#define FO_FRAME_HEAD_MAX 16384u /* longest header */
#define FO_FRAME_MAX 32768u	 /* longest message */

enum fo_frame_kind {
	FO_FRAME_MORE,	  /* nothing whole is there */
	FO_FRAME_MESSAGE, /* header and body */
	FO_FRAME_CRLF,	  /* one CRLF between messages: a pong, or half of a ping */
	FO_FRAME_BAD,	  /* no SIP, or too long: where the next message starts is not known */
};

struct fo_frame {
	size_t start, end; /* what is not handed out yet */
	size_t seen;	   /* of it, known to hold no end of the header */
	size_t whole;	   /* length of the message that is coming, 0 = not known yet */
	char saved;	   /* the byte under the zero after the message handed out last */
	char bytes[FO_FRAME_MAX + 1];
};

void fo_frame_init(struct fo_frame *frame);
/* Room for more bytes, never 0 after fo_frame_next() has said MORE. */
char *fo_frame_room(struct fo_frame *frame, size_t *room);
/* So many were written there. */
void fo_frame_add(struct fo_frame *frame, size_t count);
/* The next thing whole. A message is followed by a zero byte and valid until the next call. */
enum fo_frame_kind fo_frame_next(struct fo_frame *frame, const char **message, size_t *length);

#endif
