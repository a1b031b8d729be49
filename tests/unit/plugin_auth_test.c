/* SPDX-License-Identifier: MIT */
/* plugin_auth_test.c - challenges: which are answered, how, and which are not (B4b, B10). */
#include "plugin_bench.h"
#include "../../ua/digest.h"

#define MD5(nonce) "WWW-Authenticate: Digest realm=\"r\", nonce=\"" nonce "\", qop=\"auth\"\r\n"
#define SHA256(nonce)                                                                              \
	"WWW-Authenticate: Digest realm=\"r\", nonce=\"" nonce                                     \
	"\", algorithm=SHA-256, qop=\"auth\"\r\n"
#define PROXY(nonce) "Proxy-Authenticate: Digest realm=\"p\", nonce=\"" nonce "\", qop=\"auth\"\r\n"

static void start(struct bench *bench, uint32_t method, int peer, uint64_t id, char *text)
{
	struct failover_attempt attempt = bench_attempt(bench, method, peer, id);

	bench_send(bench, &attempt);
	peer_expect(bench, peer, "", text);
}

/* The credentials of a request, which must be right for this password. */
static struct ua_digest_answer credentials(const char *text, const char *header, const char *method,
					   const char *password)
{
	struct ua_digest_answer answer;
	char value[512];

	ck_assert_uint_eq(headers_in(text, header), 1);
	ck_assert_int_eq(ua_digest_answer_parse(header_of(text, header, value), &answer), 0);
	ck_assert_int_eq(ua_digest_answer_verify(&answer, method, password), 0);
	return answer;
}

START_TEST(B4b_a_401_is_answered_in_the_same_attempt_with_sha256_preferred)
{
	struct bench bench;
	char one[BENCH_TEXT], two[BENCH_TEXT], a[512], b[512];
	struct ua_digest_answer answer;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, one);
	peer_answer(&bench, 0, one, "401 Unauthorized", MD5("n1") SHA256("n2"));
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 401);
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect(&bench, 0, "REGISTER", two);
	ck_assert(same_header(one, two, "Call-ID") && same_header(one, two, "From"));
	ck_assert_uint_eq(cseq_of(two), cseq_of(one) + 1);
	ck_assert_str_ne(branch_of(one, a), branch_of(two, b));
	answer = credentials(two, "Authorization", "REGISTER", "secret");
	ck_assert_int_eq(answer.algorithm, UA_DIGEST_SHA256);
	ck_assert_str_eq(answer.user, "auth1001");
	ck_assert_str_eq(answer.nonce, "n2");
	ck_assert_str_eq(answer.uri, "sip:primary.example:5060");
	ck_assert_uint_eq(answer.nc, 1);
	peer_answer(&bench, 0, two, "200 OK", "");
	ck_assert_uint_eq(bench_last(&bench)->attempt, 1);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	peer_answer(&bench, 0, one, "401 Unauthorized", MD5("n3")); /* an old one again */
	ck_assert_uint_eq(bench.answers_count, 2);
	bench_close(&bench);
}
END_TEST

START_TEST(B4b_the_transmissions_count_starts_again_with_the_new_transaction)
{
	struct bench bench;
	char text[BENCH_TEXT];
	unsigned count = 0;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, text);
	peer_answer(&bench, 0, text, "401 Unauthorized", MD5("n1"));
	bench_advance(&bench, 40000);
	while (peer_take(&bench, 0, text))
		count++;
	ck_assert_uint_eq(count, 3);
	bench_close(&bench);
}
END_TEST

