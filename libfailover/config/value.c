/* SPDX-License-Identifier: MIT */
/* One value of an option: from the words of a file to its field, and back. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

#define WORD_SIZE 64	  /* a quoted word in a message */
#define ACCEPTED_SIZE 256 /* "what is accepted" in a message */
#define CODE_FIRST 300u
#define CODE_COUNT 400u

static void append(char *buffer, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *buffer, size_t size, const char *format, ...)
{
	size_t used = strlen(buffer);
	va_list args;

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
		append(buffer, size, "%s%s", separator, choice->name);
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
		append(buffer, size, "%" PRIu32 "..%" PRIu32, option->minimum, option->maximum);
		if (option->unit)
			append(buffer, size, " %s", option->unit);
		break;
	case FO_TYPE_TEXT:
	case FO_TYPE_SECRET:
		append(buffer, size, "text of at most %" PRIu32 " bytes", option->maximum);
		break;
	case FO_TYPE_HOST:
		append(buffer, size, "IPv4 address, IPv6 address, domain name");
		break;
	case FO_TYPE_CODES:
		append(buffer, size, "300..699, wildcards like 5xx");
		break;
	}
}

/* "'word' is out of range; accepted: 1..65535". */
static int refuse(const struct fo_option *option, const char *word, const char *fault, char *why,
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

static const struct fo_choice *choice_find(const struct fo_choice *choices, const char *name)
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
	const struct fo_choice *choice = choice_find(option->choices, word);

	if (!choice)
		return refuse(option, word, "is not known", why, size);
	if (option->type == FO_TYPE_PROFILE && failover_profile_available(choice->value))
		return refuse(option, word, "is left out of this build", why, size);
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
			return refuse(option, word, "is not a decimal number", why, size);
		if (number <= UINT32_MAX)
			number = number * 10 + (uint64_t)(*c - '0');
	}
	if (number < option->minimum || number > option->maximum)
		return refuse(option, word, "is out of range", why, size);
	*field = (uint32_t)number;
	return FAILOVER_OK;
}

static int set_text(const struct fo_option *option, char **field, const char *word, char *why,
		    size_t size)
{
	char address[300];
	char *copy;

	if (strlen(word) > option->maximum)
		return refuse(option, word, "is too long", why, size);
	if (fo_text_has_control(word))
		return refuse(option, word, "has a control character", why, size);
	if (option->type == FO_TYPE_HOST && word[0]) {
		if (!fo_address_normal(word, address, sizeof(address)))
			return refuse(option, word, "is no address", why, size);
		word = address;
	}
	copy = strdup(word);
	if (!copy)
		return FAILOVER_ERR_MEMORY;
	fo_value_free(option, field);
	*field = copy;
	return FAILOVER_OK;
}

/* "503", "50x" or "5xx" to the first code and how many. */
static bool code_range(const char *word, uint32_t *first, uint32_t *count)
{
	if (strlen(word) != 3 || word[0] < '3' || word[0] > '6')
		return false;
	*first = (uint32_t)(word[0] - '0') * 100;
	*count = 100;
	if (strcmp(word + 1, "xx") == 0)
		return true;
	if (word[1] < '0' || word[1] > '9')
		return false;
	*first += (uint32_t)(word[1] - '0') * 10;
	*count = 10;
	if (word[2] == 'x')
		return true;
	if (word[2] < '0' || word[2] > '9')
		return false;
	*first += (uint32_t)(word[2] - '0');
	*count = 1;
	return true;
}

static int add_codes(const struct fo_option *option, uint8_t *codes, const char *word, char *why,
		     size_t size)
{
	uint32_t first, count;

	if (!code_range(word, &first, &count))
		return refuse(option, word, "is no final status", why, size);
	for (uint32_t i = 0; i < count; i++)
		failover_codes_add(codes, first + i);
	return FAILOVER_OK;
}

static int add_method(const struct fo_option *option, uint32_t *field, const char *word, char *why,
		      size_t size)
{
	const struct fo_choice *choice = choice_find(option->choices, word);

	if (!choice)
		return refuse(option, word, "is not known", why, size);
	*field |= choice->value;
	return FAILOVER_OK;
}

/* What a list option is filled into, before all of it is known to be good. */
struct set {
	uint32_t methods;
	uint8_t codes[FAILOVER_CODES_BYTES];
};

