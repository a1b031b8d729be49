/* SPDX-License-Identifier: MIT */
/* core_hold_test.c - how long a better target has to be good (B30). */
#include <string.h>
#include "bench.h"

static struct failover_line_settings held(uint32_t successes, uint32_t hold_s)
{
	struct failover_line_settings settings = bench_settings();

	settings.failback_interval_s = 100;
	settings.failback_successes = successes;
	settings.failback_hold_s = hold_s;
	return settings;
}

static struct bench *at_backup(const struct failover_line_settings *settings, const char *map)
{
	struct bench *bench = bench_one(settings, map);

	bench_register_at(bench, (unsigned)(strlen(map) - 1));
	bench_clear(bench);
	return bench;
}

/* The next probe comes so much later, and gets this answer. */
static void probe(struct bench *bench, uint64_t after_ms, unsigned target, uint32_t status)
{
	uint64_t at = bench->now + after_ms;

	ck_assert_uint_eq(bench_state(bench).next_probe, at);
	bench_until(bench, at);
	ck_assert_uint_ne(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_PROBE, 0);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), target);
	bench_answer(bench, status);
}

START_TEST(B30_the_last_of_the_good_probes_takes_the_line_back)
{
	struct failover_line_settings settings = held(3, 0);
	struct bench *bench = at_backup(&settings, "01");
	const struct failover_event *told;

	probe(bench, 100000, 0, 200);
	probe(bench, 32000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_PROBE_GOOD), 2);
	told = &bench_event(bench, FAILOVER_EVENT_PROBE_GOOD, 1)->out.u.event;
	ck_assert_uint_eq(told->seconds, 32);
	ck_assert_uint_eq(told->method, FAILOVER_REGISTER);
	ck_assert_uint_eq(bench_number(&told->target), 0);
	probe(bench, 32000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_PROBE_GOOD), 2);
	bench_free(bench);
}
END_TEST

