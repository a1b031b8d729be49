/* SPDX-License-Identifier: MIT */
/* rfc3263.h - records to ordered targets (RFC 3263 4, RFC 2782): pure logic. */
#ifndef FO_DNS_RFC3263_H
#define FO_DNS_RFC3263_H

#include "wire.h"

#include <failover/dns.h>

#define FO_SERVICES_MOST 4u
#define FO_HOSTS_MOST FO_SRV_MOST

/* Families of addresses, as bits. */
#define FO_FAMILY_4 1u
#define FO_FAMILY_6 2u

/* Questions that only lead to others, as bits (B25). */
#define FO_HINT_NAPTR 1u
#define FO_HINT_SRV 2u

struct fo_host {
	char name[FO_NAME_BYTES];
	uint8_t failed;	 /* families without an answer: their addresses are not known, or of before
			  */
	uint8_t no_name; /* some question was told that it does not exist */
	uint8_t count;
	struct fo_address address[FO_ADDRESS_MOST];
};

/* All that was found of one name. Without SRV records there is one host, the name itself. */
struct fo_records {
	uint32_t srv_count, hosts_count;
	uint32_t hints;			/* that led here */
	uint32_t drawn;			/* 0/1: `order` has been drawn */
	uint8_t order[FO_SRV_MOST];	/* of srv[], by priority and weight */
	struct fo_srv srv[FO_SRV_MOST]; /* sorted by fo_srv_compare() */
	struct fo_host hosts[FO_HOSTS_MOST];
};

struct fo_service {
	uint32_t transport;
	char name[FO_NAME_BYTES];
};

struct fo_services {
	uint32_t count;
	int alternatives; /* the first one that has records counts alone */
	struct fo_service list[FO_SERVICES_MOST];
};

struct fo_random {
	uint32_t (*draw)(void *user, uint32_t limit);
	void *user;
};

/* Of a question's type. */
uint8_t fo_family_of(uint16_t type);
uint32_t fo_hint_of(uint16_t type);
/* The SRV names to ask for, best first: those of the NAPTR records of the lowest order, or without
 * any the usual one of the transport, AUTO: of each transport (RFC 3263 4.1). None if that is too
 * long for a name. */
void fo_services_choose(const struct fo_reply *naptr, const char *name, uint32_t transport,
			struct fo_services *out);
void fo_records_add_srv(struct fo_records *records, const struct fo_reply *reply,
			const struct fo_services *services, uint32_t service);
/* Every target of the SRV records once; or `name` if there are none. */
void fo_records_set_hosts(struct fo_records *records, const char *name);
uint32_t fo_records_addresses(const struct fo_records *records);
/* Of which there are addresses, as bits. */
uint32_t fo_records_families(const struct fo_records *records);
void fo_host_add(struct fo_host *host, const struct fo_reply *reply);
/* Families of hosts that there was no answer about keep the addresses they had before (RFC 8767);
 * the same SRV records keep their order. */
void fo_records_carry(struct fo_records *records, const struct fo_records *before);
/* Some host of the best priority has an address, or none of a better one can get any more: what
 * there is may be used. `asked` has a bit for each host that is still asked for. */
int fo_records_usable(const struct fo_records *records, uint32_t asked);
/* The same records, in whatever order the addresses are. */
int fo_records_same(const struct fo_records *a, const struct fo_records *b);
/* Draw the order by priority and weight (RFC 2782). */
void fo_records_draw(struct fo_records *records, const struct fo_random *random);
/* Write the targets in the order drawn, with port (of the SRV record; 0 without) and transport
 * (AUTO: of the service, UDP without); returns how many. */
uint32_t fo_records_targets(const struct fo_records *records, uint32_t families, uint32_t transport,
			    struct failover_target out[FAILOVER_LIMIT_TARGETS]);

#endif
