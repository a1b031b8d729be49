/* SPDX-License-Identifier: MIT */
/* act.c - one act of a plan: told to the oracle, then done. */
#include <string.h>
#include "tests/sim/fleet.h"

/* What to register for; the list as the configuration has it. */
static void line_params(const struct fleet *fleet, const struct failover_line_settings *settings,
			struct failover_line_params *params, struct failover_target *targets,
			uint32_t *expires)
{
	struct scenario *world = (struct scenario *)(uintptr_t)&fleet->plan->world;
	uint32_t i;

	memset(params, 0, sizeof(*params));
	params->size = sizeof(*params);
	params->registrars = world->registrars_count;
	params->max_targets = FAILOVER_LIMIT_TARGETS;
	params->targets_count = scenario_targets(world, targets, FAILOVER_LIMIT_TARGETS);
	params->targets = targets;
	for (i = 0; i < world->registrars_count; i++)
		expires[i] = world->registrars[i].expires_s;
	params->expires_s = expires;
	params->settings = *settings;
}

int fleet_line_add(struct fleet *fleet, uint32_t line)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t expires[FAILOVER_LIMIT_REGISTRARS];
	struct failover_line_params params;
	int rc;

	if (fleet->lines[line])
		return 0;
	line_params(fleet, &fleet->plan->world.settings, &params, targets, expires);
	fleet->building = 1;
	rc = failover_line_add(fleet->engine, &params, fleet->now_ms, &fleet->lines[line]);
	fleet->building = 0;
	if (!rc)
		oracle_line_add(fleet->oracle, fleet->lines[line], &params, fleet->now_ms);
	return rc;
}

static void submit(struct fleet *fleet, uint32_t line, uint32_t method, uint32_t call,
		   const struct failover_target *dialog, uint32_t flags)
{
	struct failover_request_params params = { .size = sizeof(params),
						  .method = method,
						  .flags = flags };
	struct fleet_request *request;
	int rc;

	fleet->requests = grow(fleet->requests, fleet->requests_count, &fleet->requests_room,
			       sizeof(*fleet->requests));
	request = &fleet->requests[fleet->requests_count];
	memset(request, 0, sizeof(*request));
	request->method = method;
	request->line = line;
	request->call = call;
	params.cookie = call ? fleet_cookie(fleet, call - 1) : (1ull << 32) + fleet->requests_count;
	params.dialog = dialog;
	fleet->building = flags != 0; /* B36f: room is made */
	rc = failover_submit(fleet->engine, fleet->lines[line], &params, fleet->now_ms,
			     &request->id);
	fleet->building = 0;
	if (rc == FAILOVER_ERR_LIMIT && !flags)
		return; /* the line has as many as it may have */
	if (rc) {
		fleet_fail(fleet, "API", "submit: %s", failover_strerror(rc));
		return;
	}
	fleet->requests_count++;
	fleet->totals->user_requests++;
	if (call && method == FAILOVER_INVITE)
		fleet->calls[call - 1].invite = request->id;
	oracle_submit(fleet->oracle, fleet->lines[line], &params, request->id, fleet->now_ms);
}

static void hangup(struct fleet *fleet, uint32_t number)
{
	struct fleet_call *call = &fleet->calls[number];

	if (!call->invite)
		return;
	if (!call->ended) {
		oracle_give_up(fleet->oracle, call->invite, fleet->now_ms);
		if (failover_give_up(fleet->engine, call->invite, fleet->now_ms))
			fleet_fail(fleet, "B6c", "a request that is alive cannot be given up");
	} else if (call->up && !call->bye && fleet->lines[call->line]) {
		size_t before = fleet->requests_count;

		submit(fleet, call->line, FAILOVER_BYE, number + 1, &call->target, 0);
		call->bye = fleet->requests_count > before;
		call->over = 1;
		fleet->calls_changed |= 1u << call->line;
	}
}

void fleet_calls_tell(struct fleet *fleet)
{
	uint32_t line, count, i;

	for (line = 0; line < FLEET_LINES; line++) {
		if (!(fleet->calls_changed >> line & 1) || !fleet->lines[line])
			continue;
		for (count = i = 0; i < fleet->plan->calls_count; i++)
			count += fleet->calls[i].line == line && fleet->calls[i].up &&
				 !fleet->calls[i].over;
		oracle_calls(fleet->oracle, fleet->lines[line], count, fleet->now_ms);
		failover_line_calls(fleet->engine, fleet->lines[line], count, fleet->now_ms);
	}
	fleet->calls_changed = 0;
}

