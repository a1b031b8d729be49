/* SPDX-License-Identifier: MIT */
/* run.c - runs a plan: packets, acts and timers of one virtual clock, in one order. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "tests/sim/fleet.h"

#define STEPS_MOST 20000000u

void fleet_fail(struct fleet *fleet, const char *rule, const char *format, ...)
{
	va_list args;
	int used;

	if (fleet->failure[0])
		return;
	used = snprintf(fleet->failure, sizeof(fleet->failure),
			"at %llu.%03u %s: ", (unsigned long long)fleet->now_ms / 1000,
			(unsigned)(fleet->now_ms % 1000), rule);
	va_start(args, format);
	vsnprintf(fleet->failure + used, sizeof(fleet->failure) - (size_t)used, format, args);
	va_end(args);
}

uint64_t fleet_cookie(const struct fleet *fleet, uint32_t call)
{
	(void)fleet;
	return call + 1ull;
}

static void *memory_alloc(void *user, size_t bytes)
{
	struct fleet *fleet = user;

	fleet->blocks++;
	if (!fleet->building)
		fleet_fail(fleet, "B19", "memory is allocated for an event");
	return malloc(bytes);
}

static void memory_release(void *user, void *block)
{
	struct fleet *fleet = user;

	fleet->blocks -= block != NULL;
	free(block);
}

static void observe(void *user, const struct failover_sim_packet *packet)
{
	struct fleet *fleet = user;

	fleet->totals->packets++;
	trace_packet(fleet, packet);
	ghosts_packet(fleet, packet);
}

static int world_make(struct fleet *fleet)
{
	const struct scenario *world = &fleet->plan->world;
	struct failover_open_params params = { .size = sizeof(params) };
	uint32_t i, line;
	int rc;

	fleet->plugin = &failover_sim_plugin;
	fleet->host = fleet_host(fleet);
	rc = fleet->plugin->open(&fleet->host, &params, &fleet->inst);
	if (rc)
		return rc;
	fleet->sim = fleet->plugin->get_extension(FAILOVER_EXT_SIM);
	fleet->sim->seed(fleet->inst, world->seed);
	fleet->sim->quirks(fleet->inst, world->quirks);
	fleet->sim->observe(fleet->inst, observe, fleet);
	for (i = 0; i < world->nodes_count && !rc; i++) {
		const struct node *node = &world->nodes[i];
		struct failover_sim_server_params server = { .size = sizeof(server),
							     .store = node->store,
							     .merge = node->merge,
							     .address = node->target };
		const struct node *first =
			node_at((struct scenario *)(uintptr_t)world, &node->target);

		if (first != node) {
			fleet->numbers[i] = fleet->numbers[first - world->nodes];
			continue;
		}
		rc = fleet->sim->server_add(fleet->inst, &server, &fleet->numbers[i]);
		if (!rc)
			rc = fleet->sim->link_set(fleet->inst, fleet->numbers[i], &world->link);
	}
	for (line = 0; line < world->lines && !rc; line++)
		rc = fleet_line_add(fleet, line);
	return rc;
}

static int engine_make(struct fleet *fleet)
{
	struct failover_engine_params params = {
		.size = sizeof(params),
		.shared_health = fleet->plan->world.shared_health,
		.seed = fleet->plan->world.seed,
		.memory = { fleet, memory_alloc, memory_release },
	};
	int rc;

	fleet->building = 1;
	rc = failover_engine_new(&params, &fleet->engine);
	if (!rc)
		rc = failover_dead_time(fleet->engine, fleet->plan->world.dead_time_s);
	fleet->building = 0;
	return rc;
}

/* Packets first, then acts, packets again, then timers: as tests/runner does it. */
static void packets(struct fleet *fleet)
{
	while (!fleet->failure[0] && fleet->sim->step(fleet->inst, fleet->now_ms)) {
		fleet->steps++;
		if (fleet->undrained || fleet->pending_count)
			fleet_drain(fleet);
	}
}

