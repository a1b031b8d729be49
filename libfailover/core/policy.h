/* SPDX-License-Identifier: MIT */
/* policy.h - the behaviour of both source documents as rows; policy.c holds the rows. */
#ifndef FO_POLICY_H
#define FO_POLICY_H

#include <failover/failover.h>

/* Why an attempt brings no answer that counts. The first part has its wire in enum
 * failover_reason, the rest is made by the core from time. */
enum fo_cause {
	FO_CAUSE_STATUS, /* a final response listed in unavailable_codes */
	FO_CAUSE_ICMP,
	FO_CAUSE_REFUSED,
	FO_CAUSE_RESET,
	FO_CAUSE_CONNECT_TIMEOUT,
	FO_CAUSE_TLS,
	FO_CAUSE_LOCAL,	      /* the request could not leave this device */
	FO_CAUSE_NO_ANSWER,   /* the budget passed without any response */
	FO_CAUSE_ONLY_TRYING, /* trying_timeout passed with nothing but 100 */
	FO_CAUSE_NO_FINAL,    /* 64*T1 passed after a provisional response */
	FO_CAUSES
};

struct fo_cause_row {
	enum fo_cause cause;
	uint8_t unavailable; /* 1: the next target is tried; 0: the request fails here */
	uint8_t transport;   /* 1: nothing of the target was reached: B4d, B4e */
	enum failover_reason reason;
	const char *rule, *source;
};

/* What a budget is counted in. */
enum fo_budget {
	FO_BUDGET_TRANSMISSIONS, /* signal_retry_counts intervals of RFC 3261 */
	FO_BUDGET_TIME,		 /* signal_retry_time */
	FO_BUDGET_64T1,
};

/* Where an attempt stands in its request. */
enum fo_place {
	FO_PLACE_NOT_LAST,
	FO_PLACE_LAST,
	FO_PLACE_PROBE,
};

struct fo_budget_row {
	enum failover_profile profile; /* DEFAULT = every profile */
	enum fo_place place;
	enum fo_budget budget;
	const char *rule, *source;
};

/* What is done when a target is unavailable (B5). */
enum fo_action {
	FO_ACTION_SEND,		      /* the request at the next target */
	FO_ACTION_REGISTER_THEN_SEND, /* REGISTER there, on 200 the request */
	FO_ACTION_FAIL_THEN_REGISTER, /* it fails; the line registers anew */
	FO_ACTION_FAIL,
};

struct fo_next_row {
	enum failover_method method;
	enum fo_action proxy_move;  /* next target has the same registrar */
	enum fo_action server_move; /* next target has another registrar */
	uint8_t single_is_last;	    /* one target only: 1 = 64*T1, 0 = as a non-last one (B5b) */
	const char *rule, *source;
};

/* What makes a request start. */
enum fo_trigger {
	FO_TRIGGER_MANUAL,    /* manual registration, changed configuration, changed network */
	FO_TRIGGER_EXPIRY,    /* registration refresh */
	FO_TRIGGER_RETRY,     /* after every target failed */
	FO_TRIGGER_TIMEOUT,   /* a request of the line timed out */
	FO_TRIGGER_DIAL,      /* a new request of the user */
	FO_TRIGGER_HANGUP,    /* BYE */
	FO_TRIGGER_IN_DIALOG, /* any other request in a dialog */
	FO_TRIGGERS
};

enum fo_start { FO_START_SERVING, FO_START_INDEX0, FO_START_DIALOG };

struct fo_start_row {
	enum fo_trigger trigger;
	enum fo_start start;	    /* as a rule */
	enum fo_start start_signal; /* with signal failback on for the method */
	uint8_t ignores_health;	    /* 1: shared health does not reorder it */
	const char *rule, *source;
};

/* Which targets a probe may go to (B11a). */
struct fo_probe_row {
	enum failover_profile profile;
	uint8_t proxy_moves, server_moves;
	const char *rule, *source;
};

/* A method of which signal failback takes the timeout as a sign to register from index 0. */
struct fo_timeout_row {
	enum failover_method method;
	uint8_t registers;	  /* always */
	uint8_t registers_signal; /* with signal failback on */
	const char *rule, *source;
};

const struct fo_cause_row *fo_policy_cause(enum fo_cause cause);
const struct fo_budget_row *fo_policy_budget(uint32_t profile, enum fo_place place);
const struct fo_next_row *fo_policy_next(uint32_t method);
const struct fo_start_row *fo_policy_start(enum fo_trigger trigger);
const struct fo_probe_row *fo_policy_probe(uint32_t profile);
const struct fo_timeout_row *fo_policy_timeout(uint32_t method);
/* 1 if the build has the profile; DEFAULT counts as the default one. */
int fo_policy_has(uint32_t profile);
uint32_t fo_policy_default(void);

/* The tables whole, for the generator of doc/behaviour.md. */
struct fo_policy_tables {
	const struct fo_cause_row *causes;
	const struct fo_budget_row *budgets;
	const struct fo_next_row *nexts;
	const struct fo_start_row *starts;
	const struct fo_probe_row *probes;
	const struct fo_timeout_row *timeouts;
	size_t causes_count, budgets_count, nexts_count, starts_count, probes_count, timeouts_count;
};
void fo_policy_tables(struct fo_policy_tables *out);

/* Numbers that no configuration item names. */
#define FO_64_T1 64u
#define FO_RESTARTS_MOST 8u		 /* challenges answered in one attempt (B4b) */
#define FO_RETRY_AFTER_MOST_S 3600u	 /* a longer Retry-After counts as this (B4c) */
#define FO_HEALTH_RETRY_MS 32000u	 /* one line may try a dead target so often (B4e) */
#define FO_REGISTER_BACKOFF_MOST_S 1800u /* RFC 5626 4.5 (B16) */
#define FO_REFRESH_PERCENT 90u		 /* B15 */
#define FO_REFRESH_BEFORE_S 5u		 /* B15 */

#endif
