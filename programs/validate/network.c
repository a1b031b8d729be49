/* SPDX-License-Identifier: MIT */
/* network.c - where packets go, what comes from a hostile network, and the event loop's manners. */
#include <stdio.h>
#include <string.h>
#include "bench.h"

#define GARBAGE_PACKETS 300
#define GARBAGE_MAX 1400u
#define TURNS_MAX 200u	 /* ten times what timers and packets need */
#define AT_ONCE_MS 2000u /* far less than a budget of the field, far more than ICMP takes */

static struct packet_in *sent(struct bench *bench, const struct failover_attempt *attempt,
			      int server)
{
	bench_send(bench, attempt);
	return loop_request(bench, server, "REGISTER");
}

static void register_works(struct bench *bench, int server)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, server);

	wire_answer(bench, sent(bench, &attempt, server), 200, "");
	loop_answer(bench, &attempt, 200);
}

static void refused(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 1);

	wire_refuse(bench, 1);
	attempt.t1_ms = 4 * AT_ONCE_MS; /* the first packet's error must do */
	attempt.t2_ms = 8 * AT_ONCE_MS;
	if (bench->plugin->send(bench->inst, &attempt) == 0)
		loop_unreachable(bench, &attempt, FAILOVER_REASON_ICMP, AT_ONCE_MS);
	loop_run(bench, 2 * BENCH_T1_MS);
	BENCH_WANT(bench, !loop_news(bench, &attempt), "more news after `unreachable`");
	register_works(bench, 0);
}

/* ---- no other place ----------------------------------------------------------------------- */

static void one_target(struct bench *bench)
{
	static const int statuses[] = { 503, 500, 302, 305 };
	const struct packet_in *packet;
	const char *foreign;
	size_t i;

	places_watch();
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);

		packet = sent(bench, &attempt, 0);
		wire_answer(bench, packet, statuses[i], "Contact: <sip:1001@127.0.0.9:5060>\r\n");
		loop_answer(bench, &attempt, (uint32_t)statuses[i]);
		loop_run(bench, 3 * BENCH_T1_MS);
		foreign = places_foreign(bench, 1u << 0);
		BENCH_WANT(bench, !foreign, "after a %d something was sent to %s", statuses[i],
			   foreign);
	}
	for (packet = bench->packets; packet; packet = packet->next)
		BENCH_WANT(bench, packet->taken, "a %s came that nobody asked for",
			   packet->sip.method);
}

static void no_dns(struct bench *bench)
{
	struct failover_attempt attempt;

	places_watch();
	bench_line(bench, 1, NULL);
	register_works(bench, 0);
	register_works(bench, 2);
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 1);
	sent(bench, &attempt, 1);
	loop_run(bench, 4 * BENCH_T1_MS);
	BENCH_WANT(bench, !places_asked(), "DNS was asked for %s", places_asked());
}

static void idle(struct bench *bench)
{
	places_watch();
	loop_mark(bench);
	loop_quiet(bench, 8 * BENCH_T1_MS, "although nothing was asked for");
	BENCH_WANT(bench, !places_foreign(bench, 0), "something was sent to %s",
		   places_foreign(bench, 0));
}

/* ---- a hostile network -------------------------------------------------------------------- */

static void make_garbage(struct bench *bench, unsigned char *bytes, size_t *count)
{
	static const char *const starts[] = {
		"SIP/2.0 200 OK\r\nVia: ",
		"REGISTER ",
		"INVITE sip:x SIP/2.0\r\n\r\n",
		"\r\n\r\n",
		"SIP/2.0 99999999999999999999 \r\n",
		"SIP/2.0 200 OK\r\nContent-Length: -1\r\n\r\n",
		"SIP/2.0 401 x\r\nWWW-Authenticate: Digest realm=\"\r\nCSeq: 99999999999 X\r\n\r\n",
		""
	};
	const char *start = starts[bench_random(bench) % (sizeof(starts) / sizeof(starts[0]))];
	size_t i;

	*count = bench_random(bench) % GARBAGE_MAX;
	for (i = 0; i < *count; i++)
		bytes[i] = (unsigned char)bench_random(bench);
	if (strlen(start) < *count)
		memcpy(bytes, start, strlen(start));
}

static void garbage(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *packet;
	unsigned char bytes[GARBAGE_MAX];
	size_t count;
	int i;

	attempt.t1_ms = 20 * BENCH_T1_MS; /* its end is not what is looked for */
	packet = sent(bench, &attempt, 0);
	for (i = 0; i < GARBAGE_PACKETS; i++) {
		make_garbage(bench, bytes, &count);
		wire_say_bytes(bench, 0, bytes, count);
		if (i % 10 == 9)
			loop_turn(bench, 1);
	}
	loop_run(bench, BENCH_T1_MS);
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
}

/* What is cut off anywhere must not crash; what is whole but for its end may be taken. */
static void cut_off(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *packet;
	char text[4096];
	size_t length, i;

	attempt.t1_ms = 20 * BENCH_T1_MS; /* its end is not what is looked for */
	packet = sent(bench, &attempt, 0);
	length = wire_answer_text(bench, packet, 200, "Expires: 60\r\n", text);
	for (i = 0; i + 40 < length; i += 7) {
		wire_say_bytes(bench, 0, text, i);
		loop_turn(bench, 0);
	}
	loop_run(bench, BENCH_T1_MS);
	BENCH_WANT(bench, !loop_news(bench, &attempt), "a response without its end was taken");
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
}

