/* SPDX-License-Identifier: MIT */
/* dns_hosts_test.c - addresses of the configuration, as long as the DNS has never given any (B38).
 */
#include "dns_bench.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct failover_dns_watch *watch;

static const char *const nothing[] = { NULL };
static const char *const there[] = { "v.test 60 A 192.0.2.9", NULL };
static const char *const with_service[] = { "_sip._udp.v.test 60 SRV 10 0 5070 a.v.test",
					    "a.v.test 60 A 192.0.2.1", NULL };
/* In the order in which they are written, whatever stands between. */
static const char *const hosts[] = { "V.Test.=192.0.2.7", "other.test=192.0.2.8",
				     "v.test=2001:db8::7", "v.test=192.0.2.5", NULL };

static void open_with_hosts(void)
{
	bench_open();
	bench.hosts = hosts;
}

static void from_configuration(uint32_t reason)
{
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_FROM_CONFIGURATION);
	ck_assert_uint_eq(bench.news.reason, reason);
	ck_assert_str_eq(failover_dns_state_text(bench.news.state), "from the configuration");
	ck_assert_str_eq(bench_listed(watch), "192.0.2.7:5060 [2001:db8::7]:5060 192.0.2.5:5060");
}

/* What the DNS does that has never given an address. */
static const struct {
	enum dns_health health;
	uint32_t reason;
} illnesses[] = {
	{ DNS_SERVFAIL, FAILOVER_DNS_REASON_SERVFAIL },
	{ DNS_REFUSED, FAILOVER_DNS_REASON_SERVFAIL },
	{ DNS_SILENT, FAILOVER_DNS_REASON_NO_SERVER },
	{ DNS_GARBAGE, FAILOVER_DNS_REASON_MALFORMED },
	{ DNS_NO_NAME, FAILOVER_DNS_REASON_NO_NAME },
};

static void ill(int i)
{
	bench.timeout_ms = illnesses[i].health == DNS_SILENT ? SILENCE_MS : NO_TIMEOUT_MS;
	ck_assert_int_eq(bench_start(there), 0);
	bench.server.health = illnesses[i].health;
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(bench_run(), 1);
}

START_TEST(B38_the_configuration_serves_until_the_DNS_does)
{
	ill(_i);
	from_configuration(illnesses[_i].reason);
	ck_assert_uint_eq(bench.news.changed, 1);
	bench.server.health = DNS_UP;
	while (bench.news.state != FAILOVER_DNS_RESOLVED) {
		bench_wait();
		(void)bench_run();
	}
	ck_assert_uint_eq(bench.news.changed, 1);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.9:5060");
}
END_TEST

/* It is asked for again all the time, and nobody hears of the same addresses twice. */
START_TEST(B38_more_of_the_same_is_no_news)
{
	ill(0);
	for (int i = 0; i < 4; i++) {
		uint32_t asked = bench.server.asked;

		bench_wait();
		ck_assert_int_eq(bench_run(), 0);
		ck_assert_uint_gt(bench.server.asked, asked);
	}
	failover_dns_state(watch, bench.now, &bench.news);
	from_configuration(FAILOVER_DNS_REASON_SERVFAIL);
}
END_TEST

