/* SPDX-License-Identifier: MIT */
/*
 * register.c - REGISTER of clients (RFC 3261 10.3). A phone registers here, for a short time; the
 * line is registered outside, by the rules. So a phone hears 200 when its line is registered, and
 * 503 when no server takes it.
 */
#include <stdlib.h>
#include <string.h>
#include "edge.h"

#define EXPIRES_MAX_S 604800u
#define RETRY_AFTER "Retry-After: 5\r\n"

static uint32_t expires_of(const struct ua_message *request, const char *params)
{
	uint32_t seconds = EDGE_CLIENT_EXPIRES_S;
	struct ua_part expires;

	if (ua_value_param(params, "expires", &expires) && expires.text) {
		if (ua_part_number(expires, EXPIRES_MAX_S, &seconds))
			seconds = EDGE_CLIENT_EXPIRES_S;
	} else if (request->view.expires) {
		(void)ua_text_number(request->view.expires, EXPIRES_MAX_S, &seconds);
	}
	return seconds < EDGE_CLIENT_EXPIRES_S ? seconds : EDGE_CLIENT_EXPIRES_S;
}

static struct edge_line *line_of_to(const struct edge *edge, const struct ua_message *request)
{
	const char *to = ua_raw_first(&request->raw, UA_RAW_TO);
	struct ua_value_address address;
	struct ua_value_uri uri;

	if (!to || ua_value_address(to, &address) || ua_value_uri(address.uri, &uri))
		return NULL;
	return edge_line_of_user(edge, uri.user, uri.host);
}

/* ---- answers ------------------------------------------------------------------------------ */

static void answer_registered(struct edge *edge, struct edge_line *line,
			      const struct ua_message *request)
{
	char lines[EDGE_CLIENTS_OF_LINE_MAX * (EDGE_URI_MAX + 64u)];
	const struct edge_client *client;
	struct ua_writer writer;

	ua_writer_init(&writer, lines, sizeof(lines));
	TAILQ_FOREACH(client, &line->clients, entries)
	ua_writer_add(&writer, "Contact: <%s>;expires=%llu\r\n", client->uri,
		      (unsigned long long)((client->until - edge_now(edge) + 999) / 1000));
	edge_answer(edge, request, 200, ua_writer_error(&writer) ? "" : lines);
}

static void state_of(const struct edge *edge, const struct edge_line *line,
		     struct failover_line_state *state)
{
	*state = (struct failover_line_state){ .size = sizeof(*state) };
	(void)failover_line_state(edge->engine, line->id, state);
}

static void answer_waiting(struct edge *edge, struct edge_line *line, struct edge_client *client,
			   int is_registered)
{
	struct ua_message request;

	if (!ua_message_read(&request, client->waiting, client->waiting_count, &client->from)) {
		if (is_registered)
			answer_registered(edge, line, &request);
		else
			edge_answer(edge, &request, 503, RETRY_AFTER);
	}
	ua_message_free(&request);
	free(client->waiting);
	client->waiting = NULL;
}

void edge_register_heard(struct edge *edge, const struct edge_exchange *exchange,
			 const struct ua_message *answer, struct ua_writer *out)
{
	struct edge_line *line = edge_line_of(edge, exchange->line);
	struct edge_client *client;

	if (!line || answer->view.status < 200 || answer->view.status >= 300)
		return;
	TAILQ_FOREACH(client, &line->clients, entries)
	{
		if (!ua_address_same(&client->from, &exchange->client))
			continue;
		ua_writer_add(out, "<%s>;expires=%llu", client->uri,
			      (unsigned long long)((client->until - edge_now(edge) + 999) / 1000));
		return;
	}
}

void edge_register_turn(struct edge *edge)
{
	struct failover_line_state state;
	struct edge_client *client;
	struct edge_line *line;

	TAILQ_FOREACH(line, &edge->lines, entries)
	TAILQ_FOREACH(client, &line->clients, entries)
	{
		if (!client->waiting)
			continue;
		state_of(edge, line, &state);
		if (state.registered || !state.registering)
			answer_waiting(edge, line, client, state.registered != 0);
	}
}

/* It is repeated over UDP meanwhile, and over TCP it is not. */
static void wait_for_line(struct edge *edge, struct edge_client *client, struct ua_part bytes)
{
	char *waiting = malloc(bytes.length + 1);

	free(client->waiting);
	client->waiting = waiting;
	if (!waiting) {
		edge->counters.refused++;
		return;
	}
	memcpy(waiting, bytes.text, bytes.length);
	waiting[bytes.length] = '\0';
	client->waiting_count = bytes.length;
}

/* ---- bindings ----------------------------------------------------------------------------- */

static struct edge_client *find(struct edge_line *line, const char *uri,
				const struct failover_target *from)
{
	struct edge_client *client;

	TAILQ_FOREACH(client, &line->clients, entries)
	if (!strcmp(client->uri, uri) && ua_address_same_host(&client->at, from))
		return client;
	return NULL;
}

