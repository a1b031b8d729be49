/* SPDX-License-Identifier: MIT */
/* core_walk_test.c - what a walk over the targets leaves behind: statuses, reports, marks, moves.
 */
#include "bench.h"

static const struct bench_output *result_at(const struct bench *bench, unsigned n)
{
	const struct bench_output *output = bench_output(bench, FAILOVER_OUTPUT_RESULT, n);

	ck_assert_msg(output != NULL, "there is no result %u", n);
	return output;
}

static const struct bench_output *result_of(const struct bench *bench, uint64_t request)
{
	unsigned i = 0;

	while (result_at(bench, i)->out.u.result.request != request)
		i++;
	return result_at(bench, i);
}

static void start_register(struct bench *bench)
{
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
}

START_TEST(B6_failed_request_tells_the_last_status)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 503);
	ck_assert_uint_eq(result_at(bench, 0)->out.u.result.outcome, FAILOVER_OUTCOME_FAILED);
	ck_assert_uint_eq(result_at(bench, 0)->out.u.result.status, 503);
	bench_free(bench);
}
END_TEST

/* Each of the 2xx is success. */
START_TEST(B8_success_is_any_2xx)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	bench = bench_one(&settings, "00");
	start_register(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 299);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, bench->now);
	bench_answer(bench, 299);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

/* The call started above the serving target (B12), and went past that one too. */
START_TEST(B8_any_answer_moves_the_line_from_a_target_that_was_passed)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	bench = bench_one(&settings, "000");
	bench_register_at(bench, 1);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 2, FAILOVER_INVITE, 2, bench->now);
	bench_answer(bench, 486);
	ck_assert_uint_eq(bench_state(bench).serving_index, 2);
	bench_free(bench);
}
END_TEST

/* What an earlier call met at the serving target does not count for this one. */
START_TEST(B8_earlier_call_does_not_move_the_line)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	settings.signal_failback_methods = FAILOVER_METHOD_BIT(FAILOVER_INVITE);
	settings.failback = 0;
	bench = bench_one(&settings, "000");
	bench_register_at(bench, 1);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_until(bench, bench->now + 1800000); /* B22b */
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, bench->now);
	bench_answer(bench, 486);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B11_failed_probe_has_a_failed_result)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback_interval_s = 40;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_until(bench, 41000);
	bench_answer(bench, 100);
	bench_until(bench, 41000 + 32000); /* and nothing else */
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_PROBE_FAILED), 1);
	ck_assert(result_at(bench, 0)->out.u.result.flags & FAILOVER_ATTEMPT_PROBE);
	ck_assert_uint_eq(result_at(bench, 0)->out.u.result.outcome, FAILOVER_OUTCOME_FAILED);
	bench_free(bench);
}
END_TEST

START_TEST(B18_removal_without_answer_ends_too)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");

	bench_register(bench);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_until(bench, bench->now + 31999);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 0);
	bench_until(bench, bench->now + 1);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 1);
	bench_free(bench);
}
END_TEST

/* Silence is counted from what was heard, whatever else fails meanwhile. */
START_TEST(B15a_failed_request_does_not_put_off_the_keepalive)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "0");
	bench_register(bench);
	bench_until(bench, 21000);
	bench_submit(bench, FAILOVER_OTHER);
	bench_until(bench, 31000);
	bench_expect(bench, 1, FAILOVER_OPTIONS, 0, 31000);
	bench_answer(bench, 200);
	bench_until(bench, 61000);
	ck_assert_uint_eq(result_at(bench, 1)->at, 53000); /* of the other one */
	bench_expect(bench, 2, FAILOVER_OPTIONS, 0, 61000);
	bench_free(bench);
}
END_TEST

/* ---- requests that wait for a REGISTER ---------------------------------------------------- */

/* The registration at the serving target is lost: the call has it made anew there, and goes there.
 */
START_TEST(B6_call_goes_where_it_started_after_the_REGISTER)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register_at(bench, 1);
	start_register(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 503);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_answer(bench, 200);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, bench->now);
	bench_free(bench);
}
END_TEST

