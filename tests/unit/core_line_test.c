/* SPDX-License-Identifier: MIT */
/* core_line_test.c - what a line does by itself: registering and keep-alive: B10, B14 to B18. */
#include "bench.h"

static void granted(struct bench *bench, uint32_t expires_s)
{
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = 200,
					  .expires_s = expires_s };

	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	bench_drain(bench);
}

START_TEST(B10_registration_dialog_belongs_to_the_registrar)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0011");
	uint32_t first;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	first = bench_attempt(bench)->dialog;
	bench_answer(bench, 503);
	ck_assert_uint_eq(bench_attempt(bench)->dialog, first); /* same registrar, other hop */
	bench_answer(bench, 503);
	ck_assert_uint_ne(bench_attempt(bench)->dialog, first);
	bench_free(bench);
}
END_TEST

START_TEST(B14_periods_are_spread_by_jitter_and_the_seed_decides)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	uint64_t least = UINT64_MAX, most = 0;
	unsigned i;

	settings.jitter_percent = 10;
	for (i = 0; i < 200; i++) {
		uint64_t at;

		bench->line = bench_line(bench, &settings, "01");
		bench_register_at(bench, 1);
		at = bench_state(bench).next_probe - bench->now;
		ck_assert_uint_ge(at, 1800000);
		ck_assert_uint_le(at, 1980000);
		least = at < least ? at : least;
		most = at > most ? at : most;
	}
	ck_assert_uint_lt(least, 1810000);
	ck_assert_uint_gt(most, 1970000);
	bench_free(bench);
}
END_TEST

START_TEST(B15_refresh_at_90_percent_at_least_5_s_before_the_granted_end)
{
	static const uint32_t rows[][2] = { { 3600, 3240000 }, { 100, 90000 }, { 50, 45000 },
					    { 40, 35000 },     { 10, 5000 },   { 8, 4000 } };
	struct failover_line_settings settings = bench_settings();
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench *bench = bench_one(&settings, "0");

		failover_register(bench->engine, bench->line, bench->now);
		bench_drain(bench);
		granted(bench, rows[i][0]);
		ck_assert_uint_eq(bench_state(bench).next_register, 1000 + rows[i][1]);
		bench_until(bench, 1000 + rows[i][1]);
		bench_expect(bench, 1, FAILOVER_REGISTER, 0, 1000 + rows[i][1]);
		bench_free(bench);
	}
}
END_TEST

START_TEST(B15_Min_Expires_of_a_423_is_asked_for_from_then_on)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer answer = {
		.size = sizeof(answer), .status = 423, .retrying = 1, .min_expires_s = 7200
	};
	struct bench *bench = bench_one(&settings, "0");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_attempt(bench)->expires_s, 3600);
	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	granted(bench, 7200);
	bench_until(bench, 1000 + 6480000);
	ck_assert_uint_eq(bench_attempt(bench)->expires_s, 7200);
	bench_free(bench);
}
END_TEST

START_TEST(B15a_OPTIONS_after_silence_and_any_response_is_life)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target primary = bench_target(0, 0), other = bench_target(1, 1);
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "01");
	bench_register(bench);
	bench_until(bench, 21000);
	failover_heard(bench->engine, bench->line, &primary, bench->now);
	failover_heard(bench->engine, bench->line, &other, 40000);
	bench_until(bench, 50999);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_until(bench, 51000);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0, 51000);
	bench_answer(bench, 404); /* alive all the same */
	bench_until(bench, 81000);
	bench_expect(bench, 1, FAILOVER_OPTIONS, 0, 81000);
	bench_until(bench, 84500);
	bench_expect(bench, 2, FAILOVER_REGISTER, 0, 84500);
	bench_until(bench, 88000);
	bench_expect(bench, 3, FAILOVER_REGISTER, 1, 88000);
	bench_free(bench);
}
END_TEST

/* Whoever has unregistered does not want to be registered by a call. */
START_TEST(B5_a_line_that_was_unregistered_is_not_registered_by_a_call)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200); /* the removal */
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, bench->now);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, bench->now);
	bench_answer(bench, 200);
	bench_until(bench, 10000000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	failover_register(bench->engine, bench->line, bench->now); /* and the user has it back */
	bench_drain(bench);
	bench_answer(bench, 200);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 4, FAILOVER_REGISTER, 1, bench->now);
	bench_free(bench);
}
END_TEST

