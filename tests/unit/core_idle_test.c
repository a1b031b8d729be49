/* SPDX-License-Identifier: MIT */
/* core_idle_test.c - a line that returns when no call is up (B32). */
#include <string.h>
#include "bench.h"

#define GROUP 5u

static struct failover_line_settings idle(void)
{
	struct failover_line_settings settings = bench_settings();

	settings.failback_interval_s = 100;
	settings.failback_when = FAILOVER_FAILBACK_IDLE;
	return settings;
}

/* Served by the last target, and the others are dead so far. */
static struct bench *at_backup(const struct failover_line_settings *settings, const char *map)
{
	struct bench *bench = bench_one(settings, map);

	bench_register_at(bench, (unsigned)(strlen(map) - 1));
	bench_clear(bench);
	return bench;
}

static void calls_of(struct bench *bench, uint32_t line, uint32_t calls)
{
	ck_assert_int_eq(failover_line_calls(bench->engine, line, calls, bench->now), 0);
	failover_handle_timeout(bench->engine, bench->now);
	bench_drain(bench);
}

static void calls(struct bench *bench, uint32_t count)
{
	calls_of(bench, bench->line, count);
}

static void waits(struct bench *bench)
{
	ck_assert_uint_eq(bench_state(bench).waits_idle, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	ck_assert_uint_eq(bench_state(bench).probing, 0);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
}

/* A probe of its first target has just gone out. */
static void probes_now(struct bench *bench)
{
	ck_assert_uint_eq(bench_state(bench).waits_idle, 0);
	ck_assert_uint_eq(bench_state(bench).probing, 1);
	ck_assert_uint_ne(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_PROBE, 0);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
}

START_TEST(B32_the_last_of_its_calls_lets_it_go)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = at_backup(&settings, "01");

	calls(bench, 2);
	bench_until(bench, bench->now + 500000);
	waits(bench);
	calls(bench, 1);
	waits(bench);
	calls(bench, 0);
	probes_now(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B32_any_waits_for_nothing)
{
	struct failover_line_settings settings = idle();
	struct bench *bench;

	settings.failback_when = FAILOVER_FAILBACK_ANY;
	bench = at_backup(&settings, "01");
	calls(bench, 1);
	bench_until(bench, bench->now + 100000);
	probes_now(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

/* What comes before its time waits for that. */
START_TEST(B32_a_probe_that_is_not_due_yet_is_not_hurried)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = at_backup(&settings, "01");
	uint64_t at = bench_state(bench).next_probe;

	calls(bench, 1);
	calls(bench, 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, at);
	bench_free(bench);
}
END_TEST

START_TEST(B32_a_call_that_comes_up_during_the_probe_keeps_the_line)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = at_backup(&settings, "01");

	bench_until(bench, bench->now + 100000);
	probes_now(bench);
	calls(bench, 1);
	bench_answer(bench, 200);
	bench_clear(bench);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	waits(bench);
	calls(bench, 0);
	probes_now(bench);
	bench_answer(bench, 503);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, bench->now + 100000);
	bench_free(bench);
}
END_TEST

START_TEST(B32_it_is_told_that_the_good_probe_waits)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = at_backup(&settings, "01");

	bench_until(bench, bench->now + 100000);
	calls(bench, 1);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_PROBE_GOOD), 1);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_PROBE_GOOD, 0)->out.u.event.seconds, 0);
	bench_free(bench);
}
END_TEST

/* B30: two good probes are wanted, and 150 s: the first two come at their time, the third waits. */
START_TEST(B32_only_the_probe_that_would_be_enough_waits)
{
	struct failover_line_settings settings = idle();
	struct bench *bench;

	settings.failback_successes = 2;
	settings.failback_hold_s = 150;
	bench = at_backup(&settings, "01");
	calls(bench, 1);
	bench_until(bench, bench->now + 100000);
	probes_now(bench);
	bench_answer(bench, 200);
	bench_until(bench, bench->now + 100000);
	probes_now(bench);
	bench_answer(bench, 200);
	bench_clear(bench);
	bench_until(bench, bench->now + 50000);
	waits(bench);
	bench_until(bench, bench->now + 500000);
	waits(bench);
	calls(bench, 0);
	probes_now(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

/* Its refresh is on its way up (B12) when a call comes up. */
START_TEST(B32_a_REGISTER_on_its_way_up_moves_nothing)
{
	static const char *const maps[] = { "01", "00" };
	struct failover_line_settings settings = idle();
	struct bench *bench;
	uint64_t moved;

	settings.failback = 0;
	settings.signal_failback = 1;
	bench = at_backup(&settings, maps[_i]);
	moved = bench->now;
	bench_until(bench, bench_state(bench).next_register);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	calls(bench, 1);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVED), 0);
	bench_clear(bench);
	failover_handle_timeout(bench->engine, bench->now);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_gt(bench_state(bench).next_register, moved);
	bench_free(bench);
}
END_TEST

