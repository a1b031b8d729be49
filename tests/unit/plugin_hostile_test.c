/* SPDX-License-Identifier: MIT */
/* plugin_hostile_test.c - whatever arrives: no crash, nothing believed that is not ours, and a
 * bound on what is kept. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "plugin_bench.h"

static const char valid[] =
	"INVITE sip:1001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP "
	"192.0.2.9;rport;branch=z9hG4bKh%u\r\n"
	"Max-Forwards: 70\r\nRecord-Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\n"
	"From: \"Bob\" <sip:bob@example>;tag=bob\r\nTo: <sip:1001@primary.example>\r\n"
	"Call-ID: %u@192.0.2.9\r\nCSeq: 1 INVITE\r\nContact: <sip:bob@192.0.2.9:5070>\r\n"
	"Authorization: Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", "
	"response=\"00\"\r\nContent-Type: application/sdp\r\nContent-Length: 39\r\n\r\n"
	"v=0\r\nm=audio 1 RTP/AVP 0\r\nm=\r\nm=a\r\nm=%%n";

static void say_bytes(struct bench *bench, const char *bytes, size_t count)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(bench->local.port) };

	memcpy(&to.sin_addr, bench->local.address, 4);
	ck_assert_int_eq(
		sendto(bench->peers[0].fd, bytes, count, 0, (struct sockaddr *)&to, sizeof(to)),
		(ssize_t)count);
	bench_pump(bench);
}

static void drain(struct bench *bench)
{
	char got[BENCH_TEXT];

	while (recv(bench->peers[0].fd, got, sizeof(got), MSG_DONTWAIT) >= 0)
		continue;
}

START_TEST(hostile_every_truncation_and_every_changed_byte)
{
	static const unsigned char bytes[] = { 0, '\n', '\r', ' ', '"', '<', '>', ';', ':', 255 };
	struct bench bench;
	char text[2048], changed[2048];
	size_t i, k, length;

	bench_open(&bench);
	snprintf(text, sizeof(text), valid, 1u, 1u);
	length = strlen(text);
	for (i = 0; i <= length; i++) {
		say_bytes(&bench, text, i);
		drain(&bench);
	}
	for (i = 0; i < length; i++) {
		k = i % sizeof(bytes);
		memcpy(changed, text, length);
		changed[i] = (char)bytes[k];
		say_bytes(&bench, changed, length);
		drain(&bench);
	}
	ck_assert_uint_ge(bench.incoming, 1); /* the whole one is a call */
	bench_advance(&bench, 100000);
	bench_close(&bench);
}
END_TEST

START_TEST(hostile_responses_to_nothing)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], wrong[BENCH_TEXT], *at;

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);

	strcpy(wrong, text); /* another branch */
	at = strstr(wrong, "branch=z9hG4bK") + 14;
	*at = *at == '0' ? '1' : '0';
	peer_answer(&bench, 0, wrong, "200 OK", "");
	strcpy(wrong, text); /* another CSeq number, then another method */
	at = strstr(wrong, "CSeq: ") + 6;
	*at = '9';
	peer_answer(&bench, 0, wrong, "200 OK", "");
	strcpy(wrong, text);
	at = strstr(wrong, " REGISTER\r\n");
	memcpy(at, " SUBSCRI\r\n", 10);
	peer_answer(&bench, 0, wrong, "200 OK", "");
	strcpy(wrong, text); /* another line's Call-ID */
	at = strstr(wrong, "Call-ID: ") + 9;
	*at = *at == '0' ? '1' : '0';
	peer_answer(&bench, 0, wrong, "200 OK", "");
	peer_answer(&bench, 0, text, "200 OK", /* more than our Via (RFC 3261 8.1.3.3) */
		    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n");
	peer_answer(&bench, 0, text, "999 What", "");
	peer_answer(&bench, 0, text, "99 What", "");
	ck_assert_uint_eq(bench.answers_count, 0);
	peer_answer(&bench, 0, text, "200 OK", "");
	ck_assert_uint_eq(bench.answers_count, 1);
	bench_close(&bench);
}
END_TEST

