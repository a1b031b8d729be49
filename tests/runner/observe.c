/* SPDX-License-Identifier: MIT */
/* observe.c - packets, events and results become items. */
#include <string.h>
#include "tests/runner/play.h"

static const char *const packet_methods[FAILOVER_SIM_METHODS] = {
	"?", "REGISTER", "INVITE", "BYE", "OPTIONS", "CANCEL", "MESSAGE", "ACK",
};

static const char *target_name(struct play *play, const struct failover_target *target)
{
	const struct node *node = node_at(play->scenario, target);

	return node ? node->name : "nowhere";
}

static struct item *seen_add(struct play *play, const char *head)
{
	uint64_t now_ms = play->sim->now(play->inst);

	return item_add(&play->seen, now_ms, now_ms, head);
}

static void seen_done(struct play *play, const struct item *item)
{
	if (!play->trace)
		return;
	fputs("expect ", play->trace);
	item_print(play->trace, item);
	fputc('\n', play->trace);
}

static void number_field(struct item *item, const char *key, uint32_t value)
{
	if (value)
		item_field(item, key, "%u", (unsigned)value);
}

static const char *transport_text(uint32_t transport)
{
	return transport == FAILOVER_TLS ? "tls" : transport == FAILOVER_TCP ? "tcp" : "udp";
}

static void packet_fields(struct play *play, struct item *item,
			  const struct failover_sim_packet *packet)
{
	if (packet->ruri)
		item_field(item, "ruri", "%s", packet->ruri);
	item_field(item, "line", "%u", (unsigned)play_line_number(play, packet->line));
	item_field(item, "callid", "%012llx", (unsigned long long)(packet->call_id >> 16));
	item_field(item, "cseq", "%u", (unsigned)packet->cseq);
	item_field(item, "branch", "%012llx", (unsigned long long)(packet->branch >> 16));
	item_field(item, "tag", "%08x", (unsigned)packet->from_tag);
	if (packet->to_tag)
		item_field(item, "totag", "%08x", (unsigned)packet->to_tag);
	if (packet->has_expires)
		item_field(item, "expires", "%u", (unsigned)packet->expires_s);
	if (packet->kind == FAILOVER_SIM_REQUEST)
		item_field(item, "transport", "%s", transport_text(packet->target.transport));
	number_field(item, "transmission", packet->transmission);
	number_field(item, "min-expires", packet->min_expires_s);
	number_field(item, "retry-after", packet->retry_after_s);
	number_field(item, "realm", packet->realm);
	if (packet->nonce)
		item_field(item, "nonce", "%u", (unsigned)packet->nonce);
	number_field(item, "stale", packet->stale);
}

void play_packet(void *user, const struct failover_sim_packet *packet)
{
	struct play *play = user;
	const char *name = target_name(play, &packet->target);
	const char *method = packet_methods[packet->method % FAILOVER_SIM_METHODS];
	char head[64];
	struct item *item;

	if (packet->kind != FAILOVER_SIM_REQUEST &&
	    !(play->scenario->watch & SCENARIO_WATCH_RESPONSES))
		return;
	if (packet->kind == FAILOVER_SIM_REQUEST)
		snprintf(head, sizeof(head), "-> %s %s", name, method);
	else if (packet->kind == FAILOVER_SIM_RESPONSE)
		snprintf(head, sizeof(head), "<- %s %u %s", name, (unsigned)packet->status, method);
	else
		snprintf(head, sizeof(head), "<- %s unreachable %s", name, method);
	item = seen_add(play, head);
	packet_fields(play, item, packet);
	seen_done(play, item);
}

static void flag_fields(struct item *item, uint32_t flags)
{
	number_field(item, "last", !!(flags & FAILOVER_ATTEMPT_LAST));
	number_field(item, "probe", !!(flags & FAILOVER_ATTEMPT_PROBE));
	number_field(item, "in-dialog", !!(flags & FAILOVER_ATTEMPT_IN_DIALOG));
	number_field(item, "keepalive", !!(flags & FAILOVER_ATTEMPT_KEEPALIVE));
	number_field(item, "resent", !!(flags & FAILOVER_ATTEMPT_RESENT));
	number_field(item, "emergency", !!(flags & FAILOVER_ATTEMPT_EMERGENCY));
	number_field(item, "release", !!(flags & FAILOVER_ATTEMPT_RELEASE));
}

static void reasons_field(struct item *item, const struct failover_attempt_report *reports,
			  uint32_t count)
{
	char text[256] = "", one[24];
	size_t used = 0;
	uint32_t i;

	for (i = 0; i < count && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? "," : "",
					 failover_reason_text(reports[i].reason, reports[i].status,
							      one, sizeof(one)));
	item_field(item, "reasons", "%s", text);
}

