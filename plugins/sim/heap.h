/* SPDX-License-Identifier: MIT */
/* heap.h - the calendar: events by time, and by arrival within one millisecond. */
#ifndef FO_SIM_HEAP_H
#define FO_SIM_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct failover_sim_packet;

enum fo_sim_event_kind {
	FO_SIM_TO_SERVER = 1,	  /* packet arrives at `server` */
	FO_SIM_TO_CLIENT = 2,	  /* packet arrives at the client */
	FO_SIM_CLIENT_RESEND = 3, /* timer A or E of client transaction `key` */
	FO_SIM_CLIENT_END = 4,	  /* client transaction `key` is forgotten */
	FO_SIM_SERVER_REPLY = 5,  /* response `status` of server transaction `key` */
	FO_SIM_SERVER_RESEND = 6, /* timer G of server transaction `key` */
	FO_SIM_SERVER_END = 7,	  /* server transaction `key` is forgotten */
	FO_SIM_HEARD = 8,	  /* a request of `server` arrives at line `key` */
	FO_SIM_LOST = 9,	  /* the end of line `key`'s connection to `server` arrives */
};

struct fo_sim_event {
	uint64_t at_ms;
	uint64_t order;
	uint64_t key;
	uint32_t server;
	uint16_t status;
	uint8_t kind;			    /* enum fo_sim_event_kind */
	struct failover_sim_packet *packet; /* owned */
};

struct fo_sim_heap {
	struct fo_sim_event *events;
	size_t count, room;
	uint64_t order;
};

/* 0 or FAILOVER_ERR_MEMORY; order is set here. */
int fo_sim_heap_push(struct fo_sim_heap *heap, const struct fo_sim_event *event);
/* The earliest, or NULL. */
const struct fo_sim_event *fo_sim_heap_top(const struct fo_sim_heap *heap);
/* Take the earliest; the heap is not empty. */
struct fo_sim_event fo_sim_heap_pop(struct fo_sim_heap *heap);
/* Free it and the packets in it. */
void fo_sim_heap_free(struct fo_sim_heap *heap);

#endif
