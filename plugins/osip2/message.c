/* SPDX-License-Identifier: MIT */
/* message.c - heads of messages for libosip2's state machines, and its parser for URIs. */
#include <string.h>
#include "../../ua/message.h"
#include "../../ua/writer.h"
#include "message.h"

static osip_message_t *parse(const char *text, size_t length)
{
	osip_message_t *message;

	if (osip_message_init(&message))
		return NULL;
	if (!osip_message_parse(message, text, length))
		return message;
	osip_message_free(message);
	return NULL;
}

static osip_message_t *head(const char *start_line, const char *transport, uint32_t cseq,
			    const char *method)
{
	char text[512];
	struct ua_writer writer;

	ua_writer_init(&writer, text, sizeof(text));
	ua_writer_add(&writer,
		      "%s\r\nVia: SIP/2.0/%s head.invalid;branch=z9hG4bKhead\r\n"
		      "From: <sip:head.invalid>;tag=1\r\nTo: <sip:head.invalid>\r\n"
		      "Call-ID: head\r\nCSeq: %u %s\r\nContent-Length: 0\r\n\r\n",
		      start_line, transport, (unsigned)cseq, method);
	return ua_writer_error(&writer) ? NULL : parse(text, writer.length);
}

osip_message_t *fo_message_request(const struct ua_request *request)
{
	char line[64];
	struct ua_writer writer;

	ua_writer_init(&writer, line, sizeof(line));
	ua_writer_add(&writer, "%s sip:head.invalid SIP/2.0", request->method);
	return head(line, request->local.transport == FAILOVER_UDP ? "UDP" : "TCP", request->cseq,
		    request->method);
}

osip_message_t *fo_message_response(const struct ua_request *request, uint32_t status)
{
	char line[64];
	struct ua_writer writer;

	ua_writer_init(&writer, line, sizeof(line));
	ua_writer_add(&writer, "SIP/2.0 %u Head", (unsigned)status);
	return head(line, request->local.transport == FAILOVER_UDP ? "UDP" : "TCP", request->cseq,
		    request->method);
}

/* ---- reading ------------------------------------------------------------------------------ */

static void set(struct ua_view *view, const char **field, const char *text)
{
	if (text)
		ua_message_set(view, field, text, strlen(text));
}

void fo_osip_read(struct ua *base, const char *text, size_t count, struct ua_view *view)
{
	osip_message_t *message = parse(text, count);
	const osip_uri_t *uri = message ? message->req_uri : NULL;

	(void)base;
	if (uri && uri->scheme) {
		set(view, &view->uri_scheme, uri->scheme);
		set(view, &view->uri_user, uri->username);
		view->uri_has_headers = osip_list_size(&uri->url_headers) > 0;
	}
	if (message && message->to && message->to->url)
		set(view, &view->to_user, message->to->url->username);
	osip_message_free(message);
}
