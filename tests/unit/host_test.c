/* SPDX-License-Identifier: MIT */
/* host_test.c - dispatch and the texts that people read (B20). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

/* ---- dispatch ----------------------------------------------------------------------------- */

struct recorder {
	const struct failover_host *host;
	char log[4096];
	int send_fails, answers_at_once;
	uint32_t reason; /* of the last result's first report */
};

static struct recorder recorder;

static void note(const char *format, uint64_t number)
{
	size_t used = strlen(recorder.log);

	snprintf(recorder.log + used, sizeof(recorder.log) - used, format, (unsigned)number);
}

static int rec_open(const struct failover_host *host, const struct failover_open_params *params,
		    void **inst)
{
	ck_assert_uint_eq(params->size, sizeof(*params));
	recorder.host = host;
	*inst = &recorder;
	return 0;
}

static void rec_close(void *inst)
{
	ck_assert_ptr_eq(inst, &recorder);
	note("close ", 0);
}

static int rec_send(void *inst, const struct failover_attempt *attempt)
{
	struct failover_answer ok = { .size = sizeof(ok), .status = 200, .expires_s = 60 };

	ck_assert_ptr_eq(inst, &recorder);
	note("send%u ", bench_number(&attempt->target));
	if (recorder.send_fails)
		return recorder.send_fails;
	recorder.host->sent(recorder.host->ctx, attempt->id);
	if (recorder.answers_at_once)
		recorder.host->response(recorder.host->ctx, attempt->id, &ok);
	return 0;
}

static int rec_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	ck_assert_ptr_eq(inst, &recorder);
	ck_assert_uint_ne(attempt, 0);
	note("timeout%u ", reason);
	return 0;
}

static void rec_response(void *inst, const struct failover_result *result)
{
	ck_assert_ptr_eq(inst, &recorder);
	note("response%u ", result->outcome);
	note("reports%u ", result->reports_count);
	recorder.reason = result->reports_count ? result->reports[0].reason : 0;
}

static const struct failover_plugin plugin = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(plugin),
	.id = "recorder",
	.version = "1",
	.stack = "none",
	.license = "MIT",
	.open = rec_open,
	.close = rec_close,
	.send = rec_send,
	.timeout = rec_timeout,
	.response = rec_response,
};

static uint64_t clock_ms = 1000;

static uint64_t test_clock(void *user)
{
	(void)user;
	return clock_ms;
}

static void heard_event(void *user, const struct failover_event *event)
{
	(void)user;
	note(failover_event_name(event->kind), 0);
	note(" ", 0);
}

static struct failover_stack *open_stack(struct bench *bench)
{
	struct failover_stack_params params = { .size = sizeof(params),
						.engine = bench->engine,
						.now = test_clock,
						.event = heard_event };
	struct failover_stack *stack = NULL;

	memset(&recorder, 0, sizeof(recorder));
	clock_ms = 1000;
	ck_assert_int_eq(failover_stack_open(&plugin, &params, &stack), 0);
	return stack;
}

START_TEST(dispatch_hands_each_output_to_its_hook_in_order)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_stack *stack = open_stack(bench);

	failover_register(bench->engine, bench->line, clock_ms);
	ck_assert_int_gt(failover_dispatch(stack), 0);
	clock_ms = 4500;
	failover_handle_timeout(bench->engine, clock_ms);
	recorder.answers_at_once = 1;
	failover_dispatch(stack);
	ck_assert_str_eq(recorder.log, "attempt send0 unavailable timeout1 attempt send1 response "
				       "moved registered response1 reports2 ");
	failover_stack_close(stack);
	bench_free(bench);
}
END_TEST

