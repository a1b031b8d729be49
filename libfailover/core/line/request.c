/* SPDX-License-Identifier: MIT */
/* request.c - the walk of one request over the targets (B5, B6, B18). */
#include <string.h>
#include "../answer.h"
#include "../attempt.h"
#include "../target.h"
#include "line.h"

/* B12: above a target that serves, and is still listed. */
static int is_upward(const struct fo_line *line, uint8_t start)
{
	uint8_t serving = fo_target_index(line, line->serving);

	return line->settings->is.signal_failback && start != FO_NONE && serving < line->listed &&
	       fo_target_index(line, start) < serving;
}

struct fo_request *fo_request_open(struct fo_line *line, uint8_t slot,
				   const struct fo_request_start *start)
{
	struct fo_request *request = &line->requests[slot];

	memset(request, 0, sizeof(*request));
	line->generation = fo_id_next(line->generation, FO_ID_GENERATION_MASK);
	request->generation = line->generation;
	request->method = start->method & 7u;
	if (slot >= FO_SLOTS_OWN)
		fo_cookies(line)[slot - FO_SLOTS_OWN] = start->cookie;
	request->flags = start->flags;
	request->start = start->start;
	request->tried = start->tried;
	request->link = start->link;
	request->upward = is_upward(line, start->start);
	request->target = FO_NONE;
	return request;
}

/* ---- the end ------------------------------------------------------------------------------ */

static void push_result(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, uint32_t outcome, uint32_t status)
{
	struct failover_result *out =
		&fo_queue_add(&engine->queue, FAILOVER_OUTPUT_RESULT)->u.result;

	out->size = sizeof(*out);
	out->line = line->id;
	out->request = fo_request_id(line, request);
	out->cookie = fo_request_cookie(line, request);
	out->method = request->method;
	out->outcome = outcome;
	out->status = status;
	if (outcome == FAILOVER_OUTCOME_ANSWERED) {
		out->attempt = out->request | request->ordinal;
		fo_target_public(engine, line, request->target, &out->target);
	}
	out->flags = fo_attempt_flags(request, request->ordinal);
	request->state = FO_REQUEST_ENDED;
}

static uint32_t last_status(const struct fo_line *line, const struct fo_request *request)
{
	return request->attempts ? fo_request_attempts(line, request)[request->attempts - 1u].status
				 : 0;
}

/* What follows when every target has failed. */
static void follow_failure(struct failover_engine *engine, struct fo_line *line,
			   struct fo_request *request)
{
	int again = (line->flags & FO_LINE_WANTED) && !fo_attempt_failed_here(line, request);

	switch (fo_policy_request(fo_request_kind(request))->failed) {
	case FO_FAILED_NOTHING:
		break;
	case FO_FAILED_REGISTER_SIGNAL:
		if (again && fo_settings_signal(line->settings, FAILOVER_REGISTER))
			fo_registration_start(engine, line, FO_TRIGGER_TIMEOUT, FO_NONE, 0);
		break;
	case FO_FAILED_REGISTER:
		if (again)
			fo_registration_start(engine, line, FO_TRIGGER_TIMEOUT, FO_NONE, 0);
		break;
	case FO_FAILED_RETRY:
		fo_registration_end(engine, line, request, NULL);
		break;
	case FO_FAILED_CALL:
		fo_request_registered(engine, line, 0);
		break;
	case FO_FAILED_REMOVED:
		fo_registration_removed(engine, line, request);
		break;
	case FO_FAILED_REST:
		fo_failback_wait(engine, line);
		break;
	}
}

static void end_failed(struct failover_engine *engine, struct fo_line *line,
		       struct fo_request *request)
{
	int heard = request->state == FO_REQUEST_PROCEEDING;

	if (!(request->flags & FO_REQUEST_PROBE)) /* which has told each target that failed */
		fo_attempt_event(engine, line, request, FAILOVER_EVENT_REQUEST_FAILED)
			->reports_count = request->attempts;
	push_result(engine, line, request, FAILOVER_OUTCOME_FAILED, last_status(line, request));
	if (request->flags & FO_REQUEST_KEEPALIVE) {
		fo_keepalive_arm(engine, line);
		if (!fo_keepalive_failed(line, fo_attempt_current(line, request), heard))
			return; /* B15a: it was life */
	}
	follow_failure(engine, line, request);
}

