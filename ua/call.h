/* SPDX-License-Identifier: MIT */
/* call.h - calls: what outlives the transactions of an INVITE. */
#ifndef UA_CALL_H
#define UA_CALL_H

#include "account.h"
#include "client.h"
#include "dialog.h"
#include "redirect.h"

#define UA_GONE_MAX 8u

/* Where requests in its dialog may come from (source.h). */
struct ua_call_sources {
	struct ua_source target, peer, contact, route;
};

struct ua_call {
	struct ua_map_node by_number, by_dialog;
	struct ua_map_node by_caller; /* incoming */
	struct ua *ua;
	uint64_t number;
	uint32_t line;
	uint8_t incoming;
	uint8_t up;		       /* outgoing: 2xx taken; incoming: 2xx ACKed */
	uint8_t ringing;	       /* incoming, not answered yet */
	char *dialled;		       /* outgoing: what Request-URI and To are made of (B23) */
	char *sdp;		       /* our offer or answer, the same in every attempt (B7) */
	struct ua_redirects redirects; /* outgoing (B22f) */
	struct ua_dialog dialog;
	uint64_t bye_request; /* the core's id of our BYE */
	/* Where that BYE has gone, and what it has found unavailable (B23a): */
	struct failover_target bye_target, bye_hop, gone[UA_GONE_MAX];
	uint32_t gone_count;
	struct failover_target target; /* the dialog was set up through it (B9) */
	/* Incoming: */
	struct ua_server *server; /* NULL once it has gone */
	struct ua_timer expiry;	  /* Expires of the INVITE (RFC 3261 13.3.1) */
	struct ua_timer resend;	  /* 2xx until its ACK comes (RFC 3261 13.3.1.4); a 1xx before */
	uint64_t rung_at;	  /* that 1xx was sent */
	uint8_t accepted;	  /* a 2xx was sent */
	uint32_t invite_cseq;
	uint32_t interval_ms;
	uint64_t give_up_at;
	struct failover_target peer; /* where its INVITE came from */
	struct ua_call_sources sources;
};

struct ua_call *ua_call_find(const struct ua *ua, uint64_t number);
/* The call whose dialog this request of the peer is in, or NULL. */
struct ua_call *ua_call_in_dialog(const struct ua *ua, const struct ua_view *request);
/* Has this INVITE made a call already, which has come another way (RFC 3261 8.2.2.2)? */
int ua_call_is_merged(const struct ua *ua, const struct ua_view *invite);
/* A new call with Call-ID, tag and number; NULL = no room. */
struct ua_call *ua_call_create(struct ua *ua, uint32_t line);
/* Its Call-ID and local tag are set: list it. */
void ua_call_list(struct ua_call *call);
void ua_call_free(struct ua_call *call);
int ua_call_is_up(const struct ua_call *call);
/* A 2xx is the call (B7b). */
void ua_call_established(struct ua_call *call, const struct ua_client *leg,
			 const struct ua_view *response);
/* Requests of attempts; NULL and *error, or NULL = no memory. */
struct ua_request *ua_call_invite(struct ua_call *call, const struct ua_account *account,
				  const struct failover_attempt *attempt, int *error);
struct ua_request *ua_call_bye(struct ua_call *call, const struct failover_attempt *attempt,
			       struct failover_target *hop, int *error);
/* BYE on the plugin's own account: an unacknowledged 2xx cannot stand. */
void ua_call_bye_own(struct ua_call *call);
/* All calls of a line, or all (line 0), without a word. */
void ua_calls_drop(struct ua *ua, uint32_t line);

extern const struct failover_ext_call ua_ext_call;

#endif
