/* SPDX-License-Identifier: MIT */
/* core_edges_test.c - the edges: everything full, numbers at their ends, ids nobody gave out. */
#include <string.h>
#include "bench.h"
#include "../../libfailover/core/core.h"

static struct failover_statistics statistics_of(const struct bench *bench)
{
	struct failover_statistics statistics;

	failover_engine_statistics(bench->engine, &statistics);
	return statistics;
}

/* ---- lines -------------------------------------------------------------------------------- */

static int add_line(struct bench *bench, uint32_t *id)
{
	struct failover_target target = bench_target(0, 0);
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 1,
					       .targets = &target,
					       .settings = bench_settings() };

	return failover_line_add(bench->engine, &params, bench->now, id);
}

/* A million lines would take 400 MB: instead the engine is told that its places are taken. */
START_TEST(B19_lines_up_to_their_limit_and_no_further)
{
	struct bench *bench = bench_new(0, 0);
	struct failover_engine *engine = bench->engine;
	uint32_t half = FAILOVER_LIMIT_LINES / 2 + 1, id;

	engine->lines = engine->memory.alloc(engine->memory.user, half * sizeof(*engine->lines));
	ck_assert_ptr_nonnull(engine->lines);
	memset(engine->lines, 0, half * sizeof(*engine->lines));
	engine->lines_size = engine->lines_count = half;
	ck_assert_int_eq(add_line(bench, &id), 0);
	ck_assert_uint_eq(engine->lines_size, FAILOVER_LIMIT_LINES);
	ck_assert_uint_eq(id & 0xfffff, half + 1);
	ck_assert_uint_eq(id >> 20, 1);
	engine->lines_count = FAILOVER_LIMIT_LINES;
	ck_assert_int_eq(add_line(bench, &id), FAILOVER_ERR_LIMIT);
	engine->lines_count = 1;
	bench_free(bench);
}
END_TEST

START_TEST(B7c_a_place_gives_4095_ids_before_one_comes_again)
{
	struct bench *bench = bench_new(0, 0);
	uint32_t first, id, i;

	ck_assert_int_eq(add_line(bench, &first), 0);
	id = first;
	for (i = 0; i < 4095; i++) {
		ck_assert_int_eq(failover_line_remove(bench->engine, id, bench->now), 0);
		bench->engine->lines_free = 0;
		ck_assert_int_eq(add_line(bench, &id), 0);
		ck_assert_int_eq(id == first, i == 4094);
		ck_assert_uint_ne(id >> 20, 0);
	}
	bench_free(bench);
}
END_TEST

START_TEST(B19_a_free_place_is_found_wherever_it_is)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	uint32_t ids[8], id;
	unsigned i;

	for (i = 0; i < 8; i++)
		ids[i] = bench_line(bench, &settings, "0");
	ck_assert_uint_eq(statistics_of(bench).lines, 8);
	for (i = 0; i < 8; i++) {
		unsigned gone = i * 3 % 8;

		ck_assert_int_eq(failover_line_remove(bench->engine, ids[gone], bench->now), 0);
		ck_assert_uint_eq(statistics_of(bench).lines, 7);
		id = bench_line(bench, &settings, "0");
		ck_assert_uint_eq(id & 0xfffff, ids[gone] & 0xfffff);
		ck_assert_uint_ne(id, ids[gone]);
		ids[gone] = id;
	}
	ck_assert_uint_eq(bench->engine->lines_size, 8);
	id = bench_line(bench, &settings, "0");
	ck_assert_uint_eq(id & 0xfffff, 9);
	ck_assert_uint_eq(bench->engine->lines_size, 16);
	for (i = 0; i < 8; i++)
		ck_assert_int_eq(failover_line_remove(bench->engine, ids[i], bench->now), 0);
	ck_assert_int_eq(failover_line_remove(bench->engine, id, bench->now), 0);
	ck_assert_uint_eq(statistics_of(bench).lines, 0);
	bench_free(bench);
}
END_TEST

/* ---- requests ----------------------------------------------------------------------------- */

