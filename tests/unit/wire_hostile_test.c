/* SPDX-License-Identifier: MIT */
/* wire_hostile_test.c - what nobody should send, from both sides: bounded, dropped, counted; other
 * lines go on, and nothing stays behind. */
#include "wire_world.h"

static struct world world;

static void open_registered(void)
{
	world_open(&world);
	world_register(&world);
}

static int send_bytes(const char *bytes, size_t count)
{
	return failover_wire_send(world.wire, world.line, bytes, count, world.now);
}

static void receive(const char *bytes, size_t count)
{
	ck_assert_int_eq(failover_wire_received(world.wire, &world.server[PRIMARY].at, bytes, count,
						world.now),
			 0);
}

/* ---- from the stack ----------------------------------------------------------------------- */

#define HEAD(via)                                                                                  \
	"MESSAGE sip:1002@example.com SIP/2.0\r\n" via                                             \
	"\r\nFrom: <sip:1001@example.com>;tag=x\r\n"                                               \
	"To: <sip:1002@example.com>\r\nCall-ID: hostile\r\nCSeq: 1 MESSAGE\r\n\r\n"

START_TEST(what_is_cut_is_refused_at_every_byte)
{
	static const char whole[] = HEAD("Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKcut");
	size_t i;

	open_registered();
	for (i = 0; i < sizeof(whole) - 2; i++)
		ck_assert_int_lt(send_bytes(whole, i), 0);
	ck_assert_uint_eq(world_numbers(&world).requests, 1); /* the REGISTER, for repetitions */
	world_check_and_close(&world);
}
END_TEST

START_TEST(what_is_no_request_of_a_stack_is_refused)
{
	static const char *const texts[] = {
		"",
		"\r\n\r\n",
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKx\r\n\r\n",
		HEAD("Subject: no Via"),
		HEAD("Via: SIP/2.0/SCTP 192.0.2.99;branch=z9hG4bKx"),
		HEAD("Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKx, nonsense"),
		HEAD("Via: SIP/2.0/UDP 192.0.2.99;branch="),
		HEAD("Via: SIP/2.0/UDP 192.0.2.99;branch"),
		HEAD("Via: nonsense"),
		HEAD("Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKx\r\nCSeq: 2 MESSAGE"),
		HEAD("Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKx\r\nContent-Length: 99"),
	};
	size_t i;

	open_registered();
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_int_lt(send_bytes(texts[i], strlen(texts[i])), 0);
	ck_assert_int_eq(failover_wire_send(world.wire, 77, texts[3], 10, world.now),
			 FAILOVER_ERR_STALE);
	ck_assert_int_eq(failover_wire_send(world.wire, world.line, NULL, 10, world.now),
			 FAILOVER_ERR_ARGUMENT);
	world_check_and_close(&world);
}
END_TEST

