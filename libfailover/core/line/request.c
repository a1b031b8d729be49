/* SPDX-License-Identifier: MIT */
/* request.c - the walk of one request over the targets (B5, B6, B18). */
#include <string.h>
#include "../answer.h"
#include "../attempt.h"
#include "../target.h"
#include "line.h"

uint64_t fo_request_deadline(const struct fo_request *request)
{
	if (!fo_request_running(request))
		return FO_NEVER;
	if (request->deferred)
		return 0;
	if (request->state == FO_REQUEST_WAIT_REGISTER || request->budget_ms == UINT32_MAX)
		return FO_NEVER;
	return fo_after(request->started, request->budget_ms);
}

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
	request->method = (uint8_t)start->method;
	request->cookie = start->cookie;
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
	struct failover_output output = { .kind = FAILOVER_OUTPUT_RESULT };
	struct failover_result *out = &output.u.result;

	out->size = sizeof(*out);
	out->line = line->id;
	out->request = fo_request_id(line, request);
	out->cookie = request->cookie;
	out->method = request->method;
	out->outcome = outcome;
	out->status = status;
	if (outcome == FAILOVER_OUTCOME_ANSWERED) {
		out->attempt = out->request | request->ordinal;
		fo_target_public(engine, line, request->target, &out->target);
	}
	out->flags = fo_attempt_flags(request);
	request->state = FO_REQUEST_ENDED;
	fo_queue_push(&engine->queue, &output);
}

