/* SPDX-License-Identifier: MIT */
/*
 * stream.h - TCP and TLS connections: one for each target and name, shared by all who send there.
 *
 * Nothing here fails at once: whatever goes wrong with a connection is told to its users from
 * process(), so a hook never hears of it while it still runs, and libre's handlers never free the
 * connection that they are called for.
 */
#ifndef FO_RE_STREAM_H
#define FO_RE_STREAM_H

#include "re.h"

#define FO_STREAMS_MAX 2048u	     /* connections of ours at a time */
#define FO_STREAMS_INCOMING_MAX 256u /* and of peers */

struct fo_re_stream;

/* Somebody who has something to send and waits for what comes of it. */
struct fo_re_stream_user {
	struct le link;
	struct fo_re_stream *stream; /* NULL = none */
	uint64_t since;		     /* ms: when it began */
	/* Its message has left. */
	void (*sent)(struct fo_re_stream_user *user);
	/* The connection is gone, and `stream` is NULL; reason is enum failover_reason. */
	void (*lost)(struct fo_re_stream_user *user, uint32_t reason);
};

/* Whom to connect to. */
struct fo_re_stream_peer {
	struct failover_target target;
	const char *name;     /* TLS: who must be there (RFC 5922); "" on TCP */
	uint32_t keepalive_s; /* CRLF so often, 0 = never (RFC 5626 3.5.1) */
};

/* Use the connection to this peer, or open one. Returns 0 or a negative error. */
int fo_re_stream_use(struct fo_re *ua, const struct fo_re_stream_peer *peer,
		     struct fo_re_stream_user *user);
/* A line is registered over the user's connection: keep it open. Returns its number, 0 = none. */
uint64_t fo_re_stream_keep(const struct fo_re_stream_user *user);
/* One line less is registered over this connection. */
void fo_re_stream_unkeep(struct fo_re *ua, const struct failover_target *peer, uint64_t number);
/* Send on it, as soon as it is up. Returns 0 or a negative error. */
int fo_re_stream_send(struct fo_re_stream_user *user, struct mbuf *text);
/* What has not begun to leave never will; no more news. A connection that did not come up goes with
 * its last user. */
void fo_re_stream_leave(struct fo_re_stream_user *user);
/* Nobody has answered in time: a connection that has been silent since gets no new user. */
void fo_re_stream_suspect(struct fo_re_stream_user *user);
/* Why it is not up: CONNECT_TIMEOUT, TLS while the handshake stalls; NONE when it is up. */
uint32_t fo_re_stream_missing(const struct fo_re_stream_user *user);
/* Send on a connection that there is with this peer, its own included. */
int fo_re_stream_reply(struct fo_re *ua, const struct failover_target *peer, struct mbuf *text);

/* Send on the connection to this peer, or open one; nobody waits for what comes of it. */
int fo_re_stream_deliver(struct fo_re *ua, const struct fo_re_stream_peer *peer, struct mbuf *text);

/* A connection of a peer has come in on the listening socket; arg is the instance. */
void fo_re_stream_accept(const struct sa *from, void *arg);
/* At close. */
void fo_re_streams_free(struct fo_re *ua);

static inline int fo_re_is_stream(uint32_t transport)
{
	return transport == FAILOVER_TCP || transport == FAILOVER_TLS;
}

#endif
