/* SPDX-License-Identifier: MIT */
/* life.c - a line's life: its params are checked, its block is made, changed and freed. */
#include <string.h>
#include "life.h"
#include "line/line.h"
#include "policy.h"
#include "sized.h"
#include "target.h"

/* The settings are the end of the params, so both grow there. */
static int params_take(struct failover_line_params *own, const struct failover_line_params *given)
{
	const uint32_t before = offsetof(struct failover_line_params, settings);
	const uint32_t least = FO_SIZE_WITH(struct failover_line_settings, unavailable);
	int error = fo_sized_take(own, sizeof(*own), given, before + least);

	if (error)
		return error;
	if (given->size - before < given->settings.size)
		return FAILOVER_ERR_ARGUMENT;
	error = fo_sized_take(&own->settings, sizeof(own->settings), &given->settings, least);
	if (given->settings.size <
	    FO_SIZE_WITH(struct failover_line_settings, unavailable_codes_invite))
		/* the first version knew no list for INVITE */
		failover_codes_add(own->settings.unavailable_codes_invite, 503);
	if (given->settings.size < FO_SIZE_WITH(struct failover_line_settings, failback_growth))
		own->settings.failback_successes = own->settings.failback_growth = 1;
	return error;
}

static int params_check(const struct failover_line_params *params)
{
	uint32_t i;

	if (!fo_in_range(params->registrars, 1, FAILOVER_LIMIT_REGISTRARS) ||
	    !fo_in_range(params->targets_count, 1, FAILOVER_LIMIT_TARGETS) || !params->targets ||
	    params->max_targets > FAILOVER_LIMIT_TARGETS ||
	    params->max_requests > FAILOVER_LIMIT_REQUESTS || !fo_settings_valid(&params->settings))
		return FAILOVER_ERR_ARGUMENT;
	for (i = 0; params->expires_s && i < params->registrars; i++)
		if (!fo_settings_registrar_valid(params->expires_s[i]))
			return FAILOVER_ERR_ARGUMENT;
	return fo_policy_profile(params->settings.profile) ? FAILOVER_OK : FAILOVER_ERR_UNSUPPORTED;
}

int fo_line_params(struct failover_line_params *own, const struct failover_line_params *given)
{
	int error = params_take(own, given);

	return error ? error : params_check(own);
}

static void registrars_reset(struct fo_line *line, const struct failover_line_params *params)
{
	uint8_t i;

	line->registrars_count = (uint8_t)params->registrars;
	for (i = 0; i < line->registrars_max; i++) {
		fo_registrars(line)[i].live_until = 0;
		fo_registrars(line)[i].dialog = 0;
		fo_registrars(line)[i].via = FO_NONE;
		fo_registrars(line)[i].expires_s =
			params->expires_s && i < params->registrars ? params->expires_s[i] : 3600;
	}
}

/* The line, then its arrays in order of alignment. */
size_t fo_line_lay_out(struct fo_line *line)
{
	size_t targets = line->targets_max, requests = line->requests_max;
	size_t at = offsetof(struct fo_line, requests) + requests * sizeof(struct fo_request) +
		    (requests - FO_SLOTS_OWN) * sizeof(uint64_t); /* their cookies */

	line->registrars_at = (uint16_t)at;
	at += line->registrars_max * sizeof(struct fo_registrar);
	line->targets_at = (uint16_t)at;
	at += targets * sizeof(struct fo_target);
	line->attempts_at = (uint16_t)at;
	at += requests * targets * sizeof(struct fo_attempt);
	line->order_at = (uint16_t)at;
	return at + targets;
}

size_t fo_line_bytes(const struct fo_line *line)
{
	return line->order_at + line->targets_max;
}

void fo_line_copy(struct fo_line *to, const struct fo_line *from)
{
	memcpy(to, from, fo_line_bytes(from));
}

/* An empty line of these sizes. */
static struct fo_line *block_new(struct failover_engine *engine, struct fo_line *sizes)
{
	size_t bytes = fo_line_lay_out(sizes);
	struct fo_line *line = engine->memory.alloc(engine->memory.user, bytes);

	if (!line)
		return NULL;
	memset(line, 0, bytes);
	*line = *sizes;
	if (bytes > engine->line_bytes)
		engine->line_bytes = (uint32_t)bytes;
	if (FO_OUTPUTS_PER_STEP(line->requests_max) > engine->queue.step)
		engine->queue.step = FO_OUTPUTS_PER_STEP(line->requests_max);
	return line;
}

