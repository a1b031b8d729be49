/* SPDX-License-Identifier: GPL-3.0-or-later */
/* authorize.c - digest by belle-sip's helper: MD5 and SHA-256. What it cannot do, the shared digest
 * does: -sess and SHA-512-256. */
#include <string.h>
#include "../../ua/writer.h"
#include "authorize.h"

/* What it answers is a header; the challenge it wants is one, too. */
static belle_sip_header_www_authenticate_t *challenge_of(const struct ua_digest_challenge *from)
{
	belle_sip_header_www_authenticate_t *to = belle_sip_header_www_authenticate_new();

	belle_sip_header_www_authenticate_set_scheme(to, "Digest");
	belle_sip_header_www_authenticate_set_realm(to, from->realm);
	belle_sip_header_www_authenticate_set_nonce(to, from->nonce);
	if (from->algorithm_given)
		belle_sip_header_www_authenticate_set_algorithm(
			to, ua_digest_algorithm_text(from->algorithm));
	if (from->opaque_given)
		belle_sip_header_www_authenticate_set_opaque(to, from->opaque);
	return to;
}

static int fill(belle_sip_header_authorization_t *header, const struct ua_authorization *what)
{
	const struct ua_digest_request *request = &what->request;
	const char *algorithm = ua_digest_algorithm_text(what->challenge->algorithm);
	belle_sip_uri_t *uri = belle_sip_uri_parse(request->uri);
	char ha1[MAX_RESPONSE_SIZE];

	if (!uri || belle_sip_auth_helper_compute_ha1_for_algorithm(
			    request->user, what->challenge->realm, request->password, ha1,
			    (size_t)belle_sip_auth_define_size(algorithm), algorithm))
		return -1;
	belle_sip_header_authorization_set_username(header, request->user);
	belle_sip_header_authorization_set_uri(header, uri);
	if (what->challenge->qop_auth) {
		belle_sip_header_authorization_set_qop(header, "auth");
		belle_sip_header_authorization_set_nonce_count(header, (int)request->nc);
	}
	return belle_sip_auth_helper_fill_authorization(header, request->method, ha1);
}

/* The URI must be on the wire as it was hashed. */
static int is_same_uri(const struct ua_authorization *what)
{
	belle_sip_uri_t *uri = belle_sip_uri_parse(what->request.uri);
	char *text = uri ? belle_sip_uri_to_string(uri) : NULL;
	int same = text && !strcmp(text, what->request.uri);

	belle_sip_free(text);
	return same;
}

static int write_value(belle_sip_header_authorization_t *header, char *out, size_t size)
{
	char *text = belle_sip_object_to_string(BELLE_SIP_OBJECT(header));
	const char *value = text ? strstr(text, "Digest ") : NULL;
	struct ua_writer writer;

	if (!value) {
		belle_sip_free(text);
		return FAILOVER_ERR_UNSUPPORTED;
	}
	ua_writer_init(&writer, out, size);
	ua_writer_add(&writer, "%s", value);
	belle_sip_free(text);
	return ua_writer_error(&writer) ? ua_writer_error(&writer) : (int)writer.length;
}

int fo_belle_authorize(struct ua *ua, const struct ua_authorization *what, char *out, size_t size)
{
	belle_sip_object_pool_t *pool;
	belle_sip_header_authorization_t *header;
	int length = FAILOVER_ERR_UNSUPPORTED;

	(void)ua;
	if (what->challenge->algorithm != UA_DIGEST_MD5 &&
	    what->challenge->algorithm != UA_DIGEST_SHA256)
		return FAILOVER_ERR_UNSUPPORTED;
	pool = belle_sip_object_pool_push();
	header = belle_sip_auth_helper_create_authorization(challenge_of(what->challenge));
	if (header && is_same_uri(what) && !fill(header, what))
		length = write_value(header, out, size);
	belle_sip_object_unref(pool);
	return length;
}
