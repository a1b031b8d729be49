/* SPDX-License-Identifier: MIT */
/* auth.c - challenges: answered rightly, never for ever, and not to everybody (B4b). */
#include <stdio.h>
#include <string.h>
#include "../../ua/digest.h"
#include "bench.h"

#define REQUESTS_MAX 3u /* first, answered, and one more at most */

static struct packet_in *sent(struct bench *bench, const struct failover_attempt *attempt,
			      int server)
{
	bench_send(bench, attempt);
	return loop_request(bench, server, "REGISTER");
}

static void challenge(struct bench *bench, const struct packet_in *request, int status,
		      const char *realm, bool stale)
{
	char headers[BENCH_TEXT];

	snprintf(headers, sizeof(headers),
		 "%s: Digest realm=\"%s\", nonce=\"%016llx\", algorithm=MD5, qop=\"auth\"%s\r\n",
		 status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate", realm,
		 (unsigned long long)bench_random(bench), stale ? ", stale=true" : "");
	wire_answer(bench, request, status, headers);
}

static bool has_credentials(const struct packet_in *packet)
{
	return wire_headers(packet, "Authorization") || wire_headers(packet, "Proxy-Authorization");
}

/* Challenge a REGISTER once; the request that answers it. */
static struct packet_in *answer_of(struct bench *bench, struct failover_attempt *attempt,
				   int status)
{
	struct packet_in *first;
	const struct news *news;

	*attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	first = sent(bench, attempt, 0);
	BENCH_WANT(bench, !has_credentials(first), "credentials before any challenge");
	challenge(bench, first, status, BENCH_REALM, false);
	news = loop_answer(bench, attempt, (uint32_t)status);
	BENCH_WANT(bench, news->answer.retrying, "a %d that is answered must say retrying", status);
	return loop_request(bench, 0, "REGISTER");
}

static void check_digest(struct bench *bench, const struct packet_in *packet, const char *header)
{
	char value[BENCH_TEXT], uri[BENCH_TEXT];
	struct ua_digest_answer answer;

	wire_header(packet, header, value);
	BENCH_WANT(bench, !ua_digest_answer_parse(value, &answer), "%s is \"%s\"", header, value);
	BENCH_WANT(bench, !strcmp(answer.user, BENCH_AUTH_USER), "the user is %s", answer.user);
	BENCH_WANT(bench, !strcmp(answer.uri, wire_uri(packet, uri)), "the uri is %s, not %s",
		   answer.uri, uri);
	BENCH_WANT(bench, !ua_digest_answer_verify(&answer, "REGISTER", BENCH_PASSWORD),
		   "the response is not that of user and password");
}

static void answered(struct bench *bench)
{
	struct failover_attempt attempt;
	struct packet_in *packet = answer_of(bench, &attempt, 401);

	check_digest(bench, packet, "Authorization");
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
}

static void by_proxy(struct bench *bench)
{
	struct failover_attempt attempt;

	check_digest(bench, answer_of(bench, &attempt, 407), "Proxy-Authorization");
}

static void same_attempt(struct bench *bench)
{
	struct failover_attempt attempt;
	struct packet_in *second = answer_of(bench, &attempt, 401), *first = bench->packets;

	BENCH_WANT(bench, second->sip.cseq == first->sip.cseq + 1, "CSeq %lu follows %lu",
		   second->sip.cseq, first->sip.cseq);
	BENCH_WANT(bench, wire_same_header(first, second, "Call-ID"), "Call-ID has changed");
	BENCH_WANT(bench, wire_same_header(first, second, "From"), "From has changed");
	BENCH_WANT(bench, strcmp(first->sip.branch, second->sip.branch) != 0,
		   "the branch is the same");
}

/* ---- when not to -------------------------------------------------------------------------- */

/* Challenge whatever comes until it ends. Returns how many requests there were. */
static unsigned challenge_all(struct bench *bench, const struct failover_attempt *attempt,
			      int server, bool stale)
{
	unsigned requests = 0;
	struct packet_in *request;
	const struct news *news;

	bench_send(bench, attempt);
	do {
		request = loop_request(bench, server, "REGISTER");
		loop_mark(bench);
		challenge(bench, request, 401, BENCH_REALM, stale);
		news = loop_answer(bench, attempt, 401);
		requests++;
	} while (news->answer.retrying && requests < 20 &&
		 !(bench->stop_after && bench->challenges >= bench->stop_after));
	return requests;
}