static void call_act(struct fleet *fleet, const struct fleet_act *act)
{
	struct fleet_call *call = &fleet->calls[act->index];

	if (!fleet->lines[act->line])
		return;
	call->line = act->line;
	submit(fleet, act->line, FAILOVER_INVITE, act->index + 1, NULL,
	       act->kind == ACT_EMERGENCY ? FAILOVER_REQUEST_EMERGENCY : 0);
}

static void update(struct fleet *fleet, const struct fleet_act *act)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t expires[FAILOVER_LIMIT_REGISTRARS], id = fleet->lines[act->line];
	struct failover_line_params params;
	int rc;

	if (!id)
		return;
	line_params(fleet, &fleet->plan->settings[act->index], &params, targets, expires);
	oracle_line_update(fleet->oracle, id, &params, fleet->now_ms);
	fleet->building = 1;
	rc = failover_line_update(fleet->engine, id, &params, fleet->now_ms);
	fleet->building = 0;
	if (rc)
		fleet_fail(fleet, "API", "update: %s", failover_strerror(rc));
}

/* DNS: nodes of the plan, or (index UINT32_MAX) the whole list. */
static void targets_act(struct fleet *fleet, const struct fleet_act *act)
{
	struct scenario *world = (struct scenario *)(uintptr_t)&fleet->plan->world;
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	const struct fleet_list *list;
	uint32_t id = fleet->lines[act->line], count, i, r;
	int rc;

	if (!id)
		return;
	if (act->index == UINT32_MAX) {
		count = scenario_targets(world, targets, FAILOVER_LIMIT_TARGETS);
	} else {
		list = &fleet->plan->lists[act->index];
		for (count = r = 0; r < (world->proxies_count ? world->registrars_count : 1); r++) {
			for (i = 0; i < list->count; i++) {
				targets[count] = world->nodes[list->nodes[i]].target;
				if (world->proxies_count)
					targets[count].registrar = (uint8_t)r;
				count++;
			}
		}
	}
	oracle_line_targets(fleet->oracle, id, targets, count, fleet->now_ms);
	fleet->building = 1;
	rc = failover_line_targets(fleet->engine, id, targets, count, fleet->now_ms);
	fleet->building = 0;
	if (rc)
		fleet_fail(fleet, "API", "targets: %s", failover_strerror(rc));
}

/* Ids that name nothing: an answered attempt, one with bits changed, an invented one (B7c). */
static void stale_act(struct fleet *fleet)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 503 };
	struct failover_line_state before = { .size = sizeof(before) }, after = before;
	struct failover_output out;
	uint64_t id = fleet_random(&fleet->random);
	uint32_t i;

	for (i = 0; i < FLEET_LINES; i++) {
		if (!fleet->lines[i])
			continue;
		failover_line_state(fleet->engine, fleet->lines[i], &before);
		if (fleet->old_count)
			id = fleet->old_attempts[fleet_below(&fleet->random, fleet->old_count)] ^
			     (1ull + fleet_below(&fleet->random, 3)) << 62;
		failover_response(fleet->engine, id, &answer, fleet->now_ms);
		failover_unreachable(fleet->engine, id, FAILOVER_REASON_ICMP, fleet->now_ms);
		failover_sent(fleet->engine, id, fleet->now_ms);
		failover_give_up(fleet->engine, id, fleet->now_ms);
		if (mutant_strikes(fleet, MUTANT_STALE_CHANGES))
			failover_register(fleet->engine, fleet->lines[i], fleet->now_ms);
		failover_line_state(fleet->engine, fleet->lines[i], &after);
		if (memcmp(&before, &after, sizeof(before)) || failover_poll(fleet->engine, &out))
			fleet_fail(fleet, "B7c", "news for an id that is not alive changes a line");
	}
}

/* Told to the oracle with what the engine said to it. */
static void person_act(struct fleet *fleet, enum fleet_act_kind kind, uint32_t id)
{
	static const enum oracle_input inputs[] = { INPUT_PROBE, INPUT_FAILBACK, INPUT_PIN,
						    INPUT_UNPIN };
	uint64_t now = fleet->now_ms;
	int rc;

	if (kind == ACT_PROBE)
		rc = failover_probe(fleet->engine, id, now);
	else if (kind == ACT_FAILBACK)
		rc = failover_failback(fleet->engine, id, now);
	else
		rc = failover_pin(fleet->engine, id, kind == ACT_PIN, now);
	oracle_asked(fleet->oracle, inputs[kind - ACT_PROBE], id, rc, now);
}

static void begin_at(struct fleet *fleet, const struct fleet_act *act, uint32_t id)
{
	const struct failover_target *target = &fleet->plan->world.nodes[act->node].target;
	int rc = failover_begin_at(fleet->engine, id, target, fleet->now_ms);

	oracle_begin_at(fleet->oracle, id, target, rc, fleet->now_ms);
}

