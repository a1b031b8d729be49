/* SPDX-License-Identifier: MIT */
/* What failover-edge changes in a message, and what a message carries for it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "programs/edge/text.h"
#include "programs/edge/token.h"
#include "tap_main.h"

#define SIZE 4096u

static struct failover_target place;
static char out[SIZE];

static void setup(void)
{
	ck_assert_int_eq(failover_target_set(&place, "192.0.2.9", 5070, FAILOVER_UDP), 0);
	out[0] = '\0';
}

static struct edge_text_out into(void)
{
	return (struct edge_text_out){ out, sizeof(out) };
}

/* ---- requests of a client ----------------------------------------------------------------- */

static int up(const char *text, const struct edge_text_up *how)
{
	struct ua_message message;
	int length;

	ck_assert_int_eq(ua_message_read(&message, text, strlen(text), &place), 0);
	length = edge_text_up(&message, (struct ua_part){ text, strlen(text) }, how, into());
	ua_message_free(&message);
	return length;
}

static const struct edge_text_up plain = { .via = "SIP/2.0/UDP edge;branch=z9hG4bKe" };

START_TEST(B7_only_what_the_edge_must_change_of_a_request_is_changed)
{
	const struct edge_text_up how = { .via = plain.via,
					  .routes_gone = 1,
					  .contact = "sip:1001@edge;fo=1" };

	ck_assert_int_gt(up("INVITE sip:bob@x SIP/2.0\r\n"
			    "X-First: 1\r\n"
			    "v: SIP/2.0/UDP phone;branch=z9hG4bKp\r\n"
			    "Max-Forwards: 70\r\n"
			    "f: <sip:1001@x>;tag=a\r\n"
			    "t:\r\n <sip:bob@x>\r\n"
			    "i: 1\r\n"
			    "CSeq: 1 INVITE\r\n"
			    "Route: <sip:edge;lr>, <sip:next;lr>\r\n"
			    "m: \"Phone\" <sip:1001@192.0.2.9:5070;ob>;+sip.instance=\"<x>\"\r\n"
			    "l: 2\r\n\r\nhi",
			    &how),
			 0);
	ck_assert_str_eq(out, "INVITE sip:bob@x SIP/2.0\r\n"
			      "X-First: 1\r\n"
			      "Via: SIP/2.0/UDP edge;branch=z9hG4bKe\r\n"
			      "Max-Forwards: 69\r\n"
			      "f: <sip:1001@x>;tag=a\r\n"
			      "t:\r\n <sip:bob@x>\r\n"
			      "i: 1\r\n"
			      "CSeq: 1 INVITE\r\n"
			      "Route: <sip:next;lr>\r\n"
			      "m: \"Phone\" <sip:1001@edge;fo=1>;+sip.instance=\"<x>\"\r\n"
			      "l: 2\r\n\r\nhi");
}
END_TEST

START_TEST(all_vias_of_a_client_give_way_to_one)
{
	ck_assert_int_gt(
		up("BYE sip:bob@x SIP/2.0\r\n"
		   "Via: SIP/2.0/UDP pbx;branch=z9hG4bK1, SIP/2.0/UDP a;branch=z9hG4bK2\r\n"
		   "From: <sip:1001@x>;tag=a\r\n"
		   "Via: SIP/2.0/UDP\r\n b;branch=z9hG4bK3\r\n"
		   "To: <sip:bob@x>;tag=b\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n"
		   "Route: <sip:edge;lr>\r\n\r\n",
		   &(struct edge_text_up){ .via = plain.via, .routes_gone = 1 }),
		0);
	/* Where Max-Forwards is missing it is 70, of which one is spent (RFC 3261 16.6). */
	ck_assert_str_eq(out, "BYE sip:bob@x SIP/2.0\r\n"
			      "Max-Forwards: 69\r\n"
			      "Via: SIP/2.0/UDP edge;branch=z9hG4bKe\r\n"
			      "From: <sip:1001@x>;tag=a\r\n"
			      "To: <sip:bob@x>;tag=b\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n");
}
END_TEST

