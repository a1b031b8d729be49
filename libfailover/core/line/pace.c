/* SPDX-License-Identifier: MIT */
/*
 * pace.c - lines move to a backup one after another, not all at once (B14a): a backup that is
 * stormed dies, too. Each move takes the next place in a row of places that are as far apart as the
 * limit says. A REGISTER waits for its place; what a user waits for takes it in advance.
 */
#include "../attempt.h"
#include "../target.h"
#include "line.h"

#define US_OF_MS UINT64_C(1000)

/* To a target below the one where the line lives, which many lines may do in one moment. Going back
 * is spread by its own timers (B14). */
static int is_move(const struct fo_line *line, const struct fo_request *request, uint8_t target)
{
	switch (fo_request_kind(request)) {
	case FO_KIND_REGISTER:
	case FO_KIND_VISIT:
	case FO_KIND_INVITE:
	case FO_KIND_EMERGENCY:
		return fo_target_index(line, target) > fo_target_index(line, line->serving);
	case FO_KIND_PROBE:
	case FO_KIND_RELEASE:
	case FO_KIND_REINVITE:
	case FO_KIND_BYE:
	case FO_KIND_OPTIONS:
	case FO_KIND_CANCEL:
	case FO_KIND_OTHER:
	case FO_KINDS:
		break;
	}
	return 0;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void take_place(struct failover_engine *engine)
{
	struct fo_pace *pace = &engine->pace;

	pace->free_at = later(pace->free_at, engine->wheel.now * US_OF_MS) + pace->interval;
}

static void wait_turn(struct failover_engine *engine, struct fo_line *line,
		      struct fo_request *request, uint8_t target)
{
	struct fo_pace *pace = &engine->pace;
	uint64_t turn = later(pace->free_at, pace->behind);
	struct failover_event *event;

	pace->behind = turn + pace->interval;
	request->state = FO_REQUEST_WAIT_TURN;
	request->target = target;
	request->started = turn / US_OF_MS; /* a row may be longer than a budget */
	request->budget_ms = 0;
	event = fo_attempt_event(engine, line, request, FAILOVER_EVENT_MOVE_HELD);
	event->seconds = (uint32_t)((turn / US_OF_MS - engine->wheel.now + 999) / 1000);
}

int fo_pace_holds(struct failover_engine *engine, struct fo_line *line, struct fo_request *request,
		  uint8_t target)
{
	const struct fo_pace *pace = &engine->pace;
	uint64_t turn = pace->free_at;

	if (!pace->interval || !is_move(line, request, target))
		return 0;
	/* Who has waited takes what is free; who comes now goes behind all who wait. */
	if (request->state != FO_REQUEST_WAIT_TURN)
		turn = later(turn, pace->behind);
	if (turn < (engine->wheel.now + 1) * US_OF_MS || /* places may be closer than the clock */
	    request->method != FAILOVER_REGISTER || fo_registration_waited_for(line)) {
		take_place(engine);
		return 0;
	}
	wait_turn(engine, line, request, target);
	return 1;
}

void fo_pace_again(struct failover_engine *engine, const struct fo_line *line,
		   const struct fo_request *request)
{
	if (engine->pace.interval && is_move(line, request, request->target))
		take_place(engine);
}

void fo_pace_hurry(const struct failover_engine *engine, struct fo_request *request)
{
	if (request->state == FO_REQUEST_WAIT_TURN)
		request->started = engine->wheel.now;
}
