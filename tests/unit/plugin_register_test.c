/* SPDX-License-Identifier: MIT */
/* plugin_register_test.c - REGISTER and OPTIONS: what is on the wire, and when. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "plugin_bench.h"

START_TEST(B1a_register_has_the_registrars_uri_whatever_the_next_hop)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], value[512], expected[128];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 2, 1); /* through the proxy */
	bench_send(&bench, &attempt);
	peer_expect(&bench, 2, "REGISTER sip:primary.example:5060 SIP/2.0\r\n", text);
	ck_assert_str_eq(header_of(text, "To", value),
			 "\"A \\\"b\\\"\" <sip:1001@primary.example>");
	snprintf(expected, sizeof(expected),
		 "<sip:1001@127.0.0.1:%u>;+sip.instance=\"<urn:uuid:", bench.local.port);
	ck_assert_int_eq(strncmp(header_of(text, "Contact", value), expected, strlen(expected)), 0);
	ck_assert_str_eq(header_of(text, "Supported", value), "path, outbound"); /* B24b */
	ck_assert_str_eq(header_of(text, "Expires", value), "3600");
	snprintf(expected, sizeof(expected), "SIP/2.0/UDP 127.0.0.1:%u;rport;branch=z9hG4bK",
		 bench.local.port);
	ck_assert_int_eq(strncmp(header_of(text, "Via", value), expected, strlen(expected)), 0);
	ck_assert_uint_eq(headers_in(text, "Authorization"), 0);
	ck_assert_uint_eq(bench.sent_of[1], 1);

	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 1, 2); /* numeric: always with a port */
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "REGISTER sip:127.0.0.12 SIP/2.0\r\n", text);
	bench_close(&bench);
}
END_TEST

static void instance_of(struct failover_open_params *params, char out[64])
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];
	const char *at;

	bench_open_params(&bench, params);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	at = strstr(text, ";+sip.instance=\"<");
	ck_assert_ptr_nonnull(at);
	snprintf(out, 64, "%.*s", (int)strcspn(at + 17, ">"), at + 17);
	bench_close(&bench);
}

START_TEST(B24b_the_instance_is_the_devices_for_good)
{
	struct failover_open_params params = { .size = sizeof(params), .device = "serial 1" };
	char one[64], again[64], other[64];

	instance_of(&params, one);
	instance_of(&params, again);
	ck_assert_str_eq(one, again);
	ck_assert_uint_eq(strlen(one), strlen("urn:uuid:") + 36);
	ck_assert_int_eq(one[strlen("urn:uuid:") + 14], '5'); /* RFC 4122 4.3 */
	params.device = "serial 2";
	instance_of(&params, other);
	ck_assert_str_ne(one, other);
}
END_TEST

START_TEST(B3a_three_transmissions_at_0_500_1500_and_no_fourth)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], again[BENCH_TEXT];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	bench_advance(&bench, 499);
	peer_expect_none(&bench, 0);
	bench_advance(&bench, 1);
	peer_expect(&bench, 0, "REGISTER", again);
	ck_assert_str_eq(text, again);
	bench_advance(&bench, 999);
	peer_expect_none(&bench, 0);
	bench_advance(&bench, 1);
	peer_expect(&bench, 0, "REGISTER", again);
	bench_advance(&bench, 2000); /* the core's deadline, and a timer E that must not win */
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	bench_advance(&bench, 40000);
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.sent_of[1], 3);
	ck_assert_uint_eq(bench.answers_count, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B3_at_the_last_target_eleven_packets_in_64_T1_then_silence)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];
	unsigned count = 0;

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	attempt.transmissions = 0;
	bench_send(&bench, &attempt);
	bench_advance(&bench, 32000);
	while (peer_take(&bench, 0, text))
		count++;
	ck_assert_uint_eq(count, 11);
	ck_assert_uint_eq(bench.sent_of[1], 11);
	bench_advance(&bench, 60000);
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.answers_count, 0); /* a timeout is no answer */
	ck_assert_uint_eq(bench.unreachable, 0);
	ck_assert_uint_eq(bench.io->deadline(bench.inst), FAILOVER_NO_DEADLINE);
	bench_close(&bench);
}
END_TEST

