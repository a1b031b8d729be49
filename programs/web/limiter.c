/* SPDX-License-Identifier: MIT */
/* limiter.c - a bounded table of senders; who was quiet longest makes room. */
#include "limiter.h"

#include <stddef.h>

static struct web_sender *sender_find(struct web_limiter *limiter, uint64_t key)
{
	for (size_t i = 0; i < WEB_LIMITER_SENDERS; i++) {
		if (limiter->senders[i].key == key)
			return &limiter->senders[i];
	}
	return NULL;
}

static struct web_sender *sender_new(struct web_limiter *limiter, uint64_t key)
{
	struct web_sender *oldest = &limiter->senders[0];

	for (size_t i = 0; i < WEB_LIMITER_SENDERS; i++) {
		struct web_sender *sender = &limiter->senders[i];

		if (sender->key == 0) {
			oldest = sender;
			break;
		}
		if (sender->last_ms < oldest->last_ms)
			oldest = sender;
	}
	*oldest = (struct web_sender){ .key = key };
	return oldest;
}

/* 1, 2, 4 ... seconds once the free ones are used up. */
static uint32_t delay_of(uint32_t wrong)
{
	uint32_t over = wrong > WEB_LIMITER_FREE ? wrong - WEB_LIMITER_FREE : 0;

	if (wrong < WEB_LIMITER_FREE)
		return 0;
	return over > 4 ? WEB_LIMITER_DELAY_S : 1u << over;
}

uint32_t web_limiter_try(struct web_limiter *limiter, uint64_t key, uint64_t now_ms)
{
	struct web_sender *sender = sender_find(limiter, key);

	if (!sender)
		sender = sender_new(limiter, key);
	if (sender->until_ms > now_ms)
		return (uint32_t)((sender->until_ms - now_ms + 999) / 1000);
	if (now_ms - sender->last_ms > WEB_LIMITER_FORGET_S * 1000u)
		sender->wrong = 0;
	sender->wrong++;
	sender->last_ms = now_ms;
	sender->until_ms = now_ms + delay_of(sender->wrong) * 1000u;
	return 0;
}

void web_limiter_right(struct web_limiter *limiter, uint64_t key)
{
	struct web_sender *sender = sender_find(limiter, key);

	if (sender)
		*sender = (struct web_sender){ 0 };
}
