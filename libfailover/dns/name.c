/* SPDX-License-Identifier: MIT */
/* name.c - the life of a name: asked, resolved, stale, gone, failed; and when it is asked again. */
#include "name.h"

#include <ctype.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MOST 63 /* RFC 1035 2.3.4 */
#define RETRY_LEAST_MS 1000u
#define RETRY_DOUBLINGS 6u /* 64 s */

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

/* The DNS does not say: what there is serves on (B1b, RFC 8767). */
static void failed(struct fo_name *name, uint32_t reason)
{
	name->failures++;
	due_in(name, retry_ms(name));
	state_set(name, name->good ? FAILOVER_DNS_STALE : FAILOVER_DNS_FAILED, reason, 0);
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

	free(name->good);
	name->good = NULL;
	name->targets_count = 0;
	name->failures = 0;
	due_in(name, 1000 * clamp(result->ttl_s, params->ttl_least_s, params->negative_ttl_s));
	state_set(name, FAILOVER_DNS_GONE, result->reason, changed);
}

/* The order is drawn only for other records: targets do not change places for nothing (B1b). */
static void found(struct fo_name *name, const struct fo_walk_result *result)
{
	const struct failover_dns *dns = name->dns;
	const struct failover_dns_params *params = &dns->params;
	uint64_t ttl_s = clamp(result->ttl_s, params->ttl_least_s, params->ttl_most_s);
	int changed;

	if (name->good)
		fo_records_carry(result->records, name->good);
	changed = !name->good || !fo_records_same(name->good, result->records);
	if (changed) {
		free(name->good);
		name->good = result->records;
		name->targets_count = fo_records_targets(name->good, params->families, 0,
							 &dns->random, name->targets);
	} else {
		free(result->records);
	}
	if (result->incomplete)
		ttl_s = clamp(ttl_s, 1, params->stale_retry_s);
	name->failures = 0;
	due_in(name, ttl_s * 1000);
	state_set(name, FAILOVER_DNS_RESOLVED, FAILOVER_DNS_REASON_NONE, changed);
}

static void on_walk_done(void *user, struct fo_walk *walk)
{
	struct fo_name *name = user;
	struct fo_walk_result result;

	fo_walk_result(walk, &result);
	name->question[0] = '\0';
	if (result.outcome != FO_WALK_FOUND)
		memcpy(name->question, result.question, sizeof(name->question));
	name->walk = NULL;
	name->dns->walks_count--;
	switch (result.outcome) {
	case FO_WALK_FOUND:
		found(name, &result);
		break;
	case FO_WALK_NONE:
		none(name, &result);
		break;
	case FO_WALK_FAILED:
		failed(name, result.reason);
		break;
	}
	fo_walk_free(walk);
}

void fo_name_due(struct fo_name *name)
{
	struct failover_dns *dns = name->dns;
	const struct fo_walk_params params = {
		.resolver = dns->resolver,
		.name = name->text,
		.mode = name->mode,
		.transport = name->transport,
		.families = dns->params.families,
		.done = on_walk_done,
		.user = name,
	};

	fo_agenda_take(&dns->agenda, &name->due);
	name->walk = fo_walk_new(&params);
	if (name->walk) {
		dns->walks_count++;
		return;
	}
	name->question[0] = '\0';
	failed(name, FAILOVER_DNS_REASON_MEMORY);
}

static void walk_stop(struct fo_name *name)
{
	if (!name->walk)
		return;
	fo_walk_free(name->walk);
	name->walk = NULL;
	name->dns->walks_count--;
}

void fo_name_renew(struct fo_name *name)
{
	if (!name->walk && name->due.place == 0)
		return; /* numeric */
	walk_stop(name);
	due_in(name, 0);
}

/* Put a new name into the tree and the list; there is room in the agenda for all of them. */
static int name_keep(struct fo_name *name)
{
	struct failover_dns *dns = name->dns;

	if (fo_agenda_reserve(&dns->agenda, dns->names_count + 1) != 0 ||
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
