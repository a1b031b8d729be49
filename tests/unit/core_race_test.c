/* SPDX-License-Identifier: MIT */
/* core_race_test.c - several legs of an emergency call at work (B36), and what their stacks say in
 * whatever order. */
#include "bench.h"

#define START 1000u /* the time of a new bench */

static unsigned results(const struct bench *bench)
{
	return bench_count(bench, FAILOVER_OUTPUT_RESULT);
}

/* The same, but for the REGISTERs that fill the outputs. */
static unsigned ended(const struct bench *bench)
{
	const struct bench_output *result;
	unsigned i, count = 0;

	for (i = 0; (result = bench_output(bench, FAILOVER_OUTPUT_RESULT, i)); i++)
		count += result->out.u.result.method != FAILOVER_REGISTER;
	return count;
}

/* All of them are at work, each a second after the one before; ids[i] is of target i. */
static struct bench *bench_race(const char *map, uint64_t *ids)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, map);
	unsigned i;

	bench_emergency(bench);
	ids[0] = bench_attempt(bench)->id;
	for (i = 1; map[i]; i++) {
		bench_until(bench, START + 1000 * i);
		ids[i] = bench_attempt(bench)->id;
	}
	bench_clear(bench);
	return bench;
}

static uint32_t say(struct bench *bench, uint64_t attempt, uint32_t status, uint32_t retrying)
{
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = status,
					  .retrying = retrying };

	return failover_response(bench->engine, attempt, &answer, bench->now);
}

static void fill(struct bench *bench)
{
	while (!bench_full(bench))
		failover_register(bench->engine, bench->line, bench->now);
}

static unsigned was_abandoned(const struct bench *bench, uint64_t attempt)
{
	const struct bench_output *output;
	unsigned i;

	for (i = 0; (output = bench_output(bench, FAILOVER_OUTPUT_ABANDON, i)); i++)
		if (output->out.abandoned == attempt)
			return 1;
	return 0;
}

/* The one result is this leg's. */
static void answered_by(struct bench *bench, uint64_t attempt)
{
	bench_drain(bench);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(results(bench), 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.attempt,
			  attempt);
}

static void take(struct bench *bench, unsigned count)
{
	struct failover_output out;

	while (count--)
		ck_assert_int_eq(failover_poll(bench->engine, &out), 1);
}

/* There are 255 numbers for attempts, and one leg is challenged again and again. */
START_TEST(B36d_the_number_of_a_leg_at_work_is_passed_over)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t second;
	unsigned i;

	bench_emergency(bench);
	bench_answer(bench, 503);
	second = bench_attempt(bench)->id;
	bench_until(bench, START + 2000);
	for (i = 0; i < 300; i++) {
		const struct failover_attempt *attempt = bench_attempt(bench);

		ck_assert_uint_eq(bench_number(&attempt->target), 0);
		ck_assert_uint_ne(attempt->id, second);
		ck_assert_uint_ne(attempt->flags & FAILOVER_ATTEMPT_RESENT, 0);
		if (i % 30 == 0)
			ck_assert_uint_eq(say(bench, second, 407, 1), FAILOVER_VERDICT_KEEP);
		bench_answer(bench, 503);
		bench_clear(bench);
		bench_until(bench, bench->now + 1000);
	}
	ck_assert_uint_eq(say(bench, second, 200, 0), FAILOVER_VERDICT_KEEP);
	bench_free(bench);
}
END_TEST

/* B21a: it was not that target who said it. */
START_TEST(B36c_what_comes_of_elsewhere_is_no_sign_of_life)
{
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = 100,
					  .flags = FAILOVER_ANSWER_ELSEWHERE };
	uint64_t ids[2];
	struct bench *bench = bench_race("01", ids);

	ck_assert_uint_eq(failover_response(bench->engine, ids[0], &answer, bench->now),
			  FAILOVER_VERDICT_KEEP);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 0);
	ck_assert_uint_eq(say(bench, ids[1], 180, 0), FAILOVER_VERDICT_KEEP); /* the race goes on */
	bench_free(bench);
}
END_TEST