START_TEST(B7c_numbers_of_requests_begin_again_without_zero)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t first, second;

	bench_register(bench);
	fo_find_line(bench->engine, bench->line)->generation = 0x7fffe;
	first = bench_submit(bench, FAILOVER_OTHER);
	second = bench_submit(bench, FAILOVER_OTHER);
	ck_assert_uint_eq(first >> 8 & 0x7ffff, 0x7ffff);
	ck_assert_uint_eq(second >> 8 & 0x7ffff, 1);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.request,
			  second);
	bench_free(bench);
}
END_TEST

START_TEST(B7c_only_what_runs_can_be_given_up)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	struct failover_answer ok = { .size = sizeof(ok), .status = 200 };
	uint64_t request, attempt;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	ck_assert_int_eq(failover_give_up(bench->engine, bench_attempt(bench)->request, bench->now),
			 FAILOVER_ERR_STALE); /* the line's own */
	bench_answer(bench, 200);
	request = bench_submit(bench, FAILOVER_INVITE);
	attempt = bench_attempt(bench)->id;
	failover_response(bench->engine, attempt, &ok, bench->now);
	ck_assert_int_eq(failover_give_up(bench->engine, request, bench->now), FAILOVER_ERR_STALE);
	bench_free(bench);
}
END_TEST

START_TEST(B7c_an_id_without_an_attempt_or_with_another_is_no_news)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	struct failover_answer ok = { .size = sizeof(ok), .status = 200 };
	uint64_t invite, first, wrong[5];
	unsigned i;

	bench_register(bench);
	invite = bench_submit(bench, FAILOVER_BYE);
	first = bench_attempt(bench)->id;
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	wrong[0] = invite;					  /* ordinal 0 */
	wrong[1] = invite | 3;					  /* one too far */
	wrong[2] = first;					  /* over */
	wrong[3] = bench_attempt(bench)->id ^ 1u << 8;		  /* another generation */
	wrong[4] = bench_attempt(bench)->id | UINT64_C(31) << 27; /* no such slot */
	for (i = 0; i < 5; i++) {
		uint64_t stale = statistics_of(bench).stale;

		ck_assert_uint_eq(failover_response(bench->engine, wrong[i], &ok, bench->now),
				  FAILOVER_VERDICT_LATE);
		failover_sent(bench->engine, wrong[i], bench->now);
		failover_unreachable(bench->engine, wrong[i], FAILOVER_REASON_ICMP, bench->now);
		ck_assert_uint_eq(statistics_of(bench).stale, stale + 3);
	}
	ck_assert_uint_eq(bench_state(bench).requests, 1);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).requests, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B20_transmissions_are_counted_up_to_255)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	unsigned counts[] = { 254, 255, 300 }, i, k;

	bench_register(bench);
	for (k = 0; k < 3; k++) {
		bench_clear(bench);
		bench_submit(bench, FAILOVER_OTHER);
		for (i = 0; i < counts[k]; i++)
			failover_sent(bench->engine, bench_attempt(bench)->id, bench->now);
		bench_unreachable(bench, FAILOVER_REASON_ICMP);
		ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_UNAVAILABLE, 0)
					  ->out.u.event.transmissions,
				  counts[k] < 255 ? counts[k] : 255);
	}
	bench_free(bench);
}
END_TEST

/* What is sent of an abandoned INVITE counts for nothing. */
START_TEST(B7a_transmissions_of_a_late_attempt_are_not_counted)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "00");
	uint64_t late;

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	late = bench_attempt(bench)->id;
	bench_until(bench, bench->now + 3500);
	failover_sent(bench->engine, late, bench->now);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(
		bench_event(bench, FAILOVER_EVENT_UNAVAILABLE, 1)->out.u.event.transmissions, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B16_failures_beyond_all_counting_still_wait_the_longest)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t wait = 0;
	unsigned i;

	settings.reg_fail_backoff = 1;
	bench = bench_one(&settings, "0");
	failover_register(bench->engine, bench->line, bench->now);
	for (i = 0; i < 260; i++) {
		bench_clear(bench);
		if (i)
			bench_until(bench, bench_state(bench).next_register);
		else
			failover_register(bench->engine, bench->line, bench->now);
		if (i == 0) {
			bench_until(bench, bench->now + 32000);
			continue;
		}
		bench_answer(bench, 503);
		wait = bench_state(bench).next_register - bench->now;
		ck_assert(i < 7 || (wait >= 900000 && wait <= 1800000));
	}
	bench_free(bench);
}
END_TEST