/* The bindings of both are there after that (B5a). */
START_TEST(B32_what_a_better_server_has_granted_is_a_binding)
{
	struct failover_line_settings settings = idle();
	struct bench *bench;

	settings.failback = 0;
	settings.signal_failback = 1;
	bench = at_backup(&settings, "01");
	bench_until(bench, bench_state(bench).next_register);
	calls(bench, 1);
	bench_answer(bench, 200);
	failover_handle_timeout(bench->engine, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200);
	bench_clear(bench);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	bench_free(bench);
}
END_TEST

/* A call is on its way up when an older one, which came in, is answered. */
START_TEST(B32_a_call_on_its_way_up_moves_nothing)
{
	struct failover_line_settings settings = idle();
	struct bench *bench;

	settings.signal_failback = 1;
	bench = at_backup(&settings, "00");
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	calls(bench, 1);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B32_a_dead_backup_is_left)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = at_backup(&settings, "01");

	calls(bench, 1);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B32_a_backup_that_a_call_has_left_before_a_good_one_comes_is_left)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = at_backup(&settings, "00");

	calls(bench, 1);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B32_a_person_does_not_wait)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = at_backup(&settings, "01");

	calls(bench, 1);
	ck_assert_int_eq(failover_failback(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);

	settings.failback = 0; /* so nobody but a person probes */
	bench = at_backup(&settings, "01");
	calls(bench, 1);
	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

/* B31: it has waited for the call, and still has to stay. */
START_TEST(B32_it_does_not_return_before_the_hold_ends)
{
	struct failover_line_settings settings = idle();
	struct bench *bench;
	uint64_t at;

	settings.failover_hold_s = 500;
	bench = at_backup(&settings, "01");
	at = bench_state(bench).next_probe;
	calls(bench, 1);
	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).waits_idle, 1);
	calls(bench, 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, at);
	bench_free(bench);
}
END_TEST

START_TEST(B32_a_pinned_line_waits_for_nothing)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = at_backup(&settings, "01");

	calls(bench, 1);
	bench_until(bench, bench->now + 200000);
	waits(bench);
	ck_assert_int_eq(failover_pin(bench->engine, bench->line, 1, bench->now), 0);
	ck_assert_uint_eq(bench_state(bench).waits_idle, 0);
	calls(bench, 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench_free(bench);
}
END_TEST

/* B1b: there is nobody whom it could stay with. */
START_TEST(B32_a_server_that_goes_from_the_list_ends_it)
{
	struct failover_line_settings settings = idle();
	struct failover_target first = bench_target(0, 0);
	struct bench *bench = at_backup(&settings, "01");

	calls(bench, 1);
	bench_until(bench, bench->now + 200000);
	waits(bench);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, &first, 1, bench->now),
			 0);
	failover_handle_timeout(bench->engine, bench->now);
	bench_drain(bench);
	probes_now(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B32_calls_of_no_line)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = at_backup(&settings, "01");

	ck_assert_int_eq(failover_line_calls(bench->engine, bench->line + 1, 1, bench->now),
			 FAILOVER_ERR_STALE);
	bench_free(bench);
}
END_TEST

/* ---- groups (B39) ------------------------------------------------------------------------- */

static uint32_t other;

/* The bench's line and another one of its group, or of group `of_other`, at the backup. */
static struct bench *two_lines(uint32_t of_other)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = bench_new(FAILOVER_HEALTH_OFF, 0);

	settings.group = of_other;
	bench->line = other = bench_line(bench, &settings, "01");
	bench_register_at(bench, 1);
	settings.group = GROUP;
	bench->line = bench_line(bench, &settings, "01");
	bench_register_at(bench, 1);
	bench_clear(bench);
	return bench;
}

static void wait_for_the_other(struct bench *bench)
{
	calls_of(bench, other, 1);
	bench_until(bench, bench->now + 200000);
	waits(bench);
}

START_TEST(B32_a_line_waits_for_the_calls_of_its_group)
{
	struct bench *bench = two_lines(GROUP);

	wait_for_the_other(bench);
	calls_of(bench, other, 0);
	probes_now(bench);
	bench_free(bench);
}
END_TEST

START_TEST(B32_the_calls_of_another_group_hold_nobody)
{
	struct bench *bench = two_lines(_i ? GROUP + 1 : 0);

	calls_of(bench, other, 1);
	bench_until(bench, bench->now + 100000);
	probes_now(bench);
	ck_assert_uint_eq(bench_attempt(bench)->line, bench->line);
	bench_free(bench);
}
END_TEST

