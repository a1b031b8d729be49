/* SPDX-License-Identifier: MIT */
/*
 * frame_fuzz.c - a byte stream cut into messages: however the segments fall, the same messages come
 * out. The first byte says how the stream is cut.
 */
#include <stdlib.h>
#include <string.h>
#include "../../ua/net/frame.h"
#include "fuzz.h"

const char fuzz_target[] = "frame";

/* What came out of a stream: its end, and a hash over all kinds and bytes. */
struct outcome {
	uint64_t hash;
	size_t taken; /* bytes that were handed out */
	int bad;
};

static void mix(struct outcome *outcome, const char *bytes, size_t count)
{
	for (; count; count--, bytes++)
		outcome->hash = (outcome->hash ^ (uint8_t)*bytes) * 1099511628211u;
}

static void drain(struct ua_frame *frame, struct outcome *outcome, const uint8_t *stream)
{
	const char *message;
	size_t length, left = 4 * UA_FRAME_MAX;
	enum ua_frame_kind kind;

	while (!outcome->bad && (kind = ua_frame_next(frame, &message, &length)) != UA_FRAME_MORE) {
		fuzz_require(left-- > 0, "a buffer holds no more messages than bytes");
		mix(outcome, (const char[]){ (char)kind }, 1);
		outcome->bad = kind == UA_FRAME_BAD;
		if (kind == UA_FRAME_CRLF)
			outcome->taken += 2;
		if (kind != UA_FRAME_MESSAGE)
			continue;
		fuzz_require(length > 0 && length <= UA_FRAME_MAX, "a message has a length");
		fuzz_require(message[length] == '\0', "a zero byte follows a message");
		fuzz_require(!memcmp(message, stream + outcome->taken, length),
			     "a message is the stream's bytes, in order");
		outcome->taken += length;
		mix(outcome, message, length);
	}
}

/* Segments of 1 to `most` bytes; 0 = as long as there is room. */
static struct outcome run(const uint8_t *stream, size_t count, size_t most)
{
	static struct ua_frame frame;
	struct outcome outcome = { .hash = 14695981039346656037u };
	size_t done = 0, room, part;
	uint32_t draw = (uint32_t)most * 2654435761u;
	char *to;

	ua_frame_init(&frame);
	while (done < count && !outcome.bad) {
		to = ua_frame_room(&frame, &room);
		fuzz_require(room > 0, "there is room after MORE");
		part = count - done < room ? count - done : room;
		draw = draw * 1664525u + 1013904223u;
		if (most && part > 1 + (draw >> 16) % most)
			part = 1 + (draw >> 16) % most;
		memcpy(to, stream + done, part);
		ua_frame_add(&frame, part);
		done += part;
		drain(&frame, &outcome, stream);
	}
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct fuzz_input input = { bytes, bytes + count };
	size_t most = fuzz_byte(&input), length;
	const uint8_t *stream = fuzz_bytes(&input, count, &length);
	struct outcome whole = run(stream, length, 0), cut = run(stream, length, 1 + most);

	fuzz_require(whole.hash == cut.hash && whole.taken == cut.taken && whole.bad == cut.bad,
		     "segments change nothing");
	return 0;
}
