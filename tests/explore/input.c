/* SPDX-License-Identifier: MIT */
/* input.c - what can happen in a state: answers, late ones too, silence, the user, the network. */
#include <string.h>
#include "explore.h"

/* An hour, and 50 days: more than 32 bits of ms hold. */
const uint64_t ex_jumps[EX_JUMPS] = { 3600000, UINT64_C(50) * 86400000 };

static const uint16_t statuses[] = {
	100, 180, 200, 401, 403, 423, 481, 482, 486, 487, 500, 503, 302
};

struct list {
	struct ex_input *inputs;
	unsigned count;
};

static void add(struct list *list, struct ex_input input)
{
	if (list->count < EX_INPUTS)
		list->inputs[list->count++] = input;
}

static void add_status(struct list *list, struct ex_input input, uint32_t status, unsigned flag)
{
	uint8_t i = 0;

	while (statuses[i] != status)
		i++;
	input.kind = EX_RESPONSE;
	input.arg = i;
	input.flag = flag & 0xf;
	add(list, input);
}

uint32_t ex_input_status(const struct ex_input *input)
{
	return input->kind == EX_RESPONSE ? statuses[input->arg] : 0;
}

/* ---- what can happen ---------------------------------------------------------------------- */

/* Every answer that a server may give to a request that waits for it. */
static void answers(struct list *list, const struct ex_world *world,
		    const struct fo_request *request, struct ex_input to)
{
	uint32_t restarts = world->config->may & EX_MAY_CHALLENGE ? FO_RESTARTS_MOST + 1u : 1u;

	if (request->state == FO_REQUEST_CALLING)
		add_status(list, to, 100, 0);
	add_status(list, to, 200, 0);
	if (request->restarts < restarts)
		add_status(list, to, 401, EX_RETRYING);
	add_status(list, to, 403, 0);
	if (request->method == FAILOVER_REGISTER)
		add_status(list, to, 500, 0);
	if (request->method == FAILOVER_REGISTER && (world->config->may & EX_MAY_MOVED))
		add_status(list, to, 302, 0);
	if (request->method == FAILOVER_REGISTER && (world->config->may & EX_MAY_MOVED) &&
	    request->state == FO_REQUEST_CALLING)
		add_status(list, to, 180, 0);
	if (request->method == FAILOVER_INVITE && (world->config->may & EX_MAY_MOVED))
		add_status(list, to, 503, EX_Q850);
	if (request->method == FAILOVER_INVITE)
		add_status(list, to, 503, 0);
	if (world->config->may & EX_MAY_RETRY_AFTER)
		add_status(list, to, 503, EX_RETRY_AFTER);
	if (request->method == FAILOVER_REGISTER && request->restarts < restarts)
		add_status(list, to, 423, EX_RETRYING);
	if (request->method == FAILOVER_REGISTER &&
	    ((request->flags & FO_REQUEST_VISIT) || world->config->may & EX_MAY_CHALLENGE)) {
		add_status(list, to, 401, EX_FAULT);
		add_status(list, to, 200, EX_FAULT);
	}
	if (request->method == FAILOVER_BYE)
		add_status(list, to, 481, 0);
	if (request->method != FAILOVER_INVITE)
		return;
	add_status(list, to, 180, 0);
	add_status(list, to, 482, 0);
	if (fo_request_emergency(request))
		add_status(list, to, 486, 0);
}

static void unreachables(struct list *list, const struct ex_world *world, struct ex_input to)
{
	uint8_t reason;

	to.kind = EX_UNREACHABLE;
	to.arg = FAILOVER_REASON_ICMP;
	add(list, to);
	if (!(world->config->may & EX_MAY_TRANSPORT) || to.slot != FO_SLOT_REGISTER)
		return;
	for (reason = FAILOVER_REASON_REFUSED; reason <= FAILOVER_REASON_LOCAL; reason++) {
		to.arg = reason;
		add(list, to);
	}
	to.arg = FAILOVER_REASON_UNSUPPORTED;
	add(list, to);
}