START_TEST(B30_a_row_ends_with_a_probe_that_fails)
{
	struct failover_line_settings settings = held(2, 0);
	struct bench *bench = at_backup(&settings, "01");

	probe(bench, 100000, 0, 200);
	probe(bench, 32000, 0, 503);
	probe(bench, 100000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	probe(bench, 32000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

/* The probes that are missing share the time that is. */
START_TEST(B30_good_probes_are_spread_over_the_hold)
{
	struct failover_line_settings settings = held(4, 150);
	struct bench *bench = at_backup(&settings, "01");

	probe(bench, 100000, 0, 200);
	probe(bench, 50000, 0, 200);
	probe(bench, 50000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	probe(bench, 50000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B30_the_interval_is_the_longest_time_between_two)
{
	struct failover_line_settings settings = held(1, 250);
	struct bench *bench = at_backup(&settings, "01");

	probe(bench, 100000, 0, 200);
	probe(bench, 100000, 0, 200);
	probe(bench, 100000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	probe(bench, 50000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B30_a_short_interval_stays_short)
{
	struct failover_line_settings settings = held(2, 0);
	struct bench *bench;

	settings.failback_interval_s = 5;
	bench = at_backup(&settings, "01");
	probe(bench, 5000, 0, 200);
	probe(bench, 5000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B30_each_target_has_a_row_of_its_own)
{
	struct failover_line_settings settings = held(2, 0);
	struct bench *bench = at_backup(&settings, "012");

	probe(bench, 100000, 0, 503);
	bench_answer(bench, 200); /* at 1 */
	ck_assert_uint_eq(bench_state(bench).serving_index, 2);
	probe(bench, 32000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 2);
	probe(bench, 32000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

/* B5a: who falls over to it needs no REGISTER, and unregistering removes it. */
START_TEST(B30_what_a_good_probe_has_bound_is_a_binding)
{
	struct failover_line_settings settings = held(2, 0);
	struct bench *bench = at_backup(&settings, "01");

	probe(bench, 100000, 0, 200);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_free(bench);

	bench = at_backup(&settings, "01");
	probe(bench, 100000, 0, 200);
	bench_clear(bench);
	failover_unregister(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1, bench->now);
	bench_expect(bench, 1, FAILOVER_REGISTER, 0, bench->now);
	bench_free(bench);
}
END_TEST

/* Proxies of one registrar have one registration: the serving one's refresh stays what it was. */
START_TEST(B30_a_good_proxy_takes_nothing_from_the_serving_one)
{
	struct failover_line_settings settings = held(2, 0);
	struct bench *bench = at_backup(&settings, "00");
	struct failover_line_state before = bench_state(bench), after;

	probe(bench, 100000, 0, 200);
	after = bench_state(bench);
	ck_assert_uint_eq(after.registered_until, before.registered_until);
	ck_assert_uint_eq(after.next_register, before.next_register);
	ck_assert_uint_eq(after.serving_index, 1);
	bench_free(bench);
}
END_TEST

/* A call has brought the line there meanwhile: it is the registration's REGISTER now. */
START_TEST(B30_a_probe_of_the_target_that_serves_by_now_counts)
{
	struct failover_line_settings settings = held(2, 0);
	struct bench *bench = at_backup(&settings, "00");
	uint64_t id;

	bench_until(bench, bench_state(bench).next_probe);
	id = bench_attempt(bench)->id;
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_clear(bench);
	bench_answer_to(bench, id, 200);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_REGISTERED), 1);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_PROBE_GOOD), 0);
	bench_free(bench);
}
END_TEST

/* Whoever is not well where he is does not wait. */
START_TEST(B30_a_line_without_registration_returns_at_once)
{
	struct failover_line_settings settings = held(2, 100);
	struct bench *bench = at_backup(&settings, "01");
	uint64_t id;

	bench_until(bench, bench_state(bench).next_probe);
	id = bench_attempt(bench)->id;
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 503);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	bench_answer_to(bench, id, 200);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B30_a_line_whose_server_has_gone_returns_at_once)
{
	struct failover_line_settings settings = held(2, 100);
	struct bench *bench = at_backup(&settings, "012");
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 1) };

	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 2, bench->now),
			 0);
	bench_until(bench, bench_state(bench).next_probe);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

/* Nobody else would ask again: a person's probe is enough. */
START_TEST(B30_without_probes_a_person_s_is_enough)
{
	struct failover_line_settings settings = held(5, 100);
	struct bench *bench;

	settings.failback = 0;
	bench = at_backup(&settings, "01");
	ck_assert_int_eq(failover_probe(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

static void drop_from_list(struct bench *bench)
{
	struct failover_target targets[3] = { bench_target(0, 0), bench_target(1, 1),
					      bench_target(2, 2) };

	failover_line_targets(bench->engine, bench->line, targets + 1, 2, bench->now);
	failover_line_targets(bench->engine, bench->line, targets, 3, bench->now);
	bench_drain(bench);
}

static void pin_and_unpin(struct bench *bench)
{
	failover_pin(bench->engine, bench->line, 1, bench->now);
	failover_pin(bench->engine, bench->line, 0, bench->now);
}

static void register_anew(struct bench *bench)
{
	struct failover_line_state state = bench_state(bench);

	failover_unregister(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200);
	bench_register_at(bench, state.serving_index);
}

/* What begins anew, begins its row anew. */
static void (*const anew[])(struct bench *bench) = { drop_from_list, pin_and_unpin, register_anew };

START_TEST(B30_a_row_begins_anew)
{
	struct failover_line_settings settings = held(2, 0);
	struct bench *bench = at_backup(&settings, "012");

	probe(bench, 100000, 0, 200);
	anew[_i](bench);
	bench_until(bench, bench_state(bench).next_probe);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 2);
	bench_free(bench);
}
END_TEST

/* What is due next, a probe or a refresh, is answered. */
static void go_on(struct bench *bench)
{
	struct failover_line_state state = bench_state(bench);

	bench_clear(bench);
	bench_until(bench, state.next_probe < state.next_register ? state.next_probe
								  : state.next_register);
	bench_answer(bench, 200);
}

/* It returns; how long the better target had to be good for that, in s. */
static uint32_t hold_of(struct bench *bench)
{
	uint64_t first = 0;

	while (bench_state(bench).serving_index) {
		go_on(bench);
		if (!first && (bench_attempt(bench)->flags & FAILOVER_ATTEMPT_PROBE))
			first = bench->now;
	}
	return (uint32_t)((bench->now - first) / 1000);
}

/* It stays there for so long, and goes down again. */
static void relapse(struct bench *bench, uint64_t stay_ms)
{
	uint64_t end = bench->now + stay_ms;

	while (bench_state(bench).next_register < end)
		go_on(bench);
	bench_clear(bench);
	bench_until(bench, end);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
}

START_TEST(B30_each_relapse_within_an_hour_makes_the_hold_longer)
{
	struct failover_line_settings settings = held(1, 100);
	struct bench *bench;

	settings.failback_growth = 3;
	bench = at_backup(&settings, "01");
	ck_assert_uint_eq(hold_of(bench), 100);
	relapse(bench, 1000);
	ck_assert_uint_eq(hold_of(bench), 300);
	relapse(bench, 3600000);
	ck_assert_uint_eq(hold_of(bench), 900);
	relapse(bench, 3600001);
	ck_assert_uint_eq(hold_of(bench), 100);
	bench_free(bench);
}
END_TEST

/* Of three: what is one above counts as well, and a move further down is no relapse of its own. */
START_TEST(B30_a_move_further_down_is_no_relapse)
{
	struct failover_line_settings settings = held(1, 100);
	struct bench *bench;

	settings.failback_growth = 3;
	bench = at_backup(&settings, "012");
	ck_assert_uint_eq(hold_of(bench), 100);
	relapse(bench, 1000);
	bench_clear(bench);
	bench_submit(bench, FAILOVER_INVITE); /* of three, it is served by the second */
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 503); /* the REGISTER at 0 */
	bench_answer(bench, 200); /* and at 2 */
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 2);
	ck_assert_uint_eq(hold_of(bench), 300);
	bench_free(bench);
}
END_TEST

/* An hour has passed where it is, though it has not come back further up yet. */
START_TEST(B30_an_hour_ends_the_growth_wherever_the_line_is)
{
	struct failover_line_settings settings = held(1, 100);
	struct bench *bench;

	settings.failback_growth = 10;
	bench = at_backup(&settings, "01");
	ck_assert_uint_eq(hold_of(bench), 100);
	relapse(bench, 1000);
	ck_assert_uint_eq(hold_of(bench), 1000);
	relapse(bench, UINT64_C(50) * 86400000); /* more than 32 bits of ms */
	ck_assert_uint_eq(hold_of(bench), 100);
	bench_free(bench);
}
END_TEST

START_TEST(B30_the_hold_grows_to_a_day)
{
	struct failover_line_settings settings = held(1, 30000);
	struct bench *bench;
	unsigned i;

	settings.failback_growth = 10;
	settings.failback_interval_s = 86400;
	bench = at_backup(&settings, "01");
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(hold_of(bench), i ? 86400 : 30000);
		relapse(bench, 1000);
	}
	bench_free(bench);
}
END_TEST

/* Hundreds of them count as many, and not from the beginning. */
START_TEST(B30_relapses_are_not_forgotten_because_they_are_many)
{
	struct failover_line_settings settings = held(1, 1);
	struct bench *bench;
	unsigned i;

	settings.failback_growth = 2;
	settings.failback_interval_s = 86400;
	bench = at_backup(&settings, "01");
	for (i = 0; i < 130; i++) {
		failover_failback(bench->engine, bench->line, bench->now);
		bench_drain(bench);
		bench_answer(bench, 200);
		relapse(bench, 1000);
		bench_clear(bench);
	}
	ck_assert_uint_eq(hold_of(bench), 86400);
	bench_free(bench);
}
END_TEST

/* B12: an INVITE, a BYE and a refresh leave it to the probe, but only where one may go (B11a). */
START_TEST(B30_requests_do_not_go_up_before_the_probe_does)
{
	struct failover_line_settings settings = held(_i ? 1 : 2, _i ? 60 : 0);
	struct bench *bench;

	settings.signal_failback = 1;
	settings.signal_failback_methods |= FAILOVER_METHOD_BIT(FAILOVER_BYE);
	bench = at_backup(&settings, "01");
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 1);
	bench_answer(bench, 200);
	bench_in_dialog(bench, FAILOVER_BYE, 0, 0); /* which stands at the better one */
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);

	settings.failback = 0;
	bench = at_backup(&settings, "01");
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_free(bench);
}
END_TEST

