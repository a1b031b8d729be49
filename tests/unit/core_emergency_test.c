/* SPDX-License-Identifier: MIT */
/* core_emergency_test.c - the emergency call (B36): what the scenarios cannot do, such as full
 * outputs, numbers that come round, and memory that is not there. */
#include "bench.h"

#define START 1000u /* the time of a new bench */

static unsigned results(const struct bench *bench)
{
	return bench_count(bench, FAILOVER_OUTPUT_RESULT);
}

START_TEST(B36_the_flag_is_for_a_new_invite)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_target dialog = bench_target(0, 0);
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE,
						  .flags = FAILOVER_REQUEST_EMERGENCY };
	uint64_t request;

	params.dialog = &dialog;
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, 0, &request),
			 FAILOVER_ERR_ARGUMENT);
	params.dialog = NULL;
	params.method = FAILOVER_OPTIONS;
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, 0, &request),
			 FAILOVER_ERR_ARGUMENT);
	params.method = FAILOVER_INVITE;
	params.flags = 2;
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, 0, &request),
			 FAILOVER_ERR_ARGUMENT);
	bench_free(bench);
}
END_TEST

/* A program that does not know the setting has 0 there. */
START_TEST(B36a_zero_is_1000_ms)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.emergency_race_after_ms = 0;
	bench = bench_one(&settings, "01");
	bench_emergency(bench);
	ck_assert_uint_eq(bench_attempt(bench)->flags, FAILOVER_ATTEMPT_EMERGENCY);
	ck_assert_uint_eq(bench_attempt(bench)->budget_ms, 32000);
	ck_assert_uint_eq(bench_attempt(bench)->transmissions, 0);
	bench_until(bench, START + 999);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_until(bench, START + 1000);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, START + 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B36a_no_longer_than_its_transaction)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.t1_ms = 10;
	settings.emergency_race_after_ms = 5000;
	bench = bench_one(&settings, "01");
	bench_emergency(bench);
	bench_until(bench, START + 640);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, START + 640);
	bench_free(bench);
}
END_TEST

/* The outputs are full when a leg beside the current one answers. */
START_TEST(B36c_answered_while_outputs_are_full)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	struct failover_answer answer = { .size = sizeof(answer), .status = 200 };
	uint64_t first, second;

	bench_emergency(bench);
	first = bench_attempt(bench)->id;
	bench_until(bench, START + 1000);
	second = bench_attempt(bench)->id;
	bench_until(bench, START + 2000);
	bench_clear(bench);
	while (!bench_full(bench))
		failover_register(bench->engine, bench->line, bench->now);
	ck_assert_uint_eq(failover_response(bench->engine, first, &answer, bench->now),
			  FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(failover_response(bench->engine, second, &answer, bench->now),
			  FAILOVER_VERDICT_LATE);
	bench_drain(bench);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_state(bench).requests, 0);
	bench_free(bench);
}
END_TEST

/* Its answer is known, and the other legs are still to go: what they say is late. */
START_TEST(B36c_a_second_answer_is_late)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_answer answer = { .size = sizeof(answer), .status = 200 };
	uint64_t first;

	bench_emergency(bench);
	first = bench_attempt(bench)->id;
	bench_until(bench, START + 1000);
	ck_assert_uint_eq(
		failover_response(bench->engine, bench_attempt(bench)->id, &answer, START + 1001),
		FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(failover_response(bench->engine, first, &answer, START + 1001),
			  FAILOVER_VERDICT_LATE);
	bench_drain(bench);
	ck_assert_uint_eq(results(bench), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B36d_no_number_is_0_nor_twice)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	uint64_t before = 0;
	unsigned i;

	bench_emergency(bench);
	for (i = 0; i < 300; i++) {
		const struct failover_attempt *attempt = bench_attempt(bench);

		ck_assert_uint_ne(attempt->id & 0xff, 0);
		ck_assert_uint_ne(attempt->id, before);
		before = attempt->id;
		bench_answer(bench, 503);
		bench_clear(bench);
		bench_until(bench, bench->now + 1000);
	}
	bench_free(bench);
}
END_TEST

