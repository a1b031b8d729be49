/* SPDX-License-Identifier: MIT */
/* world.c - one engine with one line, its state copied, put back and hashed. */
#include <stdlib.h>
#include <string.h>
#include "explore.h"

static void *block_alloc(void *user, size_t bytes)
{
	(void)user;
	return malloc(bytes);
}

static void block_release(void *user, void *block)
{
	(void)user;
	free(block);
}

/* A generator state whose next draw spreads a retry over nothing (B16), so that times stay even. */
static uint64_t quiet_seed(const struct ex_config *config)
{
	struct failover_engine probe = { .random = 0 };
	uint64_t limit = UINT64_C(500) * ex_settings(config).reg_fail_interval_s, seed = 0;

	do
		probe.random = ++seed;
	while (fo_random(&probe.random, limit));
	return seed;
}

int ex_world_open(struct ex_world *world, const struct ex_config *config)
{
	struct failover_engine_params params = {
		.size = sizeof(params),
		.max_addresses = EX_TARGETS,
		.max_outputs = 128,
		.memory = { NULL, block_alloc, block_release },
		.seed = quiet_seed(config),
	};
	struct failover_target targets[EX_TARGETS];
	struct failover_line_params line;
	uint32_t expires[2];
	int error;

	*world = (struct ex_world){ .config = config };
	error = failover_engine_new(&params, &world->engine);
	if (error)
		return error;
	ex_params(config, 0, &line, targets, expires);
	error = failover_line_add(world->engine, &line, config->edge ? EX_EDGE : 1000, &world->id);
	if (error) {
		failover_engine_free(world->engine);
		return error;
	}
	world->line = fo_find_line(world->engine, world->id);
	world->line_bytes = (world->engine->line_bytes + 7u) & ~(size_t)7;
	if (world->engine->line_bytes > EX_BLOCK || world->line->requests_max > EX_SLOTS)
		return FAILOVER_ERR_FULL;
	world->snapshot_bytes = offsetof(struct ex_snapshot, block) + world->line_bytes;
	ex_watch_start(world);
	if (!config->begins)
		return FAILOVER_OK;
	world->watch.serving = (uint8_t)(config->lists[0][line.targets_count - 1] - '0');
	world->watch.begins = 1;
	return failover_begin_at(world->engine, world->id, &targets[line.targets_count - 1],
				 ex_world_now(world));
}

void ex_world_close(struct ex_world *world)
{
	failover_engine_free(world->engine);
	world->engine = NULL;
}

uint64_t ex_world_now(const struct ex_world *world)
{
	return world->engine->wheel.now;
}

uint64_t ex_world_due(const struct ex_world *world)
{
	return world->line->timer.link ? world->line->timer.at : FO_NEVER;
}

/* The outputs have been taken, so the queue is empty; the wheel holds the line's timer and nothing
 * else; settings and the generator are as they were at the start. */
void ex_world_save(const struct ex_world *world, struct ex_snapshot *snapshot)
{
	snapshot->now = world->engine->wheel.now;
	snapshot->armed = world->line->timer.link != NULL;
	snapshot->watch = world->watch;
	memcpy(snapshot->nodes, world->engine->health.nodes, sizeof(snapshot->nodes));
	memcpy(snapshot->block, world->line, world->engine->line_bytes);
}

void ex_world_load(struct ex_world *world, const struct ex_snapshot *snapshot)
{
	struct failover_engine *engine = world->engine;
	struct fo_line *line = world->line;
	uint64_t at;

	fo_wheel_clear(&engine->wheel, &line->timer);
	engine->wheel.now = snapshot->now;
	engine->queue.first = 0;
	engine->queue.next = 0;
	engine->queue.count = 0;
	memcpy(line, snapshot->block, engine->line_bytes);
	memcpy(engine->health.nodes, snapshot->nodes, sizeof(snapshot->nodes));
	world->watch = snapshot->watch;
	at = line->timer.at;
	line->timer = (struct fo_timer){ .next = NULL };
	if (snapshot->armed)
		fo_wheel_set(&engine->wheel, &line->timer, at);
	world->why[0] = '\0';
}

/* ---- equal states ------------------------------------------------------------------------- */

/* The state as numbers: times as distances from now (what has passed is 0), running numbers only as
 * far as they are compared with each other. */
struct form {
	uint64_t now, hash;
};

static void put(struct form *form, uint64_t value)
{
	uint64_t mixed = (form->hash ^ value) * UINT64_C(0x9fb21c651e98df25);

	form->hash = (mixed ^ mixed >> 29) + UINT64_C(0x632be59bd9b4e019);
}

static void put_time(struct form *form, uint64_t at)
{
	put(form, at == FO_NEVER ? FO_NEVER : at > form->now ? at - form->now : 0);
}

static void put_bytes(struct form *form, const uint8_t *bytes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		put(form, bytes[i]);
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
	return value < most ? value : most;
}

