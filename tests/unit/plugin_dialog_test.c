/* SPDX-License-Identifier: MIT */
/* plugin_dialog_test.c - where requests go (B23, B23a): the registrar that a call names, and the
 * way of ACK and BYE by route set, Contact or target. */
#include <unistd.h>
#include "plugin_wire.h"

/* ---- parts -------------------------------------------------------------------------------- */

/* "127.0.0.11:PORT" */
static const char *address_of(const struct bench *bench, int peer, char out[32])
{
	const struct failover_target *target = &bench->peers[peer].target;

	snprintf(out, 32, "127.0.0.%u:%u", target->address[3], (unsigned)target->port);
	return out;
}

/* A bench whose requests in dialogs go as a stock installation's do; peer 2 is no target. */
static void open_auto(struct bench *bench)
{
	struct failover_target targets[2];

	bench_open(bench);
	bench->in_dialog = FAILOVER_IN_DIALOG_AUTO;
	bench_identity(bench, "secret", NULL);
	targets[0] = bench->peers[0].target;
	targets[1] = bench->peers[1].target;
	ck_assert_int_eq(bench->lines->line_targets(bench->inst, 1, targets, 2), 0);
}

/* A call through peer 0 whose 200 has these headers; it is answered, not ACKed yet. `text` is the
 * INVITE. */
static uint64_t answered(struct bench *bench, const char *headers, char *text)
{
	uint64_t call = bench_dial(bench, "1002");

	bench_invite(bench, call, 0, 1, text);
	peer_answer(bench, 0, text, "200 OK", headers);
	return call;
}

/* The headers of a 200: the Contact is at this peer, and what else is given. */
static const char *contact_at(const struct bench *bench, int peer, const char *more, char out[4096])
{
	char address[32];

	snprintf(out, 4096, "Contact: <sip:bob@%s;x=y>\r\n%s", address_of(bench, peer, address),
		 more);
	return out;
}

/* Record-Route with the address of a peer. */
static const char *route_at(const struct bench *bench, int peer, const char *params, char out[128])
{
	char address[32];

	snprintf(out, 128, "Record-Route: <sip:%s%s>\r\n", address_of(bench, peer, address),
		 params);
	return out;
}

static void expect_route(const char *text, unsigned pos, const char *value)
{
	char is[512] = "";
	const char *at = text;
	unsigned i;

	for (i = 0; i <= pos && (at = strstr(at, "\r\nRoute: ")); i++)
		at += 2;
	ck_assert_msg(at != NULL, "no Route %u in: %s", pos, text);
	ck_assert_str_eq(header_of(at - 2, "Route", is), value);
}

/* ---- B23a: with a route set --------------------------------------------------------------- */

START_TEST(B23a_a_bye_that_moves_replaces_the_route_of_the_dead_server)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096], own[128], all[512], want[128];
	char address[32];
	uint64_t call;

	open_auto(&bench);
	snprintf(all, sizeof(all), "Record-Route: <sip:p2.example;lr>\r\n%s",
		 route_at(&bench, 0, ";lr;ftag=a", own));
	call = answered(&bench, contact_at(&bench, 2, all, headers), text);
	peer_expect(&bench, 0, "ACK", got);
	bench_bye(&bench, call, 0, 2);
	peer_expect(&bench, 0, "BYE", got);
	snprintf(want, sizeof(want), "<sip:%s;lr;ftag=a>", address_of(&bench, 0, address));
	expect_route(got, 0, want);
	expect_route(got, 1, "<sip:p2.example;lr>");
	bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET);
	bench_bye(&bench, call, 1, 3);
	peer_expect(&bench, 1, "BYE sip:bob@127.0.0.13:", text);
	ck_assert_uint_eq(headers_in(text, "Route"), 2);
	snprintf(want, sizeof(want), "<sip:%s;lr>", address_of(&bench, 1, address));
	expect_route(text, 0, want);
	expect_route(text, 1, "<sip:p2.example;lr>");
	ck_assert(same_header(got, text, "CSeq") && same_header(got, text, "Call-ID") &&
		  same_header(got, text, "To") && same_header(got, text, "From"));
	peer_expect_none(&bench, 2);
	bench_close(&bench);
}
END_TEST

/* The server calls itself as the configuration does, or has two addresses (RFC 5658), or stands
 * twice in the route set. */
