/* SPDX-License-Identifier: MIT */
/* wire_stack.h - what clock and network ask of the stack. */
#ifndef WIRE_STACK_H
#define WIRE_STACK_H

#include "wire_world.h"

void stack_hear(struct world *world, const char *text, const struct failover_target *peer);
void stack_timers(struct world *world);
uint64_t stack_next(const struct world *world);
/* Take the wire's outputs. */
void world_drain(struct world *world);

#endif
