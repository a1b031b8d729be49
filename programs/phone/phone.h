/* SPDX-License-Identifier: MIT */
/* phone.h - the state of the phone, and what its parts offer to each other. */
#ifndef PHONE_PHONE_H
#define PHONE_PHONE_H

#include "command.h"
#include "loop.h"
#include "map.h"
#include "names.h"
#include "network.h"
#include "options.h"
#include "report.h"

#include <failover/config.h>
#include <failover/ext/call.h>
#include <failover/ext/line.h>
#include <failover/ext/subscription.h>
#include <failover/ext/wakeup.h>
#include <jansson.h>
#include <sys/queue.h>

/* So many may ring, and so many more may be the user's (B24e). */
#define PHONE_CALLS_PER_LINE 8u
/* A BYE for every call, and the registration's own requests are not counted. */
#ifndef PHONE_REQUESTS_FIRST
#define PHONE_REQUESTS_FIRST 2u /* a line gets room for more when it needs it */
#endif
#define PHONE_REQUESTS_MORE 6u
/* Leaving has two stages, hanging up and removing the registration, changing has one, each bounded
 * by this. */
#define PHONE_LEAVE_STAGE_MS 1000u

enum phone_line_stage {
	LINE_STAYS,
	LINE_CHANGES, /* its old bindings are being removed (B24b) */
	LINE_HANGS_UP,
	LINE_UNREGISTERS,
};

enum phone_call_state {
	CALL_NEW,      /* outgoing, no packet yet */
	CALL_CALLING,  /* outgoing, no sign of ringing */
	CALL_RINGING,  /* outgoing */
	CALL_INCOMING, /* waits for the user */
	CALL_ANSWERED, /* incoming, the ACK is awaited */
	CALL_UP,
	CALL_ENDING, /* given up, or BYE under way */
};

struct phone_call {
	TAILQ_ENTRY(phone_call) entries, byes_entries;
	struct phone_line *line;
	uint64_t id;	  /* the plugin's number, and the cookie of its requests */
	uint64_t request; /* INVITE or BYE under way, 0 = none */
	enum phone_call_state state;
	int hangup_wanted; /* the user hung up before the ACK came */
	int bye_waits;	   /* for room in the engine */
	int is_emergency;  /* B36 */
	int target_known;
	struct failover_target target; /* of the dialog (B9), else of the latest attempt */
};

/* Why a command could not be done: a sentence. */
struct phone_why {
	char text[384];
};

/* How one of the line's subscriptions stands. */
struct phone_subscription;

struct phone_line {
	TAILQ_ENTRY(phone_line) leaving_entries;
	TAILQ_ENTRY(phone_line) touched_entries;
	TAILQ_HEAD(phone_calls, phone_call) calls; /* newest first */
	const struct failover_config_line *config; /* NULL while it leaves */
	uint32_t number;			   /* as configured */
	uint32_t id;				   /* the engine's */
	uint32_t calls_count, calls_up;
	uint32_t requests_max;		/* so many of the user's have room in the engine */
	struct phone_line_plan *change; /* what it becomes (LINE_CHANGES) */
	uint32_t granted_s;		/* of the registration, 0 = none */
	uint64_t served_since;		/* by the target of now; 0 = by none */
	struct failover_target served;
	struct phone_subscription *subscriptions; /* heard of so far */
	enum phone_line_stage stage;
	uint64_t stage_until; /* while it leaves */
	int touched;	      /* on the list of lines to look at */
};

TAILQ_HEAD(phone_lines, phone_line);

struct phone {
	struct phone_options options;
	struct phone_report report;
	struct phone_loop *loop;
	struct failover_config *config;
	struct failover_engine *engine;
	const struct failover_plugin *plugin;
	void *plugin_handle;
	struct failover_stack *stack;
	void *inst; /* the plugin's */
	const struct failover_ext_line *ext_line;
	const struct failover_ext_call *ext_call; /* may be NULL, like the next */
	const struct failover_ext_io *ext_io;
	const struct failover_ext_subscription *ext_subscription;
	struct failover_ext_subscription_events subscription_events;
	struct failover_ext_call_events call_events;
	struct phone_map lines_by_id, lines_by_number, calls;
	struct phone_resolver *resolver;
	struct phone_state *state;
	struct phone_web *web;	       /* NULL = no page */
	struct phone_wakeup *wakeup;   /* NULL = the stack has not asked for it */
	struct phone_network *network; /* NULL = changes are not noticed */
	struct phone_map names;	       /* struct phone_names of each enabled line, by its number */
	struct phone_reload *reload;   /* read, and waits for its names; or NULL */
	struct phone_reload *start;    /* whose lines start; or NULL */
	struct phone_lines leaving;    /* in order of stage_until */
	struct phone_lines touched;
	struct phone_calls byes;    /* whose BYE waits for room in the engine */
	struct failover_io_fd *fds; /* of the stack, of the resolver, of the network */
	uint32_t fds_room, fds_of_stack;
	char input[PHONE_COMMAND_BYTES + 1];
	size_t input_used;
	int input_skips; /* the rest of a line that was too long */
	int only_ipv4;	 /* where no address to listen at is given */
	int quitting;
	int exit_status;
};