START_TEST(B23a_each_route_of_the_dead_server_goes)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096], own[128], all[512], want[128];
	char address[32];
	static const char named[] = "Record-Route: <sip:p2.example;lr>\r\nRecord-Route: \"A <1>\" "
				    "<sip:primary.example;lr>\r\n";
	const char *formats[] = {
		named,
		"Record-Route: <sip:p2.example;lr>\r\nRecord-Route: <sip:10.9.9.9;r2=on;lr>\r\n%s",
		"Record-Route: <sip:p2.example;lr>\r\n%1$s%1$s",
	};
	uint64_t call;
	size_t i;

	for (i = 0; i < 3; i++) {
		open_auto(&bench);
		route_at(&bench, 0, i == 1 ? ";r2=on;lr" : ";lr", own);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(all, sizeof(all), formats[i], own);
#pragma GCC diagnostic pop
		call = answered(&bench, contact_at(&bench, 2, all, headers), text);
		peer_expect(&bench, 0, "ACK", got);
		bench_bye(&bench, call, 0, 2);
		peer_expect(&bench, 0, "BYE", got);
		bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET);
		bench_bye(&bench, call, 1, 3);
		peer_expect(&bench, 1, "BYE", text);
		snprintf(want, sizeof(want), "<sip:%s;lr>", address_of(&bench, 1, address));
		expect_route(text, 0, want);
		expect_route(text, 1, "<sip:p2.example;lr>");
		ck_assert_uint_eq(headers_in(text, "Route"), 2);
		bench_close(&bench);
	}
}
END_TEST

/* The next Route names the new hop already: it is not there twice. */
START_TEST(B23a_the_new_hop_stands_in_the_route_set_once)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096], first[128], second[128], all[512];
	uint64_t call;

	open_auto(&bench);
	snprintf(all, sizeof(all), "%s%s", route_at(&bench, 1, ";lr", second),
		 route_at(&bench, 0, ";lr", first));
	call = answered(&bench, contact_at(&bench, 2, all, headers), text);
	peer_expect(&bench, 0, "ACK", got);
	bench_bye(&bench, call, 0, 2);
	peer_expect(&bench, 0, "BYE", got);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET);
	bench_bye(&bench, call, 1, 3);
	peer_expect(&bench, 1, "BYE", text);
	ck_assert_uint_eq(headers_in(text, "Route"), 1);
	bench_close(&bench);
}
END_TEST

/* A dialog whose target the line has left: what stood for it is no way any more. */
START_TEST(B23a_a_bye_that_begins_elsewhere_leaves_the_dialogs_server_out)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096], own[128], want[128], address[32];
	uint64_t call;

	open_auto(&bench);
	call = answered(&bench, contact_at(&bench, 2, route_at(&bench, 0, ";lr", own), headers),
			text);
	peer_expect(&bench, 0, "ACK", got);
	bench_bye(&bench, call, 1, 2);
	peer_expect(&bench, 1, "BYE", got);
	ck_assert_uint_eq(headers_in(got, "Route"), 1);
	snprintf(want, sizeof(want), "<sip:%s;lr>", address_of(&bench, 1, address));
	expect_route(got, 0, want);
	bench_close(&bench);
}
END_TEST

START_TEST(B23a_ack_and_bye_go_to_the_first_route)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096], own[128];
	uint64_t call;

	open_auto(&bench);
	call = answered(&bench, contact_at(&bench, 1, route_at(&bench, 2, ";lr", own), headers),
			text);
	peer_expect(&bench, 2, "ACK sip:bob@127.0.0.12:", got);
	ck_assert_uint_eq(headers_in(got, "Route"), 1);
	peer_expect_none(&bench, 0);
	peer_answer(&bench, 0, text, "200 OK", headers); /* that ACK was lost: both ways */
	peer_expect(&bench, 2, "ACK", got);
	peer_expect(&bench, 0, "ACK", got);
	bench_bye(&bench, call, 0, 2);
	peer_expect(&bench, 2, "BYE sip:bob@127.0.0.12:", got);
	ck_assert_uint_eq(bench.sent_of[2], 0); /* not at the core's target */
	peer_answer(&bench, 2, got, "200 OK", "");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 2);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	ck_assert_uint_eq(bench_last(&bench)->answer.flags, FAILOVER_ANSWER_ELSEWHERE);
	bench_advance(&bench, 64000);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

