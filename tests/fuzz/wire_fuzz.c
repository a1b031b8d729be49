/* SPDX-License-Identifier: MIT */
/*
 * wire_fuzz.c - libfailover-wire between a stack and a network that say anything. An input is
 * records with a byte 0x1e between them; the first byte of a record says what is done with the
 * text that follows: s the stack sends it, r the stack responds with it to the first target, 0, 1
 * and 2 it comes from that target (2 is a stranger), e an ICMP error of the first target quotes
 * it, E a local one. c the first target's TCP connection ends, t so many ms pass, d the line goes
 * and comes back. In a text @b is the branch of the last request that has left, @i its Call-ID,
 * @q its CSeq, @t what is behind its ";tag=".
 */
#include <stdlib.h>
#include <string.h>
#include <failover/wire.h>
#include "fuzz.h"

const char fuzz_target[] = "wire";

#define SEPARATOR 0x1e
#define RECORDS_MOST 64
#define TEXT 20000u

struct bench {
	struct failover_engine *engine;
	struct failover_wire *wire;
	struct failover_target targets[3];
	uint64_t now;
	uint32_t line;
	char last[TEXT]; /* the last request to the network */
};

/* ---- life --------------------------------------------------------------------------------- */

static void add_line(struct bench *bench)
{
	const struct failover_registrar_identity registrars[] = {
		{ .size = sizeof(registrars[0]), .address = "192.0.2.1" },
		{ .size = sizeof(registrars[0]), .address = "192.0.2.2" },
	};
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .targets = bench->targets,
					       .settings = FAILOVER_LINE_SETTINGS_INIT };
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .user = "1001",
						   .auth_user = "1001",
						   .auth_password = "secret",
						   .registrars = registrars,
						   .registrars_count = 2 };

	fuzz_require(!failover_line_add(bench->engine, &params, bench->now, &identity.line),
		     "a line is added");
	bench->line = identity.line;
	fuzz_require(!failover_wire_line_set(bench->wire, &identity, bench->now), "it is set");
	fuzz_require(!failover_wire_line_targets(bench->wire, bench->line, bench->targets, 2,
						 bench->now),
		     "it has targets");
}

static void bench_open(struct bench *bench)
{
	struct failover_engine_params engine = { .size = sizeof(engine),
						 .seed = 1,
						 .memory = failover_memory_default() };
	struct failover_wire_params params = { .size = sizeof(params), .device = "fuzz" };

	memset(bench, 0, sizeof(*bench));
	bench->now = 1000;
	failover_target_set(&bench->targets[0], "192.0.2.1", 5060, FAILOVER_UDP);
	failover_target_set(&bench->targets[1], "192.0.2.2", 5060, FAILOVER_TCP);
	bench->targets[1].registrar = 1;
	failover_target_set(&bench->targets[2], "198.51.100.1", 5060, FAILOVER_UDP);
	fuzz_require(!failover_engine_new(&engine, &bench->engine), "an engine");
	params.engine = bench->engine;
	failover_target_set(&params.local, "192.0.2.99", 5060, FAILOVER_UDP);
	fuzz_require(!failover_wire_new(&params, bench->now, &bench->wire), "a wire");
	add_line(bench);
}

/* ---- outputs ------------------------------------------------------------------------------ */

static void take(struct bench *bench)
{
	struct failover_wire_output output = { .size = sizeof(output) };

	while (failover_wire_poll(bench->wire, &output)) {
		fuzz_require(output.count > 0 && output.count < TEXT, "an output has a length");
		fuzz_require(output.bytes[output.count] == '\0', "an output has an end");
		if (output.kind == FAILOVER_WIRE_TO_NETWORK &&
		    strncmp(output.bytes, "SIP/", 4) != 0)
			memcpy(bench->last, output.bytes, output.count + 1);
	}
}

static void advance(struct bench *bench, uint64_t ms)
{
	uint64_t until = bench->now + ms, next;

	take(bench);
	while ((next = failover_wire_next_deadline(bench->wire)) <= until) {
		if (next > bench->now)
			bench->now = next;
		failover_wire_handle_timeout(bench->wire, bench->now);
		take(bench);
	}
	bench->now = until;
}

/* ---- texts -------------------------------------------------------------------------------- */

static size_t put(char *out, size_t at, const char *bytes, size_t count)
{
	if (count > TEXT - 1 - at)
		count = TEXT - 1 - at;
	memcpy(out + at, bytes, count);
	return at + count;
}

