/* SPDX-License-Identifier: MIT */
/* plugin_wire.c - TCP peers; whoever waits here lets the plugin work meanwhile. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "plugin_wire.h"

#define TURNS 5000 /* of a few ms: for what must come */
#define QUIET 10   /* for what must not */

void wire_listen(struct wire *wire, unsigned last_byte, uint32_t transport)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);

	memset(wire, 0, sizeof(*wire));
	wire->fd = -1;
	address.sin_addr.s_addr = htonl(0x7f000000u | last_byte);
	wire->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(wire->listener, 0);
	ck_assert_int_eq(bind(wire->listener, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(listen(wire->listener, 4), 0);
	ck_assert_int_eq(getsockname(wire->listener, (struct sockaddr *)&address, &length), 0);
	wire->target.family = 4;
	wire->target.port = ntohs(address.sin_port);
	wire->target.transport = (uint8_t)transport;
	wire->target.registrar = last_byte == 12;
	memcpy(wire->target.address, &address.sin_addr, 4);
}

void wire_close(struct wire *wire)
{
	if (wire->fd >= 0)
		close(wire->fd);
	if (wire->listener >= 0)
		close(wire->listener);
	wire->fd = wire->listener = -1;
}

struct failover_attempt wire_attempt(struct bench *bench, const struct wire *wire, uint32_t method,
				     uint64_t id)
{
	struct failover_attempt attempt = bench_attempt(bench, method, 0, id);

	attempt.target = wire->target;
	return attempt;
}

static int try_accept(struct bench *bench, struct wire *wire, int turns)
{
	int fd = -1;

	while (turns-- && (fd = accept(wire->listener, NULL, NULL)) < 0)
		bench_turn(bench, 2);
	return fd;
}

void wire_accept(struct bench *bench, struct wire *wire)
{
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = try_accept(bench, wire, TURNS);
	ck_assert_msg(wire->fd >= 0, "no connection has come");
	ck_assert_int_eq(fcntl(wire->fd, F_SETFL, O_NONBLOCK), 0);
}

void wire_accept_none(struct bench *bench, struct wire *wire)
{
	ck_assert_msg(try_accept(bench, wire, QUIET) < 0, "a connection has come");
}

static ssize_t try_read(struct bench *bench, struct wire *wire, char *bytes, size_t room, int turns)
{
	ssize_t got = -1;

	while (turns-- && (got = recv(wire->fd, bytes, room, 0)) < 0 && errno == EAGAIN)
		bench_turn(bench, 2);
	return got;
}

size_t wire_read(struct bench *bench, struct wire *wire, char *bytes, size_t room)
{
	ssize_t got = try_read(bench, wire, bytes, room, TURNS);

	ck_assert_msg(got >= 0 || errno == ECONNRESET, "nothing has come");
	return got < 0 ? 0 : (size_t)got;
}

void wire_expect(struct bench *bench, struct wire *wire, const char *start, char *text)
{
	text[wire_read(bench, wire, text, BENCH_TEXT - 1)] = '\0';
	ck_assert_msg(!strncmp(text, start, strlen(start)), "not %s but: %s", start, text);
}

void wire_expect_end(struct bench *bench, struct wire *wire)
{
	char text[BENCH_TEXT];
	size_t got = wire_read(bench, wire, text, sizeof(text));

	ck_assert_msg(!got, "not the end but %zu bytes", got);
}

void wire_expect_none(struct bench *bench, struct wire *wire)
{
	char text[BENCH_TEXT];
	ssize_t got = try_read(bench, wire, text, sizeof(text), QUIET);

	ck_assert_msg(got < 0 && errno == EAGAIN, "%zd bytes have come", got);
}

void wire_write(struct bench *bench, struct wire *wire, const char *bytes, size_t count)
{
	ssize_t sent;

	while (count) {
		sent = send(wire->fd, bytes, count, MSG_NOSIGNAL);
		if (sent > 0) {
			bytes += sent;
			count -= (size_t)sent;
		} else if (errno != EAGAIN) {
			break; /* the plugin has closed it: the test sees that */
		}
		bench_pump(bench);
	}
	bench_turn(bench, 50);
	bench_pump(bench);
}

size_t wire_response(const char *request, const char *status_line, const char *headers,
		     char out[BENCH_TEXT])
{
	char to[512], via[512], from[512], call_id[512], cseq[512];

	header_of(request, "To", to);
	if (!strstr(to, ";tag="))
		strcat(to, ";tag=peer");
	return (size_t)snprintf(
		out, BENCH_TEXT,
		"SIP/2.0 %s\r\nVia: %s\r\nTo: %s\r\nFrom: %s\r\nCall-ID: %s\r\n"
		"CSeq: %s\r\n%sContent-Length: 0\r\n\r\n",
		status_line, header_of(request, "Via", via), to, header_of(request, "From", from),
		header_of(request, "Call-ID", call_id), header_of(request, "CSeq", cseq), headers);
}

void wire_answer(struct bench *bench, struct wire *wire, const char *request,
		 const char *status_line)
{
	char text[BENCH_TEXT];
	size_t length = wire_response(request, status_line, "", text);

	wire_write(bench, wire, text, length);
}

void wire_reset(struct wire *wire)
{
	struct linger at_once = { 1, 0 };

	ck_assert_int_eq(setsockopt(wire->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
	close(wire->fd);
	wire->fd = -1;
}

void wire_expect_unreachable(struct bench *bench, uint64_t attempt, uint32_t reason)
{
	int turns = TURNS;

	bench_pump(bench);
	while (turns-- && !bench->unreachable) {
		bench_turn(bench, 2);
		bench_pump(bench);
	}
	ck_assert_uint_eq(bench->unreachable, 1);
	ck_assert_uint_eq(bench->unreachable_attempt, attempt);
	ck_assert_uint_eq(bench->unreachable_reason, reason);
	bench->unreachable = 0;
}

void wire_register(struct bench *bench, struct wire *wire, uint64_t id)
{
	struct failover_attempt attempt = wire_attempt(bench, wire, FAILOVER_REGISTER, id);
	char text[BENCH_TEXT];
	unsigned before = bench->answers_count;

	bench_send(bench, &attempt);
	if (wire->fd < 0)
		wire_accept(bench, wire);
	wire_expect(bench, wire, "REGISTER", text);
	wire_answer(bench, wire, text, "200 OK");
	ck_assert_uint_eq(bench->answers_count, before + 1);
	ck_assert_uint_eq(bench_last(bench)->answer.status, 200);
}

void wire_expect_lost(struct bench *bench, const struct wire *wire, unsigned count)
{
	unsigned tries = 40;

	while (bench->lost < count && tries--) {
		bench_turn(bench, 50);
		bench_pump(bench);
	}
	ck_assert_uint_eq(bench->lost, count);
	ck_assert_uint_eq(bench->lost_line, 1);
	ck_assert_mem_eq(&bench->lost_target, &wire->target, sizeof(wire->target));
}

void wire_fill_backlog(const struct wire *wire, int fds[8])
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(wire->target.port) };
	int i;

	memcpy(&to.sin_addr, wire->target.address, 4);
	ck_assert_int_eq(listen(wire->listener, 0), 0);
	for (i = 0; i < 8; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fds[i], (struct sockaddr *)&to, sizeof(to));
	}
}

void wire_empty_backlog(const struct wire *wire, const int fds[8])
{
	int i, fd;

	ck_assert_int_eq(listen(wire->listener, 8), 0);
	for (i = 0; i < 8; i++)
		close(fds[i]);
	while ((fd = accept(wire->listener, NULL, NULL)) >= 0)
		close(fd);
}
