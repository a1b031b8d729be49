/* SPDX-License-Identifier: MIT */
/* health.c - what the device knows of addresses, shared by its lines (B4c, B4e). */
#include <string.h>
#include "health.h"
#include "timer.h"

/* All that makes a place stands before the registrar. */
int fo_node_is(const struct fo_node *node, const struct failover_target *target)
{
	return memcmp(&node->place, target, offsetof(struct failover_target, registrar)) == 0;
}

int fo_node_take(struct fo_health *health, const struct failover_target *target, uint16_t *node)
{
	struct fo_node *free_node = NULL;
	uint32_t i;

	/* One that nobody refers to is remembered as long as its place is not needed: it may come
	 * back, and still want to be left alone (B4c). */
	for (i = 0; i < health->size; i++) {
		struct fo_node *known = &health->nodes[i];

		if (known->place.family && fo_node_is(known, target)) {
			known->references++;
			*node = (uint16_t)i;
			return FAILOVER_OK;
		}
		if (!known->references &&
		    (!free_node || (free_node->place.family && !known->place.family)))
			free_node = known;
	}
	if (!free_node)
		return FAILOVER_ERR_LIMIT;
	memset(free_node, 0, sizeof(*free_node));
	memcpy(&free_node->place, target, offsetof(struct failover_target, registrar));
	free_node->references = 1;
	*node = (uint16_t)(free_node - health->nodes);
	return FAILOVER_OK;
}

void fo_node_drop(struct fo_health *health, uint16_t node)
{
	health->nodes[node].references--;
}

void fo_health_tried(const struct fo_health *health, struct fo_node *node, uint32_t line,
		     uint64_t now)
{
	if (health->dead_ms && now - node->dead_at >= health->dead_ms)
		node->dead_by = 0; /* B35 */
	if (!node->dead_by || node->dead_by == line)
		return;
	node->dead_by = line;
	node->dead_at = now;
}

void fo_health_alive(struct fo_node *node)
{
	node->dead_by = 0;
	node->good = 1;
	node->status = node->reason = 0;
}

void fo_health_failed(struct fo_node *node, uint32_t reason, uint32_t status)
{
	node->good = 0;
	node->reason = (uint8_t)reason;
	node->status = (uint16_t)status;
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
	node->skip_until = seconds ? fo_after(now, 1000u * seconds) : 0;
}

void fo_node_forget(struct fo_node *node)
{
	node->dead_by = 0;
	node->skip_until = 0;
	node->good = 0;
	node->status = node->reason = 0;
}

void fo_health_forget(struct fo_health *health)
{
	uint32_t i;

	for (i = 0; i < health->size; i++)
		fo_node_forget(&health->nodes[i]);
}
