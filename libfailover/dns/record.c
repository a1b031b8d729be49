/* SPDX-License-Identifier: MIT */
/* record.c - writes messages (RFC 1035 4.1): see record.h. */
#include "record.h"

#ifdef ARES_HAS_RECORDS
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#define CLASS_IN 1u
#define FLAG_RESPONSE 0x8000u
#define FLAG_TRUNCATED 0x0200u
#define RCODE_MASK 0xfu
#define LABEL_MOST 63u
#define STRING_MOST 255u
#define FIRST_BYTES 4096u

struct writer {
	uint8_t *bytes;
	size_t length, size;
	int bad; /* no memory; stays */
};

static void put(struct writer *writer, const void *bytes, size_t count)
{
	while (!writer->bad && writer->size - writer->length < count) {
		size_t size = writer->size ? writer->size * 2 : FIRST_BYTES;
		uint8_t *more = realloc(writer->bytes, size);

		writer->bad = !more;
		if (more) {
			writer->bytes = more;
			writer->size = size;
		}
	}
	if (writer->bad || count == 0)
		return;
	memcpy(writer->bytes + writer->length, bytes, count);
	writer->length += count;
}

static void put_number(struct writer *writer, uint32_t value, uint32_t bytes)
{
	while (bytes-- > 0) {
		uint8_t byte = (uint8_t)(value >> (8 * bytes));

		put(writer, &byte, 1);
	}
}

/* Into what has been written. */
static void set_number(struct writer *writer, size_t at, uint32_t value)
{
	if (writer->bad)
		return;
	writer->bytes[at] = (uint8_t)(value >> 8);
	writer->bytes[at + 1] = (uint8_t)value;
}

/* <character-string>, or a label */
static void put_string(struct writer *writer, const char *text, size_t length)
{
	put_number(writer, (uint32_t)length, 1);
	put(writer, text, length);
}

/* A name as c-ares writes it; one with an escape has bytes that no name has that is asked for. */
static void put_name(struct writer *writer, const char *name)
{
	if (!name || strchr(name, '\\'))
		name = "?";
	while (*name) {
		size_t length = strcspn(name, ".");

		if (length > 0)
			put_string(writer, name, length > LABEL_MOST ? LABEL_MOST : length);
		name += length + (name[length] == '.');
	}
	put_number(writer, 0, 1);
}

static void put_text(struct writer *writer, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	put_string(writer, text, length > STRING_MOST ? STRING_MOST : length);
}

static void put_srv(struct writer *writer, const ares_dns_rr_t *rr)
{
	put_number(writer, ares_dns_rr_get_u16(rr, ARES_RR_SRV_PRIORITY), 2);
	put_number(writer, ares_dns_rr_get_u16(rr, ARES_RR_SRV_WEIGHT), 2);
	put_number(writer, ares_dns_rr_get_u16(rr, ARES_RR_SRV_PORT), 2);
	put_name(writer, ares_dns_rr_get_str(rr, ARES_RR_SRV_TARGET));
}

static void put_naptr(struct writer *writer, const ares_dns_rr_t *rr)
{
	put_number(writer, ares_dns_rr_get_u16(rr, ARES_RR_NAPTR_ORDER), 2);
	put_number(writer, ares_dns_rr_get_u16(rr, ARES_RR_NAPTR_PREFERENCE), 2);
	put_text(writer, ares_dns_rr_get_str(rr, ARES_RR_NAPTR_FLAGS));
	put_text(writer, ares_dns_rr_get_str(rr, ARES_RR_NAPTR_SERVICES));
	put_text(writer, ares_dns_rr_get_str(rr, ARES_RR_NAPTR_REGEXP));
	put_name(writer, ares_dns_rr_get_str(rr, ARES_RR_NAPTR_REPLACEMENT));
}

/* Of its numbers only the last one is read (RFC 2308 5). */
static void put_soa(struct writer *writer, const ares_dns_rr_t *rr)
{
	put_name(writer, ares_dns_rr_get_str(rr, ARES_RR_SOA_MNAME));
	put_name(writer, ares_dns_rr_get_str(rr, ARES_RR_SOA_RNAME));
	for (int i = 0; i < 4; i++)
		put_number(writer, 0, 4);
	put_number(writer, ares_dns_rr_get_u32(rr, ARES_RR_SOA_MINIMUM), 4);
}

