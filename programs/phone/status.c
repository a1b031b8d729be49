/* SPDX-License-Identifier: MIT */
/* status.c - how each line stands, and what would happen to it now, as JSON. */
#include "phone.h"

#include <string.h>
#include <time.h>

#define PLAN_STEPS (4 * FAILOVER_LIMIT_TARGETS)

static json_t *target_json(const struct failover_target *target)
{
	char text[80];

	return json_string(failover_target_text(target, text, sizeof(text)));
}

/* Seconds from now on, null if it is never or over. */
static json_t *seconds_until(uint64_t at, uint64_t now)
{
	if (at == UINT64_MAX || at < now)
		return json_null();
	return json_integer((json_int_t)((at - now) / 1000));
}

static json_t *seconds(uint64_t ms)
{
	return json_real((double)ms / 1000.0);
}

void phone_status_event(struct phone_line *line, const struct failover_event *event)
{
	if (event->kind == FAILOVER_EVENT_UNREGISTERED) {
		line->served_since = 0;
		line->granted_s = 0;
	} else if (event->kind == FAILOVER_EVENT_REGISTERED) {
		line->granted_s = event->seconds;
	}
	if (event->kind != FAILOVER_EVENT_REGISTERED && event->kind != FAILOVER_EVENT_MOVED)
		return;
	if (!line->served_since || !failover_target_same_address(&line->served, &event->target) ||
	    line->served.registrar != event->target.registrar)
		line->served_since = event->now;
	line->served = event->target;
}

const char *phone_line_where(const struct phone_line *line, const struct failover_target *target,
			     char *buffer, size_t size)
{
	if (line->config)
		return failover_config_where(line->config, target, buffer, size);
	snprintf(buffer, size, "server"); /* it leaves */
	return buffer;
}

/* ---- targets ------------------------------------------------------------------------------ */

const char *phone_health_text(uint32_t state)
{
	switch ((enum failover_target_state)state) {
	case FAILOVER_TARGET_UNKNOWN:
		return "unknown";
	case FAILOVER_TARGET_GOOD:
		return "good";
	case FAILOVER_TARGET_DEAD:
		return "dead";
	case FAILOVER_TARGET_ASKED_TO_WAIT:
		return "asked-to-wait";
	}
	return "unknown";
}

static json_t *one_target(const struct phone_line *line, const struct failover_target *target,
			  const struct failover_target_health *health, int serves, uint64_t now)
{
	char where[96], reason[24];
	json_t *why = json_null();

	if (health->reason)
		why = json_string(failover_reason_text(health->reason, health->status, reason,
						       sizeof(reason)));
	return json_pack("{s:o, s:s, s:s, s:o, s:o}", "target", target_json(target), "name",
			 phone_line_where(line, target, where, sizeof(where)), "health",
			 serves ? "serving" : phone_health_text(health->state), "reason", why,
			 "until", health->until ? seconds_until(health->until, now) : json_null());
}

static json_t *targets_json(const struct phone *phone, const struct phone_line *line,
			    const struct failover_line_state *state)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	struct failover_target_health health[FAILOVER_LIMIT_TARGETS];
	int count = failover_line_list(phone->engine, line->id, targets, FAILOVER_LIMIT_TARGETS);
	json_t *list = json_array();

	failover_line_health(phone->engine, line->id, health, FAILOVER_LIMIT_TARGETS);
	for (int i = 0; list && i < count; i++) {
		int serves = state->registered && state->serving_index == (uint32_t)i &&
			     health[i].state != FAILOVER_TARGET_DEAD;
		json_t *one = one_target(line, &targets[i], &health[i], serves, phone_now(phone));

		if (one)
			json_object_set_new(one, "index", json_integer(i));
		json_array_append_new(list, one);
	}
	return list;
}

/* ---- calls -------------------------------------------------------------------------------- */

static const char *call_state(const struct phone_call *call)
{
	switch (call->state) {
	case CALL_NEW:
	case CALL_CALLING:
		return "calling";
	case CALL_RINGING:
		return "ringing";
	case CALL_INCOMING:
		return "incoming";
	case CALL_ANSWERED:
		return "answered";
	case CALL_UP:
		return "up";
	case CALL_ENDING:
		return "ending";
	}
	return "ending";
}

static json_t *calls_json(const struct phone_line *line)
{
	const struct phone_call *call;
	json_t *list = json_array();

	TAILQ_FOREACH(call, &line->calls, entries)
	{
		json_array_append_new(
			list,
			json_pack("{s:I, s:s, s:o}", "id", (json_int_t)call->id, "state",
				  call_state(call), "target",
				  call->target_known ? target_json(&call->target) : json_null()));
	}
	return list;
}

/* ---- a line ------------------------------------------------------------------------------- */

/* The moment as people's clocks have it, for the phone's own has no date. */
static json_t *unix_time(uint64_t at, uint64_t now)
{
	if (!at || at > now)
		return json_null();
	return json_integer((json_int_t)time(NULL) - (json_int_t)((now - at) / 1000));
}

static json_t *registration_json(const struct phone_line *line,
				 const struct failover_line_state *state, uint64_t now)
{
	int serves = state->registered && state->serving_index < state->targets_count;
	const char *text = state->registered ? "registered" : "unregistered";

	if (!state->registered && state->registering)
		text = "registering";
	return json_pack("{s:s, s:b, s:b, s:o, s:I, s:o, s:o, s:o, s:o}", "state", text, "pinned",
			 (int)state->pinned, "probing", (int)state->probing, "registered_for",
			 state->registered ? seconds_until(state->registered_until, now)
					   : json_null(),
			 "expires", (json_int_t)line->granted_s, "next_refresh",
			 seconds_until(state->next_register, now), "next_probe",
			 seconds_until(state->next_probe, now), "serving",
			 serves ? json_integer(state->serving_index) : json_null(), "serving_since",
			 state->registered ? unix_time(line->served_since, now) : json_null());
}