/* Every target is told once: by the call's own attempt, or by the REGISTER it has waited for. */
START_TEST(B6_reports_of_the_call_and_of_its_REGISTER)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	const struct bench_output *result;
	uint64_t call, invite, attempt;

	bench_register(bench);
	start_register(bench);
	attempt = bench_attempt(bench)->id;
	call = bench_submit(bench, FAILOVER_INVITE);
	invite = bench_attempt(bench)->id;
	bench_answer_to(bench, invite, 503);
	bench_answer_to(bench, attempt, 503);
	bench_answer(bench, 503); /* REGISTER at 1 */
	bench_answer(bench, 403); /* at 2 */
	result = result_of(bench, call);
	ck_assert_uint_eq(result->out.u.result.outcome, FAILOVER_OUTCOME_FAILED);
	ck_assert_uint_eq(result->out.u.result.reports_count, 3);
	ck_assert_uint_eq(bench_number(&result->reports[0].target), 0);
	ck_assert_uint_eq(result->reports[0].status, 503);
	ck_assert_uint_eq(bench_number(&result->reports[1].target), 1);
	ck_assert_uint_eq(result->reports[1].status, 503);
	ck_assert_uint_eq(bench_number(&result->reports[2].target), 2);
	ck_assert_uint_eq(result->reports[2].status, 403);
	ck_assert_uint_eq(result->reports[2].reason, FAILOVER_REASON_STATUS);
	bench_free(bench);
}
END_TEST

/* Nothing was met yet where the REGISTER asked last. */
START_TEST(B6_report_of_a_REGISTER_that_was_given_up_has_no_reason)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	const struct bench_output *result;
	uint64_t call;

	start_register(bench);
	call = bench_submit(bench, FAILOVER_INVITE);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	result = result_of(bench, call);
	ck_assert_uint_eq(result->out.u.result.reports_count, 1);
	ck_assert_uint_eq(result->reports[0].reason, FAILOVER_REASON_NONE);
	ck_assert_uint_eq(result->reports[0].status, 0);
	bench_free(bench);
}
END_TEST

/* Where the manual REGISTER found nobody, the call need not go after it. */
START_TEST(B6b_call_leaves_out_what_the_REGISTER_has_tried)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t call;

	start_register(bench);
	call = bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200);
	bench_expect(bench, 2, FAILOVER_INVITE, 1, bench->now);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 3);
	ck_assert_uint_eq(result_of(bench, call)->out.u.result.outcome, FAILOVER_OUTCOME_FAILED);
	bench_free(bench);
}
END_TEST

/* ---- addresses ---------------------------------------------------------------------------- */

/* One proxy before two registrars: if it cannot be reached, the other registrar cannot either. */
START_TEST(B4d_unreachable_address_is_not_tried_under_an_earlier_registrar)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(0, 1) };
	struct bench *bench = bench_one(&settings, "01");

	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 2, bench->now),
			 0);
	start_register(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(result_at(bench, 0)->out.u.result.outcome, FAILOVER_OUTCOME_FAILED);
	bench_free(bench);
}
END_TEST

START_TEST(B4e_silence_to_an_OPTIONS_counts_for_all_lines)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(FAILOVER_HEALTH_ALL, 0);
	uint32_t first = bench_line(bench, &settings, "00");

	bench->line = first;
	bench_submit(bench, FAILOVER_OPTIONS);
	bench_until(bench, 4500);
	ck_assert_uint_eq(result_at(bench, 0)->out.u.result.outcome, FAILOVER_OUTCOME_FAILED);
	bench_clear(bench);
	bench->line = bench_line(bench, &settings, "00");
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 1, 4500);
	bench_free(bench);
}
END_TEST

/* ---- statuses ----------------------------------------------------------------------------- */

START_TEST(B11_any_2xx_to_the_probe_brings_the_line_back)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback_interval_s = 40;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_until(bench, 41000);
	bench_answer(bench, 299);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

/* A configuration may name 481; for the first BYE it is unavailable then, for a re-sent one not. */
START_TEST(B22_no_status_sends_a_BYE_elsewhere)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	ck_assert_int_eq(failover_code_set(&settings, 481), 0);
	bench = bench_one(&settings, "00");
	bench_register(bench);
	bench_in_dialog(bench, FAILOVER_BYE, 0, 0);
	bench_answer(bench, 481);
	ck_assert_uint_eq(result_at(bench, 0)->out.u.result.outcome, FAILOVER_OUTCOME_ANSWERED);
	bench_free(bench);
}
END_TEST

