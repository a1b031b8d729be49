/* SPDX-License-Identifier: MIT */
/* core_explored_test.c - interleavings that the exploration has found, one test each. */
#include <string.h>
#include "bench.h"

static uint64_t give_up_time(const struct bench *bench)
{
	return bench->now + 3500;
}

/* The last attempt, a REGISTER, is granted this time. */
static void grant(struct bench *bench, uint32_t seconds)
{
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = 200,
					  .expires_s = seconds };

	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	bench_drain(bench);
}

/* A refresh at the backup is under way when the primary's late 2xx brings the line back up there:
 * the refresh is out of date, and the line has to register in time where it is now. */
START_TEST(B15_line_that_moved_during_its_refresh_registers_again)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t late, refresh, primary_until;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	grant(bench, 40);
	primary_until = bench_state(bench).registered_until;
	bench_submit(bench, FAILOVER_INVITE);
	late = bench_attempt(bench)->id;
	bench_until(bench, give_up_time(bench));
	grant(bench, 20); /* the REGISTER at the backup */
	bench_drain(bench);
	bench_answer(bench, 180); /* the INVITE there */
	bench_until(bench, bench_state(bench).next_register);
	refresh = bench_attempt(bench)->id;
	ck_assert_uint_eq(bench_answer_to(bench, late, 200), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_clear(bench);
	bench_answer_to(bench, refresh, 200);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	ck_assert_uint_lt(bench_state(bench).next_register, primary_until);
	bench_until(bench, bench_state(bench).next_register);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
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
	bench_clear(bench);
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer_to(bench, removal, 200); /* too late: it was given up (B23e) */
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 0);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 200);
	bench_expect(bench, 1, FAILOVER_INVITE, 0, bench->now);
	bench_free(bench);
}
END_TEST

static void keep_targets(struct bench *bench, unsigned from, unsigned count)
{
	struct failover_target targets[2] = { bench_target(from, (uint8_t)from),
					      bench_target(from + 1, (uint8_t)(from + 1)) };

	ck_assert_int_eq(
		failover_line_targets(bench->engine, bench->line, targets, count, bench->now), 0);
	bench_drain(bench);
}

/* The backup leaves the DNS while it is asked: its 200 moves nothing, the line asks who is left. */
START_TEST(B1b_a_target_that_has_gone_does_not_get_the_line)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_until(bench, give_up_time(bench));
	keep_targets(bench, 0, 1);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVED), 0);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_clear(bench);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_free(bench);
}
END_TEST

/* What a probe looks for is no longer above the serving target: it is given up. */
START_TEST(B11_probe_ends_when_its_target_goes)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t probe;

	bench_register_at(bench, 1);
	bench_until(bench, bench_state(bench).next_probe);
	ck_assert_uint_eq(bench_state(bench).probing, 1);
	probe = bench_attempt(bench)->id;
	keep_targets(bench, 1, 1);
	ck_assert_uint_eq(bench_state(bench).probing, 0);
	bench_answer_to(bench, probe, 200);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVED), 0);
	bench_free(bench);
}
END_TEST

/* A call that waits for the REGISTER at the serving target goes there, not to its own next one. */
START_TEST(B6a_call_goes_where_it_has_waited_for_the_registration)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer ok = { .size = sizeof(ok), .status = 200, .expires_s = 3 };
	struct bench *bench = bench_one(&settings, "001");
	uint64_t refresh, end;

	bench_submit(bench, FAILOVER_INVITE); /* at 0, and in vain */
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 500);
	bench_answer(bench, 500);
	failover_response(bench->engine, bench_attempt(bench)->id, &ok, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_state(bench).serving_index, 2);
	end = give_up_time(bench);
	bench_until(bench, bench_state(bench).next_register);
	refresh = bench_attempt(bench)->id;
	bench_clear(bench);
	bench_until(bench, end); /* the registration at 2 has run out by now */
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_answer_to(bench, refresh, 200);
	bench_expect(bench, 0, FAILOVER_INVITE, 2, end);
	bench_free(bench);
}
END_TEST

/* The REGISTER that a call waits for succeeds at a target that has gone, and nobody else is left:
 * the call fails with what the REGISTER met. */
