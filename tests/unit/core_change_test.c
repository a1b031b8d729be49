/* SPDX-License-Identifier: MIT */
/* core_change_test.c - what a changed configuration and a move leave behind: B4, B8, B11, B17. */
#include <string.h>
#include "bench.h"
#include "../../libfailover/core/core.h"

static struct failover_statistics statistics_of(const struct bench *bench)
{
	struct failover_statistics statistics;

	failover_engine_statistics(bench->engine, &statistics);
	return statistics;
}

static int update(struct bench *bench, const struct failover_line_settings *settings,
		  uint32_t registrars, uint32_t count)
{
	struct failover_target targets[3] = { bench_target(0, 0), bench_target(1, 1),
					      bench_target(2, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = registrars,
					       .targets_count = count,
					       .targets = targets,
					       .settings = *settings };

	return failover_line_update(bench->engine, bench->line, &params, bench->now);
}

/* ---- settings ----------------------------------------------------------------------------- */

START_TEST(B4_each_code_is_listed_by_itself)
{
	struct failover_line_settings settings;
	uint32_t status, other;

	for (status = 300; status <= 699; status++) {
		memset(&settings, 0, sizeof(settings));
		ck_assert_int_eq(failover_code_set(&settings, status), 0);
		for (other = 299; other <= 701; other++)
			if (failover_code_isset(&settings, other) != (other == status))
				ck_abort_msg("%u of %u", other, status);
	}
	ck_assert_int_eq(failover_code_set(&settings, 299), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_code_set(&settings, 700), FAILOVER_ERR_ARGUMENT);
}
END_TEST

START_TEST(B15_the_expires_of_every_registrar_are_looked_at)
{
	struct failover_target target = bench_target(0, 0);
	uint32_t expires[3] = { 60, 0, 60 };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 3,
					       .targets_count = 1,
					       .targets = &target,
					       .expires_s = expires,
					       .settings = bench_settings() };
	struct bench *bench = bench_new(0, 0);

	ck_assert_int_eq(failover_line_add(bench->engine, &params, 0, &bench->line),
			 FAILOVER_ERR_ARGUMENT);
	expires[1] = 60;
	expires[2] = 86401;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, 0, &bench->line),
			 FAILOVER_ERR_ARGUMENT);
	expires[2] = 60;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, 0, &bench->line), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B19_a_line_has_room_for_4_requests_unless_it_asks_for_more)
{
	struct failover_target target = bench_target(0, 0);
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 1,
					       .targets = &target,
					       .settings = bench_settings() };
	struct failover_request_params request = { .size = sizeof(request),
						   .method = FAILOVER_OTHER };
	struct bench *bench = bench_new(0, 0);
	uint32_t bytes;
	uint64_t id;
	unsigned i;

	ck_assert_int_eq(failover_line_add(bench->engine, &params, 0, &bench->line), 0);
	for (i = 0; i < 4; i++)
		bench_submit(bench, FAILOVER_OTHER);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &request, 0, &id),
			 FAILOVER_ERR_LIMIT);
	bytes = statistics_of(bench).line_bytes;
	ck_assert_uint_gt(bytes, 0);
	params.max_requests = FAILOVER_LIMIT_REQUESTS;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, 0, &bench->line), 0);
	ck_assert_uint_gt(statistics_of(bench).line_bytes, bytes);
	bytes = statistics_of(bench).line_bytes;
	params.max_requests = 1;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, 0, &bench->line), 0);
	ck_assert_uint_eq(statistics_of(bench).line_bytes, bytes); /* of the largest */
	bench_free(bench);
}
END_TEST

START_TEST(B19_a_removed_line_leaves_no_settings_and_no_addresses)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");

	ck_assert_uint_eq(statistics_of(bench).addresses, 3);
	ck_assert_uint_eq(statistics_of(bench).settings, 1);
	ck_assert_int_eq(failover_line_remove(bench->engine, bench->line, bench->now), 0);
	ck_assert_uint_eq(statistics_of(bench).addresses, 0);
	ck_assert_uint_eq(statistics_of(bench).settings, 0);
	bench_free(bench);
}
END_TEST

/* ---- changed configuration ---------------------------------------------------------------- */

START_TEST(B17_a_changed_configuration_replaces_the_settings)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	settings.failback_interval_s = 77;
	ck_assert_int_eq(update(bench, &settings, 2, 2), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0); /* nor was it before */
	ck_assert_uint_eq(statistics_of(bench).settings, 1);
	bench_register_at(bench, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, 1000 + 77000);
	ck_assert_int_eq(update(bench, &settings, 2, 2), 0); /* the same ones again */
	ck_assert_uint_eq(statistics_of(bench).settings, 1);
	bench_free(bench);
}
END_TEST

/* Fewer registrars now: a target of the third is not one any more; a change that fails leaves the
 * old number. */