START_TEST(B4a_after_a_provisional_response_retransmission_goes_on)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], again[BENCH_TEXT];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	bench_advance(&bench, 1500);
	peer_expect(&bench, 0, "REGISTER", again);
	peer_expect(&bench, 0, "REGISTER", again);
	peer_answer(&bench, 0, text, "100 Trying", "");
	bench_advance(&bench, 3999);
	peer_expect_none(&bench, 0);
	bench_advance(&bench, 1); /* T2 */
	peer_expect(&bench, 0, "REGISTER", again);
	bench_close(&bench);
}
END_TEST

START_TEST(B3_t1_and_t2_are_the_attempts_own)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];
	unsigned count = 0;

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_OPTIONS, 0, 1);
	attempt.transmissions = 0;
	attempt.t1_ms = 100;
	attempt.t2_ms = 200; /* 0 100 300 500 700 ... 6300 */
	bench_send(&bench, &attempt);
	bench_advance(&bench, 1000);
	while (peer_take(&bench, 0, text))
		count++;
	ck_assert_uint_eq(count, 6);
	bench_close(&bench);
}
END_TEST

START_TEST(B7_every_attempt_has_the_call_id_a_new_branch_and_cseq_plus_one)
{
	struct bench bench;
	struct failover_attempt attempt;
	char one[BENCH_TEXT], two[BENCH_TEXT], a[512], b[512];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", one);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 2, 2);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 2, "REGISTER", two);
	ck_assert(same_header(one, two, "Call-ID"));
	ck_assert(same_header(one, two, "From"));
	ck_assert_uint_eq(cseq_of(two), cseq_of(one) + 1);
	ck_assert_str_ne(branch_of(one, a), branch_of(two, b));
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 1, 3); /* B10: another registrar */
	bench_send(&bench, &attempt);
	peer_expect(&bench, 1, "REGISTER", two);
	ck_assert(!same_header(one, two, "Call-ID"));
	bench_close(&bench);
}
END_TEST

START_TEST(B11_a_probe_has_its_own_dialog_and_becomes_the_registration)
{
	struct bench bench;
	struct failover_attempt attempt;
	char serving[BENCH_TEXT], probe[BENCH_TEXT], text[BENCH_TEXT];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", serving);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 2, 2);
	attempt.dialog = 2;
	attempt.flags = FAILOVER_ATTEMPT_PROBE;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 2, "REGISTER", probe);
	ck_assert(!same_header(serving, probe, "Call-ID"));
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 3); /* the serving one goes on */
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	ck_assert(same_header(serving, text, "Call-ID"));
	ck_assert_uint_eq(cseq_of(text), cseq_of(serving) + 1);
	attempt.id = 4; /* the probe has won: refresh with its number */
	attempt.dialog = 2;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	ck_assert(same_header(probe, text, "Call-ID"));
	ck_assert_uint_eq(cseq_of(text), cseq_of(probe) + 1);
	attempt.id = 5; /* B11b: remove the old binding */
	attempt.dialog = 1;
	attempt.expires_s = 0;
	attempt.flags = FAILOVER_ATTEMPT_RELEASE;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	ck_assert(same_header(serving, text, "Call-ID"));
	ck_assert_uint_eq(cseq_of(text), cseq_of(serving) + 2);
	bench_close(&bench);
}
END_TEST

static uint32_t granted(const char *headers)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], filled[512];
	uint32_t seconds;

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	snprintf(filled, sizeof(filled), headers, bench.local.port);
	peer_answer(&bench, 0, text, "200 OK", filled);
	ck_assert_uint_eq(bench.answers_count, 1);
	ck_assert_uint_eq(bench_last(&bench)->attempt, 1);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 200);
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	seconds = bench_last(&bench)->answer.expires_s;
	bench_close(&bench);
	return seconds;
}

