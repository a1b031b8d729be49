/* SPDX-License-Identifier: MIT */
/*
 * ua.h - the user agent that all plugins share, and what an adapter calls on it. See stack.h.
 *
 *   stack.h         the seam                       ua.c            life, hooks, small things
 *   account.c       failover.line/1                registration.c  REGISTER dialogs
 *   request.c       requests as texts              send.c          what an attempt sends
 *   message.c       bytes become views             bad_answer.c    what cannot be read
 *   client.c        client transactions' life      transaction.c   RFC 3261 17.1 without a stack
 *   answer.c        responses to them              auth.c          digest of a client
 *   call.c          calls and failover.call/1      dialog.c        dialogs (RFC 3261 12)
 *   incoming.c      requests of peers              ringing.c       incoming INVITEs
 *   serving.c       server transactions            response.c      responses as texts
 *   hop.c           where URIs lead                sdp.c           offers and answers
 *   redirect.c      where calls are sent on
 *   overload.c      servers that have too much to do (RFC 7339)
 *   source.c        who may ask                    subscription.h  subscriptions (RFC 6665)
 */
#ifndef UA_H
#define UA_H

#include <stddef.h>
#include <failover/plugin.h>
#include <failover/ext/call.h>
#include <failover/ext/line.h>
#include <failover/ext/subscription.h>
#include <failover/ext/trace.h>
#include "net/address.h"
#include "net/icmp.h"
#include "map.h"
#include "timers.h"
#include "stack.h"

struct ua_net;

#define UA_TOKEN_BYTES 16u
#define UA_TOKEN 33u		  /* 128 random bits in hexadecimal, with the end */
#define UA_BRANCH (UA_TOKEN + 7u) /* z9hG4bK and a token */
#define UA_BRANCH_MAX 128u	  /* longest of a stack's own, with its end */
#define UA_CALLS_MAX 8192u	  /* calls at a time */
#define UA_RINGING_MAX 256u	  /* unanswered incoming calls at a time, and one a line */
#define UA_TIMERS_AT_ONCE 1024u
#define UA_T1_MS 500u /* of server transactions; attempts bring their own */
#define UA_T2_MS 4000u
#define UA_T4_MS 5000u
#define UA_64T1 64u

/* A second name for failover_plugin_entry, of this plugin only: several can be in one program. */
#define UA_PLUGIN_ALIAS(name)                                                                      \
	FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin name                            \
		__attribute__((alias(FAILOVER_PLUGIN_SYMBOL)))

/* What happened to messages; logged at close. Those marked * the adapter counts. */
struct ua_counters {
	uint64_t received;    /* * */
	uint64_t sent;	      /* by clients; responses * */
	uint64_t keepalives;  /* * CRLF datagrams */
	uint64_t garbage;     /* * not SIP, or larger or more intricate than allowed */
	uint64_t unmatched;   /* responses and ACKs that belong to nothing */
	uint64_t foreign;     /* requests and connections from elsewhere (B21) */
	uint64_t refused;     /* over a limit; server transactions * */
	uint64_t icmp;	      /* * */
	uint64_t forged;      /* of these quoted what was never sent */
	uint64_t connections; /* * TCP and TLS, both ways */
};

/* First in the instance of an adapter. */
struct ua {
	const struct ua_stack *stack;
	const struct failover_host *host;
	const struct failover_ext_call_events *events; /* of the application, or NULL */
	const struct failover_ext_trace *trace;	       /* the same */
	const struct failover_ext_subscription_events *subscription_events; /* the same */
	struct ua_map clients;	/* branch and method -> struct ua_client */
	struct ua_map attempts; /* attempt id -> struct ua_client */
	struct ua_map peers;	/* host and port -> struct ua_client */
	struct ua_map pings;	/* host and port -> struct ua_account */
	struct ua_map accounts; /* line -> struct ua_account */
	struct ua_map users;	/* user -> struct ua_account */
	struct ua_map sources;	/* host, transport -> struct ua_source */
	struct ua_map calls;	/* number -> struct ua_call */
	struct ua_map dialogs;	/* Call-ID and local tag -> struct ua_call */
	struct ua_map callers;	/* Call-ID and remote tag -> incoming struct ua_call */
	struct ua_timers timers;
	struct ua_net *net; /* sockets (net/adapter.h); NULL = the stack has its own */
	struct ua_counters counters;
	uint64_t calls_made; /* the last call number */
	uint32_t ringing;    /* unanswered incoming calls */
	uint8_t accept_any;
	uint8_t foreign_told;
	uint64_t foreign_told_at; /* ms: who was turned away, was told then */
	struct failover_network *accept;
	struct ua_overload *overloads; /* UA_OVERLOADS_MAX (overload.h), or NULL */
	uint32_t accept_count;
	char user_agent[64];
	char device[128]; /* what tells it from other devices (instance.h) */
};

