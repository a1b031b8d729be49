/* SPDX-License-Identifier: MIT */
/* reason.h - what an answer says about its question, for the walk and for people. */
#ifndef FO_DNS_REASON_H
#define FO_DNS_REASON_H

#include "wire.h"

#include <failover/dns.h>

/* "NAPTR " and a name */
#define FO_QUESTION_BYTES (FO_NAME_BYTES + 6u)

/* Why there are no records: enum failover_dns_reason. */
uint32_t fo_reason_of(enum fo_reply_status status);
/* The DNS has not said whether there are such records. */
int fo_reply_is_failure(const struct fo_reply *reply);
/* "SRV _sip._udp.example.net" */
void fo_question_text(char out[FO_QUESTION_BYTES], uint16_t type, const char *name);

#endif