static int add_word(const struct fo_option *option, struct set *set, const char *word, char *why,
		    size_t size)
{
	if (option->type == FO_TYPE_METHODS)
		return add_method(option, &set->methods, word, why, size);
	return add_codes(option, set->codes, word, why, size);
}

/* "500, 503": a list in one word. */
static int add_joined(const struct fo_option *option, struct set *set, const char *joined,
		      char *why, size_t size)
{
	const char *start = joined;
	int error = FAILOVER_OK;

	while (*start && !error) {
		char word[WORD_SIZE];
		size_t length = strcspn(start, ","), first = strspn(start, " "), last = length;

		if (first > last)
			first = last;
		while (last > first && start[last - 1] == ' ')
			last--;
		snprintf(word, sizeof(word), "%.*s", (int)(last - first), start + first);
		error = add_word(option, set, word, why, size);
		start += length;
		if (*start == ',')
			start++;
	}
	return error;
}

static int set_list(const struct fo_option *option, void *field, const struct fo_words *words,
		    char *why, size_t size)
{
	struct set set = { 0 };
	int error = FAILOVER_OK;

	for (size_t i = 0; i < words->count && !error; i++) {
		if (words->list)
			error = add_word(option, &set, words->word[i], why, size);
		else
			error = add_joined(option, &set, words->word[i], why, size);
	}
	if (error)
		return error;
	if (option->type == FO_TYPE_METHODS)
		*(uint32_t *)field = set.methods;
	else
		memcpy(field, set.codes, sizeof(set.codes));
	return FAILOVER_OK;
}

int fo_value_set(const struct fo_option *option, void *field, const struct fo_words *words,
		 char *why, size_t size)
{
	if (fo_option_is_list(option))
		return set_list(option, field, words, why, size);
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

	if (option->initial[0] == '\0' && !fo_option_is_text(option)) {
		*(uint32_t *)field = 0;
		return FAILOVER_OK;
	}
	return fo_value_set(option, field, &words, why, sizeof(why));
}

/* How many codes from here on one word can name: a class, ten, one, or none at all. */
static uint32_t code_word(const uint8_t *codes, uint32_t code)
{
	uint32_t run = 0;

	while (run < 100 && code + run < CODE_FIRST + CODE_COUNT &&
	       failover_codes_has(codes, code + run) > 0)
		run++;
	if (run == 100 && code % 100 == 0)
		return 100;
	if (run >= 10 && code % 10 == 0)
		return 10;
	return run > 0;
}

static void codes_text(const uint8_t *codes, char *buffer)
{
	const char *separator = "";
	uint32_t code = CODE_FIRST;

	while (code < CODE_FIRST + CODE_COUNT) {
		uint32_t count = code_word(codes, code);

		if (count == 100)
			append(buffer, FO_VALUE_SIZE, "%s%" PRIu32 "xx", separator, code / 100);
		else if (count == 10)
			append(buffer, FO_VALUE_SIZE, "%s%" PRIu32 "x", separator, code / 10);
		else if (count == 1)
			append(buffer, FO_VALUE_SIZE, "%s%" PRIu32, separator, code);
		if (count)
			separator = ",";
		code += count ? count : 1;
	}
}

static void methods_text(const struct fo_option *option, uint32_t value, char *buffer)
{
	const char *separator = "";

	for (const struct fo_choice *choice = option->choices; choice->name; choice++) {
		if (value & choice->value) {
			append(buffer, FO_VALUE_SIZE, "%s%s", separator, choice->name);
			separator = ",";
		}
	}
}

static const char *choice_text(const struct fo_option *option, uint32_t value)
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
		return choice_text(option, *number);
	case FO_TYPE_NUMBER:
		if (*number || option->initial[0])
			append(buffer, FO_VALUE_SIZE, "%" PRIu32, *number);
		break;
	case FO_TYPE_METHODS:
		methods_text(option, *number, buffer);
		break;
	case FO_TYPE_CODES:
		codes_text(field, buffer);
		break;
	}
	return buffer;
}

void fo_value_free(const struct fo_option *option, void *field)
{
	char **text = field;

	if (!fo_option_is_text(option))
		return;
	if (*text && option->type == FO_TYPE_SECRET)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}
