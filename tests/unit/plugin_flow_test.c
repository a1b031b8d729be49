/* SPDX-License-Identifier: MIT */
/* plugin_flow_test.c - connections that a registration or a response needs, and that are gone (RFC
 * 5626 4.2, RFC 3261 18). */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "plugin_wire.h"

START_TEST(B15a_the_end_of_an_idle_connection_is_told_to_the_core)
{
	struct bench bench;
	struct wire wire;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	wire_register(&bench, &wire, 2);       /* a refresh */
	bench_identity(&bench, "other", NULL); /* a changed configuration */
	wire_reset(&wire);
	wire_expect_lost(&bench, &wire, 1);
	bench_turn(&bench, 50);
	ck_assert_uint_eq(bench.lost, 1);
	wire_close(&wire);
	bench_close(&bench);
	ck_assert_uint_eq(bench.lost, 1);
}
END_TEST

START_TEST(B15a_a_connection_over_which_no_line_is_registered_ends_in_silence)
{
	struct bench bench;
	struct wire first, second;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	wire_listen(&first, 11, FAILOVER_TCP);
	wire_listen(&second, 12, FAILOVER_TCP);
	wire_register(&bench, &first, 1);
	wire_register(&bench, &second, 2); /* it has moved */
	wire_reset(&first);
	bench_turn(&bench, 50);
	bench_pump(&bench);
	attempt = wire_attempt(&bench, &second, FAILOVER_REGISTER, 3);
	attempt.expires_s = 0;
	bench_send(&bench, &attempt);
	wire_expect(&bench, &second, "REGISTER", text);
	wire_answer(&bench, &second, text, "200 OK");
	wire_reset(&second);
	bench_turn(&bench, 50);
	bench_pump(&bench);
	ck_assert_uint_eq(bench.lost, 0);
	wire_close(&first);
	wire_close(&second);
	bench_close(&bench);
}
END_TEST

