/* SPDX-License-Identifier: MIT */
/* core_simulated_test.c - interleavings that the simulator has found, one test each. */
#include "bench.h"

static uint64_t give_up_time(const struct bench *bench)
{
	return bench->now + 3500;
}

/* While one call is answered 503, an older one at the same target gets its 2xx late: the line is
 * served there, so the next call must go there. */
START_TEST(B4c_a_late_2xx_ends_the_skipping)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t older;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	older = bench_attempt(bench)->id;
	bench_busy_elsewhere(bench, 0, 60);
	bench_until(bench, give_up_time(bench));
	bench_answer_to(bench, older, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, bench->now);
	bench_free(bench);
}
END_TEST

/* The network has changed, and the line waits for its share of the spread; an OPTIONS that fails
 * makes it register before. */
START_TEST(B17_a_REGISTER_before_the_spread_of_a_changed_network_starts_at_index_0)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t options;

	settings.jitter_percent = 50;
	bench = bench_one(&settings, "01");
	bench_line(bench, &settings, "01");
	bench_register_at(bench, 1);
	bench_submit(bench, FAILOVER_OPTIONS);
	options = bench_attempt(bench)->id;
	failover_network_changed(bench->engine, bench->now);
	ck_assert_uint_gt(bench_state(bench).next_register, bench->now);
	bench_clear(bench);
	failover_unreachable(bench->engine, options, FAILOVER_REASON_RESET, bench->now);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_free(bench);
}
END_TEST

static void next_alone(struct bench *bench, uint32_t method, unsigned target)
{
	bench_clear(bench);
	bench_submit(bench, method);
	bench_expect(bench, 0, method, target, bench->now);
}

/* What is not failed over leaves such a target alone, too, as far as the line is registered. */
START_TEST(B4c_options_and_message_leave_a_skipped_target_alone)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "001");

	bench_register(bench);
	bench_busy_elsewhere(bench, 0, 60);
	next_alone(bench, FAILOVER_OTHER, 1);
	bench_answer(bench, 200);
	next_alone(bench, FAILOVER_OPTIONS, 1);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_until(bench, bench->now + 1000);
	bench_busy_elsewhere(bench, 1, 60);   /* now all of this registrar */
	next_alone(bench, FAILOVER_OTHER, 0); /* whose time ends first */
	bench_answer(bench, 200);
	next_alone(bench, FAILOVER_OTHER, 0);
	bench_free(bench);
}
END_TEST

/* The server has asked for it, so its silence is no bad sign. */
START_TEST(B15a_no_keepalive_to_a_skipped_target)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "00");
	bench_register(bench);
	bench_busy_elsewhere(bench, 0, 60);
	bench_clear(bench);
	bench_until(bench, bench->now + 59000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_until(bench, bench->now + 31000);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0,
		     bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 0)->at);
	bench_free(bench);
}
END_TEST

/* A serving target that has gone is left by the next request (B1b), whatever it has asked for. */
START_TEST(B15a_a_skipped_target_that_has_gone_is_left)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target left = bench_target(1, 0);
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "00");
	bench_register(bench);
	bench_busy_elsewhere(bench, 0, 60);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, &left, 1, bench->now),
			 0);
	bench_clear(bench);
	bench_until(bench, bench->now + 30000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("simulated");
	TCase *tcase = tcase_create("simulated");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B4c_a_late_2xx_ends_the_skipping);
	tcase_add_test(tcase,
		       B17_a_REGISTER_before_the_spread_of_a_changed_network_starts_at_index_0);
	tcase_add_test(tcase, B4c_options_and_message_leave_a_skipped_target_alone);
	tcase_add_test(tcase, B15a_no_keepalive_to_a_skipped_target);
	tcase_add_test(tcase, B15a_a_skipped_target_that_has_gone_is_left);
	return bench_main(suite);
}