START_TEST(B17_a_changed_configuration_counts_its_registrars)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(5, 2) };
	struct failover_target wrong = { .port = 0 };
	struct bench *bench = bench_one(&settings, "012");
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 1,
					       .targets = &wrong,
					       .settings = settings };

	params.settings.failback_interval_s = 5;
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, bench->now),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_uint_eq(statistics_of(bench).settings, 1);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 2, bench->now),
			 0);
	ck_assert_int_eq(update(bench, &settings, 2, 2), 0);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 2, bench->now),
			 FAILOVER_ERR_ARGUMENT);
	bench_free(bench);
}
END_TEST

/* What was registered by the old configuration is not counted upon: a new dialog, and nothing to
 * remove. */
START_TEST(B17_a_changed_configuration_begins_without_registrations)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint32_t dialog;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	dialog = bench_attempt(bench)->dialog;
	bench_answer(bench, 200);
	bench_clear(bench);
	ck_assert_int_eq(update(bench, &settings, 2, 2), 0);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	ck_assert_uint_ne(bench_attempt(bench)->dialog, dialog);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.reason,
			  FAILOVER_ABANDON_GIVEN_UP);
	bench_free(bench);
}
END_TEST

START_TEST(B17_a_changed_configuration_stops_the_probe)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t probe;

	bench_register_at(bench, 1);
	bench_until(bench, bench_state(bench).next_probe);
	probe = bench_attempt(bench)->id;
	bench_clear(bench);
	ck_assert_int_eq(update(bench, &settings, 2, 2), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.abandoned, probe);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.reason,
			  FAILOVER_ABANDON_GIVEN_UP);
	ck_assert_uint_eq(bench_state(bench).probing, 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench_free(bench);
}
END_TEST

/* The binding that was to be removed is the old configuration's: nobody removes it any more. */
START_TEST(B11b_a_changed_configuration_forgets_what_was_to_be_removed)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback_release = 1;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_until(bench, bench_state(bench).next_probe);
	bench_answer(bench, 200);
	bench_clear(bench);
	ck_assert_int_eq(update(bench, &settings, 2, 2), 0);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 200);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_free(bench);
}
END_TEST

/* At once: a call that moves the line may overtake the REGISTER that would start it. */
START_TEST(B15a_a_changed_configuration_starts_and_stops_the_keepalive)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	const struct fo_line *line = bench->engine->lines[0].line;

	bench_register(bench);
	ck_assert_uint_eq(line->keepalive_at, FO_NEVER);
	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	ck_assert_int_eq(update(bench, &settings, 2, 2), 0);
	ck_assert_uint_eq(line->keepalive_at, bench->now + 30000);
	settings.keepalive = FAILOVER_KEEPALIVE_CRLF;
	ck_assert_int_eq(update(bench, &settings, 2, 2), 0);
	ck_assert_uint_eq(line->keepalive_at, FO_NEVER);
	bench_free(bench);
}
END_TEST

START_TEST(B17_a_changed_configuration_takes_the_place_of_the_REGISTER_under_way)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t old;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	old = bench_attempt(bench)->id;
	bench_clear(bench);
	ck_assert_int_eq(update(bench, &settings, 2, 2), 0);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.abandoned, old);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.reason,
			  FAILOVER_ABANDON_GIVEN_UP);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	ck_assert_uint_eq(bench_answer_to(bench, old, 200), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	bench_free(bench);
}
END_TEST

/* ---- moves -------------------------------------------------------------------------------- */

START_TEST(B8_moves_are_counted)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register_at(bench, 1);
	ck_assert_uint_eq(statistics_of(bench).moves, 1);
	bench_register(bench);
	ck_assert_uint_eq(statistics_of(bench).moves, 2);
	bench_free(bench);
}
END_TEST

/* It has waited for the REGISTER at a target that has gone, and goes to one that is there. */
START_TEST(B28_what_goes_alone_goes_to_a_target_that_is_listed)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target other[1] = { bench_target(4, 0) };
	struct bench *bench;
	uint64_t request;

	settings.only_registered = 1;
	bench = bench_one(&settings, "00");
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	request = bench_submit(bench, FAILOVER_OPTIONS);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, other, 1, bench->now),
			 0);
	bench_answer(bench, 200);
	bench_drain(bench);
	ck_assert_uint_eq(bench_attempt(bench)->request, request);
	ck_assert_uint_eq(bench_attempt(bench)->target.address[3], other[0].address[3]);
	bench_free(bench);
}
END_TEST

/* From a target that has gone there is no way up. */
START_TEST(B1b_leaving_a_target_that_has_gone_is_a_failover)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target other[2] = { bench_target(4, 0), bench_target(5, 0) };
	struct bench *bench = bench_one(&settings, "00");

	bench_register_at(bench, 1);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, other, 2, bench->now),
			 0);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_MOVED, 0)->out.u.event.direction,
			  FAILOVER_FAILOVER);
	bench_free(bench);
}
END_TEST

/* The interval of probes begins with the move, also where the line was below index 0 before. */
START_TEST(B11_the_interval_begins_with_the_move)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");

	bench_register_at(bench, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, 1000 + 1800000);
	bench_until(bench, 500000);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 2);
	ck_assert_uint_eq(bench_state(bench).next_probe, 500000 + 1800000);
	bench_free(bench);
}
END_TEST

