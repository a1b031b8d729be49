/* SPDX-License-Identifier: MIT */
/* plugin_incoming_test.c - requests of peers: calls that come in, and what is refused. */
#include "plugin_bench.h"

#define OFFER                                                                                      \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"                \
	"m=video 5000 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 8 0\r\nm=audio 4002 RTP/AVP 0\r\n"

/* A request of a peer, as text. */
static const char *request(const struct bench *bench, char text[4096], const char *method,
			   const char *branch, const char *to_tag)
{
	int is_invite = !strcmp(method, "INVITE");
	unsigned cseq = !strcmp(method, "BYE") ? 11 : 10;

	snprintf(text, 4096,
		 "%s sip:1001@127.0.0.1:%u SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;rport;"
		 "branch=z9hG4bK%s\r\nMax-Forwards: 70\r\nFrom: \"Bob\" "
		 "<sip:bob@example>;tag=bob\r\n"
		 "To: <sip:1001@primary.example>%s%s\r\nCall-ID: incoming@192.0.2.9\r\n"
		 "CSeq: %u %s\r\nContact: <sip:bob@192.0.2.9:5070>\r\n"
		 "%sContent-Length: %zu\r\n\r\n%s",
		 method, bench->local.port, branch, to_tag ? ";tag=" : "", to_tag ? to_tag : "",
		 cseq, method, is_invite ? "Content-Type: application/sdp\r\n" : "",
		 is_invite ? strlen(OFFER) : 0, is_invite ? OFFER : "");
	return text;
}

static const char *tag_of(const char *text, char out[512])
{
	char to[512];
	const char *tag = strstr(header_of(text, "To", to), ";tag=");

	ck_assert_ptr_nonnull(tag);
	snprintf(out, 512, "%s", tag + 5);
	return out;
}

/* An INVITE arrives; 100 is taken. */
static void ring(struct bench *bench)
{
	char text[4096], got[BENCH_TEXT];

	peer_say(bench, 0, request(bench, text, "INVITE", "inv", NULL));
	peer_expect(bench, 0, "SIP/2.0 100 Trying", got);
	ck_assert_uint_eq(bench->incoming, 1);
}

/* It is answered with 200, which is in `got`, and ACKed. */
static void pick_up(struct bench *bench, char *got)
{
	char text[4096], tag[512];

	ring(bench);
	ck_assert_int_eq(bench->calls->call_answer(bench->inst, bench->call, 200), 0);
	peer_expect(bench, 0, "SIP/2.0 200 OK", got);
	peer_say(bench, 0, request(bench, text, "ACK", "ack", tag_of(got, tag)));
	ck_assert_uint_eq(bench->up, 1);
}

START_TEST(incoming_180_200_ack_and_our_bye)
{
	struct bench bench;
	struct failover_attempt bye;
	char got[BENCH_TEXT], value[512], text[4096], tag[512];

	bench_open(&bench);
	ring(&bench);
	ck_assert_str_eq(bench.from, "\"Bob\" <sip:bob@example>;tag=bob");
	ck_assert_uint_eq(bench.heard, 1); /* B15a */
	ck_assert_uint_eq(bench.heard_from.port, bench.peers[0].target.port);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 180), 0);
	peer_expect(&bench, 0, "SIP/2.0 180 Ringing", got);
	tag_of(got, tag);
	snprintf(text, sizeof(text), "<sip:1001@127.0.0.1:%u>", bench.local.port);
	ck_assert_str_eq(header_of(got, "Contact", value), text);
	ck_assert_ptr_nonnull(strstr(header_of(got, "Via", value), "received=127.0.0.11"));
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), 0);
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	ck_assert_str_eq(tag_of(got, value), tag);
	ck_assert_ptr_nonnull(strstr(got, "m=video 0 RTP/AVP 31\r\nm=audio 9 RTP/AVP 8\r\n"
					  "a=inactive\r\nm=audio 0 RTP/AVP 0\r\n"));
	ck_assert_uint_eq(bench.up, 0);
	peer_say(&bench, 0, request(&bench, text, "ACK", "ack", tag));
	ck_assert_uint_eq(bench.up, 1);
	ck_assert_uint_eq(bench.up_target.port, bench.peers[0].target.port);
	ck_assert_uint_eq(bench.up_target.registrar, 0);
	bench_advance(&bench, 40000);
	peer_expect_none(&bench, 0); /* no 200 after the ACK */
	bye = bench_attempt(&bench, FAILOVER_BYE, 0, 1);
	bye.cookie = bench.call;
	bench_send(&bench, &bye);
	peer_expect(&bench, 0, "BYE sip:bob@192.0.2.9:5070 SIP/2.0\r\n", got);
	ck_assert_str_eq(header_of(got, "To", value), "\"Bob\" <sip:bob@example>;tag=bob");
	ck_assert_ptr_nonnull(strstr(header_of(got, "From", value), tag));
	bench_close(&bench);
}
END_TEST

