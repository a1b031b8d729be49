/* SPDX-License-Identifier: MIT */
/* words.c - words, numbers and names of a scenario file. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "tests/runner/scenario.h"

void *grow(void *things, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return things;
	*room = *room ? *room * 2 : 32;
	things = realloc(things, *room * size);
	if (!things) {
		fputs("Bail out! out of memory\n", stdout);
		exit(EXIT_FAILURE);
	}
	return things;
}

char *text_copy(const char *text)
{
	size_t room = 0, size = strlen(text) + 1;
	char *copy = grow(NULL, 0, &room, size);

	return memcpy(copy, text, size);
}

void scenario_error(struct scenario *scenario, uint32_t file_line, const char *format, ...)
{
	va_list arguments;

	scenario->errors++;
	if (file_line)
		fprintf(scenario->report, "# %s:%u: ", scenario->path, (unsigned)file_line);
	else
		fprintf(scenario->report, "# %s: ", scenario->path);
	va_start(arguments, format);
	vfprintf(scenario->report, format, arguments);
	va_end(arguments);
	fputc('\n', scenario->report);
}

const char *word_next(struct words *words)
{
	return words->next < words->count ? words->all[words->next++] : NULL;
}

int word_is(struct words *words, const char *text)
{
	if (words->next >= words->count || strcmp(words->all[words->next], text))
		return 0;
	words->next++;
	return 1;
}

int text_number(const char *text, uint32_t most, uint32_t *number)
{
	unsigned long long value;
	char *end;

	if (*text < '0' || *text > '9')
		return FAILOVER_ERR_ARGUMENT;
	value = strtoull(text, &end, 10);
	if (*end || value > most)
		return FAILOVER_ERR_ARGUMENT;
	*number = (uint32_t)value;
	return 0;
}

int word_number(struct scenario *scenario, struct words *words, uint32_t most, uint32_t *number)
{
	const char *word = word_next(words);

	if (word && !text_number(word, most, number))
		return 0;
	scenario_error(scenario, words->file_line, "\"%s\": a number from 0 to %u is wanted",
		       word ? word : "end of line", (unsigned)most);
	return FAILOVER_ERR_ARGUMENT;
}

int text_time(const char *text, uint64_t *ms)
{
	unsigned int seconds, thousandths = 0;
	int used = 0;

	if (*text < '0' || *text > '9' || strlen(text) > 12)
		return FAILOVER_ERR_ARGUMENT;
	if (sscanf(text, "%u%n", &seconds, &used) != 1)
		return FAILOVER_ERR_ARGUMENT;
	if (text[used] == '.') {
		const char *digits = text + used + 1;
		size_t length = strspn(digits, "0123456789"), i;

		if (length < 1 || length > 3 || digits[length])
			return FAILOVER_ERR_ARGUMENT;
		for (i = 0; i < 3; i++)
			thousandths = thousandths * 10 +
				      (i < length ? (unsigned int)(digits[i] - '0') : 0u);
	} else if (text[used]) {
		return FAILOVER_ERR_ARGUMENT;
	}
	*ms = seconds * 1000ull + thousandths;
	return 0;
}

int word_end(struct scenario *scenario, struct words *words)
{
	if (words->next == words->count)
		return 0;
	scenario_error(scenario, words->file_line, "\"%s\" is not known here",
		       words->all[words->next]);
	return FAILOVER_ERR_ARGUMENT;
}

struct node *node_find(struct scenario *scenario, const char *name)
{
	uint32_t i;

	for (i = 0; name && i < scenario->nodes_count; i++)
		if (!strcmp(scenario->nodes[i].name, name))
			return &scenario->nodes[i];
	return NULL;
}

struct node *node_at(struct scenario *scenario, const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; i < scenario->nodes_count; i++)
		if (failover_target_same_address(&scenario->nodes[i].target, target))
			return &scenario->nodes[i];
	return NULL;
}

uint32_t scenario_targets(struct scenario *scenario, struct failover_target *out, uint32_t max)
{
	uint32_t registrar, owner, i, count = 0;
	int proxies = scenario->proxies_count > 0;

	for (registrar = 0; registrar < scenario->registrars_count; registrar++) {
		for (owner = 0; owner < (proxies ? scenario->proxies_count : 1); owner++) {
			for (i = 0; i < scenario->nodes_count && count < max; i++) {
				const struct node *node = &scenario->nodes[i];

				if (node->proxy != proxies ||
				    node->owner != (proxies ? owner : registrar))
					continue;
				out[count] = node->target;
				out[count].registrar = (uint8_t)registrar;
				out[count++].hop = (uint8_t)(proxies ? owner + 1 : 0);
			}
		}
	}
	return count;
}
