/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client.c - client transactions: how their messages leave, and how their connections end. */
#include "../common/transport.h"
#include "../common/ua/account.h"
#include "../common/ua/transaction.h"
#include "client.h"

static struct fo_belle_client *own(struct fo_client *client)
{
	return FO_CONTAINER(client, struct fo_belle_client, base);
}

/* The request, or an ACK, has left on a connection. */
static void on_sent(struct fo_belle_stream_user *user)
{
	struct fo_belle_client *client = FO_CONTAINER(user, struct fo_belle_client, user);

	if (!client->base.packets)
		fo_client_sent(&client->base);
}

static void on_lost(struct fo_belle_stream_user *user, uint32_t reason)
{
	fo_client_lost(&FO_CONTAINER(user, struct fo_belle_client, user)->base, reason);
}

static int use_stream(struct fo_belle_client *client)
{
	struct fo_ua *ua = client->base.ua;
	const struct fo_account *account = fo_account_find(ua, client->base.line);
	struct fo_belle_stream_peer peer = { .target = client->base.attempt.target, .name = "" };

	if (client->user.stream)
		return FAILOVER_OK;
	if (!account)
		return FAILOVER_ERR_STALE;
	if (peer.target.transport == FAILOVER_TLS)
		peer.name = fo_account_name(account, &peer.target);
	peer.keepalive_s = account->crlf_s;
	return fo_belle_stream_use(fo_belle(ua), &peer, &client->user);
}

int fo_belle_client_put(struct fo_client *client, const char *text, size_t length)
{
	struct fo_belle *ua = fo_belle(client->ua);
	int error;

	if (!fo_client_is_reliable(client))
		return fo_transport_send(ua->transport, &client->attempt.target, text, length);
	error = use_stream(own(client));
	return error ? error : fo_belle_stream_send(&own(client)->user, text, length);
}

int fo_belle_client_start(struct fo_client *client)
{
	own(client)->user.sent = on_sent;
	own(client)->user.lost = on_lost;
	return fo_transaction_start(client);
}

int fo_belle_client_stop(struct fo_client *client)
{
	fo_belle_stream_leave(&own(client)->user);
	return FAILOVER_OK;
}

uint32_t fo_belle_client_missing(struct fo_client *client)
{
	return fo_belle_stream_missing(&own(client)->user);
}

void fo_belle_client_suspect(struct fo_client *client)
{
	fo_belle_stream_suspect(&own(client)->user);
}

uint64_t fo_belle_client_keep_flow(struct fo_client *client)
{
	return fo_client_is_reliable(client) ? fo_belle_stream_keep(&own(client)->user) : 0;
}

void fo_belle_client_leave_flow(struct fo_ua *ua, const struct failover_target *peer, uint64_t flow)
{
	fo_belle_stream_unkeep(fo_belle(ua), peer, flow);
}
