/* SPDX-License-Identifier: MIT */
/* client.c - how a client's bytes leave, and its credentials. */
#include <string.h>
#include "../common/ua/account.h"
#include "../common/writer.h"
#include "client.h"
#include "transport.h"

static struct fo_re_client *own(struct fo_client *client)
{
	return FO_CONTAINER(client, struct fo_re_client, base);
}

/* ---- connections -------------------------------------------------------------------------- */

/* The request, or an ACK, has left on a connection. */
static void on_sent(struct fo_re_stream_user *user)
{
	struct fo_re_client *client = FO_CONTAINER(user, struct fo_re_client, user);

	if (!client->base.packets)
		fo_client_sent(&client->base);
}

static void on_lost(struct fo_re_stream_user *user, uint32_t reason)
{
	fo_client_lost(&FO_CONTAINER(user, struct fo_re_client, user)->base, reason);
}

static int use_stream(struct fo_re_client *client)
{
	struct fo_ua *ua = client->base.ua;
	const struct fo_account *account = fo_account_find(ua, client->base.line);
	struct fo_re_stream_peer peer = { .target = client->base.attempt.target, .name = "" };

	if (client->user.stream)
		return FAILOVER_OK;
	if (!account)
		return FAILOVER_ERR_STALE;
	if (peer.target.transport == FAILOVER_TLS)
		peer.name = fo_account_name(account, &peer.target);
	peer.keepalive_s = account->crlf_s;
	return fo_re_stream_use(fo_re(ua), &peer, &client->user);
}

int fo_re_client_put(struct fo_client *client, const char *bytes, size_t count)
{
	struct mbuf *text = fo_re_buffer(bytes, count);
	int error;

	if (!text)
		return FAILOVER_ERR_MEMORY;
	if (fo_client_is_reliable(client)) {
		error = use_stream(own(client));
		if (!error)
			error = fo_re_stream_send(&own(client)->user, text);
	} else {
		error = fo_re_transport_send(fo_re(client->ua)->transport, &client->attempt.target,
					     text);
	}
	mem_deref(text);
	return error;
}

int fo_re_client_start(struct fo_client *client)
{
	own(client)->user.sent = on_sent;
	own(client)->user.lost = on_lost;
	return fo_transaction_start(client);
}

int fo_re_client_stop(struct fo_client *client)
{
	fo_re_stream_leave(&own(client)->user);
	return FAILOVER_OK;
}

uint32_t fo_re_client_missing(struct fo_client *client)
{
	return fo_re_stream_missing(&own(client)->user);
}

void fo_re_client_suspect(struct fo_client *client)
{
	fo_re_stream_suspect(&own(client)->user);
}

uint64_t fo_re_client_keep_flow(struct fo_client *client)
{
	return fo_client_is_reliable(client) ? fo_re_stream_keep(&own(client)->user) : 0;
}

void fo_re_client_leave_flow(struct fo_ua *ua, const struct failover_target *peer, uint64_t flow)
{
	fo_re_stream_unkeep(fo_re(ua), peer, flow);
}

/* ---- digest ------------------------------------------------------------------------------- */

/* The response of RFC 2617 3.2.2. */
static int digest(const struct fo_authorization *what, char out[MD5_STR_SIZE])
{
	const struct fo_digest_challenge *challenge = what->challenge;
	const struct fo_digest_request *request = &what->request;
	uint8_t a1[MD5_SIZE], a2[MD5_SIZE], response[MD5_SIZE];
	int error;

	error = md5_printf(a1, "%s:%s:%s", request->user, challenge->realm, request->password);
	error |= md5_printf(a2, "%s:%s", request->method, request->uri);
	if (challenge->qop_auth)
		error |= md5_printf(response, "%w:%s:%08x:%s:auth:%w", a1, sizeof(a1),
				    challenge->nonce, request->nc, request->cnonce, a2, sizeof(a2));
	else
		error |= md5_printf(response, "%w:%s:%w", a1, sizeof(a1), challenge->nonce, a2,
				    sizeof(a2));
	if (error || re_snprintf(out, MD5_STR_SIZE, "%w", response, sizeof(response)) < 0)
		return FAILOVER_ERR_MEMORY;
	return FAILOVER_OK;
}

/* A text that quotes would end is left to the shared digest, as is every hash but MD5. */
static int can_quote(const struct fo_authorization *what)
{
	const char *const texts[] = { what->request.user, what->challenge->realm,
				      what->challenge->nonce, what->challenge->opaque,
				      what->request.uri };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strpbrk(texts[i], "\"\\"))
			return 0;
	return 1;
}

int fo_re_client_authorize(struct fo_ua *ua, const struct fo_authorization *what, char *out,
			   size_t size)
{
	const struct fo_digest_challenge *challenge = what->challenge;
	const struct fo_digest_request *request = &what->request;
	char response[MD5_STR_SIZE];
	struct fo_writer writer;

	(void)ua;
	if (challenge->algorithm != FO_DIGEST_MD5 || !can_quote(what) || digest(what, response))
		return FAILOVER_ERR_UNSUPPORTED;
	fo_writer_init(&writer, out, size);
	fo_writer_add(&writer,
		      "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
		      "response=\"%s\"",
		      request->user, challenge->realm, challenge->nonce, request->uri, response);
	if (challenge->algorithm_given)
		fo_writer_add(&writer, ", algorithm=MD5");
	if (challenge->opaque_given)
		fo_writer_add(&writer, ", opaque=\"%s\"", challenge->opaque);
	if (challenge->qop_auth)
		fo_writer_add(&writer, ", qop=auth, cnonce=\"%s\", nc=%08x", request->cnonce,
			      request->nc);
	return fo_writer_error(&writer) ? FAILOVER_ERR_FULL : (int)writer.length;
}
