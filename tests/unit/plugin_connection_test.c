/* SPDX-License-Identifier: MIT */
/* plugin_connection_test.c - what happens when a connection dies, and what Contact names (B23c,
 * B24b). */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "plugin_wire.h"

/* The port of the plugin's end of this connection, as text. */
static const char *port_of(const struct wire *wire, char out[16])
{
	struct sockaddr_in peer;
	socklen_t length = sizeof(peer);

	ck_assert_int_eq(getpeername(wire->fd, (struct sockaddr *)&peer, &length), 0);
	snprintf(out, 16, ":%u", ntohs(peer.sin_port));
	return out;
}

static void expect_port(const char *value, const char *port)
{
	const char *at = strstr(value, port);

	ck_assert_msg(at && strchr(";>", at[strlen(port)]), "%s is not in %s", port, value);
}

static void send_over(struct bench *bench, const struct wire *wire, uint32_t method, uint64_t id)
{
	struct failover_attempt attempt = wire_attempt(bench, wire, method, id);

	bench_send(bench, &attempt);
}

static uint64_t new_call(struct bench *bench)
{
	uint64_t call;

	ck_assert_int_eq(bench->calls->call_new(bench->inst, 1, "1002", NULL, &call), 0);
	return call;
}

/* ---- Contact ------------------------------------------------------------------------------ */

START_TEST(B24b_contact_names_the_port_of_the_connection)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], value[512], port[16], own[16];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	send_over(&bench, &wire, FAILOVER_REGISTER, 1);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "REGISTER", text);
	port_of(&wire, port);
	expect_port(header_of(text, "Contact", value), port);
	ck_assert_ptr_nonnull(strstr(value, ";transport=tcp"));
	ck_assert_uint_eq(headers_in(text, "Contact"), 1);
	snprintf(own, sizeof(own), ":%u", bench.local.port);
	expect_port(header_of(text, "Via", value), own); /* responses come there (18.2.2) */
	wire_answer(&bench, &wire, text, "200 OK");
	attempt = wire_attempt(&bench, &wire, FAILOVER_INVITE, 2);
	attempt.cookie = new_call(&bench);
	bench_send(&bench, &attempt);
	wire_expect(&bench, &wire, "INVITE", text);
	expect_port(header_of(text, "Contact", value), port);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B24b_the_answer_to_a_call_names_the_connection_that_it_came_by)
{
	static const char invite[] =
		"INVITE sip:1001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP "
		"127.0.0.11;branch=z9hG4bKx\r\n"
		"From: <sip:a@b.example>;tag=1\r\nTo: <sip:1001@127.0.0.1>\r\nCall-ID: c\r\n"
		"CSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.11>\r\nContent-Length: 0\r\n\r\n";
	struct bench bench;
	struct wire wire;
	char text[BENCH_TEXT], value[512], port[16];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	wire_write(&bench, &wire, invite, sizeof(invite) - 1);
	wire_expect(&bench, &wire, "SIP/2.0 100 ", text);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), 0);
	wire_expect(&bench, &wire, "SIP/2.0 200 ", text);
	expect_port(header_of(text, "Contact", value), port_of(&wire, port));
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B24b_a_new_connection_ends_the_binding_of_the_old_one)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], first[16], second[16], value[512], removed[64];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	port_of(&wire, first);
	wire_reset(&wire);
	wire_expect_lost(&bench, &wire, 1);
	send_over(&bench, &wire, FAILOVER_REGISTER, 2);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "REGISTER", text);
	expect_port(header_of(text, "Contact", value), port_of(&wire, second));
	ck_assert_uint_eq(headers_in(text, "Contact"), 2);
	snprintf(removed, sizeof(removed), "%s;transport=tcp>;expires=0\r\n", first);
	ck_assert_ptr_nonnull(strstr(text, removed));
	wire_answer(&bench, &wire, text, "200 OK");
	send_over(&bench, &wire, FAILOVER_REGISTER, 3); /* it has gone */
	wire_expect(&bench, &wire, "REGISTER", text);
	ck_assert_uint_eq(headers_in(text, "Contact"), 1);
	wire_answer(&bench, &wire, text, "200 OK");
	wire_reset(&wire);
	wire_expect_lost(&bench, &wire, 2);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 5);
	attempt.expires_s = 0;
	bench_send(&bench, &attempt); /* B11b: what is removed, is what is there */
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "REGISTER", text);
	expect_port(header_of(text, "Contact", value), second);
	ck_assert_uint_eq(headers_in(text, "Contact"), 1);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

