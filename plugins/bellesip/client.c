/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client.c - client transactions: how their messages leave. */
#include "../../ua/net/transport.h"
#include "client.h"

static struct fo_belle_client *own(struct ua_client *client)
{
	return UA_CONTAINER(client, struct fo_belle_client, base);
}

int fo_belle_client_put(struct ua_client *client, const char *text, size_t length)
{
	struct fo_belle *ua = fo_belle(client->ua);

	if (!ua_client_is_reliable(client))
		return ua_transport_send(ua->pump.transport, &client->attempt.target, text, length);
	return ua_stream_way_put(&own(client)->way, &ua->streams, client, text, length);
}

int fo_belle_client_stop(struct ua_client *client)
{
	ua_stream_leave(&own(client)->way.user);
	return FAILOVER_OK;
}

uint32_t fo_belle_client_missing(struct ua_client *client)
{
	return ua_stream_missing(&own(client)->way.user);
}

int fo_belle_client_connect(struct ua_client *client, struct failover_target *local)
{
	return ua_stream_way_open(&own(client)->way, &fo_belle(client->ua)->streams, client, local);
}

int fo_belle_client_flow_local(struct ua *ua, const struct failover_target *peer,
			       struct failover_target *local)
{
	return ua_streams_local_of(&fo_belle(ua)->streams, peer, local);
}

void fo_belle_client_suspect(struct ua_client *client)
{
	ua_stream_suspect(&own(client)->way.user);
}

uint64_t fo_belle_client_keep_flow(struct ua_client *client)
{
	return ua_stream_keep(&own(client)->way.user);
}

void fo_belle_client_leave_flow(struct ua *ua, const struct failover_target *peer, uint64_t flow)
{
	ua_stream_unkeep(&fo_belle(ua)->streams, peer, flow);
}