/* A probe is under way and the line moves by itself: the probe has nothing to find any more. */
START_TEST(B11_a_move_stops_the_probe)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	uint64_t probe;

	bench_register_at(bench, 2);
	bench_until(bench, bench_state(bench).next_probe);
	probe = bench_attempt(bench)->id;
	bench_clear(bench);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 500);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.abandoned, probe);
	ck_assert_uint_eq(bench_state(bench).probing, 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, bench->now + 1800000);
	bench_free(bench);
}
END_TEST

/* No probe while the line is not registered, and none once it is taken out. */
START_TEST(B11_no_probe_without_registration)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register_at(bench, 1);
	ck_assert_uint_ne(bench_state(bench).next_probe, UINT64_MAX);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 500);
	bench_answer(bench, 500);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 500);
	bench_free(bench);
}
END_TEST

/* The list gets a target above the serving one, and loses it again. */
START_TEST(B11_probes_come_and_go_with_the_targets_above)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(1, 1), bench_target(0, 0) };
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench->now = 9000;
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 2, bench->now),
			 0);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, 9000 + 1800000);
	bench_until(bench, 9000 + 1800000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, 9000 + 1800000);
	bench_answer(bench, 500);
	ck_assert_int_eq(
		failover_line_targets(bench->engine, bench->line, &targets[1], 1, bench->now), 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench_free(bench);
}
END_TEST

/* ---- time --------------------------------------------------------------------------------- */

/* Each input carries the time: what it starts counts from then. */
START_TEST(B19_every_input_brings_the_time)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = settings };
	struct bench *bench = bench_one(&settings, "01");
	struct failover_engine *engine = bench->engine;
	uint64_t request;
	uint32_t other;

	ck_assert_int_eq(failover_line_add(engine, &params, 2000, &other), 0);
	ck_assert_uint_eq(engine->wheel.now, 2000);
	ck_assert_int_eq(failover_line_targets(engine, other, targets, 2, 3000), 0);
	ck_assert_uint_eq(engine->wheel.now, 3000);
	ck_assert_int_eq(failover_line_update(engine, other, &params, 4000), 0);
	ck_assert_uint_eq(engine->wheel.now, 4000);
	ck_assert_int_eq(failover_line_remove(engine, other, 5000), 0);
	ck_assert_uint_eq(engine->wheel.now, 5000);
	ck_assert_int_eq(failover_network_changed(engine, 6000), 0);
	ck_assert_uint_eq(engine->wheel.now, 6000);
	ck_assert_int_eq(failover_unregister(engine, bench->line, 7000), 0);
	ck_assert_uint_eq(engine->wheel.now, 7000);
	failover_heard(engine, bench->line, &targets[0], 8000);
	ck_assert_uint_eq(engine->wheel.now, 8000);
	failover_sent(engine, 0, 9000);
	ck_assert_uint_eq(engine->wheel.now, 9000);
	failover_unreachable(engine, 0, FAILOVER_REASON_ICMP, 10000);
	ck_assert_uint_eq(engine->wheel.now, 10000);
	bench->now = 10000;
	request = bench_submit(bench, FAILOVER_OTHER);
	ck_assert_int_eq(failover_give_up(engine, request, 11000), 0);
	ck_assert_uint_eq(engine->wheel.now, 11000);
	ck_assert_int_eq(failover_register(engine, bench->line, 12000), 0);
	ck_assert_uint_eq(engine->wheel.now, 12000);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_change");
	TCase *tcase = tcase_create("change");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B4_each_code_is_listed_by_itself);
	tcase_add_test(tcase, B15_the_expires_of_every_registrar_are_looked_at);
	tcase_add_test(tcase, B19_a_line_has_room_for_4_requests_unless_it_asks_for_more);
	tcase_add_test(tcase, B19_a_removed_line_leaves_no_settings_and_no_addresses);
	tcase_add_test(tcase, B17_a_changed_configuration_replaces_the_settings);
	tcase_add_test(tcase, B17_a_changed_configuration_counts_its_registrars);
	tcase_add_test(tcase, B17_a_changed_configuration_begins_without_registrations);
	tcase_add_test(tcase, B17_a_changed_configuration_stops_the_probe);
	tcase_add_test(tcase, B11b_a_changed_configuration_forgets_what_was_to_be_removed);
	tcase_add_test(tcase,
		       B17_a_changed_configuration_takes_the_place_of_the_REGISTER_under_way);
	tcase_add_test(tcase, B15a_a_changed_configuration_starts_and_stops_the_keepalive);
	tcase_add_test(tcase, B8_moves_are_counted);
	tcase_add_test(tcase, B28_what_goes_alone_goes_to_a_target_that_is_listed);
	tcase_add_test(tcase, B1b_leaving_a_target_that_has_gone_is_a_failover);
	tcase_add_test(tcase, B11_the_interval_begins_with_the_move);
	tcase_add_test(tcase, B11_a_move_stops_the_probe);
	tcase_add_test(tcase, B11_no_probe_without_registration);
	tcase_add_test(tcase, B11_probes_come_and_go_with_the_targets_above);
	tcase_add_test(tcase, B19_every_input_brings_the_time);
	return bench_main(suite);
}
