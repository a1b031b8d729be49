/* SPDX-License-Identifier: MIT */
/*
 * core.h - the core's data, and what its files offer each other. Data flows one way:
 *
 *   engine.c  the engine's life, lines, time, outputs; input.c its inputs
 *   line.c    a line's life: settings, serving target, moves, its one timer
 *   registration.c, failback.c, keepalive.c   the requests that a line makes by itself
 *   request.c the walk of one request over the targets; attempt.c one target's try
 *   target.c  the target list and who is next; health.c what the device knows of addresses
 *   policy.c  the rows that decide; timer.c, queue.c, random.c  tools
 */
#ifndef FO_CORE_H
#define FO_CORE_H

#include <failover/failover.h>
#include "config.h"
#include "policy.h"
#include "timer.h"

#define FO_NEVER UINT64_MAX
#define FO_NONE 0xffu /* no target slot, no request slot */

/* ---- addresses: shared by all lines (health.c) -------------------------------------------- */

struct fo_node {
	uint8_t address[16];
	uint32_t scope_id;
	uint16_t port;
	uint8_t family;
	uint8_t transport;
	uint32_t references; /* 0 = free */
	uint32_t dead_by;    /* line that found it dead, 0 = it is not known to be dead (B4e) */
	uint64_t dead_at;
	uint64_t skip_until; /* Retry-After (B4c); 0 = none */
};

/* ---- settings: equal ones are stored once (line.c) ---------------------------------------- */

struct fo_settings {
	struct fo_settings *next;
	uint32_t references;
	struct failover_line_settings is;
};

/* ---- a line: one block, its arrays behind it ---------------------------------------------- */

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
	uint8_t state;
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
	FO_REQUEST_TRYING = 1u << 6,	 /* only 100 was received, and trying_timeout runs (B4a) */
	FO_REQUEST_LAST = 1u << 7,	 /* the current attempt is at the last target */
};

/* News of a request that came while the outputs were full: done as soon as there is room. */
enum fo_news { FO_NEWS_NONE, FO_NEWS_RESPONSE, FO_NEWS_UNREACHABLE, FO_NEWS_GIVE_UP };

struct fo_request {
	uint64_t started; /* the current transaction; or of waiting */
	uint64_t cookie;
	uint32_t budget_ms; /* from started; UINT32_MAX = no deadline */
	uint32_t tried;	    /* target slots this request is through with */
	uint32_t generation : 24;
	uint32_t news : 8;
	uint32_t news_value; /* Retry-After, granted expires: by status */
	union {
		uint32_t link; /* REGISTER: its dialog's number; CANCEL: generation and ordinal of
				  the INVITE's attempt; in a dialog: 1 if `start` is the dialog's,
				  until the first attempt */
		uint32_t late_until; /* INVITE: when its youngest late leg dies; low bits (B7a) */
	};
	uint16_t news_status; /* or reason */
	uint8_t method;
	uint8_t state;
	uint8_t flags;
	uint8_t target; /* current or awaited slot, FO_NONE */
	uint8_t start;	/* preferred slot for the first attempt, FO_NONE */
	uint8_t base;	/* serving slot when the target was chosen (B6a) */
	uint8_t ordinal;
	uint8_t attempts; /* used entries of the attempt array */
	uint8_t restarts;
	uint8_t transmissions;
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
};

struct fo_line {
	struct fo_timer timer; /* at the earliest of all deadlines below */
	struct fo_settings *settings;
	uint64_t register_at;  /* refresh (B15) or retry (B16) */
	uint64_t probe_at;     /* B11 */
	uint64_t keepalive_at; /* B15a */
	uint64_t heard_at;     /* last sign of life of the serving target */
	uint64_t lost_at;      /* when the last REGISTER after a lost connection was due */
	uint32_t id;
	uint32_t generation;	/* of the last request */
	uint32_t dialog;	/* last registration dialog number */
	uint32_t pending_tried; /* with pending_target: what its request is through with */
	uint8_t failures;	/* REGISTERs in a row that found no target */
	uint8_t serving;	/* target slot */
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

/* ---- outputs (queue.c) -------------------------------------------------------------------- */

struct fo_queue {
	struct failover_output *ring;
	uint32_t size, first, count, most;
};

/* No single step of the core makes more outputs than this; see doc/design.md. */
#define FO_OUTPUTS_PER_STEP 64u

void fo_queue_push(struct fo_queue *queue, const struct failover_output *output);
int fo_queue_pop(struct fo_queue *queue, struct failover_output *out);
int fo_queue_has_room(const struct fo_queue *queue);

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
	struct fo_node *nodes;
	uint32_t nodes_size;
	uint32_t shared_health;
	uint64_t random;
	uint64_t attempts, moves, stale, deferred;
	uint32_t line_bytes;
	struct failover_attempt_report reports[FAILOVER_LIMIT_TARGETS]; /* of the last poll */
#ifdef FO_DEBUG
	struct fo_guard guard;
#endif
};

