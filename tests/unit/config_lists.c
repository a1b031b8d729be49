/* SPDX-License-Identifier: MIT */
/* Values that are lists: where requests may come from (B21), further users (B24e). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/value.h"

#define NONE                                                                                       \
	"is no address or network; accepted: targets, any, addresses, networks like "              \
	"192.0.2.0/24 (at most 64)"

/* What is written, and what a file would say for it; or why it is refused. */
static const struct source_case {
	const char *written, *kept, *refused;
} source_cases[] = {
	{ "targets", "targets", NULL },
	{ "any", "any", NULL },
	{ "any, targets", "any", NULL },
	{ "", "targets", NULL },
	{ "198.51.100.0/24", "targets,198.51.100.0/24", NULL },
	{ "targets, 198.51.100.0/24", "targets,198.51.100.0/24", NULL },
	{ "192.0.2.7", "targets,192.0.2.7", NULL },
	{ "192.0.2.7/32", "targets,192.0.2.7", NULL },
	{ "192.0.2.7, 192.0.2.7", "targets,192.0.2.7", NULL },
	{ "0.0.0.0/0", "targets,0.0.0.0/0", NULL },
	{ "2001:db8::/32, ::1", "targets,2001:db8::/32,::1", NULL },
	{ "[2001:db8::1], 2001:DB8::2/128", "targets,2001:db8::1,2001:db8::2", NULL },
	{ "::/0", "targets,::/0", NULL },
	{ "any, 192.0.2.0/25", "any,192.0.2.0/25", NULL },
	/* IPv4 in the clothes of IPv6 */
	{ "::ffff:192.0.2.7", "targets,192.0.2.7", NULL },
	{ "::ffff:192.0.2.0/120", "targets,192.0.2.0/24", NULL },
	{ "::ffff:0:0/96", "targets,0.0.0.0/0", NULL },
	{ "::/64", "targets,::/64", NULL },
	{ "192.0.2.256", NULL, "'192.0.2.256' " NONE },
	{ "192.0.2.0/33", NULL, "'192.0.2.0/33' " NONE },
	{ "192.0.2.1/24", NULL, "'192.0.2.1/24' " NONE },
	{ "2001:db8::1/64", NULL, "'2001:db8::1/64' " NONE },
	{ "2001:db8::/129", NULL, "'2001:db8::/129' " NONE },
	{ "192.0.2.0/", NULL, "'192.0.2.0/' " NONE },
	{ "192.0.2.0/024", NULL, "'192.0.2.0/024' " NONE },
	{ "192.0.2.0/ 24", NULL, "'192.0.2.0/ 24' " NONE },
	{ "192.0.2.0/24/24", NULL, "'192.0.2.0/24/24' " NONE },
	{ "192.0.2.0/-1", NULL, "'192.0.2.0/-1' " NONE },
	{ "[192.0.2.7", NULL, "'[192.0.2.7' " NONE },
	{ "fe80::1%eth0", NULL, "'fe80::1%eth0' " NONE },
	{ "sip.example.net", NULL, "'sip.example.net' " NONE },
	{ "target", NULL, "'target' " NONE },
	{ "192.0.2.7,", "targets,192.0.2.7", NULL },
	{ "192.0.2.7,,192.0.2.8", NULL, "'' " NONE },
};

START_TEST(B21_sources_of_requests)
{
	const struct source_case *one = &source_cases[_i];
	const struct fo_option *option = fo_option_find(FO_GLOBAL, "accept_from");
	struct failover_config_sources sources = { 0 };
	const struct fo_words words = { .word = &one->written, .count = 1 };
	char buffer[FO_VALUE_SIZE];
	struct fo_why why = { .text = { "" } };
	int error = fo_value_set(option, &sources, &words, &why);

	if (one->refused) {
		ck_assert_int_eq(error, FAILOVER_ERR_ARGUMENT);
		ck_assert_str_eq(why.text[FO_ENGLISH], one->refused);
		ck_assert_ptr_null(sources.network);
	} else {
		ck_assert_int_eq(error, FAILOVER_OK);
		ck_assert_str_eq(fo_value_text(option, &sources, buffer), one->kept);
	}
	fo_value_free(option, &sources);
}
END_TEST

/* A list of `count` words, made by `format`. */
static int set_many(const struct fo_option *option, void *field, const char *format, int count,
		    struct fo_why *why)
{
	char text[200][300];
	const char *word[200];
	struct fo_words words = { .word = word, .count = (size_t)count, .list = true };

	for (int i = 0; i < count; i++) {
		snprintf(text[i], sizeof(text[i]), format, i);
		word[i] = text[i];
	}
	return fo_value_set(option, field, &words, why);
}