START_TEST(a_contact_without_brackets_gets_them)
{
	ck_assert_int_gt(up("INVITE sip:bob@x SIP/2.0\r\nVia: SIP/2.0/UDP p;branch=z9hG4bK1\r\n"
			    "Max-Forwards: 1\r\nFrom: <sip:1001@x>;tag=a\r\nTo: <sip:bob@x>\r\n"
			    "Call-ID: 1\r\nCSeq: 1 INVITE\r\nContact: sip:1001@p;expires=3\r\n\r\n",
			    &(struct edge_text_up){ .via = plain.via, .contact = "sip:e;fo=1" }),
			 0);
	ck_assert_ptr_nonnull(strstr(out, "Contact: <sip:e;fo=1>;expires=3\r\n"));
	ck_assert_ptr_nonnull(strstr(out, "Max-Forwards: 0\r\n"));
}
END_TEST

START_TEST(a_message_that_would_be_too_long_is_an_error_and_not_cut)
{
	struct ua_message message;
	const char *text = "OPTIONS sip:bob@x SIP/2.0\r\nVia: SIP/2.0/UDP p;branch=z9hG4bK1\r\n"
			   "From: <sip:1001@x>;tag=a\r\nTo: <sip:bob@x>\r\nCall-ID: 1\r\n"
			   "CSeq: 1 OPTIONS\r\n\r\n";
	struct ua_part bytes = { text, strlen(text) };
	size_t size;

	ck_assert_int_eq(ua_message_read(&message, text, strlen(text), &place), 0);
	for (size = 1; size < strlen(text); size++)
		ck_assert_int_eq(
			edge_text_up(&message, bytes, &plain, (struct edge_text_out){ out, size }),
			FAILOVER_ERR_FULL);
	ua_message_free(&message);
}
END_TEST

/* ---- answers to them ---------------------------------------------------------------------- */

START_TEST(an_answer_has_the_vias_of_the_client_and_the_edge_as_its_last_record_route)
{
	const char *text = "SIP/2.0 200 OK\r\n"
			   "Via: SIP/2.0/UDP edge;branch=z9hG4bKe\r\n"
			   "Record-Route: <sip:near;lr>, <sip:far;lr>\r\n"
			   "From: <sip:1001@x>;tag=a\r\nTo: <sip:bob@x>;tag=b\r\nCall-ID: 1\r\n"
			   "CSeq: 1 INVITE\r\n\r\n";
	struct ua_message message;

	ck_assert_int_eq(ua_message_read(&message, text, strlen(text), &place), 0);
	ck_assert_int_gt(edge_text_up_answer(
				 &message, (struct ua_part){ text, strlen(text) },
				 &(struct edge_text_up_answer){ .vias = "Via: one\r\nVia: two\r\n",
								.record_route = "<sip:edge;lr>" },
				 into()),
			 0);
	ua_message_free(&message);
	ck_assert_str_eq(out, "SIP/2.0 200 OK\r\n"
			      "Via: one\r\nVia: two\r\n"
			      "Record-Route: <sip:near;lr>, <sip:far;lr>\r\n"
			      "Record-Route: <sip:edge;lr>\r\n"
			      "From: <sip:1001@x>;tag=a\r\nTo: <sip:bob@x>;tag=b\r\nCall-ID: 1\r\n"
			      "CSeq: 1 INVITE\r\n\r\n");
}
END_TEST

