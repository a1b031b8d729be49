/* SPDX-License-Identifier: MIT */
/*
 * state.h - what an engine and its lines consist of: data, and what can be read off it. A line is
 * one block, its arrays behind it.
 */
#ifndef FO_STATE_H
#define FO_STATE_H

#include <failover/failover.h>
#include "config.h"
#include "health.h"
#include "id.h"
#include "queue.h"
#include "settings.h"
#include "timer.h"

#define FO_NONE 0xffu /* no target slot, no request slot */

struct fo_target {
	uint16_t node;
	uint8_t hop;
	uint8_t registrar : 6;
	uint8_t used : 1;   /* the slot holds a target */
	uint8_t listed : 1; /* it is in the list; else it has gone, but something still names it */
};

struct fo_registrar {
	uint64_t live_until;	 /* our registration there (B5a); 0 = none */
	uint32_t dialog;	 /* number of its registration dialog (B10) */
	uint32_t expires_s : 24; /* what we ask for: configured, or Min-Expires of its 423 */
	uint32_t via : 8;	 /* target slot it was made through, FO_NONE */
};

enum fo_attempt_state {
	FO_ATTEMPT_OVER, /* ended for good, or not an INVITE */
	FO_ATTEMPT_CURRENT,
	FO_ATTEMPT_LATE,      /* abandoned INVITE that may still be answered (B7a); of an emergency
				 call: its stack works at it, beside the current one (B36) */
	FO_ATTEMPT_CANCELLED, /* late, and a late 1xx was answered with CANCEL */
};

struct fo_attempt {
	uint8_t ordinal;
	uint8_t target : 6;
	uint8_t state : 2;
	uint16_t status : 10;
	uint16_t reason : 4;
	uint16_t bad : 1;    /* an answer came that cannot be read (B22d) */
	uint16_t stayed : 1; /* the call alone went on: the target is not unavailable (B22) */
};

/* In this order: it is over, it runs without an attempt, with one. */
enum fo_request_state {
	FO_REQUEST_FREE,
	FO_REQUEST_ENDED,	  /* the result waits to be taken */
	FO_REQUEST_WAIT_REGISTER, /* for the line's REGISTER at `target` (B5, B6b) */
	FO_REQUEST_WAIT_LATE,	  /* for an older leg, after 482 (B7b) */
	FO_REQUEST_WAIT_TURN,	  /* to move to `target`: many lines do (B14a) */
	FO_REQUEST_CALLING,	  /* the current attempt has had no response */
	FO_REQUEST_PROCEEDING,	  /* it has had a provisional one */
};

/* Those that a stack is told have its bits. */
enum fo_request_flag {
	FO_REQUEST_LAST = FAILOVER_ATTEMPT_LAST, /* the current attempt is at the last target */
	FO_REQUEST_PROBE = FAILOVER_ATTEMPT_PROBE,
	FO_REQUEST_IN_DIALOG = FAILOVER_ATTEMPT_IN_DIALOG,
	FO_REQUEST_KEEPALIVE = FAILOVER_ATTEMPT_KEEPALIVE,
	FO_REQUEST_RELEASE = FAILOVER_ATTEMPT_RELEASE,
	FO_REQUEST_VISIT = FAILOVER_ATTEMPT_VISIT, /* for calls alone; the line stays (B22) */
	FO_REQUEST_TOLD = FO_REQUEST_LAST | FO_REQUEST_PROBE | FO_REQUEST_IN_DIALOG |
			  FO_REQUEST_KEEPALIVE | FO_REQUEST_RELEASE | FO_REQUEST_VISIT,

	FO_REQUEST_ANY_HEALTH = 1u << 4, /* shared health does not reorder it */
	FO_REQUEST_MOVED = 1u << 7,	 /* the line has, since the target was chosen (B6a) */
};

/* Those of enum failover_answer_flag that a request keeps while they are deferred. */
#define FO_ANSWER_FLAGS 0x1fu

