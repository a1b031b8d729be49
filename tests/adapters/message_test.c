/* SPDX-License-Identifier: MIT */
/* What the adapters change in a message. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "adapters/common/failover_message.h"

#define START "INVITE sip:bob@example.com SIP/2.0\r\n"
#define OK "SIP/2.0 200 OK\r\n"

static char out[FAILOVER_MESSAGE_MAX];

static const char *edit(const struct failover_message_edit *how, const char *text)
{
	int count = failover_message_edit(how, text, strlen(text), out, sizeof(out) - 1);

	ck_assert_int_ge(count, 0);
	out[count] = '\0';
	return out;
}

START_TEST(what_is_not_asked_for_stays)
{
	const struct failover_message_edit nothing = { .unmark = 0 };
	const char *text = START "v : SIP/2.0/UDP h:1 ;branch=z,\r\n SIP/2.0/TCP [::1]:2\r\n"
				 "m:<sip:a@h:1>\r\nX: \"\r\n\tfold\r\n\r\nbody\r\nVia: x\r\n";

	ck_assert_str_eq(edit(&nothing, text), text);
	ck_assert_str_eq(edit(&nothing, ""), "");
	ck_assert_str_eq(edit(&nothing, "no SIP"), "no SIP");
	ck_assert_str_eq(edit(&nothing, START "Via: cut"), START "Via: cut");
}
END_TEST

START_TEST(a_contact_of_the_stack_becomes_the_devices)
{
	const struct failover_message_edit how = { .contact_from = "127.0.0.1:1024",
						   .contact_to = "192.0.2.7:5061",
						   .contact_transport = FAILOVER_TLS };

	ck_assert_str_eq(edit(&how, START "Contact: <sip:a@127.0.0.1:1024;ob>\r\n\r\n"),
			 START "Contact: <sip:a@192.0.2.7:5061;transport=tls;ob>\r\n\r\n");
	ck_assert_str_eq(edit(&how, START "m: <sip:a@127.0.0.1:1024;x;transport=UDP>;q=1\r\n\r\n"),
			 START "m: <sip:a@192.0.2.7:5061;transport=tls;x>;q=1\r\n\r\n");
	ck_assert_str_eq(edit(&how, START "Contact: sip:127.0.0.1:1024\r\n\r\n"),
			 START "Contact: sip:192.0.2.7:5061;transport=tls\r\n\r\n");
	/* One that only looks like it comes first. */
	ck_assert_str_eq(edit(&how, START "m: <sip:x.127.0.0.1:1024@127.0.0.1:1024>\r\n\r\n"),
			 START "m: <sip:x.127.0.0.1:1024@192.0.2.7:5061;transport=tls>\r\n\r\n");
	/* Another port, another host, another header, the body. */
	ck_assert_str_eq(edit(&how, START "Contact: <sip:a@127.0.0.1:10240>\r\n\r\n"),
			 START "Contact: <sip:a@127.0.0.1:10240>\r\n\r\n");
	ck_assert_str_eq(edit(&how, START "Contact: <sip:a@1127.0.0.1:1024>\r\n\r\n"),
			 START "Contact: <sip:a@1127.0.0.1:1024>\r\n\r\n");
	ck_assert_str_eq(
		edit(&how, START "To: <sip:a@127.0.0.1:1024>\r\n\r\nm: <sip:a@127.0.0.1:1024>"),
		START "To: <sip:a@127.0.0.1:1024>\r\n\r\nm: <sip:a@127.0.0.1:1024>");
}
END_TEST

