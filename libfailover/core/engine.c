/* SPDX-License-Identifier: MIT */
/* engine.c - the engine's life, its lines, its time and its outputs. */
#include <string.h>
#include "engine.h"
#include "life.h"
#include "line/line.h"
#include "schedule.h"
#include "sized.h"
#include "target.h"

#define ADDRESSES_DEFAULT 64u
#define ADDRESSES_MOST 65535u
#define OUTPUTS_DEFAULT 256u
#define OUTPUTS_LEAST 128u
#define LINES_FIRST 8u
#define REQUESTS_FIRST 15u /* lines with more ask for more room */

_Static_assert(FO_OUTPUTS_PER_STEP(FO_SLOTS_OWN + FAILOVER_LIMIT_REQUESTS) <= OUTPUTS_LEAST,
	       "the smallest queue has room for a step of the largest line");
_Static_assert(FO_SLOTS_OWN + FAILOVER_LIMIT_REQUESTS <= FO_ID_SLOT_MASK + 1u,
	       "an id names every slot");

/* ---- life --------------------------------------------------------------------------------- */

static int params_take(struct failover_engine_params *own,
		       const struct failover_engine_params *given)
{
	int error = fo_sized_take(own, sizeof(*own), given,
				  FO_SIZE_WITH(struct failover_engine_params, memory));

	if (error)
		return error;
	own->max_addresses = own->max_addresses ? own->max_addresses : ADDRESSES_DEFAULT;
	own->max_outputs = own->max_outputs ? own->max_outputs : OUTPUTS_DEFAULT;
	own->shared_health =
		own->shared_health ? own->shared_health : (uint32_t)FAILOVER_HEALTH_TRANSPORT;
	if (!own->memory.alloc || !own->memory.release ||
	    own->shared_health > FAILOVER_HEALTH_OFF || own->max_addresses > ADDRESSES_MOST ||
	    own->max_outputs < OUTPUTS_LEAST || own->max_outputs > 1u << 20)
		return FAILOVER_ERR_ARGUMENT;
	return FAILOVER_OK;
}

int failover_engine_new(const struct failover_engine_params *given, struct failover_engine **out)
{
	struct failover_engine_params params;
	struct failover_engine *engine;
	size_t bytes;
	int error = given ? params_take(&params, given) : FAILOVER_ERR_ARGUMENT;

	if (error)
		return error;
	bytes = sizeof(*engine) + params.max_addresses * sizeof(struct fo_node) +
		params.max_outputs * sizeof(struct failover_output);
	engine = params.memory.alloc(params.memory.user, bytes);
	if (!engine)
		return FAILOVER_ERR_MEMORY;
	memset(engine, 0, bytes);
	engine->memory = params.memory;
	engine->health.shared = params.shared_health;
	engine->random = params.seed;
	engine->health.nodes = (struct fo_node *)(engine + 1);
	engine->health.size = params.max_addresses;
	engine->queue.ring =
		(struct failover_output *)(engine->health.nodes + params.max_addresses);
	engine->queue.size = params.max_outputs;
	engine->queue.step = FO_OUTPUTS_PER_STEP(REQUESTS_FIRST);
	fo_wheel_init(&engine->wheel, 0);
	*out = engine;
	return FAILOVER_OK;
}

int failover_move_limit(struct failover_engine *engine, uint32_t per_second)
{
	fo_enter(engine, __func__);
	if (per_second > FAILOVER_LIMIT_MOVES)
		return FAILOVER_ERR_ARGUMENT;
	engine->pace.interval = per_second ? (1000000 + per_second - 1) / per_second : 0;
	return FAILOVER_OK;
}

int failover_dead_time(struct failover_engine *engine, uint32_t seconds)
{
	fo_enter(engine, __func__);
	if (seconds > FAILOVER_LIMIT_DEAD_TIME_S)
		return FAILOVER_ERR_ARGUMENT;
	engine->health.dead_ms = 1000u * seconds;
	return FAILOVER_OK;
}

void failover_engine_free(struct failover_engine *engine)
{
	struct failover_memory memory;
	uint32_t i;

	if (!engine)
		return;
	fo_enter(engine, __func__);
	memory = engine->memory;
	for (i = 0; i < engine->lines_size; i++)
		if (engine->lines[i].line)
			fo_line_free(engine, engine->lines[i].line);
	memory.release(memory.user, engine->lines);
	memory.release(memory.user, engine);
}

void failover_engine_statistics(const struct failover_engine *engine,
				struct failover_statistics *out)
{
	const struct fo_settings *settings;
	struct failover_statistics own;
	uint32_t i;

