/* SPDX-License-Identifier: MIT */
/* core_tools_test.c - the queue's room and figures, the ends of the spread, who was heard. */
#include "bench.h"
#include "../../libfailover/core/core.h"

START_TEST(B19_queue_has_room_for_a_whole_step_or_none)
{
	struct fo_queue queue = { .size = 128, .count = 128 - FO_OUTPUTS_PER_STEP };

	ck_assert_int_eq(fo_queue_has_room(&queue), 1);
	queue.count++;
	ck_assert_int_eq(fo_queue_has_room(&queue), 0);
}
END_TEST

START_TEST(B19_most_outputs_that_ever_waited_are_counted)
{
	struct failover_output ring[4], output = { 0 };
	struct fo_queue queue = { .ring = ring, .size = 4 };

	fo_queue_push(&queue, &output);
	fo_queue_push(&queue, &output);
	ck_assert_uint_eq(queue.most, 2);
	ck_assert_int_eq(fo_queue_pop(&queue, &output), 1);
	ck_assert_int_eq(fo_queue_pop(&queue, &output), 1);
	fo_queue_push(&queue, &output);
	ck_assert_uint_eq(queue.most, 2);
}
END_TEST

/* Jitter of 10 % is 10 %, neither less nor more. */
START_TEST(B14_spread_reaches_its_end)
{
	struct failover_engine engine = { .random = 0 };
	uint64_t seed = 0;

	do
		engine.random = ++seed;
	while (fo_random(&engine, 1000) != 1000);
	engine.random = seed;
	ck_assert_uint_eq(fo_random_spread(&engine, 10000, 10), 11000);
}
END_TEST

/* A request from any of the targets shows the other lines that it is alive (B4e). */
START_TEST(B4e_heard_from_any_target_in_the_list)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target target = bench_target((unsigned)_i, 0);
	struct failover_statistics statistics;
	struct bench *bench = bench_one(&settings, "000");

	bench_register_at(bench, _i == 2 ? 0 : 2);
	failover_heard(bench->engine, bench->line, &target, bench->now);
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_eq(statistics.stale, 0);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tools");
	TCase *tcase = tcase_create("tools");

	tcase_add_test(tcase, B19_queue_has_room_for_a_whole_step_or_none);
	tcase_add_test(tcase, B19_most_outputs_that_ever_waited_are_counted);
	tcase_add_test(tcase, B14_spread_reaches_its_end);
	tcase_add_loop_test(tcase, B4e_heard_from_any_target_in_the_list, 0, 3);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
