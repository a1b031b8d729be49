/* SPDX-License-Identifier: MIT */
/*
 * subscription.h - what lines are subscribed to (RFC 6665), which follows them and never leads
 * (B40).
 *
 *   subscription.c  failover.subscription/1; when each SUBSCRIBE is due
 *   subscribe.c     SUBSCRIBE and its answers
 *   notify.c        NOTIFY
 */
#ifndef UA_SUBSCRIPTION_H
#define UA_SUBSCRIPTION_H

#include <sys/queue.h>
#include <failover/ext/subscription.h>
#include "account.h"
#include "client.h"
#include "dialog.h"

#define UA_PACKAGE 64u /* with its end */

/* A subscription at one server. */
struct ua_notifier {
	struct ua_dialog dialog;
	struct failover_target target; /* set up through it */
	struct failover_target local;  /* its Contact names it */
	uint64_t until;		       /* ms; 0 = no 2xx so far */
};

struct ua_subscription {
	LIST_ENTRY(ua_subscription) link;
	struct ua_subscriptions *of;
	uint64_t number;
	uint64_t request;	     /* the core's id of its SUBSCRIBE, 0 = none has left */
	struct ua_notifier *current; /* heard until `fresh` stands, also where it is no more due */
	struct ua_notifier *fresh;   /* being set up; or NULL, as `current` */
	struct ua_timer timer;	     /* the next SUBSCRIBE */
	uint64_t made_at;	     /* ms; a subscription was set up last */
	uint32_t expires_s;	     /* to ask for */
	uint8_t failures;	     /* in a row */
	uint8_t waits;		     /* for its turn */
	uint8_t is_refused;	     /* 489 */
	uint8_t rests;		     /* the server that serves wants no more of it */
	uint8_t anew;		     /* the next SUBSCRIBE begins a dialog */
	char package[UA_PACKAGE];
	const char *resource; /* in `what`: as dialled, "" = the line itself */
	char what[];
};

/* Those of a line. */
struct ua_subscriptions {
	LIST_HEAD(, ua_subscription) list;
	struct ua *ua;
	struct ua_subscription *asking; /* its SUBSCRIBE is under way: one of a line at a time */
	struct failover_target serving; /* family 0 = nobody */
	uint32_t line;
};

extern const struct failover_ext_subscription ua_ext_subscription;

/* At close, and with its account. */
void ua_subscriptions_free(struct ua_subscriptions *all);
/* The line is another account from now on. */
void ua_subscriptions_renew(struct ua_subscriptions *all);
struct ua_subscription *ua_subscription_find(const struct ua_account *account, uint64_t number);
void ua_notifier_free(struct ua_notifier *notifier);

/* subscription.c: when */

/* A SUBSCRIBE that begins at most now, or `ms` later. */
void ua_subscription_plan(struct ua_subscription *is, uint64_t ms);
/* It stands for so long: refresh it in time (B15). */
void ua_subscription_stands(struct ua_subscription *is, uint32_t seconds);
/* Another one, not in less than 10 s since the last one was set up. */
void ua_subscription_again(struct ua_subscription *is);
/* Its SUBSCRIBE has ended: the next one of the line may go. */
void ua_subscription_done(struct ua_subscription *is);
/* How long to wait after so many failures, in seconds. */
uint32_t ua_subscription_pause_s(const struct ua_subscription *is);
/* `what` of it is filled in, and told. */
void ua_subscription_tell(const struct ua_subscription *is,
			  struct failover_subscription_news *news);

/* subscribe.c */

/* What an attempt of this line sends; NULL and *error. */
struct ua_request *ua_subscription_request(struct ua *ua, const struct ua_account *account,
					   const struct failover_attempt *attempt,
					   struct failover_target *hop, int *error);
/* A final answer that is no challenge to be answered. */
void ua_subscription_answered(const struct ua_client *client, const struct ua_view *response);
/* It was not sent: the target is overloaded (B41). */
void ua_subscription_left_out(const struct ua_account *account,
			      const struct failover_attempt *attempt);
/* A request has ended without. */
void ua_subscription_result(struct ua *ua, const struct failover_result *result);
/* Nobody wants it any more: end it at its server. */
void ua_subscription_end(struct ua_subscription *is);

/* notify.c: a NOTIFY inside a dialog; `account` may be NULL. */
void ua_notify(struct ua_server *server, const struct ua_account *account,
	       const struct ua_view *request);

#endif
