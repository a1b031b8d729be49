/* SPDX-License-Identifier: MIT */
/* wire_memory_test.c - the n-th allocation of libfailover-wire fails, for every n: the call says so
 * or the message is lost, and what comes after that works. */
#include "tests/torture/failing_memory.h"
#include "tests/unit/wire_world.h"

#define SETS_MOST 400u

static struct world world;

static struct failover_wire_statistics numbers(void)
{
	struct failover_wire_statistics is = { .size = sizeof(is) };

	failover_wire_statistics(world.wire, &is);
	return is;
}

/* Whatever was lost: a call works, and nothing is kept in the end. */
static void check_and_close(void)
{
	world_run(&world, 100000);
	world_call(&world);
	(void)stack_request(&world, "BYE", 1, "");
	world_run(&world, 100000);
	ck_assert(!world.call.is_up);
	ck_assert_uint_eq(numbers().requests, 0);
	ck_assert_uint_eq(numbers().legs, 0);
	world_close(&world);
}

START_TEST(a_new_wire_with_each_allocation_failing)
{
	struct failover_wire_params params = { .size = sizeof(params) };
	struct failover_wire *wire;
	unsigned long made, n = 0;
	int error;

	world_open(&world);
	failover_wire_free(world.wire);
	params.engine = world.engine;
	failover_target_set(&params.local, "192.0.2.99", 5060, FAILOVER_UDP);
	do {
		wire = NULL;
		failing_memory_arm(++n);
		error = failover_wire_new(&params, world.now, &wire);
		made = failing_memory_disarm();
		ck_assert_int_eq(error, n <= made ? FAILOVER_ERR_MEMORY : 0);
		if (!error)
			failover_wire_free(wire);
	} while (n <= made);
	ck_assert_uint_gt(n, 5);
	failover_engine_free(world.engine);
}
END_TEST

static const char invite[] =
	"INVITE sip:1002@example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKlost-abcdefghijklmnop\r\n"
	"From: <sip:1001@example.com>;tag=x\r\n"
	"To: <sip:1002@example.com>\r\nCall-ID: lost\r\nCSeq: 1 INVITE\r\n"
	"Content-Length: 0\r\n\r\n";

START_TEST(an_INVITE_with_each_allocation_failing)
{
	unsigned long made, n = 0;
	int error;

	do {
		world_open(&world);
		world_register(&world);
		failing_memory_arm(++n);
		error = failover_wire_send(world.wire, world.line, invite, strlen(invite),
					   world.now);
		made = failing_memory_disarm();
		ck_assert(error == 0 || error == FAILOVER_ERR_MEMORY);
		ck_assert(n <= made || !error);
		world_run(&world, 50000); /* its 200 gets no ACK: nobody knows the call */
		check_and_close();
	} while (n <= made);
	ck_assert_uint_gt(n, 8);
	ck_assert_uint_lt(n, SETS_MOST);
}
END_TEST

/* The answer is lost as on the way, and comes again. */
START_TEST(an_answer_with_each_allocation_failing)
{
	unsigned long made, n = 0;
	struct transaction *is;
	char text[TEXT];

	do {
		world_open(&world);
		world_register(&world);
		world_script(&world, PRIMARY, (struct script){ "INVITE", { { 200, 0 } } });
		world.server[PRIMARY].is_silent = 1;
		is = stack_request(&world, "INVITE", 0, "");
		world.server[PRIMARY].is_silent = 0;
		world_run(&world, 10);
		strcpy(text, world.server[PRIMARY].served[1].last);
		failing_memory_arm(++n);
		(void)failover_wire_received(world.wire, &world.server[PRIMARY].at, text,
					     strlen(text), world.now);
		made = failing_memory_disarm();
		world_run(&world, 20000);
		ck_assert_uint_eq(is->status, 200);
		(void)stack_request(&world, "BYE", 1, "");
		check_and_close();
	} while (n <= made);
	ck_assert_uint_gt(n, 3);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, a_new_wire_with_each_allocation_failing);
	tcase_add_test(tcase, an_INVITE_with_each_allocation_failing);
	tcase_add_test(tcase, an_answer_with_each_allocation_failing);
}

int main(void)
{
	return tap_main("wire_torture", add);
}
