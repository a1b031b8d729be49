/* SPDX-License-Identifier: MIT */
/* core_stay_test.c - the least time at a backup (B31). */
#include "bench.h"

/* Served by the last target, and the others are dead so far. */
static struct bench *served_by_last(const struct failover_line_settings *settings, unsigned last)
{
	struct bench *bench = bench_one(settings, last == 1 ? "01" : "012");

	bench_register_at(bench, last);
	bench_clear(bench);
	return bench;
}

static struct failover_line_settings staying(uint32_t hold_s)
{
	struct failover_line_settings settings = bench_settings();

	settings.failback_interval_s = 100;
	settings.failover_hold_s = hold_s;
	settings.signal_failback = 1;
	return settings;
}

START_TEST(B31_no_probe_and_no_request_goes_up_before)
{
	struct failover_line_settings settings = staying(500);
	struct bench *bench = served_by_last(&settings, 1);
	uint64_t moved = bench->now;

	ck_assert_uint_eq(bench_state(bench).next_probe, moved + 500000);
	bench_until(bench, moved + 499999);
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	bench_answer(bench, 200);
	bench_until(bench, moved + 500000);
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B31_it_is_spread_upward_only)
{
	struct failover_line_settings settings = staying(500);
	uint64_t last = 0;
	unsigned i, different = 0;

	settings.jitter_percent = 50;
	for (i = 0; i < 20; i++) {
		struct bench *bench = served_by_last(&settings, 1);
		uint64_t after = bench_state(bench).next_probe - bench->now;

		bench_free(bench);
		ck_assert_uint_ge(after, 500000);
		ck_assert_uint_le(after, settings.failover_hold_s * UINT64_C(1500));
		different += after != last;
		last = after;
		settings.failover_hold_s++;
	}
	ck_assert_uint_ge(different, 2);
}
END_TEST

/* It has come one place up: what holds it there is nothing but the interval. */
START_TEST(B31_after_a_move_up_nothing_is_held)
{
	struct failover_line_settings settings = staying(500);
	struct bench *bench = served_by_last(&settings, 2);

	bench_until(bench, bench_state(bench).next_probe);
	bench_answer(bench, 503);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, bench->now + 100000);
	bench_free(bench);
}
END_TEST

START_TEST(B31_a_person_does_not_wait)
{
	struct failover_line_settings settings = staying(500);
	struct bench *bench = served_by_last(&settings, 1);

	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);

	bench = served_by_last(&settings, 1);
	ck_assert_int_eq(failover_failback(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B31_after_a_person_s_probe_the_next_one_waits)
{
	struct failover_line_settings settings = staying(500);
	struct bench *bench;
	uint64_t at;

	settings.failback_successes = 2;
	bench = served_by_last(&settings, 1);
	at = bench_state(bench).next_probe;
	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, at);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stay");
	TCase *tcase = tcase_create("B31");

	tcase_add_test(tcase, B31_no_probe_and_no_request_goes_up_before);
	tcase_add_test(tcase, B31_it_is_spread_upward_only);
	tcase_add_test(tcase, B31_after_a_move_up_nothing_is_held);
	tcase_add_test(tcase, B31_a_person_does_not_wait);
	tcase_add_test(tcase, B31_after_a_person_s_probe_the_next_one_waits);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
