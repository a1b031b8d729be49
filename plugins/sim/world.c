/* SPDX-License-Identifier: MIT */
/* world.c - clock, chance, calendar and names of the simulated world. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plugins/sim/client.h"

struct name {
	struct fo_sim_node by_hash;
	char text[];
};

uint64_t fo_sim_random(struct fo_sim *sim)
{
	sim->random += 0x9e3779b97f4a7c15u;
	return fo_sim_mix(sim->random, 0) | 2; /* never 0, which means "none" in a packet */
}

uint32_t fo_sim_below(struct fo_sim *sim, uint32_t bound)
{
	return bound > 1 ? (uint32_t)((fo_sim_random(sim) >> 32) * (uint64_t)bound >> 32) : 0;
}

int fo_sim_schedule(struct fo_sim *sim, uint64_t at_ms, struct fo_sim_event event)
{
	event.at_ms = at_ms;
	return fo_sim_heap_push(&sim->calendar, &event);
}

uint64_t fo_sim_address_key(const struct failover_target *target)
{
	uint64_t high, low;

	memcpy(&high, target->address, sizeof(high));
	memcpy(&low, target->address + sizeof(high), sizeof(low));
	return fo_sim_mix(fo_sim_mix(high, low), (uint64_t)target->port << 16 |
							 (uint64_t)target->transport << 8 |
							 target->family);
}

/* Each packet needs them, and printf takes its time. */
static char *add_text(char *to, const char *part, size_t most)
{
	while (*part && most--)
		*to++ = *part++;
	return to;
}

static char *add_number(char *to, uint32_t number)
{
	char digits[10];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while (number /= 10);
	while (n)
		*to++ = digits[--n];
	return to;
}

static const char *address_v4(const uint8_t *a, char *text)
{
	char *end = text;
	int i;

	for (i = 0; i < 4; i++) {
		end = add_number(end, a[i]);
		*end++ = i < 3 ? '.' : 0;
	}
	return text;
}

const char *fo_sim_address_text(const struct failover_target *target, char *buffer, size_t size)
{
	const uint8_t *a = target->address;
	size_t used = 0;
	int i;

	if (target->family == 4)
		return size < sizeof("255.255.255.255") ? "" : address_v4(a, buffer);
	for (i = 0; i < 16 && used < size; i += 2)
		used += (size_t)snprintf(buffer + used, size - used, "%s%x", i ? ":" : "",
					 a[i] << 8 | a[i + 1]);
	return buffer;
}

const char *fo_sim_uri(struct fo_sim *sim, const char *user, const char *address, uint32_t port)
{
	char text[320], *end = add_text(text, "sip:", 4);
	int v6 = strchr(address, ':') != NULL;
	struct fo_sim_node *node;
	struct name *name;
	uint64_t key = 0;
	const char *c;

	if (user)
		end = add_text(add_text(end, user, 60), "@", 1);
	end = add_text(end, v6 ? "[" : "", 1);
	end = add_text(end, address, 200);
	end = add_text(end, v6 ? "]" : "", 1);
	if (port)
		end = add_number(add_text(end, ":", 1), port & 0xffff);
	*end = 0;
	for (c = text; *c; c++)
		key = fo_sim_mix(key, (uint8_t)*c);
	node = fo_sim_table_find(&sim->names, key);
	if (node)
		return FO_SIM_OF(node, struct name, by_hash)->text;
	name = malloc(sizeof(*name) + strlen(text) + 1);
	if (!name)
		return NULL;
	strcpy(name->text, text);
	name->by_hash.key = key;
	if (fo_sim_table_add(&sim->names, &name->by_hash)) {
		free(name);
		return NULL;
	}
	return name->text;
}

static void event_do(struct fo_sim *sim, const struct fo_sim_event *event)
{
	switch ((enum fo_sim_event_kind)event->kind) {
	case FO_SIM_TO_SERVER:
		fo_sim_server_arrive(sim, event->packet);
		break;
	case FO_SIM_TO_CLIENT:
		fo_sim_client_arrive(sim, event->packet);
		break;
	case FO_SIM_CLIENT_RESEND:
		fo_sim_client_resend(sim, event->key);
		break;
	case FO_SIM_CLIENT_END:
		fo_sim_client_end(sim, event->key);
		break;
	case FO_SIM_SERVER_REPLY:
		fo_sim_server_reply(sim, event);
		break;
	case FO_SIM_SERVER_RESEND:
		fo_sim_server_resend(sim, event);
		break;
	case FO_SIM_SERVER_END:
		fo_sim_server_end(sim, event);
		break;
	case FO_SIM_HEARD:
		sim->host->heard(sim->host->ctx, (uint32_t)event->key,
				 &sim->servers[event->server]->address);
		break;
	case FO_SIM_LOST:
		fo_sim_client_unreachable(sim, (uint32_t)event->key, sim->servers[event->server]);
		break;
	}
}

int fo_sim_world_step(struct fo_sim *sim, uint64_t now_ms)
{
	const struct fo_sim_event *top = fo_sim_heap_top(&sim->calendar);
	struct fo_sim_event event;

	if (now_ms > sim->now_ms)
		sim->now_ms = now_ms;
	if (!top || top->at_ms > sim->now_ms)
		return 0;
	event = fo_sim_heap_pop(&sim->calendar);
	event_do(sim, &event);
	free(event.packet);
	return 1;
}

static void nothing_free(struct fo_sim_node *node)
{
	(void)node;
}

static void line_free(struct fo_sim_node *node)
{
	free(FO_SIM_OF(node, struct fo_sim_line, by_id));
}

static void request_free(struct fo_sim_node *node)
{
	free(FO_SIM_OF(node, struct fo_sim_request, by_id));
}

static void call_free(struct fo_sim_node *node)
{
	free(FO_SIM_OF(node, struct fo_sim_call, by_cookie));
}

static void name_free(struct fo_sim_node *node)
{
	free(FO_SIM_OF(node, struct name, by_hash));
}

void fo_sim_world_free(struct fo_sim *sim)
{
	uint32_t i;

	fo_sim_table_clear(&sim->attempts, nothing_free);
	fo_sim_table_clear(&sim->clients, fo_sim_client_free);
	fo_sim_table_clear(&sim->dialogs, nothing_free);
	fo_sim_table_clear(&sim->calls, call_free);
	fo_sim_table_clear(&sim->requests, request_free);
	fo_sim_table_clear(&sim->lines, line_free);
	fo_sim_table_clear(&sim->addresses, nothing_free);
	for (i = 0; i < sim->servers_count; i++)
		fo_sim_server_free(sim->servers[i]);
	free(sim->servers);
	fo_sim_table_clear(&sim->stores, fo_sim_store_free);
	fo_sim_table_clear(&sim->names, name_free);
	fo_sim_heap_free(&sim->calendar);
	free(sim);
}