START_TEST(what_is_huge_is_refused_and_what_just_fits_leaves)
{
	static char text[FAILOVER_WIRE_MESSAGE_MAX + 2];
	size_t head;

	open_registered();
	strcpy(text, HEAD("Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK-huge-huge-huge-huge"));
	head = strlen(text);
	memset(text + head, 'x', sizeof(text) - head - 1);
	ck_assert_int_eq(send_bytes(text, FAILOVER_WIRE_MESSAGE_MAX + 1), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(send_bytes(text, FAILOVER_WIRE_MESSAGE_MAX), 0);
	{
		struct failover_wire_output output = { .size = sizeof(output) };

		ck_assert_int_eq(failover_wire_poll(world.wire, &output), 1);
		ck_assert_uint_eq(output.count, FAILOVER_WIRE_MESSAGE_MAX);
	}
	world_run(&world, 40000);
	world_check_and_close(&world);
}
END_TEST

/* Compact names, folds, blanks around the colon: they leave as they came, but for the branch. */
START_TEST(compact_and_folded_headers_leave_as_they_came)
{
	static const char text[] =
		"MESSAGE sip:1002@example.com SIP/2.0\r\n"
		"v :\r\n SIP / 2.0 / UDP 192.0.2.99:5060\r\n"
		"\t;rport ; BRANCH = z9hG4bKfolded-abcdefghijklm ;x=y\r\n"
		"f: <sip:1001@example.com>\r\n ;tag=x\r\n"
		"t:<sip:1002@example.com>\r\ni: folded\r\ncseq : 1\r\n MESSAGE\r\n"
		"l: 2\r\n\r\nhi";
	struct transaction *is;
	char *branch;

	open_registered();
	is = stack_send(&world, "MESSAGE", text);
	strcpy(is->branch, "z9hG4bKfolded-abcdefghijklm");
	branch = strstr(world.sent, "z9hG4bK") + 7;
	ck_assert_int_ne(strncmp(branch, "folded-abcdefgh", 15), 0);
	memcpy(branch, "folded-abcdefghi", 16);
	ck_assert_str_eq(world.sent, text);
	is->again_at = is->end_at = 0; /* the server of this test cannot read it */
	world_run(&world, 40000);
	world_check_and_close(&world);
}
END_TEST

START_TEST(RFC_2543_a_request_without_branch_gets_one_and_its_answer_has_none)
{
	struct transaction *is;
	char text[TEXT];

	open_registered();
	is = stack_send(&world, "MESSAGE", HEAD("Via: SIP/2.0/UDP 192.0.2.99:5060"));
	ck_assert_ptr_nonnull(
		strstr(world.sent, "\r\nVia: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bK"));
	strcpy(text, world.sent);
	ck_assert_int_eq(send_bytes(is->text, strlen(is->text)), 0); /* it is known again */
	ck_assert_uint_eq(world_numbers(&world).repeated, 1);
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_ptr_nonnull(strstr(is->answer, "\r\nVia: SIP/2.0/UDP 192.0.2.99:5060\r\n"));
	world_check_and_close(&world);
}
END_TEST

START_TEST(a_short_branch_gives_way_to_one_of_ours_and_comes_back)
{
	struct transaction *is;

	open_registered();
	is = stack_send(&world, "MESSAGE", HEAD("Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK1;a=b"));
	ck_assert_ptr_null(strstr(world.sent, "branch=z9hG4bK1;"));
	ck_assert_ptr_nonnull(strstr(world.sent, ";a=b\r\n"));
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_ptr_nonnull(strstr(is->answer, ";branch=z9hG4bK1;a=b\r\n"));
	world_check_and_close(&world);
}
END_TEST

/* 14 BYEs at once, and more than the core ever takes: each is sent, each is answered. */
START_TEST(more_requests_than_the_core_takes_wait_and_are_all_done)
{
	struct transaction *is[40];
	size_t i;

	open_registered();
	for (i = 0; i < 40; i++)
		is[i] = stack_request(&world, "MESSAGE", 0, "");
	world_run(&world, 10000);
	for (i = 0; i < 40; i++)
		ck_assert_uint_eq(is[i]->status, 200);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "MESSAGE"), 40);
	world_check_and_close(&world);
}
END_TEST

START_TEST(what_waits_is_bounded_and_answered_in_time)
{
	char text[600];
	int error = 0;
	unsigned i;

	open_registered();
	world.server[PRIMARY].is_silent = 1;
	for (i = 0; !error && i < 10000; i++) {
		snprintf(text, sizeof(text), HEAD("Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK%u"),
			 i);
		error = send_bytes(text, strlen(text));
		world_run(&world, 0);
	}
	ck_assert_int_eq(error, FAILOVER_ERR_FULL);
	ck_assert_uint_le(i, FAILOVER_WIRE_LIMIT_WAITING + FAILOVER_LIMIT_REQUESTS + 1);
	world.strangers = 0;
	world_run(&world, 40000);
	ck_assert_uint_eq(world.strangers, i - 1); /* 408 to each */
	world.server[PRIMARY].is_silent = 0;
	world_run(&world, 20000000);
	world_check_and_close(&world);
}
END_TEST