START_TEST(B6_call_that_never_left_fails_with_a_reason)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	const struct failover_result *result;
	uint64_t attempt;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 403);
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, give_up_time(bench));
	attempt = bench_attempt(bench)->id;
	keep_targets(bench, 0, 1);
	bench_clear(bench);
	bench_answer_to(bench, attempt, 200);
	ck_assert_ptr_nonnull(bench_output(bench, FAILOVER_OUTPUT_RESULT, 1));
	result = &bench_output(bench, FAILOVER_OUTPUT_RESULT, 1)->out.u.result;
	ck_assert_uint_eq(result->method, FAILOVER_INVITE);
	ck_assert_uint_eq(result->outcome, FAILOVER_OUTCOME_FAILED);
	ck_assert_uint_eq(result->reports_count, 1);
	ck_assert_uint_eq(result->reports[0].reason, FAILOVER_REASON_NO_ANSWER);
	bench_free(bench);
}
END_TEST

/* The REGISTER at 1 that the call has asked for is replaced by one from index 0: the call still
 * goes to 1 after that. */
START_TEST(B6_call_goes_to_every_target_in_spite_of_a_new_configuration)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[3] = { bench_target(0, 0), bench_target(1, 1),
					      bench_target(2, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 3,
					       .targets = targets,
					       .settings = settings };
	struct bench *bench = bench_one(&settings, "011");

	bench_submit(bench, FAILOVER_INVITE); /* at 0 */
	bench_until(bench, give_up_time(bench));
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200); /* the new REGISTER, at 0 */
	bench_until(bench, bench->now);
	bench_expect(bench, 3, FAILOVER_REGISTER, 1, bench->now);
	bench_answer(bench, 200);
	bench_expect(bench, 4, FAILOVER_INVITE, 1, bench->now);
	bench_free(bench);
}
END_TEST

/* The call's REGISTER has found nobody at 0, a probe then has; a 403 from 1 to the call says
 * nothing about 0, where the call itself has never been. */
START_TEST(B8_a_refusal_moves_the_line_only_from_a_target_the_call_has_tried)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t probe, refresh;

	settings.failback_interval_s = 60;
	bench = bench_one(&settings, "001");
	bench_register_at(bench, 2);
	bench_until(bench, bench_state(bench).next_probe);
	probe = bench_attempt(bench)->id;
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP); /* at 2 */
	refresh = bench_attempt(bench)->id;
	bench_until(bench, give_up_time(bench)); /* the REGISTER at 0 */
	ck_assert_uint_ne(bench_attempt(bench)->id, refresh);
	refresh = bench_attempt(bench)->id; /* at 1 */
	bench_answer_to(bench, probe, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_answer_to(bench, refresh, 200);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	bench_answer(bench, 403);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

/* Two registrars behind the same two proxies. */
static uint32_t line_of_proxies(struct bench *bench)
{
	struct failover_target targets[4] = { bench_target(0, 0), bench_target(1, 0),
					      bench_target(0, 1), bench_target(1, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 4,
					       .targets = targets,
					       .settings = bench_settings() };
	uint32_t line;

	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &line), 0);
	return line;
}

/* The call waits for the REGISTER at 2, which serves; the line goes to 3 instead. After 3 comes 1,
 * as in the list, and not 2. */
START_TEST(B6_order_after_the_line_has_moved_while_the_call_waited)
{
	struct failover_answer ok = { .size = sizeof(ok), .status = 200, .expires_s = 2 };
	struct bench *bench = bench_new(0, 0);
	uint64_t refresh;

	bench->line = line_of_proxies(bench);
	bench_submit(bench, FAILOVER_INVITE);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 500);
	bench_answer(bench, 500);
	failover_response(bench->engine, bench_attempt(bench)->id, &ok, bench->now);
	failover_network_changed(bench->engine, bench->now);
	bench_until(bench, bench->now);
	bench_unreachable(bench, FAILOVER_REASON_ICMP); /* 0, and so 2 */
	refresh = bench_attempt(bench)->id;		/* at 1 */
	bench_until(bench, bench->now + 3400);
	ck_assert_uint_eq(bench_attempt(bench)->id, refresh);
	bench_answer(bench, 100);
	bench_until(bench, bench->now + 100); /* the call is through with 0 */
	bench_answer_to(bench, refresh, 500);
	ck_assert_uint_eq(bench_attempt(bench)->target.registrar, 1); /* 3 */
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_attempt(bench)->target.registrar, 1);
	ck_assert_uint_eq(bench_state(bench).serving_index, 3);
	bench_until(bench, bench->now + bench_attempt(bench)->budget_ms);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_REGISTER); /* for the call, at 1 */
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	ck_assert_uint_eq(bench_attempt(bench)->target.registrar, 0);
	bench_free(bench);
}
END_TEST

