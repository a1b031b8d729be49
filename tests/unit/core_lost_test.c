/* SPDX-License-Identifier: MIT */
/* core_lost_test.c - what is no answer and no target's fault: a registration's connection that is
 * gone (B15a), requests that cannot leave the device (B4), stacks that report nonsense (B4b). */
#include "bench.h"

/* ---- connections -------------------------------------------------------------------------- */

static void lose(struct bench *bench, uint32_t line, unsigned n)
{
	struct failover_target target = bench_target(n, (uint8_t)n);

	failover_lost(bench->engine, line, &target, bench->now);
	bench_until(bench, bench->now);
}

START_TEST(B15a_a_lost_connection_registers_anew_and_the_walk_moves_on)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	bench_until(bench, 8000);
	lose(bench, bench->line, 0);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_CONNECTION_LOST), 1);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 8000); /* the same target first */
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	bench_unreachable(bench, FAILOVER_REASON_REFUSED);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 8000);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B12_with_signal_failback_a_lost_connection_registers_from_index_0)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.signal_failback = 1;
	bench = bench_one(&settings, "01");
	bench_register_at(bench, 1);
	bench_clear(bench);
	lose(bench, bench->line, 1);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, bench->now);
	bench_free(bench);
}
END_TEST

START_TEST(B16_a_server_that_closes_each_connection_makes_no_storm)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t before;
	unsigned i;

	bench_register(bench);
	lose(bench, bench->line, 0);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 1000);
	for (i = 0; i < 5; i++) {
		before = bench->now;
		bench_answer(bench, 200);
		bench_clear(bench);
		lose(bench, bench->line, 0);
		lose(bench, bench->line, 0); /* told twice, asked once */
		bench_until(bench, before + 15999);
		ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
		while (!bench_count(bench, FAILOVER_OUTPUT_ATTEMPT))
			bench_until(bench, failover_next_deadline(bench->engine));
		ck_assert_uint_le(bench->now - before, 32000);
	}
	bench_free(bench);
}
END_TEST

/* RFC 5626 4.5: a server that restarts has closed the connections of all phones, and each of them
 * may be the only line of its device. */
START_TEST(B14_a_line_alone_does_not_register_in_the_moment_of_the_loss)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t most = 0;
	unsigned i;

	settings.jitter_percent = 10;
	bench = bench_one(&settings, "01");
	bench_register(bench);
	for (i = 0; i < 100; i++) {
		struct failover_target target = bench_target(0, 0);
		uint64_t before;

		bench->now += 60000;
		before = bench->now;
		failover_lost(bench->engine, bench->line, &target, bench->now);
		bench_clear(bench);
		ck_assert_uint_le(bench_state(bench).next_register, before + 3200);
		if (bench_state(bench).next_register - before > most)
			most = bench_state(bench).next_register - before;
		bench_until(bench, bench_state(bench).next_register);
		bench_answer(bench, 200);
	}
	ck_assert_uint_ge(most, 2800);
	bench_free(bench);
}
END_TEST

/* ---- bindings ----------------------------------------------------------------------------- */

static void refresh(struct bench *bench, unsigned n)
{
	struct failover_target target = bench_target(n, (uint8_t)n);

	bench_clear(bench);
	failover_refresh(bench->engine, bench->line, &target, bench->now);
	bench_until(bench, bench->now);
}

/* ICMP for an empty keep-alive, or another address of the NAT: the line registers, there first. */
START_TEST(B24c_a_binding_that_may_lead_nowhere_is_made_anew)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	uint64_t attempt;

	settings.keepalive = FAILOVER_KEEPALIVE_CRLF;
	bench = bench_one(&settings, "01");
	bench_register(bench);
	bench_until(bench, 8000);
	refresh(bench, 0);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_CONNECTION_LOST), 0);
	bench_expect(bench, 0, FAILOVER_REGISTER, 0, 8000);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	attempt = bench_attempt(bench)->id;
	refresh(bench, 0); /* that one finds out */
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	failover_unreachable(bench->engine, attempt, FAILOVER_REASON_ICMP, bench->now);
	bench_drain(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

/* A NAT that changes its port for every packet makes no storm (B16). */
START_TEST(B24c_bindings_are_not_made_anew_without_an_end)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	refresh(bench, 0);
	bench_answer(bench, 200);
	refresh(bench, 0);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	ck_assert_uint_ge(bench_state(bench).next_register, bench->now + 16000);
	ck_assert_uint_le(bench_state(bench).next_register, bench->now + 32000);
	bench_free(bench);
}
END_TEST

