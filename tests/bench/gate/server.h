/* SPDX-License-Identifier: MIT */
/* server.h - the servers of the gate: two sockets that answer as registrars and as the callee. */
#ifndef GATE_SERVER_H
#define GATE_SERVER_H

#include <stdint.h>

#define GATE_SERVERS 2

struct gate_server {
	int fd;
	uint16_t port;
	int is_mute; /* it reads, and says nothing */
	unsigned registered, calls, byes, heard;
	/* When each user was first heard here, and first registered; 0 = not yet. NULL = nobody
	 * asks. Users are 1000 and the line's number. */
	uint64_t *heard_at, *registered_at;
	unsigned users; /* room in these, with 0 */
};

/* Server `which` listens at 127.0.0.(1 + which); the second at the port of the first. Returns 0,
 * or -1. */
int gate_servers_open(struct gate_server *servers);
void gate_servers_close(struct gate_server *servers);
/* Answer what has come; returns how much it was. */
unsigned gate_servers_answer(struct gate_server *servers, uint64_t now);

#endif
