/* SPDX-License-Identifier: MIT */
/* client.c - what comes from clients: requests go to the wire, answers back to who asked. */
#include <stdlib.h>
#include <string.h>
#include "../../ua/edits.h"
#include "../../ua/request.h"
#include "edge.h"

#define VIA_MAX 512u
#define EDGE_CSEQ_MAX 255u

/* ---- URIs of ours ------------------------------------------------------------------------- */

/* Is it the place where clients find us, or one that we have written? */
static int is_own(const struct edge *edge, const struct ua_value_uri *uri)
{
	struct failover_target place, own;
	struct ua_part param;
	char host[UA_ADDRESS_TEXT];

	if (ua_value_uri_param(uri, EDGE_PARAM, &param))
		return 1;
	if (uri->host.length >= sizeof(host) || edge_inside_local(&edge->inside, NULL, &own) ||
	    (uri->port ? uri->port : 5060) != own.port)
		return 0;
	memcpy(host, uri->host.text, uri->host.length);
	host[uri->host.length] = '\0';
	if (!strcmp(host, "localhost"))
		return 1;
	if (host[0] == '[' && host[uri->host.length - 1] == ']') {
		host[uri->host.length - 1] = '\0';
		memmove(host, host + 1, strlen(host));
	}
	if (ua_address_read(host, &place))
		return 0;
	return ua_address_same_host(&place, &own) ||
	       (ua_address_is_any(&own) && ua_address_is_ours(&place));
}

uint32_t edge_own_values(const struct edge *edge, const struct ua_message *message,
			 enum ua_raw_name name, struct ua_part *user)
{
	struct ua_value_address address;
	struct ua_value_uri uri;
	uint32_t at = 0, count = 0;
	const char *value;

	*user = (struct ua_part){ NULL, 0 };
	while ((value = ua_raw_next(&message->raw, name, &at))) {
		if (ua_value_address(value, &address) || ua_value_uri(address.uri, &uri) ||
		    !is_own(edge, &uri))
			break;
		if (!user->text)
			(void)ua_value_uri_param(&uri, EDGE_PARAM, user);
		count++;
	}
	return count;
}

int edge_sets_up(const struct ua_message *message)
{
	static const char *const methods[] = { "INVITE", "SUBSCRIBE", "REFER", "NOTIFY" };
	size_t i;

	if (message->view.to_tag && !message->raw.is_response)
		return 0;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (message->view.method && !strcmp(message->view.method, methods[i]))
			return 1;
	return 0;
}

int edge_record_route(const struct edge *edge, const struct failover_target *client,
		      const char *user, uint32_t more, struct ua_writer *out)
{
	struct failover_target local;
	char text[UA_ADDRESS_TEXT];
	int error = edge_inside_local(&edge->inside, client, &local);

	if (error)
		return error;
	ua_writer_add(out, "<sip:%s%s;lr;" EDGE_PARAM "=", ua_address_text(&local, text),
		      ua_transport_param(client->transport));
	ua_writer_add_user(out, user);
	if (more)
		ua_writer_add(out, ";" EDGE_CSEQ "=%u", (unsigned)more);
	ua_writer_add(out, ">");
	return ua_writer_error(out);
}

/* By how much the CSeqs of its dialog are higher outside: our Record-Route of then is its Route. */
static uint32_t cseq_more(const struct ua_message *request)
{
	const char *value = ua_raw_first(&request->raw, UA_RAW_ROUTE);
	struct ua_value_address address;
	struct ua_value_uri uri;
	struct ua_part more;
	uint32_t number = 0;

	if (value && !ua_value_address(value, &address) && !ua_value_uri(address.uri, &uri) &&
	    ua_value_uri_param(&uri, EDGE_PARAM, &more) &&
	    ua_value_uri_param(&uri, EDGE_CSEQ, &more) && more.text &&
	    ua_part_number(more, EDGE_CSEQ_MAX, &number))
		return 0;
	return number;
}

int edge_line_contact(const struct edge *edge, const struct edge_line *line,
		      const struct failover_target *peer, struct ua_writer *out)
{
	struct failover_target local;
	char text[UA_ADDRESS_TEXT];
	int error = failover_wire_net_local(edge->outside, peer, &local);

	if (error)
		return error;
	ua_writer_add(out, "sip:");
	ua_writer_add_user(out, line->user);
	ua_writer_add(out, "@%s%s", ua_address_text(&local, text),
		      ua_transport_param(peer->transport));
	return ua_writer_error(out);
}

int edge_contact(const struct edge *edge, const struct edge_line *line,
		 const struct edge_token *client, const struct failover_target *peer,
		 struct ua_writer *out)
{
	char token[EDGE_TOKEN_MAX];
	int error = edge_token_write(&edge->keys, client, token, sizeof(token));

