/* SPDX-License-Identifier: MIT */
/*
 * leave.c - how a line goes: its calls are hung up, then its registration is removed, then it is
 * forgotten. One that changes its account or its servers has its registration removed, and goes on.
 * Each stage is bounded, so that a dead server delays nothing for long.
 */
#include "phone.h"

#include <stdlib.h>

void phone_line_touch(struct phone *phone, struct phone_line *line)
{
	if (line->stage == LINE_STAYS || line->touched)
		return;
	line->touched = 1;
	TAILQ_INSERT_TAIL(&phone->touched, line, touched_entries);
}

/* The list stays in order of time: every stage lasts as long as any other. */
static void stage_enter(struct phone *phone, struct phone_line *line, enum phone_line_stage stage)
{
	if (line->stage != LINE_STAYS)
		TAILQ_REMOVE(&phone->leaving, line, leaving_entries);
	line->stage = stage;
	line->stage_until = phone_now(phone) + PHONE_LEAVE_STAGE_MS;
	TAILQ_INSERT_TAIL(&phone->leaving, line, leaving_entries);
	phone_line_touch(phone, line);
}

void phone_line_leave(struct phone *phone, struct phone_line *line)
{
	stage_enter(phone, line, LINE_HANGS_UP);
	free(line->change);
	line->change = NULL;
	phone_subscriptions_end(phone, line);
	while (phone_call_hangup(phone, line) == 0)
		phone_stack_turn(phone); /* many lines: outputs must not pile up */
	phone_map_take(&phone->lines_by_number, line->number);
	line->config = NULL;
}

static int line_is_bound(const struct phone *phone, const struct phone_line *line)
{
	struct failover_line_state state = { .size = sizeof(state) };

	return failover_line_state(phone->engine, line->id, &state) == 0 &&
	       (state.registered || state.registering);
}

int phone_line_change(struct phone *phone, struct phone_line *line,
		      const struct phone_line_plan *plan)
{
	if (!line->change && !line_is_bound(phone, line))
		return phone_line_update(phone, line, plan);
	if (!line->change)
		line->change = malloc(sizeof(*line->change));
	if (!line->change)
		return FAILOVER_ERR_MEMORY;
	*line->change = *plan;
	line->change->names = NULL; /* the caller's */
	if (line->stage == LINE_CHANGES)
		return 0;
	failover_unregister(phone->engine, line->id, phone_now(phone));
	phone_stack_turn(phone);
	stage_enter(phone, line, LINE_CHANGES);
	return 0;
}

static void change_end(struct phone *phone, struct phone_line *line)
{
	struct phone_line_plan *plan = line->change;
	int error;

	TAILQ_REMOVE(&phone->leaving, line, leaving_entries);
	line->stage = LINE_STAYS;
	line->change = NULL;
	error = phone_line_update(phone, line, plan);
	if (error == 0)
		error = failover_register(phone->engine, line->id, phone_now(phone));
	phone_stack_turn(phone);
	if (error != 0)
		fprintf(stderr, PHONE_PROGRAM ": line %u: %s\n", (unsigned)line->number,
			failover_strerror(error));
	free(plan);
}

static int line_is_idle(const struct phone *phone, const struct phone_line *line)
{
	struct failover_line_state state = { .size = sizeof(state) };

	if (failover_line_state(phone->engine, line->id, &state) != 0)
		return 1;
	return !state.registered && !state.registering && !state.probing && state.requests == 0;
}

void phone_line_free(struct phone *phone, struct phone_line *line)
{
	/* First what the engine still has to say about it. */
	failover_line_remove(phone->engine, line->id, phone_now(phone));
	phone_stack_turn(phone);
	while (!TAILQ_EMPTY(&line->calls))
		phone_call_free(phone, TAILQ_FIRST(&line->calls));
	phone_map_take(&phone->lines_by_id, line->id);
	if (line->stage == LINE_STAYS || line->stage == LINE_CHANGES)
		phone_map_take(&phone->lines_by_number, line->number);
	if (line->stage != LINE_STAYS)
		TAILQ_REMOVE(&phone->leaving, line, leaving_entries);
	if (line->touched)
		TAILQ_REMOVE(&phone->touched, line, touched_entries);
	phone->ext_line->line_remove(phone->inst, line->id);
	phone_subscriptions_free(line);
	free(line->change);
	free(line);
}

static void line_step(struct phone *phone, struct phone_line *line)
{
	int late = phone_now(phone) >= line->stage_until;

	switch (line->stage) {
	case LINE_STAYS:
		return;
	case LINE_CHANGES:
		if (late || line_is_idle(phone, line))
			change_end(phone, line);
		return;
	case LINE_HANGS_UP:
		if (!TAILQ_EMPTY(&line->calls) && !late)
			return;
		failover_unregister(phone->engine, line->id, phone_now(phone));
		phone_stack_turn(phone);
		stage_enter(phone, line, LINE_UNREGISTERS);
		return;
	case LINE_UNREGISTERS:
		if (late || line_is_idle(phone, line))
			phone_line_free(phone, line);
		return;
	}
}

int phone_lines_step(struct phone *phone)
{
	struct phone_line *line;
	int stepped = 0;

	while ((line = TAILQ_FIRST(&phone->leaving)) && phone_now(phone) >= line->stage_until) {
		line_step(phone, line);
		stepped = 1;
	}
	while ((line = TAILQ_FIRST(&phone->touched))) {
		TAILQ_REMOVE(&phone->touched, line, touched_entries);
		line->touched = 0;
		line_step(phone, line);
		stepped = 1;
	}
	return stepped;
}

uint64_t phone_lines_deadline(const struct phone *phone)
{
	const struct phone_line *line = TAILQ_FIRST(&phone->leaving);

	return line ? line->stage_until : UINT64_MAX;
}
