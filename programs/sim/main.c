/* SPDX-License-Identifier: MIT */
/*
 * failover-sim - runs fleets of simulated lines through faults and judges every step.
 *
 * It needs libc and the core, no file but those it is given, and no clock but for the figures at
 * the end; a seed gives the same run on every machine.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "storm.h"
#include "tests/sim/fleet.h"

struct tool {
	struct fleet_options options;
	uint64_t from, to;
	int trace, hash;
	enum fleet_mutant mutant;
	const char *shrink, *replay;
	struct fleet_totals totals;
	unsigned int failed;
};

static const char usage[] =
	"usage: failover-sim [--seed N | --seeds A-B] [--requests N] [--lines N] [--targets N]\n"
	"                    [--profile NAME] [--faults LIST] [--person] [--emergency]\n"
	"                    [--trace] [--hash] [--shrink FILE] [--mutant NAME]\n"
	"       failover-sim --replay FILE [--trace] [--hash]\n"
	"       failover-sim fleet ... (see failover-sim fleet --help)\n"
	"       failover-sim --help | --version\n";

static const char help[] =
	"\n"
	"Runs fleets of simulated lines through faults and judges every step.\n"
	"  --seed N, --seeds A-B     which worlds; 1-100 if not said\n"
	"  --requests N, --lines N, --targets N\n"
	"                            of each world; as the seed decides if not said\n"
	"  --profile NAME            one profile only\n"
	"  --faults LIST             only these kinds, separated by commas; all; none\n"
	"  --person                  somebody probes, goes back, pins and unpins, too\n"
	"  --emergency               some of the calls are for help\n"
	"  --trace                   everything that happens\n"
	"  --hash                    one number for each seed: the same run has the same\n"
	"  --shrink FILE             write the first failing world there, made small\n"
	"  --mutant NAME             plant a bug, which must be noticed\n"
	"  --replay FILE             run a file that --shrink wrote, or any scenario\n"
	"Exit status: 0 all held, 1 something broke, 2 wrong usage. See failover-sim(1).\n";

static int number(const char *text, uint64_t most, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return errno || *end || end == text || *text == '-' || *value > most;
}

static int range(const char *text, struct tool *tool)
{
	char first[32];
	const char *dash = strchr(text, '-');
	size_t length = dash ? (size_t)(dash - text) : sizeof(first);

	if (length >= sizeof(first))
		return 1;
	memcpy(first, text, length);
	first[length] = 0;
	return number(first, UINT64_MAX, &tool->from) || number(dash + 1, UINT64_MAX, &tool->to) ||
	       tool->to < tool->from;
}

/* "silent,icmp", "all", "none" */
static int faults(const char *text, struct tool *tool)
{
	const uint32_t all = (1u << FAULT_COUNT) - 1;
	uint32_t fault;
	size_t length;

	for (; *text; text += length + (text[length] == ',')) {
		length = strcspn(text, ",");
		if (length == 3 && !strncmp(text, "all", 3)) {
			tool->options.faults |= all;
			continue;
		}
		if (length == 4 && !strncmp(text, "none", 4)) {
			tool->options.faults |= FLEET_NO_FAULTS;
			continue;
		}
		for (fault = 0; fault < FAULT_COUNT; fault++)
			if (strlen(fault_name(fault)) == length &&
			    !strncmp(text, fault_name(fault), length))
				break;
		if (fault == FAULT_COUNT)
			return 1;
		tool->options.faults |= 1u << fault;
	}
	return 0;
}

static int mutant(const char *text, struct tool *tool)
{
	uint32_t i;

	for (i = 0; i < MUTANT_COUNT && strcmp(text, mutant_name((enum fleet_mutant)i)); i++)
		;
	tool->mutant = (enum fleet_mutant)i;
	return i == MUTANT_COUNT;
}

static int profile(const char *text, struct tool *tool)
{
	return failover_profile_find(text, &tool->options.profile) != FAILOVER_OK;
}

static int option(int c, struct tool *tool)
{
	uint64_t value = 0;

	switch (c) {
	case 's':
		if (number(optarg, UINT64_MAX, &tool->from))
			return 1;
		tool->to = tool->from;
		return 0;
	case 'S':
		return range(optarg, tool);
	case 'r':
		if (number(optarg, 100000, &value))
			return 1;
		tool->options.requests = (uint32_t)value;
		return 0;
	case 'l':
		if (number(optarg, FLEET_LINES, &value))
			return 1;
		tool->options.lines = (uint32_t)value;
		return 0;
	case 't':
		if (number(optarg, FLEET_LIST, &value))
			return 1;
		tool->options.targets = (uint32_t)value;
		return 0;
	case 'p':
		return profile(optarg, tool);
	case 'f':
		return faults(optarg, tool);
	case 'm':
		return mutant(optarg, tool);
	case 'P':
		tool->options.person = 1;
		return 0;
	case 'E':
		tool->options.emergency = 1;
		return 0;
	case 'T':
		tool->trace = 1;
		return 0;
	case 'h':
		tool->hash = 1;
		return 0;
	case 'x':
		tool->shrink = optarg;
		return 0;
	case 'R':
		tool->replay = optarg;
		return 0;
	}
	return 1;
}

