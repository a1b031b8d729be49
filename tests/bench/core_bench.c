/* SPDX-License-Identifier: MIT */
/*
 * core_bench.c - LINES lines, then EVENTS exchanges spread over them. An exchange is a REGISTER,
 * what becomes of it at the primary, its 200, and the timers of all that.
 *
 *   silent   the primary is silent: after its budget the REGISTER goes to the backup, which says
 * 200 refused  the primary says 503, the backup 200 refresh  the primary says 200
 *
 * The first exchange of a line moves it; so as many exchanges as lines are all failovers.
 * Instructions are counted from outside (tests/bench/tables.py); the time that is printed is that
 * of the exchanges alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <failover/failover.h>

static const struct failover_target targets[] = {
	{ .address = { 192, 0, 2, 1 }, .port = 5060, .family = 4, .registrar = 0 },
	{ .address = { 192, 0, 2, 2 }, .port = 5060, .family = 4, .registrar = 1 },
};

struct bench {
	struct failover_engine *engine;
	uint32_t *ids;
	unsigned lines;
	uint32_t primary_says; /* 0 = nothing */
	uint64_t now;
};

static unsigned long allocations;

static void *counted_alloc(void *user, size_t bytes)
{
	(void)user;
	allocations++;
	return malloc(bytes);
}

static void counted_release(void *user, void *block)
{
	(void)user;
	free(block);
}

static void answer_all(struct bench *bench)
{
	struct failover_answer answer = { .size = sizeof(answer), .expires_s = 3600 };
	struct failover_output output;

	while (failover_poll(bench->engine, &output)) {
		if (output.kind != FAILOVER_OUTPUT_ATTEMPT)
			continue;
		answer.status = output.u.attempt.target.registrar ? 200 : bench->primary_says;
		if (answer.status)
			failover_response(bench->engine, output.u.attempt.id, &answer, bench->now);
	}
}

static void pass(struct bench *bench, uint64_t ms)
{
	bench->now += ms;
	failover_handle_timeout(bench->engine, bench->now);
	answer_all(bench);
}

/* A silent primary keeps each line waiting: it is not asked again before that is over. */
static void exchanges(struct bench *bench, unsigned events)
{
	uint64_t step = bench->primary_says ? 3 : 4000 / bench->lines + 3;
	unsigned i;

	for (i = 0; i < events; i++) {
		pass(bench, step);
		failover_register(bench->engine, bench->ids[i % bench->lines], bench->now);
		answer_all(bench);
	}
	for (i = 0; i < 1500 && !bench->primary_says; i++)
		pass(bench, 3);
}

/* Lines are not asked in the order in which they lie in memory. */
static void shuffle(uint32_t *ids, unsigned count)
{
	uint64_t state = 1;

	for (; count > 1; count--) {
		uint32_t last = ids[count - 1], *other;

		state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
		other = &ids[(state >> 33) % count];
		ids[count - 1] = *other;
		*other = last;
	}
}

static int add_lines(struct bench *bench)
{
	struct failover_engine_params engine_params = { .size = sizeof(engine_params), .seed = 1 };
	struct failover_line_params params = {
		.size = sizeof(params),
		.registrars = 2,
		.targets_count = 2,
		.max_requests = 2,
		.targets = targets,
		.settings = FAILOVER_LINE_SETTINGS_INIT,
	};
	unsigned i;

	params.settings.keepalive = FAILOVER_KEEPALIVE_OFF; /* REGISTERs alone are counted */
	engine_params.memory.alloc = counted_alloc;
	engine_params.memory.release = counted_release;
	if (!bench->ids || !bench->lines || failover_engine_new(&engine_params, &bench->engine))
		return 1;
	for (i = 0; i < bench->lines; i++)
		if (failover_line_add(bench->engine, &params, 0, &bench->ids[i]))
			return 1;
	shuffle(bench->ids, bench->lines);
	return 0;
}

static double nanoseconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return 1e9 * (double)at.tv_sec + (double)at.tv_nsec;
}

static uint32_t status_of(const char *kind)
{
	if (strcmp(kind, "refused") == 0)
		return 503;
	return strcmp(kind, "refresh") == 0 ? 200 : 0;
}

int main(int argc, char **argv)
{
	struct bench bench = { .lines = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000 };
	unsigned events = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1000;
	const char *kind = argc > 3 ? argv[3] : "silent";
	struct failover_statistics statistics = { .size = sizeof(statistics) };
	unsigned long before;
	double took;

	bench.ids = calloc(bench.lines, sizeof(*bench.ids));
	bench.primary_says = status_of(kind);
	if (add_lines(&bench))
		return 1;
	before = allocations;
	took = nanoseconds();
	exchanges(&bench, events);
	took = nanoseconds() - took;
	failover_engine_statistics(bench.engine, &statistics);
	printf("%s: %u lines of %u bytes, %llu attempts of %.0f ns, %llu moves, %lu allocations\n",
	       kind, statistics.lines, statistics.line_bytes,
	       (unsigned long long)statistics.attempts,
	       statistics.attempts ? took / (double)statistics.attempts : 0.0,
	       (unsigned long long)statistics.moves, allocations - before);
	failover_engine_free(bench.engine);
	free(bench.ids);
	return 0;
}
