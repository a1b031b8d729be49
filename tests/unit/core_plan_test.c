/* SPDX-License-Identifier: MIT */
/* core_plan_test.c - what would happen now if nobody answered (B20a): the times of both documents,
 * and for random lines the same as what then happens. */
#include <string.h>
#include "bench.h"

#define STEPS 80u
#define WORLDS 1000u

static struct failover_plan_step steps[STEPS];

static struct failover_plan plan_of(const struct bench *bench, uint32_t method)
{
	struct failover_request_params params = { .size = sizeof(params), .method = method };
	struct failover_plan plan = { .size = sizeof(plan), .steps_max = STEPS, .steps = steps };

	ck_assert_int_eq(failover_plan(bench->engine, bench->line, &params, bench->now, &plan), 0);
	ck_assert_uint_le(plan.steps_count, STEPS);
	return plan;
}

static void expect(unsigned n, uint32_t kind, uint32_t method, unsigned target, uint64_t at_ms)
{
	ck_assert_uint_eq(steps[n].kind, kind);
	ck_assert_uint_eq(steps[n].method, method);
	ck_assert_uint_eq(steps[n].target, target);
	ck_assert_uint_eq(steps[n].at_ms, at_ms);
}

START_TEST(B20a_REGISTER_walks_over_the_list)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_plan plan = plan_of(bench, FAILOVER_REGISTER);

	ck_assert_uint_eq(plan.steps_count, 4);
	expect(0, FAILOVER_PLAN_SEND, FAILOVER_REGISTER, 0, 0);
	ck_assert_uint_eq(steps[0].transmissions, 3);
	ck_assert_uint_eq(steps[0].budget_ms, 3500);
	expect(1, FAILOVER_PLAN_LEAVE, FAILOVER_REGISTER, 0, 3500);
	expect(2, FAILOVER_PLAN_SEND, FAILOVER_REGISTER, 1, 3500);
	ck_assert_uint_eq(steps[2].transmissions, 11);
	ck_assert_uint_ne(steps[2].flags & FAILOVER_ATTEMPT_LAST, 0);
	expect(3, FAILOVER_PLAN_LEAVE, FAILOVER_REGISTER, 1, 35500);
	ck_assert_uint_eq(plan.service_ms, 3500);
	ck_assert_uint_eq(plan.fails_ms, 35500);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B20a_INVITE_registers_at_another_server_first)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	struct failover_plan plan;

	bench_register(bench);
	plan = plan_of(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(plan.steps_count, 6);
	expect(0, FAILOVER_PLAN_SEND, FAILOVER_INVITE, 0, 0);
	expect(1, FAILOVER_PLAN_LEAVE, FAILOVER_INVITE, 0, 3500);
	expect(2, FAILOVER_PLAN_REGISTER, FAILOVER_REGISTER, 1, 3500);
	expect(3, FAILOVER_PLAN_LEAVE, FAILOVER_REGISTER, 1, 7000);
	expect(4, FAILOVER_PLAN_REGISTER, FAILOVER_REGISTER, 2, 7000);
	expect(5, FAILOVER_PLAN_LEAVE, FAILOVER_REGISTER, 2, 39000);
	ck_assert_uint_eq(plan.service_ms, 7000);
	ck_assert_uint_eq(plan.fails_ms, 39000);
	bench_free(bench);
}
END_TEST

START_TEST(B20a_BYE_goes_through_the_next_proxy)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	struct failover_plan plan;

	bench_register_at(bench, 1);
	plan = plan_of(bench, FAILOVER_BYE);
	ck_assert_uint_eq(plan.steps_count, 4);
	expect(0, FAILOVER_PLAN_SEND, FAILOVER_BYE, 1, 0);
	ck_assert_uint_ne(steps[0].flags & FAILOVER_ATTEMPT_IN_DIALOG, 0);
	expect(2, FAILOVER_PLAN_SEND, FAILOVER_BYE, 0, 3500);
	ck_assert_uint_eq(plan.fails_ms, 35500);
	bench_free(bench);
}
END_TEST

START_TEST(B20a_V2_waits_for_its_time)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	struct failover_plan plan;

	settings.profile = FAILOVER_PROFILE_V2;
	bench = bench_one(&settings, "01");
	plan = plan_of(bench, FAILOVER_REGISTER);
	ck_assert_uint_eq(plan.service_ms, 4000);
	ck_assert_uint_eq(plan.fails_ms, 36000);
	bench_free(bench);
}
END_TEST

