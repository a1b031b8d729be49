/* SPDX-License-Identifier: MIT */
/*
 * ua.h - the user agent that all plugins share, and what an adapter calls on it. See stack.h.
 *
 *   stack.h         the seam                       ua.c            life, hooks, small things
 *   account.c       failover.line/1                registration.c  REGISTER dialogs
 *   request.c       requests as texts              send.c          what an attempt sends
 *   client.c        client transactions' life      transaction.c   RFC 3261 17.1 without a stack
 *   answer.c        responses to them              auth.c          digest of a client
 *   call.c          calls and failover.call/1      dialog.c        dialogs (RFC 3261 12)
 *   incoming.c      requests of peers              ringing.c       incoming INVITEs
 *   serving.c       server transactions            response.c      responses as texts
 */
#ifndef FO_UA_H
#define FO_UA_H

#include <stddef.h>
#include <failover/plugin.h>
#include <failover/ext/call.h>
#include <failover/ext/line.h>
#include "../address.h"
#include "../map.h"
#include "../timers.h"
#include "stack.h"

#define FO_TOKEN 33u		  /* 128 random bits in hexadecimal, with the end */
#define FO_BRANCH (FO_TOKEN + 7u) /* z9hG4bK and a token */
#define FO_BRANCH_MAX 128u	  /* longest of a stack's own, with its end */
#define FO_CALLS_MAX 8192u	  /* calls at a time */
#define FO_RINGING_MAX 256u	  /* unanswered incoming calls at a time, and one a line */
#define FO_TIMERS_AT_ONCE 1024u
#define FO_T1_MS 500u /* of server transactions; attempts bring their own */
#define FO_T2_MS 4000u
#define FO_T4_MS 5000u
#define FO_64T1 64u

/* What happened to messages; logged at close. Those marked * the adapter counts. */
struct fo_counters {
	uint64_t received;    /* * */
	uint64_t sent;	      /* by clients; responses * */
	uint64_t keepalives;  /* * CRLF datagrams */
	uint64_t garbage;     /* * not SIP, or larger or more intricate than allowed */
	uint64_t unmatched;   /* responses and ACKs that belong to nothing */
	uint64_t foreign;     /* requests from elsewhere than a target */
	uint64_t refused;     /* over a limit; server transactions * */
	uint64_t icmp;	      /* * */
	uint64_t connections; /* * TCP and TLS, both ways */
};

/* First in the instance of an adapter. */
struct fo_ua {
	const struct fo_stack *stack;
	const struct failover_host *host;
	const struct failover_ext_call_events *events; /* of the application, or NULL */
	struct fo_map clients;			       /* branch and method -> struct fo_client */
	struct fo_map attempts;			       /* attempt id -> struct fo_client */
	struct fo_map peers;			       /* host and port -> struct fo_client */
	struct fo_map accounts;			       /* line -> struct fo_account */
	struct fo_map users;			       /* user -> struct fo_account */
	struct fo_map sources;			       /* host -> struct fo_source */
	struct fo_map calls;			       /* number -> struct fo_call */
	struct fo_map dialogs;			       /* Call-ID and local tag -> struct fo_call */
	struct fo_timers timers;
	struct fo_counters counters;
	uint64_t calls_made; /* the last call number */
	uint32_t ringing;    /* unanswered incoming calls */
	uint8_t accept_any;
	char user_agent[64];
};

/* ---- life --------------------------------------------------------------------------------- */

/* Set up zeroed memory. Returns 0 or a negative error; fo_ua_clear() is right after either. */
int fo_ua_init(struct fo_ua *ua, const struct fo_stack *stack, const struct failover_host *host,
	       const struct failover_open_params *params);
/* At close, first: log the counters, end clients and calls, while the stack still runs. */
void fo_ua_end(struct fo_ua *ua);
/* At close, last: lines, tables and timers. */
void fo_ua_clear(struct fo_ua *ua);

