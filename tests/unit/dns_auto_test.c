/* SPDX-License-Identifier: MIT */
/* dns_auto_test.c - `transport = auto`: what the zone offers (B25, RFC 3263 4.1). */
#include "dns_bench.h"

#include <check.h>
#include <stdlib.h>

static struct failover_dns_watch *watch;

static void auto_open(void)
{
	bench_open();
	bench.timeout_ms = NO_TIMEOUT_MS;
}

static void offer(const char *const *rows, uint32_t mode)
{
	ck_assert_int_eq(bench_start(rows), 0);
	watch = bench_want_auto("v.test", mode, 0);
	ck_assert_uint_eq(bench_news_after(), 0);
}

#define HOST "a.test 60 A 192.0.2.1"

START_TEST(B25_auto_takes_the_naptr_of_the_lowest_order)
{
	static const char *const rows[] = { "v.test 60 NAPTR 20 10 s SIP+D2U _sip._udp.v.test",
					    "v.test 60 NAPTR 10 10 s SIPS+D2T _sips._tcp.v.test",
					    "v.test 60 NAPTR 30 10 s SIP+D2T _sip._tcp.v.test",
					    "_sips._tcp.v.test 60 SRV 1 0 5081 a.test",
					    "_sip._udp.v.test 60 SRV 1 0 5080 a.test",
					    HOST,
					    NULL };

	offer(rows, FAILOVER_DNS_NAPTR);
	ck_assert_str_eq(bench_listed_fully(watch), "192.0.2.1:5081;transport=tls");
}
END_TEST

START_TEST(B25_auto_takes_transports_of_one_order_by_preference)
{
	static const char *const rows[] = { "v.test 60 NAPTR 10 20 s SIP+D2U _sip._udp.v.test",
					    "v.test 60 NAPTR 10 10 s SIP+D2T _sip._tcp.v.test",
					    "_sip._tcp.v.test 60 SRV 1 0 5080 a.test",
					    "_sip._udp.v.test 60 SRV 1 0 5080 a.test",
					    HOST,
					    NULL };

	offer(rows, FAILOVER_DNS_NAPTR);
	ck_assert_str_eq(bench_listed_fully(watch),
			 "192.0.2.1:5080;transport=tcp 192.0.2.1:5080;transport=udp");
}
END_TEST

/* RFC 3263 4.1: what is not known is passed over, though its order be lower. */
START_TEST(B25_auto_passes_over_services_that_are_not_known)
{
	static const char *const rows[] = { "v.test 60 NAPTR 1 1 s SIP+D2S _sip._sctp.v.test",
					    "v.test 60 NAPTR 2 1 s SIP+D2W _sip._ws.v.test",
					    "v.test 60 NAPTR 3 1 u SIP+D2U _u.v.test",
					    "v.test 60 NAPTR 4 1 s E2U+sip _e2u.v.test",
					    "v.test 60 NAPTR 9 1 S sip+d2t _sip._tcp.v.test",
					    "_sip._tcp.v.test 60 SRV 1 0 5080 a.test",
					    HOST,
					    NULL };

	offer(rows, FAILOVER_DNS_NAPTR);
	ck_assert_str_eq(bench_listed_fully(watch), "192.0.2.1:5080;transport=tcp");
}
END_TEST

/* Without NAPTR, of the transports that have SRV records, the first. */
static const struct {
	const char *rows[5];
	const char *listed;
} services[] = {
	{ { "_sip._udp.v.test 60 SRV 1 0 5080 a.test", "_sip._tcp.v.test 60 SRV 1 0 5080 a.test",
	    "_sips._tcp.v.test 60 SRV 1 0 5081 a.test", HOST },
	  "192.0.2.1:5080;transport=udp" },
	{ { "_sip._tcp.v.test 60 SRV 1 0 5080 a.test", "_sips._tcp.v.test 60 SRV 1 0 5081 a.test",
	    HOST },
	  "192.0.2.1:5080;transport=tcp" },
	{ { "_sips._tcp.v.test 60 SRV 1 0 5081 a.test", HOST }, "192.0.2.1:5081;transport=tls" },
	{ { "_sip._udp.v.test 60 SRV 0 0 0 .", "_sip._tcp.v.test 60 SRV 1 0 5080 a.test", HOST },
	  "192.0.2.1:5080;transport=tcp" },
	{ { "v.test 60 A 192.0.2.1" }, "192.0.2.1:5060;transport=udp" },
};

START_TEST(B25_auto_takes_the_first_service_that_is_there)
{
	offer(services[_i].rows, FAILOVER_DNS_NAPTR);
	ck_assert_str_eq(bench_listed_fully(watch), services[_i].listed);
}
END_TEST

