/* SPDX-License-Identifier: MIT */
/* loop.c - one round of libre's loop at a time. */
#define _GNU_SOURCE /* gettid */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#define DEBUG_MODULE "libfailover"
#define DEBUG_LEVEL 4
#include <re/re.h>
#include <re/re_dbg.h>
#include <failover/plugin.h>
#include "../../ua/writer.h"
#include "loop.h"

#define TABLE_MIN 1024
#define TABLE_MAX 65536
#define OVERDUE_MS 10 /* libre may turn a few times until it hears `wake` */

/* As many as this process may have: libre's table is of one size, and a descriptor beyond it is
 * refused. Only the first to ask has a say. */
static int table_size(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < TABLE_MIN)
		return TABLE_MIN;
	return limit.rlim_cur > TABLE_MAX ? TABLE_MAX : (int)limit.rlim_cur;
}

/* libre does not tell its epoll descriptor; it is the one that `wake` can be changed in. */
static int find_epoll(int wake)
{
	struct epoll_event event = { .events = EPOLLIN, .data = { .fd = wake } };
	int fd, size = table_size();

	for (fd = 0; fd < size; fd++)
		if (!epoll_ctl(fd, EPOLL_CTL_MOD, wake, &event))
			return fd;
	return -1;
}

static void on_wake(int flags, void *arg)
{
	struct fo_re_loop *loop = arg;
	eventfd_t value;

	(void)flags;
	(void)eventfd_read(loop->wake, &value);
	loop->woken = 1;
	if (loop->in) /* else it is a loop of the host's own: not ours to end */
		re_cancel();
}

static void on_overdue(void *arg)
{
	(void)arg;
	re_cancel();
}

int fo_re_loop_open(struct fo_re_loop *loop)
{
	loop->fd = -1;
	loop->opened_by = gettid();
	loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (loop->wake < 0)
		return FAILOVER_ERR_IO;
	/* Its complaints of peers go to standard error. */
	dbg_init(DBG_ERR, DBG_NONE);
	if (libre_init())
		return FAILOVER_ERR_IO;
	/* Further threads get a loop of their own, which libre ends with them. */
	if (gettid() != getpid())
		(void)re_thread_init();
	(void)fd_setsize(table_size());
	if (fd_listen(loop->wake, FD_READ, on_wake, loop))
		return FAILOVER_ERR_IO;
	loop->has = 1;
	loop->fd = find_epoll(loop->wake);
	return loop->fd < 0 ? FAILOVER_ERR_UNSUPPORTED : FAILOVER_OK;
}

int fo_re_loop_is_ready(const struct fo_re_loop *loop)
{
	struct pollfd poll_fd = { .fd = loop->fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) > 0 && poll_fd.revents & POLLIN;
}

/* The timer is for a thread whose loop is another one, where `wake` wakes nobody. */
int fo_re_loop_round(struct fo_re_loop *loop)
{
	struct tmr overdue;
	int error;

	if (eventfd_write(loop->wake, 1))
		return FAILOVER_ERR_IO;
	tmr_init(&overdue);
	tmr_start(&overdue, OVERDUE_MS, on_overdue, NULL);
	loop->woken = 0;
	loop->in = 1;
	error = re_main(NULL);
	loop->in = 0;
	tmr_cancel(&overdue);
	if (error)
		return FAILOVER_ERR_STATE;
	/* A machine under load may need longer than the timer: that is no other loop. */
	return loop->woken || gettid() == loop->opened_by ? FAILOVER_OK : FAILOVER_ERR_UNSUPPORTED;
}

/* How many descriptors libre listens to in this thread, the host's own use of it included; -1 = not
 * known. */
static int count_listened(int epoll)
{
	char path[48], line[128];
	struct ua_writer writer;
	FILE *file;
	int count = 0;

	ua_writer_init(&writer, path, sizeof(path));
	ua_writer_add(&writer, "/proc/self/fdinfo/%d", epoll);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		count += !strncmp(line, "tfd:", 4);
	fclose(file);
	return count;
}

/* libre keeps its epoll descriptor for ever. It is given back when nobody else listens, and no loop
 * of the host's own, which needs none to wait for timers, is running. */
static int is_last(struct fo_re_loop *loop)
{
	return loop->fd >= 0 && count_listened(loop->fd) == 1 && !fo_re_loop_round(loop);
}

void fo_re_loop_close(struct fo_re_loop *loop)
{
	int last = loop->has && is_last(loop);

	if (loop->has)
		fd_close(loop->wake);
	if (loop->wake >= 0)
		close(loop->wake);
	if (last)
		(void)fd_setsize(0);
}
