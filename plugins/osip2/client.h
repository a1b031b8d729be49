/* SPDX-License-Identifier: MIT */
/* client.h - client transactions: one for each branch; an attempt has one at a time. */
#ifndef FO_OSIP2_CLIENT_H
#define FO_OSIP2_CLIENT_H

#include "stream.h"
#include "../common/leg.h"

#define FO_ANSWERED_MAX 4u
#define FO_ROUNDS_MAX 6u /* challenges answered in one attempt, should the core not stop it */

struct fo_client {
	struct fo_map_node by_branch, by_attempt;
	struct fo_map_node by_peer; /* until the first response: who is silent there */
	struct fo_timer retransmit; /* A, E; on a connection: it must be up by then (B3c) */
	struct fo_timer end;	    /* B, F, D, K, and the late window of B7a */
	struct fo_stream_user user; /* TCP, TLS */
	struct fo_osip *ua;
	osip_transaction_t *fsm; /* lives as long as this: ACK, CANCEL, BYE copy its request */
	osip_message_t *news;	 /* the response that the state machine has just taken */
	struct failover_attempt attempt; /* id 0: the plugin's own, or nothing more to report */
	uint64_t call;			 /* INVITE: its call's number */
	uint32_t line;
	uint32_t interval_ms; /* till the next retransmission */
	uint32_t packets;     /* requests sent */
	uint8_t rounds;	      /* challenges answered before this transaction */
	uint8_t failed;	      /* could not be sent */
	uint8_t is_invite;
	uint8_t by_size; /* it goes by TCP because it is long; `udp` is where it was to go */
	uint8_t no_tcp;	 /* and TCP was refused */
	struct failover_target udp;
	uint64_t answered[FO_ANSWERED_MAX]; /* credentials sent for a fresh nonce */
	uint64_t first_at;		    /* first packet, ms */
	struct fo_leg leg;		    /* INVITE */
	char *acks[FO_LEG_FORKS_MAX];	    /* the ACK of each 2xx, to send again */
	char branch[FO_BRANCH];
};

/* Take a message and start its transaction. On error the message is freed and *out is unset.
 * attempt->id 0: nothing is reported. `before` (may be NULL) is the transaction of the same attempt
 * whose challenge this one answers; it loses the attempt. */
int fo_osip_client_start(struct fo_osip *ua, const struct failover_attempt *attempt,
			 osip_message_t *message, struct fo_client *before, struct fo_client **out);
/* Nothing is sent or reported any more. */
void fo_osip_client_free(struct fo_client *client);
/* The transaction of this attempt, or NULL. */
struct fo_client *fo_osip_client_of(const struct fo_osip *ua, uint64_t attempt);
/* Nothing is to be reported any more; the transaction goes on absorbing responses. */
void fo_osip_client_detach(struct fo_client *client);
/* Hook `timeout`: stop (B7a for an INVITE). */
void fo_osip_client_abandon(struct fo_client *client, uint32_t reason);
/* A response that may belong to one of ours; takes it. */
void fo_osip_client_receive(struct fo_osip *ua, osip_message_t *response);
/* An ICMP error for packets to this address. */
void fo_osip_client_unreachable(struct fo_osip *ua, const struct failover_target *to);
/* For how long the transaction is kept after what has happened, in ms from now. */
void fo_osip_client_keep_for(struct fo_client *client, uint64_t ms);
int fo_osip_client_answered(const struct fo_client *client, uint64_t credentials);
void fo_osip_client_set_answered(struct fo_client *client, uint64_t credentials);
/* Callbacks of libosip2. */
void fo_osip_client_callbacks(osip_t *stack);
int fo_osip_client_send(struct fo_client *client, osip_message_t *message);
/* Send this text the way of its request. Returns 0 or a negative error. */
int fo_osip_client_put(struct fo_client *client, const char *text, size_t length);
/* At close. */
void fo_osip_clients_free(struct fo_osip *ua);

static inline int fo_osip_client_is_reliable(const struct fo_client *client)
{
	return fo_is_stream(client->attempt.target.transport);
}

/* The INVITE of this transaction. */
static inline osip_message_t *fo_osip_client_request(const struct fo_client *client)
{
	return client->fsm->orig_request;
}

#endif