/* RFC 3261 12.2.1.1: a strict router is the Request-URI, and the remote target the last Route. */
START_TEST(B23a_strict_routers)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096], own[128], all[512], start[128];
	char address[32], want[128];
	uint64_t call;

	open_auto(&bench);
	snprintf(all, sizeof(all), "Record-Route: <sip:p2.example>\r\n%s",
		 route_at(&bench, 0, ";method=INVITE;a=b?x=y", own));
	call = answered(&bench, contact_at(&bench, 2, all, headers), text);
	snprintf(start, sizeof(start), "ACK sip:%s;a=b SIP/2.0\r\n",
		 address_of(&bench, 0, address));
	peer_expect(&bench, 0, start, got);
	ck_assert_uint_eq(headers_in(got, "Route"), 2);
	expect_route(got, 0, "<sip:p2.example>");
	snprintf(want, sizeof(want), "<sip:bob@%s;x=y>", address_of(&bench, 2, address));
	expect_route(got, 1, want);
	bench_bye(&bench, call, 0, 2);
	memcpy(start, "BYE", 3);
	peer_expect(&bench, 0, start, got);
	expect_route(got, 1, want);
	bench_close(&bench);
}
END_TEST

START_TEST(B23b_a_route_set_of_any_length_works)
{
	static const unsigned counts[] = { 15, 16, 17, 40, 70, 100 };
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], all[8192], value[512], want[64];
	uint64_t call;
	unsigned i, k;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		open_auto(&bench);
		strcpy(all, "Contact: <sip:bob@192.0.2.9>\r\n");
		for (k = counts[i]; k; k--)
			snprintf(all + strlen(all), 64, "Record-Route: <sip:p%u.example;lr>\r\n",
				 k);
		call = answered(&bench, all, text);
		peer_expect(&bench, 0, "ACK sip:bob@192.0.2.9 SIP/2.0\r\n", got);
		ck_assert_uint_eq(headers_in(got, "Route"), counts[i]);
		ck_assert_str_eq(header_of(got, "Route", value), "<sip:p1.example;lr>");
		bench_bye(&bench, call, 0, 2);
		peer_expect(&bench, 0, "BYE sip:bob@192.0.2.9 SIP/2.0\r\n", got);
		ck_assert_uint_eq(headers_in(got, "Route"), counts[i]);
		snprintf(want, sizeof(want), "<sip:p%u.example;lr>", counts[i]);
		expect_route(got, counts[i] - 1, want);
		bench_close(&bench);
	}
}
END_TEST

/* ---- B23a: without a route set ------------------------------------------------------------ */

START_TEST(B23a_without_a_route_set_ack_and_bye_go_to_the_contact)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096];
	uint64_t call;

	open_auto(&bench);
	call = answered(&bench, contact_at(&bench, 2, "", headers), text);
	peer_expect(&bench, 2, "ACK sip:bob@127.0.0.13:", got);
	peer_expect_none(&bench, 0);
	bench_bye(&bench, call, 0, 2);
	peer_expect(&bench, 2, "BYE sip:bob@127.0.0.13:", got);
	peer_answer(&bench, 2, got, "200 OK", "");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 2);
	ck_assert_uint_eq(bench_last(&bench)->answer.flags, FAILOVER_ANSWER_ELSEWHERE);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B23a_a_silent_contact_leaves_the_target_its_time)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], again[BENCH_TEXT], a[512], b[512], headers[4096];
	uint64_t call;

	open_auto(&bench);
	call = answered(&bench, contact_at(&bench, 2, "", headers), text);
	peer_expect(&bench, 2, "ACK", got);
	bench_bye(&bench, call, 0, 2);
	peer_expect(&bench, 2, "BYE", got);
	bench_advance(&bench, 499);
	peer_expect_none(&bench, 0);
	bench_advance(&bench, 1);
	peer_expect(&bench, 0, "BYE sip:bob@127.0.0.13:", again);
	peer_expect_none(&bench, 2); /* once is enough there */
	ck_assert_str_ne(branch_of(got, a), branch_of(again, b));
	ck_assert(same_header(got, again, "CSeq"));
	bench_advance(&bench, 500);
	peer_expect(&bench, 0, "BYE", again);
	bench_advance(&bench, 2400);
	peer_expect(&bench, 0, "BYE", again);
	peer_expect_none(&bench, 0); /* B3a: three, and no more */
	ck_assert_uint_eq(bench.sent_of[2], 3);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET);
	bench_bye(&bench, call, 1, 3); /* the next target, not the Contact again */
	peer_expect(&bench, 1, "BYE sip:bob@127.0.0.13:", again);
	peer_expect_none(&bench, 2);
	peer_answer(&bench, 1, again, "200 OK", "");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 3);
	ck_assert_uint_eq(bench_last(&bench)->answer.flags, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B23a_a_late_answer_of_the_contact_counts)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], again[BENCH_TEXT], headers[4096];
	uint64_t call;

	open_auto(&bench);
	call = answered(&bench, contact_at(&bench, 2, "", headers), text);
	peer_expect(&bench, 2, "ACK", got);
	bench_bye(&bench, call, 0, 2);
	peer_expect(&bench, 2, "BYE", got);
	bench_advance(&bench, 600);
	peer_expect(&bench, 0, "BYE", again);
	peer_answer(&bench, 2, got, "200 OK", "");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 2);
	ck_assert_uint_eq(bench_last(&bench)->answer.flags, FAILOVER_ANSWER_ELSEWHERE);
	bench_advance(&bench, 32000);
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.answers_count, 2); /* of the INVITE, of the BYE */
	bench_close(&bench);
}
END_TEST