static void loop_ends(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	unsigned requests = challenge_all(bench, &attempt, 0, false);

	BENCH_WANT(bench, requests <= REQUESTS_MAX, "%u requests with credentials that are wrong",
		   requests);
	loop_quiet(bench, 4 * BENCH_T1_MS, "after the last 401");
}

static void not_elsewhere(struct bench *bench)
{
	struct failover_attempt first = bench_attempt(bench, FAILOVER_REGISTER, 2), second;
	struct packet_in *packet;

	if (challenge_all(bench, &first, 2, false) > REQUESTS_MAX)
		bench_skip(bench, "the challenges do not end: see challenge-loop");
	second = bench_next(bench, &first, 0);
	packet = sent(bench, &second, 0);
	BENCH_WANT(bench, !has_credentials(packet), "rejected credentials went to the next target");
	loop_mark(bench);
	challenge(bench, packet, 401, BENCH_REALM, false);
	BENCH_WANT(bench, !loop_answer(bench, &second, 401)->answer.retrying,
		   "rejected credentials are tried again at the next target");
	loop_quiet(bench, 3 * BENCH_T1_MS, "after a challenge for rejected credentials");
}

static void verdict_stop(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);

	bench->stop_after = 2;
	challenge_all(bench, &attempt, 0, true);
	loop_quiet(bench, 4 * BENCH_T1_MS, "after the verdict STOP");
}

static void wrong_realm(struct bench *bench)
{
	struct failover_attempt attempt;
	struct packet_in *packet;

	bench_line(bench, 1, BENCH_REALM);
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	packet = sent(bench, &attempt, 0);
	loop_mark(bench);
	challenge(bench, packet, 401, "another", false);
	BENCH_WANT(bench, !loop_answer(bench, &attempt, 401)->answer.retrying,
		   "a challenge of another realm is answered");
	loop_quiet(bench, 3 * BENCH_T1_MS, "after a challenge of another realm");
}

static void secrets(struct bench *bench)
{
	struct failover_attempt attempt;
	struct packet_in *packet = answer_of(bench, &attempt, 401);

	wire_answer(bench, packet, 403, "");
	loop_answer(bench, &attempt, 403);
	for (packet = bench->packets; packet; packet = packet->next)
		BENCH_WANT(bench, !strstr(packet->text, BENCH_PASSWORD), "the password was sent");
	bench_close(bench);
	BENCH_WANT(bench, !bench->secret_logged, "the password is in the log");
	BENCH_WANT(bench, !bench->newline_logged, "a log line has a newline");
	BENCH_WANT(bench, !bench->bad_log, "log() without text or with an unknown level");
}

const struct check auth_checks[] = {
	{ "challenge", "B4b", "a 401 is answered with the digest of the line's credentials",
	  NEED_SIP | NEED_DIGEST, answered },
	{ "challenge-proxy", "B4b", "a 407 is answered in Proxy-Authorization",
	  NEED_SIP | NEED_DIGEST, by_proxy },
	{ "challenge-cseq", "B4b", "the answer has CSeq + 1, the same Call-ID, a new branch",
	  NEED_SIP | NEED_DIGEST, same_attempt },
	{ "challenge-loop", "B4b", "credentials that are rejected are not sent again",
	  NEED_SIP | NEED_DIGEST, loop_ends },
	{ "challenge-elsewhere", "B4b", "rejected credentials are not sent to the next target",
	  NEED_SIP | NEED_DIGEST, not_elsewhere },
	{ "verdict-stop", "B4b", "the verdict STOP ends the answering of challenges",
	  NEED_SIP | NEED_DIGEST, verdict_stop },
	{ "wrong-realm", "B4b", "a challenge of another realm than the line's is not answered",
	  NEED_SIP | NEED_DIGEST, wrong_realm },
	{ "secrets", "", "the password is in no packet and no log line", NEED_SIP | NEED_DIGEST,
	  secrets },
	{ 0 },
};
