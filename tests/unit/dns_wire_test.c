/* SPDX-License-Identifier: MIT */
/* dns_wire_test.c - answers of DNS servers, good and hostile, as records. */
#include "dns_message.h"

#include <check.h>
#include <failover/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct dns_message message;
static struct fo_reply reply;

static void begin(const char *name, uint16_t type)
{
	message_begin(&message, name, type, 0);
}

static void add(const char *row)
{
	message_add(&message, SECTION_ANSWER, row);
}

/* From a block of exactly that size, so that the sanitizer sees a byte too many. */
static void read_bytes(const char *name, uint16_t type, size_t length)
{
	const struct fo_question question = { .name = name,
					      .type = type,
					      .transport = FAILOVER_UDP };
	uint8_t *copy = malloc(length ? length : 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, message.bytes, length);
	fo_wire_read(&question, copy, length, &reply);
	free(copy);
}

static void read_answer(const char *name, uint16_t type)
{
	read_bytes(name, type, message.length);
}

START_TEST(B1_addresses_with_the_least_ttl)
{
	begin("sip.test", FO_TYPE_A);
	add("sip.test 300 A 192.0.2.1");
	add("SIP.Test 60 A 192.0.2.2");
	add("other.test 1 A 192.0.2.3");
	add("sip.test 300 A 192.0.2.1");
	read_answer("sip.test", FO_TYPE_A);
	ck_assert_int_eq(reply.status, FO_REPLY_DATA);
	ck_assert_uint_eq(reply.count, 2);
	ck_assert_uint_eq(reply.ttl_s, 60);
	ck_assert_uint_eq(reply.u.address[0].family, 4);
	ck_assert_uint_eq(reply.u.address[1].bytes[3], 2);
}
END_TEST

START_TEST(B1_aliases_are_followed_in_any_order)
{
	begin("sip.test", FO_TYPE_AAAA);
	add("c.test 300 AAAA 2001:db8::1");
	add("b.test 50 CNAME c.test");
	add("sip.test 40 CNAME b.test");
	read_answer("sip.test", FO_TYPE_AAAA);
	ck_assert_int_eq(reply.status, FO_REPLY_DATA);
	ck_assert_uint_eq(reply.count, 1);
	ck_assert_uint_eq(reply.ttl_s, 40);
	ck_assert_uint_eq(reply.u.address[0].family, 6);
}
END_TEST

START_TEST(B1_alias_loop_ends)
{
	begin("a.test", FO_TYPE_A);
	add("a.test 60 CNAME b.test");
	add("b.test 60 CNAME a.test");
	read_answer("a.test", FO_TYPE_A);
	ck_assert_int_eq(reply.status, FO_REPLY_NO_RECORDS);
}
END_TEST

START_TEST(B1_srv_sorted_by_priority_and_weight)
{
	begin("_sip._udp.test", FO_TYPE_SRV);
	add("_sip._udp.test 60 SRV 20 5 5060 c.test");
	add("_sip._udp.test 60 SRV 10 1 5060 b.test");
	add("_sip._udp.test 60 SRV 10 9 5062 a.test");
	add("_sip._udp.test 60 SRV 5 9 0 port-zero.test");
	read_answer("_sip._udp.test", FO_TYPE_SRV);
	ck_assert_uint_eq(reply.count, 3);
	ck_assert_str_eq(reply.u.srv[0].target, "a.test");
	ck_assert_uint_eq(reply.u.srv[0].port, 5062);
	ck_assert_str_eq(reply.u.srv[1].target, "b.test");
	ck_assert_str_eq(reply.u.srv[2].target, "c.test");
}
END_TEST

START_TEST(B1_srv_of_the_root_is_not_offered)
{
	begin("_sip._udp.test", FO_TYPE_SRV);
	add("_sip._udp.test 77 SRV 0 0 0 .");
	read_answer("_sip._udp.test", FO_TYPE_SRV);
	ck_assert_int_eq(reply.status, FO_REPLY_NOT_OFFERED);
	ck_assert_uint_eq(reply.ttl_s, 77);
	add("_sip._udp.test 77 SRV 0 0 5060 a.test");
	read_answer("_sip._udp.test", FO_TYPE_SRV);
	ck_assert_int_eq(reply.status, FO_REPLY_DATA);
	ck_assert_uint_eq(reply.count, 1);
}
END_TEST

