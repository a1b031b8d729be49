/* SPDX-License-Identifier: MIT */
/* dns_names_test.c - names through c-ares and a DNS server, on a clock of the test's own. */
#include "dns_server.h"

#include <check.h>
#include <failover/dns.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000)

static struct dns_server server;
static struct failover_dns *dns;
static struct failover_dns_watch *watch;
static struct failover_dns_news news;
static uint64_t now;
static uint32_t draws;

static uint32_t counted_random(void *user, uint32_t limit)
{
	(void)user;
	draws++;
	return draws % 2 ? limit : 0;
}

static void start(const char *const *rows)
{
	const struct failover_dns_params params = {
		.size = sizeof(params),
		.servers = server.address,
		.timeout_ms = 40,
		.tries = 1,
		.random = counted_random,
	};

	server.rows = rows;
	ck_assert_int_eq(failover_dns_new(&params, &dns), 0);
}

static struct failover_dns_watch *want(const char *name, uint32_t mode, uint32_t port)
{
	const struct failover_dns_query query = { .size = sizeof(query),
						  .mode = mode,
						  .name = name,
						  .port = port,
						  .transport = FAILOVER_UDP };
	struct failover_dns_watch *made = NULL;

	ck_assert_int_eq(failover_dns_watch_new(dns, &query, 7, now, &made), 0);
	return made;
}

/* Let resolver and server talk until there are news, or nothing is under way; at most 2 s. */
static int run(void)
{
	for (int turns = 0; turns < 400; turns++) {
		struct failover_io_fd fds[32];
		struct pollfd polled[33] = { { .fd = server.socket, .events = POLLIN } };
		uint32_t count;

		failover_dns_process(dns, NULL, 0, now);
		if (failover_dns_poll(dns, now, &news))
			return 1;
		count = failover_dns_fds(dns, fds, 32);
		if (count == 0)
			return 0;
		for (uint32_t i = 0; i < count; i++)
			polled[i + 1] = (struct pollfd){ .fd = fds[i].fd, .events = POLLIN };
		poll(polled, count + 1, 5);
		if (polled[0].revents)
			dns_server_serve(&server);
		for (uint32_t i = 0; i < count; i++) {
			if (polled[i + 1].revents)
				failover_dns_process(dns, &fds[i], 1, now);
		}
	}
	ck_abort_msg("no end");
	return 0;
}

/* The clock goes on to where the name is asked for again. */
static uint64_t wait_for_due(void)
{
	uint64_t at = failover_dns_deadline(dns, now), waited = at - now;

	ck_assert_uint_ne(at, FAILOVER_NO_DEADLINE);
	now = at;
	return waited;
}

/* The targets as text, one blank between. */
static const char *listed(const struct failover_dns_watch *of)
{
	static char text[1024];
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t count = failover_dns_targets(of, targets, FAILOVER_LIMIT_TARGETS);
	char one[80];

	text[0] = '\0';
	for (uint32_t i = 0; i < count; i++) {
		failover_target_text(&targets[i], one, sizeof(one));
		*strchr(one, ';') = '\0';
		strcat(text, i ? " " : "");
		strcat(text, one);
	}
	return text;
}

static void setup(void)
{
	memset(&server, 0, sizeof(server));
	dns = NULL;
	watch = NULL;
	now = 1000000;
	draws = 0;
	dns_server_open(&server);
}

static void teardown(void)
{
	failover_dns_free(dns);
	dns_server_close(&server);
}

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
	start(full);
	watch = want("V.Test.", FAILOVER_DNS_NAPTR, 0);
	ck_assert_uint_eq(failover_dns_targets(watch, NULL, 0), 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_uint_eq(news.cookie, 7);
	ck_assert_ptr_eq(news.watch, watch);
	ck_assert_str_eq(news.name, "v.test");
	ck_assert_uint_eq(news.changed, 1);
	ck_assert_uint_eq(news.seconds, 40);
	ck_assert_str_eq(listed(watch), "[2001:db8::1]:5070 192.0.2.1:5070 192.0.2.2:5071");
}
END_TEST

