/* SPDX-License-Identifier: MIT */
/* loop.c - one round of libre's loop at a time. */
#define _GNU_SOURCE /* gettid */
#include <sys/resource.h>
#include <unistd.h>
#define DEBUG_MODULE "libfailover"
#define DEBUG_LEVEL 4
#include "libre.h"
#include <re_dbg.h>
#include <failover/plugin.h>
#include "loop.h"

#define TABLE_MIN 1024
#define TABLE_MAX 65536

/* As many as this process may have: libre's table is of one size, and a descriptor beyond it is
 * refused. Only the first to ask has a say. */
static int table_size(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < TABLE_MIN)
		return TABLE_MIN;
	return limit.rlim_cur > TABLE_MAX ? TABLE_MAX : (int)limit.rlim_cur;
}

int fo_re_loop_open(void)
{
	/* Its complaints of peers go to standard error. */
	dbg_init(DBG_ERR, DBG_NONE);
	if (libre_init())
		return FAILOVER_ERR_IO;
	/* Further threads get a loop of their own, which libre ends with them. */
	if (gettid() != getpid())
		(void)re_thread_init();
	(void)fd_setsize(table_size());
	return FAILOVER_OK;
}

static void on_end(void *arg)
{
	(void)arg;
	re_cancel();
}

int fo_re_loop_round(void)
{
	struct tmr end;
	int error;

	tmr_init(&end);
	tmr_start(&end, 0, on_end, NULL);
	error = re_main(NULL);
	tmr_cancel(&end);
	return error ? FAILOVER_ERR_STATE : FAILOVER_OK;
}

/* Since it can count descriptors, libre frees what it knew of one in the next round. Where others
 * still listen, theirs will come. */
void fo_re_loop_close(void)
{
#ifdef RE_HAS_NFDS
	if (re_nfds() == 0)
		(void)fo_re_loop_round();
#endif
}
