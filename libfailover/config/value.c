/* SPDX-License-Identifier: MIT */
/* One value of an option: from the words of a file to its field, and back. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

#define WORD_SIZE 64	  /* a quoted word in a message */
#define ACCEPTED_SIZE 256 /* "what is accepted" in a message */

void fo_append(char *buffer, size_t size, const char *format, ...)
{
	size_t used = strlen(buffer);
	va_list args;

	if (used + 1 >= size)
		return;
	va_start(args, format);
	vsnprintf(buffer + used, size - used, format, args);
	va_end(args);
}

static void accepted_choices(const struct fo_option *option, char *buffer, size_t size)
{
	const char *separator = "";

	for (const struct fo_choice *choice = option->choices; choice->name; choice++) {
		if (option->type == FO_TYPE_CHOICE && choice->name[0] <= '9')
			continue;
		if (option->type == FO_TYPE_PROFILE && failover_profile_available(choice->value))
			continue;
		fo_append(buffer, size, "%s%s", separator, choice->name);
		separator = ", ";
	}
}

void fo_value_accepted(const struct fo_option *option, char *buffer, size_t size)
{
	buffer[0] = '\0';
	switch (option->type) {
	case FO_TYPE_BOOL:
	case FO_TYPE_CHOICE:
	case FO_TYPE_PROFILE:
	case FO_TYPE_METHODS:
		accepted_choices(option, buffer, size);
		break;
	case FO_TYPE_NUMBER:
		fo_append(buffer, size, "%" PRIu32 "..%" PRIu32, option->minimum, option->maximum);
		if (option->unit)
			fo_append(buffer, size, " %s", option->unit);
		break;
	case FO_TYPE_TEXT:
	case FO_TYPE_SECRET:
		fo_append(buffer, size, "text of at most %" PRIu32 " bytes", option->maximum);
		break;
	case FO_TYPE_HOST:
		fo_append(buffer, size, "IPv4 address, IPv6 address, domain name");
		break;
	case FO_TYPE_CODES:
		fo_append(buffer, size, "300..699, wildcards like 5xx");
		break;
	case FO_TYPE_SOURCES:
		accepted_choices(option, buffer, size);
		fo_append(buffer, size,
			  ", addresses, networks like 192.0.2.0/24 (at most %" PRIu32 ")",
			  option->maximum);
		break;
	case FO_TYPE_TEXTS:
		fo_append(buffer, size, "texts of at most %u bytes (at most %" PRIu32 ")",
			  FO_TEXT_MOST, option->maximum);
		break;
	}
}

int fo_value_refuse(const struct fo_option *option, const char *word, const char *fault, char *why,
		    size_t size)
{
	char quoted[WORD_SIZE], accepted[ACCEPTED_SIZE];

	fo_value_accepted(option, accepted, sizeof(accepted));
	if (option->type == FO_TYPE_SECRET) {
		snprintf(why, size, "the value %s; accepted: %s", fault, accepted);
	} else {
		fo_text_quote(word, quoted, sizeof(quoted));
		snprintf(why, size, "'%s' %s; accepted: %s", quoted, fault, accepted);
	}
	return FAILOVER_ERR_ARGUMENT;
}

const struct fo_choice *fo_choice_find(const struct fo_choice *choices, const char *name)
{
	for (; choices->name; choices++) {
		if (strcmp(choices->name, name) == 0)
			return choices;
	}
	return NULL;
}

static int set_choice(const struct fo_option *option, uint32_t *field, const char *word, char *why,
		      size_t size)
{
	const struct fo_choice *choice = fo_choice_find(option->choices, word);

	if (!choice && option->type == FO_TYPE_PROFILE && !failover_profile_find(word, field))
		return FAILOVER_OK;
	if (!choice)
		return fo_value_refuse(option, word, "is not known", why, size);
	if (option->type == FO_TYPE_PROFILE && failover_profile_available(choice->value))
		return fo_value_refuse(option, word, "is left out of this build", why, size);
	*field = choice->value;
	return FAILOVER_OK;
}

