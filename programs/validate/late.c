/* SPDX-License-Identifier: MIT */
/* late.c - INVITEs that the core has left behind (B7a, B7b): no ghost call may stay. */
#include <string.h>
#include "bench.h"

#define REMOTE_CONTACT "Contact: <sip:bob@192.0.2.9:5090>\r\n"

struct left {
	struct failover_attempt attempt;
	struct packet_in *invite;
};

static struct left dial(struct bench *bench)
{
	struct left out = { .attempt = bench_attempt(bench, FAILOVER_INVITE, 0) };
	uint64_t call = 0;
	int rc = bench->calls->call_new(bench->inst, 1, "1002", NULL, &call);

	BENCH_WANT(bench, !rc && call, "call_new returned %d", rc);
	out.attempt.cookie = call;
	bench_send(bench, &out.attempt);
	out.invite = loop_request(bench, 0, "INVITE");
	return out;
}

/* An INVITE whose budget is spent; what had left before lies in the server's socket. */
static struct left leave(struct bench *bench)
{
	struct left out = dial(bench);

	bench_timeout(bench, &out.attempt, FAILOVER_ABANDON_BUDGET);
	loop_run(bench, BENCH_T1_MS);
	return out;
}

static void want_cancel(struct bench *bench, const struct left *left)
{
	struct packet_in *cancel = loop_request(bench, 0, "CANCEL");

	BENCH_WANT(bench, !strcmp(cancel->sip.branch, left->invite->sip.branch),
		   "CANCEL has another branch than its INVITE");
	wire_answer(bench, cancel, 200, "");
}

static void late_180(struct bench *bench)
{
	struct left left = leave(bench);

	wire_answer(bench, left.invite, 180, "");
	want_cancel(bench, &left);
	wire_answer(bench, left.invite, 487, "");
	loop_request(bench, 0, "ACK");
}

static void late_200(struct bench *bench)
{
	struct left left = leave(bench);
	struct packet_in *ack, *bye;
	char uri[BENCH_TEXT];

	wire_answer(bench, left.invite, 200, REMOTE_CONTACT);
	ack = loop_request(bench, 0, "ACK");
	bye = loop_request(bench, 0, "BYE");
	BENCH_WANT(bench, wire_same_header(ack, bye, "To") && wire_same_header(ack, bye, "Call-ID"),
		   "the BYE is not in the dialog of the late 200");
	BENCH_WANT(bench, !strcmp(wire_uri(bye, uri), "sip:bob@192.0.2.9:5090"), "BYE goes to %s",
		   uri);
	wire_answer(bench, bye, 200, "");
	loop_run(bench, BENCH_T1_MS);
	BENCH_WANT(bench, bench->news_count == 1, "%u news of one late 200", bench->news_count);
}

static void late_486(struct bench *bench)
{
	struct left left = leave(bench);
	struct packet_in *ack;

	loop_mark(bench);
	wire_answer(bench, left.invite, 486, "");
	ack = loop_request(bench, 0, "ACK");
	BENCH_WANT(bench, !strcmp(ack->sip.branch, left.invite->sip.branch),
		   "the ACK has another branch than its INVITE");
	loop_run(bench, BENCH_T1_MS);
	if (loop_news(bench, &left.attempt)) /* it may be told, with the verdict LATE */
		loop_answer(bench, &left.attempt, 486);
	loop_quiet(bench, 3 * BENCH_T1_MS, "after the ACK of a late 486");
}

/* B7b: the verdict is KEEP although the budget was spent: it is the call. */
static void adopted(struct bench *bench)
{
	struct left left = leave(bench);

	bench->late_until = 0;
	loop_mark(bench);
	wire_answer(bench, left.invite, 200, REMOTE_CONTACT);
	loop_request(bench, 0, "ACK");
	loop_answer(bench, &left.attempt, 200);
	loop_quiet(bench, 4 * BENCH_T1_MS, "after a late 200 that was adopted");
}

static void ringing_left(struct bench *bench)
{
	struct left left = dial(bench);

	wire_answer(bench, left.invite, 180, "");
	loop_answer(bench, &left.attempt, 180);
	bench_timeout(bench, &left.attempt, FAILOVER_ABANDON_ADOPTED);
	want_cancel(bench, &left);
}

const struct check late_checks[] = {
	{ "late-180", "B7a", "a late 180 is answered with CANCEL on its branch", NEED_CALLS,
	  late_180 },
	{ "late-200", "B7a", "a late 200 is answered with ACK, then BYE", NEED_CALLS, late_200 },
	{ "late-486", "B7a", "a late failure is answered with ACK", NEED_CALLS, late_486 },
	{ "adopted", "B7b", "a late 200 with the verdict KEEP is the call: ACK, no BYE", NEED_CALLS,
	  adopted },
	{ "ringing-left", "B7b", "a ringing INVITE that is left is cancelled at once", NEED_CALLS,
	  ringing_left },
	{ 0 },
};
