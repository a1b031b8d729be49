/* SPDX-License-Identifier: MIT */
/* bench.c - see bench.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

static void *counted_alloc(void *user, size_t bytes)
{
	struct bench *bench = user;

	if (++bench->allocations == bench->fail_at)
		return NULL;
	bench->blocks++;
	return malloc(bytes);
}

static void counted_release(void *user, void *block)
{
	struct bench *bench = user;

	if (block)
		bench->blocks--;
	free(block);
}

struct failover_line_settings bench_settings(void)
{
	struct failover_line_settings settings = FAILOVER_LINE_SETTINGS_INIT;

	settings.profile = FAILOVER_PROFILE_V3;
	settings.jitter_percent = 0;
	settings.keepalive = FAILOVER_KEEPALIVE_OFF;
	return settings;
}

struct failover_memory bench_memory(struct bench *bench)
{
	return (struct failover_memory){ bench, counted_alloc, counted_release };
}

struct bench *bench_new(uint32_t shared_health, uint32_t max_outputs)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct failover_engine_params params = {
		.size = sizeof(params),
		.max_outputs = max_outputs,
		.shared_health = shared_health,
		.seed = 1,
		.memory = bench_memory(bench),
	};

	ck_assert_ptr_nonnull(bench);
	bench->now = 1000;
	ck_assert_int_eq(failover_engine_new(&params, &bench->engine), 0);
	return bench;
}

void bench_free(struct bench *bench)
{
	failover_engine_free(bench->engine);
	ck_assert_int_eq(bench->blocks, 0);
	free(bench);
}

struct failover_target bench_target(unsigned n, uint8_t registrar)
{
	return (struct failover_target){
		.address = { 192, 0, 2, (uint8_t)(n + 1) },
		.port = 5060,
		.family = 4,
		.transport = FAILOVER_UDP,
		.registrar = registrar,
	};
}

uint32_t bench_line(struct bench *bench, const struct failover_line_settings *settings,
		    const char *map)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	struct failover_line_params params = {
		.size = sizeof(params),
		.registrars = 1,
		.max_targets = (uint32_t)strlen(map) * 2,
		.max_requests = 4,
		.targets = targets,
		.settings = *settings,
	};
	uint32_t line;
	unsigned i;

	for (i = 0; map[i]; i++) {
		uint8_t registrar = (uint8_t)(map[i] - '0');

		targets[i] = bench_target(i, registrar);
		if (params.registrars < registrar + 1u)
			params.registrars = registrar + 1u;
	}
	params.targets_count = i;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &line), 0);
	return line;
}

struct bench *bench_one(const struct failover_line_settings *settings, const char *map)
{
	struct bench *bench = bench_new(FAILOVER_HEALTH_TRANSPORT, 0);

	bench->line = bench_line(bench, settings, map);
	return bench;
}

void bench_drain(struct bench *bench)
{
	struct bench_output *slot;

	for (;;) {
		ck_assert_uint_lt(bench->count, BENCH_OUTPUTS);
		slot = &bench->outputs[bench->count];
		if (!failover_poll(bench->engine, &slot->out))
			return;
		slot->at = bench->now;
		if (slot->out.kind == FAILOVER_OUTPUT_RESULT) {
			memcpy(slot->reports, slot->out.u.result.reports,
			       slot->out.u.result.reports_count * sizeof(slot->reports[0]));
			slot->out.u.result.reports = slot->reports;
		}
		bench->count++;
	}
}

void bench_until(struct bench *bench, uint64_t at)
{
	uint64_t next;

	bench_drain(bench);
	while ((next = failover_next_deadline(bench->engine)) <= at) {
		ck_assert_uint_ge(next, bench->now);
		bench->now = next;
		failover_handle_timeout(bench->engine, bench->now);
		bench_drain(bench);
	}
	bench->now = at;
}

void bench_clear(struct bench *bench)
{
	bench_drain(bench);
	bench->count = 0;
}

const struct bench_output *bench_output(const struct bench *bench, uint32_t kind, unsigned n)
{
	unsigned i;

	for (i = 0; i < bench->count; i++)
		if (bench->outputs[i].out.kind == kind && n-- == 0)
			return &bench->outputs[i];
	return NULL;
}

const struct bench_output *bench_event(const struct bench *bench, uint32_t kind, unsigned n)
{
	unsigned i;

	for (i = 0; i < bench->count; i++)
		if (bench->outputs[i].out.kind == FAILOVER_OUTPUT_EVENT &&
		    bench->outputs[i].out.u.event.kind == kind && n-- == 0)
			return &bench->outputs[i];
	return NULL;
}

unsigned bench_count(const struct bench *bench, uint32_t kind)
{
	unsigned n = 0;

	while (bench_output(bench, kind, n))
		n++;
	return n;
}

/* An empty list is refused, but not before there is room. */
int bench_full(const struct bench *bench)
{
	struct failover_target none = bench_target(0, 0);

	return failover_line_targets(bench->engine, bench->line, &none, 0, bench->now) ==
	       FAILOVER_ERR_FULL;
}

