/* SPDX-License-Identifier: MIT */
/* failover-validate: does a plugin keep its contract? */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "report.h"
#include "runner.h"

/* Fixed: other people's scripts rely on them. */
enum status { STATUS_GOOD = 0, STATUS_FAILED = 1, STATUS_ELSE = 2 };

#define CHECKS_MAX 128u

static const struct check *const lists[] = {
	contract_checks, life_checks,	 invite_checks, late_checks,	 register_checks,
	auth_checks,	 network_checks, stream_checks, incoming_checks, transaction_checks,
};

static const char usage_text[] = "Usage: failover-validate [OPTION...] PLUGIN.so\n"
				 "       failover-validate --list | --help | --version\n";

static const char help_text[] =
	"\n"
	"Runs the plugin against its contract (failover/plugin.h) and against servers that are\n"
	"well, silent, late, broken or not there. Servers are sockets on 127.0.0.2, .3 and .4.\n"
	"\n"
	"  --list              the names of all checks, and what each wants\n"
	"  --only NAME[,NAME]  these checks alone\n"
	"  --seed NUMBER       order of the checks and all random input; printed by every run\n"
	"  --jobs NUMBER       so many checks at the same time (1-64, default 8)\n"
	"  --limit SECONDS     a check that takes longer has failed (default 20)\n"
	"  --in-process        no child processes, for a debugger; a crash ends everything\n"
	"  --json              one JSON object instead of TAP\n"
	"\n"
	"Exit status: 0 no check failed, 1 one or more failed, 2 anything else.\n";

/* ---- which checks ------------------------------------------------------------------------- */

static size_t collect(struct result *results)
{
	size_t i, count = 0;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct check *check = lists[i];

		for (; check->name && count < CHECKS_MAX; check++)
			results[count++].check = check;
	}
	return count;
}

static int list(void)
{
	struct result results[CHECKS_MAX];
	size_t i, count = collect(results);

	for (i = 0; i < count; i++)
		printf("%-24s %-4s %s\n", results[i].check->name, results[i].check->rule,
		       results[i].check->what);
	return STATUS_GOOD;
}

static const struct check *find(const char *name, size_t length)
{
	struct result results[CHECKS_MAX];
	size_t i, count = collect(results);

	for (i = 0; i < count; i++)
		if (strlen(results[i].check->name) == length &&
		    !strncmp(results[i].check->name, name, length))
			return results[i].check;
	return NULL;
}

/* Names separated by commas. Returns how many, 0 = one is not known. */
static size_t choose(const char *names, struct result *results)
{
	size_t count = 0, length;

	while (*names && count < CHECKS_MAX) {
		length = strcspn(names, ",");
		results[count].check = find(names, length);
		if (!results[count].check) {
			fprintf(stderr, "failover-validate: no check is named %.*s (see --list)\n",
				(int)length, names);
			return 0;
		}
		count++;
		names += length + (names[length] == ',');
	}
	return count;
}

/* Fisher and Yates. */
static void shuffle(struct result *results, size_t count, uint64_t seed)
{
	struct bench *dice = calloc(1, sizeof(*dice));
	struct result swap;
	size_t i, j;

	if (!dice)
		return;
	dice->seed = seed;
	for (i = count; i > 1; i--) {
		j = bench_random(dice) % i;
		swap = results[i - 1];
		results[i - 1] = results[j];
		results[j] = swap;
	}
	free(dice);
}

/* ---- options ------------------------------------------------------------------------------ */

enum option_value {
	OPT_LIST = 256,
	OPT_ONLY,
	OPT_SEED,
	OPT_JOBS,
	OPT_LIMIT,
	OPT_HERE,
	OPT_JSON,
	OPT_HELP,
	OPT_VERSION
};

