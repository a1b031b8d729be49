/* SPDX-License-Identifier: MIT */
/*
 * hooks_test.c - whole failover stories through the host layer on a clock of the test's own; the
 * n-th hook call fails, for every n and every pair. Each request still ends exactly once (B18).
 */
#include <stdlib.h>
#include <string.h>
#include "tests/torture/failing_memory.h"
#include "tests/unit/bench.h"

#define REQUESTS 16
#define ATTEMPTS 256

enum trouble {
	SEND_FAILS,	   /* a negative error */
	SEND_FAILS_LOUDLY, /* it reports the reason first */
	ANSWERS_INSIDE,	   /* the final answer comes inside the hook */
	FAILS_INSIDE,	   /* unreachable inside the hook, and 0 */
	SUBMITS_INSIDE,	   /* the hook asks for another request */
	TROUBLES
};

/* A fake stack: who answers what is a table of the story. */
struct fake {
	const struct failover_host *host;
	struct failover_engine *engine;
	struct failover_stack *stack;
	uint32_t line;
	uint64_t now;
	unsigned calls, fail_at, fail_too; /* counted hook calls; the ones with trouble */
	enum trouble trouble;
	uint32_t status[3];	    /* of the targets; 0 = silent */
	uint64_t waiting[ATTEMPTS]; /* attempts to be answered */
	uint32_t waiting_status[ATTEMPTS];
	unsigned waiting_count, submitted, results, ended[REQUESTS + 1];
};

static struct fake fake;

static int in_trouble(void)
{
	fake.calls++;
	return fake.calls == fake.fail_at || fake.calls == fake.fail_too;
}

static uint64_t fake_now(void *user)
{
	(void)user;
	return fake.now;
}

static uint64_t submit(uint32_t method)
{
	struct failover_request_params params = { .size = sizeof(params), .method = method };
	uint64_t request = 0;

	params.cookie = fake.submitted + 1;
	if (fake.submitted < REQUESTS &&
	    failover_submit(fake.engine, fake.line, &params, fake.now, &request) == 0)
		fake.submitted++;
	return request;
}

static void answer(uint64_t attempt, uint32_t status)
{
	struct failover_answer is = { .size = sizeof(is), .status = status };

	is.expires_s = status == 200 ? 120 : 0;
	fake.host->response(fake.host->ctx, attempt, &is);
}

static int fake_open(const struct failover_host *host, const struct failover_open_params *params,
		     void **inst)
{
	(void)params;
	if (in_trouble())
		return FAILOVER_ERR_IO;
	fake.host = host;
	*inst = &fake;
	return 0;
}

static void fake_close(void *inst)
{
	(void)inst;
}

static int trouble_of(uint64_t id)
{
	switch (fake.trouble) {
	case SEND_FAILS:
		return FAILOVER_ERR_IO;
	case SEND_FAILS_LOUDLY:
		fake.host->unreachable(fake.host->ctx, id, FAILOVER_REASON_REFUSED);
		return FAILOVER_ERR_IO;
	case ANSWERS_INSIDE:
		answer(id, 486);
		break;
	case FAILS_INSIDE:
		fake.host->unreachable(fake.host->ctx, id, FAILOVER_REASON_RESET);
		break;
	case SUBMITS_INSIDE:
		submit(FAILOVER_OPTIONS);
		ck_assert_int_eq(failover_dispatch(fake.stack), 0);
		break;
	case TROUBLES:
		break;
	}
	return 0;
}

static int fake_send(void *inst, const struct failover_attempt *attempt)
{
	uint32_t status = fake.status[bench_number(&attempt->target)];

	ck_assert_ptr_eq(inst, &fake);
	if (in_trouble())
		return trouble_of(attempt->id);
	ck_assert_uint_lt(fake.waiting_count, ATTEMPTS);
	if (!status)
		return 0;
	fake.waiting[fake.waiting_count] = attempt->id;
	fake.waiting_status[fake.waiting_count++] = status;
	return 0;
}

static int fake_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	ck_assert_ptr_eq(inst, &fake);
	ck_assert_uint_ne(reason, 0);
	if (!in_trouble())
		return 0;
	answer(attempt, 200); /* too late, from inside */
	return 1;	      /* cannot stop */
}

static void fake_response(void *inst, const struct failover_result *result)
{
	ck_assert_ptr_eq(inst, &fake);
	if (result->cookie) {
		ck_assert_uint_le(result->cookie, REQUESTS);
		fake.ended[result->cookie]++;
		fake.results++;
	}
	if (in_trouble()) {
		failover_give_up(fake.engine, result->request, fake.now);
		failover_register(fake.engine, fake.line, fake.now);
	}
}

static const struct failover_plugin plugin = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(plugin),
	.id = "fake",
	.version = "1",
	.stack = "none",
	.license = "MIT",
	.open = fake_open,
	.close = fake_close,
	.send = fake_send,
	.timeout = fake_timeout,
	.response = fake_response,
};

/* Let the stack answer, and time pass. */
static void run(uint64_t ms)
{
	uint64_t end = fake.now + ms, next;
	unsigned turns = 0;

	for (;;) {
		failover_dispatch(fake.stack);
		while (fake.waiting_count) {
			fake.waiting_count--;
			answer(fake.waiting[fake.waiting_count],
			       fake.waiting_status[fake.waiting_count]);
			failover_dispatch(fake.stack);
			ck_assert_uint_lt(++turns, 10000);
		}
		next = failover_next_deadline(fake.engine);
		ck_assert_uint_ge(next, fake.now);
		if (next > end)
			break;
		fake.now = next;
		failover_handle_timeout(fake.engine, fake.now);
		ck_assert_uint_lt(++turns, 10000);
	}
	fake.now = end;
}

