/* SPDX-License-Identifier: MIT */
/* A retry profile that is left out of the build is refused, and the message says so. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "config_support.h"

static int has(uint32_t profile)
{
	return failover_profile_available(profile) == FAILOVER_OK;
}

static void check_profile(const char *name, uint32_t profile)
{
	struct reading reading;
	char text[64], expected[128];

	snprintf(text, sizeof(text), "profile = %s", name);
	snprintf(expected, sizeof(expected),
		 "1: profile: '%s' is left out of this build; accepted: %s\n", name,
		 has(FAILOVER_PROFILE_V2) ? "v2" : "v3");
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

int main(void)
{
	Suite *suite = suite_create("config_profile");
	TCase *tcase = tcase_create("profile");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B3_profile_must_be_in_the_build);
	tcase_add_test(tcase, B3_profile_not_named_is_the_default_of_the_build);
	return suite_main_any_profiles(suite);
}
