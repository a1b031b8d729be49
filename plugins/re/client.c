/* SPDX-License-Identifier: MIT */
/* client.c - how a client's bytes leave. */
#include "client.h"
#include "transport.h"

static struct fo_re_client *own(struct ua_client *client)
{
	return UA_CONTAINER(client, struct fo_re_client, base);
}

/* ---- connections -------------------------------------------------------------------------- */

int fo_re_client_put(struct ua_client *client, const char *bytes, size_t count)
{
	struct fo_re *ua = fo_re(client->ua);

	if (ua_client_is_reliable(client))
		return ua_stream_way_put(&own(client)->way, &ua->streams, client, bytes, count);
	return fo_re_send(ua, &client->attempt.target, bytes, count);
}

int fo_re_client_stop(struct ua_client *client)
{
	ua_stream_leave(&own(client)->way.user);
	return FAILOVER_OK;
}

uint32_t fo_re_client_missing(struct ua_client *client)
{
	return ua_stream_missing(&own(client)->way.user);
}

int fo_re_client_connect(struct ua_client *client, struct failover_target *local)
{
	return ua_stream_way_open(&own(client)->way, &fo_re(client->ua)->streams, client, local);
}

int fo_re_client_flow_local(struct ua *ua, const struct failover_target *peer,
			    struct failover_target *local)
{
	return ua_streams_local_of(&fo_re(ua)->streams, peer, local);
}

void fo_re_client_suspect(struct ua_client *client)
{
	ua_stream_suspect(&own(client)->way.user);
}

uint64_t fo_re_client_keep_flow(struct ua_client *client)
{
	return ua_stream_keep(&own(client)->way.user);
}

void fo_re_client_leave_flow(struct ua *ua, const struct failover_target *peer, uint64_t flow)
{
	ua_stream_unkeep(&fo_re(ua)->streams, peer, flow);
}
