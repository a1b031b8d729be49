/* SPDX-License-Identifier: MIT */
/* register.c - what a REGISTER says, and what is told of its answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

#define REGISTRAR "sip:" BENCH_HOST ":5070"

static struct packet_in *sent(struct bench *bench, const struct failover_attempt *attempt,
			      int server)
{
	bench_send(bench, attempt);
	return loop_request(bench, server, "REGISTER");
}

static void request_form(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *packet = sent(bench, &attempt, 0);
	char value[BENCH_TEXT], aor[] = "sip:" BENCH_USER "@" BENCH_HOST;

	wire_check_request(bench, packet);
	BENCH_WANT(bench, strstr(wire_header(packet, "From", value), aor), "From is %s", value);
	BENCH_WANT(bench, strstr(wire_header(packet, "To", value), aor), "To is %s", value);
	BENCH_WANT(bench, !packet->sip.to_tag[0], "To has a tag");
	BENCH_WANT(bench, strstr(wire_header(packet, "Contact", value), "sip:"), "Contact is %s",
		   value);
	BENCH_WANT(bench, wire_headers(packet, "Via") == 1, "not one Via");
	BENCH_WANT(bench, strstr(wire_header(packet, "Via", value), "SIP/2.0/UDP"), "Via is %s",
		   value);
}

static const char *expires_of(const struct packet_in *packet, char out[BENCH_TEXT])
{
	char contact[BENCH_TEXT];
	const char *at;

	if (wire_header(packet, "Expires", out)[0])
		return out;
	at = strstr(wire_header(packet, "Contact", contact), ";expires=");
	snprintf(out, BENCH_TEXT, "%s", at ? at + 9 : "");
	return out;
}

static void expires(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *packet;
	char value[BENCH_TEXT];

	attempt.expires_s = 1234;
	packet = sent(bench, &attempt, 0);
	BENCH_WANT(bench, atoi(expires_of(packet, value)) == 1234, "asked for \"%s\"", value);
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	attempt.expires_s = 0;
	attempt.flags = FAILOVER_ATTEMPT_RELEASE;
	packet = sent(bench, &attempt, 0);
	BENCH_WANT(bench, !strcmp(expires_of(packet, value), "0"), "asked for \"%s\", not 0",
		   value);
}

/* With a number whatever the hop is, and the configured name: never the packet's address. */
static void request_uri(struct bench *bench)
{
	static const int servers[] = { 0, 2, 1 };
	static const char *const uris[] = { (REGISTRAR), (REGISTRAR), ("sip:" BENCH_HOST_2) };
	size_t i;

	for (i = 0; i < 3; i++) {
		struct failover_attempt attempt =
			bench_attempt(bench, FAILOVER_REGISTER, servers[i]);
		struct packet_in *packet;
		char uri[BENCH_TEXT];

		attempt.dialog = servers[i] == 1 ? 2 : 1;
		packet = sent(bench, &attempt, servers[i]);
		BENCH_WANT(bench, !strcmp(wire_uri(packet, uri), uris[i]),
			   "the Request-URI is %s, not %s", uri, uris[i]);
		wire_answer(bench, packet, 200, "");
		loop_answer(bench, &attempt, 200);
	}
}

/* ---- what is told ------------------------------------------------------------------------- */

static void granted(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *packet = sent(bench, &attempt, 0);
	char contact[BENCH_TEXT], headers[2 * BENCH_TEXT];
	const struct news *news;

	wire_header(packet, "Contact", contact);
	contact[strcspn(contact, ">") + 1] = '\0';
	snprintf(headers, sizeof(headers),
		 "Contact: <sip:1001@192.0.2.77>;expires=999\r\nContact: %s;expires=123\r\n",
		 contact);
	wire_answer(bench, packet, 200, headers);
	news = loop_answer(bench, &attempt, 200);
	BENCH_WANT(bench, news->answer.expires_s == 123,
		   "granted are 123 s (other contacts' apart), reported %u",
		   news->answer.expires_s);
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	wire_answer(bench, sent(bench, &attempt, 0), 200, "Expires: 77\r\n");
	news = loop_answer(bench, &attempt, 200);
	BENCH_WANT(bench, news->answer.expires_s == 77, "granted are 77 s, reported %u",
		   news->answer.expires_s);
}

/* Either the stack asks for more inside the attempt, or the core is told how much. */
static void min_expires(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	const struct news *news;
	char value[BENCH_TEXT];

	attempt.expires_s = 60;
	wire_answer(bench, sent(bench, &attempt, 0), 423, "Min-Expires: 900\r\n");
	news = loop_answer(bench, &attempt, 423);
	BENCH_WANT(bench, news->answer.min_expires_s == 900, "Min-Expires 900 reported as %u",
		   news->answer.min_expires_s);
	if (!news->answer.retrying)
		return;
	expires_of(loop_request(bench, 0, "REGISTER"), value);
	BENCH_WANT(bench, atoi(value) >= 900, "after Min-Expires 900 asked for %s", value);
}

