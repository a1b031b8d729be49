/* SPDX-License-Identifier: MIT */
/* plugin_sources_test.c - who may speak to the line (B21, B21a). */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "plugin_wire.h"

#define STRANGER 2 /* the peer that strange_peer() moves */

/* ---- what peers say ----------------------------------------------------------------------- */

struct saying {
	const char *method, *branch, *to_tag, *from_tag, *call_id;
	unsigned cseq;
};

static const struct saying invite = { "INVITE", "inv", NULL, "bob", "in@192.0.2.9", 10 };

static const char *text_of(const struct saying *saying, char text[4096])
{
	snprintf(text, 4096,
		 "%s sip:1001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;rport;"
		 "branch=z9hG4bK%s\r\nMax-Forwards: 70\r\nFrom: <sip:bob@example>;tag=%s\r\n"
		 "To: <sip:1001@primary.example>%s%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
		 "Contact: <sip:bob@192.0.2.9:5070>\r\nContent-Length: 0\r\n\r\n",
		 saying->method, saying->branch, saying->from_tag, saying->to_tag ? ";tag=" : "",
		 saying->to_tag ? saying->to_tag : "", saying->call_id, saying->cseq,
		 saying->method);
	return text;
}

static void say(struct bench *bench, int peer, const struct saying *saying)
{
	char text[4096];

	peer_say(bench, peer, text_of(saying, text));
}

static void tag_of(const char *text, char out[512])
{
	char to[512];
	const char *tag = strstr(header_of(text, "To", to), ";tag=");

	ck_assert_ptr_nonnull(tag);
	snprintf(out, 512, "%s", tag + 5);
}

/* The call that rings is refused: there is no dialog then. */
static void refuse(struct bench *bench, int peer, const struct saying *from)
{
	struct saying ack = *from;
	char got[BENCH_TEXT], tag[512];

	ck_assert_int_eq(bench->calls->call_answer(bench->inst, bench->call, 486), 0);
	peer_expect(bench, peer, "SIP/2.0 486 ", got);
	tag_of(got, tag);
	ack.method = "ACK";
	ack.to_tag = tag;
	say(bench, peer, &ack);
}

/* The INVITE of a peer is heard, or not; what it got is taken away. */
static void expect_ringing(struct bench *bench, int peer, const char *branch)
{
	struct saying own = invite;
	unsigned before = bench->incoming;
	char got[BENCH_TEXT];

	own.branch = own.call_id = branch;
	say(bench, peer, &own);
	peer_expect(bench, peer, "SIP/2.0 100 ", got);
	ck_assert_uint_eq(bench->incoming, before + 1);
	refuse(bench, peer, &own);
}

static void expect_nothing(struct bench *bench, int peer, const char *branch)
{
	struct saying own = invite;
	unsigned before = bench->incoming, heard = bench->heard;

	own.branch = own.call_id = branch;
	say(bench, peer, &own);
	peer_expect_none(bench, peer);
	ck_assert_uint_eq(bench->incoming, before);
	ck_assert_uint_eq(bench->heard, heard);
}

/* ---- scenes ------------------------------------------------------------------------------- */

/* This peer is at another address from now on. */
static void strange_peer(struct bench *bench, int peer, const char *host)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t length = sizeof(at);

	close(bench->peers[peer].fd);
	bench->peers[peer].fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET, host, &at.sin_addr);
	ck_assert_int_eq(bind(bench->peers[peer].fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(getsockname(bench->peers[peer].fd, (struct sockaddr *)&at, &length), 0);
	bench->peers[peer].target.port = ntohs(at.sin_port);
	memcpy(bench->peers[peer].target.address, &at.sin_addr, 4);
}

static void set_targets(struct bench *bench, const struct failover_target *targets, uint32_t count)
{
	ck_assert_int_eq(bench->lines->line_targets(bench->inst, 1, targets, count), 0);
}

static void only(struct bench *bench, int peer)
{
	set_targets(bench, &bench->peers[peer].target, 1);
}

static void register_at(struct bench *bench, int peer, uint64_t id, uint32_t expires_s)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, peer, id);
	char text[BENCH_TEXT];

	attempt.expires_s = expires_s;
	bench_send(bench, &attempt);
	peer_expect(bench, peer, "REGISTER", text);
	peer_answer(bench, peer, text, "200 OK", "");
	ck_assert_uint_eq(bench_last(bench)->attempt, id);
}

