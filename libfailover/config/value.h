/* SPDX-License-Identifier: MIT */
/* One value of an option: from the words of a file to its field, and back. */
#ifndef FO_CONFIG_VALUE_H
#define FO_CONFIG_VALUE_H

#include "options.h"

/* The words a file gives for one key. */
struct fo_words {
	const char *const *word;
	size_t count;
	bool list; /* written as a list, also if of one word */
};

/* Longest text of fo_value_text(): every text of a list. */
#define FO_VALUE_SIZE FAILOVER_CONFIG_VALUE_SIZE
#define FO_WHY_SIZE 512

/* What is wrong with a value, and what is accepted. */
struct fo_why {
	char text[FO_LANGUAGES][FO_WHY_SIZE];
};

/* Put words into the field (fo_option_field). 0, ERR_MEMORY, or ERR_ARGUMENT and a sentence in
 * `why`, which never quotes a secret; the field is then as before. */
int fo_value_set(const struct fo_option *option, void *field, const struct fo_words *words,
		 struct fo_why *why);
/* Put the default there. A text field holds NULL or a string that is freed. */
int fo_value_set_initial(const struct fo_option *option, void *field);
/* What holds where a file does not say the item, as written there: what the profile says (B29;
 * FAILOVER_PROFILE_DEFAULT = the build's), else the default. */
const char *fo_value_initial(const struct fo_option *option, uint32_t profile);
/* Put that there, where the profile says something. 0 or ERR_MEMORY. */
int fo_value_set_profile(const struct fo_option *option, uint32_t profile, void *field);
/* As written in a file: in `buffer` of FO_VALUE_SIZE bytes, or the string itself. */
const char *fo_value_text(const struct fo_option *option, const void *field, char *buffer);
/* What a file may say, for messages and help. */
void fo_value_accepted(const struct fo_option *option, enum fo_language language, char *buffer,
		       size_t size);
/* Free a text or list; a secret is wiped first. */
void fo_value_free(const struct fo_option *option, void *field);

/* One of its sentences. */
void fo_why_print(struct fo_why *why, enum fo_language language, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

enum fo_fault {
	FO_FAULT_UNKNOWN,
	FO_FAULT_LEFT_OUT,
	FO_FAULT_NOT_DECIMAL,
	FO_FAULT_OUT_OF_RANGE,
	FO_FAULT_TOO_LONG,
	FO_FAULT_CONTROL,
	FO_FAULT_NO_ADDRESS,
	FO_FAULT_NO_STATUS,
	FO_FAULT_NO_NETWORK,
	FO_FAULT_NO_HOST,
	FO_FAULT_ONE_TOO_MANY,
	FO_FAULT_EMPTY,
	FO_FAULT_NOT_ONE,
	FO_FAULT_NOT_UTF8,
};
/* ERR_ARGUMENT, and in `why`: "'word' is out of range; accepted: 1..65535". */
int fo_value_refuse(const struct fo_option *option, const char *word, enum fo_fault fault,
		    struct fo_why *why);

/* May a file say this choice in this build, and is it the name that is shown? */
bool fo_choice_is_listed(const struct fo_option *option, const struct fo_choice *choice);
/* The choice of this name, or NULL; the name that is written for a value. */
const struct fo_choice *fo_choice_find(const struct fo_choice *choices, const char *name);
const char *fo_choice_name(const struct fo_option *option, uint32_t value);

/* Print to the end of what the buffer holds. */
void fo_append(char *buffer, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- text.c: what a string of unknown origin may be ---- */

/* The first byte that is not UTF-8 (RFC 3629), or NULL. */
const char *fo_text_not_utf8(const char *text, size_t length);
/* C0, DEL or C1 in valid UTF-8: could end a header of a SIP message. */
bool fo_text_has_control(const char *text);
/* Copy for a message: at most 40 bytes, cut at a character, control characters as '?'. */
void fo_text_quote(const char *text, char *buffer, size_t size);

/* ---- network.c ---- */

#define FO_NETWORK_SIZE 64 /* of its text */

/* An address, or one with the length of a prefix after a slash. False when it is neither, or has
 * bits behind its prefix. */
bool fo_network_read(const char *text, struct failover_network *network);
const char *fo_network_text(const struct failover_network *network, char *buffer, size_t size);

/* ---- address.c ---- */

/* The form that is kept: a domain name, IPv4, or IPv6 without the brackets that it may have. False
 * when it is none of them. `size` is more than the length of the text. */
bool fo_address_normal(const char *text, char *out, size_t size);

#endif
