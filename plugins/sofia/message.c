/* SPDX-License-Identifier: MIT */
/* message.c - messages are read by Sofia-SIP's parser. */
#include <string.h>
#include <strings.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/url.h>
#include "message.h"

/* ---- complete ----------------------------------------------------------------------------- */

static int has_basics(const sip_t *sip)
{
	return sip->sip_from && sip->sip_to && sip->sip_call_id && sip->sip_call_id->i_id &&
	       sip->sip_cseq && sip->sip_cseq->cs_method_name && sip->sip_via &&
	       sip->sip_via->v_host;
}

/* The parser sets the second of what there may be only one of aside, in the list of the headers
 * that it cannot read, but in its own shape. Of those that say whose message it is, none may be
 * there. */
static int has_seconds(const sip_t *sip)
{
	const sip_error_t *set_aside;

	for (set_aside = sip->sip_error; set_aside; set_aside = set_aside->er_next) {
		const msg_hclass_t *class = set_aside->er_common->h_class;

		if (class == sip_call_id_class || class == sip_cseq_class ||
		    class == sip_from_class || class == sip_to_class)
			return 1;
	}
	return 0;
}

static int has_too_many_vias(const sip_t *sip)
{
	const sip_via_t *via;
	uint32_t count = 0;

	for (via = sip->sip_via; via; via = via->v_next)
		count++;
	return count > UA_VIAS_MAX;
}

static int is_version_2(const sip_t *sip)
{
	const char *version =
		sip->sip_status ? sip->sip_status->st_version : sip->sip_request->rq_version;

	return version && !strcasecmp(version, sip_version_2_0);
}

int fo_sofia_message_is_complete(const sip_t *sip)
{
	if ((!sip->sip_status && !sip->sip_request) || !has_basics(sip) || has_seconds(sip) ||
	    has_too_many_vias(sip) || !is_version_2(sip))
		return 0;
	if (sip->sip_status) /* RFC 3261 18.1.2, 8.1.3.3: a response has one Via, ours */
		return !sip->sip_via->v_next && sip->sip_via->v_branch &&
		       sip->sip_via->v_branch[0] && sip->sip_status->st_status >= 100 &&
		       sip->sip_status->st_status <= 699;
	return sip->sip_request->rq_method_name &&
	       sip->sip_request->rq_url->url_type != url_invalid &&
	       !strcmp(sip->sip_request->rq_method_name, sip->sip_cseq->cs_method_name);
}

int fo_sofia_message_source(msg_t *message, struct failover_target *out)
{
	const su_addrinfo_t *info = msg_addrinfo(message);
	struct sockaddr_storage address;
	int error;

	memset(&address, 0, sizeof(address));
	if (!info || !info->ai_addr || info->ai_addrlen > sizeof(address))
		return FAILOVER_ERR_ARGUMENT;
	memcpy(&address, info->ai_addr, info->ai_addrlen);
	error = ua_address_from_socket(&address, out);
	if (!error)
		out->transport = FAILOVER_UDP;
	return error;
}

/* ---- reading ------------------------------------------------------------------------------ */

static su_home_t *home_of(const struct fo_sofia_view *view)
{
	return msg_home(view->message);
}

/* The value of this header alone, also where others follow it in one line. sip_header_as_string()
 * gives a long one no end: its last part is not written unless one byte is left over. */
static char *text_of(su_home_t *home, const void *header)
{
	issize_t length = sip_header_field_e(NULL, 0, header, 0);
	isize_t room = (isize_t)length + 2;
	char *text = length < 0 ? NULL : su_zalloc(home, room);

	if (!text || sip_header_field_e(text, room, header, 0) != length ||
	    strlen(text) != (size_t)length)
		return NULL;
	return text;
}

static const char *value_of(const struct fo_sofia_view *view, const void *header)
{
	return header ? text_of(home_of(view), header) : NULL;
}

static const char *uri_of(const struct fo_sofia_view *view, const url_t *url)
{
	return url_as_string(home_of(view), url);
}

static const char *user_of(const struct fo_sofia_view *view, const url_t *url)
{
	char *user = url->url_user ? su_strdup(home_of(view), url->url_user) : NULL;

	return user ? url_unescape(user, user) : NULL;
}

static int has_host(const url_t *url)
{
	return url->url_type != url_any && url->url_host && url->url_host[0];
}

/* Up to UA_ROUTES_MAX values; more make one more. Without memory for one there is no route set. */
static uint32_t read_routes(const struct fo_sofia_view *view, const sip_route_t *route,
			    const char *values[UA_ROUTES_MAX])
{
	uint32_t count = 0;

	for (; route; route = route->r_next) {
		if (count == UA_ROUTES_MAX)
			return UA_ROUTES_MAX + 1;
		values[count] = value_of(view, route);
		if (!values[count++])
			return UA_ROUTES_MAX + 1;
	}
	return count;
}

static void read_challenges(struct fo_sofia_view *out)
{
	const sip_www_authenticate_t *challenge = out->view.status == 407
							  ? out->sip->sip_proxy_authenticate
							  : out->sip->sip_www_authenticate;

	for (; challenge && out->view.challenges_count < UA_CHALLENGES_MAX;
	     challenge = challenge->au_next) {
		const char *value = value_of(out, challenge);

		if (value)
			out->view.challenges[out->view.challenges_count++] = value;
	}
}

