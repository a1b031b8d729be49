/* SPDX-License-Identifier: MIT */
/*
 * explore.h - every interleaving of inputs of one line, with equal states taken once.
 *
 *   config.c  the small configurations
 *   world.c   an engine whose whole state can be copied and put back; equal states, one hash
 *   input.c   what can happen in a state, and making it happen
 *   watch.c   what is known of the line from its inputs and outputs alone, and the invariants
 *   moved.c   who moves the line
 *   emergency.c  the same of an emergency call
 *   order.c   who is next, and for how long
 *   state.c   what must hold of a state
 *   heal.c    what must happen from a state on when nobody or everybody answers
 *   torture.c full outputs and clocks that jump
 *   rows.c    which rows of the policy tables were used
 *   search.c  breadth first, with a set of hashes of what has been seen
 *
 * doc/testing.md says what "equal" means and where the bounds are.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include <stdio.h>
#include <failover/failover.h>
#include "libfailover/core/core.h"
#include "tests/sim/profiles.h"

#define EX_TARGETS 4u  /* different targets a configuration can name */
#define EX_LISTS 4u    /* different target lists that DNS may bring */
#define EX_SLOTS 6u    /* request slots: three of the line's own, at most three of the user's */
#define EX_BLOCK 1024u /* a line's block */
#define EX_INPUTS 160u /* inputs possible in one state */
#define EX_NOBODY 0xffu
#define EX_EDGE (FO_NEVER - 60000u)

/* ---- configurations (config.c) ------------------------------------------------------------ */

/* What the user and the network may do; what servers may answer follows from the request. */
enum ex_may {
	EX_MAY_INVITE = 1u << 0,
	EX_MAY_REINVITE = 1u << 1, /* in a dialog */
	EX_MAY_BYE = 1u << 2,
	EX_MAY_OPTIONS = 1u << 3,
	EX_MAY_OTHER = 1u << 4,
	EX_MAY_GIVE_UP = 1u << 5,
	EX_MAY_UNREGISTER = 1u << 6,
	EX_MAY_NETWORK = 1u << 7, /* lost, or changed */
	EX_MAY_DNS = 1u << 8,
	EX_MAY_UPDATE = 1u << 9,
	EX_MAY_RETRY_AFTER = 1u << 10,
	EX_MAY_TRANSPORT = 1u << 11, /* refused, reset, connect timeout, TLS, not sent, lost */
	EX_MAY_CHALLENGE = 1u << 12, /* as many as the core lets pass (B4b); else one */
	EX_MAY_REGISTER_AGAIN = 1u << 13,
	EX_MAY_MOVED = 1u << 15, /* a REGISTER gets 302 or 180; a 503 has a Q.850 Reason */
	EX_MAY_GROUP = 1u << 16, /* another line of its group moves from where this one is (B39) */
	EX_MAY_EMERGENCY = 1u << 17, /* an INVITE for help (B36) */
	EX_MAY_CALLS = 1u << 18, /* a call is up, or ends, that the core does not see (B32) */
	EX_MAY_LATE_TICK = 1u << 14, /* an answer in the very ms in which the budget ends */
};

struct ex_config {
	const char *name;
	uint32_t profile;
	const char *registrars;	     /* of each target, as in "001" */
	const char *addresses;	     /* of each target, as in "010": the third shares the first's */
	const char *lists[EX_LISTS]; /* places in the above; the first is there at the start */
	uint32_t may;
	uint32_t user_requests; /* at a time */
	uint8_t failback, signal, release, backoff, keepalive, trying;
	uint8_t begins;	    /* it begins at the last target of the first list (B37) */
	uint8_t before;	    /* enum failover_register_before (B27) */
	uint8_t only;	    /* only_registered (B28) */
	uint8_t successes;  /* so many good probes, which span 12 s (B30); 0 = one */
	uint8_t hold;	    /* s at a backup at least (B31) */
	uint8_t idle;	    /* failback_when = idle (B32) */
	uint8_t edge;	    /* the clock starts one minute before the end of its 64 bits */
	uint8_t real_times; /* 0: all times are multiples of 4 s; 1: the documented defaults */
	uint32_t short_depth, long_depth; /* 0 = to closure */
};

