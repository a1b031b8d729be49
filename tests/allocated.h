/* SPDX-License-Identifier: MIT */
/* allocated.h - how many bytes this process has allocated, whoever counts them. */
#ifndef ALLOCATED_H
#define ALLOCATED_H

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* AddressSanitizer's malloc; it tells nothing to mallinfo2(). */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static inline int allocated_by_sanitizer(void)
{
	return __sanitizer_get_current_allocated_bytes != NULL;
}

/*
 * glibc's threads keep what they have freed, and that counts as allocated: from 2.42 on without a
 * small bound. So the program starts anew without; first in main().
 */
static inline void allocated_exactly(char **arguments)
{
	static const char tunable[] = "GLIBC_TUNABLES";

	if (getenv(tunable) || setenv(tunable, "glibc.malloc.tcache_count=0", 1) != 0)
		return;
	execv("/proc/self/exe", arguments);
}

static inline size_t allocated_bytes(void)
{
	struct mallinfo2 info;

	if (allocated_by_sanitizer())
		return __sanitizer_get_current_allocated_bytes();
	info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

/* What of that is this block, the allocator's own part included. */
static inline size_t allocated_for(void *block)
{
	if (!block)
		return 0;
	return malloc_usable_size(block) + (allocated_by_sanitizer() ? 0 : sizeof(size_t));
}

/* failover_memory whose `user` is a uint64_t: the bytes that it has given. */
static inline void *allocated_give(void *user, size_t bytes)
{
	void *block = malloc(bytes);

	*(uint64_t *)user += allocated_for(block);
	return block;
}

static inline void allocated_take(void *user, void *block)
{
	*(uint64_t *)user -= allocated_for(block);
	free(block);
}

#endif
