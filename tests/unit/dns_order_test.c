/* SPDX-License-Identifier: MIT */
/* dns_order_test.c - RFC 3263 and RFC 2782: which SRV names, and targets in which order. */
#include "dns_message.h"

#include "libfailover/dns/rfc3263.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed;
static uint32_t limit_seen;

static uint32_t seeded(void *user, uint32_t limit)
{
	uint64_t value = seed += UINT64_C(0x9e3779b97f4a7c15);

	(void)user;
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((value ^ (value >> 31)) % ((uint64_t)limit + 1));
}

static uint32_t least(void *user, uint32_t limit)
{
	(void)user;
	limit_seen = limit;
	return 0;
}

static uint32_t most(void *user, uint32_t limit)
{
	(void)user;
	return limit;
}

static const struct fo_random random_seeded = { seeded, NULL }, random_least = { least, NULL },
			      random_most = { most, NULL };

static const struct fo_services one_service = { .count = 1 }, two_services = { .count = 2 };

static struct dns_message message;
static struct fo_reply reply;
static struct fo_records records;
static struct failover_target targets[FAILOVER_LIMIT_TARGETS];

static void answer(const char *name, uint16_t type, const char *const *rows)
{
	const struct fo_question question = { .name = name,
					      .type = type,
					      .transport = FAILOVER_UDP };

	message_begin(&message, name, type, 0);
	for (; *rows; rows++)
		message_add(&message, SECTION_ANSWER, *rows);
	fo_wire_read(&question, message.bytes, message.length, &reply);
}

/* Host number n has the address 192.0.2.n+1. */
static void srv_begin(const char *const *rows)
{
	memset(&records, 0, sizeof(records));
	answer("s.test", FO_TYPE_SRV, rows);
	fo_records_add_srv(&records, &reply, &one_service, 0);
	fo_records_set_hosts(&records, "test");
	for (uint32_t i = 0; i < records.hosts_count; i++) {
		struct fo_host *host = &records.hosts[i];

		host->count = 1;
		host->address[0] = (struct fo_address){
			4, { 192, 0, 2, (uint8_t)((host->name[0] | 0x20) - 'a') }
		};
	}
}

/* The targets' hosts as letters, "abc". */
static const char *drawn(const struct fo_random *random)
{
	static char text[FAILOVER_LIMIT_TARGETS + 1];
	uint32_t count;

	fo_records_draw(&records, random);
	count = fo_records_targets(&records, 0, FAILOVER_UDP, targets);
	for (uint32_t i = 0; i < count; i++)
		text[i] = (char)('a' + targets[i].address[3]);
	text[count] = '\0';
	return text;
}

START_TEST(B1_priorities_in_order)
{
	static const char *const rows[] = { "s.test 60 SRV 30 9 5060 c.test",
					    "s.test 60 SRV 10 0 5062 a.test",
					    "s.test 60 SRV 20 5 5061 b.test", NULL };

	srv_begin(rows);
	for (int i = 0; i < 50; i++)
		ck_assert_str_eq(drawn(&random_seeded), "abc");
	ck_assert_uint_eq(targets[0].port, 5062);
	ck_assert_uint_eq(targets[1].port, 5061);
	ck_assert_uint_eq(targets[0].transport, FAILOVER_UDP);
}
END_TEST

/* A drawn 0 takes one of weight 0 first; the number drawn goes to the sum, included. */
START_TEST(B1_weight_0_has_a_small_chance)
{
	static const char *const rows[] = { "s.test 60 SRV 1 3 5060 a.test",
					    "s.test 60 SRV 1 0 5060 b.test", NULL };
	int first = 0;

	srv_begin(rows);
	ck_assert_str_eq(drawn(&random_least), "ba");
	ck_assert_str_eq(drawn(&random_most), "ab");
	for (int i = 0; i < 4000; i++)
		first += drawn(&random_seeded)[0] == 'b';
	ck_assert_int_ge(first, 850); /* one in four */
	ck_assert_int_le(first, 1150);
}
END_TEST

