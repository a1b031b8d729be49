/* SPDX-License-Identifier: MIT */
/* flows.h - TCP sequence numbers for connections of which only the messages are known. */
#ifndef PHONE_FLOWS_H
#define PHONE_FLOWS_H

#include <failover/ext/trace.h>

#define FLOWS_MOST 64u /* the one that was used least lately is forgotten */

struct flow {
	uint64_t connection; /* 0 = none */
	uint64_t used_at;
	uint32_t sent, received; /* the next sequence number of either end */
};

/* Zero at first. */
struct flows {
	struct flow flow[FLOWS_MOST];
	uint64_t clock;
	uint32_t bytes; /* of all connections: a new one goes on from here */
};

/* The numbers of the segment that has this message. They never come again between the same two
 * ends, or a reader takes the later segment for a repeated one. */
void flows_next(struct flows *flows, const struct failover_trace_message *message, uint32_t *seq,
		uint32_t *ack);

#endif
