/* SPDX-License-Identifier: MIT */
/* client.c - how a client's bytes leave, and its credentials. */
#include <string.h>
#include "../../ua/writer.h"
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
	struct mbuf *text;
	int error;

	if (ua_client_is_reliable(client))
		return ua_stream_way_put(&own(client)->way, &ua->streams, client, bytes, count);
	text = fo_re_buffer(bytes, count);
	if (!text)
		return FAILOVER_ERR_MEMORY;
	error = fo_re_transport_send(ua->transport, &client->attempt.target, text);
	mem_deref(text);
	return error;
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

/* ---- digest ------------------------------------------------------------------------------- */

/* The response of RFC 2617 3.2.2. */
static int digest(const struct ua_authorization *what, char out[MD5_STR_SIZE])
{
	const struct ua_digest_challenge *challenge = what->challenge;
	const struct ua_digest_request *request = &what->request;
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
static int can_quote(const struct ua_authorization *what)
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

int fo_re_client_authorize(struct ua *ua, const struct ua_authorization *what, char *out,
			   size_t size)
{
	const struct ua_digest_challenge *challenge = what->challenge;
	const struct ua_digest_request *request = &what->request;
	char response[MD5_STR_SIZE];
	struct ua_writer writer;

	(void)ua;
	if (challenge->algorithm != UA_DIGEST_MD5 || !can_quote(what) || digest(what, response))
		return FAILOVER_ERR_UNSUPPORTED;
	ua_writer_init(&writer, out, size);
	ua_writer_add(&writer,
		      "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
		      "response=\"%s\"",
		      request->user, challenge->realm, challenge->nonce, request->uri, response);
	if (challenge->algorithm_given)
		ua_writer_add(&writer, ", algorithm=MD5");
	if (challenge->opaque_given)
		ua_writer_add(&writer, ", opaque=\"%s\"", challenge->opaque);
	if (challenge->qop_auth)
		ua_writer_add(&writer, ", qop=auth, cnonce=\"%s\", nc=%08x", request->cnonce,
			      request->nc);
	return ua_writer_error(&writer) ? FAILOVER_ERR_FULL : (int)writer.length;
}
