/* SPDX-License-Identifier: MIT */
/* What is written reads back the same, in both formats; the file is private and never half done. */
#include "config.h" /* 64-bit file numbers: readdir() needs them on 32-bit machines */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/value.h"

static void same_section(enum fo_scope scope, const void *a, const void *b)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];
		char left[FO_VALUE_SIZE], right[FO_VALUE_SIZE];

		if (fo_option_in(option, scope))
			ck_assert_str_eq(
				fo_value_text(option, fo_option_value(option, scope, a), left),
				fo_value_text(option, fo_option_value(option, scope, b), right));
	}
}

static void same_line(const struct failover_config_line *a, const struct failover_config_line *b)
{
	ck_assert_uint_eq(a->number, b->number);
	ck_assert_uint_eq(a->servers_count, b->servers_count);
	ck_assert_uint_eq(a->proxies_count, b->proxies_count);
	same_section(FO_LINE, a, b);
	for (uint32_t i = 0; i < a->servers_count; i++) {
		ck_assert_str_eq(a->servers[i].name, b->servers[i].name);
		same_section(FO_SERVER, &a->servers[i], &b->servers[i]);
	}
	for (uint32_t i = 0; i < a->proxies_count; i++) {
		ck_assert_str_eq(a->proxies[i].name, b->proxies[i].name);
		ck_assert_uint_eq(a->proxies[i].transport_set, b->proxies[i].transport_set);
		same_section(FO_PROXY, &a->proxies[i], &b->proxies[i]);
	}
}

static void same_config(const struct failover_config *a, const struct failover_config *b)
{
	same_section(FO_GLOBAL, a, b);
	ck_assert_uint_eq(a->lines_count, b->lines_count);
	for (uint32_t i = 0; i < a->lines_count; i++)
		same_line(a->lines[i], b->lines[i]);
}

/* Write, read back; the reading is to be ended by the caller. */
static void write_and_read(const struct failover_config *config, const char *suffix,
			   struct reading *again, char **text)
{
	char name[32], path[128];

	memset(again, 0, sizeof(*again));
	snprintf(name, sizeof(name), "out%s", suffix);
	scratch_path(name, path, sizeof(path));
	ck_assert_int_eq(failover_config_write(config, path, reading_report, again), FAILOVER_OK);
	if (text)
		*text = text_of_file(path);
	again->result = failover_config_read(path, reading_report, again, &again->config);
	unlink(path);
	ck_assert_str_eq(again->errors, "");
	ck_assert_int_eq(again->result, FAILOVER_OK);
}

static const char *const suffixes[] = { ".conf", ".yaml" };

START_TEST(round_trip_of_every_option)
{
	static const char *const files[] = { "full.conf", "full.yaml" };
	struct reading first, again, twice;

	reading_of_data(&first, files[_i / 2]);
	ck_assert_str_eq(first.errors, "");
	write_and_read(first.config, suffixes[_i % 2], &again, NULL);
	same_config(first.config, again.config);
	write_and_read(again.config, suffixes[(_i + 1) % 2], &twice, NULL);
	same_config(first.config, twice.config);
	reading_end(&first);
	reading_end(&again);
	reading_end(&twice);
}
END_TEST

/* The two files say the same. */
START_TEST(both_formats_give_the_same_tree)
{
	struct reading conf, yaml;

	reading_of_data(&conf, "full.conf");
	reading_of_data(&yaml, "full.yaml");
	ck_assert_str_eq(conf.errors, "");
	ck_assert_str_eq(yaml.errors, "");
	same_config(conf.config, yaml.config);
	reading_end(&conf);
	reading_end(&yaml);
}
END_TEST

/* Else the round trip proves little: each option of full.conf is off its default. */
START_TEST(full_file_has_every_option)
{
	char path[1024], *text = text_of_file(data_path("full.conf", path, sizeof(path)));

	for (size_t i = 0; i < fo_options_count; i++) {
		char key[64];

		snprintf(key, sizeof(key), "%s =", fo_options[i].key);
		ck_assert_msg(strstr(text, key) != NULL || fo_options[i].of_file, "%s is missing",
			      key);
	}
	free(text);
}
END_TEST

static void check_text(const char *suffix, const char *conf, const char *expected)
{
	struct reading reading, again;
	char *text;

	reading_of(&reading, ".conf", conf);
	ck_assert_str_eq(reading.errors, "");
	write_and_read(reading.config, suffix, &again, &text);
	ck_assert_str_eq(text, expected);
	same_config(reading.config, again.config);
	reading_end(&reading);
	reading_end(&again);
	free(text);
}

START_TEST(defaults_are_left_out)
{
	static const char text[] =
		"sip_port = 5060 shared_health = transport\n"
		"line 1 { enable = yes failback_interval = 1800 user = ''\n"
		"signal_failback_methods = { invite, register }\n"
		"server primary { address = a.b transport = 0 expires = 3600 } }";

	check_text(".conf", text, "line 1 {\n\tserver primary {\n\t\taddress = \"a.b\"\n\t}\n}\n");
	check_text(".yaml", text,
		   "line:\n  1:\n    server:\n      primary:\n        address: \"a.b\"\n");
	check_text(".conf", "", "");
	check_text(".yaml", "", "{}\n");
}
END_TEST

/* A line's own value is written where it differs from the global one, also if it is the default. */
START_TEST(override_is_kept)
{
	check_text(".conf",
		   "profile = v2 reg_fail_interval = 60\n"
		   "line 1 { enable = no profile = v3 reg_fail_interval = 32 }\n"
		   "line 2 { enable = no profile = v2 }\n",
		   "profile = v2\nreg_fail_interval = 60\nline 1 {\n\tprofile = v3\n"
		   "\treg_fail_interval = 32\n\tenable = false\n}\n"
		   "line 2 {\n\tenable = false\n}\n");
}
END_TEST

