/* SPDX-License-Identifier: MIT */
/*
 * rows.c - which rows of core/policy.c were used. The linker sends the core's look-ups here
 * (--wrap), so the core needs no hook of its own.
 */
#include "explore.h"

#define ROWS 24u

/* Counted over all configurations of a run. */
static uint64_t causes[FO_CAUSES], answers[ROWS], places[FO_PLACES], profiles[ROWS][2];
static uint64_t starts[FO_TRIGGERS][2], requests[FO_KINDS];
static uint64_t moves[FO_KINDS][FO_MOVES]; /* of a method, seen from outside */
static uint64_t bindings[FO_BINDINGS][FO_STEPS];
static int signal_on;
static unsigned step_most;

const struct fo_cause_row *__real_fo_policy_cause(enum fo_cause cause);
const struct fo_request_row *__real_fo_policy_request(enum fo_kind kind);
const struct fo_answer_row *__real_fo_policy_answer(enum fo_kind kind, uint32_t whens);
struct fo_budget __real_fo_policy_budget(const struct fo_profile_row *profile, enum fo_kind kind,
					 enum fo_place place);
const struct fo_start_row *__real_fo_policy_start(enum fo_trigger trigger);
enum fo_action __real_fo_policy_action(const struct fo_profile_row *profile,
				       enum fo_binding binding, enum fo_kind kind,
				       enum fo_step step);
void __real_fo_line_due(struct failover_engine *engine, struct fo_line *line);

const struct fo_cause_row *__wrap_fo_policy_cause(enum fo_cause cause);
const struct fo_request_row *__wrap_fo_policy_request(enum fo_kind kind);
const struct fo_answer_row *__wrap_fo_policy_answer(enum fo_kind kind, uint32_t whens);
struct fo_budget __wrap_fo_policy_budget(const struct fo_profile_row *profile, enum fo_kind kind,
					 enum fo_place place);
const struct fo_start_row *__wrap_fo_policy_start(enum fo_trigger trigger);
enum fo_action __wrap_fo_policy_action(const struct fo_profile_row *profile,
				       enum fo_binding binding, enum fo_kind kind,
				       enum fo_step step);
void __wrap_fo_line_due(struct failover_engine *engine, struct fo_line *line);

static struct fo_policy_tables tables(void)
{
	struct fo_policy_tables is;

	fo_policy_tables(&is);
	return is;
}

const struct fo_cause_row *__wrap_fo_policy_cause(enum fo_cause cause)
{
	causes[cause]++;
	return __real_fo_policy_cause(cause);
}

const struct fo_request_row *__wrap_fo_policy_request(enum fo_kind kind)
{
	requests[kind]++;
	return __real_fo_policy_request(kind);
}

const struct fo_answer_row *__wrap_fo_policy_answer(enum fo_kind kind, uint32_t whens)
{
	const struct fo_answer_row *row = __real_fo_policy_answer(kind, whens);

	answers[row - tables().answers]++;
	return row;
}

struct fo_budget __wrap_fo_policy_budget(const struct fo_profile_row *profile, enum fo_kind kind,
					 enum fo_place place)
{
	places[place]++;
	if (!tables().places[place].whole)
		profiles[profile - tables().profiles]
			[kind == FO_KIND_INVITE || kind == FO_KIND_REINVITE]++;
	return __real_fo_policy_budget(profile, kind, place);
}

const struct fo_start_row *__wrap_fo_policy_start(enum fo_trigger trigger)
{
	starts[trigger][signal_on]++;
	return __real_fo_policy_start(trigger);
}

enum fo_action __wrap_fo_policy_action(const struct fo_profile_row *profile,
				       enum fo_binding binding, enum fo_kind kind,
				       enum fo_step step)
{
	if (kind >= FO_KIND_INVITE)
		bindings[binding][step]++;
	return __real_fo_policy_action(profile, binding, kind, step);
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

static enum fo_kind kind_of(uint32_t method)
{
	static const enum fo_kind kinds[] = {
		[FAILOVER_REGISTER] = FO_KIND_REGISTER, [FAILOVER_INVITE] = FO_KIND_INVITE,
		[FAILOVER_BYE] = FO_KIND_BYE,		[FAILOVER_OPTIONS] = FO_KIND_OPTIONS,
		[FAILOVER_CANCEL] = FO_KIND_CANCEL,	[FAILOVER_OTHER] = FO_KIND_OTHER,
	};

	return kinds[method];
}

void ex_rows_action(uint32_t method, int server_move)
{
	moves[kind_of(method)][server_move]++;
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
	size_t wrong = 0;
	uint32_t method;
	int move;

	for (method = FAILOVER_REGISTER; method <= FAILOVER_OTHER; method++) {
		enum fo_kind kind = kind_of(method);

		printf("# moves of method %u: %llu proxy, %llu server\n", method,
		       (unsigned long long)moves[kind][FO_MOVE_PROXY],
		       (unsigned long long)moves[kind][FO_MOVE_SERVER]);
		for (move = 0; move < FO_MOVES; move++)
			wrong += (moves[kind][move] != 0) !=
				 (is->requests[kind].next[move] != FO_ACTION_FAIL);
	}
	return tell(test, "requests, both kinds of move", 2 * FAILOVER_OTHER, wrong);
}

unsigned ex_rows_report(unsigned *test)
{
	struct fo_policy_tables is = tables();
	unsigned wrong = 0;

	wrong += tell_one(test, "causes", causes, FO_CAUSES);
	wrong += tell_one(test, "answers", answers, is.answers_count);
	wrong += tell_one(test, "requests", requests, FO_KINDS);
	wrong += tell_moves(test, &is);
	wrong += tell_one(test, "bindings, by steps", &bindings[0][0], FO_BINDINGS * FO_STEPS);
	wrong += tell_one(test, "places", places, FO_PLACES);
	wrong += tell_two(test, "profiles, INVITE and others", profiles, is.profiles_count);
	wrong += tell_two(test, "starts, without and with signal failback", starts, FO_TRIGGERS);
	return wrong;
}
