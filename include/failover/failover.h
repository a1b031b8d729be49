/* SPDX-License-Identifier: MIT */
/*
 * failover.h - libfailover for the program that embeds it.
 *
 * Two layers. The engine (failover_engine_*, failover_line_*, ...) is sans-I/O: a pure function of
 * (state, input, now) with no socket, thread, clock, file or malloc of its own; it needs only
 * string functions of libc. The host layer (failover_stack_*, failover_dispatch) loads a plugin and
 * carries the engine's outputs to its hooks.
 *
 * The loop of a host:
 *     failover_handle_timeout(engine, now); failover_dispatch(stack);
 *     sleep until failover_next_deadline(engine) or the stack's descriptors are ready
 *
 * Rules: one engine = one thread. `now` is milliseconds of a monotonic clock; a `now` before an
 * earlier one counts as that earlier one. Structs that may grow start with `size`, set by the
 * FAILOVER_*_INIT macros or sizeof, also in those that are filled here; zero is the default of
 * every later field. A smaller one of an older program is taken; of a larger one the rest must be
 * zero, or it is ERR_UNSUPPORTED (doc/abi.md). Strings are UTF-8. Every function returns 0 or a
 * negative enum failover_error if nothing else is said, and an error leaves everything as it was.
 */
#ifndef FAILOVER_FAILOVER_H
#define FAILOVER_FAILOVER_H

#include <failover/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FAILOVER_API __attribute__((visibility("default")))
#else
#define FAILOVER_API
#endif

struct failover_engine;

/* ---- engine ------------------------------------------------------------------------------- */

#define FAILOVER_LIMIT_REGISTRARS 8u
#define FAILOVER_LIMIT_TARGETS 32u
#define FAILOVER_LIMIT_REQUESTS 28u
#define FAILOVER_LIMIT_LINES 1000000u
#define FAILOVER_LIMIT_MOVES 100000u /* a second */
#define FAILOVER_LIMIT_DEAD_TIME_S 86400

/* Where memory comes from; called by constructors, failover_line_room(), failover_plan() and for
 * the room of an emergency call (B36f), never for an event (B19). */
struct failover_memory {
	void *user;
	void *(*alloc)(void *user, size_t bytes); /* NULL = no memory; need not be zeroed */
	void (*release)(void *user, void *block); /* block may be NULL */
};

enum failover_shared_health {
	FAILOVER_HEALTH_DEFAULT = 0,   /* transport */
	FAILOVER_HEALTH_TRANSPORT = 1, /* ICMP, refused, reset, connect, TLS (B4e) */
	FAILOVER_HEALTH_ALL = 2,       /* also no answer to a REGISTER or OPTIONS */
	FAILOVER_HEALTH_OFF = 3,
};

struct failover_engine_params {
	uint32_t size;
	uint32_t max_addresses; /* different (address, port, transport) over all lines; 0 = 64 */
	uint32_t max_outputs;	/* room for outputs between two drains; 0 = 256, at least 128 */
	uint32_t shared_health; /* enum failover_shared_health */
	uint64_t seed;		/* of the engine's generator (B14); make it unpredictable */
	struct failover_memory memory;
};

/* Make an engine. Needs params->memory; failover_memory_default() of the host layer is malloc. */
FAILOVER_API int failover_engine_new(const struct failover_engine_params *params,
				     struct failover_engine **engine);
/*
 * How many REGISTERs and INVITEs a second may go to a target below the one that serves, of all
 * lines together; 0 = no limit, as at the beginning; at most FAILOVER_LIMIT_MOVES. A REGISTER waits
 * for its turn, as long as the others before it take. INVITE, BYE, and a REGISTER that one of these
 * waits for go at once, and those that wait give way. Whoever waits at a change keeps its turn.
 */
FAILOVER_API int failover_move_limit(struct failover_engine *engine, uint32_t per_second);
/* How long a target that one line has found dead is left alone by the others (shared_health); then
 * it is forgotten. 0, as at the beginning: until it shows life, and one of them tries it every 32 s
 * (B4e, B35). At most FAILOVER_LIMIT_DEAD_TIME_S. */
