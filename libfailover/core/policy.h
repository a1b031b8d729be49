/* SPDX-License-Identifier: MIT */
/*
 * policy.h - the behaviour of both source documents as rows; policy.c holds the rows. Each cell is
 * read by the code that it rules; what no cell says is the same for every request.
 */
#ifndef FO_POLICY_H
#define FO_POLICY_H

#include <failover/failover.h>

/* A cell is a byte. The texts of a row are for doc/policy_tables.c and tests, which have a table of
 * their own; no firmware needs them. */
#define FO_CELL __attribute__((packed))
#ifdef FO_POLICY_TEXT
#define FO_ROW_TEXTS const char *rule, *source;
#else
#define FO_ROW_TEXTS
#endif

/* Kinds of requests: what a request does depends on its kind. */
enum fo_kind {
	FO_KIND_REGISTER,
	FO_KIND_VISIT,	 /* REGISTER at another registrar for calls alone: the line stays (B22) */
	FO_KIND_RELEASE, /* REGISTER with Expires 0 */
	FO_KIND_PROBE,	 /* failback (B11) */
	FO_KIND_INVITE,
	FO_KIND_EMERGENCY, /* an INVITE for help (B36) */
	FO_KIND_REINVITE,  /* in a dialog */
	FO_KIND_BYE,
	FO_KIND_OPTIONS, /* the keep-alive too */
	FO_KIND_CANCEL,
	FO_KIND_OTHER,
	FO_KINDS
} FO_CELL;

/* What an attempt that brings no success does to its request and its line. */
enum fo_effect {
	FO_EFFECT_ENDS,		 /* the request ends with it */
	FO_EFFECT_UNAVAILABLE,	 /* the next target is tried, and the line may move */
	FO_EFFECT_CALL_GOES_ON,	 /* the next target is tried, and the line stays (B22) */
	FO_EFFECT_AS_ANSWERED,	 /* a cause: as the answers of its kind say */
	FO_EFFECT_AS_ONLY_TRYING /* a cause: as the request's row says of a lone 100 */
} FO_CELL;

/* ---- causes: why an attempt brings no answer that counts ---------------------------------- */

/* The first part has its wire in enum failover_reason, the rest is made by the core from time. */
enum fo_cause {
	FO_CAUSE_STATUS, /* a final response */
	FO_CAUSE_ICMP,
	FO_CAUSE_REFUSED,
	FO_CAUSE_RESET,
	FO_CAUSE_CONNECT_TIMEOUT,
	FO_CAUSE_TLS,
	FO_CAUSE_UNSUPPORTED,	 /* the stack lacks its transport or address family */
	FO_CAUSE_LOCAL,		 /* the request could not leave this device */
	FO_CAUSE_NO_ANSWER,	 /* the budget passed without any response */
	FO_CAUSE_TRYING_TIMEOUT, /* trying_timeout passed with nothing but 100 */
	FO_CAUSE_ONLY_TRYING,	 /* 64*T1 passed with nothing but 100 */
	FO_CAUSE_NO_FINAL,	 /* 64*T1 passed after another provisional response */
	FO_CAUSES
};

struct fo_cause_row {
	enum fo_effect effect;
	uint8_t transport; /* 1: nothing of the target was reached: B4d, B4e */
	uint8_t reason;	   /* enum failover_reason */
	FO_ROW_TEXTS
};

/* ---- answers: what a final response says about the server (B22) --------------------------- */

enum fo_when {
	FO_WHEN_CALLEE,	      /* 503 with a Q.850 Reason: it speaks of the callee */
	FO_WHEN_CODES,	      /* in unavailable_codes */
	FO_WHEN_CODES_INVITE, /* in unavailable_codes_invite */
	FO_WHEN_MOVED,	      /* 301, 302, 305 */
	FO_WHEN_TAKEN,	      /* 401, 407 to credentials that it has taken before (B22e) */
	FO_WHEN_UNBOUND,      /* a 2xx that has not registered us (B24) */
	FO_WHEN_CALLED,	      /* 404, 410, 484, 486, 6xx: it speaks of who is called (B36) */
	FO_WHEN_ANY,	      /* every other one but a 2xx */
	FO_WHENS
} FO_CELL;

/* Of a kind's rows the first that fits counts. */
struct fo_answer_row {
	enum fo_kind kind;
	enum fo_when when;
	enum fo_effect effect;
	FO_ROW_TEXTS
};

