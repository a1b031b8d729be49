/* SPDX-License-Identifier: MIT */
/* core_random_test.c - random inputs in random order from a seed, with what must always hold: every
 * request ends exactly once, attempts stay in bounds, outputs never overflow, time goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

#define LINES 4
#define OPEN 512

struct run {
	struct bench *bench;
	uint64_t state;
	uint32_t lines[LINES];
	uint64_t requests[OPEN]; /* submitted, not ended */
	uint64_t attempts[OPEN]; /* some of those seen: also stale ones are used on purpose */
	unsigned requests_count, attempts_count;
	unsigned ended, submitted, line_requests;
	int grows;	  /* its lines begin small, and get room when they need it */
	unsigned grown;	  /* how often they did */
	uint64_t outputs; /* hash of all of them */
};

static void note_output(struct run *run, uint64_t value)
{
	run->outputs = (run->outputs ^ value) * UINT64_C(0x100000001b3);
}

/* One output, as far as its kinds have the same members: what, of whom, when. */
static void note(struct run *run, const struct failover_output *output)
{
	note_output(run, run->bench->now);
	note_output(run, output->kind);
	if (output->kind == FAILOVER_OUTPUT_ATTEMPT) {
		note_output(run, output->u.attempt.id);
		note_output(run, output->u.attempt.target.address[3]);
		note_output(run, output->u.attempt.budget_ms);
		note_output(run, output->u.attempt.flags);
	} else if (output->kind == FAILOVER_OUTPUT_RESULT) {
		note_output(run, output->u.result.request);
		note_output(run, output->u.result.status);
		note_output(run, output->u.result.reports_count);
	}
}

static uint64_t some(struct run *run, uint64_t limit)
{
	run->state ^= run->state << 13;
	run->state ^= run->state >> 7;
	run->state ^= run->state << 17;
	return run->state % limit;
}

static void note_result(struct run *run, const struct failover_result *result)
{
	unsigned i;

	for (i = 0; i < run->requests_count; i++)
		if (run->requests[i] == result->request)
			break;
	if (i == run->requests_count) {
		ck_assert_msg(result->cookie == 0 || result->method == FAILOVER_CANCEL,
			      "a request of the user ended twice");
		return;
	}
	run->requests[i] = run->requests[--run->requests_count];
	run->ended++;
}

static void take(struct run *run)
{
	struct failover_output output;
	const struct failover_attempt *attempt = &output.u.attempt;

	while (failover_poll(run->bench->engine, &output)) {
		note(run, &output);
		if (output.kind == FAILOVER_OUTPUT_RESULT)
			note_result(run, &output.u.result);
		if (output.kind != FAILOVER_OUTPUT_ATTEMPT)
			continue;
		if (attempt->transmissions > 20 || attempt->budget_ms == 0 ||
		    attempt->budget_ms > 32000 ||
		    (attempt->transmissions && attempt->ordinal == 1 &&
		     (attempt->flags & FAILOVER_ATTEMPT_LAST)))
			ck_abort_msg("an attempt is out of its bounds");
		run->attempts[run->attempts_count++ % OPEN] = attempt->id;
	}
}

static struct failover_line_settings some_settings(struct run *run)
{
	struct failover_line_settings settings = FAILOVER_LINE_SETTINGS_INIT;

	settings.profile = some(run, 2) ? FAILOVER_PROFILE_V2 : FAILOVER_PROFILE_V3;
	if (failover_profile_available(settings.profile))
		settings.profile = FAILOVER_PROFILE_DEFAULT;
	settings.failback = (uint32_t)some(run, 2);
	settings.failback_interval_s = 1 + (uint32_t)some(run, 100);
	settings.failback_release = (uint32_t)some(run, 2);
	settings.signal_failback = (uint32_t)some(run, 2);
	settings.signal_failback_methods = (uint32_t)some(run, 8) << 1;
	settings.signal_retry_counts = 1 + (uint32_t)some(run, 7);
	settings.trying_timeout_s = (uint32_t)some(run, 5);
	settings.keepalive = some(run, 2) ? FAILOVER_KEEPALIVE_OPTIONS : FAILOVER_KEEPALIVE_OFF;
	settings.reg_fail_interval_s = 1 + (uint32_t)some(run, 60);
	settings.reg_fail_backoff = (uint32_t)some(run, 2);
	return settings;
}