/* ---- registration ------------------------------------------------------------------------- */

START_TEST(B15_more_than_a_day_is_not_asked_for)
{
	static const uint32_t rows[][2] = { { 86399, 86399 },
					    { 86400, 86400 },
					    { 86401, 86400 },
					    { UINT32_MAX, 86400 },
					    { 3599, 3600 } };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	struct failover_answer answer = { .size = sizeof(answer), .status = 423 };

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	answer.min_expires_s = rows[_i][0];
	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	bench_drain(bench);
	bench_until(bench, bench_state(bench).next_register);
	ck_assert_uint_eq(bench_attempt(bench)->expires_s, rows[_i][1]);
	bench_free(bench);
}
END_TEST

START_TEST(B15_a_grant_counts_up_to_what_was_asked)
{
	static const uint32_t rows[][2] = { { 0, 3600 },    { 1, 1 },	    { 3599, 3599 },
					    { 3600, 3600 }, { 3601, 3600 }, { UINT32_MAX, 3600 } };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	struct failover_answer answer = { .size = sizeof(answer), .status = 200 };

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	answer.expires_s = rows[_i][0];
	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_REGISTERED, 0)->out.u.event.seconds,
			  rows[_i][1]);
	ck_assert_uint_eq(bench_state(bench).registered_until,
			  bench->now + UINT64_C(1000) * rows[_i][1]);
	bench_free(bench);
}
END_TEST

static void replace(struct bench *bench, unsigned n, const unsigned (*list)[2])
{
	struct failover_target targets[8];
	unsigned i;

	for (i = 0; i < n; i++)
		targets[i] = bench_target(list[i][0], (uint8_t)list[i][1]);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, n, bench->now),
			 0);
}

/* The way to a registrar has gone from the list: its binding is removed by another way. */
START_TEST(B1b_a_binding_is_removed_through_a_target_that_is_listed)
{
	static const unsigned other_way[][2] = { { 0, 0 }, { 5, 1 } }, no_way[][2] = { { 0, 0 } };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register_at(bench, 1);
	bench_register(bench); /* both registrars hold a binding */
	replace(bench, 1, no_way);
	if (_i)
		replace(bench, 2, other_way);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), _i ? 2 : 1);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	if (_i)
		bench_expect(bench, 1, FAILOVER_REGISTER, 5, bench->now);
	bench_free(bench);
}
END_TEST

START_TEST(B1b_a_binding_nobody_leads_to_is_forgotten)
{
	static const unsigned elsewhere[][2] = { { 3, 1 } };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "001");

	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200); /* serving is 1 now, registered through 0 */
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_clear(bench);
	replace(bench, 1, elsewhere);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 1);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	bench_free(bench);
}
END_TEST

/* Three own slots: the serving registrar's binding is removed, and two more. */
START_TEST(B16_unregister_removes_as_many_bindings_as_there_are_slots)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0123");
	unsigned i;

	for (i = 4; i--;)
		bench_register_at(bench, i);
	ck_assert_int_eq(failover_unregister(bench->engine, bench->line, bench->now), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 3);
	for (i = 0; i < 3; i++) {
		bench_expect(bench, i, FAILOVER_REGISTER, i, bench->now);
		ck_assert_uint_eq(bench_attempt_number(bench, i)->expires_s, 0);
		ck_assert_uint_eq(bench_attempt_number(bench, i)->flags & FAILOVER_ATTEMPT_RELEASE,
				  FAILOVER_ATTEMPT_RELEASE);
	}
	bench_free(bench);
}
END_TEST

/* Back at the registrar whose binding was to go, before that was done: it stays. */
START_TEST(B11b_a_binding_that_serves_again_is_not_removed)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback_release = 1;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_until(bench, bench_state(bench).next_probe);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_clear(bench);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_free(bench);
}
END_TEST

/* ---- targets ------------------------------------------------------------------------------ */

/* Six pairs that differ in one part of the identity. */
static struct failover_target almost(unsigned part)
{
	struct failover_target target = bench_target(0, 0);

