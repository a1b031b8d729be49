/* SPDX-License-Identifier: MIT */
/* input.c - what a host asks for and what a stack tells: ids are checked, time is set, and the line
 * does it. Every function here is one step of the core. */
#include <string.h>
#include "answer.h"
#include "attempt.h"
#include "engine.h"
#include "late.h"
#include "line/line.h"
#include "schedule.h"
#include "sized.h"
#include "target.h"

/* ---- requests ----------------------------------------------------------------------------- */

int failover_register(struct failover_engine *engine, uint32_t id, uint64_t now)
{
	struct fo_line *line;
	int error;

	fo_enter(engine, __func__);
	error = fo_line_ask(engine, id, now, &line);
	if (error)
		return error;
	if (line->flags & FO_LINE_WANTED) /* else it is the first time, and nobody waits */
		fo_target_ask_all(engine, line);
	fo_registration_anew(engine, line);
	fo_line_arm(engine, line);
	return FAILOVER_OK;
}

int failover_begin_at(struct failover_engine *engine, uint32_t id,
		      const struct failover_target *target, uint64_t now)
{
	struct fo_line *line = fo_find_line(engine, id);
	uint8_t slot;

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	slot = target ? fo_target_find(engine, line, target) : FO_NONE;
	if (slot == FO_NONE)
		return FAILOVER_ERR_ARGUMENT;
	if (line->generation) /* of its first request */
		return FAILOVER_ERR_STATE;
	fo_engine_advance(engine, now);
	line->serving = slot;
	line->begins = 1;
	return FAILOVER_OK;
}

int failover_probe(struct failover_engine *engine, uint32_t id, uint64_t now)
{
	struct fo_line *line;
	int error;

	fo_enter(engine, __func__);
	error = fo_line_ask(engine, id, now, &line);
	if (error)
		return error;
	error = fo_failback_now(engine, line);
	fo_line_arm(engine, line);
	return error;
}

int failover_failback(struct failover_engine *engine, uint32_t id, uint64_t now)
{
	struct fo_line *line;
	int error;

	fo_enter(engine, __func__);
	error = fo_line_ask(engine, id, now, &line);
	if (error)
		return error;
	if (!(line->flags & FO_LINE_WANTED))
		return FAILOVER_ERR_STATE;
	line->flags &= (uint8_t)~FO_LINE_PINNED;
	line->up_after = 0;
	fo_target_forget_all(engine, line);
	fo_failback_arm(engine, line);
	fo_registration_anew(engine, line);
	fo_line_arm(engine, line);
	return FAILOVER_OK;
}

int failover_pin(struct failover_engine *engine, uint32_t id, uint32_t pinned, uint64_t now)
{
	struct fo_line *line;
	int error;

	fo_enter(engine, __func__);
	error = fo_line_ask(engine, id, now, &line);
	if (error)
		return error;
	if (pinned) {
		fo_line_pin(engine, line);
	} else {
		line->flags &= (uint8_t)~FO_LINE_PINNED;
		fo_failback_arm(engine, line);
	}
	fo_line_arm(engine, line);
	return FAILOVER_OK;
}

int failover_network_changed(struct failover_engine *engine, uint64_t now)
{
	uint32_t i;

	fo_enter(engine, __func__);
	fo_engine_advance(engine, now);
	fo_health_forget(&engine->health);
	for (i = 0; i < engine->lines_size; i++) {
		struct fo_line *line = engine->lines[i].line;

		if (!line || !(line->flags & FO_LINE_WANTED))
			continue;
		fo_registration_network(engine, line);
		fo_line_arm(engine, line);
	}
	return FAILOVER_OK;
}

int failover_unregister(struct failover_engine *engine, uint32_t id, uint64_t now)
{
	struct fo_line *line;
	int error;

	fo_enter(engine, __func__);
	error = fo_line_ask(engine, id, now, &line);
	if (error)
		return error;
	error = fo_registration_remove(engine, line);
	fo_line_arm(engine, line);
	return error;
}