/* What is under way is waited for; only the rest of its time is left. */
START_TEST(B20a_a_REGISTER_under_way_is_waited_for)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_plan plan;

	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_until(bench, bench->now + 1500);
	plan = plan_of(bench, FAILOVER_INVITE);
	expect(0, FAILOVER_PLAN_WAIT, FAILOVER_REGISTER, 0, 0);
	ck_assert_uint_eq(steps[0].budget_ms, 2000);
	expect(1, FAILOVER_PLAN_LEAVE, FAILOVER_REGISTER, 0, 2000);
	expect(2, FAILOVER_PLAN_REGISTER, FAILOVER_REGISTER, 1, 2000);
	ck_assert_uint_eq(plan.fails_ms, 34000);
	plan = plan_of(bench, FAILOVER_REGISTER);
	expect(0, FAILOVER_PLAN_WAIT, FAILOVER_REGISTER, 0, 0);
	expect(2, FAILOVER_PLAN_SEND, FAILOVER_REGISTER, 1, 2000);
	ck_assert_uint_eq(plan.fails_ms, 34000);
	bench_free(bench);
}
END_TEST

/* The user has unregistered the line, and nothing is sent for one that is not registered. */
START_TEST(B28_what_may_be_sent_nowhere_has_a_plan_without_a_step)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_plan plan;
	struct bench *bench;
	uint32_t only;

	for (only = 0; only < 2; only++) {
		settings.only_registered = only;
		bench = bench_one(&settings, "01");
		bench_register(bench);
		ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
		plan = plan_of(bench, FAILOVER_OPTIONS);
		ck_assert_int_eq(plan.steps_count == 0, only);
		ck_assert_int_eq(plan.fails_ms == 0, only);
		ck_assert_uint_eq(plan.service_ms, 0);
		bench_free(bench);
	}
}
END_TEST

/* An emergency call never fails by itself: its plan is the first round. */
START_TEST(B36_plan_of_an_emergency_call_is_a_round)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE,
						  .flags = FAILOVER_REQUEST_EMERGENCY };
	struct failover_plan plan = { .size = sizeof(plan), .steps_max = STEPS, .steps = steps };
	unsigned i, sends = 0;

	ck_assert_int_eq(failover_plan(bench->engine, bench->line, &params, bench->now, &plan), 0);
	ck_assert_uint_le(plan.steps_count, STEPS);
	for (i = 0; i < plan.steps_count; i++) {
		if (steps[i].kind != FAILOVER_PLAN_SEND)
			continue;
		expect(i, FAILOVER_PLAN_SEND, FAILOVER_INVITE, sends, UINT64_C(1000) * sends);
		sends++;
	}
	ck_assert_uint_eq(sends, 3);
	ck_assert_uint_eq(plan.service_ms, 2000);
	ck_assert_uint_eq(plan.fails_ms, 3000);
	bench_free(bench);
}
END_TEST

/* What was under way for years is not waited for (B19). */
START_TEST(B20a_a_leap_of_years_is_not_waited_for)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_plan plan;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench->now += UINT64_C(0xff00000000);
	plan = plan_of(bench, FAILOVER_REGISTER);
	expect(0, FAILOVER_PLAN_WAIT, FAILOVER_REGISTER, 0, 0);
	ck_assert_uint_eq(steps[0].budget_ms, 0);
	ck_assert_uint_eq(plan.service_ms, 0);
	ck_assert_uint_eq(plan.fails_ms, 32000);
	bench_free(bench);
}
END_TEST

/* More packets than 64*T1 have room for (B3b); one on a connection (B3c). */
START_TEST(B20a_packets_are_those_that_leave)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 1) };
	struct bench *bench;

	settings.signal_retry_counts = 20;
	bench = bench_one(&settings, "01");
	plan_of(bench, FAILOVER_REGISTER);
	ck_assert_uint_eq(steps[0].budget_ms, 32000);
	ck_assert_uint_eq(steps[0].transmissions, 11);
	targets[0].transport = FAILOVER_TCP;
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 2, bench->now),
			 0);
	plan_of(bench, FAILOVER_REGISTER);
	ck_assert_uint_eq(steps[0].transmissions, 1);
	bench_free(bench);
}
END_TEST

