/* SPDX-License-Identifier: MIT */
/* party.h - a phone or a server of the bench: a socket, and texts. What cannot be had ends the
 * program. */
#ifndef EDGE_PARTY_H
#define EDGE_PARTY_H

#include <failover/failover.h>

#define EDGE_PARTY_TEXT 4096u

struct edge_party {
	int fd;
	struct failover_target at;
	char heard[EDGE_PARTY_TEXT]; /* last */
	char peer[32];		     /* host:port of who has sent that */
};

/* A request of a phone. */
struct edge_ask {
	const char *method, *user, *to_tag, *route, *lines; /* NULL = none */
	unsigned call, cseq;
};

struct edge_answer {
	const char *request; /* to this one */
	unsigned status;
	const char *tag, *lines; /* lines: further headers; both may be "" */
};

void edge_party_open(struct edge_party *party);
void edge_party_close(struct edge_party *party);
/* Wait for the next message. */
void edge_party_hear(struct edge_party *party);
/* Nothing has come. */
int edge_party_is_quiet(const struct edge_party *party);
void edge_party_request(const struct edge_party *party, const struct edge_ask *what,
			char out[EDGE_PARTY_TEXT]);
/* Send an answer to whom the party has heard last. */
void edge_party_answer(const struct edge_party *party, const struct edge_answer *answer);
/* The value of this header in a message, "" = none; valid until the next call. */
const char *edge_party_header(const char *message, const char *name);

#endif
