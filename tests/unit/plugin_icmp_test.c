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
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);

	if (fd < 0) /* who may forge, is root */
		return;
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
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);

	if (fd < 0)
		return;
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

static void add(TCase *tcase)
{
	(void)tcase;
}

int main(void)
{
	const struct bench_need needs[] = {
		{ B4_the_packet_after_an_error_leaves_and_blames_nobody,
		  FAILOVER_CAP_REPORTS_ICMP },
		{ B21b_an_error_of_the_empty_keep_alive_starts_a_registration,
		  FAILOVER_CAP_REPORTS_ICMP },
		{ B21b_a_blind_error_unregisters_nobody, FAILOVER_CAP_REPORTS_ICMP },
		{ B21b_two_errors_without_a_quote_for_two_packets_count,
		  FAILOVER_CAP_REPORTS_ICMP },
	};

	return bench_main_needs("icmp", add, needs, sizeof(needs) / sizeof(needs[0]));
}
