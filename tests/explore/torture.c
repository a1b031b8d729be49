/* SPDX-License-Identifier: MIT */
/* torture.c - the outputs are full at every point; the clock goes back, and jumps (B18, B19). */
#include "explore.h"

static int is_time(const struct ex_input *input)
{
	return input->kind == EX_TICK || input->kind == EX_AGE;
}

/* A final answer to an attempt that was abandoned. While the outputs are full it is late for the
 * stack too (B7a), so the call is not adopted, which is allowed; nothing else may change. */
static int is_late(const struct ex_world *world, const struct ex_input *input)
{
	const struct ex_request *request = &world->watch.requests[input->slot];

	return input->kind == EX_RESPONSE && ex_input_status(input) >= 200 &&
	       !(request->current && request->ordinal == input->ordinal);
}

static uint64_t apply_to(struct ex_world *world, const struct ex_snapshot *state,
			 struct ex_input input)
{
	ex_world_load(world, state);
	ex_input_apply(world, input);
	return ex_world_hash(world);
}

void ex_check_full(struct ex_world *world, const struct ex_snapshot *state)
{
	struct ex_input inputs[EX_INPUTS];
	unsigned count, i;

	ex_world_load(world, state);
	if (ex_world_due(world) <= ex_world_now(world))
		return; /* what is due goes first then, which is right, too */
	count = ex_inputs(world, inputs);
	for (i = 0; i < count && !world->why[0]; i++) {
		uint64_t hash;

		ex_world_load(world, state);
		if (is_time(&inputs[i]) || is_late(world, &inputs[i]))
			continue;
		hash = apply_to(world, state, inputs[i]);
		if (world->why[0])
			return;
		ex_world_load(world, state);
		ex_input_jammed(world, inputs[i]);
		if (ex_world_hash(world) != hash)
			ex_fail(world, "B18: something is lost while the outputs are full");
	}
}

/* A clock that goes back counts as standing still: as if the input had come at the engine's now. */
void ex_check_clock_back(struct ex_world *world, const struct ex_snapshot *state)
{
	struct ex_input inputs[EX_INPUTS];
	unsigned count, i;

	ex_world_load(world, state);
	count = ex_inputs(world, inputs);
	for (i = 0; i < count && !world->why[0]; i++) {
		uint64_t hash;

		if (is_time(&inputs[i]))
			continue;
		hash = apply_to(world, state, inputs[i]);
		if (world->why[0])
			return;
		ex_world_load(world, state);
		world->back_ms = 5000000;
		ex_input_apply(world, inputs[i]);
		world->back_ms = 0;
		if (ex_world_hash(world) != hash)
			ex_fail(world, "B19: a clock that went back has changed something");
	}
}

void ex_check_clock_jump(struct ex_world *world, const struct ex_snapshot *state)
{
	struct ex_input jump = { .kind = EX_JUMP };

	for (jump.arg = 0; jump.arg < EX_JUMPS && !world->why[0]; jump.arg++) {
		ex_world_load(world, state);
		ex_input_apply(world, jump);
		ex_check_silence(world);
		if (world->why[0])
			return;
		ex_world_load(world, state);
		ex_input_apply(world, jump);
		ex_check_heal(world);
	}
}
