/* SPDX-License-Identifier: MIT */
/* plain_answer.c - responses: to whose request, what the core is told, and what follows. */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_register(const struct plain_client *client)
{
	return client->attempt.method == FAILOVER_REGISTER;
}

/* ---- whose -------------------------------------------------------------------------------- */

static struct plain_client *find(struct plain *ua, const struct sip_msg *msg)
{
	struct plain_client *client, *oldest = NULL;

	for (client = ua->clients; client; client = client->next) {
		if (!client->dead && !strcmp(client->request.branch, msg->branch) &&
		    !strcmp(client->request.method, msg->method))
			break;
		if (!client->dead && is_register(client) && client->attempt.id)
			oldest = client;
	}
	if (client && oldest == NULL && client->next && plain_wrong(ua, "answered") &&
	    !strcmp(msg->method, "OPTIONS"))
		for (oldest = client->next; oldest->next; oldest = oldest->next)
			;
	if (plain_wrong(ua, "answered") && client && oldest && !is_register(client))
		return oldest;
	if (!client && plain_wrong(ua, "stray-response"))
		return oldest;
	return client;
}

/* A wrong one: without an end, a text is found by any branch that is in it. */
static void take_part(struct plain *ua, const char *text)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 200 };
	struct plain_client *client;

	for (client = ua->clients; client; client = client->next)
		if (!client->dead && client->attempt.id && strstr(text, client->request.branch))
			(void)ua->host->response(ua->host->ctx, client->attempt.id, &answer);
}

/* ---- what is told ------------------------------------------------------------------------- */

static uint32_t granted(const struct plain_client *client, const struct sip_msg *msg)
{
	const char *own = strstr(client->request.headers, "Contact: <");
	osip_generic_param_t *param = NULL;
	osip_contact_t *contact;
	char *text;
	bool same;
	int i;

	for (i = 0; own && (contact = osip_list_get(&msg->osip->contacts, i)); i++) {
		if (osip_uri_to_str(contact->url, &text))
			continue;
		same = !strncmp(own + 10, text, strlen(text));
		osip_free(text);
		if (same &&
		    !osip_generic_param_get_byname(&contact->gen_params, (char *)"expires", &param))
			return (uint32_t)sip_number(param->gvalue, client->attempt.expires_s);
	}
	return (uint32_t)sip_number(sip_header(msg, "expires"), client->attempt.expires_s);
}

static uint32_t report(struct plain *ua, const struct plain_client *client,
		       const struct sip_msg *msg, bool retrying)
{
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = (uint32_t)msg->status,
					  .retrying = retrying };

	if (!client->attempt.id)
		return client->invite ? FAILOVER_VERDICT_LATE : FAILOVER_VERDICT_KEEP;
	if (msg->status == 503 && !plain_wrong(ua, "retry-after"))
		answer.retry_after_s = (uint32_t)sip_number(sip_header(msg, "retry-after"), 0);
	if (msg->status == 423 && !plain_wrong(ua, "min-expires"))
		answer.min_expires_s = (uint32_t)sip_number(sip_header(msg, "min-expires"), 0);
	if (is_register(client) && msg->status / 100 == 2)
		answer.expires_s = plain_wrong(ua, "granted") ? client->attempt.expires_s
							      : granted(client, msg);
	if (msg->status == 404 && plain_wrong(ua, "answers"))
		answer.retrying = 1;
	return ua->host->response(ua->host->ctx, client->attempt.id, &answer);
}

/* ---- provisional -------------------------------------------------------------------------- */

static void provisional(struct plain *ua, struct plain_client *client, const struct sip_msg *msg)
{
	uint32_t verdict;

	if (client->final)
		return;
	client->provisional = true;
	if (!client->invite) {
		client->interval_ms = client->attempt.t2_ms;
		if (plain_wrong(ua, "provisional") && client->fd < 0)
			return;
		(void)report(ua, client, msg, false);
		return;
	}
	client->again_at = client->cancel_at = UINT64_MAX;
	if (!client->abandoned)
		client->end_at = UINT64_MAX; /* it rings as long as it rings */
	verdict = report(ua, client, msg, false);
	if (verdict == FAILOVER_VERDICT_LATE) {
		if (!client->cancelled && !plain_wrong(ua, "late-180"))
			plain_client_cancel(ua, client);
		return;
	}
	if (msg->status > 100 && ua->events && plain_call(ua, client->call) &&
	    !plain_wrong(ua, "progress"))
		ua->events->progress(ua->events->app, client->call, (uint32_t)msg->status,
				     &client->attempt.target);
}

