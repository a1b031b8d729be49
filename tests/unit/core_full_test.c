/* SPDX-License-Identifier: MIT */
/* core_full_test.c - news that come while the outputs are full, one after the other (B18). */
#include "bench.h"

/* Provisional responses to another request fill the outputs, which nobody takes. */
static void ring(struct bench *bench, uint64_t attempt, unsigned times)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 183 };

	while (times--)
		failover_response(bench->engine, attempt, &answer, bench->now);
}

static void fill_outputs(struct bench *bench)
{
	uint64_t attempt;

	bench_submit(bench, FAILOVER_OTHER);
	attempt = bench_attempt(bench)->id;
	bench_clear(bench);
	ring(bench, attempt, 1000);
}

/* News of an attempt, with nobody there to take what comes of it. */
static uint32_t tell(struct bench *bench, uint64_t attempt, uint32_t status)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = status };

	return failover_response(bench->engine, attempt, &answer, bench->now);
}

static const struct failover_result *result_of(const struct bench *bench, uint64_t request)
{
	const struct bench_output *output;
	unsigned i;

	for (i = 0; (output = bench_output(bench, FAILOVER_OUTPUT_RESULT, i)); i++)
		if (output->out.u.result.request == request)
			return &output->out.u.result;
	ck_abort_msg("the request has no result");
	return NULL;
}

/* Somebody takes the outputs: what had to wait is done. */
static void make_room(struct bench *bench)
{
	bench_clear(bench);
	bench_until(bench, bench->now);
}

/* A call of a registered line, with the outputs full. */
static struct bench *bench_call(uint64_t *call, uint64_t *invite)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register(bench);
	*call = bench_submit(bench, FAILOVER_INVITE);
	*invite = bench_attempt(bench)->id;
	fill_outputs(bench);
	return bench;
}

START_TEST(B6c_call_that_rings_after_it_was_given_up_is_cancelled)
{
	uint64_t call, invite;
	struct bench *bench = bench_call(&call, &invite);

	ck_assert_int_eq(failover_give_up(bench->engine, call, bench->now), 0);
	ck_assert_uint_eq(tell(bench, invite, 199), FAILOVER_VERDICT_KEEP);
	make_room(bench);
	ck_assert_uint_eq(result_of(bench, call)->outcome, FAILOVER_OUTCOME_GIVEN_UP);
	bench_expect(bench, 0, FAILOVER_CANCEL, 0, bench->now);
	ck_assert_uint_eq(bench_attempt(bench)->related, invite);
	bench_free(bench);
}
END_TEST

START_TEST(B6c_call_given_up_after_an_untold_503_goes_nowhere_else)
{
	uint64_t call, invite;
	struct bench *bench = bench_call(&call, &invite);

	ck_assert_uint_eq(tell(bench, invite, 503), FAILOVER_VERDICT_KEEP);
	ck_assert_int_eq(failover_give_up(bench->engine, call, bench->now), 0);
	make_room(bench);
	ck_assert_uint_eq(result_of(bench, call)->outcome, FAILOVER_OUTCOME_GIVEN_UP);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B7c_first_final_response_counts)
{
	uint64_t call, invite;
	struct bench *bench = bench_call(&call, &invite);

	ck_assert_uint_eq(tell(bench, invite, 486), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(tell(bench, invite, 404), FAILOVER_VERDICT_KEEP);
	make_room(bench);
	ck_assert_uint_eq(result_of(bench, call)->outcome, FAILOVER_OUTCOME_ANSWERED);
	ck_assert_uint_eq(result_of(bench, call)->status, 486);
	bench_free(bench);
}
END_TEST

/* The call goes on at the next target, so the stack may not keep the one that was answered. */
START_TEST(B7a_call_answered_after_its_target_was_unreachable_is_not_kept)
{
	uint64_t call, invite;
	struct bench *bench = bench_call(&call, &invite);

	failover_unreachable(bench->engine, invite, FAILOVER_REASON_ICMP, bench->now);
	ck_assert_uint_eq(tell(bench, invite, 180), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(tell(bench, invite, 200), FAILOVER_VERDICT_LATE);
	make_room(bench);
	bench_expect(bench, 0, FAILOVER_INVITE, 1, bench->now);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_number(&result_of(bench, call)->target), 1);
	bench_free(bench);
}
END_TEST

/* A call whose first leg is late, with the outputs full; and its newer leg. */
static struct bench *bench_late(uint64_t *call, uint64_t *late, uint64_t *newer)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register(bench);
	*call = bench_submit(bench, FAILOVER_INVITE);
	*late = bench_attempt(bench)->id;
	bench_until(bench, bench->now + 3500);
	*newer = bench_attempt(bench)->id;
	ck_assert_uint_ne(*newer, *late);
	return bench;
}

