/* SPDX-License-Identifier: MIT */
/* core_group_test.c - lines that move and return together (B39). */
#include "bench.h"

#define GROUP 5u
#define SPREAD_MS 3200u /* 10 % of 32 s */

static uint32_t other;

static struct failover_line_settings in_group(void)
{
	struct failover_line_settings settings = bench_settings();

	settings.group = GROUP;
	settings.jitter_percent = 10;
	return settings;
}

/* Two lines, both registered at their first target. */
static struct bench *two_lines(const struct failover_line_settings *settings, const char *map)
{
	struct bench *bench = bench_new(0, 0);

	bench->line = other = bench_line(bench, settings, map);
	bench_register(bench);
	bench->line = bench_line(bench, settings, map);
	bench_register(bench);
	bench_clear(bench);
	return bench;
}

/* The bench's line finds its first target unavailable, which no other line hears of (B4e), and goes
 * to the second. */
static void moves(struct bench *bench)
{
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 200);
}

static struct failover_line_state state_of_other(const struct bench *bench)
{
	struct failover_line_state state = { .size = sizeof(state) };

	ck_assert_int_eq(failover_line_state(bench->engine, other, &state), 0);
	return state;
}

/* The other one registers within the spread; returns where, by number. */
static unsigned follows(struct bench *bench)
{
	ck_assert_uint_le(state_of_other(bench).next_register, bench->now + SPREAD_MS);
	bench_clear(bench);
	bench_until(bench, bench->now + SPREAD_MS);
	ck_assert_uint_eq(bench_attempt(bench)->line, other);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_REGISTER);
	return bench_number(&bench_attempt(bench)->target);
}

static void stays(struct bench *bench)
{
	uint64_t refresh = state_of_other(bench).next_register;

	ck_assert_uint_gt(refresh, bench->now + 60000);
	ck_assert_uint_eq(state_of_other(bench).serving_index, 0);
}

START_TEST(B39_the_others_follow_within_the_spread)
{
	struct failover_line_settings settings = in_group();
	struct bench *bench = two_lines(&settings, "01");

	moves(bench);
	ck_assert_uint_eq(follows(bench), 1);
	bench_answer(bench, 200);
	ck_assert_uint_eq(state_of_other(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B39_another_group_stays)
{
	struct failover_line_settings settings = in_group();
	struct bench *bench = bench_new(0, 0);

	bench->line = other = bench_line(bench, &settings, "01");
	bench_register(bench);
	settings.group = GROUP + 1;
	bench->line = bench_line(bench, &settings, "01");
	bench_register(bench);
	moves(bench);
	stays(bench);
	bench_free(bench);
}
END_TEST

/* The group goes where this line cannot go; it was told of an outage all the same by nobody. */
START_TEST(B39_who_does_not_list_the_new_target_stays)
{
	struct failover_line_settings settings = in_group();
	struct failover_target first = bench_target(0, 0), third = bench_target(2, 1);
	struct failover_target list[2];
	struct bench *bench = two_lines(&settings, "01");

	list[0] = first;
	list[1] = third;
	ck_assert_int_eq(failover_line_targets(bench->engine, other, list, 2, bench->now), 0);
	moves(bench);
	stays(bench);
	bench_free(bench);
}
END_TEST

START_TEST(B39_who_is_not_registered_has_its_own_retry)
{
	struct failover_line_settings settings = in_group();
	struct bench *bench = bench_new(0, 0);

	other = bench_line(bench, &settings, "01");
	bench->line = bench_line(bench, &settings, "01");
	bench_register(bench);
	moves(bench);
	ck_assert_uint_eq(state_of_other(bench).next_register, UINT64_MAX);
	bench_free(bench);
}
END_TEST

/* Whose refresh is due before is not put off by the group. */
START_TEST(B39_a_refresh_that_is_due_before_goes_there)
{
	struct failover_line_settings settings = in_group();
	struct bench *bench = two_lines(&settings, "01");
	uint64_t refresh = state_of_other(bench).next_register;

	bench_until(bench, refresh - 2);
	moves(bench);
	ck_assert_uint_le(state_of_other(bench).next_register, refresh);
	ck_assert_uint_eq(follows(bench), 1);
	bench_free(bench);
}
END_TEST

/* A REGISTER that is under way where the line is gives way. */
START_TEST(B39_a_REGISTER_under_way_is_given_up)
{
	struct failover_line_settings settings = in_group();
	struct bench *bench = two_lines(&settings, "01");

	ck_assert_int_eq(failover_register(bench->engine, other, bench->now), 0);
	bench_drain(bench);
	moves(bench);
	ck_assert_uint_eq(follows(bench), 1);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_GIVEN_UP), 1);
	bench_free(bench);
}
END_TEST