/* Each host comes first, second and third equally often: 4000 of 12000 times, give or take 300. */
static void shared_out(const char *const *rows)
{
	int seen[3][3] = { { 0 } };

	srv_begin(rows);
	for (int i = 0; i < 12000; i++) {
		const char *order = drawn(&random_seeded);

		for (int place = 0; place < 3; place++)
			seen[place][order[place] - 'a']++;
	}
	for (int i = 0; i < 9; i++) {
		ck_assert_int_ge(seen[i / 3][i % 3], 3700);
		ck_assert_int_le(seen[i / 3][i % 3], 4300);
	}
}

START_TEST(B25_equal_weights_are_shuffled)
{
	static const char *const zeros[] = { "s.test 60 SRV 1 0 5060 a.test",
					     "s.test 60 SRV 1 0 5060 b.test",
					     "s.test 60 SRV 1 0 5060 c.test", NULL };
	static const char *const ones[] = { "s.test 60 SRV 1 1 5060 a.test",
					    "s.test 60 SRV 1 1 5060 b.test",
					    "s.test 60 SRV 1 1 5060 c.test", NULL };
	static const char *const tens[] = { "s.test 60 SRV 1 10 5060 a.test",
					    "s.test 60 SRV 1 10 5060 b.test",
					    "s.test 60 SRV 1 10 5060 c.test", NULL };

	shared_out(zeros);
	shared_out(ones);
	shared_out(tens);
}
END_TEST

/* Two of weight 0 beside a heavy one: either may be the one that a drawn 0 takes. */
START_TEST(B25_weights_of_0_among_others_are_shuffled)
{
	static const char *const rows[] = { "s.test 60 SRV 1 4 5060 a.test",
					    "s.test 60 SRV 1 0 5060 b.test",
					    "s.test 60 SRV 1 0 5060 c.test", NULL };
	int first[3] = { 0 };

	srv_begin(rows);
	for (int i = 0; i < 10000; i++)
		first[drawn(&random_seeded)[0] - 'a']++;
	ck_assert_int_ge(first[0], 7600); /* 4 of 5 */
	ck_assert_int_ge(first[1], 800);  /* 1 of 10 each */
	ck_assert_int_ge(first[2], 800);
}
END_TEST

START_TEST(B25_priorities_are_not_shuffled)
{
	static const char *const rows[] = { "s.test 60 SRV 1 0 5060 a.test",
					    "s.test 60 SRV 2 0 5060 b.test",
					    "s.test 60 SRV 3 0 5060 c.test", NULL };

	srv_begin(rows);
	for (int i = 0; i < 100; i++)
		ck_assert_str_eq(drawn(&random_seeded), "abc");
}
END_TEST

START_TEST(B1_weights_share_as_RFC_2782_says)
{
	static const char *const rows[] = { "s.test 60 SRV 1 60 5060 a.test",
					    "s.test 60 SRV 1 30 5060 b.test",
					    "s.test 60 SRV 1 10 5060 c.test", NULL };
	int first[3] = { 0 }, second_after_a[3] = { 0 };

	srv_begin(rows);
	drawn(&random_least);
	ck_assert_uint_eq(limit_seen, 60); /* the last draw: only `a` is left */
	for (int i = 0; i < 20000; i++) {
		const char *order = drawn(&random_seeded);

		first[order[0] - 'a']++;
		if (order[0] == 'a')
			second_after_a[order[1] - 'a']++;
	}
	/* 0..100 is drawn: whoever stands first has one number more than its weight. */
	ck_assert_int_ge(first[0], 20000 * 57 / 100);
	ck_assert_int_le(first[0], 20000 * 62 / 100);
	ck_assert_int_ge(first[1], 20000 * 28 / 100);
	ck_assert_int_le(first[1], 20000 * 32 / 100);
	ck_assert_int_ge(first[2], 20000 * 9 / 100);
	ck_assert_int_le(first[2], 20000 * 13 / 100);
	ck_assert_int_ge(second_after_a[1], (second_after_a[1] + second_after_a[2]) * 70 / 100);
}
END_TEST