static void put_data(struct writer *writer, const ares_dns_rr_t *rr)
{
	switch ((enum fo_record_type)ares_dns_rr_get_type(rr)) {
	case FO_TYPE_A:
		put(writer, ares_dns_rr_get_addr(rr, ARES_RR_A_ADDR), 4);
		return;
	case FO_TYPE_AAAA:
		put(writer, ares_dns_rr_get_addr6(rr, ARES_RR_AAAA_ADDR), 16);
		return;
	case FO_TYPE_CNAME:
		put_name(writer, ares_dns_rr_get_str(rr, ARES_RR_CNAME_CNAME));
		return;
	case FO_TYPE_SOA:
		put_soa(writer, rr);
		return;
	case FO_TYPE_SRV:
		put_srv(writer, rr);
		return;
	case FO_TYPE_NAPTR:
		put_naptr(writer, rr);
		return;
	}
}

static int is_read(const ares_dns_rr_t *rr)
{
	switch ((enum fo_record_type)ares_dns_rr_get_type(rr)) {
	case FO_TYPE_A:
	case FO_TYPE_AAAA:
	case FO_TYPE_CNAME:
	case FO_TYPE_SOA:
	case FO_TYPE_SRV:
	case FO_TYPE_NAPTR:
		return 1;
	}
	return 0;
}

static void put_record(struct writer *writer, const ares_dns_rr_t *rr)
{
	size_t start;

	put_name(writer, ares_dns_rr_get_name(rr));
	put_number(writer, (uint32_t)ares_dns_rr_get_type(rr), 2);
	put_number(writer, (uint32_t)ares_dns_rr_get_class(rr), 2);
	put_number(writer, ares_dns_rr_get_ttl(rr), 4);
	put_number(writer, 0, 2);
	start = writer->length;
	put_data(writer, rr);
	set_number(writer, start - 2, (uint32_t)(writer->length - start));
}

/* Returns how many there are of those that are read. */
static uint32_t put_section(struct writer *writer, const ares_dns_record_t *record,
			    ares_dns_section_t section)
{
	size_t i, count = ares_dns_record_rr_cnt(record, section);
	uint32_t written = 0;

	for (i = 0; i < count; i++) {
		const ares_dns_rr_t *rr = ares_dns_record_rr_get_const(record, section, i);

		if (!rr || !is_read(rr))
			continue;
		put_record(writer, rr);
		written++;
	}
	return written;
}

static void put_head(struct writer *writer, const ares_dns_record_t *record)
{
	int is_cut = ares_dns_record_get_flags(record) & ARES_FLAG_TC;
	ares_dns_rec_type_t type = (ares_dns_rec_type_t)0;
	const char *name = "";

	(void)ares_dns_record_query_get(record, 0, &name, &type, NULL);
	put_number(writer, 0, 2);
	put_number(writer,
		   FLAG_RESPONSE | (is_cut ? FLAG_TRUNCATED : 0) |
			   ((uint32_t)ares_dns_record_get_rcode(record) & RCODE_MASK),
		   2);
	put_number(writer, (uint32_t)ares_dns_record_query_cnt(record), 2);
	put_number(writer, 0, 2);
	put_number(writer, 0, 2);
	put_number(writer, 0, 2);
	put_name(writer, name);
	put_number(writer, (uint32_t)type, 2);
	put_number(writer, CLASS_IN, 2);
}

int fo_record_message(const ares_dns_record_t *record, uint8_t **bytes, size_t *length)
{
	struct writer writer = { 0 };

	put_head(&writer, record);
	set_number(&writer, 6, put_section(&writer, record, ARES_SECTION_ANSWER));
	set_number(&writer, 8, put_section(&writer, record, ARES_SECTION_AUTHORITY));
	if (writer.bad) {
		free(writer.bytes);
		return -1;
	}
	*bytes = writer.bytes;
	*length = writer.length;
	return 0;
}

int fo_record_has_edns(const ares_dns_record_t *record)
{
	size_t i, count = ares_dns_record_rr_cnt(record, ARES_SECTION_ADDITIONAL);

	for (i = 0; i < count; i++) {
		const ares_dns_rr_t *rr =
			ares_dns_record_rr_get_const(record, ARES_SECTION_ADDITIONAL, i);

		if (rr && ares_dns_rr_get_type(rr) == ARES_REC_TYPE_OPT)
			return 1;
	}
	return 0;
}
#endif