/* RFC 3261 20.14: who answers by UDP need not say how long it is, and the client is on TCP. */
START_TEST(what_goes_down_over_a_connection_says_how_long_it_is)
{
	const char *answer = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP edge;branch=z9hG4bKe\r\n"
			     "From: <sip:a@x>;tag=a\r\nTo: <sip:b@x>;tag=b\r\nCall-ID: 1\r\n"
			     "CSeq: 9 INFO\r\n\r\nhello";
	const char *request = "INFO sip:1001@edge SIP/2.0\r\nVia: SIP/2.0/UDP s;branch=z9hG4bKs\r\n"
			      "From: <sip:a@x>;tag=a\r\nTo: <sip:b@x>;tag=b\r\nCall-ID: 1\r\n"
			      "CSeq: 1 INFO\r\n\r\nhello";
	struct ua_message message;

	ck_assert_int_eq(ua_message_read(&message, answer, strlen(answer), &place), 0);
	ck_assert_int_gt(edge_text_up_answer(&message, (struct ua_part){ answer, strlen(answer) },
					     &(struct edge_text_up_answer){ .vias = "Via: one\r\n",
									    .cseq_less = 2,
									    .over_stream = _i },
					     into()),
			 0);
	ua_message_free(&message);
	ck_assert_int_eq(strstr(out, "\r\nContent-Length: 5\r\n") != NULL, _i);
	ck_assert_ptr_nonnull(strstr(out, "\r\nCSeq: 7 INFO\r\n"));
	ck_assert_int_eq(ua_message_read(&message, request, strlen(request), &place), 0);
	ck_assert_int_gt(edge_text_down(&message, (struct ua_part){ request, strlen(request) },
					&(struct edge_text_down){ .via = "SIP/2.0/TCP e",
								  .uri = "sip:p",
								  .over_stream = _i },
					into()),
			 0);
	ua_message_free(&message);
	ck_assert_int_eq(strstr(out, "\r\nContent-Length: 5\r\n") != NULL, _i);
}
END_TEST

static const struct {
	const char *via, *seen;
} vias[] = {
	{ "SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK1",
	  "SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK1" },
	{ "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1",
	  "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=192.0.2.9" },
	{ "SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bK1",
	  "SIP/2.0/UDP 192.0.2.9;rport=5070;branch=z9hG4bK1;received=192.0.2.9" },
	{ "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1;rport",
	  "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1;rport=5070;received=192.0.2.9" },
	{ "SIP/2.0/UDP 192.0.2.9;rport=1;branch=z9hG4bK1",
	  "SIP/2.0/UDP 192.0.2.9;rport=1;branch=z9hG4bK1" },
	{ "SIP/2.0/UDP phone.example;branch=z9hG4bK1",
	  "SIP/2.0/UDP phone.example;branch=z9hG4bK1;received=192.0.2.9" },
};

START_TEST(a_via_says_where_its_request_came_from)
{
	struct ua_writer writer;

	ua_writer_init(&writer, out, sizeof(out));
	edge_text_via(vias[_i].via, &place, &writer);
	ck_assert_int_eq(ua_writer_error(&writer), 0);
	ck_assert_str_eq(out, vias[_i].seen);
}
END_TEST

/* ---- requests from outside, and their answers ---------------------------------------------- */

START_TEST(B24_a_request_from_outside_goes_to_the_contact_of_the_client)
{
	const char *text = "INVITE sip:1001@edge SIP/2.0\r\n"
			   "Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK1;rport\r\n"
			   "Record-Route: <sip:near;lr>\r\n"
			   "Max-Forwards: 5\r\nFrom: <sip:bob@x>;tag=b\r\nTo: <sip:1001@x>\r\n"
			   "Call-ID: 1\r\nCSeq: 1 INVITE\r\nContact: <sip:bob@server>\r\n\r\n";
	const struct edge_text_down how = { .via = "SIP/2.0/UDP edge;branch=z9hG4bKe",
					    .uri = "sip:phone@192.0.2.7;ob",
					    .record_route = "<sip:edge;lr>" };
	struct ua_message message;

	ck_assert_int_eq(ua_message_read(&message, text, strlen(text), &place), 0);
	ck_assert_int_gt(
		edge_text_down(&message, (struct ua_part){ text, strlen(text) }, &how, into()), 0);
	ua_message_free(&message);
	ck_assert_str_eq(out, "INVITE sip:phone@192.0.2.7;ob SIP/2.0\r\n"
			      "Via: SIP/2.0/UDP edge;branch=z9hG4bKe\r\n"
			      "Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK1;rport=5070;"
			      "received=192.0.2.9\r\n"
			      "Record-Route: <sip:edge;lr>\r\n"
			      "Record-Route: <sip:near;lr>\r\n"
			      "Max-Forwards: 4\r\nFrom: <sip:bob@x>;tag=b\r\nTo: <sip:1001@x>\r\n"
			      "Call-ID: 1\r\nCSeq: 1 INVITE\r\nContact: <sip:bob@server>\r\n\r\n");
}
END_TEST

