/* SPDX-License-Identifier: MIT */
/* attempt.c - one request at one target: its budget (B3), its outputs, what became of it. */
#include <string.h>
#include "attempt.h"
#include "target.h"

static uint64_t id_of(const struct fo_line *line, const struct fo_request *request,
		      uint32_t generation_and_ordinal)
{
	return fo_id(line->id, (uint32_t)(request - line->requests), generation_and_ordinal);
}

uint64_t fo_request_id(const struct fo_line *line, const struct fo_request *request)
{
	return id_of(line, request, fo_id_of_attempt(request->generation, 0));
}

static uint64_t attempt_id(const struct fo_line *line, const struct fo_request *request)
{
	return id_of(line, request, fo_id_of_attempt(request->generation, request->ordinal));
}

struct fo_attempt *fo_attempt_of(struct fo_line *line, const struct fo_request *request,
				 uint8_t ordinal)
{
	size_t first = (size_t)(request - line->requests) * line->targets_max;
	uint8_t i;

	for (i = 0; i < request->attempts; i++)
		if (line->attempts[first + i].ordinal == ordinal)
			return &line->attempts[first + i];
	return NULL;
}

struct fo_attempt *fo_attempt_current(struct fo_line *line, const struct fo_request *request)
{
	return fo_attempt_of(line, request, request->ordinal);
}

struct fo_attempt *fo_attempt_late(struct fo_line *line, const struct fo_request *request)
{
	size_t first = (size_t)(request - line->requests) * line->targets_max;
	uint8_t i;

	for (i = 0; i < request->attempts; i++)
		if (line->attempts[first + i].state == FO_ATTEMPT_LATE)
			return &line->attempts[first + i];
	return NULL;
}

struct fo_attempt *fo_attempt_at(const struct fo_line *line, const struct fo_request *request,
				 uint8_t target)
{
	size_t first = (size_t)(request - line->requests) * line->targets_max;
	uint8_t i;

	for (i = 0; i < request->attempts; i++)
		if (line->attempts[first + i].target == target)
			return &line->attempts[first + i];
	return NULL;
}

int fo_request_stays(const struct fo_line *line, const struct fo_request *request)
{
	const struct fo_attempt *met = fo_attempt_at(line, request, line->serving);

	return met && met->stayed;
}

/* A place for one more attempt: each target is tried once, and while an attempt names its slot the
 * slot keeps its target. */
static struct fo_attempt *new_attempt(struct fo_line *line, struct fo_request *request)
{
	struct fo_attempt *all =
		&line->attempts[(size_t)(request - line->requests) * line->targets_max];

	if (request->attempts == line->targets_max) /* never: as above */
		return &all[request->attempts - 1];
	return &all[request->attempts++];
}

/* B3a, B3b: the sum of the first N intervals of RFC 3261 17.1.1.2 and 17.1.2.2. */
static uint32_t intervals_ms(const struct failover_line_settings *is, uint32_t method, uint32_t n)
{
	uint32_t most = FO_64_T1 * is->t1_ms, interval = is->t1_ms, sum = 0;

	while (n-- && sum < most) {
		sum += interval;
		interval *= 2;
		if (method != FAILOVER_INVITE && interval > is->t2_ms)
			interval = is->t2_ms;
	}
	return sum < most ? sum : most;
}

static uint32_t transmissions(const struct failover_line_settings *is, struct fo_budget budget)
{
	uint32_t count = budget.count ? budget.count : is->signal_retry_counts;

	return count + (is->signal_retry_first_free ? 1 : 0);
}

static uint32_t budget_ms(const struct fo_line *line, uint32_t method, struct fo_budget budget)
{
	const struct failover_line_settings *is = &line->settings->is;
	uint32_t most = FO_64_T1 * is->t1_ms;

	switch (budget.unit) {
	case FO_UNIT_TRANSMISSIONS:
		return intervals_ms(is, method, transmissions(is, budget));
	case FO_UNIT_TIME: /* B3b: no transaction lasts longer */
		return is->signal_retry_time_ms < most ? is->signal_retry_time_ms : most;
	case FO_UNIT_64T1:
		break;
	}
	return most;
}

