/* SPDX-License-Identifier: MIT */
/* schedule.c - a line's one timer, and what is due when it fires. */
#include "line/line.h"
#include "schedule.h"

static int slot_free(const struct fo_line *line, enum fo_own_slot slot)
{
	return line->requests[slot].state == FO_REQUEST_FREE;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When the line's own work is due; what needs a request slot waits until that is free. */
static inline uint64_t register_at(const struct fo_line *line)
{
	const struct fo_request *request = &line->requests[FO_SLOT_REGISTER];

	if (fo_request_running(request) && fo_line_to_leave(line))
		return line->register_at;
	if (!slot_free(line, FO_SLOT_REGISTER))
		return FO_NEVER;
	return line->flags & (FO_LINE_PENDING_REGISTER | FO_LINE_PENDING_VISIT | FO_LINE_LOST)
		       ? 0
		       : line->register_at;
}

static uint64_t probe_at(const struct fo_line *line)
{
	if (!slot_free(line, FO_SLOT_PROBE))
		return FO_NEVER;
	return line->release != FO_NONE ? 0 : line->probe_at;
}

static uint64_t keepalive_at(const struct fo_line *line)
{
	const struct fo_request *request = &line->requests[FO_SLOT_KEEPALIVE];
	int lent = fo_request_running(request) && (request->flags & FO_REQUEST_RELEASE);

	return slot_free(line, FO_SLOT_KEEPALIVE) || lent ? line->keepalive_at : FO_NEVER;
}

void fo_line_arm(struct failover_engine *engine, struct fo_line *line)
{
	uint64_t at = earlier(register_at(line), earlier(probe_at(line), keepalive_at(line)));
	const struct fo_request *request = line->requests, *end = request + line->requests_max;

	for (; request < end; request++)
		if (fo_request_running(request))
			at = earlier(at, fo_request_deadline(request, engine->wheel.now));
	fo_wheel_set(&engine->wheel, &line->timer, at);
}

int fo_time_leaps(const struct fo_wheel *wheel, uint64_t now)
{
	return now > wheel->now && now - wheel->now > FO_TIME_LEAP_MS;
}

void fo_line_age(struct fo_line *line, uint64_t now)
{
	uint8_t i;

	for (i = 0; i < line->requests_max; i++)
		line->requests[i].started = now - FO_BUDGET_NONE; /* more than any budget */
}

void fo_line_take_deferred(struct failover_engine *engine, struct fo_line *line,
			   struct fo_request *request)
{
	enum fo_deferred deferred = (enum fo_deferred)request->deferred;
	struct failover_answer answer = {
		.status = request->deferred_status,
		.retry_after_s = request->deferred_status < 300 ? 0 : request->deferred_value,
		.expires_s = request->deferred_status < 300 ? request->deferred_value : 0,
		.flags = request->answer_flags,
		.min_expires_s = 1, /* what a 423 says was taken when it came (B22e) */
	};

	if (fo_emergency_through(line, request)) {
		(void)fo_emergency_drop(engine, line, request, FAILOVER_ABANDON_ADOPTED);
		return;
	}
	request->deferred = FO_DEFERRED_NONE;
	switch (deferred) { /* never 2: called with something deferred only; and no default */
	case FO_DEFERRED_NONE:
		break;
	case FO_DEFERRED_RESPONSE:
		fo_request_response(engine, line, request, &answer);
		break;
	case FO_DEFERRED_UNREACHABLE:
		fo_request_unavailable(engine, line, request,
				       (enum fo_cause)request->deferred_status);
		break;
	case FO_DEFERRED_GIVE_UP:
		fo_request_give_up(engine, line, request, FAILOVER_ABANDON_GIVEN_UP);
		break;
	}
}

void fo_line_due(struct failover_engine *engine, struct fo_line *line)
{
	uint64_t now = engine->wheel.now;
	uint8_t i;

	for (i = 0; i < line->requests_max; i++)
		if (fo_request_running(&line->requests[i]) &&
		    fo_request_deadline(&line->requests[i], now) <= now)
			break;
	if (i < line->requests_max && line->requests[i].deferred)
		fo_line_take_deferred(engine, line, &line->requests[i]);
	else if (i < line->requests_max)
		fo_request_due(engine, line, &line->requests[i]);
	else if ((line->flags & FO_LINE_LOST) && register_at(line) <= now)
		fo_registration_connection_lost(engine, line);
	else if (register_at(line) <= now)
		fo_registration_due(engine, line);
	else if (probe_at(line) <= now && line->release != FO_NONE)
		fo_failback_release(engine, line);
	else if (probe_at(line) <= now)
		fo_failback_due(engine, line);
	else
		fo_keepalive_due(engine, line);
	fo_line_arm(engine, line);
}