START_TEST(B4_a_send_that_finds_no_way_to_the_target_is_unreachable)
{
	static const struct {
		int error;
		uint32_t reason;
	} fails[] = { { FAILOVER_ERR_IO, FAILOVER_REASON_ICMP },
		      { FAILOVER_ERR_UNSUPPORTED, FAILOVER_REASON_UNSUPPORTED } };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_stack *stack = open_stack(bench);

	recorder.send_fails = fails[_i].error;
	failover_register(bench->engine, bench->line, clock_ms);
	failover_dispatch(stack);
	ck_assert_uint_eq(recorder.reason, fails[_i].reason);
	ck_assert_str_eq(recorder.log,
			 "attempt send0 unavailable timeout2 attempt send1 unavailable timeout2 "
			 "request-failed response2 reports2 unregistered ");
	failover_stack_close(stack);
	ck_assert_ptr_nonnull(strstr(recorder.log, "close "));
	bench_free(bench);
}
END_TEST

START_TEST(B4_a_send_that_fails_by_itself_fails_the_request_and_blames_nobody)
{
	static const int fails[] = { FAILOVER_ERR_STALE, FAILOVER_ERR_ARGUMENT, FAILOVER_ERR_MEMORY,
				     FAILOVER_ERR_FULL };
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_stack *stack = open_stack(bench);
	struct failover_request_params params = { .size = sizeof(params),
						  .method = FAILOVER_INVITE };
	uint64_t request;

	recorder.answers_at_once = 1;
	failover_register(bench->engine, bench->line, clock_ms);
	failover_dispatch(stack);
	recorder.log[0] = '\0';
	recorder.send_fails = fails[_i];
	ck_assert_int_eq(failover_submit(bench->engine, bench->line, &params, clock_ms, &request),
			 0);
	failover_dispatch(stack);
	ck_assert_str_eq(recorder.log, "attempt send0 timeout2 request-failed response2 reports1 ");
	failover_stack_close(stack);
	bench_free(bench);
}
END_TEST

START_TEST(B24c_the_host_tells_the_engine_of_a_binding_that_leads_nowhere)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_stack *stack = open_stack(bench);
	struct failover_target target = bench_target(0, 0);

	recorder.answers_at_once = 1;
	failover_register(bench->engine, bench->line, clock_ms);
	failover_dispatch(stack);
	recorder.log[0] = '\0';
	ck_assert(FAILOVER_HOST_HAS(recorder.host, refresh));
	recorder.host->refresh(recorder.host->ctx, bench->line, &target);
	failover_handle_timeout(bench->engine, clock_ms);
	failover_dispatch(stack);
	ck_assert_str_eq(recorder.log, "attempt send0 response registered response1 reports1 ");
	failover_stack_close(stack);
	bench_free(bench);
}
END_TEST

START_TEST(B15a_the_host_tells_the_engine_of_a_lost_connection)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct failover_stack *stack = open_stack(bench);
	struct failover_target target = bench_target(0, 0);

	recorder.answers_at_once = 1;
	failover_register(bench->engine, bench->line, clock_ms);
	failover_dispatch(stack);
	recorder.log[0] = '\0';
	ck_assert(FAILOVER_HOST_HAS(recorder.host, lost));
	recorder.host->lost(recorder.host->ctx, bench->line, &target);
	failover_handle_timeout(bench->engine, clock_ms);
	failover_dispatch(stack);
	ck_assert_str_eq(recorder.log,
			 "connection-lost attempt send0 response registered response1 reports1 ");
	failover_stack_close(stack);
	bench_free(bench);
}
END_TEST

/* ---- texts -------------------------------------------------------------------------------- */

