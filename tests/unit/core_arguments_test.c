/* SPDX-License-Identifier: MIT */
/* core_arguments_test.c - every argument out of its documented range is refused, and refusing
 * changes nothing. */
#include <string.h>
#include "bench.h"

/* ---- the engine --------------------------------------------------------------------------- */

START_TEST(an_engine_wants_memory_and_limits_in_range)
{
	struct bench *bench = bench_new(0, 0);
	struct failover_engine_params good = { .size = sizeof(good) }, bad;
	struct failover_engine *engine = NULL;
	long blocks = bench->blocks;

	good.memory = bench_memory(bench);
	ck_assert_int_eq(failover_engine_new(NULL, &engine), FAILOVER_ERR_ARGUMENT);
#define REFUSED(change)                                                                            \
	do {                                                                                       \
		bad = good;                                                                        \
		bad.change;                                                                        \
		ck_assert_int_eq(failover_engine_new(&bad, &engine), FAILOVER_ERR_ARGUMENT);       \
	} while (0)
	REFUSED(size = offsetof(struct failover_engine_params, memory));
	REFUSED(memory.alloc = NULL);
	REFUSED(memory.release = NULL);
	REFUSED(shared_health = FAILOVER_HEALTH_OFF + 1);
	REFUSED(max_addresses = UINT32_MAX);
	REFUSED(max_outputs = 127);
	REFUSED(max_outputs = UINT32_MAX);
#undef REFUSED
	ck_assert_ptr_null(engine);
	good.max_addresses = 3;
	good.max_outputs = 128;
	ck_assert_int_eq(failover_engine_new(&good, &engine), 0);
	failover_engine_free(engine);
	failover_engine_free(NULL);
	ck_assert_int_eq(bench->blocks, blocks);
	bench_free(bench);
}
END_TEST

/* ---- settings of a line ------------------------------------------------------------------- */

/* Each row: one 32-bit setting, its least and most, and one value outside of them. */
#define SETTING(member) offsetof(struct failover_line_settings, member)
static const struct {
	size_t offset;
	uint32_t least, most, outside;
} ranges[] = {
	{ SETTING(failback), 0, 1, 2 },
	{ SETTING(failback_interval_s), 1, 86400, 0 },
	{ SETTING(failback_interval_s), 1, 86400, 86401 },
	{ SETTING(failback_release), 0, 1, 2 },
	{ SETTING(failback_successes), 1, 10, 0 },
	{ SETTING(failback_successes), 1, 10, 11 },
	{ SETTING(failback_hold_s), 0, 86400, 86401 },
	{ SETTING(failback_growth), 1, 10, 0 },
	{ SETTING(failback_growth), 1, 10, 11 },
	{ SETTING(failover_hold_s), 0, 86400, 86401 },
	{ SETTING(failback_when), 0, 1, 2 },
	{ SETTING(signal_failback), 0, 1, 2 },
	{ SETTING(signal_failback_methods), 0,
	  1u << FAILOVER_REGISTER | 1u << FAILOVER_INVITE | 1u << FAILOVER_BYE,
	  1u << FAILOVER_OPTIONS },
	{ SETTING(register_before), 0, 2, 3 },
	{ SETTING(only_registered), 0, 1, 2 },
	{ SETTING(signal_retry_counts), 1, 20, 0 },
	{ SETTING(signal_retry_counts), 1, 20, 21 },
	{ SETTING(invite_retry_counts), 0, 20, 21 },
	{ SETTING(signal_retry_first_free), 0, 1, 2 },
	{ SETTING(signal_retry_time_ms), 100, 32000, 99 },
	{ SETTING(signal_retry_time_ms), 100, 32000, 32001 },
	{ SETTING(t1_ms), 10, 4000, 9 }, /* not over T2, which the others leave at 4000 */
	{ SETTING(t1_ms), 10, 4000, 10001 },
	{ SETTING(t2_ms), 500, 60000, 499 },
	{ SETTING(t2_ms), 500, 60000, 60001 },
	{ SETTING(t4_ms), 10, 60000, 9 },
	{ SETTING(t4_ms), 10, 60000, 60001 },
	{ SETTING(trying_timeout_s), 0, 3600, 3601 },
	{ SETTING(emergency_race_after_ms), 0, 32000, 32001 },
	{ SETTING(jitter_percent), 0, 50, 51 },
	{ SETTING(keepalive), FAILOVER_KEEPALIVE_OFF, FAILOVER_KEEPALIVE_OPTIONS, 3 },
	{ SETTING(keepalive_interval_s), 5, 3600, 4 },
	{ SETTING(keepalive_interval_s), 5, 3600, 3601 },
	{ SETTING(reg_fail_interval_s), 1, 86400, 0 },
	{ SETTING(reg_fail_interval_s), 1, 86400, 86401 },
	{ SETTING(reg_fail_backoff), 0, 1, 2 },
	{ SETTING(size), sizeof(struct failover_line_settings),
	  sizeof(struct failover_line_settings), 4 },
};

