/* SPDX-License-Identifier: MIT */
/* settings.c - the settings of a line by the option table: read, written, varied. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "libfailover/config/profiles.h"
#include "libfailover/config/value.h"
#include "tests/runner/settings.h"

#define NONE "none"   /* a list of nothing, where a word is needed */
#define GROUP "group" /* a text of files, but a number of the core (B39) */

/* ---- read and written ----------------------------------------------------------------------- */

/* B29: what the profile says of the other settings, as libfailover-config fills them in. */
static void take_profile(struct failover_line_settings *settings)
{
	for (size_t i = 0; fo_profile_item(i); i++) {
		const struct fo_option *option = fo_option_find(FO_LINE, fo_profile_item(i)->key);

		if (fo_profile_item(i)->profile == settings->profile)
			(void)fo_value_set_profile(option, settings->profile,
						   fo_option_setting(option, settings));
	}
}

int settings_set(struct failover_line_settings *settings, const char *key, const char *value,
		 char *why, size_t size)
{
	const struct fo_option *option = fo_option_find(FO_LINE, key);
	struct fo_words words = { .word = &value, .count = 1 };
	struct fo_why all = { .text = { "" } };
	int error;

	if (!strcmp(key, GROUP)) {
		settings->group = (uint32_t)strtoul(value, NULL, 10);
		return FAILOVER_OK;
	}
	if (!option || !fo_option_is_setting(option))
		return FAILOVER_ERR_UNSUPPORTED;
	/* One that is left out of this build is a setting all the same: its scenarios are skipped.
	 */
	if (option->type == FO_TYPE_PROFILE && fo_choice_find(option->choices, value)) {
		settings->profile = fo_choice_find(option->choices, value)->value;
		take_profile(settings);
		return FAILOVER_OK;
	}
	if (fo_option_is_list(option) && strcmp(value, NONE) == 0)
		words.count = 0;
	else if (fo_option_is_list(option) && strncmp(value, NONE ",", strlen(NONE ",")) == 0)
		value += strlen(NONE ",");
	error = fo_value_set(option, fo_option_setting(option, settings), &words, &all);
	snprintf(why, size, "%s", all.text[FO_ENGLISH]);
	return error;
}

static const char *text_in(const struct fo_option *option,
			   const struct failover_line_settings *settings, char *buffer)
{
	struct failover_line_settings copy = *settings;

	return fo_value_text(option, fo_option_setting(option, &copy), buffer);
}

void settings_differ(const struct failover_line_settings *settings,
		     const struct failover_line_settings *base,
		     void (*differs)(void *user, const char *key, const char *value), void *user)
{
	char own[FO_VALUE_SIZE], other[FO_VALUE_SIZE];
	struct failover_line_settings with = *base;

	if (settings->profile != base->profile) {
		/* It is the first that is told, and brings its own. */
		with.profile = settings->profile;
		take_profile(&with);
		with.profile = base->profile;
	}
	if (settings->group != base->group) {
		snprintf(own, sizeof(own), "%u", (unsigned)settings->group);
		differs(user, GROUP, own);
	}
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];
		uint32_t profile = settings->profile;
		const char *text;

		if (!fo_option_is_setting(option))
			continue;
		text = text_in(option, settings, own);
		if (strcmp(text, text_in(option, &with, other)) == 0)
			continue;
		if (option->type == FO_TYPE_PROFILE && profile == FAILOVER_PROFILE_DEFAULT) {
			profile = failover_profile_default();
			text = fo_value_text(option, &profile, own);
		}
		differs(user, option->key, *text ? text : NONE);
	}
}

int settings_take(struct failover_line_settings *settings,
		  const struct failover_line_settings *from, size_t n)
{
	struct failover_line_settings copy = *from;
	const struct fo_option *option;

	if (n >= fo_options_count)
		return 0;
	option = &fo_options[n];
	if (fo_option_is_setting(option))
		memcpy(fo_option_setting(option, settings), fo_option_setting(option, &copy),
		       option->type == FO_TYPE_CODES ? FAILOVER_CODES_BYTES : sizeof(uint32_t));
	return 1;
}

