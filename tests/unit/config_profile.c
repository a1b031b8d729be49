/* SPDX-License-Identifier: MIT */
/* A retry profile that is left out of the build is refused, and the message says so; what the
 * profiles of other phones bring along (B29). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/profiles.h"
#include "libfailover/config/value.h"

static int has(uint32_t profile)
{
	return failover_profile_available(profile) == FAILOVER_OK;
}

static void check_profile(const char *name, uint32_t profile)
{
	struct reading reading;
	char text[64], expected[256];

	snprintf(text, sizeof(text), "profile = %s", name);
	snprintf(expected, sizeof(expected),
		 "1: profile: '%s' is left out of this build; accepted:", name);
	for (uint32_t n = 0; failover_profile_at(n); n++)
		fo_append(expected, sizeof(expected), "%s %s", n ? "," : "",
			  failover_profile_text(failover_profile_at(n)));
	fo_append(expected, sizeof(expected), "\n");
	reading_of(&reading, ".conf", text);
	ck_assert_int_eq(reading.result, has(profile) ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT);
	ck_assert_str_eq(reading.errors, has(profile) ? "" : expected);
	if (has(profile))
		ck_assert_uint_eq(reading.config->profile, profile);
	reading_end(&reading);
}

START_TEST(B3_profile_must_be_in_the_build)
{
	check_profile("v2", FAILOVER_PROFILE_V2);
	check_profile("v3", FAILOVER_PROFILE_V3);
	check_profile("yealink", FAILOVER_PROFILE_YEALINK);
	check_profile("poly", FAILOVER_PROFILE_POLY);
	check_profile("cisco", FAILOVER_PROFILE_CISCO);
	check_profile("grandstream", FAILOVER_PROFILE_GRANDSTREAM);
}
END_TEST

START_TEST(B3_profile_not_named_is_the_default_of_the_build)
{
	struct reading reading;

	reading_of(&reading, ".conf", "line 1 { server primary { address = a.b } }");
	ck_assert_str_eq(reading.errors, "");
	ck_assert_uint_eq(reading.config->profile, FAILOVER_PROFILE_DEFAULT);
	ck_assert_uint_eq(reading.config->lines[0]->settings.profile, FAILOVER_PROFILE_DEFAULT);
	reading_end(&reading);
}
END_TEST

/* ---- B29 ------------------------------------------------------------------------------------ */

#define SERVER "server primary { address = a.b }\n"

/* What the administrators' manuals say, read a second time; whether a 503 leads on, to a
 * REGISTER and to a call. */
static const struct manual {
	const char *name;
	uint32_t profile;
	uint32_t counts, invite_counts, interval, signal, before, only, reg_fail, keepalive;
	int leaves_503, call_leaves_503;
} manuals[] = {
	{ "yealink", FAILOVER_PROFILE_YEALINK, 3, 3, 3600, 1, FAILOVER_BEFORE_NEVER, 0, 30,
	  FAILOVER_KEEPALIVE_OPTIONS, 0, 1 },
	{ "poly", FAILOVER_PROFILE_POLY, 3, 0, 3600, 1, FAILOVER_BEFORE_NEVER, 1, 60,
	  FAILOVER_KEEPALIVE_OPTIONS, 0, 1 },
	{ "cisco", FAILOVER_PROFILE_CISCO, 3, 0, 3600, 0, FAILOVER_BEFORE_NEVER, 0, 30,
	  FAILOVER_KEEPALIVE_OPTIONS, 0, 0 },
	{ "grandstream", FAILOVER_PROFILE_GRANDSTREAM, 2, 0, 3600, 0, FAILOVER_BEFORE_NEVER, 0, 20,
	  FAILOVER_KEEPALIVE_OFF, 0, 1 },
};
#define MANUALS (int)(sizeof(manuals) / sizeof(manuals[0]))

static const struct failover_line_settings *settings_of(struct reading *reading, const char *suffix,
							const char *text)
{
	reading_of(reading, suffix, text);
	ck_assert_str_eq(reading->errors, "");
	return &reading->config->lines[0]->settings;
}

