/* SPDX-License-Identifier: MIT */
/* ua_test.c - the shared user agent over a stack that can only send bytes: the client transactions
 * of RFC 3261 17.1, and what the seam promises to adapters. */
#include "ua_bench.h"

/* ---- tests -------------------------------------------------------------------------------- */

START_TEST(B3a_three_packets_and_no_fourth_without_a_stack)
{
	static const unsigned after[][2] = { { 0, 1 },	 { 499, 1 }, { 1, 2 },
					     { 999, 2 }, { 1, 3 },   { 20000, 3 } };
	struct bench bench;
	size_t i;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	for (i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		advance(&bench, after[i][0]);
		ck_assert_uint_eq(bench.packets, after[i][1]);
		ck_assert_uint_eq(bench.sent, after[i][1]);
	}
	bench_close(&bench);
}
END_TEST

START_TEST(B7c_a_repeated_final_response_is_absorbed)
{
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	answer(&bench, bench.text, 200);
	answer(&bench, bench.text, 200);
	answer(&bench, bench.text, 403);
	ck_assert_uint_eq(bench.answers, 1);
	ck_assert_uint_eq(bench.status, 200);
	advance(&bench, 40000);
	ck_assert_uint_eq(bench.packets, 1);
	ck_assert_uint_eq(bench.stopped, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(INVITE_each_failure_gets_its_ack_on_the_branch)
{
	struct bench bench;
	char invite[UA_MESSAGE_MAX], branch[256], of_ack[256];

	bench_open(&bench);
	start_invite(&bench);
	memcpy(invite, bench.text, sizeof(invite));
	part(invite, "branch=", ";\r", branch);
	answer(&bench, invite, 486);
	ck_assert_uint_eq(bench.packets, 2);
	ck_assert_int_eq(strncmp(bench.text, "ACK sip:1002@192.0.2.1", 22), 0);
	part(bench.text, "branch=", ";\r", of_ack);
	ck_assert_str_eq(branch, of_ack);
	ck_assert_ptr_nonnull(strstr(bench.text, "To: <sip:1002@192.0.2.1>;tag=peer\r\n"));
	ck_assert_ptr_nonnull(strstr(bench.text, "CSeq: 1 ACK\r\n"));
	answer(&bench, invite, 486);
	ck_assert_uint_eq(bench.packets, 3);
	ck_assert_uint_eq(bench.answers, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_a_late_200_is_acked_and_ended)
{
	struct bench bench;
	char invite[UA_MESSAGE_MAX];

	bench_open(&bench);
	start_invite(&bench);
	memcpy(invite, bench.text, sizeof(invite));
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_BUDGET), 0);
	advance(&bench, 10000);
	ck_assert_uint_eq(bench.packets, 1);
	bench.verdict = FAILOVER_VERDICT_LATE;
	answer(&bench, invite, 200);
	ck_assert_uint_eq(bench.packets, 3); /* ACK, then BYE */
	ck_assert_int_eq(strncmp(bench.text, "BYE ", 4), 0);
	answer(&bench, invite, 200);
	ck_assert_int_eq(strncmp(bench.text, "ACK ", 4), 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_a_late_180_is_cancelled_on_its_branch)
{
	struct bench bench;
	char invite[UA_MESSAGE_MAX], branch[256], of_cancel[256];

	bench_open(&bench);
	start_invite(&bench);
	memcpy(invite, bench.text, sizeof(invite));
	part(invite, "branch=", ";\r", branch);
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_BUDGET), 0);
	bench.verdict = FAILOVER_VERDICT_LATE;
	answer(&bench, invite, 180);
	ck_assert_int_eq(strncmp(bench.text, "CANCEL ", 7), 0);
	part(bench.text, "branch=", ";\r", of_cancel);
	ck_assert_str_eq(branch, of_cancel);
	answer(&bench, bench.text, 200); /* to the CANCEL */
	answer(&bench, invite, 487);
	ck_assert_int_eq(strncmp(bench.text, "ACK ", 4), 0);
	bench_close(&bench);
}
END_TEST

