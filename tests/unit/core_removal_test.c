/* SPDX-License-Identifier: MIT */
/* core_removal_test.c - the end of a registration: by the user, by refusal, and what it leaves. */
#include "bench.h"

static void put_targets(struct bench *bench, const struct failover_target *targets, uint32_t count)
{
	ck_assert_int_eq(
		failover_line_targets(bench->engine, bench->line, targets, count, bench->now), 0);
	bench_drain(bench);
}

static void start_register(struct bench *bench)
{
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
}

static int unregister(struct bench *bench)
{
	int error = failover_unregister(bench->engine, bench->line, bench->now);

	bench_drain(bench);
	return error;
}

/* A line at the backup, with its own three requests under way: REGISTER, probe, keep-alive. */
static struct bench *bench_busy(uint64_t own[3])
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	settings.failback_interval_s = 30;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_until(bench, 31000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	own[1] = bench_attempt_number(bench, 0)->id;
	own[2] = bench_attempt_number(bench, 1)->id;
	if (bench_attempt_number(bench, 0)->method == FAILOVER_OPTIONS) {
		own[2] = bench_attempt_number(bench, 0)->id;
		own[1] = bench_attempt_number(bench, 1)->id;
	}
	start_register(bench);
	own[0] = bench_attempt(bench)->id;
	bench_clear(bench);
	return bench;
}

START_TEST(B18_unregistering_ends_all_that_the_line_does_by_itself)
{
	uint64_t own[3];
	struct bench *bench = bench_busy(own);

	ck_assert_int_eq(unregister(bench), 0);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 3);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 3);
	bench_free(bench);
}
END_TEST

/* The bindings are removed from the places of these requests, which must be free for it. */
START_TEST(B18_unregistering_waits_until_the_results_are_taken)
{
	static const uint32_t statuses[] = { 403, 403, 200 };
	struct failover_answer answer = { .size = sizeof(answer), .status = statuses[_i] };
	uint64_t own[3];
	struct bench *bench = bench_busy(own);

	failover_response(bench->engine, own[_i], &answer, bench->now);
	ck_assert_int_eq(unregister(bench), FAILOVER_ERR_FULL);
	ck_assert_int_eq(unregister(bench), 0); /* now they are taken */
	bench_free(bench);
}
END_TEST

START_TEST(B18_unregistering_removes_the_binding_at_the_primary_too)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200); /* REGISTER at 1 */
	bench_answer(bench, 200); /* INVITE there */
	bench_clear(bench);
	ck_assert_int_eq(unregister(bench), 0);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_expect(bench, 1, FAILOVER_REGISTER, 0, bench->now);
	bench_free(bench);
}
END_TEST

/* The proxy it was registered through has gone: the first one of the registrar will do. */
START_TEST(B1b_binding_is_removed_through_a_proxy_that_is_there)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(2, 0), bench_target(1, 1) };
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	bench_answer(bench, 200);
	bench_answer(bench, 200);
	bench_clear(bench);
	start_register(bench);
	bench_answer(bench, 503); /* nothing names target 0 any more after this one */
	bench_answer(bench, 200);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_OTHER);
	bench_answer(bench, 200);
	put_targets(bench, targets, 2);
	put_targets(bench, targets, 2);
	bench_clear(bench);
	ck_assert_int_eq(unregister(bench), 0);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_expect(bench, 1, FAILOVER_REGISTER, 2, bench->now);
	bench_free(bench);
}
END_TEST

/* Four registrars hold a binding, and a line removes three at once: the fourth counts no more. */
START_TEST(B5a_binding_that_was_left_is_no_registration)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(2, 2) };
	struct bench *bench = bench_one(&settings, "0123");
	unsigned i, j;

	bench_register(bench);
	for (i = 0; i < 3; i++) {
		bench_submit(bench, FAILOVER_INVITE);
		for (j = 0; j <= i; j++)
			bench_unreachable(bench,
					  FAILOVER_REASON_ICMP); /* where there is a registration */
		bench_answer(bench, 200);			 /* REGISTER at the next one */
		bench_answer(bench, 200);			 /* INVITE there */
	}
	ck_assert_uint_eq(bench_state(bench).serving_index, 3);
	bench_clear(bench);
	ck_assert_int_eq(unregister(bench), 0);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 3); /* 3, 0 and 1 */
	for (i = 0; i < 3; i++)
		bench_answer_to(bench, bench_attempt_number(bench, i)->id, 200);
	put_targets(bench, targets, 2);
	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 1, FAILOVER_REGISTER, 2, bench->now);
	bench_free(bench);
}
END_TEST

