/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pjsip.h - the instance of the PJSIP plugin, and its parser. UDP. */
#ifndef FO_PJSIP_H
#define FO_PJSIP_H

#include <pjlib.h>
#include <pjsip.h>
#include "../../ua/serving.h"
#include "../../ua/ua.h"

#define UA_DATAGRAM_MAX 65535u

struct ua_transport;

/* Nothing lives outside of it but what pjlib keeps for the process. */
struct fo_pjsip {
	struct ua base; /* first */
	struct ua_transport *transport;
	struct ua_serving serving;
	pj_caching_pool pools;
	pj_pool_t *pool; /* of the message at hand */
	uint8_t has_pjlib;
	char datagram[UA_DATAGRAM_MAX + 1];
};

static inline struct fo_pjsip *fo_pjsip(struct ua *base)
{
	return (struct fo_pjsip *)(void *)base;
}

/* message.c: the URIs of a request, as PJSIP's parser reads them. */
void fo_pjsip_read(struct ua *base, const char *text, size_t count, struct ua_view *view);

#endif