static void check_manual(const struct manual *is, const struct failover_line_settings *s)
{
	ck_assert_uint_eq(s->profile, is->profile);
	ck_assert_uint_eq(s->signal_retry_counts, is->counts);
	ck_assert_uint_eq(s->invite_retry_counts, is->invite_counts);
	ck_assert_uint_eq(s->failback, 1);
	ck_assert_uint_eq(s->failback_interval_s, is->interval);
	ck_assert_uint_eq(s->signal_failback, is->signal);
	ck_assert_uint_eq(s->register_before, is->before);
	ck_assert_uint_eq(s->only_registered, is->only);
	ck_assert_uint_eq(s->reg_fail_interval_s, is->reg_fail);
	ck_assert_uint_eq(s->keepalive, is->keepalive);
	ck_assert_int_eq(failover_codes_has(s->unavailable, 503), is->leaves_503);
	ck_assert_int_eq(failover_codes_has(s->unavailable_codes_invite, 503), is->call_leaves_503);
}

START_TEST(B29_profile_brings_the_numbers_of_its_manual)
{
	const struct manual *is = &manuals[_i];
	struct reading reading;
	char text[256];

	if (!has(is->profile))
		return;
	snprintf(text, sizeof(text), "profile = %s\nline 1 {\n" SERVER "}\n", is->name);
	check_manual(is, settings_of(&reading, ".conf", text));
	ck_assert_uint_eq(reading.config->reg_fail_interval_s, is->reg_fail);
	reading_end(&reading);
	snprintf(text, sizeof(text), "line 1 {\n" SERVER "profile = %s\n}\n", is->name);
	check_manual(is, settings_of(&reading, ".conf", text));
	reading_end(&reading);
}
END_TEST

/* All say something of the same items, and something that a file may say, too. */
START_TEST(B29_profiles_have_a_row_for_each_item)
{
	size_t count = 0;

	for (size_t i = 0; fo_profile_item(i); i++, count++) {
		const struct fo_profile_item *item = fo_profile_item(i);
		const struct fo_option *option = fo_option_find(FO_LINE, item->key);
		uint8_t field[FAILOVER_CODES_BYTES] = { 0 };
		char text[FO_VALUE_SIZE];

		ck_assert_msg(option && fo_option_is_setting(option), "%s", item->key);
		ck_assert_int_eq(fo_value_set_profile(option, item->profile, field), 0);
		ck_assert_str_eq(fo_value_text(option, field, text), item->value);
		for (int k = 0; k < MANUALS; k++)
			ck_assert_msg(!has(manuals[k].profile) ||
					      fo_profile_value(manuals[k].profile, item->key),
				      "%s: %s", manuals[k].name, item->key);
		for (size_t other = 0; other < i; other++)
			ck_assert(fo_profile_item(other)->profile != item->profile ||
				  strcmp(fo_profile_item(other)->key, item->key) != 0);
	}
	for (int k = 0; k < MANUALS; k++)
		ck_assert(count > 0 || !has(manuals[k].profile));
}
END_TEST

START_TEST(B29_what_the_file_says_goes_before_the_profile)
{
	const struct failover_line_settings *s;
	struct reading reading;

	if (!has(FAILOVER_PROFILE_GRANDSTREAM))
		return;
	s = settings_of(&reading, ".conf",
			"reg_fail_interval = 32\nline 1 {\nprofile = grandstream\n" SERVER
			"signal_retry_counts = 3\nfailback_interval = 1800\n"
			"unavailable_codes = 503\n}\n");
	ck_assert_uint_eq(s->signal_retry_counts, 3);
	ck_assert_uint_eq(s->failback_interval_s, 1800);
	ck_assert_int_eq(failover_codes_has(s->unavailable, 503), 1);
	ck_assert_int_eq(failover_codes_has(s->unavailable, 500), 0);
	ck_assert_uint_eq(s->reg_fail_interval_s, 32);
	ck_assert_uint_eq(s->register_before, FAILOVER_BEFORE_NEVER);
	reading_end(&reading);
}
END_TEST

