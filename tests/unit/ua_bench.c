/* SPDX-License-Identifier: MIT */
/* ua_bench.c - see ua_bench.h. */
#include "ua_bench.h"

/* ---- host --------------------------------------------------------------------------------- */

static uint64_t host_now(void *ctx)
{
	return ((struct bench *)ctx)->now;
}

static void host_sent(void *ctx, uint64_t attempt)
{
	(void)attempt;
	((struct bench *)ctx)->sent++;
}

static uint32_t host_response(void *ctx, uint64_t attempt, const struct failover_answer *answer)
{
	struct bench *bench = ctx;

	(void)attempt;
	bench->answers++;
	bench->status = answer->status;
	bench->expires_s = answer->expires_s;
	return bench->verdict;
}

static void host_unreachable(void *ctx, uint64_t attempt, uint32_t reason)
{
	(void)attempt, (void)reason;
	((struct bench *)ctx)->unreachable++;
}

static int host_random(void *ctx, void *bytes, size_t count)
{
	static unsigned char next;
	unsigned char *to = bytes;

	(void)ctx;
	while (count--)
		*to++ = next++;
	return 0;
}

/* ---- stack -------------------------------------------------------------------------------- */

static int stack_local(struct ua *ua, const struct failover_target *target,
		       struct failover_target *out)
{
	*out = REGISTRAR;
	out->address[3] = bench_of(ua)->host_byte;
	out->transport = target->transport;
	return 0;
}

static int stack_send(struct ua *ua, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	struct bench *bench = bench_of(ua);

	ck_assert_uint_eq(target->port, 5060);
	ck_assert_uint_lt(count, sizeof(bench->text));
	if (bench->send_error)
		return bench->send_error;
	memcpy(bench->text, bytes, count);
	bench->text[count] = '\0';
	bench->packets++;
	return 0;
}

static int stack_start(struct ua_client *client)
{
	struct bench *bench = bench_of(client->ua);

	if (bench->own_branch[0])
		ua_client_set_branch(client, bench->own_branch);
	if (!bench->own_timers)
		return ua_transaction_start(client);
	client->stack_timers = 1;
	ua_client_sent(client);
	return 0;
}

static int stack_stop(struct ua_client *client)
{
	struct bench *bench = bench_of(client->ua);

	bench->stopped++;
	return bench->stop_answer;
}

static void stack_quiet(struct ua_client *client)
{
	bench_of(client->ua)->quieted++;
}

static const struct ua_stack stack = {
	.name = "bench",
	.client_size = sizeof(struct ua_client),
	.local = stack_local,
	.send = stack_send,
	.start = stack_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.stop = stack_stop,
	.quiet = stack_quiet,
};

/* ---- bench -------------------------------------------------------------------------------- */

void bench_open(struct bench *bench)
{
	const struct failover_ext_line *lines = ua_extension(FAILOVER_EXT_LINE);
	struct failover_open_params params = { .size = sizeof(params) };
	struct failover_registrar_identity registrar = { .size = sizeof(registrar),
							 .address = "192.0.2.1" };
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .line = 1,
						   .user = "u",
						   .auth_user = "u",
						   .auth_password = "p",
						   .registrars = &registrar,
						   .registrars_count = 1 };

	memset(bench, 0, sizeof(*bench));
	bench->now = 1000;
	bench->host_byte = 99;
	bench->host = (struct failover_host){ .size = sizeof(bench->host),
					      .ctx = bench,
					      .now = host_now,
					      .sent = host_sent,
					      .response = host_response,
					      .unreachable = host_unreachable,
					      .random = host_random };
	ck_assert_int_eq(ua_init(&bench->ua, &stack, &bench->host, &params), 0);
	ck_assert_int_eq(lines->line_set(&bench->ua, &identity), 0);
}

void bench_close(struct bench *bench)
{
	ua_end(&bench->ua);
	ua_clear(&bench->ua);
}

struct failover_attempt attempt_of(uint32_t method, uint64_t cookie)
{
	return (struct failover_attempt){ .size = sizeof(struct failover_attempt),
					  .line = 1,
					  .id = 7,
					  .request = 100,
					  .cookie = cookie,
					  .target = REGISTRAR,
					  .method = method,
					  .dialog = 1,
					  .expires_s = 3600,
					  .transmissions = 3,
					  .budget_ms = 3500,
					  .t1_ms = 500,
					  .t2_ms = 4000,
					  .t4_ms = 5000 };
}

void start(struct bench *bench, uint32_t method, uint64_t cookie)
{
	struct failover_attempt attempt = attempt_of(method, cookie);

	ck_assert_int_eq(ua_send(&bench->ua, &attempt), 0);
}

void start_invite(struct bench *bench)
{
	const struct failover_ext_call *calls = ua_extension(FAILOVER_EXT_CALL);
	uint64_t call = 0;

	ck_assert_int_eq(calls->call_new(&bench->ua, 1, "1002", NULL, &call), 0);
	start(bench, FAILOVER_INVITE, call);
}

void advance(struct bench *bench, uint64_t ms)
{
	uint64_t until = bench->now + ms, next;

	while ((next = ua_deadline(&bench->ua)) <= until) {
		bench->now = next;
		ua_run_timers(&bench->ua);
	}
	bench->now = until;
}

void part(const char *text, const char *after, const char *end, char out[256])
{
	const char *at = strstr(text, after);

	ck_assert_ptr_nonnull(at);
	at += strlen(after);
	snprintf(out, 256, "%.*s", (int)strcspn(at, end), at);
}

void read_as_response(struct reading *out, const char *request, uint32_t status)
{
	memset(out, 0, sizeof(*out));
	part(request, "branch=", ";\r", out->branch);
	part(request, "Call-ID: ", "\r", out->call_id);
	part(request, "From: ", "\r", out->from);
	part(request, "CSeq: ", " ", out->cseq);
	part(request, "", " ", out->method);
	out->view = (struct ua_view){ .status = status,
				      .cseq = (uint32_t)strtoul(out->cseq, NULL, 10),
				      .method = out->method,
				      .branch = out->branch,
				      .call_id = out->call_id,
				      .from = out->from,
				      .to = "<sip:1002@192.0.2.1>;tag=peer",
				      .to_tag = "peer",
				      .contact = "sip:1002@192.0.2.1:5060",
				      .source = REGISTRAR };
}

void answer(struct bench *bench, const char *request, uint32_t status)
{
	struct reading reading;

	read_as_response(&reading, request, status);
	ua_response(&bench->ua, &reading.view);
}

int bench_main(const char *name, void (*add)(TCase *))
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	add(tcase);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
