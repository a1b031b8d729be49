/* SPDX-License-Identifier: MIT */
/* queue.c - the bounded queue of outputs. */
#include <string.h>
#include "queue.h"

/* What of an output its kind uses: the rest is neither set nor copied. */
static size_t bytes_of(uint32_t kind)
{
	static const size_t used[] = {
		[FAILOVER_OUTPUT_ATTEMPT] = sizeof(struct failover_attempt),
		[FAILOVER_OUTPUT_ABANDON] = 0,
		[FAILOVER_OUTPUT_RESULT] = sizeof(struct failover_result),
		[FAILOVER_OUTPUT_EVENT] = sizeof(struct failover_event),
	};

	return offsetof(struct failover_output, u) + used[kind];
}

static void advance(const struct fo_queue *queue, uint32_t *place)
{
	if (++*place == queue->size)
		*place = 0;
}

struct failover_output *fo_queue_add(struct fo_queue *queue, enum failover_output_kind kind)
{
	struct failover_output *output = &queue->ring[queue->next];

	advance(queue, &queue->next);
	if (++queue->count > queue->most)
		queue->most = queue->count;
	memset(output, 0, bytes_of(kind));
	output->kind = kind;
	return output;
}

int fo_queue_pop(struct fo_queue *queue, struct failover_output *out)
{
	const struct failover_output *output = &queue->ring[queue->first];

	if (queue->count == 0)
		return 0;
	memcpy(out, output, bytes_of(output->kind));
	advance(queue, &queue->first);
	if (--queue->count == 0) /* so that few places are used, which stay in the cache */
		queue->first = queue->next = 0;
	return 1;
}
