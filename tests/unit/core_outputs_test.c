/* SPDX-License-Identifier: MIT */
/* core_outputs_test.c - every field of what the core puts out, and of what it says of itself. */
#include <string.h>
#include "bench.h"
#include "../../libfailover/core/core.h"

static const struct failover_event *event_of(const struct bench *bench, uint32_t kind, unsigned n)
{
	const struct bench_output *output = bench_event(bench, kind, n);

	ck_assert_msg(output != NULL, "there is no event %u of kind %u", n, kind);
	return &output->out.u.event;
}

static const struct failover_result *result_of(const struct bench *bench, unsigned n)
{
	const struct bench_output *output = bench_output(bench, FAILOVER_OUTPUT_RESULT, n);

	ck_assert_msg(output != NULL, "there is no result %u", n);
	return &output->out.u.result;
}

/* ---- attempts ----------------------------------------------------------------------------- */

START_TEST(B7_an_attempt_tells_all_that_a_stack_needs)
{
	struct failover_line_settings settings = bench_settings();
	const struct failover_attempt *attempt;
	struct failover_statistics statistics;
	struct bench *bench;
	uint64_t request;

	settings.t1_ms = 300;
	settings.t2_ms = 2000;
	settings.t4_ms = 2500;
	bench = bench_one(&settings, "00");
	bench_register(bench);
	request = bench_in_dialog(bench, FAILOVER_INVITE, 0, 0);
	attempt = bench_attempt(bench);
	ck_assert_uint_eq(attempt->size, sizeof(*attempt));
	ck_assert_uint_eq(attempt->line, bench->line);
	ck_assert_uint_eq(attempt->request, request);
	ck_assert_uint_eq(attempt->id, request | 1);
	ck_assert_uint_eq(attempt->cookie, 77);
	ck_assert_uint_eq(attempt->related, 0);
	ck_assert_uint_eq(attempt->method, FAILOVER_INVITE);
	ck_assert_uint_eq(attempt->flags, FAILOVER_ATTEMPT_IN_DIALOG);
	ck_assert_uint_eq(attempt->dialog, 0);
	ck_assert_uint_eq(attempt->expires_s, 0);
	ck_assert_uint_eq(attempt->transmissions, 3);
	ck_assert_uint_eq(attempt->budget_ms, 2100); /* 300 + 600 + 1200 */
	ck_assert_uint_eq(attempt->t1_ms, 300);
	ck_assert_uint_eq(attempt->t2_ms, 2000);
	ck_assert_uint_eq(attempt->t4_ms, 2500);
	ck_assert_uint_eq(attempt->ordinal, 1);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	attempt = bench_attempt(bench);
	ck_assert_uint_eq(attempt->id, request | 2);
	ck_assert_uint_eq(attempt->ordinal, 2);
	ck_assert_uint_eq(attempt->flags, FAILOVER_ATTEMPT_IN_DIALOG | FAILOVER_ATTEMPT_RESENT |
						  FAILOVER_ATTEMPT_LAST);
	ck_assert_uint_eq(attempt->transmissions, 0);
	ck_assert_uint_eq(attempt->budget_ms, 64 * 300);
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_eq(statistics.attempts, 3);
	bench_free(bench);
}
END_TEST

START_TEST(B15a_the_lines_own_attempts_say_what_they_are)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	settings.failback_interval_s = 40;
	settings.failback_release = 1;
	bench = bench_one(&settings, "012");
	bench_register_at(bench, 2);
	bench_until(bench, 31000);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 2, 31000);
	ck_assert_uint_eq(bench_attempt(bench)->flags, FAILOVER_ATTEMPT_KEEPALIVE);
	ck_assert_uint_eq(bench_attempt(bench)->budget_ms, 3500);
	ck_assert_uint_eq(bench_attempt(bench)->cookie, 0);
	bench_answer(bench, 200);
	ck_assert_uint_eq(result_of(bench, 0)->flags, FAILOVER_ATTEMPT_KEEPALIVE);
	bench_until(bench, 41000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 0, 41000);
	ck_assert_uint_eq(bench_attempt(bench)->flags, FAILOVER_ATTEMPT_PROBE);
	bench_answer(bench, 200);
	ck_assert_uint_eq(event_of(bench, FAILOVER_EVENT_RESPONSE, 1)->flags,
			  FAILOVER_ATTEMPT_PROBE);
	bench_until(bench, 41000);
	bench_expect(bench, 2, FAILOVER_REGISTER, 2, 41000);
	ck_assert_uint_eq(bench_attempt(bench)->flags,
			  FAILOVER_ATTEMPT_RELEASE | FAILOVER_ATTEMPT_LAST);
	ck_assert_uint_eq(bench_attempt(bench)->expires_s, 0);
	bench_free(bench);
}
END_TEST