/* ---- varied --------------------------------------------------------------------------------- */

struct vary {
	uint32_t (*below)(void *user, uint32_t bound);
	void *user;
};

static uint32_t below(const struct vary *vary, uint32_t bound)
{
	return vary->below(vary->user, bound);
}

/* Any number up to `most`, small ones as likely as large ones. */
static uint32_t some_number(const struct vary *vary, uint32_t most)
{
	uint32_t bits = 0;

	while (bits < 32 && most >> bits)
		bits++;
	bits = below(vary, bits + 1);
	return below(vary, bits < 32 && (1u << bits) <= most ? 1u << bits : most + 1);
}

static uint32_t vary_number(const struct vary *vary, const struct fo_option *option, uint32_t usual)
{
	uint32_t which = below(vary, 16);

	if (which == 0)
		return option->minimum;
	if (which == 1)
		return option->maximum;
	if (which < 9)
		return usual;
	return option->minimum + some_number(vary, option->maximum - option->minimum);
}

static uint32_t vary_choice(const struct vary *vary, const struct fo_option *option)
{
	uint32_t count = 0;

	while (option->choices[count].name)
		count++;
	return option->choices[below(vary, count)].value;
}

static uint32_t vary_profile(const struct vary *vary, const struct fo_option *option)
{
	uint32_t profile = vary_choice(vary, option);

	return failover_profile_available(profile) ? failover_profile_default() : profile;
}

static uint32_t vary_bits(const struct vary *vary, const struct fo_option *option)
{
	uint32_t bits = 0;

	for (const struct fo_choice *choice = option->choices; choice->name; choice++)
		if (below(vary, 3))
			bits |= choice->value;
	return bits;
}

/* One code more, now and then. */
static void vary_codes(const struct vary *vary, uint8_t *codes)
{
	static const uint32_t known[] = { 404, 408, 480, 486, 500, 502, 503, 504, 603 };

	if (!below(vary, 6))
		failover_codes_add(codes, known[below(vary, sizeof(known) / sizeof(known[0]))]);
}

static void vary_field(const struct vary *vary, const struct fo_option *option, void *field)
{
	uint32_t *number = field;

	switch (option->type) {
	case FO_TYPE_BOOL:
		*number = below(vary, 2);
		break;
	case FO_TYPE_NUMBER:
		*number = vary_number(vary, option, *number);
		break;
	case FO_TYPE_CHOICE:
		*number = vary_choice(vary, option);
		break;
	case FO_TYPE_PROFILE:
		*number = vary_profile(vary, option);
		break;
	case FO_TYPE_METHODS:
		*number = vary_bits(vary, option);
		break;
	case FO_TYPE_CODES:
		vary_codes(vary, field);
		break;
	case FO_TYPE_TEXT:
	case FO_TYPE_SECRET:
	case FO_TYPE_HOST:
	case FO_TYPE_SOURCES:
	case FO_TYPE_TEXTS:
		abort(); /* no setting is one of these */
	}
}

/* What only some worlds need is drawn there, so that the others are as they were before there was
 * one. */
static int is_drawn_apart(const struct fo_option *option)
{
	return !strcmp(option->key, "emergency_race_after");
}

void settings_vary(struct failover_line_settings *settings,
		   uint32_t (*below_)(void *user, uint32_t bound), void *user)
{
	const struct vary vary = { .below = below_, .user = user };

	*settings = (struct failover_line_settings)FAILOVER_LINE_SETTINGS_INIT;
	for (size_t i = 0; i < fo_options_count; i++)
		if (fo_option_is_setting(&fo_options[i]) && !is_drawn_apart(&fo_options[i]))
			vary_field(&vary, &fo_options[i],
				   fo_option_setting(&fo_options[i], settings));
	if (settings->t2_ms < settings->t1_ms)
		settings->t2_ms = settings->t1_ms;
}