static enum fo_trigger trigger_of(const struct failover_request_params *params)
{
	if (params->method == FAILOVER_BYE)
		return FO_TRIGGER_HANGUP;
	if (params->flags & FAILOVER_REQUEST_EMERGENCY)
		return FO_TRIGGER_EMERGENCY;
	return params->dialog ? FO_TRIGGER_IN_DIALOG : FO_TRIGGER_DIAL;
}

void fo_submit(struct failover_engine *engine, struct fo_line *line, uint8_t slot,
	       const struct failover_request_params *params)
{
	uint8_t dialog = params->dialog ? fo_target_find(engine, line, params->dialog) : FO_NONE;
	enum fo_trigger trigger = trigger_of(params);
	struct fo_request_start start = {
		.method = params->method,
		.cookie = params->cookie,
		.flags = params->dialog ? FO_REQUEST_IN_DIALOG : 0,
		.start = fo_request_start_slot(engine, line, trigger, params->method, dialog),
	};
	struct fo_request *request;

	start.flags |= (uint8_t)(fo_policy_start(trigger)->ignores_health * FO_REQUEST_ANY_HEALTH);
	start.link = params->dialog && start.start == dialog;
	request = fo_request_open(line, slot, &start);
	request->for_call = params->flags & FAILOVER_REQUEST_EMERGENCY;
	fo_request_walk(engine, line, request);
}

int fo_submit_params(struct failover_request_params *own,
		     const struct failover_request_params *given, uint32_t methods)
{
	int error = fo_sized_take(own, sizeof(*own), given,
				  FO_SIZE_WITH(struct failover_request_params, dialog));

	if (error)
		return error;
	if (own->method >= 32 || !(methods & FAILOVER_METHOD_BIT(own->method)) ||
	    own->flags > FAILOVER_REQUEST_EMERGENCY ||
	    (own->flags && (own->method != FAILOVER_INVITE || own->dialog)))
		return FAILOVER_ERR_ARGUMENT;
	return FAILOVER_OK;
}

uint8_t fo_submit_slot(const struct fo_line *line)
{
	uint8_t slot = FO_SLOTS_OWN;

	while (slot < line->requests_max && line->requests[slot].state != FO_REQUEST_FREE)
		slot++;
	return slot;
}

/* ERR_FULL where draining helps: the outputs have no room, or hold a result whose slot comes free.
 */
static int submit_room(const struct failover_engine *engine, const struct fo_line *line,
		       uint8_t slot)
{
	uint8_t i;

	if (!fo_queue_has_room(&engine->queue))
		return FAILOVER_ERR_FULL;
	if (slot < line->requests_max)
		return FAILOVER_OK;
	for (i = FO_SLOTS_OWN; i < line->requests_max; i++)
		if (line->requests[i].state == FO_REQUEST_ENDED)
			return FAILOVER_ERR_FULL;
	return FAILOVER_ERR_LIMIT;
}

/* B36f: the line's room grows, and where it cannot, a lesser request gives way. The line may be
 * another block then. */
static struct fo_line *room_for_emergency(struct failover_engine *engine, struct fo_line *line)
{
	uint32_t users = line->requests_max - FO_SLOTS_OWN, id = line->id;

	if (fo_submit_slot(line) < line->requests_max)
		return line;
	if (failover_line_room(engine, id, 0, 0, users + 1) == FAILOVER_OK)
		return fo_find_line(engine, id);
	if (fo_queue_has_room(&engine->queue))
		(void)fo_emergency_room(engine, line);
	return line;
}

int failover_submit(struct failover_engine *engine, uint32_t id,
		    const struct failover_request_params *given, uint64_t now, uint64_t *request)
{
	struct fo_line *line = fo_find_line(engine, id);
	struct failover_request_params params;
	uint8_t slot;
	int error;

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	error = given && request ? fo_submit_params(&params, given, FO_SUBMIT_METHODS)
				 : FAILOVER_ERR_ARGUMENT;
	if (error)
		return error;
	if (params.flags & FAILOVER_REQUEST_EMERGENCY) {
		fo_engine_advance(engine, now);
		line = room_for_emergency(engine, line);
	}
	slot = fo_submit_slot(line);
	error = submit_room(engine, line, slot);
	if (error)
		return error;
	fo_engine_advance(engine, now);
	fo_submit(engine, line, slot, &params);
	*request = fo_request_id(line, &line->requests[slot]);
	fo_line_arm(engine, line);
	return FAILOVER_OK;
}

