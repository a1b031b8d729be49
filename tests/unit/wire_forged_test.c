/* SPDX-License-Identifier: MIT */
/* wire_forged_test.c - who speaks for another: branches and Call-IDs of other lines, of our own, of
 * a client before its restart; and clients that do not do their part. Other lines go on. */
#include "wire_world.h"

static struct world world;
static uint32_t other; /* a line beside the world's, of another client */

static void add_other(void)
{
	const struct failover_registrar_identity registrars[] = {
		{ .size = sizeof(registrars[0]), .address = "192.0.2.1" },
		{ .size = sizeof(registrars[0]), .address = "192.0.2.2" },
	};
	const struct failover_target targets[SERVERS] = { world.server[0].at, world.server[1].at };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = SERVERS,
					       .targets_count = SERVERS,
					       .targets = targets,
					       .settings = FAILOVER_LINE_SETTINGS_INIT };
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .user = "1009",
						   .domain = "example.com",
						   .registrars = registrars,
						   .registrars_count = SERVERS };

	params.settings.keepalive = FAILOVER_KEEPALIVE_OFF;
	ck_assert_int_eq(failover_line_add(world.engine, &params, world.now, &other), 0);
	identity.line = other;
	ck_assert_int_eq(failover_wire_line_set(world.wire, &identity, world.now), 0);
	ck_assert_int_eq(failover_wire_line_targets(world.wire, other, targets, SERVERS, world.now),
			 0);
}

static void open_two(void)
{
	world_open(&world);
	world_register(&world);
	add_other();
}

static int send_from(uint32_t line, const char *text)
{
	int error = failover_wire_send(world.wire, line, text, strlen(text), world.now);

	world_run(&world, 0);
	return error;
}

static void receive(const char *text)
{
	ck_assert_int_eq(failover_wire_received(world.wire, &world.server[PRIMARY].at, text,
						strlen(text), world.now),
			 0);
	world_run(&world, 0);
}

/* ---- branches ----------------------------------------------------------------------------- */

/* Clients that number their branches have the same ones. */
START_TEST(the_branch_of_another_lines_request_is_no_repetition_of_that)
{
	const struct transaction *is;
	unsigned before;

	open_two();
	is = stack_request(&world, "MESSAGE", 0, "");
	before = world_seen(&world, PRIMARY, "MESSAGE");
	ck_assert_int_eq(send_from(other, is->text), 0);
	world_run(&world, 1000);
	ck_assert_uint_eq(world_numbers(&world).repeated, 0);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "MESSAGE"), before + 2);
	world_run(&world, 40000);
	world_check_and_close(&world);
}
END_TEST

START_TEST(CANCEL_of_another_lines_INVITE_cancels_nothing)
{
	const struct transaction *is;
	char cancel[TEXT];

	open_two();
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 180, 20 }, { 200, 3000 } } });
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 500);
	snprintf(cancel, sizeof(cancel), "CANCEL%s", is->text + 6);
	memcpy(strstr(cancel, " INVITE\r\n"), " CANCEL\r\n", 9);
	ck_assert_int_eq(send_from(other, cancel), 0);
	ck_assert_uint_eq(world.strangers, 1); /* 481 */
	world_run(&world, 5000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "CANCEL"), 0);
	(void)stack_request(&world, "BYE", 1, "");
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 200, 0 } } });
	world_check_and_close(&world);
}
END_TEST

