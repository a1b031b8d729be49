/* SPDX-License-Identifier: MIT */
/* core_person_test.c - what a person asks for while something else is under way (B17a to B17c). */
#include "bench.h"

static struct bench *at_backup(const struct failover_line_settings *settings, const char *map)
{
	struct bench *bench = bench_one(settings, map);

	bench_register_at(bench, 1);
	bench_clear(bench);
	return bench;
}

/* The result of the one before has not been taken: there is no place for another one. */
START_TEST(B17a_a_probe_waits_for_the_result_of_the_last_one)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = at_backup(&settings, "01");
	struct failover_answer answer = { .size = sizeof(answer), .status = 403 };

	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now), FAILOVER_ERR_FULL);
	bench_drain(bench);
	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B17a_no_probe_while_a_binding_is_removed)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback_release = 1;
	bench = bench_one(&settings, "012");
	bench_register_at(bench, 2);
	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200); /* the second takes the line back; the third is left */
	bench_until(bench, bench->now + 1);
	ck_assert_uint_ne(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_RELEASE, 0);
	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now),
			 FAILOVER_ERR_STATE);
	bench_free(bench);
}
END_TEST

START_TEST(B17c_a_probe_is_given_up)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = at_backup(&settings, "01");

	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now), 0);
	ck_assert_int_eq(failover_pin(bench->engine, bench->line, 1, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_state(bench).probing, 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

/* A call that lives elsewhere wants a REGISTER above, which has no place yet: it starts where the
 * line is, and another one that does not move the line follows for the call. */
START_TEST(B17c_a_REGISTER_that_is_to_come_starts_where_the_line_is)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer answer = { .size = sizeof(answer), .status = 200 };
	const struct failover_request_params invite = { .size = sizeof(invite),
							.method = FAILOVER_INVITE };
	struct bench *bench;
	uint64_t refresh, request;

	settings.failback = 0;
	settings.signal_failback = 1;
	settings.signal_failback_methods = FAILOVER_METHOD_BIT(FAILOVER_INVITE);
	bench = at_backup(&settings, "012");
	refresh = bench_state(bench).next_register;
	bench_until(bench, refresh);
	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &invite, bench->now, &request),
			 0);
	ck_assert_int_eq(failover_pin(bench->engine, bench->line, 1, bench->now), 0);
	bench_drain(bench);
	bench_clear(bench);
	bench_until(bench, bench->now + 1);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, refresh);
	bench_answer(bench, 200);
	bench_until(bench, bench->now + 1);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	ck_assert_uint_ne(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_VISIT, 0);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

/* A line that is not to be registered can be pinned for later. */
START_TEST(B17c_an_idle_line_is_pinned)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	ck_assert_int_eq(failover_pin(bench->engine, bench->line, 1, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench->count, 0);
	ck_assert_uint_eq(bench_state(bench).pinned, 1);
	ck_assert_int_eq(failover_failback(bench->engine, bench->line, bench->now),
			 FAILOVER_ERR_STATE);
	bench_register_at(bench, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	ck_assert_int_eq(failover_pin(bench->engine, bench->line, 0, bench->now), 0);
	ck_assert_uint_ne(bench_state(bench).next_probe, UINT64_MAX);
	bench_free(bench);
}
END_TEST

/* The target that it is pinned to has gone from the list (B1b): index 0, and the pin holds there.
 */
START_TEST(B17c_a_pinned_target_that_has_gone)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target rest[2] = { bench_target(0, 0), bench_target(2, 1) };
	struct bench *bench = at_backup(&settings, "01");

	ck_assert_int_eq(failover_pin(bench->engine, bench->line, 1, bench->now), 0);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, rest, 1, bench->now), 0);
	ck_assert_int_eq(failover_register(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	ck_assert_uint_eq(bench_state(bench).pinned, 1);
	bench_free(bench);
}
END_TEST

/* A changed network forgets what was known of everybody. */
START_TEST(B17_a_changed_network_forgets_health)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target_health health[2];
	struct bench *bench = at_backup(&settings, "01");

	failover_line_health(bench->engine, bench->line, health, 2);
	ck_assert_uint_eq(health[0].state, FAILOVER_TARGET_DEAD);
	ck_assert_uint_ne(health[0].reason, FAILOVER_REASON_NONE);
	failover_network_changed(bench->engine, bench->now);
	failover_line_health(bench->engine, bench->line, health, 2);
	ck_assert_uint_eq(health[0].state, FAILOVER_TARGET_UNKNOWN);
	ck_assert_uint_eq(health[1].state, FAILOVER_TARGET_UNKNOWN);
	bench_free(bench);
}
END_TEST

/* B22: that an INVITE had no answer is known of its target; what one was told concerns the call. */
START_TEST(B22_silence_to_an_INVITE_is_known_its_status_is_not)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target_health health[2];
	struct bench *bench = bench_one(&settings, "00");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 503);
	failover_line_health(bench->engine, bench->line, health, 2);
	ck_assert_uint_eq(health[0].state, FAILOVER_TARGET_GOOD);
	bench_free(bench);
	bench = bench_one(&settings, "00");
	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_until(bench, bench->now + 3500);
	failover_line_health(bench->engine, bench->line, health, 2);
	ck_assert_uint_eq(health[0].state, FAILOVER_TARGET_DEAD);
	ck_assert_uint_eq(health[0].reason, FAILOVER_REASON_NO_ANSWER);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_person");
	TCase *tcase = tcase_create("person");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B17a_a_probe_waits_for_the_result_of_the_last_one);
	tcase_add_test(tcase, B17a_no_probe_while_a_binding_is_removed);
	tcase_add_test(tcase, B17c_a_probe_is_given_up);
	tcase_add_test(tcase, B17c_a_REGISTER_that_is_to_come_starts_where_the_line_is);
	tcase_add_test(tcase, B17c_an_idle_line_is_pinned);
	tcase_add_test(tcase, B17c_a_pinned_target_that_has_gone);
	tcase_add_test(tcase, B17_a_changed_network_forgets_health);
	tcase_add_test(tcase, B22_silence_to_an_INVITE_is_known_its_status_is_not);
	return bench_main(suite);
}
