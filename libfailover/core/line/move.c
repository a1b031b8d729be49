/* SPDX-License-Identifier: MIT */
/* move.c - a change of the serving target (B8). */
#include "../attempt.h"
#include "../target.h"
#include "line.h"

void fo_line_move(struct failover_engine *engine, struct fo_line *line, uint8_t target,
		  uint32_t method)
{
	struct failover_event event = { .kind = FAILOVER_EVENT_MOVED, .method = method };
	uint8_t from = fo_target_index(line, line->serving), to = fo_target_index(line, target);
	uint8_t old = line->serving, i;

	event.direction = from < line->listed && to < from ? FAILOVER_FAILBACK : FAILOVER_FAILOVER;
	fo_target_public(engine, line, line->serving, &event.from);
	fo_target_public(engine, line, target, &event.target);
	line->serving = target;
	line->flags &= (uint8_t)~FO_LINE_LOST; /* it was the old one's */
	fo_keepalive_moved(engine, line);
	engine->moves++;
	for (i = 0; i < line->requests_max; i++)
		line->requests[i].flags |= FO_REQUEST_MOVED;
	fo_event_push(engine, line, &event);
	if (event.direction == FAILOVER_FAILOVER)
		fo_request_leave(engine, line, old);
	if (method != FAILOVER_REGISTER)
		fo_registration_moved(engine, line);
	fo_failback_moved(engine, line, target);
}