static int add_with(struct bench *bench, size_t offset, uint32_t value)
{
	struct failover_target target = bench_target(0, 0);
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 1,
					       .targets = &target,
					       .settings = bench_settings() };

	memcpy((char *)&params.settings + offset, &value, sizeof(value));
	return failover_line_add(bench->engine, &params, bench->now, &bench->line);
}

START_TEST(settings_are_taken_up_to_their_limits_and_no_further)
{
	struct bench *bench = bench_new(0, 0);

	ck_assert_int_eq(add_with(bench, ranges[_i].offset, ranges[_i].least), 0);
	ck_assert_int_eq(add_with(bench, ranges[_i].offset, ranges[_i].most), 0);
	ck_assert_int_eq(add_with(bench, ranges[_i].offset, ranges[_i].outside),
			 FAILOVER_ERR_ARGUMENT);
	bench_free(bench);
}
END_TEST

START_TEST(B15_expires_is_asked_for_within_ten_seconds_and_a_day)
{
	struct bench *bench = bench_new(0, 0);
	struct failover_target target = bench_target(0, 0);
	uint32_t expires[2] = { 10, 86400 };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 1,
					       .targets = &target,
					       .expires_s = expires,
					       .settings = bench_settings() };

	ck_assert_int_eq(failover_line_add(bench->engine, &params, 0, &bench->line), 0);
	/* An update may name fewer registrars; those left out ask for the default again. */
	params.registrars = 1;
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, 0), 0);
	expires[0] = 9;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, 0, &bench->line),
			 FAILOVER_ERR_ARGUMENT);
	expires[0] = 86401;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, 0, &bench->line),
			 FAILOVER_ERR_ARGUMENT);
	bench_free(bench);
}
END_TEST

/* ---- calls with ids ----------------------------------------------------------------------- */

START_TEST(B7c_a_line_that_is_none_is_stale_everywhere)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 1) };
	struct failover_line_params line = { .size = sizeof(line),
					     .registrars = 2,
					     .targets_count = 2,
					     .targets = targets,
					     .settings = settings };
	struct failover_request_params request = { .size = sizeof(request),
						   .method = FAILOVER_INVITE };
	struct failover_line_state state;
	struct failover_statistics before, after;
	uint32_t none = bench->line + 1;
	uint64_t id;

	failover_engine_statistics(bench->engine, &before);
	ck_assert_int_eq(failover_register(bench->engine, none, 0), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_unregister(bench->engine, none, 0), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_probe(bench->engine, none, 0), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_failback(bench->engine, none, 0), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_pin(bench->engine, none, 1, 0), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_begin_at(bench->engine, none, targets, 0), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_line_health(bench->engine, none, NULL, 0), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_submit(bench->engine, none, &request, 0, &id),
			 FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_line_update(bench->engine, none, &line, 0), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_line_targets(bench->engine, none, targets, 2, 0),
			 FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_line_remove(bench->engine, none, 0), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_line_state(bench->engine, none, &state), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_line_list(bench->engine, none, targets, 2), FAILOVER_ERR_STALE);
	failover_heard(bench->engine, none, targets, 0);
	failover_engine_statistics(bench->engine, &after);
	ck_assert_uint_eq(after.stale, before.stale + 1);
	ck_assert_uint_eq(after.lines, 1);
	bench_free(bench);
}
END_TEST