START_TEST(B23a_a_contact_where_nobody_listens_gives_way_at_once)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096];
	uint64_t call;
	int turns = 500;

	open_auto(&bench);
	call = answered(&bench, contact_at(&bench, 2, "", headers), text);
	peer_expect(&bench, 2, "ACK", got);
	close(bench.peers[2].fd);
	bench.peers[2].fd = -1;
	bench_bye(&bench, call, 0, 2);
	while (turns-- && !peer_take(&bench, 0, got))
		bench_pump(&bench);
	ck_assert_int_eq(strncmp(got, "BYE sip:bob@127.0.0.13:", 23), 0);
	ck_assert_uint_eq(bench.unreachable, 0);
	peer_answer(&bench, 0, got, "200 OK", "");
	ck_assert_uint_eq(bench_last(&bench)->answer.flags, 0);
	bench_close(&bench);
}
END_TEST

/* B21c: what the registrar has asked for is nobody else's. */
START_TEST(B23a_a_contact_gets_no_credentials)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096];
	uint64_t call;

	open_auto(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 9);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "401 Unauthorized",
		    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n");
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "200 OK", "");
	call = answered(&bench, contact_at(&bench, 2, "", headers), text);
	peer_expect(&bench, 2, "ACK", got);
	ck_assert_uint_eq(headers_in(text, "Authorization"), 1);
	ck_assert_uint_eq(headers_in(got, "Authorization"), 0);
	bench_bye(&bench, call, 0, 2);
	peer_expect(&bench, 2, "BYE", got);
	ck_assert_uint_eq(headers_in(got, "Authorization"), 0);
	peer_answer(&bench, 2, got, "407 Proxy Authentication Required",
		    "Proxy-Authenticate: Digest realm=\"r\", nonce=\"x\"\r\n");
	peer_expect_none(&bench, 2);
	peer_expect(&bench, 0, "BYE", got); /* its own server gets them */
	ck_assert_uint_eq(headers_in(got, "Authorization"), 1);
	ck_assert_uint_eq(headers_in(got, "Proxy-Authorization"), 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B23a_in_dialog_says_otherwise)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096];
	uint64_t call;

	open_auto(&bench); /* target */
	bench.in_dialog = FAILOVER_IN_DIALOG_TARGET;
	bench_identity(&bench, "secret", NULL);
	call = answered(&bench, contact_at(&bench, 2, "", headers), text);
	peer_expect(&bench, 0, "ACK sip:bob@127.0.0.13:", got);
	bench_bye(&bench, call, 0, 2);
	peer_expect(&bench, 0, "BYE sip:bob@127.0.0.13:", got);
	peer_expect_none(&bench, 2);
	bench_close(&bench);

	open_auto(&bench); /* auto, through an outbound proxy */
	call = bench_dial(&bench, "1002");
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 2, 1);
	attempt.cookie = call;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 2, "INVITE", text);
	peer_answer(&bench, 2, text, "200 OK", contact_at(&bench, 1, "", headers));
	peer_expect(&bench, 2, "ACK sip:bob@127.0.0.12:", got);
	bench_bye(&bench, call, 2, 2);
	peer_expect(&bench, 2, "BYE", got);
	peer_expect_none(&bench, 1);
	bench.in_dialog = FAILOVER_IN_DIALOG_CONTACT; /* contact, in spite of it */
	bench_identity(&bench, "secret", NULL);
	bench_bye(&bench, call, 2, 3);
	peer_expect(&bench, 1, "BYE sip:bob@127.0.0.12:", got);
	bench_close(&bench);
}
END_TEST

