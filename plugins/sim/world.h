/* SPDX-License-Identifier: MIT */
/* world.h - the simulated world: clock, calendar, client, network and servers of one instance. */
#ifndef FO_SIM_WORLD_H
#define FO_SIM_WORLD_H

#include <failover/plugin.h>
#include <failover/ext/line.h>
#include "plugins/sim/heap.h"
#include "plugins/sim/sim.h"
#include "plugins/sim/store.h"
#include "plugins/sim/table.h"

#define FO_SIM_REGISTRARS 8u
#define FO_SIM_DIALOGS 32u /* registration dialogs that a line remembers */
#define FO_SIM_SERVERS_MOST 65536u

/* Via branches are even numbers; a CANCEL shares its INVITE's and is found under the odd one. */
static inline uint64_t fo_sim_branch_key(const struct failover_sim_packet *packet)
{
	return packet->branch | (packet->method == FAILOVER_CANCEL);
}

struct fo_sim_server {
	struct fo_sim_node by_address;
	uint32_t number;
	struct failover_target address;
	struct failover_sim_behaviour behaviour;
	struct failover_sim_link link;
	struct fo_sim_store *store;
	uint32_t merge;
	struct fo_sim_table transactions; /* by branch key */
	uint64_t requests, invites_up, acked, byes;
};

/* A registration dialog: Call-ID and CSeq of one failover_attempt.dialog (B7, B10). */
struct fo_sim_dialog {
	uint32_t number, cseq, from_tag;
	uint64_t call_id, used_at; /* used_at: the least recent one makes room */
};

struct fo_sim_challenge {
	uint32_t realm, nonce;
};

struct fo_sim_line {
	struct fo_sim_node by_id;
	const char *ruris[FO_SIM_REGISTRARS];		       /* NULL = not told */
	struct fo_sim_challenge challenges[FO_SIM_REGISTRARS]; /* nonces to use again (B10) */
	struct failover_target registered[FO_SIM_REGISTRARS];  /* through it; family 0 = not */
	uint8_t taken[FO_SIM_REGISTRARS]; /* it has taken the line's credentials */
	struct fo_sim_dialog dialogs[FO_SIM_DIALOGS];
	uint64_t uses;
};

/* What all attempts of a request share (B7). */
struct fo_sim_request {
	struct fo_sim_node by_id;
	uint64_t call_id, cookie;
	uint32_t from_tag, to_tag, cseq;
	const char *ruri;
};

struct fo_sim_call {
	struct fo_sim_node by_cookie;
	struct fo_sim_node by_dialog; /* key of store.h */
	uint64_t call_id;
	uint32_t from_tag, to_tag, cseq;
	const char *ruri;
};

struct fo_sim {
	const struct failover_host *host;
	uint64_t now_ms, random;
	uint32_t quirks;
	failover_sim_observer *observer;
	void *observer_user;
	struct fo_sim_heap calendar;
	struct fo_sim_server **servers;
	uint32_t servers_count;
	struct fo_sim_table addresses; /* servers */
	struct fo_sim_table stores;
	struct fo_sim_table lines, requests;
	struct fo_sim_table calls, dialogs;    /* struct fo_sim_call, by cookie and by dialog */
	struct fo_sim_table clients, attempts; /* client transactions, by branch and attempt */
	struct fo_sim_table names;	       /* Request-URIs, each once */
};

/* world.c */
uint64_t fo_sim_random(struct fo_sim *sim);
/* 0..bound-1 */
uint32_t fo_sim_below(struct fo_sim *sim, uint32_t bound);
int fo_sim_schedule(struct fo_sim *sim, uint64_t at_ms, struct fo_sim_event event);
/* "sip:USER@ADDRESS:PORT" (no user: "sip:ADDRESS:PORT"), kept once; NULL = no memory. */
const char *fo_sim_uri(struct fo_sim *sim, const char *user, const char *address, uint32_t port);
uint64_t fo_sim_address_key(const struct failover_target *target);
const char *fo_sim_address_text(const struct failover_target *target, char *buffer, size_t size);
void fo_sim_world_free(struct fo_sim *sim);
int fo_sim_world_step(struct fo_sim *sim, uint64_t now_ms);

/* network.c */
void fo_sim_network_request(struct fo_sim *sim, const struct failover_sim_packet *packet);
/* A response, or UNREACHABLE, on its way to the client. */
void fo_sim_network_response(struct fo_sim *sim, const struct failover_sim_packet *packet,
			     uint32_t after_ms);
int fo_sim_server_add(struct fo_sim *sim, const struct failover_sim_server_params *params,
		      uint32_t *server);
void fo_sim_server_free(struct fo_sim_server *server);

/* server.c */
void fo_sim_server_arrive(struct fo_sim *sim, const struct failover_sim_packet *packet);
void fo_sim_server_reply(struct fo_sim *sim, const struct fo_sim_event *event);
void fo_sim_server_resend(struct fo_sim *sim, const struct fo_sim_event *event);
void fo_sim_server_end(struct fo_sim *sim, const struct fo_sim_event *event);
void fo_sim_server_transaction_free(struct fo_sim_node *node);

/* identity.c */
struct fo_sim_line *fo_sim_line_find(struct fo_sim *sim, uint32_t line);
/* Call-ID, CSeq and Request-URI into the packet of a new attempt. 0 or a negative error. */
int fo_sim_identity_fill(struct fo_sim *sim, const struct failover_attempt *attempt,
			 struct failover_sim_packet *packet);
/* The same attempt goes on with a new transaction: CSeq + 1 (B4b). */
void fo_sim_identity_again(struct fo_sim *sim, uint64_t request, uint32_t dialog,
			   struct failover_sim_packet *packet);
/* What is known of the credentials that a final response refuses (B22e). */
uint32_t fo_sim_identity_flags(struct fo_sim *sim, const struct failover_sim_packet *request,
			       const struct failover_sim_packet *response);
/* May this challenge be answered (B4b)? Remembers good nonces; what was rejected begins anew. */
int fo_sim_identity_challenge(struct fo_sim *sim, const struct failover_sim_packet *request,
			      const struct failover_sim_packet *response);
/* A 2xx to this REGISTER: the line is registered there, or not any more. */
void fo_sim_identity_registered(struct fo_sim *sim, const struct failover_sim_packet *request,
				uint32_t expires_s);
void fo_sim_request_forget(struct fo_sim *sim, uint64_t request);
int fo_sim_identity_set(struct fo_sim *sim, const struct failover_line_identity *identity);
void fo_sim_identity_remove(struct fo_sim *sim, uint32_t line);

/* call.c */
struct fo_sim_client;
int fo_sim_call_up(struct fo_sim *sim, const struct fo_sim_client *client, uint32_t to_tag);
void fo_sim_call_forget(struct fo_sim *sim, uint64_t cookie);
void fo_sim_call_ack(struct fo_sim *sim, const struct fo_sim_client *client,
		     const struct failover_sim_packet *response);
void fo_sim_call_bye(struct fo_sim *sim, const struct fo_sim_client *client, uint32_t to_tag);
void fo_sim_call_cancel(struct fo_sim *sim, struct fo_sim_client *invite);
uint32_t fo_sim_call_ghosts(struct fo_sim *sim);

#endif
