/* SPDX-License-Identifier: MIT */
/* core_request_test.c - the walk of a request over the targets: B3 to B6. */
#include "bench.h"

START_TEST(B3a_three_transmissions_then_the_next_target_at_3500_ms)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_until(bench, 10000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 1000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 4500);
	ck_assert_uint_eq(
		bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 0)->out.u.attempt.transmissions, 3);
	ck_assert_uint_eq(
		bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 1)->out.u.attempt.transmissions, 0);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->at, 4500);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_UNAVAILABLE, 0)->out.u.event.elapsed_ms,
			  3500);
	bench_free(bench);
}
END_TEST

START_TEST(B3a_first_free_counts_retransmissions)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_retry_first_free = 1;
	bench = bench_one(&settings, "01");
	failover_register(bench->engine, bench->line, bench->now);
	bench_until(bench, 9000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 1000 + 500 + 1000 + 2000 + 4000);
	ck_assert_uint_eq(
		bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 0)->out.u.attempt.transmissions, 4);
	bench_free(bench);
}
END_TEST

/* Non-INVITE intervals stop growing at T2, INVITE intervals do not; nothing passes 64*T1. */
START_TEST(B3b_budget_is_the_sum_of_the_intervals)
{
	static const struct {
		uint32_t method, counts, expected;
	} rows[] = {
		{ FAILOVER_REGISTER, 1, 500 },	 { FAILOVER_REGISTER, 5, 11500 },
		{ FAILOVER_REGISTER, 6, 15500 }, { FAILOVER_REGISTER, 20, 32000 },
		{ FAILOVER_INVITE, 5, 15500 },	 { FAILOVER_INVITE, 6, 31500 },
		{ FAILOVER_INVITE, 7, 32000 },
	};
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct failover_line_settings settings = bench_settings();
		struct bench *bench;

		settings.signal_retry_counts = rows[i].counts;
		bench = bench_one(&settings, "00");
		if (rows[i].method == FAILOVER_REGISTER)
			failover_register(bench->engine, bench->line, bench->now);
		else
			bench_submit(bench, rows[i].method);
		bench_drain(bench);
		ck_assert_uint_eq(bench_attempt(bench)->budget_ms, rows[i].expected);
		bench_until(bench, 1000 + rows[i].expected - 1);
		ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
		bench_until(bench, 1000 + rows[i].expected);
		ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
		bench_free(bench);
	}
}
END_TEST

START_TEST(B3c_same_budget_on_TCP_without_a_count)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 0) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = settings };

	targets[0].transport = FAILOVER_TCP;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &bench->line), 0);
	failover_register(bench->engine, bench->line, bench->now);
	bench_until(bench, 4500);
	ck_assert_uint_eq(
		bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 0)->out.u.attempt.transmissions, 0);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 4500);
	bench_free(bench);
}
END_TEST

START_TEST(B3d_V2_waits_a_time)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.profile = FAILOVER_PROFILE_V2;
	bench = bench_one(&settings, "01");
	failover_register(bench->engine, bench->line, bench->now);
	bench_until(bench, 5000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 5000);
	bench_free(bench);
}
END_TEST

START_TEST(B3e_one_target_is_the_last_at_once)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");

	failover_register(bench->engine, bench->line, bench->now);
	bench_until(bench, 32999);
	ck_assert(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_LAST);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_until(bench, 33000);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.outcome,
			  FAILOVER_OUTCOME_FAILED);
	bench_free(bench);
}
END_TEST

