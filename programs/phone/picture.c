/* SPDX-License-Identifier: MIT */
/* picture.c - makes a ladder of what the phone sends, gets and decides. */
#include "picture.h"

#include "programs/ladder/svg.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define UNANSWERED_MOST 32u /* packets of one request */
#define TARGET_BYTES 80

struct server {
	char target[TARGET_BYTES]; /* as in sentences */
	struct failover_target at;
	uint64_t sent; /* hash of the message that left last, and how many times it did */
	unsigned times;
};

struct picture {
	struct ladder *ladder;
	struct server server[LADDER_COLUMNS_MOST]; /* of each column; 0 is the phone */
	unsigned servers;
};

/* ---- columns ------------------------------------------------------------------------------ */

/* A column for this server; `name` may be known only later. */
static unsigned column_of(struct picture *picture, const struct failover_target *at,
			  const char *name)
{
	struct server *server;
	unsigned column;

	for (column = 1; column < picture->servers; column++)
		if (failover_target_same_address(&picture->server[column].at, at))
			break;
	if (column < picture->servers)
		return column;
	if (picture->servers == LADDER_COLUMNS_MOST)
		return ladder_column_add(picture->ladder, "");
	server = &picture->server[picture->servers++];
	server->at = *at;
	failover_target_text(at, server->target, sizeof(server->target));
	return ladder_column_add(picture->ladder, *name ? name : server->target);
}

/* Sentences have the targets' addresses; people know their names. */
static void names_put(const struct picture *picture, const char *sentence,
		      char out[LADDER_TEXT_BYTES])
{
	size_t used = 0;

	while (*sentence && used + 1 < LADDER_TEXT_BYTES) {
		const char *name = NULL;
		unsigned column;

		for (column = 1; column < picture->servers && !name; column++) {
			size_t length = strlen(picture->server[column].target);

			if (strncmp(sentence, picture->server[column].target, length) == 0) {
				name = picture->ladder->column[column];
				sentence += length;
			}
		}
		if (!name) {
			out[used++] = *sentence++;
			continue;
		}
		snprintf(out + used, LADDER_TEXT_BYTES - used, "%s", name);
		used += strlen(out + used);
	}
	out[used] = '\0';
}

/* ---- messages ----------------------------------------------------------------------------- */

static uint64_t hash_of(const char *bytes, size_t count)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	while (count--)
		hash = (hash ^ (unsigned char)*bytes++) * UINT64_C(1099511628211);
	return hash;
}

/* The method in the CSeq of this message, or "". */
static void cseq_method(const char *bytes, size_t count, char out[24])
{
	static const char name[] = "\nCSeq:";
	const char *end = bytes + count;
	size_t used = 0;

	*out = '\0';
	for (; (size_t)(end - bytes) > sizeof(name); bytes++)
		if (strncasecmp(bytes, name, sizeof(name) - 1) == 0)
			break;
	if ((size_t)(end - bytes) <= sizeof(name))
		return;
	bytes += sizeof(name) - 1;
	while (bytes < end && (*bytes == ' ' || (*bytes >= '0' && *bytes <= '9')))
		bytes++;
	while (bytes < end && used < 23 && *bytes > ' ')
		out[used++] = *bytes++;
	out[used] = '\0';
}

/* "REGISTER", "200 (REGISTER)"; returns whether it is an answer, or -1: no SIP */
static int label_make(const struct failover_trace_message *message, char out[LADDER_TEXT_BYTES])
{
	static const char answer[] = "SIP/2.0 ";
	const char *bytes = message->bytes;
	size_t length = 0, skip = sizeof(answer) - 1;
	char method[24];

	if (message->count > skip + 3 && memcmp(bytes, answer, skip) == 0) {
		cseq_method(bytes, message->count, method);
		snprintf(out, LADDER_TEXT_BYTES, "%.3s (%s)", bytes + skip, method);
		return 1;
	}
	while (length < message->count && length < 23 && bytes[length] > ' ')
		length++;
	snprintf(out, LADDER_TEXT_BYTES, "%.*s", (int)length, bytes);
	return length && length < message->count && bytes[length] == ' ' ? 0 : -1;
}

static enum ladder_kind kind_of(int incoming, int is_answer)
{
	if (incoming)
		return is_answer ? LADDER_ANSWER : LADDER_REQUEST_IN;
	return is_answer ? LADDER_ANSWER_OUT : LADDER_REQUEST;
}

static void count_again(struct server *server, const struct failover_trace_message *message,
			char label[LADDER_TEXT_BYTES])
{
	uint64_t hash = hash_of(message->bytes, message->count);
	size_t length = strlen(label);

	server->times = server->sent == hash ? server->times + 1 : 1;
	server->sent = hash;
	if (server->times > 1)
		snprintf(label + length, LADDER_TEXT_BYTES - length, " (again, %u)", server->times);
}