START_TEST(B29_each_line_has_its_own)
{
	struct reading reading;

	if (!has(FAILOVER_PROFILE_V3) || !has(FAILOVER_PROFILE_YEALINK) ||
	    !has(FAILOVER_PROFILE_POLY))
		return;
	reading_of(&reading, ".conf",
		   "profile = yealink\nline 1 { " SERVER "}\nline 2 { profile = v3\n" SERVER
		   "}\nline 3 { profile = poly\nreg_fail_interval = 7\n" SERVER "}\n");
	ck_assert_str_eq(reading.errors, "");
	ck_assert_uint_eq(reading.config->lines[0]->settings.reg_fail_interval_s, 30);
	ck_assert_uint_eq(reading.config->lines[1]->settings.reg_fail_interval_s, 32);
	ck_assert_uint_eq(reading.config->lines[1]->settings.failback_interval_s, 1800);
	ck_assert_uint_eq(reading.config->lines[1]->settings.signal_failback, 0);
	ck_assert_uint_eq(reading.config->lines[2]->settings.reg_fail_interval_s, 7);
	ck_assert_uint_eq(reading.config->lines[2]->settings.only_registered, 1);
	reading_end(&reading);
}
END_TEST

/* Written and read it is the same; what the profile brings is not written, and what differs from
 * that is, also where it is the default of V3. */
static void check_written(const char *text, const char *suffix, const char *there,
			  const char *not_there)
{
	struct reading reading, again;
	char path[128], *written;

	settings_of(&reading, ".conf", text);
	scratch_path(suffix, path, sizeof(path));
	ck_assert_int_eq(failover_config_write(reading.config, path, NULL, NULL), 0);
	written = text_of_file(path);
	ck_assert_msg(!there || strstr(written, there), "%s", written);
	ck_assert_msg(!not_there || !strstr(written, not_there), "%s", written);
	reading_of(&again, suffix, written);
	free(written);
	remove(path);
	ck_assert_str_eq(again.errors, "");
	ck_assert_int_eq(failover_config_global_equal(reading.config, again.config), 1);
	ck_assert_uint_eq(reading.config->lines_count, again.config->lines_count);
	for (uint32_t i = 0; i < again.config->lines_count; i++)
		ck_assert_int_eq(failover_config_line_equal(reading.config->lines[i],
							    again.config->lines[i]),
				 1);
	reading_end(&again);
	reading_end(&reading);
}

static const struct written {
	const char *text, *conf, *not_conf, *yaml;
} writings[] = {
	{ "profile = grandstream\nline 1 {\n" SERVER "}\n", "profile = grandstream\n", "failback",
	  "profile: grandstream" },
	{ "profile = grandstream\nline 1 {\n" SERVER "signal_retry_counts = 3\n}\n",
	  "signal_retry_counts = 3\n", "failback", "signal_retry_counts: 3" },
	{ "line 1 {\n" SERVER "profile = grandstream\nunavailable_codes = { 408, 500, 502, 503, "
	  "504 }\n}\n",
	  "unavailable_codes = {", "failback", "unavailable_codes:" },
	{ "line 1 {\n" SERVER "unavailable_codes = {}\n}\n", "unavailable_codes = {", NULL,
	  "unavailable_codes:" },
	/* A shared item: said for all, brought for all, and for one alone. */
	{ "reg_fail_interval = 32\nline 1 {\n" SERVER "profile = grandstream\n}\n",
	  "reg_fail_interval = 32\n", NULL, "reg_fail_interval: 32" },
	{ "profile = grandstream\nreg_fail_interval = 20\nline 1 {\n" SERVER
	  "profile = poly\n}\nline 2 {\n" SERVER "profile = poly\nreg_fail_interval = 60\n}\n",
	  "reg_fail_interval = 20\n", "reg_fail_interval = 60", "reg_fail_interval: 20" },
	{ "profile = grandstream\nreg_fail_interval = 33\nline 1 {\n" SERVER
	  "profile = poly\nreg_fail_interval = 60\n}\nline 2 {\n" SERVER "}\n",
	  "reg_fail_interval = 60\n", "reg_fail_interval = 20", "reg_fail_interval: 60" },
};
#define WRITINGS (int)(sizeof(writings) / sizeof(writings[0]))