/* ---- again -------------------------------------------------------------------------------- */

static const char *challenge_of(const struct sip_msg *msg, bool by_proxy, char **text)
{
	osip_www_authenticate_t *header = osip_list_get(
		by_proxy ? &msg->osip->proxy_authenticates : &msg->osip->www_authenticates, 0);

	*text = NULL;
	if (header)
		(void)osip_www_authenticate_to_str(header, text);
	return *text;
}

/* Does the request that follows answer this 401, 407 or 423? It is prepared then. */
static bool prepare(struct plain *ua, struct plain_client *client, const struct sip_msg *msg)
{
	uint32_t least = (uint32_t)sip_number(sip_header(msg, "min-expires"), 0);
	bool good;
	char *text;

	if (client->abandoned || !client->attempt.id)
		return false;
	if (msg->status == 401 || msg->status == 407) {
		good = challenge_of(msg, msg->status == 407, &text) &&
		       plain_request_authorize(ua, client, text, msg->status == 407);
		osip_free(text);
		return good;
	}
	if (msg->status != 423 || !is_register(client) || least <= client->attempt.expires_s ||
	    plain_wrong(ua, "min-expires"))
		return false;
	client->attempt.expires_s = least;
	snprintf(strstr(client->request.headers, "Expires: "), 64, "Expires: %u\r\n", least);
	return true;
}

static void again(struct plain *ua, struct plain_client *client)
{
	struct plain_line *line = plain_line(ua, client->attempt.line);
	struct failover_attempt attempt = client->attempt;
	struct plain_request *request = &client->request;
	struct plain_client *after;
	char token[PLAIN_TOKEN];
	int error;

	if (!plain_wrong(ua, "challenge-cseq")) {
		request->cseq++;
		if (line && is_register(client))
			request->cseq = ++plain_line_registration(ua, line, &attempt)->cseq;
	}
	plain_token(ua, token);
	snprintf(request->branch, sizeof(request->branch), "z9hG4bK%s", token);
	after = plain_client_start(ua, &attempt, request, &error);
	client->attempt.id = 0;
	if (after)
		after->answered = true;
	else
		ua->host->unreachable(ua->host->ctx, attempt.id, FAILOVER_REASON_ICMP);
}

/* ---- final -------------------------------------------------------------------------------- */

static void ack_failure(struct plain *ua, struct plain_client *client, const struct sip_msg *msg)
{
	struct plain_client copy = *client;
	char text[PLAIN_TEXT];

	if (client->abandoned && msg->status == 486 && plain_wrong(ua, "late-486"))
		return;
	snprintf(copy.request.to, sizeof(copy.request.to), "%.800s;tag=%s", client->request.to,
		 msg->to_tag);
	if (plain_wrong(ua, "ack-failure") && !client->abandoned && !client->cancelled)
		strcat(copy.request.branch, "x");
	plain_client_write(ua, &copy, "ACK", text);
	(void)plain_client_put(ua, client, text);
}

/* What only a wrong plugin does: ask somebody else by itself. */
static void look_elsewhere(struct plain *ua, const struct plain_client *client,
			   const struct sip_msg *msg)
{
	const struct plain_line *line = plain_line(ua, client->attempt.line);
	const osip_contact_t *contact = osip_list_get(&msg->osip->contacts, 0);
	struct failover_target there = client->attempt.target;

	if (plain_wrong(ua, "one-target") && msg->status == 302 && contact) {
		there.address[3] = 9;
		there.port = 5060;
	} else if (plain_wrong(ua, "one-target.next") && msg->status == 503 && line) {
		there = line->targets[1];
	} else {
		return;
	}
	(void)plain_net_send(ua, &there, client->text, client->length);
}