/* Headers that a message has once, twice: a stack may take the first or drop the message. */
START_TEST(hostile_second_headers)
{
	static const char *const seconds[] = {
		"CSeq: 9 OPTIONS\r\n",
		"Call-ID: x\r\n",
		"From: <sip:x@y>;tag=1\r\n",
		"To: <sip:x@y>;tag=1\r\n",
		"Expires: x\r\n",
		"Content-Length: 0\r\n",
		"Retry-After: 1\r\n",
		"Retry-After: 2\r\nRetry-After: x\r\nMin-Expires: 1\r\n",
	};
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];
	size_t i;

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	for (i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++)
		peer_answer(&bench, 0, text, "100 Trying", seconds[i]);
	ck_assert_uint_le(bench.answers_count, i);
	peer_answer(&bench, 0, text, "200 OK", "");
	ck_assert_uint_ge(bench.answers_count, 1);
	ck_assert_uint_eq(bench.answers[bench.answers_count - 1].answer.status, 200);
	bench_close(&bench);
}
END_TEST

/* A plugin that answers these is a reflector for strangers. */
START_TEST(hostile_stun_gets_no_answer)
{
	static const char request[] = "\x00\x01\x00\x00\x21\x12\xa4\x42"
				      "123456789012";
	static const char response[] = "\x01\x01\x00\x00\x21\x12\xa4\x42"
				       "123456789012";
	struct bench bench;
	char got[BENCH_TEXT];

	bench_open(&bench);
	say_bytes(&bench, request, sizeof(request) - 1);
	say_bytes(&bench, response, sizeof(response) - 1);
	ck_assert_int_eq(peer_take(&bench, 0, got), 0);
	bench_close(&bench);
}
END_TEST

START_TEST(hostile_keepalives_and_garbage_are_ignored)
{
	struct bench bench;
	char *big = malloc(60000), got[BENCH_TEXT];
	unsigned keepalives;
	size_t i;

	bench_open(&bench);
	say_bytes(&bench, "\r\n\r\n", 4);
	say_bytes(&bench, "\0\0\0\0", 4);
	say_bytes(&bench, "", 0);
	say_bytes(&bench, "GET / HTTP/1.1\r\nHost: x\r\nAccept: */*; and more of it\r\n\r\n", 56);
	memset(big, 'A', 60000);
	say_bytes(&bench, big, 60000);
	memcpy(big, "INVITE ", 7);
	say_bytes(&bench, big, 16384);
	say_bytes(&bench, big, 16383);
	/* Thousands of list entries: the parser must not see them. */
	i = (size_t)sprintf(big, "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx");
	while (i < 15000)
		i += (size_t)sprintf(big + i, ",SIP/2.0/UDP h");
	i += (size_t)sprintf(big + i, "\r\n\r\n");
	say_bytes(&bench, big, i);
	ck_assert_int_eq(peer_take(&bench, 0, got), 0);
	bench_close(&bench);
	/* A stack may take the one of zeros or the empty one for itself. */
	ck_assert_int_eq(sscanf(strstr(bench.log, "out, "), "out, %u keep-alive", &keepalives), 1);
	ck_assert_uint_ge(keepalives, 1);
	ck_assert_uint_le(keepalives, 3);
	ck_assert_ptr_nonnull(strstr(bench.log, "5 garbage"));
	free(big);
}
END_TEST

START_TEST(hostile_content_length)
{
	static const char *const lengths[] = { "-1", "99999", "4294967297", "x", "" };
	struct bench bench;
	char text[1024];
	size_t i;

	bench_open(&bench);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		snprintf(text, sizeof(text),
			 "OPTIONS sip:1001@h SIP/2.0\r\nVia: SIP/2.0/UDP "
			 "h;rport;branch=z9hG4bK%zu\r\n"
			 "From: <sip:a@b>;tag=1\r\nTo: <sip:1001@h>\r\nCall-ID: x%zu\r\n"
			 "CSeq: 1 OPTIONS\r\nContent-Length: %s\r\n\r\nbody",
			 i, i, lengths[i]);
		say_bytes(&bench, text, strlen(text));
	}
	drain(&bench);
	bench_close(&bench);
}
END_TEST

START_TEST(hostile_retry_after_expires_and_challenges)
{
	static const char *const headers[] = {
		"WWW-Authenticate: Digest\r\n",
		"WWW-Authenticate: Digest realm=\"\r\n",
		"WWW-Authenticate: Digest nonce=\"\\\r\n",
		"WWW-Authenticate: ,,,\r\n",
		"WWW-Authenticate: Digest realm=r, nonce=n, qop=\"auth\r\n",
		"WWW-Authenticate: Digest realm=r,nonce=n,algorithm=\"MD5\",opaque=\"\"\r\n",
	};
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];
	size_t i;

	bench_open(&bench);
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, i + 1);
		attempt.request = 200 + i;
		bench_send(&bench, &attempt);
		peer_expect(&bench, 0, "REGISTER", text);
		peer_answer(&bench, 0, text, "401 Unauthorized", headers[i]);
		drain(&bench);
	}
	bench_close(&bench);
}
END_TEST

