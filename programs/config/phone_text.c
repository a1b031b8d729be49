/* SPDX-License-Identifier: MIT */
/* "KEY = VALUE" lines, and what was found in any file. */
#include <stdlib.h>
#include <string.h>

#include "phone.h"

static void fault_at(struct phone_fault *fault, unsigned line, const char *text)
{
	fault->line = line;
	fault->column = 0;
	snprintf(fault->text, sizeof(fault->text), "%s", text);
}

int phone_add(struct phone_file *file, const struct phone_entry *entry, struct phone_fault *fault)
{
	struct phone_entry *copy;

	if (file->count == PHONE_ENTRIES_MOST) {
		fault_at(fault, entry->line, "too many settings");
		return FAILOVER_ERR_ARGUMENT;
	}
	if (file->count == file->room) {
		size_t room = file->room ? 2 * file->room : 256;
		void *entries = realloc(file->entries, room * sizeof(*file->entries));

		if (!entries)
			return FAILOVER_ERR_MEMORY;
		file->entries = entries;
		file->room = room;
	}
	copy = &file->entries[file->count];
	copy->line = entry->line;
	copy->key = strdup(entry->key);
	copy->value = strdup(entry->value);
	if (copy->key && copy->value) {
		file->count++;
		return FAILOVER_OK;
	}
	free(copy->key);
	free(copy->value);
	return FAILOVER_ERR_MEMORY;
}

void phone_file_clear(struct phone_file *file)
{
	for (size_t i = 0; i < file->count; i++) {
		explicit_bzero(file->entries[i].value, strlen(file->entries[i].value));
		free(file->entries[i].key);
		free(file->entries[i].value);
	}
	free(file->entries);
	file->entries = NULL;
	file->count = file->room = 0;
}

const char *phone_value(const struct phone_file *file, const char *key)
{
	for (size_t i = file->count; i > 0; i--) {
		if (strcmp(file->entries[i - 1].key, key) == 0)
			return file->entries[i - 1].value;
	}
	return NULL;
}

/* Without the blanks around it, in a buffer; false when it does not fit. */
static bool trimmed(const char *from, const char *to, char *buffer, size_t size)
{
	while (from < to && strchr(" \t\r", *from))
		from++;
	while (to > from && strchr(" \t\r", to[-1]))
		to--;
	if ((size_t)(to - from) >= size)
		return false;
	memcpy(buffer, from, (size_t)(to - from));
	buffer[to - from] = '\0';
	return true;
}

static int read_line(struct phone_file *file, const char *from, const char *to, unsigned line,
		     struct phone_fault *fault)
{
	const char *equals = memchr(from, '=', (size_t)(to - from));
	char key[PHONE_KEY_MOST + 1], value[PHONE_VALUE_MOST + 1];
	struct phone_entry entry = { .key = key, .value = value, .line = line };
	int error;

	while (from < to && strchr(" \t", *from))
		from++;
	if (!equals || from == equals || *from == '#')
		return FAILOVER_OK;
	if (memchr(from, '\0', (size_t)(to - from))) {
		fault_at(fault, line, "NUL byte; accepted: text");
		return FAILOVER_ERR_ARGUMENT;
	}
	if (!trimmed(from, equals, key, sizeof(key)))
		return FAILOVER_OK; /* no key of any phone is that long */
	if (!trimmed(equals + 1, to, value, sizeof(value))) {
		fault_at(fault, line, "the value is too long");
		return FAILOVER_ERR_ARGUMENT;
	}
	error = phone_add(file, &entry, fault);
	explicit_bzero(value, sizeof(value));
	return error;
}

int phone_read_text(struct phone_file *file, const char *text, size_t length,
		    struct phone_fault *fault)
{
	const char *at = text, *end = text + length;
	unsigned line = 1;
	int error = FAILOVER_OK;

	if (length >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	for (; at < end && !error; line++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *to = newline ? newline : end;

		error = read_line(file, at, to, line, fault);
		at = to + (newline != NULL);
	}
	return error;
}
