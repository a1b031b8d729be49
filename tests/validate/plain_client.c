/* SPDX-License-Identifier: MIT */
/* plain_client.c - client transactions (RFC 3261 17.1), with the intervals of the attempt. */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEVER UINT64_MAX

static uint64_t life_ms(const struct plain_client *client)
{
	return UINT64_C(64) * client->attempt.t1_ms;
}

struct plain_client *plain_client_of(struct plain *ua, uint64_t attempt)
{
	struct plain_client *client = ua->clients;

	while (client && (client->dead || !attempt || client->attempt.id != attempt))
		client = client->next;
	return client;
}

/* ---- texts -------------------------------------------------------------------------------- */

void plain_client_write(struct plain *ua, const struct plain_client *client, const char *method,
			char *out)
{
	const struct plain_request *request = &client->request;
	bool full = !strcmp(method, request->method);
	bool tcp = client->attempt.target.transport != FAILOVER_UDP && !plain_wrong(ua, "tcp");
	char local[UA_ADDRESS_TEXT];

	plain_net_local(ua, &client->attempt.target, local);
	snprintf(out, PLAIN_TEXT,
		 "%s %s SIP/2.0\r\n"
		 "Via: SIP/2.0/%s %s;branch=%s\r\n"
		 "%sFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
		 "%s%s%sContent-Length: %zu\r\n\r\n%s",
		 method, request->uri, tcp ? "TCP" : "UDP", local, request->branch,
		 plain_wrong(ua, "request-form") && !strcmp(method, "REGISTER")
			 ? ""
			 : "Max-Forwards: 70\r\n",
		 request->from, request->to, request->call_id, request->cseq, method,
		 request->routes, full ? request->headers : "", full ? request->credentials : "",
		 full ? strlen(request->body) : 0, full ? request->body : "");
}

/* ---- sending ------------------------------------------------------------------------------ */

void plain_client_counted(struct plain *ua, struct plain_client *client)
{
	client->packets++;
	if (client->attempt.id && (client->packets == 1 || !plain_wrong(ua, "counts")))
		ua->host->sent(ua->host->ctx, client->attempt.id);
}

int plain_client_put(struct plain *ua, struct plain_client *client, const char *text)
{
	if (client->fd < 0)
		return plain_net_send(ua, &client->attempt.target, text, strlen(text));
	return send(client->fd, text, strlen(text), MSG_NOSIGNAL) < 0 ? FAILOVER_ERR_IO : 0;
}

static bool may_repeat(const struct plain *ua, const struct plain_client *client)
{
	uint32_t most = client->attempt.transmissions;

	if (client->fd >= 0)
		return plain_wrong(ua, "tcp-once") && client->connected;
	if (plain_wrong(ua, "limits") && most)
		most++;
	return !most || client->packets < most || (client->provisional && !client->invite);
}

static void set_again(struct plain *ua, struct plain_client *client)
{
	uint64_t interval = client->interval_ms;

	client->again_at = NEVER;
	if (client->fd < 0 && !may_repeat(ua, client))
		return;
	if (client->fd >= 0 && !plain_wrong(ua, "tcp-once"))
		return;
	if (plain_wrong(ua, "intervals"))
		interval /= 2;
	client->again_at = plain_now(ua) + interval;
	client->interval_ms *= 2;
	if (!client->invite && client->interval_ms > client->attempt.t2_ms)
		client->interval_ms = client->attempt.t2_ms;
}

struct plain_client *plain_client_start(struct plain *ua, const struct failover_attempt *attempt,
					const struct plain_request *request, int *error)
{
	struct plain_client *client = calloc(1, sizeof(*client));

	*error = FAILOVER_ERR_MEMORY;
	if (!client)
		return NULL;
	client->attempt = *attempt;
	client->request = *request;
	client->invite = !strcmp(request->method, "INVITE");
	client->call = attempt->cookie;
	client->interval_ms = attempt->t1_ms;
	client->first_at = plain_now(ua);
	client->end_at = client->first_at + life_ms(client);
	client->cancel_at = NEVER;
	client->fd = -1;
	plain_client_write(ua, client, request->method, client->text);
	client->length = strlen(client->text);
	*error = attempt->target.transport == FAILOVER_UDP
			 ? plain_client_put(ua, client, client->text)
			 : plain_net_connect(client);
	if (*error) {
		free(client);
		return NULL;
	}
	if (client->fd < 0)
		plain_client_counted(ua, client);
	set_again(ua, client);
	client->next = ua->clients;
	ua->clients = client;
	return client;
}

