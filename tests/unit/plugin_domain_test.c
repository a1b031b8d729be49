/* SPDX-License-Identifier: MIT */
/* plugin_domain_test.c - another registrar is another host (B23): what Request-URI, From and To
 * carry with a configured domain and without. */
#include "plugin_bench.h"

/* The headers of a 200: the Contact is at this peer. */
static const char *contact_at(const struct bench *bench, int peer, char out[128])
{
	const struct failover_target *target = &bench->peers[peer].target;

	snprintf(out, 128, "Contact: <sip:bob@127.0.0.%u:%u>\r\n", target->address[3],
		 (unsigned)target->port);
	return out;
}

/* ---- B23 ---------------------------------------------------------------------------------- */

static void open_following(struct bench *bench)
{
	bench_open(bench);
	bench->domain_follows = 1;
	bench_identity(bench, "secret", NULL);
}

START_TEST(B23_a_call_dialled_after_a_move_names_the_backup)
{
	struct bench bench;
	char text[BENCH_TEXT], value[512];

	open_following(&bench);
	bench_invite(&bench, bench_dial(&bench, "1002"), 1, 1, text);
	ck_assert_int_eq(strncmp(text, "INVITE sip:1002@127.0.0.12 SIP/2.0\r\n", 36), 0);
	ck_assert_str_eq(header_of(text, "To", value), "<sip:1002@127.0.0.12>");
	ck_assert_ptr_nonnull(strstr(header_of(text, "From", value), "<sip:1001@127.0.0.12>;tag="));
	bench_close(&bench);
}
END_TEST

START_TEST(B23_a_call_that_moves_keeps_call_id_tags_and_body)
{
	struct bench bench;
	char one[BENCH_TEXT], two[BENCH_TEXT], value[512], other[512];
	uint64_t call;

	open_following(&bench);
	call = bench_dial(&bench, "1002");
	bench_invite(&bench, call, 0, 1, one);
	ck_assert_int_eq(strncmp(one, "INVITE sip:1002@primary.example:5060 SIP/2.0\r\n", 46), 0);
	ck_assert_ptr_nonnull(strstr(header_of(one, "From", value), "@primary.example>;tag="));
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	bench_invite(&bench, call, 1, 2, two);
	ck_assert_int_eq(strncmp(two, "INVITE sip:1002@127.0.0.12 SIP/2.0\r\n", 36), 0);
	ck_assert_str_eq(header_of(two, "To", value), "<sip:1002@127.0.0.12>");
	header_of(one, "From", value);
	header_of(two, "From", other);
	ck_assert_str_eq(strstr(value, ";tag="), strstr(other, ";tag="));
	ck_assert_ptr_nonnull(strstr(other, "@127.0.0.12>"));
	ck_assert(same_header(one, two, "Call-ID") && same_header(one, two, "CSeq"));
	ck_assert_str_eq(strstr(one, "\r\n\r\n"), strstr(two, "\r\n\r\n"));
	bench_close(&bench);
}
END_TEST

/* The dialog of the call has the names that the INVITE had. */
START_TEST(B23_ack_and_bye_have_the_names_of_the_invite)
{
	struct bench bench;
	char text[BENCH_TEXT], got[BENCH_TEXT], headers[128], value[512];
	uint64_t call;

	open_following(&bench);
	call = bench_dial(&bench, "1002");
	bench_invite(&bench, call, 1, 1, text);
	peer_answer(&bench, 1, text, "200 OK", contact_at(&bench, 1, headers));
	peer_expect(&bench, 1, "ACK", got);
	ck_assert(same_header(text, got, "From"));
	bench_bye(&bench, call, 1, 2);
	peer_expect(&bench, 1, "BYE", got);
	ck_assert(same_header(text, got, "From"));
	ck_assert_str_eq(header_of(got, "To", value), "<sip:1002@127.0.0.12>;tag=peer");
	bench_close(&bench);
}
END_TEST

