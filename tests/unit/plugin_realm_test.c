/* SPDX-License-Identifier: MIT */
/* plugin_realm_test.c - whose challenges are answered (B21c), what is a rejection (B22e), and
 * challenges of every shape (B24a). */
#include "plugin_bench.h"
#include "../../ua/digest.h"

#define CHALLENGE(header, realm, nonce)                                                            \
	header ": Digest realm=\"" realm "\", nonce=\"" nonce "\", qop=\"auth\"\r\n"
#define WWW(realm, nonce) CHALLENGE("WWW-Authenticate", realm, nonce)
#define PROXY(realm, nonce) CHALLENGE("Proxy-Authenticate", realm, nonce)

static void start(struct bench *bench, uint32_t method, int peer, uint64_t id, uint64_t cookie,
		  char *text)
{
	struct failover_attempt attempt = bench_attempt(bench, method, peer, id);

	attempt.request = 100 + id;
	attempt.cookie = cookie;
	bench_send(bench, &attempt);
	peer_expect(bench, peer, "", text);
}

/* The value of the only header of this name, however long. */
static char *long_value(const char *text, const char *header)
{
	char name[64];
	const char *at;

	snprintf(name, sizeof(name), "\r\n%s: ", header);
	at = strstr(text, name);
	ck_assert_msg(at != NULL, "no %s in %s", header, text);
	at += strlen(name);
	return strndup(at, strcspn(at, "\r"));
}

/* The credentials of a request, which must be right. */
static struct ua_digest_answer *credentials(const char *text, const char *header,
					    const char *method)
{
	struct ua_digest_answer *answer = malloc(sizeof(*answer));
	char *value = long_value(text, header);

	ck_assert_uint_eq(headers_in(text, header), 1);
	ck_assert_int_eq(ua_digest_answer_parse(value, answer), 0);
	ck_assert_int_eq(ua_digest_answer_verify(answer, method, "secret"), 0);
	free(value);
	return answer;
}

static void expect_credentials(const char *text, const char *header, const char *method,
			       const char *realm, const char *nonce, unsigned nc)
{
	struct ua_digest_answer *answer = credentials(text, header, method);

	ck_assert_str_eq(answer->realm, realm);
	ck_assert_str_eq(answer->nonce, nonce);
	ck_assert_uint_eq(answer->nc, nc);
	free(answer);
}

/* Registered with the realm r, and a text of the last REGISTER. */
static void register_with(struct bench *bench, int peer, uint64_t id, char *text)
{
	start(bench, FAILOVER_REGISTER, peer, id, 0, text);
	if (headers_in(text, "Authorization") == 0) {
		peer_answer(bench, peer, text, "401 Unauthorized", WWW("r", "n1"));
		peer_expect(bench, peer, "REGISTER", text);
	}
	peer_answer(bench, peer, text, "200 OK", "");
}

/* ---- B21c --------------------------------------------------------------------------------- */

/* A stranger's call that is up; its Contact is peer 0. */
static void strangers_call(struct bench *bench)
{
	char text[2048], got[BENCH_TEXT], to[512];

	snprintf(text, sizeof(text),
		 "INVITE sip:1001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;rport;branch=z9hG4bKs\r\n"
		 "From: <sip:evil@h>;tag=evil\r\nTo: <sip:1001@primary.example>\r\nCall-ID: s\r\n"
		 "CSeq: 1 INVITE\r\nContact: <sip:evil@127.0.0.11:%u>\r\n\r\n",
		 bench->peers[0].target.port);
	peer_say(bench, 0, text);
	peer_expect(bench, 0, "SIP/2.0 100", got);
	ck_assert_int_eq(bench->calls->call_answer(bench->inst, bench->call, 200), 0);
	peer_expect(bench, 0, "SIP/2.0 200", got);
	snprintf(text, sizeof(text),
		 "ACK sip:1001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;rport;branch=z9hG4bKt\r\n"
		 "From: <sip:evil@h>;tag=evil\r\nTo: %s\r\nCall-ID: s\r\nCSeq: 1 ACK\r\n\r\n",
		 header_of(got, "To", to));
	peer_say(bench, 0, text);
	ck_assert_uint_eq(bench->up, 1);
}