static void moment(struct fleet *fleet, size_t *acts)
{
	const struct fleet_plan *plan = fleet->plan;

	packets(fleet);
	for (; *acts < plan->acts_count && plan->acts[*acts].at_ms <= fleet->now_ms; ++*acts) {
		if (plan->acts[*acts].left_out || fleet->failure[0])
			continue;
		fleet->steps++;
		fleet->totals->inputs++;
		trace_act(fleet, &plan->acts[*acts]);
		fleet_act(fleet, &plan->acts[*acts]);
		fleet_drain(fleet);
	}
	packets(fleet);
	if (mutant_strikes(fleet, MUTANT_ALLOCATES))
		memory_release(fleet, memory_alloc(fleet, 1));
	if (failover_next_deadline(fleet->engine) > fleet->now_ms ||
	    fleet->now_ms < fleet->timers_from)
		return;
	if (mutant_strikes(fleet, MUTANT_TIMERS_LATE)) {
		fleet->timers_from = fleet->now_ms + 70000;
	} else {
		fleet->steps++;
		fleet_time(fleet, fleet->now_ms);
	}
}

static void loop(struct fleet *fleet)
{
	const struct fleet_plan *plan = fleet->plan;
	uint64_t next_ms, due_ms;
	size_t acts = 0;

	while (!fleet->failure[0]) {
		next_ms = failover_next_deadline(fleet->engine);
		if (next_ms < fleet->timers_from)
			next_ms = fleet->timers_from;
		due_ms = fleet->sim->next(fleet->inst);
		if (due_ms < next_ms)
			next_ms = due_ms;
		if (acts < plan->acts_count && plan->acts[acts].at_ms < next_ms)
			next_ms = plan->acts[acts].at_ms;
		if (next_ms > plan->world.end_ms)
			break;
		if (fleet->steps > STEPS_MOST) {
			fleet_fail(fleet, "B19", "it does not come to an end");
			break;
		}
		fleet->now_ms = next_ms;
		moment(fleet, &acts);
	}
}

static void fleet_free(struct fleet *fleet)
{
	if (fleet->inst)
		fleet->plugin->close(fleet->inst);
	failover_engine_free(fleet->engine);
	if (mutant_strikes(fleet, MUTANT_LEAK))
		fleet->blocks++;
	if (fleet->blocks)
		fleet_fail(fleet, "B19", "%ld blocks of memory are not released", fleet->blocks);
	ghosts_free(fleet);
	free(fleet->requests);
	free(fleet->calls);
	free(fleet->oracle);
}

int fleet_run(const struct fleet_plan *plan, enum fleet_mutant mutant, FILE *trace,
	      struct fleet_totals *totals, uint64_t *hash, char *failure, size_t size)
{
	struct fleet fleet = { .plan = plan, .mutant = mutant, .totals = totals, .trace = trace };
	int rc;

	fleet.hash = 0xcbf29ce484222325u;
	fleet.hashed = hash != NULL;
	fleet.random = plan->seed ^ 0x5851f42d4c957f2du;
	fleet.mutant_in = fleet_below(&fleet.random, 6);
	fleet.calls = calloc(plan->calls_count + 1, sizeof(*fleet.calls));
	fleet.oracle = malloc(sizeof(*fleet.oracle));
	if (!fleet.calls || !fleet.oracle)
		abort();
	oracle_init(fleet.oracle, plan->world.shared_health, plan->world.dead_time_s);
	rc = engine_make(&fleet);
	if (!rc)
		rc = world_make(&fleet);
	if (rc)
		fleet_fail(&fleet, "sim", "the world cannot be built: %s", failover_strerror(rc));
	else
		loop(&fleet);
	if (!fleet.failure[0])
		fleet_end(&fleet);
	totals->seeds++;
	totals->steps += fleet.steps;
	totals->virtual_ms += fleet.now_ms;
	totals->judged += fleet.oracle->judged;
	if (mutant_strikes(&fleet, MUTANT_HASH_DIFFERS))
		fleet.hash ^= totals->seeds;
	fleet_free(&fleet);
	if (hash)
		*hash = fleet.hash;
	snprintf(failure, size, "%s", fleet.failure);
	return fleet.failure[0] ? FAILOVER_ERR_STATE : 0;
}
