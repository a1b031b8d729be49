/* SPDX-License-Identifier: MIT */
/* plugin_invite_test.c - outgoing calls: INVITE, ACK, BYE, CANCEL, and the legs left behind. */
#include "plugin_bench.h"

#define CONTACT "Contact: <sip:bob@192.0.2.9:5070;x=y>\r\n"
#define ROUTES                                                                                     \
	"Record-Route: <sip:p2.example;lr>\r\nRecord-Route: <sip:p1.example;lr>, "                 \
	"<sip:p0.example;lr>\r\n"

static uint64_t dial(struct bench *bench, const char *uri)
{
	uint64_t call = 0;

	ck_assert_int_eq(bench->calls->call_new(bench->inst, 1, uri, NULL, &call), 0);
	ck_assert_uint_ne(call, 0);
	return call;
}

static struct failover_attempt invite_at(struct bench *bench, uint64_t call, int peer, uint64_t id)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_INVITE, peer, id);

	attempt.cookie = call;
	attempt.ordinal = (uint32_t)id;
	return attempt;
}

/* Send an INVITE as attempt `id` to this peer; its text. */
static void invite(struct bench *bench, uint64_t call, int peer, uint64_t id, char *text)
{
	struct failover_attempt attempt = invite_at(bench, call, peer, id);

	bench_send(bench, &attempt);
	peer_expect(bench, peer, "INVITE", text);
}

/* A call that is up through peer 0. */
static uint64_t call_up(struct bench *bench, const char *headers, char *text)
{
	uint64_t call = dial(bench, "1002");
	char ack[BENCH_TEXT];

	invite(bench, call, 0, 1, text);
	peer_answer(bench, 0, text, "200 OK", headers);
	peer_expect(bench, 0, "ACK", ack);
	return call;
}

START_TEST(INVITE_ack_and_bye_of_a_call)
{
	struct bench bench;
	struct failover_attempt bye;
	char text[BENCH_TEXT], ack[BENCH_TEXT], value[512], a[512], b[512];
	uint64_t call;

	bench_open(&bench);
	call = dial(&bench, "1002");
	invite(&bench, call, 0, 1, text);
	ck_assert_int_eq(strncmp(text, "INVITE sip:1002@primary.example:5060 SIP/2.0\r\n", 46), 0);
	ck_assert_str_eq(header_of(text, "Content-Type", value), "application/sdp");
	ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nv=0\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "a=inactive\r\n"));
	peer_answer(&bench, 0, text, "100 Trying", "");
	ck_assert_uint_eq(bench.progress, 0);
	peer_answer(&bench, 0, text, "180 Ringing", CONTACT);
	ck_assert_uint_eq(bench.progress, 1);
	ck_assert_uint_eq(bench.progress_status, 180);
	bench_advance(&bench, 120000); /* rings for as long as it rings */
	peer_expect_none(&bench, 0);
	peer_answer(&bench, 0, text, "200 OK", CONTACT ROUTES);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	peer_expect(&bench, 0, "ACK sip:bob@192.0.2.9:5070;x=y SIP/2.0\r\n", ack);
	ck_assert_ptr_nonnull(strstr(ack, "Route: <sip:p0.example;lr>\r\n"
					  "Route: <sip:p1.example;lr>\r\n"
					  "Route: <sip:p2.example;lr>\r\n"));
	ck_assert_uint_eq(cseq_of(ack), cseq_of(text));
	ck_assert_str_ne(branch_of(ack, a), branch_of(text, b));
	ck_assert_ptr_nonnull(strstr(header_of(ack, "To", value), ";tag=peer"));

	bye = bench_attempt(&bench, FAILOVER_BYE, 0, 2);
	bye.cookie = call;
	bye.request = 101;
	bye.flags = FAILOVER_ATTEMPT_IN_DIALOG;
	bench_send(&bench, &bye);
	peer_expect(&bench, 0, "BYE sip:bob@192.0.2.9:5070;x=y SIP/2.0\r\n", text);
	ck_assert_uint_eq(cseq_of(text), cseq_of(ack) + 1);
	ck_assert(same_header(text, ack, "From") && same_header(text, ack, "To") &&
		  same_header(text, ack, "Call-ID"));
	peer_answer(&bench, 0, text, "200 OK", "");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 2);
	bench.calls->call_free(bench.inst, call);
	bench_close(&bench);
}
END_TEST