START_TEST(B16_after_total_failure_it_tries_again_from_index_0_for_ever)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	const struct failover_event *lost;
	unsigned i;

	bench_register_at(bench, 1);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	for (i = 0; i < 10; i++) {
		uint64_t wait;

		ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
		bench_answer(bench, 503);
		bench_answer(bench, 503);
		wait = bench_state(bench).next_register - bench->now;
		ck_assert_uint_ge(wait, 16000);
		ck_assert_uint_le(wait, 32000);
		ck_assert_uint_eq(bench_state(bench).registered, 0);
		bench_until(bench, bench_state(bench).next_register);
	}
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 1);
	lost = &bench_event(bench, FAILOVER_EVENT_UNREGISTERED, 0)->out.u.event;
	ck_assert_uint_eq(lost->reason, FAILOVER_REASON_STATUS);
	ck_assert_uint_eq(lost->status, 503);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B16_backoff_doubles_up_to_1800_s)
{
	struct failover_line_settings settings = bench_settings();
	uint64_t expected = 32000;
	struct bench *bench;
	unsigned i;

	settings.reg_fail_backoff = 1;
	bench = bench_one(&settings, "0");
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	for (i = 0; i < 12; i++) {
		uint64_t wait;

		bench_answer(bench, 503);
		wait = bench_state(bench).next_register - bench->now;
		ck_assert_uint_ge(wait, expected / 2);
		ck_assert_uint_le(wait, expected);
		expected = expected * 2 < 1800000 ? expected * 2 : 1800000;
		bench_until(bench, bench_state(bench).next_register);
	}
	bench_free(bench);
}
END_TEST

START_TEST(B16_a_rejected_registration_is_tried_again_too)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 403);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_UNREGISTERED, 0)->out.u.event.status,
			  403);
	bench_until(bench, 33000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 0,
		     bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 1)->at);
	bench_free(bench);
}
END_TEST

START_TEST(B17_manual_registration_starts_at_index_0)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register_at(bench, 1);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B17_changed_network_starts_at_index_0_and_spreads_the_lines)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint32_t first, second;

	bench_register_at(bench, 1);
	failover_network_changed(bench->engine, bench->now);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 1000);
	bench_free(bench);

	settings.jitter_percent = 10;
	bench = bench_new(0, 0);
	first = bench->line = bench_line(bench, &settings, "01");
	bench_register_at(bench, 1);
	second = bench->line = bench_line(bench, &settings, "01");
	bench_register_at(bench, 1);
	failover_network_changed(bench->engine, bench->now);
	bench_until(bench, 1000 + 3200);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert_uint_ne(bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 0)->at,
			  bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 1)->at);
	ck_assert_uint_ne(first, second);
	bench_free(bench);
}
END_TEST

START_TEST(B17_changed_configuration_starts_at_index_0)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(5, 0), bench_target(1, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = settings };
	struct bench *bench = bench_one(&settings, "01");

	bench_register_at(bench, 1);
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, bench->now), 0);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 5, 1000);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	params.registrars = 3;
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, bench->now),
			 FAILOVER_ERR_LIMIT);
	bench_free(bench);
}
END_TEST

START_TEST(unregister_removes_every_live_binding_and_stays_off)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register_at(bench, 1);
	bench_register(bench); /* both registrars hold a binding */
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 1000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 1000);
	ck_assert_uint_eq(bench_attempt_number(bench, 0)->expires_s, 0);
	ck_assert_uint_eq(bench_attempt_number(bench, 1)->expires_s, 0);
	bench_answer_to(bench, bench_attempt_number(bench, 0)->id, 200);
	bench_answer_to(bench, bench_attempt_number(bench, 1)->id, 200);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 1);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_UNREGISTERED, 0)->out.u.event.reason,
			  0);
	ck_assert_uint_eq(failover_next_deadline(bench->engine), UINT64_MAX);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_line");
	TCase *tcase = tcase_create("line");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B10_registration_dialog_belongs_to_the_registrar);
	tcase_add_test(tcase, B14_periods_are_spread_by_jitter_and_the_seed_decides);
	tcase_add_test(tcase, B15_refresh_at_90_percent_at_least_5_s_before_the_granted_end);
	tcase_add_test(tcase, B15_Min_Expires_of_a_423_is_asked_for_from_then_on);
	tcase_add_test(tcase, B15a_OPTIONS_after_silence_and_any_response_is_life);
	tcase_add_test(tcase, B5_a_line_that_was_unregistered_is_not_registered_by_a_call);
	tcase_add_test(tcase, B16_after_total_failure_it_tries_again_from_index_0_for_ever);
	tcase_add_test(tcase, B16_backoff_doubles_up_to_1800_s);
	tcase_add_test(tcase, B16_a_rejected_registration_is_tried_again_too);
	tcase_add_test(tcase, B17_manual_registration_starts_at_index_0);
	tcase_add_test(tcase, B17_changed_network_starts_at_index_0_and_spreads_the_lines);
	tcase_add_test(tcase, B17_changed_configuration_starts_at_index_0);
	tcase_add_test(tcase, unregister_removes_every_live_binding_and_stays_off);
	return bench_main(suite);
}
