/* SPDX-License-Identifier: MIT */
/* dns_names_test.c - names through c-ares and a DNS server, on a clock of the test's own. */
#include "dns_bench.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct failover_dns_watch *watch;

static const char *const full[] = { "v.test 60 SOA 90",
				    "v.test 600 NAPTR 10 10 s SIP+D2U _sip._udp.v.test",
				    "v.test 600 NAPTR 5 10 s SIP+D2T _sip._tcp.v.test",
				    "_sip._udp.v.test 300 SRV 10 0 5070 a.v.test",
				    "_sip._udp.v.test 300 SRV 20 0 5071 b.v.test",
				    "_sip._tcp.v.test 300 SRV 10 0 5072 c.v.test",
				    "a.v.test 40 A 192.0.2.1",
				    "a.v.test 50 AAAA 2001:db8::1",
				    "b.v.test 60 A 192.0.2.2",
				    "v.test 60 A 192.0.2.9",
				    NULL };

START_TEST(B1_naptr_srv_addresses)
{
	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("V.Test.", FAILOVER_DNS_NAPTR, 0);
	ck_assert_uint_eq(failover_dns_targets(watch, NULL, 0), 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_uint_eq(bench.news.cookie, 7);
	ck_assert_ptr_eq(bench.news.watch, watch);
	ck_assert_str_eq(bench.news.name, "v.test");
	ck_assert_uint_eq(bench.news.changed, 1);
	ck_assert_uint_eq(bench.news.seconds, 40);
	ck_assert_str_eq(bench_listed(watch), "[2001:db8::1]:5070 192.0.2.1:5070 192.0.2.2:5071");
}
END_TEST

START_TEST(B1_modes)
{
	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_str_eq(bench_listed(watch), "[2001:db8::1]:5070 192.0.2.1:5070 192.0.2.2:5071");
	watch = bench_want("v.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.9:5060");
	watch = bench_want("b.v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.2:5060");
}
END_TEST

START_TEST(B1_with_a_port_addresses_only)
{
	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 5099);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.9:5099");
	ck_assert_uint_eq(bench.server.asked, 2);
}
END_TEST

START_TEST(B1_numeric_is_itself)
{
	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("192.0.2.77", FAILOVER_DNS_NAPTR, 0);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.77:5060");
	ck_assert_int_eq(bench_run(), 0);
	ck_assert_uint_eq(failover_dns_deadline(bench.dns, bench.now), FAILOVER_NO_DEADLINE);
	ck_assert_uint_eq(bench.server.asked, 0);
}
END_TEST