START_TEST(B7_next_target_same_identifiers_and_body_new_branch)
{
	struct bench bench;
	char one[BENCH_TEXT], two[BENCH_TEXT], a[512], b[512];
	uint64_t call;

	bench_open(&bench);
	call = dial(&bench, "sip:bob@example.org;user=phone");
	invite(&bench, call, 0, 1, one);
	bench_advance(&bench, 3500);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	invite(&bench, call, 0, 1, two); /* two retransmissions lie in the socket first */
	ck_assert_str_eq(one, two);
	peer_expect(&bench, 0, "INVITE", two);
	peer_expect(&bench, 0, "INVITE", two);
	ck_assert_str_ne(branch_of(one, a), branch_of(two, b));
	ck_assert_int_eq(strncmp(two, "INVITE sip:bob@example.org;user=phone SIP/2.0\r\n", 47), 0);
	ck_assert(same_header(one, two, "Call-ID") && same_header(one, two, "From") &&
		  same_header(one, two, "To") && same_header(one, two, "CSeq"));
	ck_assert_str_eq(strstr(one, "\r\n\r\n"), strstr(two, "\r\n\r\n"));
	bench_close(&bench);
}
END_TEST

START_TEST(B9_bye_after_a_move_keeps_route_set_and_remote_target)
{
	struct bench bench;
	struct failover_attempt bye;
	char text[BENCH_TEXT], first[BENCH_TEXT], second[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	call = call_up(&bench, CONTACT ROUTES, text);
	bye = bench_attempt(&bench, FAILOVER_BYE, 0, 2);
	bye.cookie = call;
	bye.request = 101;
	bench_send(&bench, &bye);
	peer_expect(&bench, 0, "BYE", first);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET);
	bye = bench_attempt(&bench, FAILOVER_BYE, 1, 3);
	bye.cookie = call;
	bye.request = 101;
	bye.flags = FAILOVER_ATTEMPT_RESENT;
	bench_send(&bench, &bye);
	peer_expect(&bench, 1, "BYE sip:bob@192.0.2.9:5070;x=y SIP/2.0\r\n", second);
	ck_assert_ptr_nonnull(strstr(second, "Route: <sip:p0.example;lr>\r\n"
					     "Route: <sip:p1.example;lr>\r\n"
					     "Route: <sip:p2.example;lr>\r\n"));
	ck_assert(same_header(first, second, "CSeq"));
	ck_assert(same_header(first, second, "Call-ID"));
	bench_advance(&bench, 600);
	peer_expect_none(&bench, 0); /* the first is stopped */
	bench_close(&bench);
}
END_TEST

START_TEST(INVITE_a_repeated_200_gets_the_same_ack)
{
	struct bench bench;
	char text[BENCH_TEXT], ack[BENCH_TEXT], again[BENCH_TEXT];
	unsigned said;

	bench_open(&bench);
	call_up(&bench, CONTACT, text);
	said = bench.answers_count;
	peer_answer(&bench, 0, text, "200 OK", CONTACT);
	peer_expect(&bench, 0, "ACK", ack);
	peer_answer(&bench, 0, text, "200 OK", CONTACT);
	peer_expect(&bench, 0, "ACK", again);
	ck_assert_str_eq(ack, again);
	ck_assert_uint_eq(bench.answers_count, said);
	bench_close(&bench);
}
END_TEST

