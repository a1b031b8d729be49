/* SPDX-License-Identifier: MIT */
/*
 * dns_cache_test.c - a site's server says NXDOMAIN to a type that it does not know of a name that
 * it serves, and a cache before it keeps that for the whole name (B25).
 */
#include "dns_bench.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define HOUR (3600 * SECOND)

/* A TTL of 0, as dnsmasq gives it, and no SOA. */
static const char *const plain[] = { "v.test 0 A 192.0.2.9", NULL };
static const char *const nothing[] = { NULL };
static const char *const plain_6[] = { "v.test 0 AAAA 2001:db8::9", NULL };
static const char *const later[] = { "v.test 0 A 192.0.2.9",
				     "_sip._udp.v.test 0 SRV 10 0 5070 a.v.test",
				     "a.v.test 0 A 192.0.2.1", NULL };
static const char *const later_naptr[] = { "v.test 0 A 192.0.2.9",
					   "v.test 0 NAPTR 10 10 s SIP+D2U _sip._udp.n.test",
					   "_sip._udp.n.test 0 SRV 10 0 5080 a.v.test",
					   "a.v.test 0 A 192.0.2.1", NULL };

static struct failover_dns_watch *watch;

static void site_open(void)
{
	bench_open();
	bench.timeout_ms = 60000;
	bench.server.health = DNS_NO_NAME;
	bench.server.sick_type = FO_TYPE_NAPTR;
	bench.server.sick_name = "v.test";
	bench.server.hides = 1;
}

static void want(const char *const *rows, uint32_t mode)
{
	ck_assert_int_eq(bench_start(rows), 0);
	watch = bench_want("v.test", mode, 0);
}

/* The cache has forgotten; the name is asked for again. */
static void cache_ends(void)
{
	bench.server.hidden = 0;
}

static void gone_then(const char *const *rows)
{
	want(rows, FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_NO_NAME);
	cache_ends();
}

static void resolved_as(const char *listed)
{
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_str_eq(bench_listed(watch), listed);
}

/* Let time pass until there are news. */
static void news_wait(void)
{
	while (!bench_talk())
		bench_wait();
}

/* Let so much time pass; there must be no news. */
static void quiet_for(uint64_t ms)
{
	uint64_t until = bench.now + ms;

	while (bench.now < until) {
		ck_assert_int_eq(bench_talk(), 0);
		bench_wait();
	}
}

START_TEST(B25_name_hidden_by_its_own_question_is_found_next)
{
	gone_then(plain);
	ck_assert_uint_le(bench_news_after(), 2 * SECOND);
	resolved_as("192.0.2.9:5060");
}
END_TEST

START_TEST(B25_hidden_for_long_is_found_when_the_cache_forgets)
{
	want(plain, FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), 0);
	quiet_for(300 * SECOND);
	cache_ends();
	ck_assert_uint_le(bench_news_after(), 64 * SECOND);
	resolved_as("192.0.2.9:5060");
}
END_TEST

/* The question that hides it is not asked in every walk. */
START_TEST(B25_found_it_stays)
{
	gone_then(plain);
	bench_news_after();
	resolved_as("192.0.2.9:5060");
	cache_ends();
	quiet_for(HOUR - 10 * SECOND);
	ck_assert_int_eq(bench.server.hidden, 0);
}
END_TEST

/* The address is known before NAPTR is asked for again. */
START_TEST(B25_naptr_is_asked_again_after_an_hour)
{
	gone_then(plain);
	bench_news_after();
	cache_ends();
	news_wait();
	ck_assert_int_eq(bench.server.hidden, 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_STALE);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.9:5060");
	cache_ends();
	news_wait();
	resolved_as("192.0.2.9:5060");
	bench.server.health = DNS_UP;
	bench.server.rows = later_naptr;
	news_wait();
	resolved_as("192.0.2.1:5080");
}
END_TEST

static const char *const *const appearing[] = { later, later_naptr };
static const char *const appeared[] = { "192.0.2.1:5070", "192.0.2.1:5080" };

/* A name that did not exist: all is asked for. */
START_TEST(B25_name_that_appears_is_found_with_its_services)
{
	gone_then(nothing);
	bench.server.rows = appearing[_i];
	bench.server.health = DNS_UP;
	ck_assert_uint_le(bench_news_after(), 2 * SECOND);
	resolved_as(appeared[_i]);
}
END_TEST

