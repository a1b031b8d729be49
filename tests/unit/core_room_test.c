/* SPDX-License-Identifier: MIT */
/* core_room_test.c - many requests of a line at once: what is taken, and what a refusal says. */
#include "bench.h"
#include "../../libfailover/core/state.h"

static struct bench *bench_with(uint32_t max_requests, uint32_t max_outputs)
{
	static struct failover_target targets[2];
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .max_requests = max_requests,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = bench_settings() };
	struct bench *bench = bench_new(0, max_outputs);

	targets[0] = bench_target(0, 0);
	targets[1] = bench_target(1, 1);
	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &bench->line), 0);
	return bench;
}

static int submit(struct bench *bench, uint32_t method, const struct failover_target *dialog)
{
	const struct failover_request_params params = {
		.size = sizeof(params), .method = method, .cookie = 5, .dialog = dialog
	};
	uint64_t request;

	return failover_submit(bench->engine, bench->line, &params, bench->now, &request);
}

START_TEST(B18_fourteen_hang_ups_at_once_are_all_sent)
{
	struct failover_target first = bench_target(0, 0);
	struct bench *bench = bench_with(14, 0);
	unsigned i;

	for (i = 0; i < 14; i++)
		ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), 0);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), FAILOVER_ERR_LIMIT);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 14);
	for (i = 0; i < 14; i++)
		bench_answer_to(bench, bench_attempt_number(bench, i)->id, 200);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 14);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B18_full_asks_to_drain_and_limit_to_wait)
{
	const struct failover_answer ok = { .size = sizeof(ok), .status = 200 };
	struct bench *bench = bench_with(2, 0);
	struct failover_target first = bench_target(0, 0);

	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), 0);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), 0);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), FAILOVER_ERR_LIMIT);
	bench_drain(bench);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), FAILOVER_ERR_LIMIT);
	failover_response(bench->engine, bench_attempt_number(bench, 1)->id, &ok, bench->now);
	/* Its result waits, and the slot comes free with that. */
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), FAILOVER_ERR_FULL);
	bench_drain(bench);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), 0);
	bench_free(bench);
}
END_TEST

/* The outputs that this input adds are what one step may make, and no more. */
static void expect_step(struct bench *bench, uint32_t before)
{
	const struct fo_queue *queue = &bench->engine->queue;

	ck_assert_uint_eq(queue->step, FO_OUTPUTS_PER_STEP(FO_SLOTS_OWN + FAILOVER_LIMIT_REQUESTS));
	ck_assert_uint_gt(queue->count, before + 2 * FAILOVER_LIMIT_REQUESTS);
	ck_assert_uint_le(queue->count - before, queue->step);
}

START_TEST(B18_the_largest_line_is_removed_in_one_step)
{
	struct bench *bench = bench_with(FAILOVER_LIMIT_REQUESTS, 128);
	unsigned i;

	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	for (i = 0; i < FAILOVER_LIMIT_REQUESTS; i++) {
		ck_assert_int_eq(submit(bench, FAILOVER_INVITE, NULL), 0);
		bench_drain(bench);
	}
	ck_assert_int_eq(failover_line_remove(bench->engine, bench->line, bench->now), 0);
	expect_step(bench, 0);
	bench_drain(bench);
	bench_free(bench);
}
END_TEST

START_TEST(B6b_all_requests_of_the_largest_line_fail_in_one_step)
{
	struct bench *bench = bench_with(FAILOVER_LIMIT_REQUESTS, 128);
	struct failover_target second = bench_target(1, 1);
	uint64_t attempt;
	unsigned i;

	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	attempt = bench_attempt(bench)->id;
	failover_unreachable(bench->engine, attempt, FAILOVER_REASON_ICMP, bench->now);
	bench_drain(bench);
	attempt = bench_attempt(bench)->id; /* at the second one */
	for (i = 0; i < FAILOVER_LIMIT_REQUESTS; i++)
		ck_assert_int_eq(submit(bench, FAILOVER_INVITE, NULL), 0);
	bench_drain(bench);
	failover_unreachable(bench->engine, attempt, FAILOVER_REASON_ICMP, bench->now);
	expect_step(bench, 0);
	bench_drain(bench);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &second), 0);
	bench_free(bench);
}
END_TEST

/* Lines with fewer requests leave the room as it was. */
START_TEST(B18_an_ordinary_line_asks_for_no_more_room)
{
	struct bench *bench = bench_with(12, 128);

	ck_assert_uint_eq(bench->engine->queue.step, 64);
	bench_free(bench);
}
END_TEST

