/* SPDX-License-Identifier: MIT */
/* report.c - results for people and for programs. */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

static void put_json(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ' || c >= 0x7f) /* bytes of a message need not be UTF-8 */
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

/* One line, whatever the plugin has sent. */
static void put_line(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
}

void report_begin(struct report *report, const struct run *run)
{
	if (!report->json) {
		printf("# failover-validate %s --seed %" PRIu64 "\n1..%zu\n", run->path, run->seed,
		       run->count);
		return;
	}
	printf("{\"plugin\":");
	put_json(run->path);
	printf(",\"seed\":%" PRIu64 ",\"checks\":[", run->seed);
}

static void put_tap(const struct result *result, size_t number)
{
	const struct check *check = result->check;

	printf("%sok %zu - %s%s%s", result->verdict == 'n' ? "not " : "", number, check->rule,
	       check->rule[0] ? " " : "", check->name);
	if (result->verdict == 's') {
		printf(" # SKIP ");
		put_line(result->why);
	}
	putchar('\n');
	if (result->verdict != 'n')
		return;
	printf("# wanted: %s\n# found: ", check->what);
	put_line(result->why);
	putchar('\n');
}

static void put_object(const struct result *result, size_t number)
{
	const char *verdict = result->verdict == 'o'   ? "ok"
			      : result->verdict == 'n' ? "failed"
						       : "skipped";

	printf("%s\n{\"name\":", number > 1 ? "," : "");
	put_json(result->check->name);
	printf(",\"rule\":");
	put_json(result->check->rule);
	printf(",\"result\":\"%s\",\"reason\":", verdict);
	put_json(result->why);
	printf(",\"ms\":%" PRIu64 "}", result->ms);
}

void report_result(void *user, const struct result *result, size_t number)
{
	struct report *report = user;

	report->passed += result->verdict == 'o';
	report->failed += result->verdict == 'n';
	report->skipped += result->verdict == 's';
	if (report->json)
		put_object(result, number);
	else
		put_tap(result, number);
	fflush(stdout);
}

void report_end(struct report *report)
{
	printf(report->json ? "\n],\"passed\":%zu,\"failed\":%zu,\"skipped\":%zu}\n"
			    : "# %zu passed, %zu failed, %zu skipped\n",
	       report->passed, report->failed, report->skipped);
}
