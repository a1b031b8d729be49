/* SPDX-License-Identifier: MIT */
/*
 * thread.h - the thread rule of plugin.h (one engine = one thread), and what a hook may not do.
 * Builds with --enable-debug or --enable-sanitizers check both at every call and abort with a
 * sentence on stderr; other builds check nothing.
 */
#ifndef FO_THREAD_H
#define FO_THREAD_H

#include <pthread.h>
#include <failover/failover.h>
#include "config.h"

struct fo_thread {
	struct failover_engine *engine;
	pthread_t owner;
	int dispatching; /* failover_dispatch() is running: hooks are called */
	int polling;	 /* it is taking an output itself */
};

#ifdef FO_DEBUG
/* The calling thread is the engine's; every call into the engine is looked at from now on. */
void fo_thread_begin(struct fo_thread *thread, struct failover_engine *engine);
/* The stack is gone: the engine is looked at no more. */
void fo_thread_end(struct fo_thread *thread);
/* The calling thread is the engine's from now on. */
void fo_thread_take(struct fo_thread *thread);
/* `function` was called. */
void fo_thread_enter(const struct fo_thread *thread, const char *function);
#else
static inline void fo_thread_begin(struct fo_thread *thread, struct failover_engine *engine)
{
	thread->engine = engine;
}

static inline void fo_thread_end(struct fo_thread *thread)
{
	(void)thread;
}

static inline void fo_thread_take(struct fo_thread *thread)
{
	(void)thread;
}

static inline void fo_thread_enter(const struct fo_thread *thread, const char *function)
{
	(void)thread;
	(void)function;
}
#endif
#endif
