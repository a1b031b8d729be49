/* SPDX-License-Identifier: MIT */
/* spread.h - when each line registers for the first time: one after another over `boot_spread`, so
 * that devices which boot together, and lines which refresh together, do not ask in one moment. */
#ifndef PHONE_SPREAD_H
#define PHONE_SPREAD_H

#include <stdint.h>

struct phone_spread {
	uint64_t from;	  /* ms */
	uint32_t over_ms; /* 0 = all at once */
	uint32_t count;	  /* of lines, not 0 */
	uint32_t phase;	  /* random: where in its share each one is */
};

/* The time of the line with this index, from `from` until before `from` + over_ms. */
uint64_t phone_spread_at(const struct phone_spread *spread, uint32_t index);

#endif
