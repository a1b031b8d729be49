/* SPDX-License-Identifier: MIT */
/* phone_spread_test.c - when the lines of a phone register for the first time (boot_spread). */
#include "tap_main.h"
#include "../../programs/phone/spread.h"

#define FROM UINT64_C(5000000000)

START_TEST(B14_first_registrations_are_evenly_spread)
{
	const struct phone_spread spread = {
		.from = FROM, .over_ms = 3600000, .count = 100000, .phase = UINT32_MAX
	};
	uint64_t last = phone_spread_at(&spread, 0);

	ck_assert_uint_ge(last, FROM);
	for (uint32_t i = 1; i < spread.count; i++) {
		uint64_t at = phone_spread_at(&spread, i);

		ck_assert_uint_eq(at - last, 36);
		last = at;
	}
	ck_assert_uint_lt(last, FROM + spread.over_ms);
}
END_TEST

START_TEST(B14_one_line_has_the_whole_time)
{
	struct phone_spread spread = { .from = FROM, .over_ms = 60000, .count = 1 };

	ck_assert_uint_eq(phone_spread_at(&spread, 0), FROM);
	spread.phase = UINT32_MAX / 2 + 1;
	ck_assert_uint_eq(phone_spread_at(&spread, 0), FROM + 30000);
	spread.phase = UINT32_MAX;
	ck_assert_uint_eq(phone_spread_at(&spread, 0), FROM + 59999);
}
END_TEST

START_TEST(without_a_time_all_begin_at_once)
{
	const struct phone_spread spread = { .from = FROM, .count = 7, .phase = UINT32_MAX };

	ck_assert_uint_eq(phone_spread_at(&spread, 6), FROM);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B14_first_registrations_are_evenly_spread);
	tcase_add_test(tcase, B14_one_line_has_the_whole_time);
	tcase_add_test(tcase, without_a_time_all_begin_at_once);
}

int main(void)
{
	return tap_main("phone_spread", add);
}
