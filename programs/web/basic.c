/* SPDX-License-Identifier: MIT */
/* basic.c - name and password with each request, for programs: what was right stays right for some
 * minutes without another scrypt. */
#include "job.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <strings.h>

#define KEPT_MS 600000u

static const char *authorization(const struct web_call *call)
{
	const char *text = evhttp_find_header(evhttp_request_get_input_headers(call->request),
					      "Authorization");

	return text && strncasecmp(text, "Basic ", 6) == 0 ? text + 6 : NULL;
}

/* Only what this start of the program can compute is kept, nothing to guess a password from. */
static void proof_of(const struct web_call *call, const char *text, unsigned char proof[32])
{
	unsigned int size = 32;

	HMAC(EVP_sha256(), call->web->key, sizeof(call->web->key), (const unsigned char *)text,
	     strlen(text), proof, &size);
}

static int proof_is_kept(const struct web_call *call, const unsigned char proof[32])
{
	int kept = 0;

	for (size_t i = 0; i < WEB_BASICS; i++) {
		const struct web_basic *basic = &call->web->basics[i];

		if (basic->until_ms > web_now_ms() &&
		    CRYPTO_memcmp(basic->proof, proof, sizeof(basic->proof)) == 0)
			kept = 1;
	}
	return kept;
}

void web_basic_keep(const struct web_call *call)
{
	struct web_basic *oldest = &call->web->basics[0];
	const char *text = authorization(call);

	for (size_t i = 1; i < WEB_BASICS; i++) {
		if (call->web->basics[i].until_ms < oldest->until_ms)
			oldest = &call->web->basics[i];
	}
	if (!text)
		return;
	proof_of(call, text, oldest->proof);
	oldest->until_ms = web_now_ms() + KEPT_MS;
}

/* "admin:PASSWORD" in base64; returns the password within `room`, or NULL. */
static const char *password_of(const char *text, char *room, size_t size)
{
	size_t length = strlen(text);
	int got;

	if (length % 4 != 0 || length / 4 * 3 >= size)
		return NULL;
	got = EVP_DecodeBlock((unsigned char *)room, (const unsigned char *)text, (int)length);
	if (got < 0)
		return NULL;
	room[got] = '\0';
	if (strncmp(room, "admin:", 6) != 0 || strlen(room + 6) > WEB_PASSWORD_MOST)
		return NULL;
	return room + 6;
}

int web_basic(struct web_call *call)
{
	const char *text = authorization(call), *password;
	unsigned char proof[32];
	char room[512];

	if (!text)
		return 0;
	proof_of(call, text, proof);
	if (proof_is_kept(call, proof))
		return 1;
	password = password_of(text, room, sizeof(room));
	/* Another name takes as long as a wrong password. */
	web_job_start(call, JOB_BASIC, password ? password : "");
	OPENSSL_cleanse(room, sizeof(room));
	return -1;
}
