/* SPDX-License-Identifier: MIT */
/* What a phone's file says, in our words, and how well each of them fits. */
#include <stdlib.h>
#include <string.h>

#include "phone_sets.h"

static bool take_number(const char **key, unsigned *number, unsigned most)
{
	unsigned value = 0;

	if (**key < '1' || **key > '9')
		return false;
	while (**key >= '0' && **key <= '9' && value <= most)
		value = value * 10 + (unsigned)(*(*key)++ - '0');
	*number = value;
	return value <= most;
}

/* Is it this key of a line and a server? 0 = of none. */
static bool is_key(const char *pattern, const char *key, struct phone_place *place)
{
	place->line = place->server = 0;
	for (; *pattern; pattern++) {
		unsigned *number = *pattern == '#' ? &place->line : &place->server;

		if (*pattern == '#' || *pattern == '*') {
			if (!take_number(&key, number,
					 *pattern == '#' ? PHONE_LINES_MOST : PHONE_SERVERS_MOST))
				return false;
		} else if (*pattern != *key++) {
			return false;
		}
	}
	return *key == '\0';
}

static const struct phone_row *row_of(const struct phone_vendor *vendor, const char *key,
				      struct phone_place *place)
{
	for (size_t i = 0; i < vendor->count; i++) {
		if (is_key(vendor->rows[i].key, key, place))
			return &vendor->rows[i];
	}
	return NULL;
}

void phone_expand(const char *pattern, const struct phone_place *place, bool by_name, char *out,
		  size_t size)
{
	static const char *const names[] = { "", "primary", "backup", "third", "fourth" };
	size_t used = 0;

	for (; *pattern && used + 16 < size; pattern++) {
		if (*pattern == '#')
			used += (size_t)snprintf(out + used, size - used, "%u", place->line);
		else if (*pattern == '*' && by_name && place->server < 5)
			used += (size_t)snprintf(out + used, size - used, "%s",
						 names[place->server]);
		else if (*pattern == '*')
			used += (size_t)snprintf(out + used, size - used,
						 by_name ? "server%u" : "%u", place->server);
		else
			out[used++] = *pattern;
	}
	out[used] = '\0';
}