START_TEST(B3f_what_is_known_at_once_ends_the_last_attempt_at_once)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_REFUSED);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->at, 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B4_only_listed_causes_move_a_line)
{
	static const uint32_t stays[] = { 300, 401, 403, 404, 407, 423, 486, 501, 505, 600, 603 };
	static const uint32_t goes[] = { 301, 302, 305, 408, 500, 502, 503, 504 };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	unsigned i;

	for (i = 0; i < sizeof(stays) / sizeof(stays[0]); i++) {
		bench = bench_one(&settings, "01");
		failover_register(bench->engine, bench->line, bench->now);
		bench_drain(bench);
		bench_answer(bench, stays[i]);
		ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
		ck_assert_uint_eq(
			bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.status,
			stays[i]);
		bench_free(bench);
	}
	for (i = 0; i < sizeof(goes) / sizeof(goes[0]); i++) {
		bench = bench_one(&settings, "01");
		failover_register(bench->engine, bench->line, bench->now);
		bench_drain(bench);
		bench_answer(bench, goes[i]);
		bench_expect(bench, 1, FAILOVER_REGISTER, 1, 1000);
		bench_free(bench);
	}
}
END_TEST

START_TEST(B4_unavailable_codes_are_configurable)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	ck_assert_int_eq(failover_code_set(&settings, 403), 0);
	ck_assert_int_eq(failover_code_set(&settings, 299), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_code_set(&settings, 700), FAILOVER_ERR_ARGUMENT);
	bench = bench_one(&settings, "01");
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 403);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B22_REGISTER_goes_on_64_T1_after_its_start_with_only_100)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 100);
	bench_until(bench, 32999);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_until(bench, 33000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 33000);
	bench_free(bench);
}
END_TEST

START_TEST(B4a_INVITE_with_provisional_waits_for_the_user)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback = 0;
	bench = bench_one(&settings, "00");
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 180);
	bench_until(bench, 3600000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B4a_trying_timeout_counts_only_100)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.trying_timeout_s = 5;
	bench = bench_one(&settings, "00");
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, 1200);
	bench_answer(bench, 100);
	bench_until(bench, 4000);
	bench_answer(bench, 100); /* a repeated 100 extends nothing */
	bench_until(bench, 6200);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, 6200);
	bench_answer(bench, 100);
	bench_answer(bench, 180);
	bench_until(bench, 100000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B4b_a_challenge_starts_the_budget_again_on_the_same_target)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer challenge = { .size = sizeof(challenge),
					     .status = 401,
					     .retrying = 1 };
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_until(bench, 4000);
	failover_response(bench->engine, bench_attempt(bench)->id, &challenge, bench->now);
	bench_until(bench, 7499);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_until(bench, 7500);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 7500);
	bench_free(bench);
}
END_TEST

START_TEST(B4b_endless_challenges_are_stopped)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer challenge = { .size = sizeof(challenge),
					     .status = 401,
					     .retrying = 1 };
	struct bench *bench = bench_one(&settings, "01");
	uint32_t verdict = FAILOVER_VERDICT_KEEP;
	unsigned n = 0;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	while (verdict == FAILOVER_VERDICT_KEEP && n++ < 100)
		verdict = failover_response(bench->engine, bench_attempt(bench)->id, &challenge,
					    bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(verdict, FAILOVER_VERDICT_STOP);
	ck_assert_uint_lt(n, 12);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.status, 401);
	bench_free(bench);
}
END_TEST

START_TEST(B4d_dead_address_is_not_tried_under_another_registrar)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	/* two servers behind the same two proxies */
	struct failover_target targets[4] = { bench_target(0, 0), bench_target(1, 0),
					      bench_target(0, 1), bench_target(1, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 4,
					       .targets = targets,
					       .settings = settings };

	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &bench->line), 0);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 503);
	bench_expect(bench, 2, FAILOVER_REGISTER, 1, 1000);
	ck_assert_uint_eq(bench_attempt(bench)->target.registrar, 1);
	ck_assert(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_LAST);
	bench_free(bench);
}
END_TEST