/* ---- a connection that ends without a byte (B23c) ----------------------------------------- */

START_TEST(B23c_a_request_on_a_reused_connection_that_ends_is_sent_once_more)
{
	struct bench bench;
	struct wire wire;
	char first[BENCH_TEXT], second[BENCH_TEXT], a[512], b[512];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	send_over(&bench, &wire, FAILOVER_OPTIONS, 2);
	wire_expect(&bench, &wire, "OPTIONS", first);
	wire_reset(&wire);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "OPTIONS", second);
	ck_assert_uint_eq(bench.unreachable, 0);
	ck_assert(same_header(first, second, "Call-ID"));
	ck_assert(same_header(first, second, "CSeq"));
	ck_assert_str_ne(branch_of(first, a), branch_of(second, b));
	ck_assert_uint_eq(bench.sent_of[2], 2);
	wire_answer(&bench, &wire, second, "200 OK");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 2);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B23c_once_and_not_on_the_new_one)
{
	struct bench bench;
	struct wire wire;
	char text[BENCH_TEXT];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	send_over(&bench, &wire, FAILOVER_OPTIONS, 2);
	wire_expect(&bench, &wire, "OPTIONS", text);
	wire_reset(&wire);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "OPTIONS", text);
	wire_reset(&wire);
	wire_expect_unreachable(&bench, 2, FAILOVER_REASON_RESET);
	wire_accept_none(&bench, &wire);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B23c_a_register_that_is_sent_once_more_has_the_next_cseq)
{
	struct bench bench;
	struct wire wire;
	char first[BENCH_TEXT], second[BENCH_TEXT], port[16], value[512];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	send_over(&bench, &wire, FAILOVER_REGISTER, 2);
	wire_expect(&bench, &wire, "REGISTER", first);
	wire_reset(&wire);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "REGISTER", second);
	ck_assert(same_header(first, second, "Call-ID"));
	ck_assert_uint_eq(cseq_of(second), cseq_of(first) + 1);
	expect_port(header_of(second, "Contact", value), port_of(&wire, port));
	ck_assert_uint_eq(headers_in(second, "Contact"), 2);
	wire_answer(&bench, &wire, second, "200 OK");
	ck_assert_uint_eq(bench_last(&bench)->answer.expires_s, 3600);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B23c_B7a_an_invite_that_is_sent_once_more_leaves_no_ghost)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char first[BENCH_TEXT], second[BENCH_TEXT], text[BENCH_TEXT], answer[BENCH_TEXT];
	size_t length;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	attempt = wire_attempt(&bench, &wire, FAILOVER_INVITE, 2);
	attempt.cookie = new_call(&bench);
	bench_send(&bench, &attempt);
	wire_expect(&bench, &wire, "INVITE", first);
	wire_reset(&wire);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "INVITE", second);
	ck_assert(same_header(first, second, "Call-ID"));
	ck_assert(same_header(first, second, "CSeq"));
	ck_assert(same_header(first, second, "From"));
	/* The first had arrived, too: it is cancelled. */
	length = wire_response(first, "180 Ringing", "", answer);
	wire_write(&bench, &wire, answer, length);
	wire_expect(&bench, &wire, "CANCEL", text);
	ck_assert_uint_eq(bench.progress, 0);
	length = wire_response(second, "200 OK", "Contact: <sip:x@127.0.0.11>\r\n", answer);
	wire_write(&bench, &wire, answer, length);
	wire_expect(&bench, &wire, "ACK", text);
	ck_assert_uint_eq(bench_last(&bench)->attempt, 2);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

