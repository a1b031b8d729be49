/* SPDX-License-Identifier: MIT */
/* libfailover-wire with sockets of its own, against servers that are sockets on loopback. */
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <failover/wire_net.h>
#include "tap_main.h"

#define TEXT 4096u
#define PATIENCE_MS 60000u

/* ---- two servers and a stack -------------------------------------------------------------- */

struct place {
	int fd, listener; /* of TCP: the connection, and who takes it */
	struct failover_target at;
};

static struct failover_engine *engine;
static struct failover_wire_net *net;
static struct place primary, backup;
static uint32_t line;
static char heard[TEXT]; /* the last message for the stack */
static unsigned heard_count;
static uint32_t unavailable_because;

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void place_open(struct place *place, uint32_t transport)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	int is_udp = transport == FAILOVER_UDP;
	int fd = socket(AF_INET, (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, size), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	if (!is_udp)
		ck_assert_int_eq(listen(fd, 4), 0);
	*place = (struct place){ .fd = is_udp ? fd : -1, .listener = is_udp ? -1 : fd };
	ck_assert_int_eq(
		failover_target_set(&place->at, "127.0.0.1", ntohs(at.sin_port), transport), 0);
}

static void place_close(struct place *place)
{
	if (place->fd >= 0)
		close(place->fd);
	if (place->listener >= 0)
		close(place->listener);
	place->fd = place->listener = -1;
}

static void on_event(void *user, const struct failover_event *event)
{
	(void)user;
	if (event->kind == FAILOVER_EVENT_UNAVAILABLE)
		unavailable_because = event->reason;
}

static void drain(void)
{
	struct failover_wire_output message = { .size = sizeof(message) };

	while (failover_wire_net_poll(net, &message)) {
		ck_assert_uint_lt(message.count, TEXT);
		memcpy(heard, message.bytes, message.count + 1);
		heard_count++;
	}
}

/* One turn of the loop; what a server has is waited for, too. */
static void turn(int also)
{
	struct pollfd polled[16];
	struct failover_io_fd fds[15];
	uint32_t count = failover_wire_net_fds(net, fds, 15), ready = 0, i;

	ck_assert_uint_le(count, 15);
	for (i = 0; i < count; i++)
		polled[i] =
			(struct pollfd){ fds[i].fd,
					 (short)((fds[i].events & FAILOVER_IO_READ ? POLLIN : 0) |
						 (fds[i].events & FAILOVER_IO_WRITE ? POLLOUT : 0)),
					 0 };
	polled[count] = (struct pollfd){ also, POLLIN, 0 };
	poll(polled, count + 1, 20);
	for (i = 0; i < count; i++) {
		uint32_t events = (polled[i].revents & POLLIN ? FAILOVER_IO_READ : 0) |
				  (polled[i].revents & POLLOUT ? FAILOVER_IO_WRITE : 0) |
				  (polled[i].revents & (POLLERR | POLLHUP) ? FAILOVER_IO_ERROR : 0);

		if (events)
			fds[ready++] = (struct failover_io_fd){ fds[i].fd, events };
	}
	failover_wire_net_process(net, fds, ready, clock_ms());
	drain();
}

/* The next message that a server gets. */
static void server_takes(struct place *place, char out[TEXT], struct sockaddr_in *from)
{
	uint64_t until = clock_ms() + PATIENCE_MS;
	socklen_t size = sizeof(*from);
	ssize_t got = -1;

	while (got <= 0) {
		ck_assert_msg(clock_ms() < until, "nothing has come");
		turn(place->fd >= 0 ? place->fd : place->listener);
		if (place->fd < 0)
			place->fd = accept(place->listener, NULL, NULL);
		if (place->fd >= 0)
			got = recvfrom(place->fd, out, TEXT - 1, MSG_DONTWAIT,
				       (struct sockaddr *)from, &size);
	}
	out[got] = '\0';
}

static void header(const char *message, const char *name, char *out, size_t size)
{
	const char *at = strstr(message, name);

	ck_assert_ptr_nonnull(at);
	snprintf(out, size, "%.*s", (int)strcspn(at, "\r"), at);
}

