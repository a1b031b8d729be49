/* SPDX-License-Identifier: MIT */
/*
 * threads - several engines on several threads at once; TAP. Each must come to what it comes to
 * alone: engines, plugins and configurations share nothing. Meant for a build with TSan.
 */
#include "config.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <failover/config.h>
#include "plugins/sim/sim.h"
#include "work.h"

#define THREADS 4
#define SEEDS 3
#define READINGS 20

struct job {
	unsigned number;
	pthread_barrier_t *start; /* all begin at once */
	struct work_told alone[SEEDS];
	const char *directory; /* of configuration files, by format */
	char wrong[300];       /* what is wrong, "" = nothing */
};

static void wrong(struct job *job, const char *what, const char *why)
{
	if (!job->wrong[0])
		snprintf(job->wrong, sizeof(job->wrong), "thread %u: %s: %s", job->number, what,
			 why);
}

static uint64_t seed_of(const struct job *job, unsigned n)
{
	return 1 + job->number * SEEDS + n;
}

static void work_again(struct job *job, const struct failover_plugin *plugin)
{
	struct work_told told;
	unsigned n;
	int error;

	for (n = 0; n < SEEDS; n++) {
		error = work_run(plugin, seed_of(job, n), &told);
		if (error)
			wrong(job, "work", failover_strerror(error));
		else if (memcmp(&told, &job->alone[n], sizeof(told)))
			wrong(job, "work", "another trace than alone");
	}
}

/* ---- jobs --------------------------------------------------------------------------------- */

static void *job_engine(void *argument)
{
	struct job *job = argument;

	pthread_barrier_wait(job->start);
	work_again(job, &failover_sim_plugin);
	return NULL;
}

#ifdef FO_WITH_MODULE
static void *job_plugin(void *argument)
{
	struct job *job = argument;
	const char *build = getenv("top_builddir");
	const struct failover_plugin *plugin;
	char path[1024], why[256];
	void *handle;
	unsigned n;

	pthread_barrier_wait(job->start);
	snprintf(path, sizeof(path), "%s/plugins/sim/.libs/sim.so", build ? build : ".");
	for (n = 0; n < SEEDS; n++) {
		if (!failover_plugin_load("no/such.so", NULL, &plugin, &handle, why, sizeof(why)))
			wrong(job, "loader", "a plugin that is not there");
		if (failover_plugin_load(path, NULL, &plugin, &handle, why, sizeof(why))) {
			wrong(job, "loader", why);
			return NULL;
		}
		work_again(job, plugin);
		failover_plugin_unload(handle);
	}
	return NULL;
}
#endif

#ifdef FO_WITH_CONFIG
/* libconfuse is not re-entrant: config.h leaves it to the host to read one .conf at a time. */
static pthread_mutex_t one_conf = PTHREAD_MUTEX_INITIALIZER;

static int config_read(struct job *job, const char *name, struct failover_config **config)
{
	char path[1024];
	int error, conf = strstr(name, ".yaml") == NULL;

	snprintf(path, sizeof(path), "%s/%s/%s", job->directory, conf ? "conf" : "yaml", name);
	if (conf)
		pthread_mutex_lock(&one_conf);
	error = failover_config_read(path, NULL, NULL, config);
	if (conf)
		pthread_mutex_unlock(&one_conf);
	return error;
}

static void *job_config(void *argument)
{
	struct job *job = argument;
	struct failover_config *config;
	unsigned n, yaml;

	pthread_barrier_wait(job->start);
	for (n = 0; n < READINGS; n++) {
		yaml = (n + job->number) % 2;
		if (config_read(job, yaml ? "full.yaml" : "full.conf", &config)) {
			wrong(job, "configuration", "a good file is refused");
			return NULL;
		}
		if (config->lines_count == 0 || config->lines[0]->servers_count == 0)
			wrong(job, "configuration", "lines are missing");
		failover_config_free(config);
		if (config_read(job, yaml ? "many-errors.yaml" : "many-errors.conf", &config) !=
		    FAILOVER_ERR_ARGUMENT)
			wrong(job, "configuration", "a wrong file is accepted");
	}
	return NULL;
}
#endif

/* ---- all at once -------------------------------------------------------------------------- */

static int jobs_alone(struct job *jobs, const char *directory)
{
	unsigned i, n;

	memset(jobs, 0, THREADS * sizeof(*jobs));
	for (i = 0; i < THREADS; i++) {
		jobs[i].number = i;
		jobs[i].directory = directory;
		for (n = 0; n < SEEDS; n++)
			if (work_run(&failover_sim_plugin, seed_of(&jobs[i], n), &jobs[i].alone[n]))
				return -1;
	}
	return 0;
}

static int together(struct job *jobs, void *(*function)(void *job), const char *name)
{
	static int number; /* of TAP; main()'s thread only */
	pthread_t threads[THREADS];
	pthread_barrier_t start;
	unsigned i, failed = 0;

	if (pthread_barrier_init(&start, NULL, THREADS))
		abort();
	for (i = 0; i < THREADS; i++) {
		jobs[i].start = &start;
		if (pthread_create(&threads[i], NULL, function, &jobs[i]))
			abort();
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		if (jobs[i].wrong[0])
			printf("# %s\n", jobs[i].wrong);
		failed += jobs[i].wrong[0] != '\0';
		jobs[i].wrong[0] = '\0';
	}
	pthread_barrier_destroy(&start);
	printf("%sok %d - %s\n", failed ? "not " : "", ++number, name);
	return failed != 0;
}

int main(void)
{
	const char *top = getenv("top_srcdir");
	char directory[512];
	struct job jobs[THREADS];
	int count = 1, failed;

	snprintf(directory, sizeof(directory), "%s/tests/fuzz/corpus", top ? top : ".");
	if (jobs_alone(jobs, directory)) {
		printf("Bail out! no work can be done\n");
		return EXIT_FAILURE;
	}
	failed = together(jobs, job_engine, "an engine on each of four threads");
#ifdef FO_WITH_MODULE
	failed |= together(jobs, job_plugin, "plugins loaded, used and unloaded on four threads");
	count++;
#endif
#ifdef FO_WITH_CONFIG
	/* The good files have lines of both profiles. */
	if (failover_profile_available(FAILOVER_PROFILE_V2) ||
	    failover_profile_available(FAILOVER_PROFILE_V3))
		printf("ok %d - configurations read # SKIP a profile is not in this build\n",
		       count + 1);
	else
		failed |= together(jobs, job_config, "configurations read on four threads");
	count++;
#endif
	printf("1..%d\n", count);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