/* RFC 3261 9.1; nobody waits for its answer. */
void plain_client_cancel(struct plain *ua, struct plain_client *client)
{
	struct failover_attempt own = client->attempt;
	struct plain_request request = client->request;
	int error;

	client->cancelled = true;
	client->cancel_at = NEVER;
	own.id = 0;
	own.transmissions = 0;
	request.method = "CANCEL";
	request.headers[0] = request.credentials[0] = request.body[0] = '\0';
	(void)plain_client_start(ua, &own, &request, &error);
}

/* ---- ends --------------------------------------------------------------------------------- */

void plain_client_lost(struct plain *ua, struct plain_client *client, uint32_t reason)
{
	uint64_t id = client->attempt.id;

	client->dead = true;
	if (id && !client->final && !client->abandoned)
		ua->host->unreachable(ua->host->ctx, id, reason);
}

static void leave_invite(struct plain *ua, struct plain_client *client, uint32_t reason)
{
	uint64_t now = plain_now(ua);

	client->abandoned = true;
	client->end_at = (client->provisional ? now : client->first_at) + life_ms(client);
	if (!plain_wrong(ua, "no-early-cancel"))
		client->again_at = NEVER;
	if (plain_wrong(ua, "no-early-cancel.cancel"))
		client->cancel_at = now + 4 * client->attempt.t1_ms;
	if (!client->provisional || client->cancelled)
		return;
	if (reason == FAILOVER_ABANDON_GIVEN_UP) { /* the core's CANCEL follows (B5b) */
		client->cancelled = true;
		if (plain_wrong(ua, "given-up"))
			client->cancel_at = now + client->attempt.t1_ms;
		return;
	}
	if (reason != FAILOVER_ABANDON_ADOPTED || !plain_wrong(ua, "ringing-left"))
		plain_client_cancel(ua, client);
}

int plain_client_stop(struct plain *ua, uint64_t attempt, uint32_t reason)
{
	struct plain_client *client = plain_client_of(ua, attempt);

	if (!client || client->final)
		return 0;
	if (client->invite && client->packets) {
		leave_invite(ua, client, reason);
		return 0;
	}
	if (plain_wrong(ua, "stops") && !client->attempt.transmissions)
		return 0;
	if (plain_wrong(ua, "line-remove") && reason == FAILOVER_ABANDON_REMOVED)
		return 0;
	client->abandoned = true;
	client->again_at = NEVER;
	client->dead = !plain_wrong(ua, "late-answer");
	return 0;
}

void plain_clients_sweep(struct plain *ua)
{
	struct plain_client **at = &ua->clients, *client;

	while ((client = *at)) {
		if (!client->dead) {
			at = &client->next;
			continue;
		}
		*at = client->next;
		if (client->fd >= 0)
			close(client->fd);
		free(client);
	}
}

void plain_clients_free(struct plain *ua)
{
	struct plain_client *client;

	for (client = ua->clients; client; client = client->next)
		client->dead = true;
	plain_clients_sweep(ua);
}

/* ---- timers ------------------------------------------------------------------------------- */

static void repeat(struct plain *ua, struct plain_client *client)
{
	if (client->fd >= 0 && !client->connected) {
		set_again(ua, client);
		return;
	}
	(void)plain_client_put(ua, client, client->text);
	plain_client_counted(ua, client);
	set_again(ua, client);
	if (plain_wrong(ua, "silent") && client->attempt.flags & FAILOVER_ATTEMPT_LAST &&
	    client->packets > 3)
		plain_client_lost(ua, client, FAILOVER_REASON_NO_ANSWER);
}

void plain_client_timers(struct plain *ua)
{
	uint64_t now = plain_now(ua);
	struct plain_client *client;

	for (client = ua->clients; client; client = client->next) {
		if (client->dead)
			continue;
		if (now >= client->end_at)
			client->dead = true;
		else if (now >= client->cancel_at)
			plain_client_cancel(ua, client);
		else if (now >= client->again_at)
			repeat(ua, client);
	}
}

uint64_t plain_client_deadline(const struct plain *ua)
{
	const struct plain_client *client;
	uint64_t next = NEVER;

	for (client = ua->clients; client; client = client->next) {
		if (client->dead)
			continue;
		if (client->again_at < next)
			next = client->again_at;
		if (client->cancel_at < next)
			next = client->cancel_at;
		if (client->end_at < next)
			next = client->end_at;
	}
	return next;
}