/* One target only: what goes alone has the last one's budget there, but not OPTIONS (B5b). */
START_TEST(B3e_the_only_target_is_the_last_one)
{
	static const uint32_t methods[] = { FAILOVER_INVITE, FAILOVER_BYE, FAILOVER_OPTIONS,
					    FAILOVER_OTHER };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");

	bench_register(bench);
	bench_submit(bench, methods[_i]);
	ck_assert_uint_eq(bench_attempt(bench)->flags, FAILOVER_ATTEMPT_LAST);
	ck_assert_uint_eq(bench_attempt(bench)->budget_ms, 32000);
	ck_assert_uint_eq(bench_attempt(bench)->transmissions, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B5b_OPTIONS_has_the_short_budget_where_there_is_another_target)
{
	static const struct {
		uint32_t method, budget_ms, flags;
	} rows[] = {
		{ FAILOVER_OPTIONS, 3500, 0 },
		{ FAILOVER_OTHER, 32000, FAILOVER_ATTEMPT_LAST },
		{ FAILOVER_INVITE, 3500, 0 },
		{ FAILOVER_BYE, 3500, 0 },
	};
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	bench_submit(bench, rows[_i].method);
	ck_assert_uint_eq(bench_attempt(bench)->flags, rows[_i].flags);
	ck_assert_uint_eq(bench_attempt(bench)->budget_ms, rows[_i].budget_ms);
	bench_free(bench);
}
END_TEST

START_TEST(B5b_CANCEL_names_the_attempt_of_its_INVITE)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t request, invite;

	bench_register(bench);
	request = bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	invite = bench_attempt(bench)->id;
	bench_answer(bench, 180);
	ck_assert_int_eq(failover_give_up(bench->engine, request, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_CANCEL);
	ck_assert_uint_eq(bench_attempt(bench)->related, invite);
	ck_assert_uint_eq(bench_attempt(bench)->cookie, 77);
	ck_assert_uint_eq(bench_attempt(bench)->budget_ms, 3500);
	ck_assert_uint_eq(bench_attempt(bench)->ordinal, 1);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	ck_assert_uint_eq(result_of(bench, 0)->outcome, FAILOVER_OUTCOME_GIVEN_UP);
	ck_assert_uint_eq(result_of(bench, 0)->attempt, 0);
	ck_assert_uint_eq(event_of(bench, FAILOVER_EVENT_GIVEN_UP, 0)->request, request);
	ck_assert_uint_eq(event_of(bench, FAILOVER_EVENT_GIVEN_UP, 0)->attempt, invite);
	bench_free(bench);
}
END_TEST

/* ---- challenges --------------------------------------------------------------------------- */

static uint32_t challenge(struct bench *bench)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 401, .retrying = 1 };
	uint32_t verdict =
		failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);

	bench_drain(bench);
	return verdict;
}

START_TEST(B4b_eight_challenges_are_answered_at_each_target)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	unsigned i;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	for (i = 0; i < 8; i++)
		ck_assert_uint_eq(challenge(bench), FAILOVER_VERDICT_KEEP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	for (i = 0; i < 8; i++)
		ck_assert_uint_eq(challenge(bench), FAILOVER_VERDICT_KEEP);
	ck_assert_uint_eq(bench_state(bench).requests, 1);
	ck_assert_uint_eq(challenge(bench), FAILOVER_VERDICT_STOP);
	ck_assert_uint_eq(result_of(bench, 0)->status, 401);
	ck_assert_uint_eq(bench_state(bench).requests, 0);
	bench_free(bench);
}
END_TEST

