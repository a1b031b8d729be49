/* SPDX-License-Identifier: MIT */
/*
 * stream_fuzz.c - a TCP connection of a SIP plugin. The first byte says whose connection it is (bit
 * 0: the peer's, else the plugin's, with a REGISTER on it and, bit 1, an INVITE); the second how
 * the stream is cut. The rest is the stream, a text of sip_bench.h; a byte 0x1e is a cut, too.
 */
#include <string.h>
#include "fuzz.h"
#include "sip_life.h"

const char fuzz_target[] = "stream";

static void start(struct sip_bench *bench, unsigned how)
{
	if (!(how & 1)) {
		sip_bench_request(bench, FAILOVER_REGISTER, 0, 1);
		if (how & 2)
			sip_bench_request(bench, FAILOVER_INVITE, 0, 1);
	}
	sip_bench_connect(bench);
}

/* Segments of 1 to most bytes. */
static void cut(struct sip_bench *bench, const char *text, size_t length, unsigned most)
{
	uint32_t draw = most * 2654435761u;
	size_t part;

	while (length) {
		draw = draw * 1664525u + 1013904223u;
		part = most ? 1 + (draw >> 16) % (most * 8) : length;
		if (part > length)
			part = length;
		sip_bench_segment(bench, text, part);
		text += part;
		length -= part;
	}
}

uint64_t sip_input(struct sip_bench *bench, const uint8_t *bytes, size_t count)
{
	static char text[SIP_TEXT];
	struct fuzz_input input = { bytes, bytes + count };
	unsigned how = fuzz_byte(&input), most = fuzz_byte(&input);
	const uint8_t *end;
	size_t length;

	start(bench, how);
	while (!fuzz_is_over(&input)) {
		end = memchr(input.at, 0x1e, (size_t)(input.end - input.at));
		length = (size_t)((end ? end : input.end) - input.at);
		cut(bench, text, sip_bench_text(bench, input.at, length, text), most);
		input.at += length + (end != NULL);
	}
	return how & 4 ? 40000 : 600;
}