/* ---- life --------------------------------------------------------------------------------- */

/* Set up zeroed memory. Returns 0 or a negative error; ua_clear() is right after either. */
int ua_init(struct ua *ua, const struct ua_stack *stack, const struct failover_host *host,
	    const struct failover_open_params *params);
/* At close, first: log the counters, end clients and calls, while the stack still runs. */
void ua_end(struct ua *ua);
/* At close, last: lines, tables and timers. */
void ua_clear(struct ua *ua);

/* ---- hooks and extensions of the plugin descriptor; inst is the struct ua ----------------- */

int ua_send(void *inst, const struct failover_attempt *attempt);
int ua_timeout(void *inst, uint64_t attempt, uint32_t reason);
void ua_result(void *inst, const struct failover_result *result);
/* failover.line/1, failover.call/1 and failover.subscription/1; NULL = none of them. failover.io/1
 * is the adapter's. */
const void *ua_extension(const char *id);
/* For failover.io/1: when a timer is due next, and firing what is due. */
uint64_t ua_deadline(const struct ua *ua);
void ua_run_timers(struct ua *ua);

/* ---- news of the stack; those of clients are in client.h --------------------------------------
 */

/* A response has come: find its client. Those of nobody are counted. */
void ua_response(struct ua *ua, const struct ua_view *view);
/* An ICMP error. If it quotes bytes that we have sent (B21b), whoever waits at that place for a
 * first answer hears of it. */
void ua_undelivered(struct ua *ua, const struct ua_icmp *error);

/* This connection is gone: the lines that are registered over it hear of it (RFC 5626 4.2). Not
 * after ua_end(). */
void ua_flow_lost(struct ua *ua, const struct failover_target *peer, uint64_t flow);

/* A connection with this peer is gone; is_undelivered: with a response that had not left. */
void ua_answers_lost(struct ua *ua, const struct failover_target *peer, int is_undelivered);

/* May this request come from there (B21)? One that may not is counted: drop it. */
int ua_welcome(struct ua *ua, const struct ua_view *request);
/* Who TLS must find at this host, NULL = no line has a TLS target there. */
const char *ua_source_name(const struct ua *ua, const struct failover_target *host);
/* Is it a target of any line, or one that holds a binding? Nothing is counted. */
int ua_is_source(const struct ua *ua, const struct failover_target *from);

/* The user agent's part of a server transaction; the adapter has one in its own. */
struct ua_server {
	struct ua *ua;
	struct ua_call *call; /* INVITE: the call that it made, while both live */
};

/* A request that is new: neither ACK nor CANCEL. It is answered now, or later if it is an INVITE.
 */
void ua_request_arrived(struct ua_server *server, const struct ua_view *view);
/* An ACK that belongs to no server transaction waiting for one: that of a 2xx. */
void ua_ack(struct ua *ua, const struct ua_view *view);
/* A CANCEL for this INVITE has come; the adapter or its stack answers the CANCEL itself. */
void ua_cancelled(struct ua_server *invite);
/* An INVITE that was answered 2xx has come again. */
void ua_repeated(struct ua_server *server);
/* B15a: the line's target was heard by a request that goes no other way: a CANCEL. */
void ua_heard(struct ua *ua, const struct ua_view *view);
/* The server transaction is going. */
void ua_server_gone(struct ua_server *server);

/* ---- small things every file needs ---------------------------------------------------------- */

/* What the core is told of a send that has failed later than in `send`. */
static inline uint32_t ua_reason_of(int error)
{
	if (error == FAILOVER_ERR_UNSUPPORTED)
		return FAILOVER_REASON_UNSUPPORTED;
	return error == FAILOVER_ERR_IO ? FAILOVER_REASON_ICMP : FAILOVER_REASON_LOCAL;
}

static inline uint64_t ua_now(const struct ua *ua)
{
	return ua->host->now(ua->host->ctx);
}

/* So many bytes as text. */
void ua_token_text(const unsigned char bytes[UA_TOKEN_BYTES], char out[UA_TOKEN]);
/* 128 unpredictable bits as text. Returns 0 or FAILOVER_ERR_IO. */
int ua_token(struct ua *ua, char out[UA_TOKEN]);
/* "z9hG4bK" and a token. */
int ua_branch(struct ua *ua, char out[UA_BRANCH]);
__attribute__((format(printf, 3, 4))) void ua_log(struct ua *ua, uint32_t level, const char *format,
						  ...);
/* Has this text a control character? It could end a header line. */
int ua_text_has_control(const char *text);
/* Decimal number up to `most`; returns 0, or -1 if it is none. Larger ones become `most`. */
int ua_text_number(const char *text, uint32_t most, uint32_t *out);
/* Seconds in a header's value, at most `most`; 0 if there is none. */
uint32_t ua_text_seconds(const char *value, uint32_t most);

#endif