static void line_act(struct fleet *fleet, const struct fleet_act *act)
{
	uint32_t *id = &fleet->lines[act->line];
	uint64_t now = fleet->now_ms;

	if (!*id)
		return;
	if (act->kind == ACT_REGISTER) {
		oracle_act(fleet->oracle, INPUT_REGISTER, *id, now);
		failover_register(fleet->engine, *id, now);
	} else if (act->kind == ACT_UNREGISTER) {
		oracle_act(fleet->oracle, INPUT_UNREGISTER, *id, now);
		failover_unregister(fleet->engine, *id, now);
	} else if (act->kind == ACT_REMOVE) {
		oracle_act(fleet->oracle, INPUT_REMOVE, *id, now);
		fleet->building = 1;
		failover_line_remove(fleet->engine, *id, now);
		fleet->building = 0;
		*id = 0;
	} else if (act->kind == ACT_BEGIN_AT) {
		begin_at(fleet, act, *id);
	} else if (act->kind >= ACT_PROBE) {
		person_act(fleet, (enum fleet_act_kind)act->kind, *id);
	} else if (act->kind == ACT_HEARD) {
		fleet->sim->server_calls(fleet->inst, fleet->numbers[act->node], *id);
	} else {
		submit(fleet, act->line,
		       act->kind == ACT_OPTIONS ? FAILOVER_OPTIONS : FAILOVER_OTHER, 0, NULL, 0);
	}
}

void fleet_act(struct fleet *fleet, const struct fleet_act *act)
{
	const struct fleet_plan *plan = fleet->plan;
	uint32_t server = fleet->numbers[act->node], i;

	if (act->fault < FAULT_COUNT)
		fleet->totals->faults[act->fault]++;
	switch ((enum fleet_act_kind)act->kind) {
	case ACT_REGISTER:
	case ACT_UNREGISTER:
	case ACT_REMOVE:
	case ACT_OPTIONS:
	case ACT_MESSAGE:
	case ACT_HEARD:
	case ACT_PROBE:
	case ACT_FAILBACK:
	case ACT_PIN:
	case ACT_UNPIN:
	case ACT_BEGIN_AT:
		line_act(fleet, act);
		break;
	case ACT_NETWORK:
		oracle_act(fleet->oracle, INPUT_NETWORK, 0, fleet->now_ms);
		failover_network_changed(fleet->engine, fleet->now_ms);
		break;
	case ACT_ADD:
		fleet_line_add(fleet, act->line);
		break;
	case ACT_CALL:
	case ACT_EMERGENCY:
		call_act(fleet, act);
		break;
	case ACT_HANGUP:
		hangup(fleet, act->index);
		break;
	case ACT_UPDATE:
		update(fleet, act);
		break;
	case ACT_TARGETS:
		targets_act(fleet, act);
		break;
	case ACT_SERVER:
		fleet->sim->server_set(fleet->inst, server, &plan->behaviours[act->index]);
		break;
	case ACT_FORGET:
		fleet->sim->server_forget(fleet->inst, server);
		break;
	case ACT_LINK:
		fleet->sim->link_set(fleet->inst, server, &plan->links[act->index]);
		break;
	case ACT_CLOSES:
		for (i = 0; i < FLEET_LINES; i++)
			if (fleet->lines[i])
				fleet->sim->server_closes(fleet->inst, server, fleet->lines[i]);
		break;
	case ACT_STALE:
		stale_act(fleet);
		break;
	}
}

/* The application's part: a call that was answered 2xx is up, until its BYE. */
void fleet_result(struct fleet *fleet, const struct failover_result *result)
{
	int ok = result->outcome == FAILOVER_OUTCOME_ANSWERED && result->status < 300;
	struct fleet_request *request;
	struct fleet_call *call;
	size_t i;

	fleet->totals->requests++;
	for (i = fleet->requests_count; i > 0; i--)
		if (fleet->requests[i - 1].id == result->request)
			break;
	if (!i)
		return;
	request = &fleet->requests[i - 1];
	request->ended++;
	if (!request->call)
		return;
	call = &fleet->calls[request->call - 1];
	if (request->method == FAILOVER_INVITE) {
		call->ended = 1;
		call->up = ok;
		call->target = result->target;
		fleet->totals->calls_up += ok;
		fleet->calls_changed |= (uint32_t)ok << call->line;
	} else {
		call->bye_answered = result->outcome == FAILOVER_OUTCOME_ANSWERED;
	}
}
