/* SPDX-License-Identifier: MIT */
/* random.c - splitmix64, seeded by the host: the same seed gives the same spread (B14). */
#include "core.h"

static uint64_t next(struct failover_engine *engine)
{
	uint64_t value = engine->random += UINT64_C(0x9e3779b97f4a7c15);

	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

uint64_t fo_random(struct failover_engine *engine, uint64_t limit)
{
	return limit ? next(engine) % (limit + 1) : 0;
}

uint64_t fo_random_spread(struct failover_engine *engine, uint64_t ms, uint32_t jitter_percent)
{
	return ms + fo_random(engine, ms * jitter_percent / 100);
}
