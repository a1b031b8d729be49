/* SPDX-License-Identifier: MIT */
/* core_failback_test.c - the way back: B11 to B13. */
#include "bench.h"

START_TEST(B11_probe_has_a_dialog_of_its_own_and_moves_on_200_only)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	const struct failover_attempt *probe;
	uint32_t dialog;

	bench_register_at(bench, 1);
	bench_until(bench, 1000 + 1799999);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_until(bench, 1000 + 1800000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 1801000);
	probe = bench_attempt_number(bench, 0);
	ck_assert(probe->flags & FAILOVER_ATTEMPT_PROBE);
	ck_assert_uint_eq(probe->budget_ms, 32000);
	ck_assert_uint_eq(probe->transmissions, 0);
	dialog = probe->dialog;
	bench_answer(bench, 404);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVED), 0);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_PROBE_FAILED), 1);
	bench_until(bench, 1801000 + 1440000 - 1); /* the refresh at 90 % of 3600 s comes first */
	bench_clear(bench);
	bench_until(bench, 3241000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, 3241000);
	bench_answer(bench, 200);
	bench_until(bench, 3601000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 0, 3601000);
	ck_assert_uint_ne(bench_attempt(bench)->dialog, dialog);
	dialog = bench_attempt(bench)->dialog;
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_MOVED, 0)->out.u.event.direction,
			  FAILOVER_FAILBACK);
	bench_until(bench, 3601000 + 3240000);
	ck_assert_uint_eq(bench_attempt(bench)->dialog, dialog); /* adopted */
	bench_free(bench);
}
END_TEST

START_TEST(B11_silent_probe_takes_64_T1_then_the_next_target_above)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");

	settings.failback_interval_s = 100;
	bench_free(bench);
	bench = bench_one(&settings, "012");
	bench_register_at(bench, 2);
	bench_until(bench, 200000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 101000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 133000);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->at, 165000);
	bench_until(bench, 265000); /* the interval starts again after the failure */
	bench_expect(bench, 2, FAILOVER_REGISTER, 0, 265000);
	bench_free(bench);
}
END_TEST

START_TEST(B11_probe_does_not_disturb_the_serving_registration)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback_interval_s = 3239; /* under way when the refresh is due at 3240 s */
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_until(bench, 1000 + 3240000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 3240000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 3241000);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_eq(bench_state(bench).probing, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B11_refresh_under_way_does_not_undo_a_failback)
{
	static const uint32_t ends[] = { 200, 403 };
	struct failover_line_settings settings = bench_settings();
	unsigned i;

	settings.failback_interval_s = 3239; /* under way when the refresh is due at 3240 s */
	for (i = 0; i < 4; i++) {
		struct bench *bench = bench_one(&settings, i < 2 ? "01" : "00");
		uint64_t probe;
		uint32_t dialog;

		bench_register_at(bench, 1);
		bench_until(bench, 3240000);
		probe = bench_attempt(bench)->id;
		dialog = bench_attempt(bench)->dialog;
		bench_until(bench, 3241000);
		bench_answer_to(bench, probe, 200);
		bench_answer(bench, ends[i % 2]); /* the refresh at the backup */
		ck_assert_uint_eq(bench_state(bench).serving_index, 0);
		ck_assert_uint_eq(bench_state(bench).registered, 1);
		bench_until(bench, 3241000 + 3240000);
		bench_expect(bench, 2, FAILOVER_REGISTER, 0, 3241000 + 3240000);
		ck_assert_uint_eq(bench_attempt(bench)->dialog, dialog);
		bench_free(bench);
	}
}
END_TEST

START_TEST(B13_a_call_answered_at_the_backup_after_a_failback_moves_nothing)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t invite;

	bench_register_at(bench, 1);
	bench_submit(bench, FAILOVER_INVITE);
	invite = bench_attempt(bench)->id;
	bench_answer(bench, 180);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200); /* back at the primary while it rings */
	bench_answer_to(bench, invite, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B18_unregistering_ends_what_waits_for_a_REGISTER)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	bench = bench_one(&settings, "01");
	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_until(bench, 300000);
	/* the INVITE, the REGISTER it waited for, and the removal */
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 3);
	ck_assert_uint_eq(bench_state(bench).requests, 0);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	ck_assert_uint_eq(failover_next_deadline(bench->engine), UINT64_MAX);
	bench_free(bench);
}
END_TEST

START_TEST(B17_change_while_a_REGISTER_runs_starts_a_new_one)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(5, 0), bench_target(1, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = settings };
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, bench->now), 0);
	bench_drain(bench);
	bench_expect(bench, 1, FAILOVER_REGISTER, 5, 1000);
	failover_network_changed(bench->engine, bench->now);
	bench_answer(bench, 200);
	bench_until(bench, bench->now);
	bench_expect(bench, 2, FAILOVER_REGISTER, 5, 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B11_off_or_at_index_0_there_is_no_probe)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench_free(bench);
	settings.failback = 0;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench_free(bench);
}
END_TEST