/* B8: what was answered elsewhere than at the serving target moves the line. An answer to a request
 * that started above serving on purpose (B12) counts as success only if it is a 2xx; where serving
 * was found unavailable in this request, any answer shows which target is alive. */
static void move_by_answer(struct failover_engine *engine, struct fo_line *line,
			   const struct fo_request *request, uint32_t status)
{
	int gone = !fo_targets(line)[line->serving].listed; /* B1b: left at the next request */
	const struct fo_attempt *met = fo_attempt_at(line, request, line->serving);
	int left_serving = gone || (met && met->reason);
	int in_dialog = (request->flags & FO_REQUEST_IN_DIALOG) && request->ordinal == 1 &&
			!(request->method == FAILOVER_BYE && fo_target_signal(line, FAILOVER_BYE));

	if (request->target == line->serving || !fo_targets(line)[request->target].listed ||
	    (request->flags & FO_REQUEST_MOVED))
		return; /* the line has moved meanwhile, and knows better (B13) */
	if ((fo_request_alone(request) && !gone) || fo_request_stays(line, request))
		return;
	if (fo_targets(line)[request->target].registrar !=
		    fo_targets(line)[line->serving].registrar &&
	    (line->flags & FO_LINE_WANTED) && !fo_target_bound(engine, line, request->target))
		return; /* B5: no registration there, so it cannot serve */
	if (in_dialog || (!left_serving && fo_target_held(engine, line, request->target)))
		return; /* B9, B13: a call stays its own; B32 */
	if (status / 100 == 2 || left_serving)
		fo_line_move(engine, line, request->target, request->method);
}

/* B6b: where the REGISTER finds nobody, the requests that wait for it there need not go. */
static void mark_waiting(struct fo_line *line, uint8_t target)
{
	uint32_t i;

	for (i = FO_SLOTS_OWN; i < line->requests_max; i++)
		if (line->requests[i].state == FO_REQUEST_WAIT_REGISTER &&
		    line->requests[i].target == target)
			line->requests[i].tried |= 1u << target;
}

void fo_request_answered(struct failover_engine *engine, struct fo_line *line,
			 struct fo_request *request, const struct failover_answer *answer)
{
	switch (fo_request_kind(request)) {
	case FO_KIND_RELEASE:
		push_result(engine, line, request, FAILOVER_OUTCOME_ANSWERED, answer->status);
		fo_registration_removed(engine, line, request);
		break;
	case FO_KIND_VISIT:
		if (answer->status / 100 == 2)
			fo_registration_granted(engine, line, request, answer->expires_s);
		else
			mark_waiting(line, request->target);
		push_result(engine, line, request, FAILOVER_OUTCOME_ANSWERED, answer->status);
		fo_request_registered(engine, line, 0);
		break;
	case FO_KIND_REGISTER:
	case FO_KIND_PROBE:
		if (answer->status / 100 == 2)
			fo_registration_granted(engine, line, request, answer->expires_s);
		push_result(engine, line, request, FAILOVER_OUTCOME_ANSWERED, answer->status);
		if (!(request->flags & FO_REQUEST_PROBE))
			fo_registration_end(engine, line, request, answer);
		break;
	case FO_KIND_INVITE:
	case FO_KIND_EMERGENCY:
	case FO_KIND_REINVITE:
	case FO_KIND_BYE:
	case FO_KIND_OPTIONS:
	case FO_KIND_CANCEL:
	case FO_KIND_OTHER:
	case FO_KINDS:
		if (!(answer->flags & FAILOVER_ANSWER_ELSEWHERE)) /* B21a: it moves nothing */
			move_by_answer(engine, line, request, answer->status);
		push_result(engine, line, request, FAILOVER_OUTCOME_ANSWERED, answer->status);
		break;
	}
	if (request->flags & FO_REQUEST_KEEPALIVE)
		fo_keepalive_arm(engine, line);
}

/* ---- the walk ----------------------------------------------------------------------------- */