static void some_targets(struct run *run, struct failover_line_params *params,
			 struct failover_target *targets)
{
	uint32_t i, registrar = 0;

	params->targets_count = 1 + (uint32_t)some(run, 4);
	for (i = 0; i < params->targets_count; i++) {
		targets[i] = bench_target(i + (unsigned)some(run, 2) * 10, (uint8_t)registrar);
		if (some(run, 2) && registrar + 1 < params->registrars)
			registrar++;
	}
	params->targets = targets;
}

/* 1 if the line had too little room, and has more now. */
static int gets_room(struct run *run, uint32_t line, int error)
{
	if (!run->grows || (error != FAILOVER_ERR_LIMIT && error != FAILOVER_ERR_FULL))
		return 0;
	ck_assert_int_eq(failover_line_room(run->bench->engine, line, 2, 8, 3), 0);
	run->grown++;
	return 1;
}

static void line_new(struct run *run, unsigned n)
{
	struct failover_target targets[8];
	struct failover_line_params params = {
		.size = sizeof(params), .registrars = 2, .max_targets = 8, .max_requests = 3
	};

	params.settings = some_settings(run);
	some_targets(run, &params, targets);
	if (run->grows) {
		params.max_targets = 0;
		params.max_requests = 1;
	}
	ck_assert_int_eq(
		failover_line_add(run->bench->engine, &params, run->bench->now, &run->lines[n]), 0);
}

static void submit(struct run *run, uint32_t line)
{
	static const uint32_t methods[] = { FAILOVER_INVITE, FAILOVER_INVITE, FAILOVER_BYE,
					    FAILOVER_OPTIONS, FAILOVER_OTHER };
	struct failover_target dialog = bench_target((unsigned)some(run, 14), 0);
	struct failover_request_params params = { .size = sizeof(params), .cookie = 7 };
	uint64_t request;
	int error;

	params.method = methods[some(run, 5)];
	if (some(run, 2))
		params.dialog = &dialog;
	if (run->requests_count == OPEN)
		return;
	error = failover_submit(run->bench->engine, line, &params, run->bench->now, &request);
	if (gets_room(run, line, error))
		error = failover_submit(run->bench->engine, line, &params, run->bench->now,
					&request);
	if (error)
		return;
	run->requests[run->requests_count++] = request;
	run->submitted++;
}

static void news(struct run *run)
{
	static const uint32_t statuses[] = { 100, 180, 200, 200, 200, 401, 403, 404,
					     423, 481, 482, 486, 500, 503, 503, 600 };
	struct failover_answer answer = { .size = sizeof(answer) };
	unsigned back = 1 + (unsigned)some(run, some(run, 4) ? 6 : 100);
	uint64_t attempt;

	if (run->attempts_count < back)
		return;
	attempt = run->attempts[(run->attempts_count - back) % OPEN];
	if (some(run, 5) == 0) {
		failover_unreachable(run->bench->engine, attempt, (uint32_t)some(run, 9),
				     run->bench->now);
		return;
	}
	answer.status = statuses[some(run, 16)];
	answer.retrying = answer.status == 401 || answer.status == 423 ? (uint32_t)some(run, 2) : 0;
	answer.expires_s = (uint32_t)some(run, 120);
	answer.retry_after_s = some(run, 4) ? 0 : (uint32_t)some(run, 300);
	answer.min_expires_s = (uint32_t)some(run, 7200);
	failover_response(run->bench->engine, attempt, &answer, run->bench->now);
	failover_sent(run->bench->engine, attempt, run->bench->now);
}

