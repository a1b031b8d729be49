/* SPDX-License-Identifier: MIT */
/*
 * oracle.h - a naive second reading of BEHAVIOUR: plain lists, no timers, no tables, no queue. It
 * is told every input and every output of an engine and judges each one from the rules: was this
 * attempt allowed, at this target, with this budget; was there a cause to move; is anything
 * overdue. It shares no code with the core. Its own choice decides where the rules leave one; where
 * they leave none, it follows the engine and remembers.
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include <failover/failover.h>

#define ORACLE_LINES 16u
#define ORACLE_REQUESTS 64u /* of one line, those with late legs included */
#define ORACLE_LEGS 40u
#define ORACLE_ADDRESSES 64u
#define OPTIONS_ANSWERED 8u
#define OPTIONS_NEVER 9u

enum oracle_own {
	OWN_USER = 0,
	OWN_REGISTER,
	OWN_PROBE,
	OWN_RELEASE,
	OWN_KEEPALIVE,
	OWN_CANCEL,
	OWN_VISIT, /* REGISTER for calls alone (B22) */
};

/* What a final response does (B22). */
enum oracle_effect { EFFECT_ENDS = 0, EFFECT_UNAVAILABLE, EFFECT_CALL_GOES_ON };

enum oracle_input {
	INPUT_NONE = 0,
	INPUT_REGISTER,
	INPUT_UNREGISTER,
	INPUT_NETWORK,
	INPUT_ADD,
	INPUT_UPDATE,
	INPUT_TARGETS,
	INPUT_REMOVE,
	INPUT_SUBMIT,
	INPUT_GIVE_UP,
	INPUT_RESPONSE,
	INPUT_UNREACHABLE,
	INPUT_HEARD,
	INPUT_TIME,
	INPUT_LOST,
	INPUT_PROBE,
	INPUT_FAILBACK,
	INPUT_PIN,
	INPUT_UNPIN,
	INPUT_BEGIN_AT,
	INPUT_CALLS,
};

/* Is the target known for whose registration a request waits? */
enum oracle_awaits {
	AWAITS_NOTHING = 0,
	AWAITS_THIS,
	AWAITS_ONE, /* which one was the engine's choice (B4e) */
};

struct oracle_leg {
	uint64_t id, started_at, deadline_at; /* UINT64_MAX = none */
	uint64_t late_until, late_ms;	      /* B7a; late_ms: 64*T1 of its transaction */
	struct failover_target target;
	uint32_t status, reason; /* how it ended */
	uint32_t challenges, packets, packets_most, budget_ms;
	uint8_t running, provisional, ringing, cancelled, dead; /* dead: at transport level */
	uint8_t left;						/* by an ABANDON */
	uint8_t stayed;	  /* the call alone has left it (B22) */
	uint8_t patience; /* its deadline is trying_timeout (B4a) */
	uint32_t answer_flags;
	uint8_t goes_on;	/* its answer was none that its request ends with, or has to */
	uint8_t late;		/* an abandoned INVITE that may still be answered */
	uint8_t beside;		/* of an emergency call: at work beside the running one (B36) */
	uint64_t patient_until; /* of such a call: before that nobody else is asked */
	uint32_t round;		/* of such a call: when it was asked last, or was at work */
};

struct oracle_request {
	uint64_t id;
	uint32_t method;
	enum oracle_own own;
	uint32_t legs_count;
	struct oracle_leg legs[ORACLE_LEGS];
	struct failover_target start, dialog;			 /* where it starts; its dialog's */
	struct failover_target left_out[FAILOVER_LIMIT_TARGETS]; /* tried by who asked for it */
	uint32_t left_out_count;
	uint32_t taken_up;     /* the number of the leg that is its last again, 0: none (B7b) */
	uint32_t shared_count; /* of them, those that another call may have had asked (B22) */
	uint64_t moves;	       /* the line's, when its target was chosen (B6a) */
	struct failover_target awaited; /* where it is to be registered before it goes on */
	uint64_t created_at, ended_at;
	enum oracle_awaits awaits;
	uint8_t used, ended, in_dialog, given_up, waits_older, manual;
	uint8_t up;	  /* its first leg is above serving, on purpose (B22b) */
	uint8_t signal;	  /* signal failback was on for it when it was made (B12) */
	uint8_t above;	  /* made to start above the target that served then, on purpose */
	uint8_t for_call; /* a REGISTER that a call asked for */
	/* B36: its rounds over all targets; 0, or since when nobody is asked; the leg that has
	 * answered, if `through`; idle_least: it may be so since then */
	uint32_t round, challenges_left;
	uint64_t idle_at, idle_least, pause_least, pause_most;
	int perhaps_idle;
	uint64_t open_at; /* when one that was at work could be asked again */
	struct oracle_leg answer;
	uint8_t emergency, through;
	uint8_t followed; /* the rules leave its order open: a second REGISTER in one moment */
};

