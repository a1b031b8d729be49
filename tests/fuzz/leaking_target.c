/* SPDX-License-Identifier: MIT */
/* leaking_target.c - no fuzz target: it loses a block with one input of a hundred, which memory.c
 * must notice. */
#include <stdlib.h>
#include "fuzz.h"

const char fuzz_target[] = "frame"; /* whose corpus it is given */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	void *volatile lost = fuzz_hash(bytes, count) % 100 ? NULL : malloc(64);

	return lost != NULL && !count;
}