START_TEST(B1_modes)
{
	start(full);
	watch = want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_str_eq(listed(watch), "[2001:db8::1]:5070 192.0.2.1:5070 192.0.2.2:5071");
	watch = want("v.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_str_eq(listed(watch), "192.0.2.9:5060");
	watch = want("b.v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_str_eq(listed(watch), "192.0.2.2:5060");
}
END_TEST

START_TEST(B1_with_a_port_addresses_only)
{
	start(full);
	watch = want("v.test", FAILOVER_DNS_NAPTR, 5099);
	ck_assert_int_eq(run(), 1);
	ck_assert_str_eq(listed(watch), "192.0.2.9:5099");
	ck_assert_uint_eq(server.asked, 2);
}
END_TEST

START_TEST(B1_numeric_is_itself)
{
	start(full);
	watch = want("192.0.2.77", FAILOVER_DNS_NAPTR, 0);
	ck_assert_str_eq(listed(watch), "192.0.2.77:5060");
	ck_assert_int_eq(run(), 0);
	ck_assert_uint_eq(failover_dns_deadline(dns, now), FAILOVER_NO_DEADLINE);
	ck_assert_uint_eq(server.asked, 0);
}
END_TEST

START_TEST(B1_host_file_comes_first)
{
	start(full);
	watch = want("localhost", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_ptr_nonnull(strstr(listed(watch), "127.0.0.1:5060"));
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

	start(targets_8 + 8 - counts[_i]);
	watch = want("m.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.targets_count, counts[_i]);
	ck_assert_ptr_nonnull(strstr(listed(watch), "192.0.2.1:5060"));
}
END_TEST

START_TEST(B1_one_set_of_questions_for_all_watches)
{
	struct failover_dns_watch *other;

	start(full);
	watch = want("b.v.test", FAILOVER_DNS_A, 0);
	other = want("b.v.test", FAILOVER_DNS_NAPTR, 5099);
	ck_assert_int_eq(run(), 1);
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(server.asked, 2);
	ck_assert_str_eq(listed(other), "192.0.2.2:5099");
	failover_dns_watch_free(watch);
	ck_assert_str_eq(listed(other), "192.0.2.2:5099");
}
END_TEST

START_TEST(B1b_asked_again_when_the_ttl_ends)
{
	uint32_t asked, drawn;

	start(full);
	watch = want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(run(), 1);
	asked = server.asked;
	drawn = draws;
	now += 39 * SECOND;
	ck_assert_int_eq(run(), 0);
	ck_assert_uint_eq(server.asked, asked);
	ck_assert_uint_eq(wait_for_due(), SECOND);
	ck_assert_int_eq(run(), 0); /* nothing new */
	ck_assert_uint_gt(server.asked, asked);
	ck_assert_uint_eq(draws, drawn); /* and no new order */
	ck_assert_uint_eq(wait_for_due(), 40 * SECOND);
}
END_TEST

START_TEST(B1b_other_records_are_news)
{
	static const char *const other[] = { "m.test 60 A 192.0.2.8", "m.test 60 A 192.0.2.1",
					     NULL };

	start(targets_8 + 7);
	watch = want("m.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(run(), 1);
	server.rows = other;
	wait_for_due();
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.changed, 1);
	ck_assert_str_eq(listed(watch), "192.0.2.8:5060 192.0.2.1:5060");
}
END_TEST

START_TEST(B1b_turned_round_keeps_its_order)
{
	static const char *const one[] = { "m.test 60 A 192.0.2.1", "m.test 60 A 192.0.2.2", NULL };
	static const char *const two[] = { "m.test 60 A 192.0.2.2", "m.test 60 A 192.0.2.1", NULL };

	start(one);
	watch = want("m.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(run(), 1);
	server.rows = two;
	wait_for_due();
	ck_assert_int_eq(run(), 0);
	ck_assert_str_eq(listed(watch), "192.0.2.1:5060 192.0.2.2:5060");
}
END_TEST

START_TEST(B1b_ttl_is_bounded)
{
	static const char *const rows[] = { "short.test 0 A 192.0.2.1",
					    "long.test 2000000 A 192.0.2.1", NULL };

	start(rows);
	watch = want("short.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.seconds, 5);
	watch = want("long.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.seconds, 86400);
}
END_TEST

static const enum dns_health illnesses[] = { DNS_SILENT, DNS_SERVFAIL, DNS_GARBAGE };
static const uint32_t reasons[] = { FAILOVER_DNS_REASON_NO_SERVER, FAILOVER_DNS_REASON_SERVFAIL,
				    FAILOVER_DNS_REASON_MALFORMED };

START_TEST(B1b_last_good_answer_serves_on)
{
	start(full);
	watch = want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(run(), 1);
	server.health = illnesses[_i];
	wait_for_due();
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_STALE);
	ck_assert_uint_eq(news.reason, reasons[_i]);
	ck_assert_uint_eq(news.changed, 0);
	ck_assert_str_eq(news.question, "NAPTR v.test");
	ck_assert_uint_eq(news.targets_count, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(wait_for_due(), 30 * SECOND);
		ck_assert_int_eq(run(), 0); /* told once */
	}
	server.health = DNS_UP;
	wait_for_due();
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_uint_eq(news.changed, 0);
	ck_assert_uint_eq(news.targets_count, 3);
}
END_TEST

START_TEST(B1b_nothing_known_is_asked_again_with_backoff)
{
	uint64_t waited, before = 0;

	start(full);
	server.health = illnesses[_i];
	watch = want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_FAILED);
	ck_assert_uint_eq(news.reason, reasons[_i]);
	for (int i = 0; i < 5; i++) {
		waited = wait_for_due();
		ck_assert_uint_ge(waited, SECOND << i);
		ck_assert_uint_le(waited, SECOND << (i + 1));
		ck_assert_uint_ge(waited, before);
		before = waited;
		ck_assert_int_eq(run(), 0);
	}
	server.health = DNS_UP;
	wait_for_due();
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_uint_eq(news.changed, 1);
}
END_TEST

START_TEST(B1b_gone_is_not_stale)
{
	static const char *const empty[] = { "v.test 600 SOA 90", NULL };

	start(full);
	watch = want("b.v.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(run(), 1);
	server.rows = empty;
	wait_for_due();
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_eq(news.reason, FAILOVER_DNS_REASON_NO_NAME);
	ck_assert_uint_eq(news.changed, 1);
	ck_assert_uint_eq(news.targets_count, 0);
	ck_assert_uint_eq(wait_for_due(), 90 * SECOND);
	server.rows = full;
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_RESOLVED);
}
END_TEST

START_TEST(B1b_negative_without_soa_has_a_bound)
{
	static const char *const empty[] = { "x.test 60 A 192.0.2.1", NULL };

	start(empty);
	watch = want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_eq(news.seconds, 300);
}
END_TEST

START_TEST(B1b_one_silent_host_keeps_its_addresses)
{
	start(full);
	watch = want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(run(), 1);
	server.health = DNS_SILENT;
	server.sick_name = "a.v.test";
	wait_for_due();
	ck_assert_int_eq(run(), 0);
	ck_assert_str_eq(listed(watch), "[2001:db8::1]:5070 192.0.2.1:5070 192.0.2.2:5071");
	ck_assert_uint_eq(wait_for_due(), 30 * SECOND);
}
END_TEST

START_TEST(B1_one_silent_host_leaves_the_others)
{
	start(full);
	server.health = DNS_SILENT;
	server.sick_name = "a.v.test";
	watch = want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_str_eq(listed(watch), "192.0.2.2:5071");
	ck_assert_uint_eq(news.seconds, 30);
}
END_TEST

START_TEST(B1_server_that_knows_no_srv_leads_to_addresses)
{
	start(full);
	server.health = DNS_NOTIMP;
	server.sick_type = FO_TYPE_SRV;
	watch = want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_str_eq(listed(watch), "192.0.2.9:5060");
}
END_TEST

/* Else the web server of the domain would be asked to register the phone. */
START_TEST(B1_failing_srv_does_not_lead_to_addresses)
{
	start(full);
	server.health = DNS_SERVFAIL;
	server.sick_type = FO_TYPE_SRV;
	watch = want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_FAILED);
	ck_assert_str_eq(news.question, "SRV _sip._udp.v.test");
}
END_TEST

START_TEST(B1_srv_of_the_root_means_not_offered)
{
	static const char *const rows[] = { "_sip._udp.n.test 60 SRV 0 0 0 .",
					    "n.test 60 A 192.0.2.1", NULL };

	start(rows);
	watch = want("n.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(run(), 1);
	ck_assert_uint_eq(news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_eq(news.reason, FAILOVER_DNS_REASON_NOT_OFFERED);
	ck_assert_uint_eq(news.seconds, 60);
}
END_TEST

START_TEST(B1b_refresh_asks_at_once_and_keeps_targets)
{
	start(full);
	watch = want("b.v.test", FAILOVER_DNS_A, 0);
	ck_assert_int_eq(run(), 1);
	server.asked = 0;
	ck_assert_int_eq(failover_dns_refresh(dns, now), 0);
	ck_assert_str_eq(listed(watch), "192.0.2.2:5060");
	ck_assert_int_eq(run(), 0);
	ck_assert_uint_eq(server.asked, 2);
	ck_assert_int_eq(failover_dns_refresh(dns, now), 0);
	failover_dns_process(dns, NULL, 0, now); /* under way ... */
	ck_assert_int_eq(failover_dns_refresh(dns, now), 0);
	ck_assert_int_eq(run(), 0);
	ck_assert_str_eq(listed(watch), "192.0.2.2:5060");
}
END_TEST

/* The sanitizer and valgrind see to what must not leak. */
START_TEST(B18_cancelled_while_under_way)
{
	start(full);
	watch = want("v.test", FAILOVER_DNS_NAPTR, 0);
	failover_dns_process(dns, NULL, 0, now);
	ck_assert_uint_gt(failover_dns_fds(dns, NULL, 0), 0);
	failover_dns_watch_free(watch);
	ck_assert_int_eq(run(), 0);
	watch = want("v.test", FAILOVER_DNS_NAPTR, 0);
	failover_dns_process(dns, NULL, 0, now); /* freed under way, by teardown */
}
END_TEST

START_TEST(B18_more_names_than_are_asked_at_a_time)
{
	char name[32];

	start(targets_8);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%d.test", i);
		want(name, FAILOVER_DNS_A, 0);
	}
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(run(), 1);
		ck_assert_uint_eq(news.state, FAILOVER_DNS_GONE);
	}
	ck_assert_int_eq(run(), 0);
}
END_TEST

static const char *const bad_names[] = { "",	".",   "a..b",	".a",
					 "a b", "a/b", "x\x01", "\xc3\xa4.test" };

START_TEST(B1_what_cannot_be_a_name)
{
	struct failover_dns_query query = { .size = sizeof(query),
					    .name = bad_names[_i],
					    .transport = FAILOVER_UDP };

	start(full);
	ck_assert_int_eq(failover_dns_watch_new(dns, &query, 0, now, &watch),
			 FAILOVER_ERR_ARGUMENT);
}
END_TEST

START_TEST(B1_bad_arguments)
{
	char label[70] = { 0 }, longest[300] = { 0 };
	struct failover_dns_query query = { .size = sizeof(query),
					    .name = label,
					    .transport = FAILOVER_UDP };
	struct failover_dns_params params = { .size = sizeof(params), .servers = "nonsense" };
	struct failover_dns *other = NULL;

	start(full);
	memset(label, 'a', 64);
	ck_assert_int_lt(failover_dns_watch_new(dns, &query, 0, now, &watch), 0);
	for (int i = 0; i < 257; i++)
		longest[i] = i % 2 ? '.' : 'a';
	query.name = longest;
	ck_assert_int_lt(failover_dns_watch_new(dns, &query, 0, now, &watch), 0);
	query.name = "a.test";
	query.transport = 2;
	ck_assert_int_lt(failover_dns_watch_new(dns, &query, 0, now, &watch), 0);
	query.transport = FAILOVER_UDP;
	query.mode = 3;
	ck_assert_int_lt(failover_dns_watch_new(dns, &query, 0, now, &watch), 0);
	ck_assert_int_eq(failover_dns_new(&params, &other), FAILOVER_ERR_ARGUMENT);
	params.servers = "";
	ck_assert_int_eq(failover_dns_new(&params, &other), FAILOVER_ERR_ARGUMENT);
	params.servers = NULL;
	params.ttl_least_s = 10;
	params.ttl_most_s = 9;
	ck_assert_int_eq(failover_dns_new(&params, &other), FAILOVER_ERR_ARGUMENT);
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
	tcase_add_test(tests, B1b_negative_without_soa_has_a_bound);
	tcase_add_test(tests, B1b_one_silent_host_keeps_its_addresses);
	tcase_add_test(tests, B1_one_silent_host_leaves_the_others);
	tcase_add_test(tests, B1_server_that_knows_no_srv_leads_to_addresses);
	tcase_add_test(tests, B1_failing_srv_does_not_lead_to_addresses);
	tcase_add_test(tests, B1_srv_of_the_root_means_not_offered);
	tcase_add_test(tests, B18_cancelled_while_under_way);
	tcase_add_test(tests, B18_more_names_than_are_asked_at_a_time);
	tcase_add_loop_test(tests, B1_what_cannot_be_a_name, 0,
			    sizeof(bad_names) / sizeof(bad_names[0]));
	tcase_add_test(tests, B1_bad_arguments);
}

int main(void)
{
	Suite *suite = suite_create("dns_names");
	TCase *good = tcase_create("good"), *bad = tcase_create("bad");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(good, setup, teardown);
	good_add(good);
	suite_add_tcase(suite, good);
	tcase_add_checked_fixture(bad, setup, teardown);
	bad_add(bad);
	suite_add_tcase(suite, bad);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
