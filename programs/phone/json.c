/* SPDX-License-Identifier: MIT */
/* json.c - one function for each kind of event; members in the documented order. */
#include "json.h"

#include <jansson.h>

/* 15 digits print every time in milliseconds as it is written, without binary noise. */
#define JSON_FLAGS (JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15))

static json_t *target_json(const struct failover_target *target)
{
	char text[80];

	return json_string(failover_target_text(target, text, sizeof(text)));
}

static json_t *reason_json(uint32_t reason, uint32_t status)
{
	char text[24];

	if (reason == FAILOVER_REASON_NONE)
		return json_string("request");
	return json_string(failover_reason_text(reason, status, text, sizeof(text)));
}

static json_t *reasons_json(const struct failover_event *event)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list && i < event->reports_count; i++) {
		const struct failover_attempt_report *report = &event->reports[i];

		if (report->reason != FAILOVER_REASON_NONE)
			json_array_append_new(list, reason_json(report->reason, report->status));
	}
	return list;
}

static json_t *method_json(const struct failover_event *event)
{
	return json_string(failover_method_text(event->method));
}

static json_t *attempt_json(const struct failover_event *event)
{
	return json_pack("{s:I, s:o, s:o, s:b, s:b}", "request", (json_int_t)event->request,
			 "method", method_json(event), "target", target_json(&event->target),
			 "last", (event->flags & FAILOVER_ATTEMPT_LAST) != 0, "probe",
			 (event->flags & FAILOVER_ATTEMPT_PROBE) != 0);
}

static json_t *response_json(const struct failover_event *event)
{
	return json_pack("{s:I, s:o, s:o, s:I}", "request", (json_int_t)event->request, "method",
			 method_json(event), "target", target_json(&event->target), "status",
			 (json_int_t)event->status);
}

static json_t *unavailable_json(const struct failover_event *event)
{
	return json_pack("{s:o, s:o, s:o, s:I, s:f}", "method", method_json(event), "target",
			 target_json(&event->target), "reason",
			 reason_json(event->reason, event->status), "transmissions",
			 (json_int_t)event->transmissions, "elapsed", event->elapsed_ms / 1000.0);
}

static json_t *moved_json(const struct failover_event *event)
{
	const char *kind = event->direction == FAILOVER_FAILBACK ? "failback" : "failover";

	return json_pack("{s:o, s:o, s:s, s:o}", "from", target_json(&event->from), "to",
			 target_json(&event->target), "kind", kind, "method", method_json(event));
}

/* What a server writes may be no UTF-8, which JSON must be: it is left out then. */
static json_t *bad_answer_json(const struct failover_event *event)
{
	json_t *line = json_string(event->first_line ? event->first_line : "");

	return json_pack("{s:o, s:o, s:o, s:s}", "method", method_json(event), "target",
			 target_json(&event->target), "first_line", line ? line : json_null(),
			 "reason", event->why ? event->why : "");
}

/* The members that belong to this kind. */
static json_t *members_json(const struct failover_event *event)
{
	switch ((enum failover_event_kind)event->kind) {
	case FAILOVER_EVENT_ATTEMPT:
		return attempt_json(event);
	case FAILOVER_EVENT_RESPONSE:
		return response_json(event);
	case FAILOVER_EVENT_UNAVAILABLE:
		return unavailable_json(event);
	case FAILOVER_EVENT_REGISTERED:
		return json_pack("{s:o, s:I}", "target", target_json(&event->target), "expires",
				 (json_int_t)event->seconds);
	case FAILOVER_EVENT_UNREGISTERED:
		return json_pack("{s:o}", "reason", reason_json(event->reason, event->status));
	case FAILOVER_EVENT_MOVED:
		return moved_json(event);
	case FAILOVER_EVENT_REQUEST_FAILED:
		return json_pack("{s:o, s:o}", "method", method_json(event), "reasons",
				 reasons_json(event));
	case FAILOVER_EVENT_PROBE_FAILED:
		return json_pack("{s:o, s:o}", "target", target_json(&event->target), "reason",
				 reason_json(event->reason, event->status));
	case FAILOVER_EVENT_GIVEN_UP:
		return json_pack("{s:I, s:o}", "request", (json_int_t)event->request, "method",
				 method_json(event));
	case FAILOVER_EVENT_CONNECTION_LOST:
	case FAILOVER_EVENT_NO_OPTIONS:
	case FAILOVER_EVENT_PROBE_GOOD:
		return json_pack("{s:o, s:I}", "target", target_json(&event->target), "again",
				 (json_int_t)event->seconds);
	case FAILOVER_EVENT_MOVE_HELD:
		return json_pack("{s:o, s:o, s:I}", "method", method_json(event), "target",
				 target_json(&event->target), "again", (json_int_t)event->seconds);
	case FAILOVER_EVENT_BAD_ANSWER:
		return bad_answer_json(event);
	}
	return json_object();
}

