/* SPDX-License-Identifier: MIT */
/* end.c - liveness: some time after everything has healed, every line is where it belongs. */
#include "tests/sim/fleet.h"
#include "tests/sim/profiles.h"

#define BACKOFF_MOST_MS 1800000u
#define RETRY_AFTER_MOST_MS 121000u
#define HURRY_MS 32000u

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * The longest that a line may take: what is under way ends (64*T1 each), a skipped target's time
 * ends, the slowest retry, then one probe for each target above, each after an interval.
 */
static uint64_t bound_ms(const struct failover_line_settings *settings)
{
	return 3 * 64ull * settings->t1_ms * SCENARIO_NODES / 4 + RETRY_AFTER_MOST_MS +
	       larger(BACKOFF_MOST_MS, settings->reg_fail_interval_s * 1000ull) +
	       settings->failover_hold_s * 1500ull +
	       3 * (settings->failback_interval_s * 1500ull + 64ull * settings->t1_ms +
		    settings->failback_hold_s * 1500ull +
		    settings->failback_successes * HURRY_MS * 3 / 2);
}

uint64_t fleet_bound_ms(const struct fleet_plan *plan)
{
	uint64_t most = bound_ms(&plan->world.settings);
	size_t i;

	for (i = 0; i < plan->settings_count; i++)
		most = larger(most, bound_ms(&plan->settings[i]));
	return most;
}

static const struct failover_line_settings *settings_of(const struct fleet *fleet, uint32_t line)
{
	return &oracle_line(fleet->oracle, fleet->lines[line])->settings;
}

/* B30: after relapses it takes up to a day, and is on its way. */
static int growing(const struct oracle_line *line)
{
	return line->good && line->relapses &&
	       oracle_hold_ms(line) > line->settings.failback_hold_s * 1000ull;
}

static void line_end(struct fleet *fleet, uint32_t line)
{
	const struct failover_line_settings *settings = settings_of(fleet, line);
	struct failover_line_state state = { .size = sizeof(state) };
	int stays = !profile_facts(settings->profile)->probes_proxies, home;

	failover_line_state(fleet->engine, fleet->lines[line], &state);
	if (state.requests)
		fleet_fail(fleet, "B18", "line %u still has %u requests", (unsigned)line + 1,
			   (unsigned)state.requests);
	if (!oracle_line(fleet->oracle, fleet->lines[line])->wanted)
		return;
	if (!state.registered)
		fleet_fail(fleet, "B16", "line %u is not registered", (unsigned)line + 1);
	if (state.serving_index >= state.targets_count)
		fleet_fail(fleet, "B1b", "line %u is served by a target that has gone",
			   (unsigned)line + 1);
	home = state.serving_index == 0 || (stays && state.serving.registrar == 0);
	home |= growing(oracle_line(fleet->oracle, fleet->lines[line]));
	if ((settings->failback && !home) || mutant_strikes(fleet, MUTANT_NEVER_BACK))
		fleet_fail(fleet, "B11", "line %u is still served by target %u", (unsigned)line + 1,
			   (unsigned)state.serving_index);
}

void fleet_end(struct fleet *fleet)
{
	size_t i;

	for (i = 0; i < fleet->requests_count; i++)
		if (fleet->requests[i].ended != 1 && fleet->plan->heal_ms)
			fleet_fail(fleet, "B18", "request %u (%s) ended %u times", (unsigned)i + 1,
				   failover_method_text(fleet->requests[i].method),
				   (unsigned)fleet->requests[i].ended);
	if (!fleet->plan->heal_ms)
		return;
	for (i = 0; i < FLEET_LINES; i++)
		if (fleet->lines[i])
			line_end(fleet, (uint32_t)i);
	ghosts_check(fleet);
}
