/* SPDX-License-Identifier: MIT */
/*
 * walk.c - NAPTR, then SRV, then A and AAAA (RFC 3263 4.1, 4.2). "There are none" at one step leads
 * to the next step; no answer ends the walk, since the next step would find another service's
 * hosts. Only a single host may be without an answer: the others serve.
 */
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NAPTR, SRV of each service, two families of each host */
#define ASKED_MOST (1u + FO_SERVICES_MOST + 2u * FO_HOSTS_MOST)

struct asked {
	struct fo_walk *walk;
	struct fo_query *query; /* NULL = answered */
	uint16_t type;
	uint8_t index; /* of the host */
};

struct fo_walk {
	struct fo_walk_params params;
	char name[FO_NAME_BYTES];
	struct fo_services services;
	uint32_t service; /* the one asked for */
	int not_offered;
	struct fo_records *records;
	struct asked asked[ASKED_MOST];
	uint32_t asked_count, open;
	struct fo_walk_result result;
	char question[FO_QUESTION_BYTES];
};

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

static uint32_t reason_of(enum fo_reply_status status)
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
	}
	return FAILOVER_DNS_REASON_NONE;
}

/* The DNS has not said whether there are such records. */
static int is_failure(const struct fo_reply *reply)
{
	return reply->status == FO_REPLY_SERVFAIL || reply->status == FO_REPLY_MALFORMED ||
	       reply->status == FO_REPLY_NO_SERVER;
}

/* Of "there are none" too: when that ends, there may be some. */
static void ttl_take(struct fo_walk *walk, const struct fo_reply *reply)
{
	if (reply->ttl_s < walk->result.ttl_s)
		walk->result.ttl_s = reply->ttl_s;
}

static void reason_take(struct fo_walk *walk, uint32_t reason, uint16_t type, const char *name)
{
	walk->result.reason = reason;
	snprintf(walk->question, sizeof(walk->question), "%s %s", type_text(type), name);
}

static void end(struct fo_walk *walk, enum fo_walk_outcome outcome)
{
	walk->result.outcome = outcome;
	walk->params.done(walk->params.user, walk);
}

static void on_reply(void *user, const struct fo_reply *reply);

static int ask(struct fo_walk *walk, uint16_t type, const char *name, uint32_t index)
{
	struct asked *asked = &walk->asked[walk->asked_count];
	const struct fo_question question = { .name = name,
					      .type = type,
					      .transport = (uint16_t)walk->params.transport };
	const struct fo_query_handler handler = { .done = on_reply, .user = asked };

	*asked = (struct asked){ .walk = walk, .type = type, .index = (uint8_t)index };
	asked->query = fo_resolver_ask(walk->params.resolver, &question, &handler);
	if (!asked->query) {
		reason_take(walk, FAILOVER_DNS_REASON_MEMORY, type, name);
		return FAILOVER_ERR_MEMORY;
	}
	walk->asked_count++;
	walk->open++;
	return 0;
}

static int hosts_ask(struct fo_walk *walk)
{
	struct fo_records *records = walk->records;
	uint32_t families = walk->params.families;
	int error = 0;

	fo_records_set_hosts(records, walk->name);
	for (uint32_t i = 0; i < records->hosts_count && error == 0; i++) {
		if (families != FAILOVER_DNS_IPV6_ONLY)
			error = ask(walk, FO_TYPE_A, records->hosts[i].name, i);
		if (error == 0 && families != FAILOVER_DNS_IPV4_ONLY)
			error = ask(walk, FO_TYPE_AAAA, records->hosts[i].name, i);
	}
	return error;
}

static int service_ask(struct fo_walk *walk)
{
	return ask(walk, FO_TYPE_SRV, walk->services.names[walk->service], 0);
}

static int services_ask(struct fo_walk *walk, const struct fo_reply *naptr)
{
	fo_services_choose(naptr, walk->name, walk->params.transport, &walk->services);
	return walk->services.count > 0 ? service_ask(walk) : hosts_ask(walk);
}

static void naptr_taken(struct fo_walk *walk, const struct fo_reply *reply)
{
	if (is_failure(reply)) {
		reason_take(walk, reason_of(reply->status), FO_TYPE_NAPTR, walk->name);
		end(walk, FO_WALK_FAILED);
		return;
	}
	ttl_take(walk, reply);
	if (services_ask(walk, reply->status == FO_REPLY_DATA ? reply : NULL) != 0)
		end(walk, FO_WALK_FAILED);
}