static uint32_t last_status(struct fo_line *line, const struct fo_request *request)
{
	size_t first = (size_t)(request - line->requests) * line->targets_max;

	return request->attempts ? line->attempts[first + request->attempts - 1u].status : 0;
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
	struct failover_event event = { .kind = FAILOVER_EVENT_REQUEST_FAILED };

	int heard = request->state == FO_REQUEST_PROCEEDING;

	event.reports_count = request->attempts;
	if (!(request->flags & FO_REQUEST_PROBE)) /* which has told each target that failed */
		fo_attempt_event(engine, line, request, &event);
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
	int gone = !line->targets[line->serving].listed; /* B1b: left at the next request */
	const struct fo_attempt *met = fo_attempt_at(line, request, line->serving);
	int left_serving = gone || (met && met->reason);
	int in_dialog = (request->flags & FO_REQUEST_IN_DIALOG) && request->ordinal == 1 &&
			!(request->method == FAILOVER_BYE &&
			  fo_settings_signal(line->settings, FAILOVER_BYE));

	if (request->target == line->serving || !line->targets[request->target].listed)
		return;
	if (request->flags & FO_REQUEST_MOVED)
		return; /* the line has moved meanwhile, and knows better (B13) */
	if ((fo_request_alone(request) && !gone) || fo_request_stays(line, request))
		return;
	if (line->targets[request->target].registrar != line->targets[line->serving].registrar &&
	    (line->flags & FO_LINE_WANTED) &&
	    !fo_registration_live(engine, line, line->targets[request->target].registrar))
		return; /* B5: no registration there, so it cannot serve */
	if (!in_dialog && (status / 100 == 2 || left_serving)) /* B9, B13: a call stays its own */
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

/* B5a: whether the line has to REGISTER with the next target's registrar first, as the row asks. */
static int needs_register(struct failover_engine *engine, struct fo_line *line,
			  const struct fo_request *request, uint8_t next)
{
	if ((line->flags & FO_LINE_UNREGISTERED) ||
	    fo_registration_live(engine, line, line->targets[next].registrar))
		return 0;
	if (request->ordinal)
		return 1;
	if (request->link && next == request->start)
		return 0; /* B9: the target of its dialog, which knows the dialog */
	return (line->flags & FO_LINE_WANTED) != 0;
}

static void wait_for_register(struct failover_engine *engine, struct fo_line *line,
			      struct fo_request *request, uint8_t next)
{
	request->state = FO_REQUEST_WAIT_REGISTER;
	request->target = next;
	request->flags &= (uint8_t)~FO_REQUEST_MOVED;
	if (next == line->serving && request->start != next) { /* it comes back to it (B6a) */
		request->start = next;
		if (!request->ordinal)
			request->link = 0;
	}
	if (fo_request_stays(line, request))
		fo_registration_visit(engine, line, next);
	else
		fo_registration_start(engine, line, FO_TRIGGER_DIAL, next, request->tried);
}

void fo_request_walk(struct failover_engine *engine, struct fo_line *line,
		     struct fo_request *request)
{
	uint8_t next = fo_target_next(engine, line, request);

	if (next == FO_NONE) {
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
		fo_attempt_start(engine, line, request, next);
		break;
	case FO_ACTION_FAIL:
		end_failed(engine, line, request);
		break;
	}
}

/* The user is told why: what the REGISTER met counts among the request's own attempts. */
static void inherit_reports(struct fo_line *line, struct fo_request *request)
{
	struct fo_attempt *mine =
		&line->attempts[(size_t)(request - line->requests) * line->targets_max];
	const struct fo_attempt *theirs = &line->attempts[FO_SLOT_REGISTER * line->targets_max];
	uint8_t i, j;

	for (i = 0; i < fo_line_own(line, FO_SLOT_REGISTER)->attempts; i++) {
		for (j = 0; j < request->attempts; j++)
			if (mine[j].target == theirs[i].target)
				break;
		if (j < request->attempts || (theirs[i].status / 100 == 2 && !theirs[i].reason))
			continue;
		if (j == line->targets_max) /* never: each attempt names a slot of its own */
			return;
		mine[j] = theirs[i];
		if (!mine[j].reason && mine[j].status)
			mine[j].reason = FAILOVER_REASON_STATUS; /* refused there, such as 403 */
		request->attempts++;
	}
}

/* One request that waited for the line's REGISTER: on to the target that serves now (B6a), or to
 * its own next one. */
static void continue_after_register(struct failover_engine *engine, struct fo_line *line,
				    struct fo_request *request, int failed)
{
	int stuck = failed || fo_target_next(engine, line, request) == FO_NONE;

	if (stuck)
		inherit_reports(line, request);
	if (failed || (stuck && request->attempts)) {
		end_failed(engine, line, request);
		return;
	}
	if (stuck)
		request->tried = 0; /* by a REGISTER before that of now, which found somebody */
	if ((request->flags & FO_REQUEST_MOVED) && request->start == request->target)
		request->start = FO_NONE; /* B6a: who serves now, then the list */
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
			const struct fo_request *request, enum fo_cause cause)
{
	struct fo_node *node = fo_target_node(engine, line, request->target);
	int silent = cause == FO_CAUSE_NO_ANSWER && engine->health.shared == FAILOVER_HEALTH_ALL &&
		     (request->method == FAILOVER_REGISTER || request->method == FAILOVER_OPTIONS);

	if (fo_policy_cause(cause)->transport || silent)
		fo_health_dead(&engine->health, node, line->id, engine->wheel.now);
}

/* B6: this target is done with; B4d: and so is its address, under every registrar, if nothing of
 * it could be reached. */
void fo_request_mark_tried(struct fo_line *line, struct fo_request *request, int whole_address)
{
	uint8_t slot;

	request->tried |= 1u << request->target;
	for (slot = 0; whole_address && slot < line->targets_max; slot++)
		if (line->targets[slot].used &&
		    line->targets[slot].node == line->targets[request->target].node)
			request->tried |= 1u << slot;
}

static void tell_unavailable(struct failover_engine *engine, struct fo_line *line,
			     struct fo_request *request, const struct fo_attempt *attempt)
{
	uint64_t elapsed_ms = engine->wheel.now - request->started;
	struct failover_event event = {
		.kind = request->flags & FO_REQUEST_PROBE ? FAILOVER_EVENT_PROBE_FAILED
							  : FAILOVER_EVENT_UNAVAILABLE,
		.status = attempt->status,
		.reason = attempt->reason,
		.transmissions = request->transmissions,
		.elapsed_ms = elapsed_ms < UINT32_MAX ? (uint32_t)elapsed_ms : UINT32_MAX,
	};

	fo_attempt_event(engine, line, request, &event);
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
	note_health(engine, line, request, cause);
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
	int asks = effect == FO_EFFECT_CALL_GOES_ON && request->target == line->serving;

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
		request->budget_ms = UINT32_MAX;
	else
		fo_request_unavailable(engine, line, request, FO_CAUSE_ONLY_TRYING);
}

void fo_request_due(struct failover_engine *engine, struct fo_line *line,
		    struct fo_request *request)
{
	struct failover_answer late_482 = { .status = 482 };

	if (request->state == FO_REQUEST_WAIT_LATE)
		fo_request_answered(engine, line, request, &late_482);
	else if (request->state == FO_REQUEST_CALLING)
		fo_request_unavailable(engine, line, request, FO_CAUSE_NO_ANSWER);
	else if (!(request->flags & FO_REQUEST_TRYING))
		fo_request_unavailable(engine, line, request, FO_CAUSE_NO_FINAL);
	else if (request->trying_timeout)
		fo_request_unavailable(engine, line, request, FO_CAUSE_TRYING_TIMEOUT);
	else
		only_trying(engine, line, request);
}

/* B22a: calls that have had nothing but 100 go on elsewhere when the line leaves their target; one
 * that rings stays, and a failback re-routes none (B13). */
void fo_request_leave(struct failover_engine *engine, struct fo_line *line, uint8_t target)
{
	uint8_t i;

	for (i = FO_SLOTS_OWN; i < line->requests_max; i++) {
		struct fo_request *request = &line->requests[i];

		if (request->state != FO_REQUEST_PROCEEDING || request->target != target ||
		    !(request->flags & FO_REQUEST_TRYING) ||
		    fo_policy_request(fo_request_kind(request))->only_trying !=
			    FO_EFFECT_CALL_GOES_ON)
			continue;
		request->budget_ms = (uint32_t)(engine->wheel.now - request->started); /* now */
	}
}

/* ---- responses ---------------------------------------------------------------------------- */

/* B7b: after 482 an older leg is waited for, as long as it may be answered (B7a). */
static int wait_late(struct failover_engine *engine, struct fo_line *line,
		     struct fo_request *request)
{
	uint32_t left_ms = request->late_until - (uint32_t)engine->wheel.now;

	if (!fo_attempt_late(line, request) || !left_ms ||
	    left_ms > FO_64_T1 * line->settings->is.t1_ms)
		return 0;
	request->state = FO_REQUEST_WAIT_LATE;
	request->started = engine->wheel.now;
	request->budget_ms = left_ms;
	return 1;
}

static void final(struct failover_engine *engine, struct fo_line *line, struct fo_request *request,
		  const struct failover_answer *answer)
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
	struct failover_event event = { .kind = FAILOVER_EVENT_RESPONSE, .status = status };
	struct fo_request of = *request; /* which may be at a newer attempt already */

	of.ordinal = attempt->ordinal;
	event.method = request->method;
	event.request = fo_request_id(line, request);
	event.attempt = event.request | attempt->ordinal;
	event.flags = fo_attempt_flags(&of);
	fo_target_public(engine, line, attempt->target, &event.target);
	fo_event_push(engine, line, &event);
}

