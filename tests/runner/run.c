/* SPDX-License-Identifier: MIT */
/* run.c - one scenario from its file to its report. */
#include <stdlib.h>
#include "tests/runner/scenario.h"

int scenario_run(const char *path, FILE *trace, char **report)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));
	int errors = 1, skip = 0;
	size_t size = 0;

	if (!scenario)
		return 1;
	scenario->path = path;
	scenario->report = open_memstream(report, &size);
	if (!scenario->report)
		goto out;
	if (!scenario_read(scenario)) {
		skip = failover_profile_available(scenario->settings.profile) != FAILOVER_OK;
		if (!skip)
			scenario_play(scenario, trace);
	}
	errors = scenario->errors != 0;
	fclose(scenario->report);
out:
	scenario_free(scenario);
	free(scenario);
	return skip ? -1 : errors;
}
