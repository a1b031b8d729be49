/* SPDX-License-Identifier: MIT */
/*
 * minimal - libfailover in a program that is no SIP phone at all. Its "stack" is three hooks that
 * print; the primary never answers, the backup always does, and time is a number. A real host loads
 * a plugin instead of the hooks and sleeps until the deadline instead of jumping there.
 */
#include <stdio.h>
#include <failover/failover.h>

/* ---- the stack: three hooks, and a way in and out ------------------------------------------ */

static int wire_open(const struct failover_host *host, const struct failover_open_params *params,
		     void **inst)
{
	(void)params;
	*inst = (void *)host; /* valid until close, and all that this stack remembers */
	return 0;
}

static void wire_close(void *inst)
{
	(void)inst;
}

static int wire_send(void *inst, const struct failover_attempt *attempt)
{
	const struct failover_host *host = inst;
	const struct failover_answer ok = { .size = sizeof(ok), .status = 200, .expires_s = 3600 };
	char target[80];

	printf("%4u ms  send %s to %s\n", (unsigned)host->now(host->ctx),
	       failover_method_text(attempt->method),
	       failover_target_text(&attempt->target, target, sizeof(target)));
	if (attempt->target.registrar == 1)
		host->response(host->ctx, attempt->id, &ok);
	return 0;
}

static int wire_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	const struct failover_host *host = inst;

	(void)attempt, (void)reason;
	printf("%4u ms  stop sending\n", (unsigned)host->now(host->ctx));
	return 0;
}

static void wire_response(void *inst, const struct failover_result *result)
{
	const struct failover_host *host = inst;

	printf("%4u ms  %s ended with status %u\n", (unsigned)host->now(host->ctx),
	       failover_method_text(result->method), (unsigned)result->status);
}

static const struct failover_plugin wire = { .abi = FAILOVER_PLUGIN_ABI,
					     .size = sizeof(wire),
					     .id = "wire",
					     .version = "1",
					     .stack = "printf",
					     .license = "MIT",
					     .open = wire_open,
					     .close = wire_close,
					     .send = wire_send,
					     .timeout = wire_timeout,
					     .response = wire_response };

/* ---- the host ------------------------------------------------------------------------------ */

static uint64_t clock_now(void *user)
{
	return *(uint64_t *)user;
}

int main(void)
{
	struct failover_target targets[2] = { { .registrar = 0 }, { .registrar = 1 } };
	struct failover_line_params line_is = { .size = sizeof(line_is),
						.registrars = 2,
						.targets_count = 2,
						.targets = targets,
						.settings = FAILOVER_LINE_SETTINGS_INIT };
	struct failover_engine_params engine_is = { .size = sizeof(engine_is),
						    .memory = failover_memory_default() };
	struct failover_stack_params stack_is = { .size = sizeof(stack_is), .now = clock_now };
	struct failover_stack *stack;
	uint64_t now = 0;
	uint32_t line;

	failover_target_set(&targets[0], "192.0.2.1", 5060, FAILOVER_UDP); /* primary */
	failover_target_set(&targets[1], "192.0.2.2", 5060, FAILOVER_UDP); /* backup */
	stack_is.open.size = sizeof(stack_is.open);
	stack_is.user = &now;
	if (failover_engine_new(&engine_is, &stack_is.engine) ||
	    failover_stack_open(&wire, &stack_is, &stack) ||
	    failover_line_add(stack_is.engine, &line_is, now, &line) ||
	    failover_register(stack_is.engine, line, now))
		return 1;
	for (; now < 10000; now = failover_next_deadline(stack_is.engine)) {
		failover_handle_timeout(stack_is.engine, now);
		failover_dispatch(stack);
	}
	failover_stack_close(stack);
	failover_engine_free(stack_is.engine);
	return 0;
}