/* A call of peer 0 that is up. */
static void call_in(struct bench *bench, char tag[512])
{
	struct saying ack = invite;
	char got[BENCH_TEXT];

	say(bench, 0, &invite);
	peer_expect(bench, 0, "SIP/2.0 100 ", got);
	ck_assert_int_eq(bench->calls->call_answer(bench->inst, bench->call, 200), 0);
	peer_expect(bench, 0, "SIP/2.0 200 ", got);
	tag_of(got, tag);
	ack.method = "ACK";
	ack.branch = "ack";
	ack.to_tag = tag;
	say(bench, 0, &ack);
	ck_assert_uint_eq(bench->up, 1);
}

/* ---- bindings ----------------------------------------------------------------------------- */

START_TEST(B21_the_serving_target_that_has_gone_from_the_list_is_heard)
{
	struct bench bench;

	bench_open(&bench);
	register_at(&bench, 0, 1, 3600);
	only(&bench, 1);
	expect_ringing(&bench, 0, "a");
	ck_assert_uint_eq(bench.heard, 1); /* and it is life of the serving target (B15a) */
	bench_advance(&bench, 3700000);	   /* late with its refresh, and still serving */
	expect_ringing(&bench, 0, "b");
	bench_close(&bench);
}
END_TEST

START_TEST(B21_a_target_that_holds_a_live_binding_is_heard_until_that_ends)
{
	struct bench bench;

	bench_open(&bench);
	register_at(&bench, 0, 1, 600);
	register_at(&bench, 1, 2, 3600); /* the line has moved */
	only(&bench, 1);
	bench_advance(&bench, 599000);
	expect_ringing(&bench, 0, "a");
	bench_advance(&bench, 1000);
	expect_nothing(&bench, 0, "b");
	expect_ringing(&bench, 1, "c");
	bench_close(&bench);
}
END_TEST

START_TEST(B21_a_binding_outlives_a_changed_configuration_and_ends_with_its_removal)
{
	struct bench bench;

	bench_open(&bench);
	register_at(&bench, 0, 1, 3600);
	register_at(&bench, 1, 2, 3600);
	bench_identity(&bench, "other", NULL);
	only(&bench, 1);
	expect_ringing(&bench, 0, "a");
	register_at(&bench, 0, 3, 0); /* B11b */
	expect_nothing(&bench, 0, "b");
	bench_close(&bench);
}
END_TEST

/* A name whose A record alternates: the line stays registered at the one, the list has the other.
 */
START_TEST(B21_an_address_that_alternates_loses_no_call)
{
	struct bench bench;
	char id[16];
	int i;

	bench_open(&bench);
	only(&bench, 0);
	register_at(&bench, 0, 1, 3600);
	for (i = 0; i < 50; i++) {
		only(&bench, i % 2);
		snprintf(id, sizeof(id), "alternates%d", i);
		expect_ringing(&bench, 0, id);
	}
	bench_close(&bench);
}
END_TEST

/* ---- dialogs ------------------------------------------------------------------------------ */

START_TEST(B21_the_server_of_a_call_is_heard_until_the_call_ends)
{
	struct bench bench;
	struct saying bye = invite;
	char tag[512], got[BENCH_TEXT];

	bench_open(&bench);
	call_in(&bench, tag);
	only(&bench, 1);
	bye.method = "BYE";
	bye.branch = "bye";
	bye.to_tag = tag;
	bye.cseq = 11;
	say(&bench, 0, &bye);
	peer_expect(&bench, 0, "SIP/2.0 200 ", got);
	ck_assert_uint_eq(bench.ended, 1);
	say(&bench, 0, &bye); /* its 200 was lost */
	peer_expect(&bench, 0, "SIP/2.0 200 ", got);
	expect_nothing(&bench, 0, "after");
	bench_close(&bench);
}
END_TEST

