/* SPDX-License-Identifier: MIT */
/* queue.h - the bounded queue of outputs. Inputs are taken only while there is room for all that
 * one step can make (fo_queue_has_room), so a push never finds it full. */
#ifndef FO_QUEUE_H
#define FO_QUEUE_H

#include <failover/failover.h>

struct fo_queue {
	struct failover_output *ring;
	uint32_t size, first, count, most;
};

/* No single step of the core makes more outputs than this; see doc/design.md. */
#define FO_OUTPUTS_PER_STEP 64u

void fo_queue_push(struct fo_queue *queue, const struct failover_output *output);
int fo_queue_pop(struct fo_queue *queue, struct failover_output *out);
int fo_queue_has_room(const struct fo_queue *queue);

#endif