START_TEST(B24c_a_binding_elsewhere_is_nobodys)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target target = bench_target(0, 0);
	struct bench *bench = bench_one(&settings, "01");
	struct failover_statistics statistics;

	refresh(bench, 0); /* not registered */
	bench_register(bench);
	refresh(bench, 1); /* not serving */
	failover_refresh(bench->engine, bench->line + 1, &target, bench->now);
	bench_until(bench, bench->now + 1000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 0);
	failover_engine_statistics(bench->engine, &statistics);
	ck_assert_uint_eq(statistics.stale, 3);
	bench_free(bench);
}
END_TEST

/* The REGISTER after the second silence tells the stack to ping; the next target answers OPTIONS.
 */
START_TEST(B24c_the_stack_is_told_to_keep_the_way_open)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	unsigned i;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	settings.failback = 0;
	bench = bench_one(&settings, "01");
	bench_register(bench);
	for (i = 0; i < 2; i++) {
		bench_until(bench, bench->now + 33500); /* OPTIONS, and 3.5 s of silence */
		ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_REGISTER);
		ck_assert_uint_eq(bench_attempt(bench)->flags,
				  i ? (unsigned)FAILOVER_ATTEMPT_CRLF : 0);
		bench_answer(bench, 200);
	}
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_NO_OPTIONS), 1);
	bench_clear(bench);
	bench_until(bench, bench->now + 1200000);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	ck_assert_uint_eq(bench_attempt(bench)->flags, (unsigned)FAILOVER_ATTEMPT_CRLF);
	bench_unreachable(bench, FAILOVER_REASON_ICMP);
	ck_assert_uint_eq(bench_attempt(bench)->flags & FAILOVER_ATTEMPT_CRLF, 0);
	bench_answer(bench, 200);
	bench_clear(bench);
	bench_until(bench, bench->now + 30000);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_OPTIONS);
	bench_free(bench);
}
END_TEST

START_TEST(B15a_what_is_lost_elsewhere_changes_nothing)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_target udp = bench_target(0, 0), tcp = udp;

	lose(bench, bench->line, 0); /* not registered yet */
	bench_register_at(bench, 1);
	bench_clear(bench);
	lose(bench, bench->line, 0); /* not serving */
	lose(bench, bench->line + 1, 1);
	tcp.transport = FAILOVER_TCP;
	failover_lost(bench->engine, bench->line, &tcp, bench->now);
	bench_drain(bench);
	ck_assert_uint_eq(bench->count, 0);
	failover_unregister(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_clear(bench);
	lose(bench, bench->line, 1);
	ck_assert_uint_eq(bench->count, 0);
	bench_free(bench);
}
END_TEST

/* The last attempt of now, and an answer to it that cannot be read. */
static void answer_badly(struct bench *bench)
{
	uint64_t id = bench_attempt(bench)->id;

	failover_bad_answer(bench->engine, id);
	failover_bad_answer(bench->engine, id + 1000); /* nobody's */
	bench_drain(bench);
}

START_TEST(B22d_a_bad_answer_is_no_answer_and_is_named)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t start = bench->now;

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	answer_badly(bench);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNAVAILABLE), 0);
	bench_until(bench, start + 3500); /* as without any answer (B3a) */
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, start + 3500);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_UNAVAILABLE, 0)->out.u.event.reason,
			  FAILOVER_REASON_BAD_ANSWER);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).serving_index, 1);
	bench_free(bench);
}
END_TEST

START_TEST(B22d_a_good_answer_behind_a_bad_one_counts)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	answer_badly(bench);
	bench_answer(bench, 200);
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B6b_a_REGISTER_under_way_finds_out_by_itself)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	bench_register(bench);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_clear(bench);
	lose(bench, bench->line, 0);
	ck_assert_uint_eq(bench->count, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B14_a_hundred_lines_of_one_connection_are_spread)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 0);
	uint64_t first = UINT64_MAX, last = 0;
	uint32_t lines[100];
	unsigned i;

	settings.jitter_percent = 10;
	settings.failback = 0;
	for (i = 0; i < 100; i++) {
		bench->line = lines[i] = bench_line(bench, &settings, "01");
		bench_register(bench);
	}
	bench_clear(bench);
	for (i = 0; i < 100; i++)
		lose(bench, lines[i], 0);
	bench_until(bench, bench->now + 3200);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 100);
	for (i = 0; i < 100; i++) {
		uint64_t at = bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, i)->at;

		first = at < first ? at : first;
		last = at > last ? at : last;
	}
	ck_assert_uint_gt(last - first, 2500);
	bench_free(bench);
}
END_TEST

