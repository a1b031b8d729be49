/* SPDX-License-Identifier: MIT */
/* wire_calls_test.c - REGISTER, calls and hang-ups of a stack, while servers live and die. */
#include "wire_world.h"

static struct world world;

static uint64_t took(uint64_t since)
{
	return world.now - since;
}

/* At most 10 s. */
static void wait_for(const uint32_t *what, uint64_t since)
{
	while (!*what && took(since) < 10000)
		world_run(&world, 10);
}

/* A REGISTER of the stack, with these lines. */
static struct transaction *send_register(const char *lines)
{
	char text[TEXT];

	snprintf(text, sizeof(text),
		 "REGISTER sip:example.com SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKone-%u-abcdefghijklmnopq\r\n"
		 "From: <sip:1001@example.com>;tag=r\r\nTo: <sip:1001@example.com>\r\n"
		 "Call-ID: reg@192.0.2.99\r\nCSeq: 9 REGISTER\r\n%sContent-Length: 0\r\n\r\n",
		 ++world.numbers, lines);
	return stack_send(&world, "REGISTER", text);
}

/* ---- REGISTER ----------------------------------------------------------------------------- */

START_TEST(REGISTER_of_the_stack_makes_the_library_register_its_contact)
{
	const char *request;

	world_open(&world);
	world.server[PRIMARY].extra = "Service-Route: <sip:edge.example;lr>\r\n"
				      "P-Associated-URI: <sip:+491@example.com>\r\n";
	world_register(&world);
	request = world_request(&world, PRIMARY, "REGISTER");
	ck_assert_ptr_nonnull(strstr(request, "REGISTER sip:192.0.2.1 SIP/2.0\r\n"));
	ck_assert_ptr_nonnull(
		strstr(request, "\r\nContact: <sip:1001@192.0.2.99:5060;ob>;q=0.5\r\n"));
	ck_assert_ptr_nonnull(strstr(request, "\r\nSupported: path, gruu\r\n"));
	ck_assert_ptr_null(strstr(request, "reg@192.0.2.99"));
	ck_assert_ptr_nonnull(strstr(world.transaction[0].answer,
				     "\r\nContact: <sip:1001@192.0.2.99:5060;ob>;q=0.5;expires="));
	ck_assert_ptr_nonnull(strstr(world.transaction[0].answer,
				     "\r\nService-Route: <sip:edge.example;lr>\r\n"));
	ck_assert_ptr_nonnull(strstr(world.transaction[0].answer, "\r\nP-Associated-URI: "));
	ck_assert_ptr_nonnull(
		strstr(world.transaction[0].answer, "\r\nCall-ID: reg@192.0.2.99\r\n"));
	world_close(&world);
}
END_TEST

START_TEST(REGISTER_again_is_answered_from_what_is_known)
{
	world_open(&world);
	world_register(&world);
	world_register(&world);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "REGISTER"), 1);
	world_close(&world);
}
END_TEST

START_TEST(REGISTER_with_expires_0_ends_the_registration)
{
	struct failover_line_state state = { .size = sizeof(state) };
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	is = send_register("Contact: <sip:1001@192.0.2.99:5060;ob>;expires=0\r\n");
	world_run(&world, 100);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_ptr_nonnull(
		strstr(world_request(&world, PRIMARY, "REGISTER"), "\r\nExpires: 0\r\n"));
	ck_assert_int_eq(failover_line_state(world.engine, world.line, &state), 0);
	ck_assert_uint_eq(state.registered, 0);
	world_close(&world);
}
END_TEST

START_TEST(REGISTER_is_challenged_and_answered_by_the_library)
{
	world_open(&world);
	world.server[PRIMARY].wants = "primary";
	world_register(&world);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "REGISTER"), 2);
	ck_assert_ptr_nonnull(strstr(world_request(&world, PRIMARY, "REGISTER"),
				     "\r\nAuthorization: Digest username=\"1001\""));
	world_close(&world);
}
END_TEST

START_TEST(B5_REGISTER_moves_when_the_primary_is_silent)
{
	uint64_t since;
	struct transaction *is;

	world_open(&world);
	world.server[PRIMARY].is_silent = 1;
	since = world.now;
	is = send_register("Contact: <sip:1001@192.0.2.99:5060>\r\n");
	wait_for(&is->status, since);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_ge(took(since), 3500);
	ck_assert_uint_le(took(since), 3550);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "REGISTER"), 1);
	world_close(&world);
}
END_TEST