struct oracle_line {
	uint32_t id; /* 0 = not used */
	struct failover_line_settings settings;
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t targets_count, registrars;
	struct failover_target serving;
	uint64_t moves;
	uint64_t live_until[FAILOVER_LIMIT_REGISTRARS];	       /* 0 = no registration there */
	struct failover_target via[FAILOVER_LIMIT_REGISTRARS]; /* where that was made */
	uint64_t up_after, up_maybe;	    /* no upward start before; perhaps none before (B22b) */
	uint64_t next_register, next_probe; /* as the engine last said */
	uint64_t release_at, register_ended_at, followup_at, heard_at, keepalive_at, probe_ended_at,
		granted_at;
	uint32_t cut_retry_s;
	uint64_t lost_at;  /* the last REGISTER that left it without a registration */
	uint64_t lost_due; /* the last REGISTER after a lost connection; 0 = none */
	uint32_t granted_s;
	uint32_t failures; /* of registration in a row */
	uint8_t wanted, told_lost, touched, followup, manual_due, ended_now, unsure, lost;
	uint8_t cut, cut_told;	   /* its connection is gone with this input; and that was told */
	uint8_t unregistered;	   /* by the user: nobody else registers it */
	uint8_t may_ask;	   /* it may be, for an emergency call that is impatient (B36) */
	uint8_t ask;		   /* the serving server is to be asked itself (B22) */
	uint64_t ask_at, visit_at; /* visit_at: the last REGISTER for a call alone has ended */
	struct failover_target ask_out[FAILOVER_LIMIT_TARGETS]; /* but not these */
	uint32_t ask_out_count;
	uint8_t registered;
	uint8_t pinned;	 /* B17c */
	uint8_t busy;	 /* B32: a call is up */
	uint8_t waits;	 /* and the next probe waits for its end, as the engine last said */
	uint8_t follows; /* B39: it is to register at `follow` until `follow_by` */
	struct failover_target follow;
	uint64_t follow_by;
	uint8_t begins;		/* B37: where it was; until its first REGISTER */
	uint8_t silent_options; /* B24c: in a row; OPTIONS_ANSWERED, OPTIONS_NEVER */
	/* B30: probes in a row that this target has answered well, since when; when the line went
	 * up, and how often it did not stay there for an hour */
	struct failover_target good_target;
	uint64_t good_since, good_told_at, returned_at;
	uint32_t good, relapses;
	uint8_t has_returned, good_enough;
	uint8_t through;       /* B23d: it is to register where a call has moved it */
	uint8_t listed_anew;   /* of `via` may have been forgotten */
	uint32_t requests_top; /* those from here on were never used */
	struct oracle_request requests[ORACLE_REQUESTS];
};

struct oracle_address {
	struct failover_target where;
	uint64_t skip_until;
	uint8_t failed;	  /* it was found unavailable once */
	uint32_t dead_by; /* line that found it dead; 0 = alive as far as known */
	uint64_t dead_at; /* it was found so, or tried, last */
};

struct oracle {
	uint32_t shared_health, dead_time_s;
	struct oracle_line lines[ORACLE_LINES];
	struct oracle_address addresses[ORACLE_ADDRESSES];
	uint32_t addresses_count;
	/* the input whose outputs are being judged */
	enum oracle_input input;
	uint64_t now;
	struct oracle_line *line;
	struct oracle_request *request;
	struct oracle_leg *leg;
	struct failover_answer answer;
	uint32_t reason;
	uint32_t verdict_wanted;
	char failure[240];   /* the first thing wrong; empty = nothing */
	uint64_t judged;     /* outputs */
	uint64_t open_until; /* health of an address may be forgotten or not: order is followed */
};