static size_t put_part(const struct bench *bench, char *out, size_t at, char which)
{
	const char *const names[] = { "branch=", "\r\nCall-ID: ", "\r\nCSeq: ", ";tag=" };
	const char *letter = strchr("biqt", which), *found;

	found = letter ? strstr(bench->last, names[letter - "biqt"]) : NULL;
	if (!found)
		return at;
	found += strlen(names[letter - "biqt"]);
	return put(out, at, found, strcspn(found, which == 'b' || which == 't' ? ";\r" : "\r"));
}

static size_t expand(const struct bench *bench, const uint8_t *bytes, size_t count, char *out)
{
	size_t i, at = 0;

	for (i = 0; i < count; i++)
		if (bytes[i] == '@' && i + 1 < count && strchr("biqt", bytes[i + 1]) &&
		    bytes[i + 1])
			at = put_part(bench, out, at, (char)bytes[++i]);
		else
			at = put(out, at, (const char *)&bytes[i], 1);
	return at;
}

static uint64_t number_of(const char *text)
{
	uint64_t value = 0;

	for (; *text >= '0' && *text <= '9' && value < 100000; text++)
		value = value * 10 + (uint64_t)(*text - '0');
	return value;
}

/* ---- records ------------------------------------------------------------------------------ */

static void trouble(struct bench *bench, char kind, const char *text, size_t length)
{
	struct failover_wire_trouble is = { .size = sizeof(is),
					    .reason = FAILOVER_REASON_ICMP,
					    .peer = bench->targets[0],
					    .is_local = kind == 'E',
					    .quoted = text,
					    .quoted_count = length };

	if (kind == 'c') {
		is.reason = FAILOVER_REASON_RESET;
		is.peer = bench->targets[1];
	}
	(void)failover_wire_trouble(bench->wire, &is, bench->now);
}

static void line_again(struct bench *bench)
{
	failover_wire_line_remove(bench->wire, bench->line, bench->now);
	(void)failover_line_remove(bench->engine, bench->line, bench->now);
	failover_wire_handle_timeout(bench->wire, bench->now);
	add_line(bench);
}

static void record(struct bench *bench, const uint8_t *bytes, size_t count)
{
	static char text[TEXT];
	char kind = count ? (char)*bytes : 0, *copy;
	size_t length = count ? expand(bench, bytes + 1, count - 1, text) : 0;

	text[length] = '\0';
	copy = fuzz_copy((const uint8_t *)text, length, 0);
	if (kind == 's')
		(void)failover_wire_send(bench->wire, bench->line, copy, length, bench->now);
	else if (kind >= '0' && kind <= '2')
		(void)failover_wire_received(bench->wire, &bench->targets[kind - '0'], copy, length,
					     bench->now);
	else if (kind == 'r')
		(void)failover_wire_respond(bench->wire, &bench->targets[0], copy, length,
					    bench->now);
	else if (kind == 'e' || kind == 'E' || kind == 'c')
		trouble(bench, kind, copy, length);
	else if (kind == 't')
		advance(bench, number_of(text));
	else if (kind == 'd')
		line_again(bench);
	free(copy);
	take(bench);
}

/* When the line has gone, everything ends by itself. */
static void bench_close(struct bench *bench)
{
	struct failover_wire_statistics is = { .size = sizeof(is) };

	advance(bench, 40000);
	failover_wire_line_remove(bench->wire, bench->line, bench->now);
	(void)failover_line_remove(bench->engine, bench->line, bench->now);
	failover_wire_handle_timeout(bench->wire, bench->now);
	advance(bench, 100000);
	failover_wire_statistics(bench->wire, &is);
	fuzz_require(!is.requests, "no request is kept for ever");
	fuzz_require(!is.legs, "no leg is kept for ever");
	fuzz_require(!is.lost, "no output is lost");
	failover_wire_free(bench->wire);
	failover_engine_free(bench->engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static struct bench bench;
	struct fuzz_input input = { bytes, bytes + count };
	const uint8_t *end;
	unsigned records = 0;
	size_t length;

	bench_open(&bench);
	while (!fuzz_is_over(&input) && records++ < RECORDS_MOST) {
		end = memchr(input.at, SEPARATOR, (size_t)(input.end - input.at));
		length = (size_t)((end ? end : input.end) - input.at);
		record(&bench, input.at, length);
		input.at += length + (end != NULL);
	}
	bench_close(&bench);
	return 0;
}
