/* SPDX-License-Identifier: MIT */
/* wire.c - the life of a wire, what goes in, and the hooks by which the core asks it to send. */
#include <stdlib.h>
#include <string.h>
#include "../libfailover/core/sized.h"
#include "../ua/edits.h"
#include "../ua/pump.h"
#include "../ua/send.h"
#include "wire.h"

#define DIALOGS_DEFAULT 8192u
#define SELF "failover.wire/self"

/* ---- hooks -------------------------------------------------------------------------------- */

static int hook_open(const struct failover_host *host, const struct failover_open_params *params,
		     void **inst)
{
	struct failover_wire *wire =
		(struct failover_wire *)(uintptr_t)host->get_extension(host->ctx, SELF);
	struct ua_map *const maps[] = { &wire->requests, &wire->cookie_table, &wire->dialogs,
					&wire->lines };
	uint64_t key[2];
	const struct ua_stack *stack = wire->over ? wire->over->stack : &fo_wire_stack;
	int error = ua_init(&wire->ua, stack, host, params);
	size_t i;

	if (!error)
		error = host->random(host->ctx, key, sizeof(key));
	for (i = 0; !error && i < sizeof(maps) / sizeof(maps[0]); i++)
		error = ua_map_init(maps[i], key);
	*inst = wire;
	return error;
}

static void free_tables(struct failover_wire *wire)
{
	fo_wire_requests_drop(wire, 0);
	fo_wire_dialogs_free(wire, 0);
	fo_wire_lines_free(wire);
	ua_map_free(&wire->requests);
	ua_map_free(&wire->cookie_table);
	ua_map_free(&wire->dialogs);
	ua_map_free(&wire->lines);
	fo_wire_outputs_free(wire);
}

static void hook_close(void *inst)
{
	struct failover_wire *wire = inst;

	ua_end(&wire->ua);
	if (wire->over)
		wire->over->end(wire->user);
	free_tables(wire);
	ua_clear(&wire->ua);
}

/* The library's own requests are the user agent's. */
static int hook_send(void *inst, const struct failover_attempt *attempt)
{
	struct failover_wire *wire = inst;

	if (!attempt->cookie || attempt->method == FAILOVER_REGISTER ||
	    attempt->method == FAILOVER_CANCEL)
		return ua_send(&wire->ua, attempt);
	return fo_wire_leg_send(wire, attempt);
}

static void hook_response(void *inst, const struct failover_result *result)
{
	if (result->method == FAILOVER_REGISTER)
		fo_wire_register_result(inst, result);
	else
		fo_wire_request_result(inst, result);
}

static const struct failover_plugin plugin = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "wire",
	.version = "1",
	.stack = "the host's own",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_STOPS | FAILOVER_CAP_TCP |
			FAILOVER_CAP_TLS,
	.open = hook_open,
	.close = hook_close,
	.send = hook_send,
	.timeout = ua_timeout,
	.response = hook_response,
};

/* ---- what the host layer asks ------------------------------------------------------------- */

static uint64_t host_now(void *user)
{
	return ((struct failover_wire *)user)->now;
}

static void host_event(void *user, const struct failover_event *event)
{
	struct failover_wire *wire = user;

	if (wire->event)
		wire->event(wire->user, event);
}

static void host_log(void *user, uint32_t level, const char *text)
{
	struct failover_wire *wire = user;

	if (wire->log)
		wire->log(wire->user, level, text);
}

static void host_result(void *user, const struct failover_result *result)
{
	struct failover_wire *wire = user;

	if (wire->over && wire->over->result)
		wire->over->result(wire->user, result);
}

static const void *host_extension(void *user, const char *id)
{
	const struct failover_wire *wire = user;

	if (!strcmp(id, SELF))
		return user;
	return wire->over && wire->over->get_extension ? wire->over->get_extension(wire->user, id)
						       : NULL;
}

/* ---- life --------------------------------------------------------------------------------- */

static int open_stack(struct failover_wire *wire, const struct failover_wire_params *params)
{
	struct failover_stack_params stack = { .size = sizeof(stack),
					       .engine = params->engine,
					       .user = wire,
					       .now = host_now,
					       .event = host_event,
					       .result = host_result,
					       .log = host_log,
					       .get_extension = host_extension };

	stack.open.size = sizeof(stack.open);
	stack.open.accept_any = params->accept_any;
	stack.open.accept = params->accept;
	stack.open.accept_count = params->accept_count;
	stack.open.device = params->device;
	stack.open.user_agent = wire->over ? wire->over->user_agent : NULL;
	return failover_stack_open(&plugin, &stack, &wire->stack);
}

int failover_wire_new(const struct failover_wire_params *given, uint64_t now,
		      struct failover_wire **out)
{
	return fo_wire_new(given, NULL, now, out);
}

