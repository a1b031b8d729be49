/* SPDX-License-Identifier: MIT */
/*
 * fleet_test - TAP: fleets through faults, with every invariant held; and planted bugs, each of
 * which must be noticed, or the invariants would prove nothing.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include "libfailover/config/options.h"
#include "tests/runner/settings.h"
#include "tests/sim/fleet.h"
#include "tests/sim/profiles.h"

#define SEEDS_EACH 1500u
#define MUTANT_SEEDS 600u
#define HASH_SEEDS 40u
#define PLAN_SEEDS 300u

static unsigned int count, failed;

static void ok(int good, const char *name)
{
	failed += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", ++count, name);
	fflush(stdout);
}

static int run(uint64_t seed, const struct fleet_options *options, enum fleet_mutant mutant,
	       struct fleet_totals *totals, uint64_t *hash)
{
	struct fleet_plan plan;
	char failure[256];
	int rc;

	plan_make(&plan, seed, options);
	rc = fleet_run(&plan, mutant, NULL, totals, hash, failure, sizeof(failure));
	plan_free(&plan);
	if (rc && !mutant)
		printf("# seed %llu: %s\n# replay: failover-sim --seed %llu%s%s%s --trace\n",
		       (unsigned long long)seed, failure, (unsigned long long)seed,
		       options->profile ? " --profile " : "",
		       options->profile ? failover_profile_text(options->profile) : "",
		       options->person	    ? " --person"
		       : options->emergency ? " --emergency"
					    : "");
	return rc;
}

/* FLEET_SEEDS in the environment: where a build is slow, and another has run them all. */
static unsigned int seeds_each(void)
{
	const char *text = getenv("FLEET_SEEDS");
	unsigned long number = text ? strtoul(text, NULL, 10) : SEEDS_EACH;

	return number > 0 && number < SEEDS_EACH ? (unsigned int)number : SEEDS_EACH;
}

/* SIM_BASE in the environment moves on to other seeds. */
static uint64_t base(void)
{
	const char *text = getenv("SIM_BASE");

	return text ? strtoull(text, NULL, 0) : 1;
}

/* Who is there beside the users of a seed's world. */
enum beside { NOBODY, PERSON, EMERGENCIES };

static void seeds(uint32_t profile, enum beside beside)
{
	static const char *const who[] = { "", ", while a person probes, goes back and pins",
					   ", while some call for help" };
	struct fleet_options options = { .profile = profile,
					 .person = beside == PERSON,
					 .emergency = beside == EMERGENCIES };
	struct fleet_totals totals = { 0 };
	unsigned int bad = 0, each = seeds_each();
	uint64_t hash, seed;
	char name[128];

	snprintf(name, sizeof(name), "B1 to B19 hold for fleets of profile %u%s", (unsigned)profile,
		 who[beside]);
	if (failover_profile_available(profile)) {
		printf("ok %u - %s # SKIP the profile is not in this build\n", ++count, name);
		return;
	}
	for (seed = base(); seed < base() + each && bad < 5; seed++)
		bad += run(seed, &options, MUTANT_NONE, &totals, &hash) != 0;
	printf("# %llu requests, %llu steps, %llu outputs judged, %llu moves\n",
	       (unsigned long long)totals.requests, (unsigned long long)totals.steps,
	       (unsigned long long)totals.judged, (unsigned long long)totals.moves);
	ok(!bad && totals.moves > each, name);
}

/* A planted bug that strikes in some of these seeds and is noticed. */
static void mutant_is_noticed(enum fleet_mutant mutant)
{
	struct fleet_options options = { .requests = 60 };
	struct fleet_totals totals = { 0 };
	unsigned int noticed = 0;
	uint64_t hash, seed;
	char name[96];

	snprintf(name, sizeof(name), "a planted bug is noticed: %s", mutant_name(mutant));
	if (seeds_each() < MUTANT_SEEDS) {
		printf("ok %u - %s # SKIP too few seeds for it to strike\n", ++count, name);
		return;
	}
	for (seed = 1; seed <= MUTANT_SEEDS && !noticed; seed++)
		noticed += run(seed, &options, mutant, &totals, &hash) != 0 &&
			   run(seed, &options, MUTANT_NONE, &totals, &hash) == 0;
	ok(noticed > 0, name);
}

static void same_seed_same_hash(enum fleet_mutant mutant)
{
	struct fleet_options options = { 0 };
	struct fleet_totals totals = { 0 };
	uint64_t first, second, seed, different = 0;

	for (seed = 1; seed <= HASH_SEEDS; seed++) {
		run(seed, &options, mutant, &totals, &first);
		run(seed, &options, mutant, &totals, &second);
		different += first != second;
	}
	if (mutant)
		ok(different > 0, "a planted bug is noticed: the hash differs");
	else
		ok(!different, "the same seed gives the same hash");
}

/* A plan that fails is made small, written as a scenario, and fails when read again. */
static void shrinking_works(void)
{
	struct fleet_options options = { .requests = 60 };
	struct fleet_totals totals = { 0 };
	struct fleet_plan plan, again;
	char failure[256];
	size_t i, left = 0;
	uint64_t hash, seed;
	FILE *file;
	int rc = 0;

	for (seed = 1; seed < 50 && !rc; seed++) {
		plan_make(&plan, seed, &options);
		rc = fleet_run(&plan, MUTANT_BUDGET, NULL, &totals, &hash, failure,
			       sizeof(failure));
		if (!rc)
			plan_free(&plan);
	}
	if (!rc) {
		ok(0, "a failing plan is made small");
		return;
	}
	plan_shrink(&plan, MUTANT_BUDGET, failure, sizeof(failure));
	for (i = 0; i < plan.acts_count; i++)
		left += !plan.acts[i].left_out;
	printf("# %u of %u acts are left: %s\n", (unsigned)left, (unsigned)plan.acts_count,
	       failure);
	ok(left < 20, "a failing plan is made small");
	file = fopen("fleet_test.scn", "w");
	if (file) {
		plan_write(&plan, file, failure);
		fclose(file);
	}
	rc = file ? plan_read(&again, "fleet_test.scn") : -1;
	ok(!rc && fleet_run(&again, MUTANT_BUDGET, NULL, &totals, &hash, failure, sizeof(failure)),
	   "a small plan fails again when it is read from its file");
	remove("fleet_test.scn");
	plan_free(&again);
	plan_free(&plan);
}

