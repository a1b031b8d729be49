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

uint8_t fo_family_of(uint16_t type)
{
	return type == FO_TYPE_A ? FO_FAMILY_4 : FO_FAMILY_6;
}

uint32_t fo_hint_of(uint16_t type)
{
	return type == FO_TYPE_NAPTR ? FO_HINT_NAPTR : FO_HINT_SRV;
}

static void service_add(struct fo_services *services, uint32_t transport, const char *prefix,
			const char *name)
{
	struct fo_service *service = &services->list[services->count];
	int length = snprintf(service->name, FO_NAME_BYTES, "%s%s", prefix, name);

	service->transport = transport;
	services->count += length > 0 && (uint32_t)length < FO_NAME_BYTES;
}

static void usual_services(const char *name, uint32_t transport, struct fo_services *out)
{
	static const uint8_t transports[] = { FAILOVER_UDP, FAILOVER_TCP, FAILOVER_TLS };

	for (uint32_t i = 0; i < sizeof(transports); i++) {
		if (transport == transports[i] || transport == FAILOVER_TRANSPORT_AUTO)
			service_add(out, transports[i], srv_prefix(transports[i]), name);
	}
	out->alternatives = 1;
}

void fo_services_choose(const struct fo_reply *naptr, const char *name, uint32_t transport,
			struct fo_services *out)
{
	const struct fo_naptr *array = naptr ? naptr->u.naptr : NULL;

	out->count = 0;
	out->alternatives = 0;
	for (uint32_t i = 0; naptr && i < naptr->count && out->count < FO_SERVICES_MOST; i++) {
		if (array[i].order != array[0].order)
			break; /* RFC 3403 4.1: not looked at once a lower order matched */
		service_add(out, array[i].transport, "", array[i].replacement);
	}
	if (out->count == 0)
		usual_services(name, transport, out);
}

/* Without NAPTR the zone names no order of transports: one is enough (RFC 3263 4.1). */
static void best_service_stays(struct fo_records *records)
{
	uint32_t count = records->srv_count;

	while (count > 0 && records->srv[count - 1].service != records->srv[0].service)
		count--;
	records->srv_count = count;
}

void fo_records_add_srv(struct fo_records *records, const struct fo_reply *reply,
			const struct fo_services *services, uint32_t service)
{
	for (uint32_t i = 0; i < reply->count; i++) {
		struct fo_srv srv = reply->u.srv[i];

		srv.service = (uint8_t)service;
		srv.transport = (uint8_t)services->list[service].transport;
		fo_srv_insert(records->srv, &records->srv_count, &srv);
	}
	if (services->alternatives)
		best_service_stays(records);
	records->hints |= FO_HINT_SRV;
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

static uint32_t family_bit(uint32_t family)
{
	return family == 4 ? FO_FAMILY_4 : FO_FAMILY_6;
}

/* The addresses of families that failed are those of before. */
static void host_carry(struct fo_host *host, const struct fo_host *before)
{
	for (uint32_t i = 0; i < before->count && host->count < FO_ADDRESS_MOST; i++) {
		const struct fo_address *address = &before->address[i];

		if ((host->failed & family_bit(address->family)) && !address_is_in(host, address))
			host->address[host->count++] = *address;
	}
}

static int srv_same(const struct fo_records *a, const struct fo_records *b)
{
	if (a->srv_count != b->srv_count)
		return 0;
	for (uint32_t i = 0; i < a->srv_count; i++) {
		if (fo_srv_compare(&a->srv[i], &b->srv[i]) != 0)
			return 0;
	}
	return 1;
}

void fo_records_carry(struct fo_records *records, const struct fo_records *before)
{
	for (uint32_t i = 0; i < records->hosts_count; i++) {
		struct fo_host *host = &records->hosts[i];
		uint32_t at = host_find(before, host->name);

		if (host->failed && at < before->hosts_count)
			host_carry(host, &before->hosts[at]);
	}
	if (before->drawn && srv_same(records, before)) {
		memcpy(records->order, before->order, sizeof(records->order));
		records->drawn = 1;
	}
}

uint32_t fo_records_addresses(const struct fo_records *records)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < records->hosts_count; i++)
		count += records->hosts[i].count;
	return count;
}

uint32_t fo_records_families(const struct fo_records *records)
{
	uint32_t families = 0;

	for (uint32_t i = 0; i < records->hosts_count; i++) {
		const struct fo_host *host = &records->hosts[i];

		for (uint32_t at = 0; at < host->count; at++)
			families |= host->address[at].family == 4 ? FO_FAMILY_4 : FO_FAMILY_6;
	}
	return families;
}

