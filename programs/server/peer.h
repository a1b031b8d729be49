/* SPDX-License-Identifier: MIT */
/* peer.h - the other end of a datagram: an address and a port, and their text. */
#ifndef SERVER_PEER_H
#define SERVER_PEER_H

#include <stdbool.h>
#include <sys/socket.h>

#define PEER_TEXT_MAX 64

struct peer {
	struct sockaddr_storage addr;
	socklen_t len;
};

/* "ADDR:PORT" or "[ADDR6]:PORT", numeric only; the port may be left out. False: not that. */
bool peer_parse(struct peer *peer, const char *text, unsigned default_port);
/* Writes "ADDR:PORT", IPv6 in brackets. Returns buf. */
const char *peer_text(const struct peer *peer, char buf[PEER_TEXT_MAX]);
/* Writes the address alone, without brackets. */
const char *peer_host(const struct peer *peer, char buf[PEER_TEXT_MAX]);
unsigned peer_port(const struct peer *peer);
void peer_set_port(struct peer *peer, unsigned port);
bool peer_equal(const struct peer *a, const struct peer *b);
bool peer_is_wildcard(const struct peer *peer);

#endif
