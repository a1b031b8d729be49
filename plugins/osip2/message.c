/* SPDX-License-Identifier: MIT */
/* message.c - requests are parsed by libosip2 out of their text, so what it cannot read is never
 * sent; responses copy the headers of their request. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../../ua/writer.h"
#include "message.h"

osip_message_t *fo_message_request(const struct ua_request *request)
{
	char text[UA_MESSAGE_MAX];
	int length = ua_request_text(request, UA_TEXT_WHOLE, text, sizeof(text));
	osip_message_t *message;

	if (length < 0 || osip_message_init(&message))
		return NULL;
	if (osip_message_parse(message, text, (size_t)length)) {
		osip_message_free(message);
		return NULL;
	}
	return message;
}

/* ---- responses ---------------------------------------------------------------------------- */

static int copy_list(const osip_list_t *from, osip_list_t *to, int (*clone)(void *, void **))
{
	return osip_list_clone(from, to, clone);
}

static int clone_via(void *from, void **to)
{
	return osip_via_clone(from, (osip_via_t **)to);
}

static int clone_route(void *from, void **to)
{
	return osip_record_route_clone(from, (osip_record_route_t **)to);
}

static int set_status(osip_message_t *message, int status)
{
	const char *reason = osip_message_get_reason(status);

	message->sip_version = osip_strdup("SIP/2.0");
	message->reason_phrase = osip_strdup(reason ? reason : "Answer");
	osip_message_set_status_code(message, status);
	return message->sip_version && message->reason_phrase ? 0 : FAILOVER_ERR_MEMORY;
}

/* RFC 3261 8.2.6.2; Record-Route is for those that make a dialog (12.1.1). */
static int copy_headers(const osip_message_t *request, osip_message_t *message, const char *tag)
{
	if (osip_from_clone(request->from, &message->from) ||
	    osip_to_clone(request->to, &message->to) ||
	    osip_call_id_clone(request->call_id, &message->call_id) ||
	    osip_cseq_clone(request->cseq, &message->cseq) ||
	    copy_list(&request->vias, &message->vias, clone_via))
		return FAILOVER_ERR_MEMORY;
	if (message->status_code > 100 && tag && !fo_message_to_tag(message) &&
	    osip_to_set_tag(message->to, osip_strdup(tag)))
		return FAILOVER_ERR_MEMORY;
	if (!strcmp(request->sip_method, "INVITE") && message->status_code > 100 &&
	    message->status_code < 300)
		return copy_list(&request->record_routes, &message->record_routes, clone_route);
	return FAILOVER_OK;
}

static int set_body(osip_message_t *message, const char *sdp)
{
	char length[16];
	struct ua_writer writer;

	ua_writer_init(&writer, length, sizeof(length));
	ua_writer_add(&writer, "%zu", sdp ? strlen(sdp) : 0);
	if (osip_message_set_content_length(message, length))
		return FAILOVER_ERR_MEMORY;
	if (sdp && (osip_message_set_content_type(message, "application/sdp") ||
		    osip_message_set_body(message, sdp, strlen(sdp))))
		return FAILOVER_ERR_MEMORY;
	return FAILOVER_OK;
}

static int set_header(osip_message_t *message, const struct ua_header *header)
{
	if (!strcmp(header->name, "Contact"))
		return osip_message_set_contact(message, header->value);
	return osip_message_set_header(message, header->name, header->value);
}

osip_message_t *fo_message_response(struct fo_osip *ua, const osip_message_t *request,
				    const struct ua_reply *reply)
{
	osip_message_t *message;
	uint32_t i;
	int error;

	if (osip_message_init(&message))
		return NULL;
	error = set_status(message, (int)reply->status);
	if (!error)
		error = copy_headers(request, message, reply->tag);
	if (!error)
		error = osip_message_set_header(message, "User-Agent", ua->base.user_agent);
	for (i = 0; !error && i < reply->headers_count; i++)
		error = set_header(message, &reply->headers[i]);
	if (!error)
		error = set_body(message, reply->body);
	if (!error)
		return message;
	osip_message_free(message);
	return NULL;
}

/* ---- reading ------------------------------------------------------------------------------ */

const char *fo_message_param(const osip_list_t *params, const char *name)
{
	osip_generic_param_t *param = NULL;

	if (osip_generic_param_get_byname((osip_list_t *)(uintptr_t)params, (char *)(uintptr_t)name,
					  &param) < 0 ||
	    !param)
		return NULL;
	return param->gvalue ? param->gvalue : "";
}

