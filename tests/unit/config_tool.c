/* SPDX-License-Identifier: MIT */
/* failover-config as a person or a script sees it: output and exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/options.h"

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(check_says_ok_and_how_many_lines)
{
	char path[1024], arguments[2200], output[OUTPUT_SIZE], expected[3000], other[128];

	data_path("full.conf", path, sizeof(path));
	write_text(scratch_path("one.yaml", other, sizeof(other)), "line: { 1: { enable: no } }\n");
	snprintf(arguments, sizeof(arguments), "check '%s' '%s'", path, other);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	snprintf(expected, sizeof(expected), "%s: ok, 2 lines\n%s: ok, 1 line\n", path, other);
	ck_assert_str_eq(output, expected);
	unlink(other);
}
END_TEST

/* A warning is a line on standard error; the file is good all the same. */
START_TEST(check_warns_and_exits_with_0)
{
	char path[128], arguments[300], output[OUTPUT_SIZE], expected[400];

	scratch_path("warn.conf", path, sizeof(path));
	write_text(path, "line 1 { server primary { address = a.b }\n"
			 "server backup { address = a.b } }\n");
	snprintf(arguments, sizeof(arguments), "check '%s' 2>/dev/null", path);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	snprintf(expected, sizeof(expected), "%s: ok, 1 line\n", path);
	ck_assert_str_eq(output, expected);
	snprintf(arguments, sizeof(arguments), "check '%s' 2>&1 >/dev/null", path);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	snprintf(expected, sizeof(expected),
		 "%s: warning: line 1: server.backup is the same as server.primary: it backs up "
		 "nothing\n",
		 path);
	ck_assert_str_eq(output, expected);
	unlink(path);
}
END_TEST

/* All files are checked, whatever is wrong with one. */
START_TEST(check_of_a_bad_file_is_status_2)
{
	char bad[128], good[128], arguments[512], output[OUTPUT_SIZE], expected[1024];

	write_text(scratch_path("bad.yaml", bad, sizeof(bad)),
		   "sip_port: 0\nline: { 1: { enable: maybe } }\n");
	write_text(scratch_path("good.conf", good, sizeof(good)), "");
	snprintf(arguments, sizeof(arguments), "check no/such.conf %s %s", bad, good);
	ck_assert_int_eq(tool_run(arguments, output), 2);
	snprintf(expected, sizeof(expected), "%s: ok, 0 lines\n", good);
	ck_assert_ptr_nonnull(strstr(output, expected));
	snprintf(expected, sizeof(expected),
		 "%s:1:11: sip_port: '0' is out of range; accepted: 1..65535\n", bad);
	ck_assert_ptr_nonnull(strstr(output, expected));
	snprintf(expected, sizeof(expected), "%s:2:22: line 1: enable: 'maybe' is not known", bad);
	ck_assert_ptr_nonnull(strstr(output, expected));
	ck_assert_ptr_nonnull(strstr(output, "no/such.conf: No such file or directory\n"));
	unlink(bad);
	unlink(good);
}
END_TEST

START_TEST(file_that_cannot_be_read_is_status_1)
{
	char output[OUTPUT_SIZE];

	ck_assert_int_eq(tool_run("check no/such.conf", output), 1);
	ck_assert_str_eq(output, "no/such.conf: No such file or directory\n");
	ck_assert_int_eq(tool_run("convert no/such.conf out.yaml", output), 1);
	ck_assert_int_ne(access("out.yaml", F_OK), 0);
}
END_TEST

