/* SPDX-License-Identifier: MIT */
/* memory.c - memory that was needed for a moment. */
#include "memory.h"

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void web_memory_return(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
