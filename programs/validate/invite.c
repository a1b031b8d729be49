/* SPDX-License-Identifier: MIT */
/* invite.c - calls that the line makes: INVITE, ACK, CANCEL, BYE. */
#include <stdlib.h>
#include <string.h>
#include "bench.h"

#define REMOTE_CONTACT "Contact: <sip:bob@192.0.2.9:5090;x=y>\r\n"
#define REMOTE "sip:bob@192.0.2.9:5090;x=y"
#define ROUTES "Record-Route: <sip:p2.invalid;lr>\r\nRecord-Route: <sip:p1.invalid;lr>\r\n"
#define OFFER                                                                                      \
	"v=0\r\no=- 7 1 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n"                \
	"m=audio 4000 RTP/AVP 0\r\n"

struct dialled {
	struct failover_attempt attempt;
	struct packet_in *invite;
	uint64_t call;
};

static struct dialled dial(struct bench *bench, int server)
{
	struct dialled out = { .attempt = bench_attempt(bench, FAILOVER_INVITE, server) };
	int rc = bench->calls->call_new(bench->inst, 1, "1002", OFFER, &out.call);

	BENCH_WANT(bench, !rc && out.call, "call_new returned %d, call %llu", rc,
		   (unsigned long long)out.call);
	out.attempt.cookie = out.call;
	bench_send(bench, &out.attempt);
	out.invite = loop_request(bench, server, "INVITE");
	return out;
}

/* A call that is up. */
static struct dialled call_up(struct bench *bench, struct packet_in **ack)
{
	struct dialled out = dial(bench, 0);

	wire_answer(bench, out.invite, 200, REMOTE_CONTACT ROUTES);
	loop_answer(bench, &out.attempt, 200);
	*ack = loop_request(bench, 0, "ACK");
	return out;
}

static void invite_form(struct bench *bench)
{
	struct dialled call = dial(bench, 0);
	char value[BENCH_TEXT], uri[BENCH_TEXT];

	wire_check_request(bench, call.invite);
	wire_uri(call.invite, uri);
	BENCH_WANT(bench, !strncmp(uri, "sip:1002@" BENCH_HOST, strlen("sip:1002@" BENCH_HOST)),
		   "the Request-URI is %s", uri);
	BENCH_WANT(bench, strstr(wire_header(call.invite, "Contact", value), "sip:"),
		   "Contact is \"%s\"", value);
	BENCH_WANT(bench,
		   !strcmp(wire_header(call.invite, "Content-Type", value), "application/sdp"),
		   "Content-Type is \"%s\"", value);
	BENCH_WANT(bench, !strcmp(wire_body(call.invite), OFFER), "the body is not the offer");
}

static void progress(struct bench *bench)
{
	struct dialled call = dial(bench, 0);
	struct call_news *news;

	wire_answer(bench, call.invite, 180, "");
	loop_answer(bench, &call.attempt, 180);
	news = loop_call(bench, CALL_PROGRESS);
	BENCH_WANT(bench, news->call == call.call && news->status == 180,
		   "progress of call %llu, status %u", (unsigned long long)news->call,
		   news->status);
}

static void acked(struct bench *bench)
{
	struct packet_in *ack;
	struct dialled call = call_up(bench, &ack);
	char uri[BENCH_TEXT];

	wire_check_request(bench, ack);
	BENCH_WANT(bench, !strcmp(wire_uri(ack, uri), REMOTE),
		   "the ACK goes to %s, not the Contact", uri);
	BENCH_WANT(bench, ack->sip.cseq == call.invite->sip.cseq, "the ACK has CSeq %lu",
		   ack->sip.cseq);
	BENCH_WANT(bench, strcmp(ack->sip.branch, call.invite->sip.branch) != 0,
		   "the ACK of a 2xx has the branch of its INVITE");
	BENCH_WANT(bench, !strcmp(ack->sip.to_tag, "servertag"), "the ACK has To tag \"%s\"",
		   ack->sip.to_tag);
}

static unsigned acks_of(const struct bench *bench)
{
	const struct packet_in *packet;
	unsigned count = 0;

	for (packet = bench->packets; packet; packet = packet->next)
		if (!packet->sip.status && !strcmp(packet->sip.method, "ACK"))
			count += packet->count;
	return count;
}

static void wait_acks(struct bench *bench, unsigned count)
{
	uint64_t until = host_now_ms(bench) + BENCH_COME_MS;

	while (acks_of(bench) < count && host_now_ms(bench) < until)
		loop_turn(bench, BENCH_T1_MS);
	BENCH_WANT(bench, acks_of(bench) >= count, "%u ACKs for %u answers", acks_of(bench), count);
}