extern const struct ex_config ex_configs[];
extern const size_t ex_configs_count;
struct failover_line_settings ex_settings(const struct ex_config *config);
uint32_t ex_expires_s(const struct ex_config *config);
uint32_t ex_asked_s(const struct ex_config *config);
struct failover_target ex_target(const struct ex_config *config, unsigned place);
/* Signal failback is on, and does not leave it to probes (B30). */
int ex_signal(const struct ex_config *config);
/* Fill a line's parameters with a list; `targets` and `expires` are the caller's. */
void ex_params(const struct ex_config *config, unsigned list, struct failover_line_params *params,
	       struct failover_target *targets, uint32_t *expires);

/* ---- what is known from outside (watch.c) ------------------------------------------------- */

struct ex_request {
	uint64_t id;
	uint64_t started;   /* the current transaction */
	uint32_t budget_ms; /* as the attempt said; after a provisional response 64*T1 or none */
	uint32_t method;
	uint32_t flags;	  /* of the last attempt */
	uint8_t open;	  /* it has begun and has not ended */
	uint8_t current;  /* an attempt is under way */
	uint8_t target;	  /* place of the last attempt */
	uint8_t tried;	  /* bits of places */
	uint8_t dead;	  /* bits of places: known dead at transport level in this request */
	uint8_t late;	  /* bits of places of abandoned INVITEs that can still be answered */
	uint8_t optional; /* bits of places that it need not go to: those that the requests which
			     wait for a REGISTER have tried, or it for them (B6b) */
	uint8_t awaited;  /* place where the REGISTER it waited for succeeded, EX_NOBODY */
	uint8_t start;	  /* place where it starts as far as it can */
	uint8_t dialog;	  /* place of its dialog's target, EX_NOBODY */
	uint8_t provisional;
	uint8_t only_100;
	uint8_t silent;	   /* bits of places that have not answered (B22) */
	uint8_t stayed;	   /* bits of places: the call alone has left them (B22) */
	uint8_t ordinal;   /* of its last attempt */
	uint8_t under_way; /* that of the attempt under way; B7b: it may be an older one */
	uint8_t moved;	   /* the line has, since its last attempt began (B6a) */
	/* B36: its legs by place, those at work in bits, the one that rings; 2xx that were kept */
	uint8_t emergency, at_work, rings, kept, ordinals[EX_TARGETS];
	uint8_t manual; /* REGISTER: it asks whoever is left, whatever is known of them (B17) */
};

struct ex_watch {
	struct ex_request requests[EX_SLOTS];
	uint64_t live_until[2];
	uint8_t via[2];			 /* place through which that was made */
	uint64_t skip_until[EX_TARGETS]; /* by address */
	uint64_t probe_after;		 /* no probe before */
	uint64_t up_after;		 /* no request starts above serving before (B22b) */
	uint64_t good_since;		 /* the first good probe of a row (B30) */
	uint8_t good, good_place;
	uint8_t busy; /* a call is up (B32) */
	uint8_t serving;
	uint8_t begins; /* its first REGISTER is to start there (B37) */
	uint8_t called; /* and somebody has called before that */
	uint8_t wanted;
	uint8_t unregistered; /* by the user */
	uint8_t list;	      /* place in config->lists */
};

/* ---- inputs (input.c) --------------------------------------------------------------------- */

enum ex_kind {
	EX_TICK, /* silence: time goes on to the next deadline, which is handled */
	EX_AGE,	 /* time goes on to it, but something else is handled first */
	EX_RESPONSE,
	EX_UNREACHABLE,
	EX_GIVE_UP,
	EX_SUBMIT, /* arg: method; ordinal: dialog's place + 1, or 0 */
	EX_REGISTER,
	EX_UNREGISTER,
	EX_NETWORK,
	EX_DNS, /* arg: list */
	EX_UPDATE,
	EX_LOST,  /* the connection to the serving target */
	EX_GROUP, /* another line has moved from the serving target; arg: place */
	EX_CALLS, /* a call comes up, or the last one ends */
	EX_JUMP,  /* time goes on by ex_jumps[arg] */
};