START_TEST(B5_server_move_of_INVITE_registers_first)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, 4500);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, 1000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 4500);
	bench_answer(bench, 200);
	bench_expect(bench, 2, FAILOVER_INVITE, 1, 4500);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 2)->out.u.attempt.request,
			  bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 0)->out.u.attempt.request);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B5_proxy_move_of_INVITE_goes_straight)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, 4500);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, 4500);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVED), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B5a_live_registration_needs_no_second_REGISTER)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback = 0;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_register(bench); /* now both registrars hold one */
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B5b_OPTIONS_fails_alone_and_starts_a_REGISTER)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	bench_submit(bench, FAILOVER_OPTIONS);
	bench_until(bench, 4500);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0, 1000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 0, 4500);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.outcome,
			  FAILOVER_OUTCOME_FAILED);
	bench_until(bench, 8000);
	bench_expect(bench, 2, FAILOVER_REGISTER, 1, 8000);
	bench_free(bench);
}
END_TEST

START_TEST(B5_other_methods_are_not_failed_over)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	bench_submit(bench, FAILOVER_OTHER);
	bench_answer(bench, 503);
	bench_until(bench, 60000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B6_each_target_once_then_failure_with_every_reason)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");
	const struct failover_result *result;

	failover_register(bench->engine, bench->line, bench->now);
	bench_until(bench, 4500);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 503);
	result = &bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result;
	ck_assert_uint_eq(result->outcome, FAILOVER_OUTCOME_FAILED);
	ck_assert_uint_eq(result->reports_count, 3);
	ck_assert_uint_eq(result->reports[0].reason, FAILOVER_REASON_NO_ANSWER);
	ck_assert_uint_eq(result->reports[1].reason, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(result->reports[2].reason, FAILOVER_REASON_STATUS);
	ck_assert_uint_eq(result->reports[2].status, 503);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 3);
	bench_free(bench);
}
END_TEST

START_TEST(B6_starts_at_serving_then_in_priority_order)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");

	bench_register_at(bench, 1);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 0, FAILOVER_INVITE, 1, 1000);
	bench_expect(bench, 1, FAILOVER_INVITE, 0, 1000);
	bench_expect(bench, 2, FAILOVER_INVITE, 2, 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B6a_line_moved_meanwhile_so_the_next_target_is_serving)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");
	uint64_t invite;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	invite = bench_attempt(bench)->id;
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 503);
	bench_answer(bench, 200); /* REGISTER: the line serves at 2 */
	bench_answer_to(bench, invite, 503);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 2);
	bench_free(bench);
}
END_TEST

START_TEST(B6b_requests_share_one_REGISTER)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t first, second;

	bench_register(bench);
	first = bench_submit(bench, FAILOVER_INVITE);
	second = bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, 4500);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 3);
	bench_expect(bench, 2, FAILOVER_REGISTER, 1, 4500);
	bench_answer(bench, 200);
	bench_expect(bench, 3, FAILOVER_INVITE, 1, 4500);
	bench_expect(bench, 4, FAILOVER_INVITE, 1, 4500);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 3)->out.u.attempt.request,
			  first);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 4)->out.u.attempt.request,
			  second);
	bench_free(bench);
}
END_TEST

START_TEST(B6b_REGISTER_refused_there_fails_the_waiting_request_with_the_reason)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	const struct bench_output *output;
	uint64_t invite;

	bench_register(bench);
	invite = bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	bench_answer(bench, 403); /* the REGISTER at the backup */
	output = bench_output(bench, FAILOVER_OUTPUT_RESULT, 1);
	ck_assert_ptr_nonnull(output);
	ck_assert_uint_eq(output->out.u.result.request, invite);
	ck_assert_uint_eq(output->out.u.result.outcome, FAILOVER_OUTCOME_FAILED);
	ck_assert_uint_eq(output->out.u.result.reports_count, 2);
	ck_assert_uint_eq(output->out.u.result.reports[1].status, 403);
	ck_assert_uint_eq(output->out.u.result.reports[1].reason, FAILOVER_REASON_STATUS);
	bench_free(bench);
}
END_TEST

