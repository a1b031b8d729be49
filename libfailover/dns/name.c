/* SPDX-License-Identifier: MIT */
/* name.c - the life of a name: asked, resolved, stale, gone, failed; and when it is asked again. */
#include "name.h"

#include <ctype.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MOST 63 /* RFC 1035 2.3.4 */
#define RETRY_LEAST_MS 1000u
#define RETRY_DOUBLINGS 6u /* 64 s */
/* So long "no such name" proves nothing of a name that had an address then all the same. */
#define DOUBT_MS UINT64_C(3600000)

static int is_label_byte(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

int fo_name_normal(const char *text, char out[FO_NAME_BYTES])
{
	size_t length = strlen(text), label = 0;

	if (length > 0 && text[length - 1] == '.')
		length--;
	if (length == 0 || length >= FO_NAME_BYTES)
		return FAILOVER_ERR_ARGUMENT;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '.' ? label == 0 : !is_label_byte(text[i]) || label == LABEL_MOST)
			return FAILOVER_ERR_ARGUMENT;
		label = text[i] == '.' ? 0 : label + 1;
		out[i] = (char)tolower((unsigned char)text[i]);
	}
	out[length] = '\0';
	return label > 0 ? 0 : FAILOVER_ERR_ARGUMENT;
}

static int name_compare(const void *a, const void *b)
{
	const struct fo_name *x = a, *y = b;

	if (x->mode != y->mode)
		return x->mode < y->mode ? -1 : 1;
	if (x->transport != y->transport)
		return x->transport < y->transport ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* Tell every watch. */
static void news_put(struct fo_name *name, int changed)
{
	struct failover_dns_watch *watch;

	TAILQ_FOREACH(watch, &name->watches, entries)
	{
		watch->changed |= changed != 0;
		if (watch->has_news)
			continue;
		watch->has_news = 1;
		TAILQ_INSERT_TAIL(&name->dns->news, watch, news_entries);
	}
}

static void due_in(struct fo_name *name, uint64_t ms)
{
	fo_agenda_set(&name->dns->agenda, &name->due, name->dns->now + ms);
}

/* Between half and all of it, so that many devices do not ask in phase (B14). */
static uint64_t spread(const struct failover_dns *dns, uint64_t ms)
{
	return ms - ms / 2 + dns->random.draw(dns->random.user, (uint32_t)(ms / 2));
}

static uint64_t retry_ms(const struct fo_name *name)
{
	uint32_t doublings = name->failures < RETRY_DOUBLINGS ? name->failures : RETRY_DOUBLINGS;

	if (name->good)
		return (uint64_t)name->dns->params.stale_retry_s * 1000;
	return spread(name->dns, (uint64_t)RETRY_LEAST_MS << doublings);
}

static void state_set(struct fo_name *name, uint32_t state, uint32_t reason, int changed)
{
	int news = name->state != state || name->reason != reason || changed;

	name->state = state;
	name->reason = reason;
	if (news)
		news_put(name, changed);
}

static int has_family(const struct failover_dns *dns, const struct failover_target *target)
{
	return dns->params.families !=
	       (target->family == 4 ? FAILOVER_DNS_IPV6_ONLY : FAILOVER_DNS_IPV4_ONLY);
}

/* B38: as long as the DNS has never given an address. Returns how many there are. */
static uint32_t take_hosts(struct fo_name *name)
{
	const struct failover_dns *dns = name->dns;

	if (name->answered)
		return 0;
	name->targets_count = 0;
	for (uint32_t i = 0; i < dns->hosts_count; i++)
		if (strcmp(dns->hosts[i].name, name->text) == 0 &&
		    has_family(dns, &dns->hosts[i].address) &&
		    name->targets_count < FAILOVER_LIMIT_TARGETS)
			name->targets[name->targets_count++] = dns->hosts[i].address;
	return name->targets_count;
}

/* The DNS has no address: those of the configuration serve, or none does. */
static void state_without(struct fo_name *name, uint32_t state, uint32_t reason, int changed)
{
	if (take_hosts(name) == 0)
		state_set(name, state, reason, changed);
	else
		state_set(name, FAILOVER_DNS_FROM_CONFIGURATION, reason,
			  name->state != FAILOVER_DNS_FROM_CONFIGURATION);
}

/* The DNS does not say: what there is serves on (B1b, RFC 8767). */
static void state_failed(struct fo_name *name, uint32_t reason, const char *question)
{
	snprintf(name->question, sizeof(name->question), "%s", question);
	if (name->good)
		state_set(name, FAILOVER_DNS_STALE, reason, 0);
	else
		state_without(name, FAILOVER_DNS_FAILED, reason, 0);
}

static void failed(struct fo_name *name, uint32_t reason, const char *question)
{
	name->failures++;
	due_in(name, retry_ms(name));
	state_failed(name, reason, question);
}

/* What hides the name in a cache is not asked for then. */
static int is_spared(const struct fo_name *name)
{
	return name->contradicted_at && name->dns->now < name->contradicted_at + DOUBT_MS;
}

/* Other devices' questions hide the name too. */
static int is_doubted(const struct fo_name *name, const struct fo_walk_result *result)
{
	return name->good && name->contradicted_at &&
	       result->reason == FAILOVER_DNS_REASON_NO_NAME &&
	       name->dns->now < name->found_at + DOUBT_MS;
}

static uint64_t clamp(uint64_t value, uint64_t least, uint64_t most)
{
	if (value < least)
		return least;
	return value < most ? value : most;
}

static void none(struct fo_name *name, const struct fo_walk_result *result)
{
	const struct failover_dns_params *params = &name->dns->params;
	int changed = name->targets_count > 0;
	uint64_t ms, soon;

	if (is_doubted(name, result)) {
		failed(name, result->reason, result->question);
		return;
	}
	free(name->good);
	name->good = NULL;
	name->targets_count = 0;
	name->own_first = result->reason == FAILOVER_DNS_REASON_NO_NAME;
	name->failures = result->ttl_s == FO_TTL_NONE ? name->failures + 1 : 0;
	ms = 1000 * clamp(result->ttl_s, params->ttl_least_s, params->negative_ttl_s);
	soon = retry_ms(name);
	/* RFC 2308 5: an answer without SOA is not to be kept. */
	due_in(name, name->failures > 0 && soon < ms ? soon : ms);
	snprintf(name->question, sizeof(name->question), "%s", result->question);
	state_without(name, FAILOVER_DNS_GONE, result->reason, changed);
}

/* The order is drawn only for other records: targets do not change places for nothing (B1b).
 * Returns 1 if the targets have changed. */
static int records_keep(struct fo_name *name, struct fo_records *records)
{
	const struct failover_dns *dns = name->dns;

	if (name->good)
		fo_records_carry(records, name->good);
	if (name->good && fo_records_same(name->good, records)) {
		free(records);
		return 0;
	}
	if (!records->drawn)
		fo_records_draw(records, &dns->random);
	free(name->good);
	name->good = records;
	name->targets_count =
		fo_records_targets(records, dns->params.families, name->transport, name->targets);
	return 1;
}

/*
 * What is missing is asked for again soon; but where it was missing the last time too, as behind a
 * router that knows no NAPTR, only when the time of the rest ends.
 */
static uint64_t found_ttl_s(struct fo_name *name, const struct fo_walk_result *result)
{
	const struct failover_dns_params *params = &name->dns->params;
	uint64_t ttl_s = clamp(result->ttl_s, params->ttl_least_s, params->ttl_most_s);
	int is_new = result->partly && !name->partly;

	name->partly = result->partly;
	return result->incomplete || is_new ? clamp(ttl_s, 1, params->stale_retry_s) : ttl_s;
}

/* The hint that led to what serves has failed: what was found without it may be another service's.
 */
static int lacks_hint(const struct fo_name *name, const struct fo_walk_result *result)
{
	return name->good &&
	       (name->good->hints & ~result->records->hints & result->failed_hints) != 0;
}

static void found(struct fo_name *name, const struct fo_walk_result *result)
{
	int changed;

	if (lacks_hint(name, result)) {
		free(result->records);
		if (result->final)
			failed(name, result->hint_reason, result->hint_question);
		return;
	}
	name->mute = result->mute;
	name->found_at = name->dns->now;
	name->answered = 1;
	if (result->contradicted)
		name->contradicted_at = name->dns->now;
	changed = records_keep(name, result->records);
	name->own_first = name->good->hints == 0;
	name->failures = 0;
	if (result->final)
		due_in(name, found_ttl_s(name, result) * 1000);
	name->question[0] = '\0';
	state_set(name, FAILOVER_DNS_RESOLVED, FAILOVER_DNS_REASON_NONE, changed);
}

static void count_out(struct fo_name *name)
{
	if (name->walk_late)
		name->dns->late_count--;
	else
		name->dns->walks_count--;
	name->walk_late = 0;
}

static void late(struct fo_name *name)
{
	if (name->walk_late)
		return;
	count_out(name);
	name->walk_late = 1;
	name->dns->late_count++;
}

static void on_walk_news(void *user, struct fo_walk *walk)
{
	struct fo_name *name = user;
	struct fo_walk_result result;

	fo_walk_result(walk, &result);
	if (result.final) {
		name->walk = NULL;
		count_out(name);
	} else if (result.late) {
		late(name);
	}
	switch (result.outcome) {
	case FO_WALK_FOUND:
		found(name, &result);
		break;
	case FO_WALK_NONE:
		none(name, &result);
		break;
	case FO_WALK_FAILED:
		if (result.final)
			failed(name, result.reason, result.question);
		else
			state_failed(name, result.reason, result.question);
		break;
	}
	if (result.final)
		fo_walk_free(walk);
}

static void on_walk_wait(void *user, uint64_t at)
{
	struct fo_name *name = user;

	if (at == FO_WALK_NEVER)
		fo_agenda_take(&name->dns->timers, &name->timer);
	else
		fo_agenda_set(&name->dns->timers, &name->timer, at);
}

void fo_names_tick(struct failover_dns *dns)
{
	struct fo_agenda_item *first;

	while ((first = fo_agenda_first(&dns->timers)) && first->at <= dns->now) {
		struct fo_name *name = (void *)((char *)first - offsetof(struct fo_name, timer));

		fo_agenda_take(&dns->timers, first);
		fo_walk_tick(name->walk);
		fo_resolver_deliver(dns->resolver);
	}
}

int fo_names_have_room(const struct failover_dns *dns)
{
	return dns->walks_count < FO_WALKS_MOST && dns->late_count < FO_WALKS_LATE_MOST;
}

/* Of a family that is there: the question for the other one hides the name too. */
static uint32_t families_of(const struct fo_name *name)
{
	uint32_t families = name->good && is_spared(name) ? fo_records_families(name->good) : 0;

	if (families == FO_FAMILY_4)
		return FAILOVER_DNS_IPV4_ONLY;
	if (families == FO_FAMILY_6)
		return FAILOVER_DNS_IPV6_ONLY;
	return name->dns->params.families;
}

void fo_name_due(struct fo_name *name)
{
	struct failover_dns *dns = name->dns;
	const struct fo_walk_params params = {
		.resolver = dns->resolver,
		.name = name->text,
		.mode = name->mode,
		.transport = name->transport,
		.families = families_of(name),
		.mute = name->mute,
		.own_first = name->own_first,
		.without_naptr = is_spared(name),
		.clock = &dns->now,
		.news = on_walk_news,
		.wait = on_walk_wait,
		.user = name,
	};

	fo_agenda_take(&dns->agenda, &name->due);
	name->walk = fo_walk_new(&params);
	if (name->walk) {
		dns->walks_count++;
		return;
	}
	failed(name, FAILOVER_DNS_REASON_MEMORY, "");
}

static void walk_stop(struct fo_name *name)
{
	if (!name->walk)
		return;
	fo_walk_free(name->walk);
	name->walk = NULL;
	count_out(name);
	fo_agenda_take(&name->dns->timers, &name->timer);
}

void fo_name_renew(struct fo_name *name)
{
	if (!name->walk && name->due.place == 0)
		return; /* numeric */
	walk_stop(name);
	name->mute = 0; /* the network may be another one */
	name->partly = 0;
	name->contradicted_at = 0;
	due_in(name, 0);
}

/* Put a new name into the tree and the list; there is room in the agenda for all of them. */
static int name_keep(struct fo_name *name)
{
	struct failover_dns *dns = name->dns;

	if (fo_agenda_reserve(&dns->agenda, dns->names_count + 1) != 0 ||
	    fo_agenda_reserve(&dns->timers, dns->names_count + 1) != 0 ||
	    !tsearch(name, &dns->tree, name_compare))
		return FAILOVER_ERR_MEMORY;
	TAILQ_INSERT_TAIL(&dns->names, name, entries);
	dns->names_count++;
	return 0;
}

/* A numeric address is its own answer and never asked for. */
static void answer_begin(struct fo_name *name)
{
	if (failover_target_set(&name->targets[0], name->text, 1, FAILOVER_UDP) == 0) {
		name->targets[0].port = 0;
		name->targets_count = 1;
		name->state = FAILOVER_DNS_RESOLVED;
		return;
	}
	name->state = FAILOVER_DNS_ASKING;
	due_in(name, 0);
}

/* With a port, and for addresses alone, all transports share the name (RFC 3263 4.2). */
static int key_make(const struct failover_dns_query *query, struct fo_name *key)
{
	struct failover_target target;

	key->mode = query->port ? FAILOVER_DNS_A : query->mode;
	key->transport = key->mode == FAILOVER_DNS_A ? 0 : query->transport;
	if (failover_target_set(&target, query->name, 1, FAILOVER_UDP) != 0)
		return fo_name_normal(query->name, key->text);
	if (strlen(query->name) >= sizeof(key->text))
		return FAILOVER_ERR_ARGUMENT;
	strcpy(key->text, query->name);
	key->mode = FAILOVER_DNS_A;
	key->transport = 0;
	return 0;
}

int fo_name_get(struct failover_dns *dns, const struct failover_dns_query *query,
		struct fo_name **out)
{
	struct fo_name *name = calloc(1, sizeof(*name));
	struct fo_name **found_at;
	int error;

	if (!name)
		return FAILOVER_ERR_MEMORY;
	name->dns = dns;
	TAILQ_INIT(&name->watches);
	error = key_make(query, name);
	if (error != 0)
		goto out;
	found_at = tfind(name, &dns->tree, name_compare);
	if (found_at) {
		*out = *found_at;
		goto out;
	}
	error = dns->names_count < dns->params.max_names ? name_keep(name) : FAILOVER_ERR_FULL;
	if (error != 0)
		goto out;
	answer_begin(name);
	*out = name;
	return 0;
out:
	free(name);
	return error;
}

void fo_name_free(struct fo_name *name)
{
	struct failover_dns *dns = name->dns;

	walk_stop(name);
	fo_agenda_take(&dns->agenda, &name->due);
	tdelete(name, &dns->tree, name_compare);
	TAILQ_REMOVE(&dns->names, name, entries);
	dns->names_count--;
	free(name->good);
	free(name);
}
