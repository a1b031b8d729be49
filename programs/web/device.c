/* SPDX-License-Identifier: MIT */
/* device.c - the cookie of a browser that has logged in. */
#include "device.h"

#include "session.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static void proof_text(const unsigned char key[32], const char *number, size_t length,
		       char text[WEB_TOKEN_TEXT])
{
	unsigned char proof[32];
	unsigned int size = sizeof(proof);

	HMAC(EVP_sha256(), key, 32, (const unsigned char *)number, length, proof, &size);
	for (size_t i = 0; i < sizeof(proof); i++) {
		text[2 * i] = "0123456789abcdef"[proof[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[proof[i] & 15];
	}
	text[2 * sizeof(proof)] = '\0';
}

int web_device_new(const unsigned char key[32], char text[WEB_DEVICE_TEXT])
{
	if (web_token_new(text) != 0)
		return -1;
	text[WEB_TOKEN_TEXT - 1] = '.';
	proof_text(key, text, WEB_TOKEN_TEXT - 1, text + WEB_TOKEN_TEXT);
	return 0;
}

uint64_t web_device_key(const unsigned char key[32], const char *text)
{
	char proof[WEB_TOKEN_TEXT];
	uint64_t number;

	if (strlen(text) != WEB_DEVICE_TEXT - 1 || text[WEB_TOKEN_TEXT - 1] != '.')
		return 0;
	proof_text(key, text, WEB_TOKEN_TEXT - 1, proof);
	if (CRYPTO_memcmp(proof, text + WEB_TOKEN_TEXT, WEB_TOKEN_TEXT - 1) != 0)
		return 0;
	memcpy(&number, text, sizeof(number)); /* digits: never 0, and random enough */
	return number;
}