/* Nothing can be adopted without telling it: the stack ends the late call. */
START_TEST(B7a_late_answer_is_not_kept_while_the_outputs_are_full)
{
	uint64_t call, late, newer;
	struct bench *bench = bench_late(&call, &late, &newer);

	fill_outputs(bench);
	ck_assert_uint_eq(tell(bench, late, 200), FAILOVER_VERDICT_LATE);
	make_room(bench);
	bench_answer_to(bench, newer, 482); /* nobody is late any more: no reason to wait */
	ck_assert_uint_eq(result_of(bench, call)->status, 482);
	bench_free(bench);
}
END_TEST

START_TEST(B7a_late_ringing_is_cancelled_while_the_outputs_are_full)
{
	uint64_t call, late, newer;
	struct bench *bench = bench_late(&call, &late, &newer);

	fill_outputs(bench);
	ck_assert_uint_eq(tell(bench, late, 180), FAILOVER_VERDICT_LATE);
	make_room(bench);
	bench_answer_to(bench, newer, 482); /* the older leg is cancelled, not alive */
	ck_assert_uint_eq(result_of(bench, call)->status, 482);
	bench_free(bench);
}
END_TEST

START_TEST(B7b_late_ringing_is_kept_while_the_call_waits_for_it)
{
	uint64_t call, late, newer;
	struct bench *bench = bench_late(&call, &late, &newer);

	bench_answer_to(bench, newer, 482);
	fill_outputs(bench);
	ck_assert_uint_eq(tell(bench, late, 180), FAILOVER_VERDICT_KEEP);
	make_room(bench);
	ck_assert_uint_eq(bench_answer_to(bench, late, 200), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(result_of(bench, call)->status, 200);
	bench_free(bench);
}
END_TEST

/* What the late leg does is final for it, as it is with room in the outputs. */
START_TEST(B7a_late_answer_while_the_outputs_are_full_ends_its_leg)
{
	static const struct {
		uint32_t status, again, verdict;
	} rows[] = { { 200, 200, FAILOVER_VERDICT_LATE }, { 199, 200, FAILOVER_VERDICT_KEEP } };
	uint64_t call, late, newer;
	struct bench *bench = bench_late(&call, &late, &newer);

	fill_outputs(bench);
	ck_assert_uint_eq(tell(bench, late, rows[_i].status), FAILOVER_VERDICT_LATE);
	make_room(bench);
	ck_assert_uint_eq(bench_answer_to(bench, late, rows[_i].again), rows[_i].verdict);
	bench_free(bench);
}
END_TEST

START_TEST(B7b_a_late_call_is_not_taken_while_the_outputs_are_full)
{
	uint64_t call, late, newer;
	struct bench *bench = bench_late(&call, &late, &newer);

	bench_answer_to(bench, newer, 482);
	fill_outputs(bench);
	ck_assert_uint_eq(tell(bench, late, 200), FAILOVER_VERDICT_LATE);
	make_room(bench);
	ck_assert_uint_eq(bench_answer_to(bench, late, 200), FAILOVER_VERDICT_LATE);
	bench_free(bench);
}
END_TEST

/* Ringing needs no room; and then the leg is the request's own, whose answer waits for room. */
START_TEST(B7b_an_older_leg_rings_while_the_outputs_are_full)
{
	uint64_t call, late, newer;
	struct bench *bench = bench_late(&call, &late, &newer);

	bench_answer_to(bench, newer, 482);
	fill_outputs(bench);
	ck_assert_uint_eq(tell(bench, late, 199), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(tell(bench, late, 200), FAILOVER_VERDICT_KEEP);
	make_room(bench);
	bench_until(bench, bench->now + 1);
	ck_assert_uint_eq(result_of(bench, call)->attempt, late);
	ck_assert_uint_eq(result_of(bench, call)->status, 200);
	bench_free(bench);
}
END_TEST

/* The registration's connection ends while nobody has taken the result of its last REGISTER, nor
 * does for half a minute: keep-alive goes on, and the loss is told as soon as that is taken. */
START_TEST(B15a_loss_waits_until_the_result_of_the_REGISTER_is_taken)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer granted = { .size = sizeof(granted), .status = 200 };
	struct failover_target target = bench_target(0, 0);
	struct failover_output output;
	uint64_t other, again;
	struct bench *bench;
	unsigned i;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "0");
	bench_register(bench);
	bench_submit(bench, FAILOVER_OTHER);
	other = bench_attempt(bench)->id;
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	again = bench_attempt(bench)->id;
	bench_clear(bench);
	ring(bench, other, 150);
	failover_response(bench->engine, again, &granted, bench->now);
	ring(bench, other, 1000);
	failover_lost(bench->engine, bench->line, &target, bench->now);
	for (i = 0; i < 100; i++)
		ck_assert_int_eq(failover_poll(bench->engine, &output), 1);
	bench->now += 30000;
	failover_handle_timeout(bench->engine, bench->now);
	ck_assert_uint_eq(bench_state(bench).registering, 0);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0, bench->now);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_CONNECTION_LOST), 0);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_CONNECTION_LOST), 1);
	bench_expect(bench, 1, FAILOVER_REGISTER, 0, bench->now);
	bench_free(bench);
}
END_TEST

