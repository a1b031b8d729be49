/* SPDX-License-Identifier: MIT */
/* plan_world.c - which lines, servers and settings a seed makes. */
#include <string.h>
#include "tests/runner/settings.h"
#include "tests/sim/fleet.h"

#define PROXY_STORE 100u
#define INTERVAL_MOST_S 3600u

static uint32_t pick(uint64_t *random, const uint32_t *choices, uint32_t count)
{
	return choices[fleet_below(random, count)];
}

#define PICK(random, ...)                                                                          \
	pick(random, (const uint32_t[]){ __VA_ARGS__ },                                            \
	     sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

static uint32_t below(void *random, uint32_t bound)
{
	return fleet_below(random, bound);
}

/* Who waits less than the way there and back takes is never served: that is no fault to find. */
static void more_patience(struct failover_line_settings *settings, uint32_t delay_ms)
{
	uint32_t least_ms = 4 * delay_ms;

	if (settings->t1_ms < least_ms)
		settings->t1_ms = least_ms;
	if (settings->t2_ms < settings->t1_ms)
		settings->t2_ms = settings->t1_ms;
	if (settings->signal_retry_time_ms < least_ms)
		settings->signal_retry_time_ms = least_ms;
}

/* Longer ones show nothing more, and cost hours of virtual time after the end of all faults. */
static void bearable_intervals(struct failover_line_settings *settings)
{
	if (settings->failback_interval_s > INTERVAL_MOST_S)
		settings->failback_interval_s = INTERVAL_MOST_S;
	if (settings->reg_fail_interval_s > INTERVAL_MOST_S)
		settings->reg_fail_interval_s = INTERVAL_MOST_S;
	if (settings->failback_hold_s > INTERVAL_MOST_S)
		settings->failback_hold_s = INTERVAL_MOST_S;
	if (settings->failover_hold_s > INTERVAL_MOST_S)
		settings->failover_hold_s = INTERVAL_MOST_S;
}

struct failover_line_settings plan_settings(const struct fleet_plan *plan, uint64_t *random,
					    const struct fleet_options *options)
{
	struct failover_line_settings settings;

	settings_vary(&settings, below, random);
	more_patience(&settings, plan->world.link.delay_ms);
	bearable_intervals(&settings);
	if (options->profile)
		settings.profile = options->profile;
	return settings;
}

static struct node *node_add(struct scenario *world, const char *prefix, uint32_t number)
{
	struct node *node = &world->nodes[world->nodes_count++];

	memset(node, 0, sizeof(*node));
	snprintf(node->name, sizeof(node->name), "%s%u", prefix, (unsigned)number + 1);
	node->target.family = 4;
	node->target.port = 5060;
	memcpy(node->target.address, (const uint8_t[]){ 192, 0, 2, (uint8_t)world->nodes_count },
	       4);
	return node;
}

static void transports(struct fleet_plan *plan, uint64_t *random)
{
	struct scenario *world = &plan->world;
	uint32_t mixed = fleet_below(random, 3), i;

	for (i = 0; i < world->nodes_count; i++)
		if (!mixed)
			world->nodes[i].target.transport =
				(uint8_t)PICK(random, FAILOVER_UDP, FAILOVER_TCP, FAILOVER_TLS);
}

static void servers(struct fleet_plan *plan, uint64_t *random, uint32_t wanted)
{
	static const char *const kinds[] = { "s", "p" };
	struct scenario *world = &plan->world;
	uint32_t registrars = wanted ? 1 + fleet_below(random, wanted < 3 ? wanted : 3)
				     : PICK(random, 1, 2, 2, 3);
	uint32_t hops = wanted ? wanted / registrars : PICK(random, 0, 1, 2, 3), i, k;
	int proxies = hops > 0 && fleet_below(random, 2);
	uint32_t shared = fleet_below(random, 2), merge = !fleet_below(random, 4);
	struct node *node = NULL;

	for (i = 0; i < registrars; i++) {
		world->registrars[i].expires_s = PICK(random, 30, 60, 120, 600, 3600);
		for (k = 0; k < (proxies || !hops ? 1 : hops); k++) {
			node = node_add(world, kinds[0], world->nodes_count);
			node->owner = i;
			node->store = shared ? 0 : i;
			node->target.registrar = (uint8_t)i;
			node->merge = k ? 0 : merge;
		}
		snprintf(world->registrars[i].address, sizeof(world->registrars[i].address),
			 "192.0.2.%u", (unsigned)node->target.address[3]);
	}
	world->registrars_count = registrars;
	for (i = 0; proxies && i < hops; i++) {
		node = node_add(world, kinds[1], world->nodes_count);
		node->proxy = 1;
		node->owner = i;
		node->store = PROXY_STORE;
		node->target.hop = (uint8_t)(i + 1);
		node->merge = merge;
	}
	world->proxies_count = proxies ? hops : 0;
}

void plan_world(struct fleet_plan *plan, uint64_t *random, const struct fleet_options *options)
{
	struct scenario *world = &plan->world;

	world->link.size = sizeof(world->link);
	world->link.delay_ms = PICK(random, 1, 1, 10, 50, 150);
	world->settings = plan_settings(plan, random, options);
	world->seed = fleet_random(random) >> 32;
	world->lines = options->lines ? options->lines : PICK(random, 1, 1, 2, 3, 5);
	world->shared_health =
		PICK(random, FAILOVER_HEALTH_TRANSPORT, FAILOVER_HEALTH_ALL, FAILOVER_HEALTH_OFF);
	world->dead_time_s = world->seed % 3 ? 0 : 1 + (uint32_t)(world->seed / 3 % 120);
	servers(plan, random, options->targets);
	transports(plan, random);
	if (plan->faults >> FAULT_QUIRKS & 1)
		world->quirks = fleet_below(random, 16);
}
