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
#include <sys/queue.h>

/* So many may ring, and so many more may be the user's (B24e). */
#define PHONE_CALLS_PER_LINE 8u
/* A BYE for every call, and the registration's own requests are not counted. */
#define PHONE_REQUESTS_PER_LINE FAILOVER_LIMIT_REQUESTS
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
	TAILQ_ENTRY(phone_call) entries;
	struct phone_line *line;
	uint64_t id;	  /* the plugin's number, and the cookie of its requests */
	uint64_t request; /* INVITE or BYE under way, 0 = none */
	enum phone_call_state state;
	int hangup_wanted; /* the user hung up before the ACK came */
	int target_known;
	struct failover_target target; /* of the dialog (B9), else of the latest attempt */
};

struct phone_line {
	TAILQ_ENTRY(phone_line) leaving_entries;
	TAILQ_ENTRY(phone_line) touched_entries;
	TAILQ_HEAD(phone_calls, phone_call) calls; /* newest first */
	const struct failover_config_line *config; /* NULL while it leaves */
	uint32_t number;			   /* as configured */
	uint32_t id;				   /* the engine's */
	uint32_t calls_count;
	struct phone_line_plan *change; /* what it becomes (LINE_CHANGES) */
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
	struct failover_ext_call_events call_events;
	struct phone_map lines_by_id, lines_by_number, calls;
	struct phone_resolver *resolver;
	struct phone_network *network; /* NULL = changes are not noticed */
	struct phone_map names;	       /* struct phone_names of each enabled line, by its number */
	struct phone_reload *reload;   /* read, and waits for its names; or NULL */
	struct phone_lines leaving;    /* in order of stage_until */
	struct phone_lines touched;
	struct failover_io_fd *fds; /* of the stack, of the resolver, of the network */
	uint32_t fds_room, fds_of_stack;
	char input[PHONE_COMMAND_BYTES + 1];
	size_t input_used;
	int input_skips; /* the rest of a line that was too long */
	int only_ipv4; /* where no address to listen at is given */
	int quitting;
	int exit_status;
};

/* phone.c: the whole */
int phone_run(const struct phone_options *options); /* returns the exit status */
uint64_t phone_now(const struct phone *phone);
void phone_quit(struct phone *phone);

/* stack.c: the plugin and the engine */
int phone_stack_open(struct phone *phone);
void phone_stack_close(struct phone *phone);

/* line.c: lines */
struct phone_line *phone_line_of(const struct phone *phone, uint32_t number); /* 0 = the first */
/* What one line of the configuration comes to, as far as its names are known. */
struct phone_line_plan {
	const struct failover_config_line *config;
	struct phone_names *names; /* NULL = the line is off */
	uint32_t targets_count;	   /* 0 = none is known */
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
};
int phone_line_add(struct phone *phone, const struct phone_line_plan *plan);
int phone_line_update(struct phone *phone, struct phone_line *line,
		      const struct phone_line_plan *plan);
/* The same line, perhaps at new addresses (B1b). */
int phone_line_retarget(struct phone *phone, struct phone_line *line,
			const struct phone_line_plan *plan);
/* "primary", "backup via proxy 1": the server of a target, for people; returns buffer. */
const char *phone_line_where(const struct phone_line *line, const struct failover_target *target,
			     char *buffer, size_t size);

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
void phone_config_reload(struct phone *phone);
/* Names have been answered: one that waits may take effect now. */
void phone_config_continue(struct phone *phone);
/* Forget one that waits. */
void phone_config_drop(struct phone *phone);

/* call.c: calls */
void phone_call_events_set(struct phone *phone);
void phone_call_start(struct phone *phone, struct phone_line *line, const char *uri);
void phone_call_answer(struct phone *phone, struct phone_line *line);
/* The newest call of the line; returns 0, or -1 when it has none. */
int phone_call_hangup(struct phone *phone, struct phone_line *line);
void phone_call_attempt(struct phone *phone, struct phone_line *line,
			const struct failover_event *event);
void phone_call_result(struct phone *phone, const struct failover_result *result);
void phone_call_free(struct phone *phone, struct phone_call *call);

/* console.c: standard input */
int phone_console_read(struct phone *phone); /* 1 = it has ended */

#endif
