/* SPDX-License-Identifier: MIT */
/* digest.c - the hashes of RFC 7616 3.4 with OpenSSL, and the header values around them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include "digest.h"
#include "digest_param.h"
#include "writer.h"

struct algorithm {
	const char *name; /* RFC 7616 6.1 */
	const char *evp;
	int session;
};

static const struct algorithm algorithms[] = {
	[UA_DIGEST_MD5] = { "MD5", "MD5", 0 },
	[UA_DIGEST_MD5_SESS] = { "MD5-sess", "MD5", 1 },
	[UA_DIGEST_SHA256] = { "SHA-256", "SHA256", 0 },
	[UA_DIGEST_SHA256_SESS] = { "SHA-256-sess", "SHA256", 1 },
	[UA_DIGEST_SHA512_256] = { "SHA-512-256", "SHA512-256", 0 },
	[UA_DIGEST_SHA512_256_SESS] = { "SHA-512-256-sess", "SHA512-256", 1 },
};

const char *ua_digest_algorithm_text(enum ua_digest_algorithm algorithm)
{
	return algorithms[algorithm].name;
}

int ua_digest_algorithm_parse(const char *text, enum ua_digest_algorithm *out)
{
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (strcasecmp(text, algorithms[i].name) != 0)
			continue;
		*out = (enum ua_digest_algorithm)i;
		return FAILOVER_OK;
	}
	return FAILOVER_ERR_UNSUPPORTED;
}

/* ---- hashes ------------------------------------------------------------------------------- */

/* H(part ":" part ...) in hexadecimal; the parts end with NULL. */
static int hash_parts(const EVP_MD *md, char out[UA_DIGEST_HEX], ...)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int length = 0;
	struct ua_writer writer;
	const char *part, *before = NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	va_list parts;
	int good = ctx && EVP_DigestInit_ex(ctx, md, NULL);

	va_start(parts, out);
	while (good && (part = va_arg(parts, const char *))) {
		if (before)
			good = EVP_DigestUpdate(ctx, ":", 1);
		good = good && EVP_DigestUpdate(ctx, part, strlen(part));
		before = part;
	}
	va_end(parts);
	good = good && EVP_DigestFinal_ex(ctx, bytes, &length) && 2 * length < UA_DIGEST_HEX;
	EVP_MD_CTX_free(ctx);
	ua_writer_init(&writer, out, UA_DIGEST_HEX);
	if (good)
		ua_writer_add_hex(&writer, bytes, length);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return good ? FAILOVER_OK : FAILOVER_ERR_UNSUPPORTED;
}

/* A1 of RFC 7616 3.4.2, hashed. */
static int hash_secret(const EVP_MD *md, const struct ua_digest_challenge *challenge,
		       const struct ua_digest_request *request, char out[UA_DIGEST_HEX])
{
	char base[UA_DIGEST_HEX];
	int error = hash_parts(md, base, request->user, challenge->realm, request->password, NULL);

	if (!error && algorithms[challenge->algorithm].session)
		error = hash_parts(md, out, base, challenge->nonce, request->cnonce, NULL);
	else if (!error)
		memcpy(out, base, sizeof(base));
	OPENSSL_cleanse(base, sizeof(base));
	return error;
}

int ua_digest_response(const struct ua_digest_challenge *challenge,
		       const struct ua_digest_request *request, char out[UA_DIGEST_HEX])
{
	char secret[UA_DIGEST_HEX] = "", what[UA_DIGEST_HEX] = "", nc[9];
	int needs_cnonce = challenge->qop_auth || algorithms[challenge->algorithm].session;
	EVP_MD *md;
	int error = FAILOVER_ERR_UNSUPPORTED;

	if (needs_cnonce && !request->cnonce)
		return FAILOVER_ERR_ARGUMENT;
	md = EVP_MD_fetch(NULL, algorithms[challenge->algorithm].evp, NULL);
	if (md)
		error = hash_secret(md, challenge, request, secret);
	if (!error)
		error = hash_parts(md, what, request->method, request->uri, NULL);
	snprintf(nc, sizeof(nc), "%08x", request->nc);
	if (!error && challenge->qop_auth)
		error = hash_parts(md, out, secret, challenge->nonce, nc, request->cnonce, "auth",
				   what, NULL);
	else if (!error)
		error = hash_parts(md, out, secret, challenge->nonce, what, NULL);
	EVP_MD_free(md);
	OPENSSL_cleanse(secret, sizeof(secret));
	return error;
}

/* ---- challenge ---------------------------------------------------------------------------- */

