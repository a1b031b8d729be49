/* SPDX-License-Identifier: MIT */
/* digest_test.c - digest authentication against the example vectors of RFC 2617, 7616 and 8760. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../ua/digest.h"

/* RFC 2617 3.5 */
START_TEST(B4b_rfc2617_example_md5_auth)
{
	static const char value[] = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
				    "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
				    "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
	struct ua_digest_challenge challenge;
	struct ua_digest_request request = { "GET",	 "/dir/index.html",
					     "Mufasa",	 "Circle Of Life",
					     "0a4f113b", 1 };
	char response[UA_DIGEST_HEX];

	ck_assert_int_eq(ua_digest_challenge_parse(value, &challenge), 0);
	ck_assert_int_eq(challenge.qop_auth, 1);
	ck_assert_int_eq(challenge.stale, 0);
	ck_assert_int_eq(ua_digest_response(&challenge, &request, response), 0);
	ck_assert_str_eq(response, "6629fae49393a05397450978507c4ef1");
}
END_TEST

/* RFC 7616 3.9.1, both algorithms */
static void rfc7616(const char *algorithm, const char *expected)
{
	char value[512];
	struct ua_digest_challenge challenge;
	struct ua_digest_request request = { "GET",
					     "/dir/index.html",
					     "Mufasa",
					     "Circle of Life",
					     "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
					     1 };
	char response[UA_DIGEST_HEX];

	snprintf(value, sizeof(value),
		 "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=%s, "
		 "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
		 "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
		 algorithm);
	ck_assert_int_eq(ua_digest_challenge_parse(value, &challenge), 0);
	ck_assert_int_eq(ua_digest_response(&challenge, &request, response), 0);
	ck_assert_str_eq(response, expected);
}

START_TEST(B4b_rfc7616_example_md5)
{
	rfc7616("MD5", "8ca523f5e9506fed4657c9700eebdbec");
}
END_TEST