static const char *const awkward[] = {
	"\\\"",
	"'",
	"${HOME}",
	"'${A}\\'",
	"\\\\",
	"#",
	"//x",
	"a: b",
	"- x",
	"{a}",
	"[b]",
	"&a",
	"*a",
	"!x",
	"|",
	">",
	"%a",
	"@a",
	"`a`",
	"null",
	"~",
	"true",
	"010",
	"1e3",
	" lead",
	"trail ",
	"\303\266\342\202\254\360\237\230\200",
	"a\\nb",
	"? x",
	": x",
	"\302\240",
	"\xef\xbb\xbfx",
};

/* Any text that may be in a configuration survives, whatever it means to the format. */
START_TEST(quoting_of_awkward_text)
{
	struct reading reading, again;
	const char *text = awkward[_i];
	struct failover_config_line *line;

	reading_of(&reading, ".conf", "line 1 { server primary { address = a.b } }");
	line = reading.config->lines[0];
	free(line->auth_password);
	line->auth_password = strdup(text);
	for (int i = 0; i < 2; i++) {
		write_and_read(reading.config, suffixes[i], &again, NULL);
		ck_assert_str_eq(again.config->lines[0]->auth_password, text);
		reading_end(&again);
	}
	reading_end(&reading);
}
END_TEST

/* The same in a list of texts: a comma belongs to the text. */
START_TEST(B24e_awkward_further_users_survive)
{
	char *list[] = { (char *)(uintptr_t)awkward[_i], (char *)(uintptr_t) "100,1",
			 (char *)(uintptr_t) "x" };

	for (uint32_t count = 1; count <= 3; count++) {
		for (int format = 0; format < 2; format++) {
			struct reading reading, again;
			struct failover_config_texts *users, *users_again;

			reading_of(&reading, ".conf",
				   "line 1 { server primary { address = a.b } }");
			users = &reading.config->lines[0]->incoming_users;
			*users = (struct failover_config_texts){ count, list + 3 - count };
			write_and_read(reading.config, suffixes[format], &again, NULL);
			users_again = &again.config->lines[0]->incoming_users;
			ck_assert_uint_eq(users_again->count, count);
			for (uint32_t i = 0; i < count; i++)
				ck_assert_str_eq(users_again->text[i], users->text[i]);
			*users = (struct failover_config_texts){ 0 };
			reading_end(&reading);
			reading_end(&again);
		}
	}
}
END_TEST

START_TEST(written_file_is_private)
{
	struct reading reading;
	struct stat status;
	char path[128];

	reading_of(&reading, ".conf", "line 1 { server primary { address = a.b } }");
	for (int i = 0; i < 2; i++) {
		char name[32];

		snprintf(name, sizeof(name), "mode%s", suffixes[i]);
		scratch_path(name, path, sizeof(path));
		fclose(fopen(path, "w"));
		ck_assert_int_eq(chmod(path, 0644), 0);
		ck_assert_int_eq(failover_config_write(reading.config, path, NULL, NULL),
				 FAILOVER_OK);
		ck_assert_int_eq(stat(path, &status), 0);
		ck_assert_uint_eq(status.st_mode & 07777, 0600);
		unlink(path);
	}
	reading_end(&reading);
}
END_TEST

static int files_named(const char *start)
{
	DIR *dir = opendir(".");
	struct dirent *entry;
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)))
		count += strncmp(entry->d_name, start, strlen(start)) == 0;
	closedir(dir);
	return count;
}

/* A directory is in the way of the rename: nothing of the new file is left behind. */
START_TEST(failed_write_leaves_nothing)
{
	struct reading reading, report = { .reports = 0 };
	char path[128];

	reading_of(&reading, ".conf", "stack = x");
	scratch_path("dir.conf", path, sizeof(path));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(failover_config_write(reading.config, path, reading_report, &report),
			 FAILOVER_ERR_IO);
	ck_assert_str_eq(report.errors, "Is a directory\n");
	ck_assert_int_eq(files_named(path), 1);
	rmdir(path);
	report.errors[0] = '\0';
	ck_assert_int_eq(
		failover_config_write(reading.config, "no/such/x.yaml", reading_report, &report),
		FAILOVER_ERR_IO);
	ck_assert_str_eq(report.errors, "No such file or directory\n");
	report.errors[0] = '\0';
	ck_assert_int_eq(failover_config_write(reading.config, "x.doc", reading_report, &report),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_str_eq(report.errors,
			 "unknown suffix; accepted: .conf, .yaml, .yml, .txt, .xml\n");
	reading_end(&reading);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_write");
	TCase *tcase = tcase_create("write");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, round_trip_of_every_option, 0, 4);
	tcase_add_test(tcase, both_formats_give_the_same_tree);
	tcase_add_test(tcase, full_file_has_every_option);
	tcase_add_test(tcase, defaults_are_left_out);
	tcase_add_test(tcase, override_is_kept);
	tcase_add_loop_test(tcase, quoting_of_awkward_text, 0,
			    (int)(sizeof(awkward) / sizeof(awkward[0])));
	tcase_add_loop_test(tcase, B24e_awkward_further_users_survive, 0,
			    (int)(sizeof(awkward) / sizeof(awkward[0])));
	tcase_add_test(tcase, written_file_is_private);
	tcase_add_test(tcase, failed_write_leaves_nothing);
	return suite_main(suite);
}