static void defer(struct failover_engine *engine, struct fo_line *line, struct fo_request *request,
		  enum fo_deferred deferred)
{
	engine->deferred++;
	request->deferred = deferred;
	fo_line_arm(engine, line);
}

/* News that had to wait come before newer ones, if there is room by now. Returns 1 if some did. */
static int catch_up(struct failover_engine *engine, struct fo_line *line,
		    struct fo_request *request)
{
	if (!request->deferred || !fo_queue_has_room(&engine->queue))
		return 0;
	do
		fo_line_take_deferred(engine, line, request);
	while (request->deferred && fo_queue_has_room(&engine->queue));
	fo_line_arm(engine, line);
	return 1;
}

/* A final answer has been taken that ends the request: it is too late to give up. */
static int answered(const struct fo_line *line, const struct fo_request *request)
{
	return request->deferred == FO_DEFERRED_RESPONSE &&
	       fo_answer_effect(line, request, request->deferred_status, request->answer_flags) ==
		       FO_EFFECT_ENDS;
}

int failover_give_up(struct failover_engine *engine, uint64_t id, uint64_t now)
{
	struct fo_line *line;
	struct fo_request *request = fo_find_request(engine, id, &line);

	fo_enter(engine, __func__);
	if (!request || !fo_request_running(request) || request - line->requests < FO_SLOTS_OWN)
		return FAILOVER_ERR_STALE;
	fo_engine_advance(engine, now);
	if (answered(line, request))
		return FAILOVER_ERR_STALE;
	if (!fo_queue_has_room(&engine->queue) ||
	    (fo_request_emergency(request) && fo_attempt_late(line, request))) {
		defer(engine, line, request, FO_DEFERRED_GIVE_UP);
		return FAILOVER_OK;
	}
	fo_request_give_up(engine, line, request, FAILOVER_ABANDON_GIVEN_UP);
	fo_line_arm(engine, line);
	return FAILOVER_OK;
}

/* ---- the stack's news --------------------------------------------------------------------- */

/* The running request and the attempt that this id names, current or late, or NULL. */
static struct fo_attempt *find_attempt(struct failover_engine *engine, uint64_t id,
				       struct fo_line **line, struct fo_request **request)
{
	struct fo_attempt *attempt;

	*request = fo_find_request(engine, id, line);
	if (!*request || !fo_request_running(*request))
		return NULL;
	attempt = fo_attempt_of(*line, *request,
				fo_id_ordinal(id)); /* no running one has the ordinal 0 */
	return attempt && attempt->state != FO_ATTEMPT_OVER ? attempt : NULL;
}

void failover_sent(struct failover_engine *engine, uint64_t id, uint64_t now)
{
	struct fo_line *line;
	struct fo_request *request;
	struct fo_attempt *attempt = find_attempt(engine, id, &line, &request);

	fo_enter(engine, __func__);
	fo_engine_advance(engine, now);
	if (!attempt)
		engine->stale++;
	else if (attempt->state == FO_ATTEMPT_CURRENT && request->transmissions < UINT8_MAX)
		request->transmissions++;
}

