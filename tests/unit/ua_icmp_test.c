/* SPDX-License-Identifier: MIT */
/* ua_icmp_test.c - which ICMP errors count, and for whom (B4, B21b). */
#include "ua_bench.h"

static void undelivered(struct bench *bench, const struct failover_target *to, const char *quote)
{
	struct ua_icmp error = { .to = *to, .quoted = strlen(quote) };

	memcpy(error.quote, quote, error.quoted);
	ua_undelivered(&bench->ua, &error);
}

START_TEST(B4_icmp_is_for_those_that_wait_for_a_first_answer)
{
	struct failover_target other = REGISTRAR;
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	other.port++;
	undelivered(&bench, &other, bench.text);
	ck_assert_uint_eq(bench.unreachable, 0);
	answer(&bench, bench.text, 100);
	undelivered(&bench, &REGISTRAR, bench.text);
	ck_assert_uint_eq(bench.unreachable, 0);
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_UNAVAILABLE), 0);
	start(&bench, FAILOVER_REGISTER, 0);
	undelivered(&bench, &REGISTRAR, bench.text);
	ck_assert_uint_eq(bench.unreachable, 1);
	bench_close(&bench);
}
END_TEST

/* Up to here of the text, and not a byte more. */
static void quoted(struct bench *bench, const char *text, size_t count)
{
	char quote[2048];

	ck_assert_uint_lt(count, sizeof(quote));
	memcpy(quote, text, count);
	quote[count] = '\0';
	undelivered(bench, &REGISTRAR, quote);
}

START_TEST(B21b_an_error_that_quotes_the_branch_counts_at_once)
{
	struct bench bench;
	char text[sizeof(bench.text)];
	size_t branch;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	memcpy(text, bench.text, sizeof(text));
	branch = (size_t)(strstr(text, ";branch=") - text) + 8;
	quoted(&bench, text, branch + 22); /* fewer bits than can be guessed */
	ck_assert_uint_eq(bench.unreachable, 0);
	quoted(&bench, text, branch + 23);
	ck_assert_uint_eq(bench.unreachable, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B21b_an_error_that_quotes_what_was_not_sent_never_counts)
{
	static const char other_branch[] =
		"REGISTER sip:primary.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;"
		"branch=z9hG4bK00000000000000000000000000000000\r\n";
	static const char *const quotes[] = {
		"REGISTER sip:elsewhere.example SIP/2.0\r\n",
		"OPTIONS ",
		"x",
		"SIP/2.0 200 OK\r\n",
		other_branch,
	};
	struct bench bench;
	size_t i;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	for (i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		undelivered(&bench, &REGISTRAR, quotes[i]);
	advance(&bench, 500);
	for (i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		undelivered(&bench, &REGISTRAR, quotes[i]);
	ck_assert_uint_eq(bench.unreachable, 0);
	ck_assert_uint_eq(bench.ua.counters.forged, 10);
	bench_close(&bench);
}
END_TEST

START_TEST(B21b_without_a_quote_two_errors_for_two_packets_are_needed)
{
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	undelivered(&bench, &REGISTRAR, "");
	undelivered(&bench, &REGISTRAR, "");
	undelivered(&bench, &REGISTRAR, "REGISTER "); /* anybody can say so */
	ck_assert_uint_eq(bench.unreachable, 0);
	advance(&bench, 500);
	ck_assert_uint_eq(bench.unreachable, 0);
	undelivered(&bench, &REGISTRAR, "");
	ck_assert_uint_eq(bench.unreachable, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B21b_what_this_system_says_needs_no_quote)
{
	struct ua_icmp error = { .to = REGISTRAR, .is_local = 1 };
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	ua_undelivered(&bench.ua, &error);
	ck_assert_uint_eq(bench.unreachable, 1);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B4_icmp_is_for_those_that_wait_for_a_first_answer);
	tcase_add_test(tcase, B21b_an_error_that_quotes_the_branch_counts_at_once);
	tcase_add_test(tcase, B21b_an_error_that_quotes_what_was_not_sent_never_counts);
	tcase_add_test(tcase, B21b_without_a_quote_two_errors_for_two_packets_are_needed);
	tcase_add_test(tcase, B21b_what_this_system_says_needs_no_quote);
}

int main(void)
{
	return bench_main("ua_icmp", add);
}
