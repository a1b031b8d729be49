/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.c - what belle-sip's parser has read, as a view; and responses, which copy the headers of
 * their request. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../common/writer.h"
#include "message.h"

#define HEADER(message, type) belle_sip_message_get_header_by_type(message, type)

/* ---- parsing ------------------------------------------------------------------------------ */

/* Its parser reads headers only; the body is what follows, as long as Content-Length says (RFC 3261
 * 18.3). Returns 0, or -1 when that is not there. */
static int cut_body(const belle_sip_message_t *message, char *body, size_t there)
{
	const belle_sip_header_content_length_t *header =
		HEADER(message, belle_sip_header_content_length_t);
	size_t length = header ? belle_sip_header_content_length_get_content_length(header) : there;

	if (length > there)
		return -1;
	body[length] = '\0';
	return 0;
}

/* What cannot be a length makes the end of the body uncertain; its parser passes over that. */
static int is_length_sound(const char *text, const char *end)
{
	const char *at = text;

	while ((at = strchr(at, '\n')) && at < end) {
		size_t name, value;

		at++;
		name = !strncasecmp(at, "Content-Length", 14) ? 14 : (*at | 0x20) == 'l';
		value = name + strspn(at + name, " \t");
		if (!name || at[value] != ':')
			continue;
		at += value + 1;
		at += strspn(at, " \t");
		value = strspn(at, "0123456789");
		if (!value || value > 9 || !strchr("\r\n", at[value + strspn(at + value, " \t")]))
			return 0;
	}
	return 1;
}

static int is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Of stale=TRUE, which is good (RFC 7616 3.3), its parser leaves nothing. */
static void repair_stale(char *text, const char *end)
{
	int quoted = 0;
	char *at;

	for (at = text; at < end; at++) {
		if (*at == '\n')
			quoted = 0;
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == '\\' && quoted)
			at++;
		else if (!quoted && !strncasecmp(at, "stale=", 6))
			for (at += 5; is_letter(at[1]); at++)
				at[1] |= 0x20;
	}
}

/* It reads seconds modulo 2^32: what is longer becomes 999999999. */
static void repair_seconds(char *text, const char *end)
{
	char *at = text;

	while ((at = strchr(at, '\n')) && at < end) {
		const char *name = ++at;
		size_t digits, i;

		if (strncasecmp(name, "Retry-After:", 12) != 0 &&
		    strncasecmp(name, "Expires:", 8) != 0 &&
		    strncasecmp(name, "Min-Expires:", 12) != 0)
			continue;
		at += strcspn(at, ":");
		at += 1 + strspn(at + 1, " \t");
		digits = strspn(at, "0123456789");
		for (i = 0; digits > 9 && i < digits; i++)
			at[i] = i < digits - 9 ? '0' : '9';
	}
}

belle_sip_message_t *fo_belle_message_parse(char *text, size_t count, const char **body)
{
	const char *end = strstr(text, "\r\n\r\n");
	size_t headers = end ? (size_t)(end - text) + 4 : count, done = 0;
	belle_sip_message_t *message;

	if (!is_length_sound(text, text + headers))
		return NULL;
	repair_stale(text, text + headers);
	repair_seconds(text, text + headers);
	message = belle_sip_message_parse_raw(text, headers, &done);
	if (!message || cut_body(message, text + headers, count - headers))
		return NULL;
	*body = text + headers;
	return message;
}

belle_sip_header_via_t *fo_belle_message_via(const belle_sip_message_t *message)
{
	return HEADER(message, belle_sip_header_via_t);
}

const char *fo_belle_message_branch_of(const belle_sip_message_t *message)
{
	belle_sip_header_via_t *via = fo_belle_message_via(message);

	return via ? belle_sip_header_via_get_branch(via) : NULL;
}

