/* SPDX-License-Identifier: MIT */
/* core_challenge_test.c - a challenge of which the stack says later whether it answers it (B4b). */
#include "bench.h"

/* A REGISTER at the first of two targets, challenged; nothing is decided. */
static uint64_t challenge(struct bench *bench, uint32_t status)
{
	const struct failover_answer answer = { .size = sizeof(answer),
						.status = status,
						.retrying = FAILOVER_RETRYING_LATER };
	uint64_t attempt;

	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	attempt = bench_attempt(bench)->id;
	ck_assert_uint_eq(failover_response(bench->engine, attempt, &answer, bench->now),
			  FAILOVER_VERDICT_KEEP);
	bench_drain(bench);
	return attempt;
}

static struct bench *bench_two(void)
{
	struct failover_line_settings settings = bench_settings();

	return bench_one(&settings, "01");
}

static void say(struct bench *bench, uint64_t attempt, uint32_t retrying)
{
	failover_retrying(bench->engine, attempt, retrying, bench->now);
	bench_until(bench, bench->now);
}

static uint64_t stale_of(const struct bench *bench)
{
	struct failover_statistics statistics = { .size = sizeof(statistics) };

	failover_engine_statistics(bench->engine, &statistics);
	return statistics.stale;
}

static const struct failover_result *last_result(const struct bench *bench)
{
	unsigned count = bench_count(bench, FAILOVER_OUTPUT_RESULT);

	ck_assert_uint_gt(count, 0);
	return &bench_output(bench, FAILOVER_OUTPUT_RESULT, count - 1)->out.u.result;
}

START_TEST(B4b_a_challenge_that_is_answered_later_goes_on_with_a_new_budget)
{
	struct bench *bench = bench_two();
	uint64_t attempt = challenge(bench, 401);

	bench_until(bench, bench->now + 3000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	say(bench, attempt, FAILOVER_RETRYING_YES);
	bench_until(bench, bench->now + 3499);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1); /* still there */
	bench_answer_to(bench, attempt, 200);
	bench_drain(bench);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	ck_assert_uint_eq(stale_of(bench), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B4b_after_that_silence_is_silence)
{
	struct bench *bench = bench_two();
	uint64_t attempt = challenge(bench, 407);

	say(bench, attempt, FAILOVER_RETRYING_YES);
	bench_until(bench, bench->now + 3500);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_UNAVAILABLE, 0)->out.u.event.reason,
			  FAILOVER_REASON_NO_ANSWER);
	bench_free(bench);
}
END_TEST

START_TEST(B4b_a_challenge_that_nobody_answers_is_the_answer)
{
	static const uint32_t statuses[] = { 401, 407, 423 };
	struct bench *bench = bench_two();
	uint64_t attempt = challenge(bench, statuses[_i]);

	say(bench, attempt, FAILOVER_RETRYING_NO);
	ck_assert_uint_eq(last_result(bench)->outcome, FAILOVER_OUTCOME_ANSWERED);
	ck_assert_uint_eq(last_result(bench)->status, statuses[_i]);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNAVAILABLE), 0);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_RESPONSE), 1);
	bench_free(bench);
}
END_TEST

/* The server has answered, so it is not silent. */
START_TEST(B4b_a_challenge_of_which_nothing_is_said_is_the_answer_in_the_end)
{
	struct bench *bench = bench_two();

	challenge(bench, 401);
	bench_until(bench, bench->now + 3499);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_until(bench, bench->now + 1);
	ck_assert_uint_eq(last_result(bench)->status, 401);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNAVAILABLE), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B4b_a_further_response_says_that_it_was_answered)
{
	static const uint32_t statuses[] = { 100, 403 };
	struct bench *bench = bench_two();
	uint64_t attempt = challenge(bench, 401);

	bench_answer_to(bench, attempt, statuses[_i]);
	bench_drain(bench);
	say(bench, attempt, FAILOVER_RETRYING_NO); /* too late */
	ck_assert_uint_eq(stale_of(bench), 1);
	if (statuses[_i] == 403)
		ck_assert_uint_eq(last_result(bench)->status, 403);
	else
		ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B4b_the_connection_may_end_before_it_is_decided)
{
	struct bench *bench = bench_two();
	uint64_t attempt = challenge(bench, 401);

	failover_unreachable(bench->engine, attempt, FAILOVER_REASON_RESET, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	say(bench, attempt, FAILOVER_RETRYING_NO);
	ck_assert_uint_eq(stale_of(bench), 1);
	bench_until(bench, bench->now + 32000); /* the second one is silent */
	ck_assert_uint_eq(last_result(bench)->outcome, FAILOVER_OUTCOME_FAILED);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNAVAILABLE), 2);
	bench_free(bench);
}
END_TEST