START_TEST(B18_a_loss_told_while_the_outputs_are_full_is_not_forgotten)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(0, 128);
	struct failover_target target = bench_target(0, 0);
	struct failover_statistics was = { .size = sizeof(was) };
	unsigned i;

	settings.failback = 0;
	bench->line = bench_line(bench, &settings, "01");
	bench_register(bench);
	bench_clear(bench);
	for (i = 0; i < 200; i++) {
		struct failover_request_params params = { .size = sizeof(params),
							  .method = FAILOVER_OPTIONS };
		uint64_t request;

		if (failover_submit(bench->engine, bench->line, &params, bench->now, &request))
			break;
		failover_give_up(bench->engine, request, bench->now);
	}
	failover_lost(bench->engine, bench->line, &target, bench->now);
	failover_engine_statistics(bench->engine, &was);
	ck_assert_uint_gt(was.deferred, 0);
	bench_drain(bench);
	bench_until(bench, bench->now + 1);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_CONNECTION_LOST), 1);
	ck_assert_uint_eq(bench_attempt(bench)->method, FAILOVER_REGISTER);
	bench_free(bench);
}
END_TEST

/* ---- what cannot leave -------------------------------------------------------------------- */

static uint32_t reason_of_failure(const struct bench *bench)
{
	const struct bench_output *result = bench_output(bench, FAILOVER_OUTPUT_RESULT, 0);

	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_REQUEST_FAILED), 1);
	ck_assert_ptr_nonnull(result);
	ck_assert_uint_eq(result->out.u.result.reports_count, 1);
	return result->reports[0].reason;
}

START_TEST(B4_a_request_that_cannot_leave_fails_and_moves_nothing)
{
	static const uint32_t methods[] = { FAILOVER_INVITE, FAILOVER_BYE, FAILOVER_OPTIONS,
					    FAILOVER_OTHER };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;
	unsigned i;

	settings.signal_failback = 1;
	bench = bench_one(&settings, "01");
	bench_register(bench);
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		bench_clear(bench);
		bench_submit(bench, methods[i]);
		bench_unreachable(bench, FAILOVER_REASON_LOCAL);
		ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
		ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNAVAILABLE), 0);
		ck_assert_uint_eq(reason_of_failure(bench), FAILOVER_REASON_LOCAL);
		ck_assert_uint_eq(bench_state(bench).registering, 0);
	}
	ck_assert_uint_eq(bench_state(bench).serving_index, 0);
	bench_free(bench);
}
END_TEST

START_TEST(B4e_what_cannot_leave_says_nothing_of_the_target)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_new(FAILOVER_HEALTH_ALL, 0);

	settings.failback = 0;
	bench->line = bench_line(bench, &settings, "01");
	bench_register(bench);
	bench_submit(bench, FAILOVER_INVITE);
	bench_unreachable(bench, FAILOVER_REASON_LOCAL);
	bench->line = bench_line(bench, &settings, "01");
	bench_clear(bench);
	bench_submit(bench, FAILOVER_OPTIONS);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0, bench->now);
	bench_free(bench);
}
END_TEST

START_TEST(B15_a_refresh_that_cannot_leave_is_tried_again_while_the_binding_lives)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	uint64_t tried;

	bench_register_at(bench, 1);
	bench_clear(bench);
	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_LOCAL);
	tried = bench->now;
	ck_assert_uint_eq(bench_state(bench).registered, 1);
	ck_assert_uint_eq(bench_events(bench, FAILOVER_EVENT_UNREGISTERED), 0);
	bench_clear(bench);
	bench_until(bench, tried + 32000);
	bench_expect(bench, 0, FAILOVER_REGISTER, 1,
		     bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 0)->at);
	ck_assert_uint_ge(bench_output(bench, FAILOVER_OUTPUT_ATTEMPT, 0)->at, tried + 16000);
	bench_free(bench);
}
END_TEST

START_TEST(B16_a_first_REGISTER_that_cannot_leave_is_tried_again)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	bench_unreachable(bench, FAILOVER_REASON_LOCAL);
	ck_assert_uint_eq(bench_event(bench, FAILOVER_EVENT_UNREGISTERED, 0)->out.u.event.reason,
			  FAILOVER_REASON_LOCAL);
	bench_clear(bench);
	bench_until(bench, 1000 + 32000);
	ck_assert_uint_ge(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_free(bench);
}
END_TEST