static int arguments(int argc, char **argv, struct tool *tool)
{
	static const struct option options[] = {
		{ "seed", 1, NULL, 's' },     { "seeds", 1, NULL, 'S' },
		{ "requests", 1, NULL, 'r' }, { "lines", 1, NULL, 'l' },
		{ "targets", 1, NULL, 't' },  { "profile", 1, NULL, 'p' },
		{ "faults", 1, NULL, 'f' },   { "mutant", 1, NULL, 'm' },
		{ "person", 0, NULL, 'P' },   { "trace", 0, NULL, 'T' },
		{ "hash", 0, NULL, 'h' },     { "shrink", 1, NULL, 'x' },
		{ "replay", 1, NULL, 'R' },   { "help", 0, NULL, 'H' },
		{ "version", 0, NULL, 'V' },  { "emergency", 0, NULL, 'E' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'H' || c == 'V') {
			if (c == 'H')
				printf("%s%s", usage, help);
			else
				printf("failover-sim %s\n", failover_version());
			exit(fflush(stdout) ? 1 : 0);
		}
		if (option(c, tool))
			return 1;
	}
	return optind != argc;
}

static void shrink(struct tool *tool, struct fleet_plan *plan, char *failure, size_t size)
{
	uint32_t runs = plan_shrink(plan, tool->mutant, failure, size);
	FILE *file = fopen(tool->shrink, "w");

	if (!file) {
		fprintf(stderr, "failover-sim: %s: %s\n", tool->shrink, strerror(errno));
		return;
	}
	plan_write(plan, file, failure);
	fclose(file);
	printf("shrunk in %u runs: failover-sim --replay %s\n", (unsigned)runs, tool->shrink);
	tool->shrink = NULL; /* the first failure is enough for one file */
}

/* The command that shows the failure again. */
static void say_replay(const struct tool *tool, uint64_t seed)
{
	const struct fleet_options *o = &tool->options;
	uint32_t fault;
	const char *comma = "";

	if (tool->replay) {
		printf("replay: failover-sim --replay %s --trace\n", tool->replay);
		return;
	}
	printf("replay: failover-sim --seed %llu", (unsigned long long)seed);
	if (o->requests)
		printf(" --requests %u", (unsigned)o->requests);
	if (o->lines)
		printf(" --lines %u", (unsigned)o->lines);
	if (o->targets)
		printf(" --targets %u", (unsigned)o->targets);
	if (o->profile)
		printf(" --profile %s", failover_profile_text(o->profile));
	if (o->person)
		printf(" --person");
	if (o->emergency)
		printf(" --emergency");
	if (o->faults)
		printf(" --faults %s", o->faults & FLEET_NO_FAULTS ? "none" : "");
	for (fault = 0; fault < FAULT_COUNT && !(o->faults & FLEET_NO_FAULTS); fault++) {
		if (o->faults >> fault & 1) {
			printf("%s%s", comma, fault_name((enum fleet_fault)fault));
			comma = ",";
		}
	}
	if (tool->mutant)
		printf(" --mutant %s", mutant_name(tool->mutant));
	printf(" --trace\n");
}

static void run(struct tool *tool, struct fleet_plan *plan, uint64_t seed)
{
	char failure[256];
	uint64_t hash;
	int rc = fleet_run(plan, tool->mutant, tool->trace ? stdout : NULL, &tool->totals,
			   tool->hash ? &hash : NULL, failure, sizeof(failure));

	if (tool->hash)
		printf("%llu %016llx\n", (unsigned long long)seed, (unsigned long long)hash);
	if (!rc)
		return;
	tool->failed++;
	printf("seed %llu: %s\n", (unsigned long long)seed, failure);
	say_replay(tool, seed);
	if (tool->shrink)
		shrink(tool, plan, failure, sizeof(failure));
	fflush(stdout);
}

static void summary(const struct tool *tool, double seconds)
{
	const struct fleet_totals *t = &tool->totals;
	uint32_t fault;

	printf("%llu seeds, %llu requests (%llu of users), %llu calls up, %llu steps, "
	       "%llu packets, %llu outputs judged\n",
	       (unsigned long long)t->seeds, (unsigned long long)t->requests,
	       (unsigned long long)t->user_requests, (unsigned long long)t->calls_up,
	       (unsigned long long)t->steps, (unsigned long long)t->packets,
	       (unsigned long long)t->judged);
	printf("%llu moves, %llu probes, %llu late 2xx; %llu hours of virtual time\n",
	       (unsigned long long)t->moves, (unsigned long long)t->probes,
	       (unsigned long long)t->late_2xx, (unsigned long long)t->virtual_ms / 3600000);
	printf("faults:");
	for (fault = 0; fault < FAULT_COUNT; fault++)
		if (t->faults[fault])
			printf(" %s %llu", fault_name((enum fleet_fault)fault),
			       (unsigned long long)t->faults[fault]);
	printf("\n%s: %u of %llu seeds failed; %.1f s, %.0f steps/s\n",
	       tool->failed ? "INVARIANTS BROKEN" : "all invariants held", tool->failed,
	       (unsigned long long)t->seeds, seconds, (double)t->steps / (seconds + 1e-9));
}

int main(int argc, char **argv)
{
	struct tool tool = { .from = 1, .to = 100 };
	struct timespec begin, end;
	struct fleet_plan plan;
	uint64_t seed;

	if (argc > 1 && strcmp(argv[1], "fleet") == 0)
		return storm_main(argc - 1, argv + 1);
	if (arguments(argc, argv, &tool)) {
		fputs(usage, stderr);
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (tool.replay) {
		if (plan_read(&plan, tool.replay))
			return 2;
		run(&tool, &plan, plan.seed);
		plan_free(&plan);
	} else {
		for (seed = tool.from; seed >= tool.from && seed <= tool.to; seed++) {
			plan_make(&plan, seed, &tool.options);
			run(&tool, &plan, seed);
			plan_free(&plan);
		}
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (!tool.hash)
		summary(&tool, (double)(end.tv_sec - begin.tv_sec) +
				       (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
	return tool.failed != 0;
}
