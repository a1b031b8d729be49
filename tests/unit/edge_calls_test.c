/* SPDX-License-Identifier: MIT */
/* failover-edge between a phone and a server on sockets: many dialogs, forks. */
#include <check.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/allocated.h"
#include "tests/edge/bench.h"
#include "tests/edge/party.h"
#include "tap_main.h"

#define DIALOGS 10000u
#define DIALOGS_KEPT 8192u /* the wire's default */

static struct edge_bench bench;
static struct edge_party phone, server;
static uint32_t line;
static char route[EDGE_PARTY_TEXT]; /* of the call that was set up last */

static void setup(void)
{
	edge_party_open(&phone);
	edge_party_open(&server);
	bench.server_port = server.at.port;
	edge_bench_open(&bench);
	line = edge_bench_line(&bench, "1001", "example.com", "secret");
	edge_bench_line(&bench, "1002", "example.com", "secret");
}

static void teardown(void)
{
	edge_bench_close(&bench);
	edge_party_close(&phone);
	edge_party_close(&server);
}

static void ask(const struct edge_ask *what)
{
	char text[EDGE_PARTY_TEXT];

	edge_party_request(&phone, what, text);
	edge_from_client(bench.edge, text, strlen(text), &phone.at);
	edge_bench_turn(&bench);
}

/* The server answers what it has heard last. */
static void answer(unsigned status, const char *tag, const char *lines)
{
	edge_party_answer(&server, &(struct edge_answer){ server.heard, status, tag, lines });
	edge_bench_turn(&bench);
}

static void expect_at_server(const char *method)
{
	edge_party_hear(&server);
	ck_assert_msg(!strncmp(server.heard, method, strlen(method)), "%s, not %s", server.heard,
		      method);
}

/* But for 100, which the wire says at once. */
static void expect_at_phone(const char *status)
{
	do
		edge_party_hear(&phone);
	while (!strncmp(phone.heard, "SIP/2.0 100", 11));
	ck_assert_msg(!strncmp(phone.heard + 8, status, strlen(status)), "%s, not %s", phone.heard,
		      status);
	if (strstr(phone.heard, "\r\nRecord-Route:"))
		strcpy(route, edge_party_header(phone.heard, "Record-Route"));
}

static void call(unsigned number)
{
	const struct edge_ask invite = {
		.method = "INVITE", .user = "1001", .call = number, .cseq = 1
	};

	ask(&invite);
	expect_at_server("INVITE");
	answer(200, "callee", "");
	expect_at_phone("200");
}

static struct edge_ask in_dialog(const char *method, unsigned number, unsigned cseq)
{
	return (struct edge_ask){ .method = method,
				  .user = "1001",
				  .call = number,
				  .cseq = cseq,
				  .to_tag = "callee",
				  .route = route };
}

static void acknowledge(unsigned number)
{
	const struct edge_ask ack = in_dialog("ACK", number, 1);

	ask(&ack);
	expect_at_server("ACK");
}

static void hang_up(unsigned number)
{
	const struct edge_ask bye = in_dialog("BYE", number, 2);

	ask(&bye);
	expect_at_server("BYE");
	answer(200, "", "");
	expect_at_phone("200");
}

static struct failover_wire_statistics numbers(void)
{
	struct failover_wire_statistics is = { .size = sizeof(is) };

	failover_wire_statistics(bench.edge->wire, &is);
	return is;
}

static void pass(uint64_t ms)
{
	bench.now += ms;
	edge_bench_turn(&bench);
}

/* All that a call leaves for a while has gone: 64*T1, and the time of exchanges. */
static void rest(void)
{
	const struct edge_ask options = {
		.method = "OPTIONS", .user = "1002", .call = 99999, .cseq = 1
	};

	pass(100000);
	pass(700000);
	ask(&options);
	expect_at_server("OPTIONS");
	answer(200, "x", "");
	expect_at_phone("200");
	pass(100000);
	ck_assert_uint_eq(bench.edge->exchanges_count, 1);
	ck_assert_uint_eq(numbers().requests, 0);
	ck_assert_uint_eq(numbers().legs, 0);
}