/* ---- hooks and extensions of the plugin descriptor; inst is the struct fo_ua ----------------- */

int fo_ua_send(void *inst, const struct failover_attempt *attempt);
int fo_ua_timeout(void *inst, uint64_t attempt, uint32_t reason);
void fo_ua_result(void *inst, const struct failover_result *result);
/* failover.line/1 and failover.call/1; NULL = neither. failover.io/1 is the adapter's. */
const void *fo_ua_extension(const char *id);
/* For failover.io/1: when a timer is due next, and firing what is due. */
uint64_t fo_ua_deadline(const struct fo_ua *ua);
void fo_ua_run_timers(struct fo_ua *ua);

/* ---- news of the stack; those of clients are in client.h --------------------------------------
 */

/* A response has come: find its client. Those of nobody are counted. */
void fo_ua_response(struct fo_ua *ua, const struct fo_view *view);
/* An ICMP error for packets to this address: whoever waits there for a first answer hears of it. */
void fo_ua_unreachable(struct fo_ua *ua, const struct failover_target *to);

/* This connection is gone: the lines that are registered over it hear of it (RFC 5626 4.2). Not
 * after fo_ua_end(). */
void fo_ua_flow_lost(struct fo_ua *ua, const struct failover_target *peer, uint64_t flow);

/* May messages come from there (accept_from)? Those that may not are counted: drop them. */
int fo_ua_welcome(struct fo_ua *ua, const struct failover_target *from);
/* Who TLS must find at this host, NULL = no line has a TLS target there. */
const char *fo_ua_source_name(const struct fo_ua *ua, const struct failover_target *host);
/* Is it a target of any line? Nothing is counted. */
int fo_ua_is_source(const struct fo_ua *ua, const struct failover_target *from);

/* The user agent's part of a server transaction; the adapter has one in its own. */
struct fo_server {
	struct fo_ua *ua;
	struct fo_call *call; /* INVITE: the call that it made, while both live */
};

/* A request that is new: neither ACK nor CANCEL. It is answered now, or later if it is an INVITE.
 */
void fo_ua_request(struct fo_server *server, const struct fo_view *view);
/* An ACK that belongs to no server transaction waiting for one: that of a 2xx. */
void fo_ua_ack(struct fo_ua *ua, const struct fo_view *view);
/* A CANCEL for this INVITE has come; the adapter or its stack answers the CANCEL itself. */
void fo_ua_cancelled(struct fo_server *invite);
/* An INVITE that was answered 2xx has come again. */
void fo_ua_repeated(struct fo_server *server);
/* B15a: the line's target was heard by a request that goes no other way: a CANCEL. */
void fo_ua_heard(struct fo_ua *ua, const struct fo_view *view);
/* The server transaction is going. */
void fo_ua_server_gone(struct fo_server *server);

/* ---- small things every file needs ---------------------------------------------------------- */

static inline uint64_t fo_ua_now(const struct fo_ua *ua)
{
	return ua->host->now(ua->host->ctx);
}

/* 128 unpredictable bits as text. Returns 0 or FAILOVER_ERR_IO. */
int fo_ua_token(struct fo_ua *ua, char out[FO_TOKEN]);
/* "z9hG4bK" and a token. */
int fo_ua_branch(struct fo_ua *ua, char out[FO_BRANCH]);
__attribute__((format(printf, 3, 4))) void fo_ua_log(struct fo_ua *ua, uint32_t level,
						     const char *format, ...);
/* Has this text a control character? It could end a header line. */
int fo_text_has_control(const char *text);
/* Decimal number up to `most`; returns 0, or -1 if it is none. Larger ones become `most`. */
int fo_text_number(const char *text, uint32_t most, uint32_t *out);
/* Seconds in a header's value, at most `most`; 0 if there is none. */
uint32_t fo_text_seconds(const char *value, uint32_t most);

#endif