START_TEST(B21_the_remote_peer_of_a_dialog_may_end_it_and_nothing_else)
{
	struct bench bench;
	struct saying bye = { "BYE", "bye", NULL, "peer", NULL, 7 };
	struct failover_attempt attempt;
	char got[BENCH_TEXT], contact[128], call_id[512], from[512], *tag;
	uint64_t call;

	bench_open(&bench);
	strange_peer(&bench, STRANGER, "127.0.0.77");
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 0, 1);
	attempt.cookie = call;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "INVITE", got);
	only(&bench, 1);
	expect_nothing(&bench, STRANGER, "before");
	snprintf(contact, sizeof(contact), "Contact: <sip:1002@127.0.0.77:%u>\r\n",
		 bench.peers[STRANGER].target.port);
	peer_answer(&bench, 0, got, "200 OK", contact);
	header_of(got, "Call-ID", call_id);
	tag = strstr(header_of(got, "From", from), ";tag=") + 5;
	peer_expect(&bench, 0, "ACK", got);
	expect_nothing(&bench, STRANGER, "while");
	bye.to_tag = tag;
	bye.call_id = call_id;
	say(&bench, STRANGER, &bye);
	peer_expect(&bench, STRANGER, "SIP/2.0 200 ", got);
	ck_assert_uint_eq(bench.ended, 1);
	bye.branch = "bye2";
	say(&bench, STRANGER, &bye);
	peer_expect_none(&bench, STRANGER);
	bench_close(&bench);
}
END_TEST

/* ---- accept_from -------------------------------------------------------------------------- */

static void open_accepting(struct bench *bench, struct failover_network *networks, uint32_t count)
{
	struct failover_open_params params = { .size = sizeof(params),
					       .accept = networks,
					       .accept_count = count };

	bench_open_params(bench, &params);
	memset(networks, 0, count * sizeof(*networks)); /* it has a copy */
}

START_TEST(B21_accept_from_takes_addresses_and_networks)
{
	struct failover_network networks[3] = {
		{ .address = { 127, 0, 0, 64 }, .family = 4, .prefix = 26 },
		{ .address = { 127, 0, 0, 200 }, .family = 4, .prefix = 32 },
		{ .address = { 0x20, 1 }, .family = 6, .prefix = 0 },
	};
	struct bench bench;

	open_accepting(&bench, networks, 3);
	only(&bench, 1);
	expect_ringing(&bench, 1, "target");
	strange_peer(&bench, STRANGER, "127.0.0.64");
	expect_ringing(&bench, STRANGER, "first");
	strange_peer(&bench, STRANGER, "127.0.0.127");
	expect_ringing(&bench, STRANGER, "last");
	strange_peer(&bench, STRANGER, "127.0.0.200");
	expect_ringing(&bench, STRANGER, "one");
	strange_peer(&bench, STRANGER, "127.0.0.128");
	expect_nothing(&bench, STRANGER, "behind");
	strange_peer(&bench, STRANGER, "127.0.0.63");
	expect_nothing(&bench, STRANGER, "before");
	strange_peer(&bench, STRANGER, "127.0.0.201");
	expect_nothing(&bench, STRANGER, "beside");
	bench_close(&bench);
}
END_TEST

START_TEST(B21_a_caller_of_an_older_contract_accepts_targets_only)
{
	struct failover_network network = { .family = 4 };
	struct failover_open_params params = { .size = offsetof(struct failover_open_params,
								accept),
					       .accept = &network,
					       .accept_count = 1 };
	struct bench bench;

	bench_open_params(&bench, &params);
	strange_peer(&bench, STRANGER, "127.0.0.77");
	expect_nothing(&bench, STRANGER, "a");
	bench_close(&bench);
}
END_TEST

START_TEST(B21_who_is_turned_away_is_told_once_a_minute)
{
	struct bench bench;

	bench_open(&bench);
	strange_peer(&bench, STRANGER, "127.0.0.77");
	expect_nothing(&bench, STRANGER, "a");
	ck_assert_msg(strstr(bench.log, "127.0.0.77:") != NULL, "log: %s", bench.log);
	bench.log[0] = '\0';
	bench_advance(&bench, 59999);
	expect_nothing(&bench, STRANGER, "b");
	ck_assert_str_eq(bench.log, "");
	bench_advance(&bench, 1);
	expect_nothing(&bench, STRANGER, "c");
	ck_assert_ptr_nonnull(strstr(bench.log, "(3 so far)"));
	bench_close(&bench);
	ck_assert_ptr_nonnull(strstr(bench.log, "3 not from a target"));
}
END_TEST

