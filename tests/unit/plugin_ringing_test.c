/* SPDX-License-Identifier: MIT */
/* plugin_ringing_test.c - an incoming call rings until somebody acts, and ends by itself only if
 * its caller cannot be answered any more (B24e). */
#include <unistd.h>
#include "plugin_wire.h"

#define MINUTE 60000u
#define TURNS 1000 /* of 10 ms: for what must come */

static const char *invite(char text[2048], const char *via, const char *headers)
{
	snprintf(text, 2048,
		 "INVITE sip:1001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/%s;branch=z9hG4bKa72e18d4\r\n"
		 "Max-Forwards: 70\r\nFrom: <sip:bob@example>;tag=bob\r\n"
		 "To: <sip:1001@primary.example>\r\nCall-ID: ringing@192.0.2.9\r\nCSeq: 10 "
		 "INVITE\r\n"
		 "Contact: <sip:bob@192.0.2.9:5070>\r\n%sContent-Length: 0\r\n\r\n",
		 via, headers);
	return text;
}

static void ring_with(struct bench *bench, const char *headers)
{
	char text[2048], got[BENCH_TEXT];

	bench_open(bench);
	peer_say(bench, 0, invite(text, "UDP 192.0.2.9:5070;rport", headers));
	peer_expect(bench, 0, "SIP/2.0 100", got);
	ck_assert_uint_eq(bench->incoming, 1);
	ck_assert_int_eq(bench->calls->call_answer(bench->inst, bench->call, 180), 0);
	peer_expect(bench, 0, "SIP/2.0 180", got);
}

static void ring(struct bench *bench)
{
	ring_with(bench, "");
}

static void expect_ended(struct bench *bench)
{
	int turns = TURNS;

	while (turns-- && !bench->ended)
		bench_turn(bench, 10);
	ck_assert_uint_eq(bench->ended, 1);
	ck_assert_uint_eq(bench->ended_status, 487);
	ck_assert_int_lt(bench->calls->call_answer(bench->inst, bench->call, 200), 0);
}

/* RFC 3261 13.3.1.1: and proxies on the way do not give it up. */
START_TEST(B24e_an_incoming_call_rings_until_somebody_acts)
{
	struct bench bench;
	char got[BENCH_TEXT];

	ring(&bench);
	for (int minute = 0; minute < 90; minute++) {
		bench_advance(&bench, MINUTE - 1);
		peer_expect_none(&bench, 0);
		bench_advance(&bench, 1);
		peer_expect(&bench, 0, "SIP/2.0 180", got);
	}
	ck_assert_uint_eq(bench.ended, 0);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), 0);
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	bench_close(&bench);
}
END_TEST

/* An ACK that nobody asked for does not answer it. */
START_TEST(B24e_an_early_ack_changes_nothing)
{
	struct bench bench;
	char text[2048], got[BENCH_TEXT], tag[512], *to;

	ring(&bench);
	bench_advance(&bench, MINUTE);
	peer_expect(&bench, 0, "SIP/2.0 180", got);
	header_of(got, "To", tag);
	invite(text, "UDP 192.0.2.9:5070;rport", "");
	memcpy(text, "ACK   ", 6);
	to = strstr(text, "10 INVITE");
	memcpy(to, "10 ACK   ", 9);
	to = strstr(text, "To: <sip:1001@primary.example>");
	ck_assert_ptr_nonnull(to);
	memmove(to + 4 + strlen(tag), to + 30, strlen(to + 30) + 1);
	memcpy(to + 4, tag, strlen(tag));
	peer_say(&bench, 0, text);
	ck_assert_uint_eq(bench.up, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B24e_ringing_ends_when_nobody_is_at_the_callers_address)
{
	struct bench bench;

	ring(&bench);
	close(bench.peers[0].fd);
	bench.peers[0].fd = -1;
	bench_advance(&bench, MINUTE - 1);
	bench_turn(&bench, 20);
	ck_assert_uint_eq(bench.ended, 0);
	bench_advance(&bench, 1);
	expect_ended(&bench);
	bench_close(&bench);
}
END_TEST

static void registers_at(struct bench *bench, int peer, uint64_t id)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, peer, id);
	char text[BENCH_TEXT];

	bench_send(bench, &attempt);
	peer_expect(bench, peer, "REGISTER", text);
	peer_answer(bench, peer, text, "200 OK", "");
}

/* The line moves: it is found out at once. */
START_TEST(B24e_a_move_ends_ringing_if_nobody_is_there)
{
	struct bench bench;

	ring(&bench);
	close(bench.peers[0].fd);
	bench.peers[0].fd = -1;
	bench_advance(&bench, 10000);
	registers_at(&bench, 1, 1);
	bench_pump(&bench);
	expect_ended(&bench);
	bench_close(&bench);
}
END_TEST

