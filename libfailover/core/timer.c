/* SPDX-License-Identifier: MIT */
/* timer.c - hierarchical timing wheel. */
#include <string.h>
#include "timer.h"

#define DIGIT_BITS 6
#define DIGIT_MASK 63u

static unsigned highest_bit(uint64_t value)
{
	return 63u - (unsigned)__builtin_clzll(value);
}

uint64_t fo_after(uint64_t at, uint32_t ms)
{
	return ms < UINT64_MAX - 1 - at ? at + ms : UINT64_MAX - 1;
}

uint64_t fo_wheel_after(const struct fo_wheel *wheel, uint32_t ms)
{
	return fo_after(wheel->now, ms);
}

void fo_wheel_init(struct fo_wheel *wheel, uint64_t now)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->now = now;
	wheel->due_last = &wheel->due;
}

static void link_due(struct fo_wheel *wheel, struct fo_timer *timer)
{
	timer->next = NULL;
	timer->link = wheel->due_last;
	*wheel->due_last = timer;
	wheel->due_last = &timer->next;
}

static void link_slot(struct fo_wheel *wheel, struct fo_timer *timer)
{
	unsigned level = highest_bit(timer->at ^ wheel->now) / DIGIT_BITS;
	unsigned slot = (timer->at >> (level * DIGIT_BITS)) & DIGIT_MASK;
	struct fo_timer **head = &wheel->slots[level][slot];

	timer->next = *head;
	timer->link = head;
	if (timer->next)
		timer->next->link = &timer->next;
	*head = timer;
	wheel->occupied[level] |= UINT64_C(1) << slot;
	wheel->levels |= 1u << level;
}

static void slot_is_empty(struct fo_wheel *wheel, unsigned level, unsigned slot)
{
	wheel->occupied[level] &= ~(UINT64_C(1) << slot);
	if (!wheel->occupied[level])
		wheel->levels &= ~(1u << level);
}

static void link_timer(struct fo_wheel *wheel, struct fo_timer *timer)
{
	if (timer->at <= wheel->now)
		link_due(wheel, timer);
	else
		link_slot(wheel, timer);
}

void fo_wheel_clear(struct fo_wheel *wheel, struct fo_timer *timer)
{
	struct fo_timer **first = &wheel->slots[0][0];

	if (!timer->link)
		return;
	*timer->link = timer->next;
	if (timer->next)
		timer->next->link = timer->link;
	else if (wheel->due_last == &timer->next)
		wheel->due_last = timer->link;
	/* The last one of a slot: its bit goes. Only a slot's head pointer lies in the array. */
	if (!*timer->link && timer->link >= first &&
	    timer->link < first + FO_WHEEL_LEVELS * FO_WHEEL_SLOTS) {
		unsigned place = (unsigned)(timer->link - first);

		slot_is_empty(wheel, place / FO_WHEEL_SLOTS, place % FO_WHEEL_SLOTS);
	}
	timer->link = NULL;
}

void fo_wheel_move(struct fo_wheel *wheel, struct fo_timer *to, const struct fo_timer *from)
{
	*to = *from;
	if (!to->link)
		return;
	*to->link = to;
	if (to->next)
		to->next->link = &to->next;
	else if (wheel->due_last == &from->next)
		wheel->due_last = &to->next;
}

void fo_wheel_set(struct fo_wheel *wheel, struct fo_timer *timer, uint64_t at)
{
	if (timer->link && timer->at == at)
		return;
	fo_wheel_clear(wheel, timer);
	timer->at = at;
	if (at != UINT64_MAX)
		link_timer(wheel, timer);
}

/* The first occupied slot: where it is and when it begins. Returns 0 if there is none. */
static int first_slot(const struct fo_wheel *wheel, unsigned *level, unsigned *slot, uint64_t *at)
{
	unsigned shift;
	uint64_t digit;

	if (!wheel->levels)
		return 0;
	*level = (unsigned)__builtin_ctz(wheel->levels);
	*slot = (unsigned)__builtin_ctzll(wheel->occupied[*level]);
	shift = *level * DIGIT_BITS;
	digit = (wheel->now >> shift & DIGIT_MASK) ^ *slot;
	*at = ((wheel->now >> shift) ^ digit) << shift;
	return 1;
}

/* Empty a slot at whose beginning the time now is: its timers are due or go to lower levels. */
static void cascade(struct fo_wheel *wheel, unsigned level, unsigned slot)
{
	struct fo_timer *timer = wheel->slots[level][slot];

	wheel->slots[level][slot] = NULL;
	slot_is_empty(wheel, level, slot);
	while (timer) {
		struct fo_timer *next = timer->next;

		link_timer(wheel, timer);
		timer = next;
	}
}

void fo_wheel_advance(struct fo_wheel *wheel, uint64_t now)
{
	unsigned level, slot;
	uint64_t at;

	if (now <= wheel->now)
		return;
	while (first_slot(wheel, &level, &slot, &at) && at <= now) {
		wheel->now = at;
		cascade(wheel, level, slot);
	}
	wheel->now = now;
}

struct fo_timer *fo_wheel_take(struct fo_wheel *wheel)
{
	struct fo_timer *timer = wheel->due;

	if (timer)
		fo_wheel_clear(wheel, timer);
	return timer;
}

uint64_t fo_wheel_next(const struct fo_wheel *wheel)
{
	unsigned level, slot;
	uint64_t at;

	if (wheel->due)
		return wheel->now;
	return first_slot(wheel, &level, &slot, &at) ? at : UINT64_MAX;
}
