/* SPDX-License-Identifier: MIT */
/*
 * message_rows.h - messages and what every stack must make of them. A row changes one place of a
 * plain message. In a text $V $F $T $I $N are Via, From, To (with a tag), Call-ID and number of
 * CSeq of our request; $H $P $B host, port and branch of its Via; $C the URI of its Contact, $G its
 * instance; $L a hundred bindings of others, $U three hundred header lines.
 */
#ifndef MESSAGE_ROWS_H
#define MESSAGE_ROWS_H

#include <stddef.h>

/* Answers to a REGISTER that asks for 3600 s; expires_s = what it grants. */
struct register_row {
	const char *what, *from, *to;
	unsigned status; /* 0 = the answer is a bad one */
	unsigned expires_s;
};
extern const char register_plain[];
extern const struct register_row register_rows[];
extern const size_t register_rows_count;

/* 200 to an INVITE: the Request-URI and the Route lines of the ACK. */
struct invite_row {
	const char *what, *from, *to, *uri, *routes;
};
extern const char invite_plain[];
extern const struct invite_row invite_rows[];
extern const size_t invite_rows_count;

/* Requests and our answer to them; 180 = a call that rings; `has` is in the answer, NULL = any. */
struct request_row {
	const char *what, *from, *to;
	unsigned status;
	const char *has;
};
extern const char request_plain[];
extern const struct request_row request_rows[];
extern const size_t request_rows_count;

#endif
