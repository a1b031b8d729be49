/* SPDX-License-Identifier: MIT */
/* policy_text_test.c - the tables of core/policy.c with what a device does without: the texts that
 * doc/behaviour.md is made of. */
#include "bench.h"
#include "../../libfailover/core/policy.h"

START_TEST(B20_every_row_names_its_rule_and_its_source)
{
	struct fo_policy_tables tables;
	size_t i;

	fo_policy_tables(&tables);
#define NAMED(table, count)                                                                        \
	for (i = 0; i < (count); i++) {                                                            \
		ck_assert_int_eq(tables.table[i].rule[0], 'B');                                    \
		ck_assert_int_ne(tables.table[i].source[0], '\0');                                 \
	}
	NAMED(causes, FO_CAUSES)
	NAMED(answers, tables.answers_count)
	NAMED(requests, FO_KINDS)
	NAMED(profiles, tables.profiles_count)
	NAMED(places, FO_PLACES)
	NAMED(starts, FO_TRIGGERS)
#undef NAMED
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy_text");
	TCase *tcase = tcase_create("policy");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B20_every_row_names_its_rule_and_its_source);
	return bench_main_any(suite);
}