/* Those that are forgotten are hung up where the line is (B9). */
START_TEST(B9_ten_thousand_dialogs_are_bounded_and_each_is_hung_up)
{
	size_t before;
	unsigned i;

	call(DIALOGS);
	acknowledge(DIALOGS);
	hang_up(DIALOGS);
	rest();
	before = allocated_bytes();
	for (i = 0; i < DIALOGS; i++) {
		call(i);
		acknowledge(i);
		pass(10);
		ck_assert_uint_le(bench.edge->exchanges_count, EDGE_EXCHANGES_MAX);
	}
	ck_assert_uint_eq(numbers().dialogs, DIALOGS_KEPT);
	ck_assert_uint_eq(numbers().forgotten, DIALOGS - DIALOGS_KEPT);
	rest(); /* another line goes on */
	for (i = 0; i < DIALOGS; i++) {
		hang_up(i);
		pass(10);
	}
	rest();
	ck_assert_uint_eq(numbers().dialogs, 0);
	ck_assert_uint_eq(numbers().lost, 0);
	ck_assert_uint_lt(allocated_bytes(), before + (1u << 20)); /* tables have grown */
}
END_TEST

/* RFC 3261 13.2.2.4: each is a dialog of the phone's, and passes us. */
START_TEST(each_2xx_of_a_fork_reaches_the_phone_and_its_ACK_the_callee)
{
	static const char *const tags[] = { "a", "b", "c" };
	const struct edge_ask invite = { .method = "INVITE", .user = "1001", .call = 1, .cseq = 1 };
	char request[EDGE_PARTY_TEXT], tag[20];
	size_t i;

	ask(&invite);
	expect_at_server("INVITE");
	memcpy(request, server.heard, sizeof(request));
	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct edge_ask ack;

		memcpy(server.heard, request, sizeof(request));
		answer(200, tags[i], "");
		expect_at_phone("200");
		snprintf(tag, sizeof(tag), ";tag=%s\r\n", tags[i]);
		ck_assert_ptr_nonnull(strstr(phone.heard, tag));
		ack = in_dialog("ACK", 1, 1);
		ack.to_tag = tags[i];
		ck_assert_ptr_nonnull(strstr(ack.route, ";lr;fo="));
		ask(&ack);
		expect_at_server("ACK");
		ck_assert_ptr_nonnull(strstr(server.heard, tag));
	}
	ck_assert_uint_eq(numbers().dialogs, 3);
}
END_TEST

/* RFC 3261 18.3: it is no part of the message, and nobody has looked at it. */
START_TEST(what_a_datagram_has_behind_its_body_goes_nowhere)
{
	char text[EDGE_PARTY_TEXT];

	edge_party_request(
		&phone,
		&(struct edge_ask){ .method = "OPTIONS", .user = "1001", .call = 1, .cseq = 1 },
		text);
	strcat(text, "BYE sip:victim SIP/2.0\r\n\r\n");
	edge_from_client(bench.edge, text, strlen(text), &phone.at);
	edge_bench_turn(&bench);
	expect_at_server("OPTIONS");
	ck_assert_ptr_null(strstr(server.heard, "victim"));
}
END_TEST

/* ---- challenges --------------------------------------------------------------------------- */

#define REALM "realm=\"example.com\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"\r\n"
#define BY_PROXY "Proxy-Authenticate: Digest " REALM

static void expect_header(const struct edge_party *party, const char *name, const char *begin)
{
	const char *value = edge_party_header(party->heard, name);

	ck_assert_msg(!strncmp(value, begin, strlen(begin)), "%s: %s, not %s", name, value, begin);
}

