/* SPDX-License-Identifier: MIT */
/*
 * dns_fuzz.c - answers of DNS servers. The first byte says what is asked; then either one message
 * for fo_wire_read(), or answers for a whole walk (RFC 3263), whose resolver is here: each question
 * gets the next answer of the input, with the header and the question that fit, or as it is, or the
 * clock goes on before it comes.
 */
#include <stdlib.h>
#include <string.h>
#include "../../libfailover/dns/walk.h"
#include "fuzz.h"

const char fuzz_target[] = "dns";

#define NAME "sip.test"
#define QUESTIONS_MOST 1024u /* of one walk: more than it may ask */

/* ---- one message -------------------------------------------------------------------------- */

static const uint16_t types[] = { FO_TYPE_A, FO_TYPE_AAAA, FO_TYPE_SRV, FO_TYPE_NAPTR };
static const uint16_t transports[] = { FAILOVER_UDP, FAILOVER_TCP, FAILOVER_TLS,
				       FAILOVER_TRANSPORT_AUTO };

static void name_is_sane(const char *name)
{
	fuzz_require(memchr(name, '\0', FO_NAME_BYTES) != NULL, "a name ends");
}

static void reply_is_sane(const struct fo_question *question, const struct fo_reply *reply)
{
	uint32_t i;

	fuzz_require(reply->status <= FO_REPLY_NO_SERVER, "a reply has a status");
	if (reply->status != FO_REPLY_DATA)
		return;
	fuzz_require(reply->count > 0, "data are some");
	switch ((enum fo_record_type)question->type) {
	case FO_TYPE_SRV:
		fuzz_require(reply->count <= FO_SRV_MOST, "SRV records are bounded");
		for (i = 0; i < reply->count; i++) {
			name_is_sane(reply->u.srv[i].target);
			fuzz_require(!i || fo_srv_compare(&reply->u.srv[i - 1], &reply->u.srv[i]) <
						     0,
				     "SRV records are in order, each once");
		}
		break;
	case FO_TYPE_NAPTR:
		fuzz_require(reply->count <= FO_NAPTR_MOST, "NAPTR records are bounded");
		for (i = 0; i < reply->count; i++)
			name_is_sane(reply->u.naptr[i].replacement);
		break;
	case FO_TYPE_A:
	case FO_TYPE_AAAA:
		fuzz_require(reply->count <= FO_ADDRESS_MOST, "addresses are bounded");
		for (i = 0; i < reply->count; i++)
			fuzz_require(reply->u.address[i].family ==
					     (question->type == FO_TYPE_A ? 4 : 6),
				     "an address is of the family that was asked for");
		break;
	case FO_TYPE_CNAME:
	case FO_TYPE_SOA:
		break;
	}
}

static void read_message(const struct fo_question *question, const uint8_t *bytes, size_t count,
			 struct fo_reply *reply)
{
	char *copy = fuzz_copy(bytes, count, 0);

	memset(reply, 0x5a, sizeof(*reply));
	fo_wire_read(question, (const uint8_t *)copy, count, reply);
	free(copy);
	reply_is_sane(question, reply);
}

/* ---- a resolver whose answers are the input ----------------------------------------------- */

struct fo_query {
	struct fo_query_handler handler;
	struct fo_question question;
	char name[FO_NAME_BYTES];
	int waits;
};

struct fo_resolver {
	struct fuzz_input *input;
	struct fo_query queries[QUESTIONS_MOST];
	unsigned asked, answered;
	struct fo_walk *walk;
	uint64_t now, wakes_at;
	int ended;
};

struct fo_query *fo_resolver_ask(struct fo_resolver *resolver, const struct fo_question *question,
				 const struct fo_query_handler *handler)
{
	struct fo_query *query;

	fuzz_require(resolver->asked < QUESTIONS_MOST, "the questions of a walk are bounded");
	fuzz_require(strlen(question->name) < FO_NAME_BYTES, "a name to ask for is no longer");
	query = &resolver->queries[resolver->asked++];
	query->handler = *handler;
	query->question = *question;
	strcpy(query->name, question->name);
	query->question.name = query->name;
	query->waits = 1;
	return query;
}

void fo_query_cancel(struct fo_query *query)
{
	fuzz_require(query->waits, "only what waits is cancelled");
	query->waits = 0;
}

/* Header and question of an answer to this; the record counts are the input's. */
static size_t start_message(const struct fo_query *query, struct fuzz_input *input, uint8_t *out)
{
	const char *label = query->name, *dot;
	size_t length = 12, part;
	unsigned i;

	memcpy(out, "\0\0\x81\x80\0\1\0", 7);
	out[7] = (uint8_t)fuzz_byte(input);
	out[8] = 0;
	out[9] = (uint8_t)fuzz_byte(input);
	out[10] = out[11] = 0;
	for (; *label; label = *dot ? dot + 1 : dot) {
		dot = label + strcspn(label, ".");
		part = (size_t)(dot - label);
		out[length++] = (uint8_t)part;
		memcpy(out + length, label, part);
		length += part;
	}
	out[length++] = 0;
	for (i = 0; i < 4; i++)
		out[length++] = i == 1 ? (uint8_t)query->question.type : i == 3;
	return length;
}