FAILOVER_API int failover_dead_time(struct failover_engine *engine, uint32_t seconds);
/* Free it with all its lines; nothing more is output. NULL is allowed. */
FAILOVER_API void failover_engine_free(struct failover_engine *engine);
/* Do what is due at `now`. Stops early when the outputs are full; the deadline is then `now`. */
FAILOVER_API void failover_handle_timeout(struct failover_engine *engine, uint64_t now);
/* When failover_handle_timeout() is wanted next; UINT64_MAX = never. Never too late; it may be
 * earlier than the first timer, at most a few times per timer. */
FAILOVER_API uint64_t failover_next_deadline(const struct failover_engine *engine);

struct failover_statistics {
	uint32_t size;
	uint32_t lines;
	uint64_t attempts, moves, stale; /* stale: news for ids that name nothing alive */
	uint64_t deferred;		 /* news taken while the outputs were full, done later */
	uint32_t addresses;		 /* different addresses known */
	uint32_t settings;		 /* different settings blocks, shared by lines */
	uint32_t outputs_most;		 /* most outputs that ever waited */
	uint32_t line_bytes;		 /* size of the largest line block */
};
FAILOVER_API void failover_engine_statistics(const struct failover_engine *engine,
					     struct failover_statistics *out);

/* ---- lines -------------------------------------------------------------------------------- */

enum failover_profile {
	FAILOVER_PROFILE_DEFAULT = 0, /* what configure --with-profile chose */
	FAILOVER_PROFILE_V2 = 2,      /* time-based: signal_retry_time */
	FAILOVER_PROFILE_V3 = 3,      /* count-based: signal_retry_counts */
	/* Of other phones (B29). Here they are budgets alone; the other numbers of their manuals
	 * are settings, which libfailover-config fills in: failover_config_initial(). */
	FAILOVER_PROFILE_YEALINK = 4,
	FAILOVER_PROFILE_POLY = 5,
	FAILOVER_PROFILE_CISCO = 6, /* 64*T1 at each target */
	FAILOVER_PROFILE_GRANDSTREAM = 7,
};

enum failover_keepalive {
	FAILOVER_KEEPALIVE_OFF = 0,
	FAILOVER_KEEPALIVE_CRLF = 1, /* the stack's business; the core sends no OPTIONS */
	FAILOVER_KEEPALIVE_OPTIONS = 2,
};

/* Whether a call is registered before it goes to another target (B27). */
enum failover_register_before {
	FAILOVER_BEFORE_REGISTRAR = 0, /* at another registrar: B5 */
	FAILOVER_BEFORE_ALWAYS = 1,    /* through another proxy of the same one, too */
	FAILOVER_BEFORE_NEVER = 2,     /* the servers share what is registered with one of them */
};

/* When a line returns to a better target (B32). */
enum failover_failback_when {
	FAILOVER_FAILBACK_ANY = 0,  /* as soon as that one is well */
	FAILOVER_FAILBACK_IDLE = 1, /* and no call is up: failover_line_calls() */
};

/* Bits of signal_failback_methods: 1 << enum failover_method. */
#define FAILOVER_METHOD_BIT(method) (1u << (method))

/* A set of status codes: bit (status - 300), low bit first; failover_codes_add(). */
#define FAILOVER_CODES_BYTES 52u

/* Settings of a line, after its configuration items (S 3.1, P 4.1). Equal settings of many lines
 * are stored once. Use FAILOVER_LINE_SETTINGS_INIT for the documented defaults. */