/* It may be asked for while the outputs are full: it makes none. */
START_TEST(B37_a_line_begins_only_at_a_target_of_its_own_and_before_any_request)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	const struct failover_target backup = bench_target(1, 1), other = bench_target(2, 1),
				     wrong_registrar = bench_target(1, 0);

	ck_assert_int_eq(failover_begin_at(bench->engine, bench->line, NULL, 0),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_begin_at(bench->engine, bench->line, &other, 0),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_begin_at(bench->engine, bench->line, &wrong_registrar, 0),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	ck_assert_int_eq(failover_begin_at(bench->engine, bench->line, &backup, 77), 0);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	bench_until(bench, 1000);
	bench_submit(bench, FAILOVER_OPTIONS);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 1, 1000);
	ck_assert_int_eq(failover_begin_at(bench->engine, bench->line, &backup, 1000),
			 FAILOVER_ERR_STATE);
	ck_assert_int_eq(failover_register(bench->engine, bench->line, 1000), 0);
	bench_drain(bench);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 1000); /* after an OPTIONS, too */
	bench_free(bench);
}
END_TEST

START_TEST(missing_and_unfit_arguments_change_nothing)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 1) };
	struct failover_line_params line = { .size = sizeof(line),
					     .registrars = 2,
					     .targets_count = 2,
					     .targets = targets,
					     .settings = settings };
	struct failover_request_params request = { .size = sizeof(request),
						   .method = FAILOVER_INVITE };
	struct failover_engine *engine = bench->engine;
	uint64_t id;

	ck_assert_int_eq(failover_line_add(engine, NULL, 0, &bench->line), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_line_add(engine, &line, 0, NULL), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_line_update(engine, bench->line, NULL, 0), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_line_targets(engine, bench->line, NULL, 1, 0),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(
		failover_line_targets(engine, bench->line, targets, FAILOVER_LIMIT_TARGETS + 1, 0),
		FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_submit(engine, bench->line, NULL, 0, &id), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_submit(engine, bench->line, &request, 0, NULL),
			 FAILOVER_ERR_ARGUMENT);
	request.size = 1;
	ck_assert_int_eq(failover_submit(engine, bench->line, &request, 0, &id),
			 FAILOVER_ERR_ARGUMENT);
	line.registrars = 3; /* the line was made for two */
	ck_assert_int_eq(failover_line_update(engine, bench->line, &line, 0), FAILOVER_ERR_LIMIT);
	bench_drain(bench);
	ck_assert_uint_eq(bench->count, 0);
	ck_assert_uint_eq(bench_state(bench).requests, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B7c_a_response_with_no_sip_status_is_not_news)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_statistics before, after;

	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	failover_engine_statistics(bench->engine, &before);
	ck_assert_uint_eq(bench_answer(bench, 99), FAILOVER_VERDICT_LATE);
	ck_assert_uint_eq(bench_answer(bench, 700), FAILOVER_VERDICT_LATE);
	failover_engine_statistics(bench->engine, &after);
	ck_assert_uint_eq(after.stale, before.stale + 2);
	ck_assert_uint_eq(bench_state(bench).registering, 1);
	bench_free(bench);
}
END_TEST