/* Another provisional response than 100 comes from further on: the server has it in hand. */
START_TEST(B4a_provisional_ends_the_budget_and_silence_after_it_moves_nothing)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 100);
	bench_answer(bench, 183);
	bench_until(bench, 32999);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_until(bench, 33000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 1);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVED), 0);
	bench_free(bench);
}
END_TEST

/* B21a: what another place has answered is no sign of the target's life. */
START_TEST(B21a_answer_from_elsewhere_is_no_life)
{
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = 200,
					  .flags = FAILOVER_ANSWER_ELSEWHERE };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t at;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "01");
	bench_register(bench);
	at = bench->now + 30000;
	bench_until(bench, at - 1000);
	bench_in_dialog(bench, FAILOVER_BYE, 0, 0);
	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	bench_drain(bench);
	bench_clear(bench);
	bench_until(bench, at);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0, at);
	bench_free(bench);
}
END_TEST

/* B22: a REGISTER for a call alone does not find out that the line's own connection is gone. */
START_TEST(B22_lost_connection_while_a_call_registers_elsewhere)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_target serving = bench_target(0, 0);

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	ck_assert_uint_eq(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_VISIT,
			  FAILOVER_ATTEMPT_VISIT);
	failover_lost(bench->engine, bench->line, &serving, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_CONNECTION_LOST), 1);
	bench_free(bench);
}
END_TEST

/* A call that goes on alone, and whose REGISTER at the second target has just been refused there:
 * the next one waits for its slot. */
static uint64_t call_before_its_visit(struct bench *bench)
{
	struct failover_answer busy = { .size = sizeof(busy), .status = 503 };
	uint64_t call = bench_submit(bench, FAILOVER_INVITE);

	bench_answer(bench, 503);
	ck_assert_uint_eq(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_VISIT,
			  FAILOVER_ATTEMPT_VISIT);
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	return call;
}

/* B6c, B22: the user gives the call up before the REGISTER for it alone has left. */
START_TEST(B6c_given_up_call_registers_nowhere)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	uint64_t call = call_before_its_visit(bench);

	ck_assert_int_eq(failover_give_up(bench->engine, call, bench->now), FAILOVER_OK);
	bench_drain(bench);
	bench_until(bench, bench->now + 60000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert(!bench_state(bench).registering);
	bench_free(bench);
}
END_TEST

/* B6c, B22: of two calls that wait for a REGISTER each, the one whose turn it is is given up. */
START_TEST(B6c_given_up_call_leaves_the_other_its_REGISTER)
{
	struct failover_answer busy = { .size = sizeof(busy), .status = 503 };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	uint64_t given_up = bench_submit(bench, FAILOVER_INVITE);

	(void)call_before_its_visit(bench);
	failover_response(bench->engine, given_up | 1, &busy, bench->now);
	ck_assert_int_eq(failover_give_up(bench->engine, given_up, bench->now), FAILOVER_OK);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 4);
	bench_expect(bench, 3, FAILOVER_REGISTER, 2, bench->now);
	bench_free(bench);
}
END_TEST

/* B1b, B22: the target at which the call alone was to register has gone: nobody else is left. */
START_TEST(B1b_no_REGISTER_for_a_call_where_the_target_has_gone)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target left[] = { bench_target(0, 0), bench_target(1, 1) };
	struct bench *bench = bench_one(&settings, "012");

	(void)call_before_its_visit(bench);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, left, 2, bench->now),
			 FAILOVER_OK);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert_uint_eq(bench_state(bench).requests, 0);
	bench_free(bench);
}
END_TEST

/* B22, B1b: the target at which a call was to register goes from the list while that waits. */
START_TEST(B22_call_whose_next_target_goes_ends)
{
	struct failover_answer granted = { .size = sizeof(granted), .status = 200 };
	struct failover_answer busy = { .size = sizeof(busy), .status = 503 };
	struct failover_line_settings settings = bench_settings();
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE };
	struct failover_target left[] = { bench_target(0, 0), bench_target(2, 1) };
	struct bench *bench = bench_one(&settings, "01");
	uint64_t call;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &granted, bench->now);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &call),
			 0);
	bench_drain(bench);
	failover_register(bench->engine, bench->line, bench->now);
	failover_response(bench->engine, bench_attempt(bench)->id, &granted, bench->now);
	failover_response(bench->engine, call | 1, &busy, bench->now);
	(void)failover_line_targets(bench->engine, bench->line, left, 1, bench->now);
	bench_drain(bench);
	bench_until(bench, bench->now + 100000);
	ck_assert_uint_eq(bench_state(bench).requests, 0);
	bench_free(bench);
}
END_TEST

