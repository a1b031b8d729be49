/* SPDX-License-Identifier: MIT */
/* damage.c - see damage.h. */
#include <string.h>
#include "damage.h"

#define WOUNDS_MOST 4u
#define RUN_MOST 600u

/* splitmix64 */
static uint64_t draw(struct damage *damage, uint64_t below)
{
	uint64_t z = damage->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return below ? z % below : 0;
}

/* What separates, ends and quotes in the formats that are read here. */
static uint8_t delimiter(struct damage *damage)
{
	static const char bytes[] = "\r\n \t\"'\\<>:;,=@%()[]{}#/?&-";

	return (uint8_t)bytes[draw(damage, sizeof(bytes))]; /* and the zero at its end */
}

/* Make room for so many bytes; what does not fit falls off. Returns how many there are. */
static size_t open_up(struct damage *damage, size_t *count, size_t at, size_t bytes)
{
	size_t tail = *count - at;

	if (bytes > DAMAGE_MOST - at)
		bytes = DAMAGE_MOST - at;
	if (tail > DAMAGE_MOST - at - bytes)
		tail = DAMAGE_MOST - at - bytes;
	memmove(damage->made + at + bytes, damage->made + at, tail);
	*count = at + bytes + tail;
	return bytes;
}

static void remove_some(struct damage *damage, size_t *count, size_t at)
{
	size_t bytes = 1 + draw(damage, draw(damage, 2) ? 4 : *count - at);

	if (bytes > *count - at)
		bytes = *count - at;
	memmove(damage->made + at, damage->made + at + bytes, *count - at - bytes);
	*count -= bytes;
}

/* A piece of an input, often another. */
static void insert_piece(struct damage *damage, size_t *count, size_t at)
{
	const struct damage_input *from = &damage->inputs[draw(damage, damage->inputs_count)];
	size_t start = draw(damage, from->count), bytes = draw(damage, from->count - start + 1);

	bytes = open_up(damage, count, at, bytes < RUN_MOST ? bytes : RUN_MOST);
	if (bytes)
		memcpy(damage->made + at, from->bytes + start, bytes);
}

static void insert_run(struct damage *damage, size_t *count, size_t at)
{
	uint8_t byte = draw(damage, 2) ? delimiter(damage) : (uint8_t)draw(damage, 256);
	size_t bytes = open_up(damage, count, at, 1 + draw(damage, draw(damage, 8) ? 8 : RUN_MOST));

	memset(damage->made + at, byte, bytes);
}

static void wound(struct damage *damage, size_t *count)
{
	size_t at = draw(damage, *count);

	switch (*count ? draw(damage, 8) : 7) {
	case 0:
		damage->made[at] ^= (uint8_t)(1u << draw(damage, 8));
		break;
	case 1:
		damage->made[at] = (uint8_t)draw(damage, 256);
		break;
	case 2:
	case 3:
		damage->made[at] = delimiter(damage);
		break;
	case 4:
		remove_some(damage, count, at);
		break;
	case 5:
		*count = draw(damage, 4) ? *count : at;
		break;
	case 6:
		insert_piece(damage, count, at);
		break;
	default:
		insert_run(damage, count, at);
		break;
	}
}

size_t damage_next(struct damage *damage)
{
	const struct damage_input *from = &damage->inputs[draw(damage, damage->inputs_count)];
	size_t count = from->count < DAMAGE_MOST ? from->count : DAMAGE_MOST;
	uint64_t wounds = 1 + draw(damage, WOUNDS_MOST);

	if (count)
		memcpy(damage->made, from->bytes, count);
	while (wounds--)
		wound(damage, &count);
	return count;
}
