/* SPDX-License-Identifier: MIT */
/* wire_found_test.c - what plans of seeds (tests/sim/wire) have found, each as small as it gets. */
#include "wire_world.h"

static struct world world;

static void open_registered(void)
{
	world_open(&world);
	world_register(&world);
}

/* The primary answers this late, when the line has left it. */
static const struct script late = { "INVITE", { { 200, 5000 } } };

static void answer_slowly(int server)
{
	const struct script slow = { "INVITE", { { 100, 0 }, { 180, 10 }, { 200, 20000 } } };

	world_script(&world, server, slow);
}

/* A connection carries no packets that the library could count. */
START_TEST(B7a_a_late_200_over_a_connection_leaves_no_ghost)
{
	const struct transaction *is;

	world_open_tcp(&world);
	world_register(&world);
	world_script(&world, PRIMARY, late);
	answer_slowly(BACKUP);
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 4000);
	stack_cancel(&world, is);
	world_run(&world, 60000);
	ck_assert_uint_eq(is->status, 487);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 1);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "CANCEL"), 1);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

/* Its first packet has arrived, the second one is refused: the answer may be under way. */
START_TEST(B7a_an_icmp_error_for_the_second_packet_does_not_lose_the_answer_to_the_first)
{
	const struct transaction *is;

	open_registered();
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 200, 3000 } } });
	answer_slowly(BACKUP);
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 100);
	world.server[PRIMARY].is_icmp = 1;
	world_run(&world, 1000);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "INVITE"), 1);
	stack_cancel(&world, is);
	world.server[PRIMARY].is_icmp = 0;
	world_run(&world, 60000);
	ck_assert_uint_eq(is->status, 487);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 1);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

/* More calls ring than the core has places: the one that is up can be hung up. */
START_TEST(B18_a_BYE_waits_for_no_call_that_rings)
{
	struct transaction *is;
	struct call up;
	unsigned i;

	open_registered();
	world_call(&world);
	up = world.call;
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 100, 0 }, { 180, 10 } } });
	for (i = 0; i < 2 * FAILOVER_LIMIT_REQUESTS; i++)
		(void)stack_request(&world, "INVITE", 0, "");
	world_run(&world, 1000);
	world.call = up;
	is = stack_request(&world, "BYE", 1, "");
	world_run(&world, 100);
	ck_assert_uint_eq(is->status, 200);
	is = stack_request(&world, "MESSAGE", 0, "");
	world_run(&world, 100);
	ck_assert_uint_eq(is->status, 200);
	for (i = 0; i < TRANSACTIONS; i++)
		if (!strcmp(world.transaction[i].method, "INVITE") && !world.transaction[i].status)
			stack_cancel(&world, &world.transaction[i]);
	world_run(&world, 100000);
	world_close(&world);
}
END_TEST

/* All places are taken by what is silent for 64*T1; a BYE has one of its own. */
START_TEST(B18_a_BYE_waits_for_nothing_that_is_silent)
{
	const struct transaction *is;
	unsigned i;

	open_registered();
	world.is_shared = 1;
	world_call(&world);
	world.server[PRIMARY].is_silent = 1;
	for (i = 0; i < 2 * FAILOVER_LIMIT_REQUESTS; i++)
		(void)stack_request(&world, "INFO", 1, "");
	is = stack_request(&world, "BYE", 1, "");
	world_run(&world, 4000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_up(&world, PRIMARY), 0);
	world_run(&world, 100000);
	world_close(&world);
}
END_TEST

/* Twenty calls are hung up at once where all servers are silent for a while: none stays up. */
START_TEST(B18_a_BYE_that_was_answered_408_before_its_turn_still_ends_its_call)
{
	struct call calls[20];
	unsigned i;

	open_registered();
	world.is_shared = 1;
	for (i = 0; i < 20; i++) {
		world_call(&world);
		calls[i] = world.call;
		world.call.is_up = 0;
	}
	world.server[PRIMARY].is_silent = world.server[BACKUP].is_silent = 1;
	for (i = 0; i < 20; i++) {
		world.call = calls[i];
		(void)stack_request(&world, "BYE", 1, "");
	}
	world_run(&world, 33000); /* the stack has heard 408 to all */
	for (i = 0; i < TRANSACTIONS; i++)
		if (!strcmp(world.transaction[i].method, "BYE"))
			ck_assert_uint_eq(world.transaction[i].status, 408);
	world.server[PRIMARY].is_silent = world.server[BACKUP].is_silent = 0;
	world_run(&world, 400000);
	ck_assert_uint_le(world_up(&world, PRIMARY), FAILOVER_LIMIT_REQUESTS);
	world_close(&world);
}
END_TEST

