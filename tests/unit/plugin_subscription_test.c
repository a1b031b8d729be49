/* SPDX-License-Identifier: MIT */
/* plugin_subscription_test.c - what a line is subscribed to follows it (B40): RFC 6665 with each
 * plugin. */
#include "plugin_subscribed.h"

/* ---- set up ------------------------------------------------------------------------------- */

START_TEST(B40_a_line_subscribes_where_it_is_served)
{
	struct bench bench;
	char text[BENCH_TEXT], value[512], again[512];

	bench_open_served(&bench);
	bench_send_due(&bench, 0, 1, text);
	ck_assert_ptr_nonnull(strstr(text, "SUBSCRIBE sip:1001@primary.example"));
	ck_assert_str_eq(header_of(text, "Event", value), MWI);
	ck_assert_str_eq(header_of(text, "Accept", value), "application/simple-message-summary");
	ck_assert_str_eq(header_of(text, "Expires", value), "3600");
	ck_assert_ptr_nonnull(strstr(header_of(text, "Contact", value), "<sip:1001@127.0.0.1:"));
	ck_assert_ptr_null(strstr(header_of(text, "To", value), "tag="));
	peer_answer(&bench, 0, text, "200 OK", "Expires: 600\r\n");
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_ACTIVE);
	ck_assert_uint_eq(bench.last_news.expires_s, 600);
	ck_assert_str_eq(bench.news_what, MWI);

	/* B15: at 90 %, in its dialog */
	bench_advance(&bench, 539000);
	ck_assert_uint_eq(bench.due, 1);
	bench_advance(&bench, 1000);
	ck_assert_uint_eq(bench.due, 2);
	header_of(text, "Call-ID", value);
	bench_send_due(&bench, 0, 2, text);
	ck_assert_str_eq(header_of(text, "Call-ID", again), value);
	ck_assert_ptr_nonnull(strstr(header_of(text, "To", value), ";tag=peer"));
	ck_assert_uint_eq(cseq_of(text), 2);
	peer_answer(&bench, 0, text, "200 OK", "Expires: 600\r\n");
	bench_advance(&bench, 540000);
	ck_assert_uint_eq(bench.due, 3);
	bench_close(&bench);
}
END_TEST

START_TEST(B40_the_resource_is_what_the_text_says)
{
	static const char *const what[] = { "dialog;target=1002" };
	struct bench bench;
	char text[BENCH_TEXT], value[512];

	bench_open(&bench);
	bench_subscribe(&bench, what, 1);
	bench_serve(&bench, 0, 0);
	bench_send_due(&bench, 0, 1, text);
	ck_assert_ptr_nonnull(strstr(text, "SUBSCRIBE sip:1002@primary.example"));
	ck_assert_str_eq(header_of(text, "Event", value), "dialog");
	ck_assert_str_eq(header_of(text, "Accept", value), "application/dialog-info+xml");
	bench_close(&bench);
}
END_TEST