START_TEST(B21c_no_challenge_is_answered_in_a_dialog_that_a_stranger_began)
{
	static const char *const realms[] = { PROXY("evil", "e"), PROXY("r", "e"), WWW("evil", "e"),
					      WWW("r", "e") };
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open(&bench);
	register_with(&bench, 0, 1, text);
	strangers_call(&bench);
	start(&bench, FAILOVER_BYE, 0, 2, bench.call, text);
	ck_assert_ptr_null(strstr(text, "uthorization: "));
	peer_answer(&bench, 0, text,
		    _i < 2 ? "407 Proxy Authentication Required" : "401 Unauthorized", realms[_i]);
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	peer_expect_none(&bench, 0);
	start(&bench, FAILOVER_REGISTER, 0, 3, 0, text);
	ck_assert_ptr_null(strstr(text, "evil"));
	expect_credentials(text, "Authorization", "REGISTER", "r", "n1", 2);
	bench_close(&bench);
}
END_TEST

/* From behind the proxy: a realm that no server of the line has used. */
START_TEST(B21c_a_realm_of_a_callee_is_neither_answered_nor_kept)
{
	static const char *const challenges[] = { PROXY("evil", "e"), WWW("evil", "e"),
						  WWW("evil", "e") PROXY("evil2", "e") };
	struct bench bench;
	char text[BENCH_TEXT], ack[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	register_with(&bench, 0, 1, text);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	start(&bench, FAILOVER_INVITE, 0, 2, call, text);
	peer_answer(&bench, 0, text, _i ? "401 Unauthorized" : "407 Proxy Authentication Required",
		    challenges[_i]);
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	peer_expect(&bench, 0, "ACK", ack);
	peer_expect_none(&bench, 0);
	start(&bench, FAILOVER_REGISTER, 0, 3, 0, text);
	ck_assert_ptr_null(strstr(text, "evil"));
	bench_close(&bench);
}
END_TEST

START_TEST(B21c_a_realm_that_the_registrar_uses_is_answered_for_a_dialled_call)
{
	struct bench bench;
	char text[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	register_with(&bench, 0, 1, text);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	start(&bench, FAILOVER_INVITE, 0, 2, call, text);
	peer_answer(&bench, 0, text, "100 Trying", "");
	peer_answer(&bench, 0, text, "407 Proxy Authentication Required", PROXY("r", "n2"));
	peer_expect(&bench, 0, "ACK", text);
	peer_expect(&bench, 0, "INVITE", text);
	expect_credentials(text, "Proxy-Authorization", "INVITE", "r", "n2", 1);
	bench_close(&bench);
}
END_TEST

/* Nobody has asked this line before: the server itself may, but not who is behind it. */
START_TEST(B21c_a_first_realm_after_a_100_is_of_nobody_here)
{
	struct bench bench;
	char text[BENCH_TEXT], ack[BENCH_TEXT];
	uint64_t call;

	bench_open(&bench);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	start(&bench, FAILOVER_INVITE, 0, 2, call, text);
	peer_answer(&bench, 0, text, "100 Trying", "");
	peer_answer(&bench, 0, text, "407 Proxy Authentication Required", PROXY("evil", "n2"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	peer_expect(&bench, 0, "ACK", ack);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

/* ---- B22e --------------------------------------------------------------------------------- */

START_TEST(B22e_each_registrar_gets_credentials_for_its_own_nonce)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];
	int peer;

	bench_open(&bench);
	for (peer = 0; peer < 2; peer++) { /* one request, two registrars, one realm */
		attempt = bench_attempt(&bench, FAILOVER_REGISTER, peer, (uint64_t)peer + 1);
		bench_send(&bench, &attempt);
		peer_expect(&bench, peer, "REGISTER", text);
		ck_assert_uint_eq(headers_in(text, "Authorization"), 0);
		peer_answer(&bench, peer, text, "401 Unauthorized", WWW("r", "n1"));
		ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
		ck_assert_uint_eq(bench_last(&bench)->answer.flags, 0);
		peer_expect(&bench, peer, "REGISTER", text);
		expect_credentials(text, "Authorization", "REGISTER", "r", "n1", 1);
		if (peer)
			break;
		peer_answer(&bench, peer, text, "401 Unauthorized", WWW("r", "n2"));
		ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
		ck_assert_uint_eq(bench_last(&bench)->answer.flags, FAILOVER_ANSWER_REJECTED);
		peer_expect_none(&bench, peer);
	}
	bench_close(&bench);
}
END_TEST

START_TEST(B22e_a_registrar_that_refuses_what_it_has_taken_says_so)
{
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open(&bench);
	register_with(&bench, 0, 1, text);
	start(&bench, FAILOVER_REGISTER, 0, 2, 0, text);
	/* Kamailio never says stale: an old nonce is no rejection. */
	peer_answer(&bench, 0, text, "401 Unauthorized", WWW("r", "n2"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "401 Unauthorized", WWW("r", "n3"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	ck_assert_uint_eq(bench_last(&bench)->answer.flags,
			  FAILOVER_ANSWER_REJECTED | FAILOVER_ANSWER_TAKEN_BEFORE);
	start(&bench, FAILOVER_REGISTER, 0, 3, 0, text); /* the next try is without */
	ck_assert_uint_eq(headers_in(text, "Authorization"), 0);
	bench_identity(&bench, "secret", NULL); /* what was taken went with the old identity */
	peer_answer(&bench, 0, text, "401 Unauthorized", WWW("r", "n4"));
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "401 Unauthorized", WWW("r", "n5"));
	ck_assert_uint_eq(bench_last(&bench)->answer.flags, FAILOVER_ANSWER_REJECTED);
	bench_close(&bench);
}
END_TEST

START_TEST(B22e_a_fresh_nonce_after_a_423_is_no_rejection)
{
	struct bench bench;
	char text[BENCH_TEXT], value[512];

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, 0, text);
	peer_answer(&bench, 0, text, "401 Unauthorized", WWW("r", "n1"));
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "423 Interval Too Brief", "Min-Expires: 7000\r\n");
	peer_expect(&bench, 0, "REGISTER", text);
	ck_assert_str_eq(header_of(text, "Expires", value), "7000");
	peer_answer(&bench, 0, text, "401 Unauthorized", WWW("r", "n2"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect(&bench, 0, "REGISTER", text);
	expect_credentials(text, "Authorization", "REGISTER", "r", "n2", 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B22e_a_423_without_min_expires_is_answered_with_twice_the_time)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], value[512], expected[16];
	unsigned asked = 10;

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	attempt.expires_s = asked;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	for (asked = 20; asked < 100; asked *= 2) {
		peer_answer(&bench, 0, text, "423 Interval Too Brief",
			    asked == 40 ? "Min-Expires: soon\r\n" : "");
		ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
		ck_assert_uint_eq(bench_last(&bench)->answer.min_expires_s, asked);
		peer_expect(&bench, 0, "REGISTER", text);
		snprintf(expected, sizeof(expected), "%u", asked);
		ck_assert_str_eq(header_of(text, "Expires", value), expected);
	}
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 1, 2);
	attempt.expires_s = 86400; /* the end of it */
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "REGISTER", text);
	peer_answer(&bench, 1, text, "423 Interval Too Brief", "");
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	bench_close(&bench);
}
END_TEST

/* ---- B24a --------------------------------------------------------------------------------- */

#define DIGEST "WWW-Authenticate: Digest "

/* Challenges, and the realm and nonce that must be in the answer. */
static const struct {
	const char *headers, *realm, *nonce;
	unsigned has_qop;
} shapes[] = {
	{ DIGEST "realm=\"r\",nonce=\"n\",qop=auth,algorithm=MD5\r\n", "r", "n", 1 },
	{ DIGEST "realm=\"r\", qop=auth, nonce=\"n\", algorithm=MD5\r\n", "r", "n", 1 },
	{ DIGEST "qop=auth,auth-int, realm=\"r\", nonce=\"n\"\r\n", "r", "n", 1 },
	{ DIGEST "realm=\"r\", nonce=\"n\", qop=\"auth-int,auth\"\r\n", "r", "n", 1 },
	{ DIGEST "realm=\"r\", nonce=\"n\", qop=\"\"\r\n", "r", "n", 0 },
	{ DIGEST "realm=\"r\", nonce=\"n\", qop=\"\", algorithm=MD5,\r\n", "r", "n", 0 },
	{ DIGEST "realm=\"r\", nonce=\"n\", \r\n", "r", "n", 0 },
	{ DIGEST ",,realm=\"r\" ,, nonce=\"n\" ,\r\n", "r", "n", 0 },
	{ DIGEST "realm=\"r\",\r\n\tnonce=\"n\",\r\n stale=false\r\n", "r", "n", 0 },
	{ "WWW-AUTHENTICATE :\tdIGEST REALM=\"r\", NONCE = \"n\", QOP=AUTH\r\n", "r", "n", 1 },
	{ DIGEST "realm=\"r\\\"x\", nonce=\"n\"\r\n", "r\"x", "n", 0 },
	{ DIGEST "realm=\"a\\\\b, c=d\", nonce=\"n\\\"\\\\=\"\r\n", "a\\b, c=d", "n\"\\=", 0 },
	{ DIGEST "realm=\"\", nonce=\"n\", qop=\"auth\"\r\n", "", "n", 1 },
	{ DIGEST "realm=\"r\", nonce=\"n\", algorithm=MD5-sess, qop=\"auth\"\r\n", "r", "n", 1 },
	{ DIGEST "realm=\"r\", nonce=\"n\", algorithm=SHA-256-sess, qop=\"auth\"\r\n", "r", "n",
	  1 },
	{ DIGEST "realm=\"r\", nonce=\"n\", algorithm=MD5, opaque=\"\", x-y=\"z\"\r\n", "r", "n",
	  0 },
	{ "WWW-Authenticate: Basic realm=\"r\"\r\nWWW-Authenticate: NTLM\r\n" WWW("r", "n"), "r",
	  "n", 1 },
};

START_TEST(B24a_challenges_of_every_shape_are_answered_right)
{
	struct bench bench;
	struct ua_digest_answer *answer;
	char text[BENCH_TEXT];

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, 0, text);
	peer_answer(&bench, 0, text, "401 Unauthorized", shapes[_i].headers);
	ck_assert_msg(bench_last(&bench)->answer.retrying, "%s", shapes[_i].headers);
	peer_expect(&bench, 0, "REGISTER", text);
	answer = credentials(text, "Authorization", "REGISTER");
	ck_assert_str_eq(answer->realm, shapes[_i].realm);
	ck_assert_str_eq(answer->nonce, shapes[_i].nonce);
	ck_assert_uint_eq(answer->qop_auth, shapes[_i].has_qop);
	ck_assert_ptr_nonnull(strstr(text, "realm=\""));
	free(answer);
	bench_close(&bench);
}
END_TEST

/* The longest that is promised: 4 KiB. */
START_TEST(B24a_parameters_may_be_long)
{
	static const size_t lengths[] = { 255, 256, 600, 4000, 4096 };
	size_t length = lengths[_i % 5];
	struct bench bench;
	struct ua_digest_answer *answer;
	char text[BENCH_TEXT], headers[BENCH_TEXT], *nonce = malloc(length + 1);

	memset(nonce, 'a', length);
	nonce[length] = '\0';
	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, 0, text);
	snprintf(headers, sizeof(headers),
		 DIGEST "realm=\"r\", nonce=\"%s\", opaque=\"%s\", domain=\"%s\", qop=\"auth\"\r\n",
		 nonce, _i < 5 ? nonce : "o", _i < 5 ? "d" : nonce);
	peer_answer(&bench, 0, text, "401 Unauthorized", headers);
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect(&bench, 0, "REGISTER", text);
	answer = credentials(text, "Authorization", "REGISTER");
	ck_assert_str_eq(answer->nonce, nonce);
	ck_assert_str_eq(answer->opaque, _i < 5 ? nonce : "o");
	free(answer);
	free(nonce);
	bench_close(&bench);
}
END_TEST