/* The server is one of ours from now on: it has asked for the line's REGISTER (B21c). */
static void register_line(void)
{
	failover_register(bench.engine, line, bench.now);
	edge_bench_turn(&bench);
	expect_at_server("REGISTER");
	answer(401, "x", "WWW-Authenticate: Digest " REALM);
	expect_at_server("REGISTER");
	expect_header(&server, "Authorization", "Digest username=\"1001\"");
	answer(200, "x", "Expires: 3600\r\n");
}

static void challenged_invite(void)
{
	const struct edge_ask invite = { .method = "INVITE", .user = "1001", .call = 1, .cseq = 7 };

	ask(&invite);
	expect_at_server("INVITE");
	expect_header(&server, "CSeq", "7 INVITE");
	ck_assert_str_eq(edge_party_header(server.heard, "Proxy-Authorization"), "");
	answer(407, "x", BY_PROXY);
	expect_at_server("ACK");
	expect_at_server("INVITE");
	expect_header(&server, "CSeq", "8 INVITE");
	expect_header(&server, "Proxy-Authorization",
		      "Digest username=\"1001\", realm=\"example.com\"");
	ck_assert_uint_eq(bench.edge->counters.answered, 1);
}

START_TEST(B4b_a_challenged_call_is_sent_again_with_the_password_of_the_line)
{
	struct edge_ask next;

	register_line();
	challenged_invite();
	answer(200, "callee", "");
	expect_at_phone("200");
	expect_header(&phone, "CSeq", "7 INVITE");
	next = in_dialog("ACK", 1, 7);
	ask(&next);
	expect_at_server("ACK");
	expect_header(&server, "CSeq", "8 ACK");
	next = in_dialog("PRACK", 1, 8);
	next.lines = "RAck: 1 7 INVITE\r\n";
	ask(&next);
	expect_at_server("PRACK");
	expect_header(&server, "RAck", "1 8 INVITE");
	answer(200, "", "");
	expect_at_phone("200");
	next = in_dialog("BYE", 1, 9);
	ask(&next);
	expect_at_server("BYE");
	expect_header(&server, "CSeq", "10 BYE");
	answer(407, "", BY_PROXY);
	expect_at_server("BYE");
	expect_header(&server, "CSeq", "11 BYE");
	expect_header(&server, "Proxy-Authorization", "Digest ");
	answer(200, "", "");
	expect_at_phone("200");
	expect_header(&phone, "CSeq", "9 BYE");
	ck_assert_uint_eq(bench.edge->kept, 0);
}
END_TEST

/* Nothing is kept of it, as after a restart: the Route of the phone knows. */
START_TEST(B9_the_CSeq_of_a_challenged_call_stays_right_without_a_memory)
{
	struct edge_ask bye;

	register_line();
	challenged_invite();
	answer(200, "callee", "");
	expect_at_phone("200");
	pass(100000);
	edge_exchanges_free(bench.edge);
	bye = in_dialog("BYE", 1, 8);
	ask(&bye);
	while (edge_party_hear(&server), strncmp(server.heard, "BYE", 3) != 0)
		answer(200, "x", "Expires: 3600\r\n"); /* OPTIONS of the line meanwhile */
	expect_header(&server, "CSeq", "9 BYE");
}
END_TEST

START_TEST(B21c_a_realm_of_nobody_here_is_the_phones_to_answer)
{
	const struct edge_ask invite = { .method = "INVITE", .user = "1001", .call = 1, .cseq = 7 };

	register_line();
	ask(&invite);
	expect_at_server("INVITE");
	answer(407, "x",
	       "Proxy-Authenticate: Digest realm=\"evil\", nonce=\"n\", algorithm=MD5\r\n");
	expect_at_server("ACK");
	expect_at_phone("407");
	expect_header(&phone, "CSeq", "7 INVITE");
	ck_assert(edge_party_is_quiet(&server));
	ck_assert_uint_eq(bench.edge->counters.answered, 0);
	ck_assert_uint_eq(bench.edge->kept, 0);
}
END_TEST

