/* SPDX-License-Identifier: MIT */
/*
 * core_bench.c - LINES registered lines, then EVENTS exchanges spread over them: a REGISTER, its
 * failure at the primary, its 200 at the backup, and the timers of all that. For instruction
 * counts (tests/bench/run), not for clocks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <failover/failover.h>

static const struct failover_target targets[] = {
	{ .address = { 192, 0, 2, 1 }, .port = 5060, .family = 4, .registrar = 0 },
	{ .address = { 192, 0, 2, 2 }, .port = 5060, .family = 4, .registrar = 1 },
};

/* The primary says 503, the backup 200. */
static void answer_all(struct failover_engine *engine, uint64_t now)
{
	struct failover_answer answer = { .size = sizeof(answer), .expires_s = 3600 };
	struct failover_output output;

	while (failover_poll(engine, &output)) {
		if (output.kind != FAILOVER_OUTPUT_ATTEMPT)
			continue;
		answer.status = output.u.attempt.target.registrar ? 200 : 503;
		failover_response(engine, output.u.attempt.id, &answer, now);
	}
}

int main(int argc, char **argv)
{
	unsigned lines = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
	unsigned events = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1000, i;
	struct failover_engine_params engine_params = { .size = sizeof(engine_params), .seed = 1 };
	struct failover_line_params params = {
		.size = sizeof(params),
		.registrars = 2,
		.targets_count = 2,
		.max_requests = 2,
		.targets = targets,
		.settings = FAILOVER_LINE_SETTINGS_INIT,
	};
	struct failover_statistics statistics;
	struct failover_engine *engine;
	uint32_t *ids = calloc(lines, sizeof(*ids));
	uint64_t now = 0;

	engine_params.memory = failover_memory_default();
	if (!ids || !lines || failover_engine_new(&engine_params, &engine))
		return 1;
	for (i = 0; i < lines; i++)
		if (failover_line_add(engine, &params, now, &ids[i]))
			return 1;
	for (i = 0; i < events; i++) {
		now += 3;
		failover_handle_timeout(engine, now);
		failover_register(engine, ids[(uint64_t)i * 7919 % lines], now);
		answer_all(engine, now);
	}
	failover_engine_statistics(engine, &statistics);
	printf("%u lines of %u bytes, %u addresses, %u settings, %llu attempts\n", statistics.lines,
	       statistics.line_bytes, statistics.addresses, statistics.settings,
	       (unsigned long long)statistics.attempts);
	failover_engine_free(engine);
	free(ids);
	return 0;
}
