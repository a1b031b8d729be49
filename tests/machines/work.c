/* SPDX-License-Identifier: MIT */
/* work.c - see work.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <failover/ext/line.h>
#include "plugins/sim/sim.h"
#include "tests/runner/settings.h"
#include "work.h"

#define LINES 5
#define SERVERS 4
#define CALLS 32
#define ACTIONS 300

enum call_state { CALL_NONE, CALL_DIALLED, CALL_UP };

struct call {
	uint64_t request;
	struct failover_target target; /* that it was set up through */
	uint32_t line, state;
};

struct work {
	const struct failover_ext_sim *sim;
	void *inst;
	struct failover_engine *engine;
	struct failover_stack *stack;
	struct work_told *told;
	uint64_t random;
	uint32_t lines[LINES], servers[SERVERS];
	struct call calls[CALLS]; /* a call's cookie is its place + 1 */
};

static uint32_t some(struct work *work, uint32_t limit)
{
	work->random ^= work->random << 13;
	work->random ^= work->random >> 7;
	work->random ^= work->random << 17;
	return (uint32_t)(work->random >> 11) % limit;
}

/* ---- what is told ------------------------------------------------------------------------- */

static void tell(struct work *work, const char *text)
{
	for (; *text; text++)
		work->told->hash = (work->told->hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
}

static uint64_t work_now(void *user)
{
	struct work *work = user;

	return work->inst ? work->sim->now(work->inst) : 0;
}

static void on_event(void *user, const struct failover_event *event)
{
	struct work *work = user;
	char line[1024], text[900];

	failover_event_text(event, text, sizeof(text));
	snprintf(line, sizeof(line), "%" PRIu64 " %u %u %" PRIx64 " %" PRIx64 " %s\n", event->now,
		 event->kind, event->line, event->request, event->attempt, text);
	tell(work, line);
	work->told->events++;
	work->told->moves += event->kind == FAILOVER_EVENT_MOVED;
}

static void on_result(void *user, const struct failover_result *result)
{
	struct work *work = user;
	struct call *call;
	char line[200], target[80];

	snprintf(line, sizeof(line), "%" PRIx64 " %u %u %u %u %s %u\n", result->request,
		 result->method, result->outcome, result->status, result->flags,
		 failover_target_text(&result->target, target, sizeof(target)),
		 result->reports_count);
	tell(work, line);
	work->told->results++;
	if (result->cookie == 0 || result->cookie > CALLS || result->method == FAILOVER_CANCEL)
		return;
	call = &work->calls[result->cookie - 1];
	call->state = CALL_NONE;
	if (result->method == FAILOVER_INVITE && result->status / 100 == 2) {
		call->state = CALL_UP;
		call->target = result->target;
	}
}

static void on_packet(void *user, const struct failover_sim_packet *packet)
{
	struct work *work = user;
	char text[512];

	tell(work, work->sim->text(packet, text, sizeof(text)));
	work->told->packets++;
}

/* ---- the world ---------------------------------------------------------------------------- */

static struct failover_target target_of(uint32_t server, uint8_t registrar)
{
	return (struct failover_target){ .address = { 192, 0, 2, (uint8_t)(server + 1) },
					 .port = 5060,
					 .family = 4,
					 .transport = server == 3 ? FAILOVER_TCP : FAILOVER_UDP,
					 .registrar = registrar };
}

static int servers_add(struct work *work)
{
	struct failover_sim_link link = { .size = sizeof(link),
					  .delay_ms = 10,
					  .jitter_ms = 40,
					  .loss_percent = 5,
					  .duplicate_percent = 3 };
	uint32_t i;
	int error = 0;

	for (i = 0; i < SERVERS && !error; i++) {
		struct failover_sim_server_params params = { .size = sizeof(params),
							     .store = FAILOVER_SIM_NO_STORE,
							     .address = target_of(i, 0) };

		error = work->sim->server_add(work->inst, &params, &work->servers[i]);
		if (!error)
			error = work->sim->link_set(work->inst, work->servers[i], &link);
	}
	return error;
}

static uint32_t below(void *work, uint32_t bound)
{
	return some(work, bound);
}

static struct failover_line_settings settings_of(struct work *work)
{
	struct failover_line_settings settings;

	settings_vary(&settings, below, work);
	return settings;
}

static int line_add(struct work *work, uint32_t n)
{
	const struct failover_ext_line *ext =
		failover_stack_extension(work->stack, FAILOVER_EXT_LINE);
	struct failover_registrar_identity registrars[2] = {
		{ .size = sizeof(registrars[0]), .address = "192.0.2.1" },
		{ .size = sizeof(registrars[1]), .address = "192.0.2.2" },
	};
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .user = "1001",
						   .registrars = registrars,
						   .registrars_count = 2 };
	struct failover_target targets[SERVERS];
	struct failover_line_params params = {
		.size = sizeof(params), .registrars = 2, .max_targets = 8, .targets = targets
	};
	uint32_t i;
	int error;

	params.settings = settings_of(work);
	params.targets_count = 1 + some(work, SERVERS);
	for (i = 0; i < params.targets_count; i++)
		targets[i] = target_of((i + n) % SERVERS, i > 1);
	error = failover_line_add(work->engine, &params, 0, &work->lines[n]);
	if (error)
		return error;
	identity.line = work->lines[n];
	error = ext->line_set(work->inst, &identity);
	return error ? error : failover_register(work->engine, work->lines[n], 0);
}

