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

struct fo_attempt *fo_attempt_of(const struct fo_line *line, const struct fo_request *request,
				 uint8_t ordinal)
{
	struct fo_attempt *all = fo_request_attempts(line, request);
	uint8_t i;

	for (i = 0; i < request->attempts; i++)
		if (all[i].ordinal == ordinal)
			return &all[i];
	return NULL;
}

struct fo_attempt *fo_attempt_current(const struct fo_line *line, const struct fo_request *request)
{
	return fo_attempt_of(line, request, request->ordinal);
}

struct fo_attempt *fo_attempt_late(const struct fo_line *line, const struct fo_request *request)
{
	struct fo_attempt *all = fo_request_attempts(line, request);
	uint8_t i;

	for (i = 0; i < request->attempts; i++)
		if (all[i].state == FO_ATTEMPT_LATE)
			return &all[i];
	return NULL;
}

struct fo_attempt *fo_attempt_at(const struct fo_line *line, const struct fo_request *request,
				 uint8_t target)
{
	struct fo_attempt *all = fo_request_attempts(line, request);
	uint8_t i;

	for (i = 0; i < request->attempts; i++)
		if (all[i].target == target)
			return &all[i];
	return NULL;
}

int fo_request_stays(const struct fo_line *line, const struct fo_request *request)
{
	const struct fo_attempt *met = fo_attempt_at(line, request, line->serving);

	if (fo_request_emergency(request)) /* B36g: its impatience is no verdict on a server */
		return 1;
	if ((line->flags & FO_LINE_PINNED) && (line->flags & FO_LINE_REGISTERED) &&
	    fo_targets(line)[line->serving].listed && (!met || !met->reason))
		return 1; /* B17c: nothing is known against who serves */
	return met && met->stayed;
}

/* B36d: a target is asked again, and what it said before is forgotten. */
static void forget(struct fo_line *line, struct fo_request *request, uint8_t target)
{
	struct fo_attempt *all = fo_request_attempts(line, request);
	struct fo_attempt *old = fo_attempt_at(line, request, target);

	if (!old)
		return;
	request->attempts--;
	memmove(old, old + 1, (size_t)(all + request->attempts - old) * sizeof(*old));
}

/* A place for one more attempt: each target has one, and while an attempt names its slot the slot
 * keeps its target. */
static struct fo_attempt *new_attempt(struct fo_line *line, struct fo_request *request)
{
	struct fo_attempt *all = fo_request_attempts(line, request);

	if (request->attempts == line->targets_max) /* never: as above */
		return &all[request->attempts - 1];
	return &all[request->attempts++];
}

/* An older leg may be the current one again (B7b): no attempt gets a number a second time, unless
 * an emergency call has had them all (B36d). */
