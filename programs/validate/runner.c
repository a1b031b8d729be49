/* SPDX-License-Identifier: MIT */
/* runner.c - each check in a process of its own: a crash or a hang is that check's failure. */
#include "runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 64u

struct job {
	struct result *result; /* NULL = free */
	pid_t pid;
	int fd;
	uint64_t started_at;
	size_t got;
	char text[1 + BENCH_TEXT]; /* the verdict's letter, and why */
};

/* Every check has numbers of its own, whatever ran before it. */
static uint64_t seed_of(const struct run *run, const struct check *check)
{
	uint64_t hash = run->seed + UINT64_C(14695981039346656037);
	const char *at;

	for (at = check->name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
	return hash;
}

static bool run_here(const struct run *run, struct result *result)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	uint64_t started_at = host_real_ms();

	if (!bench)
		return false;
	bench->path = run->path;
	bench->in_process = run->in_process;
	bench->seed = seed_of(run, result->check);
	bench_run(bench, result->check);
	result->verdict = bench->verdict;
	snprintf(result->why, sizeof(result->why), "%s", bench->why);
	result->ms = host_real_ms() - started_at;
	free(bench);
	return true;
}

/* ---- children ----------------------------------------------------------------------------- */

static void child(const struct run *run, struct result *result, int fd)
{
	char text[1 + BENCH_TEXT];
	int length;

	/* What a plugin prints must not look like a result. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (!run_here(run, result))
		_exit(2);
	length = snprintf(text, sizeof(text), "%c%s", result->verdict, result->why);
	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	_exit(write(fd, text, (size_t)length) == length ? 0 : 2);
}

static bool start(const struct run *run, struct job *job, struct result *result)
{
	int ends[2];

	if (pipe(ends))
		return false;
	fflush(NULL);
	job->pid = fork();
	if (job->pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return false;
	}
	if (!job->pid) {
		close(ends[0]);
		/* Also over what a plugin may have started. */
		setpgid(0, 0);
		child(run, result, ends[1]);
	}
	close(ends[1]);
	job->result = result;
	job->fd = ends[0];
	job->got = 0;
	job->started_at = host_real_ms();
	return true;
}

static void fail(struct result *result, const char *why)
{
	result->verdict = 'n';
	snprintf(result->why, sizeof(result->why), "%s", why);
}

/* The child has ended, or was ended. */
static void judge(struct job *job, int status, bool too_long, unsigned limit_s)
{
	struct result *result = job->result;
	char why[BENCH_TEXT];

	job->text[job->got] = '\0';
	if (too_long) {
		snprintf(why, sizeof(why), "it hangs: no end within %u s", limit_s);
		fail(result, why);
	} else if (WIFSIGNALED(status)) {
		snprintf(why, sizeof(why), "the process was ended by signal %d (SIG%s)",
			 WTERMSIG(status), sigabbrev_np(WTERMSIG(status)));
		fail(result, why);
	} else if (!job->got || status) {
		snprintf(why, sizeof(why), "the process ended with status %d", WEXITSTATUS(status));
		fail(result, why);
	} else {
		result->verdict = job->text[0];
		snprintf(result->why, sizeof(result->why), "%s", job->text + 1);
	}
	result->ms = host_real_ms() - job->started_at;
}

static void finish(const struct run *run, struct job *job, bool too_long)
{
	int status = 0;

	if (too_long)
		kill(job->pid, SIGKILL);
	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)kill(-job->pid, SIGKILL); /* its group: mostly nobody is left */
	close(job->fd);
	judge(job, status, too_long, run->limit_s);
	job->result = NULL;
}

static void look(const struct run *run, struct job *job, bool readable)
{
	ssize_t got = -1;

	if (readable) {
		got = read(job->fd, job->text + job->got, sizeof(job->text) - 1 - job->got);
		if (got > 0)
			job->got += (size_t)got;
	}
	if (got == 0)
		finish(run, job, false);
	else if (host_real_ms() - job->started_at >= run->limit_s * UINT64_C(1000))
		finish(run, job, true);
}

static unsigned wait_for_any(const struct run *run, struct job *jobs)
{
	struct pollfd fds[JOBS_MAX];
	unsigned i, busy = 0;

	for (i = 0; i < run->jobs; i++) {
		fds[i] =
			(struct pollfd){ .fd = jobs[i].result ? jobs[i].fd : -1, .events = POLLIN };
		busy += jobs[i].result != NULL;
	}
	if (busy)
		(void)poll(fds, run->jobs, 100);
	for (i = 0; i < run->jobs; i++)
		if (jobs[i].result)
			look(run, &jobs[i], fds[i].revents != 0);
	return busy;
}

static size_t tell(const struct run *run, size_t told)
{
	while (told < run->count && run->results[told].verdict) {
		run->done(run->user, &run->results[told], told + 1);
		told++;
	}
	return told;
}

static bool run_children(struct run *run)
{
	struct job jobs[JOBS_MAX];
	size_t next = 0, told = 0;
	bool good = true;
	unsigned i;

	memset(jobs, 0, sizeof(jobs));
	do {
		for (i = 0; good && i < run->jobs && next < run->count; i++)
			if (!jobs[i].result)
				good = start(run, &jobs[i], &run->results[next++]);
		if (!wait_for_any(run, jobs) && !good)
			break;
		told = tell(run, told);
	} while (told < run->count);
	return good;
}

bool runner_run(struct run *run)
{
	size_t i;

	if (run->jobs > JOBS_MAX)
		run->jobs = JOBS_MAX;
	if (!run->in_process)
		return run_children(run);
	for (i = 0; i < run->count; i++) {
		if (!run_here(run, &run->results[i]))
			return false;
		run->done(run->user, &run->results[i], i + 1);
	}
	return true;
}
