/* SPDX-License-Identifier: MIT */
/* stack.c - in the place of the phone's plugin: the wire with its sockets, and clients inside. */
#include "programs/phone/phone.h"

#include "edge.h"

#include <errno.h>
#include <string.h>

/* Where phones find it, if nothing else is said: no port that a phone has for itself. */
#define INSIDE_ADDRESS "127.0.0.1"
#define INSIDE_PORT 5062u
/* Who may be a phone, if nothing else is said: this device, and networks that are nobody else's. */
#define CLIENTS                                                                                    \
	"127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/"  \
	"10"

/* What the page and the messages call it. */
static const struct failover_plugin edge_plugin = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(edge_plugin),
	.id = "edge",
	.version = "1",
	.stack = PHONE_PROGRAM,
	.license = "MIT",
};

/* ---- failover.io/1 ------------------------------------------------------------------------ */

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	return edge_fds(inst, out, max);
}

static uint64_t io_deadline(void *inst)
{
	return edge_deadline(inst);
}

static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	edge_process(inst, ready, count);
}

static int io_local(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct edge *edge = inst;
	int error = failover_wire_net_local(edge->outside, NULL, out);

	out->transport = (uint8_t)transport;
	return error;
}

static void io_network_changed(void *inst)
{
	edge_network_changed(inst);
}

