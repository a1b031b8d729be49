/* SPDX-License-Identifier: MIT */
/* core_answer_test.c - what an answer to a REGISTER says beside its status: times, credentials,
 * bindings. */
#include "bench.h"

static void start_register(struct bench *bench)
{
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
}

static void busy(struct bench *bench, uint32_t seconds)
{
	struct failover_answer busy = { .size = sizeof(busy), .status = 503 };

	busy.retry_after_s = seconds;
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	bench_drain(bench);
}

/* Both targets want to be left alone. The one whose time ends first is tried, and its 2xx says that
 * it is there again; the other one is left alone. */
START_TEST(B4c_any_2xx_ends_the_time_to_be_left_alone)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	start_register(bench);
	busy(bench, 60);
	busy(bench, 100);
	bench_register_anew(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 299);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, bench->now);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, bench->now); /* B22c: nobody else is left */
	bench_free(bench);
}
END_TEST

static void tell(struct bench *bench, uint32_t status, uint32_t flags)
{
	struct failover_answer answer = {
		.size = sizeof(answer), .status = status, .expires_s = 3600, .flags = flags
	};

	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	bench_drain(bench);
}

/* 0 s for our Contact: not registered there, in whatever way it is said. The next target is. */
START_TEST(B24_a_2xx_that_did_not_register_is_left)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback_interval_s = 40;
	bench = bench_one(&settings, "01");
	start_register(bench);
	tell(bench, 200, FAILOVER_ANSWER_UNBOUND);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, bench->now);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_until(bench, 41000); /* the probe */
	tell(bench, 200, FAILOVER_ANSWER_UNBOUND);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_PROBE_FAILED), 1);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

/* A removal is what it says; and the flags of other answers do not count. */
START_TEST(B24_flags_count_where_they_belong)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	start_register(bench);
	tell(bench, 200, FAILOVER_ANSWER_TAKEN_BEFORE);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	tell(bench, 200, FAILOVER_ANSWER_UNBOUND);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_clear(bench);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	tell(bench, 200, FAILOVER_ANSWER_UNBOUND);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 1);
	bench_free(bench);
}
END_TEST

/* Nobody takes the outputs when the answer comes: what the stack knew of it is kept. */
START_TEST(B22e_refused_credentials_that_were_taken_before_wait_with_their_response)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = 401,
					  .flags = FAILOVER_ANSWER_REJECTED };
	struct failover_answer trying = { .size = sizeof(trying), .status = 183 };
	struct bench *bench = bench_one(&settings, "01");
	uint64_t other, attempt;

	if (_i)
		answer.flags |= FAILOVER_ANSWER_TAKEN_BEFORE;
	bench_submit(bench, FAILOVER_OTHER);
	other = bench_attempt(bench)->id;
	start_register(bench);
	attempt = bench_attempt(bench)->id;
	do
		failover_response(bench->engine, other, &trying, bench->now);
	while (!bench_full(bench));
	failover_response(bench->engine, attempt, &answer, bench->now);
	bench_clear(bench);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), (unsigned)_i);
	bench_free(bench);
}
END_TEST

/* A REGISTER that met something else in between begins to back off anew. */
START_TEST(B22e_back_off_of_rejected_credentials_begins_anew)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	uint64_t before;
	unsigned i;

	start_register(bench);
	for (i = 0; i < 600; i++) {
		tell(bench, i == 300 ? 403 : i % 2 ? 407 : 401, FAILOVER_ANSWER_REJECTED);
		before = bench->now;
		if (i == 300)
			ck_assert_uint_le(bench_state(bench).next_register, before + 32000);
		if (i == 299 || i == 599)
			ck_assert_uint_ge(bench_state(bench).next_register, before + 600000);
		ck_assert_uint_le(bench_state(bench).next_register, before + 1200000);
		bench_until(bench, bench_state(bench).next_register);
		bench_clear(bench);
		start_register(bench);
	}
	bench_free(bench);
}
END_TEST

/* Net::SIP says 423 and no more. */
START_TEST(B22e_423_without_Min_Expires_asks_for_twice_the_time)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer answer = { .size = sizeof(answer), .status = 423, .retrying = 1 };
	struct bench *bench = bench_one(&settings, "0");
	unsigned i;

	start_register(bench);
	for (i = 0; i < 6; i++)
		failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	bench_drain(bench);
	bench_answer(bench, 403);
	bench_clear(bench);
	bench_until(bench, bench_state(bench).next_register);
	ck_assert_uint_eq(bench_attempt(bench)->expires_s, 86400);
	bench_free(bench);
}
END_TEST

START_TEST(B15_Min_Expires_counts_in_a_423_only)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = _i ? 423 : 403,
					  .min_expires_s = 7200 };
	struct bench *bench = bench_one(&settings, "0");

	start_register(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	bench_clear(bench);
	start_register(bench);
	ck_assert_uint_eq(bench_attempt(bench)->expires_s, _i ? 7200 : 3600);
	bench_free(bench);
}
END_TEST

/* B22b, B21a: a 2xx from elsewhere moves nothing, but no failback has failed either. */
START_TEST(B22b_a_2xx_from_elsewhere_is_no_failed_failback)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	settings.signal_failback_methods = FAILOVER_METHOD_BIT(FAILOVER_INVITE);
	settings.failback = 0;
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, bench->now);
	tell(bench, 200, FAILOVER_ANSWER_ELSEWHERE);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 1, FAILOVER_INVITE, 0, bench->now);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("answer");
	TCase *tcase = tcase_create("answer");

	tcase_add_test(tcase, B22b_a_2xx_from_elsewhere_is_no_failed_failback);
	tcase_add_test(tcase, B4c_any_2xx_ends_the_time_to_be_left_alone);
	tcase_add_test(tcase, B24_a_2xx_that_did_not_register_is_left);
	tcase_add_test(tcase, B24_flags_count_where_they_belong);
	tcase_add_loop_test(
		tcase, B22e_refused_credentials_that_were_taken_before_wait_with_their_response, 0,
		2);
	tcase_add_test(tcase, B22e_back_off_of_rejected_credentials_begins_anew);
	tcase_add_test(tcase, B22e_423_without_Min_Expires_asks_for_twice_the_time);
	tcase_add_loop_test(tcase, B15_Min_Expires_counts_in_a_423_only, 0, 2);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
