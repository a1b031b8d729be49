/* SPDX-License-Identifier: MIT */
/*
 * trace - prints what each seed's work comes to; run on two machines, the output must be the same.
 *
 *     trace [FIRST [LAST]]
 *     trace --machine          which machine this is
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plugins/sim/sim.h"
#include "work.h"

int main(int argc, char **argv)
{
	const uint16_t one = 1;
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	uint64_t last = argc > 2 ? strtoull(argv[2], NULL, 0) : seed;
	struct work_told told;
	int error;

	if (argc > 1 && !strcmp(argv[1], "--machine")) {
		printf("%u bit, %s-endian\n", (unsigned)(8 * sizeof(void *)),
		       *(const uint8_t *)&one ? "little" : "big");
		return EXIT_SUCCESS;
	}
	for (; seed <= last; seed++) {
		error = work_run(&failover_sim_plugin, seed, &told);
		if (error) {
			printf("seed %" PRIu64 ": %s\n", seed, failover_strerror(error));
			return EXIT_FAILURE;
		}
		printf("seed %" PRIu64 " hash %016" PRIx64
		       " events %u results %u packets %u moves %u\n",
		       seed, told.hash, told.events, told.results, told.packets, told.moves);
	}
	return EXIT_SUCCESS;
}
