/* SPDX-License-Identifier: MIT */
/* line.c - a line's life: its block, its settings, its serving target (B8), its one timer. */
#include <string.h>
#include "core.h"
#include "sized.h"

/* ---- settings ----------------------------------------------------------------------------- */

static int in_range(uint32_t value, uint32_t least, uint32_t most)
{
	return value >= least && value <= most;
}

static int settings_valid(const struct failover_line_settings *is)
{
	uint32_t methods = FAILOVER_METHOD_BIT(FAILOVER_REGISTER) |
			   FAILOVER_METHOD_BIT(FAILOVER_INVITE) | FAILOVER_METHOD_BIT(FAILOVER_BYE);

	return is->failback <= 1 && is->failback_release <= 1 && is->signal_failback <= 1 &&
	       is->signal_retry_first_free <= 1 && is->reg_fail_backoff <= 1 &&
	       !(is->signal_failback_methods & ~methods) &&
	       in_range(is->failback_interval_s, 1, 86400) &&
	       in_range(is->signal_retry_counts, 1, 20) &&
	       in_range(is->signal_retry_time_ms, 100, 32000) && in_range(is->t1_ms, 1, 10000) &&
	       in_range(is->t2_ms, is->t1_ms, 60000) && in_range(is->t4_ms, 1, 60000) &&
	       is->trying_timeout_s <= 86400 && is->jitter_percent <= 50 &&
	       is->keepalive <= FAILOVER_KEEPALIVE_OPTIONS &&
	       in_range(is->keepalive_interval_s, 5, 3600) &&
	       in_range(is->reg_fail_interval_s, 1, 86400);
}

int failover_codes_add(uint8_t codes[FAILOVER_CODES_BYTES], uint32_t status)
{
	if (!in_range(status, 300, 699))
		return FAILOVER_ERR_ARGUMENT;
	codes[(status - 300) / 8] |= (uint8_t)(1u << (status - 300) % 8);
	return FAILOVER_OK;
}

int failover_codes_has(const uint8_t codes[FAILOVER_CODES_BYTES], uint32_t status)
{
	if (!in_range(status, 300, 699))
		return 0;
	return codes[(status - 300) / 8] >> (status - 300) % 8 & 1;
}

int failover_code_set(struct failover_line_settings *settings, uint32_t status)
{
	return failover_codes_add(settings->unavailable, status);
}

int failover_code_isset(const struct failover_line_settings *settings, uint32_t status)
{
	return failover_codes_has(settings->unavailable, status);
}

static int settings_take(struct failover_engine *engine, const struct failover_line_settings *is,
			 struct fo_settings **out)
{
	struct fo_settings *settings;

	for (settings = engine->settings; settings; settings = settings->next)
		if (memcmp(&settings->is, is, sizeof(*is)) == 0)
			break;
	if (!settings) {
		settings = engine->memory.alloc(engine->memory.user, sizeof(*settings));
		if (!settings)
			return FAILOVER_ERR_MEMORY;
		*settings = (struct fo_settings){ .next = engine->settings, .is = *is };
		engine->settings = settings;
	}
	settings->references++;
	*out = settings;
	return FAILOVER_OK;
}

static void settings_drop(struct failover_engine *engine, struct fo_settings *settings)
{
	struct fo_settings **link = &engine->settings;

	if (--settings->references)
		return;
	while (*link != settings)
		link = &(*link)->next;
	*link = settings->next;
	engine->memory.release(engine->memory.user, settings);
}

uint32_t fo_line_profile(const struct fo_line *line)
{
	uint32_t profile = line->settings->is.profile;

	return profile == FAILOVER_PROFILE_DEFAULT ? fo_policy_default() : profile;
}

int fo_line_signal(const struct fo_line *line, uint32_t method)
{
	const struct failover_line_settings *is = &line->settings->is;

	return is->signal_failback && (is->signal_failback_methods & FAILOVER_METHOD_BIT(method));
}

/* ---- the block ---------------------------------------------------------------------------- */

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

	if (!in_range(params->registrars, 1, FAILOVER_LIMIT_REGISTRARS) ||
	    !in_range(params->targets_count, 1, FAILOVER_LIMIT_TARGETS) || !params->targets ||
	    params->max_targets > FAILOVER_LIMIT_TARGETS ||
	    params->max_requests > FAILOVER_LIMIT_REQUESTS || !settings_valid(&params->settings))
		return FAILOVER_ERR_ARGUMENT;
	for (i = 0; params->expires_s && i < params->registrars; i++)
		if (!in_range(params->expires_s[i], 1, 86400))
			return FAILOVER_ERR_ARGUMENT;
	return fo_policy_has(params->settings.profile) ? FAILOVER_OK : FAILOVER_ERR_UNSUPPORTED;
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
	line->register_at = line->probe_at = line->keepalive_at = FO_NEVER;
	line->serving = line->release = line->pending_target = FO_NONE;
	registrars_reset(line, params);
	error = settings_take(engine, &params->settings, &line->settings);
	if (error)
		goto out_block;
	error = fo_target_replace(engine, line, params->targets, params->targets_count);
	if (error)
		goto out_settings;
	line->serving = line->order[0];
	*out = line;
	return FAILOVER_OK;
out_settings:
	settings_drop(engine, line->settings);
out_block:
	engine->memory.release(engine->memory.user, line);
	return error;
}