const char *fo_message_branch_of(const osip_message_t *message)
{
	osip_via_t *via = osip_list_get(&message->vias, 0);

	return via ? fo_message_param(&via->via_params, "branch") : NULL;
}

const char *fo_message_to_tag(const osip_message_t *message)
{
	return fo_message_param(&message->to->gen_params, "tag");
}

const char *fo_message_from_tag(const osip_message_t *message)
{
	return fo_message_param(&message->from->gen_params, "tag");
}

int fo_message_call_id(const osip_message_t *message, char *out, size_t size)
{
	struct ua_writer writer;
	const osip_call_id_t *id = message->call_id;

	ua_writer_init(&writer, out, size);
	ua_writer_add(&writer, id->host ? "%s@%s" : "%s", id->number, id->host);
	return ua_writer_error(&writer);
}

/* What cannot be a length makes the end of the body uncertain. */
static int is_length_sound(const osip_message_t *message)
{
	const char *text = message->content_length ? message->content_length->value : NULL;

	return !text || text[strspn(text, "0123456789")] == '\0';
}

int fo_message_is_complete(const osip_message_t *message)
{
	const char *branch;

	if (!message->from || !message->from->url || !message->to || !message->to->url ||
	    !message->call_id || !message->call_id->number || !message->cseq ||
	    !message->cseq->number || !message->cseq->method || !osip_list_get(&message->vias, 0) ||
	    !is_length_sound(message))
		return 0;
	if (MSG_IS_RESPONSE(message)) {
		branch = fo_message_branch_of(message); /* requests of RFC 2543 have none */
		return branch && branch[0] && message->status_code >= 100 &&
		       message->status_code <= 699;
	}
	return message->sip_method && message->req_uri && message->req_uri->scheme &&
	       !strcmp(message->sip_method, message->cseq->method);
}

/* ---- views -------------------------------------------------------------------------------- */

/* A text that libosip2 has made; freed with the view. */
static const char *keep(struct fo_osip_view *out, char *text)
{
	if (!text || out->owned_count == FO_OWNED_MAX) {
		osip_free(text);
		return NULL;
	}
	out->owned[out->owned_count++] = text;
	return text;
}

static const char *uri_text(struct fo_osip_view *out, const osip_uri_t *uri)
{
	char *text = NULL;

	return uri && !osip_uri_to_str(uri, &text) ? keep(out, text) : NULL;
}

static const char *from_text(struct fo_osip_view *out, const osip_from_t *from)
{
	char *text = NULL;

	return from && !osip_from_to_str(from, &text) ? keep(out, text) : NULL;
}

static const char *header_of(const osip_message_t *message, const char *name)
{
	osip_header_t *header = NULL;

	if (osip_message_header_get_byname(message, name, 0, &header) < 0 || !header)
		return NULL;
	return header->hvalue ? header->hvalue : "";
}

static void read_record_routes(struct fo_osip_view *out)
{
	const osip_list_t *list = &out->message->record_routes;
	struct ua_view *view = &out->view;
	int i, count = osip_list_size(list);

	if (count > (int)UA_ROUTES_MAX) {
		view->record_routes_count = UA_ROUTES_MAX + 1;
		return;
	}
	for (i = 0; i < count; i++) {
		char *text = NULL;

		if (osip_record_route_to_str(osip_list_get(list, i), &text))
			text = NULL;
		view->record_routes[i] = keep(out, text);
		/* Without memory for one of them there is no route set. */
		if (!view->record_routes[i]) {
			view->record_routes_count = UA_ROUTES_MAX + 1;
			return;
		}
		view->record_routes_count++;
	}
}

static void read_challenges(struct fo_osip_view *out)
{
	const osip_list_t *list = out->view.status == 407 ? &out->message->proxy_authenticates
							  : &out->message->www_authenticates;
	int i;

	for (i = 0; i < osip_list_size(list) && i < (int)UA_CHALLENGES_MAX; i++) {
		char *text = NULL;

		if (osip_www_authenticate_to_str(osip_list_get(list, i), &text))
			continue;
		out->view.challenges[out->view.challenges_count] = keep(out, text);
		if (out->view.challenges[out->view.challenges_count])
			out->view.challenges_count++;
	}
}

/* The bindings of a 2xx to REGISTER. */
static void read_contacts(struct fo_osip_view *out)
{
	const osip_list_t *list = &out->message->contacts;
	int i;

	for (i = 0; i < osip_list_size(list) && i < (int)UA_CONTACTS_MAX; i++) {
		const osip_contact_t *contact = osip_list_get(list, i);
		struct ua_contact *to = &out->view.contacts[out->view.contacts_count];

		if (!contact->url || !contact->url->host)
			continue;
		to->user = contact->url->username;
		to->host = contact->url->host;
		if (contact->url->port)
			(void)ua_text_number(contact->url->port, UINT16_MAX, &to->port);
		to->expires = fo_message_param(&contact->gen_params, "expires");
		out->view.contacts_count++;
	}
}

