/* SPDX-License-Identifier: MIT */
/* plain_call.c - failover.call/1, and what the servers ask of us. */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T1_MS 500u
#define T2_MS 4000u
#define LIFE_MS (64 * T1_MS)

struct plain_call *plain_call(const struct plain *ua, uint64_t number)
{
	struct plain_call *call = ua->calls;

	while (call && (call->dead || call->number != number))
		call = call->next;
	return call;
}

static struct plain_call *call_create(struct plain *ua, uint32_t line)
{
	struct plain_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->number = ++ua->calls_made;
	call->line = line;
	call->local_cseq = 1;
	call->again_at = UINT64_MAX;
	plain_token(ua, call->local_tag);
	call->next = ua->calls;
	ua->calls = call;
	return call;
}

void plain_calls_sweep(struct plain *ua, bool all)
{
	struct plain_call **at = &ua->calls, *call;

	while ((call = *at)) {
		if (!call->dead && !all) {
			at = &call->next;
			continue;
		}
		*at = call->next;
		if (call->invite.osip)
			sip_free(&call->invite);
		sip_packet_free(&call->accepted);
		free(call);
	}
}

void plain_calls_drop(struct plain *ua, uint32_t line)
{
	struct plain_call *call;

	for (call = ua->calls; call; call = call->next)
		if (call->line == line)
			call->dead = true;
}

/* ---- dialogs ------------------------------------------------------------------------------ */

static void copy_uri(char out[PLAIN_URI], const osip_message_t *message, const char *fallback)
{
	osip_contact_t *contact = osip_list_get(&message->contacts, 0);
	char *text = NULL;

	if (contact && !osip_uri_to_str(contact->url, &text))
		fallback = text;
	if (fallback != out)
		snprintf(out, PLAIN_URI, "%s", fallback);
	osip_free(text);
}

/* RFC 3261 12.1: a caller has the Record-Route in reverse. */
static void copy_routes(char out[1024], const osip_message_t *message, bool reverse)
{
	int count = osip_list_size(&message->record_routes), i;
	size_t length = 0;
	char *text;

	out[0] = '\0';
	for (i = 0; i < count; i++) {
		osip_record_route_t *route =
			osip_list_get(&message->record_routes, reverse ? count - 1 - i : i);

		if (osip_from_to_str((osip_from_t *)route, &text))
			continue;
		if (length + strlen(text) + 16 < 1024)
			length += (size_t)snprintf(out + length, 1024 - length, "Route: %s\r\n",
						   text);
		osip_free(text);
	}
}

void plain_call_dialog(struct plain_call *call, const struct plain_client *client,
		       const struct sip_msg *msg)
{
	copy_uri(call->uri, msg->osip, client->request.uri);
	copy_routes(call->routes, msg->osip, true);
	snprintf(call->remote_tag, sizeof(call->remote_tag), "%s", msg->to_tag);
}

void plain_call_established(struct plain *ua, struct plain_call *call,
			    const struct plain_client *client, const struct sip_msg *msg)
{
	plain_call_dialog(call, client, msg);
	if (plain_wrong(ua, "bye"))
		copy_routes(call->routes, msg->osip, false);
	call->target = client->attempt.target;
	call->local_cseq = client->request.cseq;
	call->up = true;
}

/* ---- answers to the servers --------------------------------------------------------------- */

static void put(struct plain *ua, const struct packet *packet, const struct peer *to)
{
	struct failover_target target;

	if (!ua_address_from_socket(&to->addr, &target))
		(void)plain_net_send(ua, &target, packet->data, packet->len);
}

static void serve(struct plain *ua, const struct sip_msg *request, struct packet *packet)
{
	struct plain_served *served = calloc(1, sizeof(*served));

	if (!served) {
		sip_packet_free(packet);
		return;
	}
	memcpy(served->branch, request->branch, sizeof(served->branch));
	memcpy(served->method, request->method, sizeof(served->method));
	served->packet = *packet;
	served->next = ua->served;
	ua->served = served;
}

static void reply(struct plain *ua, struct sip_msg *request, const struct peer *source, int status,
		  const char *tag)
{
	struct peer to = sip_reply_peer(request, source);
	struct packet packet = { NULL, 0 };
	char token[PLAIN_TOKEN];
	struct sip_msg out;

	plain_token(ua, token);
	if (!sip_reply(&out, request, status, tag ? tag : token))
		return;
	if (sip_to_packet(&out, &packet)) {
		put(ua, &packet, &to);
		serve(ua, request, &packet);
	}
	sip_free(&out);
}

/* ---- answering calls ---------------------------------------------------------------------- */

