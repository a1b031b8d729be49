/* SPDX-License-Identifier: MIT */
/*
 * sofia.h - the instance of the Sofia-SIP plugin and what its files share.
 *
 * Of Sofia-SIP are the event loop (su_root), the UDP socket and its ICMP errors (tport), and the
 * parser (sip). Transactions are the shared user agent's (../../ua/ua.h), connections are
 * ../../ua/net/stream.h's. README.md says why they are not nta's and tport's.
 *
 *   plugin.c        descriptor, life               io.c          failover.io/1, the event loop
 *   message.c       messages as views              client.c      what clients send
 *   transport.c     UDP
 */
#ifndef FO_SOFIA_H
#define FO_SOFIA_H

#define TP_STACK_T struct fo_sofia

#include <stddef.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
#include <failover/plugin.h>
#include <failover/ext/io.h>
#include "../../ua/net/stream.h"
#include "../../ua/serving.h"
#include "../../ua/ua.h"

#define FO_MESSAGE_IN_MAX 16384u /* longer ones are dropped */
#define FO_ERRORS_AT_ONCE 16u

struct fo_sofia {
	struct ua base;
	su_root_t *root;
	int epoll;	   /* the descriptor of root, which stays root's */
	int sentinel;	   /* that it was found by */
	int sentinel_at;   /* in root, counted from 1 */
	uint64_t stack_at; /* when root's timers are due, in host time */
	tport_t *master, *udp;
	int dual;   /* bound to [::], which serves IPv4 too (RFC 3493 3.7) */
	int udp_fd; /* of udp, which stays tport's */
	struct ua_icmp errors[FO_ERRORS_AT_ONCE];
	uint32_t errors_count;
	struct failover_target bound;
	struct ua_transport *transport; /* TCP, at the same address */
	struct ua_streams streams;
	struct ua_serving serving;
};

/* The instance that a user agent is in. */
static inline struct fo_sofia *fo_sofia(struct ua *base)
{
	return UA_CONTAINER(base, struct fo_sofia, base);
}

/* A message has come in by UDP; it is freed (io.c). */
void fo_sofia_received(struct fo_sofia *ua, msg_t *message);
/* A message has come in on a connection (io.c). */
void fo_sofia_received_text(struct ua *ua, const char *text, size_t count,
			    const struct failover_target *from);
/* Descriptors of this process are below. */
int fo_sofia_descriptors(void);
/* Make root's descriptor known. Returns 0 or a negative error. */
int fo_sofia_find_epoll(struct fo_sofia *ua);

extern const struct failover_ext_io fo_sofia_ext_io;

#endif