START_TEST(a_call_of_a_restarted_client_with_the_same_Call_ID_is_a_call)
{
	struct transaction *is;

	open_registered();
	world_call(&world);
	world.call.is_up = 0;
	world.call.remote_tag[0] = world.call.contact[0] = '\0';
	strcpy(world.call.tag, "restarted");
	is = stack_request(&world, "INVITE", 1, "");
	world_run(&world, 1000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_up(&world, PRIMARY), 2);
	world_run(&world, 40000);
	world_check_and_close(&world);
}
END_TEST

START_TEST(ACK_and_CANCEL_of_nothing_do_no_harm)
{
	static const char ack[] =
		"ACK sip:1002@192.0.2.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKnothing\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: none\r\n"
		"CSeq: 1 ACK\r\n\r\n";
	char cancel[600];

	open_registered();
	ck_assert_int_eq(send_bytes(ack, strlen(ack)), 0);
	world_run(&world, 100);
	ck_assert_int_eq(strncmp(world.server[PRIMARY].last, "ACK ", 4), 0); /* stateless */
	snprintf(cancel, sizeof(cancel), "CANCEL%s", ack + 3);
	memcpy(strstr(cancel, "1 ACK"), "1 CANCEL\r\n\r\n", 13);
	ck_assert_int_eq(send_bytes(cancel, strlen(cancel)), 0);
	world_run(&world, 100);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "CANCEL"), 0);
	ck_assert_uint_eq(world.strangers, 1); /* 481 */
	world_check_and_close(&world);
}
END_TEST

/* ---- from the network --------------------------------------------------------------------- */