START_TEST(sent_by_is_of_the_topmost_via)
{
	const struct failover_message_edit how = { .sent_by = "192.0.2.7:5060" };

	ck_assert_str_eq(edit(&how, START "Via: SIP/2.0/UDP 127.0.0.1:1024;rport;branch=z\r\n"
					  "Via: SIP/2.0/UDP h\r\n\r\n"),
			 START "Via: SIP/2.0/UDP 192.0.2.7:5060;rport;branch=z\r\n"
			       "Via: SIP/2.0/UDP h\r\n\r\n");
	ck_assert_str_eq(
		edit(&how, START "v: SIP / 2.0 / UDP\r\n h ;branch=z, SIP/2.0/UDP h\r\n\r\n"),
		START "v: SIP / 2.0 / UDP\r\n 192.0.2.7:5060 ;branch=z, SIP/2.0/UDP h\r\n\r\n");
	ck_assert_str_eq(edit(&how, START "Via: SIP/2.0/UDP\r\n\r\n"),
			 START "Via: SIP/2.0/UDP\r\n\r\n");
}
END_TEST

START_TEST(a_response_is_as_from_the_next_hop)
{
	const struct failover_message_edit how = { .sent_by = "127.0.0.1:1024", .near = 1 };

	ck_assert_str_eq(
		edit(&how, OK "Via: SIP/2.0/UDP h:1;rport=9;branch=z;received=::1\r\n\r\n"),
		OK "Via: SIP/2.0/UDP 127.0.0.1:1024;rport=1024;branch=z\r\n\r\n");
	ck_assert_str_eq(edit(&how, OK "Via: SIP/2.0/UDP h;received=h;branch=z;RPORT;x\r\n\r\n"),
			 OK "Via: SIP/2.0/UDP 127.0.0.1:1024;branch=z;rport=1024;x\r\n\r\n");
	ck_assert_str_eq(
		edit(&how, OK "Via: SIP/2.0/UDP h;received=h, SIP/2.0/UDP i;received=i\r\n\r\n"),
		OK "Via: SIP/2.0/UDP 127.0.0.1:1024, SIP/2.0/UDP i;received=i\r\n\r\n");
}
END_TEST

START_TEST(a_folded_via_keeps_its_parts)
{
	const struct failover_message_edit how = { .mark = "00" };

	ck_assert_str_eq(edit(&how, START "Via: SIP/2.0/UDP\r\n h;branch=z\r\n ,\r\n"
					  " SIP/2.0/UDP i\r\n\r\n"),
			 START "Via: SIP/2.0/UDP\r\n h;failover-peer=00;branch=z\r\n ,\r\n"
			       " SIP/2.0/UDP i\r\n\r\n");
}
END_TEST

START_TEST(routes_to_the_door_go_and_others_stay)
{
	const struct failover_message_edit how = { .routes_without = "127.0.0.1:6000" };

	ck_assert_str_eq(edit(&how, START "Route: <sip:127.0.0.1:6000;lr>,<sip:p;lr>\r\n"
					  "Route: <sip:q;x=\",\";lr>\r\n\r\n"),
			 START "Route:<sip:p;lr>\r\nRoute: <sip:q;x=\",\";lr>\r\n\r\n");
	ck_assert_str_eq(edit(&how, OK "Record-Route: <sip:p;lr>, <sip:127.0.0.1:6000;lr>\r\n\r\n"),
			 OK "Record-Route: <sip:p;lr>\r\n\r\n");
	ck_assert_str_eq(edit(&how, START "Route: <sip:127.0.0.1:6000;lr>\r\nX: 1\r\n\r\n"),
			 START "X: 1\r\n\r\n");
}
END_TEST

/* A route set is the other way round for who has sent the request (RFC 3261 12.1). */
START_TEST(a_record_route_is_nearest_to_the_stack)
{
	const struct failover_message_edit how = { .record_route = "<sip:d;lr>" };

	ck_assert_str_eq(edit(&how, START "Record-Route: <sip:p;lr>\r\n\r\nbody"),
			 START "Record-Route: <sip:d;lr>\r\nRecord-Route: <sip:p;lr>\r\n\r\nbody");
	ck_assert_str_eq(edit(&how, OK "Record-Route: <sip:p;lr>\r\n\r\nbody"),
			 OK "Record-Route: <sip:p;lr>\r\nRecord-Route: <sip:d;lr>\r\n\r\nbody");
}
END_TEST

