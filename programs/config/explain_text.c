/* SPDX-License-Identifier: MIT */
/* explain_text.c - the worst case for people: steps, totals, a picture. */
#include "explain.h"

#include <stdio.h>
#include <string.h>

#define PICTURE_COLUMNS 60u
#define NAME_BYTES 192

static void print_targets(const struct explain_line *of)
{
	char target[400], where[NAME_BYTES];
	int names = 0;

	for (uint32_t i = 0; i < of->targets_count; i++) {
		printf("  %-24s %s\n",
		       failover_config_where(of->line, &of->targets[i], where, sizeof(where)),
		       explain_target(of, i, target, sizeof(target)));
		names |= explain_is_name(&of->targets[i]);
	}
	if (names)
		printf("  (no DNS is asked: each name stands for one address here; each further "
		       "one "
		       "is one more target)\n");
}

static void print_steps(const struct explain_line *of, const struct explain_method *is)
{
	char where[NAME_BYTES], text[512];

	for (uint32_t i = 0; i < is->plan.steps_count && i < EXPLAIN_STEPS; i++) {
		const struct failover_plan_step *step = &is->steps[i];

		failover_config_where(of->line, &of->targets[step->target], where, sizeof(where));
		failover_plan_text(&is->plan, i, where, text, sizeof(text));
		printf("  %9.3f s  %s\n", (double)step->at_ms / 1000.0, text);
	}
}

static uint32_t column(const struct explain_method *is, uint64_t at_ms)
{
	return (uint32_t)(at_ms * PICTURE_COLUMNS / is->plan.fails_ms);
}

/* What the target is asked for, from when to when: = the request itself, R a REGISTER first. */
static void draw_target(const struct explain_method *is, uint32_t target, char *row)
{
	uint32_t end = 0;

	memset(row, ' ', PICTURE_COLUMNS);
	for (uint32_t i = 0; i < is->plan.steps_count && i < EXPLAIN_STEPS; i++) {
		const struct failover_plan_step *step = &is->steps[i];
		uint32_t from = column(is, step->at_ms);
		uint32_t to = column(is, step->at_ms + step->budget_ms);

		if (step->target != target || !step->budget_ms)
			continue;
		if (from == PICTURE_COLUMNS)
			from--;
		if (to <= from)
			to = from + 1;
		if (to > PICTURE_COLUMNS)
			to = PICTURE_COLUMNS;
		memset(row + from, step->kind == FAILOVER_PLAN_REGISTER ? 'R' : '=', to - from);
		end = to > end ? to : end;
	}
	row[end] = '\0';
}

static void print_picture(const struct explain_line *of, const struct explain_method *is)
{
	char row[PICTURE_COLUMNS + 1], where[NAME_BYTES], end[24];

	snprintf(end, sizeof(end), "%g s", (double)is->plan.fails_ms / 1000.0);
	printf("\n  %-24s 0 s%*s\n", "", (int)PICTURE_COLUMNS - 3, end);
	for (uint32_t i = 0; i < of->targets_count; i++) {
		draw_target(is, i, row);
		printf("  %-24s %s\n",
		       failover_config_where(of->line, &of->targets[i], where, sizeof(where)), row);
	}
}

static void print_method(const struct explain_line *of, const struct explain_method *is)
{
	const char *method = failover_method_text(is->method);

	printf("\n  %s\n", method);
	print_steps(of, is);
	if (of->targets_count > 1)
		printf("  the last server is asked after %g s; %s fails after %g s\n",
		       (double)is->plan.service_ms / 1000.0, method,
		       (double)is->plan.fails_ms / 1000.0);
	else
		printf("  there is no other server: %s fails after %g s\n", method,
		       (double)is->plan.fails_ms / 1000.0);
	print_picture(of, is);
}

/* B36: nobody is left, so what a step says of leaving does not hold. */
static void print_emergency(const struct explain_line *of)
{
	const struct explain_method *is = &of->emergency;

	printf("\n  INVITE to %s, an emergency call\n", explain_emergency(of->line));
	print_steps(of, is);
	if (of->targets_count > 1)
		printf("  the last server is asked beside the others after %g s\n",
		       (double)is->plan.service_ms / 1000.0);
	printf("  it goes on until somebody answers, or the user hangs up\n");
}

static void print_rest(const struct explain_line *of)
{
	const struct failover_line_settings *is = &of->line->settings;

	if (of->silent_ms)
		printf("  an idle line notices a dead server after %g s at most, by an OPTIONS "
		       "after "
		       "%g s of silence\n",
		       (double)of->notices_ms / 1000.0, (double)of->silent_ms / 1000.0);
	else
		printf("  an idle line notices a dead server at its next refresh, after %g s at "
		       "most\n",
		       (double)of->notices_ms / 1000.0);
	printf("  when every server has failed it tries again after %g to %u s\n",
	       is->reg_fail_interval_s / 2.0, (unsigned)is->reg_fail_interval_s);
	if (of->failback_ms)
		printf("  it asks whether a better server is back after %g s at most%s\n",
		       (double)of->failback_ms / 1000.0,
		       is->failback_when == FAILOVER_FAILBACK_IDLE
			       ? ", and returns when no call is up"
			       : "");
}

static const char *shown(const char *value)
{
	return *value ? value : "none";
}

static void print_profile(const struct failover_config *config,
			  const struct failover_config_line *line)
{
	struct explain_difference is;
	uint32_t n = 0, count = 0;

	while (explain_difference(config, line, &n, &is)) {
		if (!count++)
			printf("  what this profile says and v3 does not\n");
		printf("    %-24s %s (v3: %s)", is.key, shown(is.profile), shown(is.v3));
		if (strcmp(is.here, is.profile) != 0)
			printf("; the file says %s", shown(is.here));
		printf("\n");
	}
}

static void print_line(const struct failover_config *config,
		       const struct failover_config_line *line)
{
	static struct explain_line of;
	uint32_t profile = line->settings.profile;
	int error = explain_line(line, &of);

	printf("line %u, user %s, profile %s\n", (unsigned)line->number,
	       *line->user ? line->user : "(none)",
	       failover_profile_text(profile ? profile : failover_profile_default()));
	if (error)
		printf("  %s\n", failover_strerror(error));
	else if (!line->enable)
		printf("  is off\n");
	else if (!of.targets_count)
		printf("  has no server\n");
	if (error || !of.targets_count)
		return;
	print_profile(config, line);
	print_targets(&of);
	for (uint32_t i = 0; i < EXPLAIN_METHODS; i++)
		print_method(&of, &of.methods[i]);
	print_emergency(&of);
	printf("\n");
	print_rest(&of);
}

static void print_warning(void *user, const struct failover_config_error *warning)
{
	(void)user;
	printf("%s\n", warning->text);
}

void explain_text(const struct failover_config *config, const char *path)
{
	printf("%s: what happens when servers are silent, the worst case\n", path);
	for (uint32_t i = 0; i < config->static_dns.count; i++)
		printf("from the configuration, as long as the DNS has never had an address: %s\n",
		       config->static_dns.text[i]);
	for (uint32_t i = 0; i < config->lines_count; i++) {
		printf("\n");
		print_line(config, config->lines[i]);
	}
	printf("\n");
	failover_config_warn(config, path, print_warning, NULL);
}
