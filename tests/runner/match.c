/* SPDX-License-Identifier: MIT */
/* match.c - pairs what was expected with what was seen, and reports the differences. */
#include <string.h>
#include "tests/runner/scenario.h"

/* Fields whose values are names for numbers: the same name must stay the same number, and two
 * names must be two numbers. */
static const char *const symbolic[] = { "callid", "branch", "tag", "totag", "nonce" };

#define BINDINGS_MOST 256u
struct bindings {
	struct {
		const char *key, *name, *value;
	} all[BINDINGS_MOST];
	size_t count;
};

static const char *field_of(const struct item *item, const char *key)
{
	uint32_t i;

	for (i = 0; i < item->fields_count; i++)
		if (!strcmp(item->fields[i].key, key))
			return item->fields[i].value;
	return "-";
}

static int is_symbolic(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(symbolic) / sizeof(symbolic[0]); i++)
		if (!strcmp(symbolic[i], key))
			return 1;
	return 0;
}

/* Does the name stand for this value, or could it? */
static int symbol_fits(const struct bindings *bindings, const struct field *field,
		       const char *value)
{
	size_t i;

	if (!strcmp(value, "-"))
		return 0;
	for (i = 0; i < bindings->count; i++) {
		if (strcmp(bindings->all[i].key, field->key))
			continue;
		if (!strcmp(bindings->all[i].name, field->value))
			return !strcmp(bindings->all[i].value, value);
		if (!strcmp(bindings->all[i].value, value))
			return 0;
	}
	return 1;
}

static int field_fits(const struct bindings *bindings, const struct field *field,
		      const struct item *seen)
{
	const char *value = field_of(seen, field->key);

	if (is_symbolic(field->key) && strcmp(field->value, "-"))
		return symbol_fits(bindings, field, value);
	return !strcmp(field->value, value);
}

static int item_fits(const struct bindings *bindings, const struct item *expected,
		     const struct item *seen)
{
	uint32_t i;

	if (seen->from_ms < expected->from_ms || seen->from_ms > expected->to_ms ||
	    strcmp(expected->head, seen->head))
		return 0;
	for (i = 0; i < expected->fields_count; i++)
		if (!field_fits(bindings, &expected->fields[i], seen))
			return 0;
	return 1;
}

static void symbols_bind(struct bindings *bindings, const struct item *expected,
			 const struct item *seen)
{
	uint32_t i;
	size_t k;

	for (i = 0; i < expected->fields_count; i++) {
		const struct field *field = &expected->fields[i];

		if (!is_symbolic(field->key) || !strcmp(field->value, "-"))
			continue;
		for (k = 0; k < bindings->count; k++)
			if (!strcmp(bindings->all[k].key, field->key) &&
			    !strcmp(bindings->all[k].name, field->value))
				break;
		if (k < bindings->count || k == BINDINGS_MOST)
			continue;
		bindings->all[k].key = field->key;
		bindings->all[k].name = field->value;
		bindings->all[k].value = field_of(seen, field->key);
		bindings->count++;
	}
}

/* Why did the nearest thing that was seen not fit? */
static void difference_report(struct scenario *scenario, const struct bindings *bindings,
			      const struct item *expected, const struct items *seen)
{
	const struct item *near = NULL;
	uint64_t gap, least = UINT64_MAX;
	size_t i;
	uint32_t k;

	for (i = 0; i < seen->count; i++) {
		const struct item *item = &seen->all[i];

		gap = item->from_ms > expected->from_ms ? item->from_ms - expected->from_ms
							: expected->from_ms - item->from_ms;
		if (item->matched || strcmp(item->head, expected->head) || gap >= least)
			continue;
		near = item;
		least = gap;
	}
	if (!near)
		return;
	fputs("#     nearest: ", scenario->report);
	item_print(scenario->report, near);
	fputc('\n', scenario->report);
	for (k = 0; k < expected->fields_count; k++)
		if (!field_fits(bindings, &expected->fields[k], near))
			fprintf(scenario->report, "#     %s: expected %s, seen %s\n",
				expected->fields[k].key, expected->fields[k].value,
				field_of(near, expected->fields[k].key));
}

static void items_report(struct scenario *scenario, const struct bindings *bindings,
			 const struct items *seen)
{
	size_t i;

	for (i = 0; i < scenario->expected.count; i++) {
		const struct item *item = &scenario->expected.all[i];

		if (item->matched)
			continue;
		scenario->errors++;
		fprintf(scenario->report, "# %s:%u: not seen: ", scenario->path,
			(unsigned)item->file_line);
		item_print(scenario->report, item);
		fputc('\n', scenario->report);
		difference_report(scenario, bindings, item, seen);
	}
	for (i = 0; i < seen->count; i++) {
		if (seen->all[i].matched)
			continue;
		scenario->errors++;
		fprintf(scenario->report, "# %s: not expected: ", scenario->path);
		item_print(scenario->report, &seen->all[i]);
		fputc('\n', scenario->report);
	}
}

void items_match(struct scenario *scenario, struct items *seen)
{
	struct items *expected = &scenario->expected;
	struct bindings bindings = { .count = 0 };
	size_t i, k;

	for (i = 0; i < seen->count; i++) {
		for (k = 0; k < expected->count; k++)
			if (!expected->all[k].matched &&
			    item_fits(&bindings, &expected->all[k], &seen->all[i]))
				break;
		if (k == expected->count)
			continue;
		symbols_bind(&bindings, &expected->all[k], &seen->all[i]);
		expected->all[k].matched = seen->all[i].matched = 1;
	}
	items_report(scenario, &bindings, seen);
}