static void server_answers(struct place *place, const char *request, const struct sockaddr_in *to)
{
	static const char *const names[] = { "Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: " };
	char answer[TEXT] = "SIP/2.0 200 OK\r\n", value[512];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		header(request, names[i], value, sizeof(value));
		strcat(strcat(answer, value), "\r\n");
	}
	strcat(answer, "Content-Length: 0\r\n\r\n");
	if (place->at.transport == FAILOVER_UDP)
		ck_assert_int_gt(sendto(place->fd, answer, strlen(answer), 0,
					(const struct sockaddr *)to, sizeof(*to)),
				 0);
	else
		ck_assert_int_gt(send(place->fd, answer, strlen(answer), 0), 0);
}

/* ---- set-up ------------------------------------------------------------------------------- */

static void net_open(void)
{
	struct failover_engine_params engine_params = { .size = sizeof(engine_params),
							.memory = failover_memory_default(),
							.max_addresses = 16,
							.seed = 1 };
	struct failover_wire_net_params params = {
		.size = sizeof(params), .event = on_event, .device = "device", .tls_verify = 1
	};

	ck_assert_int_eq(failover_engine_new(&engine_params, &engine), 0);
	params.engine = engine;
	ck_assert_int_eq(failover_target_set(&params.listen, "127.0.0.1", 5060, FAILOVER_UDP), 0);
	params.listen.port = 0;
	ck_assert_int_eq(failover_wire_net_new(&params, clock_ms(), &net), 0);
}

static void line_open(uint32_t transport)
{
	struct failover_registrar_identity registrars[2] = {
		{ .size = sizeof(registrars[0]), .address = "127.0.0.1", .transport = transport },
		{ .size = sizeof(registrars[0]), .address = "127.0.0.1", .transport = transport }
	};
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .user = "alice",
						   .domain = "example.com",
						   .registrars = registrars,
						   .registrars_count = 2 };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .settings = FAILOVER_LINE_SETTINGS_INIT };
	struct failover_target targets[2];

	place_open(&primary, transport);
	place_open(&backup, transport);
	targets[0] = primary.at;
	targets[1] = backup.at;
	targets[1].registrar = 1;
	registrars[0].port = primary.at.port;
	registrars[1].port = backup.at.port;
	params.targets = targets;
	ck_assert_int_eq(failover_line_add(engine, &params, clock_ms(), &line), 0);
	identity.line = line;
	ck_assert_int_eq(failover_wire_line_set(failover_wire_net_wire(net), &identity, clock_ms()),
			 0);
	ck_assert_int_eq(failover_wire_line_targets(failover_wire_net_wire(net), line, targets, 2,
						    clock_ms()),
			 0);
}

static void setup(void)
{
	heard_count = 0;
	heard[0] = '\0';
	unavailable_because = 0;
	net_open();
}

static void teardown(void)
{
	failover_wire_net_free(net);
	failover_engine_free(engine);
	place_close(&primary);
	place_close(&backup);
}

/* The stack asks: an INVITE, whose first answer is our own 100. */
static void stack_sends(const char *transport)
{
	struct failover_target local;
	char text[TEXT], address[80];
	int length;

	ck_assert_int_eq(failover_wire_net_local(net, &primary.at, &local), 0);
	failover_target_text(&local, address, sizeof(address));
	address[strcspn(address, ";")] = '\0';
	length = snprintf(text, sizeof(text),
			  "INVITE sip:bob@example.com SIP/2.0\r\n"
			  "Via: SIP/2.0/%s %s;branch=z9hG4bK0123456789abcdefghij;rport\r\n"
			  "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=a\r\n"
			  "To: <sip:bob@example.com>\r\nCall-ID: one\r\nCSeq: 1 INVITE\r\n"
			  "Contact: <sip:alice@%s>\r\nContent-Length: 0\r\n\r\n",
			  transport, address, address);
	ck_assert_int_eq(failover_wire_send(failover_wire_net_wire(net), line, text, (size_t)length,
					    clock_ms()),
			 0);
	drain();
}

static void stack_hears(const char *start)
{
	uint64_t until = clock_ms() + PATIENCE_MS;

	while (strncmp(heard, start, strlen(start)) != 0) {
		ck_assert_msg(clock_ms() < until, "not heard: %s", start);
		turn(-1);
	}
}

/* ---- tests -------------------------------------------------------------------------------- */

