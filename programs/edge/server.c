/* SPDX-License-Identifier: MIT */
/* server.c - what comes from servers: answers to clients, requests of peers for them. */
#include <stdio.h>
#include <string.h>
#include "edge.h"

#define VIA_MAX (EDGE_TOKEN_MAX + 256u)
#define COOKIE "z9hG4bKfo"
#define ROUTE_MAX 512u

/* ---- answers ------------------------------------------------------------------------------ */

static struct edge_exchange *exchange_of(const struct edge *edge, const struct ua_message *answer)
{
	const char *branch = answer->view.branch;
	uint64_t id;
	uint32_t loop;

	if (!branch || edge_branch_read((struct ua_part){ branch, strlen(branch) }, &id, &loop))
		return NULL;
	return edge_exchange_of_round(edge, id);
}

static void answer_down(struct edge *edge, const struct ua_message *answer, struct ua_part bytes)
{
	struct edge_exchange *exchange = exchange_of(edge, answer);
	char route[ROUTE_MAX], contact[EDGE_URI_MAX + 64u];
	struct edge_text_up_answer how = { .vias = "" };
	struct edge_line *line;
	struct ua_writer writer;
	int length;

	if (!exchange) {
		edge->counters.unmatched++;
		return;
	}
	if (edge_answer_challenge(edge, exchange, answer, bytes))
		return;
	if (answer->view.status >= 200)
		edge_exchange_forget(edge, exchange);
	how.vias = exchange->vias;
	how.cseq_less = exchange->more + exchange->rounds;
	how.over_stream = ua_is_stream(exchange->client.transport);
	line = edge_line_of(edge, exchange->line);
	ua_writer_init(&writer, contact, sizeof(contact));
	if (answer->view.method && !strcmp(answer->view.method, "REGISTER"))
		edge_register_heard(edge, exchange, answer, &writer);
	how.contact = contact[0] ? contact : NULL;
	ua_writer_init(&writer, route, sizeof(route));
	if (exchange->sets_up && line && answer->view.status > 100 && answer->view.status < 300 &&
	    !edge_record_route(edge, &exchange->client, line->user, how.cseq_less, &writer))
		how.record_route = route;
	length = edge_text_up_answer(answer, bytes, &how, edge_out(edge));
	if (length < 0)
		edge->counters.refused++;
	else
		edge_inside_send(&edge->inside, &exchange->client, edge->out, (size_t)length);
}

/* ---- requests ----------------------------------------------------------------------------- */

/* A Contact of ours names the client. */
static int read_token(const struct edge *edge, const struct ua_message *request,
		      struct edge_token *out)
{
	struct ua_part uri = { request->raw.uri, strlen(request->raw.uri) }, param;
	struct ua_value_uri value;

	if (ua_value_uri(uri, &value) || !ua_value_uri_param(&value, EDGE_PARAM, &param) ||
	    edge_token_read(&edge->keys, param, out) || !out->uri[0] ||
	    !edge_inside_is_client(&edge->inside, &out->at))
		return FAILOVER_ERR_ARGUMENT;
	return FAILOVER_OK;
}

/* Whose it is: in the dialog of a client that one's, else the phone's that registered last. */
static int find_client(struct edge *edge, const struct ua_message *request, uint32_t number,
		       struct edge_token *out)
{
	struct edge_line *line = edge_line_of(edge, number);
	const struct edge_client *client;

	if (!read_token(edge, request, out)) {
		out->line = line ? line->id : out->line;
		return FAILOVER_OK;
	}
	client = line ? edge_line_client(edge, line) : NULL;
	if (!client)
		return FAILOVER_ERR_STATE;
	*out = (struct edge_token){ .at = client->at, .line = line->id };
	strcpy(out->uri, client->uri);
	return FAILOVER_OK;
}

/* What the answer has to know again: where it goes, and whose Contact it gets. One that is
 * repeated, its CANCEL and the ACK of its failure have the same (RFC 3261 16.11). */
