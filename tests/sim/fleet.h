/* SPDX-License-Identifier: MIT */
/*
 * fleet.h - a fleet of lines in a world of faults, on a virtual clock. A plan (what the world is
 * and what happens in it) follows from one 64-bit seed, or is read from a scenario file. Running it
 * drives the real core and the simulated stack of plugins/sim; after every input the oracle and the
 * invariants judge what came of it.
 */
#ifndef SIM_FLEET_H
#define SIM_FLEET_H

#include <stdio.h>
#include <failover/failover.h>
#include "plugins/sim/sim.h"
#include "plugins/sim/table.h"
#include "tests/runner/scenario.h"
#include "tests/sim/oracle.h"

#define FLEET_LINES SCENARIO_LINES
#define FLEET_LIST 16u /* targets of one DNS answer in a plan */

/* ---- plan --------------------------------------------------------------------------------- */

#define FLEET_FAULTS(X)                                                                            \
	X(SILENT, "silent")                                                                        \
	X(ICMP, "icmp")                                                                            \
	X(TCP, "tcp")                                                                              \
	X(STATUS_500, "500")                                                                       \
	X(STATUS_503, "503")                                                                       \
	X(RETRY_AFTER, "retry-after")                                                              \
	X(CHALLENGE, "challenge")                                                                  \
	X(NONCE, "nonce")                                                                          \
	X(REJECT, "reject")                                                                        \
	X(SLOW, "slow")                                                                            \
	X(LATE, "late")                                                                            \
	X(FORGET, "forget")                                                                        \
	X(TRYING, "trying")                                                                        \
	X(DEATH, "death")                                                                          \
	X(REFUSE, "refuse")                                                                        \
	X(MIN_EXPIRES, "min-expires")                                                              \
	X(MAX_EXPIRES, "max-expires")                                                              \
	X(LOSS, "loss")                                                                            \
	X(DUPLICATE, "duplicate")                                                                  \
	X(REORDER, "reorder")                                                                      \
	X(DELAY, "delay")                                                                          \
	X(PARTITION, "partition")                                                                  \
	X(NETWORK, "network")                                                                      \
	X(UPDATE, "update")                                                                        \
	X(DNS, "dns")                                                                              \
	X(UNREGISTER, "unregister")                                                                \
	X(REMOVE, "remove")                                                                        \
	X(HEARD, "heard")                                                                          \
	X(STALE, "stale")                                                                          \
	X(QUIRKS, "quirks")                                                                        \
	X(CLOSES, "closes")

#define FLEET_FAULT_ENUM(name, text) FAULT_##name,
enum fleet_fault { FLEET_FAULTS(FLEET_FAULT_ENUM) FAULT_COUNT };
#define FLEET_NO_FAULTS (1u << 31) /* said in the options, for none at all */

enum fleet_act_kind {
	ACT_REGISTER,
	ACT_UNREGISTER,
	ACT_NETWORK,
	ACT_REMOVE,
	ACT_ADD,
	ACT_CALL,
	ACT_HANGUP,
	ACT_OPTIONS,
	ACT_MESSAGE,
	ACT_UPDATE,
	ACT_TARGETS,
	ACT_SERVER,
	ACT_FORGET,
	ACT_HEARD,
	ACT_LINK,
	ACT_CLOSES,    /* the connections of all lines to a server */
	ACT_STALE,     /* news for ids that name nothing: must change nothing */
	ACT_EMERGENCY, /* a call for help (B36) */
	ACT_PROBE,     /* what a person asks for (B17a to B17c) */
	ACT_FAILBACK,
	ACT_PIN,
	ACT_UNPIN,
	ACT_BEGIN_AT, /* where the line was when its program ended (B37) */
};

struct fleet_list {
	uint32_t count;
	uint8_t nodes[FLEET_LIST];
};

/* What happens at one moment; `index` is into the plan's array of that kind. */
struct fleet_act {
	uint64_t at_ms;
	uint32_t order, index; /* CALL, HANGUP: number of the call */
	uint8_t kind, line, node, fault;
	uint8_t left_out; /* by shrinking */
};

struct fleet_plan {
	struct scenario world; /* its static part: nodes, settings, links, seed */
	uint64_t seed;
	struct fleet_act *acts;
	size_t acts_count, acts_room;
	struct failover_sim_behaviour *behaviours;
	size_t behaviours_count, behaviours_room;
	struct failover_line_settings *settings;
	size_t settings_count, settings_room;
	struct fleet_list *lists;
	size_t lists_count, lists_room;
	struct failover_sim_link *links;
	size_t links_count, links_room;
	uint32_t calls_count;
	uint64_t heal_ms; /* from here on everything is well; 0 = it never is */
	uint32_t faults;  /* bits: which kinds may occur */
};