static void news(struct list *list, struct ex_world *world, uint8_t slot)
{
	const struct fo_request *request = &world->line->requests[slot];
	uint8_t i;

	if (!fo_request_running(request))
		return;
	for (i = 0; i < request->attempts; i++) {
		const struct fo_attempt *attempt = &fo_request_attempts(world->line, request)[i];
		struct ex_input to = { .slot = (unsigned)slot & 0xfu, .ordinal = attempt->ordinal };

		if (attempt->state == FO_ATTEMPT_CURRENT) {
			answers(list, world, request, to);
			unreachables(list, world, to);
		} else if (attempt->state != FO_ATTEMPT_OVER) {
			add_status(list, to, 180, 0);
			add_status(list, to, 200, 0);
			add_status(list, to, 487, 0);
			if (fo_request_emergency(request))
				add_status(list, to, 486, 0);
		}
	}
	if (slot >= FO_SLOTS_OWN && (world->config->may & EX_MAY_GIVE_UP))
		add(list, (struct ex_input){ .kind = EX_GIVE_UP, .slot = (unsigned)slot & 0xfu });
}

static void submits(struct list *list, struct ex_world *world)
{
	uint32_t may = world->config->may;
	unsigned places = (unsigned)strlen(world->config->registrars);
	struct ex_input input = { .kind = EX_SUBMIT };

	input.arg = FAILOVER_INVITE;
	if (may & EX_MAY_INVITE)
		add(list, input);
	input.flag = EX_HELP;
	if (may & EX_MAY_EMERGENCY)
		add(list, input);
	input.flag = 0;
	input.arg = FAILOVER_OPTIONS;
	if (may & EX_MAY_OPTIONS)
		add(list, input);
	input.arg = FAILOVER_OTHER;
	if (may & EX_MAY_OTHER)
		add(list, input);
	for (input.ordinal = 1; input.ordinal <= places; input.ordinal++) {
		input.arg = FAILOVER_INVITE;
		if (may & EX_MAY_REINVITE)
			add(list, input);
		input.arg = FAILOVER_BYE;
		if (may & EX_MAY_BYE)
			add(list, input);
	}
}

static void line_inputs(struct list *list, const struct ex_world *world)
{
	uint32_t may = world->config->may;
	uint8_t i;

	if (!world->watch.wanted || (may & EX_MAY_REGISTER_AGAIN))
		add(list, (struct ex_input){ .kind = EX_REGISTER });
	if ((may & EX_MAY_UNREGISTER) && world->watch.wanted)
		add(list, (struct ex_input){ .kind = EX_UNREGISTER });
	if (may & EX_MAY_NETWORK)
		add(list, (struct ex_input){ .kind = EX_NETWORK });
	if ((may & EX_MAY_TRANSPORT) && (world->line->flags & FO_LINE_REGISTERED))
		add(list, (struct ex_input){ .kind = EX_LOST });
	if (may & EX_MAY_CALLS)
		add(list, (struct ex_input){ .kind = EX_CALLS });
	if (may & EX_MAY_UPDATE)
		add(list, (struct ex_input){ .kind = EX_UPDATE });
	for (i = 0; (may & EX_MAY_GROUP) && world->config->registrars[i]; i++)
		if (i != world->watch.serving)
			add(list, (struct ex_input){ .kind = EX_GROUP, .arg = i });
	for (i = 0; (may & EX_MAY_DNS) && i < EX_LISTS && world->config->lists[i]; i++)
		if (i != world->watch.list)
			add(list, (struct ex_input){ .kind = EX_DNS, .arg = i });
}

unsigned ex_inputs(struct ex_world *world, struct ex_input *out)
{
	struct list list = { .inputs = out };
	uint8_t slot;
	int room = 0;

	if (ex_world_due(world) < FO_NEVER - 1) /* the last ms is not reached */
		add(&list, (struct ex_input){ .kind = EX_TICK });
	if ((world->config->may & EX_MAY_LATE_TICK) && ex_world_due(world) != FO_NEVER &&
	    ex_world_due(world) > ex_world_now(world))
		add(&list, (struct ex_input){ .kind = EX_AGE });
	for (slot = 0; slot < world->line->requests_max; slot++) {
		news(&list, world, slot);
		room |= slot >= FO_SLOTS_OWN &&
			world->line->requests[slot].state == FO_REQUEST_FREE;
	}
	if (room)
		submits(&list, world);
	line_inputs(&list, world);
	return list.count;
}

