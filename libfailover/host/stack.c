/* SPDX-License-Identifier: MIT */
/* stack.c - an open plugin on an engine: outputs go to its hooks, its news go to the engine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <failover/failover.h>
#include "../core/sized.h"
#include "thread.h"

struct failover_stack {
	struct failover_engine *engine;
	const struct failover_plugin *plugin;
	void *instance;
	struct failover_stack_params params;
	struct failover_host host;
	struct fo_thread thread;
};

/* ---- what the plugin may call ------------------------------------------------------------- */

static uint64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The program's own functions run inside of the plugin's calls: what they do must not run a hook
 * (plugin.h), so a failover_dispatch() of theirs does nothing. */
static int program_begin(struct failover_stack *stack)
{
	int was = stack->thread.dispatching;

	stack->thread.dispatching = 1;
	return was;
}

static void program_end(struct failover_stack *stack, int was)
{
	stack->thread.dispatching = was;
}

static uint64_t time_of(struct failover_stack *stack)
{
	uint64_t now;
	int was;

	if (!stack->params.now)
		return monotonic_ms();
	was = program_begin(stack);
	now = stack->params.now(stack->params.user);
	program_end(stack, was);
	return now;
}

static void tell(struct failover_stack *stack, const struct failover_event *event)
{
	int was = program_begin(stack);

	if (stack->params.event)
		stack->params.event(stack->params.user, event);
	program_end(stack, was);
}

uint64_t failover_stack_now(struct failover_stack *stack)
{
	fo_thread_enter(&stack->thread, __func__);
	return time_of(stack);
}

static uint64_t host_now(void *ctx)
{
	struct failover_stack *stack = ctx;

	fo_thread_enter(&stack->thread, "host->now");
	return time_of(stack);
}

static void host_sent(void *ctx, uint64_t attempt)
{
	struct failover_stack *stack = ctx;

	fo_thread_enter(&stack->thread, "host->sent");
	failover_sent(stack->engine, attempt, time_of(stack));
}

static uint32_t host_response(void *ctx, uint64_t attempt, const struct failover_answer *answer)
{
	struct failover_stack *stack = ctx;

	fo_thread_enter(&stack->thread, "host->response");
	return failover_response(stack->engine, attempt, answer, time_of(stack));
}

static void host_unreachable(void *ctx, uint64_t attempt, uint32_t reason)
{
	struct failover_stack *stack = ctx;

	fo_thread_enter(&stack->thread, "host->unreachable");
	failover_unreachable(stack->engine, attempt, reason, time_of(stack));
}

static void host_heard(void *ctx, uint32_t line, const struct failover_target *from)
{
	struct failover_stack *stack = ctx;

	fo_thread_enter(&stack->thread, "host->heard");
	failover_heard(stack->engine, line, from, time_of(stack));
}

static void host_lost(void *ctx, uint32_t line, const struct failover_target *target)
{
	struct failover_stack *stack = ctx;

	failover_lost(stack->engine, line, target, failover_stack_now(stack));
}

/* B22d: told at once; for the walk it is no answer. */
static void host_bad_answer(void *ctx, const struct failover_bad_answer *bad)
{
	struct failover_stack *stack = ctx;
	struct failover_event event = {
		.size = sizeof(event),
		.kind = FAILOVER_EVENT_BAD_ANSWER,
		.line = bad->line,
		.method = bad->method,
		.now = failover_stack_now(stack),
		.attempt = bad->attempt,
		.target = bad->target,
		.reason = FAILOVER_REASON_BAD_ANSWER,
		.first_line = bad->first_line,
		.why = bad->why,
	};

	fo_thread_enter(&stack->thread, "host->bad_answer");
	failover_bad_answer(stack->engine, bad->attempt);
	tell(stack, &event);
}

static void host_refresh(void *ctx, uint32_t line, const struct failover_target *target)
{
	struct failover_stack *stack = ctx;

	failover_refresh(stack->engine, line, target, failover_stack_now(stack));
}

static void host_retrying(void *ctx, uint64_t attempt, uint32_t retrying)
{
	struct failover_stack *stack = ctx;

	failover_retrying(stack->engine, attempt, retrying, failover_stack_now(stack));
}

static void host_log(void *ctx, uint32_t level, const char *text)
{
	struct failover_stack *stack = ctx;

	int was;

	fo_thread_enter(&stack->thread, "host->log");
	was = program_begin(stack);
	if (stack->params.log)
		stack->params.log(stack->params.user, level, text);
	program_end(stack, was);
}

