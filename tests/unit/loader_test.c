/* SPDX-License-Identifier: MIT */
/* loader_test.c - plugins that the loader takes and refuses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

static int load(const char *name, char *why, size_t size)
{
	const struct failover_plugin *plugin = NULL;
	const char *build = getenv("top_builddir");
	char directory[512];
	void *handle = NULL;
	int error;

	snprintf(directory, sizeof(directory), "%s/tests/unit/.libs", build ? build : ".");
	why[0] = '\0';
	error = failover_plugin_load(name, directory, &plugin, &handle, why, size);
	if (!error)
		ck_assert_str_eq(plugin->id, "bad");
	failover_plugin_unload(handle);
	return error;
}

START_TEST(loader_takes_a_sane_plugin)
{
	char why[256];

	ck_assert_int_eq(load("bad_nothing", why, sizeof(why)), 0);
	ck_assert_str_eq(why, "");
}
END_TEST

START_TEST(loader_refuses_by_name_with_the_reason)
{
	static const struct {
		const char *name, *why;
	} rows[] = {
		{ "bad_abi", "plugin bad_abi: its abi is 999, this library needs 1" },
		{ "bad_hook", "plugin bad_hook: the hook timeout is missing" },
		{ "bad_name", "plugin bad_name: id, version, stack or license is missing" },
		{ "bad_symbol", "plugin bad_symbol: it exports no failover_plugin_entry" },
	};
	char why[256];
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(load(rows[i].name, why, sizeof(why)), FAILOVER_ERR_PLUGIN);
		ck_assert_str_eq(why, rows[i].why);
	}
	ck_assert_int_eq(load("bad_size", why, sizeof(why)), FAILOVER_ERR_PLUGIN);
	ck_assert_ptr_nonnull(strstr(why, "plugin bad_size: its descriptor's size is 16"));
	ck_assert_int_eq(load("no_such", why, sizeof(why)), FAILOVER_ERR_PLUGIN);
	ck_assert_ptr_nonnull(strstr(why, "plugin no_such: "));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("loader");
	TCase *tcase = tcase_create("loader");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, loader_takes_a_sane_plugin);
	tcase_add_test(tcase, loader_refuses_by_name_with_the_reason);
	return bench_main_any(suite);
}