START_TEST(B15_the_granted_time_is_our_contacts_then_expires_then_what_was_asked)
{
	ck_assert_uint_eq(granted("Contact: <sip:1001@192.0.2.1:5060>;expires=11\r\n"
				  "Contact: <sip:1001@127.0.0.1:%u>;expires=120\r\n"
				  "Expires: 60\r\n"),
			  120);
	ck_assert_uint_eq(granted("Contact: <sip:1001@127.0.0.1:%u>\r\nExpires: 60\r\n"), 60);
	ck_assert_uint_eq(granted("Contact: <sip:1001@127.0.0.1:%u>\r\n"), 3600);
	ck_assert_uint_eq(granted("Expires: 99999999999999999999\r\nX: %u\r\n"), 604800);
	ck_assert_uint_eq(granted("Expires: -5\r\nX: %u\r\n"), 3600);
}
END_TEST

START_TEST(B4c_retry_after_of_a_503_is_reported_and_bounded)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "503 No", "Retry-After: 120 (closed);duration=3\r\n");
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 503);
	ck_assert_uint_eq(bench_last(&bench)->answer.retry_after_s, 120);
	attempt.id = 2;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "503 No", "Retry-After: 4294967297\r\n");
	ck_assert_uint_eq(bench_last(&bench)->answer.retry_after_s, 86400);
	bench_close(&bench);
}
END_TEST

START_TEST(B15_a_423_is_answered_with_min_expires_in_the_same_attempt)
{
	struct bench bench;
	struct failover_attempt attempt;
	char one[BENCH_TEXT], two[BENCH_TEXT], value[512];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	attempt.expires_s = 60;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", one);
	peer_answer(&bench, 0, one, "423 Interval Too Brief", "Min-Expires: 1800\r\n");
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 1);
	ck_assert_uint_eq(bench_last(&bench)->answer.min_expires_s, 1800);
	peer_expect(&bench, 0, "REGISTER", two);
	ck_assert_str_eq(header_of(two, "Expires", value), "1800");
	ck_assert_uint_eq(cseq_of(two), cseq_of(one) + 1);
	ck_assert(same_header(one, two, "Call-ID"));
	peer_answer(&bench, 0, two, "423 Interval Too Brief", "Min-Expires: 1800\r\n");
	ck_assert_uint_eq(bench_last(&bench)->answer.retrying, 0);
	peer_expect_none(&bench, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_icmp_is_reported_in_the_same_turn)
{
	struct bench bench;
	struct failover_attempt attempt;
	struct failover_io_fd fd;
	uint32_t fds;
	int tries;

	bench_open(&bench);
	fds = bench.io->fds(bench.inst, &fd, 1);
	close(bench.peers[0].fd);
	bench.peers[0].fd = -1;
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	attempt = bench_attempt(&bench, FAILOVER_OPTIONS, 1, 2); /* another target: not concerned */
	bench_send(&bench, &attempt);
	for (tries = 0; tries < 50 && !bench.unreachable; tries++) {
		bench_pump(&bench);
		usleep(1000);
	}
	ck_assert_uint_eq(bench.unreachable, 1);
	ck_assert_uint_eq(bench.unreachable_attempt, 1);
	ck_assert_uint_eq(bench.unreachable_reason, FAILOVER_REASON_ICMP);
	bench_advance(&bench, 600);
	ck_assert_uint_eq(bench.sent_of[1], 1); /* no later packet */
	ck_assert_uint_eq(bench.sent_of[2], 2);
	/* How many there are does not depend on how many are asked for. */
	ck_assert_uint_ge(bench.io->fds(bench.inst, &fd, 1), 1);
	ck_assert_uint_eq(bench.io->fds(bench.inst, NULL, 0), bench.io->fds(bench.inst, &fd, 1));
	ck_assert_uint_eq(bench.io->fds(bench.inst, &fd, 1), fds); /* none was left behind */
	bench_close(&bench);
}
END_TEST

