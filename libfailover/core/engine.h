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

/* The line of an id, or NULL (engine.c). */
struct fo_line *fo_find_line(const struct failover_engine *engine, uint32_t id);
/* The request of a request's or attempt's id, and its line, or NULL. */
struct fo_request *fo_find_request(const struct failover_engine *engine, uint64_t id,
				   struct fo_line **line);

#endif
