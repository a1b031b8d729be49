/* SPDX-License-Identifier: MIT */
/* vendor_fuzz.c - a phone's own text. */
#include "config_fuzz.h"
#include "fuzz.h"

const char fuzz_target[] = "vendor";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	vendor_fuzz("x.txt", bytes, count);
	return 0;
}
