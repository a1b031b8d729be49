/* SPDX-License-Identifier: MIT */
/* request.c - the walk of one request over the targets (B5, B6, B18). */
#include <string.h>
#include "../attempt.h"
#include "../target.h"
#include "line.h"

uint64_t fo_request_deadline(const struct fo_request *request)
{
	if (!fo_request_running(request))
		return FO_NEVER;
	if (request->news)
		return 0;
	if (request->state == FO_REQUEST_WAIT_REGISTER || request->budget_ms == UINT32_MAX)
		return FO_NEVER;
	return fo_after(request->started, request->budget_ms);
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
	request->target = FO_NONE;
	return request;
}

uint8_t fo_request_start_slot(struct fo_line *line, enum fo_trigger trigger, uint32_t method,
			      uint8_t dialog)
{
	const struct failover_line_settings *is = &line->settings->is;
	const struct fo_start_row *row = fo_policy_start(trigger);
	int signal =
		is->signal_failback && (is->signal_failback_methods & FAILOVER_METHOD_BIT(method));

	switch (signal ? row->start_signal : row->start) {
	case FO_START_INDEX0:
		return line->order[0];
	case FO_START_DIALOG:
		if (dialog != FO_NONE) /* a listed one */
			return dialog;
		break;
	case FO_START_SERVING:
		break;
	}
	return line->targets[line->serving].listed ? line->serving : line->order[0];
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

static void end_failed(struct failover_engine *engine, struct fo_line *line,
		       struct fo_request *request)
{
	struct failover_event event = { .kind = FAILOVER_EVENT_REQUEST_FAILED };
	const struct fo_timeout_row *row = fo_policy_timeout(request->method);

	event.reports_count = request->attempts;
	fo_attempt_event(engine, line, request, &event);
	push_result(engine, line, request, FAILOVER_OUTCOME_FAILED, last_status(line, request));
	if (request->flags & FO_REQUEST_RELEASE) {
		fo_registration_removed(engine, line, request);
		return;
	}
	if (request->method == FAILOVER_REGISTER) {
		fo_registration_end(engine, line, request, NULL);
		return;
	}
	if (request->flags & FO_REQUEST_KEEPALIVE)
		fo_keepalive_arm(engine, line);
	if (!(line->flags & FO_LINE_WANTED) || fo_attempt_failed_here(line, request))
		return;
	if (row->registers ||
	    (row->registers_signal && fo_settings_signal(line->settings, FAILOVER_REGISTER)))
		fo_registration_start(engine, line, FO_TRIGGER_TIMEOUT, FO_NONE, 0);
}

/* Did this request itself find the target unavailable? What the REGISTER that it waited for met
 * does not count: the line may have registered there since. */
static int has_left(const struct fo_line *line, const struct fo_request *request, uint8_t target)
{
	size_t first = (size_t)(request - line->requests) * line->targets_max;
	uint8_t i;

	for (i = 0; i < request->attempts; i++)
		if (line->attempts[first + i].target == target && line->attempts[first + i].reason)
			return 1;
	return 0;
}

/* B8: what was answered elsewhere than at the serving target moves the line. An answer to a request
 * that started above serving on purpose (B12) counts as success only if it is a 2xx; where serving
 * was found unavailable in this request, any answer shows which target is alive. */
static void move_by_answer(struct failover_engine *engine, struct fo_line *line,
			   const struct fo_request *request, uint32_t status)
{
	int gone = !line->targets[line->serving].listed; /* B1b: left at the next request */
	int left_serving = gone || has_left(line, request, line->serving);
	int in_dialog = (request->flags & FO_REQUEST_IN_DIALOG) && request->ordinal == 1 &&
			!(request->method == FAILOVER_BYE &&
			  fo_settings_signal(line->settings, FAILOVER_BYE));

	if (request->target == line->serving || !line->targets[request->target].listed)
		return;
	if (request->flags & FO_REQUEST_MOVED)
		return; /* the line has moved meanwhile, and knows better (B13) */
	if (request->method != FAILOVER_INVITE && request->method != FAILOVER_BYE && !gone)
		return;
	if (line->targets[request->target].registrar != line->targets[line->serving].registrar &&
	    (line->flags & FO_LINE_WANTED) &&
	    !fo_registration_live(engine, line, line->targets[request->target].registrar))
		return; /* B5: no registration there, so it cannot serve */
	if (!in_dialog && (status / 100 == 2 || left_serving)) /* B9, B13: a call stays its own */
		fo_line_move(engine, line, request->target, request->method);
}

void fo_request_answered(struct failover_engine *engine, struct fo_line *line,
			 struct fo_request *request, const struct failover_answer *answer)
{
	int success = answer->status / 100 == 2;

	if (request->flags & FO_REQUEST_RELEASE) {
		push_result(engine, line, request, FAILOVER_OUTCOME_ANSWERED, answer->status);
		fo_registration_removed(engine, line, request);
	} else if (request->method == FAILOVER_REGISTER) {
		if (success)
			fo_registration_granted(engine, line, request, answer->expires_s);
		push_result(engine, line, request, FAILOVER_OUTCOME_ANSWERED, answer->status);
		if (!(request->flags & FO_REQUEST_PROBE))
			fo_registration_end(engine, line, request, answer);
	} else {
		move_by_answer(engine, line, request, answer->status);
		push_result(engine, line, request, FAILOVER_OUTCOME_ANSWERED, answer->status);
	}
	if (request->flags & FO_REQUEST_KEEPALIVE)
		fo_keepalive_arm(engine, line);
}

void fo_request_end_probe(struct failover_engine *engine, struct fo_line *line,
			  struct fo_request *request)
{
	push_result(engine, line, request, FAILOVER_OUTCOME_FAILED, last_status(line, request));
}

/* ---- the walk ----------------------------------------------------------------------------- */

/* B5, B5a: whether the line has to REGISTER with the next target's registrar first. */
static int needs_register(struct failover_engine *engine, struct fo_line *line,
			  struct fo_request *request, uint8_t next)
{
	const struct fo_next_row *row = fo_policy_next(request->method);
	const struct fo_attempt *last = fo_attempt_of(line, request, request->ordinal);
	uint8_t registrar = line->targets[next].registrar;

	if (row->server_move != FO_ACTION_REGISTER_THEN_SEND ||
	    (line->flags & FO_LINE_UNREGISTERED) || fo_registration_live(engine, line, registrar))
		return 0;
	if (last)
		return line->targets[last->target].registrar != registrar;
	if (request->link && next == request->start)
		return 0; /* B9: the target of its dialog, which knows the dialog */
	return (line->flags & FO_LINE_WANTED) != 0;
}

static void go_to(struct failover_engine *engine, struct fo_line *line, struct fo_request *request,
		  uint8_t next)
{
	if (!needs_register(engine, line, request, next)) {
		fo_attempt_start(engine, line, request, next);
		return;
	}
	request->state = FO_REQUEST_WAIT_REGISTER;
	request->target = next;
	request->flags &= (uint8_t)~FO_REQUEST_MOVED;
	if (next == line->serving && request->start != next) { /* it comes back to it (B6a) */
		request->start = next;
		if (!request->ordinal)
			request->link = 0;
	}
	fo_registration_start(engine, line, FO_TRIGGER_DIAL, next, request->tried);
}

void fo_request_walk(struct failover_engine *engine, struct fo_line *line,
		     struct fo_request *request)
{
	uint8_t next = fo_target_next(engine, line, request);

	if (next == FO_NONE)
		end_failed(engine, line, request);
	else
		go_to(engine, line, request, next);
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
		if (j < request->attempts || theirs[i].status / 100 == 2)
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
static void go_on(struct failover_engine *engine, struct fo_line *line, struct fo_request *request,
		  int failed)
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
			go_on(engine, line, &line->requests[i], failed);
}

void fo_request_wait_anew(struct fo_line *line)
{
	uint8_t i;

	for (i = FO_SLOTS_OWN; i < line->requests_max; i++)
		if (line->requests[i].state == FO_REQUEST_WAIT_REGISTER &&
		    !line->requests[i].ordinal)
			line->requests[i].tried = 0;
}

static void learn(struct failover_engine *engine, struct fo_line *line,
		  const struct fo_request *request, const struct fo_cause_row *row)
{
	struct fo_node *node = fo_target_node(engine, line, request->target);
	int silent = row->cause == FO_CAUSE_NO_ANSWER &&
		     engine->health.shared == FAILOVER_HEALTH_ALL &&
		     (request->method == FAILOVER_REGISTER || request->method == FAILOVER_OPTIONS);

	if (row->transport || silent)
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

/* B6b: where the REGISTER finds nobody, the requests that wait for it there need not go. */
static void mark_waiting(struct fo_line *line, uint8_t target)
{
	uint32_t i;

	for (i = FO_SLOTS_OWN; i < line->requests_max; i++)
		if (line->requests[i].state == FO_REQUEST_WAIT_REGISTER &&
		    line->requests[i].target == target)
			line->requests[i].tried |= 1u << target;
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

void fo_request_unavailable(struct failover_engine *engine, struct fo_line *line,
			    struct fo_request *request, enum fo_cause cause)
{
	const struct fo_cause_row *row = fo_policy_cause(cause);
	const struct fo_next_row *next = fo_policy_next(request->method);
	struct fo_attempt *attempt = fo_attempt_of(line, request, request->ordinal);

	attempt->reason = row->reason;
	learn(engine, line, request, row);
	fo_request_mark_tried(line, request, row->transport);
	if (request == fo_line_own(line, FO_SLOT_REGISTER) &&
	    !(request->flags & FO_REQUEST_RELEASE))
		mark_waiting(line, request->target);
	if (row->unavailable || (request->flags & FO_REQUEST_PROBE))
		tell_unavailable(engine, line, request, attempt);
	if (cause == FO_CAUSE_STATUS)
		attempt->state = FO_ATTEMPT_OVER;
	else
		fo_attempt_abandon(engine, line, request,
				   row->transport || cause == FO_CAUSE_LOCAL
					   ? FAILOVER_ABANDON_UNAVAILABLE
					   : FAILOVER_ABANDON_BUDGET);
	if (request->flags & FO_REQUEST_PROBE)
		fo_failback_next(engine, line, request);
	else if (!row->unavailable || (request->flags & FO_REQUEST_RELEASE) ||
		 next->server_move == FO_ACTION_FAIL ||
		 next->server_move == FO_ACTION_FAIL_THEN_REGISTER)
		end_failed(engine, line, request);
	else
		fo_request_walk(engine, line, request);
}

/* ---- time --------------------------------------------------------------------------------- */

void fo_request_due(struct failover_engine *engine, struct fo_line *line,
		    struct fo_request *request)
{
	struct failover_answer late_482 = { .status = 482 };

	if (request->state == FO_REQUEST_WAIT_LATE)
		fo_request_answered(engine, line, request, &late_482);
	else if (request->state == FO_REQUEST_CALLING)
		fo_request_unavailable(engine, line, request, FO_CAUSE_NO_ANSWER);
	else if (request->flags & FO_REQUEST_TRYING)
		fo_request_unavailable(engine, line, request, FO_CAUSE_ONLY_TRYING);
	else
		fo_request_unavailable(engine, line, request, FO_CAUSE_NO_FINAL);
}

/* ---- responses ---------------------------------------------------------------------------- */

/* B4a: the target is alive, so the budget of no answer is over. */
static void provisional(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, uint32_t status)
{
	const struct failover_line_settings *is = &line->settings->is;
	uint32_t full = request->method == FAILOVER_INVITE ? UINT32_MAX : FO_64_T1 * is->t1_ms;
	uint64_t since = engine->wheel.now - request->started;

	if (request->state == FO_REQUEST_CALLING) {
		request->state = FO_REQUEST_PROCEEDING;
		request->budget_ms = full;
		if (status == 100 && is->trying_timeout_s &&
		    since + 1000 * is->trying_timeout_s < full) {
			request->flags |= FO_REQUEST_TRYING;
			request->budget_ms = (uint32_t)since + 1000 * is->trying_timeout_s;
		}
	} else if (status != 100) {
		request->flags &= (uint8_t)~FO_REQUEST_TRYING;
		request->budget_ms = full;
	}
}

int fo_request_is_unavailable(const struct fo_line *line, const struct fo_request *request,
			      uint32_t status)
{
	if (request->flags & FO_REQUEST_PROBE)
		return status / 100 != 2; /* B11: only a 200 brings a line back */
	if (request->method == FAILOVER_BYE && request->ordinal > 1 &&
	    (status == 481 || status == 408))
		return 0; /* B9: the call is gone, which is what was wanted */
	return failover_code_isset(&line->settings->is, status);
}

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
	if (request->method == FAILOVER_REGISTER && answer->retry_after_s) /* B22c */
		fo_health_retry_after(node, answer->retry_after_s, engine->wheel.now);
	else if (answer->status / 100 == 2)
		fo_health_retry_after(node, 0, engine->wheel.now);
	if (fo_request_is_unavailable(line, request, answer->status)) {
		fo_request_unavailable(engine, line, request, FO_CAUSE_STATUS);
		return;
	}
	attempt->state = FO_ATTEMPT_OVER;
	if (request->method != FAILOVER_INVITE || answer->status != 482 ||
	    !wait_late(engine, line, request))
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

int fo_request_hear(struct failover_engine *engine, struct fo_line *line,
		    struct fo_request *request, const struct failover_answer *answer)
{
	fo_health_alive(fo_target_node(engine, line, request->target));
	fo_keepalive_heard(engine, line, request->target);
	if (answer->status == 423 && answer->min_expires_s) /* B15 */
		fo_registration_min_expires(line, request, answer->min_expires_s);
	if (answer->status < 200)
		provisional(engine, line, request, answer->status);
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
	if (!fo_request_hear(engine, line, request, answer))
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