/* One that has started again has a new Contact at the old place. */
static void drop_others_at(struct edge_line *line, const struct edge_client *but)
{
	struct edge_client *client = TAILQ_FIRST(&line->clients), *next;

	for (; client; client = next) {
		next = TAILQ_NEXT(client, entries);
		if (client != but && client->at.transport == but->at.transport &&
		    ua_address_same(&client->at, &but->at))
			edge_client_drop(line, client);
	}
}

static struct edge_client *keep(struct edge *edge, struct edge_line *line, const char *uri,
				const struct failover_target *from)
{
	struct edge_client *client = find(line, uri, from);

	if (client) {
		TAILQ_REMOVE(&line->clients, client, entries);
		TAILQ_INSERT_HEAD(&line->clients, client, entries);
	} else {
		if (line->clients_count == EDGE_CLIENTS_OF_LINE_MAX)
			edge_client_drop(line, TAILQ_LAST(&line->clients, edge_clients));
		client = calloc(1, sizeof(*client));
		if (!client)
			return NULL;
		strcpy(client->uri, uri);
		TAILQ_INSERT_HEAD(&line->clients, client, entries);
		line->clients_count++;
		edge_say(edge, "a phone has registered for %s: %s", line->user, uri);
	}
	client->at = edge_client_at(from, uri);
	drop_others_at(line, client);
	return client;
}

/* The last one takes the registration of the line with it; returns 1 if it was that. */
static int forget(struct edge *edge, struct edge_line *line, const char *uri,
		  const struct failover_target *from)
{
	struct edge_client *client = TAILQ_FIRST(&line->clients), *next;
	uint32_t before = line->clients_count;

	for (; client; client = next) {
		next = TAILQ_NEXT(client, entries);
		if (ua_address_same_host(&client->at, from) && (!uri || !strcmp(client->uri, uri)))
			edge_client_drop(line, client);
	}
	if (!before || line->clients_count)
		return 0;
	edge_say(edge, "the last phone of %s has gone", line->user);
	if (line->has_password)
		(void)failover_unregister(edge->engine, line->id, edge_now(edge));
	return 1;
}

static void refresh(struct edge *edge, struct edge_line *line, const struct ua_message *request,
		    struct ua_part bytes)
{
	struct edge_client *client = TAILQ_FIRST(&line->clients);
	struct failover_line_state state;

	state_of(edge, line, &state);
	if (state.registered) {
		answer_registered(edge, line, request);
		return;
	}
	if (!state.registering &&
	    failover_register(edge->engine, line->id, edge_now(edge)) != FAILOVER_OK) {
		edge_answer(edge, request, 503, RETRY_AFTER);
		return;
	}
	wait_for_line(edge, client, bytes);
}

/* This Contact, or all (NULL), or none: it asks who is there. The line's own registration, where it
 * has no password, ends with the client's credentials. */
static void leave(struct edge *edge, struct edge_line *line, const char *uri,
		  const struct ua_message *request, struct ua_part bytes)
{
	int was_last = forget(edge, line, uri, &request->view.source);

	if (was_last && !line->has_password)
		(void)edge_send_up(edge, line, request, bytes);
	else
		answer_registered(edge, line, request);
}

void edge_register(struct edge *edge, const struct ua_message *request, struct ua_part bytes)
{
	struct edge_line *line = line_of_to(edge, request);
	const char *value = ua_raw_first(&request->raw, UA_RAW_CONTACT);
	const struct failover_target *from = &request->view.source;
	struct ua_value_address address;
	struct edge_client *client;
	char uri[EDGE_URI_MAX];
	uint32_t seconds;

	if (!line) {
		edge->counters.no_line++;
		edge_answer(edge, request, 404, "");
		return;
	}
	edge_line_expire(edge, line);
	if (!value || !strcmp(value, "*")) {
		leave(edge, line, value ? NULL : "", request, bytes);
		return;
	}
	if (ua_value_address(value, &address) || address.uri.length >= sizeof(uri)) {
		edge_answer(edge, request, 400, "");
		return;
	}
	memcpy(uri, address.uri.text, address.uri.length);
	uri[address.uri.length] = '\0';
	seconds = expires_of(request, address.params);
	if (ua_text_has_control(uri) || strchr(uri, '>')) {
		edge_answer(edge, request, 400, "");
		return;
	}
	if (!seconds) {
		leave(edge, line, uri, request, bytes);
		return;
	}
	client = keep(edge, line, uri, from);
	if (!client) {
		edge_answer(edge, request, 503, RETRY_AFTER);
		return;
	}
	client->until = edge_now(edge) + seconds * UINT64_C(1000);
	client->from = ua_serving_peer(&request->serving);
	if (line->has_password)
		refresh(edge, line, request, bytes);
	else
		(void)edge_send_up(edge, line, request, bytes);
}
