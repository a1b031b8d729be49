/* SPDX-License-Identifier: MIT */
/* incoming.c - who may ask, what is asked, and the answer (RFC 3261 8.2). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "account.h"
#include "call.h"
#include "incoming.h"
#include "message.h"
#include "ringing.h"
#include "server.h"

#define SIP_PORT 5060

/* RFC 3261 18.2.2 and RFC 3581 4: back to where it came from; to the port of Via unless rport asks
 * for the source port. */
static struct failover_target reply_address(const osip_message_t *request,
					    const struct failover_target *from)
{
	const osip_via_t *via = osip_list_get(&request->vias, 0);
	struct failover_target to = *from;
	uint32_t port = SIP_PORT;

	/* RFC 3261 18.2.2: on a connection, back the way it came. */
	if (to.transport != FAILOVER_UDP || fo_message_param(&via->via_params, "rport"))
		return to;
	if (via->port && (fo_osip_number(via->port, UINT16_MAX, &port) || !port))
		port = SIP_PORT;
	to.port = (uint16_t)port;
	return to;
}

static void mark_source(osip_message_t *request, const struct failover_target *from)
{
	char host[FO_ADDRESS_TEXT];
	size_t length;

	fo_address_host(from, host);
	length = strlen(host);
	if (host[0] == '[') { /* received= has no brackets */
		memmove(host, host + 1, length - 2);
		host[length - 2] = '\0';
	}
	(void)osip_message_fix_last_via_header(request, host, from->port);
}

/* The line that the Request-URI names, in the user that we give in Contact; else that of To. */
static struct fo_account *account_of(const struct fo_osip *ua, const osip_message_t *request,
				     const struct failover_target *from)
{
	const char *user = request->req_uri->username;
	struct fo_account *account = fo_osip_account_for(ua, user ? user : "", from);

	if (!account && request->to->url->username)
		account = fo_osip_account_for(ua, request->to->url->username, from);
	return account;
}

/* B15a: the target has been heard. */
static void heard(struct fo_osip *ua, const struct fo_account *account,
		  const struct failover_target *from)
{
	const struct failover_target *target =
		account ? fo_osip_account_source(account, from) : NULL;

	if (target && ua->host->heard)
		ua->host->heard(ua->host->ctx, account->line, target);
}

/* ---- methods ------------------------------------------------------------------------------ */

/* Known, but not for a phone like this one: 405; else 501 (RFC 3261 8.2.1, 21.5.2). */
static int refusal_of(const char *method)
{
	static const char *const known[] = { "REGISTER", "SUBSCRIBE", "NOTIFY", "MESSAGE", "INFO",
					     "UPDATE",	 "PRACK",     "REFER",	"PUBLISH" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(method, known[i]))
			return 405;
	return 501;
}

static void on_ack(struct fo_osip *ua, osip_message_t *ack)
{
	struct fo_server *server = fo_osip_server_find(ua, ack, NULL);
	struct fo_call *call;

	if (server && server->fsm->state != IST_TERMINATED) {
		fo_osip_server_again(server, ack);
		return;
	}
	call = fo_osip_call_in_dialog(ua, ack);
	if (call)
		fo_osip_ringing_ack(call, ack);
	else
		ua->counters.unmatched++;
	osip_message_free(ack);
}

/* RFC 3261 9.2: CANCEL has the branch of its INVITE. */
static void on_cancel(struct fo_osip *ua, osip_message_t *cancel, const struct failover_target *to)
{
	struct fo_server *invite = fo_osip_server_find(ua, cancel, "INVITE");
	struct fo_server *server = fo_osip_server_open(ua, cancel, to);

	if (!server)
		return;
	(void)fo_osip_server_status(server, invite ? 200 : 481, NULL);
	if (invite && invite->call && invite->call->ringing)
		fo_osip_ringing_cancel(invite->call);
}

static void on_bye(struct fo_server *server, struct fo_call *call)
{
	(void)fo_osip_server_status(server, 200, NULL);
	if (call->ringing)
		fo_osip_ringing_cancel(call);
	else
		fo_osip_ringing_ended(call, 0);
}

