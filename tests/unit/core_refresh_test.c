/* SPDX-License-Identifier: MIT */
/* core_refresh_test.c - REGISTERs that wait, that are overtaken, and whose time they go by. */
#include "bench.h"
#include "../../libfailover/core/core.h"

static void grant(struct bench *bench, uint64_t attempt, uint32_t seconds)
{
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = 200,
					  .expires_s = seconds };

	failover_response(bench->engine, attempt, &answer, bench->now);
	bench_drain(bench);
}

static void start_register(struct bench *bench)
{
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
}

START_TEST(B15_nothing_is_due_while_a_REGISTER_is_under_way)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	ck_assert_uint_ne(bench_state(bench).next_register, UINT64_MAX);
	start_register(bench);
	ck_assert_uint_eq(bench_state(bench).next_register, UINT64_MAX);
	bench_free(bench);
}
END_TEST

/* A REGISTER has ended, and its result is not taken: a call to the other registrar has to wait. */
static struct bench *bench_pending(uint64_t *call)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer granted = { .size = sizeof(granted), .status = 200 };
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE };
	struct bench *bench = bench_one(&settings, "01");

	start_register(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &granted, bench->now);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, call), 0);
	failover_unreachable(bench->engine, *call | 1, FAILOVER_REASON_RESET, bench->now);
	return bench;
}

/* It knows what the call has tried: nobody is asked twice (B6). */
START_TEST(B6b_REGISTER_that_had_to_wait_leaves_out_what_was_tried)
{
	uint64_t call;
	struct bench *bench = bench_pending(&call);

	bench_clear(bench);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 2);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 0);
	bench_until(bench, bench->now); /* B22: who holds the registration is asked itself */
	bench_expect(bench, 1, FAILOVER_REGISTER, 0, bench->now);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 1);
	bench_free(bench);
}
END_TEST

/* What an earlier REGISTER had to wait for does not lead the one that a changed network asks for.
 */
START_TEST(B17_changed_network_during_a_REGISTER_starts_at_index_0)
{
	uint64_t call;
	struct bench *bench = bench_pending(&call);

	bench_clear(bench);
	bench_until(bench, bench->now);
	bench_answer(bench, 200);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, bench->now);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_until(bench, bench_state(bench).next_register);
	failover_network_changed(bench->engine, bench->now);
	bench_answer(bench, 200);
	bench_clear(bench);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_free(bench);
}
END_TEST

/* An OPTIONS has failed while the REGISTER's result was not taken: the next one is the timeout's.
 */
START_TEST(B5b_REGISTER_after_a_timeout_starts_at_the_serving_target)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer granted = { .size = sizeof(granted), .status = 200 };
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_OPTIONS };
	struct bench *bench = bench_one(&settings, "01");
	uint64_t options;

	bench_register_at(bench, 1);
	start_register(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	failover_response(bench->engine, bench_attempt(bench)->id, &granted, bench->now);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &options),
			 0);
	failover_unreachable(bench->engine, options | 1, FAILOVER_REASON_RESET, bench->now);
	bench_clear(bench);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_free(bench);
}
END_TEST

/* A call of a line without registration has moved it: its first REGISTER counts all the same. */
START_TEST(B15_first_REGISTER_counts_after_a_move)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t first, invite;

	bench_submit(bench, FAILOVER_INVITE);
	invite = bench_attempt(bench)->id;
	start_register(bench);
	first = bench_attempt(bench)->id;
	failover_unreachable(bench->engine, invite, FAILOVER_REASON_RESET, bench->now);
	bench_drain(bench);
	bench_expect(bench, 2, FAILOVER_INVITE, 1, bench->now);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_answer_to(bench, first, 200);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	ck_assert_uint_ne(bench_state(bench).next_register, UINT64_MAX);
	bench_free(bench);
}
END_TEST

/* A late answer brings the line back to the primary, whose registration is older: refresh in time,
 * that is 90 % of what is left, in whole seconds. */
START_TEST(B15_refresh_after_a_move_goes_by_the_registration_there)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t late;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	late = bench_attempt(bench)->id;
	bench_until(bench, 4500);
	grant(bench, bench_attempt(bench)->id, 3600); /* at 1 */
	bench_answer(bench, 180);
	ck_assert_uint_eq(bench_state(bench).next_register, 4500 + 3240000);
	bench_answer_to(bench, late, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	ck_assert_uint_eq(bench_state(bench).next_register, 4500 + 3236400); /* of 3596 s */
	bench_free(bench);
}
END_TEST

/* The refresh at the old registrar was overtaken by a probe: the binding there lives on, so that a
 * call may go there without a REGISTER (B5a). */
START_TEST(B5a_overtaken_refresh_keeps_its_registration_alive)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t probe, refresh, granted_at;

	settings.failback_interval_s = 90;
	bench = bench_one(&settings, "01");
	start_register(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	grant(bench, bench_attempt(bench)->id, 100);
	bench_until(bench, 91000); /* refresh and probe are due in the same moment */
	bench_expect(bench, 2, FAILOVER_REGISTER, 1, 91000);
	refresh = bench_attempt_number(bench, 2)->id;
	bench_expect(bench, 3, FAILOVER_REGISTER, 0, 91000);
	probe = bench_attempt_number(bench, 3)->id;
	grant(bench, probe, 3600);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_until(bench, 92000);
	granted_at = bench->now;
	grant(bench, refresh, 1000);
	bench_until(bench, 500000);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, 500000);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_eq(bench_state(bench).registered_until, granted_at + 1000000);
	bench_free(bench);
}
END_TEST