/* The first statement of every public function of the engine. */
static inline void fo_enter(const struct failover_engine *engine, const char *function)
{
#ifdef FO_DEBUG
	if (engine->guard.enter)
		engine->guard.enter(engine->guard.user, function);
#else
	(void)engine;
	(void)function;
#endif
}

/* The line of an id, or NULL (engine.c). */
struct fo_line *fo_find_line(const struct failover_engine *engine, uint32_t id);
/* The request of a request's or attempt's id, and its line, or NULL. */
struct fo_request *fo_find_request(const struct failover_engine *engine, uint64_t id,
				   struct fo_line **line);

/* ---- random.c ----------------------------------------------------------------------------- */

/* Evenly in 0..limit. */
uint64_t fo_random(struct failover_engine *engine, uint64_t limit);
/* ms spread by jitter: between ms and ms + jitter percent (B14). */
uint64_t fo_random_spread(struct failover_engine *engine, uint64_t ms, uint32_t jitter_percent);

/* ---- health.c ----------------------------------------------------------------------------- */

/* The node of an address, with one more reference; ERR_FULL if there is no room. */
int fo_node_take(struct failover_engine *engine, const struct failover_target *target,
		 uint16_t *node);
void fo_node_drop(struct failover_engine *engine, uint16_t node);
/* 1 if the address is to be put last for this line (B4e). */
int fo_health_put_last(const struct failover_engine *engine, const struct fo_node *node,
		       uint32_t line);
/* This line tries a dead address: the others leave it alone meanwhile. */
void fo_health_tried(struct failover_engine *engine, struct fo_node *node, uint32_t line);
int fo_health_skipped(const struct failover_engine *engine, const struct fo_node *node);
void fo_health_alive(struct fo_node *node);
void fo_health_dead(struct failover_engine *engine, struct fo_node *node, uint32_t line);
void fo_health_retry_after(struct failover_engine *engine, struct fo_node *node, uint32_t seconds);
void fo_health_forget(struct failover_engine *engine);

/* ---- target.c ----------------------------------------------------------------------------- */

struct fo_node *fo_target_node(struct failover_engine *engine, const struct fo_line *line,
			       uint8_t slot);
void fo_target_public(struct failover_engine *engine, const struct fo_line *line, uint8_t slot,
		      struct failover_target *out);
/* Is this the target in the slot, listed or gone? */
int fo_target_is(struct failover_engine *engine, const struct fo_line *line, uint8_t slot,
		 const struct failover_target *target);
/* Slot of a listed target, FO_NONE if it is not listed. */
uint8_t fo_target_find(struct failover_engine *engine, const struct fo_line *line,
		       const struct failover_target *target);
/* Slot of a target at this address, under whatever registrar: the serving one before others. */
uint8_t fo_target_at(struct failover_engine *engine, const struct fo_line *line,
		     const struct failover_target *from);
/* Place in the list, 0 = most preferred; line->listed if it has gone. */
uint8_t fo_target_index(const struct fo_line *line, uint8_t slot);
/* Replace the list; identity is (registrar, address, port, transport) (B1b). All or nothing. */
int fo_target_replace(struct failover_engine *engine, struct fo_line *line,
		      const struct failover_target *targets, uint32_t count);
