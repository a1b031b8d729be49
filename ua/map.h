/* SPDX-License-Identifier: MIT */
/*
 * map.h - intrusive hash table: the node lies in the object, so adding cannot fail half-way.
 *
 * Hashes are keyed (SipHash-2-4) with unpredictable bytes, because peers choose many of the keys.
 * The table knows hashes only; the caller compares keys:
 *     for (n = ua_map_find(map, hash); n; n = ua_map_again(n)) if (key of n is equal) ...
 */
#ifndef UA_MAP_H
#define UA_MAP_H

#include <stddef.h>
#include <stdint.h>

/* The object that holds `member`. */
#define UA_CONTAINER(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

struct ua_map_node {
	struct ua_map_node *next;
	struct ua_map_node **link; /* NULL = not in a table */
	uint64_t hash;
};

struct ua_map {
	struct ua_map_node **buckets;
	size_t size; /* a power of two */
	size_t count;
	uint64_t key[2];
};

/* Returns 0 or FAILOVER_ERR_MEMORY. */
int ua_map_init(struct ua_map *map, const uint64_t key[2]);
/* The objects are the caller's. */
void ua_map_free(struct ua_map *map);
/* When memory for a larger table is missing, the old one goes on, slower. */
void ua_map_add(struct ua_map *map, struct ua_map_node *node, uint64_t hash);
/* A node in no table is left alone. */
void ua_map_remove(struct ua_map *map, struct ua_map_node *node);
struct ua_map_node *ua_map_find(const struct ua_map *map, uint64_t hash);
struct ua_map_node *ua_map_again(const struct ua_map_node *node);

/* Walk through all, node NULL = from the start; the one handed out last may have been removed only
 * after the next was asked for. */
struct ua_map_node *ua_map_walk(const struct ua_map *map, const struct ua_map_node *node);

uint64_t ua_map_hash(const struct ua_map *map, const void *bytes, size_t count);
uint64_t ua_map_hash_text(const struct ua_map *map, const char *text);
uint64_t ua_map_hash_number(const struct ua_map *map, uint64_t number);

#endif
