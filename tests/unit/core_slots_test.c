/* SPDX-License-Identifier: MIT */
/* core_slots_test.c - places of targets that come and go while requests name them (B1b, B6). */
#include "bench.h"
#include "../../libfailover/core/core.h"

/* "00" = target 0 of registrar 0, "21" = target 2 of registrar 1. */
static int put_targets(struct bench *bench, const char *map)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t count;

	for (count = 0; map[2 * count]; count++)
		targets[count] = bench_target((unsigned)(map[2 * count] - '0'),
					      (uint8_t)(map[2 * count + 1] - '0'));
	return failover_line_targets(bench->engine, bench->line, targets, count, bench->now);
}

static uint32_t addresses(const struct bench *bench)
{
	struct failover_statistics statistics;

	failover_engine_statistics(bench->engine, &statistics);
	return statistics.addresses;
}

static void start_register(struct bench *bench)
{
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
}

START_TEST(B1_hop_of_a_target_is_told_and_may_change)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 0) }, out[2];

	targets[1].hop = 3;
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 2, bench->now),
			 0);
	ck_assert_int_eq(failover_line_list(bench->engine, bench->line, out, 2), 2);
	ck_assert_uint_eq(out[0].hop, 0);
	ck_assert_uint_eq(out[1].hop, 3);
	bench_free(bench);
}
END_TEST

START_TEST(B1_no_target_is_listed_twice)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");

	ck_assert_int_eq(put_targets(bench, "001010"), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(put_targets(bench, "000010"), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(put_targets(bench, "001000"), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(put_targets(bench, "001020"), 0);
	bench_free(bench);
}
END_TEST

/* The serving target has gone: a request in a dialog through it goes to who is left. */
START_TEST(B1b_request_in_a_dialog_leaves_a_target_that_has_gone)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register(bench);
	ck_assert_int_eq(put_targets(bench, "10"), 0);
	bench_in_dialog(bench, FAILOVER_OTHER, 0, 0);
	bench_expect(bench, 0, FAILOVER_OTHER, 1, bench->now);
	bench_free(bench);
}
END_TEST

START_TEST(B1b_addresses_that_have_gone_are_let_go)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");

	bench_register_at(bench, 2);
	ck_assert_uint_eq(addresses(bench), 3);
	ck_assert_int_eq(put_targets(bench, "20"), 0);
	ck_assert_uint_eq(addresses(bench), 1);
	ck_assert_int_eq(put_targets(bench, "203040"), 0);
	ck_assert_int_eq(put_targets(bench, "205060"), 0);
	ck_assert_uint_eq(addresses(bench), 3);
	ck_assert_int_eq(failover_line_remove(bench->engine, bench->line, bench->now), 0);
	ck_assert_uint_eq(addresses(bench), 0);
	bench_drain(bench);
	bench_free(bench);
}
END_TEST

/* What a call has met is told by the targets of then, however often the list has changed; and the
 * places that no request names are enough for the new ones. */
START_TEST(B6_reports_name_the_targets_that_were_tried)
{
	static const unsigned order[] = { 0, 2, 1 };
	struct failover_line_settings settings = bench_settings();
	const struct bench_output *result;
	struct bench *bench;
	unsigned i;

	settings.signal_failback = 1;
	bench = bench_one(&settings, "000");
	bench_register_at(bench, 2);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 2, FAILOVER_INVITE, 1, bench->now); /* after serving (B22b) */
	ck_assert_int_eq(put_targets(bench, "203040"), 0);
	ck_assert_int_eq(put_targets(bench, "205060"), 0);
	bench_answer(bench, 486);
	result = bench_output(bench, FAILOVER_OUTPUT_RESULT, 0);
	ck_assert_ptr_nonnull(result);
	ck_assert_uint_eq(result->out.u.result.reports_count, 3);
	for (i = 0; i < 3; i++)
		ck_assert_uint_eq(bench_number(&result->reports[i].target), order[i]);
	bench_free(bench);
}
END_TEST

/* Target 0 leads to two registrars, and cannot be reached; then the DNS gives registrar 1 a new
 * address, which nobody has tried: not the REGISTER that the call waits for, and not the call. */
START_TEST(B1b_new_target_in_an_old_place_has_not_been_tried)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	uint64_t call;

	ck_assert_int_eq(put_targets(bench, "000112"), 0);
	bench_register(bench);
	call = bench_submit(bench, FAILOVER_INVITE);
	failover_unreachable(bench->engine, call | 1, FAILOVER_REASON_ICMP, bench->now);
	bench_drain(bench);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, bench->now);
	ck_assert_int_eq(put_targets(bench, "003112"), 0);
	bench_answer(bench, 503);
	bench_expect(bench, 2, FAILOVER_REGISTER, 3, bench->now);
	bench_answer(bench, 200);
	bench_expect(bench, 3, FAILOVER_INVITE, 3, bench->now);
	bench_free(bench);
}
END_TEST