void fo_target_release_all(struct failover_engine *engine, struct fo_line *line);
int fo_target_valid(const struct failover_target *target, uint32_t registrars);
/* Where a request goes that is not failed over: to `start`, if that need not be skipped (B4c). */
uint8_t fo_target_alone(struct failover_engine *engine, const struct fo_line *line, uint8_t start);
/* Who is next for this request (B4c, B4e, B6, B6a); FO_NONE = nobody. */
uint8_t fo_target_next(struct failover_engine *engine, struct fo_line *line,
		       const struct fo_request *request);

/* ---- attempt.c ---------------------------------------------------------------------------- */

/* enum failover_attempt_flag of the request's last attempt. */
uint32_t fo_attempt_flags(const struct fo_request *request);
uint64_t fo_request_id(const struct fo_line *line, const struct fo_request *request);
void fo_attempt_start(struct failover_engine *engine, struct fo_line *line,
		      struct fo_request *request, uint8_t target);
/* The transaction starts anew inside the attempt: a challenge is answered (B4b). */
void fo_attempt_restart(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request);
void fo_attempt_abandon(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, uint32_t reason);
struct fo_attempt *fo_attempt_of(struct fo_line *line, const struct fo_request *request,
				 uint8_t ordinal);
struct fo_attempt *fo_attempt_current(struct fo_line *line, const struct fo_request *request);
/* A late attempt that may still be answered, or NULL. */
struct fo_attempt *fo_attempt_late(struct fo_line *line, const struct fo_request *request);
/* The request's last attempt could not leave this device: no target is to blame. */
int fo_attempt_failed_here(const struct fo_line *line, const struct fo_request *request);
void fo_attempt_event(struct failover_engine *engine, struct fo_line *line,
		      const struct fo_request *request, struct failover_event *event);
void fo_event_push(struct failover_engine *engine, const struct fo_line *line,
		   struct failover_event *event);

/* ---- request.c ---------------------------------------------------------------------------- */

struct fo_request_start {
	uint32_t method;
	uint64_t cookie;
	uint8_t flags;
	uint8_t start; /* preferred first target slot, FO_NONE = list order */
	uint32_t tried;
	uint32_t link; /* as in struct fo_request */
};

struct fo_request *fo_request_open(struct fo_line *line, uint8_t slot,
				   const struct fo_request_start *start);
/* Try the next target, or end the request as failed. */
void fo_request_walk(struct failover_engine *engine, struct fo_line *line,
		     struct fo_request *request);
/* What a response does without any output; returns 0 if it is a final one, which does more. */
int fo_request_hear(struct failover_engine *engine, struct fo_line *line,
		    struct fo_request *request, const struct failover_answer *answer);
void fo_request_response(struct failover_engine *engine, struct fo_line *line,
			 struct fo_request *request, const struct failover_answer *answer);
void fo_request_unavailable(struct failover_engine *engine, struct fo_line *line,
			    struct fo_request *request, enum fo_cause cause);
/* A probe has found no target that took the line back. */
void fo_request_end_probe(struct failover_engine *engine, struct fo_line *line,
			  struct fo_request *request);
void fo_request_due(struct failover_engine *engine, struct fo_line *line,
		    struct fo_request *request);
void fo_request_give_up(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, uint32_t abandon);
/* The line's REGISTER has ended: the requests that waited for it go on (B6b), or fail with it. */
void fo_request_registered(struct failover_engine *engine, struct fo_line *line, int failed);
uint32_t fo_request_late_response(struct failover_engine *engine, struct fo_line *line,
				  struct fo_request *request, struct fo_attempt *attempt,
				  const struct failover_answer *answer);
/* The same while the outputs are full: nothing is adopted, and the attempt is dealt with. */
uint32_t fo_request_late_unheard(const struct fo_request *request, struct fo_attempt *attempt,
				 uint32_t status);
uint64_t fo_request_deadline(const struct fo_request *request);
int fo_request_running(const struct fo_request *request);
uint8_t fo_request_start_slot(struct fo_line *line, enum fo_trigger trigger, uint32_t method,
			      uint8_t dialog);

/* ---- registration.c ----------------------------------------------------------------------- */

/* Start the line's REGISTER at `target` (FO_NONE: where the trigger says), or join the one under
 * way (B6b), or note it for when the slot is free. */
void fo_registration_start(struct failover_engine *engine, struct fo_line *line,
			   enum fo_trigger trigger, uint8_t target, uint32_t tried);