/* All servers silent: the stack hears it before its own timer F, which would fire 32 s after. */
START_TEST(REGISTER_without_any_server_is_answered_before_timer_F)
{
	struct transaction *is;

	world_open(&world);
	world.server[PRIMARY].is_silent = world.server[BACKUP].is_silent = 1;
	is = send_register("Contact: <sip:1001@192.0.2.99:5060>\r\n");
	world_run(&world, 100000);
	ck_assert_uint_eq(is->status, 408);
	ck_assert_uint_eq(is->finals, 1);
	world_close(&world);
}
END_TEST

/* ---- calls -------------------------------------------------------------------------------- */

START_TEST(INVITE_changes_16_characters_of_the_branch_and_nothing_else)
{
	char sent[TEXT], *branch;
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	is = stack_request(&world, "INVITE", 0, "X-Odd:  one\r\n two\r\nx:1\r\n");
	memcpy(sent, world.sent, sizeof(sent));
	branch = strstr(sent, "branch=z9hG4bK") + 14;
	ck_assert_int_ne(strncmp(branch, strstr(is->text, "branch=z9hG4bK") + 14, 16), 0);
	memcpy(branch, strstr(is->text, "branch=z9hG4bK") + 14, 16);
	ck_assert_str_eq(sent, is->text);
	world_run(&world, 1000);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world.strangers, 0);
	ck_assert(world.call.is_up);
	ck_assert_uint_eq(world_up(&world, PRIMARY), 1);
	ck_assert(world.server[PRIMARY].held[0].is_acked);
	world_close(&world);
}
END_TEST

START_TEST(B5_INVITE_moves_with_a_REGISTER_and_the_same_ids)
{
	char id[80], of_backup[80], tag[80], of_first[80];
	struct transaction *is;
	uint64_t since;

	world_open(&world);
	world_register(&world);
	world.server[PRIMARY].is_silent = 1;
	since = world.now;
	is = stack_request(&world, "INVITE", 0, "");
	part_of(is->text, "Call-ID: ", "\r", id, sizeof(id));
	part_of(is->text, "tag=", "\r", tag, sizeof(tag));
	wait_for(&world.call.is_up, since);
	ck_assert_uint_le(took(since), 3750); /* 3.5 s, REGISTER, ringing for 150 ms */
	ck_assert_uint_eq(world_seen(&world, BACKUP, "REGISTER"), 1);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "INVITE"), 1);
	part_of(world_request(&world, BACKUP, "INVITE"), "Call-ID: ", "\r", of_backup, 80);
	part_of(world_request(&world, BACKUP, "INVITE"), "tag=", "\r", of_first, 80);
	ck_assert_str_eq(id, of_backup);
	ck_assert_str_eq(tag, of_first);
	ck_assert_ptr_nonnull(strstr(world_request(&world, BACKUP, "INVITE"), "\r\n\r\nbody"));
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world.retransmits, 0); /* 100 came at once */
	world_close(&world);
}
END_TEST

START_TEST(B4_INVITE_moves_at_once_when_nobody_is_there)
{
	uint64_t since;

	world_open(&world);
	world_register(&world);
	world.server[PRIMARY].is_icmp = 1;
	since = world.now;
	(void)stack_request(&world, "INVITE", 0, "");
	wait_for(&world.call.is_up, since);
	ck_assert_uint_le(took(since), 300);
	world_close(&world);
}
END_TEST

START_TEST(B22_INVITE_goes_on_after_503_and_the_stack_never_hears_it)
{
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 100, 0 }, { 503, 20 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 2000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world.moves, 0);
	ck_assert_int_eq(world.server[PRIMARY].served[1].acked, 1);
	world_close(&world);
}
END_TEST

START_TEST(B22_a_final_answer_is_the_stacks_and_is_acked_by_the_wire)
{
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 100, 0 }, { 486, 20 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 2000);
	ck_assert_uint_eq(is->status, 486);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "INVITE"), 0);
	ck_assert_int_eq(world.server[PRIMARY].served[1].acked, 1);
	world_close(&world);
}
END_TEST

START_TEST(B18_INVITE_fails_when_all_servers_are_silent)
{
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	world.server[PRIMARY].is_silent = world.server[BACKUP].is_silent = 1;
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 120000);
	ck_assert_uint_eq(is->status, 408);
	ck_assert_uint_eq(is->finals, 1);
	world_close(&world);
}
END_TEST

