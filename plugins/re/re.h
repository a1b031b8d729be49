/* SPDX-License-Identifier: MIT */
/*
 * re.h - the instance of the libre plugin and what its files share.
 *
 * libre brings its loop, UDP, TCP and TLS sockets, the SIP parser and MD5; what connections are for
 * is ../../ua/net/stream.h's; transactions and the rest are the shared user agent's
 * (../../ua/ua.h). README.md says why libre's own are not used.
 *
 *   plugin.c        descriptor, life               io.c          failover.io/1
 *   message.c       messages as views              loop.c        libre's loop inside the host's
 *   client.c        client transactions            transport.c   sockets
 *   stream.c        driver of connections          tls.c         certificates, names
 */
#ifndef FO_RE_H
#define FO_RE_H

#include <stddef.h>
#include <re/re.h>
#include <failover/plugin.h>
#include <failover/ext/io.h>
#include "../../ua/net/stream.h"
#include "../../ua/pump.h"
#include "../../ua/serving.h"
#include "../../ua/ua.h"
#include "loop.h"

#define FO_ROUNDS_AT_ONCE 256u /* of libre's loop in one call of process() */
#define FO_SESSIONS_MAX 64u

struct fo_re_transport;

/* The last TLS session with a name, to go on with. */
struct fo_re_session {
	char *name;
	struct ssl_session_st *session;
};

struct fo_re_tls {
	struct tls *context; /* NULL = made when it is needed first */
	uint32_t verify;
	char why[128]; /* of the handshake that goes on; "" = nothing is known */
	struct fo_re_session sessions[FO_SESSIONS_MAX];
	unsigned next_session; /* the one to be replaced */
};

struct fo_re {
	struct ua base;
	struct fo_re_loop loop;
	struct fo_re_transport *transport;
	struct ua_serving serving;
	struct ua_streams streams;
	struct fo_re_tls tls;
	uint8_t complained; /* of its thread */
};

/* The instance that a user agent is in. */
static inline struct fo_re *fo_re(struct ua *base)
{
	return UA_CONTAINER(base, struct fo_re, base);
}

/* A message has come in; its bytes are the buffer's, from its position to its end (io.c). */
void fo_re_received(struct fo_re *ua, struct mbuf *buffer, const struct failover_target *from);
/* Read the UDP socket's ICMP errors (B4). */
void fo_re_take_errors(struct fo_re *ua);

extern const struct failover_ext_io fo_re_ext_io;

#endif
