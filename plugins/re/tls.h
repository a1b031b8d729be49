/* SPDX-License-Identifier: MIT */
/* tls.h - libre's TLS, with the certificates and names of SIP (RFC 5922). */
#ifndef FO_RE_TLS_H
#define FO_RE_TLS_H

#include "re.h"

/* Make the context of all connections; NULL = the system's certificates, none of ours. Returns 0 or
 * a negative error, which is logged. */
int fo_re_tls_open(struct fo_re *ua, const char *ca_file, const char *cert_file,
		   const char *key_file);
/* At close. */
void fo_re_tls_close(struct fo_re *ua);
/* TLS on this connection, when it is up: who is there must be `name`. Returns 0 or an errno. */
int fo_re_tls_start(struct fo_re *ua, struct tcp_conn *tcp, const char *name,
		    struct tls_conn **out);

#endif