START_TEST(B10_binding_is_removed_through_the_proxy_it_was_made_through)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register_at(bench, 1);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	ck_assert_uint_eq(bench_attempt(bench)->expires_s, 0);
	bench_free(bench);
}
END_TEST

/* The generator's state from which the next number in 0..limit is this one. */
static uint64_t seed_for(uint32_t limit, uint32_t number)
{
	struct failover_engine engine = { .random = 0 };
	uint64_t seed = 0;

	do
		engine.random = ++seed;
	while (fo_random(&engine.random, limit) != number);
	return seed;
}

/* 50 to 100 % of the interval, both ends included; with backoff it doubles up to 1800 s. */
START_TEST(B16_retry_is_within_half_and_the_whole_interval)
{
	static const struct {
		uint32_t backoff, failures, interval_s;
		uint64_t interval_ms;
	} rows[] = { { 0, 0, 32, 32000 },   { 0, 7, 32, 32000 },   { 1, 0, 32, 32000 },
		     { 1, 1, 32, 64000 },   { 1, 5, 32, 1024000 }, { 1, 6, 32, 1800000 },
		     { 1, 1, 700, 1400000 } };
	struct failover_line_settings settings = bench_settings();
	uint64_t half = rows[_i].interval_ms / 2, at;
	struct bench *bench;
	unsigned i;

	settings.reg_fail_backoff = rows[_i].backoff;
	settings.reg_fail_interval_s = rows[_i].interval_s;
	bench = bench_one(&settings, "0");
	for (i = 0; i < 2; i++) {
		start_register(bench);
		fo_find_line(bench->engine, bench->line)->failures = (uint8_t)rows[_i].failures;
		bench->engine->random = seed_for(half, i * half);
		at = bench->now;
		bench_answer(bench, 403);
		ck_assert_uint_eq(bench_state(bench).next_register, at + half + i * half);
	}
	bench_free(bench);
}
END_TEST

static uint32_t seconds_of(const struct bench *bench, uint32_t kind)
{
	const struct bench_output *output = bench_event(bench, kind, 0);

	ck_assert_msg(output != NULL, "there is no event of kind %u", kind);
	return output->out.u.event.seconds;
}

/* What is told is never less than what it takes, in whole seconds. */
START_TEST(B16_seconds_until_the_retry_are_told)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	const struct failover_event *event;

	start_register(bench);
	bench->engine->random = seed_for(16000, (uint64_t)_i);
	bench_answer(bench, 403);
	ck_assert_uint_eq(seconds_of(bench, FAILOVER_EVENT_UNREGISTERED), _i ? 17 : 16);
	event = &bench_event(bench, FAILOVER_EVENT_UNREGISTERED, 0)->out.u.event;
	ck_assert_uint_eq(event->reason, FAILOVER_REASON_STATUS);
	ck_assert_uint_eq(event->status, 403);
	bench_free(bench);
}
END_TEST

static void lose(struct bench *bench)
{
	struct failover_target target = bench_target(0, 0);

	bench_clear(bench);
	failover_lost(bench->engine, bench->line, &target, bench->now);
	bench_drain(bench);
}

/* Two REGISTERs after lost connections have the interval of B16 between them, unless the refresh is
 * due before. */
START_TEST(B15a_seconds_until_the_REGISTER_after_a_loss_are_told)
{
	static const struct {
		uint64_t spread;
		uint32_t granted_s, seconds;
	} rows[] = { { 0, 3600, 16 }, { 1, 3600, 17 }, { 0, 20, 15 } };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");

	bench_register(bench);
	lose(bench);
	ck_assert_uint_eq(seconds_of(bench, FAILOVER_EVENT_CONNECTION_LOST), 0);
	bench_until(bench, bench->now);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	grant(bench, bench_attempt(bench)->id, rows[_i].granted_s);
	bench->engine->random = seed_for(16000, rows[_i].spread);
	lose(bench);
	ck_assert_uint_eq(seconds_of(bench, FAILOVER_EVENT_CONNECTION_LOST), rows[_i].seconds);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("refresh");
	TCase *tcase = tcase_create("refresh");

	tcase_add_test(tcase, B15_nothing_is_due_while_a_REGISTER_is_under_way);
	tcase_add_test(tcase, B6b_REGISTER_that_had_to_wait_leaves_out_what_was_tried);
	tcase_add_test(tcase, B17_changed_network_during_a_REGISTER_starts_at_index_0);
	tcase_add_test(tcase, B5b_REGISTER_after_a_timeout_starts_at_the_serving_target);
	tcase_add_test(tcase, B15_first_REGISTER_counts_after_a_move);
	tcase_add_test(tcase, B15_refresh_after_a_move_goes_by_the_registration_there);
	tcase_add_test(tcase, B5a_overtaken_refresh_keeps_its_registration_alive);
	tcase_add_test(tcase, B10_binding_is_removed_through_the_proxy_it_was_made_through);
	tcase_add_loop_test(tcase, B16_retry_is_within_half_and_the_whole_interval, 0, 7);
	tcase_add_loop_test(tcase, B16_seconds_until_the_retry_are_told, 0, 2);
	tcase_add_loop_test(tcase, B15a_seconds_until_the_REGISTER_after_a_loss_are_told, 0, 3);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
