/* SPDX-License-Identifier: MIT */
/* client.h - client transactions as RFC 3261 17.1 has them. */
#ifndef FO_SIM_CLIENT_H
#define FO_SIM_CLIENT_H

#include "plugins/sim/world.h"

struct fo_sim_client {
	struct fo_sim_node by_branch;
	struct fo_sim_node by_attempt; /* if attempt is not 0 */
	struct failover_sim_packet request;
	uint64_t attempt; /* 0 = the stack's own: CANCEL and BYE of a late leg, or answered */
	uint64_t request_id, cookie;
	uint64_t ends_ms; /* then it is forgotten */
	uint32_t dialog;
	uint32_t t1_ms, t2_ms;
	uint32_t interval_ms; /* to the next packet */
	uint32_t limit;	      /* of packets; 0 = none */
	uint32_t sent;
	uint32_t to_tag; /* of the 2xx to an INVITE */
	uint8_t provisional, completed, abandoned, cancelled, stopped;
};

int fo_sim_client_send(struct fo_sim *sim, const struct failover_attempt *attempt);
int fo_sim_client_timeout(struct fo_sim *sim, uint64_t attempt, uint32_t reason);
/* A request of the stack's own in the wake of `invite`, on its way to the same target. */
void fo_sim_client_own(struct fo_sim *sim, const struct fo_sim_client *invite,
		       const struct failover_sim_packet *packet);
void fo_sim_client_arrive(struct fo_sim *sim, const struct failover_sim_packet *packet);
/* The connection of this line is gone: its registrations and requests over it hear of it. */
void fo_sim_client_unreachable(struct fo_sim *sim, uint32_t line,
			       const struct fo_sim_server *server);
void fo_sim_client_resend(struct fo_sim *sim, uint64_t key);
void fo_sim_client_end(struct fo_sim *sim, uint64_t key);
void fo_sim_client_free(struct fo_sim_node *by_branch);
uint64_t fo_sim_client_branch(struct fo_sim *sim);

#endif
