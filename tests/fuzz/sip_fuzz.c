/* SPDX-License-Identifier: MIT */
/*
 * sip_fuzz.c - datagrams, connections and the hooks of a SIP plugin. An input is records with a
 * byte 0x1e between them; the first byte of a record says what is done:
 *   0 1 2    a datagram of that peer, the text of sip_bench.h follows (2 is a stranger)
 *   r i b o c    a REGISTER, INVITE, BYE, OPTIONS, CANCEL by UDP; R I B O by TCP
 *   a        the incoming call is answered with the status that follows
 *   t        so many ms pass
 *   x        the hook timeout for the last attempt, with the reason that follows
 *   l k s    responses are from now on late, kept, or not to be answered again
 *   C        a connection; + a segment on it; D it is reset
 *   u m      the line is subscribed to something; the peer that follows serves it
 *   d f      the line goes and comes back; the calls are forgotten
 */
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "sip_life.h"

const char fuzz_target[] = "sip";

#define SEPARATOR 0x1e
#define RECORDS_MOST 64

static uint32_t number_of(const uint8_t *bytes, size_t count)
{
	uint32_t value = 0;

	for (; count && *bytes >= '0' && *bytes <= '9' && value < 100000; count--)
		value = value * 10 + (uint32_t)(*bytes++ - '0');
	return value;
}

static uint32_t method_of(uint8_t letter)
{
	static const char letters[] = "ribocRIBO";
	static const uint32_t methods[] = { FAILOVER_REGISTER, FAILOVER_INVITE, FAILOVER_BYE,
					    FAILOVER_OPTIONS,  FAILOVER_CANCEL, FAILOVER_REGISTER,
					    FAILOVER_INVITE,   FAILOVER_BYE,	FAILOVER_OPTIONS };
	const char *at = letter ? strchr(letters, letter) : NULL;

	return at ? methods[at - letters] : 0;
}

static void answer(struct sip_bench *bench, uint32_t status)
{
	int error = bench->calls->call_answer(bench->inst, bench->call_in, status);

	if (!error && status >= 300)
		bench->call_in = 0;
	sip_bench_advance(bench, 0);
}

static void say(struct sip_bench *bench, uint8_t how, const uint8_t *bytes, size_t count)
{
	static char text[SIP_TEXT];
	size_t length = sip_bench_text(bench, bytes, count, text);

	if (how == '+')
		sip_bench_segment(bench, text, length);
	else
		sip_bench_datagram(bench, how - '0', text, length);
}

static void record(struct sip_bench *bench, const uint8_t *bytes, size_t count)
{
	uint8_t kind = count ? *bytes++ : 0;
	uint32_t method = method_of(kind), number = count ? number_of(bytes, count - 1) : 0;

	if (method)
		sip_bench_request(bench, method, number, kind < 'a');
	else if (kind == '+' || (kind >= '0' && kind <= '2'))
		say(bench, kind, bytes, count - 1);
	else if (kind == 'a')
		answer(bench, number);
	else if (kind == 't')
		sip_bench_advance(bench, number);
	else if (kind == 'x')
		(void)failover_plugin_entry.timeout(bench->inst, bench->attempts, 1 + number % 5);
	else if (kind == 'l' || kind == 'k' || kind == 's')
		bench->verdict = kind == 'l'   ? FAILOVER_VERDICT_LATE
				 : kind == 'k' ? FAILOVER_VERDICT_KEEP
					       : FAILOVER_VERDICT_STOP;
	else if (kind == 'C')
		sip_bench_connect(bench);
	else if (kind == 'D')
		sip_bench_disconnect(bench);
	else if (kind == 'u')
		sip_bench_subscribe(bench);
	else if (kind == 'm')
		sip_bench_serve(bench, number);
	else if (kind == 'f')
		sip_bench_forget(bench);
	else if (kind == 'd')
		sip_bench_renew(bench);
}

uint64_t sip_input(struct sip_bench *bench, const uint8_t *bytes, size_t count)
{
	struct fuzz_input input = { bytes, bytes + count };
	const uint8_t *end;
	unsigned records = 0;
	size_t length;

	while (!fuzz_is_over(&input) && records++ < RECORDS_MOST) {
		end = memchr(input.at, SEPARATOR, (size_t)(input.end - input.at));
		length = (size_t)((end ? end : input.end) - input.at);
		record(bench, input.at, length);
		input.at += length + (end != NULL);
	}
	return 600;
}
