/* SPDX-License-Identifier: MIT */
/* walk.h - one expansion of a name, from its first question to the addresses of all its hosts. */
#ifndef FO_DNS_WALK_H
#define FO_DNS_WALK_H

#include "resolver.h"
#include "rfc3263.h"

/* "NAPTR " and a name */
#define FO_QUESTION_BYTES (FO_NAME_BYTES + 6u)

struct fo_walk;

struct fo_walk_params {
	struct fo_resolver *resolver;
	const char *name;
	uint32_t mode, transport, families;
	void (*done)(void *user, struct fo_walk *walk); /* may free it */
	void *user;
};

enum fo_walk_outcome {
	FO_WALK_FOUND,	/* there are addresses */
	FO_WALK_NONE,	/* the DNS says that there are none */
	FO_WALK_FAILED, /* the DNS does not say */
};

struct fo_walk_result {
	enum fo_walk_outcome outcome;
	uint32_t reason; /* NONE, FAILED: enum failover_dns_reason */
	uint32_t ttl_s;	 /* FO_TTL_NONE = not said */
	int incomplete;	 /* FOUND: about some host there was no answer */
	const char *question;
	struct fo_records *records; /* FOUND: the caller's to free; else NULL */
};

/* The end comes in fo_resolver_deliver(), never from within this. NULL = no memory. */
struct fo_walk *fo_walk_new(const struct fo_walk_params *params);
/* Once, when it is done. */
void fo_walk_result(struct fo_walk *walk, struct fo_walk_result *out);
/* Cancels what is under way. NULL is allowed. */
void fo_walk_free(struct fo_walk *walk);

#endif