START_TEST(targets_parse_and_print)
{
	struct failover_target target = { .registrar = 1, .hop = 2 };
	char text[80];

	ck_assert_int_eq(failover_target_set(&target, "192.0.2.7", 5062, FAILOVER_TCP), 0);
	ck_assert_str_eq(failover_target_text(&target, text, sizeof(text)),
			 "192.0.2.7:5062;transport=tcp");
	ck_assert_uint_eq(target.registrar, 1);
	ck_assert_int_eq(failover_target_set(&target, "2001:db8::1", 5061, FAILOVER_TLS), 0);
	ck_assert_str_eq(failover_target_text(&target, text, sizeof(text)),
			 "[2001:db8::1]:5061;transport=tls");
	ck_assert_int_eq(failover_target_set(&target, "fe80::1%1", 5060, FAILOVER_UDP), 0);
	ck_assert_uint_eq(target.scope_id, 1);
	ck_assert_int_eq(failover_target_set(&target, "example.net", 5060, FAILOVER_UDP),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_target_set(&target, "192.0.2.7", 65536, FAILOVER_UDP),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_target_set(&target, "192.0.2.7", 5060, 2), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_target_set(&target, "fe80::1%no-such-if", 1, 0),
			 FAILOVER_ERR_ARGUMENT);
}
END_TEST

static const struct {
	uint32_t kind, reason, flags, status;
	const char *text;
} sentences[] = {
	{ FAILOVER_EVENT_ATTEMPT, 0, FAILOVER_ATTEMPT_LAST, 0,
	  "REGISTER to 192.0.2.1:5060;transport=udp (last target)" },
	{ FAILOVER_EVENT_ATTEMPT, 0, FAILOVER_ATTEMPT_EMERGENCY, 0,
	  "emergency REGISTER to 192.0.2.1:5060;transport=udp" },
	{ FAILOVER_EVENT_ATTEMPT, 0, FAILOVER_ATTEMPT_PROBE, 0,
	  "probe REGISTER to 192.0.2.1:5060;transport=udp" },
	{ FAILOVER_EVENT_RESPONSE, 0, 0, 200,
	  "192.0.2.1:5060;transport=udp answers 200 to REGISTER" },
	{ FAILOVER_EVENT_UNAVAILABLE, FAILOVER_REASON_NO_ANSWER, 0, 0,
	  "192.0.2.1:5060;transport=udp has not answered 3 x REGISTER in 3.500 s" },
	{ FAILOVER_EVENT_UNAVAILABLE, FAILOVER_REASON_STATUS, 0, 503,
	  "192.0.2.1:5060;transport=udp is unavailable for REGISTER: status-503" },
	{ FAILOVER_EVENT_REGISTERED, 0, 0, 0,
	  "registered at 192.0.2.1:5060;transport=udp for 30 s" },
	{ FAILOVER_EVENT_UNREGISTERED, 0, 0, 0, "not registered any more, as asked" },
	{ FAILOVER_EVENT_UNREGISTERED, FAILOVER_REASON_ICMP, 0, 0,
	  "not registered: icmp; next try in 30 s" },
	{ FAILOVER_EVENT_MOVED, 0, 0, 0,
	  "failover: moved from 192.0.2.2:5060;transport=udp to "
	  "192.0.2.1:5060;transport=udp by REGISTER" },
	{ FAILOVER_EVENT_REQUEST_FAILED, 0, 0, 0,
	  "REGISTER has failed: 192.0.2.1:5060;transport=udp no-answer, "
	  "192.0.2.2:5060;transport=udp status-503" },
	{ FAILOVER_EVENT_PROBE_FAILED, FAILOVER_REASON_TLS, 0, 0,
	  "192.0.2.1:5060;transport=udp is not back yet: tls" },
	{ FAILOVER_EVENT_GIVEN_UP, 0, 0, 0, "REGISTER given up" },
	{ FAILOVER_EVENT_CONNECTION_LOST, 0, 0, 0,
	  "the connection to 192.0.2.1:5060;transport=udp is gone: registering anew in "
	  "30 s" },
	{ FAILOVER_EVENT_NO_OPTIONS, 0, 0, 0,
	  "192.0.2.1:5060;transport=udp answers no OPTIONS: kept alive by CRLF, and by "
	  "REGISTER every 30 s" },
	{ FAILOVER_EVENT_MOVE_HELD, 0, 0, 0,
	  "many lines move: REGISTER goes to 192.0.2.1:5060;transport=udp when its turn "
	  "comes, in 30 s" },
	{ FAILOVER_EVENT_PROBE_GOOD, 0, 0, 0,
	  "192.0.2.1:5060;transport=udp is well, and has to be for longer: probed again in "
	  "30 s" },
	{ FAILOVER_EVENT_UNREGISTERED, FAILOVER_REASON_LOCAL, 0, 0,
	  "not registered: local; next try in 30 s" },
	{ FAILOVER_EVENT_BAD_ANSWER, FAILOVER_REASON_BAD_ANSWER, 0, 0,
	  "an answer of 192.0.2.1:5060;transport=udp to REGISTER cannot be read (CSeq): "
	  "SIP/2.0 200 OK" },
};

