/* SPDX-License-Identifier: MIT */
/* core_tools_test.c - the queue's room and figures, the ends of the spread, and single rules. */
#include "bench.h"
#include "../../libfailover/core/core.h"

START_TEST(B19_queue_has_room_for_a_whole_step_or_none)
{
	struct fo_queue queue = { .size = 128, .count = 128 - 64, .step = 64 };

	ck_assert_int_eq(fo_queue_has_room(&queue), 1);
	queue.count++;
	ck_assert_int_eq(fo_queue_has_room(&queue), 0);
}
END_TEST

START_TEST(B19_most_outputs_that_ever_waited_are_counted)
{
	struct failover_output ring[4], output;
	struct fo_queue queue = { .ring = ring, .size = 4 };

	fo_queue_add(&queue, FAILOVER_OUTPUT_ABANDON);
	fo_queue_add(&queue, FAILOVER_OUTPUT_ABANDON);
	ck_assert_uint_eq(queue.most, 2);
	ck_assert_int_eq(fo_queue_pop(&queue, &output), 1);
	ck_assert_int_eq(fo_queue_pop(&queue, &output), 1);
	fo_queue_add(&queue, FAILOVER_OUTPUT_ABANDON);
	ck_assert_uint_eq(queue.most, 2);
}
END_TEST

/* It is never empty here: an empty one begins at its first place again. */
START_TEST(B19_queue_goes_round)
{
	static const enum failover_output_kind kinds[] = { FAILOVER_OUTPUT_ATTEMPT,
							   FAILOVER_OUTPUT_EVENT,
							   FAILOVER_OUTPUT_ABANDON };
	struct failover_output ring[4], output;
	struct fo_queue queue = { .ring = ring, .size = 4 };
	unsigned i;

	fo_queue_add(&queue, kinds[0]);
	for (i = 0; i < 9; i++) {
		fo_queue_add(&queue, kinds[(i + 1) % 3])->reason = i + 1;
		ck_assert_int_eq(fo_queue_pop(&queue, &output), 1);
		ck_assert_uint_eq(output.kind, kinds[i % 3]);
		ck_assert_uint_eq(output.reason, i);
	}
	ck_assert_int_eq(fo_queue_pop(&queue, &output), 1);
	ck_assert_int_eq(fo_queue_pop(&queue, &output), 0);
}
END_TEST

/* Jitter of 10 % is 10 %, neither less nor more. */
START_TEST(B14_spread_reaches_its_end)
{
	struct failover_engine engine = { .random = 0 };
	uint64_t seed = 0;

	do
		engine.random = ++seed;
	while (fo_random(&engine.random, 1000) != 1000);
	engine.random = seed;
	ck_assert_uint_eq(fo_random_spread(&engine.random, 10000, 10), 11000);
}
END_TEST

/* A request from any of the targets shows the other lines that it is alive (B4e). */
START_TEST(B4e_heard_from_any_target_in_the_list)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target target = bench_target((unsigned)_i, 0);
	struct failover_statistics statistics;
	struct bench *bench = bench_one(&settings, "000");

	bench_register_at(bench, _i == 2 ? 0 : 2);
	failover_heard(bench->engine, bench->line, &target, bench->now);
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_eq(statistics.stale, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B3_default_profile_is_named_by_the_build)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.profile = FAILOVER_PROFILE_DEFAULT;
	bench = bench_one(&settings, "0");
	ck_assert_ptr_eq(fo_find_line(bench->engine, bench->line)->settings->profile,
			 fo_policy_profile(failover_profile_default()));
	bench_free(bench);
}
END_TEST

static void keep_targets(struct bench *bench, const struct failover_target *targets, uint32_t count)
{
	ck_assert_int_eq(
		failover_line_targets(bench->engine, bench->line, targets, count, bench->now), 0);
}

/* The REGISTER was granted by a target that has gone: a success is no report of a failure. */
START_TEST(B6_success_at_a_target_that_has_gone_is_not_reported)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target left = bench_target(0, 0);
	struct bench *bench = bench_one(&settings, "01");
	const struct failover_result *result;
	uint64_t attempt;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 403);
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, bench->now + 3500);
	attempt = bench_attempt(bench)->id;
	keep_targets(bench, &left, 1);
	bench_clear(bench);
	bench_answer_to(bench, attempt, 299);
	result = &bench_output(bench, FAILOVER_OUTPUT_RESULT, 1)->out.u.result;
	ck_assert_uint_eq(result->method, FAILOVER_INVITE);
	ck_assert_uint_eq(result->reports_count, 1);
	bench_free(bench);
}
END_TEST

/* Neither leg is the call. Target 1 has answered, so its address is good for the other registrar.
 */
START_TEST(B7b_after_both_legs_the_address_is_tried_under_another_registrar)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[3] = { bench_target(0, 0), bench_target(1, 0),
					      bench_target(1, 1) };
	struct bench *bench = bench_one(&settings, "001");
	uint64_t late;

	keep_targets(bench, targets, 3);
	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	late = bench_attempt(bench)->id;
	bench_until(bench, bench->now + 3500);
	bench_answer(bench, 482);
	bench_clear(bench);
	ck_assert_uint_eq(bench_answer_to(bench, late, 503), FAILOVER_VERDICT_LATE);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	ck_assert_uint_eq(bench_attempt(bench)->target.registrar, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B7b_target_after_both_legs_has_its_budget)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0000");
	uint64_t late;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	late = bench_attempt(bench)->id;
	bench_until(bench, 4500);
	bench_answer(bench, 482);
	bench_clear(bench);
	bench_answer_to(bench, late, 503);
	bench_expect(bench, 0, FAILOVER_INVITE, 2, 4500);
	bench_until(bench, 8000);
	bench_expect(bench, 1, FAILOVER_INVITE, 3, 8000);
	bench_free(bench);
}
END_TEST

/* The leg that answered 482 is over while the call waits for the older one. */
START_TEST(B7c_answered_leg_is_over_while_the_call_waits)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t newer;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, 4500);
	newer = bench_attempt(bench)->id;
	bench_answer(bench, 482);
	ck_assert_uint_eq(bench_answer_to(bench, newer, 486), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B17_probe_has_no_time_in_a_changed_configuration)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = settings };
	struct bench *bench = bench_one(&settings, "01");

	bench_register_at(bench, 1);
	ck_assert_uint_ne(bench_state(bench).next_probe, UINT64_MAX);
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, bench->now), 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tools");
	TCase *tcase = tcase_create("tools");

	tcase_add_test(tcase, B19_queue_has_room_for_a_whole_step_or_none);
	tcase_add_test(tcase, B19_queue_goes_round);
	tcase_add_test(tcase, B19_most_outputs_that_ever_waited_are_counted);
	tcase_add_test(tcase, B14_spread_reaches_its_end);
	tcase_add_loop_test(tcase, B4e_heard_from_any_target_in_the_list, 0, 3);
	tcase_add_test(tcase, B3_default_profile_is_named_by_the_build);
	tcase_add_test(tcase, B6_success_at_a_target_that_has_gone_is_not_reported);
	tcase_add_test(tcase, B7b_after_both_legs_the_address_is_tried_under_another_registrar);
	tcase_add_test(tcase, B17_probe_has_no_time_in_a_changed_configuration);
	tcase_add_test(tcase, B7b_target_after_both_legs_has_its_budget);
	tcase_add_test(tcase, B7c_answered_leg_is_over_while_the_call_waits);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
