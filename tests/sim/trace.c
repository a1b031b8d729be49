/* SPDX-License-Identifier: MIT */
/*
 * trace.c - the hash of all that a run shows, the same on every machine (FNV-1a over numbers, low
 * byte first), and the same as text for people.
 */
#include "tests/sim/fleet.h"

#define FNV_PRIME 0x100000001b3u

static void add(struct fleet *fleet, uint64_t number)
{
	unsigned int i;

	for (i = 0; i < 8; i++, number >>= 8)
		fleet->hash = (fleet->hash ^ (number & 0xff)) * FNV_PRIME;
}

static void add_target(struct fleet *fleet, const struct failover_target *target)
{
	unsigned int i;

	for (i = 0; i < sizeof(target->address); i++)
		fleet->hash = (fleet->hash ^ target->address[i]) * FNV_PRIME;
	add(fleet, (uint64_t)target->port << 32 | (uint64_t)target->family << 24 |
			   (uint64_t)target->transport << 16 | (uint64_t)target->registrar << 8 |
			   target->hop);
}

static void add_attempt(struct fleet *fleet, const struct failover_attempt *a)
{
	add(fleet, a->id);
	add(fleet, a->request);
	add(fleet, a->cookie);
	add(fleet, a->related);
	add_target(fleet, &a->target);
	add(fleet, (uint64_t)a->method << 32 | a->flags);
	add(fleet, (uint64_t)a->dialog << 32 | a->expires_s);
	add(fleet, (uint64_t)a->transmissions << 32 | a->budget_ms);
	add(fleet, (uint64_t)a->line << 32 | a->ordinal);
}

static void add_result(struct fleet *fleet, const struct failover_result *r)
{
	uint32_t i;

	add(fleet, r->request);
	add(fleet, r->attempt);
	add_target(fleet, &r->target);
	add(fleet, (uint64_t)r->method << 32 | r->outcome);
	add(fleet, (uint64_t)r->status << 32 | r->flags);
	for (i = 0; i < r->reports_count; i++) {
		add_target(fleet, &r->reports[i].target);
		add(fleet, (uint64_t)r->reports[i].reason << 32 | r->reports[i].status);
	}
}

static void add_event(struct fleet *fleet, const struct failover_event *e)
{
	add(fleet, (uint64_t)e->kind << 32 | e->line);
	add(fleet, e->request);
	add(fleet, e->attempt);
	add_target(fleet, &e->target);
	add_target(fleet, &e->from);
	add(fleet, (uint64_t)e->status << 32 | e->reason);
	add(fleet, (uint64_t)e->transmissions << 32 | e->elapsed_ms);
	add(fleet, (uint64_t)e->seconds << 32 | e->flags);
	add(fleet, (uint64_t)e->direction << 32 | e->method);
}

static void say(struct fleet *fleet, const char *what, const char *text)
{
	fprintf(fleet->trace, "%6llu.%03u %s %s\n", (unsigned long long)fleet->now_ms / 1000,
		(unsigned)(fleet->now_ms % 1000), what, text);
}

static void say_output(struct fleet *fleet, const struct failover_output *out)
{
	char text[256], target[80];
	const struct failover_attempt *a = &out->u.attempt;
	const struct failover_result *r = &out->u.result;

	switch ((enum failover_output_kind)out->kind) {
	case FAILOVER_OUTPUT_ATTEMPT:
		snprintf(text, sizeof(text), "%016llx line %u %s to %s flags %x budget %u",
			 (unsigned long long)a->id, (unsigned)a->line,
			 failover_method_text(a->method),
			 failover_target_text(&a->target, target, sizeof(target)),
			 (unsigned)a->flags, (unsigned)a->budget_ms);
		say(fleet, "ATTEMPT", text);
		break;
	case FAILOVER_OUTPUT_ABANDON:
		snprintf(text, sizeof(text), "%016llx reason %u",
			 (unsigned long long)out->abandoned, (unsigned)out->reason);
		say(fleet, "ABANDON", text);
		break;
	case FAILOVER_OUTPUT_RESULT:
		snprintf(text, sizeof(text), "%016llx line %u %s outcome %u status %u reports %u",
			 (unsigned long long)r->request, (unsigned)r->line,
			 failover_method_text(r->method), (unsigned)r->outcome, (unsigned)r->status,
			 (unsigned)r->reports_count);
		say(fleet, "RESULT", text);
		break;
	case FAILOVER_OUTPUT_EVENT:
		failover_event_text(&out->u.event, text, sizeof(text));
		say(fleet, "event", text);
		break;
	}
}

static void add_output(struct fleet *fleet, const struct failover_output *out)
{
	add(fleet, fleet->now_ms << 8 | out->kind);
	switch ((enum failover_output_kind)out->kind) {
	case FAILOVER_OUTPUT_ATTEMPT:
		add_attempt(fleet, &out->u.attempt);
		break;
	case FAILOVER_OUTPUT_ABANDON:
		add(fleet, out->abandoned);
		add(fleet, out->reason);
		break;
	case FAILOVER_OUTPUT_RESULT:
		add_result(fleet, &out->u.result);
		break;
	case FAILOVER_OUTPUT_EVENT:
		add_event(fleet, &out->u.event);
		break;
	}
}

void trace_output(struct fleet *fleet, const struct failover_output *out)
{
	if (fleet->hashed)
		add_output(fleet, out);
	if (fleet->trace)
		say_output(fleet, out);
}

void trace_packet(struct fleet *fleet, const struct failover_sim_packet *packet)
{
	char text[256];

	if (fleet->hashed) {
		add(fleet, packet->branch);
		add(fleet,
		    (uint64_t)packet->kind << 48 | (uint64_t)packet->method << 32 | packet->status);
	}
	if (fleet->trace)
		say(fleet, packet->kind == FAILOVER_SIM_REQUEST ? "->" : "<-",
		    fleet->sim->text(packet, text, sizeof(text)));
}

void trace_act(struct fleet *fleet, const struct fleet_act *act)
{
	char text[256];

	if (!fleet->trace)
		return;
	plan_act_text(fleet->plan, act, text, sizeof(text));
	say(fleet, "act", text);
}
