/* SPDX-License-Identifier: MIT */
/* plugin_overload_test.c - servers that have too much to do, and say so (B41, RFC 7339), with each
 * plugin. */
#include "plugin_subscribed.h"

static void open_heeding(struct bench *bench)
{
	bench_open(bench);
	bench->overload_control = 1;
	bench_identity(bench, "secret", NULL);
}

/* An OPTIONS whose answer has these parameters in its Via, behind those that ours had. */
static void peer_says(struct bench *bench, int peer, uint64_t id, const char *params)
{
	struct failover_attempt options = bench_attempt(bench, FAILOVER_OPTIONS, peer, id);
	char text[BENCH_TEXT], answered[BENCH_TEXT], via[512], *ours;

	bench_send(bench, &options);
	peer_expect(bench, peer, "OPTIONS ", text);
	header_of(text, "Via", via);
	ours = strstr(via, ";oc;oc-algo=\"loss\"");
	if (ours)
		memmove(ours, ours + 18, strlen(ours + 18) + 1);
	snprintf(answered, sizeof(answered), "OPTIONS x SIP/2.0\r\nVia: %s%s%s", via, params,
		 strstr(strstr(text, "Via: "), "\r\n"));
	peer_answer(bench, peer, answered, "200 OK", "");
	ck_assert_uint_eq(bench_last(bench)->attempt, id);
	bench->answers_count = 0;
}

/* Does a new call of this attempt reach the peer? If not it was answered 503. */
static int is_sent(struct bench *bench, int peer, uint64_t id)
{
	struct failover_attempt invite = bench_attempt(bench, FAILOVER_INVITE, peer, id);
	char text[BENCH_TEXT];

	invite.cookie = bench_dial(bench, "1002");
	invite.request = id;
	bench->answers_count = 0;
	bench_send(bench, &invite);
	if (bench->answers_count) {
		ck_assert_uint_eq(bench_last(bench)->attempt, id);
		ck_assert_uint_eq(bench_last(bench)->answer.status, 503);
		ck_assert_uint_eq(bench_last(bench)->answer.retry_after_s, 0);
		peer_expect_none(bench, peer);
		return 0;
	}
	peer_expect(bench, peer, "INVITE ", text);
	peer_answer(bench, peer, text, "486 Busy Here", "");
	peer_expect(bench, peer, "ACK ", text);
	return 1;
}

START_TEST(B41_requests_say_that_less_may_be_asked_for)
{
	struct bench bench;
	char text[BENCH_TEXT], via[512];
	struct failover_attempt registers;

	bench_open(&bench);
	registers = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &registers);
	peer_expect(&bench, 0, "REGISTER ", text);
	ck_assert_ptr_null(strstr(header_of(text, "Via", via), ";oc"));
	bench_close(&bench);

	open_heeding(&bench);
	registers = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &registers);
	peer_expect(&bench, 0, "REGISTER ", text);
	ck_assert_ptr_nonnull(strstr(header_of(text, "Via", via), ";oc;oc-algo=\"loss\""));
	ck_assert(is_sent(&bench, 0, 2));
	bench_close(&bench);
}
END_TEST

START_TEST(B41_new_calls_are_left_out_for_as_long_as_it_is_said)
{
	struct bench bench;

	open_heeding(&bench);
	peer_says(&bench, 0, 1, ";oc=100;oc-algo=\"loss\";oc-validity=5000;oc-seq=10.5");
	ck_assert(!is_sent(&bench, 0, 2));
	bench_advance(&bench, 4999);
	ck_assert(!is_sent(&bench, 0, 3));
	ck_assert(is_sent(&bench, 1, 4)); /* another server */
	bench_advance(&bench, 1);
	ck_assert(is_sent(&bench, 0, 5));
	peer_says(&bench, 0, 6, ";oc=100;oc-seq=11"); /* RFC 7339 4.3: 500 ms */
	bench_advance(&bench, 499);
	ck_assert(!is_sent(&bench, 0, 7));
	bench_advance(&bench, 1);
	ck_assert(is_sent(&bench, 0, 8));
	bench_close(&bench);
}
END_TEST

START_TEST(B41_a_part_of_them_is_left_out)
{
	struct bench bench;
	unsigned i, sent = 0;

	open_heeding(&bench);
	peer_says(&bench, 0, 1, ";oc=50;oc-validity=600000");
	for (i = 0; i < 200; i++)
		sent += is_sent(&bench, 0, 10 + i) != 0;
	ck_assert_uint_ge(sent, 50); /* 7 standard deviations */
	ck_assert_uint_le(sent, 150);
	bench_close(&bench);
}
END_TEST

