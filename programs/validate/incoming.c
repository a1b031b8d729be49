/* SPDX-License-Identifier: MIT */
/* incoming.c - requests that the servers send to the line. */
#include <stdio.h>
#include <string.h>
#include "bench.h"

#define OFFER                                                                                      \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"                \
	"m=audio 9 RTP/AVP 0\r\n"

/* A request from this server to line 1; to_tag "" = outside of a dialog. */
struct ask {
	const char *method, *branch, *to_tag;
	unsigned cseq;
};

static void say(struct bench *bench, int server, const struct ask *ask)
{
	const struct failover_target *own = &bench->servers[server].target;
	bool invite = !strcmp(ask->method, "INVITE");
	char text[2048];

	snprintf(text, sizeof(text),
		 "%s sip:" BENCH_USER "@127.0.0.1 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 127.0.0.%u:%u;branch=z9hG4bK%s\r\n"
		 "Max-Forwards: 70\r\n"
		 "From: <sip:bob@" BENCH_HOST ">;tag=bob\r\n"
		 "To: <sip:" BENCH_USER "@" BENCH_HOST ">%s%s\r\n"
		 "Call-ID: incoming@validate\r\n"
		 "CSeq: %u %s\r\n"
		 "Contact: <sip:bob@127.0.0.%u:%u>\r\n"
		 "%sContent-Length: %zu\r\n\r\n%s",
		 ask->method, own->address[3], own->port, ask->branch,
		 ask->to_tag[0] ? ";tag=" : "", ask->to_tag, ask->cseq, ask->method,
		 own->address[3], own->port, invite ? "Content-Type: application/sdp\r\n" : "",
		 invite ? strlen(OFFER) : 0, invite ? OFFER : "");
	wire_say(bench, server, text);
}

static const struct ask invite = { "INVITE", "in1", "", 1 };

/* The next response that is no 100. */
static struct packet_in *response(struct bench *bench, int server, int status)
{
	struct packet_in *packet;

	do
		packet = loop_response(bench, server, 0);
	while (packet->sip.status == 100);
	BENCH_WANT(bench, packet->sip.status == status, "the answer to %s is %d, not %d",
		   packet->sip.method, packet->sip.status, status);
	return packet;
}

/* Ring; the 100 that may have come is taken. */
static uint64_t ring(struct bench *bench)
{
	struct packet_in *packet;
	uint64_t call;

	say(bench, 0, &invite);
	call = loop_call(bench, CALL_INCOMING)->call;
	BENCH_WANT(bench, call, "the call has number 0");
	loop_run(bench, 5);
	for (packet = bench->packets; packet; packet = packet->next)
		if (packet->sip.status == 100)
			packet->taken = true;
	return call;
}

static void answer(struct bench *bench, uint64_t call, uint32_t status)
{
	int rc = bench->calls->call_answer(bench->inst, call, status);

	BENCH_WANT(bench, !rc, "call_answer(%u) returned %d", status, rc);
}

/* An incoming call, ringing and then up. Its 200. */
static struct packet_in *accept_call(struct bench *bench, uint64_t *call)
{
	struct packet_in *ok;
	struct ask ack = { "ACK", "in2", "", 1 };

	*call = ring(bench);
	answer(bench, *call, 180);
	response(bench, 0, 180);
	answer(bench, *call, 200);
	ok = response(bench, 0, 200);
	ack.to_tag = ok->sip.to_tag;
	say(bench, 0, &ack);
	return ok;
}

static void answered(struct bench *bench)
{
	uint64_t call;
	struct packet_in *ok = accept_call(bench, &call);
	struct call_news *up;
	char value[BENCH_TEXT];

	BENCH_WANT(bench, ok->sip.to_tag[0], "the 200 has no To tag");
	BENCH_WANT(bench, strstr(wire_header(ok, "Contact", value), "sip:"),
		   "the 200 has no Contact");
	BENCH_WANT(bench, !strncmp(wire_body(ok), "v=0", 3), "the 200 has no session description");
	up = loop_call(bench, CALL_UP);
	BENCH_WANT(bench, up->call == call && up->target.port == bench->servers[0].target.port,
		   "`up` of call %llu through port %u", (unsigned long long)up->call,
		   up->target.port);
}

static void hung_up(struct bench *bench)
{
	uint64_t call;
	struct packet_in *ok = accept_call(bench, &call);
	struct ask bye = { "BYE", "in3", ok->sip.to_tag, 2 };
	struct call_news *news;

	loop_call(bench, CALL_UP);
	say(bench, 0, &bye);
	response(bench, 0, 200);
	news = loop_call(bench, CALL_ENDED);
	BENCH_WANT(bench, news->call == call && !news->status, "`ended` with status %u",
		   news->status);
}

/* The line hangs up a call that came in: BYE goes to the caller's Contact. */
static void hang_up(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_BYE, 0);
	uint64_t call;
	struct packet_in *ok = accept_call(bench, &call), *bye;

	loop_call(bench, CALL_UP);
	attempt.cookie = call;
	attempt.flags = FAILOVER_ATTEMPT_IN_DIALOG;
	bench_send(bench, &attempt);
	bye = loop_request(bench, 0, "BYE");
	BENCH_WANT(bench,
		   !strcmp(bye->sip.from_tag, ok->sip.to_tag) && !strcmp(bye->sip.to_tag, "bob"),
		   "the BYE is not in the dialog of the call: From tag %s, To tag %s",
		   bye->sip.from_tag, bye->sip.to_tag);
	wire_answer(bench, bye, 200, "");
	loop_answer(bench, &attempt, 200);
}