START_TEST(B6c_giving_up_stops_the_walk)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t request = bench_submit(bench, FAILOVER_INVITE);

	ck_assert_int_eq(failover_give_up(bench->engine, request, bench->now), 0);
	bench_until(bench, 60000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.reason,
			  FAILOVER_ABANDON_GIVEN_UP);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.outcome,
			  FAILOVER_OUTCOME_GIVEN_UP);
	ck_assert_int_eq(failover_give_up(bench->engine, request, bench->now), FAILOVER_ERR_STALE);
	bench_free(bench);
}
END_TEST

START_TEST(B6c_giving_up_while_the_REGISTER_runs_leaves_the_REGISTER)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t request;

	bench_register(bench);
	request = bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	failover_give_up(bench->engine, request, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B5b_giving_up_after_a_provisional_sends_CANCEL_to_the_same_target)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t request, invite;

	bench_register(bench);
	request = bench_submit(bench, FAILOVER_INVITE);
	invite = bench_attempt(bench)->id;
	bench_answer(bench, 180);
	failover_give_up(bench->engine, request, bench->now);
	bench_drain(bench);
	bench_expect(bench, 1, FAILOVER_CANCEL, 0, 1000);
	ck_assert_uint_eq(bench_attempt(bench)->related, invite);
	ck_assert_uint_eq(bench_attempt(bench)->cookie, 77);
	bench_until(bench, 4500); /* the CANCEL is not answered: a REGISTER finds out */
	bench_expect(bench, 2, FAILOVER_REGISTER, 0, 4500);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_request");
	TCase *tcase = tcase_create("request");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B3a_three_transmissions_then_the_next_target_at_3500_ms);
	tcase_add_test(tcase, B3a_first_free_counts_retransmissions);
	tcase_add_test(tcase, B3b_budget_is_the_sum_of_the_intervals);
	tcase_add_test(tcase, B3c_same_budget_on_TCP_without_a_count);
	bench_add_v2(tcase, B3d_V2_waits_a_time);
	tcase_add_test(tcase, B3e_one_target_is_the_last_at_once);
	tcase_add_test(tcase, B3f_what_is_known_at_once_ends_the_last_attempt_at_once);
	tcase_add_test(tcase, B4_only_listed_causes_move_a_line);
	tcase_add_test(tcase, B4_unavailable_codes_are_configurable);
	tcase_add_test(tcase, B22_REGISTER_goes_on_64_T1_after_its_start_with_only_100);
	tcase_add_test(tcase, B4a_INVITE_with_provisional_waits_for_the_user);
	tcase_add_test(tcase, B4a_trying_timeout_counts_only_100);
	tcase_add_test(tcase, B4b_a_challenge_starts_the_budget_again_on_the_same_target);
	tcase_add_test(tcase, B4b_endless_challenges_are_stopped);
	tcase_add_test(tcase, B4d_dead_address_is_not_tried_under_another_registrar);
	tcase_add_test(tcase, B5_server_move_of_INVITE_registers_first);
	tcase_add_test(tcase, B5_proxy_move_of_INVITE_goes_straight);
	tcase_add_test(tcase, B5a_live_registration_needs_no_second_REGISTER);
	tcase_add_test(tcase, B5b_OPTIONS_fails_alone_and_starts_a_REGISTER);
	tcase_add_test(tcase, B5_other_methods_are_not_failed_over);
	tcase_add_test(tcase, B6_each_target_once_then_failure_with_every_reason);
	tcase_add_test(tcase, B6_starts_at_serving_then_in_priority_order);
	tcase_add_test(tcase, B6a_line_moved_meanwhile_so_the_next_target_is_serving);
	tcase_add_test(tcase, B6b_requests_share_one_REGISTER);
	tcase_add_test(tcase, B6b_REGISTER_refused_there_fails_the_waiting_request_with_the_reason);
	tcase_add_test(tcase, B6c_giving_up_stops_the_walk);
	tcase_add_test(tcase, B6c_giving_up_while_the_REGISTER_runs_leaves_the_REGISTER);
	tcase_add_test(tcase, B5b_giving_up_after_a_provisional_sends_CANCEL_to_the_same_target);
	return bench_main(suite);
}
