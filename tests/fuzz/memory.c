/* SPDX-License-Identifier: MIT */
/*
 * memory.c - see memory.h. Counted are the bytes that are allocated: check-memory switches off what
 * malloc keeps for a thread, which would count. The resident size has whole pages, so it varies by
 * some; it is what a device runs out of.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../allocated.h"
#include "fuzz.h"
#include "memory.h"

#define ALLOCATED_SLACK 1024	    /* tables that grow with the busiest moment, by doubling */
#define RESIDENT_SLACK (512 * 1024) /* holes between blocks */

struct held {
	size_t allocated, resident;
};

static size_t resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (file && fscanf(file, "%*u %lu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static struct held hold(void)
{
	if (&fuzz_lasting)
		fuzz_lasting.rest();
	return (struct held){ allocated_bytes(), resident() };
}

static void inputs_more(struct damage *damage, uint64_t count)
{
	while (count--) {
		size_t length = damage_next(damage);
		/* Of exactly that size. */
		uint8_t *bytes = malloc(length ? length : 1);

		fuzz_require(bytes != NULL, "there is memory");
		memcpy(bytes, damage->made, length);
		if (&fuzz_lasting)
			fuzz_lasting.input(bytes, length);
		else
			LLVMFuzzerTestOneInput(bytes, length);
		free(bytes);
	}
}

int memory_test(struct damage_input *inputs, size_t inputs_count, uint64_t most, uint64_t seed)
{
	static struct damage damage;
	struct held early, late;
	int good;

	damage.state = seed;
	damage.inputs = inputs;
	damage.inputs_count = inputs_count;
	if (&fuzz_lasting)
		fuzz_lasting.open();
	inputs_more(&damage, most / 10);
	early = hold();
	inputs_more(&damage, most - most / 10);
	late = hold();
	good = late.allocated <= early.allocated + ALLOCATED_SLACK &&
	       (allocated_by_sanitizer() || late.resident <= early.resident + RESIDENT_SLACK);
	printf("# %s: %llu damaged inputs: %zu bytes allocated, %zu KiB resident; %llu: %zu, %zu "
	       "KiB\n",
	       fuzz_target, (unsigned long long)(most / 10), early.allocated, early.resident / 1024,
	       (unsigned long long)most, late.allocated, late.resident / 1024);
	printf("%sok - %s\n", good ? "" : "not ", fuzz_target);
	fflush(stdout); /* LeakSanitizer ends the process before that is done for us */
	if (&fuzz_lasting)
		fuzz_lasting.close();
	return good;
}
