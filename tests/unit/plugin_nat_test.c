/* SPDX-License-Identifier: MIT */
/* plugin_nat_test.c - the address that the server has seen us at (B24c). */
#include "plugin_bench.h"

/* Answer with these parameters in the place of rport. */
static void answer_seen(struct bench *bench, int peer, const char *request, const char *status_line,
			const char *seen)
{
	char changed[BENCH_TEXT];
	const char *rport = strstr(request, ";rport");

	ck_assert_ptr_nonnull(rport);
	snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(rport - request), request, seen,
		 rport + 6);
	peer_answer(bench, peer, changed, status_line, "");
}

static void ask(struct bench *bench, uint32_t method, int peer, uint64_t id, const char *seen)
{
	struct failover_attempt attempt = bench_attempt(bench, method, peer, id);
	char text[BENCH_TEXT];

	bench_send(bench, &attempt);
	peer_expect(bench, peer, "", text);
	answer_seen(bench, peer, text, "200 OK", seen);
	ck_assert_uint_eq(bench_last(bench)->attempt, id);
}

START_TEST(B24c_another_port_or_address_makes_the_line_register)
{
	static const char *const moves[] = {
		";received=192.0.2.7;rport=40002", ";received=192.0.2.8;rport=40002",
		";rport=40002", /* from here without a NAT: our own address */
	};
	struct bench bench;
	unsigned i;

	bench_open(&bench);
	ask(&bench, FAILOVER_REGISTER, 0, 1, ";received=192.0.2.7;rport=40001");
	ask(&bench, FAILOVER_OPTIONS, 0, 2, ";received=192.0.2.7;rport=40001");
	ck_assert_uint_eq(bench.lost, 0);
	for (i = 0; i < 3; i++) {
		ask(&bench, FAILOVER_OPTIONS, 0, 3 + i, moves[i]);
		ck_assert_uint_eq(bench.lost, i + 1);
		ck_assert_uint_eq(bench.lost_target.port, bench.peers[0].target.port);
	}
	ask(&bench, FAILOVER_OPTIONS, 0, 9, moves[2]); /* it is known */
	ck_assert_uint_eq(bench.lost, 3);
	bench_close(&bench);
}
END_TEST

START_TEST(B24c_a_registration_tells_where_it_is)
{
	struct bench bench;

	bench_open(&bench);
	ask(&bench, FAILOVER_REGISTER, 0, 1, ";received=192.0.2.7;rport=40001");
	ask(&bench, FAILOVER_REGISTER, 0, 2, ";received=192.0.2.7;rport=40002");
	ask(&bench, FAILOVER_OPTIONS, 0, 3, ";received=192.0.2.7;rport=40002");
	ck_assert_uint_eq(bench.lost, 0);
	bench_identity(&bench, "other", NULL); /* a changed configuration */
	ask(&bench, FAILOVER_OPTIONS, 0, 4, ";received=192.0.2.7;rport=40003");
	ck_assert_uint_eq(bench.lost, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B24c_what_says_nothing_changes_nothing)
{
	struct bench bench;

	bench_open(&bench);
	ask(&bench, FAILOVER_OPTIONS, 0, 1, ";received=192.0.2.7;rport=40001"); /* not registered */
	ask(&bench, FAILOVER_REGISTER, 0, 2, ";received=192.0.2.7;rport=40001");
	ask(&bench, FAILOVER_OPTIONS, 1, 3, ";received=192.0.2.9;rport=4"); /* another way out */
	ask(&bench, FAILOVER_OPTIONS, 0, 4, "");
	ask(&bench, FAILOVER_OPTIONS, 0, 5, ";rport");
	ask(&bench, FAILOVER_OPTIONS, 0, 6, ";received=nonsense;rport=40001");
	ck_assert_uint_eq(bench.lost, 0);
	bench_close(&bench);
}
END_TEST

static unsigned refreshed;

static void host_refresh(void *ctx, uint32_t line, const struct failover_target *target)
{
	struct bench *bench = ctx;

	ck_assert_uint_eq(line, 1);
	ck_assert_uint_eq(target->port, bench->peers[0].target.port);
	refreshed++;
}

START_TEST(B24c_a_host_that_knows_a_refresh_hears_of_no_lost_connection)
{
	struct bench bench;

	bench_open(&bench);
	bench.host.refresh = host_refresh;
	ask(&bench, FAILOVER_REGISTER, 0, 1, ";received=192.0.2.7;rport=40001");
	ask(&bench, FAILOVER_OPTIONS, 0, 2, ";received=192.0.2.7;rport=40002");
	ck_assert_uint_eq(refreshed, 1);
	ck_assert_uint_eq(bench.lost, 0);
	bench_close(&bench);
}
END_TEST

/* The server answers no OPTIONS, and the core says so with the REGISTER. */
START_TEST(B24c_crlf_keeps_the_way_open_when_the_core_asks_for_it)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];
	uint32_t flags;

	bench_open(&bench);
	bench.keepalive_s = 20;
	bench.keepalive_options = 1;
	bench_identity(&bench, "secret", NULL);
	for (flags = FAILOVER_ATTEMPT_CRLF;; flags = 0) {
		attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
		attempt.flags = flags;
		bench_send(&bench, &attempt);
		peer_expect(&bench, 0, "REGISTER", text);
		answer_seen(&bench, 0, text, "200 OK", "");
		bench_advance(&bench, 20000);
		if (!flags)
			break;
		peer_expect(&bench, 0, "\r\n\r\n", text);
	}
	peer_expect_none(&bench, 0); /* it answers again */
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B24c_another_port_or_address_makes_the_line_register);
	tcase_add_test(tcase, B24c_a_registration_tells_where_it_is);
	tcase_add_test(tcase, B24c_what_says_nothing_changes_nothing);
	tcase_add_test(tcase, B24c_a_host_that_knows_a_refresh_hears_of_no_lost_connection);
	tcase_add_test(tcase, B24c_crlf_keeps_the_way_open_when_the_core_asks_for_it);
}

int main(void)
{
	return bench_main("nat", add);
}
