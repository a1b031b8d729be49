/* SPDX-License-Identifier: MIT */
/* ua_bench.h - the shared user agent over a stack that can only send bytes, and a host whose clock
 * stands still. */
#ifndef UA_BENCH_H
#define UA_BENCH_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../ua/raw.h"
#include "../../ua/transaction.h"

#define REGISTRAR                                                                                  \
	(struct failover_target)                                                                   \
	{                                                                                          \
		.address = { 192, 0, 2, 1 }, .port = 5060, .family = 4                             \
	}

/* The whole stack: the last packet, how many there were, and what is to fail. */
struct bench {
	struct ua ua;
	struct failover_host host;
	uint64_t now;
	unsigned packets, sent, answers, unreachable, stopped, quieted;
	uint32_t status, expires_s, verdict;
	int send_error, stop_answer, own_timers;
	char text[UA_MESSAGE_MAX];
	char own_branch[UA_BRANCH_MAX];
	uint8_t host_byte; /* last of our own address */
};

#define bench_of(base) UA_CONTAINER(base, struct bench, ua)

/* A response to this request, as an adapter would read it. */
struct reading {
	struct ua_view view;
	char branch[256], call_id[256], from[256], method[256], cseq[256];
};

/* A user agent with line 1 = u at the registrar, and its end. */
void bench_open(struct bench *bench);
void bench_close(struct bench *bench);
/* Send a request of line 1; the texts are in `text` of the bench. */
struct failover_attempt attempt_of(uint32_t method, uint64_t cookie);
void start(struct bench *bench, uint32_t method, uint64_t cookie);
void start_invite(struct bench *bench);
/* Move the clock, stopping at each deadline. */
void advance(struct bench *bench, uint64_t ms);
/* What is in a text between these. */
void part(const char *text, const char *after, const char *end, char out[256]);
/* A response to this request, not yet handed over; and one that is. */
void read_as_response(struct reading *out, const char *request, uint32_t status);
void answer(struct bench *bench, const char *request, uint32_t status);
/* Run what `add` adds. */
int bench_main(const char *name, void (*add)(TCase *));

#endif
