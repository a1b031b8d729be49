/* SPDX-License-Identifier: MIT */
/* tls.c - the certificate of the page. */
#include "server.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

static void why_set(char *why, size_t why_size, const char *what)
{
	char reason[160];

	ERR_error_string_n(ERR_peek_last_error(), reason, sizeof(reason));
	snprintf(why, why_size, "%s: %s", what, reason);
	ERR_clear_error();
}

SSL_CTX *web_tls_new(const char *cert_file, const char *key_file, char *why, size_t why_size)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	if (!tls) {
		why_set(why, why_size, "TLS");
		return NULL;
	}
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
	if (SSL_CTX_use_certificate_chain_file(tls, cert_file) != 1) {
		why_set(why, why_size, cert_file);
		goto fail;
	}
	if (SSL_CTX_use_PrivateKey_file(tls, key_file, SSL_FILETYPE_PEM) == 1)
		return tls;
	why_set(why, why_size, key_file);
fail:
	SSL_CTX_free(tls);
	return NULL;
}

int web_tls_names(SSL_CTX *tls, const char *host)
{
	X509 *certificate = SSL_CTX_get0_certificate(tls);

	return certificate && X509_check_host(certificate, host, strlen(host), 0, NULL) == 1;
}