static void read_service_routes(struct fo_osip_view *out)
{
	struct ua_view *view = &out->view;
	osip_header_t *header = NULL;
	int pos = 0;

	while ((pos = osip_message_header_get_byname(out->message, "service-route", pos,
						     &header)) >= 0) {
		pos++;
		if (!header->hvalue)
			continue;
		if (view->service_routes_count < UA_ROUTES_MAX)
			view->service_routes[view->service_routes_count] = header->hvalue;
		if (view->service_routes_count <= UA_ROUTES_MAX)
			view->service_routes_count++;
	}
}

static void read_response(struct fo_osip_view *out)
{
	const osip_message_t *message = out->message;
	struct ua_view *view = &out->view;

	view->status = (uint32_t)message->status_code;
	view->retry_after = header_of(message, "retry-after");
	view->min_expires = header_of(message, "min-expires");
	view->expires = header_of(message, "expires");
	if (view->status == 401 || view->status == 407)
		read_challenges(out);
	if (!strcmp(view->method, "REGISTER") && MSG_IS_STATUS_2XX(message)) {
		read_contacts(out);
		read_service_routes(out);
	}
}

static const char *content_type(struct fo_osip_view *out)
{
	const osip_content_type_t *type = out->message->content_type;
	char *text = NULL;

	if (!type || !type->type || !type->subtype)
		return NULL;
	return osip_content_type_to_str(type, &text) ? NULL : keep(out, text);
}

static void read_request(struct fo_osip_view *out)
{
	const osip_message_t *message = out->message;

	out->view.uri_scheme = message->req_uri->scheme;
	out->view.uri_has_headers = osip_list_size(&message->req_uri->url_headers) > 0;
	out->view.content_type = content_type(out);
	out->view.uri_user = message->req_uri->username;
	out->view.to_user = message->to->url->username;
	out->view.from_uri = uri_text(out, message->from->url);
	out->view.require = header_of(message, "require");
}

static void read_via(struct fo_osip_view *out)
{
	const osip_via_t *via = osip_list_get(&out->message->vias, 0);
	struct ua_writer writer;

	ua_writer_init(&writer, out->sent_by, sizeof(out->sent_by));
	ua_writer_add_host(&writer, via->host ? via->host : "");
	if (via->port)
		ua_writer_add(&writer, ":%s", via->port);
	out->serving.view = &out->view;
	/* One that is longer than any host belongs to nothing. */
	out->serving.sent_by = ua_writer_error(&writer) ? "" : out->sent_by;
	out->serving.has_rport = fo_message_param(&via->via_params, "rport") != NULL;
}

void fo_osip_view_init(struct fo_osip_view *out, osip_message_t *message,
		       const struct failover_target *from)
{
	const osip_contact_t *contact = osip_list_get(&message->contacts, 0);
	const osip_body_t *body = osip_list_get(&message->bodies, 0);
	struct ua_view *view = &out->view;

	memset(out, 0, sizeof(*out));
	out->message = message;
	view->message = out;
	view->source = *from;
	view->method = message->cseq->method;
	if (ua_text_number(message->cseq->number, INT32_MAX, &view->cseq))
		view->cseq = 0;
	view->branch = fo_message_branch_of(message);
	/* One that is longer than ours ever are belongs to nothing. */
	view->call_id =
		fo_message_call_id(message, out->call_id, sizeof(out->call_id)) ? "" : out->call_id;
	view->from = from_text(out, message->from);
	view->from_tag = fo_message_from_tag(message);
	view->to = from_text(out, message->to);
	view->to_tag = fo_message_to_tag(message);
	if (contact && contact->url && contact->url->host)
		view->contact = uri_text(out, contact->url);
	view->body = body ? body->body : NULL;
	read_record_routes(out);
	if (MSG_IS_RESPONSE(message)) {
		read_response(out);
		return;
	}
	read_request(out);
	read_via(out);
}

void fo_osip_view_free(struct fo_osip_view *view)
{
	size_t i;

	for (i = 0; i < view->owned_count; i++)
		osip_free(view->owned[i]); /* a macro that reads its argument twice */
	osip_message_free(view->message);
}

osip_message_t *fo_osip_view_take(struct fo_osip_view *view)
{
	osip_message_t *message = view->message;

	view->message = NULL;
	return message;
}