START_TEST(INVITE_a_second_200_with_another_tag_is_acked_and_ended)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], value[512], *end;
	uint64_t call;
	unsigned said;

	bench_open(&bench);
	call = dial(&bench, "1002");
	invite(&bench, call, 0, 1, text);
	peer_answer(&bench, 0, text, "200 OK", CONTACT);
	peer_expect(&bench, 0, "ACK sip:bob@", got);
	said = bench.answers_count;
	end = strstr(strstr(text, "\r\nTo: ") + 2, "\r\n"); /* the same, forked elsewhere */
	memmove(end + 9, end, strlen(end) + 1);
	memcpy(end, ";tag=fork", 9);
	peer_answer(&bench, 0, text, "200 OK", "Contact: <sip:fork@192.0.2.10>\r\n");
	peer_expect(&bench, 0, "ACK sip:fork@192.0.2.10", got);
	peer_expect(&bench, 0, "BYE sip:fork@192.0.2.10", got);
	ck_assert_ptr_nonnull(strstr(header_of(got, "To", value), ";tag=fork"));
	ck_assert_uint_eq(bench.answers_count, said);
	peer_answer(&bench, 0, got, "200 OK", "");
	ck_assert_uint_eq(bench.answers_count, said); /* our own BYE: the core is not told */
	bench_close(&bench);
}
END_TEST

