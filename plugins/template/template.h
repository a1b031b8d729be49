/* SPDX-License-Identifier: MIT */
/*
 * template.h - a whole plugin for UDP, and the one to copy. The user agent is that of
 * ua; doc/plugin-guide.md walks through it.
 *
 *   template.c   the adapter: descriptor, life, socket. Yours looks like it.
 *   text.c       reads messages: stands for the SIP stack's parser
 */
#ifndef TPL_TEMPLATE_H
#define TPL_TEMPLATE_H

#include <stddef.h>
#include "../../ua/serving.h"
#include "../../ua/ua.h"

#define TPL_DATAGRAM_MAX 65535u
#define TPL_VIAS_MAX 32u

/* A message as read; every string of it lies in `store`. */
struct tpl_text {
	struct ua_view view;
	struct ua_serving_message serving;
	const char *vias[TPL_VIAS_MAX];
	int bad; /* too much of something, or twice what may be there once */
	size_t used;
	char store[2 * TPL_DATAGRAM_MAX];
};

struct ua_transport;

/* An instance: one engine with its stack. Nothing lives outside of it. */
struct tpl {
	struct ua base; /* first */
	struct ua_transport *transport;
	struct ua_serving serving;
	struct tpl_text text;
	char datagram[TPL_DATAGRAM_MAX + 1];
};

static inline struct tpl *tpl(struct ua *base)
{
	return (struct tpl *)(void *)base;
}

/* text.c: returns 0, or -1 if it is no message that can be used. */
int tpl_text_read(struct tpl_text *text, const char *bytes, size_t count,
		  const struct failover_target *from);

#endif
