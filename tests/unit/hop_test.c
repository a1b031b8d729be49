/* SPDX-License-Identifier: MIT */
/* hop_test.c - where the URIs of Routes and Contacts lead (B23a), without a packet. */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../ua/hop.h"

static struct ua_registrar registrars[] = { { .address = (char *)(uintptr_t) "sip1.example" },
					    { .address = (char *)(uintptr_t) "2001:db8::2" } };
static struct ua_proxy proxies[] = { { .address = (char *)(uintptr_t) "edge.example" } };

static struct failover_target place(const char *host, uint16_t port, uint8_t transport)
{
	struct failover_target target = { .port = port, .transport = transport, .family = 4 };

	if (inet_pton(AF_INET, host, target.address) != 1) {
		ck_assert_int_eq(inet_pton(AF_INET6, host, target.address), 1);
		target.family = 6;
	}
	return target;
}

/* A line with these targets; the first is the dialog's. */
static void line_of(struct ua_account *account, struct ua_source sources[3])
{
	memset(account, 0, sizeof(*account));
	memset(sources, 0, 3 * sizeof(*sources));
	sources[0].target = place("192.0.2.1", 5070, FAILOVER_UDP);
	sources[1].target = place("2001:db8::2", 5060, FAILOVER_UDP);
	sources[1].target.registrar = 1;
	sources[2].target = place("192.0.2.3", 5061, FAILOVER_TLS);
	sources[2].target.hop = 1;
	account->sources = sources;
	account->sources_count = 3;
	account->registrars = registrars;
	account->registrars_count = 2;
	account->proxies = proxies;
	account->proxies_count = 1;
}

struct row {
	const char *uri;
	const char *host; /* NULL = it is left to the target */
	uint16_t port;
	uint8_t transport;
};

static void check_row_of(const struct row *row, uint8_t transport,
			 const struct failover_target *caller)
{
	struct ua_account account;
	struct ua_source sources[3];
	struct ua_value_uri uri;
	struct failover_target out, want;
	int error;

	line_of(&account, sources);
	sources[0].target.transport = transport;
	ck_assert_msg(!ua_hop_read_uri(row->uri, &uri), "%s", row->uri);
	error = ua_hop_find(&account, &uri, &sources[0].target, caller, &out);
	want = row->host ? place(row->host, row->port, row->transport) : sources[0].target;
	ck_assert_msg(!error == !!row->host, "%s", row->uri);
	ck_assert_msg(ua_address_same(&out, &want) && out.transport == want.transport, "%s is %u",
		      row->uri, out.port);
}

static void check_row(const struct row *row, uint8_t transport)
{
	check_row_of(row, transport, NULL);
}

START_TEST(B23a_a_uri_names_a_target_or_a_place_of_its_own)
{
	static const struct row rows[] = {
		{ "sip:192.0.2.1:5070", "192.0.2.1", 5070, FAILOVER_UDP },
		{ "sip:192.0.2.1:5070;transport=tcp", "192.0.2.1", 5070, FAILOVER_UDP },
		{ "sip:SIP1.example", "192.0.2.1", 5070, FAILOVER_UDP },
		{ "sip:a@sip1.example:5070;lr", "192.0.2.1", 5070, FAILOVER_UDP },
		{ "sip:[2001:db8::2]", "2001:db8::2", 5060, FAILOVER_UDP },
		{ "sip:edge.example", "192.0.2.3", 5061, FAILOVER_TLS },
		{ "sips:192.0.2.3", "192.0.2.3", 5061, FAILOVER_TLS },
		{ "sip:bob@198.51.100.7", "198.51.100.7", 5060, FAILOVER_UDP },
		{ "sip:bob@198.51.100.7:5099;transport=UDP", "198.51.100.7", 5099, FAILOVER_UDP },
		{ "sip:b;c@[2001:DB8:0::9]:5080?x=y", "2001:db8::9", 5080, FAILOVER_UDP },
		{ "sip:bob@pc.example;maddr=198.51.100.8", "198.51.100.8", 5060, FAILOVER_UDP },
		{ "sip:bob@pc.example;maddr=[2001:db8::8]", "2001:db8::8", 5060, FAILOVER_UDP },
		{ "sip:bob@198.51.100.7;maddr=", "198.51.100.7", 5060, FAILOVER_UDP },
		{ "sip:192.0.2.1", "192.0.2.1", 5060, FAILOVER_UDP }, /* another port */
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], FAILOVER_UDP);
}
END_TEST