struct failover_line_settings {
	uint32_t size;
	uint32_t profile;		  /* enum failover_profile */
	uint32_t failback;		  /* 0/1: register failback (B11) */
	uint32_t failback_interval_s;	  /* 1..86400 */
	uint32_t failback_release;	  /* 0/1 (B11b) */
	uint32_t signal_failback;	  /* 0/1 (B12) */
	uint32_t signal_failback_methods; /* FAILOVER_METHOD_BIT of REGISTER, INVITE, BYE */
	uint32_t signal_retry_counts;	  /* 1..20 transmissions (V3) */
	uint32_t signal_retry_first_free; /* 0/1 (B3a) */
	uint32_t signal_retry_time_ms;	  /* 100..32000 (V2, B3d) */
	uint32_t t1_ms, t2_ms, t4_ms;
	uint32_t trying_timeout_s;				/* 0 = off (B4a) */
	uint32_t jitter_percent;				/* 0..50 (B14) */
	uint32_t keepalive;					/* enum failover_keepalive (B15a) */
	uint32_t keepalive_interval_s;				/* 5..3600 */
	uint32_t reg_fail_interval_s;				/* 1..86400 (B16) */
	uint32_t reg_fail_backoff;				/* 0/1 */
	uint8_t unavailable[FAILOVER_CODES_BYTES];		/* unavailable_codes (B22) */
	uint8_t unavailable_codes_invite[FAILOVER_CODES_BYTES]; /* the call alone goes on (B22) */
	uint32_t invite_retry_counts; /* 1..20 of an INVITE; 0 = signal_retry_counts (B26) */
	uint32_t register_before;     /* enum failover_register_before (B27) */
	uint32_t failback_successes;  /* 1..10 good probes in a row take the line back (B30) */
	uint32_t failback_hold_s;     /* 0..86400, from the first of them on */
	uint32_t failback_growth;     /* 1..10: a relapse within an hour makes that longer */
	uint32_t failover_hold_s;     /* 0..86400: the shortest time at a backup (B31) */
	uint32_t group; /* lines with the same number move and return together (B39); 0 = none */
	uint32_t only_registered;	  /* 0/1 (B28) */
	uint32_t emergency_race_after_ms; /* 0..32000, 0 = 1000 (B36a) */
	uint32_t failback_when;		  /* enum failover_failback_when (B32) */
	uint32_t reserved;		  /* no gap at the end, which a later member would read */
};

#define FAILOVER_LINE_SETTINGS_INIT                                                                \
	{                                                                                          \
		.size = sizeof(struct failover_line_settings), .failback = 1,                      \
		.failback_interval_s = 1800,                                                       \
		.signal_failback_methods = FAILOVER_METHOD_BIT(FAILOVER_REGISTER) |                \
					   FAILOVER_METHOD_BIT(FAILOVER_INVITE),                   \
		.signal_retry_counts = 3, .signal_retry_time_ms = 4000, .t1_ms = 500,              \
		.t2_ms = 4000, .t4_ms = 5000, .jitter_percent = 10,                                \
		.keepalive = FAILOVER_KEEPALIVE_OPTIONS, .keepalive_interval_s = 30,               \
		.reg_fail_interval_s = 32, .failback_successes = 1, .failback_growth = 1,          \
		.unavailable = { [13] = 1u << 4, [25] = 1u << 0 | 1u << 2 | 1u << 3 | 1u << 4 },   \
		.unavailable_codes_invite = { [25] = 1u << 3 }, .emergency_race_after_ms = 1000,   \
	}

/* Add a status code (300..699) to a set of codes, or ask whether it is in it. */
FAILOVER_API int failover_codes_add(uint8_t codes[FAILOVER_CODES_BYTES], uint32_t status);
FAILOVER_API int failover_codes_has(const uint8_t codes[FAILOVER_CODES_BYTES], uint32_t status);
/* The same with `unavailable`. */
FAILOVER_API int failover_code_set(struct failover_line_settings *settings, uint32_t status);
FAILOVER_API int failover_code_isset(const struct failover_line_settings *settings,
				     uint32_t status);

struct failover_line_params {
	uint32_t size;
	uint32_t registrars;   /* 1..FAILOVER_LIMIT_REGISTRARS */
	uint32_t max_targets;  /* most targets there will be; 0 = targets_count; twice the number of
				  expected ones leaves room for DNS changes in mid-request */
	uint32_t max_requests; /* user requests at a time; 0 = 4 */
	uint32_t targets_count;
	uint32_t reserved;
	const struct failover_target *targets; /* in priority order, index 0 most preferred (B1) */
	const uint32_t *expires_s; /* for each registrar: what to ask for; NULL = 3600 each */
	struct failover_line_settings settings;
};

