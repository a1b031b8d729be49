/* SPDX-License-Identifier: MIT */
/* osip2_flow_test.c - connections that a registration or a response needs, and that are gone (RFC
 * 5626 4.2, RFC 3261 18). */
#include "osip2_wire.h"

START_TEST(B15a_the_end_of_an_idle_connection_is_told_to_the_core)
{
	struct bench bench;
	struct wire wire;

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	wire_register(&bench, &wire, 2);       /* a refresh */
	bench_identity(&bench, "other", NULL); /* a changed configuration */
	wire_reset(&wire);
	wire_expect_lost(&bench, &wire, 1);
	bench_turn(&bench, 50);
	ck_assert_uint_eq(bench.lost, 1);
	wire_close(&wire);
	bench_close(&bench);
	ck_assert_uint_eq(bench.lost, 1);
}
END_TEST

START_TEST(B15a_a_connection_over_which_no_line_is_registered_ends_in_silence)
{
	struct bench bench;
	struct wire first, second;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	wire_listen(&first, 11, FAILOVER_TCP);
	wire_listen(&second, 12, FAILOVER_TCP);
	wire_register(&bench, &first, 1);
	wire_register(&bench, &second, 2); /* it has moved */
	wire_reset(&first);
	bench_turn(&bench, 50);
	bench_pump(&bench);
	attempt = wire_attempt(&bench, &second, FAILOVER_REGISTER, 3);
	attempt.expires_s = 0;
	bench_send(&bench, &attempt);
	wire_expect(&bench, &second, "REGISTER", text);
	wire_answer(&bench, &second, text, "200 OK");
	wire_reset(&second);
	bench_turn(&bench, 50);
	bench_pump(&bench);
	ck_assert_uint_eq(bench.lost, 0);
	wire_close(&first);
	wire_close(&second);
	bench_close(&bench);
}
END_TEST

START_TEST(B15a_an_older_host_hears_nothing_of_it)
{
	struct bench bench;
	struct wire wire;

	bench_open(&bench);
	bench.host.size = offsetof(struct failover_host, lost);
	wire_listen(&wire, 11, FAILOVER_TCP);
	wire_register(&bench, &wire, 1);
	wire_reset(&wire);
	bench_turn(&bench, 50);
	bench_pump(&bench);
	ck_assert_uint_eq(bench.lost, 0);
	wire_register(&bench, &wire, 2);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B15a_the_end_of_an_idle_connection_is_told_to_the_core);
	tcase_add_test(tcase, B15a_a_connection_over_which_no_line_is_registered_ends_in_silence);
	tcase_add_test(tcase, B15a_an_older_host_hears_nothing_of_it);
}

int main(void)
{
	return bench_main("osip2_flow", add);
}
