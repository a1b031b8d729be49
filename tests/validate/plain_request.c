/* SPDX-License-Identifier: MIT */
/* plain_request.c - what each attempt sends, and digest. */
#include "plain.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include "../../ua/digest.h"

static bool is_resent(const struct failover_attempt *attempt)
{
	return attempt->flags & FAILOVER_ATTEMPT_RESENT;
}

static void set_branch(struct plain *ua, struct plain_request *request)
{
	char token[PLAIN_TOKEN];

	plain_token(ua, token);
	snprintf(request->branch, sizeof(request->branch), "z9hG4bK%s", token);
}

static void registrar_uri(const struct plain_line *line, uint32_t registrar, char out[PLAIN_URI])
{
	snprintf(out, PLAIN_URI, line->ports[registrar] ? "sip:%.200s:%u" : "sip:%.200s",
		 line->hosts[registrar], (unsigned)line->ports[registrar]);
}

static void contact(struct plain *ua, const struct plain_line *line,
		    const struct failover_target *to, char *out, size_t size)
{
	char local[UA_ADDRESS_TEXT];

	snprintf(out, size, "Contact: <sip:%s@%s>\r\n", line->user, plain_net_local(ua, to, local));
}

/* ---- REGISTER, OPTIONS -------------------------------------------------------------------- */

static void look_up(struct plain *ua, const struct plain_line *line,
		    const struct failover_attempt *attempt)
{
	struct addrinfo *found = NULL;

	if (plain_wrong(ua, "no-dns") &&
	    !getaddrinfo(line->hosts[attempt->target.registrar], NULL, NULL, &found))
		freeaddrinfo(found);
}

static void make_register(struct plain *ua, struct plain_line *line,
			  const struct failover_attempt *attempt, struct plain_request *request)
{
	struct plain_registration *dialog = plain_line_registration(ua, line, attempt);
	uint32_t registrar = attempt->target.registrar;
	uint32_t expires = attempt->expires_s;
	size_t length;

	look_up(ua, line, attempt);
	if (registrar && plain_wrong(ua, "request-uri.backup"))
		registrar = 0;
	registrar_uri(line, registrar, request->uri);
	if (attempt->target.hop && plain_wrong(ua, "request-uri"))
		snprintf(request->uri, sizeof(request->uri), "sip:proxy.invalid");
	if (!expires && plain_wrong(ua, "expires"))
		expires = 3600;
	snprintf(request->to, sizeof(request->to), "\"%s\" <sip:%s@%s>", line->name, line->user,
		 line->domain);
	snprintf(request->from, sizeof(request->from), "%.300s;tag=%s", request->to, dialog->tag);
	snprintf(request->call_id, sizeof(request->call_id), "%s%s", dialog->call_id,
		 is_resent(attempt) && plain_wrong(ua, "same-request") ? "x" : "");
	if (!is_resent(attempt) || !plain_wrong(ua, "register-cseq"))
		dialog->cseq++;
	request->cseq = dialog->cseq;
	if (plain_wrong(ua, "new-branch"))
		snprintf(request->branch, sizeof(request->branch), "z9hG4bK%llx",
			 (unsigned long long)attempt->request);
	contact(ua, line, &attempt->target, request->headers, 400);
	length = strlen(request->headers);
	snprintf(request->headers + length, sizeof(request->headers) - length, "Expires: %u\r\n",
		 (unsigned)expires);
}

static void make_options(struct plain *ua, const struct plain_line *line,
			 const struct failover_attempt *attempt, struct plain_request *request)
{
	char token[PLAIN_TOKEN];

	registrar_uri(line, attempt->target.registrar, request->uri);
	plain_token(ua, token);
	snprintf(request->from, sizeof(request->from), "<sip:%s@%s>;tag=%s", line->user,
		 line->domain, token);
	snprintf(request->to, sizeof(request->to), "<%s>", request->uri);
	plain_token(ua, token);
	snprintf(request->call_id, sizeof(request->call_id), "%s", token);
	request->cseq = 1;
	contact(ua, line, &attempt->target, request->headers, sizeof(request->headers));
}

/* ---- calls -------------------------------------------------------------------------------- */

static int make_invite(struct plain *ua, const struct plain_line *line,
		       const struct failover_attempt *attempt, struct plain_request *request)
{
	struct plain_call *call = plain_call(ua, attempt->cookie);
	size_t length;

	if (!call || call->incoming || call->up)
		return FAILOVER_ERR_STALE;
	snprintf(request->uri, sizeof(request->uri), "%s", call->uri);
	snprintf(request->from, sizeof(request->from), "%s;tag=%s", call->local, call->local_tag);
	snprintf(request->to, sizeof(request->to), "%s", call->remote);
	snprintf(request->call_id, sizeof(request->call_id), "%s", call->call_id);
	request->cseq = call->local_cseq;
	if (is_resent(attempt) && plain_wrong(ua, "invite-next-target"))
		request->cseq++;
	contact(ua, line, &attempt->target, request->headers, 400);
	if (plain_wrong(ua, "invite-form"))
		request->headers[0] = '\0';
	length = strlen(request->headers);
	snprintf(request->headers + length, sizeof(request->headers) - length,
		 "Content-Type: application/sdp\r\n");
	snprintf(request->body, sizeof(request->body), "%s", call->sdp);
	return 0;
}

static int make_bye(struct plain *ua, const struct failover_attempt *attempt,
		    struct plain_request *request)
{
	struct plain_call *call = plain_call(ua, attempt->cookie);
	bool swap;

