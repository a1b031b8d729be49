/* SPDX-License-Identifier: MIT */
/* life.h - a line's life: its params are checked, its block is made, changed and freed. */
#ifndef FO_LIFE_H
#define FO_LIFE_H

#include "state.h"

int fo_line_new(struct failover_engine *engine, const struct failover_line_params *params,
		struct fo_line **out);
void fo_line_free(struct failover_engine *engine, struct fo_line *line);
int fo_line_change(struct failover_engine *engine, struct fo_line *line,
		   const struct failover_line_params *params);
/* Take the caller's params, of whatever version, and check them. */
int fo_line_params(struct failover_line_params *own, const struct failover_line_params *given);

#endif