/* ---- making it happen --------------------------------------------------------------------- */

/* The time that the host tells: the engine's, or an earlier one. */
static uint64_t told(const struct ex_world *world)
{
	uint64_t now = ex_world_now(world);

	return now > world->back_ms ? now - world->back_ms : 0;
}

static void drain(struct ex_world *world)
{
	struct failover_output output;

	if (ex_step_most() > FO_OUTPUTS_PER_STEP(EX_SLOTS))
		ex_fail(world, "one step made %u outputs", ex_step_most());
	while (failover_poll(world->engine, &output))
		ex_watch_output(world, &output);
}

void ex_settle(struct ex_world *world)
{
	uint64_t now = ex_world_now(world);
	unsigned turns = 0;

	drain(world);
	while (failover_next_deadline(world->engine) <= now) {
		if (failover_next_deadline(world->engine) < now)
			ex_fail(world, "the next deadline has passed");
		if (++turns > 64) {
			ex_fail(world, "work is always due");
			return;
		}
		failover_handle_timeout(world->engine, now);
		drain(world);
	}
}

static uint64_t attempt_id(const struct ex_world *world, const struct ex_input *input)
{
	return fo_request_id(world->line, &world->line->requests[input->slot]) | input->ordinal;
}

static void respond(struct ex_world *world, const struct ex_input *input)
{
	uint32_t status = statuses[input->arg], verdict;
	struct failover_answer answer = {
		.size = sizeof(answer),
		.status = status,
		.retrying = input->flag & EX_RETRYING ? 1 : 0,
		.retry_after_s = input->flag & EX_RETRY_AFTER ? EX_RETRY_AFTER_S : 0,
		.flags = (input->flag & EX_Q850 ? FAILOVER_ANSWER_Q850 : 0u) |
			 (input->flag & EX_FAULT
				  ? FAILOVER_ANSWER_TAKEN_BEFORE | FAILOVER_ANSWER_UNBOUND
				  : 0u),
		.expires_s = status == 200 ? ex_expires_s(world->config) : 0,
		.min_expires_s = status == 423 ? ex_asked_s(world->config) : 0,
	};

	verdict = failover_response(world->engine, attempt_id(world, input), &answer, told(world));
	ex_watch_verdict(world, status, verdict);
}

static int submit(struct ex_world *world, const struct ex_input *input)
{
	struct failover_target dialog;
	struct failover_request_params params = { .size = sizeof(params),
						  .method = input->arg,
						  .cookie = 7,
						  .flags = input->flag & EX_HELP
								   ? FAILOVER_REQUEST_EMERGENCY
								   : 0u };
	uint64_t id;
	int error;

	if (input->ordinal) {
		dialog = ex_target(world->config, input->ordinal - 1u);
		params.dialog = &dialog;
	}
	error = failover_submit(world->engine, world->id, &params, told(world), &id);
	if (!error)
		ex_watch_submit(world, id);
	return error;
}

static int configure(struct ex_world *world, const struct ex_input *input)
{
	struct failover_target targets[EX_TARGETS];
	struct failover_line_params params;
	uint32_t expires[2];

	ex_params(world->config, input->kind == EX_UPDATE ? world->watch.list : input->arg, &params,
		  targets, expires);
	if (input->kind == EX_UPDATE)
		return failover_line_update(world->engine, world->id, &params, told(world));
	return failover_line_targets(world->engine, world->id, targets, params.targets_count,
				     told(world));
}

/* As fo_line_move() tells the others of a group. */
static void group_moved(struct ex_world *world, unsigned place)
{
	const struct fo_target *targets = fo_targets(world->line);
	struct failover_target to = ex_target(world->config, place);
	uint8_t slot = fo_target_find(world->engine, world->line, &to);

	fo_line_group_moved(world->engine, world->line, targets[world->line->serving].node,
			    targets[slot].node);
}

