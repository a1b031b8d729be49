/* SPDX-License-Identifier: MIT */
/* explain_json.c - the worst case for programs: one JSON object. */
#include "explain.h"

#include <stdio.h>

static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void print_member(const char *key, const char *text)
{
	print_string(key);
	putchar(':');
	print_string(text);
}

static void print_seconds(const char *key, uint64_t ms)
{
	print_string(key);
	printf(":%llu.%03llu", (unsigned long long)ms / 1000, (unsigned long long)ms % 1000);
}

static void print_target(const struct explain_line *of, uint32_t index)
{
	char target[400], where[192];

	printf("%s{\"index\":%u,", index ? "," : "", (unsigned)index);
	print_member("target", explain_target(of, index, target, sizeof(target)));
	putchar(',');
	print_member("name",
		     failover_config_where(of->line, &of->targets[index], where, sizeof(where)));
	printf(",\"resolved\":%s}", explain_is_name(&of->targets[index]) ? "false" : "true");
}

static void print_step(const struct explain_line *of, const struct explain_method *is, uint32_t n)
{
	const struct failover_plan_step *step = &is->steps[n];
	char where[192], text[512];

	failover_config_where(of->line, &of->targets[step->target], where, sizeof(where));
	failover_plan_text(&is->plan, n, where, text, sizeof(text));
	printf("%s{", n ? "," : "");
	print_seconds("at", step->at_ms);
	putchar(',');
	print_member("what", failover_plan_name(&is->plan, n));
	printf(",\"target\":%u,\"packets\":%u,", (unsigned)step->target,
	       (unsigned)step->transmissions);
	print_member("text", text);
	putchar('}');
}

static void print_method(const struct explain_line *of, const struct explain_method *is)
{
	printf("%s{", is == of->methods ? "" : ",");
	print_member("method", failover_method_text(is->method));
	printf(",\"steps\":[");
	for (uint32_t i = 0; i < is->plan.steps_count && i < EXPLAIN_STEPS; i++)
		print_step(of, is, i);
	printf("],");
	print_seconds("service_at", is->plan.service_ms);
	putchar(',');
	print_seconds("fails_at", is->plan.fails_ms);
	putchar('}');
}

static void print_rest(const struct explain_line *of)
{
	const struct failover_line_settings *is = &of->line->settings;

	printf(",\"methods\":[");
	for (uint32_t i = 0; i < EXPLAIN_METHODS; i++)
		print_method(of, &of->methods[i]);
	printf("],\"emergency\":{");
	print_member("callee", explain_emergency(of->line));
	printf(",\"steps\":[");
	for (uint32_t i = 0; i < of->emergency.plan.steps_count && i < EXPLAIN_STEPS; i++)
		print_step(of, &of->emergency, i);
	printf("],");
	print_seconds("service_at", of->emergency.plan.service_ms);
	printf("},");
	print_seconds("idle_notices_at", of->notices_ms);
	putchar(',');
	print_seconds("retry_from", UINT64_C(500) * is->reg_fail_interval_s);
	putchar(',');
	print_seconds("retry_to", UINT64_C(1000) * is->reg_fail_interval_s);
	putchar(',');
	if (of->failback_ms)
		print_seconds("failback_after", of->failback_ms);
	else
		printf("\"failback_after\":null");
}

static void print_profile(const struct failover_config *config,
			  const struct failover_config_line *line)
{
	struct explain_difference is;
	uint32_t n = 0, count = 0;

	printf(",\"differs_from_v3\":[");
	while (explain_difference(config, line, &n, &is)) {
		printf("%s{", count++ ? "," : "");
		print_member("item", is.key);
		putchar(',');
		print_member("profile", is.profile);
		putchar(',');
		print_member("v3", is.v3);
		putchar(',');
		print_member("here", is.here);
		putchar('}');
	}
	printf("]");
}

static void print_line(const struct failover_config *config,
		       const struct failover_config_line *line)
{
	static struct explain_line of;
	uint32_t profile = line->settings.profile;
	int error = explain_line(line, &of);

	printf("{\"line\":%u,", (unsigned)line->number);
	print_member("user", line->user);
	printf(",\"enabled\":%s,", line->enable ? "true" : "false");
	print_member("profile",
		     failover_profile_text(profile ? profile : failover_profile_default()));
	print_profile(config, line);
	printf(",\"targets\":[");
	for (uint32_t i = 0; i < of.targets_count; i++)
		print_target(&of, i);
	printf("]");
	if (error) {
		putchar(',');
		print_member("error", failover_strerror(error));
	} else if (of.targets_count) {
		print_rest(&of);
	}
	printf("}");
}

static void print_warning(void *user, const struct failover_config_error *warning)
{
	int *count = user;

	if ((*count)++)
		putchar(',');
	print_string(warning->text);
}

void explain_json(const struct failover_config *config, const char *path)
{
	int warnings = 0;

	putchar('{');
	print_member("file", path);
	printf(",\"static_dns\":[");
	for (uint32_t i = 0; i < config->static_dns.count; i++) {
		if (i)
			putchar(',');
		print_string(config->static_dns.text[i]);
	}
	putchar(']');
	printf(",\"lines\":[");
	for (uint32_t i = 0; i < config->lines_count; i++) {
		if (i)
			putchar(',');
		print_line(config, config->lines[i]);
	}
	printf("],\"warnings\":[");
	failover_config_warn(config, path, print_warning, &warnings);
	printf("]}\n");
}