static uint8_t next_ordinal(const struct fo_line *line, const struct fo_request *request)
{
	uint8_t last = request->attempts, next;

	if (!last)
		return 1;
	next = fo_request_attempts(line, request)[last - 1u].ordinal + 1u;
	while (next < 2 || fo_attempt_of(line, request, next)) /* 1 says that it is the first */
		next++;
	return next;
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

static uint32_t transmissions(const struct failover_line_settings *is, uint32_t method,
			      struct fo_budget budget)
{
	uint32_t count = budget.count;

	if (!count && method == FAILOVER_INVITE)
		count = is->invite_retry_counts; /* B26 */
	if (!count)
		count = is->signal_retry_counts;
	return count + (is->signal_retry_first_free ? 1 : 0);
}

static uint32_t budget_ms(const struct fo_line *line, uint32_t method, struct fo_budget budget)
{
	const struct failover_line_settings *is = &line->settings->is;
	uint32_t most = FO_64_T1 * is->t1_ms;

	switch (budget.unit) {
	case FO_UNIT_TRANSMISSIONS:
		return intervals_ms(is, method, transmissions(is, method, budget));
	case FO_UNIT_TIME: /* B3b: no transaction lasts longer */
		return is->signal_retry_time_ms < most ? is->signal_retry_time_ms : most;
	case FO_UNIT_64T1:
		break;
	}
	return most;
}

uint32_t fo_attempt_packets(const struct fo_line *line, uint32_t method, uint32_t budget)
{
	uint32_t n = 1;

	while (intervals_ms(&line->settings->is, method, n) < budget)
		n++;
	return n;
}

uint32_t fo_attempt_walk_ms(const struct fo_line *line)
{
	struct fo_budget budget =
		fo_policy_budget(line->settings->profile, FO_KIND_REGISTER, FO_PLACE_NOT_LAST);

	return (line->listed - 1u) * budget_ms(line, FAILOVER_REGISTER, budget);
}

static enum fo_kind kind_of_register(const struct fo_request *request)
{
	if (request->flags & FO_REQUEST_PROBE)
		return FO_KIND_PROBE;
	if (request->flags & FO_REQUEST_RELEASE)
		return FO_KIND_RELEASE;
	return request->flags & FO_REQUEST_VISIT ? FO_KIND_VISIT : FO_KIND_REGISTER;
}

enum fo_kind fo_request_kind(const struct fo_request *request)
{
	static const uint8_t kinds[] = {
		[FAILOVER_BYE] = FO_KIND_BYE,
		[FAILOVER_OPTIONS] = FO_KIND_OPTIONS,
		[FAILOVER_CANCEL] = FO_KIND_CANCEL,
		[FAILOVER_OTHER] = FO_KIND_OTHER,
	};

	if (request->method == FAILOVER_REGISTER)
		return kind_of_register(request);
	if (request->method == FAILOVER_INVITE)
		return request->flags & FO_REQUEST_IN_DIALOG ? FO_KIND_REINVITE
		       : fo_request_emergency(request)	     ? FO_KIND_EMERGENCY
							     : FO_KIND_INVITE;
	return (enum fo_kind)kinds[request->method];
}

int fo_request_alone(const struct fo_request *request)
{
	return fo_policy_request(fo_request_kind(request))->next[FO_MOVE_SERVER] == FO_ACTION_FAIL;
}

enum fo_action fo_request_action(const struct fo_line *line, const struct fo_request *request,
				 uint8_t next)
{
	const struct fo_attempt *last = fo_attempt_of(line, request, request->ordinal);
	enum fo_kind kind = fo_request_kind(request);
	enum fo_step step = fo_request_alone(request) ? FO_STEP_ALONE : FO_STEP_FIRST;

	if (fo_request_in_own_dialog(request, next))
		step = FO_STEP_DIALOG;
	if (last)
		step = fo_targets(line)[last->target].registrar == fo_targets(line)[next].registrar
			       ? FO_STEP_PROXY
			       : FO_STEP_SERVER;
	return fo_policy_action(line->settings->profile, fo_line_binding(line), kind, step);
}

int fo_attempt_is_last(const struct failover_engine *engine, const struct fo_line *line,
		       const struct fo_request *request)
{
	uint8_t next =
		fo_target_next(engine, line, request, request->tried | 1u << request->target);

	return next == FO_NONE || fo_request_action(line, request, next) == FO_ACTION_FAIL;
}

/* B3e: last means that no other candidate is left for this request. One that goes alone, and for
 * whose end something waits, has an ordinary budget where the line has another target (B5b). */
static int is_last(const struct failover_engine *engine, const struct fo_line *line,
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
	const struct fo_attempt *all = fo_request_attempts(line, request);
	uint8_t i;

	for (i = 0; i + 1u < request->attempts; i++)
		if (all[i].reason != FAILOVER_REASON_STATUS)
			return 0;
	return request->attempts > 1;
}

/* B36a: how long until the next target is asked beside this one. */
static uint32_t patience_ms(const struct failover_engine *engine, const struct fo_line *line,
			    uint8_t target)
{
	const struct fo_node *node = fo_target_node(engine, line, target);
	uint32_t ms = line->settings->is.emergency_race_after_ms;
	uint32_t most = FO_64_T1 * line->settings->is.t1_ms; /* its transaction ends then */

	if (!ms) /* of a program that does not know it */
		ms = FO_EMERGENCY_RACE_MS;
	if (node->reason || node->dead_by)
		most = FO_EMERGENCY_DEAD_MS; /* no transaction is shorter */
	return ms < most ? ms : most;
}

/* B3: set the request's budget; returns the most transmissions, 0 = no limit. */
static uint32_t set_budget(struct failover_engine *engine, struct fo_line *line,
			   struct fo_request *request)
{
	enum fo_place place = FO_PLACE_NOT_LAST;
	struct fo_budget budget;

	request->flags &= (uint8_t)~FO_REQUEST_LAST;
	request->trying = 0;
	if (fo_request_emergency(request)) {
		request->budget_ms = patience_ms(engine, line, request->target);
		return 0;
	}
	if (is_last(engine, line, request)) {
		request->flags |= FO_REQUEST_LAST;
		place = all_answered(line, request) ? FO_PLACE_LAST_ANSWERED : FO_PLACE_LAST;
	}
	if (request->flags & FO_REQUEST_PROBE)
		place = FO_PLACE_PROBE;
	budget = fo_policy_budget(line->settings->profile, fo_request_kind(request), place);
	request->budget_ms = budget_ms(line, request->method, budget);
	if (budget.unit == FO_UNIT_TRANSMISSIONS &&
	    fo_target_node(engine, line, request->target)->place.transport == FAILOVER_UDP)
		return transmissions(&line->settings->is, request->method, budget);
	return 0;
}

/* B10: the registration dialog is the registrar's; a probe always has a new one (B11). */
static void set_registration(struct fo_line *line, struct fo_request *request,
			     struct failover_attempt *out)
{
	struct fo_registrar *registrar = &fo_registrars(line)[out->target.registrar];

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
	struct failover_attempt *out =
		&fo_queue_add(&engine->queue, FAILOVER_OUTPUT_ATTEMPT)->u.attempt;
	const struct failover_line_settings *is = &line->settings->is;
	struct fo_attempt *attempt;

	request->target = target;
	request->flags &= (uint8_t)~FO_REQUEST_MOVED;
	request->ordinal = next_ordinal(line, request);
	if (fo_request_emergency(request))
		forget(line, request, target);
	attempt = new_attempt(line, request);
	request->state = FO_REQUEST_CALLING;
	request->restarts = 0;
	request->held = 0;
	request->transmissions = 0;
	request->t1_ms = is->t1_ms & 0x3fffu;
	request->started = engine->wheel.now;
	*attempt = (struct fo_attempt){ .ordinal = request->ordinal,
					.target = target,
					.state = FO_ATTEMPT_CURRENT };
	if (!fo_request_alone(request))
		fo_health_tried(&engine->health, fo_target_node(engine, line, target), line->id,
				engine->wheel.now);

	out->size = sizeof(*out);
	out->line = line->id;
	out->id = attempt_id(line, request);
	out->request = fo_request_id(line, request);
	out->cookie = fo_request_cookie(line, request);
	out->method = request->method;
	out->ordinal = request->ordinal;
	out->t1_ms = is->t1_ms;
	out->t2_ms = is->t2_ms;
	out->t4_ms = is->t4_ms;
	fo_target_public(engine, line, target, &out->target);
	out->transmissions = set_budget(engine, line, request);
	out->budget_ms = fo_request_emergency(request) ? FO_64_T1 * is->t1_ms : request->budget_ms;
	out->flags = fo_attempt_flags(request, request->ordinal);
	if (request->method == FAILOVER_REGISTER)
		set_registration(line, request, out);
	if (request->method == FAILOVER_CANCEL)
		out->related = id_of(line, request, request->link);
	engine->attempts++;
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

/* B36c: who rings keeps the call, and those beside it are abandoned at once; with 100 alone the
 * race goes on. */
static void rings_or_tries(const struct fo_line *line, struct fo_request *request, uint32_t status)
{
	if (status != 100) {
		request->trying = 0;
		request->budget_ms = fo_attempt_late(line, request) ? 0 : FO_BUDGET_NONE;
	} else if (request->state == FO_REQUEST_CALLING) {
		request->trying = 1;
	}
	request->state = FO_REQUEST_PROCEEDING;
}

/* B4a: the target is alive, so the budget of no answer is over. An INVITE that rings waits for its
 * final response or the user (RFC 3261 17.1.1); one that has had only 100, for 64*T1 (B22a). */
void fo_attempt_provisional(struct failover_engine *engine, const struct fo_line *line,
			    struct fo_request *request, uint32_t status)
{
	const struct failover_line_settings *is = &line->settings->is;
	int invite = request->method == FAILOVER_INVITE;
	uint64_t elapsed = fo_request_elapsed(request, engine->wheel.now);
	uint32_t since = (uint32_t)elapsed, most, trying;

	if (fo_request_emergency(request)) {
		rings_or_tries(line, request, status);
		return;
	}
	if (elapsed > FO_BUDGET_SINCE_MOST_MS) { /* the device has slept: nobody needs more of it */
		since = FO_BUDGET_SINCE_MOST_MS;
		request->started = engine->wheel.now - since;
	}
	most = FO_64_T1 * request->t1_ms + (invite ? since : 0);
	trying = since + 1000u * is->trying_timeout_s;
	if (status != 100) {
		request->trying = 0;
		request->budget_ms = invite ? FO_BUDGET_NONE : most;
	} else if (request->state == FO_REQUEST_CALLING) {
		request->trying = 1;
		request->trying_timeout = is->trying_timeout_s && trying < most;
		if (request->trying_timeout)
			most = trying;
		request->budget_ms = most;
	}
	request->state = FO_REQUEST_PROCEEDING;
}

/* The youngest leg dies last, unless T1 was lowered meanwhile. A request keeps that one time for
 * all its legs: after a 482 it may wait a little longer than the others have (B7b). */
void fo_attempt_late_from(const struct fo_line *line, struct fo_request *request,
			  struct fo_attempt *attempt, uint64_t from)
{
	uint32_t until = (uint32_t)(from + FO_64_T1 * request->t1_ms);

	if (!fo_attempt_late(line, request) || (int32_t)(until - request->late_until) > 0)
		request->late_until = until;
	attempt->state = FO_ATTEMPT_LATE;
}

void fo_attempt_abandon(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, uint32_t reason)
{
	struct fo_attempt *attempt = fo_attempt_current(line, request);
	struct failover_output *output = fo_queue_add(&engine->queue, FAILOVER_OUTPUT_ABANDON);

	output->reason = reason;
	output->abandoned = attempt_id(line, request);
	if (request->method != FAILOVER_INVITE)
		attempt->state = FO_ATTEMPT_OVER;
	else if (request->state == FO_REQUEST_PROCEEDING || /* B7a: the stack cancels it at once */
		 fo_request_emergency(request))		    /* B36d: it is not at work any more */
		attempt->state = FO_ATTEMPT_CANCELLED;
	else
		fo_attempt_late_from(line, request, attempt, request->started);
}

uint32_t fo_attempt_late_for(const struct fo_line *line, const struct fo_request *request,
			     uint64_t now)
{
	uint32_t left_ms = request->late_until - (uint32_t)now;

	return fo_attempt_late(line, request) && left_ms <= FO_64_T1 * FO_T1_MOST_MS ? left_ms : 0;
}

int fo_attempt_failed_here(const struct fo_line *line, const struct fo_request *request)
{
	return request->attempts && /* never: a wanted line has somebody to ask */
	       fo_request_attempts(line, request)[request->attempts - 1u].reason ==
		       FAILOVER_REASON_LOCAL;
}

/* Each attempt names a slot of its own, so there is room for all. */
void fo_attempt_inherit(struct fo_line *line, struct fo_request *request,
			const struct fo_request *from)
{
	struct fo_attempt *mine = fo_request_attempts(line, request);
	const struct fo_attempt *theirs = fo_request_attempts(line, from);
	uint8_t i, j;

	for (i = 0; i < from->attempts; i++) {
		for (j = 0; j < request->attempts; j++)
			if (mine[j].target == theirs[i].target)
				break;
		if (j < request->attempts || (theirs[i].status / 100 == 2 && !theirs[i].reason))
			continue;
		if (j == line->targets_max) /* never: as above */
			return;
		mine[j] = theirs[i];
		if (!mine[j].reason && mine[j].status)
			mine[j].reason = FAILOVER_REASON_STATUS; /* refused there, such as 403 */
		request->attempts++;
	}
}

struct failover_event *fo_event_add(struct failover_engine *engine, const struct fo_line *line,
				    enum failover_event_kind kind)
{
	struct failover_event *event =
		&fo_queue_add(&engine->queue, FAILOVER_OUTPUT_EVENT)->u.event;

	event->size = sizeof(*event);
	event->kind = kind;
	event->line = line->id;
	event->now = engine->wheel.now;
	return event;
}

struct failover_event *fo_attempt_event(struct failover_engine *engine, const struct fo_line *line,
					const struct fo_request *request,
					enum failover_event_kind kind)
{
	struct failover_event *event = fo_event_add(engine, line, kind);

	event->method = request->method;
	event->request = fo_request_id(line, request);
	event->attempt = attempt_id(line, request);
	event->flags = fo_attempt_flags(request, request->ordinal);
	fo_target_public(engine, line, request->target, &event->target);
	return event;
}
