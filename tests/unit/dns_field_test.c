/* SPDX-License-Identifier: MIT */
/*
 * dns_field_test.c - names behind the resolvers that people have (B25): questions that are dropped
 * or refused, answers that are late, cut short or of another question. No question has a timeout
 * here, so that only the walk's own times count, on the test's clock.
 */
#include "dns_bench.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HINT UINT64_C(1000)	/* a hint is waited for so long */
#define SETTLE UINT64_C(50)	/* the second family, so long */
#define PATIENCE UINT64_C(3500) /* everything, so long */
#define ZONE_TTL (60 * SECOND)	/* the least: of "there is no AAAA" */

static struct failover_dns_watch *watch;

static const char *const zone[] = { "v.test 60 SOA 90",
				    "v.test 600 NAPTR 10 10 s SIP+D2U _sip._udp.n.test",
				    "_sip._udp.n.test 300 SRV 10 0 5080 n.v.test",
				    "_sip._udp.v.test 300 SRV 10 0 5070 a.v.test",
				    "a.v.test 400 A 192.0.2.1",
				    "a.v.test 400 AAAA 2001:db8::1",
				    "n.v.test 400 A 192.0.2.8",
				    "v.test 400 A 192.0.2.9",
				    NULL };

static const char *const of_naptr = "192.0.2.8:5080";
static const char *const of_srv = "[2001:db8::1]:5070 192.0.2.1:5070";
static const char *const of_name = "192.0.2.9:5060";

static void field_open(void)
{
	bench_open();
	bench.timeout_ms = NO_TIMEOUT_MS;
}

static void want(const char *name, uint32_t mode)
{
	ck_assert_int_eq(bench_start(zone), 0);
	watch = bench_want(name, mode, 0);
}

static void sick(enum dns_health health, uint16_t type, uint16_t type_2)
{
	bench.server.health = health;
	bench.server.sick_type = type;
	bench.server.sick_type_2 = type_2;
}

static uint32_t seconds_left(void)
{
	struct failover_dns_news now = { .size = sizeof(now) };

	failover_dns_state(watch, bench.now, &now);
	return now.seconds;
}

/* ---- hints that fail ------------------------------------------------------------------------ */

static const struct {
	enum dns_health health;
	uint64_t naptr, srv, both; /* how long it takes when these fail so */
} failures[] = {
	{ DNS_SILENT, HINT + SETTLE, PATIENCE, PATIENCE },
	{ DNS_OTHER_QUESTION, HINT + SETTLE, PATIENCE, PATIENCE },
	{ DNS_SERVFAIL, 0, 0, 0 },
	{ DNS_REFUSED, 0, 0, 0 },
	{ DNS_NOTIMP, 0, 0, 0 },
	{ DNS_FORMERR, 0, 0, 0 },
	{ DNS_GARBAGE, 0, 0, 0 },
};
#define FAILURES ((int)(sizeof(failures) / sizeof(failures[0])))

static void leads_to(uint32_t mode, const char *listed, uint64_t after)
{
	want("v.test", mode);
	ck_assert_uint_eq(bench_news_after(), after);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_str_eq(bench_listed(watch), listed);
}

START_TEST(B25_naptr_that_fails_leads_to_srv)
{
	sick(failures[_i].health, FO_TYPE_NAPTR, 0);
	leads_to(FAILOVER_DNS_NAPTR, of_srv, failures[_i].naptr);
}
END_TEST

START_TEST(B25_srv_that_fails_leads_to_addresses)
{
	sick(failures[_i].health, FO_TYPE_SRV, 0);
	leads_to(FAILOVER_DNS_SRV, of_name, failures[_i].srv);
}
END_TEST

START_TEST(B25_naptr_and_srv_that_fail_lead_to_addresses)
{
	sick(failures[_i].health, FO_TYPE_NAPTR, FO_TYPE_SRV);
	leads_to(FAILOVER_DNS_NAPTR, of_name, failures[_i].both);
}
END_TEST