START_TEST(B40_a_text_that_is_no_subscription_changes_nothing)
{
	static const char *const wrong[][2] = {
		{ MWI, "" },
		{ MWI, "no package" },
		{ MWI, "dialog;target=" },
		{ MWI, "dialog;target=<sip:x@y>" },
		{ MWI, "dialog;of=1002" },
		{ MWI, MWI },
		{ MWI, "dialog;target=1002\r\nX: y" },
	};
	const char *const others[] = { "dialog" };
	struct bench bench;
	char text[BENCH_TEXT];
	size_t i;

	bench_open_active(&bench, text);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(bench.subscriptions->set(bench.inst, 1, wrong[i], 2) ==
				      FAILOVER_ERR_ARGUMENT,
			      "%s", wrong[i][1]);
	ck_assert_int_eq(bench.subscriptions->set(bench.inst, 1, others, 65),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(bench.subscriptions->set(bench.inst, 9, bench_mwi, 1), FAILOVER_ERR_STALE);
	ck_assert_int_eq(bench.subscriptions->serve(bench.inst, 9, NULL, 0), FAILOVER_ERR_STALE);
	bench_notify(&bench, 0, text, 1, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 200", text);
	bench_close(&bench);
}
END_TEST

START_TEST(B40_a_challenge_is_answered)
{
	struct bench bench;
	struct failover_attempt registers;
	char text[BENCH_TEXT], value[512];

	bench_open(&bench);
	registers = bench_attempt(&bench, FAILOVER_REGISTER, 0, 90);
	bench_send(&bench, &registers);
	peer_expect(&bench, 0, "REGISTER ", text);
	peer_answer(&bench, 0, text, "401 Unauthorized",
		    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	peer_expect(&bench, 0, "REGISTER ", text);
	peer_answer(&bench, 0, text, "200 OK", "Expires: 3600\r\n");
	bench_subscribe(&bench, bench_mwi, 1);
	bench_serve(&bench, 0, 0);
	bench_send_due(&bench, 0, 1, text);
	ck_assert_uint_eq(headers_in(text, "Authorization"), 1);
	peer_answer(&bench, 0, text, "407 Proxy Authentication Required",
		    "Proxy-Authenticate: Digest realm=\"r\", nonce=\"m\"\r\n");
	peer_expect(&bench, 0, "SUBSCRIBE ", text);
	ck_assert_uint_eq(headers_in(text, "Proxy-Authorization"), 1);
	ck_assert_uint_eq(cseq_of(text), 2);
	peer_answer(&bench, 0, text, "200 OK", "Expires: 600\r\n");
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_ACTIVE);
	bench_advance(&bench, 540000);
	bench_send_due(&bench, 0, 2, text);
	ck_assert_uint_eq(cseq_of(text), 3);
	ck_assert_ptr_nonnull(strstr(header_of(text, "To", value), ";tag=peer"));
	bench_close(&bench);
}
END_TEST

/* A line has one SUBSCRIBE at a time under way: its calls have the room. */
START_TEST(B40_one_subscribe_of_a_line_at_a_time)
{
	static const char *const three[] = { MWI, "dialog;target=1002", "dialog;target=1003" };
	struct bench bench;
	char text[BENCH_TEXT];
	uint64_t first;

	bench_open(&bench);
	bench_subscribe(&bench, three, 3);
	bench_serve(&bench, 0, 0);
	ck_assert_uint_eq(bench.due, 1);
	first = bench.due_subscription;
	bench_send_due(&bench, 0, 1, text);
	peer_answer(&bench, 0, text, "200 OK", "Expires: 600\r\n");
	bench_pump(&bench);
	ck_assert_uint_eq(bench.due, 2);
	ck_assert_uint_ne(bench.due_subscription, first);
	bench_send_due(&bench, 0, 2, text);
	bench_no_answer(&bench, 2);
	bench_pump(&bench);
	ck_assert_uint_eq(bench.due, 3);
	bench_close(&bench);
}
END_TEST

START_TEST(B40_what_cannot_be_now_is_asked_for_again)
{
	struct bench bench;

	bench_open(&bench);
	bench_subscribe(&bench, bench_mwi, 1);
	bench.due_error = FAILOVER_ERR_FULL;
	bench_serve(&bench, 0, 0);
	ck_assert_uint_eq(bench.due, 1);
	bench.due_error = 0;
	bench_advance(&bench, 1000);
	ck_assert_uint_eq(bench.due, 2);
	bench_advance(&bench, 100000);
	ck_assert_uint_eq(bench.due, 2);
	bench_close(&bench);
}
END_TEST

/* ---- moves -------------------------------------------------------------------------------- */

START_TEST(B40_a_move_sets_up_anew_within_the_spread)
{
	struct bench bench;
	char text[BENCH_TEXT], moved[BENCH_TEXT], value[512], other[512];

	bench_open_active(&bench, text);
	bench_serve(&bench, 1, 3200);
	bench_advance(&bench, 3200);
	ck_assert_uint_eq(bench.due, 2);
	bench_send_due(&bench, 1, 2, moved);
	ck_assert_str_ne(header_of(moved, "Call-ID", value), header_of(text, "Call-ID", other));
	ck_assert_ptr_null(strstr(header_of(moved, "To", value), "tag="));
	peer_answer(&bench, 1, moved, "202 Accepted", "Expires: 600\r\n");
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_ACTIVE);
	ck_assert_uint_eq(bench.last_news.target.port, bench.peers[1].target.port);
	bench_notify(&bench, 1, moved, 1, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 1, "SIP/2.0 200", value);
	bench_close(&bench);
}
END_TEST

/* Several lines, or several subscriptions, do not go all at once. */
START_TEST(B40_moves_are_spread)
{
	struct bench bench;
	char text[BENCH_TEXT], names[64][8];
	const char *what[64];
	unsigned i, late = 0;

	for (i = 0; i < 64; i++) {
		snprintf(names[i], sizeof(names[i]), "p%u", i);
		what[i] = names[i];
	}
	bench_open(&bench);
	bench_subscribe(&bench, what, 64);
	bench_serve(&bench, 0, 60000);
	for (i = 0; i < 64; i++) {
		while (bench.due <= i) {
			ck_assert_uint_lt(late, 61);
			bench_advance(&bench, 1000);
			late++;
		}
		bench_send_due(&bench, 0, i + 1, text);
		peer_answer(&bench, 0, text, "200 OK", "Expires: 3600\r\n");
		bench_pump(&bench);
	}
	ck_assert_uint_ge(late, 30);
	bench_close(&bench);
}
END_TEST

/* B21: what the old server says counts until the new subscription stands; then 481 ends it there.
 */
START_TEST(B40_the_old_server_is_heard_until_the_new_one_stands)
{
	struct bench bench;
	char text[BENCH_TEXT], moved[BENCH_TEXT], got[BENCH_TEXT];

	bench_open_active(&bench, text);
	bench_serve(&bench, 1, 0);
	bench_notify(&bench, 0, text, 1, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_NOTIFY);
	ck_assert_str_eq(bench.news_body, SUMMARY);
	bench_send_due(&bench, 1, 2, moved);
	bench_notify(&bench, 0, text, 2, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	bench_notify(&bench, 1, moved, 1, NOTIFY_HEADERS, SUMMARY); /* before its 200 */
	peer_expect(&bench, 1, "SIP/2.0 200", got);
	peer_answer(&bench, 1, moved, "200 OK", "Expires: 600\r\n");
	bench_notify(&bench, 0, text, 3, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 481", got);
	bench_notify(&bench, 1, moved, 2, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 1, "SIP/2.0 200", got);
	bench_close(&bench);
}
END_TEST

/* Its end over there takes nothing away here. */
START_TEST(B40_the_old_server_may_end_what_it_had)
{
	struct bench bench;
	char text[BENCH_TEXT], moved[BENCH_TEXT], got[BENCH_TEXT];

	bench_open_active(&bench, text);
	bench_serve(&bench, 1, 0);
	bench_notify(&bench, 0, text, 1,
		     "Event: message-summary\r\n"
		     "Subscription-State: terminated;reason=probation;retry-after=900\r\n",
		     "");
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	ck_assert_uint_eq(bench.due, 2);
	bench_send_due(&bench, 1, 2, moved);
	peer_answer(&bench, 1, moved, "200 OK", "Expires: 600\r\n");
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_ACTIVE);
	bench_close(&bench);
}
END_TEST

/* What was under way to the old server when the line moved is not waited for. */
START_TEST(B40_a_move_does_not_wait_for_the_old_server)
{
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open_served(&bench);
	bench_send_due(&bench, 0, 1, text);
	bench_serve(&bench, 1, 0);
	ck_assert_uint_eq(bench.due, 2);
	bench_send_due(&bench, 1, 2, text);
	bench_no_answer(&bench, 1);
	ck_assert_uint_eq(bench.news, 0);
	peer_answer(&bench, 1, text, "200 OK", "Expires: 600\r\n");
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_ACTIVE);
	bench_close(&bench);
}
END_TEST

START_TEST(B40_nothing_goes_where_nobody_serves)
{
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open_active(&bench, text);
	bench_serve(&bench, -1, 0);
	bench_advance(&bench, 3600000);
	ck_assert_uint_eq(bench.due, 1);
	bench_serve(&bench, 0, 0);
	ck_assert_uint_eq(bench.due, 2);
	bench_send_due(&bench, 0, 2, text);
	bench_close(&bench);
}
END_TEST

/* ---- answers ------------------------------------------------------------------------------ */

START_TEST(B40_423_is_asked_again_with_more)
{
	struct bench bench;
	char text[BENCH_TEXT], value[512];

	bench_open_served(&bench);
	bench_send_due(&bench, 0, 1, text);
	peer_answer(&bench, 0, text, "423 Interval Too Brief", "Min-Expires: 7200\r\n");
	bench_pump(&bench);
	ck_assert_uint_eq(bench.due, 2);
	bench_send_due(&bench, 0, 2, text);
	ck_assert_str_eq(header_of(text, "Expires", value), "7200");
	peer_answer(&bench, 0, text, "423 Interval Too Brief", "Min-Expires: 60\r\n");
	bench_pump(&bench);
	ck_assert_uint_eq(bench.due, 2);
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_FAILED);
	bench_close(&bench);
}
END_TEST

