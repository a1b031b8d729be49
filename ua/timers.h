/* SPDX-License-Identifier: MIT */
/* timers.h - the timers of a stack: a binary heap of nodes that lie in their objects. */
#ifndef UA_TIMERS_H
#define UA_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct ua_timer {
	uint64_t at;  /* ms */
	size_t place; /* 1.. in the heap, 0 = not set */
	void (*fire)(struct ua_timer *timer);
};

struct ua_timers {
	struct ua_timer **heap; /* [1] is the earliest */
	size_t count, size, reserved;
};

void ua_timers_free(struct ua_timers *timers);
/* Make sure that `count` more timers can be set at the same time; returns 0 or
 * FAILOVER_ERR_MEMORY. Setting never fails then. Give the same count back with _release. */
int ua_timers_reserve(struct ua_timers *timers, size_t count);
void ua_timers_clear(struct ua_timers *timers, size_t count);
/* Set, or set anew. */
void ua_timer_set(struct ua_timers *timers, struct ua_timer *timer, uint64_t at);
void ua_timer_stop(struct ua_timers *timers, struct ua_timer *timer);
/* When the earliest is due; UINT64_MAX = never. */
uint64_t ua_timers_next(const struct ua_timers *timers);
/* Fire what is due at `now`, earliest first and at most `most`. Returns how many were fired. */
size_t ua_timers_run(struct ua_timers *timers, uint64_t now, size_t most);

#endif