/* Its result is still to be taken. */
START_TEST(B36f_what_has_ended_is_not_ended_again)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	uint64_t call;
	unsigned i;

	ck_assert_int_eq(failover_line_room(bench->engine, bench->line, 0, 0, 28), FAILOVER_OK);
	bench_register(bench);
	for (i = 0; i < 26; i++)
		bench_in_dialog(bench, FAILOVER_BYE, 0, 0);
	bench_submit(bench, FAILOVER_OPTIONS);
	bench_submit(bench, FAILOVER_INVITE);
	call = bench_attempt(bench)->id;
	bench_clear(bench);
	ck_assert_uint_eq(say(bench, call, 486, 0), FAILOVER_VERDICT_KEEP);
	bench_emergency(bench);
	ck_assert_uint_eq(results(bench), 2);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 1)->out.u.result.method,
			  FAILOVER_OPTIONS);
	bench_free(bench);
}
END_TEST

/* B7a: once another leg has answered, what this one says is late, and its stack cancels it. */
START_TEST(B36c_rings_when_another_one_has_answered)
{
	uint64_t ids[4];
	struct bench *bench = bench_race("0123", ids);

	ck_assert_uint_eq(say(bench, ids[1], 200, 0), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(say(bench, ids[0], 180, 0), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(say(bench, ids[2], 404, 0), FAILOVER_VERDICT_LATE);
	answered_by(bench, ids[1]);
	bench_free(bench);
}
END_TEST

/* The other ones that ring, or speak of who is called, do not take the call from who rings. */
START_TEST(B36c_who_rings_first_keeps_it)
{
	uint64_t ids[3];
	struct bench *bench = bench_race("012", ids);

	ck_assert_uint_eq(say(bench, ids[2], 180, 0), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(say(bench, ids[2], 100, 0), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(say(bench, ids[0], 180, 0), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(say(bench, ids[1], 486, 0), FAILOVER_VERDICT_LATE);
	bench_drain(bench);
	bench_until(bench, bench->now + 60000);
	ck_assert_uint_eq(results(bench), 0);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.abandoned, ids[0]);
	/* It has gone: it rings, is challenged, is busy, and nothing follows. */
	ck_assert_uint_eq(say(bench, ids[0], 180, 0), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(say(bench, ids[0], 407, 1), FAILOVER_VERDICT_LATE);
	bench_drain(bench);
	ck_assert_uint_eq(results(bench), 0);
	ck_assert_uint_eq(bench_state(bench).requests, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B36c_who_was_left_and_is_busy_ends_nothing)
{
	uint64_t ids[2];
	struct bench *bench = bench_race("01", ids);

	failover_unreachable(bench->engine, ids[0], FAILOVER_REASON_LOCAL, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 1);
	ck_assert_uint_eq(say(bench, ids[0], 486, 0), FAILOVER_VERDICT_LATE);
	bench_drain(bench);
	ck_assert_uint_eq(results(bench), 0);
	ck_assert_uint_eq(say(bench, ids[1], 486, 0), FAILOVER_VERDICT_KEEP);
	bench_drain(bench);
	ck_assert_uint_eq(results(bench), 1);
	bench_free(bench);
}
END_TEST

/* B4b: the stack does not know yet whether it can answer; the race does not wait for that. */
START_TEST(B36a_a_challenge_that_may_be_answered)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t first;

	bench_emergency(bench);
	first = bench_attempt(bench)->id;
	ck_assert_uint_eq(say(bench, first, 401, FAILOVER_RETRYING_LATER), FAILOVER_VERDICT_KEEP);
	bench_until(bench, START + 999);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_until(bench, START + 1000);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, START + 1000);
	ck_assert_uint_eq(results(bench), 0);
	bench_free(bench);
}
END_TEST

/* The current one is challenged while another is at work: it goes on. */
START_TEST(B36c_challenged_in_front_of_another)
{
	uint64_t ids[2];
	struct bench *bench = bench_race("01", ids);

	ck_assert_uint_eq(say(bench, ids[1], 407, 1), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(say(bench, ids[1], 200, 0), FAILOVER_VERDICT_KEEP);
	answered_by(bench, ids[1]);
	bench_free(bench);
}
END_TEST

/* While the outputs are full the current one fails: the others stay at work. */
START_TEST(B36c_fails_while_outputs_are_full)
{
	unsigned lost;

	for (lost = 0; lost < 2; lost++) {
		uint64_t ids[3];
		struct bench *bench = bench_race("012", ids);

		fill(bench);
		if (lost)
			failover_unreachable(bench->engine, ids[2], FAILOVER_REASON_ICMP,
					     bench->now);
		else
			ck_assert_uint_eq(say(bench, ids[2], 500, 0), FAILOVER_VERDICT_KEEP);
		/* Nor is what comes of another one lost for good. */
		failover_unreachable(bench->engine, ids[0], FAILOVER_REASON_ICMP, bench->now);
		bench_drain(bench);
		bench_until(bench, bench->now);
		ck_assert_uint_eq(ended(bench), 0);
		ck_assert_uint_eq(was_abandoned(bench, ids[2]), lost);
		ck_assert_uint_eq(say(bench, ids[0], 200, 0), FAILOVER_VERDICT_KEEP);
		bench_drain(bench);
		bench_until(bench, bench->now);
		ck_assert_uint_eq(ended(bench), 1);
		bench_free(bench);
	}
}
END_TEST

/* So many legs go that the outputs are full in between. */
START_TEST(B36c_legs_go_as_there_is_room)
{
	uint64_t ids[8], call;
	struct bench *bench = bench_race("00000000", ids);

	call = ids[0] & ~UINT64_C(0xff);
	ck_assert_int_eq(failover_give_up(bench->engine, call, bench->now), FAILOVER_OK);
	fill(bench);
	take(bench, 3);
	ck_assert_uint_eq(say(bench, ids[0], 180, 0), FAILOVER_VERDICT_LATE);
	bench_drain(bench);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(ended(bench), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B36c_a_line_is_removed_as_there_is_room)
{
	uint64_t ids[8];
	struct bench *bench = bench_race("00000000", ids);

	fill(bench);
	take(bench, 3);
	ck_assert_int_eq(failover_line_remove(bench->engine, bench->line, bench->now),
			 FAILOVER_ERR_FULL);
	bench_drain(bench);
	ck_assert_int_eq(failover_line_remove(bench->engine, bench->line, bench->now), FAILOVER_OK);
	bench_drain(bench);
	ck_assert_uint_eq(ended(bench), 1);
	bench_free(bench);
}
END_TEST

/* Who gives way first: what is no call, then a call that does not ring, then one that does. */
START_TEST(B36f_in_this_order)
{
	static const uint32_t order[] = { FAILOVER_OTHER, FAILOVER_INVITE, FAILOVER_INVITE };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE,
						  .flags = FAILOVER_REQUEST_EMERGENCY };
	uint64_t calls[2], request;
	unsigned i;

	ck_assert_int_eq(failover_line_room(bench->engine, bench->line, 0, 0, 28), FAILOVER_OK);
	bench_register(bench);
	for (i = 0; i < 25; i++)
		bench_in_dialog(bench, FAILOVER_BYE, 0, 0);
	calls[1] = bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 180);
	calls[0] = bench_submit(bench, FAILOVER_INVITE);
	bench_submit(bench, FAILOVER_OTHER);
	bench_clear(bench);
	fill(bench); /* nobody gives way where the call has no room */
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &request),
			 FAILOVER_ERR_FULL);
	bench_drain(bench);
	ck_assert_uint_eq(ended(bench), 0);
	bench_clear(bench);
	for (i = 0; i < 3; i++) {
		const struct failover_result *result;

		bench_emergency(bench);
		ck_assert_uint_eq(results(bench), i + 1);
		result = &bench_output(bench, FAILOVER_OUTPUT_RESULT, i)->out.u.result;
		ck_assert_uint_eq(result->method, order[i]);
		if (i)
			ck_assert_uint_eq(result->request, calls[i - 1]);
	}
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_race");
	TCase *tcase = tcase_create("race");

	tcase_add_test(tcase, B36d_the_number_of_a_leg_at_work_is_passed_over);
	tcase_add_test(tcase, B36c_what_comes_of_elsewhere_is_no_sign_of_life);
	tcase_add_test(tcase, B36f_what_has_ended_is_not_ended_again);
	tcase_add_test(tcase, B36c_rings_when_another_one_has_answered);
	tcase_add_test(tcase, B36c_who_rings_first_keeps_it);
	tcase_add_test(tcase, B36c_who_was_left_and_is_busy_ends_nothing);
	tcase_add_test(tcase, B36a_a_challenge_that_may_be_answered);
	tcase_add_test(tcase, B36c_challenged_in_front_of_another);
	tcase_add_test(tcase, B36c_fails_while_outputs_are_full);
	tcase_add_test(tcase, B36c_legs_go_as_there_is_room);
	tcase_add_test(tcase, B36c_a_line_is_removed_as_there_is_room);
	tcase_add_test(tcase, B36f_in_this_order);
	suite_add_tcase(suite, tcase);
	return bench_main_any(suite);
}