/* Our 200, which is sent until its ACK has come (RFC 3261 13.3.1.4). */
static int accept_call(struct plain *ua, struct plain_call *call)
{
	struct peer to = sip_reply_peer(&call->invite, &call->source), local;
	struct sip_msg out;
	char text[UA_ADDRESS_TEXT];
	bool good;

	if (!sip_reply(&out, &call->invite, 200, call->local_tag))
		return FAILOVER_ERR_MEMORY;
	good = peer_parse(&local, plain_net_local(ua, &call->target, text), 5060) &&
	       sip_add_session(&out, &local, "");
	if (plain_wrong(ua, "incoming")) /* without its Contact */
		osip_list_special_free(&out.osip->contacts, (void (*)(void *))osip_contact_free);
	if (good)
		good = sip_to_packet(&out, &call->accepted);
	sip_free(&out);
	if (!good)
		return FAILOVER_ERR_MEMORY;
	put(ua, &call->accepted, &to);
	call->ringing = false;
	call->again_ms = T1_MS;
	call->again_at = plain_now(ua) + T1_MS;
	call->give_up_at = plain_now(ua) + LIFE_MS;
	return 0;
}

static int call_answer(void *inst, uint64_t number, uint32_t status)
{
	struct plain *ua = inst;
	struct plain_call *call = plain_call(ua, number);

	if (plain_wrong(ua, "incoming-refused") && number && number == ua->refused_call)
		return 0;
	if (!call || !call->ringing || (ua->in_incoming && plain_wrong(ua, "answer-inside")))
		return FAILOVER_ERR_STALE;
	if (status < 101 || status > 699)
		return FAILOVER_ERR_ARGUMENT;
	if (status / 100 == 2)
		return accept_call(ua, call);
	reply(ua, &call->invite, &call->source, (int)status, call->local_tag);
	if (status >= 300) {
		ua->refused_call = number;
		call->dead = true;
	}
	return 0;
}

/* ---- incoming requests -------------------------------------------------------------------- */

static struct plain_line *line_for(const struct plain *ua, const struct sip_msg *msg,
				   const struct failover_target *from)
{
	const char *user = msg->osip->req_uri->username;
	struct plain_line *line;

	for (line = ua->lines; line; line = line->next)
		if (plain_line_source(line, from) || plain_wrong(ua, "incoming-foreign"))
			if (user && !strcmp(user, line->user))
				return line;
	return NULL;
}

static struct plain_call *dialog_of(const struct plain *ua, const struct sip_msg *msg)
{
	struct plain_call *call;

	for (call = ua->calls; call; call = call->next)
		if (!call->dead && !strcmp(call->call_id, msg->call_id) &&
		    !strcmp(call->local_tag, msg->to_tag))
			return call;
	return NULL;
}

static void copy_header(char out[PLAIN_URI], const osip_from_t *header)
{
	char *text = NULL;

	if (!osip_uri_to_str(header->url, &text))
		snprintf(out, PLAIN_URI, "<%.250s>", text);
	osip_free(text);
}

static void ring(struct plain *ua, const struct plain_line *line, struct sip_msg *msg,
		 const struct peer *from)
{
	struct plain_call *call = call_create(ua, line->id);
	struct failover_target source;

	if (!call)
		return;
	(void)ua_address_from_socket(&from->addr, &source);
	call->incoming = call->ringing = true;
	call->invite = *msg;
	msg->osip = NULL; /* the call has it now */
	call->source = *from;
	call->target = source;
	copy_uri(call->uri, call->invite.osip, "sip:nobody@invalid");
	copy_routes(call->routes, call->invite.osip, false);
	copy_header(call->local, call->invite.osip->to);
	copy_header(call->remote, call->invite.osip->from);
	memcpy(call->call_id, call->invite.call_id, sizeof(call->call_id));
	memcpy(call->remote_tag, call->invite.from_tag, sizeof(call->remote_tag));
	reply(ua, &call->invite, from, 100, "");
	ua->in_incoming = true;
	ua->events->incoming(ua->events->app, line->id, call->number, call->remote, &source);
	ua->in_incoming = false;
}

static void on_ack(struct plain *ua, const struct sip_msg *msg)
{
	struct plain_call *call = dialog_of(ua, msg);
	struct failover_target target;

	if (!call || call->again_at == UINT64_MAX)
		return;
	call->again_at = UINT64_MAX;
	call->up = true;
	target = call->target;
	ua->events->up(ua->events->app, call->number, &target);
	if (plain_wrong(ua, "free-inside"))
		call->dead = false;
}

static void on_cancel(struct plain *ua, struct sip_msg *msg, const struct peer *from)
{
	struct plain_call *call = ua->calls;

	while (call && (call->dead || !call->ringing || strcmp(call->invite.branch, msg->branch)))
		call = call->next;
	reply(ua, msg, from, call ? 200 : 481, NULL);
	if (!call)
		return;
	reply(ua, &call->invite, &call->source, 487, call->local_tag);
	call->dead = true;
	ua->events->ended(ua->events->app, call->number,
			  plain_wrong(ua, "incoming-cancel") ? 0 : 487);
}

static void on_in_dialog(struct plain *ua, struct sip_msg *msg, const struct peer *from)
{
	struct plain_call *call = dialog_of(ua, msg);

	if (!call || strcmp(msg->method, "BYE") != 0) {
		reply(ua, msg, from, call ? 405 : 481, NULL);
		return;
	}
	reply(ua, msg, from, 200, NULL);
	call->dead = true;
	if (!plain_wrong(ua, "incoming-bye"))
		ua->events->ended(ua->events->app, call->number, 0);
}

