/* SPDX-License-Identifier: MIT */
/* failing_memory.c - see failing_memory.h; the linker sends the calls here (--wrap). */
#include <stdlib.h>
#include "failing_memory.h"

#define VISIBLE __attribute__((visibility("default")))
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
char *__real_strdup(const char *text);
VISIBLE void *__wrap_malloc(size_t bytes);
VISIBLE void *__wrap_calloc(size_t count, size_t bytes);
VISIBLE void *__wrap_realloc(void *block, size_t bytes);
VISIBLE char *__wrap_strdup(const char *text);

static unsigned long fail_at, calls;
static int armed;

void failing_memory_arm(unsigned long n)
{
	fail_at = n;
	calls = 0;
	armed = 1;
}

unsigned long failing_memory_disarm(void)
{
	armed = 0;
	return calls;
}

static int fails(void)
{
	return armed && ++calls == fail_at;
}

void *__wrap_malloc(size_t bytes)
{
	return fails() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return fails() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *block, size_t bytes)
{
	return fails() ? NULL : __real_realloc(block, bytes);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}