unsigned bench_events(const struct bench *bench, uint32_t kind)
{
	unsigned n = 0;

	while (bench_event(bench, kind, n))
		n++;
	return n;
}

const struct failover_attempt *bench_attempt_number(const struct bench *bench, unsigned n)
{
	const struct bench_output *output = bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, n);

	ck_assert_msg(output != NULL, "there is no attempt %u", n);
	return &output->out.u.attempt;
}

const struct failover_attempt *bench_attempt(const struct bench *bench)
{
	unsigned count = bench_count(bench, FAILOVER_OUTPUT_ATTEMPT);

	return bench_attempt_number(bench, count ? count - 1 : 0);
}

unsigned bench_number(const struct failover_target *target)
{
	return target->address[3] - 1u;
}

void bench_expect(const struct bench *bench, unsigned n, uint32_t method, unsigned target,
		  uint64_t at)
{
	const struct bench_output *output = bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, n);

	ck_assert_msg(output != NULL, "there is no attempt %u", n);
	ck_assert_str_eq(failover_method_text(output->out.u.attempt.method),
			 failover_method_text(method));
	ck_assert_uint_eq(bench_number(&output->out.u.attempt.target), target);
	ck_assert_uint_eq(output->at, at);
}

uint32_t bench_answer_to(struct bench *bench, uint64_t attempt, uint32_t status)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = status };
	uint32_t verdict;

	if (status / 100 == 2)
		answer.expires_s = 3600;
	verdict = failover_response(bench->engine, attempt, &answer, bench->now);
	bench_drain(bench);
	return verdict;
}

uint32_t bench_answer(struct bench *bench, uint32_t status)
{
	return bench_answer_to(bench, bench_attempt(bench)->id, status);
}

void bench_unreachable(struct bench *bench, uint32_t reason)
{
	failover_unreachable(bench->engine, bench_attempt(bench)->id, reason, bench->now);
	bench_drain(bench);
}

void bench_busy_elsewhere(struct bench *bench, unsigned number, uint32_t seconds)
{
	struct failover_answer busy = { .size = sizeof(busy), .status = 503 };
	struct failover_line_settings settings = bench_settings();
	struct failover_target target = bench_target(number, 0);
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 1,
					       .targets = &target,
					       .settings = settings };
	uint32_t line;

	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &line), 0);
	ck_assert_int_eq(failover_register(bench->engine, line, bench->now), 0);
	bench_drain(bench);
	busy.retry_after_s = seconds;
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	ck_assert_int_eq(failover_line_remove(bench->engine, line, bench->now), 0);
	bench_drain(bench);
}

void bench_register_anew(struct bench *bench)
{
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_clear(bench);
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
}

void bench_register(struct bench *bench)
{
	bench_register_at(bench, 0);
}

void bench_register_at(struct bench *bench, unsigned serving)
{
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	while (bench_number(&bench_attempt(bench)->target) != serving)
		bench_answer(bench, 503);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, serving);
	bench_clear(bench);
}

uint64_t bench_submit(struct bench *bench, uint32_t method)
{
	struct failover_request_params params = { .size = sizeof(params),
						  .method = method,
						  .cookie = 77 };
	uint64_t request = 0;

	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &request),
			 0);
	bench_drain(bench);
	return request;
}

uint64_t bench_in_dialog(struct bench *bench, uint32_t method, unsigned target, uint8_t registrar)
{
	struct failover_target through = bench_target(target, registrar);
	struct failover_request_params params = {
		.size = sizeof(params), .method = method, .cookie = 77, .dialog = &through
	};
	uint64_t request = 0;

	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &request),
			 0);
	bench_drain(bench);
	return request;
}

struct failover_line_state bench_state(const struct bench *bench)
{
	struct failover_line_state state = { .size = sizeof(state) };

	ck_assert_int_eq(failover_line_state(bench->engine, bench->line, &state), 0);
	return state;
}

int bench_main(Suite *suite)
{
	if (failover_profile_available(FAILOVER_PROFILE_V3)) {
		printf("1..0 # SKIP the figures are those of V3, which is left out of this "
		       "build\n");
		return EXIT_SUCCESS;
	}
	return bench_main_any(suite);
}

int bench_main_any(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

void bench_add_v2(TCase *tcase, const TTest *test)
{
	if (!failover_profile_available(FAILOVER_PROFILE_V2))
		tcase_add_test(tcase, test);
}

uint64_t bench_emergency(struct bench *bench)
{
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE,
						  .cookie = 112,
						  .flags = FAILOVER_REQUEST_EMERGENCY };
	uint64_t request;

	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, bench->now, &request),
			 FAILOVER_OK);
	bench_drain(bench);
	return request;
}
