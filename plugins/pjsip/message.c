/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message.c - a message as PJSIP's parser reads it, as a struct ua_view. */
#include <stdio.h>
#include <string.h>
#include "pjsip.h"

/* ---- texts -------------------------------------------------------------------------------- */

static const char *keep(struct fo_pjsip_view *out, const char *from, size_t length)
{
	char *to = out->store + out->used;

	if (length >= sizeof(out->store) - out->used) {
		out->full = 1;
		return "";
	}
	memcpy(to, from, length);
	to[length] = '\0';
	out->used += length + 1;
	return to;
}

static const char *text_of(struct fo_pjsip_view *out, const pj_str_t *text)
{
	return text->slen > 0 ? keep(out, text->ptr, (size_t)text->slen) : NULL;
}

static const char *number_of(struct fo_pjsip_view *out, uint32_t number)
{
	char text[16];

	return keep(out, text, (size_t)snprintf(text, sizeof(text), "%u", (unsigned)number));
}

/* The value of a header, as PJSIP writes it. */
static const char *value_of(struct fo_pjsip_view *out, void *header)
{
	char *to = out->store + out->used, *colon;
	int length = pjsip_hdr_print_on(header, to, sizeof(out->store) - out->used - 1);

	if (length <= 0) {
		out->full = 1;
		return "";
	}
	to[length] = '\0';
	out->used += (size_t)length + 1;
	colon = strchr(to, ':');
	return colon ? colon + 1 + strspn(colon + 1, " ") : to;
}

static const char *uri_of(struct fo_pjsip_view *out, pjsip_uri_context_e where, void *uri)
{
	char *to = out->store + out->used;
	int length = pjsip_uri_print(where, uri, to, sizeof(out->store) - out->used - 1);

	if (length <= 0) {
		out->full = 1;
		return NULL;
	}
	to[length] = '\0';
	out->used += (size_t)length + 1;
	return to;
}

/* Without display name and <>; NULL if it is not sip: or sips:. */
static pjsip_sip_uri *sip_uri_of(void *uri)
{
	if (!uri || (!PJSIP_URI_SCHEME_IS_SIP(uri) && !PJSIP_URI_SCHEME_IS_SIPS(uri)))
		return NULL;
	return pjsip_uri_get_uri(uri);
}

static const char *user_of(struct fo_pjsip_view *out, void *uri)
{
	const pjsip_sip_uri *sip = sip_uri_of(uri);

	return sip ? text_of(out, &sip->user) : NULL;
}

/* ---- headers ------------------------------------------------------------------------------ */

static void read_contact(struct fo_pjsip_view *out, pjsip_contact_hdr *header)
{
	struct ua_view *view = &out->view;
	const pjsip_sip_uri *uri = header->star ? NULL : sip_uri_of(header->uri);
	struct ua_contact *to = &view->contacts[view->contacts_count];

	if (header->star || !header->uri)
		return;
	if (!view->contact)
		view->contact =
			uri_of(out, PJSIP_URI_IN_CONTACT_HDR, pjsip_uri_get_uri(header->uri));
	if (!uri || view->contacts_count == UA_CONTACTS_MAX)
		return;
	to->user = text_of(out, &uri->user);
	to->host = text_of(out, &uri->host);
	to->port = (uint32_t)uri->port;
	if (header->expires != PJSIP_EXPIRES_NOT_SPECIFIED)
		to->expires = number_of(out, header->expires);
	view->contacts_count++;
}

/* One more than the limit says that there are too many. */
static void read_route(struct fo_pjsip_view *out, void *header, const char **routes,
		       uint32_t *count)
{
	if (*count < UA_ROUTES_MAX)
		routes[*count] = value_of(out, header);
	if (*count <= UA_ROUTES_MAX)
		++*count;
}

static void read_challenge(struct fo_pjsip_view *out, void *header, uint32_t status)
{
	struct ua_view *view = &out->view;

	if (view->status == status && view->challenges_count < UA_CHALLENGES_MAX)
		view->challenges[view->challenges_count++] = value_of(out, header);
}