/* What a user asks for; 0 = as the seed decides. */
struct fleet_options {
	uint32_t requests, lines, targets, profile;
	uint32_t faults;    /* bits of enum fleet_fault */
	uint32_t emergency; /* 1: some calls are for help (B36) */
	uint32_t person;    /* 1: one probes, goes back, pins and unpins too */
};

/* plan.c, plan_world.c */
void plan_make(struct fleet_plan *plan, uint64_t seed, const struct fleet_options *options);
void plan_world(struct fleet_plan *plan, uint64_t *random, const struct fleet_options *options);
struct failover_line_settings plan_settings(const struct fleet_plan *plan, uint64_t *random,
					    const struct fleet_options *options);
void plan_free(struct fleet_plan *plan);
struct fleet_act *plan_act(struct fleet_plan *plan, uint64_t at_ms, enum fleet_act_kind kind);
void plan_sort(struct fleet_plan *plan);
const char *fault_name(enum fleet_fault fault);
/* plan_faults.c */
void plan_fault(struct fleet_plan *plan, uint64_t *random, uint64_t at_ms, enum fleet_fault fault);
void plan_heal(struct fleet_plan *plan);
uint32_t plan_behaviour(struct fleet_plan *plan, const struct failover_sim_behaviour *behaviour);
/* plan_read.c: from any scenario file; 0 or a negative error, told on stderr */
int plan_read(struct fleet_plan *plan, const char *path);
/* plan_write.c: as a scenario file */
void plan_write(const struct fleet_plan *plan, FILE *file, const char *failure);
const char *plan_act_text(const struct fleet_plan *plan, const struct fleet_act *act, char *text,
			  size_t size);

static inline uint64_t fleet_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* 0..bound-1 */
static inline uint32_t fleet_below(uint64_t *state, uint32_t bound)
{
	return bound > 1 ? (uint32_t)((fleet_random(state) >> 32) * bound >> 32) : 0;
}

/* ---- run ---------------------------------------------------------------------------------- */

/* Bugs that can be planted between the engine and those who judge it, to show that they judge. */
#define FLEET_MUTANTS(X)                                                                           \
	X(NONE, "none")                                                                            \
	X(ATTEMPT_TWICE, "attempt-twice")                                                          \
	X(ATTEMPT_DROPPED, "attempt-dropped")                                                      \
	X(OTHER_TARGET, "other-target")                                                            \
	X(BUDGET, "budget")                                                                        \
	X(NOT_LAST, "not-last")                                                                    \
	X(PROBE_UNASKED, "probe-unasked")                                                          \
	X(REGISTER_INSERTED, "register-inserted")                                                  \
	X(ABANDON_DROPPED, "abandon-dropped")                                                      \
	X(ABANDON_WRONG, "abandon-wrong")                                                          \
	X(RESULT_DROPPED, "result-dropped")                                                        \
	X(RESULT_TWICE, "result-twice")                                                            \
	X(RESULT_WRONG, "result-wrong")                                                            \
	X(MOVED_INVENTED, "moved-invented")                                                        \
	X(MOVED_DROPPED, "moved-dropped")                                                          \
	X(GRANTED_WRONG, "granted-wrong")                                                          \
	X(LOST_INVENTED, "lost-invented")                                                          \
	X(LOST_EATEN, "lost-eaten")                                                                \
	X(VERDICT_WRONG, "verdict-wrong")                                                          \
	X(GHOST, "ghost")                                                                          \
	X(ANSWER_EATEN, "answer-eaten")                                                            \
	X(PACKET_TOO_MANY, "packet-too-many")                                                      \
	X(TIMERS_LATE, "timers-late")                                                              \
	X(DEADLINE_PAST, "deadline-past")                                                          \
	X(STALE_CHANGES, "stale-changes")                                                          \
	X(OUTPUTS_MANY, "outputs-many")                                                            \
	X(LEAK, "leak")                                                                            \
	X(ALLOCATES, "allocates")                                                                  \
	X(NEVER_BACK, "never-back")                                                                \
	X(HASH_DIFFERS, "hash-differs")