START_TEST(B40_481_to_a_refresh_begins_anew)
{
	struct bench bench;
	char text[BENCH_TEXT], value[512];

	bench_open_active(&bench, text);
	bench_advance(&bench, 3240000);
	ck_assert_uint_eq(bench.due, 2);
	bench_send_due(&bench, 0, 2, text);
	peer_answer(&bench, 0, text, "481 Subscription Does Not Exist", "");
	bench_pump(&bench);
	ck_assert_uint_eq(bench.due, 3);
	bench_send_due(&bench, 0, 3, text);
	ck_assert_ptr_null(strstr(header_of(text, "To", value), "tag="));
	peer_answer(&bench, 0, text, "481 Subscription Does Not Exist", "");
	bench_pump(&bench);
	ck_assert_uint_eq(bench.due, 3); /* no loop */
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_FAILED);
	bench_close(&bench);
}
END_TEST

START_TEST(B40_489_is_told_and_not_asked_again_before_a_reload)
{
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open_served(&bench);
	bench_send_due(&bench, 0, 1, text);
	peer_answer(&bench, 0, text, "489 Bad Event", "");
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_REFUSED);
	ck_assert_uint_eq(bench.last_news.status, 489);
	bench_advance(&bench, 7200000);
	bench_serve(&bench, 1, 0);
	bench_advance(&bench, 7200000);
	ck_assert_uint_eq(bench.due, 1);
	bench_subscribe(&bench, bench_mwi, 1);
	ck_assert_uint_eq(bench.due, 2);
	bench_close(&bench);
}
END_TEST

