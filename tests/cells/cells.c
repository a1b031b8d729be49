/* SPDX-License-Identifier: MIT */
/*
 * cells - TAP: each cell of the policy tables is changed alone, to every other value that it may
 * have, and a scenario or a simulated fleet has to notice.
 *
 *     cells [WORD]      only cells whose name has WORD in it
 *
 * Each change lives in a process of its own, as it may well hang or crash the core. Who noticed
 * last is asked first.
 */
#include "config.h" /* 64-bit file numbers: glob() needs them on 32-bit machines */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/cells/cells.h"
#include "tests/runner/scenario.h"
#include "tests/sim/fleet.h"
#include "tests/sim/profiles.h"

#define CPU_S 20u /* of one change; all scenarios and fleets take a few */
#define FLEETS 150u

enum { NOBODY = -1, FLEET = -2, CRASH = -3 };

struct bench {
	glob_t files;
	size_t *order; /* places in files, who noticed last first */
	const char *word;
	unsigned int cells, failed;
};

static int fleets_notice(void)
{
	struct fleet_options options = { .requests = 60 };
	struct fleet_totals totals = { 0 };
	struct fleet_plan plan;
	char failure[256];
	uint64_t seed, hash;
	int rc = 0;

	for (seed = 1; seed <= FLEETS && !rc; seed++) {
		plan_make(&plan, seed, &options);
		rc = fleet_run(&plan, MUTANT_NONE, NULL, &totals, &hash, failure, sizeof(failure));
		plan_free(&plan);
	}
	return rc != 0;
}

/* Place in the order of the scenario that fails, FLEET, or NOBODY. */
static int who_notices(const struct bench *bench)
{
	char *report;
	size_t i;
	int errors;

	for (i = 0; i < bench->files.gl_pathc; i++) {
		report = NULL;
		errors = scenario_run(bench->files.gl_pathv[bench->order[i]], NULL, &report);
		free(report);
		if (errors > 0)
			return (int)i;
	}
	return fleets_notice() ? FLEET : NOBODY;
}

static void child(const struct bench *bench, const struct cell *cell, unsigned int value, int out)
{
	const struct rlimit cpu = { CPU_S, CPU_S + 1 }, core = { 0, 0 };
	int who;

	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &core);
	if (cell)
		memcpy(cell->where, cell->values[value], cell->size);
	who = who_notices(bench);
	_exit(write(out, &who, sizeof(who)) == (ssize_t)sizeof(who) ? 0 : 1);
}

static int try_value(const struct bench *bench, const struct cell *cell, unsigned int value)
{
	int ends[2], who = CRASH;
	pid_t pid;

	fflush(stdout);
	if (pipe(ends))
		return NOBODY;
	pid = fork();
	if (pid == 0)
		child(bench, cell, value, ends[1]);
	close(ends[1]);
	if (pid < 0 || (read(ends[0], &who, sizeof(who)) != (ssize_t)sizeof(who)))
		who = pid < 0 ? NOBODY : CRASH;
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return who;
}

static void to_front(struct bench *bench, int who)
{
	size_t place = bench->order[who];

	memmove(bench->order + 1, bench->order, (size_t)who * sizeof(*bench->order));
	bench->order[0] = place;
}

static const char *name_of(const struct bench *bench, int who)
{
	const char *path;

	if (who < 0)
		return who == FLEET ? "a fleet" : who == CRASH ? "its crash or its hanging" : "-";
	path = bench->files.gl_pathv[bench->order[who]];
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

static void cell_try(void *user, const struct cell *cell)
{
	struct bench *bench = user;
	unsigned int value, unseen = 0;

	if (bench->word && !strstr(cell->name, bench->word))
		return;
	for (value = 0; value < cell->count; value++) {
		int who;

		if (!memcmp(cell->where, cell->values[value], cell->size))
			continue;
		who = try_value(bench, cell, value);
		unseen += who == NOBODY;
		printf("# %s: value %u is noticed by %s\n", cell->name, value, name_of(bench, who));
		if (who > 0)
			to_front(bench, who);
	}
	bench->failed += unseen != 0;
	printf("%sok %u - %s\n", unseen ? "not " : "", ++bench->cells, cell->name);
}

static int scenarios_find(struct bench *bench)
{
	const char *top = getenv("top_srcdir");
	char pattern[1024];
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/tests/scenarios/*.scn", top ? top : ".");
	if (glob(pattern, 0, NULL, &bench->files))
		return -1;
	bench->order = calloc(bench->files.gl_pathc, sizeof(*bench->order));
	for (i = 0; bench->order && i < bench->files.gl_pathc; i++)
		bench->order[i] = i;
	return bench->order ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct bench bench = { .word = argc > 1 ? argv[1] : NULL };

	if (!profiles_all_in()) {
		printf("1..0 # SKIP a profile is not in this build\n");
		return 0;
	}
	if (scenarios_find(&bench)) {
		printf("Bail out! no scenarios\n");
		return 1;
	}
	if (try_value(&bench, NULL, 0) != NOBODY) {
		printf("Bail out! the tables fail as they are\n");
		return 1;
	}
	cells_each(cell_try, &bench);
	printf("1..%u\n", bench.cells);
	free(bench.order);
	globfree(&bench.files);
	return bench.failed || !bench.cells;
}
