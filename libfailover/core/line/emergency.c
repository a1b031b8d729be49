/* SPDX-License-Identifier: MIT */
/*
 * emergency.c - the emergency call (B36). It races: who has neither rung nor answered in time stays
 * at work, and the next target is asked beside it, until one rings or answers; those beside it go
 * then. When all have been asked, those that failed are asked again after a pause.
 *
 * A leg beside the current one is FO_ATTEMPT_LATE, one that was abandoned FO_ATTEMPT_CANCELLED. Of
 * many legs one is abandoned in a step, so that a step makes few outputs (FO_OUTPUTS_PER_STEP).
 */
#include "../answer.h"
#include "../attempt.h"
#include "../life.h"
#include "../target.h"
#include "line.h"

static void abandon(struct failover_engine *engine, const struct fo_line *line,
		    const struct fo_request *request, struct fo_attempt *attempt, uint32_t reason)
{
	struct failover_output *output = fo_queue_add(&engine->queue, FAILOVER_OUTPUT_ABANDON);

	output->reason = reason;
	output->abandoned = fo_request_id(line, request) | attempt->ordinal;
	attempt->state = FO_ATTEMPT_CANCELLED;
}

int fo_emergency_drop(struct failover_engine *engine, const struct fo_line *line,
		      const struct fo_request *request, uint32_t reason)
{
	struct fo_attempt *beside = fo_attempt_late(line, request);

	if (!fo_request_emergency(request) || !beside)
		return 0;
	abandon(engine, line, request, beside, reason);
	return 1;
}

/* ---- the race ------------------------------------------------------------------------------ */

/* The current leg stays at work beside the next one. */
static void set_aside(struct fo_line *line, struct fo_request *request)
{
	struct fo_attempt *attempt = fo_attempt_current(line, request);

	attempt->reason = FAILOVER_REASON_NO_ANSWER;
	attempt->stayed = 1;
	fo_request_mark_tried(line, request, 0);
	fo_attempt_late_from(line, request, attempt, request->started);
}

static void overtake(struct failover_engine *engine, struct fo_line *line,
		     struct fo_request *request)
{
	int asks = request->target == line->serving;

	set_aside(line, request);
	fo_request_walk(engine, line, request);
	if (asks) /* the line's own REGISTER finds out what is wrong (B22) */
		fo_registration_ask(engine, line);
}

/* No attempt of a request may have a number that another one has had in the last 64*T1, and there
 * are 255: so a round takes at least that part of the time (B36d). */
void fo_emergency_rest(struct failover_engine *engine, struct fo_line *line,
		       struct fo_request *request)
{
	uint32_t ms = line->settings->is.t1_ms * line->listed / 3;

	request->state = FO_REQUEST_WAIT_TURN;
	request->held = 0;
	request->started = engine->wheel.now;
	request->budget_ms = ms > FO_EMERGENCY_PAUSE_MS ? ms : FO_EMERGENCY_PAUSE_MS;
}

/* Once more over all that are not being asked. Those that have been silent for 64*T1 are not. */
static void begin_again(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request)
{
	const struct fo_attempt *all = fo_request_attempts(line, request);
	uint8_t i;

	if (!fo_attempt_late_for(line, request, engine->wheel.now) &&
	    fo_emergency_drop(engine, line, request, FAILOVER_ABANDON_BUDGET))
		return; /* it is due still */
	request->start = line->serving;
	request->tried = 0;
	for (i = 0; i < request->attempts; i++)
		if (all[i].state == FO_ATTEMPT_LATE)
			request->tried |= 1u << all[i].target;
	fo_request_walk(engine, line, request);
}

static int rings(const struct fo_request *request)
{
	return request->state == FO_REQUEST_PROCEEDING && !request->trying;
}

void fo_emergency_due(struct failover_engine *engine, struct fo_line *line,
		      struct fo_request *request)
{
	if (request->state == FO_REQUEST_WAIT_TURN)
		begin_again(engine, line, request);
	else if (!rings(request))
		overtake(engine, line, request);
	else if (!fo_emergency_drop(engine, line, request, FAILOVER_ABANDON_ADOPTED))
		request->budget_ms = FO_BUDGET_NONE; /* as long as it rings */
}

/* ---- legs beside the current one ------------------------------------------------------------ */

static void take_up(struct failover_engine *engine, struct fo_line *line,
		    struct fo_request *request, struct fo_attempt *attempt)
{
	if (fo_request_has_attempt(request))
		set_aside(line, request);
	attempt->state = FO_ATTEMPT_CURRENT;
	attempt->reason = FAILOVER_REASON_NONE;
	request->ordinal = attempt->ordinal;
	request->target = attempt->target;
	request->started = engine->wheel.now;
	request->state = FO_REQUEST_CALLING;
	request->held = 0;
}