static void in_dialog(struct fo_server *server, struct fo_call *call)
{
	const osip_message_t *request = fo_osip_server_request(server);
	uint32_t cseq = fo_message_cseq(request);

	if (!call) {
		(void)fo_osip_server_status(server, 481, NULL);
		return;
	}
	if (call->dialog.remote_cseq && cseq <= call->dialog.remote_cseq) {
		(void)fo_osip_server_status(server, 500, NULL); /* RFC 3261 12.2.2 */
		return;
	}
	call->dialog.remote_cseq = cseq;
	if (MSG_IS_BYE(request))
		on_bye(server, call);
	else if (MSG_IS_INVITE(request))
		fo_osip_ringing_reinvite(server, call);
	else if (MSG_IS_OPTIONS(request))
		(void)fo_osip_server_status(server, 200, NULL);
	else
		(void)fo_osip_server_status(server, refusal_of(request->sip_method), NULL);
}

static int wants_extension(const osip_message_t *request)
{
	osip_header_t *header = NULL;

	return osip_message_header_get_byname(request, "require", 0, &header) >= 0 && header;
}

static void refuse_with(struct fo_server *server, int status, const char *name, const char *value)
{
	const osip_message_t *request = fo_osip_server_request(server);
	osip_message_t *response;
	char tag[FO_TOKEN];

	if (fo_osip_token(server->ua, tag))
		return;
	response = fo_message_response(server->ua, request, status, tag);
	if (response && value)
		(void)osip_message_set_header(response, name, value);
	(void)fo_osip_server_respond(server, response);
}

/* RFC 3261 8.2.2.3 */
static void refuse_extension(struct fo_server *server)
{
	const osip_message_t *request = fo_osip_server_request(server);
	osip_header_t *header = NULL;

	(void)osip_message_header_get_byname(request, "require", 0, &header);
	refuse_with(server, 420, "Unsupported", header ? header->hvalue : NULL);
}

/* RFC 3261 8.2.3: an offer is SDP, perhaps with other things in a multipart body. */
static int is_body_known(const osip_message_t *request)
{
	const osip_content_type_t *type = request->content_type;

	if (!osip_list_get(&request->bodies, 0) || !type || !type->type || !type->subtype)
		return 1;
	return !strcasecmp(type->type, "multipart") ||
	       (!strcasecmp(type->type, "application") && !strcasecmp(type->subtype, "sdp"));
}

static void out_of_dialog(struct fo_server *server, struct fo_account *account,
			  const struct failover_target *from)
{
	const osip_message_t *request = fo_osip_server_request(server);

	if (MSG_IS_BYE(request))
		(void)fo_osip_server_status(server, 481, NULL);
	else if (!MSG_IS_INVITE(request) && !MSG_IS_OPTIONS(request))
		(void)fo_osip_server_status(server, refusal_of(request->sip_method), NULL);
	else if (strcasecmp(request->req_uri->scheme, "sip") != 0 &&
		 strcasecmp(request->req_uri->scheme, "sips") != 0)
		(void)fo_osip_server_status(server, 416, NULL);
	else if (osip_list_size(&request->req_uri->url_headers) > 0) /* RFC 3261 19.1.5 */
		(void)fo_osip_server_status(server, 400, NULL);
	else if (MSG_IS_INVITE(request) && !account)
		(void)fo_osip_server_status(server, 404, NULL);
	else if (wants_extension(request))
		refuse_extension(server);
	else if (MSG_IS_OPTIONS(request))
		(void)fo_osip_server_status(server, 200, NULL);
	else if (!is_body_known(request))
		refuse_with(server, 415, "Accept", "application/sdp");
	else
		fo_osip_ringing_invite(server, account, from);
}

void fo_osip_incoming(struct fo_osip *ua, osip_message_t *request,
		      const struct failover_target *from)
{
	struct failover_target to = reply_address(request, from);
	struct fo_account *account;
	struct fo_server *server;

	if (!ua->accept_any && !fo_osip_is_source(ua, from)) {
		ua->counters.foreign++;
		osip_message_free(request);
		return;
	}
	if (MSG_IS_ACK(request)) {
		on_ack(ua, request);
		return;
	}
	mark_source(request, from);
	server = fo_osip_server_find(ua, request, NULL);
	if (server) {
		fo_osip_server_again(server, request);
		return;
	}
	account = account_of(ua, request, from);
	heard(ua, account, from);
	if (MSG_IS_CANCEL(request)) {
		on_cancel(ua, request, &to);
		return;
	}
	server = fo_osip_server_open(ua, request, &to);
	if (!server)
		return;
	if (fo_message_to_tag(fo_osip_server_request(server)))
		in_dialog(server, fo_osip_call_in_dialog(ua, fo_osip_server_request(server)));
	else
		out_of_dialog(server, account, from);
}
