/* SPDX-License-Identifier: MIT */
/* core_return_test.c - the probe's timer, and what else goes on meanwhile (B11, B15a). */
#include "bench.h"

static int put_targets(struct bench *bench, const char *map)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t count;

	/* "00" = target 0 of registrar 0, "21" = target 2 of registrar 1 */
	for (count = 0; map[2 * count]; count++)
		targets[count] = bench_target((unsigned)(map[2 * count] - '0'),
					      (uint8_t)(map[2 * count + 1] - '0'));
	return failover_line_targets(bench->engine, bench->line, targets, count, bench->now);
}

/* The refresh that was granted during the probe does not shorten the time until the next one. */
START_TEST(B11_interval_begins_with_the_end_of_the_probe)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t probe;

	settings.failback_interval_s = 40;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_until(bench, 41000);
	probe = bench_attempt(bench)->id;
	ck_assert_uint_eq(bench_state(bench).probing, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench->now += 5000;
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 200); /* at 1 */
	bench->now += 5000;
	bench_answer_to(bench, probe, 503);
	ck_assert_uint_eq(bench_state(bench).next_probe, bench->now + 40000);
	bench_free(bench);
}
END_TEST

/* The probe brings the line one place up, and there is still one above. */
START_TEST(B11_interval_begins_with_the_move)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t probe;

	settings.failback_interval_s = 40;
	bench = bench_one(&settings, "012");
	bench_register_at(bench, 2);
	bench_until(bench, 41000);
	bench_answer(bench, 503);
	probe = bench_attempt(bench)->id; /* at 1 */
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 503);
	bench_answer(bench, 200); /* at 2 */
	bench->now += 5000;
	bench_answer_to(bench, probe, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_uint_eq(bench_state(bench).next_probe, bench->now + 40000);
	bench_free(bench);
}
END_TEST

START_TEST(B11_changed_targets_do_not_put_off_the_probe)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t at;

	settings.failback_interval_s = 40;
	bench = bench_one(&settings, "012");
	bench_register_at(bench, 2);
	bench_until(bench, 41000);
	bench_answer(bench, 503); /* the probe, at 0 */
	bench_answer(bench, 503); /* at 1 */
	at = bench_state(bench).next_probe;
	ck_assert_uint_eq(at, 81000);
	bench->now += 3000;
	ck_assert_int_eq(put_targets(bench, "0022"), 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, at);
	bench_free(bench);
}
END_TEST

/* An INVITE that starts at index 0 has brought the line there while the probe asks: when the list
 * changes, the probe has nothing left to look for. */
START_TEST(B11_probe_at_the_serving_target_ends_with_the_list)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback_interval_s = 40;
	settings.signal_failback = 1;
	bench = bench_one(&settings, "00");
	bench_register_at(bench, 1);
	bench_until(bench, 41000);
	ck_assert_uint_eq(bench_state(bench).probing, 1);
	bench_submit(bench, FAILOVER_INVITE);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	ck_assert_int_eq(put_targets(bench, "0010"), 0);
	ck_assert_uint_eq(bench_state(bench).probing, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B11_no_timer_for_a_line_whose_registration_is_lost)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register_at(bench, 1);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 503);
	bench_answer(bench, 503);
	ck_assert_uint_eq(bench_state(bench).registered, 0);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	ck_assert_int_eq(put_targets(bench, "0011"), 0);
	ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	bench_free(bench);
}
END_TEST

/* V2 goes back to registrars only: past a proxy of the serving one, and to none that has gone. */
START_TEST(B11a_V2_looks_past_the_proxies)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.profile = FAILOVER_PROFILE_V2;
	settings.failback_interval_s = 40;
	bench = bench_one(&settings, "101");
	bench_register_at(bench, 2);
	ck_assert_uint_eq(bench_state(bench).next_probe, 41000);
	if (_i) {
		ck_assert_int_eq(put_targets(bench, "01"), 0);
		ck_assert_uint_eq(bench_state(bench).next_probe, UINT64_MAX);
	} else {
		bench_until(bench, 41000);
		bench_expect(bench, 0, FAILOVER_REGISTER, 1, 41000);
	}
	bench_free(bench);
}
END_TEST

