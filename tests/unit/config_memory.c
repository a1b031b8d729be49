/* SPDX-License-Identifier: MIT */
/* Each allocation fails once: the result is ERR_MEMORY, nothing is kept, nothing leaks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "config_support.h"

/* The linker sends the library's calls here (--wrap); libconfuse and libyaml keep the real ones,
 * but the linker wants them visible. */
#define VISIBLE __attribute__((visibility("default")))
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
VISIBLE void *__wrap_malloc(size_t size);
VISIBLE void *__wrap_calloc(size_t count, size_t size);
VISIBLE void *__wrap_realloc(void *block, size_t size);
VISIBLE char *__wrap_strdup(const char *text);

static unsigned long fail_at; /* 0 = none */
static unsigned long calls;

static int fails(void)
{
	return ++calls == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return fails() ? NULL : __real_realloc(block, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

static const char *const files[] = { "full.conf", "full.yaml", "many-errors.conf",
				     "many-errors.yaml" };

/* With the n-th allocation failing; returns how many there were. */
static unsigned long read_failing(const char *path, unsigned long n, int *result)
{
	struct failover_config *config = (struct failover_config *)&config;
	unsigned long made;

	fail_at = n;
	calls = 0;
	*result = failover_config_read(path, NULL, NULL, &config);
	made = calls;
	fail_at = 0;
	if (*result != FAILOVER_OK)
		ck_assert_ptr_null(config);
	failover_config_free(config);
	return made;
}

START_TEST(read_with_each_allocation_failing)
{
	unsigned long made;
	char path[1024];
	int result, expected;

	data_path(files[_i], path, sizeof(path));
	made = read_failing(path, 0, &expected);
	ck_assert_int_eq(expected, _i < 2 ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT);
	ck_assert_uint_gt(made, 20);
	for (unsigned long n = 1; n <= made; n++) {
		read_failing(path, n, &result);
		ck_assert_msg(result == FAILOVER_ERR_MEMORY, "allocation %lu: %d", n, result);
	}
}
END_TEST

/* Check allocates too: nothing is asserted while the counting goes on. */
static unsigned long write_failing(const struct failover_config *config, const char *path,
				   unsigned long n, int *result)
{
	unsigned long made;

	calls = 0;
	fail_at = n;
	*result = failover_config_write(config, path, NULL, NULL);
	made = calls;
	fail_at = 0;
	return made;
}

START_TEST(write_with_each_allocation_failing)
{
	static const char *const suffixes[] = { ".conf", ".yaml" };
	struct failover_config *config;
	char path[1024], name[32];
	unsigned long made;
	int result;

	data_path("full.conf", path, sizeof(path));
	ck_assert_int_eq(failover_config_read(path, NULL, NULL, &config), FAILOVER_OK);
	snprintf(name, sizeof(name), "memory%s", suffixes[_i]);
	scratch_path(name, path, sizeof(path));
	made = write_failing(config, path, 0, &result);
	ck_assert_int_eq(result, FAILOVER_OK);
	ck_assert_uint_gt(made, 0);
	unlink(path);
	for (unsigned long n = 1; n <= made; n++) {
		write_failing(config, path, n, &result);
		ck_assert_int_eq(result, FAILOVER_ERR_MEMORY);
		ck_assert_int_ne(access(path, F_OK), 0);
	}
	failover_config_free(config);
}
END_TEST

static const struct edited {
	const char *suffix, *before;
} edited[] = {
	{ ".conf", "# a\nline 1 {\n\tserver primary { address = a.b }\n}\n" },
	{ ".yaml", "# a\nline:\n  1:\n    server:\n      primary: { address: a.b }\n" },
	{ ".txt",
	  "SIP  Port          :5060\nSIP1 Register Addr :192.0.2.1\nSIP1 Enable Reg    :1\n" },
};

static unsigned long edit_failing(const char *path, unsigned long n, int *result)
{
	static const struct failover_config_change changes[] = {
		{ "sip_port", "5080" },
		{ "line.1.user", "1001" },
		{ "line.1.server.backup.address", "c.d" },
		{ "line.1.failback_interval", "600" },
	};
	struct failover_config *config;
	unsigned long made;

	calls = 0;
	fail_at = n;
	*result = failover_config_edit(path, NULL, changes, 4, NULL, NULL, &config);
	made = calls;
	fail_at = 0;
	failover_config_free(config);
	return made;
}

static void rewrite(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

/* All of it or nothing. */
START_TEST(edit_with_each_allocation_failing)
{
	char name[32], path[128], *wanted, *found;
	unsigned long made;
	int result;

	snprintf(name, sizeof(name), "memory-edit%s", edited[_i].suffix);
	scratch_path(name, path, sizeof(path));
	rewrite(path, edited[_i].before);
	made = edit_failing(path, 0, &result);
	ck_assert_int_eq(result, FAILOVER_OK);
	ck_assert_uint_gt(made, 20);
	wanted = text_of_file(path);
	for (unsigned long n = 1; n <= made; n++) {
		rewrite(path, edited[_i].before);
		edit_failing(path, n, &result);
		found = text_of_file(path);
		ck_assert(result == FAILOVER_OK || result == FAILOVER_ERR_MEMORY);
		ck_assert_str_eq(found, result ? edited[_i].before : wanted);
		free(found);
	}
	free(wanted);
	unlink(path);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_memory");
	TCase *tcase = tcase_create("memory");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, read_with_each_allocation_failing, 0, 4);
	tcase_add_loop_test(tcase, write_with_each_allocation_failing, 0, 2);
	tcase_add_loop_test(tcase, edit_with_each_allocation_failing, 0, 3);
	return suite_main(suite);
}