START_TEST(B25_failed_when_the_addresses_fail_too)
{
	static const uint32_t reasons[] = {
		FAILOVER_DNS_REASON_NO_SERVER,	FAILOVER_DNS_REASON_NO_SERVER,
		FAILOVER_DNS_REASON_SERVFAIL,	FAILOVER_DNS_REASON_SERVFAIL,
		FAILOVER_DNS_REASON_NO_RECORDS, FAILOVER_DNS_REASON_NO_RECORDS,
		FAILOVER_DNS_REASON_MALFORMED,
	};

	sick(failures[_i].health, 0, 0);
	want("v.test", FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), failures[_i].both);
	ck_assert_uint_eq(bench.news.reason, reasons[_i]);
	if (reasons[_i] == FAILOVER_DNS_REASON_NO_RECORDS) {
		ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
		return;
	}
	ck_assert_str_eq(bench.news.question, "A v.test");
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_FAILED);
}
END_TEST

/* Nothing says that it does not exist: it may have nothing but services. */
START_TEST(B25_no_address_and_no_answer_about_services_is_not_gone)
{
	sick(DNS_SERVFAIL, FO_TYPE_SRV, 0);
	want("_sip._udp.n.test", FAILOVER_DNS_SRV);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_FAILED);
	ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_SERVFAIL);
	ck_assert_str_eq(bench.news.question, "SRV _sip._udp._sip._udp.n.test");
}
END_TEST

/* RFC 8020: what does not exist has no services. */
START_TEST(B25_no_such_name_is_gone_whatever_the_hints_say)
{
	sick(DNS_SERVFAIL, FO_TYPE_SRV, FO_TYPE_NAPTR);
	want("nowhere.test", FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_NO_NAME);
}
END_TEST

/* The address of the name itself may be its web server's: what SRV said before is better. */
START_TEST(B25_what_a_hint_led_to_serves_on_when_it_fails)
{
	static const uint16_t types[] = { FO_TYPE_NAPTR, FO_TYPE_SRV };
	static const char *const questions[] = { "NAPTR v.test", "SRV _sip._udp.n.test" };

	want("v.test", FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_str_eq(bench_listed(watch), of_naptr);
	sick(DNS_SERVFAIL, types[_i], 0);
	ck_assert_uint_eq(bench_news_after(), ZONE_TTL);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_STALE);
	ck_assert_uint_eq(bench.news.changed, 0);
	ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_SERVFAIL);
	ck_assert_str_eq(bench.news.question, questions[_i]);
	ck_assert_str_eq(bench_listed(watch), of_naptr);
	ck_assert_uint_eq(bench.news.seconds, 30);
	sick(DNS_UP, 0, 0);
	ck_assert_uint_eq(bench_news_after(), 30 * SECOND);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
}
END_TEST

/* Only the first walk waits for it; and what is mute for ever does not shorten the TTL. */
START_TEST(B25_mute_hints_cost_one_walk)
{
	uint32_t asked;

	sick(DNS_SILENT, FO_TYPE_NAPTR, FO_TYPE_SRV);
	want("v.test", FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), PATIENCE);
	ck_assert_uint_eq(seconds_left(), 30);
	bench.now += 30 * SECOND;
	asked = bench.server.asked;
	ck_assert_int_eq(bench_talk(), 0);
	ck_assert_uint_eq(bench.server.asked, asked + 4); /* all at once */
	ck_assert_uint_eq(bench_wait(), SETTLE);
	ck_assert_int_eq(bench_talk(), 0);
	ck_assert_uint_eq(seconds_left(), ZONE_TTL / SECOND);
}
END_TEST

START_TEST(B25_a_hint_that_was_mute_counts_when_it_speaks)
{
	sick(DNS_SILENT, FO_TYPE_NAPTR, FO_TYPE_SRV);
	want("v.test", FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), PATIENCE);
	sick(DNS_UP, 0, 0);
	ck_assert_uint_eq(bench_news_after(), 30 * SECOND);
	ck_assert_str_eq(bench_listed(watch), of_naptr);
}
END_TEST

