/* SPDX-License-Identifier: MIT */
/* plugin_tls_test.c - TLS: who is believed (RFC 5922), what is resumed, and how it fails (B4). */
#include <sys/socket.h>
#include <unistd.h>
#include "plugin_wire.h"
#include "../../ua/net/tls.h"

static char directory[64];

static const char *file_of(const char *name, const char *suffix, char out[128])
{
	snprintf(out, 128, "%s/%s.%s", directory, name, suffix);
	return out;
}

static void make_certificates(void)
{
	const char *top = getenv("top_srcdir");
	char command[512];

	snprintf(directory, sizeof(directory), "/tmp/plugin-tls-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(command, sizeof(command), "sh '%s/tests/make-certificates' '%s'", top ? top : ".",
		 directory);
	ck_assert_int_eq(system(command), 0);
}

static void remove_certificates(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", directory);
	ck_assert_int_eq(system(command), 0);
}

/* ---- a server that speaks TLS ------------------------------------------------------------- */

struct secure {
	struct wire wire;
	struct ua_tls_context *context;
	struct ua_tls *tls;
};

static void secure_listen(struct secure *server, unsigned last_byte, const char *certificate)
{
	char cert[128], key[128], why[UA_TLS_WHY];
	struct ua_tls_settings settings = { .cert_file = file_of(certificate, "pem", cert),
					    .key_file = file_of(certificate, "key", key),
					    .is_server = 1 };

	memset(server, 0, sizeof(*server));
	wire_listen(&server->wire, last_byte, FAILOVER_TLS);
	server->context = ua_tls_context_new(&settings, why);
	ck_assert_msg(server->context != NULL, "%s", why);
}

static void secure_close(struct secure *server)
{
	ua_tls_free(server->tls);
	ua_tls_context_free(server->context);
	wire_close(&server->wire);
}

static void secure_flush(struct bench *bench, struct secure *server)
{
	const char *bytes;
	size_t count;

	while ((count = ua_tls_output(server->tls, &bytes))) {
		wire_write(bench, &server->wire, bytes, count);
		ua_tls_took(server->tls, count);
	}
}

/* Accept, and shake hands until that has ended one way or the other. */
static enum ua_tls_state secure_accept(struct bench *bench, struct secure *server)
{
	char bytes[16384];
	size_t got;

	wire_accept(bench, &server->wire);
	ua_tls_free(server->tls);
	server->tls = ua_tls_new(server->context, NULL, NULL);
	while (ua_tls_step(server->tls) == UA_TLS_HANDSHAKE) {
		secure_flush(bench, server);
		got = wire_read(bench, &server->wire, bytes, sizeof(bytes));
		if (!got)
			break;
		ua_tls_input(server->tls, bytes, got);
	}
	secure_flush(bench, server);
	return ua_tls_state(server->tls);
}

static void secure_expect(struct bench *bench, struct secure *server, const char *start, char *text)
{
	char bytes[16384];
	size_t got;

	while (!(got = ua_tls_read(server->tls, text, BENCH_TEXT - 1))) {
		got = wire_read(bench, &server->wire, bytes, sizeof(bytes));
		ck_assert_msg(got > 0, "closed instead of %s", start);
		ua_tls_input(server->tls, bytes, got);
	}
	text[got] = '\0';
	ck_assert_msg(!strncmp(text, start, strlen(start)), "not %s but: %s", start, text);
}

/* The plugin ends the connection, and says so first. */
static void secure_expect_goodbye(struct bench *bench, struct secure *server)
{
	char bytes[16384], text[BENCH_TEXT];
	size_t got;

	bench_pump(bench);
	while ((got = wire_read(bench, &server->wire, bytes, sizeof(bytes)))) {
		ua_tls_input(server->tls, bytes, got);
		got = ua_tls_read(server->tls, text, sizeof(text) - 1);
		ck_assert_msg(!got, "%zu bytes instead of the end", got);
	}
	ck_assert_int_eq(ua_tls_state(server->tls), UA_TLS_CLOSED);
}

