/* SPDX-License-Identifier: MIT */
/*
 * limiter.h - how often passwords may be tried. Each sender has a delay of its own, that grows with
 * every wrong password: nobody makes another one wait. A browser that has logged in before is a
 * sender of its own (its device cookie), also behind an address that it shares with an attacker.
 */
#ifndef WEB_LIMITER_H
#define WEB_LIMITER_H

#include <stdint.h>

#define WEB_LIMITER_SENDERS 256u
#define WEB_LIMITER_FREE 3u	  /* wrong passwords without a delay */
#define WEB_LIMITER_DELAY_S 30u	  /* the longest delay */
#define WEB_LIMITER_FORGET_S 600u /* without a further one */

struct web_sender {
	uint64_t key; /* 0 = none */
	uint64_t until_ms, last_ms;
	uint32_t wrong;
};

/* All zero is an empty one. */
struct web_limiter {
	struct web_sender senders[WEB_LIMITER_SENDERS];
};

/* Seconds that this sender has to wait, 0 = it may try. The try counts as wrong until
 * web_limiter_right(): so many at once are no way round. */
uint32_t web_limiter_try(struct web_limiter *limiter, uint64_t key, uint64_t now_ms);
void web_limiter_right(struct web_limiter *limiter, uint64_t key);

#endif
