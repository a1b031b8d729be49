/* SPDX-License-Identifier: MIT */
/* work.h - the same work everywhere: lines, calls and failing servers on the simulated stack, all
 * from one seed, told by one number. Another machine or another thread must come to the same. */
#ifndef WORK_H
#define WORK_H

#include <failover/failover.h>

struct work_told {
	uint64_t hash; /* FNV-1a of every event, result and packet with its time, as text */
	uint32_t events, results, packets, moves;
};

/* `plugin` is the simulated stack, linked in or loaded. Returns 0 or a negative error. */
int work_run(const struct failover_plugin *plugin, uint64_t seed, struct work_told *told);

#endif
