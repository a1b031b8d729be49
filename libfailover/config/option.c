/* SPDX-License-Identifier: MIT */
/* Looking things up in the option table. */
#include <string.h>

#include "options.h"

const struct fo_option *fo_option_find(enum fo_scope scope, const char *key)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];

		if (fo_option_in(option, scope) && strcmp(option->key, key) == 0)
			return option;
	}
	return NULL;
}

size_t fo_option_index(const struct fo_option *option)
{
	return (size_t)(option - fo_options);
}

static uint32_t bit_of(const struct fo_option *option)
{
	return UINT32_C(1) << fo_option_index(option) % 32;
}

void fo_option_set_add(struct fo_option_set *set, const struct fo_option *option)
{
	set->bits[fo_option_index(option) / 32] |= bit_of(option);
}

void fo_option_set_remove(struct fo_option_set *set, const struct fo_option *option)
{
	set->bits[fo_option_index(option) / 32] &= ~bit_of(option);
}

bool fo_option_set_has(const struct fo_option_set *set, const struct fo_option *option)
{
	return set->bits[fo_option_index(option) / 32] & bit_of(option);
}

bool fo_option_in(const struct fo_option *option, enum fo_scope scope)
{
	return option->scopes & FO_IN(scope);
}

bool fo_option_is_text(const struct fo_option *option)
{
	return option->type == FO_TYPE_TEXT || option->type == FO_TYPE_SECRET ||
	       option->type == FO_TYPE_HOST;
}

bool fo_option_is_list(const struct fo_option *option)
{
	return option->type == FO_TYPE_METHODS || option->type == FO_TYPE_CODES ||
	       option->type == FO_TYPE_SOURCES || option->type == FO_TYPE_TEXTS;
}

/* A text of a list may have a comma, but no control character. */
char fo_option_separator(const struct fo_option *option)
{
	return option->type == FO_TYPE_TEXTS ? '\n' : ',';
}

static size_t field_offset(const struct fo_option *option, enum fo_scope scope)
{
	if (scope == FO_LINE && fo_option_in(option, FO_GLOBAL))
		return option->line_offset;
	return option->offset;
}

bool fo_option_is_given(const struct fo_option *option, const void *object)
{
	return !option->set_offset ||
	       *(const uint32_t *)((const char *)object + option->set_offset) != 0;
}

bool fo_option_is_setting(const struct fo_option *option)
{
	size_t first = offsetof(struct failover_config_line, settings);
	size_t offset = field_offset(option, FO_LINE);

	return fo_option_in(option, FO_LINE) && offset >= first &&
	       offset < first + sizeof(struct failover_line_settings);
}

void *fo_option_setting(const struct fo_option *option, struct failover_line_settings *settings)
{
	return (char *)settings + field_offset(option, FO_LINE) -
	       offsetof(struct failover_config_line, settings);
}

void *fo_option_field(const struct fo_option *option, enum fo_scope scope, void *object)
{
	return (char *)object + field_offset(option, scope);
}

const void *fo_option_value(const struct fo_option *option, enum fo_scope scope, const void *object)
{
	return (const char *)object + field_offset(option, scope);
}

const char *fo_option_label(const struct fo_option *option, bool backup, enum fo_language language)
{
	if (backup && option->label_backup[language])
		return option->label_backup[language];
	return language == FO_CHINESE ? option->label_zh : option->label;
}

const char *fo_option_unit(const struct fo_option *option, enum fo_language language)
{
	static const char *const units[][FO_LANGUAGES] = {
		{ "s", "秒" },
		{ "ms", "毫秒" },
		{ "transmissions", "次" },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && option->unit; i++) {
		if (strcmp(option->unit, units[i][FO_ENGLISH]) == 0)
			return units[i][language];
	}
	return option->unit;
}

const char *fo_scope_name(enum fo_scope scope)
{
	static const char *const names[FO_SCOPES] = { "", "line", "server", "proxy" };

	return names[scope];
}

bool fo_scope_find(enum fo_scope outer, const char *keyword, enum fo_scope *inner)
{
	static const enum fo_scope outers[FO_SCOPES] = { FO_GLOBAL, FO_GLOBAL, FO_LINE, FO_LINE };

	for (int i = FO_LINE; i < FO_SCOPES; i++) {
		if (outers[i] == outer && strcmp(fo_scope_name((enum fo_scope)i), keyword) == 0) {
			*inner = (enum fo_scope)i;
			return true;
		}
	}
	return false;
}
