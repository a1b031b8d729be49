/* SPDX-License-Identifier: MIT */
/*
 * plan.c - what would happen now: a copy of the line is asked, on a clock of its own, by the same
 * code as the line itself, and nobody answers. No rule stands here a second time.
 */
#include <string.h>
#include "attempt.h"
#include "engine.h"
#include "life.h"
#include "line/line.h"
#include "schedule.h"
#include "target.h"

#define OUTPUTS 128u /* room for a step of the largest line, as the smallest engine has */
#define METHODS (FO_SUBMIT_METHODS | FAILOVER_METHOD_BIT(FAILOVER_REGISTER))

struct world {
	struct failover_engine engine;
	struct fo_node nodes[FAILOVER_LIMIT_TARGETS];
	struct failover_output outputs[OUTPUTS], taken;
	struct fo_line line; /* and its arrays */
};

struct run {
	struct world *world;
	struct failover_plan *plan;
	const struct fo_request *request; /* whose plan it is */
	uint64_t id, now;
	uint64_t joined; /* the REGISTER that it waits for, 0 = none yet */
};

/* Its own copy of what is known of the addresses: equal ones stay equal (B4d). */
static void copy_nodes(struct world *world, const struct fo_node *nodes)
{
	struct fo_target *targets = fo_targets(&world->line);
	uint8_t i, k;

	for (i = 0; i < world->line.targets_max; i++) {
		world->nodes[i] = nodes[targets[i].node];
		world->nodes[i].references = targets[i].node; /* nobody counts them here */
		for (k = 0; world->nodes[k].references != targets[i].node;)
			k++;
		targets[i].node = k;
	}
}

/* Whoever waits for a result has taken it. */
static void take_results(struct fo_line *line)
{
	uint8_t i;

	for (i = 0; i < line->requests_max; i++)
		if (line->requests[i].state == FO_REQUEST_ENDED)
			line->requests[i].state = FO_REQUEST_FREE;
}

static struct world *world_new(const struct failover_engine *engine, const struct fo_line *line)
{
	size_t bytes = offsetof(struct world, line) + fo_line_bytes(line);
	struct world *world = engine->memory.alloc(engine->memory.user, bytes);

	if (!world)
		return NULL;
	world->engine = *engine;
	world->engine.queue = (struct fo_queue){ .ring = world->outputs,
						 .size = OUTPUTS,
						 .step = engine->queue.step };
	world->engine.health.nodes = world->nodes;
	world->engine.pace.interval = 0; /* how many lines move then is not known */
	world->engine.lines_size = 0;	 /* it is found by nobody */
	fo_wheel_init(&world->engine.wheel, engine->wheel.now);
	fo_line_copy(&world->line, line);
	memset(&world->line.timer, 0, sizeof(world->line.timer));
	copy_nodes(world, engine->health.nodes);
	take_results(&world->line);
	return world;
}

static void add(const struct run *run, const struct failover_plan_step *step)
{
	struct failover_plan *plan = run->plan;

	if (plan->steps_count < plan->steps_max)
		plan->steps[plan->steps_count] = *step;
	plan->steps_count++;
	if (step->kind == FAILOVER_PLAN_SEND || step->kind == FAILOVER_PLAN_REGISTER ||
	    step->kind == FAILOVER_PLAN_WAIT)
		plan->service_ms = step->at_ms; /* if this one answers */
}

static uint32_t index_of(const struct run *run, const struct failover_target *target)
{
	struct fo_line *line = &run->world->line;

	return fo_target_index(line, fo_target_find(&run->world->engine, line, target));
}

/* On TCP and TLS there is one (B3c). Else as many as the budget has room for: a count makes it that
 * long, unless 64*T1 end before (B3a, B3b). */
static uint32_t packets_of(const struct run *run, const struct failover_attempt *attempt)
{
	if (attempt->target.transport != FAILOVER_UDP)
		return 1;
	return fo_attempt_packets(&run->world->line, attempt->method, attempt->budget_ms);
}

static void take_attempt(struct run *run, const struct failover_attempt *attempt)
{
	const uint32_t other = FAILOVER_ATTEMPT_PROBE | FAILOVER_ATTEMPT_RELEASE;
	struct failover_plan_step step = {
		.kind = FAILOVER_PLAN_SEND,
		.method = attempt->method,
		.flags = attempt->flags,
		.target = index_of(run, &attempt->target),
		.transmissions = packets_of(run, attempt),
		.budget_ms = attempt->budget_ms,
		.at_ms = run->world->engine.wheel.now - run->now,
	};

	if (attempt->request != run->id) {
		if (run->request->state != FO_REQUEST_WAIT_REGISTER ||
		    attempt->method != FAILOVER_REGISTER || (attempt->flags & other))
			return;
		run->joined = attempt->request;
		step.kind = FAILOVER_PLAN_REGISTER;
	}
	add(run, &step);
}