/* After a provisional response and a challenge the budget of no answer runs again, and what was
 * sent is counted anew. */
START_TEST(B4b_the_budget_starts_again_with_the_new_transaction)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t from;

	settings.trying_timeout_s = 20;
	bench = bench_one(&settings, "00");
	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	failover_sent(bench->engine, bench_attempt(bench)->id, bench->now);
	failover_sent(bench->engine, bench_attempt(bench)->id, bench->now);
	bench_until(bench, 2000);
	bench_answer(bench, 100);
	bench_until(bench, 10000);
	from = bench->now;
	challenge(bench);
	failover_sent(bench->engine, bench_attempt(bench)->id, bench->now);
	bench_until(bench, from + 3499);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_until(bench, from + 3500);
	bench_expect(bench, 1, FAILOVER_INVITE, 1, from + 3500);
	ck_assert_uint_eq(event_of(bench, FAILOVER_EVENT_UNAVAILABLE, 0)->transmissions, 1);
	ck_assert_uint_eq(event_of(bench, FAILOVER_EVENT_UNAVAILABLE, 0)->elapsed_ms, 3500);
	bench_free(bench);
}
END_TEST

/* Only 100 before the challenge, 180 after it: trying_timeout is over. */
START_TEST(B4a_trying_timeout_ends_with_the_transaction)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.trying_timeout_s = 5;
	bench = bench_one(&settings, "00");
	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 100);
	challenge(bench);
	bench_answer(bench, 180);
	bench_until(bench, 60000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	ck_assert_uint_eq(bench_state(bench).requests, 1);
	bench_free(bench);
}
END_TEST

/* ---- events and results ------------------------------------------------------------------- */

