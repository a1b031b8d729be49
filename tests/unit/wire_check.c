/* SPDX-License-Identifier: MIT */
/* wire_check.c - what must hold of a wire after whatever a test has done to it. */
#include "wire_stack.h"
#include "wire_world.h"

struct failover_wire_statistics world_numbers(const struct world *world)
{
	struct failover_wire_statistics is = { .size = sizeof(is) };

	failover_wire_statistics(world->wire, &is);
	return is;
}

void world_check_and_close(struct world *world)
{
	struct failover_wire_statistics numbers;
	const struct transaction *is;

	world_call(world);
	is = stack_request(world, "BYE", 1, "");
	world_run(world, 100000);
	ck_assert_uint_eq(is->status, 200);
	numbers = world_numbers(world);
	ck_assert_uint_eq(numbers.requests, 0);
	ck_assert_uint_eq(numbers.legs, 0);
	ck_assert_uint_eq(numbers.lost, 0);
	world_close(world);
}
