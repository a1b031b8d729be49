/* SPDX-License-Identifier: MIT */
/*
 * wire.c - reads DNS messages (RFC 1035 4.1). Every read is checked against the end of the message
 * and of its record. A compression pointer must point to before the name it is part of, so a name
 * costs at most its own length (c-ares' ares_expand_name lets a hostile message cost its square).
 */
#include "wire.h"

#include <failover/dns.h>
#include <string.h>
#include <strings.h>

#define CLASS_IN 1u
#define FLAG_TRUNCATED 0x0200u
#define RCODE_NXDOMAIN 3u
#define CNAME_MOST 8u

struct reader {
	const uint8_t *bytes;
	size_t at, end;
	int bad; /* something was read beyond the end; stays */
};

struct record {
	char owner[FO_NAME_BYTES];
	uint16_t type, class;
	uint32_t ttl_s;
	struct reader data; /* ends where the record's data end; names may point before */
};

static uint32_t number_read(struct reader *reader, uint32_t bytes)
{
	uint32_t value = 0;

	if (reader->end - reader->at < bytes) {
		reader->bad = 1;
		reader->at = reader->end;
		return 0;
	}
	while (bytes-- > 0)
		value = value << 8 | reader->bytes[reader->at++];
	return value;
}

static void skip(struct reader *reader, uint32_t bytes)
{
	if (reader->end - reader->at < bytes) {
		reader->bad = 1;
		reader->at = reader->end;
		return;
	}
	reader->at += bytes;
}

/* What may stand in the names that are asked for again and shown to people. */
static int is_name_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

/* Add one label; returns 0, 1 if it has a byte that no such name has, or -1 if it is too long. */
static int label_add(const uint8_t *label, uint32_t length, char *out, size_t *used)
{
	int odd = 0;

	if (*used + length + 2 > FO_NAME_BYTES)
		return -1;
	if (*used > 0)
		out[(*used)++] = '.';
	for (uint32_t i = 0; i < length; i++) {
		odd |= !is_name_byte(label[i]);
		out[(*used)++] = is_name_byte(label[i]) ? (char)label[i] : '?';
	}
	return odd;
}

/*
 * Read a name into FO_NAME_BYTES; the root is "". Returns 1 for a name with odd bytes, which is
 * never asked for.
 */
static int name_read(struct reader *reader, char *out)
{
	struct reader at = *reader;
	size_t used = 0, before = reader->at;
	int jumped = 0, odd = 0;

	for (;;) {
		uint32_t length = number_read(&at, 1);

		if (at.bad || length == 0)
			break;
		if ((length & 0xc0) == 0xc0) {
			size_t to = (length & 0x3f) << 8 | number_read(&at, 1);

			if (!jumped)
				reader->at = at.at;
			jumped = 1;
			at.bad |= to >= before;
			before = at.at = to;
		} else {
			const uint8_t *label = at.bytes + at.at;
			int added;

			at.bad |= length > 63;
			skip(&at, length);
			added = at.bad ? -1 : label_add(label, length, out, &used);
			at.bad |= added < 0;
			odd |= added > 0;
		}
		if (at.bad)
			break;
	}
	if (!jumped)
		reader->at = at.at;
	reader->bad |= at.bad;
	out[at.bad ? 0 : used] = '\0';
	return odd;
}

