/* SPDX-License-Identifier: MIT */
/* phone_command_test.c - the commands of failover-phone: every one, and what is no command. */
#include "../../programs/phone/command.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct accepted {
	const char *text;
	enum phone_command_kind kind;
	uint32_t line;
	const char *uri;
} accepted[] = {
	{ "register", PHONE_COMMAND_REGISTER, 0, "" },
	{ "register 2", PHONE_COMMAND_REGISTER, 2, "" },
	{ "call sip:1002@192.0.2.1:5062", PHONE_COMMAND_CALL, 0, "sip:1002@192.0.2.1:5062" },
	{ "call 1002 12", PHONE_COMMAND_CALL, 12, "1002" },
	{ "  hangup\t3  ", PHONE_COMMAND_HANGUP, 3, "" },
	{ "answer", PHONE_COMMAND_ANSWER, 0, "" },
	{ "options 99999", PHONE_COMMAND_OPTIONS, 99999, "" },
	{ "probe", PHONE_COMMAND_PROBE, 0, "" },
	{ "failback 2", PHONE_COMMAND_FAILBACK, 2, "" },
	{ "pin 1", PHONE_COMMAND_PIN, 1, "" },
	{ "unpin", PHONE_COMMAND_UNPIN, 0, "" },
	{ "status", PHONE_COMMAND_STATUS, 0, "" },
	{ "reload", PHONE_COMMAND_RELOAD, 0, "" },
	{ "quit", PHONE_COMMAND_QUIT, 0, "" },
	{ "", PHONE_COMMAND_NONE, 0, "" },
	{ " \t ", PHONE_COMMAND_NONE, 0, "" },
};

START_TEST(commands_are_read)
{
	const struct accepted *row = &accepted[_i];
	struct phone_command command;

	ck_assert_ptr_null(phone_command_parse(row->text, &command));
	ck_assert_int_eq(command.kind, row->kind);
	ck_assert_uint_eq(command.line, row->line);
	ck_assert_str_eq(command.uri, row->uri);
}
END_TEST

static const char *const refused[] = {
	"regist",
	"Register",
	"call",
	"call 1002 1 2",
	"call 1002 one",
	"hangup 0",
	"pin 1 2",
	"unpin all",
	"hangup -1",
	"hangup 18446744073709551617",
	"hangup 1x",
	"status 1",
	"quit now",
	"call sip:\x01@h",
	"call <sip:1002@h>",
	"call \"a\"",
	"call a\rb",
	"call a\x7f",
};

START_TEST(wrong_commands_are_refused_and_change_nothing)
{
	struct phone_command command = { .kind = PHONE_COMMAND_QUIT, .line = 7 };

	ck_assert_ptr_nonnull(phone_command_parse(refused[_i], &command));
	ck_assert_int_eq(command.kind, PHONE_COMMAND_QUIT);
	ck_assert_uint_eq(command.line, 7);
}
END_TEST

START_TEST(lengths_are_bounded)
{
	char text[PHONE_COMMAND_BYTES + 2];
	struct phone_command command;

	memset(text, 'x', sizeof(text));
	memcpy(text, "call ", 5);
	text[5 + PHONE_URI_BYTES - 1] = '\0';
	ck_assert_ptr_null(phone_command_parse(text, &command));
	ck_assert_uint_eq(strlen(command.uri), PHONE_URI_BYTES - 1);

	text[5 + PHONE_URI_BYTES - 1] = 'x';
	text[5 + PHONE_URI_BYTES] = '\0';
	ck_assert_str_eq(phone_command_parse(text, &command), "the URI is too long");

	text[5 + PHONE_URI_BYTES] = 'x';
	text[PHONE_COMMAND_BYTES + 1] = '\0';
	ck_assert_str_eq(phone_command_parse(text, &command), "the command is too long");
}
END_TEST

START_TEST(help_names_every_command)
{
	for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
		char word[16] = "  ";

		sscanf(accepted[i].text, "%12s", word + 2);
		ck_assert_ptr_nonnull(strstr(phone_command_help(), word));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("phone_command");
	TCase *tests = tcase_create("commands");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, commands_are_read, 0, sizeof(accepted) / sizeof(accepted[0]));
	tcase_add_loop_test(tests, wrong_commands_are_refused_and_change_nothing, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tests, lengths_are_bounded);
	tcase_add_test(tests, help_names_every_command);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
