/* SPDX-License-Identifier: MIT */
/* Memory that is taken bit by bit and given back all at once: to the system, in pages of its own.
 */
#include <sys/mman.h>

#include "arena.h"

#define ALIGN 16u
#define CHUNK_LEAST 4096u
#define CHUNK_MOST (1u << 18)

struct fo_arena_chunk {
	struct fo_arena_chunk *before;
	size_t size, used;
	_Alignas(ALIGN) char bytes[];
};

/* As much as there is already: there are few chunks, and a small file takes little. */
static struct fo_arena_chunk *chunk_new(struct fo_arena *arena, size_t needed)
{
	size_t size = arena->bytes;
	struct fo_arena_chunk *chunk;

	if (size < CHUNK_LEAST)
		size = CHUNK_LEAST;
	if (size > CHUNK_MOST)
		size = CHUNK_MOST;
	if (size < needed)
		size = needed;
	chunk = mmap(NULL, sizeof(*chunk) + size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chunk == MAP_FAILED)
		return NULL;
	chunk->before = arena->last;
	chunk->size = size;
	arena->last = chunk;
	arena->bytes += size;
	return chunk;
}

void *fo_arena_take(struct fo_arena *arena, size_t size)
{
	struct fo_arena_chunk *chunk = arena->last;
	size_t rounded = (size + ALIGN - 1) / ALIGN * ALIGN;
	char *taken;

	if (!chunk || rounded > chunk->size - chunk->used)
		chunk = chunk_new(arena, rounded);
	if (!chunk)
		return NULL;
	taken = chunk->bytes + chunk->used;
	chunk->used += rounded;
	return taken;
}

void fo_arena_clear(struct fo_arena *arena)
{
	while (arena->last) {
		struct fo_arena_chunk *chunk = arena->last;

		arena->last = chunk->before;
		munmap(chunk, sizeof(*chunk) + chunk->size);
	}
	arena->bytes = 0;
}