START_TEST(B15a_a_keepalive_that_cannot_leave_is_no_silence)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	settings.keepalive = FAILOVER_KEEPALIVE_OPTIONS;
	bench = bench_one(&settings, "01");
	bench_register(bench);
	bench_until(bench, 31000);
	bench_expect(bench, 0, FAILOVER_OPTIONS, 0, 31000);
	bench_unreachable(bench, FAILOVER_REASON_LOCAL);
	bench_until(bench, 60999);
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_until(bench, 61000);
	bench_expect(bench, 1, FAILOVER_OPTIONS, 0, 61000);
	bench_free(bench);
}
END_TEST

/* ---- nonsense ----------------------------------------------------------------------------- */

START_TEST(B4b_only_a_challenge_can_be_answered)
{
	static const uint32_t statuses[] = { 200, 202, 403, 486, 503 };
	struct failover_line_settings settings = bench_settings();
	struct failover_answer answer = { .size = sizeof(answer), .retrying = 1 };
	struct bench *bench;
	unsigned i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		bench = bench_one(&settings, "0");
		bench_submit(bench, FAILOVER_OPTIONS);
		answer.status = statuses[i];
		failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
		bench_drain(bench);
		ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_RESULT), 1);
		bench_free(bench);
	}
}
END_TEST

START_TEST(B4b_a_provisional_response_that_claims_to_be_answered_is_one)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_answer answer = { .size = sizeof(answer), .status = 100, .retrying = 1 };
	struct bench *bench = bench_one(&settings, "01");

	failover_register(bench->engine, bench->line, bench->now);
	bench_drain(bench);
	failover_response(bench->engine, bench_attempt(bench)->id, &answer, bench->now);
	bench_until(bench, 1000 + 31999); /* B4a: not 3.5 s */
	ck_assert_uint_eq(bench_count(bench, FAILOVER_OUTPUT_ATTEMPT), 1);
	bench_until(bench, 1000 + 32000);
	bench_expect(bench, 1, FAILOVER_REGISTER, 1, 33000);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_lost");
	TCase *tcase = tcase_create("lost");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B15a_a_lost_connection_registers_anew_and_the_walk_moves_on);
	tcase_add_test(tcase, B12_with_signal_failback_a_lost_connection_registers_from_index_0);
	tcase_add_test(tcase, B16_a_server_that_closes_each_connection_makes_no_storm);
	tcase_add_test(tcase, B15a_what_is_lost_elsewhere_changes_nothing);
	tcase_add_test(tcase, B14_a_line_alone_does_not_register_in_the_moment_of_the_loss);
	tcase_add_test(tcase, B24c_a_binding_that_may_lead_nowhere_is_made_anew);
	tcase_add_test(tcase, B24c_bindings_are_not_made_anew_without_an_end);
	tcase_add_test(tcase, B24c_a_binding_elsewhere_is_nobodys);
	tcase_add_test(tcase, B24c_the_stack_is_told_to_keep_the_way_open);
	tcase_add_test(tcase, B6b_a_REGISTER_under_way_finds_out_by_itself);
	tcase_add_test(tcase, B14_a_hundred_lines_of_one_connection_are_spread);
	tcase_add_test(tcase, B18_a_loss_told_while_the_outputs_are_full_is_not_forgotten);
	tcase_add_test(tcase, B4_a_request_that_cannot_leave_fails_and_moves_nothing);
	tcase_add_test(tcase, B4e_what_cannot_leave_says_nothing_of_the_target);
	tcase_add_test(tcase,
		       B15_a_refresh_that_cannot_leave_is_tried_again_while_the_binding_lives);
	tcase_add_test(tcase, B16_a_first_REGISTER_that_cannot_leave_is_tried_again);
	tcase_add_test(tcase, B15a_a_keepalive_that_cannot_leave_is_no_silence);
	tcase_add_test(tcase, B22d_a_bad_answer_is_no_answer_and_is_named);
	tcase_add_test(tcase, B22d_a_good_answer_behind_a_bad_one_counts);
	tcase_add_test(tcase, B4b_only_a_challenge_can_be_answered);
	tcase_add_test(tcase, B4b_a_provisional_response_that_claims_to_be_answered_is_one);
	return bench_main(suite);
}
