/* SPDX-License-Identifier: MIT */
/* edits.c - see edits.h. */
#include <stdio.h>
#include <string.h>
#include <failover/failover.h>
#include "edits.h"

void ua_edits_add(struct ua_edits *edits, uint32_t at, uint32_t length, const char *before,
		  const char *text)
{
	uint32_t i = edits->count;

	if (i == UA_EDITS_MAX) {
		edits->is_full = 1;
		return;
	}
	for (; i && edits->list[i - 1].at > at; i--)
		edits->list[i] = edits->list[i - 1];
	edits->list[i] = (struct ua_edit){ at, length, before, text };
	edits->count++;
}

struct target {
	char *out;
	size_t size, length;
	int is_full;
};

static void copy(struct target *to, const char *bytes, size_t count)
{
	if (count >= to->size - to->length) {
		to->is_full = 1;
		return;
	}
	memcpy(to->out + to->length, bytes, count);
	to->length += count;
}

int ua_edits_apply(const struct ua_edits *edits, struct ua_part bytes, char *out, size_t size)
{
	struct target to = { .out = out, .size = size };
	size_t at = 0;
	uint32_t i;

	for (i = 0; i < edits->count; i++) {
		const struct ua_edit *edit = &edits->list[i];

		if (edit->at < at || edit->at + edit->length > bytes.length)
			return FAILOVER_ERR_FULL;
		copy(&to, bytes.text + at, edit->at - at);
		copy(&to, edit->before, strlen(edit->before));
		copy(&to, edit->text, strlen(edit->text));
		at = edit->at + edit->length;
	}
	copy(&to, bytes.text + at, bytes.length - at);
	if (to.is_full || edits->is_full)
		return FAILOVER_ERR_FULL;
	out[to.length] = '\0';
	return (int)to.length;
}

static int is_fold(struct ua_part bytes, size_t at)
{
	return at < bytes.length && (bytes.text[at] == ' ' || bytes.text[at] == '\t');
}

uint32_t ua_line_start(struct ua_part bytes, uint32_t at)
{
	while (at && (bytes.text[at - 1] != '\n' || is_fold(bytes, at)))
		at--;
	return at;
}

uint32_t ua_line_end(struct ua_part bytes, uint32_t at)
{
	while (at < bytes.length && (bytes.text[at] != '\n' || is_fold(bytes, at + 1)))
		at++;
	return at < bytes.length ? at + 1 : at;
}

/* ---- values of a header ------------------------------------------------------------------- */

#define VALUES_MAX 128u

/* All values of a line. */
static void cut_line(struct ua_edits *edits, struct ua_part bytes, uint32_t at, uint32_t end,
		     const struct ua_cut *cut)
{
	uint32_t start = ua_line_start(bytes, at);

	if (!*cut->own) {
		ua_edits_add(edits, start, end - start, "", "");
		return;
	}
	ua_edits_add(edits, start, 0, ua_raw_name_text(cut->name), ": ");
	ua_edits_add(edits, start, end - start, "", cut->own);
	ua_edits_add(edits, end, 0, "", "\r\n");
}

void ua_edits_cut(struct ua_edits *edits, const struct ua_raw *raw, struct ua_part bytes,
		  const struct ua_cut *given)
{
	uint32_t places[VALUES_MAX], count = 0, i, next, end, at = 0;
	struct ua_cut cut = *given;
	const char *value;

	while (count < VALUES_MAX && (value = ua_raw_next(raw, cut.name, &at)))
		places[count++] = ua_raw_place(raw, value);
	for (i = 0; i < cut.gone && i < count; i = next) {
		end = ua_line_end(bytes, places[i]);
		for (next = i; next < count && places[next] < end;)
			next++;
		if (next <= cut.gone)
			cut_line(edits, bytes, places[i], end, &cut);
		else
			ua_edits_add(edits, places[i], places[cut.gone] - places[i], cut.own,
				     *cut.own ? ", " : "");
		cut.own = "";
	}
}

/* ---- length ------------------------------------------------------------------------------- */

struct ua_part ua_message_bytes(const struct ua_raw *raw, struct ua_part bytes)
{
	size_t length = ua_raw_place(raw, raw->body) + raw->body_count;

	return (struct ua_part){ bytes.text, length < bytes.length ? length : bytes.length };
}

void ua_edits_add_length(struct ua_edits *edits, const struct ua_raw *raw, struct ua_part bytes,
			 char text[UA_LENGTH_LINE])
{
	if (ua_raw_first(raw, UA_RAW_CONTENT_LENGTH))
		return;
	snprintf(text, UA_LENGTH_LINE, "Content-Length: %zu\r\n", raw->body_count);
	ua_edits_add(edits, ua_line_end(bytes, ua_raw_place(raw, raw->first_line)), 0, "", text);
}
