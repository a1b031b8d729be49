/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bellesip.h - the instance of the belle-sip plugin and what its files share.
 *
 * belle-sip parses and answers challenges; the rest is the shared user agent's
 * (../../ua/ua.h). Its sockets, transactions and provider are not used; README.md says why.
 *
 *   plugin.c        descriptor, life               io.c          failover.io/1, the pump
 *   message.c       messages and views             authorize.c   digest by belle-sip's helper
 *   client.c        client transactions
 */
#ifndef FO_BELLESIP_H
#define FO_BELLESIP_H

#include <stddef.h>
#include <belle-sip/belle-sip.h>
#include <failover/plugin.h>
#include <failover/ext/io.h>
#include "../../ua/net/stream.h"
#include "../../ua/pump.h"
#include "../../ua/serving.h"
#include "../../ua/ua.h"

struct fo_belle {
	struct ua base;
	struct ua_pump pump; /* UDP, and the sockets of all */
	struct ua_serving serving;
	struct ua_streams streams;
};

/* The instance that a user agent is in. */
static inline struct fo_belle *fo_belle(struct ua *base)
{
	return UA_CONTAINER(base, struct fo_belle, base);
}

/* A message has come in, followed by a zero byte (io.c). */
void fo_belle_received(struct ua *ua, const char *text, size_t count,
		       const struct failover_target *from);

extern const struct failover_ext_io fo_belle_ext_io;

#endif