START_TEST(answers_to_nothing_and_with_a_forged_branch_are_counted)
{
	char forged[TEXT];
	struct transaction *is;

	open_registered();
	world.server[PRIMARY].is_silent = 1;
	is = stack_request(&world, "INVITE", 0, "");
	snprintf(forged, sizeof(forged),
		 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.99:5060;branch=%s\r\n"
		 "From: <sip:1001@example.com>;tag=l1\r\nTo: <sip:1002@example.com>;tag=evil\r\n"
		 "Call-ID: %s\r\nCSeq: 1 INVITE\r\nContact: <sip:evil@198.51.100.1>\r\n\r\n",
		 is->branch, world.call.call_id); /* the stack's, which never left */
	receive(forged, strlen(forged));
	world_run(&world, 10);
	ck_assert_uint_eq(world_numbers(&world).unmatched, 1);
	ck_assert_uint_eq(is->status, 0);
	world_run(&world, 5000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_ptr_null(strstr(is->answer, "evil"));
	world.server[PRIMARY].is_silent = 0;
	world_close(&world);
}
END_TEST

START_TEST(B21_a_stranger_is_not_heard_and_the_peer_of_a_dialog_is)
{
	char text[TEXT];
	struct failover_target stranger = world.server[PRIMARY].at;

	open_registered();
	failover_target_set(&stranger, "198.51.100.1", 5060, FAILOVER_UDP);
	snprintf(text, sizeof(text),
		 "INVITE sip:1001@192.0.2.99 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKstranger\r\n"
		 "From: <sip:x@y>;tag=x\r\nTo: <sip:1001@example.com>\r\nCall-ID: x\r\n"
		 "CSeq: 1 INVITE\r\n\r\n");
	ck_assert_int_eq(failover_wire_received(world.wire, &stranger, text, strlen(text), 2000),
			 0);
	world_run(&world, 10);
	ck_assert_uint_eq(world.requests_up, 0);
	ck_assert_uint_eq(world_numbers(&world).foreign, 1);
	world_call(&world);
	snprintf(text, sizeof(text),
		 "INFO sip:1001@192.0.2.99 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKpeer\r\n"
		 "From: <sip:1002@example.com>;tag=%s\r\nTo: <sip:1001@example.com>;tag=%s\r\n"
		 "Call-ID: %s\r\nCSeq: 1 INFO\r\n\r\n",
		 world.call.remote_tag, world.call.tag, world.call.call_id);
	ck_assert_int_eq(
		failover_wire_received(world.wire, &stranger, text, strlen(text), world.now), 0);
	world_run(&world, 10);
	ck_assert_uint_eq(world.requests_up, 1);
	world_run(&world, 40000);
	world_close(&world);
}
END_TEST

START_TEST(B22d_a_request_that_cannot_be_read_is_answered_400)
{
	static const char text[] = "MESSAGE sip:1001@192.0.2.99 SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKbroken\r\n"
				   "From: <sip:x@y>;tag=x\r\nTo: <sip:1001@example.com>\r\n"
				   "Call-ID: x\r\nCSeq: one MESSAGE\r\n\r\n";

	open_registered();
	receive(text, strlen(text));
	world_run(&world, 10);
	ck_assert_uint_eq(world.requests_up, 0);
	ck_assert_int_eq(strncmp(world.sent, "SIP/2.0 400 ", 12), 0);
	world_check_and_close(&world);
}
END_TEST

START_TEST(loops_are_dropped)
{
	static const char text[] = "MESSAGE sip:1001@192.0.2.99 SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKone\r\n"
				   "Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKours\r\n"
				   "From: <sip:x@y>;tag=x\r\nTo: <sip:1001@example.com>\r\n"
				   "Call-ID: x\r\nCSeq: 1 MESSAGE\r\n\r\n";

	open_registered();
	receive(text, strlen(text));
	world_run(&world, 10);
	ck_assert_uint_eq(world.requests_up, 0);
	ck_assert_uint_eq(world_numbers(&world).looped, 1);
	world_check_and_close(&world);
}
END_TEST

START_TEST(garbage_of_any_kind_is_counted)
{
	char noise[1500], cut[TEXT];
	uint32_t random = 1;
	size_t i, j;

	open_registered();
	(void)stack_request(&world, "INVITE", 0, "");
	strcpy(cut, world.sent);
	for (i = 0; i < 2000; i++) {
		for (j = 0; j < sizeof(noise); j++)
			noise[j] = (char)((random = random * 1664525u + 1013904223u) >> 24);
		receive(noise, i % sizeof(noise));
	}
	for (i = 0; i < strlen(cut); i++)
		receive(cut, i);
	ck_assert_uint_gt(world_numbers(&world).garbage, 1000);
	world_run(&world, 2000);
	ck_assert(world.call.is_up);
	world_run(&world, 100000);
	world_close(&world);
}
END_TEST

START_TEST(B21b_icmp_that_quotes_what_was_never_sent_moves_nobody)
{
	struct failover_wire_trouble trouble = { .size = sizeof(trouble),
						 .reason = FAILOVER_REASON_ICMP,
						 .quoted = "INVITE sip:1002@example.com SIP/2.0\r\n"
							   "Via: SIP/2.0/UDP 192.0.2.99:5060;rport"
							   ";branch=z9hG4bKguessed-guessed-guess" };

	open_registered();
	trouble.peer = world.server[PRIMARY].at;
	trouble.quoted_count = strlen(trouble.quoted);
	(void)stack_request(&world, "INVITE", 0, "");
	ck_assert_int_eq(failover_wire_trouble(world.wire, &trouble, world.now), 0);
	world_run(&world, 1000);
	ck_assert_uint_eq(world_up(&world, PRIMARY), 1);
	ck_assert_uint_eq(world.moves, 0);
	ck_assert_uint_eq(world_numbers(&world).forged, 1);
	world_run(&world, 40000);
	world_close(&world);
}
END_TEST

/* ---- many --------------------------------------------------------------------------------- */

START_TEST(ten_thousand_dialogs_are_bounded)
{
	char text[900];
	unsigned i;

	open_registered();
	for (i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text),
			 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKmany%u\r\n"
			 "From: <sip:x@y>;tag=p%u\r\nTo: <sip:1001@example.com>;tag=l%u\r\n"
			 "Call-ID: many%u\r\nCSeq: 1 INVITE\r\n\r\n",
			 i, i, i, i);
		ck_assert_int_eq(failover_wire_respond(world.wire, &world.server[PRIMARY].at, text,
						       strlen(text), world.now),
				 0);
		if (i % 100 == 99)
			while (failover_wire_poll(
				world.wire, &(struct failover_wire_output){
						    .size = sizeof(struct failover_wire_output) }))
				;
	}
	ck_assert_uint_eq(world_numbers(&world).dialogs, 8192);
	ck_assert_uint_eq(world_numbers(&world).forgotten, 10000 - 8192);
	world_check_and_close(&world);
}
END_TEST