static void read_via(struct fo_pjsip_view *out, pjsip_via_hdr *header)
{
	struct ua_serving_message *to = &out->serving;
	char text[512];

	if (to->vias_count == UA_VIAS_MAX) {
		out->full = 1;
		return;
	}
	if (!to->vias_count) {
		int is_ipv6 = memchr(header->sent_by.host.ptr, ':',
				     (size_t)header->sent_by.host.slen) != NULL;
		int length = snprintf(text, sizeof(text), is_ipv6 ? "[%.*s]:%d" : "%.*s:%d",
				      (int)header->sent_by.host.slen, header->sent_by.host.ptr,
				      header->sent_by.port ? header->sent_by.port : 5060);

		if (length >= (int)sizeof(text))
			out->full = 1;
		else
			to->sent_by = keep(out, text, (size_t)length);
		to->has_rport = header->rport_param >= 0;
		out->view.branch = text_of(out, &header->branch_param);
	}
	out->vias[to->vias_count++] = value_of(out, header);
}

static void read_other(struct fo_pjsip_view *out, pjsip_generic_string_hdr *header)
{
	struct ua_view *view = &out->view;

	if (!pj_stricmp2(&header->name, "Service-Route"))
		read_route(out, header, view->service_routes, &view->service_routes_count);
}

static void read_header(struct fo_pjsip_view *out, pjsip_hdr *header)
{
	struct ua_view *view = &out->view;

	/* Of PJSIP's many types only these are wanted. */
	if (header->type == PJSIP_H_VIA)
		read_via(out, (pjsip_via_hdr *)header);
	else if (header->type == PJSIP_H_CONTACT)
		read_contact(out, (pjsip_contact_hdr *)header);
	else if (header->type == PJSIP_H_RECORD_ROUTE)
		read_route(out, header, view->record_routes, &view->record_routes_count);
	else if (header->type == PJSIP_H_WWW_AUTHENTICATE)
		read_challenge(out, header, 401);
	else if (header->type == PJSIP_H_PROXY_AUTHENTICATE)
		read_challenge(out, header, 407);
	else if (header->type == PJSIP_H_RETRY_AFTER)
		view->retry_after = value_of(out, header);
	else if (header->type == PJSIP_H_MIN_EXPIRES)
		view->min_expires = value_of(out, header);
	else if (header->type == PJSIP_H_EXPIRES)
		view->expires = value_of(out, header);
	else if (header->type == PJSIP_H_REQUIRE)
		view->require = value_of(out, header);
	else if (header->type == PJSIP_H_OTHER)
		read_other(out, (pjsip_generic_string_hdr *)header);
}

