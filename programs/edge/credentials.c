/* SPDX-License-Identifier: MIT */
/*
 * credentials.c - a challenge to a request of a phone that has not its line's password: the edge
 * sends it again (RFC 3261 22.2), and the phone hears what becomes of that. The CSeq is one higher
 * then, for the rest of the dialog, too: our Record-Route says by how much.
 */
#include <stdlib.h>
#include <string.h>
#include "edge.h"

#define ROUNDS_MAX 3u	    /* a server that the request moves to asks anew (B10) */
#define KEPT_MAX (4u << 20) /* bytes of all requests that may be sent again */
#define LINES_MAX 8192u
#define ROUND UINT64_C(0x9e3779b97f4a7c15)

uint64_t edge_round_id(uint64_t id, uint32_t round)
{
	return id ^ (round * ROUND);
}

struct edge_exchange *edge_exchange_of_round(const struct edge *edge, uint64_t id)
{
	struct edge_exchange *exchange;
	uint32_t round;

	for (round = 0; round <= ROUNDS_MAX; round++) {
		exchange = edge_exchange_of(edge, edge_round_id(id, round));
		if (exchange && exchange->rounds == round)
			return exchange;
	}
	return NULL;
}

/* ---- what may be sent again --------------------------------------------------------------- */

/* In a dialog only what ends it: our Record-Route cannot be changed any more. */
static int is_ours_to_answer(const struct edge_line *line, const struct ua_message *request)
{
	const struct ua_raw *raw = &request->raw;

	if (!line->has_password || ua_raw_first(raw, UA_RAW_AUTHORIZATION) ||
	    ua_raw_first(raw, UA_RAW_PROXY_AUTHORIZATION) || !strcmp(raw->method, "CANCEL"))
		return 0;
	return !request->view.to_tag || !strcmp(raw->method, "BYE");
}

void edge_exchange_keep(struct edge *edge, struct edge_exchange *exchange,
			const struct edge_line *line, const struct ua_message *request)
{
	size_t count = strlen(edge->out);

	if (!is_ours_to_answer(line, request) || edge->kept + count > KEPT_MAX)
		return;
	exchange->sent = malloc(count + 1);
	if (!exchange->sent)
		return;
	memcpy(exchange->sent, edge->out, count + 1);
	exchange->sent_count = count;
	edge->kept += count;
}

void edge_exchange_forget(struct edge *edge, struct edge_exchange *exchange)
{
	if (!exchange->sent)
		return;
	edge->kept -= exchange->sent_count;
	free(exchange->sent);
	exchange->sent = NULL;
}

/* ---- again -------------------------------------------------------------------------------- */

/* Its branch and its CSeq are those of the next round. */
static int send_again(struct edge *edge, struct edge_exchange *exchange,
		      const struct ua_message *request, const char *lines)
{
	char branch[EDGE_BRANCH_MAX];
	const struct edge_text_again how = { .branch = branch,
					     .cseq_more = exchange->rounds + 1u,
					     .lines = lines };
	struct ua_part own = { request->view.branch, strlen(request->view.branch) };
	uint32_t loop;
	uint64_t id;
	int length;

	if (edge_branch_read(own, &id, &loop))
		return FAILOVER_ERR_ARGUMENT;
	edge_branch_write(edge_round_id(exchange->id, exchange->rounds + 1u), loop, branch);
	length = edge_text_again(request, (struct ua_part){ exchange->sent, exchange->sent_count },
				 &how, edge_out(edge));
	if (length < 0)
		return length;
	exchange->rounds++;
	if (!failover_wire_send(edge->wire, exchange->line, edge->out, (size_t)length,
				edge_now(edge)))
		return FAILOVER_OK;
	exchange->rounds--;
	return FAILOVER_ERR_STATE;
}

int edge_answer_challenge(struct edge *edge, struct edge_exchange *exchange,
			  const struct ua_message *answer, struct ua_part bytes)
{
	struct failover_wire_challenge challenge = { .size = sizeof(challenge),
						     .line = exchange->line,
						     .response = bytes.text,
						     .count = bytes.length,
						     .peer = answer->view.source };
	char lines[LINES_MAX];
	struct ua_message request;
	int error = FAILOVER_ERR_STATE;

	if (!exchange->sent || exchange->rounds == ROUNDS_MAX ||
	    (answer->view.status != 401 && answer->view.status != 407))
		return 0;
	if (!ua_message_read(&request, exchange->sent, exchange->sent_count, &exchange->client)) {
		challenge.method = request.raw.method;
		challenge.uri = request.raw.uri;
		if (failover_wire_credentials(edge->wire, &challenge, lines, sizeof(lines)) > 0)
			error = send_again(edge, exchange, &request, lines);
	}
	ua_message_free(&request);
	edge->counters.answered += !error;
	return !error;
}