START_TEST(B4b_a_phone_that_has_credentials_answers_itself)
{
	const struct edge_ask message = {
		.method = "MESSAGE",
		.user = "1001",
		.call = 1,
		.cseq = 7,
		.lines = "Proxy-Authorization: Digest username=\"own\"\r\n"
	};

	register_line();
	ask(&message);
	expect_at_server("MESSAGE");
	answer(407, "x", BY_PROXY);
	expect_at_phone("407");
	ck_assert(edge_party_is_quiet(&server));
}
END_TEST

START_TEST(B22e_a_server_that_wants_no_password_of_ours_is_not_asked_for_ever)
{
	const struct edge_ask message = {
		.method = "MESSAGE", .user = "1001", .call = 1, .cseq = 7
	};
	unsigned rounds;

	register_line();
	ask(&message);
	for (rounds = 0; rounds < 4; rounds++) {
		expect_at_server("MESSAGE");
		answer(407, "x", BY_PROXY);
	}
	expect_at_phone("407");
	expect_header(&phone, "CSeq", "7 MESSAGE");
	ck_assert(edge_party_is_quiet(&server));
	ck_assert_uint_eq(bench.edge->kept, 0);
}
END_TEST

/* RFC 3261 9.1: on the branch, and with the CSeq, of the INVITE that the server has. */
START_TEST(a_CANCEL_follows_its_INVITE_through_a_challenge)
{
	char invite[EDGE_PARTY_TEXT], text[EDGE_PARTY_TEXT], cancel[EDGE_PARTY_TEXT] = "CANCEL";

	edge_party_request(
		&phone,
		&(struct edge_ask){ .method = "INVITE", .user = "1001", .call = 1, .cseq = 7 },
		text);
	register_line();
	edge_from_client(bench.edge, text, strlen(text), &phone.at);
	edge_bench_turn(&bench);
	expect_at_server("INVITE");
	answer(407, "x", BY_PROXY);
	expect_at_server("ACK");
	expect_at_server("INVITE");
	memcpy(invite, server.heard, sizeof(invite));
	answer(180, "callee", "");
	expect_at_phone("180");
	strcat(cancel, text + strlen("INVITE"));
	memcpy(strstr(cancel, "7 INVITE"), "7 CANCEL", 8);
	edge_from_client(bench.edge, cancel, strlen(cancel), &phone.at);
	edge_bench_turn(&bench);
	expect_at_server("CANCEL");
	expect_header(&server, "CSeq", "8 CANCEL");
	strcpy(text, strstr(edge_party_header(invite, "Via"), "branch="));
	text[strcspn(text, ";")] = '\0';
	ck_assert_ptr_nonnull(strstr(edge_party_header(server.heard, "Via"), text));
	expect_at_phone("200");
	expect_at_phone("487");
	expect_header(&phone, "CSeq", "7 INVITE");
}
END_TEST

static void add(TCase *tcase)
{
	tcase_set_timeout(tcase, 600);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, B9_ten_thousand_dialogs_are_bounded_and_each_is_hung_up);
	tcase_add_test(tcase, each_2xx_of_a_fork_reaches_the_phone_and_its_ACK_the_callee);
	tcase_add_test(tcase, what_a_datagram_has_behind_its_body_goes_nowhere);
	tcase_add_test(tcase, B4b_a_challenged_call_is_sent_again_with_the_password_of_the_line);
	tcase_add_test(tcase, B9_the_CSeq_of_a_challenged_call_stays_right_without_a_memory);
	tcase_add_test(tcase, B21c_a_realm_of_nobody_here_is_the_phones_to_answer);
	tcase_add_test(tcase, B4b_a_phone_that_has_credentials_answers_itself);
	tcase_add_test(tcase, B22e_a_server_that_wants_no_password_of_ours_is_not_asked_for_ever);
	tcase_add_test(tcase, a_CANCEL_follows_its_INVITE_through_a_challenge);
}

int main(void)
{
	return tap_main("edge_calls", add);
}
