/* SPDX-License-Identifier: MIT */
/*
 * map.h - intrusive hash table: the node lies in the object, so adding cannot fail half-way.
 *
 * Hashes are keyed (SipHash-2-4) with unpredictable bytes, because peers choose many of the keys.
 * The table knows hashes only; the caller compares keys:
 *     for (n = fo_map_find(map, hash); n; n = fo_map_again(n)) if (key of n is equal) ...
 */
#ifndef FO_MAP_H
#define FO_MAP_H

#include <stddef.h>
#include <stdint.h>

/* The object that holds `member`. */
#define FO_CONTAINER(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

struct fo_map_node {
	struct fo_map_node *next;
	struct fo_map_node **link; /* NULL = not in a table */
	uint64_t hash;
};

struct fo_map {
	struct fo_map_node **buckets;
	size_t size; /* a power of two */
	size_t count;
	uint64_t key[2];
};

/* Returns 0 or FAILOVER_ERR_MEMORY. */
int fo_map_init(struct fo_map *map, const uint64_t key[2]);
/* The objects are the caller's. */
void fo_map_free(struct fo_map *map);
/* When memory for a larger table is missing, the old one goes on, slower. */
void fo_map_add(struct fo_map *map, struct fo_map_node *node, uint64_t hash);
/* A node in no table is left alone. */
void fo_map_remove(struct fo_map *map, struct fo_map_node *node);
struct fo_map_node *fo_map_find(const struct fo_map *map, uint64_t hash);
struct fo_map_node *fo_map_again(const struct fo_map_node *node);

/* Walk through all, node NULL = from the start; the one handed out last may have been removed only
 * after the next was asked for. */
struct fo_map_node *fo_map_walk(const struct fo_map *map, const struct fo_map_node *node);

uint64_t fo_map_hash(const struct fo_map *map, const void *bytes, size_t count);
uint64_t fo_map_hash_text(const struct fo_map *map, const char *text);
uint64_t fo_map_hash_number(const struct fo_map *map, uint64_t number);

#endif