/* Back at 0, with a keep-alive at 1 still unanswered: the old binding is removed beside it. */
static struct bench *bench_releasing(uint64_t *release, uint64_t *options)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.failback_interval_s = 31;
	settings.failback_release = 1;
	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_until(bench, 31000);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 1, 31000);
	*options = bench_attempt(bench)->id;
	bench_until(bench, 32000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 0, 32000);
	bench_answer(bench, 200);
	bench_until(bench, 32000);
	bench_expect(bench, 2, FAILOVER_REGISTER, 1, 32000);
	ck_assert_uint_eq(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_RELEASE,
			  FAILOVER_ATTEMPT_RELEASE);
	*release = bench_attempt(bench)->id;
	bench_clear(bench);
	return bench;
}

START_TEST(B11b_removal_leaves_the_keepalive_alone)
{
	uint64_t release, options;
	struct bench *bench = bench_releasing(&release, &options);

	bench_answer_to(bench, options, 200);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 1);
	ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0)->out.u.result.method,
			  FAILOVER_OPTIONS);
	bench_answer_to(bench, release, 200);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 2);
	bench_free(bench);
}
END_TEST

/* What ends a probe does not end the removal that has taken its place. */
START_TEST(B11b_removal_goes_on_in_a_changed_configuration)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(0, 0), bench_target(1, 1) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = settings };
	uint64_t release, options;
	unsigned i;
	struct bench *bench = bench_releasing(&release, &options);

	ck_assert_int_eq(failover_line_update(bench->engine, bench->line, &params, bench->now), 0);
	bench_drain(bench);
	for (i = 0; i < bench_count(bench, FAILOVER_OUTPUT_ABANDON); i++)
		ck_assert_uint_ne(bench_output(bench, FAILOVER_OUTPUT_ABANDON, i)->out.abandoned,
				  release);
	bench_clear(bench);
	bench_answer_to(bench, release, 200);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 1);
	bench_free(bench);
}
END_TEST

/* ---- keep-alive --------------------------------------------------------------------------- */

static struct bench *bench_keepalive(const char *map, uint32_t failback_interval_s)
{
	struct failover_line_settings settings = bench_settings();

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	settings.keepalive_interval_s = 5;
	settings.reg_fail_interval_s = 3000;
	settings.failback_interval_s = failback_interval_s;
	return bench_one(&settings, map);
}

/* The REGISTER fails while an OPTIONS is under way: there is nothing left to keep alive. */
START_TEST(B15a_no_keepalive_after_the_registration_is_lost)
{
	struct bench *bench = bench_keepalive("0", 1800);
	uint64_t options;

	bench_register(bench);
	bench_until(bench, 6000);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0, 6000);
	options = bench_attempt(bench)->id;
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_answer(bench, 403);
	bench_answer_to(bench, options, 200);
	bench_clear(bench);
	bench_until(bench, 60000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	bench_free(bench);
}
END_TEST

/* A probe has brought the line back while a REGISTER at the old target is under way, which decides
 * nothing any more: the keep-alive of the new target goes on after it. */
START_TEST(B15a_keepalive_goes_on_after_an_overtaken_REGISTER)
{
	struct bench *bench = bench_keepalive("01", 4);
	uint64_t probe, refresh;

	bench_register_at(bench, 1);
	bench_until(bench, 5000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 5000);
	probe = bench_attempt(bench)->id;
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_ICMP); /* at 0 */
	bench_expect(bench, 2, FAILOVER_REGISTER, 1, 5000);
	refresh = bench_attempt(bench)->id;
	bench_answer_to(bench, probe, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_until(bench, 11000); /* silence, but the REGISTER finds out */
	bench_clear(bench);
	bench_answer_to(bench, refresh, 200);
	bench_until(bench, 15000);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0, 15000);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("return");
	TCase *tcase = tcase_create("return");

	tcase_add_test(tcase, B11_interval_begins_with_the_end_of_the_probe);
	tcase_add_test(tcase, B11_interval_begins_with_the_move);
	tcase_add_test(tcase, B11_changed_targets_do_not_put_off_the_probe);
	tcase_add_test(tcase, B11_probe_at_the_serving_target_ends_with_the_list);
	tcase_add_test(tcase, B11_no_timer_for_a_line_whose_registration_is_lost);
	if (!failover_profile_available(FAILOVER_PROFILE_V2))
		tcase_add_loop_test(tcase, B11a_V2_looks_past_the_proxies, 0, 2);
	tcase_add_test(tcase, B11b_removal_leaves_the_keepalive_alone);
	tcase_add_test(tcase, B11b_removal_goes_on_in_a_changed_configuration);
	tcase_add_test(tcase, B15a_no_keepalive_after_the_registration_is_lost);
	tcase_add_test(tcase, B15a_keepalive_goes_on_after_an_overtaken_REGISTER);
	suite_add_tcase(suite, tcase);
	return bench_main(suite);
}
