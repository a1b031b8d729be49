/* SPDX-License-Identifier: MIT */
/* dns_arguments_test.c - what libfailover-dns refuses, and what it does without memory. */
#include "dns_bench.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct failover_dns_watch *watch;

static const char *const rows[] = { "_sip._udp.v.test 60 SRV 1 1 5060 a.v.test",
				    "a.v.test 60 A 192.0.2.1", NULL };

static const char *const bad_names[] = { "",	".",   "a..b",	".a",
					 "a b", "a/b", "x\x01", "\xc3\xa4.test" };

START_TEST(B1_what_cannot_be_a_name)
{
	struct failover_dns_query query = { .size = sizeof(query),
					    .name = bad_names[_i],
					    .transport = FAILOVER_UDP };

	ck_assert_int_eq(bench_start(rows), 0);
	ck_assert_int_eq(failover_dns_watch_new(bench.dns, &query, 0, bench.now, &watch),
			 FAILOVER_ERR_ARGUMENT);
}
END_TEST

START_TEST(B1_bad_arguments)
{
	char label[70] = { 0 }, longest[300] = { 0 };
	struct failover_dns_query query = { .size = sizeof(query),
					    .name = label,
					    .transport = FAILOVER_UDP };
	struct failover_dns_params params = { .size = sizeof(params), .servers = "nonsense" };
	struct failover_dns *other = NULL;

	ck_assert_int_eq(bench_start(rows), 0);
	memset(label, 'a', 64);
	ck_assert_int_lt(failover_dns_watch_new(bench.dns, &query, 0, bench.now, &watch), 0);
	for (int i = 0; i < 257; i++)
		longest[i] = i % 2 ? '.' : 'a';
	query.name = longest;
	ck_assert_int_lt(failover_dns_watch_new(bench.dns, &query, 0, bench.now, &watch), 0);
	query.name = "a.test";
	query.transport = 2;
	ck_assert_int_lt(failover_dns_watch_new(bench.dns, &query, 0, bench.now, &watch), 0);
	query.transport = FAILOVER_UDP;
	query.mode = 3;
	ck_assert_int_lt(failover_dns_watch_new(bench.dns, &query, 0, bench.now, &watch), 0);
	ck_assert_int_eq(failover_dns_new(&params, &other), FAILOVER_ERR_ARGUMENT);
	params.servers = "";
	ck_assert_int_eq(failover_dns_new(&params, &other), FAILOVER_ERR_ARGUMENT);
	params.servers = NULL;
	params.ttl_least_s = 10;
	params.ttl_most_s = 9;
	ck_assert_int_eq(failover_dns_new(&params, &other), FAILOVER_ERR_ARGUMENT);
}
END_TEST

/* The linker sends the library's calls here (--wrap), and wants them visible. */
#define VISIBLE __attribute__((visibility("default")))

/* The allocation of the library that fails; 0 = none. */
static uint32_t fails_at, allocations;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
char *__real_strdup(const char *text);
VISIBLE void *__wrap_malloc(size_t bytes);
VISIBLE void *__wrap_calloc(size_t count, size_t bytes);
VISIBLE void *__wrap_realloc(void *block, size_t bytes);
VISIBLE char *__wrap_strdup(const char *text);

static int fails(void)
{
	return ++allocations == fails_at;
}

void *__wrap_malloc(size_t bytes)
{
	return fails() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return fails() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *block, size_t bytes)
{
	return fails() ? NULL : __real_realloc(block, bytes);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

/* From the resolver to its first news, with one allocation failing. */
static int first_news(uint32_t at)
{
	const struct failover_dns_query query = { .size = sizeof(query),
						  .mode = FAILOVER_DNS_NAPTR,
						  .name = "v.test",
						  .transport = FAILOVER_UDP };
	int error;

	allocations = 0;
	fails_at = at;
	error = bench_start(rows);
	if (error == 0)
		error = failover_dns_watch_new(bench.dns, &query, 0, bench.now, &watch);
	if (error == 0)
		error = !bench_run();
	fails_at = 0; /* Check needs memory too */
	return error;
}

/* Returns 1 if an allocation has failed. */
static int one_fails(uint32_t at)
{
	int error = first_news(at), failed = allocations >= at;

	if (error != 0) {
		ck_assert_int_eq(error, FAILOVER_ERR_MEMORY);
		return 1;
	}
	if (bench.news.state == FAILOVER_DNS_FAILED) {
		ck_assert_uint_eq(bench.news.reason, FAILOVER_DNS_REASON_MEMORY);
		bench.now += 2 * SECOND; /* the most it waits at first */
		ck_assert_int_eq(bench_run(), 1);
	}
	ck_assert_uint_eq(bench.news.state, FAILOVER_DNS_RESOLVED);
	ck_assert_str_eq(bench_listed(watch), "192.0.2.1:5060");
	return failed;
}

START_TEST(B18_without_memory_it_asks_again)
{
	uint32_t at = 0;

	while (one_fails(++at)) {
		bench_close();
		bench_open();
	}
	ck_assert_uint_gt(at, 8);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dns_arguments");
	TCase *tests = tcase_create("arguments");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, bench_open, bench_close);
	tcase_add_loop_test(tests, B1_what_cannot_be_a_name, 0,
			    sizeof(bad_names) / sizeof(bad_names[0]));
	tcase_add_test(tests, B1_bad_arguments);
	tcase_add_test(tests, B18_without_memory_it_asks_again);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
