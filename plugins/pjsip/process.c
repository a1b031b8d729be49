/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.c - see process.h.
 *
 * Left alone, PJSIP logs to standard output, where a program has its own lines: events, results of
 * tests. From the first instance to the last, errors go to standard error instead, and the rest
 * nowhere; then level and function are what they were. A program that has given PJSIP a function of
 * its own keeps that, and its level.
 */
#include <pthread.h>
#include <unistd.h>
#include <pjlib.h>
#include <failover/plugin.h>
#include "process.h"

#define LEVEL_ERRORS 1

/* The setting up of the parser, in all of PJSIP 2; in no header. An endpoint would do it, too, but
 * there can be one in a process only: the application's. */
void init_sip_parser(void);
void deinit_sip_parser(void);

/* The log is the process's, and so is this. pjlib counts its users without a lock. */
static struct pjsip_process {
	pthread_mutex_t lock;
	unsigned users;
	int level_before;
} process = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- the log ------------------------------------------------------------------------------ */

/* Without stdio: a program may have put what it likes into stderr's buffer. */
static void to_standard_error(int level, const char *text, int length)
{
	ssize_t written = -1;

	if (level <= LEVEL_ERRORS && length > 0)
		written = write(STDERR_FILENO, text, (size_t)length);
	(void)written; /* nobody else could be told */
}

static void begin_log(void)
{
	if (process.users++ || pj_log_get_log_func() != pj_log_write)
		return;
	process.level_before = pj_log_get_level();
	pj_log_set_log_func(to_standard_error);
	if (process.level_before > LEVEL_ERRORS)
		pj_log_set_level(LEVEL_ERRORS);
}

/* What the program has changed meanwhile stays. */
static void end_log(void)
{
	if (--process.users || pj_log_get_log_func() != to_standard_error)
		return;
	pj_log_set_log_func(pj_log_write);
	if (pj_log_get_level() == LEVEL_ERRORS)
		pj_log_set_level(process.level_before);
}

/* ---- pjlib, the parser -------------------------------------------------------------------- */

void fo_pjsip_enter(void)
{
	static _Thread_local pj_thread_desc desc;
	pj_thread_t *thread;

	if (!pj_thread_is_registered())
		(void)pj_thread_register("failover", desc, &thread);
}

int fo_pjsip_process_begin(void)
{
	int error = FAILOVER_OK;

	pthread_mutex_lock(&process.lock);
	begin_log(); /* pj_init() logs already */
	if (pj_init() == PJ_SUCCESS) {
		fo_pjsip_enter();
		init_sip_parser();
	} else {
		end_log();
		error = FAILOVER_ERR_MEMORY;
	}
	pthread_mutex_unlock(&process.lock);
	return error;
}

void fo_pjsip_process_end(void)
{
	pthread_mutex_lock(&process.lock);
	deinit_sip_parser();
	pj_shutdown();
	end_log();
	pthread_mutex_unlock(&process.lock);
}