START_TEST(B30_requests_go_up_where_no_probe_may)
{
	struct failover_line_settings settings = held(2, 60);
	struct bench *bench;

	settings.profile = FAILOVER_PROFILE_V2;
	settings.signal_failback = 1;
	bench = at_backup(&settings, "00");
	bench_submit(bench, FAILOVER_INVITE);
	ck_assert_uint_eq(bench_number(&bench_attempt(bench)->target), 0);
	bench_free(bench);
}
END_TEST

/* A program that knows nothing of all that (doc/abi.md). */
START_TEST(B30_older_settings_are_one_good_probe)
{
	struct failover_line_settings settings = held(0, 0);
	struct bench *bench;

	settings.failback_growth = 0;
	settings.size = offsetof(struct failover_line_settings, failback_successes);
	bench = at_backup(&settings, "01");
	probe(bench, 100000, 0, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hold");
	TCase *tcase = tcase_create("hold");

	tcase_add_test(tcase, B30_the_last_of_the_good_probes_takes_the_line_back);
	tcase_add_test(tcase, B30_a_row_ends_with_a_probe_that_fails);
	tcase_add_test(tcase, B30_good_probes_are_spread_over_the_hold);
	tcase_add_test(tcase, B30_the_interval_is_the_longest_time_between_two);
	tcase_add_test(tcase, B30_a_short_interval_stays_short);
	tcase_add_test(tcase, B30_each_target_has_a_row_of_its_own);
	tcase_add_test(tcase, B30_what_a_good_probe_has_bound_is_a_binding);
	tcase_add_test(tcase, B30_a_good_proxy_takes_nothing_from_the_serving_one);
	tcase_add_test(tcase, B30_a_probe_of_the_target_that_serves_by_now_counts);
	tcase_add_test(tcase, B30_a_line_without_registration_returns_at_once);
	tcase_add_test(tcase, B30_a_line_whose_server_has_gone_returns_at_once);
	tcase_add_test(tcase, B30_without_probes_a_person_s_is_enough);
	tcase_add_loop_test(tcase, B30_a_row_begins_anew, 0, sizeof(anew) / sizeof(anew[0]));
	tcase_add_test(tcase, B30_each_relapse_within_an_hour_makes_the_hold_longer);
	tcase_add_test(tcase, B30_a_move_further_down_is_no_relapse);
	tcase_add_test(tcase, B30_an_hour_ends_the_growth_wherever_the_line_is);
	tcase_add_test(tcase, B30_the_hold_grows_to_a_day);
	tcase_add_test(tcase, B30_relapses_are_not_forgotten_because_they_are_many);
	tcase_add_loop_test(tcase, B30_requests_do_not_go_up_before_the_probe_does, 0, 2);
	bench_add_v2(tcase, B30_requests_go_up_where_no_probe_may);
	tcase_add_test(tcase, B30_older_settings_are_one_good_probe);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