/* The outputs are full: what makes no output is done, a final response waits in the request. */
static uint32_t defer_response(struct failover_engine *engine, struct fo_line *line,
			       struct fo_request *request, const struct failover_answer *answer)
{
	if (request->deferred == FO_DEFERRED_RESPONSE)
		return FAILOVER_VERDICT_KEEP;
	if (request->deferred && answer->status >= 200) /* B7a: the attempt is to be abandoned */
		return FAILOVER_VERDICT_LATE;
	if (request->deferred == FO_DEFERRED_UNREACHABLE)
		return FAILOVER_VERDICT_KEEP;
	if (fo_request_take_provisional(engine, line, request, answer)) {
		fo_line_arm(engine, line);
		return FAILOVER_VERDICT_KEEP;
	}
	request->deferred_status = (uint16_t)answer->status;
	request->answer_flags = answer->flags & FO_ANSWER_FLAGS;
	request->deferred_value =
		fo_deferred_value(answer->status < 300 ? answer->expires_s : answer->retry_after_s);
	defer(engine, line, request, FO_DEFERRED_RESPONSE);
	return FAILOVER_VERDICT_KEEP;
}

/* B4b: only these ask for another transaction in the same attempt. */
static int is_challenge(uint32_t status)
{
	return status == 401 || status == 407 || status == 423;
}

/* B36c: it ends an emergency call, and the legs beside it go before. */
static int ends_race(const struct fo_line *line, const struct fo_request *request,
		     const struct failover_answer *answer)
{
	return fo_request_emergency(request) && fo_attempt_late(line, request) &&
	       answer->status >= 200 &&
	       fo_answer_effect(line, request, answer->status, answer->flags) == FO_EFFECT_ENDS;
}

uint32_t failover_response(struct failover_engine *engine, uint64_t id,
			   const struct failover_answer *given, uint64_t now)
{
	struct failover_answer answer;
	struct fo_line *line;
	struct fo_request *request;
	struct fo_attempt *attempt = find_attempt(engine, id, &line, &request);
	uint32_t verdict = FAILOVER_VERDICT_KEEP, deferred;

	fo_enter(engine, __func__);
	fo_sized_copy(&answer, sizeof(answer), given,
		      FO_SIZE_WITH(struct failover_answer, min_expires_s));
	fo_engine_advance(engine, now);
	if (attempt && catch_up(engine, line, request))
		attempt = find_attempt(engine, id, &line, &request);
	if (!attempt || answer.status < 100 || answer.status > 699) {
		engine->stale++;
		return FAILOVER_VERDICT_LATE;
	}
	if (!is_challenge(answer.status))
		answer.retrying = 0;
	if (attempt->state != FO_ATTEMPT_CURRENT) {
		if (fo_queue_has_room(&engine->queue))
			verdict = fo_late_response(engine, line, request, attempt, &answer);
		else
			verdict = fo_late_deferred(engine, line, request, attempt, &answer);
		fo_line_arm(engine, line);
		return verdict;
	}
	if (answer.retrying && request->restarts >= FO_RESTARTS_MOST) {
		answer.retrying = 0; /* B4b: it is the final answer then */
		verdict = FAILOVER_VERDICT_STOP;
	}
	if (!fo_queue_has_room(&engine->queue) || ends_race(line, request, &answer)) {
		deferred = defer_response(engine, line, request, &answer);
		return deferred ? deferred : verdict;
	}
	fo_request_response(engine, line, request, &answer);
	fo_line_arm(engine, line);
	return verdict;
}

void failover_retrying(struct failover_engine *engine, uint64_t id, uint32_t retrying, uint64_t now)
{
	struct fo_line *line;
	struct fo_request *request;
	struct fo_attempt *attempt = find_attempt(engine, id, &line, &request);

	fo_enter(engine, __func__);
	fo_engine_advance(engine, now);
	if (!attempt || attempt->state != FO_ATTEMPT_CURRENT || !request->held) {
		engine->stale++;
		return;
	}
	fo_challenge_retrying(engine, request, retrying != FAILOVER_RETRYING_NO);
	fo_line_arm(engine, line);
}