/* The bindings of a 2xx to REGISTER. */
static void read_contacts(struct fo_sofia_view *out)
{
	const sip_contact_t *contact = out->sip->sip_contact;

	for (; contact && out->view.contacts_count < UA_CONTACTS_MAX; contact = contact->m_next) {
		struct ua_contact *to = &out->view.contacts[out->view.contacts_count];

		if (!has_host(contact->m_url))
			continue;
		to->user = contact->m_url->url_user;
		to->host = contact->m_url->url_host;
		if (contact->m_url->url_port)
			(void)ua_text_number(contact->m_url->url_port, UINT16_MAX, &to->port);
		to->expires = contact->m_expires;
		out->view.contacts_count++;
	}
}

/* The parser sets aside what it cannot read: a number that is too large for it, too. */
static const char *set_aside(const struct fo_sofia_view *view, const char *name)
{
	const sip_error_t *error = view->sip->sip_error;
	const char *text, *colon;

	for (; error; error = error->er_next) {
		if (!msg_is_error((const msg_header_t *)(const void *)error) || !error->er_name ||
		    strcmp(error->er_name, name) != 0 || !error->er_common->h_data)
			continue;
		text = su_strndup(home_of(view), error->er_common->h_data, error->er_common->h_len);
		colon = text ? strchr(text, ':') : NULL;
		return colon ? colon + 1 + strspn(colon + 1, " \t") : NULL;
	}
	return NULL;
}

static void read_response(struct fo_sofia_view *out)
{
	const sip_t *sip = out->sip;
	struct ua_view *view = &out->view;

	view->status = (uint32_t)sip->sip_status->st_status;
	view->retry_after = value_of(out, sip->sip_retry_after);
	view->min_expires = value_of(out, sip->sip_min_expires);
	if (sip->sip_expires)
		view->expires = su_sprintf(home_of(out), "%lu", sip->sip_expires->ex_delta);
	else
		view->expires = set_aside(out, "Expires");
	if (view->status == 401 || view->status == 407)
		read_challenges(out);
	if (!strcmp(view->method, "REGISTER") && view->status / 100 == 2) {
		read_contacts(out);
		view->service_routes_count = read_routes(
			out, (const sip_route_t *)sip_service_route(sip), view->service_routes);
	}
}

static void read_request(struct fo_sofia_view *out)
{
	const sip_t *sip = out->sip;

	out->view.uri_scheme = sip->sip_request->rq_url->url_scheme;
	out->view.uri_has_headers = sip->sip_request->rq_url->url_headers != NULL;
	if (sip->sip_content_type)
		out->view.content_type = sip->sip_content_type->c_type;
	out->view.uri_user = user_of(out, sip->sip_request->rq_url);
	out->view.to_user = user_of(out, sip->sip_to->a_url);
	out->view.from_uri = uri_of(out, sip->sip_from->a_url);
	out->view.require = value_of(out, sip->sip_require);
}

/* Returns 0 or FAILOVER_ERR_MEMORY. */
static int read_vias(struct fo_sofia_view *out)
{
	struct ua_serving_message *serving = &out->serving;
	const sip_via_t *via = out->sip->sip_via;

	serving->view = &out->view;
	serving->vias = out->vias;
	serving->has_rport = via->v_rport != NULL;
	serving->sent_by = su_sprintf(home_of(out), "%s%s%s", via->v_host, via->v_port ? ":" : "",
				      via->v_port ? via->v_port : "");
	for (; via; via = via->v_next) {
		const char *value = value_of(out, via);

		if (!value)
			return FAILOVER_ERR_MEMORY;
		out->vias[serving->vias_count++] = value;
	}
	return serving->sent_by ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static const char *body_of(const struct fo_sofia_view *view)
{
	const sip_payload_t *payload = view->sip->sip_payload;

	if (!payload || !payload->pl_data || !payload->pl_len)
		return NULL;
	return su_strndup(home_of(view), payload->pl_data, payload->pl_len);
}

int fo_sofia_view_init(struct fo_sofia_view *out, msg_t *message,
		       const struct failover_target *from)
{
	struct ua_view *view = &out->view;
	sip_t *sip = sip_object(message);

	memset(out, 0, sizeof(*out));
	out->message = message;
	out->sip = sip;
	view->message = out;
	view->source = *from;
	view->method = sip->sip_cseq->cs_method_name;
	view->cseq = sip->sip_cseq->cs_seq;
	view->branch = sip->sip_via->v_branch;
	view->call_id = sip->sip_call_id->i_id;
	view->from = value_of(out, sip->sip_from);
	view->from_tag = sip->sip_from->a_tag;
	view->to = value_of(out, sip->sip_to);
	view->to_tag = sip->sip_to->a_tag;
	if (sip->sip_contact && has_host(sip->sip_contact->m_url))
		view->contact = uri_of(out, sip->sip_contact->m_url);
	view->record_routes_count = read_routes(out, sip->sip_record_route, view->record_routes);
	view->body = body_of(out);
	if (!view->from || !view->to)
		return FAILOVER_ERR_MEMORY;
	if (sip->sip_status) {
		read_response(out);
		return FAILOVER_OK;
	}
	read_request(out);
	return read_vias(out);
}