START_TEST(B4_no_route_or_a_transport_that_is_not_there_is_an_error_of_send)
{
	struct bench bench;
	struct failover_attempt attempt;

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	attempt.target.transport = 2; /* the vendor's numbers leave it out (S 3.1) */
	ck_assert_int_eq(bench_try(&bench, &attempt), FAILOVER_ERR_UNSUPPORTED);
	attempt.target.transport = FAILOVER_UDP;
	attempt.target.family = 6;
	ck_assert_int_eq(bench_try(&bench, &attempt), FAILOVER_ERR_UNSUPPORTED);
	attempt.target.family = 4;
	memset(attempt.target.address, 255, 4); /* broadcast is not permitted */
	ck_assert_int_eq(bench_try(&bench, &attempt), FAILOVER_ERR_IO);
	attempt.line = 7;
	ck_assert_int_eq(bench_try(&bench, &attempt), FAILOVER_ERR_STALE);
	ck_assert_uint_eq(bench.sent, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B4a_a_provisional_slows_a_non_invite_to_t2)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_OPTIONS, 0, 1);
	attempt.transmissions = 0;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "OPTIONS sip:primary.example:5060 SIP/2.0", text);
	peer_answer(&bench, 0, text, "100 Trying", "");
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 100);
	bench_advance(&bench, 3999);
	peer_expect_none(&bench, 0);
	bench_advance(&bench, 1);
	peer_expect(&bench, 0, "OPTIONS", text);
	peer_answer(&bench, 0, text, "404 Not Found", "");
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 404);
	bench_advance(&bench, 60000);
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.answers_count, 2);
	bench_close(&bench);
}
END_TEST

START_TEST(B7c_a_late_response_changes_nothing)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET);
	peer_answer(&bench, 0, text, "200 OK", "");
	ck_assert_uint_eq(bench.answers_count, 0);
	bench_timeout(&bench, 1, FAILOVER_ABANDON_BUDGET); /* unknown: no error */
	bench_close(&bench);
}
END_TEST

START_TEST(a_new_identity_keeps_the_registration_dialog)
{
	struct bench bench;
	struct failover_attempt attempt;
	char one[BENCH_TEXT], two[BENCH_TEXT];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", one);
	bench_identity(&bench, "other", NULL);
	attempt.id = 2;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", two);
	ck_assert(same_header(one, two, "Call-ID"));
	ck_assert_uint_eq(cseq_of(two), cseq_of(one) + 1);
	bench.lines->line_remove(bench.inst, 1);
	ck_assert_int_eq(bench_try(&bench, &attempt), FAILOVER_ERR_STALE);
	bench_close(&bench);
}
END_TEST

START_TEST(B10_service_route_is_used_at_the_target_that_gave_it_only)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	peer_answer(&bench, 0, text, "200 OK",
		    "Service-Route: <sip:s1.example;lr>\r\n"
		    "Service-Route: <sip:s2.example;lr>\r\n");
	attempt = bench_attempt(&bench, FAILOVER_OPTIONS, 0, 2);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "OPTIONS", text);
	ck_assert_ptr_nonnull(strstr(text, "Route: <sip:s1.example;lr>\r\n"
					   "Route: <sip:s2.example;lr>\r\n"));
	attempt = bench_attempt(&bench, FAILOVER_OPTIONS, 2, 3); /* same registrar, other hop */
	bench_send(&bench, &attempt);
	peer_expect(&bench, 2, "OPTIONS", text);
	ck_assert_uint_eq(headers_in(text, "Route"), 0);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 4);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	ck_assert_uint_eq(headers_in(text, "Route"), 0);
	peer_answer(&bench, 0, text, "200 OK", "");
	attempt = bench_attempt(&bench, FAILOVER_OPTIONS, 0, 5);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "OPTIONS", text);
	ck_assert_uint_eq(headers_in(text, "Route"), 0);
	bench_close(&bench);
}
END_TEST

/* A peer on ::1 in place of peer 0. */
static void open_ipv6(struct bench *bench)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
					.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct failover_open_params params = { .size = sizeof(params) };
	socklen_t length = sizeof(address);
	struct failover_target *target = &bench->peers[0].target;
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	close(bench->peers[0].fd);
	bench->peers[0].fd = fd;
	target->family = 6;
	target->port = ntohs(address.sin6_port);
	memcpy(target->address, &address.sin6_addr, 16);
	bench_plugin()->close(bench->inst);
	params.listen.family = 6; /* any address */
	ck_assert_int_eq(bench_plugin()->open(&bench->host, &params, &bench->inst), 0);
	bench_identity(bench, "secret", NULL);
}

