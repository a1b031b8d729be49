/* SPDX-License-Identifier: MIT */
/*
 * plugin_bench.h - a plugin on a bench: a host that records every call and whose clock stands still
 * unless it is moved, and SIP peers that are sockets on 127.0.0.0/8.
 *
 * The plugin is the one that the program is linked with, else the object that FAILOVER_TEST_PLUGIN
 * names: the same tests run with every plugin.
 */
#ifndef PLUGIN_BENCH_H
#define PLUGIN_BENCH_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <failover/plugin.h>
#include <failover/ext/call.h>
#include <failover/ext/io.h>
#include <failover/ext/line.h>
#include <failover/ext/subscription.h>
#include "alone.h"

/* The plugin on the bench. */
const struct failover_plugin *bench_plugin(void);

#define BENCH_PEERS 3
#define BENCH_NEWS 64
#define BENCH_FDS 512
#define BENCH_TEXT 16384

struct bench_answer {
	uint64_t attempt;
	struct failover_answer answer;
};

struct bench_peer {
	int fd;
	struct failover_target target;
};

struct bench {
	struct failover_host host;
	struct failover_ext_call_events events;
	const struct failover_ext_line *lines;
	const struct failover_ext_call *calls;
	const struct failover_ext_io *io;
	const struct failover_ext_subscription *subscriptions;
	struct failover_ext_subscription_events subscription_events;
	void *inst;
	uint64_t now;
	uint64_t late[8];	   /* attempt ids that the core does not wait for */
	uint32_t verdict;	   /* for all others */
	uint32_t keepalive_s;	   /* of the next bench_identity(): CRLF */
	uint8_t keepalive_options; /* or OPTIONS */
	/* Of it, too. Peers' Contacts are mostly addresses that nobody has, so a request in a
	 * dialog goes to the target if nothing else is said. */
	uint32_t in_dialog, domain_follows, redirect, incoming_users_count, overload_control;
	uint32_t emergency_count;
	const char *const *incoming_users, *const *emergency;
	struct bench_peer peers[BENCH_PEERS];
	struct failover_target local;
	/* What the plugin has said: */
	unsigned sent, answers_count, unreachable, heard;
	uint64_t sent_of[16]; /* by attempt id */
	struct bench_answer answers[BENCH_NEWS];
	uint64_t unreachable_attempt;
	uint32_t unreachable_reason;
	struct failover_target heard_from;
	unsigned lost;
	uint32_t lost_line;
	struct failover_target lost_target;
	/* and the call events: */
	unsigned incoming, progress, up, ended;
	uint64_t call;
	uint32_t progress_status, ended_status;
	char from[256];
	char redirected[1024]; /* each URI with a blank behind it */
	struct failover_target up_target;
	/* and those of subscriptions: */
	unsigned due, news;
	int due_error; /* what it is told */
	uint64_t due_subscription;
	struct failover_subscription_news last_news; /* without its texts: */
	char news_what[64], news_state[64], news_type[64], news_body[16384];
	char log[1024];
};

/* A plugin, three peers, line 1 = 1001 with the peers 0 and 1 as its registrars, peer 2 as proxy.
 */
void bench_open(struct bench *bench);
void bench_open_with(struct bench *bench, uint32_t accept_any);
void bench_open_params(struct bench *bench, const struct failover_open_params *params);
void bench_close(struct bench *bench);
/* The identity that bench_open() has set. */
void bench_identity(struct bench *bench, const char *password, const char *realm);

/* An attempt of line 1 at this peer, all else at the usual values. */
struct failover_attempt bench_attempt(struct bench *bench, uint32_t method, int peer, uint64_t id);
void bench_send(struct bench *bench, const struct failover_attempt *attempt);
/* The same, and what it returned. */
int bench_try(struct bench *bench, const struct failover_attempt *attempt);
/* The hook `timeout`, which must succeed. */
void bench_timeout(struct bench *bench, uint64_t attempt, uint32_t reason);
/* One round of the event loop; returns 0 when nothing came for so long. */
int bench_turn(struct bench *bench, int wait_ms);
/* Hand over what has arrived, and what is due. */
void bench_pump(struct bench *bench);
/* Move the clock, stopping at each deadline. */
void bench_advance(struct bench *bench, uint64_t ms);
const struct bench_answer *bench_last(const struct bench *bench);

/* Take one packet; 0 = none has come. `text` has BENCH_TEXT bytes. */
int peer_take(struct bench *bench, int peer, char *text);
/* Take one that must be there and start with `start`. */
void peer_expect(struct bench *bench, int peer, const char *start, char *text);
/* None may be there. */
void peer_expect_none(struct bench *bench, int peer);
/* Send a text to the plugin, and let it work. */
void peer_say(struct bench *bench, int peer, const char *text);
/* Answer a request; status_line is "200 OK", headers are lines or "", tag goes to To if it has
 * none.
 */
void peer_answer(struct bench *bench, int peer, const char *request, const char *status_line,
		 const char *headers);

/* The value of a header (first one), in a static-free buffer of 512 bytes; "" if there is none. */
const char *header_of(const char *text, const char *name, char out[512]);
/* How many headers of this name. */
unsigned headers_in(const char *text, const char *name);
int same_header(const char *a, const char *b, const char *name);
unsigned cseq_of(const char *text);
const char *branch_of(const char *text, char out[512]);

#define BENCH_NEEDS 32

/* A test for plugins that can do this only, on systems that allow it; skipped, and counted so, with
 * others. */
struct bench_need {
	const TTest *test;
	uint64_t capabilities; /* enum failover_capability, all of them */
	const char *(*refused)(
		void); /* NULL, or why the system does not allow it; NULL = it does */
};

/* Run what `add` adds, and what of needs[count] the plugin can do. */
int bench_main(const char *name, void (*add)(TCase *));
int bench_main_needs(const char *name, void (*add)(TCase *), const struct bench_need *needs,
		     size_t count);

/* A call to this URI is prepared; returns its number. */
uint64_t bench_dial(struct bench *bench, const char *uri);
/* The call's INVITE goes to a peer as attempt `id`; `text` is what the peer got. */
void bench_invite(struct bench *bench, uint64_t call, int peer, uint64_t id, char *text);
/* And its BYE, which nobody has read yet. */
void bench_bye(struct bench *bench, uint64_t call, int peer, uint64_t id);

#endif
