/* SPDX-License-Identifier: MIT */
/* core_policy_test.c - the tables of core/policy.c are whole; what their cells do is noticed by
 * behaviour (tests/cells). */
#include "bench.h"
#include "../../libfailover/core/policy.h"

START_TEST(B3_profiles_of_the_build)
{
	struct fo_policy_tables tables;
	size_t i, k;

	fo_policy_tables(&tables);
	ck_assert_uint_gt(tables.profiles_count, 0);
	for (i = 0; i < tables.profiles_count; i++) {
		ck_assert_ptr_eq(fo_policy_profile(tables.profiles[i].profile),
				 &tables.profiles[i]);
		ck_assert_int_ne(tables.profiles[i].name[0], '\0');
		for (k = 0; k < i; k++)
			ck_assert_str_ne(tables.profiles[i].name, tables.profiles[k].name);
	}
	ck_assert_ptr_eq(fo_policy_profile(FAILOVER_PROFILE_DEFAULT),
			 fo_policy_profile(failover_profile_default()));
	ck_assert_ptr_null(fo_policy_profile(1));
	ck_assert_ptr_null(fo_policy_profile(1000));
}
END_TEST

/* Each row of answers can be the first that fits: none of its kind stands behind ANY, none twice.
 */
START_TEST(B22_every_row_of_answers_is_reached)
{
	struct fo_policy_tables tables;
	size_t i;

	fo_policy_tables(&tables);
	for (i = 0; i < tables.answers_count; i++) {
		uint32_t whens = 1u << tables.answers[i].when | 1u << FO_WHEN_ANY;

		ck_assert_ptr_eq(fo_policy_answer(tables.answers[i].kind, whens),
				 &tables.answers[i]);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_policy");
	TCase *tcase = tcase_create("policy");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B3_profiles_of_the_build);
	tcase_add_test(tcase, B22_every_row_of_answers_is_reached);
	return bench_main_any(suite);
}