/* ---- a connection that is mute (B23c) ----------------------------------------------------- */

static void stays_silent(uint32_t budget_ms, int by_core)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	bench_advance(&bench, 1000);
	attempt = wire_attempt(&bench, &wire, FAILOVER_OPTIONS, 2);
	attempt.budget_ms = budget_ms;
	attempt.flags = FAILOVER_ATTEMPT_LAST;
	bench_send(&bench, &attempt);
	wire_expect(&bench, &wire, "OPTIONS", text);
	bench_advance(&bench, budget_ms);
	if (by_core)
		bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET);
	bench_pump(&bench);
	wire_expect_end(&bench, &wire);
	wire_expect_lost(&bench, &wire, 1); /* the line registers anew */
	close(wire.fd);
	wire.fd = -1;
	wire_register(&bench, &wire, 3);
	wire_close(&wire);
	bench_close(&bench);
}

START_TEST(B23c_a_connection_that_was_silent_for_the_budget_is_closed)
{
	stays_silent(3500, 1);
}
END_TEST

START_TEST(B23c_a_connection_that_was_silent_at_the_only_target_is_closed)
{
	stays_silent(32000, 0); /* timer F comes before the core's word */
}
END_TEST

START_TEST(B23c_a_connection_that_answered_another_request_is_kept)
{
	struct bench bench;
	struct wire wire;
	char first[BENCH_TEXT], text[BENCH_TEXT];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	bench_advance(&bench, 1000);
	send_over(&bench, &wire, FAILOVER_OPTIONS, 2);
	wire_expect(&bench, &wire, "OPTIONS", first);
	bench_advance(&bench, 1000);
	send_over(&bench, &wire, FAILOVER_REGISTER, 3);
	wire_expect(&bench, &wire, "REGISTER", text);
	wire_answer(&bench, &wire, text, "200 OK");
	bench_advance(&bench, 3500);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET);
	bench_pump(&bench);
	ck_assert_uint_eq(bench.lost, 0);
	send_over(&bench, &wire, FAILOVER_REGISTER, 4);
	wire_expect(&bench, &wire, "REGISTER", text);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

/* The system waits longer and longer with the next SYN; the server may be back long before. */
START_TEST(B23e_who_comes_later_does_not_wait_for_a_connection_that_hangs)
{
	struct bench bench;
	struct wire wire;
	char text[BENCH_TEXT];
	int fds[8], tries = 3;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_fill_backlog(&wire, fds);
	send_over(&bench, &wire, FAILOVER_OPTIONS, 1);
	bench_pump(&bench);
	bench_advance(&bench, 2000);
	wire_empty_backlog(&wire, fds);
	send_over(&bench, &wire, FAILOVER_REGISTER, 2);
	do { /* that of the OPTIONS may come before, on a slow machine */
		wire_accept(&bench, &wire);
		text[wire_read(&bench, &wire, text, BENCH_TEXT - 1)] = '\0';
	} while (--tries && strncmp(text, "REGISTER", 8) != 0);
	ck_assert_int_eq(strncmp(text, "REGISTER", 8), 0);
	ck_assert_ptr_null(strstr(text, "OPTIONS sip:"));
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

/* ---- an address that leaves the device (B23c, B24b) --------------------------------------- */

static int run(const char *command)
{
	return system(command);
}

/* A network of its own, where the device has 10.9.0.1 and the server 10.9.0.2. */
static int make_network(void)
{
	return !alone_enter(ALONE_NETWORK) && !run("ip addr add 10.9.0.2/32 dev lo") &&
	       !run("ip addr add 10.9.0.1/32 dev lo") &&
	       !run("ip route replace local 10.9.0.2 dev lo table local src 10.9.0.1");
}

static void move_wire(struct wire *wire)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t length = sizeof(at);

	wire_close(wire);
	inet_pton(AF_INET, "10.9.0.2", &at.sin_addr);
	wire->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(wire->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(wire->listener, 4), 0);
	ck_assert_int_eq(getsockname(wire->listener, (struct sockaddr *)&at, &length), 0);
	wire->target.port = ntohs(at.sin_port);
	memcpy(wire->target.address, &at.sin_addr, 4);
}

