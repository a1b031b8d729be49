/* SPDX-License-Identifier: MIT */
/* core_health_test.c - what the device's lines learn from each other, and forget: B4c, B4e, B17. */
#include "bench.h"
#include "../../libfailover/core/core.h"

static uint64_t register_line(struct bench *bench, uint32_t line)
{
	bench->line = line;
	ck_assert_int_eq(failover_register(bench->engine, line, bench->now), 0);
	bench_drain(bench);
	return bench_attempt(bench)->id;
}

/* Three registered lines; the first has found target 0 dead and serves at 1. */
static struct bench *three_lines(uint32_t *lines)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	unsigned i;

	settings.failback = 0;
	bench = bench_new(FAILOVER_HEALTH_TRANSPORT, 0);
	for (i = 0; i < 3; i++) {
		lines[i] = bench_line(bench, &settings, "00");
		register_line(bench, lines[i]);
		bench_answer(bench, 200);
	}
	register_line(bench, lines[0]);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200);
	bench_clear(bench);
	return bench;
}

static unsigned invite_goes_to(struct bench *bench, uint32_t line)
{
	uint64_t request;
	unsigned target;

	bench->line = line;
	request = bench_submit(bench, FAILOVER_INVITE);
	target = bench_number(&bench_attempt(bench)->target);
	failover_give_up(bench->engine, request, bench->now);
	bench_drain(bench);
	return target;
}

START_TEST(B4e_one_line_tries_again_after_32_s_the_others_wait)
{
	uint32_t lines[3];
	struct bench *bench = three_lines(lines);

	bench_until(bench, 1000 + 31999);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 1);
	bench_until(bench, 1000 + 32000);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 0);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 0); /* it is the one that tries now */
	ck_assert_uint_eq(invite_goes_to(bench, lines[2]), 1);
	ck_assert_uint_eq(invite_goes_to(bench, lines[0]), 1); /* where it serves */
	bench_until(bench, 1000 + 32000 + 31999);
	ck_assert_uint_eq(invite_goes_to(bench, lines[2]), 1);
	bench_until(bench, 1000 + 64000);
	ck_assert_uint_eq(invite_goes_to(bench, lines[2]), 0);
	bench_free(bench);
}
END_TEST

/* Found dead again by the line that tries: the others go on waiting from then. */
START_TEST(B4e_a_second_finding_counts_from_its_own_time)
{
	uint32_t lines[3];
	struct bench *bench = three_lines(lines);

	bench_until(bench, 21000);
	register_line(bench, lines[0]);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200);
	bench_until(bench, 21000 + 31999);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 1);
	bench_until(bench, 21000 + 32000);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 0);
	bench_free(bench);
}
END_TEST

/* Longer than the 32 s, and shorter; then all may go there at the same time. */
START_TEST(B35_dead_time_ends_what_is_known)
{
	static const uint32_t times_s[] = { 100, 5 };
	uint32_t lines[3];
	struct bench *bench = three_lines(lines);

	ck_assert_int_eq(failover_dead_time(bench->engine, times_s[_i]), 0);
	bench_until(bench, 1000 + 1000 * (uint64_t)times_s[_i] - 1);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 1);
	ck_assert_uint_eq(invite_goes_to(bench, lines[2]), 1);
	bench_until(bench, 1000 + 1000 * (uint64_t)times_s[_i]);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 0);
	ck_assert_uint_eq(invite_goes_to(bench, lines[2]), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B35_it_begins_anew_with_each_finding)
{
	uint32_t lines[3];
	struct bench *bench = three_lines(lines);

	ck_assert_int_eq(failover_dead_time(bench->engine, 100), 0);
	bench_until(bench, 51000);
	register_line(bench, lines[0]);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200);
	bench_until(bench, 51000 + 99999);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 1);
	bench_until(bench, 51000 + 100000);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B35_has_a_limit)
{
	struct bench *bench = bench_new(0, 0);

	ck_assert_int_eq(failover_dead_time(bench->engine, FAILOVER_LIMIT_DEAD_TIME_S + 1),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_dead_time(bench->engine, 0), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B15a_a_target_that_was_heard_is_alive_for_all)
{
	uint32_t lines[3];
	struct bench *bench = three_lines(lines);
	struct failover_target primary = bench_target(0, 0);

	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 1);
	failover_heard(bench->engine, lines[2], &primary, bench->now);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B17_a_changed_network_forgets_what_was_dead)
{
	uint32_t lines[3];
	struct bench *bench = three_lines(lines);

	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 1);
	ck_assert_int_eq(failover_network_changed(bench->engine, bench->now), 0);
	ck_assert_uint_eq(invite_goes_to(bench, lines[1]), 0);
	bench_free(bench);
}
END_TEST

/* Two targets asked to be left alone; after a change of network neither is. */
START_TEST(B17_a_changed_network_forgets_Retry_After)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer busy = { .size = sizeof(busy), .status = 503, .retry_after_s = 900 };
	struct bench *bench = bench_one(&settings, "000");
	unsigned i;

	register_line(bench, bench->line);
	for (i = 0; i < 2; i++) {
		failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
		bench_drain(bench);
	}
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 2);
	ck_assert_int_eq(failover_network_changed(bench->engine, bench->now), 0);
	bench_clear(bench);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 500);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, bench->now);
	bench_free(bench);
}
END_TEST

