/* SPDX-License-Identifier: MIT */
/*
 * loop.h - libre's event loop, run inside the host's. libre has one loop a thread and only a
 * function that blocks in it; the host is given its epoll descriptor, and when that is readable the
 * loop is entered for one round, with a descriptor of ours that ends it.
 */
#ifndef FO_RE_LOOP_H
#define FO_RE_LOOP_H

#include <stdint.h>

struct fo_re_loop {
	int fd;	       /* libre's epoll descriptor */
	int wake;      /* eventfd: its event ends the round */
	int opened_by; /* the thread */
	uint8_t in;    /* a round of ours runs */
	uint8_t woken; /* `wake` was heard in it */
	uint8_t has;   /* libre knows of `wake` */
};

/* Returns 0 or a negative error; fo_re_loop_close() is right after either. */
int fo_re_loop_open(struct fo_re_loop *loop);
void fo_re_loop_close(struct fo_re_loop *loop);
/* Has something happened? */
int fo_re_loop_is_ready(const struct fo_re_loop *loop);
/* Handle what has; does not wait. Returns 0, or a negative error: STATE = a loop of the host's own
 * runs, UNSUPPORTED = this thread has another loop than the one that fo_re_loop_open() was in. */
int fo_re_loop_round(struct fo_re_loop *loop);

#endif