START_TEST(B40_a_failure_is_followed_by_longer_pauses)
{
	struct bench bench;
	char text[BENCH_TEXT];
	unsigned i;
	uint64_t pause = 30;

	bench_open_served(&bench);
	for (i = 1; i < 9; i++) {
		bench_send_due(&bench, 0, i, text);
		if (i % 2)
			peer_answer(&bench, 0, text, "500 Server Internal Error", "");
		else
			bench_no_answer(&bench, i);
		ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_FAILED);
		ck_assert_uint_ge(bench.last_news.again_s, pause);
		ck_assert_uint_le(bench.last_news.again_s, pause + pause / 10);
		bench_advance(&bench, pause * 1000 - 1);
		ck_assert_uint_eq(bench.due, i);
		bench_advance(&bench, pause * 100 + 1);
		ck_assert_uint_eq(bench.due, i + 1);
		pause = pause < 1920 ? pause * 2 : pause;
	}
	bench_send_due(&bench, 0, 9, text);
	peer_answer(&bench, 0, text, "503 Service Unavailable", "Retry-After: 7000\r\n");
	ck_assert_uint_eq(bench.last_news.again_s, 7000);
	ck_assert_uint_eq(bench.last_news.status, 503);
	bench_close(&bench);
}
END_TEST

/* ---- the end ------------------------------------------------------------------------------ */

