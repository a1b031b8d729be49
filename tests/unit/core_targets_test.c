/* SPDX-License-Identifier: MIT */
/* core_targets_test.c - the target list (B1b) and what lines share about addresses (B4c, B4e). */
#include "bench.h"

static int replace(struct bench *bench, const char *numbers)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t i;

	for (i = 0; numbers[i]; i++)
		targets[i] = bench_target((unsigned)(numbers[i] - '0'), 0);
	return failover_line_targets(bench->engine, bench->line, targets, i, bench->now);
}

START_TEST(B1_list_keeps_the_order_it_was_given)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0012");
	struct failover_target list[8];
	unsigned i;

	ck_assert_int_eq(failover_line_list(bench->engine, bench->line, list, 8), 4);
	for (i = 0; i < 4; i++)
		ck_assert_uint_eq(bench_number(&list[i]), i);
	ck_assert_uint_eq(list[2].registrar, 1);
	ck_assert_int_eq(failover_line_list(bench->engine, 12345, list, 8), FAILOVER_ERR_STALE);
	bench_free(bench);
}
END_TEST

START_TEST(B1b_a_listed_serving_target_keeps_serving)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "000");
	struct failover_line_state state;

	bench_register_at(bench, 1);
	ck_assert_int_eq(replace(bench, "451"), 0);
	state = bench_state(bench);
	ck_assert_uint_eq(state.serving_index, 2);
	ck_assert_uint_eq(bench_number(&state.serving), 1);
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B1b_a_serving_target_that_has_gone_is_left_at_the_next_request)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register_at(bench, 1);
	ck_assert_int_eq(replace(bench, "45"), 0);
	ck_assert_uint_eq(bench_state(bench).serving_index, 2);
	bench_until(bench, 2000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 4);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B1b_B5_a_BYE_whose_target_has_gone_registers_elsewhere_first)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_target backup = bench_target(1, 1);

	bench_register(bench);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, &backup, 1, bench->now),
			 0);
	bench_in_dialog(bench, FAILOVER_BYE, 0, 0);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_REGISTER);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_BYE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B4c_B5_a_BYE_whose_target_is_skipped_registers_elsewhere_first)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(FAILOVER_HEALTH_TRANSPORT, 0);
	uint32_t other = bench_line(bench, &settings, "01");
	struct failover_answer busy = { .size = sizeof(busy), .status = 503, .retry_after_s = 60 };
	uint64_t first;

	bench->line = bench_line(bench, &settings, "01");
	bench_register(bench);
	ck_assert_int_eq(failover_register(bench->engine, other, bench->now), 0);
	bench_drain(bench);
	first = bench_attempt(bench)->id;
	failover_response(bench->engine, first, &busy, bench->now);
	bench_drain(bench);
	bench_in_dialog(bench, FAILOVER_BYE, 0, 0);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_REGISTER);
	ck_assert_uint_eq(bench_attempt(bench)->line, bench->line);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_BYE);
	bench_free(bench);
}
END_TEST

START_TEST(B1b_a_running_walk_goes_on_in_the_new_list)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_int_eq(replace(bench, "45"), 0);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, 1000);
	bench_expect(bench, 1, FAILOVER_INVITE, 4, 1000);
	bench_expect(bench, 2, FAILOVER_INVITE, 5, 1000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B1b_a_change_without_room_leaves_the_old_list)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00"); /* room for 4 */
	struct failover_statistics before, after;

	failover_engine_statistics(bench->engine, &before);
	ck_assert_int_eq(replace(bench, "23456"), FAILOVER_ERR_LIMIT);
	bench_submit(bench, FAILOVER_INVITE); /* 0 is named now */
	ck_assert_int_eq(replace(bench, "2345"), FAILOVER_ERR_LIMIT);
	ck_assert_int_eq(replace(bench, "22"), FAILOVER_ERR_ARGUMENT);
	failover_engine_statistics(bench->engine, &after);
	ck_assert_uint_eq(before.addresses, after.addresses);
	ck_assert_uint_eq(bench_state(bench).targets_count, 2);
	bench_free(bench);
}
END_TEST

START_TEST(B4c_Retry_After_skips_the_target_on_every_line)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer busy = { .size = sizeof(busy), .status = 503, .retry_after_s = 60 };
	struct bench *bench = bench_new(0, 0);
	uint32_t first = bench_line(bench, &settings, "01");
	uint32_t second = bench_line(bench, &settings, "01");

	bench->line = first;
	failover_register(bench->engine, first, bench->now);
	bench_drain(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200);
	bench->line = second;
	failover_register(bench->engine, second, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	ck_assert(!(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_LAST)); /* B22c */
	bench_answer(bench, 200);
	bench_until(bench, 61000); /* the time is over */
	failover_register(bench->engine, second, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B4c_all_skipped_then_the_one_that_ends_first)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer busy = { .size = sizeof(busy), .status = 503, .retry_after_s = 600 };
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	bench_drain(bench);
	busy.retry_after_s = 300;
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	bench_drain(bench);
	bench_register_anew(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, 1000);
	bench_answer(bench, 200); /* it serves after all: not skipped any more */
	bench_register_anew(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B4c_an_absurd_Retry_After_is_capped_at_an_hour)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer busy = { .size = sizeof(busy),
					.status = 503,
					.retry_after_s = UINT32_MAX };
	struct bench *bench;

	settings.failback = 0;
	bench = bench_one(&settings, "01");
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &busy, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200);
	bench_until(bench, 1000 + 3600000);
	bench_answer(bench, 200); /* the refresh */
	bench_register_anew(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 3601000);
	bench_free(bench);
}
END_TEST

