/* SPDX-License-Identifier: MIT */
/* What failover-edge keeps is bounded: requests under way, phones of a line; and whose line it is.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/edge/bench.h"
#include "tap_main.h"

static struct edge_bench bench;
static struct edge *edge;

static void setup(void)
{
	edge_bench_open(&bench);
	edge = bench.edge;
}

static void teardown(void)
{
	edge_bench_close(&bench);
}

static void ask(const char *method, unsigned number, const char *lines)
{
	char text[1024];
	int length = snprintf(text, sizeof(text),
			      "%s sip:example.com SIP/2.0\r\n"
			      "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKp%u;rport\r\n"
			      "Max-Forwards: 70\r\nFrom: <sip:1001@example.com>;tag=a\r\n"
			      "To: <sip:1001@example.com>\r\nCall-ID: %u\r\nCSeq: 1 %s\r\n"
			      "%sContent-Length: 0\r\n\r\n",
			      method, number, number, method, lines);

	edge_from_client(edge, text, (size_t)length, &bench.nobody);
}

START_TEST(requests_under_way_are_bounded_and_the_oldest_makes_room)
{
	unsigned i;

	edge_bench_line(&bench, "1001", "example.com", "secret");
	for (i = 0; i < EDGE_EXCHANGES_MAX + 100; i++) {
		ask("OPTIONS", i, "");
		ck_assert_uint_le(edge->exchanges_count, EDGE_EXCHANGES_MAX);
	}
	ck_assert_uint_eq(edge->exchanges_count, EDGE_EXCHANGES_MAX);
	ck_assert_uint_eq(edge->counters.forgotten, 100);
	bench.now += 3600000;
	ask("OPTIONS", i, "");
	ck_assert_uint_eq(edge->exchanges_count, 1);
}
END_TEST

START_TEST(a_request_that_is_repeated_is_kept_once)
{
	edge_bench_line(&bench, "1001", "example.com", "secret");
	ask("OPTIONS", 1, "");
	ask("OPTIONS", 1, "");
	ck_assert_uint_eq(edge->exchanges_count, 1);
	ask("OPTIONS", 2, "");
	ck_assert_uint_eq(edge->exchanges_count, 2);
}
END_TEST

START_TEST(phones_of_a_line_are_bounded_and_the_newest_is_called)
{
	const struct edge_line *line =
		edge_line_of(edge, edge_bench_line(&bench, "1001", "example.com", "secret"));
	char contact[128];
	unsigned i;

	for (i = 0; i < EDGE_CLIENTS_OF_LINE_MAX + 10; i++) {
		snprintf(contact, sizeof(contact), "Contact: <sip:1001@127.0.0.1:%u>\r\n",
			 10000 + i);
		ask("REGISTER", i, contact);
		ck_assert_uint_le(line->clients_count, EDGE_CLIENTS_OF_LINE_MAX);
	}
	ck_assert_uint_eq(line->clients_count, EDGE_CLIENTS_OF_LINE_MAX);
	snprintf(contact, sizeof(contact), "sip:1001@127.0.0.1:%u", 10000 + i - 1);
	ck_assert_str_eq(TAILQ_FIRST(&line->clients)->uri, contact);
	ck_assert_uint_eq(TAILQ_FIRST(&line->clients)->at.port, 10000 + i - 1);
	bench.now += EDGE_CLIENT_EXPIRES_S * 1000;
	ck_assert_ptr_null(edge_line_client(edge, (struct edge_line *)(uintptr_t)line));
}
END_TEST

START_TEST(a_phone_that_has_a_new_contact_at_its_old_place_is_one_phone)
{
	const struct edge_line *line =
		edge_line_of(edge, edge_bench_line(&bench, "1001", "example.com", "secret"));

	ask("REGISTER", 1, "Contact: <sip:old@127.0.0.1:9>\r\n");
	ask("REGISTER", 2, "Contact: <sip:new@127.0.0.1:9>\r\n");
	ck_assert_uint_eq(line->clients_count, 1);
	ck_assert_str_eq(TAILQ_FIRST(&line->clients)->uri, "sip:new@127.0.0.1:9");
}
END_TEST

static struct ua_part part(const char *text)
{
	return (struct ua_part){ text, strlen(text) };
}

START_TEST(two_lines_of_one_user_are_told_apart_by_their_domains)
{
	uint32_t first = edge_bench_line(&bench, "1001", "example.com", "secret"),
		 second = edge_bench_line(&bench, "1001", "example.net", "secret");
	uint32_t other = edge_bench_line(&bench, "1002", "example.com", "secret");

	ck_assert_uint_eq(edge_line_of_user(edge, part("1001"), part("example.com"))->id, first);
	ck_assert_uint_eq(edge_line_of_user(edge, part("1001"), part("EXAMPLE.net"))->id, second);
	ck_assert_uint_eq(edge_line_of_user(edge, part("1001"), part("192.0.2.1"))->id, first);
	ck_assert_uint_eq(edge_line_of_user(edge, part("%31002"), part("x"))->id, other);
	ck_assert_ptr_null(edge_line_of_user(edge, part("1003"), part("example.com")));
	edge_ext_line.line_remove(edge, first);
	ck_assert_uint_eq(edge_line_of_user(edge, part("1001"), part("example.com"))->id, second);
}
END_TEST

START_TEST(what_cannot_be_sent_up_is_refused_and_counted)
{
	edge_bench_line(&bench, "1001", "example.com", "secret");
	ask("OPTIONS", 1, "Contact: <sip:1001@127.0.0.1:9\r\n");
	ask("INVITE", 2, "Via: SIP/2.0/UDP ;;\r\n");
	ck_assert_uint_eq(edge->counters.garbage, 1);
	ck_assert_uint_eq(edge->counters.up, 1);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_set_timeout(tcase, 240);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, requests_under_way_are_bounded_and_the_oldest_makes_room);
	tcase_add_test(tcase, a_request_that_is_repeated_is_kept_once);
	tcase_add_test(tcase, phones_of_a_line_are_bounded_and_the_newest_is_called);
	tcase_add_test(tcase, a_phone_that_has_a_new_contact_at_its_old_place_is_one_phone);
	tcase_add_test(tcase, two_lines_of_one_user_are_told_apart_by_their_domains);
	tcase_add_test(tcase, what_cannot_be_sent_up_is_refused_and_counted);
}

int main(void)
{
	return tap_main("edge_limits", add);
}