/* Add a line; it does nothing before failover_register() or a request. *line is its id, not 0. */
FAILOVER_API int failover_line_add(struct failover_engine *engine,
				   const struct failover_line_params *params, uint64_t now,
				   uint32_t *line);
/* Make room for more than the line was added with; what it has more of stays. So a line can be
 * small until it needs more: the answer to ERR_LIMIT. ERR_MEMORY: it is as it was. */
FAILOVER_API int failover_line_room(struct failover_engine *engine, uint32_t line,
				    uint32_t registrars, uint32_t max_targets,
				    uint32_t max_requests);
/* New settings, registrars and targets; running requests go on with them, then the line registers
 * from index 0 (B17). ERR_LIMIT: more registrars or targets than the line has room for
 * (failover_line_room()). */
FAILOVER_API int failover_line_update(struct failover_engine *engine, uint32_t line,
				      const struct failover_line_params *params, uint64_t now);
/* New addresses of the same registrars and hops (B1b): who is listed still, keeps serving. A probe
 * of one that has gone is given up, so FAILOVER_ERR_FULL while the outputs are full. */
FAILOVER_API int failover_line_targets(struct failover_engine *engine, uint32_t line,
				       const struct failover_target *targets, uint32_t count,
				       uint64_t now);
/* So many calls of the line are up now: to be told when the first one comes up, and when the last
 * one ends. 0 at the beginning. With failback_when = idle the line, and with it its group, returns
 * at 0 only (B32). */
FAILOVER_API int failover_line_calls(struct failover_engine *engine, uint32_t line, uint32_t calls,
				     uint64_t now);
/* End all its requests (GIVEN_UP), stop all its attempts (REMOVED), forget it. */
FAILOVER_API int failover_line_remove(struct failover_engine *engine, uint32_t line, uint64_t now);

struct failover_line_state {
	uint32_t size;
	uint32_t registered;	/* 0/1 */
	uint32_t serving_index; /* in the target list; the count of targets if it has gone (B1b) */
	uint32_t targets_count;
	uint32_t requests;    /* user requests under way */
	uint32_t registering; /* 0/1: a REGISTER request is under way */
	uint32_t probing;     /* 0/1 */
	uint32_t waits_idle;  /* 0/1: the next probe comes when no call is up (B32) */
	struct failover_target serving;
	uint64_t registered_until; /* 0 = not */
	uint64_t next_probe;	   /* UINT64_MAX = none */
	uint64_t next_register;	   /* refresh or retry; UINT64_MAX = none */
	uint32_t pinned;	   /* 0/1: failover_pin() */
	uint32_t room;		   /* so many user requests more, if the outputs have room */
};
FAILOVER_API int failover_line_state(const struct failover_engine *engine, uint32_t line,
				     struct failover_line_state *out);
/* The list in priority order, as it is now; returns how many there are (may exceed max). */
FAILOVER_API int failover_line_list(const struct failover_engine *engine, uint32_t line,
				    struct failover_target *out, uint32_t max);

enum failover_target_state {
	FAILOVER_TARGET_UNKNOWN = 0, /* nothing has been heard of it, or it was forgotten (B17) */
	FAILOVER_TARGET_GOOD = 1,    /* its last news were a sign of life */
	FAILOVER_TARGET_DEAD = 2,    /* it was unavailable when it was tried last */
	FAILOVER_TARGET_ASKED_TO_WAIT = 3, /* Retry-After (B4c) */
};

/* What the device knows of a target's address, whichever line found it out. */
struct failover_target_health {
	uint32_t state; /* enum failover_target_state */
	uint32_t
		reason; /* enum failover_reason of its last failure; NONE since it has shown life */
	uint32_t status; /* reason STATUS */
	uint32_t reserved;
	uint64_t until; /* ASKED_TO_WAIT, else 0 */
};
/* Of each target in priority order; returns how many there are (may exceed max). */
FAILOVER_API int failover_line_health(const struct failover_engine *engine, uint32_t line,
				      struct failover_target_health *out, uint32_t max);

/* ---- requests ----------------------------------------------------------------------------- */

