/* SPDX-License-Identifier: MIT */
/* One value of an option: from the words of a file to its field, and back. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "profiles.h"

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

bool fo_choice_is_listed(const struct fo_option *option, const struct fo_choice *choice)
{
	if (option->type == FO_TYPE_CHOICE)
		return choice->name[0] > '9';
	return option->type != FO_TYPE_PROFILE || !failover_profile_available(choice->value);
}

void fo_why_print(struct fo_why *why, enum fo_language language, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text[language], sizeof(why->text[language]), format, args);
	va_end(args);
}

static void accepted_choices(const struct fo_option *option, char *buffer, size_t size)
{
	const char *separator = "";

	for (const struct fo_choice *choice = option->choices; choice->name; choice++) {
		if (!fo_choice_is_listed(option, choice))
			continue;
		fo_append(buffer, size, "%s%s", separator, choice->name);
		separator = ", ";
	}
}

void fo_value_accepted(const struct fo_option *option, enum fo_language language, char *buffer,
		       size_t size)
{
	bool zh = language == FO_CHINESE;
	const char *unit = fo_option_unit(option, language);

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
		if (unit)
			fo_append(buffer, size, " %s", unit);
		break;
	case FO_TYPE_TEXT:
	case FO_TYPE_SECRET:
		fo_append(buffer, size,
			  zh ? "不超过 %" PRIu32 " 字节的文本"
			     : "text of at most %" PRIu32 " bytes",
			  option->maximum);
		break;
	case FO_TYPE_HOST:
		fo_append(buffer, size,
			  zh ? "IPv4 地址、IPv6 地址、域名"
			     : "IPv4 address, IPv6 address, domain name");
		break;
	case FO_TYPE_CODES:
		fo_append(buffer, size,
			  zh ? "300..699，或 5xx 这样的通配" : "300..699, wildcards like 5xx");
		break;
	case FO_TYPE_SOURCES:
		accepted_choices(option, buffer, size);
		fo_append(buffer, size,
			  zh ? "、地址、192.0.2.0/24 这样的网络（最多 %" PRIu32 " 个）"
			     : ", addresses, networks like 192.0.2.0/24 (at most %" PRIu32 ")",
			  option->maximum);
		break;
	case FO_TYPE_TEXTS:
		if (option->is_hosts)
			fo_append(buffer, size, zh ? "域名=地址，每项为" : "NAME=ADDRESS in ");
		fo_append(buffer, size,
			  zh ? "每个不超过 %u 字节的文本（最多 %" PRIu32 " 个）"
			     : "texts of at most %u bytes (at most %" PRIu32 ")",
			  FO_TEXT_MOST, option->maximum);
		break;
	}
}

int fo_value_refuse(const struct fo_option *option, const char *word, enum fo_fault fault,
		    struct fo_why *why)
{
	static const char *const faults[][FO_LANGUAGES] = {
		[FO_FAULT_UNKNOWN] = { "is not known", "不是已知的值" },
		[FO_FAULT_LEFT_OUT] = { "is left out of this build", "不在本程序的编译范围内" },
		[FO_FAULT_NOT_DECIMAL] = { "is not a decimal number", "不是十进制数" },
		[FO_FAULT_OUT_OF_RANGE] = { "is out of range", "超出范围" },
		[FO_FAULT_TOO_LONG] = { "is too long", "太长" },
		[FO_FAULT_CONTROL] = { "has a control character", "含有控制字符" },
		[FO_FAULT_NO_ADDRESS] = { "is no address", "不是地址" },
		[FO_FAULT_NO_STATUS] = { "is no final status", "不是最终应答码" },
		[FO_FAULT_NO_NETWORK] = { "is no address or network", "不是地址或网络" },
		[FO_FAULT_NO_HOST] = { "is no name with an address", "不是带地址的域名" },
		[FO_FAULT_ONE_TOO_MANY] = { "is one too many", "超出了允许的个数" },
		[FO_FAULT_EMPTY] = { "is empty", "是空的" },
		[FO_FAULT_NOT_UTF8] = { "not UTF-8", "不是 UTF-8" },
		[FO_FAULT_NOT_ONE] = { "takes one value", "只接受一个值" },
	};
	static const char *const values[FO_LANGUAGES] = { "the value ", "该值" };
	static const char *const formats[FO_LANGUAGES] = { "%s%s; accepted: %s",
							   "%s%s；可接受：%s" };
	char quoted[WORD_SIZE], accepted[ACCEPTED_SIZE], subject[WORD_SIZE + 8];

	fo_text_quote(word ? word : "", quoted, sizeof(quoted));
	for (int i = 0; i < FO_LANGUAGES; i++) {
		fo_value_accepted(option, (enum fo_language)i, accepted, sizeof(accepted));
		snprintf(subject, sizeof(subject), i == FO_CHINESE ? "“%s”" : "'%s' ", quoted);
		if (!word)
			subject[0] = '\0';
		else if (option->type == FO_TYPE_SECRET)
			snprintf(subject, sizeof(subject), "%s", values[i]);
		snprintf(why->text[i], sizeof(why->text[i]), formats[i], subject, faults[fault][i],
			 accepted);
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

static int set_choice(const struct fo_option *option, uint32_t *field, const char *word,
		      struct fo_why *why)
{
	const struct fo_choice *choice = fo_choice_find(option->choices, word);

	if (!choice && option->type == FO_TYPE_PROFILE && !failover_profile_find(word, field))
		return FAILOVER_OK;
	if (!choice)
		return fo_value_refuse(option, word, FO_FAULT_UNKNOWN, why);
	if (option->type == FO_TYPE_PROFILE && failover_profile_available(choice->value))
		return fo_value_refuse(option, word, FO_FAULT_LEFT_OUT, why);
	*field = choice->value;
	return FAILOVER_OK;
}

/* Decimal only: 010 is ten, not eight. */
static int set_number(const struct fo_option *option, uint32_t *field, const char *word,
		      struct fo_why *why)
{
	uint64_t number = 0;

