/* SPDX-License-Identifier: MIT */
/* failing_memory.h - malloc of the program's own objects, of which the n-th call fails. */
#ifndef FAILING_MEMORY_H
#define FAILING_MEMORY_H

#include <stddef.h>

/* From now on count, and let the n-th fail (0 = none). */
void failing_memory_arm(unsigned long n);
/* No more; returns how many there were. */
unsigned long failing_memory_disarm(void);

#endif