int fo_wire_new(const struct failover_wire_params *given, const struct fo_wire_over *over,
		uint64_t now, struct failover_wire **out)
{
	struct failover_wire_params params;
	struct failover_wire *wire;
	int error;

	if (!given || !out)
		return FAILOVER_ERR_ARGUMENT;
	error = fo_sized_take(&params, sizeof(params), given,
			      FO_SIZE_WITH(struct failover_wire_params, log));
	if (error)
		return error;
	if (!params.engine || !params.local.family ||
	    params.max_dialogs > FAILOVER_WIRE_LIMIT_DIALOGS ||
	    (params.accept_count && !params.accept))
		return FAILOVER_ERR_ARGUMENT;
	wire = calloc(1, sizeof(*wire));
	if (!wire)
		return FAILOVER_ERR_MEMORY;
	STAILQ_INIT(&wire->outputs);
	TAILQ_INIT(&wire->dialogs_by_age);
	TAILQ_INIT(&wire->due);
	wire->over = over;
	wire->engine = params.engine;
	wire->local[0] = params.local;
	wire->local[1] = params.local_too;
	wire->dialogs_most = params.max_dialogs ? params.max_dialogs : DIALOGS_DEFAULT;
	wire->now = now;
	wire->user = params.user;
	wire->event = params.event;
	wire->log = params.log;
	error = open_stack(wire, &params);
	if (error) {
		free_tables(wire);
		ua_clear(&wire->ua);
		free(wire);
		return error;
	}
	*out = wire;
	return FAILOVER_OK;
}

void failover_wire_free(struct failover_wire *wire)
{
	if (!wire)
		return;
	failover_stack_close(wire->stack);
	free(wire);
}

void fo_wire_enter(struct failover_wire *wire, uint64_t now)
{
	if (now > wire->now)
		wire->now = now;
}

int fo_wire_is_full(const struct failover_wire *wire)
{
	return wire->outputs_count >= FAILOVER_WIRE_LIMIT_OUTPUTS;
}

/* What has been asked of the core is done, and what waited for room in it. The lines that nothing
 * has happened to cost nothing (B19). */
void fo_wire_settle(struct failover_wire *wire)
{
	struct fo_wire_queue *queue;
	int error = FAILOVER_OK;

	(void)failover_dispatch(wire->stack);
	while (!error && (queue = TAILQ_FIRST(&wire->due))) {
		struct fo_wire_line *line = queue->line;

		fo_wire_line_not_due(wire, line);
		error = fo_wire_request_next(line);
		if (error)
			fo_wire_line_due(wire, line);
		(void)failover_dispatch(wire->stack);
	}
}

/* ---- in ----------------------------------------------------------------------------------- */

static int send_cancel(struct failover_wire *wire, struct fo_wire_line *line,
		       const struct ua_message *message)
{
	struct fo_wire_request *invite = fo_wire_request_find(wire, line, message, "INVITE");

	fo_wire_made_to(wire, line->line, message, invite ? 200 : 481, "");
	if (invite)
		fo_wire_request_cancel(invite);
	return FAILOVER_OK;
}

/* The ACK of a failure ends here: each leg has sent its own (RFC 3261 17.1.1.3). */
static int send_ack(struct failover_wire *wire, struct fo_wire_line *line,
		    const struct ua_message *message, struct ua_part bytes)
{
	const struct fo_wire_request *invite = fo_wire_request_find(wire, line, message, "INVITE");

	if (invite && (!invite->status || invite->status >= 300))
		return FAILOVER_OK;
	return fo_wire_ack(wire, line, message, bytes);
}

static int take(struct failover_wire *wire, struct fo_wire_line *line,
		const struct ua_message *message, struct ua_part bytes)
{
	if (message->raw.is_response || message->why || message->view.refusal)
		return FAILOVER_ERR_ARGUMENT;
	if (!strcmp(message->raw.method, "CANCEL"))
		return send_cancel(wire, line, message);
	if (!strcmp(message->raw.method, "ACK"))
		return send_ack(wire, line, message, bytes);
	return fo_wire_request_take(wire, line, message, bytes);
}

int failover_wire_send(struct failover_wire *wire, uint32_t number, const char *bytes, size_t count,
		       uint64_t now)
{
	struct fo_wire_line *line = fo_wire_line_find(wire, number);
	struct ua_message message;
	int error;

	fo_wire_enter(wire, now);
	if (!line)
		return FAILOVER_ERR_STALE;
	if (!bytes || !count || count > FAILOVER_WIRE_MESSAGE_MAX)
		return FAILOVER_ERR_ARGUMENT;
	if (fo_wire_is_full(wire))
		return FAILOVER_ERR_FULL;
	error = ua_message_read(&message, bytes, count, &wire->local[0]);
	if (!error)
		error = take(wire, line, &message,
			     ua_message_bytes(&message.raw, (struct ua_part){ bytes, count }));
	ua_message_free(&message);
	if (error)
		wire->counters.refused++;
	fo_wire_settle(wire);
	return error;
}