START_TEST(B41_the_newest_word_counts)
{
	struct bench bench;

	open_heeding(&bench);
	peer_says(&bench, 0, 1, ";oc=100;oc-validity=60000;oc-seq=1282321615.782");
	peer_says(&bench, 0, 2, ";oc=0;oc-validity=60000;oc-seq=1282321615.781");
	ck_assert(!is_sent(&bench, 0, 3));
	peer_says(&bench, 0, 4, ";oc=0;oc-validity=0;oc-seq=1282321615.7821");
	ck_assert(is_sent(&bench, 0, 5));
	peer_says(&bench, 0, 6, ";oc=100;oc-validity=60000;oc-seq=1282321615.782");
	ck_assert(is_sent(&bench, 0, 7));
	bench_close(&bench);
}
END_TEST

START_TEST(B41_what_is_not_understood_says_nothing)
{
	static const char *const strange[] = {
		"",
		";oc",
		";oc=101",
		";oc=-1",
		";oc=x",
		";oc=100;oc-algo=\"rate\"",
		";oc=100;oc-validity=soon",
		";oc=100;oc-seq=x",
		";oc=100;oc-seq=1.2.3",
		";oc=100;oc-seq=99999999999999999999",
	};
	struct bench bench;
	size_t i;

	open_heeding(&bench);
	for (i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		peer_says(&bench, 0, 10 + 2 * i, strange[i]);
		ck_assert_msg(is_sent(&bench, 0, 11 + 2 * i), "%s", strange[i]);
	}
	bench_close(&bench);
}
END_TEST

START_TEST(B41_nothing_is_heeded_unless_configured)
{
	struct bench bench;

	bench_open(&bench);
	peer_says(&bench, 0, 1, ";oc=100;oc-validity=60000");
	ck_assert(is_sent(&bench, 0, 2));
	bench_close(&bench);
}
END_TEST

START_TEST(B41_registrations_and_dialogs_are_spared)
{
	struct bench bench;
	struct failover_attempt registers, help;
	char text[BENCH_TEXT];
	uint64_t call;

	open_heeding(&bench);
	call = bench_dial(&bench, "1002");
	bench_invite(&bench, call, 0, 1, text);
	peer_answer(&bench, 0, text, "200 OK", "Contact: <sip:bob@127.0.0.11>\r\n");
	peer_expect(&bench, 0, "ACK ", text);
	peer_says(&bench, 0, 2, ";oc=100;oc-validity=60000");
	registers = bench_attempt(&bench, FAILOVER_REGISTER, 0, 3);
	bench_send(&bench, &registers);
	peer_expect(&bench, 0, "REGISTER ", text);
	peer_answer(&bench, 0, text, "200 OK", "");
	bench_bye(&bench, call, 0, 4);
	peer_expect(&bench, 0, "BYE ", text);
	help = bench_attempt(&bench, FAILOVER_INVITE, 0, 5); /* B36 */
	help.cookie = bench_dial(&bench, "112");
	help.flags = FAILOVER_ATTEMPT_EMERGENCY;
	bench_send(&bench, &help);
	peer_expect(&bench, 0, "INVITE ", text);
	bench_close(&bench);
}
END_TEST

START_TEST(B41_a_subscription_waits_as_after_503)
{
	struct bench bench;
	struct failover_attempt subscribe;

	open_heeding(&bench);
	peer_says(&bench, 0, 1, ";oc=100;oc-validity=60000");
	bench_subscribe(&bench, bench_mwi, 1);
	bench_serve(&bench, 0, 0);
	ck_assert_uint_eq(bench.due, 1);
	subscribe = bench_attempt(&bench, FAILOVER_OTHER, 0, 2);
	subscribe.cookie = bench.due_subscription;
	bench_send(&bench, &subscribe);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 503);
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.last_news.kind, FAILOVER_SUBSCRIPTION_FAILED);
	ck_assert_uint_eq(bench.last_news.status, 503);
	bench_advance(&bench, 33000);
	ck_assert_uint_eq(bench.due, 2);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B41_requests_say_that_less_may_be_asked_for);
	tcase_add_test(tcase, B41_new_calls_are_left_out_for_as_long_as_it_is_said);
	tcase_add_test(tcase, B41_a_part_of_them_is_left_out);
	tcase_add_test(tcase, B41_the_newest_word_counts);
	tcase_add_test(tcase, B41_what_is_not_understood_says_nothing);
	tcase_add_test(tcase, B41_nothing_is_heeded_unless_configured);
	tcase_add_test(tcase, B41_registrations_and_dialogs_are_spared);
	tcase_add_test(tcase, B41_a_subscription_waits_as_after_503);
}

int main(void)
{
	return bench_main("overload", add);
}
