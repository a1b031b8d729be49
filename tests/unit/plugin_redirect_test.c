/* SPDX-License-Identifier: MIT */
/* plugin_redirect_test.c - what answers to calls say: forks and redirections (B22f), reasons (B22),
 * Retry-After (B22c), and a BYE that may not have arrived (B23a). */
#include "plugin_bench.h"

static void hang_up(struct bench *bench, uint64_t id)
{
	struct failover_attempt bye = bench_attempt(bench, FAILOVER_BYE, 0, id);

	bye.cookie = bench->call;
	bye.request = 100 + id;
	bench_send(bench, &bye);
}

/* ---- B22f --------------------------------------------------------------------------------- */

static void invite(struct bench *bench, char *text)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_INVITE, 0, 1);

	ck_assert_int_eq(bench->calls->call_new(bench->inst, 1, "1002", NULL, &attempt.cookie), 0);
	bench->call = attempt.cookie;
	bench_send(bench, &attempt);
	peer_expect(bench, 0, "INVITE", text);
}

START_TEST(B22f_each_200_of_a_fork_is_acked_and_all_but_one_ended)
{
	struct bench bench;
	char text[BENCH_TEXT], response[BENCH_TEXT], got[BENCH_TEXT], value[512], *end;
	unsigned i, acks[40] = { 0 }, byes[40] = { 0 }, which;

	bench_open(&bench);
	invite(&bench, text);
	end = strstr(strstr(text, "\r\nTo: ") + 2, "\r\n");
	for (i = 0; i < 40; i++) {
		snprintf(response, sizeof(response), "%.*s;tag=fork%u%s", (int)(end - text), text,
			 i, end);
		peer_answer(&bench, 0, response, "200 OK", "Contact: <sip:bob@192.0.2.9>\r\n");
		while (peer_take(&bench, 0, got)) {
			which = (unsigned)strtoul(strstr(header_of(got, "To", value), "=fork") + 5,
						  NULL, 10);
			ck_assert_uint_eq(which, i);
			if (!strncmp(got, "ACK", 3))
				acks[which]++;
			else
				byes[which] += !strncmp(got, "BYE", 3);
			if (!strncmp(got, "BYE", 3))
				peer_answer(&bench, 0, got, "200 OK", "");
		}
	}
	for (i = 0; i < 40; i++) {
		ck_assert_uint_eq(acks[i], 1);
		ck_assert_uint_eq(byes[i], i > 0);
	}
	bench_close(&bench);
}
END_TEST

/* The INVITE that comes next; the ACK of what was before is passed over. */
static void expect_invite(struct bench *bench, const char *uri, const char *before, char *text)
{
	char start[128], a[512], b[512];

	snprintf(start, sizeof(start), "INVITE %s SIP/2.0\r\n", uri);
	peer_expect(bench, 0, "ACK", text);
	peer_expect(bench, 0, start, text);
	ck_assert_str_ne(branch_of(before, a), branch_of(text, b));
	ck_assert_uint_eq(cseq_of(text), cseq_of(before) + 1);
	ck_assert(same_header(before, text, "Call-ID") && same_header(before, text, "From") &&
		  same_header(before, text, "To"));
	ck_assert_str_eq(strstr(before, "\r\n\r\n"), strstr(text, "\r\n\r\n"));
}

START_TEST(B22f_a_redirected_call_is_tried_at_its_contacts_in_order)
{
	struct bench bench;
	char one[BENCH_TEXT], two[BENCH_TEXT], three[BENCH_TEXT], got[BENCH_TEXT];

	bench_open(&bench);
	invite(&bench, one);
	peer_answer(&bench, 0, one, "302 Moved Temporarily",
		    "Contact: <sip:c@192.0.2.3>;q=0.2, \"A, B\" "
		    "<sip:a@192.0.2.1;x=y;method=BYE?h=v>\r\n"
		    "Contact: <sip:b@b.example:5070>;q=0.75\r\n"
		    "Contact: <tel:+15551234>, <sip:a@192.0.2.1;x=y>\r\n");
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 100); /* the server lives */
	ck_assert_str_eq(bench.redirected,
			 "sip:a@192.0.2.1;x=y sip:b@b.example:5070 sip:c@192.0.2.3 ");
	expect_invite(&bench, "sip:a@192.0.2.1;x=y", one, two);
	peer_answer(&bench, 0, two, "486 Busy Here", "");
	expect_invite(&bench, "sip:b@b.example:5070", two, three);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 100);
	peer_answer(&bench, 0, three, "180 Ringing", "");
	ck_assert_uint_eq(bench.progress_status, 180);
	peer_answer(&bench, 0, three, "200 OK", "Contact: <sip:b@192.0.2.2>\r\n");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 1);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	peer_expect(&bench, 0, "ACK sip:b@192.0.2.2 SIP/2.0\r\n", got);
	ck_assert_uint_eq(cseq_of(got), cseq_of(three));
	hang_up(&bench, 2);
	peer_expect(&bench, 0, "BYE sip:b@192.0.2.2 SIP/2.0\r\n", got);
	ck_assert_uint_gt(cseq_of(got), cseq_of(three));
	bench_close(&bench);
}
END_TEST

