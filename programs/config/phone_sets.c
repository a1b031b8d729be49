/* SPDX-License-Identifier: MIT */
/* Settings of ours that a phone's file comes to, and what is said of each of its keys. */
#include <stdlib.h>
#include <string.h>

#include "phone_sets.h"

#define PUT_MOST 8 /* settings that one key comes to */

void phone_line(struct phone_sets *sets, unsigned line)
{
	sets->lines[line / 8] |= (unsigned char)(1u << line % 8);
}

bool phone_has_line(const struct phone_sets *sets, unsigned line)
{
	return sets->lines[line / 8] >> line % 8 & 1;
}

static struct phone_set *find(const struct phone_sets *sets, const char *path)
{
	for (size_t i = sets->count; i > 0; i--) {
		if (!sets->sets[i - 1].is_dropped && strcmp(sets->sets[i - 1].path, path) == 0)
			return &sets->sets[i - 1];
	}
	return NULL;
}

bool phone_is_set(const struct phone_sets *sets, const char *path)
{
	return find(sets, path) != NULL;
}

bool phone_reserve(struct phone_sets *sets)
{
	size_t room = 2 * sets->room + PUT_MOST;
	struct phone_set *larger;

	if (sets->count + PUT_MOST <= sets->room)
		return true;
	larger = malloc(room * sizeof(*larger));
	if (!larger)
		return false;
	if (sets->count)
		memcpy(larger, sets->sets, sets->count * sizeof(*larger));
	if (sets->sets)
		explicit_bzero(sets->sets, sets->count * sizeof(*larger));
	free(sets->sets);
	sets->sets = larger;
	sets->room = room;
	return true;
}

struct phone_remark *phone_remark(struct phone_sets *sets, const struct phone_source *source,
				  const struct phone_row *row)
{
	struct phone_remark *remark;

	if (sets->remarks_count == sets->remarks_room) {
		size_t room = sets->remarks_room ? 2 * sets->remarks_room : 64;
		void *remarks = realloc(sets->remarks, room * sizeof(*sets->remarks));

		if (!remarks)
			return NULL;
		sets->remarks = remarks;
		sets->remarks_room = room;
	}
	remark = &sets->remarks[sets->remarks_count];
	memset(remark, 0, sizeof(*remark));
	remark->key = strdup(source->key);
	remark->value = strdup(row->is_secret ? "(secret)" : source->value);
	if (!remark->key || !remark->value) {
		free(remark->key);
		free(remark->value);
		return NULL;
	}
	remark->line = source->line;
	remark->is_secret = row->is_secret;
	remark->is_default = source->is_default;
	remark->first = sets->count;
	sets->remarks_count++;
	return remark;
}

void phone_unsay(struct phone_sets *sets)
{
	struct phone_remark *remark = &sets->remarks[--sets->remarks_count];

	free(remark->key);
	free(remark->value);
}

bool phone_put(struct phone_sets *sets, const char *path, const char *value, bool is_stronger)
{
	struct phone_remark *remark = &sets->remarks[sets->remarks_count - 1];
	struct phone_set *old = find(sets, path), *set;

	if (old && strcmp(old->value, value) == 0)
		return true;
	if (old && !is_stronger)
		return false;
	if (sets->count == sets->room)
		return false; /* never: phone_reserve() */
	if (old)
		old->is_dropped = true;
	set = &sets->sets[sets->count++];
	memset(set, 0, sizeof(*set));
	snprintf(set->path, sizeof(set->path), "%s", path);
	snprintf(set->value, sizeof(set->value), "%s", value);
	set->line = remark->line;
	set->is_secret = remark->is_secret;
	remark->count++;
	return true;
}

void phone_sets_clear(struct phone_sets *sets)
{
	if (sets->sets)
		explicit_bzero(sets->sets, sets->count * sizeof(*sets->sets));
	while (sets->remarks_count)
		phone_unsay(sets);
	free(sets->sets);
	free(sets->remarks);
	memset(sets, 0, sizeof(*sets));
}

/* ---- what does not go together ------------------------------------------------------------------
 */

/* The part of a path that names a server or proxy: "line.1.server.backup". 0 = there is none. */
static size_t section_length(const char *path)
{
	size_t dots = 0;

	for (size_t i = 0; path[i]; i++) {
		dots += path[i] == '.';
		if (dots == 4)
			return i;
	}
	return 0;
}

/* A port without an address is a leftover of a template. */
static void drop_leftovers(struct phone_sets *sets)
{
	for (size_t i = 0; i < sets->count; i++) {
		struct phone_set *set = &sets->sets[i];
		size_t length = section_length(set->path);
		char address[96 + 16];

		if (length == 0)
			continue;
		snprintf(address, sizeof(address), "%.*s.address", (int)length, set->path);
		if (!phone_is_set(sets, address))
			set->is_dropped = true;
	}
}

static int turn_off(struct phone_sets *sets, unsigned line)
{
	static const struct phone_row row = { .note = "the line has no server" };
	char path[64], key[64];
	struct phone_source source = { .key = key, .value = "none", .is_default = true };
	const struct phone_set *enable;

	snprintf(key, sizeof(key), "the server of line %u", line);
	snprintf(path, sizeof(path), "line.%u.enable", line);
	enable = find(sets, path);
	if (enable && strcmp(enable->value, "false") == 0)
		return FAILOVER_OK;
	if (!phone_remark(sets, &source, &row) || !phone_reserve(sets))
		return FAILOVER_ERR_MEMORY;
	sets->remarks[sets->remarks_count - 1].fit = PHONE_NEAREST;
	sets->remarks[sets->remarks_count - 1].note = row.note;
	phone_put(sets, path, "false", true);
	return FAILOVER_OK;
}

