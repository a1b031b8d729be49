/* SPDX-License-Identifier: MIT */
/* settings.c - the settings of lines: their ranges, and equal ones stored once. */
#include <string.h>
#include "policy.h"
#include "settings.h"

int fo_settings_valid(const struct failover_line_settings *is)
{
	uint32_t methods = FAILOVER_METHOD_BIT(FAILOVER_REGISTER) |
			   FAILOVER_METHOD_BIT(FAILOVER_INVITE) | FAILOVER_METHOD_BIT(FAILOVER_BYE);

	return is->failback <= 1 && is->failback_release <= 1 && is->signal_failback <= 1 &&
	       is->signal_retry_first_free <= 1 && is->reg_fail_backoff <= 1 &&
	       !(is->signal_failback_methods & ~methods) &&
	       fo_in_range(is->failback_interval_s, 1, 86400) &&
	       fo_in_range(is->signal_retry_counts, 1, 20) &&
	       fo_in_range(is->signal_retry_time_ms, 100, 32000) &&
	       fo_in_range(is->t1_ms, 1, 10000) && fo_in_range(is->t2_ms, is->t1_ms, 60000) &&
	       fo_in_range(is->t4_ms, 1, 60000) && is->trying_timeout_s <= 86400 &&
	       is->jitter_percent <= 50 && is->keepalive <= FAILOVER_KEEPALIVE_OPTIONS &&
	       fo_in_range(is->keepalive_interval_s, 5, 3600) &&
	       fo_in_range(is->reg_fail_interval_s, 1, 86400);
}

int failover_codes_add(uint8_t codes[FAILOVER_CODES_BYTES], uint32_t status)
{
	if (!fo_in_range(status, 300, 699))
		return FAILOVER_ERR_ARGUMENT;
	codes[(status - 300) / 8] |= (uint8_t)(1u << (status - 300) % 8);
	return FAILOVER_OK;
}

int failover_codes_has(const uint8_t codes[FAILOVER_CODES_BYTES], uint32_t status)
{
	if (!fo_in_range(status, 300, 699))
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

int fo_settings_take(struct fo_settings **list, const struct failover_memory *memory,
		     const struct failover_line_settings *is, struct fo_settings **out)
{
	struct fo_settings *settings;

	for (settings = *list; settings; settings = settings->next)
		if (memcmp(&settings->is, is, sizeof(*is)) == 0)
			break;
	if (!settings) {
		settings = memory->alloc(memory->user, sizeof(*settings));
		if (!settings)
			return FAILOVER_ERR_MEMORY;
		*settings = (struct fo_settings){ .next = *list, .is = *is };
		*list = settings;
	}
	settings->references++;
	*out = settings;
	return FAILOVER_OK;
}

void fo_settings_drop(struct fo_settings **list, const struct failover_memory *memory,
		      struct fo_settings *settings)
{
	struct fo_settings **link = list;

	if (--settings->references)
		return;
	while (*link != settings)
		link = &(*link)->next;
	*link = settings->next;
	memory->release(memory->user, settings);
}

uint32_t fo_settings_profile(const struct fo_settings *settings)
{
	uint32_t profile = settings->is.profile;

	return profile == FAILOVER_PROFILE_DEFAULT ? fo_policy_default() : profile;
}

int fo_settings_signal(const struct fo_settings *settings, uint32_t method)
{
	const struct failover_line_settings *is = &settings->is;

	return is->signal_failback && (is->signal_failback_methods & FAILOVER_METHOD_BIT(method));
}