/* Decimal only: 010 is ten, not eight. */
static int set_number(const struct fo_option *option, uint32_t *field, const char *word, char *why,
		      size_t size)
{
	uint64_t number = 0;

	for (const char *c = word; *c || c == word; c++) {
		if (*c < '0' || *c > '9')
			return fo_value_refuse(option, word, "is not a decimal number", why, size);
		if (number <= UINT32_MAX)
			number = number * 10 + (uint64_t)(*c - '0');
	}
	if (number < option->minimum || number > option->maximum)
		return fo_value_refuse(option, word, "is out of range", why, size);
	*field = (uint32_t)number;
	return FAILOVER_OK;
}

static int set_text(const struct fo_option *option, char **field, const char *word, char *why,
		    size_t size)
{
	char address[300];
	char *copy;

	if (strlen(word) > option->maximum)
		return fo_value_refuse(option, word, "is too long", why, size);
	if (fo_text_has_control(word))
		return fo_value_refuse(option, word, "has a control character", why, size);
	if (option->type == FO_TYPE_HOST && word[0]) {
		if (!fo_address_normal(word, address, sizeof(address)))
			return fo_value_refuse(option, word, "is no address", why, size);
		word = address;
	}
	copy = strdup(word);
	if (!copy)
		return FAILOVER_ERR_MEMORY;
	fo_value_free(option, field);
	*field = copy;
	return FAILOVER_OK;
}

int fo_value_set(const struct fo_option *option, void *field, const struct fo_words *words,
		 char *why, size_t size)
{
	if (fo_option_is_list(option))
		return fo_list_set(option, field, words, why, size);
	if (words->list || words->count != 1) {
		char accepted[ACCEPTED_SIZE];

		fo_value_accepted(option, accepted, sizeof(accepted));
		snprintf(why, size, "takes one value; accepted: %s", accepted);
		return FAILOVER_ERR_ARGUMENT;
	}
	if (fo_option_is_text(option))
		return set_text(option, field, words->word[0], why, size);
	if (option->type == FO_TYPE_NUMBER)
		return set_number(option, field, words->word[0], why, size);
	return set_choice(option, field, words->word[0], why, size);
}

int fo_value_set_initial(const struct fo_option *option, void *field)
{
	struct fo_words words = { .word = &option->initial, .count = 1 };
	char why[ACCEPTED_SIZE];

	if (option->initial[0] == '\0' && !fo_option_is_text(option) &&
	    !fo_option_is_list(option)) {
		*(uint32_t *)field = 0;
		return FAILOVER_OK;
	}
	return fo_value_set(option, field, &words, why, sizeof(why));
}

const char *fo_choice_name(const struct fo_option *option, uint32_t value)
{
	for (const struct fo_choice *choice = option->choices; choice->name; choice++) {
		if (choice->value == value)
			return choice->name;
	}
	return option->initial;
}

const char *fo_value_text(const struct fo_option *option, const void *field, char *buffer)
{
	const uint32_t *number = field;

	buffer[0] = '\0';
	switch (option->type) {
	case FO_TYPE_TEXT:
	case FO_TYPE_SECRET:
	case FO_TYPE_HOST:
		return *(char *const *)field;
	case FO_TYPE_BOOL:
	case FO_TYPE_CHOICE:
	case FO_TYPE_PROFILE:
		return fo_choice_name(option, *number);
	case FO_TYPE_NUMBER:
		if (*number || option->initial[0])
			fo_append(buffer, FO_VALUE_SIZE, "%" PRIu32, *number);
		break;
	case FO_TYPE_METHODS:
	case FO_TYPE_CODES:
	case FO_TYPE_SOURCES:
	case FO_TYPE_TEXTS:
		fo_list_text(option, field, buffer);
		break;
	}
	return buffer;
}

void fo_value_free(const struct fo_option *option, void *field)
{
	char **text = field;

	if (fo_option_is_list(option))
		fo_list_free(option, field);
	if (!fo_option_is_text(option))
		return;
	if (*text && option->type == FO_TYPE_SECRET)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}