static struct bench *two_lines(uint32_t shared_health, uint32_t *first, uint32_t *second)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(shared_health, 0);

	*first = bench_line(bench, &settings, "01");
	*second = bench_line(bench, &settings, "01");
	bench->line = *second;
	bench_register(bench);
	bench->line = *first;
	bench_register(bench);
	return bench;
}

/* The first line finds target 0 dead; where does the second one send its next INVITE? */
static unsigned second_goes_to(uint32_t shared_health, uint32_t reason)
{
	uint32_t first, second;
	struct bench *bench = two_lines(shared_health, &first, &second);
	unsigned target;

	failover_register(bench->engine, first, bench->now);
	bench_drain(bench);
	if (reason == FAILOVER_REASON_NO_ANSWER)
		bench_until(bench, 4500);
	else
		bench_unreachable(bench, reason);
	bench_answer(bench, 200);
	bench->line = second;
	bench_submit(bench, FAILOVER_OPTIONS); /* goes to serving whatever is known */
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_submit(bench, FAILOVER_INVITE);
	target = bench_number(&bench_attempt(bench)->target);
	bench_free(bench);
	return target;
}

START_TEST(B4e_what_one_line_finds_dead_the_others_put_last)
{
	ck_assert_uint_eq(second_goes_to(FAILOVER_HEALTH_TRANSPORT, FAILOVER_REASON_ICMP), 1);
	ck_assert_uint_eq(second_goes_to(FAILOVER_HEALTH_TRANSPORT, FAILOVER_REASON_TLS), 1);
	ck_assert_uint_eq(second_goes_to(FAILOVER_HEALTH_TRANSPORT, FAILOVER_REASON_NO_ANSWER), 0);
	ck_assert_uint_eq(second_goes_to(FAILOVER_HEALTH_ALL, FAILOVER_REASON_NO_ANSWER), 1);
	ck_assert_uint_eq(second_goes_to(FAILOVER_HEALTH_OFF, FAILOVER_REASON_ICMP), 0);
}
END_TEST

START_TEST(B4e_the_finder_keeps_its_own_order_and_B17_ignores_health)
{
	uint32_t first, second;
	struct bench *bench = two_lines(0, &first, &second);

	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_clear(bench);
	bench->line = second;
	failover_register(bench->engine, second, bench->now);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B4e_all_dead_is_as_if_nothing_were_known)
{
	uint32_t first, second;
	struct bench *bench = two_lines(0, &first, &second);

	failover_register(bench->engine, first, bench->now);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_clear(bench);
	bench->line = second;
	bench_submit(bench, FAILOVER_INVITE);
	bench_expect(bench, 0, FAILOVER_INVITE, 0, 1000);
	bench_free(bench);
}
END_TEST

START_TEST(B4e_any_answer_proves_it_alive)
{
	uint32_t first, second;
	struct bench *bench = two_lines(0, &first, &second);
	uint64_t other;

	bench->line = second;
	bench_submit(bench, FAILOVER_OTHER);
	other = bench_attempt(bench)->id;
	failover_register(bench->engine, first, bench->now);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200);
	bench_answer_to(bench, other, 404); /* it is alive after all */
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B4e_one_line_probes_the_others_look_again_soon)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	uint32_t first = bench_line(bench, &settings, "01");
	uint32_t second = bench_line(bench, &settings, "01");

	bench->line = first;
	bench_register_at(bench, 1);
	bench->now += 1000;
	bench->line = second;
	bench_register_at(bench, 1);
	bench_until(bench, 1801000); /* the first line's probe */
	ck_assert_uint_eq(bench_attempt(bench)->line, first);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_until(bench, 1802000); /* the second's would be due: the first has just looked */
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_until(bench, 1802000 + 32000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 2);
	ck_assert_uint_eq(bench_attempt(bench)->line, second);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_targets");
	TCase *tcase = tcase_create("targets");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B1_list_keeps_the_order_it_was_given);
	tcase_add_test(tcase, B1b_a_listed_serving_target_keeps_serving);
	tcase_add_test(tcase, B1b_a_serving_target_that_has_gone_is_left_at_the_next_request);
	tcase_add_test(tcase, B1b_B5_a_BYE_whose_target_has_gone_registers_elsewhere_first);
	tcase_add_test(tcase, B4c_B5_a_BYE_whose_target_is_skipped_registers_elsewhere_first);
	tcase_add_test(tcase, B1b_a_running_walk_goes_on_in_the_new_list);
	tcase_add_test(tcase, B1b_a_change_without_room_leaves_the_old_list);
	tcase_add_test(tcase, B4c_Retry_After_skips_the_target_on_every_line);
	tcase_add_test(tcase, B4c_all_skipped_then_the_one_that_ends_first);
	tcase_add_test(tcase, B4c_an_absurd_Retry_After_is_capped_at_an_hour);
	tcase_add_test(tcase, B4e_what_one_line_finds_dead_the_others_put_last);
	tcase_add_test(tcase, B4e_the_finder_keeps_its_own_order_and_B17_ignores_health);
	tcase_add_test(tcase, B4e_all_dead_is_as_if_nothing_were_known);
	tcase_add_test(tcase, B4e_any_answer_proves_it_alive);
	tcase_add_test(tcase, B4e_one_line_probes_the_others_look_again_soon);
	return bench_main(suite);
}