static int apply(struct ex_world *world, const struct ex_input *input)
{
	struct failover_engine *engine = world->engine;
	struct failover_target serving;
	uint64_t now = told(world);

	switch ((enum ex_kind)input->kind) {
	case EX_TICK:
		failover_handle_timeout(engine, ex_world_due(world));
		return FAILOVER_OK;
	case EX_AGE:
		fo_wheel_advance(&engine->wheel, ex_world_due(world));
		return FAILOVER_OK;
	case EX_RESPONSE:
		respond(world, input);
		return FAILOVER_OK;
	case EX_UNREACHABLE:
		failover_unreachable(engine, attempt_id(world, input), input->arg, now);
		return FAILOVER_OK;
	case EX_GIVE_UP:
		return failover_give_up(
			engine, fo_request_id(world->line, &world->line->requests[input->slot]),
			now);
	case EX_SUBMIT:
		return submit(world, input);
	case EX_REGISTER:
		return failover_register(engine, world->id, now);
	case EX_UNREGISTER:
		return failover_unregister(engine, world->id, now);
	case EX_NETWORK:
		return failover_network_changed(engine, now);
	case EX_DNS:
	case EX_UPDATE:
		return configure(world, input);
	case EX_LOST:
		serving = ex_target(world->config, world->watch.serving);
		failover_lost(engine, world->id, &serving, now);
		return FAILOVER_OK;
	case EX_GROUP:
		group_moved(world, input->arg);
		return FAILOVER_OK;
	case EX_CALLS:
		return failover_line_calls(engine, world->id, world->watch.busy, now);
	case EX_JUMP:
		failover_handle_timeout(engine, ex_world_now(world) + ex_jumps[input->arg]);
		return FAILOVER_OK;
	}
	return FAILOVER_ERR_ARGUMENT;
}

/* Outputs that nobody has taken yet fill the queue. */
static void jam(struct ex_world *world)
{
	while (fo_queue_has_room(&world->engine->queue))
		fo_queue_add(&world->engine->queue, FAILOVER_OUTPUT_EVENT);
}

static void input_apply(struct ex_world *world, struct ex_input input, int jammed)
{
	uint64_t random = world->engine->random, stale = world->engine->stale;
	int error;

	world->input = input;
	world->moves = 0;
	ex_watch_input(world);
	if (jammed)
		jam(world);
	error = apply(world, &input);
	if (jammed && error == FAILOVER_ERR_FULL) {
		drain(world); /* refused, nothing done: the user tries again */
		error = apply(world, &input);
	}
	if (error)
		ex_fail(world, "refused: error %d", error);
	if (world->engine->stale != stale)
		ex_fail(world, "news of a living attempt were taken for stale ones");
	if (input.kind == EX_AGE)
		drain(world);
	else
		ex_settle(world);
	world->engine->random = random;
	ex_watch_state(world);
}

void ex_input_apply(struct ex_world *world, struct ex_input input)
{
	input_apply(world, input, 0);
}

void ex_input_jammed(struct ex_world *world, struct ex_input input)
{
	input_apply(world, input, 1);
}

const char *ex_input_text(const struct ex_input *input, char *buffer, size_t size)
{
	static const char *const kinds[] = {
		"silence", "time passes",     "response",    "unreachable",	    "give up",
		"submit",  "register",	      "unregister",  "network changed",	    "DNS",
		"update",  "connection lost", "group moves", "a call more or less", "clock jumps"
	};

	if (input->kind == EX_RESPONSE)
		snprintf(buffer, size, "slot %u attempt %u: %u%s%s", input->slot, input->ordinal,
			 statuses[input->arg], input->flag & EX_RETRYING ? " (answered)" : "",
			 input->flag & EX_RETRY_AFTER ? " Retry-After"
			 : input->flag & EX_FAULT     ? " registrar's fault"
			 : input->flag & EX_Q850      ? " Q.850"
						      : "");
	else if (input->kind == EX_UNREACHABLE)
		snprintf(buffer, size, "slot %u attempt %u: unreachable, reason %u", input->slot,
			 input->ordinal, input->arg);
	else if (input->kind == EX_SUBMIT)
		snprintf(buffer, size, "submit method %u%s%.0u", input->arg,
			 input->ordinal ? " in a dialog at target " : "", input->ordinal);
	else if (input->kind == EX_DNS)
		snprintf(buffer, size, "DNS brings list %u", input->arg);
	else if (input->kind == EX_GIVE_UP)
		snprintf(buffer, size, "give up slot %u", input->slot);
	else
		snprintf(buffer, size, "%s", kinds[input->kind]);
	return buffer;
}
