/* SPDX-License-Identifier: MIT */
/* health.c - what the device knows of addresses, shared by its lines (B4c, B4e). */
#include <string.h>
#include "health.h"
#include "policy.h"
#include "timer.h"

int fo_node_is(const struct fo_node *node, const struct failover_target *target)
{
	return node->port == target->port && node->family == target->family &&
	       node->transport == target->transport && node->scope_id == target->scope_id &&
	       memcmp(node->address, target->address, sizeof(node->address)) == 0;
}

int fo_node_take(struct fo_health *health, const struct failover_target *target, uint16_t *node)
{
	struct fo_node *free_node = NULL;
	uint32_t i;

	/* One that nobody refers to is remembered as long as its place is not needed: it may come
	 * back, and still want to be left alone (B4c). */
	for (i = 0; i < health->size; i++) {
		struct fo_node *known = &health->nodes[i];

		if (known->family && fo_node_is(known, target)) {
			known->references++;
			*node = (uint16_t)i;
			return FAILOVER_OK;
		}
		if (!known->references && (!free_node || (free_node->family && !known->family)))
			free_node = known;
	}
	if (!free_node)
		return FAILOVER_ERR_FULL;
	memset(free_node, 0, sizeof(*free_node));
	memcpy(free_node->address, target->address, sizeof(free_node->address));
	free_node->scope_id = target->scope_id;
	free_node->port = target->port;
	free_node->family = target->family;
	free_node->transport = target->transport;
	free_node->references = 1;
	*node = (uint16_t)(free_node - health->nodes);
	return FAILOVER_OK;
}

void fo_node_drop(struct fo_health *health, uint16_t node)
{
	health->nodes[node].references--;
}

/* The line that found it dead follows its own rules (S 2.2.1 starts at the serving target). Of the
 * others one is let through from time to time; by trying it becomes the one that tries. */
int fo_health_put_last(const struct fo_node *node, uint32_t line, uint64_t now)
{
	return node->dead_by && node->dead_by != line && now - node->dead_at < FO_HEALTH_RETRY_MS;
}

void fo_health_tried(struct fo_node *node, uint32_t line, uint64_t now)
{
	if (!node->dead_by || node->dead_by == line)
		return;
	node->dead_by = line;
	node->dead_at = now;
}

int fo_health_skipped(const struct fo_node *node, uint64_t now)
{
	return node->skip_until > now;
}

void fo_health_alive(struct fo_node *node)
{
	node->dead_by = 0;
}

void fo_health_dead(const struct fo_health *health, struct fo_node *node, uint32_t line,
		    uint64_t now)
{
	if (health->shared == FAILOVER_HEALTH_OFF)
		return;
	if (!node->dead_by)
		node->dead_by = line;
	node->dead_at = now;
}

void fo_health_retry_after(struct fo_node *node, uint32_t seconds, uint64_t now)
{
	if (seconds > FO_RETRY_AFTER_MOST_S)
		seconds = FO_RETRY_AFTER_MOST_S;
	node->skip_until = seconds ? fo_after(now, UINT64_C(1000) * seconds) : 0;
}

void fo_health_forget(struct fo_health *health)
{
	uint32_t i;

	for (i = 0; i < health->size; i++) {
		health->nodes[i].dead_by = 0;
		health->nodes[i].skip_until = 0;
	}
}