START_TEST(B1_naptr_of_this_transport_only)
{
	begin("test", FO_TYPE_NAPTR);
	add("test 60 NAPTR 1 1 s SIP+D2T _sip._tcp.test");
	add("test 60 NAPTR 1 2 s SIPS+D2T _sips._tcp.test");
	add("test 60 NAPTR 1 3 s SIP+D2X _sip._x.test");
	add("test 60 NAPTR 1 4 u SIP+D2U _flag._udp.test");
	add("test 60 NAPTR 20 1 S sip+d2u _second._udp.test");
	add("test 60 NAPTR 10 9 s SIP+D2U _first._udp.test");
	read_answer("test", FO_TYPE_NAPTR);
	ck_assert_int_eq(reply.status, FO_REPLY_DATA);
	ck_assert_uint_eq(reply.count, 2);
	ck_assert_str_eq(reply.u.naptr[0].replacement, "_first._udp.test");
	ck_assert_str_eq(reply.u.naptr[1].replacement, "_second._udp.test");
}
END_TEST

START_TEST(B1_naptr_with_unknown_services_is_none)
{
	begin("test", FO_TYPE_NAPTR);
	for (int i = 0; i < 100; i++)
		add("test 60 NAPTR 1 1 s E2U+sip _sip._udp.test");
	read_answer("test", FO_TYPE_NAPTR);
	ck_assert_int_eq(reply.status, FO_REPLY_NO_RECORDS);
}
END_TEST

START_TEST(B1_negative_answers_have_the_ttl_of_the_soa)
{
	message_begin(&message, "gone.test", FO_TYPE_A, 3);
	message_add(&message, SECTION_AUTHORITY, "test 600 SOA 90");
	read_answer("gone.test", FO_TYPE_A);
	ck_assert_int_eq(reply.status, FO_REPLY_NO_NAME);
	ck_assert_uint_eq(reply.ttl_s, 90);
	begin("there.test", FO_TYPE_A);
	message_add(&message, SECTION_AUTHORITY, "test 30 SOA 90");
	read_answer("there.test", FO_TYPE_A);
	ck_assert_int_eq(reply.status, FO_REPLY_NO_RECORDS);
	ck_assert_uint_eq(reply.ttl_s, 30);
	begin("there.test", FO_TYPE_A);
	read_answer("there.test", FO_TYPE_A);
	ck_assert_uint_eq(reply.ttl_s, FO_TTL_NONE);
}
END_TEST

START_TEST(B1_ttl_with_the_high_bit_is_zero)
{
	begin("sip.test", FO_TYPE_A);
	add("sip.test 4294967295 A 192.0.2.1");
	read_answer("sip.test", FO_TYPE_A);
	ck_assert_uint_eq(reply.ttl_s, 0);
}
END_TEST

/* 1000 records, the best ones last: they are the ones that stay. */
START_TEST(B1_thousand_srv_records_keep_the_best)
{
	begin("s.test", FO_TYPE_SRV);
	for (int i = 1000; i > 0; i--) {
		char row[64];

		snprintf(row, sizeof(row), "s.test 60 SRV %d 0 5060 h%d.test", i, i);
		add(row);
	}
	read_answer("s.test", FO_TYPE_SRV);
	ck_assert_int_eq(reply.status, FO_REPLY_DATA);
	ck_assert_uint_eq(reply.count, FO_SRV_MOST);
	ck_assert_str_eq(reply.u.srv[0].target, "h1.test");
	ck_assert_str_eq(reply.u.srv[FO_SRV_MOST - 1].target, "h32.test");
}
END_TEST

/* The same set stays, however the server turns the records round. */
START_TEST(B1b_thousand_addresses_keep_the_same_ones)
{
	for (int turn = 0; turn < 2; turn++) {
		uint32_t sum = 0;

		begin("s.test", FO_TYPE_A);
		for (int i = 0; i < 1000; i++) {
			int n = turn ? 999 - i : i;
			char row[64];

			snprintf(row, sizeof(row), "s.test 60 A 10.0.%d.%d", n / 250, n % 250);
			add(row);
		}
		read_answer("s.test", FO_TYPE_A);
		ck_assert_uint_eq(reply.count, FO_ADDRESS_MOST);
		for (uint32_t i = 0; i < reply.count; i++)
			sum += reply.u.address[i].bytes[3] + reply.u.address[i].bytes[2] * 1000u;
		ck_assert_uint_eq(sum, 31 * 32 / 2);
	}
}
END_TEST

/* Names with bytes that no host name has, or that are too long, are never asked for. */
START_TEST(B1_odd_names_are_passed_over)
{
	static const uint8_t odd[] = { 0, 1, 0, 0, 0x13, 0xc4, 3, 'a', '\n', 'b', 0 };
	static const uint8_t slash[] = { 0, 1, 0, 0, 0x13, 0xc4, 3, 'a', '.', 'b', 0 };

	begin("s.test", FO_TYPE_SRV);
	message_add_bytes(&message, "s.test", FO_TYPE_SRV, odd, sizeof(odd));
	message_add_bytes(&message, "s.test", FO_TYPE_SRV, slash, sizeof(slash));
	read_answer("s.test", FO_TYPE_SRV);
	ck_assert_int_eq(reply.status, FO_REPLY_NO_RECORDS);
	add("s.test 60 SRV 1 0 5060 a.test");
	read_answer("s.test", FO_TYPE_SRV);
	ck_assert_uint_eq(reply.count, 1);
}
END_TEST

