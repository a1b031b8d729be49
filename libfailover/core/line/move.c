/* SPDX-License-Identifier: MIT */
/* move.c - a change of the serving target (B8), and a line that is to have none (B17c). */
#include "../attempt.h"
#include "../target.h"
#include "line.h"

void fo_line_group_moved(struct failover_engine *engine, struct fo_line *line, uint16_t from,
			 uint16_t to)
{
	uint16_t serving = fo_targets(line)[line->serving].node;

	if (serving == from)
		fo_registration_follow(engine, line, to);
	else if (serving == to)
		line->follow = FO_NONE; /* it had not left yet, and the group has come back */
}

/* B39: from a target that has gone from its list, it went alone (B1b). */
static void tell_group(struct failover_engine *engine, const struct fo_line *line, uint8_t from)
{
	uint32_t group = line->settings->is.group, i;

	if (!group || !fo_targets(line)[from].listed)
		return;
	for (i = 0; i < engine->lines_size; i++) {
		struct fo_line *other = engine->lines[i].line;

		if (other && other != line && other->settings->is.group == group)
			fo_line_group_moved(engine, other, fo_targets(line)[from].node,
					    fo_targets(line)[line->serving].node);
	}
}

void fo_line_move(struct failover_engine *engine, struct fo_line *line, uint8_t target,
		  uint32_t method)
{
	struct failover_event *event = fo_event_add(engine, line, FAILOVER_EVENT_MOVED);
	uint8_t from = fo_target_index(line, line->serving), to = fo_target_index(line, target);
	uint8_t old = line->serving, i;

	event->method = method;
	event->direction = from < line->listed && to < from ? FAILOVER_FAILBACK : FAILOVER_FAILOVER;
	fo_target_public(engine, line, line->serving, &event->from);
	fo_target_public(engine, line, target, &event->target);
	line->serving = target;
	line->follow = FO_NONE;
	line->flags &= (uint8_t)~FO_LINE_LOST; /* it was the old one's */
	fo_keepalive_moved(engine, line);
	engine->moves++;
	for (i = 0; i < line->requests_max; i++)
		line->requests[i].flags |= FO_REQUEST_MOVED;
	if (event->direction == FAILOVER_FAILOVER)
		fo_request_leave(line, old);
	if (method != FAILOVER_REGISTER)
		fo_registration_moved(engine, line);
	fo_failback_moved(engine, line, target, event->direction == FAILOVER_FAILOVER);
	tell_group(engine, line, old);
}

/* It is on its way up, and who serves was not found unavailable. */
static int goes_up(const struct fo_line *line, uint8_t target, uint32_t tried)
{
	return target != FO_NONE && !(tried & (1u << line->serving)) &&
	       fo_target_index(line, target) < fo_target_index(line, line->serving);
}

void fo_line_pin(struct failover_engine *engine, struct fo_line *line)
{
	const struct fo_request *request = fo_line_own(line, FO_SLOT_REGISTER);

	line->flags |= FO_LINE_PINNED;
	line->follow = FO_NONE;
	fo_failback_stop(engine, line);
	if (goes_up(line, line->pending_target, line->pending_tried))
		line->pending_target = FO_NONE;
	if ((line->flags & FO_LINE_WANTED) && fo_line_registers(line) &&
	    goes_up(line, request->target, request->tried))
		fo_registration_anew(engine, line);
}
