/* SPDX-License-Identifier: MIT */
/* request.c - requests: copied as one block, written as text. */
#include <stdlib.h>
#include <string.h>
#include "net/address.h"
#include "overload.h"
#include "writer.h"
#include "request.h"

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

/* Where the texts of a request are. */
static const size_t texts[] = {
	offsetof(struct ua_request, method),	  offsetof(struct ua_request, uri),
	offsetof(struct ua_request, from),	  offsetof(struct ua_request, to),
	offsetof(struct ua_request, call_id),	  offsetof(struct ua_request, branch),
	offsetof(struct ua_request, routes),	  offsetof(struct ua_request, contact),
	offsetof(struct ua_request, credentials), offsetof(struct ua_request, headers),
	offsetof(struct ua_request, user_agent),  offsetof(struct ua_request, body),
	offsetof(struct ua_request, old_contact), offsetof(struct ua_request, sent_by),
	offsetof(struct ua_request, own_route),
};

static const char **text_of(struct ua_request *request, size_t which)
{
	return (const char **)(void *)((char *)request + texts[which]);
}

struct ua_request *ua_request_copy(const struct ua_request *parts)
{
	struct ua_request plain = *parts, *copy;
	size_t i, size = sizeof(*copy);
	char *at;

	for (i = 0; i < TEXTS; i++) {
		if (!*text_of(&plain, i))
			*text_of(&plain, i) = "";
		size += strlen(*text_of(&plain, i)) + 1;
	}
	copy = malloc(size);
	if (!copy)
		return NULL;
	*copy = plain;
	at = (char *)(copy + 1);
	for (i = 0; i < TEXTS; i++) {
		size = strlen(*text_of(&plain, i)) + 1;
		memcpy(at, *text_of(&plain, i), size);
		*text_of(copy, i) = at;
		at += size;
	}
	return copy;
}

const char *ua_request_tag(const struct ua_request *request)
{
	const char *tag = NULL, *at = request->from;

	while ((at = strstr(at, ";tag="))) { /* the last one: a display name may look so, too */
		at += 5;
		tag = at;
	}
	return tag ? tag : "";
}

/* ---- text --------------------------------------------------------------------------------- */

/* B7: the transport of the target. */
const char *ua_transport_text(uint32_t transport)
{
	switch ((enum failover_transport)transport) {
	case FAILOVER_TCP:
		return "TCP";
	case FAILOVER_TLS:
		return "TLS";
	case FAILOVER_UDP:
		break;
	}
	return "UDP";
}

const char *ua_transport_param(uint32_t transport)
{
	switch ((enum failover_transport)transport) {
	case FAILOVER_TCP:
		return ";transport=tcp";
	case FAILOVER_TLS:
		return ";transport=tls";
	case FAILOVER_UDP:
		break;
	}
	return "";
}

/* RFC 5923: nobody listens for TLS here, so requests to us use our connection. */
static void write_via(struct ua_writer *writer, const struct ua_request *request)
{
	char local[UA_ADDRESS_TEXT];

	if (request->sent_by && request->sent_by[0]) {
		ua_writer_add(writer, "Via: SIP/2.0/%s %s;branch=%s\r\n",
			      ua_transport_text(request->local.transport), request->sent_by,
			      request->branch);
		return;
	}
	ua_writer_add(writer, "Via: SIP/2.0/%s %s;rport;branch=%s%s%s\r\n",
		      ua_transport_text(request->local.transport),
		      ua_address_text(&request->local, local), request->branch,
		      request->local.transport == FAILOVER_TLS ? ";alias" : "",
		      request->overload ? UA_OVERLOAD_PARAMS : "");
}

static void write_basics(struct ua_writer *writer, const struct ua_request *request, const char *to,
			 const char *method)
{
	ua_writer_add(writer, "%sMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\n", request->routes,
		      request->from, to);
	ua_writer_add(writer, "Call-ID: %s\r\nCSeq: %u %s\r\n", request->call_id,
		      (unsigned)request->cseq, method);
}

static void write_optional(struct ua_writer *writer, const struct ua_request *request)
{
	if (request->contact[0])
		ua_writer_add(writer, "Contact: %s\r\n", request->contact);
	if (request->old_contact && request->old_contact[0])
		ua_writer_add(writer, "Contact: %s;expires=0\r\n", request->old_contact);
	ua_writer_add(writer, "%s", request->credentials);
	if (request->user_agent[0])
		ua_writer_add(writer, "User-Agent: %s\r\n", request->user_agent);
	if (request->has_expires)
		ua_writer_add(writer, "Expires: %u\r\n", (unsigned)request->expires_s);
	ua_writer_add(writer, "%s", request->headers);
	if (request->body[0])
		ua_writer_add(writer, "Content-Type: application/sdp\r\n");
	ua_writer_add(writer, "Content-Length: %u\r\n\r\n%s", (unsigned)strlen(request->body),
		      request->body);
}

int ua_request_text(const struct ua_request *request, enum ua_text how, char *out, size_t size)
{
	struct ua_writer writer;

	if (request->given)
		return request->given->text(request, out, size);
	ua_writer_init(&writer, out, size);
	if (how != UA_TEXT_HEADERS)
		ua_writer_add(&writer, "%s %s SIP/2.0\r\n", request->method, request->uri);
	if (how == UA_TEXT_WHOLE)
		write_via(&writer, request);
	write_basics(&writer, request, request->to, request->method);
	write_optional(&writer, request);
	return ua_writer_length(&writer);
}

/* Hands the text over, or says why there is none. */
static char *take(struct ua_writer *writer, int *length)
{
	char *text;

	*length = ua_writer_length(writer);
	text = ua_writer_take(writer);
	if (!text && *length >= 0)
		*length = FAILOVER_ERR_MEMORY;
	return text;
}

char *ua_request_text_new(const struct ua_request *request, enum ua_text how, int *length)
{
	struct ua_writer writer;
	int count;

	ua_writer_open(&writer, UA_MESSAGE_MAX);
	count = writer.text ? ua_request_text(request, how, writer.text, writer.size)
			    : FAILOVER_ERR_MEMORY;
	if (count < 0) {
		ua_writer_close(&writer);
		*length = count;
		return NULL;
	}
	writer.length = (size_t)count;
	return take(&writer, length);
}

char *ua_request_ack_text_new(const struct ua_request *invite, const char *to, int *length)
{
	struct ua_writer writer;

	ua_writer_open(&writer, UA_MESSAGE_MAX);
	ua_writer_add(&writer, "ACK %s SIP/2.0\r\n", invite->uri);
	write_via(&writer, invite);
	write_basics(&writer, invite, to, "ACK");
	ua_writer_add(&writer, "Content-Length: 0\r\n\r\n");
	return take(&writer, length);
}

void ua_reply_lines(const struct ua_reply *reply, struct ua_writer *writer)
{
	uint32_t i;

	for (i = 0; i < reply->headers_count; i++)
		ua_writer_add(writer, "%s: %s\r\n", reply->headers[i].name,
			      reply->headers[i].value);
	if (reply->body)
		ua_writer_add(writer, "Content-Type: application/sdp\r\n");
}