uint64_t fo_attempt_walk_ms(const struct fo_line *line)
{
	struct fo_budget budget =
		fo_policy_budget(line->settings->profile, FO_KIND_REGISTER, FO_PLACE_NOT_LAST);

	return (line->listed - 1u) * (uint64_t)budget_ms(line, FAILOVER_REGISTER, budget);
}

enum fo_kind fo_request_kind(const struct fo_request *request)
{
	switch ((enum failover_method)request->method) {
	case FAILOVER_REGISTER:
		if (request->flags & FO_REQUEST_PROBE)
			return FO_KIND_PROBE;
		if (request->flags & FO_REQUEST_RELEASE)
			return FO_KIND_RELEASE;
		return request->visit ? FO_KIND_VISIT : FO_KIND_REGISTER;
	case FAILOVER_INVITE:
		return request->flags & FO_REQUEST_IN_DIALOG ? FO_KIND_REINVITE : FO_KIND_INVITE;
	case FAILOVER_BYE:
		return FO_KIND_BYE;
	case FAILOVER_OPTIONS:
		return FO_KIND_OPTIONS;
	case FAILOVER_CANCEL:
		return FO_KIND_CANCEL;
	case FAILOVER_OTHER:
		break;
	}
	return FO_KIND_OTHER;
}

int fo_request_alone(const struct fo_request *request)
{
	return fo_policy_request(fo_request_kind(request))->next[FO_MOVE_SERVER] == FO_ACTION_FAIL;
}

/* The first attempt is no move; what it may need is what a move to another server needs. */
enum fo_action fo_request_action(struct fo_line *line, const struct fo_request *request,
				 uint8_t next)
{
	const struct fo_attempt *last = fo_attempt_of(line, request, request->ordinal);
	enum fo_kind kind = fo_request_kind(request);
	enum fo_move move = FO_MOVE_SERVER;

	if (last && line->targets[last->target].registrar == line->targets[next].registrar)
		move = FO_MOVE_PROXY;
	return fo_policy_action(line->settings->profile, kind, move);
}

int fo_attempt_is_last(struct failover_engine *engine, struct fo_line *line,
		       const struct fo_request *request)
{
	struct fo_request after = *request;
	uint8_t next;

	after.tried |= 1u << request->target;
	next = fo_target_next(engine, line, &after);
	return next == FO_NONE || fo_request_action(line, request, next) == FO_ACTION_FAIL;
}

/* B3e: last means that no other candidate is left for this request. One that goes alone, and for
 * whose end something waits, has an ordinary budget where the line has another target (B5b). */
static int is_last(struct failover_engine *engine, struct fo_line *line,
		   const struct fo_request *request)
{
	switch (fo_policy_request(fo_request_kind(request))->failed) {
	case FO_FAILED_REGISTER:
	case FO_FAILED_CALL:
		return line->listed == 1;
	case FO_FAILED_NOTHING:
	case FO_FAILED_REGISTER_SIGNAL:
	case FO_FAILED_RETRY:
	case FO_FAILED_REMOVED:
	case FO_FAILED_REST:
		break;
	}
	return fo_attempt_is_last(engine, line, request);
}

/* B22: there were targets before this one, and each has answered. */
static int all_answered(const struct fo_line *line, const struct fo_request *request)
{
	size_t first = (size_t)(request - line->requests) * line->targets_max;
	uint8_t i;

	for (i = 0; i + 1u < request->attempts; i++)
		if (line->attempts[first + i].reason != FAILOVER_REASON_STATUS)
			return 0;
	return request->attempts > 1;
}

/* B3: set the request's budget; returns the most transmissions, 0 = no limit. */
static uint32_t set_budget(struct failover_engine *engine, struct fo_line *line,
			   struct fo_request *request)
{
	enum fo_place place = FO_PLACE_NOT_LAST;
	struct fo_budget budget;