/* The line has left the target whose connection was lost before anybody could be told. */
START_TEST(B15a_loss_at_the_old_target_is_not_told_after_a_move)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target target = bench_target(0, 0);
	struct bench *bench = bench_one(&settings, "00");
	uint64_t newer;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	newer = bench_attempt(bench)->id;
	fill_outputs(bench);
	failover_lost(bench->engine, bench->line, &target, bench->now);
	bench_clear(bench);
	bench_answer_to(bench, newer, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_CONNECTION_LOST), 0);
	bench_free(bench);
}
END_TEST

/* What a 200 grants, and how long a 503 wants to be left alone, wait with them. */
START_TEST(B15_granted_time_waits_with_its_response)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer granted = { .size = sizeof(granted), .status = 200 };
	struct bench *bench = bench_one(&settings, "01");
	uint64_t attempt;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	attempt = bench_attempt(bench)->id;
	fill_outputs(bench);
	granted.expires_s = 100;
	failover_response(bench->engine, attempt, &granted, bench->now);
	make_room(bench);
	ck_assert_uint_eq(bench_state(bench).registered_until, bench->now + 100000);
	bench_free(bench);
}
END_TEST

START_TEST(B4c_retry_after_waits_with_its_response)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer busy = { .size = sizeof(busy), .status = 503 };
	struct bench *bench = bench_one(&settings, "01");
	uint64_t attempt;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	attempt = bench_attempt(bench)->id;
	fill_outputs(bench);
	busy.retry_after_s = 60;
	failover_response(bench->engine, attempt, &busy, bench->now);
	make_room(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_answer(bench, 200);
	bench_register_anew(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_free(bench);
}
END_TEST

/* B22e: without Min-Expires twice the time is asked for, once. */
START_TEST(B22e_a_423_counts_once)
{
	static const uint32_t said[] = { 0, 4000 }, asked[] = { 7200, 4000 };
	struct failover_line_settings settings = bench_settings();
	struct failover_answer brief = { .size = sizeof(brief), .status = 423 };
	struct bench *bench = bench_one(&settings, "0");
	uint64_t attempt;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_attempt(bench)->expires_s, 3600);
	attempt = bench_attempt(bench)->id;
	fill_outputs(bench);
	brief.min_expires_s = said[_i];
	failover_response(bench->engine, attempt, &brief, bench->now);
	make_room(bench);
	bench_register_anew(bench);
	ck_assert_uint_eq(bench_attempt(bench)->expires_s, asked[_i]);
	bench_free(bench);
}
END_TEST