#define EX_JUMPS 2u
extern const uint64_t ex_jumps[EX_JUMPS];

struct ex_input {
	uint8_t kind;
	uint8_t slot : 4, flag : 4; /* flag: EX_RETRYING, EX_RETRY_AFTER */
	uint8_t ordinal;
	uint8_t arg; /* status: place in ex_statuses */
};

#define EX_RETRYING 1u
#define EX_RETRY_AFTER 2u
#define EX_Q850 4u
#define EX_HELP 1u  /* of a submit: an emergency call */
#define EX_FAULT 8u /* 401 to credentials taken before; 200 that has not registered us */
#define EX_RETRY_AFTER_S 8u

/* ---- the world (world.c) ------------------------------------------------------------------ */

struct ex_snapshot {
	uint64_t now;
	uint32_t armed;
	struct ex_watch watch;
	struct fo_node nodes[EX_TARGETS];
	_Alignas(8) unsigned char block[];
};

struct ex_world {
	const struct ex_config *config;
	struct failover_engine *engine;
	struct fo_line *line;
	uint32_t id;
	size_t line_bytes, snapshot_bytes;
	struct ex_watch watch;
	struct ex_input input; /* the one that is happening */
	unsigned moves;	       /* of this input */
	int registered;	       /* before this input */
	uint64_t back_ms;      /* how far the clock is behind the engine's time */
	int good_enough;       /* its probe takes the line back (B30) */
	int current;	       /* it is a response to an attempt that is current */
	char why[256];	       /* the invariant that does not hold; empty = all hold */
};

int ex_world_open(struct ex_world *world, const struct ex_config *config);
void ex_world_close(struct ex_world *world);
void ex_world_save(const struct ex_world *world, struct ex_snapshot *snapshot);
void ex_world_load(struct ex_world *world, const struct ex_snapshot *snapshot);
/* Equal states have equal hashes; different ones have different hashes but for chance. */
uint64_t ex_world_hash(struct ex_world *world);
uint64_t ex_world_now(const struct ex_world *world);
/* When the line's one timer is due, FO_NEVER if it is not set. */
uint64_t ex_world_due(const struct ex_world *world);

unsigned ex_inputs(struct ex_world *world, struct ex_input *out);
void ex_input_apply(struct ex_world *world, struct ex_input input);
/* The same while the outputs are full, which are taken after it (B18). */
void ex_input_jammed(struct ex_world *world, struct ex_input input);
const char *ex_input_text(const struct ex_input *input, char *buffer, size_t size);
uint32_t ex_input_status(const struct ex_input *input);
/* Let the line's timers do all that is due; the outputs are watched. */
void ex_settle(struct ex_world *world);

/* ---- watching ----------------------------------------------------------------------------- */

/* B32: it does not go up there by itself. */
int ex_held(const struct ex_world *world, unsigned place);
/* A probe is answered 200 at this place: does it take the line back (B30)? */
int ex_good_enough(struct ex_world *world, unsigned place);
void ex_watch_probe(struct ex_world *world, const struct ex_request *request,
		    const struct failover_result *result);
