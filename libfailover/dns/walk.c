/* SPDX-License-Identifier: MIT */
/*
 * walk.c - NAPTR, then SRV, then A and AAAA (RFC 3263 4.1, 4.2). NAPTR and SRV are hints (B25):
 * "there are none", a failure, and no answer in time lead to the next questions, and an answer that
 * comes late still counts. Only where the addresses fail too, the name has failed.
 */
#include "walk.h"

#include <stdlib.h>
#include <string.h>

#define HINTS_MOST (1u + FO_SERVICES_MOST)  /* NAPTR, SRV of each service */
#define ADDRESSES_MOST (2u * FO_HOSTS_MOST) /* two families of each host */

enum stage { STAGE_OWN, STAGE_NAPTR, STAGE_SRV, STAGE_HOSTS };

struct asked {
	struct fo_walk *walk;
	struct fo_query *query; /* NULL = answered, or never asked */
	uint16_t type;
	uint8_t index; /* of the service, of the host */
};

struct fo_walk {
	struct fo_walk_params params;
	char name[FO_NAME_BYTES];
	enum stage stage;
	uint64_t started, stage_until;
	uint64_t settles_at; /* what has come since the last news may be told; NEVER = nothing */
	int patience_ended;
	int not_offered;
	uint32_t failed_hints, mute_hints;
	struct fo_services services;
	struct fo_records *records;
	struct asked hints[HINTS_MOST]; /* the first is NAPTR */
	struct asked addresses[ADDRESSES_MOST];
	uint32_t addresses_count;
	int naptr_no_name;
	struct fo_host own;    /* what STAGE_OWN has brought of the name itself */
	uint32_t own_answered; /* families */
	struct fo_walk_result result;
	char question[FO_QUESTION_BYTES], hint_question[FO_QUESTION_BYTES];
	uint32_t hint_reason; /* why a hint failed */
};

/* Of "there are none" too: when that ends, there may be some. */
static void ttl_take(struct fo_walk *walk, const struct fo_reply *reply)
{
	if (reply->ttl_s < walk->result.ttl_s)
		walk->result.ttl_s = reply->ttl_s;
}

static void reason_take(struct fo_walk *walk, uint32_t reason, uint16_t type, const char *name)
{
	walk->result.reason = reason;
	fo_question_text(walk->question, type, name);
}

/* Hints that wait for an answer. */
static uint32_t hints_open(const struct fo_walk *walk)
{
	uint32_t open = 0;

	for (uint32_t i = 0; i < HINTS_MOST; i++)
		open |= walk->hints[i].query ? fo_hint_of(walk->hints[i].type) : 0;
	return open;
}

/* Hosts that are asked for, as bits. */
static uint32_t hosts_open(const struct fo_walk *walk)
{
	uint32_t open = 0;

	for (uint32_t i = 0; i < walk->addresses_count; i++)
		open |= walk->addresses[i].query ? 1u << walk->addresses[i].index : 0;
	return open;
}

static void cancel(struct asked *asked, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (asked[i].query)
			fo_query_cancel(asked[i].query);
		asked[i].query = NULL;
	}
}

/* ---- results ------------------------------------------------------------------------------- */

static const char *hint_name(const struct fo_walk *walk, const struct asked *asked)
{
	return asked->type == FO_TYPE_NAPTR ? walk->name : walk->services.list[asked->index].name;
}

/* What is still asked for counts as not answered. */
static void hints_fill(struct fo_walk *walk)
{
	struct fo_walk_result *result = &walk->result;
	uint32_t open = hints_open(walk);

	for (uint32_t i = 0; i < HINTS_MOST; i++) {
		const struct asked *asked = &walk->hints[i];

		if (!asked->query)
			continue;
		walk->hint_reason = FAILOVER_DNS_REASON_NO_SERVER;
		fo_question_text(walk->hint_question, asked->type, hint_name(walk, asked));
	}
	result->late = walk->patience_ended;
	result->failed_hints = walk->failed_hints | open;
	result->mute = walk->mute_hints | open;
}

static int own_is_known(const struct fo_walk *walk)
{
	return walk->own.count > 0 ||
	       (walk->records->srv_count == 0 && fo_records_addresses(walk->records) > 0);
}

