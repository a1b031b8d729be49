/* SPDX-License-Identifier: MIT */
/* queue.h - the bounded queue of outputs. Inputs are taken only while there is room for all that
 * one step can make (fo_queue_has_room), so what is added never finds it full. */
#ifndef FO_QUEUE_H
#define FO_QUEUE_H

#include <failover/failover.h>

struct fo_queue {
	struct failover_output *ring;
	uint32_t size, first, next, count, most; /* first, next: places to take and to fill */
	uint32_t step; /* what one step can make: that of the line with the most requests */
};

/* No single step of the core makes more outputs than this, for a line with so many request slots,
 * its own included; see doc/design.md. */
#define FO_OUTPUTS_PER_STEP(requests) (3u * (requests) + 19u)

/* The next output, empty but for its kind. It is filled where it stands, within this step. */
struct failover_output *fo_queue_add(struct fo_queue *queue, enum failover_output_kind kind);
/* Take the oldest output; of `out` only what its kind uses is written. Returns 0 if there is none.
 */
int fo_queue_pop(struct fo_queue *queue, struct failover_output *out);

static inline int fo_queue_has_room(const struct fo_queue *queue)
{
	return queue->size - queue->count >= queue->step;
}

#endif