/* phone.c: the whole */
int phone_run(const struct phone_options *options); /* returns the exit status */
void phone_quit(struct phone *phone);
/* What follows every input: let the engine act, hand out what it says, wait for what is next. */
void phone_turn(struct phone *phone);

/* engine.c: the engine, and what is heard of it; `user` is the phone */
int phone_engine_open(struct phone *phone);
void phone_on_event(void *user, const struct failover_event *event);
void phone_on_result(void *user, const struct failover_result *result);
void phone_on_log(void *user, uint32_t level, const char *text);
const void *phone_on_get_extension(void *user, const char *id);
/* Where to listen: the address given or all of them; the port given or the configured one. */
struct failover_target phone_listen_at(const struct phone *phone);
/* Where it does. */
void phone_listen_say(struct phone *phone);

/* stack.c: what sends, which another program may have in its place */
int phone_stack_open(struct phone *phone);
/* Print what the plugin claims to do; returns the exit status. */
int phone_stack_claims(const struct phone_options *options);
/* What the program has counted beside its lines, name by name: "counted", what only rises, and
 * "now". To be released; NULL = nothing. */
json_t *phone_stack_counters(const struct phone *phone);
void phone_stack_close(struct phone *phone);
/* Hand out what the engine says. */
void phone_stack_turn(struct phone *phone);
uint64_t phone_now(const struct phone *phone);

/* wakeup.c: stacks with threads of their own */
/* NULL = there is no memory or descriptor. */
const struct failover_ext_wakeup *phone_wakeup_offer(struct phone *phone);
/* After the stack has been closed. */
void phone_wakeup_close(struct phone *phone);

/* line.c: lines */
struct phone_line *phone_line_of(const struct phone *phone, uint32_t number); /* 0 = the first */
/* What one line of the configuration comes to, as far as its names are known. */
struct phone_line_plan {
	const struct failover_config_line *config;
	struct phone_names *names; /* NULL = the line is off */
	uint32_t targets_count;	   /* 0 = none is known */
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
};
int phone_line_add(struct phone *phone, const struct phone_line_plan *plan, int registers);
/* Its first REGISTER, if nobody has asked for one meanwhile. */
void phone_line_begin(struct phone *phone, const struct phone_line *line);
int phone_line_update(struct phone *phone, struct phone_line *line,
		      const struct phone_line_plan *plan);
/* failover_submit(), with room for the request if the line may have more of them. */
int phone_line_submit(struct phone *phone, struct phone_line *line,
		      const struct failover_request_params *params, uint64_t *request);
/* The same line, perhaps at new addresses (B1b). */
int phone_line_retarget(struct phone *phone, struct phone_line *line,
			const struct phone_line_plan *plan);

/* leave.c: lines that go: hang up, remove the registration, forget; and those that change */
/* Another account or other servers: first the old bindings are removed (B24b). */
int phone_line_change(struct phone *phone, struct phone_line *line,
		      const struct phone_line_plan *plan);
void phone_line_leave(struct phone *phone, struct phone_line *line);
/* Look at this line once the engine's outputs are handed out. */
void phone_line_touch(struct phone *phone, struct phone_line *line);
/* Bring leaving lines on; returns 1 if there was something to do. */
int phone_lines_step(struct phone *phone);
uint64_t phone_lines_deadline(const struct phone *phone);
/* Drop a line without a word on the wire. */
void phone_line_free(struct phone *phone, struct phone_line *line);

/* lookup.c: names of lines */
int phone_lookup_open(struct phone *phone);
void phone_lookup_close(struct phone *phone);
/* From now on these are the line's names; NULL = it has none any more. */
void phone_lookup_keep(struct phone *phone, uint32_t number, struct phone_names *names);
/* Every name is known or has failed; or at least the most preferred one is known. */
int phone_plan_ready(const struct phone_line_plan *plan);
/* Do what is new; returns 1 if there was something. */
int phone_lookup_step(struct phone *phone);
/* How the line's names stand. */
void phone_lookup_say(struct phone *phone, uint32_t number);

/* reload.c: the configuration */
int phone_config_load(struct phone *phone, struct failover_config **config);
int phone_config_start(struct phone *phone);
/* Start some more lines, as far as it is time. */
void phone_config_start_step(struct phone *phone);
/* When there is more to start. */
uint64_t phone_config_start_at(const struct phone *phone);
void phone_config_reload(struct phone *phone);
/* The same with one that has been read; takes it. Returns -1 where it cannot hold: there is no
 * memory, or no address of a server is known. */
