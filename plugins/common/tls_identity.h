/* SPDX-License-Identifier: MIT */
/* tls_identity.h - is this certificate that of the SIP domain? (RFC 5922 7) */
#ifndef FO_TLS_IDENTITY_H
#define FO_TLS_IDENTITY_H

#include <openssl/x509.h>

/* Is it a numeric address? */
int fo_tls_is_numeric(const char *name);
/* Does the certificate belong to this domain or numeric address? No wildcards. */
int fo_tls_identity(X509 *certificate, const char *name);

#endif
