/* SPDX-License-Identifier: MIT */
/* reason.c - what an answer says about its question, for the walk and for people. */
#include "reason.h"

#include <stdio.h>

static const char *type_text(uint16_t type)
{
	switch ((enum fo_record_type)type) {
	case FO_TYPE_A:
		return "A";
	case FO_TYPE_AAAA:
		return "AAAA";
	case FO_TYPE_SRV:
		return "SRV";
	case FO_TYPE_NAPTR:
		return "NAPTR";
	case FO_TYPE_CNAME:
	case FO_TYPE_SOA:
		break;
	}
	return "";
}

uint32_t fo_reason_of(enum fo_reply_status status)
{
	switch (status) {
	case FO_REPLY_DATA:
		break;
	case FO_REPLY_NO_RECORDS:
	case FO_REPLY_UNSUPPORTED:
		return FAILOVER_DNS_REASON_NO_RECORDS;
	case FO_REPLY_NO_NAME:
		return FAILOVER_DNS_REASON_NO_NAME;
	case FO_REPLY_NOT_OFFERED:
		return FAILOVER_DNS_REASON_NOT_OFFERED;
	case FO_REPLY_SERVFAIL:
		return FAILOVER_DNS_REASON_SERVFAIL;
	case FO_REPLY_MALFORMED:
		return FAILOVER_DNS_REASON_MALFORMED;
	case FO_REPLY_NO_SERVER:
		return FAILOVER_DNS_REASON_NO_SERVER;
	case FO_REPLY_NO_MEMORY:
		return FAILOVER_DNS_REASON_MEMORY;
	}
	return FAILOVER_DNS_REASON_NONE;
}

int fo_reply_is_failure(const struct fo_reply *reply)
{
	return reply->status == FO_REPLY_SERVFAIL || reply->status == FO_REPLY_MALFORMED ||
	       reply->status == FO_REPLY_NO_SERVER;
}

void fo_question_text(char out[FO_QUESTION_BYTES], uint16_t type, const char *name)
{
	snprintf(out, FO_QUESTION_BYTES, "%s %s", type_text(type), name);
}