/* There is room again when the answer to a call comes that was given up: it ends there and then,
 * and nothing is left to be done. */
START_TEST(B19_nothing_is_due_after_a_late_answer)
{
	uint64_t call, invite;
	struct bench *bench = bench_call(&call, &invite);

	ck_assert_int_eq(failover_give_up(bench->engine, call, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(tell(bench, invite, 486), FAILOVER_VERDICT_LATE);
	ck_assert_uint_gt(failover_next_deadline(bench->engine), bench->now);
	bench_free(bench);
}
END_TEST

/* ---- calls that wait for a REGISTER ------------------------------------------------------- */

/* The registration is being removed when the user wants it back and dials, and then does not. */
START_TEST(B18_call_that_waits_ends_when_the_line_is_unregistered)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE };
	struct bench *bench = bench_one(&settings, "01");
	uint64_t call;

	bench_register(bench);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	tell(bench, bench_attempt(bench)->id, 200);
	/* the removal's result is not taken yet, so the REGISTER has to wait */
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &call),
			 0);
	bench_drain(bench);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(result_of(bench, call)->outcome, FAILOVER_OUTCOME_FAILED);
	ck_assert_uint_eq(result_of(bench, call)->status, 0);
	ck_assert_uint_eq(result_of(bench, call)->reports_count, 0);
	bench_free(bench);
}
END_TEST

/* The REGISTER that a call waits for finds nobody at the primary; then a new configuration lists
 * that one alone, and it answers: the call has somebody to go to. */
START_TEST(B6b_call_that_waits_goes_on_in_a_changed_configuration)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_target target = bench_target(0, 0);
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 1,
					       .max_requests = 4,
					       .targets = &target,
					       .settings = settings };

	failover_register(bench->engine, bench->line, bench->now);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 503);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, bench->now);
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, bench->now), 0);
	bench_drain(bench);
	bench_expect(bench, 2, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 200);
	bench_expect(bench, 3, FAILOVER_INVITE, 0, bench->now);
	bench_free(bench);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("full");
	TCase *tcase = tcase_create("full");

	tcase_add_test(tcase, B6c_call_that_rings_after_it_was_given_up_is_cancelled);
	tcase_add_test(tcase, B6c_call_given_up_after_an_untold_503_goes_nowhere_else);
	tcase_add_test(tcase, B7c_first_final_response_counts);
	tcase_add_test(tcase, B7a_call_answered_after_its_target_was_unreachable_is_not_kept);
	tcase_add_test(tcase, B7a_late_answer_is_not_kept_while_the_outputs_are_full);
	tcase_add_test(tcase, B7a_late_ringing_is_cancelled_while_the_outputs_are_full);
	tcase_add_test(tcase, B7b_late_ringing_is_kept_while_the_call_waits_for_it);
	tcase_add_test(tcase, B15a_loss_waits_until_the_result_of_the_REGISTER_is_taken);
	tcase_add_test(tcase, B15a_loss_at_the_old_target_is_not_told_after_a_move);
	tcase_add_test(tcase, B15_granted_time_waits_with_its_response);
	tcase_add_test(tcase, B4c_retry_after_waits_with_its_response);
	tcase_add_loop_test(tcase, B22e_a_423_counts_once, 0, 2);
	tcase_add_test(tcase, B19_nothing_is_due_after_a_late_answer);
	tcase_add_test(tcase, B18_call_that_waits_ends_when_the_line_is_unregistered);
	tcase_add_test(tcase, B6b_call_that_waits_goes_on_in_a_changed_configuration);
	tcase_add_loop_test(tcase, B7a_late_answer_while_the_outputs_are_full_ends_its_leg, 0, 2);
	tcase_add_test(tcase, B7b_a_late_call_is_not_taken_while_the_outputs_are_full);
	tcase_add_test(tcase, B7b_an_older_leg_rings_while_the_outputs_are_full);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return bench_main(suite());
}