static void leave_listed(struct bench *bench, const struct failover_target *targets, uint32_t count)
{
	ck_assert_int_eq(
		failover_line_targets(bench->engine, bench->line, targets, count, bench->now),
		FAILOVER_OK);
	bench_answer(bench, 200);
	bench_until(bench, bench->now);
}

/* B1b, B6: who grants the REGISTER that a call waits for has gone from the list, twice. The call
 * has tried nothing itself, so the one left is asked again, though the first REGISTER found nobody.
 */
START_TEST(B1b_call_is_not_lost_where_each_that_grants_has_gone)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target left[] = { bench_target(0, 0), bench_target(2, 2) };
	struct bench *bench = bench_one(&settings, "012");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, bench->now);
	leave_listed(bench, left, 2);
	bench_expect(bench, 2, FAILOVER_REGISTER, 2, bench->now);
	leave_listed(bench, left, 1);
	bench_expect(bench, 3, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 200);
	bench_expect(bench, 4, FAILOVER_INVITE, 0, bench->now);
	bench_free(bench);
}
END_TEST

/* B23e: each of the calls that wait forgets what the REGISTER met that was given up. */
START_TEST(B23e_every_waiting_call_begins_anew)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, bench->now);
	failover_register(bench->engine, bench->line, bench->now);
	bench_until(bench, bench->now);
	bench_expect(bench, 2, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 200);
	bench_expect(bench, 3, FAILOVER_INVITE, 0, bench->now);
	bench_expect(bench, 4, FAILOVER_INVITE, 0, bench->now);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("walk");
	TCase *tcase = tcase_create("walk");

	tcase_add_test(tcase, B6_failed_request_tells_the_last_status);
	tcase_add_test(tcase, B8_success_is_any_2xx);
	tcase_add_test(tcase, B8_any_answer_moves_the_line_from_a_target_that_was_passed);
	tcase_add_test(tcase, B8_earlier_call_does_not_move_the_line);
	tcase_add_test(tcase, B11_failed_probe_has_a_failed_result);
	tcase_add_test(tcase, B18_removal_without_answer_ends_too);
	tcase_add_test(tcase, B15a_failed_request_does_not_put_off_the_keepalive);
	tcase_add_test(tcase, B6_call_goes_where_it_started_after_the_REGISTER);
	tcase_add_test(tcase, B6_reports_of_the_call_and_of_its_REGISTER);
	tcase_add_test(tcase, B6_report_of_a_REGISTER_that_was_given_up_has_no_reason);
	tcase_add_test(tcase, B6b_call_leaves_out_what_the_REGISTER_has_tried);
	tcase_add_test(tcase, B4d_unreachable_address_is_not_tried_under_an_earlier_registrar);
	tcase_add_test(tcase, B4e_silence_to_an_OPTIONS_counts_for_all_lines);
	tcase_add_test(tcase, B11_any_2xx_to_the_probe_brings_the_line_back);
	tcase_add_test(tcase, B22_no_status_sends_a_BYE_elsewhere);
	tcase_add_test(tcase, B21a_answer_from_elsewhere_is_no_life);
	tcase_add_test(tcase, B22_lost_connection_while_a_call_registers_elsewhere);
	tcase_add_test(tcase, B6c_given_up_call_registers_nowhere);
	tcase_add_test(tcase, B6c_given_up_call_leaves_the_other_its_REGISTER);
	tcase_add_test(tcase, B1b_no_REGISTER_for_a_call_where_the_target_has_gone);
	tcase_add_test(tcase, B1b_call_is_not_lost_where_each_that_grants_has_gone);
	tcase_add_test(tcase, B23e_every_waiting_call_begins_anew);
	tcase_add_test(tcase, B22_call_whose_next_target_goes_ends);
	tcase_add_test(tcase, B4a_provisional_ends_the_budget_and_silence_after_it_moves_nothing);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
