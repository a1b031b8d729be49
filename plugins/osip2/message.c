/* SPDX-License-Identifier: MIT */
/* message.c - heads of messages for libosip2's state machines, and its parser for URIs. */
#include <stdio.h>
#include <string.h>
#include "../../ua/message.h"
#include "message.h"

/* ---- heads -------------------------------------------------------------------------------- */

static char *copy(const char *text)
{
	return osip_strdup(text);
}

static int add_via(osip_message_t *message, const char *transport)
{
	osip_via_t *via;

	if (osip_via_init(&via))
		return -1;
	osip_via_set_version(via, copy("2.0"));
	osip_via_set_protocol(via, copy(transport));
	osip_via_set_host(via, copy("head.invalid"));
	if (osip_list_add(&message->vias, via, -1) > 0)
		return 0;
	osip_via_free(via);
	return -1;
}

static int add_cseq(osip_message_t *message, const struct ua_request *request)
{
	char number[12];

	if (osip_cseq_init(&message->cseq))
		return -1;
	snprintf(number, sizeof(number), "%u", (unsigned)request->cseq);
	osip_cseq_set_number(message->cseq, copy(number));
	osip_cseq_set_method(message->cseq, copy(request->method));
	return 0;
}

/* What a state machine copies or looks at, set piece by piece: the parser would take a text apart
 * that has just been put together, twice for each request. */
static osip_message_t *head(const struct ua_request *request)
{
	osip_message_t *message;

	if (osip_message_init(&message))
		return NULL;
	osip_message_set_version(message, copy("SIP/2.0"));
	if (osip_from_init(&message->from) || osip_to_init(&message->to) ||
	    osip_call_id_init(&message->call_id) || add_cseq(message, request) ||
	    add_via(message, request->local.transport == FAILOVER_UDP ? "UDP" : "TCP")) {
		osip_message_free(message);
		return NULL;
	}
	osip_call_id_set_number(message->call_id, copy("head"));
	return message;
}

osip_message_t *fo_message_request(const struct ua_request *request)
{
	osip_message_t *message = head(request);
	osip_uri_t *uri;

	if (!message)
		return NULL;
	if (osip_uri_init(&uri)) {
		osip_message_free(message);
		return NULL;
	}
	osip_uri_set_scheme(uri, copy("sip"));
	osip_uri_set_host(uri, copy("head.invalid"));
	osip_message_set_uri(message, uri);
	osip_message_set_method(message, copy(request->method));
	return message;
}

osip_message_t *fo_message_response(const struct ua_request *request, uint32_t status)
{
	osip_message_t *message = head(request);

	if (message)
		osip_message_set_status_code(message, (int)status);
	return message;
}

/* ---- reading ------------------------------------------------------------------------------ */

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