static void result_fill(struct fo_walk *walk, struct fo_records *records)
{
	struct fo_walk_result *result = &walk->result;

	hints_fill(walk);
	for (uint32_t i = 0; i < walk->addresses_count; i++) {
		const struct asked *asked = &walk->addresses[i];

		if (asked->query)
			records->hosts[asked->index].failed |= fo_family_of(asked->type);
	}
	result->partly = result->failed_hints != 0;
	result->incomplete = 0;
	for (uint32_t i = 0; i < records->hosts_count; i++) {
		const struct fo_host *host = &records->hosts[i];

		result->partly |= host->failed != 0;
		result->incomplete |= host->failed && host->count == 0;
		result->contradicted |= host->no_name && host->count > 0;
	}
	result->contradicted |= walk->naptr_no_name && own_is_known(walk);
}

static void report(struct fo_walk *walk, enum fo_walk_outcome outcome)
{
	walk->result.outcome = outcome;
	walk->params.news(walk->params.user, walk);
}

static void end(struct fo_walk *walk, enum fo_walk_outcome outcome)
{
	result_fill(walk, walk->records);
	walk->result.final = 1;
	walk->params.wait(walk->params.user, FO_WALK_NEVER);
	report(walk, outcome);
}

/* No memory: what is known is of no use without the rest. */
static void fail(struct fo_walk *walk)
{
	walk->result.reason = FAILOVER_DNS_REASON_MEMORY;
	walk->question[0] = '\0';
	end(walk, FO_WALK_FAILED);
}

/* Tell what is known so far. */
static void tell(struct fo_walk *walk)
{
	struct fo_records *records = malloc(sizeof(*records));

	walk->settles_at = FO_WALK_NEVER;
	if (!records)
		return; /* it is told at the end */
	memcpy(records, walk->records, sizeof(*records));
	result_fill(walk, records);
	walk->result.records = records;
	report(walk, FO_WALK_FOUND);
}

static void tell_nothing(struct fo_walk *walk)
{
	const char *name = walk->stage == STAGE_SRV ? walk->services.list[0].name : walk->name;
	static const uint16_t types[] = {
		[STAGE_OWN] = FO_TYPE_A,
		[STAGE_NAPTR] = FO_TYPE_NAPTR,
		[STAGE_SRV] = FO_TYPE_SRV,
		[STAGE_HOSTS] = FO_TYPE_A,
	};

	hints_fill(walk);
	reason_take(walk, FAILOVER_DNS_REASON_NO_SERVER, types[walk->stage], name);
	report(walk, FO_WALK_FAILED);
}

static void hint_reason_take(struct fo_walk *walk)
{
	walk->result.reason = walk->hint_reason;
	memcpy(walk->question, walk->hint_question, sizeof(walk->question));
}

/* A name that does not exist has nothing below it either (RFC 8020), whatever a hint would say. */
static void hosts_end(struct fo_walk *walk)
{
	const struct fo_records *records = walk->records;
	int failed = 0;

	for (uint32_t i = 0; i < records->hosts_count; i++)
		failed |= records->hosts[i].failed != 0;
	if (fo_records_addresses(records) > 0) {
		end(walk, FO_WALK_FOUND);
		return;
	}
	if (!failed && walk->failed_hints &&
	    (records->srv_count > 0 || walk->result.reason != FAILOVER_DNS_REASON_NO_NAME)) {
		failed = 1;
		hint_reason_take(walk);
	}
	end(walk, failed ? FO_WALK_FAILED : FO_WALK_NONE);
}

/* ---- questions ----------------------------------------------------------------------------- */

static void on_reply(void *user, const struct fo_reply *reply);

static int ask(struct fo_walk *walk, struct asked *asked, const struct fo_question *question)
{
	const struct fo_query_handler handler = { .done = on_reply, .user = asked };

	asked->walk = walk;
	asked->type = question->type;
	asked->query = fo_resolver_ask(walk->params.resolver, question, &handler);
	return asked->query ? 0 : FAILOVER_ERR_MEMORY;
}

