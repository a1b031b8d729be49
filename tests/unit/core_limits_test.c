/* SPDX-License-Identifier: MIT */
/* core_limits_test.c - bounds: memory, outputs, ids, layout (B7c, B18, B19). */
#include <string.h>
#include "bench.h"

START_TEST(B19_line_block_is_at_most_392_bytes_for_2_targets_and_2_requests)
{
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .max_requests = 2,
					       .targets = targets,
					       .settings = bench_settings() };
	struct bench *bench = bench_new(0, 0);
	struct failover_statistics statistics;

	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &bench->line), 0);
	failover_engine_statistics(bench->engine, &statistics);
	if (sizeof(void *) == 8)
		ck_assert_uint_le(statistics.line_bytes, 392);
	bench_free(bench);
}
END_TEST

START_TEST(B19_equal_settings_and_addresses_are_stored_once)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	struct failover_statistics statistics;
	unsigned i;

	for (i = 0; i < 1000; i++)
		bench_line(bench, &settings, "01");
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_eq(statistics.lines, 1000);
	ck_assert_uint_eq(statistics.settings, 1);
	ck_assert_uint_eq(statistics.addresses, 2);
	bench_free(bench);
}
END_TEST

START_TEST(B19_nothing_is_allocated_per_event)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	long allocations;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "012");
	bench_register_at(bench, 1);
	allocations = bench->allocations;
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, 4000000);
	failover_network_changed(bench->engine, bench->now);
	bench_until(bench, 4100000);
	ck_assert_int_eq(bench->allocations, allocations);
	bench_free(bench);
}
END_TEST

static int build_everything(struct bench *bench)
{
	struct failover_engine_params params = { .size = sizeof(params) };
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 0) };
	struct failover_line_params line = { .size = sizeof(line),
					     .registrars = 1,
					     .targets_count = 2,
					     .targets = targets,
					     .settings = settings };
	struct failover_engine *engine = NULL;
	uint32_t id, i;
	int error;

	params.memory = bench_memory(bench);
	error = failover_engine_new(&params, &engine);
	for (i = 0; !error && i < 20; i++) {
		line.settings.failback_interval_s = 100 + i;
		error = failover_line_add(engine, &line, 0, &id);
	}
	if (!error) {
		line.settings.failback_interval_s = 5;
		error = failover_line_update(engine, id, &line, 0);
	}
	failover_engine_free(engine);
	return error;
}

START_TEST(B19_every_failing_allocation_leaves_nothing_behind)
{
	struct bench *bench = bench_new(0, 0);
	long blocks = bench->blocks, n;

	for (n = 1;; n++) {
		int error;

		bench->allocations = 0;
		bench->fail_at = n;
		error = build_everything(bench);
		ck_assert_int_eq(bench->blocks, blocks);
		if (!error)
			break;
		ck_assert_int_eq(error, FAILOVER_ERR_MEMORY);
	}
	ck_assert_int_gt(n, 40);
	bench->fail_at = 0;
	bench_free(bench);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target target = bench_target(0, 0);
	struct failover_line_params good = { .size = sizeof(good),
					     .registrars = 1,
					     .targets_count = 1,
					     .targets = &target,
					     .settings = settings },
				    bad;
	struct bench *bench = bench_new(0, 0);
	struct failover_request_params request = { .size = sizeof(request), .method = 99 };
	uint64_t id;

#define REFUSED(change)                                                                            \
	do {                                                                                       \
		bad = good;                                                                        \
		target = bench_target(0, 0);                                                       \
		change;                                                                            \
		ck_assert_int_eq(failover_line_add(bench->engine, &bad, 0, &bench->line),          \
				 FAILOVER_ERR_ARGUMENT);                                           \
	} while (0)
	REFUSED(bad.size = 4);
	REFUSED(bad.registrars = 0);
	REFUSED(bad.registrars = FAILOVER_LIMIT_REGISTRARS + 1);
	REFUSED(bad.targets_count = 0);
	REFUSED(bad.targets_count = FAILOVER_LIMIT_TARGETS + 1);
	REFUSED(bad.targets = NULL);
	REFUSED(bad.max_requests = FAILOVER_LIMIT_REQUESTS + 1);
	REFUSED(target.port = 0);
	REFUSED(target.family = 5);
	REFUSED(target.transport = 2);
	REFUSED(target.registrar = 1);
	REFUSED(bad.settings.signal_retry_counts = 0);
	REFUSED(bad.settings.signal_retry_counts = 21);
	REFUSED(bad.settings.jitter_percent = 51);
	REFUSED(bad.settings.t1_ms = 9);
	REFUSED(bad.settings.failback_interval_s = 0);
	REFUSED(bad.settings.keepalive_interval_s = 4);
#undef REFUSED
	bad = good;
	bad.settings.profile = 9;
	target = bench_target(0, 0);
	ck_assert_int_eq(failover_line_add(bench->engine, &bad, 0, &bench->line),
			 FAILOVER_ERR_UNSUPPORTED);
	ck_assert_int_eq(failover_line_add(bench->engine, &good, 0, &bench->line), 0);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &request, 0, &id),
			 FAILOVER_ERR_ARGUMENT);
	bench_free(bench);
}
END_TEST

