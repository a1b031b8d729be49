/* SPDX-License-Identifier: MIT */
/* random.c - splitmix64. */
#include "random.h"

static uint64_t next(uint64_t *state)
{
	uint64_t value = *state += UINT64_C(0x9e3779b97f4a7c15);

	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

uint32_t fo_random(uint64_t *state, uint32_t limit)
{
	return limit ? (uint32_t)(next(state) % (UINT64_C(1) + limit)) : 0;
}

/* In two parts, so that 32 bits are enough. */
uint32_t fo_random_spread(uint64_t *state, uint32_t ms, uint32_t jitter_percent)
{
	uint32_t most = ms / 100 * jitter_percent + ms % 100 * jitter_percent / 100;

	return ms + fo_random(state, most);
}
