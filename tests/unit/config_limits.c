/* SPDX-License-Identifier: MIT */
/* How large a configuration may be, and that a larger one is refused and costs no more. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "config_support.h"

static const char *const suffixes[] = { ".conf", ".yaml", ".yml" };

START_TEST(file_of_more_than_64_mebibytes)
{
	size_t length = FAILOVER_CONFIG_LIMIT_BYTES + 1;
	struct reading reading;
	char *text = malloc(length);

	ck_assert_ptr_nonnull(text);
	memset(text, '\n', length);
	reading_of_bytes(&reading, suffixes[_i], text, length);
	ck_assert_str_eq(reading.errors,
			 "the file is too long; accepted: at most 67108864 bytes\n");
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	reading_of_bytes(&reading, suffixes[_i], text, length - 1);
	ck_assert_str_eq(reading.errors, "");
	ck_assert_int_eq(reading.result, FAILOVER_OK);
	reading_end(&reading);
	free(text);
}
END_TEST

START_TEST(file_that_is_no_text)
{
	static const struct {
		const char *bytes, *errors;
		size_t length;
	} cases[] = {
		{ "# a\nb\0c", "2:2: NUL byte; accepted: UTF-8 text\n", 7 },
		{ "# \303\266\n# \303\266 \303(", "2:5: not UTF-8; accepted: UTF-8 text\n", 12 },
		{ "# \300\200", "1:3: not UTF-8; accepted: UTF-8 text\n", 4 },
		{ "# \355\240\200", "1:3: not UTF-8; accepted: UTF-8 text\n", 5 },
		{ "# \364\220\200\200", "1:3: not UTF-8; accepted: UTF-8 text\n", 6 },
		{ "# \342\202", "1:3: not UTF-8; accepted: UTF-8 text\n", 4 },
		{ "\377\376a\0", "1:4: NUL byte; accepted: UTF-8 text\n", 4 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading reading;

		reading_of_bytes(&reading, suffixes[_i], cases[i].bytes, cases[i].length);
		ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
		ck_assert_int_eq(reading.reports, 1);
		ck_assert_str_eq(reading.errors, cases[i].errors);
	}
}
END_TEST

START_TEST(file_that_is_empty_has_no_line)
{
	static const char *const texts[] = { "", "\n", "# only this", "\xef\xbb\xbf# BOM\n" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct reading reading;

		reading_of(&reading, suffixes[_i], texts[i]);
		ck_assert_str_eq(reading.errors, "");
		ck_assert_int_eq(reading.result, FAILOVER_OK);
		ck_assert_uint_eq(reading.config->lines_count, 0);
		reading_end(&reading);
	}
}
END_TEST

START_TEST(file_that_cannot_be_read)
{
	struct reading reading = { .config = (struct failover_config *)&reading };

	errno = 0;
	reading.result =
		failover_config_read("no/such.conf", reading_report, &reading, &reading.config);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_IO);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_null(reading.config);
	ck_assert_str_eq(reading.errors, "No such file or directory\n");
	reading.errors[0] = '\0';
	ck_assert_int_eq(failover_config_read("x.doc", reading_report, &reading, &reading.config),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_str_eq(reading.errors, "unknown suffix; accepted: .conf, .yaml, .yml, .txt, .xml\n");
	ck_assert_int_eq(failover_config_read("a.conf/x", NULL, NULL, &reading.config),
			 FAILOVER_ERR_ARGUMENT);
}
END_TEST

/* Many sections of one kind: count of them, at `from`, in a buffer that is freed by the caller. */
static char *sections(const char *before, const char *format, int from, int count,
		      const char *after)
{
	size_t size = 64 + (size_t)count * 64, used;
	char *text = malloc(size);

	ck_assert_ptr_nonnull(text);
	used = (size_t)snprintf(text, size, "%s", before);
	for (int i = from; i < from + count; i++)
		used += (size_t)snprintf(text + used, size - used, format, i);
	snprintf(text + used, size - used, "%s", after);
	return text;
}

static void check_count(const char *suffix, char *text, const char *errors)
{
	struct reading reading;

	reading_of(&reading, suffix, text);
	ck_assert_str_eq(reading.errors, errors);
	ck_assert_int_eq(reading.result, errors[0] ? FAILOVER_ERR_ARGUMENT : FAILOVER_OK);
	reading_end(&reading);
	free(text);
}