/* Manual registration: start at index 0 (B17). One under way is given up, and requests that wait
 * for it wait for the new one (B23e). */
FAILOVER_API int failover_register(struct failover_engine *engine, uint32_t line, uint64_t now);
/* Where the line was when the program ended (B37): it is there from now on, and its first REGISTER
 * starts there. Before it has had any request, else ERR_STATE; ERR_ARGUMENT: it has no such target.
 */
FAILOVER_API int failover_begin_at(struct failover_engine *engine, uint32_t line,
				   const struct failover_target *target, uint64_t now);
/* The failback probe now, whatever is known of the better targets (B17a). ERR_STATE: the line is
 * not registered, it is pinned, no better target is there that a probe may go to (B11a), or a probe
 * or a removal is under way. */
FAILOVER_API int failover_probe(struct failover_engine *engine, uint32_t line, uint64_t now);
/* Back to the best target now (B17b): not pinned any more, what is known against the line's targets
 * is forgotten, a REGISTER starts at index 0. ERR_STATE: the line is not to be registered. */
FAILOVER_API int failover_failback(struct failover_engine *engine, uint32_t line, uint64_t now);
/* 1: stay where it is until told (B17c): no probe, no request that starts above, every REGISTER
 * starts at the serving target. Only what makes that one unavailable still moves the line, and it
 * stays where it comes to. 0: as before. */
FAILOVER_API int failover_pin(struct failover_engine *engine, uint32_t line, uint32_t pinned,
			      uint64_t now);
/* The device's network changed: all lines register from index 0, health is forgotten (B17). */
FAILOVER_API int failover_network_changed(struct failover_engine *engine, uint64_t now);
/* Remove the registration (Expires 0) at every registrar that holds one; no retry, no refresh. */
FAILOVER_API int failover_unregister(struct failover_engine *engine, uint32_t line, uint64_t now);

struct failover_request_params {
	uint32_t size;
	uint32_t method;		      /* INVITE, BYE, OPTIONS or OTHER */
	uint64_t cookie;		      /* comes back in every attempt and in the result */
	const struct failover_target *dialog; /* in-dialog: the target it was set up through (B9) */
	uint32_t reserved;		      /* on 32 bits there was a gap */
	uint32_t flags;			      /* enum failover_request_flag */
};

enum failover_request_flag {
	/* An INVITE that begins a call for help (B36): it always finds room, waits for no REGISTER,
	 * and while who was asked neither rings nor answers, the next target is asked beside it
	 * (emergency_race_after). It goes on until it is answered or given up. */
	FAILOVER_REQUEST_EMERGENCY = 1u << 0,
};

/* Ask for one request. Its end comes as a result, exactly once. *request is its id, not 0.
 * ERR_FULL: drain the outputs (failover_dispatch()), and ask again. ERR_LIMIT: max_requests of the
 * line are under way; ask again when one of them has ended, or make room (failover_line_room()). A
 * BYE must not be dropped for that. */
FAILOVER_API int failover_submit(struct failover_engine *engine, uint32_t line,
				 const struct failover_request_params *params, uint64_t now,
				 uint64_t *request);
enum failover_plan_kind {
	FAILOVER_PLAN_SEND = 1, /* the request, at this target */
	FAILOVER_PLAN_REGISTER =
		2,		 /* a REGISTER there first (B5); on its 200 the request follows */
	FAILOVER_PLAN_LEAVE = 3, /* it has not answered: the next target, if there is one */
	FAILOVER_PLAN_WAIT = 4,	 /* for the REGISTER that is under way at this target */
};

struct failover_plan_step {
	uint32_t kind;		/* enum failover_plan_kind */
	uint32_t method;	/* enum failover_method */
	uint32_t target;	/* index in the target list */
	uint32_t flags;		/* enum failover_attempt_flag */
	uint32_t transmissions; /* SEND, REGISTER: packets that leave */
	uint32_t budget_ms;	/* SEND, REGISTER, WAIT: left after so long without an answer */
	uint64_t at_ms;		/* from now on */
};

