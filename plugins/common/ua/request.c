/* SPDX-License-Identifier: MIT */
/* request.c - requests: copied as one block, written as text. */
#include <stdlib.h>
#include <string.h>
#include "../address.h"
#include "../writer.h"
#include "request.h"

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

/* Where the texts of a request are. */
static const size_t texts[] = {
	offsetof(struct fo_request, method),	  offsetof(struct fo_request, uri),
	offsetof(struct fo_request, from),	  offsetof(struct fo_request, to),
	offsetof(struct fo_request, call_id),	  offsetof(struct fo_request, branch),
	offsetof(struct fo_request, routes),	  offsetof(struct fo_request, contact),
	offsetof(struct fo_request, credentials), offsetof(struct fo_request, headers),
	offsetof(struct fo_request, user_agent),  offsetof(struct fo_request, body),
};

static const char **text_of(struct fo_request *request, size_t which)
{
	return (const char **)(void *)((char *)request + texts[which]);
}

struct fo_request *fo_request_copy(const struct fo_request *parts)
{
	struct fo_request plain = *parts, *copy;
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

const char *fo_request_tag(const struct fo_request *request)
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
static const char *transport_text(uint32_t transport)
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

const char *fo_transport_param(uint32_t transport)
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
static void write_via(struct fo_writer *writer, const struct fo_request *request)
{
	char local[FO_ADDRESS_TEXT];

	fo_writer_add(writer, "Via: SIP/2.0/%s %s;rport;branch=%s%s\r\n",
		      transport_text(request->local.transport),
		      fo_address_text(&request->local, local), request->branch,
		      request->local.transport == FAILOVER_TLS ? ";alias" : "");
}

static void write_basics(struct fo_writer *writer, const struct fo_request *request, const char *to,
			 const char *method)
{
	fo_writer_add(writer, "%sMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\n", request->routes,
		      request->from, to);
	fo_writer_add(writer, "Call-ID: %s\r\nCSeq: %u %s\r\n", request->call_id,
		      (unsigned)request->cseq, method);
}

static void write_optional(struct fo_writer *writer, const struct fo_request *request)
{
	if (request->contact[0])
		fo_writer_add(writer, "Contact: %s\r\n", request->contact);
	fo_writer_add(writer, "%s", request->credentials);
	if (request->user_agent[0])
		fo_writer_add(writer, "User-Agent: %s\r\n", request->user_agent);
	if (request->has_expires)
		fo_writer_add(writer, "Expires: %u\r\n", (unsigned)request->expires_s);
	fo_writer_add(writer, "%s", request->headers);
	if (request->body[0])
		fo_writer_add(writer, "Content-Type: application/sdp\r\n");
	fo_writer_add(writer, "Content-Length: %zu\r\n\r\n%s", strlen(request->body),
		      request->body);
}

static int length_of(const struct fo_writer *writer)
{
	return fo_writer_error(writer) ? fo_writer_error(writer) : (int)writer->length;
}

int fo_request_text(const struct fo_request *request, enum fo_text how, char *out, size_t size)
{
	struct fo_writer writer;

	fo_writer_init(&writer, out, size);
	if (how != FO_TEXT_HEADERS)
		fo_writer_add(&writer, "%s %s SIP/2.0\r\n", request->method, request->uri);
	if (how == FO_TEXT_WHOLE)
		write_via(&writer, request);
	write_basics(&writer, request, request->to, request->method);
	write_optional(&writer, request);
	return length_of(&writer);
}

int fo_request_ack_text(const struct fo_request *invite, const char *to, char *out, size_t size)
{
	struct fo_writer writer;

	fo_writer_init(&writer, out, size);
	fo_writer_add(&writer, "ACK %s SIP/2.0\r\n", invite->uri);
	write_via(&writer, invite);
	write_basics(&writer, invite, to, "ACK");
	fo_writer_add(&writer, "Content-Length: 0\r\n\r\n");
	return length_of(&writer);
}

int fo_reply_lines(const struct fo_reply *reply, char *out, size_t size)
{
	struct fo_writer writer;
	uint32_t i;

	fo_writer_init(&writer, out, size);
	for (i = 0; i < reply->headers_count; i++)
		fo_writer_add(&writer, "%s: %s\r\n", reply->headers[i].name,
			      reply->headers[i].value);
	if (reply->body)
		fo_writer_add(&writer, "Content-Type: application/sdp\r\n");
	return length_of(&writer);
}