/* told = the host says that the network has changed; else the next request finds out. */
static void address_leaves(int told)
{
	struct bench bench;
	struct wire wire;
	char text[BENCH_TEXT], value[512];
	int old;

	ck_assert(make_network());
	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	move_wire(&wire);
	wire_register(&bench, &wire, 1);
	ck_assert_int_eq(run("ip addr del 10.9.0.1/32 dev lo"), 0);
	ck_assert_int_eq(run("ip addr add 10.9.0.3/32 dev lo"), 0);
	ck_assert_int_eq(run("ip route replace local 10.9.0.2 dev lo table local src 10.9.0.3"), 0);
	old = wire.fd;
	wire.fd = -1;
	if (told) {
		bench.io->network_changed(bench.inst);
		wire_expect_lost(&bench, &wire, 1);
	}
	send_over(&bench, &wire, FAILOVER_REGISTER, 2);
	wire_accept(&bench, &wire);
	wire_expect(&bench, &wire, "REGISTER", text);
	ck_assert_ptr_nonnull(strstr(header_of(text, "Contact", value), "@10.9.0.3:"));
	ck_assert_ptr_nonnull(strstr(text, "@10.9.0.1:"));
	ck_assert_uint_eq(bench.unreachable, 0);
	wire_expect_lost(&bench, &wire, 1);
	close(old);
	wire_close(&wire);
	bench_close(&bench);
}

START_TEST(B23c_a_connection_whose_address_has_left_is_dropped_when_that_is_told)
{
	address_leaves(1);
}
END_TEST

START_TEST(B23c_a_connection_whose_address_has_left_gets_no_request)
{
	address_leaves(0);
}
END_TEST

static const char *no_network(void)
{
	return run("ip -V > /dev/null 2>&1") ? "ip is not installed" : alone_refused(ALONE_NETWORK);
}

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B24b_contact_names_the_port_of_the_connection);
	tcase_add_test(tcase, B24b_the_answer_to_a_call_names_the_connection_that_it_came_by);
	tcase_add_test(tcase, B24b_a_new_connection_ends_the_binding_of_the_old_one);
	tcase_add_test(tcase, B23c_a_request_on_a_reused_connection_that_ends_is_sent_once_more);
	tcase_add_test(tcase, B23c_once_and_not_on_the_new_one);
	tcase_add_test(tcase, B23c_a_register_that_is_sent_once_more_has_the_next_cseq);
	tcase_add_test(tcase, B23c_B7a_an_invite_that_is_sent_once_more_leaves_no_ghost);
	tcase_add_test(tcase, B23c_a_connection_that_was_silent_for_the_budget_is_closed);
	tcase_add_test(tcase, B23c_a_connection_that_was_silent_at_the_only_target_is_closed);
	tcase_add_test(tcase, B23c_a_connection_that_answered_another_request_is_kept);
	tcase_add_test(tcase, B23e_who_comes_later_does_not_wait_for_a_connection_that_hangs);
}

int main(void)
{
	const struct bench_need needs[] = {
		{ B23c_a_connection_whose_address_has_left_is_dropped_when_that_is_told, 0,
		  no_network },
		{ B23c_a_connection_whose_address_has_left_gets_no_request, 0, no_network },
	};

	return bench_main_needs("connection", add, needs, sizeof(needs) / sizeof(needs[0]));
}
