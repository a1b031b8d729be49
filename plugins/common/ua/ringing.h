/* SPDX-License-Identifier: MIT */
/* ringing.h - incoming calls, from INVITE to ACK (RFC 3261 13.3). */
#ifndef FO_UA_RINGING_H
#define FO_UA_RINGING_H

#include "account.h"

struct fo_call;

/* A new INVITE for this line: make the call and tell the application. */
void fo_ringing_invite(struct fo_server *server, struct fo_account *account,
		       const struct fo_view *invite);
/* An INVITE inside a standing dialog: answered with 200 at once. */
void fo_ringing_reinvite(struct fo_server *server, struct fo_call *call,
			 const struct fo_view *invite);
/* The application's answer. Returns 0 or a negative error. */
int fo_ringing_answer(struct fo_call *call, uint32_t status);
/* CANCEL or BYE before our answer: 487. The call is gone afterwards. */
void fo_ringing_cancel(struct fo_call *call);
/* The ACK of our 2xx. */
void fo_ringing_ack(struct fo_call *call, const struct fo_view *ack);
/* Timer of struct fo_call: 2xx once more, or give up. */
void fo_ringing_resend(struct fo_timer *timer);
/* Tell the application that the call is over, and forget it. */
void fo_ringing_ended(struct fo_call *call, uint32_t status);

#endif
