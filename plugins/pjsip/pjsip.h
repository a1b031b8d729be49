/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pjsip.h - the instance of the PJSIP plugin, and its parser. The rest is the shared user agent's
 * (../../ua/net/adapter.h).
 */
#ifndef FO_PJSIP_H
#define FO_PJSIP_H

#include <pjlib.h>
#include <pjsip.h>
#include "../../ua/net/adapter.h"

struct fo_pjsip {
	struct ua_adapter base;
	pj_caching_pool pools;
	pj_pool_t *pool; /* of the message at hand */
	uint8_t has_pjlib;
};

static inline struct fo_pjsip *fo_pjsip(struct ua *base)
{
	return UA_CONTAINER(base, struct fo_pjsip, base.base);
}

/* message.c: the URIs of a request, as PJSIP's parser reads them. */
void fo_pjsip_read(struct ua *base, const char *text, size_t count, struct ua_view *view);

#endif
