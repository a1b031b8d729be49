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
	uint8_t registrar;
	uint8_t hop;
	uint8_t used;	/* the slot holds a target */
	uint8_t listed; /* it is in the list; else it has gone, but something still names it */
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
	FO_ATTEMPT_LATE,      /* abandoned INVITE that may still be answered (B7a) */
	FO_ATTEMPT_CANCELLED, /* late, and a late 1xx was answered with CANCEL */
};

struct fo_attempt {
	uint8_t ordinal;
	uint8_t target;
	uint8_t state : 6;
	uint8_t bad : 1;    /* an answer came that cannot be read (B22d) */
	uint8_t stayed : 1; /* the call alone went on: the target is not unavailable (B22) */
	uint8_t reason;
	uint16_t status;
};

enum fo_request_state {
	FO_REQUEST_FREE,
	FO_REQUEST_CALLING,	  /* the current attempt has had no response */
	FO_REQUEST_PROCEEDING,	  /* it has had a provisional one */
	FO_REQUEST_WAIT_REGISTER, /* for the line's REGISTER at `target` (B5, B6b) */
	FO_REQUEST_WAIT_LATE,	  /* for an older leg, after 482 (B7b) */
	FO_REQUEST_ENDED,	  /* the result waits to be taken */
};

enum fo_request_flag {
	FO_REQUEST_IN_DIALOG = 1u << 0,
	FO_REQUEST_PROBE = 1u << 1,
	FO_REQUEST_KEEPALIVE = 1u << 2,
	FO_REQUEST_RELEASE = 1u << 3,
	FO_REQUEST_ANY_HEALTH = 1u << 4, /* shared health does not reorder it */
	FO_REQUEST_MOVED = 1u << 5,	 /* the line has, since the target was chosen (B6a) */
	FO_REQUEST_TRYING = 1u << 6,	 /* nothing but 100 was received (B4a) */
	FO_REQUEST_LAST = 1u << 7,	 /* the current attempt is at the last target */
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

struct fo_request {
	uint64_t started; /* the current transaction; or of waiting */
	uint64_t cookie;
	uint32_t budget_ms; /* from started; UINT32_MAX = no deadline */
	uint32_t tried;	    /* target slots this request is through with */
	uint32_t generation : 19;
	uint32_t deferred : 3;	     /* enum fo_deferred */
	uint32_t answer_flags : 5;   /* enum failover_answer_flag of its final response */
	uint32_t trying_timeout : 1; /* the budget is trying_timeout (B4a) */
	uint32_t for_call : 1;	     /* REGISTER: a call asks for it, not the line */
	uint32_t visit : 1;	     /* REGISTER: for calls alone; the line stays (B22) */
	uint32_t upward : 1;	     /* it was made to start above serving, on purpose (B12) */
	uint32_t deferred_value;     /* Retry-After, granted expires: by status */
	union {
		uint32_t link; /* REGISTER: its dialog's number; CANCEL: generation and ordinal of
				  the INVITE's attempt; in a dialog: 1 if `start` is the dialog's,
				  until the first attempt */
		uint32_t late_until; /* INVITE: when its youngest late leg dies; low bits (B7a) */
	};
	uint16_t deferred_status; /* or reason */
	uint8_t method;
	uint8_t state;
	uint8_t flags;
	uint8_t target; /* current or awaited slot, FO_NONE */
	uint8_t start;	/* preferred slot for the first attempt, FO_NONE */
	uint8_t ordinal;
	uint8_t attempts; /* used entries of the attempt array */
	uint8_t restarts;
	uint8_t transmissions;
};

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
};

struct fo_line {
	struct fo_timer timer; /* at the earliest of all deadlines below */
	struct fo_settings *settings;
	uint64_t register_at;  /* refresh (B15) or retry (B16) */
	uint64_t probe_at;     /* B11 */
	uint64_t up_after;     /* no request starts above serving before (B22b) */
	uint64_t keepalive_at; /* B15a */
	uint64_t heard_at;     /* last sign of life of the serving target */
	uint64_t lost_at;      /* when the last REGISTER after a lost connection was due */
	uint32_t id;
	uint32_t generation;	/* of the last request */
	uint32_t dialog;	/* last registration dialog number */
	uint32_t pending_tried; /* with pending_target: what its request is through with */
	uint8_t failures;	/* REGISTERs in a row that found no target */
	uint8_t rejections;	/* of those, the last ones that found the credentials refused */
	uint8_t serving;	/* target slot */
	uint8_t options;	/* enum fo_options: what is known of the serving target */
	uint8_t flags;
	uint8_t release;	 /* registrar to release (B11b), FO_NONE */
	uint8_t pending_target;	 /* with FO_LINE_PENDING_REGISTER: where to start */
	uint8_t pending_trigger; /* and why */
	uint8_t listed;		 /* targets in the list */
	uint8_t registrars_count, registrars_max, targets_max, requests_max;
	struct fo_registrar *registrars;
	struct fo_target *targets; /* by slot */
	uint8_t *order;		   /* slots in priority order */
	struct fo_request *requests;
	struct fo_attempt *attempts; /* targets_max for each request */
};

/* ---- the engine --------------------------------------------------------------------------- */

/* Debug builds: who wants to know of every call. The core knows no threads; its host does. */
struct fo_guard {
	void (*enter)(void *user, const char *function); /* NULL = nobody */
	void *user;
};

struct fo_engine_line {
	struct fo_line *line;
	uint32_t generation;
};

struct failover_engine {
	struct failover_memory memory;
	struct fo_wheel wheel; /* wheel.now is the engine's time */
	struct fo_queue queue;
	struct fo_settings *settings;
	struct fo_engine_line *lines;
	uint32_t lines_size, lines_count, lines_free; /* lines_free: where to look for a free one */
	struct fo_health health;
	uint64_t random;
	uint64_t attempts, moves, stale, deferred;
	uint32_t line_bytes;
	struct failover_attempt_report reports[FAILOVER_LIMIT_TARGETS]; /* of the last poll */
#ifdef FO_DEBUG
	struct fo_guard guard;
#endif
};

/* ---- what can be read off it -------------------------------------------------------------- */

static inline struct fo_request *fo_line_own(struct fo_line *line, enum fo_own_slot slot)
{
	return &line->requests[slot];
}

static inline int fo_request_running(const struct fo_request *request)
{
	return request->state != FO_REQUEST_FREE && request->state != FO_REQUEST_ENDED;
}

/* It is with a target; else it waits for something, or is over. */
static inline int fo_request_has_attempt(const struct fo_request *request)
{
	return request->state == FO_REQUEST_CALLING || request->state == FO_REQUEST_PROCEEDING;
}

/* A REGISTER of the line is under way, which finds out how the serving target is; one for a call
 * alone does not (B22). */
static inline int fo_line_registers(const struct fo_line *line)
{
	const struct fo_request *request = &line->requests[FO_SLOT_REGISTER];

	return fo_request_running(request) && !request->visit;
}

/* The line holds a registration there (B5a). */
static inline int fo_registration_live(const struct failover_engine *engine,
				       const struct fo_line *line, uint8_t registrar)
{
	return line->registrars[registrar].live_until > engine->wheel.now;
}

#endif
