/* SPDX-License-Identifier: MIT */
/* peer.c - addresses and ports as text and back; numeric only, so that nothing ever blocks. */
#include "peer.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Splits "HOST:PORT" into its two halves; false when a half does not fit. */
static bool split(const char *text, char host[PEER_TEXT_MAX], char port[8])
{
	const char *end = NULL, *colon;

	if (*text == '[') {
		end = strchr(++text, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return false;
		colon = end[1] == ':' ? end + 1 : NULL;
	} else {
		colon = strrchr(text, ':');
		end = colon ? colon : text + strlen(text);
	}
	if (end == text || (size_t)(end - text) >= PEER_TEXT_MAX)
		return false;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	if (!colon)
		return true;
	return snprintf(port, 8, "%s", colon + 1) < 8 && strspn(port, "0123456789") == strlen(port);
}

bool peer_parse(struct peer *peer, const char *text, unsigned default_port)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *found = NULL;
	char host[PEER_TEXT_MAX], port[8];
	unsigned number;

	snprintf(port, sizeof(port), "%u", default_port);
	if (!split(text, host, port) || sscanf(port, "%u", &number) != 1 || number > 65535)
		return false;
	if (getaddrinfo(host, port, &hints, &found) != 0)
		return false;
	memset(peer, 0, sizeof(*peer));
	memcpy(&peer->addr, found->ai_addr, found->ai_addrlen);
	peer->len = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

const char *peer_host(const struct peer *peer, char buf[PEER_TEXT_MAX])
{
	if (getnameinfo((const struct sockaddr *)&peer->addr, peer->len, buf, PEER_TEXT_MAX, NULL,
			0, NI_NUMERICHOST) != 0)
		snprintf(buf, PEER_TEXT_MAX, "?");
	return buf;
}

const char *peer_text(const struct peer *peer, char buf[PEER_TEXT_MAX])
{
	char host[PEER_TEXT_MAX];
	bool v6 = peer->addr.ss_family == AF_INET6;

	peer_host(peer, host);
	snprintf(buf, PEER_TEXT_MAX, v6 ? "[%.53s]:%u" : "%.55s:%u", host, peer_port(peer));
	return buf;
}

unsigned peer_port(const struct peer *peer)
{
	if (peer->addr.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)&peer->addr)->sin6_port);
	return ntohs(((const struct sockaddr_in *)&peer->addr)->sin_port);
}

void peer_set_port(struct peer *peer, unsigned port)
{
	if (peer->addr.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&peer->addr)->sin6_port = htons((uint16_t)port);
	else
		((struct sockaddr_in *)&peer->addr)->sin_port = htons((uint16_t)port);
}

bool peer_equal(const struct peer *a, const struct peer *b)
{
	char text_a[PEER_TEXT_MAX], text_b[PEER_TEXT_MAX];

	return strcmp(peer_text(a, text_a), peer_text(b, text_b)) == 0;
}

bool peer_is_wildcard(const struct peer *peer)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&peer->addr;

	if (peer->addr.ss_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
	return ((const struct sockaddr_in *)&peer->addr)->sin_addr.s_addr == htonl(INADDR_ANY);
}