START_TEST(B11a_V2_probes_registrars_only)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.profile = FAILOVER_PROFILE_V2;
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench_free(bench);
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, 1801000);
	bench_free(bench);
	settings.profile = FAILOVER_PROFILE_V3;
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, 1801000);
	bench_free(bench);
}
END_TEST

START_TEST(B11b_release_after_the_new_binding_stands)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback_release = 1;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_until(bench, 1801000);
	bench_answer(bench, 200);
	bench_until(bench, 1801000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 1801000);
	ck_assert(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_RELEASE);
	ck_assert_uint_eq(bench_attempt(bench)->expires_s, 0);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B12_REGISTER_at_expiry_starts_at_index_0_with_its_own_dialog)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint32_t dialog;

	settings.failback = 0;
	settings.signal_failback = 1;
	bench = bench_one(&settings, "00");
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 503);
	dialog = bench_attempt(bench)->dialog;
	bench_answer(bench, 200);
	bench_clear(bench);
	bench_until(bench, 3241000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 3241000);
	ck_assert_uint_eq(bench_attempt(bench)->dialog, dialog);
	ck_assert(!(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_PROBE));
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B12_INVITE_starts_at_index_0_and_its_failure_goes_on_as_failover)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	settings.failback = 0;
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, 1000);
	bench_until(bench, 4500);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, 4500);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_until(bench, 4500 + 1800000 - 1); /* B22b: not before the interval */
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 1, bench->now);
	bench_until(bench, 4500 + 1800000);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B12_failback_needs_a_2xx)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 486);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B12_timeout_of_an_INVITE_starts_a_REGISTER_at_index_0)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	settings.signal_failback_methods = FAILOVER_METHOD_BIT(FAILOVER_REGISTER);
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 0, FAILOVER_INVITE, 1, 1000);
	bench_expect(bench, 1, FAILOVER_INVITE, 0, 1000);
	bench_expect(bench, 2, FAILOVER_REGISTER, 0, 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B12a_BYE_goes_to_index_0_only_when_named)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	bench_in_dialog(bench, FAILOVER_BYE, 1, 0);
	bench_expect(bench, 0, FAILOVER_BYE, 1, 1000);
	bench_free(bench);
	settings.signal_failback_methods |= FAILOVER_METHOD_BIT(FAILOVER_BYE);
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	bench_in_dialog(bench, FAILOVER_BYE, 1, 0);
	bench_expect(bench, 0, FAILOVER_BYE, 0, 1000);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B13_re_INVITE_stays_with_its_dialog_after_a_failback)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_clear(bench);
	bench_in_dialog(bench, FAILOVER_INVITE, 1, 0);
	bench_expect(bench, 0, FAILOVER_INVITE, 1, 1000);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_failback");
	TCase *tcase = tcase_create("failback");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B11_probe_has_a_dialog_of_its_own_and_moves_on_200_only);
	tcase_add_test(tcase, B11_silent_probe_takes_64_T1_then_the_next_target_above);
	tcase_add_test(tcase, B11_probe_does_not_disturb_the_serving_registration);
	tcase_add_test(tcase, B11_refresh_under_way_does_not_undo_a_failback);
	tcase_add_test(tcase, B13_a_call_answered_at_the_backup_after_a_failback_moves_nothing);
	tcase_add_test(tcase, B18_unregistering_ends_what_waits_for_a_REGISTER);
	tcase_add_test(tcase, B17_change_while_a_REGISTER_runs_starts_a_new_one);
	tcase_add_test(tcase, B11_off_or_at_index_0_there_is_no_probe);
	bench_add_v2(tcase, B11a_V2_probes_registrars_only);
	tcase_add_test(tcase, B11b_release_after_the_new_binding_stands);
	tcase_add_test(tcase, B12_REGISTER_at_expiry_starts_at_index_0_with_its_own_dialog);
	tcase_add_test(tcase, B12_INVITE_starts_at_index_0_and_its_failure_goes_on_as_failover);
	tcase_add_test(tcase, B12_failback_needs_a_2xx);
	tcase_add_test(tcase, B12_timeout_of_an_INVITE_starts_a_REGISTER_at_index_0);
	tcase_add_test(tcase, B12a_BYE_goes_to_index_0_only_when_named);
	tcase_add_test(tcase, B13_re_INVITE_stays_with_its_dialog_after_a_failback);
	return bench_main(suite);
}