/* ---- requests: what is done when a target is unavailable (B5) ----------------------------- */

enum fo_action {
	FO_ACTION_SEND,		      /* the request at the next target */
	FO_ACTION_REGISTER_THEN_SEND, /* REGISTER there, on 200 the request */
	FO_ACTION_FAIL,
	FO_ACTION_BY_PROFILE, /* as the profile's row says */
	FO_ACTION_BY_BINDING, /* as the row of bindings says that rules the line */
} FO_CELL;

enum fo_move { FO_MOVE_PROXY, FO_MOVE_SERVER, FO_MOVES }; /* same registrar, another one */

/* How a request comes to a target: by a move, or there it begins. */
enum fo_step {
	FO_STEP_PROXY = FO_MOVE_PROXY,
	FO_STEP_SERVER = FO_MOVE_SERVER,
	FO_STEP_FIRST,	/* it may move later */
	FO_STEP_ALONE,	/* it does not */
	FO_STEP_DIALOG, /* it is in a dialog, and this is the dialog's own target (B9) */
	FO_STEPS
};

/* What follows when a request has failed. */
enum fo_failed {
	FO_FAILED_NOTHING,
	FO_FAILED_REGISTER_SIGNAL, /* with signal failback the line registers anew (B12) */
	FO_FAILED_REGISTER,	   /* the line registers anew (B5b) */
	FO_FAILED_RETRY,	   /* the line is unregistered, and tries again (B16) */
	FO_FAILED_CALL,		   /* the calls that wait for it go on without this target (B22) */
	FO_FAILED_REMOVED,	   /* the binding counts as removed */
	FO_FAILED_REST,		   /* the timer of probes starts again (B11) */
} FO_CELL;

struct fo_request_row {
	enum fo_action next[FO_MOVES];
	enum fo_failed failed;
	enum fo_effect only_trying; /* nothing but 100 for 64*T1 (B22, B22a) */
	FO_ROW_TEXTS
};

/* ---- bindings: whether a REGISTER comes before a request (B5, B27, B28) -------------------- */

/* In the order of enum failover_register_before, without only_registered (B28) and with it. */
enum fo_binding {
	FO_BINDING_REGISTRAR,
	FO_BINDING_ALWAYS,
	FO_BINDING_NEVER,
	FO_BINDING_REMOVED, /* by the user, so nothing registers the line again */
	FO_BINDING_ONLY_REGISTRAR,
	FO_BINDING_ONLY_ALWAYS,
	FO_BINDING_ONLY_NEVER,
	FO_BINDING_ONLY_REMOVED,
	FO_BINDINGS
};

/* What counts as being registered at a target. */
enum fo_bound {
	FO_BOUND_REGISTRAR, /* with its registrar (B5a) */
	FO_BOUND_TARGET,    /* with its registrar, and through this target */
	FO_BOUND_ANY,	    /* with any one: they share what they know */
} FO_CELL;

struct fo_binding_row {
	enum fo_action next[FO_STEPS];
	enum fo_bound bound;
	FO_ROW_TEXTS
};

/* ---- profiles: how long one target is tried (B3), where a probe goes (B11a) --------------- */

/* What a budget is counted in. */
enum fo_unit {
	FO_UNIT_TRANSMISSIONS, /* intervals of RFC 3261 */
	FO_UNIT_TIME,	       /* signal_retry_time */
	FO_UNIT_64T1,
} FO_CELL;

struct fo_budget {
	enum fo_unit unit;
	uint8_t count; /* transmissions; 0 = signal_retry_counts, invite_retry_counts (B26) */
};

struct fo_profile_row {
	uint32_t profile; /* enum failover_profile */
	const char *name;
	struct fo_budget invite, other; /* the ordinary budget of an INVITE, of all others */
	enum fo_action probe;		/* at a proxy move (B11a) */
	FO_ROW_TEXTS
};

/* Where an attempt stands in its request. */
enum fo_place {
	FO_PLACE_NOT_LAST,
	FO_PLACE_LAST,
	FO_PLACE_LAST_ANSWERED, /* and every target before has answered */
	FO_PLACE_PROBE,
	FO_PLACES
};

struct fo_place_row {
	uint8_t whole; /* 1: 64*T1; 0: the ordinary budget */
	FO_ROW_TEXTS
};

