/* SPDX-License-Identifier: MIT */
/* caller.c - INVITE, ACK, CANCEL and BYE of a call that the server makes to a registered phone. */
#include "caller.h"

#include "server.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T1_MS 500
#define T2_MS 4000
#define TIMEOUT_MS (64 * T1_MS)
#define RING_FOR_MS 60000

static void arm(struct caller *caller, unsigned ms)
{
	const struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	caller->interval_ms = ms;
	evtimer_add(caller->timer, &wait);
}

static void enter(struct caller *caller, enum caller_state state, unsigned ms)
{
	caller->state = state;
	caller->waited_ms = 0;
	evtimer_del(caller->timer);
	if (ms)
		arm(caller, ms);
}

/* Writes and sends one request of the call. The ACK of a refusal and the CANCEL belong to the
 * INVITE's transaction (RFC 3261 9.1, 17.1.1.3) and carry its branch and Request-URI. */
static void send_request(struct caller *caller, const char *method, const char *uri)
{
	const bool invite = strcmp(method, "INVITE") == 0;
	char local[PEER_TEXT_MAX], host[PEER_TEXT_MAX], sdp[256] = "", text[3072];
	const char *family = caller->local.addr.ss_family == AF_INET6 ? "IP6" : "IP4";
	const struct endpoint *ep = &caller->server->endpoint;
	struct sip_msg shown = { 0 };
	int n;

	peer_text(&caller->local, local);
	peer_host(&caller->local, host);
	if (invite)
		snprintf(sdp, sizeof(sdp), SIP_SDP_FORMAT, family, host, family, host);
	n = snprintf(text, sizeof(text),
		     "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=%s;rport\r\nMax-Forwards: 70\r\n"
		     "From: <sip:%s>;tag=%s\r\nTo: <%s>%s%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
		     "Contact: <sip:%s%s>\r\n%sContent-Length: %zu\r\n\r\n%s",
		     method, uri, endpoint_via(ep), local, caller->branch, local, caller->tag,
		     caller->uri, caller->to_tag[0] ? ";tag=" : "", caller->to_tag, caller->call_id,
		     caller->cseq, method, local, endpoint_param(ep),
		     invite ? "Content-Type: application/sdp\r\n" : "", strlen(sdp), sdp);
	if (n < 0 || (size_t)n >= sizeof(text))
		return;
	snprintf(shown.method, sizeof(shown.method), "%s", method);
	snprintf(shown.branch, sizeof(shown.branch), "%s", caller->branch);
	server_send(caller->server, &caller->to, text, (size_t)n, &shown);
}

static void new_branch(struct caller *caller)
{
	memcpy(caller->branch, "z9hG4bK", 7);
	server_random_hex(caller->branch + 7, 8);
}

static void send_bye(struct caller *caller)
{
	new_branch(caller);
	caller->cseq++;
	enter(caller, CALLER_ENDING, T1_MS);
	send_request(caller, "BYE", caller->target);
}

/* Retransmission over UDP: INVITE without cap, BYE capped at T2 (RFC 3261 17.1). */
static void again(struct caller *caller, const char *method, const char *uri, unsigned cap_ms)
{
	unsigned next_ms = caller->interval_ms * 2;

	caller->waited_ms += caller->interval_ms;
	if (caller->waited_ms >= TIMEOUT_MS) {
		enter(caller, CALLER_IDLE, 0);
		return;
	}
	if (!endpoint_is_reliable(&caller->server->endpoint))
		send_request(caller, method, uri);
	arm(caller, next_ms < cap_ms ? next_ms : cap_ms);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct caller *caller = arg;

	(void)fd;
	(void)what;
	switch (caller->state) {
	case CALLER_CALLING:
		again(caller, "INVITE", caller->uri, TIMEOUT_MS);
		break;
	case CALLER_RINGING:
		caller_hang_up(caller->server);
		break;
	case CALLER_ENDING:
		again(caller, "BYE", caller->target, T2_MS);
		break;
	case CALLER_CANCELING:
		enter(caller, CALLER_IDLE, 0);
		break;
	case CALLER_IDLE:
	case CALLER_UP:
		break;
	}
}

/* It goes into the start line and between angle brackets. */
static bool uri_is_plain(const char *uri)
{
	for (; *uri; uri++) {
		if (!isgraph((unsigned char)*uri) || strchr("<>\"", *uri))
			return false;
	}
	return true;
}