/* ---- what is forgotten -------------------------------------------------------------------- */

/* The connection was lost while the outputs were full. Then the user unregisters, or registers:
 * either way there is nothing left to tell. */
START_TEST(B15a_loss_is_forgotten_with_the_registration)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target target = bench_target(0, 0);
	struct failover_answer ringing = { .size = sizeof(ringing), .status = 183 };
	struct bench *bench = bench_one(&settings, "0");
	unsigned i;

	bench_register(bench);
	bench_submit(bench, FAILOVER_OTHER);
	for (i = 0; i < 1000; i++)
		failover_response(bench->engine, bench_attempt(bench)->id, &ringing, bench->now);
	failover_lost(bench->engine, bench->line, &target, bench->now);
	bench_clear(bench);
	if (_i)
		start_register(bench);
	else
		ck_assert_int_eq(unregister(bench), 0);
	bench_answer(bench, 200);
	bench_until(bench, bench->now + 1000);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_CONNECTION_LOST), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B15a_no_keepalive_after_a_refusal)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	settings.reg_fail_interval_s = 3000;
	bench = bench_one(&settings, "0");
	bench_register(bench);
	bench_until(bench, 3000);
	start_register(bench);
	bench_answer(bench, 403);
	bench_clear(bench);
	bench_until(bench, 100000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_free(bench);
}
END_TEST

/* ---- ends of time ------------------------------------------------------------------------- */

/* The first leg could not leave, the second answers 482 in the same moment: all of the first one's
 * time is left to wait. */
START_TEST(B7b_482_at_once_waits_for_the_whole_time)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 482);
	bench_until(bench, 100000);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->at, 33000);
	bench_free(bench);
}
END_TEST

/* One millisecond is left of the 32 s when trying_timeout ends: it counts. */
START_TEST(B4a_trying_timeout_may_end_just_before_64_T1)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.trying_timeout_s = 31;
	bench = bench_one(&settings, "00");
	start_register(bench);
	bench->now += 999;
	bench_answer(bench, 100);
	bench_until(bench, 1000 + 31999);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 1000 + 31999);
	bench_free(bench);
}
END_TEST

/* B24b: the removals at three registrars are three requests, and each has its result. */
START_TEST(B18_each_of_three_removals_ends)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	unsigned serving, i;

	for (serving = 0; serving < 3; serving++) {
		failover_register(bench->engine, bench->line, bench->now);
		bench_drain(bench);
		for (i = 0; i < serving; i++)
			bench_answer(bench, 503);
		bench_answer(bench, 200);
	}
	bench_clear(bench);
	failover_unregister(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 3);
	for (i = 0; i < 3; i++)
		bench_answer_to(bench, bench_attempt_number(bench, i)->id, 200);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 3);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("removal");
	TCase *tcase = tcase_create("removal");

	tcase_add_test(tcase, B18_each_of_three_removals_ends);
	tcase_add_test(tcase, B18_unregistering_ends_all_that_the_line_does_by_itself);
	tcase_add_loop_test(tcase, B18_unregistering_waits_until_the_results_are_taken, 0, 3);
	tcase_add_test(tcase, B18_unregistering_removes_the_binding_at_the_primary_too);
	tcase_add_test(tcase, B1b_binding_is_removed_through_a_proxy_that_is_there);
	tcase_add_test(tcase, B5a_binding_that_was_left_is_no_registration);
	tcase_add_loop_test(tcase, B15a_loss_is_forgotten_with_the_registration, 0, 2);
	tcase_add_test(tcase, B15a_no_keepalive_after_a_refusal);
	tcase_add_test(tcase, B7b_482_at_once_waits_for_the_whole_time);
	tcase_add_test(tcase, B4a_trying_timeout_may_end_just_before_64_T1);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
