/* SPDX-License-Identifier: MIT */
/* ladder_svg_test.c - the picture of a ladder: rows that are kept, texts of any kind. */
#include "../../programs/ladder/svg.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is drawn; to be freed. */
static char *drawn(const struct ladder *ladder)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(ladder_write(ladder, out), 0);
	fclose(out);
	return text;
}

static unsigned count_of(const char *text, const char *what)
{
	unsigned count = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		count++;
	return count;
}

static struct ladder *new_ladder(void)
{
	struct ladder *ladder = ladder_new("title");

	ck_assert_ptr_nonnull(ladder);
	ck_assert_uint_eq(ladder_column_add(ladder, "primary"), 1);
	return ladder;
}

START_TEST(B20_every_row_is_drawn)
{
	struct ladder *ladder = new_ladder();
	char *text;

	ladder_add(ladder, LADDER_STEP, 0, "step")->column = 0;
	ladder_add(ladder, LADDER_REQUEST, 1, "REGISTER")->column = 1;
	ladder->dead = 1u << 1;
	ladder_add(ladder, LADDER_LOST, 12345, "BYE")->column = 1;
	ladder_add(ladder, LADDER_NOTE, 12346, "moved")->tone = LADDER_AWAY;
	text = drawn(ladder);
	ck_assert_uint_eq(count_of(text, ">REGISTER</text>"), 1);
	ck_assert_uint_eq(count_of(text, ">12.345</text>"), 1);
	ck_assert_uint_eq(count_of(text, "class=\"lost\""), 1);
	ck_assert_uint_eq(count_of(text, "class=\"note away\">moved</text>"), 1);
	ck_assert_uint_ge(count_of(text, "class=\"dead\""), 2); /* one of them is the key's */
	ck_assert_str_eq(ladder_row_back(ladder, 0)->text, "moved");
	ck_assert_str_eq(ladder_row_back(ladder, 3)->text, "step");
	ck_assert_ptr_null(ladder_row_back(ladder, 4));
	free(text);
	free(ladder);
}
END_TEST

START_TEST(B20_no_text_breaks_the_picture)
{
	static const struct {
		const char *given, *drawn;
	} rows[] = {
		{ "<a href=\"b\">&c", "&lt;a href=\"b\"&gt;&amp;c" },
		{ "a\x01\x1b[31mb\x7f", "a??[31mb?" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xc3(", "?(" },
		{ "\xff\xfe", "??" },
		{ "\xe2\x82", "??" },
		{ "\xed\xa0\x80", "???" },
		{ "\xf4\x90\x80\x80", "????" },
		{ "\xef\xbf\xbf", "???" },
		{ "\xf0\x9f\x93\x9e", "\xf0\x9f\x93\x9e" },
		{ "]]>", "]]&gt;" },
	};
	char expected[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ladder *ladder = new_ladder();
		char *text;

		ladder_add(ladder, LADDER_NOTE, 0, rows[i].given);
		text = drawn(ladder);
		snprintf(expected, sizeof(expected), ">%s</text>", rows[i].drawn);
		ck_assert_msg(count_of(text, expected) == 1, "row %u: %s", (unsigned)i, text);
		free(text);
		free(ladder);
	}
}
END_TEST

START_TEST(B20_a_long_run_is_bounded_and_says_so)
{
	const unsigned most = LADDER_FIRST_ROWS + LADDER_LAST_ROWS;
	struct ladder *ladder = new_ladder();
	char label[32], *text;

	for (unsigned n = 0; n < 3 * most; n++) {
		snprintf(label, sizeof(label), "row %u.", n);
		ladder_add(ladder, LADDER_NOTE, n, label);
	}
	text = drawn(ladder);
	ck_assert_uint_eq(count_of(text, ">row "), most);
	ck_assert_ptr_nonnull(strstr(text, ">row 0.<"));
	ck_assert_ptr_nonnull(strstr(text, ">row 149.<"));
	ck_assert_ptr_null(strstr(text, ">row 150.<"));
	ck_assert_ptr_null(strstr(text, ">row 1149.<"));
	ck_assert_ptr_nonnull(strstr(text, ">row 1150.<"));
	ck_assert_ptr_nonnull(strstr(text, ">row 1499.<"));
	ck_assert_ptr_nonnull(strstr(text, "1000 rows are left out here"));
	ck_assert_ptr_null(ladder_row_back(ladder, LADDER_LAST_ROWS));
	free(text);
	free(ladder);
}
END_TEST

START_TEST(B20_servers_beyond_the_columns_share_the_last)
{
	struct ladder *ladder = new_ladder();

	for (unsigned n = 2; n < LADDER_COLUMNS_MOST; n++)
		ck_assert_uint_eq(ladder_column_add(ladder, "server"), n);
	ck_assert_uint_eq(ladder_column_add(ladder, "one more"), LADDER_COLUMNS_MOST - 1);
	ck_assert_str_eq(ladder->column[LADDER_COLUMNS_MOST - 1], "others");
	ck_assert_uint_eq(ladder->columns, LADDER_COLUMNS_MOST);
	free(ladder);
}
END_TEST

START_TEST(B20_a_picture_is_whole_or_not_there)
{
	char directory[] = "/tmp/failover-ladder.XXXXXX", path[64], half[80];
	struct ladder *ladder = new_ladder();

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/no/x.svg", directory);
	errno = 0;
	ck_assert_int_eq(ladder_save(ladder, path), -1);
	ck_assert_int_eq(errno, ENOENT);
	snprintf(path, sizeof(path), "%s/x.svg", directory);
	snprintf(half, sizeof(half), "%s.new", path);
	ck_assert_int_eq(ladder_save(ladder, path), 0);
	ck_assert_int_eq(access(path, R_OK), 0);
	ck_assert_int_ne(access(half, F_OK), 0);
	unlink(path);
	rmdir(directory);
	free(ladder);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ladder_svg");
	TCase *tests = tcase_create("ladder");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, B20_every_row_is_drawn);
	tcase_add_test(tests, B20_no_text_breaks_the_picture);
	tcase_add_test(tests, B20_a_long_run_is_bounded_and_says_so);
	tcase_add_test(tests, B20_servers_beyond_the_columns_share_the_last);
	tcase_add_test(tests, B20_a_picture_is_whole_or_not_there);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