/* What the wire writes on the way is known to who sees the packets: servers. */
START_TEST(a_request_with_a_branch_of_ours_is_a_request_like_any_other)
{
	char ours[80], text[TEXT];
	struct transaction *invite, *is;

	open_two();
	invite = stack_request(&world, "INVITE", 0, "");
	part_of(world.sent, "branch=", ";\r,", ours, sizeof(ours));
	world_run(&world, 1000);
	snprintf(text, sizeof(text),
		 "MESSAGE sip:1001@192.0.2.99 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=%s\r\n"
		 "From: <sip:x@y>;tag=x\r\nTo: <sip:1001@example.com>\r\nCall-ID: f\r\n"
		 "CSeq: 1 MESSAGE\r\n\r\n",
		 ours);
	receive(text); /* from the network */
	ck_assert_uint_eq(world.requests_up, 1);
	snprintf(text, sizeof(text),
		 "MESSAGE sip:1002@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.99;branch=%s\r\n"
		 "From: <sip:1001@example.com>;tag=x\r\nTo: <sip:1002@example.com>\r\n"
		 "Call-ID: g\r\nCSeq: 1 MESSAGE\r\n\r\n",
		 ours);
	is = stack_send(&world, "MESSAGE", text); /* from the stack */
	ck_assert_ptr_null(strstr(world.sent, ours));
	world_run(&world, 1000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(invite->status, 200);
	world_run(&world, 40000);
	world_check_and_close(&world);
}
END_TEST

/* ---- Call-IDs ----------------------------------------------------------------------------- */

static void write_bye(char text[TEXT])
{
	snprintf(text, TEXT,
		 "BYE sip:1002@192.0.2.1 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKother-abcdefghijklmnop\r\n"
		 "From: <sip:1009@example.com>;tag=%s\r\nTo: <sip:1002@example.com>;tag=%s\r\n"
		 "Call-ID: %s\r\nCSeq: 77 BYE\r\n\r\n",
		 world.call.tag, world.call.remote_tag, world.call.call_id);
}

/* A server decides whether it is allowed; here nothing of the dialog changes. */
START_TEST(B9_a_BYE_with_another_lines_Call_ID_does_not_forget_its_dialog)
{
	char text[TEXT];
	struct transaction *is;

	open_two();
	world_call(&world);
	world_script(&world, PRIMARY, (struct script){ "BYE", { { 403, 0 } } });
	write_bye(text);
	ck_assert_int_eq(send_from(other, text), 0);
	world_run(&world, 1000);
	ck_assert_uint_eq(world_numbers(&world).dialogs, 1);
	world_script(&world, PRIMARY, (struct script){ "BYE", { { 200, 0 } } });
	world.server[PRIMARY].is_icmp = 1; /* the line moves, the dialog stays */
	(void)stack_request(&world, "OPTIONS", 0, "");
	world_run(&world, 5000);
	world.server[PRIMARY].is_icmp = 0;
	is = stack_request(&world, "BYE", 1, "");
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "BYE"), 0);
	world_run(&world, 40000);
	world_check_and_close(&world);
}
END_TEST

START_TEST(B9_a_dialog_of_another_line_with_the_same_ids_takes_nothing_over)
{
	char text[TEXT];
	struct failover_target stranger = world.server[BACKUP].at;

	open_two();
	world_call(&world);
	stranger = world.server[BACKUP].at;
	snprintf(text, sizeof(text),
		 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKforged\r\n"
		 "From: <sip:x@y>;tag=%s\r\nTo: <sip:1009@example.com>;tag=%s\r\nCall-ID: %s\r\n"
		 "CSeq: 1 INVITE\r\n\r\n",
		 world.call.remote_tag, world.call.tag, world.call.call_id);
	ck_assert_int_eq(
		failover_wire_respond(world.wire, &stranger, text, strlen(text), world.now), 0);
	world_run(&world, 0);
	(void)stack_request(&world, "BYE", 1, "");
	world_run(&world, 500);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 1);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "BYE"), 0);
	world_run(&world, 40000);
	world_check_and_close(&world);
}
END_TEST

/* ---- loops -------------------------------------------------------------------------------- */

/* RFC 3261 16.3: the wire is no hop. Who is one, says 483; what comes up has come to its end. */
START_TEST(Max_Forwards_0_is_for_the_next_hop_and_for_the_stack)
{
	struct transaction *is;
	char text[TEXT];

	open_two();
	world_script(&world, PRIMARY, (struct script){ "OPTIONS", { { 483, 0 } } });
	snprintf(text, sizeof(text),
		 "OPTIONS sip:1002@example.com SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKloop-abcdefghijklmnop\r\n"
		 "Max-Forwards: 0\r\nFrom: <sip:1001@example.com>;tag=x\r\n"
		 "To: <sip:1002@example.com>\r\nCall-ID: mf\r\nCSeq: 1 OPTIONS\r\n\r\n");
	is = stack_send(&world, "OPTIONS", text);
	ck_assert_ptr_nonnull(strstr(world.sent, "\r\nMax-Forwards: 0\r\n"));
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 483);
	snprintf(text, sizeof(text),
		 "MESSAGE sip:1001@192.0.2.99 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKzero\r\nMax-Forwards: 0\r\n"
		 "From: <sip:x@y>;tag=x\r\nTo: <sip:1001@example.com>\r\nCall-ID: x\r\n"
		 "CSeq: 1 MESSAGE\r\n\r\n");
	receive(text);
	ck_assert_uint_eq(world.requests_up, 1);
	world_check_and_close(&world);
}
END_TEST

/* ---- clients that do not do their part ---------------------------------------------------- */

static const char unacked[] =
	"INVITE sip:1002@example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKnever-abcdefghijklmno\r\n"
	"From: <sip:1009@example.com>;tag=never\r\nTo: <sip:1002@example.com>\r\n"
	"Call-ID: never\r\nCSeq: 1 INVITE\r\nContact: <sip:1009@192.0.2.99>\r\n\r\n";

