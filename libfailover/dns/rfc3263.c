/* SPDX-License-Identifier: MIT */
/* rfc3263.c - which SRV names are asked for, and in which order their targets are used. */
#include "rfc3263.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A SIP URI on TLS is served by the SIPS service: there is no other SRV name for it. */
static const char *srv_prefix(uint32_t transport)
{
	switch ((enum failover_transport)transport) {
	case FAILOVER_UDP:
		return "_sip._udp.";
	case FAILOVER_TCP:
		return "_sip._tcp.";
	case FAILOVER_TLS:
		return "_sips._tcp.";
	}
	return "";
}

void fo_services_choose(const struct fo_reply *naptr, const char *name, uint32_t transport,
			struct fo_services *out)
{
	const struct fo_naptr *array = naptr ? naptr->u.naptr : NULL;
	int length;

	out->count = 0;
	for (uint32_t i = 0; naptr && i < naptr->count && out->count < FO_SERVICES_MOST; i++) {
		if (array[i].order != array[0].order)
			break; /* RFC 3403 4.1: not looked at once a lower order matched */
		memcpy(out->names[out->count++], array[i].replacement, FO_NAME_BYTES);
	}
	if (out->count > 0)
		return;
	length = snprintf(out->names[0], FO_NAME_BYTES, "%s%s", srv_prefix(transport), name);
	out->count = length > 0 && (uint32_t)length < FO_NAME_BYTES;
}

void fo_records_add_srv(struct fo_records *records, const struct fo_reply *reply, uint32_t service)
{
	for (uint32_t i = 0; i < reply->count; i++) {
		struct fo_srv srv = reply->u.srv[i];

		srv.service = (uint8_t)service;
		fo_srv_insert(records->srv, &records->srv_count, &srv);
	}
}

static uint32_t host_find(const struct fo_records *records, const char *name)
{
	uint32_t at = 0;

	while (at < records->hosts_count && strcasecmp(records->hosts[at].name, name) != 0)
		at++;
	return at;
}

/* There is room: hosts_count is at most srv_count. */
static uint8_t host_of(struct fo_records *records, const char *name)
{
	uint32_t at = host_find(records, name);

	if (at == records->hosts_count) {
		struct fo_host *host = &records->hosts[records->hosts_count++];

		*host = (struct fo_host){ 0 };
		strncpy(host->name, name, sizeof(host->name) - 1);
	}
	return (uint8_t)at;
}

void fo_records_set_hosts(struct fo_records *records, const char *name)
{
	records->hosts_count = 0;
	for (uint32_t i = 0; i < records->srv_count; i++)
		records->srv[i].host = host_of(records, records->srv[i].target);
	if (records->srv_count == 0)
		host_of(records, name);
}

void fo_host_add(struct fo_host *host, const struct fo_reply *reply)
{
	for (uint32_t i = 0; i < reply->count && host->count < FO_ADDRESS_MOST; i++)
		host->address[host->count++] = reply->u.address[i];
}

void fo_records_carry(struct fo_records *records, const struct fo_records *before)
{
	for (uint32_t i = 0; i < records->hosts_count; i++) {
		struct fo_host *host = &records->hosts[i];
		uint32_t at = host_find(before, host->name);

		if (!host->failed || at == before->hosts_count)
			continue;
		host->count = before->hosts[at].count;
		memcpy(host->address, before->hosts[at].address, sizeof(host->address));
	}
}

