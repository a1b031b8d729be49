/* SPDX-License-Identifier: MIT */
/* credentials.h - digest by Sofia-SIP's iptsec: MD5. */
#ifndef FO_SOFIA_CREDENTIALS_H
#define FO_SOFIA_CREDENTIALS_H

#include "sofia.h"

/* Function of struct ua_stack. Returns the length; FAILOVER_ERR_UNSUPPORTED for what iptsec has
 * not: SHA-256, SHA-512-256. */
int fo_sofia_authorize(struct ua *ua, const struct ua_authorization *what, char *out, size_t size);

#endif