static bool is_on(const char *value)
{
	static const char *const words[] = { "1", "yes", "true", "enabled", "on" };

	for (size_t i = 0; value && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

/* Of the line whose number the key has, or that the row is about; 0 = of all, or of the device. */
static unsigned line_of(const struct phone_row *row, const struct phone_place *place)
{
	unsigned line = 0;

	if (row->line)
		return row->line;
	if (place->line || !row->ours || sscanf(row->ours, "line.%u.", &line) != 1)
		return place->line;
	return line;
}

/* A setting of the phone's device that each line has for itself here. */
static bool is_for_all(const struct phone_row *row, const struct phone_place *place)
{
	return place->line == 0 && row->line == 0 &&
	       ((row->ours && strchr(row->ours, '#')) || (!row->ours && row->how == PHONE_NAMES));
}

static int take(struct phone_sets *sets, const struct phone_row *row,
		const struct phone_source *source)
{
	char key[PHONE_KEY_MOST + 32];
	const char *gate;

	if (row->only_with) {
		phone_expand(row->only_with, &source->place, false, key, sizeof(key));
		gate = phone_value(sets->file, key);
		if (!is_on(gate))
			return phone_say(sets, source, row, "the phone does not use it");
	}
	return phone_take(sets, row, source);
}

/* What each line says, in the order of the file. */
static int take_lines(struct phone_sets *sets, const struct phone_vendor *vendor)
{
	int error = FAILOVER_OK;

	for (size_t i = 0; i < sets->file->count && !error; i++) {
		const struct phone_entry *entry = &sets->file->entries[i];
		struct phone_source source = { .key = entry->key,
					       .value = entry->value,
					       .line = entry->line };
		const struct phone_row *row = row_of(vendor, entry->key, &source.place);

		if (!row) {
			sets->others++;
			continue;
		}
		if (is_for_all(row, &source.place) || entry->value[0] == '\0')
			continue;
		source.place.line = line_of(row, &source.place);
		if (source.place.line)
			phone_line(sets, source.place.line);
		error = take(sets, row, &source);
	}
	return error;
}

/* What the device says for those that do not. */
static int take_device(struct phone_sets *sets, const struct phone_vendor *vendor)
{
	int error = FAILOVER_OK;

	for (size_t i = 0; i < sets->file->count && !error; i++) {
		const struct phone_entry *entry = &sets->file->entries[i];
		struct phone_source source = { .key = entry->key,
					       .value = entry->value,
					       .line = entry->line,
					       .is_general = true };
		const struct phone_row *row = row_of(vendor, entry->key, &source.place);

		if (!row || !is_for_all(row, &source.place) || entry->value[0] == '\0')
			continue;
		for (unsigned line = 1; line <= PHONE_LINES_MOST && !error; line++) {
			source.place.line = line;
			if (phone_has_line(sets, line))
				error = take(sets, row, &source);
		}
	}
	return error;
}

static int take_default(struct phone_sets *sets, const struct phone_row *row,
			struct phone_place place)
{
	char key[PHONE_KEY_MOST + 32], address[64];
	struct phone_source source = { .key = key, .value = row->initial, .is_default = true };
	const char *server =
		place.server ? "line.#.server.*.address" : "line.#.server.primary.address";
	const char *given;

	phone_expand(row->key, &place, false, key, sizeof(key));
	given = phone_value(sets->file, key);
	if (given && given[0])
		return FAILOVER_OK;
	/* Of a line that goes nowhere there is no more to say than that it is off. */
	source.place = place;
	source.place.line = line_of(row, &place);
	phone_expand(server, &source.place, true, address, sizeof(address));
	if (source.place.line && row->how != PHONE_SWITCH && !phone_is_set(sets, address))
		return FAILOVER_OK;
	return take(sets, row, &source);
}

/* For each server that there is, where ours has it for each; else once. */
static int take_each_default(struct phone_sets *sets, const struct phone_row *row,
			     struct phone_place place)
{
	bool is_each = row->ours && strchr(row->ours, '*');
	unsigned last = is_each ? PHONE_SERVERS_MOST : 1;
	int error = FAILOVER_OK;

	if (!strchr(row->key, '*'))
		return take_default(sets, row, place);
	for (place.server = 1; place.server <= last && !error; place.server++)
		error = take_default(sets, row, place);
	return error;
}

/* What holds because nobody said otherwise. */
static int take_defaults(struct phone_sets *sets, const struct phone_vendor *vendor)
{
	int error = FAILOVER_OK;

	for (size_t i = 0; i < vendor->count && !error; i++) {
		const struct phone_row *row = &vendor->rows[i];
		struct phone_place place = { .server = 0 };

		if (!row->initial)
			continue;
		if (!strchr(row->key, '#')) {
			unsigned line = line_of(row, &place);

			if (line == 0 || phone_has_line(sets, line))
				error = take_default(sets, row, place);
			continue;
		}
		for (place.line = 1; place.line <= PHONE_LINES_MOST && !error; place.line++) {
			if (phone_has_line(sets, place.line))
				error = take_each_default(sets, row, place);
		}
	}
	return error;
}

int phone_translate(const struct phone_job *job, struct failover_config **config)
{
	struct phone_sets sets = { .file = job->file };
	int error = take_lines(&sets, job->vendor);

	*config = NULL;
	if (!error)
		error = take_device(&sets, job->vendor);
	if (!error)
		error = take_defaults(&sets, job->vendor);
	if (!error)
		error = phone_finish(&sets);
	if (!error)
		error = phone_print(&sets, job->out);
	if (!error)
		error = phone_make(&sets, job, config);
	phone_sets_clear(&sets);
	return error;
}