START_TEST(B25_service_that_appears_later_is_found_at_the_next_question)
{
	gone_then(plain);
	bench_news_after();
	resolved_as("192.0.2.9:5060");
	cache_ends();
	bench.server.rows = later;
	ck_assert_uint_eq(bench_news_after(), 5 * SECOND);
	resolved_as("192.0.2.1:5070");
}
END_TEST

/* Found beside its hints, by a ping that came first: the next walk begins with it. */
START_TEST(B25_name_without_services_is_asked_for_its_address_first)
{
	bench.server.health = DNS_UP;
	want(plain, FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), 0);
	bench.server.health = DNS_NO_NAME;
	quiet_for(10 * SECOND);
	ck_assert_int_eq(bench.server.hidden, 1);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.9:5060");
}
END_TEST

/* Another device's question hides it: what served serves on. */
START_TEST(B25_hidden_by_others_serves_on)
{
	gone_then(plain);
	bench_news_after();
	bench.server.hidden = 1;
	ck_assert_uint_eq(bench_news_after(), 5 * SECOND);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_STALE);
	ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_NO_NAME);
	ck_assert_uint_eq(bench.news.changed, 0);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.9:5060");
	cache_ends();
	ck_assert_uint_eq(bench_news_after(), 30 * SECOND);
	resolved_as("192.0.2.9:5060");
}
END_TEST

/* A name that is gone for an hour is gone. */
START_TEST(B25_gone_for_an_hour_is_believed)
{
	uint64_t since;

	gone_then(plain);
	bench_news_after();
	since = bench.now;
	bench.server.sick_type = 0;
	ck_assert_uint_eq(bench_news_after(), 5 * SECOND);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_STALE);
	news_wait();
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_ge(bench.now - since, HOUR);
	ck_assert_uint_le(bench.now - since, HOUR + 30 * SECOND);
	ck_assert_str_eq(bench_listed(watch), "");
}
END_TEST

START_TEST(B25_name_that_never_lied_is_believed)
{
	bench.server.health = DNS_UP;
	want(plain, FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), 0);
	bench.server.health = DNS_NO_NAME;
	bench.server.sick_type = 0;
	ck_assert_uint_eq(bench_news_after(), 5 * SECOND);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
}
END_TEST

START_TEST(B25_another_network_is_believed)
{
	gone_then(plain);
	bench_news_after();
	ck_assert_int_eq(failover_dns_refresh(bench.dns, bench.now), 0);
	bench.server.sick_type = 0;
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
}
END_TEST

static const struct {
	const char *const *rows;
	uint16_t other;
	const char *listed;
} families[] = {
	{ plain, FO_TYPE_AAAA, "192.0.2.9:5060" },
	{ plain_6, FO_TYPE_A, "[2001:db8::9]:5060" },
};
static const uint32_t modes[] = { FAILOVER_DNS_A, FAILOVER_DNS_SRV, FAILOVER_DNS_NAPTR };

/* The question for the other family hides the name as well. Both were asked at once. */
START_TEST(B25_other_family_hides_the_name_once)
{
	bench.server.sick_type = families[_i % 2].other;
	bench.server.hides = 0;
	want(families[_i % 2].rows, modes[_i / 2]);
	ck_assert_uint_eq(bench_news_after(), 0);
	resolved_as(families[_i % 2].listed);
	bench.server.hides = 1;
	quiet_for(HOUR - 10 * SECOND);
	ck_assert_int_eq(bench.server.hidden, 0);
	ck_assert_str_eq(bench_listed(watch), families[_i % 2].listed);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dns_cache");
	TCase *tests = tcase_create("site");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, site_open, bench_close);
	tcase_set_timeout(tests, 60); /* a bound, not a verdict: all times are the bench's */
	tcase_add_test(tests, B25_name_hidden_by_its_own_question_is_found_next);
	tcase_add_test(tests, B25_hidden_for_long_is_found_when_the_cache_forgets);
	tcase_add_test(tests, B25_found_it_stays);
	tcase_add_test(tests, B25_naptr_is_asked_again_after_an_hour);
	tcase_add_loop_test(tests, B25_name_that_appears_is_found_with_its_services, 0, 2);
	tcase_add_test(tests, B25_service_that_appears_later_is_found_at_the_next_question);
	tcase_add_test(tests, B25_name_without_services_is_asked_for_its_address_first);
	tcase_add_test(tests, B25_hidden_by_others_serves_on);
	tcase_add_test(tests, B25_gone_for_an_hour_is_believed);
	tcase_add_test(tests, B25_name_that_never_lied_is_believed);
	tcase_add_test(tests, B25_another_network_is_believed);
	tcase_add_loop_test(tests, B25_other_family_hides_the_name_once, 0, 6);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