START_TEST(B24a_both_headers_at_once_are_answered)
{
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, 0, text);
	peer_answer(&bench, 0, text, _i ? "401 Unauthorized" : "407 Proxy Authentication Required",
		    WWW("r", "n1") PROXY("p", "n2"));
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	peer_expect(&bench, 0, "REGISTER", text);
	expect_credentials(text, "Authorization", "REGISTER", "r", "n1", 1);
	expect_credentials(text, "Proxy-Authorization", "REGISTER", "p", "n2", 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B24a_nextnonce_is_used)
{
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0, 1, 0, text);
	peer_answer(&bench, 0, text, "401 Unauthorized", WWW("r", "n1"));
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "200 OK",
		    "authentication-info: qop=auth,\r\n\tNextNonce=\"n\\\"2\"\r\n");
	start(&bench, FAILOVER_REGISTER, 0, 2, 0, text);
	expect_credentials(text, "Authorization", "REGISTER", "r", "n\"2", 1);
	peer_answer(&bench, 0, text, "200 OK", "Authentication-Info: nextnonce=\"\"\r\n");
	start(&bench, FAILOVER_REGISTER, 0, 3, 0, text);
	expect_credentials(text, "Authorization", "REGISTER", "r", "n\"2", 2);
	peer_answer(&bench, 0, text, "401 Unauthorized", WWW("r", "n3"));
	peer_expect(&bench, 0, "REGISTER", text);
	expect_credentials(text, "Authorization", "REGISTER", "r", "n3", 1);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_loop_test(tcase, B21c_no_challenge_is_answered_in_a_dialog_that_a_stranger_began,
			    0, 4);
	tcase_add_loop_test(tcase, B21c_a_realm_of_a_callee_is_neither_answered_nor_kept, 0, 3);
	tcase_add_test(tcase, B21c_a_realm_that_the_registrar_uses_is_answered_for_a_dialled_call);
	tcase_add_test(tcase, B21c_a_first_realm_after_a_100_is_of_nobody_here);
	tcase_add_test(tcase, B22e_each_registrar_gets_credentials_for_its_own_nonce);
	tcase_add_test(tcase, B22e_a_registrar_that_refuses_what_it_has_taken_says_so);
	tcase_add_test(tcase, B22e_a_fresh_nonce_after_a_423_is_no_rejection);
	tcase_add_test(tcase, B22e_a_423_without_min_expires_is_answered_with_twice_the_time);
	tcase_add_loop_test(tcase, B24a_challenges_of_every_shape_are_answered_right, 0,
			    (int)(sizeof(shapes) / sizeof(shapes[0])));
	tcase_add_loop_test(tcase, B24a_parameters_may_be_long, 0, 10);
	tcase_add_loop_test(tcase, B24a_both_headers_at_once_are_answered, 0, 2);
	tcase_add_test(tcase, B24a_nextnonce_is_used);
}

int main(void)
{
	return bench_main("realm", add);
}