START_TEST(B22f_at_most_five_contacts_once_each)
{
	struct bench bench;
	char text[BENCH_TEXT], before[BENCH_TEXT], got[BENCH_TEXT], contact[512], uri[64];
	unsigned i;

	bench_open(&bench);
	invite(&bench, text);
	for (i = 1; i <= 5; i++) { /* each leads on, and back to where all began */
		memcpy(before, text, sizeof(before));
		snprintf(contact, sizeof(contact),
			 "Contact: <sip:1002@primary.example:5060>, <sip:c%u@192.0.2.1>, "
			 "<sip:c1@192.0.2.1>\r\n",
			 i);
		peer_answer(&bench, 0, before, "302 Moved Temporarily", contact);
		snprintf(uri, sizeof(uri), "sip:c%u@192.0.2.1", i);
		expect_invite(&bench, uri, before, text);
	}
	peer_answer(&bench, 0, text, "302 Moved Temporarily", "Contact: <sip:c6@192.0.2.1>\r\n");
	peer_expect(&bench, 0, "ACK", got);
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 302);
	bench_close(&bench);
}
END_TEST

/* What was said last is the result; a busy server is the core's matter. */
START_TEST(B22f_when_no_contact_takes_the_call_it_fails)
{
	struct bench bench;
	struct failover_attempt attempt;
	char one[BENCH_TEXT], two[BENCH_TEXT], got[BENCH_TEXT];

	bench_open(&bench);
	invite(&bench, one);
	peer_answer(&bench, 0, one, "301 Moved", "Contact: <sip:a@192.0.2.1>\r\n");
	expect_invite(&bench, "sip:a@192.0.2.1", one, two);
	peer_answer(&bench, 0, two, "404 Not Found", "");
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 404);
	bench_close(&bench);

	bench_open(&bench);
	invite(&bench, one);
	peer_answer(&bench, 0, one, "302 Moved",
		    "Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>\r\n");
	expect_invite(&bench, "sip:a@192.0.2.1", one, two);
	peer_answer(&bench, 0, two, "503 Full", "");
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 503);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 1, 2); /* the next target: the same */
	attempt.cookie = bench.call;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "INVITE sip:a@192.0.2.1 SIP/2.0\r\n", one);
	peer_answer(&bench, 1, one, "603 Decline", ""); /* everywhere */
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 603);
	peer_expect(&bench, 1, "ACK", got);
	peer_expect_none(&bench, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B22f_report_tells_the_contacts_only)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];

	bench_open(&bench);
	bench.redirect = FAILOVER_REDIRECT_REPORT;
	bench_identity(&bench, "secret", NULL);
	invite(&bench, text);
	peer_answer(&bench, 0, text, "302 Moved Temporarily", "Contact: <sip:a@192.0.2.1>\r\n");
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 302);
	ck_assert_str_eq(bench.redirected, "sip:a@192.0.2.1 ");
	peer_expect(&bench, 0, "ACK", got);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

/* The user has hung up, or there is nothing to follow. */
START_TEST(B22f_not_every_redirection_is_followed)
{
	static const char *const contacts[] = { "",
						"Contact: *\r\n",
						"Contact: <tel:+1555>\r\n",
						"Contact: <sips:a@192.0.2.1>\r\n",
						"Contact: <sip:1002@primary.example:5060>\r\n",
						"Contact: <sip:a@192.0.2.1\r\n" };
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];
	size_t i;

	for (i = 0; i < sizeof(contacts) / sizeof(contacts[0]); i++) {
		bench_open(&bench);
		invite(&bench, text);
		peer_answer(&bench, 0, text, "302 Moved Temporarily", contacts[i]);
		ck_assert_uint_eq(bench_last(&bench)->answer.status, 302);
		peer_expect(&bench, 0, "ACK", got);
		peer_expect_none(&bench, 0);
		bench_close(&bench);
	}
	bench_open(&bench);
	invite(&bench, text);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_GIVEN_UP);
	peer_answer(&bench, 0, text, "302 Moved Temporarily", "Contact: <sip:a@192.0.2.1>\r\n");
	peer_expect(&bench, 0, "ACK", got);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

