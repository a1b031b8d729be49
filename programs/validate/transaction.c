/* SPDX-License-Identifier: MIT */
/* transaction.c - packets of one attempt: how many, when, and when no more. */
#include <string.h>
#include "bench.h"

#define EARLY_US 3000u /* a millisecond may be rounded, twice */

static struct packet_in *sent(struct bench *bench, const struct failover_attempt *attempt,
			      int server)
{
	bench_send(bench, attempt);
	return loop_request(bench, server, "REGISTER");
}

static void answered(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct failover_attempt other = bench_attempt(bench, FAILOVER_OPTIONS, 1);
	struct packet_in *packet = sent(bench, &attempt, 0), *options;

	bench_send(bench, &other);
	options = loop_request(bench, 1, "OPTIONS");
	wire_answer(bench, options, 200, "");
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
	loop_answer(bench, &other, 200);
	BENCH_WANT(bench, bench->news_count == 2, "%u news of two answers", bench->news_count);
}

/* T1, then doubled up to T2. Counted from before send(): a process that has to wait for a processor
 * is late then, never early. */
static void intervals(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	uint64_t due = 0, interval = BENCH_T1_MS, t2 = 2 * BENCH_T1_MS, until, start;
	struct packet_in *packet;
	unsigned i;

	attempt.transmissions = 5;
	start = wire_now_us();
	packet = sent(bench, &attempt, 0);
	for (i = 1; i < 5; i++) {
		due += interval;
		interval = interval * 2 > t2 ? t2 : interval * 2;
		until = host_now_ms(bench) + BENCH_COME_MS;
		while (packet->count <= i && host_now_ms(bench) < until)
			loop_turn(bench, BENCH_T1_MS);
		BENCH_WANT(bench, packet->count > i, "packet %u did not come", i + 1);
		BENCH_WANT(bench, packet->at[i] + EARLY_US >= start + due * 1000,
			   "packet %u left after %u ms, due at %u ms", i + 1,
			   (unsigned)((packet->at[i] - start) / 1000), (unsigned)due);
	}
}

static void limits(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);

	attempt.transmissions = 2;
	sent(bench, &attempt, 0);
	loop_run(bench, 9 * BENCH_T1_MS);
	BENCH_WANT(bench, loop_packets(bench) <= 2, "%u packets for transmissions = 2",
		   loop_packets(bench));
}

static void counts(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);

	sent(bench, &attempt, 0);
	loop_run(bench, 9 * BENCH_T1_MS);
	bench_timeout(bench, &attempt, FAILOVER_ABANDON_BUDGET);
	loop_run(bench, 2);
	BENCH_WANT(bench, bench->sent == loop_packets(bench),
		   "`sent` was called %u times for %u packets", bench->sent, loop_packets(bench));
}

static void stops(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	int rc;

	attempt.transmissions = 0;
	sent(bench, &attempt, 0);
	loop_mark(bench);
	rc = bench_timeout(bench, &attempt, FAILOVER_ABANDON_BUDGET);
	BENCH_WANT(bench, !rc, "timeout returned %d", rc);
	loop_quiet(bench, 8 * BENCH_T1_MS, "after timeout()");
}

static void silent(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);

	attempt.flags = FAILOVER_ATTEMPT_LAST;
	attempt.transmissions = 0;
	attempt.budget_ms = 64 * BENCH_T1_MS;
	sent(bench, &attempt, 0);
	loop_run(bench, 10 * BENCH_T1_MS);
	BENCH_WANT(bench, !loop_news(bench, &attempt),
		   "news of a silent server, before 64*T1: kind %d, status %u, reason %u",
		   bench->news[0].kind, bench->news[0].answer.status, bench->news[0].reason);
}

static void provisional(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *packet = sent(bench, &attempt, 0);

	wire_answer(bench, packet, 100, "");
	loop_answer(bench, &attempt, 100);
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
}

static void answers_twice(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *packet = sent(bench, &attempt, 0);

	wire_answer(bench, packet, 200, "");
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
	wire_answer(bench, packet, 200, "");
	loop_run(bench, BENCH_T1_MS);
	BENCH_WANT(bench, !loop_news(bench, &attempt), "the same 200 was reported again");
}

/* B7c: it may be reported, and the verdict is LATE; nothing more comes of it. */
static void late_answer(struct bench *bench)
{
	struct failover_attempt first = bench_attempt(bench, FAILOVER_REGISTER, 2), second;
	struct packet_in *one = sent(bench, &first, 2), *two;
	unsigned packets;

	bench_timeout(bench, &first, FAILOVER_ABANDON_BUDGET);
	second = bench_next(bench, &first, 0);
	two = sent(bench, &second, 0);
	wire_answer(bench, two, 200, "");
	loop_answer(bench, &second, 200);
	wire_read(bench);
	packets = loop_packets(bench);
	wire_answer(bench, one, 200, "Expires: 5\r\n");
	wire_answer(bench, one, 401,
		    "WWW-Authenticate: Digest realm=\"" BENCH_REALM "\", nonce=\"n1\"\r\n");
	loop_run(bench, 4 * BENCH_T1_MS);
	BENCH_WANT(bench, loop_packets(bench) == packets, "a late answer made it send a packet");
	BENCH_WANT(bench, !loop_news(bench, &second),
		   "a late answer was reported of another attempt");
}

const struct check transaction_checks[] = {
	{ "answered", "B18", "an answer is reported once, of the attempt that it belongs to",
	  NEED_SIP, answered },
	{ "intervals", "B3b", "retransmissions at T1, doubled up to T2; none early",
	  NEED_SIP | NEED_OWNS, intervals },
	{ "limits", "B3a", "never more packets than attempt.transmissions", NEED_SIP | NEED_LIMITS,
	  limits },
	{ "counts", "B3b", "`sent` is called for every packet", NEED_SIP | NEED_COUNTS, counts },
	{ "stops", "B6c", "after timeout() no packet of a REGISTER leaves", NEED_SIP | NEED_STOPS,
	  stops },
	{ "silent", "B3e", "silence is the core's to judge: nothing is reported", NEED_SIP,
	  silent },
	{ "provisional", "B4a", "a provisional response is reported, and the final one after it",
	  NEED_SIP, provisional },
	{ "answers-twice", "B18", "an answer that comes again is not reported again", NEED_SIP,
	  answers_twice },
	{ "late-answer", "B7c", "a late answer to a REGISTER makes it send nothing", NEED_SIP,
	  late_answer },
	{ 0 },
};
