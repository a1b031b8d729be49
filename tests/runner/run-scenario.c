/* SPDX-License-Identifier: MIT */
/*
 * run-scenario - runs scenario files on the simulated stack and prints TAP, one test a file.
 *
 *     run-scenario [--trace] [FILE.scn ...]
 *
 * Without files it runs all *.scn of $top_srcdir/tests/scenarios. --trace prints what is seen, in
 * the words of `expect`.
 */
#include "config.h" /* 64-bit file numbers: readdir() needs them on 32-bit machines */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include "tests/runner/scenario.h"

static int is_scenario(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 4 && !strcmp(entry->d_name + length - 4, ".scn");
}

/* Returns 0 when everything was as expected. */
static int scenario_tell(const char *path, unsigned int number, FILE *trace)
{
	const char *slash = strrchr(path, '/');
	char *report = NULL;
	int errors = scenario_run(path, trace, &report);

	printf("%sok %u - %s%s\n", errors > 0 ? "not " : "", number, slash ? slash + 1 : path,
	       errors < 0 ? " # SKIP its profile is left out of this build" : "");
	fputs(report ? report : "# no memory\n", stdout);
	fflush(stdout);
	free(report);
	return errors > 0;
}

static int directory_run(FILE *trace)
{
	const char *top = getenv("top_srcdir");
	struct dirent **entries;
	char directory[512], path[1024];
	int i, count, failed = 0;

	snprintf(directory, sizeof(directory), "%s/tests/scenarios", top ? top : ".");
	count = scandir(directory, &entries, is_scenario, alphasort);
	if (count < 0) {
		printf("Bail out! %s cannot be read\n", directory);
		return 1;
	}
	printf("1..%d\n", count);
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		failed |= scenario_tell(path, (unsigned int)i + 1, trace);
		free(entries[i]);
	}
	free(entries);
	return failed || !count;
}

int main(int argc, char **argv)
{
	int i, first = 1, failed = 0;
	FILE *trace = NULL;

	if (argc > 1 && !strcmp(argv[1], "--trace")) {
		trace = stdout;
		first = 2;
	}
	if (first == argc)
		return directory_run(trace);
	printf("1..%d\n", argc - first);
	for (i = first; i < argc; i++)
		failed |= scenario_tell(argv[i], (unsigned int)(i - first + 1), trace);
	return failed;
}