START_TEST(bounded_ringing_calls_and_server_transactions)
{
	struct bench bench;
	char text[2048];
	unsigned i;

	bench_open(&bench);
	for (i = 0; i < 1500; i++) {
		snprintf(text, sizeof(text), valid, i, i);
		say_bytes(&bench, text, strlen(text));
		drain(&bench);
	}
	ck_assert_uint_eq(bench.incoming, 256 + 1); /* and one a line */
	for (i = 0; i < 1500; i++) { /* refused without a transaction: 503, and nothing kept */
		snprintf(text, sizeof(text), valid, 5000u, i);
		say_bytes(&bench, text, strlen(text));
	}
	drain(&bench);
	bench_advance(&bench, 200000);
	bench_close(&bench);
	ck_assert_ptr_nonnull(strstr(bench.log, "over a limit"));
	ck_assert_ptr_null(strstr(bench.log, " 0 over a limit"));
}
END_TEST

START_TEST(hostile_200_without_contact_or_tag)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], got[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 0, 1);
	attempt.cookie = call;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "INVITE", text);
	peer_answer(&bench, 0, text, "200 OK", "");
	peer_expect(&bench, 0, "ACK sip:1002@primary.example:5060 ", got);
	peer_answer(&bench, 0, text, "180 Ringing", ""); /* too late for that */
	peer_answer(&bench, 0, text, "486 Busy Here", "");
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.answers_count, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(identity_with_line_breaks_is_refused)
{
	struct bench bench;
	struct failover_registrar_identity registrar = { sizeof(registrar), 5060, "h", 0, 0 };
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .line = 2,
						   .user = "u",
						   .registrars = &registrar,
						   .registrars_count = 1 };
	char big[400];

	bench_open(&bench);
	ck_assert_int_eq(bench.lines->line_set(bench.inst, &identity), 0);
	identity.display_name = "x\r\nEvil: y";
	ck_assert_int_eq(bench.lines->line_set(bench.inst, &identity), FAILOVER_ERR_ARGUMENT);
	identity.display_name = NULL;
	identity.domain = "a>b";
	ck_assert_int_eq(bench.lines->line_set(bench.inst, &identity), FAILOVER_ERR_ARGUMENT);
	identity.domain = NULL;
	memset(big, 'a', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	identity.user = big;
	ck_assert_int_eq(bench.lines->line_set(bench.inst, &identity), FAILOVER_ERR_ARGUMENT);
	identity.user = "u";
	identity.registrars_count = 0;
	ck_assert_int_eq(bench.lines->line_set(bench.inst, &identity), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(bench.lines->line_targets(bench.inst, 9, NULL, 0), FAILOVER_ERR_STALE);
	bench.lines->line_remove(bench.inst, 9);
	bench_close(&bench);
}
END_TEST

/* The structs of an older host, shorter than ours, with nothing readable behind them. */
START_TEST(older_host_table_and_params_are_refused_and_not_read_beyond_their_size)
{
	const uint32_t size = 8;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct failover_open_params params = { .size = sizeof(params) };
	char *pages =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct bench bench;
	void *old, *inst = NULL;

	ck_assert_ptr_ne(pages, MAP_FAILED);
	ck_assert_int_eq(mprotect(pages + page, page, PROT_NONE), 0);
	old = pages + page - size;
	memcpy(old, &size, sizeof(size));
	bench_open(&bench);
	ck_assert_int_eq(bench_plugin()->open(&bench.host, old, &inst), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(bench_plugin()->open(old, &params, &inst), FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_null(inst);
	bench_close(&bench);
	munmap(pages, 2 * page);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase,
		       older_host_table_and_params_are_refused_and_not_read_beyond_their_size);
	tcase_add_test(tcase, hostile_every_truncation_and_every_changed_byte);
	tcase_add_test(tcase, hostile_responses_to_nothing);
	tcase_add_test(tcase, hostile_second_headers);
	tcase_add_test(tcase, hostile_stun_gets_no_answer);
	tcase_add_test(tcase, hostile_keepalives_and_garbage_are_ignored);
	tcase_add_test(tcase, hostile_content_length);
	tcase_add_test(tcase, hostile_retry_after_expires_and_challenges);
	tcase_add_test(tcase, bounded_ringing_calls_and_server_transactions);
	tcase_add_test(tcase, hostile_200_without_contact_or_tag);
	tcase_add_test(tcase, identity_with_line_breaks_is_refused);
}

int main(void)
{
	return bench_main("hostile", add);
}
