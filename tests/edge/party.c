/* SPDX-License-Identifier: MIT */
/* party.c - see party.h. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "party.h"

#define PATIENCE_MS 60000

static void need(int is_there, const char *what)
{
	if (is_there)
		return;
	fprintf(stderr, "the party cannot have %s\n", what);
	abort();
}

void edge_party_open(struct edge_party *party)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);

	memset(party, 0, sizeof(*party));
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	party->fd = socket(AF_INET, SOCK_DGRAM, 0);
	need(party->fd >= 0 && !bind(party->fd, (struct sockaddr *)&at, size) &&
		     !getsockname(party->fd, (struct sockaddr *)&at, &size),
	     "a socket");
	need(!failover_target_set(&party->at, "127.0.0.1", ntohs(at.sin_port), FAILOVER_UDP),
	     "an address");
}

void edge_party_close(struct edge_party *party)
{
	close(party->fd);
}

void edge_party_hear(struct edge_party *party)
{
	struct pollfd ready = { .fd = party->fd, .events = POLLIN };
	struct sockaddr_in from = { .sin_family = AF_INET };
	socklen_t size = sizeof(from);
	ssize_t count;

	need(poll(&ready, 1, PATIENCE_MS) == 1, "a message");
	count = recvfrom(party->fd, party->heard, sizeof(party->heard) - 1, 0,
			 (struct sockaddr *)&from, &size);
	need(count >= 0, "its bytes");
	party->heard[count] = '\0';
	snprintf(party->peer, sizeof(party->peer), "%u", (unsigned)ntohs(from.sin_port));
}

int edge_party_is_quiet(const struct edge_party *party)
{
	struct pollfd ready = { .fd = party->fd, .events = POLLIN };

	return !poll(&ready, 1, 0);
}

void edge_party_request(const struct edge_party *party, const struct edge_ask *what,
			char out[EDGE_PARTY_TEXT])
{
	static unsigned branches;
	unsigned port = party->at.port;

	snprintf(out, EDGE_PARTY_TEXT,
		 "%s sip:callee@example.com SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK-party-%u-0123456789abcdef;rport\r\n"
		 "Max-Forwards: 70\r\n%s%s%sFrom: <sip:%s@example.com>;tag=caller\r\n"
		 "To: <sip:callee@example.com>%s%s\r\nCall-ID: call-%u\r\nCSeq: %u %s\r\n"
		 "Contact: <sip:%s@127.0.0.1:%u>\r\n%sContent-Length: 0\r\n\r\n",
		 what->method, port, ++branches, what->route ? "Route: " : "",
		 what->route ? what->route : "", what->route ? "\r\n" : "", what->user,
		 what->to_tag ? ";tag=" : "", what->to_tag ? what->to_tag : "", what->call,
		 what->cseq, what->method, what->user, port, what->lines ? what->lines : "");
}

/* Lines of these headers, as they are. */
static void copy(const char *message, const char *name, char *out)
{
	size_t length = strlen(name), at = strlen(out);
	const char *line = message, *end;

	while ((line = strstr(line, "\r\n")) && line[2] != '\r') {
		line += 2;
		end = strstr(line, "\r\n");
		if (strncasecmp(line, name, length) != 0 || line[length] != ':' || !end)
			continue;
		need(at + (size_t)(end - line) + 2 < EDGE_PARTY_TEXT, "room");
		memcpy(out + at, line, (size_t)(end - line) + 2);
		at += (size_t)(end - line) + 2;
		out[at] = '\0';
	}
}

const char *edge_party_header(const char *message, const char *name)
{
	static char text[EDGE_PARTY_TEXT];
	char *value;

	text[0] = '\0';
	copy(message, name, text);
	text[strcspn(text, "\r")] = '\0';
	value = strchr(text, ':');
	return value ? value + 1 + strspn(value + 1, " ") : "";
}

void edge_party_answer(const struct edge_party *party, const struct edge_answer *answer)
{
	char text[EDGE_PARTY_TEXT], to[EDGE_PARTY_TEXT] = "";
	struct sockaddr_in at = { .sin_family = AF_INET };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)atoi(party->peer));
	snprintf(text, sizeof(text), "SIP/2.0 %u Said\r\n", answer->status);
	copy(answer->request, "Via", text);
	copy(answer->request, "From", text);
	copy(answer->request, "Call-ID", text);
	copy(answer->request, "CSeq", text);
	copy(answer->request, "To", to);
	to[strcspn(to, "\r")] = '\0';
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		 "%s%s%s\r\nContact: <sip:callee@127.0.0.1:%u>\r\n%sContent-Length: 0\r\n\r\n", to,
		 answer->tag[0] ? ";tag=" : "", answer->tag, (unsigned)party->at.port,
		 answer->lines);
	need(sendto(party->fd, text, strlen(text), 0, (struct sockaddr *)&at, sizeof(at)) >= 0,
	     "its answer sent");
}
