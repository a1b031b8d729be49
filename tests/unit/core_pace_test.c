/* SPDX-License-Identifier: MIT */
/* core_pace_test.c - many lines move to a backup, so many in a second (B14a). */
#include <failover/plugin.h>
#include "bench.h"
#include "../../libfailover/core/core.h"

#define LINES 40u

static uint32_t lines[LINES];

/* Registered lines at a primary and a backup, with this limit; then all register. */
static struct bench *many_lines(uint32_t per_second, uint32_t health)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(health, 1024);
	unsigned i;

	settings.failback = 0;
	ck_assert_int_eq(failover_move_limit(bench->engine, per_second), 0);
	for (i = 0; i < LINES; i++) {
		lines[i] = bench->line = bench_line(bench, &settings, "01");
		bench_register(bench);
	}
	for (i = 0; i < LINES; i++) {
		ck_assert_int_eq(failover_register(bench->engine, lines[i], bench->now), 0);
		bench_drain(bench);
	}
	return bench;
}

/* When the n-th packet went to this target; 0 = there is none. */
static uint64_t packet_at(const struct bench *bench, unsigned target, unsigned n)
{
	const struct bench_output *output;
	unsigned i;

	for (i = 0; (output = bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, i)); i++)
		if (bench_number(&output->out.u.attempt.target) == target && n-- == 0)
			return output->at;
	return 0;
}

/* Between the first and the last of `count` + 1 packets in a row there is a second at least. */
static unsigned at_most(const struct bench *bench, unsigned target, unsigned count)
{
	unsigned n;

	for (n = 0; packet_at(bench, target, n + count); n++)
		ck_assert_uint_ge(packet_at(bench, target, n + count),
				  packet_at(bench, target, n) + 1000);
	return n + count;
}

START_TEST(B14a_without_a_limit_all_move_in_one_moment)
{
	struct bench *bench = many_lines(0, FAILOVER_HEALTH_OFF);

	bench_until(bench, 4500);
	ck_assert_uint_eq(packet_at(bench, 1, LINES - 1), 4500);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVE_HELD), 0);
	bench_free(bench);
}
END_TEST

/* The primary is silent: the first line moves when its policy says, the others one by one. */
START_TEST(B14a_registrations_move_so_many_in_a_second)
{
	struct bench *bench = many_lines(8, FAILOVER_HEALTH_OFF);
	const struct bench_output *told;

	bench_until(bench, 9500);
	ck_assert_uint_eq(packet_at(bench, 1, 0), 4500);
	ck_assert_uint_eq(packet_at(bench, 1, 1), 4625);
	ck_assert_uint_eq(packet_at(bench, 1, LINES - 1), 4500 + 125 * (LINES - 1));
	ck_assert_uint_eq(at_most(bench, 1, 8), LINES);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVE_HELD), LINES - 1);
	told = bench_event(bench, FAILOVER_EVENT_MOVE_HELD, LINES - 2);
	ck_assert_uint_eq(told->at, 4500);
	ck_assert_uint_eq(told->out.u.event.seconds, 5); /* 4.875 */
	ck_assert_uint_eq(bench_number(&told->out.u.event.target), 1);
	ck_assert_uint_eq(told->out.u.event.method, FAILOVER_REGISTER);
	bench_free(bench);
}
END_TEST

/* Places are closer to each other than the clock can tell. */
START_TEST(B14a_a_limit_of_more_than_1000)
{
	struct bench *bench = many_lines(3000, FAILOVER_HEALTH_OFF);

	bench_until(bench, 4600);
	ck_assert_uint_eq(packet_at(bench, 1, 0), 4500);
	ck_assert_uint_eq(packet_at(bench, 1, 2), 4500);
	ck_assert_uint_eq(packet_at(bench, 1, 4), 4501);
	ck_assert_uint_eq(packet_at(bench, 1, LINES - 1), 4513);
	bench_free(bench);
}
END_TEST

