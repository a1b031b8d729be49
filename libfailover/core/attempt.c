/* SPDX-License-Identifier: MIT */
/* attempt.c - one request at one target: its budget (B3), its outputs, what became of it. */
#include <string.h>
#include "attempt.h"
#include "policy.h"
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

static uint32_t transmissions(const struct failover_line_settings *is)
{
	return is->signal_retry_counts + (is->signal_retry_first_free ? 1 : 0);
}

static uint32_t budget_ms(const struct fo_line *line, uint32_t method, enum fo_budget budget)
{
	const struct failover_line_settings *is = &line->settings->is;
	uint32_t most = FO_64_T1 * is->t1_ms;

	switch (budget) {
	case FO_BUDGET_TRANSMISSIONS:
		return intervals_ms(is, method, transmissions(is));
	case FO_BUDGET_TIME: /* B3b: no transaction lasts longer */
		return is->signal_retry_time_ms < most ? is->signal_retry_time_ms : most;
	case FO_BUDGET_64T1:
		break;
	}
	return most;
}

static int goes_alone(const struct fo_request *request)
{
	return request->flags & FO_REQUEST_RELEASE ||
	       fo_policy_next(request->method)->server_move == FO_ACTION_FAIL ||
	       fo_policy_next(request->method)->server_move == FO_ACTION_FAIL_THEN_REGISTER;
}

/* B3e: last means that no other candidate is left for this request. */
static int is_last(struct failover_engine *engine, struct fo_line *line,
		   const struct fo_request *request)
{
	struct fo_request after = *request;

	if (goes_alone(request))
		return line->listed == 1 || fo_policy_next(request->method)->single_is_last;
	after.tried |= 1u << request->target;
	return fo_target_next(engine, line, &after) == FO_NONE;
}

/* B3: set the request's budget; returns the most transmissions, 0 = no limit. */
static uint32_t set_budget(struct failover_engine *engine, struct fo_line *line,
			   struct fo_request *request)
{
	int last = is_last(engine, line, request);
	enum fo_place place = last ? FO_PLACE_LAST : FO_PLACE_NOT_LAST;
	const struct fo_budget_row *row;

	if (request->flags & FO_REQUEST_PROBE)
		place = FO_PLACE_PROBE;
	row = fo_policy_budget(fo_settings_profile(line->settings), place);
	request->flags &= (uint8_t) ~(FO_REQUEST_LAST | FO_REQUEST_TRYING);
	if (last)
		request->flags |= FO_REQUEST_LAST;
	request->budget_ms = budget_ms(line, request->method, row->budget);
	if (row->budget == FO_BUDGET_TRANSMISSIONS &&
	    fo_target_node(engine, line, request->target)->transport == FAILOVER_UDP)
		return transmissions(&line->settings->is);
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
	if (!goes_alone(request))
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