/* What is not failed over has one place, unless the line moves before it leaves (B5b, B28). */
static uint8_t next_target(const struct failover_engine *engine, const struct fo_line *line,
			   const struct fo_request *request)
{
	uint8_t start = request->start;

	if (!fo_request_alone(request) || request->ordinal)
		return fo_target_next(engine, line, request, request->tried);
	if (start == FO_NONE || !fo_targets(line)[start].listed)
		start = fo_targets(line)[line->serving].listed ? line->serving : fo_order(line)[0];
	return request->tried & 1u << start ? FO_NONE : fo_target_alone(engine, line, start);
}

/* B5a: whether the line has to REGISTER with the next target's registrar first, as the row asks. */
static int needs_register(struct failover_engine *engine, struct fo_line *line,
			  const struct fo_request *request, uint8_t next)
{
	if (fo_request_in_own_dialog(request, next)) /* B28: through whichever proxy */
		return !fo_registration_live(engine, line, fo_targets(line)[next].registrar);
	if (fo_target_bound(engine, line, next))
		return 0;
	return request->ordinal || line->settings->is.only_registered ||
	       (line->flags & FO_LINE_WANTED) != 0;
}

static void wait_for_register(struct failover_engine *engine, struct fo_line *line,
			      struct fo_request *request, uint8_t next)
{
	const struct fo_target *targets = fo_targets(line);
	int visits = next != line->serving && fo_request_stays(line, request);
	uint8_t at = next;

	if (fo_request_in_own_dialog(request, next)) { /* B28: a call does not move the line */
		visits = targets[next].registrar != targets[line->serving].registrar;
		at = visits ? next : FO_NONE;
	}
	request->state = FO_REQUEST_WAIT_REGISTER;
	request->target = next;
	request->flags &= (uint8_t)~FO_REQUEST_MOVED;
	if (next == line->serving && request->start != next) { /* it comes back to it (B6a) */
		request->start = next;
		if (!request->ordinal)
			request->link = 0;
	}
	if (visits)
		fo_registration_visit(engine, line, next);
	else
		fo_registration_start(engine, line, FO_TRIGGER_DIAL, at, request->tried);
}

void fo_request_walk(struct failover_engine *engine, struct fo_line *line,
		     struct fo_request *request)
{
	uint8_t next = next_target(engine, line, request);

	if (next == FO_NONE) {
		if (fo_request_emergency(request))
			fo_emergency_rest(engine, line, request);
		else
			end_failed(engine, line, request);
		return;
	}
	switch (fo_request_action(line, request, next)) {
	case FO_ACTION_REGISTER_THEN_SEND:
		if (needs_register(engine, line, request, next)) {
			wait_for_register(engine, line, request, next);
			break;
		} /* fall through */
	case FO_ACTION_SEND:
	case FO_ACTION_BY_PROFILE:
	case FO_ACTION_BY_BINDING:
		if (!fo_pace_holds(engine, line, request, next))
			fo_attempt_start(engine, line, request, next);
		break;
	case FO_ACTION_FAIL:
		if (request->target == FO_NONE) /* B28: it never left */
			request->target = next;
		end_failed(engine, line, request);
		break;
	}
}

/* One request that waited for the line's REGISTER: on to the target that serves now (B6a), or to
 * its own next one. */
static void continue_after_register(struct failover_engine *engine, struct fo_line *line,
				    struct fo_request *request, int failed)
{
	int stuck;

	if ((request->flags & FO_REQUEST_MOVED) &&
	    (request->start == request->target || fo_request_alone(request)))
		request->start = FO_NONE; /* B6a: who serves now, then the list */
	stuck = failed || next_target(engine, line, request) == FO_NONE;
	if (stuck)
		fo_attempt_inherit(line, request, fo_line_own(line, FO_SLOT_REGISTER));
	if (failed || (stuck && request->attempts)) {
		end_failed(engine, line, request);
		return;
	}
	if (stuck)
		request->tried = 0; /* by a REGISTER before that of now, which found somebody */
	fo_request_walk(engine, line, request);
}

void fo_request_registered(struct failover_engine *engine, struct fo_line *line, int failed)
{
	uint32_t i;

	for (i = FO_SLOTS_OWN; i < line->requests_max; i++)
		if (line->requests[i].state == FO_REQUEST_WAIT_REGISTER)
			continue_after_register(engine, line, &line->requests[i], failed);
}

