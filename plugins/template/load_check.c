/* SPDX-License-Identifier: MIT */
/*
 * load_check.c - the template and the simulated stack load as modules. The template has been told
 * no identity of its line, so it cannot make a REGISTER: no server is to blame, the request fails
 * once, here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <failover/failover.h>

struct seen {
	unsigned int attempts, results, failed;
};

static void count_event(void *user, const struct failover_event *event)
{
	struct seen *seen = user;

	seen->attempts += event->kind == FAILOVER_EVENT_ATTEMPT;
}

static void count_result(void *user, const struct failover_result *result)
{
	struct seen *seen = user;

	seen->results++;
	seen->failed += result->outcome == FAILOVER_OUTCOME_FAILED && result->reports_count == 1 &&
			result->reports[0].reason == FAILOVER_REASON_LOCAL;
}

static uint64_t no_time(void *user)
{
	(void)user;
	return 0;
}

static int line_register(struct failover_engine *engine)
{
	struct failover_target targets[2] = { { .registrar = 0 }, { .registrar = 1 } };
	struct failover_line_params params = {
		.size = sizeof(params),
		.registrars = 2,
		.targets_count = 2,
		.targets = targets,
		.settings = FAILOVER_LINE_SETTINGS_INIT,
	};
	uint32_t line;
	int rc;

	failover_target_set(&targets[0], "192.0.2.1", 5060, FAILOVER_UDP);
	failover_target_set(&targets[1], "192.0.2.2", 5060, FAILOVER_UDP);
	rc = failover_line_add(engine, &params, 0, &line);
	return rc ? rc : failover_register(engine, line, 0);
}

static int template_runs(const struct failover_plugin *plugin)
{
	struct seen seen = { 0, 0, 0 };
	struct failover_engine *engine;
	struct failover_stack *stack;
	struct failover_engine_params engine_params = {
		.size = sizeof(engine_params),
		.memory = failover_memory_default(),
	};
	struct failover_stack_params stack_params = {
		.size = sizeof(stack_params),
		.open = { .size = sizeof(stack_params.open) },
		.user = &seen,
		.now = no_time,
		.event = count_event,
		.result = count_result,
	};

	if (failover_engine_new(&engine_params, &engine))
		return 0;
	stack_params.engine = engine;
	if (!failover_stack_open(plugin, &stack_params, &stack)) {
		if (!line_register(engine))
			failover_dispatch(stack);
		failover_stack_close(stack);
	}
	failover_engine_free(engine);
	return seen.attempts == 1 && seen.results == 1 && seen.failed == 1;
}

static const struct failover_plugin *load(const char *name, void **handle)
{
	const char *top = getenv("top_builddir");
	const struct failover_plugin *plugin = NULL;
	char path[1024], why[256] = "";

	snprintf(path, sizeof(path), "%s/plugins/%s/.libs/%s.so", top ? top : ".", name, name);
	if (failover_plugin_load(path, NULL, &plugin, handle, why, sizeof(why)))
		printf("# %s: %s\n", path, why);
	return plugin;
}

static int tell(int good, int number, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", number, what);
	return !good;
}

int main(void)
{
	void *handles[2] = { NULL, NULL };
	const struct failover_plugin *template = load("template", &handles[0]);
	const struct failover_plugin *sim = load("sim", &handles[1]);
	int failed = 0;

	puts("1..3");
	failed |= tell(template && !strcmp(template->id, "template"), 1, "template loads");
	failed |= tell(template && template_runs(template), 2,
		       "B4 B18 what cannot leave the device fails here, once, at the first target");
	failed |= tell(sim && !strcmp(sim->id, "sim") &&
			       (sim->capabilities & FAILOVER_CAP_VIRTUAL_TIME),
		       3, "sim loads and brings its own time");
	if (handles[0])
		failover_plugin_unload(handles[0]);
	if (handles[1])
		failover_plugin_unload(handles[1]);
	return failed;
}
