/* SPDX-License-Identifier: MIT */
/* fuzz.c - reading an input, and stopping at what must not be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

unsigned fuzz_byte(struct fuzz_input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

uint64_t fuzz_number(struct fuzz_input *input, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | fuzz_byte(input);
	return value;
}

const uint8_t *fuzz_bytes(struct fuzz_input *input, size_t most, size_t *count)
{
	const uint8_t *start = input->at;
	size_t left = (size_t)(input->end - input->at);

	*count = most < left ? most : left;
	input->at += *count;
	return start;
}

int fuzz_is_over(const struct fuzz_input *input)
{
	return input->at == input->end;
}

uint64_t fuzz_hash(const uint8_t *bytes, size_t count)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	while (count--)
		hash = (hash ^ *bytes++) * 1099511628211u;
	return hash;
}

char *fuzz_copy(const uint8_t *bytes, size_t count, size_t spare)
{
	char *copy = malloc(count + spare ? count + spare : 1);

	fuzz_require(copy != NULL, "there is memory");
	if (count)
		memcpy(copy, bytes, count);
	memset(copy + count, 0, spare);
	return copy;
}

void fuzz_require(int holds, const char *what)
{
	if (holds)
		return;
	fflush(stdout);
	fprintf(stderr, "%s: does not hold: %s\n", fuzz_target, what);
	abort();
}