START_TEST(B25_another_network_is_asked_for_hints_again)
{
	sick(DNS_SILENT, FO_TYPE_SRV, 0);
	want("v.test", FAILOVER_DNS_SRV);
	ck_assert_uint_eq(bench_news_after(), PATIENCE);
	ck_assert_int_eq(failover_dns_refresh(bench.dns, bench.now), 0);
	sick(DNS_HELD, FO_TYPE_SRV, 0);
	ck_assert_int_eq(bench_talk(), 0);
	bench.now += HINT - 1; /* the address is not asked for yet */
	ck_assert_int_eq(bench_talk(), 0);
	dns_server_release(&bench.server);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_str_eq(bench_listed(watch), of_srv);
}
END_TEST

/* ---- answers that are late ------------------------------------------------------------------ */

START_TEST(B25_late_srv_is_waited_for_before_the_name_itself)
{
	sick(DNS_HELD, FO_TYPE_SRV, 0);
	want("v.test", FAILOVER_DNS_SRV);
	ck_assert_int_eq(bench_talk(), 0);
	bench.now += HINT;
	ck_assert_int_eq(bench_talk(), 0); /* the name's own address is known now */
	bench.now += 2 * SECOND;
	ck_assert_int_eq(bench_talk(), 0);
	ck_assert_str_eq(bench_listed(watch), "");
	dns_server_release(&bench.server);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_str_eq(bench_listed(watch), of_srv);
}
END_TEST

START_TEST(B25_rest_is_taken_when_it_comes)
{
	sick(DNS_HELD, 0, 0);
	want("v.test", FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), PATIENCE);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_FAILED);
	sick(DNS_UP, 0, 0);
	bench.now += SECOND;
	dns_server_release(&bench.server);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_uint_eq(bench.news.changed, 1);
	ck_assert_str_eq(bench_listed(watch), of_naptr);
}
END_TEST

START_TEST(B25_late_naptr_replaces_the_usual_service)
{
	sick(DNS_HELD, FO_TYPE_NAPTR, FO_TYPE_AAAA);
	want("v.test", FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), HINT + SETTLE);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.1:5070");
	sick(DNS_UP, 0, 0);
	dns_server_release(&bench.server);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_str_eq(bench_listed(watch), of_naptr);
}
END_TEST

START_TEST(B25_late_service_not_offered_takes_the_address_back)
{
	static const char *const rows[] = { "_sip._udp.n.test 60 SRV 0 0 0 .",
					    "n.test 60 A 192.0.2.1", NULL };

	ck_assert_int_eq(bench_start(rows), 0);
	sick(DNS_HELD, FO_TYPE_SRV, 0);
	watch = bench_want("n.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(bench_talk(), 0);
	bench.now += HINT;
	ck_assert_int_eq(bench_talk(), 0);
	dns_server_release(&bench.server);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_GONE);
	ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_NOT_OFFERED);
}
END_TEST

/* ---- one family, one host -------------------------------------------------------------------- */

static const struct {
	uint16_t type;
	enum dns_health health;
	uint64_t after;
	const char *listed;
} families[] = {
	{ FO_TYPE_AAAA, DNS_SILENT, SETTLE, "192.0.2.1:5060" },
	{ FO_TYPE_AAAA, DNS_SERVFAIL, 0, "192.0.2.1:5060" },
	{ FO_TYPE_AAAA, DNS_REFUSED, 0, "192.0.2.1:5060" },
	{ FO_TYPE_AAAA, DNS_NOTIMP, 0, "192.0.2.1:5060" },
	{ FO_TYPE_AAAA, DNS_OTHER_QUESTION, SETTLE, "192.0.2.1:5060" },
	{ FO_TYPE_A, DNS_SILENT, SETTLE, "[2001:db8::1]:5060" },
	{ FO_TYPE_A, DNS_SERVFAIL, 0, "[2001:db8::1]:5060" },
};

START_TEST(B25_first_address_serves_after_50_ms)
{
	sick(families[_i].health, families[_i].type, 0);
	want("a.v.test", FAILOVER_DNS_A);
	ck_assert_uint_eq(bench_news_after(), families[_i].after);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_str_eq(bench_listed(watch), families[_i].listed);
}
END_TEST