static void call_through(struct place *place, const char *transport)
{
	char request[TEXT], value[256];
	struct sockaddr_in from;

	stack_sends(transport);
	stack_hears("SIP/2.0 100");
	do
		server_takes(place, request, &from);
	while (strncmp(request, "INVITE ", 7) != 0 && (server_answers(place, request, &from), 1));
	server_answers(place, request, &from);
	stack_hears("SIP/2.0 200");
	header(heard, "Via: ", value, sizeof(value));
	ck_assert_ptr_nonnull(strstr(value, "branch=z9hG4bK0123456789abcdefghij"));
}

START_TEST(B6_a_call_goes_to_the_primary_by_udp)
{
	line_open(FAILOVER_UDP);
	call_through(&primary, "UDP");
}
END_TEST

START_TEST(B4_an_icmp_error_of_the_socket_moves_the_call_at_once)
{
	line_open(FAILOVER_UDP);
	place_close(&primary);
	call_through(&backup, "UDP");
	ck_assert_uint_eq(unavailable_because, FAILOVER_REASON_ICMP);
}
END_TEST

START_TEST(B6_a_call_goes_over_a_connection_of_its_own)
{
	line_open(FAILOVER_TCP);
	call_through(&primary, "TCP");
}
END_TEST

START_TEST(B23c_a_connection_that_is_refused_moves_the_call_at_once)
{
	line_open(FAILOVER_TCP);
	place_close(&primary);
	call_through(&backup, "TCP");
	ck_assert_uint_eq(unavailable_because, FAILOVER_REASON_REFUSED);
}
END_TEST

START_TEST(B21_a_stranger_is_not_heard)
{
	struct failover_wire_statistics is = { .size = sizeof(is) };
	struct place stranger;
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct failover_target local;
	const char *text = "OPTIONS sip:alice@127.0.0.1 SIP/2.0\r\n"
			   "Via: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bKx\r\n"
			   "From: <sip:eve@example.com>;tag=e\r\nTo: <sip:alice@example.com>\r\n"
			   "Call-ID: eve\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
	uint64_t until = clock_ms() + PATIENCE_MS;

	place_open(&stranger, FAILOVER_UDP);
	ck_assert_int_eq(failover_wire_net_local(net, NULL, &local), 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(local.port);
	ck_assert_int_gt(
		sendto(stranger.fd, text, strlen(text), 0, (struct sockaddr *)&to, sizeof(to)), 0);
	while (!is.foreign) {
		ck_assert_msg(clock_ms() < until, "it was not counted");
		turn(-1);
		failover_wire_statistics(failover_wire_net_wire(net), &is);
	}
	ck_assert_uint_eq(heard_count, 0);
	place_close(&stranger);
}
END_TEST

START_TEST(what_cannot_be_used_is_an_error_at_once)
{
	struct failover_wire_net_params params = { .size = sizeof(params) };
	struct failover_wire_net *other = NULL;

	ck_assert_int_eq(failover_wire_net_new(NULL, 0, &other), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_wire_net_new(&params, 0, &other), FAILOVER_ERR_ARGUMENT);
	params.engine = engine;
	params.size = 8;
	ck_assert_int_lt(failover_wire_net_new(&params, 0, &other), 0);
	params.size = sizeof(params);
	ck_assert_int_eq(failover_target_set(&params.listen, "192.0.2.1", 5060, FAILOVER_UDP), 0);
	ck_assert_int_eq(failover_wire_net_new(&params, 0, &other), FAILOVER_ERR_IO);
	ck_assert_int_eq(failover_target_set(&params.listen, "127.0.0.1", 5060, FAILOVER_UDP), 0);
	params.listen.port = 0;
	params.tls_ca_file = "/nonexistent";
	ck_assert_int_eq(failover_wire_net_new(&params, 0, &other), FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_null(other);
	failover_wire_net_free(NULL);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_set_timeout(tcase, 240);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, B6_a_call_goes_to_the_primary_by_udp);
	tcase_add_test(tcase, B4_an_icmp_error_of_the_socket_moves_the_call_at_once);
	tcase_add_test(tcase, B6_a_call_goes_over_a_connection_of_its_own);
	tcase_add_test(tcase, B23c_a_connection_that_is_refused_moves_the_call_at_once);
	tcase_add_test(tcase, B21_a_stranger_is_not_heard);
	tcase_add_test(tcase, what_cannot_be_used_is_an_error_at_once);
}

int main(void)
{
	return tap_main("wire_net", add);
}
