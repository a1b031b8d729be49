/* SPDX-License-Identifier: MIT */
/* wire_emergency_test.c - an emergency call of a stack above the wire (B36): its INVITE races, and
 * the stack sees one transaction. */
#include "wire_world.h"

#define RACE_MS 1000u

static struct world world;

static void open_for_help(const char *callee)
{
	world_open(&world);
	world.callee = callee;
}

START_TEST(B36a_the_backup_is_asked_beside_a_silent_primary)
{
	static const char *const callees[] = { "sip:112@example.com", "urn:service:sos.fire",
					       "sip:911;phone-context=a@example.com;user=phone" };
	struct transaction *is;
	size_t i;

	for (i = 0; i < 3; i++) {
		open_for_help(callees[i]);
		world_register(&world);
		world.server[PRIMARY].is_silent = 1;
		is = stack_request(&world, "INVITE", 0, "");
		world_run(&world, RACE_MS - 20);
		ck_assert_uint_eq(world_seen(&world, BACKUP, "INVITE"), 0);
		world_run(&world, 500);
		ck_assert_uint_eq(is->status, 200);
		ck_assert_uint_eq(is->finals, 1);
		ck_assert_uint_eq(world_seen(&world, BACKUP, "REGISTER"), 0);
		ck_assert_uint_eq(world_up(&world, BACKUP), 1);
		world_close(&world);
	}
}
END_TEST

START_TEST(B36c_the_first_that_rings_keeps_it)
{
	struct transaction *is;

	open_for_help("sip:112@example.com");
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 200, 3000 } } });
	world_script(&world, BACKUP,
		     (struct script){ "INVITE", { { 100, 0 }, { 180, 50 }, { 200, 9000 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 30000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world_up(&world, PRIMARY), 1); /* a 200 beats a ring */
	ck_assert_uint_eq(world_up(&world, BACKUP), 0);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "CANCEL"), 1);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

START_TEST(B36c_a_second_200_is_acked_and_ended)
{
	struct transaction *is;

	open_for_help("sip:112@example.com");
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 200, 1500 } } });
	world_script(&world, BACKUP, (struct script){ "INVITE", { { 200, 0 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 10000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world_up(&world, BACKUP), 1);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 1);
	ck_assert_uint_eq(world_up(&world, PRIMARY), 0);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

START_TEST(B36b_needs_no_registration)
{
	struct transaction *is;

	open_for_help("sip:112@example.com");
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 200);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "REGISTER"), 0);
	world_close(&world);
}
END_TEST

/* The stack has the password: it is asked at once, and nobody else before. */
START_TEST(B36_a_challenge_is_the_stacks)
{
	struct transaction *is;

	open_for_help("sip:112@example.com");
	world_register(&world);
	world.server[PRIMARY].wants = "primary";
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 407);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_ptr_nonnull(strstr(is->answer, "\r\nProxy-Authenticate: "));
	world_run(&world, 40000);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "INVITE"), 0);
	is = stack_request(&world, "INVITE", 0,
			   "Proxy-Authorization: Digest username=\"1001\", realm=\"primary\",\r\n"
			   " nonce=\"n1\", uri=\"sip:112@example.com\", response=\"0\"\r\n");
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

/* B36d: as long as the stack wants. */
START_TEST(B36d_CANCEL_ends_the_race_everywhere)
{
	struct transaction *is;

	open_for_help("sip:112@example.com");
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 503, 0 } } });
	world_script(&world, BACKUP, (struct script){ "INVITE", { { 100, 0 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 20000);
	ck_assert_uint_eq(is->status, 0);
	ck_assert_uint_ge(world_seen(&world, PRIMARY, "INVITE"), 5);
	stack_cancel(&world, is);
	world_run(&world, 1000);
	ck_assert_uint_eq(is->status, 487);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_ge(world_seen(&world, BACKUP, "CANCEL"), 1);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

/* B36f: other calls of the line ring, as many as there may be. */
START_TEST(B36f_finds_room)
{
	struct transaction *is;
	unsigned i;

	open_for_help(NULL);
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 180, 0 } } });
	for (i = 0; i < 40; i++)
		(void)stack_request(&world, "INVITE", 0, "");
	world_run(&world, 1000);
	i = world_seen(&world, PRIMARY, "INVITE");
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 200, 0 } } });
	world.callee = "sip:112@example.com";
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 1000);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "INVITE"), i + 1);
	ck_assert_uint_eq(is->status, 200);
	world_close(&world);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B36a_the_backup_is_asked_beside_a_silent_primary);
	tcase_add_test(tcase, B36c_the_first_that_rings_keeps_it);
	tcase_add_test(tcase, B36c_a_second_200_is_acked_and_ended);
	tcase_add_test(tcase, B36b_needs_no_registration);
	tcase_add_test(tcase, B36_a_challenge_is_the_stacks);
	tcase_add_test(tcase, B36d_CANCEL_ends_the_race_everywhere);
	tcase_add_test(tcase, B36f_finds_room);
}

int main(void)
{
	return tap_main("wire_emergency", add);
}