static int set_qop(struct ua_digest_challenge *out, const char *value)
{
	out->qop_auth = ua_digest_list_has(value, "auth") != 0;
	/* An empty one says nothing; some servers write it. */
	return out->qop_auth || !value[strspn(value, " ,")] ? FAILOVER_OK
							    : FAILOVER_ERR_UNSUPPORTED;
}

static int set_challenge(struct ua_digest_challenge *out, const struct ua_digest_param *param)
{
	const char *name = param->name, *value = param->value;

	if (!strcasecmp(name, "realm"))
		return ua_digest_param_copy(out->realm, sizeof(out->realm), value);
	if (!strcasecmp(name, "nonce"))
		return ua_digest_param_copy(out->nonce, sizeof(out->nonce), value);
	if (!strcasecmp(name, "opaque")) {
		out->opaque_given = 1;
		return ua_digest_param_copy(out->opaque, sizeof(out->opaque), value);
	}
	if (!strcasecmp(name, "stale"))
		out->stale = !strcasecmp(value, "true");
	if (!strcasecmp(name, "qop"))
		return set_qop(out, value);
	if (!strcasecmp(name, "algorithm")) {
		out->algorithm_given = 1;
		return ua_digest_algorithm_parse(value, &out->algorithm);
	}
	return FAILOVER_OK; /* a name that we do not know must be ignored (RFC 7616 3.3) */
}

int ua_digest_challenge_parse(const char *value, struct ua_digest_challenge *out)
{
	struct ua_digest_param *param;
	const char *at;
	int got, error, first = FAILOVER_OK;

	/* Not all of it: three texts of 4 KiB are mostly empty. */
	out->realm[0] = out->nonce[0] = out->opaque[0] = '\0';
	out->algorithm = UA_DIGEST_MD5;
	out->algorithm_given = out->opaque_given = out->qop_auth = out->stale = 0;
	if (!value || strnlen(value, UA_DIGEST_VALUE_MAX) == UA_DIGEST_VALUE_MAX)
		return FAILOVER_ERR_ARGUMENT;
	at = ua_digest_scheme_skip(value);
	if (!at)
		return FAILOVER_ERR_UNSUPPORTED;
	param = malloc(sizeof(*param));
	if (!param)
		return FAILOVER_ERR_MEMORY;
	while ((got = ua_digest_param_next(&at, param)) > 0) {
		error = set_challenge(out, param);
		if (error && !first)
			first = error;
	}
	free(param);
	if (got < 0 || !out->nonce[0])
		return FAILOVER_ERR_ARGUMENT;
	return first;
}

/* , name="value" with the escapes of RFC 3261 25.1. */
static void add_quoted(struct ua_writer *writer, const char *before, const char *value)
{
	ua_writer_add(writer, "%s=", before);
	ua_writer_add_quoted(writer, value);
}

/* A line break in a value would end the header: refuse it. */
static int is_clean(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return 0;
	return 1;
}

int ua_digest_challenge_text(const struct ua_digest_challenge *challenge, char *out, size_t size)
{
	struct ua_writer writer;

	if (!challenge->nonce[0] || !is_clean(challenge->realm) || !is_clean(challenge->nonce) ||
	    !is_clean(challenge->opaque))
		return FAILOVER_ERR_ARGUMENT;
	ua_writer_init(&writer, out, size);
	add_quoted(&writer, "Digest realm", challenge->realm);
	add_quoted(&writer, ", nonce", challenge->nonce);
	if (challenge->opaque_given)
		add_quoted(&writer, ", opaque", challenge->opaque);
	if (challenge->algorithm_given)
		ua_writer_add(&writer, ", algorithm=%s",
			      ua_digest_algorithm_text(challenge->algorithm));
	ua_writer_add(&writer, "%s%s", challenge->qop_auth ? ", qop=\"auth\"" : "",
		      challenge->stale ? ", stale=true" : "");
	return ua_writer_length(&writer);
}

int ua_digest_authorization(const struct ua_digest_challenge *challenge,
			    const struct ua_digest_request *request, char *out, size_t size)
{
	char response[UA_DIGEST_HEX];
	struct ua_writer writer;
	int error = ua_digest_response(challenge, request, response);

	if (error)
		return error;
	if (!is_clean(request->user) || !is_clean(request->uri) || !is_clean(challenge->realm) ||
	    !is_clean(challenge->nonce) || !is_clean(challenge->opaque))
		return FAILOVER_ERR_ARGUMENT;
	ua_writer_init(&writer, out, size);
	add_quoted(&writer, "Digest username", request->user);
	add_quoted(&writer, ", realm", challenge->realm);
	add_quoted(&writer, ", nonce", challenge->nonce);
	add_quoted(&writer, ", uri", request->uri);
	ua_writer_add(&writer, ", response=\"%s\"", response);
	if (challenge->algorithm_given)
		ua_writer_add(&writer, ", algorithm=%s",
			      ua_digest_algorithm_text(challenge->algorithm));
	if (request->cnonce && (challenge->qop_auth || algorithms[challenge->algorithm].session))
		add_quoted(&writer, ", cnonce", request->cnonce);
	if (challenge->opaque_given)
		add_quoted(&writer, ", opaque", challenge->opaque);
	if (challenge->qop_auth)
		ua_writer_add(&writer, ", qop=auth, nc=%08x", request->nc);
	return ua_writer_length(&writer);
}