/* ---- B22, B22c, B23a: what an answer says besides ----------------------------------------- */

START_TEST(B22_a_q850_reason_is_told)
{
	static const struct {
		const char *headers;
		uint32_t flags;
	} rows[] = {
		{ "", 0 },
		{ "Reason: Q.850;cause=34\r\n", FAILOVER_ANSWER_Q850 },
		{ "Reason: SIP ;cause=503, q.850 ; cause=20 ;text=\"x, y\"\r\n",
		  FAILOVER_ANSWER_Q850 },
		{ "Reason: SIP;cause=503\r\nReason: Q.850;cause=34\r\n", FAILOVER_ANSWER_Q850 },
		{ "Reason: SIP;cause=503;text=\"Q.850;cause=34\"\r\n", 0 },
		{ "Reason: Q.850x;cause=34\r\n", 0 },
		{ "X-Reason: Q.850;cause=34\r\n", 0 },
	};
	struct bench bench;
	char text[BENCH_TEXT];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bench_open(&bench);
		invite(&bench, text);
		peer_answer(&bench, 0, text, "503 Service Unavailable", rows[i].headers);
		ck_assert_uint_eq(bench_last(&bench)->answer.status, 503);
		ck_assert_uint_eq(bench_last(&bench)->answer.flags, rows[i].flags);
		bench_close(&bench);
	}
}
END_TEST

START_TEST(B22c_retry_after_is_read_from_every_final_response)
{
	static const char *const statuses[] = { "404 Not Found", "480 Away", "486 Busy Here",
						"500 Error",	 "503 Full", "600 Busy",
						"603 Decline" };
	static const char *const forms[] = { "7 (soon)", "7;duration=60", "7 (a;b, c) ;x" };
	struct bench bench;
	char text[BENCH_TEXT], header[64];
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		bench_open(&bench);
		invite(&bench, text);
		snprintf(header, sizeof(header), "Retry-After: %s\r\n", forms[i % 3]);
		peer_answer(&bench, 0, text, statuses[i], header);
		ck_assert_uint_eq(bench_last(&bench)->answer.retry_after_s, 7);
		bench_close(&bench);
	}
}
END_TEST

START_TEST(B23a_a_re_sent_bye_answered_408_says_that_the_other_side_may_not_know)
{
	struct bench bench;
	struct failover_attempt bye;
	char text[BENCH_TEXT], got[BENCH_TEXT];

	bench_open(&bench);
	invite(&bench, text);
	peer_answer(&bench, 0, text, "200 OK", "Contact: <sip:bob@192.0.2.9>\r\n");
	peer_expect(&bench, 0, "ACK", got);
	bye = bench_attempt(&bench, FAILOVER_BYE, 1, 2);
	bye.cookie = bench.call;
	bye.flags = FAILOVER_ATTEMPT_RESENT;
	bench_send(&bench, &bye);
	peer_expect(&bench, 1, "BYE", got);
	peer_answer(&bench, 1, got, "408 Request Timeout", "");
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 408);
	ck_assert_ptr_nonnull(strstr(bench.log, "the other side may not know"));
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B22f_each_200_of_a_fork_is_acked_and_all_but_one_ended);
	tcase_add_test(tcase, B22f_a_redirected_call_is_tried_at_its_contacts_in_order);
	tcase_add_test(tcase, B22f_at_most_five_contacts_once_each);
	tcase_add_test(tcase, B22f_when_no_contact_takes_the_call_it_fails);
	tcase_add_test(tcase, B22f_report_tells_the_contacts_only);
	tcase_add_test(tcase, B22f_not_every_redirection_is_followed);
	tcase_add_test(tcase, B22_a_q850_reason_is_told);
	tcase_add_test(tcase, B22c_retry_after_is_read_from_every_final_response);
	tcase_add_test(tcase,
		       B23a_a_re_sent_bye_answered_408_says_that_the_other_side_may_not_know);
}

int main(void)
{
	return bench_main("redirect", add);
}
