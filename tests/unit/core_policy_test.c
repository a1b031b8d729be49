/* SPDX-License-Identifier: MIT */
/* core_policy_test.c - the rows of core/policy.c against the rules, written out a second time. */
#include "bench.h"
#include "../../libfailover/core/policy.h"

START_TEST(B4_causes_that_end_an_attempt)
{
	static const struct {
		enum fo_cause cause;
		unsigned unavailable, transport;
		enum failover_reason reason;
	} rows[FO_CAUSES] = {
		{ FO_CAUSE_STATUS, 1, 0, FAILOVER_REASON_STATUS },
		{ FO_CAUSE_ICMP, 1, 1, FAILOVER_REASON_ICMP },
		{ FO_CAUSE_REFUSED, 1, 1, FAILOVER_REASON_REFUSED },
		{ FO_CAUSE_RESET, 1, 1, FAILOVER_REASON_RESET },
		{ FO_CAUSE_CONNECT_TIMEOUT, 1, 1, FAILOVER_REASON_CONNECT_TIMEOUT },
		{ FO_CAUSE_TLS, 1, 1, FAILOVER_REASON_TLS },
		{ FO_CAUSE_LOCAL, 0, 0, FAILOVER_REASON_LOCAL },
		{ FO_CAUSE_NO_ANSWER, 1, 0, FAILOVER_REASON_NO_ANSWER },
		{ FO_CAUSE_ONLY_TRYING, 1, 0, FAILOVER_REASON_NO_ANSWER },
		{ FO_CAUSE_NO_FINAL, 0, 0, FAILOVER_REASON_NO_ANSWER },
	};
	unsigned i;

	for (i = 0; i < FO_CAUSES; i++) {
		const struct fo_cause_row *row = fo_policy_cause(rows[i].cause);

		ck_assert_int_eq(row->cause, rows[i].cause);
		ck_assert_uint_eq(row->unavailable, rows[i].unavailable);
		ck_assert_uint_eq(row->transport, rows[i].transport);
		ck_assert_int_eq(row->reason, rows[i].reason);
	}
}
END_TEST

START_TEST(B3_budgets)
{
	ck_assert_int_eq(fo_policy_budget(FAILOVER_PROFILE_V3, FO_PLACE_NOT_LAST)->budget,
			 FO_BUDGET_TRANSMISSIONS);
	ck_assert_int_eq(fo_policy_budget(FAILOVER_PROFILE_V3, FO_PLACE_LAST)->budget,
			 FO_BUDGET_64T1);
	ck_assert_int_eq(fo_policy_budget(FAILOVER_PROFILE_V3, FO_PLACE_PROBE)->budget,
			 FO_BUDGET_64T1);
}
END_TEST

START_TEST(B3d_budgets_of_v2)
{
	ck_assert_int_eq(fo_policy_budget(FAILOVER_PROFILE_V2, FO_PLACE_NOT_LAST)->budget,
			 FO_BUDGET_TIME);
	ck_assert_int_eq(fo_policy_budget(FAILOVER_PROFILE_V2, FO_PLACE_LAST)->budget,
			 FO_BUDGET_64T1);
	ck_assert_int_eq(fo_policy_budget(FAILOVER_PROFILE_V2, FO_PLACE_PROBE)->budget,
			 FO_BUDGET_64T1);
}
END_TEST

START_TEST(B5_what_is_sent_when_a_target_is_unavailable)
{
	static const struct {
		enum failover_method method;
		enum fo_action proxy_move, server_move;
		unsigned single_is_last;
	} rows[] = {
		{ FAILOVER_REGISTER, FO_ACTION_SEND, FO_ACTION_SEND, 1 },
		{ FAILOVER_INVITE, FO_ACTION_SEND, FO_ACTION_REGISTER_THEN_SEND, 1 },
		{ FAILOVER_BYE, FO_ACTION_SEND, FO_ACTION_REGISTER_THEN_SEND, 1 },
		{ FAILOVER_OPTIONS, FO_ACTION_FAIL_THEN_REGISTER, FO_ACTION_FAIL_THEN_REGISTER, 0 },
		{ FAILOVER_CANCEL, FO_ACTION_FAIL_THEN_REGISTER, FO_ACTION_FAIL_THEN_REGISTER, 0 },
		{ FAILOVER_OTHER, FO_ACTION_FAIL, FO_ACTION_FAIL, 1 },
	};
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fo_next_row *row = fo_policy_next(rows[i].method);

		ck_assert_int_eq(row->proxy_move, rows[i].proxy_move);
		ck_assert_int_eq(row->server_move, rows[i].server_move);
		ck_assert_uint_eq(row->single_is_last, rows[i].single_is_last);
	}
}
END_TEST