#define FLEET_MUTANT_ENUM(name, text) MUTANT_##name,
enum fleet_mutant { FLEET_MUTANTS(FLEET_MUTANT_ENUM) MUTANT_COUNT };

struct fleet_totals {
	uint64_t seeds, requests, user_requests, steps, inputs, outputs, packets, virtual_ms;
	uint64_t moves, probes, calls_up, late_2xx, judged;
	uint64_t faults[FAULT_COUNT];
};

/* One request of the user's. */
struct fleet_request {
	uint64_t id;
	uint32_t method, call, ended, line; /* call: number + 1; 0 = none */
};

struct fleet_call {
	uint64_t invite; /* id of its request; 0 = never made */
	uint64_t cookie;
	struct failover_target target;
	uint8_t ended, up, bye, bye_answered, line, over;
};

struct fleet_seen; /* dialogs and INVITEs as packets show them: ghosts.c */

struct fleet {
	const struct fleet_plan *plan;
	struct failover_engine *engine;
	const struct failover_plugin *plugin;
	const struct failover_ext_sim *sim;
	struct failover_host host;
	void *inst;
	struct oracle *oracle;
	struct fleet_totals *totals;
	FILE *trace;
	enum fleet_mutant mutant;
	uint32_t mutant_in; /* chances to pass by before it strikes */
	int mutant_struck;
	uint64_t hash, random, now_ms;
	int hashed;	      /* somebody wants it */
	uint64_t timers_from; /* a planted bug: no timer before */
	uint32_t lines[FLEET_LINES];
	uint32_t numbers[SCENARIO_NODES]; /* of nodes in the simulated network */
	struct fleet_request *requests;
	size_t requests_count, requests_room;
	struct fleet_call *calls;
	struct {
		uint64_t attempt;
		uint32_t reason;
	} pending[64];
	uint32_t pending_count;
	int undrained;
	uint32_t calls_changed; /* bits of lines */
	uint32_t outputs_now;	/* of this input */
	long blocks, allocations;
	int building; /* allocation is allowed */
	struct fo_sim_table invites, dialogs;
	uint64_t old_attempts[64];
	uint32_t old_count;
	uint64_t steps;
	char failure[256];
};

/* run.c: run a plan; 0 = all held, else `failure` says what did not, and when; hash may be NULL */
int fleet_run(const struct fleet_plan *plan, enum fleet_mutant mutant, FILE *trace,
	      struct fleet_totals *totals, uint64_t *hash, char *failure, size_t size);
__attribute__((format(printf, 3, 4))) void fleet_fail(struct fleet *fleet, const char *rule,
						      const char *format, ...);
uint64_t fleet_cookie(const struct fleet *fleet, uint32_t call);

/* act.c */
int fleet_line_add(struct fleet *fleet, uint32_t line);
void fleet_act(struct fleet *fleet, const struct fleet_act *act);
void fleet_result(struct fleet *fleet, const struct failover_result *result);
/* Those whose calls are others than they were are told so (B32), once the outputs are out. */
void fleet_calls_tell(struct fleet *fleet);

/* stack.c: between engine and simulated stack */
struct failover_host fleet_host(struct fleet *fleet);
void fleet_drain(struct fleet *fleet);
void fleet_time(struct fleet *fleet, uint64_t now_ms);

/* mutant.c */
const char *mutant_name(enum fleet_mutant mutant);
/* Does it strike now? Once in a run. */
int mutant_strikes(struct fleet *fleet, enum fleet_mutant mutant);
/* How many times this output is to be seen; it may be changed. */
unsigned int mutant_output(struct fleet *fleet, struct failover_output *out);

/* ghosts.c: ACK and BYE for every 2xx (B7a) */
void ghosts_packet(struct fleet *fleet, const struct failover_sim_packet *packet);
void ghosts_check(struct fleet *fleet);
void ghosts_free(struct fleet *fleet);

/* trace.c: the hash, and text for people */
void trace_output(struct fleet *fleet, const struct failover_output *out);
void trace_packet(struct fleet *fleet, const struct failover_sim_packet *packet);
void trace_act(struct fleet *fleet, const struct fleet_act *act);

/* end.c: what must hold when everything has healed */
void fleet_end(struct fleet *fleet);
uint64_t fleet_bound_ms(const struct fleet_plan *plan);

/* shrink.c: the smallest plan that still fails in the same way; returns how many runs it took */
uint32_t plan_shrink(struct fleet_plan *plan, enum fleet_mutant mutant, char *failure, size_t size);

#endif