struct failover_plan {
	uint32_t size;
	uint32_t steps_max; /* room in `steps` */
	struct failover_plan_step *steps;
	uint32_t steps_count; /* how many there are; may exceed steps_max */
	uint32_t reserved;
	uint64_t service_ms; /* when the last target is asked: all before it were silent */
	uint64_t fails_ms;   /* when the request fails: that one was silent too */
};
/* What would happen if this request were made now and no server answered any more. Nothing changes.
 * REGISTER: the line's next one, or the one under way. BYE without a dialog: of a call through the
 * serving target. No step: it may be sent nowhere, and fails at once (B28). An emergency call: its
 * first round, which others like it follow (B36d). Memory for a copy of the line is taken and
 * released. ERR_LIMIT: the line has as many requests as it may have. */
FAILOVER_API int failover_plan(const struct failover_engine *engine, uint32_t line,
			       const struct failover_request_params *params, uint64_t now,
			       struct failover_plan *plan);
/* The user gives a request up (B6c): the walk stops, the result is GIVEN_UP. */
FAILOVER_API int failover_give_up(struct failover_engine *engine, uint64_t request, uint64_t now);

/* ---- the stack's news --------------------------------------------------------------------- */
/* None of these fails: news for an id that is not alive changes nothing and is counted (B7c). */

FAILOVER_API void failover_sent(struct failover_engine *engine, uint64_t attempt, uint64_t now);
/* Returns enum failover_verdict. */
FAILOVER_API uint32_t failover_response(struct failover_engine *engine, uint64_t attempt,
					const struct failover_answer *answer, uint64_t now);
/* What has become of a challenge that was reported with FAILOVER_RETRYING_LATER; see
 * failover_host.retrying. Counted as stale where it says nothing any more. */
FAILOVER_API void failover_retrying(struct failover_engine *engine, uint64_t attempt,
				    uint32_t retrying, uint64_t now);
FAILOVER_API void failover_unreachable(struct failover_engine *engine, uint64_t attempt,
				       uint32_t reason, uint64_t now);
/* An answer to this attempt has come that cannot be read: if nothing better comes, the attempt ends
 * as without one, with the reason BAD_ANSWER (B22d). */
FAILOVER_API void failover_bad_answer(struct failover_engine *engine, uint64_t attempt);
/* The line has heard this address in another way (B15a); which registrar it says does not count. */
FAILOVER_API void failover_heard(struct failover_engine *engine, uint32_t line,
				 const struct failover_target *from, uint64_t now);
/* The line's connection to this target is gone. If it is the serving one, the line registers anew,
 * there first (B5b, B15a); a second loss within reg_fail_interval waits for that (B16). */
FAILOVER_API void failover_lost(struct failover_engine *engine, uint32_t line,
				const struct failover_target *target, uint64_t now);

/* The line's binding at this target may not lead here any more (B21b, B24c). If it is the serving
 * one, the line registers anew soon, there first; not twice within reg_fail_interval. */
FAILOVER_API void failover_refresh(struct failover_engine *engine, uint32_t line,
				   const struct failover_target *target, uint64_t now);

/* ---- outputs ------------------------------------------------------------------------------ */

enum failover_event_kind {
	FAILOVER_EVENT_ATTEMPT = 1,
	FAILOVER_EVENT_RESPONSE = 2,
	FAILOVER_EVENT_UNAVAILABLE = 3,
	FAILOVER_EVENT_REGISTERED = 4,
	FAILOVER_EVENT_UNREGISTERED = 5,
	FAILOVER_EVENT_MOVED = 6,
	FAILOVER_EVENT_REQUEST_FAILED = 7,
	FAILOVER_EVENT_PROBE_FAILED = 8,
	FAILOVER_EVENT_GIVEN_UP = 9,
	FAILOVER_EVENT_CONNECTION_LOST = 10, /* and the line registers anew */
	FAILOVER_EVENT_BAD_ANSWER = 11, /* an answer came that cannot be read (B22d): no answer */
	FAILOVER_EVENT_NO_OPTIONS = 12, /* the server answers REGISTER and never OPTIONS */
	FAILOVER_EVENT_MOVE_HELD = 13,	/* a REGISTER waits for its turn (failover_move_limit()) */
	FAILOVER_EVENT_PROBE_GOOD = 14, /* a better target is well, and the line stays for now (B30)
					 */
};

