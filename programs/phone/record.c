/* SPDX-License-Identifier: MIT */
/* record.c - tells capture and picture what was sent, got and decided. */
#include "record.h"

#include "capture.h"
#include "picture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE_BYTES 768

struct phone_record {
	struct failover_ext_trace trace;
	const struct phone_options *options;
	const struct phone_loop *loop;
	uint64_t started_at;	 /* ms of its clock */
	struct capture *capture; /* NULL = there is none, as the next */
	struct picture *picture;
};

static void on_message(void *app, const struct failover_trace_message *message)
{
	struct phone_record *record = app;

	if (record->capture)
		capture_message(record->capture, message);
	if (record->picture)
		picture_message(record->picture,
				phone_loop_clock(record->loop) - record->started_at, message);
}

static void file_say(const char *path, int error, const char *then)
{
	fprintf(stderr, PHONE_PROGRAM ": %s: %s%s\n", path, strerror(error), then);
}

static void on_failed(void *user, int error)
{
	const struct phone_record *record = user;

	file_say(record->options->pcap, error, "; packets are missing there");
}

/* ---- life --------------------------------------------------------------------------------- */

static int pcap_begin(struct phone_record *record)
{
	char program[64];
	const struct capture_params params = {
		.path = record->options->pcap,
		.program = program,
		.file_bytes = record->options->pcap_bytes,
		.failed = on_failed,
		.user = record,
	};

	snprintf(program, sizeof(program), PHONE_PROGRAM " %s", failover_version());
	record->capture = capture_open(&params);
	if (record->capture)
		return 0;
	file_say(record->options->pcap, errno, "");
	return -1;
}

/* Better now than at the end, when all has been seen and cannot be kept. */
static int ladder_begin(struct phone_record *record)
{
	record->picture = picture_new("What the phone has sent, got and decided");
	if (record->picture && picture_save(record->picture, record->options->ladder) == 0)
		return 0;
	file_say(record->options->ladder, errno, "");
	return -1;
}

int phone_record_open(const struct phone_options *options, const struct phone_loop *loop,
		      struct phone_record **out)
{
	struct phone_record *record;

	if (!options->pcap && !options->ladder)
		return 0;
	record = calloc(1, sizeof(*record));
	if (!record)
		return -1;
	record->options = options;
	record->loop = loop;
	record->started_at = phone_loop_clock(loop);
	record->trace = (struct failover_ext_trace){
		.size = sizeof(record->trace),
		.app = record,
		.message = on_message,
	};
	if ((options->pcap && pcap_begin(record) != 0) ||
	    (options->ladder && ladder_begin(record) != 0)) {
		capture_close(record->capture);
		picture_free(record->picture);
		free(record);
		return -1;
	}
	*out = record;
	return 0;
}

void phone_record_close(struct phone_record *record)
{
	if (!record)
		return;
	capture_close(record->capture);
	if (record->picture && picture_save(record->picture, record->options->ladder) != 0)
		file_say(record->options->ladder, errno, "");
	picture_free(record->picture);
	free(record);
}

const struct failover_ext_trace *phone_record_trace(const struct phone_record *record)
{
	return record ? &record->trace : NULL;
}

void phone_record_turn(struct phone_record *record)
{
	if (record && record->capture)
		capture_flush(record->capture);
}

/* ---- sentences ---------------------------------------------------------------------------- */

static void sentence_make(char buffer[SENTENCE_BYTES], uint64_t t_ms, uint32_t line,
			  const char *name, const char *sentence)
{
	snprintf(buffer, SENTENCE_BYTES, "[%u.%03u] line %u %s: %s", (unsigned)(t_ms / 1000),
		 (unsigned)(t_ms % 1000), (unsigned)line, name, sentence);
}

/* Does this send something? What has no packet of its own is the outcome of one that came in. */
static int is_cause(const struct failover_event *event)
{
	switch ((enum failover_event_kind)event->kind) {
	case FAILOVER_EVENT_ATTEMPT:
	case FAILOVER_EVENT_UNAVAILABLE:
	case FAILOVER_EVENT_CONNECTION_LOST:
		return 1;
	case FAILOVER_EVENT_RESPONSE:
	case FAILOVER_EVENT_REGISTERED:
	case FAILOVER_EVENT_UNREGISTERED:
	case FAILOVER_EVENT_MOVED:
	case FAILOVER_EVENT_REQUEST_FAILED:
	case FAILOVER_EVENT_PROBE_FAILED:
	case FAILOVER_EVENT_GIVEN_UP: /* on a CANCEL, if nothing has come in: it waits for that */
	case FAILOVER_EVENT_BAD_ANSWER:
	case FAILOVER_EVENT_NO_OPTIONS:
	case FAILOVER_EVENT_MOVE_HELD:
	case FAILOVER_EVENT_PROBE_GOOD:
		break;
	}
	return 0;
}

void phone_record_event(struct phone_record *record, uint64_t t_ms, uint32_t line,
			const char *where, const struct failover_event *event)
{
	char text[512], sentence[SENTENCE_BYTES];
	uint32_t status = event->kind == FAILOVER_EVENT_RESPONSE ? event->status : 0;

	if (!record)
		return;
	if (record->picture)
		picture_event(record->picture, t_ms, where, event);
	if (!record->capture)
		return;
	failover_event_text(event, text, sizeof(text));
	sentence_make(sentence, t_ms, line, failover_event_name(event->kind), text);
	if (is_cause(event))
		capture_cause(record->capture, sentence);
	else
		capture_outcome(record->capture, &event->target, status, sentence);
}

void phone_record_say(struct phone_record *record, uint64_t t_ms, uint32_t line, const char *name,
		      const char *text)
{
	char sentence[SENTENCE_BYTES];

	if (!record)
		return;
	if (record->picture)
		picture_say(record->picture, t_ms, text);
	sentence_make(sentence, t_ms, line, name, text);
	if (record->capture)
		capture_outcome(record->capture, NULL, 0, sentence);
}