/* News of a request that came while the outputs were full: done as soon as there is room. */
enum fo_deferred {
	FO_DEFERRED_NONE,
	FO_DEFERRED_RESPONSE,
	FO_DEFERRED_UNREACHABLE,
	FO_DEFERRED_GIVE_UP
};

#define FO_BUDGET_NONE 0xffffffu	    /* no deadline */
#define FO_BUDGET_SINCE_MOST_MS 16000000u   /* a budget that counts from now has room behind that */
#define FO_TIME_LEAP_MS (UINT64_C(1) << 38) /* 8 years; `started` tells 17 from what is to come */
#define FO_DEFERRED_VALUE_MOST 0x1ffffu	    /* more than what any of them counts as */

/* Two of them in 64 bytes, which is what a cache reads at once on most machines. */
struct fo_request {
	uint64_t started : 40;	 /* low bits: the current transaction; or of waiting: its turn */
	uint64_t budget_ms : 24; /* from started; FO_BUDGET_NONE */
	uint32_t tried;		 /* target slots this request is through with */
	union {
		uint32_t link; /* REGISTER: its dialog's number; CANCEL: generation and ordinal of
				  the INVITE's attempt; in a dialog: 1 if `start` is the dialog's,
				  until the first attempt */
		uint32_t late_until; /* INVITE: when its last late leg dies; low bits (B7a) */
	};
	uint32_t generation : 19;
	uint32_t deferred_status : 10; /* or cause */
	uint32_t method : 3;
	uint32_t deferred_value : 17; /* REGISTER: Retry-After, granted expires: by status */
	uint32_t t1_ms : 14;	      /* of the current transaction, as its stack has been told */
	uint32_t trying_timeout : 1;  /* the budget is trying_timeout (B4a) */
	uint8_t flags;
	uint8_t target; /* current or awaited slot, FO_NONE */
	uint8_t start;	/* preferred slot for the first attempt, FO_NONE */
	uint8_t ordinal;
	uint8_t transmissions;
	uint8_t state : 3;
	uint8_t answer_flags : 5; /* enum failover_answer_flag of its final response */
	uint8_t attempts : 6;	  /* used entries of the attempt array */
	uint8_t deferred : 2;	  /* enum fo_deferred */
	uint8_t restarts : 4;
	uint8_t for_call : 1; /* REGISTER: a call asks for it, not the line; INVITE: for help (B36)
			       */
	uint8_t trying : 1;   /* nothing but 100 was received (B4a) */
	uint8_t upward : 1;   /* it was made to start above serving, on purpose (B12) */
	uint8_t held : 1;     /* a challenge that the stack may answer yet: `deferred_status`,
				 `deferred_value`, `answer_flags` (B4b) */
};

_Static_assert(sizeof(struct fo_request) == 32 && sizeof(struct fo_attempt) == 4 &&
		       sizeof(struct fo_target) == 4,
	       "a line is small");

_Static_assert(FO_TRIGGER_DIAL < 8, "pending_trigger: those of a REGISTER, which come first");

/* B24c: some servers answer REGISTER and never OPTIONS. Two in a row without a final response, and
 * never one with: then a REGISTER decides. */
enum fo_options {
	FO_OPTIONS_UNKNOWN,
	FO_OPTIONS_SILENT_ONCE,
	FO_OPTIONS_SILENT_TWICE,
	FO_OPTIONS_ANSWERED,
	FO_OPTIONS_NEVER, /* learnt */
};

/* The request slots that a line keeps for itself; the user's follow. */
enum fo_own_slot { FO_SLOT_REGISTER, FO_SLOT_PROBE, FO_SLOT_KEEPALIVE, FO_SLOTS_OWN };

enum fo_line_flag {
	FO_LINE_REGISTERED = 1u << 0,
	FO_LINE_WANTED = 1u << 1,	    /* it is to be registered; off after unregister */
	FO_LINE_PENDING_REGISTER = 1u << 2, /* start a REGISTER as soon as the slot is free */
	FO_LINE_FROM_INDEX0 = 1u << 3,	    /* the next REGISTER by timer starts at index 0 (B17) */
	FO_LINE_LOST = 1u << 4,		    /* its connection is gone, and that is not told yet */
	FO_LINE_UNREGISTERED = 1u << 5,	    /* by the user, so no call registers it again */
	FO_LINE_PENDING_VISIT = 1u << 6,    /* the same, and the line stays (B22) */
	FO_LINE_PINNED = 1u << 7,	    /* it stays where it is until told (B17c) */
};