/* RFC 3261 13.3.1.4: the callee repeats its 2xx and gives up; each reaches the client. */
START_TEST(a_client_that_never_ACKs_a_2xx_keeps_nothing)
{
	open_two();
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 200, 0 } } });
	ck_assert_int_eq(send_from(other, unacked), 0);
	world_run(&world, 40000);
	ck_assert_uint_ge(world.strangers, 5); /* its 100 and 2xx */
	ck_assert_uint_eq(world.server[PRIMARY].held[0].is_acked, 0);
	world_run(&world, 40000);
	ck_assert_uint_eq(world_numbers(&world).legs, 0);
	ck_assert_uint_eq(world_numbers(&world).requests, 0);
	world_check_and_close(&world);
}
END_TEST

/* Each leg has sent its own ACK (17.1.1.3); the failure is told once. */
START_TEST(a_client_that_never_ACKs_a_failure_keeps_nothing)
{
	open_two();
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 486, 0 } } });
	ck_assert_int_eq(send_from(other, unacked), 0);
	world_run(&world, 1000);
	ck_assert_uint_eq(world.strangers, 2); /* 100, 486 */
	ck_assert_int_eq(strncmp(world.server[PRIMARY].last, "ACK ", 4), 0);
	world_run(&world, 40000);
	ck_assert_uint_eq(world.strangers, 2);
	ck_assert_uint_eq(world_numbers(&world).requests, 0);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 200, 0 } } });
	world_check_and_close(&world);
}
END_TEST

/* It has forgotten its call, and begins its numbers anew. */
START_TEST(a_client_that_restarts_in_a_call_with_the_same_ids_and_branches_goes_on)
{
	char first[TEXT];
	struct transaction *is;

	open_two();
	world_call(&world);
	strcpy(first, world.transaction[1].text);
	memset(&world.transaction[1], 0, sizeof(world.transaction[1]));
	is = stack_send(&world, "INVITE", first); /* within 64*T1: a repetition */
	ck_assert_uint_eq(world_numbers(&world).repeated, 1);
	is->again_at = is->end_at = 0;
	world_run(&world, 64000);
	memset(&world.transaction[1], 0, sizeof(world.transaction[1]));
	is = stack_send(&world, "INVITE", first); /* a call */
	world_run(&world, 1000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_up(&world, PRIMARY), 2);
	world_run(&world, 64000);
	world_check_and_close(&world);
}
END_TEST

/* ---- answers ------------------------------------------------------------------------------ */

/* Cut anywhere it is counted, and the whole one is heard; folds stay. */
START_TEST(an_answer_that_is_cut_is_garbage_and_a_folded_one_comes_up_as_it_is)
{
	char branch[80], text[TEXT];
	struct transaction *is;
	size_t i, head;

	open_two();
	world.server[PRIMARY].is_silent = 1;
	is = stack_request(&world, "MESSAGE", 0, "");
	part_of(world.sent, "branch=", ";\r,", branch, sizeof(branch));
	part_of(is->text, "\r\nCall-ID: ", "\r", text, sizeof(text));
	{
		char id[80];

		strcpy(id, text);
		snprintf(text, sizeof(text),
			 "SIP/2.0 200 OK\r\nv:\r\n SIP/2.0/UDP 192.0.2.99:5060\r\n\t;branch=%s\r\n"
			 "f: <sip:1001@example.com>\r\n ;tag=own\r\nt: "
			 "<sip:1002@example.com>;tag=z\r\n"
			 "i: %s\r\nCSeq: 7\r\n MESSAGE\r\nl: 2\r\n\r\nhi",
			 branch, id);
	}
	head = strlen(text);
	for (i = 1; i < head; i++)
		ck_assert_int_eq(failover_wire_received(world.wire, &world.server[PRIMARY].at, text,
							i, world.now),
				 0);
	world_run(&world, 0);
	ck_assert_uint_eq(is->status, 0);
	ck_assert_uint_gt(world_numbers(&world).garbage, 200);
	is->again_at = is->end_at = 0; /* the stack of this test reads long names only */
	receive(text);
	ck_assert_uint_eq(world.strangers, 1);
	world.server[PRIMARY].is_silent = 0;
	world_run(&world, 40000);
	world_check_and_close(&world);
}
END_TEST

START_TEST(what_is_huge_from_the_network_is_garbage)
{
	static char text[70000];

	open_two();
	snprintf(text, sizeof(text),
		 "MESSAGE sip:1001@192.0.2.99 SIP/2.0\r\nVia: SIP/2.0/UDP "
		 "192.0.2.1;branch=z9hG4bKh\r\n"
		 "From: <sip:x@y>;tag=x\r\nTo: <sip:1001@example.com>\r\nCall-ID: x\r\n"
		 "CSeq: 1 MESSAGE\r\n\r\n");
	memset(text + strlen(text), 'x', sizeof(text) - strlen(text) - 1);
	ck_assert_int_eq(failover_wire_received(world.wire, &world.server[PRIMARY].at, text,
						sizeof(text) - 1, world.now),
			 0);
	ck_assert_uint_eq(world_numbers(&world).garbage, 1);
	ck_assert_uint_eq(world.requests_up, 0);
	world_check_and_close(&world);
}
END_TEST