START_TEST(B10_the_nonce_is_used_again_at_the_registrar_with_nc_counting)
{
	struct bench bench;
	char text[BENCH_TEXT];
	struct ua_digest_answer answer;
	struct failover_attempt attempt;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, text);
	peer_answer(&bench, 0, text, "401 Unauthorized", MD5("n1"));
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "200 OK", "");
	start(&bench, FAILOVER_REGISTER, 0, 2, text);
	answer = credentials(text, "Authorization", "REGISTER", "secret");
	ck_assert_str_eq(answer.nonce, "n1");
	ck_assert_uint_eq(answer.nc, 2);
	start(&bench, FAILOVER_OPTIONS, 2, 3, text); /* the same registrar, by another way */
	ck_assert_uint_eq(credentials(text, "Authorization", "OPTIONS", "secret").nc, 3);
	start(&bench, FAILOVER_REGISTER, 1, 4, text); /* another registrar: never */
	ck_assert_uint_eq(headers_in(text, "Authorization"), 0);

	/* The server has forgotten its nonce: that is no rejection. */
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 5);
	attempt.request = 200;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "401 Unauthorized", MD5("n9"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect(&bench, 0, "REGISTER", text);
	answer = credentials(text, "Authorization", "REGISTER", "secret");
	ck_assert_str_eq(answer.nonce, "n9");
	ck_assert_uint_eq(answer.nc, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B4b_rejected_credentials_are_not_sent_again_here_or_at_the_next_target)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, text);
	peer_answer(&bench, 0, text, "401 Unauthorized", MD5("n1"));
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "401 Unauthorized", MD5("n2"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	peer_expect_none(&bench, 0);
	start(&bench, FAILOVER_REGISTER, 2, 2, text); /* same request, next target */
	ck_assert_uint_eq(headers_in(text, "Authorization"), 0);
	peer_answer(&bench, 2, text, "401 Unauthorized", MD5("n3"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	peer_expect_none(&bench, 2);
	start(&bench, FAILOVER_REGISTER, 1, 3, text); /* stale: the credentials are right */
	peer_answer(&bench, 1, text, "401 Unauthorized",
		    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n4\", stale=TRUE\r\n");
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect(&bench, 1, "REGISTER", text);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 4); /* a new request may try */
	attempt.request = 200;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "401 Unauthorized", MD5("n5"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B4b_stale_is_answered_again)
{
	struct ua_digest_answer answer;
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, text);
	peer_answer(&bench, 0, text, "401 Unauthorized", MD5("n1"));
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "401 Unauthorized",
		    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\", stale=true, "
		    "opaque=\"o\"\r\n");
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect(&bench, 0, "REGISTER", text);
	answer = credentials(text, "Authorization", "REGISTER", "secret");
	ck_assert_str_eq(answer.opaque, "o");
	bench_close(&bench);
}
END_TEST

START_TEST(B4b_the_verdict_stop_is_obeyed)
{
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open(&bench);
	bench.verdict = FAILOVER_VERDICT_STOP;
	start(&bench, FAILOVER_REGISTER, 0, 1, text);
	peer_answer(&bench, 0, text, "401 Unauthorized", MD5("n1"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B4b_endless_stale_ends)
{
	struct bench bench;
	char text[BENCH_TEXT], headers[128];
	unsigned rounds = 0;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, text);
	do {
		snprintf(headers, sizeof(headers),
			 "WWW-Authenticate: Digest realm=\"r\", nonce=\"n%u\", stale=true\r\n",
			 ++rounds);
		peer_answer(&bench, 0, text, "401 Unauthorized", headers);
	} while (bench_last(&bench)->answer.retrying && peer_take(&bench, 0, text));
	ck_assert_uint_eq(rounds, 7);
	bench_close(&bench);
}
END_TEST

static uint32_t retries_with(const char *password, const char *realm, const char *challenge)
{
	struct bench bench;
	char text[BENCH_TEXT];
	uint32_t retrying;

	bench_open(&bench);
	bench_identity(&bench, password, realm);
	start(&bench, FAILOVER_REGISTER, 0, 1, text);
	peer_answer(&bench, 0, text, "401 Unauthorized", challenge);
	retrying = bench_last(&bench)->answer.retrying;
	if (!retrying)
		peer_expect_none(&bench, 0);
	bench_close(&bench);
	return retrying;
}

START_TEST(B4b_what_cannot_be_answered_is_final)
{
	ck_assert_uint_eq(retries_with("", NULL, MD5("n1")), 0);
	ck_assert_uint_eq(retries_with("secret", "other", MD5("n1")), 0);
	ck_assert_uint_eq(retries_with("secret", "r", MD5("n1")), 1);
	ck_assert_uint_eq(retries_with("secret", NULL, ""), 0);
	ck_assert_uint_eq(retries_with("secret", NULL, "WWW-Authenticate: Basic realm=\"r\"\r\n"),
			  0);
	ck_assert_uint_eq(retries_with("secret", NULL,
				       "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
				       "algorithm=XYZ\r\n" MD5("n1")),
			  1);
}
END_TEST

START_TEST(P41_a_proxys_407_gets_the_proxys_own_credentials)
{
	struct bench bench;
	char text[BENCH_TEXT];
	struct ua_digest_answer answer;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 2, 1, text);
	peer_answer(&bench, 2, text, "407 Proxy Authentication Required", PROXY("n1"));
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 407);
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect(&bench, 2, "REGISTER", text);
	answer = credentials(text, "Proxy-Authorization", "REGISTER", "proxysecret");
	ck_assert_str_eq(answer.user, "proxyuser");
	peer_answer(&bench, 2, text, "401 Unauthorized", MD5("n2")); /* and then the registrar */
	peer_expect(&bench, 2, "REGISTER", text);
	answer = credentials(text, "Authorization", "REGISTER", "secret");
	ck_assert_str_eq(answer.user, "auth1001");
	ck_assert_uint_eq(credentials(text, "Proxy-Authorization", "REGISTER", "proxysecret").nc,
			  2);
	start(&bench, FAILOVER_REGISTER, 0, 2, text); /* B10: not at another proxy */
	ck_assert_uint_eq(headers_in(text, "Proxy-Authorization"), 0);
	ck_assert_uint_eq(headers_in(text, "Authorization"), 1);
	bench_close(&bench);
}
END_TEST