START_TEST(B15a_an_older_host_hears_nothing_of_it)
{
	struct bench bench;
	struct wire wire;

	bench_open(&bench);
	bench.host.size = offsetof(struct failover_host, lost);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	wire_reset(&wire);
	bench_turn(&bench, 50);
	bench_pump(&bench);
	ck_assert_uint_eq(bench.lost, 0);
	wire_register(&bench, &wire, 2);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

/* ---- long requests (RFC 3261 18.1.1) ------------------------------------------------------ */

static uint64_t long_call(struct bench *bench)
{
	char sdp[1400];
	uint64_t call;

	memset(sdp, 'a', sizeof(sdp) - 1);
	memcpy(sdp, "v=0\r\na=", 7);
	memcpy(sdp + sizeof(sdp) - 3, "\r\n", 3);
	ck_assert_int_eq(bench->calls->call_new(bench->inst, 1, "1002", sdp, &call), 0);
	return call;
}

START_TEST(B7_a_long_request_whose_tcp_is_refused_goes_by_udp_in_the_same_attempt)
{
	struct bench bench;
	struct wire wire;
	struct failover_target targets[2];
	struct failover_attempt attempt;
	char text[BENCH_TEXT], again[BENCH_TEXT], value[512];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	targets[0] = bench.peers[0].target;
	targets[1] = wire.target;
	ck_assert_int_eq(bench.lines->line_targets(bench.inst, 1, targets, 2), 0);
	wire_close(&wire);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 0, 1);
	attempt.cookie = long_call(&bench);
	bench_send(&bench, &attempt);
	bench_turn(&bench, 50);
	bench_pump(&bench);
	peer_expect(&bench, 0, "INVITE", text);
	ck_assert_int_eq(strncmp(header_of(text, "Via", value), "SIP/2.0/UDP ", 12), 0);
	ck_assert_uint_eq(bench.unreachable, 0);
	ck_assert_uint_eq(bench.sent_of[1], 1);
	bench_advance(&bench, 500);
	peer_expect(&bench, 0, "INVITE", again); /* a transaction like every other */
	ck_assert_str_eq(text, again);
	peer_answer(&bench, 0, text, "401 Unauthorized",
		    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	peer_expect(&bench, 0, "ACK", again);
	peer_expect(&bench, 0, "INVITE", text); /* TCP is not asked again */
	peer_answer(&bench, 0, text, "200 OK", "Contact: <sip:x@127.0.0.11>\r\n");
	peer_expect(&bench, 0, "ACK", text);
	ck_assert_uint_eq(bench_last(&bench)->attempt, 1);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	bench_close(&bench);
}
END_TEST

START_TEST(B7_a_long_request_by_tcp_that_the_line_has_chosen_does_not_go_by_udp)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	attempt = wire_attempt(&bench, &wire, FAILOVER_INVITE, 1);
	attempt.cookie = long_call(&bench);
	wire_close(&wire);
	bench_send(&bench, &attempt);
	wire_expect_unreachable(&bench, 1, FAILOVER_REASON_REFUSED);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

/* ---- responses (RFC 3261 18.2.2) ---------------------------------------------------------- */

/* A call comes in on a connection from this port of 127.0.0.11 that then ends. */
static void call_and_close(struct bench *bench, unsigned sent_by_port)
{
	static const char form[] =
		"INVITE sip:1001@127.0.0.1 SIP/2.0\r\n"
		"Via: SIP/2.0/TCP sip.example:%u;branch=z9hG4bKx\r\n"
		"From: <sip:a@b.example>;tag=1\r\nTo: <sip:1001@127.0.0.1>\r\nCall-ID: c\r\n"
		"CSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.11>\r\nContent-Length: 0\r\n\r\n";
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct wire wire = { .listener = -1 };
	char text[BENCH_TEXT];

	wire.fd = socket(AF_INET, SOCK_STREAM, 0);
	inet_pton(AF_INET, "127.0.0.11", &at.sin_addr);
	ck_assert_int_eq(bind(wire.fd, (struct sockaddr *)&at, sizeof(at)), 0);
	memcpy(&at.sin_addr, bench->local.address, 4);
	at.sin_port = htons(bench->local.port);
	ck_assert_int_eq(connect(wire.fd, (struct sockaddr *)&at, sizeof(at)), 0);
	snprintf(text, sizeof(text), form, sent_by_port);
	wire_write(bench, &wire, text, strlen(text));
	ck_assert_uint_eq(bench->incoming, 1);
	wire_reset(&wire);
	bench_turn(bench, 50);
	bench_pump(bench);
}

START_TEST(B7_a_response_whose_connection_is_gone_opens_one_to_sent_by)
{
	struct bench bench;
	struct wire wire;
	char text[BENCH_TEXT];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	call_and_close(&bench, wire.target.port);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), 0);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "SIP/2.0 200 OK", text);
	bench_advance(&bench, 500); /* without an ACK once more, on the same connection */
	wire_expect(&bench, &wire, "SIP/2.0 200 OK", text);
	wire_accept_none(&bench, &wire);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B7_a_response_that_nobody_takes_is_dropped)
{
	struct bench bench;
	struct wire wire;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_close(&wire);
	call_and_close(&bench, wire.target.port);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 486), 0);
	bench_turn(&bench, 50);
	bench_pump(&bench);
	ck_assert_uint_eq(bench.unreachable, 0);
	bench_advance(&bench, 64000);
	bench_close(&bench);
	ck_assert_ptr_nonnull(strstr(bench.log, "2 connections"));
}
END_TEST

/* ---- a stranger's call (B23a) --------------------------------------------------------------- */

