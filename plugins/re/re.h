/* SPDX-License-Identifier: MIT */
/*
 * re.h - the instance of the libre plugin and what its files share.
 *
 * libre brings its loop, the UDP socket, the SIP parser and MD5. Connections are
 * ../../ua/net/stream.h's; transactions and the rest are the shared user agent's (../../ua/ua.h).
 * README.md says why libre's own are not used.
 *
 *   plugin.c        descriptor, life               io.c          failover.io/1
 *   message.c       the URIs of requests           loop.c        libre's loop inside the host's
 *   client.c        what clients send              transport.c   UDP
 */
#ifndef FO_RE_H
#define FO_RE_H

#include <stddef.h>
#include "libre.h"
#include <failover/plugin.h>
#include <failover/ext/io.h>
#include "../../ua/net/stream.h"
#include "../../ua/pump.h"
#include "../../ua/serving.h"
#include "../../ua/ua.h"

#define FO_ROUNDS_AT_ONCE 256u /* of libre's loop in one call of process() */

struct fo_re {
	struct ua base;
	struct udp_sock *udp;
	int udp_fd;	    /* of udp, which stays libre's */
	uint8_t dual;	    /* bound to [::], which serves IPv4 too (RFC 3493 3.7) */
	uint8_t heard;	    /* libre has told something of udp */
	uint8_t complained; /* of its thread */
	int opened_by;	    /* the thread */
	struct failover_target bound;
	struct ua_transport *transport; /* TCP, at the same address */
	struct ua_streams streams;
	struct ua_serving serving;
};

/* The instance that a user agent is in. */
static inline struct fo_re *fo_re(struct ua *base)
{
	return UA_CONTAINER(base, struct fo_re, base);
}

/* A message, followed by a zero byte, has come in (io.c). */
void fo_re_received(struct ua *base, const char *text, size_t count,
		    const struct failover_target *from);
/* Read the UDP socket's ICMP errors (B4). */
void fo_re_take_errors(struct fo_re *ua);

extern const struct failover_ext_io fo_re_ext_io;

#endif
