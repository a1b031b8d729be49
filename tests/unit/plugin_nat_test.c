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

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B24c_another_port_or_address_makes_the_line_register);
	tcase_add_test(tcase, B24c_a_registration_tells_where_it_is);
	tcase_add_test(tcase, B24c_what_says_nothing_changes_nothing);
}

int main(void)
{
	return bench_main("nat", add);
}
