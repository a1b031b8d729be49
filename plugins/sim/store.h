/* SPDX-License-Identifier: MIT */
/* store.h - what servers remember: bindings and dialogs; one store may serve several (S 1.1). */
#ifndef FO_SIM_STORE_H
#define FO_SIM_STORE_H

#include "plugins/sim/sim.h"
#include "plugins/sim/table.h"

struct fo_sim_server;

struct fo_sim_store {
	struct fo_sim_node by_number;
	struct fo_sim_table bindings; /* by line */
	struct fo_sim_table dialogs;  /* by fo_sim_dialog_key() */
	struct fo_sim_table legs;     /* INVITEs under way, by Call-ID, From tag and CSeq */
};

/* A dialog as a server holds it, from its 2xx to its BYE. */
struct fo_sim_held {
	struct fo_sim_node by_key;
	uint64_t branch; /* of its INVITE */
	int acked;
};

uint64_t fo_sim_dialog_key(uint64_t call_id, uint32_t to_tag);

/* Serve a REGISTER at now_ms: the status; *granted becomes the expiry in seconds. */
uint32_t fo_sim_store_register(struct fo_sim_store *store, const struct failover_sim_packet *packet,
			       uint64_t now_ms, uint32_t *granted);
/* This 2xx to INVITE is sent: the dialog exists. 0 or FAILOVER_ERR_MEMORY. */
int fo_sim_store_dialog(struct fo_sim_store *store, const struct failover_sim_packet *response);
/* The branch of the INVITE for the first ACK of a dialog, else 0. */
uint64_t fo_sim_store_ack(struct fo_sim_store *store, const struct failover_sim_packet *packet);
/* Serve a BYE: 200 and the branch of the INVITE it ends, or 481. */
uint32_t fo_sim_store_bye(struct fo_sim_store *store, const struct failover_sim_packet *packet,
			  uint64_t *branch);
/* Is another leg of this INVITE under way (RFC 3261 8.2.2.2)? If not, this one is. */
int fo_sim_store_merged(struct fo_sim_store *store, const struct failover_sim_packet *packet);
void fo_sim_store_leg_end(struct fo_sim_store *store, const struct failover_sim_packet *packet);
void fo_sim_store_state(const struct fo_sim_store *store, uint64_t now_ms,
			struct failover_sim_server_state *out);
void fo_sim_store_forget(struct fo_sim_store *store);
void fo_sim_store_free(struct fo_sim_node *by_number);

#endif
