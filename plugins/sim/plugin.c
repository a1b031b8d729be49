/* SPDX-License-Identifier: MIT */
/* plugin.c - the descriptor, hooks and extensions of the simulated stack. */
#include <stdlib.h>
#include <string.h>
#include "plugins/sim/client.h"
#include "plugins/sim/text.h"

static int sim_open(const struct failover_host *host, const struct failover_open_params *params,
		    void **inst)
{
	struct fo_sim *sim = calloc(1, sizeof(*sim));

	(void)params; /* it has no socket to listen on */
	if (!sim)
		return FAILOVER_ERR_MEMORY;
	sim->host = host;
	*inst = sim;
	return 0;
}

static void sim_close(void *inst)
{
	fo_sim_world_free(inst);
}

static int sim_send(void *inst, const struct failover_attempt *attempt)
{
	return fo_sim_client_send(inst, attempt);
}

static int sim_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	return fo_sim_client_timeout(inst, attempt, reason);
}

static void sim_response(void *inst, const struct failover_result *result)
{
	fo_sim_request_forget(inst, result->request);
	if (result->method == FAILOVER_BYE)
		fo_sim_call_forget(inst, result->cookie);
}

static void sim_seed(void *inst, uint64_t seed)
{
	((struct fo_sim *)inst)->random = seed;
}

static void sim_quirks(void *inst, uint32_t quirks)
{
	((struct fo_sim *)inst)->quirks = quirks;
}

static void sim_observe(void *inst, failover_sim_observer *observer, void *user)
{
	struct fo_sim *sim = inst;

	sim->observer = observer;
	sim->observer_user = user;
}

static uint64_t sim_now(void *inst)
{
	return ((struct fo_sim *)inst)->now_ms;
}

static uint64_t sim_next(void *inst)
{
	const struct fo_sim_event *top = fo_sim_heap_top(&((struct fo_sim *)inst)->calendar);

	return top ? top->at_ms : UINT64_MAX;
}

static int sim_step(void *inst, uint64_t now)
{
	return fo_sim_world_step(inst, now);
}

static int sim_server_add(void *inst, const struct failover_sim_server_params *params,
			  uint32_t *server)
{
	return fo_sim_server_add(inst, params, server);
}

static struct fo_sim_server *server_of(void *inst, uint32_t number)
{
	struct fo_sim *sim = inst;

	return number < sim->servers_count ? sim->servers[number] : NULL;
}

static int sim_server_set(void *inst, uint32_t number,
			  const struct failover_sim_behaviour *behaviour)
{
	struct fo_sim_server *server = server_of(inst, number);

	if (!server || behaviour->mode > FAILOVER_SIM_NO_ROUTE)
		return FAILOVER_ERR_ARGUMENT;
	server->behaviour = *behaviour;
	return 0;
}

static int sim_server_get(void *inst, uint32_t number, struct failover_sim_behaviour *out)
{
	const struct fo_sim_server *server = server_of(inst, number);

	if (!server)
		return FAILOVER_ERR_ARGUMENT;
	*out = server->behaviour;
	return 0;
}

static int sim_link_set(void *inst, uint32_t number, const struct failover_sim_link *link)
{
	struct fo_sim_server *server = server_of(inst, number);

	if (!server || link->loss_percent > 100 || link->duplicate_percent > 100)
		return FAILOVER_ERR_ARGUMENT;
	server->link = *link;
	return 0;
}

static int sim_server_state(void *inst, uint32_t number, struct failover_sim_server_state *out)
{
	const struct fo_sim_server *server = server_of(inst, number);

	if (!server)
		return FAILOVER_ERR_ARGUMENT;
	fo_sim_store_state(server->store, ((struct fo_sim *)inst)->now_ms, out);
	out->requests = server->requests;
	out->invites_up = server->invites_up;
	out->acked = server->acked;
	out->byes = server->byes;
	return 0;
}

static int sim_server_forget(void *inst, uint32_t number)
{
	struct fo_sim_server *server = server_of(inst, number);

	if (!server)
		return FAILOVER_ERR_ARGUMENT;
	fo_sim_store_forget(server->store);
	return 0;
}

static int schedule_report(void *inst, uint32_t number, uint32_t line, enum fo_sim_event_kind kind)
{
	struct fo_sim_server *server = server_of(inst, number);
	struct fo_sim_event event = { .kind = kind, .key = line, .server = number };
	struct fo_sim *sim = inst;

	if (!server)
		return FAILOVER_ERR_ARGUMENT;
	return fo_sim_schedule(sim, sim->now_ms + server->link.delay_ms, event);
}

static int sim_server_calls(void *inst, uint32_t number, uint32_t line)
{
	return schedule_report(inst, number, line, FO_SIM_HEARD);
}

static int sim_server_closes(void *inst, uint32_t number, uint32_t line)
{
	return schedule_report(inst, number, line, FO_SIM_LOST);
}

static uint32_t sim_ghosts(void *inst)
{
	return fo_sim_call_ghosts(inst);
}

static uint32_t sim_calls(void *inst)
{
	return (uint32_t)((struct fo_sim *)inst)->calls.count;
}

static int sim_line_set(void *inst, const struct failover_line_identity *identity)
{
	return fo_sim_identity_set(inst, identity);
}

static void sim_line_remove(void *inst, uint32_t line)
{
	fo_sim_identity_remove(inst, line);
}

static int sim_line_targets(void *inst, uint32_t line, const struct failover_target *targets,
			    uint32_t count)
{
	(void)inst, (void)line, (void)targets, (void)count; /* it takes no requests from outside */
	return 0;
}

static const void *sim_get_extension(const char *id)
{
	static const struct failover_ext_sim sim = {
		.size = sizeof(sim),
		.seed = sim_seed,
		.quirks = sim_quirks,
		.observe = sim_observe,
		.now = sim_now,
		.next = sim_next,
		.step = sim_step,
		.server_add = sim_server_add,
		.server_set = sim_server_set,
		.server_get = sim_server_get,
		.link_set = sim_link_set,
		.server_state = sim_server_state,
		.server_forget = sim_server_forget,
		.server_calls = sim_server_calls,
		.server_closes = sim_server_closes,
		.ghosts = sim_ghosts,
		.calls = sim_calls,
		.text = fo_sim_packet_text,
	};
	static const struct failover_ext_line line = {
		.size = sizeof(line),
		.line_set = sim_line_set,
		.line_remove = sim_line_remove,
		.line_targets = sim_line_targets,
	};

	if (!strcmp(id, FAILOVER_EXT_SIM))
		return &sim;
	if (!strcmp(id, FAILOVER_EXT_LINE))
		return &line;
	return NULL;
}

const struct failover_plugin failover_sim_plugin = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "sim",
	.version = "1.0",
	.stack = "simulated SIP stack and network",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS | FAILOVER_CAP_TCP | FAILOVER_CAP_TLS |
			FAILOVER_CAP_VIRTUAL_TIME,
	.open = sim_open,
	.close = sim_close,
	.send = sim_send,
	.timeout = sim_timeout,
	.response = sim_response,
	.get_extension = sim_get_extension,
};

#ifdef FO_SIM_MODULE
/* The module's exported symbol is the same object under the name that the loader looks for. */
FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin failover_plugin_entry
	__attribute__((alias("failover_sim_plugin")));
#endif