int phone_config_take(struct phone *phone, struct failover_config *config);
/* 1 if some of what differs takes effect at the next start only. */
int phone_config_waits(const struct failover_config *old, const struct failover_config *config);
/* Names have been answered: one that waits may take effect now. Returns -1 if it cannot hold. */
int phone_config_continue(struct phone *phone);
/* Forget one that waits. */
void phone_config_drop(struct phone *phone);
/* At the end. */
void phone_config_close(struct phone *phone);

/* call.c: calls */
void phone_call_events_set(struct phone *phone);
/* These return 0, or -1 with a reason. */
int phone_call_start(struct phone *phone, struct phone_line *line, const char *uri,
		     struct phone_why *why);
int phone_call_answer(struct phone *phone, struct phone_line *line, struct phone_why *why);
/* The newest call of the line; returns 0, or -1 when it has none. */
int phone_call_hangup(struct phone *phone, struct phone_line *line);
void phone_call_attempt(struct phone *phone, struct phone_line *line,
			const struct failover_event *event);
void phone_call_result(struct phone *phone, const struct failover_result *result);
void phone_call_free(struct phone *phone, struct phone_call *call);
/* Send the BYEs that have waited for room; returns 1 if there was some. */
int phone_calls_step(struct phone *phone);

/* subscription.c: what lines are subscribed to (B40) */
void phone_subscription_events_set(struct phone *phone);
/* What the line's configuration asks for from now on. */
void phone_subscriptions_set(struct phone *phone, uint32_t id,
			     const struct failover_config_line *config);
/* The line may be served by another target. */
void phone_subscriptions_follow(struct phone *phone, const struct phone_line *line);
void phone_subscriptions_say(struct phone *phone, const struct phone_line *line);
/* The line leaves: end them at their servers. */
void phone_subscriptions_end(struct phone *phone, const struct phone_line *line);
void phone_subscriptions_free(struct phone_line *line);

/* control.c: each command of a line */
enum phone_control {
	CONTROL_DONE = 0,
	CONTROL_NO_LINE, /* there is no such line */
	CONTROL_NOT_NOW, /* it cannot be done now */
};
/* Do what a person or a program asks a line for; *why says why not. Outputs are handed out later.
 */
enum phone_control phone_control(struct phone *phone, const struct phone_command *command,
				 struct phone_why *why);
/* Write the reason; returns -1. */
int phone_because(struct phone_why *why, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* status.c: how a line stands */
/* "primary", "primary via backup proxy": the server of a target, for people; returns buffer. */
const char *phone_line_where(const struct phone_line *line, const struct failover_target *target,
			     char *buffer, size_t size);
void phone_status_event(struct phone_line *line, const struct failover_event *event);
/* Each line of the configuration as an object, in its order; to be released, NULL = no memory. */
json_t *phone_status_lines(const struct phone *phone);
/* One of them, or NULL where the configuration has no such line. */
json_t *phone_status_line(const struct phone *phone, uint32_t number);
/* What would happen now to a REGISTER, an INVITE and a BYE, or NULL where no such line is in use.
 */
json_t *phone_status_plan(const struct phone *phone, uint32_t number);
/* "good", "dead" ...; fixed text. */
const char *phone_health_text(uint32_t state);

/* web.c: the page */
/* Returns 0 also where none is wanted; else -1 and a message. */
int phone_web_open(struct phone *phone);
void phone_web_close(struct phone *phone);
/* After the loop has gone: it ends the page's connections with the module's code. */
void phone_web_unload(struct phone *phone);
void phone_web_line_changed(struct phone *phone, uint32_t number);
void phone_web_config_changed(struct phone *phone);

/* web_config.c: the configuration as the page has it */
void phone_web_revision(const struct phone *phone, char text[32]);
json_t *phone_web_config(const struct phone *phone);
/* Change the file, and let it take effect. Returns the answer, *status is that of HTTP. */
json_t *phone_web_apply(struct phone *phone, const json_t *patch, int *status);

/* state.c: where each line was, over a restart (B37) */
/* Read it; returns -1 where there is no memory. */
int phone_state_open(struct phone *phone);
/* A new line of the engine, which has done nothing yet, begins where it was. */
void phone_state_begin(struct phone *phone, uint32_t id, const struct phone_line_plan *plan);
void phone_state_event(struct phone *phone, const struct phone_line *line,
		       const struct failover_event *event);
/* Write what is new, when it is time. */
void phone_state_step(struct phone *phone);
uint64_t phone_state_deadline(const struct phone *phone);
void phone_state_close(struct phone *phone);

/* console.c: standard input */
int phone_console_read(struct phone *phone); /* 1 = it has ended */

#endif