/* Both lines have both servers. The stack's Contact, or its To, says whose call it is. */
START_TEST(B9_an_incoming_call_of_one_of_two_lines_is_hung_up_where_it_came_from)
{
	const char *user = _i % 2 ? "1009" : "1001", *to = _i < 2 ? user : "another";
	char text[TEXT], contact[80] = "";

	open_two();
	if (_i >= 2)
		snprintf(contact, sizeof(contact), "Contact: <sip:%s@192.0.2.99:5060>\r\n", user);
	snprintf(text, sizeof(text),
		 "INVITE sip:%s@192.0.2.99:5060 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKin\r\n"
		 "From: <sip:1003@example.com>;tag=peer\r\nTo: <sip:%s@example.com>\r\n"
		 "Call-ID: in\r\nCSeq: 1 INVITE\r\nContact: <sip:1003@192.0.2.2:5060>\r\n"
		 "Content-Length: 0\r\n\r\n",
		 user, to);
	server_send(&world, BACKUP, text);
	world_run(&world, 50);
	ck_assert_uint_eq(world.requests_up, 1);
	snprintf(text, sizeof(text),
		 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKin\r\n"
		 "From: <sip:1003@example.com>;tag=peer\r\nTo: <sip:%s@example.com>;tag=own\r\n"
		 "Call-ID: in\r\nCSeq: 1 INVITE\r\n%sContent-Length: 0\r\n\r\n",
		 to, contact);
	ck_assert_int_eq(
		failover_wire_respond(world.wire, &world.up_peer, text, strlen(text), world.now),
		0);
	/* Its Contact is a name: where the dialog lives is all that there is. */
	snprintf(text, sizeof(text),
		 "BYE sip:1003@pbx.example SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKbye-0123456789abcdef\r\n"
		 "From: <sip:%s@example.com>;tag=own\r\nTo: <sip:1003@example.com>;tag=peer\r\n"
		 "Call-ID: in\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
		 user);
	ck_assert_int_eq(send_from(_i % 2 ? other : world.line, text), 0);
	world_run(&world, 50);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "BYE"), 1);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 0);
	world_run(&world, 100000);
	world_close(&world);
}
END_TEST

/* RFC 2543: it goes up as it came, and the answer goes back. */
START_TEST(a_peers_request_without_branch_goes_up_and_is_answered)
{
	open_two();
	receive("OPTIONS sip:1001@192.0.2.99 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060\r\n"
		"From: <sip:x@y>\r\nTo: <sip:1001@example.com>\r\nCall-ID: old\r\n"
		"CSeq: 1 OPTIONS\r\n\r\n");
	ck_assert_uint_eq(world.requests_up, 1);
	stack_reply(&world, 200);
	ck_assert_int_eq(strncmp(world.sent, "SIP/2.0 200 ", 12), 0);
	world_check_and_close(&world);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, the_branch_of_another_lines_request_is_no_repetition_of_that);
	tcase_add_test(tcase, CANCEL_of_another_lines_INVITE_cancels_nothing);
	tcase_add_test(tcase, a_request_with_a_branch_of_ours_is_a_request_like_any_other);
	tcase_add_test(tcase, B9_a_BYE_with_another_lines_Call_ID_does_not_forget_its_dialog);
	tcase_add_test(tcase, B9_a_dialog_of_another_line_with_the_same_ids_takes_nothing_over);
	tcase_add_test(tcase, Max_Forwards_0_is_for_the_next_hop_and_for_the_stack);
	tcase_add_test(tcase, a_client_that_never_ACKs_a_2xx_keeps_nothing);
	tcase_add_test(tcase, a_client_that_never_ACKs_a_failure_keeps_nothing);
	tcase_add_test(tcase,
		       a_client_that_restarts_in_a_call_with_the_same_ids_and_branches_goes_on);
	tcase_add_test(tcase, an_answer_that_is_cut_is_garbage_and_a_folded_one_comes_up_as_it_is);
	tcase_add_test(tcase, what_is_huge_from_the_network_is_garbage);
	tcase_add_loop_test(
		tcase, B9_an_incoming_call_of_one_of_two_lines_is_hung_up_where_it_came_from, 0, 4);
	tcase_add_test(tcase, a_peers_request_without_branch_goes_up_and_is_answered);
}

int main(void)
{
	return tap_main("wire_forged", add);
}
