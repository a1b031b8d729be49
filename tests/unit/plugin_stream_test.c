/* SPDX-License-Identifier: MIT */
/* plugin_stream_test.c - TCP: what a connection carries, who shares it, and how it fails (B3c, B4).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "plugin_wire.h"

START_TEST(B7_via_and_contact_name_tcp_and_nothing_is_sent_again)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], value[512];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 1);
	bench_send(&bench, &attempt);
	ck_assert_uint_eq(bench.sent, 0); /* nothing has left before the connection is up */
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "REGISTER sip:primary.example:5060 SIP/2.0\r\n", text);
	ck_assert_uint_eq(bench.sent_of[1], 1);
	ck_assert_int_eq(strncmp(header_of(text, "Via", value), "SIP/2.0/TCP 127.0.0.1:", 22), 0);
	ck_assert_ptr_nonnull(strstr(header_of(text, "Contact", value), ";transport=tcp>"));
	bench_advance(&bench, 3400);
	wire_expect_none(&bench, &wire);
	ck_assert_uint_eq(bench.sent_of[1], 1);
	wire_answer(&bench, &wire, text, "200 OK");
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	ck_assert_uint_eq(bench_last(&bench)->answer.expires_s, 3600);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_refused_is_told_as_refused)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 1);
	wire_close(&wire);
	bench_send(&bench, &attempt);
	ck_assert_uint_eq(bench.unreachable, 0); /* never from inside a hook */
	wire_expect_unreachable(&bench, 1, FAILOVER_REASON_REFUSED);
	ck_assert_uint_eq(bench.sent, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_reset_ends_all_that_wait_on_the_connection)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	attempt = wire_attempt(&bench, &wire, FAILOVER_OPTIONS, 2);
	bench_send(&bench, &attempt);
	wire_expect(&bench, &wire, "OPTIONS", text);
	wire_write(&bench, &wire, "\r\n", 2); /* without a byte it would be sent again (B23c) */
	wire_reset(&wire);
	wire_expect_unreachable(&bench, 2, FAILOVER_REASON_RESET);
	wire_register(&bench, &wire, 3); /* a new connection */
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_a_connection_that_was_closed_while_idle_is_opened_again)
{
	struct bench bench;
	struct wire wire;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	close(wire.fd);
	wire.fd = -1;
	bench_turn(&bench, 50);
	bench_pump(&bench);
	ck_assert_uint_eq(bench.unreachable, 0);
	wire_expect_lost(&bench, &wire, 1);
	wire_register(&bench, &wire, 2);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B3c_an_unanswered_syn_is_a_connect_timeout_within_the_budget)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	int fds[8], i;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_fill_backlog(&wire, fds);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 1);
	bench_send(&bench, &attempt);
	attempt = wire_attempt(&bench, &wire, FAILOVER_INVITE, 2);
	bench_pump(&bench);
	bench_advance(&bench, 3494);
	ck_assert_uint_eq(bench.unreachable, 0);
	bench_advance(&bench, 5);
	wire_expect_unreachable(&bench, 1, FAILOVER_REASON_CONNECT_TIMEOUT);
	ck_assert_uint_eq(bench.sent, 0);
	for (i = 0; i < 8; i++)
		close(fds[i]);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B3c_what_was_abandoned_before_the_connection_is_up_never_leaves)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	attempt = wire_attempt(&bench, &wire, FAILOVER_OPTIONS, 1);
	bench_send(&bench, &attempt);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 2);
	bench_send(&bench, &attempt);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "REGISTER", text);
	ck_assert_ptr_null(strstr(text, "OPTIONS sip"));
	ck_assert_uint_eq(bench.sent_of[1], 0);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B3c_a_silent_connection_gets_no_new_request)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];
	int old;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	bench_advance(&bench, 1000);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 2);
	bench_send(&bench, &attempt);
	wire_expect(&bench, &wire, "REGISTER", text);
	bench_advance(&bench, 3500);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET);
	bench_pump(&bench);
	old = wire.fd;
	wire.fd = -1;
	wire_register(&bench, &wire, 3);
	close(old);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_two_requests_share_one_connection)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	attempt = wire_attempt(&bench, &wire, FAILOVER_OPTIONS, 2);
	bench_send(&bench, &attempt);
	wire_expect(&bench, &wire, "OPTIONS", text);
	wire_accept_none(&bench, &wire);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_a_response_may_be_cut_at_every_byte)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], answer[BENCH_TEXT];
	size_t length, i;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 1);
	bench_send(&bench, &attempt);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "REGISTER", text);
	length = wire_response(text, "200 OK", "", answer);
	for (i = 0; i < length; i++) {
		ck_assert_uint_eq(bench.answers_count, 0);
		wire_write(&bench, &wire, answer + i, 1);
	}
	ck_assert_uint_eq(bench.answers_count, 1);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_a_header_of_64_KiB_closes_the_connection)
{
	static char huge[65536];
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 1);
	bench_send(&bench, &attempt);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "REGISTER", text);
	memset(huge, 'a', sizeof(huge));
	memcpy(huge, "SIP/2.0 200 OK\r\nX: ", 19);
	wire_write(&bench, &wire, huge, sizeof(huge));
	ck_assert_ptr_nonnull(strstr(bench.log, "no SIP, or too long"));
	wire_expect_unreachable(&bench, 1, FAILOVER_REASON_RESET);
	wire_expect_end(&bench, &wire);
	wire_close(&wire);
	bench_close(&bench);
	ck_assert_ptr_nonnull(strstr(bench.log, "1 garbage"));
}
END_TEST

