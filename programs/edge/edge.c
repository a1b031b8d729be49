/* SPDX-License-Identifier: MIT */
/* edge.c - the life of the edge, its loop, and its own answers. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include "../../ua/instance.h"
#include "../../ua/response.h"
#include "edge.h"

/* ---- what is said ------------------------------------------------------------------------- */

void edge_say(struct edge *edge, const char *format, ...)
{
	char text[256];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	edge->params.log(edge->params.user, FAILOVER_LOG_INFO, text);
}

uint64_t edge_garbage(const struct edge *edge)
{
	return edge->counters.garbage + edge->inside.ua.counters.garbage;
}

static void say_counters(struct edge *edge)
{
	const struct edge_counters *is = &edge->counters;

	edge_say(edge,
		 "requests: %llu up, %llu down; dropped: %llu garbage, %llu strangers, %llu of no "
		 "line, %llu looped, %llu hops, %llu for nobody, %llu unmatched, %llu refused, "
		 "%llu forgotten",
		 (unsigned long long)is->up, (unsigned long long)is->down,
		 (unsigned long long)edge_garbage(edge), (unsigned long long)edge->inside.strangers,
		 (unsigned long long)is->no_line, (unsigned long long)is->looped,
		 (unsigned long long)is->too_many_hops, (unsigned long long)is->no_client,
		 (unsigned long long)is->unmatched, (unsigned long long)is->refused,
		 (unsigned long long)is->forgotten);
}

/* ---- answers of our own ------------------------------------------------------------------- */

void edge_answer(struct edge *edge, const struct ua_message *request, uint32_t status,
		 const char *lines)
{
	struct failover_target peer = ua_serving_peer(&request->serving);
	char *text;

	if (!strcmp(request->raw.method, "ACK"))
		return;
	text = ua_response_made(&edge->inside.ua, &request->serving, status, lines);
	if (text)
		edge_inside_send(&edge->inside, &peer, text, strlen(text));
	free(text);
}

void edge_answer_outside(struct edge *edge, const struct ua_message *request, uint32_t status)
{
	struct failover_target peer = ua_serving_peer(&request->serving);
	char *text;

	if (!strcmp(request->raw.method, "ACK"))
		return;
	text = ua_response_made(&edge->inside.ua, &request->serving, status, "");
	if (text)
		(void)failover_wire_respond(edge->wire, &peer, text, strlen(text), edge_now(edge));
	free(text);
}

/* ---- life --------------------------------------------------------------------------------- */

static uint64_t on_now(void *user)
{
	return edge_now(user);
}

static void on_log(void *user, uint32_t level, const char *text)
{
	const struct edge *edge = user;

	edge->params.log(edge->params.user, level, text);
}

/* The same after a restart: out of what names this device, and of what only this device knows,
 * since a name that is configured may be printed on its back. */
static int make_key(struct edge *edge)
{
	static const char purpose[] = "failover-edge: tokens";
	unsigned char hash[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const char *device = edge->inside.ua.device;
	char machine[128] = "";
	int has_machine = ua_instance_machine(machine, (int)sizeof(machine));
	int good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) &&
		   EVP_DigestUpdate(ctx, purpose, sizeof(purpose)) &&
		   EVP_DigestUpdate(ctx, device, strlen(device) + 1) &&
		   EVP_DigestUpdate(ctx, machine, has_machine ? strlen(machine) : 0) &&
		   EVP_DigestFinal_ex(ctx, hash, NULL);
	uint64_t key[2];

	EVP_MD_CTX_free(ctx);
	memcpy(key, hash, sizeof(key));
	return good ? ua_map_init(&edge->keys, key) : FAILOVER_ERR_UNSUPPORTED;
}

static int open_tables(struct edge *edge)
{
	uint64_t key[2];
	int error = edge->inside.host.random(NULL, key, sizeof(key));

	if (!error)
		error = ua_map_init(&edge->lines_by_id, key);
	if (!error)
		error = ua_map_init(&edge->exchanges, key);
	return error ? error : make_key(edge);
}

static int open_outside(struct edge *edge)
{
	struct failover_wire_net_params params = edge->params.outside;
	int error;

	params.size = sizeof(params);
	params.engine = edge->engine;
	params.user = edge->params.user;
	params.event = edge->params.event;
	params.result = edge->params.result;
	params.log = edge->params.log;
	params.may_spiral = 1;
	error = failover_wire_net_new(&params, edge_now(edge), &edge->outside);
	if (!error)
		edge->wire = failover_wire_net_wire(edge->outside);
	return error;
}

int edge_new(const struct edge_params *params, struct edge **out)
{
	struct edge *edge = calloc(1, sizeof(*edge));
	int error, saved;

	if (!edge)
		return FAILOVER_ERR_MEMORY;
	edge->params = *params;
	edge->engine = params->engine;
	TAILQ_INIT(&edge->lines);
	TAILQ_INIT(&edge->exchanges_by_age);
	edge->inside.user = edge;
	edge->inside.now = on_now;
	edge->inside.log = on_log;
	edge->inside.received = edge_from_client;
	error = edge_inside_open(&edge->inside, &params->inside);
	if (!error)
		error = open_tables(edge);
	if (!error)
		error = open_outside(edge);
	if (error) {
		saved = errno;
		edge_free(edge);
		errno = saved;
		return error;
	}
	*out = edge;
	return FAILOVER_OK;
}

void edge_free(struct edge *edge)
{
	if (!edge)
		return;
	if (edge->outside)
		say_counters(edge);
	failover_wire_net_free(edge->outside);
	edge_lines_free(edge);
	edge_exchanges_free(edge);
	edge_inside_close(&edge->inside);
	ua_map_free(&edge->lines_by_id);
	ua_map_free(&edge->exchanges);
	ua_map_free(&edge->keys);
	free(edge);
}

/* ---- the loop ----------------------------------------------------------------------------- */

uint32_t edge_fds(struct edge *edge, struct failover_io_fd *out, uint32_t max)
{
	uint32_t count = failover_wire_net_fds(edge->outside, out, max);
	uint32_t room = count < max ? max - count : 0;

	return count + edge_inside_fds(&edge->inside, room ? out + count : NULL, room);
}

uint64_t edge_deadline(struct edge *edge)
{
	uint64_t outside = failover_wire_net_next_deadline(edge->outside);
	uint64_t inside = edge_inside_deadline(&edge->inside);

	return outside < inside ? outside : inside;
}

/* What the wire has for clients. */
static void take(struct edge *edge)
{
	struct failover_wire_output output = { .size = sizeof(output) };

	while (failover_wire_net_poll(edge->outside, &output))
		edge_from_server(edge, &output);
}

void edge_process(struct edge *edge, const struct failover_io_fd *ready, uint32_t count)
{
	edge_inside_process(&edge->inside, ready, count);
	failover_wire_net_process(edge->outside, ready, count, edge_now(edge));
	take(edge);
}

void edge_turn(struct edge *edge)
{
	failover_wire_handle_timeout(edge->wire, edge_now(edge));
	take(edge);
	edge_register_turn(edge);
}

void edge_network_changed(struct edge *edge)
{
	ua_adapter_network_changed(&edge->inside.ua);
	failover_wire_net_network_changed(edge->outside, edge_now(edge));
	take(edge);
}