/* oracle.c: what happens */
void oracle_init(struct oracle *o, uint32_t shared_health, uint32_t dead_time_s);
void oracle_line_add(struct oracle *o, uint32_t id, const struct failover_line_params *params,
		     uint64_t now);
void oracle_line_update(struct oracle *o, uint32_t id, const struct failover_line_params *params,
			uint64_t now);
void oracle_line_targets(struct oracle *o, uint32_t id, const struct failover_target *targets,
			 uint32_t count, uint64_t now);
/* REGISTER, UNREGISTER, REMOVE of a line; NETWORK with id 0. */
void oracle_act(struct oracle *o, enum oracle_input input, uint32_t id, uint64_t now);
/* What a person asked a line for, and what the engine said to it. */
void oracle_asked(struct oracle *o, enum oracle_input input, uint32_t id, int error, uint64_t now);
/* It begins where it was (B37), or the engine has refused that. */
void oracle_begin_at(struct oracle *o, uint32_t id, const struct failover_target *target, int error,
		     uint64_t now);
void oracle_submit(struct oracle *o, uint32_t id, const struct failover_request_params *params,
		   uint64_t request, uint64_t now);
void oracle_give_up(struct oracle *o, uint64_t request, uint64_t now);
/* So many calls are up now (B32). */
void oracle_calls(struct oracle *o, uint32_t id, uint32_t calls, uint64_t now);
/* Before the engine is told; then oracle_verdict with what it said. */
void oracle_response(struct oracle *o, uint64_t attempt, const struct failover_answer *answer,
		     uint64_t now);
void oracle_verdict(struct oracle *o, uint32_t verdict);
void oracle_unreachable(struct oracle *o, uint64_t attempt, uint32_t reason, uint64_t now);
void oracle_heard(struct oracle *o, uint32_t id, const struct failover_target *from, uint64_t now);
/* The connection over which the line is registered at this target is gone (B15a). */
void oracle_lost(struct oracle *o, uint32_t id, const struct failover_target *target, uint64_t now);
void oracle_time(struct oracle *o, uint64_t now);
/* A packet has left: not too many, and none after the attempt was left (B3a, B4). */
void oracle_sent(struct oracle *o, uint64_t attempt, uint32_t quirks);

/* oracle_judge.c, oracle_events.c: what comes out */
void oracle_output(struct oracle *o, const struct failover_output *out);
void oracle_event(struct oracle *o, struct oracle_line *line, const struct failover_event *event);

/* oracle_start.c: what the library starts by itself */
/* The first attempt of one of its own requests. */
void oracle_own_start(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
		      const struct failover_attempt *a);
/* Each attempt of a probe (B11, B11a, B17a). */
void oracle_probe(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
		  const struct failover_target *target);

/* oracle_settle.c: all outputs are out, is anything left undone? */
/* B15: how long after so long a registration was granted its refresh comes. */
uint64_t oracle_refresh_ms(const struct oracle_line *line, uint32_t granted_s);
void oracle_settled(struct oracle *o, const struct failover_engine *engine);

/* oracle_wait.c: who waits for the line's REGISTER (B5, B6b) */
/* One that has a target left, or NULL; whether the line stays then (B22). */
struct oracle_request *oracle_waiting(struct oracle *o, struct oracle_line *line, int stays);
/* A REGISTER leaves out what the request that asks for it has tried already. */
void oracle_leave_out(const struct oracle_line *line, struct oracle_request *r,
		      const struct oracle_request *who);
/* Those who waited for one REGISTER need another one: whose target is next, and what is left out,
 * the rules do not say. The order is followed, not judged. */
void oracle_follow_all(struct oracle_line *line, struct oracle_request *r);
/* A REGISTER starts at this target, which they may be waiting for. */
void oracle_await(struct oracle *o, struct oracle_line *line, const struct failover_target *target);
/* They wait for the target that is next for each, as far as the rules say. */
void oracle_await_next(struct oracle *o, struct oracle_line *line);
/* The REGISTER has ended: on 200 they go there (B5), else each looks anew for its next target. */
void oracle_register_ended(struct oracle_line *line, int success);
/* A REGISTER has found nobody there: those who wait for that target need not go (B6b). */
/* The leg that is or was under way last; there is one. */
struct oracle_leg *oracle_last(struct oracle_request *r);
/* When the last of its older legs dies, 0 if none may be answered any more. */
uint64_t oracle_older_until(const struct oracle_request *r);
/* A call that waits and has not been at this target itself, though a REGISTER has, perhaps for
 * another call; that one counts for it no more. NULL: there is none. */