START_TEST(B25_auto_without_naptr_by_configuration)
{
	offer(services[_i].rows, FAILOVER_DNS_SRV);
	ck_assert_str_eq(bench_listed_fully(watch), services[_i].listed);
}
END_TEST

START_TEST(B25_auto_not_offered_at_all_is_gone)
{
	static const char *const rows[] = { "_sip._udp.v.test 60 SRV 0 0 0 .",
					    "v.test 60 A 192.0.2.1", NULL };

	offer(rows, FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_NOT_OFFERED);
}
END_TEST

/* RFC 3263 4.1: with a port, and of an address, UDP. */
START_TEST(B25_auto_with_a_port_or_an_address_is_udp)
{
	static const char *const rows[] = { "v.test 60 NAPTR 10 10 s SIPS+D2T _sips._tcp.v.test",
					    "v.test 60 A 192.0.2.1", NULL };

	ck_assert_int_eq(bench_start(rows), 0);
	watch = bench_want_auto("v.test", FAILOVER_DNS_NAPTR, 5099);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_str_eq(bench_listed_fully(watch), "192.0.2.1:5099;transport=udp");
	watch = bench_want_auto("v.test", FAILOVER_DNS_A, 0);
	ck_assert_str_eq(bench_listed_fully(watch), "192.0.2.1:5060;transport=udp");
	watch = bench_want_auto("192.0.2.7", FAILOVER_DNS_NAPTR, 0);
	ck_assert_str_eq(bench_listed_fully(watch), "192.0.2.7:5060;transport=udp");
	watch = bench_want_auto("2001:db8::7", FAILOVER_DNS_NAPTR, 0);
	ck_assert_str_eq(bench_listed_fully(watch), "[2001:db8::7]:5060;transport=udp");
}
END_TEST

/* The same targets by another transport are other targets. */
START_TEST(B25_auto_follows_the_zone_to_another_transport)
{
	static const char *const later[] = { "v.test 60 NAPTR 10 10 s SIP+D2T s.test",
					     "s.test 60 SRV 1 0 5080 a.test", HOST, NULL };
	static const char *const rows[] = { "v.test 60 NAPTR 10 10 s SIP+D2U s.test",
					    "s.test 60 SRV 1 0 5080 a.test", HOST, NULL };

	offer(rows, FAILOVER_DNS_NAPTR);
	ck_assert_str_eq(bench_listed_fully(watch), "192.0.2.1:5080;transport=udp");
	bench.server.rows = later;
	bench_news_after();
	ck_assert_uint_eq(bench.news.changed, 1);
	ck_assert_str_eq(bench_listed_fully(watch), "192.0.2.1:5080;transport=tcp");
}
END_TEST

/* Lines that say their transport are not concerned. */
START_TEST(B25_auto_and_a_given_transport_side_by_side)
{
	static const char *const rows[] = { "v.test 60 NAPTR 10 10 s SIP+D2T _sip._tcp.v.test",
					    "v.test 60 NAPTR 20 10 s SIP+D2U _sip._udp.v.test",
					    "_sip._tcp.v.test 60 SRV 1 0 5080 a.test",
					    "_sip._udp.v.test 60 SRV 1 0 5082 a.test",
					    HOST,
					    NULL };
	struct failover_dns_watch *udp;

	offer(rows, FAILOVER_DNS_NAPTR);
	udp = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_str_eq(bench_listed_fully(watch), "192.0.2.1:5080;transport=tcp");
	ck_assert_str_eq(bench_listed_fully(udp), "192.0.2.1:5082;transport=udp");
}
END_TEST

int main(void)
{
	const int services_count = sizeof(services) / sizeof(services[0]);
	Suite *suite = suite_create("dns_auto");
	TCase *tests = tcase_create("auto");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, auto_open, bench_close);
	tcase_add_test(tests, B25_auto_takes_the_naptr_of_the_lowest_order);
	tcase_add_test(tests, B25_auto_takes_transports_of_one_order_by_preference);
	tcase_add_test(tests, B25_auto_passes_over_services_that_are_not_known);
	tcase_add_loop_test(tests, B25_auto_takes_the_first_service_that_is_there, 0,
			    services_count);
	tcase_add_loop_test(tests, B25_auto_without_naptr_by_configuration, 0, services_count);
	tcase_add_test(tests, B25_auto_not_offered_at_all_is_gone);
	tcase_add_test(tests, B25_auto_with_a_port_or_an_address_is_udp);
	tcase_add_test(tests, B25_auto_follows_the_zone_to_another_transport);
	tcase_add_test(tests, B25_auto_and_a_given_transport_side_by_side);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
