/* SPDX-License-Identifier: MIT */
/* thread_scene.c - see thread_scene.h. */
#include <pthread.h>
#include "thread_scene.h"

/* ---- a plugin whose hook does one thing --------------------------------------------------- */

static int scene_open(const struct failover_host *host, const struct failover_open_params *params,
		      void **inst)
{
	struct scene *scene = (struct scene *)(uintptr_t)params->user_agent;

	scene->host = host;
	*inst = scene;
	return 0;
}

static void scene_close(void *inst)
{
	((struct scene *)inst)->host = NULL;
}

static int scene_send(void *inst, const struct failover_attempt *attempt)
{
	struct scene *scene = inst;

	scene->attempt = attempt->id;
	if (scene->in_send)
		scene->in_send(scene);
	return 0;
}

static int scene_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	(void)inst, (void)attempt, (void)reason;
	return 0;
}

static void scene_response(void *inst, const struct failover_result *result)
{
	(void)inst, (void)result;
}

static const struct failover_plugin plugin = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(plugin),
	.id = "scene",
	.version = "1",
	.stack = "none",
	.license = "MIT",
	.open = scene_open,
	.close = scene_close,
	.send = scene_send,
	.timeout = scene_timeout,
	.response = scene_response,
};

static uint64_t scene_clock(void *user)
{
	return ((struct scene *)user)->bench->now;
}

void scene_begin(struct scene *scene)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_stack_params params = { .size = sizeof(params),
						.open.user_agent = (const char *)scene,
						.now = scene_clock,
						.user = scene };

	settings.profile = FAILOVER_PROFILE_DEFAULT;
	scene->bench = bench_one(&settings, "01");
	params.engine = scene->bench->engine;
	ck_assert_int_eq(failover_stack_open(&plugin, &params, &scene->stack), 0);
	ck_assert_int_eq(failover_register(scene->bench->engine, scene->bench->line, 1000), 0);
}

void scene_end(struct scene *scene)
{
	failover_stack_close(scene->stack);
	bench_free(scene->bench);
}

/* ---- calls -------------------------------------------------------------------------------- */

void call_dispatch(struct scene *scene)
{
	scene->dispatched = failover_dispatch(scene->stack);
}

void call_poll(struct scene *scene)
{
	struct failover_output output;

	failover_poll(scene->bench->engine, &output);
}

void call_close(struct scene *scene)
{
	failover_stack_close(scene->stack);
}

void call_engine_free(struct scene *scene)
{
	failover_engine_free(scene->bench->engine);
}

void call_submit(struct scene *scene)
{
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE,
						  .cookie = 77 };
	uint64_t request;

	failover_submit(scene->bench->engine, scene->bench->line, &params, 1000, &request);
}

void call_timeout(struct scene *scene)
{
	failover_handle_timeout(scene->bench->engine, 1000);
}

void call_deadline(struct scene *scene)
{
	failover_next_deadline(scene->bench->engine);
}

void call_sent(struct scene *scene)
{
	scene->host->sent(scene->host->ctx, 1);
}

void call_response(struct scene *scene)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 200, .expires_s = 60 };

	scene->host->response(scene->host->ctx, scene->attempt, &answer);
}

void call_unreachable(struct scene *scene)
{
	scene->host->unreachable(scene->host->ctx, 1, FAILOVER_REASON_ICMP);
}

void call_heard(struct scene *scene)
{
	struct failover_target from = bench_target(0, 0);

	scene->host->heard(scene->host->ctx, scene->bench->line, &from);
}

void call_log(struct scene *scene)
{
	scene->host->log(scene->host->ctx, FAILOVER_LOG_INFO, "text");
}

void call_random(struct scene *scene)
{
	uint8_t bytes[4];

	ck_assert_int_eq(scene->host->random(scene->host->ctx, bytes, sizeof(bytes)), 0);
}

void call_now(struct scene *scene)
{
	scene->host->now(scene->host->ctx);
}

void call_extension(struct scene *scene)
{
	scene->host->get_extension(scene->host->ctx, "none/1");
}

void call_instance(struct scene *scene)
{
	failover_stack_instance(scene->stack);
}

/* ---- another thread ----------------------------------------------------------------------- */

struct call {
	struct scene *scene;
	scene_call *function;
};

static void *call_run(void *argument)
{
	struct call *call = argument;

	call->function(call->scene);
	return NULL;
}

void scene_elsewhere(struct scene *scene, scene_call *function)
{
	struct call call = { scene, function };
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, call_run, &call), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