START_TEST(B25_other_family_is_taken_when_it_comes)
{
	sick(DNS_HELD, FO_TYPE_AAAA, 0);
	want("a.v.test", FAILOVER_DNS_A);
	ck_assert_uint_eq(bench_news_after(), SETTLE);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.1:5060");
	bench.now += 20;
	dns_server_release(&bench.server);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_uint_eq(bench.news.changed, 1);
	ck_assert_str_eq(bench_listed(watch), "[2001:db8::1]:5060 192.0.2.1:5060");
	ck_assert_uint_eq(seconds_left(), 400);
}
END_TEST

/* What it was is not forgotten because the other family has been answered. */
START_TEST(B25_family_that_fails_keeps_its_addresses)
{
	want("a.v.test", FAILOVER_DNS_A);
	ck_assert_uint_eq(bench_news_after(), 0);
	sick(DNS_SILENT, FO_TYPE_A, 0);
	bench_wait();
	ck_assert_int_eq(bench_talk(), 0);
	for (int i = 0; i < 3; i++) {
		bench_wait();
		ck_assert_int_eq(bench_talk(), 0);
	}
	ck_assert_str_eq(bench_listed(watch), "[2001:db8::1]:5060 192.0.2.1:5060");
}
END_TEST

static const char *const hosts[] = { "_sip._udp.m.test 300 SRV 1 0 5060 a.m.test",
				     "_sip._udp.m.test 300 SRV 2 0 5060 b.m.test",
				     "a.m.test 400 A 192.0.2.1", "b.m.test 400 A 192.0.2.2", NULL };

/* A backup that answers sooner does not become the first. */
START_TEST(B25_best_host_is_waited_for)
{
	ck_assert_int_eq(bench_start(hosts), 0);
	bench.server.sick_name = "a.m.test";
	bench.server.health = DNS_HELD;
	watch = bench_want("m.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(bench_talk(), 0);
	bench.now += 2 * SECOND;
	ck_assert_int_eq(bench_talk(), 0);
	dns_server_release(&bench.server);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.1:5060 192.0.2.2:5060");
}
END_TEST

START_TEST(B25_mute_best_host_holds_up_nobody)
{
	ck_assert_int_eq(bench_start(hosts), 0);
	bench.server.sick_name = "a.m.test";
	bench.server.health = DNS_HELD;
	watch = bench_want("m.test", FAILOVER_DNS_SRV, 0);
	ck_assert_uint_eq(bench_news_after(), PATIENCE);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.2:5060");
	dns_server_release(&bench.server);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.1:5060 192.0.2.2:5060");
}
END_TEST

/* Where it is known to have none, the next one need not wait. */
START_TEST(B25_best_host_without_an_address_is_not_waited_for)
{
	ck_assert_int_eq(bench_start(hosts), 0);
	sick(DNS_SILENT, FO_TYPE_AAAA, 0);
	bench.server.sick_name = "b.m.test";
	bench.server.rows = (const char *const[]){ hosts[0], hosts[1], hosts[3], NULL };
	watch = bench_want("m.test", FAILOVER_DNS_SRV, 0);
	ck_assert_uint_eq(bench_news_after(), SETTLE);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.2:5060");
}
END_TEST

/* ---- names that are mute --------------------------------------------------------------------- */

START_TEST(B25_mute_name_is_told_after_3500_ms)
{
	sick(DNS_SILENT, 0, 0);
	want("v.test", (uint32_t)_i);
	ck_assert_uint_eq(bench_news_after(), PATIENCE);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_FAILED);
	ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_NO_SERVER);
	ck_assert_str_eq(bench.news.question, "A v.test");
}
END_TEST

START_TEST(B25_many_mute_names_hold_up_nobody)
{
	struct failover_dns_watch *good = NULL;
	char name[32];
	uint64_t after = 0;

	ck_assert_int_eq(bench_start(zone), 0);
	sick(DNS_SILENT, 0, 0);
	for (int i = 0; i < 32; i++) {
		snprintf(name, sizeof(name), "n%d.test", i);
		bench_want(name, FAILOVER_DNS_A, 0);
	}
	ck_assert_int_eq(bench_talk(), 0);
	sick(DNS_UP, 0, 0);
	good = bench_want("a.v.test", FAILOVER_DNS_A, 0);
	do
		after += bench_news_after();
	while (bench.news.watch != good);
	ck_assert_uint_le(after, 3500);
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
}
END_TEST