START_TEST(B9_BYE_goes_where_its_dialog_lives)
{
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	world_call(&world);
	world.server[PRIMARY].is_silent = 1; /* the line moves by another request */
	(void)stack_request(&world, "OPTIONS", 0, "");
	world_run(&world, 10000);
	ck_assert_uint_ge(world.moves, 1);
	world.server[PRIMARY].is_silent = 0;
	is = stack_request(&world, "BYE", 1, "");
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 1);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "BYE"), 0);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

START_TEST(B5_BYE_moves_when_the_primary_dies_in_the_call)
{
	struct transaction *is;
	uint64_t since;

	world_open(&world);
	world_register(&world);
	world_call(&world);
	world.server[PRIMARY].is_silent = 1;
	since = world.now;
	is = stack_request(&world, "BYE", 1, "");
	wait_for(&is->status, since);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_ge(took(since), 3500);
	ck_assert_uint_le(took(since), 3600);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "BYE"), 1);
	ck_assert_uint_eq(world.strangers, 0);
	world_close(&world);
}
END_TEST

START_TEST(B23a_BYE_that_moves_leaves_out_the_route_of_the_dead_server)
{
	const char *request;

	world_open(&world);
	world_register(&world);
	world.server[PRIMARY].does_record_route = 1;
	world_call(&world);
	world.server[PRIMARY].is_silent = 1;
	(void)stack_request(&world, "BYE", 1, "");
	world_run(&world, 5000);
	request = world_request(&world, BACKUP, "BYE");
	ck_assert_ptr_nonnull(strstr(request, "\r\nRoute: <sip:192.0.2.2:5060;lr>\r\n"));
	ck_assert_ptr_null(strstr(request, "192.0.2.1;lr"));
	ck_assert_ptr_nonnull(strstr(request, "\r\n\r\nbody"));
	world_close(&world);
}
END_TEST

/* ---- B23 ---------------------------------------------------------------------------------- */

START_TEST(B23_without_domain_each_registrar_reads_its_own_address_and_the_stack_its_own)
{
	char to[300], sender[300];
	struct transaction *is;
	const char *request;

	world_open_without_domain(&world);
	world_register(&world);
	world.server[PRIMARY].is_silent = 1;
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 5000);
	request = world_request(&world, BACKUP, "INVITE");
	ck_assert_int_eq(strncmp(request, "INVITE sip:1002@192.0.2.2 SIP/2.0\r\n", 35), 0);
	ck_assert_ptr_nonnull(strstr(request, "\r\nFrom: \"A\" <sip:1001@192.0.2.2>;tag="));
	ck_assert_ptr_nonnull(strstr(request, "\r\nTo: <sip:1002@192.0.2.2>\r\n"));
	ck_assert_ptr_nonnull(strstr(request, "\r\nContact: <sip:1001@192.0.2.99:5060>\r\n"));
	ck_assert_uint_eq(is->status, 200);
	part_of(is->answer, "\r\nTo: ", ";", to, sizeof(to));
	part_of(is->answer, "\r\nFrom: ", ";", sender, sizeof(sender));
	ck_assert_str_eq(to, "<sip:1002@192.0.2.1>");
	ck_assert_str_eq(sender, "\"A\" <sip:1001@192.0.2.1>");
	/* The ACK, and what follows in the dialog, has the names that this server knows. */
	ck_assert_int_eq(strncmp(world.server[BACKUP].last, "ACK ", 4), 0);
	ck_assert_ptr_nonnull(
		strstr(world.server[BACKUP].last, "\r\nTo: <sip:1002@192.0.2.2>;tag="));
	(void)stack_request(&world, "BYE", 1, "");
	world_run(&world, 500);
	request = world_request(&world, BACKUP, "BYE");
	ck_assert_ptr_nonnull(strstr(request, "\r\nFrom: \"A\" <sip:1001@192.0.2.2>;tag="));
	ck_assert_int_eq(strncmp(request, "BYE sip:1002@192.0.2.2:5060 ", 28), 0);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