static void event_details(struct play *play, struct item *item, const struct failover_event *event)
{
	char reason[24];

	if (event->reason)
		item_field(
			item, "reason", "%s",
			failover_reason_text(event->reason, event->status, reason, sizeof(reason)));
	switch ((enum failover_event_kind)event->kind) {
	case FAILOVER_EVENT_RESPONSE:
		item_field(item, "status", "%u", (unsigned)event->status);
		break;
	case FAILOVER_EVENT_UNAVAILABLE:
		item_field(item, "transmissions", "%u", (unsigned)event->transmissions);
		item_field(item, "elapsed", "%u", (unsigned)event->elapsed_ms);
		break;
	case FAILOVER_EVENT_REGISTERED:
		item_field(item, "expires", "%u", (unsigned)event->seconds);
		break;
	case FAILOVER_EVENT_CONNECTION_LOST:
	case FAILOVER_EVENT_NO_OPTIONS:
	case FAILOVER_EVENT_MOVE_HELD:
	case FAILOVER_EVENT_PROBE_GOOD:
	case FAILOVER_EVENT_UNREGISTERED:
		item_field(item, "retry", "%u", (unsigned)event->seconds);
		break;
	case FAILOVER_EVENT_MOVED:
		item_field(item, "from", "%s", target_name(play, &event->from));
		item_field(item, "kind", "%s",
			   event->direction == FAILOVER_FAILBACK ? "failback" : "failover");
		break;
	case FAILOVER_EVENT_REQUEST_FAILED:
		reasons_field(item, event->reports, event->reports_count);
		break;
	case FAILOVER_EVENT_ATTEMPT:
	case FAILOVER_EVENT_PROBE_FAILED:
	case FAILOVER_EVENT_GIVEN_UP:
	case FAILOVER_EVENT_BAD_ANSWER: /* of a wire: there is none here */
		break;
	}
}

static int event_is_watched(const struct scenario *scenario, uint32_t kind)
{
	if (kind == FAILOVER_EVENT_ATTEMPT)
		return scenario->watch & SCENARIO_WATCH_ATTEMPT;
	if (kind == FAILOVER_EVENT_RESPONSE)
		return scenario->watch & SCENARIO_WATCH_RESPONSE;
	return 1;
}

void play_event(void *user, const struct failover_event *event)
{
	struct play *play = user;
	char head[64];
	struct item *item;

	if (!event_is_watched(play->scenario, event->kind))
		return;
	snprintf(head, sizeof(head), "event %s", failover_event_name(event->kind));
	item = seen_add(play, head);
	item_field(item, "line", "%u", (unsigned)play_line_number(play, event->line));
	if (event->method)
		item_field(item, "method", "%s", failover_method_text(event->method));
	if (event->target.family)
		item_field(item, "target", "%s", target_name(play, &event->target));
	event_details(play, item, event);
	if (event->kind == FAILOVER_EVENT_ATTEMPT)
		flag_fields(item, event->flags);
	seen_done(play, item);
}

static const char *outcome_text(uint32_t outcome)
{
	switch ((enum failover_outcome)outcome) {
	case FAILOVER_OUTCOME_ANSWERED:
		return "answered";
	case FAILOVER_OUTCOME_FAILED:
		return "failed";
	case FAILOVER_OUTCOME_GIVEN_UP:
		return "given-up";
	}
	return "?";
}

static struct play_request *request_of(struct play *play, uint64_t id)
{
	uint32_t i;

	for (i = 0; i < play->requests_count; i++)
		if (play->requests[i].id == id)
			return &play->requests[i];
	return NULL;
}

void play_result(void *user, const struct failover_result *result)
{
	struct play *play = user;
	struct play_request *request = request_of(play, result->request);
	char head[64];
	struct item *item;

	if (request) {
		request->ended++;
		request->target = result->target;
		request->up = request->method == FAILOVER_INVITE &&
			      result->outcome == FAILOVER_OUTCOME_ANSWERED && result->status < 300;
		if (request->up)
			play_calls_tell(play, request->line);
	} else if (!(play->scenario->watch & SCENARIO_WATCH_RESULTS)) {
		return;
	}
	snprintf(head, sizeof(head), "result %s %s", failover_method_text(result->method),
		 outcome_text(result->outcome));
	item = seen_add(play, head);
	item_field(item, "line", "%u", (unsigned)play_line_number(play, result->line));
	number_field(item, "status", result->status);
	if (result->target.family)
		item_field(item, "target", "%s", target_name(play, &result->target));
	item_field(item, "attempts", "%u", (unsigned)result->reports_count);
	reasons_field(item, result->reports, result->reports_count);
	seen_done(play, item);
}
