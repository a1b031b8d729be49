/* SPDX-License-Identifier: MIT */
/* map.c - an open-addressing hash table with linear probing, at most half full. */
#include "map.h"

#include <stdlib.h>

#define MAP_SIZE_FIRST 16u

/* Where the search for a key starts: ids are often small and consecutive, so spread them. */
static size_t slot_home(const struct phone_map *map, uint64_t key)
{
	return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (map->size - 1);
}

/* The slot of the key, or the empty one it would take. */
static size_t slot_find(const struct phone_map *map, uint64_t key)
{
	size_t at = slot_home(map, key);

	while (map->slots[at].key != 0 && map->slots[at].key != key)
		at = (at + 1) & (map->size - 1);
	return at;
}

static int map_grow(struct phone_map *map)
{
	struct phone_map bigger = { .size = map->size ? map->size * 2 : MAP_SIZE_FIRST };

	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -1;
	for (size_t i = 0; i < map->size; i++) {
		if (map->slots[i].key != 0)
			bigger.slots[slot_find(&bigger, map->slots[i].key)] = map->slots[i];
	}
	bigger.used = map->used;
	free(map->slots);
	*map = bigger;
	return 0;
}

int phone_map_put(struct phone_map *map, uint64_t key, void *value)
{
	size_t at;

	if (map->used * 2 >= map->size && map_grow(map) != 0)
		return -1;
	at = slot_find(map, key);
	if (map->slots[at].key == 0)
		map->used++;
	map->slots[at] = (struct phone_map_slot){ .key = key, .value = value };
	return 0;
}

void *phone_map_get(const struct phone_map *map, uint64_t key)
{
	if (map->size == 0 || key == 0)
		return NULL;
	return map->slots[slot_find(map, key)].value;
}

/* Close the gap at `hole`: a later entry of the same run may have to move into it. */
static void run_close(struct phone_map *map, size_t hole)
{
	size_t mask = map->size - 1;
	size_t at = hole;

	for (;;) {
		size_t home;

		at = (at + 1) & mask;
		if (map->slots[at].key == 0)
			break;
		home = slot_home(map, map->slots[at].key);
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		map->slots[hole] = map->slots[at];
		hole = at;
	}
	map->slots[hole] = (struct phone_map_slot){ 0 };
}

void *phone_map_take(struct phone_map *map, uint64_t key)
{
	size_t at;
	void *value;

	if (map->size == 0 || key == 0)
		return NULL;
	at = slot_find(map, key);
	value = map->slots[at].value;
	if (map->slots[at].key == key) {
		map->used--;
		run_close(map, at);
	}
	return value;
}

void phone_map_clear(struct phone_map *map)
{
	free(map->slots);
	*map = (struct phone_map){ 0 };
}
