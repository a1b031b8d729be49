/* SPDX-License-Identifier: MIT */
/*
 * main.c - TAP: plans of libfailover-wire.
 *
 *   wire_plans                   a sample
 *   wire_plans 1-1000000         these seeds; goes on after a failing one, and names it
 *   wire_plans --trace SEED      one, told message by message
 *   wire_plans --kind vias|lines|no-password ...   the same, in worlds of that kind
 */
#include <stdlib.h>
#include "plans.h"

#define SAMPLE 400u
#define TOLD_MOST 20u

static struct sim sim;

static int run_seeds(uint64_t from, uint64_t to)
{
	uint64_t seed, failed = 0, messages = 0, hash = 0;

	for (seed = from; seed <= to; seed++) {
		int error = plan_run(&sim, seed);

		if (error && failed++ < TOLD_MOST)
			printf("# seed %llu: %s\n", (unsigned long long)seed, sim.failure);
		messages += sim.messages;
		hash = hash * 31 + sim.hash;
		if (error)
			fflush(stdout);
	}
	printf("# %llu seeds, %llu messages, hash %016llx, %llu failed\n",
	       (unsigned long long)(to - from + 1), (unsigned long long)messages,
	       (unsigned long long)hash, (unsigned long long)failed);
	return failed != 0;
}

/* Plans that failed once, and what they showed. */
static int run_found(void)
{
	static const uint64_t found[] = {
		2695904, /* B6a: the BYE of a call that the line had left waited for a dead server
			  */
		2114979, /* RFC 3261 13.2.2.4: the stack had no place for a fork */
	};
	size_t i;
	int failed = 0;

	for (i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		failed |= run_seeds(found[i], found[i]);
	return failed;
}

static const char *const kinds[] = { [KIND_PLAIN] = "plain",
				     [KIND_VIAS] = "vias",
				     [KIND_LINES] = "lines",
				     [KIND_NO_PASSWORD] = "no-password" };

static enum kind kind_of(const char *name)
{
	enum kind kind = KIND_PLAIN;

	while (kind < KIND_NO_PASSWORD && strcmp(kinds[kind], name) != 0)
		kind++;
	return kind;
}

static int run_kind(unsigned test, enum kind kind)
{
	int failed;

	sim.kind = kind;
	failed = run_seeds(1, SAMPLE / 2);
	sim.kind = KIND_PLAIN;
	printf("%sok %u - the same with %s\n", failed ? "not " : "", test, kinds[kind]);
	return failed;
}

static int run_sample(void)
{
	int failed = run_seeds(1, SAMPLE), again = run_found(), others, differs;
	uint64_t hash;

	printf("1..6\n%sok 1 - B18_plans_of_seeds_leave_nothing_behind\n", failed ? "not " : "");
	printf("%sok 2 - plans that failed once\n", again ? "not " : "");
	(void)plan_run(&sim, 7);
	hash = sim.hash;
	(void)plan_run(&sim, 7);
	differs = hash != sim.hash;
	printf("%sok 3 - a seed is the same run\n", differs ? "not " : "");
	others = run_kind(4, KIND_VIAS) | run_kind(5, KIND_LINES) | run_kind(6, KIND_NO_PASSWORD);
	return failed || again || others || differs;
}

int main(int argc, char **argv)
{
	unsigned long long from = 0, to = 0;

	if (argc == 1)
		return run_sample();
	if (argc > 3 && !strcmp(argv[1], "--kind")) {
		sim.kind = kind_of(argv[2]);
		argv += 2;
		argc -= 2;
	}
	if (argc == 3 && !strcmp(argv[1], "--trace")) {
		sim.trace = 1;
		from = to = strtoull(argv[2], NULL, 10);
	} else if (argc != 2 || sscanf(argv[1], "%llu-%llu", &from, &to) != 2) {
		fprintf(stderr, "usage: wire_plans [--kind vias|lines|no-password] [FROM-TO | "
				"--trace SEED]\n");
		return 2;
	}
	return run_seeds(from, to);
}
