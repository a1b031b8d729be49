/* SPDX-License-Identifier: MIT */
/* Memory that is taken bit by bit and given back all at once: to the system, in pages of its own.
 */
#ifndef FO_CONFIG_ARENA_H
#define FO_CONFIG_ARENA_H

#include <stddef.h>

struct fo_arena_chunk;
struct fo_arena {
	struct fo_arena_chunk *last;
	size_t bytes; /* of all chunks */
};

/* Zeroed, for any type; NULL = no memory. */
void *fo_arena_take(struct fo_arena *arena, size_t size);
/* Given back all at once. */
void fo_arena_clear(struct fo_arena *arena);

#endif
