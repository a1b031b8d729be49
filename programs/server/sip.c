/* SPDX-License-Identifier: MIT */
/* sip.c - reading and building SIP messages. */
#include "sip.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool copy(char *to, size_t room, const char *from)
{
	size_t len = from ? strlen(from) : 0;

	if (len == 0 || len >= room)
		return false;
	memcpy(to, from, len + 1);
	return true;
}

long sip_number(const char *text, long fallback)
{
	size_t digits = text ? strspn(text, "0123456789") : 0;

	if (digits == 0 || digits > 9)
		return fallback;
	return strtol(text, NULL, 10);
}

const char *sip_header(const struct sip_msg *msg, const char *name)
{
	osip_header_t *header = NULL;

	if (osip_message_header_get_byname(msg->osip, name, 0, &header) < 0 || !header)
		return NULL;
	return header->hvalue;
}

const char *sip_uri_user(const osip_from_t *header)
{
	if (!header || !header->url || !header->url->username)
		return "";
	return header->url->username;
}

/* The optional tag: absent is "", too long is an error. */
static bool copy_tag(char tag[SIP_TOKEN_MAX], osip_from_t *header)
{
	osip_generic_param_t *param = NULL;

	tag[0] = '\0';
	if (osip_generic_param_get_byname(&header->gen_params, (char *)"tag", &param) < 0)
		return true;
	return copy(tag, SIP_TOKEN_MAX, param->gvalue);
}

static bool copy_call_id(struct sip_msg *msg, const osip_call_id_t *id)
{
	int n;

	if (!id || !id->number || !*id->number)
		return false;
	n = snprintf(msg->call_id, sizeof(msg->call_id), "%s%s%s", id->number, id->host ? "@" : "",
		     id->host ? id->host : "");
	return n > 0 && (size_t)n < sizeof(msg->call_id);
}

static bool copy_via(struct sip_msg *msg, osip_via_t *via)
{
	osip_generic_param_t *branch = NULL;

	if (!via || !via->host)
		return false;
	if (osip_via_param_get_byname(via, (char *)"branch", &branch) < 0)
		return false;
	return copy(msg->branch, sizeof(msg->branch), branch->gvalue);
}

/* RFC 3261 8.1.1: what every message has. A URI of another scheme has no url parts to use. */
static bool check(struct sip_msg *msg)
{
	osip_message_t *osip = msg->osip;

	if (!osip->from || !osip->from->url || !osip->to || !osip->to->url || !osip->cseq)
		return false;
	if (!copy_via(msg, osip_list_get(&osip->vias, 0)) || !copy_call_id(msg, osip->call_id))
		return false;
	if (!copy_tag(msg->from_tag, osip->from) || !copy_tag(msg->to_tag, osip->to))
		return false;
	if (!copy(msg->method, sizeof(msg->method), osip->cseq->method) || !osip->cseq->number)
		return false;
	msg->cseq = strtoul(osip->cseq->number, NULL, 10);
	msg->status = osip->sip_method ? 0 : osip->status_code;
	if (msg->status)
		return msg->status >= 100 && msg->status <= 699;
	return osip->req_uri && msg->from_tag[0] && strcmp(osip->sip_method, msg->method) == 0;
}

bool sip_parse(struct sip_msg *msg, const char *data, size_t len)
{
	memset(msg, 0, sizeof(*msg));
	/* A NUL would end the text early for one reader and not for another. */
	if (len == 0 || len > SIP_DATAGRAM_MAX || memchr(data, '\0', len))
		return false;
	if (osip_message_init(&msg->osip) != 0)
		return false;
	if (osip_message_parse(msg->osip, data, len) == 0 && check(msg))
		return true;
	sip_free(msg);
	return false;
}

void sip_free(struct sip_msg *msg)
{
	osip_message_free(msg->osip);
	msg->osip = NULL;
}

static bool via_set(osip_via_t *via, osip_generic_param_t *have, const char *name,
		    const char *value)
{
	char *copied = osip_strdup(value);

	if (!copied)
		return false;
	if (!have)
		return osip_via_param_add(via, osip_strdup(name), copied) == 0;
	osip_free(have->gvalue);
	have->gvalue = copied;
	return true;
}

