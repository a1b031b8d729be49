/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream.h - TCP and TLS connections: one for each target and name, shared by all who send there.
 *
 * Nothing here fails at once: whatever goes wrong with a connection is told to its users from
 * process(), so a hook never hears of it while it still runs.
 */
#ifndef FO_BELLESIP_STREAM_H
#define FO_BELLESIP_STREAM_H

#include <sys/queue.h>
#include "../common/frame.h"
#include "bellesip.h"

#define FO_STREAMS_MAX 2048u		   /* connections of ours at a time */
#define FO_STREAMS_INCOMING_MAX 256u	   /* and of peers */
#define FO_STREAM_QUEUE_MAX (256u * 1024u) /* bytes that wait to leave */

/* Somebody who has something to send and waits for what comes of it. */
struct fo_belle_stream_user {
	LIST_ENTRY(fo_belle_stream_user) link;
	struct fo_belle_stream *stream; /* NULL = none */
	char *text;			/* waits until the connection is up */
	uint64_t since;			/* ms: when it began */
	/* Its message has left. */
	void (*sent)(struct fo_belle_stream_user *user);
	/* The connection is gone, and `stream` is NULL; reason is enum failover_reason. */
	void (*lost)(struct fo_belle_stream_user *user, uint32_t reason);
};

enum fo_belle_stream_state {
	FO_STREAM_CONNECTING,
	FO_STREAM_HANDSHAKE, /* TLS */
	FO_STREAM_UP,
	FO_STREAM_LOST, /* its users are told next; `reason` says why */
};

struct fo_belle_stream {
	struct fo_map_node by_peer;
	struct fo_belle_stream *next, **place; /* in fo_belle_streams.first */
	LIST_ENTRY(fo_belle_stream) coming;    /* in fo_belle_streams.coming, until it is up */
	struct fo_belle *ua;
	struct fo_timer life; /* lost; not wanted any more; nothing whole has come in */
	struct fo_timer ping; /* the next one, or the end of the wait for a pong */
	LIST_HEAD(, fo_belle_stream_user) users;
	struct failover_target peer;
	char *name;
	struct belle_sip_channel *channel; /* NULL = none yet, or closed */
	size_t queued;			   /* bytes that may wait in belle-sip */
	uint64_t heard_at;
	uint64_t number; /* of this connection, never used again */
	uint32_t kept;	 /* lines that are registered over it */
	uint32_t keepalive_s;
	uint32_t reason; /* LOST: enum failover_reason */
	enum fo_belle_stream_state state;
	uint8_t incoming;
	uint8_t is_coming;
	uint8_t stale; /* gets no new user */
	uint8_t waits; /* for a pong */
	uint8_t pongs; /* the peer has answered a ping before */
	uint8_t half;  /* incoming: one CRLF of a ping has come */
	char why[256]; /* TLS: what is wrong with the certificate */
	struct fo_frame frame;
};

/* Whom to connect to. */
struct fo_belle_stream_peer {
	struct failover_target target;
	const char *name;     /* TLS: who must be there (RFC 5922); "" on TCP */
	uint32_t keepalive_s; /* CRLF so often, 0 = never (RFC 5626 3.5.1) */
};

/* ---- for clients and servers -------------------------------------------------------------- */

/* Use the connection to this peer, or open one. Returns 0 or a negative error. */
int fo_belle_stream_use(struct fo_belle *ua, const struct fo_belle_stream_peer *peer,
			struct fo_belle_stream_user *user);
/* A line is registered over the user's connection: keep it open. Returns its number, 0 = none. */
uint64_t fo_belle_stream_keep(const struct fo_belle_stream_user *user);
/* One line less is registered over this connection. */
void fo_belle_stream_unkeep(struct fo_belle *ua, const struct failover_target *peer,
			    uint64_t number);
/* Send on it, as soon as it is up. Returns 0 or a negative error. */
int fo_belle_stream_send(struct fo_belle_stream_user *user, const char *text, size_t length);
/* What has not left never will; no more news. A connection that did not come up goes with its last
 * user. */
void fo_belle_stream_leave(struct fo_belle_stream_user *user);
/* Nobody has answered in time: a connection that has been silent since gets no new user. */
void fo_belle_stream_suspect(struct fo_belle_stream_user *user);
/* Why it is not up: CONNECT_TIMEOUT, TLS while the handshake stalls; NONE when it is up. */
uint32_t fo_belle_stream_missing(const struct fo_belle_stream_user *user);
/* Send on a connection that there is with this peer, its own included. */
int fo_belle_stream_reply(struct fo_belle *ua, const struct failover_target *peer,
			  const char *text);
/* Send on the connection to this peer, or open one; nobody waits for what comes of it. */
int fo_belle_stream_deliver(struct fo_belle *ua, const struct fo_belle_stream_peer *peer,
			    const char *text);
/* A connection of a peer has come in on the listening socket. */
void fo_belle_stream_accept(struct fo_belle *ua, int fd, const struct failover_target *from);
uint32_t fo_belle_streams_fds(const struct fo_belle *ua, struct failover_io_fd *out, uint32_t max);
/* At close. */
void fo_belle_streams_free(struct fo_belle *ua);

/* ---- news of channel.c -------------------------------------------------------------------- */

void fo_belle_stream_came_up(struct fo_belle_stream *stream);
/* Bytes have come in. */
void fo_belle_stream_take(struct fo_belle_stream *stream, const char *bytes, size_t count);
/* It is lost: users are told when its timer fires. The first reason counts. */
void fo_belle_stream_lose(struct fo_belle_stream *stream, uint32_t reason);

/* ---- stream_io.c, for stream.c ------------------------------------------------------------ */

/* Timer `ping`. */
void fo_belle_stream_ping(struct fo_timer *timer);
/* After the wait of this connection, if it has one. */
void fo_belle_stream_next_ping(struct fo_belle_stream *stream);

#endif
