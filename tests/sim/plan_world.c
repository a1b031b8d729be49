/* SPDX-License-Identifier: MIT */
/* plan_world.c - which lines, servers and settings a seed makes. */
#include <string.h>
#include "tests/sim/fleet.h"

#define PROXY_STORE 100u

static uint32_t pick(uint64_t *random, const uint32_t *choices, uint32_t count)
{
	return choices[fleet_below(random, count)];
}

#define PICK(random, ...)                                                                          \
	pick(random, (const uint32_t[]){ __VA_ARGS__ },                                            \
	     sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

struct failover_line_settings plan_settings(uint64_t *random, const struct fleet_options *options)
{
	struct failover_line_settings s = FAILOVER_LINE_SETTINGS_INIT;
	uint32_t i;

	s.profile = PICK(random, FAILOVER_PROFILE_V2, FAILOVER_PROFILE_V3);
	if (options->profile)
		s.profile = options->profile;
	if (failover_profile_available(s.profile)) /* it is not: the other one is */
		s.profile = s.profile == FAILOVER_PROFILE_V2 ? FAILOVER_PROFILE_V3
							     : FAILOVER_PROFILE_V2;
	s.failback = PICK(random, 0, 1, 1);
	s.failback_interval_s = PICK(random, 30, 60, 90, 300, 1800);
	s.failback_release = PICK(random, 0, 0, 1);
	s.signal_failback = PICK(random, 0, 1);
	s.signal_failback_methods = 0;
	for (i = FAILOVER_REGISTER; i <= FAILOVER_BYE; i++)
		if (fleet_below(random, 3))
			s.signal_failback_methods |= FAILOVER_METHOD_BIT(i);
	s.signal_retry_counts = PICK(random, 1, 2, 3, 3, 5, 8);
	s.signal_retry_first_free = PICK(random, 0, 0, 1);
	s.signal_retry_time_ms = PICK(random, 500, 1000, 4000, 4000, 8000);
	s.trying_timeout_s = PICK(random, 0, 0, 0, 2, 5, 20);
	s.jitter_percent = PICK(random, 0, 10, 10, 50);
	s.keepalive = PICK(random, FAILOVER_KEEPALIVE_OFF, FAILOVER_KEEPALIVE_OPTIONS,
			   FAILOVER_KEEPALIVE_OPTIONS, FAILOVER_KEEPALIVE_CRLF);
	s.keepalive_interval_s = PICK(random, 5, 10, 30, 30, 120);
	s.reg_fail_interval_s = PICK(random, 1, 5, 32, 32, 60);
	s.reg_fail_backoff = PICK(random, 0, 0, 1);
	if (!fleet_below(random, 6))
		failover_code_set(&s, PICK(random, 404, 480, 502, 504));
	return s;
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

	world->settings = plan_settings(random, options);
	world->seed = fleet_random(random) >> 32;
	world->lines = options->lines ? options->lines : PICK(random, 1, 1, 2, 3, 5);
	world->shared_health =
		PICK(random, FAILOVER_HEALTH_TRANSPORT, FAILOVER_HEALTH_ALL, FAILOVER_HEALTH_OFF);
	world->link.size = sizeof(world->link);
	world->link.delay_ms = PICK(random, 1, 1, 10, 50, 150);
	servers(plan, random, options->targets);
	transports(plan, random);
	if (plan->faults >> FAULT_QUIRKS & 1)
		world->quirks = fleet_below(random, 16);
}
