/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pjsip.h - the instance of the PJSIP plugin, and its view of a message. UDP. */
#ifndef FO_PJSIP_H
#define FO_PJSIP_H

#include <pjlib.h>
#include <pjsip.h>
#include "../../ua/serving.h"
#include "../../ua/ua.h"

#define UA_DATAGRAM_MAX 65535u

struct ua_transport;

/* Texts of a message with an end; PJSIP's have a length. */
struct fo_pjsip_view {
	struct ua_view view;
	struct ua_serving_message serving;
	const char *vias[UA_VIAS_MAX];
	int full; /* no room in `store` */
	size_t used;
	char store[2 * UA_DATAGRAM_MAX];
};

/* Nothing lives outside of it but what pjlib keeps for the process. */
struct fo_pjsip {
	struct ua base; /* first */
	struct ua_transport *transport;
	struct ua_serving serving;
	pj_caching_pool pools;
	pj_pool_t *pool; /* of the message at hand */
	uint8_t has_pjlib;
	struct fo_pjsip_view view;
	char datagram[UA_DATAGRAM_MAX + 1];
};

static inline struct fo_pjsip *fo_pjsip(struct ua *base)
{
	return (struct fo_pjsip *)(void *)base;
}

/* message.c: parse bytes[count], which are followed by a zero. Returns 0, or -1 if it is no message
 * that can be used. */
int fo_pjsip_read(struct fo_pjsip *ua, char *bytes, size_t count,
		  const struct failover_target *from);

#endif
