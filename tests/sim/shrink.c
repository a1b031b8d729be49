/* SPDX-License-Identifier: MIT */
/*
 * shrink.c - makes a failing plan small: leaves out acts in ever smaller pieces, then lines, quirks
 * and settings one by one, as long as the same rule fails (Zeller's delta debugging).
 */
#include <stddef.h>
#include <string.h>
#include "tests/runner/settings.h"
#include "tests/sim/fleet.h"

#define RUNS_MOST 4000u

struct shrinking {
	struct fleet_plan *plan;
	enum fleet_mutant mutant;
	char rule[64]; /* what must go on failing */
	char failure[256];
	uint32_t runs;
};

/* "at 12.345 oracle: B6: REGISTER goes ..." without the numbers: they change with the plan. */
static void rule_of(const char *failure, char *rule, size_t size)
{
	const char *text = strstr(failure, ": ");
	size_t used = 0;

	for (text = text ? text : failure; *text && used + 1 < size; text++)
		if (*text < '0' || *text > '9')
			rule[used++] = *text;
	rule[used] = 0;
}

static int still_fails(struct shrinking *s)
{
	struct fleet_totals totals = { 0 };
	char failure[256], rule[64];

	if (s->runs >= RUNS_MOST)
		return 0;
	s->runs++;
	if (!fleet_run(s->plan, s->mutant, NULL, &totals, NULL, failure, sizeof(failure)))
		return 0;
	rule_of(failure, rule, sizeof(rule));
	if (strcmp(rule, s->rule))
		return 0;
	snprintf(s->failure, sizeof(s->failure), "%s", failure);
	return 1;
}

/* Leave out acts [from, to); back again if it does not fail then. */
static int leave_out(struct shrinking *s, size_t from, size_t to)
{
	uint8_t before[4096];
	size_t i, any = 0;

	if (to - from > sizeof(before))
		to = from + sizeof(before);
	for (i = from; i < to; i++) {
		before[i - from] = s->plan->acts[i].left_out;
		any += !before[i - from];
		s->plan->acts[i].left_out = 1;
	}
	if (!any || still_fails(s))
		return any != 0;
	for (i = from; i < to; i++)
		s->plan->acts[i].left_out = before[i - from];
	return 0;
}

static void shrink_acts(struct shrinking *s)
{
	size_t piece = s->plan->acts_count, from;
	int again;

	for (; piece; piece /= 2) {
		do {
			again = 0;
			for (from = 0; from < s->plan->acts_count; from += piece)
				again |= leave_out(s, from,
						   from + piece < s->plan->acts_count
							   ? from + piece
							   : s->plan->acts_count);
		} while (again && piece == 1);
	}
}

static void shrink_number(struct shrinking *s, uint32_t *number, uint32_t usual)
{
	uint32_t before = *number;

	if (before == usual)
		return;
	*number = usual;
	if (!still_fails(s))
		*number = before;
}

static void shrink_settings(struct shrinking *s)
{
	struct failover_line_settings usual = FAILOVER_LINE_SETTINGS_INIT, before;
	struct failover_line_settings *settings = &s->plan->world.settings;
	size_t i;

	usual.profile = FAILOVER_PROFILE_V3;
	usual.jitter_percent = 0;
	usual.keepalive = FAILOVER_KEEPALIVE_OFF;
	for (i = 0, before = *settings; settings_take(settings, &usual, i); i++) {
		if (memcmp(&before, settings, sizeof(before)) && !still_fails(s))
			*settings = before;
		before = *settings;
	}
}

static void shrink_world(struct shrinking *s)
{
	struct scenario *world = &s->plan->world;
	uint32_t most = 0;
	size_t k;

	for (k = 0; k < s->plan->acts_count; k++)
		if (!s->plan->acts[k].left_out && s->plan->acts[k].line >= most)
			most = s->plan->acts[k].line + 1u;
	shrink_number(s, &world->lines, most ? most : 1);
	shrink_number(s, &world->quirks, 0);
	shrink_number(s, &world->link.delay_ms, 1);
	shrink_number(s, &world->shared_health, FAILOVER_HEALTH_OFF);
	shrink_number(s, &world->dead_time_s, 0);
	shrink_settings(s);
}

/* Servers that nothing is about stay: they may be the targets that matter. Times become round. */
static void shrink_times(struct shrinking *s)
{
	size_t i;

	for (i = 0; i < s->plan->acts_count; i++) {
		uint64_t before = s->plan->acts[i].at_ms, after = before / 1000 * 1000;

		if (s->plan->acts[i].left_out || before == after ||
		    (i && s->plan->acts[i - 1].at_ms > after))
			continue;
		s->plan->acts[i].at_ms = after;
		if (!still_fails(s))
			s->plan->acts[i].at_ms = before;
	}
}

static void shrink_end(struct shrinking *s)
{
	unsigned long long seconds = 0;
	uint64_t before = s->plan->world.end_ms;

	if (sscanf(s->failure, "at %llu", &seconds) != 1)
		return;
	s->plan->world.end_ms = (seconds + 1) * 1000;
	if (s->plan->world.end_ms >= before || !still_fails(s))
		s->plan->world.end_ms = before;
}

uint32_t plan_shrink(struct fleet_plan *plan, enum fleet_mutant mutant, char *failure, size_t size)
{
	struct shrinking s = { .plan = plan, .mutant = mutant };

	rule_of(failure, s.rule, sizeof(s.rule));
	if (!still_fails(&s))
		return s.runs;
	shrink_end(&s);
	shrink_acts(&s);
	shrink_world(&s);
	shrink_acts(&s);
	shrink_times(&s);
	shrink_end(&s);
	snprintf(failure, size, "%s", s.failure);
	return s.runs;
}