/* 127.0.0.13 calls by TCP, and its Contact is at this port of 127.0.0.`host`. The call is up. */
static void stranger_calls(struct bench *bench, struct wire *stranger, unsigned host, unsigned port)
{
	static const char form[] = "%s sip:1001@127.0.0.1 SIP/2.0\r\n"
				   "Via: SIP/2.0/TCP 127.0.0.13:%u;branch=z9hG4bKs%s\r\n"
				   "From: <sip:a@b.example>;tag=1\r\nTo: %s\r\nCall-ID: c\r\n"
				   "CSeq: 1 %s\r\nContact: <sip:a@127.0.0.%u:%u;transport=tcp>\r\n"
				   "Content-Length: 0\r\n\r\n";
	struct sockaddr_in at = { .sin_family = AF_INET };
	char text[2048], got[BENCH_TEXT], to[512];

	bench_open_with(bench, 1);
	bench->in_dialog = FAILOVER_IN_DIALOG_AUTO;
	bench_identity(bench, "secret", NULL);
	stranger->listener = -1;
	stranger->fd = socket(AF_INET, SOCK_STREAM, 0);
	inet_pton(AF_INET, "127.0.0.13", &at.sin_addr);
	ck_assert_int_eq(bind(stranger->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	memcpy(&at.sin_addr, bench->local.address, 4);
	at.sin_port = htons(bench->local.port);
	ck_assert_int_eq(connect(stranger->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	snprintf(text, sizeof(text), form, "INVITE", port, "1", "<sip:1001@127.0.0.1>", "INVITE",
		 host, port);
	wire_write(bench, stranger, text, strlen(text));
	wire_expect(bench, stranger, "SIP/2.0 100", got);
	ck_assert_int_eq(bench->calls->call_answer(bench->inst, bench->call, 200), 0);
	wire_expect(bench, stranger, "SIP/2.0 200", got);
	snprintf(text, sizeof(text), form, "ACK", port, "2", header_of(got, "To", to), "ACK", host,
		 port);
	wire_write(bench, stranger, text, strlen(text));
	ck_assert_uint_eq(bench->up, 1);
}

/* The core knows no such target: it hands the serving one. */
static void hang_up(struct bench *bench)
{
	struct failover_attempt bye = bench_attempt(bench, FAILOVER_BYE, 0, 1);

	bye.cookie = bench->call;
	bye.request = 101;
	bench_send(bench, &bye);
}

START_TEST(B23a_the_bye_of_a_call_by_tcp_goes_to_the_callers_contact)
{
	struct bench bench;
	struct wire stranger, contact;
	char got[BENCH_TEXT], via[512];

	wire_listen(&contact, 13, FAILOVER_TCP);
	stranger_calls(&bench, &stranger, 13, contact.target.port);
	hang_up(&bench);
	wire_accept(&bench, &contact);
	wire_expect(&bench, &contact, "BYE sip:a@127.0.0.13:", got);
	ck_assert_ptr_nonnull(strstr(header_of(got, "Via", via), "SIP/2.0/TCP "));
	wire_answer(&bench, &contact, got, "200 OK");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 1);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	peer_expect_none(&bench, 0);
	wire_close(&contact);
	wire_close(&stranger);
	bench_close(&bench);
}
END_TEST

/* Its word alone opens no connection to a third party. */
START_TEST(B23a_a_contact_elsewhere_gets_no_connection)
{
	struct bench bench;
	struct wire stranger, third;
	char got[BENCH_TEXT];

	wire_listen(&third, 12, FAILOVER_TCP);
	stranger_calls(&bench, &stranger, 12, third.target.port);
	hang_up(&bench);
	peer_expect(&bench, 0, "BYE sip:a@127.0.0.12:", got);
	wire_accept_none(&bench, &third);
	wire_close(&third);
	wire_close(&stranger);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B23a_the_bye_of_a_call_by_tcp_goes_to_the_callers_contact);
	tcase_add_test(tcase, B23a_a_contact_elsewhere_gets_no_connection);

	tcase_add_test(tcase,
		       B7_a_long_request_whose_tcp_is_refused_goes_by_udp_in_the_same_attempt);
	tcase_add_test(tcase, B7_a_long_request_by_tcp_that_the_line_has_chosen_does_not_go_by_udp);
	tcase_add_test(tcase, B7_a_response_whose_connection_is_gone_opens_one_to_sent_by);
	tcase_add_test(tcase, B7_a_response_that_nobody_takes_is_dropped);
	tcase_add_test(tcase, B15a_the_end_of_an_idle_connection_is_told_to_the_core);
	tcase_add_test(tcase, B15a_a_connection_over_which_no_line_is_registered_ends_in_silence);
	tcase_add_test(tcase, B15a_an_older_host_hears_nothing_of_it);
}

int main(void)
{
	return bench_main("flow", add);
}
