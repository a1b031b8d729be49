/* SPDX-License-Identifier: MIT */
/* explain.c - what a line does in the worst case: the plans of an engine that is opened with its
 * configuration, and what its settings say of the time between requests. */
#include "explain.h"

#include <stdio.h>
#include <string.h>

static const uint32_t methods[EXPLAIN_METHODS] = { FAILOVER_REGISTER, FAILOVER_INVITE,
						   FAILOVER_BYE };

static int plan_make(const struct explain_line *line, uint32_t method, struct explain_method *out)
{
	out->method = method & ~FAILOVER_CONFIG_PLAN_EMERGENCY;
	out->plan = (struct failover_plan){ .size = sizeof(out->plan),
					    .steps_max = EXPLAIN_STEPS,
					    .steps = out->steps };
	return failover_config_plan(line->line, line->targets, line->targets_count, method,
				    &out->plan);
}

static int plans_make(struct explain_line *out)
{
	int error =
		plan_make(out, FAILOVER_INVITE | FAILOVER_CONFIG_PLAN_EMERGENCY, &out->emergency);

	for (uint32_t i = 0; !error && i < EXPLAIN_METHODS; i++)
		error = plan_make(out, methods[i], &out->methods[i]);
	return error;
}

const char *explain_emergency(const struct failover_config_line *line)
{
	return line->emergency.count ? line->emergency.text[0] : "112";
}

/* B14: what is spread comes so late at most. */
static uint64_t spread_ms(const struct failover_line_settings *is, uint32_t seconds)
{
	return UINT64_C(10) * seconds * (100 + is->jitter_percent);
}

/* B15a: by an OPTIONS that is not answered, else at the next refresh (B15). */
static int idle_make(struct explain_line *out)
{
	const struct failover_line_settings *is = &out->line->settings;
	struct failover_plan plan = { .size = sizeof(plan) };
	int error;

	if (is->keepalive != FAILOVER_KEEPALIVE_OPTIONS) {
		out->notices_ms = UINT64_C(900) * out->line->servers[0].expires_s;
		return 0;
	}
	error = failover_config_plan(out->line, out->targets, out->targets_count, FAILOVER_OPTIONS,
				     &plan);
	out->silent_ms = spread_ms(is, is->keepalive_interval_s);
	out->notices_ms = out->silent_ms + plan.fails_ms;
	return error;
}

int explain_line(const struct failover_config_line *line, struct explain_line *out)
{
	int count, error;

	memset(out, 0, sizeof(*out));
	out->line = line;
	if (!line->enable)
		return 0;
	count = failover_config_targets(line, failover_config_stand_in, NULL, out->targets,
					FAILOVER_LIMIT_TARGETS);
	if (count < 1)
		return 0;
	out->targets_count = (uint32_t)count;
	if (count > 1 && line->settings.failback)
		out->failback_ms = spread_ms(&line->settings, line->settings.failback_interval_s);
	error = plans_make(out);
	return error ? error : idle_make(out);
}

int explain_is_name(const struct failover_target *target)
{
	static const uint8_t nowhere[8] = { 1 };

	return target->family == 6 && memcmp(target->address, nowhere, sizeof(nowhere)) == 0;
}

const char *explain_target(const struct explain_line *of, uint32_t index, char *buffer, size_t size)
{
	const struct failover_target *target = &of->targets[index];
	const char *name = of->line->servers[target->registrar].address;
	char text[80];

	failover_target_text(target, text, sizeof(text));
	if (target->hop)
		name = of->line->proxies[target->hop - 1].address;
	if (explain_is_name(target))
		snprintf(buffer, size, "%s%s", name, strchr(text, ']') + 1);
	else
		snprintf(buffer, size, "%s", text);
	return buffer;
}

int explain_difference(const struct failover_config *config,
		       const struct failover_config_line *line, uint32_t *n,
		       struct explain_difference *out)
{
	struct failover_config_item item = { .size = sizeof(item) };
	char path[96];

	while (failover_config_item((*n)++, &item) == 0) {
		if (!(item.scopes & FAILOVER_CONFIG_LINE))
			continue;
		out->key = item.key;
		out->profile = failover_config_initial(line->settings.profile, item.key);
		out->v3 = failover_config_initial(FAILOVER_PROFILE_V3, item.key);
		if (strcmp(out->profile, out->v3) == 0)
			continue;
		snprintf(path, sizeof(path), "line.%u.%s", (unsigned)line->number, item.key);
		return failover_config_get(config, path, out->here, sizeof(out->here)) == 0;
	}
	return 0;
}