/* Silence: it may be back when the user answers. */
START_TEST(B24e_a_move_does_not_end_ringing_of_a_silent_server)
{
	struct bench bench;
	char got[BENCH_TEXT];

	ring(&bench);
	bench_advance(&bench, 10000);
	registers_at(&bench, 1, 1);
	bench_pump(&bench);
	peer_expect(&bench, 0, "SIP/2.0 180", got);
	bench_advance(&bench, 10 * MINUTE);
	ck_assert_uint_eq(bench.ended, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B24e_a_refresh_at_the_same_server_repeats_nothing)
{
	struct bench bench;

	ring(&bench);
	bench_advance(&bench, 10000);
	registers_at(&bench, 0, 1);
	bench_pump(&bench);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

/* B24e: Expires counts beside that. */
START_TEST(B24e_expires_of_its_invite_ends_it)
{
	struct bench bench;

	ring_with(&bench, "Expires: 90\r\n");
	bench_advance(&bench, 90 * 1000 - 1);
	ck_assert_uint_eq(bench.ended, 0);
	bench_advance(&bench, 1);
	expect_ended(&bench);
	bench_close(&bench);
}
END_TEST

/* ---- connections -------------------------------------------------------------------------- */

static void ring_over(struct bench *bench, struct wire *wire)
{
	char via[64], text[2048], got[BENCH_TEXT];

	bench_open(bench);
	wire_listen(wire, 11, FAILOVER_TCP);
	wire_register(bench, wire, 1);
	snprintf(via, sizeof(via), "TCP 127.0.0.11:%u", wire->target.port);
	invite(text, via, "");
	wire_write(bench, wire, text, strlen(text));
	wire_expect(bench, wire, "SIP/2.0 100", got);
	ck_assert_int_eq(bench->calls->call_answer(bench->inst, bench->call, 180), 0);
	wire_expect(bench, wire, "SIP/2.0 180", got);
}

/* RFC 3261 18.2.2: by a new connection to the port of Via. */
START_TEST(B24e_ringing_goes_on_over_a_new_connection)
{
	struct bench bench;
	struct wire wire;
	char got[BENCH_TEXT];

	ring_over(&bench, &wire);
	bench_advance(&bench, 10000);
	wire_reset(&wire);
	wire_expect_lost(&bench, &wire, 1);
	bench_pump(&bench);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "SIP/2.0 180", got);
	ck_assert_uint_eq(bench.ended, 0);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), 0);
	wire_expect(&bench, &wire, "SIP/2.0 200", got);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B24e_ringing_ends_when_no_connection_leads_to_the_caller)
{
	struct bench bench;
	struct wire wire;

	ring_over(&bench, &wire);
	bench_advance(&bench, 10000);
	close(wire.listener);
	wire.listener = -1;
	wire_reset(&wire);
	wire_expect_lost(&bench, &wire, 1);
	bench_pump(&bench);
	expect_ended(&bench);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

/* A server that takes connections and ends them is not asked in a loop. */
START_TEST(B24e_a_connection_that_ends_again_is_waited_for)
{
	struct bench bench;
	struct wire wire;
	char got[BENCH_TEXT];

	ring_over(&bench, &wire);
	bench_advance(&bench, 10000);
	wire_reset(&wire);
	wire_expect_lost(&bench, &wire, 1);
	bench_pump(&bench);
	for (int i = 0; i < 3; i++) {
		wire_accept(&bench, &wire);
		wire_expect(&bench, &wire, "SIP/2.0 180", got);
		wire_reset(&wire);
		bench_turn(&bench, 50);
		bench_pump(&bench);
		wire_accept_none(&bench, &wire);
		bench_advance(&bench, 5000);
	}
	ck_assert_uint_eq(bench.ended, 0);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

/* Its transaction goes too, although nobody answers it: the places for these are few. */
START_TEST(B24e_a_call_that_is_forgotten_leaves_nothing_behind)
{
	struct bench bench;
	char text[2048], got[BENCH_TEXT];
	int by_line = _i;

	ring(&bench);
	bench_advance(&bench, 2 * MINUTE);
	peer_expect(&bench, 0, "SIP/2.0 180", got);
	peer_expect(&bench, 0, "SIP/2.0 180", got);
	peer_say(&bench, 0, invite(text, "UDP 192.0.2.9:5070;rport", ""));
	peer_expect(&bench, 0, "SIP/2.0 180", got); /* it is the same still */
	ck_assert_uint_eq(bench.incoming, 1);
	if (by_line) {
		bench.lines->line_remove(bench.inst, 1);
		bench_identity(&bench, "secret", NULL);
		ck_assert_int_eq(
			bench.lines->line_targets(bench.inst, 1, &bench.peers[0].target, 1), 0);
	} else {
		bench.calls->call_free(bench.inst, bench.call);
	}
	bench_advance(&bench, 2 * MINUTE);
	peer_expect_none(&bench, 0);
	peer_say(&bench, 0, text);
	peer_expect(&bench, 0, "SIP/2.0 100", got);
	ck_assert_uint_eq(bench.incoming, 2);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B24e_an_incoming_call_rings_until_somebody_acts);
	tcase_add_test(tcase, B24e_an_early_ack_changes_nothing);
	tcase_add_loop_test(tcase, B24e_a_call_that_is_forgotten_leaves_nothing_behind, 0, 2);
	tcase_add_test(tcase, B24e_ringing_ends_when_nobody_is_at_the_callers_address);
	tcase_add_test(tcase, B24e_a_move_ends_ringing_if_nobody_is_there);
	tcase_add_test(tcase, B24e_a_move_does_not_end_ringing_of_a_silent_server);
	tcase_add_test(tcase, B24e_a_refresh_at_the_same_server_repeats_nothing);
	tcase_add_test(tcase, B24e_expires_of_its_invite_ends_it);
}

int main(void)
{
	const struct bench_need needs[] = {
		{ B24e_ringing_goes_on_over_a_new_connection, FAILOVER_CAP_TCP, NULL },
		{ B24e_ringing_ends_when_no_connection_leads_to_the_caller, FAILOVER_CAP_TCP,
		  NULL },
		{ B24e_a_connection_that_ends_again_is_waited_for, FAILOVER_CAP_TCP, NULL },
	};

	return bench_main_needs("ringing", add, needs, sizeof(needs) / sizeof(needs[0]));
}