/* A service that says "." is not there, and the name's own address is not asked for (RFC 2782). */
static void srv_taken(struct fo_walk *walk, const struct fo_reply *reply)
{
	const char *name = walk->services.names[walk->service];

	if (is_failure(reply)) {
		reason_take(walk, reason_of(reply->status), FO_TYPE_SRV, name);
		end(walk, FO_WALK_FAILED);
		return;
	}
	if (reply->status == FO_REPLY_NOT_OFFERED) {
		reason_take(walk, FAILOVER_DNS_REASON_NOT_OFFERED, FO_TYPE_SRV, name);
		walk->not_offered = 1;
	}
	ttl_take(walk, reply);
	if (reply->status == FO_REPLY_DATA)
		fo_records_add_srv(walk->records, reply, walk->service);
	if (++walk->service < walk->services.count) {
		if (service_ask(walk) != 0)
			end(walk, FO_WALK_FAILED);
	} else if (walk->records->srv_count == 0 && walk->not_offered) {
		end(walk, FO_WALK_NONE);
	} else if (hosts_ask(walk) != 0) {
		end(walk, FO_WALK_FAILED);
	}
}

static void hosts_end(struct fo_walk *walk)
{
	const struct fo_records *records = walk->records;
	uint32_t found = 0;

	for (uint32_t i = 0; i < records->hosts_count; i++) {
		found += records->hosts[i].count;
		walk->result.incomplete |= records->hosts[i].failed;
	}
	if (walk->result.incomplete)
		end(walk, found > 0 ? FO_WALK_FOUND : FO_WALK_FAILED);
	else
		end(walk, found > 0 ? FO_WALK_FOUND : FO_WALK_NONE);
}

static void address_taken(struct fo_walk *walk, const struct asked *asked,
			  const struct fo_reply *reply)
{
	struct fo_host *host = &walk->records->hosts[asked->index];
	int failed_before = walk->result.incomplete;

	if (is_failure(reply)) {
		host->failed = 1;
		walk->result.incomplete = 1;
	} else {
		ttl_take(walk, reply);
	}
	if (reply->status == FO_REPLY_DATA)
		fo_host_add(host, reply);
	else if (!failed_before || is_failure(reply))
		reason_take(walk, reason_of(reply->status), asked->type, host->name);
	if (walk->open == 0)
		hosts_end(walk);
}

static void on_reply(void *user, const struct fo_reply *reply)
{
	struct asked *asked = user;
	struct fo_walk *walk = asked->walk;

	asked->query = NULL;
	walk->open--;
	switch ((enum fo_record_type)asked->type) {
	case FO_TYPE_NAPTR:
		naptr_taken(walk, reply);
		return;
	case FO_TYPE_SRV:
		srv_taken(walk, reply);
		return;
	case FO_TYPE_A:
	case FO_TYPE_AAAA:
		address_taken(walk, asked, reply);
		return;
	case FO_TYPE_CNAME:
	case FO_TYPE_SOA:
		return;
	}
}

static int first_ask(struct fo_walk *walk)
{
	switch ((enum failover_dns_mode)walk->params.mode) {
	case FAILOVER_DNS_A:
		return hosts_ask(walk);
	case FAILOVER_DNS_SRV:
		return services_ask(walk, NULL);
	case FAILOVER_DNS_NAPTR:
		return ask(walk, FO_TYPE_NAPTR, walk->name, 0);
	}
	return FAILOVER_ERR_ARGUMENT;
}

struct fo_walk *fo_walk_new(const struct fo_walk_params *params)
{
	struct fo_walk *walk = calloc(1, sizeof(*walk));

	if (!walk)
		return NULL;
	walk->params = *params;
	strncpy(walk->name, params->name, sizeof(walk->name) - 1);
	walk->result.ttl_s = FO_TTL_NONE;
	walk->records = calloc(1, sizeof(*walk->records));
	if (walk->records && first_ask(walk) == 0)
		return walk;
	fo_walk_free(walk);
	return NULL;
}

void fo_walk_result(struct fo_walk *walk, struct fo_walk_result *out)
{
	*out = walk->result;
	out->question = walk->question;
	if (out->outcome == FO_WALK_FOUND) {
		out->records = walk->records;
		walk->records = NULL;
	}
}

void fo_walk_free(struct fo_walk *walk)
{
	if (!walk)
		return;
	for (uint32_t i = 0; i < walk->asked_count; i++) {
		if (walk->asked[i].query)
			fo_query_cancel(walk->asked[i].query);
	}
	free(walk->records);
	free(walk);
}
