/* SPDX-License-Identifier: MIT */
/* credentials.c - iptsec computes the digest; nonce counts stay the user agent's (B10), which is
 * why its auth_client, which counts by itself, is not used. */
#include <stdio.h>
#include <string.h>
#include <sofia-sip/auth_digest.h>
#include "../../ua/writer.h"
#include "credentials.h"

static void write_value(struct ua_writer *writer, const struct ua_authorization *what,
			const auth_response_t *answer)
{
	const struct ua_digest_challenge *challenge = what->challenge;

	ua_writer_add(writer, "Digest username=");
	ua_writer_add_quoted(writer, answer->ar_username);
	ua_writer_add(writer, ", realm=");
	ua_writer_add_quoted(writer, answer->ar_realm);
	ua_writer_add(writer, ", nonce=");
	ua_writer_add_quoted(writer, answer->ar_nonce);
	ua_writer_add(writer, ", uri=");
	ua_writer_add_quoted(writer, answer->ar_uri);
	ua_writer_add(writer, ", response=\"%s\"", answer->ar_response);
	if (challenge->algorithm_given)
		ua_writer_add(writer, ", algorithm=%s", answer->ar_algorithm);
	if (challenge->opaque_given) {
		ua_writer_add(writer, ", opaque=");
		ua_writer_add_quoted(writer, challenge->opaque);
	}
	if (challenge->qop_auth) {
		ua_writer_add(writer, ", qop=auth, nc=%s, cnonce=", answer->ar_nc);
		ua_writer_add_quoted(writer, answer->ar_cnonce);
	}
}

int fo_sofia_authorize(struct ua *ua, const struct ua_authorization *what, char *out, size_t size)
{
	const struct ua_digest_challenge *challenge = what->challenge;
	auth_response_t answer = { .ar_size = sizeof(answer) };
	auth_hexmd5_t key, response;
	struct ua_writer writer;
	char count[9];

	(void)ua;
	/* With -sess without qop there is no place for the cnonce: the shared digest knows. */
	if (challenge->algorithm != UA_DIGEST_MD5 &&
	    (challenge->algorithm != UA_DIGEST_MD5_SESS || !challenge->qop_auth))
		return FAILOVER_ERR_UNSUPPORTED;
	snprintf(count, sizeof(count), "%08x", (unsigned)what->request.nc);
	answer.ar_username = what->request.user;
	answer.ar_realm = challenge->realm;
	answer.ar_nonce = challenge->nonce;
	answer.ar_uri = what->request.uri;
	answer.ar_cnonce = what->request.cnonce;
	answer.ar_nc = count;
	answer.ar_algorithm = ua_digest_algorithm_text(challenge->algorithm);
	answer.ar_md5 = challenge->algorithm == UA_DIGEST_MD5;
	answer.ar_md5sess = challenge->algorithm == UA_DIGEST_MD5_SESS;
	answer.ar_qop = challenge->qop_auth ? "auth" : NULL;
	answer.ar_auth = challenge->qop_auth != 0;
	if (auth_digest_sessionkey(&answer, key, what->request.password) ||
	    auth_digest_response(&answer, response, key, what->request.method, NULL, 0))
		return FAILOVER_ERR_UNSUPPORTED;
	answer.ar_response = response;
	ua_writer_init(&writer, out, size);
	write_value(&writer, what, &answer);
	return ua_writer_error(&writer) ? ua_writer_error(&writer) : (int)writer.length;
}