static int address_ask(struct fo_walk *walk, uint16_t type, uint32_t host)
{
	const struct fo_question question = { .name = walk->records->hosts[host].name,
					      .type = type };
	struct asked *asked = &walk->addresses[walk->addresses_count++];

	asked->index = (uint8_t)host;
	return ask(walk, asked, &question);
}

static void addresses_cancel(struct fo_walk *walk)
{
	cancel(walk->addresses, walk->addresses_count);
	walk->addresses_count = 0;
	walk->settles_at = FO_WALK_NEVER;
}

static void own_keep(struct fo_walk *walk)
{
	walk->own = walk->records->hosts[0];
	walk->own.failed = 0; /* that family is asked for again */
	for (uint32_t i = 0; i < walk->addresses_count; i++)
		walk->own_answered |=
			walk->addresses[i].query ? 0 : fo_family_of(walk->addresses[i].type);
	walk->own_answered &= ~(uint32_t)walk->records->hosts[0].failed;
}

/* Also anew, when other hosts have become known. */
static int hosts_ask(struct fo_walk *walk)
{
	uint32_t families = walk->params.families, known = 0;
	int error = 0;

	addresses_cancel(walk);
	walk->stage = STAGE_HOSTS;
	walk->stage_until = FO_WALK_NEVER;
	fo_records_set_hosts(walk->records, walk->name);
	if (walk->records->srv_count == 0 && walk->own_answered)
		known = walk->own_answered;
	if (known)
		walk->records->hosts[0] = walk->own;
	if (known && walk->own.count > 0)
		walk->settles_at = *walk->params.clock + FO_WALK_SETTLE_MS;
	for (uint32_t i = 0; i < walk->records->hosts_count && error == 0; i++) {
		if (families != FAILOVER_DNS_IPV6_ONLY && !(known & FO_FAMILY_4))
			error = address_ask(walk, FO_TYPE_A, i);
		if (error == 0 && families != FAILOVER_DNS_IPV4_ONLY && !(known & FO_FAMILY_6))
			error = address_ask(walk, FO_TYPE_AAAA, i);
	}
	return error;
}

/* When the questions of this stage have had their time: at once if they were mute before. */
static uint64_t stage_end(const struct fo_walk *walk, uint32_t hint)
{
	return *walk->params.clock + (walk->params.mute & hint ? 0 : FO_WALK_HINT_MS);
}

/* Of all services at a time: the time of one is enough for all. Also anew, when NAPTR names others.
 */
static int services_ask(struct fo_walk *walk, const struct fo_reply *naptr)
{
	int error = 0;

	cancel(walk->hints + 1, FO_SERVICES_MOST);
	addresses_cancel(walk);
	memset(walk->records, 0, sizeof(*walk->records));
	walk->records->hints = naptr ? FO_HINT_NAPTR : 0;
	walk->not_offered = 0;
	walk->failed_hints &= ~FO_HINT_SRV;
	fo_services_choose(naptr, walk->name, walk->params.transport, &walk->services);
	walk->stage = STAGE_SRV;
	walk->stage_until = stage_end(walk, FO_HINT_SRV);
	for (uint32_t i = 0; i < walk->services.count && error == 0; i++) {
		const struct fo_question question = { .name = walk->services.list[i].name,
						      .type = FO_TYPE_SRV };

		walk->hints[1 + i].index = (uint8_t)i;
		error = ask(walk, &walk->hints[1 + i], &question);
	}
	return error;
}

static int naptr_ask(struct fo_walk *walk)
{
	const struct fo_question question = { .name = walk->name,
					      .type = FO_TYPE_NAPTR,
					      .transport = (uint16_t)walk->params.transport };

	addresses_cancel(walk);
	if (walk->params.without_naptr)
		return services_ask(walk, NULL);
	walk->stage = STAGE_NAPTR;
	walk->stage_until = stage_end(walk, FO_HINT_NAPTR);
	return ask(walk, &walk->hints[0], &question);
}

/* A cache takes "no such name", the answer of some servers to NAPTR, for the whole name: what has
 * been asked before it is known all the same. */
static int own_ask(struct fo_walk *walk)
{
	int error = hosts_ask(walk);

	walk->stage = STAGE_OWN;
	walk->stage_until = *walk->params.clock + FO_WALK_HINT_MS;
	return error;
}

