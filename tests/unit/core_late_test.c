/* SPDX-License-Identifier: MIT */
/* core_late_test.c - legs of a call that were left behind, and what an attempt leaves to the next
 * one (B4a, B7a, B7b). */
#include "bench.h"

static const struct failover_result *result_of(const struct bench *bench)
{
	const struct bench_output *output = bench_output(bench, FAILOVER_OUTPUT_RESULT, 0);

	ck_assert_msg(output != NULL, "there is no result");
	return &output->out.u.result;
}

static uint64_t next_leg(struct bench *bench)
{
	bench_until(bench, bench->now + 3500);
	return bench_attempt(bench)->id;
}

/* Which of the older legs is alive does not matter: here the second. */
START_TEST(B7b_482_waits_for_any_older_leg)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");
	uint64_t older;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	older = bench_attempt(bench)->id;
	next_leg(bench);
	bench_answer(bench, 482);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	ck_assert_uint_eq(bench_answer_to(bench, older, 200), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(result_of(bench)->status, 200);
	ck_assert_uint_eq(result_of(bench)->attempt, older);
	bench_free(bench);
}
END_TEST

/* Of two older legs one fails for good: the other one may still bring the call. */
START_TEST(B7b_482_waits_for_the_last_of_the_older_legs)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");
	uint64_t first, second;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	second = next_leg(bench);
	next_leg(bench);
	bench_answer(bench, 482);
	ck_assert_uint_eq(bench_answer_to(bench, first, 486), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	ck_assert_uint_eq(bench_answer_to(bench, second, 486), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(result_of(bench)->status, 486);
	ck_assert_uint_eq(result_of(bench)->attempt, second);
	bench_free(bench);
}
END_TEST

/* A place for attempts is used again by the next call. */
START_TEST(B7b_legs_of_an_earlier_call_do_not_count)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	next_leg(bench);
	next_leg(bench);
	bench_answer(bench, 486); /* two late legs are left, and this one moves the line */
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 482);
	ck_assert_uint_eq(result_of(bench)->status, 482);
	bench_free(bench);
}
END_TEST

/* The INVITE was abandoned after a 100: the stack cancels it at once, so it is no leg to wait for;
 * what crosses the CANCEL is still the call (B7b). */
START_TEST(B7b_cancelled_leg_is_not_waited_for_but_adopted)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t first;

	settings.trying_timeout_s = 2;
	bench = bench_one(&settings, "00");
	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	bench_answer(bench, 100);
	bench_until(bench, bench->now + 2000);
	ck_assert_uint_ne(bench_attempt(bench)->id, first);
	if (_i) {
		ck_assert_uint_eq(bench_answer_to(bench, first, 200), FAILOVER_VERDICT_KEEP);
		ck_assert_uint_eq(result_of(bench)->attempt, first);
	} else {
		bench_answer(bench, 482);
	}
	ck_assert_uint_eq(result_of(bench)->status, _i ? 200 : 482);
	bench_free(bench);
}
END_TEST

/* The call is up: nothing of the newer leg is due any more. */
START_TEST(B7b_adopted_call_leaves_no_deadline)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t first;

	settings.failback = 0;
	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	next_leg(bench);
	bench_answer_to(bench, first, 200);
	ck_assert_uint_ge(failover_next_deadline(bench->engine), 1800000);
	bench_free(bench);
}
END_TEST

/* Only 100 at the first target; the second one rings for ever: that is no reason to go on. */
START_TEST(B4a_trying_timeout_ends_with_its_attempt)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.trying_timeout_s = 2;
	bench = bench_one(&settings, "000");
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 100);
	bench_until(bench, 3000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 3000);
	bench_answer(bench, 180);
	bench_until(bench, 3000 + 32000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert_uint_eq(result_of(bench)->outcome, FAILOVER_OUTCOME_FAILED);
	bench_free(bench);
}
END_TEST

static const struct failover_event *event_of(const struct bench *bench, uint32_t kind)
{
	const struct bench_output *output = bench_event(bench, kind, 0);

	ck_assert_msg(output != NULL, "there is no event of kind %u", kind);
	return &output->out.u.event;
}

START_TEST(B20_unavailable_and_failed_say_whose_request_it_was)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "01");
	bench_register(bench);
	bench_until(bench, 31000);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0, 31000);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(event_of(bench, FAILOVER_EVENT_UNAVAILABLE)->flags,
			  FAILOVER_ATTEMPT_KEEPALIVE);
	ck_assert_uint_eq(event_of(bench, FAILOVER_EVENT_REQUEST_FAILED)->flags,
			  FAILOVER_ATTEMPT_KEEPALIVE);
	bench_free(bench);
}
END_TEST