/* ---- EDNS, TCP ---------------------------------------------------------------------------------
 */

static const char *const many[] = { "_sip._udp.v.test 300 SRV 10 0 5070 a.v.test",
				    "_sip._udp.v.test 300 SRV 20 0 5071 n.v.test",
				    "a.v.test 400 A 192.0.2.1", "n.v.test 400 A 192.0.2.8", NULL };
static const char *const of_many = "192.0.2.1:5070 192.0.2.8:5071";

START_TEST(B25_questions_are_plain)
{
	want("v.test", FAILOVER_DNS_NAPTR);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_uint_eq(bench.server.asked_edns, 0);
}
END_TEST

/* A server whose plain answers have no room; `edns` is what it makes of EDNS. */
static void cut_server(enum dns_health edns, int tcp)
{
	if (edns == DNS_SILENT || edns == DNS_OTHER_QUESTION)
		bench.timeout_ms = 1000; /* only the end of that leads on */
	ck_assert_int_eq(bench_start(many), 0);
	if (tcp)
		dns_server_listen(&bench.server);
	sick(DNS_CUT, FO_TYPE_SRV, 0);
	bench.server.edns = edns;
	watch = bench_want("v.test", FAILOVER_DNS_SRV, 0);
}

static const enum dns_health edns_failures[] = { DNS_SILENT, DNS_SERVFAIL,	DNS_REFUSED,
						 DNS_NOTIMP, DNS_FORMERR,	DNS_GARBAGE,
						 DNS_CUT,    DNS_OTHER_QUESTION };

START_TEST(B25_resolver_without_edns_is_asked_without_and_remembered)
{
	uint32_t asked_edns, kept = edns_failures[_i] != DNS_CUT; /* that one knows EDNS */

	cut_server(edns_failures[_i], 1);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_str_eq(bench_listed(watch), of_many);
	asked_edns = bench.server.asked_edns;
	ck_assert_uint_eq(asked_edns, 1);
	ck_assert_uint_eq(bench.server.asked_tcp, 1);
	bench_wait();
	ck_assert_int_eq(bench_run(), 0);
	ck_assert_uint_eq(bench.server.asked_tcp, 2);
	ck_assert_uint_eq(bench.server.asked_edns, kept ? asked_edns : 2);
	ck_assert_int_eq(failover_dns_refresh(bench.dns, bench.now), 0); /* another network */
	ck_assert_int_eq(bench_run(), 0);
	ck_assert_uint_gt(bench.server.asked_edns, asked_edns);
}
END_TEST

START_TEST(B25_long_answer_by_edns_where_tcp_is_closed)
{
	ck_assert_int_eq(bench_start(many), 0);
	bench.server.rows = many;
	bench.server.edns = DNS_WELL;
	sick(DNS_CUT, FO_TYPE_SRV, 0);
	watch = bench_want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_uint_eq(bench_news_after(), 0);
	ck_assert_str_eq(bench_listed(watch), of_many);
	ck_assert_uint_eq(bench.server.asked_edns, 1);
}
END_TEST