enum failover_direction {
	FAILOVER_FAILOVER = 1, /* downward in priority */
	FAILOVER_FAILBACK = 2, /* upward */
};

/* One decision (B20). Fields that a kind does not name are zero. */
struct failover_event {
	uint32_t size;
	uint32_t kind; /* enum failover_event_kind */
	uint32_t line;
	uint32_t method; /* all but REGISTERED, UNREGISTERED, CONNECTION_LOST, NO_OPTIONS */
	uint64_t now;
	uint64_t request;
	uint64_t attempt;	       /* ATTEMPT, RESPONSE, UNAVAILABLE */
	struct failover_target target; /* MOVED: to; UNREGISTERED: none */
	struct failover_target from;   /* MOVED */
	uint32_t status;	       /* RESPONSE; reason STATUS */
	uint32_t reason;	/* UNAVAILABLE, PROBE_FAILED, UNREGISTERED: enum failover_reason;
				   UNREGISTERED with NONE = on request */
	uint32_t transmissions; /* UNAVAILABLE: packets, as far as the stack counts, else 0 */
	uint32_t elapsed_ms;	/* UNAVAILABLE */
	uint32_t seconds;	/* REGISTERED: granted; UNREGISTERED: tried again in, 0 = not;
				   CONNECTION_LOST: registers anew in; NO_OPTIONS: so often;
				   MOVE_HELD: until its turn, if no call comes in between;
				   PROBE_GOOD: probed again in, 0 = when no call is up */
	uint32_t flags;		/* enum failover_attempt_flag */
	uint32_t direction;	/* MOVED: enum failover_direction */
	uint32_t reports_count; /* REQUEST_FAILED; reports as in the result */
	const struct failover_attempt_report *reports;
	const char *first_line, *why; /* BAD_ANSWER: valid during the call */
};

enum failover_output_kind {
	FAILOVER_OUTPUT_ATTEMPT = 1, /* -> hook send; is the event ATTEMPT too */
	FAILOVER_OUTPUT_ABANDON = 2, /* -> hook timeout */
	FAILOVER_OUTPUT_RESULT = 3,  /* -> hook response; user requests and REGISTERs alike */
	FAILOVER_OUTPUT_EVENT = 4,   /* for people and logs */
};

struct failover_output {
	uint32_t kind;
	uint32_t reason;    /* ABANDON: enum failover_abandon */
	uint64_t abandoned; /* ABANDON: the attempt's id */
	union {
		struct failover_attempt attempt;
		struct failover_result result;
		struct failover_event event;
		uint8_t room[192]; /* they may grow */
	} u;
};

/* Take the next output; returns 1, or 0 when there is none. Pointers inside are valid until the
 * next call on this engine. */
FAILOVER_API int failover_poll(struct failover_engine *engine, struct failover_output *out);

/* ---- host layer --------------------------------------------------------------------------- */

FAILOVER_API const char *failover_strerror(int error);
FAILOVER_API const char *failover_version(void);
/* malloc and free. */
FAILOVER_API struct failover_memory failover_memory_default(void);
/* 0 if this build has the profile (enum failover_profile), else FAILOVER_ERR_UNSUPPORTED. */
FAILOVER_API int failover_profile_available(uint32_t profile);
FAILOVER_API uint32_t failover_profile_default(void);
/* The profiles of this build: the n-th, from 0 on; FAILOVER_PROFILE_DEFAULT = there are no more. */
FAILOVER_API uint32_t failover_profile_at(uint32_t n);
/* Its name ("v3"), or NULL if this build does not have it; and the other way round. */
FAILOVER_API const char *failover_profile_text(uint32_t profile);
FAILOVER_API int failover_profile_find(const char *name, uint32_t *profile);

/* Numeric address ("192.0.2.1", "2001:db8::1", with %scope) to a target; ERR_ARGUMENT if not. */
FAILOVER_API int failover_target_set(struct failover_target *target, const char *address,
				     uint32_t port, uint32_t transport);