START_TEST(B23_register_and_options_name_their_registrar)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], value[512];

	open_following(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 1, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "REGISTER sip:127.0.0.12 SIP/2.0\r\n", text);
	ck_assert_ptr_nonnull(strstr(header_of(text, "To", value), "<sip:1001@127.0.0.12>"));
	ck_assert_ptr_nonnull(strstr(header_of(text, "From", value), "<sip:1001@127.0.0.12>;tag="));
	attempt = bench_attempt(&bench, FAILOVER_OPTIONS, 1, 2);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "OPTIONS sip:127.0.0.12 SIP/2.0\r\n", text);
	ck_assert_ptr_nonnull(strstr(header_of(text, "From", value), "<sip:1001@127.0.0.12>;tag="));
	bench_close(&bench);
}
END_TEST

/* Whoever calls back from a list of calls dials the address of that time's registrar. */
START_TEST(B23_a_dialled_address_of_a_registrar_means_the_user)
{
	static const struct {
		const char *dialled, *at_backup;
	} rows[] = {
		{ "sip:1002@primary.example:5060", "sip:1002@127.0.0.12" },
		{ "sip:1002@PRIMARY.example;user=phone", "sip:1002@127.0.0.12;user=phone" },
		{ "1002@primary.example", "sip:1002@127.0.0.12" },
		{ "sip:1002@127.0.0.12", "sip:1002@127.0.0.12" },
		{ "sip:1002@primary.example:5070", "sip:1002@primary.example:5070" },
		{ "sip:bob@example.org", "sip:bob@example.org" },
		{ "sip:primary.example", "sip:primary.example" },
		{ "sip:127.0.0.11", "sip:127.0.0.11" },
		{ "*21#", "sip:*21%23@127.0.0.12" },
	};
	struct bench bench;
	char text[BENCH_TEXT], start[128];
	size_t i;

	open_following(&bench);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bench_invite(&bench, bench_dial(&bench, rows[i].dialled), 1, i + 1, text);
		snprintf(start, sizeof(start), "INVITE %s SIP/2.0\r\n", rows[i].at_backup);
		ck_assert_msg(!strncmp(text, start, strlen(start)), "%s: %s", rows[i].dialled,
			      text);
	}
	bench_close(&bench);
}
END_TEST

START_TEST(B23_with_a_domain_nothing_changes)
{
	struct bench bench;
	char text[BENCH_TEXT], value[512];
	struct failover_attempt attempt;

	bench_open(&bench);
	bench_invite(&bench, bench_dial(&bench, "1002"), 1, 1, text);
	ck_assert_int_eq(strncmp(text, "INVITE sip:1002@primary.example:5060 SIP/2.0\r\n", 46), 0);
	ck_assert_ptr_nonnull(strstr(header_of(text, "From", value), "@primary.example>;tag="));
	bench_invite(&bench, bench_dial(&bench, "sip:1002@primary.example"), 1, 2, text);
	ck_assert_int_eq(strncmp(text, "INVITE sip:1002@primary.example SIP/2.0\r\n", 41), 0);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 1, 3);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "REGISTER sip:127.0.0.12 SIP/2.0\r\n", text);
	ck_assert_ptr_nonnull(strstr(header_of(text, "To", value), "@primary.example>"));
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B23_a_call_dialled_after_a_move_names_the_backup);
	tcase_add_test(tcase, B23_a_call_that_moves_keeps_call_id_tags_and_body);
	tcase_add_test(tcase, B23_ack_and_bye_have_the_names_of_the_invite);
	tcase_add_test(tcase, B23_register_and_options_name_their_registrar);
	tcase_add_test(tcase, B23_a_dialled_address_of_a_registrar_means_the_user);
	tcase_add_test(tcase, B23_with_a_domain_nothing_changes);
}

int main(void)
{
	return bench_main("domain", add);
}
