/* SPDX-License-Identifier: MIT */
/* message.c - requests are written as text and parsed by libosip2, so what it cannot read is never
 * sent; responses copy the headers of their request. */
#include <stdlib.h>
#include <string.h>
#include "../common/writer.h"
#include "message.h"

int fo_message_branch(struct fo_osip *ua, char out[FO_BRANCH])
{
	memcpy(out, "z9hG4bK", 7);
	return fo_osip_token(ua, out + 7);
}

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

const char *fo_message_transport_param(uint32_t transport)
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

static void write_request(struct fo_osip *ua, const struct fo_request_parts *parts,
			  struct fo_writer *writer)
{
	char local[FO_ADDRESS_TEXT];

	fo_address_text(parts->local, local);
	fo_writer_add(writer, "%s %s SIP/2.0\r\n", parts->method, parts->uri);
	/* RFC 5923: nobody listens for TLS here, so requests to us use our connection. */
	fo_writer_add(writer, "Via: SIP/2.0/%s %s;rport;branch=%s%s\r\n",
		      transport_text(parts->local->transport), local, parts->branch,
		      parts->local->transport == FAILOVER_TLS ? ";alias" : "");
	fo_writer_add(writer, "%s", parts->routes ? parts->routes : "");
	fo_writer_add(writer, "Max-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\n", parts->from, parts->to);
	fo_writer_add(writer, "Call-ID: %s\r\nCSeq: %u %s\r\n", parts->call_id,
		      (unsigned)parts->cseq, parts->method);
	if (parts->contact_user) {
		fo_writer_add(writer, "Contact: <sip:");
		fo_writer_add_user(writer, parts->contact_user);
		fo_writer_add(writer, "%s%s%s>\r\n", parts->contact_user[0] ? "@" : "", local,
			      fo_message_transport_param(parts->local->transport));
	}
	fo_writer_add(writer, "User-Agent: %s\r\n%s", ua->user_agent,
		      parts->headers ? parts->headers : "");
	if (parts->body)
		fo_writer_add(writer, "Content-Type: application/sdp\r\n");
	fo_writer_add(writer, "Content-Length: %zu\r\n\r\n%s",
		      parts->body ? strlen(parts->body) : 0, parts->body ? parts->body : "");
}

osip_message_t *fo_message_request(struct fo_osip *ua, const struct fo_request_parts *parts)
{
	char text[FO_MESSAGE_MAX];
	struct fo_writer writer;
	osip_message_t *message;

	fo_writer_init(&writer, text, sizeof(text));
	write_request(ua, parts, &writer);
	if (fo_writer_error(&writer) || osip_message_init(&message))
		return NULL;
	if (osip_message_parse(message, text, writer.length)) {
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

osip_message_t *fo_message_response(struct fo_osip *ua, const osip_message_t *request, int status,
				    const char *tag)
{
	osip_message_t *message;

	if (osip_message_init(&message))
		return NULL;
	if (set_status(message, status) || copy_headers(request, message, tag) ||
	    osip_message_set_header(message, "User-Agent", ua->user_agent) ||
	    osip_message_set_content_length(message, "0")) {
		osip_message_free(message);
		return NULL;
	}
	return message;
}

int fo_message_set_sdp(osip_message_t *message, const char *sdp)
{
	char length[16];
	struct fo_writer writer;

	fo_writer_init(&writer, length, sizeof(length));
	fo_writer_add(&writer, "%zu", strlen(sdp));
	osip_content_length_free(message->content_length);
	message->content_length = NULL;
	if (osip_message_set_content_length(message, length) ||
	    osip_message_set_content_type(message, "application/sdp") ||
	    osip_message_set_body(message, sdp, strlen(sdp)))
		return FAILOVER_ERR_MEMORY;
	return FAILOVER_OK;
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
	struct fo_writer writer;
	const osip_call_id_t *id = message->call_id;

	fo_writer_init(&writer, out, size);
	fo_writer_add(&writer, id->host ? "%s@%s" : "%s", id->number, id->host);
	return fo_writer_error(&writer);
}

uint32_t fo_message_cseq(const osip_message_t *message)
{
	uint32_t number = 0;

	if (fo_osip_number(message->cseq->number, INT32_MAX, &number))
		return 0;
	return number;
}

uint32_t fo_message_seconds(const osip_message_t *message, const char *name, uint32_t most)
{
	osip_header_t *header = NULL;
	uint32_t seconds = 0;

	if (osip_message_header_get_byname(message, name, 0, &header) < 0 || !header ||
	    !header->hvalue || fo_osip_number(header->hvalue, most, &seconds))
		return 0;
	return seconds;
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