static void put_line(struct form *form, const struct fo_line *line)
{
	const struct failover_line_settings *is = &line->settings->is;
	uint8_t i;

	put_time(form, line->register_at);
	put_time(form, line->probe_at);
	put_time(form, line->up_after);
	put(form, line->options | line->begins << 8 | line->follow << 16);
	put_time(form, line->keepalive_at);
	if (is->keepalive == FAILOVER_KEEPALIVE_OPTIONS)
		put(form, at_most(form->now - line->heard_at, 1000 * is->keepalive_interval_s));
	put(form, line->good | line->good_target << 8 | line->busy << 16 | line->waits << 17);
	if (line->good)
		put(form,
		    at_most((uint32_t)form->now - line->good_since, 1000 * is->failback_hold_s));
	put_time(form, line->lost_at ? fo_after(line->lost_at, 1000 * is->reg_fail_interval_s) : 0);
	put(form, at_most(line->failures, is->reg_fail_backoff ? 8 : 2));
	put(form, line->serving | line->flags << 8 | line->release << 16 | line->listed << 24);
	if (line->flags & FO_LINE_PENDING_REGISTER)
		put(form, line->pending_target | line->pending_trigger << 8);
	put_bytes(form, fo_order(line), line->listed);
	for (i = 0; i < line->targets_max; i++)
		put(form, fo_targets(line)[i].node | (uint64_t)fo_targets(line)[i].registrar << 16 |
				  (uint64_t)fo_targets(line)[i].used << 24 |
				  (uint64_t)fo_targets(line)[i].listed << 32);
	for (i = 0; i < line->registrars_count; i++) {
		put_time(form, fo_registrars(line)[i].live_until);
		put(form, fo_registrars(line)[i].expires_s |
				  (uint64_t)fo_registrars(line)[i].via << 32 |
				  (uint64_t)(fo_registrars(line)[i].dialog != 0) << 40);
	}
}

/* How long an older leg may still be answered (B7a). */
static uint64_t late_for(const struct fo_line *line, const struct fo_request *request, uint64_t now)
{
	uint32_t left_ms = request->late_until - (uint32_t)now;

	if (!fo_attempt_late((struct fo_line *)(uintptr_t)line, request))
		return 0;
	return left_ms <= FO_64_T1 * line->settings->is.t1_ms ? left_ms : 0;
}

/* REGISTER: only whether it is the registrar's dialog; CANCEL: nothing depends on it. */
static uint64_t link_of(const struct fo_line *line, const struct fo_request *request, uint64_t now)
{
	if (request->method == FAILOVER_CANCEL)
		return 0;
	if (request->method == FAILOVER_INVITE && request->ordinal)
		return late_for(line, request, now);
	if (request->method != FAILOVER_REGISTER || request->target == FO_NONE)
		return request->link;
	return request->link ==
	       fo_registrars(line)[fo_targets(line)[request->target].registrar].dialog;
}

/* Of the reasons of attempts only their kind decides anything; statuses go into reports. */
static void put_request(struct form *form, const struct fo_line *line, uint8_t slot)
{
	const struct fo_request *request = &line->requests[slot];
	const struct fo_attempt *attempts = fo_request_attempts(line, request);
	uint8_t i;

	put(form, request->state | (uint64_t)request->method << 8);
	if (!fo_request_running(request))
		return;
	put_time(form, fo_request_deadline(request, form->now));
	put(form, request->tried | (uint64_t)request->flags << 32 |
			  (uint64_t)request->target << 40 | (uint64_t)request->start << 48);
	put(form, link_of(line, request, form->now) | (uint64_t)request->ordinal << 32 |
			  (uint64_t)request->attempts << 40 | (uint64_t)request->restarts << 48 |
			  (uint64_t)request->deferred << 56);
	put(form, request->trying | request->for_call << 1 | request->trying_timeout << 2 |
			  request->upward << 3 | request->held << 4 |
			  (request->held ? (uint32_t)request->deferred_status << 8 : 0));
	for (i = 0; i < request->attempts; i++)
		put(form, attempts[i].ordinal | (uint32_t)attempts[i].target << 8 |
				  (uint32_t)attempts[i].state << 16 |
				  (uint32_t)attempts[i].stayed << 24 |
				  (attempts[i].reason == FAILOVER_REASON_STATUS) << 25 |
				  (attempts[i].reason != 0) << 26);
}

/* What the invariants remember is a part of the state, or they could miss a way into it. */
static void put_watch(struct form *form, const struct ex_watch *watch)
{
	unsigned i;

	for (i = 0; i < EX_SLOTS; i++) {
		const struct ex_request *request = &watch->requests[i];

		put(form, request->open | request->awaited << 8);
		if (!request->open)
			continue;
		put(form, request->only_100 | (uint32_t)request->silent << 1 |
				  (uint32_t)request->stayed << 9);
		put(form,
		    request->tried | request->dead << 8 | request->late << 16 |
			    (uint64_t)request->dialog << 24 | (uint64_t)request->provisional << 32 |
			    (uint64_t)request->moved << 40 | (uint64_t)request->optional << 48 |
			    (uint64_t)request->start << 56);
		if (request->current && request->budget_ms != UINT32_MAX)
			put_time(form, fo_after(request->started, request->budget_ms));
	}
	for (i = 0; i < 2; i++)
		put_time(form, watch->live_until[i]);
	for (i = 0; i < EX_TARGETS; i++)
		put_time(form, watch->skip_until[i]);
	put_time(form, watch->probe_after);
	put_time(form, watch->up_after);
	put(form, watch->good | watch->good_place << 8);
	put(form, watch->serving | watch->wanted << 8 | watch->list << 16 |
			  (uint32_t)watch->unregistered << 24 | (uint64_t)watch->begins << 32 |
			  (uint64_t)watch->called << 33 | (uint64_t)watch->busy << 34);
}

uint64_t ex_world_hash(struct ex_world *world)
{
	struct form form = { .now = world->engine->wheel.now, .hash = 1 };
	uint8_t i;

	put_time(&form, ex_world_due(world));
	put_line(&form, world->line);
	for (i = 0; i < world->line->requests_max; i++)
		put_request(&form, world->line, i);
	/* dead_by and dead_at concern other lines only (B4e), and there is none. */
	for (i = 0; i < EX_TARGETS; i++)
		put_time(&form, world->engine->health.nodes[i].skip_until);
	put_watch(&form, &world->watch);
	form.hash ^= form.hash >> 32;
	form.hash *= UINT64_C(0xd6e8feb86659fd93);
	form.hash ^= form.hash >> 32;
	return form.hash ? form.hash : 1;
}
