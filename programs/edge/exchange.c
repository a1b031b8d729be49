/* SPDX-License-Identifier: MIT */
/* exchange.c - requests of clients under way: where their answers go, and with which Vias. Bounded:
 * the one that was used longest ago makes room. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "edge.h"

#define LIFE_MS 600000u /* longer than any call rings */
#define VIAS_MAX 8192u

static void drop(struct edge *edge, struct edge_exchange *exchange)
{
	ua_map_remove(&edge->exchanges, &exchange->by_id);
	TAILQ_REMOVE(&edge->exchanges_by_age, exchange, entries);
	edge->exchanges_count--;
	edge_exchange_forget(edge, exchange);
	free(exchange);
}

struct edge_exchange *edge_exchange_of(const struct edge *edge, uint64_t id)
{
	struct ua_map_node *node = ua_map_find(&edge->exchanges, id);

	return node ? UA_CONTAINER(node, struct edge_exchange, by_id) : NULL;
}

static void make_room(struct edge *edge)
{
	struct edge_exchange *oldest = TAILQ_FIRST(&edge->exchanges_by_age);

	while (oldest && edge_now(edge) - oldest->at > LIFE_MS) {
		drop(edge, oldest);
		oldest = TAILQ_FIRST(&edge->exchanges_by_age);
	}
	if (edge->exchanges_count < EDGE_EXCHANGES_MAX)
		return;
	edge->counters.forgotten++;
	drop(edge, oldest);
}

static int write_vias(const struct ua_message *request, struct ua_writer *writer)
{
	const char *value;
	uint32_t at = 0, count = 0;

	while ((value = ua_raw_next(&request->raw, UA_RAW_VIA, &at))) {
		ua_writer_add(writer, "Via: ");
		if (count++)
			ua_writer_add(writer, "%s", value);
		else
			edge_text_via(value, &request->view.source, writer);
		ua_writer_add(writer, "\r\n");
	}
	return ua_writer_error(writer);
}

struct edge_exchange *edge_exchange_put(struct edge *edge, uint64_t id,
					const struct ua_message *request)
{
	struct edge_exchange *exchange = edge_exchange_of(edge, id);
	char vias[VIAS_MAX];
	struct ua_writer writer;

	if (exchange) {
		TAILQ_REMOVE(&edge->exchanges_by_age, exchange, entries);
		TAILQ_INSERT_TAIL(&edge->exchanges_by_age, exchange, entries);
		exchange->at = edge_now(edge);
		return exchange;
	}
	ua_writer_init(&writer, vias, sizeof(vias));
	if (write_vias(request, &writer))
		return NULL;
	make_room(edge);
	exchange = calloc(1, sizeof(*exchange) + writer.length + 1);
	if (!exchange)
		return NULL;
	memcpy(exchange->vias, vias, writer.length + 1);
	exchange->id = id;
	exchange->at = edge_now(edge);
	exchange->client = ua_serving_peer(&request->serving);
	ua_map_add(&edge->exchanges, &exchange->by_id, id);
	TAILQ_INSERT_TAIL(&edge->exchanges_by_age, exchange, entries);
	edge->exchanges_count++;
	return exchange;
}

void edge_exchanges_free(struct edge *edge)
{
	while (!TAILQ_EMPTY(&edge->exchanges_by_age))
		drop(edge, TAILQ_FIRST(&edge->exchanges_by_age));
}
