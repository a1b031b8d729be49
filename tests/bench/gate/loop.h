/* SPDX-License-Identifier: MIT */
/* loop.h - the phone's event loop (programs/phone/loop.h) with a clock that is a number: what the
 * phone does is the same at each run. */
#ifndef GATE_LOOP_H
#define GATE_LOOP_H

#include "../../../programs/phone/loop.h"
#include "server.h"

/* The phone's answer to phone_loop_run(): what happens is `story`. */
struct gate_world {
	struct gate_server servers[GATE_SERVERS];
	void (*story)(struct phone_loop *loop, struct gate_world *world);
	int commands; /* the phone's standard input comes out of this pipe */
	unsigned lines;
	const char *shared_health; /* the setting */
	int spreads;		   /* refreshes are spread, as they are without a setting */
	uint64_t cpu_ns;	   /* that the phone has taken */
	int failed;
};

uint64_t gate_loop_now(void);
void gate_loop_set_world(struct gate_world *world);
/* Let so much time pass; all that is due or that comes is done at its time. */
void gate_loop_pass(struct phone_loop *loop, uint64_t ms);
/* A command of the phone's user, with its line's end. */
void gate_loop_command(struct phone_loop *loop, const char *text);
void gate_loop_stop(struct phone_loop *loop);

#endif
