/* SPDX-License-Identifier: MIT */
/* queue.c - the bounded queue of outputs. */
#include "queue.h"

void fo_queue_push(struct fo_queue *queue, const struct failover_output *output)
{
	queue->ring[(queue->first + queue->count) % queue->size] = *output;
	queue->count++;
	if (queue->count > queue->most)
		queue->most = queue->count;
}

int fo_queue_pop(struct fo_queue *queue, struct failover_output *out)
{
	if (queue->count == 0)
		return 0;
	*out = queue->ring[queue->first];
	queue->first = (queue->first + 1) % queue->size;
	queue->count--;
	return 1;
}

int fo_queue_has_room(const struct fo_queue *queue)
{
	return queue->size - queue->count >= FO_OUTPUTS_PER_STEP;
}
