/* SPDX-License-Identifier: MIT */
/* wire.c - the sockets of the servers: what has come, and what is said to the plugin. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include "../../ua/net/address.h"
#include "bench.h"

#define FIRST_BYTE 2 /* the servers are 127.0.0.2, .3, .4 */
#define BIND_TRIES 20

/* ---- sockets ------------------------------------------------------------------------------ */

static int bound(int type, const struct failover_target *target)
{
	struct sockaddr_storage address;
	socklen_t length = ua_address_to_socket(target, &address);
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || !bind(fd, (struct sockaddr *)&address, length))
		return fd;
	close(fd);
	return -1;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* UDP and TCP at the same port. */
static bool open_server(struct server *server, int number)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	struct failover_target want = { .family = 4, .address = { 127, 0, 0 } };

	want.address[3] = (uint8_t)(FIRST_BYTE + number);
	server->fd = bound(SOCK_DGRAM, &want);
	if (server->fd < 0 || getsockname(server->fd, (struct sockaddr *)&address, &length) ||
	    ua_address_from_socket(&address, &server->target))
		return false;
	server->target.registrar = number == 1;
	server->target.hop = number == 2;
	server->listener = bound(SOCK_STREAM, &server->target);
	return server->listener >= 0 && !listen(server->listener, BENCH_WIRES);
}

void wire_open(struct bench *bench)
{
	int i, tries;

	bench->packets_end = &bench->packets;
	for (i = 0; i < BENCH_SERVERS; i++) {
		struct server *server = &bench->servers[i];

		for (tries = 0; tries < BIND_TRIES && !open_server(server, i); tries++) {
			close_fd(&server->fd);
			close_fd(&server->listener);
		}
		if (server->fd < 0)
			bench_fail(bench, "the validator cannot bind to 127.0.0.%d: %s",
				   FIRST_BYTE + i, strerror(errno));
	}
}

void wire_close(struct bench *bench)
{
	struct packet_in *packet;
	unsigned j;
	int i;

	for (i = 0; i < BENCH_SERVERS; i++) {
		struct server *server = &bench->servers[i];

		close_fd(&server->fd);
		close_fd(&server->listener);
		for (j = 0; j < server->wires_count; j++) {
			close_fd(&server->wires[j].fd);
			free(server->wires[j].frame);
		}
		server->wires_count = 0;
	}
	while ((packet = bench->packets)) {
		bench->packets = packet->next;
		sip_free(&packet->sip);
		free(packet->text);
		free(packet);
	}
}

void wire_refuse(struct bench *bench, int server)
{
	close_fd(&bench->servers[server].fd);
	close_fd(&bench->servers[server].listener);
}

