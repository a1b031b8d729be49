/* SPDX-License-Identifier: MIT */
/* dialog.h - the state of a dialog (RFC 3261 12) and requests inside it. */
#ifndef FO_UA_DIALOG_H
#define FO_UA_DIALOG_H

#include "ua.h"

#define FO_CALL_ID 256u
#define FO_TAG 128u

/* Values as they go into requests; NULL until the dialog stands. */
struct fo_dialog {
	char call_id[FO_CALL_ID];
	char local_tag[FO_TAG];
	char remote_tag[FO_TAG];
	char *local;  /* From with our tag */
	char *remote; /* To with the peer's tag */
	char *target; /* remote target: URI of the peer's Contact */
	char *routes; /* Route header lines, "" = none */
	uint32_t local_cseq, remote_cseq;
};

struct fo_dialog_request {
	const char *method;
	uint32_t cseq;
	const struct failover_target *next_hop;
};

/* As the caller: from our INVITE and its 2xx. Returns 0 or a negative error; *dialog is then empty.
 */
int fo_dialog_of_caller(struct fo_dialog *dialog, const struct fo_request *invite,
			const struct fo_view *response);
/* As the callee: from the peer's INVITE and the tag that we give it. */
int fo_dialog_of_callee(struct fo_dialog *dialog, const struct fo_view *invite, const char *tag);
void fo_dialog_clear(struct fo_dialog *dialog);
/* A request inside the dialog, with a branch of its own; NULL if it cannot be built. */
struct fo_request *fo_dialog_request(struct fo_ua *ua, const struct fo_dialog *dialog,
				     const struct fo_dialog_request *request);

#endif