static void secure_answer(struct bench *bench, struct secure *server, const char *request)
{
	char text[BENCH_TEXT];
	size_t length = wire_response(request, "200 OK", "", text);

	ck_assert_int_eq(ua_tls_write(server->tls, text, length), 0);
	secure_flush(bench, server);
}

static void open_with(struct bench *bench, uint32_t verify)
{
	char ca[128];
	struct failover_open_params params = { .size = sizeof(params),
					       .tls_ca_file = file_of("ca", "pem", ca),
					       .tls_verify = verify };

	bench_open_params(bench, &params);
}

static void send_to(struct bench *bench, const struct secure *server, uint64_t id)
{
	struct failover_attempt attempt = wire_attempt(bench, &server->wire, FAILOVER_REGISTER, id);

	bench_send(bench, &attempt);
}

static void expect_registered(struct bench *bench, struct secure *server, char *text)
{
	unsigned before = bench->answers_count;

	ck_assert_int_eq(secure_accept(bench, server), UA_TLS_UP);
	secure_expect(bench, server, "REGISTER", text);
	secure_answer(bench, server, text);
	ck_assert_uint_eq(bench->answers_count, before + 1);
	ck_assert_uint_eq(bench->unreachable, 0);
}

/* ---- tests -------------------------------------------------------------------------------- */

static void accepted(const char *certificate, unsigned last_byte)
{
	struct bench bench;
	struct secure server;
	char text[BENCH_TEXT], value[512];

	open_with(&bench, 1);
	secure_listen(&server, last_byte, certificate);
	send_to(&bench, &server, 1);
	expect_registered(&bench, &server, text);
	header_of(text, "Via", value);
	ck_assert_int_eq(strncmp(value, "SIP/2.0/TLS ", 12), 0);
	ck_assert_ptr_nonnull(strstr(value, ";alias")); /* RFC 5923 */
	ck_assert_ptr_nonnull(strstr(header_of(text, "Contact", value), ";transport=tls>"));
	secure_close(&server);
	bench_close(&bench);
}

static void refused(const char *certificate, unsigned last_byte, const char *why)
{
	struct bench bench;
	struct secure server;

	open_with(&bench, 1);
	secure_listen(&server, last_byte, certificate);
	send_to(&bench, &server, 1);
	(void)secure_accept(&bench, &server);
	wire_expect_unreachable(&bench, 1, FAILOVER_REASON_TLS);
	ck_assert_msg(strstr(bench.log, why) != NULL, "not \"%s\" but: %s", why, bench.log);
	ck_assert_uint_eq(bench.sent, 0); /* nothing was told to the wrong one */
	secure_close(&server);
	bench_close(&bench);
}

START_TEST(B4_a_certificate_of_the_configured_domain_is_accepted)
{
	accepted("good", 11);
}
END_TEST

START_TEST(B4_a_certificate_of_the_configured_address_is_accepted)
{
	accepted("good", 12);
}
END_TEST

START_TEST(B4_a_certificate_with_the_sip_uri_of_the_domain_is_accepted)
{
	accepted("uri", 11);
}
END_TEST

START_TEST(B4_the_address_that_dns_gave_is_no_proof)
{
	refused("wrong", 11, "the certificate is not for primary.example"); /* it has 127.0.0.11 */
}
END_TEST

START_TEST(B4_the_name_of_a_server_is_no_proof_where_an_address_is_configured)
{
	refused("wrong", 12, "the certificate is not for 127.0.0.12");
}
END_TEST

START_TEST(B4_sip_uris_of_other_domains_outweigh_dns_names)
{
	refused("uri-wrong", 11, "the certificate is not for primary.example");
}
END_TEST

START_TEST(B4_wildcards_are_no_sip_domains)
{
	refused("wildcard", 11, "the certificate is not for primary.example");
}
END_TEST

START_TEST(B4_an_expired_certificate_is_told_as_that)
{
	refused("expired", 11, "certificate has expired");
}
END_TEST

START_TEST(B4_an_unknown_ca_is_told_as_that)
{
	refused("unknown", 11, "unable to get local issuer certificate");
}
END_TEST

