/* SPDX-License-Identifier: MIT */
/* table.c - chained hash table; grows by doubling, so the work per packet stays the same. */
#include <stdlib.h>
#include <failover/plugin.h>
#include "plugins/sim/table.h"

uint64_t fo_sim_mix(uint64_t a, uint64_t b)
{
	uint64_t z = a + 0x9e3779b97f4a7c15u * (b + 1);

	/* The finalizer of splitmix64. */
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static struct fo_sim_node **slot_of(const struct fo_sim_table *table, uint64_t key)
{
	return &table->slots[fo_sim_mix(key, 0) & (table->room - 1)];
}

static int grow(struct fo_sim_table *table)
{
	struct fo_sim_table wider = { .room = table->room ? table->room * 2 : 16 };
	struct fo_sim_node *node, **slot;
	size_t i;

	wider.slots = calloc(wider.room, sizeof(struct fo_sim_node *));
	if (!wider.slots)
		return FAILOVER_ERR_MEMORY;
	for (i = 0; i < table->room; i++) {
		while ((node = table->slots[i])) {
			table->slots[i] = node->next;
			slot = slot_of(&wider, node->key);
			node->next = *slot;
			*slot = node;
		}
	}
	free(table->slots);
	table->slots = wider.slots;
	table->room = wider.room;
	return 0;
}

int fo_sim_table_add(struct fo_sim_table *table, struct fo_sim_node *node)
{
	struct fo_sim_node **slot;

	if (table->count >= table->room && grow(table))
		return FAILOVER_ERR_MEMORY;
	slot = slot_of(table, node->key);
	node->next = *slot;
	*slot = node;
	table->count++;
	return 0;
}

struct fo_sim_node *fo_sim_table_find(const struct fo_sim_table *table, uint64_t key)
{
	struct fo_sim_node *node = table->room ? *slot_of(table, key) : NULL;

	while (node && node->key != key)
		node = node->next;
	return node;
}

struct fo_sim_node *fo_sim_table_remove(struct fo_sim_table *table, uint64_t key)
{
	struct fo_sim_node **slot, *node;

	if (!table->room)
		return NULL;
	for (slot = slot_of(table, key); (node = *slot); slot = &node->next) {
		if (node->key != key)
			continue;
		*slot = node->next;
		table->count--;
		return node;
	}
	return NULL;
}

void fo_sim_table_clear(struct fo_sim_table *table, void (*release)(struct fo_sim_node *node))
{
	struct fo_sim_node *node;
	size_t i;

	for (i = 0; i < table->room; i++) {
		while ((node = table->slots[i])) {
			table->slots[i] = node->next;
			release(node);
		}
	}
	free(table->slots);
	*table = (struct fo_sim_table){ 0 };
}
