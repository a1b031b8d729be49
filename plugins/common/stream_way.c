/* SPDX-License-Identifier: MIT */
/* stream_way.c - the ways of requests and of responses over connections. */
#include "stream_way.h"
#include "transport.h"
#include "ua/account.h"

#define SIP_PORT 5060u
#define SIPS_PORT 5061u

/* ---- requests ----------------------------------------------------------------------------- */

/* The request, or an ACK, has left. */
static void on_sent(struct fo_stream_user *user)
{
	struct fo_client *client = FO_CONTAINER(user, struct fo_stream_way, user)->client;

	if (!client->packets)
		fo_client_sent(client);
}

static void on_lost(struct fo_stream_user *user, uint32_t reason)
{
	fo_client_lost(FO_CONTAINER(user, struct fo_stream_way, user)->client, reason);
}

static int use(struct fo_stream_way *way, struct fo_streams *streams)
{
	const struct fo_client *client = way->client;
	const struct fo_account *account = fo_account_find(streams->ua, client->line);
	struct fo_stream_peer peer = { .target = client->attempt.target, .name = "" };

	if (way->user.stream)
		return FAILOVER_OK;
	if (!account)
		return FAILOVER_ERR_STALE;
	if (peer.target.transport == FAILOVER_TLS)
		peer.name = fo_account_name(account, &peer.target);
	peer.keepalive_s = account->crlf_s;
	return fo_stream_use(streams, &peer, &way->user);
}

int fo_stream_way_put(struct fo_stream_way *way, struct fo_streams *streams,
		      struct fo_client *client, const char *text, size_t length)
{
	int error;

	way->client = client;
	way->user.sent = on_sent;
	way->user.lost = on_lost;
	error = use(way, streams);
	return error ? error : fo_stream_send(&way->user, text, length);
}

/* ---- responses ---------------------------------------------------------------------------- */

/* RFC 3261 18.2.2: the connection of the request is gone, so one is opened to where it came from,
 * at the port of sent-by. By TLS only to a target of ours, whose configured name is verified. */
static int reopen(struct fo_streams *streams, const struct failover_target *from,
		  const char *via_port, const char *text, size_t length)
{
	uint32_t port = from->transport == FAILOVER_TLS ? SIPS_PORT : SIP_PORT;
	struct fo_stream_peer peer = { .target = *from, .name = "" };

	if ((via_port && fo_text_number(via_port, UINT16_MAX, &port)) || !port)
		return FAILOVER_ERR_ARGUMENT;
	peer.target.port = (uint16_t)port;
	if (from->transport == FAILOVER_TLS)
		peer.name = fo_ua_source_name(streams->ua, from);
	if (!peer.name)
		return FAILOVER_ERR_UNSUPPORTED;
	return fo_stream_deliver(streams, &peer, text, length);
}

int fo_streams_answer(struct fo_streams *streams, const struct failover_target *from,
		      const char *via_port, const char *text, size_t length)
{
	if (!fo_stream_reply(streams, from, text, length))
		return FAILOVER_OK;
	return reopen(streams, from, via_port, text, length);
}

/* ---- failover.io/1 ------------------------------------------------------------------------ */

uint32_t fo_streams_all_fds(const struct fo_streams *streams, struct failover_io_fd *out,
			    uint32_t max)
{
	if (max)
		out[0] = (struct failover_io_fd){ fo_transport_fd(streams->transport),
						  FAILOVER_IO_READ };
	return 1 + fo_streams_fds(streams, max ? out + 1 : NULL, max ? max - 1 : 0);
}

int fo_streams_local(const struct fo_streams *streams, uint32_t transport,
		     struct failover_target *out)
{
	int error;

	if (transport != FAILOVER_UDP && !fo_is_stream(transport))
		return FAILOVER_ERR_UNSUPPORTED;
	error = fo_transport_local(streams->transport, NULL, out);
	out->transport = (uint8_t)transport;
	return error;
}