static uint32_t challenged(struct failover_engine *engine, struct fo_line *line,
			   struct fo_request *request, struct fo_attempt *attempt)
{
	request->restarts++;
	fo_attempt_late_from(line, request, attempt, engine->wheel.now);
	return FAILOVER_VERDICT_KEEP;
}

static uint32_t provisional(struct failover_engine *engine, struct fo_line *line,
			    struct fo_request *request, struct fo_attempt *attempt, uint32_t status)
{
	if (attempt->state != FO_ATTEMPT_LATE)
		return FAILOVER_VERDICT_LATE;
	if (status == 100 || rings(request))
		return FAILOVER_VERDICT_KEEP;
	take_up(engine, line, request, attempt);
	fo_attempt_provisional(engine, line, request, status);
	return FAILOVER_VERDICT_KEEP;
}

/* It is the answer: the others go first, one a step, and then it is taken. */
static uint32_t final(struct failover_engine *engine, struct fo_line *line,
		      struct fo_request *request, struct fo_attempt *attempt,
		      const struct failover_answer *answer)
{
	take_up(engine, line, request, attempt);
	request->deferred = FO_DEFERRED_RESPONSE;
	request->deferred_status = answer->status & 0x3ffu;
	request->answer_flags = answer->flags & FO_ANSWER_FLAGS;
	return FAILOVER_VERDICT_KEEP;
}

uint32_t fo_emergency_response(struct failover_engine *engine, struct fo_line *line,
			       struct fo_request *request, struct fo_attempt *attempt,
			       const struct failover_answer *answer)
{
	int beside = attempt->state == FO_ATTEMPT_LATE;

	if (request->deferred) { /* it has its end already, and the leg is to go (B7a) */
		attempt->state = answer->status < 200 ? FO_ATTEMPT_CANCELLED : FO_ATTEMPT_OVER;
		return FAILOVER_VERDICT_LATE;
	}
	if (fo_answer_shows_life(line, request, answer)) {
		fo_health_alive(fo_target_node(engine, line, attempt->target));
		fo_keepalive_alive(engine, line, attempt->target);
	}
	if (answer->status < 200)
		return provisional(engine, line, request, attempt, answer->status);
	if (answer->retrying && beside && request->restarts < FO_RESTARTS_MOST)
		return challenged(engine, line, request, attempt);
	attempt->status = (uint16_t)answer->status;
	if (answer->status < 300 ||
	    (beside && !rings(request) &&
	     fo_answer_effect(line, request, answer->status, answer->flags) == FO_EFFECT_ENDS))
		return final(engine, line, request, attempt, answer);
	attempt->reason = FAILOVER_REASON_STATUS;
	attempt->state = FO_ATTEMPT_OVER;
	return FAILOVER_VERDICT_LATE;
}

void fo_emergency_unreachable(struct failover_engine *engine, struct fo_line *line,
			      struct fo_request *request, struct fo_attempt *attempt,
			      enum fo_cause cause)
{
	const struct fo_cause_row *row = fo_policy_cause(cause);
	struct fo_node *node = fo_target_node(engine, line, attempt->target);

	attempt->reason = row->reason & 0xfu;
	if (row->transport)
		fo_health_dead(&engine->health, node, line->id, engine->wheel.now);
	abandon(engine, line, request, attempt, FAILOVER_ABANDON_UNAVAILABLE);
}

int fo_emergency_through(const struct fo_line *line, const struct fo_request *request)
{
	return fo_request_emergency(request) && fo_attempt_late(line, request) &&
	       (request->deferred == FO_DEFERRED_GIVE_UP ||
		(request->deferred == FO_DEFERRED_RESPONSE &&
		 fo_answer_effect(line, request, request->deferred_status, request->answer_flags) ==
			 FO_EFFECT_ENDS));
}

/* ---- room ----------------------------------------------------------------------------------- */

/* Who gives way: the larger, the sooner. No BYE, which must not be lost, no CANCEL, whose callee
 * would go on ringing. */
static int lesser(const struct fo_request *request)
{
	if (!fo_request_running(request) || fo_request_emergency(request))
		return 0;
	if (request->method == FAILOVER_INVITE)
		return request->state == FO_REQUEST_PROCEEDING ? 1 : 2;
	return request->method == FAILOVER_OPTIONS || request->method == FAILOVER_OTHER ? 3 : 0;
}

int fo_emergency_room(struct failover_engine *engine, struct fo_line *line)
{
	struct fo_request *least = NULL;
	uint8_t i;

	for (i = FO_SLOTS_OWN; i < line->requests_max; i++)
		if (lesser(&line->requests[i]) > (least ? lesser(least) : 0))
			least = &line->requests[i];
	if (!least)
		return 0;
	fo_request_give_up(engine, line, least, FAILOVER_ABANDON_UNAVAILABLE);
	return 1;
}