	fo_enter(engine, __func__);
	own = (struct failover_statistics){
		.lines = engine->lines_count,
		.attempts = engine->attempts,
		.moves = engine->moves,
		.stale = engine->stale,
		.deferred = engine->deferred,
		.outputs_most = engine->queue.most,
		.line_bytes = engine->line_bytes,
	};
	for (settings = engine->settings; settings; settings = settings->next)
		own.settings++;
	for (i = 0; i < engine->health.size; i++)
		own.addresses += engine->health.nodes[i].references != 0;
	fo_sized_give(out, &own, sizeof(own), FO_SIZE_WITH(struct failover_statistics, line_bytes));
}

/* ---- finding ------------------------------------------------------------------------------ */

struct fo_line *fo_find_line(const struct failover_engine *engine, uint32_t id)
{
	uint32_t place = fo_id_place(id);

	if (place >= engine->lines_size)
		return NULL;
	if (engine->lines[place].generation != fo_id_line_generation(id))
		return NULL;
	return engine->lines[place].line;
}

struct fo_request *fo_find_request(const struct failover_engine *engine, uint64_t id,
				   struct fo_line **line)
{
	uint32_t slot = fo_id_slot(id);
	struct fo_request *request;

	*line = fo_find_line(engine, fo_id_line(id));
	if (!*line || slot >= (*line)->requests_max)
		return NULL;
	request = &(*line)->requests[slot];
	if (request->state == FO_REQUEST_FREE || request->generation != fo_id_generation(id))
		return NULL;
	return request;
}

int fo_line_ask(struct failover_engine *engine, uint32_t id, uint64_t now, struct fo_line **line)
{
	*line = fo_find_line(engine, id);
	if (!*line)
		return FAILOVER_ERR_STALE;
	if (!fo_queue_has_room(&engine->queue))
		return FAILOVER_ERR_FULL;
	fo_engine_advance(engine, now);
	return FAILOVER_OK;
}

/* ---- time --------------------------------------------------------------------------------- */

void fo_engine_advance(struct failover_engine *engine, uint64_t now)
{
	uint32_t i;

	if (fo_time_leaps(&engine->wheel, now))
		for (i = 0; i < engine->lines_size; i++)
			if (engine->lines[i].line)
				fo_line_age(engine->lines[i].line, now);
	fo_wheel_advance(&engine->wheel, now);
}

/* ---- lines -------------------------------------------------------------------------------- */

static int lines_grow(struct failover_engine *engine)
{
	uint32_t size = engine->lines_size ? engine->lines_size * 2 : LINES_FIRST;
	struct fo_engine_line *lines;
	uint32_t i;

	if (engine->lines_size >= FAILOVER_LIMIT_LINES)
		return FAILOVER_ERR_LIMIT;
	if (size > FAILOVER_LIMIT_LINES)
		size = FAILOVER_LIMIT_LINES;
	lines = engine->memory.alloc(engine->memory.user, size * sizeof(*lines));
	if (!lines)
		return FAILOVER_ERR_MEMORY;
	if (engine->lines)
		memcpy(lines, engine->lines, engine->lines_size * sizeof(*lines));
	for (i = engine->lines_size; i < size; i++)
		lines[i] = (struct fo_engine_line){ .generation = 1 };
	engine->memory.release(engine->memory.user, engine->lines);
	engine->lines = lines;
	engine->lines_free = engine->lines_size;
	engine->lines_size = size;
	return FAILOVER_OK;
}

/* A free place, of which there is one; the search goes on where the last one ended, so that filling
 * is linear. */
static uint32_t free_place(struct failover_engine *engine)
{
	uint32_t place = engine->lines_free;

	while (engine->lines[place].line)
		place = (place + 1) % engine->lines_size;
	engine->lines_free = (place + 1) % engine->lines_size;
	return place;
}

int failover_line_add(struct failover_engine *engine, const struct failover_line_params *given,
		      uint64_t now, uint32_t *id)
{
	struct failover_line_params params;
	struct fo_line *line;
	uint32_t place;
	int error;

	fo_enter(engine, __func__);
	if (!given || !id)
		return FAILOVER_ERR_ARGUMENT;
	error = fo_line_params(&params, given);
	if (!error && engine->lines_count == engine->lines_size)
		error = lines_grow(engine);
	if (!error)
		error = fo_line_new(engine, &params, &line);
	if (error)
		return error;
	fo_engine_advance(engine, now);
	place = free_place(engine);
	engine->lines[place].line = line;
	engine->lines_count++;
	line->id = fo_id_of_line(place, engine->lines[place].generation);
	*id = line->id;
	return FAILOVER_OK;
}

static uint8_t larger(uint8_t now, uint32_t wanted)
{
	return wanted > now ? (uint8_t)wanted : now;
}

