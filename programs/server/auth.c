/* SPDX-License-Identifier: MIT */
/* auth.c - challenges and their proof. Nonces carry their own proof, so none is stored. */
#include "auth.h"

#include "server.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ua/digest.h"

#define NONCE_LIFE_S 300
#define NONCE_TIME_DIGITS 12
#define NONCE_MAC_BYTES 16
#define NONCE_SIZE (NONCE_TIME_DIGITS + 2 * NONCE_MAC_BYTES + 1)

enum verdict {
	VERDICT_GOOD,
	VERDICT_STALE, /* right password, but not a nonce of this server's last minutes */
	VERDICT_BAD,
};

bool auth_init(struct auth *auth)
{
	return RAND_bytes(auth->secret, sizeof(auth->secret)) == 1;
}

bool auth_add_user(struct auth *auth, const char *text)
{
	const char *colon = strchr(text, ':');
	struct auth_user *user = &auth->user[auth->users];
	size_t len;

	if (!colon || colon == text || auth->users == AUTH_USERS_MAX)
		return false;
	len = (size_t)(colon - text);
	if (len >= sizeof(user->name) || strlen(colon + 1) >= sizeof(user->password))
		return false;
	memcpy(user->name, text, len);
	user->name[len] = '\0';
	strcpy(user->password, colon + 1);
	auth->users++;
	return true;
}

void auth_free(struct auth *auth)
{
	OPENSSL_cleanse(auth, sizeof(*auth));
}

/* The time it was made, and a proof that this server made it. */
static void nonce_make(const struct auth *auth, int64_t at_s, char nonce[NONCE_SIZE])
{
	unsigned char mac[EVP_MAX_MD_SIZE] = { 0 };
	unsigned len = 0;
	size_t i;

	snprintf(nonce, NONCE_TIME_DIGITS + 1, "%012llx",
		 (unsigned long long)at_s & 0xffffffffffffULL);
	HMAC(EVP_sha256(), auth->secret, sizeof(auth->secret), (unsigned char *)nonce,
	     NONCE_TIME_DIGITS, mac, &len);
	for (i = 0; i < NONCE_MAC_BYTES; i++)
		snprintf(nonce + NONCE_TIME_DIGITS + 2 * i, 3, "%02x", mac[i]);
}

static bool nonce_is_fresh(const struct auth *auth, const char *nonce)
{
	char digits[NONCE_TIME_DIGITS + 1] = "", ours[NONCE_SIZE];
	int64_t at_s, age_s;

	if (strlen(nonce) != NONCE_SIZE - 1)
		return false;
	memcpy(digits, nonce, NONCE_TIME_DIGITS);
	at_s = (int64_t)strtoull(digits, NULL, 16);
	nonce_make(auth, at_s, ours);
	age_s = clock_ms() / 1000 - at_s;
	return CRYPTO_memcmp(ours, nonce, NONCE_SIZE - 1) == 0 && age_s >= 0 &&
	       age_s <= NONCE_LIFE_S;
}

static const char *find_password(const struct auth *auth, const char *name)
{
	unsigned i;

	for (i = 0; i < auth->users; i++) {
		if (strcmp(auth->user[i].name, name) == 0)
			return auth->user[i].password;
	}
	return NULL;
}

static enum verdict check_answer(const struct auth *auth, const char *method,
				 const struct ua_digest_answer *answer)
{
	const char *password = find_password(auth, answer->user);

	if (!password || strcmp(answer->realm, AUTH_REALM) != 0)
		return VERDICT_BAD;
	if (ua_digest_answer_verify(answer, method, password) != 0)
		return VERDICT_BAD;
	/* RFC 7616 3.3: stale tells the client that its password is right. */
	return nonce_is_fresh(auth, answer->nonce) ? VERDICT_GOOD : VERDICT_STALE;
}

static enum verdict check_request(const struct auth *auth, const struct sip_msg *request)
{
	const osip_list_t *list = &request->osip->authorizations;
	enum verdict verdict = VERDICT_BAD;
	struct ua_digest_answer answer;
	char *value;
	int i;

	for (i = 0; i < osip_list_size(list) && verdict == VERDICT_BAD; i++) {
		value = NULL;
		if (osip_authorization_to_str(osip_list_get(list, i), &value) != 0)
			continue;
		if (ua_digest_answer_parse(value, &answer) == 0)
			verdict = check_answer(auth, request->method, &answer);
		osip_free(value);
	}
	return verdict;
}

static void add_challenge(const struct auth *auth, struct sip_msg *reply,
			  enum ua_digest_algorithm algorithm, bool stale)
{
	struct ua_digest_challenge challenge = {
		.realm = AUTH_REALM,
		.algorithm = algorithm,
		.algorithm_given = 1,
		.qop_auth = 1,
		.stale = stale,
	};
	char value[UA_DIGEST_VALUE_MAX];

	nonce_make(auth, clock_ms() / 1000, challenge.nonce);
	if (ua_digest_challenge_text(&challenge, value, sizeof(value)) > 0)
		sip_add(reply, "WWW-Authenticate", value);
}

bool auth_check(struct server *server, struct exchange *x)
{
	const struct auth *auth = &server->auth;
	struct sip_msg reply;
	enum verdict verdict;
	char tag[17];

	if (auth->users == 0)
		return true;
	verdict = check_request(auth, &x->request);
	if (verdict == VERDICT_GOOD)
		return true;
	server_random_hex(tag, 8);
	if (!sip_reply(&reply, &x->request, 401, tag))
		return false;
	/* RFC 8760 2.4: the topmost is the one the server likes best. */
	add_challenge(auth, &reply, UA_DIGEST_SHA256, verdict == VERDICT_STALE);
	add_challenge(auth, &reply, UA_DIGEST_MD5, verdict == VERDICT_STALE);
	server_respond(server, x, &reply);
	return false;
}
