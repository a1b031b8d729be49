/* SPDX-License-Identifier: MIT */
/* storm_calls.c - users call, wait for a while, talk and hang up; and are called. */
#include "storm_world.h"

#include <stdlib.h>

#define TRIES 16u /* to find a phone that is idle */
#define CALLS_OF_A_PHONE 2u
#define POOL_LEAST 256u

static void lost(struct storm_world *world)
{
	world->series->lost[world->second]++;
	world->series->lost_all++;
}

static void tried(struct storm_world *world)
{
	world->series->calls[world->second]++;
	world->series->calls_all++;
}

/* ---- the pool ----------------------------------------------------------------------------- */

static int pool_grow(struct storm_world *world)
{
	uint32_t room = world->calls_room ? world->calls_room * 2 : POOL_LEAST, i;
	struct storm_call *pool = realloc(world->call, room * sizeof(*pool));

	if (!pool) {
		world->error = FAILOVER_ERR_MEMORY;
		return -1;
	}
	for (i = world->calls_room; i < room; i++)
		pool[i] = (struct storm_call){ .phone = i + 1 < room ? i + 2 : 0 };
	world->calls_free = world->calls_room + 1;
	world->call = pool;
	world->calls_room = room;
	return 0;
}

/* One that is not used has the next free place in `phone`. */
static struct storm_call *call_new(struct storm_world *world, uint32_t phone)
{
	struct storm_call *call;

	if (!world->calls_free && pool_grow(world) != 0)
		return NULL;
	call = &world->call[world->calls_free - 1];
	world->calls_free = call->phone;
	*call = (struct storm_call){ .phone = phone, .serial = call->serial + 1, .used = 1 };
	world->phone[phone].calls++;
	return call;
}

static void call_end(struct storm_world *world, struct storm_call *call)
{
	world->phone[call->phone].calls--;
	call->used = 0;
	call->phone = world->calls_free;
	world->calls_free = (uint32_t)(call - world->call) + 1;
}

/* Never 0: that is the library's own. */
static uint64_t key_of(const struct storm_world *world, const struct storm_call *call)
{
	return (uint64_t)call->serial << 32 | (uint32_t)(call - world->call);
}

static struct storm_call *call_of(struct storm_world *world, uint64_t key)
{
	uint32_t place = (uint32_t)key;
	struct storm_call *call = place < world->calls_room ? &world->call[place] : NULL;

	return call && call->used && call->serial == key >> 32 ? call : NULL;
}

/* ---- users -------------------------------------------------------------------------------- */

/* NULL = nobody is idle, or on. */
static struct storm_phone *somebody(struct storm_world *world)
{
	for (uint32_t tries = 0; tries < TRIES; tries++) {
		struct storm_phone *phone =
			&world->phone[storm_below(world, world->options->phones)];

		if (phone->is_on && phone->calls < CALLS_OF_A_PHONE)
			return phone;
	}
	return NULL;
}

static void call_begin(struct storm_world *world)
{
	struct storm_phone *phone = somebody(world);
	struct failover_request_params params = {
		.size = sizeof(params),
		.method = FAILOVER_INVITE,
	};
	struct storm_call *call;

	if (!phone)
		return;
	call = call_new(world, (uint32_t)(phone - world->phone));
	if (!call)
		return;
	tried(world);
	params.cookie = key_of(world, call);
	if (failover_submit(world->engine, phone->line, &params, world->now, &call->request) != 0) {
		lost(world);
		call_end(world, call);
		return;
	}
	storm_at(world, world->now + 1000u * world->options->patience_s, STORM_IMPATIENT,
		 params.cookie);
}

static void hang_up(struct storm_world *world, struct storm_call *call)
{
	const struct failover_request_params params = {
		.size = sizeof(params),
		.method = FAILOVER_BYE,
		.cookie = key_of(world, call),
		.dialog = &call->target,
	};

	if (failover_submit(world->engine, world->phone[call->phone].line, &params, world->now,
			    &call->request) != 0)
		call_end(world, call);
}

void storm_call_result(struct storm_world *world, const struct failover_result *result)
{
	struct storm_call *call = call_of(world, result->cookie);

	if (!call)
		return;
	if (result->method == FAILOVER_BYE) {
		call_end(world, call);
		return;
	}
	if (result->outcome != FAILOVER_OUTCOME_ANSWERED || result->status >= 300) {
		lost(world);
		call_end(world, call);
		return;
	}
	call->is_up = 1;
	call->target = result->target;
	storm_at(world, world->now + storm_wait(world, UINT64_C(1000000) * world->options->talk_s),
		 STORM_HANG_UP, result->cookie);
}

/* Somebody outside calls this phone: who cannot be reached, loses the call. */
static void ring(struct storm_world *world)
{
	const struct storm_phone *phone = &world->phone[storm_below(world, world->options->phones)];

	if (!phone->is_on)
		return;
	tried(world);
	if (!phone->server || !storm_is_up(world, phone->server - 1))
		lost(world);
}

static uint64_t average_us(const struct storm_world *world)
{
	uint64_t calls = (uint64_t)world->options->phones * world->options->calls;

	return UINT64_C(3600000000) / calls;
}

static void next(struct storm_world *world, enum storm_event kind)
{
	storm_at(world, world->now + storm_wait(world, average_us(world)), kind, 0);
}

void storm_calls_begin(struct storm_world *world)
{
	if (!world->options->calls)
		return;
	next(world, STORM_CALL);
	next(world, STORM_RING);
}

void storm_call_event(struct storm_world *world, const struct fo_sim_event *event)
{
	struct storm_call *call;

	if (event->kind == STORM_CALL) {
		call_begin(world);
		next(world, STORM_CALL);
	} else if (event->kind == STORM_RING) {
		ring(world);
		next(world, STORM_RING);
	} else if ((call = call_of(world, event->key))) {
		if (event->kind == STORM_HANG_UP)
			hang_up(world, call);
		else if (!call->is_up)
			failover_give_up(world->engine, call->request, world->now);
	}
}
