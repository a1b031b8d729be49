/* SPDX-License-Identifier: MIT */
/* settings.c - the settings of lines: their ranges, and equal ones stored once. */
#include <string.h>
#include "settings.h"

/* The ranges are those of the option table. */
int fo_settings_valid(const struct failover_line_settings *is)
{
	return is->t2_ms >= is->t1_ms
#define FO_OPTION(...)
#define FO_SETTING(member, least, most, ...) &&fo_in_range(is->member, least, most)
#define FO_SHARED_SETTING FO_SETTING
#define FO_SETTING_BITS(member, all, ...) &&!(is->member & ~(all))
#define FO_REGISTRAR_SETTING(...)
#include "../options.def"
		;
#undef FO_SETTING
#undef FO_SHARED_SETTING
#undef FO_SETTING_BITS
#undef FO_REGISTRAR_SETTING
}

int fo_settings_registrar_valid(uint32_t expires_s)
{
	const struct {
		uint32_t expires_s;
	} is = { expires_s };

	return 1
#define FO_SETTING(...)
#define FO_SHARED_SETTING(...)
#define FO_SETTING_BITS(...)
#define FO_REGISTRAR_SETTING(member, least, most, ...) &&fo_in_range(is.member, least, most)
#include "../options.def"
		;
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
		*settings = (struct fo_settings){
			.next = *list,
			.profile = fo_policy_profile(is->profile),
			.is = *is,
		};
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

int fo_settings_signal(const struct fo_settings *settings, uint32_t method)
{
	const struct failover_line_settings *is = &settings->is;

	return is->signal_failback && (is->signal_failback_methods & FAILOVER_METHOD_BIT(method));
}
