/* SPDX-License-Identifier: MIT */
/* stream_way.c - the ways of requests and of responses over connections. */
#include "stream_way.h"
#include "transport.h"
#include "../account.h"

#define SIP_PORT 5060u
#define SIPS_PORT 5061u

/* ---- requests ----------------------------------------------------------------------------- */

/* The request, or an ACK, has left. */
static void on_sent(struct ua_stream_user *user)
{
	struct ua_client *client = UA_CONTAINER(user, struct ua_stream_way, user)->client;

	if (!client->packets)
		ua_client_sent(client);
}

/* B23c: a server may have forgotten the connection, or closed it while the request was under way.
 * One that has ended TLS has said why. */
static void on_lost(struct ua_stream_user *user, uint32_t reason)
{
	struct ua_client *client = UA_CONTAINER(user, struct ua_stream_way, user)->client;

	if (user->is_unheard && reason != FAILOVER_REASON_TLS && !ua_client_once_more(client))
		return;
	ua_client_lost(client, reason);
}

static int use(struct ua_stream_way *way, struct ua_streams *streams, struct ua_client *client)
{
	const struct ua_account *account = ua_account_find(streams->ua, client->line);
	struct ua_stream_peer peer = { .target = client->attempt.target, .name = "" };

	way->client = client;
	way->user.sent = on_sent;
	way->user.lost = on_lost;
	if (way->user.stream)
		return FAILOVER_OK;
	if (!account)
		return FAILOVER_ERR_STALE;
	if (peer.target.transport == FAILOVER_TLS)
		peer.name = ua_account_name(account, &peer.target);
	peer.keepalive_s = ua_account_crlf_s(account);
	return ua_stream_use(streams, &peer, &way->user);
}

int ua_stream_way_put(struct ua_stream_way *way, struct ua_streams *streams,
		      struct ua_client *client, const char *text, size_t length)
{
	int error = use(way, streams, client);

	return error ? error : ua_stream_send(&way->user, text, length);
}

/* One that was refused at once has no address; its user hears of that. */
int ua_stream_way_open(struct ua_stream_way *way, struct ua_streams *streams,
		       struct ua_client *client, struct failover_target *local)
{
	int error = use(way, streams, client);

	if (!error && ua_stream_local(&way->user, local))
		*local = client->request->contact_at;
	return error;
}

/* ---- responses ---------------------------------------------------------------------------- */

/* RFC 3261 18.2.2: the connection of the request is gone, so one is opened to where it came from,
 * at the port of sent-by. By TLS only to a target of ours, whose configured name is verified. */
static int reopen(struct ua_streams *streams, const struct failover_target *from,
		  const char *via_port, const char *text, size_t length)
{
	uint32_t port = from->transport == FAILOVER_TLS ? SIPS_PORT : SIP_PORT;
	struct ua_stream_peer peer = { .target = *from, .name = "" };

	if ((via_port && ua_text_number(via_port, UINT16_MAX, &port)) || !port)
		return FAILOVER_ERR_ARGUMENT;
	peer.target.port = (uint16_t)port;
	if (from->transport == FAILOVER_TLS)
		peer.name = ua_source_name(streams->ua, from);
	if (!peer.name)
		return FAILOVER_ERR_UNSUPPORTED;
	return ua_stream_deliver(streams, &peer, text, length);
}

int ua_streams_answer(struct ua_streams *streams, const struct failover_target *from,
		      const char *via_port, const char *text, size_t length)
{
	if (!ua_stream_reply(streams, from, text, length))
		return FAILOVER_OK;
	return reopen(streams, from, via_port, text, length);
}

/* ---- failover.io/1 ------------------------------------------------------------------------ */

uint32_t ua_streams_all_fds(const struct ua_streams *streams, struct failover_io_fd *out,
			    uint32_t max)
{
	if (max)
		out[0] = (struct failover_io_fd){ ua_transport_fd(streams->transport),
						  FAILOVER_IO_READ };
	return 1 + ua_streams_fds(streams, max ? out + 1 : NULL, max ? max - 1 : 0);
}

int ua_streams_local(const struct ua_streams *streams, uint32_t transport,
		     struct failover_target *out)
{
	int error;

	if (transport != FAILOVER_UDP && !ua_is_stream(transport))
		return FAILOVER_ERR_UNSUPPORTED;
	error = ua_transport_local(streams->transport, NULL, out);
	out->transport = (uint8_t)transport;
	return error;
}