START_TEST(B1_greatest_weights_do_not_overflow)
{
	static char rows_text[FO_SRV_MOST][64];
	const char *rows[FO_SRV_MOST + 1] = { NULL };

	for (uint32_t i = 0; i < FO_SRV_MOST; i++) {
		snprintf(rows_text[i], sizeof(rows_text[i]), "s.test 60 SRV 1 65535 5060 %c.test",
			 'a' + (int)i % 26);
		rows[i] = rows_text[i];
	}
	srv_begin(rows);
	ck_assert_uint_eq(strlen(drawn(&random_most)), 26);
	ck_assert_uint_eq(strlen(drawn(&random_seeded)), 26);
}
END_TEST

START_TEST(B1_same_seed_same_order)
{
	static const char *const rows[] = { "s.test 60 SRV 1 1 5060 a.test",
					    "s.test 60 SRV 1 1 5060 b.test",
					    "s.test 60 SRV 1 1 5060 c.test", NULL };
	char once[8];

	srv_begin(rows);
	seed = 42;
	strcpy(once, drawn(&random_seeded));
	seed = 42;
	ck_assert_str_eq(drawn(&random_seeded), once);
}
END_TEST

START_TEST(B1_one_host_at_two_ports)
{
	static const char *const rows[] = { "s.test 60 SRV 1 1 5060 a.test",
					    "s.test 60 SRV 2 1 5080 A.test", NULL };

	srv_begin(rows);
	ck_assert_uint_eq(records.hosts_count, 1);
	ck_assert_str_eq(drawn(&random_seeded), "aa");
	ck_assert_uint_eq(targets[1].port, 5080);
}
END_TEST

static void families_check(uint32_t families, const char *expected)
{
	char text[8];
	uint32_t count = fo_records_targets(&records, families, FAILOVER_TCP, targets);

	for (uint32_t i = 0; i < count; i++)
		text[i] = (char)('0' + targets[i].family);
	text[count] = '\0';
	ck_assert_str_eq(text, expected);
}

START_TEST(B1_families_in_order)
{
	static const char *const none[] = { NULL };

	srv_begin(none);
	ck_assert_uint_eq(records.hosts_count, 1);
	ck_assert_str_eq(records.hosts[0].name, "test");
	records.hosts[0].count = 3;
	records.hosts[0].address[0] = (struct fo_address){ 4, { 192, 0, 2, 1 } };
	records.hosts[0].address[1] = (struct fo_address){ 6, { 0x20, 1, 0xd, 0xb8 } };
	records.hosts[0].address[2] = (struct fo_address){ 4, { 192, 0, 2, 2 } };
	families_check(FAILOVER_DNS_IPV6_FIRST, "644");
	families_check(FAILOVER_DNS_IPV4_FIRST, "446");
	families_check(FAILOVER_DNS_IPV4_ONLY, "44");
	families_check(FAILOVER_DNS_IPV6_ONLY, "6");
	ck_assert_uint_eq(targets[0].port, 0);
	ck_assert_uint_eq(targets[0].transport, FAILOVER_TCP);
}
END_TEST

START_TEST(B1_naptr_of_the_lowest_order)
{
	static const char *const rows[] = { "test 60 NAPTR 10 20 s SIP+D2U b.test",
					    "test 60 NAPTR 10 10 s SIP+D2U a.test",
					    "test 60 NAPTR 20 1 s SIP+D2U c.test", NULL };
	struct fo_services services;

	answer("test", FO_TYPE_NAPTR, rows);
	fo_services_choose(&reply, "test", FAILOVER_UDP, &services);
	ck_assert_uint_eq(services.count, 2);
	ck_assert_str_eq(services.list[0].name, "a.test");
	ck_assert_str_eq(services.list[1].name, "b.test");
}
END_TEST

START_TEST(B1_usual_srv_names)
{
	struct fo_services services;
	char longest[FO_NAME_BYTES];

	fo_services_choose(NULL, "test", FAILOVER_UDP, &services);
	ck_assert_str_eq(services.list[0].name, "_sip._udp.test");
	fo_services_choose(NULL, "test", FAILOVER_TCP, &services);
	ck_assert_str_eq(services.list[0].name, "_sip._tcp.test");
	fo_services_choose(NULL, "test", FAILOVER_TLS, &services);
	ck_assert_str_eq(services.list[0].name, "_sips._tcp.test");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	fo_services_choose(NULL, longest, FAILOVER_UDP, &services);
	ck_assert_uint_eq(services.count, 0);
}
END_TEST

