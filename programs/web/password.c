/* SPDX-License-Identifier: MIT */
/* password.c - scrypt hashes: their text, their making, their comparison. */
#include "password.h"

#include "memory.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 16 MiB and some 0.2 s on a small device. */
#define LOG_N 14u
#define BLOCK_R 8u
#define PARALLEL_P 5u
#define MEMORY_MOST (64u << 20)

static int scrypt(const struct web_hash *hash, const char *password, unsigned char *out)
{
	uint64_t room = (uint64_t)MEMORY_MOST + (1u << 20);
	int done = EVP_PBE_scrypt(password, strlen(password), hash->salt, sizeof(hash->salt),
				  1ull << hash->log_n, hash->r, hash->p, room, out, WEB_HASH_BYTES);

	web_memory_return();
	return done == 1 ? 0 : -1;
}

int web_hash_make(const char *password, struct web_hash *out)
{
	*out = (struct web_hash){ .log_n = LOG_N, .r = BLOCK_R, .p = PARALLEL_P };
	if (RAND_bytes(out->salt, sizeof(out->salt)) != 1)
		return -1;
	return scrypt(out, password, out->hash);
}

int web_hash_is(const struct web_hash *hash, const char *password)
{
	unsigned char got[WEB_HASH_BYTES];
	int same;

	if (scrypt(hash, password, got) != 0)
		return -1;
	same = CRYPTO_memcmp(got, hash->hash, sizeof(got)) == 0;
	OPENSSL_cleanse(got, sizeof(got));
	return same;
}

/* Base64 without padding; `text` has room for 4 characters for each 3 bytes, and 4 more. */
static void base64_write(const unsigned char *bytes, int count, char *text)
{
	EVP_EncodeBlock((unsigned char *)text, bytes, count);
	text[strcspn(text, "=")] = '\0';
}

static int base64_read(const char *text, size_t length, unsigned char *bytes, size_t count)
{
	char padded[64];
	unsigned char room[48];
	size_t whole = (count + 2) / 3 * 4;

	if (length != (count * 8 + 5) / 6 || whole >= sizeof(padded))
		return -1;
	memcpy(padded, text, length);
	memset(padded + length, '=', whole - length);
	if (EVP_DecodeBlock(room, (const unsigned char *)padded, (int)whole) < 0)
		return -1;
	memcpy(bytes, room, count);
	return 0;
}

int web_hash_parse(const char *text, struct web_hash *out)
{
	struct web_hash hash = { 0 };
	const char *salt, *end;
	int used = 0;

	if (sscanf(text, "$scrypt$ln=%2u,r=%2u,p=%2u$%n", &hash.log_n, &hash.r, &hash.p, &used) !=
		    3 ||
	    used == 0)
		return -1;
	if (hash.log_n < 10 || hash.log_n > 20 || hash.r < 1 || hash.r > 32 || hash.p < 1 ||
	    hash.p > 16 || (128ull * hash.r << hash.log_n) > MEMORY_MOST)
		return -1;
	salt = text + used;
	end = strchr(salt, '$');
	if (!end || base64_read(salt, (size_t)(end - salt), hash.salt, sizeof(hash.salt)) != 0)
		return -1;
	if (base64_read(end + 1, strlen(end + 1), hash.hash, sizeof(hash.hash)) != 0)
		return -1;
	*out = hash;
	return 0;
}

void web_hash_text(const struct web_hash *hash, char text[WEB_HASH_TEXT])
{
	char salt[32], value[52];

	base64_write(hash->salt, sizeof(hash->salt), salt);
	base64_write(hash->hash, sizeof(hash->hash), value);
	snprintf(text, WEB_HASH_TEXT, "$scrypt$ln=%u,r=%u,p=%u$%s$%s", (unsigned)hash->log_n,
		 (unsigned)hash->r, (unsigned)hash->p, salt, value);
}

int web_password_random(char text[24])
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32: no l, o, 0, 1 */
	unsigned char bytes[16];
	size_t used = 0;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return -1;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i > 0 && i % 4 == 0)
			text[used++] = '-';
		text[used++] = letters[bytes[i] % 32];
	}
	text[used] = '\0';
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return 0;
}
