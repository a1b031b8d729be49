/* SPDX-License-Identifier: MIT */
/* timers.c - binary heap of timers, O(log n) for each change. */
#include <stdlib.h>
#include <failover/plugin.h>
#include "timers.h"

void ua_timers_free(struct ua_timers *timers)
{
	free(timers->heap);
	timers->heap = NULL;
	timers->count = timers->size = timers->reserved = 0;
}

int ua_timers_reserve(struct ua_timers *timers, size_t count)
{
	size_t wanted = timers->reserved + count + 1; /* [0] is not used */
	size_t size = timers->size ? timers->size : 16;
	struct ua_timer **larger;

	while (size < wanted)
		size *= 2;
	if (size != timers->size) {
		larger = realloc(timers->heap, size * sizeof(*larger));
		if (!larger)
			return FAILOVER_ERR_MEMORY;
		timers->heap = larger;
		timers->size = size;
	}
	timers->reserved += count;
	return FAILOVER_OK;
}

void ua_timers_clear(struct ua_timers *timers, size_t count)
{
	timers->reserved -= count;
}

static void put(struct ua_timers *timers, struct ua_timer *timer, size_t place)
{
	timers->heap[place] = timer;
	timer->place = place;
}

static void move_up(struct ua_timers *timers, struct ua_timer *timer)
{
	size_t place = timer->place;

	for (; place > 1 && timers->heap[place / 2]->at > timer->at; place /= 2)
		put(timers, timers->heap[place / 2], place);
	put(timers, timer, place);
}

static void move_down(struct ua_timers *timers, struct ua_timer *timer)
{
	size_t place = timer->place, child;

	while ((child = 2 * place) <= timers->count) {
		if (child < timers->count && timers->heap[child + 1]->at < timers->heap[child]->at)
			child++;
		if (timers->heap[child]->at >= timer->at)
			break;
		put(timers, timers->heap[child], place);
		place = child;
	}
	put(timers, timer, place);
}

void ua_timer_set(struct ua_timers *timers, struct ua_timer *timer, uint64_t at)
{
	timer->at = at;
	if (!timer->place)
		put(timers, timer, ++timers->count);
	move_up(timers, timer);
	move_down(timers, timer);
}

void ua_timer_stop(struct ua_timers *timers, struct ua_timer *timer)
{
	struct ua_timer *last;
	size_t place = timer->place;

	if (!place)
		return;
	timer->place = 0;
	last = timers->heap[timers->count--];
	if (last == timer)
		return;
	put(timers, last, place);
	move_up(timers, last);
	move_down(timers, last);
}

uint64_t ua_timers_next(const struct ua_timers *timers)
{
	return timers->count ? timers->heap[1]->at : UINT64_MAX;
}

size_t ua_timers_run(struct ua_timers *timers, uint64_t now, size_t most)
{
	struct ua_timer *timer;
	size_t fired = 0;

	while (fired < most && ua_timers_next(timers) <= now) {
		timer = timers->heap[1];
		ua_timer_stop(timers, timer);
		timer->fire(timer);
		fired++;
	}
	return fired;
}
