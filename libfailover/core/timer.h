/* SPDX-License-Identifier: MIT */
/*
 * timer.h - hierarchical timing wheel: set, clear and expire in constant time (B19). Levels of 64
 * slots cover the whole 64-bit range of milliseconds. A timer stands at the level of the highest
 * 6-bit digit in which its time differs from now, so lower levels always come first.
 */
#ifndef FO_TIMER_H
#define FO_TIMER_H

#include <stdint.h>

#define FO_NEVER UINT64_MAX
#define FO_WHEEL_LEVELS 11
#define FO_WHEEL_SLOTS 64

struct fo_timer {
	struct fo_timer *next;
	struct fo_timer **link; /* what points to this one; NULL = not set */
	uint64_t at;
};

struct fo_wheel {
	uint64_t now;
	uint32_t levels;		    /* bits: those with a timer */
	uint64_t occupied[FO_WHEEL_LEVELS]; /* bits: their slots with one */
	struct fo_timer *slots[FO_WHEEL_LEVELS][FO_WHEEL_SLOTS];
	struct fo_timer *due, **due_last; /* in the order they fell due */
};

/* `ms` after a time. The end of the 64 bits is not passed, so that a time never wraps (B19). */
uint64_t fo_after(uint64_t at, uint32_t ms);
/* `ms` from now. */
uint64_t fo_wheel_after(const struct fo_wheel *wheel, uint32_t ms);

void fo_wheel_init(struct fo_wheel *wheel, uint64_t now);
/* Set (or move) a timer; a time that has passed is due at once. UINT64_MAX clears it. */
void fo_wheel_set(struct fo_wheel *wheel, struct fo_timer *timer, uint64_t at);
void fo_wheel_clear(struct fo_wheel *wheel, struct fo_timer *timer);
/* `to` takes the place of `from`, in the same order. */
void fo_wheel_move(struct fo_wheel *wheel, struct fo_timer *to, const struct fo_timer *from);
/* Go to `now`; timers up to then become due. Time never goes back. */
void fo_wheel_advance(struct fo_wheel *wheel, uint64_t now);
/* Take the next due timer, or NULL. */
struct fo_timer *fo_wheel_take(struct fo_wheel *wheel);
/* Not after the next timer, and not before now; UINT64_MAX = no timer. */
uint64_t fo_wheel_next(const struct fo_wheel *wheel);

#endif
