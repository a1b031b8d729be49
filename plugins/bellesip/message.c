/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.c - what belle-sip's parser has read, as a view. */
#include <string.h>
#include <strings.h>
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

static belle_sip_header_via_t *via_of(const belle_sip_message_t *message)
{
	return HEADER(message, belle_sip_header_via_t);
}

static const char *branch_of(const belle_sip_message_t *message)
{
	belle_sip_header_via_t *via = via_of(message);

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

static int has_too_many_vias(const belle_sip_message_t *message)
{
	const belle_sip_list_t *at = belle_sip_message_get_headers(message, "Via");
	uint32_t count = 0;

	for (; at; at = at->next)
		count++;
	return count > UA_VIAS_MAX;
}

int fo_belle_message_is_complete(const belle_sip_message_t *message)
{
	const belle_sip_header_call_id_t *id = HEADER(message, belle_sip_header_call_id_t);
	const belle_sip_header_cseq_t *cseq = HEADER(message, belle_sip_header_cseq_t);
	const char *branch = branch_of(message);
	int status;

	if (!via_of(message) || has_too_many_vias(message) ||
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
			    const char *routes[UA_ROUTES_MAX])
{
	const belle_sip_list_t *at = belle_sip_message_get_headers(out->message, name);
	uint32_t count = 0;

	for (; at; at = at->next) {
		if (count == UA_ROUTES_MAX)
			return UA_ROUTES_MAX + 1;
		routes[count] = value_of(out, at->data);
		if (!routes[count++])
			return UA_ROUTES_MAX + 1;
	}
	return count;
}

static void read_challenges(struct fo_belle_view *out)
{
	const char *name = out->view.status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate";
	const belle_sip_list_t *at = belle_sip_message_get_headers(out->message, name);
	struct ua_view *view = &out->view;

	for (; at && view->challenges_count < UA_CHALLENGES_MAX; at = at->next) {
		view->challenges[view->challenges_count] = value_of(out, at->data);
		if (view->challenges[view->challenges_count])
			view->challenges_count++;
	}
}

/* The bindings of a 2xx to REGISTER. */
static void read_contacts(struct fo_belle_view *out)
{
	const belle_sip_list_t *at = belle_sip_message_get_headers(out->message, "Contact");
	struct ua_view *view = &out->view;

	for (; at && view->contacts_count < UA_CONTACTS_MAX; at = at->next) {
		struct ua_contact *to = &view->contacts[view->contacts_count];
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
	struct ua_view *view = &out->view;

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

static const char *sent_by_of(struct fo_belle_view *out, const belle_sip_header_via_t *via)
{
	const char *host = belle_sip_header_via_get_host(via);
	int port = belle_sip_header_via_get_port(via), bare;

	if (!host)
		return "";
	bare = strchr(host, ':') && host[0] != '['; /* an IPv6 address without its brackets */
	if (port <= 0)
		return keep(out, belle_sip_strdup_printf(bare ? "[%s]" : "%s", host));
	return keep(out, belle_sip_strdup_printf(bare ? "[%s]:%d" : "%s:%d", host, port));
}

static int read_vias(struct fo_belle_view *out)
{
	const belle_sip_list_t *at = belle_sip_message_get_headers(out->message, "Via");
	const belle_sip_header_via_t *via = via_of(out->message);
	struct ua_serving_message *serving = &out->serving;

	serving->view = &out->view;
	serving->vias = out->vias;
	serving->has_rport =
		belle_sip_parameters_has_parameter(BELLE_SIP_PARAMETERS(via), "rport") != 0;
	serving->sent_by = sent_by_of(out, via);
	for (; at; at = at->next) {
		const char *value = value_of(out, at->data);

		if (!value)
			return FAILOVER_ERR_MEMORY;
		out->vias[serving->vias_count++] = value;
	}
	return serving->sent_by ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

int fo_belle_view_init(struct fo_belle_view *out, belle_sip_message_t *message, const char *body,
		       const struct failover_target *from)
{
	const belle_sip_header_cseq_t *cseq = HEADER(message, belle_sip_header_cseq_t);
	belle_sip_header_from_t *who = HEADER(message, belle_sip_header_from_t);
	belle_sip_header_to_t *whom = HEADER(message, belle_sip_header_to_t);
	belle_sip_header_contact_t *contact = HEADER(message, belle_sip_header_contact_t);
	struct ua_view *view = &out->view;

	memset(out, 0, sizeof(*out));
	out->message = message;
	view->message = out;
	view->source = *from;
	view->method = belle_sip_header_cseq_get_method(cseq);
	view->cseq = belle_sip_header_cseq_get_seq_number(cseq);
	view->branch = branch_of(message);
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
	if (!view->from || !view->to)
		return FAILOVER_ERR_MEMORY;
	if (!belle_sip_message_is_request(message)) {
		read_response(out);
		return FAILOVER_OK;
	}
	read_request(out);
	return read_vias(out);
}

void fo_belle_view_free(struct fo_belle_view *view)
{
	size_t i;

	for (i = 0; i < view->owned_count; i++)
		belle_sip_free(view->owned[i]);
}