/* What the answer to a challenge takes, the next line waits longer. */
START_TEST(B14a_a_challenge_takes_a_place)
{
	struct failover_answer challenge = { .size = sizeof(challenge),
					     .status = 401,
					     .retrying = FAILOVER_RETRYING_YES };
	struct bench *bench = many_lines(10, FAILOVER_HEALTH_OFF);

	bench_until(bench, 4500);
	failover_response(bench->engine, bench_attempt(bench)->id, &challenge, bench->now);
	bench_until(bench, 20000);
	ck_assert_uint_eq(packet_at(bench, 1, 0), 4500);
	ck_assert_uint_eq(packet_at(bench, 1, 1), 4700);
	ck_assert_uint_eq(packet_at(bench, 1, 2), 4800);
	ck_assert_uint_eq(at_most(bench, 1, 10), LINES);
	/* who lost its turn has the last one, and is told so */
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVE_HELD), LINES);
	ck_assert_uint_eq(packet_at(bench, 1, LINES - 1), 4500 + 100 * LINES);
	bench_free(bench);
}
END_TEST

/* A challenge at the server where the line lives is no move. */
START_TEST(B14a_a_refresh_takes_no_place)
{
	struct failover_answer challenge = { .size = sizeof(challenge),
					     .status = 401,
					     .retrying = FAILOVER_RETRYING_YES };
	struct bench *bench = many_lines(1, FAILOVER_HEALTH_OFF);
	unsigned i;

	for (i = 0; i < LINES; i++) {
		failover_response(bench->engine, bench_attempt_number(bench, i)->id, &challenge,
				  bench->now);
		bench_answer_to(bench, bench_attempt_number(bench, i)->id, 200);
	}
	ck_assert_uint_eq(bench->engine->pace.free_at, 0);
	bench_free(bench);
}
END_TEST

/* A call that is dialled in the outage finds the line's REGISTER waiting, and takes it along. */
START_TEST(B14a_a_call_does_not_wait)
{
	struct bench *bench = many_lines(10, FAILOVER_HEALTH_OFF);
	unsigned before;

	bench_until(bench, 4500);
	bench->line = lines[0]; /* of those that were due at one time it is the last */
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP); /* the primary */
	ck_assert_uint_eq(packet_at(bench, 1, 0), 4500);
	bench_until(bench, 4550);
	ck_assert_uint_eq(packet_at(bench, 1, 1), 4500);
	before = bench_count(bench, FAILOVER_OUTPUT_ATTEMPT);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), before + 1);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_INVITE);
	bench_until(bench, 20000); /* the others give way */
	ck_assert_uint_gt(packet_at(bench, 1, 3), 4600);
	ck_assert_uint_eq(packet_at(bench, 1, LINES), 4500 + 100 * LINES);
	bench_free(bench);
}
END_TEST

/* A call that goes on alone needs a REGISTER there, and both take places (B22). */
START_TEST(B14a_a_call_that_goes_on_alone_takes_places)
{
	struct bench *bench = many_lines(10, FAILOVER_HEALTH_OFF);
	unsigned i;

	for (i = 0; i < LINES; i++)
		bench_answer_to(bench, bench_attempt_number(bench, i)->id, 200);
	bench->line = lines[0];
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	ck_assert_uint_eq(bench->engine->pace.free_at, 1100 * 1000);
	bench_until(bench, 1001);
	for (i = 0; bench_number(&bench_attempt_number(bench, i)->target) != 1; i++)
		;
	bench_answer_to(bench, bench_attempt_number(bench, i)->id, 200);
	bench_drain(bench);
	ck_assert_uint_eq(bench->engine->pace.free_at, 1200 * 1000);
	bench_free(bench);
}
END_TEST

