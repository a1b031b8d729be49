/* SPDX-License-Identifier: MIT */
/*
 * digest.h - SIP digest authentication (RFC 2617, 7616, 8760), both sides, on plain strings.
 *
 * A client parses a challenge and builds an Authorization value; a server builds a challenge,
 * parses an Authorization value and verifies it in constant time. All texts are bounded; what does
 * not fit or is not understood is refused, never cut. Errors are enum failover_error.
 */
#ifndef UA_DIGEST_H
#define UA_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <failover/plugin.h>

#define UA_DIGEST_TEXT 4097u	   /* realm, nonce, opaque, user ... with their end (B24a) */
#define UA_DIGEST_URI 4097u	   /* digest-uri with its end */
#define UA_DIGEST_HEX 65u	   /* the longest hash in hexadecimal with its end */
#define UA_DIGEST_VALUE_MAX 16384u /* longest header value that is looked at */

/* In order of strength: a client answers the strongest it is offered (RFC 8760 2.4). */
enum ua_digest_algorithm {
	UA_DIGEST_MD5 = 0,
	UA_DIGEST_MD5_SESS = 1,
	UA_DIGEST_SHA256 = 2,
	UA_DIGEST_SHA256_SESS = 3,
	UA_DIGEST_SHA512_256 = 4,
	UA_DIGEST_SHA512_256_SESS = 5,
};

struct ua_digest_challenge {
	char realm[UA_DIGEST_TEXT];
	char nonce[UA_DIGEST_TEXT];
	char opaque[UA_DIGEST_TEXT];
	enum ua_digest_algorithm algorithm;
	uint8_t algorithm_given; /* written back only if the server wrote it */
	uint8_t opaque_given;
	uint8_t qop_auth; /* qop="auth" is offered; else RFC 2069 without cnonce and nc */
	uint8_t stale;	  /* the nonce was old, the credentials were not wrong */
};

/* What the credentials are made for. */
struct ua_digest_request {
	const char *method; /* "REGISTER" */
	const char *uri;    /* the Request-URI as it is on the wire */
	const char *user;
	const char *password;
	const char *cnonce; /* needed with qop and for -sess */
	uint32_t nc;	    /* uses of this nonce, this one counted: from 1 */
};

/* A parsed Authorization or Proxy-Authorization value. */
struct ua_digest_answer {
	char user[UA_DIGEST_TEXT];
	char realm[UA_DIGEST_TEXT];
	char nonce[UA_DIGEST_TEXT];
	char opaque[UA_DIGEST_TEXT];
	char cnonce[UA_DIGEST_TEXT];
	char uri[UA_DIGEST_URI];
	char response[UA_DIGEST_HEX];
	enum ua_digest_algorithm algorithm;
	uint32_t nc;
	uint8_t qop_auth;
};

/* Parse the value of a WWW-Authenticate or Proxy-Authenticate header ("Digest realm=..."). Returns
 * 0, ERR_UNSUPPORTED (other scheme, algorithm, or no qop that we know) or ERR_ARGUMENT. */
int ua_digest_challenge_parse(const char *value, struct ua_digest_challenge *out);
/* Write such a value; needs realm and nonce. Returns its length, or ERR_FULL or ERR_ARGUMENT. */
int ua_digest_challenge_text(const struct ua_digest_challenge *challenge, char *out, size_t size);
/* Write the value of the header that answers it. Returns its length, or an error. */
int ua_digest_authorization(const struct ua_digest_challenge *challenge,
			    const struct ua_digest_request *request, char *out, size_t size);
/* The response alone, in lower case hexadecimal. */
int ua_digest_response(const struct ua_digest_challenge *challenge,
		       const struct ua_digest_request *request, char out[UA_DIGEST_HEX]);

/* Parse an Authorization value. Returns as ua_digest_challenge_parse(). */
int ua_digest_answer_parse(const char *value, struct ua_digest_answer *out);
/* 0 if it was made with this password for this method, else ERR_ARGUMENT. The caller checks
 * realm, nonce, nc and uri, which are its own policy. Takes the same time for any response. */
int ua_digest_answer_verify(const struct ua_digest_answer *answer, const char *method,
			    const char *password);

/* "SHA-256-sess" */
const char *ua_digest_algorithm_text(enum ua_digest_algorithm algorithm);
/* 0 and *out, or ERR_UNSUPPORTED; case does not matter. */
int ua_digest_algorithm_parse(const char *text, enum ua_digest_algorithm *out);

#endif