START_TEST(B24_the_clients_answer_loses_our_via_and_our_record_route)
{
	const char *text =
		"SIP/2.0 200 OK\r\n"
		"Via: SIP/2.0/UDP edge;branch=z9hG4bKe, SIP/2.0/UDP s;branch=z9hG4bK1\r\n"
		"Record-Route: <sip:edge;lr>\r\nRecord-Route: <sip:near;lr>\r\n"
		"From: <sip:bob@x>;tag=b\r\nTo: <sip:1001@x>;tag=a\r\nCall-ID: 1\r\n"
		"CSeq: 1 INVITE\r\nContact: <sip:phone@192.0.2.7>\r\n\r\n";
	const struct edge_text_down_answer how = { .record_routes_gone = 1,
						   .contact = "sip:1001@edge;fo=1" };
	struct ua_message message;

	ck_assert_int_eq(ua_message_read(&message, text, strlen(text), &place), 0);
	ck_assert_int_gt(edge_text_down_answer(&message, (struct ua_part){ text, strlen(text) },
					       &how, into()),
			 0);
	ua_message_free(&message);
	ck_assert_str_eq(out, "SIP/2.0 200 OK\r\n"
			      "Via: SIP/2.0/UDP s;branch=z9hG4bK1\r\n"
			      "Record-Route: <sip:near;lr>\r\n"
			      "From: <sip:bob@x>;tag=b\r\nTo: <sip:1001@x>;tag=a\r\nCall-ID: 1\r\n"
			      "CSeq: 1 INVITE\r\nContact: <sip:1001@edge;fo=1>\r\n\r\n");
}
END_TEST

START_TEST(hops_that_cannot_be_read_are_none)
{
	static const struct {
		const char *line;
		uint32_t hops;
	} rows[] = { { "", 70 },
		     { "Max-Forwards: 12\r\n", 12 },
		     { "Max-Forwards: 0\r\n", 0 },
		     { "Max-Forwards: 99999999999999999999\r\n", 255 },
		     { "Max-Forwards: -1\r\n", 0 },
		     { "Max-Forwards: many\r\n", 0 } };
	char text[512];
	struct ua_raw raw;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "BYE sip:x SIP/2.0\r\nCall-ID: 1\r\n%s\r\n",
			 rows[i].line);
		ck_assert_int_eq(ua_raw_read(&raw, text, strlen(text)), 0);
		ck_assert_uint_eq(edge_text_hops(&raw), rows[i].hops);
		ua_raw_free(&raw);
	}
}
END_TEST

START_TEST(a_uri_that_is_no_sip_has_no_parameters)
{
	const char *text = "tel:+15551234;fo=1";
	struct ua_value_uri uri;
	struct ua_part found;

	ck_assert_int_eq(ua_value_uri((struct ua_part){ text, strlen(text) }, &uri), 0);
	ck_assert_int_eq(ua_value_uri_param(&uri, "fo", &found), 0);
	ck_assert_ptr_null(found.text);
}
END_TEST

/* ---- tokens ------------------------------------------------------------------------------- */

static struct ua_map key_of(uint64_t first)
{
	const uint64_t bytes[2] = { first, 2 };
	struct ua_map map;

	memset(&map, 0, sizeof(map));
	ck_assert_int_eq(ua_map_init(&map, bytes), 0);
	return map;
}

static struct ua_part part(const char *text)
{
	return (struct ua_part){ text, strlen(text) };
}

START_TEST(a_token_says_what_was_put_into_it)
{
	static const char *const addresses[] = { "192.0.2.9", "2001:db8::9" };
	struct ua_map key = key_of(1);
	struct edge_token token = { .line = 70000, .uri = "sip:1001@192.0.2.9:5070;ob" }, read;
	char *c;

	ck_assert_int_eq(failover_target_set(&token.at, addresses[_i], 5070, FAILOVER_TCP), 0);
	ck_assert_int_eq(edge_token_write(&key, &token, out, sizeof(out)), 0);
	for (c = out; *c; c++) /* letters may come back in another case */
		*c = (char)(*c >= 'a' && *c <= 'f' && _i ? *c - 32 : *c);
	ck_assert_int_eq(edge_token_read(&key, part(out), &read), 0);
	ck_assert(failover_target_same_address(&read.at, &token.at));
	ck_assert_uint_eq(read.line, 70000);
	ck_assert_str_eq(read.uri, token.uri);
	ua_map_free(&key);
}
END_TEST