/* ---- what comes next ----------------------------------------------------------------------- */

/* Addresses of the name itself are told only when SRV cannot name others any more, or has been mute
 * before: they may be those of the domain's web server. */
static int may_tell(const struct fo_walk *walk)
{
	const struct fo_records *records = walk->records;

	if (walk->stage != STAGE_HOSTS || fo_records_addresses(records) == 0)
		return 0;
	if (walk->patience_ended)
		return 1;
	if (records->srv_count == 0 && (hints_open(walk) & ~walk->params.mute & FO_HINT_SRV))
		return 0;
	return fo_records_usable(records, hosts_open(walk));
}

/* 1 = nothing that could come is worth waiting for. */
static int is_over(const struct fo_walk *walk)
{
	uint32_t open = hints_open(walk);

	if (walk->stage != STAGE_HOSTS || hosts_open(walk))
		return 0;
	return !open || (may_tell(walk) && (walk->patience_ended || !(open & ~walk->params.mute)) &&
			 walk->settles_at <= *walk->params.clock);
}

static void patience_check(struct fo_walk *walk)
{
	if (walk->patience_ended || *walk->params.clock < walk->started + FO_WALK_PATIENCE_MS)
		return;
	walk->patience_ended = 1;
	walk->settles_at = *walk->params.clock;
	if (!may_tell(walk))
		tell_nothing(walk);
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void wait(struct fo_walk *walk)
{
	uint64_t at = walk->stage_until;

	if (!walk->patience_ended)
		at = lesser(at, walk->started + FO_WALK_PATIENCE_MS);
	if (may_tell(walk))
		at = lesser(at, walk->settles_at);
	walk->params.wait(walk->params.user, at);
}

/* The stage's questions are answered, or have had their time. */
static int stage_is_over(const struct fo_walk *walk)
{
	uint32_t hint = walk->stage == STAGE_NAPTR ? FO_HINT_NAPTR : FO_HINT_SRV;
	uint32_t open = walk->stage == STAGE_OWN ? hosts_open(walk) : hints_open(walk) & hint;

	return !open || *walk->params.clock >= walk->stage_until;
}

/* A service that says "." is not there, and the name's own address is not asked for (RFC 2782). */
static int is_not_offered(const struct fo_walk *walk)
{
	return walk->not_offered && walk->records->srv_count == 0 &&
	       !(hints_open(walk) & FO_HINT_SRV);
}

/* Of several services another one may be there, for which there was no answer. */
static void not_offered_end(struct fo_walk *walk)
{
	reason_take(walk, FAILOVER_DNS_REASON_NOT_OFFERED, FO_TYPE_SRV,
		    walk->services.list[0].name);
	end(walk, walk->failed_hints & FO_HINT_SRV ? FO_WALK_FAILED : FO_WALK_NONE);
}

static void next_step(struct fo_walk *walk)
{
	int error = 0;

	if (walk->stage == STAGE_OWN && stage_is_over(walk)) {
		own_keep(walk);
		error = naptr_ask(walk);
	}
	if (error == 0 && walk->stage == STAGE_NAPTR && stage_is_over(walk))
		error = services_ask(walk, NULL);
	if (error == 0 && is_not_offered(walk)) {
		not_offered_end(walk);
		return;
	}
	if (error == 0 && walk->stage == STAGE_SRV && stage_is_over(walk))
		error = hosts_ask(walk);
	if (error != 0) {
		fail(walk);
		return;
	}
	patience_check(walk);
	if (is_over(walk)) {
		hosts_end(walk);
		return;
	}
	if (may_tell(walk) && walk->settles_at <= *walk->params.clock)
		tell(walk);
	wait(walk);
}

/* ---- answers ------------------------------------------------------------------------------- */

static void hint_failed(struct fo_walk *walk, const struct asked *asked,
			const struct fo_reply *reply)
{
	walk->failed_hints |= fo_hint_of(asked->type);
	if (reply->status == FO_REPLY_NO_SERVER)
		walk->mute_hints |= fo_hint_of(asked->type);
	walk->hint_reason = fo_reason_of(reply->status);
	fo_question_text(walk->hint_question, asked->type, hint_name(walk, asked));
}

/* However late: it knows better than the usual service names. */
static int naptr_taken(struct fo_walk *walk, const struct fo_reply *reply)
{
	ttl_take(walk, reply);
	walk->naptr_no_name = reply->status == FO_REPLY_NO_NAME;
	return reply->status == FO_REPLY_DATA ? services_ask(walk, reply) : 0;
}

static int srv_taken(struct fo_walk *walk, uint32_t service, const struct fo_reply *reply)
{
	ttl_take(walk, reply);
	walk->not_offered |= reply->status == FO_REPLY_NOT_OFFERED;
	if (reply->status != FO_REPLY_DATA)
		return 0;
	fo_records_add_srv(walk->records, reply, &walk->services, service);
	return walk->stage == STAGE_HOSTS ? hosts_ask(walk) : 0;
}

static void address_taken(struct fo_walk *walk, const struct asked *asked,
			  const struct fo_reply *reply)
{
	struct fo_host *host = &walk->records->hosts[asked->index];
	int is_first = 1;

	for (uint32_t i = 0; i < walk->records->hosts_count; i++)
		is_first &= !walk->records->hosts[i].failed;
	if (fo_reply_is_failure(reply))
		host->failed |= fo_family_of(asked->type);
	else
		ttl_take(walk, reply);
	if (reply->status == FO_REPLY_NO_NAME)
		host->no_name = 1;
	if (reply->status != FO_REPLY_DATA) {
		if (is_first)
			reason_take(walk, fo_reason_of(reply->status), asked->type, host->name);
		return;
	}
	fo_host_add(host, reply);
	if (walk->settles_at == FO_WALK_NEVER)
		walk->settles_at = *walk->params.clock + FO_WALK_SETTLE_MS;
}

static int hint_taken(struct fo_walk *walk, const struct asked *asked, const struct fo_reply *reply)
{
	if (fo_reply_is_failure(reply)) {
		hint_failed(walk, asked, reply);
		return 0;
	}
	if (asked->type == FO_TYPE_NAPTR)
		return naptr_taken(walk, reply);
	return srv_taken(walk, asked->index, reply);
}

static void on_reply(void *user, const struct fo_reply *reply)
{
	struct asked *asked = user;
	struct fo_walk *walk = asked->walk;
	int error = 0;

	asked->query = NULL;
	if (reply->status == FO_REPLY_NO_MEMORY) /* or a name would be gone that is there */
		error = FAILOVER_ERR_MEMORY;
	else if (asked->type == FO_TYPE_NAPTR || asked->type == FO_TYPE_SRV)
		error = hint_taken(walk, asked, reply);
	else
		address_taken(walk, asked, reply);
	if (error != 0)
		fail(walk);
	else
		next_step(walk);
}

void fo_walk_tick(struct fo_walk *walk)
{
	next_step(walk);
}

static int first_ask(struct fo_walk *walk)
{
	switch ((enum failover_dns_mode)walk->params.mode) {
	case FAILOVER_DNS_A:
		return hosts_ask(walk);
	case FAILOVER_DNS_SRV:
		return services_ask(walk, NULL);
	case FAILOVER_DNS_NAPTR:
		return walk->params.own_first ? own_ask(walk) : naptr_ask(walk);
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
	walk->started = *params->clock;
	walk->settles_at = FO_WALK_NEVER;
	walk->result.ttl_s = FO_TTL_NONE;
	walk->records = calloc(1, sizeof(*walk->records));
	if (walk->records && first_ask(walk) == 0) {
		wait(walk);
		return walk;
	}
	fo_walk_free(walk);
	return NULL;
}

void fo_walk_result(struct fo_walk *walk, struct fo_walk_result *out)
{
	*out = walk->result;
	out->question = walk->question;
	out->hint_reason = walk->hint_reason;
	out->hint_question = walk->hint_question;
	if (out->final && out->outcome == FO_WALK_FOUND) {
		out->records = walk->records;
		walk->records = NULL;
	}
	walk->result.records = NULL;
}

void fo_walk_free(struct fo_walk *walk)
{
	if (!walk)
		return;
	cancel(walk->hints, HINTS_MOST);
	cancel(walk->addresses, walk->addresses_count);
	free(walk->records);
	free(walk);
}
