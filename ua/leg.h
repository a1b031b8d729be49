/* SPDX-License-Identifier: MIT */
/*
 * leg.h - one leg of an INVITE: a client transaction at one target, also when the core has left it
 * behind (B7a). Pure bookkeeping that says what to send, so that every plugin does the same.
 */
#ifndef UA_LEG_H
#define UA_LEG_H

#include <stdint.h>
#include <failover/plugin.h>

#define UA_LEG_FORKS_MAX 8u
#define UA_LEG_MORE_MAX 248u /* and so many are ended with BYE that are not told apart */
#define UA_LEG_TAG 64u	     /* longest To tag that is told from others, with its end */

enum ua_leg_action {
	UA_LEG_CANCEL = 1u << 0,   /* send CANCEL on this branch */
	UA_LEG_ACK = 1u << 1,	   /* ACK this 2xx */
	UA_LEG_BYE = 1u << 2,	   /* then end the dialog that it made */
	UA_LEG_CALL = 1u << 3,	   /* this 2xx is the call (B7b) */
	UA_LEG_TAKEN_UP = 1u << 4, /* the core waits for it again, as long as it rings (B7b) */
};

struct ua_leg {
	uint8_t provisional; /* a 1xx was seen: CANCEL is allowed (RFC 3261 9.1) */
	uint8_t abandoned;   /* the core does not wait for it any more */
	uint8_t cancelled;   /* a CANCEL was sent, or the core is going to send it */
	uint8_t final;	     /* a final response was seen */
	uint8_t forks;	     /* tags[] in use; [0] is the call's if `call` */
	uint8_t more;	     /* 2xx beyond tags[], each ended for itself */
	uint8_t call;	     /* tags[0] is the call; the others are ghosts */
	char tags[UA_LEG_FORKS_MAX][UA_LEG_TAG];
};

/* Each returns a set of enum ua_leg_action. */

/* Hook `timeout` was called; reason is enum failover_abandon. */
uint32_t ua_leg_abandon(struct ua_leg *leg, uint32_t reason);
/* A CANCEL attempt of the core's goes out. */
void ua_leg_cancelled(struct ua_leg *leg);
/* A 1xx has arrived; verdict is what host->response() said. */
uint32_t ua_leg_provisional(struct ua_leg *leg, uint32_t verdict);
/* A 2xx with this To tag was seen before, so the core need not be told again. */
int ua_leg_knows(const struct ua_leg *leg, const char *tag);
/* A 2xx has arrived. takes_call = 0 when the call is gone or is up on another leg. */
uint32_t ua_leg_success(struct ua_leg *leg, const char *tag, uint32_t verdict, int takes_call);
/* A 3xx-6xx has arrived (the transaction ACKs it). */
void ua_leg_failure(struct ua_leg *leg);

#endif
