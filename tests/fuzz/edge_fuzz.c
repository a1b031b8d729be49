/* SPDX-License-Identifier: MIT */
/*
 * edge_fuzz.c - failover-edge between clients and servers that say anything. An input is records
 * with a byte 0x1e between them; the first byte of a record says what is done: c the text that
 * follows comes from a client, d from another one by TCP, s from the line's server, x from a
 * server of no line, t so many ms pass. In a text @b is the branch and @f the token of the message
 * that the edge has made last.
 */
#include <stdlib.h>
#include <string.h>
#include "tests/edge/bench.h"
#include "fuzz.h"

const char fuzz_target[] = "edge";

#define SEPARATOR 0x1e
#define RECORDS_MOST 64
#define TEXT 20000u

static struct edge_bench bench;
static struct failover_target clients[2];
static uint32_t line;

/* ---- life --------------------------------------------------------------------------------- */

static void on_log(const char *text)
{
	fuzz_require(text[strcspn(text, "\r\n")] == '\0', "what is logged is one line");
}

static void bench_open(void)
{
	bench.log = on_log;
	edge_bench_open(&bench);
	clients[0] = clients[1] = bench.nobody;
	clients[1].transport = FAILOVER_TCP;
	line = edge_bench_line(&bench, "1001", "example.com", "secret");
	(void)edge_bench_line(&bench, "1002", "example.com", "");
}

static void advance(uint64_t ms)
{
	bench.now += ms;
	edge_turn(bench.edge);
}

static void bench_close(void)
{
	advance(40000);
	edge_ext_line.line_remove(bench.edge, line);
	(void)failover_line_remove(bench.engine, line, bench.now);
	advance(100000);
	fuzz_require(bench.edge->exchanges_count <= EDGE_EXCHANGES_MAX, "exchanges are bounded");
	edge_bench_close(&bench);
}

/* ---- texts -------------------------------------------------------------------------------- */

static size_t put(char *out, size_t at, const char *bytes, size_t count)
{
	if (count > TEXT - 1 - at)
		count = TEXT - 1 - at;
	memcpy(out + at, bytes, count);
	return at + count;
}

static size_t put_last(char *out, size_t at, const char *behind)
{
	const char *found = strstr(bench.edge->out, behind);

	if (!found)
		return at;
	found += strlen(behind);
	return put(out, at, found, strcspn(found, ";> \r"));
}

static size_t expand(const uint8_t *bytes, size_t count, char *out)
{
	size_t i, at = 0;

	for (i = 0; i < count; i++)
		if (bytes[i] == '@' && i + 1 < count &&
		    (bytes[i + 1] == 'b' || bytes[i + 1] == 'f'))
			at = put_last(out, at, bytes[++i] == 'b' ? "branch=" : ";" EDGE_PARAM "=");
		else
			at = put(out, at, (const char *)&bytes[i], 1);
	return at;
}

/* ---- records ------------------------------------------------------------------------------ */

static void record(const uint8_t *bytes, size_t count)
{
	static char text[TEXT];
	char kind = count ? (char)*bytes : 0, *copy;
	size_t length = count ? expand(bytes + 1, count - 1, text) : 0;
	struct failover_wire_output output = { .size = sizeof(output),
					       .kind = FAILOVER_WIRE_TO_STACK,
					       .line = kind == 's' ? line : 0,
					       .peer = bench.nobody,
					       .count = length };

	text[length] = '\0';
	copy = fuzz_copy((const uint8_t *)text, length, 1);
	output.bytes = copy;
	if (kind == 'c' || kind == 'd')
		edge_from_client(bench.edge, copy, length, &clients[kind == 'd']);
	else if (kind == 's' || kind == 'x')
		edge_from_server(bench.edge, &output);
	else if (kind == 't')
		advance((uint64_t)strtoul(copy, NULL, 10) % 100000);
	free(copy);
	edge_turn(bench.edge);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct fuzz_input input = { bytes, bytes + count };
	const uint8_t *end;
	unsigned records = 0;
	size_t length;

	bench_open();
	while (!fuzz_is_over(&input) && records++ < RECORDS_MOST) {
		end = memchr(input.at, SEPARATOR, (size_t)(input.end - input.at));
		length = (size_t)((end ? end : input.end) - input.at);
		record(input.at, length);
		input.at += length + (end != NULL);
	}
	bench_close();
	return 0;
}
