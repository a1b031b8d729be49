/* SPDX-License-Identifier: MIT */
/* resolver.h - single questions to the DNS, through c-ares. */
#ifndef FO_DNS_RESOLVER_H
#define FO_DNS_RESOLVER_H

#include "wire.h"

#include <failover/dns.h>

struct fo_resolver;
struct fo_query;

struct fo_query_handler {
	void (*done)(void *user, const struct fo_reply *reply);
	void *user;
};

/* `params` has no zero left in it. */
int fo_resolver_new(const struct failover_dns_params *params, struct fo_resolver **resolver);
void fo_resolver_free(struct fo_resolver *resolver);
/* Use the servers that the system has now; questions under way are answered NO_SERVER. */
int fo_resolver_restart(struct fo_resolver *resolver);
/* The answer comes in fo_resolver_deliver(), never from within this. NULL = no memory. The
 * question's name is copied. */
struct fo_query *fo_resolver_ask(struct fo_resolver *resolver, const struct fo_question *question,
				 const struct fo_query_handler *handler);
/* No answer is wanted any more. */
void fo_query_cancel(struct fo_query *query);
/* Hand out the answers that are there; a handler may ask and cancel. */
void fo_resolver_deliver(struct fo_resolver *resolver);

uint32_t fo_resolver_fds(const struct fo_resolver *resolver, struct failover_io_fd *out,
			 uint32_t max);
/* In so many ms; UINT64_MAX = nothing is under way. */
uint64_t fo_resolver_wait_ms(const struct fo_resolver *resolver);
void fo_resolver_process(struct fo_resolver *resolver, const struct failover_io_fd *ready,
			 uint32_t count);

#endif
