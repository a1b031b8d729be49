/* SPDX-License-Identifier: MIT */
/* dns_server.c - a DNS server for tests. */
#include "dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define TYPE_OPT 41u
#define RCODE_NXDOMAIN 3
#define TRUNCATED 2 /* in byte 2 */

/* A port that is free for UDP may be taken for TCP, by a connection that has just ended too. */
#define TRIES 1000

static int open_pair(struct dns_server *server)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (server->socket < 0 || server->listener < 0 ||
	    bind(server->socket, (void *)&at, sizeof(at)) != 0 ||
	    getsockname(server->socket, (void *)&at, &size) != 0)
		abort();
	snprintf(server->address, sizeof(server->address), "127.0.0.1:%u",
		 (unsigned)ntohs(at.sin_port));
	return bind(server->listener, (void *)&at, sizeof(at));
}

void dns_server_open(struct dns_server *server)
{
	server->connection = -1;
	server->listens = 0;
	for (int i = 0; open_pair(server) != 0; i++) {
		dns_server_close(server);
		if (i == TRIES)
			abort();
	}
}

void dns_server_listen(struct dns_server *server)
{
	if (listen(server->listener, 8) != 0)
		abort();
	server->listens = 1;
}

void dns_server_close(struct dns_server *server)
{
	close(server->socket);
	close(server->listener);
	if (server->connection >= 0)
		close(server->connection);
}

static int row_is(const char *row, const char *name, const char *type)
{
	char row_name[256], row_type[16];

	if (sscanf(row, "%255s %*u %15s", row_name, row_type) != 2)
		abort();
	return strcasecmp(row_name, name) == 0 && (!type || strcmp(row_type, type) == 0);
}

static uint16_t row_type(const char *row)
{
	char type[16];

	if (sscanf(row, "%*s %*u %15s", type) != 1)
		abort();
	return message_type(type);
}

static void zone_answer(const struct dns_server *server, struct dns_message *out, const char *name,
			uint16_t type)
{
	int known = 0, answered = 0;

	message_begin(out, name, type, 0);
	for (const char *const *row = server->rows; *row; row++) {
		known |= row_is(*row, name, NULL);
		if (row_is(*row, name, NULL) && row_type(*row) == type) {
			message_add(out, SECTION_ANSWER, *row);
			answered = 1;
		}
	}
	for (const char *const *row = server->rows; *row && !answered; row++) {
		if (row_type(*row) == FO_TYPE_SOA)
			message_add(out, SECTION_AUTHORITY, *row);
	}
	if (!known)
		out->bytes[3] |= RCODE_NXDOMAIN;
}

static void lie(struct dns_message *out)
{
	static const uint8_t lies[] = { 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0xff, 0xff, 1 };

	out->bytes[SECTION_ANSWER + 1] = 1;
	for (size_t i = 0; i < sizeof(lies); i++)
		message_put(out, lies[i], 1);
}

static void first_answer(const struct dns_server *server, struct dns_message *out, const char *name,
			 uint16_t type)
{
	for (const char *const *row = server->rows; *row; row++) {
		if (!row_is(*row, name, NULL) || row_type(*row) != type)
			continue;
		message_add(out, SECTION_ANSWER, *row);
		return;
	}
}

static uint16_t rcode_of(enum dns_health health)
{
	static const uint16_t rcodes[DNS_HEALTHS] = { [DNS_FORMERR] = 1,
						      [DNS_SERVFAIL] = 2,
						      [DNS_NO_NAME] = RCODE_NXDOMAIN,
						      [DNS_NOTIMP] = 4,
						      [DNS_REFUSED] = 5 };

	return rcodes[health];
}

static void sick_answer(const struct dns_server *server, enum dns_health health,
			struct dns_message *out, const char *name, uint16_t type)
{
	if (health == DNS_OTHER_QUESTION)
		name = "other.test";
	message_begin(out, name, type, rcode_of(health));
	if (health == DNS_GARBAGE)
		lie(out);
	if (health == DNS_OTHER_QUESTION)
		message_add(out, SECTION_ANSWER, "other.test 60 A 192.0.2.66");
	if (health == DNS_CUT)
		first_answer(server, out, name, type);
	if (health == DNS_CUT || health == DNS_EMPTY_CUT)
		out->bytes[2] |= TRUNCATED;
}

/* The question's name as text; returns where its type is. */
static size_t question_name(const uint8_t *bytes, size_t length, char *out)
{
	size_t at = 12;

	while (at < length && bytes[at] != 0 && at + bytes[at] < length) {
		memcpy(out, bytes + at + 1, bytes[at]);
		out += bytes[at];
		*out++ = '.';
		at += bytes[at] + 1u;
	}
	out[bytes[12] ? -1 : 0] = '\0';
	return at + 1;
}

