/* SPDX-License-Identifier: MIT */
/* storm_network.c - packets between phones and registrars, and how busy these are. */
#include "storm_world.h"

#include <stdlib.h>

#define ROUND_TRIP_MS 20u
#define QUEUE_MOST_US UINT64_C(4000000) /* what would wait for longer is dropped */
#define POOL_LEAST 1024u

/* ---- attempts ----------------------------------------------------------------------------- */

static uint64_t key_of(const struct storm_attempt *attempt, uint32_t place)
{
	return (uint64_t)attempt->serial << 32 | place;
}

/* The attempt of a key, unless it has ended. */
static struct storm_attempt *attempt_of(struct storm_world *world, uint64_t key)
{
	struct storm_attempt *attempt = &world->attempt[(uint32_t)key];

	return attempt->id && attempt->serial == key >> 32 ? attempt : NULL;
}

static int pool_grow(struct storm_world *world)
{
	uint32_t room = world->attempts_room ? world->attempts_room * 2 : POOL_LEAST, i;
	struct storm_attempt *pool = realloc(world->attempt, room * sizeof(*pool));

	if (!pool) {
		world->error = FAILOVER_ERR_MEMORY;
		return -1;
	}
	for (i = world->attempts_room; i < room; i++)
		pool[i] = (struct storm_attempt){ .next = i + 1 < room ? i + 2 : 0 };
	world->attempts_free = world->attempts_room + 1;
	world->attempt = pool;
	world->attempts_room = room;
	return 0;
}

static uint32_t *bucket_of(struct storm_world *world, uint64_t id)
{
	return &world->bucket[(id * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - STORM_BUCKET_BITS)];
}

static struct storm_attempt *attempt_new(struct storm_world *world, uint64_t id)
{
	uint32_t *bucket = bucket_of(world, id), place;
	struct storm_attempt *attempt;

	if (!world->attempts_free && pool_grow(world) != 0)
		return NULL;
	place = world->attempts_free;
	attempt = &world->attempt[place - 1];
	world->attempts_free = attempt->next;
	attempt->serial++;
	attempt->id = id;
	attempt->next = *bucket;
	*bucket = place;
	return attempt;
}

static void attempt_end(struct storm_world *world, struct storm_attempt *attempt)
{
	uint32_t place = (uint32_t)(attempt - world->attempt) + 1;
	uint32_t *at = bucket_of(world, attempt->id);

	while (*at != place)
		at = &world->attempt[*at - 1].next;
	*at = attempt->next;
	attempt->id = 0;
	attempt->next = world->attempts_free;
	world->attempts_free = place;
}

void storm_stop(struct storm_world *world, uint64_t id)
{
	uint32_t place = *bucket_of(world, id);

	while (place && world->attempt[place - 1].id != id)
		place = world->attempt[place - 1].next;
	if (place)
		attempt_end(world, &world->attempt[place - 1]);
}

/* ---- registrars --------------------------------------------------------------------------- */

int storm_is_up(const struct storm_world *world, uint32_t server)
{
	return !world->server[server].down;
}

uint32_t storm_without(const struct storm_world *world)
{
	uint32_t with = 0;

	for (uint32_t i = 0; i < world->options->servers; i++)
		with += storm_is_up(world, i) ? world->server[i].bound : 0;
	return world->on - with;
}

/* When a REGISTER that comes now has been done; 0 = it is dropped. */
static uint64_t work_until(struct storm_world *world, struct storm_server *server)
{
	uint64_t now_us = world->now * 1000;

	if (!world->options->capacity)
		return world->now;
	if (server->busy_us < now_us)
		server->busy_us = now_us;
	if (server->busy_us - now_us > QUEUE_MOST_US) {
		world->series->dropped++;
		return 0;
	}
	server->busy_us += 1000000 / world->options->capacity;
	return server->busy_us / 1000;
}

/* Returns when the answer comes, or 0: never. */
static uint64_t packet_arrives(struct storm_world *world, const struct storm_attempt *attempt,
			       uint64_t key)
{
	struct storm_server *server = &world->server[attempt->server];
	uint64_t at = world->now;
	uint32_t status = 200;

	world->series->packets++;
	if (attempt->method == FAILOVER_REGISTER) {
		world->series->registers[attempt->server][world->second]++;
		world->series->registers_all[attempt->server]++;
	}
	if (server->down && server->how == STORM_SILENT)
		return 0;
	if (server->down && server->how == STORM_ICMP) {
		storm_at(world, at + ROUND_TRIP_MS, STORM_NO_WAY, key);
		return at + ROUND_TRIP_MS;
	}
	if (server->down)
		status = 503;
	else if (attempt->method == FAILOVER_REGISTER)
		at = work_until(world, server);
	if (!at)
		return 0;
	storm_answer_at(world, at + ROUND_TRIP_MS, key, attempt->server, status);
	return at + ROUND_TRIP_MS;
}

/* ---- packets ------------------------------------------------------------------------------ */

static void packet_send(struct storm_world *world, struct storm_attempt *attempt)
{
	uint64_t key = key_of(attempt, (uint32_t)(attempt - world->attempt)), id = attempt->id;
	uint64_t again = world->now + attempt->interval_ms;
	uint64_t answered = packet_arrives(world, attempt, key);

	/* Most are answered long before: they need no timer. */
	if (attempt->left != 1 && (!answered || answered > again))
		storm_at(world, again, STORM_AGAIN, key);
	if (attempt->left)
		attempt->left--;
	attempt->interval_ms *= 2;
	if (attempt->method != FAILOVER_INVITE && attempt->interval_ms > attempt->t2_ms)
		attempt->interval_ms = attempt->t2_ms;
	failover_sent(world->engine, id, world->now);
}

void storm_send(struct storm_world *world, const struct failover_attempt *given)
{
	struct storm_attempt *attempt = attempt_new(world, given->id);

	if (!attempt)
		return;
	attempt->server = given->target.registrar;
	attempt->method = given->method;
	attempt->expires_s = given->expires_s;
	attempt->left = given->transmissions;
	attempt->interval_ms = given->t1_ms;
	attempt->t2_ms = given->t2_ms;
	packet_send(world, attempt);
}

static void answer_arrives(struct storm_world *world, struct storm_attempt *attempt,
			   const struct fo_sim_event *event)
{
	const struct failover_answer answer = {
		.size = sizeof(answer),
		.status = event->status,
		.expires_s = attempt->method == FAILOVER_REGISTER ? attempt->expires_s : 0,
	};
	uint64_t id = attempt->id;

	/* It has died while it worked. */
	if (event->status == 200 && !storm_is_up(world, event->server))
		return;
	attempt_end(world, attempt);
	failover_response(world->engine, id, &answer, world->now);
}

void storm_network_event(struct storm_world *world, const struct fo_sim_event *event)
{
	struct storm_attempt *attempt = attempt_of(world, event->key);
	uint64_t id;

	if (!attempt)
		return;
	if (event->kind == STORM_ANSWER) {
		answer_arrives(world, attempt, event);
	} else if (event->kind == STORM_AGAIN) {
		packet_send(world, attempt);
	} else {
		id = attempt->id;
		attempt_end(world, attempt);
		failover_unreachable(world->engine, id, FAILOVER_REASON_ICMP, world->now);
	}
}