START_TEST(B1_host_file_comes_first)
{
	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("localhost", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_ptr_nonnull(strstr(bench_listed(watch), "127.0.0.1:5060"));
}
END_TEST

static const char *const targets_8[] = {
	"m.test 60 A 192.0.2.8", "m.test 60 A 192.0.2.7", "m.test 60 A 192.0.2.6",
	"m.test 60 A 192.0.2.5", "m.test 60 A 192.0.2.4", "m.test 60 A 192.0.2.3",
	"m.test 60 A 192.0.2.2", "m.test 60 A 192.0.2.1", NULL
};

START_TEST(B1_one_three_and_eight_targets)
{
	static const uint32_t counts[] = { 1, 3, 8 };

	ck_assert_int_eq(bench_start(targets_8 + 8 - counts[_i]), 0);
	watch = bench_want("m.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.targets_count, counts[_i]);
	ck_assert_ptr_nonnull(strstr(bench_listed(watch), "192.0.2.1:5060"));
}
END_TEST

START_TEST(B1_one_set_of_questions_for_all_watches)
{
	struct failover_dns_watch *other;

	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("b.v.test", FAILOVER_DNS_A, 0);
	other = bench_want("b.v.test", FAILOVER_DNS_NAPTR, 5099);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.server.asked, 2);
	ck_assert_str_eq(bench_listed(other), "192.0.2.2:5099");
	failover_dns_watch_free(watch);
	ck_assert_str_eq(bench_listed(other), "192.0.2.2:5099");
}
END_TEST

START_TEST(B1b_asked_again_when_the_ttl_ends)
{
	uint32_t asked, drawn;

	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(bench_run(), 1);
	asked = bench.server.asked;
	drawn = bench.draws;
	bench.now += 39 * SECOND;
	ck_assert_int_eq(bench_run(), 0);
	ck_assert_uint_eq(bench.server.asked, asked);
	ck_assert_uint_eq(bench_wait(), SECOND);
	ck_assert_int_eq(bench_run(), 0); /* nothing new */
	ck_assert_uint_gt(bench.server.asked, asked);
	ck_assert_uint_eq(bench.draws, drawn); /* and no new order */
	ck_assert_uint_eq(bench_wait(), 40 * SECOND);
}
END_TEST

START_TEST(B1b_other_records_are_news)
{
	static const char *const other[] = { "m.test 60 A 192.0.2.8", "m.test 60 A 192.0.2.1",
					     NULL };

	ck_assert_int_eq(bench_start(targets_8 + 7), 0);
	watch = bench_want("m.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	bench.server.rows = other;
	bench_wait();
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.changed, 1);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.8:5060 192.0.2.1:5060");
}
END_TEST

START_TEST(B1b_turned_round_keeps_its_order)
{
	static const char *const one[] = { "m.test 60 A 192.0.2.1", "m.test 60 A 192.0.2.2", NULL };
	static const char *const two[] = { "m.test 60 A 192.0.2.2", "m.test 60 A 192.0.2.1", NULL };

	ck_assert_int_eq(bench_start(one), 0);
	watch = bench_want("m.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	bench.server.rows = two;
	bench_wait();
	ck_assert_int_eq(bench_run(), 0);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.1:5060 192.0.2.2:5060");
}
END_TEST

START_TEST(B1b_ttl_is_bounded)
{
	static const char *const rows[] = { "short.test 0 A 192.0.2.1",
					    "long.test 2000000 A 192.0.2.1", NULL };

	ck_assert_int_eq(bench_start(rows), 0);
	watch = bench_want("short.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.seconds, 5);
	watch = bench_want("long.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.seconds, 86400);
}
END_TEST

static const enum dns_health illnesses[] = { DNS_SILENT, DNS_SERVFAIL, DNS_GARBAGE };
static const uint32_t reasons[] = { FAILOVER_DNS_REASON_NO_SERVER, FAILOVER_DNS_REASON_SERVFAIL,
				    FAILOVER_DNS_REASON_MALFORMED };

START_TEST(B1b_last_good_answer_serves_on)
{
	bench.timeout_ms = illnesses[_i] == DNS_SERVFAIL ? NO_TIMEOUT_MS : SILENCE_MS;
	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(bench_run(), 1);
	bench.server.health = illnesses[_i];
	bench_wait();
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_STALE);
	ck_assert_uint_eq(bench.news.reason, reasons[_i]);
	ck_assert_uint_eq(bench.news.changed, 0);
	ck_assert_str_eq(bench.news.question, "A v.test");
	ck_assert_uint_eq(bench.news.targets_count, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(bench_wait(), 30 * SECOND);
		ck_assert_int_eq(bench_run(), 0); /* told once */
	}
	bench.server.health = DNS_UP;
	bench_wait();
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_uint_eq(bench.news.changed, 0);
	ck_assert_uint_eq(bench.news.targets_count, 3);
}
END_TEST

START_TEST(B1b_nothing_known_is_asked_again_with_backoff)
{
	uint64_t waited, before = 0;

	bench.timeout_ms = illnesses[_i] == DNS_SERVFAIL ? NO_TIMEOUT_MS : SILENCE_MS;
	ck_assert_int_eq(bench_start(full), 0);
	bench.server.health = illnesses[_i];
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_FAILED);
	ck_assert_uint_eq(bench.news.reason, reasons[_i]);
	for (int i = 0; i < 5; i++) {
		waited = bench_wait();
		ck_assert_uint_ge(waited, SECOND << i);
		ck_assert_uint_le(waited, SECOND << (i + 1));
		ck_assert_uint_ge(waited, before);
		before = waited;
		ck_assert_int_eq(bench_run(), 0);
	}
	bench.server.health = DNS_UP;
	bench_wait();
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_uint_eq(bench.news.changed, 1);
}
END_TEST

START_TEST(B1b_gone_is_not_stale)
{
	static const char *const empty[] = { "v.test 600 SOA 90", NULL };

	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("b.v.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	bench.server.rows = empty;
	bench_wait();
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_NO_NAME);
	ck_assert_uint_eq(bench.news.changed, 1);
	ck_assert_uint_eq(bench.news.targets_count, 0);
	ck_assert_uint_eq(bench_wait(), 90 * SECOND);
	bench.server.rows = full;
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
}
END_TEST

/* RFC 2308 5: nothing says how long it holds. */
START_TEST(B1b_negative_without_soa_is_asked_again_soon)
{
	static const char *const empty[] = { "x.test 60 A 192.0.2.1", NULL };
	uint64_t waited = 0;

	ck_assert_int_eq(bench_start(empty), 0);
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_le(bench.news.seconds, 2);
	for (int i = 0; i < 8; i++) {
		waited = bench_wait();
		ck_assert_int_eq(bench_run(), 0);
	}
	ck_assert_uint_ge(waited, 32 * SECOND);
	ck_assert_uint_le(waited, 64 * SECOND);
}
END_TEST

START_TEST(B1b_one_silent_host_keeps_its_addresses)
{
	bench.timeout_ms = SILENCE_MS;
	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(bench_run(), 1);
	bench.server.health = DNS_SILENT;
	bench.server.sick_name = "a.v.test";
	bench_wait();
	ck_assert_int_eq(bench_run(), 0);
	ck_assert_str_eq(bench_listed(watch), "[2001:db8::1]:5070 192.0.2.1:5070 192.0.2.2:5071");
	ck_assert_uint_eq(bench_wait(), 30 * SECOND);
}
END_TEST

START_TEST(B1_one_silent_host_leaves_the_others)
{
	bench.timeout_ms = SILENCE_MS;
	ck_assert_int_eq(bench_start(full), 0);
	bench.server.health = DNS_SILENT;
	bench.server.sick_name = "a.v.test";
	watch = bench_want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.2:5071");
	ck_assert_uint_eq(bench.news.seconds, 30);
}
END_TEST

START_TEST(B1_server_that_knows_no_srv_leads_to_addresses)
{
	ck_assert_int_eq(bench_start(full), 0);
	bench.server.health = DNS_NOTIMP;
	bench.server.sick_type = FO_TYPE_SRV;
	watch = bench_want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.9:5060");
}
END_TEST

START_TEST(B1_srv_of_the_root_means_not_offered)
{
	static const char *const rows[] = { "_sip._udp.n.test 60 SRV 0 0 0 .",
					    "n.test 60 A 192.0.2.1", NULL };

	ck_assert_int_eq(bench_start(rows), 0);
	watch = bench_want("n.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_NOT_OFFERED);
	ck_assert_uint_eq(bench.news.seconds, 60);
}
END_TEST

START_TEST(B1b_refresh_asks_at_once_and_keeps_targets)
{
	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("b.v.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	bench.server.asked = 0;
	ck_assert_int_eq(failover_dns_refresh(bench.dns, bench.now), 0);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.2:5060");
	ck_assert_int_eq(bench_run(), 0);
	ck_assert_uint_eq(bench.server.asked, 2);
	ck_assert_int_eq(failover_dns_refresh(bench.dns, bench.now), 0);
	failover_dns_process(bench.dns, NULL, 0, bench.now); /* under way ... */
	ck_assert_int_eq(failover_dns_refresh(bench.dns, bench.now), 0);
	ck_assert_int_eq(bench_run(), 0);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.2:5060");
}
END_TEST

/* The sanitizer and valgrind see to what must not leak. */
START_TEST(B18_cancelled_while_under_way)
{
	ck_assert_int_eq(bench_start(full), 0);
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	failover_dns_process(bench.dns, NULL, 0, bench.now);
	ck_assert_uint_gt(failover_dns_fds(bench.dns, NULL, 0), 0);
	failover_dns_watch_free(watch);
	ck_assert_int_eq(bench_run(), 0);
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	failover_dns_process(bench.dns, NULL, 0, bench.now); /* freed under way, by teardown */
}
END_TEST

START_TEST(B18_more_names_than_are_asked_at_a_time)
{
	char name[32];

	ck_assert_int_eq(bench_start(targets_8), 0);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%d.test", i);
		bench_want(name, FAILOVER_DNS_A, 0);
	}
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(bench_run(), 1);
		ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
	}
	ck_assert_int_eq(bench_run(), 0);
}
END_TEST

static void good_add(TCase *tests)
{
	tcase_add_test(tests, B1_naptr_srv_addresses);
	tcase_add_test(tests, B1_modes);
	tcase_add_test(tests, B1_with_a_port_addresses_only);
	tcase_add_test(tests, B1_numeric_is_itself);
	tcase_add_test(tests, B1_host_file_comes_first);
	tcase_add_loop_test(tests, B1_one_three_and_eight_targets, 0, 3);
	tcase_add_test(tests, B1_one_set_of_questions_for_all_watches);
	tcase_add_test(tests, B1b_asked_again_when_the_ttl_ends);
	tcase_add_test(tests, B1b_other_records_are_news);
	tcase_add_test(tests, B1b_turned_round_keeps_its_order);
	tcase_add_test(tests, B1b_ttl_is_bounded);
	tcase_add_test(tests, B1b_refresh_asks_at_once_and_keeps_targets);
}

static void bad_add(TCase *tests)
{
	tcase_add_loop_test(tests, B1b_last_good_answer_serves_on, 0, 3);
	tcase_add_loop_test(tests, B1b_nothing_known_is_asked_again_with_backoff, 0, 3);
	tcase_add_test(tests, B1b_gone_is_not_stale);
	tcase_add_test(tests, B1b_negative_without_soa_is_asked_again_soon);
	tcase_add_test(tests, B1b_one_silent_host_keeps_its_addresses);
	tcase_add_test(tests, B1_one_silent_host_leaves_the_others);
	tcase_add_test(tests, B1_server_that_knows_no_srv_leads_to_addresses);
	tcase_add_test(tests, B1_srv_of_the_root_means_not_offered);
	tcase_add_test(tests, B18_cancelled_while_under_way);
	tcase_add_test(tests, B18_more_names_than_are_asked_at_a_time);
}

int main(void)
{
	Suite *suite = suite_create("dns_names");
	TCase *good = tcase_create("good"), *bad = tcase_create("bad");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(good, bench_open, bench_close);
	good_add(good);
	suite_add_tcase(suite, good);
	tcase_add_checked_fixture(bad, bench_open, bench_close);
	/* A bound, not a verdict: c-ares 1.34 waits 250 ms for each answer at least. */
	tcase_set_timeout(bad, 60);
	bad_add(bad);
	suite_add_tcase(suite, bad);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
