/* SPDX-License-Identifier: MIT */
/* core_bounds_test.c - the last value that is good and the first that is not; nothing is touched
 * beyond the end. */
#include <string.h>
#include "bench.h"
#include "../../libfailover/core/core.h"

static int change(struct bench *bench, const struct failover_line_settings *settings,
		  uint32_t registrars)
{
	struct failover_target targets[2] = { bench_target(0, 0),
					      bench_target(1, (uint8_t)(registrars - 1)) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = registrars,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = *settings };
	int error = failover_line_update(bench->engine, bench->line, &params, bench->now);

	bench_drain(bench);
	return error;
}

START_TEST(B18_every_request_of_a_line_with_the_most_is_found)
{
	struct failover_target target = bench_target(0, 0);
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 1,
					       .max_requests = FAILOVER_LIMIT_REQUESTS,
					       .targets = &target,
					       .settings = bench_settings() };
	struct bench *bench = bench_new(0, 0);
	uint64_t requests[FAILOVER_LIMIT_REQUESTS];
	unsigned i;

	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &bench->line), 0);
	for (i = 0; i < FAILOVER_LIMIT_REQUESTS; i++)
		requests[i] = bench_submit(bench, FAILOVER_OTHER);
	for (i = 0; i < FAILOVER_LIMIT_REQUESTS; i++)
		ck_assert_int_eq(failover_give_up(bench->engine, requests[i], bench->now), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B7c_ids_tell_half_a_million_requests_apart)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	uint64_t request;

	fo_find_line(bench->engine, bench->line)->generation = 0x3ffff;
	request = bench_submit(bench, FAILOVER_OTHER);
	ck_assert_int_eq(
		failover_give_up(bench->engine, request & ~(UINT64_C(1) << 26), bench->now),
		FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_give_up(bench->engine, request, bench->now), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B18_removing_a_line_ends_its_REGISTER)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t attempt;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	attempt = bench_attempt(bench)->id;
	ck_assert_int_eq(failover_line_remove(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.abandoned, attempt);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B1_the_list_is_told_and_no_more)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_target out[4], untouched;

	memset(out, 0xa5, sizeof(out));
	memset(&untouched, 0xa5, sizeof(untouched));
	ck_assert_int_eq(failover_line_list(bench->engine, bench->line, out, 4), 2);
	ck_assert_uint_eq(bench_number(&out[1]), 1);
	ck_assert_mem_eq(&out[2], &untouched, sizeof(untouched));
	memset(out, 0xa5, sizeof(out));
	ck_assert_int_eq(failover_line_list(bench->engine, bench->line, out, 1), 2);
	ck_assert_mem_eq(&out[1], &untouched, sizeof(untouched));
	bench_free(bench);
}
END_TEST

/* Addresses are forgotten; what stands behind them are the outputs, which wait to be taken. */
START_TEST(B17_a_changed_network_leaves_the_outputs_alone)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_OTHER,
						  .cookie = UINT64_MAX };
	struct failover_output outputs[2];
	unsigned i;

	for (i = 0; i < 2; i++) {
		struct bench *bench = bench_one(&settings, "01");
		uint64_t request;

		failover_submit(bench->engine, bench->line, &params, bench->now, &request);
		if (i)
			failover_network_changed(bench->engine, bench->now);
		ck_assert_int_eq(failover_poll(bench->engine, &outputs[i]), 1);
		bench_free(bench);
	}
	ck_assert_mem_eq(&outputs[0].u.attempt, &outputs[1].u.attempt,
			 sizeof(outputs[0].u.attempt));
}
END_TEST

START_TEST(B7c_only_100_to_699_are_responses)
{
	static const struct {
		uint32_t status, stale;
	} rows[] = { { 99, 1 }, { 100, 0 }, { 699, 0 }, { 700, 1 } };
	struct failover_line_settings settings = bench_settings();
	struct failover_statistics statistics;
	struct bench *bench = bench_one(&settings, "0");

	bench_submit(bench, FAILOVER_OTHER);
	bench_answer(bench, rows[_i].status);
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_eq(statistics.stale, rows[_i].stale);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), rows[_i].status == 699);
	bench_free(bench);
}
END_TEST

START_TEST(B4_codes_from_300_to_699_are_listed)
{
	struct failover_line_settings settings = bench_settings();

	memset(settings.unavailable, 0xff, sizeof(settings.unavailable));
	ck_assert_int_eq(failover_code_isset(&settings, 299), 0);
	ck_assert_int_ne(failover_code_isset(&settings, 300), 0);
	ck_assert_int_ne(failover_code_isset(&settings, 699), 0);
	ck_assert_int_eq(failover_code_isset(&settings, 700), 0);
	ck_assert_int_eq(failover_code_set(&settings, 299), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_code_set(&settings, 700), FAILOVER_ERR_ARGUMENT);
}
END_TEST

START_TEST(B3a_T1_is_at_most_10_s)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	settings.t2_ms = 60000;
	settings.t1_ms = 10000;
	ck_assert_int_eq(change(bench, &settings, 2), 0);
	settings.t1_ms = 10001;
	ck_assert_int_eq(change(bench, &settings, 2), FAILOVER_ERR_ARGUMENT);
	bench_free(bench);
}
END_TEST

START_TEST(B17_a_changed_configuration_may_bring_a_registrar_back)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	ck_assert_int_eq(change(bench, &settings, 1), 0);
	ck_assert_int_eq(change(bench, &settings, 2), 0);
	ck_assert_int_eq(change(bench, &settings, 3), FAILOVER_ERR_LIMIT);
	bench_free(bench);
}
END_TEST