static int write_via(const struct edge *edge, const struct ua_message *request,
		     const struct edge_token *client, struct ua_writer *writer)
{
	const struct ua_map *map = &edge->keys;
	const struct ua_view *view = &request->view;
	const uint64_t parts[] = { ua_map_hash_text(map, view->branch ? view->branch : ""),
				   ua_map_hash_text(map, request->serving.sent_by),
				   ua_map_hash_text(map, view->call_id),
				   ua_map_hash_number(map, view->cseq) };
	struct edge_token asked = { .at = ua_serving_peer(&request->serving),
				    .line = client->line };
	struct failover_target local;
	char token[EDGE_TOKEN_MAX], text[UA_ADDRESS_TEXT];
	int error = edge_inside_local(&edge->inside, &client->at, &local);

	if (!error)
		error = edge_token_write(map, &asked, token, sizeof(token));
	if (error)
		return error;
	ua_writer_add(writer, "SIP/2.0/%s %s;branch=" COOKIE "%016llx.%s;rport",
		      client->at.transport == FAILOVER_UDP ? "UDP" : "TCP",
		      ua_address_text(&local, text),
		      (unsigned long long)ua_map_hash(map, parts, sizeof(parts)), token);
	return ua_writer_error(writer);
}

int edge_token_of_via(const struct edge *edge, const char *value, struct edge_token *out)
{
	struct ua_value_via via;
	struct ua_part branch, token;

	if (!value || ua_value_via(value, &via) || !ua_value_param(via.params, "branch", &branch) ||
	    !branch.text || branch.length <= strlen(COOKIE) + 17 ||
	    strncmp(branch.text, COOKIE, strlen(COOKIE)) != 0)
		return FAILOVER_ERR_ARGUMENT;
	token.text = branch.text + strlen(COOKIE) + 17;
	token.length = branch.length - strlen(COOKIE) - 17;
	return edge_token_read(&edge->keys, token, out);
}

static int send_down(struct edge *edge, const struct ua_message *request, struct ua_part bytes,
		     const struct edge_token *client)
{
	const struct edge_line *line = edge_line_of(edge, client->line);
	char via[VIA_MAX], route[ROUTE_MAX];
	struct edge_text_down how = { .via = via,
				      .uri = client->uri,
				      .over_stream = ua_is_stream(client->at.transport) };
	struct ua_writer writer;
	struct ua_part user;
	int length, error;

	ua_writer_init(&writer, via, sizeof(via));
	error = write_via(edge, request, client, &writer);
	if (error)
		return error;
	how.routes_gone = edge_own_values(edge, request, UA_RAW_ROUTE, &user);
	ua_writer_init(&writer, route, sizeof(route));
	if (line && edge_sets_up(request) &&
	    !edge_record_route(edge, &client->at, line->user, 0, &writer))
		how.record_route = route;
	length = edge_text_down(request, bytes, &how, edge_out(edge));
	if (length < 0)
		return length;
	edge->counters.down++;
	edge_inside_send(&edge->inside, &client->at, edge->out, (size_t)length);
	return FAILOVER_OK;
}

static void request_down(struct edge *edge, const struct ua_message *request, uint32_t line,
			 struct ua_part bytes)
{
	struct edge_token client;

	if (!edge_text_hops(&request->raw)) {
		edge->counters.too_many_hops++;
		edge_answer_outside(edge, request, 483);
		return;
	}
	if (find_client(edge, request, line, &client)) {
		edge->counters.no_client++;
		edge_answer_outside(edge, request, request->view.to_tag ? 481 : 480);
		return;
	}
	if (!send_down(edge, request, bytes, &client))
		return;
	edge->counters.refused++;
	edge_answer_outside(edge, request, 503);
}

void edge_from_server(struct edge *edge, const struct failover_wire_output *output)
{
	struct ua_part bytes = { output->bytes, output->count };
	struct ua_message message;

	if (ua_message_read(&message, output->bytes, output->count, &output->peer))
		edge->counters.garbage++;
	else if (message.raw.is_response)
		answer_down(edge, &message, bytes);
	else
		request_down(edge, &message, output->line, bytes);
	ua_message_free(&message);
}
