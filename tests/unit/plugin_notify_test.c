/* SPDX-License-Identifier: MIT */
/* plugin_notify_test.c - NOTIFY of what a line is subscribed to (B40, RFC 6665 4.1.3), with each
 * plugin. */
#include "plugin_subscribed.h"

START_TEST(B40_a_notify_is_answered_and_told)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];

	bench_open_active(&bench, text);
	bench_notify(&bench, 0, text, 7, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	ck_assert_uint_eq(bench.news, 2);
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_NOTIFY);
	ck_assert_str_eq(bench.news_state, "active");
	ck_assert_str_eq(bench.news_type, "application/simple-message-summary");
	ck_assert_str_eq(bench.news_body, SUMMARY);
	bench_advance(&bench, 2699000); /* it said 3000 s */
	ck_assert_uint_eq(bench.due, 1);
	bench_advance(&bench, 1000);
	ck_assert_uint_eq(bench.due, 2);
	bench_close(&bench);
}
END_TEST

START_TEST(B40_a_notify_that_is_wrong_is_refused)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], other[BENCH_TEXT];

	bench_open_active(&bench, text);
	bench_notify(&bench, 0, text, 7, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	bench_notify(&bench, 0, text, 6, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 500", got);
	bench_notify(&bench, 0, text, 8, "Event: dialog\r\nSubscription-State: active\r\n",
		     SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 489", got);
	bench_notify(&bench, 0, text, 9, "Subscription-State: active\r\n", SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 489", got);
	bench_notify(&bench, 0, text, 10, "Event: message-summary\r\n", SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 400", got);
	snprintf(other, sizeof(other), "%s", text);
	memcpy(strstr(other, "Call-ID: ") + 9, "zz", 2);
	bench_notify(&bench, 0, other, 11, NOTIFY_HEADERS, SUMMARY);
	peer_expect(&bench, 0, "SIP/2.0 481", got);
	ck_assert_uint_eq(bench.news, 2);
	bench_close(&bench);
}
END_TEST

START_TEST(B40_a_body_that_is_too_long_is_not_told)
{
	static char body[8195];
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];

	memset(body, 'x', 8192);
	bench_open_active(&bench, text);
	bench_notify(&bench, 0, text, 1, NOTIFY_HEADERS, body);
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	ck_assert_str_eq(bench.news_body, body);
	body[8192] = 'x';
	bench_notify(&bench, 0, text, 2, NOTIFY_HEADERS, body);
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_NOTIFY);
	ck_assert_str_eq(bench.news_body, "");
	bench_close(&bench);
}
END_TEST

/* RFC 6665 4.1.3: what each reason asks for. */
START_TEST(B40_what_the_server_ends_is_asked_for_as_it_says)
{
	static const struct {
		const char *params;
		uint32_t least_s, most_s; /* until the next; UINT32_MAX = none */
	} ends[] = {
		{ ";reason=deactivated", 0, 10 },
		{ ";reason=timeout", 0, 10 },
		{ ";reason=probation;retry-after=900", 900, 900 },
		{ ";reason=giveup", 30, 33 },
		{ "", 30, 33 },
		{ ";retry-after=77", 77, 77 },
		{ ";reason=rejected", UINT32_MAX, 0 },
		{ ";reason=noresource;retry-after=5", UINT32_MAX, 0 },
		{ ";reason=invariant", UINT32_MAX, 0 },
	};
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[256], value[512];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct bench bench;

		bench_open_active(&bench, text);
		snprintf(headers, sizeof(headers),
			 "Event: message-summary\r\nSubscription-State: terminated%s\r\n",
			 ends[i].params);
		bench_notify(&bench, 0, text, 1, headers, "");
		peer_expect(&bench, 0, "SIP/2.0 200", got);
		ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_ENDED);
		if (ends[i].least_s == UINT32_MAX) {
			ck_assert_uint_eq(bench.last_news.again_s, UINT32_MAX);
			bench_advance(&bench, 36000000);
			ck_assert_uint_eq(bench.due, 1);
			bench_serve(&bench, 1, 0); /* another server may think otherwise */
			ck_assert_uint_eq(bench.due, 2);
			bench_close(&bench);
			continue;
		}
		ck_assert_uint_ge(bench.last_news.again_s, ends[i].least_s);
		if (ends[i].least_s)
			bench_advance(&bench, ends[i].least_s * UINT64_C(1000) - 1);
		ck_assert_uint_eq(bench.due, 1);
		bench_advance(&bench, (ends[i].most_s - ends[i].least_s) * UINT64_C(1000) + 1);
		ck_assert_uint_eq(bench.due, 2);
		bench_send_due(&bench, 0, 2, text);
		ck_assert_ptr_null(strstr(header_of(text, "To", value), "tag="));
		bench_close(&bench);
	}
}
END_TEST

START_TEST(B40_a_server_that_ends_it_at_once_is_not_asked_without_end)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT];
	unsigned i;

	bench_open_active(&bench, text);
	for (i = 2; i < 8; i++) {
		bench_notify(&bench, 0, text, i,
			     "Event: message-summary\r\n"
			     "Subscription-State: terminated;reason=deactivated\r\n",
			     "");
		peer_expect(&bench, 0, "SIP/2.0 200", got);
		bench_advance(&bench, 9000);
		ck_assert_uint_eq(bench.due, i - 1);
		bench_advance(&bench, 1000);
		ck_assert_uint_eq(bench.due, i);
		bench_send_due(&bench, 0, i, text);
		peer_answer(&bench, 0, text, "200 OK", "Expires: 1\r\n");
	}
	bench_advance(&bench, 4000); /* nor one that grants nothing worth it */
	ck_assert_uint_eq(bench.due, 7);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B40_a_notify_is_answered_and_told);
	tcase_add_test(tcase, B40_a_notify_that_is_wrong_is_refused);
	tcase_add_test(tcase, B40_a_body_that_is_too_long_is_not_told);
	tcase_add_test(tcase, B40_what_the_server_ends_is_asked_for_as_it_says);
	tcase_add_test(tcase, B40_a_server_that_ends_it_at_once_is_not_asked_without_end);
}

int main(void)
{
	return bench_main("notify", add);
}