static int host_random(void *ctx, void *bytes, size_t count)
{
	struct failover_stack *stack = ctx;
	unsigned char *at = bytes;

	fo_thread_enter(&stack->thread, "host->random");
	while (count) {
		ssize_t got = getrandom(at, count, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return FAILOVER_ERR_IO;
		at += got;
		count -= (size_t)got;
	}
	return FAILOVER_OK;
}

static const void *host_get_extension(void *ctx, const char *id)
{
	struct failover_stack *stack = ctx;

	const void *extension = NULL;
	int was;

	fo_thread_enter(&stack->thread, "host->get_extension");
	was = program_begin(stack);
	if (stack->params.get_extension)
		extension = stack->params.get_extension(stack->params.user, id);
	program_end(stack, was);
	return extension;
}

/* ---- life --------------------------------------------------------------------------------- */

/* An `open` without a size counts as that of the first version. */
static int params_take(struct failover_stack_params *own, const struct failover_stack_params *given)
{
	const uint32_t least = FO_SIZE_WITH(struct failover_open_params, reserved);
	unsigned char open[sizeof(own->room_for_open)];
	int error = fo_sized_take(own, sizeof(*own), given,
				  FO_SIZE_WITH(struct failover_stack_params, get_extension));

	if (error)
		return error;
	if (!own->open.size)
		own->open.size = least;
	if (own->open.size > sizeof(own->room_for_open))
		return FAILOVER_ERR_ARGUMENT;
	memcpy(open, own->room_for_open, sizeof(open));
	error = fo_sized_take(&own->open, sizeof(own->open), open, least);
	return own->engine ? error : FAILOVER_ERR_ARGUMENT;
}

int failover_stack_open(const struct failover_plugin *plugin,
			const struct failover_stack_params *given, struct failover_stack **out)
{
	struct failover_stack_params params;
	struct failover_stack *stack;
	int error;

	if (!plugin || !given)
		return FAILOVER_ERR_ARGUMENT;
	error = params_take(&params, given);
	if (error)
		return error;
	error = failover_plugin_check(plugin, plugin->id ? plugin->id : "?", NULL, 0);
	if (error)
		return error;
	stack = calloc(1, sizeof(*stack));
	if (!stack)
		return FAILOVER_ERR_MEMORY;
	stack->engine = params.engine;
	stack->plugin = plugin;
	stack->params = params;
	stack->host = (struct failover_host){
		.size = sizeof(stack->host),
		.ctx = stack,
		.now = host_now,
		.sent = host_sent,
		.response = host_response,
		.unreachable = host_unreachable,
		.heard = host_heard,
		.log = host_log,
		.random = host_random,
		.get_extension = host_get_extension,
		.lost = host_lost,
		.bad_answer = host_bad_answer,
		.refresh = host_refresh,
		.retrying = host_retrying,
	};
	fo_thread_begin(&stack->thread, stack->engine);
	error = plugin->open(&stack->host, &stack->params.open, &stack->instance);
	if (error) {
		fo_thread_end(&stack->thread);
		free(stack);
		return error;
	}
	*out = stack;
	return FAILOVER_OK;
}

void failover_stack_close(struct failover_stack *stack)
{
	if (!stack)
		return;
	fo_thread_enter(&stack->thread, __func__);
	stack->plugin->close(stack->instance);
	fo_thread_end(&stack->thread);
	free(stack);
}

void failover_stack_set_thread(struct failover_stack *stack)
{
	fo_thread_take(&stack->thread);
}

void *failover_stack_instance(struct failover_stack *stack)
{
	fo_thread_enter(&stack->thread, __func__);
	return stack->instance;
}

const void *failover_stack_extension(struct failover_stack *stack, const char *id)
{
	fo_thread_enter(&stack->thread, __func__);
	return stack->plugin->get_extension ? stack->plugin->get_extension(id) : NULL;
}

/* ---- outputs to hooks --------------------------------------------------------------------- */

/* An attempt is an event, too; it is told before anything that comes of it. */
static void tell_attempt(struct failover_stack *stack, const struct failover_attempt *attempt)
{
	struct failover_event event = {
		.size = sizeof(event),
		.kind = FAILOVER_EVENT_ATTEMPT,
		.line = attempt->line,
		.method = attempt->method,
		.now = time_of(stack),
		.request = attempt->request,
		.attempt = attempt->id,
		.target = attempt->target,
		.flags = attempt->flags,
	};

	tell(stack, &event);
}

/* No way out of this device to there is as good as an ICMP unreachable from the first router. */
static uint32_t reason_of(int error)
{
	if (error == FAILOVER_ERR_UNSUPPORTED)
		return FAILOVER_REASON_UNSUPPORTED;
	return error == FAILOVER_ERR_IO ? FAILOVER_REASON_ICMP : FAILOVER_REASON_LOCAL;
}

static void send_attempt(struct failover_stack *stack, const struct failover_attempt *attempt)
{
	int error;

	tell_attempt(stack, attempt);
	error = stack->plugin->send(stack->instance, attempt);
	if (error < 0)
		host_unreachable(stack, attempt->id, reason_of(error));
}

/* The reports lie in the engine and are valid until its next call, which a hook may make. */
struct kept {
	struct failover_attempt_report reports[FAILOVER_LIMIT_TARGETS];
};

static const struct failover_attempt_report *
keep(struct kept *kept, const struct failover_attempt_report *reports, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		kept->reports[i] = reports[i];
	return kept->reports;
}

static void hand_out(struct failover_stack *stack, struct failover_output *output)
{
	struct failover_result *result = &output->u.result;
	struct failover_event *event = &output->u.event;
	struct kept kept;

	switch ((enum failover_output_kind)output->kind) {
	case FAILOVER_OUTPUT_ATTEMPT:
		send_attempt(stack, &output->u.attempt);
		break;
	case FAILOVER_OUTPUT_ABANDON:
		(void)stack->plugin->timeout(stack->instance, output->abandoned, output->reason);
		break;
	case FAILOVER_OUTPUT_RESULT:
		result->reports = keep(&kept, result->reports, result->reports_count);
		stack->plugin->response(stack->instance, result);
		if (stack->params.result)
			stack->params.result(stack->params.user, result);
		break;
	case FAILOVER_OUTPUT_EVENT:
		if (event->reports_count)
			event->reports = keep(&kept, event->reports, event->reports_count);
		tell(stack, event);
		break;
	}
}

static int take(struct failover_stack *stack, struct failover_output *output)
{
	int taken;

	stack->thread.polling = 1;
	taken = failover_poll(stack->engine, output);
	stack->thread.polling = 0;
	return taken;
}

int failover_dispatch(struct failover_stack *stack)
{
	struct failover_output output;
	int count = 0;

	fo_thread_enter(&stack->thread, __func__);
	if (stack->thread.dispatching)
		return 0;
	stack->thread.dispatching = 1;
	while (take(stack, &output)) {
		hand_out(stack, &output);
		count++;
	}
	stack->thread.dispatching = 0;
	return count;
}