/* Register, the primary dies, calls, failover, failback, the backup dies in a call, all die. */
static void story(void)
{
	uint64_t request;

	failover_register(fake.engine, fake.line, fake.now);
	run(1000);
	fake.status[0] = 0;
	submit(FAILOVER_INVITE);
	submit(FAILOVER_OPTIONS);
	run(20000);
	request = submit(FAILOVER_BYE);
	run(100);
	failover_give_up(fake.engine, request, fake.now);
	fake.status[1] = 503;
	submit(FAILOVER_INVITE);
	run(200000);
	fake.status[0] = fake.status[1] = 200;
	run(2000000);
	memset(fake.status, 0, sizeof(fake.status));
	request = submit(FAILOVER_INVITE);
	run(5000);
	failover_give_up(fake.engine, request, fake.now);
	submit(FAILOVER_BYE);
	submit(FAILOVER_OTHER);
	failover_network_changed(fake.engine, fake.now);
	run(300000);
	failover_unregister(fake.engine, fake.line, fake.now);
	run(100000);
}

static int tell(enum trouble trouble, unsigned fail_at, unsigned fail_too)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "011");
	struct failover_stack_params params = { .size = sizeof(params),
						.engine = bench->engine,
						.now = fake_now };
	struct failover_line_state state;
	unsigned i;
	int error;

	fake = (struct fake){ .engine = bench->engine,
			      .line = bench->line,
			      .now = bench->now,
			      .trouble = trouble,
			      .fail_at = fail_at,
			      .fail_too = fail_too,
			      .status = { 200, 200, 200 } };
	error = failover_stack_open(&plugin, &params, &fake.stack);
	if (!error) {
		story();
		state = bench_state(bench);
		ck_assert_uint_eq(state.requests, 0);
		ck_assert_uint_eq(fake.results, fake.submitted);
		for (i = 1; i <= fake.submitted; i++)
			ck_assert_uint_eq(fake.ended[i], 1);
		ck_assert_uint_ge(fake.submitted, 7);
	}
	failover_stack_close(error ? NULL : fake.stack);
	bench_free(bench);
	return error;
}

START_TEST(B18_each_hook_call_fails_once)
{
	unsigned calls, n;

	ck_assert_int_eq(tell((enum trouble)_i, 0, 0), 0);
	calls = fake.calls;
	ck_assert_uint_gt(calls, 30);
	ck_assert_int_eq(tell((enum trouble)_i, 1, 0), FAILOVER_ERR_IO); /* open */
	for (n = 2; n <= calls; n++)
		ck_assert_int_eq(tell((enum trouble)_i, n, 0), 0);
}
END_TEST

START_TEST(B18_each_pair_of_hook_calls_fails)
{
	unsigned calls, n, m;

	ck_assert_int_eq(tell((enum trouble)_i, 0, 0), 0);
	calls = fake.calls;
	for (n = 2; n <= calls; n++)
		for (m = n + 1; m <= calls; m += 3)
			ck_assert_int_eq(tell((enum trouble)_i, n, m), 0);
}
END_TEST

/* The host layer's own memory. */
START_TEST(stack_open_with_each_allocation_failing)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "0");
	struct failover_stack_params params = { .size = sizeof(params), .engine = bench->engine };
	unsigned long made, n = 0;
	int error;

	fake = (struct fake){ .engine = bench->engine };
	do {
		failing_memory_arm(++n);
		error = failover_stack_open(&plugin, &params, &fake.stack);
		made = failing_memory_disarm();
		ck_assert_int_eq(error, n <= made ? FAILOVER_ERR_MEMORY : FAILOVER_OK);
	} while (n <= made);
	ck_assert_uint_gt(n, 1);
	failover_stack_close(fake.stack);
	bench_free(bench);
}
END_TEST

/* The core's reconfiguration: on failure nothing at all has changed, and it can be done again. */
START_TEST(B19_update_with_each_allocation_failing_changes_nothing)
{
	struct failover_line_settings settings = bench_settings();
	struct failover_target targets[2] = { bench_target(7, 0), bench_target(8, 0) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = settings };
	struct bench *bench = bench_one(&settings, "00");
	struct failover_line_state before, after;
	struct failover_statistics was, is;
	struct failover_target list[2];
	int error;

	bench_register(bench);
	params.settings.failback_interval_s = 77;
	before = bench_state(bench);
	failover_engine_statistics(bench->engine, &was);
	bench->fail_at = bench->allocations + 1;
	error = failover_line_update(bench->engine, bench->line, &params, bench->now);
	ck_assert_int_eq(error, FAILOVER_ERR_MEMORY);
	after = bench_state(bench);
	failover_engine_statistics(bench->engine, &is);
	ck_assert_mem_eq(&before, &after, sizeof(before));
	ck_assert_mem_eq(&was, &is, sizeof(was));
	ck_assert_int_eq(failover_line_list(bench->engine, bench->line, list, 2), 2);
	ck_assert_uint_eq(bench_number(&list[0]), 0);
	bench_drain(bench);
	ck_assert_uint_eq(bench->count, 0);
	error = failover_line_update(bench->engine, bench->line, &params, bench->now);
	ck_assert_int_eq(error, 0);
	bench_drain(bench);
	bench_expect(bench, 0, FAILOVER_REGISTER, 7, bench->now);
	bench_free(bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hooks");
	TCase *tcase = tcase_create("hooks");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 600);
	tcase_add_loop_test(tcase, B18_each_hook_call_fails_once, 0, TROUBLES);
	tcase_add_loop_test(tcase, B18_each_pair_of_hook_calls_fails, 0, TROUBLES);
	tcase_add_test(tcase, stack_open_with_each_allocation_failing);
	tcase_add_test(tcase, B19_update_with_each_allocation_failing_changes_nothing);
	return bench_main(suite);
}