static const struct option long_options[] = {
	{ "list", no_argument, NULL, OPT_LIST },
	{ "only", required_argument, NULL, OPT_ONLY },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "in-process", no_argument, NULL, OPT_HERE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static bool number(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	char *rest;

	errno = 0;
	*out = strtoull(text, &rest, 10);
	if (text[0] >= '0' && text[0] <= '9' && !*rest && !errno && *out >= least && *out <= most)
		return true;
	fprintf(stderr, "failover-validate: %s is not a number from %" PRIu64 " to %" PRIu64 "\n",
		text, least, most);
	return false;
}

struct settings {
	struct run run;
	const char *only;
	bool json;
	int status; /* -1 = go on */
};

static int tell(const char *text, const char *more)
{
	fputs(text, stdout);
	fputs(more, stdout);
	return STATUS_GOOD;
}

static int wrong_usage(void)
{
	fputs(usage_text, stderr);
	return STATUS_ELSE;
}

static bool take_number(struct settings *settings, int option)
{
	uint64_t value;
	bool good = option == OPT_SEED	 ? number(optarg, 0, UINT64_MAX, &value)
		    : option == OPT_JOBS ? number(optarg, 1, 64, &value)
					 : number(optarg, 1, 3600, &value);

	if (!good)
		return false;
	if (option == OPT_SEED)
		settings->run.seed = value;
	else if (option == OPT_JOBS)
		settings->run.jobs = (unsigned)value;
	else
		settings->run.limit_s = (unsigned)value;
	return true;
}

static void take_option(struct settings *settings, int option)
{
	if (option == OPT_LIST)
		settings->status = list();
	else if (option == OPT_HELP)
		settings->status = tell(usage_text, help_text);
	else if (option == OPT_VERSION)
		settings->status = tell("failover-validate ", failover_version()), putchar('\n');
	else if (option == OPT_ONLY)
		settings->only = optarg;
	else if (option == OPT_HERE)
		settings->run.in_process = true;
	else if (option == OPT_JSON)
		settings->json = true;
	else if (option == '?')
		settings->status = wrong_usage();
	else if (!take_number(settings, option))
		settings->status = STATUS_ELSE;
}

/* ---- run ---------------------------------------------------------------------------------- */

static int validate(struct settings *settings, struct result *results)
{
	struct report report = { .json = settings->json };
	struct run *run = &settings->run;

	run->results = results;
	run->count = settings->only ? choose(settings->only, results) : collect(results);
	if (!run->count)
		return STATUS_ELSE;
	shuffle(results, run->count, run->seed);
	run->done = report_result;
	run->user = &report;
	report_begin(&report, run);
	if (!runner_run(run)) {
		fprintf(stderr, "failover-validate: %s\n", strerror(errno));
		return STATUS_ELSE;
	}
	report_end(&report);
	if (fflush(stdout) || ferror(stdout))
		return STATUS_ELSE;
	return report.failed ? STATUS_FAILED : STATUS_GOOD;
}

int main(int argc, char **argv)
{
	struct settings settings = {
		.run = { .seed = (uint64_t)time(NULL), .jobs = 8, .limit_s = 20 },
		.status = -1,
	};
	struct result *results;
	char path[4096];
	int option, status;

	signal(SIGPIPE, SIG_IGN);
	while (settings.status < 0 &&
	       (option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take_option(&settings, option);
	if (settings.status >= 0)
		return settings.status;
	if (argc - optind != 1)
		return wrong_usage();
	/* A path with a slash is a file; without one it would be looked for among the plugins. */
	snprintf(path, sizeof(path), "%s%s", strchr(argv[optind], '/') ? "" : "./", argv[optind]);
	settings.run.path = path;
	if (access(path, R_OK)) {
		fprintf(stderr, "failover-validate: %s: %s\n", path, strerror(errno));
		return STATUS_ELSE;
	}
	results = calloc(CHECKS_MAX, sizeof(*results));
	if (!results || parser_init())
		return STATUS_ELSE;
	status = validate(&settings, results);
	free(results);
	return status;
}
