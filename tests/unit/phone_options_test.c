/* SPDX-License-Identifier: MIT */
/* phone_options_test.c - failover-phone's command line. */
#include "../../programs/phone/options.h"

#include <check.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct listen_row {
	const char *text;
	int port_set;
	const char *target; /* with port 1 in place of 0, NULL = refused */
	uint32_t port;
} listens[] = {
	{ "127.0.0.2", 0, "127.0.0.2:1;transport=udp", 0 },
	{ "127.0.0.2:0", 1, "127.0.0.2:1;transport=udp", 0 },
	{ "127.0.0.2:5070", 1, "127.0.0.2:5070;transport=udp", 5070 },
	{ "[::1]:5070", 1, "[::1]:5070;transport=udp", 5070 },
	{ "[::1]", 0, "[::1]:1;transport=udp", 0 },
	{ "::1", 0, "[::1]:1;transport=udp", 0 },
	{ "127.0.0.2:", 0, NULL, 0 },
	{ "127.0.0.2:65536", 0, NULL, 0 },
	{ "127.0.0.2:-1", 0, NULL, 0 },
	{ "127.0.0.2:5060x", 0, NULL, 0 },
	{ "127.0.0.2:99999999999999999999", 0, NULL, 0 },
	{ "[::1", 0, NULL, 0 },
	{ "[::1]5060", 0, NULL, 0 },
	{ ":5060", 0, NULL, 0 },
	{ "", 0, NULL, 0 },
	{ "host.example", 0, NULL, 0 },
};

START_TEST(listen_address)
{
	const struct listen_row *row = &listens[_i];
	struct phone_options options = { 0 };
	char text[80];
	int refused = phone_listen_parse(row->text, &options);

	ck_assert_int_eq(refused != 0, row->target == NULL);
	ck_assert_int_eq(options.listen_set, row->target != NULL);
	if (refused)
		return;
	ck_assert_int_eq(options.listen_port_set, row->port_set);
	ck_assert_uint_eq(options.listen.port, row->port);
	if (options.listen.port == 0)
		options.listen.port = 1;
	ck_assert_str_eq(failover_target_text(&options.listen, text, sizeof(text)), row->target);
}
END_TEST

#define WORDS_MOST 8

static const struct line_row {
	enum phone_options_result result;
	const char *words[WORDS_MOST];
} lines[] = {
	{ PHONE_OPTIONS_RUN, { "phone", "a.conf" } },
	{ PHONE_OPTIONS_RUN, { "phone", "--stack", "sim", "--events", "-", "--answer", "a.conf" } },
	{ PHONE_OPTIONS_RUN, { "phone", "--dns", "127.0.0.1", "a.conf" } },
	{ PHONE_OPTIONS_RUN, { "phone", "--dns", "[::1]:5353", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--dns", "127.0.0.1:0", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--dns", "ns.example.net", "a.conf" } },
	{ PHONE_OPTIONS_DONE, { "phone", "--help" } },
	{ PHONE_OPTIONS_DONE, { "phone", "--version" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--claims" } },
	{ PHONE_OPTIONS_BAD, { "phone" } },
	{ PHONE_OPTIONS_BAD, { "phone", "a.conf", "b.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--listen", "nowhere", "a.conf" } },
	{ PHONE_OPTIONS_RUN, { "phone", "--web", "127.0.0.1:80", "a.conf" } },
	{ PHONE_OPTIONS_RUN,
	  { "phone", "--web", "[::1]:80", "--web-password-file", "p", "a.conf" } },
	{ PHONE_OPTIONS_RUN, { "phone", "--web", "192.0.2.1:80", "--web-plain", "a.conf" } },
	{ PHONE_OPTIONS_RUN,
	  { "phone", "--web-metrics-users", "--web", "127.0.0.1:80", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--web", "127.0.0.1", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--web", "127.0.0.1:0", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--web", "phone.example.net:80", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--web-plain", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--web-password-file", "p", "a.conf" } },
	{ PHONE_OPTIONS_RUN, { "phone", "--pcap", "a.pcap", "--pcap-size", "1", "a.conf" } },
	{ PHONE_OPTIONS_RUN, { "phone", "--ladder", "a.svg", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--ladder" } },
	{ PHONE_OPTIONS_RUN, { "phone", "--state-file", "a.state", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--state-file" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--pcap-size", "0", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--pcap-size", "1025", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--pcap-size", "1k", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "--loud", "a.conf" } },
	{ PHONE_OPTIONS_BAD, { "phone", "a.conf", "--stack" } },
};

/* Help and complaints would disturb the test's own output. */
static int kept_out, kept_err;

static void outputs_close(void)
{
	int nowhere = open("/dev/null", O_WRONLY);

	fflush(stdout);
	kept_out = dup(STDOUT_FILENO);
	kept_err = dup(STDERR_FILENO);
	ck_assert_int_ge(dup2(nowhere, STDOUT_FILENO), 0);
	ck_assert_int_ge(dup2(nowhere, STDERR_FILENO), 0);
	close(nowhere);
}

static void outputs_open(void)
{
	fflush(stdout);
	dup2(kept_out, STDOUT_FILENO);
	dup2(kept_err, STDERR_FILENO);
	close(kept_out);
	close(kept_err);
}

START_TEST(command_line)
{
	char *words[WORDS_MOST + 1] = { NULL };
	struct phone_options options;
	enum phone_options_result result;
	int count = 0;

	while (count < WORDS_MOST && lines[_i].words[count]) {
		words[count] = (char *)(uintptr_t)lines[_i].words[count];
		count++;
	}
	optind = 1;
	outputs_close();
	result = phone_options_read(count, words, &options);
	outputs_open();
	ck_assert_int_eq(result, lines[_i].result);
	if (lines[_i].result == PHONE_OPTIONS_RUN)
		ck_assert_str_eq(options.config, "a.conf");
}
END_TEST

START_TEST(claims_need_a_stack_and_no_config)
{
	char *line[] = { (char[]){ "phone" }, (char[]){ "--stack" }, (char[]){ "osip2" },
			 (char[]){ "--claims" }, NULL };
	struct phone_options options;

	optind = 1;
	ck_assert_int_eq(phone_options_read(4, line, &options), PHONE_OPTIONS_RUN);
	ck_assert_int_eq(options.claims, 1);
	ck_assert_str_eq(options.stack, "osip2");
	ck_assert_ptr_null(options.config);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("phone_options");
	TCase *tests = tcase_create("options");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, listen_address, 0, sizeof(listens) / sizeof(listens[0]));
	tcase_add_loop_test(tests, command_line, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tests, claims_need_a_stack_and_no_config);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
