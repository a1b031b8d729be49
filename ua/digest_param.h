/* SPDX-License-Identifier: MIT */
/* digest_param.h - the parameters of a Digest header value, one by one (RFC 7616 3.3, 3.4). */
#ifndef UA_DIGEST_PARAM_H
#define UA_DIGEST_PARAM_H

#include <stddef.h>
#include "digest.h"

struct ua_digest_param {
	char name[32];
	char value[UA_DIGEST_TEXT]; /* quotes and backslashes taken off; "" if it has none */
};

/* Skip "Digest " at the start; NULL if it is another scheme. */
const char *ua_digest_scheme_skip(const char *value);
/* Read the next parameter. Returns 1 and moves *at, 0 at the end, or ERR_ARGUMENT. */
int ua_digest_param_next(const char **at, struct ua_digest_param *out);
/* Copy a value, whole or not at all. Returns 0 or ERR_ARGUMENT. */
int ua_digest_param_copy(char *out, size_t size, const char *value);
/* Is `word` one of the items of a comma-separated list? */
int ua_digest_list_has(const char *list, const char *word);

#endif
