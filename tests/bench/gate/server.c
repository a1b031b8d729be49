/* SPDX-License-Identifier: MIT */
/* server.c - answers of a registrar that wants credentials, and of a callee behind it. */
#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT_BYTES 4096
#define VALUE_BYTES 512
#define AT_ONCE 32u
#define ROOM_BYTES (16 << 20) /* all lines may start at once */

struct request {
	const char *text;
	char via[VALUE_BYTES], from[VALUE_BYTES], to[VALUE_BYTES], call_id[VALUE_BYTES];
	char cseq[VALUE_BYTES], contact[VALUE_BYTES];
};

static void value_of(const char *text, const char *name, char *out)
{
	const char *at = strstr(text, name);

	*out = '\0';
	if (!at)
		return;
	at += strlen(name);
	snprintf(out, VALUE_BYTES, "%.*s", (int)strcspn(at, "\r"), at);
}

static void request_read(const char *text, struct request *out)
{
	out->text = text;
	value_of(text, "\r\nVia: ", out->via);
	value_of(text, "\r\nFrom: ", out->from);
	value_of(text, "\r\nTo: ", out->to);
	value_of(text, "\r\nCall-ID: ", out->call_id);
	value_of(text, "\r\nCSeq: ", out->cseq);
	value_of(text, "\r\nContact: ", out->contact);
}

static void say(const struct gate_server *server, const struct sockaddr_in *to,
		const struct request *request, const char *status, const char *headers)
{
	char text[TEXT_BYTES];
	int length = snprintf(text, sizeof(text),
			      "SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s%s\r\nCall-ID: %s\r\n"
			      "CSeq: %s\r\n%sContent-Length: 0\r\n\r\n",
			      status, request->via, request->from, request->to,
			      strstr(request->to, ";tag=") ? "" : ";tag=server", request->call_id,
			      request->cseq, headers);

	if (length > 0 && (size_t)length < sizeof(text))
		(void)sendto(server->fd, text, (size_t)length, 0, (const struct sockaddr *)to,
			     sizeof(*to));
}

static void say_contact(struct gate_server *server, const struct sockaddr_in *to,
			const struct request *request, const char *status)
{
	char headers[VALUE_BYTES];

	snprintf(headers, sizeof(headers), "Contact: <sip:callee@127.0.0.1:%u>\r\n",
		 (unsigned)server->port);
	say(server, to, request, status, headers);
}

static void serve_register(struct gate_server *server, const struct sockaddr_in *to,
			   const struct request *request)
{
	char headers[2 * VALUE_BYTES];

	snprintf(headers, sizeof(headers), "Contact: %s;expires=3600\r\nExpires: 3600\r\n",
		 request->contact);
	server->registered++;
	say(server, to, request, "200 OK", headers);
}

static void serve(struct gate_server *server, const struct sockaddr_in *to, const char *text)
{
	static const char challenge[] =
		"WWW-Authenticate: Digest realm=\"gate.example\", "
		"nonce=\"d2hhdCBhIG5vbmNlIGlzIGxpa2U\", algorithm=MD5, qop=\"auth\"\r\n";
	struct request request;

	request_read(text, &request);
	if (!strncmp(text, "ACK ", 4))
		return;
	if (!strstr(text, "\r\nAuthorization: ") && strncmp(text, "BYE ", 4) != 0) {
		say(server, to, &request, "401 Unauthorized", challenge);
	} else if (!strncmp(text, "REGISTER ", 9)) {
		serve_register(server, to, &request);
	} else if (!strncmp(text, "INVITE ", 7)) {
		server->calls++;
		say_contact(server, to, &request, "180 Ringing");
		say_contact(server, to, &request, "200 OK");
	} else {
		server->byes += !strncmp(text, "BYE ", 4);
		say(server, to, &request, "200 OK", "");
	}
}

static void note(uint64_t *times, const struct gate_server *server, const char *text, uint64_t now)
{
	const char *at = strstr(text, "\r\nFrom: <sip:");
	unsigned long user = at ? strtoul(at + 13, NULL, 10) : 0;

	if (times && user > 1000 && user - 1000 < server->users && !times[user - 1000])
		times[user - 1000] = now;
}

static unsigned answer(struct gate_server *server, uint64_t now)
{
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	char text[TEXT_BYTES];
	unsigned count = 0;
	ssize_t got;

	/* A few at a time, so that no socket has more answers than it has room for. */
	while (count < AT_ONCE && (got = recvfrom(server->fd, text, sizeof(text) - 1, MSG_DONTWAIT,
						  (struct sockaddr *)&from, &size)) >= 0) {
		text[got] = '\0';
		size = sizeof(from);
		count++;
		server->heard++;
		note(server->heard_at, server, text, now);
		if (server->is_mute)
			continue;
		serve(server, &from, text);
		if (strstr(text, "\r\nAuthorization: "))
			note(server->registered_at, server, text, now);
	}
	return count;
}

unsigned gate_servers_answer(struct gate_server *servers, uint64_t now)
{
	unsigned count = 0;

	for (int which = 0; which < GATE_SERVERS; which++)
		count += answer(&servers[which], now);
	return count;
}

int gate_servers_open(struct gate_server *servers)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	int room = ROOM_BYTES;

	for (int which = 0; which < GATE_SERVERS; which++) {
		struct gate_server *server = &servers[which];

		*server = (struct gate_server){ .fd = socket(AF_INET, SOCK_DGRAM, 0) };
		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)which);
		/* Only root may have so much; others have room for some hundred requests. */
		(void)setsockopt(server->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
		if (server->fd < 0 || bind(server->fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
		    getsockname(server->fd, (struct sockaddr *)&at, &size) != 0)
			return -1;
		server->port = ntohs(at.sin_port);
	}
	return 0;
}

void gate_servers_close(struct gate_server *servers)
{
	for (int which = 0; which < GATE_SERVERS; which++)
		close(servers[which].fd);
}