START_TEST(B4c_a_503_to_an_invite_is_acked_before_it_is_reported)
{
	struct bench bench;
	char text[BENCH_TEXT], ack[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	call = dial(&bench, "1002");
	invite(&bench, call, 0, 1, text);
	peer_answer(&bench, 0, text, "503 Service Unavailable", "Retry-After: 5\r\n");
	ck_assert_uint_eq(bench_last(&bench)->answer.retry_after_s, 5);
	peer_expect(&bench, 0, "ACK sip:1002@primary.example:5060 SIP/2.0\r\n", ack);
	ck_assert(same_header(text, ack, "Via"));
	peer_answer(&bench, 0, text, "503 Service Unavailable", "");
	peer_expect(&bench, 0, "ACK", ack);
	ck_assert_uint_eq(bench.answers_count, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_a_late_180_is_cancelled_once_and_its_487_acked)
{
	struct bench bench;
	char text[BENCH_TEXT], cancel[BENCH_TEXT], ack[BENCH_TEXT], value[512];
	uint64_t call;

	bench_open(&bench);
	call = dial(&bench, "1002");
	invite(&bench, call, 0, 1, text);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	bench_advance(&bench, 5000);
	peer_expect_none(&bench, 0); /* no more retransmissions */
	bench.late[0] = 1;
	peer_answer(&bench, 0, text, "180 Ringing", "");
	peer_expect(&bench, 0, "CANCEL sip:1002@primary.example:5060 SIP/2.0\r\n", cancel);
	ck_assert(same_header(text, cancel, "Via"));
	ck_assert(same_header(text, cancel, "To") && same_header(text, cancel, "From"));
	ck_assert_uint_eq(cseq_of(text), cseq_of(cancel));
	ck_assert_str_eq(header_of(cancel, "Content-Length", value), "0");
	ck_assert_uint_eq(headers_in(cancel, "Content-Type"), 0);
	peer_answer(&bench, 0, text, "180 Ringing", "");
	peer_expect_none(&bench, 0);
	peer_answer(&bench, 0, cancel, "200 OK", "");
	peer_answer(&bench, 0, text, "487 Request Terminated", "");
	peer_expect(&bench, 0, "ACK", ack);
	ck_assert_uint_eq(bench.progress, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_a_late_200_is_acked_then_ended)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	call = dial(&bench, "1002");
	invite(&bench, call, 0, 1, text);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	bench.late[0] = 1;
	bench_advance(&bench, 31000);
	peer_answer(&bench, 0, text, "200 OK", CONTACT ROUTES);
	peer_expect(&bench, 0, "ACK sip:bob@192.0.2.9:5070;x=y", got);
	peer_expect(&bench, 0, "BYE sip:bob@192.0.2.9:5070;x=y", got);
	ck_assert_ptr_nonnull(strstr(got, "Route: <sip:p0.example;lr>\r\n"));
	ck_assert_uint_eq(cseq_of(got), cseq_of(text) + 1);
	peer_answer(&bench, 0, text, "200 OK", CONTACT ROUTES); /* our ACK was lost */
	peer_expect(&bench, 0, "ACK", got);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_the_late_window_ends_64_T1_after_the_first_packet)
{
	struct bench bench;
	char text[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	call = dial(&bench, "1002");
	invite(&bench, call, 0, 1, text);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	bench_advance(&bench, 31999);
	ck_assert_uint_ne(bench.io->deadline(bench.inst), FAILOVER_NO_DEADLINE);
	bench_advance(&bench, 1);
	ck_assert_uint_eq(bench.io->deadline(bench.inst), FAILOVER_NO_DEADLINE);
	peer_answer(&bench, 0, text, "200 OK", CONTACT);
	ck_assert_uint_eq(bench.answers_count, 0);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B7b_a_late_200_that_the_core_keeps_is_the_call)
{
	struct bench bench;
	struct failover_attempt bye, attempt;
	char one[BENCH_TEXT], two[BENCH_TEXT], got[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	call = dial(&bench, "1002");
	invite(&bench, call, 0, 1, one);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	attempt = invite_at(&bench, call, 1, 2);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "INVITE", two);
	peer_answer(&bench, 1, two, "180 Ringing", "");
	peer_answer(&bench, 0, one, "200 OK", CONTACT); /* verdict KEEP: adopted */
	peer_expect(&bench, 0, "ACK", got);
	peer_expect_none(&bench, 0);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_ADOPTED);
	peer_expect(&bench, 1, "CANCEL", got);
	bench.late[0] = 2;
	peer_answer(&bench, 1, two, "200 OK", "Contact: <sip:second@192.0.2.11>\r\n");
	peer_expect(&bench, 1, "ACK sip:second@192.0.2.11", got);
	peer_expect(&bench, 1, "BYE sip:second@192.0.2.11", got);
	bye = bench_attempt(&bench, FAILOVER_BYE, 0, 3);
	bye.cookie = call;
	bye.request = 101;
	bench_send(&bench, &bye);
	peer_expect(&bench, 0, "BYE sip:bob@192.0.2.9:5070;x=y", got);
	bench_close(&bench);
}
END_TEST

/* The newer leg was merged (482), the older one rings: the core keeps its 180 and waits for it, and
 * so does the plugin, for longer than a late leg lives. */
static uint64_t ring_late(struct bench *bench, char text[BENCH_TEXT])
{
	uint64_t call;

	bench_open(bench);
	call = dial(bench, "1002");
	invite(bench, call, 0, 1, text);
	bench_timeout(bench, 1, FAILOVER_ABANDON_BUDGET);
	bench_advance(bench, 5000);
	peer_answer(bench, 0, text, "180 Ringing", "");
	peer_expect_none(bench, 0);
	ck_assert_uint_eq(bench->progress, 1);
	return call;
}

START_TEST(B7b_an_older_leg_rings_as_long_as_it_rings)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];

	(void)ring_late(&bench, text);
	bench_advance(&bench, 100000);
	peer_answer(&bench, 0, text, "180 Ringing", "");
	bench_advance(&bench, 70000);
	peer_answer(&bench, 0, text, "200 OK", CONTACT);
	ck_assert_uint_eq(bench_last(&bench)->attempt, 1);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	peer_expect(&bench, 0, "ACK sip:bob@192.0.2.9:5070;x=y", got);
	peer_expect_none(&bench, 0); /* no BYE: it is the call */
	bench_close(&bench);
}
END_TEST

