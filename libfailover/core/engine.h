/* SPDX-License-Identifier: MIT */
/* engine.h - what the engine and its inputs share. */
#ifndef FO_ENGINE_H
#define FO_ENGINE_H

#include "state.h"

/* The first statement of every public function of the engine. */
static inline void fo_enter(const struct failover_engine *engine, const char *function)
{
#ifdef FO_DEBUG
	if (engine->guard.enter)
		engine->guard.enter(engine->guard.user, function);
#else
	(void)engine;
	(void)function;
#endif
}

/* It is now this late (B19). Time never goes back. */
void fo_engine_advance(struct failover_engine *engine, uint64_t now);
/* The line of an id, or NULL (engine.c). */
struct fo_line *fo_find_line(const struct failover_engine *engine, uint32_t id);
/* The line that is asked for something at this time; ERR_STALE, or ERR_FULL while there is no room
 * for what may come of it. */
int fo_line_ask(struct failover_engine *engine, uint32_t id, uint64_t now, struct fo_line **line);
/* The request of a request's or attempt's id, and its line, or NULL. */
struct fo_request *fo_find_request(const struct failover_engine *engine, uint64_t id,
				   struct fo_line **line);

/* What a user may ask for (input.c). */
#define FO_SUBMIT_METHODS                                                                          \
	(FAILOVER_METHOD_BIT(FAILOVER_INVITE) | FAILOVER_METHOD_BIT(FAILOVER_BYE) |                \
	 FAILOVER_METHOD_BIT(FAILOVER_OPTIONS) | FAILOVER_METHOD_BIT(FAILOVER_OTHER))
int fo_submit_params(struct failover_request_params *own,
		     const struct failover_request_params *given, uint32_t methods);
/* A free slot of the user's, or requests_max. */
uint8_t fo_submit_slot(const struct fo_line *line);
void fo_submit(struct failover_engine *engine, struct fo_line *line, uint8_t slot,
	       const struct failover_request_params *params);

#endif
