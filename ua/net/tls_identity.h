/* SPDX-License-Identifier: MIT */
/* tls_identity.h - is this certificate that of the SIP domain? (RFC 5922 7) */
#ifndef UA_TLS_IDENTITY_H
#define UA_TLS_IDENTITY_H

#include <openssl/x509.h>

/* Is it a numeric address? */
int ua_tls_is_numeric(const char *name);
/* Does the certificate belong to this domain or numeric address? No wildcards. */
int ua_tls_identity(X509 *certificate, const char *name);

#endif