/* Who comes later goes behind those who wait, though a place is free at that moment. */
START_TEST(B14a_who_comes_later_goes_behind)
{
	struct bench *bench = many_lines(10, FAILOVER_HEALTH_OFF);
	unsigned i;

	for (i = 2; i < LINES; i++)
		bench_answer_to(bench, bench_attempt_number(bench, i)->id, 200);
	bench_until(bench, 4500); /* line 0 has moved, line 1 waits until 4600 */
	bench->now = 4599;
	bench->line = lines[2];
	ck_assert_int_eq(failover_register(bench->engine, lines[2], bench->now), 0);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_until(bench, 4600);
	ck_assert_uint_eq(packet_at(bench, 1, 1), 4600);
	ck_assert_uint_eq(packet_at(bench, 1, 2), 0);
	bench_until(bench, 4700);
	ck_assert_uint_eq(packet_at(bench, 1, 2), 4700);
	bench_free(bench);
}
END_TEST

/* With shared health the lines know before they ask: that is a move too. */
START_TEST(B14a_a_line_that_begins_at_the_backup_moves)
{
	struct bench *bench = many_lines(10, FAILOVER_HEALTH_TRANSPORT);
	struct failover_target primary = bench_target(0, 0);

	bench_answer_to(bench, bench_attempt_number(bench, 0)->id, 200);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(packet_at(bench, 1, 0), 1000);
	failover_refresh(bench->engine, lines[0], &primary, bench->now);
	bench_until(bench, 1099);
	ck_assert_uint_eq(packet_at(bench, 1, 1), 0);
	bench_until(bench, 1100);
	ck_assert_uint_eq(packet_at(bench, 1, 1), 1100);
	bench_free(bench);
}
END_TEST

/* One that waits can be given up like one that is under way, and nothing is sent for it. */
START_TEST(B14a_who_waits_can_be_stopped)
{
	struct failover_target list[] = { bench_target(0, 0), bench_target(2, 1) };
	struct bench *bench = many_lines(2, FAILOVER_HEALTH_OFF);
	unsigned i;

	bench_until(bench, 4600);
	ck_assert_uint_eq(bench_state(bench).registering, 1);
	ck_assert_int_eq(failover_line_remove(bench->engine, lines[1], bench->now), 0);
	ck_assert_int_eq(failover_unregister(bench->engine, lines[2], bench->now), 0);
	/* the one that it waits for goes from the list */
	ck_assert_int_eq(failover_line_targets(bench->engine, lines[3], list, 2, bench->now), 0);
	for (i = 4; i < LINES; i++)
		ck_assert_int_eq(failover_unregister(bench->engine, lines[i], bench->now), 0);
	bench_until(bench, 4500 + 500 * LINES);
	ck_assert_uint_eq(packet_at(bench, 1, 2), 0); /* lines 39, and 0 */
	ck_assert_uint_eq(packet_at(bench, 2, 0), 4500 + 500 * (LINES - 4));
	bench_free(bench);
}
END_TEST

/* A late answer of the server that was left changes nothing (B7c). */
START_TEST(B14a_who_waits_hears_no_late_answer)
{
	struct bench *bench = many_lines(2, FAILOVER_HEALTH_OFF);

	bench_until(bench, 4600);
	bench_answer_to(bench, bench_attempt_number(bench, 5)->id, 200);
	bench_until(bench, 4500 + 500 * LINES);
	ck_assert_uint_eq(packet_at(bench, 1, LINES - 1), 4500 + 500 * (LINES - 1));
	bench_free(bench);
}
END_TEST

/* Back to the primary, or once more at the server that serves: not limited (B11, B16). */
START_TEST(B14a_going_back_is_not_limited)
{
	struct bench *bench = many_lines(10, FAILOVER_HEALTH_OFF);
	uint64_t before;

	bench_until(bench, 4500);
	bench->line = bench_attempt(bench)->line;
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	before = bench->engine->pace.free_at;
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	ck_assert_uint_eq(bench->engine->pace.free_at, before);
	bench_free(bench);
}
END_TEST

START_TEST(B14a_a_hang_up_neither_waits_nor_takes_a_place)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	ck_assert_int_eq(failover_move_limit(bench->engine, 1), 0);
	bench_register(bench);
	bench_in_dialog(bench, FAILOVER_BYE, 0, 0);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 1, FAILOVER_BYE, 1, 1000);
	ck_assert_uint_eq(bench->engine->pace.free_at, 0);
	bench_free(bench);
}
END_TEST