/* What configure --with-profile chose. */
START_TEST(B3_default_profile_is_that_of_the_build)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint32_t budget_ms;

	settings.profile = failover_profile_default();
	bench = bench_one(&settings, "01");
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	budget_ms = bench_attempt(bench)->budget_ms;
	bench_free(bench);
	settings.profile = FAILOVER_PROFILE_DEFAULT;
	bench = bench_one(&settings, "01");
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_attempt(bench)->budget_ms, budget_ms);
	ck_assert_uint_lt(budget_ms, 32000);
	bench_free(bench);
}
END_TEST

/* The REGISTER that a call waits for could not start yet, and its target goes meanwhile: the line
 * asks who is left, whatever the call has met there. */
START_TEST(B1b_REGISTER_that_had_to_wait_goes_to_who_is_left)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer granted = { .size = sizeof(granted), .status = 200 };
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE };
	struct failover_target left = bench_target(0, 0);
	struct bench *bench = bench_one(&settings, "01");
	uint64_t call;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &granted, bench->now);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &call),
			 0);
	failover_unreachable(bench->engine, call | 1, FAILOVER_REASON_ICMP, bench->now);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, &left, 1, bench->now),
			 0);
	bench_clear(bench); /* the REGISTER's result is taken: its place is free */
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_free(bench);
}
END_TEST

/* ---- places for addresses ----------------------------------------------------------------- */

static struct bench *bench_with_addresses(uint32_t addresses)
{
	struct bench *bench = bench_new(0, 0);
	struct failover_engine_params params = { .size = sizeof(params),
						 .max_addresses = addresses,
						 .memory = bench_memory(bench) };
	struct failover_line_settings settings = bench_settings();

	failover_engine_free(bench->engine);
	ck_assert_int_eq(failover_engine_new(&params, &bench->engine), 0);
	bench->line = bench_line(bench, &settings, "01");
	return bench;
}

static void list(struct bench *bench, unsigned first, unsigned second)
{
	struct failover_target targets[2] = { bench_target(first, 0), bench_target(second, 1) };

	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 2, bench->now),
			 0);
}

/* Target 0 wants to be left alone for a minute. */
static void busy(struct bench *bench)
{
	struct failover_answer busy = { .size = sizeof(busy), .status = 503, .retry_after_s = 60 };

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200);
	bench_clear(bench);
}

static unsigned register_goes_to(struct bench *bench)
{
	bench_register_anew(bench);
	return bench_number(&bench_attempt(bench)->target);
}

START_TEST(B4c_retry_after_is_remembered_while_there_is_room_for_others)
{
	struct bench *bench = bench_with_addresses(4);

	busy(bench);
	list(bench, 2, 1);
	list(bench, 3, 1);
	list(bench, 0, 1);
	ck_assert_uint_eq(register_goes_to(bench), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B4c_a_new_address_in_an_old_place_is_not_left_alone)
{
	struct bench *bench = bench_with_addresses(3);

	busy(bench);
	list(bench, 2, 1);
	list(bench, 3, 1);
	ck_assert_uint_eq(register_goes_to(bench), 3);
	bench_free(bench);
}
END_TEST

/* ---- losses ------------------------------------------------------------------------------- */

/* Without a registration there is none to lose. */
START_TEST(B15a_loss_without_registration_is_stale)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target target = bench_target(0, 0);
	struct failover_statistics statistics;
	struct bench *bench = bench_one(&settings, "0");

	if (_i) { /* it is wanted, but refused */
		failover_register(bench->engine, bench->line, bench->now);
		bench_drain(bench);
		bench_answer(bench, 403);
	}
	failover_lost(bench->engine, bench->line, &target, bench->now);
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_eq(statistics.stale, 1);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_CONNECTION_LOST), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B15a_loss_is_told_at_once_or_counted_as_waiting)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target target = bench_target(0, 0);
	struct failover_answer ringing = { .size = sizeof(ringing), .status = 183 };
	struct failover_statistics statistics;
	struct bench *bench = bench_one(&settings, "0");
	unsigned i;

	bench_register(bench);
	bench_submit(bench, FAILOVER_OTHER);
	for (i = 0; _i && i < 1000; i++)
		failover_response(bench->engine, bench_attempt(bench)->id, &ringing, bench->now);
	failover_lost(bench->engine, bench->line, &target, bench->now);
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_eq(statistics.deferred, (unsigned)_i);
	bench_drain(bench);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_CONNECTION_LOST), !_i);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bounds");
	TCase *tcase = tcase_create("bounds");

	tcase_add_test(tcase, B18_every_request_of_a_line_with_the_most_is_found);
	tcase_add_test(tcase, B7c_ids_tell_half_a_million_requests_apart);
	tcase_add_test(tcase, B18_removing_a_line_ends_its_REGISTER);
	tcase_add_test(tcase, B1_the_list_is_told_and_no_more);
	tcase_add_test(tcase, B17_a_changed_network_leaves_the_outputs_alone);
	tcase_add_loop_test(tcase, B7c_only_100_to_699_are_responses, 0, 4);
	tcase_add_test(tcase, B4_codes_from_300_to_699_are_listed);
	tcase_add_test(tcase, B3a_T1_is_at_most_10_s);
	tcase_add_test(tcase, B17_a_changed_configuration_may_bring_a_registrar_back);
	tcase_add_test(tcase, B3_default_profile_is_that_of_the_build);
	tcase_add_test(tcase, B1b_REGISTER_that_had_to_wait_goes_to_who_is_left);
	tcase_add_test(tcase, B4c_retry_after_is_remembered_while_there_is_room_for_others);
	tcase_add_test(tcase, B4c_a_new_address_in_an_old_place_is_not_left_alone);
	tcase_add_loop_test(tcase, B15a_loss_without_registration_is_stale, 0, 2);
	tcase_add_loop_test(tcase, B15a_loss_is_told_at_once_or_counted_as_waiting, 0, 2);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