START_TEST(B32_a_line_that_goes_takes_its_calls_with_it)
{
	struct bench *bench = two_lines(GROUP);

	wait_for_the_other(bench);
	ck_assert_int_eq(failover_line_remove(bench->engine, other, bench->now), 0);
	failover_handle_timeout(bench->engine, bench->now);
	bench_drain(bench);
	probes_now(bench);
	bench_free(bench);
}
END_TEST

START_TEST(B32_a_line_that_leaves_the_group_takes_its_calls_with_it)
{
	struct failover_target list[2] = { bench_target(0, 0), bench_target(1, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .targets = list,
					       .settings = idle() };
	struct bench *bench = two_lines(GROUP);
	uint32_t line = bench->line;

	wait_for_the_other(bench);
	ck_assert_int_eq(failover_line_update(bench->engine, other, &params, bench->now), 0);
	bench_drain(bench);
	bench_clear(bench);
	failover_handle_timeout(bench->engine, bench->now);
	bench_drain(bench);
	probes_now(bench);

	/* and has them still */
	bench->line = other;
	bench_register_at(bench, 1);
	bench_clear(bench);
	bench_until(bench, bench->now + 200000);
	ck_assert_uint_eq(bench_state(bench).waits_idle, 1);
	bench->line = line;
	bench_free(bench);
}
END_TEST

/* The group has returned without it, as another one did not have to wait. */
START_TEST(B32_it_follows_its_group_when_its_call_has_ended)
{
	struct failover_line_settings settings = idle();
	struct bench *bench = bench_new(FAILOVER_HEALTH_OFF, 0);
	uint32_t line;

	settings.group = GROUP;
	bench->line = line = bench_line(bench, &settings, "01");
	bench_register_at(bench, 1);
	settings.failback_when = FAILOVER_FAILBACK_ANY;
	bench->line = other = bench_line(bench, &settings, "01");
	bench_register_at(bench, 1);
	calls_of(bench, line, 1);
	ck_assert_int_eq(failover_failback(bench->engine, other, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200);
	bench->line = line;
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_REGISTER);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	bench_answer(bench, 200);
	bench_clear(bench);
	waits(bench);
	calls(bench, 0);
	probes_now(bench);
	bench_free(bench);
}
END_TEST

static void add_group(Suite *suite)
{
	TCase *tcase = tcase_create("B32_group");

	tcase_add_test(tcase, B32_a_line_waits_for_the_calls_of_its_group);
	tcase_add_loop_test(tcase, B32_the_calls_of_another_group_hold_nobody, 0, 2);
	tcase_add_test(tcase, B32_a_line_that_goes_takes_its_calls_with_it);
	tcase_add_test(tcase, B32_a_line_that_leaves_the_group_takes_its_calls_with_it);
	tcase_add_test(tcase, B32_it_follows_its_group_when_its_call_has_ended);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	Suite *suite = suite_create("idle");
	TCase *tcase = tcase_create("B32");

	tcase_add_test(tcase, B32_the_last_of_its_calls_lets_it_go);
	tcase_add_test(tcase, B32_any_waits_for_nothing);
	tcase_add_test(tcase, B32_a_probe_that_is_not_due_yet_is_not_hurried);
	tcase_add_test(tcase, B32_a_call_that_comes_up_during_the_probe_keeps_the_line);
	tcase_add_test(tcase, B32_it_is_told_that_the_good_probe_waits);
	tcase_add_test(tcase, B32_only_the_probe_that_would_be_enough_waits);
	tcase_add_loop_test(tcase, B32_a_REGISTER_on_its_way_up_moves_nothing, 0, 2);
	tcase_add_test(tcase, B32_what_a_better_server_has_granted_is_a_binding);
	tcase_add_test(tcase, B32_a_call_on_its_way_up_moves_nothing);
	tcase_add_test(tcase, B32_a_dead_backup_is_left);
	tcase_add_test(tcase, B32_a_backup_that_a_call_has_left_before_a_good_one_comes_is_left);
	tcase_add_test(tcase, B32_a_person_does_not_wait);
	tcase_add_test(tcase, B32_it_does_not_return_before_the_hold_ends);
	tcase_add_test(tcase, B32_a_pinned_line_waits_for_nothing);
	tcase_add_test(tcase, B32_a_server_that_goes_from_the_list_ends_it);
	tcase_add_test(tcase, B32_calls_of_no_line);
	suite_add_tcase(suite, tcase);
	add_group(suite);
	return bench_main(suite);
}
