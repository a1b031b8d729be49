/* SPDX-License-Identifier: MIT */
/* client.h - clients: one for each client transaction (branch); an attempt has one at a time. */
#ifndef FO_UA_CLIENT_H
#define FO_UA_CLIENT_H

#include "../leg.h"
#include "ua.h"

#define FO_ANSWERED_MAX 4u
#define FO_ROUNDS_MAX 6u /* challenges answered in one attempt, should the core not stop it */

/* An adapter reads attempt, request, line, is_invite and invite; the rest is the user agent's. */
struct fo_client {
	struct fo_map_node by_branch, by_attempt;
	struct fo_map_node by_peer; /* until the first response: who is silent there */
	struct fo_timer retransmit; /* A, E; on a connection: it must be up by then (B3c) */
	struct fo_timer end;	    /* B, F, D, K, and the late window of B7a */
	struct fo_ua *ua;
	struct fo_request *request;
	struct failover_attempt attempt;    /* id 0: the plugin's own, or nothing more to report */
	uint64_t call;			    /* INVITE: its call's number */
	uint64_t first_at;		    /* first packet, ms */
	uint64_t answered[FO_ANSWERED_MAX]; /* credentials sent for a fresh nonce */
	uint32_t line;
	uint32_t interval_ms; /* till the next retransmission */
	uint32_t packets;     /* requests sent */
	uint8_t rounds;	      /* challenges answered before this transaction */
	uint8_t is_invite;
	uint8_t is_final;     /* a final response was taken */
	uint8_t stack_timers; /* the stack retransmits this one (set in start) */
	uint8_t by_size;      /* it goes by TCP because it is long; `udp` is where it was to go */
	uint8_t no_tcp;	      /* and TCP was refused */
	struct failover_target udp;
	struct fo_client *invite;     /* in start() of a CANCEL: what it cancels; else NULL */
	struct fo_leg leg;	      /* INVITE */
	char *acks[FO_LEG_FORKS_MAX]; /* the ACK of each 2xx, to send again */
	char branch[FO_BRANCH_MAX];
};

/* ---- for adapters ------------------------------------------------------------------------- */

/* One packet of the request has left. On UDP the user agent counts for itself what start() and
 * again() send, unless stack_timers is set. */
void fo_client_sent(struct fo_client *client);
/* A response to this client, new to its transaction; for stacks that know whose it is. */
void fo_client_response(struct fo_client *client, const struct fo_view *view);
/* It cannot reach its target, or its connection is gone; reason is enum failover_reason. */
void fo_client_lost(struct fo_client *client, uint32_t reason);
/* The stack has made a branch of its own. */
void fo_client_set_branch(struct fo_client *client, const char *branch);
/* The client whose request a response with these belongs to, or NULL. */
struct fo_client *fo_client_find(const struct fo_ua *ua, const struct fo_view *response);

static inline int fo_client_is_reliable(const struct fo_client *client)
{
	return client->attempt.target.transport != FAILOVER_UDP;
}

/* ---- inside the user agent ---------------------------------------------------------------- */

struct fo_client_start {
	const struct failover_attempt *attempt; /* id 0: nothing is reported */
	struct fo_request *request;		/* taken, also on error */
	struct fo_client *before; /* of the same attempt, whose challenge this one answers: it loses
				     the attempt. Or NULL */
	struct fo_client *invite; /* what a CANCEL cancels, or NULL */
	uint64_t call;
};

int fo_client_start(struct fo_ua *ua, const struct fo_client_start *start);
/* Nothing is sent or reported any more. Returns what stack->stop() says. */
int fo_client_free(struct fo_client *client);
/* Report why the target cannot be reached, and free the client. */
void fo_client_failed(struct fo_client *client, uint32_t reason);
/* The client of this attempt, or NULL. */
struct fo_client *fo_client_of(const struct fo_ua *ua, uint64_t attempt);
/* Nothing is to be reported any more; the transaction goes on absorbing responses. */
void fo_client_detach(struct fo_client *client);
/* Hook `timeout`: stop (B7a for an INVITE). Returns 0, or 1 = the stack cannot. */
int fo_client_abandon(struct fo_client *client, uint32_t reason);
/* For how long it is kept after what has happened, in ms from now. */
void fo_client_keep_for(struct fo_client *client, uint64_t ms);
uint64_t fo_client_life_ms(const struct fo_client *client);
int fo_client_answered(const struct fo_client *client, uint64_t credentials);
void fo_client_set_answered(struct fo_client *client, uint64_t credentials);
/* Send this text the way of its request. Returns 0 or a negative error. */
int fo_client_put(struct fo_client *client, const char *text, size_t length);
/* At close. */
void fo_clients_free(struct fo_ua *ua);

#endif
