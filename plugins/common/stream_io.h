/* SPDX-License-Identifier: MIT */
/* stream_io.h - the inside of a connection, for stream.c and stream_io.c. */
#ifndef FO_STREAM_IO_H
#define FO_STREAM_IO_H

#include "stream.h"
#include "frame.h"
#include "tls.h"

#define FO_STREAM_QUEUE_MAX (256u * 1024u) /* bytes that wait to leave */

enum fo_stream_state {
	FO_STREAM_CONNECTING,
	FO_STREAM_HANDSHAKE, /* TLS */
	FO_STREAM_UP,
	FO_STREAM_LOST, /* its users are told next; `reason` says why */
};

/* A message that waits to leave. */
struct fo_parcel {
	STAILQ_ENTRY(fo_parcel) link;
	struct fo_stream_user *owner; /* NULL = nobody waits for it */
	size_t length, done;
	char bytes[];
};

struct fo_stream {
	struct fo_map_node by_peer, by_fd;
	struct fo_stream *next, **place; /* in fo_streams.first */
	struct fo_streams *all;
	struct fo_timer life; /* lost; not wanted any more; nothing whole has come in */
	struct fo_timer ping; /* the next one, or the end of the wait for a pong */
	LIST_HEAD(, fo_stream_user) users;
	STAILQ_HEAD(, fo_parcel) parcels;
	size_t queued; /* bytes in them */
	struct failover_target peer;
	char *name;
	struct fo_tls *tls; /* NULL = TCP */
	uint64_t heard_at;
	uint64_t number; /* of this connection, never used again */
	uint32_t kept;	 /* lines that are registered over it */
	uint32_t keepalive_s;
	uint32_t reason; /* LOST: enum failover_reason */
	int fd;
	enum fo_stream_state state;
	uint8_t incoming;
	uint8_t stale; /* gets no new user */
	uint8_t waits; /* for a pong */
	uint8_t pongs; /* the peer has answered a ping before */
	uint8_t half;  /* incoming: one CRLF of a ping has come */
	struct fo_frame frame;
};

/* It is lost: users are told when its timer fires. The first reason counts. */
void fo_stream_lose(struct fo_stream *stream, uint32_t reason);
/* enum failover_reason of an errno. */
uint32_t fo_stream_reason(int error);
/* connect() has come to an end. */
void fo_stream_connected(struct fo_stream *stream);
/* Read what is there, and do what it says. */
void fo_stream_read(struct fo_stream *stream);
/* Send what can be sent. */
void fo_stream_flush(struct fo_stream *stream);
/* Bytes of our own: a ping or a pong. */
int fo_stream_put(struct fo_stream *stream, struct fo_stream_user *owner, const char *bytes,
		  size_t count);
/* Timer `ping`. */
void fo_stream_ping(struct fo_timer *timer);

#endif
