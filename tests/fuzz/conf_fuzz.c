/* SPDX-License-Identifier: MIT */
/* conf_fuzz.c - configuration files with the suffix .conf. */
#include "config_fuzz.h"
#include "fuzz.h"

const char fuzz_target[] = "conf";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	config_fuzz("x.conf", bytes, count);
	return 0;
}
