/* SPDX-License-Identifier: MIT */
/* client.h - clients: one for each client transaction (branch); an attempt has one at a time. */
#ifndef UA_CLIENT_H
#define UA_CLIENT_H

#include "leg.h"
#include "ua.h"

#define UA_ANSWERED_MAX 4u
#define UA_ROUNDS_MAX 6u /* challenges answered in one attempt, should the core not stop it */

/* An adapter reads attempt, request, line, is_invite and invite; the rest is the user agent's. */
struct ua_client {
	struct ua_map_node by_branch, by_attempt;
	struct ua_map_node by_peer; /* until the first response: who is silent there */
	struct ua_timer retransmit; /* A, E; on a connection: it must be up by then (B3c) */
	struct ua_timer end;	    /* B, F, D, K, and the late window of B7a */
	struct ua *ua;
	struct ua_request *request;
	struct failover_attempt attempt;    /* id 0: the plugin's own, or nothing more to report */
	uint64_t call;			    /* INVITE: its call's number */
	uint64_t first_at;		    /* first packet, ms */
	uint64_t answered[UA_ANSWERED_MAX]; /* credentials sent for a fresh nonce */
	uint32_t line;
	uint32_t interval_ms; /* till the next retransmission */
	uint32_t packets;     /* requests sent */
	uint32_t doubted;     /* packets sent when an ICMP error came that proves nothing */
	uint8_t rounds;	      /* challenges answered before this transaction */
	uint8_t is_invite;
	uint8_t is_final;     /* a final response was taken */
	uint8_t stack_timers; /* the stack retransmits this one (set in start) */
	uint8_t by_size;      /* it goes by TCP because it is long; `udp` is where it was to go */
	uint8_t no_tcp;	      /* and TCP was refused */
	uint8_t in_strangers_dialog; /* that the peer began: no challenge is answered (B21c) */
	uint8_t told_bad;	     /* an answer that cannot be read was told (B22d) */
	uint8_t elsewhere;	     /* it goes to another place than the core's target (B23a) */
	uint8_t waits;		     /* and to that target if nothing comes for T1 */
	uint8_t is_resent;	     /* its connection had ended unheard (B23c) */
	struct failover_target udp;
	struct failover_target straight; /* the core's target */
	uint32_t straight_transmissions;
	uint64_t heir;		      /* the attempt that has gone on there */
	struct ua_client *invite;     /* in start() of a CANCEL: what it cancels; else NULL */
	struct ua_leg leg;	      /* INVITE */
	char *acks[UA_LEG_FORKS_MAX]; /* the ACK of each 2xx, to send again */
	char branch[UA_BRANCH_MAX];
};

/* ---- for adapters ------------------------------------------------------------------------- */

/* One packet of the request has left. On UDP the user agent counts for itself what start() and
 * again() send, unless stack_timers is set. */
void ua_client_sent(struct ua_client *client);
/* A response to this client, new to its transaction; for stacks that know whose it is. */
void ua_client_response(struct ua_client *client, const struct ua_view *view);
/* A response that cannot be read has come: whose it may be, hears of it (B22d). */
void ua_bad_answer(struct ua *ua, const struct ua_view *view, const char *first_line,
		   const char *why);
/* It cannot reach its target, or its connection is gone; reason is enum failover_reason. */
void ua_client_lost(struct ua_client *client, uint32_t reason);
/* Its connection, which others have used before, has ended without a byte: send it once more, on a
 * new one to the same target (B23c). Returns 0, and the client may be gone; or an error, and
 * nothing has changed. */
int ua_client_once_more(struct ua_client *client);
/* The stack has made a branch of its own. */
void ua_client_set_branch(struct ua_client *client, const char *branch);
/* The client whose request a response with these belongs to, or NULL. */
struct ua_client *ua_client_find(const struct ua *ua, const struct ua_view *response);

static inline int ua_client_is_reliable(const struct ua_client *client)
{
	return client->attempt.target.transport != FAILOVER_UDP;
}

/* ---- inside the user agent ---------------------------------------------------------------- */

/* Where it is in the tables `clients` and `peers`. */
uint64_t ua_client_branch_hash(const struct ua *ua, const char *branch, const char *method);
uint64_t ua_client_peer_hash(const struct ua *ua, const struct failover_target *to);

struct ua_client_start {
	const struct failover_attempt *attempt; /* id 0: nothing is reported */
	struct ua_request *request;		/* taken, also on error */
	struct ua_client *before; /* of the same attempt, whose challenge this one answers: it loses
				     the attempt. Or NULL */
	struct ua_client *invite; /* what a CANCEL cancels, or NULL */
	uint64_t call;
	uint8_t in_strangers_dialog;
	const struct failover_target *hop; /* where it goes first, NULL = to the attempt's target */
};

int ua_client_start(struct ua *ua, const struct ua_client_start *start);
/* Nothing is sent or reported any more. Returns what stack->stop() says. */
int ua_client_free(struct ua_client *client);
/* Report why the target cannot be reached, and free the client. */
void ua_client_failed(struct ua_client *client, uint32_t reason);
/* It has its branch, attempt and target: it can be found. */
void ua_client_list(struct ua_client *client);
/* Who waits for a first answer from this place over UDP, after this one or NULL; NULL = no more. */
struct ua_client *ua_client_waiting(const struct ua *ua, const struct failover_target *at,
				    const struct ua_client *after);
/* The client of this attempt, or NULL. */
struct ua_client *ua_client_of(const struct ua *ua, uint64_t attempt);
/* Nothing is to be reported any more; the transaction goes on absorbing responses. */
void ua_client_detach(struct ua_client *client);
/* Hook `timeout`: stop (B7a for an INVITE). Returns 0, or 1 = the stack cannot. */
int ua_client_abandon(struct ua_client *client, uint32_t reason);
/* For how long it is kept after what has happened, in ms from now. */
void ua_client_keep_for(struct ua_client *client, uint64_t ms);
uint64_t ua_client_life_ms(const struct ua_client *client);
int ua_client_answered(const struct ua_client *client, uint64_t credentials);
void ua_client_set_answered(struct ua_client *client, uint64_t credentials);
/* Send this text the way of its request. Returns 0 or a negative error. */
int ua_client_put(struct ua_client *client, const char *text, size_t length);
/* At close. */
void ua_clients_free(struct ua *ua);

#endif
