/* SPDX-License-Identifier: MIT */
/* map.c - hash table and the keyed hash (SipHash-2-4 of Aumasson and Bernstein). */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <failover/plugin.h>
#include "map.h"

#define FIRST_SIZE 16u

int ua_map_init(struct ua_map *map, const uint64_t key[2])
{
	map->buckets = calloc(FIRST_SIZE, sizeof(struct ua_map_node *));
	map->size = map->buckets ? FIRST_SIZE : 0;
	map->count = 0;
	map->key[0] = key[0];
	map->key[1] = key[1];
	return map->buckets ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

void ua_map_free(struct ua_map *map)
{
	free(map->buckets);
	map->buckets = NULL;
	map->size = map->count = 0;
}

static void put(struct ua_map *map, struct ua_map_node *node)
{
	struct ua_map_node **bucket = &map->buckets[node->hash & (map->size - 1)];

	node->next = *bucket;
	node->link = bucket;
	if (node->next)
		node->next->link = &node->next;
	*bucket = node;
}

static void grow(struct ua_map *map)
{
	struct ua_map_node **old = map->buckets, *node, *next;
	struct ua_map_node **larger = calloc(map->size * 2, sizeof(struct ua_map_node *));
	size_t i, old_size = map->size;

	if (!larger)
		return;
	map->buckets = larger;
	map->size *= 2;
	for (i = 0; i < old_size; i++) {
		for (node = old[i]; node; node = next) {
			next = node->next;
			put(map, node);
		}
	}
	free(old);
}

void ua_map_add(struct ua_map *map, struct ua_map_node *node, uint64_t hash)
{
	if (map->count >= map->size)
		grow(map);
	node->hash = hash;
	put(map, node);
	map->count++;
}

void ua_map_remove(struct ua_map *map, struct ua_map_node *node)
{
	if (!node->link)
		return;
	*node->link = node->next;
	if (node->next)
		node->next->link = node->link;
	node->next = NULL;
	node->link = NULL;
	map->count--;
}

static struct ua_map_node *same_hash(struct ua_map_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct ua_map_node *ua_map_find(const struct ua_map *map, uint64_t hash)
{
	return map->size ? same_hash(map->buckets[hash & (map->size - 1)], hash) : NULL;
}

struct ua_map_node *ua_map_again(const struct ua_map_node *node)
{
	return same_hash(node->next, node->hash);
}

struct ua_map_node *ua_map_walk(const struct ua_map *map, const struct ua_map_node *node)
{
	size_t i = 0;

	if (node && node->next)
		return node->next;
	if (node)
		i = (node->hash & (map->size - 1)) + 1;
	for (; i < map->size; i++)
		if (map->buckets[i])
			return map->buckets[i];
	return NULL;
}

/* ---- hash --------------------------------------------------------------------------------- */

static uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static void rounds(uint64_t v[4], unsigned count)
{
	while (count--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

/* The least significant byte first. */
static uint64_t word_at(const unsigned char *at, size_t count)
{
	uint64_t word = 0;

	memcpy(&word, at, count);
	return le64toh(word);
}

uint64_t ua_map_hash(const struct ua_map *map, const void *bytes, size_t count)
{
	const unsigned char *at = bytes;
	uint64_t v[4] = { map->key[0] ^ UINT64_C(0x736f6d6570736575),
			  map->key[1] ^ UINT64_C(0x646f72616e646f6d),
			  map->key[0] ^ UINT64_C(0x6c7967656e657261),
			  map->key[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t word, last = (uint64_t)count << 56;

	for (; count >= 8; count -= 8, at += 8) {
		word = word_at(at, 8);
		v[3] ^= word;
		rounds(v, 2);
		v[0] ^= word;
	}
	last |= word_at(at, count);
	v[3] ^= last;
	rounds(v, 2);
	v[0] ^= last;
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t ua_map_hash_text(const struct ua_map *map, const char *text)
{
	return ua_map_hash(map, text, strlen(text));
}

uint64_t ua_map_hash_number(const struct ua_map *map, uint64_t number)
{
	return ua_map_hash(map, &number, sizeof(number));
}
