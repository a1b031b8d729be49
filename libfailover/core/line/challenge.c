/* SPDX-License-Identifier: MIT */
/* challenge.c - 401, 407 and 423: another transaction in the same attempt, or perhaps not (B4b). */
#include "../attempt.h"
#include "line.h"

void fo_challenge_taken(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, const struct failover_answer *answer)
{
	fo_attempt_restart(engine, line, request);
	fo_pace_again(engine, line, request);
	if (answer->retrying != FAILOVER_RETRYING_LATER)
		return;
	request->held = 1;
	request->deferred_status = (uint16_t)answer->status;
	request->deferred_value = fo_deferred_value(answer->retry_after_s);
	request->answer_flags = answer->flags & FO_ANSWER_FLAGS;
}

void fo_challenge_retrying(struct failover_engine *engine, struct fo_request *request, int retrying)
{
	if (!retrying) { /* due now */
		request->budget_ms = 0;
		return;
	}
	request->held = 0;
	request->transmissions = 0;
	request->started = engine->wheel.now;
}

/* The server has answered, whatever became of that: this is no silence. */
void fo_challenge_unanswered(struct failover_engine *engine, struct fo_line *line,
			     struct fo_request *request)
{
	const struct failover_answer answer = {
		.status = request->deferred_status,
		.retry_after_s = request->deferred_value,
		.flags = request->answer_flags,
	};

	request->held = 0;
	fo_request_final(engine, line, request, &answer);
}
