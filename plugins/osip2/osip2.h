/* SPDX-License-Identifier: MIT */
/*
 * osip2.h - the instance of the libosip2 plugin and what its files share.
 *
 * libosip2 runs the client transactions of RFC 3261 17.1 and reads URIs; the rest is the
 * shared user agent's (../../ua/ua.h). What libosip2 does by walking lists is not used:
 * transactions and timers are found in hash tables and a heap of our own, so the work per packet
 * does not grow with the number of lines (B19).
 *
 *   plugin.c        descriptor, life               io.c          failover.io/1, the pump
 *   message.c       heads of messages, URIs        client.c      client transactions
 */
#ifndef FO_OSIP2_H
#define FO_OSIP2_H

#include <stddef.h>
#include <sys/time.h>
#include <osip2/osip.h>
#include <failover/plugin.h>
#include <failover/ext/io.h>
#include "../../ua/net/stream.h"
#include "../../ua/pump.h"
#include "../../ua/serving.h"
#include "../../ua/ua.h"

struct fo_osip {
	struct ua base;
	struct ua_pump pump; /* UDP, and the sockets of all */
	osip_t *stack;
	struct ua_serving serving;
	struct ua_streams streams; /* TCP, TLS */
};

/* The instance that a user agent is in. */
static inline struct fo_osip *fo_osip(struct ua *base)
{
	return UA_CONTAINER(base, struct fo_osip, base);
}

/* ---- small things every file needs ---- */

/* An event for osip_transaction_execute(), which frees it. NULL = no memory. */
osip_event_t *fo_osip_event(type_t type, osip_message_t *message);
/* A transaction that libosip2 does not list; `owner` is handed to its callbacks. */
osip_transaction_t *fo_osip_transaction(struct fo_osip *ua, osip_fsm_type_t type,
					osip_message_t *message, void *owner);
/* A message has come in, followed by a zero byte (io.c). */
void fo_osip_received(struct ua *base, const char *text, size_t count,
		      const struct failover_target *from);

extern const struct failover_ext_io fo_osip_ext_io;

#endif
