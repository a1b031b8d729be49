/* SPDX-License-Identifier: MIT */
/* host_hooks_test.c - no function of the host table runs a hook before it returns (plugin.h). */
#include <string.h>
#include "bench.h"

#define EXTENSION "com.example.none/1"

/* A plugin that counts its hooks; what it is told to say, it says from inside `send`. */
struct counter {
	const struct failover_host *host;
	struct failover_stack *stack;
	struct failover_target target;
	uint32_t line;
	uint64_t attempt;
	unsigned hooks, program; /* how often a hook, a function of the program was called */
	unsigned ran_inside;	 /* hooks that ran before a host function had returned */
	void (*say)(struct counter *counter);
};

static struct counter counter;

/* ---- the host table, function by function ------------------------------------------------- */

static void say_now(struct counter *is)
{
	ck_assert_uint_ne(is->host->now(is->host->ctx), 0);
}

static void say_sent(struct counter *is)
{
	is->host->sent(is->host->ctx, is->attempt);
}

static void say_response(struct counter *is)
{
	const struct failover_answer answer = { .size = sizeof(answer), .status = 503 };

	(void)is->host->response(is->host->ctx, is->attempt, &answer);
}

static void say_unreachable(struct counter *is)
{
	is->host->unreachable(is->host->ctx, is->attempt, FAILOVER_REASON_ICMP);
}

static void say_heard(struct counter *is)
{
	is->host->heard(is->host->ctx, is->line, &is->target);
}

static void say_log(struct counter *is)
{
	is->host->log(is->host->ctx, FAILOVER_LOG_INFO, "text");
}

static void say_random(struct counter *is)
{
	unsigned char bytes[8];

	ck_assert_int_eq(is->host->random(is->host->ctx, bytes, sizeof(bytes)), 0);
}

static void say_get_extension(struct counter *is)
{
	ck_assert_ptr_eq(is->host->get_extension(is->host->ctx, EXTENSION), NULL);
}

static void say_lost(struct counter *is)
{
	is->host->lost(is->host->ctx, is->line, &is->target);
}

static void say_bad_answer(struct counter *is)
{
	const struct failover_bad_answer bad = { .size = sizeof(bad),
						 .line = is->line,
						 .attempt = is->attempt,
						 .target = is->target,
						 .method = FAILOVER_REGISTER,
						 .first_line = "SIP/2.0 2",
						 .why = "CSeq" };

	is->host->bad_answer(is->host->ctx, &bad);
}

static void say_refresh(struct counter *is)
{
	is->host->refresh(is->host->ctx, is->line, &is->target);
}

static void say_retrying(struct counter *is)
{
	is->host->retrying(is->host->ctx, is->attempt, FAILOVER_RETRYING_NO);
}

static void (*const says[])(struct counter *is) = {
	say_now,    say_sent,	       say_response, say_unreachable, say_heard,   say_log,
	say_random, say_get_extension, say_lost,     say_bad_answer,  say_refresh, say_retrying,
};

/* All of them: the functions begin behind `ctx`. */
_Static_assert(sizeof(says) / sizeof(says[0]) ==
		       (sizeof(struct failover_host) - offsetof(struct failover_host, now)) /
			       sizeof(void (*)(void)),
	       "a row for each function of the host table");

static void say(struct counter *is, void (*what)(struct counter *is))
{
	unsigned before = is->hooks;

	what(is);
	is->ran_inside += is->hooks - before;
}

/* ---- the plugin, and the program ---------------------------------------------------------- */

static int on_open(const struct failover_host *host, const struct failover_open_params *params,
		   void **inst)
{
	ck_assert(FAILOVER_OPEN_HAS(params, user));
	ck_assert_ptr_eq(params->user, &counter);
	counter.host = host;
	*inst = &counter;
	return 0;
}

static void on_close(void *inst)
{
	(void)inst;
}

static int on_send(void *inst, const struct failover_attempt *attempt)
{
	struct counter *is = inst;

	is->hooks++;
	is->attempt = attempt->id;
	is->target = attempt->target;
	if (is->say)
		say(is, is->say);
	return 0;
}

static int on_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	(void)attempt, (void)reason;
	((struct counter *)inst)->hooks++;
	return 0;
}

static void on_response(void *inst, const struct failover_result *result)
{
	(void)result;
	((struct counter *)inst)->hooks++;
}

static const struct failover_plugin plugin = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(plugin),
	.id = "counter",
	.version = "1",
	.stack = "none",
	.license = "MIT",
	.open = on_open,
	.close = on_close,
	.send = on_send,
	.timeout = on_timeout,
	.response = on_response,
};

/* A program that takes every occasion: what it is told inside of a plugin's call must not come
 * back to the plugin. */
static void dispatch(void)
{
	counter.program++;
	if (counter.stack)
		failover_dispatch(counter.stack);
}

static uint64_t on_now(void *user)
{
	(void)user;
	dispatch();
	return 1000;
}

static void on_event(void *user, const struct failover_event *event)
{
	(void)user, (void)event;
	dispatch();
}

static void on_log(void *user, uint32_t level, const char *text)
{
	(void)user, (void)level, (void)text;
	dispatch();
}

static const void *on_get_extension(void *user, const char *id)
{
	(void)user, (void)id;
	dispatch();
	return NULL;
}

/* One line, registered at its first target; another REGISTER waits to be handed out. */
static struct bench *begin(void)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_stack_params params = { .size = sizeof(params),
						.engine = bench->engine,
						.open = { .size = sizeof(params.open),
							  .user = &counter },
						.now = on_now,
						.event = on_event,
						.log = on_log,
						.get_extension = on_get_extension };
	const struct failover_answer ok = { .size = sizeof(ok), .status = 200, .expires_s = 60 };

	memset(&counter, 0, sizeof(counter));
	counter.line = bench->line;
	ck_assert_int_eq(failover_stack_open(&plugin, &params, &counter.stack), 0);
	failover_register(bench->engine, bench->line, 1000);
	failover_dispatch(counter.stack);
	counter.host->response(counter.host->ctx, counter.attempt, &ok);
	failover_dispatch(counter.stack);
	failover_register(bench->engine, bench->line, 1000);
	return bench;
}

static void end(struct bench *bench)
{
	failover_stack_close(counter.stack);
	bench_free(bench);
}

START_TEST(no_host_function_runs_a_hook_before_it_returns)
{
	struct bench *bench = begin();
	unsigned before = counter.hooks;

	say(&counter, says[_i]);
	ck_assert_uint_eq(counter.ran_inside, 0);
	ck_assert_uint_eq(counter.hooks, before);
	failover_dispatch(counter.stack);
	ck_assert_uint_gt(counter.hooks, before); /* there was something to run */
	end(bench);
}
END_TEST

START_TEST(no_host_function_that_a_hook_calls_runs_another_hook)
{
	struct bench *bench = begin();

	counter.say = says[_i];
	failover_dispatch(counter.stack);
	ck_assert_uint_eq(counter.ran_inside, 0);
	ck_assert_uint_gt(counter.program, 0);
	end(bench);
}
END_TEST

int main(void)
{
	const int count = (int)(sizeof(says) / sizeof(says[0]));
	Suite *suite = suite_create("hooks");
	TCase *tcase = tcase_create("hooks");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, no_host_function_runs_a_hook_before_it_returns, 0, count);
	tcase_add_loop_test(tcase, no_host_function_that_a_hook_calls_runs_another_hook, 0, count);
	return bench_main(suite);
}
