/* SPDX-License-Identifier: MIT */
/* loop.h - the event loop: descriptors of the stack, one timer, standard input, signals. */
#ifndef PHONE_LOOP_H
#define PHONE_LOOP_H

#include <failover/ext/io.h>

struct event_base;
struct phone_loop;

struct phone_loop_handlers {
	void *user; /* first argument of each */
	void (*ready)(void *user, const struct failover_io_fd *ready);
	void (*due)(void *user); /* the time given to phone_loop_arm() has come */
	/* Standard input can be read. Returns 0, or 1 when it has ended. */
	int (*input)(void *user);
	void (*stop)(void *user); /* SIGTERM or SIGINT */
	/* The device has slept: before whatever woke it. */
	void (*woke)(void *user, uint64_t slept_ms);
};

/* NULL = no memory. */
struct phone_loop *phone_loop_new(const struct phone_loop_handlers *handlers);
void phone_loop_free(struct phone_loop *loop);
/* From now on wait for these descriptors. Returns 0, or -1 when there is no memory. */
int phone_loop_watch(struct phone_loop *loop, const struct failover_io_fd *fds, uint32_t count);
/* The time in ms. It goes on while the device sleeps (B24d), as does the loop's timer, and by what
 * was slept when `woke` is told so: nobody sees before that time has gone by in which none could
 * hear. */
uint64_t phone_loop_clock(const struct phone_loop *loop);
/* Wake up in so many ms; UINT64_MAX = never. The last call counts. */
void phone_loop_arm(struct phone_loop *loop, uint64_t delay_ms);
/* For what has events of its own. */
struct event_base *phone_loop_base(struct phone_loop *loop);
/* Run until phone_loop_end(). Returns 0, or -1. */
int phone_loop_run(struct phone_loop *loop);
void phone_loop_end(struct phone_loop *loop);

#endif