START_TEST(B6c_an_older_leg_that_rings_is_cancelled_with_the_call)
{
	struct bench bench;
	struct failover_attempt cancel;
	char text[BENCH_TEXT], got[BENCH_TEXT];
	uint64_t call = ring_late(&bench, text);

	bench_advance(&bench, 100000);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_GIVEN_UP);
	bench.late[0] = 1;
	bench.calls->call_free(bench.inst, call);
	peer_expect_none(&bench, 0);
	cancel = bench_attempt(&bench, FAILOVER_CANCEL, 0, 2);
	cancel.related = 1;
	bench_send(&bench, &cancel);
	peer_expect(&bench, 0, "CANCEL", got);
	ck_assert(same_header(text, got, "Via"));
	peer_answer(&bench, 0, got, "200 OK", "");
	peer_answer(&bench, 0, text, "487 Request Terminated", "");
	peer_expect(&bench, 0, "ACK", got);
	bench_close(&bench);
}
END_TEST

/* trying_timeout, or the line is removed. */
START_TEST(B7a_an_older_leg_that_was_taken_up_is_cancelled_when_it_is_left)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];

	(void)ring_late(&bench, text);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	peer_expect(&bench, 0, "CANCEL", got);
	ck_assert(same_header(text, got, "Via"));
	bench_close(&bench);
}
END_TEST

START_TEST(B6c_given_up_after_a_180_waits_for_the_cores_cancel)
{
	struct bench bench;
	struct failover_attempt cancel;
	char text[BENCH_TEXT], got[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	call = dial(&bench, "1002");
	invite(&bench, call, 0, 1, text);
	peer_answer(&bench, 0, text, "180 Ringing", "");
	bench_timeout(&bench, 1, FAILOVER_ABANDON_GIVEN_UP);
	bench.late[0] = 1;
	bench.calls->call_free(bench.inst, call);
	peer_answer(&bench, 0, text, "180 Ringing", "");
	peer_expect_none(&bench, 0);
	cancel = bench_attempt(&bench, FAILOVER_CANCEL, 0, 2);
	cancel.related = 1;
	bench_send(&bench, &cancel);
	peer_expect(&bench, 0, "CANCEL", got);
	ck_assert(same_header(text, got, "Via"));
	ck_assert_uint_eq(bench.sent_of[2], 1);
	peer_answer(&bench, 0, got, "200 OK", "");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 2);
	peer_answer(&bench, 0, text, "487 Request Terminated", "");
	peer_expect(&bench, 0, "ACK", got);
	cancel.id = 3; /* too late: nothing is left to cancel */
	bench_send(&bench, &cancel);
	ck_assert_uint_eq(bench_last(&bench)->attempt, 3);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 481);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B6c_given_up_before_a_180_is_cancelled_when_it_comes)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	call = dial(&bench, "1002");
	invite(&bench, call, 0, 1, text);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_GIVEN_UP);
	bench.late[0] = 1;
	bench.calls->call_free(bench.inst, call);
	peer_expect_none(&bench, 0); /* RFC 3261 9.1: not before a provisional */
	peer_answer(&bench, 0, text, "100 Trying", "");
	peer_expect(&bench, 0, "CANCEL", got);
	bench_advance(&bench, 500);
	peer_expect(&bench, 0, "CANCEL", got);
	bench_close(&bench);
}
END_TEST

START_TEST(B4a_abandoned_while_trying_is_cancelled_at_once)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	call = dial(&bench, "1002");
	invite(&bench, call, 0, 1, text);
	peer_answer(&bench, 0, text, "100 Trying", "");
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	peer_expect(&bench, 0, "CANCEL", got);
	bench_advance(&bench, 64000);
	ck_assert_uint_eq(bench.io->deadline(bench.inst), FAILOVER_NO_DEADLINE);
	bench_close(&bench);
}
END_TEST

