/* SPDX-License-Identifier: MIT */
/* Values that are lists: methods, status codes, sources of requests, texts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

#define CODE_FIRST 300u
#define CODE_COUNT 400u

/* What a list is filled into, before all of it is known to be good. */
union set {
	uint32_t methods;
	uint8_t codes[FAILOVER_CODES_BYTES];
	struct failover_config_sources sources;
	struct failover_config_texts texts;
};

static size_t set_size(enum fo_type type)
{
	switch (type) {
	case FO_TYPE_METHODS:
		return sizeof(uint32_t);
	case FO_TYPE_CODES:
		return FAILOVER_CODES_BYTES;
	case FO_TYPE_SOURCES:
		return sizeof(struct failover_config_sources);
	case FO_TYPE_TEXTS:
		return sizeof(struct failover_config_texts);
	case FO_TYPE_BOOL:
	case FO_TYPE_NUMBER:
	case FO_TYPE_CHOICE:
	case FO_TYPE_PROFILE:
	case FO_TYPE_TEXT:
	case FO_TYPE_SECRET:
	case FO_TYPE_HOST:
		break;
	}
	return 0;
}

/* ---- one word ------------------------------------------------------------------------------- */

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

static int add_codes(const struct fo_option *option, uint8_t *codes, const char *word,
		     struct fo_why *why)
{
	uint32_t first, count;

	if (!code_range(word, &first, &count))
		return fo_value_refuse(option, word, FO_FAULT_NO_STATUS, why);
	for (uint32_t i = 0; i < count; i++)
		failover_codes_add(codes, first + i);
	return FAILOVER_OK;
}

static int add_method(const struct fo_option *option, uint32_t *methods, const char *word,
		      struct fo_why *why)
{
	const struct fo_choice *choice = fo_choice_find(option->choices, word);

	if (!choice)
		return fo_value_refuse(option, word, FO_FAULT_UNKNOWN, why);
	*methods |= choice->value;
	return FAILOVER_OK;
}

/* Room for one more. NULL = no memory; what there was stays. */
static void *grown(void *array, uint32_t count, size_t each)
{
	return realloc(array, (count + 1) * each);
}

static bool has_network(const struct failover_config_sources *sources,
			const struct failover_network *network)
{
	for (uint32_t i = 0; i < sources->count; i++) {
		if (memcmp(&sources->network[i], network, sizeof(*network)) == 0)
			return true;
	}
	return false;
}

static int add_source(const struct fo_option *option, struct failover_config_sources *sources,
		      const char *word, struct fo_why *why)
{
	const struct fo_choice *choice = fo_choice_find(option->choices, word);
	struct failover_network network, *all;

	if (choice) {
		sources->any |= choice->value;
		return FAILOVER_OK;
	}
	if (!fo_network_read(word, &network))
		return fo_value_refuse(option, word, FO_FAULT_NO_NETWORK, why);
	if (has_network(sources, &network))
		return FAILOVER_OK;
	if (sources->count == option->maximum)
		return fo_value_refuse(option, word, FO_FAULT_ONE_TOO_MANY, why);
	all = grown(sources->network, sources->count, sizeof(*all));
	if (!all)
		return FAILOVER_ERR_MEMORY;
	sources->network = all;
	all[sources->count++] = network;
	return FAILOVER_OK;
}

static int add_text(const struct fo_option *option, struct failover_config_texts *texts,
		    const char *word, struct fo_why *why)
{
	char **all;

	if (word[0] == '\0')
		return fo_value_refuse(option, word, FO_FAULT_EMPTY, why);
	if (strlen(word) > FO_TEXT_MOST)
		return fo_value_refuse(option, word, FO_FAULT_TOO_LONG, why);
	if (fo_text_has_control(word))
		return fo_value_refuse(option, word, FO_FAULT_CONTROL, why);
	if (texts->count == option->maximum)
		return fo_value_refuse(option, word, FO_FAULT_ONE_TOO_MANY, why);
	all = grown(texts->text, texts->count, sizeof(*all));
	if (!all)
		return FAILOVER_ERR_MEMORY;
	texts->text = all;
	all[texts->count] = strdup(word);
	if (!all[texts->count])
		return FAILOVER_ERR_MEMORY;
	texts->count++;
	return FAILOVER_OK;
}

/* "name=192.0.2.1"; an address alone is one more of the name before. Kept in the first form. */
static int add_host(const struct fo_option *option, struct failover_config_texts *texts,
		    const char *word, struct fo_why *why)
{
	const char *address = strchr(word, '='), *name = word;
	char kept[2 * FO_TEXT_MOST], host[FO_TEXT_MOST + 1], normal[FO_TEXT_MOST + 1];
	struct failover_network network;

	if (!address && texts->count)
		name = texts->text[texts->count - 1];
	else if (!address)
		return fo_value_refuse(option, word, FO_FAULT_NO_HOST, why);
	if (strlen(word) > FO_TEXT_MOST)
		return fo_value_refuse(option, word, FO_FAULT_TOO_LONG, why);
	snprintf(host, sizeof(host), "%.*s", (int)strcspn(name, "= "), name);
	address = address ? address + 1 + strspn(address + 1, " ") : word;
	if (!fo_address_normal(host, normal, sizeof(normal)) || fo_network_read(host, &network) ||
	    strchr(address, '/') || !fo_network_read(address, &network))
		return fo_value_refuse(option, word, FO_FAULT_NO_HOST, why);
	snprintf(kept, sizeof(kept), "%s=%s", normal, address);
	return add_text(option, texts, kept, why);
}