/* A branch that is not ours, in a response that is well otherwise. */
static void stray_response(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *packet = sent(bench, &attempt, 0);
	char text[4096], *branch;

	wire_answer_text(bench, packet, 200, "", text);
	branch = strstr(text, packet->sip.branch);
	BENCH_WANT(bench, branch, "the validator does not find the branch");
	branch[strlen(packet->sip.branch) - 1] ^= 1;
	wire_say(bench, 0, text);
	loop_run(bench, BENCH_T1_MS);
	BENCH_WANT(bench, !loop_news(bench, &attempt), "a response to another branch was reported");
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
}

/* ---- lines -------------------------------------------------------------------------------- */

static void unknown_line(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);

	attempt.line = 4711;
	(void)bench->plugin->send(bench->inst, &attempt);
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	attempt.target.registrar = 200;
	(void)bench->plugin->send(bench->inst, &attempt);
	loop_run(bench, 2 * BENCH_T1_MS);
	BENCH_WANT(bench, !loop_packets(bench), "a packet was sent for a line that is not there");
	register_works(bench, 0);
}

/* Whatever a configuration says, one message stays one message. */
static void injection(struct bench *bench)
{
	struct failover_line_identity identity = bench_identity(1, NULL);
	struct failover_attempt attempt;
	int rc;

	identity.display_name = "x\"\r\nX-Injected: 1\r\nY: \"";
	identity.user = "1001\r\nX-Injected: 2";
	rc = bench->lines->line_set(bench->inst, &identity);
	BENCH_WANT(bench, rc <= 0, "line_set returned %d", rc);
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	if (bench->plugin->send(bench->inst, &attempt) == 0)
		BENCH_WANT(bench, !strstr(loop_request(bench, 0, "REGISTER")->text, "\nX-Injected"),
			   "a line break of the configuration has become a header");
}

static void line_remove(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *packet;
	int rc;

	bench_line(bench, 2, NULL);
	packet = sent(bench, &attempt, 0);
	loop_mark(bench);
	bench->lines->line_remove(bench->inst, 1);
	rc = bench_timeout(bench, &attempt, FAILOVER_ABANDON_REMOVED);
	BENCH_WANT(bench, rc >= 0, "timeout returned %d after line_remove", rc);
	if (!rc)
		loop_quiet(bench, 6 * BENCH_T1_MS, "after line_remove() and timeout()");
	wire_answer(bench, packet, 200, "");
	loop_run(bench, BENCH_T1_MS);
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 1);
	attempt.line = 2;
	wire_answer(bench, sent(bench, &attempt, 1), 200, "");
	loop_answer(bench, &attempt, 200);
}

/* ---- the event loop ----------------------------------------------------------------------- */

static void no_spin(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	uint64_t until;
	unsigned turns = 0;

	sent(bench, &attempt, 0);
	until = host_now_ms(bench) + 5 * BENCH_T1_MS;
	while (host_now_ms(bench) < until && ++turns < TURNS_MAX)
		loop_turn(bench, 5 * BENCH_T1_MS);
	BENCH_WANT(bench, turns < TURNS_MAX, "deadline() or a descriptor keeps the loop awake");
}

static void fds_bounds(struct bench *bench)
{
	struct failover_io_fd fds[16];
	uint32_t count, i, max;

	register_works(bench, 0);
	for (max = 0; max < 2; max++) {
		memset(fds, 0x5a, sizeof(fds));
		count = bench->io->fds(bench->inst, fds, max);
		for (i = max; i < 16; i++)
			BENCH_WANT(bench, fds[i].fd == 0x5a5a5a5a && fds[i].events == 0x5a5a5a5a,
				   "fds() has written more than max = %u", max);
		BENCH_WANT(bench, count == bench->io->fds(bench->inst, fds, 16),
			   "the number of descriptors depends on max");
	}
}

static void local(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *packet = sent(bench, &attempt, 0);
	struct failover_target own;
	int rc;

	memset(&own, 0, sizeof(own));
	rc = bench->io->local(bench->inst, FAILOVER_UDP, &own);
	BENCH_WANT(bench, !rc && own.family == 4, "local() returned %d, family %u", rc, own.family);
	BENCH_WANT(bench, own.port == peer_port(&packet->from), "port %u, packets come from %u",
		   own.port, peer_port(&packet->from));
	BENCH_WANT(bench, bench->io->local(bench->inst, 2, &own) < 0,
		   "local() knows transport 2, which does not exist");
}

const struct check network_checks[] = {
	{ "refused", "B3f", "a refused packet is reported as ICMP at once, and once",
	  NEED_SIP | NEED_ICMP, refused },
	{ "one-target", "B6", "no packet to any place but the attempt's target, after 5xx or 3xx",
	  NEED_SIP, one_target },
	{ "no-dns", "B1", "no name is looked up: targets are numeric", NEED_SIP, no_dns },
	{ "idle", "B18", "nothing is sent that was not asked for", NEED_SIP, idle },
	{ "garbage", "", "random bytes do no harm", NEED_SIP, garbage },
	{ "cut-off", "", "a response without its end is not taken", NEED_SIP, cut_off },
	{ "stray-response", "B7c", "a response to an unknown branch is not reported", NEED_SIP,
	  stray_response },
	{ "unknown-line", "", "an attempt of an unknown line or registrar sends nothing", NEED_SIP,
	  unknown_line },
	{ "injection", "", "a line break in the configuration makes no header", NEED_SIP,
	  injection },
	{ "line-remove", "B6c", "a line goes with its requests; the other lines stay",
	  NEED_SIP | NEED_LINES, line_remove },
	{ "no-spin", "", "the event loop sleeps between packets and timers", NEED_SIP, no_spin },
	{ "fds-bounds", "", "fds() writes at most max and returns how many there are", NEED_SIP,
	  fds_bounds },
	{ "local", "", "local() tells the port that packets come from", NEED_SIP | NEED_LOCAL,
	  local },
	{ 0 },
};