START_TEST(P41_a_407_of_the_server_itself_gets_the_lines_credentials)
{
	struct ua_digest_answer answer;
	struct bench bench;
	char text[BENCH_TEXT], ack[BENCH_TEXT];
	struct failover_attempt attempt;
	uint64_t call;

	bench_open(&bench);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 0, 1);
	attempt.cookie = call;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "INVITE", text);
	ck_assert_uint_eq(cseq_of(text), 1);
	peer_answer(&bench, 0, text, "407 Proxy Authentication Required", PROXY("n1"));
	peer_expect(&bench, 0, "ACK", ack);
	peer_expect(&bench, 0, "INVITE", text);
	ck_assert_uint_eq(cseq_of(text), 2);
	credentials(text, "Proxy-Authorization", "INVITE", "secret");
	ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nv=0\r\n"));
	peer_answer(&bench, 0, text, "200 OK", "Contact: <sip:bob@192.0.2.9>\r\n");
	peer_expect(&bench, 0, "ACK sip:bob@192.0.2.9 ", ack);
	ck_assert_uint_eq(headers_in(ack, "Proxy-Authorization"), 1); /* RFC 3261 13.2.2.4 */
	attempt = bench_attempt(&bench, FAILOVER_BYE, 0, 2);
	attempt.cookie = call;
	attempt.request = 101;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "BYE", text);
	ck_assert_uint_eq(cseq_of(text), 3);
	answer = credentials(text, "Proxy-Authorization", "BYE", "secret");
	ck_assert_str_eq(answer.uri, "sip:bob@192.0.2.9");
	peer_answer(&bench, 0, text, "407 Proxy Authentication Required", PROXY("n2"));
	peer_expect(&bench, 0, "BYE", text);
	ck_assert_uint_eq(cseq_of(text), 4);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_an_abandoned_leg_does_not_answer_challenges)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], ack[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 0, 1);
	attempt.cookie = call;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "INVITE", text);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	peer_answer(&bench, 0, text, "401 Unauthorized", MD5("n1"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	peer_expect(&bench, 0, "ACK", ack);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B4b_a_cancel_is_not_sent_again_with_credentials)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], cancel[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 0, 1);
	attempt.cookie = call;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "INVITE", text);
	peer_answer(&bench, 0, text, "180 Ringing", "");
	attempt = bench_attempt(&bench, FAILOVER_CANCEL, 0, 2);
	attempt.related = 1;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "CANCEL", cancel);
	peer_answer(&bench, 0, cancel, "401 Unauthorized", MD5("n1"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B4b_a_401_is_answered_in_the_same_attempt_with_sha256_preferred);
	tcase_add_test(tcase, B4b_the_transmissions_count_starts_again_with_the_new_transaction);
	tcase_add_test(tcase, B10_the_nonce_is_used_again_at_the_registrar_with_nc_counting);
	tcase_add_test(tcase,
		       B4b_rejected_credentials_are_not_sent_again_here_or_at_the_next_target);
	tcase_add_test(tcase, B4b_stale_is_answered_again);
	tcase_add_test(tcase, B4b_the_verdict_stop_is_obeyed);
	tcase_add_test(tcase, B4b_endless_stale_ends);
	tcase_add_test(tcase, B4b_what_cannot_be_answered_is_final);
	tcase_add_test(tcase, P41_a_proxys_407_gets_the_proxys_own_credentials);
	tcase_add_test(tcase, P41_a_407_of_the_server_itself_gets_the_lines_credentials);
	tcase_add_test(tcase, B4b_a_cancel_is_not_sent_again_with_credentials);
	tcase_add_test(tcase, B7a_an_abandoned_leg_does_not_answer_challenges);
}

int main(void)
{
	return bench_main("auth", add);
}