/* One block: this, then its arrays. What is read with every input comes first: small offsets make
 * short code, too. */
struct fo_line {
	uint8_t flags;
	uint8_t serving; /* target slot */
	uint8_t release; /* registrar to release (B11b), FO_NONE */
	uint8_t listed;	 /* targets in the list */
	uint8_t requests_max, targets_max;
	uint8_t options : 3;	     /* enum fo_options: what is known of the serving target */
	uint8_t busy : 1;	     /* a call is up (B32) */
	uint8_t begins : 1;	     /* the first REGISTER starts at `serving` (B37) */
	uint8_t pending_trigger : 3; /* why, with FO_LINE_PENDING_REGISTER */
	uint8_t pending_target;	     /* and where to start */
	uint8_t follow;	    /* slot where its group has gone, and it is to go; FO_NONE (B39) */
	uint8_t failures;   /* REGISTERs in a row that found no target */
	uint8_t rejections; /* of those, the last ones that found the credentials refused */
	uint8_t registrars_count, registrars_max;
	uint8_t good;	      /* probes in a row that a better target has answered (B30) */
	uint8_t good_target;  /* that one */
	uint8_t relapses : 6; /* returns in a row that did not last an hour (B30) */
	uint8_t waits : 1;    /* the next probe comes when no call is up (B32) */
	uint8_t returned : 1; /* it has gone up since it went down: `returned_at` */
	uint16_t targets_at, attempts_at, order_at, registrars_at; /* bytes into the block */
	struct fo_settings *settings;
	struct fo_timer timer; /* at the earliest of all deadlines below */
	uint64_t register_at;  /* refresh (B15) or retry (B16) */
	uint64_t probe_at;     /* B11 */
	uint64_t keepalive_at; /* B15a */
	uint32_t id;
	uint32_t generation;	      /* of the last request */
	uint32_t dialog;	      /* last registration dialog number */
	uint32_t pending_tried;	      /* with pending_target: what its request is through with */
	uint64_t up_after;	      /* no request starts above serving before (B22b) */
	uint64_t heard_at;	      /* last sign of life of the serving target */
	uint64_t lost_at;	      /* when the last REGISTER after a lost connection was due */
	uint32_t good_since;	      /* low bits: the first of `good` */
	uint32_t returned_at;	      /* low bits, not older than an hour (B30) */
	struct fo_request requests[]; /* its own, then the user's */
};

/* ---- the engine --------------------------------------------------------------------------- */

/* B14a: how fast its lines move to a backup. Times in us. */
struct fo_pace {
	uint64_t interval; /* between two packets; 0 = no limit */
	uint64_t free_at;  /* when the next one may leave */
	uint64_t behind;   /* the first turn that nobody waits for */
};

/* Debug builds: who wants to know of every call. The core knows no threads; its host does. */
struct fo_guard {
	void (*enter)(void *user, const char *function); /* NULL = nobody */
	void *user;
};

struct fo_engine_line {
	struct fo_line *line;
	uint32_t generation;
};

/* What is read most comes first, as in a line. */
struct failover_engine {
	struct fo_queue queue;
	struct fo_health health;
	struct fo_engine_line *lines;
	uint32_t lines_size, lines_count, lines_free; /* lines_free: where to look for a free one */
	uint64_t random;
	struct fo_pace pace;
	uint64_t attempts, moves, stale, deferred;
	struct fo_wheel wheel; /* wheel.now is the engine's time */
	struct failover_memory memory;
	struct fo_settings *settings;
	uint32_t line_bytes;
	struct failover_attempt_report reports[FAILOVER_LIMIT_TARGETS]; /* of the last poll */
#ifdef FO_DEBUG
	struct fo_guard guard;
#endif
};

/* ---- what can be read off it -------------------------------------------------------------- */

