/* SPDX-License-Identifier: MIT */
/* What becomes of the file itself: whole or not at all, with its mode, for whoever read it last. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "alone.h"
#include "config_support.h"

static const char before[] = "sip_port = 5070\nline 1 { enable = no }\n";
static const char after[] = "sip_port = 5080\nline 1 { enable = no }\n";
static const struct failover_config_change change = { "sip_port", "5080" };
static char folder[64], path[128];

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
	snprintf(folder, sizeof(folder), "config-edit-%ld", (long)getpid());
	ck_assert_int_eq(mkdir(folder, 0755), 0);
	snprintf(path, sizeof(path), "%s/phone.conf", folder);
	write_file(path, before);
}

static void teardown(void)
{
	char command[256];

	snprintf(command, sizeof(command), "chmod -R u+w %s; rm -rf %s", folder, folder);
	ck_assert_int_eq(system(command), 0);
}

static void is_there(const char *name, const char *expected)
{
	char *text = text_of_file(name);

	ck_assert_str_eq(text, expected);
	free(text);
}

/* No temporary file stays behind. */
static void is_alone(void)
{
	char command[256];

	snprintf(command, sizeof(command), "test \"$(ls -A %s)\" = phone.conf", folder);
	ck_assert_int_eq(system(command), 0);
}

static int edit(const char *name, const char *revision, struct reading *reading)
{
	memset(reading, 0, sizeof(*reading));
	return failover_config_edit(name, revision, &change, 1, reading_report, reading, NULL);
}

START_TEST(the_mode_stays)
{
	struct reading reading;
	struct stat status;

	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert_int_eq(edit(path, NULL, &reading), FAILOVER_OK);
	is_there(path, after);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	is_alone();
}
END_TEST

/* Who has it open goes on reading the old one. */
START_TEST(a_symbolic_link_stays_one)
{
	struct reading reading;
	struct stat status;
	char link[128];

	snprintf(link, sizeof(link), "%s-link.conf", folder);
	ck_assert_int_eq(symlink(path, link), 0);
	ck_assert_int_eq(edit(link, NULL, &reading), FAILOVER_OK);
	ck_assert_int_eq(lstat(link, &status), 0);
	ck_assert(S_ISLNK(status.st_mode));
	unlink(link);
	is_there(path, after);
	is_alone();
}
END_TEST

START_TEST(a_file_that_was_changed_meanwhile)
{
	struct reading reading;
	char revision[17];

	ck_assert_int_eq(failover_config_revision(path, revision), FAILOVER_OK);
	write_file(path, "sip_port = 5071\n");
	ck_assert_int_eq(edit(path, revision, &reading), FAILOVER_ERR_STATE);
	ck_assert_str_eq(reading.errors, "the file was changed meanwhile; nothing was written\n");
	is_there(path, "sip_port = 5071\n");
	ck_assert_int_eq(failover_config_revision(path, revision), FAILOVER_OK);
	ck_assert_int_eq(edit(path, revision, &reading), FAILOVER_OK);
	is_there(path, "sip_port = 5080\n");
	is_alone();
}
END_TEST

START_TEST(two_at_once)
{
	struct reading reading;
	int fd = open(path, O_RDONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(edit(path, NULL, &reading), FAILOVER_ERR_STATE);
	is_there(path, before);
	close(fd);
	ck_assert_int_eq(edit(path, NULL, &reading), FAILOVER_OK);
	is_there(path, after);
}
END_TEST

/* Nothing to say: nothing is written, the file is not even another one. */
START_TEST(no_change)
{
	const struct failover_config_change same = { "sip_port", "5070" };
	struct failover_config *config;
	struct stat old, new;

	ck_assert_int_eq(stat(path, &old), 0);
	ck_assert_int_eq(failover_config_edit(path, NULL, &same, 1, NULL, NULL, &config), 0);
	ck_assert_uint_eq(config->sip_port, 5070);
	failover_config_free(config);
	ck_assert_int_eq(stat(path, &new), 0);
	ck_assert_uint_eq(old.st_ino, new.st_ino);
}
END_TEST

START_TEST(a_file_that_may_not_grow)
{
	struct rlimit usual, limit;
	struct reading reading;
	int error, saved;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &usual), 0);
	limit = usual;
	limit.rlim_cur = 10;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	error = edit(path, NULL, &reading);
	saved = errno;
	/* What tells of a failed test needs files of its own. */
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &usual), 0);
	ck_assert_int_eq(error, FAILOVER_ERR_IO);
	ck_assert_int_eq(saved, EFBIG);
	ck_assert_ptr_nonnull(strstr(reading.errors, "; the file is as it was\n"));
	is_there(path, before);
	is_alone();
}
END_TEST

