/* SPDX-License-Identifier: MIT */
/*
 * stream.h - TCP and TLS connections: one for each target and name, shared by all who send there.
 *
 * Nothing here fails at once: whatever goes wrong with a connection is told to its users from
 * process(), so a hook never hears of it while it still runs.
 *
 * What moves the bytes is a driver (stream_io.h): a stack's own connections, or plain sockets with
 * our TLS (stream_sockets.c) where it has none, or its own cannot do what the rules ask.
 */
#ifndef UA_STREAM_H
#define UA_STREAM_H

#include <sys/queue.h>
#include <failover/ext/io.h>
#include "../ua.h"

#define UA_STREAMS_MAX 2048u	     /* connections of ours at a time */
#define UA_STREAMS_INCOMING_MAX 256u /* and of peers */

struct ua_stream;
struct ua_stream_driver;
struct ua_sockets;
struct ua_transport;

/* All connections of an instance. Zero, then ua_streams_open() or ua_streams_begin(). */
struct ua_streams {
	struct ua *ua;
	/* A whole message, followed by a zero byte, has come in. */
	void (*received)(struct ua *ua, const char *text, size_t count,
			 const struct failover_target *from);
	const struct ua_stream_driver *driver;
	struct ua_map by_peer; /* host, port, transport -> struct ua_stream */
	struct ua_stream *first;
	uint32_t outgoing, incoming;
	uint64_t made; /* the last number */
	struct ua_transport
		*transport;	    /* plain sockets only: the adapter's, their way out and in */
	struct ua_sockets *sockets; /* and what else they need */
};

/* Somebody who has something to send and waits for what comes of it. */
struct ua_stream_user {
	LIST_ENTRY(ua_stream_user) link;
	struct ua_stream *stream; /* NULL = none */
	uint64_t since;		  /* ms: when it began */
	uint64_t bytes;		  /* that had come in by then */
	uint8_t is_reused;	  /* it was up before */
	uint8_t is_unheard;	  /* in lost(): it was, and not a byte has come since (B23c) */
	/* Its message has left. */
	void (*sent)(struct ua_stream_user *user);
	/* The connection is gone, and `stream` is NULL; reason is enum failover_reason. */
	void (*lost)(struct ua_stream_user *user, uint32_t reason);
};

/* With ua and received set. Returns 0 or a negative error. */
int ua_streams_begin(struct ua_streams *streams, const struct ua_stream_driver *driver);
/* At close, and after a beginning that failed. */
void ua_streams_end(struct ua_streams *streams);

/* Whom to connect to. */
struct ua_stream_peer {
	struct failover_target target;
	const char *name;     /* TLS: who must be there (RFC 5922); "" on TCP */
	uint32_t keepalive_s; /* CRLF so often, 0 = never (RFC 5626 3.5.1) */
};

/* Use the connection to this peer, or open one. Returns 0 or a negative error. */
int ua_stream_use(struct ua_streams *streams, const struct ua_stream_peer *peer,
		  struct ua_stream_user *user);
/* A line is registered over the user's connection: keep it open. Returns its number, 0 = none. */
uint64_t ua_stream_keep(const struct ua_stream_user *user);
/* One line less is registered over this connection. */
void ua_stream_unkeep(struct ua_streams *streams, const struct failover_target *peer,
		      uint64_t number);
/* Send on it, as soon as it is up. Returns 0 or a negative error. */
int ua_stream_send(struct ua_stream_user *user, const char *bytes, size_t count);
/* What has not begun to leave never will; no more news. A connection that did not come up goes with
 * its last user. */
void ua_stream_leave(struct ua_stream_user *user);
/* The address that its connection has here. Returns 0 or FAILOVER_ERR_IO: it is gone. */
int ua_stream_local(const struct ua_stream_user *user, struct failover_target *out);
/* The same of the connection with this peer, its own included. */
int ua_streams_local_of(const struct ua_streams *streams, const struct failover_target *peer,
			struct failover_target *out);
/* The device's addresses may be others: connections of one that has gone are lost (B23c). */
void ua_streams_check(struct ua_streams *streams);
/* Nobody has answered in time: a connection that has been silent since gets no new user, and ends
 * with the last that waits on it (B23c). */
void ua_stream_suspect(struct ua_stream_user *user);
/* Why it is not up: CONNECT_TIMEOUT, TLS while the handshake stalls; NONE when it is up. */
uint32_t ua_stream_missing(const struct ua_stream_user *user);
/* Send on a connection that there is with this peer, its own included. */
int ua_stream_reply(struct ua_streams *streams, const struct failover_target *peer,
		    const char *bytes, size_t count);

/* Send on the connection to this peer, or open one; nobody waits for what comes of it. */
int ua_stream_deliver(struct ua_streams *streams, const struct ua_stream_peer *peer,
		      const char *bytes, size_t count);

/* ---- over plain sockets ------------------------------------------------------------------- */

/* Instead of ua_streams_begin(). Files that cannot be used are told at once; without any, the
 * system's certificates are read when the first TLS connection is made. */
int ua_streams_open(struct ua_streams *streams, const struct failover_open_params *params);
/* Instead of ua_streams_end(). */
void ua_streams_close(struct ua_streams *streams);
/* failover.io/1: the listening socket's descriptor is among them. */
uint32_t ua_streams_fds(const struct ua_streams *streams, struct failover_io_fd *out, uint32_t max);
void ua_streams_process(struct ua_streams *streams, const struct failover_io_fd *ready,
			uint32_t count);

/* ------------------------------------------------------------------------------------------- */

static inline int ua_is_stream(uint32_t transport)
{
	return transport == FAILOVER_TCP || transport == FAILOVER_TLS;
}

#endif