	target.family = 6;
	switch (part) {
	case 0:
		target.registrar = 1;
		break;
	case 1:
		target.port = 5061;
		break;
	case 2:
		target.family = 4;
		break;
	case 3:
		target.transport = FAILOVER_TCP;
		break;
	case 4:
		target.scope_id = 2;
		break;
	case 5:
		target.address[15] = 1;
		break;
	}
	return target;
}

START_TEST(B1b_identity_is_registrar_address_port_and_transport)
{
	struct failover_target targets[2] = { almost(9), almost((unsigned)_i) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .max_targets = 4,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = bench_settings() };
	struct bench *bench = bench_new(0, 0);
	struct failover_target list[2];
	uint64_t stale;

	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &bench->line), 0);
	ck_assert_uint_eq(statistics_of(bench).addresses, _i ? 2 : 1);
	/* The list of one of them: the other is not known in it. */
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 1, bench->now),
			 0);
	ck_assert_uint_eq(statistics_of(bench).addresses, 1);
	/* What is heard comes from an address, under whatever registrar (B15a). */
	stale = statistics_of(bench).stale + (_i != 0);
	failover_heard(bench->engine, bench->line, &targets[1], bench->now);
	ck_assert_uint_eq(statistics_of(bench).stale, stale);
	failover_heard(bench->engine, bench->line, &targets[0], bench->now);
	ck_assert_uint_eq(statistics_of(bench).stale, stale);
	/* Replaced by the other: the serving one has gone. */
	ck_assert_int_eq(
		failover_line_targets(bench->engine, bench->line, &targets[1], 1, bench->now), 0);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_int_eq(failover_line_list(bench->engine, bench->line, list, 2), 1);
	ck_assert_int_eq(memcmp(&list[0], &targets[1], sizeof(list[0])), 0);
	targets[0] = targets[1];
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 2, bench->now),
			 FAILOVER_ERR_ARGUMENT);
	bench_free(bench);
}
END_TEST

START_TEST(B1b_a_list_with_no_room_for_its_addresses_leaves_the_old_one)
{
	struct failover_target targets[4] = { bench_target(0, 0), bench_target(1, 0),
					      bench_target(2, 0), bench_target(3, 0) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .max_targets = 4,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = bench_settings() };
	struct bench *bench = bench_new(0, 0);
	struct failover_target list[4];
	uint32_t second;

	bench->engine->health.size = 3;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &bench->line), 0);
	ck_assert_int_eq(failover_line_targets(bench->engine, bench->line, targets, 4, bench->now),
			 FAILOVER_ERR_LIMIT);
	ck_assert_uint_eq(statistics_of(bench).addresses, 2);
	ck_assert_int_eq(failover_line_list(bench->engine, bench->line, list, 4), 2);
	ck_assert_uint_eq(bench_number(&list[0]), 0);
	ck_assert_uint_eq(bench_number(&list[1]), 1);
	params.targets_count = 4;
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, bench->now),
			 FAILOVER_ERR_LIMIT);
	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &second),
			 FAILOVER_ERR_LIMIT);
	ck_assert_uint_eq(statistics_of(bench).addresses, 2);
	ck_assert_uint_eq(statistics_of(bench).settings, 1);
	params.targets_count = 3;
	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, bench->now), 0);
	ck_assert_uint_eq(statistics_of(bench).addresses, 3);
	bench_free(bench);
}
END_TEST

