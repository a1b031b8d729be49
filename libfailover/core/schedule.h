/* SPDX-License-Identifier: MIT */
/* schedule.h - a line's one timer, and what is due when it fires. */
#ifndef FO_SCHEDULE_H
#define FO_SCHEDULE_H

#include "state.h"

/* Set the line's one timer to its earliest deadline. Call after every change. */
void fo_line_arm(struct failover_engine *engine, struct fo_line *line);
/* Do what had to wait for room in the outputs. */
void fo_line_take_deferred(struct failover_engine *engine, struct fo_line *line,
			   struct fo_request *request);
/* Do one thing that is due; the timer is armed again. */
void fo_line_due(struct failover_engine *engine, struct fo_line *line);

#endif