static void take_event(const struct run *run, const struct failover_event *event)
{
	struct failover_plan_step step = {
		.kind = FAILOVER_PLAN_LEAVE,
		.method = event->method,
		.target = index_of(run, &event->target),
		.flags = event->flags,
		.at_ms = run->world->engine.wheel.now - run->now,
	};

	if (event->kind == FAILOVER_EVENT_UNAVAILABLE &&
	    (event->request == run->id || event->request == run->joined))
		add(run, &step);
}

/* Returns 1 when the request has ended. */
static int take(struct run *run, const struct failover_output *out)
{
	switch ((enum failover_output_kind)out->kind) {
	case FAILOVER_OUTPUT_ATTEMPT:
		take_attempt(run, &out->u.attempt);
		break;
	case FAILOVER_OUTPUT_EVENT:
		take_event(run, &out->u.event);
		break;
	case FAILOVER_OUTPUT_RESULT:
		return out->u.result.request == run->id;
	case FAILOVER_OUTPUT_ABANDON:
		break;
	}
	return 0;
}

/* The request starts, or joins what is under way. */
static int start(struct run *run, struct failover_request_params *params)
{
	struct failover_engine *engine = &run->world->engine;
	struct fo_line *line = &run->world->line;
	struct failover_target serving;
	uint8_t slot = FO_SLOT_REGISTER;

	fo_target_public(engine, line, line->serving, &serving);
	if (params->method == FAILOVER_BYE && !params->dialog)
		params->dialog = &serving;
	if (params->method != FAILOVER_REGISTER) {
		slot = fo_submit_slot(line);
		if (slot == line->requests_max)
			return FAILOVER_ERR_LIMIT;
		fo_submit(engine, line, slot, params);
	} else if (!(line->flags & FO_LINE_WANTED)) {
		fo_registration_anew(engine, line);
	} else if (!fo_line_registers(line)) {
		fo_registration_drop(engine, line); /* one for a call alone */
		fo_registration_due(engine, line);
	}
	run->request = &line->requests[slot];
	run->id = fo_request_id(line, run->request);
	return FAILOVER_OK;
}

/* What it waits for from the beginning: an attempt that is under way. */
static void add_wait(struct run *run, const struct fo_request *registers)
{
	const struct failover_engine *engine = &run->world->engine;
	uint64_t until = fo_request_deadline(registers, engine->wheel.now);
	struct failover_plan_step step = {
		.kind = FAILOVER_PLAN_WAIT,
		.method = FAILOVER_REGISTER,
		.target = fo_target_index(&run->world->line, registers->target),
		.flags = fo_attempt_flags(registers, registers->ordinal),
	};

	run->joined = fo_request_id(&run->world->line, registers);
	if (until > engine->wheel.now) /* else a leap of years has ended it (B19) */
		step.budget_ms = (uint32_t)(until - engine->wheel.now);
	add(run, &step);
}

/* Nobody answers: only time passes. */
static void play(struct run *run)
{
	struct failover_engine *engine = &run->world->engine;
	struct failover_output *out = &run->world->taken;
	uint64_t at;

	for (;;) {
		while (fo_queue_pop(&engine->queue, out))
			if (take(run, out))
				return;
		take_results(&run->world->line);
		if (fo_request_emergency(run->request) &&
		    run->request->state == FO_REQUEST_WAIT_TURN)
			return; /* B36d: each further round is like this one */
		fo_line_arm(engine, &run->world->line);
		at = fo_wheel_next(&engine->wheel);
		if (at == FO_NEVER) /* never: every request ends (B18) */
			return;
		fo_wheel_advance(&engine->wheel, at);
		if (fo_wheel_take(&engine->wheel)) /* it may be earlier than the timer */
			fo_line_due(engine, &run->world->line);
	}
}

int failover_plan(const struct failover_engine *engine, uint32_t id,
		  const struct failover_request_params *given, uint64_t now,
		  struct failover_plan *plan)
{
	const struct fo_line *line = fo_find_line(engine, id);
	struct failover_request_params params;
	struct run run = { .plan = plan };
	int error, under_way;

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	error = given && plan ? fo_submit_params(&params, given, METHODS) : FAILOVER_ERR_ARGUMENT;
	if (error)
		return error;
	run.world = world_new(engine, line);
	if (!run.world)
		return FAILOVER_ERR_MEMORY;
	if (fo_time_leaps(&run.world->engine.wheel, now))
		fo_line_age(&run.world->line, now);
	fo_wheel_advance(&run.world->engine.wheel, now);
	run.now = run.world->engine.wheel.now;
	under_way = fo_line_registers(line);
	plan->steps_count = 0;
	error = start(&run, &params);
	if (!error) {
		if (under_way && (params.method == FAILOVER_REGISTER ||
				  run.request->state == FO_REQUEST_WAIT_REGISTER))
			add_wait(&run, fo_line_own(&run.world->line, FO_SLOT_REGISTER));
		play(&run);
		plan->fails_ms = run.world->engine.wheel.now - run.now;
	}
	engine->memory.release(engine->memory.user, run.world);
	return error;
}
