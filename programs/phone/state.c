/* SPDX-License-Identifier: MIT */
/*
 * state.c - where each line was when the phone ended, so that it begins there (B37). Only lines
 * with start_at = last are remembered; without one the file is neither read nor written.
 */
#include "phone.h"

#include "state_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WRITE_AFTER_MS 1000u /* many lines move in one moment: one file for all */

struct phone_state {
	struct phone_map entries; /* struct state_entry of each line that is known, by its number */
	uint64_t write_at;	  /* UINT64_MAX = what is known has been written */
	int is_broken;		  /* it could not be written, and that was told */
	char path[];
};

static int is_kept(const struct failover_config_line *config)
{
	return config->enable && config->start_at == FAILOVER_START_AT_LAST;
}

static int is_needed(const struct failover_config *config)
{
	for (uint32_t i = 0; i < config->lines_count; i++)
		if (is_kept(config->lines[i]))
			return 1;
	return 0;
}

static void file_say(const struct phone_state *state, const char *what, const char *why)
{
	fprintf(stderr, PHONE_PROGRAM ": %s: %s: %s\n", state->path, what, why);
}

/* Returns 1 if it was not known. */
static int remember(struct phone_state *state, const struct state_entry *entry)
{
	struct state_entry *old = phone_map_get(&state->entries, entry->line);

	if (old && strcmp(old->registrar, entry->registrar) == 0 &&
	    strcmp(old->target, entry->target) == 0)
		return 0;
	if (!old) {
		old = malloc(sizeof(*old));
		if (!old || phone_map_put(&state->entries, entry->line, old) != 0) {
			free(old);
			return 0; /* it begins at the primary, as without */
		}
	}
	*old = *entry;
	return 1;
}

static void on_entry(void *user, const struct state_entry *entry)
{
	(void)remember(user, entry);
}

static void state_read(struct phone_state *state)
{
	int left_out = state_file_read(state->path, on_entry, state);

	if (left_out < 0 && errno != ENOENT)
		file_say(state, "where lines were cannot be read",
			 errno == EINVAL ? "it is no such file" : strerror(errno));
	if (left_out > 0)
		file_say(state, "where lines were", "some of it cannot be understood");
}

int phone_state_open(struct phone *phone)
{
	const char *path = phone->options.state_file, *suffix = "";
	size_t size;

	if (!path) {
		path = phone->options.config;
		suffix = ".state";
	}
	size = strlen(path) + strlen(suffix) + 1;
	phone->state = calloc(1, sizeof(*phone->state) + size);
	if (!phone->state)
		return -1;
	snprintf(phone->state->path, size, "%s%s", path, suffix);
	phone->state->write_at = UINT64_MAX;
	if (is_needed(phone->config))
		state_read(phone->state);
	return 0;
}

static int is_of(const struct failover_config_line *config, const struct failover_target *target,
		 const char *registrar)
{
	return target->registrar < config->servers_count &&
	       strcmp(config->servers[target->registrar].address, registrar) == 0;
}

/* The target that is remembered; else, as its address may be another now, the first of its
 * registrar. */
static const struct failover_target *find(const struct phone_line_plan *plan,
					  const struct state_entry *entry)
{
	const struct failover_target *first = NULL;
	char text[STATE_TARGET_BYTES];

	for (uint32_t i = 0; i < plan->targets_count; i++) {
		const struct failover_target *target = &plan->targets[i];

		if (!is_of(plan->config, target, entry->registrar))
			continue;
		if (strcmp(failover_target_text(target, text, sizeof(text)), entry->target) == 0)
			return target;
		if (!first)
			first = target;
	}
	return first;
}

void phone_state_begin(struct phone *phone, uint32_t id, const struct phone_line_plan *plan)
{
	const struct state_entry *entry =
		phone_map_get(&phone->state->entries, plan->config->number);
	const struct failover_target *target;
	char text[80];

	if (!entry || !is_kept(plan->config))
		return;
	target = find(plan, entry);
	if (!target || failover_begin_at(phone->engine, id, target, phone_now(phone)) != 0)
		return;
	phone_say(&phone->report, phone_now(phone), "line %u: begins where it was, at %s",
		  (unsigned)plan->config->number, failover_target_text(target, text, sizeof(text)));
}

void phone_state_event(struct phone *phone, const struct phone_line *line,
		       const struct failover_event *event)
{
	struct state_entry entry = { .line = line->number };

	if ((event->kind != FAILOVER_EVENT_REGISTERED && event->kind != FAILOVER_EVENT_MOVED) ||
	    !line->config || !is_kept(line->config) ||
	    event->target.registrar >= line->config->servers_count)
		return;
	snprintf(entry.registrar, sizeof(entry.registrar), "%s",
		 line->config->servers[event->target.registrar].address);
	failover_target_text(&event->target, entry.target, sizeof(entry.target));
	if (remember(phone->state, &entry) && phone->state->write_at == UINT64_MAX)
		phone->state->write_at = phone_now(phone) + WRITE_AFTER_MS;
}

struct walk {
	const struct phone *phone;
	uint32_t at;
};

/* Of the lines that there are: others are forgotten. */
static int next_entry(void *user, struct state_entry *out)
{
	struct walk *walk = user;
	const struct failover_config *config = walk->phone->config;

	while (walk->at < config->lines_count) {
		const struct failover_config_line *line = config->lines[walk->at++];
		const struct state_entry *entry =
			phone_map_get(&walk->phone->state->entries, line->number);

		if (!entry || !is_kept(line))
			continue;
		*out = *entry;
		return 1;
	}
	return 0;
}

static void state_write(struct phone *phone)
{
	struct phone_state *state = phone->state;
	struct walk walk = { .phone = phone };
	int failed = state_file_write(state->path, next_entry, &walk) != 0;

	if (failed && !state->is_broken)
		file_say(state,
			 "after a restart lines begin at the primary, for it cannot be written",
			 strerror(errno));
	state->is_broken = failed;
	state->write_at = UINT64_MAX;
}

void phone_state_step(struct phone *phone)
{
	if (phone->state->write_at <= phone_now(phone))
		state_write(phone);
}

uint64_t phone_state_deadline(const struct phone *phone)
{
	return phone->state->write_at;
}

void phone_state_close(struct phone *phone)
{
	struct phone_state *state = phone->state;

	if (!state)
		return;
	if (state->write_at != UINT64_MAX)
		state_write(phone);
	for (size_t i = 0; i < state->entries.size; i++)
		free(state->entries.slots[i].value);
	phone_map_clear(&state->entries);
	free(state);
	phone->state = NULL;
}