static int has_address(const void *header)
{
	const belle_sip_header_address_t *address = header;

	return address &&
	       (belle_sip_header_address_get_uri(address) ||
		belle_sip_header_address_get_absolute_uri(BELLE_SIP_HEADER_ADDRESS(address)));
}

static int has_request_line(const belle_sip_message_t *message, const char *method)
{
	const belle_sip_request_t *request = BELLE_SIP_REQUEST(message);

	return belle_sip_request_get_method(request) &&
	       !strcmp(belle_sip_request_get_method(request), method) &&
	       (belle_sip_request_get_uri(request) || belle_sip_request_get_absolute_uri(request));
}

int fo_belle_message_is_complete(const belle_sip_message_t *message)
{
	const belle_sip_header_call_id_t *id = HEADER(message, belle_sip_header_call_id_t);
	const belle_sip_header_cseq_t *cseq = HEADER(message, belle_sip_header_cseq_t);
	const char *branch = fo_belle_message_branch_of(message);
	int status;

	if (!fo_belle_message_via(message) ||
	    !has_address(HEADER(message, belle_sip_header_from_t)) ||
	    !has_address(HEADER(message, belle_sip_header_to_t)) || !id ||
	    !belle_sip_header_call_id_get_call_id(id) || !cseq ||
	    !belle_sip_header_cseq_get_method(cseq))
		return 0;
	if (belle_sip_message_is_request((belle_sip_message_t *)(uintptr_t)message))
		return has_request_line(message, belle_sip_header_cseq_get_method(cseq));
	status = belle_sip_response_get_status_code(BELLE_SIP_RESPONSE(message));
	return branch && branch[0] && status >= 100 && status <= 699;
}

/* ---- views -------------------------------------------------------------------------------- */

/* A text that belle-sip has made; freed with the view. */
static const char *keep(struct fo_belle_view *out, char *text)
{
	if (!text || out->owned_count == FO_OWNED_MAX) {
		belle_sip_free(text);
		return NULL;
	}
	out->owned[out->owned_count++] = text;
	return text;
}

/* The value of a header: it writes itself with its name. */
static const char *value_of(struct fo_belle_view *out, void *header)
{
	const char *text = header ? keep(out, belle_sip_object_to_string(header)) : NULL;
	const char *value = text ? strchr(text, ':') : NULL;

	if (!value)
		return NULL;
	value++;
	return value + strspn(value, " ");
}

static const char *header_of(struct fo_belle_view *out, const char *name)
{
	return value_of(out, belle_sip_message_get_header(out->message, name));
}

/* Route headers in order. Returns how many, most + 1 if there are more or one cannot be written. */
static uint32_t read_routes(struct fo_belle_view *out, const char *name,
			    const char *routes[FO_ROUTES_MAX])
{
	const belle_sip_list_t *at = belle_sip_message_get_headers(out->message, name);
	uint32_t count = 0;

	for (; at; at = at->next) {
		if (count == FO_ROUTES_MAX)
			return FO_ROUTES_MAX + 1;
		routes[count] = value_of(out, at->data);
		if (!routes[count++])
			return FO_ROUTES_MAX + 1;
	}
	return count;
}

static void read_challenges(struct fo_belle_view *out)
{
	const char *name = out->view.status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate";
	const belle_sip_list_t *at = belle_sip_message_get_headers(out->message, name);
	struct fo_view *view = &out->view;

	for (; at && view->challenges_count < FO_CHALLENGES_MAX; at = at->next) {
		view->challenges[view->challenges_count] = value_of(out, at->data);
		if (view->challenges[view->challenges_count])
			view->challenges_count++;
	}
}

