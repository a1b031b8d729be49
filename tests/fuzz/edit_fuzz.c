/* SPDX-License-Identifier: MIT */
/* edit_fuzz.c - a file of any format, changed in place: a byte for the format, eight that say how,
 * the file. */
#include "edit_check.h"
#include "fuzz.h"

const char fuzz_target[] = "edit";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const char *const paths[] = { "x.conf", "x.yaml", "x.txt", "x.xml" };
	struct fuzz_input input = { bytes, bytes + count };
	const char *path = paths[fuzz_byte(&input) % 4];
	uint64_t seed = fuzz_number(&input, 8);
	struct edit_counts counts = { 0 };

	edit_check(path, input.at, (size_t)(input.end - input.at), seed, &counts);
	return 0;
}