START_TEST(call_ended_by_the_other_side)
{
	struct bench bench;
	char text[BENCH_TEXT], bye[2048], value[512], got[BENCH_TEXT];
	uint64_t call;
	struct failover_attempt attempt;

	bench_open(&bench);
	call = call_up(&bench, CONTACT, text);
	snprintf(bye, sizeof(bye),
		 "BYE sip:1001@127.0.0.1:%u SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;rport;"
		 "branch=z9hG4bKbye1\r\nFrom: <sip:1002@primary.example:5060>;tag=peer\r\n"
		 "To: %s\r\n",
		 bench.local.port, header_of(text, "From", value));
	snprintf(bye + strlen(bye), sizeof(bye) - strlen(bye),
		 "Call-ID: %s\r\nCSeq: 7 BYE\r\nContent-Length: 0\r\n\r\n",
		 header_of(text, "Call-ID", value));
	peer_say(&bench, 0, bye);
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	ck_assert_uint_eq(bench.ended, 1);
	ck_assert_uint_eq(bench.ended_status, 0);
	ck_assert_uint_eq(bench.heard, 1);
	peer_say(&bench, 0, bye); /* repeated: the same answer, no second event */
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	ck_assert_uint_eq(bench.ended, 1);
	attempt = bench_attempt(&bench, FAILOVER_BYE, 0, 2);
	attempt.cookie = call;
	ck_assert_int_eq(bench_try(&bench, &attempt), FAILOVER_ERR_STALE);
	bench_close(&bench);
}
END_TEST

START_TEST(call_new_refuses_what_could_break_a_message)
{
	static const char *const uris[] = { "", "a\r\nX: y", "sip:a b", "sip:<x>", "\"x\"" };
	struct bench bench;
	uint64_t call = 0;
	size_t i;

	bench_open(&bench);
	for (i = 0; i < sizeof(uris) / sizeof(uris[0]); i++)
		ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, uris[i], NULL, &call),
				 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "sips:a@b", NULL, &call),
			 FAILOVER_ERR_UNSUPPORTED);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 9, "1002", NULL, &call),
			 FAILOVER_ERR_STALE);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, 77, 200), FAILOVER_ERR_STALE);
	ck_assert_uint_eq(call, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(close_with_everything_in_flight)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], got[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	call_up(&bench, CONTACT, text);
	call = dial(&bench, "1003");
	invite(&bench, call, 0, 2, text);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET);
	attempt = invite_at(&bench, call, 1, 3);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "INVITE", text);
	peer_answer(&bench, 1, text, "180 Ringing", "");
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 2, 4);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 2, "REGISTER", got);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, INVITE_ack_and_bye_of_a_call);
	tcase_add_test(tcase, B7_next_target_same_identifiers_and_body_new_branch);
	tcase_add_test(tcase, B9_bye_after_a_move_keeps_route_set_and_remote_target);
	tcase_add_test(tcase, INVITE_a_repeated_200_gets_the_same_ack);
	tcase_add_test(tcase, INVITE_a_second_200_with_another_tag_is_acked_and_ended);
	tcase_add_test(tcase, B4c_a_503_to_an_invite_is_acked_before_it_is_reported);
	tcase_add_test(tcase, B7a_a_late_180_is_cancelled_once_and_its_487_acked);
	tcase_add_test(tcase, B7a_a_late_200_is_acked_then_ended);
	tcase_add_test(tcase, B7a_the_late_window_ends_64_T1_after_the_first_packet);
	tcase_add_test(tcase, B7b_an_older_leg_rings_as_long_as_it_rings);
	tcase_add_test(tcase, B6c_an_older_leg_that_rings_is_cancelled_with_the_call);
	tcase_add_test(tcase, B7a_an_older_leg_that_was_taken_up_is_cancelled_when_it_is_left);
	tcase_add_test(tcase, B7b_a_late_200_that_the_core_keeps_is_the_call);
	tcase_add_test(tcase, B6c_given_up_after_a_180_waits_for_the_cores_cancel);
	tcase_add_test(tcase, B6c_given_up_before_a_180_is_cancelled_when_it_comes);
	tcase_add_test(tcase, B4a_abandoned_while_trying_is_cancelled_at_once);
	tcase_add_test(tcase, call_ended_by_the_other_side);
	tcase_add_test(tcase, call_new_refuses_what_could_break_a_message);
	tcase_add_test(tcase, close_with_everything_in_flight);
}

int main(void)
{
	return bench_main("invite", add);
}