START_TEST(B20_events_name_time_line_request_and_attempt)
{
	struct failover_line_settings settings = bench_settings();
	const struct failover_event *event;
	struct bench *bench = bench_one(&settings, "00");
	uint64_t request;

	bench_register(bench);
	bench_until(bench, 5000);
	request = bench_submit(bench, FAILOVER_BYE);
	failover_sent(bench->engine, request | 1, bench->now);
	bench_until(bench, 6000);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	event = event_of(bench, FAILOVER_EVENT_UNAVAILABLE, 0);
	ck_assert_uint_eq(event->size, sizeof(*event));
	ck_assert_uint_eq(event->line, bench->line);
	ck_assert_uint_eq(event->method, FAILOVER_BYE);
	ck_assert_uint_eq(event->now, 6000);
	ck_assert_uint_eq(event->request, request);
	ck_assert_uint_eq(event->attempt, request | 1);
	ck_assert_uint_eq(bench_number(&event->target), 0);
	ck_assert_uint_eq(event->reason, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(event->status, 0);
	ck_assert_uint_eq(event->transmissions, 1);
	ck_assert_uint_eq(event->elapsed_ms, 1000);
	ck_assert_uint_eq(event->flags, 0);
	bench_until(bench, 7000);
	bench_answer(bench, 200);
	event = event_of(bench, FAILOVER_EVENT_RESPONSE, 0);
	ck_assert_uint_eq(event->size, sizeof(*event));
	ck_assert_uint_eq(event->line, bench->line);
	ck_assert_uint_eq(event->method, FAILOVER_BYE);
	ck_assert_uint_eq(event->now, 7000);
	ck_assert_uint_eq(event->request, request);
	ck_assert_uint_eq(event->attempt, request | 2);
	ck_assert_uint_eq(event->status, 200);
	ck_assert_uint_eq(event->flags, FAILOVER_ATTEMPT_LAST | FAILOVER_ATTEMPT_RESENT);
	ck_assert_uint_eq(bench_number(&event->target), 1);
	event = event_of(bench, FAILOVER_EVENT_MOVED, 0);
	ck_assert_uint_eq(event->now, 7000);
	ck_assert_uint_eq(event->method, FAILOVER_BYE);
	ck_assert_uint_eq(event->direction, FAILOVER_FAILOVER);
	ck_assert_uint_eq(bench_number(&event->from), 0);
	ck_assert_uint_eq(bench_number(&event->target), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B6_a_failed_request_tells_what_each_attempt_met)
{
	struct failover_line_settings settings = bench_settings();
	const struct failover_result *result;
	struct bench *bench = bench_one(&settings, "000");
	struct failover_output output;
	uint64_t request, call;
	unsigned seen = 0, i;

	bench_register(bench);
	request = bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	bench_answer_to(bench, bench_attempt(bench)->id, 200); /* of the server itself */
	call = request | 2;
	failover_unreachable(bench->engine, call, FAILOVER_REASON_REFUSED, bench->now);
	bench_drain(bench);
	failover_unreachable(bench->engine, request | 3, FAILOVER_REASON_TLS, bench->now);
	while (failover_poll(bench->engine, &output)) {
		if (output.kind == FAILOVER_OUTPUT_EVENT &&
		    output.u.event.kind == FAILOVER_EVENT_REQUEST_FAILED) {
			ck_assert_uint_eq(output.u.event.reports_count, 3);
			ck_assert_uint_eq(output.u.event.request, request);
			ck_assert_uint_eq(output.u.event.attempt, request | 3);
			for (i = 0; i < 3; i++)
				ck_assert_uint_eq(bench_number(&output.u.event.reports[i].target),
						  i);
			seen++;
		}
		if (output.kind != FAILOVER_OUTPUT_RESULT)
			continue;
		result = &output.u.result;
		ck_assert_uint_eq(result->size, sizeof(*result));
		ck_assert_uint_eq(result->line, bench->line);
		ck_assert_uint_eq(result->request, request);
		ck_assert_uint_eq(result->cookie, 77);
		ck_assert_uint_eq(result->attempt, 0);
		ck_assert_uint_eq(result->target.port, 0);
		ck_assert_uint_eq(result->method, FAILOVER_INVITE);
		ck_assert_uint_eq(result->outcome, FAILOVER_OUTCOME_FAILED);
		ck_assert_uint_eq(result->flags, FAILOVER_ATTEMPT_LAST | FAILOVER_ATTEMPT_RESENT);
		ck_assert_uint_eq(result->reports_count, 3);
		ck_assert_uint_eq(result->reports[0].reason, FAILOVER_REASON_STATUS);
		ck_assert_uint_eq(result->reports[0].status, 503);
		ck_assert_uint_eq(result->reports[1].reason, FAILOVER_REASON_REFUSED);
		ck_assert_uint_eq(result->reports[1].status, 0);
		ck_assert_uint_eq(result->reports[2].reason, FAILOVER_REASON_TLS);
		for (i = 0; i < 3; i++)
			ck_assert_uint_eq(bench_number(&result->reports[i].target), i);
		seen++;
	}
	ck_assert_uint_eq(seen, 2);
	bench_free(bench);
}
END_TEST

START_TEST(B6_an_answered_request_names_the_attempt_that_was)
{
	struct failover_line_settings settings = bench_settings();
	const struct failover_result *result;
	struct bench *bench = bench_one(&settings, "00");
	uint64_t request;

	bench_register(bench);
	request = bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 486);
	result = result_of(bench, 0);
	ck_assert_uint_eq(result->request, request);
	ck_assert_uint_eq(result->attempt, request | 2);
	ck_assert_uint_eq(bench_number(&result->target), 1);
	ck_assert_uint_eq(result->outcome, FAILOVER_OUTCOME_ANSWERED);
	ck_assert_uint_eq(result->status, 486);
	ck_assert_uint_eq(result->reports_count, 2);
	ck_assert_uint_eq(result->reports[1].reason, FAILOVER_REASON_NONE);
	ck_assert_uint_eq(result->reports[1].status, 486);
	bench_free(bench);
}
END_TEST

/* ---- the line's and the engine's state ---------------------------------------------------- */

START_TEST(a_line_tells_its_state)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_line_state state;
	struct bench *bench = bench_one(&settings, "01");

	state = bench_state(bench);
	ck_assert_uint_eq(state.size, sizeof(state));
	ck_assert_uint_eq(state.registered, 0);
	ck_assert_uint_eq(state.registered_until, 0);
	ck_assert_uint_eq(state.next_probe, UINT64_MAX);
	ck_assert_uint_eq(state.next_register, UINT64_MAX);
	ck_assert_uint_eq(failover_next_deadline(bench->engine), UINT64_MAX);
	failover_register(bench->engine, bench->line, bench->now);
	ck_assert_uint_eq(bench_state(bench).registering, 1);
	ck_assert_uint_eq(bench_state(bench).requests, 0);
	bench_drain(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 200);
	bench_submit(bench, FAILOVER_INVITE);
	bench_submit(bench, FAILOVER_OPTIONS);
	bench_submit(bench, FAILOVER_OTHER);
	bench_submit(bench, FAILOVER_BYE);
	state = bench_state(bench);
	ck_assert_uint_eq(state.requests, 4);
	ck_assert_uint_eq(state.registering, 0);
	ck_assert_uint_eq(state.registered, 1);
	ck_assert_uint_eq(state.registered_until, 1000 + 3600000);
	ck_assert_uint_eq(state.next_register, 1000 + 3240000);
	ck_assert_uint_eq(state.next_probe, 1000 + 1800000);
	ck_assert_uint_eq(state.serving_index, 1);
	ck_assert_uint_eq(bench_number(&state.serving), 1);
	bench_free(bench);
}
END_TEST