START_TEST(no_such_file)
{
	struct reading reading;

	ck_assert_int_eq(edit("config-edit-nothing.conf", NULL, &reading), FAILOVER_ERR_IO);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(reading.reports, 1);
	ck_assert_int_eq(edit("config-edit-nothing.txt2", NULL, &reading), FAILOVER_ERR_ARGUMENT);
}
END_TEST

START_TEST(what_is_no_file)
{
	struct reading reading;
	char name[160];

	snprintf(name, sizeof(name), "%s.pipe.conf", folder);
	ck_assert_int_eq(mkfifo(name, 0600), 0);
	ck_assert_int_eq(edit(name, NULL, &reading), FAILOVER_ERR_IO);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(reading.reports, 1);
	unlink(name);
	snprintf(name, sizeof(name), "%s/folder.conf", folder);
	ck_assert_int_eq(mkdir(name, 0700), 0);
	ck_assert_int_eq(edit(name, NULL, &reading), FAILOVER_ERR_IO);
	ck_assert_int_eq(reading.reports, 1);
}
END_TEST

static int mounted(const char *options, unsigned long flags)
{
	return !alone_enter(ALONE_MOUNTS) && mount("tmpfs", folder, "tmpfs", flags, options) == 0;
}

/* On a file system of two pages, of which one is the file's. */
START_TEST(a_full_disk)
{
	struct reading reading;
	char filler[128];
	FILE *file;

	ck_assert(mounted("size=8k", 0));
	write_file(path, before);
	snprintf(filler, sizeof(filler), "%s/filler", folder);
	file = fopen(filler, "w");
	ck_assert_ptr_nonnull(file);
	while (fputc('x', file) != EOF && fflush(file) == 0)
		;
	fclose(file);
	ck_assert_int_eq(edit(path, NULL, &reading), FAILOVER_ERR_IO);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_str_eq(reading.errors, "No space left on device; the file is as it was\n");
	is_there(path, before);
	unlink(filler);
	is_alone();
	ck_assert_int_eq(edit(path, NULL, &reading), FAILOVER_OK);
	is_there(path, after);
	ck_assert_int_eq(umount(folder), 0);
}
END_TEST

START_TEST(a_disk_that_is_read_only)
{
	struct reading reading;

	ck_assert(mounted("size=1m", 0));
	write_file(path, before);
	ck_assert_int_eq(mount("none", folder, "none", MS_REMOUNT | MS_RDONLY, NULL), 0);
	ck_assert_int_eq(edit(path, NULL, &reading), FAILOVER_ERR_IO);
	ck_assert_int_eq(errno, EROFS);
	ck_assert_str_eq(reading.errors, "Read-only file system; the file is as it was\n");
	is_there(path, before);
	ck_assert_int_eq(umount(folder), 0);
}
END_TEST

/* ---- a phone's own file ---- */

static const char phone[] = "<<VOIP CONFIG FILE>>Version:2.0000000000                      \r\n"
			    "<NET CONFIG MODULE>\r\nWAN TYPE           :0\r\n"
			    "<SIP CONFIG MODULE>\r\nSIP  Port          :5060\r\n"
			    "--SIP Line List--  :\r\n"
			    "SIP1 Phone Number       :1001\r\n"
			    "SIP1 Register Addr      :192.0.2.1\r\n"
			    "SIP1 Enable Reg         :1\r\n"
			    "SIP1 What Is This       :a:b\r\n"
			    "<<END OF FILE>>\r\n";