/* The figure of the documents: three packets, the next server at 3.5 s (B3a, B20a). */
START_TEST(B20a_explain_says_when_each_step_comes)
{
	static const char *const lines[] = {
		"line 1, user 10\"01, profile v3\n",
		"  primary                  192.0.2.1:5060;transport=udp\n",
		"  backup                   sip2.example:5062;transport=tcp\n",
		"  (no DNS is asked: each name stands for one address here;",
		"      3.500 s  REGISTER to backup: 1 packet, 32 s for an answer\n",
		"      0.000 s  INVITE to primary: 3 packets, 3.5 s for an answer\n",
		"      3.500 s  no answer from primary: on to the next\n",
		"      3.500 s  REGISTER to backup first: 1 packet, 32 s for an answer; on 200 the "
		"request follows\n",
		"     35.500 s  no answer from backup: the request fails\n",
		"  the last server is asked after 3.5 s; INVITE fails after 35.5 s\n",
		"                           0 s                                                   "
		"35.5 s\n"
		"  primary                  =====\n"
		"  backup                        "
		"RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR\n",
		"  an idle line notices a dead server after 36.5 s at most, by an OPTIONS after 33 "
		"s "
		"of silence\n",
		"  when every server has failed it tries again after 16 to 32 s\n",
		"  it asks whether a better server is back after 11 s at most\n",
		"line 2, user (none), profile v3\n  is off\n",
		"\nwarning: line 1: failback_interval is 10 s: a probe of a dead server takes 32 "
		"s\n",
	};
	char path[128], arguments[300], output[OUTPUT_SIZE];
	size_t i;

	scratch_path("explain.conf", path, sizeof(path));
	write_text(path, "profile = v3\n"
			 "line 1 { user = '10\"01' auth_password = hush failback_interval = 10\n"
			 "server primary { address = 192.0.2.1 }\n"
			 "server backup { address = sip2.example port = 5062 transport = tcp } }\n"
			 "line 2 { enable = no }\n");
	snprintf(arguments, sizeof(arguments), "explain '%s'", path);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(strstr(output, lines[i]) != NULL, "not there: %s", lines[i]);
	ck_assert_ptr_null(strstr(output, "hush"));
	snprintf(arguments, sizeof(arguments), "explain '%s' --json", path);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	ck_assert_ptr_nonnull(strstr(output, "{\"line\":1,\"user\":\"10\\\"01\",\"enabled\":true"));
	ck_assert_ptr_nonnull(strstr(output, "\"service_at\":3.500,\"fails_at\":35.500}"));
	ck_assert_ptr_nonnull(strstr(output, "\"idle_notices_at\":36.500"));
	ck_assert_ptr_nonnull(strstr(output, "\"target\":\"sip2.example:5062;transport=tcp\","
					     "\"name\":\"backup\",\"resolved\":false}"));
	ck_assert_ptr_null(strstr(output, "hush"));
	unlink(path);
}
END_TEST

/* What another phone's profile says and V3 does not; and what holds. */
START_TEST(B29_explain_shows_what_differs_from_v3)
{
	static const char *const lines[] = {
		"line 1, user 1, profile grandstream\n  what this profile says and v3 does not\n",
		"    signal_retry_counts      2 (v3: 3)\n",
		"    failback_interval        3600 (v3: 1800); the file says 900\n",
		"    unavailable_codes        none (v3: 408,500,502,503,504)\n",
		"    keepalive                off (v3: options)\n",
		"      1.500 s  REGISTER to backup: ",
		"line 2, user 2, profile v3\n  primary ",
	};
	static const char *const members[] = {
		"\"failback_interval\",\"profile\":\"3600\",\"v3\":\"1800\",\"here\":\"900\"}",
		"{\"item\":\"unavailable_codes\",\"profile\":\"\",",
		"\"profile\":\"v3\",\"differs_from_v3\":[],",
		"\"static_dns\":[\"sip.example=192.0.2.9\"]",
	};
	char path[128], arguments[300], output[OUTPUT_SIZE];
	size_t i;

	scratch_path("profile.conf", path, sizeof(path));
	write_text(path,
		   "static_dns = 'sip.example=192.0.2.9'\n"
		   "line 1 { user = 1 profile = grandstream failback_interval = 900\n"
		   "server primary { address = 192.0.2.1 }\n"
		   "server backup { address = 192.0.2.2 } }\n"
		   "line 2 { user = 2 profile = v3\nserver primary { address = 192.0.2.1 } }\n");
	snprintf(arguments, sizeof(arguments), "explain '%s'", path);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(strstr(output, lines[i]) != NULL, "not there: %s\n%s", lines[i],
			      output);
	snprintf(arguments, sizeof(arguments), "explain '%s' --json", path);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		ck_assert_msg(strstr(output, members[i]) != NULL, "not there: %s\n%s", members[i],
			      output);
	unlink(path);
}
END_TEST

START_TEST(explain_of_a_bad_file_is_status_2)
{
	char path[128], arguments[300], output[OUTPUT_SIZE];

	write_text(scratch_path("bad.yaml", path, sizeof(path)), "sip_port: 0\n");
	snprintf(arguments, sizeof(arguments), "explain %s --json 2>/dev/null", path);
	ck_assert_int_eq(tool_run(arguments, output), 2);
	ck_assert_str_eq(output, "");
	ck_assert_int_eq(tool_run("explain no/such.conf", output), 1);
	ck_assert_int_eq(tool_run("explain a b", output), 2);
	unlink(path);
}
END_TEST