START_TEST(B40_what_is_not_wanted_any_more_is_ended_at_its_server)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], value[512];

	bench_open_active(&bench, text);
	bench_subscribe(&bench, NULL, 0);
	peer_expect(&bench, 0, "SUBSCRIBE ", got);
	ck_assert_str_eq(header_of(got, "Expires", value), "0");
	ck_assert(same_header(text, got, "Call-ID"));
	bench_notify(&bench, 0, text, 1,
		     "Event: message-summary\r\nSubscription-State: terminated\r\n", "");
	peer_expect(&bench, 0, "SIP/2.0 481", got);
	bench_advance(&bench, 7200000);
	ck_assert_uint_eq(bench.due, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B40_a_line_that_goes_takes_its_subscriptions_along)
{
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open_active(&bench, text);
	bench.lines->line_remove(bench.inst, 1);
	bench_advance(&bench, 7200000);
	ck_assert_uint_eq(bench.due, 1);
	bench_close(&bench);
}
END_TEST

/* A reload that changes nothing keeps them. */
START_TEST(B40_a_new_identity_keeps_what_stays)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];

	bench_open_active(&bench, text);
	bench_identity(&bench, "other secret", NULL);
	bench_subscribe(&bench, bench_mwi, 1);
	bench_serve(&bench, 0, 0);
	ck_assert_uint_eq(bench.due, 1);
	bench_notify(&bench, 0, text, 1, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B40_a_line_subscribes_where_it_is_served);
	tcase_add_test(tcase, B40_the_resource_is_what_the_text_says);
	tcase_add_test(tcase, B40_a_text_that_is_no_subscription_changes_nothing);
	tcase_add_test(tcase, B40_a_challenge_is_answered);
	tcase_add_test(tcase, B40_one_subscribe_of_a_line_at_a_time);
	tcase_add_test(tcase, B40_what_cannot_be_now_is_asked_for_again);
	tcase_add_test(tcase, B40_a_move_sets_up_anew_within_the_spread);
	tcase_add_test(tcase, B40_moves_are_spread);
	tcase_add_test(tcase, B40_the_old_server_is_heard_until_the_new_one_stands);
	tcase_add_test(tcase, B40_the_old_server_may_end_what_it_had);
	tcase_add_test(tcase, B40_a_move_does_not_wait_for_the_old_server);
	tcase_add_test(tcase, B40_nothing_goes_where_nobody_serves);
	tcase_add_test(tcase, B40_423_is_asked_again_with_more);
	tcase_add_test(tcase, B40_481_to_a_refresh_begins_anew);
	tcase_add_test(tcase, B40_489_is_told_and_not_asked_again_before_a_reload);
	tcase_add_test(tcase, B40_a_failure_is_followed_by_longer_pauses);
	tcase_add_test(tcase, B40_what_is_not_wanted_any_more_is_ended_at_its_server);
	tcase_add_test(tcase, B40_a_line_that_goes_takes_its_subscriptions_along);
	tcase_add_test(tcase, B40_a_new_identity_keeps_what_stays);
}

int main(void)
{
	return bench_main("subscription", add);
}
