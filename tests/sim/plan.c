/* SPDX-License-Identifier: MIT */
/* plan.c - what happens in the world of a seed: users and faults, then everything heals. */
#include <stdlib.h>
#include <string.h>
#include "tests/sim/fleet.h"

#define REQUESTS_USUAL 120u

#define FAULT_NAME(name, text) text,
static const char *const fault_names[] = { FLEET_FAULTS(FAULT_NAME) };

const char *fault_name(enum fleet_fault fault)
{
	return fault < FAULT_COUNT ? fault_names[fault] : "";
}

struct fleet_act *plan_act(struct fleet_plan *plan, uint64_t at_ms, enum fleet_act_kind kind)
{
	struct fleet_act *act;

	plan->acts = grow(plan->acts, plan->acts_count, &plan->acts_room, sizeof(*plan->acts));
	act = &plan->acts[plan->acts_count];
	memset(act, 0, sizeof(*act));
	act->at_ms = at_ms;
	act->order = (uint32_t)plan->acts_count++;
	act->kind = (uint8_t)kind;
	act->fault = FAULT_COUNT;
	return act;
}

static int earlier(const void *a, const void *b)
{
	const struct fleet_act *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void plan_sort(struct fleet_plan *plan)
{
	if (plan->acts_count)
		qsort(plan->acts, plan->acts_count, sizeof(*plan->acts), earlier);
}

/* Which kinds may occur: each seed has its own choice (swarm testing). */
static uint32_t swarm(uint64_t *random, const struct fleet_options *options)
{
	uint32_t bits = (uint32_t)fleet_random(random);

	if (!fleet_below(random, 4))
		bits &= (uint32_t)fleet_random(random);
	if (options->faults)
		return options->faults & ~FLEET_NO_FAULTS;
	return bits & ((1u << FAULT_COUNT) - 1);
}

/* A call, and when its user has enough of it: soon, in mid-flight, late. */
static void dial(struct fleet_plan *plan, uint64_t *random, uint64_t at_ms, uint32_t line)
{
	static const uint32_t lengths_ms[] = { 100, 1000, 5000, 20000, 60000, 120000 };
	struct fleet_act *act = plan_act(plan, at_ms, ACT_CALL);
	uint64_t length_ms = fleet_below(random, lengths_ms[fleet_below(random, 6)]);

	act->line = (uint8_t)line;
	act->index = plan->calls_count;
	act = plan_act(plan, at_ms + length_ms, ACT_HANGUP);
	act->line = (uint8_t)line;
	act->index = plan->calls_count++;
	if (!fleet_below(random, 8)) { /* again, should the BYE have failed */
		act = plan_act(plan, at_ms + length_ms + fleet_below(random, 5000), ACT_HANGUP);
		act->line = (uint8_t)line;
		act->index = plan->calls_count - 1;
	}
}

static void user(struct fleet_plan *plan, uint64_t *random, uint64_t at_ms)
{
	uint32_t line = fleet_below(random, plan->world.lines), what = fleet_below(random, 16);

	if (what < 10)
		dial(plan, random, at_ms, line);
	else if (what < 12)
		plan_act(plan, at_ms, ACT_OPTIONS)->line = (uint8_t)line;
	else if (what < 14)
		plan_act(plan, at_ms, ACT_MESSAGE)->line = (uint8_t)line;
	else
		plan_act(plan, at_ms, ACT_REGISTER)->line = (uint8_t)line;
}

static void maybe_fault(struct fleet_plan *plan, uint64_t *random, uint64_t at_ms)
{
	enum fleet_fault fault = (enum fleet_fault)fleet_below(random, FAULT_COUNT);

	if (fault != FAULT_QUIRKS && plan->faults >> fault & 1)
		plan_fault(plan, random, at_ms, fault);
}

/* What a person asks lines for. Drawn from a generator of its own, so that the world of a seed is
 * the same with and without; at the end nothing is pinned, or no line could go home. */
static void person(struct fleet_plan *plan)
{
	static const enum fleet_act_kind kinds[] = { ACT_PROBE, ACT_FAILBACK, ACT_PIN, ACT_PIN,
						     ACT_UNPIN };
	uint64_t random = ~plan->seed;
	size_t asks = plan->acts_count / 6, i;
	struct fleet_act *act;

	for (i = 0; i < asks; i++) {
		uint64_t at_ms = plan->acts[fleet_below(&random, (uint32_t)plan->acts_count)].at_ms;

		act = plan_act(plan, at_ms + fleet_below(&random, 4) * fleet_below(&random, 4000),
			       kinds[fleet_below(&random, 5)]);
		act->line = (uint8_t)fleet_below(&random, plan->world.lines);
	}
	for (i = 0; i < plan->world.lines; i++)
		plan_act(plan, plan->heal_ms, ACT_UNPIN)->line = (uint8_t)i;
	for (i = 0; i < plan->world.lines; i++) {
		act = plan_act(plan, fleet_below(&random, 2) * fleet_below(&random, 3000),
			       ACT_BEGIN_AT);
		act->line = (uint8_t)i;
		act->node = (uint8_t)fleet_below(&random, plan->world.nodes_count);
	}
	plan->world.settings.group = fleet_below(&random, 2);
	for (i = 0; i < plan->settings_count; i++)
		plan->settings[i].group = fleet_below(&random, 2);
}

/* B36: some of the calls are for help. Drawn from a generator of its own, too. */
static void emergencies(struct fleet_plan *plan)
{
	static const uint32_t races_ms[] = { 0, 100, 1000, 1000, 1000, 4000, 32000 };
	uint64_t random = ~plan->seed * 3;
	size_t i;

	plan->world.settings.emergency_race_after_ms = races_ms[fleet_below(&random, 7)];
	for (i = 0; i < plan->settings_count; i++)
		plan->settings[i].emergency_race_after_ms = races_ms[fleet_below(&random, 7)];
	for (i = 0; i < plan->acts_count; i++)
		if (plan->acts[i].kind == ACT_CALL && !fleet_below(&random, 3))
			plan->acts[i].kind = ACT_EMERGENCY;
}

void plan_make(struct fleet_plan *plan, uint64_t seed, const struct fleet_options *options)
{
	static const uint32_t gaps_ms[] = { 10, 500, 3000, 3000, 10000, 60000 };
	uint32_t requests = options->requests ? options->requests : REQUESTS_USUAL, i;
	uint64_t random = seed, at_ms = 0;

	memset(plan, 0, sizeof(*plan));
	plan->seed = seed;
	plan->faults = swarm(&random, options);
	plan_world(plan, &random, options);
	for (i = 0; i < plan->world.lines; i++)
		if (i == 0 || fleet_below(&random, 8))
			plan_act(plan, fleet_below(&random, 3000), ACT_REGISTER)->line = (uint8_t)i;
	for (i = 0; i < requests; i++) {
		at_ms += fleet_below(&random, gaps_ms[fleet_below(&random, 6)]);
		user(plan, &random, at_ms);
		if (fleet_below(&random, 2))
			maybe_fault(plan, &random, at_ms + fleet_below(&random, 3000));
	}
	plan->heal_ms = at_ms + 130000;
	if (options->person)
		person(plan);
	plan_heal(plan);
	if (options->emergency)
		emergencies(plan);
	plan_sort(plan);
	plan->world.end_ms = plan->heal_ms + fleet_bound_ms(plan);
}

void plan_free(struct fleet_plan *plan)
{
	free(plan->acts);
	free(plan->behaviours);
	free(plan->settings);
	free(plan->lists);
	free(plan->links);
	if (plan->world.text)
		scenario_free(&plan->world);
}
