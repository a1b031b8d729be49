/* SPDX-License-Identifier: MIT */
/* rfc3263.h - records to ordered targets (RFC 3263 4, RFC 2782): pure logic. */
#ifndef FO_DNS_RFC3263_H
#define FO_DNS_RFC3263_H

#include "wire.h"

#include <failover/dns.h>

#define FO_SERVICES_MOST 4u
#define FO_HOSTS_MOST FO_SRV_MOST

struct fo_host {
	char name[FO_NAME_BYTES];
	uint8_t failed; /* no answer about it: its addresses are not known, or of before */
	uint8_t count;
	struct fo_address address[FO_ADDRESS_MOST];
};

/* All that was found of one name. Without SRV records there is one host, the name itself. */
struct fo_records {
	uint32_t srv_count, hosts_count;
	struct fo_srv srv[FO_SRV_MOST]; /* sorted by fo_srv_compare() */
	struct fo_host hosts[FO_HOSTS_MOST];
};

struct fo_services {
	uint32_t count;
	char names[FO_SERVICES_MOST][FO_NAME_BYTES];
};

struct fo_random {
	uint32_t (*draw)(void *user, uint32_t limit);
	void *user;
};

/* The SRV names to ask for, best first: those of the NAPTR records of the lowest order, or without
 * any the usual one of the transport (RFC 3263 4.1). None if that is too long for a name. */
void fo_services_choose(const struct fo_reply *naptr, const char *name, uint32_t transport,
			struct fo_services *out);
void fo_records_add_srv(struct fo_records *records, const struct fo_reply *reply, uint32_t service);
/* Every target of the SRV records once; or `name` if there are none. */
void fo_records_set_hosts(struct fo_records *records, const char *name);
void fo_host_add(struct fo_host *host, const struct fo_reply *reply);
/* Hosts that there was no answer about keep the addresses they had before (RFC 8767). */
void fo_records_carry(struct fo_records *records, const struct fo_records *before);
/* The same records, in whatever order the addresses are. */
int fo_records_same(const struct fo_records *a, const struct fo_records *b);
/* Draw the order by priority and weight (RFC 2782), and write the targets with port (of the SRV
 * record; 0 without) and transport; returns how many. */
uint32_t fo_records_targets(const struct fo_records *records, uint32_t families, uint32_t transport,
			    const struct fo_random *random,
			    struct failover_target out[FAILOVER_LIMIT_TARGETS]);

#endif
