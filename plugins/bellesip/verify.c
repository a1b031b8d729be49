/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verify.c - the chain is belle-sip's to verify (mbed TLS), the identity ours: mbed TLS knows DNS
 * names with wildcards only, RFC 5922 7 wants the configured domain. */
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <bctoolbox/crypto.h>
#include "../common/tls.h"
#include "../common/tls_identity.h"
#include "../common/writer.h"
#include "verify.h"

/* ---- files -------------------------------------------------------------------------------- */

/* OpenSSL reads them too, to say what is wrong with them: mbed TLS gives numbers. */
static int are_good(struct fo_ua *ua, const struct failover_open_params *params)
{
	struct fo_tls_settings settings = { .ca_file = params->tls_ca_file,
					    .cert_file = params->tls_cert_file,
					    .key_file = params->tls_key_file,
					    .verify = params->tls_verify != 0 };
	char why[FO_TLS_WHY];
	struct fo_tls_context *context = fo_tls_context_new(&settings, why);

	if (!context)
		fo_ua_log(ua, FAILOVER_LOG_ERROR, "TLS cannot be used: %s", why);
	else if (!settings.verify)
		fo_ua_log(ua, FAILOVER_LOG_WARNING,
			  "tls_verify is 0: certificates are not verified, anybody can listen in");
	fo_tls_context_free(context);
	return context != NULL;
}

static int open_own(struct fo_belle_verify *verify, struct fo_ua *ua,
		    const struct failover_open_params *params)
{
	const char *cert = params->tls_cert_file;
	const char *key = params->tls_key_file ? params->tls_key_file : cert;

	if (!cert)
		return FAILOVER_OK;
	verify->chain =
		belle_sip_certificates_chain_parse_file(cert, BELLE_SIP_CERTIFICATE_RAW_FORMAT_PEM);
	verify->key = belle_sip_signing_key_parse_file(key, "");
	if (verify->chain)
		(void)belle_sip_object_ref(verify->chain);
	if (verify->key)
		(void)belle_sip_object_ref(verify->key);
	if (verify->chain && verify->key)
		return FAILOVER_OK;
	fo_ua_log(ua, FAILOVER_LOG_ERROR, "TLS cannot be used: mbed TLS cannot read %s or %s", cert,
		  key);
	return FAILOVER_ERR_ARGUMENT;
}

int fo_belle_verify_open(struct fo_belle_verify *verify, struct fo_ua *ua,
			 const struct failover_open_params *params)
{
	verify->is_on = params->tls_verify;
	verify->ca =
		strdup(params->tls_ca_file ? params->tls_ca_file : X509_get_default_cert_dir());
	if (!verify->ca)
		return FAILOVER_ERR_MEMORY;
	if ((params->tls_ca_file || params->tls_cert_file) && !are_good(ua, params))
		return FAILOVER_ERR_ARGUMENT;
	return open_own(verify, ua, params);
}

void fo_belle_verify_close(struct fo_belle_verify *verify)
{
	free(verify->ca);
	if (verify->chain)
		belle_sip_object_unref(verify->chain);
	if (verify->key)
		belle_sip_object_unref(verify->key);
}

/* ---- one handshake ------------------------------------------------------------------------ */

/* In the words of OpenSSL, which the other plugins have. */
static void write_why(uint32_t flags, char *out, size_t size)
{
	static const struct {
		uint32_t flag;
		int error;
	} known[] = {
		{ BCTBX_CERTIFICATE_VERIFY_BADCERT_EXPIRED, X509_V_ERR_CERT_HAS_EXPIRED },
		{ BCTBX_CERTIFICATE_VERIFY_BADCERT_FUTURE, X509_V_ERR_CERT_NOT_YET_VALID },
		{ BCTBX_CERTIFICATE_VERIFY_BADCERT_REVOKED, X509_V_ERR_CERT_REVOKED },
		{ BCTBX_CERTIFICATE_VERIFY_BADCERT_NOT_TRUSTED,
		  X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY },
	};
	struct fo_writer writer;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!(flags & known[i].flag))
			continue;
		fo_writer_init(&writer, out, size);
		fo_writer_add(&writer, "%s", X509_verify_cert_error_string(known[i].error));
		return;
	}
	(void)bctbx_x509_certificate_flags_to_string(out, size, flags);
	out[strcspn(out, "\n")] = '\0';
}

/* For each certificate of the chain: what mbed TLS has against it. */
static void on_certificate(void *data, bctbx_x509_certificate_t *certificate, int depth,
			   uint32_t *flags)
{
	struct fo_belle_stream *stream = data;
	uint32_t bad = *flags & ~(uint32_t)BCTBX_CERTIFICATE_VERIFY_BADCERT_CN_MISMATCH;

	(void)certificate, (void)depth;
	if (bad)
		write_why(bad, stream->why, sizeof(stream->why));
}

/* The chain is good; is it whom we mean? */
static int on_verified(void *data, const bctbx_x509_certificate_t *certificate)
{
	struct fo_belle_stream *stream = data;
	/* Neither function writes to it. */
	bctbx_x509_certificate_t *leaf = (bctbx_x509_certificate_t *)(uintptr_t)certificate;
	int32_t length = bctbx_x509_certificate_get_der_length(leaf);
	unsigned char *der = length > 0 ? malloc((size_t)length + 1) : NULL;
	const unsigned char *at = der;
	X509 *parsed = NULL;
	struct fo_writer writer;
	int is_it;

	if (der && !bctbx_x509_certificate_get_der(leaf, der, (size_t)length + 1))
		parsed = d2i_X509(NULL, &at, length);
	is_it = parsed && fo_tls_identity(parsed, stream->name);
	if (!is_it) {
		fo_writer_init(&writer, stream->why, sizeof(stream->why));
		fo_writer_add(&writer, "the certificate is not for %s", stream->name);
	}
	X509_free(parsed);
	free(der);
	return is_it ? 0 : -1;
}

void fo_belle_verify_next(const struct fo_belle_verify *verify, belle_sip_listening_point_t *point,
			  struct fo_belle_stream *stream)
{
	belle_tls_crypto_config_t *config = belle_tls_crypto_config_new();

	(void)belle_tls_crypto_config_set_root_ca(config, verify->ca);
	belle_tls_crypto_config_set_verify_exceptions(
		config, verify->is_on ? BELLE_TLS_VERIFY_CN_MISMATCH : BELLE_TLS_VERIFY_ANY_REASON);
	if (verify->is_on) {
		belle_tls_crypto_config_set_verify_callback(config, on_certificate, stream);
		belle_tls_crypto_config_set_postcheck_callback(config, on_verified, stream);
	}
	(void)belle_sip_tls_listening_point_set_crypto_config(BELLE_SIP_TLS_LISTENING_POINT(point),
							      config);
	belle_sip_object_unref(config);
}