/* The same while the REGISTER has to wait for the result of another one. */
START_TEST(B1b_new_target_has_not_been_tried_by_a_REGISTER_that_waits)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer granted = { .size = sizeof(granted), .status = 200 };
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE };
	struct bench *bench = bench_one(&settings, "012");
	uint64_t call;

	ck_assert_int_eq(put_targets(bench, "000112"), 0);
	start_register(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &granted, bench->now);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &call),
			 0);
	failover_unreachable(bench->engine, call | 1, FAILOVER_REASON_ICMP, bench->now);
	ck_assert_int_eq(put_targets(bench, "003112"), 0);
	bench_clear(bench);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_answer(bench, 503);
	bench_expect(bench, 1, FAILOVER_REGISTER, 3, bench->now);
	bench_free(bench);
}
END_TEST

/* The user gives up the call that the waiting REGISTER was for, and its target goes: the REGISTER
 * starts where a call would. If another target goes, it starts there still. */
START_TEST(B1b_REGISTER_that_waits_does_not_go_to_a_new_target)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer granted = { .size = sizeof(granted), .status = 200 };
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE };
	struct bench *bench = bench_one(&settings, "012");
	uint64_t call;

	start_register(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &granted, bench->now);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &call),
			 0);
	failover_unreachable(bench->engine, call | 1, FAILOVER_REASON_RESET, bench->now);
	ck_assert_int_eq(failover_give_up(bench->engine, call, bench->now), 0);
	ck_assert_int_eq(put_targets(bench, _i ? "0011" : "003122"), 0);
	bench_clear(bench);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, _i ? 1 : 0, bench->now);
	bench_free(bench);
}
END_TEST

/* A call waits for the REGISTER at its first target; another target goes: it still goes there. */
START_TEST(B6_start_of_a_call_outlives_another_target)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");

	bench_register_at(bench, 1);
	start_register(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 503);
	bench_answer(bench, 503);
	bench_clear(bench);
	bench_until(bench, bench->now);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	ck_assert_int_eq(put_targets(bench, "001132"), 0);
	bench_answer(bench, 200);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, bench->now);
	bench_free(bench);
}
END_TEST

/* Target 2 of the dialog wants to be left alone, and goes; a new target in its place is not the
 * dialog's. */
START_TEST(B9_new_target_in_the_place_of_the_dialogs_is_not_preferred)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");

	bench_register(bench);
	bench_busy_elsewhere(bench, 2, 60);
	bench_clear(bench);
	bench_in_dialog(bench, FAILOVER_INVITE, 2, 0);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, bench->now);
	ck_assert_int_eq(put_targets(bench, "001030"), 0);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, bench->now);
	bench_free(bench);
}
END_TEST

/* Both want to be left alone for the same time: the list decides. */
START_TEST(B4c_first_in_the_list_of_those_whose_time_ends_together)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer busy = { .size = sizeof(busy), .status = 503, .retry_after_s = 60 };
	struct bench *bench = bench_one(&settings, "00");
	unsigned i;

	start_register(bench);
	for (i = 0; i < 2; i++) {
		failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
		bench_drain(bench);
	}
	bench_clear(bench);
	start_register(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_submit(bench, FAILOVER_OTHER);
	bench_expect(bench, 1, FAILOVER_OTHER, 0, bench->now);
	bench_free(bench);
}
END_TEST

/* What is not failed over is left to another proxy of the registrar, wherever that is listed. */
START_TEST(B4c_request_alone_goes_past_another_registrar)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "010");

	bench_register(bench);
	bench_busy_elsewhere(bench, 0, 60);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_OTHER);
	bench_expect(bench, 0, FAILOVER_OTHER, 2, bench->now);
	bench_free(bench);
}
END_TEST

START_TEST(B11_probe_goes_past_a_target_that_wants_to_be_left_alone)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer busy = { .size = sizeof(busy),
					.status = 503,
					.retry_after_s = 3000 };
	struct bench *bench;

	settings.failback_interval_s = 40;
	bench = bench_one(&settings, "000");
	start_register(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	bench_drain(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 200);
	bench_clear(bench);
	bench_until(bench, 41000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, 41000);
	bench_free(bench);
}
END_TEST

START_TEST(B4c_nobody_is_left_alone_for_more_than_an_hour)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer busy = { .size = sizeof(busy),
					.status = 503,
					.retry_after_s = UINT32_MAX };
	struct bench *bench = bench_one(&settings, "00");

	start_register(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200);
	bench_clear(bench);
	bench->now += _i ? 3600000 : 3599999;
	bench_register_anew(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, _i ? 0 : 1, bench->now);
	bench_free(bench);
}
END_TEST

START_TEST(B1b_place_of_a_target_that_has_gone_is_empty)
{
	static const struct fo_target empty;
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	const struct fo_line *line = fo_find_line(bench->engine, bench->line);

	bench_register_at(bench, 1);
	ck_assert_int_eq(put_targets(bench, "10"), 0);
	ck_assert_mem_eq(&fo_targets(line)[0], &empty, sizeof(empty));
	bench_free(bench);
}
END_TEST

