/* SPDX-License-Identifier: MIT */
/* health.h - what the device knows of addresses, shared by its lines (B4c, B4e). */
#ifndef FO_HEALTH_H
#define FO_HEALTH_H

#include <failover/failover.h>

struct fo_node {
	uint8_t address[16];
	uint32_t scope_id;
	uint16_t port;
	uint8_t family;
	uint8_t transport;
	uint32_t references; /* 0 = free */
	uint32_t dead_by;    /* line that found it dead, 0 = it is not known to be dead (B4e) */
	uint64_t dead_at;
	uint64_t skip_until; /* Retry-After (B4c); 0 = none */
};

struct fo_health {
	struct fo_node *nodes;
	uint32_t size;
	uint32_t shared; /* enum failover_health */
};

/* Is this the node's address, port and transport? */
int fo_node_is(const struct fo_node *node, const struct failover_target *target);
/* The node of an address, with one more reference; ERR_FULL if there is no room. */
int fo_node_take(struct fo_health *health, const struct failover_target *target, uint16_t *node);
void fo_node_drop(struct fo_health *health, uint16_t node);
/* 1 if the address is to be put last for this line (B4e). */
int fo_health_put_last(const struct fo_node *node, uint32_t line, uint64_t now);
/* This line tries a dead address: the others leave it alone meanwhile. */
void fo_health_tried(struct fo_node *node, uint32_t line, uint64_t now);
int fo_health_skipped(const struct fo_node *node, uint64_t now);
void fo_health_alive(struct fo_node *node);
void fo_health_dead(const struct fo_health *health, struct fo_node *node, uint32_t line,
		    uint64_t now);
void fo_health_retry_after(struct fo_node *node, uint32_t seconds, uint64_t now);
void fo_health_forget(struct fo_health *health);

#endif
