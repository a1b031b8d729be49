/* SPDX-License-Identifier: MIT */
/* map.h - from a number (a line, a call) to what the phone knows about it, in constant time. */
#ifndef PHONE_MAP_H
#define PHONE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct phone_map_slot {
	uint64_t key; /* 0 = empty */
	void *value;
};

/* All zero is an empty map. */
struct phone_map {
	struct phone_map_slot *slots;
	size_t size; /* power of two, or 0 */
	size_t used;
};

/* Add or replace; key is not 0, value not NULL. Returns 0, or -1 when there is no memory. */
int phone_map_put(struct phone_map *map, uint64_t key, void *value);
/* NULL when the key is not there. */
void *phone_map_get(const struct phone_map *map, uint64_t key);
/* Returns what was there, or NULL. */
void *phone_map_take(struct phone_map *map, uint64_t key);
/* Free the map's own memory, not the values. */
void phone_map_clear(struct phone_map *map);

#endif