	if (!error)
		error = edge_line_contact(edge, line, peer, out);
	if (error)
		return error;
	ua_writer_add(out, ";" EDGE_PARAM "=%s", token);
	return ua_writer_error(out);
}

struct failover_target edge_client_at(const struct failover_target *from, const char *text)
{
	struct ua_value_uri uri;
	struct failover_target at = *from;
	char host[UA_ADDRESS_TEXT];

	ua_address_host(from, host);
	if (from->transport == FAILOVER_UDP &&
	    !ua_value_uri((struct ua_part){ text, strlen(text) }, &uri) &&
	    ua_part_like(uri.host, host))
		at.port = (uint16_t)(uri.port ? uri.port : 5060);
	return at;
}

/* ---- the client's Contact ----------------------------------------------------------------- */

/* Of a request or an answer: ours, in its place. Returns NULL if it is to stay as it is. */
static const char *own_contact(struct edge *edge, const struct ua_message *message,
			       const struct edge_line *line, const struct failover_target *peer,
			       struct ua_writer *out)
{
	struct edge_token client = { .line = line->id };
	const char *value = ua_raw_first(&message->raw, UA_RAW_CONTACT);
	struct ua_value_address address;
	struct ua_value_uri uri;

	if (!value || ua_value_address(value, &address) || ua_value_uri(address.uri, &uri) ||
	    !ua_part_like(uri.scheme, "sip") || address.uri.length >= sizeof(client.uri))
		return NULL;
	memcpy(client.uri, address.uri.text, address.uri.length);
	client.at = edge_client_at(&message->view.source, client.uri);
	return edge_contact(edge, line, &client, peer, out) ? NULL : out->text;
}

/* ---- requests ----------------------------------------------------------------------------- */

/* The same for each repetition, and for the ACK of a failure and the CANCEL (RFC 3261 17.1.3). */
static uint64_t id_of(const struct edge *edge, const struct ua_message *request)
{
	const struct ua_map *map = &edge->exchanges;
	const struct ua_view *view = &request->view;
	const uint64_t parts[] = { ua_map_hash_text(map, view->branch ? view->branch : ""),
				   ua_map_hash_text(map, request->serving.sent_by),
				   ua_map_hash_text(map, view->call_id),
				   ua_map_hash(map, view->source.address, 16),
				   ua_map_hash_number(map, view->cseq) };

	return ua_map_hash(map, parts, sizeof(parts));
}

static uint32_t loop_of(const struct edge *edge, const struct ua_message *request)
{
	const struct ua_map *map = &edge->exchanges;
	const struct ua_view *view = &request->view;
	const uint64_t parts[] = { ua_map_hash_text(map, request->raw.uri),
				   ua_map_hash_text(map, view->call_id),
				   ua_map_hash_text(map, view->from_tag ? view->from_tag : ""),
				   ua_map_hash_number(map, view->cseq) };

	return (uint32_t)ua_map_hash(map, parts, sizeof(parts));
}

static int is_loop(const struct edge *edge, const struct ua_message *request)
{
	uint32_t at = 0, loop, now = loop_of(edge, request);
	struct ua_value_via via;
	struct ua_part branch;
	const char *value;
	uint64_t id;

	while ((value = ua_raw_next(&request->raw, UA_RAW_VIA, &at)))
		if (!ua_value_via(value, &via) && ua_value_param(via.params, "branch", &branch) &&
		    !edge_branch_read(branch, &id, &loop) && loop == now)
			return 1;
	return 0;
}

static int write_via(const struct edge *edge, const struct failover_target *peer, uint64_t id,
		     uint32_t loop, char out[VIA_MAX])
{
	char branch[EDGE_BRANCH_MAX], text[UA_ADDRESS_TEXT];
	struct failover_target local;
	struct ua_writer writer;
	int error = failover_wire_net_local(edge->outside, peer, &local);

	if (error)
		return error;
	edge_branch_write(id, loop, branch);
	ua_writer_init(&writer, out, VIA_MAX);
	ua_writer_add(&writer, "SIP/2.0/UDP %s;branch=%s;rport", ua_address_text(&local, text),
		      branch);
	return ua_writer_error(&writer);
}

static uint32_t status_of(int error)
{
	return error == FAILOVER_ERR_ARGUMENT || error == FAILOVER_ERR_UNSUPPORTED ? 400 : 503;
}

/* It is there from now on, and its answers come to the client. */
static int remember(struct edge *edge, const struct edge_line *line,
		    const struct ua_message *request, uint64_t id)
{
	struct edge_exchange *exchange = edge_exchange_of(edge, id);
	int is_new = !exchange;

	if (!strcmp(request->raw.method, "ACK"))
		return FAILOVER_OK;
	exchange = edge_exchange_put(edge, id, request);
	if (!exchange)
		return FAILOVER_ERR_MEMORY;
	if (!is_new) /* a repetition, or the CANCEL of it */
		return FAILOVER_OK;
	exchange->sets_up = edge_sets_up(request) != 0;
	exchange->line = line->id;
	exchange->more = cseq_more(request);
	edge_exchange_keep(edge, exchange, line, request);
	return FAILOVER_OK;
}