	if (!call || !call->up)
		return FAILOVER_ERR_STALE;
	if (call->bye_request != attempt->request || plain_wrong(ua, "bye-next-target"))
		call->local_cseq++;
	call->bye_request = attempt->request;
	swap = call->incoming && plain_wrong(ua, "incoming-hang-up");
	snprintf(request->uri, sizeof(request->uri), "%s", call->uri);
	snprintf(request->routes, sizeof(request->routes), "%s", call->routes);
	snprintf(request->from, sizeof(request->from), "%s;tag=%s", call->local,
		 swap ? call->remote_tag : call->local_tag);
	snprintf(request->to, sizeof(request->to), "%s;tag=%s", call->remote,
		 swap ? call->local_tag : call->remote_tag);
	snprintf(request->call_id, sizeof(request->call_id), "%s", call->call_id);
	request->cseq = call->local_cseq;
	return 0;
}

static int send_cancel(struct plain *ua, const struct failover_attempt *attempt)
{
	struct failover_answer nothing = { .size = sizeof(nothing), .status = 481 };
	struct plain_client *invite = plain_client_of(ua, attempt->related);
	struct plain_request request;
	int error = 0;

	if (!invite || !invite->invite || !invite->provisional || invite->final) {
		(void)ua->host->response(ua->host->ctx, attempt->id, &nothing);
		return 0;
	}
	invite->cancelled = true;
	invite->cancel_at = UINT64_MAX;
	request = invite->request;
	request.method = "CANCEL";
	request.headers[0] = request.credentials[0] = request.body[0] = '\0';
	if (plain_wrong(ua, "cancel"))
		set_branch(ua, &request);
	(void)plain_client_start(ua, attempt, &request, &error);
	return error;
}

int plain_request_send(struct plain *ua, const struct failover_attempt *attempt)
{
	static const char *const methods[] = { "", "REGISTER", "INVITE", "BYE", "OPTIONS" };
	struct plain_line *line = plain_line(ua, attempt->line);
	struct plain_request request;
	int error = 0;

	if (plain_wrong(ua, "unknown-line") && !line)
		line = ua->lines;
	if (plain_wrong(ua, "unknown-line.crash") && !line)
		error = (int)line->next->id;
	if (!line || attempt->target.registrar >= line->registrars)
		return FAILOVER_ERR_STALE;
	if (attempt->method == FAILOVER_CANCEL)
		return send_cancel(ua, attempt);
	if (attempt->method < FAILOVER_REGISTER || attempt->method > FAILOVER_OPTIONS)
		return FAILOVER_ERR_UNSUPPORTED;
	memset(&request, 0, sizeof(request));
	request.method = methods[attempt->method];
	set_branch(ua, &request);
	if (attempt->method == FAILOVER_REGISTER)
		make_register(ua, line, attempt, &request);
	else if (attempt->method == FAILOVER_OPTIONS)
		make_options(ua, line, attempt, &request);
	else if (attempt->method == FAILOVER_INVITE)
		error = make_invite(ua, line, attempt, &request);
	else
		error = make_bye(ua, attempt, &request);
	if (!error)
		(void)plain_client_start(ua, attempt, &request, &error);
	return error;
}

/* ---- digest ------------------------------------------------------------------------------- */

static bool was_rejected(const struct plain_line *line, uint64_t request)
{
	uint32_t i;

	for (i = 0; i < PLAIN_LIST; i++)
		if (line->rejected[i] == request)
			return true;
	return false;
}

/* B4b: what this attempt has sent was refused, or what an earlier one of this request has. */
static bool may_answer(struct plain *ua, struct plain_line *line, const struct plain_client *client,
		       const struct ua_digest_challenge *challenge)
{
	if (line->realm[0] && strcmp(line->realm, challenge->realm) != 0 &&
	    !plain_wrong(ua, "wrong-realm"))
		return false;
	if (challenge->stale || plain_wrong(ua, "challenge-loop"))
		return true;
	if (client->answered && !plain_wrong(ua, "challenge-elsewhere"))
		line->rejected[line->rejected_next++ % PLAIN_LIST] = client->attempt.request;
	return !client->answered && !was_rejected(line, client->attempt.request);
}

bool plain_request_authorize(struct plain *ua, struct plain_client *client, const char *text,
			     bool by_proxy)
{
	struct plain_line *line = plain_line(ua, client->attempt.line);
	struct plain_request *request = &client->request;
	struct ua_digest_challenge challenge;
	struct ua_digest_request digest = { .method = request->method,
					    .uri = request->uri,
					    .nc = 1 };
	char cnonce[PLAIN_TOKEN], value[900];

	if (!line || ua_digest_challenge_parse(text, &challenge) ||
	    !may_answer(ua, line, client, &challenge))
		return false;
	plain_token(ua, cnonce);
	digest.user = line->auth_user;
	digest.password = plain_wrong(ua, "challenge") && !by_proxy ? "?" : line->password;
	digest.cnonce = cnonce;
	if (ua_digest_authorization(&challenge, &digest, value, sizeof(value)) < 0)
		return false;
	snprintf(request->credentials, sizeof(request->credentials), "%s: %s\r\n",
		 by_proxy && !plain_wrong(ua, "challenge-proxy") ? "Proxy-Authorization"
								 : "Authorization",
		 value);
	if (plain_wrong(ua, "secrets"))
		ua->host->log(ua->host->ctx, FAILOVER_LOG_DEBUG, line->password);
	return true;
}