/* B7c: ids of removed lines and ended requests, and invented ones, change nothing. */
START_TEST(B7c_stale_and_invented_ids_are_harmless)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer answer = { .size = sizeof(answer), .status = 200 };
	struct bench *bench = bench_one(&settings, "01");
	struct failover_statistics statistics;
	uint64_t attempt, i;
	uint32_t old = bench->line;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	attempt = bench_attempt(bench)->id;
	ck_assert_int_eq(failover_line_remove(bench->engine, old, bench->now), 0);
	bench->line = bench_line(bench, &settings, "01"); /* takes the same place */
	bench_clear(bench);
	ck_assert_uint_ne(bench->line, old);
	failover_response(bench->engine, attempt, &answer, bench->now);
	failover_unreachable(bench->engine, attempt, FAILOVER_REASON_ICMP, bench->now);
	failover_sent(bench->engine, attempt, bench->now);
	for (i = 0; i < 64; i++) {
		failover_response(bench->engine, attempt ^ UINT64_C(1) << i, &answer, bench->now);
		failover_give_up(bench->engine, attempt ^ UINT64_C(1) << i, bench->now);
		failover_line_remove(bench->engine, old ^ 1u << (i & 31), bench->now);
		if (bench->line == (old ^ 1u << (i & 31)))
			bench->line = bench_line(bench, &settings, "01");
	}
	bench_clear(bench);
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_ge(statistics.stale, 60);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B18_removing_a_line_ends_its_requests_once)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 180);
	bench_submit(bench, FAILOVER_OTHER);
	bench_clear(bench);
	ck_assert_int_eq(failover_line_remove(bench->engine, bench->line, bench->now), 0);
	bench_until(bench, 1000000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 2);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 2);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_ABANDON, 0)->out.reason,
			  FAILOVER_ABANDON_REMOVED);
	bench_free(bench);
}
END_TEST

/* Nobody takes the outputs: requests are refused, news of the stack are kept, nothing is lost. */
START_TEST(B18_news_that_come_while_the_outputs_are_full_are_not_lost)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 128);
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE };
	struct failover_answer ok = { .size = sizeof(ok), .status = 200, .expires_s = 100 };
	struct failover_answer trying = { .size = sizeof(trying), .status = 183 };
	struct failover_statistics statistics;
	uint64_t invite, given_up, attempt, given_up_attempt, id;

	bench->line = bench_line(bench, &settings, "00");
	invite = bench_submit(bench, FAILOVER_INVITE);
	attempt = bench_attempt(bench)->id;
	given_up = bench_submit(bench, FAILOVER_INVITE);
	given_up_attempt = bench_attempt(bench)->id;
	bench_clear(bench);
	do
		failover_response(bench->engine, attempt, &trying, bench->now);
	while (!bench_full(bench));
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &id),
			 FAILOVER_ERR_FULL);
	ck_assert_uint_eq(failover_response(bench->engine, attempt, &ok, bench->now),
			  FAILOVER_VERDICT_KEEP);
	ck_assert_int_eq(failover_give_up(bench->engine, given_up, bench->now), 0);
	failover_unreachable(bench->engine, given_up_attempt, FAILOVER_REASON_ICMP, bench->now);
	failover_handle_timeout(bench->engine, bench->now);
	bench_until(bench, bench->now); /* now somebody takes them */
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_ge(statistics.deferred, 2);
	ck_assert_uint_le(statistics.outputs_most, 128);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 2);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.request,
			  invite);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.status, 200);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 1)->out.u.result.outcome,
			  FAILOVER_OUTCOME_GIVEN_UP);
	bench_free(bench);
}
END_TEST