START_TEST(B23a_what_cannot_be_reached_beside_the_target_is_left_to_it)
{
	static const struct row rows[] = {
		{ .uri = "sip:pc.example" },
		{ .uri = "sip:sip1.example:5060" }, /* not the target's port */
		{ .uri = "sip:bob@198.51.100.7;transport=tcp" },
		{ .uri = "sip:bob@198.51.100.7;transport=tls" },
		{ .uri = "sip:bob@198.51.100.7;transport=ws" },
		{ .uri = "sips:bob@198.51.100.7;transport=tcp" },
		{ .uri = "sip:bob@198.51.100.7;maddr=mcast.example" },
		/* only this device, or everybody, would hear it */
		{ .uri = "sip:bob@127.0.0.1" },
		{ .uri = "sip:bob@127.9.9.9:22" },
		{ .uri = "sip:bob@[::1]" },
		{ .uri = "sip:bob@0.0.0.0" },
		{ .uri = "sip:bob@0.1.2.3" },
		{ .uri = "sip:bob@[::]" },
		{ .uri = "sip:bob@224.0.1.75" },
		{ .uri = "sip:bob@255.255.255.255" },
		{ .uri = "sip:bob@[ff02::1]" },
		{ .uri = "sip:bob@198.51.100.7;maddr=239.1.1.1" },
	};
	static const struct row of_tls = { .uri = "sip:bob@198.51.100.7" };
	static const struct row own = { "sip:edge.example", "192.0.2.3", 5061, FAILOVER_TLS };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], FAILOVER_UDP);
	check_row(&of_tls, FAILOVER_TLS); /* what came by TLS goes by nothing less */
	check_row(&own, FAILOVER_TLS);
}
END_TEST

/* Who has made a connection to us gets one; no third party does by a word. */
START_TEST(B23a_a_contact_by_tcp_at_the_callers_host)
{
	static const struct row of_tcp = { "sip:bob@198.51.100.7:5099;transport=tcp",
					   "198.51.100.7", 5099, FAILOVER_TCP };
	static const struct row left[] = {
		{ .uri = "sip:bob@198.51.100.8;transport=tcp" },
		{ .uri = "sip:bob@198.51.100.7;transport=tls" },
		{ .uri = "sips:bob@198.51.100.7" },
		{ .uri = "sip:bob@127.0.0.1;transport=tcp" },
	};
	const struct failover_target by_tcp = place("198.51.100.7", 40000, FAILOVER_TCP);
	const struct failover_target by_udp = place("198.51.100.7", 5060, FAILOVER_UDP);
	struct row row = of_tcp;
	size_t i;

	check_row_of(&of_tcp, FAILOVER_UDP, &by_tcp);
	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		check_row_of(&left[i], FAILOVER_UDP, &by_tcp);
	row.host = NULL;
	check_row_of(&row, FAILOVER_UDP, &by_udp);
	check_row_of(&row, FAILOVER_TLS, &by_tcp);
}
END_TEST

START_TEST(B23a_values_of_route_are_read)
{
	static const char *const rows[] = {
		"<sip:192.0.2.9;lr>",
		" \"a <sip:wrong.example>, \\\" b\" <sip:192.0.2.9;lr>;p=1",
		"sip:192.0.2.9;lr",
		"Some Name <sip:u;v@192.0.2.9:5060;lr;x=1>",
	};
	static const char *const none[] = { "",	       "<>",	       "<tel:+1555>",	"<sip:>",
					    "<sip:@>", "<sip:h:0>",    "<sip:h:65536>", "\"<sip:h>",
					    "<sip:h",  "<sip:u@:5060>" };
	struct ua_value_uri uri;
	char out[256];
	struct ua_writer writer;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(!ua_hop_read_route(rows[i], &uri), "%s", rows[i]);
		ck_assert_msg(ua_part_is(uri.host, "192.0.2.9"), "%s", rows[i]);
	}
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(ua_hop_read_route(none[i], &uri), "%s", none[i]);
	ck_assert_int_eq(
		ua_hop_read_uri("sip:a@h:1;method=BYE;x;METHOD=ACK;methods=y?Subject=z", &uri), 0);
	ua_writer_init(&writer, out, sizeof(out));
	ua_hop_write_uri(&uri, &writer); /* RFC 3261 19.1.5 */
	ck_assert_str_eq(out, "sip:a@h:1;x;methods=y");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hop");
	TCase *tcase = tcase_create("hop");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, B23a_a_uri_names_a_target_or_a_place_of_its_own);
	tcase_add_test(tcase, B23a_what_cannot_be_reached_beside_the_target_is_left_to_it);
	tcase_add_test(tcase, B23a_a_contact_by_tcp_at_the_callers_host);
	tcase_add_test(tcase, B23a_values_of_route_are_read);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
