/* SPDX-License-Identifier: MIT */
/*
 * record.h - an answer that c-ares has read, as a message again. Since 1.31 c-ares hands out no
 * message that it has received: it writes what it has read anew, within 64 KB, and an answer that
 * needed compression to fit, such as 1,000 SRV records, is then none. Here it may be longer.
 */
#ifndef FO_DNS_RECORD_H
#define FO_DNS_RECORD_H

#include <ares.h>
#include <stddef.h>
#include <stdint.h>

#ifdef ARES_HAS_RECORDS
/* Question, answers and authorities, for fo_wire_read(): records of types that it does not read are
 * left out, names are not compressed. Returns 0 and *bytes, to be freed, or -1: no memory. */
int fo_record_message(const ares_dns_record_t *record, uint8_t **bytes, size_t *length);
/* Does the server know EDNS (RFC 6891 6.1.1)? */
int fo_record_has_edns(const ares_dns_record_t *record);
#endif

#endif
