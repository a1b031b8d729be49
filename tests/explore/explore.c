/* SPDX-License-Identifier: MIT */
/* explore.c - explores all configurations, or the ones named; prints TAP. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "explore.h"

/* What `make check` may take: deep enough for every row of every table, in some seconds. */
#define SHORT_STATES 30000u
#define SHORT_SAMPLE 7u
#define LONG_SAMPLE 16u
#define MEMORY_MOST (UINT64_C(4) << 30)

struct options {
	int is_long;
	unsigned depth;
	uint64_t states;
	char **names;
	int names_count;
};

static int wanted(const struct options *options, const char *name)
{
	int i;

	for (i = 0; i < options->names_count; i++)
		if (!strcmp(options->names[i], name))
			return 1;
	return options->names_count == 0;
}

static struct ex_limits limits_of(const struct options *options, const struct ex_config *config)
{
	struct ex_limits limits = {
		.memory = MEMORY_MOST,
		.states = options->states,
		.depth = options->is_long ? config->long_depth : config->short_depth,
		.sample = options->is_long ? LONG_SAMPLE : SHORT_SAMPLE,
	};

	if (!options->is_long && !options->states)
		limits.states = SHORT_STATES;
	if (options->depth)
		limits.depth = options->depth;
	return limits;
}

static unsigned explore(const struct options *options, const struct ex_config *config,
			unsigned test)
{
	struct ex_limits limits = limits_of(options, config);
	struct ex_figures figures;
	int wrong;

	if (failover_profile_available(config->profile)) {
		printf("ok %u - %s # SKIP the profile is left out of this build\n", test,
		       config->name);
		return 0;
	}
	wrong = ex_search(config, &limits, &figures);
	printf("%sok %u - %s: %llu states, %llu transitions, depth %u, closed: %s; what follows "
	       "from %llu states, %llu ways taken again; %llu MiB\n",
	       wrong ? "not " : "", test, config->name, (unsigned long long)figures.states,
	       (unsigned long long)figures.transitions, figures.depth,
	       figures.closed ? "yes" : "no", (unsigned long long)figures.checked,
	       (unsigned long long)figures.replayed, (unsigned long long)figures.memory >> 20);
	fflush(stdout);
	return wrong != 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: explore [--long] [--depth N] [--states N] [CONFIGURATION...]\n");
	return 2;
}

static int parse(struct options *options, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--long"))
			options->is_long = 1;
		else if (!strcmp(argv[i], "--depth") && i + 1 < argc)
			options->depth = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--states") && i + 1 < argc)
			options->states = strtoull(argv[++i], NULL, 10);
		else
			return 0;
	}
	options->names = argv + i;
	options->names_count = argc - i;
	return 1;
}

int main(int argc, char **argv)
{
	struct options options = { .is_long = 0 };
	unsigned test = 0, wrong = 0;
	size_t i;

	if (!parse(&options, argc, argv))
		return usage();
	for (i = 0; i < ex_configs_count; i++)
		if (wanted(&options, ex_configs[i].name))
			wrong += explore(&options, &ex_configs[i], ++test);
	if (!options.names_count) {
		if (!profiles_all_in())
			printf("ok %u - rows # SKIP a profile is left out of this build\n", ++test);
		else
			wrong += ex_rows_report(&test);
	}
	printf("1..%u\n", test);
	return wrong != 0;
}
