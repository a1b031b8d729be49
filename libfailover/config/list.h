/* SPDX-License-Identifier: MIT */
/* Values that are lists: methods, status codes, sources of requests, texts. */
#ifndef FO_CONFIG_LIST_H
#define FO_CONFIG_LIST_H

#include "value.h"

/* For fo_value_set(), fo_value_text() and fo_value_free(), which say the same. */
int fo_list_set(const struct fo_option *option, void *field, const struct fo_words *words,
		struct fo_why *why);
void fo_list_text(const struct fo_option *option, const void *field, char *buffer);
void fo_list_free(const struct fo_option *option, void *field);

#endif