/* ---- answer ------------------------------------------------------------------------------- */

static int set_nc(uint32_t *out, const char *value)
{
	char *end;
	unsigned long nc = strtoul(value, &end, 16);

	if (strlen(value) != 8 || *end || value[0] == '-' || value[0] == '+')
		return FAILOVER_ERR_ARGUMENT;
	*out = (uint32_t)nc;
	return FAILOVER_OK;
}

static int set_answer(struct ua_digest_answer *out, const struct ua_digest_param *param)
{
	const struct {
		const char *name;
		char *text;
		size_t size;
	} texts[] = {
		{ "username", out->user, sizeof(out->user) },
		{ "realm", out->realm, sizeof(out->realm) },
		{ "nonce", out->nonce, sizeof(out->nonce) },
		{ "opaque", out->opaque, sizeof(out->opaque) },
		{ "cnonce", out->cnonce, sizeof(out->cnonce) },
		{ "uri", out->uri, sizeof(out->uri) },
		{ "response", out->response, sizeof(out->response) },
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcasecmp(param->name, texts[i].name))
			return ua_digest_param_copy(texts[i].text, texts[i].size, param->value);
	if (!strcasecmp(param->name, "nc"))
		return set_nc(&out->nc, param->value);
	if (!strcasecmp(param->name, "algorithm"))
		return ua_digest_algorithm_parse(param->value, &out->algorithm);
	if (!strcasecmp(param->name, "qop")) {
		out->qop_auth = !strcasecmp(param->value, "auth");
		return out->qop_auth ? FAILOVER_OK : FAILOVER_ERR_UNSUPPORTED;
	}
	return FAILOVER_OK;
}

int ua_digest_answer_parse(const char *value, struct ua_digest_answer *out)
{
	struct ua_digest_param *param;
	const char *at;
	int got, error, first = FAILOVER_OK;

	memset(out, 0, sizeof(*out));
	if (!value || strnlen(value, UA_DIGEST_VALUE_MAX) == UA_DIGEST_VALUE_MAX)
		return FAILOVER_ERR_ARGUMENT;
	at = ua_digest_scheme_skip(value);
	if (!at)
		return FAILOVER_ERR_UNSUPPORTED;
	param = malloc(sizeof(*param));
	if (!param)
		return FAILOVER_ERR_MEMORY;
	while ((got = ua_digest_param_next(&at, param)) > 0) {
		error = set_answer(out, param);
		if (error && !first)
			first = error;
	}
	free(param);
	if (got < 0 || !out->user[0] || !out->nonce[0] || !out->uri[0] || !out->response[0] ||
	    (out->qop_auth && (!out->cnonce[0] || !out->nc)))
		return FAILOVER_ERR_ARGUMENT;
	return first;
}

int ua_digest_answer_verify(const struct ua_digest_answer *answer, const char *method,
			    const char *password)
{
	struct ua_digest_challenge *challenge = calloc(1, sizeof(*challenge));
	struct ua_digest_request request = { .method = method,
					     .uri = answer->uri,
					     .user = answer->user,
					     .password = password,
					     .cnonce = answer->cnonce,
					     .nc = answer->nc };
	char expected[UA_DIGEST_HEX] = "", given[UA_DIGEST_HEX] = "";
	size_t i;
	int error;

	if (!challenge)
		return FAILOVER_ERR_MEMORY;
	challenge->algorithm = answer->algorithm;
	challenge->qop_auth = answer->qop_auth;
	memcpy(challenge->realm, answer->realm, sizeof(challenge->realm));
	memcpy(challenge->nonce, answer->nonce, sizeof(challenge->nonce));
	error = ua_digest_response(challenge, &request, expected);
	free(challenge);
	for (i = 0; answer->response[i]; i++) /* hexadecimal may be in capitals */
		given[i] = answer->response[i] >= 'A' && answer->response[i] <= 'F'
				   ? (char)(answer->response[i] + 'a' - 'A')
				   : answer->response[i];
	if (!error && CRYPTO_memcmp(expected, given, sizeof(expected)) != 0)
		error = FAILOVER_ERR_ARGUMENT;
	OPENSSL_cleanse(expected, sizeof(expected));
	return error;
}
