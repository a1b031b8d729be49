/* SPDX-License-Identifier: MIT */
/* Further files of a configuration: which are read, what may be in them, and where an edit goes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "config_support.h"

#define LINE " { enable = no }\n"

static char top[64], told[4096], path[8][192];
static struct failover_config *config;

static const char *in(const char *name)
{
	static int next;
	char *buffer = path[next++ % 8];

	snprintf(buffer, sizeof(path[0]), "%s/%s", top, name);
	return buffer;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(in(name), "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static void has(const char *name, const char *expected)
{
	char *text = text_of_file(in(name));

	ck_assert_str_eq(text, expected);
	free(text);
}

/* "FILE:LINE:COLUMN: TEXT" each, without the folder. */
static void on_error(void *user, const struct failover_config_error *error)
{
	const char *file = error->file;
	size_t used = strlen(told);
	const char *text = error->text, *named = strstr(text, top);

	(void)user;
	if (strncmp(file, top, strlen(top)) == 0)
		file += strlen(top) + 1;
	snprintf(told + used, sizeof(told) - used, "%s:%u:%u: %.*s%s\n", file, error->line,
		 error->column, named ? (int)(named - text) : (int)strlen(text), text,
		 named ? named + strlen(top) + 1 : "");
}

static int read_file(const char *name)
{
	failover_config_free(config);
	told[0] = '\0';
	return failover_config_read(in(name), on_error, NULL, &config);
}

/* The numbers of the lines, in their order. */
static const char *numbers(void)
{
	static char text[256];

	text[0] = '\0';
	for (uint32_t i = 0; i < config->lines_count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u", i ? " " : "",
			 config->lines[i]->number);
	return text;
}

static void reads(const char *name, const char *lines)
{
	int error = read_file(name);

	ck_assert_str_eq(told, "");
	ck_assert_int_eq(error, FAILOVER_OK);
	ck_assert_str_eq(numbers(), lines);
}