/* It began above who serves; a new list says that it did not: its answer is its end (B22b). */
START_TEST(B1b_new_list_makes_an_upward_call_an_ordinary_one)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, bench->now);
	if (_i)
		ck_assert_int_eq(put_targets(bench, "1000"), 0);
	bench_answer(bench, 404);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), _i ? 1 : 2);
	bench_free(bench);
}
END_TEST

START_TEST(B3_every_profile_has_every_budget)
{
	struct fo_policy_tables tables;
	unsigned i;

	fo_policy_tables(&tables);
	for (i = 0; i < tables.profiles_count; i++) {
		struct fo_budget budget =
			fo_policy_budget(&tables.profiles[i], FO_KIND_REGISTER, (enum fo_place)_i);

		/* B29: Cisco's phones wait for the SIP timers wherever they are. */
		ck_assert_int_eq(budget.unit == FO_UNIT_64T1,
				 tables.places[_i].whole ||
					 tables.profiles[i].profile == FAILOVER_PROFILE_CISCO);
		ck_assert_ptr_eq(fo_policy_profile(tables.profiles[i].profile),
				 &tables.profiles[i]);
	}
}
END_TEST

/* ---- late answers ------------------------------------------------------------------------- */

/* Shared health (B4e): a late ringing shows the others that the target is alive. */
START_TEST(B4e_late_response_is_life)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(FAILOVER_HEALTH_ALL, 0);
	uint32_t first = bench_line(bench, &settings, "00");
	uint32_t second = bench_line(bench, &settings, "00");
	uint64_t late;

	bench->line = first;
	bench_submit(bench, FAILOVER_INVITE);
	late = bench_attempt(bench)->id;
	bench_until(bench, 4500);
	bench_submit(bench, FAILOVER_OPTIONS);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer_to(bench, late, 180);
	bench_clear(bench);
	bench->line = second;
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, 4500);
	bench_free(bench);
}
END_TEST

/* A late 199 is cancelled, a late 299 is the call, a late 300 is no call. */
START_TEST(B7b_late_2xx_are_adopted)
{
	static const struct {
		uint32_t status, verdict, results;
	} rows[] = { { 199, FAILOVER_VERDICT_LATE, 0 },
		     { 299, FAILOVER_VERDICT_KEEP, 1 },
		     { 300, FAILOVER_VERDICT_LATE, 0 } };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t late;

	bench_submit(bench, FAILOVER_INVITE);
	late = bench_attempt(bench)->id;
	bench_until(bench, 4500);
	ck_assert_uint_eq(bench_answer_to(bench, late, rows[_i].status), rows[_i].verdict);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), rows[_i].results);
	if (rows[_i].status == 199) /* what crosses the CANCEL is adopted, see B7b */
		ck_assert_uint_eq(bench_answer_to(bench, late, 200), FAILOVER_VERDICT_KEEP);
	bench_free(bench);
}
END_TEST

START_TEST(B6c_given_up_has_no_status)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t call = bench_submit(bench, FAILOVER_INVITE);

	ck_assert_int_eq(failover_give_up(bench->engine, call, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.status, 0);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("slots");
	TCase *tcase = tcase_create("slots");

	tcase_add_test(tcase, B1_hop_of_a_target_is_told_and_may_change);
	tcase_add_test(tcase, B1_no_target_is_listed_twice);
	tcase_add_test(tcase, B1b_request_in_a_dialog_leaves_a_target_that_has_gone);
	tcase_add_test(tcase, B1b_addresses_that_have_gone_are_let_go);
	tcase_add_test(tcase, B6_reports_name_the_targets_that_were_tried);
	tcase_add_test(tcase, B1b_new_target_in_an_old_place_has_not_been_tried);
	tcase_add_test(tcase, B1b_new_target_has_not_been_tried_by_a_REGISTER_that_waits);
	tcase_add_loop_test(tcase, B1b_REGISTER_that_waits_does_not_go_to_a_new_target, 0, 2);
	tcase_add_test(tcase, B6_start_of_a_call_outlives_another_target);
	tcase_add_test(tcase, B9_new_target_in_the_place_of_the_dialogs_is_not_preferred);
	tcase_add_test(tcase, B4c_first_in_the_list_of_those_whose_time_ends_together);
	tcase_add_test(tcase, B4c_request_alone_goes_past_another_registrar);
	tcase_add_test(tcase, B11_probe_goes_past_a_target_that_wants_to_be_left_alone);
	tcase_add_loop_test(tcase, B4c_nobody_is_left_alone_for_more_than_an_hour, 0, 2);
	tcase_add_loop_test(tcase, B1b_new_list_makes_an_upward_call_an_ordinary_one, 0, 2);
	tcase_add_test(tcase, B1b_place_of_a_target_that_has_gone_is_empty);
	tcase_add_loop_test(tcase, B3_every_profile_has_every_budget, 0, FO_PLACES);
	tcase_add_test(tcase, B4e_late_response_is_life);
	tcase_add_loop_test(tcase, B7b_late_2xx_are_adopted, 0, 3);
	tcase_add_test(tcase, B6c_given_up_has_no_status);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