START_TEST(tls_verify_0_believes_everybody_and_says_so)
{
	struct bench bench;
	struct secure server;
	char text[BENCH_TEXT];

	open_with(&bench, 0);
	ck_assert_ptr_nonnull(strstr(bench.log, "not verified"));
	secure_listen(&server, 11, "unknown");
	send_to(&bench, &server, 1);
	expect_registered(&bench, &server, text);
	secure_close(&server);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_a_session_is_resumed_after_the_connection_was_lost)
{
	struct bench bench;
	struct secure server;
	char text[BENCH_TEXT];

	open_with(&bench, 1);
	secure_listen(&server, 11, "good");
	send_to(&bench, &server, 1);
	expect_registered(&bench, &server, text);
	ck_assert_int_eq(ua_tls_resumed(server.tls), 0);
	wire_reset(&server.wire);
	bench_turn(&bench, 50);
	bench_pump(&bench);
	send_to(&bench, &server, 2);
	expect_registered(&bench, &server, text);
	ck_assert_int_eq(ua_tls_resumed(server.tls), 1);
	secure_close(&server);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_garbage_instead_of_a_handshake)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	open_with(&bench, 1);
	wire_listen(&wire, 11, FAILOVER_TLS);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 1);
	bench_send(&bench, &attempt);
	wire_accept(&bench, &wire);
	(void)wire_read(&bench, &wire, text, sizeof(text));
	wire_write(&bench, &wire, "SIP/2.0 200 OK\r\n\r\n", 18);
	wire_expect_unreachable(&bench, 1, FAILOVER_REASON_TLS);
	ck_assert_ptr_nonnull(strstr(bench.log, "TLS with 127.0.0.11:"));
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B3c_a_handshake_that_stalls_ends_with_the_budget)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	open_with(&bench, 1);
	wire_listen(&wire, 11, FAILOVER_TLS);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 1);
	bench_send(&bench, &attempt);
	wire_accept(&bench, &wire);
	(void)wire_read(&bench, &wire, text, sizeof(text));
	bench_advance(&bench, 3494);
	ck_assert_uint_eq(bench.unreachable, 0);
	bench_advance(&bench, 5);
	wire_expect_unreachable(&bench, 1, FAILOVER_REASON_TLS);
	ck_assert_ptr_nonnull(strstr(bench.log, "no answer to the handshake"));
	wire_expect_end(&bench, &wire);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_a_peer_that_hangs_up_during_the_handshake_is_told_as_tls)
{
	struct bench bench;
	struct wire wire;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	open_with(&bench, 1);
	wire_listen(&wire, 11, FAILOVER_TLS);
	attempt = wire_attempt(&bench, &wire, FAILOVER_REGISTER, 1);
	bench_send(&bench, &attempt);
	wire_accept(&bench, &wire);
	(void)wire_read(&bench, &wire, text, sizeof(text));
	close(wire.fd);
	wire.fd = -1;
	wire_expect_unreachable(&bench, 1, FAILOVER_REASON_TLS);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

/* The alert and the reset are there before the next request is written: the reset is what the send
 * meets, the alert says why. */
START_TEST(B4_an_alert_before_a_reset_is_told_as_tls)
{
	static const char garbage[] = "\x17\x03\x03\x00\x20no record of this connection.....";
	struct bench bench;
	struct secure server;
	char text[BENCH_TEXT];
	const char *bytes;
	size_t count;

	open_with(&bench, 1);
	secure_listen(&server, 12, "good");
	send_to(&bench, &server, 1);
	expect_registered(&bench, &server, text);
	ua_tls_input(server.tls, garbage, sizeof(garbage) - 1);
	(void)ua_tls_read(server.tls, text, sizeof(text));
	ck_assert_int_eq(ua_tls_state(server.tls), UA_TLS_FAILED);
	count = ua_tls_output(server.tls, &bytes);
	ck_assert_int_eq(send(server.wire.fd, bytes, count, MSG_NOSIGNAL), (ssize_t)count);
	wire_reset(&server.wire);
	send_to(&bench, &server, 2);
	wire_expect_unreachable(&bench, 2, FAILOVER_REASON_TLS);
	secure_close(&server);
	bench_close(&bench);
}
END_TEST

/* RFC 8446 6.1: who sees no goodbye must think that somebody has cut the connection off. */
START_TEST(B3c_a_connection_that_is_let_go_says_goodbye)
{
	struct bench bench;
	struct secure server;
	struct failover_attempt attempt;
	char text[BENCH_TEXT];

	open_with(&bench, 1);
	secure_listen(&server, 11, "good");
	ck_assert_int_eq(bench.lines->line_targets(bench.inst, 1, &server.wire.target, 1), 0);
	attempt = wire_attempt(&bench, &server.wire, FAILOVER_OPTIONS, 1);
	bench_send(&bench, &attempt);
	ck_assert_int_eq(secure_accept(&bench, &server), UA_TLS_UP);
	secure_expect(&bench, &server, "OPTIONS", text);
	secure_answer(&bench, &server, text);
	bench_advance(&bench, 1000);
	attempt.id = 2;
	bench_send(&bench, &attempt);
	secure_expect(&bench, &server, "OPTIONS", text);
	bench_timeout(&bench, 2, FAILOVER_ABANDON_BUDGET); /* nobody else uses it */
	secure_expect_goodbye(&bench, &server);
	secure_close(&server);
	bench_close(&bench);
}
END_TEST

START_TEST(a_missing_ca_file_is_told_at_open)
{
	struct failover_open_params params = { .size = sizeof(params),
					       .tls_ca_file = "/nonexistent/ca.pem",
					       .tls_verify = 1 };
	struct bench bench;
	void *inst = NULL;

	bench_open(&bench);
	ck_assert_int_eq(bench_plugin()->open(&bench.host, &params, &inst), FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_null(inst);
	bench_close(&bench);
}
END_TEST

START_TEST(the_devices_certificate_must_fit_its_key)
{
	char cert[128], key[128];
	struct failover_open_params params = { .size = sizeof(params),
					       .tls_cert_file = file_of("good", "pem", cert),
					       .tls_key_file = file_of("good", "key", key),
					       .tls_verify = 1 };
	struct bench bench;
	void *inst = NULL;

	bench_open_params(&bench, &params);
	params.tls_key_file = file_of("wrong", "key", key);
	ck_assert_int_eq(bench_plugin()->open(&bench.host, &params, &inst), FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_nonnull(strstr(bench.log, "wrong.key: key values mismatch"));
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_unchecked_fixture(tcase, make_certificates, remove_certificates);
	tcase_add_test(tcase, B4_a_certificate_of_the_configured_domain_is_accepted);
	tcase_add_test(tcase, B4_a_certificate_of_the_configured_address_is_accepted);
	tcase_add_test(tcase, B4_a_certificate_with_the_sip_uri_of_the_domain_is_accepted);
	tcase_add_test(tcase, B4_the_address_that_dns_gave_is_no_proof);
	tcase_add_test(tcase, B4_the_name_of_a_server_is_no_proof_where_an_address_is_configured);
	tcase_add_test(tcase, B4_sip_uris_of_other_domains_outweigh_dns_names);
	tcase_add_test(tcase, B4_wildcards_are_no_sip_domains);
	tcase_add_test(tcase, B4_an_expired_certificate_is_told_as_that);
	tcase_add_test(tcase, B4_an_unknown_ca_is_told_as_that);
	tcase_add_test(tcase, tls_verify_0_believes_everybody_and_says_so);
	tcase_add_test(tcase, B4_a_session_is_resumed_after_the_connection_was_lost);
	tcase_add_test(tcase, B4_garbage_instead_of_a_handshake);
	tcase_add_test(tcase, B3c_a_handshake_that_stalls_ends_with_the_budget);
	tcase_add_test(tcase, B4_a_peer_that_hangs_up_during_the_handshake_is_told_as_tls);
	tcase_add_test(tcase, B4_an_alert_before_a_reset_is_told_as_tls);
	tcase_add_test(tcase, B3c_a_connection_that_is_let_go_says_goodbye);
	tcase_add_test(tcase, the_devices_certificate_must_fit_its_key);
	tcase_add_test(tcase, a_missing_ca_file_is_told_at_open);
}

int main(void)
{
	return bench_main("tls", add);
}
