/* SPDX-License-Identifier: MIT */
/* ringing.h - incoming calls, from INVITE to ACK (RFC 3261 13.3). */
#ifndef UA_RINGING_H
#define UA_RINGING_H

#include "account.h"

struct ua_call;

/* A new INVITE for this line: make the call and tell the application. */
void ua_ringing_invite(struct ua_server *server, struct ua_account *account,
		       const struct ua_view *invite);
/* An INVITE inside a standing dialog: answered with 200 at once. */
void ua_ringing_reinvite(struct ua_server *server, struct ua_call *call,
			 const struct ua_view *invite);
/* An UPDATE inside a dialog (RFC 3311), likewise. */
void ua_ringing_update(struct ua_server *server, struct ua_call *call,
		       const struct ua_view *update);
/* The application's answer. Returns 0 or a negative error. */
int ua_ringing_answer(struct ua_call *call, uint32_t status);
/* CANCEL or BYE before our answer: 487. The call is gone afterwards. */
void ua_ringing_cancel(struct ua_call *call);
/* The ACK of our 2xx. */
void ua_ringing_ack(struct ua_call *call, const struct ua_view *ack);
/* Timer of struct ua_call: 1xx or 2xx once more, or give up. */
void ua_ringing_resend(struct ua_timer *timer);
/* Timer of struct ua_call: the caller does not wait any longer. */
void ua_ringing_expired(struct ua_timer *timer);
/* B24e: a response of ours may be quoted here; the caller cannot be answered then. */
void ua_ringing_quoted(struct ua *ua, const struct ua_icmp *error);
/* The line is registered there now: can callers that came from elsewhere be answered still? */
void ua_ringing_moved(struct ua *ua, uint32_t line, const struct failover_target *to);
/* Tell the application that the call is over, and forget it. */
void ua_ringing_ended(struct ua_call *call, uint32_t status);

#endif