static void answered_again(struct bench *bench)
{
	struct packet_in *ack;
	struct dialled call = call_up(bench, &ack);

	wire_answer(bench, call.invite, 200, REMOTE_CONTACT ROUTES);
	wait_acks(bench, 2);
	wire_answer(bench, call.invite, 200, REMOTE_CONTACT ROUTES);
	wait_acks(bench, 3);
	BENCH_WANT(bench, !loop_news(bench, &call.attempt), "a repeated 200 was reported again");
}

static void failure_acked(struct bench *bench)
{
	struct dialled call = dial(bench, 0);
	struct packet_in *ack;

	wire_answer(bench, call.invite, 486, "");
	loop_answer(bench, &call.attempt, 486);
	ack = loop_request(bench, 0, "ACK");
	BENCH_WANT(bench, !strcmp(ack->sip.branch, call.invite->sip.branch),
		   "the ACK of a failure has another branch than its INVITE");
	BENCH_WANT(bench, ack->sip.cseq == call.invite->sip.cseq, "the ACK has CSeq %lu",
		   ack->sip.cseq);
}

static void next_target(struct bench *bench)
{
	struct dialled call = dial(bench, 2);
	struct failover_attempt second = bench_next(bench, &call.attempt, 0);
	struct packet_in *two;
	char a[BENCH_TEXT], b[BENCH_TEXT];

	bench_timeout(bench, &call.attempt, FAILOVER_ABANDON_BUDGET);
	bench_send(bench, &second);
	two = loop_request(bench, 0, "INVITE");
	BENCH_WANT(bench, strcmp(two->sip.branch, call.invite->sip.branch) != 0,
		   "the branch is the same");
	BENCH_WANT(bench, wire_same_header(two, call.invite, "Call-ID"), "Call-ID has changed");
	BENCH_WANT(bench, wire_same_header(two, call.invite, "From"), "From has changed");
	BENCH_WANT(bench, wire_same_header(two, call.invite, "To"), "To has changed");
	BENCH_WANT(bench, wire_same_header(two, call.invite, "CSeq"), "CSeq has changed");
	BENCH_WANT(bench, !strcmp(wire_uri(two, a), wire_uri(call.invite, b)),
		   "the Request-URI has changed");
	BENCH_WANT(bench, !strcmp(wire_body(two), wire_body(call.invite)), "the body has changed");
}

/* ---- CANCEL ------------------------------------------------------------------------------- */

static struct failover_attempt cancel_of(struct bench *bench, const struct dialled *call)
{
	struct failover_attempt cancel = bench_attempt(bench, FAILOVER_CANCEL, 0);

	cancel.cookie = call->call;
	cancel.related = call->attempt.id;
	return cancel;
}

/* B5b: the core sends the CANCEL that a user wants; one too many would hide its timeout. */
static void given_up(struct bench *bench)
{
	struct dialled call = dial(bench, 0);

	wire_answer(bench, call.invite, 180, "");
	loop_answer(bench, &call.attempt, 180);
	loop_mark(bench);
	bench_timeout(bench, &call.attempt, FAILOVER_ABANDON_GIVEN_UP);
	loop_quiet(bench, 3 * BENCH_T1_MS, "after GIVEN_UP, before the core's CANCEL");
}

static void cancel(struct bench *bench)
{
	struct dialled call = dial(bench, 0);
	struct failover_attempt attempt;
	struct packet_in *packet;
	char a[BENCH_TEXT], b[BENCH_TEXT];

	wire_answer(bench, call.invite, 180, "");
	loop_answer(bench, &call.attempt, 180);
	attempt = cancel_of(bench, &call);
	bench_timeout(bench, &call.attempt, FAILOVER_ABANDON_GIVEN_UP);
	bench->late_until = call.attempt.id;
	bench_send(bench, &attempt);
	packet = loop_request(bench, 0, "CANCEL");
	BENCH_WANT(bench, !strcmp(packet->sip.branch, call.invite->sip.branch),
		   "CANCEL has another branch than its INVITE");
	BENCH_WANT(bench, packet->sip.cseq == call.invite->sip.cseq, "CANCEL has CSeq %lu",
		   packet->sip.cseq);
	BENCH_WANT(bench, wire_same_header(packet, call.invite, "Call-ID"), "Call-ID has changed");
	BENCH_WANT(bench, !strcmp(wire_uri(packet, a), wire_uri(call.invite, b)),
		   "the Request-URI has changed");
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
	wire_answer(bench, call.invite, 487, "");
	packet = loop_request(bench, 0, "ACK");
	BENCH_WANT(bench, !strcmp(packet->sip.branch, call.invite->sip.branch),
		   "the ACK of the 487 has another branch than its INVITE");
}

static void no_early_cancel(struct bench *bench)
{
	struct dialled call = dial(bench, 0);

	loop_mark(bench);
	bench_timeout(bench, &call.attempt, FAILOVER_ABANDON_BUDGET);
	loop_quiet(bench, 6 * BENCH_T1_MS, "before any provisional response");
}