void fo_line_free(struct failover_engine *engine, struct fo_line *line)
{
	fo_wheel_clear(&engine->wheel, &line->timer);
	fo_target_release_all(engine, line);
	settings_drop(engine, line->settings);
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
	error = settings_take(engine, &params->settings, &settings);
	if (error)
		return error;
	line->registrars_count = (uint8_t)params->registrars;
	error = fo_target_replace(engine, line, params->targets, params->targets_count);
	if (error) {
		line->registrars_count = registrars;
		settings_drop(engine, settings);
		return error;
	}
	settings_drop(engine, line->settings);
	line->settings = settings;
	registrars_reset(line, params);
	line->release = FO_NONE;
	fo_failback_stop(engine, line);
	fo_keepalive_arm(engine, line);
	return FAILOVER_OK;
}

struct fo_request *fo_line_own(struct fo_line *line, enum fo_own_slot slot)
{
	return &line->requests[slot];
}

/* ---- moves -------------------------------------------------------------------------------- */

void fo_line_move(struct failover_engine *engine, struct fo_line *line, uint8_t target,
		  uint32_t method)
{
	struct failover_event event = { .kind = FAILOVER_EVENT_MOVED, .method = method };
	uint8_t from = fo_target_index(line, line->serving), to = fo_target_index(line, target);
	const struct fo_request *probe = fo_line_own(line, FO_SLOT_PROBE);

	event.direction = from < line->listed && to < from ? FAILOVER_FAILBACK : FAILOVER_FAILOVER;
	fo_target_public(engine, line, line->serving, &event.from);
	fo_target_public(engine, line, target, &event.target);
	line->serving = target;
	line->flags &= (uint8_t)~FO_LINE_LOST; /* it was the old one's */
	line->heard_at = engine->wheel.now;
	engine->moves++;
	fo_event_push(engine, line, &event);
	if (method != FAILOVER_REGISTER)
		fo_registration_moved(engine, line);
	line->probe_at = FO_NEVER;
	if (!fo_request_running(probe) || probe->target != target)
		fo_failback_stop(engine, line); /* what it looks for is found, or another one */
	fo_failback_arm(engine, line);
}

/* ---- time --------------------------------------------------------------------------------- */

static int slot_free(const struct fo_line *line, enum fo_own_slot slot)
{
	return line->requests[slot].state == FO_REQUEST_FREE;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When the line's own work is due; what needs a request slot waits until that is free. */
static uint64_t register_at(const struct fo_line *line)
{
	if (!slot_free(line, FO_SLOT_REGISTER))
		return FO_NEVER;
	return line->flags & (FO_LINE_PENDING_REGISTER | FO_LINE_LOST) ? 0 : line->register_at;
}

static uint64_t probe_at(const struct fo_line *line)
{
	if (!slot_free(line, FO_SLOT_PROBE))
		return FO_NEVER;
	return line->release != FO_NONE ? 0 : line->probe_at;
}

static uint64_t keepalive_at(const struct fo_line *line)
{
	return slot_free(line, FO_SLOT_KEEPALIVE) ? line->keepalive_at : FO_NEVER;
}

void fo_line_arm(struct failover_engine *engine, struct fo_line *line)
{
	uint64_t at = earlier(register_at(line), earlier(probe_at(line), keepalive_at(line)));
	uint8_t i;

	for (i = 0; i < line->requests_max; i++)
		at = earlier(at, fo_request_deadline(&line->requests[i]));
	fo_wheel_set(&engine->wheel, &line->timer, at);
}

void fo_line_news(struct failover_engine *engine, struct fo_line *line, struct fo_request *request)
{
	enum fo_news news = (enum fo_news)request->news;
	struct failover_answer answer = {
		.status = request->news_status,
		.retry_after_s = request->news_value,
		.expires_s = request->news_value,
	};

	request->news = FO_NEWS_NONE;
	switch (news) { /* never 2: called with news only; and no default */
	case FO_NEWS_NONE:
		break;
	case FO_NEWS_RESPONSE:
		fo_request_response(engine, line, request, &answer);
		break;
	case FO_NEWS_UNREACHABLE:
		fo_request_unavailable(engine, line, request, (enum fo_cause)request->news_status);
		break;
	case FO_NEWS_GIVE_UP:
		fo_request_give_up(engine, line, request, FAILOVER_ABANDON_GIVEN_UP);
		break;
	}
}

void fo_line_due(struct failover_engine *engine, struct fo_line *line)
{
	uint64_t now = engine->wheel.now;
	uint8_t i;

	for (i = 0; i < line->requests_max; i++)
		if (fo_request_deadline(&line->requests[i]) <= now)
			break;
	if (i < line->requests_max && line->requests[i].news)
		fo_line_news(engine, line, &line->requests[i]);
	else if (i < line->requests_max)
		fo_request_due(engine, line, &line->requests[i]);
	else if ((line->flags & FO_LINE_LOST) && register_at(line) <= now)
		fo_registration_lost(engine, line);
	else if (register_at(line) <= now)
		fo_registration_due(engine, line);
	else if (probe_at(line) <= now && line->release != FO_NONE)
		fo_failback_release(engine, line);
	else if (probe_at(line) <= now)
		fo_failback_due(engine, line);
	else
		fo_keepalive_due(engine, line);
	fo_line_arm(engine, line);
}