static void record_read(struct reader *reader, struct record *record)
{
	uint32_t length;

	if (name_read(reader, record->owner))
		record->owner[0] = '?'; /* equal to no name that is asked for */
	record->type = (uint16_t)number_read(reader, 2);
	record->class = (uint16_t)number_read(reader, 2);
	record->ttl_s = number_read(reader, 4);
	if (record->ttl_s > INT32_MAX)
		record->ttl_s = 0; /* RFC 2181 8 */
	length = number_read(reader, 2);
	record->data = *reader;
	skip(reader, length);
	record->data.end = reader->at;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static int compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int fo_srv_compare(const struct fo_srv *a, const struct fo_srv *b)
{
	int order = compare(a->service, b->service);

	if (order == 0)
		order = compare(a->transport, b->transport);
	if (order == 0)
		order = compare(a->priority, b->priority);
	if (order == 0)
		order = compare(b->weight, a->weight);
	if (order == 0)
		order = strcasecmp(a->target, b->target);
	return order != 0 ? order : compare(a->port, b->port);
}

void fo_srv_insert(struct fo_srv *array, uint32_t *count, const struct fo_srv *srv)
{
	uint32_t at = 0;

	while (at < *count && fo_srv_compare(&array[at], srv) < 0)
		at++;
	if (at == FO_SRV_MOST || (at < *count && fo_srv_compare(&array[at], srv) == 0))
		return;
	if (*count < FO_SRV_MOST)
		(*count)++;
	memmove(&array[at + 1], &array[at], (*count - at - 1) * sizeof(*array));
	array[at] = *srv;
}

/* RFC 2782. Records that cannot be used are passed over; a target of "." says "not offered". */
static void srv_take(struct reader *data, struct fo_reply *reply)
{
	struct fo_srv srv = { 0 };
	int odd;

	srv.priority = (uint16_t)number_read(data, 2);
	srv.weight = (uint16_t)number_read(data, 2);
	srv.port = (uint16_t)number_read(data, 2);
	odd = name_read(data, srv.target);
	if (data->bad || odd)
		return;
	if (srv.target[0] == '\0') {
		if (reply->count == 0)
			reply->status = FO_REPLY_NOT_OFFERED;
		return;
	}
	if (srv.port == 0)
		return;
	fo_srv_insert(reply->u.srv, &reply->count, &srv);
}

/* Read a <character-string> that is one of `texts`, without regard to case; returns its place
 * among them, or -1. */
static int text_find(struct reader *data, const char *const *texts, int count)
{
	uint32_t length = number_read(data, 1);
	const char *text = (const char *)data->bytes + data->at;

	skip(data, length);
	for (int i = 0; i < count && !data->bad; i++) {
		if (length == strlen(texts[i]) && strncasecmp(text, texts[i], length) == 0)
			return i;
	}
	return -1;
}

static int text_is(struct reader *data, const char *text)
{
	return text_find(data, &text, 1) == 0;
}

/* RFC 3263 4.1: a service that is not known, or of another transport, is passed over. */
static int service_take(struct reader *data, uint16_t wanted, uint8_t *transport)
{
	static const char *const services[] = { "SIP+D2U", "SIP+D2T", "SIPS+D2T" };
	static const uint8_t transports[] = { FAILOVER_UDP, FAILOVER_TCP, FAILOVER_TLS };
	int found = text_find(data, services, 3);

	if (found < 0)
		return 0;
	*transport = transports[found];
	return wanted == FAILOVER_TRANSPORT_AUTO || wanted == *transport;
}

static int naptr_compare(const struct fo_naptr *a, const struct fo_naptr *b)
{
	int order = compare(a->order, b->order);

	if (order == 0)
		order = compare(a->preference, b->preference);
	if (order == 0)
		order = strcasecmp(a->replacement, b->replacement);
	return order != 0 ? order : compare(a->transport, b->transport);
}

static void naptr_insert(struct fo_reply *reply, const struct fo_naptr *naptr)
{
	struct fo_naptr *array = reply->u.naptr;
	uint32_t at = 0;

	while (at < reply->count && naptr_compare(&array[at], naptr) < 0)
		at++;
	if (at == FO_NAPTR_MOST || (at < reply->count && naptr_compare(&array[at], naptr) == 0))
		return;
	if (reply->count < FO_NAPTR_MOST)
		reply->count++;
	memmove(&array[at + 1], &array[at], (reply->count - at - 1) * sizeof(*array));
	array[at] = *naptr;
}

/* RFC 3263 4.1, RFC 3403 4.1: flag "s", a transport's service, a replacement, no expression. */
static void naptr_take(const struct fo_question *question, struct reader *data,
		       struct fo_reply *reply)
{
	struct fo_naptr naptr = { 0 };
	int fits;

	naptr.order = (uint16_t)number_read(data, 2);
	naptr.preference = (uint16_t)number_read(data, 2);
	fits = text_is(data, "s");
	fits &= service_take(data, question->transport, &naptr.transport);
	fits &= text_is(data, "");
	fits &= !name_read(data, naptr.replacement);
	if (fits && !data->bad && naptr.replacement[0] != '\0')
		naptr_insert(reply, &naptr);
}

/*
 * In the order of the answer, which is the operator's. Where there are more than have room, the
 * least in number stay, so that a server that turns them round does not change the set.
 */
static void address_take(struct reader *data, uint32_t bytes, struct fo_reply *reply)
{
	struct fo_address address = { .family = bytes == 4 ? 4 : 6 };
	struct fo_address *array = reply->u.address, *greatest = array;

	if (data->end - data->at != bytes) {
		data->bad = 1;
		return;
	}
	memcpy(address.bytes, data->bytes + data->at, bytes);
	for (uint32_t i = 0; i < reply->count; i++) {
		int order = memcmp(array[i].bytes, address.bytes, bytes);

		if (order == 0)
			return;
		if (memcmp(array[i].bytes, greatest->bytes, bytes) > 0)
			greatest = &array[i];
	}
	if (reply->count < FO_ADDRESS_MOST)
		array[reply->count++] = address;
	else if (memcmp(greatest->bytes, address.bytes, bytes) > 0)
		*greatest = address;
}

static void record_take(const struct fo_question *question, struct record *record,
			struct fo_reply *reply)
{
	switch ((enum fo_record_type)question->type) {
	case FO_TYPE_A:
		address_take(&record->data, 4, reply);
		return;
	case FO_TYPE_AAAA:
		address_take(&record->data, 16, reply);
		return;
	case FO_TYPE_SRV:
		srv_take(&record->data, reply);
		return;
	case FO_TYPE_NAPTR:
		naptr_take(question, &record->data, reply);
		return;
	case FO_TYPE_CNAME:
	case FO_TYPE_SOA:
		return;
	}
}

/* Follow an alias of `name`; returns 1 and the name it stands for if there is one. */
static int alias_follow(struct reader section, uint32_t records, char *name, uint32_t *ttl_s)
{
	struct record record;

	while (records-- > 0 && !section.bad) {
		record_read(&section, &record);
		if (section.bad || record.type != FO_TYPE_CNAME || record.class != CLASS_IN ||
		    strcasecmp(record.owner, name) != 0)
			continue;
		if (name_read(&record.data, name) || record.data.bad)
			return 0;
		*ttl_s = lesser(*ttl_s, record.ttl_s);
		return 1;
	}
	return 0;
}

/* All records of the answer section; the reader is then behind it. */
static void answers_read(const struct fo_question *question, struct reader *reader,
			 uint32_t records, struct fo_reply *reply)
{
	char name[FO_NAME_BYTES];
	struct record record;

	strncpy(name, question->name, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (uint32_t i = 0; i < CNAME_MOST; i++) {
		if (!alias_follow(*reader, records, name, &reply->ttl_s))
			break;
	}
	while (records-- > 0 && !reader->bad) {
		record_read(reader, &record);
		if (reader->bad || record.type != question->type || record.class != CLASS_IN ||
		    strcasecmp(record.owner, name) != 0)
			continue;
		record_take(question, &record, reply);
		reply->ttl_s = lesser(reply->ttl_s, record.ttl_s);
		reader->bad |= record.data.bad;
	}
}

/* How long "there is none" holds (RFC 2308 5): the lesser of the SOA's TTL and its MINIMUM. */
static uint32_t negative_ttl_read(struct reader *reader, uint32_t records)
{
	char name[FO_NAME_BYTES];
	struct record record;

	while (records-- > 0 && !reader->bad) {
		uint32_t minimum;

		record_read(reader, &record);
		if (reader->bad || record.type != FO_TYPE_SOA || record.class != CLASS_IN)
			continue;
		name_read(&record.data, name);
		name_read(&record.data, name);
		skip(&record.data, 16);
		minimum = number_read(&record.data, 4);
		if (record.data.bad)
			return FO_TTL_NONE;
		return lesser(record.ttl_s, minimum);
	}
	return FO_TTL_NONE;
}

void fo_wire_read(const struct fo_question *question, const uint8_t *message, size_t length,
		  struct fo_reply *reply)
{
	struct reader reader = { .bytes = message, .end = length };
	uint32_t flags, questions, answers, authorities;
	char name[FO_NAME_BYTES];

	*reply = (struct fo_reply){ .status = FO_REPLY_NO_RECORDS, .ttl_s = FO_TTL_NONE };
	number_read(&reader, 2);
	flags = number_read(&reader, 2);
	questions = number_read(&reader, 2);
	answers = number_read(&reader, 2);
	authorities = number_read(&reader, 2);
	number_read(&reader, 2);
	name_read(&reader, name);
	skip(&reader, 4);
	if (questions != 1 || strcasecmp(name, question->name) != 0)
		reader.bad = 1;
	if (!reader.bad) {
		answers_read(question, &reader, answers, reply);
		reply->truncated = (flags & FLAG_TRUNCATED) != 0;
	}
	if (reader.bad && !(reply->truncated && reply->count > 0)) {
		reply->status = FO_REPLY_MALFORMED;
		reply->count = 0;
	} else if (reply->count > 0) {
		reply->status = FO_REPLY_DATA;
	} else if (reply->status != FO_REPLY_NOT_OFFERED) {
		reply->ttl_s = lesser(reply->ttl_s, negative_ttl_read(&reader, authorities));
		if ((flags & 0xf) == RCODE_NXDOMAIN)
			reply->status = FO_REPLY_NO_NAME;
	}
}
