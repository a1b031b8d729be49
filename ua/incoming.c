/* SPDX-License-Identifier: MIT */
/* incoming.c - who may ask, what is asked, and the answer (RFC 3261 8.2). */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "account.h"
#include "call.h"
#include "incoming.h"
#include "request.h"
#include "ringing.h"
#include "subscription.h"

/* ---- who ---------------------------------------------------------------------------------- */

/* The line that the Request-URI names, in the user that we give in Contact; else that of To; else
 * the one that has no other beside it (B24e). */
struct ua_account *ua_incoming_account(const struct ua *ua, const struct ua_view *request)
{
	const char *user = request->uri_user ? request->uri_user : "";
	struct ua_account *account = ua_account_for(ua, user, &request->source);

	if (!account && request->to_user)
		account = ua_account_for(ua, request->to_user, &request->source);
	return account ? account : ua_account_alone(ua, &request->source);
}

/* B21a: life comes from the very place only. */
static void heard(struct ua *ua, const struct ua_account *account, const struct ua_view *request)
{
	const struct failover_target *target =
		account ? ua_account_exact(account, &request->source) : NULL;

	if (target && ua->host->heard)
		ua->host->heard(ua->host->ctx, account->line, target);
}

void ua_heard(struct ua *ua, const struct ua_view *view)
{
	heard(ua, ua_incoming_account(ua, view), view);
}

/* ---- answers ------------------------------------------------------------------------------ */

static int respond(struct ua_server *server, struct ua_reply *reply)
{
	char tag[UA_TOKEN];

	if (ua_token(server->ua, tag))
		return FAILOVER_ERR_IO;
	reply->tag = tag;
	return server->ua->stack->reply(server, reply);
}

int ua_incoming_status(struct ua_server *server, uint32_t status)
{
	struct ua_reply reply = { .status = status };

	if (status == 405 || status == 200)
		reply.headers[reply.headers_count++] = (struct ua_header){ "Allow", UA_ALLOW };
	return respond(server, &reply);
}

static void refuse_with(struct ua_server *server, uint32_t status, const char *name,
			const char *value)
{
	struct ua_reply reply = { .status = status };

	if (value[0] && !ua_text_has_control(value))
		reply.headers[reply.headers_count++] = (struct ua_header){ name, value };
	(void)respond(server, &reply);
}

void ua_incoming_later(struct ua_server *server)
{
	char seconds[8];
	uint8_t random = 0;

	(void)server->ua->host->random(server->ua->host->ctx, &random, sizeof(random));
	snprintf(seconds, sizeof(seconds), "%u", random % 11u);
	refuse_with(server, 500, "Retry-After", seconds);
}

/* Known, but not for a phone like this one: 405; else 501 (RFC 3261 8.2.1, 21.5.2). */
static uint32_t refusal_of(const char *method)
{
	static const char *const known[] = { "REGISTER", "SUBSCRIBE", "NOTIFY", "MESSAGE",
					     "INFO",	 "PRACK",     "REFER",	"PUBLISH" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(method, known[i]))
			return 405;
	return 501;
}

/* ---- methods ------------------------------------------------------------------------------ */

static int is(const struct ua_view *request, const char *method)
{
	return !strcmp(request->method, method);
}

void ua_ack(struct ua *ua, const struct ua_view *view)
{
	struct ua_call *call = ua_call_in_dialog(ua, view);

	if (call)
		ua_ringing_ack(call, view);
	else
		ua->counters.unmatched++;
}

static void on_bye(struct ua_server *server, struct ua_call *call)
{
	(void)ua_incoming_status(server, 200);
	if (call->ringing)
		ua_ringing_cancel(call);
	else
		ua_ringing_ended(call, 0);
}

static void in_dialog(struct ua_server *server, const struct ua_account *account,
		      const struct ua_view *request)
{
	struct ua_call *call = ua_call_in_dialog(server->ua, request);

	if (!call && is(request, "NOTIFY")) {
		ua_notify(server, account, request);
		return;
	}
	if (!call) {
		(void)ua_incoming_status(server, 481);
		return;
	}
	if (call->dialog.remote_cseq && request->cseq <= call->dialog.remote_cseq) {
		(void)ua_incoming_status(server, 500); /* RFC 3261 12.2.2 */
		return;
	}
	call->dialog.remote_cseq = request->cseq;
	if (is(request, "BYE"))
		on_bye(server, call);
	else if (request->require) /* RFC 3261 8.2.2.3 */
		refuse_with(server, 420, "Unsupported", request->require);
	else if (is(request, "INVITE"))
		ua_ringing_reinvite(server, call, request);
	else if (is(request, "UPDATE"))
		ua_ringing_update(server, call, request);
	else if (is(request, "OPTIONS"))
		(void)ua_incoming_status(server, 200);
	else
		(void)ua_incoming_status(server, refusal_of(request->method));
}

static int is_sip_uri(const struct ua_view *request)
{
	return !request->uri_scheme || !strcasecmp(request->uri_scheme, "sip") ||
	       !strcasecmp(request->uri_scheme, "sips");
}

/* RFC 3261 8.2.3: an offer is SDP, perhaps with other things in a multipart body. */
static int is_type_known(const struct ua_view *request)
{
	const char *type = request->content_type;

	return !request->body || !request->body[0] || !type ||
	       !strncasecmp(type, "multipart/", 10) || !strncasecmp(type, "application/sdp", 15);
}

static int is_encoding_known(const struct ua_view *request)
{
	return !request->body || !request->body[0] || !request->content_encoding ||
	       !strcasecmp(request->content_encoding, "identity");
}

static void out_of_dialog(struct ua_server *server, struct ua_account *account,
			  const struct ua_view *request)
{
	if (is(request, "BYE") || is(request, "UPDATE") ||
	    (is(request, "NOTIFY") && account && account->subscriptions)) /* RFC 6665 4.1.3 */
		(void)ua_incoming_status(server, 481);
	else if (!is(request, "INVITE") && !is(request, "OPTIONS"))
		(void)ua_incoming_status(server, refusal_of(request->method));
	else if (!is_sip_uri(request))
		(void)ua_incoming_status(server, 416);
	else if (request->uri_has_headers) /* RFC 3261 19.1.5 */
		(void)ua_incoming_status(server, 400);
	else if (is(request, "INVITE") && !account)
		(void)ua_incoming_status(server, 404);
	else if (request->require) /* RFC 3261 8.2.2.3 */
		refuse_with(server, 420, "Unsupported", request->require);
	else if (is(request, "OPTIONS"))
		(void)ua_incoming_status(server, 200);
	else if (!is_encoding_known(request))
		refuse_with(server, 415, "Accept-Encoding", "identity");
	else if (!is_type_known(request))
		refuse_with(server, 415, "Accept", "application/sdp");
	else
		ua_ringing_invite(server, account, request);
}

void ua_request_arrived(struct ua_server *server, const struct ua_view *view)
{
	struct ua_account *account = ua_incoming_account(server->ua, view);

	heard(server->ua, account, view);
	if (view->refusal)
		(void)ua_incoming_status(server, view->refusal);
	else if (view->to_tag)
		in_dialog(server, account, view);
	else
		out_of_dialog(server, account, view);
}

void ua_server_gone(struct ua_server *server)
{
	if (server->call)
		server->call->server = NULL;
	server->call = NULL;
}
