/* SPDX-License-Identifier: MIT */
/* stream_io.h - the inside of a connection, for stream.c, stream_io.c and drivers. */
#ifndef UA_STREAM_IO_H
#define UA_STREAM_IO_H

#include "stream.h"
#include "frame.h"

#define UA_STREAM_QUEUE_MAX (256u * 1024u) /* bytes that wait to leave */

enum ua_stream_state {
	UA_STREAM_CONNECTING,
	UA_STREAM_HANDSHAKE, /* TLS */
	UA_STREAM_UP,
	UA_STREAM_LOST, /* its users are told next; `reason` says why */
};

/* A message that waits to leave. */
struct ua_parcel {
	STAILQ_ENTRY(ua_parcel) link;
	struct ua_stream_user *owner; /* NULL = nobody waits for it */
	size_t length, done;
	char bytes[];
};

/* Part of a driver's own; what a driver may write is said. */
struct ua_stream {
	struct ua_map_node by_peer;
	struct ua_stream *next, **place; /* in ua_streams.first */
	struct ua_streams *all;
	struct ua_timer life; /* lost; not wanted any more; nothing whole has come in */
	struct ua_timer ping; /* the next one, or the end of the wait for a pong */
	LIST_HEAD(, ua_stream_user) users;
	STAILQ_HEAD(, ua_parcel) parcels;
	size_t queued; /* bytes in them */
	struct failover_target peer;
	char *name;
	uint64_t heard_at;
	uint64_t begun_at;
	uint64_t bytes;	 /* that have come in */
	uint64_t number; /* of this connection, never used again */
	uint32_t kept;	 /* lines that are registered over it */
	uint32_t keepalive_s;
	uint32_t reason; /* LOST: enum failover_reason */
	int fd;		 /* the driver's; -1 = none yet */
	enum ua_stream_state state;
	uint8_t incoming;
	uint8_t stale; /* gets no new user */
	uint8_t waits; /* for a pong */
	uint8_t pongs; /* the peer has answered a ping before */
	uint8_t half;  /* incoming: one CRLF of a ping has come */
	struct ua_frame frame;
};

/* What moves the bytes. */
struct ua_stream_driver {
	size_t size; /* of its connection, which begins with a struct ua_stream */
	/* Begin to connect to `peer`; set `fd`. What fails at once is told by `reason`. Returns 0,
	 * or a negative error when there is nothing to wait for. */
	int (*connect)(struct ua_stream *stream);
	/* Take bytes to send while it is UP; returns how many. When it has taken less, it calls
	 * ua_stream_flush() when it can go on, or ua_stream_lose(). */
	size_t (*write)(struct ua_stream *stream, const char *bytes, size_t count);
	/* End it, with a goodbye where it is up; also one that connect() has left half made. */
	void (*close)(struct ua_stream *stream);
	/* Why TLS has failed; "" = the peer has just gone. */
	const char *(*why)(const struct ua_stream *stream);
};

/* ---- for drivers: what has happened ------------------------------------------------------- */

/* A peer has connected; NULL = it is to be turned away. Either of the next two follows. */
struct ua_stream *ua_stream_welcome(struct ua_streams *streams, const struct failover_target *from);
/* It has its `fd`. */
void ua_stream_enlist(struct ua_stream *stream);
/* It could not be taken. */
void ua_stream_drop(struct ua_stream *stream);
/* TCP is up and TLS begins. */
void ua_stream_secure(struct ua_stream *stream);
/* Messages can be sent. */
void ua_stream_up(struct ua_stream *stream);
/* The peer lives. */
void ua_stream_heard(struct ua_stream *stream);
/* It says this. */
void ua_stream_take(struct ua_stream *stream, const char *bytes, size_t count);
/* It is lost: users are told when its timer fires. The first reason counts. */
void ua_stream_lose(struct ua_stream *stream, uint32_t reason);
/* enum failover_reason of an errno; 0 = ended by the peer. */
uint32_t ua_stream_reason(int error);
/* Send what can be sent. */
void ua_stream_flush(struct ua_stream *stream);

/* ---- between stream.c and stream_io.c ----------------------------------------------------- */

/* A message, or bytes of our own: a ping or a pong. Returns 0 or a negative error. */
int ua_stream_put(struct ua_stream *stream, struct ua_stream_user *owner, const char *bytes,
		  size_t count);
/* The address that it has here. Returns 0 or FAILOVER_ERR_IO: it is gone. */
int ua_stream_address(const struct ua_stream *stream, struct failover_target *out);
/* Timer `ping`. */
void ua_stream_ping(struct ua_timer *timer);
/* When the next ping is due. */
void ua_stream_next_ping(struct ua_stream *stream);

#endif
