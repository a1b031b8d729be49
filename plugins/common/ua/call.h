/* SPDX-License-Identifier: MIT */
/* call.h - calls: what outlives the transactions of an INVITE. */
#ifndef FO_UA_CALL_H
#define FO_UA_CALL_H

#include "account.h"
#include "client.h"
#include "dialog.h"

struct fo_call {
	struct fo_map_node by_number, by_dialog;
	struct fo_ua *ua;
	uint64_t number;
	uint32_t line;
	uint8_t incoming;
	uint8_t up;	 /* outgoing: 2xx taken; incoming: 2xx ACKed */
	uint8_t ringing; /* incoming, not answered yet */
	char *uri;	 /* outgoing: Request-URI and To */
	char *sdp;	 /* our offer or answer, the same in every attempt (B7) */
	struct fo_dialog dialog;
	uint64_t bye_request;	       /* the core's id of our BYE */
	struct failover_target target; /* the dialog was set up through it (B9) */
	/* Incoming: */
	struct fo_server *server; /* NULL once it has gone */
	struct fo_timer resend;	  /* 2xx until its ACK comes (RFC 3261 13.3.1.4) */
	uint8_t accepted;	  /* a 2xx was sent */
	uint32_t invite_cseq;
	uint32_t interval_ms;
	uint64_t give_up_at;
	struct failover_target peer; /* where its INVITE came from */
};

struct fo_call *fo_call_find(const struct fo_ua *ua, uint64_t number);
/* The call whose dialog this request of the peer is in, or NULL. */
struct fo_call *fo_call_in_dialog(const struct fo_ua *ua, const struct fo_view *request);
/* A new call with Call-ID, tag and number; NULL = no room. */
struct fo_call *fo_call_create(struct fo_ua *ua, uint32_t line);
/* Its Call-ID and local tag are set: list it. */
void fo_call_list(struct fo_call *call);
void fo_call_free(struct fo_call *call);
int fo_call_is_up(const struct fo_call *call);
/* A 2xx is the call (B7b). */
void fo_call_established(struct fo_call *call, const struct fo_client *leg,
			 const struct fo_view *response);
/* Requests of attempts; NULL and *error, or NULL = no memory. */
struct fo_request *fo_call_invite(struct fo_call *call, const struct fo_account *account,
				  const struct failover_attempt *attempt, int *error);
struct fo_request *fo_call_bye(struct fo_call *call, const struct failover_attempt *attempt,
			       int *error);
/* BYE on the plugin's own account: an unacknowledged 2xx cannot stand. */
void fo_call_bye_own(struct fo_call *call);
/* An inactive audio offer for this local address; NULL = no memory. */
char *fo_call_offer(struct fo_ua *ua, const struct failover_target *local);
/* All calls of a line, or all (line 0), without a word. */
void fo_calls_drop(struct fo_ua *ua, uint32_t line);

extern const struct failover_ext_call fo_ua_ext_call;

#endif