struct oracle_request *oracle_shared(struct oracle_line *line,
				     const struct failover_target *target);
void oracle_register_left(struct oracle *o, struct oracle_line *line,
			  const struct oracle_request *left, const struct oracle_leg *leg);
/* Who waits for a REGISTER waits for another one, which begins anew (B23e). */
void oracle_wait_anew(struct oracle_line *line);
/* The list has changed: what one knew of a target that has gone may be forgotten. */
void oracle_relisted(struct oracle_line *line);

/* oracle_emergency.c: the emergency call (B36) */
int oracle_emergency_ends(uint32_t status);
/* Before its next attempt; that attempt's leg. */
void oracle_emergency_next(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
			   const struct failover_target *target);
void oracle_emergency_leg(struct oracle *o, const struct oracle_line *line,
			  struct oracle_request *r, struct oracle_leg *leg);
void oracle_emergency_response(struct oracle *o);
void oracle_emergency_unreachable(struct oracle *o);
void oracle_emergency_time(struct oracle *o);
void oracle_emergency_abandon(struct oracle *o, const struct oracle_request *r,
			      struct oracle_leg *leg, uint32_t reason);
void oracle_emergency_result(struct oracle *o, const struct oracle_request *r,
			     const struct failover_result *result);
void oracle_emergency_settled(struct oracle *o, struct oracle_line *line, struct oracle_request *r);

/* oracle_walk.c: the naive rules */
__attribute__((format(printf, 3, 4))) void oracle_fail(struct oracle *o, const char *rule,
						       const char *format, ...);
struct oracle_line *oracle_line(struct oracle *o, uint32_t id);
/* The leg of an attempt becomes o->leg, with its request and line, if it has one. */
void oracle_find_leg(struct oracle *o, uint64_t attempt);
struct oracle_request *oracle_request(struct oracle_line *line, uint64_t id);
struct oracle_request *oracle_request_new(struct oracle *o, struct oracle_line *line, uint64_t id);
struct oracle_leg *oracle_running(struct oracle_request *request);
struct oracle_request *oracle_own(struct oracle_line *line, enum oracle_own own);
int oracle_same(const struct failover_target *a, const struct failover_target *b);
/* Place in the list, or its length. */
uint32_t oracle_index(const struct oracle_line *line, const struct failover_target *target);
int oracle_live(const struct oracle *o, const struct oracle_line *line, uint32_t registrar);
/* B5a, B27: until when it counts as registered with this registrar; with that of who serves; at
 * this target. */
uint64_t oracle_held_until(const struct oracle_line *line, uint32_t registrar);
int oracle_held(const struct oracle *o, const struct oracle_line *line);
int oracle_bound(const struct oracle *o, const struct oracle_line *line,
		 const struct failover_target *target);
/* B5, B27: a REGISTER comes before this request at its next target. */
int oracle_registers(const struct oracle *o, const struct oracle_line *line,
		     const struct oracle_request *r, const struct failover_target *target);
struct oracle_address *oracle_address(struct oracle *o, const struct failover_target *target);
/* Who found it dead, if that is not forgotten (B35); else 0. */
uint32_t oracle_dead_by(struct oracle *o, const struct failover_target *target);
/* This line has found it dead. */
void oracle_dead(struct oracle *o, const struct failover_target *target, uint32_t line);
int oracle_skipped(struct oracle *o, const struct failover_target *target);
/* May this be the request's next target (B6, B6a, B4c, B4d, B4e)? */
int oracle_may_be_next(struct oracle *o, struct oracle_line *line, struct oracle_request *request,
		       const struct failover_target *target);
/* The one that must be next; 0 if there is none, or if the rules leave a choice (B4e). */
int oracle_next(struct oracle *o, struct oracle_line *line, struct oracle_request *request,
		struct failover_target *out);
