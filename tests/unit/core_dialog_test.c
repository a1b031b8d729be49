/* SPDX-License-Identifier: MIT */
/* core_dialog_test.c - late INVITEs, moves and dialogs: B7 to B9, B18. */
#include "bench.h"

START_TEST(B7a_late_responses_get_the_verdict_late)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");
	uint64_t first;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	bench_until(bench, 4500);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, 4500);
	ck_assert_uint_eq(bench_answer_to(bench, first, 180), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(bench_answer_to(bench, first, 486), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_answer(bench, 200); /* the newer leg */
	ck_assert_uint_eq(bench_answer_to(bench, first, 200), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B7b_late_200_is_adopted_while_the_newer_leg_has_no_final)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	const struct failover_result *result;
	uint64_t first;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	bench_until(bench, 4500);
	bench_answer(bench, 180);
	ck_assert_uint_eq(bench_answer_to(bench, first, 200), FAILOVER_VERDICT_KEEP);
	result = &bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result;
	ck_assert_uint_eq(result->outcome, FAILOVER_OUTCOME_ANSWERED);
	ck_assert_uint_eq(result->attempt, first);
	ck_assert_uint_eq(bench_number(&result->target), 0);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 1)->out.reason,
			  FAILOVER_ABANDON_ADOPTED);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVED), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B7b_adopted_while_waiting_for_the_REGISTER)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t first;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	bench_until(bench, 4500);
	ck_assert_uint_eq(bench_answer_to(bench, first, 200), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.attempt,
			  first);
	bench_answer(bench, 200); /* the REGISTER goes its own way */
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	bench_free(bench);
}
END_TEST

START_TEST(B7b_482_waits_for_the_older_leg)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t first;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	bench_until(bench, 4500);
	bench_answer(bench, 482);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	ck_assert_uint_eq(bench_answer_to(bench, first, 180), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(bench_answer_to(bench, first, 200), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.status, 200);
	bench_free(bench);
}
END_TEST

START_TEST(B7b_482_and_the_older_leg_stays_silent)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, 4500);
	bench_answer(bench, 482);
	bench_until(bench, 60000);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.status, 482);
	bench_free(bench);
}
END_TEST

/* Only as long as that leg may be answered: 64*T1 after its own first transmission (B7a). */
START_TEST(B7b_482_waits_no_longer_than_the_older_leg_lives)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t sent;

	bench_register(bench);
	sent = bench->now;
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, sent + 3500);
	bench_answer(bench, 180);
	bench_until(bench, sent + 31900);
	bench_answer(bench, 482);
	bench_until(bench, sent + 31999);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_until(bench, sent + 32000);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.status, 482);
	bench_clear(bench);
	sent = bench->now;
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, sent + 3500);
	bench_answer(bench, 180);
	bench_until(bench, sent + 32000);
	bench_answer(bench, 482); /* it has died meanwhile */
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.status, 482);
	bench_free(bench);
}
END_TEST

/* The older leg that was waited for is unavailable, and a target is left: the walk goes on. */
START_TEST(B7b_482_and_the_older_leg_is_unavailable)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");
	uint64_t first;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	first = bench_attempt(bench)->id;
	bench_until(bench, bench->now + 3500);
	bench_answer(bench, 482);
	bench_clear(bench);
	ck_assert_uint_eq(bench_answer_to(bench, first, 503), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_expect(bench, 0, FAILOVER_INVITE, 2, bench->now);
	bench_answer(bench, 503);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.outcome,
			  FAILOVER_OUTCOME_FAILED);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->reports[1].status, 482);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->reports[1].reason,
			  FAILOVER_REASON_STATUS);
	bench_free(bench);
}
END_TEST

START_TEST(B7b_482_without_an_older_leg_is_an_answer)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 482);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.status, 482);
	bench_free(bench);
}
END_TEST

START_TEST(B7c_late_response_of_a_REGISTER_changes_nothing)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t first;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	first = bench_attempt(bench)->id;
	bench_until(bench, 4500);
	ck_assert_uint_eq(bench_answer_to(bench, first, 200), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B8_after_a_move_later_requests_start_there)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	const struct failover_event *moved;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 200);
	moved = &bench_event(bench, FAILOVER_EVENT_MOVED, 0)->out.u.event;
	ck_assert_uint_eq(moved->direction, FAILOVER_FAILOVER);
	ck_assert_uint_eq(bench_number(&moved->from), 0);
	ck_assert_uint_eq(bench_number(&moved->target), 1);
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B9_BYE_starts_at_its_dialogs_target_and_moves_nothing)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	bench_in_dialog(bench, FAILOVER_BYE, 1, 1);
	bench_expect(bench, 0, FAILOVER_BYE, 1, 1000);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B9_re_sent_BYE_answered_481_or_408_is_success)
{
	static const uint32_t codes[] = { 481, 408 };
	struct failover_line_settings settings = bench_settings();
	unsigned i;

	for (i = 0; i < 408 - 400; i++)
		failover_code_set(&settings, 400 + i);
	failover_code_set(&settings, 481);
	failover_code_set(&settings, 408);
	for (i = 0; i < 2; i++) {
		struct bench *bench = bench_one(&settings, "000");

		bench_register(bench);
		bench_in_dialog(bench, FAILOVER_BYE, 0, 0);
		bench_until(bench, 4500);
		bench_answer(bench, codes[i]);
		ck_assert_uint_eq(
			bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.outcome,
			FAILOVER_OUTCOME_ANSWERED);
		ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
		bench_free(bench);
	}
}
END_TEST

START_TEST(B18_every_request_ends_exactly_once_in_its_budgets)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_in_dialog(bench, FAILOVER_BYE, 0, 0);
	bench_submit(bench, FAILOVER_OTHER);
	bench_until(bench, 1000 + 3500 + 3500 + 32000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 3);
	bench_until(bench, 200000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 3);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_dialog");
	TCase *tcase = tcase_create("dialog");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B7a_late_responses_get_the_verdict_late);
	tcase_add_test(tcase, B7b_late_200_is_adopted_while_the_newer_leg_has_no_final);
	tcase_add_test(tcase, B7b_adopted_while_waiting_for_the_REGISTER);
	tcase_add_test(tcase, B7b_482_waits_for_the_older_leg);
	tcase_add_test(tcase, B7b_482_and_the_older_leg_stays_silent);
	tcase_add_test(tcase, B7b_482_waits_no_longer_than_the_older_leg_lives);
	tcase_add_test(tcase, B7b_482_and_the_older_leg_is_unavailable);
	tcase_add_test(tcase, B7b_482_without_an_older_leg_is_an_answer);
	tcase_add_test(tcase, B7c_late_response_of_a_REGISTER_changes_nothing);
	tcase_add_test(tcase, B8_after_a_move_later_requests_start_there);
	tcase_add_test(tcase, B9_BYE_starts_at_its_dialogs_target_and_moves_nothing);
	tcase_add_test(tcase, B9_re_sent_BYE_answered_481_or_408_is_success);
	tcase_add_test(tcase, B18_every_request_ends_exactly_once_in_its_budgets);
	return bench_main(suite);
}