static void final(struct plain *ua, struct plain_client *client, const struct sip_msg *msg)
{
	bool first = !client->final, retrying;
	uint32_t verdict;

	if (client->invite)
		ack_failure(ua, client, msg);
	if (client->abandoned && plain_wrong(ua, "late-answer") && is_register(client))
		(void)plain_client_put(ua, client, client->text);
	if (!first && !(plain_wrong(ua, "answers-twice") && is_register(client)))
		return;
	client->final = msg->status;
	client->again_at = client->cancel_at = UINT64_MAX;
	client->end_at = plain_now(ua) +
			 (client->invite ? 64 * client->attempt.t1_ms : client->attempt.t4_ms);
	if (client->abandoned && !client->invite)
		return;
	retrying = first && prepare(ua, client, msg);
	verdict = report(ua, client, msg, retrying);
	look_elsewhere(ua, client, msg);
	if (retrying && (verdict == FAILOVER_VERDICT_KEEP ||
			 (verdict == FAILOVER_VERDICT_STOP && plain_wrong(ua, "verdict-stop"))))
		again(ua, client);
}

/* ---- 2xx to INVITE ------------------------------------------------------------------------ */

static struct plain_request in_dialog(struct plain *ua, const struct plain_client *client,
				      const struct plain_call *dialog, const char *method)
{
	struct plain_request request = client->request;
	char token[PLAIN_TOKEN];

	plain_token(ua, token);
	request.method = method;
	snprintf(request.uri, sizeof(request.uri), "%s", dialog->uri);
	snprintf(request.routes, sizeof(request.routes), "%s", dialog->routes);
	snprintf(request.to, sizeof(request.to), "%.800s;tag=%s", client->request.to,
		 dialog->remote_tag);
	if (!plain_wrong(ua, "ack") || strcmp(method, "ACK") != 0)
		snprintf(request.branch, sizeof(request.branch), "z9hG4bK%s", token);
	request.headers[0] = request.credentials[0] = request.body[0] = '\0';
	return request;
}

static void send_ack(struct plain *ua, struct plain_client *client, const struct plain_call *dialog)
{
	struct plain_client copy = *client;

	copy.request = in_dialog(ua, client, dialog, "ACK");
	plain_client_write(ua, &copy, "ACK", client->ack);
	(void)plain_client_put(ua, client, client->ack);
}

static void send_bye(struct plain *ua, struct plain_client *client, const struct plain_call *dialog)
{
	struct failover_attempt own = client->attempt;
	struct plain_request request = in_dialog(ua, client, dialog, "BYE");
	int error;

	own.id = own.cookie = 0;
	own.method = FAILOVER_BYE;
	own.transmissions = 0;
	request.cseq++;
	(void)plain_client_start(ua, &own, &request, &error);
}

static void success(struct plain *ua, struct plain_client *client, const struct sip_msg *msg)
{
	struct plain_call *call = plain_call(ua, client->call), dialog;
	bool again = client->tag[0] && !strcmp(client->tag, msg->to_tag);
	uint32_t verdict = FAILOVER_VERDICT_LATE;

	if (again && !plain_wrong(ua, "ack-again"))
		(void)plain_client_put(ua, client, client->ack);
	if (again)
		return;
	if (!client->tag[0])
		verdict = report(ua, client, msg, false);
	client->final = msg->status;
	client->again_at = client->cancel_at = UINT64_MAX;
	client->end_at = plain_now(ua) + 64 * client->attempt.t1_ms;
	snprintf(client->tag, sizeof(client->tag), "%s", msg->to_tag);
	memset(&dialog, 0, sizeof(dialog));
	plain_call_dialog(&dialog, client, msg);
	send_ack(ua, client, &dialog);
	if (plain_wrong(ua, "adopted") && client->abandoned)
		verdict = FAILOVER_VERDICT_LATE;
	if (verdict == FAILOVER_VERDICT_KEEP && call)
		plain_call_established(ua, call, client, msg);
	else if (!plain_wrong(ua, "late-200"))
		send_bye(ua, client, &dialog);
}

void plain_answer(struct plain *ua, struct sip_msg *msg, const char *text)
{
	struct plain_client *client = msg ? find(ua, msg) : NULL;

	if (!msg)
		take_part(ua, text);
	if (!client)
		return;
	if (msg->status < 200)
		provisional(ua, client, msg);
	else if (client->invite && msg->status < 300)
		success(ua, client, msg);
	else
		final(ua, client, msg);
}