START_TEST(lines_up_to_their_limit)
{
	int most = (int)FAILOVER_CONFIG_LIMIT_LINES;

	check_count(".conf", sections("", "line %d { enable = no }\n", 1, most, ""), "");
	check_count(".yaml", sections("line:\n", "  %d: { enable: no }\n", 1, most, ""), "");
	check_count(".conf", sections("", "line %d { enable = no }\n", 1, most + 1, ""),
		    "100001: too many lines; accepted: 100000\n");
	check_count(".yaml", sections("line:\n", "  %d: { enable: no }\n", 1, most + 1, ""),
		    "100002:3: too many lines; accepted: 100000\n");
}
END_TEST

START_TEST(servers_and_proxies_up_to_their_limit)
{
	static const char server[] = "server s%d { address = a.b }\n";
	static const char proxy[] = "proxy p%d { address = a.b }\n";
	static const char start[] = "line 1 { server primary { address = a.b }\n";
	static const char start_proxy[] = "line 1 { server primary { address = a.b }\n"
					  "proxy primary { address = a.b }\n";

	check_count(".conf", sections(start, server, 1, 7, "}"), "");
	check_count(".conf", sections(start, server, 1, 8, "}"),
		    "9: line 1: too many of 'server'; accepted: 8\n");
	check_count(".conf", sections(start_proxy, proxy, 1, 7, "}"), "");
	check_count(".conf", sections(start_proxy, proxy, 1, 8, "}"),
		    "10: line 1: too many of 'proxy'; accepted: 8\n");
}
END_TEST

START_TEST(texts_up_to_their_limit)
{
	static const char format[] = "line 1 { enable = no user = \"%s\" }";
	char text[600], user[300];
	struct reading reading;

	memset(user, 'x', sizeof(user));
	user[255] = '\0';
	snprintf(text, sizeof(text), format, user);
	reading_of(&reading, ".conf", text);
	ck_assert_str_eq(reading.errors, "");
	ck_assert_str_eq(reading.config->lines[0]->user, user);
	reading_end(&reading);
	user[255] = 'x';
	user[256] = '\0';
	snprintf(text, sizeof(text), format, user);
	reading_of(&reading, ".conf", text);
	ck_assert_str_eq(reading.errors,
			 "1: line 1: user: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is too long; "
			 "accepted: text of at most 255 bytes\n");
}
END_TEST

/* After so many errors nobody reads on, and a hostile file costs no more time. */
START_TEST(errors_without_end)
{
	struct reading reading;
	char *text = sections("", "foo%d = 1\n", 0, 500000, "");

	reading_of(&reading, ".conf", text);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(reading.reports, 101);
	free(text);
	text = sections("", "foo%d: 1\n", 0, 500000, "");
	reading_of(&reading, ".yaml", text);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(reading.reports, 101);
	free(text);
}
END_TEST

START_TEST(errors_up_to_their_limit)
{
	struct reading reading;
	char *text = sections("", "foo%d = 1\n", 0, 150, "");

	reading_of(&reading, ".conf", text);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(reading.reports, 101);
	ck_assert_ptr_nonnull(strstr(reading.errors, "\n100: unknown key 'foo99'"));
	ck_assert_ptr_null(strstr(reading.errors, "foo100"));
	ck_assert_ptr_nonnull(strstr(reading.errors, "\nthere are more errors than these\n"));
	free(text);
}
END_TEST

/* Deep nesting costs neither stack nor time. */
START_TEST(nesting_without_end)
{
	size_t length = 1 << 19;
	char *text = malloc(length + 16);
	struct reading reading;

	ck_assert_ptr_nonnull(text);
	memcpy(text, "foo: ", 5);
	memset(text + 5, '[', length);
	text[5 + length] = '\0';
	reading_of(&reading, ".yaml", text);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	memcpy(text, "foo  ", 5);
	memset(text + 5, '{', length);
	reading_of(&reading, ".conf", text);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_nonnull(strstr(reading.errors, "1: the section is not closed; expected: }"));
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_limits");
	TCase *tcase = tcase_create("limits");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 900); /* of a machine with much else to do */
	tcase_add_loop_test(tcase, file_of_more_than_64_mebibytes, 0, 3);
	tcase_add_loop_test(tcase, file_that_is_no_text, 0, 3);
	tcase_add_loop_test(tcase, file_that_is_empty_has_no_line, 0, 3);
	tcase_add_test(tcase, file_that_cannot_be_read);
	tcase_add_test(tcase, lines_up_to_their_limit);
	tcase_add_test(tcase, servers_and_proxies_up_to_their_limit);
	tcase_add_test(tcase, texts_up_to_their_limit);
	tcase_add_test(tcase, errors_up_to_their_limit);
	tcase_add_test(tcase, errors_without_end);
	tcase_add_test(tcase, nesting_without_end);
	return suite_main(suite);
}