START_TEST(B7c_what_is_said_of_no_challenge_changes_nothing)
{
	struct bench *bench = bench_two();
	const struct failover_answer answer = { .size = sizeof(answer),
						.status = 401,
						.retrying = FAILOVER_RETRYING_YES };
	uint64_t attempt;

	say(bench, 0x123456789ull, FAILOVER_RETRYING_YES);
	ck_assert_uint_eq(stale_of(bench), 1);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	attempt = bench_attempt(bench)->id;
	say(bench, attempt, FAILOVER_RETRYING_NO); /* nothing has come */
	ck_assert_uint_eq(stale_of(bench), 2);
	failover_response(bench->engine, attempt, &answer, bench->now);
	say(bench, attempt, FAILOVER_RETRYING_NO); /* it was said */
	ck_assert_uint_eq(stale_of(bench), 3);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_free(bench);
}
END_TEST

/* B7a: an INVITE that was left behind is current no more, though its request goes on. */
START_TEST(B7c_a_late_leg_has_nothing_to_decide)
{
	struct bench *bench = bench_two();
	uint64_t attempt;

	bench_submit(bench, FAILOVER_INVITE);
	attempt = bench_attempt(bench)->id;
	bench_until(bench, bench->now + 3500);
	ck_assert_uint_gt(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	say(bench, attempt, FAILOVER_RETRYING_NO);
	ck_assert_uint_eq(stale_of(bench), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B4b_eight_challenges_of_an_attempt_may_be_decided_later)
{
	const struct failover_answer answer = { .size = sizeof(answer),
						.status = 401,
						.retrying = FAILOVER_RETRYING_LATER };
	struct bench *bench = bench_two();
	uint64_t attempt = challenge(bench, 401);
	unsigned i;

	for (i = 1; i < 8; i++) {
		say(bench, attempt, FAILOVER_RETRYING_YES);
		ck_assert_uint_eq(failover_response(bench->engine, attempt, &answer, bench->now),
				  FAILOVER_VERDICT_KEEP);
	}
	ck_assert_uint_eq(failover_response(bench->engine, attempt, &answer, bench->now),
			  FAILOVER_VERDICT_STOP);
	bench_drain(bench);
	ck_assert_uint_eq(last_result(bench)->status, 401);
	bench_free(bench);
}
END_TEST

START_TEST(B4b_retry_after_of_the_challenge_counts)
{
	const struct failover_answer answer = { .size = sizeof(answer),
						.status = 401,
						.retrying = FAILOVER_RETRYING_LATER,
						.retry_after_s = 77 };
	struct failover_target_health health[2];
	struct bench *bench = bench_two();
	uint64_t attempt;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	attempt = bench_attempt(bench)->id;
	failover_response(bench->engine, attempt, &answer, bench->now);
	say(bench, attempt, FAILOVER_RETRYING_NO);
	ck_assert_int_eq(failover_line_health(bench->engine, bench->line, health, 2), 2);
	ck_assert_uint_eq(health[0].until, bench->now + 77000);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_challenge");
	TCase *tcase = tcase_create("challenge");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B4b_a_challenge_that_is_answered_later_goes_on_with_a_new_budget);
	tcase_add_test(tcase, B4b_after_that_silence_is_silence);
	tcase_add_loop_test(tcase, B4b_a_challenge_that_nobody_answers_is_the_answer, 0, 3);
	tcase_add_test(tcase, B4b_a_challenge_of_which_nothing_is_said_is_the_answer_in_the_end);
	tcase_add_loop_test(tcase, B4b_a_further_response_says_that_it_was_answered, 0, 2);
	tcase_add_test(tcase, B4b_the_connection_may_end_before_it_is_decided);
	tcase_add_test(tcase, B7c_what_is_said_of_no_challenge_changes_nothing);
	tcase_add_test(tcase, B7c_a_late_leg_has_nothing_to_decide);
	tcase_add_test(tcase, B4b_eight_challenges_of_an_attempt_may_be_decided_later);
	tcase_add_test(tcase, B4b_retry_after_of_the_challenge_counts);
	return bench_main(suite);
}