/* At the backup the refresh begins there, one for a call alone (B22) or not. */
START_TEST(B20a_the_next_REGISTER_of_a_registered_line)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "012");

	bench_register_at(bench, 1);
	plan_of(bench, FAILOVER_REGISTER);
	expect(0, FAILOVER_PLAN_SEND, FAILOVER_REGISTER, 1, 0);
	expect(2, FAILOVER_PLAN_SEND, FAILOVER_REGISTER, 0, 3500);
	bench_submit(bench, FAILOVER_INVITE);
	failover_pin(bench->engine, bench->line, 1, bench->now);
	bench_answer(bench, 503); /* the call goes on alone, with a REGISTER of its own */
	ck_assert_uint_ne(
		bench_attempt_number(bench, bench_count(bench, FAILOVER_OUTPUT_ATTEMPT) - 1)
				->flags &
			FAILOVER_ATTEMPT_VISIT,
		0);
	plan_of(bench, FAILOVER_REGISTER);
	expect(0, FAILOVER_PLAN_SEND, FAILOVER_REGISTER, 1, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B20a_refused_plans_say_why)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE };
	struct failover_plan plan = { .size = sizeof(plan), .steps_max = 1, .steps = steps };
	unsigned i;

	ck_assert_int_eq(failover_plan(bench->engine, 77, &params, bench->now, &plan),
			 FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_plan(bench->engine, bench->line, NULL, bench->now, &plan),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_plan(bench->engine, bench->line, &params, bench->now, NULL),
			 FAILOVER_ERR_ARGUMENT);
	params.method = FAILOVER_CANCEL;
	ck_assert_int_eq(failover_plan(bench->engine, bench->line, &params, bench->now, &plan),
			 FAILOVER_ERR_ARGUMENT);
	params.method = 99;
	ck_assert_int_eq(failover_plan(bench->engine, bench->line, &params, bench->now, &plan),
			 FAILOVER_ERR_ARGUMENT);
	params.method = FAILOVER_INVITE;
	bench->fail_at = bench->allocations + 1;
	ck_assert_int_eq(failover_plan(bench->engine, bench->line, &params, bench->now, &plan),
			 FAILOVER_ERR_MEMORY);
	ck_assert_int_eq(failover_plan(bench->engine, bench->line, &params, bench->now, &plan), 0);
	ck_assert_uint_gt(plan.steps_count, 1); /* more than there was room for */
	bench_register(bench);
	for (i = 0; i < 4; i++)
		bench_submit(bench, FAILOVER_INVITE);
	ck_assert_int_eq(failover_plan(bench->engine, bench->line, &params, bench->now, &plan),
			 FAILOVER_ERR_LIMIT);
	bench_free(bench);
}
END_TEST

/* ---- random lines ------------------------------------------------------------------------- */

static uint64_t chance;

static uint32_t below(uint32_t most)
{
	chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(chance >> 33) % most;
}

static struct failover_line_settings random_settings(void)
{
	struct failover_line_settings settings = bench_settings();

	settings.profile = below(3) ? FAILOVER_PROFILE_V3 : FAILOVER_PROFILE_V2;
	if (failover_profile_available(settings.profile))
		settings.profile = FAILOVER_PROFILE_V3;
	settings.signal_retry_counts = 1 + below(8);
	settings.signal_retry_first_free = below(2);
	settings.signal_retry_time_ms = 100 + below(9000);
	settings.t1_ms = 100 + below(900);
	settings.t2_ms = settings.t1_ms + below(8000);
	settings.failback = below(2);
	settings.failback_interval_s = 1 + below(100);
	settings.signal_failback = below(2);
	settings.signal_failback_methods = 2 * below(8);
	settings.jitter_percent = below(51);
	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	settings.keepalive_interval_s = 5 + below(60);
	settings.reg_fail_interval_s = 1 + below(60);
	return settings;
}

/* A line with a past: who serves, who asked to be left alone, what is under way. */
static struct bench *world(uint64_t seed)
{
	static const char *const maps[] = { "0", "01", "00", "0011", "001122", "012", "0123" };
	static const uint32_t statuses[] = { 100, 180, 200, 200, 200, 200, 403, 408, 503, 503 };
	struct failover_line_settings settings;
	struct bench *bench;
	unsigned i;

	chance = seed;
	settings = random_settings();
	bench = bench_one(&settings, maps[below(7)]);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	for (i = below(12); i > 0; i--) {
		if (bench->count > BENCH_OUTPUTS / 2)
			bench_clear(bench);
		if (bench_count(bench, FAILOVER_OUTPUT_ATTEMPT))
			bench_answer(bench, statuses[below(10)]);
		if (!below(3))
			bench_busy_elsewhere(bench, 0, 1 + below(40));
		if (!below(4))
			failover_register(bench->engine, bench->line, bench->now);
		if (!below(6))
			failover_pin(bench->engine, bench->line, below(2), bench->now);
		bench_drain(bench);
		bench_until(bench, bench->now + below(20000));
	}
	bench_clear(bench);
	return bench;
}

/* Each SEND is an attempt of the request, each REGISTER one of the line, at these times. */
static void compare(const struct bench *bench, const struct failover_plan *plan, uint64_t began,
		    uint64_t request)
{
	unsigned n = 0, own = 0, i, k;
	const struct bench_output *seen;

	for (i = 0; (seen = bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, i)); i++)
		own += seen->out.u.attempt.request == request;
	for (i = 0; i < plan->steps_count; i++) {
		const struct failover_plan_step *step = &steps[i];
		int found = 0;

		if (step->kind != FAILOVER_PLAN_SEND && step->kind != FAILOVER_PLAN_REGISTER)
			continue;
		n += step->kind == FAILOVER_PLAN_SEND;
		for (k = 0; (seen = bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, k)); k++) {
			const struct failover_attempt *attempt = &seen->out.u.attempt;

			found |= seen->at == began + step->at_ms &&
				 attempt->method == step->method &&
				 attempt->budget_ms == step->budget_ms &&
				 bench_number(&attempt->target) == step->target &&
				 (step->kind == FAILOVER_PLAN_REGISTER ||
				  attempt->request == request);
		}
		ck_assert_msg(found, "step %u at %llu was not seen", i,
			      (unsigned long long)step->at_ms);
	}
	ck_assert_uint_eq(n, own);
}