/* ---- transports --------------------------------------------------------------------------- */

START_TEST(B21a_a_line_of_tcp_or_tls_hears_no_datagrams)
{
	static const uint8_t transports[] = { FAILOVER_TCP, FAILOVER_TLS };
	struct failover_target target;
	struct bench bench;
	size_t i;

	for (i = 0; i < sizeof(transports); i++) {
		bench_open(&bench);
		target = bench.peers[0].target;
		target.transport = transports[i];
		set_targets(&bench, &target, 1);
		expect_nothing(&bench, 0, "a");
		bench_close(&bench);
	}
}
END_TEST

START_TEST(B21a_life_comes_from_the_very_place_only)
{
	struct saying options = { "OPTIONS", "o1", NULL, "x", "o@x", 1 };
	struct failover_target targets[2];
	struct bench bench;
	char got[BENCH_TEXT];

	bench_open(&bench);
	targets[0] = targets[1] = bench.peers[0].target;
	targets[0].transport = FAILOVER_TCP;
	targets[1].port++;
	set_targets(&bench, targets, 2);
	say(&bench, 0, &options);
	peer_expect(&bench, 0, "SIP/2.0 200 ", got); /* UDP has that host: it may speak */
	ck_assert_uint_eq(bench.heard, 0);
	only(&bench, 0);
	options.branch = "o2";
	say(&bench, 0, &options);
	peer_expect(&bench, 0, "SIP/2.0 200 ", got);
	ck_assert_uint_eq(bench.heard, 1);
	bench_close(&bench);
}
END_TEST

static int connect_from(const struct bench *bench, const char *from)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, from, &at.sin_addr);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	memcpy(&at.sin_addr, bench->local.address, 4);
	at.sin_port = htons(bench->local.port);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

START_TEST(B21a_a_line_of_tls_takes_no_connection_in_the_clear)
{
	struct wire wire = { .listener = -1 };
	struct failover_target target;
	struct bench bench;
	char text[BENCH_TEXT];

	bench_open(&bench);
	target = bench.peers[0].target;
	target.transport = FAILOVER_TLS;
	set_targets(&bench, &target, 1);
	wire.fd = connect_from(&bench, "127.0.0.11");
	bench_pump(&bench);
	wire_expect_end(&bench, &wire);
	wire_close(&wire);
	target.transport = FAILOVER_UDP; /* what is long comes by TCP (RFC 3261 18.1.1) */
	set_targets(&bench, &target, 1);
	wire.fd = connect_from(&bench, "127.0.0.11");
	text_of(&invite, text);
	wire_write(&bench, &wire, text, strlen(text));
	wire_expect(&bench, &wire, "SIP/2.0 100 ", text);
	ck_assert_uint_eq(bench.incoming, 1);
	ck_assert_uint_eq(bench.heard, 0);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

/* UDP and TCP at one address and port: each call is booked where it came from. */
START_TEST(B21a_a_call_over_the_connection_belongs_to_its_tcp_target)
{
	struct bench bench;
	struct wire wire;
	struct failover_target targets[2];
	struct saying ack = invite;
	char text[BENCH_TEXT], tag[512];

	bench_open(&bench);
	wire_listen(&wire, 11, FAILOVER_TCP);
	targets[0] = targets[1] = wire.target;
	targets[0].transport = FAILOVER_UDP;
	set_targets(&bench, targets, 2);
	wire_register(&bench, &wire, 1);
	text_of(&invite, text);
	wire_write(&bench, &wire, text, strlen(text));
	wire_expect(&bench, &wire, "SIP/2.0 100 ", text);
	ck_assert_uint_eq(bench.heard_from.transport, FAILOVER_TCP);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), 0);
	wire_expect(&bench, &wire, "SIP/2.0 200 ", text);
	tag_of(text, tag);
	ack.method = "ACK";
	ack.branch = "ack";
	ack.to_tag = tag;
	text_of(&ack, text);
	wire_write(&bench, &wire, text, strlen(text));
	ck_assert_uint_eq(bench.up, 1);
	ck_assert_uint_eq(bench.up_target.transport, FAILOVER_TCP);
	wire_close(&wire);
	bench_close(&bench);
}
END_TEST