START_TEST(B12_where_a_request_starts)
{
	static const struct {
		enum fo_trigger trigger;
		enum fo_start start, start_signal;
		unsigned ignores_health;
	} rows[FO_TRIGGERS] = {
		{ FO_TRIGGER_MANUAL, FO_START_INDEX0, FO_START_INDEX0, 1 },
		{ FO_TRIGGER_EXPIRY, FO_START_SERVING, FO_START_INDEX0, 0 },
		{ FO_TRIGGER_RETRY, FO_START_INDEX0, FO_START_INDEX0, 0 },
		{ FO_TRIGGER_TIMEOUT, FO_START_SERVING, FO_START_INDEX0, 0 },
		{ FO_TRIGGER_DIAL, FO_START_SERVING, FO_START_INDEX0, 0 },
		{ FO_TRIGGER_HANGUP, FO_START_DIALOG, FO_START_INDEX0, 0 },
		{ FO_TRIGGER_IN_DIALOG, FO_START_DIALOG, FO_START_DIALOG, 0 },
	};
	unsigned i;

	for (i = 0; i < FO_TRIGGERS; i++) {
		const struct fo_start_row *row = fo_policy_start(rows[i].trigger);

		ck_assert_int_eq(row->trigger, rows[i].trigger);
		ck_assert_int_eq(row->start, rows[i].start);
		ck_assert_int_eq(row->start_signal, rows[i].start_signal);
		ck_assert_uint_eq(row->ignores_health, rows[i].ignores_health);
	}
}
END_TEST

START_TEST(B12_which_failures_make_the_line_register)
{
	static const struct {
		enum failover_method method;
		unsigned registers, registers_signal;
	} rows[] = {
		{ FAILOVER_REGISTER, 0, 0 }, { FAILOVER_INVITE, 0, 1 }, { FAILOVER_BYE, 0, 1 },
		{ FAILOVER_OPTIONS, 1, 1 },  { FAILOVER_CANCEL, 1, 1 }, { FAILOVER_OTHER, 0, 0 },
	};
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fo_timeout_row *row = fo_policy_timeout(rows[i].method);

		ck_assert_uint_eq(row->registers, rows[i].registers);
		ck_assert_uint_eq(row->registers_signal, rows[i].registers_signal);
	}
}
END_TEST

START_TEST(B11a_where_probes_of_v3_go)
{
	ck_assert_uint_eq(fo_policy_probe(FAILOVER_PROFILE_V3)->proxy_moves, 1);
	ck_assert_uint_eq(fo_policy_probe(FAILOVER_PROFILE_V3)->server_moves, 1);
	ck_assert_int_eq(fo_policy_has(FAILOVER_PROFILE_V3), 1);
	ck_assert_int_eq(fo_policy_has(FAILOVER_PROFILE_DEFAULT), 1);
	ck_assert_int_eq(fo_policy_has(1), 0);
	ck_assert_int_eq(fo_policy_has(FAILOVER_PROFILE_V3 + 1), 0);
}
END_TEST

START_TEST(B11a_where_probes_of_v2_go)
{
	ck_assert_uint_eq(fo_policy_probe(FAILOVER_PROFILE_V2)->proxy_moves, 0);
	ck_assert_uint_eq(fo_policy_probe(FAILOVER_PROFILE_V2)->server_moves, 1);
	ck_assert_int_eq(fo_policy_has(FAILOVER_PROFILE_V2), 1);
}
END_TEST

START_TEST(B20_every_row_names_its_rule_and_its_source)
{
	struct fo_policy_tables tables;
	size_t rows = 0, i;

	fo_policy_tables(&tables);
#define NAMED(table)                                                                               \
	for (i = 0; i < tables.table##_count; i++, rows++) {                                       \
		ck_assert_int_eq(tables.table[i].rule[0], 'B');                                    \
		ck_assert_int_ne(tables.table[i].source[0], '\0');                                 \
	}
	NAMED(causes)
	NAMED(budgets)
	NAMED(nexts)
	NAMED(starts)
	NAMED(probes)
	NAMED(timeouts)
#undef NAMED
	ck_assert_uint_eq(tables.causes_count, FO_CAUSES);
	ck_assert_uint_eq(tables.nexts_count, 6);
	ck_assert_uint_eq(tables.starts_count, FO_TRIGGERS);
	ck_assert_uint_eq(tables.timeouts_count, 6);
	/* One row of each profile in budgets and probes, and two budgets for all. */
	ck_assert_uint_eq(tables.budgets_count, tables.probes_count + 2);
	ck_assert_uint_eq(rows, FO_CAUSES + 6 + FO_TRIGGERS + 6 + 2 * tables.probes_count + 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_policy");
	TCase *tcase = tcase_create("policy");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, B4_causes_that_end_an_attempt);
	tcase_add_test(tcase, B3_budgets);
	bench_add_v2(tcase, B3d_budgets_of_v2);
	tcase_add_test(tcase, B5_what_is_sent_when_a_target_is_unavailable);
	tcase_add_test(tcase, B12_where_a_request_starts);
	tcase_add_test(tcase, B12_which_failures_make_the_line_register);
	tcase_add_test(tcase, B11a_where_probes_of_v3_go);
	bench_add_v2(tcase, B11a_where_probes_of_v2_go);
	tcase_add_test(tcase, B20_every_row_names_its_rule_and_its_source);
	return bench_main(suite);
}