/* Where a REGISTER starts by hand (B17), which is where a pinned line is (B17c). */
struct failover_target oracle_first(const struct oracle_line *line);
/* Is there a target above serving that a probe may go to (B11a)? */
int oracle_has_above(const struct oracle_line *line);
/* Where a request goes that is not failed over (B4c). */
struct failover_target oracle_alone(struct oracle *o, const struct oracle_line *line,
				    const struct failover_target *start);
/* How many targets are left for it, but for this one (NULL: all)? */
uint32_t oracle_left(struct oracle *o, struct oracle_line *line, struct oracle_request *request,
		     const struct failover_target *but);
uint64_t oracle_budget(struct oracle *o, struct oracle_line *line, struct oracle_request *request,
		       const struct failover_target *target);
enum oracle_effect oracle_effect(const struct oracle_line *line,
				 const struct oracle_request *request, uint32_t status,
				 uint32_t flags);
/* B7a: its CANCEL leaves; the transaction waits 64*T1 for what crosses it (RFC 3261 9.1). */
void oracle_cancelled(struct oracle *o, struct oracle_leg *leg);
/* A call goes on alone from this leg: the server is asked itself if the line uses it (B22). */
void oracle_went_on(struct oracle *o, struct oracle_line *line, struct oracle_leg *leg);
void oracle_ask(struct oracle *o, struct oracle_line *line);
/* This REGISTER has asked the serving server, or cannot; and: nobody else is asked (B22). */
int oracle_asked_serving(const struct oracle_line *line, const struct oracle_request *r);
void oracle_keep_out(struct oracle_line *line);
/* B16: no registration is left. */
void oracle_unregistered(struct oracle_line *line, uint64_t now);
/* B22: the call alone has left the serving target. */
int oracle_stays(const struct oracle_line *line, const struct oracle_request *request);
/* How many packets of such a request go to a target that is not the last, where they count. */
uint32_t oracle_packets(const struct failover_line_settings *settings, uint32_t method);
/* How long a target is tried that is not the last. */
uint64_t oracle_try_ms(const struct oracle_line *line, uint32_t method);
int oracle_walks(const struct oracle_request *request);
struct failover_target oracle_start(const struct oracle *o, struct oracle_line *line,
				    uint32_t method, int in_dialog,
				    const struct failover_target *dialog);
/* Does signal failback start it at index 0 now (B12, B22b)? -1: the rules do not say. */
int oracle_signal(const struct oracle *o, const struct oracle_line *line, uint32_t method);
/* It is made now, to start there: above serving, on purpose (B12)? */
void oracle_made(const struct oracle_line *line, struct oracle_request *r,
		 const struct failover_target *start);
/* May it start there, above serving, on purpose (B12)? */
int oracle_above(const struct oracle_line *line, const struct oracle_request *r,
		 const struct failover_target *start);
/* Is its only leg above serving, on purpose? */
int oracle_upward(const struct oracle_line *line, const struct oracle_request *r);
/* B30: how long a better target has to be good; whether it has been for long enough; and whether
 * requests leave it to probes to find that out. */
uint64_t oracle_hold_ms(const struct oracle_line *line);
int oracle_probes_first(const struct oracle_line *line);
/* B32: the line does not go up there by itself now, as a call is up. */
int oracle_is_held(const struct oracle *o, const struct oracle_line *line,
		   const struct failover_target *target);
/* It has granted a REGISTER there, and the line stays. */
int oracle_stays_below(const struct oracle *o, const struct oracle_line *line,
		       const struct oracle_request *r, const struct failover_target *target);
/* B30: a probe that is answered well there takes the line back, as far as it was good before. */
int oracle_would_return(const struct oracle *o, const struct oracle_line *line);
/* B30: a probe has been answered with a 2xx there. */
void oracle_good(struct oracle *o, const struct failover_target *target);
/* What a person asks for (B17b, B17c). */
void oracle_failback(struct oracle *o, struct oracle_line *line);
void oracle_pin(struct oracle_line *line);
/* B30, B31: the line has moved. */
void oracle_relapse(const struct oracle *o, struct oracle_line *line, int down);
/* When the next probe comes, if a good one was not enough: not before, and not after. */
void oracle_good_again(const struct oracle *o, const struct oracle_line *line, uint64_t *least,
		       uint64_t *most);
/* An upward attempt has brought no 2xx. */
void oracle_up_failed(struct oracle *o, struct oracle_line *line, const struct oracle_request *r);

#endif