static int send_up(struct edge *edge, const struct edge_line *line,
		   const struct ua_message *request, struct ua_part bytes)
{
	char via[VIA_MAX], contact[EDGE_TOKEN_MAX + EDGE_URI_MAX];
	struct edge_text_up how = { .via = via };
	uint64_t id = id_of(edge, request);
	const struct edge_exchange *before = edge_exchange_of(edge, id);
	uint32_t rounds = before ? before->rounds : 0;
	struct ua_writer writer;
	struct ua_part user;
	int length, error;

	error = write_via(edge, &line->first, edge_round_id(id, rounds), loop_of(edge, request),
			  via);
	if (error)
		return error;
	ua_writer_init(&writer, contact, sizeof(contact));
	if (strcmp(request->raw.method, "REGISTER") != 0)
		how.contact = own_contact(edge, request, line, &line->first, &writer);
	else if (!edge_line_contact(edge, line, &line->first, &writer))
		how.contact = contact;
	how.routes_gone = edge_own_values(edge, request, UA_RAW_ROUTE, &user);
	how.cseq_more = cseq_more(request) + rounds;
	length = edge_text_up(request, bytes, &how, edge_out(edge));
	if (length < 0)
		return length;
	error = remember(edge, line, request, id);
	if (error)
		return error;
	edge->counters.up++;
	return failover_wire_send(edge->wire, line->id, edge->out, (size_t)length, edge_now(edge));
}

int edge_send_up(struct edge *edge, const struct edge_line *line, const struct ua_message *request,
		 struct ua_part bytes)
{
	int error = send_up(edge, line, request, bytes);

	if (!error)
		return FAILOVER_OK;
	edge->counters.refused++;
	edge_answer(edge, request, status_of(error), "");
	return error;
}

static void from_client(struct edge *edge, const struct ua_message *request, struct ua_part bytes)
{
	struct edge_line *line;

	if (!strcmp(request->raw.method, "REGISTER")) {
		edge_register(edge, request, bytes);
		return;
	}
	if (is_loop(edge, request)) {
		edge->counters.looped++;
		edge_answer(edge, request, 482, "");
		return;
	}
	if (!edge_text_hops(&request->raw)) {
		edge->counters.too_many_hops++;
		edge_answer(edge, request, 483, "");
		return;
	}
	line = edge_line_for(edge, request);
	if (!line) {
		edge->counters.no_line++;
		edge_answer(edge, request, 403, "");
		return;
	}
	(void)edge_send_up(edge, line, request, bytes);
}

/* ---- answers ------------------------------------------------------------------------------ */

static void answer_up(struct edge *edge, const struct ua_message *answer, struct ua_part bytes)
{
	const char *via = ua_raw_first(&answer->raw, UA_RAW_VIA);
	char contact[EDGE_TOKEN_MAX + EDGE_URI_MAX];
	struct edge_text_down_answer how = { .contact = NULL };
	struct edge_token asked;
	struct edge_line *line;
	struct ua_writer writer;
	struct ua_part user;
	int length;

	if (edge_token_of_via(edge, via, &asked)) {
		edge->counters.unmatched++;
		return;
	}
	ua_writer_init(&writer, contact, sizeof(contact));
	line = edge_line_of(edge, asked.line);
	if (line && answer->view.status < 300)
		how.contact = own_contact(edge, answer, line, &asked.at, &writer);
	how.record_routes_gone = edge_own_values(edge, answer, UA_RAW_RECORD_ROUTE, &user);
	length = edge_text_down_answer(answer, bytes, &how, edge_out(edge));
	if (length < 0 ||
	    failover_wire_respond(edge->wire, &asked.at, edge->out, (size_t)length, edge_now(edge)))
		edge->counters.refused++;
}

void edge_from_client(void *user, const char *text, size_t count,
		      const struct failover_target *from)
{
	struct edge *edge = user;
	struct ua_message message;
	int is_bad = ua_message_read(&message, text, count, from) != 0;
	struct ua_part bytes = { text, count };

	if (!is_bad)
		bytes = ua_message_bytes(&message.raw, bytes);
	if (is_bad || (message.raw.is_response && message.why)) {
		edge->counters.garbage++;
	} else if (message.raw.is_response) {
		answer_up(edge, &message, bytes);
	} else if (message.view.refusal || message.why) {
		edge->counters.garbage++;
		edge_answer(edge, &message, message.view.refusal ? message.view.refusal : 400, "");
	} else {
		from_client(edge, &message, bytes);
	}
	ua_message_free(&message);
}