/* SRV data whose target is each of these. */
static const struct bad_name {
	const char *what;
	uint8_t length;
	uint8_t bytes[12];
} bad_names[] = {
	{ "pointer to itself", 2, { 0xc0, 42 } },
	{ "pointer forward", 2, { 0xc0, 60 } },
	{ "pointer beyond the message", 2, { 0xff, 0xff } },
	{ "label, then a pointer back to it", 4, { 1, 'a', 0xc0, 42 } },
	{ "half a pointer", 1, { 0xc0 } },
	{ "label longer than the data", 3, { 63, 'a', 'b' } },
	{ "label type 01", 3, { 0x41, 'a', 0 } },
	{ "label type 10", 3, { 0x81, 'a', 0 } },
	{ "no end", 2, { 1, 'a' } },
	{ "nothing", 0, { 0 } },
};

START_TEST(B1_malformed_names)
{
	const struct bad_name *bad = &bad_names[_i];
	uint8_t data[18] = { 0, 1, 0, 0, 0x13, 0xc4 };

	memcpy(data + 6, bad->bytes, bad->length);
	begin("s.t", FO_TYPE_SRV);
	message_add_bytes(&message, "s.t", FO_TYPE_SRV, data, (uint16_t)(6 + bad->length));
	read_answer("s.t", FO_TYPE_SRV);
	ck_assert_msg(reply.status == FO_REPLY_MALFORMED && reply.count == 0, "%s: status %d",
		      bad->what, reply.status);
}
END_TEST

/* Many names of one long chain of pointers: each costs at most its own length. */
START_TEST(B1_chain_of_pointers_is_bounded)
{
	uint8_t data[8] = { 0, 1, 0, 0, 0x13, 0xc4 };
	uint16_t at = 0;

	begin("s.t", FO_TYPE_SRV);
	for (int i = 0; i < 3000; i++) {
		uint16_t to = i ? at : 12;

		data[6] = (uint8_t)(0xc0 | to >> 8);
		data[7] = (uint8_t)to;
		if (message.length > 0x3f00)
			break;
		message_add_bytes(&message, "s.t", FO_TYPE_SRV, data, sizeof(data));
		at = (uint16_t)(message.length - 2);
	}
	read_answer("s.t", FO_TYPE_SRV);
	ck_assert_int_eq(reply.status, FO_REPLY_DATA);
	ck_assert_uint_eq(reply.count, 1);
	ck_assert_str_eq(reply.u.srv[0].target, "s.t");
}
END_TEST

/* Labels that add up to more than 255 bytes through pointers. */
START_TEST(B1_name_longer_than_a_name)
{
	uint8_t label[64 + 2] = { 63 };
	uint8_t data[8] = { 0, 1, 0, 0, 0x13, 0xc4 };
	uint16_t to = 12;

	begin("s.t", FO_TYPE_SRV);
	memset(label + 1, 'x', 63);
	for (int i = 0; i < 5; i++) {
		label[64] = (uint8_t)(0xc0 | to >> 8);
		label[65] = (uint8_t)to;
		message_add_bytes(&message, "t", FO_TYPE_CNAME, label, sizeof(label));
		to = (uint16_t)(message.length - sizeof(label));
	}
	data[6] = (uint8_t)(0xc0 | to >> 8);
	data[7] = (uint8_t)to;
	message_add_bytes(&message, "s.t", FO_TYPE_SRV, data, sizeof(data));
	read_answer("s.t", FO_TYPE_SRV);
	ck_assert_int_eq(reply.status, FO_REPLY_MALFORMED);
}
END_TEST