	request->flags &= (uint8_t) ~(FO_REQUEST_LAST | FO_REQUEST_TRYING);
	if (is_last(engine, line, request)) {
		request->flags |= FO_REQUEST_LAST;
		place = all_answered(line, request) ? FO_PLACE_LAST_ANSWERED : FO_PLACE_LAST;
	}
	if (request->flags & FO_REQUEST_PROBE)
		place = FO_PLACE_PROBE;
	budget = fo_policy_budget(line->settings->profile, fo_request_kind(request), place);
	request->budget_ms = budget_ms(line, request->method, budget);
	if (budget.unit == FO_UNIT_TRANSMISSIONS &&
	    fo_target_node(engine, line, request->target)->transport == FAILOVER_UDP)
		return transmissions(&line->settings->is, budget);
	return 0;
}

uint32_t fo_attempt_flags(const struct fo_request *request)
{
	uint32_t flags = 0;

	if (request->flags & FO_REQUEST_LAST)
		flags |= FAILOVER_ATTEMPT_LAST;
	if (request->flags & FO_REQUEST_PROBE)
		flags |= FAILOVER_ATTEMPT_PROBE;
	if (request->flags & FO_REQUEST_IN_DIALOG)
		flags |= FAILOVER_ATTEMPT_IN_DIALOG;
	if (request->flags & FO_REQUEST_KEEPALIVE)
		flags |= FAILOVER_ATTEMPT_KEEPALIVE;
	if (request->flags & FO_REQUEST_RELEASE)
		flags |= FAILOVER_ATTEMPT_RELEASE;
	if (request->visit)
		flags |= FAILOVER_ATTEMPT_VISIT;
	if (request->ordinal > 1)
		flags |= FAILOVER_ATTEMPT_RESENT;
	return flags;
}

/* B10: the registration dialog is the registrar's; a probe always has a new one (B11). */
static void set_registration(struct fo_line *line, struct fo_request *request,
			     struct failover_attempt *out)
{
	struct fo_registrar *registrar = &line->registrars[out->target.registrar];

	if (!registrar->dialog)
		registrar->dialog = ++line->dialog;
	request->link = request->flags & FO_REQUEST_PROBE ? ++line->dialog : registrar->dialog;
	out->dialog = request->link;
	if (!(request->flags & FO_REQUEST_RELEASE))
		out->expires_s = registrar->expires_s;
	if (request->target == line->serving &&
	    (line->options == FO_OPTIONS_SILENT_TWICE || line->options == FO_OPTIONS_NEVER))
		out->flags |= FAILOVER_ATTEMPT_CRLF;
}

void fo_attempt_start(struct failover_engine *engine, struct fo_line *line,
		      struct fo_request *request, uint8_t target)
{
	struct failover_output output = { .kind = FAILOVER_OUTPUT_ATTEMPT };
	struct failover_attempt *out = &output.u.attempt;
	const struct failover_line_settings *is = &line->settings->is;
	struct fo_attempt *attempt = new_attempt(line, request);

	request->target = target;
	request->flags &= (uint8_t)~FO_REQUEST_MOVED;
	request->ordinal++;
	request->state = FO_REQUEST_CALLING;
	request->restarts = 0;
	request->transmissions = 0;
	request->started = engine->wheel.now;
	*attempt = (struct fo_attempt){ .ordinal = request->ordinal,
					.target = target,
					.state = FO_ATTEMPT_CURRENT };
	if (!fo_request_alone(request))
		fo_health_tried(fo_target_node(engine, line, target), line->id, engine->wheel.now);

