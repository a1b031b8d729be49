/* SPDX-License-Identifier: MIT */
/* credentials.h - digest by Sofia-SIP's iptsec: MD5. */
#ifndef FO_SOFIA_CREDENTIALS_H
#define FO_SOFIA_CREDENTIALS_H

#include "sofia.h"

/* Function of struct fo_stack. Returns the length; FAILOVER_ERR_UNSUPPORTED for what iptsec has
 * not: SHA-256, SHA-512-256. */
int fo_sofia_authorize(struct fo_ua *ua, const struct fo_authorization *what, char *out,
		       size_t size);

#endif
