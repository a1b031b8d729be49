/* SPDX-License-Identifier: MIT */
/* further.c - TAP: a profile that is one more row of core/policy.c, and nothing else. */
#include <stdlib.h>
#include <string.h>
#include "tests/runner/scenario.h"

int main(void)
{
	const char *top = getenv("top_srcdir");
	char *report = NULL, path[1024];
	uint32_t profile = 0;
	int failed;

	snprintf(path, sizeof(path), "%s/tests/profile/B3_further_profile.scn", top ? top : ".");
	failed = scenario_run(path, NULL, &report);
	if (report)
		fputs(report, stdout);
	free(report);
	printf("%sok 1 - B3 a further profile is a further row\n", failed ? "not " : "");
	failed |= failover_profile_find("further", &profile) ||
		  strcmp(failover_profile_text(profile), "further") != 0 ||
		  failover_profile_find("v1", &profile) == FAILOVER_OK;
	printf("%sok 2 - its name is found, and leads back to it\n1..2\n", failed ? "not " : "");
	return failed != 0;
}