static void is_refused(const char *name, const char *why)
{
	ck_assert_int_eq(read_file(name), FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_null(config);
	ck_assert_str_eq(told, why);
}

static void setup(void)
{
	snprintf(top, sizeof(top), "config-include-%ld", (long)getpid());
	ck_assert_int_eq(mkdir(top, 0755), 0);
	ck_assert_int_eq(mkdir(in("lines.d"), 0755), 0);
	put("phone.conf", "include = \"lines.d\"\nsip_port = 5070\nreg_fail_interval = 7\n"
			  "line 9" LINE);
	put("phone.yaml", "include: lines.d\nsip_port: 5070\nreg_fail_interval: 7\n"
			  "line: { 9: { enable: no } }\n");
}

static void teardown(void)
{
	char command[256];

	failover_config_free(config);
	config = NULL;
	snprintf(command, sizeof(command), "chmod -R u+w %s; rm -rf %s", top, top);
	ck_assert_int_eq(system(command), 0);
}

static const char *const files[] = { "phone.conf", "phone.yaml" };

START_TEST(a_folder_in_the_order_of_names_and_either_format)
{
	reads(files[_i], "9");
	put("lines.d/b.conf", "line 3" LINE);
	put("lines.d/a.yaml", "line:\n  5: { enable: no, user: \"x\" }\n");
	put("lines.d/c.yml", "line: { 1: { enable: no, reg_fail_interval: 8 } }\n");
	put("lines.d/10.conf", "line 4" LINE "line 2" LINE);
	put("lines.d/9.conf", "# none yet\n");
	reads(files[_i], "9 4 2 5 3 1");
	ck_assert_str_eq(config->lines[3]->user, "x");
	ck_assert_str_eq(config->include, "lines.d");
	ck_assert_uint_eq(config->lines[1]->settings.reg_fail_interval_s, 7);
	ck_assert_uint_eq(config->lines[5]->settings.reg_fail_interval_s, 8);
}
END_TEST

START_TEST(what_an_editor_leaves_and_what_is_hidden_is_passed_over)
{
	put("lines.d/1.conf~", "x");
	put("lines.d/.1.conf", "x");
	put("lines.d/1.conf.a1B2c3", "x");
	put("lines.d/README", "x");
	put("lines.d/phone.txt", "x");
	reads(files[_i], "9");
}
END_TEST

START_TEST(one_file_and_a_path_from_the_root)
{
	char text[512], folder[256];

	put("more.conf", "line 2" LINE);
	put("one.conf", "include = more.conf\n");
	reads("one.conf", "2");
	ck_assert_ptr_nonnull(getcwd(folder, sizeof(folder)));
	snprintf(text, sizeof(text), "include = '%s/%s/more.conf'\n", folder, top);
	put("one.conf", text);
	reads("one.conf", "2");
	ck_assert_int_eq(symlink("../more.conf", in("lines.d/2.conf")), 0);
	reads("phone.conf", "9 2");
}
END_TEST

START_TEST(nothing_there)
{
	put("one.conf", "sip_port = 5070\n\ninclude = gone\n");
	is_refused("one.conf", "one.conf:3:0: include: No such file or directory\n");
	put("one.conf", "include = phone.yaml/x.conf\n");
	is_refused("one.conf", "phone.yaml/x.conf:0:0: Not a directory\n");
}
END_TEST

START_TEST(a_file_of_another_kind)
{
	put("more.txt", "line 2" LINE);
	put("one.conf", "include = more.txt\n");
	is_refused("one.conf", "one.conf:1:0: include: unknown suffix; accepted: a folder, .conf, "
			       ".yaml, .yml\n");
	ck_assert_int_eq(mkfifo(in("lines.d/a.conf"), 0600), 0);
	put("lines.d/b.conf", "line 3 { enable = x }\n");
	is_refused("phone.conf",
		   "lines.d/a.conf:0:0: this is no regular file\n"
		   "lines.d/b.conf:1:0: line 3: enable: 'x' is not known; accepted: true, "
		   "false, yes, no, on, off, 1, 0\n"
		   "lines.d/b.conf:1:0: line 3: enabled without a primary server; set "
		   "server.primary.address, or enable to false\n");
}
END_TEST

/* So there is neither depth nor a circle. */
START_TEST(an_included_file_has_lines_only)
{
	put("lines.d/a.conf", "include = \"../lines.d\"\nauth_password = \"hidden\"\n"
			      "line 1" LINE "sip_port = 5080\n");
	put("lines.d/b.yaml", "include: ..\nline: { 2: { enable: no } }\n");
	is_refused(files[_i], "lines.d/a.conf:1:0: unknown key 'include'; accepted: line\n"
			      "lines.d/a.conf:2:0: unknown key 'auth_password'; accepted: line\n"
			      "lines.d/a.conf:4:0: unknown key 'sip_port'; accepted: line\n"
			      "lines.d/b.yaml:1:1: unknown key 'include'; accepted: line\n");
}
END_TEST

START_TEST(every_error_with_its_own_file)
{
	put("lines.d/a.conf", "line 1 {\n auth_password = 'geheim\n}\n");
	put("lines.d/b.yaml", "line:\n  9: { enable: no }\n");
	put("lines.d/c.conf", "line 2" LINE);
	put("lines.d/d.conf", "\nline 2" LINE);
	put("lines.d/e.conf", "line 3 { auth_password = { 'geheim', b }\n enable = no\n t1 = 9000 "
			      "}\n");
	is_refused("phone.conf",
		   "lines.d/a.conf:2:0: the string is not closed in its line\n"
		   "lines.d/b.yaml:2:3: line 9 is given twice, first in line 4 of the file that "
		   "includes this one\n"
		   "lines.d/d.conf:2:0: line 2 is given twice, first in line 1 of lines.d/c.conf\n"
		   "lines.d/e.conf:1:0: line 3: auth_password: takes one value; accepted: text "
		   "of at most 255 bytes\n");
}
END_TEST

START_TEST(include_is_said_once_and_is_one_text)
{
	put("one.conf", "include = lines.d\ninclude = lines.d\n");
	is_refused("one.conf", "one.conf:2:0: include: given twice, first in line 1 of the file\n");
	put("one.yaml", "include: [lines.d]\n");
	is_refused("one.yaml", "one.yaml:1:10: include: takes one value; accepted: text of at most "
			       "1023 bytes\n");
	put("one.conf", "line 1 { include = lines.d enable = no }\n");
	ck_assert_int_eq(read_file("one.conf"), FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_nonnull(strstr(told, "one.conf:1:0: line 1: unknown key 'include'"));
}
END_TEST

/* ---- writing --------------------------------------------------------------------------------- */

START_TEST(a_conversion_has_all_lines_in_one_file)
{
	put("lines.d/a.conf", "line 1 { user = \"u\" enable = no }\n");
	reads(files[_i], "9 1");
	ck_assert_int_eq(failover_config_write(config, in("out.conf"), on_error, NULL), 0);
	has("out.conf", "reg_fail_interval = 7\nsip_port = 5070\nline 9 {\n\tenable = false\n}\n"
			"line 1 {\n\tenable = false\n\tuser = \"u\"\n}\n");
}
END_TEST

static int edit(const char *name, const char *revision, const char *item, const char *value)
{
	const struct failover_config_change change = { item, value };
	int error;

	told[0] = '\0';
	failover_config_free(config);
	error = failover_config_edit(in(name), revision, &change, 1, on_error, NULL, &config);
	return error;
}

START_TEST(an_edit_goes_to_where_the_line_stands)
{
	put("lines.d/a.conf", "# the door\nline 1 { enable = no } # keep\n");
	put("lines.d/b.yaml", "line:\n  2:\n    enable: no # keep\n");
	ck_assert_int_eq(edit(files[_i], NULL, "line.1.user", "door"), FAILOVER_OK);
	has("lines.d/a.conf", "# the door\nline 1 { enable = no user = \"door\" } # keep\n");
	ck_assert_str_eq(numbers(), "9 1 2");
	ck_assert_str_eq(config->lines[1]->user, "door");
	ck_assert_int_eq(edit(files[_i], NULL, "line.2.server.primary.address", "192.0.2.1"), 0);
	has("lines.d/b.yaml", "line:\n  2:\n    enable: no # keep\n    server:\n      primary:\n"
			      "        address: \"192.0.2.1\"\n");
	ck_assert_int_eq(edit(files[_i], NULL, "line.1", NULL), FAILOVER_OK);
	has("lines.d/a.conf", "# the door\n");
	ck_assert_str_eq(numbers(), "9 2");
	ck_assert_int_eq(edit(files[_i], NULL, "sip_port", "5080"), FAILOVER_OK);
	ck_assert_int_eq(edit(files[_i], NULL, "line.9.user", "n"), FAILOVER_OK);
	reads(files[_i], "9 2");
	ck_assert_uint_eq(config->sip_port, 5080);
	ck_assert_str_eq(config->lines[0]->user, "n");
}
END_TEST

START_TEST(an_edit_that_is_wrong_changes_no_file)
{
	put("lines.d/a.conf", "line 1" LINE);
	ck_assert_int_eq(edit("phone.conf", NULL, "line.1.t1", "x"), FAILOVER_ERR_ARGUMENT);
	ck_assert_str_eq(told, "lines.d/a.conf:0:0: line 1: t1: 'x' is not a decimal number; "
			       "accepted: 10..10000 ms\n");
	ck_assert_int_eq(edit("phone.conf", NULL, "include", "x"), FAILOVER_ERR_ARGUMENT);
	ck_assert_str_eq(told, "phone.conf:0:0: only a person can change this, in the file\n");
	has("lines.d/a.conf", "line 1" LINE);
}
END_TEST

START_TEST(changes_of_two_files_are_none)
{
	const struct failover_config_change changes[] = { { "line.1.user", "a" },
							  { "line.9.user", "b" } };

	put("lines.d/a.conf", "line 1" LINE);
	told[0] = '\0';
	ck_assert_int_eq(
		failover_config_edit(in("phone.conf"), NULL, changes, 2, on_error, NULL, NULL),
		FAILOVER_ERR_ARGUMENT);
	ck_assert_str_eq(told, "phone.conf:0:0: this stands in another file than the changes "
			       "before; change one file at a time\n");
	has("lines.d/a.conf", "line 1" LINE);
}
END_TEST

START_TEST(the_revision_is_of_all_files)
{
	char first[17], second[17], third[17];

	put("lines.d/a.conf", "line 1" LINE);
	ck_assert_int_eq(failover_config_revision(in(files[_i]), first), 0);
	put("lines.d/a.conf", "line 2" LINE);
	ck_assert_int_eq(failover_config_revision(in(files[_i]), second), 0);
	ck_assert_str_ne(first, second);
	put("lines.d/b.conf", "");
	ck_assert_int_eq(failover_config_revision(in(files[_i]), third), 0);
	ck_assert_str_ne(second, third);
	ck_assert_int_eq(edit(files[_i], second, "line.2.user", "u"), FAILOVER_ERR_STATE);
	has("lines.d/a.conf", "line 2" LINE);
	ck_assert_int_eq(edit(files[_i], third, "line.2.user", "u"), FAILOVER_OK);
}
END_TEST

/* Provisioning writes a thousand files, a line each. */
START_TEST(many_files)
{
	for (int i = 1; i <= 1000; i++) {
		char name[64], text[64];

		snprintf(name, sizeof(name), "lines.d/%04d.conf", i + 1000);
		snprintf(text, sizeof(text), "line %d" LINE, i + 1000);
		put(name, text);
	}
	ck_assert_int_eq(read_file("phone.conf"), FAILOVER_OK);
	ck_assert_uint_eq(config->lines_count, 1001);
	ck_assert_uint_eq(config->lines[1000]->number, 2000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_include");
	TCase *tcase = tcase_create("include");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 300);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, a_folder_in_the_order_of_names_and_either_format, 0, 2);
	tcase_add_loop_test(tcase, what_an_editor_leaves_and_what_is_hidden_is_passed_over, 0, 2);
	tcase_add_test(tcase, one_file_and_a_path_from_the_root);
	tcase_add_test(tcase, nothing_there);
	tcase_add_test(tcase, a_file_of_another_kind);
	tcase_add_loop_test(tcase, an_included_file_has_lines_only, 0, 2);
	tcase_add_test(tcase, every_error_with_its_own_file);
	tcase_add_test(tcase, include_is_said_once_and_is_one_text);
	tcase_add_loop_test(tcase, a_conversion_has_all_lines_in_one_file, 0, 2);
	tcase_add_loop_test(tcase, an_edit_goes_to_where_the_line_stands, 0, 2);
	tcase_add_test(tcase, an_edit_that_is_wrong_changes_no_file);
	tcase_add_test(tcase, changes_of_two_files_are_none);
	tcase_add_loop_test(tcase, the_revision_is_of_all_files, 0, 2);
	tcase_add_test(tcase, many_files);
	return suite_main(suite);
}
