/* SPDX-License-Identifier: MIT */
/* dns_message.h - DNS messages made from lines of text, well-formed or not, for tests. */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include "libfailover/dns/wire.h"

#define MESSAGE_BYTES 65535u

struct dns_message {
	size_t length;
	uint8_t bytes[MESSAGE_BYTES];
};

enum dns_section { SECTION_ANSWER = 6, SECTION_AUTHORITY = 8, SECTION_ADDITIONAL = 10 };

void message_begin(struct dns_message *message, const char *name, uint16_t type, uint16_t rcode);
/* "NAME TTL TYPE DATA": A, AAAA, CNAME, "SRV 10 0 5060 a.test", SOA with its MINIMUM alone,
 * "NAPTR 10 10 s SIP+D2U _sip._udp.test"; "." is the root. Sections are to be filled in order. */
void message_add(struct dns_message *message, enum dns_section section, const char *row);
/* A record with data as they are. */
void message_add_bytes(struct dns_message *message, const char *name, uint16_t type,
		       const void *data, uint16_t length);
uint16_t message_type(const char *text);
void message_put_name(struct dns_message *message, const char *name);
void message_put(struct dns_message *message, uint32_t value, uint32_t bytes);

#endif