START_TEST(B38_no_server_at_all)
{
	strcpy(bench.server.address, "127.0.0.1:1"); /* nobody is there */
	bench.timeout_ms = SILENCE_MS;
	ck_assert_int_eq(bench_start(there), 0);
	watch = bench_want("v.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	from_configuration(FAILOVER_DNS_REASON_NO_SERVER);
}
END_TEST

/* Silence is told after 3.5 s, and then they are there (B25). */
START_TEST(B38_silence)
{
	ck_assert_int_eq(bench_start(there), 0);
	bench.server.health = DNS_SILENT;
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_uint_eq(bench_news_after(), 3500);
	from_configuration(FAILOVER_DNS_REASON_NO_SERVER);
}
END_TEST

/* The DNS's word counts from its first address on: the last good answer serves on, not these. */
START_TEST(B38_never_again_after_an_answer)
{
	ck_assert_int_eq(bench_start(there), 0);
	watch = bench_want("v.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	bench.server.health = DNS_SERVFAIL;
	bench_wait();
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_STALE);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.9:5060");
	bench.server.health = DNS_NO_NAME;
	bench_wait();
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
	ck_assert_str_eq(bench_listed(watch), "");
}
END_TEST

START_TEST(B38_a_name_that_the_DNS_knows_needs_none)
{
	ck_assert_int_eq(bench_start(with_service), 0);
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.1:5070");
}
END_TEST

START_TEST(B38_names_without_addresses_are_as_before)
{
	ck_assert_int_eq(bench_start(nothing), 0);
	bench.server.health = DNS_SERVFAIL;
	watch = bench_want("unknown.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_FAILED);
	ck_assert_str_eq(bench_listed(watch), "");
}
END_TEST

static const struct {
	uint32_t families;
	const char *listed;
} families[] = {
	{ FAILOVER_DNS_IPV4_ONLY, "192.0.2.7:5099;transport=tls 192.0.2.5:5099;transport=tls" },
	{ FAILOVER_DNS_IPV6_ONLY, "[2001:db8::7]:5099;transport=tls" },
};

/* With the port and transport of who asks, and of the families that the device has. */
START_TEST(B38_port_transport_and_families)
{
	const struct failover_dns_query query = { .size = sizeof(query),
						  .mode = FAILOVER_DNS_NAPTR,
						  .name = "v.test",
						  .port = 5099,
						  .transport = FAILOVER_TLS };

	bench.families = families[_i].families;
	ck_assert_int_eq(bench_start(nothing), 0);
	bench.server.health = DNS_SERVFAIL;
	ck_assert_int_eq(failover_dns_watch_new(bench.dns, &query, 7, bench.now, &watch), 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_str_eq(bench_listed_fully(watch), families[_i].listed);
}
END_TEST

static const char *const wrong[] = {
	"v.test", "v.test=", "=192.0.2.1", "v.test=w.test", "v..test=::1", "v.test=1.2", ""
};

START_TEST(B38_what_is_no_host_is_refused)
{
	const char *const one[] = { "ok.test=192.0.2.1", wrong[_i], NULL };
	struct failover_dns_params params = { .size = sizeof(params),
					      .servers = bench.server.address,
					      .hosts_count = 1 };

	bench.hosts = one;
	ck_assert_int_eq(bench_start(nothing), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_dns_new(&params, &bench.dns), FAILOVER_ERR_ARGUMENT);
	params.hosts = one;
	params.hosts_count = FAILOVER_DNS_LIMIT_HOSTS + 1;
	ck_assert_int_eq(failover_dns_new(&params, &bench.dns), FAILOVER_ERR_ARGUMENT);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_loop_test(tests, B38_the_configuration_serves_until_the_DNS_does, 0,
			    (int)(sizeof(illnesses) / sizeof(illnesses[0])));
	tcase_add_test(tests, B38_more_of_the_same_is_no_news);
	tcase_add_test(tests, B38_no_server_at_all);
	tcase_add_test(tests, B38_silence);
	tcase_add_test(tests, B38_never_again_after_an_answer);
	tcase_add_test(tests, B38_a_name_that_the_DNS_knows_needs_none);
	tcase_add_test(tests, B38_names_without_addresses_are_as_before);
	tcase_add_loop_test(tests, B38_port_transport_and_families, 0, 2);
	tcase_add_loop_test(tests, B38_what_is_no_host_is_refused, 0,
			    (int)(sizeof(wrong) / sizeof(wrong[0])));
}

int main(void)
{
	Suite *suite = suite_create("dns_hosts");
	TCase *tests = tcase_create("hosts");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, open_with_hosts, bench_close);
	tcase_set_timeout(tests, 60); /* a bound, not a verdict */
	add(tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