START_TEST(a_mark_comes_back_as_it_went)
{
	struct failover_target peer = { .family = 0 }, read;
	char mark[FAILOVER_MARK_MAX];
	struct failover_message_edit how = { .mark = mark };
	const char *up;

	ck_assert_int_eq(failover_target_set(&peer, "2001:db8::7", 65535, FAILOVER_TLS), 0);
	peer.scope_id = 0x12345678;
	failover_mark_write(&peer, mark);
	up = edit(&how, START "Via: SIP/2.0/TLS h;branch=z, SIP/2.0/UDP p\r\n\r\n");
	ck_assert_int_eq(failover_mark_read(up, strlen(up), &read), 0);
	ck_assert_mem_eq(&read, &peer, sizeof(peer));
	how = (struct failover_message_edit){ .unmark = 1 };
	up = strdup(out);
	ck_assert_str_eq(edit(&how, up),
			 START "Via: SIP/2.0/TLS h;branch=z, SIP/2.0/UDP p\r\n\r\n");
	free((void *)(uintptr_t)up);
}
END_TEST

/* A peer could send answers elsewhere by marks of its own. */
START_TEST(B21_marks_of_peers_do_not_count)
{
	struct failover_target peer = { .family = 0 }, forged = { .family = 0 }, read;
	char mark[FAILOVER_MARK_MAX], wrong[FAILOVER_MARK_MAX], text[600];
	const struct failover_message_edit how = { .mark = mark };

	ck_assert_int_eq(failover_target_set(&peer, "192.0.2.1", 5060, FAILOVER_UDP), 0);
	ck_assert_int_eq(failover_target_set(&forged, "192.0.2.66", 66, FAILOVER_UDP), 0);
	failover_mark_write(&peer, mark);
	failover_mark_write(&forged, wrong);
	snprintf(text, sizeof(text),
		 START "Via: SIP/2.0/UDP h;failover-peer=%s;FAILOVER-PEER=%s;branch=z\r\n\r\n",
		 wrong, wrong);
	edit(&how, text);
	ck_assert_int_eq(failover_mark_read(out, strlen(out), &read), 0);
	ck_assert_mem_eq(&read, &peer, sizeof(peer));
	ck_assert_ptr_null(strstr(out, wrong));
}
END_TEST

/* A quote in a mark of a peer's, which goes, turns round what is quoted behind it. */
START_TEST(B21_a_mark_is_found_whatever_the_peer_quotes)
{
	struct failover_target peer = { .family = 0 }, read;
	char mark[FAILOVER_MARK_MAX];
	const struct failover_message_edit how = { .mark = mark };

	ck_assert_int_eq(failover_target_set(&peer, "192.0.2.1", 5060, FAILOVER_UDP), 0);
	failover_mark_write(&peer, mark);
	edit(&how, START "Via: SIP/2.0/UDP h : 1;failover-peer=\",\"\\;branch=z\r\n\r\n");
	ck_assert_int_eq(failover_mark_read(out, strlen(out), &read), 0);
	ck_assert_mem_eq(&read, &peer, sizeof(peer));
	ck_assert_ptr_nonnull(strstr(out, "UDP h : 1;failover-peer=04"));
}
END_TEST

START_TEST(a_mark_that_cannot_be_read_is_none)
{
	static const char *const texts[] = {
		"",
		OK,
		OK "\r\n",
		OK "Via: SIP/2.0/UDP h\r\n\r\n",
		OK "Via: SIP/2.0/UDP h;failover-peer=04\r\n\r\n",
		OK "Via: SIP/2.0/UDP h;failover-peer=",
		OK "Via: SIP/2.0/UDP "
		   "h;failover-peer=0400138xc0000201000000000000000000000000000000000000\r\n\r\n",
		OK "X: ;failover-peer=040013c400000000c0000201000000000000000000000000\r\n\r\n",
	};
	struct failover_target read;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_int_eq(failover_mark_read(texts[i], strlen(texts[i]), &read),
				 FAILOVER_ERR_ARGUMENT);
}
END_TEST