/* A line that is off, or has no address yet. */
static json_t *idle_json(const struct failover_config_line *config)
{
	return json_pack("{s:s, s:b, s:b, s:n, s:i, s:n, s:n, s:n, s:n, s:[], s:[]}", "state",
			 config->enable ? "no-target" : "off", "pinned", 0, "probing", 0,
			 "registered_for", "expires", 0, "next_refresh", "next_probe", "serving",
			 "serving_since", "targets", "calls");
}

static json_t *live_json(const struct phone *phone, const struct phone_line *line)
{
	struct failover_line_state state = { .size = sizeof(state) };
	json_t *object;

	failover_line_state(phone->engine, line->id, &state);
	object = registration_json(line, &state, phone_now(phone));
	if (object) {
		json_object_set_new(object, "targets", targets_json(phone, line, &state));
		json_object_set_new(object, "calls", calls_json(line));
	}
	return object;
}

/* A configured text, which need not be UTF-8 in every vendor's file. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text ? text : "");

	return json ? json : json_string("");
}

static json_t *line_json(const struct phone *phone, const struct failover_config_line *config)
{
	const struct phone_line *line = phone_map_get(&phone->lines_by_number, config->number);
	json_t *object = json_pack("{s:I, s:o, s:o, s:b}", "number", (json_int_t)config->number,
				   "user", text_json(config->user), "display_name",
				   text_json(config->display_name), "enabled", (int)config->enable);
	json_t *rest = line && line->config ? live_json(phone, line) : idle_json(config);

	if (object && rest)
		json_object_update(object, rest);
	json_decref(rest);
	return object;
}

json_t *phone_status_lines(const struct phone *phone)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list && i < phone->config->lines_count; i++)
		json_array_append_new(list, line_json(phone, phone->config->lines[i]));
	return list;
}

json_t *phone_status_line(const struct phone *phone, uint32_t number)
{
	for (uint32_t i = 0; i < phone->config->lines_count; i++)
		if (phone->config->lines[i]->number == number)
			return line_json(phone, phone->config->lines[i]);
	return NULL;
}

/* ---- what would happen now ---------------------------------------------------------------- */

static json_t *steps_json(const struct phone *phone, const struct phone_line *line,
			  const struct failover_plan *plan)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS] = { 0 };
	json_t *list = json_array();
	char where[96], text[256];

	failover_line_list(phone->engine, line->id, targets, FAILOVER_LIMIT_TARGETS);
	for (uint32_t i = 0; list && i < plan->steps_count && i < plan->steps_max; i++) {
		const struct failover_plan_step *step = &plan->steps[i];
		const struct failover_target *target =
			&targets[step->target < FAILOVER_LIMIT_TARGETS ? step->target : 0];

		phone_line_where(line, target, where, sizeof(where));
		failover_plan_text(plan, i, where, text, sizeof(text));
		json_array_append_new(list,
				      json_pack("{s:o, s:s, s:I, s:s}", "at", seconds(step->at_ms),
						"what", failover_plan_name(plan, i), "target",
						(json_int_t)step->target, "text", text));
	}
	return list;
}

/* A BYE is of the newest call that is up, if there is one. */
static const struct failover_target *dialog_of(const struct phone_line *line)
{
	const struct phone_call *call;

	TAILQ_FOREACH(call, &line->calls, entries)
	{
		if (call->state == CALL_UP)
			return &call->target;
	}
	return NULL;
}

static json_t *method_json(const struct phone *phone, const struct phone_line *line,
			   uint32_t method)
{
	struct failover_plan_step steps[PLAN_STEPS];
	struct failover_plan plan = { .size = sizeof(plan),
				      .steps_max = PLAN_STEPS,
				      .steps = steps };
	const struct failover_request_params params = {
		.size = sizeof(params),
		.method = method,
		.dialog = method == FAILOVER_BYE ? dialog_of(line) : NULL,
	};
	int error = failover_plan(phone->engine, line->id, &params, phone_now(phone), &plan);

	if (error != 0) /* as many requests as it may have: it would fail at once */
		return json_pack("{s:s, s:[], s:n, s:i}", "method", failover_method_text(method),
				 "steps", "service_at", "fails_at", 0);
	return json_pack("{s:s, s:o, s:o, s:o}", "method", failover_method_text(method), "steps",
			 steps_json(phone, line, &plan), "service_at", seconds(plan.service_ms),
			 "fails_at", seconds(plan.fails_ms));
}

json_t *phone_status_plan(const struct phone *phone, uint32_t number)
{
	static const uint32_t methods[] = { FAILOVER_REGISTER, FAILOVER_INVITE, FAILOVER_BYE };
	const struct phone_line *line = phone_map_get(&phone->lines_by_number, number);
	json_t *list;

	if (!line || !line->config)
		return NULL;
	list = json_array();
	for (size_t i = 0; list && i < sizeof(methods) / sizeof(methods[0]); i++)
		json_array_append_new(list, method_json(phone, line, methods[i]));
	return json_pack("{s:I, s:o}", "line", (json_int_t)number, "methods", list);
}