START_TEST(B21_sources_up_to_their_limit)
{
	const struct fo_option *option = fo_option_find(FO_GLOBAL, "accept_from");
	struct failover_config_sources sources = { 0 };
	struct fo_why why;

	ck_assert_int_eq(set_many(option, &sources, "192.0.2.%d", 64, &why), 0);
	ck_assert_uint_eq(sources.count, 64);
	ck_assert_int_eq(set_many(option, &sources, "192.0.2.%d", 65, &why), FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_nonnull(strstr(why.text[FO_ENGLISH], "'192.0.2.64' is one too many"));
	ck_assert_uint_eq(sources.count, 64); /* as before */
	fo_value_free(option, &sources);
}
END_TEST

START_TEST(B24e_further_users_up_to_their_limit)
{
	const struct fo_option *option = fo_option_find(FO_LINE, "incoming_user");
	struct failover_config_texts users = { 0 };
	char buffer[FO_VALUE_SIZE];
	struct fo_why why;

	ck_assert_int_eq(set_many(option, &users, "%0255d", 32, &why), 0);
	ck_assert_uint_eq(users.count, 32);
	ck_assert_uint_eq(strlen(fo_value_text(option, &users, buffer)), 32 * 256 - 1);
	ck_assert_int_eq(set_many(option, &users, "%d", 33, &why), FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_nonnull(strstr(why.text[FO_ENGLISH], "'32' is one too many"));
	ck_assert_int_eq(set_many(option, &users, "%0256d", 1, &why), FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_nonnull(strstr(why.text[FO_ENGLISH], "is too long"));
	ck_assert_uint_eq(users.count, 32);
	fo_value_free(option, &users);
}
END_TEST

static const struct users_case {
	const char *conf, *yaml;
	uint32_t count;
	const char *user[3];
} users_cases[] = {
	{ "4930123", "4930123", 1, { "4930123" } },
	{ "'+49 30'", "'+49 30'", 1, { "+49 30" } },
	{ "'4930123, 4930124'", "4930123, 4930124", 2, { "4930123", "4930124" } },
	{ "{ 4930123, '4930124' }", "[4930123, '4930124']", 2, { "4930123", "4930124" } },
	{ "{ '100,1' }", "['100,1']", 1, { "100,1" } },
	{ "{ a, '100,1', b }", "[a, '100,1', b]", 3, { "a", "100,1", "b" } },
	{ "{ }", "[]", 0, { NULL } },
	{ "''", "''", 0, { NULL } },
};

static void check_users(const struct users_case *one, const char *suffix, const char *text)
{
	const struct failover_config_texts *users;
	struct reading reading;

	reading_of(&reading, suffix, text);
	ck_assert_str_eq(reading.errors, "");
	users = &reading.config->lines[0]->incoming_users;
	ck_assert_uint_eq(users->count, one->count);
	for (uint32_t i = 0; i < users->count; i++)
		ck_assert_str_eq(users->text[i], one->user[i]);
	reading_end(&reading);
}

START_TEST(B24e_further_users_of_a_line)
{
	const struct users_case *one = &users_cases[_i];
	char text[256];

	snprintf(text, sizeof(text), "line 1 { enable = no incoming_user = %s }", one->conf);
	check_users(one, ".conf", text);
	snprintf(text, sizeof(text), "line: { 1: { enable: no, incoming_user: %s } }",
		 strchr(one->yaml, ',') && one->yaml[0] == '4' ? one->conf : one->yaml);
	check_users(one, ".yaml", text);
	snprintf(text, sizeof(text), "line:\n  1:\n    enable: no\n    incoming_user: %s\n",
		 one->yaml);
	check_users(one, ".yaml", text);
}
END_TEST

START_TEST(B24e_further_users_that_are_none)
{
	static const struct {
		const char *value, *error;
	} cases[] = {
		{ "[a, '']", "'' is empty" },
		{ "\"a\\nb\"", "'a?b' has a control character" },
		{ "[a, [b]]", "a list holds values only; accepted: [A, B]" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading reading;
		char text[256];

		snprintf(text, sizeof(text), "line: { 1: { enable: no, incoming_user: %s } }",
			 cases[i].value);
		reading_of(&reading, ".yaml", text);
		ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
		ck_assert_msg(strstr(reading.errors, cases[i].error) != NULL, "%s", reading.errors);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_lists");
	TCase *tcase = tcase_create("lists");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, B21_sources_of_requests, 0,
			    (int)(sizeof(source_cases) / sizeof(source_cases[0])));
	tcase_add_test(tcase, B21_sources_up_to_their_limit);
	tcase_add_test(tcase, B24e_further_users_up_to_their_limit);
	tcase_add_loop_test(tcase, B24e_further_users_of_a_line, 0,
			    (int)(sizeof(users_cases) / sizeof(users_cases[0])));
	tcase_add_test(tcase, B24e_further_users_that_are_none);
	return suite_main_any_profiles(suite);
}