void ex_watch_moved(struct ex_world *world, const struct failover_event *event);
void ex_watch_start(struct ex_world *world);
/* Before an input is applied; after a request has been taken. */
void ex_watch_input(struct ex_world *world);
void ex_watch_submit(struct ex_world *world, uint64_t id);
void ex_watch_output(struct ex_world *world, const struct failover_output *output);
/* After the input and all that was due: the state itself. */
void ex_watch_state(struct ex_world *world);
void ex_watch_verdict(struct ex_world *world, uint32_t status, uint32_t verdict);
void ex_fail(struct ex_world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
unsigned ex_place(const struct ex_world *world, const struct failover_target *target);

/* emergency.c: what is told of an emergency call instead of the others' checks */
/* Returns 0 if it is of another request. */
int ex_emergency_output(struct ex_world *world, const struct failover_output *output);
void ex_emergency_response(struct ex_world *world, struct ex_request *request);
void ex_emergency_verdict(struct ex_world *world, struct ex_request *request, uint32_t verdict);

/* ---- who is next, from the rules alone (order.c) ------------------------------------------ */

/* Place in the list, EX_NOBODY if it is not listed. */
unsigned ex_index(const struct ex_world *world, unsigned place);
int ex_skipped(const struct ex_world *world, unsigned place);
/* B5a, B27: the line counts as registered at this place. */
int ex_bound(const struct ex_world *world, unsigned place);
/* B28: what a user sends goes where the line is registered; in a call to its own server, too, after
 * the user has unregistered. */
int ex_only_right(const struct ex_world *world, const struct ex_request *request, unsigned place);
/* Bits of the places that this request may still go to (B4c, B4d, B6). */
unsigned ex_candidates(const struct ex_world *world, const struct ex_request *request);
/* Where a request of the user starts (B9, B12). */
/* Its only attempt is above serving, on purpose (B12, B22b). */
int ex_upward(const struct ex_world *world, const struct ex_request *request);
unsigned ex_start(const struct ex_world *world, const struct ex_request *request);
/* Its first REGISTER starts where the line was (B37). */
void ex_begins_check(struct ex_world *world, const struct failover_attempt *attempt);
/* Whether a request may begin its next attempt at this place. */
int ex_order_right(const struct ex_world *world, const struct ex_request *request, unsigned place,
		   const struct failover_attempt *attempt);
/* Budget of an attempt (B3). */
uint32_t ex_budget_ms(const struct ex_world *world, const struct ex_request *request,
		      const struct failover_attempt *attempt);
uint32_t ex_least_budget_ms(const struct ex_config *config);
uint32_t ex_64t1_ms(const struct ex_config *config);

/* From this state on: with nobody answering all requests end, with everybody answering the line
 * ends up where it belongs, and ids that name nothing change nothing. The state is spoiled. */
void ex_check_silence(struct ex_world *world);
void ex_check_heal(struct ex_world *world);
void ex_check_stale(struct ex_world *world);

/* ---- torture (torture.c) ------------------------------------------------------------------ */

/* From this state: every input leads to the same state when the outputs are full meanwhile, and
 * when the clock goes back; after jumps of the clock all that must follow still follows. */
void ex_check_full(struct ex_world *world, const struct ex_snapshot *state);
void ex_check_clock_back(struct ex_world *world, const struct ex_snapshot *state);
void ex_check_clock_jump(struct ex_world *world, const struct ex_snapshot *state);

/* ---- rows (rows.c) ------------------------------------------------------------------------ */

void ex_rows_world(const struct ex_world *world);
/* A request goes on at its next target. */
void ex_rows_action(uint32_t method, int server_move);
/* One TAP line for each table; returns how many tables have a row that was not taken. */
unsigned ex_rows_report(unsigned *test);
/* Most outputs of one step, timers included. */
unsigned ex_step_most(void);

/* ---- search (search.c) -------------------------------------------------------------------- */

struct ex_limits {
	uint64_t states; /* 0 = as many as memory holds */
	uint64_t memory; /* bytes */
	unsigned depth;	 /* 0 = to closure */
	unsigned sample; /* every n-th state is checked for what follows from it; 0 = none */
};

struct ex_figures {
	uint64_t states, transitions, checked, replayed, memory;
	unsigned depth; /* of the deepest state that was reached */
	int closed;
};

/* Returns 0 if every invariant held; prints the way to the state where one did not. */
int ex_search(const struct ex_config *config, const struct ex_limits *limits,
	      struct ex_figures *figures);

#endif