/* The dialog is up, whatever became of the offer in it. */
START_TEST(B7a_a_late_200_of_a_re_INVITE_hangs_up_nobody)
{
	const struct transaction *is;

	open_registered();
	world.is_shared = 1;
	world_call(&world);
	world_script(&world, PRIMARY, late);
	world_script(&world, BACKUP, (struct script){ "INVITE", { { 488, 100 } } });
	is = stack_request(&world, "INVITE", 1, "");
	world_run(&world, 60000);
	ck_assert_uint_eq(is->status, 488);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 0);
	ck_assert_uint_eq(world_up(&world, PRIMARY), 1);
	ck_assert(world.server[PRIMARY].held[0].is_acked);
	world_close(&world);
}
END_TEST

#define CREDENTIALS(n)                                                                             \
	"Proxy-Authorization: Digest username=\"1001\", realm=\"" n "\", nonce=\"n" n              \
	"\", uri=\"sip:1002@example.com\", response=\"0\"\r\n"

/* A Contact may name another server of the line than the one that the dialog lives at (B23a). */
START_TEST(B10_credentials_stay_away_from_the_server_that_a_Contact_names)
{
	const struct transaction *is;

	open_registered();
	world.is_shared = 1;
	world_call(&world);
	strcpy(world.call.contact, "sip:1002@192.0.2.2:5060");
	world.server[PRIMARY].wants = "1";
	world.server[BACKUP].wants = "2";
	is = stack_request(&world, "MESSAGE", 0, "");
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 407);
	world.server[BACKUP].is_silent = 1; /* it would answer for the primary */
	(void)stack_request(&world, "INFO", 1, CREDENTIALS("1"));
	ck_assert(failover_target_same_address(&world.sent_to, &world.server[BACKUP].at));
	ck_assert_ptr_null(strstr(world.sent, "nonce=\"n1\""));
	world_run(&world, 800);
	ck_assert(failover_target_same_address(&world.sent_to, &world.server[PRIMARY].at));
	ck_assert_ptr_nonnull(strstr(world.sent, "nonce=\"n1\""));
	world_run(&world, 40000);
	world_close(&world);
}
END_TEST

/* The stack has answered a realm that no REGISTER has met: the BYE of a late leg does so, too. */
START_TEST(B21c_the_BYE_of_a_late_leg_answers_the_realm_that_the_stack_has_answered)
{
	const struct transaction *is;

	open_registered();
	world.server[PRIMARY].wants = "192";
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 407);
	world_script(&world, PRIMARY, late);
	answer_slowly(BACKUP);
	is = stack_request(&world, "INVITE", 0,
			   "Proxy-Authorization: Digest username=\"1001\", realm=\"192\", "
			   "nonce=\"n1\", uri=\"sip:1002@example.com\", response=\"0\"\r\n");
	world_run(&world, 4000);
	stack_cancel(&world, is);
	world_run(&world, 60000);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 2);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

/* B1b: it is no target any more, though it may be alive. */
START_TEST(B23a_BYE_does_not_follow_a_contact_to_a_server_that_left_the_list)
{
	struct transaction *is;
	struct failover_target left;

	world_open(&world);
	world_register(&world);
	world_call(&world);
	left = world.server[BACKUP].at;
	ck_assert_int_eq(failover_wire_line_targets(world.wire, world.line, &left, 1, world.now),
			 0);
	ck_assert_int_eq(failover_line_targets(world.engine, world.line, &left, 1, world.now), 0);
	world_run(&world, 1000);
	is = stack_request(&world, "BYE", 1, "");
	world_run(&world, 5000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 0);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "BYE"), 1);
	world_close(&world);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B7a_a_late_200_over_a_connection_leaves_no_ghost);
	tcase_add_test(
		tcase,
		B7a_an_icmp_error_for_the_second_packet_does_not_lose_the_answer_to_the_first);
	tcase_add_test(tcase, B18_a_BYE_waits_for_no_call_that_rings);
	tcase_add_test(tcase, B18_a_BYE_waits_for_nothing_that_is_silent);
	tcase_add_test(tcase, B18_a_BYE_that_was_answered_408_before_its_turn_still_ends_its_call);
	tcase_add_test(tcase, B7a_a_late_200_of_a_re_INVITE_hangs_up_nobody);
	tcase_add_test(tcase, B10_credentials_stay_away_from_the_server_that_a_Contact_names);
	tcase_add_test(tcase, B23a_BYE_does_not_follow_a_contact_to_a_server_that_left_the_list);
	tcase_add_test(tcase,
		       B21c_the_BYE_of_a_late_leg_answers_the_realm_that_the_stack_has_answered);
}

int main(void)
{
	return tap_main("wire_found", add);
}