START_TEST(a_phones_own_file)
{
	const struct failover_config_change changes[] = {
		{ "line.1.user", "1002" },
		{ "line.1.server.backup.address", "192.0.2.2" },
		{ "line.1.server.backup.port", "5070" },
	};
	struct failover_config *config;
	char name[160], *text;

	snprintf(name, sizeof(name), "%s.txt", path);
	write_file(name, phone);
	ck_assert_int_eq(failover_config_edit(name, NULL, changes, 3, NULL, NULL, &config), 0);
	ck_assert_str_eq(config->lines[0]->user, "1002");
	ck_assert_uint_eq(config->lines[0]->servers[1].port, 5070);
	failover_config_free(config);
	text = text_of_file(name);
	ck_assert_ptr_nonnull(strstr(text, "SIP1 Phone Number       :1002\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "SIP1 What Is This       :a:b\r\n"
					   "SIP1 Backup Addr        :192.0.2.2\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "WAN TYPE           :0\r\n"));
	free(text);
}
END_TEST

static const struct refused_case {
	const char *path, *value;
} refused_cases[] = {
	{ "line.1.realm", "x" },
	{ "line.1.server.third.address", "a.b" },
	{ "line.1.server.primary.transport", "auto" },
	{ "line.1.proxy.primary.transport", "tcp" },
	{ "line.1.profile", "v2" },
	{ "tls_ca_file", "/x" },
	{ "line.1", NULL },
};

/* What it has no place for is refused, not lost. */
START_TEST(what_a_phones_file_cannot_say)
{
	const struct refused_case *one = &refused_cases[_i];
	const struct failover_config_change changes[] = {
		{ "line.1.proxy.primary.address", "192.0.2.9" },
		{ one->path, one->value },
	};
	struct reading reading = { .result = 0 };
	char name[160];
	int error;

	snprintf(name, sizeof(name), "%s.txt", path);
	write_file(name, phone);
	error = failover_config_edit(name, NULL, changes, 2, reading_report, &reading, NULL);
	ck_assert_int_ne(error, FAILOVER_OK);
	ck_assert_int_eq(reading.reports, 1);
	is_there(name, phone);
}
END_TEST

START_TEST(a_format_says_what_it_cannot_do)
{
	struct failover_config_format format = { .size = sizeof(format) };

	ck_assert_int_eq(failover_config_format("a.yml", &format), FAILOVER_OK);
	ck_assert_str_eq(format.name, "yaml");
	ck_assert_uint_eq(format.keeps_comments, 1);
	ck_assert_ptr_null(format.note);
	format.size = sizeof(format);
	ck_assert_int_eq(failover_config_format("a.txt", &format), FAILOVER_OK);
	ck_assert_str_eq(format.name, "vendor-text");
	ck_assert_ptr_nonnull(format.note);
	ck_assert_ptr_nonnull(format.note_zh);
	ck_assert_int_eq(failover_config_format("a.ini", &format), FAILOVER_ERR_ARGUMENT);
}
END_TEST

int main(void)
{
	const char *why = alone_refused(ALONE_MOUNTS);
	const struct skipped_test disks[] = { { a_full_disk, why },
					      { a_disk_that_is_read_only, why } };
	Suite *suite = suite_create("config_edit_file");
	TCase *tcase = tcase_create("file");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_mode_stays);
	tcase_add_test(tcase, a_symbolic_link_stays_one);
	tcase_add_test(tcase, a_file_that_was_changed_meanwhile);
	tcase_add_test(tcase, two_at_once);
	tcase_add_test(tcase, no_change);
	tcase_add_test(tcase, a_file_that_may_not_grow);
	tcase_add_test(tcase, no_such_file);
	tcase_add_test(tcase, what_is_no_file);
	if (!why) {
		tcase_add_test(tcase, a_full_disk);
		tcase_add_test(tcase, a_disk_that_is_read_only);
	}
	tcase_add_test(tcase, a_phones_own_file);
	tcase_add_loop_test(tcase, what_a_phones_file_cannot_say, 0,
			    (int)(sizeof(refused_cases) / sizeof(refused_cases[0])));
	tcase_add_test(tcase, a_format_says_what_it_cannot_do);
	if (failover_profile_available(FAILOVER_PROFILE_V2) ||
	    failover_profile_available(FAILOVER_PROFILE_V3))
		return suite_main(suite); /* says why it does nothing */
	return run_with_skips(suite, disks, why ? 2 : 0);
}