START_TEST(B1_lies_about_lengths)
{
	static const uint8_t five[5] = { 192, 0, 2, 1, 9 };

	begin("s.test", FO_TYPE_A);
	message_add_bytes(&message, "s.test", FO_TYPE_A, five, 5);
	read_answer("s.test", FO_TYPE_A);
	ck_assert_int_eq(reply.status, FO_REPLY_MALFORMED);
	begin("s.test", FO_TYPE_A);
	message_add_bytes(&message, "s.test", FO_TYPE_A, five, 3);
	read_answer("s.test", FO_TYPE_A);
	ck_assert_int_eq(reply.status, FO_REPLY_MALFORMED);
	begin("s.test", FO_TYPE_A);
	add("s.test 60 A 192.0.2.1");
	message.bytes[message.length - 6] = 0xff;
	read_answer("s.test", FO_TYPE_A);
	ck_assert_int_eq(reply.status, FO_REPLY_MALFORMED);
	begin("s.test", FO_TYPE_A);
	add("s.test 60 A 192.0.2.1");
	message.bytes[6] = 0xff; /* 65281 answers */
	read_answer("s.test", FO_TYPE_A);
	ck_assert_int_eq(reply.status, FO_REPLY_MALFORMED);
}
END_TEST

START_TEST(B1_answer_to_another_question)
{
	begin("other.test", FO_TYPE_A);
	add("s.test 60 A 192.0.2.1");
	read_answer("s.test", FO_TYPE_A);
	ck_assert_int_eq(reply.status, FO_REPLY_MALFORMED);
	begin("s.test", FO_TYPE_A);
	message.bytes[5] = 2;
	read_answer("s.test", FO_TYPE_A);
	ck_assert_int_eq(reply.status, FO_REPLY_MALFORMED);
}
END_TEST

static void typical(uint16_t type)
{
	begin("s.test", type);
	add("s.test 60 CNAME t.test");
	add("t.test 60 A 192.0.2.1");
	add("t.test 60 AAAA 2001:db8::1");
	add("t.test 60 SRV 1 2 5060 a.test");
	add("t.test 60 NAPTR 1 2 s SIP+D2U b.test");
	message_add(&message, SECTION_AUTHORITY, "test 60 SOA 60");
}

static const uint16_t types[] = { FO_TYPE_A, FO_TYPE_AAAA, FO_TYPE_SRV, FO_TYPE_NAPTR };

START_TEST(B1_every_truncation_is_noticed)
{
	size_t whole;

	typical(types[_i]);
	read_answer("s.test", types[_i]);
	ck_assert_int_eq(reply.status, FO_REPLY_DATA);
	whole = message.length;
	for (size_t length = 0; length < whole; length++) {
		read_bytes("s.test", types[_i], length);
		if (reply.status == FO_REPLY_DATA) /* only the authority section is cut */
			ck_assert_uint_gt(length, whole - 80);
	}
}
END_TEST

START_TEST(B1_random_damage_stays_bounded)
{
	uint32_t random = 12345;
	uint32_t data = 0;

	for (int round = 0; round < 20000; round++) {
		typical(types[_i]);
		for (int n = round % 8; n >= 0; n--) {
			random = random * 1664525u + 1013904223u;
			message.bytes[(random >> 8) % message.length] = (uint8_t)(random >> 24);
		}
		read_answer("s.test", types[_i]);
		data += reply.status == FO_REPLY_DATA;
		if (reply.count > FO_SRV_MOST || (reply.count > 0) != !reply.status)
			ck_abort_msg("count %u with status %d", reply.count, reply.status);
	}
	ck_assert_uint_gt(data, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dns_wire");
	TCase *good = tcase_create("good"), *bad = tcase_create("bad");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(good, B1_addresses_with_the_least_ttl);
	tcase_add_test(good, B1_aliases_are_followed_in_any_order);
	tcase_add_test(good, B1_srv_sorted_by_priority_and_weight);
	tcase_add_test(good, B1_srv_of_the_root_is_not_offered);
	tcase_add_test(good, B1_naptr_of_this_transport_only);
	tcase_add_test(good, B1_naptr_with_unknown_services_is_none);
	tcase_add_test(good, B1_negative_answers_have_the_ttl_of_the_soa);
	tcase_add_test(good, B1_ttl_with_the_high_bit_is_zero);
	tcase_add_test(good, B1_thousand_srv_records_keep_the_best);
	tcase_add_test(good, B1b_thousand_addresses_keep_the_same_ones);
	suite_add_tcase(suite, good);
	tcase_add_test(bad, B1_alias_loop_ends);
	tcase_add_test(bad, B1_odd_names_are_passed_over);
	tcase_add_loop_test(bad, B1_malformed_names, 0, sizeof(bad_names) / sizeof(bad_names[0]));
	tcase_add_test(bad, B1_chain_of_pointers_is_bounded);
	tcase_add_test(bad, B1_name_longer_than_a_name);
	tcase_add_test(bad, B1_lies_about_lengths);
	tcase_add_test(bad, B1_answer_to_another_question);
	tcase_add_loop_test(bad, B1_every_truncation_is_noticed, 0, 4);
	tcase_add_loop_test(bad, B1_random_damage_stays_bounded, 0, 4);
	suite_add_tcase(suite, bad);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
