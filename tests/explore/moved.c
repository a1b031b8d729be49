/* SPDX-License-Identifier: MIT */
/* moved.c - who moves the line, and when it returns (B4, B8, B11, B30). */
#include "explore.h"

int ex_held(const struct ex_world *world, unsigned place)
{
	unsigned serving = ex_index(world, world->watch.serving);

	return world->config->idle && world->watch.busy && world->registered &&
	       serving != EX_NOBODY && ex_index(world, place) < serving;
}

/* B30: has this target answered so many probes in a row, for so long? */
int ex_good_enough(struct ex_world *world, unsigned place)
{
	const struct failover_line_settings is = ex_settings(world->config);
	struct ex_watch *watch = &world->watch;

	world->good_enough = 1;
	if (place == watch->serving) /* a call has brought the line there */
		return 1;
	if (!watch->good || watch->good_place != place) {
		watch->good = 0;
		watch->good_since = ex_world_now(world);
	}
	watch->good_place = (uint8_t)place;
	if (watch->good < UINT8_MAX)
		watch->good++;
	world->good_enough =
		(watch->good >= is.failback_successes &&
		 ex_world_now(world) - watch->good_since >= UINT64_C(1000) * is.failback_hold_s) ||
		!world->registered || ex_index(world, watch->serving) == EX_NOBODY;
	world->good_enough &= !ex_held(world, place); /* B32 */
	return world->good_enough;
}

/* B30 */
void ex_watch_probe(struct ex_world *world, const struct ex_request *request,
		    const struct failover_result *result)
{
	if (result->outcome != FAILOVER_OUTCOME_ANSWERED)
		world->watch.good = 0;
	else if (world->good_enough != (world->watch.serving == request->target) &&
		 ex_index(world, request->target) != EX_NOBODY)
		ex_fail(world, "B30: good for %s, and the line %s",
			world->good_enough ? "long enough" : "too short a time",
			world->good_enough ? "stays" : "returns");
}

/* B7b: the 482 of this target is the answer after all, since no older leg has said more. */
static int waited_in_vain(const struct ex_world *world, unsigned from, unsigned to)
{
	unsigned slot;

	for (slot = FO_SLOTS_OWN; slot < EX_SLOTS; slot++) {
		const struct ex_request *request = &world->watch.requests[slot];

		if (request->open && request->method == FAILOVER_INVITE && request->current &&
		    request->target == to && request->late && (request->tried & 1u << from))
			return 1;
	}
	return 0;
}

static void serve(struct ex_world *world, unsigned place, int down)
{
	unsigned slot;

	world->watch.serving = (uint8_t)place;
	world->watch.up_after = 0;
	world->watch.good = 0;
	if (down && world->config->hold)
		world->watch.up_after =
			fo_after(ex_world_now(world), UINT64_C(1000) * world->config->hold);
	for (slot = 0; slot < EX_SLOTS; slot++)
		world->watch.requests[slot].moved = 1;
}

/* Who may move the line: an answer, of the request in the input's slot (B4, B8, B11, B13). */
void ex_watch_moved(struct ex_world *world, const struct failover_event *event)
{
	const struct ex_request *request = &world->watch.requests[world->input.slot];
	unsigned to = ex_place(world, &event->target), from = world->watch.serving;
	uint32_t status = ex_input_status(&world->input);
	int gone = ex_index(world, from) == EX_NOBODY;
	int up = !gone && ex_index(world, to) < ex_index(world, from);

	if (to == EX_NOBODY || ex_index(world, to) == EX_NOBODY)
		ex_fail(world, "B1b: moved to a target that has gone");
	if (to == from || ex_place(world, &event->from) != from || ++world->moves > 1)
		ex_fail(world, "B2: moved from %u to %u", from, to);
	if (up != (event->direction == (uint32_t)FAILOVER_FAILBACK))
		ex_fail(world, "the direction of a move is wrong");
	if (waited_in_vain(world, from, to)) {
		serve(world, to, !up);
		return;
	}
	if (world->input.kind != EX_RESPONSE || status < 200 || world->input.flag & EX_RETRYING)
		ex_fail(world, "B4: moved without an answer");
	if (status != 200 &&
	    (request->method == FAILOVER_REGISTER || !(gone || request->tried & 1u << from)))
		ex_fail(world, "B8: moved by a %u", status);
	if (request->emergency)
		ex_fail(world, "B36g: moved by an emergency call");
	if (ex_held(world, to) && !request->manual && !(request->tried & 1u << from) &&
	    !(request->optional & 1u << from))
		ex_fail(world, "B32: moved up though a call is up");
	if (request->flags & FAILOVER_ATTEMPT_VISIT)
		ex_fail(world, "B22: moved by a REGISTER for a call alone");
	if (request->stayed & 1u << from)
		ex_fail(world, "B22: moved by a call that goes on alone");
	if (request->flags & FAILOVER_ATTEMPT_PROBE && !up && !gone)
		ex_fail(world, "B11: a probe moved the line down");
	if ((request->method == FAILOVER_OPTIONS || request->method == FAILOVER_OTHER) && !gone)
		ex_fail(world, "B8: method %u moved the line", request->method);
	serve(world, to, !up);
}