START_TEST(B15a_pings_go_out_and_a_peer_that_stops_to_answer_is_dead)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	bench.keepalive_s = 30;
	bench_identity(&bench, "secret", NULL);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	bench_advance(&bench, 30000);
	wire_expect(&bench, &wire, "\r\n\r\n", text);
	wire_write(&bench, &wire, "\r\n", 2);
	bench_advance(&bench, 30000);
	wire_expect(&bench, &wire, "\r\n\r\n", text);
	attempt = wire_attempt(&bench, &wire, FAILOVER_OPTIONS, 2);
	bench_send(&bench, &attempt);
	bench_advance(&bench, 9999);
	ck_assert_uint_eq(bench.unreachable, 0);
	ck_assert_uint_eq(bench.lost, 0);
	bench_advance(&bench, 2);
	wire_expect_lost(&bench, &wire, 1);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "OPTIONS", text); /* B23c */
	ck_assert_uint_eq(bench.unreachable, 0);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B15a_a_server_that_knows_no_pings_is_left_in_peace)
{
	struct bench bench;
	struct wire wire;
	char text[BENCH_TEXT];
	int i;

	bench_open(&bench);
	bench.keepalive_s = 30;
	bench_identity(&bench, "secret", NULL);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	for (i = 0; i < 3; i++) {
		bench_advance(&bench, 30000);
		wire_expect(&bench, &wire, "\r\n\r\n", text);
		usleep(60000); /* its system confirms a little later */
		bench_advance(&bench, 10000);
	}
	wire_accept_none(&bench, &wire);
	wire_register(&bench, &wire, 2);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_an_invite_whose_connection_is_lost_stays_late)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], answer[BENCH_TEXT];
	uint64_t call;
	size_t length;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	attempt = wire_attempt(&bench, &wire, FAILOVER_INVITE, 1);
	attempt.cookie = call;
	bench_send(&bench, &attempt);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "INVITE", text);
	wire_reset(&wire);
	wire_expect_unreachable(&bench, 1, FAILOVER_REASON_RESET);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_UNAVAILABLE);
	/* The server was not gone: it answers on a connection of another request. */
	wire_register(&bench, &wire, 2);
	bench.late[0] = 1;
	length = wire_response(text, "200 OK", "Contact: <sip:x@127.0.0.11>\r\n", answer);
	wire_write(&bench, &wire, answer, length);
	wire_expect(&bench, &wire, "ACK", text);
	if (!strstr(text, "\r\nCSeq: 2 BYE"))
		wire_expect(&bench, &wire, "BYE", text);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_a_silent_connection_that_answers_late_is_used_again)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], answer[BENCH_TEXT];
	uint64_t call;
	size_t length;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	bench_advance(&bench, 1000);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	attempt = wire_attempt(&bench, &wire, FAILOVER_INVITE, 2);
	attempt.cookie = call;
	bench_send(&bench, &attempt);
	wire_expect(&bench, &wire, "INVITE", text);
	bench_advance(&bench, 3500);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET);
	bench.late[0] = 2;
	length = wire_response(text, "200 OK", "Contact: <sip:x@127.0.0.11>\r\n", answer);
	wire_write(&bench, &wire, answer, length);
	/* The BYE goes the way of the ACK, behind it: by another connection it might overtake it.
	 */
	wire_expect(&bench, &wire, "ACK", text);
	if (!strstr(text, "\r\nCSeq: 2 BYE"))
		wire_expect(&bench, &wire, "BYE", text);
	wire_accept_none(&bench, &wire);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B15a_crlf_keeps_a_udp_way_open_where_the_line_is_registered)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	bench.keepalive_s = 15;
	bench_identity(&bench, "secret", NULL);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 1, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "REGISTER", text);
	peer_answer(&bench, 1, text, "200 OK", "");
	bench_advance(&bench, 14999);
	peer_expect_none(&bench, 1);
	bench_advance(&bench, 1);
	peer_expect(&bench, 1, "\r\n\r\n", text);
	bench_advance(&bench, 15000);
	peer_expect(&bench, 1, "\r\n\r\n", text);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 1, 2);
	attempt.expires_s = 0;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "REGISTER", text);
	peer_answer(&bench, 1, text, "200 OK", "");
	bench_advance(&bench, 60000);
	peer_expect_none(&bench, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B7_a_message_over_1300_bytes_goes_by_tcp_where_the_registrar_has_it)
{
	struct bench bench;
	struct wire wire;
	struct failover_target targets[2];
	struct failover_attempt attempt;
	char text[BENCH_TEXT], sdp[1400], value[512];
	uint64_t call;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	targets[0] = bench.peers[0].target;
	targets[1] = wire.target;
	ck_assert_int_eq(bench.lines->line_targets(bench.inst, 1, targets, 2), 0);
	memset(sdp, 'a', sizeof(sdp) - 1);
	memcpy(sdp, "v=0\r\na=", 7);
	memcpy(sdp + sizeof(sdp) - 3, "\r\n", 3);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", sdp, &call), 0);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 0, 1);
	attempt.cookie = call;
	bench_send(&bench, &attempt);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "INVITE", text);
	ck_assert_int_eq(strncmp(header_of(text, "Via", value), "SIP/2.0/TCP ", 12), 0);
	peer_expect_none(&bench, 0);
	wire_answer(&bench, &wire, text, "180 Ringing");
	attempt = bench_attempt(&bench, FAILOVER_CANCEL, 0, 2);
	attempt.related = 1;
	bench_send(&bench, &attempt);
	wire_expect(&bench, &wire, "CANCEL", text);
	ck_assert_int_eq(strncmp(header_of(text, "Via", value), "SIP/2.0/TCP ", 12), 0);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 3); /* short: as it was */
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

