/* SPDX-License-Identifier: MIT */
/*
 * failover_message.h - what an adapter changes in a SIP message between a stack and
 * libfailover-wire, and nothing else: bytes in, bytes out, no state.
 */
#ifndef FAILOVER_MESSAGE_H
#define FAILOVER_MESSAGE_H

#include <stddef.h>
#include <failover/failover.h>

#define FAILOVER_MESSAGE_MAX 16384u /* more than libfailover-wire takes */
#define FAILOVER_MARK_MAX 64u

/* What is changed; all may be left empty. */
struct failover_message_edit {
	const char *contact_from;   /* "host:port" of a Contact that gives way ... */
	const char *contact_to;	    /* ... to this one */
	uint32_t contact_transport; /* of `contact_to` (enum failover_transport) */
	const char *sent_by; /* "host:port" of the topmost Via: comes in place of what is there */
	uint32_t near;	     /* 1: its received goes, and its rport becomes sent_by's */
	uint32_t unmark;     /* 1: the mark of the topmost Via goes */
	const char *mark;    /* this one comes */
	const char *routes_without; /* "host:port": Routes and Record-Routes to there go */
	const char *record_route;   /* value that comes: first in a request, last in a response */
};

/* Write the changed message; returns its length, or FAILOVER_ERR_FULL. What is no SIP message is
 * copied: whoever takes it says so. */
int failover_message_edit(const struct failover_message_edit *edit, const char *bytes, size_t count,
			  char *out, size_t size);

/* 1 for a response, 0 for a request. */
int failover_message_is_response(const char *bytes, size_t count);
/* 1 if its CSeq names this method. */
int failover_message_is(const char *bytes, size_t count, const char *method);

/*
 * The mark: where a request has come from, in a parameter of its topmost Via. The stack gives it
 * back with its responses (RFC 3261 8.2.6.2), so nobody has to keep it.
 */
void failover_mark_write(const struct failover_target *peer, char out[FAILOVER_MARK_MAX]);
/* Read it from the topmost Via. Returns 0, or ERR_ARGUMENT if there is none. */
int failover_mark_read(const char *bytes, size_t count, struct failover_target *peer);

#endif