START_TEST(B29_written_it_says_what_differs_from_the_profile)
{
	const struct written *is = &writings[_i];

	if (!has(FAILOVER_PROFILE_GRANDSTREAM) || !has(FAILOVER_PROFILE_POLY) ||
	    !has(FAILOVER_PROFILE_V3))
		return;
	check_written(is->text, ".conf", is->conf, is->not_conf);
	check_written(is->text, ".yaml", is->yaml, NULL);
}
END_TEST

static const char *value_of(const struct failover_config *config, const char *path)
{
	static char text[FAILOVER_CONFIG_VALUE_SIZE];

	ck_assert_int_eq(failover_config_get(config, path, text, sizeof(text)), 0);
	return text;
}

static struct failover_config *edited(const char *path, const char *item, const char *value)
{
	const struct failover_config_change change = { item, value };
	struct failover_config *config;

	ck_assert_int_eq(failover_config_edit(path, NULL, &change, 1, NULL, NULL, &config), 0);
	return config;
}

START_TEST(B29_edited_back_to_the_default_it_is_the_profiles)
{
	static const char counts[] = "line.1.signal_retry_counts";
	struct failover_config *config;
	char path[128], *text;
	FILE *file;

	if (!has(FAILOVER_PROFILE_GRANDSTREAM) || !has(FAILOVER_PROFILE_V3))
		return;
	file = fopen(scratch_path("profile.conf", path, sizeof(path)), "w");
	fputs("profile = grandstream\nline 1 {\n" SERVER "}\n", file);
	fclose(file);
	config = edited(path, counts, "3");
	ck_assert_str_eq(value_of(config, counts), "3");
	failover_config_free(config);
	text = text_of_file(path);
	ck_assert_ptr_nonnull(strstr(text, "signal_retry_counts = 3"));
	free(text);
	config = edited(path, counts, NULL);
	ck_assert_str_eq(value_of(config, counts), "2");
	failover_config_free(config);
	config = edited(path, "profile", "v3");
	ck_assert_str_eq(value_of(config, counts), "3");
	ck_assert_str_eq(value_of(config, "line.1.unavailable_codes"), "408,500,502,503,504");
	failover_config_free(config);
	remove(path);
}
END_TEST

START_TEST(B29_initial_values_by_profile)
{
	ck_assert_ptr_null(failover_config_initial(FAILOVER_PROFILE_DEFAULT, "address"));
	ck_assert_str_eq(failover_config_initial(FAILOVER_PROFILE_V3, "failback_interval"), "1800");
	ck_assert_str_eq(failover_config_initial(FAILOVER_PROFILE_V2, "reg_fail_interval"), "32");
	for (int k = 0; k < MANUALS; k++) {
		char expected[16];

		snprintf(expected, sizeof(expected), "%u",
			 has(manuals[k].profile) ? manuals[k].reg_fail : 32);
		ck_assert_str_eq(failover_config_initial(manuals[k].profile, "reg_fail_interval"),
				 expected);
	}
	ck_assert_str_eq(failover_config_initial(FAILOVER_PROFILE_DEFAULT, "reg_fail_interval"),
			 failover_config_initial(failover_profile_default(), "reg_fail_interval"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_profile");
	TCase *tcase = tcase_create("profile");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B3_profile_must_be_in_the_build);
	tcase_add_test(tcase, B3_profile_not_named_is_the_default_of_the_build);
	tcase_add_loop_test(tcase, B29_profile_brings_the_numbers_of_its_manual, 0, MANUALS);
	tcase_add_test(tcase, B29_profiles_have_a_row_for_each_item);
	tcase_add_test(tcase, B29_what_the_file_says_goes_before_the_profile);
	tcase_add_test(tcase, B29_each_line_has_its_own);
	tcase_add_loop_test(tcase, B29_written_it_says_what_differs_from_the_profile, 0, WRITINGS);
	tcase_add_test(tcase, B29_edited_back_to_the_default_it_is_the_profiles);
	tcase_add_test(tcase, B29_initial_values_by_profile);
	return suite_main_any_profiles(suite);
}
