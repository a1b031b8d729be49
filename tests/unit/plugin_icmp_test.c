/* SPDX-License-Identifier: MIT */
/* plugin_icmp_test.c - ICMP errors of datagrams: whom they concern, and which count (B4, B21b). */
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>
#include "plugin_bench.h"

#define TURNS 1000 /* of 10 ms: for what must come */

static void bury(struct bench *bench, int peer)
{
	close(bench->peers[peer].fd);
	bench->peers[peer].fd = -1;
}

static void send_to(struct bench *bench, uint32_t method, int peer, uint64_t id)
{
	struct failover_attempt attempt = bench_attempt(bench, method, peer, id);

	bench_send(bench, &attempt);
}

static void register_at(struct bench *bench, int peer, uint64_t id)
{
	char text[BENCH_TEXT];

	send_to(bench, FAILOVER_REGISTER, peer, id);
	peer_expect(bench, peer, "REGISTER", text);
	peer_answer(bench, peer, text, "200 OK", "");
	ck_assert_uint_eq(bench_last(bench)->attempt, id);
}

static void expect_unreachable(struct bench *bench, unsigned count)
{
	int turns = TURNS;

	while (turns-- && bench->unreachable < count)
		bench_turn(bench, 10);
	bench_pump(bench);
	ck_assert_uint_eq(bench->unreachable, count);
}

/* ---- real errors -------------------------------------------------------------------------- */

/* The socket reports the error of the dead one's packet at the next send, which goes elsewhere. */
START_TEST(B4_the_packet_after_an_error_leaves_and_blames_nobody)
{
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open(&bench);
	bury(&bench, 0);
	send_to(&bench, FAILOVER_REGISTER, 0, 1);
	send_to(&bench, FAILOVER_OPTIONS, 1, 2);
	peer_expect(&bench, 1, "OPTIONS", text);
	ck_assert_uint_eq(bench.unreachable, 0); /* not even the dead one, before process() */
	send_to(&bench, FAILOVER_OPTIONS, 0, 3);
	send_to(&bench, FAILOVER_OPTIONS, 0, 4);
	send_to(&bench, FAILOVER_OPTIONS, 0, 5);
	send_to(&bench, FAILOVER_OPTIONS, 2, 6);
	peer_expect(&bench, 2, "OPTIONS", text);
	expect_unreachable(&bench, 4);
	ck_assert_uint_eq(bench.sent_of[2], 1);
	ck_assert_uint_eq(bench.sent_of[6], 1);
	bench_advance(&bench, 500); /* timer E finds the same */
	peer_expect(&bench, 1, "OPTIONS", text);
	peer_expect(&bench, 2, "OPTIONS", text);
	peer_answer(&bench, 2, text, "200 OK", "");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 6);
	ck_assert_uint_eq(bench.unreachable, 4);
	bench_close(&bench);
}
END_TEST

/* Nobody else can end that call, and an error may be a router's that has forgotten the way. */
START_TEST(B7a_an_error_does_not_lose_the_bye_of_a_late_200)
{
	struct bench bench;
	struct sockaddr_in at;
	socklen_t size = sizeof(at);
	char text[BENCH_TEXT], got[BENCH_TEXT];

	bench_open(&bench);
	bench_invite(&bench, bench_dial(&bench, "1002"), 0, 1, text);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	bench.late[0] = 1;
	peer_answer(&bench, 0, text, "200 OK",
		    "Contact: <sip:bob@192.0.2.9:5070>\r\nRecord-Route: <sip:p0.example;lr>\r\n");
	peer_expect(&bench, 0, "ACK", got);
	peer_expect(&bench, 0, "BYE", got);
	ck_assert_int_eq(getsockname(bench.peers[0].fd, (struct sockaddr *)&at, &size), 0);
	bury(&bench, 0);
	bench_advance(&bench, 500); /* timer E */
	bench_turn(&bench, 10000);
	bench_pump(&bench);
	bench.peers[0].fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(bench.peers[0].fd, (struct sockaddr *)&at, size), 0);
	bench_advance(&bench, 1000);
	peer_expect(&bench, 0, "BYE", got);
	peer_answer(&bench, 0, got, "200 OK", "");
	bench_advance(&bench, 4000);
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.unreachable, 0);
	bench_close(&bench);
}
END_TEST

#define LINES 24

