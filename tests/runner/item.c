/* SPDX-License-Identifier: MIT */
/* item.c - items: things seen or expected, with a time, a head and fields of text. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "tests/runner/scenario.h"

struct item *item_add(struct items *items, uint64_t from_ms, uint64_t to_ms, const char *head)
{
	struct item *item;

	items->all = grow(items->all, items->count, &items->room, sizeof(*items->all));
	item = &items->all[items->count++];
	memset(item, 0, sizeof(*item));
	item->from_ms = from_ms;
	item->to_ms = to_ms;
	snprintf(item->head, sizeof(item->head), "%s", head);
	return item;
}

void item_field(struct item *item, const char *key, const char *format, ...)
{
	struct field *field;
	char value[512];
	va_list arguments;

	if (item->fields_count == SCENARIO_FIELDS)
		return;
	va_start(arguments, format);
	vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	field = &item->fields[item->fields_count++];
	field->key = text_copy(key);
	field->value = text_copy(value);
}

void items_free(struct items *items)
{
	size_t i, k;

	for (i = 0; i < items->count; i++) {
		for (k = 0; k < items->all[i].fields_count; k++) {
			free((char *)items->all[i].fields[k].key);
			free((char *)items->all[i].fields[k].value);
		}
	}
	free(items->all);
}

static void time_print(FILE *file, uint64_t ms)
{
	fprintf(file, "%u.%03u", (unsigned)(ms / 1000), (unsigned)(ms % 1000));
}

void item_print(FILE *file, const struct item *item)
{
	uint32_t i;

	time_print(file, item->from_ms);
	if (item->to_ms != item->from_ms) {
		fputs("..", file);
		time_print(file, item->to_ms);
	}
	fprintf(file, " %s", item->head);
	for (i = 0; i < item->fields_count; i++)
		fprintf(file, " %s=%s", item->fields[i].key, item->fields[i].value);
}
