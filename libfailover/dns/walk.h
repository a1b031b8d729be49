/* SPDX-License-Identifier: MIT */
/* walk.h - one expansion of a name, from its first question to the addresses of all its hosts. */
#ifndef FO_DNS_WALK_H
#define FO_DNS_WALK_H

#include "reason.h"
#include "resolver.h"
#include "rfc3263.h"

/* So long a hint may stay unanswered before the next question is asked beside it (B25). */
#define FO_WALK_HINT_MS 1000u
/* So long the first address waits for the others: the Resolution Delay of RFC 8305 section 3. */
#define FO_WALK_SETTLE_MS 50u
/* After so long what is known is told, also if it is nothing (B25). */
#define FO_WALK_PATIENCE_MS 3500u
#define FO_WALK_NEVER UINT64_MAX

struct fo_walk;

struct fo_walk_params {
	struct fo_resolver *resolver;
	const char *name;
	uint32_t mode, transport, families;
	uint32_t mute; /* hints that went unanswered the last time: nothing waits for them */
	int own_first; /* NAPTR mode: the name's own addresses are asked for before all hints */
	int without_naptr;
	const uint64_t *clock; /* ms */
	/* There is a result: the last one, or what is known so far. May free the walk after the
	 * last one. */
	void (*news)(void *user, struct fo_walk *walk);
	/* fo_walk_tick() is wanted then; FO_WALK_NEVER = not. */
	void (*wait)(void *user, uint64_t at);
	void *user;
};

enum fo_walk_outcome {
	FO_WALK_FOUND,	/* there are addresses */
	FO_WALK_NONE,	/* the DNS says that there are none */
	FO_WALK_FAILED, /* the DNS does not say */
};

struct fo_walk_result {
	enum fo_walk_outcome outcome;
	int final;
	int late;	       /* the walk has lasted for FO_WALK_PATIENCE_MS */
	uint32_t reason;       /* NONE, FAILED: enum failover_dns_reason */
	uint32_t ttl_s;	       /* FO_TTL_NONE = not said */
	int incomplete;	       /* FOUND: of some host no address is known, for want of an answer */
	int partly;	       /* FOUND: some hint or family has not been answered */
	int contradicted;      /* a name is said not to exist, and has an address */
	uint32_t failed_hints; /* not answered, or by a failure */
	uint32_t mute;	       /* of these, those without any answer */
	uint32_t hint_reason;  /* of the last failed hint, as `reason` */
	const char *question, *hint_question;
	struct fo_records *records; /* FOUND: the caller's to free; else NULL */
};

/* News come in fo_resolver_deliver() and fo_walk_tick(), never from within this. NULL = no memory.
 */
struct fo_walk *fo_walk_new(const struct fo_walk_params *params);
void fo_walk_tick(struct fo_walk *walk);
/* Once for each news. */
void fo_walk_result(struct fo_walk *walk, struct fo_walk_result *out);
/* Cancels what is under way. NULL is allowed. */
void fo_walk_free(struct fo_walk *walk);

#endif