START_TEST(B18_a_line_that_gets_room_goes_on_as_it_was)
{
	struct failover_target first = bench_target(0, 0), more[3];
	struct bench *bench = bench_with(1, 0);
	unsigned i;

	for (i = 0; i < 3; i++)
		more[i] = bench_target(i, i > 0);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), 0);
	bench_drain(bench);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), FAILOVER_ERR_LIMIT);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, more, 3, bench->now),
			 FAILOVER_ERR_LIMIT);
	ck_assert_int_eq(failover_line_room(bench->engine, bench->line, 0, 3, 2), 0);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, more, 3, bench->now), 0);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), 0);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), FAILOVER_ERR_LIMIT);
	bench_until(bench, bench->now + 3500); /* both have been silent for their budget */
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ABANDON), 2);
	bench_free(bench);
}
END_TEST

START_TEST(B19_room_that_cannot_be_had_leaves_the_line_as_it_was)
{
	struct bench *bench = bench_with(1, 0);
	struct failover_engine *engine = bench->engine;
	struct failover_target first = bench_target(0, 0);
	uint32_t line = bench->line;
	long made = bench->allocations;

	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), 0);
	bench->fail_at = made + 1;
	ck_assert_int_eq(failover_line_room(engine, line, 8, 8, 8), FAILOVER_ERR_MEMORY);
	ck_assert_int_eq(failover_line_room(engine, line, 0, 0, 0), 0); /* there is no need */
	ck_assert_int_eq(failover_line_room(engine, line, 2, 2, 1), 0);
	ck_assert_int_eq(bench->allocations, made + 1);
	ck_assert_int_eq(failover_line_room(engine, line + 1, 1, 1, 1), FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_line_room(engine, line, FAILOVER_LIMIT_REGISTRARS + 1, 1, 1),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_line_room(engine, line, 1, FAILOVER_LIMIT_TARGETS + 1, 1),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_line_room(engine, line, 1, 1, FAILOVER_LIMIT_REQUESTS + 1),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(submit(bench, FAILOVER_BYE, &first), FAILOVER_ERR_LIMIT);
	bench_drain(bench);
	bench_answer(bench, 200);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 1);
	bench_free(bench);
}
END_TEST

/* Four lines whose timers fall due together; the order in which the lines of `grows` and the others
 * go to their second target, as digits. They grow before that moment, or at it. */
static unsigned order_of_timers(unsigned grows, uint64_t at)
{
	const struct failover_target targets[] = { bench_target(0, 0), bench_target(1, 1) };
	struct bench *bench = bench_new(0, 0);
	struct failover_line_settings settings = bench_settings();
	uint32_t lines[4];
	unsigned i, k, order = 0;

	for (i = 0; i < 4; i++) {
		lines[i] = bench_line(bench, &settings, "01");
		ck_assert_int_eq(failover_register(bench->engine, lines[i], bench->now), 0);
	}
	bench_drain(bench);
	bench->now += at; /* the engine hears of it, and is not asked what is due yet */
	ck_assert_int_eq(failover_line_targets(bench->engine, lines[0], targets, 2, bench->now), 0);
	for (i = 0; i < 4; i++)
		if (grows & 1u << i)
			ck_assert_int_eq(failover_line_room(bench->engine, lines[i], 8, 32, 28), 0);
	bench_until(bench, bench->now + 3500 - at);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 8);
	for (i = 4; i < 8; i++)
		for (k = 0; k < 4; k++)
			if (bench_attempt_number(bench, i)->line == lines[k])
				order = order * 10 + k + 1;
	bench_free(bench);
	return order;
}

/* Alone, first, in the middle, last; waiting, and due. */
START_TEST(B19_timers_keep_their_order_when_a_line_gets_room)
{
	uint64_t at = _i ? 3500 : 0;
	unsigned usual = order_of_timers(0, at), grows;

	ck_assert_uint_gt(usual, 1000);
	for (grows = 1; grows < 16; grows++)
		ck_assert_uint_eq(order_of_timers(grows, at), usual);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_room");
	TCase *tcase = tcase_create("room");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B18_fourteen_hang_ups_at_once_are_all_sent);
	tcase_add_test(tcase, B18_full_asks_to_drain_and_limit_to_wait);
	tcase_add_test(tcase, B18_the_largest_line_is_removed_in_one_step);
	tcase_add_test(tcase, B6b_all_requests_of_the_largest_line_fail_in_one_step);
	tcase_add_test(tcase, B18_an_ordinary_line_asks_for_no_more_room);
	tcase_add_test(tcase, B18_a_line_that_gets_room_goes_on_as_it_was);
	tcase_add_test(tcase, B19_room_that_cannot_be_had_leaves_the_line_as_it_was);
	tcase_add_loop_test(tcase, B19_timers_keep_their_order_when_a_line_gets_room, 0, 2);
	return bench_main(suite);
}