START_TEST(a_stack_that_cannot_stop_says_so)
{
	struct bench bench;

	bench_open(&bench);
	bench.stop_answer = 1;
	start(&bench, FAILOVER_REGISTER, 0);
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_BUDGET), 1);
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_BUDGET), 0);
	answer(&bench, bench.text, 200);
	ck_assert_uint_eq(bench.answers, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_what_cannot_be_sent_ends_the_attempt)
{
	struct failover_attempt attempt = attempt_of(FAILOVER_REGISTER, 0);
	struct bench bench;

	bench_open(&bench);
	bench.send_error = FAILOVER_ERR_IO;
	ck_assert_int_eq(ua_send(&bench.ua, &attempt), FAILOVER_ERR_IO);
	ck_assert_uint_eq(bench.unreachable, 0); /* the hook's own answer says it */
	bench.send_error = 0;
	ck_assert_int_eq(ua_send(&bench.ua, &attempt), 0);
	bench.send_error = FAILOVER_ERR_IO;
	advance(&bench, 500);
	ck_assert_uint_eq(bench.unreachable, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(a_branch_of_the_stacks_own_is_found)
{
	struct reading reading;
	struct bench bench;

	bench_open(&bench);
	snprintf(bench.own_branch, sizeof(bench.own_branch), "z9hG4bKown");
	start(&bench, FAILOVER_REGISTER, 0);
	read_as_response(&reading, bench.text, 200);
	ua_response(&bench.ua, &reading.view); /* the branch that it did not take */
	ck_assert_uint_eq(bench.answers, 0);
	reading.view.branch = "z9hG4bKown";
	ua_response(&bench.ua, &reading.view);
	ck_assert_uint_eq(bench.answers, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_a_stack_that_retransmits_is_told_to_be_quiet)
{
	struct bench bench;

	bench_open(&bench);
	bench.own_timers = 1;
	start_invite(&bench);
	advance(&bench, 3500);
	ck_assert_uint_eq(bench.packets, 0); /* the stack's affair */
	ck_assert_uint_eq(bench.sent, 1);
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_BUDGET), 0);
	ck_assert_uint_eq(bench.quieted, 1);
	ck_assert_uint_eq(bench.stopped, 0);
	advance(&bench, 32000);
	ck_assert_uint_eq(bench.stopped, 1);
	bench_close(&bench);
}
END_TEST

static void challenge(struct bench *bench, const char *value)
{
	struct reading reading;

	read_as_response(&reading, bench->text, 401);
	reading.view.challenges[0].value = value;
	reading.view.challenges_count = 1;
	ua_response(&bench->ua, &reading.view);
}

START_TEST(B4b_a_newer_nonce_and_another_algorithm_are_answered)
{
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	challenge(&bench, "Digest realm=\"r\", nonce=\"1\"");
	ck_assert_ptr_nonnull(strstr(bench.text, "\r\nAuthorization: Digest username=\"u\", "));
	challenge(&bench, "Digest realm=\"r\", nonce=\"2\", stale=true, algorithm=SHA-256");
	ck_assert_ptr_nonnull(strstr(bench.text, "algorithm=SHA-256"));
	challenge(&bench, "Digest realm=\"r\", nonce=\"3\", stale=true");
	ck_assert_ptr_nonnull(strstr(bench.text, "nonce=\"3\""));
	bench_close(&bench);
}
END_TEST

START_TEST(hostile_line_ends_in_a_dialog_make_no_headers)
{
	struct reading reading;
	struct bench bench;

	bench_open(&bench);
	start_invite(&bench);
	read_as_response(&reading, bench.text, 200);
	reading.view.contact = "sip:x@192.0.2.1\r\nEvil: 1";
	ua_response(&bench.ua, &reading.view);
	ck_assert_uint_eq(bench.answers, 1);
	ck_assert_uint_eq(bench.packets, 1);
	ck_assert_ptr_null(strstr(bench.text, "Evil"));
	bench_close(&bench);
}
END_TEST

START_TEST(B15_the_granted_time_is_of_our_contact_only)
{
	static const char message[] = "SIP/2.0 200 OK\r\nContact: <sip:u@192.0.2.98>;expires=11,"
				      "<sip:u@192.0.2.99>;expires=22\r\n\r\n";
	struct reading reading;
	struct ua_raw raw;
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	read_as_response(&reading, bench.text, 200);
	ck_assert_int_eq(ua_raw_read(&raw, message, strlen(message)), 0);
	reading.view.raw = &raw;
	reading.view.expires = "33";
	ua_response(&bench.ua, &reading.view);
	ua_raw_free(&raw);
	ck_assert_uint_eq(bench.expires_s, 22);
	bench_close(&bench);
}
END_TEST

START_TEST(B24b_a_changed_address_ends_the_binding_of_the_old_one)
{
	struct bench bench;
	struct failover_attempt attempt = attempt_of(FAILOVER_REGISTER, 0);

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	answer(&bench, bench.text, 200);
	bench.host_byte = 98; /* the device has moved */
	start(&bench, FAILOVER_REGISTER, 0);
	ck_assert_ptr_nonnull(strstr(bench.text, "\r\nContact: <sip:u@192.0.2.98:5060>"));
	ck_assert_ptr_nonnull(
		strstr(bench.text, "\r\nContact: <sip:u@192.0.2.99:5060>;expires=0\r\n"));
	answer(&bench, bench.text, 408); /* not heard: it is there still */
	bench.host_byte = 97;
	start(&bench, FAILOVER_REGISTER, 0);
	ck_assert_ptr_nonnull(strstr(bench.text, "\r\nContact: <sip:u@192.0.2.97:5060>"));
	ck_assert_ptr_nonnull(
		strstr(bench.text, "\r\nContact: <sip:u@192.0.2.99:5060>;expires=0\r\n"));
	answer(&bench, bench.text, 200);
	start(&bench, FAILOVER_REGISTER, 0);
	ck_assert_ptr_null(strstr(bench.text, "expires=0"));
	answer(&bench, bench.text, 200);
	bench.host_byte = 96;
	attempt.expires_s = 0; /* what is removed, is what is there */
	ck_assert_int_eq(ua_send(&bench.ua, &attempt), 0);
	ck_assert_ptr_nonnull(strstr(bench.text, "\r\nContact: <sip:u@192.0.2.97:5060>\r\n"));
	ck_assert_ptr_null(strstr(bench.text, "192.0.2.96:5060>"));
	bench_close(&bench);
}
END_TEST

START_TEST(texts_in_three_lengths)
{
	struct ua_request request = { .method = "OPTIONS",
				      .uri = "sip:a",
				      .from = "<sip:b>;tag=;tag=t",
				      .to = "<sip:a>",
				      .call_id = "c",
				      .branch = "z9hG4bKd",
				      .routes = "Route: <sip:r;lr>\r\n",
				      .contact = "",
				      .credentials = "",
				      .headers = "",
				      .user_agent = "",
				      .body = "",
				      .cseq = 9,
				      .local = REGISTRAR };
	char text[1024];
	int whole, without;

	whole = ua_request_text(&request, UA_TEXT_WHOLE, text, sizeof(text));
	ck_assert_int_eq(whole, (int)strlen(text));
	ck_assert_ptr_nonnull(strstr(text, "\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch="));
	without = ua_request_text(&request, UA_TEXT_NO_VIA, text, sizeof(text));
	ck_assert_int_lt(without, whole);
	ck_assert_int_eq(strncmp(text, "OPTIONS sip:a SIP/2.0\r\nRoute: <sip:r;lr>\r\n", 42), 0);
	ck_assert_int_gt(ua_request_text(&request, UA_TEXT_HEADERS, text, sizeof(text)), 0);
	ck_assert_int_eq(strncmp(text, "Route: ", 7), 0);
	ck_assert_int_eq(ua_request_text(&request, UA_TEXT_WHOLE, text, 40), FAILOVER_ERR_FULL);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B3a_three_packets_and_no_fourth_without_a_stack);
	tcase_add_test(tcase, B7c_a_repeated_final_response_is_absorbed);
	tcase_add_test(tcase, INVITE_each_failure_gets_its_ack_on_the_branch);
	tcase_add_test(tcase, B7a_a_late_200_is_acked_and_ended);
	tcase_add_test(tcase, B7a_a_late_180_is_cancelled_on_its_branch);
	tcase_add_test(tcase, a_stack_that_cannot_stop_says_so);
	tcase_add_test(tcase, B4_what_cannot_be_sent_ends_the_attempt);
	tcase_add_test(tcase, a_branch_of_the_stacks_own_is_found);
	tcase_add_test(tcase, B7a_a_stack_that_retransmits_is_told_to_be_quiet);
	tcase_add_test(tcase, B4b_a_newer_nonce_and_another_algorithm_are_answered);
	tcase_add_test(tcase, hostile_line_ends_in_a_dialog_make_no_headers);
	tcase_add_test(tcase, B15_the_granted_time_is_of_our_contact_only);
	tcase_add_test(tcase, B24b_a_changed_address_ends_the_binding_of_the_old_one);
	tcase_add_test(tcase, texts_in_three_lengths);
}

int main(void)
{
	return bench_main("ua", add);
}
