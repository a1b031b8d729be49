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
		line->registrars[i].live_until = 0;
		line->registrars[i].dialog = 0;
		line->registrars[i].via = FO_NONE;
		line->registrars[i].expires_s =
			params->expires_s && i < params->registrars ? params->expires_s[i] : 3600;
	}
}

/* One block: the line, then its arrays in order of alignment. */
static struct fo_line *block_new(struct failover_engine *engine,
				 const struct failover_line_params *params)
{
	size_t targets = params->max_targets ? params->max_targets : params->targets_count;
	size_t requests = FO_SLOTS_OWN + (params->max_requests ? params->max_requests : 4);
	size_t bytes = sizeof(struct fo_line) + requests * sizeof(struct fo_request) +
		       params->registrars * sizeof(struct fo_registrar) +
		       targets * sizeof(struct fo_target) +
		       requests * targets * sizeof(struct fo_attempt) + targets;
	struct fo_line *line = engine->memory.alloc(engine->memory.user, bytes);

	if (!line)
		return NULL;
	memset(line, 0, bytes);
	line->requests = (struct fo_request *)(line + 1);
	line->registrars = (struct fo_registrar *)(line->requests + requests);
	line->targets = (struct fo_target *)(line->registrars + params->registrars);
	line->attempts = (struct fo_attempt *)(line->targets + targets);
	line->order = (uint8_t *)(line->attempts + requests * targets);
	line->requests_max = (uint8_t)requests;
	line->registrars_max = (uint8_t)params->registrars;
	line->targets_max = (uint8_t)targets;
	if (bytes > engine->line_bytes)
		engine->line_bytes = (uint32_t)bytes;
	return line;
}

int fo_line_new(struct failover_engine *engine, const struct failover_line_params *params,
		struct fo_line **out)
{
	struct fo_line *line = block_new(engine, params);
	int error;

	if (!line)
		return FAILOVER_ERR_MEMORY;
	line->serving = line->release = line->pending_target = FO_NONE;
	registrars_reset(line, params);
	error = fo_settings_take(&engine->settings, &engine->memory, &params->settings,
				 &line->settings);
	if (error)
		goto out_block;
	error = fo_target_replace(engine, line, params->targets, params->targets_count);
	if (error)
		goto out_settings;
	line->serving = line->order[0];
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

int fo_line_change(struct failover_engine *engine, struct fo_line *line,
		   const struct failover_line_params *params)
{
	uint8_t registrars = line->registrars_count;
	struct fo_settings *settings;
	int error;

	if (params->registrars > line->registrars_max || params->targets_count > line->targets_max)
		return FAILOVER_ERR_FULL;
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
	fo_settings_drop(&engine->settings, &engine->memory, line->settings);
	line->settings = settings;
	registrars_reset(line, params);
	line->release = FO_NONE;
	line->options = FO_OPTIONS_UNKNOWN;
	line->rejections = 0; /* there may be other credentials now */
	fo_failback_stop(engine, line);
	fo_keepalive_arm(engine, line);
	return FAILOVER_OK;
}