/* Time passes while the input says so: to where the walk wants it. */
static unsigned next_kind(struct fo_resolver *resolver)
{
	unsigned kind = fuzz_byte(resolver->input);

	while (kind > 240 && kind <= 250 && resolver->wakes_at != FO_WALK_NEVER &&
	       !resolver->ended) {
		if (resolver->now < resolver->wakes_at)
			resolver->now = resolver->wakes_at;
		fo_walk_tick(resolver->walk);
		kind = fuzz_byte(resolver->input);
	}
	return kind;
}

/* The next answer: a kind, a length, bytes. */
static void answer(struct fo_resolver *resolver, const struct fo_query *query,
		   struct fo_reply *reply)
{
	struct fuzz_input *input = resolver->input;
	unsigned kind = next_kind(resolver);
	uint8_t message[1024 + 65536];
	size_t length = 0, count;
	const uint8_t *bytes;

	if (kind > 250) {
		*reply = (struct fo_reply){ .status = kind & 1 ? FO_REPLY_NO_SERVER
							       : FO_REPLY_SERVFAIL };
		return;
	}
	if (kind & 1)
		length = start_message(query, input, message);
	bytes = fuzz_bytes(input, (size_t)fuzz_number(input, 2), &count);
	memcpy(message + length, bytes, count);
	read_message(&query->question, message, length + count, reply);
}

static void deliver(struct fo_resolver *resolver)
{
	struct fo_query *query = &resolver->queries[resolver->answered++];
	struct fo_reply reply;

	if (!query->waits)
		return;
	answer(resolver, query, &reply);
	if (!query->waits || resolver->ended)
		return; /* time has passed, and it is not wanted any more */
	query->waits = 0;
	query->handler.done(query->handler.user, &reply);
}

/* ---- a walk ------------------------------------------------------------------------------- */

static uint32_t draw(void *user, uint32_t limit)
{
	struct fuzz_input *input = user;

	return limit == UINT32_MAX ? 0 : fuzz_byte(input) % (limit + 1);
}

static void records_are_sane(struct fo_records *records, const struct fo_walk_params *params,
			     struct fuzz_input *input)
{
	const struct fo_random random = { draw, input };
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t count, i;

	fuzz_require(records->srv_count <= FO_SRV_MOST && records->hosts_count <= FO_HOSTS_MOST &&
			     records->hosts_count > 0,
		     "records are bounded");
	for (i = 0; i < records->srv_count; i++)
		fuzz_require(records->srv[i].host < records->hosts_count, "a record has its host");
	fuzz_require(fo_records_same(records, records), "records are the same as themselves");
	fo_records_draw(records, &random);
	count = fo_records_targets(records, params->families, params->transport, targets);
	fuzz_require(count <= FAILOVER_LIMIT_TARGETS, "targets are bounded");
	for (i = 0; i < count; i++) {
		fuzz_require(targets[i].family == 4 || targets[i].family == 6,
			     "a target has a family");
		fuzz_require(params->transport == FAILOVER_TRANSPORT_AUTO ||
				     targets[i].transport == params->transport,
			     "the transport is never changed");
	}
	fo_records_carry(records, records);
}

struct walker {
	struct fo_resolver *resolver;
	const struct fo_walk_params *params;
};

static void on_news(void *user, struct fo_walk *walk)
{
	struct walker *walker = user;
	struct fo_walk_result result;

	fo_walk_result(walk, &result);
	fuzz_require(!walker->resolver->ended, "a walk ends once");
	walker->resolver->ended |= result.final != 0;
	fuzz_require((result.outcome == FO_WALK_FOUND) == (result.records != NULL),
		     "what is found has records");
	fuzz_require(result.outcome == FO_WALK_FOUND || result.reason != 0,
		     "what is not found has a reason");
	if (result.records)
		records_are_sane(result.records, walker->params, walker->resolver->input);
	free(result.records);
}

static void on_wait(void *user, uint64_t at)
{
	struct walker *walker = user;

	walker->resolver->wakes_at = at;
}

static void walk(unsigned first, struct fuzz_input *input)
{
	static struct fo_resolver resolver;
	struct fo_walk_params params;
	struct walker walker = { &resolver, &params };

	params = (struct fo_walk_params){
		.resolver = &resolver,
		.name = NAME,
		.mode = (first >> 1 & 3) % 3,
		.transport = transports[first >> 3 & 3],
		.families = first >> 5 & 3,
		.mute = first & 0x80 ? FO_HINT_NAPTR | FO_HINT_SRV : 0,
		.clock = &resolver.now,
		.news = on_news,
		.wait = on_wait,
		.user = &walker,
	};
	resolver = (struct fo_resolver){ .input = input };
	resolver.walk = fo_walk_new(&params);
	fuzz_require(resolver.walk != NULL, "a walk starts");
	while (!resolver.ended && resolver.answered < resolver.asked)
		deliver(&resolver);
	while (!resolver.ended && resolver.wakes_at != FO_WALK_NEVER) {
		resolver.now = resolver.wakes_at;
		fo_walk_tick(resolver.walk);
		while (!resolver.ended && resolver.answered < resolver.asked)
			deliver(&resolver);
	}
	fuzz_require(resolver.ended, "a walk ends when all is answered");
	fo_walk_free(resolver.walk);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct fuzz_input input = { bytes, bytes + count };
	unsigned first = fuzz_byte(&input);
	struct fo_question question = { .name = NAME,
					.type = types[first >> 1 & 3],
					.transport = transports[first >> 3 & 3] };
	struct fo_reply reply;

	if (first & 1)
		walk(first, &input);
	else
		read_message(&question, input.at, (size_t)(input.end - input.at), &reply);
	return 0;
}