START_TEST(outputs_that_nobody_takes_are_bounded)
{
	static const char text[] = "MESSAGE sip:1001@192.0.2.99 SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKone\r\n"
				   "From: <sip:x@y>;tag=x\r\nTo: <sip:1001@example.com>\r\n"
				   "Call-ID: x\r\nCSeq: 1 MESSAGE\r\n\r\n";
	unsigned i;
	int error = 0;

	open_registered();
	for (i = 0; !error && i < 100000; i++)
		error = failover_wire_received(world.wire, &world.server[PRIMARY].at, text,
					       strlen(text), world.now);
	ck_assert_int_eq(error, FAILOVER_ERR_FULL);
	ck_assert_uint_le(i, FAILOVER_WIRE_LIMIT_OUTPUTS + 1);
	world_run(&world, 10);
	world_check_and_close(&world);
}
END_TEST

START_TEST(a_line_that_goes_answers_what_was_under_way)
{
	struct transaction *is;

	open_registered();
	world.server[PRIMARY].is_silent = 1;
	is = stack_request(&world, "INVITE", 0, "");
	world.is_line_gone = 1;
	failover_wire_line_remove(world.wire, world.line, world.now);
	ck_assert_int_eq(failover_line_remove(world.engine, world.line, world.now), 0);
	failover_wire_handle_timeout(world.wire, world.now);
	world_run(&world, 100);
	ck_assert_uint_eq(is->status, 503);
	world_run(&world, 100000);
	ck_assert_uint_eq(world_numbers(&world).requests, 0);
	ck_assert_uint_eq(world_numbers(&world).legs, 0);
	world_close(&world);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, what_is_cut_is_refused_at_every_byte);
	tcase_add_test(tcase, what_is_no_request_of_a_stack_is_refused);
	tcase_add_test(tcase, what_is_huge_is_refused_and_what_just_fits_leaves);
	tcase_add_test(tcase, compact_and_folded_headers_leave_as_they_came);
	tcase_add_test(tcase, RFC_2543_a_request_without_branch_gets_one_and_its_answer_has_none);
	tcase_add_test(tcase, a_short_branch_gives_way_to_one_of_ours_and_comes_back);
	tcase_add_test(tcase, more_requests_than_the_core_takes_wait_and_are_all_done);
	tcase_add_test(tcase, what_waits_is_bounded_and_answered_in_time);
	tcase_add_test(tcase, a_call_of_a_restarted_client_with_the_same_Call_ID_is_a_call);
	tcase_add_test(tcase, ACK_and_CANCEL_of_nothing_do_no_harm);
	tcase_add_test(tcase, answers_to_nothing_and_with_a_forged_branch_are_counted);
	tcase_add_test(tcase, B21_a_stranger_is_not_heard_and_the_peer_of_a_dialog_is);
	tcase_add_test(tcase, B22d_a_request_that_cannot_be_read_is_answered_400);
	tcase_add_test(tcase, loops_are_dropped);
	tcase_add_test(tcase, garbage_of_any_kind_is_counted);
	tcase_add_test(tcase, B21b_icmp_that_quotes_what_was_never_sent_moves_nobody);
	tcase_add_test(tcase, ten_thousand_dialogs_are_bounded);
	tcase_add_test(tcase, outputs_that_nobody_takes_are_bounded);
	tcase_add_test(tcase, a_line_that_goes_answers_what_was_under_way);
}

int main(void)
{
	return tap_main("wire_hostile", add);
}