/* The plan of a request knows nothing of other lines, and what waits goes on in it. */
START_TEST(B20a_a_plan_has_no_turns)
{
	struct failover_plan_step steps[8];
	struct failover_plan plan = { .size = sizeof(plan), .steps = steps, .steps_max = 8 };
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_REGISTER };
	struct bench *bench = many_lines(1, FAILOVER_HEALTH_OFF);

	bench_until(bench, 4600);
	ck_assert_int_eq(failover_plan(bench->engine, lines[1], &params, bench->now, &plan), 0);
	ck_assert_uint_eq(plan.steps_count, 3);
	ck_assert_uint_eq(steps[0].kind, FAILOVER_PLAN_WAIT);
	ck_assert_uint_eq(steps[0].target, 1);
	ck_assert_uint_eq(steps[1].at_ms, steps[0].budget_ms);
	bench_free(bench);
}
END_TEST

/* However long the row is, each keeps its place, and is told once when that is. */
START_TEST(B14a_a_wait_of_days)
{
	const uint64_t days = UINT64_C(86400) * 60;
	struct bench *bench = many_lines(1, FAILOVER_HEALTH_OFF);

	bench->engine->pace.free_at = days * 1000000;
	bench_until(bench, 4500);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_MOVE_HELD, 0)->out.u.event.seconds,
			  days - 4);
	bench_until(bench, days * 1000 - 1);
	ck_assert_uint_eq(packet_at(bench, 1, 0), 0);
	bench_until(bench, (days + LINES - 1) * 1000);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVE_HELD), LINES);
	ck_assert_uint_eq(packet_at(bench, 1, 0), days * 1000);
	ck_assert_uint_eq(packet_at(bench, 1, LINES - 1), (days + LINES - 1) * 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B14a_limits_that_are_accepted)
{
	struct bench *bench = bench_new(FAILOVER_HEALTH_OFF, 0);

	ck_assert_int_eq(failover_move_limit(bench->engine, FAILOVER_LIMIT_MOVES), 0);
	ck_assert_uint_eq(bench->engine->pace.interval, 10);
	ck_assert_int_eq(failover_move_limit(bench->engine, FAILOVER_LIMIT_MOVES + 1),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_uint_eq(bench->engine->pace.interval, 10);
	ck_assert_int_eq(failover_move_limit(bench->engine, 3), 0);
	ck_assert_uint_eq(bench->engine->pace.interval, 333334);
	ck_assert_int_eq(failover_move_limit(bench->engine, 0), 0);
	ck_assert_uint_eq(bench->engine->pace.interval, 0);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_pace");
	TCase *tcase = tcase_create("pace");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, B14a_without_a_limit_all_move_in_one_moment);
	tcase_add_test(tcase, B14a_registrations_move_so_many_in_a_second);
	tcase_add_test(tcase, B14a_a_limit_of_more_than_1000);
	tcase_add_test(tcase, B14a_a_challenge_takes_a_place);
	tcase_add_test(tcase, B14a_a_refresh_takes_no_place);
	tcase_add_test(tcase, B14a_a_call_does_not_wait);
	tcase_add_test(tcase, B14a_a_call_that_goes_on_alone_takes_places);
	tcase_add_test(tcase, B14a_who_comes_later_goes_behind);
	tcase_add_test(tcase, B14a_a_line_that_begins_at_the_backup_moves);
	tcase_add_test(tcase, B14a_who_waits_can_be_stopped);
	tcase_add_test(tcase, B14a_who_waits_hears_no_late_answer);
	tcase_add_test(tcase, B14a_going_back_is_not_limited);
	tcase_add_test(tcase, B14a_a_hang_up_neither_waits_nor_takes_a_place);
	tcase_add_test(tcase, B20a_a_plan_has_no_turns);
	tcase_add_test(tcase, B14a_a_wait_of_days);
	tcase_add_test(tcase, B14a_limits_that_are_accepted);
	return bench_main(suite);
}