START_TEST(the_list_is_told_as_far_as_there_is_room)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	struct failover_target list[3] = { { .port = 0 } };

	ck_assert_int_eq(failover_line_list(bench->engine, bench->line, list, 2), 3);
	ck_assert_uint_eq(bench_number(&list[1]), 1);
	ck_assert_uint_eq(list[2].port, 0);
	ck_assert_int_eq(failover_line_list(bench->engine, bench->line, list, 3), 3);
	ck_assert_uint_eq(bench_number(&list[2]), 2);
	bench_free(bench);
}
END_TEST

START_TEST(B17a_health_is_told_as_far_as_there_is_room)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	struct failover_target_health health[3] = { { .state = 99 },
						    { .state = 99 },
						    { .state = 99 } };

	bench_register_at(bench, 1);
	ck_assert_int_eq(failover_line_health(bench->engine, bench->line, health, 2), 3);
	ck_assert_uint_eq(health[0].state, FAILOVER_TARGET_DEAD);
	ck_assert_uint_eq(health[1].state, FAILOVER_TARGET_GOOD);
	ck_assert_uint_eq(health[2].state, 99);
	ck_assert_int_eq(failover_line_health(bench->engine, bench->line, health, 3), 3);
	ck_assert_uint_eq(health[2].state, FAILOVER_TARGET_UNKNOWN);
	bench_free(bench);
}
END_TEST

/* ---- outputs full ------------------------------------------------------------------------- */

/* Registers lines until the outputs are full. */
static void fill(struct bench *bench)
{
	struct failover_line_settings settings = bench_settings();
	uint32_t line;

	do
		line = bench_line(bench, &settings, "01");
	while (failover_register(bench->engine, line, bench->now) == 0);
}

START_TEST(B18_what_would_need_room_is_refused_while_the_outputs_are_full)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 128);
	struct failover_target target = bench_target(0, 0);
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 1,
					       .targets = &target,
					       .settings = settings };

	bench->line = bench_line(bench, &settings, "01");
	ck_assert_int_eq(failover_register(bench->engine, bench->line, 0), 0);
	fill(bench);
	ck_assert_int_eq(failover_register(bench->engine, bench->line, 0), FAILOVER_ERR_FULL);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, 0), FAILOVER_ERR_FULL);
	ck_assert_int_eq(failover_probe(bench->engine, bench->line, 0), FAILOVER_ERR_FULL);
	ck_assert_int_eq(failover_failback(bench->engine, bench->line, 0), FAILOVER_ERR_FULL);
	ck_assert_int_eq(failover_pin(bench->engine, bench->line, 1, 0), FAILOVER_ERR_FULL);
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, 0),
			 FAILOVER_ERR_FULL);
	ck_assert_int_eq(failover_line_remove(bench->engine, bench->line, 0), FAILOVER_ERR_FULL);
	ck_assert_uint_eq(bench_state(bench).targets_count, 2);
	bench_drain(bench);
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, 0), 0);
	ck_assert_int_eq(failover_line_remove(bench->engine, bench->line, 0), 0);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_arguments");
	TCase *tcase = tcase_create("arguments");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, an_engine_wants_memory_and_limits_in_range);
	tcase_add_loop_test(tcase, settings_are_taken_up_to_their_limits_and_no_further, 0,
			    sizeof(ranges) / sizeof(ranges[0]));
	tcase_add_test(tcase, B15_expires_is_asked_for_within_ten_seconds_and_a_day);
	tcase_add_test(tcase, B7c_a_line_that_is_none_is_stale_everywhere);
	tcase_add_test(tcase, B37_a_line_begins_only_at_a_target_of_its_own_and_before_any_request);
	tcase_add_test(tcase, missing_and_unfit_arguments_change_nothing);
	tcase_add_test(tcase, B7c_a_response_with_no_sip_status_is_not_news);
	tcase_add_test(tcase, the_list_is_told_as_far_as_there_is_room);
	tcase_add_test(tcase, B17a_health_is_told_as_far_as_there_is_room);
	tcase_add_test(tcase, B18_what_would_need_room_is_refused_while_the_outputs_are_full);
	return bench_main(suite);
}
