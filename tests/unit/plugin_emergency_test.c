/* SPDX-License-Identifier: MIT */
/* plugin_emergency_test.c - the emergency call (B36) with each stack: what is one, and several
 * attempts of an INVITE at work at a time. */
#include "plugin_bench.h"

#define CONTACT "Contact: <sip:desk@192.0.2.9:5070>\r\n"
#define RACE_MS 1000u

static uint64_t dial(struct bench *bench, const char *uri)
{
	uint64_t call = 0;

	ck_assert_int_eq(bench->calls->call_new(bench->inst, 1, uri, NULL, &call), 0);
	return call;
}

static uint32_t is_for_help(struct bench *bench, const char *uri)
{
	uint64_t call = dial(bench, uri);
	uint32_t answer = bench->calls->call_emergency(bench->inst, call);

	bench->calls->call_free(bench->inst, call);
	return answer;
}

/* As the core does: attempt `id` of this call to this peer; its text. */
static void ask(struct bench *bench, uint64_t call, int peer, uint64_t id, char *text)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_INVITE, peer, id);

	attempt.cookie = call;
	attempt.ordinal = (uint32_t)id;
	attempt.budget_ms = 32000;
	attempt.transmissions = 0;
	attempt.flags = FAILOVER_ATTEMPT_EMERGENCY | (id > 1 ? FAILOVER_ATTEMPT_RESENT : 0);
	bench_send(bench, &attempt);
	peer_expect(bench, peer, "INVITE", text);
}

static unsigned packets_at(struct bench *bench, int peer, const char *same)
{
	char text[BENCH_TEXT];
	unsigned count = 0;

	while (peer_take(bench, peer, text)) {
		ck_assert_str_eq(text, same);
		count++;
	}
	return count;
}

/* One second after peer 0, peer 1 is asked beside it. */
static uint64_t race(struct bench *bench, char *zero, char *one)
{
	uint64_t call = dial(bench, "112");

	ask(bench, call, 0, 1, zero);
	bench_advance(bench, RACE_MS);
	ask(bench, call, 1, 2, one);
	ck_assert_uint_eq(packets_at(bench, 0, zero), 1);
	return call;
}

START_TEST(B36_numbers_and_services_that_call_for_help)
{
	static const char *const yes[] = {
		"112",
		"911",
		"1-1-2",
		"(9)1.1",
		"sip:112@example.net",
		"SIP:112;phone-context=+49@example.net;user=phone",
		"sip:112:secret@example.net",
		"sip:%31%312@example.net",
		"112@example.net",
		"urn:service:sos",
		"URN:Service:SOS",
		"urn:service:sos.fire",
		"urn:service:sos.ecall.automatic",
	};
	static const char *const no[] = {
		"1120",
		"11",
		"9112",
		"0112",
		"+112",
		"sip:bob@112",
		"sip:112",
		"sip:1002@example.net",
		"urn:service:sosfire",
		"urn:service:counseling",
		"sip:%2112@example.net",
		"sip:11%@example.net",
	};
	struct bench bench;
	size_t i;

	bench_open(&bench);
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		ck_assert_msg(is_for_help(&bench, yes[i]), "%s", yes[i]);
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(!is_for_help(&bench, no[i]), "%s", no[i]);
	ck_assert_uint_eq(bench.calls->call_emergency(bench.inst, 77), 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B36_a_line_has_its_own_numbers)
{
	static const char *const numbers[] = { "", "110", "urn:service:sos.police", "1-1-8" };
	struct bench bench;

	bench_open(&bench);
	bench.emergency = numbers;
	bench.emergency_count = 4;
	bench_identity(&bench, "secret", "");
	ck_assert(is_for_help(&bench, "110"));
	ck_assert(is_for_help(&bench, "118"));
	ck_assert(is_for_help(&bench, "urn:service:sos.police"));
	ck_assert(!is_for_help(&bench, "112"));
	ck_assert(!is_for_help(&bench, "urn:service:sos"));
	bench.emergency_count = 1; /* nothing is named */
	bench_identity(&bench, "secret", "");
	ck_assert(is_for_help(&bench, "112"));
	ck_assert(!is_for_help(&bench, "110"));
	bench_close(&bench);
}
END_TEST

START_TEST(B36_a_service_is_called_by_its_urn)
{
	struct bench bench;
	struct failover_attempt bye;
	char text[BENCH_TEXT], got[BENCH_TEXT], value[512];
	uint64_t call = 0;

	bench_open(&bench);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "urn:service:so s", NULL, &call),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "urn:service:", NULL, &call),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "urn:service:sos?a=b", NULL, &call),
			 FAILOVER_ERR_ARGUMENT);
	call = dial(&bench, "urn:service:sos.fire");
	ask(&bench, call, 0, 1, text);
	ck_assert_int_eq(strncmp(text, "INVITE urn:service:sos.fire SIP/2.0\r\n", 37), 0);
	ck_assert_str_eq(header_of(text, "To", value), "<urn:service:sos.fire>");
	peer_answer(&bench, 0, text, "200 OK", CONTACT);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	peer_expect(&bench, 0, "ACK sip:desk@192.0.2.9:5070 SIP/2.0\r\n", got);
	bye = bench_attempt(&bench, FAILOVER_BYE, 0, 2);
	bye.cookie = call;
	bye.request = 101;
	bye.flags = FAILOVER_ATTEMPT_IN_DIALOG;
	bench_send(&bench, &bye);
	peer_expect(&bench, 0, "BYE sip:desk@192.0.2.9:5070 SIP/2.0\r\n", got);
	ck_assert_ptr_nonnull(strstr(header_of(got, "To", value), "<urn:service:sos.fire>;tag="));
	bench_close(&bench);
}
END_TEST