int failover_line_room(struct failover_engine *engine, uint32_t id, uint32_t registrars,
		       uint32_t max_targets, uint32_t max_requests)
{
	struct fo_line *line = fo_find_line(engine, id);
	struct fo_line sizes = { .timer = { 0 } };

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	if (registrars > FAILOVER_LIMIT_REGISTRARS || max_targets > FAILOVER_LIMIT_TARGETS ||
	    max_requests > FAILOVER_LIMIT_REQUESTS)
		return FAILOVER_ERR_ARGUMENT;
	sizes.registrars_max = larger(line->registrars_max, registrars);
	sizes.targets_max = larger(line->targets_max, max_targets);
	sizes.requests_max = larger(line->requests_max, FO_SLOTS_OWN + max_requests);
	if (fo_line_lay_out(&sizes) == fo_line_bytes(line))
		return FAILOVER_OK;
	line = fo_line_room(engine, line, &sizes);
	if (!line)
		return FAILOVER_ERR_MEMORY;
	engine->lines[fo_id_place(id)].line = line;
	return FAILOVER_OK;
}

int failover_line_update(struct failover_engine *engine, uint32_t id,
			 const struct failover_line_params *given, uint64_t now)
{
	struct fo_line *line = fo_find_line(engine, id);
	struct failover_line_params params;
	int error;

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	error = given ? fo_line_params(&params, given) : FAILOVER_ERR_ARGUMENT;
	if (error)
		return error;
	if (!fo_queue_has_room(&engine->queue))
		return FAILOVER_ERR_FULL;
	fo_engine_advance(engine, now);
	error = fo_line_change(engine, line, &params);
	if (error)
		return error;
	if (line->flags & FO_LINE_WANTED)
		fo_registration_anew(engine, line);
	else
		fo_registration_drop(engine, line);
	fo_line_arm(engine, line);
	return FAILOVER_OK;
}

int failover_line_targets(struct failover_engine *engine, uint32_t id,
			  const struct failover_target *targets, uint32_t count, uint64_t now)
{
	struct fo_line *line = fo_find_line(engine, id);
	int error;

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	if (!targets || count > FAILOVER_LIMIT_TARGETS)
		return FAILOVER_ERR_ARGUMENT;
	if (!fo_queue_has_room(&engine->queue))
		return FAILOVER_ERR_FULL;
	fo_engine_advance(engine, now);
	error = fo_target_replace(engine, line, targets, count);
	if (error)
		return error;
	fo_failback_relist(engine, line);
	fo_line_arm(engine, line);
	return FAILOVER_OK;
}

int failover_line_calls(struct failover_engine *engine, uint32_t id, uint32_t calls, uint64_t now)
{
	struct fo_line *line = fo_find_line(engine, id);

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	fo_engine_advance(engine, now);
	fo_failback_calls(engine, line, calls);
	return FAILOVER_OK;
}

int failover_line_remove(struct failover_engine *engine, uint32_t id, uint64_t now)
{
	struct fo_engine_line *place;
	struct fo_line *line;
	int error;
	uint8_t i;

	fo_enter(engine, __func__);
	error = fo_line_ask(engine, id, now, &line);
	if (error)
		return error;
	for (i = 0; i < line->requests_max; i++) /* B36: each time there is room for one */
		while (fo_request_running(&line->requests[i]) &&
		       fo_emergency_drop(engine, line, &line->requests[i],
					 FAILOVER_ABANDON_REMOVED))
			if (!fo_queue_has_room(&engine->queue))
				return FAILOVER_ERR_FULL;
	for (i = 0; i < line->requests_max; i++)
		if (fo_request_running(&line->requests[i]))
			fo_request_give_up(engine, line, &line->requests[i],
					   FAILOVER_ABANDON_REMOVED);
	fo_failback_calls(engine, line, 0); /* those of its group wait for it no more */
	place = &engine->lines[fo_id_place(id)];
	place->line = NULL;
	place->generation = fo_id_next(place->generation, FO_ID_LINE_GENERATION_MASK);
	engine->lines_count--;
	fo_line_free(engine, line);
	return FAILOVER_OK;
}

int failover_line_state(const struct failover_engine *engine, uint32_t id,
			struct failover_line_state *out)
{
	struct fo_line *line = fo_find_line(engine, id);
	const struct fo_request *probe;
	struct failover_line_state own;
	uint8_t i;

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	probe = fo_line_own(line, FO_SLOT_PROBE);
	own = (struct failover_line_state){
		.registered = (line->flags & FO_LINE_REGISTERED) != 0,
		.serving_index = fo_target_index(line, line->serving),
		.targets_count = line->listed,
		.registering = (uint32_t)fo_request_running(&line->requests[FO_SLOT_REGISTER]),
		.probing = (uint32_t)(fo_request_running(probe) &&
				      (probe->flags & FO_REQUEST_PROBE) != 0),
		.next_probe = line->probe_at,
		.next_register = line->register_at,
		.pinned = (line->flags & FO_LINE_PINNED) != 0,
		.waits_idle = line->waits,
	};
	for (i = FO_SLOTS_OWN; i < line->requests_max; i++) {
		own.requests += (uint32_t)fo_request_running(&line->requests[i]);
		own.room += line->requests[i].state == FO_REQUEST_FREE;
	}
	fo_target_public(engine, line, line->serving, &own.serving);
	if (own.registered)
		own.registered_until = fo_target_held_until(line, line->serving);
	fo_sized_give(out, &own, sizeof(own),
		      FO_SIZE_WITH(struct failover_line_state, next_register));
	return FAILOVER_OK;
}

