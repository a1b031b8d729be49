/* SPDX-License-Identifier: MIT */
/* plugin_memory_test.c - the n-th allocation of the plugin fails, for every n. Those of its stack
 * do not: libosip2 leaves out of a message what it has no memory for, and fails over that later. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include "tests/torture/failing_memory.h"
#include "tests/unit/plugin_wire.h"

static struct bench bench;

static const struct failover_registrar_identity registrar = {
	.size = sizeof(registrar),
	.address = "other.example",
};

static struct failover_line_identity identity_of(uint32_t line)
{
	return (struct failover_line_identity){
		.size = sizeof(struct failover_line_identity),
		.line = line,
		.user = "1002",
		.display_name = "Somebody",
		.domain = "other.example",
		.auth_user = "1002",
		.auth_password = "other",
		.registrars = &registrar,
		.registrars_count = 1,
	};
}

START_TEST(open_with_each_allocation_failing)
{
	struct failover_open_params params = { .size = sizeof(params) };
	unsigned long made, n = 0;
	void *inst;
	int error;

	bench_open(&bench);
	do {
		inst = NULL;
		failing_memory_arm(++n);
		error = bench_plugin()->open(&bench.host, &params, &inst);
		made = failing_memory_disarm();
		ck_assert_int_le(error, 0);
		if (!error)
			bench_plugin()->close(inst);
	} while (n <= made);
	ck_assert_int_eq(error, 0);
	ck_assert_uint_gt(n, 5);
	bench_close(&bench);
}
END_TEST

/* A new line, then another identity of a known one: on failure the old one serves on. */
START_TEST(line_set_with_each_allocation_failing)
{
	struct failover_line_identity identity = identity_of(_i ? 1 : 2);
	struct failover_attempt attempt;
	unsigned long made, n = 0;
	char text[BENCH_TEXT];
	int error;

	do {
		bench_open(&bench);
		failing_memory_arm(++n);
		error = bench.lines->line_set(bench.inst, &identity);
		made = failing_memory_disarm();
		ck_assert_int_eq(error, n <= made ? FAILOVER_ERR_MEMORY : FAILOVER_OK);
		attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
		bench_send(&bench, &attempt);
		peer_expect(&bench, 0, "REGISTER ", text);
		ck_assert_ptr_nonnull(strstr(text, _i && !error ? "1002" : "1001"));
		bench_close(&bench);
	} while (n <= made);
	ck_assert_uint_gt(n, 1);
}
END_TEST

static const uint32_t methods[] = { FAILOVER_REGISTER, FAILOVER_INVITE, FAILOVER_OPTIONS };
static const char *const starts[] = { "REGISTER ", "INVITE ", "OPTIONS " };

static struct failover_attempt attempt_of(uint32_t method, uint64_t id)
{
	struct failover_attempt attempt = bench_attempt(&bench, method, 0, id);

	if (method == FAILOVER_INVITE)
		ck_assert_int_eq(
			bench.calls->call_new(bench.inst, 1, "1002", NULL, &attempt.cookie), 0);
	return attempt;
}

/* The attempt starts, or is refused and nothing of it is left: it can be made again. */
START_TEST(send_with_each_allocation_failing)
{
	struct failover_attempt attempt;
	unsigned long made, n = 0, refused = 0;
	char text[BENCH_TEXT];
	int error;

	do {
		bench_open(&bench);
		attempt = attempt_of(methods[_i], 1);
		failing_memory_arm(++n);
		error = bench_try(&bench, &attempt);
		made = failing_memory_disarm();
		ck_assert_int_le(error, 0);
		refused += error != 0;
		if (error) {
			peer_expect_none(&bench, 0);
			attempt.id = 2;
			bench_send(&bench, &attempt);
		}
		peer_expect(&bench, 0, starts[_i], text);
		bench_close(&bench);
	} while (n <= made);
	ck_assert_int_eq(error, 0);
	ck_assert_uint_ge(refused, 2);
}
END_TEST

static uint32_t quiet_response(void *ctx, uint64_t attempt, const struct failover_answer *answer)
{
	(void)ctx, (void)attempt, (void)answer;
	return FAILOVER_VERDICT_KEEP;
}

/* The plugin reads what has come, with the n-th allocation failing. Check's own allocations come
 * through here, too, so nothing is asserted meanwhile. */
static unsigned long read_failing(const char *text, unsigned long n)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(bench.local.port) };
	struct failover_io_fd fds[BENCH_FDS];
	struct pollfd wait;
	uint32_t count = bench.io->fds(bench.inst, fds, BENCH_FDS);

	memcpy(&to.sin_addr, bench.local.address, 4);
	ck_assert_int_eq(sendto(bench.peers[0].fd, text, strlen(text), 0, (struct sockaddr *)&to,
				sizeof(to)),
			 (int)strlen(text));
	wait = (struct pollfd){ .fd = fds[0].fd, .events = POLLIN };
	ck_assert_int_eq(poll(&wait, 1, 1000), 1);
	fds[0].events = FAILOVER_IO_READ;
	ck_assert_uint_ge(count, 1);
	bench.host.response = quiet_response;
	failing_memory_arm(n);
	bench.io->process(bench.inst, fds, 1);
	return failing_memory_disarm();
}

#define ANSWERS 5
static const char *const answers[ANSWERS] = { "401 Unauthorized", "200 OK", "486 Busy Here",
					      "503 Service Unavailable", "302 Moved Temporarily" };

/* A challenge or a final answer comes in while memory is short: it is reported, or the request goes
 * on; the plugin stays whole and sends the next request. */
START_TEST(response_with_each_allocation_failing)
{
	struct failover_attempt attempt;
	unsigned long made, n = 0;
	char text[BENCH_TEXT], response[BENCH_TEXT];

	do {
		bench_open(&bench);
		attempt = attempt_of(_i < ANSWERS ? FAILOVER_REGISTER : FAILOVER_INVITE, 1);
		bench_send(&bench, &attempt);
		peer_expect(&bench, 0, _i < ANSWERS ? "REGISTER " : "INVITE ", text);
		wire_response(text, answers[_i % ANSWERS],
			      _i % ANSWERS
				      ? "Contact: <sip:1002@127.0.0.9>\r\n"
				      : "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n",
			      response);
		made = read_failing(response, ++n);
		bench_pump(&bench);
		bench_advance(&bench, 40000);
		attempt = bench_attempt(&bench, FAILOVER_REGISTER, 1, 2);
		attempt.request = 200;
		bench_send(&bench, &attempt);
		peer_expect(&bench, 1, "REGISTER ", text);
		bench_close(&bench);
	} while (n <= made);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, open_with_each_allocation_failing);
	tcase_add_loop_test(tcase, line_set_with_each_allocation_failing, 0, 2);
	tcase_add_loop_test(tcase, send_with_each_allocation_failing, 0, 3);
	tcase_add_loop_test(tcase, response_with_each_allocation_failing, 0, 2 * ANSWERS);
}

int main(void)
{
	return bench_main("memory", add);
}
