/* SPDX-License-Identifier: MIT */
/* state.c - what must hold of a state, beside all that was seen on the way to it. */
#include "explore.h"

static int probe_wanted(const struct ex_world *world)
{
	const struct ex_config *config = world->config;
	const char *list = config->lists[world->watch.list];
	unsigned serving = world->watch.serving;

	if (!config->failback || !(world->line->flags & FO_LINE_REGISTERED))
		return 0;
	for (; *list && (unsigned)(*list - '0') != serving; list++)
		if (profile_facts(config->profile)->probes_proxies ||
		    config->registrars[*list - '0'] != config->registrars[serving])
			return 1;
	return 0;
}

static void check_timers(struct ex_world *world)
{
	struct fo_line *line = world->line;
	uint64_t now = ex_world_now(world), next = failover_next_deadline(world->engine);
	int registering = fo_request_running(fo_line_own(line, FO_SLOT_REGISTER));

	if (next > ex_world_due(world) || next < now)
		ex_fail(world, "B19: the next deadline is too late, or has passed");
	if (world->input.kind != EX_AGE && ex_world_due(world) <= now)
		ex_fail(world, "B19: something is due after all has been done");
	if (world->watch.wanted && !registering && line->register_at == FO_NEVER)
		ex_fail(world, "B15, B16: the line never registers again");
	if (world->input.kind != EX_AGE && probe_wanted(world) && line->probe_at == FO_NEVER &&
	    !(line->waits && world->watch.busy) && !registering &&
	    !fo_request_running(fo_line_own(line, FO_SLOT_PROBE)))
		ex_fail(world, "B11: the line never goes back");
}

void ex_watch_state(struct ex_world *world)
{
	struct fo_line *line = world->line;
	struct failover_target serving;
	uint8_t slot;

	fo_target_public(world->engine, line, line->serving, &serving);
	if (ex_place(world, &serving) != world->watch.serving)
		ex_fail(world, "B20: the line has moved silently");
	for (slot = 0; slot < line->requests_max; slot++) {
		const struct fo_request *request = &line->requests[slot];

		if (fo_request_running(request) != world->watch.requests[slot].open)
			ex_fail(world, "B18: the end of a request was not told, or told early");
		if (request->state == FO_REQUEST_WAIT_REGISTER &&
		    !fo_request_running(fo_line_own(line, FO_SLOT_REGISTER)))
			ex_fail(world, "B6b: a request waits for no REGISTER");
	}
	check_timers(world);
}