/* The DNS takes a target away and brings it back: it still wants to be left alone. */
START_TEST(B4c_retry_after_is_remembered_for_an_address_that_comes_back)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer busy = { .size = sizeof(busy), .status = 503, .retry_after_s = 60 };
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200); /* at 1 */
	keep_targets(bench, 1, 1);
	keep_targets(bench, 0, 2);
	bench_register_anew(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_free(bench);
}
END_TEST

/* Provisional responses to another request fill the outputs, which nobody takes. */
static void fill_outputs(struct bench *bench, uint64_t attempt)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 183 };

	do
		failover_response(bench->engine, attempt, &answer, bench->now);
	while (!bench_full(bench));
}

static uint32_t answer_untaken(struct bench *bench, uint64_t attempt, uint32_t status)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = status };

	return failover_response(bench->engine, attempt, &answer, bench->now);
}

START_TEST(B4a_provisional_ends_the_budget_while_the_outputs_are_full)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t invite, other;
	unsigned i;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	invite = bench_attempt(bench)->id;
	bench_submit(bench, FAILOVER_OTHER);
	other = bench_attempt(bench)->id;
	fill_outputs(bench, other);
	ck_assert_uint_eq(answer_untaken(bench, invite, 180), FAILOVER_VERDICT_KEEP);
	bench_clear(bench);
	bench_until(bench, give_up_time(bench));
	for (i = 0; i < bench_count(bench, FAILOVER_OUTPUT_ABANDON); i++)
		ck_assert_uint_ne(bench_output(bench, FAILOVER_OUTPUT_ABANDON, i)->out.abandoned,
				  invite);
	bench_free(bench);
}
END_TEST

/* The user hangs up while the outputs are full, then the callee answers: the call is not kept, with
 * the outputs still full or with room again. */
START_TEST(B6c_call_given_up_while_the_outputs_are_full_is_not_answered)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t invite, call, other;

	bench_register(bench);
	call = bench_submit(bench, FAILOVER_INVITE);
	invite = bench_attempt(bench)->id;
	bench_submit(bench, FAILOVER_OTHER);
	other = bench_attempt(bench)->id;
	bench_clear(bench);
	fill_outputs(bench, other);
	ck_assert_int_eq(failover_give_up(bench->engine, call, bench->now), 0);
	if (_i)
		bench_drain(bench);
	ck_assert_uint_eq(answer_untaken(bench, invite, 200), FAILOVER_VERDICT_LATE);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.outcome,
			  FAILOVER_OUTCOME_GIVEN_UP);
	bench_free(bench);
}
END_TEST

/* The callee answers while the outputs are full, then the user hangs up: the call is up, and its
 * result is on the way, so that the user ends it by BYE. */
START_TEST(B6c_call_answered_while_the_outputs_are_full_is_not_given_up)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t invite, call, other;

	bench_register(bench);
	call = bench_submit(bench, FAILOVER_INVITE);
	invite = bench_attempt(bench)->id;
	bench_submit(bench, FAILOVER_OTHER);
	other = bench_attempt(bench)->id;
	bench_clear(bench);
	fill_outputs(bench, other);
	ck_assert_uint_eq(answer_untaken(bench, invite, 200), FAILOVER_VERDICT_KEEP);
	if (_i)
		bench_drain(bench);
	ck_assert_int_eq(failover_give_up(bench->engine, call, bench->now), FAILOVER_ERR_STALE);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.status, 200);
	bench_free(bench);
}
END_TEST

