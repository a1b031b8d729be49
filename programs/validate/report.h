/* SPDX-License-Identifier: MIT */
/* report.h - results as TAP or as JSON. */
#ifndef VALIDATE_REPORT_H
#define VALIDATE_REPORT_H

#include "runner.h"

struct report {
	bool json;
	size_t passed, failed, skipped;
};

void report_begin(struct report *report, const struct run *run);
/* For struct run.done; user is the report. */
void report_result(void *user, const struct result *result, size_t number);
void report_end(struct report *report);

#endif