/* Around the sizes of buffers that stacks write headers into. */
START_TEST(incoming_long_headers_come_back_whole)
{
	struct bench bench;
	char text[4096], got[BENCH_TEXT], from[512], value[512], name[201];
	unsigned length;

	bench_open(&bench);
	for (length = 60; length < sizeof(name); length++) {
		memset(name, 'n', length);
		name[length] = '\0';
		snprintf(from, sizeof(from), "\"%s\" <sip:bob@example>;tag=bob", name);
		snprintf(text, sizeof(text),
			 "OPTIONS sip:1001@127.0.0.1:%u SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 192.0.2.9:5070;rport;branch=z9hG4bK%s\r\n"
			 "From: %s\r\nTo: <sip:1001@primary.example>;x=%s\r\n"
			 "Call-ID: a%s\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
			 bench.local.port, name, from, name, name);
		peer_say(&bench, 0, text);
		peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
		ck_assert_str_eq(header_of(got, "From", value), from);
		ck_assert_ptr_nonnull(strstr(header_of(got, "To", value), name));
		ck_assert_ptr_nonnull(strstr(header_of(got, "Via", value), name));
		ck_assert_str_eq(header_of(got, "Call-ID", value) + 1, name);
	}
	bench_close(&bench);
}
END_TEST

/* RFC 3261 18.2.1, RFC 3581 4: by what was seen, whatever the peer itself has written there. */
START_TEST(incoming_via_tells_where_the_request_came_from)
{
	struct bench bench;
	char text[4096], got[BENCH_TEXT], value[512], rport[32];
	const char *second;

	bench_open(&bench);
	snprintf(text, sizeof(text),
		 "OPTIONS sip:1001@127.0.0.1:%u SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.9:5070;received=192.0.2.77;rport;branch=z9hG4bKseen\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.10:5070;rport;branch=z9hG4bKother\r\n"
		 "From: <sip:bob@example>;tag=bob\r\nTo: <sip:1001@primary.example>\r\n"
		 "Call-ID: seen@192.0.2.9\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		 bench.local.port);
	peer_say(&bench, 0, text);
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	ck_assert_uint_eq(headers_in(got, "Via"), 2);
	header_of(got, "Via", value);
	snprintf(rport, sizeof(rport), ";rport=%u", (unsigned)bench.peers[0].target.port);
	ck_assert_ptr_nonnull(strstr(value, rport));
	ck_assert_ptr_nonnull(strstr(value, ";received=127.0.0.11"));
	ck_assert_ptr_nonnull(strstr(value, ";branch=z9hG4bKseen"));
	ck_assert_ptr_null(strstr(value, "192.0.2.77"));
	second = strstr(got, "192.0.2.10:5070");
	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_null(strstr(second, "received="));
	bench_close(&bench);
}
END_TEST

START_TEST(incoming_bytes_behind_the_body_are_dropped) /* RFC 3261 18.3 */
{
	struct bench bench;
	char text[4096], got[BENCH_TEXT];

	bench_open(&bench);
	request(&bench, text, "INVITE", "inv", NULL);
	strcat(text, "m=text 6000 RTP/AVP 98\r\n");
	peer_say(&bench, 0, text);
	peer_expect(&bench, 0, "SIP/2.0 100 Trying", got);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), 0);
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	ck_assert_ptr_nonnull(strstr(got, "m=video 0 RTP/AVP 31\r\n"));
	ck_assert_ptr_null(strstr(got, "m=text"));
	bench_close(&bench);
}
END_TEST