static int add_word(const struct fo_option *option, union set *set, const char *word,
		    struct fo_why *why)
{
	switch (option->type) {
	case FO_TYPE_METHODS:
		return add_method(option, &set->methods, word, why);
	case FO_TYPE_CODES:
		return add_codes(option, set->codes, word, why);
	case FO_TYPE_SOURCES:
		return add_source(option, &set->sources, word, why);
	case FO_TYPE_TEXTS:
		return option->is_hosts ? add_host(option, &set->texts, word, why)
					: add_text(option, &set->texts, word, why);
	case FO_TYPE_BOOL:
	case FO_TYPE_NUMBER:
	case FO_TYPE_CHOICE:
	case FO_TYPE_PROFILE:
	case FO_TYPE_TEXT:
	case FO_TYPE_SECRET:
	case FO_TYPE_HOST:
		break;
	}
	return FAILOVER_ERR_ARGUMENT;
}

/* ---- the list ------------------------------------------------------------------------------- */

/* "500, 503": a list in one word. */
static int add_joined(const struct fo_option *option, union set *set, const char *joined,
		      struct fo_why *why)
{
	const char *start = joined;
	int error = FAILOVER_OK;

	while (*start && !error) {
		char word[FO_TEXT_MOST +
			  2]; /* a longer one is wrong, and so is what is left of it */
		size_t length = strcspn(start, ","), first = strspn(start, " "), last = length;

		if (first > last)
			first = last;
		while (last > first && start[last - 1] == ' ')
			last--;
		snprintf(word, sizeof(word), "%.*s", (int)(last - first), start + first);
		error = add_word(option, set, word, why);
		start += length;
		if (*start == ',')
			start++;
	}
	return error;
}

int fo_list_set(const struct fo_option *option, void *field, const struct fo_words *words,
		struct fo_why *why)
{
	union set set;
	int error = FAILOVER_OK;

	memset(&set, 0, sizeof(set));
	for (size_t i = 0; i < words->count && !error; i++) {
		if (words->list)
			error = add_word(option, &set, words->word[i], why);
		else
			error = add_joined(option, &set, words->word[i], why);
	}
	if (error) {
		fo_list_free(option, &set);
		return error;
	}
	fo_list_free(option, field);
	memcpy(field, &set, set_size(option->type));
	return FAILOVER_OK;
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
			fo_append(buffer, FO_VALUE_SIZE, "%s%" PRIu32 "xx", separator, code / 100);
		else if (count == 10)
			fo_append(buffer, FO_VALUE_SIZE, "%s%" PRIu32 "x", separator, code / 10);
		else if (count == 1)
			fo_append(buffer, FO_VALUE_SIZE, "%s%" PRIu32, separator, code);
		if (count)
			separator = ",";
		code += count ? count : 1;
	}
}

static void methods_text(const struct fo_option *option, uint32_t methods, char *buffer)
{
	const char *separator = "";

	for (const struct fo_choice *choice = option->choices; choice->name; choice++) {
		if (methods & choice->value) {
			fo_append(buffer, FO_VALUE_SIZE, "%s%s", separator, choice->name);
			separator = ",";
		}
	}
}

static void sources_text(const struct fo_option *option,
			 const struct failover_config_sources *sources, char *buffer)
{
	char text[FO_NETWORK_SIZE];

	fo_append(buffer, FO_VALUE_SIZE, "%s", fo_choice_name(option, sources->any));
	for (uint32_t i = 0; i < sources->count; i++)
		fo_append(buffer, FO_VALUE_SIZE, ",%s",
			  fo_network_text(&sources->network[i], text, sizeof(text)));
}

/* A text may have a comma: see fo_option_separator(). */
static void texts_text(const struct failover_config_texts *texts, char *buffer)
{
	for (uint32_t i = 0; i < texts->count; i++)
		fo_append(buffer, FO_VALUE_SIZE, "%s%s", i ? "\n" : "", texts->text[i]);
}

void fo_list_text(const struct fo_option *option, const void *field, char *buffer)
{
	if (option->type == FO_TYPE_METHODS)
		methods_text(option, *(const uint32_t *)field, buffer);
	else if (option->type == FO_TYPE_CODES)
		codes_text(field, buffer);
	else if (option->type == FO_TYPE_SOURCES)
		sources_text(option, field, buffer);
	else if (option->type == FO_TYPE_TEXTS)
		texts_text(field, buffer);
}

void fo_list_free(const struct fo_option *option, void *field)
{
	if (option->type == FO_TYPE_SOURCES) {
		struct failover_config_sources *sources = field;

		free(sources->network);
		memset(sources, 0, sizeof(*sources));
	} else if (option->type == FO_TYPE_TEXTS) {
		struct failover_config_texts *texts = field;

		for (uint32_t i = 0; i < texts->count; i++)
			free(texts->text[i]);
		free(texts->text);
		memset(texts, 0, sizeof(*texts));
	}
}