/* Lines 1 to LINES, each with a user of its own, all with the same servers. */
static void set_lines(struct bench *bench)
{
	struct failover_target targets[] = { bench->peers[0].target, bench->peers[1].target };
	struct failover_registrar_identity registrars[2] = {
		{ sizeof(registrars[0]), 0, "127.0.0.11", FAILOVER_UDP, 0 },
		{ sizeof(registrars[0]), 0, "127.0.0.12", FAILOVER_UDP, 0 },
	};
	char user[16];
	uint32_t line;

	for (line = 1; line <= LINES; line++) {
		struct failover_line_identity identity = { .size = sizeof(identity),
							   .line = line,
							   .user = user,
							   .domain = "primary.example",
							   .registrars = registrars,
							   .registrars_count = 2 };

		snprintf(user, sizeof(user), "%u", (unsigned)(2000 + line));
		ck_assert_int_eq(bench->lines->line_set(bench->inst, &identity), 0);
		ck_assert_int_eq(bench->lines->line_targets(bench->inst, line, targets, 2), 0);
	}
}

static void register_line(struct bench *bench, uint32_t line, int peer, uint64_t id)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, peer, id);

	attempt.line = line;
	attempt.request = 100 + line;
	bench_send(bench, &attempt);
}

/* Exactly one packet of each line has come, and no other. */
static void expect_one_of_each_line(struct bench *bench, int peer)
{
	unsigned of_line[LINES + 1] = { 0 }, line, i;
	char text[BENCH_TEXT], value[512];

	for (i = 0; i < LINES; i++) {
		peer_expect(bench, peer, "REGISTER", text);
		ck_assert_int_eq(sscanf(strchr(header_of(text, "To", value), ':'), ":%u@", &line),
				 1);
		ck_assert_uint_gt(line, 2000);
		ck_assert_uint_le(line, 2000 + LINES);
		of_line[line - 2000]++;
	}
	for (line = 1; line <= LINES; line++)
		ck_assert_uint_eq(of_line[line], 1);
	peer_expect_none(bench, peer);
}

/* Each packet to the healthy server has the error of one to the dead server before it: all leave,
 * the first ones and the retransmissions, once each. */
START_TEST(B4_no_packet_of_many_lines_is_lost_to_a_dead_servers_errors)
{
	struct bench bench;
	uint32_t line;

	bench_open(&bench);
	set_lines(&bench);
	bury(&bench, 0);
	for (line = 1; line <= LINES; line++) {
		register_line(&bench, line, 0, 100 + line);
		register_line(&bench, line, 1, 200 + line);
	}
	expect_one_of_each_line(&bench, 1);
	expect_unreachable(&bench, LINES);
	for (line = 1; line <= LINES; line++) /* and in front of timer E, too */
		register_line(&bench, line, 0, 300 + line);
	bench_advance(&bench, 500);
	expect_one_of_each_line(&bench, 1);
	expect_unreachable(&bench, 2 * LINES);
	bench_close(&bench);
}
END_TEST

static void expect_lost(struct bench *bench)
{
	int turns = TURNS;

	while (turns-- && !bench->lost)
		bench_turn(bench, 10);
	ck_assert_uint_eq(bench->lost, 1);
	ck_assert_uint_eq(bench->lost_line, 1);
}

START_TEST(B21b_an_error_of_the_empty_keep_alive_starts_a_registration)
{
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open(&bench);
	bench.keepalive_s = 15;
	bench_identity(&bench, "secret", NULL);
	register_at(&bench, 1, 1);
	bench_advance(&bench, 15000);
	peer_expect(&bench, 1, "\r\n\r\n", text);
	bury(&bench, 1);
	bench_advance(&bench, 15000);
	expect_lost(&bench);
	ck_assert_uint_eq(bench.lost_target.port, bench.peers[1].target.port);
	ck_assert_uint_eq(bench.unreachable, 0);
	bench_close(&bench);
}
END_TEST

/* ---- errors that somebody makes up -------------------------------------------------------- */

struct forgery {
	struct icmphdr icmp;
	struct iphdr ip;
	struct udphdr udp;
	char quote[128];
};

