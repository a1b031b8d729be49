/* SPDX-License-Identifier: MIT */
/* table.h - a hash table of 64-bit keys; the nodes live inside the things they find. */
#ifndef FO_SIM_TABLE_H
#define FO_SIM_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct fo_sim_node {
	uint64_t key;
	struct fo_sim_node *next;
};

struct fo_sim_table {
	struct fo_sim_node **slots;
	size_t count, room; /* room is a power of two, or 0 */
};

/* The thing around a node. */
#define FO_SIM_OF(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

/* Spread the bits of a key; also makes one id out of two. */
uint64_t fo_sim_mix(uint64_t a, uint64_t b);

/* Add a node whose key is set and not in the table. 0 or FAILOVER_ERR_MEMORY. */
int fo_sim_table_add(struct fo_sim_table *table, struct fo_sim_node *node);
struct fo_sim_node *fo_sim_table_find(const struct fo_sim_table *table, uint64_t key);
/* Take it out; returns it, or NULL. */
struct fo_sim_node *fo_sim_table_remove(struct fo_sim_table *table, uint64_t key);
/* Hand every node to `release` and empty the table. */
void fo_sim_table_clear(struct fo_sim_table *table, void (*release)(struct fo_sim_node *node));

#endif
