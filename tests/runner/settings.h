/* SPDX-License-Identifier: MIT */
/* settings.h - the settings of a line by the option table: read, written, varied. */
#ifndef SCENARIO_SETTINGS_H
#define SCENARIO_SETTINGS_H

#include <stddef.h>
#include <failover/failover.h>

#define SETTING_TEXT 512 /* of a value, and what is wrong with one */

/* `key value`, as a configuration has it; a list may be "none". 0; ERR_UNSUPPORTED for a key that
 * is none; ERR_ARGUMENT and `why` for a value that is none. */
int settings_set(struct failover_line_settings *settings, const char *key, const char *value,
		 char *why, size_t size);

/* Each setting that is not the same in both: its key, and its value in `settings`. */
void settings_differ(const struct failover_line_settings *settings,
		     const struct failover_line_settings *base,
		     void (*differs)(void *user, const char *key, const char *value), void *user);

/* Every setting at random, within its range: its default, an end of the range, or something between
 * them. `below` gives 0..bound-1. */
void settings_vary(struct failover_line_settings *settings,
		   uint32_t (*below)(void *user, uint32_t bound), void *user);

/* The value of option number `n` from other settings, if it is a setting. Returns 0 when there are
 * no more options. */
int settings_take(struct failover_line_settings *settings,
		  const struct failover_line_settings *from, size_t n);

#endif