START_TEST(B17_a_changed_network_registers_the_lines_that_are_to_be)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	uint32_t off, removed, running, on;
	uint64_t first;
	unsigned i;

	settings.jitter_percent = 5;
	off = bench_line(bench, &settings, "01");
	removed = bench_line(bench, &settings, "01");
	running = bench_line(bench, &settings, "01");
	on = bench_line(bench, &settings, "01");
	ck_assert_int_eq(failover_line_remove(bench->engine, removed, bench->now), 0);
	register_line(bench, on);
	bench_answer(bench, 200);
	first = register_line(bench, running);
	bench_clear(bench);
	bench->now = 2000;
	ck_assert_int_eq(failover_network_changed(bench->engine, bench->now), 0);
	ck_assert_uint_ge(bench_state(bench).next_register, 2000);
	bench->line = on;
	ck_assert_uint_ge(bench_state(bench).next_register, 2000);
	ck_assert_uint_le(bench_state(bench).next_register, 2000 + 1600);
	bench_until(bench, 2000 + 1600);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert_uint_eq(bench_attempt_number(bench, 0)->line +
				  bench_attempt_number(bench, 1)->line,
			  on + running);
	bench_answer_to(bench, first, 200); /* out of date, and given up (B23e) */
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_REGISTERED), 0);
	for (i = 0; i < bench_count(bench, FAILOVER_OUTPUT_ATTEMPT); i++)
		ck_assert_uint_ne(bench_attempt_number(bench, i)->line, off);
	bench_free(bench);
}
END_TEST

START_TEST(B14_a_line_alone_registers_at_once)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.jitter_percent = 50;
	bench = bench_one(&settings, "01");
	bench_register(bench);
	ck_assert_int_eq(failover_network_changed(bench->engine, 5000), 0);
	ck_assert_uint_eq(bench_state(bench).next_register, 5000);
	ck_assert_uint_eq(failover_next_deadline(bench->engine), 5000);
	bench_free(bench);
}
END_TEST

/* Spread over jitter percent of reg_fail_interval, and no further. */
START_TEST(B14_many_lines_register_within_their_spread)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	uint64_t most = 0;
	unsigned i;

	settings.jitter_percent = 10;
	for (i = 0; i < 200; i++) {
		register_line(bench, bench_line(bench, &settings, "01"));
		bench_answer(bench, 200);
		bench_clear(bench);
	}
	ck_assert_int_eq(failover_network_changed(bench->engine, bench->now), 0);
	bench_until(bench, bench->now + 10000);
	ck_assert_uint_ge(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 200);
	for (i = 0; i < 200; i++) {
		uint64_t at = bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, i)->at;

		if (bench_number(&bench_attempt_number(bench, i)->target) == 0)
			most = at > most ? at : most;
	}
	ck_assert_uint_le(most, 1000 + 3200);
	ck_assert_uint_ge(most, 1000 + 3100);
	bench_free(bench);
}
END_TEST

/* ---- the keep-alive ----------------------------------------------------------------------- */

START_TEST(B15a_keepalive_leaves_a_REGISTER_under_way_alone)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "0");
	bench_register(bench);
	bench_until(bench, 30000);
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_until(bench, 31000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_answer(bench, 200);
	bench_until(bench, 61000); /* 30 s of silence from then */
	bench_expect(bench, 1, FAILOVER_OPTIONS, 0, 61000);
	bench_free(bench);
}
END_TEST

/* The serving target has gone from the list: instead of an OPTIONS to it the line registers. */
START_TEST(B1b_keepalive_of_a_target_that_has_gone_registers)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target other[2] = { bench_target(4, 0), bench_target(5, 0) };
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "00");
	bench_register(bench);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, other, 2, bench->now),
			 0);
	bench_until(bench, 31000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 4, 31000);
	bench_answer(bench, 500);
	bench_expect(bench, 1, FAILOVER_REGISTER, 5, 31000);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B15a_no_keepalive_without_registration)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t options;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "00");
	bench_register(bench);
	bench_until(bench, 31000);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0, 31000);
	options = bench_attempt(bench)->id;
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 403);
	bench_answer_to(bench, options, 200);
	while (bench->now < 200000) {
		bench_until(bench, bench_state(bench).next_register);
		ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_REGISTER);
		bench_answer(bench, 403);
	}
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_health");
	TCase *tcase = tcase_create("health");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B4e_one_line_tries_again_after_32_s_the_others_wait);
	tcase_add_test(tcase, B4e_a_second_finding_counts_from_its_own_time);
	tcase_add_loop_test(tcase, B35_dead_time_ends_what_is_known, 0, 2);
	tcase_add_test(tcase, B35_it_begins_anew_with_each_finding);
	tcase_add_test(tcase, B35_has_a_limit);
	tcase_add_test(tcase, B15a_a_target_that_was_heard_is_alive_for_all);
	tcase_add_test(tcase, B17_a_changed_network_forgets_what_was_dead);
	tcase_add_test(tcase, B17_a_changed_network_forgets_Retry_After);
	tcase_add_test(tcase, B17_a_changed_network_registers_the_lines_that_are_to_be);
	tcase_add_test(tcase, B14_a_line_alone_registers_at_once);
	tcase_add_test(tcase, B14_many_lines_register_within_their_spread);
	tcase_add_test(tcase, B15a_keepalive_leaves_a_REGISTER_under_way_alone);
	tcase_add_test(tcase, B1b_keepalive_of_a_target_that_has_gone_registers);
	tcase_add_test(tcase, B15a_no_keepalive_without_registration);
	return bench_main(suite);
}
