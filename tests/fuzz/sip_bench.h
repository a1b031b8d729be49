/* SPDX-License-Identifier: MIT */
/*
 * sip_bench.h - a SIP plugin with one line, driven through its ABI alone: a host whose clock stands
 * still, peers 0 (a target), 1 (another) and 2 (a stranger) on loopback, UDP and TCP. What the
 * plugin sends is kept, so that an input can speak of it: in a text
 *     $iV   is the value of Via in the last INVITE. The letter after $ says which message: r, i, b,
 *           a, o, c, u = REGISTER, INVITE, BYE, ACK, OPTIONS, CANCEL, SUBSCRIBE; s = the last
 * response and the next one which value: V, F, T, C, Q, U = Via, From, To, Call-ID, CSeq, Contact;
 *           B = the branch, N = the number of CSeq; $$ is one $
 *     =i200 OK and header lines at the start of a text: the response to that message
 */
#ifndef SIP_BENCH_H
#define SIP_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <failover/ext/call.h>
#include <failover/ext/io.h>
#include <failover/ext/line.h>
#include <failover/ext/subscription.h>
#include <failover/plugin.h>

extern const struct failover_plugin failover_plugin_entry;

#define SIP_PEERS 3
#define SIP_KINDS 8
#define SIP_TEXT 20000
#define SIP_CALLS 256

struct sip_bench {
	struct failover_host host;
	struct failover_ext_call_events events;
	const struct failover_ext_line *lines;
	const struct failover_ext_call *calls;
	const struct failover_ext_io *io;
	const struct failover_ext_subscription *subscriptions;
	struct failover_ext_subscription_events subscription_events;
	void *inst;
	uint64_t now;
	uint64_t random;
	struct failover_target local;
	struct failover_target targets[SIP_PEERS], listening;
	uint64_t attempts;  /* started */
	uint64_t abandoned; /* of these, the first ones */
	uint64_t invite;    /* the last INVITE's */
	uint64_t call_out, call_in;
	uint32_t verdict;
	unsigned incoming;	       /* calls */
	uint64_t due;		       /* a subscription's SUBSCRIBE, 0 = none */
	unsigned serving;	       /* peer */
	uint64_t calls_all[SIP_CALLS]; /* the last ones, in a ring */
	uint64_t calls_count;
	int connection;	       /* TCP, -1 = none */
	unsigned responses[7]; /* of the plugin, by class */
	char last_status[16];  /* "200" of the last response; "" = none since it was cleared */
	char kept[SIP_KINDS][SIP_TEXT];
};

void sip_bench_open(struct sip_bench *bench);
void sip_bench_close(struct sip_bench *bench);
/* A line with the peers 0 and 1 as its targets. */
void sip_bench_line(struct sip_bench *bench);
/* Start a request by UDP at this peer, or by TCP; BYE: of the call_out. */
void sip_bench_request(struct sip_bench *bench, uint32_t method, unsigned peer, int by_tcp);
/* What the plugin is offered for it. */
void sip_subscription_events(struct sip_bench *bench);
/* The line is subscribed to something. */
void sip_bench_subscribe(struct sip_bench *bench);
/* This peer serves the line from now on. */
void sip_bench_serve(struct sip_bench *bench, unsigned peer);
/* Make a text of what an input says; it ends with a zero. Returns its length. */
size_t sip_bench_text(const struct sip_bench *bench, const uint8_t *bytes, size_t count,
		      char out[SIP_TEXT]);
/* A datagram of this peer; the plugin deals with it. */
void sip_bench_datagram(struct sip_bench *bench, unsigned peer, const char *text, size_t length);
/* A connection of peer 0 to the plugin; or the one that the plugin has opened. */
void sip_bench_connect(struct sip_bench *bench);
void sip_bench_segment(struct sip_bench *bench, const char *text, size_t length);
void sip_bench_disconnect(struct sip_bench *bench);
void sip_bench_advance(struct sip_bench *bench, uint64_t ms);
/* All calls are freed, also those that have ended: what an application does. */
void sip_bench_forget(struct sip_bench *bench);
/* The line is removed and comes back. */
void sip_bench_renew(struct sip_bench *bench);
/* The budgets of all attempts are spent. */
void sip_bench_abandon(struct sip_bench *bench);
/* Nothing is under way any more: no call, no connection, no transaction, a new line. */
void sip_bench_rest(struct sip_bench *bench);
/* The last response by UDP has this status; "" = there is none. A busy machine takes a while. */
int sip_bench_answers(struct sip_bench *bench, const char *status);
/* The line goes on: an ordinary request is answered. `number` makes it one of its own. */
void sip_bench_goes_on(struct sip_bench *bench, uint64_t number);

#endif
