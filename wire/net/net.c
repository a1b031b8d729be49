/* SPDX-License-Identifier: MIT */
/* net.c - a wire over the sockets of the user agent: what goes where, and whom it is told. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <failover/wire_net.h>
#include "../../libfailover/core/sized.h"
#include "../../ua/net/transport.h"
#include "../../ua/transaction.h"
#include "../wire.h"

struct failover_wire_net {
	struct fo_wire_over over;
	struct ua_net net;
	struct failover_wire *wire;
	char *user_agent;
	void *user;
	void (*event)(void *user, const struct failover_event *event);
	void (*result)(void *user, const struct failover_result *result);
	void (*log)(void *user, uint32_t level, const char *text);
	const void *(*get_extension)(void *user, const char *id);
};

/* ---- the seam ----------------------------------------------------------------------------- */

static int stop(struct ua_client *client)
{
	(void)ua_adapter_stop(client);
	return fo_wire_leg_stop(client);
}

static const struct ua_stack over_sockets = {
	.name = "libfailover-wire",
	.client_size = sizeof(struct fo_wire_leg),
	.local = ua_adapter_local,
	.send = ua_adapter_send,
	.start = fo_wire_leg_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.heard = fo_wire_leg_heard,
	.stop = stop,
	.put = ua_adapter_put,
	.missing = ua_adapter_missing,
	.connect = ua_adapter_connect,
	.flow_local = ua_adapter_flow_local,
	.suspect = ua_adapter_suspect,
	.keep_flow = ua_adapter_keep_flow,
	.leave_flow = ua_adapter_leave_flow,
};

/* ---- what the wire says ------------------------------------------------------------------- */

static void on_event(void *user, const struct failover_event *event)
{
	const struct failover_wire_net *net = user;

	if (net->event)
		net->event(net->user, event);
}

static void on_result(void *user, const struct failover_result *result)
{
	const struct failover_wire_net *net = user;

	if (net->result)
		net->result(net->user, result);
}

static void on_log(void *user, uint32_t level, const char *text)
{
	const struct failover_wire_net *net = user;

	if (net->log)
		net->log(net->user, level, text);
}

static const void *on_get_extension(void *user, const char *id)
{
	const struct failover_wire_net *net = user;

	return net->get_extension ? net->get_extension(net->user, id) : NULL;
}

static void on_end(void *user)
{
	struct failover_wire_net *net = user;

	ua_net_end(&net->net);
}

/* ---- life --------------------------------------------------------------------------------- */

static void received(struct ua *ua, const char *text, size_t count,
		     const struct failover_target *from)
{
	struct failover_wire *wire = fo_wire_of(ua);

	(void)failover_wire_received(wire, from, text, count, wire->now);
}

static int open_wire(struct failover_wire_net *net, const struct failover_wire_net_params *params,
		     uint64_t now)
{
	struct failover_wire_params wire = {
		.size = sizeof(wire),
		.max_dialogs = params->max_dialogs,
		.engine = params->engine,
		.local = { .family = params->listen.family, .transport = FAILOVER_UDP },
		.accept_any = params->accept_any,
		.accept_count = params->accept_count,
		.accept = params->accept,
		.device = params->device,
		.user = net,
		.event = on_event,
		.log = on_log,
	};

	return fo_wire_new(&wire, &net->over, now, &net->wire);
}

static int open_sockets(struct failover_wire_net *net,
			const struct failover_wire_net_params *params)
{
	struct failover_open_params open = {
		.size = sizeof(open),
		.listen = params->listen,
		.tls_ca_file = params->tls_ca_file,
		.tls_cert_file = params->tls_cert_file,
		.tls_key_file = params->tls_key_file,
		.tls_verify = params->tls_verify,
	};
	int error = ua_net_open(&net->net, &net->wire->ua, &open, received);

	if (error || params->may_spiral)
		return error;
	/* What is heard with that in a Via has come back to us (RFC 3261 16.3). */
	return ua_transport_local(net->net.pump.transport, NULL, &net->wire->local[0]);
}

static int create(const struct failover_wire_net_params *params, struct failover_wire_net **out)
{
	struct failover_wire_net *net = calloc(1, sizeof(*net));

	*out = net;
	if (!net)
		return FAILOVER_ERR_MEMORY;
	if (params->user_agent) {
		net->user_agent = strdup(params->user_agent);
		if (!net->user_agent)
			return FAILOVER_ERR_MEMORY;
	}
	net->over = (struct fo_wire_over){ .stack = &over_sockets,
					   .user_agent = net->user_agent,
					   .result = on_result,
					   .get_extension = on_get_extension,
					   .end = on_end };
	net->user = params->user;
	net->event = params->event;
	net->result = params->result;
	net->log = params->log;
	net->get_extension = params->get_extension;
	return FAILOVER_OK;
}