/* ---- starts: where a request begins ------------------------------------------------------- */

/* What makes a request start. */
enum fo_trigger {
	FO_TRIGGER_MANUAL,    /* manual registration, changed configuration, changed network */
	FO_TRIGGER_EXPIRY,    /* registration refresh */
	FO_TRIGGER_RETRY,     /* after every target failed */
	FO_TRIGGER_TIMEOUT,   /* a request of the line timed out */
	FO_TRIGGER_ASK,	      /* what a call met: the server is asked itself (B22) */
	FO_TRIGGER_DIAL,      /* a new request of the user */
	FO_TRIGGER_EMERGENCY, /* a new INVITE for help (B36) */
	FO_TRIGGER_HANGUP,    /* BYE */
	FO_TRIGGER_IN_DIALOG, /* any other request in a dialog */
	FO_TRIGGERS
};

enum fo_start { FO_START_SERVING, FO_START_INDEX0, FO_START_DIALOG } FO_CELL;

struct fo_start_row {
	enum fo_start start;	    /* as a rule */
	enum fo_start start_signal; /* with signal failback on for the method */
	uint8_t ignores_health;	    /* 1: shared health does not reorder it */
	FO_ROW_TEXTS
};

/* ---- look-ups: each is an index, or ends at the row that is always there ------------------- */

/* NULL: the build does not have it. DEFAULT is the default one. */
const struct fo_profile_row *fo_policy_profile(uint32_t profile);
const struct fo_cause_row *fo_policy_cause(enum fo_cause cause);
const struct fo_request_row *fo_policy_request(enum fo_kind kind);
const struct fo_binding_row *fo_policy_binding(enum fo_binding binding);
/* What a request of this kind does at such a step, on a line with such bindings. */
enum fo_action fo_policy_action(const struct fo_profile_row *profile, enum fo_binding binding,
				enum fo_kind kind, enum fo_step step);
/* The row for a final response that is all of this: bits of enum fo_when, ANY always. */
const struct fo_answer_row *fo_policy_answer(enum fo_kind kind, uint32_t whens);
struct fo_budget fo_policy_budget(const struct fo_profile_row *profile, enum fo_kind kind,
				  enum fo_place place);
const struct fo_start_row *fo_policy_start(enum fo_trigger trigger);

/* The tables whole: for doc/behaviour.md, and for tests that count or change cells. */
struct fo_policy_tables {
	const struct fo_cause_row *causes; /* by enum fo_cause */
	const struct fo_answer_row *answers;
	const struct fo_request_row *requests; /* by enum fo_kind */
	const struct fo_binding_row *bindings; /* by enum fo_binding */
	const struct fo_profile_row *profiles;
	const struct fo_place_row *places; /* by enum fo_place */
	const struct fo_start_row *starts; /* by enum fo_trigger */
	size_t answers_count, profiles_count;
};
void fo_policy_tables(struct fo_policy_tables *out);

/* Numbers that no configuration item names. */
#define FO_64_T1 64u
#define FO_T1_MOST_MS 10000u		 /* of the option table */
#define FO_RESTARTS_MOST 8u		 /* challenges answered in one attempt (B4b) */
#define FO_RETRY_AFTER_MOST_S 3600u	 /* a longer Retry-After counts as this (B4c) */
#define FO_HEALTH_RETRY_MS 32000u	 /* one line may try a dead target so often (B4e) */
#define FO_REJECTED_BACKOFF_MOST_S 1200u /* while the credentials are refused (B22e) */
#define FO_REGISTER_BACKOFF_MOST_S 1800u /* RFC 5626 4.5 (B16) */
#define FO_HOLD_MOST_S 86400u		 /* relapses make failback_hold no longer (B30) */
#define FO_RELAPSES_MOST 63u		 /* more are not counted; a day comes before */
#define FO_RELAPSE_S 3600u		 /* a return that lasts so long is no relapse (B30) */
#define FO_EMERGENCY_RACE_MS 1000u	 /* emergency_race_after (B36a) */
#define FO_EMERGENCY_DEAD_MS 300u	 /* for who is known to be dead (B36a) */
#define FO_EMERGENCY_PAUSE_MS 1000u	 /* after each round, at least (B36d) */
#define FO_REFRESH_PERCENT 90u		 /* B15 */
#define FO_REFRESH_BEFORE_S 5u		 /* B15 */

#endif