/* The user gives up: there is nothing to report, whatever the request met. */
START_TEST(B6c_result_of_what_was_given_up_has_no_reports)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t call;

	bench_register(bench);
	call = bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	ck_assert_int_eq(failover_give_up(bench->engine, call, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(result_of(bench)->outcome, FAILOVER_OUTCOME_GIVEN_UP);
	ck_assert_uint_eq(result_of(bench)->reports_count, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B7b_wait_ends_with_the_time_of_the_older_leg)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE); /* at 1000 */
	next_leg(bench);
	bench->now += 2000;
	bench_answer(bench, 482);
	bench_until(bench, 100000);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->at, 33000);
	bench_free(bench);
}
END_TEST

/* Until it rings nobody knows whether the older leg lives; then it is the call, for as long as it
 * takes. */
static struct bench *ringing_older_leg(const char *registrars, uint32_t status, uint64_t *older)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, registrars);

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	*older = bench_attempt(bench)->id;
	next_leg(bench);
	bench_answer(bench, 482);
	bench->now += 1000;
	ck_assert_uint_eq(bench_answer_to(bench, *older, status), FAILOVER_VERDICT_KEEP);
	return bench;
}

START_TEST(B7b_older_leg_rings_as_long_as_it_rings)
{
	uint64_t older;
	struct bench *bench = ringing_older_leg("00", 180, &older);

	bench_until(bench, bench->now + 170000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	ck_assert_uint_eq(bench_answer_to(bench, older, 200), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(result_of(bench)->status, 200);
	ck_assert_uint_eq(result_of(bench)->attempt, older);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 1);
	bench_free(bench);
}
END_TEST

/* The callee's phone stops ringing, too: the CANCEL is that of the leg that rings. */
START_TEST(B6c_older_leg_that_rings_is_cancelled_with_the_call)
{
	uint64_t older;
	struct bench *bench = ringing_older_leg("00", 180, &older);

	ck_assert_int_eq(failover_give_up(bench->engine, older & ~UINT64_C(0xff), bench->now), 0);
	bench_drain(bench);
	bench_expect(bench, bench_count(bench, FAILOVER_OUTPUT_ATTEMPT) - 1, FAILOVER_CANCEL, 0,
		     bench->now);
	ck_assert_uint_eq(bench_attempt(bench)->related, older);
	ck_assert_uint_eq(result_of(bench)->outcome, FAILOVER_OUTCOME_GIVEN_UP);
	bench_free(bench);
}
END_TEST

/* It is no call after all: on to the target that is left, under a number of its own. */
START_TEST(B6_older_leg_that_rang_is_left_for_the_next_target)
{
	uint64_t older;
	struct bench *bench = ringing_older_leg("000", 183, &older);
	const struct failover_attempt *next;

	bench_clear(bench);
	bench_answer_to(bench, older, 503);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_expect(bench, 0, FAILOVER_INVITE, 2, bench->now);
	next = bench_attempt_number(bench, 0);
	ck_assert_uint_eq(next->ordinal, 3);
	bench_answer_to(bench, next->id, 200);
	ck_assert_uint_eq(result_of(bench)->status, 200);
	ck_assert_uint_eq(result_of(bench)->reports_count, 3);
	bench_free(bench);
}
END_TEST

/* 100 alone has 64*T1 from then on, and nobody else is left to ask: the call waits (B22a). */
START_TEST(B22a_older_leg_that_has_had_only_100_is_waited_for)
{
	uint64_t older;
	struct bench *bench = ringing_older_leg("00", 100, &older);

	bench_until(bench, bench->now + 100000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	ck_assert_uint_eq(bench_answer_to(bench, older, 486), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(result_of(bench)->status, 486);
	bench_free(bench);
}
END_TEST

/* What was cancelled before the 482 is not the call again. */
START_TEST(B7b_cancelled_leg_that_rings_again_is_not_taken_up)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");
	uint64_t first;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	next_leg(bench);
	bench_answer_to(bench, first, 180);
	next_leg(bench);
	bench_answer(bench, 482); /* waits for the second one */
	ck_assert_uint_eq(bench_answer_to(bench, first, 180), FAILOVER_VERDICT_LATE);
	bench_until(bench, bench->now + 60000);
	ck_assert_uint_eq(result_of(bench)->status, 482);
	bench_free(bench);
}
END_TEST

/* What is told of a late response is what its own attempt was. */
START_TEST(B20_late_response_is_told_as_that_of_its_attempt)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	const struct failover_event *event;
	uint64_t first;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	next_leg(bench);
	bench_clear(bench);
	bench_answer_to(bench, first, 180);
	event = event_of(bench, FAILOVER_EVENT_RESPONSE);
	ck_assert_uint_eq(event->attempt, first);
	ck_assert_uint_eq(event->status, 180);
	ck_assert_uint_eq(event->flags & FAILOVER_ATTEMPT_RESENT, 0);
	ck_assert_uint_eq(bench_number(&event->target), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B7b_adopted_call_is_no_failure_in_the_reports)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	const struct bench_output *output;
	uint64_t first;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	next_leg(bench);
	bench_answer_to(bench, first, 200);
	output = bench_output(bench, FAILOVER_OUTPUT_RESULT, 0);
	ck_assert_uint_eq(output->out.u.result.reports_count, 2);
	ck_assert_uint_eq(output->reports[0].status, 200);
	ck_assert_uint_eq(output->reports[0].reason, FAILOVER_REASON_NONE);
	bench_free(bench);
}
END_TEST

/* 32 s of nothing but 100 are the end anyway, so trying_timeout does not strike. */
START_TEST(B4a_trying_timeout_is_shorter_than_64_T1)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.trying_timeout_s = 32;
	bench = bench_one(&settings, "00");
	bench_register(bench);
	bench_submit(bench, FAILOVER_BYE);
	bench_answer(bench, 100);
	bench_until(bench, 60000);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->at, 33000);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNAVAILABLE), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B4a_more_than_100_ends_the_trying_timeout)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.trying_timeout_s = 2;
	bench = bench_one(&settings, "00");
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 100);
	bench_answer(bench, 199);
	bench_until(bench, 40000);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->at, 33000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_free(bench);
}
END_TEST

