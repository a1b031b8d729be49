/* SPDX-License-Identifier: MIT */
/* timers.h - the timers of a stack: a binary heap of nodes that lie in their objects. */
#ifndef FO_TIMERS_H
#define FO_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct fo_timer {
	uint64_t at;  /* ms */
	size_t place; /* 1.. in the heap, 0 = not set */
	void (*fire)(struct fo_timer *timer);
};

struct fo_timers {
	struct fo_timer **heap; /* [1] is the earliest */
	size_t count, size, reserved;
};

void fo_timers_free(struct fo_timers *timers);
/* Make sure that `count` more timers can be set at the same time; returns 0 or
 * FAILOVER_ERR_MEMORY. Setting never fails then. Give the same count back with _release. */
int fo_timers_reserve(struct fo_timers *timers, size_t count);
void fo_timers_release(struct fo_timers *timers, size_t count);
/* Set, or set anew. */
void fo_timer_set(struct fo_timers *timers, struct fo_timer *timer, uint64_t at);
void fo_timer_stop(struct fo_timers *timers, struct fo_timer *timer);
/* When the earliest is due; UINT64_MAX = never. */
uint64_t fo_timers_next(const struct fo_timers *timers);
/* Fire what is due at `now`, earliest first and at most `most`. Returns how many were fired. */
size_t fo_timers_run(struct fo_timers *timers, uint64_t now, size_t most);

#endif
