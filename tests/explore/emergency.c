/* SPDX-License-Identifier: MIT */
/* emergency.c - what must always hold of an emergency call (B36): its legs at work by place, and no
 * second call. */
#include "explore.h"

static unsigned place_of(const struct ex_request *request, uint64_t attempt)
{
	unsigned place;

	for (place = 0; place < EX_TARGETS; place++)
		if (request->ordinals[place] == (uint8_t)attempt)
			return place;
	return EX_NOBODY;
}

static void watch_attempt(struct ex_world *world, struct ex_request *request,
			  const struct failover_attempt *attempt)
{
	unsigned place = ex_place(world, &attempt->target);

	if (place == EX_NOBODY || ex_index(world, place) == EX_NOBODY) {
		ex_fail(world, "B1b: an emergency call goes to a target that has gone");
		return;
	}
	if (request->at_work & 1u << place)
		ex_fail(world, "B36d: target %u is asked, and is at work", place);
	if (request->rings)
		ex_fail(world, "B36c: target %u is asked while another one rings", place);
	if (!(attempt->flags & FAILOVER_ATTEMPT_EMERGENCY) ||
	    attempt->flags & FAILOVER_ATTEMPT_LAST)
		ex_fail(world, "B36: the flags of an emergency call are %x", attempt->flags);
	if (!request->ordinal && world->input.kind != EX_SUBMIT)
		ex_fail(world, "B36b: an emergency call does not begin at once");
	request->at_work |= (uint8_t)(1u << place);
	request->ordinal = request->under_way = (uint8_t)attempt->ordinal;
	request->ordinals[place] = (uint8_t)attempt->ordinal;
	request->target = (uint8_t)place;
}

void ex_emergency_response(struct ex_world *world, struct ex_request *request)
{
	uint32_t status = ex_input_status(&world->input);
	unsigned place = place_of(request, world->input.ordinal);

	if (place == EX_NOBODY)
		return;
	if (status >= 200 && request->rings == world->input.ordinal)
		request->rings = 0; /* a challenge begins another transaction, too */
	if (world->input.flag & EX_RETRYING)
		return;
	if (status >= 200)
		request->at_work &= (uint8_t) ~(1u << place);
	if (status > 100 && status < 200 && request->at_work & 1u << place)
		request->rings = world->input.ordinal;
}

void ex_emergency_verdict(struct ex_world *world, struct ex_request *request, uint32_t verdict)
{
	if (ex_input_status(&world->input) == 200 && verdict == FAILOVER_VERDICT_KEEP &&
	    ++request->kept > 1)
		ex_fail(world, "B36c: two legs of an emergency call are the call");
}

static void watch_abandon(struct ex_world *world, struct ex_request *request, uint64_t attempt,
			  uint32_t reason)
{
	unsigned place = place_of(request, attempt);

	if (place == EX_NOBODY || !(request->at_work & 1u << place)) {
		ex_fail(world, "B36: a leg is abandoned that is not at work");
		return;
	}
	if (reason == FAILOVER_ABANDON_UNAVAILABLE && world->input.kind != EX_UNREACHABLE)
		ex_fail(world, "B4: unreachable, but nobody said so");
	request->at_work &= (uint8_t) ~(1u << place);
	if (request->rings == (uint8_t)attempt)
		request->rings = 0;
}

static void watch_result(struct ex_world *world, struct ex_request *request,
			 const struct failover_result *result)
{
	if (request->at_work)
		ex_fail(world, "B36c: it has ended, and the places %x are at work",
			request->at_work);
	if (result->outcome == FAILOVER_OUTCOME_FAILED)
		ex_fail(world, "B36d: an emergency call fails");
	if (result->outcome == FAILOVER_OUTCOME_GIVEN_UP && world->input.kind != EX_GIVE_UP)
		ex_fail(world, "B36f: an emergency call was given up by nobody");
	if (result->outcome == FAILOVER_OUTCOME_ANSWERED && result->status != 200 &&
	    result->status != 486)
		ex_fail(world, "B36e: an emergency call ends with %u", result->status);
	*request = (struct ex_request){ .target = EX_NOBODY,
					.dialog = EX_NOBODY,
					.awaited = EX_NOBODY };
}

static struct ex_request *request_of(struct ex_world *world, uint64_t id)
{
	struct ex_request *request =
		&world->watch.requests[id >> FO_ID_SLOT_SHIFT & FO_ID_SLOT_MASK];

	return request->open && request->emergency && request->id == (id & ~UINT64_C(0xff))
		       ? request
		       : NULL;
}

int ex_emergency_output(struct ex_world *world, const struct failover_output *output)
{
	struct ex_request *request = NULL;

	switch ((enum failover_output_kind)output->kind) {
	case FAILOVER_OUTPUT_ATTEMPT:
		request = request_of(world, output->u.attempt.id);
		if (request)
			watch_attempt(world, request, &output->u.attempt);
		break;
	case FAILOVER_OUTPUT_ABANDON:
		request = request_of(world, output->abandoned);
		if (request)
			watch_abandon(world, request, output->abandoned, output->reason);
		break;
	case FAILOVER_OUTPUT_RESULT:
		request = request_of(world, output->u.result.request);
		if (request)
			watch_result(world, request, &output->u.result);
		break;
	case FAILOVER_OUTPUT_EVENT:
		break;
	}
	return request != NULL;
}
