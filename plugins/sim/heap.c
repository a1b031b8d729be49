/* SPDX-License-Identifier: MIT */
/* heap.c - a binary heap of events; ties keep the order in which they were pushed. */
#include <stdlib.h>
#include <failover/plugin.h>
#include "plugins/sim/heap.h"

static int earlier(const struct fo_sim_event *a, const struct fo_sim_event *b)
{
	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms;
	return a->order < b->order;
}

int fo_sim_heap_push(struct fo_sim_heap *heap, const struct fo_sim_event *event)
{
	struct fo_sim_event *grown, kept = *event;
	size_t i, room = heap->room ? heap->room * 2 : 64;

	if (heap->count == heap->room) {
		grown = realloc(heap->events, room * sizeof(*grown));
		if (!grown)
			return FAILOVER_ERR_MEMORY;
		heap->events = grown;
		heap->room = room;
	}
	kept.order = heap->order++;
	i = heap->count++;
	for (; i > 0 && earlier(&kept, &heap->events[(i - 1) / 2]); i = (i - 1) / 2)
		heap->events[i] = heap->events[(i - 1) / 2];
	heap->events[i] = kept;
	return 0;
}

const struct fo_sim_event *fo_sim_heap_top(const struct fo_sim_heap *heap)
{
	return heap->count ? &heap->events[0] : NULL;
}

struct fo_sim_event fo_sim_heap_pop(struct fo_sim_heap *heap)
{
	struct fo_sim_event top = heap->events[0], kept = heap->events[--heap->count];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < heap->count) {
		if (child + 1 < heap->count &&
		    earlier(&heap->events[child + 1], &heap->events[child]))
			child++;
		if (!earlier(&heap->events[child], &kept))
			break;
		heap->events[i] = heap->events[child];
		i = child;
	}
	heap->events[i] = kept;
	return top;
}

void fo_sim_heap_free(struct fo_sim_heap *heap)
{
	size_t i;

	for (i = 0; i < heap->count; i++)
		free(heap->events[i].packet);
	free(heap->events);
}
