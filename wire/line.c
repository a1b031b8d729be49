/* SPDX-License-Identifier: MIT */
/* line.c - lines of the wire, beside those of the core and of the user agent. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../ua/auth.h"
#include "../ua/digest_param.h"
#include "wire.h"

static const struct failover_ext_line *identities(void)
{
	return ua_extension(FAILOVER_EXT_LINE);
}

struct fo_wire_line *fo_wire_line_find(const struct failover_wire *wire, uint32_t number)
{
	const struct ua_map *map = &wire->lines;
	struct ua_map_node *node;

	for (node = ua_map_find(map, ua_map_hash_number(map, number)); node;
	     node = ua_map_again(node)) {
		struct fo_wire_line *line = UA_CONTAINER(node, struct fo_wire_line, by_line);

		if (line->line == number)
			return line;
	}
	return NULL;
}

static struct fo_wire_line *create(struct failover_wire *wire, uint32_t number)
{
	struct fo_wire_line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->line = number;
	ua_map_add(&wire->lines, &line->by_line, ua_map_hash_number(&wire->lines, number));
	return line;
}

void fo_wire_line_due(struct failover_wire *wire, struct fo_wire_line *line)
{
	if (!line->queue || line->queue->is_due)
		return;
	line->queue->is_due = 1;
	TAILQ_INSERT_TAIL(&wire->due, line->queue, due);
}

void fo_wire_line_not_due(struct failover_wire *wire, struct fo_wire_line *line)
{
	if (!line->queue || !line->queue->is_due)
		return;
	line->queue->is_due = 0;
	TAILQ_REMOVE(&wire->due, line->queue, due);
}

static void free_queue(struct failover_wire *wire, struct fo_wire_line *line)
{
	fo_wire_line_not_due(wire, line);
	free(line->queue);
	line->queue = NULL;
}

/* Whose turn comes first: a call for help (B36f), then what ends a call. */
static int rank(const struct fo_wire_request *of)
{
	return of->is_emergency ? 2 : of->method == FAILOVER_BYE;
}

int fo_wire_line_wait(struct fo_wire_line *line, struct fo_wire_request *of)
{
	struct fo_wire_queue *queue = line->queue;
	struct fo_wire_request *other;

	if (!queue) {
		queue = line->queue = calloc(1, sizeof(*queue));
		if (!queue)
			return FAILOVER_ERR_MEMORY;
		queue->line = line;
		TAILQ_INIT(&queue->waiting);
	}
	other = TAILQ_FIRST(&queue->waiting);
	while (other && rank(of) <= rank(other))
		other = TAILQ_NEXT(other, waits);
	of->is_waiting = 1;
	if (other)
		TAILQ_INSERT_BEFORE(other, of, waits);
	else
		TAILQ_INSERT_TAIL(&queue->waiting, of, waits);
	queue->count++;
	fo_wire_line_due(of->wire, line);
	return FAILOVER_OK;
}

void fo_wire_line_wait_no_more(struct fo_wire_line *line, struct fo_wire_request *of)
{
	TAILQ_REMOVE(&line->queue->waiting, of, waits);
	if (!--line->queue->count)
		free_queue(of->wire, line);
}

static void drop(struct failover_wire *wire, struct fo_wire_line *line)
{
	free_queue(wire, line);
	ua_map_remove(&wire->lines, &line->by_line);
	free(line->granted);
	free(line->challenge);
	free(line->nonces);
	free(line);
}

int failover_wire_line_set(struct failover_wire *wire,
			   const struct failover_line_identity *identity, uint64_t now)
{
	struct fo_wire_line *line;
	int error;

	fo_wire_enter(wire, now);
	if (!identity || !identity->user || !identity->user[0])
		return FAILOVER_ERR_ARGUMENT;
	line = fo_wire_line_find(wire, identity->line);
	if (!line) {
		line = create(wire, identity->line);
		if (!line)
			return FAILOVER_ERR_MEMORY;
		error = identities()->line_set(wire, identity);
		if (error)
			drop(wire, line);
		return error;
	}
	return identities()->line_set(wire, identity);
}