struct peer sip_reply_peer(struct sip_msg *request, const struct peer *source)
{
	osip_via_t *via = osip_list_get(&request->osip->vias, 0);
	osip_generic_param_t *rport = NULL, *received = NULL;
	char host[PEER_TEXT_MAX], port[8];
	struct peer peer = *source;
	long sent_by = sip_number(via->port, 5060);

	osip_via_param_get_byname(via, (char *)"rport", &rport);
	osip_via_param_get_byname(via, (char *)"received", &received);
	peer_host(source, host);
	if (rport || received || strcmp(via->host, host) != 0)
		via_set(via, received, "received", host);
	if (rport) {
		snprintf(port, sizeof(port), "%u", peer_port(source));
		via_set(via, rport, "rport", port);
	} else if (sent_by > 0 && sent_by <= 65535) {
		peer_set_port(&peer, (unsigned)sent_by);
	}
	return peer;
}

bool sip_add(struct sip_msg *msg, const char *name, const char *value)
{
	return osip_message_set_header(msg->osip, name, value) == 0;
}

static bool copy_headers(osip_message_t *to, const osip_message_t *from)
{
	if (osip_list_clone(&from->vias, &to->vias, (int (*)(void *, void **))osip_via_clone) != 0)
		return false;
	if (osip_list_clone(&from->record_routes, &to->record_routes,
			    (int (*)(void *, void **))osip_from_clone) != 0)
		return false;
	return osip_from_clone(from->from, &to->from) == 0 &&
	       osip_to_clone(from->to, &to->to) == 0 &&
	       osip_call_id_clone(from->call_id, &to->call_id) == 0 &&
	       osip_cseq_clone(from->cseq, &to->cseq) == 0;
}

bool sip_reply(struct sip_msg *reply, const struct sip_msg *request, int status, const char *to_tag)
{
	const char *reason = osip_message_get_reason(status);
	osip_message_t *osip;

	*reply = *request;
	reply->status = status;
	if (osip_message_init(&reply->osip) != 0)
		return false;
	osip = reply->osip;
	osip_message_set_version(osip, osip_strdup("SIP/2.0"));
	osip_message_set_status_code(osip, status);
	osip_message_set_reason_phrase(osip, osip_strdup(reason ? reason : "Status"));
	if (!copy_headers(osip, request->osip))
		goto fail;
	/* RFC 3261 8.2.6.2: a 100 needs none. */
	if (!request->to_tag[0] && status > 100) {
		if (osip_to_set_tag(osip->to, osip_strdup(to_tag)) != 0)
			goto fail;
		snprintf(reply->to_tag, sizeof(reply->to_tag), "%s", to_tag);
	}
	return true;
fail:
	sip_free(reply);
	return false;
}

bool sip_add_session(struct sip_msg *msg, const struct peer *local, const char *param)
{
	char contact[256], sdp[256], host[PEER_TEXT_MAX], where[PEER_TEXT_MAX];
	const char *family = local->addr.ss_family == AF_INET6 ? "IP6" : "IP4";

	peer_host(local, host);
	/* No user part: one from the network would have to be escaped again. */
	snprintf(contact, sizeof(contact), "<sip:%s%s>", peer_text(local, where), param);
	snprintf(sdp, sizeof(sdp), SIP_SDP_FORMAT, family, host, family, host);
	return osip_message_set_contact(msg->osip, contact) == 0 &&
	       osip_message_set_content_type(msg->osip, "application/sdp") == 0 &&
	       osip_message_set_body(msg->osip, sdp, strlen(sdp)) == 0;
}

bool sip_to_packet(const struct sip_msg *msg, struct packet *packet)
{
	packet->data = NULL;
	packet->len = 0;
	return osip_message_to_str(msg->osip, &packet->data, &packet->len) == 0;
}

void sip_packet_free(struct packet *packet)
{
	osip_free(packet->data);
	packet->data = NULL;
}
