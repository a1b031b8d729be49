/* SPDX-License-Identifier: MIT */
/* phone_state_test.c - the file that says where lines were (B37): what comes back is what was
 * written, and a file may hold anything. */
#include "tap_main.h"
#include "../../programs/phone/state_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/phone_state_XXXXXX", path[64];
static struct state_entry entries[8];
static unsigned taken;

static void take(void *user, const struct state_entry *entry)
{
	(void)user;
	ck_assert_uint_lt(taken, sizeof(entries) / sizeof(entries[0]));
	entries[taken++] = *entry;
}

static int given(void *user, struct state_entry *entry)
{
	const struct state_entry **next = user;

	if (!(*next)->line)
		return 0;
	*entry = *(*next)++;
	return 1;
}

static int read_text(const char *text, size_t count)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, count, file), count);
	ck_assert_int_eq(fclose(file), 0);
	taken = 0;
	return state_file_read(path, take, NULL);
}

START_TEST(B37_what_is_written_comes_back)
{
	const struct state_entry all[] = {
		{ 1, "sip2.example.net", "192.0.2.7:5060;transport=udp" },
		{ 100000, "2001:db8::1", "[fe80::1%eth0]:65535;transport=tls" },
		{ 0, "", "" },
	};
	const struct state_entry *next = all;
	struct stat is;

	ck_assert_int_eq(state_file_write(path, given, &next), 0);
	ck_assert_int_eq(stat(path, &is), 0);
	ck_assert_int_eq(is.st_mode & 07777, 0600);
	taken = 0;
	ck_assert_int_eq(state_file_read(path, take, NULL), 0);
	ck_assert_uint_eq(taken, 2);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_uint_eq(entries[i].line, all[i].line);
		ck_assert_str_eq(entries[i].registrar, all[i].registrar);
		ck_assert_str_eq(entries[i].target, all[i].target);
	}
}
END_TEST

/* A file that cannot be written leaves the one before. */
START_TEST(B37_the_old_file_stays_where_a_new_one_cannot_be)
{
	static const char text[] = "failover state 1\nline 3 a b\n";
	const struct state_entry none = { 0 }, *next = &none;
	char other[80];

	ck_assert_int_eq(read_text(text, strlen(text)), 0);
	snprintf(other, sizeof(other), "%s/missing/state", folder);
	ck_assert_int_eq(state_file_write(other, given, &next), -1);
	ck_assert_int_eq(errno, ENOENT);
	snprintf(other, sizeof(other), "%s", folder); /* a folder is in the way */
	ck_assert_int_eq(state_file_write(other, given, &next), -1);
	taken = 0;
	ck_assert_int_eq(state_file_read(path, take, NULL), 0);
	ck_assert_uint_eq(taken, 1);
}
END_TEST

static const struct {
	const char *text;
	int left_out; /* -1 = it is no such file */
	unsigned taken;
} texts[] = {
	{ "", -1, 0 },
	{ "line 1 a b\n", -1, 0 },
	{ "failover state 2\nline 1 a b\n", -1, 0 },
	{ "failover state 1", -1, 0 },
	{ "failover state 1\n", 0, 0 },
	{ "failover state 1\nline 1 a b", 1, 0 }, /* cut off */
	{ "failover state 1\nline 0 a b\nline 1 a b\n", 1, 1 },
	{ "failover state 1\nline -1 a b\nline 1x a b\nline 1 a\nline 1 a b c\n", 4, 0 },
	{ "failover state 1\nline 9999999999 a b\nline 4294967297 a b\n", 2, 0 },
	{ "failover state 1\nLINE 1 a b\n\n# 1\nline 2 a b \n", 4, 0 },
	{ "failover state 1\nline 2 \033[2J b\nline 2 a \377\nline 3 a b\n", 2, 1 },
};

START_TEST(B37_what_cannot_be_understood_is_left_out)
{
	int rc = read_text(texts[_i].text, strlen(texts[_i].text));

	ck_assert_int_eq(rc, texts[_i].left_out);
	ck_assert_uint_eq(taken, texts[_i].taken);
	if (rc < 0)
		ck_assert_int_eq(errno, EINVAL);
}
END_TEST

START_TEST(B37_long_lines_and_zero_bytes_are_left_out)
{
	static char text[300000];
	size_t used = (size_t)snprintf(text, sizeof(text), "failover state 1\nline 1 ");

	memset(text + used, 'a', 200000);
	used += 200000;
	used += (size_t)snprintf(text + used, sizeof(text) - used, " b\nline 2 a b\nline 3 a");
	text[used++] = '\0';
	used += (size_t)snprintf(text + used, sizeof(text) - used, " b\nline 4 a b\nline 5 ");
	memset(text + used, 'r', 256); /* a registrar with one byte too many */
	used += 256;
	used += (size_t)snprintf(text + used, sizeof(text) - used, " b\n");
	ck_assert_int_eq(read_text(text, used), 3);
	ck_assert_uint_eq(taken, 2);
	ck_assert_uint_eq(entries[0].line, 2);
	ck_assert_uint_eq(entries[1].line, 4);
}
END_TEST

static void count_one(void *user, const struct state_entry *entry)
{
	(void)entry;
	++*(unsigned *)user;
}

START_TEST(B37_an_endless_file_is_read_as_far_as_there_can_be_lines)
{
	unsigned count = 0;
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs("failover state 1\n", file);
	for (unsigned i = 0; i < 100005; i++)
		fputs("line 1 a b\n", file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(state_file_read(path, count_one, &count), 0);
	ck_assert_uint_eq(count, 100000);
}
END_TEST

START_TEST(B37_a_pipe_or_a_folder_is_not_waited_for)
{
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(state_file_read(path, take, NULL), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(state_file_read(path, take, NULL), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(state_file_read(folder, take, NULL), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(state_file_read("/dev/null", take, NULL), -1);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B37_what_is_written_comes_back);
	tcase_add_test(tcase, B37_the_old_file_stays_where_a_new_one_cannot_be);
	tcase_add_loop_test(tcase, B37_what_cannot_be_understood_is_left_out, 0,
			    (int)(sizeof(texts) / sizeof(texts[0])));
	tcase_add_test(tcase, B37_long_lines_and_zero_bytes_are_left_out);
	tcase_add_test(tcase, B37_an_endless_file_is_read_as_far_as_there_can_be_lines);
	tcase_add_test(tcase, B37_a_pipe_or_a_folder_is_not_waited_for);
}

int main(void)
{
	int status;

	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	snprintf(path, sizeof(path), "%s/state", folder);
	status = tap_main("phone_state", add);
	unlink(path);
	rmdir(folder);
	return status;
}