START_TEST(B4_ipv6_register_and_icmp)
{
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], value[512];
	int tries;

	bench_open(&bench);
	open_ipv6(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	ck_assert_ptr_nonnull(strstr(header_of(text, "Via", value), "UDP [::1]:"));
	ck_assert_ptr_nonnull(strstr(header_of(text, "Contact", value), "@[::1]:"));
	close(bench.peers[0].fd);
	bench.peers[0].fd = -1;
	bench_advance(&bench, 500);
	for (tries = 0; tries < 50 && !bench.unreachable; tries++) {
		bench_pump(&bench);
		usleep(1000);
	}
	ck_assert_uint_eq(bench.unreachable_attempt, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(open_refuses_what_it_cannot_do_and_keeps_nothing)
{
	struct bench bench;
	struct failover_open_params params = { .size = sizeof(params) };
	struct failover_host host;
	void *inst = NULL;

	bench_open(&bench);
	params.listen = bench.local; /* in use */
	ck_assert_int_eq(bench_plugin()->open(&bench.host, &params, &inst), FAILOVER_ERR_IO);
	params.listen.family = 9;
	ck_assert_int_eq(bench_plugin()->open(&bench.host, &params, &inst), FAILOVER_ERR_ARGUMENT);
	params.listen.family = 4;
	params.user_agent = "x\r\ny";
	ck_assert_int_eq(bench_plugin()->open(&bench.host, &params, &inst), FAILOVER_ERR_ARGUMENT);
	params.user_agent = NULL;
	host = bench.host;
	host.size = 8;
	ck_assert_int_eq(bench_plugin()->open(&host, &params, &inst), FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_null(inst);
	ck_assert_ptr_null(bench_plugin()->get_extension("failover.none/1"));
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B24b_the_instance_is_the_devices_for_good);
	tcase_add_test(tcase, B1a_register_has_the_registrars_uri_whatever_the_next_hop);
	tcase_add_test(tcase, B3_at_the_last_target_eleven_packets_in_64_T1_then_silence);
	tcase_add_test(tcase, B4a_after_a_provisional_response_retransmission_goes_on);
	tcase_add_test(tcase, B3_t1_and_t2_are_the_attempts_own);
	tcase_add_test(tcase, B7_every_attempt_has_the_call_id_a_new_branch_and_cseq_plus_one);
	tcase_add_test(tcase, B11_a_probe_has_its_own_dialog_and_becomes_the_registration);
	tcase_add_test(tcase,
		       B15_the_granted_time_is_our_contacts_then_expires_then_what_was_asked);
	tcase_add_test(tcase, B4c_retry_after_of_a_503_is_reported_and_bounded);
	tcase_add_test(tcase, B15_a_423_is_answered_with_min_expires_in_the_same_attempt);
	tcase_add_test(tcase, B4_no_route_or_a_transport_that_is_not_there_is_an_error_of_send);
	tcase_add_test(tcase, B4a_a_provisional_slows_a_non_invite_to_t2);
	tcase_add_test(tcase, B7c_a_late_response_changes_nothing);
	tcase_add_test(tcase, a_new_identity_keeps_the_registration_dialog);
	tcase_add_test(tcase, B10_service_route_is_used_at_the_target_that_gave_it_only);
	tcase_add_test(tcase, open_refuses_what_it_cannot_do_and_keeps_nothing);
}

int main(void)
{
	const struct bench_need needs[] = {
		{ B3a_three_transmissions_at_0_500_1500_and_no_fourth,
		  FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS, NULL },
		{ B4_icmp_is_reported_in_the_same_turn, FAILOVER_CAP_REPORTS_ICMP, NULL },
		{ B4_ipv6_register_and_icmp, FAILOVER_CAP_REPORTS_ICMP, ipv6_refused },
	};

	return bench_main_needs("register", add, needs, sizeof(needs) / sizeof(needs[0]));
}