static const struct failover_ext_io edge_io = {
	.size = sizeof(edge_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.local = io_local,
	.network_changed = io_network_changed,
};

/* ---- life --------------------------------------------------------------------------------- */

uint64_t phone_now(const struct phone *phone)
{
	return phone_loop_clock(phone->loop);
}

static uint64_t on_now(void *user)
{
	return phone_now(user);
}

/* What happens inside is for people, too. */
static void on_log(void *user, uint32_t level, const char *text)
{
	struct phone *phone = user;
	char clean[512];

	if (level == FAILOVER_LOG_INFO)
		phone_say(&phone->report, phone_now(phone), "%s",
			  phone_text_clean(text, clean, sizeof(clean)));
	else
		phone_on_log(user, level, text);
}

static void on_report(void *user, const struct failover_config_error *error)
{
	(void)user;
	fprintf(stderr, PHONE_PROGRAM ": --clients: %s\n", error->text);
}

/* The networks of clients, in a configuration that has nothing else. */
static struct failover_config *clients_read(const struct phone *phone)
{
	const char *text = phone->options.clients ? phone->options.clients : CLIENTS;
	const struct failover_config_change change = { "accept_from", text };
	struct failover_config *config = NULL;

	return failover_config_make(&change, 1, on_report, NULL, &config) ? NULL : config;
}

static const char *text_or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static void outside_fill(const struct phone *phone, struct failover_wire_net_params *out)
{
	const struct failover_config *config = phone->config;

	out->listen = phone_listen_at(phone);
	out->accept_any = config->accept_from.any;
	out->accept_count = config->accept_from.count;
	out->accept = config->accept_from.network;
	out->device = text_or_null(config->device);
	out->tls_ca_file = text_or_null(config->tls_ca_file);
	out->tls_cert_file = text_or_null(config->tls_cert_file);
	out->tls_key_file = text_or_null(config->tls_key_file);
	out->tls_verify = config->tls_verify;
	out->get_extension = phone_on_get_extension;
}

static struct failover_target inside_at(const struct phone *phone)
{
	struct failover_target at = phone->options.inside;

	if (!phone->options.inside_set)
		(void)failover_target_set(&at, INSIDE_ADDRESS, INSIDE_PORT, FAILOVER_UDP);
	else if (!phone->options.inside_port_set)
		at.port = INSIDE_PORT;
	return at;
}

static int edge_open(struct phone *phone, const struct failover_config *clients)
{
	struct edge_params params = {
		.engine = phone->engine,
		.user = phone,
		.now = on_now,
		.event = phone_on_event,
		.result = phone_on_result,
		.log = on_log,
	};
	char user_agent[64];

	snprintf(user_agent, sizeof(user_agent), PHONE_PROGRAM "/%s", failover_version());
	outside_fill(phone, &params.outside);
	params.outside.user_agent = user_agent;
	params.inside.listen = inside_at(phone);
	params.inside.clients = clients->accept_from.network;
	params.inside.clients_count = clients->accept_from.count;
	params.inside.clients_any = clients->accept_from.any;
	params.inside.device = params.outside.device;
	params.inside.user_agent = params.outside.user_agent;
	return edge_new(&params, (struct edge **)&phone->inst);
}

static int fail(const struct phone *phone, int error, int number)
{
	struct failover_target outside = phone_listen_at(phone), inside = inside_at(phone);
	char out[80], in[80];

	fprintf(stderr, PHONE_PROGRAM ": at %s outside and %s inside: %s\n",
		failover_target_text(&outside, out, sizeof(out)),
		failover_target_text(&inside, in, sizeof(in)),
		number ? strerror(number) : failover_strerror(error));
	return -1;
}

static void inside_say(struct phone *phone)
{
	const struct edge *edge = phone->inst;
	struct failover_target at = { 0 };
	char text[80];

	if (edge_inside_local(&edge->inside, NULL, &at))
		return;
	failover_target_text(&at, text, sizeof(text));
	text[strcspn(text, ";")] = '\0';
	phone_say(&phone->report, phone_now(phone), "phones find it at %s", text);
}

int phone_stack_open(struct phone *phone)
{
	struct failover_config *clients = clients_read(phone);
	int error;

	phone->plugin = &edge_plugin;
	phone_call_events_set(phone);
	if (!clients)
		return -1;
	error = phone_engine_open(phone);
	errno = 0;
	if (!error)
		error = edge_open(phone, clients);
	if (error && !phone->options.listen_set) {
		phone->only_ipv4 = 1; /* no IPv6 in this system */
		errno = 0;
		error = edge_open(phone, clients);
	}
	failover_config_free(clients);
	if (error)
		return fail(phone, error, errno);
	phone->ext_line = &edge_ext_line;
	phone->ext_io = &edge_io;
	phone_listen_say(phone);
	inside_say(phone);
	return 0;
}

void phone_stack_close(struct phone *phone)
{
	edge_free(phone->inst);
	failover_engine_free(phone->engine);
	phone->inst = NULL;
	phone->engine = NULL;
}

void phone_stack_turn(struct phone *phone)
{
	edge_turn(phone->inst);
}

/* There is no stack to choose. */
int phone_stack_claims(const struct phone_options *options)
{
	(void)options;
	return 0;
}

/* ---- what it has counted ------------------------------------------------------------------ */

static json_t *counted(const struct edge *edge, const struct failover_wire_statistics *wire)
{
	const struct edge_counters *is = &edge->counters;
	const struct {
		const char *name;
		uint64_t value;
	} all[] = {
		{ "inside_requests", is->up },
		{ "inside_garbage", edge_garbage(edge) },
		{ "inside_strangers", edge->inside.strangers },
		{ "inside_no_line", is->no_line },
		{ "outside_requests", is->down },
		{ "outside_no_client", is->no_client },
		{ "looped", is->looped },
		{ "too_many_hops", is->too_many_hops },
		{ "unmatched", is->unmatched },
		{ "refused", is->refused },
		{ "forgotten", is->forgotten },
		{ "challenges_answered", is->answered },
		{ "wire_repeated", wire->repeated },
		{ "wire_refused", wire->refused },
		{ "wire_forgotten_dialogs", wire->forgotten },
		{ "wire_garbage", wire->garbage },
		{ "wire_unmatched", wire->unmatched },
		{ "wire_foreign", wire->foreign },
		{ "wire_forged", wire->forged },
		{ "wire_looped", wire->looped },
		{ "wire_lost", wire->lost },
	};
	json_t *out = json_object();
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		json_object_set_new(out, all[i].name, json_integer((json_int_t)all[i].value));
	return out;
}

json_t *phone_stack_counters(const struct phone *phone)
{
	const struct edge *edge = phone->inst;
	struct failover_wire_statistics wire = { .size = sizeof(wire) };

	failover_wire_statistics(edge->wire, &wire);
	return json_pack("{s:o, s:{s:I, s:I, s:I, s:I}}", "counted", counted(edge, &wire), "now",
			 "inside_requests", (json_int_t)edge->exchanges_count, "wire_requests",
			 (json_int_t)wire.requests, "wire_legs", (json_int_t)wire.legs,
			 "wire_dialogs", (json_int_t)wire.dialogs);
}
