/* SPDX-License-Identifier: MIT */
/* storm_world.h - the inside of a run: the calendar, registrars, attempts, calls. */
#ifndef SIM_STORM_WORLD_H
#define SIM_STORM_WORLD_H

#include "plugins/sim/heap.h"
#include "storm.h"

#define STORM_BUCKET_BITS 16

/* What is in the calendar, as `kind` of its events. */
enum storm_event {
	STORM_SWITCH_ON = 32, /* phone `key` */
	STORM_ANSWER,	      /* attempt `key`: `status` of `server` */
	STORM_NO_WAY,	      /* attempt `key`: ICMP */
	STORM_AGAIN,	      /* attempt `key` is sent once more, if it is still unanswered */
	STORM_SERVER,	      /* outage `key` begins or ends */
	STORM_CALL,	      /* somebody calls */
	STORM_RING,	      /* somebody is called */
	STORM_IMPATIENT,      /* call `key` */
	STORM_HANG_UP,	      /* call `key` */
};

/* An attempt that has been sent. */
struct storm_attempt {
	uint64_t id;   /* 0 = this place is free */
	uint32_t next; /* of its bucket, or free: place in the pool + 1 */
	uint32_t server, method, expires_s;
	uint32_t left;	      /* packets that may leave still; 0 = no limit */
	uint32_t interval_ms; /* until the next one */
	uint32_t t2_ms;
	uint32_t serial; /* of this use of the place */
};

struct storm_phone {
	uint32_t line;	 /* the engine's */
	uint32_t server; /* that has its binding + 1 */
	uint8_t calls;	 /* its own, that are under way */
	uint8_t is_on;
};

struct storm_call {
	uint64_t request;
	uint32_t phone;
	uint32_t serial;
	struct failover_target target; /* of the dialog */
	uint8_t used, is_up;
};

struct storm_server {
	uint32_t down; /* outages that hold */
	enum storm_death how;
	uint32_t bound;	  /* phones whose binding is here */
	uint64_t busy_us; /* it has work until then */
};

struct storm_world {
	const struct storm_options *options;
	struct storm_series *series;
	struct failover_engine *engine;
	struct fo_sim_heap calendar;
	uint64_t now, end, random;
	uint32_t second;    /* that is being counted */
	uint32_t on;	    /* phones that have been switched on */
	uint32_t *phone_of; /* line of the engine -> phone */
	uint32_t phone_of_room;
	struct storm_phone *phone;
	struct storm_server server[STORM_SERVERS_MOST];
	struct storm_attempt *attempt;
	uint32_t attempts_room, attempts_free;	  /* place + 1 */
	uint32_t bucket[1u << STORM_BUCKET_BITS]; /* of attempts by id: place + 1 */
	struct storm_call *call;
	uint32_t calls_room, calls_free;
	int error;
};

/* storm_world.c: chance and time */
uint32_t storm_below(struct storm_world *world, uint32_t bound);
/* Milliseconds until the next of what happens so often on average, by chance (Poisson). */
uint64_t storm_wait(struct storm_world *world, uint64_t average_us);
void storm_at(struct storm_world *world, uint64_t at_ms, enum storm_event kind, uint64_t key);
void storm_answer_at(struct storm_world *world, uint64_t at_ms, uint64_t key, uint32_t server,
		     uint32_t status);

/* storm_network.c: attempts and registrars */
void storm_send(struct storm_world *world, const struct failover_attempt *attempt);
void storm_stop(struct storm_world *world, uint64_t id);
void storm_network_event(struct storm_world *world, const struct fo_sim_event *event);
int storm_is_up(const struct storm_world *world, uint32_t server);
/* Phones that are on and cannot be called. */
uint32_t storm_without(const struct storm_world *world);

/* storm_calls.c: users */
void storm_calls_begin(struct storm_world *world);
void storm_call_event(struct storm_world *world, const struct fo_sim_event *event);
void storm_call_result(struct storm_world *world, const struct failover_result *result);

#endif