/* ---- BYE ---------------------------------------------------------------------------------- */

static struct failover_attempt bye_of(struct bench *bench, const struct dialled *call, int server)
{
	struct failover_attempt bye = bench_attempt(bench, FAILOVER_BYE, server);

	bye.cookie = call->call;
	bye.flags = FAILOVER_ATTEMPT_IN_DIALOG;
	return bye;
}

static void bye_in_dialog(struct bench *bench)
{
	struct packet_in *ack, *bye;
	struct dialled call = call_up(bench, &ack);
	struct failover_attempt attempt = bye_of(bench, &call, 1);
	const char *first, *second;
	char uri[BENCH_TEXT];

	bench_send(bench, &attempt);
	bye = loop_request(bench, 1, "BYE");
	wire_check_request(bench, bye);
	BENCH_WANT(bench, !strcmp(wire_uri(bye, uri), REMOTE), "the Request-URI is %s", uri);
	BENCH_WANT(bench,
		   wire_same_header(bye, ack, "From") && wire_same_header(bye, ack, "To") &&
			   wire_same_header(bye, ack, "Call-ID"),
		   "the BYE is not in the dialog of its ACK");
	BENCH_WANT(bench, bye->sip.cseq > call.invite->sip.cseq, "CSeq %lu is not above %lu",
		   bye->sip.cseq, call.invite->sip.cseq);
	first = strstr(bye->text, "p1.invalid");
	second = strstr(bye->text, "p2.invalid");
	BENCH_WANT(bench, first && second && first < second,
		   "the route set is not the reversed Record-Route");
	wire_answer(bench, bye, 200, "");
	loop_answer(bench, &attempt, 200);
}

static void bye_next_target(struct bench *bench)
{
	struct packet_in *ack, *one, *two;
	struct dialled call = call_up(bench, &ack);
	struct failover_attempt first = bye_of(bench, &call, 0), second;
	char a[BENCH_TEXT], b[BENCH_TEXT];

	bench_send(bench, &first);
	one = loop_request(bench, 0, "BYE");
	bench_timeout(bench, &first, FAILOVER_ABANDON_BUDGET);
	second = bench_next(bench, &first, 1);
	bench_send(bench, &second);
	two = loop_request(bench, 1, "BYE");
	BENCH_WANT(bench, wire_same_header(one, two, "CSeq"), "CSeq has changed");
	BENCH_WANT(bench, wire_same_header(one, two, "Call-ID") && wire_same_header(one, two, "To"),
		   "the dialog has changed");
	BENCH_WANT(bench, !strcmp(wire_uri(one, a), wire_uri(two, b)), "the remote target changed");
	BENCH_WANT(bench, strcmp(one->sip.branch, two->sip.branch) != 0, "the branch is the same");
}

static void call_free(struct bench *bench)
{
	struct packet_in *ack;
	struct dialled call = call_up(bench, &ack);

	loop_mark(bench);
	bench->calls->call_free(bench->inst, call.call);
	bench->calls->call_free(bench->inst, call.call);
	loop_quiet(bench, 4 * BENCH_T1_MS, "after call_free()");
	BENCH_WANT(bench, !bench->call_news_count, "a call event after call_free()");
}

const struct check invite_checks[] = {
	{ "invite-form", "", "an INVITE has Contact and the offer it was given",
	  NEED_CALLS | NEED_OFFER, invite_form },
	{ "progress", "", "a 180 is the event `progress` of its call", NEED_CALLS | NEED_EVENTS,
	  progress },
	{ "ack", "", "a 200 is ACKed: to its Contact, with a branch of its own", NEED_CALLS,
	  acked },
	{ "ack-again", "", "each repeated 200 is ACKed and none is reported again", NEED_CALLS,
	  answered_again },
	{ "ack-failure", "B4c", "a failure is ACKed on the branch of its INVITE", NEED_CALLS,
	  failure_acked },
	{ "invite-next-target", "B7", "the next INVITE is the same but for its branch", NEED_CALLS,
	  next_target },
	{ "given-up", "B5b", "a call given up is not cancelled before the core says so", NEED_CALLS,
	  given_up },
	{ "cancel", "B5b", "CANCEL has the branch of its INVITE; its answer is its own", NEED_CALLS,
	  cancel },
	{ "no-early-cancel", "B7a",
	  "no CANCEL before a provisional response, no INVITE after timeout", NEED_CALLS,
	  no_early_cancel },
	{ "bye", "B9", "BYE has the dialog, remote target and route set of the call", NEED_CALLS,
	  bye_in_dialog },
	{ "bye-next-target", "B7", "the next BYE is the same but for its branch", NEED_CALLS,
	  bye_next_target },
	{ "call-free", "", "call_free sends nothing and tells nothing", NEED_CALLS, call_free },
	{ 0 },
};