static int written_and_read(const struct fleet_plan *plan, struct fleet_plan *again)
{
	FILE *file = fopen("fleet_plan.scn", "w");
	int rc = file ? 0 : -1;

	if (file) {
		plan_write(plan, file, "written to be read");
		fclose(file);
		rc = plan_read(again, "fleet_plan.scn");
	}
	remove("fleet_plan.scn");
	return rc;
}

static const struct failover_line_settings *update_of(const struct fleet_plan *plan, size_t *act)
{
	while (*act < plan->acts_count && plan->acts[*act].kind != ACT_UPDATE)
		(*act)++;
	return *act < plan->acts_count ? &plan->settings[plan->acts[(*act)++].index] : NULL;
}

static int same_settings(const struct fleet_plan *a, const struct fleet_plan *b)
{
	const struct failover_line_settings *left = &a->world.settings, *right = &b->world.settings;
	size_t i = 0, k = 0;

	while (left && right && memcmp(left, right, sizeof(*left)) == 0) {
		left = update_of(a, &i);
		right = update_of(b, &k);
	}
	return !left && !right;
}

static void mark(void *user, const char *key, const char *value)
{
	unsigned int *seen = user;
	const struct fo_option *option = fo_option_find(FO_LINE, key);

	(void)value;
	if (option)
		seen[fo_option_index(option)]++;
}

/* An item of the option table that plans leave alone, or lose on their way through a file. */
static void plans_vary_every_setting(void)
{
	struct failover_line_settings usual = FAILOVER_LINE_SETTINGS_INIT;
	struct fleet_options options = { .requests = 10, .emergency = 1 };
	unsigned int seen[FO_OPTIONS_LIMIT] = { 0 }, different = 0, dull = 0;
	size_t i;

	for (i = 1; i <= PLAN_SEEDS; i++) {
		struct fleet_plan plan, again;

		plan_make(&plan, i, &options);
		settings_differ(&plan.world.settings, &usual, mark, seen);
		different += written_and_read(&plan, &again) || !same_settings(&plan, &again);
		plan_free(&again);
		plan_free(&plan);
	}
	for (i = 0; i < fo_options_count; i++) {
		if (fo_option_is_setting(&fo_options[i]) && seen[i] < PLAN_SEEDS / 20) {
			printf("# %s was varied in %u plans\n", fo_options[i].key, seen[i]);
			dull++;
		}
	}
	ok(!dull, "every setting of the option table is varied");
	ok(!different, "a plan has the settings that its file says");
}

/* What seeds have found, made small: found/NAME.scn. */
static void found(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	struct fleet_totals totals = { 0 };
	char failure[256] = "it cannot be read";
	struct fleet_plan plan;
	uint64_t hash;
	int rc;

	if (!profiles_all_in()) {
		printf("ok %u - %s # SKIP a profile is not in this build\n", ++count, name);
		return;
	}
	rc = plan_read(&plan, path);
	if (!rc)
		rc = fleet_run(&plan, MUTANT_NONE, NULL, &totals, &hash, failure, sizeof(failure));
	plan_free(&plan);
	if (rc)
		printf("# %s\n# replay: failover-sim --replay %s --trace\n", failure, path);
	ok(!rc, name);
}

static void all_found(void)
{
	const char *folder = getenv("srcdir");
	char pattern[4096];
	glob_t files;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/tests/sim/found/*.scn", folder ? folder : ".");
	if (glob(pattern, 0, NULL, &files)) {
		ok(0, "the plans of found/ are there");
		return;
	}
	for (i = 0; i < files.gl_pathc; i++)
		found(files.gl_pathv[i]);
	globfree(&files);
}

/* Where the facts are the same, so is what the core does: settings vary in any case. */
static int is_first_of_its_kind(size_t n)
{
	const struct profile_facts *is = &profiles_known[n], *other;

	for (other = profiles_known; other < is; other++)
		if (other->by_time == is->by_time && other->by_timers == is->by_timers &&
		    other->probes_proxies == is->probes_proxies)
			return 0;
	return 1;
}

int main(void)
{
	uint32_t mutant;
	size_t i;

	for (i = 0; i < PROFILES_KNOWN; i++)
		if (is_first_of_its_kind(i))
			seeds(profiles_known[i].profile, NOBODY);
	for (i = 0; i < PROFILES_KNOWN; i++)
		if (is_first_of_its_kind(i))
			seeds(profiles_known[i].profile, PERSON);
	for (i = 0; i < PROFILES_KNOWN; i++)
		if (is_first_of_its_kind(i))
			seeds(profiles_known[i].profile, EMERGENCIES);
	for (mutant = MUTANT_NONE + 1; mutant < MUTANT_HASH_DIFFERS; mutant++)
		mutant_is_noticed((enum fleet_mutant)mutant);
	same_seed_same_hash(MUTANT_NONE);
	same_seed_same_hash(MUTANT_HASH_DIFFERS);
	shrinking_works();
	plans_vary_every_setting();
	all_found();
	printf("1..%u\n", count);
	return failed != 0;
}