int fo_records_usable(const struct fo_records *records, uint32_t asked)
{
	const struct fo_srv *srv = records->srv;
	uint32_t waits = 0;

	if (records->srv_count == 0)
		return records->hosts_count > 0 && records->hosts[0].count > 0;
	for (uint32_t i = 0; i < records->srv_count; i++) {
		if (records->hosts[srv[i].host].count > 0)
			return 1;
		waits |= asked >> srv[i].host & 1;
		if (waits && (i + 1 == records->srv_count || srv[i].service != srv[i + 1].service ||
			      srv[i].priority != srv[i + 1].priority))
			return 0;
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
	if (!srv_same(a, b) || a->hosts_count != b->hosts_count)
		return 0;
	for (uint32_t i = 0; i < a->hosts_count; i++) {
		if (!hosts_same(&a->hosts[i], &b->hosts[i]))
			return 0;
	}
	return 1;
}

/*
 * RFC 2782 starts from the records in any order, those of weight 0 first. That order is shuffled
 * (B25): where all weights are equal, 0 too, nothing else would share the phones out.
 */
static void weights_begin(uint8_t *order, uint32_t count, const struct fo_srv *srv,
			  const struct fo_random *random)
{
	uint8_t shuffled[FO_SRV_MOST];
	uint32_t used = 0;

	memcpy(shuffled, order, count);
	for (uint32_t n = count; n > 1; n--) {
		uint32_t drawn = random->draw(random->user, n - 1) % n;
		uint8_t last = shuffled[n - 1];

		shuffled[n - 1] = shuffled[drawn];
		shuffled[drawn] = last;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (srv[shuffled[i]].weight == 0)
			order[used++] = shuffled[i];
	}
	for (uint32_t i = 0; i < count; i++) {
		if (srv[shuffled[i]].weight != 0)
			order[used++] = shuffled[i];
	}
}

/* RFC 2782, for records of one priority: a number from 0 to the sum of the weights, the first whose
 * running sum is not less; again without it. */
static void weights_draw(uint8_t *order, uint32_t count, const struct fo_srv *srv,
			 const struct fo_random *random)
{
	uint8_t left[FO_SRV_MOST];
	uint32_t sum = 0;

	weights_begin(order, count, srv, random);
	memcpy(left, order, count);
	for (uint32_t i = 0; i < count; i++)
		sum += srv[left[i]].weight;
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

void fo_records_draw(struct fo_records *records, const struct fo_random *random)
{
	const struct fo_srv *srv = records->srv;
	uint32_t first = 0;

	for (uint32_t i = 0; i < records->srv_count; i++) {
		records->order[i] = (uint8_t)i;
		if (i + 1 < records->srv_count && srv[i].service == srv[i + 1].service &&
		    srv[i].priority == srv[i + 1].priority)
			continue;
		weights_draw(records->order + first, i + 1 - first, srv, random);
		first = i + 1;
	}
	records->drawn = 1;
}

struct list {
	struct failover_target *out;
	uint32_t count, families;
	uint32_t transport; /* of the next ones, like the port */
	uint16_t port;
};

static void list_add(struct list *list, const struct fo_address *address)
{
	struct failover_target target = { .port = list->port,
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

static void list_add_host(struct list *list, const struct fo_host *host)
{
	static const uint8_t family_order[][2] = {
		[FAILOVER_DNS_IPV6_FIRST] = { 6, 4 },
		[FAILOVER_DNS_IPV4_FIRST] = { 4, 6 },
		[FAILOVER_DNS_IPV4_ONLY] = { 4, 0 },
		[FAILOVER_DNS_IPV6_ONLY] = { 6, 0 },
	};

	for (uint32_t f = 0; f < 2; f++) {
		for (uint32_t i = 0; i < host->count; i++) {
			if (host->address[i].family == family_order[list->families][f])
				list_add(list, &host->address[i]);
		}
	}
}

uint32_t fo_records_targets(const struct fo_records *records, uint32_t families, uint32_t transport,
			    struct failover_target out[FAILOVER_LIMIT_TARGETS])
{
	int is_auto = transport == FAILOVER_TRANSPORT_AUTO;
	struct list list = { .out = out,
			     .families = families,
			     .transport = is_auto ? FAILOVER_UDP : transport };

	for (uint32_t i = 0; i < records->srv_count; i++) {
		const struct fo_srv *srv = &records->srv[records->order[i]];

		list.port = srv->port;
		if (is_auto)
			list.transport = srv->transport;
		list_add_host(&list, &records->hosts[srv->host]);
	}
	if (records->srv_count == 0 && records->hosts_count > 0)
		list_add_host(&list, &records->hosts[0]);
	return list.count;
}