START_TEST(B36a_an_overtaken_leg_is_sent_again_beside_the_next)
{
	struct bench bench;
	char zero[BENCH_TEXT], one[BENCH_TEXT], two[BENCH_TEXT], a[512], b[512];
	uint64_t call;

	bench_open(&bench);
	call = race(&bench, zero, one);
	bench_advance(&bench, RACE_MS);
	ask(&bench, call, 2, 3, two);
	ck_assert(same_header(zero, one, "Call-ID") && same_header(zero, two, "Call-ID") &&
		  same_header(zero, two, "From") && same_header(zero, two, "CSeq"));
	ck_assert_str_ne(branch_of(zero, a), branch_of(one, b));
	ck_assert_str_ne(branch_of(one, a), branch_of(two, b));
	ck_assert_uint_eq(packets_at(&bench, 0, zero), 1); /* 1.5 */
	ck_assert_uint_eq(packets_at(&bench, 1, one), 1);
	bench_advance(&bench, 30000); /* 3.5, 7.5, 15.5, 31.5; the next one at 4.5 and so on */
	ck_assert_uint_eq(packets_at(&bench, 0, zero), 4);
	ck_assert_uint_eq(packets_at(&bench, 1, one), 4);
	ck_assert_uint_eq(packets_at(&bench, 2, two), 5);
	ck_assert_uint_eq(bench.unreachable, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B36c_an_overtaken_leg_rings_and_is_the_call)
{
	struct bench bench;
	char zero[BENCH_TEXT], one[BENCH_TEXT], got[BENCH_TEXT];

	bench_open(&bench);
	race(&bench, zero, one);
	peer_answer(&bench, 0, zero, "180 Ringing", CONTACT);
	ck_assert_uint_eq(bench.progress_status, 180);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_ADOPTED);
	peer_expect_none(&bench, 1); /* no 1xx yet: RFC 3261 9.1 */
	bench_advance(&bench, 5000);
	ck_assert_uint_eq(packets_at(&bench, 1, one), 0);
	bench.late[0] = 2;
	peer_answer(&bench, 1, one, "100 Trying", "");
	peer_expect(&bench, 1, "CANCEL", got);
	peer_answer(&bench, 1, got, "200 OK", "");
	peer_answer(&bench, 1, one, "487 Request Terminated", "");
	peer_expect(&bench, 1, "ACK", got);
	bench_advance(&bench, 60000);
	ck_assert_uint_eq(packets_at(&bench, 0, zero), 0);
	peer_answer(&bench, 0, zero, "200 OK", CONTACT);
	peer_expect(&bench, 0, "ACK sip:desk@192.0.2.9:5070", got);
	ck_assert_uint_eq(bench_last(&bench)->attempt, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B36c_who_only_tries_is_cancelled_at_once)
{
	struct bench bench;
	char zero[BENCH_TEXT], one[BENCH_TEXT], got[BENCH_TEXT];

	bench_open(&bench);
	race(&bench, zero, one);
	peer_answer(&bench, 0, zero, "100 Trying", "");
	peer_answer(&bench, 1, one, "180 Ringing", CONTACT);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_ADOPTED);
	peer_expect(&bench, 0, "CANCEL", got);
	ck_assert(same_header(zero, got, "Via"));
	peer_expect_none(&bench, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B36c_a_second_200_is_acked_and_ended)
{
	struct bench bench;
	struct failover_attempt bye;
	char zero[BENCH_TEXT], one[BENCH_TEXT], got[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	call = race(&bench, zero, one);
	peer_answer(&bench, 0, zero, "200 OK", CONTACT);
	peer_expect(&bench, 0, "ACK sip:desk@192.0.2.9:5070", got);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_ADOPTED);
	bench.late[0] = 2;
	peer_answer(&bench, 1, one, "200 OK", "Contact: <sip:other@192.0.2.10>\r\n");
	peer_expect(&bench, 1, "ACK sip:other@192.0.2.10", got);
	peer_expect(&bench, 1, "BYE sip:other@192.0.2.10", got);
	peer_answer(&bench, 1, got, "200 OK", "");
	peer_expect_none(&bench, 0);
	bye = bench_attempt(&bench, FAILOVER_BYE, 0, 3);
	bye.cookie = call;
	bye.request = 101;
	bye.flags = FAILOVER_ATTEMPT_IN_DIALOG;
	bench_send(&bench, &bye);
	peer_expect(&bench, 0, "BYE sip:desk@192.0.2.9:5070", got);
	bench_close(&bench);
}
END_TEST

START_TEST(B36a_a_leg_beside_answers_its_challenge)
{
	struct bench bench;
	char zero[BENCH_TEXT], one[BENCH_TEXT], got[BENCH_TEXT], value[512];

	bench_open(&bench);
	race(&bench, zero, one);
	peer_answer(&bench, 0, zero, "401 Unauthorized",
		    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=MD5\r\n");
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect(&bench, 0, "ACK", got);
	peer_expect(&bench, 0, "INVITE", got);
	ck_assert_str_ne(header_of(got, "Authorization", value), "");
	ck_assert_uint_eq(packets_at(&bench, 1, one), 0);
	peer_answer(&bench, 0, got, "180 Ringing", CONTACT);
	ck_assert_uint_eq(bench_last(&bench)->attempt, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B36a_a_refusal_of_an_overtaken_leg_leaves_the_next_at_work)
{
	struct bench bench;
	char zero[BENCH_TEXT], one[BENCH_TEXT], got[BENCH_TEXT];

	bench_open(&bench);
	race(&bench, zero, one);
	bench.late[0] = 1;
	peer_answer(&bench, 0, zero, "503 Service Unavailable", "");
	peer_expect(&bench, 0, "ACK", got);
	bench_advance(&bench, 600);
	ck_assert_uint_eq(packets_at(&bench, 0, zero), 0);
	ck_assert_uint_eq(packets_at(&bench, 1, one), 1);
	peer_answer(&bench, 1, one, "200 OK", CONTACT);
	peer_expect(&bench, 1, "ACK sip:desk@192.0.2.9:5070", got);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B36_numbers_and_services_that_call_for_help);
	tcase_add_test(tcase, B36_a_line_has_its_own_numbers);
	tcase_add_test(tcase, B36_a_service_is_called_by_its_urn);
	tcase_add_test(tcase, B36a_an_overtaken_leg_is_sent_again_beside_the_next);
	tcase_add_test(tcase, B36c_an_overtaken_leg_rings_and_is_the_call);
	tcase_add_test(tcase, B36c_who_only_tries_is_cancelled_at_once);
	tcase_add_test(tcase, B36c_a_second_200_is_acked_and_ended);
	tcase_add_test(tcase, B36a_a_leg_beside_answers_its_challenge);
	tcase_add_test(tcase, B36a_a_refusal_of_an_overtaken_leg_leaves_the_next_at_work);
}

int main(void)
{
	return bench_main("emergency", add);
}