/* Put t, line and event in front of the members. */
static json_t *object_new(uint64_t t_ms, uint32_t line, const char *name, json_t *members)
{
	json_t *object = json_pack("{s:f, s:I, s:s}", "t", (double)t_ms / 1000.0, "line",
				   (json_int_t)line, "event", name);

	if (object && (!members || json_object_update(object, members) != 0)) {
		json_decref(object);
		object = NULL;
	}
	json_decref(members);
	return object;
}

char *phone_json_text(json_t *object)
{
	char *text = object ? json_dumps(object, JSON_FLAGS) : NULL;

	json_decref(object);
	return text;
}

json_t *phone_json_event(uint64_t t_ms, uint32_t line, const struct failover_event *event)
{
	return object_new(t_ms, line, failover_event_name(event->kind), members_json(event));
}

json_t *phone_json_call(uint64_t t_ms, uint32_t line, const struct phone_call_news *news)
{
	json_t *target = news->target ? target_json(news->target) : json_null();
	json_t *call = json_pack("{s:s, s:o, s:I}", "state", news->state, "target", target,
				 "status", (json_int_t)news->status);

	if (news->is_emergency)
		json_object_set_new(call, "emergency", json_true());
	return object_new(t_ms, line, "call", call);
}

/* A text from outside, which may be no UTF-8: null then. */
static json_t *foreign_json(const char *text)
{
	json_t *json = json_string(text);

	return json ? json : json_null();
}

static const char *subscription_state(uint32_t kind)
{
	switch ((enum failover_subscription_kind)kind) {
	case FAILOVER_SUBSCRIPTION_ACTIVE:
		return "active";
	case FAILOVER_SUBSCRIPTION_ENDED:
		return "ended";
	case FAILOVER_SUBSCRIPTION_FAILED:
		return "failed";
	case FAILOVER_SUBSCRIPTION_REFUSED:
		return "refused";
	case FAILOVER_SUBSCRIPTION_NOTIFY:
		break;
	}
	return "";
}

/* UINT32_MAX: not at this server. */
static json_t *again_json(const struct failover_subscription_news *news)
{
	return news->again_s == UINT32_MAX ? json_null() : json_integer(news->again_s);
}

json_t *phone_json_subscription(uint64_t t_ms, uint32_t line,
				const struct failover_subscription_news *news)
{
	if (news->kind == FAILOVER_SUBSCRIPTION_NOTIFY)
		return object_new(t_ms, line, "notify",
				  json_pack("{s:s, s:o, s:o, s:o, s:o}", "subscription", news->what,
					    "target", target_json(&news->target), "state",
					    foreign_json(news->state), "type",
					    foreign_json(news->type), "body",
					    foreign_json(news->body)));
	return object_new(t_ms, line, "subscription",
			  json_pack("{s:s, s:s, s:o, s:I, s:I, s:o}", "subscription", news->what,
				    "state", subscription_state(news->kind), "target",
				    target_json(&news->target), "status", (json_int_t)news->status,
				    "expires", (json_int_t)news->expires_s, "again",
				    again_json(news)));
}

json_t *phone_json_pin(uint64_t t_ms, uint32_t line, const struct failover_target *target)
{
	if (!target)
		return object_new(t_ms, line, "unpinned", json_object());
	return object_new(t_ms, line, "pinned", json_pack("{s:o}", "target", target_json(target)));
}

json_t *phone_json_network(uint64_t t_ms)
{
	return object_new(t_ms, 0, "network-changed", json_object());
}

static json_t *targets_json(const struct phone_names_news *news)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list && i < news->targets_count; i++)
		json_array_append_new(list, target_json(&news->targets[i]));
	return list;
}

json_t *phone_json_dns(uint64_t t_ms, uint32_t line, const struct phone_names_news *news)
{
	const struct failover_dns_news *dns = &news->dns;

	return object_new(t_ms, line, "dns",
			  json_pack("{s:s, s:s, s:o, s:s, s:s, s:I}", "name", dns->name, "state",
				    news->state, "targets", targets_json(news), "reason",
				    news->reason, "question", dns->question, "again",
				    (json_int_t)dns->seconds));
}
