/* SPDX-License-Identifier: MIT */
/* loop.h - the event loop: descriptors of the stack, one timer, standard input, signals. */
#ifndef PHONE_LOOP_H
#define PHONE_LOOP_H

#include <failover/ext/io.h>

struct phone_loop;

struct phone_loop_handlers {
	void *user; /* first argument of each */
	void (*ready)(void *user, const struct failover_io_fd *ready);
	void (*due)(void *user); /* the time given to phone_loop_arm() has come */
	/* Standard input can be read. Returns 0, or 1 when it has ended. */
	int (*input)(void *user);
	void (*stop)(void *user); /* SIGTERM or SIGINT */
};

/* NULL = no memory. */
struct phone_loop *phone_loop_new(const struct phone_loop_handlers *handlers);
void phone_loop_free(struct phone_loop *loop);
/* From now on wait for these descriptors. Returns 0, or -1 when there is no memory. */
int phone_loop_watch(struct phone_loop *loop, const struct failover_io_fd *fds, uint32_t count);
/* The time in ms. It goes on while the device sleeps (B24d), as does the loop's timer. */
uint64_t phone_loop_clock(void);
/* Wake up in so many ms; UINT64_MAX = never. The last call counts. */
void phone_loop_arm(struct phone_loop *loop, uint64_t delay_ms);
/* Run until phone_loop_end(). Returns 0, or -1. */
int phone_loop_run(struct phone_loop *loop);
void phone_loop_end(struct phone_loop *loop);

#endif