int failover_wire_line_targets(struct failover_wire *wire, uint32_t line,
			       const struct failover_target *targets, uint32_t count, uint64_t now)
{
	fo_wire_enter(wire, now);
	return identities()->line_targets(wire, line, targets, count);
}

void failover_wire_line_remove(struct failover_wire *wire, uint32_t number, uint64_t now)
{
	struct fo_wire_line *line = fo_wire_line_find(wire, number);

	fo_wire_enter(wire, now);
	if (!line)
		return;
	fo_wire_requests_drop(wire, number);
	fo_wire_dialogs_free(wire, number);
	identities()->line_remove(wire, number);
	drop(wire, line);
}

void fo_wire_lines_free(struct failover_wire *wire)
{
	struct ua_map_node *node = ua_map_walk(&wire->lines, NULL), *next;

	for (; node; node = next) {
		next = ua_map_walk(&wire->lines, node);
		drop(wire, UA_CONTAINER(node, struct fo_wire_line, by_line));
	}
}

/* ---- nonces (B10) ------------------------------------------------------------------------- */

/* The value of this parameter of credentials or of a challenge; 0 = there is none, or it cannot be
 * read. */
static int param_of(const char *value, const char *name, struct ua_digest_param *param)
{
	const char *at = ua_digest_scheme_skip(value);

	while (at && ua_digest_param_next(&at, param) > 0)
		if (!strcasecmp(param->name, name))
			return 1;
	return 0;
}

static uint64_t nonce_hash(const struct failover_wire *wire, const char *value)
{
	struct ua_digest_param param;

	return param_of(value, "nonce", &param) ? ua_map_hash_text(&wire->requests, param.value)
						: 0;
}

static struct fo_wire_nonce *find(const struct fo_wire_line *line, uint64_t hash)
{
	size_t i;

	for (i = 0; hash && line->nonces && i < FO_WIRE_NONCES; i++)
		if (line->nonces[i].hash == hash)
			return &line->nonces[i];
	return NULL;
}

void fo_wire_line_challenged(const struct failover_wire *wire, struct fo_wire_line *line,
			     const struct ua_view *response, uint8_t registrar)
{
	uint32_t i;

	for (i = 0; i < response->challenges_count; i++) {
		uint64_t hash = nonce_hash(wire, response->challenges[i].value);
		struct fo_wire_nonce *nonce = find(line, hash);

		if (!line->nonces)
			line->nonces = calloc(FO_WIRE_NONCES, sizeof(*line->nonces));
		if (!hash || !line->nonces)
			continue;
		if (!nonce)
			nonce = &line->nonces[line->nonces_next++ % FO_WIRE_NONCES];
		*nonce = (struct fo_wire_nonce){ hash, registrar };
	}
}

uint32_t fo_wire_line_nonce_of(const struct failover_wire *wire, const struct fo_wire_line *line,
			       const char *credentials)
{
	const struct fo_wire_nonce *nonce = find(line, nonce_hash(wire, credentials));

	return nonce ? nonce->registrar : FO_WIRE_NOBODY;
}

int fo_wire_line_may_send(const struct failover_wire *wire, const struct fo_wire_line *line,
			  const char *credentials, uint8_t registrar)
{
	const struct fo_wire_nonce *nonce = find(line, nonce_hash(wire, credentials));

	return !nonce || nonce->registrar == registrar;
}

/* The BYE of a late leg is the library's, and may be challenged like its INVITE. */
void fo_wire_line_answered(struct failover_wire *wire, const struct fo_wire_line *line,
			   const struct ua_raw *raw)
{
	static const enum ua_raw_name names[] = { UA_RAW_AUTHORIZATION,
						  UA_RAW_PROXY_AUTHORIZATION };
	struct ua_account *account = ua_account_find(&wire->ua, line->line);
	struct ua_digest_param param;
	const char *value;
	size_t i;

	for (i = 0; account && i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t at = 0;

		while ((value = ua_raw_next(raw, names[i], &at)))
			if (find(line, nonce_hash(wire, value)) && param_of(value, "realm", &param))
				ua_auth_trust_realm(account, param.value);
	}
}