int fo_request_take_provisional(struct failover_engine *engine, struct fo_line *line,
				struct fo_request *request, const struct failover_answer *answer)
{
	if (fo_answer_shows_life(line, request, answer)) {
		fo_health_alive(fo_target_node(engine, line, request->target));
		fo_keepalive_alive(engine, line, request->target);
	}
	if (answer->status == 423) /* B15 */
		fo_registration_min_expires(line, request, answer->min_expires_s);
	if (answer->status < 200)
		fo_attempt_provisional(engine, line, request, answer->status);
	else if (answer->retrying)
		fo_attempt_restart(engine, line, request);
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
		final(engine, line, request, answer);
}

/* ---- the user gives up (B6c) -------------------------------------------------------------- */

/* The INVITE's slot becomes the CANCEL's: it goes only to the INVITE's target (B5b). */
static void cancel(struct failover_engine *engine, struct fo_line *line, uint8_t slot,
		   const struct fo_request *invite)
{
	struct fo_request_start start = { .method = FAILOVER_CANCEL,
					  .cookie = invite->cookie,
					  .start = FO_NONE };
	struct fo_request *request = fo_request_open(line, slot, &start);

	request->link = fo_id_of_attempt(invite->generation, invite->ordinal);
	fo_attempt_start(engine, line, request, invite->target);
}

void fo_request_give_up(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, uint32_t abandon)
{
	struct fo_request was = *request;
	struct failover_event event = { .kind = FAILOVER_EVENT_GIVEN_UP };

	if (fo_request_has_attempt(request))
		fo_attempt_abandon(engine, line, request, abandon);
	fo_attempt_event(engine, line, request, &event);
	push_result(engine, line, request, FAILOVER_OUTCOME_GIVEN_UP, 0);
	request->state = FO_REQUEST_FREE;
	if (was.method == FAILOVER_INVITE && was.state == FO_REQUEST_PROCEEDING &&
	    abandon == FAILOVER_ABANDON_GIVEN_UP)
		cancel(engine, line, (uint8_t)(request - line->requests), &was);
}