static void expect_answer(struct bench *bench, struct wire *wire, const char *branch)
{
	struct saying options = { "OPTIONS", branch, NULL, "x", branch, 1 };
	char text[BENCH_TEXT];

	text_of(&options, text);
	wire_write(bench, wire, text, strlen(text));
	wire_expect(bench, wire, "SIP/2.0 200 ", text);
}

#define STRANGERS 270
#define OF_HOST 15

/* accept_from = any: whoever likes may connect, and must not keep the server out. */
START_TEST(B21_strangers_cannot_have_all_places)
{
	struct wire server = { .listener = -1 }, first = server, last = server;
	int fds[STRANGERS], i;
	struct bench bench;
	char host[16];

	bench_open_with(&bench, 1);
	for (i = 0; i < STRANGERS; i++) {
		snprintf(host, sizeof(host), "127.0.1.%d", 1 + i / OF_HOST);
		fds[i] = connect_from(&bench, host);
		bench_pump(&bench);
	}
	server.fd = connect_from(&bench, "127.0.0.11");
	expect_answer(&bench, &server, "server");
	first.fd = fds[0];
	wire_expect_end(&bench, &first);
	last.fd = fds[STRANGERS - 1];
	expect_answer(&bench, &last, "last");
	for (i = 0; i < STRANGERS; i++)
		close(fds[i]);
	wire_close(&server);
	bench_close(&bench);
}
END_TEST

START_TEST(B21_one_stranger_has_few_places)
{
	struct wire other = { .listener = -1 }, first = other;
	struct bench bench;
	int fds[20], i;

	bench_open_with(&bench, 1);
	other.fd = connect_from(&bench, "127.0.1.1");
	for (i = 0; i < 20; i++) {
		fds[i] = connect_from(&bench, "127.0.1.2");
		bench_pump(&bench);
	}
	expect_answer(&bench, &other, "other");
	first.fd = fds[3];
	wire_expect_end(&bench, &first);
	first.fd = fds[4];
	expect_answer(&bench, &first, "first");
	for (i = 0; i < 20; i++)
		close(fds[i]);
	wire_close(&other);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B21_the_serving_target_that_has_gone_from_the_list_is_heard);
	tcase_add_test(tcase, B21_a_target_that_holds_a_live_binding_is_heard_until_that_ends);
	tcase_add_test(tcase,
		       B21_a_binding_outlives_a_changed_configuration_and_ends_with_its_removal);
	tcase_add_test(tcase, B21_an_address_that_alternates_loses_no_call);
	tcase_add_test(tcase, B21_the_server_of_a_call_is_heard_until_the_call_ends);
	tcase_add_test(tcase, B21_the_remote_peer_of_a_dialog_may_end_it_and_nothing_else);
	tcase_add_test(tcase, B21_accept_from_takes_addresses_and_networks);
	tcase_add_test(tcase, B21_a_caller_of_an_older_contract_accepts_targets_only);
	tcase_add_test(tcase, B21_who_is_turned_away_is_told_once_a_minute);
	tcase_add_test(tcase, B21a_a_line_of_tcp_or_tls_hears_no_datagrams);
	tcase_add_test(tcase, B21a_life_comes_from_the_very_place_only);
}

int main(void)
{
	const struct bench_need needs[] = {
		{ B21_strangers_cannot_have_all_places, FAILOVER_CAP_TCP, NULL },
		{ B21_one_stranger_has_few_places, FAILOVER_CAP_TCP, NULL },
		{ B21a_a_line_of_tls_takes_no_connection_in_the_clear, FAILOVER_CAP_TCP, NULL },
		{ B21a_a_call_over_the_connection_belongs_to_its_tcp_target, FAILOVER_CAP_TCP,
		  NULL },
	};

	return bench_main_needs("sources", add, needs, sizeof(needs) / sizeof(needs[0]));
}
