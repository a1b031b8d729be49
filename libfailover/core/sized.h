/* SPDX-License-Identifier: MIT */
/*
 * sized.h - structs of callers that were compiled with an older or a newer header (doc/abi.md).
 * They begin with `uint32_t size` and grow at their end; zero is the default of what came later.
 */
#ifndef FO_SIZED_H
#define FO_SIZED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <failover/plugin.h>

#define FO_SIZED_MOST 4096u /* no struct of ours will ever be larger: that size is garbage */

/* The size of a struct whose last member is this one: what its first version had. */
#define FO_SIZE_WITH(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

static inline uint32_t fo_sized_of(const void *given)
{
	uint32_t size;

	memcpy(&size, given, sizeof(size));
	return size;
}

/* Copy what of it is known on both sides; own[size] is zero where it is not. A size that is not set
 * counts as the first version's, `least`. */
static inline void fo_sized_copy(void *own, uint32_t size, const void *given, uint32_t least)
{
	uint32_t has = fo_sized_of(given);

	if (has < least)
		has = least;
	memset(own, 0, size);
	memcpy(own, given, has < size ? has : size);
	memcpy(own, &size, sizeof(size));
}

/* The same for a caller's wishes. ERR_UNSUPPORTED: he wants something that we do not know. */
static inline int fo_sized_take(void *own, uint32_t size, const void *given, uint32_t least)
{
	uint32_t has = fo_sized_of(given), i;

	if (has < least || has > FO_SIZED_MOST)
		return FAILOVER_ERR_ARGUMENT;
	for (i = size; i < has; i++)
		if (((const unsigned char *)given)[i])
			return FAILOVER_ERR_UNSUPPORTED;
	fo_sized_copy(own, size, given, least);
	return FAILOVER_OK;
}

/* Fill the caller's struct as far as he has room; its `size` then says how much of it was filled.
 * A size that is not set counts as the first version's. */
static inline void fo_sized_give(void *theirs, const void *own, uint32_t size, uint32_t least)
{
	uint32_t has = fo_sized_of(theirs);

	if (has < least)
		has = least;
	if (has > size)
		has = size;
	memcpy(theirs, own, has);
	memcpy(theirs, &has, sizeof(has));
}

#endif