START_TEST(what_has_no_room_is_refused)
{
	const struct failover_message_edit how = { .record_route = "<sip:d;lr>" };
	const char *text = START "Via: SIP/2.0/UDP h\r\n\r\nbody";
	size_t size,
		whole = (size_t)failover_message_edit(&how, text, strlen(text), out, sizeof(out));

	for (size = 0; size < whole; size++)
		ck_assert_int_eq(failover_message_edit(&how, text, strlen(text), out, size),
				 FAILOVER_ERR_FULL);
	ck_assert_int_eq(failover_message_edit(&how, text, strlen(text), out, whole), (int)whole);
}
END_TEST

/* Bytes of a message cut at each place, and each of them changed: read within their bounds (as
 * memory checkers see), never longer than what was added. */
START_TEST(B21_hostile_messages_stay_in_their_bounds)
{
	static const char text[] = START
		"Via: SIP/2.0/UDP h:1;failover-peer=04;branch=z, SIP/2.0/UDP \"<,\r\n x\r\n"
		"Route: \"a\\\",<b\" <sip:127.0.0.1:6000;lr>,,<sip:p\r\n"
		"Contact: <sip:a@127.0.0.1:6000;transport=>;x\r\nCSeq: 1 REGISTER\r\n\r\nbody";
	const struct failover_message_edit how = { .contact_from = "127.0.0.1:6000",
						   .contact_to = "h:2",
						   .contact_transport = FAILOVER_TCP,
						   .routes_without = "127.0.0.1:6000",
						   .sent_by = "h:2",
						   .unmark = 1,
						   .mark = "00",
						   .record_route = "<sip:d;lr>" };
	struct failover_target read;
	size_t count, at;
	unsigned char with;

	for (count = 0; count < sizeof(text); count++)
		for (at = 0; at < count; at++) {
			static const char bytes[] = "\0\r\n,;:<>\"\\ @";
			char *copy = malloc(count);

			memcpy(copy, text, count);
			with = (unsigned char)((at + count) % sizeof(bytes));
			copy[at] = bytes[with];
			ck_assert_int_le(failover_message_edit(&how, copy, count, out, sizeof(out)),
					 (int)count + 300);
			(void)failover_mark_read(copy, count, &read);
			(void)failover_message_is(copy, count, "REGISTER");
			free(copy);
		}
}
END_TEST

START_TEST(the_method_of_a_response_is_known)
{
	const char *text = OK "Via: SIP/2.0/UDP h\r\nCSEQ : 1\t REGISTER \r\n\r\n";

	ck_assert_int_eq(failover_message_is(text, strlen(text), "REGISTER"), 1);
	ck_assert_int_eq(failover_message_is(text, strlen(text), "GISTER"), 0);
	ck_assert_int_eq(failover_message_is(text, strlen(text), "INVITE"), 0);
	ck_assert_int_eq(failover_message_is_response(text, strlen(text)), 1);
	ck_assert_int_eq(failover_message_is_response(START, strlen(START)), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("message");
	TCase *tcase = tcase_create("message");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, what_is_not_asked_for_stays);
	tcase_add_test(tcase, a_contact_of_the_stack_becomes_the_devices);
	tcase_add_test(tcase, sent_by_is_of_the_topmost_via);
	tcase_add_test(tcase, a_response_is_as_from_the_next_hop);
	tcase_add_test(tcase, a_folded_via_keeps_its_parts);
	tcase_add_test(tcase, routes_to_the_door_go_and_others_stay);
	tcase_add_test(tcase, a_record_route_is_nearest_to_the_stack);
	tcase_add_test(tcase, a_mark_comes_back_as_it_went);
	tcase_add_test(tcase, B21_marks_of_peers_do_not_count);
	tcase_add_test(tcase, B21_a_mark_is_found_whatever_the_peer_quotes);
	tcase_add_test(tcase, a_mark_that_cannot_be_read_is_none);
	tcase_add_test(tcase, what_has_no_room_is_refused);
	tcase_add_test(tcase, B21_hostile_messages_stay_in_their_bounds);
	tcase_add_test(tcase, the_method_of_a_response_is_known);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
