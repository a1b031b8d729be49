/* SPDX-License-Identifier: MIT */
/*
 * wire.h - DNS answers (RFC 1035) to records: no I/O, no memory of its own, bounded by the length
 * of the message. The TTLs are why it exists: the parsers of c-ares 1.18 leave them out for SRV and
 * NAPTR.
 */
#ifndef FO_DNS_WIRE_H
#define FO_DNS_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define FO_NAME_BYTES 254u /* text of the longest name, without the last dot, and NUL */
#define FO_SRV_MOST 32u
#define FO_NAPTR_MOST 8u
#define FO_ADDRESS_MOST 32u
#define FO_TTL_NONE UINT32_MAX

enum fo_record_type {
	FO_TYPE_A = 1,
	FO_TYPE_CNAME = 5,
	FO_TYPE_SOA = 6,
	FO_TYPE_AAAA = 28,
	FO_TYPE_SRV = 33,
	FO_TYPE_NAPTR = 35,
};

enum fo_reply_status {
	FO_REPLY_DATA,
	FO_REPLY_NO_RECORDS,  /* the name has none of this type that can be used */
	FO_REPLY_NO_NAME,     /* NXDOMAIN */
	FO_REPLY_UNSUPPORTED, /* the server does not know the type: as if there were none */
	FO_REPLY_NOT_OFFERED, /* SRV: the only target is "." */
	FO_REPLY_SERVFAIL,
	FO_REPLY_MALFORMED,
	FO_REPLY_NO_SERVER,
	FO_REPLY_NO_MEMORY, /* the answer could not be kept: it says nothing of the name */
};

struct fo_srv {
	uint16_t priority, weight, port;
	uint8_t service;   /* rank of the SRV name it belongs to, 0 = most preferred */
	uint8_t transport; /* of the service, enum failover_transport */
	uint8_t host;	   /* index in fo_records.hosts */
	char target[FO_NAME_BYTES];
};

/* Only what names an SRV name for a transport asked for. */
struct fo_naptr {
	uint16_t order, preference;
	uint8_t transport; /* enum failover_transport */
	char replacement[FO_NAME_BYTES];
};

struct fo_address {
	uint8_t family; /* 4 or 6 */
	uint8_t bytes[16];
};

struct fo_question {
	const char *name;   /* without the last dot */
	uint16_t type;	    /* A, AAAA, SRV, NAPTR */
	uint16_t transport; /* NAPTR: enum failover_transport or FAILOVER_TRANSPORT_AUTO */
};

struct fo_reply {
	enum fo_reply_status status;
	uint32_t ttl_s; /* least of all records used; negative: of the SOA, FO_TTL_NONE = no SOA */
	uint32_t count; /* the best ones, where there is no room for all */
	int truncated;	/* there are more, which this message had no room for (RFC 1035 4.1.1) */
	union {
		struct fo_srv srv[FO_SRV_MOST];	      /* in the order of fo_srv_compare() */
		struct fo_naptr naptr[FO_NAPTR_MOST]; /* in order, then preference */
		struct fo_address address[FO_ADDRESS_MOST];
	} u;
};

/* Read the answer to this question; NXDOMAIN and "no data" are answers too. */
void fo_wire_read(const struct fo_question *question, const uint8_t *message, size_t length,
		  struct fo_reply *reply);

/* By service (and its transport), priority, weight (heavy first), name, port: a total order of what
 * can differ. */
int fo_srv_compare(const struct fo_srv *a, const struct fo_srv *b);
/* Keep the array sorted, without duplicates; the last one goes if there is no room. */
void fo_srv_insert(struct fo_srv *array, uint32_t *count, const struct fo_srv *srv);

#endif