START_TEST(incoming_200_is_repeated_until_ack_then_given_up_with_bye)
{
	struct bench bench;
	char got[BENCH_TEXT];
	unsigned count = 0;

	bench_open(&bench);
	ring(&bench);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), 0);
	bench_advance(&bench, 31999);
	while (peer_take(&bench, 0, got)) {
		ck_assert_int_eq(strncmp(got, "SIP/2.0 200", 11), 0);
		count++;
	}
	ck_assert_uint_eq(count, 11);
	ck_assert_uint_eq(bench.ended, 0);
	bench_advance(&bench, 1);
	peer_expect(&bench, 0, "BYE sip:bob@192.0.2.9:5070", got);
	ck_assert_uint_eq(bench.ended, 1);
	ck_assert_uint_eq(bench.ended_status, 408);
	ck_assert_uint_eq(bench.up, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(incoming_invite_repeated_is_one_call)
{
	struct bench bench;
	char got[BENCH_TEXT], text[4096];

	bench_open(&bench);
	ring(&bench);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 180), 0);
	peer_expect(&bench, 0, "SIP/2.0 180", got);
	peer_say(&bench, 0, request(&bench, text, "INVITE", "inv", NULL));
	peer_expect(&bench, 0, "SIP/2.0 180", got);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), 0);
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	peer_say(&bench, 0, request(&bench, text, "INVITE", "inv", NULL));
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	ck_assert_uint_eq(bench.incoming, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(incoming_refused_by_the_user)
{
	struct bench bench;
	char got[BENCH_TEXT], text[4096], tag[512];

	bench_open(&bench);
	ring(&bench);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 486), 0);
	peer_expect(&bench, 0, "SIP/2.0 486 Busy Here", got);
	bench_advance(&bench, 500); /* timer G */
	peer_expect(&bench, 0, "SIP/2.0 486 Busy Here", got);
	peer_say(&bench, 0, request(&bench, text, "ACK", "inv", tag_of(got, tag)));
	bench_advance(&bench, 64000);
	peer_expect_none(&bench, 0);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), FAILOVER_ERR_STALE);
	ck_assert_uint_eq(bench.up + bench.ended, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(incoming_cancel_gets_200_and_487)
{
	struct bench bench;
	char got[BENCH_TEXT], text[4096];

	bench_open(&bench);
	ring(&bench);
	peer_say(&bench, 0, request(&bench, text, "CANCEL", "inv", NULL));
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	peer_expect(&bench, 0, "SIP/2.0 487 ", got);
	ck_assert_uint_eq(bench.ended, 1);
	ck_assert_uint_eq(bench.ended_status, 487);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), FAILOVER_ERR_STALE);
	peer_say(&bench, 0, request(&bench, text, "CANCEL", "other", NULL));
	peer_expect(&bench, 0, "SIP/2.0 481 ", got);
	bench_close(&bench);
}
END_TEST

START_TEST(incoming_bye_ends_the_call)
{
	struct bench bench;
	char got[BENCH_TEXT], text[4096], tag[512];

	bench_open(&bench);
	pick_up(&bench, got);
	tag_of(got, tag);
	peer_say(&bench, 0, request(&bench, text, "BYE", "bye", tag));
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	ck_assert_uint_eq(bench.ended, 1);
	ck_assert_uint_eq(bench.ended_status, 0);
	peer_say(&bench, 0, request(&bench, text, "BYE", "bye2", tag)); /* no such dialog now */
	peer_expect(&bench, 0, "SIP/2.0 481 ", got);
	bench_close(&bench);
}
END_TEST

