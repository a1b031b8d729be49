/* SPDX-License-Identifier: MIT */
/*
 * rows.c - which rows of core/policy.c were used. The linker sends the core's look-ups here
 * (--wrap), so the core needs no hook of its own.
 */
#include "explore.h"

#define ROWS 16u

/* Counted over all configurations of a run. */
static uint64_t causes[ROWS], budgets[ROWS], nexts[ROWS], probes[ROWS];
static uint64_t starts[ROWS][2], timeouts[ROWS][2];
static uint64_t moves[ROWS][2]; /* of a method: to the same or to another registrar */
static int signal_on;
static unsigned step_most;

const struct fo_cause_row *__real_fo_policy_cause(enum fo_cause cause);
const struct fo_budget_row *__real_fo_policy_budget(uint32_t profile, enum fo_place place);
const struct fo_next_row *__real_fo_policy_next(uint32_t method);
const struct fo_start_row *__real_fo_policy_start(enum fo_trigger trigger);
const struct fo_probe_row *__real_fo_policy_probe(uint32_t profile);
const struct fo_timeout_row *__real_fo_policy_timeout(uint32_t method);
void __real_fo_line_due(struct failover_engine *engine, struct fo_line *line);

const struct fo_cause_row *__wrap_fo_policy_cause(enum fo_cause cause);
const struct fo_budget_row *__wrap_fo_policy_budget(uint32_t profile, enum fo_place place);
const struct fo_next_row *__wrap_fo_policy_next(uint32_t method);
const struct fo_start_row *__wrap_fo_policy_start(enum fo_trigger trigger);
const struct fo_probe_row *__wrap_fo_policy_probe(uint32_t profile);
const struct fo_timeout_row *__wrap_fo_policy_timeout(uint32_t method);
void __wrap_fo_line_due(struct failover_engine *engine, struct fo_line *line);

static struct fo_policy_tables tables(void)
{
	struct fo_policy_tables is;

	fo_policy_tables(&is);
	return is;
}

const struct fo_cause_row *__wrap_fo_policy_cause(enum fo_cause cause)
{
	const struct fo_cause_row *row = __real_fo_policy_cause(cause);

	causes[row - tables().causes]++;
	return row;
}

const struct fo_budget_row *__wrap_fo_policy_budget(uint32_t profile, enum fo_place place)
{
	const struct fo_budget_row *row = __real_fo_policy_budget(profile, place);

	budgets[row - tables().budgets]++;
	return row;
}

const struct fo_next_row *__wrap_fo_policy_next(uint32_t method)
{
	const struct fo_next_row *row = __real_fo_policy_next(method);

	nexts[row - tables().nexts]++;
	return row;
}

const struct fo_start_row *__wrap_fo_policy_start(enum fo_trigger trigger)
{
	const struct fo_start_row *row = __real_fo_policy_start(trigger);

	starts[row - tables().starts][signal_on]++;
	return row;
}

const struct fo_probe_row *__wrap_fo_policy_probe(uint32_t profile)
{
	const struct fo_probe_row *row = __real_fo_policy_probe(profile);

	probes[row - tables().probes]++;
	return row;
}

const struct fo_timeout_row *__wrap_fo_policy_timeout(uint32_t method)
{
	const struct fo_timeout_row *row = __real_fo_policy_timeout(method);

	timeouts[row - tables().timeouts][signal_on]++;
	return row;
}

void __wrap_fo_line_due(struct failover_engine *engine, struct fo_line *line)
{
	uint32_t before = engine->queue.count;

	__real_fo_line_due(engine, line);
	if (engine->queue.count - before > step_most)
		step_most = engine->queue.count - before;
}

unsigned ex_step_most(void)
{
	return step_most;
}

void ex_rows_world(const struct ex_world *world)
{
	signal_on = world->config->signal != 0;
}

void ex_rows_action(uint32_t method, int server_move)
{
	const struct fo_next_row *row = __real_fo_policy_next(method);

	moves[row - tables().nexts][server_move]++;
}

/* ---- the report --------------------------------------------------------------------------- */

static unsigned tell(unsigned *test, const char *table, size_t rows, size_t missing)
{
	printf("%sok %u - every row of `%s` was taken (%zu of %zu)\n", missing ? "not " : "",
	       ++*test, table, rows - missing, rows);
	return missing != 0;
}

static unsigned tell_one(unsigned *test, const char *table, const uint64_t *taken, size_t count)
{
	size_t missing = 0, i;

	for (i = 0; i < count; i++) {
		printf("# %s %zu: %llu\n", table, i, (unsigned long long)taken[i]);
		missing += taken[i] == 0;
	}
	return tell(test, table, count, missing);
}

static unsigned tell_two(unsigned *test, const char *table, uint64_t (*taken)[2], size_t count)
{
	size_t missing = 0, i;

	for (i = 0; i < count; i++) {
		printf("# %s %zu: %llu, %llu\n", table, i, (unsigned long long)taken[i][0],
		       (unsigned long long)taken[i][1]);
		missing += taken[i][0] == 0;
		missing += taken[i][1] == 0;
	}
	return tell(test, table, 2 * count, missing);
}

/* A method that is sent on by both kinds of move was, and one that is not never was. */
static unsigned tell_moves(unsigned *test, const struct fo_policy_tables *is)
{
	size_t wrong = 0, i;

	for (i = 0; i < is->nexts_count; i++) {
		int proxy = is->nexts[i].proxy_move == FO_ACTION_SEND;
		int server = is->nexts[i].server_move == FO_ACTION_SEND ||
			     is->nexts[i].server_move == FO_ACTION_REGISTER_THEN_SEND;

		printf("# moves of method %u: %llu proxy, %llu server\n", is->nexts[i].method,
		       (unsigned long long)moves[i][0], (unsigned long long)moves[i][1]);
		wrong += (moves[i][0] != 0) != proxy;
		wrong += (moves[i][1] != 0) != server;
	}
	return tell(test, "nexts, both kinds of move", 2 * is->nexts_count, wrong);
}

unsigned ex_rows_report(unsigned *test)
{
	struct fo_policy_tables is = tables();
	unsigned wrong = 0;

	wrong += tell_one(test, "causes", causes, is.causes_count);
	wrong += tell_one(test, "budgets", budgets, is.budgets_count);
	wrong += tell_one(test, "nexts", nexts, is.nexts_count);
	wrong += tell_moves(test, &is);
	wrong +=
		tell_two(test, "starts, without and with signal failback", starts, is.starts_count);
	wrong += tell_one(test, "probes", probes, is.probes_count);
	wrong += tell_two(test, "timeouts, without and with signal failback", timeouts,
			  is.timeouts_count);
	return wrong;
}
