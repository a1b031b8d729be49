/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verify.h - TLS: whom belle-sip is to believe (RFC 5922). */
#ifndef FO_BELLESIP_VERIFY_H
#define FO_BELLESIP_VERIFY_H

#include "stream.h"

struct fo_belle_verify {
	char *ca; /* file, or a directory */
	uint32_t is_on;
	belle_sip_certificates_chain_t *chain; /* our own; NULL = none */
	belle_sip_signing_key_t *key;
};

/* Files that cannot be used are told at once. Returns 0 or an error. */
int fo_belle_verify_open(struct fo_belle_verify *verify, struct fo_ua *ua,
			 const struct failover_open_params *params);
void fo_belle_verify_close(struct fo_belle_verify *verify);
/* The next channel of this listening point is that of this stream. */
void fo_belle_verify_next(const struct fo_belle_verify *verify, belle_sip_listening_point_t *point,
			  struct fo_belle_stream *stream);

#endif