	out->size = sizeof(*out);
	out->line = line->id;
	out->id = attempt_id(line, request);
	out->request = fo_request_id(line, request);
	out->cookie = request->cookie;
	out->method = request->method;
	out->ordinal = request->ordinal;
	out->t1_ms = is->t1_ms;
	out->t2_ms = is->t2_ms;
	out->t4_ms = is->t4_ms;
	fo_target_public(engine, line, target, &out->target);
	out->transmissions = set_budget(engine, line, request);
	out->budget_ms = request->budget_ms;
	out->flags = fo_attempt_flags(request);
	if (request->method == FAILOVER_REGISTER)
		set_registration(line, request, out);
	if (request->method == FAILOVER_CANCEL)
		out->related = id_of(line, request, request->link);
	engine->attempts++;
	fo_queue_push(&engine->queue, &output);
}

void fo_attempt_restart(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request)
{
	set_budget(engine, line, request);
	request->state = FO_REQUEST_CALLING;
	request->restarts++;
	request->transmissions = 0;
	request->started = engine->wheel.now;
}

/* B4a: the target is alive, so the budget of no answer is over. An INVITE that rings waits for its
 * final response or the user (RFC 3261 17.1.1); one that has had only 100, for 64*T1 (B22a). */
void fo_attempt_provisional(struct failover_engine *engine, const struct fo_line *line,
			    struct fo_request *request, uint32_t status)
{
	const struct failover_line_settings *is = &line->settings->is;
	int invite = request->method == FAILOVER_INVITE;
	uint64_t since = engine->wheel.now - request->started;
	uint64_t most = FO_64_T1 * is->t1_ms + (invite ? since : 0);
	uint64_t trying = since + UINT64_C(1000) * is->trying_timeout_s;

	if (status != 100) {
		request->flags &= (uint8_t)~FO_REQUEST_TRYING;
		request->budget_ms = invite ? UINT32_MAX : (uint32_t)most;
	} else if (request->state == FO_REQUEST_CALLING) {
		request->flags |= FO_REQUEST_TRYING;
		request->trying_timeout = is->trying_timeout_s && trying < most;
		if (request->trying_timeout)
			most = trying;
		request->budget_ms = (uint32_t)most;
	}
	request->state = FO_REQUEST_PROCEEDING;
}

static void late(const struct fo_line *line, struct fo_request *request, struct fo_attempt *attempt)
{
	attempt->state = FO_ATTEMPT_LATE;
	request->late_until = (uint32_t)(request->started + FO_64_T1 * line->settings->is.t1_ms);
}

void fo_attempt_abandon(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, uint32_t reason)
{
	struct fo_attempt *attempt = fo_attempt_current(line, request);
	struct failover_output output = {
		.kind = FAILOVER_OUTPUT_ABANDON,
		.reason = reason,
		.abandoned = attempt_id(line, request),
	};

	if (request->method != FAILOVER_INVITE)
		attempt->state = FO_ATTEMPT_OVER;
	else if (request->state == FO_REQUEST_PROCEEDING) /* B7a: the stack cancels it at once */
		attempt->state = FO_ATTEMPT_CANCELLED;
	else
		late(line, request, attempt);
	fo_queue_push(&engine->queue, &output);
}

int fo_attempt_failed_here(const struct fo_line *line, const struct fo_request *request)
{
	size_t first = (size_t)(request - line->requests) * line->targets_max;

	return request->attempts && /* never: a wanted line has somebody to ask */
	       line->attempts[first + request->attempts - 1u].reason == FAILOVER_REASON_LOCAL;
}

void fo_event_push(struct failover_engine *engine, const struct fo_line *line,
		   struct failover_event *event)
{
	struct failover_output output = { .kind = FAILOVER_OUTPUT_EVENT };

	event->size = sizeof(*event);
	event->line = line->id;
	event->now = engine->wheel.now;
	output.u.event = *event;
	fo_queue_push(&engine->queue, &output);
}

void fo_attempt_event(struct failover_engine *engine, struct fo_line *line,
		      const struct fo_request *request, struct failover_event *event)
{
	event->method = request->method;
	event->request = fo_request_id(line, request);
	event->attempt = attempt_id(line, request);
	event->flags = fo_attempt_flags(request);
	fo_target_public(engine, line, request->target, &event->target);
	fo_event_push(engine, line, event);
}
