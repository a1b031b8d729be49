/* SPDX-License-Identifier: MIT */
/* settings.h - the settings of lines: their ranges, and equal ones stored once. */
#ifndef FO_SETTINGS_H
#define FO_SETTINGS_H

#include <failover/failover.h>
#include "policy.h"

struct fo_settings {
	struct fo_settings *next;
	uint32_t references;
	const struct fo_profile_row *profile;
	struct failover_line_settings is;
};

static inline int fo_in_range(uint32_t value, uint32_t least, uint32_t most)
{
	return value >= least && value <= most;
}

int fo_settings_valid(const struct failover_line_settings *is);
/* What a line asks a registrar for. */
int fo_settings_registrar_valid(uint32_t expires_s);
/* The stored settings equal to these, with one more reference; ERR_MEMORY. */
int fo_settings_take(struct fo_settings **list, const struct failover_memory *memory,
		     const struct failover_line_settings *is, struct fo_settings **out);
void fo_settings_drop(struct fo_settings **list, const struct failover_memory *memory,
		      struct fo_settings *settings);
/* 1 if signal failback is on for the method (B12, B12a). */
int fo_settings_signal(const struct fo_settings *settings, uint32_t method);

#endif