/* When a REGISTER starts that all lines start at once: now, or spread (B14). */
uint64_t fo_registration_soon(struct failover_engine *engine, const struct fo_line *line);
/* The connection of the registration is gone: tell it, and register anew. */
void fo_registration_lost(struct failover_engine *engine, struct fo_line *line);
/* The REGISTER under way is out of date: another from index 0 follows it (B17). */
void fo_registration_again(struct fo_line *line);
void fo_registration_end(struct failover_engine *engine, struct fo_line *line,
			 struct fo_request *request, const struct failover_answer *answer);
/* B15: another request than a REGISTER has moved the line; that registration may end earlier. */
void fo_registration_moved(struct failover_engine *engine, struct fo_line *line);
void fo_registration_granted(struct failover_engine *engine, struct fo_line *line,
			     struct fo_request *request, uint32_t expires_s);
int fo_registration_live(const struct failover_engine *engine, const struct fo_line *line,
			 uint8_t registrar);
void fo_registration_due(struct failover_engine *engine, struct fo_line *line);
/* A 423 asks for more: the registrar is asked for that from now on (B15). */
void fo_registration_min_expires(struct fo_line *line, const struct fo_request *request,
				 uint32_t min_expires_s);
int fo_registration_remove(struct failover_engine *engine, struct fo_line *line);
/* Start a REGISTER with Expires 0 at this registrar from an own slot, which is free. */
int fo_registration_release(struct failover_engine *engine, struct fo_line *line, uint8_t registrar,
			    uint8_t slot);
/* A REGISTER with Expires 0 has ended. */
void fo_registration_removed(struct failover_engine *engine, struct fo_line *line,
			     const struct fo_request *request);

/* ---- failback.c --------------------------------------------------------------------------- */

void fo_failback_arm(struct failover_engine *engine, struct fo_line *line);
void fo_failback_due(struct failover_engine *engine, struct fo_line *line);
/* The probe's current target did not give 200: try the next one above serving, or rest. */
void fo_failback_next(struct failover_engine *engine, struct fo_line *line,
		      struct fo_request *request);
/* The list has changed: a probe whose target is no longer above serving is given up. */
void fo_failback_relist(struct failover_engine *engine, struct fo_line *line);
void fo_failback_stop(struct failover_engine *engine, struct fo_line *line);
/* The line has gone up and left `registrar`: remove the binding there if configured (B11b). */
void fo_failback_left(struct fo_line *line, uint8_t registrar);
void fo_failback_release(struct failover_engine *engine, struct fo_line *line);

/* ---- keepalive.c -------------------------------------------------------------------------- */

void fo_keepalive_arm(struct failover_engine *engine, struct fo_line *line);
void fo_keepalive_due(struct failover_engine *engine, struct fo_line *line);
void fo_keepalive_heard(struct failover_engine *engine, struct fo_line *line, uint8_t target);

/* ---- line.c ------------------------------------------------------------------------------- */

int fo_line_new(struct failover_engine *engine, const struct failover_line_params *params,
		struct fo_line **out);
void fo_line_free(struct failover_engine *engine, struct fo_line *line);
int fo_line_change(struct failover_engine *engine, struct fo_line *line,
		   const struct failover_line_params *params);
/* Take the caller's params, of whatever version, and check them. */
int fo_line_params(struct failover_line_params *own, const struct failover_line_params *given);
/* Set the line's one timer to its earliest deadline. Call after every change. */
void fo_line_arm(struct failover_engine *engine, struct fo_line *line);
/* Do what had to wait for room in the outputs. */
void fo_line_news(struct failover_engine *engine, struct fo_line *line, struct fo_request *request);
/* Do one thing that is due; the timer is armed again. */
void fo_line_due(struct failover_engine *engine, struct fo_line *line);
void fo_line_move(struct failover_engine *engine, struct fo_line *line, uint8_t target,
		  uint32_t method);
uint32_t fo_line_profile(const struct fo_line *line);
/* 1 if signal failback is on for the method (B12, B12a). */
int fo_line_signal(const struct fo_line *line, uint32_t method);
struct fo_request *fo_line_own(struct fo_line *line, enum fo_own_slot slot);

#endif