int fo_line_new(struct failover_engine *engine, const struct failover_line_params *params,
		struct fo_line **out)
{
	struct fo_line sizes = {
		.requests_max =
			(uint8_t)(FO_SLOTS_OWN + (params->max_requests ? params->max_requests : 4)),
		.registrars_max = (uint8_t)params->registrars,
		.targets_max = (uint8_t)(params->max_targets ? params->max_targets
							     : params->targets_count),
	};
	struct fo_line *line = block_new(engine, &sizes);
	int error;

	if (!line)
		return FAILOVER_ERR_MEMORY;
	line->serving = line->release = line->pending_target = line->follow = FO_NONE;
	registrars_reset(line, params);
	error = fo_settings_take(&engine->settings, &engine->memory, &params->settings,
				 &line->settings);
	if (error)
		goto out_block;
	error = fo_target_replace(engine, line, params->targets, params->targets_count);
	if (error)
		goto out_settings;
	line->serving = fo_order(line)[0];
	fo_registration_disarm(line);
	fo_failback_arm(engine, line);
	fo_keepalive_arm(engine, line);
	*out = line;
	return FAILOVER_OK;
out_settings:
	fo_settings_drop(&engine->settings, &engine->memory, line->settings);
out_block:
	engine->memory.release(engine->memory.user, line);
	return error;
}

void fo_line_free(struct failover_engine *engine, struct fo_line *line)
{
	fo_wheel_clear(&engine->wheel, &line->timer);
	fo_target_drop_all(engine, line);
	fo_settings_drop(&engine->settings, &engine->memory, line->settings);
	engine->memory.release(engine->memory.user, line);
}

/* `to` has empty arrays that are as long or longer. */
static void line_move(struct fo_line *to, const struct fo_line *from)
{
	const struct fo_line larger = *to;
	uint8_t i;

	*to = *from;
	to->requests_max = larger.requests_max;
	to->registrars_max = larger.registrars_max;
	to->targets_max = larger.targets_max;
	fo_line_lay_out(to);
	memcpy(to->requests, from->requests, from->requests_max * sizeof(*from->requests));
	memcpy(fo_cookies(to), fo_cookies(from),
	       (from->requests_max - FO_SLOTS_OWN) * sizeof(uint64_t));
	memcpy(fo_registrars(to), fo_registrars(from),
	       from->registrars_max * sizeof(struct fo_registrar));
	memcpy(fo_targets(to), fo_targets(from), from->targets_max * sizeof(struct fo_target));
	memcpy(fo_order(to), fo_order(from), from->targets_max);
	for (i = 0; i < from->requests_max; i++)
		memcpy(fo_request_attempts(to, &to->requests[i]),
		       fo_request_attempts(from, &from->requests[i]),
		       from->targets_max * sizeof(struct fo_attempt));
	for (i = from->registrars_max; i < to->registrars_max; i++)
		fo_registrars(to)[i].via = FO_NONE;
}

struct fo_line *fo_line_room(struct failover_engine *engine, struct fo_line *line,
			     struct fo_line *sizes)
{
	struct fo_line *larger = block_new(engine, sizes);

	if (!larger)
		return NULL;
	line_move(larger, line);
	fo_wheel_move(&engine->wheel, &larger->timer, &line->timer);
	engine->memory.release(engine->memory.user, line);
	return larger;
}

int fo_line_change(struct failover_engine *engine, struct fo_line *line,
		   const struct failover_line_params *params)
{
	uint8_t registrars = line->registrars_count, busy = line->busy;
	struct fo_settings *settings;
	int error;

	if (params->registrars > line->registrars_max || params->targets_count > line->targets_max)
		return FAILOVER_ERR_LIMIT;
	error = fo_settings_take(&engine->settings, &engine->memory, &params->settings, &settings);
	if (error)
		return error;
	line->registrars_count = (uint8_t)params->registrars;
	error = fo_target_replace(engine, line, params->targets, params->targets_count);
	if (error) {
		line->registrars_count = registrars;
		fo_settings_drop(&engine->settings, &engine->memory, settings);
		return error;
	}
	fo_failback_calls(engine, line, 0); /* the group that it leaves waits for it no more */
	line->busy = busy;
	fo_settings_drop(&engine->settings, &engine->memory, line->settings);
	line->settings = settings;
	registrars_reset(line, params);
	line->release = line->follow = FO_NONE;
	line->options = FO_OPTIONS_UNKNOWN;
	line->rejections = 0; /* there may be other credentials now */
	fo_failback_stop(engine, line);
	fo_keepalive_arm(engine, line);
	return FAILOVER_OK;
}