/* Targets by slot. */
static inline struct fo_target *fo_targets(const struct fo_line *line)
{
	return (struct fo_target *)((uintptr_t)line + line->targets_at);
}

/* Slots in priority order. */
static inline uint8_t *fo_order(const struct fo_line *line)
{
	return (uint8_t *)((uintptr_t)line + line->order_at);
}

static inline struct fo_registrar *fo_registrars(const struct fo_line *line)
{
	return (struct fo_registrar *)((uintptr_t)line + line->registrars_at);
}

/* What this request has met, oldest first: request->attempts of them, with room for targets_max. */
static inline struct fo_attempt *fo_request_attempts(const struct fo_line *line,
						     const struct fo_request *request)
{
	return (struct fo_attempt *)((uintptr_t)line + line->attempts_at) +
	       (size_t)(request - line->requests) * line->targets_max;
}

/* The user's, one for each request of his; the line's own have none. */
static inline uint64_t *fo_cookies(const struct fo_line *line)
{
	return (uint64_t *)((uintptr_t)line->requests +
			    line->requests_max * sizeof(struct fo_request));
}

static inline uint64_t fo_request_cookie(const struct fo_line *line,
					 const struct fo_request *request)
{
	size_t slot = (size_t)(request - line->requests);

	return slot < FO_SLOTS_OWN ? 0 : fo_cookies(line)[slot - FO_SLOTS_OWN];
}

static inline struct fo_request *fo_line_own(struct fo_line *line, enum fo_own_slot slot)
{
	return &line->requests[slot];
}

static inline int fo_request_running(const struct fo_request *request)
{
	return request->state > FO_REQUEST_ENDED;
}

/* B36: an emergency call. */
static inline int fo_request_emergency(const struct fo_request *request)
{
	return request->method == FAILOVER_INVITE && request->for_call;
}

/* It is with a target; else it waits for something, or is over. */
static inline int fo_request_has_attempt(const struct fo_request *request)
{
	return request->state >= FO_REQUEST_CALLING;
}

/* How long it has been at what it is at. It is not at it for 34 years, which is what the bits hold.
 */
static inline uint64_t fo_request_elapsed(const struct fo_request *request, uint64_t now)
{
	return (now - request->started) & ((UINT64_C(1) << 40) - 1);
}

/* Of a running request. */
static inline uint64_t fo_request_deadline(const struct fo_request *request, uint64_t now)
{
	if (request->deferred)
		return 0;
	if (request->state == FO_REQUEST_WAIT_REGISTER || request->budget_ms == FO_BUDGET_NONE)
		return FO_NEVER;
	/* With its sign: a turn is to come (B14a). */
	return fo_after(now - (uint64_t)((int64_t)(fo_request_elapsed(request, now) << 24) >> 24),
			request->budget_ms);
}

static inline uint32_t fo_deferred_value(uint32_t value)
{
	return value < FO_DEFERRED_VALUE_MOST ? value : FO_DEFERRED_VALUE_MOST;
}

/* A REGISTER is to begin elsewhere than the one under way, and takes its place (B23e, B39). */
static inline int fo_line_to_leave(const struct fo_line *line)
{
	return (line->flags & FO_LINE_FROM_INDEX0) || line->follow != FO_NONE;
}

/* A REGISTER of the line is under way, which finds out how the serving target is; one for a call
 * alone does not (B22). */
static inline int fo_line_registers(const struct fo_line *line)
{
	const struct fo_request *request = &line->requests[FO_SLOT_REGISTER];

	return fo_request_running(request) && !(request->flags & FO_REQUEST_VISIT);
}

static inline struct fo_node *fo_target_node(const struct failover_engine *engine,
					     const struct fo_line *line, uint8_t slot)
{
	return &engine->health.nodes[fo_targets(line)[slot].node];
}

/* The line holds a registration there (B5a). */
static inline int fo_registration_live(const struct failover_engine *engine,
				       const struct fo_line *line, uint8_t registrar)
{
	return fo_registrars(line)[registrar].live_until > engine->wheel.now;
}

#endif