START_TEST(a_line_takes_targets_up_to_its_room)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = FAILOVER_LIMIT_REGISTRARS,
					       .max_requests = FAILOVER_LIMIT_REQUESTS,
					       .targets_count = FAILOVER_LIMIT_TARGETS,
					       .targets = targets,
					       .settings = bench_settings() };
	struct bench *bench = bench_new(0, 0);
	uint32_t id, i;

	for (i = 0; i < FAILOVER_LIMIT_TARGETS; i++)
		targets[i] = bench_target(i, (uint8_t)(i % FAILOVER_LIMIT_REGISTRARS));
	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &id), 0);
	ck_assert_int_eq(failover_line_targets(bench->engine, id, targets, FAILOVER_LIMIT_TARGETS,
					       bench->now),
			 0);
	params.max_targets = FAILOVER_LIMIT_TARGETS;
	params.targets_count = 1;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &id), 0);
	params.max_targets++;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &id),
			 FAILOVER_ERR_ARGUMENT);
	params.max_targets = 2;
	ck_assert_int_eq(failover_line_add(bench->engine, &params, bench->now, &id), 0);
	params.targets_count = 3;
	ck_assert_int_eq(failover_line_update(bench->engine, id, &params, bench->now),
			 FAILOVER_ERR_LIMIT);
	ck_assert_int_eq(failover_line_targets(bench->engine, id, targets, 3, bench->now),
			 FAILOVER_ERR_LIMIT);
	params.targets_count = 2;
	ck_assert_int_eq(failover_line_update(bench->engine, id, &params, bench->now), 0);
	bench_free(bench);
}
END_TEST

/* ---- outputs full ------------------------------------------------------------------------- */

START_TEST(B18_unreachable_while_the_outputs_are_full_is_not_lost)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer ringing = { .size = sizeof(ringing), .status = 183 };
	struct bench *bench = bench_one(&settings, "00");
	uint64_t invite, other;

	bench_register(bench);
	bench_submit(bench, FAILOVER_OTHER);
	other = bench_attempt(bench)->id;
	bench_submit(bench, FAILOVER_INVITE);
	invite = bench_attempt(bench)->id;
	bench_clear(bench);
	do
		failover_response(bench->engine, other, &ringing, bench->now);
	while (failover_register(bench->engine, bench->line, bench->now) == 0);
	failover_unreachable(bench->engine, invite, FAILOVER_REASON_RESET, bench->now);
	failover_unreachable(bench->engine, invite, FAILOVER_REASON_TLS, bench->now); /* once */
	ck_assert_uint_eq(statistics_of(bench).stale, 1);
	bench_until(bench, bench->now);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNAVAILABLE), 1);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_UNAVAILABLE, 0)->out.u.event.reason,
			  FAILOVER_REASON_RESET);
	bench_expect(bench, bench_count(bench, FAILOVER_OUTPUT_ATTEMPT) - 1, FAILOVER_INVITE, 1,
		     bench->now);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_edges");
	TCase *tcase = tcase_create("edges");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, B19_lines_up_to_their_limit_and_no_further);
	tcase_add_test(tcase, B7c_a_place_gives_4095_ids_before_one_comes_again);
	tcase_add_test(tcase, B19_a_free_place_is_found_wherever_it_is);
	tcase_add_test(tcase, B7c_numbers_of_requests_begin_again_without_zero);
	tcase_add_test(tcase, B7c_only_what_runs_can_be_given_up);
	tcase_add_test(tcase, B7c_an_id_without_an_attempt_or_with_another_is_no_news);
	tcase_add_test(tcase, B20_transmissions_are_counted_up_to_255);
	tcase_add_test(tcase, B7a_transmissions_of_a_late_attempt_are_not_counted);
	tcase_add_test(tcase, B16_failures_beyond_all_counting_still_wait_the_longest);
	tcase_add_loop_test(tcase, B15_more_than_a_day_is_not_asked_for, 0, 5);
	tcase_add_loop_test(tcase, B15_a_grant_counts_up_to_what_was_asked, 0, 6);
	tcase_add_loop_test(tcase, B1b_a_binding_is_removed_through_a_target_that_is_listed, 0, 2);
	tcase_add_test(tcase, B1b_a_binding_nobody_leads_to_is_forgotten);
	tcase_add_test(tcase, B16_unregister_removes_as_many_bindings_as_there_are_slots);
	tcase_add_test(tcase, B11b_a_binding_that_serves_again_is_not_removed);
	tcase_add_loop_test(tcase, B1b_identity_is_registrar_address_port_and_transport, 0, 6);
	tcase_add_test(tcase, B1b_a_list_with_no_room_for_its_addresses_leaves_the_old_one);
	tcase_add_test(tcase, a_line_takes_targets_up_to_its_room);
	tcase_add_test(tcase, B18_unreachable_while_the_outputs_are_full_is_not_lost);
	return bench_main(suite);
}
