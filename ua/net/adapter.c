/* SPDX-License-Identifier: MIT */
/* adapter.c - see adapter.h. */
#include "../message.h"
#include "adapter.h"
#include "transport.h"

static struct ua_adapter *adapter_of(struct ua *ua)
{
	return UA_CONTAINER(ua, struct ua_adapter, base);
}

static struct ua_stream_way *way_of(struct ua_client *client)
{
	return &UA_CONTAINER(client, struct ua_adapter_client, base)->way;
}

/* ---- life --------------------------------------------------------------------------------- */

static void received(struct ua *ua, const char *text, size_t count,
		     const struct failover_target *from)
{
	ua_message_arrived(&adapter_of(ua)->serving, text, count, from);
}

int ua_net_open(struct ua_net *net, struct ua *ua, const struct failover_open_params *params,
		ua_net_received *taken)
{
	int error;

	ua->net = net;
	net->pump.ua = net->streams.ua = ua;
	net->pump.received = net->streams.received = taken;
	error = ua_streams_open(&net->streams, params);
	if (!error)
		error = ua_transport_open(&params->listen, &net->pump.transport);
	net->streams.transport = net->pump.transport;
	if (!error && ua_transport_listener(net->pump.transport) < 0)
		ua_log(ua, FAILOVER_LOG_WARNING,
		       "another program has the TCP port: no connections come in");
	return error;
}

void ua_net_end(struct ua_net *net)
{
	if (net->streams.ua)
		ua_streams_close(&net->streams);
}

void ua_net_close(struct ua_net *net)
{
	ua_transport_close(net->pump.transport);
}

int ua_adapter_open(struct ua_adapter *adapter, const struct ua_stack *stack,
		    const struct failover_host *host, const struct failover_open_params *params)
{
	int error = ua_init(&adapter->base, stack, host, params);

	if (!error)
		error = ua_serving_init(&adapter->serving, &adapter->base);
	if (!error)
		error = ua_net_open(&adapter->net, &adapter->base, params, received);
	return error;
}

void ua_adapter_close(struct ua_adapter *adapter)
{
	ua_serving_clear(&adapter->serving);
	ua_net_end(&adapter->net);
	ua_clear(&adapter->base);
	ua_net_close(&adapter->net);
}

/* ---- for the user agent ------------------------------------------------------------------- */

int ua_adapter_local(struct ua *ua, const struct failover_target *target,
		     struct failover_target *out)
{
	return ua_transport_local(ua->net->pump.transport, target, out);
}

int ua_adapter_send(struct ua *ua, const struct failover_target *target, const char *bytes,
		    size_t count)
{
	return ua_pump_send(ua, ua->net->pump.transport, target, bytes, count);
}

int ua_adapter_answer(struct ua *ua, const struct failover_target *to, const char *via_port,
		      const char *bytes, size_t count)
{
	return ua_streams_answer(&ua->net->streams, to, via_port, bytes, count);
}

int ua_adapter_put(struct ua_client *client, const char *bytes, size_t count)
{
	struct ua_net *net = client->ua->net;

	if (!ua_client_is_reliable(client))
		return ua_pump_send(client->ua, net->pump.transport, &client->attempt.target, bytes,
				    count);
	return ua_stream_way_put(way_of(client), &net->streams, client, bytes, count);
}

int ua_adapter_stop(struct ua_client *client)
{
	ua_stream_leave(&way_of(client)->user);
	return FAILOVER_OK;
}

uint32_t ua_adapter_missing(struct ua_client *client)
{
	return ua_stream_missing(&way_of(client)->user);
}

int ua_adapter_connect(struct ua_client *client, struct failover_target *local)
{
	return ua_stream_way_open(way_of(client), &client->ua->net->streams, client, local);
}

int ua_adapter_flow_local(struct ua *ua, const struct failover_target *peer,
			  struct failover_target *local)
{
	return ua_streams_local_of(&ua->net->streams, peer, local);
}

void ua_adapter_suspect(struct ua_client *client)
{
	ua_stream_suspect(&way_of(client)->user);
}

uint64_t ua_adapter_keep_flow(struct ua_client *client)
{
	return ua_stream_keep(&way_of(client)->user);
}

void ua_adapter_leave_flow(struct ua *ua, const struct failover_target *peer, uint64_t flow)
{
	ua_stream_unkeep(&ua->net->streams, peer, flow);
}

/* ---- failover.io/1 ------------------------------------------------------------------------ */

uint32_t ua_adapter_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	const struct ua *ua = inst;

	return ua_streams_all_fds(&ua->net->streams, out, max);
}

uint64_t ua_adapter_deadline(void *inst)
{
	const struct ua *ua = inst;

	return ua_deadline(ua);
}

int ua_adapter_bound(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct ua *ua = inst;

	return ua_streams_local(&ua->net->streams, transport, out);
}

/* What has arrived goes first: an answer that is there wins over a timer that is due. */
void ua_adapter_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct ua *ua = inst;

	ua_pump_process(&ua->net->pump);
	ua_streams_process(&ua->net->streams, ready, count);
	ua_run_timers(ua);
}

void ua_adapter_network_changed(void *inst)
{
	struct ua *ua = inst;

	ua_streams_check(&ua->net->streams);
}

const struct failover_ext_io ua_adapter_ext_io = {
	UA_ADAPTER_EXT_IO,
	.process = ua_adapter_process,
};