START_TEST(convert_there_and_back)
{
	char yaml[128], conf[128], again[128], path[1024], arguments[2048], output[OUTPUT_SIZE];
	char *first, *second;
	struct stat status;

	data_path("full.yaml", path, sizeof(path));
	scratch_path("a.conf", conf, sizeof(conf));
	scratch_path("b.yml", yaml, sizeof(yaml));
	scratch_path("c.conf", again, sizeof(again));
	snprintf(arguments, sizeof(arguments), "convert '%s' %s", path, conf);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	ck_assert_str_eq(output, "");
	snprintf(arguments, sizeof(arguments), "convert %s %s", conf, yaml);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	snprintf(arguments, sizeof(arguments), "convert %s %s", yaml, again);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	first = text_of_file(conf);
	second = text_of_file(again);
	ck_assert_str_eq(first, second);
	ck_assert_int_eq(stat(yaml, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0600);
	free(first);
	free(second);
	unlink(conf);
	unlink(yaml);
	unlink(again);
}
END_TEST

START_TEST(convert_of_a_bad_file_writes_nothing)
{
	char path[1024], arguments[1200], output[OUTPUT_SIZE];

	data_path("many-errors.conf", path, sizeof(path));
	snprintf(arguments, sizeof(arguments), "convert '%s' never.yaml", path);
	ck_assert_int_eq(tool_run(arguments, output), 2);
	ck_assert_int_ne(access("never.yaml", F_OK), 0);
	data_path("full.conf", path, sizeof(path));
	snprintf(arguments, sizeof(arguments), "convert '%s' never.doc", path);
	ck_assert_int_eq(tool_run(arguments, output), 2);
	ck_assert_str_eq(output,
			 "never.doc: unknown suffix; accepted: .conf, .yaml, .yml, .txt, .xml\n");
	ck_assert_int_ne(access("never.doc", F_OK), 0);
}
END_TEST

START_TEST(wrong_usage_is_status_2)
{
	static const char *const wrong[] = {
		"", "check", "convert a.conf", "explode", "convert a b c.conf", "--helpme"
	};
	char output[OUTPUT_SIZE];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(tool_run(wrong[i], output), 2);
		ck_assert_ptr_eq(strstr(output, "Usage: failover-config check FILE..."), output);
	}
}
END_TEST

START_TEST(help_lists_every_option)
{
	char output[OUTPUT_SIZE];

	ck_assert_int_eq(tool_run("--help", output), 0);
	for (size_t i = 0; i < fo_options_count; i++) {
		char key[64];

		snprintf(key, sizeof(key), "\n  %s\n", fo_options[i].key);
		ck_assert_msg(strstr(output, key) != NULL, "%s", fo_options[i].key);
		ck_assert_ptr_nonnull(strstr(output, fo_options[i].help));
	}
}
END_TEST

START_TEST(version_is_that_of_the_library)
{
	char output[OUTPUT_SIZE], expected[64];

	snprintf(expected, sizeof(expected), "failover-config %s\n", failover_version());
	ck_assert_int_eq(tool_run("--version", output), 0);
	ck_assert_str_eq(output, expected);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_tool");
	TCase *tcase = tcase_create("tool");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, check_says_ok_and_how_many_lines);
	tcase_add_test(tcase, check_warns_and_exits_with_0);
	tcase_add_test(tcase, check_of_a_bad_file_is_status_2);
	tcase_add_test(tcase, file_that_cannot_be_read_is_status_1);
	tcase_add_test(tcase, B20a_explain_says_when_each_step_comes);
	tcase_add_test(tcase, B29_explain_shows_what_differs_from_v3);
	tcase_add_test(tcase, explain_of_a_bad_file_is_status_2);
	tcase_add_test(tcase, convert_there_and_back);
	tcase_add_test(tcase, convert_of_a_bad_file_writes_nothing);
	tcase_add_test(tcase, wrong_usage_is_status_2);
	tcase_add_test(tcase, help_lists_every_option);
	tcase_add_test(tcase, version_is_that_of_the_library);
	return suite_main(suite);
}