void fo_request_wait_anew(struct fo_line *line)
{
	uint8_t i;

	for (i = FO_SLOTS_OWN; i < line->requests_max; i++)
		if (line->requests[i].state == FO_REQUEST_WAIT_REGISTER &&
		    !line->requests[i].ordinal)
			line->requests[i].tried = 0;
}

static void note_health(struct failover_engine *engine, struct fo_line *line,
			const struct fo_request *request, enum fo_cause cause,
			enum fo_effect effect)
{
	struct fo_node *node = fo_target_node(engine, line, request->target);
	const struct fo_attempt *met = fo_attempt_current(line, request);
	int silent = cause == FO_CAUSE_NO_ANSWER && engine->health.shared == FAILOVER_HEALTH_ALL &&
		     (request->method == FAILOVER_REGISTER || request->method == FAILOVER_OPTIONS);

	if (fo_policy_cause(cause)->transport || silent)
		fo_health_dead(&engine->health, node, line->id, engine->wheel.now);
	if (effect == FO_EFFECT_UNAVAILABLE &&
	    (cause != FO_CAUSE_STATUS || request->method == FAILOVER_REGISTER))
		fo_health_failed(node, met->reason, met->status);
}

/* B6: this target is done with; B4d: and so is its address, under every registrar, if nothing of
 * it could be reached. */
void fo_request_mark_tried(struct fo_line *line, struct fo_request *request, int whole_address)
{
	uint8_t slot;

	request->tried |= 1u << request->target;
	for (slot = 0; whole_address && slot < line->targets_max; slot++)
		if (fo_targets(line)[slot].used &&
		    fo_targets(line)[slot].node == fo_targets(line)[request->target].node)
			request->tried |= 1u << slot;
}

static void tell_unavailable(struct failover_engine *engine, struct fo_line *line,
			     struct fo_request *request, const struct fo_attempt *attempt)
{
	uint64_t elapsed_ms = fo_request_elapsed(request, engine->wheel.now);
	struct failover_event *event =
		fo_attempt_event(engine, line, request,
				 request->flags & FO_REQUEST_PROBE ? FAILOVER_EVENT_PROBE_FAILED
								   : FAILOVER_EVENT_UNAVAILABLE);

	event->status = attempt->status;
	event->reason = attempt->reason;
	event->transmissions = request->transmissions;
	event->elapsed_ms = elapsed_ms < UINT32_MAX ? (uint32_t)elapsed_ms : UINT32_MAX;
}

static enum fo_effect effect_of(struct fo_line *line, const struct fo_request *request,
				enum fo_cause cause)
{
	enum fo_effect effect = fo_policy_cause(cause)->effect;

	switch (effect) {
	case FO_EFFECT_AS_ANSWERED:
		return fo_answer_effect(line, request, fo_attempt_current(line, request)->status,
					request->answer_flags);
	case FO_EFFECT_AS_ONLY_TRYING:
		return fo_policy_request(fo_request_kind(request))->only_trying;
	case FO_EFFECT_ENDS:
		if (fo_request_emergency(request))
			return FO_EFFECT_CALL_GOES_ON; /* B36d: what is missing may come back */
		if (cause != FO_CAUSE_LOCAL && fo_target_goes_up(line, request))
			return FO_EFFECT_UNAVAILABLE; /* B22b */
		break;
	case FO_EFFECT_UNAVAILABLE:
	case FO_EFFECT_CALL_GOES_ON:
		break;
	}
	return effect;
}

/* The attempt is over without an answer that counts; what it met is told and remembered. */
static void leave_target(struct failover_engine *engine, struct fo_line *line,
			 struct fo_request *request, enum fo_cause cause, enum fo_effect effect)
{
	const struct fo_cause_row *row = fo_policy_cause(cause);
	struct fo_attempt *attempt = fo_attempt_of(line, request, request->ordinal);

