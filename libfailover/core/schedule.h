/* SPDX-License-Identifier: MIT */
/* schedule.h - a line's one timer, and what is due when it fires. */
#ifndef FO_SCHEDULE_H
#define FO_SCHEDULE_H

#include "state.h"

/* A request knows the low bits of its time. Years later, as where a clock that began at 1970 is put
 * right, they would look like a time to come. */
int fo_time_leaps(const struct fo_wheel *wheel, uint64_t now);
/* Then, and before the wheel goes there: what the line has under way is over at once (B19). */
void fo_line_age(struct fo_line *line, uint64_t now);
/* Set the line's one timer to its earliest deadline. Call after every change. */
void fo_line_arm(struct failover_engine *engine, struct fo_line *line);
/* Do what had to wait for room in the outputs. */
void fo_line_take_deferred(struct failover_engine *engine, struct fo_line *line,
			   struct fo_request *request);
/* Do one thing that is due; the timer is armed again. */
void fo_line_due(struct failover_engine *engine, struct fo_line *line);

#endif
