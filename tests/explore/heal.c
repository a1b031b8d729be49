/* SPDX-License-Identifier: MIT */
/* heal.c - what must follow from a state: ends (B18), the way back (B11), harmless ids (B7c). */
#include <string.h>
#include "explore.h"

#define TICKS_MOST 200u

static void tick(struct ex_world *world)
{
	ex_input_apply(world, (struct ex_input){ .kind = EX_TICK });
}

/* A request of the user that has to end by itself: all but an INVITE that rings. */
static int has_to_end(struct ex_world *world)
{
	const struct fo_request *request;
	uint8_t slot;

	for (slot = FO_SLOTS_OWN; slot < world->line->requests_max; slot++) {
		request = &world->line->requests[slot];
		if (fo_request_emergency(request)) /* B36d: as long as the user wants */
			continue;
		if (fo_request_running(request) && !(request->method == FAILOVER_INVITE &&
						     request->state == FO_REQUEST_PROCEEDING &&
						     request->budget_ms == FO_BUDGET_NONE))
			return 1;
	}
	return 0;
}

/* B18: within the sum of the budgets: of its own attempts, and of the REGISTER it may wait for, and
 * of the one before that. */
void ex_check_silence(struct ex_world *world)
{
	uint64_t targets = strlen(world->config->registrars);
	uint64_t end = ex_world_now(world) + 3 * (targets + 1) * ex_64t1_ms(world->config);
	unsigned ticks = 0;

	while (!world->why[0] && has_to_end(world)) {
		if (ex_world_due(world) == FO_NEVER || ex_world_due(world) > end ||
		    ++ticks > TICKS_MOST) {
			ex_fail(world, "B18: without answers a request does not end in time");
			return;
		}
		tick(world);
	}
}

/* Everybody answers 200 at once; returns 0 if nobody was asked. */
static int answer_one(struct ex_world *world)
{
	struct ex_input inputs[EX_INPUTS];
	unsigned count = ex_inputs(world, inputs), i;

	for (i = 0; i < count; i++) {
		const struct ex_request *request = &world->watch.requests[inputs[i].slot];

		if (ex_input_status(&inputs[i]) != 200 || inputs[i].ordinal != request->under_way)
			continue;
		ex_input_apply(world, inputs[i]);
		return 1;
	}
	return 0;
}

/* Where the line can come back to by itself. */
static int is_back(const struct ex_world *world)
{
	const struct ex_config *config = world->config;
	const char *list = config->lists[world->watch.list];
	unsigned index0 = (unsigned)(list[0] - '0'), serving = world->watch.serving;

	if (!(world->line->flags & FO_LINE_REGISTERED))
		return 0;
	if (serving == index0)
		return 1;
	if (ex_index(world, serving) == EX_NOBODY)
		return 0; /* B1b: it is left at the next request, which the refresh is */
	if (ex_signal(config))
		return 0; /* B12: the refresh goes to index 0 */
	return !config->failback || (!profile_facts(config->profile)->probes_proxies &&
				     config->registrars[index0] == config->registrars[serving]);
}

void ex_check_heal(struct ex_world *world)
{
	struct failover_line_settings is = ex_settings(world->config);
	uint64_t most = UINT64_C(1000) *
			(is.failback_interval_s * (is.failback_successes + 2u) +
			 is.failback_hold_s + is.failover_hold_s + FO_HEALTH_RETRY_MS / 1000 +
			 EX_RETRY_AFTER_S + is.reg_fail_interval_s * 256u);
	uint64_t end = ex_world_now(world) + most + UINT64_C(1000) * ex_expires_s(world->config);
	unsigned ticks = 0;

	if (!world->watch.wanted)
		return;
	if (world->watch.busy) /* B32 */
		ex_input_apply(world, (struct ex_input){ .kind = EX_CALLS });
	for (;;) {
		while (!world->why[0] && answer_one(world))
			;
		if (world->why[0] || is_back(world))
			return;
		if (ex_world_due(world) > end || ++ticks > TICKS_MOST) {
			ex_fail(world, "B11: all is well and the line is not back");
			return;
		}
		tick(world);
	}
}

/* ---- stale ids (B7c) ---------------------------------------------------------------------- */

static void disturb(struct ex_world *world, uint64_t id)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 200, .expires_s = 60 };
	uint64_t now = ex_world_now(world);

	if (failover_response(world->engine, id, &answer, now) != (uint32_t)FAILOVER_VERDICT_LATE)
		ex_fail(world, "B7c: a stale response is not late");
	failover_unreachable(world->engine, id, FAILOVER_REASON_ICMP, now);
	failover_sent(world->engine, id, now);
	if (failover_give_up(world->engine, id, now) != FAILOVER_ERR_STALE)
		ex_fail(world, "B7c: a stale request was given up");
}

/* Each id that is alive, with a bit of its line, slot or generation turned. */
void ex_check_stale(struct ex_world *world)
{
	unsigned char before[EX_BLOCK];
	struct fo_node nodes[EX_TARGETS];
	uint64_t moves = world->engine->moves, attempts = world->engine->attempts;
	uint8_t slot, bit;

	memcpy(before, world->line, world->engine->line_bytes);
	memcpy(nodes, world->engine->health.nodes, sizeof(nodes));
	for (slot = 0; slot < world->line->requests_max; slot++) {
		const struct fo_request *request = &world->line->requests[slot];
		uint64_t id = fo_request_id(world->line, request) | (request->ordinal & 0xff);

		if (!fo_request_running(request))
			disturb(world, id);
		for (bit = 8; bit < 64; bit += 5)
			if (bit < 27 || bit > 31)
				disturb(world, id ^ UINT64_C(1) << bit);
	}
	if (memcmp(before, world->line, world->engine->line_bytes) != 0 ||
	    memcmp(nodes, world->engine->health.nodes, sizeof(nodes)) != 0 ||
	    world->engine->queue.count || world->engine->moves != moves ||
	    world->engine->attempts != attempts)
		ex_fail(world, "B7c: a stale id has changed something");
}