START_TEST(incoming_reinvite_is_answered_at_once)
{
	struct bench bench;
	char got[BENCH_TEXT], text[4096], tag[512], *cseq;

	bench_open(&bench);
	pick_up(&bench, got);
	request(&bench, text, "INVITE", "re", tag_of(got, tag));
	peer_say(&bench, 0, text); /* the CSeq of before */
	peer_expect(&bench, 0, "SIP/2.0 500 ", got);
	peer_say(&bench, 0, request(&bench, text, "ACK", "re", tag));
	request(&bench, text, "INVITE", "re2", tag);
	cseq = strstr(text, "CSeq: 10");
	memcpy(cseq, "CSeq: 12", 8);
	peer_say(&bench, 0, text);
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	ck_assert_ptr_nonnull(strstr(got, "m=video 0 RTP/AVP 31\r\nm=audio 9"));
	request(&bench, text, "ACK", "ack2", tag);
	memcpy(strstr(text, "CSeq: 10"), "CSeq: 12", 8);
	peer_say(&bench, 0, text);
	bench_advance(&bench, 40000);
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.incoming, 1);
	ck_assert_uint_eq(bench.up, 1);
	ck_assert_uint_eq(bench.ended, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(incoming_other_methods)
{
	static const struct {
		const char *method, *status;
	} rows[] = {
		{ "OPTIONS", "SIP/2.0 200 OK" },
		{ "REGISTER", "SIP/2.0 405 " },
		{ "MESSAGE", "SIP/2.0 405 " },
		{ "NOTIFY", "SIP/2.0 405 " },
		{ "FLY", "SIP/2.0 501 Not Implemented" },
		{ "BYE", "SIP/2.0 481 " },
	};
	struct bench bench;
	char got[BENCH_TEXT], text[4096], branch[16];
	size_t i;

	bench_open(&bench);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(branch, sizeof(branch), "other%zu", i);
		peer_say(&bench, 0, request(&bench, text, rows[i].method, branch, NULL));
		peer_expect(&bench, 0, rows[i].status, got);
		if (!strncmp(rows[i].status, "SIP/2.0 405", 11))
			ck_assert_uint_eq(headers_in(got, "Allow"), 1);
	}
	peer_say(&bench, 0, request(&bench, text, "INFO", "info", "nosuch"));
	peer_expect(&bench, 0, "SIP/2.0 481 ", got);
	peer_say(&bench, 0, request(&bench, text, "ACK", "noack", "nosuch"));
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.incoming, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(incoming_unknown_user_or_required_extension)
{
	struct failover_registrar_identity registrar = { .size = sizeof(registrar),
							 .address = "primary.example" };
	struct failover_line_identity identity = {
		.size = sizeof(identity), .line = 2, .user = "2002", .registrars_count = 1
	};
	struct bench bench;
	char got[BENCH_TEXT], text[4096], changed[4200], value[512], *at;

	bench_open(&bench);
	identity.registrars = &registrar; /* with one line alone any user is its own (B24e) */
	ck_assert_int_eq(bench.lines->line_set(bench.inst, &identity), 0);
	ck_assert_int_eq(bench.lines->line_targets(bench.inst, 2, &bench.peers[0].target, 1), 0);
	request(&bench, text, "INVITE", "who", NULL);
	while ((at = strstr(text, "sip:1001@")))
		memcpy(at, "sip:9999@", 9);
	peer_say(&bench, 0, text);
	peer_expect(&bench, 0, "SIP/2.0 404 Not Found", got);
	request(&bench, text, "INVITE", "ext", NULL);
	at = strstr(text, "Contact:");
	snprintf(changed, sizeof(changed), "%.*sRequire: 100rel\r\n%s", (int)(at - text), text, at);
	peer_say(&bench, 0, changed);
	peer_expect(&bench, 0, "SIP/2.0 420 Bad Extension", got);
	ck_assert_str_eq(header_of(got, "Unsupported", value), "100rel");
	ck_assert_uint_eq(bench.incoming, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(accept_from_targets_drops_the_rest)
{
	struct bench bench;
	struct failover_target only;
	char text[4096], got[BENCH_TEXT];

	bench_open(&bench);
	only = bench.peers[1].target;
	ck_assert_int_eq(bench.lines->line_targets(bench.inst, 1, &only, 1), 0);
	peer_say(&bench, 0, request(&bench, text, "INVITE", "x", NULL));
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.incoming + bench.heard, 0);
	peer_say(&bench, 1, request(&bench, text, "INVITE", "y", NULL));
	peer_expect(&bench, 1, "SIP/2.0 100", got);
	bench_close(&bench);

	bench_open_with(&bench, 1);
	ck_assert_int_eq(bench.lines->line_targets(bench.inst, 1, &only, 1), 0);
	peer_say(&bench, 0, request(&bench, text, "INVITE", "x", NULL));
	peer_expect(&bench, 0, "SIP/2.0 100", got);
	ck_assert_uint_eq(bench.incoming, 1);
	ck_assert_uint_eq(bench.heard, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(without_an_application_that_takes_calls_480)
{
	struct bench bench;
	char text[4096], got[BENCH_TEXT];

	bench_open(&bench);
	bench.events.incoming = NULL;
	peer_say(&bench, 0, request(&bench, text, "INVITE", "x", NULL));
	peer_expect(&bench, 0, "SIP/2.0 480 ", got);
	bench_close(&bench);
}
END_TEST

START_TEST(a_removed_line_drops_its_calls)
{
	struct bench bench;
	char got[BENCH_TEXT];

	bench_open(&bench);
	pick_up(&bench, got);
	bench.lines->line_remove(bench.inst, 1);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), FAILOVER_ERR_STALE);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, incoming_180_200_ack_and_our_bye);
	tcase_add_test(tcase, incoming_long_headers_come_back_whole);
	tcase_add_test(tcase, incoming_via_tells_where_the_request_came_from);
	tcase_add_test(tcase, incoming_bytes_behind_the_body_are_dropped);
	tcase_add_test(tcase, incoming_200_is_repeated_until_ack_then_given_up_with_bye);
	tcase_add_test(tcase, incoming_invite_repeated_is_one_call);
	tcase_add_test(tcase, incoming_refused_by_the_user);
	tcase_add_test(tcase, incoming_cancel_gets_200_and_487);
	tcase_add_test(tcase, incoming_bye_ends_the_call);
	tcase_add_test(tcase, incoming_reinvite_is_answered_at_once);
	tcase_add_test(tcase, incoming_other_methods);
	tcase_add_test(tcase, incoming_unknown_user_or_required_extension);
	tcase_add_test(tcase, accept_from_targets_drops_the_rest);
	tcase_add_test(tcase, without_an_application_that_takes_calls_480);
	tcase_add_test(tcase, a_removed_line_drops_its_calls);
}

int main(void)
{
	return bench_main("incoming", add);
}