/* ---- connections of peers ----------------------------------------------------------------- */

static int call_in(struct bench *bench, const char *from)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, from, &at.sin_addr);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	memcpy(&at.sin_addr, bench->local.address, 4);
	at.sin_port = htons(bench->local.port);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static const char options_in[] =
	"OPTIONS sip:1001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.11:9;branch=z9hG4bKx\r\n"
	"From: <sip:a@b.example>;tag=1\r\nTo: <sip:1001@127.0.0.1>\r\nCall-ID: c\r\nCSeq: 1 "
	"OPTIONS\r\n"
	"Content-Length: 0\r\n\r\n";

START_TEST(accept_from_targets_and_answer_on_the_same_connection)
{
	struct bench bench;
	struct wire wire = { .listener = -1 };
	char text[BENCH_TEXT];

	bench_open(&bench);
	wire.fd = call_in(&bench, "127.0.0.11");
	wire_write(&bench, &wire, options_in, sizeof(options_in) - 1);
	wire_expect(&bench, &wire, "SIP/2.0 200 OK", text);
	wire_write(&bench, &wire, "\r\n\r\n", 4);
	wire_expect(&bench, &wire, "\r\n", text); /* RFC 5626 3.5.1 */
	wire_close(&wire);
	wire.fd = call_in(&bench, "127.0.0.99");
	bench_pump(&bench);
	wire_expect_end(&bench, &wire);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(a_peer_that_connects_and_says_nothing_is_closed)
{
	struct bench bench;
	struct wire wire = { .listener = -1 };

	bench_open(&bench);
	wire.fd = call_in(&bench, "127.0.0.11");
	bench_pump(&bench);
	bench_advance(&bench, 100000);
	wire_expect_end(&bench, &wire);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(without_descriptors_a_peer_is_turned_away_and_the_loop_sleeps)
{
	struct bench bench;
	struct wire wire = { .listener = -1 };
	struct rlimit before, none;
	int lowest;

	bench_open(&bench);
	wire.fd = call_in(&bench, "127.0.0.11");
	lowest = dup(0);
	close(lowest);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)lowest;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	bench_turn(&bench, 500);
	ck_assert_int_eq(bench_turn(&bench, 10), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	wire_expect_end(&bench, &wire);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B7_via_and_contact_name_tcp_and_nothing_is_sent_again);
	tcase_add_test(tcase, B4_refused_is_told_as_refused);
	tcase_add_test(tcase, B4_reset_ends_all_that_wait_on_the_connection);
	tcase_add_test(tcase, B4_a_connection_that_was_closed_while_idle_is_opened_again);
	tcase_add_test(tcase, B3c_an_unanswered_syn_is_a_connect_timeout_within_the_budget);
	tcase_add_test(tcase, B3c_what_was_abandoned_before_the_connection_is_up_never_leaves);
	tcase_add_test(tcase, B3c_a_silent_connection_gets_no_new_request);
	tcase_add_test(tcase, B4_two_requests_share_one_connection);
	tcase_add_test(tcase, B4_a_response_may_be_cut_at_every_byte);
	tcase_add_test(tcase, B4_a_header_of_64_KiB_closes_the_connection);
	tcase_add_test(tcase, B15a_pings_go_out_and_a_peer_that_stops_to_answer_is_dead);
	tcase_add_test(tcase, B15a_a_server_that_knows_no_pings_is_left_in_peace);
	tcase_add_test(tcase, B7a_an_invite_whose_connection_is_lost_stays_late);
	tcase_add_test(tcase, B7a_a_silent_connection_that_answers_late_is_used_again);
	tcase_add_test(tcase, B15a_crlf_keeps_a_udp_way_open_where_the_line_is_registered);
	tcase_add_test(tcase, B7_a_message_over_1300_bytes_goes_by_tcp_where_the_registrar_has_it);
	tcase_add_test(tcase, accept_from_targets_and_answer_on_the_same_connection);
	tcase_add_test(tcase, without_descriptors_a_peer_is_turned_away_and_the_loop_sleeps);
	tcase_add_test(tcase, a_peer_that_connects_and_says_nothing_is_closed);
}

int main(void)
{
	return bench_main("stream", add);
}
