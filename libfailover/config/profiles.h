/* SPDX-License-Identifier: MIT */
/* What the profiles of other phones say where a file does not (B29). */
#ifndef FO_CONFIG_PROFILES_H
#define FO_CONFIG_PROFILES_H

#include <failover/failover.h>

struct fo_profile_item {
	uint32_t profile; /* enum failover_profile */
	const char *key;
	const char *value; /* as written in a file */
#ifdef FO_POLICY_TEXT
	const char *source;
#endif
};

/* The n-th of this build, from 0; NULL past the last. */
const struct fo_profile_item *fo_profile_item(size_t n);
/* What the profile says of this item of a line; NULL = nothing. */
const char *fo_profile_value(uint32_t profile, const char *key);

#endif
