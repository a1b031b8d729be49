/* SPDX-License-Identifier: MIT */
/* health.h - what the device knows of addresses, shared by its lines (B4c, B4e). */
#ifndef FO_HEALTH_H
#define FO_HEALTH_H

#include <failover/failover.h>
#include "policy.h"

struct fo_node {
	struct failover_target place; /* of no registrar, at no hop; family 0: never used */
	uint32_t references;	      /* 0 = free */
	uint32_t dead_by; /* line that found it dead, 0 = it is not known to be dead (B4e) */
	uint64_t dead_at;
	uint64_t skip_until; /* Retry-After (B4c); 0 = none */
	uint16_t status;     /* with a reason STATUS */
	uint8_t reason; /* what the last attempt there met that made it unavailable, 0 = none */
	uint8_t good;	/* it has shown life since */
};

struct fo_health {
	struct fo_node *nodes;
	uint32_t size;
	uint32_t shared;  /* enum failover_health */
	uint32_t dead_ms; /* how long an address is known to be dead; 0 = until a probe (B35) */
};

/* Is this the node's address, port and transport? */
int fo_node_is(const struct fo_node *node, const struct failover_target *target);
/* The node of an address, with one more reference; ERR_LIMIT if there is no room. */
int fo_node_take(struct fo_health *health, const struct failover_target *target, uint16_t *node);
void fo_node_drop(struct fo_health *health, uint16_t node);
/* 1 if the address is to be put last for this line (B4e). The line that found it dead follows its
 * own rules (S 2.2.1 starts at the serving target). Of the others one is let through from time to
 * time, and by trying becomes the one that tries; or all of them, when it is forgotten (B35). */
static inline int fo_health_put_last(const struct fo_health *health, const struct fo_node *node,
				     uint32_t line, uint64_t now)
{
	return node->dead_by && node->dead_by != line &&
	       now - node->dead_at < (health->dead_ms ? health->dead_ms : FO_HEALTH_RETRY_MS);
}

/* This line tries a dead address: the others leave it alone meanwhile. */
void fo_health_tried(const struct fo_health *health, struct fo_node *node, uint32_t line,
		     uint64_t now);
static inline int fo_health_skipped(const struct fo_node *node, uint64_t now)
{
	return node->skip_until > now;
}

void fo_health_alive(struct fo_node *node);
/* It was unavailable to this line: known to people alone, unless it is dead for others too. */
void fo_health_failed(struct fo_node *node, uint32_t reason, uint32_t status);
void fo_health_dead(const struct fo_health *health, struct fo_node *node, uint32_t line,
		    uint64_t now);
void fo_health_retry_after(struct fo_node *node, uint32_t seconds, uint64_t now);
/* What is known against it is not true any more. */
void fo_node_forget(struct fo_node *node);
void fo_health_forget(struct fo_health *health);

#endif
