/* SPDX-License-Identifier: MIT */
/* memory.h - what a target holds does not grow with the damaged inputs that it has had. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdint.h>
#include "damage.h"

/* After `most` damaged inputs it holds no more than after a tenth of them. TAP: one test.
 * Returns 1 if so. */
int memory_test(struct damage_input *inputs, size_t inputs_count, uint64_t most, uint64_t seed);

#endif