const char *caller_ring(struct server *server, const char *user)
{
	struct caller *caller = &server->caller;

	if (caller->state != CALLER_IDLE)
		return "a call is under way";
	if (!registrar_find(&server->registrar, user, caller->uri, &caller->to))
		return "no such user is registered";
	if (!uri_is_plain(caller->uri))
		return "the registered contact cannot be called";
	if (!caller->timer)
		caller->timer = evtimer_new(server->base, on_timer, caller);
	if (!caller->timer)
		return "no memory";
	caller->server = server;
	caller->local = endpoint_address_toward(&server->endpoint, &caller->to);
	snprintf(caller->target, sizeof(caller->target), "%s", caller->uri);
	caller->to_tag[0] = '\0';
	caller->cseq = 1;
	server_random_hex(caller->call_id, 16);
	server_random_hex(caller->tag, 8);
	new_branch(caller);
	enter(caller, CALLER_CALLING, T1_MS);
	send_request(caller, "INVITE", caller->uri);
	return NULL;
}

const char *caller_hang_up(struct server *server)
{
	struct caller *caller = &server->caller;

	switch (caller->state) {
	case CALLER_UP:
		send_bye(caller);
		return NULL;
	case CALLER_CALLING:
		/* RFC 3261 9.1: not before a provisional response, so an answer is met by BYE. */
		enter(caller, CALLER_CANCELING, TIMEOUT_MS);
		return NULL;
	case CALLER_RINGING:
		enter(caller, CALLER_CANCELING, TIMEOUT_MS);
		send_request(caller, "CANCEL", caller->uri);
		return NULL;
	case CALLER_IDLE:
	case CALLER_CANCELING:
	case CALLER_ENDING:
		break;
	}
	return "there is no call to hang up";
}

static void read_target(struct caller *caller, const struct sip_msg *response)
{
	const osip_contact_t *contact = osip_list_get(&response->osip->contacts, 0);
	char *uri = NULL;

	if (!contact || !contact->url || osip_uri_to_str(contact->url, &uri) != 0)
		return;
	if (strlen(uri) < sizeof(caller->target) && uri_is_plain(uri))
		strcpy(caller->target, uri);
	osip_free(uri);
}

static void invite_accepted(struct caller *caller, const struct sip_msg *response)
{
	const bool wanted = caller->state != CALLER_CANCELING;

	snprintf(caller->to_tag, sizeof(caller->to_tag), "%s", response->to_tag);
	read_target(caller, response);
	send_request(caller, "ACK", caller->target);
	enter(caller, CALLER_UP, 0);
	if (!wanted)
		send_bye(caller);
}

static void invite_refused(struct caller *caller, const struct sip_msg *response)
{
	snprintf(caller->to_tag, sizeof(caller->to_tag), "%s", response->to_tag);
	send_request(caller, "ACK", caller->uri);
	enter(caller, CALLER_IDLE, 0);
}

static void invite_response(struct caller *caller, const struct sip_msg *response)
{
	switch (caller->state) {
	case CALLER_CALLING:
		if (response->status < 200)
			enter(caller, CALLER_RINGING, RING_FOR_MS);
		break;
	case CALLER_UP:
		if (response->status / 100 == 2)
			send_request(caller, "ACK", caller->target);
		return;
	case CALLER_CANCELING:
		if (response->status < 200)
			send_request(caller, "CANCEL", caller->uri);
		break;
	case CALLER_RINGING:
		break;
	case CALLER_IDLE:
	case CALLER_ENDING:
		return;
	}
	if (response->status >= 300)
		invite_refused(caller, response);
	else if (response->status >= 200)
		invite_accepted(caller, response);
}

bool caller_response(struct server *server, const struct sip_msg *response)
{
	struct caller *caller = &server->caller;

	if (caller->state == CALLER_IDLE || strcmp(response->branch, caller->branch) != 0 ||
	    strcmp(response->call_id, caller->call_id) != 0)
		return false;
	if (strcmp(response->method, "INVITE") == 0)
		invite_response(caller, response);
	else if (caller->state == CALLER_ENDING && strcmp(response->method, "BYE") == 0 &&
		 response->status >= 200)
		enter(caller, CALLER_IDLE, 0);
	return true;
}

bool caller_bye(struct server *server, const struct exchange *x)
{
	struct caller *caller = &server->caller;

	if (caller->state == CALLER_IDLE || strcmp(x->request.call_id, caller->call_id) != 0 ||
	    strcmp(x->request.to_tag, caller->tag) != 0)
		return false;
	server_reply(server, x, 200);
	enter(caller, CALLER_IDLE, 0);
	return true;
}

void caller_free(struct caller *caller)
{
	if (caller->timer)
		event_free(caller->timer);
	caller->timer = NULL;
}
