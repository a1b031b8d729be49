/* SPDX-License-Identifier: MIT */
/*
 * osip2.h - the instance of the libosip2 plugin and what its files share.
 *
 * libosip2 runs the client transaction of an INVITE (RFC 3261 17.1.1) and reads URIs; the rest is
 * the shared user agent's (../../ua/ua.h). What libosip2 does by walking lists is not used:
 * transactions and timers are found in hash tables and a heap of our own, so the work per packet
 * does not grow with the number of lines (B19).
 *
 *   plugin.c        descriptor, life
 *   message.c       heads of messages, URIs        client.c      client transactions
 */
#ifndef FO_OSIP2_H
#define FO_OSIP2_H

#include <stddef.h>
#include <sys/time.h>
#include <osip2/osip.h>
#include "../../ua/net/adapter.h"

struct fo_osip {
	struct ua_adapter base;
	osip_t *stack;
};

/* The instance that a user agent is in. */
static inline struct fo_osip *fo_osip(struct ua *base)
{
	return UA_CONTAINER(base, struct fo_osip, base.base);
}

/* ---- small things every file needs ---- */

/* An event for osip_transaction_execute(), which frees it. NULL = no memory. */
osip_event_t *fo_osip_event(type_t type, osip_message_t *message);
/* A transaction that libosip2 does not list; `owner` is handed to its callbacks. */
osip_transaction_t *fo_osip_transaction(struct fo_osip *ua, osip_fsm_type_t type,
					osip_message_t *message, void *owner);
#endif