START_TEST(B25_cut_answer_serves_where_nothing_longer_comes)
{
	cut_server(edns_failures[_i], 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.1:5070");
}
END_TEST

/* As long as DNS messages get; a reader of c-ares that writes it anew has no room for it. */
START_TEST(B25_thousand_srv_records_come_by_tcp)
{
	static char texts[1000][64];
	static const char *rows[1002];

	for (int i = 0; i < 1000; i++) {
		snprintf(texts[i], sizeof(texts[i]),
			 "_sip._udp.v.test 300 SRV %d 0 5070 a%d.v.test", 1000 - i, i);
		rows[i] = texts[i];
	}
	rows[1000] = "a999.v.test 400 A 192.0.2.1";
	ck_assert_int_eq(bench_start(rows), 0);
	dns_server_listen(&bench.server);
	sick(DNS_CUT, FO_TYPE_SRV, 0);
	bench.server.edns = DNS_CUT;
	watch = bench_want("v.test", FAILOVER_DNS_SRV, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.1:5070");
	ck_assert_uint_eq(bench.server.asked_tcp, 1);
}
END_TEST

/* Nothing but the mark: as good as no answer. */
START_TEST(B25_empty_cut_answer_leads_to_the_next_question)
{
	ck_assert_int_eq(bench_start(zone), 0);
	sick(DNS_EMPTY_CUT, FO_TYPE_SRV, FO_TYPE_NAPTR);
	bench.server.edns = DNS_REFUSED;
	watch = bench_want("v.test", FAILOVER_DNS_NAPTR, 0);
	ck_assert_int_eq(bench_run(), 1);
	ck_assert_str_eq(bench_listed(watch), of_name);
}
END_TEST

static void hints_add(TCase *tests)
{
	tcase_add_loop_test(tests, B25_naptr_that_fails_leads_to_srv, 0, FAILURES);
	tcase_add_loop_test(tests, B25_srv_that_fails_leads_to_addresses, 0, FAILURES);
	tcase_add_loop_test(tests, B25_naptr_and_srv_that_fail_lead_to_addresses, 0, FAILURES);
	tcase_add_loop_test(tests, B25_failed_when_the_addresses_fail_too, 0, FAILURES);
	tcase_add_test(tests, B25_no_address_and_no_answer_about_services_is_not_gone);
	tcase_add_test(tests, B25_no_such_name_is_gone_whatever_the_hints_say);
	tcase_add_loop_test(tests, B25_what_a_hint_led_to_serves_on_when_it_fails, 0, 2);
	tcase_add_test(tests, B25_mute_hints_cost_one_walk);
	tcase_add_test(tests, B25_a_hint_that_was_mute_counts_when_it_speaks);
	tcase_add_test(tests, B25_another_network_is_asked_for_hints_again);
	tcase_add_test(tests, B25_late_srv_is_waited_for_before_the_name_itself);
	tcase_add_test(tests, B25_rest_is_taken_when_it_comes);
	tcase_add_test(tests, B25_late_naptr_replaces_the_usual_service);
	tcase_add_test(tests, B25_late_service_not_offered_takes_the_address_back);
}

static void addresses_add(TCase *tests)
{
	tcase_add_loop_test(tests, B25_first_address_serves_after_50_ms, 0,
			    sizeof(families) / sizeof(families[0]));
	tcase_add_test(tests, B25_other_family_is_taken_when_it_comes);
	tcase_add_test(tests, B25_family_that_fails_keeps_its_addresses);
	tcase_add_test(tests, B25_best_host_is_waited_for);
	tcase_add_test(tests, B25_mute_best_host_holds_up_nobody);
	tcase_add_test(tests, B25_best_host_without_an_address_is_not_waited_for);
	tcase_add_loop_test(tests, B25_mute_name_is_told_after_3500_ms, 0, 3);
	tcase_add_test(tests, B25_many_mute_names_hold_up_nobody);
}

static void long_add(TCase *tests)
{
	const int count = sizeof(edns_failures) / sizeof(edns_failures[0]);

	tcase_add_test(tests, B25_questions_are_plain);
	tcase_add_loop_test(tests, B25_resolver_without_edns_is_asked_without_and_remembered, 0,
			    count);
	tcase_add_test(tests, B25_long_answer_by_edns_where_tcp_is_closed);
	tcase_add_loop_test(tests, B25_cut_answer_serves_where_nothing_longer_comes, 0, count);
	tcase_add_test(tests, B25_thousand_srv_records_come_by_tcp);
	tcase_add_test(tests, B25_empty_cut_answer_leads_to_the_next_question);
}

int main(void)
{
	void (*const adds[])(TCase *) = { hints_add, addresses_add, long_add };
	static const char *const names[] = { "hints", "addresses", "long" };
	Suite *suite = suite_create("dns_field");
	SRunner *runner = srunner_create(suite);
	int failed;

	for (size_t i = 0; i < sizeof(adds) / sizeof(adds[0]); i++) {
		TCase *tests = tcase_create(names[i]);

		tcase_add_checked_fixture(tests, field_open, bench_close);
		adds[i](tests);
		suite_add_tcase(suite, tests);
	}
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