/* Each message may become longer by what the backup's name is longer than the primary's. */
START_TEST(B23_a_longer_name_of_the_backup_has_room_in_every_message)
{
	static const char name[] =
		"a-backup-with-a-name-that-is-longer-than-an-address.example.com";
	char to[300];
	const char *request;

	snprintf(to, sizeof(to), "\r\nTo: <sip:1002@%s>;tag=", name);
	world_open_with_backup(&world, name);
	world_register(&world);
	world.server[PRIMARY].is_silent = 1;
	(void)stack_request(&world, "INVITE", 0, "");
	world_run(&world, 5000);
	ck_assert_int_eq(strncmp(world.server[BACKUP].last, "ACK ", 4), 0);
	ck_assert_ptr_nonnull(strstr(world.server[BACKUP].last, to));
	(void)stack_request(&world, "BYE", 1, "");
	world_run(&world, 500);
	request = world_request(&world, BACKUP, "BYE");
	ck_assert_ptr_nonnull(strstr(request, to));
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

START_TEST(B23_CANCEL_of_a_moved_call_is_as_its_INVITE)
{
	struct transaction *is;
	const char *request;

	world_open_without_domain(&world);
	world_register(&world);
	world.server[PRIMARY].is_silent = 1;
	world_script(&world, BACKUP, (struct script){ "INVITE", { { 180, 0 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 5000);
	stack_cancel(&world, is);
	world_run(&world, 500);
	request = world_request(&world, BACKUP, "CANCEL");
	ck_assert_int_eq(strncmp(request, "CANCEL sip:1002@192.0.2.2 SIP/2.0\r\n", 35), 0);
	ck_assert_ptr_nonnull(strstr(request, "\r\nTo: <sip:1002@192.0.2.2>\r\n"));
	ck_assert_uint_eq(is->status, 487);
	world_close(&world);
}
END_TEST

START_TEST(B23_with_domain_nothing_changes)
{
	world_open(&world);
	world_register(&world);
	world.server[PRIMARY].is_silent = 1;
	(void)stack_request(&world, "INVITE", 0, "");
	world_run(&world, 5000);
	ck_assert_int_eq(strncmp(world_request(&world, BACKUP, "INVITE"),
				 "INVITE sip:1002@example.com SIP/2.0\r\n", 37),
			 0);
	world_close(&world);
}
END_TEST

/* ---- connections -------------------------------------------------------------------------- */

START_TEST(B7_the_Via_names_the_transport_of_the_target_and_the_answer_that_of_the_stack)
{
	struct transaction *is;

	world_open_tcp(&world);
	world_register(&world);
	is = stack_request(&world, "MESSAGE", 0, "");
	ck_assert_ptr_nonnull(strstr(world.sent, "\r\nVia: SIP/2.0/TCP 192.0.2.99:5060;rport;"));
	world_run(&world, 5000);
	ck_assert_ptr_nonnull(strstr(is->answer, "\r\nVia: SIP/2.0/UDP 192.0.2.99:5060;rport;"));
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "MESSAGE"), 1);
	world_close(&world);
}
END_TEST

START_TEST(B4_a_connection_that_is_reset_moves_the_call_at_once)
{
	struct failover_wire_trouble trouble = { .size = sizeof(trouble),
						 .reason = FAILOVER_REASON_RESET };

	world_open_tcp(&world);
	world_register(&world);
	world.server[PRIMARY].is_silent = 1;
	(void)stack_request(&world, "INVITE", 0, "");
	world_run(&world, 100);
	trouble.peer = world.server[PRIMARY].at;
	ck_assert_int_eq(failover_wire_trouble(world.wire, &trouble, world.now), 0);
	world_run(&world, 300);
	ck_assert_uint_eq(world_up(&world, BACKUP), 1);
	ck_assert(world.call.is_up);
	trouble.reason = FAILOVER_REASON_NO_ANSWER;
	ck_assert_int_eq(failover_wire_trouble(world.wire, &trouble, world.now),
			 FAILOVER_ERR_ARGUMENT);
	world_run(&world, 50000);
	world_close(&world);
}
END_TEST

/* ---- CANCEL, late legs -------------------------------------------------------------------- */

START_TEST(B6c_CANCEL_ends_the_call_everywhere)
{
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 100, 0 }, { 180, 50 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 500);
	stack_cancel(&world, is);
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 487);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world.transaction[2].status, 200); /* of the CANCEL */
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "CANCEL"), 1);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

START_TEST(B7a_CANCEL_before_any_answer_and_a_late_200_leave_no_ghost)
{
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 200, 2000 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 500);
	stack_cancel(&world, is);
	world_run(&world, 100);
	ck_assert_uint_eq(is->status, 487);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "CANCEL"), 0); /* RFC 3261 9.1 */
	world_run(&world, 5000);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 1);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	ck_assert_uint_eq(world.strangers, 0);
	world_close(&world);
}
END_TEST

