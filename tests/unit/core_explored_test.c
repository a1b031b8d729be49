/* SPDX-License-Identifier: MIT */
/* core_explored_test.c - interleavings that the exploration has found, one test each. */
#include <string.h>
#include "bench.h"

static uint64_t give_up_time(const struct bench *bench)
{
	return bench->now + 3500;
}

/* A refresh at the backup is under way when the primary's late 2xx brings the line back up there:
 * the refresh is out of date, and the line has to register where it is now. */
START_TEST(B15_line_that_moved_during_its_refresh_registers_again)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t late, refresh;

	bench_submit(bench, FAILOVER_INVITE);
	late = bench_attempt(bench)->id;
	bench_until(bench, give_up_time(bench));
	bench_answer(bench, 200); /* the REGISTER at the backup */
	bench_drain(bench);
	bench_answer(bench, 180); /* the INVITE there */
	bench_until(bench, bench_state(bench).next_register);
	refresh = bench_attempt(bench)->id;
	ck_assert_uint_eq(bench_answer_to(bench, late, 200), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_clear(bench);
	bench_answer_to(bench, refresh, 200);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	ck_assert_uint_ne(bench_state(bench).next_register, UINT64_MAX);
	bench_free(bench);
}
END_TEST

/* Registered anew while the old binding is still being removed: a call waits for the REGISTER. */
START_TEST(B5_call_after_unregister_and_register_waits_for_the_registration)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t removal;

	bench_register(bench);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	removal = bench_attempt(bench)->id;
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_answer_to(bench, removal, 200);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 1);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 200);
	bench_expect(bench, 1, FAILOVER_INVITE, 0, bench->now);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_explored");
	TCase *tcase = tcase_create("explored");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, B15_line_that_moved_during_its_refresh_registers_again);
	tcase_add_test(tcase, B5_call_after_unregister_and_register_waits_for_the_registration);
	return bench_main(suite);
}