int failover_line_list(const struct failover_engine *engine, uint32_t id,
		       struct failover_target *out, uint32_t max)
{
	struct fo_line *line = fo_find_line(engine, id);
	uint8_t i;

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	for (i = 0; i < line->listed && i < max; i++)
		fo_target_public(engine, line, fo_order(line)[i], &out[i]);
	return line->listed;
}

static uint32_t health_of(const struct failover_engine *engine, const struct fo_node *node)
{
	if (fo_health_skipped(node, engine->wheel.now))
		return FAILOVER_TARGET_ASKED_TO_WAIT;
	if (node->reason)
		return FAILOVER_TARGET_DEAD;
	return node->good ? FAILOVER_TARGET_GOOD : FAILOVER_TARGET_UNKNOWN;
}

int failover_line_health(const struct failover_engine *engine, uint32_t id,
			 struct failover_target_health *out, uint32_t max)
{
	struct fo_line *line = fo_find_line(engine, id);
	uint8_t i;

	fo_enter(engine, __func__);
	if (!line)
		return FAILOVER_ERR_STALE;
	for (i = 0; i < line->listed && i < max; i++) {
		const struct fo_node *node = fo_target_node(engine, line, fo_order(line)[i]);

		out[i] = (struct failover_target_health){
			.state = health_of(engine, node),
			.reason = node->reason,
			.status = node->status,
		};
		if (out[i].state == FAILOVER_TARGET_ASKED_TO_WAIT)
			out[i].until = node->skip_until;
	}
	return line->listed;
}

/* ---- time and outputs --------------------------------------------------------------------- */

static struct fo_line *line_of(struct fo_timer *timer)
{
	return (struct fo_line *)((uintptr_t)timer - offsetof(struct fo_line, timer));
}

void failover_handle_timeout(struct failover_engine *engine, uint64_t now)
{
	struct fo_timer *timer;

	fo_enter(engine, __func__);
	fo_engine_advance(engine, now);
	while (fo_queue_has_room(&engine->queue) && (timer = fo_wheel_take(&engine->wheel)))
		fo_line_due(engine, line_of(timer));
}

uint64_t failover_next_deadline(const struct failover_engine *engine)
{
	fo_enter(engine, __func__);
	return fo_wheel_next(&engine->wheel);
}

/* What each attempt of a request met, for the result and the event that tells of it. */
static uint32_t reports_of(struct failover_engine *engine, const struct fo_line *line,
			   const struct fo_request *request, uint32_t count)
{
	uint32_t i;

	if (count > request->attempts)
		count = request->attempts;
	for (i = 0; i < count; i++) {
		const struct fo_attempt *attempt = &fo_request_attempts(line, request)[i];

		fo_target_public(engine, line, attempt->target, &engine->reports[i].target);
		engine->reports[i].reason = attempt->reason;
		engine->reports[i].status = attempt->status;
	}
	return count;
}

/* A request that was given up, or whose line was removed, has no reports. */
static void result_taken(struct failover_engine *engine, struct failover_result *result)
{
	struct fo_line *line;
	struct fo_request *request = fo_find_request(engine, result->request, &line);

	result->reports = engine->reports;
	if (!request)
		return;
	result->reports_count = reports_of(engine, line, request, FAILOVER_LIMIT_TARGETS);
	request->state = FO_REQUEST_FREE;
	fo_line_arm(engine, line);
}

static void event_taken(struct failover_engine *engine, struct failover_event *event)
{
	struct fo_line *line;
	struct fo_request *request;

	if (!event->reports_count)
		return;
	request = fo_find_request(engine, event->request, &line);
	event->reports = engine->reports;
	event->reports_count =
		request ? reports_of(engine, line, request, event->reports_count) : 0;
}

int failover_poll(struct failover_engine *engine, struct failover_output *out)
{
	fo_enter(engine, __func__);
	if (!fo_queue_pop(&engine->queue, out))
		return 0;
	if (out->kind == FAILOVER_OUTPUT_RESULT)
		result_taken(engine, &out->u.result);
	else if (out->kind == FAILOVER_OUTPUT_EVENT)
		event_taken(engine, &out->u.event);
	return 1;
}