START_TEST(B7a_a_late_180_of_the_server_that_was_left_is_cancelled)
{
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	world_script(&world, PRIMARY,
		     (struct script){ "INVITE", { { 180, 5000 }, { 200, 3000 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 20000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "CANCEL"), 1);
	ck_assert_uint_eq(world_up(&world, BACKUP), 1);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

START_TEST(B7b_a_late_200_is_the_call_while_the_next_server_has_no_answer)
{
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 200, 4500 } } });
	world_script(&world, BACKUP,
		     (struct script){ "INVITE", { { 100, 0 }, { 180, 50 }, { 200, 9000 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 30000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world_up(&world, PRIMARY), 1);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "CANCEL"), 1);
	ck_assert_uint_eq(world_ghosts(&world), 0);
	world_close(&world);
}
END_TEST

START_TEST(B11_the_line_goes_back_and_the_stack_notices_nothing)
{
	struct transaction *is;

	world_open(&world);
	world.server[PRIMARY].is_silent = 1;
	is = send_register("Contact: <sip:1001@192.0.2.99:5060>\r\n");
	world_run(&world, 5000);
	ck_assert_uint_eq(is->status, 200);
	world.server[PRIMARY].is_silent = 0;
	world_run(&world, 2000000);
	ck_assert_uint_eq(world.moves, 2);
	ck_assert_uint_eq(world.strangers, 0);
	world_call(&world);
	ck_assert_uint_eq(world_up(&world, PRIMARY), 1);
	world_close(&world);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, REGISTER_of_the_stack_makes_the_library_register_its_contact);
	tcase_add_test(tcase, REGISTER_again_is_answered_from_what_is_known);
	tcase_add_test(tcase, REGISTER_with_expires_0_ends_the_registration);
	tcase_add_test(tcase, REGISTER_is_challenged_and_answered_by_the_library);
	tcase_add_test(tcase, B5_REGISTER_moves_when_the_primary_is_silent);
	tcase_add_test(tcase, REGISTER_without_any_server_is_answered_before_timer_F);
	tcase_add_test(tcase, INVITE_changes_16_characters_of_the_branch_and_nothing_else);
	tcase_add_test(tcase, B5_INVITE_moves_with_a_REGISTER_and_the_same_ids);
	tcase_add_test(tcase, B4_INVITE_moves_at_once_when_nobody_is_there);
	tcase_add_test(tcase, B22_INVITE_goes_on_after_503_and_the_stack_never_hears_it);
	tcase_add_test(tcase, B22_a_final_answer_is_the_stacks_and_is_acked_by_the_wire);
	tcase_add_test(tcase, B18_INVITE_fails_when_all_servers_are_silent);
	tcase_add_test(tcase, B9_BYE_goes_where_its_dialog_lives);
	tcase_add_test(tcase, B5_BYE_moves_when_the_primary_dies_in_the_call);
	tcase_add_test(tcase, B23a_BYE_that_moves_leaves_out_the_route_of_the_dead_server);
	tcase_add_test(
		tcase,
		B23_without_domain_each_registrar_reads_its_own_address_and_the_stack_its_own);
	tcase_add_test(tcase, B23_CANCEL_of_a_moved_call_is_as_its_INVITE);
	tcase_add_test(tcase, B23_a_longer_name_of_the_backup_has_room_in_every_message);
	tcase_add_test(tcase, B23_with_domain_nothing_changes);
	tcase_add_test(
		tcase,
		B7_the_Via_names_the_transport_of_the_target_and_the_answer_that_of_the_stack);
	tcase_add_test(tcase, B4_a_connection_that_is_reset_moves_the_call_at_once);
	tcase_add_test(tcase, B6c_CANCEL_ends_the_call_everywhere);
	tcase_add_test(tcase, B7a_CANCEL_before_any_answer_and_a_late_200_leave_no_ghost);
	tcase_add_test(tcase, B7a_a_late_180_of_the_server_that_was_left_is_cancelled);
	tcase_add_test(tcase, B7b_a_late_200_is_the_call_while_the_next_server_has_no_answer);
	tcase_add_test(tcase, B11_the_line_goes_back_and_the_stack_notices_nothing);
}

int main(void)
{
	return tap_main("wire_calls", add);
}