void wire_end(struct bench *bench, int server, int wire, bool reset)
{
	struct linger at_once = { 1, 0 };
	int *fd = &bench->servers[server].wires[wire].fd;

	if (reset && setsockopt(*fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		bench_fail(bench, "the validator cannot reset a connection: %s", strerror(errno));
	close_fd(fd);
}

/* ---- reading ------------------------------------------------------------------------------ */

uint64_t wire_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct packet_in *seen_before(struct bench *bench, int server, const char *text,
				     size_t length)
{
	struct packet_in *packet = bench->packets;

	while (packet && (packet->server != server || packet->length != length ||
			  memcmp(packet->text, text, length) != 0))
		packet = packet->next;
	return packet;
}

static void take(struct bench *bench, int server, const char *text, size_t length,
		 const struct peer *from, int wire)
{
	struct packet_in *packet = seen_before(bench, server, text, length);

	if (length <= 4 && !strspn(text, "\r\n") == !length) /* a keep-alive */
		return;
	if (!packet) {
		packet = calloc(1, sizeof(*packet));
		if (!packet || !(packet->text = malloc(length + 1)))
			bench_fail(bench, "the validator has no memory");
		memcpy(packet->text, text, length);
		packet->text[length] = '\0';
		packet->length = length;
		packet->from = *from;
		packet->wire = wire;
		packet->server = server;
		if (!sip_parse(&packet->sip, packet->text, length))
			bench_fail(bench, "what came to server %d is no SIP message: %.60s", server,
				   packet->text);
		*bench->packets_end = packet;
		bench->packets_end = &packet->next;
	}
	if (packet->count < BENCH_TIMES)
		packet->at[packet->count] = wire_now_us();
	packet->count++;
}

static void read_datagrams(struct bench *bench, int number)
{
	char bytes[SIP_DATAGRAM_MAX];
	struct peer from;
	ssize_t got;

	for (;;) {
		from.len = sizeof(from.addr);
		got = recvfrom(bench->servers[number].fd, bytes, sizeof(bytes), 0,
			       (struct sockaddr *)&from.addr, &from.len);
		if (got < 0)
			return;
		take(bench, number, bytes, (size_t)got, &from, -1);
	}
}

static void read_frames(struct bench *bench, int number, int wire)
{
	static const struct peer nowhere;
	struct ua_frame *frame = bench->servers[number].wires[wire].frame;
	const char *message;
	size_t length;

	for (;;) {
		switch (ua_frame_next(frame, &message, &length)) {
		case UA_FRAME_MORE:
			return;
		case UA_FRAME_MESSAGE:
			take(bench, number, message, length, &nowhere, wire);
			break;
		case UA_FRAME_CRLF:
			break;
		case UA_FRAME_BAD:
			bench_fail(bench, "what came on a connection to server %d is no SIP",
				   number);
		}
	}
}

static void read_wire(struct bench *bench, int number, int wire)
{
	struct server *server = &bench->servers[number];
	struct ua_frame *frame = server->wires[wire].frame;
	size_t room;
	char *to;
	ssize_t got;

	for (;;) {
		to = ua_frame_room(frame, &room);
		got = recv(server->wires[wire].fd, to, room, 0);
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (got <= 0) {
			server->closed++;
			close_fd(&server->wires[wire].fd);
			return;
		}
		if (server->raw) {
			if (!server->raw_count)
				memcpy(server->first, to,
				       (size_t)got < sizeof(server->first) ? (size_t)got
									   : sizeof(server->first));
			server->raw_count += (size_t)got;
			continue;
		}
		ua_frame_add(frame, (size_t)got);
		read_frames(bench, number, wire);
	}
}

static void accept_wires(struct bench *bench, struct server *server)
{
	int fd;

	while (server->listener >= 0 &&
	       (fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct ua_frame *frame = malloc(sizeof(*frame));

		if (server->wires_count == BENCH_WIRES || !frame) {
			free(frame);
			close(fd);
			bench_fail(bench, "more than %u connections to one server", BENCH_WIRES);
		}
		ua_frame_init(frame);
		server->wires[server->wires_count].fd = fd;
		server->wires[server->wires_count++].frame = frame;
	}
}

void wire_read(struct bench *bench)
{
	unsigned j;
	int i;

	for (i = 0; i < BENCH_SERVERS; i++) {
		struct server *server = &bench->servers[i];

		if (server->fd >= 0)
			read_datagrams(bench, i);
		accept_wires(bench, server);
		for (j = 0; j < server->wires_count; j++)
			if (server->wires[j].fd >= 0)
				read_wire(bench, i, (int)j);
	}
}

unsigned wire_fds(const struct bench *bench, struct pollfd *out, unsigned max)
{
	unsigned count = 0, j;
	int i;

	for (i = 0; i < BENCH_SERVERS; i++) {
		const struct server *server = &bench->servers[i];

		if (server->fd >= 0 && count < max)
			out[count++] = (struct pollfd){ .fd = server->fd, .events = POLLIN };
		if (server->listener >= 0 && count < max)
			out[count++] = (struct pollfd){ .fd = server->listener, .events = POLLIN };
		for (j = 0; j < server->wires_count; j++)
			if (server->wires[j].fd >= 0 && count < max)
				out[count++] = (struct pollfd){ .fd = server->wires[j].fd,
								.events = POLLIN };
	}
	return count;
}

int wire_accepted(struct bench *bench, int server)
{
	uint64_t until = host_now_ms(bench) + BENCH_COME_MS, now;

	while (!bench->servers[server].wires_count && (now = host_now_ms(bench)) < until)
		loop_turn(bench, until - now);
	BENCH_WANT(bench, bench->servers[server].wires_count, "no connection came to server %d",
		   server);
	return (int)bench->servers[server].wires_count - 1;
}

/* ---- saying ------------------------------------------------------------------------------- */

size_t wire_answer_text(struct bench *bench, const struct packet_in *request, int status,
			const char *headers, char out[4096])
{
	struct sip_msg reply;
	struct packet packet = { NULL, 0 };
	const char *rest;
	int length = -1;

	if (!sip_reply(&reply, &request->sip, status, "servertag"))
		bench_fail(bench, "the validator has no memory");
	if (sip_to_packet(&reply, &packet) && (rest = strstr(packet.data, "\r\n")))
		length = snprintf(out, 4096, "%.*s\r\n%s%.*s", (int)(rest - packet.data),
				  packet.data, headers,
				  (int)(packet.len - (size_t)(rest + 2 - packet.data)), rest + 2);
	sip_packet_free(&packet);
	sip_free(&reply);
	BENCH_WANT(bench, length > 0 && length < 4096, "the validator cannot build an answer");
	return (size_t)length;
}

void wire_send(struct bench *bench, const struct packet_in *request, const char *bytes,
	       size_t count)
{
	const struct server *server = &bench->servers[request->server];
	struct sip_msg copy = request->sip;
	struct peer to;
	long sent;

	if (request->wire >= 0) {
		sent = places_send(server->wires[request->wire].fd, bytes, count, NULL);
	} else {
		to = sip_reply_peer(&copy, &request->from);
		sent = places_send(server->fd, bytes, count, &to);
	}
	BENCH_WANT(bench, sent == (long)count, "the validator cannot send: %s", strerror(errno));
}

void wire_answer(struct bench *bench, const struct packet_in *request, int status,
		 const char *headers)
{
	char text[4096];
	size_t length = wire_answer_text(bench, request, status, headers, text);

	wire_send(bench, request, text, length);
}

/* A sender that has failover.test/1 does not tell its port: its first descriptor does. */
static uint16_t plugin_port(struct bench *bench)
{
	struct failover_target local = { .family = 0 };
	struct sockaddr_in address = { .sin_port = 0 };
	socklen_t length = sizeof(address);
	struct failover_io_fd fd = { .fd = -1 };

	if (!bench->io->local(bench->inst, FAILOVER_UDP, &local))
		return local.port;
	if (!bench->io->fds(bench->inst, &fd, 1) ||
	    getsockname(fd.fd, (struct sockaddr *)&address, &length))
		return 0;
	return ntohs(address.sin_port);
}

void wire_say_bytes(struct bench *bench, int server, const void *bytes, size_t count)
{
	struct peer to;
	struct sockaddr_in *in = (struct sockaddr_in *)&to.addr;
	uint16_t port = plugin_port(bench);

	BENCH_WANT(bench, port, "the plugin does not tell its UDP port");
	memset(&to, 0, sizeof(to));
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.len = sizeof(*in);
	BENCH_WANT(bench, places_send(bench->servers[server].fd, bytes, count, &to) >= 0,
		   "the validator cannot send: %s", strerror(errno));
}

void wire_say(struct bench *bench, int server, const char *text)
{
	wire_say_bytes(bench, server, text, strlen(text));
}

/* ---- looking ------------------------------------------------------------------------------ */

static const char *find_header(const char *text, const char *name)
{
	size_t length = strlen(name);

	while ((text = strstr(text, "\r\n"))) {
		text += 2;
		if (!strncmp(text, "\r\n", 2))
			return NULL;
		if (!strncasecmp(text, name, length) &&
		    text[length + strspn(text + length, " ")] == ':')
			return text;
	}
	return NULL;
}

/* Compact forms (RFC 3261 7.3.3). */
static const char *find_either(const char *text, const char *name)
{
	static const char *const compact[][2] = { { "Via", "v" },	  { "From", "f" },
						  { "To", "t" },	  { "Call-ID", "i" },
						  { "Contact", "m" },	  { "Content-Length", "l" },
						  { "Content-Type", "c" } };
	const char *found = find_header(text, name);
	size_t i;

	for (i = 0; !found && i < sizeof(compact) / sizeof(compact[0]); i++)
		if (!strcmp(compact[i][0], name))
			found = find_header(text, compact[i][1]);
	return found;
}

const char *wire_header(const struct packet_in *packet, const char *name, char out[BENCH_TEXT])
{
	const char *at = find_either(packet->text, name);

	out[0] = '\0';
	if (!at)
		return out;
	at = strchr(at, ':') + 1;
	at += strspn(at, " \t");
	snprintf(out, BENCH_TEXT, "%.*s", (int)strcspn(at, "\r\n"), at);
	return out;
}

unsigned wire_headers(const struct packet_in *packet, const char *name)
{
	const char *at = packet->text;
	unsigned count = 0;

	while ((at = find_header(at, name)))
		count++;
	return count;
}

const char *wire_uri(const struct packet_in *packet, char out[BENCH_TEXT])
{
	const char *at = strchr(packet->text, ' ');

	snprintf(out, BENCH_TEXT, "%.*s", at ? (int)strcspn(at + 1, " \r\n") : 0, at ? at + 1 : "");
	return out;
}

const char *wire_body(const struct packet_in *packet)
{
	const char *at = strstr(packet->text, "\r\n\r\n");

	return at ? at + 4 : "";
}

bool wire_same_header(const struct packet_in *a, const struct packet_in *b, const char *name)
{
	char one[BENCH_TEXT], two[BENCH_TEXT];

	return !strcmp(wire_header(a, name, one), wire_header(b, name, two)) && one[0];
}

void wire_check_request(struct bench *bench, const struct packet_in *packet)
{
	static const char *const once[] = { "Max-Forwards", "From", "To", "Call-ID", "CSeq" };
	char value[BENCH_TEXT];
	size_t i;

	for (i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		BENCH_WANT(bench, wire_header(packet, once[i], value)[0], "%s has no %s",
			   packet->sip.method, once[i]);
	BENCH_WANT(bench, !strncmp(packet->sip.branch, "z9hG4bK", 7),
		   "the branch of %s does not start with z9hG4bK", packet->sip.method);
	BENCH_WANT(bench, packet->sip.from_tag[0], "the From of %s has no tag", packet->sip.method);
	wire_header(packet, "Content-Length", value);
	BENCH_WANT(bench, !value[0] || strlen(wire_body(packet)) == (size_t)atoi(value),
		   "Content-Length of %s is %s, its body has %zu bytes", packet->sip.method, value,
		   strlen(wire_body(packet)));
}
