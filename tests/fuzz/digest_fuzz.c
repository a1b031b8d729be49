/* SPDX-License-Identifier: MIT */
/* digest_fuzz.c - challenges and credentials of peers; what is understood survives being written
 * and read again. */
#include <stdlib.h>
#include <string.h>
#include "../../ua/digest.h"
#include "fuzz.h"

const char fuzz_target[] = "digest";

#define PASSWORD "secret"

static void texts_end(const struct ua_digest_challenge *challenge)
{
	fuzz_require(strnlen(challenge->realm, UA_DIGEST_TEXT) < UA_DIGEST_TEXT &&
			     strnlen(challenge->nonce, UA_DIGEST_TEXT) < UA_DIGEST_TEXT &&
			     strnlen(challenge->opaque, UA_DIGEST_TEXT) < UA_DIGEST_TEXT,
		     "the texts of a challenge end");
}

static void challenge_again(const struct ua_digest_challenge *challenge)
{
	struct ua_digest_challenge again;
	char text[UA_DIGEST_VALUE_MAX];
	int length = ua_digest_challenge_text(challenge, text, sizeof(text));

	if (length < 0)
		return;
	fuzz_require((size_t)length == strlen(text), "the length of a challenge is its text's");
	fuzz_require(ua_digest_challenge_parse(text, &again) == 0, "our challenge is understood");
	fuzz_require(
		!strcmp(again.realm, challenge->realm) && !strcmp(again.nonce, challenge->nonce) &&
			!strcmp(again.opaque, challenge->opaque) &&
			again.algorithm == challenge->algorithm &&
			again.qop_auth == challenge->qop_auth && again.stale == challenge->stale,
		"a challenge written and read is the same");
}

/* Our credentials verify with the password, and with no other. */
static void answered(const struct ua_digest_challenge *challenge)
{
	const struct ua_digest_request request = {
		.method = "REGISTER",
		.uri = "sip:example.net",
		.user = "1001",
		.password = PASSWORD,
		.cnonce = "0a4f113b",
		.nc = 1,
	};
	struct ua_digest_answer answer;
	char text[UA_DIGEST_VALUE_MAX];
	int length = ua_digest_authorization(challenge, &request, text, sizeof(text));

	if (length < 0)
		return;
	fuzz_require((size_t)length == strlen(text) && !strpbrk(text, "\r\n"),
		     "credentials are one line of their length");
	fuzz_require(!strstr(text, PASSWORD) || strstr(challenge->realm, PASSWORD) ||
			     strstr(challenge->nonce, PASSWORD) ||
			     strstr(challenge->opaque, PASSWORD),
		     "the password is not sent");
	fuzz_require(ua_digest_answer_parse(text, &answer) == 0, "our credentials are understood");
	fuzz_require(ua_digest_answer_verify(&answer, "REGISTER", PASSWORD) == 0,
		     "our credentials verify");
	fuzz_require(ua_digest_answer_verify(&answer, "REGISTER", "other") != 0,
		     "credentials of another password do not");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	char *text = fuzz_copy(bytes, count, 1);
	struct ua_digest_challenge challenge;
	struct ua_digest_answer answer;

	if (ua_digest_challenge_parse(text, &challenge) == 0) {
		texts_end(&challenge);
		challenge_again(&challenge);
		answered(&challenge);
	}
	if (ua_digest_answer_parse(text, &answer) == 0)
		(void)ua_digest_answer_verify(&answer, "REGISTER", PASSWORD);
	free(text);
	return 0;
}