/* 10 000 lines fall due in the same millisecond: bounded outputs, all done in the end. */
START_TEST(B19_many_lines_due_at_once)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	struct failover_output output;
	struct failover_statistics statistics;
	unsigned attempts = 0, i;

	for (i = 0; i < 10000; i++) {
		bench->line = bench_line(bench, &settings, "01");
		ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
		while (failover_poll(bench->engine, &output))
			;
	}
	bench->now += 3500;
	while (failover_next_deadline(bench->engine) <= bench->now) {
		failover_handle_timeout(bench->engine, bench->now);
		while (failover_poll(bench->engine, &output))
			attempts += output.kind == FAILOVER_OUTPUT_ATTEMPT;
	}
	ck_assert_uint_eq(attempts, 10000);
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_le(statistics.outputs_most, 256);
	bench_free(bench);
}
END_TEST

/* The plugin ABI's layout is a promise; these are its figures on ILP32 and LP64. */
START_TEST(plugin_abi_layout)
{
	size_t p = sizeof(void *);

	ck_assert_uint_eq(sizeof(struct failover_target), 32);
	ck_assert_uint_eq(sizeof(struct failover_attempt), 112);
	ck_assert_uint_eq(offsetof(struct failover_attempt, target), 40);
	ck_assert_uint_eq(offsetof(struct failover_attempt, method), 72);
	ck_assert_uint_eq(offsetof(struct failover_attempt, ordinal), 108);
	ck_assert_uint_eq(sizeof(struct failover_answer), 28);
	ck_assert_uint_eq(sizeof(struct failover_attempt_report), 40);
	ck_assert_uint_eq(offsetof(struct failover_result, target), 32);
	ck_assert_uint_eq(offsetof(struct failover_result, reports), 88);
	ck_assert_uint_eq(offsetof(struct failover_plugin, abi), 0);
	ck_assert_uint_eq(offsetof(struct failover_plugin, size), 4);
	ck_assert_uint_eq(offsetof(struct failover_plugin, id), 8);
	ck_assert_uint_eq(offsetof(struct failover_plugin, capabilities), 8 + 4 * p);
	ck_assert_uint_eq(offsetof(struct failover_plugin, open), 16 + 4 * p);
	ck_assert_uint_eq(offsetof(struct failover_plugin, get_extension), 16 + 9 * p);
	ck_assert_uint_eq(offsetof(struct failover_host, ctx), 8);
	ck_assert_uint_eq(offsetof(struct failover_host, get_extension), 8 + 8 * p);
	ck_assert_uint_eq(offsetof(struct failover_host, lost), 8 + 9 * p);
	ck_assert_uint_eq(offsetof(struct failover_host, refresh), 8 + 11 * p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_limits");
	TCase *tcase = tcase_create("limits");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, B19_line_block_is_at_most_392_bytes_for_2_targets_and_2_requests);
	tcase_add_test(tcase, B19_equal_settings_and_addresses_are_stored_once);
	tcase_add_test(tcase, B19_nothing_is_allocated_per_event);
	tcase_add_test(tcase, B19_every_failing_allocation_leaves_nothing_behind);
	tcase_add_test(tcase, bad_arguments_are_refused);
	tcase_add_test(tcase, B7c_stale_and_invented_ids_are_harmless);
	tcase_add_test(tcase, B18_removing_a_line_ends_its_requests_once);
	tcase_add_test(tcase, B18_news_that_come_while_the_outputs_are_full_are_not_lost);
	tcase_add_test(tcase, B19_many_lines_due_at_once);
	tcase_add_test(tcase, plugin_abi_layout);
	return bench_main(suite);
}
