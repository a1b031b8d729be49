/* SPDX-License-Identifier: MIT */
/* spread.c - when each line registers for the first time. */
#include "spread.h"

uint64_t phone_spread_at(const struct phone_spread *spread, uint32_t index)
{
	uint64_t within = (uint64_t)spread->over_ms * spread->phase >> 32;

	return spread->from + ((uint64_t)spread->over_ms * index + within) / spread->count;
}
