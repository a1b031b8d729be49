/* SPDX-License-Identifier: MIT */
/* storm_world.c - a run from its first second to its last. */
#include "storm_world.h"

#include <stdlib.h>

#define PROGRESS_EVERY_S 60u
#define SERVER_PORT 5060u
#define LINE_REQUESTS 4u

/* ---- chance and time ---------------------------------------------------------------------- */

/* splitmix64 */
static uint64_t random_64(struct storm_world *world)
{
	uint64_t z = (world->random += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t storm_below(struct storm_world *world, uint32_t bound)
{
	return (uint32_t)((random_64(world) >> 32) * bound >> 32);
}

/* By comparisons alone (von Neumann): a logarithm is not the same on every machine. The result is
 * whole averages, and a part of one. */
uint64_t storm_wait(struct storm_world *world, uint64_t average_us)
{
	for (uint64_t whole = 0;; whole++) {
		uint64_t first = random_64(world) >> 32, least = first, u;
		unsigned falling = 1;

		while ((u = random_64(world) >> 32) < least) {
			least = u;
			falling++;
		}
		if (falling % 2)
			return (whole * average_us + (first * average_us >> 32) + 500) / 1000;
	}
}

void storm_answer_at(struct storm_world *world, uint64_t at_ms, uint64_t key, uint32_t server,
		     uint32_t status)
{
	const struct fo_sim_event event = {
		.at_ms = at_ms,
		.key = key,
		.server = server,
		.status = (uint16_t)status,
		.kind = STORM_ANSWER,
	};

	if (fo_sim_heap_push(&world->calendar, &event) != 0)
		world->error = FAILOVER_ERR_MEMORY;
}

void storm_at(struct storm_world *world, uint64_t at_ms, enum storm_event kind, uint64_t key)
{
	const struct fo_sim_event event = { .at_ms = at_ms, .key = key, .kind = (uint8_t)kind };

	if (fo_sim_heap_push(&world->calendar, &event) != 0)
		world->error = FAILOVER_ERR_MEMORY;
}

/* ---- phones ------------------------------------------------------------------------------- */

static void binding_move(struct storm_world *world, struct storm_phone *phone, uint32_t server)
{
	if (phone->server)
		world->server[phone->server - 1].bound--;
	phone->server = server;
	if (server)
		world->server[server - 1].bound++;
}

static void event_take(struct storm_world *world, const struct failover_event *event)
{
	struct storm_phone *phone = &world->phone[world->phone_of[event->line]];

	if (event->kind == FAILOVER_EVENT_REGISTERED)
		binding_move(world, phone, event->target.registrar + 1u);
	else if (event->kind == FAILOVER_EVENT_UNREGISTERED)
		binding_move(world, phone, 0);
	else if (event->kind == FAILOVER_EVENT_MOVED)
		world->series->moves++;
}

static void outputs_take(struct storm_world *world)
{
	struct failover_output output;

	while (failover_poll(world->engine, &output)) {
		switch ((enum failover_output_kind)output.kind) {
		case FAILOVER_OUTPUT_ATTEMPT:
			storm_send(world, &output.u.attempt);
			break;
		case FAILOVER_OUTPUT_ABANDON:
			storm_stop(world, output.abandoned);
			break;
		case FAILOVER_OUTPUT_RESULT:
			storm_call_result(world, &output.u.result);
			break;
		case FAILOVER_OUTPUT_EVENT:
			event_take(world, &output.u.event);
			break;
		}
	}
}

static int line_know(struct storm_world *world, uint32_t line, uint32_t phone)
{
	uint32_t room = world->phone_of_room ? world->phone_of_room : 1024, *grown;

	while (room <= line)
		room *= 2;
	if (room != world->phone_of_room) {
		grown = realloc(world->phone_of, room * sizeof(*grown));
		if (!grown)
			return FAILOVER_ERR_MEMORY;
		world->phone_of = grown;
		world->phone_of_room = room;
	}
	world->phone_of[line] = phone;
	return FAILOVER_OK;
}

static int phones_add(struct storm_world *world, const struct failover_line_settings *settings)
{
	const struct storm_options *options = world->options;
	struct failover_target targets[STORM_SERVERS_MOST] = { 0 };
	uint32_t expires_s[STORM_SERVERS_MOST], i;
	struct failover_line_params params = {
		.size = sizeof(params),
		.registrars = options->servers,
		.max_requests = LINE_REQUESTS,
		.targets_count = options->servers,
		.targets = targets,
		.expires_s = expires_s,
		.settings = *settings,
	};
	int error = FAILOVER_OK;

	for (i = 0; i < options->servers; i++) {
		targets[i] = (struct failover_target){
			.address = { 192, 0, 2, (uint8_t)(i + 1) },
			.port = SERVER_PORT,
			.family = 4,
			.registrar = (uint8_t)i,
		};
		expires_s[i] = options->expires_s;
	}
	for (i = 0; !error && i < options->phones; i++) {
		error = failover_line_add(world->engine, &params, 0, &world->phone[i].line);
		if (!error)
			error = line_know(world, world->phone[i].line, i);
		storm_at(world,
			 1000u * (uint64_t)storm_below(world, options->start_s + 1) +
				 storm_below(world, 1000),
			 STORM_SWITCH_ON, i);
	}
	return error;
}

/* ---- time goes on ------------------------------------------------------------------------- */

static void outages_add(struct storm_world *world)
{
	for (uint32_t i = 0; i < world->options->outages; i++) {
		storm_at(world, UINT64_C(1000) * world->options->outage[i].from_s, STORM_SERVER, i);
		storm_at(world, UINT64_C(1000) * world->options->outage[i].to_s, STORM_SERVER, i);
	}
}

static void outage_turn(struct storm_world *world, uint32_t n)
{
	const struct storm_outage *outage = &world->options->outage[n];
	struct storm_server *server = &world->server[outage->server];

	if (world->now < UINT64_C(1000) * outage->to_s) {
		server->down++;
		server->how = outage->how;
	} else {
		server->down--;
		server->busy_us = 0; /* it has forgotten what it was doing */
	}
}

static void event_do(struct storm_world *world, const struct fo_sim_event *event)
{
	struct storm_phone *phone;

	switch ((enum storm_event)event->kind) {
	case STORM_SWITCH_ON:
		phone = &world->phone[event->key];
		phone->is_on = 1;
		world->on++;
		world->error |= failover_register(world->engine, phone->line, world->now);
		break;
	case STORM_SERVER:
		outage_turn(world, (uint32_t)event->key);
		break;
	case STORM_ANSWER:
	case STORM_NO_WAY:
	case STORM_AGAIN:
		storm_network_event(world, event);
		break;
	case STORM_CALL:
	case STORM_RING:
	case STORM_IMPATIENT:
	case STORM_HANG_UP:
		storm_call_event(world, event);
		break;
	}
}

/* Seconds that are over are written down. */
static void seconds_pass(struct storm_world *world, storm_progress *progress, void *user)
{
	uint32_t second = (uint32_t)(world->now / 1000), all = world->series->seconds;

	while (world->second < second && world->second < all) {
		world->series->without[world->second] = storm_without(world);
		world->series->without_all += world->series->without[world->second];
		world->second++;
		if (progress && world->second % PROGRESS_EVERY_S == 0)
			progress(user, world->second, all);
	}
}

static void time_pass(struct storm_world *world, storm_progress *progress, void *user)
{
	while (!world->error) {
		const struct fo_sim_event *top = fo_sim_heap_top(&world->calendar);
		uint64_t due = failover_next_deadline(world->engine);
		uint64_t at = top && top->at_ms < due ? top->at_ms : due;

		if (at > world->now)
			world->now = at < world->end ? at : world->end;
		seconds_pass(world, progress, user);
		if (world->now >= world->end)
			return;
		if (top && top->at_ms <= world->now) {
			struct fo_sim_event event = fo_sim_heap_pop(&world->calendar);

			event_do(world, &event);
		} else {
			failover_handle_timeout(world->engine, world->now);
		}
		outputs_take(world);
	}
}

/* ---- a run -------------------------------------------------------------------------------- */

static int series_new(const struct storm_options *options, struct storm_series *series)
{
	size_t count = options->seconds + 1u; /* what happens at the very end has room, too */
	int missing = 0;

	series->seconds = options->seconds;
	for (uint32_t i = 0; i < options->servers; i++) {
		series->registers[i] = calloc(count, sizeof(uint32_t));
		missing |= !series->registers[i];
	}
	series->without = calloc(count, sizeof(uint32_t));
	series->calls = calloc(count, sizeof(uint32_t));
	series->lost = calloc(count, sizeof(uint32_t));
	missing |= !series->without || !series->calls || !series->lost;
	return missing ? FAILOVER_ERR_MEMORY : FAILOVER_OK;
}

void storm_series_free(struct storm_series *series)
{
	for (uint32_t i = 0; i < STORM_SERVERS_MOST; i++)
		free(series->registers[i]);
	free(series->without);
	free(series->calls);
	free(series->lost);
	*series = (struct storm_series){ 0 };
}

/* Each phone is a device of its own: what one knows of a server is not the others' (B4e). */
static int engine_new(struct storm_world *world)
{
	const struct failover_engine_params params = {
		.size = sizeof(params),
		.shared_health = FAILOVER_HEALTH_OFF,
		.seed = world->options->seed,
		.memory = failover_memory_default(),
	};

	return failover_engine_new(&params, &world->engine);
}

int storm_run(const struct storm_options *options, int with_jitter, struct storm_series *series,
	      storm_progress *progress, void *user)
{
	struct storm_world *world = calloc(1, sizeof(*world));
	struct failover_line_settings settings = options->settings;
	int error;

	if (!world)
		return FAILOVER_ERR_MEMORY;
	world->options = options;
	world->series = series;
	world->random = options->seed;
	world->end = UINT64_C(1000) * options->seconds;
	world->phone = calloc(options->phones, sizeof(*world->phone));
	if (!with_jitter)
		settings.jitter_percent = 0;
	world->error = world->phone ? series_new(options, series) : FAILOVER_ERR_MEMORY;
	if (!world->error)
		world->error = engine_new(world);
	if (!world->error)
		world->error = phones_add(world, &settings);
	if (!world->error) {
		outages_add(world);
		storm_calls_begin(world);
		time_pass(world, progress, user);
	}
	error = world->error;
	failover_engine_free(world->engine);
	fo_sim_heap_free(&world->calendar);
	free(world->phone);
	free(world->phone_of);
	free(world->attempt);
	free(world->call);
	free(world);
	return error;
}
