/* SPDX-License-Identifier: MIT */
/* bench.h - an edge whose clients are on loopback and whose server is nobody, on a clock that is a
 * number. What cannot be had ends the program. */
#ifndef EDGE_BENCH_H
#define EDGE_BENCH_H

#include "programs/edge/edge.h"

struct edge_bench {
	struct failover_engine *engine;
	struct edge *edge;
	struct failover_target nobody; /* by UDP, where nobody listens */
	uint16_t server_port;	       /* of the server of its lines; 0 = it is nobody */
	uint64_t now;
	void (*log)(const char *text); /* NULL = nobody reads it */
};

void edge_bench_open(struct edge_bench *bench);
void edge_bench_close(struct edge_bench *bench);
/* Returns its number; password "" = its phones have their own. */
uint32_t edge_bench_line(struct edge_bench *bench, const char *user, const char *domain,
			 const char *password);

/* What has come from the network, and what is due. */
void edge_bench_turn(struct edge_bench *bench);

#endif