static void retry_after(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	const struct news *news;

	wire_answer(bench, sent(bench, &attempt, 0), 503, "Retry-After: 17 (busy)\r\n");
	news = loop_answer(bench, &attempt, 503);
	BENCH_WANT(bench, news->answer.retry_after_s == 17, "Retry-After 17 reported as %u",
		   news->answer.retry_after_s);
}

static void answers_sane(struct bench *bench)
{
	static const int statuses[] = { 302, 404, 480, 500, 603 };
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
		struct packet_in *packet = sent(bench, &attempt, 0);
		const struct news *news;

		wire_answer(bench, packet, statuses[i], "");
		news = loop_answer(bench, &attempt, (uint32_t)statuses[i]);
		BENCH_WANT(bench, news->answer.size >= 8 && news->answer.size < 4096,
			   "the answer's size is %u", news->answer.size);
		BENCH_WANT(bench, !news->answer.retrying, "a %d is reported as retrying",
			   statuses[i]);
	}
}

/* ---- next targets ------------------------------------------------------------------------- */

struct pair {
	struct packet_in *one, *two;
};

/* The same REGISTER at a proxy, silent, and then at the registrar itself. */
static struct pair two_attempts(struct bench *bench)
{
	struct failover_attempt first = bench_attempt(bench, FAILOVER_REGISTER, 2), second;
	struct pair pair;

	pair.one = sent(bench, &first, 2);
	second = bench_next(bench, &first, 0);
	bench_timeout(bench, &first, FAILOVER_ABANDON_BUDGET);
	pair.two = sent(bench, &second, 0);
	return pair;
}

static void new_branch(struct bench *bench)
{
	struct pair pair = two_attempts(bench);

	BENCH_WANT(bench, strcmp(pair.one->sip.branch, pair.two->sip.branch) != 0,
		   "both attempts have the branch %s", pair.one->sip.branch);
}

static void same_request(struct bench *bench)
{
	struct pair pair = two_attempts(bench);

	BENCH_WANT(bench, wire_same_header(pair.one, pair.two, "Call-ID"), "Call-ID has changed");
	BENCH_WANT(bench, wire_same_header(pair.one, pair.two, "From"), "From has changed");
	BENCH_WANT(bench, wire_same_header(pair.one, pair.two, "To"), "To has changed");
}

static void register_cseq(struct bench *bench)
{
	struct pair pair = two_attempts(bench);

	BENCH_WANT(bench, pair.two->sip.cseq == pair.one->sip.cseq + 1,
		   "CSeq %lu of the second attempt follows %lu", pair.two->sip.cseq,
		   pair.one->sip.cseq);
}

/* Another number is another registration dialog; the first goes on where it was (B10, B11). */
static void dialogs(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct packet_in *one, *probe, *two;

	one = sent(bench, &attempt, 0);
	wire_answer(bench, one, 200, "");
	loop_answer(bench, &attempt, 200);
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	attempt.dialog = 7;
	attempt.flags = FAILOVER_ATTEMPT_PROBE;
	probe = sent(bench, &attempt, 0);
	BENCH_WANT(bench, !wire_same_header(one, probe, "Call-ID"),
		   "a probe has the Call-ID of the registration");
	wire_answer(bench, probe, 404, "");
	loop_answer(bench, &attempt, 404);
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	two = sent(bench, &attempt, 0);
	BENCH_WANT(bench, wire_same_header(one, two, "Call-ID"),
		   "the registration has lost its Call-ID to the probe");
	BENCH_WANT(bench, two->sip.cseq == one->sip.cseq + 1, "CSeq %lu follows %lu", two->sip.cseq,
		   one->sip.cseq);
}

const struct check register_checks[] = {
	{ "request-form", "", "a REGISTER has what RFC 3261 8.1.1 and 10.2 ask for", NEED_SIP,
	  request_form },
	{ "expires", "", "Expires is the attempt's, 0 included", NEED_SIP, expires },
	{ "request-uri", "B1a", "the Request-URI is the registrar's, whatever the next hop",
	  NEED_SIP, request_uri },
	{ "granted", "B15", "the time granted to our own Contact is reported", NEED_SIP, granted },
	{ "min-expires", "B15", "423: Min-Expires is reported, and asked for by who retries",
	  NEED_SIP, min_expires },
	{ "retry-after", "B4c", "Retry-After of a 503 is reported", NEED_SIP, retry_after },
	{ "answers", "B4", "each status is reported as it is, and not as retrying", NEED_SIP,
	  answers_sane },
	{ "new-branch", "B7", "the next attempt has a new Via branch", NEED_SIP, new_branch },
	{ "same-request", "B7", "the next attempt has the same Call-ID, From and To", NEED_SIP,
	  same_request },
	{ "register-cseq", "B7", "the CSeq of a REGISTER rises by one with each attempt", NEED_SIP,
	  register_cseq },
	{ "registration-dialog", "B11", "each dialog number has its own Call-ID and CSeq", NEED_SIP,
	  dialogs },
	{ 0 },
};
