/* SPDX-License-Identifier: MIT */
/*
 * failover.subscription/1 - what a line is subscribed to (RFC 6665: message waiting, busy lamps),
 * and failover.subscription-events/1, the application's side. Subscriptions follow the line, and
 * never lead it (B40): REGISTER and INVITE find out who serves, and SUBSCRIBE goes there.
 *
 *   set() -> serve(target) -> due() -> failover_submit(OTHER, cookie = subscription) -> news()
 *
 * The plugin keeps dialogs and times: it asks by due() for each SUBSCRIBE that it wants sent, one
 * of a line at a time, and hears of its end as of every request.
 */
#ifndef FAILOVER_EXT_SUBSCRIPTION_H
#define FAILOVER_EXT_SUBSCRIPTION_H

#include <failover/plugin.h>

#define FAILOVER_EXT_SUBSCRIPTION "failover.subscription/1"
#define FAILOVER_EXT_SUBSCRIPTION_EVENTS "failover.subscription-events/1"

#define FAILOVER_SUBSCRIPTIONS_OF_LINE 64u
#define FAILOVER_SUBSCRIPTION_TEXT 256u	     /* longest `what`, with its end */
#define FAILOVER_SUBSCRIPTION_BODY_MAX 8192u /* longest body that is told */

enum failover_subscription_kind {
	FAILOVER_SUBSCRIPTION_ACTIVE = 1,  /* a 2xx; `expires_s` is granted */
	FAILOVER_SUBSCRIPTION_NOTIFY = 2,  /* the state that is subscribed to: `type` and `body` */
	FAILOVER_SUBSCRIPTION_ENDED = 3,   /* by the server; asked again in `again_s` */
	FAILOVER_SUBSCRIPTION_FAILED = 4,  /* no 2xx; asked again in `again_s` */
	FAILOVER_SUBSCRIPTION_REFUSED = 5, /* 489: not asked again before set() */
};

/* Texts are valid during the call; they come from outside and may hold any byte but zero. */
struct failover_subscription_news {
	uint32_t size;
	uint32_t line;
	uint64_t subscription; /* its number */
	const char *what;      /* as set() has it */
	uint32_t kind;	       /* enum failover_subscription_kind */
	uint32_t status;       /* of an answer, 0 = none */
	uint32_t expires_s;
	uint32_t again_s; /* UINT32_MAX = not at this server */
	struct failover_target target;
	const char *state; /* of Subscription-State: "active", "pending", "terminated"; or "" */
	const char *type;  /* of the body: "application/simple-message-summary"; or "" */
	const char *body; /* "" = none, or one that is longer than FAILOVER_SUBSCRIPTION_BODY_MAX */
};

struct failover_ext_subscription {
	uint32_t size;
	uint32_t reserved;
	/* What the line is subscribed to from now on: "PACKAGE" (of the line's own address) or
	 * "PACKAGE;target=USER-OR-URI", as in "message-summary" and "dialog;target=1002". What was
	 * there before goes on; what goes is ended at its server. Returns 0, ERR_ARGUMENT (a text
	 * that is none of these, twice the same, too many), ERR_STALE (no such line), ERR_MEMORY;
	 * nothing has changed then. */
	int (*set)(void *inst, uint32_t line, const char *const *what, uint32_t count);
	/* This target serves the line, NULL = none does. Subscriptions at another one are set up
	 * anew here, each at random within spread_ms (B14). The same once more: what has to follow
	 * another local address is asked to. */
	int (*serve)(void *inst, uint32_t line, const struct failover_target *target,
		     uint32_t spread_ms);
};

/* Given by the application through host->get_extension(). `app` is passed to each. */
struct failover_ext_subscription_events {
	uint32_t size;
	uint32_t reserved;
	void *app;
	/* A SUBSCRIBE is due: failover_submit(OTHER, cookie = subscription). Returns 0, or a
	 * negative error: it cannot be now, and is asked for again soon. */
	int (*due)(void *app, uint32_t line, uint64_t subscription);
	void (*news)(void *app, const struct failover_subscription_news *news);
};

#endif