START_TEST(B36d_unreachable_beside_the_current_one)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t first;

	bench_emergency(bench);
	first = bench_attempt(bench)->id;
	bench_until(bench, START + 1000);
	bench_clear(bench);
	failover_unreachable(bench->engine, first, FAILOVER_REASON_ICMP, START + 1000);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.abandoned, first);
	bench_until(bench, START + 3000); /* the pause is over, and only that one is asked */
	bench_expect(bench, 0, FAILOVER_INVITE, 0, START + 3000);
	bench_free(bench);
}
END_TEST

/* B4b: a leg beside the current one may answer a challenge, and goes on for 64*T1 from then. */
START_TEST(B36c_challenged_beside_the_current_one)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_answer answer = { .size = sizeof(answer), .status = 407, .retrying = 1 };
	uint64_t first;
	unsigned i;

	bench_emergency(bench);
	first = bench_attempt(bench)->id;
	bench_until(bench, START + 1500);
	for (i = 0; i < 8; i++)
		ck_assert_uint_eq(failover_response(bench->engine, first, &answer, START + 1500),
				  FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(failover_response(bench->engine, first, &answer, START + 1500),
			  FAILOVER_VERDICT_LATE);
	bench_drain(bench);
	ck_assert_uint_eq(bench_state(bench).requests, 1);
	bench_free(bench);
}
END_TEST

/* 28 is the limit of a line: what is less gives way, and a BYE does not. */
START_TEST(B36f_a_lesser_request_gives_way)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	unsigned i;

	ck_assert_int_eq(failover_line_room(bench->engine, bench->line, 0, 0, 28), FAILOVER_OK);
	bench_register(bench);
	for (i = 0; i < 26; i++)
		bench_in_dialog(bench, FAILOVER_BYE, 0, 0);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 180);
	bench_submit(bench, FAILOVER_OPTIONS);
	bench_clear(bench);
	bench_emergency(bench);
	ck_assert_uint_eq(results(bench), 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.method,
			  FAILOVER_OPTIONS);
	bench_emergency(bench); /* the call that rings is cancelled by the stack */
	ck_assert_uint_eq(results(bench), 2);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 1)->out.u.result.method,
			  FAILOVER_INVITE);
	bench_free(bench);
}
END_TEST

START_TEST(B36f_there_is_a_limit)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE,
						  .flags = FAILOVER_REQUEST_EMERGENCY };
	uint64_t request;
	unsigned i;

	for (i = 0; i < FAILOVER_LIMIT_REQUESTS; i++)
		bench_emergency(bench);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, 0, &request),
			 FAILOVER_ERR_LIMIT);
	bench_free(bench);
}
END_TEST

/* A line that is removed leaves no leg at work. */
START_TEST(B36c_the_line_is_removed)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");

	bench_emergency(bench);
	bench_until(bench, START + 2500);
	bench_clear(bench);
	ck_assert_int_eq(failover_line_remove(bench->engine, bench->line, START + 2500),
			 FAILOVER_OK);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 3);
	ck_assert_uint_eq(results(bench), 1);
	bench_free(bench);
}
END_TEST

/* B36a: 100 once more is no sign either. */
START_TEST(B36a_trying_again_is_no_sign)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_emergency(bench);
	bench_answer(bench, 100);
	bench_until(bench, START + 900);
	bench_answer(bench, 100);
	bench_until(bench, START + 1000);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, START + 1000);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_emergency");
	TCase *tcase = tcase_create("emergency");

	tcase_add_test(tcase, B36_the_flag_is_for_a_new_invite);
	tcase_add_test(tcase, B36a_zero_is_1000_ms);
	tcase_add_test(tcase, B36a_no_longer_than_its_transaction);
	tcase_add_test(tcase, B36c_answered_while_outputs_are_full);
	tcase_add_test(tcase, B36c_a_second_answer_is_late);
	tcase_add_test(tcase, B36d_no_number_is_0_nor_twice);
	tcase_add_test(tcase, B36d_unreachable_beside_the_current_one);
	tcase_add_test(tcase, B36c_challenged_beside_the_current_one);
	tcase_add_test(tcase, B36f_a_lesser_request_gives_way);
	tcase_add_test(tcase, B36f_there_is_a_limit);
	tcase_add_test(tcase, B36c_the_line_is_removed);
	tcase_add_test(tcase, B36a_trying_again_is_no_sign);
	suite_add_tcase(suite, tcase);
	return bench_main_any(suite);
}
