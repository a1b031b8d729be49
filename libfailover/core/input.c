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
	struct fo_line *line = fo_find_line(engine, id);

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	if (!fo_queue_has_room(&engine->queue))
		return FAILOVER_ERR_FULL;
	fo_wheel_advance(&engine->wheel, now);
	if (line->flags & FO_LINE_WANTED) /* else it is the first time, and nobody waits */
		fo_target_ask_all(engine, line);
	fo_registration_anew(engine, line);
	fo_line_arm(engine, line);
	return FAILOVER_OK;
}

int failover_network_changed(struct failover_engine *engine, uint64_t now)
{
	uint32_t i;

	fo_enter(engine, __func__);
	fo_wheel_advance(&engine->wheel, now);
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
	struct fo_line *line = fo_find_line(engine, id);
	int error;

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	if (!fo_queue_has_room(&engine->queue))
		return FAILOVER_ERR_FULL;
	fo_wheel_advance(&engine->wheel, now);
	error = fo_registration_remove(engine, line);
	fo_line_arm(engine, line);
	return error;
}

static enum fo_trigger trigger_of(const struct failover_request_params *params)
{
	if (params->method == FAILOVER_BYE)
		return FO_TRIGGER_HANGUP;
	return params->dialog ? FO_TRIGGER_IN_DIALOG : FO_TRIGGER_DIAL;
}

static void submit(struct failover_engine *engine, struct fo_line *line, uint8_t slot,
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
	if (fo_request_alone(request))
		fo_attempt_start(engine, line, request, fo_target_alone(engine, line, start.start));
	else
		fo_request_walk(engine, line, request);
}

static int params_take(struct failover_request_params *own,
		       const struct failover_request_params *given)
{
	int error = fo_sized_take(own, sizeof(*own), given,
				  FO_SIZE_WITH(struct failover_request_params, dialog));

	if (error)
		return error;
	if (own->method != FAILOVER_INVITE && own->method != FAILOVER_BYE &&
	    own->method != FAILOVER_OPTIONS && own->method != FAILOVER_OTHER)
		return FAILOVER_ERR_ARGUMENT;
	return FAILOVER_OK;
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
	error = given && request ? params_take(&params, given) : FAILOVER_ERR_ARGUMENT;
	if (error)
		return error;
	for (slot = FO_SLOTS_OWN; slot < line->requests_max; slot++)
		if (line->requests[slot].state == FO_REQUEST_FREE)
			break;
	if (slot == line->requests_max || !fo_queue_has_room(&engine->queue))
		return FAILOVER_ERR_FULL;
	fo_wheel_advance(&engine->wheel, now);
	submit(engine, line, slot, &params);
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

/* News that had to wait come before newer ones, if there is room by now. */
static void catch_up(struct failover_engine *engine, struct fo_line *line,
		     struct fo_request *request)
{
	if (!request->deferred || !fo_queue_has_room(&engine->queue))
		return;
	fo_line_take_deferred(engine, line, request);
	fo_line_arm(engine, line);
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
	fo_wheel_advance(&engine->wheel, now);
	if (answered(line, request))
		return FAILOVER_ERR_STALE;
	if (!fo_queue_has_room(&engine->queue)) {
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
	fo_wheel_advance(&engine->wheel, now);
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
	request->deferred_value = answer->status < 300 ? answer->expires_s : answer->retry_after_s;
	defer(engine, line, request, FO_DEFERRED_RESPONSE);
	return FAILOVER_VERDICT_KEEP;
}

/* B4b: only these ask for another transaction in the same attempt. */
static int is_challenge(uint32_t status)
{
	return status == 401 || status == 407 || status == 423;
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
	fo_wheel_advance(&engine->wheel, now);
	if (attempt) {
		catch_up(engine, line, request);
		attempt = find_attempt(engine, id, &line, &request);
	}
	if (!attempt || answer.status < 100 || answer.status > 699) {
		engine->stale++;
		return FAILOVER_VERDICT_LATE;
	}
	if (attempt->state != FO_ATTEMPT_CURRENT) {
		if (!fo_queue_has_room(&engine->queue))
			return fo_late_deferred(request, attempt, answer.status);
		verdict = fo_late_response(engine, line, request, attempt, &answer);
		fo_line_arm(engine, line);
		return verdict;
	}
	if (!is_challenge(answer.status))
		answer.retrying = 0;
	if (answer.retrying && request->restarts >= FO_RESTARTS_MOST) {
		answer.retrying = 0; /* B4b: it is the final answer then */
		verdict = FAILOVER_VERDICT_STOP;
	}
	if (!fo_queue_has_room(&engine->queue)) {
		deferred = defer_response(engine, line, request, &answer);
		return deferred ? deferred : verdict;
	}
	fo_request_response(engine, line, request, &answer);
	fo_line_arm(engine, line);
	return verdict;
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
	fo_wheel_advance(&engine->wheel, now);
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
	fo_wheel_advance(&engine->wheel, now);
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
	fo_wheel_advance(&engine->wheel, now);
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

	fo_wheel_advance(&engine->wheel, now);
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