static int world_build(struct work *work, const struct failover_plugin *plugin, uint64_t seed)
{
	struct failover_engine_params engine = { .size = sizeof(engine),
						 .seed = seed,
						 .shared_health = 1 + some(work, 3),
						 .memory = failover_memory_default() };
	struct failover_stack_params stack = { .size = sizeof(stack),
					       .user = work,
					       .now = work_now,
					       .event = on_event,
					       .result = on_result };
	uint32_t i;
	int error = failover_engine_new(&engine, &work->engine);

	if (error)
		return error;
	stack.engine = work->engine;
	error = failover_stack_open(plugin, &stack, &work->stack);
	if (error)
		return error;
	work->inst = failover_stack_instance(work->stack);
	work->sim = failover_stack_extension(work->stack, FAILOVER_EXT_SIM);
	if (!work->sim)
		return FAILOVER_ERR_UNSUPPORTED;
	work->sim->seed(work->inst, seed);
	work->sim->observe(work->inst, on_packet, work);
	error = servers_add(work);
	for (i = 0; i < LINES && !error; i++)
		error = line_add(work, i);
	return error;
}

/* ---- what happens ------------------------------------------------------------------------- */

static void server_changes(struct work *work)
{
	static const uint32_t statuses[] = { 0, 0, 0, 486, 500, 503, 403, 404 };
	struct failover_sim_behaviour behaviour = { .size = sizeof(behaviour) };
	uint32_t mode = some(work, 6);

	behaviour.mode = mode < 3 ? mode : (uint32_t)FAILOVER_SIM_ANSWERS;
	behaviour.reason = FAILOVER_REASON_ICMP + some(work, 4);
	behaviour.delay_ms = some(work, 3) ? 0 : some(work, 9000);
	behaviour.retry_after_s = some(work, 60);
	behaviour.challenge = some(work, 3) ? 0 : 401;
	behaviour.replies[FAILOVER_INVITE][0].status = some(work, 2) ? 180 : 0;
	if (behaviour.replies[FAILOVER_INVITE][0].status)
		behaviour.replies[FAILOVER_INVITE][1] =
			(struct failover_sim_reply){ .status = 200, .after_ms = some(work, 5000) };
	behaviour.replies[FAILOVER_REGISTER][0].status = statuses[some(work, 8)];
	work->sim->server_set(work->inst, work->servers[some(work, SERVERS)], &behaviour);
}

static void user_calls(struct work *work, uint64_t now)
{
	uint32_t n = some(work, CALLS);
	struct call *call = &work->calls[n];
	struct failover_request_params params = { .size = sizeof(params), .cookie = n + 1u };

	if (call->state == CALL_DIALLED) {
		failover_give_up(work->engine, call->request, now);
		return;
	}
	params.method = FAILOVER_INVITE;
	if (call->state == CALL_UP) {
		params.method = FAILOVER_BYE;
		params.dialog = &call->target;
	} else {
		call->line = work->lines[some(work, LINES)];
	}
	if (!failover_submit(work->engine, call->line, &params, now, &call->request))
		call->state = CALL_DIALLED;
}

static void targets_change(struct work *work, uint64_t now)
{
	struct failover_target targets[SERVERS];
	uint32_t i, first = some(work, SERVERS), count = 1 + some(work, SERVERS);

	for (i = 0; i < count; i++)
		targets[i] = target_of((first + i) % SERVERS, i > 1);
	failover_line_targets(work->engine, work->lines[some(work, LINES)], targets, count, now);
}

static void act(struct work *work, uint64_t now)
{
	switch (some(work, 12)) {
	case 0:
		failover_register(work->engine, work->lines[some(work, LINES)], now);
		break;
	case 1:
		failover_network_changed(work->engine, now);
		break;
	case 2:
		targets_change(work, now);
		break;
	case 3:
	case 4:
	case 5:
		server_changes(work);
		break;
	default:
		user_calls(work, now);
		break;
	}
}

static void pass_until(struct work *work, uint64_t end)
{
	uint64_t now;

	failover_dispatch(work->stack);
	for (;;) {
		now = failover_next_deadline(work->engine);
		if (work->sim->next(work->inst) < now)
			now = work->sim->next(work->inst);
		if (now > end)
			return;
		while (work->sim->step(work->inst, now))
			failover_dispatch(work->stack);
		failover_handle_timeout(work->engine, now);
		failover_dispatch(work->stack);
	}
}

int work_run(const struct failover_plugin *plugin, uint64_t seed, struct work_told *told)
{
	struct work work = { .told = told, .random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1 };
	uint64_t now = 0;
	uint32_t i;
	int error;

	*told = (struct work_told){ .hash = UINT64_C(0xcbf29ce484222325) };
	error = world_build(&work, plugin, seed);
	for (i = 0; i < ACTIONS && !error; i++) {
		act(&work, now);
		now += some(&work, some(&work, 4) ? 5000 : 90000);
		pass_until(&work, now);
	}
	failover_stack_close(work.stack);
	failover_engine_free(work.engine);
	return error;
}
