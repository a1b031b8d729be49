/* SPDX-License-Identifier: MIT */
/* dialog.c - route set and remote target are taken once, at set-up; in a move only the next hop
 * changes (B9), which is not part of them. */
#include <stdlib.h>
#include <string.h>
#include "../common/writer.h"
#include "dialog.h"
#include "message.h"
#include "transport.h"

#define ROUTES_TEXT 4096

void fo_dialog_clear(struct fo_dialog *dialog)
{
	free(dialog->local);
	free(dialog->remote);
	free(dialog->target);
	free(dialog->routes);
	memset(dialog, 0, sizeof(*dialog));
}

/* ---- texts out of messages ---------------------------------------------------------------- */

static char *from_text(const osip_from_t *from)
{
	char *text = NULL, *out;

	if (osip_from_to_str(from, &text))
		return NULL;
	out = strdup(text);
	osip_free(text);
	return out;
}

static char *uri_text(const osip_uri_t *uri)
{
	char *text = NULL, *out;

	if (!uri || osip_uri_to_str(uri, &text))
		return NULL;
	out = strdup(text);
	osip_free(text);
	return out;
}

/* The peer's Contact; without one the fallback, so that even then BYE goes somewhere. */
static char *target_text(const osip_message_t *message, const osip_uri_t *fallback)
{
	const osip_contact_t *contact = osip_list_get(&message->contacts, 0);

	return uri_text(contact && contact->url && contact->url->host ? contact->url : fallback);
}

static int add_route(struct fo_writer *writer, const osip_record_route_t *route)
{
	char *text = NULL;

	if (!route || osip_record_route_to_str(route, &text))
		return FAILOVER_ERR_MEMORY;
	fo_writer_add(writer, "Route: %s\r\n", text);
	osip_free(text);
	return FAILOVER_OK;
}

/* RFC 3261 12.1.2: the caller takes Record-Route from bottom to top, the callee (12.1.1) in order.
 */
static char *routes_text(const osip_message_t *message, int reversed)
{
	int i, count = osip_list_size(&message->record_routes);
	char text[ROUTES_TEXT];
	struct fo_writer writer;

	fo_writer_init(&writer, text, sizeof(text));
	if (count > FO_ROUTES_MAX)
		return NULL;
	for (i = 0; i < count; i++)
		if (add_route(&writer,
			      osip_list_get(&message->record_routes, reversed ? count - 1 - i : i)))
			return NULL;
	return fo_writer_error(&writer) ? NULL : strdup(text);
}

static int copy_tag(char out[FO_TAG], const char *tag)
{
	struct fo_writer writer;

	fo_writer_init(&writer, out, FO_TAG);
	fo_writer_add(&writer, "%s", tag ? tag : "");
	return fo_writer_error(&writer);
}

/* ---- making ------------------------------------------------------------------------------- */

static int check(struct fo_dialog *dialog, int error)
{
	if (!error && dialog->local && dialog->remote && dialog->target && dialog->routes)
		return FAILOVER_OK;
	fo_dialog_clear(dialog);
	return error ? error : FAILOVER_ERR_ARGUMENT;
}

int fo_dialog_of_caller(struct fo_dialog *dialog, const osip_message_t *invite,
			const osip_message_t *response)
{
	int error;

	memset(dialog, 0, sizeof(*dialog));
	error = fo_message_call_id(invite, dialog->call_id, sizeof(dialog->call_id));
	if (!error)
		error = copy_tag(dialog->local_tag, fo_message_from_tag(invite));
	if (!error)
		error = copy_tag(dialog->remote_tag, fo_message_to_tag(response));
	dialog->local = from_text(invite->from);
	dialog->remote = from_text(response->to);
	dialog->target = target_text(response, invite->req_uri);
	dialog->routes = routes_text(response, 1);
	dialog->local_cseq = fo_message_cseq(invite);
	return check(dialog, error);
}

static char *with_tag(const osip_from_t *value, const char *tag)
{
	char text[1024], *plain = from_text(value);
	struct fo_writer writer;

	if (!plain)
		return NULL;
	fo_writer_init(&writer, text, sizeof(text));
	fo_writer_add(&writer, "%s;tag=%s", plain, tag);
	free(plain);
	return fo_writer_error(&writer) ? NULL : strdup(text);
}

int fo_dialog_of_callee(struct fo_dialog *dialog, const osip_message_t *invite, const char *tag)
{
	int error;

	memset(dialog, 0, sizeof(*dialog));
	error = fo_message_call_id(invite, dialog->call_id, sizeof(dialog->call_id));
	if (!error)
		error = copy_tag(dialog->local_tag, tag);
	if (!error)
		error = copy_tag(dialog->remote_tag, fo_message_from_tag(invite));
	dialog->local = with_tag(invite->to, tag);
	dialog->remote = from_text(invite->from);
	dialog->target = target_text(invite, invite->from->url);
	dialog->routes = routes_text(invite, 0);
	dialog->remote_cseq = fo_message_cseq(invite);
	return check(dialog, error);
}

/* ---- requests inside ---------------------------------------------------------------------- */

osip_message_t *fo_dialog_request(struct fo_osip *ua, const struct fo_dialog *dialog,
				  const struct fo_dialog_request *request)
{
	struct failover_target local;
	struct fo_request_parts parts = {
		.method = request->method,
		.uri = dialog->target,
		.from = dialog->local,
		.to = dialog->remote,
		.call_id = dialog->call_id,
		.cseq = request->cseq,
		.branch = request->branch,
		.local = &local,
		.routes = dialog->routes,
		.headers = request->headers,
	};

	if (!dialog->target || fo_transport_local(ua->transport, request->next_hop, &local))
		return NULL;
	return fo_message_request(ua, &parts);
}