/* The parser leaves out a header that it cannot read: a number that is too large for it, too. */
static void read_left_out(struct fo_pjsip_view *out, const pjsip_parser_err_report *error,
			  const char *bytes)
{
	struct ua_view *view = &out->view;
	const char *value;
	int line;

	for (line = 1; line < error->line && bytes; line++) {
		bytes = strchr(bytes, '\n');
		bytes += bytes != NULL;
	}
	value = bytes ? strchr(bytes, ':') : NULL;
	if (!value)
		return;
	value += 1 + strspn(value + 1, " \t");
	value = keep(out, value, strcspn(value, "\r\n"));
	if (!pj_stricmp2(&error->hname, "Retry-After") && !view->retry_after)
		view->retry_after = value;
	else if (!pj_stricmp2(&error->hname, "Expires") && !view->expires)
		view->expires = value;
	else if (!pj_stricmp2(&error->hname, "Min-Expires") && !view->min_expires)
		view->min_expires = value;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static void read_dialog(struct fo_pjsip_view *out, pjsip_msg *message)
{
	pjsip_from_hdr *from = PJSIP_MSG_FROM_HDR(message);
	pjsip_to_hdr *to = PJSIP_MSG_TO_HDR(message);
	pjsip_cid_hdr *call_id = PJSIP_MSG_CID_HDR(message);
	pjsip_cseq_hdr *cseq = PJSIP_MSG_CSEQ_HDR(message);
	struct ua_view *view = &out->view;

	if (!from || !to || !call_id || !cseq)
		return;
	view->from = value_of(out, from);
	view->from_tag = text_of(out, &from->tag);
	view->from_uri = uri_of(out, PJSIP_URI_IN_OTHER, pjsip_uri_get_uri(from->uri));
	view->to = value_of(out, to);
	view->to_tag = text_of(out, &to->tag);
	view->to_user = user_of(out, to->uri);
	view->call_id = text_of(out, &call_id->id);
	view->cseq = (uint32_t)cseq->cseq;
	view->method = text_of(out, &cseq->method.name);
}

static void read_request_line(struct fo_pjsip_view *out, const struct pjsip_request_line *line)
{
	const pjsip_sip_uri *uri = sip_uri_of(line->uri);

	out->view.uri_scheme = text_of(out, pjsip_uri_get_scheme(line->uri));
	out->view.uri_user = user_of(out, line->uri);
	out->view.uri_has_headers = uri && !pj_list_empty(&uri->header_param);
}

/* RFC 3261 18.3: a datagram may hold more than its message, and must not hold less. */
static int read_body(struct fo_pjsip_view *out, pjsip_msg *message, const char *after, size_t count)
{
	const pjsip_clen_hdr *length = pjsip_msg_find_hdr(message, PJSIP_H_CONTENT_LENGTH, NULL);
	const pjsip_msg_body *body = message->body;

	if (length && (size_t)length->len > count)
		return -1;
	if (length)
		count = (size_t)length->len;
	out->view.body = keep(out, after, count);
	if (body) {
		char type[256];
		int size =
			snprintf(type, sizeof(type), "%.*s/%.*s", (int)body->content_type.type.slen,
				 body->content_type.type.ptr, (int)body->content_type.subtype.slen,
				 body->content_type.subtype.ptr);

		if (size > 0 && size < (int)sizeof(type))
			out->view.content_type = keep(out, type, (size_t)size);
	}
	return 0;
}

/* What every message must have, and what makes a response one of ours (RFC 3261 8.1.3.3). */
static int is_complete(const struct fo_pjsip_view *out, const pjsip_msg *message)
{
	const struct ua_view *view = &out->view;

	if (out->full || !out->serving.vias_count || !view->call_id || !view->method)
		return 0;
	if (message->type == PJSIP_RESPONSE_MSG)
		return view->status >= 100 && view->status <= 699 && view->branch &&
		       out->serving.vias_count == 1;
	return !pj_strcmp2(&message->line.req.method.name, view->method);
}

int fo_pjsip_read(struct fo_pjsip *ua, char *bytes, size_t count,
		  const struct failover_target *from)
{
	struct fo_pjsip_view *out = &ua->view;
	const char *after = strstr(bytes, "\r\n\r\n");
	pjsip_parser_err_report errors, *error;
	pjsip_hdr *header;
	pjsip_msg *message;

	memset(out, 0, offsetof(struct fo_pjsip_view, store));
	out->serving.view = &out->view;
	out->serving.vias = out->vias;
	out->view.source = *from;
	pj_pool_reset(ua->pool);
	pj_list_init(&errors);
	message = after ? pjsip_parse_msg(ua->pool, bytes, count, &errors) : NULL;
	if (!message)
		return -1;
	if (message->type == PJSIP_RESPONSE_MSG)
		out->view.status = (uint32_t)message->line.status.code;
	else
		read_request_line(out, &message->line.req);
	read_dialog(out, message);
	for (header = message->hdr.next; header != &message->hdr; header = header->next)
		read_header(out, header);
	for (error = errors.next; error != &errors; error = error->next)
		read_left_out(out, error, bytes);
	if (read_body(out, message, after + 4, count - (size_t)(after + 4 - bytes)))
		return -1;
	return is_complete(out, message) ? 0 : -1;
}