START_TEST(a_token_that_was_changed_cut_or_made_with_another_key_is_none)
{
	struct ua_map key = key_of(1), other = key_of(2);
	struct edge_token token = { .at = place, .line = 1, .uri = "sip:a" }, read;
	size_t length, i;

	ck_assert_int_eq(edge_token_write(&key, &token, out, sizeof(out)), 0);
	length = strlen(out);
	ck_assert_int_ne(edge_token_read(&other, part(out), &read), 0);
	for (i = 0; i < length; i++) {
		char was = out[i];

		ck_assert_int_ne(edge_token_read(&key, (struct ua_part){ out, i }, &read), 0);
		out[i] = was == '0' ? '1' : '0';
		ck_assert_int_ne(edge_token_read(&key, part(out), &read), 0);
		out[i] = was;
	}
	ck_assert_int_ne(edge_token_read(&key, (struct ua_part){ NULL, 0 }, &read), 0);
	ck_assert_int_ne(edge_token_read(&key, part("zz"), &read), 0);
	memset(out, 'a', sizeof(out) - 1);
	out[sizeof(out) - 1] = '\0';
	ck_assert_int_ne(edge_token_read(&key, part(out), &read), 0);
	ua_map_free(&key);
	ua_map_free(&other);
}
END_TEST

START_TEST(a_branch_of_ours_is_known_whatever_the_wire_has_put_into_it)
{
	char branch[EDGE_BRANCH_MAX];
	uint64_t id;
	uint32_t loop;

	edge_branch_write(UINT64_C(0x0123456789abcdef), 0xfedcba98, branch);
	memcpy(branch + 7, "ZZZZZZZZZZZZZZZZ", 16);
	ck_assert_int_eq(edge_branch_read(part(branch), &id, &loop), 0);
	ck_assert_uint_eq(id, UINT64_C(0x0123456789abcdef));
	ck_assert_uint_eq(loop, 0xfedcba98);
	ck_assert_int_ne(edge_branch_read(part("z9hG4bK1"), &id, &loop), 0);
	ck_assert_int_ne(edge_branch_read((struct ua_part){ NULL, 0 }, &id, &loop), 0);
	branch[strlen(branch) - 1] = 'x';
	ck_assert_int_ne(edge_branch_read(part(branch), &id, &loop), 0);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, B7_only_what_the_edge_must_change_of_a_request_is_changed);
	tcase_add_test(tcase, all_vias_of_a_client_give_way_to_one);
	tcase_add_test(tcase, a_contact_without_brackets_gets_them);
	tcase_add_test(tcase, a_message_that_would_be_too_long_is_an_error_and_not_cut);
	tcase_add_test(tcase,
		       an_answer_has_the_vias_of_the_client_and_the_edge_as_its_last_record_route);
	tcase_add_loop_test(tcase, what_goes_down_over_a_connection_says_how_long_it_is, 0, 2);
	tcase_add_loop_test(tcase, a_via_says_where_its_request_came_from, 0,
			    sizeof(vias) / sizeof(vias[0]));
	tcase_add_test(tcase, B24_a_request_from_outside_goes_to_the_contact_of_the_client);
	tcase_add_test(tcase, B24_the_clients_answer_loses_our_via_and_our_record_route);
	tcase_add_test(tcase, hops_that_cannot_be_read_are_none);
	tcase_add_test(tcase, a_uri_that_is_no_sip_has_no_parameters);
	tcase_add_loop_test(tcase, a_token_says_what_was_put_into_it, 0, 2);
	tcase_add_test(tcase, a_token_that_was_changed_cut_or_made_with_another_key_is_none);
	tcase_add_test(tcase, a_branch_of_ours_is_known_whatever_the_wire_has_put_into_it);
}

int main(void)
{
	return tap_main("edge_text", add);
}
