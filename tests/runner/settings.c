/* SPDX-License-Identifier: MIT */
/* settings.c - `set KEY VALUE`: the settings of the lines, under their configuration names. */
#include <stddef.h>
#include <string.h>
#include "tests/runner/scenario.h"

struct choice {
	const char *word;
	uint32_t value;
};

static const struct choice profiles[] = { { "v2", FAILOVER_PROFILE_V2 },
					  { "v3", FAILOVER_PROFILE_V3 },
					  { NULL, 0 } };
static const struct choice keepalives[] = { { "off", FAILOVER_KEEPALIVE_OFF },
					    { "crlf", FAILOVER_KEEPALIVE_CRLF },
					    { "options", FAILOVER_KEEPALIVE_OPTIONS },
					    { NULL, 0 } };

struct setting {
	const char *key;
	size_t offset;
	const struct choice *choices; /* NULL = a number */
};

#define SETTING(key, member)                                                                       \
	{                                                                                          \
		key, offsetof(struct failover_line_settings, member), NULL                         \
	}
static const struct setting settings_table[] = {
	{ "profile", offsetof(struct failover_line_settings, profile), profiles },
	{ "keepalive", offsetof(struct failover_line_settings, keepalive), keepalives },
	SETTING("failback", failback),
	SETTING("failback_interval", failback_interval_s),
	SETTING("failback_release", failback_release),
	SETTING("signal_failback", signal_failback),
	SETTING("signal_retry_counts", signal_retry_counts),
	SETTING("signal_retry_first_free", signal_retry_first_free),
	SETTING("signal_retry_time", signal_retry_time_ms),
	SETTING("t1", t1_ms),
	SETTING("t2", t2_ms),
	SETTING("t4", t4_ms),
	SETTING("trying_timeout", trying_timeout_s),
	SETTING("jitter", jitter_percent),
	SETTING("keepalive_interval", keepalive_interval_s),
	SETTING("reg_fail_interval", reg_fail_interval_s),
	SETTING("reg_fail_backoff", reg_fail_backoff),
};
#undef SETTING

static int choice_find(const struct choice *choices, const char *word, uint32_t *value)
{
	for (; choices->word; choices++) {
		if (strcmp(choices->word, word))
			continue;
		*value = choices->value;
		return 0;
	}
	return FAILOVER_ERR_ARGUMENT;
}

/* "500,503" or "5xx". */
static int codes_set(struct failover_line_settings *settings, char *list)
{
	char *code, *rest = list;
	uint32_t number, i;

	memset(settings->unavailable, 0, sizeof(settings->unavailable));
	while ((code = strsep(&rest, ","))) {
		if (strlen(code) == 3 && !strcmp(code + 1, "xx") && code[0] >= '3' &&
		    code[0] <= '6') {
			for (i = 0; i < 100; i++)
				failover_code_set(settings, (uint32_t)(code[0] - '0') * 100 + i);
			continue;
		}
		if (text_number(code, 699, &number) || failover_code_set(settings, number))
			return FAILOVER_ERR_ARGUMENT;
	}
	return 0;
}

static int methods_set(struct failover_line_settings *settings, char *list)
{
	static const struct choice methods[] = { { "none", 0 },
						 { "register", FAILOVER_REGISTER },
						 { "invite", FAILOVER_INVITE },
						 { "bye", FAILOVER_BYE },
						 { NULL, 0 } };
	char *word, *rest = list;
	uint32_t method;

	settings->signal_failback_methods = 0;
	while ((word = strsep(&rest, ","))) {
		if (choice_find(methods, word, &method))
			return FAILOVER_ERR_ARGUMENT;
		settings->signal_failback_methods |= method ? FAILOVER_METHOD_BIT(method) : 0;
	}
	return 0;
}

static int value_set(struct failover_line_settings *settings, const char *key, const char *value)
{
	char list[128];
	uint32_t number;
	size_t i;

	snprintf(list, sizeof(list), "%s", value);
	if (!strcmp(key, "unavailable_codes"))
		return codes_set(settings, list);
	if (!strcmp(key, "signal_failback_methods"))
		return methods_set(settings, list);
	for (i = 0; i < sizeof(settings_table) / sizeof(settings_table[0]); i++) {
		const struct setting *setting = &settings_table[i];

		if (strcmp(setting->key, key))
			continue;
		if (setting->choices ? choice_find(setting->choices, value, &number)
				     : text_number(value, UINT32_MAX, &number))
			return FAILOVER_ERR_ARGUMENT;
		memcpy((char *)settings + setting->offset, &number, sizeof(number));
		return 0;
	}
	return FAILOVER_ERR_UNSUPPORTED;
}

int setting_set(struct scenario *scenario, struct words *words,
		struct failover_line_settings *settings)
{
	const char *key = word_next(words), *value = word_next(words);
	int rc;

	if (!key || !value) {
		scenario_error(scenario, words->file_line, "a setting is a key and a value");
		return FAILOVER_ERR_ARGUMENT;
	}
	rc = value_set(settings, key, value);
	if (rc == FAILOVER_ERR_UNSUPPORTED)
		scenario_error(scenario, words->file_line, "\"%s\" is no setting", key);
	else if (rc)
		scenario_error(scenario, words->file_line, "\"%s\" is no value of %s", value, key);
	return rc;
}