static enum dns_health health_of(const struct dns_server *server, const uint8_t *question,
				 const char *name, uint16_t type)
{
	if (question[SECTION_ADDITIONAL + 1] > 0 && server->edns != DNS_UP)
		return server->edns;
	if (server->sick_type && server->sick_type != type && server->sick_type_2 != type)
		return DNS_UP;
	if (server->sick_name && strcasecmp(server->sick_name, name) != 0)
		return DNS_UP;
	return server->health;
}

/* RFC 6891 6.1.1: who knows EDNS answers with it. */
static void add_opt(struct dns_message *out)
{
	message_put(out, 0, 1);
	message_put(out, TYPE_OPT, 2);
	message_put(out, 1232, 2);
	message_put(out, 0, 4);
	message_put(out, 0, 2);
	out->bytes[SECTION_ADDITIONAL + 1]++;
}

/* Returns 0 if there is nothing to send. */
static int answer(struct dns_server *server, const uint8_t *question, size_t length, int is_well,
		  struct dns_message *out)
{
	char name[2048];
	size_t at = question_name(question, length, name);
	uint16_t type = (uint16_t)(question[at] << 8 | question[at + 1]);
	enum dns_health health = is_well ? DNS_UP : health_of(server, question, name, type);

	if (server->hidden && strcasecmp(server->sick_name, name) == 0)
		health = DNS_NO_NAME;
	server->hidden |= server->hides && health == DNS_NO_NAME;
	if (health == DNS_UP || health == DNS_WELL)
		zone_answer(server, out, name, type);
	else
		sick_answer(server, health, out, name, type);
	if (question[SECTION_ADDITIONAL + 1] > 0 && (health == DNS_CUT || health == DNS_WELL))
		add_opt(out);
	memcpy(out->bytes, question, 2);
	return health == DNS_HELD ? -1 : health != DNS_SILENT;
}

static void hold(struct dns_server *server, const struct sockaddr_in *from, const uint8_t *bytes,
		 size_t length)
{
	struct dns_held *held = &server->held[server->held_count++];

	if (server->held_count > DNS_SERVER_HELD_MOST || length > sizeof(held->bytes))
		abort();
	held->from = *from;
	held->length = length;
	memcpy(held->bytes, bytes, length);
}

static void send_to(const struct dns_server *server, const struct dns_message *out,
		    const struct sockaddr_in *to)
{
	if (sendto(server->socket, out->bytes, out->length, 0, (const void *)to, sizeof(*to)) < 0)
		abort();
}

void dns_server_release(struct dns_server *server)
{
	static struct dns_message out;

	for (uint32_t i = 0; i < server->held_count; i++) {
		answer(server, server->held[i].bytes, server->held[i].length, 1, &out);
		send_to(server, &out, &server->held[i].from);
	}
	server->held_count = 0;
}

/* One question at a time, each in one piece. */
static void tcp_serve(struct dns_server *server)
{
	static struct dns_message out;
	uint8_t bytes[2048], head[2];
	ssize_t length;

	if (server->connection < 0)
		server->connection = accept(server->listener, NULL, NULL);
	if (server->connection < 0)
		return;
	while ((length = recv(server->connection, bytes, sizeof(bytes), MSG_DONTWAIT)) > 18) {
		server->asked++;
		server->asked_tcp++;
		answer(server, bytes + 2, (size_t)length - 2, 1, &out);
		head[0] = (uint8_t)(out.length >> 8);
		head[1] = (uint8_t)out.length;
		if (send(server->connection, head, 2, MSG_MORE | MSG_NOSIGNAL) != 2 ||
		    send(server->connection, out.bytes, out.length, MSG_NOSIGNAL) < 0)
			break; /* nobody waits any more */
	}
	if (length == 0) {
		close(server->connection);
		server->connection = -1;
	}
}

void dns_server_serve(struct dns_server *server)
{
	static struct dns_message out;
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	uint8_t bytes[2048];
	ssize_t length;

	if (server->listens)
		tcp_serve(server);
	while ((length = recvfrom(server->socket, bytes, sizeof(bytes), 0, (void *)&from, &size)) >
	       16) {
		int answered = answer(server, bytes, (size_t)length, 0, &out);

		server->asked++;
		server->asked_edns += bytes[SECTION_ADDITIONAL + 1] > 0;
		if (answered < 0)
			hold(server, &from, bytes, (size_t)length);
		if (answered > 0)
			send_to(server, &out, &from);
		size = sizeof(from);
	}
}
