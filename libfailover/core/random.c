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

uint64_t fo_random(uint64_t *state, uint64_t limit)
{
	return limit ? next(state) % (limit + 1) : 0;
}

uint64_t fo_random_spread(uint64_t *state, uint64_t ms, uint32_t jitter_percent)
{
	return ms + fo_random(state, ms * jitter_percent / 100);
}