/* What names no number, or no number to send to, leaves the target. */
START_TEST(B23a_a_contact_that_says_no_address_goes_to_the_target)
{
	static const char *const contacts[] = {
		"sip:bob@pc.example",
		"sip:bob@0.0.0.0",
		"sip:bob@224.0.1.75",
		"sip:bob@255.255.255.255",
		"sip:bob@127.0.0.13;transport=sctp",
		"sips:bob@127.0.0.13",
		"sip:bob@127.0.0.13;transport=tcp",
		"sip:bob@[::1",
		"sip:bob@127.0.0.13:99999",
		"tel:+15551234",
		"sip:bob@[::]",
	};
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[256];
	size_t i;

	for (i = 0; i < sizeof(contacts) / sizeof(contacts[0]); i++) {
		open_auto(&bench);
		snprintf(headers, sizeof(headers), "Contact: <%s>\r\n", contacts[i]);
		(void)answered(&bench, headers, text);
		if (bench.answers_count) /* else the stack's parser has refused it */
			peer_expect(&bench, 0, "ACK", got);
		bench_close(&bench);
	}
}
END_TEST

/* ---- B23a: a call that is set up over a connection ------------------------------------------ */

START_TEST(B23a_a_call_by_tcp_has_its_contact_by_udp)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[4096], response[BENCH_TEXT], via[512];
	size_t length;

	open_auto(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	attempt = wire_attempt(&bench, &wire, FAILOVER_INVITE, 1);
	attempt.cookie = bench_dial(&bench, "1002");
	bench_send(&bench, &attempt);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "INVITE", text);
	length = wire_response(text, "200 OK", contact_at(&bench, 2, "", headers), response);
	wire_write(&bench, &wire, response, length);
	peer_expect(&bench, 2, "ACK sip:bob@127.0.0.13:", got);
	ck_assert_ptr_nonnull(strstr(header_of(got, "Via", via), "SIP/2.0/UDP "));
	wire_write(&bench, &wire, response, length); /* that ACK was lost: both ways */
	peer_expect(&bench, 2, "ACK", got);
	wire_expect(&bench, &wire, "ACK sip:bob@127.0.0.13:", got);
	ck_assert_ptr_nonnull(strstr(header_of(got, "Via", via), "SIP/2.0/TCP "));
	attempt.id = 2;
	attempt.request = 101;
	attempt.method = FAILOVER_BYE;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 2, "BYE sip:bob@127.0.0.13:", got);
	ck_assert_ptr_nonnull(strstr(header_of(got, "Via", via), "SIP/2.0/UDP "));
	bench_advance(&bench, 500);
	wire_expect(&bench, &wire, "BYE sip:bob@127.0.0.13:", got);
	ck_assert_ptr_nonnull(strstr(header_of(got, "Via", via), "SIP/2.0/TCP "));
	wire_answer(&bench, &wire, got, "200 OK");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 2);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	bench_close(&bench);
	wire_close(&wire);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B23a_a_bye_that_moves_replaces_the_route_of_the_dead_server);
	tcase_add_test(tcase, B23a_each_route_of_the_dead_server_goes);
	tcase_add_test(tcase, B23a_the_new_hop_stands_in_the_route_set_once);
	tcase_add_test(tcase, B23a_a_bye_that_begins_elsewhere_leaves_the_dialogs_server_out);
	tcase_add_test(tcase, B23a_ack_and_bye_go_to_the_first_route);
	tcase_add_test(tcase, B23a_strict_routers);
	tcase_add_test(tcase, B23b_a_route_set_of_any_length_works);
	tcase_add_test(tcase, B23a_without_a_route_set_ack_and_bye_go_to_the_contact);
	tcase_add_test(tcase, B23a_a_silent_contact_leaves_the_target_its_time);
	tcase_add_test(tcase, B23a_a_late_answer_of_the_contact_counts);
	tcase_add_test(tcase, B23a_a_contact_where_nobody_listens_gives_way_at_once);
	tcase_add_test(tcase, B23a_a_contact_gets_no_credentials);
	tcase_add_test(tcase, B23a_in_dialog_says_otherwise);
	tcase_add_test(tcase, B23a_a_contact_that_says_no_address_goes_to_the_target);
}

int main(void)
{
	const struct bench_need needs[] = {
		{ B23a_a_call_by_tcp_has_its_contact_by_udp, FAILOVER_CAP_TCP, NULL },
	};

	return bench_main_needs("dialog", add, needs, sizeof(needs) / sizeof(needs[0]));
}
