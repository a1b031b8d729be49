/* SPDX-License-Identifier: MIT */
/* pcapng.c - writes the blocks of a pcapng file. */
#include "pcapng.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_LEAST 4096u
#define LINKTYPE_RAW 101u /* IPv4 or IPv6, as the first half byte says */

enum block_type {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
};

enum option_code {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_NAME = 2,	/* of an interface */
	OPTION_FLAGS = 2,	/* of a packet */
	OPTION_APPLICATION = 4, /* of a section */
};

enum direction { DIRECTION_IN = 1, DIRECTION_OUT = 2 };

static int has_room(struct pcapng *out, size_t more)
{
	size_t room = out->room ? out->room : ROOM_LEAST;
	unsigned char *bytes;

	if (out->failed)
		return 0;
	while (room - out->used < more)
		room *= 2;
	if (room == out->room)
		return 1;
	bytes = realloc(out->bytes, room);
	if (!bytes) {
		out->failed = 1;
		return 0;
	}
	out->bytes = bytes;
	out->room = room;
	return 1;
}

static void put(struct pcapng *out, const void *bytes, size_t count)
{
	if (!count || !has_room(out, count))
		return;
	memcpy(out->bytes + out->used, bytes, count);
	out->used += count;
}

static void put_16(struct pcapng *out, unsigned number)
{
	const unsigned char bytes[] = { (unsigned char)number, (unsigned char)(number >> 8) };

	put(out, bytes, sizeof(bytes));
}

static void put_32(struct pcapng *out, uint32_t number)
{
	put_16(out, number & 0xffff);
	put_16(out, number >> 16);
}

/* Followed by zeros up to a multiple of four. */
static void put_padded(struct pcapng *out, const void *bytes, size_t count)
{
	put(out, bytes, count);
	put(out, "\0\0\0", (4 - count % 4) % 4);
}

static void put_option(struct pcapng *out, enum option_code code, const void *bytes, size_t count)
{
	put_16(out, code);
	put_16(out, (unsigned)count);
	put_padded(out, bytes, count);
}

/* Cut between two characters of UTF-8. */
static void put_text(struct pcapng *out, enum option_code code, const char *text)
{
	size_t count = strnlen(text, PCAPNG_COMMENT_MAX + 1);

	if (count > PCAPNG_COMMENT_MAX) {
		count = PCAPNG_COMMENT_MAX;
		while (count && ((unsigned char)text[count] & 0xc0) == 0x80)
			count--;
	}
	put_option(out, code, text, count);
}

static size_t block_begin(struct pcapng *out, enum block_type type)
{
	size_t at = out->used;

	put_32(out, type);
	put_32(out, 0); /* the length, when it is known */
	return at;
}

static void block_end(struct pcapng *out, size_t at)
{
	struct pcapng length = { .bytes = out->bytes ? out->bytes + at + 4 : NULL, .room = 4 };
	uint32_t total = (uint32_t)(out->used + 4 - at);

	put_32(out, total);
	if (out->failed)
		out->used = at; /* no half blocks */
	else if (length.bytes) {
		length.bytes = out->bytes + at + 4;
		put_32(&length, total);
	}
}

void pcapng_begin(struct pcapng *out, const char *program, const char *comment)
{
	size_t at = block_begin(out, BLOCK_SECTION);

	put_32(out, 0x1a2b3c4d); /* this order of bytes */
	put_16(out, 1);		 /* version 1.0 */
	put_16(out, 0);
	put_32(out, UINT32_MAX); /* the section's length is not said */
	put_32(out, UINT32_MAX);
	put_text(out, OPTION_COMMENT, comment);
	put_text(out, OPTION_APPLICATION, program);
	put_option(out, OPTION_END, NULL, 0);
	block_end(out, at);

	at = block_begin(out, BLOCK_INTERFACE);
	put_16(out, LINKTYPE_RAW);
	put_16(out, 0);
	put_32(out, 0); /* packets are whole */
	put_text(out, OPTION_NAME, program);
	put_option(out, OPTION_END, NULL, 0);
	block_end(out, at);
}

void pcapng_packet(struct pcapng *out, const struct pcapng_packet *packet)
{
	const unsigned char direction[4] = { packet->incoming ? DIRECTION_IN : DIRECTION_OUT };
	size_t at = block_begin(out, BLOCK_PACKET);

	put_32(out, 0); /* the interface */
	put_32(out, (uint32_t)(packet->at_us >> 32));
	put_32(out, (uint32_t)packet->at_us);
	put_32(out, (uint32_t)packet->count);
	put_32(out, (uint32_t)packet->count);
	put_padded(out, packet->bytes, packet->count);
	put_option(out, OPTION_FLAGS, direction, sizeof(direction));
	for (size_t i = 0; i < packet->comments_count; i++)
		put_text(out, OPTION_COMMENT, packet->comments[i]);
	put_option(out, OPTION_END, NULL, 0);
	block_end(out, at);
}

void pcapng_end(struct pcapng *out, uint64_t at_us, const char *const *comments, size_t count)
{
	size_t at = block_begin(out, BLOCK_STATISTICS);

	put_32(out, 0); /* the interface */
	put_32(out, (uint32_t)(at_us >> 32));
	put_32(out, (uint32_t)at_us);
	for (size_t i = 0; i < count; i++)
		put_text(out, OPTION_COMMENT, comments[i]);
	put_option(out, OPTION_END, NULL, 0);
	block_end(out, at);
}

void pcapng_free(struct pcapng *out)
{
	free(out->bytes);
	*out = (struct pcapng){ 0 };
}
