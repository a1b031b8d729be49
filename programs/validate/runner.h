/* SPDX-License-Identifier: MIT */
/* runner.h - checks in child processes, or here; each with a time limit. */
#ifndef VALIDATE_RUNNER_H
#define VALIDATE_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bench.h"

struct result {
	const struct check *check;
	char verdict; /* of struct bench; 0 = not run yet */
	char why[BENCH_TEXT];
	uint64_t ms;
};

struct run {
	const char *path;
	uint64_t seed;
	unsigned jobs, limit_s;
	bool in_process;
	struct result *results;
	size_t count;
	/* Called with each result, in order. */
	void (*done)(void *user, const struct result *result, size_t number);
	void *user;
};

/* False: the system refused a process; errno says why. */
bool runner_run(struct run *run);

#endif