static uint64_t ends_at(const struct bench *bench, uint64_t request)
{
	const struct bench_output *seen;
	unsigned i;

	for (i = 0; (seen = bench_output(bench, FAILOVER_OUTPUT_RESULT, i)); i++)
		if (seen->out.u.result.request == request)
			return seen->at;
	return 0;
}

static void nothing_changed(struct bench *bench)
{
	struct failover_request_params params = { .size = sizeof(params), .method = FAILOVER_BYE };
	struct failover_line_state before = { .size = sizeof(before) }, after = before;
	struct failover_target_health known[2][FAILOVER_LIMIT_TARGETS] = { 0 };
	struct failover_plan plan = { .size = sizeof(plan) };
	uint64_t deadline = failover_next_deadline(bench->engine);

	failover_line_state(bench->engine, bench->line, &before);
	failover_line_health(bench->engine, bench->line, known[0], FAILOVER_LIMIT_TARGETS);
	failover_plan(bench->engine, bench->line, &params, bench->now, &plan);
	failover_line_state(bench->engine, bench->line, &after);
	failover_line_health(bench->engine, bench->line, known[1], FAILOVER_LIMIT_TARGETS);
	ck_assert_mem_eq(&before, &after, sizeof(before));
	ck_assert_mem_eq(known[0], known[1], sizeof(known[0]));
	ck_assert_uint_eq(failover_next_deadline(bench->engine), deadline);
	bench_drain(bench);
	ck_assert_uint_eq(bench->count, 0);
}

START_TEST(B20a_random_lines_do_what_the_plan_says)
{
	static const uint32_t methods[] = { FAILOVER_INVITE, FAILOVER_BYE };
	unsigned i, full = 0, registers = 0;

	for (i = 0; i < WORLDS; i++) {
		struct bench *bench = world(i);
		struct failover_request_params params = { .size = sizeof(params),
							  .method = methods[i % 2] };
		struct failover_plan plan = { .size = sizeof(plan),
					      .steps_max = STEPS,
					      .steps = steps };
		struct failover_target serving = bench_state(bench).serving;
		uint64_t began = bench->now, request;
		unsigned k;

		nothing_changed(bench);
		params.dialog = params.method == FAILOVER_BYE ? &serving : NULL;
		if (failover_plan(bench->engine, bench->line, &params, bench->now, &plan)) {
			full++;
			bench_free(bench);
			continue;
		}
		ck_assert_int_eq(
			failover_submit(bench->engine, bench->line, &params, bench->now, &request),
			0);
		bench_drain(bench);
		bench_until(bench, began + plan.fails_ms);
		compare(bench, &plan, began, request);
		ck_assert_uint_eq(ends_at(bench, request), began + plan.fails_ms);
		for (k = 0; k < plan.steps_count; k++)
			registers += steps[k].kind == FAILOVER_PLAN_REGISTER;
		bench_free(bench);
	}
	ck_assert_uint_eq(full, 0);
	ck_assert_uint_gt(registers, WORLDS / 10);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_plan");
	TCase *tcase = tcase_create("plan");
	TCase *random = tcase_create("random");

	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, random);
	tcase_set_timeout(random, 0);
	tcase_add_test(tcase, B20a_REGISTER_walks_over_the_list);
	tcase_add_test(tcase, B20a_INVITE_registers_at_another_server_first);
	tcase_add_test(tcase, B20a_BYE_goes_through_the_next_proxy);
	bench_add_v2(tcase, B20a_V2_waits_for_its_time);
	tcase_add_test(tcase, B20a_a_REGISTER_under_way_is_waited_for);
	tcase_add_test(tcase, B28_what_may_be_sent_nowhere_has_a_plan_without_a_step);
	tcase_add_test(tcase, B36_plan_of_an_emergency_call_is_a_round);
	tcase_add_test(tcase, B20a_a_leap_of_years_is_not_waited_for);
	tcase_add_test(tcase, B20a_packets_are_those_that_leave);
	tcase_add_test(tcase, B20a_the_next_REGISTER_of_a_registered_line);
	tcase_add_test(tcase, B20a_refused_plans_say_why);
	tcase_add_test(random, B20a_random_lines_do_what_the_plan_says);
	return bench_main(suite);
}
