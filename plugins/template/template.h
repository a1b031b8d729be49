/* SPDX-License-Identifier: MIT */
/*
 * template.h - a whole plugin for UDP, and the one to copy. The user agent is that of
 * ua; doc/plugin-guide.md walks through it.
 * template.c is the adapter: descriptor, life, socket.
 */
#ifndef TPL_TEMPLATE_H
#define TPL_TEMPLATE_H

#include <stddef.h>
#include "../../ua/serving.h"
#include "../../ua/ua.h"

#define TPL_DATAGRAM_MAX 65535u

struct ua_transport;

/* An instance: one engine with its stack. Nothing lives outside of it. */
struct tpl {
	struct ua base; /* first */
	struct ua_transport *transport;
	struct ua_serving serving;
	char datagram[TPL_DATAGRAM_MAX + 1];
};

static inline struct tpl *tpl(struct ua *base)
{
	return (struct tpl *)(void *)base;
}

#endif