/* The last of 32 slots of a line serves as well as the first. */
START_TEST(B7c_every_slot_of_a_line_has_ids_of_its_own)
{
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 0) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .max_requests = FAILOVER_LIMIT_REQUESTS,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = bench_settings() };
	struct failover_request_params request = { .size = sizeof(request),
						   .method = FAILOVER_OTHER };
	struct bench *bench = bench_new(0, 0);
	uint64_t id;
	unsigned i;

	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &bench->line), 0);
	for (i = 0; i < FAILOVER_LIMIT_REQUESTS; i++)
		ck_assert_uint_eq(bench_submit(bench, FAILOVER_OTHER) >> 27 & 0x1f,
				  i + FO_SLOTS_OWN);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &request, bench->now, &id),
			 FAILOVER_ERR_LIMIT);
	ck_assert_uint_eq(bench_state(bench).requests, FAILOVER_LIMIT_REQUESTS);
	for (i = 0; i < FAILOVER_LIMIT_REQUESTS; i++) {
		bench_answer_to(bench, bench_attempt_number(bench, i)->id, 200);
		ck_assert_uint_eq(result_of(bench, i)->request,
				  bench_attempt_number(bench, i)->request);
	}
	ck_assert_uint_eq(bench_state(bench).requests, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B19_an_engine_has_its_default_sizes_and_its_limits)
{
	struct bench *bench = bench_new(0, 0);
	struct failover_engine_params params = { .size = sizeof(params) };
	struct failover_engine *engine;

	ck_assert_uint_eq(bench->engine->health.size, 64);
	ck_assert_uint_eq(bench->engine->queue.size, 256);
	ck_assert_uint_eq(bench->engine->health.shared, FAILOVER_HEALTH_TRANSPORT);
	params.memory = bench_memory(bench);
	params.max_addresses = 65535;
	ck_assert_int_eq(failover_engine_new(&params, &engine), 0);
	ck_assert_uint_eq(engine->health.size, 65535);
	failover_engine_free(engine);
	params.max_addresses = 65536;
	ck_assert_int_eq(failover_engine_new(&params, &engine), FAILOVER_ERR_ARGUMENT);
	params.max_addresses = 1;
	params.max_outputs = 1u << 20; /* an argument that is taken; there is no memory for it */
	bench->fail_at = bench->allocations + 1;
	ck_assert_int_eq(failover_engine_new(&params, &engine), FAILOVER_ERR_MEMORY);
	params.max_outputs++;
	ck_assert_int_eq(failover_engine_new(&params, &engine), FAILOVER_ERR_ARGUMENT);
	bench_free(bench);
}
END_TEST