void picture_message(struct picture *picture, uint64_t t_ms,
		     const struct failover_trace_message *message)
{
	int incoming = message->way == FAILOVER_TRACE_IN, is_answer;
	unsigned column = column_of(picture, &message->peer, "");
	char label[LADDER_TEXT_BYTES];

	is_answer = label_make(message, label);
	if (is_answer < 0)
		return;
	if (incoming)
		picture->ladder->dead &= ~(1u << column);
	else if (!is_answer)
		count_again(&picture->server[column], message, label);
	ladder_add(picture->ladder, kind_of(incoming, is_answer), t_ms, label)->column = column;
}

/* ---- decisions ---------------------------------------------------------------------------- */

/* Nobody has taken what was sent there last, up to what came from there. */
static void mark_lost(struct picture *picture, unsigned column, const char *method)
{
	size_t length = strlen(method);
	struct ladder_row *row;

	for (unsigned n = 0; n < UNANSWERED_MOST; n++) {
		row = ladder_row_back(picture->ladder, n);
		if (!row)
			return;
		if (row->kind == LADDER_NOTE || row->column != column)
			continue;
		if (row->kind != LADDER_REQUEST || strncmp(row->text, method, length) != 0)
			return;
		row->kind = LADDER_LOST;
	}
}

static enum ladder_tone tone_of(const struct failover_event *event)
{
	switch ((enum failover_event_kind)event->kind) {
	case FAILOVER_EVENT_UNREGISTERED:
		return event->reason == FAILOVER_REASON_NONE ? LADDER_CALM : LADDER_BAD;
	case FAILOVER_EVENT_UNAVAILABLE:
	case FAILOVER_EVENT_REQUEST_FAILED:
	case FAILOVER_EVENT_CONNECTION_LOST:
	case FAILOVER_EVENT_BAD_ANSWER:
		return LADDER_BAD;
	case FAILOVER_EVENT_MOVED:
		return event->direction == FAILOVER_FAILBACK ? LADDER_BACK : LADDER_AWAY;
	case FAILOVER_EVENT_ATTEMPT:
	case FAILOVER_EVENT_RESPONSE:
	case FAILOVER_EVENT_REGISTERED:
	case FAILOVER_EVENT_PROBE_FAILED:
	case FAILOVER_EVENT_GIVEN_UP:
	case FAILOVER_EVENT_NO_OPTIONS:
	case FAILOVER_EVENT_MOVE_HELD:
	case FAILOVER_EVENT_PROBE_GOOD:
		break;
	}
	return LADDER_CALM;
}

/* An arrow shows what was sent and what came; a probe is more than a REGISTER. */
static int has_arrow(const struct failover_event *event)
{
	return event->kind == FAILOVER_EVENT_RESPONSE ||
	       (event->kind == FAILOVER_EVENT_ATTEMPT && !(event->flags & FAILOVER_ATTEMPT_PROBE));
}

void picture_event(struct picture *picture, uint64_t t_ms, const char *where,
		   const struct failover_event *event)
{
	struct ladder *ladder = picture->ladder;
	char text[512], sentence[LADDER_TEXT_BYTES];
	unsigned column = 0;
	struct ladder_row *row;

	if (event->target.family)
		column = column_of(picture, &event->target, where);
	if (has_arrow(event))
		return;
	if (event->kind == FAILOVER_EVENT_UNAVAILABLE && event->reason == FAILOVER_REASON_NO_ANSWER)
		mark_lost(picture, column, failover_method_text(event->method));
	if (event->kind == FAILOVER_EVENT_UNAVAILABLE && event->reason != FAILOVER_REASON_STATUS)
		ladder->dead |= 1u << column;
	if (event->kind == FAILOVER_EVENT_REGISTERED || event->kind == FAILOVER_EVENT_MOVED)
		ladder->serving = column;
	if (event->kind == FAILOVER_EVENT_UNREGISTERED)
		ladder->serving = 0;
	failover_event_text(event, text, sizeof(text));
	names_put(picture, text, sentence);
	row = ladder_add(ladder, LADDER_NOTE, t_ms, sentence);
	row->tone = tone_of(event);
}

void picture_say(struct picture *picture, uint64_t t_ms, const char *text)
{
	char sentence[LADDER_TEXT_BYTES];

	names_put(picture, text, sentence);
	ladder_add(picture->ladder, LADDER_NOTE, t_ms, sentence);
}

/* ---- life --------------------------------------------------------------------------------- */

struct picture *picture_new(const char *title)
{
	struct picture *picture = calloc(1, sizeof(*picture));

	if (!picture)
		return NULL;
	picture->ladder = ladder_new(title);
	picture->servers = 1;
	if (picture->ladder)
		return picture;
	free(picture);
	return NULL;
}

void picture_free(struct picture *picture)
{
	if (!picture)
		return;
	free(picture->ladder);
	free(picture);
}

int picture_save(const struct picture *picture, const char *path)
{
	return ladder_save(picture->ladder, path);
}
