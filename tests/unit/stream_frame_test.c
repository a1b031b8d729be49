/* SPDX-License-Identifier: MIT */
/* stream_frame_test.c - messages out of a byte stream, however it is cut (RFC 3261 18.3). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../ua/net/frame.h"

#define ONE "OPTIONS sip:a SIP/2.0\r\nl : 5 \r\nX: y\r\n\r\nhello"
#define TWO "SIP/2.0 200 OK\r\nCONTENT-LENGTH:0\r\n\r\n"

static struct ua_frame frame;

static void put(const char *bytes, size_t count)
{
	size_t room;
	char *at = ua_frame_room(&frame, &room);

	ck_assert_uint_ge(room, count);
	memcpy(at, bytes, count);
	ua_frame_add(&frame, count);
}

/* Take all that is whole: letters for what it was. */
static void take(char *seen, size_t size)
{
	const char *message;
	size_t length, end = strlen(seen);

	for (;;) {
		ck_assert_uint_lt(end + 1, size);
		switch (ua_frame_next(&frame, &message, &length)) {
		case UA_FRAME_MORE:
			seen[end] = '\0';
			return;
		case UA_FRAME_MESSAGE:
			ck_assert_uint_eq(strlen(message), length);
			seen[end++] = *message == 'O' ? '1' : '2';
			ck_assert_str_eq(message, *message == 'O' ? ONE : TWO);
			break;
		case UA_FRAME_CRLF:
			seen[end++] = 'c';
			break;
		case UA_FRAME_BAD:
			seen[end++] = 'b';
			seen[end] = '\0';
			return;
		}
	}
}

static const char *taken(const char *bytes, size_t count)
{
	static char seen[64];

	ua_frame_init(&frame);
	seen[0] = '\0';
	put(bytes, count);
	take(seen, sizeof(seen));
	return seen;
}

START_TEST(B3c_a_stream_may_be_cut_at_any_byte)
{
	static const char text[] = "\r\n" ONE TWO "\r\n\r\n" ONE "\r\n";
	size_t cut, length = sizeof(text) - 1;
	char seen[64];

	for (cut = 0; cut <= length; cut++) {
		ua_frame_init(&frame);
		seen[0] = '\0';
		put(text, cut);
		take(seen, sizeof(seen));
		put(text + cut, length - cut);
		take(seen, sizeof(seen));
		ck_assert_str_eq(seen, "c12cc1c");
	}
}
END_TEST

START_TEST(B3c_a_stream_may_come_byte_by_byte)
{
	static const char text[] = ONE "\r\n\r\n" TWO ONE;
	char seen[64] = "";
	size_t i;

	ua_frame_init(&frame);
	for (i = 0; i < sizeof(text) - 1; i++) {
		put(text + i, 1);
		take(seen, sizeof(seen));
	}
	ck_assert_str_eq(seen, "1cc21");
}
END_TEST

/* Valid, and the length of the whole is known (B22d). */
START_TEST(B22d_lengths_and_start_lines_of_every_shape)
{
	static const char *const good[] = {
		"OPTIONS sip:a SIP/2.0\r\nContent-Length:\r\n 5\r\n\r\nhello",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length\t:\r\n\t5\r\n \r\nX: y\r\n\r\nhello",
		"OPTIONS sip:a SIP/2.0\r\nX: y\r\n Content-Length: 9\r\nL:5\r\n\r\nhello",
		"sip/2.0 200 OK\r\nl:\t5\r\n\r\nhello",
		"ping sip:a sip/2.0\r\nl: 5\r\n\r\nhello",
		"!x`+ sip:a SIP/2.0\r\nl: 005\r\n\r\nhello",
	};
	const char *message;
	size_t i, length;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ua_frame_init(&frame);
		put(good[i], strlen(good[i]));
		ck_assert_msg(ua_frame_next(&frame, &message, &length) == UA_FRAME_MESSAGE &&
				      length == strlen(good[i]),
			      "not taken: %s", good[i]);
	}
}
END_TEST

START_TEST(B4_a_length_that_cannot_be_trusted_is_bad)
{
	static const char *const bad[] = {
		"OPTIONS sip:a SIP/2.0\r\nX: y\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length:\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: 1x\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: 32768\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\n",
		"\r\rOPTIONS sip:a SIP/2.0\r\n",
		"\x16\x03\x01",
		"get / HTTP/1.1\r\n",
	};
	const char *message;
	size_t i, length;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!strcmp(taken(bad[i], strlen(bad[i])), "b"), "taken: %s", bad[i]);
	ua_frame_init(&frame); /* twice the same harms nobody */
	put("OPTIONS sip:a SIP/2.0\r\nl: 0\r\nl: 0\r\n\r\n", 37);
	ck_assert_int_eq(ua_frame_next(&frame, &message, &length), UA_FRAME_MESSAGE);
	ck_assert_uint_eq(length, 37);
}
END_TEST

START_TEST(B3c_what_follows_a_whole_message_does_not_take_it_back)
{
	ck_assert_str_eq(taken(TWO "\0", sizeof(TWO)), "2b");
	ck_assert_str_eq(taken(ONE TWO "(", sizeof(ONE TWO)), "12b");
}
END_TEST

START_TEST(B4_a_header_without_end_is_bad_before_the_buffer_is_full)
{
	char line[256], seen[64] = "";
	size_t sent = 0;

	memset(line, 'a', sizeof(line));
	ua_frame_init(&frame);
	put("OPTIONS sip:", 12);
	while (!seen[0] && sent < UA_FRAME_MAX) {
		put(line, sizeof(line));
		sent += sizeof(line);
		take(seen, sizeof(seen));
	}
	ck_assert_str_eq(seen, "b");
	ck_assert_uint_le(sent, UA_FRAME_HEAD_MAX + sizeof(line));
}
END_TEST

START_TEST(B3c_the_largest_message_fits)
{
	static char text[UA_FRAME_MAX + 64];
	int head = snprintf(text, sizeof(text), "OPTIONS sip:a SIP/2.0\r\nl: %u\r\n\r\n",
			    UA_FRAME_MAX - 35);
	const char *message;
	size_t length;

	ck_assert_int_eq(head, 35);
	memset(text + head, 'x', UA_FRAME_MAX - 35);
	ua_frame_init(&frame);
	put(text, UA_FRAME_MAX);
	ck_assert_int_eq(ua_frame_next(&frame, &message, &length), UA_FRAME_MESSAGE);
	ck_assert_uint_eq(length, UA_FRAME_MAX);
	ck_assert_int_eq(ua_frame_next(&frame, &message, &length), UA_FRAME_MORE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stream_frame");
	TCase *tcase = tcase_create("stream_frame");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, B3c_a_stream_may_be_cut_at_any_byte);
	tcase_add_test(tcase, B3c_a_stream_may_come_byte_by_byte);
	tcase_add_test(tcase, B22d_lengths_and_start_lines_of_every_shape);
	tcase_add_test(tcase, B4_a_length_that_cannot_be_trusted_is_bad);
	tcase_add_test(tcase, B3c_what_follows_a_whole_message_does_not_take_it_back);
	tcase_add_test(tcase, B4_a_header_without_end_is_bad_before_the_buffer_is_full);
	tcase_add_test(tcase, B3c_the_largest_message_fits);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