/* Five hours, in which no timer ran: 64*T1 count from the 100 all the same. */
START_TEST(B22a_100_that_comes_after_a_long_sleep_counts_from_then)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t woken;

	bench_submit(bench, FAILOVER_INVITE);
	woken = bench->now += 5 * 3600000;
	bench_answer(bench, 100);
	bench_until(bench, woken + 31999);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_until(bench, woken + 32000);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, woken + 32000);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("late");
	TCase *tcase = tcase_create("late");

	tcase_add_test(tcase, B7b_482_waits_for_any_older_leg);
	tcase_add_test(tcase, B7b_482_waits_for_the_last_of_the_older_legs);
	tcase_add_test(tcase, B7b_legs_of_an_earlier_call_do_not_count);
	tcase_add_loop_test(tcase, B7b_cancelled_leg_is_not_waited_for_but_adopted, 0, 2);
	tcase_add_test(tcase, B7b_adopted_call_leaves_no_deadline);
	tcase_add_test(tcase, B4a_trying_timeout_ends_with_its_attempt);
	tcase_add_test(tcase, B20_unavailable_and_failed_say_whose_request_it_was);
	tcase_add_test(tcase, B6c_result_of_what_was_given_up_has_no_reports);
	tcase_add_test(tcase, B7b_older_leg_rings_as_long_as_it_rings);
	tcase_add_test(tcase, B6c_older_leg_that_rings_is_cancelled_with_the_call);
	tcase_add_test(tcase, B6_older_leg_that_rang_is_left_for_the_next_target);
	tcase_add_test(tcase, B22a_older_leg_that_has_had_only_100_is_waited_for);
	tcase_add_test(tcase, B7b_cancelled_leg_that_rings_again_is_not_taken_up);
	tcase_add_test(tcase, B7b_wait_ends_with_the_time_of_the_older_leg);
	tcase_add_test(tcase, B20_late_response_is_told_as_that_of_its_attempt);
	tcase_add_test(tcase, B7b_adopted_call_is_no_failure_in_the_reports);
	tcase_add_test(tcase, B4a_trying_timeout_is_shorter_than_64_T1);
	tcase_add_test(tcase, B4a_more_than_100_ends_the_trying_timeout);
	tcase_add_test(tcase, B22a_100_that_comes_after_a_long_sleep_counts_from_then);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
