/* SPDX-License-Identifier: MIT */
/* flows.c - keeps count of the bytes of connections. */
#include "flows.h"

static struct flow *flow_of(struct flows *flows, uint64_t connection)
{
	struct flow *oldest = &flows->flow[0];

	for (unsigned i = 0; i < FLOWS_MOST; i++) {
		struct flow *flow = &flows->flow[i];

		if (flow->connection == connection)
			return flow;
		if (flow->used_at < oldest->used_at)
			oldest = flow;
	}
	*oldest = (struct flow){
		.connection = connection,
		.sent = flows->bytes + 1,
		.received = flows->bytes + 1,
	};
	return oldest;
}

void flows_next(struct flows *flows, const struct failover_trace_message *message, uint32_t *seq,
		uint32_t *ack)
{
	struct flow *flow = flow_of(flows, message->connection);
	int is_out = message->way == FAILOVER_TRACE_OUT;
	uint32_t *own = is_out ? &flow->sent : &flow->received;

	*seq = *own;
	*ack = is_out ? flow->received : flow->sent;
	*own += (uint32_t)message->count;
	flows->bytes += (uint32_t)message->count;
	flow->used_at = ++flows->clock;
}
