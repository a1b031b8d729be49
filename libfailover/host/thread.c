/* SPDX-License-Identifier: MIT */
/* thread.c - see thread.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../core/state.h"
#include "thread.h"

#ifdef FO_DEBUG
/* A wrong call is a bug of the program, and what follows from it is not to be foreseen: the stack
 * trace of this moment is what its author needs. */
static void misuse(const char *function, const char *why)
{
	fprintf(stderr, "libfailover: %s() called %s\n", function, why);
	abort();
}

/* Only what would break a dispatch under way; every input is allowed in a hook. */
static void check_hook(const struct fo_thread *thread, const char *function)
{
	if (!thread->dispatching || thread->polling)
		return;
	if (!strcmp(function, "failover_poll"))
		misuse(function, "from inside a hook: failover_dispatch() takes the outputs");
	if (!strcmp(function, "failover_stack_close"))
		misuse(function, "from inside a hook: failover_dispatch() still uses the stack");
}

/* The owner is read by a thread that has no business here: no plain load. */
void fo_thread_enter(const struct fo_thread *thread, const char *function)
{
	if (!pthread_equal(__atomic_load_n(&thread->owner, __ATOMIC_RELAXED), pthread_self()))
		misuse(function, "on a thread that is not the engine's: one engine = one thread "
				 "(plugin.h); failover_stack_set_thread() hands it over");
	check_hook(thread, function);
}

static void engine_entered(void *user, const char *function)
{
	const struct fo_thread *thread = user;

	fo_thread_enter(thread, function);
	if (!strcmp(function, "failover_engine_free"))
		misuse(function, "while a stack is open on the engine: close the stack first");
}

void fo_thread_begin(struct fo_thread *thread, struct failover_engine *engine)
{
	fo_thread_take(thread);
	thread->engine = engine;
	engine->guard = (struct fo_guard){ .enter = engine_entered, .user = thread };
}

/* Two stacks on one engine: the guard is the later one's. */
void fo_thread_end(struct fo_thread *thread)
{
	if (thread->engine->guard.user == thread)
		thread->engine->guard = (struct fo_guard){ .enter = NULL };
}

void fo_thread_take(struct fo_thread *thread)
{
	__atomic_store_n(&thread->owner, pthread_self(), __ATOMIC_RELAXED);
}
#endif