static uint64_t next_probe_of(uint64_t seed)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	uint64_t at;

	bench->engine->random = seed;
	settings.jitter_percent = 10;
	bench->line = bench_line(bench, &settings, "01");
	bench_register_at(bench, 1);
	at = bench_state(bench).next_probe;
	bench_free(bench);
	return at;
}

START_TEST(B14_the_seed_of_the_host_decides)
{
	struct bench *bench = bench_new(0, 0);
	struct failover_engine_params params = { .size = sizeof(params), .seed = 12345 };
	struct failover_engine *engine;

	ck_assert_uint_eq(next_probe_of(5), next_probe_of(5));
	ck_assert_uint_ne(next_probe_of(5), next_probe_of(6));
	params.memory = bench_memory(bench);
	ck_assert_int_eq(failover_engine_new(&params, &engine), 0);
	ck_assert_uint_eq(engine->random, 12345);
	failover_engine_free(engine);
	bench_free(bench);
}
END_TEST

/* The reference figures of splitmix64 for seed 0, as its authors publish them. */
START_TEST(B14_the_generator_is_splitmix64)
{
	struct bench *bench = bench_new(0, 0);
	unsigned i;

	bench->engine->random = 0;
	ck_assert_uint_eq(fo_random(&bench->engine->random, UINT32_MAX - 1),
			  UINT64_C(0xe220a8397b1dcdaf) % UINT32_MAX);
	ck_assert_uint_eq(fo_random(&bench->engine->random, UINT32_MAX - 1),
			  UINT64_C(0x6e789e6aa1b965f4) % UINT32_MAX);
	ck_assert_uint_eq(fo_random(&bench->engine->random, UINT32_MAX - 1),
			  UINT64_C(0x06c45d188009454f) % UINT32_MAX);
	ck_assert_uint_eq(fo_random(&bench->engine->random, 0), 0);
	for (i = 0; i < 100; i++)
		ck_assert_uint_le(fo_random(&bench->engine->random, 2), 2);
	for (i = 0; i < 100 && fo_random(&bench->engine->random, 2) != 2; i++)
		;
	ck_assert_uint_lt(i, 100);
	ck_assert_uint_eq(fo_random_spread(&bench->engine->random, 700, 0), 700);
	for (i = 0; i < 100; i++) {
		uint64_t spread = fo_random_spread(&bench->engine->random, 20, 10);

		ck_assert(spread >= 20 && spread <= 22);
	}
	for (i = 0; i < 1000; i++)
		ck_assert_uint_le(fo_random_spread(&bench->engine->random, 99, 50), 99 + 49);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_outputs");
	TCase *tcase = tcase_create("outputs");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B7_an_attempt_tells_all_that_a_stack_needs);
	tcase_add_test(tcase, B15a_the_lines_own_attempts_say_what_they_are);
	tcase_add_loop_test(tcase, B3e_the_only_target_is_the_last_one, 0, 4);
	tcase_add_loop_test(tcase, B5b_OPTIONS_has_the_short_budget_where_there_is_another_target,
			    0, 4);
	tcase_add_test(tcase, B5b_CANCEL_names_the_attempt_of_its_INVITE);
	tcase_add_test(tcase, B4b_eight_challenges_are_answered_at_each_target);
	tcase_add_test(tcase, B4b_the_budget_starts_again_with_the_new_transaction);
	tcase_add_test(tcase, B4a_trying_timeout_ends_with_the_transaction);
	tcase_add_test(tcase, B20_events_name_time_line_request_and_attempt);
	tcase_add_test(tcase, B6_a_failed_request_tells_what_each_attempt_met);
	tcase_add_test(tcase, B6_an_answered_request_names_the_attempt_that_was);
	tcase_add_test(tcase, a_line_tells_its_state);
	tcase_add_test(tcase, B7c_every_slot_of_a_line_has_ids_of_its_own);
	tcase_add_test(tcase, B19_an_engine_has_its_default_sizes_and_its_limits);
	tcase_add_test(tcase, B14_the_seed_of_the_host_decides);
	tcase_add_test(tcase, B14_the_generator_is_splitmix64);
	return bench_main(suite);
}
