/* SPDX-License-Identifier: MIT */
/* lines.c - lines of the configuration, and the phones that have registered for them. */
#include <stdlib.h>
#include <string.h>
#include "edge.h"

/* ---- finding ------------------------------------------------------------------------------ */

struct edge_line *edge_line_of(const struct edge *edge, uint32_t id)
{
	const struct ua_map *map = &edge->lines_by_id;
	struct ua_map_node *node;

	for (node = ua_map_find(map, ua_map_hash_number(map, id)); node;
	     node = ua_map_again(node)) {
		struct edge_line *line = UA_CONTAINER(node, struct edge_line, by_id);

		if (line->id == id)
			return line;
	}
	return NULL;
}

static struct ua_part part_of(const char *text)
{
	return (struct ua_part){ text, strlen(text) };
}

/* Two lines may have the same user at different domains. */
struct edge_line *edge_line_of_user(const struct edge *edge, struct ua_part user,
				    struct ua_part domain)
{
	struct edge_line *line, *found = NULL;

	if (!user.text)
		return NULL;
	TAILQ_FOREACH(line, &edge->lines, entries)
	{
		if (!ua_part_same_unescaped(user, part_of(line->user)))
			continue;
		if (domain.text && ua_part_like(domain, line->domain))
			return line;
		if (!found)
			found = line;
	}
	return found;
}

static struct edge_line *line_of_from(const struct edge *edge, const struct ua_message *request)
{
	const char *from = ua_raw_first(&request->raw, UA_RAW_FROM);
	struct ua_value_address address;
	struct ua_value_uri uri;

	if (!from || ua_value_address(from, &address) || ua_value_uri(address.uri, &uri))
		return NULL;
	return edge_line_of_user(edge, uri.user, uri.host);
}

static struct edge_line *line_of_place(const struct edge *edge, const struct failover_target *from)
{
	struct edge_client *client;
	struct edge_line *line;

	TAILQ_FOREACH(line, &edge->lines, entries)
	TAILQ_FOREACH(client, &line->clients, entries)
	if (ua_address_same(&client->at, from))
		return line;
	return NULL;
}

static struct edge_line *only_line(const struct edge *edge)
{
	struct edge_line *line = TAILQ_FIRST(&edge->lines);

	return line && !TAILQ_NEXT(line, entries) ? line : NULL;
}

struct edge_line *edge_line_for(struct edge *edge, const struct ua_message *request)
{
	struct ua_part user;
	struct edge_line *line;

	(void)edge_own_values(edge, request, UA_RAW_ROUTE, &user);
	line = edge_line_of_user(edge, user, (struct ua_part){ NULL, 0 });
	if (!line)
		line = line_of_from(edge, request);
	if (!line)
		line = line_of_place(edge, &request->view.source);
	if (!line && request->view.to_tag) /* of before a restart */
		line = only_line(edge);
	return line;
}

/* ---- clients ------------------------------------------------------------------------------ */

void edge_client_drop(struct edge_line *line, struct edge_client *client)
{
	TAILQ_REMOVE(&line->clients, client, entries);
	line->clients_count--;
	free(client->waiting);
	free(client);
}

void edge_line_expire(struct edge *edge, struct edge_line *line)
{
	struct edge_client *client = TAILQ_FIRST(&line->clients), *next;

	for (; client; client = next) {
		next = TAILQ_NEXT(client, entries);
		if (client->until > edge_now(edge))
			continue;
		edge_say(edge, "a phone of %s has not registered again", line->user);
		edge_client_drop(line, client);
	}
}

struct edge_client *edge_line_client(struct edge *edge, struct edge_line *line)
{
	edge_line_expire(edge, line);
	return TAILQ_FIRST(&line->clients);
}

/* ---- failover.line/1 ---------------------------------------------------------------------- */

static void drop(struct edge *edge, struct edge_line *line)
{
	while (!TAILQ_EMPTY(&line->clients))
		edge_client_drop(line, TAILQ_FIRST(&line->clients));
	ua_map_remove(&edge->lines_by_id, &line->by_id);
	TAILQ_REMOVE(&edge->lines, line, entries);
	free(line->user);
	free(line->domain);
	free(line);
}

static struct edge_line *create(struct edge *edge, uint32_t id)
{
	struct edge_line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->id = id;
	TAILQ_INIT(&line->clients);
	ua_map_add(&edge->lines_by_id, &line->by_id, ua_map_hash_number(&edge->lines_by_id, id));
	TAILQ_INSERT_TAIL(&edge->lines, line, entries);
	return line;
}

static int name(struct edge_line *line, const struct failover_line_identity *identity)
{
	char *user = strdup(identity->user),
	     *domain = strdup(identity->domain ? identity->domain : "");

	if (!user || !domain) {
		free(user);
		free(domain);
		return FAILOVER_ERR_MEMORY;
	}
	free(line->user);
	free(line->domain);
	line->user = user;
	line->domain = domain;
	line->has_password = identity->auth_password && identity->auth_password[0];
	return FAILOVER_OK;
}

static int line_set(void *inst, const struct failover_line_identity *identity)
{
	struct edge *edge = inst;
	int error = failover_wire_line_set(edge->wire, identity, edge_now(edge));
	struct edge_line *line = error ? NULL : edge_line_of(edge, identity->line);

	if (error)
		return error;
	if (!line)
		line = create(edge, identity->line);
	error = line ? name(line, identity) : FAILOVER_ERR_MEMORY;
	if (error && line && !line->user)
		drop(edge, line);
	return error;
}

static int line_targets(void *inst, uint32_t id, const struct failover_target *targets,
			uint32_t count)
{
	struct edge *edge = inst;
	struct edge_line *line = edge_line_of(edge, id);

	if (line && count)
		line->first = targets[0];
	return failover_wire_line_targets(edge->wire, id, targets, count, edge_now(edge));
}

static void line_remove(void *inst, uint32_t id)
{
	struct edge *edge = inst;
	struct edge_line *line = edge_line_of(edge, id);

	failover_wire_line_remove(edge->wire, id, edge_now(edge));
	if (line)
		drop(edge, line);
}

const struct failover_ext_line edge_ext_line = {
	.size = sizeof(edge_ext_line),
	.line_set = line_set,
	.line_remove = line_remove,
	.line_targets = line_targets,
};

void edge_lines_free(struct edge *edge)
{
	while (!TAILQ_EMPTY(&edge->lines))
		drop(edge, TAILQ_FIRST(&edge->lines));
}
