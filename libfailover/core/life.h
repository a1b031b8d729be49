/* SPDX-License-Identifier: MIT */
/* life.h - a line's life: its params are checked, its block is made, changed and freed. */
#ifndef FO_LIFE_H
#define FO_LIFE_H

#include "state.h"

int fo_line_new(struct failover_engine *engine, const struct failover_line_params *params,
		struct fo_line **out);
/* Set where its arrays are, by its sizes; returns the size of its block. */
size_t fo_line_lay_out(struct fo_line *line);
/* The size of its block; and a copy of it in another one. */
size_t fo_line_bytes(const struct fo_line *line);
void fo_line_copy(struct fo_line *to, const struct fo_line *from);
void fo_line_free(struct failover_engine *engine, struct fo_line *line);
/* Room for so many requests, targets and registrars, its own requests included: its block gives way
 * to a larger one. Returns the line, or NULL: there is no memory, and it is as it was. */
struct fo_line *fo_line_room(struct failover_engine *engine, struct fo_line *line,
			     struct fo_line *sizes);
int fo_line_change(struct failover_engine *engine, struct fo_line *line,
		   const struct failover_line_params *params);
/* Take the caller's params, of whatever version, and check them. */
int fo_line_params(struct failover_line_params *own, const struct failover_line_params *given);

#endif
