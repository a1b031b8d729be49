/* SPDX-License-Identifier: MIT */
/* yaml_fuzz.c - configuration files with the suffix .yaml. */
#include "config_fuzz.h"
#include "fuzz.h"

const char fuzz_target[] = "yaml";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	config_fuzz("x.yaml", bytes, count);
	return 0;
}