START_TEST(B4b_rfc7616_example_sha256)
{
	rfc7616("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}
END_TEST

/* The formula of RFC 2069: no qop, no cnonce, no nc. Value from `printf | md5sum`. */
START_TEST(B4b_without_qop_is_rfc2069)
{
	struct ua_digest_challenge challenge;
	struct ua_digest_request request = { "REGISTER", "sip:h", "u", "p", NULL, 0 };
	char text[512], expected[UA_DIGEST_HEX];

	ck_assert_int_eq(ua_digest_challenge_parse("digest nonce=n,realm=\"r\"", &challenge), 0);
	ck_assert_int_eq(ua_digest_response(&challenge, &request, expected), 0);
	ck_assert_str_eq(expected, "f7949f33797a7abbe390eaa95b1ca294");
	ck_assert_int_gt(ua_digest_authorization(&challenge, &request, text, sizeof(text)), 0);
	ck_assert_ptr_null(strstr(text, "qop"));
	ck_assert_ptr_null(strstr(text, "cnonce"));
	ck_assert_ptr_null(strstr(text, "algorithm"));
}
END_TEST

static void round_trip(enum ua_digest_algorithm algorithm, unsigned qop)
{
	struct ua_digest_challenge challenge = { .realm = "a \"real\\m",
						 .nonce = "n0",
						 .opaque = "",
						 .opaque_given = 1,
						 .algorithm = algorithm,
						 .algorithm_given = 1,
						 .qop_auth = (uint8_t)qop,
						 .stale = 1 };
	struct ua_digest_request request = { "REGISTER", "sip:example.net:5060",
					     "1001",	 "secret",
					     "c0",	 0x1f };
	struct ua_digest_challenge parsed;
	struct ua_digest_answer answer;
	char text[1024], again[1024];

	/* Every member is in the text; structs have gaps between theirs. */
	ck_assert_int_gt(ua_digest_challenge_text(&challenge, text, sizeof(text)), 0);
	ck_assert_int_eq(ua_digest_challenge_parse(text, &parsed), 0);
	ck_assert_int_gt(ua_digest_challenge_text(&parsed, again, sizeof(again)), 0);
	ck_assert_str_eq(again, text);
	ck_assert_str_eq(parsed.realm, challenge.realm);
	ck_assert_uint_eq(parsed.stale, 1);

	ck_assert_int_gt(ua_digest_authorization(&parsed, &request, text, sizeof(text)), 0);
	ck_assert_ptr_null(strstr(text, "secret"));
	ck_assert_int_eq(ua_digest_answer_parse(text, &answer), 0);
	ck_assert_str_eq(answer.user, "1001");
	ck_assert_str_eq(answer.realm, challenge.realm);
	ck_assert_str_eq(answer.uri, "sip:example.net:5060");
	ck_assert_uint_eq(answer.qop_auth, qop);
	ck_assert_uint_eq(answer.nc, qop ? 0x1f : 0);
	ck_assert_int_eq(answer.algorithm, algorithm);
	ck_assert_int_eq(ua_digest_answer_verify(&answer, "REGISTER", "secret"), 0);
	ck_assert_int_lt(ua_digest_answer_verify(&answer, "REGISTER", "Secret"), 0);
	ck_assert_int_lt(ua_digest_answer_verify(&answer, "INVITE", "secret"), 0);
}

START_TEST(B4b_every_algorithm_with_and_without_qop)
{
	round_trip((enum ua_digest_algorithm)(_i / 2), (unsigned)_i % 2);
}
END_TEST

START_TEST(B4b_verify_takes_capital_hexadecimal_and_no_prefix)
{
	struct ua_digest_challenge challenge = { .realm = "r", .nonce = "n" };
	struct ua_digest_request request = { "BYE", "sip:x", "u", "p", NULL, 0 };
	struct ua_digest_answer answer = {
		.user = "u", .realm = "r", .nonce = "n", .uri = "sip:x"
	};
	size_t i;

	ck_assert_int_eq(ua_digest_response(&challenge, &request, answer.response), 0);
	for (i = 0; answer.response[i]; i++)
		if (answer.response[i] >= 'a')
			answer.response[i] = (char)(answer.response[i] - 'a' + 'A');
	ck_assert_int_eq(ua_digest_answer_verify(&answer, "BYE", "p"), 0);
	answer.response[16] = '\0';
	ck_assert_int_lt(ua_digest_answer_verify(&answer, "BYE", "p"), 0);
	answer.response[0] = '\0';
	ck_assert_int_lt(ua_digest_answer_verify(&answer, "BYE", "p"), 0);
}
END_TEST

START_TEST(B4b_unknown_algorithm_scheme_or_qop_is_unsupported)
{
	static const char *const values[] = {
		"Basic realm=\"r\"",
		"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-3",
		"Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
		"Digest",
		"",
	};
	struct ua_digest_challenge challenge;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		ck_assert_int_eq(ua_digest_challenge_parse(values[i], &challenge),
				 FAILOVER_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(hostile_values_are_refused)
{
	static const char *const values[] = {
		"Digest realm=\"r\"",
		"Digest nonce=\"n",
		"Digest nonce=\"n\\",
		"Digest nonce",
		"Digest nonce=",
		"Digest =x, nonce=n",
		"Digest nonce=\"n\" realm=\"r\"",
		"Digest nonce=\"a\r\nb\"",
		"Digest aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1, nonce=n",
	};
	struct ua_digest_challenge challenge;
	struct ua_digest_answer answer;
	char big[8192];
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		ck_assert_int_lt(ua_digest_challenge_parse(values[i], &challenge), 0);
		ck_assert_int_lt(ua_digest_answer_parse(values[i], &answer), 0);
	}
	snprintf(big, sizeof(big), "Digest nonce=n, realm=\"%04097d\"", 1);
	ck_assert_int_eq(ua_digest_challenge_parse(big, &challenge), FAILOVER_ERR_ARGUMENT);
	snprintf(big, sizeof(big), "Digest nonce=n, x=\"%05000d\"", 1);
	ck_assert_int_eq(ua_digest_challenge_parse(big, &challenge), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_lt(ua_digest_answer_parse("Digest username=u,nonce=n,uri=\"s\",response=r,"
						"qop=auth,cnonce=c,nc=-0000001",
						&answer),
			 0);
}
END_TEST

START_TEST(a_text_that_does_not_fit_or_breaks_the_line_is_refused)
{
	struct ua_digest_challenge challenge = { .realm = "r", .nonce = "n" };
	struct ua_digest_request request = { "BYE", "sip:x", "u", "p", NULL, 0 };
	char text[512];

	ck_assert_int_eq(ua_digest_authorization(&challenge, &request, text, 40),
			 FAILOVER_ERR_FULL);
	ck_assert_int_eq(ua_digest_challenge_text(&challenge, text, 8), FAILOVER_ERR_FULL);
	request.user = "u\r\nX: y";
	ck_assert_int_eq(ua_digest_authorization(&challenge, &request, text, sizeof(text)),
			 FAILOVER_ERR_ARGUMENT);
	challenge.qop_auth = 1;
	request.user = "u";
	ck_assert_int_eq(ua_digest_authorization(&challenge, &request, text, sizeof(text)),
			 FAILOVER_ERR_ARGUMENT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("digest");
	TCase *tcase = tcase_create("digest");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, B4b_rfc2617_example_md5_auth);
	tcase_add_test(tcase, B4b_rfc7616_example_md5);
	tcase_add_test(tcase, B4b_rfc7616_example_sha256);
	tcase_add_test(tcase, B4b_without_qop_is_rfc2069);
	tcase_add_loop_test(tcase, B4b_every_algorithm_with_and_without_qop, 0, 12);
	tcase_add_test(tcase, B4b_verify_takes_capital_hexadecimal_and_no_prefix);
	tcase_add_test(tcase, B4b_unknown_algorithm_scheme_or_qop_is_unsupported);
	tcase_add_test(tcase, hostile_values_are_refused);
	tcase_add_test(tcase, a_text_that_does_not_fit_or_breaks_the_line_is_refused);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
