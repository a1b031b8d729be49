/* SPDX-License-Identifier: MIT */
/* dialog.h - the state of a dialog (RFC 3261 12) and requests inside it. */
#ifndef UA_DIALOG_H
#define UA_DIALOG_H

#include "account.h"

#define UA_CALL_ID 256u
#define UA_TAG 128u
#define UA_PEER_TAG 512u /* RFC 4475 3.1.1.7 has one of 302 */

/* Values as they go into requests; NULL until the dialog stands. */
struct ua_dialog {
	char call_id[UA_CALL_ID];
	char local_tag[UA_TAG];
	char remote_tag[UA_PEER_TAG];
	char *local;   /* From with our tag */
	char *remote;  /* To with the peer's tag */
	char *target;  /* remote target: URI of the peer's Contact */
	char **routes; /* the route set: values of Route, in one block with their texts */
	uint32_t routes_count;
	uint32_t local_cseq, remote_cseq;
};

struct ua_dialog_request {
	const char *method;
	uint32_t cseq;
	const struct ua_account *account;     /* NULL: it goes to the target */
	const struct failover_target *target; /* where the core wants it */
	const struct failover_target *gone;   /* what this request has found unavailable (B23a) */
	uint32_t gone_count;
	const struct failover_target *caller; /* of an incoming call, else NULL */
};

/* What is left of the route set for one request (B23a). */
struct ua_dialog_way {
	const char *first; /* a Route of ours in front of the others, in `own`, or NULL */
	char own[UA_ADDRESS_TEXT + 32];
	uint32_t from;		    /* of the route set */
	struct failover_target hop; /* where it goes first: the target, or another place */
};

/* Of `dialog` only target and routes are looked at. */
void ua_dialog_find_way(const struct ua_dialog *dialog, const struct ua_dialog_request *request,
			struct ua_dialog_way *way);
/* As the caller: from our INVITE and its 2xx. Returns 0 or a negative error; *dialog is then empty.
 */
int ua_dialog_of_caller(struct ua_dialog *dialog, const struct ua_request *invite,
			const struct ua_view *response);
/* As the callee: from the peer's INVITE and the tag that we give it. */
int ua_dialog_of_callee(struct ua_dialog *dialog, const struct ua_view *invite, const char *tag);
/* The peer's Contact in a request that refreshes the target (RFC 3261 12.2.2); NULL changes
 * nothing. Returns 0 or a negative error, the old one kept. */
int ua_dialog_refresh(struct ua_dialog *dialog, const char *contact);
void ua_dialog_clear(struct ua_dialog *dialog);
/* A request inside the dialog, with a branch of its own; NULL if it cannot be built. *hop is where
 * it is to go first (B23a): the target, or a place that the first Route or the Contact names. */
struct ua_request *ua_dialog_request(struct ua *ua, const struct ua_dialog *dialog,
				     const struct ua_dialog_request *request,
				     struct failover_target *hop);

#endif