static int address_same(const struct fo_address *a, const struct fo_address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static int address_is_in(const struct fo_host *host, const struct fo_address *address)
{
	for (uint32_t i = 0; i < host->count; i++) {
		if (address_same(&host->address[i], address))
			return 1;
	}
	return 0;
}

static int hosts_same(const struct fo_host *a, const struct fo_host *b)
{
	if (a->count != b->count || strcasecmp(a->name, b->name) != 0)
		return 0;
	for (uint32_t i = 0; i < a->count; i++) {
		if (!address_is_in(b, &a->address[i]))
			return 0;
	}
	return 1;
}

/* SRV records are sorted, and hosts are in their order: both can be compared one by one. */
int fo_records_same(const struct fo_records *a, const struct fo_records *b)
{
	if (a->srv_count != b->srv_count || a->hosts_count != b->hosts_count)
		return 0;
	for (uint32_t i = 0; i < a->srv_count; i++) {
		if (fo_srv_compare(&a->srv[i], &b->srv[i]) != 0)
			return 0;
	}
	for (uint32_t i = 0; i < a->hosts_count; i++) {
		if (!hosts_same(&a->hosts[i], &b->hosts[i]))
			return 0;
	}
	return 1;
}

/*
 * RFC 2782, for records of one priority: those of weight 0 first, a number from 0 to the sum of the
 * weights, the first whose running sum is not less; again without it. They are sorted heavy first,
 * so those of weight 0 are at the end: here the sum runs from there.
 */
static void weights_draw(uint8_t *order, uint32_t count, const struct fo_srv *srv,
			 const struct fo_random *random)
{
	uint8_t left[FO_SRV_MOST];
	uint32_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		left[i] = order[count - 1 - i];
		sum += srv[left[i]].weight;
	}
	for (uint32_t n = count; n > 0; n--) {
		uint32_t drawn = random->draw(random->user, sum), running = 0, at = 0;

		for (; at + 1 < n; at++) {
			running += srv[left[at]].weight;
			if (running >= drawn)
				break;
		}
		*order++ = left[at];
		sum -= srv[left[at]].weight;
		memmove(&left[at], &left[at + 1], n - at - 1);
	}
}

static void srv_draw(const struct fo_records *records, const struct fo_random *random,
		     uint8_t order[FO_SRV_MOST])
{
	const struct fo_srv *srv = records->srv;
	uint32_t first = 0;

	for (uint32_t i = 0; i < records->srv_count; i++) {
		order[i] = (uint8_t)i;
		if (i + 1 < records->srv_count && srv[i].service == srv[i + 1].service &&
		    srv[i].priority == srv[i + 1].priority)
			continue;
		weights_draw(order + first, i + 1 - first, srv, random);
		first = i + 1;
	}
}

struct list {
	struct failover_target *out;
	uint32_t count, transport;
};

static void list_add(struct list *list, const struct fo_address *address, uint16_t port)
{
	struct failover_target target = { .port = port,
					  .family = address->family,
					  .transport = (uint8_t)list->transport };

	memcpy(target.address, address->bytes, sizeof(target.address));
	for (uint32_t i = 0; i < list->count; i++) {
		if (memcmp(&list->out[i], &target, sizeof(target)) == 0)
			return;
	}
	if (list->count < FAILOVER_LIMIT_TARGETS)
		list->out[list->count++] = target;
}

static void list_add_host(struct list *list, const struct fo_host *host, uint16_t port,
			  uint32_t families)
{
	static const uint8_t family_order[][2] = {
		[FAILOVER_DNS_IPV6_FIRST] = { 6, 4 },
		[FAILOVER_DNS_IPV4_FIRST] = { 4, 6 },
		[FAILOVER_DNS_IPV4_ONLY] = { 4, 0 },
		[FAILOVER_DNS_IPV6_ONLY] = { 6, 0 },
	};

	for (uint32_t f = 0; f < 2; f++) {
		for (uint32_t i = 0; i < host->count; i++) {
			if (host->address[i].family == family_order[families][f])
				list_add(list, &host->address[i], port);
		}
	}
}

uint32_t fo_records_targets(const struct fo_records *records, uint32_t families, uint32_t transport,
			    const struct fo_random *random,
			    struct failover_target out[FAILOVER_LIMIT_TARGETS])
{
	struct list list = { .out = out, .transport = transport };
	uint8_t order[FO_SRV_MOST];

	srv_draw(records, random, order);
	for (uint32_t i = 0; i < records->srv_count; i++) {
		const struct fo_srv *srv = &records->srv[order[i]];

		list_add_host(&list, &records->hosts[srv->host], srv->port, families);
	}
	if (records->srv_count == 0 && records->hosts_count > 0)
		list_add_host(&list, &records->hosts[0], 0, families);
	return list.count;
}