START_TEST(B1_services_before_priorities)
{
	static const char *const first[] = { "s.test 60 SRV 50 1 5060 b.test", NULL };
	static const char *const second[] = { "s.test 60 SRV 1 1 5060 a.test", NULL };

	memset(&records, 0, sizeof(records));
	answer("s.test", FO_TYPE_SRV, second);
	fo_records_add_srv(&records, &reply, &two_services, 1);
	answer("s.test", FO_TYPE_SRV, first);
	fo_records_add_srv(&records, &reply, &two_services, 0);
	ck_assert_uint_eq(records.srv_count, 2);
	ck_assert_str_eq(records.srv[0].target, "b.test");
	ck_assert_str_eq(records.srv[1].target, "a.test");
}
END_TEST

START_TEST(B1b_same_records_in_another_order)
{
	static const char *const rows[] = { "s.test 60 SRV 1 1 5060 a.test",
					    "s.test 60 SRV 1 1 5060 b.test", NULL };
	static const char *const turned[] = { "s.test 30 SRV 1 1 5060 B.test",
					      "s.test 30 SRV 1 1 5060 a.test", NULL };
	static const char *const other[] = { "s.test 60 SRV 1 2 5060 a.test",
					     "s.test 60 SRV 1 1 5060 b.test", NULL };
	static struct fo_records before;

	srv_begin(rows);
	records.hosts[0].count = 2;
	records.hosts[0].address[1] = (struct fo_address){ 4, { 192, 0, 2, 77 } };
	before = records;
	srv_begin(turned);
	records.hosts[0].count = 2;
	records.hosts[0].address[1] = records.hosts[0].address[0];
	records.hosts[0].address[0] = (struct fo_address){ 4, { 192, 0, 2, 77 } };
	ck_assert_int_eq(fo_records_same(&records, &before), 1);
	records.hosts[0].address[0].bytes[3] = 78;
	ck_assert_int_eq(fo_records_same(&records, &before), 0);
	srv_begin(other);
	ck_assert_int_eq(fo_records_same(&records, &before), 0);
}
END_TEST

START_TEST(B1b_host_without_an_answer_keeps_its_addresses)
{
	static const char *const rows[] = { "s.test 60 SRV 1 1 5060 a.test",
					    "s.test 60 SRV 2 1 5060 b.test", NULL };
	static struct fo_records before;

	srv_begin(rows);
	before = records;
	records.hosts[0].count = 0;
	records.hosts[0].failed = FO_FAMILY_4;
	records.hosts[1].count = 0;
	fo_records_carry(&records, &before);
	ck_assert_str_eq(drawn(&random_least), "a");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dns_order");
	TCase *tests = tcase_create("order");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, B1_priorities_in_order);
	tcase_add_test(tests, B1_weight_0_has_a_small_chance);
	tcase_add_test(tests, B25_equal_weights_are_shuffled);
	tcase_add_test(tests, B25_weights_of_0_among_others_are_shuffled);
	tcase_add_test(tests, B25_priorities_are_not_shuffled);
	tcase_add_test(tests, B1_weights_share_as_RFC_2782_says);
	tcase_add_test(tests, B1_greatest_weights_do_not_overflow);
	tcase_add_test(tests, B1_same_seed_same_order);
	tcase_add_test(tests, B1_one_host_at_two_ports);
	tcase_add_test(tests, B1_families_in_order);
	tcase_add_test(tests, B1_naptr_of_the_lowest_order);
	tcase_add_test(tests, B1_usual_srv_names);
	tcase_add_test(tests, B1_services_before_priorities);
	tcase_add_test(tests, B1b_same_records_in_another_order);
	tcase_add_test(tests, B1b_host_without_an_answer_keeps_its_addresses);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
