/* SPDX-License-Identifier: MIT */
/* core_timer_test.c - the timing wheel against a plain list (B19: no timer fires early or late). */
#include <stdlib.h>
#include <string.h>
#include "bench.h"
#include "../../libfailover/core/timer.h"

#define TIMERS 64

/* ck_assert tells its place to Check each time it is passed; here that would be millions of times.
 */
static void must(int holds, const char *what)
{
	if (!holds)
		ck_abort_msg("%s", what);
}

static uint64_t state = 42;

static uint64_t some(uint64_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

/* Random sets, clears and steps; what is taken must be exactly what a list says is due. */
static void compare_with_list(uint64_t start, uint64_t reach, uint64_t step)
{
	struct fo_wheel *wheel = malloc(sizeof(*wheel));
	struct fo_timer timers[TIMERS] = { 0 };
	uint64_t at[TIMERS], now = start;
	unsigned round, i;

	ck_assert_ptr_nonnull(wheel);
	fo_wheel_init(wheel, start);
	for (i = 0; i < TIMERS; i++)
		at[i] = UINT64_MAX;
	for (round = 0; round < 20000; round++) {
		struct fo_timer *taken;
		uint64_t first = UINT64_MAX, next;

		i = (unsigned)some(TIMERS);
		at[i] = some(8) ? now + some(reach) : UINT64_MAX;
		fo_wheel_set(wheel, &timers[i], at[i]);
		for (i = 0; i < TIMERS; i++)
			first = at[i] < first ? at[i] : first;
		next = fo_wheel_next(wheel);
		must(next <= first, "the next deadline is late");
		must(first == UINT64_MAX ? next == UINT64_MAX : next >= now,
		     "the next deadline is off");
		now += some(step);
		fo_wheel_advance(wheel, now);
		while ((taken = fo_wheel_take(wheel))) {
			i = (unsigned)(taken - timers);
			must(at[i] <= now, "a timer is early");
			at[i] = UINT64_MAX;
		}
		for (i = 0; i < TIMERS; i++)
			must(at[i] == UINT64_MAX || at[i] > now, "a timer is late");
	}
	free(wheel);
}

START_TEST(B19_wheel_agrees_with_a_list)
{
	compare_with_list(0, 100, 10);
	compare_with_list(1, 5000, 300);
	compare_with_list(123456789, 100000000, 1000000);
	compare_with_list(UINT64_C(1) << 40, UINT64_C(1) << 33, UINT64_C(1) << 30);
}
END_TEST

START_TEST(B19_wheel_reaches_the_end_of_time)
{
	struct fo_wheel *wheel = malloc(sizeof(*wheel));
	struct fo_timer timer = { 0 };
	uint64_t wakes = 0;

	ck_assert_ptr_nonnull(wheel);
	fo_wheel_init(wheel, 5);
	fo_wheel_set(wheel, &timer, UINT64_MAX - 1);
	while (fo_wheel_next(wheel) < UINT64_MAX - 1 && wakes++ < 100)
		fo_wheel_advance(wheel, fo_wheel_next(wheel));
	ck_assert_uint_lt(wakes, FO_WHEEL_LEVELS);
	ck_assert_ptr_null(fo_wheel_take(wheel));
	fo_wheel_advance(wheel, UINT64_MAX - 1);
	ck_assert_ptr_eq(fo_wheel_take(wheel), &timer);
	free(wheel);
}
END_TEST

START_TEST(B19_time_never_goes_back)
{
	struct fo_wheel *wheel = malloc(sizeof(*wheel));
	struct fo_timer timer = { 0 };

	ck_assert_ptr_nonnull(wheel);
	fo_wheel_init(wheel, 1000);
	fo_wheel_advance(wheel, 500);
	ck_assert_uint_eq(wheel->now, 1000);
	fo_wheel_set(wheel, &timer, 900); /* passed: due at once */
	ck_assert_uint_eq(fo_wheel_next(wheel), 1000);
	ck_assert_ptr_eq(fo_wheel_take(wheel), &timer);
	ck_assert_uint_eq(fo_wheel_next(wheel), UINT64_MAX);
	free(wheel);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_timer");
	TCase *tcase = tcase_create("timer");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, B19_wheel_agrees_with_a_list);
	tcase_add_test(tcase, B19_wheel_reaches_the_end_of_time);
	tcase_add_test(tcase, B19_time_never_goes_back);
	return bench_main_any(suite);
}