static void refused(struct bench *bench)
{
	uint64_t call = ring(bench);

	answer(bench, call, 486);
	response(bench, 0, 486);
	BENCH_WANT(bench, bench->calls->call_answer(bench->inst, call, 200) < 0,
		   "a call that was refused can be answered again");
}

static void cancelled(struct bench *bench)
{
	struct ask cancel = { "CANCEL", "in1", "", 1 };
	uint64_t call = ring(bench);
	struct packet_in *one, *two;
	struct call_news *news;

	say(bench, 0, &cancel);
	news = loop_call(bench, CALL_ENDED);
	BENCH_WANT(bench, news->call == call && news->status == 487, "`ended` with status %u",
		   news->status);
	one = loop_response(bench, 0, 0);
	two = loop_response(bench, 0, 0);
	if (one->sip.status == 487) { /* either may come first */
		struct packet_in *swap = one;

		one = two;
		two = swap;
	}
	BENCH_WANT(bench, one->sip.status == 200 && two->sip.status == 487, "%d and %d were sent",
		   one->sip.status, two->sip.status);
	BENCH_WANT(bench, !strcmp(one->sip.method, "CANCEL") && !strcmp(two->sip.method, "INVITE"),
		   "200 to %s and 487 to %s", one->sip.method, two->sip.method);
}

/* From an address that is no target of the line. */
static void foreign(struct bench *bench)
{
	struct failover_target only = bench->servers[0].target;
	int rc = bench->lines->line_targets(bench->inst, 1, &only, 1);

	BENCH_WANT(bench, !rc, "line_targets returned %d", rc);
	say(bench, 1, &invite);
	loop_run(bench, 4 * BENCH_T1_MS);
	BENCH_WANT(bench, !bench->call_news_count, "a call from elsewhere rings");
	ring(bench);
}

static void options(struct bench *bench)
{
	static const struct ask ask = { "OPTIONS", "in9", "", 1 };
	struct packet_in *packet;

	say(bench, 0, &ask);
	packet = response(bench, 0, 200);
	BENCH_WANT(bench, packet->sip.cseq == 1 && packet->sip.to_tag[0],
		   "the answer has no To tag or another CSeq");
}

static void heard(struct bench *bench)
{
	static const struct ask ask = { "OPTIONS", "in9", "", 1 };

	say(bench, 0, &ask);
	loop_run(bench, 2 * BENCH_T1_MS);
	BENCH_WANT(bench, bench->heard, "a request of its target was not told by heard()");
	BENCH_WANT(bench, bench->heard_from.port == bench->servers[0].target.port,
		   "heard() names port %u", bench->heard_from.port);
}

/* The same INVITE again is not another call. */
static void rings_once(struct bench *bench)
{
	uint64_t call = ring(bench);

	say(bench, 0, &invite);
	loop_run(bench, 2 * BENCH_T1_MS);
	BENCH_WANT(bench, bench->call_news_count == 1, "an INVITE that came again rings again");
	answer(bench, call, 603);
	response(bench, 0, 603);
}

/* ---- calls from inside -------------------------------------------------------------------- */

static void answer_inside(struct bench *bench)
{
	bench->answer_inside = 486;
	bench->inside_rc = -99;
	say(bench, 0, &invite);
	loop_call(bench, CALL_INCOMING);
	BENCH_WANT(bench, !bench->inside_rc, "call_answer inside `incoming` returned %d",
		   bench->inside_rc);
	response(bench, 0, 486);
}

static void free_inside(struct bench *bench)
{
	struct packet_in *ok;
	struct ask bye = { "BYE", "in3", "", 2 };
	uint64_t call;

	bench->free_inside = true;
	ok = accept_call(bench, &call);
	loop_call(bench, CALL_UP);
	bye.to_tag = ok->sip.to_tag;
	say(bench, 0, &bye);
	loop_response(bench, 0, 481);
	BENCH_WANT(bench, bench->call_news_count == 2, "news of a call that was freed");
}

const struct check incoming_checks[] = {
	{ "incoming", "", "an INVITE rings, 200 has Contact and SDP, its ACK makes it up",
	  NEED_CALLS | NEED_INCOMING, answered },
	{ "incoming-bye", "", "a BYE ends it: 200, and the event `ended`",
	  NEED_CALLS | NEED_INCOMING, hung_up },
	{ "incoming-hang-up", "B9", "the line's BYE is in the dialog of the incoming call",
	  NEED_CALLS | NEED_INCOMING, hang_up },
	{ "incoming-refused", "", "a call that is refused gets that answer, and no other",
	  NEED_CALLS | NEED_INCOMING, refused },
	{ "incoming-cancel", "", "CANCEL: 200 to it, 487 to its INVITE, `ended` with 487",
	  NEED_CALLS | NEED_INCOMING, cancelled },
	{ "incoming-once", "", "an INVITE that comes again does not ring again",
	  NEED_CALLS | NEED_INCOMING, rings_once },
	{ "incoming-foreign", "", "an INVITE from elsewhere than the targets does not ring",
	  NEED_CALLS | NEED_INCOMING, foreign },
	{ "incoming-options", "", "an OPTIONS is answered with 200", NEED_SIP, options },
	{ "heard", "B15a", "a request of a target is told by heard()", NEED_SIP, heard },
	{ "answer-inside", "", "call_answer may be called inside `incoming`",
	  NEED_CALLS | NEED_INCOMING, answer_inside },
	{ "free-inside", "", "call_free may be called inside `up`", NEED_CALLS | NEED_INCOMING,
	  free_inside },
	{ 0 },
};