int phone_finish(struct phone_sets *sets)
{
	char path[64];
	int error = FAILOVER_OK;

	drop_leftovers(sets);
	for (unsigned line = 1; line <= PHONE_LINES_MOST && !error; line++) {
		snprintf(path, sizeof(path), "line.%u.server.primary.address", line);
		if (phone_has_line(sets, line) && !phone_is_set(sets, path))
			error = turn_off(sets, line);
	}
	return error;
}

/* ---- the report ---------------------------------------------------------------------------------
 */

/* What was in the file, for a terminal. */
static void print_text(FILE *out, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length && i < 120; i++) {
		unsigned char byte = (unsigned char)text[i];

		fputc(byte < 0x20 || byte == 0x7f ? '?' : byte, out);
	}
}

static void print_remark(const struct phone_sets *sets, const struct phone_remark *remark,
			 FILE *out)
{
	static const char *const fits[] = { "taken as is", "taken as the nearest",
					    "no counterpart" };
	enum phone_fit fit = remark->fit;
	const char *note = remark->note;
	unsigned kept = 0;

	for (size_t i = 0; i < remark->count; i++)
		kept += !sets->sets[remark->first + i].is_dropped;
	if (remark->count > 0 && kept == 0) {
		fit = PHONE_NONE;
		note = "there is no such server, or another key goes before it";
	}
	fputs(sets->file->path, out);
	if (remark->line)
		fprintf(out, ":%u", remark->line);
	fputs(": ", out);
	print_text(out, remark->key);
	fputs(remark->is_default ? " is not set, so " : " = ", out);
	print_text(out, remark->value);
	fprintf(out, ": %s", fits[fit]);
	for (size_t i = 0, n = 0; i < remark->count; i++) {
		const struct phone_set *set = &sets->sets[remark->first + i];

		if (set->is_dropped)
			continue;
		fprintf(out, "%s %s = ", n++ ? "," : ":", set->path);
		print_text(out, set->is_secret ? "(secret)" : set->value);
	}
	if (note)
		fprintf(out, "%s %s", remark->count && kept ? ";" : ":", note);
	fputc('\n', out);
}

/* By line of the file, and what it does not say last. */
static int by_line(const void *a, const void *b)
{
	const struct phone_remark *x = a, *y = b;
	unsigned first = x->line ? x->line : UINT32_MAX, second = y->line ? y->line : UINT32_MAX;

	if (first != second)
		return first < second ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

int phone_print(struct phone_sets *sets, FILE *out)
{
	char *last = NULL, *text = NULL;
	size_t size;

	if (sets->remarks_count)
		qsort(sets->remarks, sets->remarks_count, sizeof(*sets->remarks), by_line);
	for (size_t i = 0; i < sets->remarks_count; i++) {
		FILE *one = open_memstream(&text, &size);

		if (!one)
			break;
		print_remark(sets, &sets->remarks[i], one);
		fclose(one);
		/* What the device says for each of its lines. */
		if (!last || strcmp(last, text) != 0)
			fputs(text, out);
		free(last);
		last = text;
	}
	free(last);
	fprintf(out, "%s: %zu other settings have nothing to do with servers\n", sets->file->path,
		sets->others);
	return ferror(out) ? FAILOVER_ERR_IO : FAILOVER_OK;
}

/* ---- the configuration
 * --------------------------------------------------------------------------- */

struct telling {
	const struct phone_sets *sets;
	const struct phone_job *job;
};

/* The place in the phone's file that the setting came from. */
static void tell(void *user, const struct failover_config_error *error)
{
	const struct telling *telling = user;
	struct failover_config_error own = *error;
	const struct phone_set *set = error->path ? find(telling->sets, error->path) : NULL;

	own.file = telling->sets->file->path;
	own.line = set ? set->line : 0;
	own.column = 0;
	if (telling->job->report)
		telling->job->report(telling->job->user, &own);
}

int phone_make(struct phone_sets *sets, const struct phone_job *job,
	       struct failover_config **config)
{
	struct telling telling = { sets, job };
	struct failover_config_change *changes =
		calloc(sets->count + PHONE_LINES_MOST, sizeof(*changes));
	char(*lines)[32] = calloc(PHONE_LINES_MOST + 1, sizeof(*lines));
	uint32_t count = 0;
	int error = FAILOVER_ERR_MEMORY;

	if (!changes || !lines)
		goto out;
	for (unsigned line = 1; line <= PHONE_LINES_MOST; line++) {
		if (!phone_has_line(sets, line))
			continue;
		snprintf(lines[line], sizeof(lines[line]), "line.%u", line);
		changes[count].path = lines[line];
		changes[count++].value = "new";
	}
	for (size_t i = 0; i < sets->count; i++) {
		if (sets->sets[i].is_dropped)
			continue;
		changes[count].path = sets->sets[i].path;
		changes[count++].value = sets->sets[i].value;
	}
	error = failover_config_make(changes, count, tell, &telling, config);
out:
	free(changes);
	free(lines);
	return error;
}
