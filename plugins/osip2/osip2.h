/* SPDX-License-Identifier: MIT */
/*
 * osip2.h - the instance of the libosip2 plugin and what its files share.
 *
 * libosip2 parses, builds and runs the transaction state machines of RFC 3261 17. What it does by
 * walking lists is not used: transactions, dialogs and timers are found in hash tables and a heap
 * of our own, so the work per packet does not grow with the number of lines (B19).
 *
 *   plugin.c        descriptor, hooks, life        io.c          failover.io/1, the pump
 *   transport.c     sockets, ICMP queue             account.c     failover.line/1
 *   message.c       texts to messages              auth.c        digest of a client
 *   client.c        client transactions            answer.c      responses to them
 *   request.c       what an attempt sends          registration.c  REGISTER dialogs
 *   call.c          calls and failover.call/1      dialog.c      dialogs (RFC 3261 12)
 *   server.c        server transactions            incoming.c    requests of peers
 *   ringing.c       incoming INVITEs               screen.c      first look at a message
 *   stream.c        TCP and TLS connections        stream_io.c   what goes through them
 */
#ifndef FO_OSIP2_H
#define FO_OSIP2_H

#include <stddef.h>
#include <sys/time.h>
#include <osip2/osip.h>
#include <failover/plugin.h>
#include <failover/ext/call.h>
#include <failover/ext/io.h>
#include <failover/ext/line.h>
#include "../common/address.h"
#include "../common/map.h"
#include "../common/timers.h"

#define FO_TOKEN 33u		  /* 128 random bits in hexadecimal, with the end */
#define FO_BRANCH (FO_TOKEN + 7u) /* z9hG4bK and a token */
#define FO_DATAGRAM_MAX 16384u	  /* larger ones are dropped */
#define FO_MESSAGE_MAX 8192u	  /* largest message built here */
#define FO_DATAGRAMS_AT_ONCE 256u /* read in one call of process() */
#define FO_TIMERS_AT_ONCE 1024u
#define FO_SERVERS_MAX 1024u /* server transactions at a time, and four a line */
#define FO_CALLS_MAX 8192u   /* calls at a time */
#define FO_RINGING_MAX 256u  /* unanswered incoming calls at a time, and one a line */
#define FO_T1_MS 500u	     /* of server transactions; attempts bring their own */
#define FO_T2_MS 4000u
#define FO_T4_MS 5000u
#define FO_64T1 64u

struct fo_transport;
struct fo_account;
struct fo_stream;
struct fo_tls_context;

/* What happened to packets; logged at close. */
struct fo_counters {
	uint64_t received, sent;
	uint64_t keepalives; /* CRLF datagrams */
	uint64_t garbage;    /* not SIP, or larger or more intricate than allowed */
	uint64_t unmatched;  /* responses and ACKs that belong to nothing */
	uint64_t foreign;    /* requests from elsewhere than a target */
	uint64_t refused;    /* over a limit */
	uint64_t icmp;
	uint64_t connections; /* TCP and TLS, both ways */
};

/* TCP and TLS connections; see stream.h. */
struct fo_streams {
	struct fo_map by_peer; /* host, port, transport -> struct fo_stream */
	struct fo_map by_fd;
	struct fo_stream *first;
	uint32_t outgoing, incoming;
	struct fo_tls_context *tls; /* NULL = made when it is needed first */
	uint32_t tls_verify;
};

struct fo_osip {
	const struct failover_host *host;
	const struct failover_ext_call_events *events; /* of the application, or NULL */
	struct fo_transport *transport;
	osip_t *stack;
	struct fo_map clients;	/* branch and method -> struct fo_client */
	struct fo_map attempts; /* attempt id -> struct fo_client */
	struct fo_map peers;	/* host and port -> struct fo_client */
	struct fo_map accounts; /* line -> struct fo_account */
	struct fo_map users;	/* user -> struct fo_account */
	struct fo_map sources;	/* host -> struct fo_source */
	struct fo_map calls;	/* number -> struct fo_call */
	struct fo_map dialogs;	/* Call-ID and local tag -> struct fo_call */
	struct fo_map servers;	/* branch, sent-by and method -> struct fo_server */
	struct fo_streams streams;
	struct fo_timers timers;
	struct fo_counters counters;
	uint64_t calls_made; /* the last call number */
	uint32_t ringing;    /* unanswered incoming calls */
	uint8_t accept_any;
	char user_agent[64];
	char datagram[FO_DATAGRAM_MAX + 1];
};

/* ---- small things every file needs ---- */

static inline uint64_t fo_osip_now(const struct fo_osip *ua)
{
	return ua->host->now(ua->host->ctx);
}

/* 128 unpredictable bits as text. Returns 0 or FAILOVER_ERR_IO. */
int fo_osip_token(struct fo_osip *ua, char out[FO_TOKEN]);
__attribute__((format(printf, 3, 4))) void fo_osip_log(struct fo_osip *ua, uint32_t level,
						       const char *format, ...);
/* Has this text a control character? It could end a header line. */
int fo_osip_has_control(const char *text);
/* Decimal number up to `most`; returns 0, or -1 if it is none. Larger ones become `most`. */
int fo_osip_number(const char *text, uint32_t most, uint32_t *out);
/* An event for osip_transaction_execute(), which frees it. NULL = no memory. */
osip_event_t *fo_osip_event(type_t type, osip_message_t *message);
/* A transaction that libosip2 does not list; `owner` is handed to its callbacks. */
osip_transaction_t *fo_osip_transaction(struct fo_osip *ua, osip_fsm_type_t type,
					osip_message_t *message, void *owner);
/* Serialise and send this response to where its request came from: by UDP, on the connection that
 * there is, or on a new one. Returns 0 or a negative error. */
int fo_osip_transmit(struct fo_osip *ua, const struct failover_target *target,
		     osip_message_t *message);

/* A message has come in, followed by a zero byte (io.c). */
void fo_osip_received(struct fo_osip *ua, const char *text, size_t count,
		      const struct failover_target *from);

/* Extensions of this plugin. */
extern const struct failover_ext_line fo_osip_ext_line;
extern const struct failover_ext_call fo_osip_ext_call;
extern const struct failover_ext_io fo_osip_ext_io;

#endif
