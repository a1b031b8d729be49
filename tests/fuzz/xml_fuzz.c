/* SPDX-License-Identifier: MIT */
/* xml_fuzz.c - a phone's own XML. */
#include "config_fuzz.h"
#include "fuzz.h"

const char fuzz_target[] = "xml";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	vendor_fuzz("x.xml", bytes, count);
	return 0;
}