	if (cause != FO_CAUSE_LOCAL && fo_target_goes_up(line, request)) /* B22b */
		fo_failback_failed(engine, line);
	/* B22d: no answer, and no silence either */
	attempt->reason = cause == FO_CAUSE_NO_ANSWER && attempt->bad ? FAILOVER_REASON_BAD_ANSWER
								      : row->reason;
	attempt->stayed = effect == FO_EFFECT_CALL_GOES_ON;
	note_health(engine, line, request, cause, effect);
	fo_request_mark_tried(line, request, row->transport);
	if (request == fo_line_own(line, FO_SLOT_REGISTER) &&
	    !(request->flags & FO_REQUEST_RELEASE))
		mark_waiting(line, request->target);
	if (effect != FO_EFFECT_ENDS)
		tell_unavailable(engine, line, request, attempt);
	if (cause == FO_CAUSE_STATUS)
		attempt->state = FO_ATTEMPT_OVER;
	else
		fo_attempt_abandon(engine, line, request,
				   row->transport || cause == FO_CAUSE_LOCAL
					   ? FAILOVER_ABANDON_UNAVAILABLE
					   : FAILOVER_ABANDON_BUDGET);
}

void fo_request_unavailable(struct failover_engine *engine, struct fo_line *line,
			    struct fo_request *request, enum fo_cause cause)
{
	enum fo_effect effect = effect_of(line, request, cause);
	int asks = (effect == FO_EFFECT_CALL_GOES_ON || fo_request_emergency(request)) &&
		   request->target == line->serving;

	leave_target(engine, line, request, cause, effect);
	if (effect == FO_EFFECT_ENDS)
		end_failed(engine, line, request);
	else
		fo_request_walk(engine, line, request);
	if (asks)
		fo_registration_ask(engine, line);
}

/* ---- time --------------------------------------------------------------------------------- */

/* B22a: where nobody else is left, a call waits for its final response or the user. */
static void only_trying(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request)
{
	enum fo_effect effect = effect_of(line, request, FO_CAUSE_ONLY_TRYING);

	if (effect == FO_EFFECT_CALL_GOES_ON && fo_attempt_is_last(engine, line, request))
		request->budget_ms = FO_BUDGET_NONE;
	else
		fo_request_unavailable(engine, line, request, FO_CAUSE_ONLY_TRYING);
}

void fo_request_due(struct failover_engine *engine, struct fo_line *line,
		    struct fo_request *request)
{
	struct failover_answer late_482 = { .status = 482 };

	if (fo_request_emergency(request) && !request->held)
		fo_emergency_due(engine, line, request);
	else if (request->state == FO_REQUEST_WAIT_TURN)
		fo_request_walk(engine, line, request);
	else if (request->state == FO_REQUEST_WAIT_LATE)
		fo_request_answered(engine, line, request, &late_482);
	else if (request->held)
		fo_challenge_unanswered(engine, line, request);
	else if (request->state == FO_REQUEST_CALLING)
		fo_request_unavailable(engine, line, request, FO_CAUSE_NO_ANSWER);
	else if (!request->trying)
		fo_request_unavailable(engine, line, request, FO_CAUSE_NO_FINAL);
	else if (request->trying_timeout)
		fo_request_unavailable(engine, line, request, FO_CAUSE_TRYING_TIMEOUT);
	else
		only_trying(engine, line, request);
}

/* B22a: calls that have had nothing but 100 go on elsewhere when the line leaves their target; one
 * that rings stays, and a failback re-routes none (B13). */
void fo_request_leave(struct fo_line *line, uint8_t target)
{
	uint8_t i;

	for (i = FO_SLOTS_OWN; i < line->requests_max; i++) {
		struct fo_request *request = &line->requests[i];

		if (request->state != FO_REQUEST_PROCEEDING || request->target != target ||
		    !request->trying ||
		    fo_policy_request(fo_request_kind(request))->only_trying !=
			    FO_EFFECT_CALL_GOES_ON)
			continue;
		request->budget_ms = 0; /* now */
	}
}

/* ---- responses ---------------------------------------------------------------------------- */

/* B7b: after 482 an older leg is waited for, as long as it may be answered (B7a). */
static int wait_late(struct failover_engine *engine, struct fo_line *line,
		     struct fo_request *request)
{
	uint32_t left_ms = fo_attempt_late_for(line, request, engine->wheel.now);

	if (!left_ms)
		return 0;
	request->state = FO_REQUEST_WAIT_LATE;
	request->started = engine->wheel.now;
	request->budget_ms = left_ms;
	return 1;
}

