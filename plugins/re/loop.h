/* SPDX-License-Identifier: MIT */
/*
 * loop.h - libre's event loop, run inside the host's. libre has one loop a thread and only a
 * function that blocks in it. When a socket of libre's is readable, the loop is entered for one
 * round, which a timer that is due at once ends: libre looks at timers after descriptors.
 */
#ifndef FO_RE_LOOP_H
#define FO_RE_LOOP_H

/* Make the loop of this thread ready. Returns 0 or a negative error. */
int fo_re_loop_open(void);
/* After a socket of libre's has been closed: libre may have something left to free. */
void fo_re_loop_close(void);
/* Handle what has happened; waits for nothing when something has. Returns 0, or FAILOVER_ERR_STATE:
 * a loop of the host's own runs. */
int fo_re_loop_round(void);

#endif