/* One that is granted in between is no reason to stay: the group is together elsewhere. */
START_TEST(B39_a_REGISTER_that_is_granted_meanwhile_keeps_nobody)
{
	struct failover_line_settings settings = in_group();
	struct bench *bench = two_lines(&settings, "01");
	uint64_t refresh;

	ck_assert_int_eq(failover_register(bench->engine, other, bench->now), 0);
	bench_drain(bench);
	refresh = bench_attempt(bench)->id;
	moves(bench);
	bench_answer_to(bench, refresh, 200);
	ck_assert_uint_eq(state_of_other(bench).serving_index, 0);
	ck_assert_uint_eq(follows(bench), 1);
	bench_free(bench);
}
END_TEST

/* Its list has changed: that is no outage of anybody else's (B1b). */
START_TEST(B39_who_leaves_what_has_gone_from_its_list_goes_alone)
{
	struct failover_line_settings settings = in_group();
	struct failover_target second = bench_target(1, 1);
	struct bench *bench = two_lines(&settings, "01");

	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, &second, 1, bench->now),
			 0);
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_MOVED), 1);
	stays(bench);
	bench_free(bench);
}
END_TEST

/* Three lines: the second that moves does not put the third off. */
START_TEST(B39_a_further_move_changes_nothing)
{
	struct failover_line_settings settings = in_group();
	struct bench *bench = two_lines(&settings, "01");
	uint32_t second = bench->line;
	uint64_t due;

	bench->line = bench_line(bench, &settings, "01");
	bench_register(bench);
	moves(bench);
	due = state_of_other(bench).next_register;
	bench->line = second;
	moves(bench);
	ck_assert_uint_eq(state_of_other(bench).next_register, due);
	bench_free(bench);
}
END_TEST

/* The first is back before the second has left. */
START_TEST(B39_who_had_not_left_stays_when_the_group_comes_back)
{
	struct failover_line_settings settings = in_group();
	struct bench *bench = two_lines(&settings, "01");

	moves(bench);
	ck_assert_int_eq(failover_failback(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	ck_assert_uint_eq(follows(bench), 0);
	bench_free(bench);
}
END_TEST

/* What makes the target that it is to follow to nothing that it could go to. */
enum undoing {
	UNDO_PIN,
	UNDO_UNREGISTER,
	UNDO_UPDATE,
	UNDO_LIST,
	UNDO_SHORTER_LIST,
	UNDO_REGISTER,
};

static void undo(struct bench *bench, enum undoing how,
		 const struct failover_line_settings *settings)
{
	struct failover_target list[2] = { bench_target(0, 0), bench_target(2, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .targets = list,
					       .settings = *settings };
	int rc = 0;

	switch (how) {
	case UNDO_PIN:
		rc = failover_pin(bench->engine, other, 1, bench->now);
		break;
	case UNDO_UNREGISTER:
		rc = failover_unregister(bench->engine, other, bench->now);
		break;
	case UNDO_UPDATE:
		list[1] = bench_target(1, 1);
		rc = failover_line_update(bench->engine, other, &params, bench->now);
		break;
	case UNDO_LIST:
		rc = failover_line_targets(bench->engine, other, list, 2, bench->now);
		break;
	case UNDO_SHORTER_LIST:
		rc = failover_line_targets(bench->engine, other, list, 1, bench->now);
		break;
	case UNDO_REGISTER:
		rc = failover_register(bench->engine, other, bench->now);
		break;
	}
	ck_assert_int_eq(rc, 0);
}

START_TEST(B39_it_goes_nowhere_after_something_else_was_said)
{
	struct failover_line_settings settings = in_group();
	struct bench *bench = two_lines(&settings, "01");
	unsigned i;

	moves(bench);
	undo(bench, (enum undoing)_i, &settings);
	bench_drain(bench);
	bench_until(bench, bench->now + SPREAD_MS);
	for (i = 0; i < bench->count; i++) {
		const struct failover_output *out = &bench->outputs[i].out;

		if (out->kind == FAILOVER_OUTPUT_ATTEMPT && out->u.attempt.line == other)
			ck_assert_uint_eq(bench_number(&out->u.attempt.target), 0);
	}
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_group");
	TCase *tcase = tcase_create("group");

	tcase_add_test(tcase, B39_the_others_follow_within_the_spread);
	tcase_add_test(tcase, B39_another_group_stays);
	tcase_add_test(tcase, B39_who_does_not_list_the_new_target_stays);
	tcase_add_test(tcase, B39_who_is_not_registered_has_its_own_retry);
	tcase_add_test(tcase, B39_a_refresh_that_is_due_before_goes_there);
	tcase_add_test(tcase, B39_a_REGISTER_under_way_is_given_up);
	tcase_add_test(tcase, B39_a_REGISTER_that_is_granted_meanwhile_keeps_nobody);
	tcase_add_test(tcase, B39_who_leaves_what_has_gone_from_its_list_goes_alone);
	tcase_add_test(tcase, B39_a_further_move_changes_nothing);
	tcase_add_test(tcase, B39_who_had_not_left_stays_when_the_group_comes_back);
	tcase_add_loop_test(tcase, B39_it_goes_nowhere_after_something_else_was_said, UNDO_PIN,
			    UNDO_REGISTER + 1);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