static void one_input(struct run *run)
{
	unsigned n = (unsigned)some(run, LINES);
	struct failover_engine *engine = run->bench->engine;
	struct failover_line_params params = { .size = sizeof(params), .registrars = 2 };
	struct failover_target targets[8];
	uint64_t now = run->bench->now;
	int error;

	switch (some(run, 40)) {
	case 0:
		failover_register(engine, run->lines[n], now);
		break;
	case 1:
		if (some(run, 5) == 0)
			failover_unregister(engine, run->lines[n], now);
		break;
	case 2:
		some_targets(run, &params, targets);
		error = failover_line_targets(engine, run->lines[n], targets, params.targets_count,
					      now);
		if (gets_room(run, run->lines[n], error))
			failover_line_targets(engine, run->lines[n], targets, params.targets_count,
					      now);
		break;
	case 3:
		params.settings = some_settings(run);
		some_targets(run, &params, targets);
		error = failover_line_update(engine, run->lines[n], &params, now);
		if (gets_room(run, run->lines[n], error))
			failover_line_update(engine, run->lines[n], &params, now);
		break;
	case 4:
		if (some(run, 10) == 0)
			failover_network_changed(engine, now);
		break;
	case 5:
		if (some(run, 10) == 0 && failover_line_remove(engine, run->lines[n], now) == 0)
			line_new(run, n);
		break;
	case 6:
	case 7:
		if (run->requests_count)
			failover_give_up(engine, run->requests[some(run, run->requests_count)],
					 now);
		break;
	case 8:
	case 9:
	case 10:
	case 11:
	case 12:
		submit(run, run->lines[n]);
		break;
	default:
		news(run);
		break;
	}
}

static void pass_time(struct run *run)
{
	uint64_t at = run->bench->now + some(run, some(run, 3) ? 700 : 60000), next;
	unsigned steps = 0;

	while ((next = failover_next_deadline(run->bench->engine)) <= at) {
		if (next < run->bench->now) /* "at once", as of the engine's last input */
			next = run->bench->now;
		if (steps++ >= 100000)
			ck_abort_msg("the engine spins");
		run->bench->now = next;
		failover_handle_timeout(run->bench->engine, next);
		if (some(run, 3))
			take(run);
		else if (failover_next_deadline(run->bench->engine) <= next)
			take(run); /* it stopped for want of room */
	}
	run->bench->now = at;
}

/* Calls that ring wait for their user for ever (B4a): he gives up. The rest ends by itself. */
static void everything_ends(struct run *run)
{
	unsigned i;

	for (i = 0; i < 400 && run->requests_count; i++) {
		take(run);
		while (run->requests_count &&
		       failover_give_up(run->bench->engine, run->requests[0], run->bench->now) == 0)
			take(run);
		pass_time(run);
	}
	take(run);
	ck_assert_uint_eq(run->requests_count, 0);
	ck_assert_uint_eq(run->ended, run->submitted);
}

/* Returns the hash of the outputs. */
static uint64_t run_lines(uint64_t seed, int grows)
{
	struct run run = { .state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1, .grows = grows };
	struct failover_statistics statistics;
	unsigned i;

	run.bench = bench_new(1 + (uint32_t)some(&run, 3), 128 + (uint32_t)some(&run, 100));
	for (i = 0; i < LINES; i++)
		line_new(&run, i);
	for (i = 0; i < 2000; i++) {
		one_input(&run);
		if (some(&run, 3) == 0)
			take(&run);
		if (some(&run, 2) == 0)
			pass_time(&run);
	}
	everything_ends(&run);
	failover_engine_statistics(run.bench->engine, &statistics);
	ck_assert_uint_le(statistics.outputs_most, 228);
	ck_assert_uint_gt(run.submitted, 10);
	if (grows)
		ck_assert_uint_gt(run.grown, 3);
	bench_free(run.bench);
	return run.outputs;
}

static void run_seed(uint64_t seed)
{
	ck_assert_uint_eq(run_lines(seed, 0), run_lines(seed, 1));
}

START_TEST(B18_random_inputs_every_request_ends_exactly_once)
{
	const char *one = getenv("SEED"), *many = getenv("SEEDS");
	uint64_t seed, seeds = many ? strtoull(many, NULL, 0) : 200;

	if (one) {
		run_seed(strtoull(one, NULL, 0));
		return;
	}
	for (seed = 1; seed <= seeds; seed++) {
		if (getenv("VERBOSE"))
			fprintf(stderr, "SEED=%u\n", (unsigned)seed);
		run_seed(seed);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_random");
	TCase *tcase = tcase_create("random");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, B18_random_inputs_every_request_ends_exactly_once);
	return bench_main_any(suite);
}
