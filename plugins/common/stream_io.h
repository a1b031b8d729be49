/* SPDX-License-Identifier: MIT */
/* stream_io.h - the inside of a connection, for stream.c, stream_io.c and drivers. */
#ifndef FO_STREAM_IO_H
#define FO_STREAM_IO_H

#include "stream.h"
#include "frame.h"

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

/* Part of a driver's own; what a driver may write is said. */
struct fo_stream {
	struct fo_map_node by_peer;
	struct fo_stream *next, **place; /* in fo_streams.first */
	struct fo_streams *all;
	struct fo_timer life; /* lost; not wanted any more; nothing whole has come in */
	struct fo_timer ping; /* the next one, or the end of the wait for a pong */
	LIST_HEAD(, fo_stream_user) users;
	STAILQ_HEAD(, fo_parcel) parcels;
	size_t queued; /* bytes in them */
	struct failover_target peer;
	char *name;
	uint64_t heard_at;
	uint64_t number; /* of this connection, never used again */
	uint32_t kept;	 /* lines that are registered over it */
	uint32_t keepalive_s;
	uint32_t reason; /* LOST: enum failover_reason */
	int fd;		 /* the driver's; -1 = none yet */
	enum fo_stream_state state;
	uint8_t incoming;
	uint8_t stale; /* gets no new user */
	uint8_t waits; /* for a pong */
	uint8_t pongs; /* the peer has answered a ping before */
	uint8_t half;  /* incoming: one CRLF of a ping has come */
	struct fo_frame frame;
};

/* What moves the bytes. */
struct fo_stream_driver {
	size_t size; /* of its connection, which begins with a struct fo_stream */
	/* Begin to connect to `peer`; set `fd`. What fails at once is told by `reason`. Returns 0,
	 * or a negative error when there is nothing to wait for. */
	int (*connect)(struct fo_stream *stream);
	/* Take bytes to send while it is UP; returns how many. When it has taken less, it calls
	 * fo_stream_flush() when it can go on, or fo_stream_lose(). */
	size_t (*write)(struct fo_stream *stream, const char *bytes, size_t count);
	/* End it, with a goodbye where it is up; also one that connect() has left half made. */
	void (*close)(struct fo_stream *stream);
	/* Why TLS has failed; "" = the peer has just gone. */
	const char *(*why)(const struct fo_stream *stream);
};

/* ---- for drivers: what has happened ------------------------------------------------------- */

/* A peer has connected; NULL = it is to be turned away. Either of the next two follows. */
struct fo_stream *fo_stream_welcome(struct fo_streams *streams, const struct failover_target *from);
/* It has its `fd`. */
void fo_stream_enlist(struct fo_stream *stream);
/* It could not be taken. */
void fo_stream_drop(struct fo_stream *stream);
/* TCP is up and TLS begins. */
void fo_stream_secure(struct fo_stream *stream);
/* Messages can be sent. */
void fo_stream_up(struct fo_stream *stream);
/* The peer lives. */
void fo_stream_heard(struct fo_stream *stream);
/* It says this. */
void fo_stream_take(struct fo_stream *stream, const char *bytes, size_t count);
/* It is lost: users are told when its timer fires. The first reason counts. */
void fo_stream_lose(struct fo_stream *stream, uint32_t reason);
/* enum failover_reason of an errno; 0 = ended by the peer. */
uint32_t fo_stream_reason(int error);
/* Send what can be sent. */
void fo_stream_flush(struct fo_stream *stream);

/* ---- between stream.c and stream_io.c ----------------------------------------------------- */

/* A message, or bytes of our own: a ping or a pong. Returns 0 or a negative error. */
int fo_stream_put(struct fo_stream *stream, struct fo_stream_user *owner, const char *bytes,
		  size_t count);
/* Timer `ping`. */
void fo_stream_ping(struct fo_timer *timer);
/* When the next ping is due. */
void fo_stream_next_ping(struct fo_stream *stream);

#endif