	for (const char *c = word; *c || c == word; c++) {
		if (*c < '0' || *c > '9')
			return fo_value_refuse(option, word, FO_FAULT_NOT_DECIMAL, why);
		if (number <= UINT32_MAX)
			number = number * 10 + (uint64_t)(*c - '0');
	}
	if (number < option->minimum || number > option->maximum)
		return fo_value_refuse(option, word, FO_FAULT_OUT_OF_RANGE, why);
	*field = (uint32_t)number;
	return FAILOVER_OK;
}

static int set_text(const struct fo_option *option, char **field, const char *word,
		    struct fo_why *why)
{
	char address[300];
	char *copy;

	if (strlen(word) > option->maximum)
		return fo_value_refuse(option, word, FO_FAULT_TOO_LONG, why);
	if (fo_text_has_control(word))
		return fo_value_refuse(option, word, FO_FAULT_CONTROL, why);
	if (option->type == FO_TYPE_HOST && word[0]) {
		if (!fo_address_normal(word, address, sizeof(address)))
			return fo_value_refuse(option, word, FO_FAULT_NO_ADDRESS, why);
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
		 struct fo_why *why)
{
	if (fo_option_is_list(option))
		return fo_list_set(option, field, words, why);
	if (words->list || words->count != 1)
		return fo_value_refuse(option, NULL, FO_FAULT_NOT_ONE, why);
	if (fo_option_is_text(option))
		return set_text(option, field, words->word[0], why);
	if (option->type == FO_TYPE_NUMBER)
		return set_number(option, field, words->word[0], why);
	return set_choice(option, field, words->word[0], why);
}

int fo_value_set_initial(const struct fo_option *option, void *field)
{
	struct fo_words words = { .word = &option->initial, .count = 1 };
	struct fo_why why;

	if (option->initial[0] == '\0' && !fo_option_is_text(option) &&
	    !fo_option_is_list(option)) {
		*(uint32_t *)field = 0;
		return FAILOVER_OK;
	}
	return fo_value_set(option, field, &words, &why);
}

static const char *profile_value(const struct fo_option *option, uint32_t profile)
{
	if (!fo_option_in(option, FO_LINE))
		return NULL;
	return fo_profile_value(profile ? profile : failover_profile_default(), option->key);
}

const char *fo_value_initial(const struct fo_option *option, uint32_t profile)
{
	const char *value = profile_value(option, profile);

	return value ? value : option->initial;
}

int fo_value_set_profile(const struct fo_option *option, uint32_t profile, void *field)
{
	const char *value = profile_value(option, profile);
	struct fo_words words = { .word = &value, .count = 1 };
	struct fo_why why;

	return value ? fo_value_set(option, field, &words, &why) : FAILOVER_OK;
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
