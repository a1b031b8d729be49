/* SPDX-License-Identifier: MIT */
/* late.c - responses to INVITEs that were abandoned (B7a, B7b). */
#include "answer.h"
#include "attempt.h"
#include "late.h"
#include "line/line.h"
#include "target.h"

/* B7b: the leg that is waited for is being worked on, so it is the call's own again. It rings as
 * long as it rings (RFC 3261 17.1.1), and the user can end it (B6c). The newer leg was merged into
 * it. */
static void take_up(struct fo_line *line, struct fo_request *request, struct fo_attempt *attempt,
		    uint64_t now)
{
	fo_attempt_current(line, request)->reason = FAILOVER_REASON_STATUS;
	fo_request_mark_tried(line, request, 0);
	attempt->state = FO_ATTEMPT_CURRENT;
	attempt->reason = FAILOVER_REASON_NONE;
	request->ordinal = attempt->ordinal;
	request->target = attempt->target;
	request->started = now;
	request->state = FO_REQUEST_CALLING;
}

static uint32_t provisional(struct failover_engine *engine, struct fo_line *line,
			    struct fo_request *request, struct fo_attempt *attempt, uint32_t status)
{
	int waits = request->state == FO_REQUEST_WAIT_LATE;

	if (!waits)
		attempt->state = FO_ATTEMPT_CANCELLED;
	if (!waits || attempt->state != FO_ATTEMPT_LATE)
		return FAILOVER_VERDICT_LATE;
	take_up(line, request, attempt, engine->wheel.now);
	fo_attempt_provisional(engine, line, request, status);
	return FAILOVER_VERDICT_KEEP;
}

uint32_t fo_late_deferred(struct failover_engine *engine, struct fo_line *line,
			  struct fo_request *request, struct fo_attempt *attempt,
			  const struct failover_answer *answer)
{
	if (fo_request_emergency(request))
		return fo_emergency_response(engine, line, request, attempt, answer);
	if (answer->status < 200)
		return provisional(engine, line, request, attempt, answer->status);
	attempt->state = FO_ATTEMPT_OVER;
	return FAILOVER_VERDICT_LATE;
}

static void adopt(struct failover_engine *engine, struct fo_line *line, struct fo_request *request,
		  struct fo_attempt *attempt)
{
	struct failover_answer answer = { .status = attempt->status };

	if (fo_request_has_attempt(request))
		fo_attempt_abandon(engine, line, request, FAILOVER_ABANDON_ADOPTED);
	attempt->reason = FAILOVER_REASON_NONE;
	request->ordinal = attempt->ordinal;
	request->target = attempt->target;
	fo_request_answered(engine, line, request, &answer);
}

uint32_t fo_late_response(struct failover_engine *engine, struct fo_line *line,
			  struct fo_request *request, struct fo_attempt *attempt,
			  const struct failover_answer *answer)
{
	int waits = request->state == FO_REQUEST_WAIT_LATE;

	if (fo_request_emergency(request)) {
		uint32_t deferred = request->deferred;
		uint32_t verdict = fo_emergency_response(engine, line, request, attempt, answer);

		if (request->deferred == deferred) /* else it is told when it is taken */
			fo_request_tell_response(engine, line, request, attempt, answer->status);
		return verdict;
	}
	fo_request_tell_response(engine, line, request, attempt, answer->status);
	fo_health_alive(fo_target_node(engine, line, attempt->target));
	if (answer->status < 200)
		return provisional(engine, line, request, attempt, answer->status);
	attempt->status = (uint16_t)answer->status;
	if (answer->status < 300) {
		fo_health_retry_after(fo_target_node(engine, line, attempt->target), 0,
				      engine->wheel.now);
		adopt(engine, line, request, attempt);
		return FAILOVER_VERDICT_KEEP;
	}
	attempt->state = FO_ATTEMPT_OVER;
	if (!waits || fo_attempt_late(line, request))
		return FAILOVER_VERDICT_LATE;
	if (fo_answer_effect(line, request, answer->status, answer->flags) !=
	    FO_EFFECT_ENDS) { /* B6: then neither leg is the call */
		fo_attempt_of(line, request, request->ordinal)->reason = FAILOVER_REASON_STATUS;
		fo_request_mark_tried(line, request, 0);
		fo_request_walk(engine, line, request);
		return FAILOVER_VERDICT_LATE;
	}
	request->ordinal = attempt->ordinal;
	request->target = attempt->target;
	fo_request_answered(engine, line, request, answer);
	return FAILOVER_VERDICT_KEEP;
}