void fo_request_final(struct failover_engine *engine, struct fo_line *line,
		      struct fo_request *request, const struct failover_answer *answer)
{
	struct fo_attempt *attempt = fo_attempt_current(line, request);
	struct fo_node *node = fo_target_node(engine, line, request->target);

	attempt->status = (uint16_t)answer->status;
	if (request->method == FAILOVER_OPTIONS && request->target == line->serving)
		fo_keepalive_answered(engine, line);
	if (request->method == FAILOVER_REGISTER && answer->retry_after_s) /* B22c */
		fo_health_retry_after(node, answer->retry_after_s, engine->wheel.now);
	else if (answer->status / 100 == 2)
		fo_health_retry_after(node, 0, engine->wheel.now);
	request->answer_flags = answer->flags & FO_ANSWER_FLAGS;
	if (fo_answer_effect(line, request, answer->status, request->answer_flags) !=
	    FO_EFFECT_ENDS) {
		fo_request_unavailable(engine, line, request, FO_CAUSE_STATUS);
		return;
	}
	attempt->state = FO_ATTEMPT_OVER;
	if (answer->status / 100 != 2 && fo_target_goes_up(line, request))
		fo_failback_failed(engine, line);
	if (answer->status != 482 || !wait_late(engine, line, request))
		fo_request_answered(engine, line, request, answer);
}

void fo_request_tell_response(struct failover_engine *engine, struct fo_line *line,
			      const struct fo_request *request, const struct fo_attempt *attempt,
			      uint32_t status)
{
	struct failover_event *event = fo_event_add(engine, line, FAILOVER_EVENT_RESPONSE);

	event->status = status;
	event->method = request->method;
	event->request = fo_request_id(line, request);
	event->attempt = event->request | attempt->ordinal; /* there may be a newer one already */
	event->flags = fo_attempt_flags(request, attempt->ordinal);
	fo_target_public(engine, line, attempt->target, &event->target);
}

int fo_request_take_provisional(struct failover_engine *engine, struct fo_line *line,
				struct fo_request *request, const struct failover_answer *answer)
{
	request->held = 0;
	if (fo_answer_shows_life(line, request, answer)) {
		fo_health_alive(fo_target_node(engine, line, request->target));
		fo_keepalive_alive(engine, line, request->target);
	}
	if (answer->status == 423) /* B15 */
		fo_registration_min_expires(line, request, answer->min_expires_s);
	if (answer->status < 200)
		fo_attempt_provisional(engine, line, request, answer->status);
	else if (answer->retrying)
		fo_challenge_taken(engine, line, request, answer);
	else
		return 0;
	return 1;
}

void fo_request_response(struct failover_engine *engine, struct fo_line *line,
			 struct fo_request *request, const struct failover_answer *answer)
{
	fo_request_tell_response(engine, line, request, fo_attempt_current(line, request),
				 answer->status);
	if (!fo_request_take_provisional(engine, line, request, answer))
		fo_request_final(engine, line, request, answer);
}

/* ---- the user gives up (B6c) -------------------------------------------------------------- */

/* The INVITE's slot becomes the CANCEL's: it goes only to the INVITE's target (B5b). */
static void cancel(struct failover_engine *engine, struct fo_line *line, uint8_t slot,
		   const struct fo_request *invite)
{
	struct fo_request_start start = { .method = FAILOVER_CANCEL,
					  .cookie = fo_request_cookie(line, &line->requests[slot]),
					  .start = FO_NONE };
	struct fo_request *request = fo_request_open(line, slot, &start);

	request->link = fo_id_of_attempt(invite->generation, invite->ordinal);
	fo_attempt_start(engine, line, request, invite->target);
}

void fo_request_give_up(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, uint32_t abandon)
{
	struct fo_request was = *request;

	if (fo_request_has_attempt(request))
		fo_attempt_abandon(engine, line, request, abandon);
	fo_attempt_event(engine, line, request, FAILOVER_EVENT_GIVEN_UP);
	push_result(engine, line, request, FAILOVER_OUTCOME_GIVEN_UP, 0);
	request->state = FO_REQUEST_FREE;
	if (was.method == FAILOVER_INVITE && was.state == FO_REQUEST_PROCEEDING &&
	    abandon == FAILOVER_ABANDON_GIVEN_UP)
		cancel(engine, line, (uint8_t)(request - line->requests), &was);
}
