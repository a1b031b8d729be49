/* SPDX-License-Identifier: MIT */
/* play.h - a scenario while it runs. */
#ifndef FO_SCENARIO_PLAY_H
#define FO_SCENARIO_PLAY_H

#include "tests/runner/scenario.h"

#define PLAY_REQUESTS 64u
#define PLAY_STEPS_MOST 1000000u

/* One request of the user's; its cookie is its index + 1. */
struct play_request {
	char call[16]; /* name of the call it belongs to, or empty */
	uint32_t method, line, ended;
	uint64_t id;
	int up;	  /* INVITE: the call stands */
	int over; /* and is hung up */
	struct failover_target target;
};

struct play {
	struct scenario *scenario;
	FILE *trace;
	struct items seen;
	struct failover_engine *engine;
	struct failover_stack *stack;
	const struct failover_ext_sim *sim;
	void *inst;
	uint32_t lines[SCENARIO_LINES]; /* ids */
	struct play_request requests[PLAY_REQUESTS];
	uint32_t requests_count;
};

/* play.c: a line, also one that was removed, with a new id. 0 or a negative error. */
int play_line_add(struct play *play, uint32_t line);

/* observe.c: what is seen becomes items */
void play_packet(void *user, const struct failover_sim_packet *packet);
void play_event(void *user, const struct failover_event *event);
void play_result(void *user, const struct failover_result *result);

/* act.c: `at` and `finally` */
/* How many calls of this line stand, told to the engine (B32). */
void play_calls_tell(struct play *play, uint32_t line);
void play_act(struct play *play, const struct action *action);
void play_check(struct play *play, const struct action *finally);
uint32_t play_line_number(const struct play *play, uint32_t id);

#endif
