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

#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3
#define RCODE_NOTIMP 4

void dns_server_open(struct dns_server *server)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (server->socket < 0 || bind(server->socket, (void *)&at, sizeof(at)) != 0 ||
	    getsockname(server->socket, (void *)&at, &size) != 0)
		abort();
	snprintf(server->address, sizeof(server->address), "127.0.0.1:%u",
		 (unsigned)ntohs(at.sin_port));
}

void dns_server_close(struct dns_server *server)
{
	close(server->socket);
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

static void sick_answer(const struct dns_server *server, struct dns_message *out, const char *name,
			uint16_t type)
{
	static const uint8_t lie[] = { 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0xff, 0xff, 1 };

	message_begin(out, name, type, server->health == DNS_NOTIMP ? RCODE_NOTIMP : 0);
	if (server->health == DNS_SERVFAIL)
		out->bytes[3] |= RCODE_SERVFAIL;
	if (server->health == DNS_GARBAGE) {
		out->bytes[SECTION_ANSWER + 1] = 1;
		for (size_t i = 0; i < sizeof(lie); i++)
			message_put(out, lie[i], 1);
	}
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

static int is_sick(const struct dns_server *server, const char *name, uint16_t type)
{
	return server->health != DNS_UP && (!server->sick_type || server->sick_type == type) &&
	       (!server->sick_name || strcasecmp(server->sick_name, name) == 0);
}

void dns_server_serve(struct dns_server *server)
{
	static struct dns_message out;
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	uint8_t bytes[2048];
	char name[2048];
	ssize_t length;

	while ((length = recvfrom(server->socket, bytes, sizeof(bytes), 0, (void *)&from, &size)) >
	       16) {
		size_t at = question_name(bytes, (size_t)length, name);
		uint16_t type = (uint16_t)(bytes[at] << 8 | bytes[at + 1]);

		server->asked++;
		if (is_sick(server, name, type))
			sick_answer(server, &out, name, type);
		else
			zone_answer(server, &out, name, type);
		memcpy(out.bytes, bytes, 2);
		if (is_sick(server, name, type) && server->health == DNS_SILENT)
			continue;
		if (sendto(server->socket, out.bytes, out.length, 0, (void *)&from, size) < 0)
			abort();
		size = sizeof(from);
	}
}