static uint16_t checksum(const void *bytes, size_t count)
{
	const unsigned char *at = bytes;
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < count; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* "Port unreachable" for a packet from here to this peer, which the socket never sent. */
static void forge(struct bench *bench, int peer, const char *quote, int fd)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct forgery forgery = { .icmp = { .type = ICMP_DEST_UNREACH, .code = ICMP_PORT_UNREACH },
				   .ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = 17 } };
	size_t length = offsetof(struct forgery, quote) + strlen(quote);

	memcpy(&forgery.ip.saddr, bench->local.address, 4);
	memcpy(&forgery.ip.daddr, bench->peers[peer].target.address, 4);
	forgery.ip.tot_len = htons((uint16_t)(length - offsetof(struct forgery, ip)));
	forgery.udp.source = htons(bench->local.port);
	forgery.udp.dest = htons(bench->peers[peer].target.port);
	forgery.udp.len = htons((uint16_t)(sizeof(forgery.udp) + strlen(quote)));
	memcpy(forgery.quote, quote, strlen(quote));
	forgery.icmp.checksum = checksum(&forgery, length);
	memcpy(&to.sin_addr, bench->local.address, 4);
	ck_assert_int_eq(sendto(fd, &forgery, length, 0, (struct sockaddr *)&to, sizeof(to)),
			 (ssize_t)length);
	bench_turn(bench, 10000); /* it is there: errors wake the loop */
	bench_pump(bench);
}

START_TEST(B21b_a_blind_error_unregisters_nobody)
{
	struct bench bench;
	char text[BENCH_TEXT];
	int fd;

	ck_assert_int_eq(alone_enter(ALONE_NETWORK), 0);
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	ck_assert_int_ge(fd, 0);
	bench_open(&bench);
	send_to(&bench, FAILOVER_REGISTER, 0, 1);
	peer_expect(&bench, 0, "REGISTER", text);
	forge(&bench, 0, "", fd);
	forge(&bench, 0, "", fd);
	forge(&bench, 0, "REGISTER sip:primary.example:5060 SIP/2.0\r\n", fd);
	forge(&bench, 0, "\r\n\r\n", fd);
	ck_assert_uint_eq(bench.unreachable + bench.lost, 0);
	peer_answer(&bench, 0, text, "200 OK", "");
	ck_assert_uint_eq(bench.answers_count, 1);
	bench_advance(&bench, 30000);
	forge(&bench, 0, "", fd); /* nobody waits, and no CRLF was sent */
	forge(&bench, 0, "\r\n\r\n", fd);
	ck_assert_uint_eq(bench.unreachable + bench.lost, 0);
	bench_close(&bench);
	close(fd);
}
END_TEST

START_TEST(B21b_two_errors_without_a_quote_for_two_packets_count)
{
	struct bench bench;
	char text[BENCH_TEXT];
	int fd;

	ck_assert_int_eq(alone_enter(ALONE_NETWORK), 0);
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	ck_assert_int_ge(fd, 0);
	bench_open(&bench);
	send_to(&bench, FAILOVER_REGISTER, 0, 1);
	peer_expect(&bench, 0, "REGISTER", text);
	forge(&bench, 0, "", fd); /* an old router's */
	bench_advance(&bench, 500);
	peer_expect(&bench, 0, "REGISTER", text);
	ck_assert_uint_eq(bench.unreachable, 0);
	forge(&bench, 0, "", fd);
	ck_assert_uint_eq(bench.unreachable, 1);
	ck_assert_uint_eq(bench.unreachable_reason, FAILOVER_REASON_ICMP);
	bench_close(&bench);
	close(fd);
}
END_TEST

/* Who may forge is root, of its own network at least. */
static const char *no_network(void)
{
	return alone_refused(ALONE_NETWORK);
}

static void add(TCase *tcase)
{
	(void)tcase;
}

int main(void)
{
	const struct bench_need needs[] = {
		{ B4_the_packet_after_an_error_leaves_and_blames_nobody, FAILOVER_CAP_REPORTS_ICMP,
		  NULL },
		{ B7a_an_error_does_not_lose_the_bye_of_a_late_200, FAILOVER_CAP_REPORTS_ICMP,
		  NULL },
		{ B4_no_packet_of_many_lines_is_lost_to_a_dead_servers_errors,
		  FAILOVER_CAP_REPORTS_ICMP, NULL },
		{ B21b_an_error_of_the_empty_keep_alive_starts_a_registration,
		  FAILOVER_CAP_REPORTS_ICMP, NULL },
		{ B21b_a_blind_error_unregisters_nobody, FAILOVER_CAP_REPORTS_ICMP, no_network },
		{ B21b_two_errors_without_a_quote_for_two_packets_count, FAILOVER_CAP_REPORTS_ICMP,
		  no_network },
	};

	return bench_main_needs("icmp", add, needs, sizeof(needs) / sizeof(needs[0]));
}
