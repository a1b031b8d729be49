/* SPDX-License-Identifier: MIT */
/* phone_map_test.c - failover-phone's table of lines and calls, against a plain array. */
#include "../../programs/phone/map.h"

#include <check.h>
#include <stdlib.h>

#define KEYS 3000u

START_TEST(empty_map_has_nothing)
{
	struct phone_map map = { 0 };

	ck_assert_ptr_null(phone_map_get(&map, 1));
	ck_assert_ptr_null(phone_map_take(&map, 1));
	ck_assert_ptr_null(phone_map_get(&map, 0));
	phone_map_clear(&map);
}
END_TEST

START_TEST(put_replaces)
{
	struct phone_map map = { 0 };
	int a, b;

	ck_assert_int_eq(phone_map_put(&map, 5, &a), 0);
	ck_assert_int_eq(phone_map_put(&map, 5, &b), 0);
	ck_assert_uint_eq(map.used, 1);
	ck_assert_ptr_eq(phone_map_get(&map, 5), &b);
	phone_map_clear(&map);
}
END_TEST

/* Any order of puts and takes: what is in the map is what is in the array. */
START_TEST(puts_and_takes_agree_with_an_array)
{
	static char model[KEYS + 1];
	struct phone_map map = { 0 };
	uint32_t random = 12345;
	size_t used = 0;

	for (uint32_t step = 0; step < 20 * KEYS; step++) {
		uint32_t key;

		random = random * 1664525u + 1013904223u;
		key = (random >> 8) % KEYS + 1;
		if (random & 0x80) {
			ck_assert_int_eq(phone_map_put(&map, key, &model[key]), 0);
			used += model[key] == 0;
			model[key] = 1;
		} else {
			ck_assert_ptr_eq(phone_map_take(&map, key),
					 model[key] ? &model[key] : NULL);
			used -= model[key] != 0;
			model[key] = 0;
		}
		ck_assert_uint_eq(map.used, used);
	}
	for (uint32_t key = 1; key <= KEYS; key++)
		ck_assert_ptr_eq(phone_map_get(&map, key), model[key] ? &model[key] : NULL);
	phone_map_clear(&map);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("phone_map");
	TCase *tests = tcase_create("map");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, empty_map_has_nothing);
	tcase_add_test(tests, put_replaces);
	tcase_add_test(tests, puts_and_takes_agree_with_an_array);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