/* The same request again: the same answer again (RFC 3261 17.2). */
static bool was_served(struct plain *ua, struct sip_msg *msg, const struct peer *from)
{
	struct plain_served *served = ua->served;
	struct peer to;

	while (served &&
	       (strcmp(served->branch, msg->branch) || strcmp(served->method, msg->method)))
		served = served->next;
	if (!served || (plain_wrong(ua, "incoming-once") && !strcmp(msg->method, "INVITE")))
		return false;
	to = sip_reply_peer(msg, from);
	put(ua, &served->packet, &to);
	return true;
}

void plain_incoming(struct plain *ua, struct sip_msg *msg, const struct peer *from)
{
	const struct plain_line *line;
	struct failover_target source;

	if (ua_address_from_socket(&from->addr, &source))
		return;
	line = line_for(ua, msg, &source);
	if (!line)
		return;
	if (!strcmp(msg->method, "ACK")) {
		on_ack(ua, msg);
		return;
	}
	if (was_served(ua, msg, from))
		return;
	if (!plain_wrong(ua, "heard") && plain_line_source(line, &source))
		ua->host->heard(ua->host->ctx, line->id, plain_line_source(line, &source));
	if (!strcmp(msg->method, "CANCEL"))
		on_cancel(ua, msg, from);
	else if (msg->to_tag[0])
		on_in_dialog(ua, msg, from);
	else if (!strcmp(msg->method, "INVITE") && ua->events)
		ring(ua, line, msg, from);
	else if (!strcmp(msg->method, "OPTIONS") && !plain_wrong(ua, "incoming-options"))
		reply(ua, msg, from, 200, NULL);
	else
		reply(ua, msg, from, 405, NULL);
}

/* ---- failover.call/1, timers -------------------------------------------------------------- */

int plain_call_new(void *inst, uint32_t id, const char *uri, const char *sdp, uint64_t *number)
{
	struct plain *ua = inst;
	const struct plain_line *line = plain_line(ua, id);
	char token[PLAIN_TOKEN];
	struct plain_call *call;

	if (!line || strlen(uri) > 60 || (sdp && strlen(sdp) >= sizeof(call->sdp)))
		return FAILOVER_ERR_ARGUMENT;
	call = call_create(ua, id);
	if (!call)
		return FAILOVER_ERR_MEMORY;
	plain_token(ua, token);
	snprintf(call->call_id, sizeof(call->call_id), "%s", token);
	snprintf(call->uri, sizeof(call->uri), strchr(uri, ':') ? "%s" : "sip:%s@%.180s", uri,
		 line->domain);
	snprintf(call->remote, sizeof(call->remote), "<%.250s>", call->uri);
	snprintf(call->local, sizeof(call->local), "<sip:%.100s@%.140s>", line->user, line->domain);
	snprintf(call->sdp, sizeof(call->sdp), "%s",
		 sdp ? sdp
		     : "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
		       "m=audio 9 RTP/AVP 0\r\na=inactive\r\n");
	*number = call->number;
	return 0;
}

void plain_call_free(void *inst, uint64_t number)
{
	struct plain *ua = inst;
	struct plain_call *call = plain_call(ua, number);
	char text[PLAIN_TEXT];

	if (!call)
		return;
	call->dead = true;
	if (!call->up || call->incoming || !plain_wrong(ua, "call-free"))
		return;
	snprintf(text, sizeof(text),
		 "BYE %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKf\r\nFrom: "
		 "%s;tag=%s\r\n"
		 "To: %s;tag=%s\r\nCall-ID: %s\r\nCSeq: 9 BYE\r\n\r\n",
		 call->uri, call->local, call->local_tag, call->remote, call->remote_tag,
		 call->call_id);
	(void)plain_net_send(ua, &call->target, text, strlen(text));
}

const struct failover_ext_call plain_ext_call = {
	.size = sizeof(plain_ext_call),
	.call_new = plain_call_new,
	.call_free = plain_call_free,
	.call_answer = call_answer,
};

void plain_call_timers(struct plain *ua)
{
	uint64_t now = plain_now(ua);
	struct plain_call *call;
	struct peer to;

	for (call = ua->calls; call; call = call->next) {
		if (call->dead || now < call->again_at)
			continue;
		if (now >= call->give_up_at) {
			call->dead = true;
			ua->events->ended(ua->events->app, call->number, 408);
			continue;
		}
		to = sip_reply_peer(&call->invite, &call->source);
		put(ua, &call->accepted, &to);
		call->again_ms = call->again_ms * 2 > T2_MS ? T2_MS : call->again_ms * 2;
		call->again_at = now + call->again_ms;
	}
}

uint64_t plain_call_deadline(const struct plain *ua)
{
	const struct plain_call *call;
	uint64_t next = UINT64_MAX;

	for (call = ua->calls; call; call = call->next)
		if (!call->dead && call->again_at < next)
			next = call->again_at;
	return next;
}