int failover_wire_net_new(const struct failover_wire_net_params *given, uint64_t now,
			  struct failover_wire_net **out)
{
	struct failover_wire_net_params params;
	struct failover_wire_net *net = NULL;
	int error, saved;

	if (!given || !out)
		return FAILOVER_ERR_ARGUMENT;
	error = fo_sized_take(&params, sizeof(params), given,
			      FO_SIZE_WITH(struct failover_wire_net_params, get_extension));
	if (error)
		return error;
	if (!params.listen.family)
		params.listen.family = 4;
	error = create(&params, &net);
	if (!error)
		error = open_wire(net, &params, now);
	if (!error)
		error = open_sockets(net, &params);
	if (error) {
		saved = errno;
		failover_wire_net_free(net);
		errno = saved;
		return error;
	}
	*out = net;
	return FAILOVER_OK;
}

void failover_wire_net_free(struct failover_wire_net *net)
{
	if (!net)
		return;
	failover_wire_free(net->wire);
	ua_net_close(&net->net);
	free(net->user_agent);
	free(net);
}

struct failover_wire *failover_wire_net_wire(struct failover_wire_net *net)
{
	return net->wire;
}

/* ---- the host's loop ---------------------------------------------------------------------- */

uint32_t failover_wire_net_fds(const struct failover_wire_net *net, struct failover_io_fd *out,
			       uint32_t max)
{
	return ua_adapter_fds(&net->wire->ua, out, max);
}

uint64_t failover_wire_net_next_deadline(const struct failover_wire_net *net)
{
	return failover_wire_next_deadline(net->wire);
}

/* What has arrived goes first: an answer that is there wins over a timer that is due. */
void failover_wire_net_process(struct failover_wire_net *net, const struct failover_io_fd *ready,
			       uint32_t count, uint64_t now)
{
	fo_wire_enter(net->wire, now);
	if (fo_wire_is_full(net->wire))
		return;
	ua_pump_process(&net->net.pump);
	ua_streams_process(&net->net.streams, ready, count);
	failover_wire_handle_timeout(net->wire, now);
}

/* The port of the topmost Via of a response; "" = none. */
static void write_via_port(const char *bytes, size_t count, char out[8])
{
	struct ua_value_via via;
	struct ua_raw raw;
	const char *value;

	out[0] = '\0';
	if (!ua_raw_read(&raw, bytes, count)) {
		value = ua_raw_first(&raw, UA_RAW_VIA);
		if (value && !ua_value_via(value, &via) && via.port)
			snprintf(out, 8, "%u", (unsigned)(via.port & 0xffff));
	}
	ua_raw_free(&raw);
}

/* A response, or the ACK of a 2xx: all else is a client's, which sends by itself. One that cannot
 * leave is repeated by whoever waits for it. */
static void to_network(struct failover_wire_net *net, const struct failover_wire_output *out)
{
	char port[8];

	if (!ua_is_stream(out->peer.transport)) {
		(void)ua_adapter_send(&net->wire->ua, &out->peer, out->bytes, out->count);
		return;
	}
	if (!strncmp(out->bytes, "SIP/2.0 ", 8))
		write_via_port(out->bytes, out->count, port);
	else
		snprintf(port, sizeof(port), "%u", (unsigned)out->peer.port);
	(void)ua_adapter_answer(&net->wire->ua, &out->peer, port[0] ? port : NULL, out->bytes,
				out->count);
}

int failover_wire_net_poll(struct failover_wire_net *net, struct failover_wire_output *message)
{
	struct failover_wire_output out = { .size = sizeof(out) };

	fo_wire_settle(net->wire); /* what calls of the engine have left to do */
	while (failover_wire_poll(net->wire, &out)) {
		if (out.kind == FAILOVER_WIRE_TO_NETWORK) {
			to_network(net, &out);
			continue;
		}
		fo_sized_give(message, &out, sizeof(out),
			      FO_SIZE_WITH(struct failover_wire_output, count));
		return 1;
	}
	return 0;
}

int failover_wire_net_local(const struct failover_wire_net *net,
			    const struct failover_target *target, struct failover_target *out)
{
	return out ? ua_transport_local(net->net.pump.transport, target, out)
		   : FAILOVER_ERR_ARGUMENT;
}

void failover_wire_net_network_changed(struct failover_wire_net *net, uint64_t now)
{
	fo_wire_enter(net->wire, now);
	ua_streams_check(&net->net.streams);
	fo_wire_settle(net->wire);
}