/* The bindings of a 2xx to REGISTER. */
static void read_contacts(struct fo_belle_view *out)
{
	const belle_sip_list_t *at = belle_sip_message_get_headers(out->message, "Contact");
	struct fo_view *view = &out->view;

	for (; at && view->contacts_count < FO_CONTACTS_MAX; at = at->next) {
		struct fo_contact *to = &view->contacts[view->contacts_count];
		const belle_sip_uri_t *uri = belle_sip_header_address_get_uri(at->data);
		int port = uri ? belle_sip_uri_get_port(uri) : 0;

		if (!uri || !belle_sip_uri_get_host(uri))
			continue;
		to->user = belle_sip_uri_get_user(uri);
		to->host = belle_sip_uri_get_host(uri);
		to->port = port > 0 && port <= UINT16_MAX ? (uint32_t)port : 0;
		to->expires = belle_sip_parameters_get_parameter(at->data, "expires");
		view->contacts_count++;
	}
}

static void read_response(struct fo_belle_view *out)
{
	struct fo_view *view = &out->view;

	view->status =
		(uint32_t)belle_sip_response_get_status_code(BELLE_SIP_RESPONSE(out->message));
	view->retry_after = header_of(out, "Retry-After");
	view->min_expires = header_of(out, "Min-Expires");
	view->expires = header_of(out, "Expires");
	if (view->status == 401 || view->status == 407)
		read_challenges(out);
	if (!strcmp(view->method, "REGISTER") && view->status >= 200 && view->status < 300) {
		read_contacts(out);
		view->service_routes_count =
			read_routes(out, "Service-Route", view->service_routes);
	}
}

static const char *user_of(const belle_sip_uri_t *uri)
{
	return uri ? belle_sip_uri_get_user(uri) : NULL;
}

static const char *uri_text(struct fo_belle_view *out, const void *header)
{
	const belle_sip_header_address_t *address = header;
	belle_sip_uri_t *uri = belle_sip_header_address_get_uri(address);
	void *other = belle_sip_header_address_get_absolute_uri(BELLE_SIP_HEADER_ADDRESS(address));

	return keep(out, belle_sip_object_to_string(uri ? (void *)uri : other));
}

static void read_request(struct fo_belle_view *out)
{
	const belle_sip_request_t *request = BELLE_SIP_REQUEST(out->message);
	const belle_sip_uri_t *uri = belle_sip_request_get_uri(request);
	const belle_generic_uri_t *other = belle_sip_request_get_absolute_uri(request);

	if (other)
		out->view.uri_scheme = belle_generic_uri_get_scheme(other);
	out->view.uri_has_headers = uri && belle_sip_uri_get_header_names(uri) != NULL;
	out->view.content_type = header_of(out, "Content-Type");
	out->view.uri_user = user_of(uri);
	out->view.to_user = user_of(belle_sip_header_address_get_uri(
		BELLE_SIP_HEADER_ADDRESS(HEADER(out->message, belle_sip_header_to_t))));
	out->view.from_uri = uri_text(out, HEADER(out->message, belle_sip_header_from_t));
	out->view.require = header_of(out, "Require");
}

void fo_belle_view_init(struct fo_belle_view *out, belle_sip_message_t *message, const char *body,
			const struct failover_target *from)
{
	const belle_sip_header_cseq_t *cseq = HEADER(message, belle_sip_header_cseq_t);
	belle_sip_header_from_t *who = HEADER(message, belle_sip_header_from_t);
	belle_sip_header_to_t *whom = HEADER(message, belle_sip_header_to_t);
	belle_sip_header_contact_t *contact = HEADER(message, belle_sip_header_contact_t);
	struct fo_view *view = &out->view;

	memset(out, 0, sizeof(*out));
	out->message = message;
	view->message = out;
	view->source = *from;
	view->method = belle_sip_header_cseq_get_method(cseq);
	view->cseq = belle_sip_header_cseq_get_seq_number(cseq);
	view->branch = fo_belle_message_branch_of(message);
	view->call_id =
		belle_sip_header_call_id_get_call_id(HEADER(message, belle_sip_header_call_id_t));
	view->from = value_of(out, who);
	view->from_tag = belle_sip_header_from_get_tag(who);
	view->to = value_of(out, whom);
	view->to_tag = belle_sip_header_to_get_tag(whom);
	if (contact && has_address(contact))
		view->contact = uri_text(out, contact);
	view->record_routes_count = read_routes(out, "Record-Route", view->record_routes);
	view->body = body && body[0] ? body : NULL;
	if (belle_sip_message_is_request(message))
		read_request(out);
	else
		read_response(out);
}