/* Ten seconds before the end of its 64 bits the clock has no wrapped deadlines. */
START_TEST(B19_no_deadline_wraps_at_the_end_of_time)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	struct failover_line_state state;

	bench->now = UINT64_MAX - 10000;
	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench->line = bench_line(bench, &settings, "01");
	bench_register_at(bench, 1);
	state = bench_state(bench);
	ck_assert_uint_gt(state.registered_until, bench->now);
	ck_assert_uint_gt(state.next_register, bench->now);
	ck_assert_uint_gt(state.next_probe, bench->now);
	ck_assert_uint_gt(failover_next_deadline(bench->engine), bench->now);
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_gt(failover_next_deadline(bench->engine), bench->now);
	bench_free(bench);
}
END_TEST

/* The device sleeps for 50 days: more ms than 32 bits hold. */
START_TEST(B19_elapsed_time_does_not_wrap)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench->now += UINT64_C(50) * 86400000;
	failover_handle_timeout(bench->engine, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_UNAVAILABLE, 0)->out.u.event.elapsed_ms,
			  UINT32_MAX);
	bench_free(bench);
}
END_TEST

/* A clock that began at 1970 is put right, to this year or to a year of no calendar: what was under
 * way is over at once, of whichever line, and the next target is asked. */
START_TEST(B19_a_leap_of_years_ends_what_was_under_way)
{
	static const uint64_t leaps[] = { UINT64_C(1) << 38,  (UINT64_C(1) << 38) + 1,
					  UINT64_C(1) << 39,  (UINT64_C(1) << 39) + 1,
					  UINT64_C(1) << 40,  UINT64_C(0xff00000000),
					  1796083200000,      UINT64_C(0x49ff00000000),
					  UINT64_C(1) << 63 };
	static const uint32_t methods[] = { FAILOVER_REGISTER, FAILOVER_INVITE, FAILOVER_OPTIONS };
	struct failover_line_settings settings = bench_settings();
	uint32_t method = methods[(unsigned)_i % 3];
	struct bench *bench = bench_one(&settings, "01");
	uint64_t request = 0;

	bench->line = bench_line(bench, &settings, "01"); /* the second one */
	if (method == FAILOVER_REGISTER)
		failover_register(bench->engine, bench->line, bench->now);
	else
		request = bench_submit(bench, method);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 0);
	bench->now += leaps[(unsigned)_i / 3];
	failover_handle_timeout(bench->engine, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 1);
	bench_until(bench, bench->now + 100000);
	ck_assert_int_eq(failover_give_up(bench->engine, request, bench->now), FAILOVER_ERR_STALE);
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
	tcase_add_test(tcase, B1b_a_target_that_has_gone_does_not_get_the_line);
	tcase_add_test(tcase, B11_probe_ends_when_its_target_goes);
	tcase_add_test(tcase, B6a_call_goes_where_it_has_waited_for_the_registration);
	tcase_add_test(tcase, B6_call_that_never_left_fails_with_a_reason);
	tcase_add_test(tcase, B6_call_goes_to_every_target_in_spite_of_a_new_configuration);
	tcase_add_test(tcase, B8_a_refusal_moves_the_line_only_from_a_target_the_call_has_tried);
	tcase_add_test(tcase, B4a_provisional_ends_the_budget_while_the_outputs_are_full);
	tcase_add_loop_test(tcase, B6c_call_given_up_while_the_outputs_are_full_is_not_answered, 0,
			    2);
	tcase_add_loop_test(tcase, B6c_call_answered_while_the_outputs_are_full_is_not_given_up, 0,
			    2);
	tcase_add_test(tcase, B19_no_deadline_wraps_at_the_end_of_time);
	tcase_add_test(tcase, B19_elapsed_time_does_not_wrap);
	tcase_add_loop_test(tcase, B19_a_leap_of_years_ends_what_was_under_way, 0, 27);
	tcase_add_test(tcase, B6_order_after_the_line_has_moved_while_the_call_waited);
	tcase_add_test(tcase, B4c_retry_after_is_remembered_for_an_address_that_comes_back);
	return bench_main(suite);
}