/* "192.0.2.1:5060;transport=udp"; returns buffer. 80 bytes are enough for any target. */
FAILOVER_API const char *failover_target_text(const struct failover_target *target, char *buffer,
					      size_t size);
/* Same address, port and transport (the registrar and hop may differ). */
FAILOVER_API int failover_target_same_address(const struct failover_target *a,
					      const struct failover_target *b);
FAILOVER_API const char *failover_method_text(uint32_t method);
/* "no-answer", "icmp" ...; "status-503" for STATUS with a status. 24 bytes are enough. */
FAILOVER_API const char *failover_reason_text(uint32_t reason, uint32_t status, char *buffer,
					      size_t size);
/* The event's name in logs: "attempt", "moved" ... */
FAILOVER_API const char *failover_event_name(uint32_t kind);
/* One sentence a person can read; no newline. Returns what snprintf would. */
FAILOVER_API int failover_event_text(const struct failover_event *event, char *buffer, size_t size);
/* "send", "register", "move", "wait"; "give-up" for the last step. */
FAILOVER_API const char *failover_plan_name(const struct failover_plan *plan, uint32_t n);
/* A sentence for step n of a plan, which is one of those in `steps`; `target` names its target for
 * people. Returns what snprintf would. */
FAILOVER_API int failover_plan_text(const struct failover_plan *plan, uint32_t n,
				    const char *target, char *buffer, size_t size);

struct failover_stack;

struct failover_stack_params {
	uint32_t size;
	uint32_t reserved;
	struct failover_engine *engine; /* outlives the stack */
	union {
		struct failover_open_params open;
		uint8_t room_for_open[192]; /* it may grow without moving what follows */
	};
	void *user;		     /* first argument of the following */
	uint64_t (*now)(void *user); /* NULL = CLOCK_MONOTONIC */
	void (*event)(void *user, const struct failover_event *event);	  /* may be NULL */
	void (*result)(void *user, const struct failover_result *result); /* may be NULL */
	void (*log)(void *user, uint32_t level, const char *text);	  /* may be NULL */
	const void *(*get_extension)(void *user, const char *id);	  /* may be NULL */
};

/* Check a descriptor: abi, size, strings, required hooks. On error `why` (may be NULL) gets a
 * sentence that names the plugin and the reason. */
FAILOVER_API int failover_plugin_check(const struct failover_plugin *plugin, const char *name,
				       char *why, size_t why_size);
/* Load `directory/NAME.so` (or a path with a slash in `name`), check it. ERR_UNSUPPORTED in a build
 * without dlopen. *handle is for failover_plugin_unload(), after every stack of it is closed. */
FAILOVER_API int failover_plugin_load(const char *name, const char *directory,
				      const struct failover_plugin **plugin, void **handle,
				      char *why, size_t why_size);
FAILOVER_API void failover_plugin_unload(void *handle);

/* Open a plugin on an engine (dlopened or linked in: same descriptor). */
FAILOVER_API int failover_stack_open(const struct failover_plugin *plugin,
				     const struct failover_stack_params *params,
				     struct failover_stack **stack);
FAILOVER_API void failover_stack_close(struct failover_stack *stack);
/* The calling thread is the engine's from now on, instead of the one that opened the stack: for a
 * host that opens on one thread and runs on another. The old one must be through with engine and
 * stack. Builds with --enable-debug abort on a call from any other thread; the rest do nothing. */
FAILOVER_API void failover_stack_set_thread(struct failover_stack *stack);
/* Hand all outputs to the hooks and to `event`/`result`, those made meanwhile included. A call from
 * inside a hook does nothing: the outer one goes on. A hook may call every input, but not
 * failover_poll() or failover_stack_close(). Returns how many were handed out. */
FAILOVER_API int failover_dispatch(struct failover_stack *stack);
FAILOVER_API void *failover_stack_instance(struct failover_stack *stack);
FAILOVER_API const void *failover_stack_extension(struct failover_stack *stack, const char *id);
/* The time as the stack's clock has it. */
FAILOVER_API uint64_t failover_stack_now(struct failover_stack *stack);

#ifdef __cplusplus
}
#endif
#endif
