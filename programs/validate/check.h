/* SPDX-License-Identifier: MIT */
/* check.h - what a check is, and the lists of them. */
#ifndef VALIDATE_CHECK_H
#define VALIDATE_CHECK_H

#include <stdint.h>

struct bench;

/* What a check cannot do without; what the plugin lacks makes it a skip. */
enum need {
	NEED_PLUGIN = 1u << 0, /* it has loaded */
	NEED_LINE = 1u << 1,   /* failover.line/1 */
	NEED_IO = 1u << 2,     /* failover.io/1, and no clock of its own */
	NEED_CALL = 1u << 3,   /* failover.call/1 */
	NEED_TCP = 1u << 4,
	NEED_TLS = 1u << 5,
	NEED_ICMP = 1u << 6,
	NEED_STOPS = 1u << 7,
	NEED_COUNTS = 1u << 8,
	NEED_LIMITS = 1u << 9,
	NEED_OWNS = 1u << 10, /* it retransmits by itself */
	/* What a sender that has failover.test/1 alone may do without. */
	NEED_DIGEST = 1u << 11,	  /* it answers challenges */
	NEED_INCOMING = 1u << 12, /* it takes calls, and tells of them */
	NEED_LINES = 1u << 13,	  /* more than one line */
	NEED_OFFER = 1u << 14,	  /* it sends the offer that it is given */
	NEED_LOCAL = 1u << 15,	  /* failover.io/1: local() */
	NEED_EVENTS = 1u << 16,	  /* failover.call-events/1 */
	NEED_OWN_THREAD = 1u << 17,
	/* The bench opens an instance with line 1 before the check. */
	NEED_SIP = NEED_PLUGIN | NEED_LINE | NEED_IO,
	NEED_CALLS = NEED_SIP | NEED_CALL,
};

struct check {
	const char *name;
	const char *rule; /* of doc/behaviour.md, or "" */
	const char *what;
	uint32_t needs; /* enum need */
	void (*run)(struct bench *bench);
};

/* Each list ends with a row without a name. */
extern const struct check contract_checks[];
extern const struct check life_checks[];
extern const struct check register_checks[];
extern const struct check transaction_checks[];
extern const struct check network_checks[];
extern const struct check auth_checks[];
extern const struct check invite_checks[];
extern const struct check late_checks[];
extern const struct check incoming_checks[];
extern const struct check stream_checks[];

#endif