static enum fo_cause cause_of(uint32_t reason)
{
	switch ((enum failover_reason)reason) {
	case FAILOVER_REASON_REFUSED:
		return FO_CAUSE_REFUSED;
	case FAILOVER_REASON_RESET:
		return FO_CAUSE_RESET;
	case FAILOVER_REASON_CONNECT_TIMEOUT:
		return FO_CAUSE_CONNECT_TIMEOUT;
	case FAILOVER_REASON_TLS:
		return FO_CAUSE_TLS;
	case FAILOVER_REASON_UNSUPPORTED:
		return FO_CAUSE_UNSUPPORTED;
	case FAILOVER_REASON_LOCAL:
		return FO_CAUSE_LOCAL;
	case FAILOVER_REASON_NONE:
	case FAILOVER_REASON_NO_ANSWER:
	case FAILOVER_REASON_STATUS:
	case FAILOVER_REASON_ICMP:
	case FAILOVER_REASON_BAD_ANSWER:
		break;
	}
	return FO_CAUSE_ICMP;
}

void failover_unreachable(struct failover_engine *engine, uint64_t id, uint32_t reason,
			  uint64_t now)
{
	struct fo_line *line;
	struct fo_request *request;
	struct fo_attempt *attempt = find_attempt(engine, id, &line, &request);

	fo_enter(engine, __func__);
	fo_engine_advance(engine, now);
	if (attempt && attempt->state == FO_ATTEMPT_LATE && fo_request_emergency(request) &&
	    fo_queue_has_room(&engine->queue)) {
		fo_emergency_unreachable(engine, line, request, attempt, cause_of(reason));
		return;
	}
	if (!attempt || attempt->state != FO_ATTEMPT_CURRENT || request->deferred) {
		engine->stale++;
		return;
	}
	if (!fo_queue_has_room(&engine->queue)) {
		request->deferred_status = (uint16_t)cause_of(reason);
		defer(engine, line, request, FO_DEFERRED_UNREACHABLE);
		return;
	}
	fo_request_unavailable(engine, line, request, cause_of(reason));
	fo_line_arm(engine, line);
}

void failover_bad_answer(struct failover_engine *engine, uint64_t id)
{
	struct fo_line *line;
	struct fo_request *request;
	struct fo_attempt *attempt = find_attempt(engine, id, &line, &request);

	fo_enter(engine, __func__);
	if (attempt)
		attempt->bad = 1;
	else
		engine->stale++;
}

void failover_heard(struct failover_engine *engine, uint32_t id, const struct failover_target *from,
		    uint64_t now)
{
	struct fo_line *line = fo_find_line(engine, id);
	uint8_t slot;

	fo_enter(engine, __func__);
	fo_engine_advance(engine, now);
	slot = line ? fo_target_at(engine, line, from) : FO_NONE;
	if (slot == FO_NONE) {
		engine->stale++;
		return;
	}
	fo_health_alive(fo_target_node(engine, line, slot));
	fo_keepalive_alive(engine, line, slot);
}

void failover_refresh(struct failover_engine *engine, uint32_t id,
		      const struct failover_target *target, uint64_t now)
{
	struct fo_line *line = fo_find_line(engine, id);

	fo_enter(engine, __func__);
	fo_engine_advance(engine, now);
	if (!line || !(line->flags & FO_LINE_REGISTERED) ||
	    !fo_target_is(engine, line, line->serving, target)) {
		engine->stale++;
		return;
	}
	if (fo_request_running(fo_line_own(line, FO_SLOT_REGISTER)))
		return; /* that one finds out */
	fo_registration_refresh(engine, line);
	fo_line_arm(engine, line);
}

void failover_lost(struct failover_engine *engine, uint32_t id,
		   const struct failover_target *target, uint64_t now)
{
	struct fo_line *line = fo_find_line(engine, id);

	fo_engine_advance(engine, now);
	if (!line || !(line->flags & FO_LINE_REGISTERED) ||
	    !fo_target_is(engine, line, line->serving, target)) {
		engine->stale++;
		return;
	}
	if (fo_line_registers(line))
		return; /* that one finds out */
	line->flags |= FO_LINE_LOST;
	if (fo_queue_has_room(&engine->queue))
		fo_registration_connection_lost(engine, line);
	else
		engine->deferred++;
	fo_line_arm(engine, line);
}
