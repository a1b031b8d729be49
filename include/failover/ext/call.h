/* SPDX-License-Identifier: MIT */
/*
 * failover.call/1 - calls (INVITE dialogs) of a plugin, and failover.call-events/1, the
 * application's side of them. A call is named by a number the plugin makes; it is the `cookie`
 * of the call's requests, so `send` finds the dialog by attempt.cookie.
 *
 * Outgoing: call_new() -> failover_submit(INVITE, cookie = call) -> progress() ... result.
 * Hanging up: an unanswered outgoing INVITE by failover_give_up(); an established call by
 * failover_submit(BYE, cookie = call, in dialog). The plugin forgets the call after `ended`
 * or call_free().
 */
#ifndef FAILOVER_EXT_CALL_H
#define FAILOVER_EXT_CALL_H

#include <failover/plugin.h>

#define FAILOVER_EXT_CALL "failover.call/1"
#define FAILOVER_EXT_CALL_EVENTS "failover.call-events/1"

struct failover_ext_call {
	uint32_t size;
	uint32_t reserved;
	/* Prepare an outgoing call to uri ("sip:bob@example.net" or "1002"); *call becomes its
	 * number (never 0). sdp is the offer, or NULL for the plugin's inactive audio offer. */
	int (*call_new)(void *inst, uint32_t line, const char *uri, const char *sdp,
			uint64_t *call);
	/* Forget a call; nothing is sent. Unknown: nothing happens. */
	void (*call_free)(void *inst, uint64_t call);
	/* Answer an incoming call that waits: 180, 200 (with an SDP answer), 486, 603 ... */
	int (*call_answer)(void *inst, uint64_t call, uint32_t status);
	/* Came later; there if `size` covers it and it is not NULL. 1: the outgoing call is one for
	 * help (B36), and its INVITE is to be submitted with FAILOVER_REQUEST_EMERGENCY; 0: it is
	 * not, or not known. */
	uint32_t (*call_emergency)(void *inst, uint64_t call);
};

/* Given by the application through host->get_extension(). `app` is passed to each. */
struct failover_ext_call_events {
	uint32_t size;
	uint32_t reserved;
	void *app;
	/* An INVITE has arrived for this line; answer it with call_answer (now or later). */
	void (*incoming)(void *app, uint32_t line, uint64_t call, const char *from,
			 const struct failover_target *source);
	/* A response to an outgoing INVITE: 180, 183 ... (1xx only; the end comes as the result).
	 */
	void (*progress)(void *app, uint64_t call, uint32_t status,
			 const struct failover_target *target);
	/* An incoming call was ACKed: it is up, through `target` (needed to hang up: B9). */
	void (*up)(void *app, uint64_t call, const struct failover_target *target);
	/* The other side ended it (BYE, CANCEL), or it could not stand; status 0 = BYE, 487 =
	 * CANCEL, its Expires, or the caller cannot be answered any more, 408 = no ACK. The call
	 * number is dead after this returns. */
	void (*ended)(void *app, uint64_t call, uint32_t status);
	/* Came later; asked for by `size`. An outgoing call is redirected to this URI (B22f): one
	 * call for each Contact of a 300 to 302, before it is followed or told as the result. */
	void (*redirected)(void *app, uint64_t call, const char *uri);
};

#endif
