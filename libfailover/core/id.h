/* SPDX-License-Identifier: MIT */
/*
 * id.h - the bits of ids. An id of 64 bits names a line (its own id of 32 bits: place + 1, then
 * generation), one of its request slots, the slot's request (its generation) and an attempt of that
 * request (its ordinal; 0 = the request itself).
 */
#ifndef FO_ID_H
#define FO_ID_H

#include <stdint.h>

#define FO_ID_PLACE_BITS 20
#define FO_ID_PLACE_MASK 0xfffffu
#define FO_ID_LINE_GENERATION_MASK 0xfffu

#define FO_ID_LINE_SHIFT 32
#define FO_ID_SLOT_SHIFT 27
#define FO_ID_SLOT_MASK 0x1fu
#define FO_ID_GENERATION_SHIFT 8
#define FO_ID_GENERATION_MASK 0x7ffffu
#define FO_ID_ORDINAL_MASK 0xffu

/* Where a line stands among the engine's; UINT32_MAX: no line has this id. */
static inline uint32_t fo_id_place(uint32_t line)
{
	return (line & FO_ID_PLACE_MASK) - 1u;
}

static inline uint32_t fo_id_line_generation(uint32_t line)
{
	return line >> FO_ID_PLACE_BITS;
}

static inline uint32_t fo_id_of_line(uint32_t place, uint32_t generation)
{
	return generation << FO_ID_PLACE_BITS | (place + 1u);
}

static inline uint32_t fo_id_line(uint64_t id)
{
	return (uint32_t)(id >> FO_ID_LINE_SHIFT);
}

static inline uint32_t fo_id_slot(uint64_t id)
{
	return (uint32_t)(id >> FO_ID_SLOT_SHIFT) & FO_ID_SLOT_MASK;
}

static inline uint32_t fo_id_generation(uint64_t id)
{
	return (uint32_t)(id >> FO_ID_GENERATION_SHIFT) & FO_ID_GENERATION_MASK;
}

static inline uint8_t fo_id_ordinal(uint64_t id)
{
	return (uint8_t)(id & FO_ID_ORDINAL_MASK);
}

/* Generation and ordinal, as they stand in an id; what a CANCEL keeps of its INVITE. */
static inline uint32_t fo_id_of_attempt(uint32_t generation, uint8_t ordinal)
{
	return generation << FO_ID_GENERATION_SHIFT | ordinal;
}

static inline uint64_t fo_id(uint32_t line, uint32_t slot, uint32_t attempt)
{
	return (uint64_t)line << FO_ID_LINE_SHIFT | (uint64_t)slot << FO_ID_SLOT_SHIFT | attempt;
}

/* The next generation: never 0, so that no id of something is 0. */
static inline uint32_t fo_id_next(uint32_t generation, uint32_t mask)
{
	generation = (generation + 1u) & mask;
	return generation ? generation : 1u;
}

#endif