START_TEST(B20_every_event_is_a_sentence)
{
	struct failover_attempt_report reports[2] = {
		{ bench_target(0, 0), FAILOVER_REASON_NO_ANSWER, 0 },
		{ bench_target(1, 0), FAILOVER_REASON_STATUS, 503 },
	};
	struct failover_event event = { .target = bench_target(0, 0),
					.from = bench_target(1, 0),
					.method = FAILOVER_REGISTER,
					.transmissions = 3,
					.elapsed_ms = 3500,
					.seconds = 30,
					.direction = FAILOVER_FAILOVER,
					.reports = reports,
					.reports_count = 2,
					.first_line = "SIP/2.0 200 OK",
					.why = "CSeq" };
	char text[400];

	for (unsigned i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		event.kind = sentences[i].kind;
		event.reason = sentences[i].reason;
		event.flags = sentences[i].flags;
		event.status = sentences[i].status;
		ck_assert_int_gt(failover_event_text(&event, text, sizeof(text)), 0);
		ck_assert_str_eq(text, sentences[i].text);
		ck_assert_int_gt(failover_event_text(&event, text, 10), 9); /* cut, not overrun */
		ck_assert_uint_lt(strlen(text), 10);
	}
}
END_TEST

START_TEST(B4_a_transport_that_the_stack_lacks_is_a_sentence)
{
	struct failover_event event = { .size = sizeof(event),
					.kind = FAILOVER_EVENT_UNAVAILABLE,
					.method = FAILOVER_INVITE,
					.reason = FAILOVER_REASON_UNSUPPORTED };
	char text[160];

	ck_assert_int_eq(failover_target_set(&event.target, "192.0.2.1", 5060, FAILOVER_TCP), 0);
	failover_event_text(&event, text, sizeof(text));
	ck_assert_str_eq(text, "192.0.2.1:5060;transport=tcp cannot be sent INVITE: the stack "
			       "lacks its transport or address family");
}
END_TEST

START_TEST(every_error_has_a_text)
{
	int error;

	for (error = FAILOVER_ERR_LIMIT; error <= 0; error++)
		ck_assert_str_ne(failover_strerror(error), "unknown error");
	ck_assert_str_eq(failover_strerror(-99), "unknown error");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host");
	TCase *tcase = tcase_create("host");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, dispatch_hands_each_output_to_its_hook_in_order);
	tcase_add_loop_test(tcase, B4_a_send_that_finds_no_way_to_the_target_is_unreachable, 0, 2);
	tcase_add_loop_test(
		tcase, B4_a_send_that_fails_by_itself_fails_the_request_and_blames_nobody, 0, 4);
	tcase_add_test(tcase, B15a_the_host_tells_the_engine_of_a_lost_connection);
	tcase_add_test(tcase, B24c_the_host_tells_the_engine_of_a_binding_that_leads_nowhere);
	tcase_add_test(tcase, targets_parse_and_print);
	tcase_add_test(tcase, B20_every_event_is_a_sentence);
	tcase_add_test(tcase, B4_a_transport_that_the_stack_lacks_is_a_sentence);
	tcase_add_test(tcase, every_error_has_a_text);
	return bench_main(suite);
}