void fo_belle_view_free(struct fo_belle_view *view)
{
	size_t i;

	for (i = 0; i < view->owned_count; i++)
		belle_sip_free(view->owned[i]);
}

/* ---- responses ---------------------------------------------------------------------------- */

/* RFC 3261 8.2.6.2; Record-Route is for those that make a dialog (12.1.1). */
static void add_routes(belle_sip_message_t *response, const belle_sip_request_t *request,
		       uint32_t status)
{
	const belle_sip_list_t *at =
		belle_sip_message_get_headers(BELLE_SIP_MESSAGE(request), "Record-Route");

	belle_sip_message_remove_header(response, "Record-Route");
	if (strcmp(belle_sip_request_get_method(request), "INVITE") != 0 || status <= 100 ||
	    status >= 300)
		return;
	for (; at; at = at->next)
		belle_sip_message_add_header(response, at->data);
}

/* The answer has a To of its own: belle-sip would put our tag into the request's. */
static void set_tag(belle_sip_message_t *response, const char *tag)
{
	belle_sip_object_t *to =
		belle_sip_object_clone(BELLE_SIP_OBJECT(HEADER(response, belle_sip_header_to_t)));

	belle_sip_header_to_set_tag(BELLE_SIP_HEADER_TO(to), tag);
	belle_sip_message_set_header(response, BELLE_SIP_HEADER(to));
}

/* Its own are written in another way than RFC 3261 21 does ("Ok"), which is allowed; people and
 * programs that look at them know those of the RFC. */
static const char *phrase_of(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 420, "Bad Extension" },
		{ 481, "Call/Transaction Does Not Exist" },
		{ 486, "Busy Here" },
		{ 487, "Request Terminated" },
		{ 488, "Not Acceptable Here" },
		{ 500, "Server Internal Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
	};
	size_t i;

	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return NULL;
}

/* Our own headers are added as they are: belle-sip would write Contact without <>. */
static char *add_ours(struct fo_belle *ua, const char *head, const struct fo_reply *reply)
{
	const char *body = reply->body ? reply->body : "", *end = strstr(head, "\r\n\r\n");
	char text[FO_MESSAGE_MAX], lines[FO_MESSAGE_MAX];
	struct fo_writer writer;

	if (!end || fo_reply_lines(reply, lines, sizeof(lines)) < 0)
		return NULL;
	fo_writer_init(&writer, text, sizeof(text));
	fo_writer_add(&writer, "%.*s\r\nUser-Agent: %s\r\n%s", (int)(end - head), head,
		      ua->base.user_agent, lines);
	fo_writer_add(&writer, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	return fo_writer_error(&writer) ? NULL : strdup(text);
}

char *fo_belle_message_response(struct fo_belle *ua, belle_sip_request_t *request,
				const struct fo_reply *reply)
{
	belle_sip_response_t *made =
		belle_sip_response_create_from_request(request, (int)reply->status);
	belle_sip_message_t *response = made ? BELLE_SIP_MESSAGE(made) : NULL;
	char *head, *text;

	if (!response)
		return NULL;
	if (phrase_of(reply->status))
		belle_sip_response_set_reason_phrase(made, phrase_of(reply->status));
	if (reply->status > 100 && reply->tag &&
	    !belle_sip_header_to_get_tag(HEADER(response, belle_sip_header_to_t)))
		set_tag(response, reply->tag);
	add_routes(response, request, reply->status);
	head = belle_sip_message_to_string(response);
	text = head ? add_ours(ua, head, reply) : NULL;
	belle_sip_free(head);
	return text;
}
