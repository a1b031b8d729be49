/* SPDX-License-Identifier: MIT */
/* stream_io.h - the inside of a connection, for stream.c and stream_io.c. */
#ifndef FO_RE_STREAM_IO_H
#define FO_RE_STREAM_IO_H

#include "../common/frame.h"
#include "stream.h"

#define FO_STREAM_QUEUE_MAX (256u * 1024u) /* bytes that wait to leave */

enum fo_re_stream_state {
	FO_STREAM_CONNECTING,
	FO_STREAM_HANDSHAKE, /* TLS */
	FO_STREAM_UP,
	FO_STREAM_LOST, /* its users are told next; `reason` says why */
};

/* A message that waits to leave. */
struct fo_re_parcel {
	struct le link;
	struct fo_re_stream_user *owner; /* NULL = nobody waits for it */
	struct mbuf *text;
};

struct fo_re_stream {
	struct fo_map_node by_peer;
	struct le link; /* in fo_re_streams.all */
	struct fo_re *ua;
	struct fo_timer life; /* lost; not wanted any more; nothing whole has come in */
	struct fo_timer ping; /* the next one, or the end of the wait for a pong */
	struct list users, parcels;
	size_t queued; /* bytes in parcels */
	struct failover_target peer;
	char *name;
	struct tcp_conn *tcp;
	struct tls_conn *tls; /* NULL = TCP */
	uint64_t heard_at;
	uint64_t number; /* of this connection, never used again */
	uint32_t kept;	 /* lines that are registered over it */
	uint32_t keepalive_s;
	uint32_t reason; /* LOST: enum failover_reason */
	enum fo_re_stream_state state;
	uint8_t incoming;
	uint8_t stale; /* gets no new user */
	uint8_t waits; /* for a pong */
	uint8_t pongs; /* the peer has answered a ping before */
	uint8_t half;  /* incoming: one CRLF of a ping has come */
	struct fo_frame frame;
};

/* It is lost: users are told when its timer fires. The first reason counts. */
void fo_re_stream_lose(struct fo_re_stream *stream, uint32_t reason);
/* enum failover_reason of an errno. */
uint32_t fo_re_stream_reason(int error);
/* Queue a message. Returns 0 or a negative error. */
int fo_re_stream_put(struct fo_re_stream *stream, struct fo_re_stream_user *owner,
		     struct mbuf *text);
/* Send what can be sent. */
void fo_re_stream_flush(struct fo_re_stream *stream);
/* Timer `ping`. */
void fo_re_stream_ping(struct fo_timer *timer);
/* When the next ping is due. */
void fo_re_stream_next_ping(struct fo_re_stream *stream);

/* libre's handlers; arg is the stream. */
bool fo_re_stream_on_connected(int *error, bool active, void *arg);
void fo_re_stream_on_up(void *arg);
void fo_re_stream_on_bytes(struct mbuf *bytes, void *arg);
void fo_re_stream_on_close(int error, void *arg);

#endif
