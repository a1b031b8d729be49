/* SPDX-License-Identifier: MIT */
/* play.c - runs a scenario: engine and simulated stack on one virtual clock. */
#include <stdlib.h>
#include <string.h>
#include "failover/ext/line.h"
#include "tests/runner/play.h"

static uint64_t play_now(void *user)
{
	struct play *play = user;

	return play->inst ? play->sim->now(play->inst) : 0;
}

static int stack_open(struct play *play)
{
	struct failover_engine_params engine = {
		.size = sizeof(engine),
		.shared_health = play->scenario->shared_health,
		.seed = play->scenario->seed,
		.memory = failover_memory_default(),
	};
	struct failover_stack_params stack = {
		.size = sizeof(stack),
		.open = { .size = sizeof(stack.open) },
		.user = play,
		.now = play_now,
		.event = play_event,
		.result = play_result,
	};
	int rc = failover_engine_new(&engine, &play->engine);

	if (!rc)
		rc = failover_move_limit(play->engine, play->scenario->moves_per_second);
	if (!rc)
		rc = failover_dead_time(play->engine, play->scenario->dead_time_s);
	if (rc)
		return rc;
	stack.engine = play->engine;
	rc = failover_stack_open(&failover_sim_plugin, &stack, &play->stack);
	if (rc)
		return rc;
	play->sim = failover_stack_extension(play->stack, FAILOVER_EXT_SIM);
	play->inst = failover_stack_instance(play->stack);
	if (!play->sim)
		return FAILOVER_ERR_UNSUPPORTED;
	play->sim->seed(play->inst, play->scenario->seed);
	play->sim->quirks(play->inst, play->scenario->quirks);
	play->sim->observe(play->inst, play_packet, play);
	return 0;
}

static int servers_add(struct play *play)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; i < play->scenario->nodes_count && !rc; i++) {
		struct node *node = &play->scenario->nodes[i];
		struct node *first = node_at(play->scenario, &node->target);
		struct failover_sim_server_params params = {
			.size = sizeof(params),
			.store = node->store,
			.merge = node->merge,
			.address = node->target,
		};

		/* A proxy and a server at one address are one server. */
		if (first != node) {
			node->number = first->number;
			continue;
		}
		rc = play->sim->server_add(play->inst, &params, &node->number);
		if (!rc)
			rc = play->sim->link_set(play->inst, node->number, &play->scenario->link);
	}
	return rc;
}

static int identity_set(struct play *play, uint32_t line)
{
	const struct failover_ext_line *ext =
		failover_stack_extension(play->stack, FAILOVER_EXT_LINE);
	struct failover_registrar_identity registrars[FAILOVER_LIMIT_REGISTRARS];
	struct failover_line_identity identity = {
		.size = sizeof(identity),
		.line = line,
		.user = "1001",
		.registrars = registrars,
		.registrars_count = play->scenario->registrars_count,
	};
	uint32_t i, k;

	for (i = 0; i < play->scenario->registrars_count; i++) {
		registrars[i] = (struct failover_registrar_identity){
			.size = sizeof(registrars[i]),
			.address = play->scenario->registrars[i].address,
		};
		for (k = 0; k < play->scenario->nodes_count; k++)
			if (!play->scenario->nodes[k].proxy &&
			    play->scenario->nodes[k].owner == i && !registrars[i].port)
				registrars[i].port = play->scenario->nodes[k].target.port;
	}
	return ext ? ext->line_set(play->inst, &identity) : FAILOVER_ERR_UNSUPPORTED;
}

int play_line_add(struct play *play, uint32_t line)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t expires[FAILOVER_LIMIT_REGISTRARS], i;
	struct failover_line_params params = {
		.size = sizeof(params),
		.registrars = play->scenario->registrars_count,
		.max_targets = FAILOVER_LIMIT_TARGETS,
		.targets = targets,
		.expires_s = expires,
		.settings = play->scenario->settings,
	};
	int rc;

	params.targets_count = scenario_targets(play->scenario, targets, FAILOVER_LIMIT_TARGETS);
	for (i = 0; i < play->scenario->registrars_count; i++)
		expires[i] = play->scenario->registrars[i].expires_s;
	rc = failover_line_add(play->engine, &params, play->sim->now(play->inst),
			       &play->lines[line]);
	return rc ? rc : identity_set(play, play->lines[line]);
}

static int lines_add(struct play *play)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; i < play->scenario->lines && !rc; i++)
		rc = play_line_add(play, i);
	return rc;
}

/* Everything that is due at this moment: actions, then packets, then timers. */
static void moment(struct play *play, uint64_t now_ms, size_t *actions)
{
	while (play->sim->step(play->inst, now_ms))
		failover_dispatch(play->stack);
	while (*actions < play->scenario->actions_count &&
	       play->scenario->actions[*actions].at_ms <= now_ms) {
		play_act(play, &play->scenario->actions[(*actions)++]);
		failover_dispatch(play->stack);
	}
	while (play->sim->step(play->inst, now_ms))
		failover_dispatch(play->stack);
	failover_handle_timeout(play->engine, now_ms);
	failover_dispatch(play->stack);
}

static void run(struct play *play)
{
	const struct scenario *scenario = play->scenario;
	size_t actions = 0;
	uint32_t steps = 0;
	uint64_t next_ms, due_ms;

	for (;;) {
		next_ms = failover_next_deadline(play->engine);
		due_ms = play->sim->next(play->inst);
		if (due_ms < next_ms)
			next_ms = due_ms;
		if (actions < scenario->actions_count && scenario->actions[actions].at_ms < next_ms)
			next_ms = scenario->actions[actions].at_ms;
		if (next_ms > scenario->end_ms)
			return;
		if (steps++ == PLAY_STEPS_MOST) {
			scenario_error(play->scenario, 0, "it does not come to an end");
			return;
		}
		moment(play, next_ms, &actions);
	}
}

/* What holds at the end of every scenario. */
static void always_check(struct play *play)
{
	uint32_t i, ghosts = play->sim->ghosts(play->inst);

	for (i = 0; i < play->requests_count; i++)
		if (play->requests[i].ended != 1)
			scenario_error(play->scenario, 0, "B18: request %u (%s) ended %u times",
				       (unsigned)i + 1,
				       failover_method_text(play->requests[i].method),
				       (unsigned)play->requests[i].ended);
	if (ghosts != play->scenario->ghosts)
		scenario_error(play->scenario, 0, "B7a: expected %u ghost calls, are %u",
			       (unsigned)play->scenario->ghosts, (unsigned)ghosts);
}

void scenario_play(struct scenario *scenario, FILE *trace)
{
	struct play *play = calloc(1, sizeof(*play));
	size_t i;
	int rc;

	if (!play)
		return;
	play->scenario = scenario;
	play->trace = trace;
	rc = stack_open(play);
	if (!rc)
		rc = servers_add(play);
	if (!rc)
		rc = lines_add(play);
	if (rc) {
		scenario_error(scenario, 0, "the world cannot be built: %s", failover_strerror(rc));
		goto out;
	}
	run(play);
	if (!scenario->anything)
		items_match(scenario, &play->seen);
	for (i = 0; i < scenario->finally_count; i++)
		play_check(play, &scenario->finally[i]);
	always_check(play);
out:
	if (play->stack)
		failover_stack_close(play->stack);
	failover_engine_free(play->engine);
	items_free(&play->seen);
	free(play);
}