static void hear(struct failover_wire *wire, struct ua_message *message)
{
	struct ua *ua = &wire->ua;
	const char *why = message->why;

	if (!message->raw.is_response) {
		fo_wire_peer_request(wire, message);
		return;
	}
	if (!why && !fo_wire_leg_has_vias(ua, message))
		why = "Via";
	if (why) {
		ua->counters.garbage++;
		ua_bad_answer(ua, &message->view, message->raw.first_line, why);
	} else {
		ua_response(ua, &message->view);
	}
}

int failover_wire_received(struct failover_wire *wire, const struct failover_target *from,
			   const char *bytes, size_t count, uint64_t now)
{
	struct ua_message message;
	int is_huge = count > FO_WIRE_RECEIVED_MAX;

	fo_wire_enter(wire, now);
	if (!from || !bytes || (from->family != 4 && from->family != 6))
		return FAILOVER_ERR_ARGUMENT;
	if (fo_wire_is_full(wire))
		return FAILOVER_ERR_FULL;
	if (!is_huge && !ua_pump_screen(&wire->ua, bytes, count))
		return FAILOVER_OK;
	if (is_huge || ua_message_read(&message, bytes, count, from)) {
		wire->ua.counters.garbage++;
	} else {
		wire->incoming = bytes;
		wire->incoming_count =
			ua_message_bytes(&message.raw, (struct ua_part){ bytes, count }).length;
		hear(wire, &message);
		wire->incoming = NULL;
	}
	if (!is_huge)
		ua_message_free(&message);
	fo_wire_settle(wire);
	return FAILOVER_OK;
}

/* ---- trouble ------------------------------------------------------------------------------ */

/* A connection: who waits on it, and the lines that are registered over it. */
static void connection_lost(struct failover_wire *wire, const struct failover_wire_trouble *trouble)
{
	struct ua_map_node *node = ua_map_walk(&wire->ua.clients, NULL), *next;

	for (; node; node = next) {
		struct ua_client *client = UA_CONTAINER(node, struct ua_client, by_branch);

		next = ua_map_walk(&wire->ua.clients, node);
		if (client->attempt.target.transport == trouble->peer.transport &&
		    ua_address_same(&client->attempt.target, &trouble->peer))
			fo_wire_leg_lost(client, trouble->reason);
	}
	ua_flow_lost(&wire->ua, &trouble->peer, 0);
}

static void icmp(struct failover_wire *wire, const struct failover_wire_trouble *trouble)
{
	struct ua_icmp error = { .to = trouble->peer, .is_local = trouble->is_local != 0 };

	error.quoted = trouble->quoted_count;
	if (error.quoted > sizeof(error.quote))
		error.quoted = sizeof(error.quote);
	if (error.quoted)
		memcpy(error.quote, trouble->quoted, error.quoted);
	wire->ua.counters.icmp++;
	ua_undelivered(&wire->ua, &error);
}

int failover_wire_trouble(struct failover_wire *wire, const struct failover_wire_trouble *given,
			  uint64_t now)
{
	struct failover_wire_trouble trouble;
	int error;

	fo_wire_enter(wire, now);
	if (!given)
		return FAILOVER_ERR_ARGUMENT;
	error = fo_sized_take(&trouble, sizeof(trouble), given,
			      FO_SIZE_WITH(struct failover_wire_trouble, quoted_count));
	if (error)
		return error;
	if (trouble.quoted_count && !trouble.quoted)
		return FAILOVER_ERR_ARGUMENT;
	if (trouble.peer.transport == FAILOVER_UDP)
		icmp(wire, &trouble);
	else if (trouble.reason >= FAILOVER_REASON_REFUSED && trouble.reason <= FAILOVER_REASON_TLS)
		connection_lost(wire, &trouble);
	else
		return FAILOVER_ERR_ARGUMENT;
	fo_wire_settle(wire);
	return FAILOVER_OK;
}

/* ---- time --------------------------------------------------------------------------------- */

void failover_wire_handle_timeout(struct failover_wire *wire, uint64_t now)
{
	fo_wire_enter(wire, now);
	if (fo_wire_is_full(wire))
		return;
	ua_run_timers(&wire->ua);
	failover_handle_timeout(wire->engine, wire->now);
	fo_wire_settle(wire);
}

uint64_t failover_wire_next_deadline(const struct failover_wire *wire)
{
	uint64_t own = ua_deadline(&wire->ua), core = failover_next_deadline(wire->engine);

	return own < core ? own : core;
}

void failover_wire_statistics(const struct failover_wire *wire,
			      struct failover_wire_statistics *out)
{
	struct failover_wire_statistics is = wire->counters;

	is.size = sizeof(is);
	is.dialogs = wire->dialogs_count;
	is.garbage = wire->ua.counters.garbage;
	is.unmatched = wire->ua.counters.unmatched;
	is.foreign = wire->ua.counters.foreign;
	is.forged = wire->ua.counters.forged;
	fo_sized_give(out, &is, sizeof(is), FO_SIZE_WITH(struct failover_wire_statistics, lost));
}
