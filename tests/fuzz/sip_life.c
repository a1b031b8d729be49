/* SPDX-License-Identifier: MIT */
/* sip_life.c - see sip_life.h. */
#include "fuzz.h"
#include "sip_life.h"

#define TRANSACTIONS_MS 40000 /* 64*T1, and some more */

static struct sip_bench bench;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	uint64_t more_ms;

	sip_bench_open(&bench);
	more_ms = sip_input(&bench, bytes, count);
	bench.verdict = FAILOVER_VERDICT_KEEP;
	sip_bench_goes_on(&bench, fuzz_hash(bytes, count));
	sip_bench_advance(&bench, more_ms);
	sip_bench_close(&bench);
	return 0;
}

/* ---- never closed ------------------------------------------------------------------------- */

static void lasting_open(void)
{
	sip_bench_open(&bench);
}

static void lasting_input(const uint8_t *bytes, size_t count)
{
	(void)sip_input(&bench, bytes, count);
	bench.verdict = FAILOVER_VERDICT_KEEP;
	sip_bench_disconnect(&bench);
	sip_bench_abandon(&bench);
	sip_bench_forget(&bench);
	sip_bench_advance(&bench, TRANSACTIONS_MS);
}

static void lasting_rest(void)
{
	sip_bench_goes_on(&bench, bench.now);
	sip_bench_rest(&bench);
}

static void lasting_close(void)
{
	sip_bench_close(&bench);
}

const struct fuzz_lasting fuzz_lasting = { lasting_open, lasting_input, lasting_rest,
					   lasting_close };
